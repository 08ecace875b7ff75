"""All that this package takes from a build of `evidence`: what a page uses, and the files of its results."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from evidence.build import Build
from evidence.project import Project
from evidence.usage import PageContext


def page_of(md: Any) -> str:
    """Return the path, in the pages’ folder, of the page that is being rendered, or ""."""
    context: PageContext | None = getattr(md, "evidence", None)
    return context.page if context else ""


def runs_used(md: Any) -> list[tuple[str, dict[str, str]]]:
    """Return (day, library to version) of each run whose results the rendered page shows."""
    context: PageContext | None = getattr(md, "evidence", None)
    if not context:
        return []
    results = context.site.results
    used = [results[name] for name in sorted(context.usage.snippets) if name in results]
    return [
        (
            result.date,
            {
                "Python": str(result.inputs["python"]),
                **{name: str(result.inputs[name]) for name in ("numpy", "matplotlib")},
            },
        )
        for result in used
    ]


def first_picture(config: Any, page: str) -> tuple[Path | None, int]:
    """Return the PNG of the first figure on a page, and its number of panels."""
    context: PageContext | None = config.plugins["evidence"].build.contexts.get(page)
    for snippet, kind, name in context.usage.offers if context else ():
        if kind in ("figure", "explore") and context:
            figure = context.site.results[snippet].offers(kind)[name]
            return result_file(config, snippet, f"{kind}_{name}.png"), figure.panels
    return None, 1


def result_file(config: Any, snippet: str, file: str) -> Path | None:
    """Return a file of a snippet’s result, such as figure_paths.svg, or None."""
    session = config.plugins["evidence"].build.session
    session.load(snippet)
    path = session.pages / "evidence" / snippet / file
    return path if path.is_file() else None


def has_failed(config: Any, snippet: str) -> bool:
    """Return whether a snippet has no results, which its run has reported."""
    return snippet in config.plugins["evidence"].build.session.site.failures


def source_of(config: Any, page: str) -> str:
    """Return the file behind a page, relative to the root; "" for a generated page."""
    session = config.plugins["evidence"].build.session
    file = session.find_file(page)
    return file if (session.project.root / file).is_file() else ""


def cached(config: Any, name: str, key: str, create: Callable[[], bytes]) -> bytes:
    """Return the bytes that `create` makes, cached by a name and a key of their inputs."""
    cache = config.plugins["evidence"].build.session.build.cache
    return cache.get_or_create(name, key, lambda: {"content": create()})["content"]


def latest_file(root: Path, snippet: str, file: str) -> bytes:
    """Return a file of the last valid result of a snippet, for use outside of a build."""
    result = Build(Project(root)).get_result(snippet)
    if not result:
        raise FileNotFoundError(f"{snippet}.py has not run: run python -m evidence build")
    return result.files[file]


def is_serving(config: Any) -> bool:
    """Return whether the site is served live."""
    return config.plugins["evidence"].serving
