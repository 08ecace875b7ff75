"""Each mistake of a contributor has one message that names file, line and cure; the last good site stays."""

import json
import re
import shutil

import pytest

from conftest import ROOT
from evidence.bibliography import format_references
from evidence.confinement import Guard

MISTAKES = sorted((ROOT / "tests/mistakes").iterdir())


def check_failure(site, where, message):
    """Check that the build fails with this message and leaves the last good site, and return what it printed."""
    (site.root / "site").mkdir()
    (site.root / "site/good.html").write_text("the last good site")
    result = site.build()
    assert result.returncode == 1 and "Traceback" not in result.stdout, result.stdout
    line, what = message.split(": ", 1)
    assert f"  {where}:{line}: {what}" in result.stdout, result.stdout
    assert site.bytes() == {"good.html": b"the last good site"}
    assert [p.name for p in site.root.iterdir() if p.name.startswith(".site")] == []
    return result.stdout


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda path: path.name)
def test_mistake_has_one_message_with_file_and_line(warm, mistake):
    folder = "snippets" if mistake.suffix == ".py" else "docs"
    shutil.copy(mistake, warm.root / folder)
    message = re.match(r"(?:# |<!-- )expects (.*?)(?: -->)?\n", mistake.read_text("utf-8"))[1]
    output = check_failure(warm, f"{folder}/{mistake.name}", message)
    assert "1 problem:" in output, output


def test_two_snippets_of_the_same_name(warm):
    (warm.root / "snippets/deeper").mkdir()
    shutil.copy(warm.root / "snippets/square.py", warm.root / "snippets/deeper")
    check_failure(warm, "snippets/square.py", "1: a second ‘square’, beside snippets/deeper/square.py: rename one")


def test_empty_page(warm):
    (warm.root / "docs/empty.md").write_text("---\ntitle: Nothing\n---\n\n")
    check_failure(warm, "docs/empty.md", "1: the page is empty: write it, or remove it")


def test_page_that_is_not_utf8(warm):
    (warm.root / "docs/latin.md").write_bytes("# Page\n\nÜber\n".encode("latin-1"))
    check_failure(warm, "docs/latin.md", "3: this is not UTF-8: save the page as UTF-8")


def test_snippet_that_is_not_utf8(warm):
    (warm.root / "snippets/latin.py").write_bytes('"""Über"""\n\n\ndef compute():\n    pass\n'.encode("latin-1"))
    check_failure(warm, "snippets/latin.py", "1: the snippet is not UTF-8: save the file as UTF-8")


def test_bibliography_that_cannot_be_read(warm):
    (warm.root / "docs/list.bib").write_text("@book{nobody2020, title = {No author}, year = {2020}}\n")
    (warm.root / "docs/list.md").write_text("# List\n\n/// bibliography | list.bib\n///\n")
    check_failure(warm, "docs/list.md", "3: docs/list.bib:1: it cannot be read: no author and no editor in nobody2020")


def test_quoted_value_that_is_no_longer_computed(warm):
    warm.edit("snippets/square.py", "    area: float\n", "    size: float\n")
    warm.edit("snippets/square.py", "area=area_of(2.5)", "size=area_of(2.5)")
    warm.edit("snippets/square.py", "result.area ==", "result.size ==")
    warm.edit("snippets/square.py", "{{ area | digits(3) }}", "{{ size | digits(3) }}")
    check_failure(warm, "docs/index.md", "3: no value of square is called ‘area’; did you mean ‘areas’?")


def test_figure_without_text_alternative(warm):
    warm.edit("snippets/square.py", '"""Area against side, from', '"" ; """')
    check_failure(
        warm,
        "snippets/square.py",
        "49: figure_growth() has no docstring: write what the figure shows, for those who cannot see it there",
    )


def test_all_problems_of_a_build_are_reported_together(warm):
    for name in ("claim_fails.py", "raises.py", "unknown_value.md", "misspelled_block.md"):
        shutil.copy(ROOT / "tests/mistakes" / name, warm.root / ("docs" if name.endswith("md") else "snippets"))
    output = check_failure(warm, "snippets/claim_fails.py", "22: claim_answer() fails")
    assert "4 problems:" in output
    for other in ("docs/unknown_value.md:4", "docs/misspelled_block.md:4", "snippets/raises.py:18"):
        assert f"  {other}: " in output


def test_strict_build_with_a_warning_leaves_the_last_good_site(warm):
    warm.edit("docs/index.md", "See [", "See [nothing](nothing.md) and [")
    (warm.root / "site").mkdir()
    (warm.root / "site/good.html").write_text("the last good site")
    assert warm.build().returncode == 1
    assert list(warm.bytes()) == ["good.html"]


def test_python_that_ignores_assertions_is_refused(small):
    result = small.build(PYTHONOPTIMIZE="1")
    assert result.returncode == 1 and "cannot be checked by a Python that ignores assertions" in result.stdout


def test_page_among_the_labs_with_the_name_of_a_snippet(warm):
    (warm.root / "docs/labs").mkdir()
    (warm.root / "docs/labs/square.md").write_text("# Squares\n\n{{ square.aera | digits }}\n")
    check_failure(warm, "docs/labs/square.md", "3: ")


def test_labels_of_works_have_short_names_of_authors():
    work = "@article{w, title = {T}, journal = {J}, year = {2008}, author = {%s}}"
    labels = {
        "van der Maaten, Laurens and others": "van der Maaten et al. (2008)",
        "Goh, Gabriel": "Goh (2008)",
        "Nair, V. and Hinton, G.": "Nair & Hinton (2008)",
    }
    for authors, label in labels.items():
        assert json.loads(format_references(work % authors)["references.json"])["w"][0] == label


def test_file_whose_name_begins_like_an_allowed_folder_is_refused(tmp_path):
    (tmp_path / "data").mkdir()
    guard = Guard(tmp_path / "run", [str(tmp_path / "data")], lambda *asked: None)
    guard.check_open(tmp_path / "data/points.csv", "r", 0)
    with pytest.raises(PermissionError, match="name the file in DATA"):
        guard.check_open(tmp_path / "data.csv", "r", 0)
