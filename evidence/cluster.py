"""Cluster: a snippet runs on a worker of a Dask scheduler, in a process that is limited there as it would be here."""

import multiprocessing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from evidence import store
from evidence.problems import Problem
from evidence.processes import Processes
from evidence.project import Project


class Unreachable(Exception):
    """There is no cluster to run on."""


class Cluster:
    """The workers of the scheduler at an address; it keeps up to `width` runs, and starts them as workers are free."""

    width = 256

    def __init__(self, address, project, preload, say):
        try:
            from distributed import Client
            from distributed.comm import resolve_address
        except ImportError:
            what = "EVIDENCE_SCHEDULER is set, and Dask is not installed: pip install 'evidence[cluster]', or unset it"
            raise Unreachable(what) from None
        try:
            self.client = Client(resolve_address(address), timeout=5, set_as_default=False)
        except (OSError, ValueError) as error:  # a wrong address is a ValueError
            what = f"no scheduler answers at EVIDENCE_SCHEDULER={address} ({error}): start it, or unset the variable"
            raise Unreachable(what) from None
        if not self.client.nthreads():
            say("EVIDENCE_SCHEDULER: no worker is there yet; the build waits for one")
        self.options = {"snippets": project.snippets, "docs": project.docs}
        self.options |= {"seconds": project.seconds, "megabytes": project.megabytes, "pictures": project.pictures}
        self.preload = preload

    def run(self, project, name, folder, header):
        """What `Processes.run` does, elsewhere: the files go there, the results come back whole, and are verified."""
        paths = map(project.modules.get, project.reach(name))
        try:
            files = {project.relative(path): path.read_bytes() for path in paths}
            ships = (files, self.options, self.preload, name, header)
            problems, seconds, packed = self.client.submit(work, *ships, pure=False).result()
            if not problems:
                store.unpack(packed, folder, name, project.key(name))
        except Exception as error:  # a worker's, Dask's or of what it sent
            return [project.problem(name, f"the cluster of EVIDENCE_SCHEDULER did not run it: {error!r}")], {}
        return [Problem(*problem) for problem in problems], seconds

    def close(self):
        """Forget what has not ended; what a worker has begun ends there at the latest with its limit of time."""
        self.client.close()


def work(files, options, preload, name, header):
    """On a worker: run a snippet or lab whose `files` are path to bytes; returns problems, seconds and packed results.

    It refuses where anything differs that the key covers: the versions of Python and libraries, and our own machinery.
    """
    with TemporaryDirectory() as folder:
        root, results = Path(folder, "site"), Path(folder, "results")
        results.mkdir()
        for file, data in files.items():
            root.joinpath(file).parent.mkdir(parents=True, exist_ok=True)
            root.joinpath(file).write_bytes(data)
        project = Project(root, **options)
        here, wanted = project.inputs(name), header["inputs"]
        differ = [part for part in sorted(here | wanted) if here.get(part) != wanted.get(part)]
        if differ:
            said = [f"{part} {here.get(part, 'missing')} instead of {wanted.get(part, 'none')}" for part in differ]
            what = f"a worker of EVIDENCE_SCHEDULER has {', '.join(said)}: install there what is installed here"
            return [tuple(project.problem(name, what))], {}, b""
        problems, seconds = _processes(preload, project.pictures).run(project, name, results, header)
        packed = b"" if problems else store.pack(results, name, project.key(name))
        return [tuple(problem) for problem in problems], seconds, packed


@cache
def _processes(preload, pictures):
    """The worker's own fork server, started once."""
    multiprocessing.current_process().daemon = False  # Dask's nanny makes it one, which may have no children
    return Processes((*preload, "dask.__main__"), pictures)  # what `dask worker` runs, each process would import again
