# expects 20: figure_answer() fails: TypeError: it returned NoneType: return a matplotlib Figure
"""What goes wrong here?

A figure is forgotten.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "A number."


def compute() -> Result:
    return Result(answer=1.0)


def figure_answer(result: Result):
    """Nothing."""
