"""MkDocs support: addresses, warnings, configuration and conflicts with other plugins."""

import logging
import os
from collections.abc import Callable
from itertools import product
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any
from urllib.parse import urljoin

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.utils import get_relative_url

from evidence.cache import find_state_folder
from evidence.mathematics import check_macros
from evidence.project import Project
from evidence.publish import try_link

MARKDOWN = (".md", ".markdown", ".mkd", ".mkdn")
LARGEST_LIMIT = 1_000_000  # seconds or megabytes of a run


class LogCounter(logging.Handler):
    """Counts the records that MkDocs and plugins log at a level or above."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.count = 0
        logging.getLogger("mkdocs").addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1


class GeneratedFile(File):
    """A file in the state folder, which the site can hold as a hard link."""

    def copy_file(self, dirty: bool = False) -> None:
        """Link the file to its place in the site, or copy it if that fails."""
        if not try_link(str(self.abs_src_path), self.abs_dest_path):
            super().copy_file(dirty)


class Links:
    """The addresses of pages and files in a built site."""

    def __init__(self, files: Files, config: MkDocsConfig) -> None:
        self.files, self.base = files, config.site_url or "/"

    def find_url(self, target: str) -> str:
        """Return the address of a page or file, relative to the top of the site."""
        file = self.files.get_file_from_path(target)
        return file.url if file else target

    def relate(self, target: str, page: str) -> str:
        """Return the address of a target, relative to a page."""
        return get_relative_url(self.find_url(target), self.find_url(page))

    def absolute(self, target: str, page: str) -> str:
        """Return the full address of a target that a page names relative to itself."""
        path = join("/", dirname(page), target)
        url = self.find_url(normpath(path)[1:])
        return urljoin(self.base, url.removeprefix("./"))


def describe_conflict(config: MkDocsConfig, is_started: bool = True) -> str:
    """Return what is wrong with the configuration or environment, "" if nothing is."""
    if not is_started:
        return (
            "a program that builds must call config.plugins.on_startup(command='build', "
            "dirty=False) before it, and on_shutdown() at its end, as mkdocs does"
        )
    for name in "site_name site_description site_author copyright nav".split():
        if "{{" in str(config[name]):
            return (
                f"mkdocs.yml: {{{{ }}}} stands under {name}: values are filled in pages and their "
                "heads only"
            )
    if "evidence #2" in config.plugins:
        return "mkdocs.yml names the plugin evidence twice: remove one"
    options = config.plugins["evidence"].config
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "0")
    if not epoch.isdecimal() or int(epoch) >= 2**32:
        return (
            f"SOURCE_DATE_EPOCH={epoch} is no number of seconds since 1970: "
            "write one, or unset it"
        )
    for name in ("seconds", "megabytes"):
        if not 0 < (options[name] or 0) <= LARGEST_LIMIT:
            return (
                f"mkdocs.yml: {name} is {options[name]}: write a whole number "
                f"from 1 to {LARGEST_LIMIT:,}"
            )
    if message := check_macros(options["macros"]):
        return f"mkdocs.yml: {message}"
    root = find_root(config)
    site, docs, state, snippets, theme = [
        Path(folder).resolve()
        for folder in (
            config.site_dir,
            config.docs_dir,
            find_state_folder(root),
            root / options["snippets"],
            config.theme.custom_dir or config.docs_dir,
        )
    ]
    if site.is_file():
        return f"mkdocs.yml: site_dir: {site} is a file: name a folder"
    if options["snippets"] != "snippets" and not snippets.is_dir():
        return f"mkdocs.yml: snippets: {snippets} is no folder: make it, or name another"
    if snippets in root.parents:
        return f"mkdocs.yml: snippets: {snippets} holds more than this project: name another"
    for inner, outer in (
        (state, docs),
        *product((docs, state, snippets, theme), [site]),
        *product([site], (docs, state, snippets, theme)),
    ):
        if inner.is_relative_to(outer):
            return (
                f"mkdocs.yml: {inner} is, or lies in, {outer}, where a build would mix up or "
                "remove files: name another site_dir, or EVIDENCE_CACHE"
            )
    macros = config.plugins.get("macros")
    if macros and macros.config.get("j2_variable_start_string", "") in (
        "",
        "{{",
    ):
        return (
            "mkdocs-macros reads {{ }}, too: write in mkdocs.yml, under macros, "
            "j2_variable_start_string: '[[' and j2_variable_end_string: ']]'"
        )
    return ""


def find_root(config: MkDocsConfig) -> Path:
    """Return the folder of mkdocs.yml."""
    return Path(config.config_file_path or "mkdocs.yml").parent.resolve()


def create_project(config: MkDocsConfig) -> Project:
    """Return the project for a configuration."""
    root = find_root(config)
    docs = os.path.relpath(Path(config.docs_dir).resolve(), root)
    options: Any = config.plugins["evidence"].config
    return Project(
        root,
        options.snippets,
        Path(docs).as_posix(),
        options.seconds,
        options.megabytes,
        options.pictures,
    )


def read_text(file: File) -> str:
    """Return the text of a page; bytes that are not UTF-8 become U+FFFD."""
    return (
        file.content_bytes.decode("utf-8-sig", "replace")
        .replace("\r\n", "\n")
        .replace("\r", "\n")
    )


def fill_strings(value: Any, fill: Callable[[str], str]) -> Any:
    """Return a structure of dicts and lists in which each string is filled."""
    match value:
        case str():
            return fill(value)
        case dict():
            return {
                key: fill_strings(part, fill) for key, part in value.items()
            }
        case list():
            return [fill_strings(part, fill) for part in value]
    return value
