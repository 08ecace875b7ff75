"""Clusters: the same bytes as a local build, even if a worker is killed, and no worker with other libraries."""

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
def start_process(*command, **environment):
    """Start a Python process with its output in a pipe, yield it, and end it."""
    quiet = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    child = subprocess.Popen([sys.executable, *command], env=os.environ | environment, text=True, **quiet)
    try:
        yield child
    finally:
        if child.poll() is None:
            child.terminate()
        child.communicate(timeout=60)


@contextmanager
def start_scheduler(folder):
    """Start a Dask scheduler from the command line, and yield its address."""
    file = folder / "scheduler.json"
    options = "--host 127.0.0.1 --port 0 --no-dashboard --scheduler-file".split()
    with start_process("-m", "dask", "scheduler", *options, str(file)) as child:
        assert wait_until(lambda: child.poll() is not None or (file.exists() and file.read_text()))
        yield json.loads(file.read_text())["address"]


def start_worker(address, **environment):
    """Start a Dask worker from the command line."""
    return start_process(
        "-m", "dask", "worker", address, *"--nthreads 1 --no-nanny --no-dashboard".split(), **environment
    )


def test_local_cluster_builds_the_same_site(small, tmp_path):
    here = Site(shutil.copytree(small.root, tmp_path / "here"))
    lab = "# %% [markdown]\n# # A lab\n\n# %%\nfrom square import area_of\n\narea_of(1.5)\n"
    for site in (here, small):
        (site.root / "docs/labs").mkdir()
        (site.root / "docs/labs/area.py").write_text(lab)
        site.edit("mkdocs.yml", "seconds: 8", "seconds: 90")
    script = tmp_path / "cluster.py"
    script.write_text(LOCAL_CLUSTER)
    with start_process(str(script)) as cluster:
        address = cluster.stdout.readline().strip()
        result = small.build(EVIDENCE_SCHEDULER=address, **EPOCH)
        assert result.returncode == 0 and result.stdout.count("running ") == 2, result.stdout
        for mistake in ("claim_fails.py", "crashes.py", "forks.py"):
            shutil.copy(ROOT / "tests/mistakes" / mistake, small.root / "snippets")
        output = small.run("evidence", "build", EVIDENCE_SCHEDULER=address).stdout
    assert here.build(**EPOCH).returncode == 0 and here.bytes() == small.bytes()
    assert "snippets/claim_fails.py:22: claim_answer() fails" in output and "3 problems" in output, output
    assert "a snippet may not start processes" in output and "its process ended" in output


def test_run_of_a_killed_worker_starts_again_on_another(slow, tmp_path):
    page = (slow.root / "docs/index.md").read_text()
    (slow.root / "docs/slow.md").write_text(page.replace("square.", "slow."))
    environment = {"TMPDIR": str(slow.worker_folder)}
    with (
        start_scheduler(tmp_path) as address,
        start_worker(address, **environment) as one,
        start_worker(address, **environment) as two,
    ):
        build = start_build(slow, EVIDENCE_SCHEDULER=address)
        victim = slow.wait_for_process()
        ancestors = {parent.pid for parent in psutil.Process(victim).parents()}
        (ancestor,) = [worker for worker in (one, two) if worker.pid in ancestors]
        ancestor.send_signal(signal.SIGKILL)
        assert has_ended(victim) and slow.wait_for_process(other_than=victim)
        slow.let_go()
        output = build.communicate()[0]
    assert build.returncode == 0, output
    remote = slow.bytes()
    shutil.rmtree(slow.root / ".evidence")
    slow.worker_folder = slow.root / "nowhere"
    build = start_build(slow)
    slow.wait_for_process()
    slow.let_go()
    build.communicate()
    assert build.returncode == 0 and slow.bytes() == remote


def start_build(site, **environment):
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(command, cwd=site.root, env=os.environ | EPOCH | environment, **streams)


def test_worker_with_another_version_of_a_library_is_refused(small, tmp_path):
    other = tmp_path / "other/matplotlib-0.0.1.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: matplotlib\nVersion: 0.0.1\n")
    path = os.pathsep.join([str(other.parent), os.environ.get("PYTHONPATH", "")])
    with start_scheduler(tmp_path) as address, start_worker(address, PYTHONPATH=path):
        result = small.run("evidence", "build", EVIDENCE_SCHEDULER=address)
    import matplotlib

    assert result.returncode == 1 and f"has matplotlib 0.0.1 instead of {matplotlib.__version__}" in result.stdout
    assert "snippets/square.py:1: " in result.stdout and not list(small.root.glob(".evidence/cache/square/*"))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://127.0.0.1"])
def test_missing_scheduler_is_reported(small, address):
    result = small.run("evidence", "build", EVIDENCE_SCHEDULER=address)
    assert result.returncode == 1 and "Traceback" not in result.stdout
    assert f"no scheduler answers at EVIDENCE_SCHEDULER={address}" in result.stdout


def test_missing_dask_is_reported_with_the_command_that_installs_it(small):
    (small.root / "distributed.py").write_text("raise ImportError\n")
    path = os.pathsep.join([str(small.root), os.environ.get("PYTHONPATH", "")])
    result = small.run("evidence", "build", EVIDENCE_SCHEDULER="tcp://127.0.0.1:1", PYTHONPATH=path)
    assert (
        result.returncode == 1
        and "pip install 'mkdocs-evidence[dask]'" in result.stdout
        and "Traceback" not in result.stdout
    )
