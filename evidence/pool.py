"""Pool: each run in a process of its own, forked from one with the libraries loaded."""

import faulthandler
import multiprocessing
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
import uuid
from collections.abc import Generator, Iterable
from contextlib import contextmanager, nullcontext, suppress
from importlib import import_module
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from evidence.confinement import RUN_VARIABLES
from evidence.diagnostics import Diagnostic, describe_disk_error
from evidence.keys import WORKERS, Job, Outcome

KEPT_VARIABLES = (
    "PATH HOME TMPDIR TEMP SYSTEMROOT PYTHONPATH LD_LIBRARY_PATH".split()
)


class LocalExecutor:
    """Processes of this machine: each run is forked from one with the libraries loaded.

    Where Python does not fork (macOS by default, Windows), each run starts a new interpreter.
    """

    def __init__(
        self,
        libraries: Iterable[str],
        folder: Path | None = None,
    ) -> None:
        """Start to load `libraries`, dotted names.

        Each run keeps its files in a subfolder of `folder`, by default of the system’s temporary
        folder.
        """
        self.width = os.cpu_count() or 1
        forks = sys.platform == "linux" and hasattr(os, "fork")
        self.context: Any = multiprocessing.get_context(
            "forkserver" if forks else "spawn"
        )
        self.lock = threading.Lock()
        self.processes: set[BaseProcess] = set()
        self.is_closed = False
        self.environment = {
            **RUN_VARIABLES,
            "EVIDENCE_PRELOAD": " ".join(libraries),
        }
        self.folder = folder
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            self.sweeper = FileLock(f"{folder}.lock")
            with suppress(Timeout):  # another process has runs there
                self.sweeper.acquire(timeout=0)
                # Of a build that was killed
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(exist_ok=True)
        if forks:
            with replace_environment(self.environment):
                self.context.set_forkserver_preload(["evidence.template"])
                forkserver.ensure_running()
            self.environment = {}  # a run inherits that of the template process

    def run(self, job: Job) -> Outcome:
        """Run one job in a new process, within its limits of time and memory."""
        pipe, theirs = self.context.Pipe()
        if self.folder:  # it may have been removed meanwhile
            self.folder.mkdir(parents=True, exist_ok=True)
        trace = f"{self.folder or tempfile.gettempdir()}/{uuid.uuid4().hex}"
        process = self.context.Process(
            target=_work,
            args=(theirs, self.folder, trace),
            daemon=job.kind != "lab",
        )
        try:
            with self.lock, hide_main():
                if self.is_closed:
                    return _fail(job, "it was canceled: build again")
                with (
                    replace_environment(self.environment)
                    if self.environment
                    else nullcontext()
                ):
                    process.start()
                self.processes.add(process)
            theirs.close()
            pipe.send(job)
            pipe.recv()  # the run begins; loading libraries counts against no limit
            if pipe.poll(job.seconds):
                return pipe.recv()
            cure = "shorten it, or raise ‘seconds’ in mkdocs.yml"
            return _fail(
                job, f"it ran longer than {job.seconds} s: {cure}", trace
            )
        except (EOFError, OSError):
            return _fail(job, _explain_end(process, job), trace)
        finally:
            with self.lock:
                self.processes.discard(process)
            if process.pid:
                process.kill()
                process.join()
            process.close()
            pipe.close()
            Path(trace).unlink(missing_ok=True)

    def close(self) -> None:
        """Kill all runs."""
        with self.lock:
            self.is_closed = True
            for process in self.processes:
                process.kill()


def _explain_end(process: BaseProcess, job: Job) -> str:
    if not process.pid:
        return "its process could not start, since the server of processes ended: build again"
    process.join()
    return (
        f"its process ended (exit code {process.exitcode}): it crashed, or needs more than "
        f"{job.megabytes} MB: shrink it, or raise ‘megabytes’ in mkdocs.yml"
    )


def _fail(job: Job, message: str, trace: str = os.devnull) -> Outcome:
    """Return a failed outcome, at the deepest line of the snippet in the traceback `trace`."""
    line, name = 1, ascii(os.path.basename(job.file))[1:-1]
    with suppress(OSError):
        if at := re.search(
            rf'[\\/]{re.escape(name)}", line (\d+)',
            Path(trace).read_text("ascii", "replace"),
        ):
            line = int(at[1])
    return Outcome({}, [Diagnostic(job.file, line, message)])


def _work(pipe: Connection, folder: Path | None, trace: str) -> None:
    """Run, in a new process, the one job that comes through the pipe, in `folder`.

    If the run crashes or times out, the file `trace` holds its traceback.
    """
    tempfile.tempdir = str(folder) if folder else None
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the build ends it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # A daemon could not start a lab’s kernel; `confinement` refuses the rest.
    multiprocessing.current_process().daemon = False
    with suppress(EOFError, OSError), open(trace, "w") as file:
        job = pipe.recv()
        faulthandler.enable(file)
        faulthandler.dump_traceback_later(0.95 * job.seconds, file=file)
        pipe.send("begun")
        try:
            pipe.send(import_module(WORKERS[job.kind]).run(job))
        except Exception as error:
            pipe.send(
                _fail(
                    job,
                    describe_disk_error(error) or f"it cannot run: {error!r}",
                )
            )


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
    os._exit(1)


@contextmanager
def replace_environment(variables: dict[str, str]) -> Generator[None]:
    """Start processes within this context with these variables and KEPT_VARIABLES only."""
    before = os.environ.copy()
    basics = {name: before[name] for name in KEPT_VARIABLES if name in before}
    try:
        os.environ.clear()
        os.environ.update(basics | variables)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def hide_main() -> Generator[None]:
    """Keep processes that start within this context from importing the main program."""
    main = sys.modules["__main__"]
    before = main.__dict__.get("__file__"), main.__spec__
    main.__dict__.pop("__file__", None)
    main.__spec__ = None
    try:
        yield
    finally:
        main.__spec__ = before[1]
        if before[0]:
            main.__file__ = before[0]
