"""`{{ … }}` never reaches a reader: it is filled wherever it is written, or the build says what to write."""

import json
import re

import pytest
from bs4 import BeautifulSoup, Comment

from world.sites import NAME, copy_site, find_problems, share_pages, snippet

V = "{{ " + NAME + ".area | digits(2) }}"  # is 9.0
FILLED = {
    "text": f"area {V} here",
    "emphasis": f"area **{V}** and *{V}*",
    "heading": f"## The area {V} of it",
    "underlined heading": f"The area {V} of it\n---\n\ntext",
    "list": f"- area {V}\n- b",
    "quotation": f"> area {V}",
    "table": f"| a | b |\n| - | - |\n| {V} | {V} |",
    "table header": f"| {V} | b |\n| - | - |\n| a | b |",
    "table in a list": f"- item\n\n    | a | b |\n    | - | - |\n    | {V} | b |",
    "table without outer bars": f"a | b\n- | -\n{V} | b",
    "footnote": f"area[^1]\n\n[^1]: It is {V}.",
    "definition": f"area\n:   It is {V}.",
    "term": f"Area {V}\n:   a term",
    "admonition": f"!!! note\n\n    area {V}",
    "admonition title": f'!!! note "Area {V}"\n\n    text',
    "folded title": f'??? note "Area {V}"\n\n    text',
    "block": f"/// note\narea {V}\n///",
    "block title": f"/// note | Area {V}\ntext\n///",
    "details title": f"/// details | Area {V}\ntext\n///",
    "tab": f'=== "A"\n\n    area {V}',
    "tab title": f'=== "Area {V}"\n\n    text',
    "caption": f"/// figure | {NAME}.growth\nArea {V}.\n///",
    "link text": f"[area {V} here](grow.md)",
    "link text alone": f"[{V}](grow.md)",
    "reference link": f"[area {V}][one]\n\n[one]: grow.md",
    "inline HTML": f"area <b>{V}</b> and <span class='x'>{V}</span>",
    "division in Markdown": f"<div markdown>\narea {V}\n</div>",
    "division in Markdown, deeper": f'<div markdown="1"><p markdown>area {V}</p></div>',
    "tight": "area {{" + NAME + ".area|digits(2)}} here",
    "several on a line": f"{V} and {V}, {V}",
    "in parentheses": f"({V}) [{V}] “{V}”",
    "beside code": f"`code` {V} `code`",
    "in mathematics": f"$A = {V}$ and $$B = {V}$$",
    "after a comment": f"<!-- a --> area {V}",
    "table with an escaped bar": "| a | b |\n| - | - |\n| " + V.replace("|", "\\|") + " | b |",
    "element with the name of code": f"<code-group>area {V}</code-group>",
}
FILLED_OR_REFUSED = {  # in an attribute, a value is text without markup
    "division": f"<div>area {V}</div>",
    "division on lines": f"<div>\narea {V}\n</div>",
    "paragraph": f"<p>area {V}</p>",
    "HTML table": f"<table><tr><td>{V}</td></tr></table>",
    "summary": f"<details><summary>{V}</summary>text</details>",
    "alternative": f"![area {V}](a.svg)",
    "picture’s title": f'![area](a.svg "area {V}")',
    "link’s title": f'[area](grow.md "area {V}")',
    "address": "[area](grow.md?n={{" + NAME + ".area|digits(2)}})",
    "external address": "[area](https://example.org/?n={{" + NAME + ".area|integer}})",
    "reference’s title": f'[area][one]\n\n[one]: grow.md "area {V}"',
    "HTML alternative": f'<img alt="area {V}" src="../a.svg">',
    "HTML attribute on a line": f'text <span title="area {V}">area</span>',
    "HTML address": f'<a href="https://example.org/?n={V}">area</a>',
    "attribute list": f'area\n{{: title="{V}" }}',
    "attribute list of a paragraph": f'area\n{{: title="{V}" .wide }}',
    "attribute list of an item": f'- area\n{{: title="{V}" }}',
    "attribute list of a heading": f'## Area {{ #size title="{V}" }}',
    "attribute list of a cell": f'| a |\n| - |\n| area {{ title="{V}" }} |',
    "abbreviation": f"the area\n\n*[area]: it is {V}",
    "over a line’s end in a quotation": "> area {{ " + NAME + ".area\n> | digits(2) }} here",
    "over a line’s end in a list in a quotation": "> - area {{ " + NAME + ".area |\n>   digits(2) }} here",
    "over a line’s end in a list": "- area {{ " + NAME + ".area\n  | digits(2) }} here",
    "over a line’s end": "area {{ " + NAME + ".area\n| digits(2) }} here",
    "several attributes": f'![area](a.svg){{ width="{V}" title="{V}" }}',
    "attributes of a link": f'[area](grow.md){{: data-area="{V}" title="so {V}" }}',
    "MathML": f"<math><mn>{V}</mn></math>",
    "title of a fence": '```py title="{{ x }}"\ncode\n```',
    "shortcode": "area {{< figure >}} here",
    "picture": f"<svg><text>{V}</text></svg>",
    "automatic address": "<https://example.org/{{" + NAME + ".area|integer}}>",
    "id of a heading": f"## Area {{: #area-{V} }}\n\ntext",
    "style": f"<style>p {{ width: {V} }}</style>",
    "script": f"<script>let area = {V};</script>",
    "without an end": "area {{ " + NAME + ".area | digits(2) here",
    "without a beginning": "area " + NAME + ".area | digits(2) }} here",
    "empty": "area {{ }} and {{}} here",
    "one brace": "area { " + NAME + ".area | digits(2) } here  <!-- {{ -->",
    "three": "area {{{ " + NAME + ".area | digits(2) }}} here",
    "workflow": "the token ${{ secrets.TOKEN }} here",
    "workflow twice": "the ${{ github.sha }} and ${{ github.ref }} here",
    "statement": "area {{ 1 + 1 }} here",
    "block of a snippet that quotes": f"/// claim | {NAME}.area\n///",
}
CODE = {  # must not change
    "span": f"area `{V}` here",
    "double span": f"area ``{V}`` here",
    "fence": f"```\n{V}\n```",
    "tildes": f"~~~ yaml\n{V}\n~~~",
    "indented": f"    {V}",
    "fence in a list": f"- item\n\n    ```\n    {V}\n    ```",
    "fence in a quotation": f"> ```\n> {V}\n> ```",
    "fence in a tab": f'=== "A"\n\n    ```\n    {V}\n    ```',
    "pre": f"<pre>{V}</pre>",
    "code element": f"<pre><code>{V}</code></pre>",
    "unknown in code": "area `{{ nothing.at.all }}` here",
    "unknown in a fence": "```\n{{ nothing.at.all }} and {{ }} and ${{ x }}\n```",
    "code in a table": f"| a |\n| - |\n| `{V}` |",
    "comment": "text <!-- {{ nothing.at.all }} --> here",
    "comment on lines": "<!--\n{{ nothing.at.all }}\n-->\n\ntext",
}
HEADS = {
    "title": f"title: Area {V}",
    "quoted title": f'title: "Area: {V}"',
    "description": f"title: A\ndescription: The area is {V}",
    "subtitle": f"title: A\nsubtitle: The area is {V}\nsummary: [{V!r}]",
    "another’s field": f"title: A\nsocial:\n  cards_layout_options:\n    title: '{V}'",
    "tags": f"title: A\ntags: ['area {V}']",
    "unknown": "title: Area {{ grow.nothing }}",
    "unknown that is left open": "title: 'Area {{ law'",
    "unknown that is closed only": "title: A\ndescription: 'Area }} {{'",
    "unknown without quotation marks": "title: {{ grow.area }}",
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory, base_site):
    texts = {f"filled{n}": f"# A page\n\n{text}\n" for n, text in enumerate(FILLED.values())}
    texts |= {f"either{n}": f"# A page\n\n{text}\n" for n, text in enumerate(FILLED_OR_REFUSED.values())}
    texts |= {f"code{n}": f"# A page\n\n{text}\n" for n, text in enumerate(CODE.values())}
    texts |= {f"head{n}": f"---\n{head}\n---\n\n# A page\n\ntext\n" for n, head in enumerate(HEADS.values())}
    texts["title"] = f"# The area {V} here\n\ntext\n"
    return share_pages(tmp_path_factory, base_site, "values", texts)


