"""Page cache: a MkDocs plugin that takes unchanged pages over from an earlier build.

A page is cached twice: its article, keyed by what it is written from, and the finished page, keyed
by the article and all that the theme puts around it. That is safe as long as pages depend only on
the site's own files: text, results, mkdocs.yml, the theme's folder, and what hooks put into
`config.extra` before pages are read. Beside a plugin that may read every page, nothing is cached.
"""

import json
import os
import warnings
from copy import copy
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, DictLoader, Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc

from evidence.cache import Cache, find_state_folder
from evidence.extras.page_keys import (
    digest_json,
    dump_usage,
    list_installed,
    list_shape,
    list_titles,
    list_tokens,
    list_works,
    load_usage,
    strip_markup,
)
from evidence.extras.theme_cache import CachedTheme, PageLog
from evidence.keys import digest_files, find_own_source, is_installed
from evidence.mkdocs_support import find_root
from evidence.session import Session
from evidence.usage import PageContext

EMPTY = "evidence/empty.html"  # template of a page that is finished already
KNOWN = {  # plugins that do not read the article of a cached page
    "evidence",
    "page-cache",
    "material/search",
    "material/tags",
    "material/offline",
}


class CachedPage(Page):
    """A page that may take its article, or all of it, from an earlier build."""

    article: dict[str, Any] | None = None
    "What was rendered, and what that depends on."
    key = ""
    "Of the article, then of the finished page."
    is_finished = False
    "Whether the page was taken over whole."
    log_count = 0
    "Messages before the page was last worked on."

    def render(self, config: MkDocsConfig, files: Files) -> None:
        if not self.article:
            super().render(config, files)
            return
        self.content = self.article["html"]
        self.toc = get_toc(self.article["toc"])
        self.title = self.article["title"]
        self.present_anchor_ids = set(self.article["ids"])
        self.links_to_anchors = {
            file: links
            for target, links in self.article["links"].items()
            if (file := files.get_file_from_path(target))
        }


