# expects 20: claim_answer() asserts nothing: check its sentence by a second route
"""What goes wrong here?

A claim speaks of asserting.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "A number."


def compute() -> Result:
    return Result(answer=1.0)


def claim_answer(result: Result) -> bool:
    """The answer is 2."""
    asserted = result.answer == 2
    return asserted
