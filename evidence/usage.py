"""Usage: what pages show of which result, the numbers of equations, and what no page shows."""

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
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
    """What one page took from results while it was rendered."""

    page: str
    "Its path below the pages’ folder."
    snippets: set[str] = field(default_factory=set)
    "Snippets whose results may change the page."
    offers: list[OfferKey] = field(default_factory=list)
    "Blocks and values that it shows, in their order, each once."
    equations: dict[str, int] = field(default_factory=dict)
    "`snippet.name` to the number that it has on this page."
    bibliography: str = ""
    "The BibTeX file that it lists."
    shows_all: bool = False
    "Whether it shows what other pages use, as the ledger does."

    def merge(self, other: "Usage") -> None:
        """Add what another part of the page, or a second rendering of it, took."""
        self.snippets |= other.snippets
        self.offers = list(dict.fromkeys(self.offers + other.offers))
        self.equations |= other.equations
        self.bibliography = self.bibliography or other.bibliography
        self.shows_all |= other.shows_all


@dataclass
class Site:
    """What all pages of a build have in common."""

    docs: Path
    "The pages’ folder."
    cache: Cache
    "Where formatted references are kept."
    load: Callable[[str], object] = lambda name: None
    "Called with a snippet’s name before its results are asked for."
    results: dict[str, SnippetResult] = field(default_factory=dict)
    labs: dict[str, str] = field(default_factory=dict)
    "Names of the labs to the dates on which they ran; '' where one failed."
    failed: set[str] = field(default_factory=set)
    "Snippets without any results; their runs have said why."
    modules: dict[str, str] = field(default_factory=dict)
    "Names of scripts that are no snippets to their files."
    has_downloads: bool = False
    "Whether snippets are packed for readers to take along."
    macros: dict[str, str] = field(default_factory=dict)
    "LaTeX commands of the site."
    works: dict[str, Bibliography] = field(default_factory=dict)
    "By the path of their files below `docs`."
    is_rendered: bool = False
    "Whether all pages were rendered once, so that references are known."
    extra: dict[str, Any] = field(default_factory=dict)
    "What extras read once for all pages."
    usages: dict[str, Usage] = field(default_factory=dict)
    "Of the pages rendered so far."
    diagnostics: list[Diagnostic] = field(default_factory=list)
    "Of the pages rendered so far."

    def read_pages(self) -> dict[str, str]:
        """Return the text of each page in the pages’ folder, by its path there."""
        return {
            path.relative_to(self.docs).as_posix(): path.read_text(
                "utf-8-sig", "replace"
            )
            for path in sorted(self.docs.rglob("*.md"))
            if path.is_file()
        }

    def bibliographies(self) -> Iterator[tuple[str, Any]]:
        """Yield each page that lists works, and these; None where it says what is wrong."""
        for usage in self.usages.values():
            if usage.bibliography:
                works = None
                with suppress(ValueError):
                    works = self.read_works(usage.bibliography)
                yield usage.page, works

    def read_works(self, file: str) -> dict[str, Reference]:
        """Return the entries of a BibTeX file, as it was when the build first read it."""
        if file not in self.works:
            self.works[file] = read_bibliography(self.docs, file, self.cache)
        return self.works[file].references