def find_page(pages, kind, texts, name):
    return pages[f"{kind}{list(texts).index(name)}"]


def find_raw_values(page):
    """Find `{{ … }}` and its parts on a page, outside of code."""
    whole = BeautifulSoup(page.html, "html.parser")
    for link in whole.nav.find_all("a"):  # of other pages
        if link.get("href") != "./":
            link.decompose()
    for part in whole.find_all(["code", "pre"]):
        part.decompose()
    for comment in whole.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    return re.findall(r".{0,20}(?:\{\{|\}\}|%7B%7B|digits\().{0,20}", str(whole))


@pytest.mark.parametrize("name", FILLED)
def test_value_is_filled_in_page_and_copy(pages, name):
    page = find_page(pages, "filled", FILLED, name)
    count = FILLED[name].count("digits(2)")
    text = page.main.get_text()
    assert find_raw_values(page) == [] and text.count("9.0") >= count, page.main
    assert page.copy.count("9.0") >= count and "digits(" not in page.copy, page.copy
    assert not re.search("[\x02\x03\ue000-\uf8ff]|wzxhzdk", page.html + page.copy)
    for link in page.main.find_all("a"):
        assert link.find("a") is None, link  # browsers end the outer link there
    for heading in page.main.find_all(["h1", "h2"]):
        assert re.fullmatch(r"[\w.-]+", heading["id"]), heading
    if "link" in name:
        assert page.main.find("a", href="../grow/"), page.main


