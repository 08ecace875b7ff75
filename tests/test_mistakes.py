"""Each mistake of a contributor gets one message that names file, line and cure; the last good site stays."""

import json
import re
import shutil

import pytest

from conftest import ROOT
from evidence.bibliography import format_references
from evidence.confinement import Guard

MISTAKES = sorted((ROOT / "tests/mistakes").iterdir())


def fails(site, where, expected):
    """The build ends with code 1 and this message, without a traceback, and leaves the last good site."""
    (site.root / "site").mkdir()
    (site.root / "site/good.html").write_text("the last good site")
    built = site.build()
    assert built.returncode == 1 and "Traceback" not in built.stdout, built.stdout
    line, what = expected.split(": ", 1)
    assert f"  {where}:{line}: {what}" in built.stdout, built.stdout
    assert site.bytes() == {"good.html": b"the last good site"}
    assert [p.name for p in site.root.iterdir() if p.name.startswith(".site")] == []
    return built.stdout


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda path: path.name)
def test_mistake(warm, mistake):
    folder = "snippets" if mistake.suffix == ".py" else "docs"
    shutil.copy(mistake, warm.root / folder)
    expected = re.match(r"(?:# |<!-- )expects (.*?)(?: -->)?\n", mistake.read_text("utf-8"))[1]
    printed = fails(warm, f"{folder}/{mistake.name}", expected)
    assert "1 problem:" in printed, printed


def test_two_snippets_of_one_name(warm):
    (warm.root / "snippets/deeper").mkdir()
    shutil.copy(warm.root / "snippets/square.py", warm.root / "snippets/deeper")
    fails(warm, "snippets/square.py", "1: a second ‘square’, beside snippets/deeper/square.py: rename one")


def test_empty_page(warm):
    (warm.root / "docs/empty.md").write_text("---\ntitle: Nothing\n---\n\n")
    fails(warm, "docs/empty.md", "1: the page is empty: write it, or remove it")


def test_page_that_is_not_utf8(warm):
    (warm.root / "docs/latin.md").write_bytes("# Page\n\nÜber\n".encode("latin-1"))
    fails(warm, "docs/latin.md", "3: this is not UTF-8: save the page as UTF-8")


def test_snippet_that_is_not_utf8(warm):
    (warm.root / "snippets/latin.py").write_bytes('"""Über"""\n\n\ndef compute():\n    pass\n'.encode("latin-1"))
    fails(warm, "snippets/latin.py", "1: the snippet is not UTF-8: save the file as UTF-8")


def test_bibliography_that_cannot_be_read(warm):
    (warm.root / "docs/list.bib").write_text("@book{nobody2020, title = {No author}, year = {2020}}\n")
    (warm.root / "docs/list.md").write_text("# List\n\n/// bibliography | list.bib\n///\n")
    fails(warm, "docs/list.md", "3: docs/list.bib:1: it cannot be read: no author and no editor in nobody2020")


def test_number_that_is_no_longer_computed(warm):
    """A value that a page quotes vanishes from its snippet."""
    warm.edit("snippets/square.py", "    area: float\n", "    size: float\n")
    warm.edit("snippets/square.py", "area=area_of(2.5)", "size=area_of(2.5)")
    warm.edit("snippets/square.py", "result.area ==", "result.size ==")
    warm.edit("snippets/square.py", "{{ area | digits(3) }}", "{{ size | digits(3) }}")
    fails(warm, "docs/index.md", "3: no value of square is called ‘area’; did you mean ‘areas’?")


def test_figure_without_text_alternative(warm):
    warm.edit("snippets/square.py", '"""Area against side, from', '""""""; """')
    warm.edit("snippets/square.py", '""""""; """', '"" ; """')
    fails(
        warm,
        "snippets/square.py",
        "49: figure_growth() has no docstring: write what the figure shows, for those who cannot see it there",
    )


def test_all_problems_of_a_run_are_told_together(warm):
    for name in ("claim_fails.py", "raises.py", "unknown_value.md", "misspelled_block.md"):
        shutil.copy(ROOT / "tests/mistakes" / name, warm.root / ("docs" if name.endswith("md") else "snippets"))
    printed = fails(warm, "snippets/claim_fails.py", "22: claim_answer() fails")
    assert "4 problems:" in printed
    for other in ("docs/unknown_value.md:4", "docs/misspelled_block.md:4", "snippets/raises.py:18"):
        assert f"  {other}: " in printed


def test_strict_builds_that_only_warn_leave_the_last_good_site(warm):
    warm.edit("docs/index.md", "See [", "See [nothing](nothing.md) and [")
    (warm.root / "site").mkdir()
    (warm.root / "site/good.html").write_text("the last good site")
    assert warm.build().returncode == 1
    assert list(warm.bytes()) == ["good.html"]


def test_assertions_that_are_ignored(small):
    built = small.build(PYTHONOPTIMIZE="1")
    assert built.returncode == 1 and "cannot be checked by a Python that ignores assertions" in built.stdout


def test_a_page_with_the_name_of_a_snippet_among_the_labs(warm):
    (warm.root / "docs/labs").mkdir()
    (warm.root / "docs/labs/square.md").write_text("# Squares\n\n{{ square.aera | digits }}\n")
    fails(warm, "docs/labs/square.md", "3: ")


def test_names_in_a_bibliography():
    work = "@article{w, title = {T}, journal = {J}, year = {2008}, author = {%s}}"
    labels = {
        "van der Maaten, Laurens and others": "van der Maaten et al. (2008)",
        "Goh, Gabriel": "Goh (2008)",
        "Nair, V. and Hinton, G.": "Nair & Hinton (2008)",
    }
    for authors, label in labels.items():
        assert json.loads(format_references(work % authors)["references.json"])["w"][0] == label


def test_a_file_whose_name_begins_like_a_folder_that_may_be_read(tmp_path):
    (tmp_path / "data").mkdir()
    guard = Guard(tmp_path / "run", [str(tmp_path / "data")], lambda *asked: None)
    guard.check_open(tmp_path / "data/points.csv", "r", 0)
    with pytest.raises(PermissionError, match="name the file in DATA"):
        guard.check_open(tmp_path / "data.csv", "r", 0)