class PageContext:
    """One page while it is rendered: what it may show, and what it has shown."""

    def __init__(
        self, site: Site, page: str, source: str, file: str = ""
    ) -> None:
        """Begin a page whose text, as its author wrote it, is `source` in `file`."""
        self.site, self.page, self.source = site, page, source
        self.file = file or posixpath.join(site.docs.name, page)
        self.text = source
        "The text that Markdown read, with what it includes."
        self.usage = Usage(page)
        self.diagnostics: list[Diagnostic] = []
        self.formulas = Formulas(site.macros)
        self.markdown: dict[str, str] = {}
        "What authors write, to plain Markdown."
        self.is_tree_finished = False
        "Whether the page is being written out."
        self.block_counts: Counter[str] = Counter()
        "First lines of blocks, to how often they stood so far."
        self.open_blocks = 0
        "Blocks whose first line was refused, so that their last one is left."
        self.plain: dict[str, str] = {}
        "Placeholders of formulas, to their text."

    def report(
        self,
        fragment: str,
        message: str,
        occurrence: int = 1,
        instead: str = "",
        pair: str = "",
    ) -> None:
        """Note a problem at the n-th place of a fragment in the source, or else at `instead`.

        `pair` describes an opening and an ending, one of which stands alone and is the place.
        """
        # It may come from a claim or a value, which its author has named
        named = [
            author
            for author, shown in self.markdown.items()
            if (fragment and fragment in shown)
            or (instead and instead in shown)
        ]
        line = find_line(
            self.source, [fragment, instead, *named], occurrence, pair
        )
        self.diagnostics.append(
            Diagnostic(self.file, line, " ".join(message.split()))
        )

    def address(self, target: str) -> str:
        """Return the address, relative to this page, of a file or page of the site."""
        # Absolute, or the working folder would have a say
        return quote(
            posixpath.relpath(f"/{target}", posixpath.dirname(f"/{self.page}"))
        )

    def find_offer(
        self, kind: str, name: str
    ) -> tuple[SnippetResult, object] | None:
        """Return the result and the offer that `snippet.name` names, and note the use.

        None where the snippet has just failed; raises ValueError where there is no such offer, or
        where it stands on the page already.
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
        """Return the results of a snippet, once they are there, and note that the page needs them.

        None where the snippet has just failed; raises ValueError where there is no such snippet.
        """
        if self.has_failed(snippet):
            return None
        if snippet not in self.site.results:
            raise ValueError(
                describe_unknown("snippet", snippet, self.site.results)
            )
        return self.site.results[snippet]

    def has_failed(self, snippet: str) -> bool:
        """Wait for a snippet that the page needs; return whether its run has just failed.

        Raises ValueError where the file of this name is no snippet.
        """
        if file := self.site.modules.get(snippet):
            raise ValueError(
                f"{file} offers nothing: write def compute() -> Result"
            )
        self.site.load(snippet)
        self.usage.snippets.add(snippet)
        return snippet in self.site.failed

    def note(self, offer: OfferKey) -> None:
        """Note that the page shows an offer."""
        if offer not in self.usage.offers:
            self.usage.offers.append(offer)

    def quote_value(self, expression: str) -> tuple[str, str, str]:
        """Return a value as text, the address of its line, and what it is. Raises ValueError."""
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
        """Return a text with its values filled in, as plain text on one line."""

        text = qualify(text, snippet) if snippet else text
        return " ".join(
            VALUE.sub(lambda match: self.quote_value(match[1])[0], text).split()
        )

    def submit(self) -> None:
        """Hand usage and diagnostics of the finished page to the site."""
        if self.page:  # or another plugin converts a text of its own
            self.site.usages.setdefault(self.page, Usage(self.page)).merge(
                self.usage
            )
        self.site.diagnostics += self.diagnostics


def make_anchor(kind: str, name: str) -> str:
    """Return the id of what a block shows."""
    return re.sub("[._]", "-", f"{kind}-{name}")


def resolve_references(
    html: str, page: str, site: Site, address: Callable[[str, str], str]
) -> tuple[str, list[tuple[str, str]]]:
    """Return HTML in which references have their texts, and (key, message) of unknown ones.

    To be called once all pages are rendered, since equations on other pages have their numbers
    then. `address(target, page)` returns a page’s address as `page` links to it.
    """
    unknown: list[tuple[str, str]] = []

    def fill_in(match: re.Match[str]) -> str:
        key = match[2]
        try:
            text, target, anchor = find_reference(key, page, site)
        except ValueError as error:
            if key.partition(".")[0] not in site.failed:
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
    """Return the text, the page and the anchor behind `[@key]`; raises ValueError if unknown."""
    usages = site.usages.values()
    numbers = {
        usage.page: usage.equations[key]
        for usage in usages
        if key in usage.equations
    }
    if numbers:
        where = page if page in numbers else min(numbers)
        return f"({numbers[where]})", where, make_anchor("equation", key)
    listed: list[str] = []
    for home, works in site.bibliographies():
        if works is None or key in works:
            return works[key].label if works else key, home, key
        listed += works
    if not listed or "." in key:
        raise ValueError(
            describe_unknown(
                "equation on any page",
                key,
                {name for usage in usages for name in usage.equations},
            )
        )
    raise ValueError(describe_unknown("reference", key, listed))


def find_orphans(
    site: Site, file_of: Callable[[str], str]
) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each offer that no page shows; `file_of` names a snippet’s file."""
    used = {offer for usage in site.usages.values() for offer in usage.offers}
    for name, result in site.results.items():
        for kind in ("value", *KINDS):
            named = result.offers(kind) if kind in KINDS else result.values
            for part, offer in named.items():
                if (
                    not getattr(offer, "is_read", False)
                    and (name, kind, part) not in used
                ):
                    yield Diagnostic(
                        file_of(name),
                        offer.line,
                        f"no page shows the {kind} ‘{part}’: show it, or remove it",
                    )


def find_users(usages: Iterable[Usage]) -> Mapping[OfferKey, list[str]]:
    """Return offers to the pages that show them, sorted."""
    users: dict[OfferKey, list[str]] = {}
    for usage in usages:
        for offer in usage.offers:
            users.setdefault(offer, []).append(usage.page)
    return {offer: sorted(pages) for offer, pages in users.items()}
