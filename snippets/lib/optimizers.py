"""Update rules for parameters of any shape: momentum and Adam, as programs write them."""

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np
from numpy.typing import ArrayLike

Gradient = Callable[[np.ndarray], np.ndarray]


def momentum(gradient: Gradient, start: np.ndarray, step: ArrayLike, beta: float = 0.9) -> Iterator[np.ndarray]:
    """Weights visited by heavy-ball momentum, without end: w − η ∇L(w) + β (w − previous w), Polyak (1964)."""
    before = weights = start
    while True:
        yield weights
        before, weights = weights, weights - step * gradient(weights) + beta * (weights - before)


def adam_direction(
    gradient: np.ndarray,
    mean: ArrayLike,
    square: ArrayLike,
    step: int,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Direction of Adam's step number `step` (from 1), and the running means of gradients and of their squares.

    Both means are 0 before the first step. Source: Kingma & Ba (2015), algorithm 1; the step is −η times the direction.
    """
    mean = beta1 * mean + (1 - beta1) * gradient
    square = beta2 * square + (1 - beta2) * gradient**2
    direction = mean / (1 - beta1**step) / (np.sqrt(square / (1 - beta2**step)) + epsilon)
    return direction, mean, square


def adam(gradient: Gradient, start: np.ndarray, step: ArrayLike, **constants: float) -> Iterator[np.ndarray]:
    """Weights visited by Adam, without end; `step` may be an array that broadcasts against the weights."""
    weights, mean, square, count = start, 0.0, 0.0, 0
    while True:
        yield weights
        count += 1
        direction, mean, square = adam_direction(gradient(weights), mean, square, count, **constants)
        weights = weights - step * direction


def take_steps(path: Iterator[np.ndarray], steps: int) -> np.ndarray:
    """The first `steps` steps of a path and its start, shape (steps + 1, …)."""
    return np.array(list(islice(path, steps + 1)))


def momentum_path(curvatures: np.ndarray, start: np.ndarray, step: float, beta: float, steps: int) -> np.ndarray:
    """Errors of momentum along the eigenvectors of a Hessian with these eigenvalues, shape (steps + 1, …, n)."""
    return take_steps(momentum(lambda error: curvatures * error, start, step, beta), steps)


def momentum_radius(step: float, beta: float, curvatures: ArrayLike) -> float:
    """What a step of momentum leaves in the long run, without the formula: the largest eigenvalue of its matrices."""
    return float(abs(np.linalg.eigvals([[[1 + beta - step * c, -beta], [1, 0]] for c in curvatures])).max())


def quadratic_losses(path: Iterator[np.ndarray], gradient: Gradient, steps: int, tolerance: float = 0.0) -> np.ndarray:
    """Losses eᵀ∇L(e) along a path of errors (…, n): shape (steps + 1, …).

    It ends earlier where every run has been at most at `tolerance` times its first loss.
    """
    losses, arrived = [], False
    for error in islice(path, steps + 1):
        losses.append((error * gradient(error)).sum(axis=-1))
        arrived |= losses[-1] <= tolerance * losses[0]
        if np.all(arrived):
            break
    return np.array(losses)


def adam_losses(
    gradient: Gradient,
    start: np.ndarray,
    rates: ArrayLike,
    steps: int = 2000,
    tolerance: float = 0.0,
    **constants: float,
) -> np.ndarray:
    """Losses of Adam from errors (starts, n) at several step sizes at once, shape (steps + 1, rates, starts)."""
    start = np.repeat(start[None], len(rates), axis=0)
    path = adam(gradient, start, np.reshape(rates, (-1, 1, 1)), **constants)
    return quadratic_losses(path, gradient, steps, tolerance)
