# expects 20: claim_answer() has no docstring: write the sentence that it asserts there
"""What goes wrong here?

A claim says nothing.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "A number."


def compute() -> Result:
    return Result(answer=1.0)


def claim_answer(result: Result) -> None:
    assert result.answer == 1
