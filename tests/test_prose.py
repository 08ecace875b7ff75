"""Prose: no typed number that a snippet could compute, at most 1,500 words a page, and American spelling."""

import ast
import random
import re
from html.parser import HTMLParser

import markdown
import pytest
import yaml

from conftest import ROOT
from spelling import find_british, list_files
from typed_numbers import (
    Text,
    find_problems,
    find_typed_numbers,
    parse,
    read_exemptions,
    read_lab,
    read_site,
    read_snippet,
    split_page,
)
from zigzag_site.pages import FENCE, Loader

TEXTS = list(read_site())
PAGES = sorted((ROOT / "docs").rglob("*.md"))
SNIPPETS = sorted((ROOT / "snippets").rglob("*.py"))
LABS = sorted((ROOT / "docs/labs").glob("*.py"))
GAP = re.compile(r"(?<=\b[a-z]{3}) (?=[a-z]{3})|(?<=[a-z]{3}\.) (?=[A-Z])")  # between two words
CITATION = re.compile(r"(section|chapter|lecture|slide|figure|equation|theorem|table|page|part)s?$", re.I)


def test_no_page_lab_or_snippet_has_a_typed_number():
    assert list(find_problems(TEXTS, read_exemptions())) == []


def test_spans_cover_every_character_of_every_text():
    for text in TEXTS:
        spans = parse(text)
        assert "".join(text.content[start:end] for start, end, _ in spans) == text.content, text.path


@pytest.mark.parametrize(
    "text, numbers",
    [
        ("it takes 62 steps, 13.7 times as many", ["62", "13.7"]),
        ("from 0 to 1, or −1", []),
        ("a mean of 2", ["2"]),
        ("$x = 2.4$ and $$y = 31$$ and 7 more", ["2.4", "31", "7"]),
        ("$x$ and $$y$$ behind which 8 stands, $z$", ["8"]),
        ("$\\tfrac{1}{2} x^2$ and $10^{-6}$", []),
        ("> 17 of them", ["17"]),
        ("| 5 | `lr = 0.3` |", ["5", "0.3"]),
        ("1. Take 3 steps", ["3"]),
        ('<img alt="4 lines" width="30">', ["4"]),
        ("{{ zigzag.steps[2] }} and {62}", ["62"]),
        ("[the 9 of them](page9.md#nine)", ["9"]),
        ("/// wrong | “It takes 10 times as long.”", ["10"]),
        ("/// figure | digits.first_5\n**Five lines.**", ["Five"]),
        ("```\n8\n```\nand 8", ["8"]),
        ("```\n8\nand no end", ["8"]),
        ("<!-- 8 --> and 8", ["8"]),
        ("from nineteen to a third of sixty-four, tenfold", ["nineteen", "a third", "sixty-four", "tenfold"]),
        ("one, two, three, half, twice, a millionth, the third layer", []),
        ("nine tenths of the fourth layer in 2000 steps since 1998", ["nine", "tenths", "fourth", "2000"]),
        ("sections 4.3 and 5 of it; section 2 steps", ["2"]),
        ("½ and ⅓", ["⅓"]),
        ("layers 1, 2 and 3 of a 64-64-10 net with 3 × 3 filters, a third cause, s²(I + r²11ᵀ)", []),
        ("layer 20, layer 2 times, 30 × 30, by a third", ["20", "2", "30", "30", "a third"]),
    ],
)
def test_typed_numbers_are_distinguished_from_others(text, numbers):
    assert [match.number for match in find_typed_numbers(Text("docs/page.md", 1, "page", text))] == numbers


def test_exemption_without_use_is_a_problem(tmp_path):
    (tmp_path / "exemptions.yml").write_text("- {page: docs/page.md, text: Divide by 255, reason: a byte}\n")
    exemptions = read_exemptions(tmp_path / "exemptions.yml")
    page = Text("docs/page.md", 1, "page", "Divide by\n255, and 255.")
    assert len(list(find_problems([page], exemptions))) == 1
    assert len(list(find_problems([page._replace(content="Divide.")], exemptions))) == 1
    assert len(list(find_problems([page._replace(content="Divide by 255.")], exemptions))) == 0


# Length: a page can be read in one sitting.

MOST_WORDS = 1500
LONGER = {  # pages that are not read from end to end, and why they may be longer
    "glossary": "a list of terms",
}
WORD = re.compile(r"\w[\w’'-]*(?:[.,]\w+)*")


def count_words(page):
    """Count the words of a page’s prose; a formula, a value or a reference is one word, front matter and code none."""
    spans = [(page[start:end], kind) for start, end, kind in split_page(page)]
    return sum(len(WORD.findall(text)) for text, kind in spans if kind == "prose") + sum(
        kind in ("formula", "value", "reference") for _, kind in spans
    )


