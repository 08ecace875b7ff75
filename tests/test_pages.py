"""Pages: what the Markdown extension makes of a text, without MkDocs."""

import re
from dataclasses import replace

import pytest

import evidence
from conftest import ROOT
from evidence.export import export_markdown
from evidence.project import Project
from evidence.session import Session
from evidence.usage import resolve_references

EXTENSIONS = ["tables", "pymdownx.superfences"]


@pytest.fixture
def site(template):
    """The small site, with its home page rendered."""
    session = Session(Project(template.root, seconds=8, megabytes=512), {}, print)
    session.load_all()
    evidence.render((template.root / "docs/index.md").read_text(), session.site, "index.md", EXTENSIONS)
    return session.site


@pytest.fixture
def render(site):
    """A function that renders Markdown to HTML on another page of the small site."""

    def render(text):
        page = evidence.render(text, site, "other.md", EXTENSIONS)
        assert page.diagnostics == []
        html, unknown = resolve_references(page.html, "other.md", site, lambda target, page: f"/{target}")
        assert unknown == []
        return html

    return render


def test_value_links_to_its_line_and_has_its_description(render):
    html = render("It is {{ square.area | digits(3) }}.")
    assert ">6.25</a>." in html and 'title="The largest of them."' in html
    line = html.split("#line-")[1].split('"')[0]
    assert "area=area_of(2.5)" in (ROOT / "tests/small/snippets/square.py").read_text().splitlines()[int(line) - 1]


def test_values_work_in_tables_mathematics_and_emphasis(render):
    html = render(
        "| a |\n| - |\n| {{ square.area | digits(3) }} |\n\n"
        "**{{ square.area | digits(2) }}** $A = {{ square.area | digits(3) }}$"
    )
    assert "<td><a" in html and ">6.25</a></td>" in html
    assert "<strong><a" in html and "<mn>6.25</mn>" in html and 'aria-label="A=6.25"' in html


def test_code_keeps_braces_bars_and_dollars(render):
    html = render("`{{ a | b }}` and `$x$`\n\n```\n{{ a | b }} $x$\n/// figure | c\n===\n```\n")
    assert (
        "{{ a | b }}</code>" in html
        and "<code>$x$</code>" in html
        and "/// figure | c\n===" in html
        and "<math" not in html
    )


def test_escaped_dollars_are_no_formula(render):
    assert "<math" not in render(r"It costs \$5 and \$6.")


def test_period_stays_on_the_line_of_its_formula(render):
    assert "</math>.</span>" in render("Thus $x$.").replace("\n", "")


def test_caption_separates_message_and_limits(render):
    html = render("/// figure | square.growth\n**Message.**\n===\nLimits.\n///\n")
    assert '<p class="limits">Limits.</p>' in html and "<h1" not in html
    assert 'alt="Area against side, from 1 up to 6.25. A curve that bends upward."' in html
    assert html.index("Limits.") < html.index('class="links"')


def test_references_lead_to_the_numbers_of_equations_on_other_pages(render):
    assert 'href="/index.md#equation-square-area">(1)</a>' in render("See [@square.area].")
    assert 'href="/index.md#equation-square-limit">(2)</a>' in render("See [@square.limit].")


def test_equations_say_how_they_were_checked(render):
    assert "checked as printed" in render("/// equation | square.area\n///\n")
    assert "asserted separately" in render("/// equation | square.limit\n///\n")


def test_claim_quotes_values_and_says_when_it_was_checked(render):
    html = render("/// claim | square.strips\n///\n")
    assert ">6.25</a> square meters" in html and "checked 20" in html and "numpy" in html


def test_markup_in_a_value_is_escaped(site, render):
    square = site.results["square"]
    value = replace(square.values["area"], value="<script>alert(1)</script>", description='"><b>')
    site.results["square"] = replace(square, values={"label": value})
    html = render("{{ square.label }}")
    assert "alert(1)" in html and "<script>" not in html and "<b>" not in html


def test_rendered_page_has_its_usage_and_diagnostics(site):
    page = evidence.render("A {{ square.area | digits }}\n\nand {{ square.aera }}.\n", site, "other.md")
    assert page.usage.offers == [("square", "value", "area")] and page.usage.snippets == {"square"}
    assert [(each.file, each.line) for each in page.diagnostics] == [("docs/other.md", 3)]
    assert "did you mean ‘area’?" in page.diagnostics[0].message
    assert site.usages["other.md"].offers == page.usage.offers


@pytest.mark.parametrize("indent", ["", "    ", "> "])
def test_markdown_copy_has_the_text_of_blocks_without_their_options(site, indent):
    """Leave out the options of a block and the names of an equation's letters, and keep its text."""
    block = ["/// note | Title", "    attrs: {id: here}", "    open: true", "", "So: this.", "///"]
    block += ["", "/// equation | square.area", r"\lambda: side", "s: side", "", "A: area", "///", "", "after: it"]
    text = "\n".join(indent + line for line in block)
    copy = export_markdown(text, "other.md", {}, site, lambda target, page: target)
    assert all(part in copy for part in ("So: this.", "**Title**", "after: it"))
    assert not re.search("attrs|open|side|A: area", copy)
    copy = export_markdown(
        "- a list\n\n    /// note\n    So: this.\n    ///\n", "other.md", {}, site, lambda target, page: target
    )
    assert "So: this." in copy
