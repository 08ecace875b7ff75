"""Quadratic losses ½ eᵀHe of the error e = w − w*: Hessians of a linear neuron, and methods that descend on them.

H is the second moment E[xxᵀ] of the neuron's inputs, shape (n, n); errors have the shape (n,), paths (steps + 1, n).
A method stops once its `criterion`, the length of the error or the loss, is at most `tolerance` times its first value.
"""

from collections.abc import Callable

import numpy as np

MILLIONTH = 1e-6
Numbers = float | np.ndarray  # one, or an array of them, for which a formula holds entry by entry
START = np.array([-0.28, 0.96])  # error from which runs with two weights start; of length 1, not along the mean


def hessian(mean: np.ndarray, covariance: np.ndarray | float = 1.0) -> np.ndarray:
    """E[xxᵀ] = Σ + μμᵀ, shape (n, n), from the means (n,) and a covariance matrix, n variances, or one for all."""
    mean = np.asarray(mean, dtype=float)
    covariance = np.asarray(covariance)
    return (covariance if covariance.ndim == 2 else np.eye(len(mean)) * covariance) + np.outer(mean, mean)


def hessian_with_bias(mean: np.ndarray, covariance: np.ndarray | float = 1.0, bias: float = 1.0) -> np.ndarray:
    """[[Σ + μμᵀ, cμ], [cμᵀ, c²]], shape (n + 1, n + 1): a last input is the constant c = `bias`."""
    padded = np.zeros((len(mean) + 1, len(mean) + 1))
    padded[:-1, :-1] = hessian(np.zeros(len(mean)), covariance)
    return hessian(np.append(mean, bias), padded)


def gradient_of(mean: np.ndarray, variances: np.ndarray | float = 1.0) -> Callable[[np.ndarray], np.ndarray]:
    """The map from errors (…, n) to gradients He for uncorrelated inputs, without the matrix H = Σ + μμᵀ."""
    return lambda error: variances * error + (error @ mean)[..., None] * mean


def mirror_to_one_input(errors: np.ndarray) -> np.ndarray:
    """Errors or means (…, n) in mirrored coordinates, where n equal entries become one entry of the same length."""
    n = errors.shape[-1]
    axis = np.full(n, 1 / np.sqrt(n)) - np.eye(n)[0]
    return errors - 2 * (errors @ axis)[..., None] * axis / (axis @ axis)


def split_along_mean(errors: np.ndarray) -> np.ndarray:
    """Errors (starts, n) in two coordinates, along a mean of n equal entries and across it, shape (starts, 2).

    To plain descent and to momentum these two are all that uncorrelated inputs that are alike tell of an error.
    """
    along = errors.sum(axis=1) / np.sqrt(errors.shape[1])
    return np.stack([along, np.sqrt((errors**2).sum(axis=1) - along**2)], axis=1)


def add_bias(x: np.ndarray) -> np.ndarray:
    """Inputs, one row an example, with a last one that is always 1."""
    return np.hstack([x, np.ones((len(x), 1))])


def off_center_ratio(x: np.ndarray) -> float:
    """ρ = ‖μ‖²/tr Σ of inputs, one row an example: squared mean over variance."""
    mean = x.mean(axis=0)
    return float(mean @ mean / x.var(axis=0).sum())


def estimate_off_center_ratio(x: np.ndarray) -> float:
    """ρ of the distribution of which `x` is a sample: without the mean that a finite sample has by chance."""
    mean, variance = x.mean(axis=0), x.var(axis=0, ddof=1).sum()
    return float((mean @ mean - variance / len(x)) / variance)


def second_moment(x: np.ndarray) -> np.ndarray:
    """E[xxᵀ] of inputs, one row an example."""
    return x.T @ x / len(x)


def condition_number(H: np.ndarray) -> float:
    """κ = λmax/λmin of a symmetric positive definite matrix."""
    low, *_, high = np.linalg.eigvalsh(H)
    return high / low


