# expects 20: claim_answer() asserts nothing: check its sentence by a second route
"""What goes wrong here?

A claim has no check.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "A number."


def compute() -> Result:
    return Result(answer=1.0)


def claim_answer(result: Result) -> None:
    """The answer is 1."""
    print
