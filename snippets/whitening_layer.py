"""What does whitening do to noise?

It lifts what hardly varies. On the digits {{ drowned }} of {{ directions }} directions vary less than the rounding of
the pixels; whitened, they have {{ share | percent(0) }} of all variance.

    λ, ε  eigenvalues of the covariance; what is added to them before the root is taken
"""

from dataclasses import dataclass

import numpy as np

from lib.data import digits

DAMPING = 10  # times the variance of rounding


@dataclass(frozen=True)
class Result:
    directions: int
    "Directions in which digits vary at all."
    noise: float
    "Variance that rounding adds to a pixel."
    drowned: int
    "Directions whose variance is less than that."
    share: float
    "Their share of the variance after whitening without damping."
    damped: float
    "The same if `damping` times the rounding's variance is added to every eigenvalue."
    damping: int
    "How many times."
    kappa_damped: float
    "Condition number that is left then."
    kappa_digits: float
    "Condition number of the covariance of the directions in which digits vary."


def compute() -> Result:
    values = np.linalg.eigvalsh(np.cov(digits()[0].T))
    values = values[values > 1e-9]
    noise = (1 / 16) ** 2 / 12
    small = values < noise
    eased = values / (values + DAMPING * noise)
    return Result(
        directions=len(values),
        noise=noise,
        drowned=int(small.sum()),
        share=float(small.mean()),
        damped=float(eased[small].sum() / eased.sum()),
        damping=DAMPING,
        kappa_damped=float(eased.max() / eased.min()),
        kappa_digits=float(values.max() / values.min()),
    )


def claim_noise_is_lifted(result: Result) -> None:
    """In {{ drowned }} of {{ directions }} directions the digits vary less than the rounding of their pixels,
    {{ noise | scientific(1) }}. After whitening these directions have {{ share | percent(0) }} of the variance, and
    {{ damped | percent(1) }} if {{ damping }} times the rounding is added to every eigenvalue."""
    x = digits()[0]
    values, vectors = np.linalg.eigh(np.cov(x.T))
    kept = values > 1e-9
    rounding = np.random.default_rng(0).uniform(-1 / 32, 1 / 32, size=x.shape)  # what rounding may have taken
    along = np.var(rounding @ vectors[:, kept], axis=0) / values[kept]  # in units of the whitened directions
    assert abs(np.sum(along > 1) - result.drowned) <= 1 and abs(result.share - result.drowned / kept.sum()) < 1e-9
    assert result.damped < result.share / 10 and result.kappa_damped < result.kappa_digits / 100
    assert kept.sum() == result.directions and abs(result.noise * 12 * 16**2 - 1) < 1e-9 and 0 < result.damped < 0.015


if __name__ == "__main__":
    print(compute())
