"""Can a factor and a shift make softplus the identity near zero, as they do for the sigmoid?

In value and slope, not in the next term: a square of z is left, off by {{ off.softplus[0] | decimals(4) }} at
{{ points[0] | digits(1) }} where the sigmoid so repaired, which is odd, is off by {{ off.sigmoid[0] | scientific(1) }}.
So a mean is left: for standard normal z, {{ mean | decimals(3) }}.

    z   pre-activation
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import sigmoid, softplus
from lib.gaussian import mean_by_sum, moments
from lib.numerics import Draws, draws
from lib.quadratics import kappa_without_bias

POINTS, UNITS = (0.1, 1.0), 64


@dataclass(frozen=True)
class Result:
    points: tuple[float, ...]
    "Pre-activations."
    off: dict[str, tuple[float, ...]]
    "Distance from z there: of softplus and of the sigmoid, each with its factor and its shift."
    mean: float
    "Mean of the repaired softplus at standard normal pre-activations."
    units: int
    "Units that a neuron reads."
    kappa: dict[str, float]
    "Its condition number without a bias: softplus as it is, repaired at zero, and with its mean subtracted."


def repair_softplus(z: np.ndarray | float) -> np.ndarray | float:
    """Softplus with value 0 and slope 1 at zero."""
    return 2 * (softplus(z) - np.log(2))


def repair_sigmoid(z: np.ndarray | float) -> np.ndarray | float:
    """The sigmoid with value 0 and slope 1 at zero."""
    return 4 * (sigmoid(z) - 0.5)


def compute() -> Result:
    mean, variance = moments(repair_softplus)
    repairs = {"softplus": repair_softplus, "sigmoid": repair_sigmoid}
    return Result(
        points=POINTS,
        off={name: tuple(float(abs(f(z) - z)) for z in POINTS) for name, f in repairs.items()},
        mean=mean,
        units=UNITS,
        kappa={
            "raw": kappa_without_bias(*moments(softplus), UNITS),
            "repaired": kappa_without_bias(mean, variance, UNITS),
            "centered": 1.0,
        },
    )


def claim_softplus_keeps_a_square(result: Result) -> None:
    """Softplus minus its value at zero, over its slope there, is off $z$ by {{ off.softplus[0] | decimals(4) }} at
    $z = {{ points[0] | digits(1) }}$ and by {{ off.softplus[1] | decimals(2) }} at {{ points[1] | integer }}.
    The sigmoid so repaired is off by {{ off.sigmoid[0] | scientific(1) }} and {{ off.sigmoid[1] | decimals(2) }}.
    At standard normal $z$ repaired softplus has the mean {{ mean | decimals(3) }}, and {{ units }} units a condition
    number of {{ kappa.repaired | digits(2) }} instead of {{ kappa.raw | integer }}. Subtract the mean instead of the
    value at zero, and it is {{ kappa.centered | integer }}."""
    for i, z in enumerate(result.points):
        even = z**2 / 4 - z**4 / 96 + z**6 / 1440
        assert abs(even - result.off["softplus"][i]) < 1e-4
        assert abs(z - 2 * np.tanh(z / 2) - result.off["sigmoid"][i]) < 1e-9
    first, second = mean_by_sum(repair_softplus), mean_by_sum(lambda z: repair_softplus(z) ** 2)
    assert abs(first - result.mean) < 1e-6 and result.points == POINTS
    for name, shift in (("repaired", 0.0), ("centered", first), ("raw", -2 * np.log(2))):
        H = (second - first**2) * np.eye(result.units) + (first - shift) ** 2
        assert abs(np.linalg.cond(H) / result.kappa[name] - 1) < 1e-4


def equation_series() -> Draws:
    r"""2\,(\ln(1 + e^z) - \ln 2) \approx z + \frac{z^2}{4}"""
    for rng in draws(5):
        yield {"e": np.e, "z": rng.uniform(-0.5, 0.5), r"\approx": 0.01}


if __name__ == "__main__":
    print(compute())