@pytest.mark.parametrize(
    "page, words",
    [
        ("Two words.", 2),
        ("---\ntitle: Not a word of it\n---\n\n# One heading\n", 2),
        ("It takes {{ a.steps[0] | digits(2) }} steps of size $1/\\lambda_{\\max}$.", 7),
        ("Not $$x = y + z$$ but [the zig-zag](zigzag.md#what-it-costs), by [@hinton2012neural].", 7),
        ("/// claim | page.claim\n///\n\n/// figure | page.figure\n**A message.**\n===\nIts limits.\n///\n", 4),
        ("/// wrong | “What they say.”\nWhat is true.\n///\n", 6),
        ("```python\nx = 1  # code\n```\n\nbehind `code`", 2),
        ("| a | table |\n| --- | ---: |\n| 1,000 | 2.5 |", 4),
        ("1. Exercise\n\n    /// details | Answer\n    So.\n    ///", 3),
        ("<!-- unseen -->\n\nSGD’s step-size\n{ .class }", 2),
    ],
)
def test_words_of_prose_are_counted(page, words):
    assert count_words(page) == words


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_page_has_at_most_1500_words(page):
    """Only a page that is longer may be listed in `LONGER`."""
    words = count_words(page.read_text("utf-8"))
    assert (words > MOST_WORDS) == (page.stem in LONGER), f"{words} words; at most {MOST_WORDS}"


# Planted faults: numbers at random places of all pages, labs and snippets.


