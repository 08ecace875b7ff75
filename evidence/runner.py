"""Runner: what is stale is taken from a store or runs, in parallel, here or on a cluster, and is published."""

import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from evidence.cluster import Cluster, Unreachable
from evidence.processes import Processes, libraries
from evidence.project import remove, sweep
from evidence.store import Store


def stale(project):
    """Names of the labs and snippets without results under their present key; labs first, which take longest."""
    return [name for name in [*project.labs, *project.names] if not project.holds(name, project.key(name))]


def refresh(project, say=print):
    """Run what is stale; new results replace old ones whole or not at all. Returns the names that ran."""
    runs = start(project, say)
    runs.finish()
    return runs.names


def start(project, say=print, first=()):
    """Begin to run what is stale, the names `first` in their order and then the others; returns the `Runs` at once.

    What a store has is fetched before.
    """
    names, store = stale(project), Store()
    taken = _taken(project, store, names)
    names = [name for name in names if name not in taken]
    order = {name: place for place, name in enumerate(dict.fromkeys(first))} if names else {}
    runs = Runs(project, names, store, say)
    try:
        for name in sorted(runs.names, key=lambda name: order.get(name, len(order))):
            say(f"running {name}: {', '.join(project.explain(name))}")
            runs.submit(name)
        runs.show()
    except BaseException:  # an interrupt: or the program would not end before the runs do
        runs.cancel()
        raise
    return runs


class Runs:
    """Runs under way. Each publishes its results as it ends; whoever started them calls `finish` or `cancel`."""

    def __init__(self, project, names, store, say):
        self.project, self.names, self.store, self.say, self.jobs = project, names, store, say, {}
        self.bar = None
        try:
            if names:
                preload = libraries(project, names)
                if address := os.environ.get("EVIDENCE_SCHEDULER"):
                    self.machine = Cluster(address, project, preload, say)
                else:
                    self.machine = Processes(preload, project.pictures)
                self.pool = ThreadPoolExecutor(self.machine.width)  # each thread waits for one run
        except Unreachable as error:
            self.names = []
            project.report(project.root / "mkdocs.yml", 1, str(error))
        self.complain()

    def submit(self, name):
        self.jobs[name] = self.pool.submit(self._job, name)

    def show(self):
        """A progress bar, from now on until all have ended."""
        if self.jobs:
            from rich.console import Console
            from rich.progress import Progress

            self.bar = Progress(console=Console(stderr=True))
            task = self.bar.add_task("snippets", total=len(self.jobs))
            for job in self.jobs.values():
                job.add_done_callback(lambda _: self.bar.advance(task))
            self.bar.start()

    def wait(self, name):
        """The problems of a name, once it has run and its results are published; none where it was not stale."""
        return self.jobs[name].result() if name in self.jobs else []

    def finish(self):
        """Wait for all, and hand their problems to the project."""
        try:
            self.project.problems += [problem for name in self.names for problem in self.wait(name)]
            self.complain()
        finally:
            self.cancel()  # of which nothing is left, unless waiting was interrupted

    def cancel(self):
        """End what still runs, and leave nothing of it behind."""
        if self.bar:
            self.bar.stop()
        if self.jobs:
            self.pool.shutdown(wait=False, cancel_futures=True)
            self.machine.close()
            self.pool.shutdown()

    def complain(self):
        while self.store.complaints:
            self.say(self.store.complaints.pop(0))

    def _job(self, name):
        project, key = self.project, self.project.key(name)
        with _aside(project, name) as folder:
            problems, seconds = self.machine.run(project, name, folder, _header(project, name))
            if not problems and project.changed(name):
                problems = [project.problem(name, "it changed while it ran: build again")]
            if not problems:
                self.store.put(name, key, folder)
                project.publish(name, key, folder, seconds)
            return problems


def _taken(project, store, names):
    """Those of the names whose results a store had; they are published."""

    def take(name):
        with _aside(project, name) as folder:
            if found := store.fetch(name, project.key(name), folder):
                project.publish(name, project.key(name), folder)
            return found

    if not store.reads:
        return []
    with ThreadPoolExecutor(8) as pool:  # a store may be far away
        return [name for name, found in zip(names, pool.map(take, names)) if found]


@contextmanager
def _aside(project, name):
    """A folder for results in the making, which is gone in the end, as is what killed builds left beside it."""
    home = project.folder(name)
    home.mkdir(parents=True, exist_ok=True)
    sweep(home, ".")
    folder = Path(tempfile.mkdtemp(prefix=f".{os.getpid()}-", dir=home))
    try:
        yield folder
    finally:
        remove(folder)


def _header(project, name):
    """What the results say of their own making."""
    date = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())), UTC)
    inputs = project.inputs(name)
    versions = {"Python": inputs["python"], **project.versions("numpy", "matplotlib")}
    made = {"name": name, "inputs": inputs, "checked": f"{date:%Y-%m-%d}", "versions": versions}
    return made | {"libraries": project.libraries(name)}
