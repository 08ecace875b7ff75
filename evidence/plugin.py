"""Plugin: the events of MkDocs, each a few lines around what works without it."""

import logging
import os
from contextlib import ExitStack
from html import escape
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment
from markdown import Markdown
from mkdocs.config import config_options as option
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page
from mkdocs.utils import write_file

from evidence import mkdocs_support as support
from evidence.cache import find_state_folder, lock_project
from evidence.diagnostics import SiteError, describe_disk_error, format_diagnostics
from evidence.export import export_markdown
from evidence.project import Project
from evidence.publish import fill_site, list_removable
from evidence.session import Session
from evidence.source import check_source
from evidence.usage import PageContext, resolve_references

log = logging.getLogger("mkdocs.plugins.evidence")
UNREADABLE = "# This page cannot be read\n"


class Options(Config):
    """What stands under `evidence:` in mkdocs.yml."""

    snippets = option.Type(str, default="snippets")
    seconds = option.Type(int, default=60)
    megabytes = option.Type(int, default=2048)
    pictures = option.Type(bool, default=False)
    macros = option.Type(dict, default={})


class EvidencePlugin(BasePlugin[Options]):
    """What it ties to MkDocs, `python -m evidence` does without building the site."""

    session: Session

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        self.serving, self.dirty, self.held = command == "serve", dirty, ExitStack()
        self.warnings, self.site = support.WarningCounter(), Path()

    def create_project(self, config: MkDocsConfig) -> Project:
        """Return the project that a configuration describes."""
        root = Path(config.config_file_path or "mkdocs.yml").parent.resolve()
        docs = os.path.relpath(Path(config.docs_dir).resolve(), root)
        options = {name: value for name, value in self.config.items() if name != "macros"}
        return Project(root, docs=Path(docs).as_posix(), **options)

    def on_config(self, config: MkDocsConfig) -> None:
        if message := support.describe_conflict(config):
            raise PluginError(message)
        root = Path(config.config_file_path or "mkdocs.yml").parent.resolve()
        self.state = find_state_folder(root)
        self.finished = support.create_mark(self.state)
        config.watch += [str(root / self.config.snippets), str(self.finished)]
        config.markdown_extensions.append("evidence.extension")
        config.mdx_configs["evidence.extension"] = {"create_context": self.create_context}

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        project = self.create_project(config)
        if wrong := list(project.check_docs()):  # before MkDocs reads them
            raise PluginError(format_diagnostics(wrong))
        self.held.enter_context(lock_project(project.root, log.warning))
        previous = getattr(self, "session", None) if self.serving else None
        session = self.session = Session(project, self.config.macros, log.info, previous)
        self.contexts: dict[str, PageContext] = {}
        self.heads: dict[str, PageContext] = {}
        try:
            session.build.start(session.order_names(support.read_pages(config)))
        except SiteError as error:
            raise PluginError(str(error)) from None
        if self.serving:
            session.patient = False
            runs = session.build.futures.values()
            support.follow_runs(runs, self.finished, lambda: self.session is session)
        else:  # the last good site stays until this one is whole
            self.site = Path(config.site_dir)
            self.removable = set() if self.dirty else list_removable(self.site)
            staged = self.held.enter_context(support.stage_site(self.state / "site"))
            config.site_dir = str(staged)

    def on_files(self, files: Files, *, config: MkDocsConfig) -> None:
        self.links = support.Links(files, config)

        def add(names: list[str], level: InclusionLevel = InclusionLevel.UNDEFINED) -> None:
            for name in names:
                folder = str(self.session.pages)
                file = File(name, folder, config.site_dir, config.use_directory_urls)
                file.inclusion = level
                files.append(file)

        sources, others = self.session.write_pages()
        add(sources, InclusionLevel.NOT_IN_NAV)
        add(others)
        self.session.on_files = add
        for name in [each for each in self.session.pending if each not in self.session.build.futures]:
            self.session.load(name)

    def create_context(self, md: Markdown) -> PageContext:
        """Return the context in which a text is converted; MkDocs says of which page it is."""
        file: Any = getattr(md.treeprocessors["relpath"], "file", None)
        page = file.src_uri if file else ""
        text = self.session.find_text(page, support.read_text(file) if file else "")
        context = PageContext(self.session.site, page, text, self.session.find_file(page))
        self.contexts.setdefault(page, context)
        return context

    def on_page_read_source(self, *, page: Page, config: MkDocsConfig) -> str | None:
        where = page.file.src_uri
        if not where.endswith((".md", ".markdown", ".mkd", ".mkdn")):
            return None
        lab = self.session.read_lab(where)
        text = support.read_text(page.file) if lab is None else lab
        head = self.heads[where] = PageContext(
            self.session.site, where, self.session.find_text(where, text), self.session.find_file(where)
        )
        for fragment, message in check_source(text):
            head.report(fragment, message)
        return UNREADABLE if head.diagnostics else lab

    @event_priority(-100)
    def on_page_markdown(
        self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> None:
        for name in support.list_drawn(markdown):
            self.session.load(name)
        if head := self.heads.get(page.file.src_uri):
            page.meta = support.fill_strings(page.meta, head.fill_or_report)
        name = os.path.basename(os.path.splitext(page.file.dest_uri)[0])
        page.meta["plain"] = f"{name}.md"

    @event_priority(-100)
    def on_env(self, env: Environment, *, config: MkDocsConfig, files: Files) -> None:
        session = self.session
        for head in self.heads.values():
            head.close()
        diagnostics = session.finish()
        pages = [file.page for file in files.documentation_pages() if file.page]
        for page in pages:
            if context := self.contexts.get(page.file.src_uri):
                diagnostics += support.finish_page(page, session, context, self.links)
        if diagnostics and not self.serving:
            raise PluginError(format_diagnostics(diagnostics))
        for page in pages if diagnostics else ():
            wrong = session.select_diagnostics(page.file.src_uri, diagnostics)
            lines = "</p><p>".join(escape(str(each)) for each in wrong)
            box = f'<div class="admonition failure"><p>{lines}</p></div>' if wrong else ""
            page.content = f"{box}{page.content}"
        if diagnostics:
            log.error(format_diagnostics(diagnostics))

    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        where = page.file.src_uri
        return resolve_references(output, where, self.session.site, self.links.relative)[0]

    @event_priority(1000)  # before plugins that look for the site
    def on_post_build(self, *, config: MkDocsConfig) -> None:
        if self.serving:
            self.held.close()
            return
        staged, config.site_dir = Path(config.site_dir), str(self.site)
        if not (config.strict and self.warnings.count):
            fill_site(staged, self.site, self.removable)
        self.held.close()

    def on_build_error(self, *, error: Exception) -> None:
        if session := getattr(self, "session", None):
            session.build.cancel()
        self.held.close()
        if message := describe_disk_error(error):
            raise PluginError(message)

    def on_shutdown(self) -> None:
        if session := getattr(self, "session", None):
            session.build.cancel()
        self.held.close()
