"""Usage: which page shows which result, the numbers of equations, and orphans."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from posixpath import dirname, join, relpath
from typing import Any
from urllib.parse import quote

from evidence.bibliography import Bibliography, Reference, read_bibliography
from evidence.cache import Cache
from evidence.diagnostics import Diagnostic, describe_unknown
from evidence.mathematics import Formulas
from evidence.results import KINDS, SnippetResult
from evidence.source import find_line
from evidence.syntax import VALUE
from evidence.values import look_up, mask_braces, qualify

PLACEHOLDER = re.compile(
    r'<(a|span)\b(?=[^>]*\breference\b)[^>]*\bdata-key="?([\w.:/+-]+)"?[^>]*>[^<]*</\1>'
)
OfferKey = tuple[str, str, str]  # snippet, kind, name


@dataclass
class Usage:
    """What one page used while it was rendered."""

    page: str
    "Its path in the pages’ folder."
    snippets: set[str] = field(default_factory=set)
    "Names of the snippets whose results it read."
    offers: list[OfferKey] = field(default_factory=list)
    "Blocks and values that it shows, in order, without duplicates."
    equations: dict[str, int] = field(default_factory=dict)
    "`snippet.name` to the number on this page."
    bibliography: str = ""
    "The BibTeX file whose works it lists."
    shows_all: bool = False
    "Whether it depends on the usage of all pages, as the ledger does."

    def merge(self, other: "Usage") -> None:
        """Add the usage of another part of the page, or of a second rendering."""
        self.snippets |= other.snippets
        self.offers = list(dict.fromkeys(self.offers + other.offers))
        self.equations |= other.equations
        self.bibliography = self.bibliography or other.bibliography
        self.shows_all |= other.shows_all


@dataclass
class Site:
    """What all pages of a build share."""

    docs: Path
    "The pages’ folder."
    cache: Cache
    "Cache of formatted references."
    load: Callable[[str], object] = lambda name: None
    "Called with the name of a snippet before its results are read."
    results: dict[str, SnippetResult] = field(default_factory=dict)
    labs: dict[str, str] = field(default_factory=dict)
    "Name of each lab, to the date of its run; '' if it failed."
    failures: set[str] = field(default_factory=set)
    "Snippets without results; the diagnostics of their runs say why."
    modules: dict[str, str] = field(default_factory=dict)
    "Name of each script that is not a snippet, to its file."
    has_downloads: bool = False
    "Whether readers can download snippets."
    macros: dict[str, str] = field(default_factory=dict)
    "LaTeX commands of the site."
    works: dict[str, Bibliography] = field(default_factory=dict)
    "Works by the path of their file in `docs`."
    is_rendered: bool = False
    "Whether all pages were rendered once, so that all references are known."
    extra: dict[str, Any] = field(default_factory=dict)
    "What extras share between pages."
    usages: dict[str, Usage] = field(default_factory=dict)
    "Usage of each page rendered so far."
    diagnostics: list[Diagnostic] = field(default_factory=list)
    "Diagnostics of the pages rendered so far."

    def read_pages(self) -> dict[str, str]:
        """Return the text of each page by its path in the pages’ folder."""
        return {
            path.relative_to(self.docs).as_posix(): path.read_text(
                "utf-8-sig", "replace"
            )
            for path in sorted(self.docs.rglob("*.md"))
            if path.is_file()
        }

    def bibliographies(self) -> Iterator[tuple[str, Any]]:
        """Yield each page that lists works, with the works, or None if they cannot be read."""
        for usage in self.usages.values():
            if usage.bibliography:
                works = None
                with suppress(ValueError):
                    works = self.read_works(usage.bibliography)
                yield usage.page, works

    def read_works(self, file: str) -> dict[str, Reference]:
        """Return the entries of a BibTeX file, which is read once a build."""
        if file not in self.works:
            self.works[file] = read_bibliography(self.docs, file, self.cache)
        return self.works[file].references


class PageContext:
    """The state of one page while it is rendered."""

    def __init__(
        self, site: Site, page: str, source: str, file: str = ""
    ) -> None:
        """Begin a page; `source` is the text of `file` as its author wrote it."""
        self.site, self.page, self.source = site, page, source
        self.file = file or join(site.docs.name, page)
        self.text = source
        "The text after includes, as Markdown reads it."
        self.usage = Usage(page)
        self.diagnostics: list[Diagnostic] = []
        self.formulas = Formulas(site.macros)
        self.markdown: dict[str, str] = {}
        "Blocks and values as the author wrote them, to plain Markdown."
        self.is_tree_finished = False
        "Whether all elements are there, and the HTML is written."
        self.block_counts: Counter[str] = Counter()
        "First line of each block, to the number of its occurrences so far."
        self.open_blocks = 0
        "Number of blocks whose first line was invalid, so that their last line is left over."
        self.plain: dict[str, str] = {}
        "Placeholder of each formula, to its plain text."

    def report(
        self,
        fragment: str,
        message: str,
        occurrence: int = 1,
        instead: str = "",
        pair: str = "",
    ) -> None:
        """Add a diagnostic at the n-th occurrence of a fragment in the source, else at `instead`.

        `pair` matches openings and endings; if it is given, the one without a partner is the place.
        """
        # It may come from a claim or a value that the page names
        authors = [
            author
            for author, markdown in self.markdown.items()
            if any(part and part in markdown for part in (fragment, instead))
        ]
        line = find_line(
            self.source, [fragment, instead, *authors], occurrence, pair
        )
        if fragment in self.text and fragment not in self.source:
            message += " (in what an include, a plugin or a hook adds)"
        self.diagnostics.append(
            Diagnostic(self.file, line, " ".join(message.split()))
        )

    def address(self, target: str) -> str:
        """Return the address of a file or page of the site, relative to this page."""
        # Absolute, or the working folder would have a say
        return quote(relpath(f"/{target}", dirname(f"/{self.page}")))

    def find_offer(
        self, kind: str, name: str
    ) -> tuple[SnippetResult, object] | None:
        """Return the result and the offer named `snippet.name`, and record the usage.

        None if the snippet has just failed. Raises ValueError if there is no such offer, or if it
        is on this page already.
        """
        snippet, _, part = name.partition(".")
        if not (result := self.find_result(snippet)):
            return None
        offers = result.definitions if kind == "code" else result.offers(kind)
        if part not in offers:
            raise ValueError(
                describe_unknown(f"{kind} of {snippet}", part, offers)
            )
        if kind != "code" and (snippet, kind, part) in self.usage.offers:
            raise ValueError(
                f"the {kind} ‘{name}’ stands on this page already: point to it"
            )
        self.note((snippet, kind, part))
        return result, offers[part]

    def find_result(self, snippet: str) -> SnippetResult | None:
        """Wait for the result of a snippet and return it, and record the usage.

        None if the snippet has just failed. Raises ValueError if there is no such snippet.
        """
        if self.has_failed(snippet):
            return None
        if snippet not in self.site.results:
            raise ValueError(
                describe_unknown("snippet", snippet, self.site.results)
            )
        return self.site.results[snippet]

    def has_failed(self, snippet: str) -> bool:
        """Wait for a snippet that the page uses; return whether its run has just failed.

        Raises ValueError if the script of this name is not a snippet.
        """
        if file := self.site.modules.get(snippet):
            raise ValueError(
                f"{file} offers nothing: write def compute() -> Result"
            )
        self.site.load(snippet)
        self.usage.snippets.add(snippet)
        return snippet in self.site.failures

    def note(self, offer: OfferKey) -> None:
        """Record that the page shows an offer."""
        if offer not in self.usage.offers:
            self.usage.offers.append(offer)

    def quote_value(self, expression: str) -> tuple[str, str, str]:
        """Return a value as text, the address of its line, its description. Raises ValueError."""
        first = re.split(r"\W", expression.strip(), maxsplit=1)[0]
        if self.has_failed(first):
            return "…", "#", ""
        results = self.site.results
        names = [first] if first in results else results
        text, snippet, field = look_up(
            expression, {name: results[name].quotable for name in names}
        )
        self.note((snippet, "value", field))
        value = self.site.results[snippet].values[field]
        self.markdown[" ".join(expression.split())] = text = mask_braces(text)
        return (
            text,
            self.address_line(snippet, value.line),
            mask_braces(value.description),
        )

    def address_line(self, snippet: str, line: int) -> str:
        """Return the address of a line of a snippet’s source."""
        return self.address(f"evidence/{snippet}.md") + f"#line-{line}"

    def fill(self, text: str, snippet: str = "") -> str:
        """Return a text with values filled in, on one line."""

        text = qualify(text, snippet) if snippet else text
        return " ".join(
            VALUE.sub(lambda match: self.quote_value(match[1])[0], text).split()
        )

    def submit(self) -> None:
        """Add usage and diagnostics of the finished page to the site."""
        if self.page:  # otherwise another plugin converts a text
            self.site.usages.setdefault(self.page, Usage(self.page)).merge(
                self.usage
            )
        self.site.diagnostics += self.diagnostics


def make_anchor(kind: str, name: str) -> str:
    """Return the id of the element for an offer."""
    return re.sub("[._]", "-", f"{kind}-{name}")


def resolve_references(
    html: str, page: str, site: Site, address: Callable[[str, str], str]
) -> tuple[str, list[tuple[str, str]]]:
    """Return HTML with the texts of references, and (key, message) of each unknown one.

    Call it after all pages are rendered, when equations on other pages have their numbers.
    `address(target, page)` returns the address of a target relative to `page`.
    """
    unknown: list[tuple[str, str]] = []

    def fill_in(match: re.Match[str]) -> str:
        key = match[2]
        try:
            text, target, anchor = find_reference(key, page, site)
        except ValueError as error:
            if key.partition(".")[0] not in site.failures:
                unknown.append((key, str(error)))
            return f'<code class="failed">[@{key}]</code>'
        href = (
            f' href="{escape(f"{address(target, page)}#{anchor}")}"'
            if match[1] == "a"
            else ""
        )
        return f'<{match[1]} class="reference"{href}>{escape(text, quote=False)}</{match[1]}>'

    return PLACEHOLDER.sub(fill_in, html), unknown


def find_reference(key: str, page: str, site: Site) -> tuple[str, str, str]:
    """Return the text, the page and the anchor for `[@key]`. Raises ValueError if unknown."""
    usages = site.usages.values()
    numbers = {
        usage.page: usage.equations[key]
        for usage in usages
        if key in usage.equations
    }
    if numbers:
        where = page if page in numbers else min(numbers)
        return f"({numbers[where]})", where, make_anchor("equation", key)
    keys: list[str] = []
    for home, works in site.bibliographies():
        if works is None or key in works:
            return works[key].label if works else key, home, key
        keys += works
    if not keys or "." in key:
        raise ValueError(
            describe_unknown(
                "equation on any page",
                key,
                {name for usage in usages for name in usage.equations},
            )
        )
    raise ValueError(describe_unknown("reference", key, keys))


def find_orphans(
    site: Site, file_of: Callable[[str], str]
) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each offer that no page shows; `file_of(name)` is its file."""
    uses = {offer for usage in site.usages.values() for offer in usage.offers}
    for name, result in site.results.items():
        for kind in ("value", *KINDS):
            offers = result.offers(kind) if kind in KINDS else result.values
            for part, offer in offers.items():
                if (
                    not getattr(offer, "is_read", False)
                    and (name, kind, part) not in uses
                ):
                    yield Diagnostic(
                        file_of(name),
                        offer.line,
                        f"no page shows the {kind} ‘{part}’: show it, or remove it",
                    )


def find_users(usages: Iterable[Usage]) -> Mapping[OfferKey, list[str]]:
    """Return each offer, to the sorted pages that show it."""
    users: dict[OfferKey, list[str]] = {}
    for usage in usages:
        for offer in usage.offers:
            users.setdefault(offer, []).append(usage.page)
    return {offer: sorted(pages) for offer, pages in users.items()}
