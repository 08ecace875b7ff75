"""Zensical, which follows Material for MkDocs, builds the same pages from the same Markdown extension.

It runs no plugin of MkDocs and no hook, and ignores them silently, so it is judged by the content of the pages.
`python -m evidence.extras.zensical` and a line in mkdocs.yml are all that a site needs there in their place.
"""

import re
import shutil
from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest

from conftest import LEAST, QUESTIONS, Site, find_shared_folder, make_once

# What Zensical does not do: why, and pages of ours with pieces of HTML that only MkDocs gives them.
DIFFERENCES = {
    "hooks do not run: no cards for sharing, and a thumbnail is the whole figure, shown small": {
        "bias/": "og:image",
        "": "assets/thumbnails/",
    },
    "theme/main.html, which needs what hooks give, is left out: no foot, no name for the subjects of a page": {
        "bias/": 'class="foot"',
        "layer/": 'aria-label="Subjects"',
    },
    "what keeps MathML out of the search is taken out of the page": {"bias/": "data-search-exclude"},
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
            source = SMALL.sub(r"/evidence/\1/\2.svg#plot-\3", here["src"])
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
def zensical(zigzag, tmp_path_factory):
    """The site as Zensical builds it, from the sources and the results that MkDocs has built it from."""

    def build(root):
        for part in ("docs", "snippets", ".evidence/cache", "theme/assets", "theme/.icons", "zigzag_site"):
            shutil.copytree(zigzag.root / part, root / part)
        shutil.copy(zigzag.root / "mkdocs.yml", root)
        site = Site(root)
        site.edit("mkdocs.yml", "markdown_extensions:", "markdown_extensions:\n  - evidence.extras.zensical")
        done = site.run("evidence.extras.zensical")
        return done if done.returncode else site.run("zensical", "build")

    root = find_shared_folder(tmp_path_factory) / "zensical"
    make_once("zensical", root, build)
    return Site(root)


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_the_same(zigzag, zensical, path):
    ours, theirs = Content(zigzag, path).said, Content(zensical, path).said
    for kind in ours:
        assert theirs[kind] == ours[kind], kind
    if path in QUESTIONS:
        assert sum(kind == "value" for kind, *_ in ours["links"]) >= LEAST["values"]
        assert len(ours["mathematics"]) > 50 and len(ours["images"]) >= LEAST["figures"]


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
    for path, html in DIFFERENCES[why].items():
        ours, theirs = ((site.root / "site" / path / "index.html").read_text("utf-8") for site in (zigzag, zensical))
        assert html in ours and html not in theirs, path