def condition_on_range(H: np.ndarray) -> float:
    """Condition number of a positive semidefinite matrix, eigenvalues that are zero but for rounding left out."""
    values = np.linalg.eigvalsh(H)
    return float(values[-1] / values[values > 1e-9 * values[-1]][0])


def kappa_without_bias(mean: Numbers, variance: Numbers, n: Numbers) -> Numbers:
    """κ₀ = 1 + n mean²/variance of a neuron without a bias whose n inputs are uncorrelated and alike."""
    return 1 + n * mean**2 / variance


def kappa_with_bias(mean: Numbers, variance: Numbers, n: Numbers) -> Numbers:
    """κ_b of the same neuron with a bias: the root κ ≥ 1 of κ + 1/κ + 2 = (1 + variance + n mean²)²/variance.

    Exact, because the variance always lies between the two eigenvalues of the block of mean and bias.
    """
    half = (1 + variance + n * mean**2) ** 2 / variance / 2 - 1
    return half + np.sqrt(np.maximum(half**2 - 1, 0))


def best_step(H: np.ndarray) -> float:
    """Best constant step 2/(λmax + λmin): the slowest direction is as fast as it can be."""
    low, *_, high = np.linalg.eigvalsh(H)
    return 2 / (low + high)


def descent_factor(kappa: Numbers) -> Numbers:
    """(κ − 1)/(κ + 1): what the best constant step leaves of the error in the slowest directions."""
    return (kappa - 1) / (kappa + 1)


def steps_to(tolerance: float, factor: float) -> int:
    """Whole steps until a quantity that each multiplies by `factor` is at most `tolerance` of its first value."""
    return int(np.ceil(np.log(tolerance) / np.log(max(factor, tolerance)) - 1e-9))


def worst_steps(H: np.ndarray, tolerance: float = MILLIONTH) -> int:
    """Steps at the best constant step from the worst start, until the error is at most `tolerance` of the first."""
    return steps_to(tolerance, descent_factor(np.linalg.cond(H)))


def descend(
    H: np.ndarray, step: float, start: np.ndarray, tolerance: float = MILLIONTH, criterion: str = "error"
) -> np.ndarray:
    """Path of gradient descent with a constant step."""
    return _follow(lambda error: error - step * H @ error, H, start, tolerance, criterion)


def line_search(H: np.ndarray, start: np.ndarray, tolerance: float = MILLIONTH, criterion: str = "loss") -> np.ndarray:
    """Path of steepest descent with exact line search: step gᵀg/gᵀHg along the gradient g."""

    def advance(error: np.ndarray) -> np.ndarray:
        gradient = H @ error
        return error - (gradient @ gradient) / (gradient @ H @ gradient) * gradient

    return _follow(advance, H, start, tolerance, criterion)


def descent_steps(H: np.ndarray, starts: np.ndarray, tolerance: float = MILLIONTH) -> np.ndarray:
    """Steps at the best constant step from each of the errors (starts, n), until the loss is at most `tolerance` of
    the first; by bisection on the closed form."""
    values, vectors = np.linalg.eigh(H)
    parts = (starts @ vectors) ** 2 * values
    factors = (1 - 2 / (values[0] + values[-1]) * values) ** 2
    low, high = np.ones(len(starts)), np.full(len(starts), 2.0**24)
    while np.any(low < high):
        middle = (low + high) // 2
        done = (parts * factors ** middle[:, None]).sum(axis=1) <= tolerance * parts.sum(axis=1)
        low, high = np.where(done, low, np.minimum(middle + 1, high)), np.where(done, middle, high)
    return low


