# expects 17: Result holds nan in ‘answer’: find out where it comes from
"""What goes wrong here?

It returns NaN.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "A number."


def compute() -> Result:
    return Result(answer=float("nan"))
