"""May negative pixels stay, or should absolute values be taken?

They may stay. Absolute values make {{ lost_pairs }} pairs of levels equal, and bring the mean back.
"""

from dataclasses import dataclass

import numpy as np

from lib.data import digits as pictures
from lib.gaussian import moments
from lib.numerics import Draws
from lib.quadratics import off_center_ratio

LEVELS = 256


@dataclass(frozen=True)
class Result:
    before: float
    "Off-center measure of the digits as they are."
    levels: int
    "Gray levels of one byte."
    middle: int
    "Middle of a byte's levels."
    lost_pairs: int
    "Pairs of levels that the absolute value makes equal after subtracting the middle."
    left_levels: int
    "Levels that remain different."
    absolute: float
    "Off-center measure of the digits after subtracting each pixel's mean and taking absolute values."


def compute() -> Result:
    x, _ = pictures()
    left = len(set(abs(np.arange(LEVELS) - LEVELS // 2)))
    return Result(
        before=off_center_ratio(x),
        levels=LEVELS,
        middle=LEVELS // 2,
        lost_pairs=LEVELS - left,
        left_levels=left,
        absolute=off_center_ratio(abs(x - x.mean(axis=0))),
    )


def claim_absolute_values_destroy(result: Result) -> None:
    """Subtract {{ middle }} from the {{ levels }} levels of a byte and take absolute values: {{ lost_pairs }} pairs
    become equal, {{ left_levels }} levels are left."""
    partners = [(low, 256 - low) for low in range(1, 128)]
    assert all(abs(low - 128) == abs(high - 128) for low, high in partners) and len(partners) == result.lost_pairs
    assert result.left_levels == LEVELS - result.lost_pairs


def claim_absolute_values_bring_the_mean_back(result: Result) -> None:
    """And a mean is back: the absolute values of digits that were centered pixel by pixel have a squared mean over
    variance of {{ absolute | digits }}, more than the digits before centering, {{ before | digits }}."""
    x, _ = pictures()
    z = abs(x - x.mean(axis=0))
    first, second = z.mean(axis=0), np.mean(z**2, axis=0)
    assert abs(np.sum(first**2) / np.sum(second - first**2) / result.absolute - 1) < 1e-9
    assert result.absolute > result.before
    first, second = x.mean(axis=0), np.mean(x**2, axis=0)
    assert abs(np.sum(first**2) / np.sum(second - first**2) / result.before - 1) < 1e-9


def equation_absolute() -> Draws:
    r"""\frac{\mathbb{E}[\lvert z\rvert]^2}{\operatorname{Var}[\lvert z\rvert]} = \frac{2}{\pi - 2}"""
    for std in np.random.default_rng(0).uniform(0.1, 5, 4):
        mean, variance = moments(np.abs, std)
        yield {r"\mathbb{E}[\lvert z\rvert]": mean, r"\operatorname{Var}[\lvert z\rvert]": variance}


if __name__ == "__main__":
    print(compute())
