"""Time builds of this project against two floors, in one run: `make bench`.

The floors: all snippets in two warm processes, and a bare Material build of the same pages with the figures as files.
It prints medians of wall-clock seconds and ratios, and with `--record` writes them to snippets/measured.py, which the
page about speed quotes.
"""

import argparse
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib import metadata, util
from multiprocessing import get_context
from pathlib import Path

from generate import generate

SIZES, MANY = (20, 80), (250, 1000)
RECORD = Path(__file__).parent.parent / "snippets/measured.py"
LIBRARIES = ("mkdocs", "mkdocs-material", "numpy", "matplotlib", "distributed")
os.environ |= {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
os.environ["NO_MKDOCS_2_WARNING"] = "1"
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a fresh installation has its byte code


def measure_cpu(own):
    """Return the CPU seconds of this process, or of its children that have ended."""
    times = os.times()
    return times.user + times.system if own else times.children_user + times.children_system


def build(site, **environment):
    """Run `mkdocs build`, and return its (wall-clock seconds, CPU seconds, peak megabytes)."""
    start, before, peak = time.perf_counter(), measure_cpu(own=False), 0
    command = [sys.executable, "-m", "mkdocs", "build"]
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, cwd=site, env=os.environ | environment, stdout=output, stderr=output)
        while process.returncode is None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.5)
            peak = max(peak, measure_memory(process.pid))
        if process.returncode:
            output.seek(0)
            sys.exit(output.read())
    return time.perf_counter() - start, measure_cpu(own=False) - before, peak


