"""The build: nothing is run twice, nothing is lost, and the bytes are the same everywhere."""

import re
import shutil
import subprocess
import sys
import time

import pytest

from conftest import EPOCH, PATIENCE, ROOT, Site, flip_bit, run_stale, wait_until
from evidence.build import Build
from evidence.cache import Cache
from evidence.project import Project


def test_build_without_stale_results_runs_nothing_and_imports_no_matplotlib(small):
    small.check_build()
    program = (
        "import sys; from mkdocs.__main__ import cli\n"
        "try: cli(['build', '--strict'])\n"
        "finally: sys.exit(', '.join({'matplotlib', 'numpy'} & set(sys.modules)) or None)"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=small.root, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0 and "running" not in result.stderr, result.stderr


def test_edited_shared_module_runs_exactly_its_importers(small):
    alone = (
        (small.root / "snippets/square.py")
        .read_text()
        .replace("import shared\n", "")
        .replace("shared.power(side, 2)", "side**2")
    )
    (small.root / "snippets/alone.py").write_text(alone)
    page = (small.root / "docs/index.md").read_text()
    (small.root / "docs/alone.md").write_text(page.replace("square.", "alone."))
    small.check_build()
    small.edit("snippets/shared.py", "What snippets share.", "What several snippets share.")
    assert re.findall("running (.*)", small.check_build()) == ["square: snippets/shared.py changed (1 of 1)"]


def test_two_clones_build_the_same_bytes(small, tmp_path):
    other = Site(shutil.copytree(small.root, tmp_path / "a folder with another name"))
    small.check_build(PYTHONHASHSEED="1", **EPOCH)
    other.check_build(PYTHONHASHSEED="2", **EPOCH)
    assert len(small.bytes()) > 10 and small.bytes() == other.bytes()


def test_cached_results_build_the_same_bytes_as_fresh_ones(small):
    small.check_build(**EPOCH)
    fresh = small.bytes()
    small.check_build(**EPOCH)
    assert small.bytes() == fresh


def test_pages_without_a_fixed_epoch_differ_in_dates_only(small, tmp_path):
    other = Site(shutil.copytree(small.root, tmp_path / "other"))
    small.check_build(**EPOCH)
    other.check_build()
    dates = re.compile(rb"\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2}\S*)?")
    for name, content in small.bytes().items():
        if not name.endswith(".gz"):
            assert dates.sub(b"", content) == dates.sub(b"", other.bytes()[name]), name


DAMAGE = {
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-9]),
    "one bit": flip_bit,
    "another number": lambda path: path.write_bytes(path.read_bytes().replace(b"6.25", b"6.26")),
    "empty": lambda path: path.write_bytes(b""),
    "no entry": lambda path: path.unlink(),
    "a folder in its place": lambda path: path.unlink() or path.mkdir(),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_results_are_stale(warm, damage):
    project = Project(warm.root, seconds=8, megabytes=512)
    assert Build(project).stale == []
    DAMAGE[damage](warm.entry())
    build = Build(project)
    assert build.stale == ["square"] and build.get_result("square") is None
    assert run_stale(project).stale == ["square"]
    assert project.diagnostics == [] and Build(project).stale == []


def test_results_of_another_snippet_or_key_are_not_used(warm):
    project = Project(warm.root, seconds=8, megabytes=512)
    cache, entry = Cache(warm.root / ".evidence/cache"), warm.entry()
    shutil.copytree(entry.parent, entry.parent.with_name("other"))
    assert cache.get("square", entry.name) and not cache.get("other", entry.name)
    entry.rename(entry.with_name("0" * 20))
    assert not cache.get("square", "0" * 20) and Build(project).get_result("square") is None


def test_results_in_an_unknown_format_are_stale(warm):
    """Store undamaged entries whose content this version cannot read."""
    cache, key = Cache(warm.root / ".evidence/cache"), warm.entry().name
    for content in (b"{}", b"[]", b'{"name": "square"}', b'{"page": 1}', b"\xff", b"no JSON"):
        cache.put("square", key, {"result.json": content})
        project, log = Project(warm.root, seconds=8, megabytes=512), []
        build = Build(project, log.append)
        assert build.stale == ["square"] and log == ["the entry of square is not used: it holds no result"]
        assert build.get_result("square") is None and build.explain("square") == ["never run"]
        assert build.is_edited("square")


def test_damaged_result_changes_no_page(small):
    small.check_build(**EPOCH)
    fresh = small.bytes()
    flip_bit(small.entry())
    assert "running square" in small.check_build(**EPOCH) and small.bytes() == fresh


