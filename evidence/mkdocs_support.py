"""MkDocs support: addresses, warnings and neighbors as the plugin has to know them."""

import logging
import os
import posixpath
import re
import shutil
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager, suppress
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url, write_file

from evidence.diagnostics import Diagnostic
from evidence.export import export_markdown
from evidence.mathematics import check_macros, describe_formula
from evidence.session import Session
from evidence.syntax import DOLLAR
from evidence.usage import PageContext, resolve_references

MARKDOWN = (".md", ".markdown", ".mkd", ".mkdn")
REBUILD_SECONDS = 10  # at least, between two rebuilds for results that have come


class WarningCounter(logging.Handler):
    """Counts warnings, which end a strict build after the last event of plugins."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.count = 0
        logging.getLogger("mkdocs").addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1


class Links:
    """The addresses of pages and files in a built site."""

    def __init__(self, files: Files, config: MkDocsConfig) -> None:
        self.files, self.base = files, config.site_url or "/"

    def find_url(self, target: str) -> str:
        """Return the address of a page or file, from the top of the site."""
        file = self.files.get_file_from_path(target)
        return file.url if file else target

    def relate(self, target: str, page: str) -> str:
        """Return the address of a target as a page links to it."""
        return get_relative_url(self.find_url(target), self.find_url(page))

    def absolute(self, target: str, page: str) -> str:
        """Return the whole address of what a page names relative to itself."""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(page), target))
        return urljoin(self.base, self.find_url(path).removeprefix("./"))


def describe_conflict(config: MkDocsConfig) -> str:
    """Return what is wrong with a configuration or other plugins in it, or ""."""
    for name in ("site_name", "site_description", "site_author", "copyright", "nav"):
        if "{{" in str(config[name]):
            return (
                f"mkdocs.yml: {{{{ }}}} stands under {name}: values are filled in pages and their "
                "heads only"
            )
    if message := check_macros(config.plugins["evidence"].config["macros"]):
        return f"mkdocs.yml: {message}"
    macros = config.plugins.get("macros")
    if macros and macros.config.get("j2_variable_start_string", "{{") in ("", "{{"):
        return (
            "mkdocs-macros reads {{ }}, too: write in mkdocs.yml, under macros, "
            "j2_variable_start_string: '[[' and j2_variable_end_string: ']]'"
        )
    return ""


def create_mark(folder: Path) -> Path:
    """Return a file, created where it is missing, by which the live server is told of results."""
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / "finished"
    mark.touch(exist_ok=True)
    return mark


def find_root(config: MkDocsConfig) -> Path:
    """Return the folder of mkdocs.yml."""
    return Path(config.config_file_path or "mkdocs.yml").parent.resolve()


def read_pages(config: MkDocsConfig) -> Iterator[str]:
    """Yield the text of each page in the pages’ folder."""
    for path in sorted(Path(config.docs_dir).rglob("*.md")):
        if path.is_file():
            yield path.read_text("utf-8", "replace")


def find_linked_snippets(markdown: str) -> list[str]:
    """Return the snippets whose files a text links to by their addresses."""
    return list(dict.fromkeys(re.findall(r"\bevidence/(\w+)/", markdown)))


def read_text(file: File) -> str:
    """Return the text of a page; what is not UTF-8 becomes U+FFFD."""
    text = file.content_bytes.decode("utf-8-sig", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def finish_page(
    page: Page, session: Session, context: PageContext, links: Links
) -> list[Diagnostic]:
    """Resolve the references of a page and write its Markdown copy; returns what is wrong."""
    where, before = page.file.src_uri, len(context.diagnostics)
    page.content, unknown = resolve_references(
        page.content or "", where, session.site, links.relate
    )
    for key, message in unknown:
        context.report(f"[@{key}]", message)
    if "</" in unescape(str(page.title or "")):  # which themes write into the head as it is
        context.report("# ", "the page’s title holds ‘</’, which ends the title: say it in words")
    if "plain" in page.meta:
        arguments = (where, context.markdown, session.site, links.absolute)
        text = export_markdown(context.text, *arguments)
        write_file(text.encode(), f"{os.path.splitext(page.file.abs_dest_path)[0]}.md")
    return context.diagnostics[before:]


def fill_strings(value: Any, fill: Callable[[str], str]) -> Any:
    """Return a structure of dicts and lists in which each string is filled."""
    if isinstance(value, str):
        value = fill(value) if "{{" in value else value
        return re.sub(DOLLAR, lambda match: describe_formula(match[1]), value)
    if isinstance(value, dict):
        return {key: fill_strings(part, fill) for key, part in value.items()}
    if isinstance(value, list):
        return [fill_strings(part, fill) for part in value]
    return value


@contextmanager
def stage_site(folder: Path) -> Generator[Path]:
    """Give a build an empty folder to write to, which is gone in the end."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def follow_runs(futures: Iterable[Future], finished: Path, is_current: Callable[[], bool]) -> None:
    """Touch a file that the live server watches when runs end, until another build begins."""
    running = {future for future in futures if not future.done()}

    def follow() -> None:
        left = running
        while left and is_current():
            done, left = wait(left, REBUILD_SECONDS, return_when=FIRST_COMPLETED)
            if done and left:
                more, left = wait(left, REBUILD_SECONDS)
                done |= more
            if done and is_current():
                with suppress(OSError):
                    finished.touch()

    threading.Thread(target=follow, daemon=True).start()
