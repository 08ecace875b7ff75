"""The build: nothing done twice, nothing lost, the same bytes everywhere."""

import re
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import replace
from urllib.request import urlopen

import pytest
from evidence.runner import refresh, stale

from conftest import ROOT, Site
from evidence.project import Project

EPOCH = {"SOURCE_DATE_EPOCH": "1700000000"}


def built(site, **environment):
    done = site.build(**environment)
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_nothing_stale_runs_nothing_and_imports_no_matplotlib(small):
    built(small)
    program = (
        "import sys; from mkdocs.__main__ import cli\n"
        "try: cli(['build', '--strict'])\n"
        "finally: sys.exit(', '.join({'matplotlib', 'numpy', 'rich'} & set(sys.modules)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=small.root, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "running" not in done.stderr, done.stderr


def test_a_shared_module_edited_runs_exactly_its_importers(small):
    alone = (
        (small.root / "snippets/square.py")
        .read_text()
        .replace("import shared\n", "")
        .replace("shared.power(side, 2)", "side**2")
    )
    (small.root / "snippets/alone.py").write_text(alone)
    page = (small.root / "docs/index.md").read_text()
    (small.root / "docs/alone.md").write_text(page.replace("square.", "alone."))
    built(small)
    small.edit("snippets/shared.py", "What snippets share.", "What several snippets share.")
    assert re.findall("running (.*)", built(small)) == ["square: snippets/shared.py changed"]


def test_two_clones_give_the_same_bytes(small, tmp_path):
    other = Site(shutil.copytree(small.root, tmp_path / "a folder with another name"))
    built(small, PYTHONHASHSEED="1", **EPOCH)
    built(other, PYTHONHASHSEED="2", **EPOCH)
    assert len(small.bytes()) > 10 and small.bytes() == other.bytes()


def test_kept_results_give_the_same_bytes_as_fresh_ones(small):
    built(small, **EPOCH)
    fresh = small.bytes()
    built(small, **EPOCH)
    assert small.bytes() == fresh


def test_without_an_epoch_pages_differ_in_dates_only(small, tmp_path):
    other = Site(shutil.copytree(small.root, tmp_path / "other"))
    built(small, **EPOCH)
    built(other)
    dates = re.compile(rb"\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2}\S*)?")
    for name, content in small.bytes().items():
        if not name.endswith(".gz"):
            assert dates.sub(b"", content) == dates.sub(b"", other.bytes()[name]), name


def only(pattern, folder):
    """The one file that matches."""
    (path,) = folder.glob(pattern)
    return path


def flipped(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


DAMAGE = {
    "truncated result": ("result.json", lambda path: path.write_bytes(path.read_bytes()[:-9])),
    "altered result": ("result.json", lambda path: path.write_text(path.read_text().replace("6.25", "6.26"))),
    "no result": ("result.json", lambda path: path.unlink()),
    "truncated figure": ("figure_growth.svg", lambda path: path.write_bytes(path.read_bytes()[:-9])),
    "altered figure": ("figure_growth.csv", flipped),
    "no figure": ("figure_growth.csv", lambda path: path.unlink()),
    "strange figure": ("result.json", lambda path: (path.parent / "figure_strange.svg").touch()),
    "folder for a figure": ("figure_growth.svg", lambda path: path.rename(path.parent / "a") or path.mkdir()),
    "empty manifest": ("digests.txt", lambda path: path.write_bytes(b"")),
    "altered manifest": ("digests.txt", flipped),
    "no manifest": ("digests.txt", lambda path: path.unlink()),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_results_are_noticed_before_use(warm, damage):
    project = Project(warm.root, seconds=8, megabytes=512)
    assert stale(project) == []
    file, harm = DAMAGE[damage]
    harm(only(f".evidence/square/*/{file}", warm.root))
    project = replace(project)
    assert stale(project) == ["square"] and project.latest("square") is None
    refresh(project, lambda line: None)
    assert project.problems == [] and stale(replace(project)) == []


def test_results_of_another_snippet_or_key_are_not_taken(warm):
    project = Project(warm.root, seconds=8, megabytes=512)
    home, other = warm.root / ".evidence/square", warm.root / ".evidence/other"
    shutil.copytree(home, other)
    assert project.load("square") and not project.load("other", project.key("square"))
    project.folder("square", project.key("square")).rename(home / ("0" * 20))
    project = replace(project)
    assert not project.load("square") and not project.load("square", "0" * 20)


@pytest.mark.parametrize("said", [b"", b"..", b"\xff", b"0" * 20, b"[]"])
def test_a_damaged_pointer_points_nowhere(warm, said):
    (warm.root / ".evidence/square/latest").write_bytes(said)
    (warm.root / ".evidence/square/timings.json").write_bytes(said)
    project = Project(warm.root, seconds=1)  # nothing is stored under this key
    assert project.latest("square") is None and project.explain("square") == ["never run"]
    assert project.timings("square") == {}


def test_damage_changes_no_page(small):
    built(small, **EPOCH)
    fresh = small.bytes()
    flipped(only(".evidence/square/*/result.json", small.root))
    assert "running square" in built(small, **EPOCH) and small.bytes() == fresh


def test_timings_are_told_and_change_no_page(small):
    done = small.run("evidence", "build", "--timings")
    assert re.search(r"^square +(\d+\.\d\d +){5}\d+\.\d\d$", done.stdout, re.M), done.stdout
    built(small, **EPOCH)
    before = small.bytes()
    only(".evidence/square/timings.json", small.root).unlink()
    built(small, **EPOCH)
    assert small.bytes() == before
    assert "square " not in small.run("evidence", "build", "--timings").stdout


def test_a_build_killed_between_two_renames_loses_no_site(small):
    built(small)
    (small.root / "site").rename(small.root / ".site-999999-old")
    shutil.copy(ROOT / "tests/mistakes/raises.py", small.root / "snippets")
    assert small.build().returncode == 1
    assert "index.html" in small.bytes()


@pytest.mark.parametrize("back", [False, True])
def test_results_of_a_snippet_that_changed_meanwhile_are_not_kept(small, back):
    small.edit("snippets/square.py", "    sides = (1.0", "    import time; time.sleep(4)\n    sides = (1.0")
    command = [sys.executable, "-m", "mkdocs", "build"]
    process = subprocess.Popen(command, cwd=small.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    while not list(small.root.glob(".evidence/square/.*")) and process.poll() is None:
        time.sleep(0.05)  # until the run has begun
    small.edit("snippets/shared.py", "What snippets share.", "Changed.")
    if back:  # what the run has read nobody knows
        small.edit("snippets/shared.py", "Changed.", "What snippets share.")
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 1 and "it changed while it ran: build again" in printed
    assert list(small.root.glob(".evidence/square/*/result.json")) == []


def test_command_line(small):
    assert "0 of 1" not in small.run("evidence", "build").stdout
    assert "0 of 1 snippets ran" in small.run("evidence", "build").stdout
    assert "figure: growth" in small.run("evidence", "list").stdout
    checked = small.run("evidence", "check")
    assert checked.returncode == 0, checked.stdout
    small.edit("snippets/shared.py", "What snippets share.", "Changed.")
    explained = small.run("evidence", "check", "--explain")
    assert explained.returncode == 1 and "square: snippets/shared.py changed" in explained.stdout
    small.edit("docs/index.md", "square.strips", "square.stripes")
    small.run("evidence", "build")
    wrong = small.run("evidence", "check")
    assert wrong.returncode == 1 and "did you mean ‘strips’?" in wrong.stdout and "Traceback" not in wrong.stdout


@pytest.mark.parametrize(
    "text, said",
    [(None, "Run this in the folder of a site"), ("site_name: A\n", "write ‘- evidence’ under ‘plugins:’")],
)
def test_the_command_line_says_where_it_is_to_be_run(small, text, said):
    (small.root / "mkdocs.yml").unlink()
    if text:
        (small.root / "mkdocs.yml").write_text(text)
    done = small.run("evidence", "check")
    assert done.returncode == 1 and said in done.stdout and "Traceback" not in done.stdout


def test_links_are_checked_without_a_build(warm):
    """To pages, headings, drawings and files; what is right is not reported."""
    (warm.root / "docs/picture.png").touch()
    right = "[a](index.md) [b](/evidence/square.md#line-3) [d](#equation-square-area) ![e](picture.png)"
    right += " [f](/evidence/square/square.zip) [g](https://example.org/x.md) [h](/evidence/square/figure_growth.svg)"
    wrong = {
        "indx.md": "no page is called ‘indx.md’; did you mean ‘index.md’?",
        "index.md#equation-square-are": "no heading of index.md is called ‘#equation-square-are’; did you mean",
        "/evidence/square/figure_grow.svg": "there is no file evidence/square/figure_grow.svg",
        "deep/picture.png": "there is no file deep/picture.png",
    }
    text = (warm.root / "docs/index.md").read_text() + f"\n{right}\n"
    (warm.root / "docs/index.md").write_text(text)
    assert warm.run("evidence", "check").returncode == 0
    (warm.root / "docs/index.md").write_text(text + "".join(f"\n[x]({link})\n" for link in wrong))
    checked = warm.run("evidence", "check").stdout
    first = text.count("\n") + 2
    for number, (link, said) in enumerate(wrong.items()):
        assert f"docs/index.md:{first + 2 * number}: {said}" in checked, link
    assert "4 problems" in checked


def test_a_new_topic_builds_at_once(small):
    written = small.run("evidence", "new", "Why do squares grow?")
    assert written.returncode == 0 and (small.root / "snippets/why_do_squares_grow.py").exists()
    built(small)
    assert "Why do squares grow?" in (small.root / "site/why_do_squares_grow/index.html").read_text()
    assert small.run("evidence", "new", "Why do squares grow?").returncode == 1


class Server:
    """`mkdocs serve` in a site, what it prints, and what a browser would get."""

    def __init__(self, site):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.log = site.root / "log"
        command = [sys.executable, "-m", "mkdocs", "serve", "--livereload", "--dev-addr", self.address]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, cwd=site.root, stdout=log, stderr=subprocess.STDOUT)

    def wait(self, text, page=""):
        """Until the page says so; fails with the log after half a minute."""
        for _ in range(150):
            assert self.process.poll() is None, self.printed()
            try:
                with urlopen(f"http://{self.address}/{page}", timeout=20) as answer:
                    html = answer.read().decode()
                if text in html:
                    return html
            except OSError:
                pass
            time.sleep(0.2)
        raise AssertionError(self.printed())

    def printed(self):
        return self.log.read_text()


@pytest.fixture
def server(small):
    server = Server(small)
    yield server
    server.process.terminate()
    server.process.wait()


def test_serving_survives_mistakes_and_shows_them(small, server):
    server.wait("6.25")
    small.edit(
        "snippets/shared.py", "side**exponent", "side**exponent + 1"
    )  # the claim fails: the last good page stays
    html = server.wait("claim_strips() fails")
    assert "snippets/shared.py changed" in server.printed() and ">6.2<" in html
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
    html = server.wait("ZeroDivisionError", "second/")
    assert "it ran longer than" in html
    assert "snippets/not_importable.py:5" in server.printed()


def test_serving_starts_with_a_mistake(small):
    small.edit("snippets/square.py", "result.area ==", "result.area !=")
    server = Server(small)
    try:
        assert "claim_strips() fails" in server.wait("Squares")
        small.edit("snippets/square.py", "result.area !=", "result.area ==")
        server.wait("6.25")
    finally:
        server.process.terminate()
        server.process.wait()


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
    warm.edit("mkdocs.yml", "seconds: 8", "seconds: 60")  # a kernel takes seconds to start
    warm.edit("mkdocs.yml", "  - tables", "  - tables\n  - md_in_html")
    return warm


def test_a_lab_is_a_page_and_runs_again_when_what_it_imports_changes(lab):
    assert "running area: never run" in built(lab)
    page = (lab.root / "site/labs/area/index.html").read_text()
    assert ">6.25</a>" in page and "<math" in page and "2.25" in page and '<a href="../../">the page</a>' in page
    assert "<details" in page and "<style" not in page.split("<body")[1]
    assert "running" not in built(lab)
    lab.edit("snippets/shared.py", "What snippets share.", "What several snippets share.")
    assert "running area: snippets/shared.py changed" in built(lab)


def test_labs_that_fail_end_the_build(lab):
    faults = {
        "fails": ("== 4", "== 5", "11: the cell fails: AssertionError"),
        "warns": ("area_of(1.5)", "import warnings; warnings.warn('old')", "6: the cell warns"),
        "misspells": ("square.area", "square.aera", "3: no value"),
    }
    for name, (old, new, _) in faults.items():
        (lab.root / f"docs/labs/{name}.py").write_text(LAB.replace(old, new))
    done = lab.build()
    assert done.returncode == 1 and "Traceback" not in done.stdout and not (lab.root / "site").exists()
    for name, (_, _, problem) in faults.items():
        assert f"docs/labs/{name}.py:{problem}" in done.stdout
