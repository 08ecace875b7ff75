# expects 20: clam_answer() would never run: did you mean ‘claim_…’?
"""What goes wrong here?

A claim would never run.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "A number."


def compute() -> Result:
    return Result(answer=1.0)


def clam_answer(result: Result) -> None:
    """The answer is 1."""
