"""Runner: what is stale runs, in parallel, each snippet in a fresh process with limits."""

import os
import shutil
import tempfile
import time
from concurrent.futures import TimeoutError
from dataclasses import replace
from datetime import UTC, datetime
from importlib import metadata
from multiprocessing import get_context

from evidence.problems import Problem

PRELOAD = ["evidence.contract", "matplotlib.backends.backend_svg", "matplotlib.backends.backend_agg"]
THREADS = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}


def stale(project):
    """Names of the snippets without results under their present key."""
    return [name for name in project.names if project.load(name) is None]


def refresh(project, say=print):
    """Run what is stale; new results replace old ones whole, or not at all. Returns the names that ran."""
    names = stale(project)
    if not names:
        return names
    from pebble import ProcessPool
    from rich.console import Console
    from rich.progress import Progress

    os.environ.update(THREADS)  # inherited by the server that the workers are forked from
    context = get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    with ProcessPool(os.cpu_count(), max_tasks=1, context=context) as pool, Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("snippets", total=len(names))
        for name in names:
            say(f"running {name}: {', '.join(project.explain(name))}")
        jobs = [(name, _start(project, pool, name)) for name in names]
        for name, job in jobs:
            _finish(project, name, *job)
            bar.advance(task)
    return names


def _start(project, pool, name):
    from evidence import contract

    inputs, key = project.inputs(name), project.key(name)
    (project.root / project.store / name).mkdir(parents=True, exist_ok=True)
    folder = tempfile.mkdtemp(prefix=".making-", dir=project.root / project.store / name)
    date = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())), UTC)
    versions = {"Python": inputs["python"], **{lib: metadata.version(lib) for lib in ("numpy", "matplotlib")}}
    header = {"name": name, "inputs": inputs, "checked": f"{date:%Y-%m-%d}", "versions": versions}
    paths = {module: project.modules[module] for module in project.reach(name)}
    arguments = (str(project.root), paths, name, folder, project.megabytes, header)
    return key, folder, pool.schedule(contract.run, args=arguments, timeout=project.seconds)


def _finish(project, name, key, folder, future):
    where = project.relative(project.modules[name])
    try:
        problems = future.result()
    except TimeoutError:
        problems = [Problem(where, 1, f"it ran longer than {project.seconds} s: shorten it, or raise ‘seconds’")]
    except Exception as error:  # the process died: killed, or out of memory beyond recovery
        problems = [Problem(where, 1, f"its process ended ({error}): it needs more than {project.megabytes} MB, or crashed")]
    if not problems and replace(project).key(name) != key:
        problems = [Problem(where, 1, "it changed while it ran: build again")]
    if problems:
        project.problems += problems
    else:
        project.publish(name, key, folder)
    shutil.rmtree(folder, ignore_errors=True)
