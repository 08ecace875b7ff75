"""How large is a square?

Side times side: 6.25 square meters for a side of 2.5 meters.
"""

from dataclasses import dataclass

import numpy as np
import shared
from matplotlib.figure import Figure


@dataclass(frozen=True)
class Result:
    sides: tuple[float, ...]
    "Sides, in meters."
    areas: tuple[float, ...]
    "Their areas, in square meters."
    area: float
    "The largest of them."


def area_of(side):
    """Area of a square, in square meters."""
    return shared.power(side, 2)


def compute() -> Result:
    sides = (1.0, 2.0, 2.5)
    return Result(sides=sides, areas=tuple(map(area_of, sides)), area=area_of(2.5))


def claim_strips(result: Result) -> None:
    """A square of side {{ sides[2] | digits(2) }} is {{ area | digits(3) }} square meters, cut into strips."""
    assert result.area == sum([2.5 * 0.5] * 5)


def equation_area():
    r"""A = s^2"""
    for s in np.linspace(0.5, 3, 6):
        yield {"A": np.trapezoid([s, s], [0, s]), "s": s}


def equation_limit():
    r"""\lim_{s\to 0} \frac{A}{s} = 0"""
    assert area_of(1e-9) / 1e-9 < 1e-8


def figure_growth(result: Result) -> Figure:
    """Area against side, from {{ areas[0] | digits(1) }} up to {{ area | digits(3) }}. A curve that bends upward."""
    figure = Figure(figsize=(4, 3))
    figure.subplots().plot(result.sides, result.areas, label="area")
    return figure
