"""Build: run stale snippets and labs in parallel, and hand out results as they arrive."""

import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from itertools import count
from typing import Any

from evidence.cache import Cache, find_state_folder, open_cache
from evidence.diagnostics import Diagnostic, SiteError
from evidence.keys import (
    DataError,
    Job,
    Outcome,
    build_job,
    describe_version,
    digest,
    explain_change,
    find_own_source,
)
from evidence.project import Project
from evidence.results import RESULT, Result, load_result
from evidence.runs import Executor, Runs


class Build:
    """The results of a project: cached ones, and those of runs in progress."""

    def __init__(
        self,
        project: Project,
        log: Callable[[str], object] = print,
        runs: Runs | None = None,
    ) -> None:
        """Look up all results in the cache; nothing runs before `start`.

        `runs` may hold runs of an earlier build; those that are still needed continue.
        """
        self.project, self.log, self.runs = project, log, runs or Runs()
        self.cache: Cache = open_cache(project.root)
        describe_version.cache_clear()  # of libraries that are edited in place
        self.jobs: dict[str, Job] = {}
        self.results: dict[str, Result] = {}
        self.digests: dict[str, str] = {}
        self.stale: list[str] = []
        self.futures: dict[str, Future[Outcome]] = {}
        self.count = count(1)
        for name in [*project.names("lab"), *project.names("snippet")]:
            # Labs first, which take longest
            try:
                job = self.jobs[name] = build_job(project, name)
            except DataError as error:
                project.diagnostics += error.args
                continue
            files = self.cache.get(name, job.key)
            if self._load(name, files):
                self.cache.touch(name, job.key)
            else:
                self.stale.append(name)
                if files is not None:
                    log(f"the entry of {name} is not used: it holds no result")

    def _load(self, name: str, files: dict[str, bytes] | None) -> bool:
        """Read the result in an entry of the cache; return whether there is one."""
        if not files or not (result := parse_entry(files)):
            return False
        self.digests[name] = digest(files[RESULT])
        self.results[name] = result
        return True

    def start(self, first: Iterable[str] = ()) -> None:
        """Start all stale runs: the names in `first` in their order, then the others.

        Raises SiteError if the scheduler named by EVIDENCE_SCHEDULER cannot be used.
        """
        jobs = {
            name: self.jobs[name]
            for name in dict.fromkeys([*first, *self.stale])
            if name in self.stale
        }
        self.runs.keep({job.key for job in jobs.values()})
        self.futures = {
            name: self.runs.submit(job, self._run, self._create_executor)
            for name, job in jobs.items()
        }

    def _create_executor(self) -> Executor:
        modules = {
            module
            for stale in self.stale
            for module in self.project.library_imports(stale)
        }
        libraries = sorted(
            name for name in modules if not find_own_source(name.split(".")[0])
        )
        if not os.environ.get("EVIDENCE_SCHEDULER"):
            from evidence.pool import LocalExecutor

            return LocalExecutor(
                libraries, find_state_folder(self.project.root) / "runs"
            )
        try:
            from evidence.extras.dask import DaskExecutor
        except ImportError:
            raise SiteError(
                "EVIDENCE_SCHEDULER is set, and evidence/extras is left out: unset it"
            ) from None
        return DaskExecutor(libraries, self.log)

    def _run(self, executor: Executor, job: Job) -> Outcome:
        """Run one job, and cache its files unless it failed."""
        why = ", ".join(self.explain(job.name))
        place = f"{next(self.count)} of {len(self.stale)}"
        self.log(f"running {job.name}: {why} ({place})")
        start = time.monotonic()
        outcome = executor.run(job)
        self.log(f"{job.name} took {time.monotonic() - start:.1f} s")
        if not outcome.diagnostics:
            self.cache.put(job.name, job.key, outcome.files)
        return outcome

    def wait(self, name: str) -> list[Diagnostic]:
        """Wait for a run and return its diagnostics; [] if the name was not stale."""
        future = self.futures.get(name)
        return future.result().diagnostics if future else []

    def get_result(self, name: str) -> Result | None:
        """Return the current result of a name, else its last valid one, else None."""
        if name not in self.results and name in self.jobs:
            for key in (self.jobs[name].key, self.cache.latest(name)):
                if self._load(name, self.cache.get(name, key)):
                    break
        return self.results.get(name)

    def read_latest(self, name: str) -> Result | None:
        """Return the last valid result of a name, whatever its inputs were, or None."""
        return parse_entry(self.cache.get(name, self.cache.latest(name)))

    def is_edited(self, name: str) -> bool:
        """Return whether a name is stale because its own file changed, or never ran."""
        if name not in self.stale:
            return False
        result, job = self.read_latest(name), self.jobs[name]
        return not result or result.inputs.get(job.file) != job.inputs[job.file]

    def finish(self, waits_for_runs: bool = True) -> None:
        """Add the diagnostics of runs to the project: of all runs, or only of finished ones."""
        try:
            for name in sorted(self.futures, key=list(self.jobs).index):
                if waits_for_runs or self.futures[name].done():
                    self.project.diagnostics += self.wait(name)
        finally:
            if waits_for_runs:
                self.runs.close()
            self.report_warnings()

    def report_warnings(self) -> None:
        """Log each warning of the caches once; none of them fails a build."""
        for place, each in (
            ("cache", self.cache),
            ("EVIDENCE_STORE", self.cache.shared),
        ):
            while each and each.warnings:
                self.log(f"{place}: {each.warnings.pop(0)}")

    def explain(self, name: str) -> list[str]:
        """Return which inputs changed since the last valid result."""
        result = self.read_latest(name)
        return explain_change(
            result.inputs if result else None, self.jobs[name].inputs
        )


def parse_entry(files: Any) -> Result | None:
    """Return the result in the files of an entry, or None if another version wrote them."""
    try:
        return load_result(files)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
