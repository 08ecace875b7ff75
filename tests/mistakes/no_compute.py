# expects 1: compute() is missing: write compute() -> Result
"""What goes wrong here?

It computes nothing.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "A number."


def claim_answer(result: Result) -> None:
    """The answer is there."""
    assert result
