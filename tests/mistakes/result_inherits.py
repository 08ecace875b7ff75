# expects 17: Result inherits answer: write all fields into Result
"""What goes wrong here?

A result inherits a field, which no page could quote.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Base:
    answer: float
    "A number."


@dataclass(frozen=True)
class Result(Base):
    other: float
    "A number."


def compute() -> Result:
    return Result(answer=1.0, other=2.0)


def claim_answer(result: Result) -> None:
    """The answer is 1."""
    assert (result.answer, result.other) == (1, 2)
