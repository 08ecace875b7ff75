"""A new topic: page, snippet and line of the navigation are written so that the project's own tests pass at once."""

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
def test_a_page_comes_last_in_its_section_and_nothing_else_changes(section, before, line, ending):
    text, expected = (part.replace("\n", ending) for part in (NAV, NAV.replace(before, before + line)))
    assert insert_page(text, "New", "new.md", section) == (expected, section or "First: things")


def test_a_navigation_without_sections_gets_the_page_at_its_end():
    assert insert_page("nav:\n- index.md", "New", "new.md") == ("nav:\n- index.md\n- New: new.md\n", None)


@pytest.mark.parametrize(
    "text, section, said",
    [(NAV, "Frist: things", "did you mean ‘First: things’?"), ("nav: [index.md]\n", None, "add new.md by hand")],
)
def test_a_navigation_that_does_not_fit_is_explained(text, section, said):
    with pytest.raises(SiteError, match=said.replace("?", r"\?")):
        insert_page(text, "New", "new.md", section)


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["2 squares?"], "‘2_squares’ cannot be imported"),
        (["random"], "there is a ‘random’ already"),
        (["shared"], "there is a ‘shared’ already"),
        (["Why?", "--section", "None"], "there is no nav in mkdocs.yml"),
    ],
)
def test_what_cannot_be_written_is_explained_and_nothing_is(small, arguments, said):
    before = small.bytes(".")
    done = small.run("evidence", "new", *arguments)
    assert done.returncode == 1 and said in done.stdout and "Traceback" not in done.stdout
    assert small.bytes(".") == before


def test_a_question_is_quoted_where_yaml_needs_it(small):
    assert small.run("evidence", "new", "Squares: why do they grow?", "--name", "grow").returncode == 0
    done = small.build()
    assert done.returncode == 0, done.stdout
    assert "<h1>Squares: why do they grow?</h1>" in (small.root / "site/grow/index.html").read_text().replace(
        ' id="squares-why-do-they-grow"', ""
    )


def test_a_new_topic_passes_the_checks_of_the_project(tmp_path, zigzag):
    """In a copy of the checkout, its text untouched: the strict build, typed numbers, and that it runs by itself."""
    copy_checkout(tmp_path, *CHECKOUT, ".github")
    shutil.copytree(zigzag.root / ".evidence", tmp_path / ".evidence")
    copy = Site(tmp_path)
    done = copy.run("evidence", "new", "Why does it grow?", "--section", "Depth and initialization")
    assert done.returncode == 0, done.stdout
    built = copy.built(**EPOCH)
    assert re.findall("running (.*)", built) == ["why_does_it_grow: never run (1 of 1)"]
    assert "Why does it grow?" in (tmp_path / "site/why_does_it_grow/index.html").read_text("utf-8")
    texts = [text for text in read_site(tmp_path) if "why_does_it_grow" in str(text.path)]
    assert len(texts) > 1 and [each for text in texts for each in find_typed_numbers(text)] == []
    checked = copy.run("evidence", "check")
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("form", sorted((ROOT / ".github/ISSUE_TEMPLATE").iterdir()), ids=lambda path: path.name)
def test_an_issue_form_is_whole(form):
    """As GitHub wants it: a name, a description, and questions whose ids differ."""
    made = yaml.safe_load(form.read_text("utf-8"))
    assert made["name"] and made["description"]
    assert len({question["id"] for question in made["body"]}) == len(made["body"]) > 1
    assert all(q["type"] in ("input", "textarea") and q["attributes"]["label"] for q in made["body"])
