"""How long until a diverging loss is infinite, and when is it not a number?

The slope grows by {{ factor | digits(3) }} a step, at a step of {{ step | decimals(2) }}: in single precision the loss
is infinite after {{ overflow.float32[0] }} steps, in double precision after {{ overflow.float64[0] }}.
"""

from dataclasses import dataclass

import numpy as np

from lib.line_points import MEAN, NOISE, POINTS, STD, draw_points, fit_line

SEED = 0
STEP = 0.01


@dataclass(frozen=True)
class Result:
    step: float
    "Step size of the run that diverges."
    factor: float
    "What multiplies the steep part of the error in each of its steps."
    slopes: tuple[float, ...]
    "The slope after its first steps, from 0 on."
    overflow: dict[str, tuple[int, int]]
    "First step at which the loss is infinite, and at which it is not a number; in single and in double precision."
    excess: float
    "Loss at the start, above its least."


def find_overflow(precision: str) -> tuple[int, int]:
    """Return the first steps at which the loss is infinite, and at which it is not a number."""
    x, y = (part.astype(precision) for part in draw_points(SEED))
    with np.errstate(over="ignore", invalid="ignore"):
        losses = fit_line(x, y, STEP, 200)[1]
    return int(np.isinf(losses).argmax()), int(np.isnan(losses).argmax())


def compute() -> Result:
    x, y = draw_points(SEED)
    high = np.linalg.eigvalsh([[STD**2 + MEAN**2, MEAN], [MEAN, 1.0]])[1]
    path, losses = fit_line(x, y, STEP, 4)
    return Result(
        step=STEP,
        factor=1 - STEP * high,
        slopes=tuple(path[:, 0]),
        overflow={name: find_overflow(name) for name in ("float32", "float64")},
        excess=losses[0] - NOISE**2 / 2,
    )


def claim_growth_is_predicted(result: Result) -> None:
    """At a step of {{ step | decimals(2) }} the slope alternates in sign and grows by a factor of
    {{ factor | digits(3) }} a step; in single precision the loss is infinite after {{ overflow.float32[0] }} steps and
    not a number after {{ overflow.float32[1] }}, in double precision after {{ overflow.float64[0] }} and
    {{ overflow.float64[1] }}."""
    ratios = np.array(result.slopes[2:]) / result.slopes[1:-1]
    assert np.all(ratios < 0) and np.all(np.abs(ratios[1:] / result.factor - 1) < 0.01)
    growth, steep = np.log(-result.factor), np.sqrt(2 * result.excess)  # mean error
    for name, found in result.overflow.items():
        room = np.log(np.finfo(name).max)
        squares, products = room - np.log(POINTS * steep**2), room - np.log(POINTS * steep * MEAN)  # of either sum
        assert found == (np.ceil(squares / 2 / growth), np.ceil(products / growth) + 2)


if __name__ == "__main__":
    print(compute())
