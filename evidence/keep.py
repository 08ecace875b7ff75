"""Keep: pages as an earlier build made them, under keys of everything that they depend on.

A page is kept twice: its article, under what it is written from, and the whole page, under the article and all that
the theme puts around it. Hooks of a site may change a page until its Markdown is read, put what they need later into
`config.extra`, and are covered by the key that way.
"""

import hashlib
import json
import logging
import os
import platform
import re
import sys
import warnings
from contextlib import suppress
from copy import copy
from pathlib import Path

from jinja2 import BytecodeCache, ChoiceLoader, DictLoader, FileSystemLoader
from jinja2.meta import find_referenced_templates
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc
from mkdocs.theme import Theme

from evidence.book import digest
from evidence.shelf import Shelf

EMPTY, SOURCE = "evidence/kept.html", "evidence/source.html"
TEMPLATES = {
    EMPTY: "",  # what a page is made of that another build made
    SOURCE: '{% extends "main.html" %}{% block site_nav %}{{ alike(super) }}{% endblock %}',
}
LISTING, COLOR = re.compile(r"<pre\b.*?</pre>", re.DOTALL), re.compile('<span(?: (?:class|id)="[^"]*")*>|</span>')
FORMULA = re.compile("(<math data-search-exclude)[^>]*>.*?</math>", re.DOTALL)
SKIPPED = re.compile("Page skipped: '(.+)'")
KNOWN = {"evidence", "material/search", "material/tags", "material/offline"}  # plugins that read no kept article


def shelf(config, name):
    """The shelf of a site for one kind of files."""
    return Shelf(Path(config.config_file_path).parent / ".evidence/.kept" / name)


class Compiled(BytecodeCache):
    """Templates compiled by an earlier build; compiling Material's takes longer than all that is left to do."""

    def __init__(self, shelf):
        self.shelf = shelf

    def get_bucket(self, environment, name, filename, source):
        """Kept apart by what a hook may set before pages are rendered, and compiling depends on."""
        options = environment.trim_blocks, environment.lstrip_blocks, environment.keep_trailing_newline
        source = f"{options} {environment.autoescape} {sorted(environment.extensions)} {source}"
        return super().get_bucket(environment, name, filename, source)

    def load_bytecode(self, bucket):
        if data := self.shelf.read(bucket.key):
            bucket.bytecode_from_string(data)

    def dump_bytecode(self, bucket):
        self.shelf.write(bucket.key, bucket.bytecode_to_string())


class KeptTheme(Theme):
    """A theme whose templates are compiled once, and whose hidden files, thousands of icons, are not listed."""

    @classmethod
    def of(cls, theme, shelf):
        """The same theme; `shelf` is where its compiled templates stay."""
        made = copy(theme)
        made.__class__, made.shelf = cls, shelf
        return made

    def get_env(self):
        env = super().get_env()
        env.loader, env.bytecode_cache = Unhidden(self.dirs), Compiled(self.shelf)
        return env

    def compile(self):
        """Compile already what pages are made of, as far as templates name each other."""
        env, todo, seen = self.get_env(), ["main.html", *self.static_templates], set()
        while todo:
            if (name := todo.pop()) not in seen:
                seen.add(name)
                with suppress(Exception):  # it is missing, or MkDocs will say what is wrong with it
                    todo += filter(None, find_referenced_templates(env.parse(env.loader.get_source(env, name)[0])))
                    env.get_template(name)


class Unhidden(FileSystemLoader):
    """Lists no file in a hidden folder, as MkDocs would not take it either."""

    def list_templates(self):
        found = set()
        for top in self.searchpath:
            for folder, below, files in os.walk(top):
                below[:] = [name for name in below if not name.startswith(".")]
                found.update(Path(folder, name).relative_to(top).as_posix() for name in files)
        return sorted(found)


class Alike:
    """What stands beside pages in no navigation: rendered until it was the same twice, and then given to all."""

    def __init__(self):
        self.last, self.same = None, False

    def __call__(self, render):
        if not self.same:
            last, self.last = self.last, render()
            self.same = last == self.last
        return self.last


class KeptPage(Page):
    """A page that takes its article, or all of it, from an earlier build.

    `article` is what the next build would take over: what was rendered, and what that depends on. Of a page that is
    `indexed` it is known what the search finds; a `whole` one is written already.
    """

    article, indexed, whole = None, False, False

    def render(self, config, files):
        if not self.article:
            return super().render(config, files)
        self.content, self.toc, self.title = "", get_toc(self.article["toc"]), self.article["title"]
        self.present_anchor_ids = set(self.article["ids"])
        self.links_to_anchors = {files.get_file_from_path(to): links for to, links in self.article["links"].items()}


