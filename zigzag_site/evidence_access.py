"""All that this package takes from `evidence`: what a page uses, and the files that its results are made of."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from evidence.project import Project
from evidence.shelf import Shelf


def page_of(md: Any) -> str:
    """The page that a Markdown instance renders, as its path in the folder of pages; nothing where none is known."""
    book = getattr(md, "book", None)
    return book.page if book else ""


def runs_used(md: Any) -> list[tuple[str, dict[str, str]]]:
    """(day, library to version) of each run whose results the page shows that a Markdown instance renders."""
    book = getattr(md, "book", None)
    used = sorted(book.users[book.page]) if book else []
    return [(book.results[name]["checked"], book.results[name]["versions"]) for name in used if name in book.results]


def first_picture(config: Any) -> tuple[Path | None, int]:
    """(PNG, how many panels it has) of the first figure on the page that was rendered last."""
    book = _book(config)
    kind, name = next(((kind, name) for kind, name in book.shown if kind in ("figure", "explore")), ("", ""))
    if not name:
        return None, 1
    snippet, _, part = name.partition(".")
    result = book.results[snippet]
    return result["folder"] / f"{kind}_{part}.png", result[kind][part]["panels"]


def result_file(config: Any, snippet: str, file: str) -> Path | None:
    """A file that a snippet's run has made, such as figure_paths.svg; None where there is none."""
    result = _book(config).results.get(snippet)
    path = result and result["folder"] / file
    return path if path and path.is_file() else None


def source_of(config: Any, page: str) -> str:
    """The file that an author edits for a page, from the top of the project; nothing where it is generated."""
    return _book(config).file(page) or ""


def cached(config: Any, kind: str, name: str, make: Callable[[], bytes]) -> bytes:
    """The bytes that `make()` returns, kept between builds under a name that says what they depend on."""
    return Shelf(_book(config).project.folder(f".kept/{kind}")).keep(name, make)


def latest_file(root: Path, snippet: str, file: str) -> Path:
    """A file of the last good run of a snippet, for what runs outside a build."""
    project = Project(root)
    result = project.load(snippet) or project.latest(snippet)
    if not result:
        raise FileNotFoundError(f"{snippet}.py has not run: run python -m evidence build")
    return result["folder"] / file


def is_serving(config: Any) -> bool:
    return config.plugins["evidence"].serving


def _book(config: Any) -> Any:
    return config.mdx_configs["evidence.pages"]["book"]
