"""MkDocs build: one build of a site, between the events of the plugin."""

import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, wait
from contextlib import ExitStack, suppress
from html import escape, unescape
from pathlib import Path
from typing import Any

from markdown import Markdown
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files, InclusionLevel
from mkdocs.structure.pages import Page
from mkdocs.utils import write_file

from evidence import mkdocs_support as support
from evidence.cache import find_state_folder, lock_project
from evidence.diagnostics import Diagnostic, SiteError, format_diagnostics
from evidence.export import export_markdown
from evidence.integrity import describe_formulas, fill_plain
from evidence.project import Project
from evidence.publish import fill_site, list_removable, remove_folder, try_link
from evidence.runs import Runs
from evidence.session import Session
from evidence.usage import PageContext, resolve_references

log = logging.getLogger("mkdocs.plugins.evidence")
# Minimum between two rebuilds for new results
REBUILD_SECONDS = 10
UNREADABLE = "# This page cannot be read\n"


class SiteBuild:
    """One build by MkDocs: the session, the contexts of rendered pages, and the staging folder."""

    def __init__(
        self,
        project: Project,
        macros: dict[str, str],
        runs: Runs,
        resources: ExitStack,
    ) -> None:
        """Look up the results of a project. Raises SiteError for files that must not be read.

        `resources` receives what the end of the build releases: the lock, the staging folder.
        """
        if problems := list(project.check_docs()):  # before MkDocs reads them
            raise SiteError(format_diagnostics(problems))
        self.state = find_state_folder(project.root)
        self.resources = resources
        resources.enter_context(lock_project(project.root, log.info))
        self.session = Session(project, macros, log.info, runs)
        self.contexts: dict[str, PageContext] = {}
        self.heads: dict[str, PageContext] = {}
        self.downloads: list[str] | None = []

    def start_runs(self, config: MkDocsConfig) -> None:
        """Start stale runs, in the order in which pages mention them."""
        self.config, self.site = config, Path(config.site_dir)
        build = self.session.build
        text = "\n".join(self.session.site.read_pages().values())
        mentioned = [name for name in build.stale if name in text]
        build.start(sorted(mentioned, key=text.find))

    def stage(self, config: MkDocsConfig, dirty: bool) -> None:
        """Let MkDocs write to a staging folder, so that the last good site stays meanwhile."""
        staging = self.state / "site"
        self.removable = set() if dirty else list_removable(self.site)
        remove_folder(staging)  # of a build that was killed
        self.resources.callback(remove_folder, staging)
        staging.mkdir(parents=True)
        config.site_dir = str(staging)

    def publish(self, config: MkDocsConfig, warnings: int) -> None:
        """Move the staged site into the site’s folder, unless a strict build has warned."""
        if config.strict and warnings:
            return  # MkDocs will end the build after all plugins
        staging, config.site_dir = config.site_dir, str(self.site)
        fill_site(staging, config.site_dir, self.removable)
        # Other plugins may use the paths of staged files
        remove_folder(Path(staging))
        with suppress(OSError):
            os.symlink(self.site.resolve(), staging)
        # The clock of the file system is coarser
        self.resources.callback(self.finish_site, time.time() - 0.01)

    def finish_site(self, since: float) -> None:
        """Resolve references in files that other plugins wrote after a time."""
        for path in self.site.rglob("*.html"):
            with suppress(OSError):  # it was removed, or is not readable
                if path.stat().st_mtime < since:
                    continue
                name = path.relative_to(self.site).as_posix()
                html = path.read_text("utf-8", "surrogateescape")
                output = self.resolve_excerpts(html, name)
                if output != html:
                    path.write_text(output, "utf-8", "surrogateescape")

    def show_meanwhile(
        self, marker: Path, is_current: Callable[[], bool]
    ) -> None:
        """Let pages show their last valid results, and touch `marker` when runs end."""
        self.session.waits_for_runs = False
        running = {
            future
            for future in self.session.build.futures.values()
            if not future.done()
        }

        def follow() -> None:
            left = running
            while left and is_current():
                done, left = wait(
                    left, REBUILD_SECONDS, return_when=FIRST_COMPLETED
                )
                if done and left:
                    _, left = wait(left, REBUILD_SECONDS)
                if done and is_current():
                    with suppress(OSError):
                        marker.touch()

        threading.Thread(target=follow, daemon=True).start()

    def watch(self, server: Any) -> None:
        """Let the live server, if it runs, also rebuild when snippets, data or libraries change."""
        if not server:
            return
        project = self.session.project
        folders = dict.fromkeys(project.list_data_folders(), False)
        folders[str(project.root / project.snippets)] = True
        for job in self.session.build.jobs.values():
            folders |= dict.fromkeys(job.sources, True)
        for path in filter(os.path.exists, folders):
            with suppress(KeyError):
                # The folder may be another one, or was away
                server.unwatch(path)
            server.watch(path, recursive=folders[path])

    def add_files(self, files: Files) -> None:
        """Add generated pages, and the files of all results, now or when they arrive."""
        session, self.files = self.session, files
        sources, others = session.write_pages()
        self.add_generated(sources, InclusionLevel.NOT_IN_NAV)
        self.add_generated(others)
        session.on_files = self.add_generated
        for name in list(session.pending):
            if name not in session.build.futures:
                session.load(name)

    def add_generated(
        self, names: Iterable[str], level: Any = InclusionLevel.UNDEFINED
    ) -> None:
        """Add generated files; notebooks after `nav`, lest other plugins take them for pages."""
        config = self.config
        for name in names:
            if name.endswith(".ipynb") and self.downloads is not None:
                self.downloads.append(name)
                continue
            file = support.GeneratedFile(
                name,
                str(self.session.pages),
                config.site_dir,
                config.use_directory_urls,
            )
            file.inclusion, file.generated_by = level, "evidence"
            existing = self.files.get_file_from_path(name)
            if existing and not existing.generated_by:
                self.session.project.report(
                    str(existing.abs_src_path),
                    1,
                    "a generated file has this name: rename this one",
                )
            self.files.append(file)

    def add_downloads(self, files: Files) -> None:
        """Add the files that had to wait for `nav`."""
        self.files, self.links = files, support.Links(files, self.config)
        waiting, self.downloads = self.downloads, None
        self.add_generated(waiting or ())

    def create_context(self, md: Markdown) -> PageContext:
        """Return the context of a conversion; MkDocs' own extension knows the page."""
        file: Any = None
        # Otherwise another plugin converts a text
        if "relpath" in md.treeprocessors:
            file = getattr(md.treeprocessors["relpath"], "file", None)
        page, text = "", ""
        if file:
            page, text = file.src_uri, support.read_text(file)
        context = self.session.open_page(page, text)
        self.contexts.setdefault(page, context)
        return context

    def read_source(self, page: Page) -> str | None:
        """Return the text of a lab, a replacement for an unreadable page, or None for others."""
        where = page.file.src_uri
        if not where.endswith(support.MARKDOWN):
            return None
        lab = self.session.read_lab(where)
        head = self.heads[where] = self.session.check_page(
            where, support.read_text(page.file) if lab is None else lab
        )
        return UNREADABLE if head.diagnostics else lab

    def fill_head(self, page: Page, markdown: str) -> None:
        """Load the results that a page links to by address, and fill the values in its head."""
        for name in re.findall(r"\bevidence/(\w+)/", markdown):
            self.session.load(name)
        if head := self.heads.get(page.file.src_uri):
            page.meta = support.fill_strings(
                page.meta, lambda text: fill_plain(text, head)
            )
        page.meta["plain"] = f"{Path(page.file.dest_uri).stem}.md"

    def finish_pages(self, files: Files) -> None:
        """Wait for all runs, resolve references, and write the copies in Markdown.

        Raises PluginError if something is wrong; while serving, logs it.
        """
        for head in self.heads.values():
            head.submit()
        session, diagnostics = self.session, self.session.finish_runs()
        pages = [file.page for file in files.documentation_pages() if file.page]
        for page in pages:
            if context := self.contexts.get(page.file.src_uri):
                diagnostics += self.finish_page(page, context)
        for name, works in session.site.works.items():
            # Publish the text that was read
            if file := files.get_file_from_path(name):
                file.content_string = works.text
        for page in pages if diagnostics else ():
            if problems := session.select_diagnostics(
                page.file.src_uri, diagnostics
            ):
                lines = "</p><p>".join(escape(str(each)) for each in problems)
                box = f'<div class="admonition failure"><p>{lines}</p></div>'
                page.content = f"{box}{page.content}"
        if diagnostics and session.waits_for_runs:
            raise PluginError(format_diagnostics(diagnostics))
        if diagnostics:
            log.error(format_diagnostics(diagnostics))

    def finish_page(self, page: Page, context: PageContext) -> list[Diagnostic]:
        """Resolve the references of a page, write its copy, and return its diagnostics."""
        site, links = context.site, self.links
        page.markdown = context.text  # the blog plugin takes excerpts of it
        page.content, unknown = resolve_references(
            page.content or "", context.page, site, links.relate
        )
        for key, message in unknown:
            context.report(f"[@{key}]", message)
        if "</" in unescape(str(page.title or "")):
            # Themes do not escape the title in the head
            context.report(
                "# ",
                "the page’s title holds ‘</’, which ends the title: say it in words",
            )
        if "plain" in page.meta:
            self.write_file(
                self.export_page(context).encode(),
                str(Path(page.file.abs_dest_path).with_suffix(".md")),
            )
        return context.diagnostics

    def write_file(self, data: bytes, path: str) -> None:
        """Write a file of the site, or link to the file of the last site if it is equal."""
        last = self.site / Path(path).relative_to(self.config.site_dir)
        with suppress(OSError):
            if last.read_bytes() == data and try_link(str(last), path):
                return
        write_file(data, path)

    def fill_markdown(self, page: Page) -> None:
        """Replace the Markdown of a page by its export, from which feeds take abstracts."""
        context = self.contexts.get(page.file.src_uri)
        if context and "rss" in self.config.plugins:
            page.markdown = self.export_page(
                context, lambda formula: describe_formulas(formula, context)
            )

    def export_page(self, context: PageContext, *describe: Callable) -> str:
        """Return the export of a page as Markdown."""
        return export_markdown(
            context.text,
            context.page,
            context.markdown,
            context.site,
            self.links.absolute,
            *describe,
        )

    def resolve_excerpts(self, html: str, page: str) -> str:
        """Return a finished page with references resolved in excerpts of other pages."""
        return resolve_references(
            html, page, self.session.site, self.links.relate
        )[0]