@pytest.mark.parametrize("name", FILLED_OR_REFUSED)
def test_value_is_filled_or_refused_with_its_line(pages, name):
    page = find_page(pages, "either", FILLED_OR_REFUSED, name)
    if page.html:
        assert find_raw_values(page) == [] and 'title="' not in page.main.get_text(), page.main
        assert "digits(" not in page.copy and "{{" not in page.copy, page.copy
        for element in page.main.find_all(True):
            assert "<a" not in " ".join(map(str, element.attrs.values())), element
    else:
        lines = FILLED_OR_REFUSED[name].split("\n")
        lines_with_values = {n for n, line in enumerate(lines, 3) if "{{" in line or "}}" in line}
        assert page.problems and {line for line, _ in page.problems} <= lines_with_values, page.output


@pytest.mark.parametrize("name", CODE)
def test_braces_in_code_stay(pages, name):
    page = find_page(pages, "code", CODE, name)
    for expression in re.findall(r"\{\{.*?\}\}", CODE[name]):
        if "comment" not in name:
            assert expression in page.main.get_text(), page.main
            assert expression in page.copy, page.copy
    assert page.main.find_all("a", class_="value") == []


@pytest.mark.parametrize("name", HEADS)
def test_value_in_front_matter_is_plain_text_or_refused_with_its_line(pages, name):
    page = find_page(pages, "head", HEADS, name)
    if page.html:
        assert "unknown" not in name, "an unknown value must be refused"
        assert find_raw_values(page) == [] and "</" not in str(page.soup.title.string), page.soup.head
        assert "{{" not in page.copy
        assert name not in ("title", "quoted title") or "9.0" in page.soup.title.string
    else:
        lines = ["---", *HEADS[name].split("\n")]
        lines_with_values = {n for n, line in enumerate(lines, 1) if "{{" in line}
        assert page.problems and {line for line, _ in page.problems} <= lines_with_values, page.output


def test_value_in_the_first_heading_is_text_in_titles(pages):
    page = pages["title"]
    assert page.soup.title.string == "The area 9.0 here - World"
    assert "9.0" in page.soup.aside.get_text() and page.soup.aside.find("a").find("a") is None
    assert page.soup.nav.find("a", href="./").get_text() == "The area 9.0 here"


def test_value_in_a_title_is_filled_on_other_pages_and_in_the_search(site):
    """The title is in the navigation of pages that are rendered before its own page."""
    site.write({"docs/a.md": "# A\n\n[B](zz.md)\n", "docs/zz.md": f"---\ntitle: Area {V}\n---\n\n# B\n\narea {V}\n"})
    result = site.build()
    if result.returncode:
        assert find_problems(result.stdout, "docs/zz.md")[0][0] == 2, result.stdout
        return
    for name in sorted(site.files()):
        if name.endswith((".html", ".json", ".xml")) or (name.endswith(".md") and "evidence" not in name):
            text = (site.root / "site" / name).read_text("utf-8")
            assert "{{ grow" not in text and "{{grow" not in text, name


