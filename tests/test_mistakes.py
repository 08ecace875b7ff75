"""Each mistake of a contributor gets one message that names file, line and cure; the last good site stays."""

import re
import shutil

import pytest

from conftest import ROOT

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


@pytest.mark.parametrize("mistake", [path for path in MISTAKES if path.suffix != ".pyc"], ids=lambda path: path.name)
def test_mistake(small, mistake):
    folder = "snippets" if mistake.suffix == ".py" else "docs"
    shutil.copy(mistake, small.root / folder)
    expected = re.match(r"(?:# |<!-- )expects (.*?)(?: -->)?\n", mistake.read_text("utf-8"))[1]
    printed = fails(small, f"{folder}/{mistake.name}", expected)
    assert "1 problem:" in printed, printed


def test_two_snippets_of_one_name(small):
    (small.root / "snippets/deeper").mkdir()
    shutil.copy(small.root / "snippets/square.py", small.root / "snippets/deeper")
    fails(small, "snippets/square.py", "1: a second ‘square’, beside snippets/deeper/square.py: rename one")


def test_empty_page(small):
    (small.root / "docs/empty.md").write_text("---\ntitle: Nothing\n---\n\n")
    fails(small, "docs/empty.md", "1: the page is empty: write it, or remove it")


def test_page_that_is_not_utf8(small):
    (small.root / "docs/latin.md").write_bytes("# Page\n\nÜber\n".encode("latin-1"))
    fails(small, "docs/latin.md", "3: this is not UTF-8: save the page as UTF-8")


def test_snippet_that_is_not_utf8(small):
    (small.root / "snippets/latin.py").write_bytes('"""Über"""\n\n\ndef compute():\n    pass\n'.encode("latin-1"))
    fails(small, "snippets/latin.py", "1: the snippet is not UTF-8: save the file as UTF-8")


def test_number_that_is_no_longer_computed(small):
    """A value that a page quotes vanishes from its snippet."""
    small.edit("snippets/square.py", "    area: float\n", "    size: float\n")
    small.edit("snippets/square.py", "area=area_of(2.5)", "size=area_of(2.5)")
    small.edit("snippets/square.py", "result.area ==", "result.size ==")
    small.edit("snippets/square.py", "{{ area | digits(3) }}", "{{ size | digits(3) }}")
    fails(small, "docs/index.md", "3: no value of square is called ‘area’; did you mean ‘areas’?")


def test_figure_without_text_alternative(small):
    small.edit("snippets/square.py", '"""Area against side, from', '""""""; """')
    small.edit("snippets/square.py", '""""""; """', '"" ; """')
    fails(
        small,
        "snippets/square.py",
        "49: figure_growth() has no docstring: write what the figure shows, for those who cannot see it there",
    )


def test_all_problems_of_a_run_are_told_together(small):
    for name in ("claim_fails.py", "raises.py", "unknown_value.md", "misspelled_block.md"):
        shutil.copy(ROOT / "tests/mistakes" / name, small.root / ("docs" if name.endswith("md") else "snippets"))
    printed = fails(small, "snippets/claim_fails.py", "22: claim_answer() fails")
    assert "4 problems:" in printed
    for other in ("docs/unknown_value.md:4", "docs/misspelled_block.md:4", "snippets/raises.py:18"):
        assert f"  {other}: " in printed


def test_strict_builds_that_only_warn_leave_the_last_good_site(small):
    small.edit("docs/index.md", "See [", "See [nothing](nothing.md) and [")
    (small.root / "site").mkdir()
    (small.root / "site/good.html").write_text("the last good site")
    assert small.build().returncode == 1
    assert list(small.bytes()) == ["good.html"]


def test_links_must_be_relative_to_docs(small):
    small.edit("mkdocs.yml", "absolute_links: relative_to_docs, ", "")
    built = small.build()
    assert (
        built.returncode == 1 and "absolute_links: relative_to_docs" in built.stdout and "Traceback" not in built.stdout
    )


def test_assertions_that_are_ignored(small):
    built = small.build(PYTHONOPTIMIZE="1")
    assert built.returncode == 1 and "cannot be checked by a Python that ignores assertions" in built.stdout
