"""How far off center are MNIST's pixels, by the two numbers that everybody divides and subtracts?

A mean of {{ mean | decimals(4) }} and a standard deviation of {{ std | decimals(4) }} make a squared mean over variance
of {{ ratio | digits(2) }}; as many inputs alike and uncorrelated would have κ₀ = {{ kappa | integer }}.
"""

from dataclasses import dataclass

import numpy as np

from lib.quadratics import condition_number, hessian

MEAN, STD, PIXELS = 0.1307, 0.3081, 28 * 28  # as in PyTorch's MNIST example


@dataclass(frozen=True)
class Result:
    mean: float
    "Mean of all pixels of the training images, from 0 to 1, as it is published."
    std: float
    "Their standard deviation about it."
    pixels: int
    "Pixels of an image."
    ratio: float
    "Squared mean over variance."
    kappa: float
    "Condition number without a bias of as many uncorrelated inputs with these numbers."
    moved: float
    "By how much Adam's first step can move the output of a neuron at the mean image, over its rate."


def compute() -> Result:
    ratio = (MEAN / STD) ** 2
    return Result(mean=MEAN, std=STD, pixels=PIXELS, ratio=ratio, kappa=1 + PIXELS * ratio, moved=PIXELS * MEAN)


def claim_moderately_off_center(result: Result) -> None:
    """MNIST’s pixels have a mean of {{ mean | decimals(4) }} and a standard deviation of {{ std | decimals(4) }}: a
    squared mean over variance of {{ ratio | digits(2) }}. With these numbers {{ pixels }} uncorrelated inputs have
    κ₀ = {{ kappa | integer }}, and Adam’s first step moves an output by up to {{ moved | digits(2) }} times its
    rate."""
    H = hessian(np.full(PIXELS, MEAN), STD**2)
    assert abs(condition_number(H) / result.kappa - 1) < 1e-8 and abs(result.ratio - (result.kappa - 1) / PIXELS) < 1e-9
    assert abs(np.sign(np.full(PIXELS, MEAN)) @ np.full(PIXELS, MEAN) - result.moved) < 1e-9
    assert abs(result.mean / result.std - np.sqrt(result.ratio)) < 1e-9


if __name__ == "__main__":
    print(compute())
