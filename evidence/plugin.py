"""Plugin: MkDocs runs what is stale, reads pages with evidence in them, and refuses what does not balance."""

import errno
import logging
import os
import re
from contextlib import suppress
from html import escape, unescape
from pathlib import Path

from mkdocs.config import config_options as option
from mkdocs.config.base import Config
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.structure.files import File, InclusionLevel
from mkdocs.utils import write_file

from evidence import problems
from evidence.book import BLOCK, Book
from evidence.keep import KNOWN, Heard, Keeper, KeptPage, KeptTheme, shelf
from evidence.plain import plain
from evidence.project import Project, remove, sweep
from evidence.runner import start
from evidence.shelf import share

WORD = re.compile(r"\w+")
log = logging.getLogger("mkdocs.plugins.evidence")
PAGE = "---\ntitle: {0}\nsearch: {{exclude: true}}\n---\n\n# {0}\n\n{1}\n///\n"


class Options(Config):
    snippets = option.Type(str, default="snippets")
    seconds = option.Type(int, default=60)
    megabytes = option.Type(int, default=2048)
    pictures = option.Type(bool, default=False)
    templates = option.Type(str, default="")
    keep = option.Type(bool, default=False)


class Linked(File):
    """A result's file, which the site shares instead of copying; if it is altered there, the snippet runs again."""

    def copy_file(self, dirty=False):
        share(self.abs_src_path, self.abs_dest_path)


