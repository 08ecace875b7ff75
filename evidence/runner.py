"""Runner: what is stale runs, in parallel, each snippet in a fresh process with limits."""

import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime
from importlib import import_module
from multiprocessing import get_context, parent_process
from pathlib import Path

from evidence.problems import Problem
from evidence.project import sweep


def stale(project):
    """Names of the labs and snippets without results under their present key; labs first, which take longest."""
    return [name for name in [*project.labs, *project.names] if not project.holds(name, project.key(name))]


def refresh(project, say=print):
    """Run what is stale; new results replace old ones whole or not at all. Returns the names that ran."""
    runs = start(project, say)
    runs.finish()
    return runs.names


def start(project, say=print, first=()):
    """Begin to run what is stale, the names `first` in their order and then the others; returns the `Runs` at once."""
    names, order = stale(project), {name: place for place, name in enumerate(first)}
    runs = Runs(project, names)
    for name in sorted(names, key=lambda name: order.get(name, len(order))):
        say(f"running {name}: {', '.join(project.explain(name))}")
        runs.submit(name)
    return runs


class Runs:
    """Runs under way. Each publishes its results as it ends; whoever started them calls `finish` or `cancel`."""

    def __init__(self, project, names):
        self.project, self.names, self.jobs = project, names, {}
        self.processes, self.starting, self.cancelled = set(), threading.Lock(), False
        if names:
            os.environ |= {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
            reach = {module for name in names for module in project.reach(name)}
            libraries = {origin for module in reach for origin in project.origins(module)} - reach
            os.environ["EVIDENCE_PRELOAD"] = " ".join(sorted(libraries - sys.stdlib_module_names))
            self.context = get_context("forkserver")
            self.context.set_forkserver_preload(["evidence.preload"])
        self.pool = ThreadPoolExecutor(os.cpu_count())  # each thread waits for one process

    def submit(self, name):
        self.jobs[name] = self.pool.submit(self._job, name)

    def wait(self, name):
        """The problems of a name, once it has run and its results are published; none where it was not stale."""
        return self.jobs[name].result() if name in self.jobs else []

    def finish(self):
        """Wait for all, with a progress bar, and hand their problems to the project."""
        if not self.jobs:
            return
        from rich.console import Console
        from rich.progress import track

        try:
            ended = as_completed(self.jobs.values())
            for _ in track(ended, "snippets", len(self.jobs), console=Console(stderr=True)):
                pass
            self.project.problems += [problem for name in self.names for problem in self.wait(name)]
        finally:
            self.cancel()  # of which nothing is left, unless waiting was interrupted

    def cancel(self):
        """End what still runs, and leave nothing of it behind."""
        self.cancelled = True
        self.pool.shutdown(wait=False, cancel_futures=True)
        with self.starting:
            for process in self.processes:
                process.kill()
        self.pool.shutdown()

    def _job(self, name):
        project, key = self.project, self.project.key(name)
        home = project.folder(name)
        home.mkdir(parents=True, exist_ok=True)
        sweep(home, ".")
        folder = Path(tempfile.mkdtemp(prefix=f".{os.getpid()}-", dir=home))
        try:
            problems, seconds = self._run(name, folder)
            if not problems and project.changed(name):
                problems = [self._problem(name, "it changed while it ran: build again")]
            if not problems:
                project.publish(name, key, folder, seconds)
            return problems
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _run(self, name, folder):
        """The problems of a run in a process of its own, which writes to `folder`, and the seconds of its parts."""
        project = self.project
        paths = {module: str(project.modules[module]) for module in project.reach(name)}
        arguments = (project.root, paths, name, folder, project.megabytes, _header(project, name))
        try:
            problems, seconds = self._alone("lab" if name in project.labs else "contract", arguments)
            return [Problem(*problem) for problem in problems], seconds
        except TimeoutError:
            what = f"it ran longer than {project.seconds} s: shorten it, or raise ‘seconds’ in mkdocs.yml"
        except Died as error:  # killed, or out of memory beyond recovery
            what = f"its process ended ({error}): it crashed, or needs more than {project.megabytes} MB: "
            what += "shrink it, or raise ‘megabytes’ in mkdocs.yml"
        return [self._problem(name, what)], {}

    def _alone(self, module, arguments):
        """What `run` of a module of ours returns in a fresh process; raises `TimeoutError` or `Died`."""
        reader, writer = self.context.Pipe(duplex=False)
        process = self.context.Process(target=_child, args=(writer, module, arguments), daemon=True)
        with self.starting:
            if self.cancelled:
                raise Died("canceled")
            process.start()  # waits until everything is preloaded, which counts against no limit
            self.processes.add(process)
        writer.close()
        try:
            if not reader.poll(self.project.seconds):
                raise TimeoutError
            answer, error = reader.recv()
        except EOFError:
            process.join()
            error = f"exit code {process.exitcode}"
        finally:
            process.kill()
            process.join()
            reader.close()
            with self.starting:
                self.processes.remove(process)
                process.close()
        if error:
            raise Died(error)
        return answer

    def _problem(self, name, what):
        return Problem(self.project.relative(self.project.modules[name]), 1, what)


class Died(Exception):
    """A process ended without an answer."""


def _header(project, name):
    """What the results say of their own making."""
    date = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())), UTC)
    inputs = project.inputs(name)
    versions = {"Python": inputs["python"], **project.versions("numpy", "matplotlib")}
    made = {"name": name, "inputs": inputs, "checked": f"{date:%Y-%m-%d}", "versions": versions}
    return made | {"libraries": project.libraries(name)}


def _child(writer, module, arguments):
    """In the process of a run: answer what `run` returns and None, or None and what went wrong beyond it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the build ends it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        answer = import_module(f"evidence.{module}").run(*arguments), None
    except Exception as error:
        answer = None, f"{type(error).__name__}: {error}"
    writer.send(answer)


def _end_with_parent():
    """A build that is killed leaves no process behind."""
    parent_process().join()
    os._exit(1)
