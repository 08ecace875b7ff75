"""A policy that draws one of k actions, p = softmax(θ), and the gradient of its mean reward from single draws."""

import numpy as np


def scores(p: np.ndarray) -> np.ndarray:
    """∇ log p of each action by the parameters of a softmax: row a is e_a − p, shape (k, k)."""
    return np.eye(len(p)) - p


def best_baseline(p: np.ndarray, rewards: np.ndarray) -> np.ndarray:
    """E[R ‖u‖²]/E[‖u‖²] for policies p, shape (…, k): what makes the mean square of a draw's gradient least."""
    lengths = 1 - 2 * p + (p**2).sum(axis=-1, keepdims=True)
    return (p * rewards * lengths).sum(axis=-1) / (p * lengths).sum(axis=-1)


def mean_square(p: np.ndarray, rewards: np.ndarray, c: float) -> float:
    """E[‖g‖²] of one draw's gradient g = (R − c) u, rewards without noise, baseline c."""
    return float(p @ ((rewards - c) ** 2 * (scores(p) ** 2).sum(axis=1)))
