"""Pages: what mkdocs.yml and the heads of pages say about the site, as far as lists and links are derived from it."""

import re
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml
from markdown.extensions.toc import slugify

from evidence.syntax import HEAD

FENCE = re.compile(r"^([ ]*)(`{3,}|~{3,})[^`\n]*$.*?^\1\2[ ]*$", re.M | re.S)
WRONG = re.compile(r"^/// wrong \| (?P<said>.+)\n(?P<truth>(?s:.*?))^///[ ]*$", re.M)
ENTRY = re.compile(r"^(?P<term>[^\s:#>|/<].*)\n+: +(?P<meaning>.+)$", re.M)
BLOCK = re.compile(r"^/// (\w+)", re.M)
KEYS = ("title", "description", "tags", "asked", "answer", "thumbnail")  # of every page that answers a question
WORDINGS = 3  # how many ways of asking a page should know


SafeLoader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where there is one


class Loader(SafeLoader):
    """A loader for mkdocs.yml that ignores tags such as !ENV, which only MkDocs knows."""


Loader.add_multi_constructor("", lambda loader, suffix, node: None)


@dataclass(frozen=True)
class Page:
    """A page of the navigation as its author wrote it; `path` is relative to the pages' folder."""

    path: str
    section: str
    meta: dict[str, Any]
    text: str

    @property
    def title(self) -> str:
        return str(self.meta.get("title") or self.path)

    @property
    def is_question(self) -> bool:
        return bool(self.meta.get("answer"))

    @cached_property
    def prose(self) -> str:
        """The text without code."""
        return FENCE.sub("", self.text)

    @cached_property
    def blocks(self) -> set[str]:
        """The names of the blocks on the page."""
        return set(BLOCK.findall(self.prose))

    def asked(self) -> list[tuple[str, str]]:
        """Return (wording, address of its answer) for each of the readers' wordings."""
        pairs = []
        for entry in self.meta.get("asked") or ():
            words, place = next(iter(entry.items())) if isinstance(entry, dict) else (entry, "")
            pairs.append((str(words), f"/{self.path}#{place}" if place else f"/{self.path}"))
        return pairs

    def thumbnail(self) -> tuple[str, str, int]:
        """Return (snippet, drawing, plot) for `snippet.figure`, `snippet.figure#2` or `snippet.explore_name`."""
        name, _, plot = str(self.meta.get("thumbnail", "")).partition("#")
        snippet, _, figure = name.partition(".")
        return snippet, figure if figure.startswith("explore_") else f"figure_{figure}", int(plot or 1)

    def misconceptions(self) -> list[tuple[str, str]]:
        """Return (what people say, what is true) for each correction."""
        return [(match["said"], match["truth"].strip()) for match in WRONG.finditer(self.prose)]


@dataclass(frozen=True)
class Site:
    """All pages of the navigation in order."""

    folder: Path
    pages: list[Page] = field(default_factory=list)

    def sections(self) -> dict[str, list[Page]]:
        """Return each section with question pages, to these pages."""
        sections: dict[str, list[Page]] = {}
        for page in self.pages:
            if page.is_question:
                sections.setdefault(page.section, []).append(page)
        return sections

    def page_with(self, block: str) -> Page | None:
        """Return the first page with a block of this name, or None."""
        return next((page for page in self.pages if block in page.blocks), None)

    @cached_property
    def terms(self) -> dict[str, str]:
        """Term to its meaning in a sentence, without the terms listed as `unlinked` in the glossary's head."""
        glossary = self.page_with("glossary")
        if not glossary:
            return {}
        exceptions = set(glossary.meta.get("unlinked") or ())
        entries = ENTRY.finditer(glossary.text)
        return {entry["term"]: _plain(entry["meaning"]) for entry in entries if entry["term"] not in exceptions}

    def explained(self) -> dict[str, str]:
        """Return each term, to the address of the page or heading that `explains` it."""
        places = {}
        for page in self.pages:
            for entry in page.meta.get("explains") or ():
                term, place = next(iter(entry.items())) if isinstance(entry, dict) else (entry, "")
                places.setdefault(str(term), f"/{page.path}#{place}" if place else f"/{page.path}")
        return places

    def problems(self) -> list[str]:
        """Return what the heads of pages lack, as file:line: what: cure."""
        messages = []
        for page in self.pages:
            if "answer" not in page.blocks:
                continue
            place = f"{self.folder.name}/{page.path}:1"
            for key in KEYS:
                if not page.meta.get(key):
                    messages.append(f"{place}: the page has no ‘{key}’: write it into its head, as in zigzag.md")
            if page.meta.get("asked") and len(page.meta["asked"]) < WORDINGS:
                messages.append(f"{place}: ‘asked’ has fewer than {WORDINGS} wordings: how else would a reader ask?")
        terms = {entry["term"] for page in [self.page_with("glossary")] if page for entry in ENTRY.finditer(page.text)}
        for term, address in self.explained().items():
            if term not in terms:
                messages.append(
                    f"{self.folder.name}{address.partition('#')[0]}:1: no term of the glossary is called ‘{term}’"
                )
        return messages


def read_site(root: Path) -> Site:
    """Return the site of a folder with mkdocs.yml; files are read again only if they changed."""
    settings = root / "mkdocs.yml"
    if not settings.is_file():
        return Site(root)
    docs, paths = _navigation(settings, settings.stat().st_mtime_ns)
    files = tuple(
        (path, section, file.stat().st_mtime_ns) for path, section in paths if (file := docs / path).is_file()
    )
    return _site(docs, files)


@cache
def read_site_once(root: Path) -> Site:
    """Return the site as it was at the start of a build, which calls `read_site_once.cache_clear`."""
    return read_site(root)


@lru_cache(maxsize=2)
def _navigation(settings: Path, mtime: int) -> tuple[Path, list[tuple[str, str]]]:
    config = yaml.load(settings.read_text("utf-8"), Loader) or {}
    return settings.parent / (config.get("docs_dir") or "docs"), list(_entries(config.get("nav") or []))


@lru_cache(maxsize=2)
def _site(folder: Path, files: tuple[tuple[str, str, int], ...]) -> Site:
    return Site(folder, [_page(folder, *entry) for entry in files])


@lru_cache(maxsize=500)
def _page(folder: Path, path: str, section: str, mtime: int) -> Page:
    text = (folder / path).read_text("utf-8", "replace")
    head = HEAD.match(text)
    try:
        meta = yaml.load(head[1], SafeLoader) if head else {}
    except yaml.YAMLError:  # a build says so where it reads the page
        meta = {}
    return Page(path, section, meta if isinstance(meta, dict) else {}, text[head.end() :] if head else text)


def _entries(nav: list, section: str = ""):
    """Yield (page, section) for each entry of a navigation; a page outside of all sections is one."""
    for entry in nav:
        for title, below in entry.items() if isinstance(entry, dict) else [("", entry)]:
            if isinstance(below, list):
                yield from _entries(below, section or title)
            elif str(below).endswith(".md"):
                yield below, section or title


def anchor_of(sentence: str) -> str:
    """Return the id of a correction: its first words, without formulas and punctuation."""
    words = slugify(re.sub(r"\$[^$]*\$|\{\{.*?\}\}", "", sentence), "-").split("-")
    return "-".join(["wrong", *words[:8]])


def anchor_of_term(term: str) -> str:
    return re.sub(r"\W+", "-", term.lower()).strip("-")


def _plain(markdown: str) -> str:
    """Return the first sentence as plain text, for a tooltip."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)|[*_`]", r"\1", markdown)
    return re.split(r"(?<=\.) ", text)[0]
