"""Stochastic gradient descent on a linear neuron: how the mean square of the error changes in a step.

The n inputs are independent and normal with variance 1, with means of squared length ‖μ‖²; targets have no noise but
where it is named. A is the mean square of the error along the mean, C that of each of the n − 1 components across it.
"""

import numpy as np


def moment_map(step: float | np.ndarray, batch: int, n: int, mean_square: float) -> np.ndarray:
    """Matrix that one step applies to (A, C), shape (…, 2, 2) for step sizes of shape (…), ‖μ‖² = `mean_square`."""
    h, noise = 1 + mean_square, step**2 / batch
    rows = [
        [(1 - step * h) ** 2 + noise * 2 * (h**2 - mean_square**2), noise * h * (n - 1)],
        [noise * h, (1 - step) ** 2 + noise * n],
    ]
    return np.moveaxis(np.array(rows), (0, 1), (-2, -1))


def best_sgd_step(batch: int, n: int, mean_square: float) -> tuple[float, float]:
    """Best constant step size, and the factor by which each step then multiplies E‖e‖² in the long run."""
    low, high = 0.01 / (1 + mean_square), 2 / (1 + mean_square)
    for _ in range(3):  # zoom in
        steps = np.geomspace(low, high, 300)
        factors = abs(np.linalg.eigvals(moment_map(steps, batch, n, mean_square))).max(axis=-1)
        at = factors.argmin()
        low, high = steps[max(at - 1, 0)], steps[min(at + 1, len(steps) - 1)]
    return float(steps[at]), float(factors[at])


def sgd_steps(batch: int, n: int, mean_square: float, tolerance: float = 1e-6) -> float:
    """Steps at the best step size until the root mean square error is `tolerance` of the first, not rounded."""
    return 2 * np.log(tolerance) / np.log(best_sgd_step(batch, n, mean_square)[1])


def stationary_moments(step: float, n: int, r: float) -> np.ndarray:
    """(A, C) that a step with one example leaves as it is: n inputs of mean r, targets with noise of variance 1."""
    along = n * r**2
    return np.linalg.solve(np.eye(2) - moment_map(step, 1, n, along), step**2 * np.array([1 + along, 1]))


def stationary_excess(step: float, n: int, r: float) -> float:
    """Loss above its minimum at these moments: ½ tr(HM), M = E[eeᵀ]."""
    return float(0.5 * np.array([1 + n * r**2, n - 1]) @ stationary_moments(step, n, r))
