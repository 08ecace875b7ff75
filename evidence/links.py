"""Links: those inside the site lead to pages, headings and files that exist, found without building it."""

import os
import posixpath
import re
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

from evidence.problems import unknown

ID = re.compile(r'\bid="([^"]+)"')
LINK = re.compile(r'<(?:a|img)\b[^>]*?\b(?:href|src)="([^"]+)"')


def compare(book, texts, made, folders):
    """Report links that lead nowhere: `texts` and `made` are pages as Markdown and as HTML, `folders` hold files."""
    ids = {page: set(ID.findall(html)) for page, html in made.items()}
    ids |= dict.fromkeys(["evidence/index.md", *(f"evidence/{name}.md" for name in book.results)])  # made when built
    for page, html in made.items():
        book.open(page, texts[page])
        for href in sorted(set(LINK.findall(html))):
            try:
                address = urlsplit(unescape(href))
            except ValueError as error:  # [ in place of a host
                book.report(f"({unescape(href)}", f"this is no address: {error}")
                continue
            if not address.scheme and not address.netloc:
                target = target_of(page, unquote(address.path))
                if what := _wrong(book, ids, folders, target, unquote(address.fragment)):
                    book.report(f"({unescape(href)}", what)


def target_of(page, path):
    """The page or file, from the top of the site, that a link on a page names."""
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(page), path))[1:] if path else page


def _wrong(book, ids, folders, target, place):
    """What is wrong with a link, or None."""
    if target in ids:
        if place and ids[target] is not None and place not in ids[target]:
            return unknown(f"heading of {target}", f"#{place}", [f"#{name}" for name in ids[target]])
    elif target.endswith(".md"):
        return unknown("page", target, ids)
    elif not _made(book, target) and not any(os.path.isfile(Path(folder, target)) for folder in folders):
        return f"there is no file {target}: links begin at the folder of the page that they stand on"
    return None


def _made(book, target):
    """Whether a file comes from a snippet or a lab: a drawing, its data, the snippet to take along."""
    name, _, file = target.removeprefix("evidence/").partition("/")
    result = book.results.get(name) or book.labs.get(f"labs/{name}.md")
    return target.startswith("evidence/") and result and os.path.isfile(result["folder"] / file)
