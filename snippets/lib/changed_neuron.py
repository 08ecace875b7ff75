"""A linear neuron that learns, by one of several methods, from inputs as they are and from inputs Tx + c."""

import numpy as np

from lib.optimizers import adam_direction

EXAMPLES, INPUTS, SHIFT = 240, 6, 2.0
FACTORS, SIGNS = np.array([1, 3, 0.4, 1, 2, 0.5]), np.array([1, -1, 1, -1, 1, -1])
BATCH, NOISY, CHAINS, NOISE = 8, 500, 16, 0.5
BETA, DAMPING = 0.9, 0.3
GOAL, LIMIT, GRID = 1e-3, 4000, 2.0 ** np.arange(-9, 3.5, 0.5)  # share of the excess loss, most steps, step sizes


def change_inputs(x: np.ndarray, change: str, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Changed inputs Tx + c, the matrix T and the vector c."""
    T, c = np.eye(INPUTS), np.zeros(INPUTS)
    if change == "shift":
        c = c + SHIFT
    elif change == "rotation":
        T = np.linalg.qr(np.random.default_rng(seed + 99).normal(size=(INPUTS, INPUTS)))[0]
    elif change in ("scale", "flip"):
        T = np.diag({"scale": FACTORS, "flip": SIGNS}[change]).astype(float)
    return x @ T.T + c, T, c


def draw_problem(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs (B, n), targets (B,), and weights and bias (n + 1,) to start from."""
    mixing = np.eye(INPUTS) + 0.3 * rng.normal(size=(INPUTS, INPUTS))
    x = rng.normal(size=(EXAMPLES, INPUTS)) @ mixing + 0.5
    y = x @ rng.normal(size=INPUTS) + rng.normal() + NOISE * rng.normal(size=EXAMPLES)
    return x, y, rng.normal(size=INPUTS + 1) / 2


def outputs(theta: np.ndarray, x: np.ndarray, norm: bool) -> np.ndarray:
    """Outputs (runs, B) for parameters (runs, …) and inputs (B, n) or (runs, B, n)."""
    z = np.einsum("...bi,...i->...b", x, theta[:, :INPUTS])
    if norm:
        z = (z - z.mean(axis=-1, keepdims=True)) / z.std(axis=-1, keepdims=True)
        return theta[:, INPUTS, None] * z + theta[:, -1:]
    return z + theta[:, -1:]


def gradient(theta: np.ndarray, x: np.ndarray, y: np.ndarray, norm: bool) -> np.ndarray:
    """Gradients of half the mean squared error, shape of `theta`."""
    delta = (outputs(theta, x, norm) - y) / y.shape[-1]
    if not norm:
        return np.concatenate([np.einsum("...b,...bi->...i", delta, x), delta.sum(axis=-1, keepdims=True)], axis=1)
    z = np.einsum("...bi,...i->...b", x, theta[:, :INPUTS])
    std = z.std(axis=-1, keepdims=True)
    unit = (z - z.mean(axis=-1, keepdims=True)) / std
    gain = np.sum(delta * unit, axis=-1, keepdims=True)
    back = theta[:, INPUTS, None] * delta
    back = back - back.mean(axis=-1, keepdims=True) - unit * np.mean(back * unit, axis=-1, keepdims=True)
    weights = np.einsum("...b,...bi->...i", back / std, x)
    return np.concatenate([weights, gain, delta.sum(axis=-1, keepdims=True)], axis=1)


def descend(
    method: str,
    x: np.ndarray,
    y: np.ndarray,
    start: np.ndarray,
    step: float | np.ndarray,
    steps: int,
    rng: np.random.Generator | None = None,
    goal: float = 0.0,
) -> np.ndarray:
    """Parameters visited, shape (steps + 1, runs, …); with `rng` on mini-batches; until a loss is below `goal`."""
    norm = method == "batch_norm"
    A = np.column_stack([x, np.ones(len(x))])
    H = A.T @ A / len(x) + (DAMPING * np.eye(len(A.T)) if method == "damped" else 0)
    inverse = np.linalg.inv(H)
    theta, state, path = start, (0.0, 0.0), [start]
    for count in range(1, steps + 1):
        rows = rng.integers(len(x), size=(len(theta), BATCH)) if rng else slice(None)
        g = gradient(theta, x[rows], y[rows], norm)
        if method == "adam":
            g, *state = adam_direction(g, *state, count)
        elif method in ("newton", "damped"):
            g = g @ inverse
        velocity = BETA * (theta - path[-2]) if method == "momentum" and count > 1 else 0
        theta = theta - step * g + velocity
        path.append(theta)
        if goal and np.nanmin(np.mean((outputs(theta, x, norm) - y) ** 2, axis=1)) < goal:
            break
    return np.array(path)


def least_error(x: np.ndarray, y: np.ndarray) -> float:
    """Mean squared error of least squares with a bias."""
    A = np.column_stack([x, np.ones(len(x))])
    return float(np.mean((y - A @ np.linalg.lstsq(A, y)[0]) ** 2))


def same_function(start: np.ndarray, T: np.ndarray, c: np.ndarray, norm: bool) -> np.ndarray:
    """Parameters on the inputs Tx + c of the function that `start` is on x: w' = T⁻ᵀw, b' = b − w'c."""
    w = np.linalg.solve(T.T, start[:-1])
    return np.append(w, [1.0, start[-1]]) if norm else np.append(w, start[-1] - w @ c)


def count_steps(problem: tuple[np.ndarray, np.ndarray, np.ndarray], change: str, seed: int) -> int:
    """Steps of plain descent to the goal at the best step size of the grid, curvature by curvature."""
    x, y, start = problem
    u, T, c = change_inputs(x, change, seed)
    A = np.column_stack([u, np.ones(len(u))])
    values, vectors = np.linalg.eigh(A.T @ A / len(u))
    left = values * (vectors.T @ (same_function(start, T, c, False) - np.linalg.lstsq(A, y)[0])) ** 2
    factors = (1 - GRID[GRID < 2 / values[-1], None] * values) ** 2
    counts = np.arange(2 * LIMIT + 1)[:, None]
    return int(min(np.argmax(f**counts @ left < GOAL * left.sum()) or len(counts) for f in factors))
