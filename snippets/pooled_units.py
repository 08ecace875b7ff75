"""What does pooling do to the mean?

The average of {{ count }} independent values keeps the mean and has less variance, so r² is
{{ r2.sigmoid.average | digits(3) }} instead of {{ r2.sigmoid.one | digits(3) }} for sigmoids. The maximum raises the
mean: {{ r2.relu.maximum | digits(2) }} instead of {{ r2.relu.one | digits(2) }} for ReLU, and
{{ r2.tanh.maximum | digits(2) }} instead of 0 for tanh.

    r²   squared mean over variance
    k    values that are pooled, independent and alike; c their correlation, if they are not independent
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import FUNCTIONS
from lib.gaussian import distribution, moments, normal_mean
from lib.numerics import Draws, draws
from lib.quadratics import kappa_without_bias

SEED = 0
COUNT, UNITS, SAMPLES, KEYS = 4, 64, 400_000, ("sigmoid", "relu", "tanh")


@dataclass(frozen=True)
class Result:
    count: int
    "Values that are pooled."
    units: int
    "Units that a neuron reads."
    r2: dict[str, dict[str, float]]
    "Squared mean over variance of a unit, pre-activation from N(0, 1): one value, average, maximum."
    kappa: dict[str, dict[str, float]]
    "Condition number of a neuron without a bias that reads so many of them, independent."


def take_maximum(key: str) -> tuple[float, float]:
    """Return mean and variance of the maximum; the activation function rises, so it is that of the largest z."""
    function = FUNCTIONS[key]
    mean, square = (
        normal_mean(lambda z, p=power: function(z) ** p * COUNT * distribution(z) ** (COUNT - 1)) for power in (1, 2)
    )
    return mean, square - mean**2


def compute() -> Result:
    r2, kappa = {}, {}
    for key in KEYS:
        mean, variance = moments(FUNCTIONS[key])
        mean = 0.0 if abs(mean) < 1e-12 else mean
        pairs = {"one": (mean, variance), "average": (mean, variance / COUNT), "maximum": take_maximum(key)}
        r2[key] = {name: mean**2 / variance for name, (mean, variance) in pairs.items()}
        kappa[key] = {name: kappa_without_bias(*pair, UNITS) for name, pair in pairs.items()}
    return Result(count=COUNT, units=UNITS, r2=r2, kappa=kappa)


def claim_pooling_raises_the_ratio(result: Result) -> None:
    """Pooling {{ count | words }} independent values takes the sigmoid's r² from {{ r2.sigmoid.one | digits(3) }} to
    {{ r2.sigmoid.average | digits(3) }} by the average and {{ r2.sigmoid.maximum | digits(3) }} by the maximum. It
    takes ReLU's from {{ r2.relu.one | digits(2) }} to {{ r2.relu.average | digits(2) }} and
    {{ r2.relu.maximum | digits(2) }}, and tanh's from {{ r2.tanh.one | integer }} to {{ r2.tanh.average | integer }}
    and {{ r2.tanh.maximum | digits(2) }}."""
    z = np.random.default_rng(SEED).normal(size=(SAMPLES // COUNT, COUNT))
    for key, row in result.r2.items():
        a = FUNCTIONS[key](z)
        for name, pooled in (("one", a), ("average", a.mean(axis=1)), ("maximum", a.max(axis=1))):
            ratio = pooled.mean() ** 2 / pooled.var()
            assert abs(ratio - row[name]) < 0.02 * row[name] + 1e-3, (key, name)
            assert abs(result.kappa[key][name] - 1 - UNITS * row[name]) < 1e-9


def equation_average() -> Draws:
    r"""r_{\text{average}}^2 = \frac{k\,r^2}{1 + (k - 1)\,c}"""
    for rng in draws(8):
        k, c, mean, std = int(rng.integers(2, 9)), rng.uniform(0, 0.9), rng.normal(), rng.uniform(0.3, 2)
        weights = np.full(k, 1 / k)
        covariance = std**2 * (c * np.ones((k, k)) + (1 - c) * np.eye(k))
        yield {r"r_{\text{average}}": mean / np.sqrt(weights @ covariance @ weights), "k": k, "r": mean / std, "c": c}


if __name__ == "__main__":
    print(compute())