def measure_memory(pid):
    """Return the megabytes of a process and its descendants, shared memory counted once."""
    try:
        own = re.search(r"^Pss: +(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:  # it has just ended
        return 0
    return (int(own[1]) / 1024 if own else 0) + sum(map(measure_memory, children))


def draw_figure(snippet, target):
    """Run a snippet's `compute`, save its figure, and return the CPU seconds."""
    start = measure_cpu(own=True)
    sys.path.insert(0, str(snippet.parent))
    spec = util.spec_from_file_location(snippet.stem, snippet)
    sys.modules[snippet.stem] = module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.figure_spectrum(module.compute()).savefig(target)
    return measure_cpu(own=True) - start


def measure_floor(ours, bare):
    """Return the (wall-clock seconds, CPU seconds) of all snippets in two warm processes, with figures in `bare`."""
    figures = bare / "docs/figures"
    figures.mkdir(exist_ok=True)
    jobs = [(path, figures / f"{path.stem}.svg") for path in sorted(ours.glob("snippets/spectrum_*.py"))]
    with get_context("spawn").Pool(2) as pool:
        pool.starmap(draw_figure, jobs[:2], 1)  # load numpy and matplotlib in both
        start = time.perf_counter()
        seconds = pool.starmap(draw_figure, jobs, 1)
        return time.perf_counter() - start, sum(seconds)


CLUSTER = """
from distributed import LocalCluster
if __name__ == "__main__":
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    print(cluster.scheduler_address, flush=True)
    input()
"""


@contextmanager
def cluster():
    """Start a Dask scheduler with two workers on this machine, and yield its address."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "cluster.py").write_text(CLUSTER)
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
        with subprocess.Popen([sys.executable, "cluster.py"], cwd=folder, **streams) as process:
            yield process.stdout.readline().strip()
            process.communicate("\n")


def measure_scale(pages):
    """Return the (seconds, megabytes) to find that nothing is stale in a site of many pages, with all results read."""
    with tempfile.TemporaryDirectory() as folder:
        ours, _ = generate(folder, pages)
        subprocess.run([sys.executable, "-c", FILL], cwd=ours, check=True)
        output = subprocess.run(
            [sys.executable, "-c", ASK], cwd=ours, check=True, capture_output=True, text=True
        ).stdout
        return tuple(map(float, output.split()))


FILL = """  # store the results of the first snippet for every other one, under its own name and key
from pathlib import Path
from evidence import Project, build_job, open_cache
from evidence.pool import LocalExecutor
if __name__ == "__main__":
    project, cache = Project(Path.cwd()), open_cache(Path.cwd())
    names = project.names("snippet")
    first = build_job(project, names[0])
    files = LocalExecutor(project.library_imports(names[0])).run(first).files
    for name in names:
        result = files["result.json"].decode().replace(names[0], name)
        cache.put(name, build_job(project, name).key, {**files, "result.json": result.encode()})
"""
ASK = """
import resource, time
from pathlib import Path
from evidence import Project
from evidence.build import Build
memory = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before, start = memory(), time.perf_counter()
build = Build(Project(Path.cwd()))
assert not build.stale
print(time.perf_counter() - start)
print(memory() - before)
"""


def replace_text(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def measure(pages, rounds):
    """Measure one size of site: medians of seconds, and of the ratios within each round."""
    with tempfile.TemporaryDirectory() as folder:
        ours, bare = generate(folder, pages)
        page, snippet, shared_module = (
            ours / "docs/page_3.md",
            ours / "snippets/spectrum_3_b.py",
            ours / "snippets/shared.py",
        )
        measurements = []
        for number in range(rounds):
            seconds = {}
            seconds["snippets"], cpu = measure_floor(ours, bare)
            shutil.rmtree(ours / ".evidence", ignore_errors=True)
            seconds["cold"], _, seconds["megabytes"] = build(ours)
            seconds["bare"], bare_cpu, _ = build(
                bare
            )  # right after the build that it is compared with, as shared cores change pace
            seconds["both cores"] = (cpu + bare_cpu) / 2
            seconds["nothing"], *_ = build(ours)
            replace_text(page, "gradient", f"gradient number {number}")
            seconds["sentence"], *_ = build(ours)
            replace_text(snippet, "largest of them.", f"largest of them. {number}")
            seconds["snippet"], *_ = build(ours)
            replace_text(shared_module, "transpose.", f"transpose. {number}")
            seconds["shared"], *_ = build(ours)
            shutil.rmtree(ours / ".evidence")
            with cluster() as address:
                seconds["cluster"], *_ = build(ours, EVIDENCE_SCHEDULER=address)
            measurements.append(seconds)
            print(pages, {name: round(value, 2) for name, value in seconds.items()}, flush=True)
    middle = {name: statistics.median(seconds[name] for seconds in measurements) for name in measurements[0]}
    floors = {"cold": "both cores", "cluster": "cold", "nothing": "bare", "sentence": "bare", "snippet": "bare"}
    ratios = {case: statistics.median(s[case] / s[under] for s in measurements) for case, under in floors.items()}
    return {"seconds": middle, "ratios": ratios}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--record", action="store_true", help="write snippets/measured.py")
    arguments = parser.parse_args()
    measurements = {pages: measure(pages, arguments.rounds) for pages in SIZES}
    many = {pages: measure_scale(pages) for pages in MANY}
    for pages, measurement in measurements.items():
        print(f"\n{pages} pages, {2 * pages} snippets: seconds, and ratio to the floor")
        for name, value in measurement["seconds"].items():
            print(f"  {name:12}{value:8.2f}{measurement['ratios'].get(name, float('nan')):8.2f}")
    for pages, (seconds, megabytes) in many.items():
        print(f"{pages} pages: {seconds:.2f} s to find that nothing is stale, {megabytes:.0f} MB to hold all results")
    if arguments.record:
        about = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "rounds": arguments.rounds, "cores": os.cpu_count()}
        about["system"] = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
        about["versions"] = {name.replace("-", "_"): metadata.version(name) for name in LIBRARIES}
        docstring = '"""What `make bench` measured last; written by benchmarks/run.py."""\n\n'
        RECORD.write_text(f"{docstring}ABOUT = {about!r}\nMEASURED = {measurements!r}\nMANY = {many!r}\n")
        subprocess.run([sys.executable, "-m", "ruff", "format", "-q", RECORD], check=True)


if __name__ == "__main__":
    main()
