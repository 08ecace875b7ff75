# expects 21: equation_area() does not hold as printed, on draw 2: ‘A = s^3’ with A = 4, s = 2: left of = is 4, right of it 8
"""What goes wrong here?

An exponent is wrong; the check beside it is right.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "A number."


def compute() -> Result:
    return Result(answer=1.0)


def equation_area():
    r"""A = s^3"""
    for s in (1.0, 2.0):
        yield {"A": s * s, "s": s}
