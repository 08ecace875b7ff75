"""Where do SELU's two constants come from, in closed form, and what does it do at other variances?

Mean 0 and variance 1 at a standard normal input are two equations for α and λ. Fed with variance
{{ variances[2] | integer }} it puts out variance {{ out[2] | digits(3) }} and mean {{ means[2] | digits(2) }}.
"""

import math
from dataclasses import dataclass

import numpy as np

from lib.activation_functions import DERIVATIVES, SELU_ALPHA, SELU_SCALE, selu
from lib.gaussian import distribution, moments, normal_mean
from lib.numerics import Draws, find_root


@dataclass(frozen=True)
class Result:
    variances: tuple[float, ...]
    "Variances of the pre-activations, whose mean is 0."
    means: tuple[float, ...]
    "Mean that SELU puts out for each."
    out: tuple[float, ...]
    "Variance that it puts out."
    backward: float
    "Mean square derivative at variance 1."


def compute() -> Result:
    variances = (0.5, 1.0, 2.0, 4.0)
    found = [moments(selu, math.sqrt(variance)) for variance in variances]
    return Result(
        variances=variances,
        means=tuple(mean if abs(mean) > 1e-9 else 0.0 for mean, _ in found),
        out=tuple(variance for _, variance in found),
        backward=normal_mean(lambda z: DERIVATIVES["selu"](z) ** 2),
    )


def claim_it_pulls_variances_toward_one(result: Result) -> None:
    """Normal inputs of variance {{ variances | digits(1) | list }} come out of SELU with variances of
    {{ out | digits(3) | list }} and means of {{ means | decimals(3) | list }}. At variance 1 it multiplies the mean
    square of a gradient by {{ backward | digits(3) }}."""
    for variance, mean, out in zip(result.variances, result.means, result.out):
        s = math.sqrt(variance)  # the closed forms: E_k = exp(k²s²/2) Φ(−ks)
        one, two = (math.exp(k * k * variance / 2) * float(distribution(-k * s)) for k in (1, 2))
        first = SELU_SCALE * (s / math.sqrt(2 * math.pi) + SELU_ALPHA * (one - 0.5))
        second = SELU_SCALE**2 * (variance / 2 + SELU_ALPHA**2 * (two - 2 * one + 0.5))
        assert abs(first - mean) < 1e-9 and abs(second - first**2 - out) < 1e-9
    one, two = (math.exp(k * k / 2) * float(distribution(-k)) for k in (1, 2))
    assert abs(result.backward - SELU_SCALE**2 * (0.5 + SELU_ALPHA**2 * two)) < 1e-9


def equation_pair() -> Draws:
    r"""\begin{aligned} \alpha &= \frac{1}{\sqrt{2\pi}\,\left(\tfrac{1}{2} - E_1\right)}, \\
    \lambda &= \frac{1}{\sqrt{\tfrac{1}{2} + \alpha^2\left(E_2 - 2E_1 + \tfrac{1}{2}\right)}} \end{aligned}"""
    left = lambda k: normal_mean(lambda z: math.e ** (k * z) * (z < 0))  # noqa: E731
    part = lambda a: lambda z: np.where(z > 0, z, a * np.expm1(np.minimum(z, 0)))  # noqa: E731
    alpha = find_root(lambda a: normal_mean(part(a)), 1.0, 2.0)
    scale = normal_mean(lambda z: part(alpha)(z) ** 2) ** -0.5
    yield {r"\alpha": alpha, r"\lambda": scale, r"\pi": math.pi, "E_1": left(1), "E_2": left(2)}
