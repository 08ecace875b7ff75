"""Is what leaves a tanh layer always centered?

Only where its pre-activations are symmetric about zero: with a mean of {{ bias | integer }} standard deviation tanh has
a mean of {{ mean | digits(2) }} and a squared mean over variance of {{ ratio | digits(3) }}.
"""

from dataclasses import dataclass

import numpy as np

from lib.gaussian import normal_mean

BIAS, UNITS = 1.0, 100


@dataclass(frozen=True)
class Result:
    bias: float
    "Mean of the pre-activations, in their standard deviations, which are 1."
    units: int
    "Units of the layer."
    mean: float
    "Mean of tanh there."
    ratio: float
    "Its squared mean over its variance."
    kappa: float
    "Condition number of a neuron without a bias that reads these units, all with this bias."


def compute() -> Result:
    mean = normal_mean(lambda z: np.tanh(z + BIAS))
    variance = normal_mean(lambda z: np.tanh(z + BIAS) ** 2) - mean**2
    return Result(bias=BIAS, units=UNITS, mean=mean, ratio=mean**2 / variance, kappa=1 + UNITS * mean**2 / variance)


def claim_a_bias_uncenters_tanh(result: Result) -> None:
    """Pre-activations of mean {{ bias | integer }} and variance 1: tanh has a mean of {{ mean | digits(2) }} and a
    squared mean over variance of {{ ratio | digits(3) }}; {{ units }} such units have κ₀ = {{ kappa | integer }}."""
    z = np.linspace(-9, 9, 200_001)  # a second route: sums on a grid
    weights = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
    a = (np.exp(2 * z + 2 * result.bias) - 1) / (np.exp(2 * z + 2 * result.bias) + 1)
    mean = weights @ a
    variance = weights @ (a - mean) ** 2
    assert abs(mean - result.mean) < 1e-6 and abs(mean**2 / variance - result.ratio) < 1e-5
    design = np.full((100, 100), mean**2) + variance * np.eye(100)
    assert abs(np.linalg.cond(design) - result.kappa) < 1e-2
