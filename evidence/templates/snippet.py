r"""QUESTION

The answer in one sentence, with its number.

    side    of the square, in meters
"""

from dataclasses import dataclass

from matplotlib.figure import Figure

SIDE = 3.0


@dataclass(frozen=True)
class Result:
    area: float
    "Area of the square, in square meters."


def compute() -> Result:
    return Result(area=SIDE**2)


def claim_area(result: Result) -> None:
    """The area is {{ area | digits(1) }} square meters."""
    assert result.area == sum([SIDE] * 3)  # a second route: three strips


def equation_area():
    r"""A = s^2"""
    for s in (1.0, 2.5, 7.0):
        yield {"A": sum([s] * 10) * s / 10, "s": s}


def figure_growth(result: Result) -> Figure:
    """Area against side, up to {{ area | digits(1) }} square meters. A curve that bends upward."""
    figure = Figure(figsize=(4, 3))
    sides = [SIDE * part / 20 for part in range(21)]
    figure.subplots().plot(sides, [side**2 for side in sides])
    return figure
