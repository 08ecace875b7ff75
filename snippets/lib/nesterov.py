"""Nesterov's momentum on a quadratic: x ← y − η ∇L(y), y ← x + β (x − previous x)."""

from collections.abc import Callable

import numpy as np

from lib.numerics import find_root
from lib.quadratics import Numbers, descent_factor


def nesterov_factor(z: Numbers, beta: float) -> Numbers:
    """What a step leaves of an error in the long run: the larger root of γ² − (1 + β)(1 − z) γ + β (1 − z).

    `z` is step size times curvature.
    """
    total, product_ = (1 + beta) * (1 - z), beta * (1 - z)
    root = np.sqrt(total**2 - 4 * product_ + 0j)
    return np.maximum(abs(total + root), abs(total - root)) / 2


def nesterov_path(
    curvatures: np.ndarray, start: np.ndarray, step: float, beta: Callable[[int], float], steps: int
) -> np.ndarray:
    """Errors along eigenvectors with these curvatures, shape (steps + 1, …, n); β may change with the step, from 1."""
    x = y = start
    path = [x]
    for t in range(1, steps + 1):
        before, x = x, y - step * curvatures * y
        y = x + beta(t) * (x - before)
        path.append(x)
    return np.array(path)


def textbook(high: float, low: float) -> tuple[float, float]:
    """Step size 1/λmax, and β for this condition number."""
    return 1 / high, descent_factor(np.sqrt(high / low))


def tuned(high: float, low: float) -> tuple[float, float]:
    """Step size and β with the least factor on a quadratic."""
    root = np.sqrt(3 * high / low + 1)
    return 4 / (3 * high + low), (root - 2) / (root + 2)


def double_root(z: float) -> float:
    """β below 1 at which both roots coincide at step size times curvature z: the best for the flattest curvature."""
    return find_root(lambda beta: (1 + beta) ** 2 * (1 - z) - 4 * beta, 0.0, 1.0)
