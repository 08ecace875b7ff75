"""Processes: a snippet runs in a fresh one, forked from one that has everything loaded, with a limit of time."""

import os
import signal
import sys
import threading
from importlib import import_module
from multiprocessing import get_context, parent_process

from evidence.problems import Problem, denied


class Died(Exception):
    """A process ended without an answer."""


class Processes:
    """Processes of this machine; `width` of them at a time keep it busy."""

    def __init__(self, preload):
        """`preload` are dotted names of libraries, imported before the first run."""
        os.environ |= {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
        os.environ["EVIDENCE_PRELOAD"] = " ".join(preload)
        self.context = get_context("forkserver")
        self.context.set_forkserver_preload(["evidence.preload"])
        self.width, self.running, self.starting, self.closed = os.cpu_count(), set(), threading.Lock(), False

    def run(self, project, name, folder, header):
        """Run a snippet or a lab, which writes to `folder`; returns its problems, and the seconds of its parts."""
        paths = {module: str(project.modules[module]) for module in project.reach(name)}
        arguments = (project.root, paths, name, folder, project.megabytes, header)
        try:
            problems, seconds = self.alone("lab" if name in project.labs else "contract", arguments, project.seconds)
            return [Problem(*problem) for problem in problems], seconds
        except TimeoutError:
            what = f"it ran longer than {project.seconds} s: shorten it, or raise ‘seconds’ in mkdocs.yml"
        except Died as error:  # killed, or out of memory beyond recovery
            what = f"its process ended ({error}): it crashed, or needs more than {project.megabytes} MB: "
            what += "shrink it, or raise ‘megabytes’ in mkdocs.yml"
        return [project.problem(name, what)], {}

    def alone(self, module, arguments, seconds):
        """What `run` of a module of ours returns in a fresh process; raises `TimeoutError` or `Died`."""
        reader, writer = self.context.Pipe(duplex=False)
        process = self.context.Process(target=_child, args=(writer, module, arguments), daemon=True)
        with self.starting:
            if self.closed:
                raise Died("canceled")
            try:
                process.start()  # waits until everything is preloaded, which counts against no limit
            except (EOFError, ConnectionError) as error:
                raise Died(f"the fork server was killed: {error!r}") from None
            self.running.add(process)
        writer.close()
        try:
            if not reader.poll(seconds):
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
                self.running.remove(process)
                process.close()
        if error:
            raise Died(error)
        return answer

    def close(self):
        """End what still runs; nothing begins any more."""
        with self.starting:
            self.closed = True
            for process in self.running:
                process.kill()


def libraries(project, names):
    """Dotted names of what the modules behind these names import, beyond Python's own and the project's."""
    reach = {module for name in names for module in project.reach(name)}
    found = {origin for module in reach for origin in project.origins(module)}
    return tuple(sorted(found - reach - sys.stdlib_module_names))


def _child(writer, module, arguments):
    """In the process of a run: answer what `run` returns and None, or None and what went wrong beyond it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the build ends it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        answer = import_module(f"evidence.{module}").run(*arguments), None
    except Exception as error:
        answer = None, denied(error) or f"{type(error).__name__}: {error}"
    writer.send(answer)


def _end_with_parent():
    """A build that is killed leaves no process behind."""
    parent_process().join()
    os._exit(1)
