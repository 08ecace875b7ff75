"""Processes: a snippet runs in one that no other has left a trace in, forked from one that has everything loaded."""

import os
import signal
import sys
import threading
from contextlib import suppress
from importlib import import_module
from multiprocessing import get_context, parent_process

from evidence.problems import Problem, denied


class Died(Exception):
    """A process ended without an answer."""


class Processes:
    """Processes of this machine; `width` of them at a time keep it busy."""

    def __init__(self, preload, pictures=False):
        """`preload` are dotted names of libraries, imported before the first run; `pictures` as in mkdocs.yml."""
        os.environ |= {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
        self.preload = " ".join(preload)
        os.environ |= {"EVIDENCE_PRELOAD": self.preload, "EVIDENCE_PICTURES": str(pictures)}
        self.context = get_context("forkserver")
        self.context.set_forkserver_preload(["__main__", "evidence.preload"])  # a script like `mkdocs` is imported, too
        self.width, self.starting, self.closed = os.cpu_count(), threading.Lock(), False
        self.living, self.idle = {}, []  # processes, each with its pipe; those without a run

    def run(self, project, name, folder, header):
        """Run a snippet or a lab, which writes to `folder`; returns its problems, and the seconds of its parts."""
        paths = {module: str(project.modules[module]) for module in project.reach(name)}
        arguments = (project.root, paths, name, folder, project.megabytes, header)
        try:
            problems, seconds = self.ask("lab" if name in project.labs else "contract", arguments, project.seconds)
            return [Problem(*problem) for problem in problems], seconds
        except TimeoutError:
            what = f"it ran longer than {project.seconds} s: shorten it, or raise ‘seconds’ in mkdocs.yml"
        except Died as error:  # killed, or out of memory beyond recovery
            what = f"its process ended ({error}): it crashed, or needs more than {project.megabytes} MB: "
            what += "shrink it, or raise ‘megabytes’ in mkdocs.yml"
        return [project.problem(name, what)], {}

    def ask(self, module, arguments, seconds):
        """What `run` of a module of ours answers in a process that is as new; raises `TimeoutError` or `Died`."""
        process, fit = self.worker(module), False
        pipe = self.living[process]
        try:
            pipe.send((module, arguments))
            if not pipe.poll(seconds):
                raise TimeoutError
            answer, fit, error = pipe.recv()
        except TimeoutError:
            raise
        except (EOFError, OSError):  # it ended before it had answered, or meanwhile
            process.join()
            error = f"exit code {process.exitcode}"
        finally:
            with self.starting:
                if fit and not self.closed:
                    self.idle.append(process)
                else:
                    self.end(process)
        if error:
            raise Died(error)
        return answer

    def worker(self, module):
        """A process whose last run left no trace, or a new one, as a lab needs, since it starts a kernel."""
        with self.starting:
            if self.closed:
                raise Died("canceled")
            while self.idle and module == "contract":
                process = self.idle.pop()
                if process.is_alive():
                    return process
                self.end(process)
            ours, theirs = self.context.Pipe()
            process = self.context.Process(target=_work, args=(theirs, self.preload), daemon=True)
            try:
                process.start()  # waits until everything is preloaded, which counts against no limit
            except (EOFError, ConnectionError) as error:
                raise Died(f"the fork server was killed: {error!r}") from None
            theirs.close()
            self.living[process] = ours
            return process

    def end(self, process):
        process.kill()
        process.join()
        self.living.pop(process).close()
        process.close()

    def close(self):
        """End what still runs; nothing begins any more."""
        with self.starting:
            self.closed = True
            for process in self.living:
                process.kill()
            while self.idle:
                self.end(self.idle.pop())


def libraries(project, names):
    """Dotted names of what the modules behind these names import, beyond Python's own and the project's."""
    reach = {module for name in names for module in project.reach(name)}
    found = {origin for module in reach for origin in project.origins(module)}
    return tuple(sorted(found - reach - sys.stdlib_module_names))


def _work(pipe, preload):
    """In a process of its own: answer requests with what `run` returns, whether to ask again, and what went wrong."""
    os.environ["EVIDENCE_PRELOAD"] = preload  # a program has one fork server, which another part may have started
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the build ends it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    fit = True
    with suppress(EOFError, OSError):  # of the pipe: the build has ended
        while fit:
            module, arguments = pipe.recv()
            try:
                problems, seconds, unchanged = import_module(f"evidence.{module}").run(*arguments)
                fit = unchanged and not problems
                said = (problems, seconds), fit, None
            except Exception as error:
                said = None, False, denied(error) or f"{type(error).__name__}: {error}"
            pipe.send(said)


def _end_with_parent():
    """A build that is killed leaves no process behind."""
    parent_process().join()
    os._exit(1)
