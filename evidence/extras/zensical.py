"""Zensical: the same pages from a host that reads mkdocs.yml and runs no plugin of MkDocs.

`python -m evidence.extras.zensical` puts what the plugin would generate into the pages' folder of
the working directory, which should be a copy of the site; `evidence.extras.zensical` then stands
in mkdocs.yml among the Markdown extensions.
"""

import posixpath
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import yaml
from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from evidence.extension import EvidenceExtension, render
from evidence.project import Project
from evidence.session import Session
from evidence.syntax import HEAD
from evidence.usage import PageContext, Site


class _Loader(yaml.SafeLoader):
    """Reads a mkdocs.yml whose tags (!ENV …) say nothing to us."""


_Loader.add_multi_constructor("", lambda loader, suffix, node: None)


def open_session(root: Path) -> Session:
    """Return the results of a site that MkDocs, or `python -m evidence build`, has built."""
    config = yaml.load((root / "mkdocs.yml").read_text("utf-8"), _Loader)
    options: dict[str, Any] = {}
    for plugin in config["plugins"]:
        if isinstance(plugin, Mapping):
            options |= plugin.get("evidence") or {}
    macros = options.pop("macros", {})
    project = Project(root, docs=config.get("docs_dir", "docs"), **options)
    session = Session(project, macros, print)
    session.load_all()
    return session


def prepare_site(root: Path) -> None:
    """Copy what the plugin generates into the pages' folder."""
    session = open_session(root)
    session.write_pages()
    for name in session.project.names("lab"):
        session.read_lab(f"labs/{name}.md")
    shutil.copytree(session.pages, session.site.docs, dirs_exist_ok=True)


@cache
def open_site() -> Site:
    """Return the site of the working directory, with the numbers of all equations.

    They are known once each page has been rendered, which is done here with few extensions.
    """
    site = open_session(Path.cwd()).site
    for page, text in site.read_pages().items():
        render(
            text, site, page, ["tables", "pymdownx.superfences", "md_in_html"]
        )
    site.diagnostics.clear()
    site.is_rendered = True
    return site


class ZensicalExtension(EvidenceExtension):
    """The extension, which learns from Zensical which page it renders."""

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: Any) -> None:
        from zensical.extensions.context import ContextPreprocessor

        preprocessor: Any = ContextPreprocessor.from_markdown(md)
        page = preprocessor.page.path
        site = open_site()
        text = HEAD.sub("", (site.docs / page).read_text("utf-8"))
        self.setConfig(
            "create_context", lambda md: PageContext(site, page, text)
        )
        super().extendMarkdownBlocks(md, block_mgr)
        # Last of all
        md.treeprocessors.register(
            _RelativeLinks(md, page), "evidence-links", 0
        )


class _RelativeLinks(Treeprocessor):
    """Lets addresses from the top of the pages' folder begin at the page, as Zensical does."""

    def __init__(self, md: Markdown, page: str) -> None:
        super().__init__(md)
        self.folder = posixpath.dirname(f"/{page}")

    def run(self, root: Element) -> None:
        for element in root.iter():
            for name in ("href", "src"):
                address = element.get(name, "")
                if address.startswith("/") and not address.startswith("//"):
                    element.set(name, posixpath.relpath(address, self.folder))


def makeExtension(**config: Any) -> ZensicalExtension:
    """Return the extension, as Python-Markdown asks for it."""
    return ZensicalExtension(**config)


if __name__ == "__main__":
    prepare_site(Path.cwd())
