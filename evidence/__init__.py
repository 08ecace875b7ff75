"""Evidence: pages whose numbers, figures, claims and equations are computed and checked by scripts.

Two pure functions are the whole idea: `run(job)` turns the texts of a snippet into files, and
`render(text, site, page)` turns a page and results into HTML and a record of what it used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evidence.cache import open_cache
    from evidence.extension import Page, render
    from evidence.keys import Job, Outcome, build_job
    from evidence.project import Project
    from evidence.results import SnippetResult, load_result
    from evidence.usage import Site, Usage
    from evidence.worker import run

HOMES = {
    "Job": "keys",
    "Outcome": "keys",
    "Page": "extension",
    "Project": "project",
    "Site": "usage",
    "SnippetResult": "results",
    "Usage": "usage",
    "build_job": "keys",
    "load_result": "results",
    "open_cache": "cache",
    "render": "extension",
    "run": "worker",
}
__all__ = [
    "Job",
    "Outcome",
    "Page",
    "Project",
    "Site",
    "SnippetResult",
    "Usage",
    "build_job",
    "load_result",
    "open_cache",
    "render",
    "run",
]


def __getattr__(name: str) -> Any:
    """Import a public name at its first use: importing numpy takes longer than a warm build."""
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"evidence.{HOMES[name]}"), name)
