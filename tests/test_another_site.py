"""Another site: the installed package without this checkout, as README.md and the page for other sites describe it."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from zipfile import ZipFile

import pytest

from conftest import LABS, ROOT, Site

SECTION = (ROOT / "README.md").read_text("utf-8").split("## Another site\n")[1].split("\n## ")[0]
CODE = [re.sub("^    ", "", block, flags=re.M) for block in re.findall(r"(?:^    .*\n)+", SECTION, re.M)]
FILES = {
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "evidence").rglob("*.*")
    if path.is_file() and not re.search(r"/(__pycache__|\.\w+)/", path.as_posix().removeprefix(str(ROOT)))
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel from a copy of its sources, so that the checkout stays as it is."""
    source, wheels = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT / "evidence", source / "evidence", ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / file, source)
    run_pip("wheel", "--no-build-isolation", "--wheel-dir", wheels, source)
    return next(wheels.glob("*.whl"))


@pytest.fixture
def another(wheel, tmp_path):
    """A site that has nothing in common with ours, and the environment in which it imports the installed package."""
    site = Site(shutil.copytree(ROOT / "tests/another", tmp_path / "another"))
    (site.root / "mkdocs.yml").write_text(CODE[1])
    run_pip("install", "--target", tmp_path / "installed", wheel)
    return site, {"PYTHONPATH": str(tmp_path / "installed")}


def run_pip(command, *arguments):
    command = [sys.executable, "-m", "pip", command, "--quiet", "--no-deps", "--no-index", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr


def test_wheel_has_every_file_of_the_package(wheel):
    assert any(name.endswith("templates/figure.html") for name in FILES)
    assert FILES <= set(ZipFile(wheel).namelist())


def test_installed_package_builds_another_site(another):
    site, environment = another
    output = subprocess.run([sys.executable, "-c", "import evidence; print(evidence.__file__)"], cwd=site.root,
                           env=os.environ | environment, capture_output=True, text=True, timeout=60)  # fmt: skip
    assert output.stdout.startswith(environment["PYTHONPATH"])
    result = site.build(**environment)
    assert result.returncode == 0, result.stdout
    fifth = (site.root / "site/fifth/index.html").read_text()
    assert ">1.4%</a>" in fifth and 'href="../#equation-octave-ratio">(1)</a>' in fifth
    for file in ("evidence/octave/figure_beats.svg", "evidence/fifth/fifth.zip", "evidence/index.html"):
        assert (site.root / "site" / file).is_file()
    site.edit("snippets/octave.py", "frequency * 2**octaves", "frequency * 3**octaves")
    result = site.build(**environment)
    assert result.returncode == 1 and "snippets/octave.py:31: claim_doubles() fails" in result.stdout, result.stdout


def test_core_builds_without_extras(another):
    site, environment = another
    shutil.rmtree(f"{environment['PYTHONPATH']}/evidence/extras")
    result = site.build(**environment)
    assert result.returncode == 0, result.stdout
    assert ">1.4%</a>" in (site.root / "site/fifth/index.html").read_text()
    result = site.run("evidence", "new", "Why so?", **environment)
    assert result.returncode == 1 and "evidence/extras, which has ‘new’, is left out" in result.stdout, result.stdout
    site.edit("snippets/octave.py", "frequency * 2**octaves", "2**octaves * frequency")
    result = site.build(**environment, EVIDENCE_SCHEDULER="tcp://127.0.0.1:1")
    assert result.returncode == 1 and "evidence/extras is left out: unset it" in result.stdout, result.stdout


def test_commands_of_the_readme_build_another_site(another):
    """Run its commands in an empty folder, except `pip install`, which the fixture runs."""
    site, environment = another
    for part in ("docs", "snippets"):
        shutil.rmtree(site.root / part)
    install, _, commands = CODE
    assert install.startswith("pip install ")
    for line in commands.splitlines():
        if line.startswith("mkdir "):
            (site.root / line.split()[1]).mkdir()
        else:
            command = re.sub(r"^(python -m )?|\s+#.*", "", line)
            result = site.run(*(part.strip('"') for part in re.findall(r'"[^"]*"|\S+', command)), **environment)
            assert result.returncode == 0, result.stdout
    assert (site.root / "site/why_does_it_grow/index.html").is_file()


def test_settings_command_and_program_of_the_page_for_other_sites_work(another):
    """Use the mkdocs.yml, the command and the program of docs/use.md in an empty project."""
    site, environment = another
    page = (ROOT / "docs/use.md").read_text("utf-8")
    code = dict(re.findall(r"^```(\w+)\n(.*?)^```", page, re.M | re.S))
    for part in ("docs", "snippets"):
        shutil.rmtree(site.root / part)
    (site.root / "docs").mkdir()
    (site.root / "mkdocs.yml").write_text(code["yaml"])
    (command,) = re.findall(r"-m (evidence new .*)", page)
    result = site.run(*shlex.split(command), **environment)
    assert result.returncode == 0, result.stdout
    site.check_build(**environment)
    (site.root / "program.py").write_text(code["python"])
    result = site.run("program", **environment)
    assert result.returncode == 0 and '<a class="value"' in result.stdout and result.stdout.endswith(" []\n"), (
        result.stdout
    )


@pytest.mark.parametrize("file", sorted(FILES))
def test_package_does_not_mention_this_site(file):
    """The name of this site, its labs and its colors are not in the package."""
    names = ["zig-?zag", r"\bzz-", "#[0-9a-f]{6}", *(path.split("/")[1] for path in LABS)]
    assert re.findall("|".join(names), (ROOT / file).read_text("utf-8"), re.I) == []
