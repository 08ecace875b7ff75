"""What does centering cost where inputs are sparse?

Zeros: of the digits' pixels {{ zeros[0] | percent }} are zero before and {{ zeros[1] | percent }} after. One-hot inputs
gain nothing.
"""

from dataclasses import dataclass

import numpy as np

from lib.data import digits
from lib.quadratics import add_bias, condition_on_range, second_moment

SYMBOLS = 50


@dataclass(frozen=True)
class Result:
    zeros: tuple[float, float]
    "Share of zeros among the digits' pixels, raw and centered."
    pixels: int
    "Inputs of a one-hot code."
    one_hot: tuple[float, float]
    "Condition number of a one-hot code with a bias, on its range, raw and centered."


def compute() -> Result:
    pixels = digits()[0]
    code = np.eye(SYMBOLS)
    return Result(
        zeros=(np.mean(pixels == 0), np.mean(pixels - pixels.mean(axis=0) == 0)),
        pixels=SYMBOLS,
        one_hot=tuple(condition_on_range(second_moment(add_bias(x))) for x in (code, code - 1 / SYMBOLS)),
    )


def claim_zeros_are_lost(result: Result) -> None:
    """Of the digits' pixels {{ zeros[0] | percent }} are exactly zero, and {{ zeros[1] | percent }} after the mean
    image has been subtracted, those which are zero in every image."""
    pixels = digits()[0]
    assert abs(result.zeros[1] - np.mean(pixels.max(axis=0) == 0)) < 1e-12 and result.zeros[0] > 5 * result.zeros[1]
    assert abs(result.zeros[0] + np.count_nonzero(pixels) / pixels.size - 1) < 1e-12


def claim_one_hot_gains_nothing(result: Result) -> None:
    """A one-hot code of {{ pixels }} inputs, equally frequent, has the condition number 1 without a bias; with one
    it is {{ one_hot[0] | integer }} on its range, and {{ one_hot[1] | integer }} after centering."""
    assert np.linalg.cond(np.eye(SYMBOLS) / SYMBOLS) == 1
    assert abs(result.one_hot[0] - (SYMBOLS + 1)) < 1e-6 and abs(result.one_hot[1] - SYMBOLS) < 1e-6


if __name__ == "__main__":
    print(compute())
