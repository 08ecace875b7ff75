"""Which condition number do inputs have that are uncorrelated and not alike?

At most tr H · tr H⁻¹, which needs nothing but means and standard deviations; for an age of {{ means[0] | integer }} ±
{{ stds[0] | integer }} years and a height of {{ means[1] | digits(2) }} ± {{ stds[1] | digits(1) }} meters with a bias
it is {{ bound | digits(3) }}, and κ is {{ kappa | digits(3) }}. The mean and the standard deviation of the worse
one, put in for both, give {{ worst[0] | digits(3) }} or {{ worst[1] | digits(3) }}.

    sⱼ, μⱼ  standard deviation and mean of input j
    κ_b     condition number with a bias
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws
from lib.quadratics import hessian_with_bias, kappa_with_bias

SEED = 0
MEANS, STDS = np.array([40.0, 1.7]), np.array([12.0, 0.1])  # age in years, height in meters
TRIALS, MOST = 300, 12


@dataclass(frozen=True)
class Result:
    means: tuple[float, ...]
    "Of each input."
    stds: tuple[float, ...]
    "Of each input."
    kappa: float
    "Condition number with a bias."
    bound: float
    "Trace of the Hessian times trace of its inverse."
    worst: tuple[float, ...]
    "Condition number if all inputs had the mean and the standard deviation of the first, of the second."
    trials: int
    "Random sets of inputs."
    most: int
    "Inputs of the largest."
    excess: float
    "The most by which the bound exceeds κ_b among them, as a factor."


def trace_bound(means: np.ndarray, stds: np.ndarray) -> float:
    """(1 + Σ(s² + μ²)) (1 + Σ(1 + μ²)/s²)."""
    return float((1 + np.sum(stds**2 + means**2)) * (1 + np.sum((1 + means**2) / stds**2)))


def draw_inputs(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Means and standard deviations of up to MOST inputs, over some decades."""
    n = int(rng.integers(1, MOST + 1))
    return rng.normal(size=n) * 10 ** rng.uniform(-1, 1.5, n), 10 ** rng.uniform(-1, 1, n)


def compute() -> Result:
    H = hessian_with_bias(MEANS, STDS**2)
    rng, factors = np.random.default_rng(SEED), []
    for _ in range(TRIALS):
        means, stds = draw_inputs(rng)
        factors.append(trace_bound(means, stds) / np.linalg.cond(hessian_with_bias(means, stds**2)))
    return Result(
        means=tuple(MEANS),
        stds=tuple(STDS),
        kappa=float(np.linalg.cond(H)),
        bound=trace_bound(MEANS, STDS),
        worst=tuple(kappa_with_bias(MEANS, STDS**2, len(MEANS))),
        trials=TRIALS,
        most=MOST,
        excess=float(max(factors)),
    )


def equation_bound() -> Draws:
    r"""\kappa_b \le \operatorname{tr} H \cdot \operatorname{tr} H^{-1} = \left(1 + \sum_{j=1}^{n} (s_j^2 + \mu_j^2)
    \right) \cdot \left(1 + \sum_{j=1}^{n} \frac{1 + \mu_j^2}{s_j^2}\right)"""
    for rng in draws(10):
        n = int(rng.integers(1, 6))
        means, stds = rng.normal(size=n) * 3, rng.uniform(0.3, 3, n)
        x = rng.normal(size=(50, n))
        x = np.linalg.qr(x - x.mean(axis=0))[0] * np.sqrt(50) * stds + means  # uncorrelated to the last digit
        X = np.column_stack([x, np.ones(50)])
        values = np.linalg.svd(X, compute_uv=False) ** 2 / 50
        yield {
            r"\kappa_b": values[0] / values[-1],
            r"\operatorname{tr} H": values.sum(),
            "n": n,
            r"\operatorname{tr} H^{-1}": (1 / values).sum(),
            "s_j": lambda j, s=stds: s[int(j) - 1],
            r"\mu_j": lambda j, m=means: m[int(j) - 1],
        }


def claim_the_bound_is_near(result: Result) -> None:
    """An age of {{ means[0] | integer }} ± {{ stds[0] | integer }} years, a height of {{ means[1] | digits(2) }} ±
    {{ stds[1] | digits(1) }} meters and a bias: the bound is {{ bound | digits(3) }}, κ is
    {{ kappa | digits(3) }}. If both had the mean and the standard deviation of age, κ would be
    {{ worst[0] | digits(3) }}, and with those of height {{ worst[1] | digits(3) }}. In {{ trials }} random sets of up
    to {{ most }} inputs the bound is never more than {{ excess | digits(2) }} times κ."""
    H = np.outer([*result.means, 1], [*result.means, 1]) + np.diag([s**2 for s in result.stds] + [0])
    values = np.linalg.eigvalsh(H)
    assert abs(values.sum() * (1 / values).sum() / result.bound - 1) < 1e-4
    low = 1 / np.linalg.norm(np.linalg.inv(H), 2)
    assert abs(np.trace(H) / low / result.kappa - 1) < 1e-3  # the largest curvature is nearly all of the trace
    for m, s, kappa in zip(MEANS, STDS, result.worst):
        assert abs(np.linalg.cond(hessian_with_bias(np.full(2, m), s**2)) / kappa - 1) < 1e-6
    rng, factors = np.random.default_rng(SEED), []
    for _ in range(TRIALS):
        means, stds = draw_inputs(rng)
        values = np.linalg.eigvalsh(hessian_with_bias(means, stds**2))
        factors.append(values.sum() * (1 / values).sum() * values[0] / values[-1])
    assert min(factors) >= 1 and abs(max(factors) / result.excess - 1) < 1e-3 and max(factors) < (result.most + 1) ** 2
    assert max(result.worst) < result.kappa < result.bound < 1.1 * result.kappa


if __name__ == "__main__":
    print(compute())
