"""Mutation testing on a small scale: a few mistakes in a few snippets; `make mutants` tries many in all of them."""

import ast

import pytest

from misprints import PROJECT, Mutant, choose_mutants, read_survivors
from mutants import Judge, find_differences, generate_mutants, judge_mutant

pytestmark = pytest.mark.filterwarnings("ignore:.*fork")  # the child does not need the threads of this process


@pytest.mark.parametrize("name", ["orthants", "saturation", "stable_step", "zigzag"])
def test_mutants_of_a_snippet_are_noticed_or_listed(name):
    judge = Judge(name)
    judge.seconds = 1
    mutants = choose_mutants(generate_mutants(name, judge.lines[name]), 6)
    assert len(mutants) == 6
    survivors = [mutant for mutant in mutants if judge_mutant([judge], mutant).startswith("survives")]
    assert list(find_differences(mutants, survivors, read_survivors())) == []


def test_judge_tells_equal_caught_surviving_and_endless_mutants_apart():
    judge = Judge("zigzag")
    judge.seconds = 1
    text = PROJECT.scripts["zigzag"].text

    def judge_change(old, new):
        assert old in text
        return judge.judge(Mutant("zigzag", "compute", 1, old, new, text.replace(old, new)))

    assert judge_change("descend(H, best_step(H), START) for", "descend(H, 1.0 * best_step(H), START) for") == "equal"
    assert judge_change("descend(H, best_step(H), START) for", "descend(H, 0.9 * best_step(H), START) for").startswith(
        "caught: AssertionError"
    )
    assert judge_change("paths=tuple(paths),", "paths=tuple(paths + paths),") == "survives in what is drawn: paths"
    assert judge_change("descend(H, best_step(H), START) for", "descend(H, -best_step(H), START) for").startswith(
        "caught"
    )
    assert judge_change("    curvatures =", "    while True: pass\n    curvatures =") == "caught: endless"


def test_new_and_outdated_survivors_are_reported():
    here = Mutant("zigzag", "compute", 7, "a + b", "a - b", "")
    assert [each.message[:30] for each in find_differences([here], [here], set())] == ["‘a + b’ as ‘a - b’ is not noti"]
    assert ["noticed now" in each.message for each in find_differences([here], [], {here.key})] == [True]
    assert list(find_differences([here], [here], {here.key})) == list(find_differences([], [], {here.key})) == []


def find_orphans(survivors):
    """Yield the survivors whose line is no longer in their function, whatever its white space."""
    for function, line, _ in sorted(survivors):
        module, _, name = function.rpartition(".")
        text = PROJECT.scripts[module].text if module in PROJECT.scripts else ""
        bodies = [ast.get_source_segment(text, node) or "" for node in ast.parse(text).body if _name(node) == name]
        if not any("".join(line.split()) in "".join(body.split()) for body in bodies):
            yield f"{function}: {line}"


def _name(node):
    return getattr(node, "name", "table")  # as `generate_mutants` calls statements without a name


def test_each_survivor_is_a_line_of_its_function():
    survivors = read_survivors()
    assert list(find_orphans(survivors)) == []
    function, line, other = next(iter(sorted(survivors)))
    assert list(find_orphans({(function, f"{line} + 1", other)})) == [f"{function}: {line} + 1"]
    assert list(find_orphans({(f"{function}x", line, other)})) == [f"{function}x: {line}"]
