# expects 21: equation_area() cannot be read: ‘r’ is not bound, and not known, at ‘r^2’
"""What goes wrong here?

A letter is not bound.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "A number."


def compute() -> Result:
    return Result(answer=1.0)


def equation_area():
    r"""A = r^2"""
    for s in (1.0, 2.0):
        yield {"A": s * s, "s": s}
