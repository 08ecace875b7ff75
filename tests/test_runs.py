"""Runs: each result is available as soon as it is computed, and a build that ends early leaves nothing behind."""

import os
import shutil
import signal
import subprocess
import sys

from conftest import ROOT, has_ended
from evidence.build import Build
from evidence.pool import LocalExecutor
from evidence.project import Project
from evidence.runs import Runs


def start_build(project, log, first=()):
    build = Build(project, log)
    build.start(first)
    return build


def list_leftovers(site):
    """List the files of runs and the unfinished entries of the cache."""
    return [*site.root.glob(".evidence/runs/*"), *site.root.glob(".evidence/cache/*/.*")]


def test_result_is_available_while_other_runs_go_on(slow):
    project, log = Project(slow.root), []
    build = start_build(project, log.append, first=["square", "slow", "square"])
    slow.wait_for_process()
    assert build.wait("square") == [] and build.get_result("square") and not build.get_result("slow")
    slow.let_go()
    build.finish()
    assert build.get_result("slow") and project.diagnostics == [] and list_leftovers(slow) == []
    starts = {line.partition(" (")[0] for line in log if "running" in line}  # both at once
    assert starts == {"running square: never run", "running slow: never run"}
    assert start_build(project, log.append).wait("square") == [] and len(log) == 4


def test_ended_run_starts_again_in_the_next_build(slow):
    """End a run as a failing build does: its files are not used as a result."""
    project, runs = Project(slow.root), Runs()
    Build(project, print, runs).start()
    process = slow.wait_for_process()
    runs.close()
    build = Build(project, print, runs)
    build.start()
    slow.wait_for_process(other_than=process)
    slow.let_go()
    assert build.wait("slow") == [] and build.get_result("slow")
    build.finish()


def test_run_continues_in_the_next_build_and_is_forgotten_afterwards(slow):
    project, log, runs = Project(slow.root), [], Runs()
    Build(project, log.append, runs).start()
    process = slow.wait_for_process()
    build = Build(Project(slow.root), log.append, runs)
    build.start()
    slow.let_go()
    assert build.wait("square") == build.wait("slow") == [] and sum("running slow" in line for line in log) == 1
    assert has_ended(process)
    last = Build(Project(slow.root), log.append, runs)
    last.start()
    assert last.stale == [] and runs.futures == {}
    runs.close()


def test_page_keeps_the_results_that_it_was_started_with(slow):
    """A run that ends meanwhile changes neither the result nor the digest of which cached pages depend."""
    build = start_build(Project(slow.root), print)
    process = slow.wait_for_process()
    slow.let_go()
    build.finish()
    before = Build(Project(slow.root)).digests["slow"]
    slow.edit("snippets/shared.py", "What snippets share.", "Changed.")
    build = start_build(Project(slow.root), print)
    slow.wait_for_process(other_than=process)
    result = build.get_result("slow")
    slow.let_go()
    build.wait("slow")
    assert build.get_result("slow") is result and build.digests["slow"] == before
    build.finish()
    assert Build(Project(slow.root)).digests["slow"] != before


def test_files_of_runs_are_removed_when_no_executor_uses_them(tmp_path):
    folder = tmp_path / "runs"
    first = LocalExecutor([], folder)
    (folder / "of the first").mkdir()
    LocalExecutor([], folder)
    assert (folder / "of the first").is_dir()
    del first
    LocalExecutor([], folder)
    assert list(folder.iterdir()) == []


def test_canceled_run_ends_without_a_result(slow):
    project = Project(slow.root, seconds=1000)  # longer than the test may take
    build = start_build(project, print)
    process = slow.wait_for_process()
    build.runs.close()
    assert has_ended(process) and not Build(project, print).get_result("slow")


def test_killed_build_leaves_no_process_behind(slow):
    command = [sys.executable, "-m", "evidence", "build"]
    build = subprocess.Popen(command, cwd=slow.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    process = slow.wait_for_process()
    build.send_signal(signal.SIGKILL)
    build.wait()
    assert has_ended(process)


def test_interrupted_build_leaves_no_process_behind(slow):
    command = [sys.executable, "-m", "evidence", "build"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    build = subprocess.Popen(command, cwd=slow.root, start_new_session=True, **quiet)
    process = slow.wait_for_process()
    os.killpg(build.pid, signal.SIGINT)  # as a terminal does
    build.wait(60)
    assert has_ended(process)
    assert slow.run("evidence", "list").returncode == 0


def test_problems_are_sorted_by_name_whatever_run_ends_first(small):
    for name in ("raises.py", "claim_fails.py", "no_compute.py"):
        shutil.copy(ROOT / "tests/mistakes" / name, small.root / "snippets")
    project = Project(small.root)
    build = start_build(project, lambda line: None, first=["raises", "no_compute"])
    assert build.wait("raises")[0].file == "snippets/raises.py" and project.diagnostics == []
    build.finish()
    assert [each.file[9:-3] for each in project.diagnostics] == ["claim_fails", "no_compute", "raises"]


def test_library_that_raises_on_import_fails_only_its_own_run(small):
    """Libraries are loaded ahead of all runs, and this one raises."""
    (small.root / "broken_library.py").write_text("raise RuntimeError('not today')\n")
    text = "import broken_library\n" + (small.root / "snippets/square.py").read_text()
    (small.root / "snippets/broken.py").write_text(text)
    result = small.run("evidence", "build", PYTHONPATH=f"{small.root}{os.pathsep}{ROOT}")
    assert "snippets/broken.py:1: the snippet fails: RuntimeError: not today" in result.stdout, result.stdout
    assert list(small.root.glob(".evidence/cache/square/*"))


LEAVES = '''"""What does it leave behind?

Nothing.
"""

import decimal, os, random, sys, warnings
from dataclasses import dataclass

import matplotlib
import numpy as np


@dataclass(frozen=True)
class Result:
    found: str
    "What another run left."


def compute():
    found = [np.geterr()["over"], matplotlib.rcParams["lines.linewidth"], decimal.getcontext().prec]
    found += [hasattr(np, "novel"), "LEFT" in os.environ, "colorsys" in sys.modules, os.getcwd()[-8:]]
    found += [np.random.get_state()[1][:3].tolist() == SEEDED, len(warnings.filters)]
    np.novel, os.environ["LEFT"], matplotlib.rcParams["lines.linewidth"] = 1, "here", 9
    np.seterr(over="raise"), np.random.seed(1), random.seed(1), warnings.simplefilter("ignore")
    decimal.getcontext().prec = 5
    import colorsys
    os.chdir("..")
    return Result(found=repr(found))


SEEDED = [1, 1812433254, 3713160357]
'''


def test_process_state_of_one_run_is_not_visible_in_another(small):
    """Each run has a process of its own, forked from one in which nothing has run."""
    names = [f"leaves_{i}" for i in range(4)]
    for name in names:
        (small.root / f"snippets/{name}.py").write_text(LEAVES)
    project = Project(small.root, seconds=60)
    build = start_build(project, lambda line: None)
    build.finish()
    assert project.diagnostics == []
    (state,) = {build.get_result(name).values["found"].value for name in names}
    assert state.startswith("['warn', 1.5, 28, False, False, False, 'snippets', False, ")
