# expects 18: compute() fails: ZeroDivisionError
"""What goes wrong here?

It raises.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "A number."


def compute() -> Result:
    zero = 0
    return Result(answer=1 / zero)
