"""Runs: jobs in progress, each started once, even if the site is rebuilt meanwhile."""

from collections.abc import Callable, Set
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from evidence.keys import Job, Outcome


class Executor(Protocol):
    """A place where jobs run."""

    width: int
    "Number of runs that keep it busy."

    def run(self, job: Job) -> Outcome:
        """Run one job and wait for its outcome; called from several threads."""

    def close(self) -> None:
        """Kill all runs, and start no more."""


class Runs:
    """The runs of this process by the keys of their jobs."""

    def __init__(self) -> None:
        self.futures: dict[str, Future[Outcome]] = {}
        self.executor: Executor | None = None
        self.threads: ThreadPoolExecutor | None = None

    def keep(self, keys: Set[str]) -> None:
        """Drop all runs but these, and those that raised an error; cancel what has not started."""
        for key, future in list(self.futures.items()):
            is_dead = future.done() and (
                future.cancelled() or future.exception()
            )
            if is_dead or key not in keys:
                self.futures.pop(key).cancel()

    def submit(
        self,
        job: Job,
        run: Callable[[Executor, Job], Outcome],
        create_executor: Callable[[], Executor],
    ) -> Future[Outcome]:
        """Return the run of a job; `run` executes it as soon as a thread is free."""
        if not self.executor or not self.threads:
            self.executor = create_executor()
            # Each thread waits for one run
            self.threads = ThreadPoolExecutor(self.executor.width)
        if job.key not in self.futures:
            self.futures[job.key] = self.threads.submit(run, self.executor, job)
        return self.futures[job.key]

    def close(self) -> None:
        """Kill all runs, and wait until their threads have ended."""
        if self.threads and self.executor:
            self.threads.shutdown(wait=False, cancel_futures=True)
            self.executor.close()
            self.threads.shutdown()
        self.futures, self.executor, self.threads = {}, None, None
