"""How far off center is a gated unit, SwiGLU, once its gate and its value are correlated?

At the start they are independent and the mean is zero. With a correlation ϱ between the two pre-activations it is ϱ/2:
for {{ units }} units the condition number goes from 1 to {{ kappa[1] | digits(2) }} at
ϱ = {{ correlations[1] | digits(1) }} and {{ kappa[2] | digits(3) }} at {{ correlations[2] | digits(1) }}. And where the
two are alike, the unit squares.

    z, v   pre-activations of the gate and of the value, standard normal
    ϱ      their correlation
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import FUNCTIONS
from lib.gaussian import density, mean_by_sum, moments, normal_mean
from lib.numerics import Draws, draws
from lib.quadratics import kappa_without_bias

SEED = 0
UNITS, CORRELATIONS, FAR = 64, (0.0, 0.3, 0.7), 5.0
SILU = FUNCTIONS["silu"]
OTHERS = {"relu": FUNCTIONS["relu"], "silu": SILU, "squared": lambda z: np.maximum(z, 0) ** 2}


@dataclass(frozen=True)
class Result:
    units: int
    "Units, alike and independent of each other."
    correlations: tuple[float, ...]
    "Correlations of gate and value."
    mean: tuple[float, ...]
    "Mean of a unit, for each."
    kappa: tuple[float, ...]
    "Condition number of a neuron without a bias that reads the units, for each."
    others: dict[str, float]
    "The same for ReLU, SiLU and squared ReLU."
    far: float
    "A pre-activation, in standard deviations."
    out: dict[str, float]
    "What a gated unit with equal gate and value, and ReLU, put out there."


def gated_moments(correlation: float) -> tuple[float, float]:
    """Mean and variance of SiLU(z)·v for z and v of this correlation."""
    mean = correlation * normal_mean(lambda z: z * SILU(z))
    square = normal_mean(lambda z: SILU(z) ** 2 * (correlation**2 * z**2 + 1 - correlation**2))
    return mean, square - mean**2


def compute() -> Result:
    found = [gated_moments(c) for c in CORRELATIONS]
    return Result(
        units=UNITS,
        correlations=CORRELATIONS,
        mean=tuple(m for m, _ in found),
        kappa=tuple(kappa_without_bias(m, v, UNITS) for m, v in found),
        others={name: kappa_without_bias(*moments(function), UNITS) for name, function in OTHERS.items()},
        far=FAR,
        out={"gated": float(FAR * SILU(FAR)), "relu": FAR},
    )


def claim_correlation_makes_a_mean(result: Result) -> None:
    """SiLU of one pre-activation times another, both standard normal, {{ units }} independent units: with correlations
    of {{ correlations | digits(1) | list }} the mean is {{ mean | digits(2) | list }} and the condition number without
    a bias {{ kappa | digits(2) | list }}. For comparison: ReLU {{ others.relu | digits(2) }}, SiLU
    {{ others.silu | digits(2) }}, squared ReLU {{ others.squared | digits(2) }}."""
    t = np.linspace(-8, 8, 801)
    weights = density(t) * (t[1] - t[0])
    z, e = np.meshgrid(t, t)
    for correlation, mean, kappa in zip(result.correlations, result.mean, result.kappa):
        a = SILU(z) * (correlation * z + np.sqrt(1 - correlation**2) * e)
        first, second = weights @ a @ weights, weights @ a**2 @ weights
        assert abs(first - mean) < 1e-6 and abs(mean - correlation / 2) < 1e-9
        H = (second - first**2) * np.eye(result.units) + first**2
        assert abs(np.linalg.cond(H) / kappa - 1) < 1e-4
    draw = np.random.default_rng(SEED).normal(size=2_000_000)
    for name, function in OTHERS.items():
        a = function(draw)
        assert abs(a.mean() / mean_by_sum(function) - 1) < 0.01
        first, second = a.mean(), np.mean(a**2)
        assert abs((1 + result.units * first**2 / (second - first**2)) / result.others[name] - 1) < 0.008


def claim_alike_they_square(result: Result) -> None:
    """With gate and value alike, a pre-activation of {{ far | integer }} standard deviations comes out as
    {{ out.gated | digits(3) }}, from ReLU as {{ out.relu | integer }}."""
    assert abs(result.far**2 / (1 + np.exp(-result.far)) - result.out["gated"]) < 1e-9
    assert result.far == 5 == result.out["relu"]


def equation_mean() -> Draws:
    r"""\mathbb{E}[v\,\phi(z)] = \varrho\,\mathbb{E}[\phi'(z)] = \frac{\varrho}{2}"""
    for rng in draws(4):
        correlation = rng.uniform(-1, 1)
        slope = mean_by_sum(lambda z: (1 + z * (1 - 1 / (1 + np.exp(-z)))) / (1 + np.exp(-z)))
        yield {
            r"\mathbb{E}[v\phi(z)]": gated_moments(correlation)[0],
            r"\varrho": correlation,
            r"\mathbb{E}[\phi'(z)]": slope,
        }


if __name__ == "__main__":
    print(compute())
