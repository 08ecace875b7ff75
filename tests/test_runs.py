"""Runs under way: results are there as soon as each is made, and a build that ends early leaves nothing behind."""

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


def start(project, log, first=()):
    build = Build(project, log)
    build.start(first)
    return build


def left_over(site):
    """Files of runs, and entries in the making."""
    return [*site.root.glob(".evidence/runs/*"), *site.root.glob(".evidence/cache/*/.*")]


def test_results_are_there_while_others_still_run(slow):
    project, said = Project(slow.root), []
    build = start(project, said.append, first=["square", "slow", "square"])
    slow.wait_for_process()
    assert build.wait("square") == [] and build.get_result("square") and not build.get_result("slow")
    slow.let_go()
    build.finish()
    assert build.get_result("slow") and project.diagnostics == [] and left_over(slow) == []
    begun = {line.partition(" (")[0] for line in said if "running" in line}  # both at once
    assert begun == {"running square: never run", "running slow: never run"}
    assert start(project, said.append).wait("square") == [] and len(said) == 4


def test_runs_that_were_ended_begin_anew(slow):
    """As after a build that an error ended: nothing of the ended run is taken for its result."""
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


def test_runs_go_on_in_the_next_build_and_are_forgotten_once_nobody_wants_them(slow):
    project, said, runs = Project(slow.root), [], Runs()
    Build(project, said.append, runs).start()
    process = slow.wait_for_process()
    build = Build(Project(slow.root), said.append, runs)
    build.start()
    slow.let_go()
    assert build.wait("square") == build.wait("slow") == [] and sum("running slow" in line for line in said) == 1
    assert has_ended(process)
    last = Build(Project(slow.root), said.append, runs)
    last.start()
    assert last.stale == [] and runs.futures == {}
    runs.close()


def test_a_page_keeps_the_results_that_it_began_with(slow):
    """A run that ends meanwhile changes neither them nor what a cached page is keyed by."""
    build = start(Project(slow.root), print)
    process = slow.wait_for_process()
    slow.let_go()
    build.finish()
    before = Build(Project(slow.root)).digests["slow"]
    slow.edit("snippets/shared.py", "What snippets share.", "Changed.")
    build = start(Project(slow.root), print)
    slow.wait_for_process(other_than=process)
    shown = build.get_result("slow")
    slow.let_go()
    build.wait("slow")
    assert build.get_result("slow") is shown and build.digests["slow"] == before
    build.finish()
    assert Build(Project(slow.root)).digests["slow"] != before


def test_files_of_runs_stay_while_another_process_has_some(tmp_path):
    folder = tmp_path / "runs"
    first = LocalExecutor([], folder)
    (folder / "of the first").mkdir()
    LocalExecutor([], folder)
    assert (folder / "of the first").is_dir()
    del first
    LocalExecutor([], folder)
    assert list(folder.iterdir()) == []


def test_canceled_runs_leave_nothing_behind(slow):
    project = Project(slow.root, seconds=1000)  # more than the test has
    build = start(project, print)
    process = slow.wait_for_process()
    build.runs.close()
    assert has_ended(process) and not Build(project, print).get_result("slow")


def test_a_killed_build_leaves_no_process_behind(slow):
    command = [sys.executable, "-m", "evidence", "build"]
    build = subprocess.Popen(command, cwd=slow.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    process = slow.wait_for_process()
    build.send_signal(signal.SIGKILL)
    build.wait()
    assert has_ended(process)


def test_an_interrupted_build_leaves_nothing_behind(slow):
    command = [sys.executable, "-m", "evidence", "build"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    build = subprocess.Popen(command, cwd=slow.root, start_new_session=True, **quiet)
    process = slow.wait_for_process()
    os.killpg(build.pid, signal.SIGINT)  # as a terminal does
    build.wait(60)
    assert has_ended(process)
    assert slow.run("evidence", "list").returncode == 0


def test_problems_come_in_the_order_of_names_whoever_ends_first(small):
    for name in ("raises.py", "claim_fails.py", "no_compute.py"):
        shutil.copy(ROOT / "tests/mistakes" / name, small.root / "snippets")
    project = Project(small.root)
    build = start(project, lambda line: None, first=["raises", "no_compute"])
    assert build.wait("raises")[0].file == "snippets/raises.py" and project.diagnostics == []
    build.finish()
    assert [each.file[9:-3] for each in project.diagnostics] == ["claim_fails", "no_compute", "raises"]


def test_what_breaks_on_import_breaks_only_its_own_run(small):
    """A library that is loaded ahead of all runs, and raises."""
    (small.root / "broken_library.py").write_text("raise RuntimeError('not today')\n")
    text = "import broken_library\n" + (small.root / "snippets/square.py").read_text()
    (small.root / "snippets/broken.py").write_text(text)
    done = small.run("evidence", "build", PYTHONPATH=f"{small.root}{os.pathsep}{ROOT}")
    assert "snippets/broken.py:1: the snippet fails: RuntimeError: not today" in done.stdout, done.stdout
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


def test_no_run_meets_what_another_left(small):
    """Each has a process of its own, forked from one in which nothing has run."""
    names = [f"leaves_{i}" for i in range(4)]
    for name in names:
        (small.root / f"snippets/{name}.py").write_text(LEAVES)
    project = Project(small.root, seconds=60)
    build = start(project, lambda line: None)
    build.finish()
    assert project.diagnostics == []
    (found,) = {build.get_result(name).values["found"].value for name in names}
    assert found.startswith("['warn', 1.5, 28, False, False, False, 'snippets', False, ")