def draw_numbers(rng, count):
    """Draw numbers that no page has yet, in digits and in words."""
    words = [f"{tens}-{unit}" for tens in ("seventy", "eighty", "ninety") for unit in ("four", "five", "six", "eight")]
    return [f"{word} thousand" for word in rng.sample(words, count // 2)] + [
        str(number) for number in rng.sample(range(30_000, 99_999), count - count // 2)
    ]


def plant(text, places, numbers):
    """Insert numbers at places of a text, as words of their own."""
    for place, number in sorted(zip(places, numbers), reverse=True):
        text = f"{text[:place]} {number}{text[place:]}"
    return text


def find_gaps(text, start=0, end=None):
    """Find places between two words where a number would count something, and not be the number of a section."""
    places = (match.start() for match in GAP.finditer(text, start, end or len(text)))
    return [place for place in places if not CITATION.search(text[max(0, place - 20) : place])]


def detect_numbers(texts):
    return {match.number.split(" ")[0] for text in texts for match in find_typed_numbers(text)}


class VisibleText(HTMLParser):
    """The words that a browser shows of HTML, without listings."""

    def __init__(self, html):
        super().__init__()
        self.words, self.listings = [], 0
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.listings += tag == "pre"
        self.words += [value or "" for name, value in attributes if name in ("alt", "title")]

    def handle_endtag(self, tag):
        self.listings -= tag == "pre"

    def handle_data(self, data):
        if not self.listings:
            self.words.append(data)


@pytest.fixture(scope="module")
def renderer():
    """The site's Markdown, in which the blocks of snippets are boxes with a title."""

    names, settings = [], {}
    for entry in yaml.load((ROOT / "mkdocs.yml").read_text("utf-8"), Loader)["markdown_extensions"]:
        name, options = next(iter(entry.items())) if isinstance(entry, dict) else (entry, {})
        if not name.startswith("evidence"):
            names.append(name)
            settings[name] = options or {}
    blocks = "figure explore claim equation code source ledger bibliography".split()
    settings["pymdownx.blocks.admonition"]["types"] += [{"name": block} for block in blocks]
    return markdown.Markdown(extensions=names, extension_configs=settings)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_planted_numbers_are_found_if_readers_see_them(page, renderer):
    """Plant numbers anywhere in a page, and find those that are in the visible text of the rendered page."""
    rng, text = random.Random(page.stem), page.read_text("utf-8")
    places = find_gaps(text)
    sample = rng.sample(places, min(12, len(places)))
    numbers_in_text = draw_numbers(rng, len(sample))
    text = plant(text, sample, numbers_in_text)
    head = re.match(r"---\n.*?^---\n", text, re.M | re.S)
    body = text[head.end() :] if head else text
    visible_text = " ".join(VisibleText(renderer.reset().convert(body)).words)
    keys = re.findall(r"^(?:title|description|question|answer):.*(?:\n[ -].*)*", head[0] if head else "", re.M)
    visible_text = " ".join([*keys, *visible_text.split()])
    visible = {number.split(" ")[0] for number in numbers_in_text if number in visible_text}
    assert len(visible) >= len(numbers_in_text) / 2
    assert visible - detect_numbers([Text("docs/page.md", 1, "page", text)]) == set()


PLACES = {  # a pattern for each kind of place; `here` is where numbers are planted
    "behind a quotation": r"^> .+\n(?!>)(?P<here>(?:.*\n){1,6})",
    "in a quotation": r"^> (?P<here>.+)",
    "in an answer": r"^/// answer\n(?P<here>.+)",
    "in a caption": r"^/// (?:figure|explore) \| .+\n(?P<here>(?:.+\n)+)",
    "behind the limits of a figure": r"^===\n(?P<here>.+)",
    "in the words of a misconception": r"^/// wrong \| (?P<here>.+)",
    "in its correction": r"^/// wrong \| .+\n(?P<here>.+)",
    "behind a display formula": r"\$\$[^$]+\$\$.*\n(?P<here>(?:.*\n){1,6})",
    "behind an equation": r"^/// equation \| .+\n///\n\n(?P<here>.+)",
    "behind a formula": r"\$[^$\n]+\$(?P<here>[^$\n]+)$",
    "in a list": r"^(?:[-*]|\d\.) (?P<here>.+)",
    "in a table": r"^\| (?P<here>[a-z].+)",
    "in a heading": r"^##+ (?P<here>.+)",
    "in a title": r"\A---\ntitle: (?P<here>.+)",
    "in a description": r"\A---\ntitle: .+\ndescription: (?P<here>.+)",
    "behind the last listing": r"\A(?:.*\n)*(?:///|```)\n(?P<here>(?:.*\n)+)\Z",
}


@pytest.mark.parametrize("kind", PLACES)
def test_number_planted_in_a_kind_of_place_is_found(kind):
    count, rng = 0, random.Random(kind)
    for page in rng.sample(PAGES, len(PAGES)):
        text = page.read_text("utf-8")
        matches = list(re.finditer(PLACES[kind], text, re.M))
        in_listings = {place for listing in FENCE.finditer(text) for place in range(*listing.span())}
        places = [
            place for match in matches for place in find_gaps(text, *match.span("here")) if place not in in_listings
        ]
        for place in rng.sample(places, min(2, len(places))):
            for number in draw_numbers(rng, 2):
                other = Text("docs/page.md", 1, "page", plant(text, [place], [number]))
                assert number.split(" ")[0] in detect_numbers([other]), (
                    f"{page}: {other.content[place - 60 : place + 60]}"
                )
                count += 1
        if count >= 24:
            return
    assert count >= 4


def test_numbers_planted_in_labs_are_found():
    for path in LABS:
        rng, source = random.Random(path.stem), path.read_text("utf-8")
        cells = re.finditer(r"^# %% \[markdown\]\n(?:#.*\n)+", source, re.M)
        places = [place for cell in cells for place in find_gaps(source, *cell.span()) if source[place - 1] != "]"]
        sample = draw_numbers(rng, 10)
        texts = list(read_lab("docs/labs/lab.py", plant(source, rng.sample(places, 10), sample)))
        assert {number.split(" ")[0] for number in sample} <= detect_numbers(texts), path


@pytest.mark.parametrize("path", SNIPPETS, ids=lambda path: path.stem)
def test_numbers_planted_in_a_snippet_are_found(path):
    """Plant them in the docstrings of module, claims, figures and explorers, and in the strings under fields."""
    rng, source = random.Random(path.stem), path.read_text("utf-8")
    lines = source.splitlines(keepends=True)
    tree, places = ast.parse(source), []
    for node in [tree, *ast.walk(tree)]:
        is_visible = isinstance(node, ast.Module) or getattr(node, "name", "").startswith(
            ("claim_", "figure_", "explore_")
        )
        strings = [node.body[0]] if is_visible and ast.get_docstring(node) else []
        if isinstance(node, ast.ClassDef) and node.name == "Result":
            strings = [part for part in node.body if isinstance(part, ast.Expr)]
        for string in strings:
            start = sum(map(len, lines[: string.lineno - 1]))
            end = sum(map(len, lines[: string.end_lineno]))
            places += rng.sample(inside := find_gaps(source, start, end), min(2, len(inside)))
    sample = draw_numbers(rng, count := min(20, len(places)))
    texts = list(read_snippet("snippets/name.py", plant(source, rng.sample(places, count), sample)))
    detections = {number for number in sample if number.split(" ")[0] in detect_numbers(texts)}
    assert set(sample) - detections == set()


def test_numbers_planted_in_navigation_and_templates_are_found():
    rng, count = random.Random(0), 0
    navigation, templates = ([text for text in TEXTS if text.kind == kind] for kind in ("navigation", "template"))
    for text in [*rng.sample(navigation, 20), *templates]:
        places = find_gaps(text.content) or [len(text.content)]
        spans = [span for span in parse(text) if span.kind == "prose"]
        visible_places = [place for place in places if any(start < place <= end for start, end, _ in spans)]
        for place in rng.sample(visible_places, min(3, len(visible_places))):
            (number,) = draw_numbers(rng, 1)
            assert number in detect_numbers([text._replace(content=plant(text.content, [place], [number]))]), text.path
            count += 1
    assert count > 20


def test_spelling_is_american():
    paths = list_files()
    assert {*PAGES, *SNIPPETS, *LABS} <= set(paths)
    assert {path.name: words for path in paths if (words := list(find_british(path.read_text("utf-8"))))} == {}


def test_british_words_planted_in_all_files_are_found():
    for path in list_files():
        rng, text = random.Random(path.name), path.read_text("utf-8")
        places = find_gaps(text)
        for place in rng.sample(places, min(3, len(places))):
            edited_text = plant(text, [place], ["neighbours"])
            assert [word for _, word in find_british(edited_text)] == ["neighbours"], path
