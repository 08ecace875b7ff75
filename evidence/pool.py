"""Pool: runs in processes of their own, forked from one that has the libraries loaded."""

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
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock, Timeout

from evidence.confinement import RUN_VARIABLES
from evidence.diagnostics import Diagnostic, describe_disk_error
from evidence.keys import WORKERS, Job, Outcome

KEPT_VARIABLES = (
    "PATH HOME TMPDIR TEMP SYSTEMROOT PYTHONPATH LD_LIBRARY_PATH".split()
)


class Executor(Protocol):
    """Where runs take place."""

    width: int
    "How many runs keep it busy."

    def run(self, job: Job) -> Outcome:
        """Run one job and wait for it; called from several threads."""

    def close(self) -> None:
        """End what still runs; nothing begins any more."""


class LocalExecutor:
    """Processes of this machine: each run is forked from one that has the libraries loaded.

    Where Python does not fork (macOS by default, Windows), each run starts a process anew.
    """

    def __init__(
        self,
        libraries: Iterable[str],
        folder: Path | None = None,
    ) -> None:
        """Start to load `libraries`, dotted names.

        Runs have their files in folders of their own, in `folder` or where the system has such.
        """
        self.width = os.cpu_count() or 1
        forks = sys.platform == "linux" and hasattr(os, "fork")
        self.context: Any = multiprocessing.get_context(
            "forkserver" if forks else "spawn"
        )
        self.lock = threading.Lock()
        self.processes: set[multiprocessing.process.BaseProcess] = set()
        self.closed = False
        self.environment = {
            **RUN_VARIABLES,
            "EVIDENCE_PRELOAD": " ".join(libraries),
        }
        self.folder = folder
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            self.sweeper = FileLock(f"{folder}.lock")
            with suppress(Timeout):  # runs of another process are there
                self.sweeper.acquire(timeout=0)
                shutil.rmtree(folder, ignore_errors=True)  # of one killed
                folder.mkdir(exist_ok=True)
        if forks:
            with replace_environment(self.environment):
                self.context.set_forkserver_preload(["evidence.template"])
                forkserver.ensure_running()
            self.environment = {}  # a run has that of the process it is forked from

    def run(self, job: Job) -> Outcome:
        """Run one job in a process of its own, within its limits."""
        pipe, theirs = self.context.Pipe()
        if self.folder:  # somebody may have removed it meanwhile
            self.folder.mkdir(parents=True, exist_ok=True)
        trace = f"{self.folder or tempfile.gettempdir()}/{uuid.uuid4().hex}"
        process = self.context.Process(
            target=_work,
            args=(theirs, self.folder, trace),
            daemon=job.kind != "lab",
        )
        try:
            with self.lock, hide_main():
                if self.closed:
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
            pipe.recv()  # it has begun: loading libraries counts against no limit
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
        """Kill what still runs."""
        with self.lock:
            self.closed = True
            for process in self.processes:
                process.kill()


def _explain_end(process: multiprocessing.process.BaseProcess, job: Job) -> str:
    if not process.pid:
        return "its process could not start, since the server of processes ended: build again"
    process.join()
    return (
        f"its process ended (exit code {process.exitcode}): it crashed, or needs more than "
        f"{job.megabytes} MB: shrink it, or raise ‘megabytes’ in mkdocs.yml"
    )


def _fail(job: Job, message: str, trace: str = os.devnull) -> Outcome:
    """Return what is wrong, at the deepest line of the snippet in a traceback of its process."""
    line, name = 1, ascii(os.path.basename(job.file))[1:-1]
    with suppress(OSError):
        if at := re.search(
            rf'[\\/]{re.escape(name)}", line (\d+)',
            Path(trace).read_text("ascii", "replace"),
        ):
            line = int(at[1])
    return Outcome({}, [Diagnostic(job.file, line, message)])


def _work(pipe: Connection, folder: Path | None, trace: str) -> None:
    """In a process of its own: run the one job that comes through the pipe, in `folder`.

    Where it crashes, or has no time left, the file `trace` holds what it did.
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
    """Let processes that start meanwhile have these variables and few others."""
    before = os.environ.copy()
    kept = {name: before[name] for name in KEPT_VARIABLES if name in before}
    try:
        os.environ.clear()
        os.environ.update(kept | variables)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def hide_main() -> Generator[None]:
    """Let processes that start meanwhile not import the program that starts them."""
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