class Keeper:
    """What one build takes over from the last one, and leaves to the next."""

    def __init__(self, config, serving, heard):
        root = Path(config.config_file_path).parent
        self.shelf = shelf(config, "serve" if serving else "build")
        self.search, self.heard = config.plugins.get("material/search"), heard
        heard.written.clear()
        self.mine = [config.theme.custom_dir, Path(__file__).parent, *(root / name for name in config.hooks)]
        self.contents, self.left = self._contents(), False
        self.whole = json.loads(self.shelf.read("whole") or "{}")  # file to the key and the digest of a page
        with warnings.catch_warnings(action="ignore"):  # nothing else tells what was set, as it was when it was read
            parts = config.user_configs
        said = [{name: part[name] for name in part if name not in ("strict", "site_dir")} for part in parts]
        self.outside = digest(said, config.site_url, serving, _installed(), self.contents)

    def _contents(self):
        return [_contents(Path(path)) for path in self.mine if path]

    def ahead(self, config):
        """Use the time until the first run can begin, where no build has been before."""
        if not self.whole:
            config.theme.compile()

    def pages(self, files, config):
        """Give MkDocs pages that can be kept, with the titles of its navigation."""
        titles = dict(reversed(list(_titled(config.nav or []))))
        for file in files.documentation_pages():
            if config.nav is None or file.src_uri in titles or file.inclusion.is_not_in_nav():
                KeptPage(titles.get(file.src_uri), file, config)

    def begin(self, config, files, nav, book):
        """The part of all keys that belongs to the site."""
        known = [file for file in files if file.is_documentation_page() or not file.generated_by]
        where = sorted((file.src_uri, file.dest_uri, file.inclusion.name) for file in known)
        self.book, epoch = book, os.environ.get("SOURCE_DATE_EPOCH")
        self.site = digest(
            self.outside, dict(config.extra), where, book.homes, sorted(book.letters.items()), book.cited(), epoch
        )
        self.nav = nav

    def take(self, page, markdown):
        """Take a page's article from the shelf if all that it was made from is the same."""
        self.count = self.heard.count
        made_of = (page.file.src_uri, markdown, page.meta, page.title, page.edit_url, page.update_date)
        self.key = digest(self.site, made_of)
        kept = json.loads(self.shelf.read(f"{page.file.src_uri}.article") or "{}")
        if (
            kept.get("key") == self.key
            and all(self.book.seal(name) == seal for name, seal in kept["uses"].items())
            and self.shelf.holds(f"{page.file.src_uri}.md", kept["plain"])
        ):
            page.article = kept
            self.book.recall(kept["noted"])

    def give(self, page, target):
        """Put what gives a kept page away as Markdown into the site."""
        self.shelf.give(f"{page.file.src_uri}.md", target)

    def leave(self, page, html, plain, named):
        """Leave a new article to the next build, unless something was said about it, which must be said again.

        Returns whether `give` can give it.
        """
        links = {file.src_uri: anchors for file, anchors in (page.links_to_anchors or {}).items()}
        uses = {name: self.book.seal(name) for name in self.book.users[page.file.src_uri].union(named)}
        page.article = {
            "key": self.key,
            "html": html,
            "title": page.title,
            "toc": _tokens(page.toc),
            "ids": sorted(page.present_anchor_ids),
            "links": links,
            "uses": uses,
            "noted": self.book.noted(),
            "entries": self._entries(page, html),
        }
        seal = self.heard.nothing_since(self.count) and self.shelf.lay(f"{page.file.src_uri}.md", plain)
        if seal:
            self.left, page.article["plain"] = True, seal
            self.shelf.write(f"{page.file.src_uri}.article", json.dumps(page.article).encode())
        return bool(seal)

    def _entries(self, page, html):
        """What the search finds on a page, parsed now, while snippets run, and not when all are done."""
        if not self.search:
            return []
        index, page.content = self.search.search_index, _spoken(html)
        count = len(index.entries)
        index.add_entry_from_context(page)
        made, index.entries[count:] = index.entries[count:], []
        return made

    def around(self, env, files):
        """Find out which pages are whole on the shelf: the same article, and the same site around it."""
        env.loader, env.globals["alike"] = ChoiceLoader([DictLoader(TEMPLATES), env.loader]), Alike()
        around, sources = digest(self.site, _shape(self.nav)), {f"evidence/{name}.md" for name in self.book.results}
        for page in (file.page for file in files.documentation_pages()):
            if isinstance(page, KeptPage) and page.article and page.article["html"] == page.content:
                near = [(other.title, other.url) for other in (page.previous_page, page.next_page) if other]
                toc = page.article["toc"]
                page.key = digest(around, near, page.content, toc, page.title, page.meta, page.edit_url)
                page.indexed, name = True, f"{page.file.src_uri}.html"
                key, made = self.whole.get(name, ("", ""))
                if key == page.key and self.shelf.holds(name, made):
                    page.whole, page.meta["template"] = True, EMPTY
                    self._share(page, name)
                elif page.file.src_uri in sources:
                    page.meta["template"] = SOURCE

    def index(self, page):
        """Put what was found already into the index, in the order of pages, and let the search pass this page by."""
        self.count, self.meta = self.heard.count, page.meta
        if getattr(page, "indexed", False):
            page.meta = page.meta | {"search": {"exclude": True}}
            if self.search:
                self.search.search_index.entries += page.article["entries"]
            if page.whole:
                page.content = ""  # which the search would clean

    def put(self, page, html):
        """Put a page that the theme has just made on the shelf, and share it; MkDocs has nothing left to write then."""
        if getattr(page, "indexed", False) and not page.whole and self.heard.nothing_since(self.count):
            name = f"{page.file.src_uri}.html"
            if seal := self.shelf.lay(name, html.encode(errors="xmlcharrefreplace")):
                self.left, self.whole[name] = True, (page.key, seal)
                self._share(page, name)
                return ""
        return html

    def _share(self, page, name):
        self.heard.written.add(page.file.src_uri)
        self.shelf.give(name, page.file.abs_dest_path)

    def settle(self):
        """Leave nothing if the theme, a hook or works cited changed meanwhile: keys say what they were at first."""
        if self.left and (self._contents() != self.contents or self.book.moved()):
            self.shelf.sweep(())
        elif self.left:
            self.shelf.write("whole", json.dumps(self.whole).encode())

    def end(self, files):
        """Remove what is kept of pages that are gone; none is where all were kept."""
        if len(self.heard.written) == len(files.documentation_pages()):
            return
        pages = [file.src_uri for file in files.documentation_pages()]
        names = {f"{page}.{kind}" for page in pages for kind in ("article", "md", "html")}
        self.whole = {name: made for name, made in self.whole.items() if name in names}
        self.shelf.sweep(names | {"whole"})


