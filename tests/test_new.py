"""A new topic: page, snippet and line of the navigation are written so that the project's own tests pass at once."""

import pytest
import yaml
from evidence.navigation import with_page

from conftest import ROOT, Site, copy_checkout, run_suite

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
        (None, "          - deep.md\n", "      - new.md\n"),
        ("First: things", "          - deep.md\n", "      - new.md\n"),
        ("Deeper", "          - deep.md\n", "          - new.md\n"),
        ("Second", "    - B: b.md\n", "    - new.md\n"),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_page_comes_last_in_its_section_and_nothing_else_changes(section, before, line, ending):
    text, expected = (part.replace("\n", ending) for part in (NAV, NAV.replace(before, before + line)))
    assert with_page(text, "new.md", section) == (expected, section or "First: things")


def test_a_navigation_without_sections_gets_the_page_at_its_end():
    assert with_page("nav:\n- index.md", "new.md") == ("nav:\n- index.md\n- new.md\n", None)


@pytest.mark.parametrize(
    "text, section, said",
    [(NAV, "Frist: things", "did you mean ‘First: things’?"), ("nav: [index.md]\n", None, "add new.md to it by hand")],
)
def test_a_navigation_that_does_not_fit_is_explained(text, section, said):
    with pytest.raises(ValueError, match=said.replace("?", r"\?")):
        with_page(text, "new.md", section)


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


def test_a_new_topic_passes_the_tests_of_the_project(tmp_path, zigzag):
    """In a copy of the checkout, its text untouched: prose, snippet, and the strict site with its links and figures."""
    folders = ("docs", "snippets", "theme", "zigzag_site", ".github", "tests")
    copy_checkout(tmp_path, *folders, "mkdocs.yml", "pyproject.toml")
    copy = Site(tmp_path)
    done = copy.run("evidence", "new", "Why does it grow?", "--section", "Depth and initialization")
    assert done.returncode == 0, done.stdout
    files = [f"tests/test_{name}.py" for name in ("prose", "snippets", "site")]
    chosen = "why_does_it_grow or test_prose or every_page or every_link or figures_have"
    done = run_suite(tmp_path, zigzag, "-k", chosen, *files, timeout=280)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("form", sorted((ROOT / ".github/ISSUE_TEMPLATE").iterdir()), ids=lambda path: path.name)
def test_an_issue_form_is_whole(form):
    """As GitHub wants it: a name, a description, and questions whose ids differ."""
    made = yaml.safe_load(form.read_text("utf-8"))
    assert made["name"] and made["description"]
    assert len({question["id"] for question in made["body"]}) == len(made["body"]) > 1
    assert all(q["type"] in ("input", "textarea") and q["attributes"]["label"] for q in made["body"])
