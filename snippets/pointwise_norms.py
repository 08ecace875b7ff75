"""Must the function that takes a normalization's place be zero-centered?

An odd one makes no mean of its own. Shifted it does: erf(αx + s) of standard normal inputs has an off-center ratio of
{{ ratio[2] | digits(2) }} at s = {{ shifts[2] | digits(1) }}, {{ ratio[4] | digits(2) }} at {{ shifts[4] | digits(1) }}
and {{ ratio[8] | digits(2) }} at {{ shifts[8] | digits(1) }}, where hardly any slope is left as well.

    α    slope at the start, {{ slope | digits(1) }}; s shift inside of the function
    ρ    off-center ratio of a unit: squared mean over variance
"""

from dataclasses import dataclass
from math import erf

import numpy as np

from lib.gaussian import density, mean_by_sum, normal_mean
from lib.numerics import Draws, draws

SLOPE = 0.5
SHIFTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0)
UNITS = 512
vector_erf = np.vectorize(erf)


@dataclass(frozen=True)
class Result:
    slope: float
    "α, for standard normal inputs."
    shifts: tuple[float, ...]
    "Shifts s."
    ratio: tuple[float, ...]
    "ρ behind erf(αx + s), for each."
    variance: tuple[float, ...]
    "Variance behind it, for each."
    units: int
    "Units that a neuron behind reads."
    kappa: tuple[float, ...]
    "Its condition number, uncorrelated units, for each."
    vertical: float
    "ρ behind erf(αx) with one half added: a shift of the output."


def derf(x: np.ndarray, shift: float) -> np.ndarray:
    """erf(αx + s)."""
    return vector_erf(SLOPE * x + shift)


def compute() -> Result:
    means = np.array([normal_mean(lambda x, s=s: derf(x, s)) for s in SHIFTS])
    squares = np.array([normal_mean(lambda x, s=s: derf(x, s) ** 2) for s in SHIFTS])
    variances = squares - means**2
    ratios = means**2 / variances
    return Result(
        slope=SLOPE,
        shifts=SHIFTS,
        ratio=tuple(ratios),
        variance=tuple(variances),
        units=UNITS,
        kappa=tuple(1 + UNITS * ratios),
        vertical=float(0.25 / variances[0]),
    )


def claim_a_shift_makes_a_mean(result: Result) -> None:
    """With α = {{ slope | digits(1) }} and standard normal inputs, erf(αx + s) has no mean at s = 0. At s =
    {{ shifts[2] | digits(1) }}, {{ shifts[4] | digits(1) }} and {{ shifts[8] | digits(1) }} its off-center ratio is
    {{ ratio[2] | digits(2) }}, {{ ratio[4] | digits(2) }} and {{ ratio[8] | digits(2) }}, and {{ units }} such
    units make a condition number of {{ kappa[2] | digits(2) }}, {{ kappa[4] | digits(2) }} and
    {{ kappa[8] | digits(2) }}. The variance has fallen from {{ variance[0] | digits(2) }} to
    {{ variance[8] | digits(2) }} then."""
    x = np.linspace(-10, 10, 8001)
    weights = density(x) / density(x).sum()
    for place in (0, 2, 4, 8):
        y = derf(x, SHIFTS[place])
        mean = weights @ y
        variance = weights @ (y - mean) ** 2
        np.testing.assert_allclose(result.variance[place], variance, rtol=1e-4)
        np.testing.assert_allclose(result.ratio[place], mean**2 / variance, rtol=1e-3, atol=1e-12)
        np.testing.assert_allclose(result.kappa[place], 1 + UNITS * mean**2 / variance, rtol=1e-3)


def claim_a_shift_of_the_output_is_a_bias(result: Result) -> None:
    """A constant of one half added behind the function makes an off-center ratio of {{ vertical | digits(2) }}."""
    square = mean_by_sum(lambda x: (derf(x, 0.0) + 0.5) ** 2)
    np.testing.assert_allclose(result.vertical, 0.25 / (square - 0.25), rtol=1e-4)


def equation_mean() -> Draws:
    r"""\mathbb{E}[\operatorname{erf}(\alpha x + s)]
    = \operatorname{erf}\left(\frac{s}{\sqrt{1 + 2\alpha^2}}\right)"""
    for rng in draws(4):
        alpha, s = rng.uniform(0.2, 2), rng.normal()
        mean = mean_by_sum(lambda x, a=alpha, s=s: vector_erf(a * x + s))
        name = r"\mathbb{E}[\operatorname{erf}(\alpha x + s)]"
        yield {name: mean, r"\operatorname{erf}": erf, "s": s, r"\alpha": alpha}