class Heard(logging.Handler):
    """Counts what MkDocs and its plugins say: a page about which something was said is not kept."""

    count = 0

    def __init__(self):
        super().__init__()
        self.written = set()  # pages of which MkDocs need not tell that they are empty: they were written before
        logging.getLogger("mkdocs").addHandler(self)
        logging.getLogger("mkdocs.commands.build").addFilter(self.worth)

    def emit(self, record):
        self.count += 1

    def nothing_since(self, count):
        """Whether nothing was said, nor would have been if MkDocs were not told to be quiet."""
        return self.count == count and logging.getLogger("mkdocs").isEnabledFor(logging.INFO)

    def worth(self, record):
        empty = SKIPPED.match(record.getMessage())
        return not (empty and empty[1] in self.written)


def _spoken(html):
    """An article without colors of code and insides of formulas: most of its tags, and the search drops them all."""

    def plain(listing):
        text = COLOR.sub("", listing[0])
        return listing[0] if "<span" in text else text  # what tells the search something is left as it is

    return FORMULA.sub(r"\1></math>", LISTING.sub(plain, html))


def _titled(nav):
    """(page, title) of all entries of a navigation as mkdocs.yml has it."""
    for entry in nav:
        for title, below in entry.items() if isinstance(entry, dict) else [(None, entry)]:
            if isinstance(below, str):
                yield below.lstrip("/"), title
            else:
                yield from _titled(below)


def _shape(items):
    """What a theme can show of a navigation."""
    return [
        (item.title, getattr(item, "url", ""), getattr(item, "meta", ""), _shape(item.children or ())) for item in items
    ]


def _tokens(toc):
    return [{"name": a.title, "id": a.id, "level": a.level, "children": _tokens(a.children)} for a in toc]


def _contents(path):
    """Digests of a file, or of all files in a folder."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    return [
        (str(file), hashlib.sha256(file.read_bytes()).hexdigest())
        for file in files
        if file.is_file() and file.suffix != ".pyc"
    ]


def _installed():
    """Python, and everything that is installed, with versions."""
    folders = [Path(path) for path in sys.path if path.endswith("-packages")]
    return platform.python_version(), sorted(path.name for folder in folders for path in folder.glob("*-info"))