class EvidencePlugin(BasePlugin[Options]):
    """Thin: what it ties to MkDocs, `python -m evidence` does without building the site."""

    def on_startup(self, *, command, dirty):
        self.serving, self.whole, self.staged = command == "serve", False, None
        self.runs, self.keeper, self.heard = None, None, Heard()

    def project_of(self, config):
        root = Path(config.config_file_path).parent.resolve()
        docs, snippets = Path(config.docs_dir).resolve(), (root / self.config.snippets).resolve()
        if not (docs.is_relative_to(root) and snippets.is_relative_to(root)):
            raise PluginError("write in mkdocs.yml, as docs_dir and as snippets, folders beside it")
        named = {name: value for name, value in self.config.items() if name != "keep"}
        return Project(root, docs=docs.relative_to(root).as_posix(), **named)

    @event_priority(100)
    def _theme(self, config):
        """First of all, since some plugins read templates at once."""
        if self.config.keep:
            config.theme = KeptTheme.of(config.theme, shelf(config, "templates"))

    def _config(self, config):
        links = config.validation.links.absolute_links  # how evidence is addressed
        if getattr(links, "name", "") != "RELATIVE_TO_DOCS":
            raise PluginError("write in mkdocs.yml: validation: {links: {absolute_links: relative_to_docs}}")
        self.project = self.project_of(config)
        self.names, self.found = set(self.project.names), {}
        config.watch.append(str(self.project.root / self.project.snippets))
        config.markdown_extensions.append("evidence.pages")
        if not self.serving:  # the last good site stays until this one is whole
            self.site = Path(config.site_dir)
            for old in self.site.parent.glob(f".{self.site.name}-*-old"):  # a build was killed between two renames
                if not self.site.exists():
                    with suppress(OSError):  # another build was faster
                        os.replace(old, self.site)
            sweep(self.site.parent, f".{self.site.name}-")
            self.staged = self.site.with_name(f".{self.site.name}-{os.getpid()}")
            config.site_dir = str(self.staged)
        plugins = {name: plugin for name, plugin in config.plugins.items() if isinstance(plugin, BasePlugin)}
        others = {name for name, plugin in plugins.items() if plugin.config.get("enabled", True)} - KNOWN
        self.keeper = Keeper(config, self.serving, self.heard) if self.config.keep and not others else None

    on_config = CombinedEvent(_theme, _config)

    def on_pre_build(self, config):
        if strays := list(self.project.strays()):  # before MkDocs reads them
            raise PluginError(problems.listed(strays))
        docs = (path for path in sorted(Path(config.docs_dir).rglob("*.md")) if path.is_file())
        texts = (path.read_text("utf-8", "replace") for path in docs)
        self.runs = start(self.project, log.info, (name for text in texts for name in self.named(text)))
        if self.keeper and self.runs.jobs:
            self.keeper.ahead(config)
        self.book = Book(self.project, whole=False)
        config.mdx_configs["evidence.pages"] = {"book": self.book}

    def named(self, text):
        """The snippets whose names stand in a text, in the order in which they first do."""
        if text not in self.found:
            self.found[text] = [word for word in dict.fromkeys(WORD.findall(text)) if word in self.names]
        return self.found[text]

    def on_files(self, files, config):
        self.waiting = dict.fromkeys([*self.project.labs, *self.project.names])
        for name in [*self.project.labs, *(name for name in self.project.names if name not in self.runs.jobs)]:
            self.take(name, files, config)
        for page in self.book.labs:
            files.append(File.generated(config, page, content=self.book.lab(page)))
        pages = {file.src_uri: file for file in files.documentation_pages()}
        self.sources = self.book.scan({page: file.content_bytes for page, file in pages.items()})
        sources = dict.fromkeys(self.project.names)
        for page, file in pages.items():
            files.remove(file)
            if page not in self.sources:
                file = File.generated(config, page, content="# This page cannot be read\n")
            files.append(file)
            for name in self.named(self.sources.get(page, "")):  # its source is read while later snippets run
                if name in sources:
                    self.source(name, files, config)
                    del sources[name]
        for name in sources:
            self.source(name, files, config)
        ledger = PAGE.format("How it was checked", "/// ledger")
        files.append(File.generated(config, "evidence/index.md", content=ledger))
        if self.keeper:
            self.keeper.pages(files, config)

    def source(self, name, files, config):
        text = PAGE.format(f"{name}.py", f"/// source | {name}")
        level = InclusionLevel.NOT_IN_NAV
        files.append(File.generated(config, f"evidence/{name}.md", content=text, inclusion=level))

    def take(self, name, files, config):
        """Wait for a snippet or a lab, and add what it made to the files of the site."""
        if name not in self.waiting:
            return
        del self.waiting[name]
        self.runs.wait(name)
        self.book.take(name)
        if result := self.book.results.get(name) or self.book.labs.get(f"labs/{name}.md"):
            for file, path in self.project.made(result):
                files.append(Linked.generated(config, f"evidence/{name}/{file}", abs_src_path=path))

    @event_priority(-100)
    def on_nav(self, nav, *, config, files):
        if self.keeper:
            self.keeper.begin(config, files, nav, self.book)

    def on_page_read_source(self, *, page, config):
        """The text that was scanned, or a page that changes meanwhile would have the numbers of another."""
        text = self.sources.get(page.file.src_uri)
        return text and text.replace("\r\n", "\n")

    @event_priority(-100)
    def on_page_markdown(self, markdown, *, page, config, files):
        """Last of all, so that the text is whole that `on_page_content` gives away."""
        everything = any(kind == "ledger" for kind, _ in BLOCK.findall(markdown))
        for name in list(self.waiting) if everything or not self.waiting else self.named(markdown):
            self.take(name, files, config)
        if everything:
            self.book.take_all()
        self.book.open(page.file.src_uri, self.sources.get(page.file.src_uri, markdown))
        self.text = markdown
        if self.keeper and isinstance(page, KeptPage):
            self.keeper.take(page, markdown)

    @event_priority(-100)
    def on_page_content(self, html, *, page, config, files):
        """Write the page as Markdown, too; while serving, say what is wrong with it or with a snippet that it uses."""
        if "</" in unescape(page.title or ""):  # which themes write into the head as it is
            self.book.report("# ", "the page’s title holds ‘</’, which ends the title: say it in words")
        where = page.file.src_uri
        users = {name for name in [*self.book.users[where], Path(where).stem] if name in self.project.modules}
        failed = [problem for name in users for problem in self.runs.wait(name)]
        target = f"{os.path.splitext(page.file.abs_dest_path)[0]}.md"
        page.meta["plain"] = os.path.basename(target)
        article = getattr(page, "article", None)
        if article:
            html = article["html"]
        if not (failed or self.book.problems or self.project.problems):
            kept = bool(article)
            if not kept:
                text = plain(self.book, self.text, config.site_url or "/").encode()
                keeps = self.keeper and isinstance(page, KeptPage)
                kept = keeps and self.keeper.leave(page, html, text, self.named(self.text))
            if kept:
                self.keeper.give(page, target)
            else:
                write_file(text, target)
            return html
        mine = {self.project.relative(self.project.modules[name]) for name in users} | {self.book.file(where)}
        wrong = [problem for problem in [*self.project.problems, *self.book.problems] if problem.where in mine]
        wrong = [escape(str(problem)) for problem in dict.fromkeys([*failed, *wrong])]
        return f'<div class="admonition failure"><p>{"</p><p>".join(wrong)}</p></div>{html}' if wrong else html

    @event_priority(-100)
    def on_env(self, env, *, config, files):
        self.runs.finish()
        for name in list(self.waiting):
            self.take(name, files, config)
        self.book.take_all()
        found = [*self.project.problems, *self.book.problems, *self.book.orphans()]
        if found and not self.serving:
            raise PluginError(problems.listed(found))
        if found:
            log.error(problems.listed(found))
        if self.keeper:
            self.keeper.around(env, files)
            self.keeper.end(files)

    @event_priority(100)
    def _index(self, context, *, page, config, nav):
        if self.keeper:
            self.keeper.index(page)

    @event_priority(-100)
    def _indexed(self, context, *, page, config, nav):
        if self.keeper:
            page.meta = self.keeper.meta

    on_page_context = CombinedEvent(_index, _indexed)

    @event_priority(-200)
    def on_post_page(self, output, *, page, config):
        return self.keeper.put(page, output) if self.keeper else output

    def on_post_build(self, config):
        self.whole = True
        if self.keeper:
            self.keeper.settle()
        if (file := self.book.moved()) and not self.serving:
            raise PluginError(f"{file}:1: it changed while the site was built: build again")

    def on_build_error(self, *, error):
        self.whole = False  # also where a warning ends a strict build
        if self.keeper:
            self.keeper.settle()
        if self.runs:
            self.runs.cancel()
        if what := problems.denied(error):
            raise PluginError(what)

    def on_shutdown(self):
        if self.runs:
            self.runs.cancel()
        if self.staged:
            try:
                if self.whole:
                    self.publish()
            except OSError as error:
                raise PluginError(problems.denied(error) or str(error)) from None
            finally:
                remove(self.staged)

    def publish(self):
        """Let the new site take the place of the old one, also where another build does the same at the same time."""
        old = self.staged.with_name(f"{self.staged.name}-old")
        while True:
            with suppress(FileNotFoundError):
                os.replace(self.site, old)
            try:
                os.replace(self.staged, self.site)
                break
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
                remove(old)  # another build has put its site there meanwhile
        with suppress(FileNotFoundError):
            os.replace(old, self.staged)  # under this name nobody mends a site with what is left of it
