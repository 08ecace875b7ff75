"""Zensical, the successor of Material for MkDocs, builds the same pages from the same Markdown extension.

It silently ignores plugins of MkDocs and hooks, so the tests compare the content of pages. A site needs
`python -m evidence.extras.zensical` and a line in mkdocs.yml in their place.
"""

import re
import shutil
from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest

from conftest import LEAST, QUESTIONS, Site, find_shared_folder, make_once

# What Zensical does not do: the reason, and pages with the HTML that only MkDocs gives them.
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
    """The text, images, links and formulas of an article, without the parts that `DIFFERENCES` lists."""

    EMPTY = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}

    def __init__(self, site, path):
        super().__init__()
        self.path, self.open, self.text = path, [], []
        self.content = {"ids": [], "images": [], "links": [], "mathematics": []}
        html = (site.root / "site" / path / "index.html").read_text("utf-8")
        self.feed(re.search("<article.*?</article>", html, re.S)[0])
        self.content["text"] = "".join("".join(self.text).split())

    def handle_starttag(self, tag, attributes):
        attribute = {name: value or "" for name, value in attributes if name != "data-search-exclude"}
        kind = attribute.get("class", "")
        if tag not in self.EMPTY:
            is_exempt = kind in ("md-tags", "foot") or attribute.get("id") == "__skip"
            self.open.append(is_exempt or bool(self.open and self.open[-1]))
        if self.open[-1] or attribute.get("id") == "__skip":
            return
        here = {name: urljoin(f"https://here/{self.path}", attribute.get(name, "")) for name in ("href", "src")}
        if "id" in attribute:
            self.content["ids"].append(attribute["id"])
        if tag == "a":
            self.content["links"].append((kind, here["href"], attribute.get("title", "")))
        if tag == "img":
            source = SMALL.sub(r"/evidence/\1/\2.svg#plot-\3", here["src"])
            self.content["images"].append((source, attribute["alt"], attribute.get("width"), attribute.get("height")))
        if tag[0] == "m" and tag not in ("mark", "main", "meta", "menu", "meter", "map"):
            self.content["mathematics"].append((tag, attribute))

    def handle_endtag(self, tag):
        if tag not in self.EMPTY:
            self.open.pop()

    def handle_data(self, data):
        if self.open and not self.open[-1]:
            self.text.append(data)


@pytest.fixture(scope="module")
def zensical(zigzag, tmp_path_factory):
    """The site as Zensical builds it, from the same sources and results."""

    def build(root):
        for part in ("docs", "snippets", ".evidence/cache", "theme/assets", "theme/.icons", "zigzag_site"):
            shutil.copytree(zigzag.root / part, root / part)
        shutil.copy(zigzag.root / "mkdocs.yml", root)
        site = Site(root)
        site.edit("mkdocs.yml", "markdown_extensions:", "markdown_extensions:\n  - evidence.extras.zensical")
        result = site.run("evidence.extras.zensical")
        return result if result.returncode else site.run("zensical", "build")

    root = find_shared_folder(tmp_path_factory) / "zensical"
    make_once("zensical", root, build)
    return Site(root)


@pytest.mark.parametrize("path", PAGES)
def test_articles_have_the_same_content(zigzag, zensical, path):
    ours, theirs = Content(zigzag, path).content, Content(zensical, path).content
    for kind in ours:
        assert theirs[kind] == ours[kind], kind
    if path in QUESTIONS:
        assert sum(kind == "value" for kind, *_ in ours["links"]) >= LEAST["values"]
        assert len(ours["mathematics"]) > 50 and len(ours["images"]) >= LEAST["figures"]


@pytest.mark.parametrize("path", QUESTIONS)
def test_targets_of_links_and_images_exist(zensical, path):
    content, top = Content(zensical, path).content, zensical.root / "site"
    addresses = [address for address, *_ in content["images"]] + [address for _, address, _ in content["links"]]
    for address in {address for address in addresses if address.startswith("https://here/")}:
        file, _, place = address.removeprefix("https://here/").partition("#")
        target = top / file / "index.html" if file.endswith("/") or not file else top / file
        assert target.is_file(), address
        assert target.suffix != ".html" or not place or f'id="{place}"' in target.read_text("utf-8"), address


@pytest.mark.parametrize("why", DIFFERENCES)
def test_listed_differences_still_exist(zigzag, zensical, why):
    """If this fails, Zensical has gained the feature: remove it from the list."""
    for path, html in DIFFERENCES[why].items():
        ours, theirs = ((site.root / "site" / path / "index.html").read_text("utf-8") for site in (zigzag, zensical))
        assert html in ours and html not in theirs, path
