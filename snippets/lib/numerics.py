"""Seeded draws, exact derivatives by complex step, and searches along one variable."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Draws = Iterator[dict[str, Any]]  # what an equation yields: letters, and what they stand for

NUDGE = 1e-20  # so small that its square vanishes beside 1: the complex step has no error but rounding


def draws(count: int) -> Iterator[np.random.Generator]:
    """Random generators with the seeds 0 … count − 1: one for each draw on which an equation is evaluated."""
    return map(np.random.default_rng, range(count))


def complex_step(function: Callable, x: np.ndarray | float, *constants: Any) -> np.ndarray:
    """Derivative of an analytic function by its first argument at real `x`, as Im f(x + ih)/h; exact to rounding.

    The shape is that of the function's value followed by that of `x`: a gradient for a number, a Jacobian for a vector.
    Source: Squire & Trapp (1998), “Using complex variables to estimate derivatives of real functions”.
    """
    x = np.asarray(x, dtype=float)
    nudges = NUDGE * 1j * np.eye(x.size).reshape(x.size, *x.shape)
    columns = [np.imag(function(x + nudge, *constants)) / NUDGE for nudge in nudges]
    return np.stack(columns, axis=-1).reshape(np.shape(columns[0]) + x.shape)[()]


def derivative(function: Callable, x: np.ndarray | float, *constants: Any) -> np.ndarray:
    """Derivatives of an analytic function of one number at every entry of real `x`, by the same step."""
    return np.imag(function(x + NUDGE * 1j, *constants)) / NUDGE


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    """Cosine of the angle between two arrays of the same shape."""
    return np.sum(a * b) / np.linalg.norm(a) / np.linalg.norm(b)


def orthogonalize(G: np.ndarray) -> np.ndarray:
    """U Vᵀ of the singular value decomposition of a matrix: all its singular values become 1."""
    U, _, Vt = np.linalg.svd(G, full_matrices=False)
    return U @ Vt


def explained_variance(x: np.ndarray, y: np.ndarray) -> float:
    """Share of the variance of y (B,) or (B, m) that the best affine function of x (B, n) explains."""
    A = np.column_stack([x, np.ones(len(x))])
    return float(1 - np.var(y - A @ np.linalg.lstsq(A, y)[0], axis=0).sum() / np.var(y, axis=0).sum())


def find_root(function: Callable[[float], float], low: float, high: float, halvings: int = 60) -> float:
    """Point between `low` and `high` where a function changes its sign, by bisection."""
    for _ in range(halvings):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) * function(low) > 0 else (low, middle)
    return low


def find_minimum(function: Callable[[float], float], low: float, high: float, rounds: int = 100) -> float:
    """Point between `low` and `high` where a function with a single minimum is least, by thirds."""
    for _ in range(rounds):
        left, right = (2 * low + high) / 3, (low + 2 * high) / 3
        low, high = (low, right) if function(left) < function(right) else (left, high)
    return (low + high) / 2
