"""Runs: jobs under way, each once, also when a site is built again meanwhile."""

from collections.abc import Callable, Set
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from evidence.keys import Job, Outcome

if TYPE_CHECKING:
    from evidence.pool import Executor


class Runs:
    """The runs of one process, each under the key of its job."""

    def __init__(self) -> None:
        self.futures: dict[str, Future[Outcome]] = {}
        self.executor: Executor | None = None
        self.threads: ThreadPoolExecutor | None = None

    def open(self, create: Callable[[], "Executor"]) -> None:
        """Make ready for runs, with an executor that `create` makes where there is none yet."""
        if not self.executor:
            self.executor = create()
            # Each waits for one run
            self.threads = ThreadPoolExecutor(self.executor.width)

    def keep(self, keys: Set[str]) -> None:
        """Forget all runs but these, and those that raised an error; what waits never begins."""
        for key, future in list(self.futures.items()):
            lost = future.done() and (future.cancelled() or future.exception())
            if lost or key not in keys:
                self.futures.pop(key).cancel()

    def submit(
        self, job: Job, run: Callable[["Executor", Job], Outcome]
    ) -> Future[Outcome]:
        """Return the run of a job, which `run` does when there is room for it."""
        assert self.executor and self.threads, "open it before"
        if job.key not in self.futures:
            self.futures[job.key] = self.threads.submit(run, self.executor, job)
        return self.futures[job.key]

    def close(self) -> None:
        """End what still runs, and leave nothing of it behind."""
        if self.threads and self.executor:
            self.threads.shutdown(wait=False, cancel_futures=True)
            self.executor.close()
            self.threads.shutdown()
        self.futures, self.executor, self.threads = {}, None, None