@pytest.mark.parametrize("back", [False, True])
def test_result_is_that_of_the_text_at_the_start_of_the_run(slow, back):
    """Edit a file during the run, which works on copies."""
    command = [sys.executable, "-m", "evidence", "build"]
    process = subprocess.Popen(command, cwd=slow.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    slow.wait_for_process()
    slow.edit("snippets/shared.py", "side**exponent", "side**exponent + 1")
    if back:
        slow.edit("snippets/shared.py", "side**exponent + 1", "side**exponent")
    slow.let_go()
    assert process.wait() == 0
    build = Build(Project(slow.root, seconds=PATIENCE, megabytes=512))
    assert ("slow" in build.stale) is not back and build.read_latest("slow").values["area"].value == 6.25


def test_commands_build_list_and_check(small):
    assert "0 of 1" not in small.run("evidence", "build").stdout
    assert "0 of 1 scripts ran" in small.run("evidence", "build").stdout
    assert "figure: growth" in small.run("evidence", "list").stdout
    check = small.run("evidence", "check")
    assert check.returncode == 0, check.stdout
    small.edit("snippets/shared.py", "What snippets share.", "Changed.")
    stale_check = small.run("evidence", "check")
    assert stale_check.returncode == 1
    assert "snippets/square.py:1: its results are stale (snippets/shared.py changed)" in stale_check.stdout
    small.edit("docs/index.md", "square.strips", "square.stripes")
    small.run("evidence", "build")
    invalid_check = small.run("evidence", "check")
    assert (
        invalid_check.returncode == 1
        and "did you mean ‘strips’?" in invalid_check.stdout
        and "Traceback" not in invalid_check.stdout
    )


@pytest.mark.parametrize(
    "text, message",
    [(None, "Run this in the folder of a site"), ("site_name: A\n", "write ‘- evidence’ under ‘plugins:’")],
)
def test_command_outside_of_a_site_says_what_to_do(small, text, message):
    (small.root / "mkdocs.yml").unlink()
    if text:
        (small.root / "mkdocs.yml").write_text(text)
    result = small.run("evidence", "check")
    assert result.returncode == 1 and message in result.stdout and "Traceback" not in result.stdout


def test_names_of_letters_of_a_failing_equation_are_no_further_problems(small):
    small.edit("snippets/square.py", "assert result.area ==", "assert result.area !=")
    small.edit(
        "docs/index.md",
        "/// equation | square.area\n",
        "/// equation | square.area\ns: side, not $\\pi$\n\\lambda: none\n",
    )
    output = small.build().stdout
    assert "1 problem:" in output and "claim_strips() fails" in output, output


def test_new_topic_builds_at_once(small):
    result = small.run("evidence", "new", "Why do squares grow?")
    assert result.returncode == 0 and (small.root / "snippets/why_do_squares_grow.py").exists()
    small.check_build()
    assert "Why do squares grow?" in (small.root / "site/why_do_squares_grow/index.html").read_text()
    assert small.run("evidence", "new", "Why do squares grow?").returncode == 1


SLOW = '''"""What takes a second?"""

import time
from dataclasses import dataclass

import shared


@dataclass(frozen=True)
class Result:
    area: float
    "Area of a square, in square meters."


def compute() -> Result:
    time.sleep(1)
    return Result(area=shared.power(2.5, 2))
'''


def test_queued_runs_continue_after_a_rebuild(small, serve):
    names = [f"slow{number}" for number in range(6)]
    for name in names:
        (small.root / f"snippets/{name}.py").write_text(SLOW)
    page = "# Slow\n\n" + "\n".join(f"{{{{ {name}.area | digits(2) }}}}" for name in names)
    (small.root / "docs/slow.md").write_text(page)
    server = serve(small)
    server.wait("Slow", "slow/")
    small.edit("snippets/shared.py", "side**exponent", "side**exponent + 1")
    wait_until(lambda: "shared.py changed" in server.read_log())
    (small.root / "docs/slow.md").write_text(f"{page} edited\n")
    assert "7.2" not in server.wait("edited", "slow/")  # the last good results
    wait_until(lambda: server.wait("edited", "slow/").count("7.2") >= len(names))
    assert server.wait("edited", "slow/").count("7.2") >= len(names), server.read_log()
    assert "Traceback" not in server.read_log()


def test_server_waits_for_results_without_an_earlier_version(small, serve):
    """Otherwise links to their figures would warn, and unused values would be reported."""
    small.edit("snippets/square.py", "sides = (1.0", "import time\n    time.sleep(3)\n    sides = (1.0")
    small.edit("docs/index.md", "See", "[Growth](evidence/square/figure_growth.svg).\n\nSee")
    server = serve(small)
    assert "6.2" in server.wait("Squares")
    (small.root / "snippets/new.py").write_text(SLOW)
    small.edit("docs/index.md", "See", "{{ new.area | decimals(4) }}\n\nSee")
    server.wait("6.2500")
    log = server.read_log()
    assert not re.search("WARNING|ERROR|problem", log) and log.count("Building documentation") <= 3, log


@pytest.mark.parametrize("relation, text", [("==", "6.25"), ("!=", "claim_strips() fails")])
def test_server_builds_again_only_after_runs_and_edits(small, serve, relation, text):
    """With and without a mistake, build at the start, when the runs have ended, and after an edit."""
    if relation != "==":
        small.edit("snippets/square.py", "result.area ==", f"result.area {relation}")
    server = serve(small)
    server.wait(text)
    time.sleep(3)
    assert server.read_log().count("Building documentation") <= 2, server.read_log()
    small.edit("docs/index.md", "# Squares", "# Edited squares")
    server.wait("Edited squares")
    time.sleep(3)
    assert server.read_log().count("Building documentation") <= 3, server.read_log()


def test_server_survives_mistakes_and_shows_them(small, serve):
    server = serve(small)
    server.wait("6.25")
    # the claim fails: the last good page stays
    small.edit("snippets/shared.py", "side**exponent", "side**exponent + 1")
    html = server.wait("claim_strips() fails")
    assert "snippets/shared.py changed" in server.read_log() and ">6.2<" in html
    small.edit("snippets/shared.py", "side**exponent + 1", "side**exponent")
    server.wait("6.25")
    (small.root / "docs/second.md").write_text("# Second\n\n{{ square.aera | digits }}\n")
    assert "did you mean ‘area’?" in server.wait("docs/second.md:3", "second/")
    (small.root / "docs/second.md").write_bytes(b"# Second\n\n\xff\n")
    server.wait("this is not UTF-8", "second/")
    (small.root / "docs/second.md").write_text("")
    server.wait("the page is empty", "second/")
    for mistake in ("raises.py", "not_importable.py", "hangs.py", "forks.py"):
        shutil.copy(ROOT / "tests/mistakes" / mistake, small.root / "snippets")
    (small.root / "docs/second.md").write_text("# Third\n\n{{ raises.answer | digits }} {{ hangs.answer | digits }}\n")
    assert "ZeroDivisionError" in server.wait("it ran longer than", "second/")
    assert "snippets/not_importable.py:5" in server.read_log()


SIDE = '''"""How long is a side?"""

from dataclasses import dataclass
from pathlib import Path

from lib.half import HALF

DATA = ["../data/side.txt"]


@dataclass(frozen=True)
class Result:
    side: float
    "A side."


def compute() -> Result:
    return Result(side=HALF * float(Path(__file__).parents[1].joinpath("data/side.txt").read_text()))
'''


def test_server_watches_data_and_modules_and_survives_their_loss(small, serve):
    """Edit and remove data outside of the folders, a module in lib, and all generated files."""
    half, data = small.root / "snippets/lib/half.py", small.root / "data/side.txt"
    for path, text in ((half, "HALF = 0.5\n"), (data, "5")):
        path.parent.mkdir()
        path.write_text(text)
    (small.root / "snippets/side.py").write_text(SIDE)
    (small.root / "docs/side.md").write_text("# Side\n\nIt is {{ side.side | digits(3) }}.\n")
    server = serve(small)
    server.wait(">2.50</a>", "side/")
    data.write_text("7")
    server.wait(">3.50</a>", "side/")
    data.unlink()
    server.wait("DATA names data/side.txt", "side/")
    half.write_text("HALF =\n")
    data.write_text("7")
    server.wait("snippets/lib/half.py:1: the snippet is no Python", "side/")
    shutil.rmtree(small.root / ".evidence")
    half.write_text("HALF = 0.25\n")
    server.wait(">1.75</a>", "side/")


def test_server_starts_with_a_mistake(small, serve):
    small.edit("snippets/square.py", "result.area ==", "result.area !=")
    server = serve(small)
    server.wait("claim_strips() fails")
    small.edit("snippets/square.py", "result.area !=", "result.area ==")
    server.wait("6.25")


LAB = """# %% [markdown]
# # A lab
# The area is {{ square.area | digits(3) }}, so $A = s^2$; see [the page](../index.md).

# %%
from square import area_of

area_of(1.5)

# %% tags=["answer"]
assert area_of(2) == 4
"""


@pytest.fixture
def lab(warm):
    path = warm.root / "docs/labs/area.py"
    path.parent.mkdir()
    path.write_text(LAB)
    warm.edit("mkdocs.yml", "seconds: 8", "seconds: 90")  # a kernel takes seconds to start
    warm.edit("mkdocs.yml", "  - tables", "  - tables\n  - md_in_html")
    return warm


def test_lab_is_a_page_and_runs_again_when_an_import_changes(lab):
    assert "running area: never run" in lab.check_build()
    page = (lab.root / "site/labs/area/index.html").read_text()
    assert ">6.25</a>" in page and "<math" in page and "2.25" in page and '<a href="../../">the page</a>' in page
    assert "<details" in page and "<style" not in page.split("<body")[1]
    assert "running" not in lab.check_build()
    lab.edit("snippets/shared.py", "What snippets share.", "What several snippets share.")
    assert "running area: snippets/shared.py changed" in lab.check_build()


def test_faults_in_labs_fail_the_build_with_their_lines(lab):
    faults = {
        "fails": ("== 4", "== 5", "11: the cell fails: AssertionError"),
        "warns": ("area_of(1.5)", "import warnings; warnings.warn('old')", "6: the cell warns"),
        "misspells": ("square.area", "square.aera", "3: no value"),
    }
    for name, (old, new, _) in faults.items():
        (lab.root / f"docs/labs/{name}.py").write_text(LAB.replace(old, new))
    result = lab.build()
    assert result.returncode == 1 and "Traceback" not in result.stdout and not (lab.root / "site").exists()
    for name, (_, _, problem) in faults.items():
        assert f"docs/labs/{name}.py:{problem}" in result.stdout
