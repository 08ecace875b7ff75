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

    def keep(self, keys: Set[str]) -> None:
        """Forget all runs but these, and those that raised an error; what waits never begins."""
        for key, future in list(self.futures.items()):
            lost = future.done() and (future.cancelled() or future.exception())
            if lost or key not in keys:
                self.futures.pop(key).cancel()

    def submit(
        self,
        job: Job,
        run: Callable[["Executor", Job], Outcome],
        create_executor: Callable[[], "Executor"],
    ) -> Future[Outcome]:
        """Return the run of a job, which `run` does when there is room for it."""
        if not self.executor or not self.threads:
            self.executor = create_executor()
            # Each waits for one run
            self.threads = ThreadPoolExecutor(self.executor.width)
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
