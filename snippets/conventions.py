"""Which step size is meant: conventions in which sources differ.

With momentum {{ beta | digits(1) }} the largest stable step is {{ limit.sum | digits(2) }}/λmax if velocities add up
gradients, and {{ limit.average | digits(2) }}/λmax if they average them. Both are the same descent: the step that
counts along a flat direction is η/(1 − β) in the first and η in the second.

    β   momentum: the share of the velocity that is kept
    v   velocity; a gradient enters it with weight 1 (sum, as in PyTorch and Keras) or 1 − β (average, as in Adam)
    η   step size: the weight moves by −ηv
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lib.numerics import draws

BETA = 0.9
MEAN, STD, EXAMPLES = 3.0, 0.5, 50


@dataclass(frozen=True)
class Result:
    beta: float
    "Momentum."
    limit: dict[str, float]
    "Largest stable step for each convention, in units of 1/λmax; plain is without momentum."
    effective: dict[str, float]
    "By how much a long run along a constant gradient moves in a step, in units of the step size."
    exercise: dict[str, float]
    "Mean, standard deviation and mean square of an input, examples; safe and largest stable step for half the mean of"
    " squares, and the largest for their sum."


def descend_parabola(curvature: float, step: float, beta: float, weight: float, steps: int) -> np.ndarray:
    """Return the errors of descent with momentum on a parabola, from an error of 1, shape (steps + 1,)."""
    errors, velocity = [1.0], 0.0
    for _ in range(steps):
        velocity = beta * velocity + weight * curvature * errors[-1]
        errors.append(errors[-1] - step * velocity)
    return np.array(errors)


def find_largest_step(curvature: float, beta: float, weight: float) -> float:
    """Return the largest stable step, by bisection of the spectral radius of one step on error and velocity."""
    low, far = 0.0, 100 / (1 - beta) / curvature
    for _ in range(60):
        step = (low + far) / 2
        matrix = [[1 - step * weight * curvature, -step * beta], [weight * curvature, beta]]
        stable = np.abs(np.linalg.eigvals(matrix)).max() < 1
        low, far = (step, far) if stable else (low, step)
    return low


def compute() -> Result:
    weights = {"plain": (0.0, 1.0), "sum": (BETA, 1.0), "average": (BETA, 1 - BETA)}
    effective = {}
    for name, (beta, weight) in weights.items():
        velocity = 0.0
        for _ in range(500):
            velocity = beta * velocity + weight
        effective[name] = velocity
    limit = {name: find_largest_step(1.0, beta, weight) for name, (beta, weight) in weights.items()}
    high = np.linalg.norm([[STD**2 + MEAN**2, MEAN], [MEAN, 1.0]], 2)
    exercise = {"mean": MEAN, "std": STD, "examples": EXAMPLES, "square": STD**2 + MEAN**2}
    exercise |= {"safe": 2 / (1 + exercise["square"]), "limit": 2 / high, "sum": 2 / high / (2 * EXAMPLES)}
    return Result(beta=BETA, limit=limit, effective=effective, exercise=exercise)


def claim_momentum_conventions(result: Result) -> None:
    r"""With a momentum of {{ beta | digits(1) }} a step is stable up to {{ limit.sum | digits(2) }} times
    $1/\lambda_{\max}$ where velocities add up gradients, and up to {{ limit.average | digits(2) }} times that where
    they average them; without momentum up to {{ limit.plain | digits(2) }} times."""
    for name, weight in (("plain", 1.0), ("sum", 1.0), ("average", 1 - BETA)):
        beta = 0.0 if name == "plain" else BETA
        for share, grows in ((0.99, False), (1.01, True)):
            errors = np.abs(descend_parabola(1.0, share * result.limit[name], beta, weight, 4000))
            assert (errors[-100:].max() > 10) == grows and (errors[-100:].max() < 1e-3) != grows
    steps = [
        descend_parabola(2.0, step, BETA, weight, 50) for step, weight in ((0.1, 1.0), (0.1 / (1 - BETA), 1 - BETA))
    ]
    np.testing.assert_allclose(*steps, rtol=1e-9)  # the same descent
    trace, part = 1 + STD**2 + MEAN**2, result.exercise
    sample = STD * np.array([-1, 1]) + MEAN
    assert np.mean(sample**2) == part["square"] == trace - 1
    exact = (trace + np.sqrt(trace**2 - 4 * STD**2)) / 2
    np.testing.assert_allclose([part["safe"], part["limit"], 100 * part["sum"]], 2 / np.array([trace, exact, exact]))


def equation_momentum() -> Iterator[dict]:
    r"""\eta_{\text{sum}} = \frac{2\,(1+\beta)}{\lambda_{\max}}, \qquad
    \eta_{\text{average}} = \frac{2\,(1+\beta)}{(1-\beta)\,\lambda_{\max}}"""
    for rng in draws(12):
        beta, curvature = rng.uniform(0, 0.95), rng.uniform(0.1, 10)
        limits = find_largest_step(curvature, beta, 1.0), find_largest_step(curvature, beta, 1 - beta)
        yield {
            r"\eta_{\text{sum}}": limits[0],
            r"\eta_{\text{average}}": limits[1],
            r"\beta": beta,
            r"\lambda_{\max}": curvature,
        }
