"""`evidence new`: it writes a page, a snippet and a line of the navigation that pass the project's own tests."""

import re
import shutil

import pytest
import yaml

from conftest import CHECKOUT, EPOCH, ROOT, Site, copy_checkout
from evidence.diagnostics import SiteError
from evidence.extras.scaffold import insert_page
from typed_numbers import find_typed_numbers, read_site

NAV = """\
site_name: Site  # kept
nav:
  # the way in
  - Home: index.md

  - "First: things":  # about
      - a.md
      - Deeper:
          - deep.md
      # more to come
  - Second:
    - B: b.md
markdown_extensions:
  - tables
"""


@pytest.mark.parametrize(
    "section, before, line",
    [
        (None, "          - deep.md\n", "      - New: new.md\n"),
        ("First: things", "          - deep.md\n", "      - New: new.md\n"),
        ("Deeper", "          - deep.md\n", "          - New: new.md\n"),
        ("Second", "    - B: b.md\n", "    - New: new.md\n"),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_new_page_is_last_in_its_section_and_nothing_else_changes(section, before, line, ending):
    text, edited_nav = (part.replace("\n", ending) for part in (NAV, NAV.replace(before, before + line)))
    assert insert_page(text, "New", "new.md", section) == (edited_nav, section or "First: things")


def test_new_page_is_last_in_a_navigation_without_sections():
    assert insert_page("nav:\n- index.md", "New", "new.md") == ("nav:\n- index.md\n- New: new.md\n", None)


ONE = "nav:\n  - Guide:\n    - a.md\n{}  - B: b.md\n"
SEVERAL = {
    "a value on its own line": "    - A long title:\n        long.md\n",
    "a folded value": "    - A long title: >-\n        long.md\n",
    "a path of two lines": "    - long\n      path.md\n",
    "braces": "    - {A long title:\n       long.md}\n",
    "two entries in one": "    - Long: long.md\n      Other: other.md\n",
    "a key with a question mark": "    - ? A long title\n      : long.md\n",
    "a list in brackets": "    - Long: [long.md,\n        other.md]\n",
    "a list without a title": "    - - long.md\n      - other.md\n",
    "a tag": "    - Long: !ENV [PAGE,\n        long.md]\n",
}


@pytest.mark.parametrize("entry", SEVERAL.values(), ids=SEVERAL)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_an_entry_of_several_lines_stays_whole(entry, ending):
    text, expected = (ONE.format(part).replace("\n", ending) for part in (entry, entry + "    - New: new.md\n"))
    assert insert_page(text, "New", "new.md") == (expected, "Guide")


@pytest.mark.parametrize(
    "text",
    ["nav: [a.md,\n  b.md]\n", "x: &x\n  - a.md\nnav:\n  - A: *x\n  - B: *x\n", "x: &x a.md\nnav:\n  - *x\n", "nav:\n"],
)
def test_a_navigation_with_no_place_for_a_line_is_left_alone(text):
    with pytest.raises(SiteError, match=r"add new\.md by hand"):
        insert_page(text, "New", "new.md")


@pytest.mark.parametrize(
    "text, section, message",
    [(NAV, "Frist: things", "did you mean ‘First: things’?"), ("nav: [index.md]\n", None, "add new.md by hand")],
)
def test_navigation_that_cannot_be_edited_is_reported(text, section, message):
    with pytest.raises(SiteError, match=message.replace("?", r"\?")):
        insert_page(text, "New", "new.md", section)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["2 squares?"], "‘2_squares’ cannot be imported"),
        (["random"], "there is a ‘random’ already"),
        (["shared"], "there is a ‘shared’ already"),
        (["Why?", "--section", "None"], "there is no nav in mkdocs.yml"),
    ],
)
def test_topic_that_cannot_be_created_is_reported_and_nothing_is_written(small, arguments, message):
    before = small.bytes(".")
    result = small.run("evidence", "new", *arguments)
    assert result.returncode == 1 and message in result.stdout and "Traceback" not in result.stdout
    assert small.bytes(".") == before


def test_question_with_a_colon_is_quoted_in_yaml(small):
    assert small.run("evidence", "new", "Squares: why do they grow?", "--name", "grow").returncode == 0
    result = small.build()
    assert result.returncode == 0, result.stdout
    assert "<h1>Squares: why do they grow?</h1>" in (small.root / "site/grow/index.html").read_text().replace(
        ' id="squares-why-do-they-grow"', ""
    )


def test_new_topic_passes_the_checks_of_the_project(tmp_path, zigzag):
    """Run the strict build, the search for typed numbers, and `evidence check` on a topic as it is generated."""
    copy_checkout(tmp_path, *CHECKOUT, ".github")
    shutil.copytree(zigzag.root / ".evidence", tmp_path / ".evidence")
    copy = Site(tmp_path)
    result = copy.run("evidence", "new", "Why does it grow?", "--section", "Depth and initialization")
    assert result.returncode == 0, result.stdout
    output = copy.check_build(**EPOCH)
    assert re.findall("running (.*)", output) == ["why_does_it_grow: never run (1 of 1)"]
    assert "Why does it grow?" in (tmp_path / "site/why_does_it_grow/index.html").read_text("utf-8")
    texts = [text for text in read_site(tmp_path) if "why_does_it_grow" in str(text.path)]
    assert len(texts) > 1 and [each for text in texts for each in find_typed_numbers(text)] == []
    check = copy.run("evidence", "check")
    assert check.returncode == 0, check.stdout


@pytest.mark.parametrize("form", sorted((ROOT / ".github/ISSUE_TEMPLATE").iterdir()), ids=lambda path: path.name)
def test_issue_form_is_complete(form):
    """Check for what GitHub requires: a name, a description, and questions with distinct ids."""
    content = yaml.safe_load(form.read_text("utf-8"))
    assert content["name"] and content["description"]
    assert len({question["id"] for question in content["body"]}) == len(content["body"]) > 1
    assert all(q["type"] in ("input", "textarea") and q["attributes"]["label"] for q in content["body"])
