"""How the loss of a linear neuron falls whose targets are those of random linear teachers; all inputs have mean 1."""

import numpy as np

from lib.quadratics import hessian, hessian_with_bias

UNITS, TEACHERS = 100, 101
LEVELS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-6)  # of the starting loss
COUNTS = np.unique(np.round(np.geomspace(1, 40_000, 150)).astype(int))  # steps at which a curve is drawn
SHOWN = 1e-6  # the lowest loss that is drawn


def find_losses(values: np.ndarray, shares: np.ndarray, counts: np.ndarray | list[int]) -> np.ndarray:
    """Loss after so many steps at the best constant step, relative to the first.

    `values` are the curvatures, shape (n,); `shares` the parts of the first loss along each, shape (teachers, n),
    sum 1; returns shape (len(counts), teachers).
    """
    factors = (1 - 2 / (values[0] + values[-1]) * values) ** 2
    return factors ** np.asarray(counts)[:, None] @ shares.T


def median_losses(values: np.ndarray, shares: np.ndarray, counts: np.ndarray | list[int] = COUNTS) -> np.ndarray:
    """Median over the teachers of the losses that `find_losses` returns, shape (len(counts),)."""
    return np.median(find_losses(values, shares, counts), axis=1)


def count_steps(values: np.ndarray, shares: np.ndarray, level: float) -> int:
    """The first step at which the median loss is at most `level` times the first, by bisection."""
    low, high = 0, 1 << 24
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if median_losses(values, shares, [middle]) <= level else (middle + 1, high)
    return low


def draw_teachers(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Random linear targets: weights, shape (TEACHERS, UNITS), and biases, shape (TEACHERS, 1)."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(TEACHERS, UNITS)), rng.normal(size=(TEACHERS, 1))


def draw_zero_mean_teachers(seed: int) -> np.ndarray:
    """The same weights with the bias that makes the targets' mean zero, shape (TEACHERS, UNITS + 1)."""
    w, _ = draw_teachers(seed)
    return np.hstack([w, -w.sum(axis=1, keepdims=True)])


def share_loss(error: np.ndarray, constant: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Curvatures of the problem, a bias fed with `constant` (0: no bias), and shares of the first loss.

    `error` is what the weights, and the bias in the output, have to gain, shape (teachers, n).
    """
    values, vectors = np.linalg.eigh(
        hessian_with_bias(np.ones(UNITS), bias=constant) if constant else hessian(np.ones(UNITS))
    )
    if constant:
        error = np.hstack([error[:, :-1], error[:, -1:] / constant])  # a weight on c has a c-th part to go
    shares = (error @ vectors) ** 2 * values
    return values, shares / shares.sum(axis=1, keepdims=True)
