"""Evidence: pages whose numbers, figures, claims and equations are computed and checked by scripts.

Two pure functions are the whole idea: `run(job)` turns the texts of a snippet into files, and
`render(text, site, page)` turns a page and results into HTML and a record of what it used.
The types of all public names are in `__init__.pyi`.
"""

import re
from importlib import import_module
from typing import Any

HOMES = dict(
    re.findall(
        r"(\w+) (\w+)",
        """
Job keys
Outcome keys
Page extension
Project project
Site usage
SnippetResult results
Usage usage
build_job keys
load_result results
open_cache cache
render extension
run worker
""",
    )
)
__all__ = list(HOMES)


def __getattr__(name: str) -> Any:
    """Import a public name at its first use: importing numpy takes longer than a warm build."""
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"evidence.{HOMES[name]}"), name)