class PageCachePlugin(BasePlugin):
    """Takes over what the last builds left, and leaves what this one makes."""

    def on_startup(self, *, command: str, dirty: bool) -> None:
        self.serving, self.log = command == "serve", PageLog()

    @event_priority(100)
    def _prepare_theme(self, config: MkDocsConfig) -> None:
        """First of all, since some plugins read templates at once."""
        root = find_root(config)
        self.cache = Cache(find_state_folder(root) / "cache")
        theme: Any = copy(config.theme)
        theme.__class__, theme.cache = CachedTheme, self.cache
        config.theme = theme

    @event_priority(-100)
    def _prepare_keys(self, config: MkDocsConfig) -> None:
        """Last of all, when the configuration is complete."""
        plugins: dict[str, Any] = {  # without hooks, which are modules
            name: plugin.config
            for name, plugin in config.plugins.items()
            if isinstance(plugin, BasePlugin)
            and plugin.config.get("enabled", True)
        }
        self.active = not set(plugins) - KNOWN and "evidence" in plugins
        self.search: Any = config.plugins.get("material/search")
        root = find_root(config)
        package = Path(__file__).parent.parent
        themes = [path for path in config.theme.dirs if not is_installed(path)]
        sources = [*map(Path, themes), package]
        sources += [root / str(name) for name in config.hooks]
        modules = sorted(
            {name.split(".")[0] for name in config.markdown_extensions}
        )
        sources += [Path(own) for own in map(find_own_source, modules) if own]
        with warnings.catch_warnings(action="ignore"):
            # Nothing else tells what was set
            configs = config.user_configs
        self.outside = digest_json(
            [part | {"strict": "", "site_dir": ""} for part in configs],
            dict(plugins.get("evidence", {})),
            config.site_url,
            self.serving,
            list_installed(),
            [(str(path), digest_files(str(path))) for path in sources],
        )

    on_config = CombinedEvent(_prepare_theme, _prepare_keys)

    @event_priority(-300)  # when generated pages are there
    def on_files(self, files: Files, *, config: MkDocsConfig) -> None:
        if not self.active:
            return
        titles = dict(reversed(list(list_titles(config.nav or []))))
        for file in files.documentation_pages():
            if (
                config.nav is None
                or file.src_uri in titles
                or file.inclusion.is_not_in_nav()
            ):
                CachedPage(titles.get(file.src_uri), file, config)

    @event_priority(-100)
    def on_nav(
        self, nav: Navigation, *, config: MkDocsConfig, files: Files
    ) -> None:
        if not self.active:
            return
        plugin: Any = config.plugins["evidence"]
        self.evidence, self.session = plugin.build, plugin.build.session
        places = sorted(
            (file.src_uri, file.dest_uri, file.inclusion.name)
            for file in files
            if file.is_documentation_page()
            or not (
                file.generated_by or "/.evidence/" in (file.abs_src_path or "")
            )
        )
        works = list_works(self.session.site)
        epoch = os.environ.get("SOURCE_DATE_EPOCH")
        self.site = digest_json(
            self.outside, dict(config.extra), places, works, epoch
        )
        self.nav = nav

    @event_priority(-200)
    def on_page_markdown(self, markdown: str, *, page: Page, **_: Any) -> None:
        """Take over the article of a page if all that it was made from is the same."""
        if not isinstance(page, CachedPage):
            return
        where = page.file.src_uri
        page.log_count = self.log.count
        source = (
            where,
            markdown,
            page.meta,
            page.title,
            page.edit_url,
            page.update_date,
        )
        page.key = digest_json(self.site, source)
        if not (files_ := self.cache.get(f"articles/{where}", page.key)):
            return
        article = json.loads(files_["article.json"])
        session: Session = self.session
        for name in article["uses"]:
            session.load(name)
        if all(
            self._digest_use(name, where) == use
            for name, use in article["uses"].items()
        ):
            page.article = article
            context = PageContext(
                session.site, where, markdown, session.find_file(where)
            )
            context.usage = load_usage(article["usage"])
            context.markdown = article["markdown"]
            context.submit()
            self.evidence.contexts[where] = context

    def _digest_use(self, name: str, page: str) -> str:
        """Return the digest of all that a page can take from a snippet; of "", from all."""
        session: Session = self.session
        if name:
            return session.build.digests.get(name, "")
        site = session.site
        usages = sorted(
            dump_usage(usage)
            for usage in site.usages.values()
            if usage.page != page
        )
        return digest_json(usages, site.labs, session.build.digests)

    # Before hooks, which change a cached article as they change a new one.
    @event_priority(1000)
    def on_page_content(self, html: str, *, page: Page, **_: Any) -> None:
        """Cache a new article, unless rendering it logged something, which must be logged again."""
        if not isinstance(page, CachedPage) or page.article:
            return
        context = self.evidence.contexts.get(page.file.src_uri)
        problems = (
            not context
            or context.diagnostics
            or self.session.project.diagnostics
        )
        if problems or not self.log.is_silent_since(page.log_count):
            return
        usage = context.usage
        names = {*usage.snippets, *([""] if usage.shows_all else ())}
        links = {
            file.src_uri: anchors
            for file, anchors in (page.links_to_anchors or {}).items()
        }
        page.article = {
            "html": html,
            "title": page.title,
            "toc": list_tokens(page.toc),
            "ids": sorted(page.present_anchor_ids or ()),
            "links": links,
            "uses": {
                name: self._digest_use(name, page.file.src_uri)
                for name in names
            },
            "usage": dump_usage(usage),
            "markdown": context.markdown,
        }
        self.cache.try_put(
            f"articles/{page.file.src_uri}",
            page.key,
            {"article.json": json.dumps(page.article).encode()},
        )

    @event_priority(-100)
    def on_env(self, env: Environment, *, files: Files, **_: Any) -> None:
        """Find the pages that are cached whole: the same article, and the same site around it."""
        if not self.active:
            return
        assert env.loader
        env.loader = ChoiceLoader([DictLoader({EMPTY: ""}), env.loader])
        around = digest_json(self.site, list_shape(self.nav))
        self.log.finished.clear()
        for file in files.documentation_pages():
            page = file.page
            if not isinstance(page, CachedPage) or not page.article:
                continue
            neighbors = [page.previous_page, page.next_page]
            near = [(other.title, other.url) for other in neighbors if other]
            parts = (
                near,
                page.content,
                page.article["toc"],
                page.title,
                page.meta,
                page.edit_url,
            )
            page.key = digest_json(around, parts)
            if files_ := self.cache.get(f"pages/{file.src_uri}", page.key):
                page.is_finished, page.meta["template"] = True, EMPTY
                self.log.finished.add(file.src_uri)
                self.evidence.write_file(
                    files_["page.html"], file.abs_dest_path
                )

    @event_priority(100)
    def _index_page(self, context: Any, *, page: Page, **_: Any) -> None:
        """Let the search have the entries of a page, which are parsed once for each article."""
        if not isinstance(page, CachedPage):
            return
        page.log_count, self.meta = self.log.count, page.meta
        if self.search and page.article:
            key = digest_json(page.content, page.meta, page.title)

            def parse_entries() -> dict[str, bytes]:
                index, content = self.search.search_index, page.content
                page.content = strip_markup(content or "")
                count = len(index.entries)
                index.add_entry_from_context(page)
                entries, index.entries[count:] = index.entries[count:], []
                page.content = content
                return {"entries.json": json.dumps(entries).encode()}

            files_ = self.cache.get_or_create(
                f"entries/{page.file.src_uri}", key, parse_entries
            )
            self.search.search_index.entries += json.loads(
                files_["entries.json"]
            )
            page.meta = {**page.meta, "search": {"exclude": True}}
            if page.is_finished:
                page.content = ""  # which the search would clean

    @event_priority(-100)
    def _restore_meta(self, context: Any, *, page: Page, **_: Any) -> None:
        if isinstance(page, CachedPage):
            page.meta = self.meta

    on_page_context = CombinedEvent(_index_page, _restore_meta)

    @event_priority(-200)
    def on_post_page(self, output: str, *, page: Page, **_: Any) -> str:
        """Cache a page that the theme has just finished."""
        if not isinstance(page, CachedPage):
            return output
        if page.is_finished:
            return ""  # whatever hooks add to it: they did so when it was made
        if page.article and self.log.is_silent_since(page.log_count):
            data = output.encode("utf-8", errors="xmlcharrefreplace")
            self.cache.try_put(
                f"pages/{page.file.src_uri}", page.key, {"page.html": data}
            )
        return output
