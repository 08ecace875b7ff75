"""Page keys: what a cached page is made from, as digests and as JSON."""

import json
import platform
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mkdocs.structure.toc import TableOfContents

from evidence.keys import digest, list_library_folders
from evidence.usage import Site, Usage

LISTING = re.compile(r"<pre\b.*?</pre>", re.DOTALL)
COLOR = re.compile('<span(?: (?:class|id)="[^"]*")*>|</span>')
FORMULA = re.compile("(<math data-search-exclude)[^>]*>.*?</math>", re.DOTALL)


def digest_json(*parts: Any) -> str:
    """Return one name for values that JSON holds, and for others as they print."""
    return digest(json.dumps(parts, sort_keys=True, default=str).encode())


def dump_usage(usage: Usage) -> str:
    """Return the usage of a page as JSON."""
    return json.dumps(
        asdict(usage) | {"snippets": sorted(usage.snippets)}, sort_keys=True
    )


def load_usage(text: str) -> Usage:
    """Return the usage that `dump_usage` wrote."""
    content = json.loads(text)
    content["snippets"] = set(content["snippets"])
    content["offers"] = [tuple(offer) for offer in content["offers"]]
    return Usage(**content)


def strip_markup(html: str) -> str:
    """Return an article without colors of code and insides of formulas, which no search finds."""

    def strip(listing: re.Match[str]) -> str:
        text = COLOR.sub("", listing[0])
        return listing[0] if "<span" in text else text

    return FORMULA.sub(r"\1></math>", LISTING.sub(strip, html))


def list_titles(nav: Iterable[Any]) -> Iterator[tuple[str, str | None]]:
    """Yield (page, title) of all entries of a navigation as mkdocs.yml has it."""
    for entry in nav:
        entries = entry if isinstance(entry, dict) else {None: entry}
        for title, below in entries.items():
            if isinstance(below, str):
                yield below.lstrip("/"), title
            else:
                yield from list_titles(below)


def list_shape(items: Iterable[Any]) -> list[tuple]:
    """Return what a theme can show of a navigation."""
    shape = []
    for item in items:
        entry = item.title, getattr(item, "url", ""), getattr(item, "meta", "")
        shape.append((*entry, list_shape(item.children or ())))
    return shape


def list_tokens(toc: TableOfContents | Iterable[Any]) -> list[dict[str, Any]]:
    """Return a table of contents as `get_toc` reads it."""
    return [
        {
            "name": link.title,
            "id": link.id,
            "level": link.level,
            "children": list_tokens(link.children),
        }
        for link in toc
    ]


def list_installed() -> tuple[str, list[str]]:
    """Return the version of Python, and everything that is installed, with versions."""
    folders = list_library_folders()
    packages = sorted(
        path.name for folder in folders for path in Path(folder).glob("*-info")
    )
    return platform.python_version(), packages


def list_works(site: Site) -> dict[str, str]:
    """Return the texts of all BibTeX files, which stay those of this build."""
    for path in sorted(site.docs.rglob("*.bib")):
        with suppress(ValueError):  # which the page that lists it tells
            site.read_works(path.relative_to(site.docs).as_posix())
    return {name: works.text for name, works in site.works.items()}
