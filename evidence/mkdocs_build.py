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
# At least, between two rebuilds for results that have come
REBUILD_SECONDS = 10
UNREADABLE = "# This page cannot be read\n"


class SiteBuild:
    """The results that pages ask for, the pages rendered so far, and the folder that is filled."""

    def __init__(
        self,
        project: Project,
        macros: dict[str, str],
        runs: Runs,
        held: ExitStack,
    ) -> None:
        """Look up the results of a project; raises SiteError for files that are not to be read.

        `held` gets what the build holds until it ends: the lock, and the folder aside.
        """
        if wrong := list(project.check_docs()):  # before MkDocs reads them
            raise SiteError(format_diagnostics(wrong))
        self.state = find_state_folder(project.root)
        self.held = held
        held.enter_context(lock_project(project.root, log.info))
        self.session = Session(project, macros, log.info, runs)
        self.contexts: dict[str, PageContext] = {}
        self.heads: dict[str, PageContext] = {}
        self.downloads: list[str] | None = []

    def start_runs(self, config: MkDocsConfig) -> None:
        """Begin to run what is stale, in the order in which pages mention it."""
        self.config, self.site = config, Path(config.site_dir)
        build, names = self.session.build, []
        for text in self.session.site.read_pages().values():
            names += sorted(
                [name for name in build.stale if name in text], key=text.find
            )
        build.start(names)

    def stage(self, config: MkDocsConfig, dirty: bool) -> None:
        """Let MkDocs write to a folder aside, so that the last good site stays meanwhile."""
        staged = self.state / "site"
        self.removable = set() if dirty else list_removable(self.site)
        remove_folder(staged)  # of a build that was killed
        self.held.callback(remove_folder, staged)
        staged.mkdir(parents=True)
        config.site_dir = str(staged)

    def publish(self, config: MkDocsConfig, warnings: int) -> None:
        """Fill the site's folder, unless the build is strict and has warned."""
        if config.strict and warnings:
            return  # MkDocs ends the build once all plugins had their turn
        staged, config.site_dir = config.site_dir, str(self.site)
        fill_site(staged, config.site_dir, self.removable)
        # Other plugins may know files by their names there
        remove_folder(Path(staged))
        with suppress(OSError):
            os.symlink(self.site.resolve(), staged)
        # File systems count time less finely
        self.held.callback(self.finish_site, time.time() - 0.01)

    def finish_site(self, since: float) -> None:
        """Resolve references in pages that other plugins have written since then."""
        for path in self.site.rglob("*.html"):
            with suppress(OSError):  # it is gone again, or not ours
                if path.stat().st_mtime < since:
                    continue
                name = path.relative_to(self.site).as_posix()
                html = path.read_text("utf-8", "surrogateescape")
                resolved = self.resolve_excerpts(html, name)
                if resolved != html:
                    path.write_text(resolved, "utf-8", "surrogateescape")

    def show_meanwhile(
        self, finished: Path, is_current: Callable[[], bool]
    ) -> None:
        """Let pages show the results that held last, and touch a file when runs end."""
        self.session.patient = False
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
                        finished.touch()

        threading.Thread(target=follow, daemon=True).start()

    def watch(self, server: Any) -> None:
        """Let a live server, once there is one, build again when data or libraries change, too."""
        if not server:
            return
        folders = dict.fromkeys(self.session.project.list_data_folders(), False)
        for job in self.session.build.jobs.values():
            folders |= dict.fromkeys(job.sources, True)
        for path in filter(os.path.exists, folders):
            server.watch(path, recursive=folders[path])

    def add_files(self, files: Files) -> None:
        """Add the generated pages, and the files of all results that are there or come later."""
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
        """Add generated files; notebooks only after `nav`, or other plugins take them for pages."""
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
            known = self.files.get_file_from_path(name)
            if known and not known.generated_by:
                self.session.project.report(
                    str(known.abs_src_path),
                    1,
                    "a generated file has this name: rename this one",
                )
            self.files.append(file)

    def add_downloads(self, files: Files) -> None:
        """Add what had to wait until `nav` was built."""
        self.files, self.links = files, support.Links(files, self.config)
        waiting, self.downloads = self.downloads, None
        self.add_generated(waiting or ())

    def create_context(self, md: Markdown) -> PageContext:
        """Return the context of a conversion; MkDocs' own extension knows of which page it is."""
        file: Any = None
        if "relpath" in md.treeprocessors:  # else another plugin converts
            file = getattr(md.treeprocessors["relpath"], "file", None)
        page, text = "", ""
        if file:
            page, text = file.src_uri, support.read_text(file)
        context = self.session.open_page(page, text)
        self.contexts.setdefault(page, context)
        return context

    def read_source(self, page: Page) -> str | None:
        """Return the text of a lab, or one in place of a page that cannot be read, else None."""
        where = page.file.src_uri
        if not where.endswith(support.MARKDOWN):
            return None
        lab = self.session.read_lab(where)
        head = self.heads[where] = self.session.check_page(
            where, support.read_text(page.file) if lab is None else lab
        )
        return UNREADABLE if head.diagnostics else lab

    def fill_head(self, page: Page, markdown: str) -> None:
        """Load what a page links to by address, and fill the values in its head."""
        for name in re.findall(r"\bevidence/(\w+)/", markdown):
            self.session.load(name)
        if head := self.heads.get(page.file.src_uri):
            page.meta = support.fill_strings(
                page.meta, lambda text: fill_plain(text, head)
            )
        page.meta["plain"] = f"{Path(page.file.dest_uri).stem}.md"

    def finish_pages(self, files: Files) -> None:
        """Wait for all runs, resolve references, write Markdown copies.

        Raises PluginError, or logs it while serving, where something is wrong.
        """
        for head in self.heads.values():
            head.submit()
        session, diagnostics = self.session, self.session.finish_runs()
        pages = [file.page for file in files.documentation_pages() if file.page]
        for page in pages:
            if context := self.contexts.get(page.file.src_uri):
                diagnostics += self.finish_page(page, context)
        for name, works in session.site.works.items():
            # Readers get the file that was read
            if file := files.get_file_from_path(name):
                file.content_string = works.text
        for page in pages if diagnostics else ():
            where = page.file.src_uri
            if wrong := session.select_diagnostics(where, diagnostics):
                lines = "</p><p>".join(escape(str(each)) for each in wrong)
                box = f'<div class="admonition failure"><p>{lines}</p></div>'
                page.content = f"{box}{page.content}"
        if diagnostics and session.patient:
            raise PluginError(format_diagnostics(diagnostics))
        if diagnostics:
            log.error(format_diagnostics(diagnostics))

    def finish_page(self, page: Page, context: PageContext) -> list[Diagnostic]:
        """Resolve the references of a page and write its Markdown copy; return what is wrong."""
        site, links = context.site, self.links
        page.markdown = context.text  # of which a blog makes excerpts
        page.content, unknown = resolve_references(
            page.content or "", context.page, site, links.relate
        )
        for key, message in unknown:
            context.report(f"[@{key}]", message)
        if "</" in unescape(str(page.title or "")):
            # Themes write the title into the head as it is
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
        """Write a file of the site, or link to that of the last one where it is the same."""
        last = self.site / Path(path).relative_to(self.config.site_dir)
        with suppress(OSError):
            if last.read_bytes() == data and try_link(str(last), path):
                return
        write_file(data, path)

    def fill_markdown(self, page: Page) -> None:
        """Let the Markdown of a page say in words what its HTML does, for abstracts of feeds."""
        context = self.contexts.get(page.file.src_uri)
        if context and "rss" in self.config.plugins:
            page.markdown = self.export_page(
                context, lambda formula: describe_formulas(formula, context)
            )

    def export_page(self, context: PageContext, *describe: Callable) -> str:
        """Return the Markdown of a page as `export_markdown` fills it."""
        return export_markdown(
            context.text,
            context.page,
            context.markdown,
            context.site,
            self.links.absolute,
            *describe,
        )

    def resolve_excerpts(self, html: str, page: str) -> str:
        """Return a finished page, in which excerpts of other pages have their references, too."""
        return resolve_references(
            html, page, self.session.site, self.links.relate
        )[0]
