from evidence.cache import open_cache as open_cache
from evidence.extension import Page as Page
from evidence.extension import render as render
from evidence.keys import Job as Job
from evidence.keys import Outcome as Outcome
from evidence.keys import build_job as build_job
from evidence.project import Project as Project
from evidence.results import (
    SnippetResult as SnippetResult,
)
from evidence.results import (
    load_result as load_result,
)
from evidence.usage import Site as Site
from evidence.usage import Usage as Usage
from evidence.worker import run as run

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
