# expects 21: equation_share()’s docstring has a backslash that Python takes for an escape, as in \frac: write r"""
"""What goes wrong here?

An equation in a docstring that is not raw: its first letters became a form feed.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "A number."


def compute() -> Result:
    return Result(answer=1.0)


def equation_share():
    """A = \frac{s}{2}"""
    for s in (1.0, 2.0):
        yield {"A": s / 2, "s": s}
