"""Mutation testing, in small: a few mistakes in a few snippets are noticed; `make mutants` tries many in all."""

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
