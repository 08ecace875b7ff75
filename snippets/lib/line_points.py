"""Points whose input has a mean far from zero, and the line that full-batch descent fits to them."""

import numpy as np

POINTS, MEAN, STD, NOISE = 100, 170.0, 10.0, 5.0  # heights in centimeters, noise of the weights in kilograms
LINE = np.array([0.9, -80.0])  # the slope and the intercept that fit best


def draw_points(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets, shape (POINTS,), with exactly the mean, standard deviation, line and noise above."""
    normal = np.random.default_rng(seed).normal(size=(POINTS, 2))
    basis = np.linalg.qr(np.column_stack([np.ones(POINTS), normal]))[0] * np.sqrt(POINTS)
    x = MEAN + STD * basis[:, 1]
    return x, LINE[0] * x + LINE[1] + NOISE * basis[:, 2]


def fit_line(x: np.ndarray, y: np.ndarray, step: float, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Slope and intercept, shape (steps + 1, 2), and the loss, of full-batch descent in the precision of x."""
    w = b = x.dtype.type(0)
    path, losses, step = [], [], x.dtype.type(step)
    for _ in range(steps + 1):
        error = w * x + b - y
        path.append((w, b))
        losses.append((error * error).mean() / 2)
        w, b = w - step * (error * x).mean(), b - step * error.mean()
    return np.array(path), np.array(losses)
