"""What does a mean cost if examples come one at a time and inputs are correlated?

A random exact step leaves at most 1 − λmin/tr H of the squared error, so tr H/λmin takes the place of the condition
number. A mean adds ‖μ‖² to the trace and cannot lower the least curvature: it costs a factor of at most 1 + ρ, ρ the
squared mean over the variance. The number itself is {{ independent | integer }} for {{ inputs }} independent centered
inputs and {{ correlated | integer }} if all are correlated by {{ correlation | digits(2) }}.

    H  second moment of the inputs, Σ + μμᵀ, no bias
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import draws
from lib.quadratics import hessian

INPUTS, CORRELATION = 10, 0.99
RATIO = 2.0  # mean over standard deviation of each input


@dataclass(frozen=True)
class Result:
    inputs: int
    "Inputs of variance 1."
    correlation: float
    "Correlation of any two of them, in the second case."
    ratio: float
    "Mean of each over its standard deviation, off-center."
    independent: float
    "tr H/λmin, independent and centered."
    correlated: float
    "The same, correlated and centered."
    price: tuple[float, float]
    "How many times as large it is off-center: independent, correlated."


def trace_over_least(H: np.ndarray) -> float:
    """Sum of all curvatures over the flattest."""
    return float(np.trace(H) / np.linalg.eigvalsh(H)[0])


def equicorrelated(n: int, correlation: float) -> np.ndarray:
    """Covariance of n inputs of variance 1 of which any two have this correlation."""
    return (1 - correlation) * np.eye(n) + correlation


def compute() -> Result:
    zero, mean = np.zeros(INPUTS), np.full(INPUTS, RATIO)
    covariances = (np.eye(INPUTS), equicorrelated(INPUTS, CORRELATION))
    centered = [trace_over_least(hessian(zero, covariance)) for covariance in covariances]
    off = [trace_over_least(hessian(mean, covariance)) for covariance in covariances]
    return Result(
        inputs=INPUTS,
        correlation=CORRELATION,
        ratio=RATIO,
        independent=centered[0],
        correlated=centered[1],
        price=(off[0] / centered[0], off[1] / centered[1]),
    )


def claim_at_most_one_and_rho(result: Result) -> None:
    r"""For {{ inputs }} centered inputs of variance 1, $\operatorname{tr} H/\lambda_{\min}$ is
    {{ independent | integer }} if they are independent and {{ correlated | integer }} if any two have a correlation of
    {{ correlation | digits(2) }}. A mean of {{ ratio | integer }} in each multiplies either by
    {{ price[0] | integer }}, which is one plus the squared mean over the variance, $1 + \rho$. No covariance and no
    direction of the mean make it more."""
    n, r2 = result.inputs, result.ratio**2
    assert np.allclose([result.independent, result.correlated], [n, n / (1 - result.correlation)], rtol=1e-9)
    assert np.allclose(result.price, 1 + r2, rtol=1e-9)  # the mean is along (1, …, 1), across the flattest direction
    for rng in draws(50):
        root, mean = rng.normal(size=(4, 4)), 3 * rng.normal(size=4)
        covariance = root @ root.T
        price = trace_over_least(covariance + np.outer(mean, mean)) / trace_over_least(covariance)
        assert price <= (1 + mean @ mean / np.trace(covariance)) * (1 + 1e-9)


if __name__ == "__main__":
    print(compute())
