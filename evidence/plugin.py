"""Plugin: the events of MkDocs, each handed to the build of the site in a few lines."""

import logging
from contextlib import ExitStack
from typing import Any, Literal

from jinja2 import Environment
from mkdocs.config import config_options as option
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from evidence import mkdocs_support as support
from evidence.cache import find_state_folder, write_if_changed
from evidence.diagnostics import SiteError, describe_disk_error
from evidence.mkdocs_build import SiteBuild
from evidence.runs import Runs


class Options(Config):
    """What stands under `evidence:` in mkdocs.yml."""

    snippets = option.Type(str, default="snippets")
    seconds = option.Type(int, default=60)
    megabytes = option.Type(int, default=2048)
    pictures = option.Type(bool, default=False)
    macros = option.Type(dict, default={})


class EvidencePlugin(BasePlugin[Options]):
    """The plugin `evidence`: hands each event of MkDocs to the build of the site."""

    build: SiteBuild
    "The current one, or the last."
    resources = ExitStack()

    def on_startup(
        self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool
    ) -> None:
        self.serving, self.dirty = command == "serve", dirty
        self.runs, self.resources, self.server = Runs(), ExitStack(), None
        self.warnings = support.LogCounter(logging.WARNING)  # end strict builds

    def on_config(self, config: MkDocsConfig) -> None:
        if error := support.describe_conflict(config, hasattr(self, "runs")):
            raise PluginError(error)
        folder = find_state_folder(support.find_root(config))
        self.marker = folder / "finished"  # touched when runs end
        write_if_changed(self.marker, b"")
        config.watch += [str(self.marker)]
        extensions = config.markdown_extensions
        extensions += {"evidence.extension"} - {*extensions}  # i18n asks again
        config.mdx_configs["evidence.extension"] = {
            "create_context": lambda md: self.build.create_context(md)
        }

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        self.resources.close()
        try:
            project = support.create_project(config)
            self.build = build = SiteBuild(
                project, self.config.macros, self.runs, self.resources
            )
            build.start_runs(config)
        except SiteError as error:
            raise PluginError(str(error)) from None
        if self.serving:
            build.show_meanwhile(self.marker, lambda: self.build is build)
            build.watch(self.server)
        else:
            build.stage(config, self.dirty)
            self.dirty = True  # i18n builds each language

    def on_serve(self, server: Any, **_: Any) -> None:
        self.server = server
        self.build.watch(server)

    @event_priority(-200)  # after i18n, which knows only files of the docs
    def on_files(self, files: Files, **_: Any) -> None:
        self.build.add_files(files)

    def on_nav(self, nav: Any, *, files: Files, **_: Any) -> None:
        self.build.add_downloads(files)

    def on_page_read_source(self, *, page: Page, **_: Any) -> str | None:
        return self.build.read_source(page)

    @event_priority(-100)
    def on_page_markdown(self, markdown: str, *, page: Page, **_: Any) -> None:
        self.build.fill_head(page, markdown)

    @event_priority(1000)  # before a feed takes its abstracts
    def on_page_content(self, html: str, *, page: Page, **_: Any) -> None:
        self.build.fill_markdown(page)

    @event_priority(-100)
    def on_env(self, env: Environment, *, files: Files, **_: Any) -> None:
        self.build.finish_pages(files)

    def on_post_page(self, output: str, *, page: Page, **_: Any) -> str:
        return self.build.resolve_excerpts(output, page.file.src_uri)

    @event_priority(1000)  # before plugins that look for the site
    def on_post_build(self, *, config: MkDocsConfig) -> None:
        if self.serving:
            self.resources.close()
        else:
            self.build.publish(config, self.warnings.count)

    def on_build_error(self, *, error: Exception) -> None:
        self.resources.close()
        if message := describe_disk_error(error):
            raise PluginError(message)

    def on_shutdown(self) -> None:
        self.runs.close()
        self.resources.close()
