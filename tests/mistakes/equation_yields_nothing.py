# expects 20: equation_area() yields no bindings, so nothing was checked: yield letters and numbers
"""What goes wrong here?

Nothing is bound.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "A number."


def compute() -> Result:
    return Result(answer=1.0)


def equation_area():
    r"""A = s^2"""
    for s in ():
        yield {"A": s * s, "s": s}
