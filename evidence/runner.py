"""Runner: what is stale runs, in parallel, each snippet in a fresh process with limits."""

import os
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from importlib import metadata
from multiprocessing import get_context
from pathlib import Path

from evidence.problems import Problem
from evidence.project import sweep

PRELOAD = ["evidence.contract", "matplotlib.backends.backend_svg", "matplotlib.backends.backend_agg"]


def stale(project):
    """Names of the labs and snippets without results under their present key; labs first, which take longest."""
    return [name for name in [*project.labs, *project.names] if project.load(name) is None]


def refresh(project, say=print):
    """Run what is stale; new results replace old ones whole or not at all. Returns the names that ran."""
    if names := stale(project):
        from pebble import concurrent
        from rich.console import Console
        from rich.progress import track

        os.environ |= {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
        context = get_context("forkserver")
        reach = {module for name in names for module in project.reach(name)}
        libraries = {origin for module in reach for origin in project.origins(module)} - reach
        context.set_forkserver_preload([*PRELOAD, *sorted(libraries - sys.stdlib_module_names)])
        concurrent.process(mp_context=context)(os.getpid)().result()  # what is preloaded counts against no limit
        alone = concurrent.process(mp_context=context, timeout=project.seconds)
        with ThreadPoolExecutor(os.cpu_count()) as pool:  # a pool of processes would fork spares for what never comes
            for name in names:
                say(f"running {name}: {', '.join(project.explain(name))}")
            jobs = [(name, *_start(project, pool, alone, name)) for name in names]
            for job in track(jobs, "snippets", console=Console(stderr=True)):
                _finish(project, *job)
    return names


def _start(project, pool, alone, name):
    from evidence import contract, lab

    inputs, key = project.inputs(name), project.key(name)
    project.folder(name).mkdir(parents=True, exist_ok=True)
    sweep(project.folder(name), ".")
    folder = Path(tempfile.mkdtemp(prefix=f".{os.getpid()}-", dir=project.folder(name)))
    date = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())), UTC)
    versions = {
        "Python": inputs["python"],
        **{library: metadata.version(library) for library in ("numpy", "matplotlib")},
    }
    header = {"name": name, "inputs": inputs, "checked": f"{date:%Y-%m-%d}", "versions": versions}
    paths = {module: str(project.modules[module]) for module in project.reach(name)}
    arguments = (project.root, paths, name, folder, project.megabytes, header)
    work = lab.run if name in project.labs else contract.run
    return key, folder, pool.submit(lambda: alone(work)(*arguments).result())


def _finish(project, name, key, folder, future):
    where = project.relative(project.modules[name])
    try:
        problems = [Problem(*problem) for problem in future.result()]
    except TimeoutError:
        what = f"it ran longer than {project.seconds} s: shorten it, or raise ‘seconds’ in mkdocs.yml"
        problems = [Problem(where, 1, what)]
    except Exception as error:  # the process died: killed, or out of memory beyond recovery
        what = f"its process ended ({error}): it crashed, or needs more than {project.megabytes} MB: "
        what += "shrink it, or raise ‘megabytes’ in mkdocs.yml"
        problems = [Problem(where, 1, what)]
    if not problems and replace(project).key(name) != key:
        problems = [Problem(where, 1, "it changed while it ran: build again")]
    project.problems += problems
    if not problems:
        project.publish(name, key, folder)
    shutil.rmtree(folder, ignore_errors=True)