def line_search_steps(H: np.ndarray, starts: np.ndarray, tolerance: float = MILLIONTH) -> np.ndarray:
    """Steps of exact line search from each of the errors (starts, n), until the loss is at most `tolerance` of the
    first."""
    errors, steps, busy = starts, np.zeros(len(starts), dtype=int), np.arange(len(starts))
    goals = tolerance * (errors @ H * errors).sum(axis=1)
    while len(busy):
        gradients = errors @ H
        sizes = (gradients**2).sum(axis=1) / (gradients @ H * gradients).sum(axis=1)
        errors = errors - sizes[:, None] * gradients
        steps[busy] += 1
        left = (errors @ H * errors).sum(axis=1) > goals[busy]
        errors, busy = errors[left], busy[left]
    return steps


def worst_search_start(H: np.ndarray) -> np.ndarray:
    """Error from which line search is slowest: equal parts of the steepest and the flattest gradient, shape (n,)."""
    values, vectors = np.linalg.eigh(H)
    return vectors[:, 0] / values[0] + vectors[:, -1] / values[-1]


def conjugate_gradients(
    H: np.ndarray, start: np.ndarray, tolerance: float = MILLIONTH, criterion: str = "loss"
) -> np.ndarray:
    """Path of conjugate gradients, Hestenes & Stiefel (1952)."""
    gradient = H @ start
    direction = -gradient

    def advance(error: np.ndarray) -> np.ndarray:
        nonlocal gradient, direction
        image = H @ direction
        error = error - (gradient @ direction) / (direction @ image) * direction
        before, gradient = gradient, H @ error
        direction = (gradient @ gradient) / (before @ before) * direction - gradient
        return error

    return _follow(advance, H, start, tolerance, criterion)


def momentum_factor(z: Numbers, beta: float) -> Numbers:
    """|ρ|, what a step of momentum leaves of an error in the long run: the larger root of ρ² − (1 + β − z)ρ + β.

    `z` is step size times curvature, a number or an array.
    """
    root = np.sqrt((1 + beta - z) ** 2 - 4 * beta + 0j)
    return np.maximum(abs(1 + beta - z + root), abs(1 + beta - z - root)) / 2


def momentum_step(beta: float, high: float, low: float) -> float:
    """Best step size of momentum `beta` for curvatures from `low` to `high`: 2(1 + β)/(λmax + λmin)."""
    return (1 + beta) * 2 / (high + low)


def best_momentum_factor(beta: float, kappa: float) -> float:
    """What a step of momentum `beta` at its best step size leaves of the error in the slowest direction."""
    return float(momentum_factor(momentum_step(beta, kappa, 1.0) * np.array([kappa, 1.0]), beta).max())


def tuned_momentum(high: float, low: float) -> tuple[float, float]:
    """Step size and β with the least factor, (√κ − 1)/(√κ + 1), for curvatures from `low` to `high`, Polyak (1964)."""
    root = descent_factor(np.sqrt(high / low))
    return (2 / (np.sqrt(high) + np.sqrt(low))) ** 2, root**2


def first_step_below(losses: np.ndarray, tolerance: float = MILLIONTH) -> np.ndarray:
    """First step at which each run's loss, shape (steps + 1, …), is at most `tolerance` of its first; else 10⁶."""
    below = losses <= tolerance * losses[0]
    return np.where(below.any(axis=0), below.argmax(axis=0), 1_000_000)


def path_length(path: np.ndarray) -> float:
    """Length of a path of shape (steps + 1, n)."""
    return float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())


def sign_changes(values: np.ndarray) -> int:
    """How often consecutive values differ in sign."""
    return int((values[1:] * values[:-1] < 0).sum())


def _follow(advance: Callable, H: np.ndarray, start: np.ndarray, tolerance: float, criterion: str) -> np.ndarray:
    """Errors visited until the criterion is at most `tolerance` times its first value."""
    measure = {"error": np.linalg.norm, "loss": lambda error: error @ H @ error}[criterion]
    errors, goal = [start], tolerance * measure(start)
    while measure(errors[-1]) > goal:
        errors.append(advance(errors[-1]))
    return np.array(errors)
