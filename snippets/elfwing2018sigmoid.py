"""What does SiLU look like (Elfwing, Uchibe and Doya, 2018)?

z σ(z) is least at {{ silu[0] | digits(4) }}, where it is {{ silu[1] | digits(3) }}, steepest at
{{ steepest[0] | digits(4) }}, and has the mean {{ silu_mean | digits(3) }} at N(0, 1): lowered, not removed.
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import DERIVATIVES, FUNCTIONS, sigmoid
from lib.gaussian import normal_mean
from lib.numerics import Draws, complex_step, find_root

SILU, DERIVATIVE = FUNCTIONS["silu"], DERIVATIVES["silu"]


@dataclass(frozen=True)
class Result:
    silu: tuple[float, float]
    "Where SiLU is least, and its value there."
    silu_mean: float
    "Mean of SiLU at N(0, 1)."
    steepest: tuple[float, float]
    "Where SiLU's derivative is greatest, and that derivative."


def compute() -> Result:
    lowest = find_root(DERIVATIVE, -3.0, 0.0)
    steepest = find_root(lambda z: DERIVATIVE(z + 1e-4) - DERIVATIVE(z - 1e-4), 1.0, 5.0)
    return Result((lowest, SILU(lowest)), normal_mean(SILU), (steepest, DERIVATIVE(steepest)))


def claim_silu(result: Result) -> None:
    """SiLU is least at {{ silu[0] | digits(4) }}, where it is {{ silu[1] | digits(3) }}; its slope is greatest at
    {{ steepest[0] | digits(4) }}, where it is {{ steepest[1] | digits(5) }}; its mean at N(0, 1) is
    {{ silu_mean | digits(3) }}."""
    z = np.linspace(-5, 5, 100_001)
    a = z / (1 + np.exp(-z))
    slopes = np.gradient(a, z)
    np.testing.assert_allclose(result.silu, (z[a.argmin()], a.min()), atol=2e-4)
    np.testing.assert_allclose(result.steepest, (z[slopes.argmax()], slopes.max()), atol=1e-3)
    assert abs(slopes.max() - result.steepest[1]) < 1e-5
    weight = np.exp(-z * z / 2)
    assert abs((a * weight).sum() / weight.sum() - result.silu_mean) < 1e-4


def equation_least() -> Draws:
    r"""z_{\min}\,\sigma(\beta z_{\min}) = z_{\min} + \frac{1}{\beta}"""
    for beta in np.random.default_rng(0).uniform(0.3, 3, 8):
        place = find_root(lambda z, b=beta: complex_step(lambda z: z * sigmoid(b * z), z), -4 / beta, 0.0)
        yield {r"z_{\min}": place, r"\beta": beta, r"\sigma": sigmoid}


if __name__ == "__main__":
    print(compute())
