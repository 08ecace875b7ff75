"""What does layer norm center?

It subtracts a mean across units, which is another mean than the one over examples: of units whose means alternate in
sign it leaves a condition number of {{ layer_alternating | digits }}.

    P      the matrix that subtracts a vector's own mean, I − 11ᵀ/n
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import FUNCTIONS
from lib.gaussian import density, distribution, moments
from lib.numerics import Draws, draws
from lib.quadratics import kappa_without_bias

SEED = 0
UNITS = 64
EXAMPLES = 20_000


@dataclass(frozen=True)
class Result:
    units: int
    "Units in the layer, the inputs of the next neuron."
    kappa: float
    "Condition number of the next neuron without a bias, before layer norm, for units with equal means."
    layer_equal: float
    "Condition number on its range after layer norm's centering of units with equal means."
    layer_alternating: float
    "The same for units whose means are as large and alternate in sign."
    alternating: float
    "Condition number of the alternating units before layer norm."
    mixed: dict[str, float]
    "ReLU units fed with N(b, 1), b from N(0, 1): ‖μ‖²/tr Σ before and after layer norm, median over draws."
    sampled: float
    "The same after layer norm by samples, with division by each example's standard deviation, for the first draw."
    first_draw: float
    "The first draw's value after centering only, in closed form."


def centering_matrix(n: int) -> np.ndarray:
    """Subtracts from a vector its own mean."""
    return np.eye(n) - 1 / n


def layer_norm_kappa(mean: np.ndarray, variance: np.ndarray) -> float:
    """Condition number on its range of P E[aaᵀ] P, for independent units."""
    P = centering_matrix(len(mean))
    values = np.linalg.eigvalsh(P @ (np.diag(variance) + np.outer(mean, mean)) @ P)
    return values[-1] / values[1]  # the first is 0: nothing is left along 1


def rectified_moments(b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of max(0, z) for z ~ N(b, 1)."""
    below = distribution(b)
    mean = b * below + density(b)
    return mean, (b**2 + 1) * below + b * density(b) - mean**2


def off_center_ratio(mean: np.ndarray, spread: float) -> float:
    """Squared length of the mean over the sum of the variances."""
    return mean @ mean / spread


def compute() -> Result:
    mean, variance = moments(FUNCTIONS["relu"])
    equal, alternating = np.full(UNITS, mean), mean * (-1.0) ** np.arange(UNITS)
    spread, mixed = np.full(UNITS, variance), []
    rng = np.random.default_rng(SEED)
    for draw in range(9):
        offsets = rng.normal(size=UNITS)
        means, variances = rectified_moments(offsets)
        P = centering_matrix(UNITS)
        left = P @ means, np.trace(P @ np.diag(variances) @ P)
        mixed.append((off_center_ratio(means, variances.sum()), off_center_ratio(*left)))
        if not draw:
            a = np.maximum(rng.normal(size=(EXAMPLES, UNITS)) + offsets, 0)
    a = (a - a.mean(axis=1, keepdims=True)) / a.std(axis=1, keepdims=True)
    return Result(
        units=UNITS,
        kappa=float(kappa_without_bias(mean, variance, n=UNITS)),
        layer_equal=layer_norm_kappa(equal, spread),
        layer_alternating=layer_norm_kappa(alternating, spread),
        alternating=np.linalg.cond(np.diag(spread) + np.outer(alternating, alternating)),
        mixed=dict(zip(("before", "after"), np.median(mixed, axis=0))),
        sampled=off_center_ratio(a.mean(axis=0), a.var(axis=0).sum()),
        first_draw=mixed[0][1],
    )


def claim_layer_norm_is_another_mean(result: Result) -> None:
    """Layer norm's centering brings {{ units }} ReLU units with equal means from {{ kappa | digits }} to
    {{ layer_equal | integer }}; let every second unit enter with the opposite sign, and {{ alternating | digits }}
    stays {{ layer_alternating | digits }}."""
    rng = np.random.default_rng(0)
    variance = moments(FUNCTIONS["relu"])[1]
    for signs, kappa in ((np.ones(UNITS), result.layer_equal), ((-1.0) ** np.arange(UNITS), result.layer_alternating)):
        a = signs * np.maximum(rng.normal(size=(60_000, UNITS)), 0)
        a -= a.mean(axis=1, keepdims=True)  # each example by its own mean
        left = signs - signs.mean()
        along = np.mean((a @ left) ** 2) / max(left @ left, 1)
        across = rng.normal(size=UNITS)
        across -= across.mean() + left * (left @ across) / max(left @ left, 1)
        flat = np.mean((a @ across) ** 2) / (across @ across)
        assert abs(flat / variance - 1) < 0.05
        assert abs((along / flat if left.any() else 1) / kappa - 1) < 0.05
    assert abs(result.layer_alternating - result.kappa) < 1e-9 * result.alternating
    assert abs(result.alternating / result.kappa - 1) < 1e-9  # a mean as long


def claim_mixed_means_stay(result: Result) -> None:
    """Where units have different means it removes a part: for ReLU units whose biases differ by about 1 it takes the
    squared length of the mean, relative to the whole spread, from {{ mixed.before | digits(2) }}
    to {{ mixed.after | digits(1) }}."""
    assert 0.2 < result.mixed["after"] < result.mixed["before"]
    assert abs(result.sampled / result.first_draw - 1) < 0.15  # dividing by each example's std changes little
    assert 1.0 < result.mixed["before"] < 1.9 and 0.45 < result.mixed["after"] < 0.99


def equation_layer_norm() -> Draws:
    r"""\kappa_0 = 1 + \frac{\lVert\mu\rVert^2 - n\bar{\mu}^2}{s^2}"""
    for rng in draws(10):
        n, s = int(rng.integers(4, 9)), rng.uniform(0.5, 2)
        mu = rng.normal(1, 1, size=n)
        a = np.concatenate([mu + sign * s * np.sqrt(n) * np.eye(n) for sign in (1, -1)])  # mean mu, covariance s² I
        a -= a.mean(axis=1, keepdims=True)
        values = np.linalg.svd(a, compute_uv=False) ** 2
        yield {
            r"\kappa_0": values[0] / values[-2],
            r"\mu": mu,
            "n": n,
            r"\bar{\mu}": sum(mu) / n,
            "s": s,
        }


if __name__ == "__main__":
    print(compute())
