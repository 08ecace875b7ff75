"""Another site: `evidence` as an installed package, without this checkout, and as README.md says it."""

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
    """Built from a copy of what a wheel is made of, so that nothing is left behind in the checkout."""
    source, made = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT / "evidence", source / "evidence", ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / file, source)
    pip("wheel", "--no-build-isolation", "--wheel-dir", made, source)
    return next(made.glob("*.whl"))


@pytest.fixture
def another(wheel, tmp_path):
    """A site that has nothing in common with ours, and the package in a folder of its own, before all else."""
    site = Site(shutil.copytree(ROOT / "tests/another", tmp_path / "another"))
    (site.root / "mkdocs.yml").write_text(CODE[1])
    pip("install", "--target", tmp_path / "installed", wheel)
    return site, {"PYTHONPATH": str(tmp_path / "installed")}


def pip(command, *arguments):
    command = [sys.executable, "-m", "pip", command, "--quiet", "--no-deps", "--no-index", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_the_wheel_has_every_file_of_the_package(wheel):
    assert any(name.endswith("templates/figure.html") for name in FILES)
    assert FILES <= set(ZipFile(wheel).namelist())


def test_another_site_builds_with_the_installed_package(another):
    site, installed = another
    where = subprocess.run([sys.executable, "-c", "import evidence; print(evidence.__file__)"], cwd=site.root,
                           env=os.environ | installed, capture_output=True, text=True, timeout=60)  # fmt: skip
    assert where.stdout.startswith(installed["PYTHONPATH"])
    done = site.build(**installed)
    assert done.returncode == 0, done.stdout
    fifth = (site.root / "site/fifth/index.html").read_text()
    assert ">1.4%</a>" in fifth and 'href="../#equation-octave-ratio">(1)</a>' in fifth
    for made in ("evidence/octave/figure_beats.svg", "evidence/fifth/fifth.zip", "evidence/index.html"):
        assert (site.root / "site" / made).is_file()
    site.edit("snippets/octave.py", "frequency * 2**octaves", "frequency * 3**octaves")
    done = site.build(**installed)
    assert done.returncode == 1 and "snippets/octave.py:31: claim_doubles() fails" in done.stdout, done.stdout


def test_the_core_builds_without_its_extras(another):
    site, installed = another
    shutil.rmtree(f"{installed['PYTHONPATH']}/evidence/extras")
    done = site.build(**installed)
    assert done.returncode == 0, done.stdout
    assert ">1.4%</a>" in (site.root / "site/fifth/index.html").read_text()
    done = site.run("evidence", "new", "Why so?", **installed)
    assert done.returncode == 1 and "evidence/extras, which has ‘new’, is left out" in done.stdout, done.stdout
    site.edit("snippets/octave.py", "frequency * 2**octaves", "2**octaves * frequency")
    done = site.build(**installed, EVIDENCE_SCHEDULER="tcp://127.0.0.1:1")
    assert done.returncode == 1 and "evidence/extras is left out: unset it" in done.stdout, done.stdout


def test_the_readme_leads_to_another_site(another):
    """Its commands, in an empty folder; `pip install` is what the fixture has done."""
    site, installed = another
    for part in ("docs", "snippets"):
        shutil.rmtree(site.root / part)
    install, _, commands = CODE
    assert install.startswith("pip install ")
    for line in commands.splitlines():
        if line.startswith("mkdir "):
            (site.root / line.split()[1]).mkdir()
        else:
            command = re.sub(r"^(python -m )?|\s+#.*", "", line)
            done = site.run(*(part.strip('"') for part in re.findall(r'"[^"]*"|\S+', command)), **installed)
            assert done.returncode == 0, done.stdout
    assert (site.root / "site/why_does_it_grow/index.html").is_file()


def test_the_page_for_other_sites_is_true(another):
    """Its mkdocs.yml, its commands and its program, in a folder of its own."""
    site, installed = another
    page = (ROOT / "docs/use.md").read_text("utf-8")
    code = dict(re.findall(r"^```(\w+)\n(.*?)^```", page, re.M | re.S))
    for part in ("docs", "snippets"):
        shutil.rmtree(site.root / part)
    (site.root / "docs").mkdir()
    (site.root / "mkdocs.yml").write_text(code["yaml"])
    (command,) = re.findall(r"-m (evidence new .*)", page)
    done = site.run(*shlex.split(command), **installed)
    assert done.returncode == 0, done.stdout
    site.built(**installed)
    (site.root / "program.py").write_text(code["python"])
    done = site.run("program", **installed)
    assert done.returncode == 0 and '<a class="value"' in done.stdout and done.stdout.endswith(" []\n"), done.stdout


@pytest.mark.parametrize("file", sorted(FILES))
def test_the_package_knows_nothing_of_this_site(file):
    """Neither its name nor its labs nor its colors."""
    names = ["zig-?zag", r"\bzz-", "#[0-9a-f]{6}", *(path.split("/")[1] for path in LABS)]
    assert re.findall("|".join(names), (ROOT / file).read_text("utf-8"), re.I) == []
