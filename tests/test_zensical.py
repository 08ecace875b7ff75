"""Zensical, which follows Material for MkDocs, builds the same pages from the same Markdown extension.

It runs no plugin of MkDocs and no hook, and ignores them silently, so it is judged by the content of the pages.
`prepare` is all that a site needs there in their place.
"""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import pytest
from evidence.book import Book

from conftest import QUESTIONS, Site, once
from evidence.plugin import PAGE
from evidence.project import Project

EXTENSION = '''"""The Markdown extension as Zensical needs it: it knows its page, and its links begin there."""

import posixpath
from copy import copy
from functools import cache

from markdown.treeprocessors import Treeprocessor
from zensical.extensions.context import ContextPreprocessor

from evidence.book import Book
from evidence.pages import EvidenceExtension
from evidence.project import Project


@cache
def read():
    book = Book(Project("."))
    return book, book.scan()


class Here(EvidenceExtension):
    def extendMarkdownBlocks(self, md, manager):
        (book, texts), page = read(), ContextPreprocessor.from_markdown(md).page.path
        self.setConfig("book", copy(book))
        self.getConfig("book").open(page, texts[page])
        super().extendMarkdownBlocks(md, manager)
        md.treeprocessors.register(Relative(md, page), "relative", 0)


class Relative(Treeprocessor):
    def __init__(self, md, page):
        super().__init__(md)
        self.folder = posixpath.dirname("/" + page)

    def run(self, root):
        for element in root.iter():
            for name in ("href", "src"):
                if element.get(name, "").startswith("/"):
                    element.set(name, posixpath.relpath(element.get(name), self.folder))


def makeExtension(**config):
    return Here(**config)
'''


def prepare(root):
    """Files in place of what the plugin makes while MkDocs builds; then `python -m zensical build` is all."""
    project = Project(root)
    book, docs = Book(project), root / project.docs
    for page in book.labs:
        (docs / page).write_text(book.lab(page), "utf-8")
    labs = {Path(page).stem: result for page, result in book.labs.items()}
    for name, result in {**labs, **book.results}.items():
        (docs / "evidence" / name).mkdir(parents=True)
        for file, path in project.made(result):
            shutil.copy(path, docs / "evidence" / name / file)
    for name in book.results:
        (docs / f"evidence/{name}.md").write_text(PAGE.format(f"{name}.py", f"/// source | {name}"), "utf-8")
    (docs / "evidence/index.md").write_text(PAGE.format("How it was checked", "/// ledger"), "utf-8")
    (root / "here.py").write_text(EXTENSION, "utf-8")
    settings = (root / "mkdocs.yml").read_text("utf-8")
    settings = settings.replace("markdown_extensions:", "markdown_extensions:\n  - here")
    (root / "mkdocs.yml").write_text(settings, "utf-8")


# What Zensical does not do: why, and a page of ours with a piece of HTML that only MkDocs gives it.
DIFFERENCES = {
    "hooks do not run: cards for sharing, and theme/main.html, which needs them, is left out": ("bias/", "og:image"),
    "hooks do not run: a thumbnail is the whole figure, shown small": ("", "assets/thumbnails/"),
    "templates of ours that need what hooks give are left out": ("bias/", 'class="foot"'),
    "subjects of a page have the partial of ours that is left out": ("bias/", 'aria-label="Subjects"'),
    "what keeps MathML out of the search is taken out of the page": ("bias/", "data-search-exclude"),
}
REFERENCE = ["notation/", "bibliography/", "threads/", "questions/", "wrong/", "glossary/", "survivors/"]
PAGES = [*QUESTIONS, "", *REFERENCE, "evidence/bias/"]
SMALL = re.compile(r"/assets/thumbnails/(\w+)-(\w+)-(\d+)\.svg$")


class Content(HTMLParser):
    """What the article of a page says, shows and points to, without what `DIFFERENCES` excuses."""

    EMPTY = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}

    def __init__(self, site, path):
        super().__init__()
        self.path, self.open, self.text = path, [], []
        self.said = {"ids": [], "images": [], "links": [], "mathematics": []}
        html = (site.root / "site" / path / "index.html").read_text("utf-8")
        self.feed(re.search("<article.*?</article>", html, re.S)[0])
        self.said["text"] = "".join("".join(self.text).split())

    def handle_starttag(self, tag, attributes):
        held = {name: value or "" for name, value in attributes if name != "data-search-exclude"}
        kind = held.get("class", "")
        if tag not in self.EMPTY:
            excused = kind in ("md-tags", "foot") or held.get("id") == "__skip"
            self.open.append(excused or bool(self.open and self.open[-1]))
        if self.open[-1] or held.get("id") == "__skip":
            return
        here = {name: urljoin(f"https://here/{self.path}", held.get(name, "")) for name in ("href", "src")}
        if "id" in held:
            self.said["ids"].append(held["id"])
        if tag == "a":
            self.said["links"].append((kind, here["href"], held.get("title", "")))
        if tag == "img":
            source = SMALL.sub(r"/evidence/\1/figure_\2.svg#plot-\3", here["src"])
            self.said["images"].append((source, held["alt"], held.get("width"), held.get("height")))
        if tag[0] == "m" and tag not in ("mark", "main", "meta", "menu", "meter", "map"):
            self.said["mathematics"].append((tag, held))

    def handle_endtag(self, tag):
        if tag not in self.EMPTY:
            self.open.pop()

    def handle_data(self, data):
        if self.open and not self.open[-1]:
            self.text.append(data)


@pytest.fixture(scope="module")
def zensical(zigzag):
    """The site as Zensical builds it, from the sources and the results that MkDocs has built it from."""

    def build(root):
        for part in ("docs", "snippets", ".evidence", "theme/assets", "theme/.icons", "zigzag_site"):
            shutil.copytree(zigzag.root / part, root / part)
        shutil.copy(zigzag.root / "mkdocs.yml", root)
        prepare(root)
        return Site(root).run("zensical", "build")

    once(zigzag.root.with_name("zensical"), build)
    return Site(zigzag.root.with_name("zensical"))


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_the_same(zigzag, zensical, path):
    ours, theirs = Content(zigzag, path).said, Content(zensical, path).said
    for kind in ours:
        assert theirs[kind] == ours[kind], kind
    if path in QUESTIONS:
        assert len(ours["mathematics"]) > 50 and len(ours["images"]) > 0
        assert sum(kind == "value" for kind, *_ in ours["links"]) > 10


@pytest.mark.parametrize("path", QUESTIONS)
def test_what_pages_show_and_point_to_is_there(zensical, path):
    said, top = Content(zensical, path).said, zensical.root / "site"
    shown = [address for address, *_ in said["images"]] + [address for _, address, _ in said["links"]]
    for address in {address for address in shown if address.startswith("https://here/")}:
        file, _, place = address.removeprefix("https://here/").partition("#")
        target = top / file / "index.html" if file.endswith("/") or not file else top / file
        assert target.is_file(), address
        assert target.suffix != ".html" or not place or f'id="{place}"' in target.read_text("utf-8"), address


@pytest.mark.parametrize("why", DIFFERENCES)
def test_differences(zigzag, zensical, why):
    """Where this fails, Zensical has learned something: take it off the list."""
    path, html = DIFFERENCES[why]
    ours, theirs = ((site.root / "site" / path / "index.html").read_text("utf-8") for site in (zigzag, zensical))
    assert html in ours and html not in theirs
