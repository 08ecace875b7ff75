"""Mutation testing, in small: a few mistakes in a few snippets are noticed; `make mutants` tries many in all."""

import ast

import pytest

from misprints import PROJECT, Mutant, reviewed, some
from mutants import Judge, decided, differences, mutants

pytestmark = pytest.mark.filterwarnings("ignore:.*fork")  # of a process with threads, which the child does not need


@pytest.mark.parametrize("name", ["bias", "factors", "saturation", "zigzag"])
def test_a_mistake_is_noticed(name):
    judge = Judge(name)
    judge.seconds = 1
    tried = some(mutants(name, judge.lines[name]), 6)
    survived = [mutant for mutant in tried if decided([judge], mutant).startswith("survives")]
    assert list(differences(tried, survived, reviewed())) == []


def test_a_judge_tells_them_apart():
    """What is equal, wrong in a number, wrong where nobody looks, and without end."""
    judge = Judge("zigzag")
    judge.seconds = 1
    text = PROJECT.scripts["zigzag"].text

    def said(old, new):
        assert old in text
        return judge.verdict(Mutant("zigzag", "compute", 1, old, new, text.replace(old, new)))

    assert said("descend(H, best_step(H), START) for", "descend(H, 1.0 * best_step(H), START) for") == "equal"
    assert said("descend(H, best_step(H), START) for", "descend(H, 0.9 * best_step(H), START) for").startswith(
        "caught: AssertionError"
    )
    assert said("paths=tuple(paths),", "paths=tuple(paths + paths),") == "survives in what is drawn: paths"
    assert said("descend(H, best_step(H), START) for", "descend(H, -best_step(H), START) for").startswith("caught")
    assert said("    curvatures =", "    while True: pass\n    curvatures =") == "caught: endless"


def test_the_list_is_compared():
    here = Mutant("zigzag", "compute", 7, "a + b", "a - b", "")
    assert [each.message[:30] for each in differences([here], [here], set())] == ["‘a + b’ as ‘a - b’ is not noti"]
    assert ["noticed now" in each.message for each in differences([here], [], {here.key})] == [True]
    assert list(differences([here], [here], {here.key})) == list(differences([], [], {here.key})) == []


def find_orphans(held):
    """Survivors whose line stands in their function no longer; white space apart."""
    for function, line, _ in sorted(held):
        module, _, name = function.rpartition(".")
        text = PROJECT.scripts[module].text if module in PROJECT.scripts else ""
        bodies = [ast.get_source_segment(text, node) or "" for node in ast.parse(text).body if _name(node) == name]
        if not any("".join(line.split()) in "".join(body.split()) for body in bodies):
            yield f"{function}: {line}"


def _name(node):
    return getattr(node, "name", "table")  # as `mutants` calls what has no name


def test_each_survivor_is_a_line_of_its_function():
    held = reviewed()
    assert list(find_orphans(held)) == []
    function, line, other = next(iter(sorted(held)))
    assert list(find_orphans({(function, f"{line} + 1", other)})) == [f"{function}: {line} + 1"]
    assert list(find_orphans({(f"{function}x", line, other)})) == [f"{function}x: {line}"]
