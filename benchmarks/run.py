"""How long this project builds, against two floors, in one run: `make bench`.

The floors: all snippets in two warm processes, and a bare Material build of the same pages with the figures as files.
Prints medians of wall-clock seconds and ratios, and with `--record` writes them to snippets/measured.py, which the
page about speed quotes.
"""

import argparse
import json
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import metadata, util
from multiprocessing import get_context
from pathlib import Path

from generate import generate

SIZES = (20, 80)
RECORD = Path(__file__).parent.parent / "snippets/measured.py"
LIBRARIES = ("mkdocs", "mkdocs-material", "numpy", "matplotlib", "distributed")
os.environ |= {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
os.environ["NO_MKDOCS_2_WARNING"] = "1"


def processor(own):
    """CPU seconds of this process, or of its children that have ended."""
    used = os.times()
    return used.user + used.system if own else used.children_user + used.children_system


def build(site, **environment):
    """(wall-clock seconds, CPU seconds, peak megabytes) of `mkdocs build` as a process of its own."""
    start, before = time.perf_counter(), processor(own=False)
    command = [sys.executable, "-m", "mkdocs", "build", "-q"]
    with tempfile.TemporaryFile("w+") as said:
        running = subprocess.Popen(command, cwd=site, env=os.environ | environment, stdout=said, stderr=said)
        peak = [0]
        watch = threading.Thread(target=_watch, args=(running.pid, peak))
        watch.start()
        if running.wait():
            said.seek(0)
            sys.exit(said.read())
        watch.join()
    return time.perf_counter() - start, processor(own=False) - before, peak[0]


def _watch(pid, peak):
    """Keep the highest sum of the proportional set sizes of a process and its descendants, in megabytes."""
    while Path(f"/proc/{pid}/smaps_rollup").exists():
        sizes = []
        for member in _family(pid):
            try:
                text = Path(f"/proc/{member}/smaps_rollup").read_text()
            except OSError:
                continue  # it has just ended
            sizes += [int(size) for size in re.findall(r"^Pss: +(\d+)", text, re.M)]
        if not sizes:
            return
        peak[0] = max(peak[0], sum(sizes) / 1024)
        time.sleep(0.2)


def _family(pid):
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *(member for child in children for member in _family(int(child)))]


def draw(snippet, target):
    """Run a snippet's `compute` and save its figure; returns the CPU seconds."""
    start = processor(own=True)
    sys.path.insert(0, str(snippet.parent))
    spec = util.spec_from_file_location(snippet.stem, snippet)
    sys.modules[snippet.stem] = module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.figure_spectrum(module.compute()).savefig(target)
    return processor(own=True) - start


def floor(ours, bare):
    """(wall-clock seconds, CPU seconds) of all snippets in two warm processes, which leave their figures to `bare`."""
    figures = bare / "docs/figures"
    figures.mkdir(exist_ok=True)
    jobs = [(path, figures / f"{path.stem}.svg") for path in sorted(ours.glob("snippets/spectrum_*.py"))]
    with get_context("spawn").Pool(2) as pool:
        pool.starmap(draw, jobs[:2], 1)  # now both have numpy and matplotlib
        start = time.perf_counter()
        seconds = pool.starmap(draw, jobs, 1)
        return time.perf_counter() - start, sum(seconds)


@contextmanager
def cluster():
    """A Dask scheduler with two workers, started as from the shell; the address is given."""
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", "0", "--dashboard-address", ":0"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "scheduler.json")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
        running = [subprocess.Popen([*dask, "--scheduler-file", str(file)], **quiet)]
        worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(file), "--nthreads", "1"]
        running += [subprocess.Popen([*worker, "--no-dashboard"], **quiet) for _ in range(2)]
        try:
            while not file.exists():
                time.sleep(0.1)
            time.sleep(5)  # the workers have come up
            yield json.loads(file.read_text())["address"]
        finally:
            for process in running:
                process.send_signal(signal.SIGTERM)
            for process in running:
                process.wait()


def forget(site):
    for made in (".evidence", "site"):
        shutil.rmtree(site / made, ignore_errors=True)


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def measure(pages, rounds):
    """One size: medians of seconds, and of ratios within each round."""
    with tempfile.TemporaryDirectory() as folder:
        ours, bare = generate(folder, pages)
        page, snippet, shared = ours / "docs/page_3.md", ours / "snippets/spectrum_3_b.py", ours / "snippets/shared.py"
        taken = []
        for number in range(rounds):
            seconds = {}
            seconds["snippets"], cpu = floor(ours, bare)
            seconds["bare"], bare_cpu, _ = build(bare)
            seconds["both cores"] = (cpu + bare_cpu) / 2
            forget(ours)
            seconds["cold"], _, seconds["megabytes"] = build(ours)
            seconds["nothing"], *_ = build(ours)
            edit(page, "gradient", f"gradient number {number}")
            seconds["sentence"], *_ = build(ours)
            edit(snippet, "largest of them.", f"largest of them, {number}.")
            seconds["snippet"], *_ = build(ours)
            edit(shared, "transpose.", f"transpose, {number}.")
            seconds["shared"], *_ = build(ours)
            forget(ours)
            with cluster() as address:
                seconds["cluster"], *_ = build(ours, EVIDENCE_SCHEDULER=address)
            taken.append(seconds)
            print(pages, {name: round(value, 2) for name, value in seconds.items()}, flush=True)
    middle = {name: statistics.median(seconds[name] for seconds in taken) for name in taken[0]}
    floors = {"cold": "both cores", "cluster": "cold", "nothing": "bare", "sentence": "bare", "snippet": "bare"}
    ratios = {case: statistics.median(s[case] / s[under] for s in taken) for case, under in floors.items()}
    return {"seconds": middle, "ratios": ratios}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--record", action="store_true", help="write snippets/measured.py")
    arguments = parser.parse_args()
    made = {pages: measure(pages, arguments.rounds) for pages in arguments.sizes}
    for pages, found in made.items():
        print(f"\n{pages} pages, {2 * pages} snippets: seconds, and ratio to the floor")
        for name, value in found["seconds"].items():
            print(f"  {name:12}{value:8.2f}{found['ratios'].get(name, float('nan')):8.2f}")
    if arguments.record:
        about = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "rounds": arguments.rounds, "cores": os.cpu_count()}
        about["system"] = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
        about["versions"] = ", ".join(f"{name} {metadata.version(name)}" for name in LIBRARIES)
        said = '"""What `make bench` measured last; written by benchmarks/run.py."""\n\n'
        RECORD.write_text(f"{said}ABOUT = {about!r}\nMEASURED = {made!r}\n")


if __name__ == "__main__":
    main()
