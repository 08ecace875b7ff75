"""On a cluster: the same bytes as here, whatever happens to a worker, and no worker that differs."""

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager

import psutil
import pytest

from conftest import EPOCH, ROOT, Site, has_ended, wait_until

LOCAL_CLUSTER = """
import subprocess, sys
from distributed import LocalCluster

if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@contextmanager
def process(*command, **environment):
    """A process with its output in a pipe, ended with all that it started."""
    quiet = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    running = subprocess.Popen([sys.executable, *command], env=os.environ | environment, text=True, **quiet)
    try:
        yield running
    finally:
        if running.poll() is None:
            running.terminate()
        running.communicate(timeout=60)


@contextmanager
def scheduler(folder):
    """A scheduler as the shell starts it; its address."""
    file = folder / "scheduler.json"
    options = "--host 127.0.0.1 --port 0 --no-dashboard --scheduler-file".split()
    with process("-m", "dask", "scheduler", *options, str(file)) as running:
        assert wait_until(lambda: running.poll() is not None or (file.exists() and file.read_text()))
        yield json.loads(file.read_text())["address"]


def worker(address, **environment):
    """A worker as the shell starts it, in a folder that has nothing of the site."""
    return process("-m", "dask", "worker", address, *"--nthreads 1 --no-nanny --no-dashboard".split(), **environment)


def test_a_local_cluster_builds_the_same_site(small, tmp_path):
    here = Site(shutil.copytree(small.root, tmp_path / "here"))
    lab = "# %% [markdown]\n# # A lab\n\n# %%\nfrom square import area_of\n\narea_of(1.5)\n"
    for site in (here, small):
        (site.root / "docs/labs").mkdir()
        (site.root / "docs/labs/area.py").write_text(lab)
        site.edit("mkdocs.yml", "seconds: 8", "seconds: 90")
    script = tmp_path / "cluster.py"
    script.write_text(LOCAL_CLUSTER)
    with process(str(script)) as cluster:
        address = cluster.stdout.readline().strip()
        built = small.build(EVIDENCE_SCHEDULER=address, **EPOCH)
        assert built.returncode == 0 and built.stdout.count("running ") == 2, built.stdout
        for mistake in ("claim_fails.py", "crashes.py", "forks.py"):
            shutil.copy(ROOT / "tests/mistakes" / mistake, small.root / "snippets")
        failed = small.run("evidence", "build", EVIDENCE_SCHEDULER=address).stdout
    assert here.build(**EPOCH).returncode == 0 and here.bytes() == small.bytes()
    assert "snippets/claim_fails.py:22: claim_answer() fails" in failed and "3 problems" in failed, failed
    assert "a snippet may not start processes" in failed and "its process ended" in failed


def test_a_worker_killed_in_the_middle_of_a_run_costs_only_time(slow, tmp_path):
    page = (slow.root / "docs/index.md").read_text()
    (slow.root / "docs/slow.md").write_text(page.replace("square.", "slow."))
    there = {"TMPDIR": str(slow.elsewhere)}
    with scheduler(tmp_path) as address, worker(address, **there) as one, worker(address, **there) as two:
        build = start_build(slow, EVIDENCE_SCHEDULER=address)
        victim = slow.wait_for_process()
        ancestors = {parent.pid for parent in psutil.Process(victim).parents()}
        (hit,) = [worker for worker in (one, two) if worker.pid in ancestors]
        hit.send_signal(signal.SIGKILL)
        assert has_ended(victim) and slow.wait_for_process(other_than=victim)
        slow.let_go()
        printed = build.communicate()[0]
    assert build.returncode == 0, printed
    remote = slow.bytes()
    shutil.rmtree(slow.root / ".evidence")
    slow.elsewhere = slow.root / "nowhere"
    build = start_build(slow)
    slow.wait_for_process()
    slow.let_go()
    build.communicate()
    assert build.returncode == 0 and slow.bytes() == remote


def start_build(site, **environment):
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(command, cwd=site.root, env=os.environ | EPOCH | environment, **streams)


def test_a_worker_with_another_library_is_refused(small, tmp_path):
    other = tmp_path / "other/matplotlib-0.0.1.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: matplotlib\nVersion: 0.0.1\n")
    path = os.pathsep.join([str(other.parent), os.environ.get("PYTHONPATH", "")])
    with scheduler(tmp_path) as address, worker(address, PYTHONPATH=path):
        done = small.run("evidence", "build", EVIDENCE_SCHEDULER=address)
    import matplotlib

    assert done.returncode == 1 and f"has matplotlib 0.0.1 instead of {matplotlib.__version__}" in done.stdout
    assert "snippets/square.py:1: " in done.stdout and not list(small.root.glob(".evidence/cache/square/*"))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://127.0.0.1"])
def test_without_a_scheduler_the_build_says_what_to_do(small, address):
    done = small.run("evidence", "build", EVIDENCE_SCHEDULER=address)
    assert done.returncode == 1 and "Traceback" not in done.stdout
    assert f"no scheduler answers at EVIDENCE_SCHEDULER={address}" in done.stdout


def test_without_dask_the_build_says_what_to_install(small):
    (small.root / "distributed.py").write_text("raise ImportError\n")
    path = os.pathsep.join([str(small.root), os.environ.get("PYTHONPATH", "")])
    done = small.run("evidence", "build", EVIDENCE_SCHEDULER="tcp://127.0.0.1:1", PYTHONPATH=path)
    assert (
        done.returncode == 1 and "pip install 'mkdocs-evidence[dask]'" in done.stdout and "Traceback" not in done.stdout
    )
