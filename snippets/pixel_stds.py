"""Which mean of images goes with which standard deviation?

The standard deviation about that mean: about their own means pixels vary by {{ within_std | digits }}, about
their one mean by {{ whole_std | digits }}. Dividing each pixel by its own multiplies one by
{{ largest_gain | digits }}.
"""

from dataclasses import dataclass

import numpy as np

from lib.data import digits as pictures
from lib.numerics import Draws, draws


@dataclass(frozen=True)
class Result:
    whole_std: float
    "Standard deviation of all gray values of all images about their one mean."
    within_std: float
    "Root of the mean variance of a pixel about its own mean."
    mismatched: float
    "Variance left by subtracting the means of the pixels and dividing by the standard deviation of the whole."
    constant: int
    "Pixels that never change."
    largest_gain: float
    "Largest factor, among pixels that change, by which a pixel is multiplied to bring its standard deviation to 1."
    typical_gain: float
    "Median of these factors."


def compute() -> Result:
    x, _ = pictures()
    mean, stds = x.mean(axis=0), x.std(axis=0)
    gains = 1 / stds[stds > 0]
    return Result(
        whole_std=x.std(),
        within_std=np.sqrt(np.mean(stds**2)),
        mismatched=np.mean(((x - mean) / x.std()) ** 2),
        constant=int(np.sum(stds == 0)),
        largest_gain=gains.max(),
        typical_gain=np.median(gains),
    )


def claim_mean_and_std_belong_together(result: Result) -> None:
    """The standard deviation of all gray values is {{ whole_std | digits }}; about their own means the pixels
    vary by {{ within_std | digits }}, and dividing by the former leaves a variance of
    {{ mismatched | digits }}."""
    x, _ = pictures()
    assert abs((result.within_std / result.whole_std) ** 2 / result.mismatched - 1) < 1e-9
    assert abs(np.linalg.norm(x - x.mean(axis=0)) ** 2 / x.size / result.within_std**2 - 1) < 1e-9
    assert abs(np.mean(x**2) - np.mean(x) ** 2 - result.whole_std**2) < 1e-12


def claim_rare_pixels_are_amplified(result: Result) -> None:
    """Dividing each pixel by its own standard deviation multiplies one of them by {{ largest_gain | digits }}, half of
    them by no more than {{ typical_gain | digits }}, and {{ constant }} would be divided by zero."""
    x, _ = pictures()
    on = np.array([np.sqrt(np.mean(pixel**2) - np.mean(pixel) ** 2) for pixel in x.T])
    order = np.sort(on)
    assert order[result.constant - 1] == 0 and abs(order[result.constant] * result.largest_gain - 1) < 1e-6
    changing = order[result.constant :]
    assert abs(np.median(1 / changing) / result.typical_gain - 1) < 1e-9 and result.largest_gain > 10


def equation_variance() -> Draws:
    r"""S^2 = \frac{1}{n}\sum_{j=1}^{n} s_j^2 + \frac{1}{n}\sum_{j=1}^{n} (\mu_j - \bar{\mu})^2"""
    for rng in draws(8):
        n = int(rng.integers(3, 7))
        x = rng.normal(rng.normal(size=n), rng.uniform(0.3, 2, size=n), size=(30, n))
        mean, std = x.mean(axis=0), x.std(axis=0)
        yield {
            "S": x.std(),
            "n": n,
            "s_j": lambda j, std=std: std[int(j) - 1],
            r"\mu_j": lambda j, mean=mean: mean[int(j) - 1],
            r"\bar{\mu}": x.mean(),
        }


if __name__ == "__main__":
    print(compute())
