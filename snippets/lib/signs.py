"""How many components of a batch gradient Σδx share a sign, for inputs that are independent and alike."""

from math import comb, lgamma

import numpy as np

from lib.gaussian import distribution, normal_nodes

NODES, WEIGHTS = np.polynomial.legendre.leggauss(48)  # on [−1, 1]


def has_mixed_signs(gradients: np.ndarray) -> np.ndarray:
    """Whether gradients, shape (…, n), have components of both signs."""
    return (gradients.min(axis=-1) < 0) & (gradients.max(axis=-1) > 0)


def chance_of_mixed_signs(ratios: np.ndarray) -> float:
    """Probability that N(0, I + rrᵀ) has components of both signs, r the means over the standard deviation.

    Given the common part z, the components are independent, and positive with probability Φ(r z).
    """
    nodes, weights = normal_nodes()
    values, counts = np.unique(ratios, return_counts=True)
    positive = np.prod([distribution(r * nodes) ** count for r, count in zip(values, counts)], axis=0)
    return float(1 - 2 * weights @ positive)


def negative_counts(size: int, shift: float, ratio: float, n: int) -> np.ndarray:
    """Probability of 0, 1 … n negative components, for batches of `size` examples, errors N(`shift`, 1).

    Inputs are positive with a mean of `ratio` standard deviations, and their weighted sum is taken as normal. One
    example has one sign. For more, given the errors, each component is positive with one probability, which depends on
    r Σδ/√Σδ² alone; the sum of the errors is normal, and what their squares add is chi-squared.
    """
    if size == 1:
        return np.eye(n + 1)[[0, -1]].T @ [distribution(shift), distribution(-shift)]
    z, chance = normal_nodes()
    z, freedom = z + np.sqrt(size) * shift, size - 1
    low, high = max(0.0, np.sqrt(freedom) - 6), np.sqrt(freedom) + 6
    c = (low + high) / 2 + (high - low) / 2 * NODES
    log_chance = (freedom - 1) * np.log(c) - c * c / 2 - (freedom / 2 - 1) * np.log(2) - lgamma(freedom / 2)
    positive = distribution(ratio * np.sqrt(size) * z[:, None] / np.hypot(z[:, None], c))
    weights = (high - low) / 2 * WEIGHTS * np.exp(log_chance)
    up, down = (np.vander(part.ravel(), n + 1) for part in (positive, 1 - positive))  # powers, highest first
    return np.outer(chance, weights).ravel() @ (up * down[:, ::-1]) * [comb(n, k) for k in range(n + 1)]