@pytest.mark.parametrize(
    "change",
    [
        {"site_name": f"World {V}"},
        {"site_description": f"Area {V}"},
        {"nav": [{f"Area {V}": "grow.md"}]},
        {"nav": [{f"Section {V}": ["grow.md"]}]},
        {"copyright": f"Area {V}"},
        {"extra": {"note": f"Area {V}"}},
    ],
    ids=lambda change: next(iter(change)) + str(len(str(change))),
)
def test_value_in_the_configuration_is_filled_or_refused(site, change):
    site.configure(**change)
    theme = (site.root / "theme/main.html").read_text()
    extra = "{{ config.site_name }}{{ config.site_description }}{{ config.copyright }}"
    sections = "{% for item in nav %}{{ item.title }}{% endfor %}"
    site.write({"theme/main.html": theme.replace("</nav>", f"{extra}{sections}</nav>")})
    result = site.build()
    if result.returncode:
        assert "mkdocs.yml" in result.stdout, result.stdout
    else:
        assert "{{" not in site.html("grow/")


def test_search_index_and_sitemap_have_no_braces(site):
    texts = "\n\n".join(text for name, text in FILLED.items() if name not in ("caption", "footnote"))
    site.write({"docs/a.md": f"# The area {V} here\n\n{texts}\n"})
    site.check_build()
    index = json.loads((site.root / "site/search/search_index.json").read_text())
    mine = json.dumps([entry for entry in index["docs"] if entry["location"].startswith("a/")])
    assert "9.0" in mine and "{{" not in mine and "digits(" not in mine
    assert "{{" not in (site.root / "site/sitemap.xml").read_text()


def test_value_in_an_included_file_is_filled(site, base_site):
    site.write({"parts/p.md": f"area {V} here\n", "docs/a.md": '# A\n\n--8<-- "parts/p.md"\n'})
    site.configure(markdown_extensions=["pymdownx.snippets", "tables"]).check_build()
    page = site.soup("a/").main.get_text()
    assert "area 9.0 here" in page
    assert "area 9.0 here" in (site.root / "site/a/index.md").read_text()


def test_unknown_value_in_a_partial_is_reported(base_site, tmp_path):
    """The problem names the line of the partial, or the line of the page that includes it."""
    site = copy_site(base_site, tmp_path / "site")
    site.write({"parts/p.md": "text\n\narea {{ grow.nothing }}\n", "docs/a.md": '# A\n\n--8<-- "parts/p.md"\n'})
    output = site.configure(markdown_extensions=["pymdownx.snippets"]).check_refusal()
    lines = {("a", line) for line, _ in find_problems(output, "docs/a.md")}
    lines |= {("p", line) for line, _ in find_problems(output, "parts/p.md")}
    assert lines and lines <= {("a", 3), ("p", 3)}, output


NUMBERS = {  # the value that compute() returns, the filter, and the text on the page
    "minus nothing": ("-0.001", "decimals(2)", "0.00"),
    "minus zero": ("-0.0", "digits(2)", "0.0"),
    "minus zero percent": ("-0.0001", "percent", "0%"),
    "minus half": ("-0.4", "integer", "0"),
    "minus one": ("-0.6", "integer", "−1"),
    "a long whole number": ("2**53 + 1", "integer", "9,007,199,254,740,993"),
    "forty digits": ("10**40 + 1", "integer", "10" + ",000" * 12 + ",001"),
    "without a filter": ("10**30 + 7", "", "1" + ",000" * 9 + ",007"),
    "digits of a long one": ("10**40", "digits(3)", "10" + ",000" * 13),
    "power of ten": ("10**40 + 1", "scientific(2)", "1.0·10⁴⁰"),
    "text": ("'<b>|</b> {{ x }} *y* _z_ `c`'", "", "<b>|</b> {{ x }} *y* _z_ `c`"),
    "price": ("'$5 and $6'", "", "$5 and $6"),
}


def test_numbers_have_all_digits_and_zero_has_no_sign(site):
    texts = {f"number{n}": snippet(f"value = {value}") for n, (value, _, _) in enumerate(NUMBERS.values())}
    site.write({f"snippets/{name}.py": text for name, text in texts.items()})
    lines = [
        f"- {{{{ number{n}.value{' | ' + filters if filters else ''} }}}}"
        for n, (_, filters, _) in enumerate(NUMBERS.values())
    ]
    site.write({"docs/a.md": "# A\n\n" + "\n".join(lines) + "\n"}).check_build()
    texts_of_items = [item.get_text() for item in site.soup("a/").main.find_all("li")]
    assert texts_of_items == [page_text for _, _, page_text in NUMBERS.values()]
