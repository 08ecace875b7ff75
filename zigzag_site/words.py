"""Words: terms that lead to the glossary, words that do not break at their hyphen, and when a page was checked."""

import re
from collections.abc import Callable
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import STX

from zigzag_site.evidence_access import page_of, runs_used
from zigzag_site.pages import Page, Site, anchor_of_term

HEADINGS = {"h2", "h3", "h4"}
UNBROKEN = re.compile(
    r"\b(?:[Zz]ig-[Zz]ag|[Ii]ll-condition|[Oo]ff-center|[Mm]in-max|[Ww]arm-up|scikit-learn)\w*|\b\d/\w+"
)  # and fractions, as 2/λmax
# Where no term is looked for: what is a link or a label already, and lists in which every entry would be one.
QUIET_TAGS = set(
    "a h1 h2 h3 h4 h5 h6 code pre math svg summary button abbr blockquote strong figcaption th label".split()
)
QUIET_TAGS.add("evidence-explorer")
QUIET_CLASSES = {"asked", "cards", "glossary", "ledger", "paths", "references", "source"}
CODE_TAGS = {"code", "pre", "math", "svg", "script", "style"}


class Names(Treeprocessor):
    """Give each term of the glossary an id, and unbroken words to headings in the contents."""

    def run(self, root: Element) -> None:
        for heading in (part for part in root.iter() if part.tag in HEADINGS):
            text = "".join(heading.itertext())
            if UNBROKEN.search(text) and STX not in text:
                heading.set("data-toc-label", UNBROKEN.sub(lambda found: found[0].replace("-", "\u2011", 1), text))
        for box in root.iter("div"):
            if "glossary" in box.get("class", "").split():
                for term in box.iter("dt"):
                    term.set("id", anchor_of_term("".join(term.itertext())))


class Words(Treeprocessor):
    """Adds wordings, links to terms, unbroken words and dates; `read()` returns the site."""

    def __init__(self, md: Markdown, read: Callable[[], Site]) -> None:
        super().__init__(md)
        self.read = read

    def run(self, root: Element) -> None:
        site = self.read()
        _add_wordings(root, next((page for page in site.pages if page.path == page_of(self.md)), None))
        if terms := site.terms:
            glossary = site.page_with("glossary")
            _link_terms(root, terms, f"/{glossary.path}" if glossary else "")
        _wrap(root, UNBROKEN, lambda match: Element("span", {"class": "unbroken"}), CODE_TAGS, set())
        if runs := runs_used(self.md):
            SubElement(root, "p", {"class": "checked", "data-search-exclude": ""}).text = describe_runs(runs)


def _add_wordings(root: Element, page: Page | None) -> None:
    """Add readers' wordings after the title, hidden, for the search index."""
    title = next((place for place, part in enumerate(root) if part.tag == "h1"), None)
    if page and page.asked() and title is not None:
        paragraph = Element("p", {"class": "asked", "hidden": ""})
        paragraph.text = " ".join(words for words, _ in page.asked())
        root.insert(title + 1, paragraph)


def _link_terms(root: Element, terms: dict[str, str], glossary: str) -> None:
    """Link the first occurrence of each term to the glossary, with its meaning as a tooltip."""
    meanings = {term.lower(): meaning for term, meaning in terms.items()}
    longest = sorted(terms, key=len, reverse=True)  # a term inside a longer one stays as it is
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, longest))})s?\b", re.I)

    def link(match: re.Match[str]) -> Element | None:
        if not (meaning := meanings.pop(match[1].lower(), "")):
            return None
        address = f"{glossary}#{anchor_of_term(match[1])}"
        return Element("a", {"class": "term", "href": address, "title": meaning})

    _wrap(root, pattern, link, QUIET_TAGS, QUIET_CLASSES)


Make = Callable[[re.Match[str]], Element | None]


def _wrap(parent: Element, pattern: re.Pattern[str], make: Make, tags: set[str], classes: set[str]) -> None:
    """Replace matches in the text of a tree by the elements that `make` returns, if any."""
    if parent.tag in tags or classes.intersection(parent.get("class", "").split()):
        return
    place = 0
    parent.text, elements = _split(parent.text, pattern, make)
    for part in elements:
        parent.insert(place, part)
        place += 1
    while place < len(parent):
        child = parent[place]
        _wrap(child, pattern, make, tags, classes)
        child.tail, elements = _split(child.tail, pattern, make)
        for part in elements:
            place += 1
            parent.insert(place, part)
        place += 1


def _split(text: str | None, pattern: re.Pattern[str], make: Make) -> tuple[str | None, list[Element]]:
    """Return the text before the first element, and the elements with the rest as their tails."""
    elements: list[Element] = []
    if not text:
        return text, elements
    first, end = text, 0
    for match in pattern.finditer(text):
        element = make(match)
        if element is None:
            continue
        before = text[end : match.start()]
        if elements:
            elements[-1].tail = before
        else:
            first = before
        element.text, end = match[0], match.end()
        elements.append(element)
    if elements:
        elements[-1].tail = text[end:]
    return first, elements


def describe_runs(runs: list[tuple[str, dict[str, str]]]) -> str:
    """Return a sentence with the dates and library versions of runs."""
    days = sorted({day for day, _ in runs})
    versions = dict(sorted((name, number) for _, libraries in runs for name, number in libraries.items()))
    when = days[0] if len(days) == 1 else f"from {days[0]} to {days[-1]}"
    return f"Checked {when} with {', '.join(f'{name} {number}' for name, number in versions.items())}."
