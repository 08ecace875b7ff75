"""Runs under way: results are there as soon as each is made, and a build that ends early leaves nothing behind."""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from conftest import ROOT
from evidence.project import Project
from evidence.runner import start

WAITS = """import os, time
    with open({root!r} + "/.begun", "w") as file:
        file.write(str(os.getpid()))
    while not os.path.exists({root!r} + "/.go"):
        time.sleep(0.02)
    sides = (1.0"""


@pytest.fixture
def slow(small):
    """The small site with a second snippet, `slow`, which waits for a file and leaves its process number in another."""
    text = (small.root / "snippets/square.py").read_text()
    waits = text.replace("sides = (1.0", WAITS.format(root=str(small.root)))
    (small.root / "snippets/slow.py").write_text(waits)
    small.edit("mkdocs.yml", "seconds: 8", "seconds: 60")
    return small


def number(site):
    """The number of the process in which `slow` runs, once it does."""
    for _ in range(400):
        if text := (site.root / ".begun").read_text() if (site.root / ".begun").exists() else "":
            return int(text)
        time.sleep(0.05)
    raise AssertionError("it never began")


def ended(process):
    """Whether a process is gone, given some seconds to go."""
    for _ in range(100):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def left_over(site):
    return [path.name for path in site.root.glob(".evidence/*/.*")]


def test_results_are_there_while_others_still_run(slow):
    project, said = Project(slow.root), []
    runs = start(project, said.append, first=["square", "slow", "square"])
    number(slow)
    assert runs.wait("square") == [] and project.load("square") and not project.load("slow")
    (slow.root / ".go").touch()
    runs.finish()
    assert project.load("slow") and project.problems == [] and left_over(slow) == []
    assert said == ["running square: never run", "running slow: never run"]
    assert start(project, said.append).wait("square") == [] and len(said) == 2


def test_canceled_runs_leave_nothing_behind(slow):
    project = Project(slow.root, seconds=1000)  # more than the test has
    runs = start(project, print)
    process = number(slow)
    runs.cancel()
    assert ended(process) and left_over(slow) == [] and not project.load("slow")


def test_a_killed_build_leaves_no_process_behind(slow):
    command = [sys.executable, "-m", "evidence", "build"]
    build = subprocess.Popen(command, cwd=slow.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    process = number(slow)
    build.send_signal(signal.SIGKILL)
    build.wait()
    assert ended(process)


def test_an_interrupted_build_leaves_nothing_behind(slow):
    command = [sys.executable, "-m", "evidence", "build"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    build = subprocess.Popen(command, cwd=slow.root, start_new_session=True, **quiet)
    process = number(slow)
    os.killpg(build.pid, signal.SIGINT)  # as a terminal does
    build.wait(60)
    assert ended(process) and left_over(slow) == []


def test_an_interrupt_while_runs_begin_leaves_nothing_behind(slow):
    processes = []

    def say(line):
        if not line.startswith("running slow"):
            processes.append(number(slow))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        start(Project(slow.root, seconds=1000), say, first=["slow"])
    assert ended(processes[0]) and left_over(slow) == []


def test_problems_come_in_the_order_of_names_whoever_ends_first(small):
    for name in ("raises.py", "claim_fails.py", "no_compute.py"):
        shutil.copy(ROOT / "tests/mistakes" / name, small.root / "snippets")
    project = Project(small.root)
    runs = start(project, lambda line: None, first=["raises", "no_compute"])
    assert runs.wait("raises")[0].where == "snippets/raises.py" and project.problems == []
    runs.finish()
    assert [problem.where[9:-3] for problem in project.problems] == ["claim_fails", "no_compute", "raises"]


def test_what_breaks_on_import_breaks_only_its_own_run(small):
    """A library that is loaded ahead of all runs, and raises."""
    (small.root / "broken_library.py").write_text("raise RuntimeError('not today')\n")
    text = "import broken_library\n" + (small.root / "snippets/square.py").read_text()
    (small.root / "snippets/broken.py").write_text(text)
    done = small.run("evidence", "build", PYTHONPATH=f"{small.root}{os.pathsep}{ROOT}")
    assert "snippets/broken.py:1: the snippet fails: RuntimeError: not today" in done.stdout, done.stdout
    assert list(small.root.glob(".evidence/square/*/result.json"))
