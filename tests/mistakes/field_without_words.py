# expects 11: ‘answer’ has no string under it: say what it is and its unit
"""A value without a meaning."""

from dataclasses import dataclass

UNIT = "m"


@dataclass(frozen=True)
class Result:
    answer: float


def compute() -> Result:
    return Result(answer=1.0)
