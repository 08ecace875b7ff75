"""Dask: runs on the workers of a scheduler, each confined there as it would be here."""

import multiprocessing
import os
from collections.abc import Callable, Iterable
from functools import cache

from evidence.diagnostics import Diagnostic, SiteError
from evidence.keys import (
    WORKERS,
    Job,
    Outcome,
    describe_version,
    digest_machinery,
)
from evidence.pool import LocalExecutor


class DaskExecutor:
    """The workers of the scheduler at EVIDENCE_SCHEDULER."""

    # Runs handed over at a time; a worker begins one when it is free
    width = 256

    def __init__(
        self,
        libraries: Iterable[str],
        log: Callable[[str], object],
    ) -> None:
        """Connect to the scheduler. Raises SiteError where none answers."""
        address = os.environ.get("EVIDENCE_SCHEDULER", "")
        try:
            from distributed import Client
            from distributed.comm import resolve_address
        except ImportError:
            raise SiteError(
                "EVIDENCE_SCHEDULER is set, and Dask is not installed: "
                "pip install 'mkdocs-evidence[dask]', or unset it"
            ) from None
        try:
            self.client = Client(
                resolve_address(address), timeout=5, set_as_default=False
            )
        except (OSError, ValueError) as error:
            # A wrong address is a ValueError
            raise SiteError(
                f"no scheduler answers at EVIDENCE_SCHEDULER={address} ({error}): "
                "start it, or unset the variable"
            ) from None
        if not self.client.nthreads():
            log(
                "EVIDENCE_SCHEDULER: no worker is there yet; the build waits for one"
            )
        self.libraries = tuple(libraries)

    def run(self, job: Job) -> Outcome:
        """Run one job on a worker, and wait for it."""
        try:
            return self.client.submit(
                run_remotely, job, self.libraries, pure=False
            ).result()
        except Exception as error:  # a worker's, or Dask's
            message = f"the workers of EVIDENCE_SCHEDULER did not run it: {error!r}: build again"
            return Outcome({}, [Diagnostic(job.file, 1, message)])

    def close(self) -> None:
        """Forget what has not ended; a worker ends what it has begun within the limit of time."""
        self.client.close()


def run_remotely(job: Job, libraries: tuple[str, ...]) -> Outcome:
    """On a worker: run a job, unless what its key covers differs from what is installed here."""
    import platform

    others = {*job.files, "seconds", "megabytes", "pictures"}
    here = {name: describe_version(name) for name in job.inputs.keys() - others}
    here |= {
        "python": platform.python_version(),
        "evidence": digest_machinery(WORKERS[job.kind]),
    }
    differ = [
        f"{name} {version or 'missing'} instead of {job.inputs[name]}"
        for name, version in sorted(here.items())
        if version != job.inputs[name]
    ]
    if differ:
        message = f"a worker of EVIDENCE_SCHEDULER has {', '.join(differ)}: install the same there"
        return Outcome({}, [Diagnostic(job.file, 1, message)])
    return _start_executor(libraries).run(job)


@cache
def _start_executor(libraries: tuple[str, ...]) -> LocalExecutor:
    """Return the worker's own processes, started once."""
    # Or it might have no children
    multiprocessing.current_process().daemon = False
    return LocalExecutor(libraries)
