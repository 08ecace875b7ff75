# expects 22: claim_answer() fails: AssertionError: ‘result.answer == 2’ is false, where result.answer = 1.0
"""What goes wrong here?

A claim does not hold.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "A number."


def compute() -> Result:
    return Result(answer=1.0)


def claim_answer(result: Result) -> None:
    """The answer is 2."""
    assert result.answer == 2
