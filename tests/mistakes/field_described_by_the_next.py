# expects 12: ‘answer’ has no string under it: say what it is and its unit
"""What goes wrong here?

A field takes the default of the next one for its description.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    unit: str = "meters"
    "Of the answer."


def compute() -> Result:
    return Result(answer=1.0)


def claim_answer(result: Result) -> None:
    """The answer is 1."""
    assert (result.answer, result.unit) == (1, "meters")
