"""Runs share a process only as long as none of them leaves anything in it."""

import json
from multiprocessing import get_context

import pytest
from evidence.processes import Processes, libraries

from evidence.project import Project

SNIPPET = '''"""What does it leave behind?

See below.
"""

import decimal, gc, os, random, signal, sys, threading, time, warnings
from dataclasses import dataclass

import matplotlib
import matplotlib.units
import numpy as np
from matplotlib.figure import Figure


@dataclass(frozen=True)
class Result:
    process: int
    """The number of the process in which this ran."""


def compute():
    {}
    return Result(process=os.getpid())
'''
TRACES = [
    "np.mean = np.sum",
    "np.novel = 1",
    "Figure.savefig = None",
    "del Figure.savefig",
    "matplotlib.units.registry[complex] = None",
    "matplotlib.rcParams['lines.linewidth'] = 9",
    "matplotlib.rcParams['font.family'].append('serif')",
    "np.random.seed(1)",
    "random.random()",
    "np.seterr(all='ignore')",
    "np.set_printoptions(precision=2)",
    "decimal.getcontext().prec = 5",
    "warnings.simplefilter('ignore')",
    "os.environ['LEFT'] = 'here'",
    "os.chdir('/')",
    "sys.setrecursionlimit(5000)",
    "sys.settrace(lambda *what: None)",
    "gc.disable()",
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
    "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
    "import colorsys",
]


def runs(root, pipe):
    """In a process of its own, whose fork server no other test has started: run `leaves` when asked to, until None."""
    machine = Processes(libraries(Project(root), ["leaves"]))
    while pipe.recv():
        problems, _ = machine.run(Project(root), "leaves", root / ".made", {"libraries": {}, "inputs": {}})
        pipe.send([problem.what for problem in problems])
    machine.close()


@pytest.fixture(scope="module")
def process_of(tmp_path_factory):
    """Runs a snippet with this line in `compute`, and says in which process."""
    root = tmp_path_factory.mktemp("traces")
    for folder in ("snippets", "docs", ".made"):
        (root / folder).mkdir()
    (root / "snippets/leaves.py").write_text(SNIPPET.format("pass"))
    pipe, theirs = get_context("spawn").Pipe()
    runner = get_context("spawn").Process(target=runs, args=(root, theirs))
    runner.start()

    def process(line):
        (root / "snippets/leaves.py").write_text(SNIPPET.format(line))
        pipe.send(line)
        problems = pipe.recv()
        made = json.loads((root / ".made/result.json").read_text())
        return made["values"]["process"]["value"], problems

    yield process
    pipe.send(None)
    runner.join(60)


def test_a_run_that_leaves_no_trace_makes_room_for_the_next(process_of):
    first, second, third = (process_of(line)[0] for line in ("pass", "np.linalg.svd(np.eye(3))", "Figure()"))
    assert first == second == third


@pytest.mark.parametrize("line", TRACES)
def test_no_run_meets_what_another_left(process_of, line):
    left, problems = process_of(line)
    assert problems == [] and process_of("pass")[0] != left


def test_a_run_with_a_problem_is_the_last_of_its_process(process_of):
    before, _ = process_of("pass")
    _, problems = process_of("raise ValueError('no')")
    assert "ValueError: no" in problems[0] and process_of("pass")[0] != before
