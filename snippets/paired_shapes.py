"""What does a loss of predictions (N, 1) against targets (N,) measure?

Each prediction against each target: its least value is the targets' variance, where every prediction is their mean.
In the end all predictions of a line are the same, at a loss of {{ loss.wrong | digits(3) }} of it.
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws

SEED = 0
EXAMPLES, STEPS, STEP = 64, 500, 0.1


@dataclass(frozen=True)
class Result:
    examples: int
    "Examples."
    steps: int
    "Steps of descent."
    spread: dict[str, float]
    "Standard deviation of predictions in the end, over that of the targets: right shapes, wrong shapes."
    loss: dict[str, float]
    "Loss in the end, over the variance of the targets."


def mean_squared_error(f: np.ndarray, y: np.ndarray) -> float:
    """What `((f - y) ** 2).mean()` is, whatever the shapes broadcast to."""
    return float(((f - y) ** 2).mean())


def fit_line(x: np.ndarray, y: np.ndarray, paired: bool) -> np.ndarray:
    """Predictions, shape (N, 1), of a line that descends that error; targets (N, 1) if paired, (N,) otherwise."""
    w, b, targets = 0.0, 0.0, y[:, None] if paired else y
    for _ in range(STEPS):
        error = (w * x[:, None] + b - targets).mean(axis=1)  # the gradient by each prediction, but for 2/N
        w, b = w - STEP * 2 * (error * x).mean(), b - STEP * 2 * error.mean()
    return w * x[:, None] + b


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    x = rng.normal(size=EXAMPLES)
    y = 3 + 2 * x + 0.1 * rng.normal(size=EXAMPLES)
    fits = {"right": fit_line(x, y, True), "wrong": fit_line(x, y, False)}
    return Result(
        examples=EXAMPLES,
        steps=STEPS,
        spread={name: float(f.std() / y.std()) for name, f in fits.items()},
        loss={
            "right": mean_squared_error(fits["right"], y[:, None]) / y.var(),
            "wrong": mean_squared_error(fits["wrong"], y) / y.var(),
        },
    )


def claim_the_best_of_all_pairs_is_constant(result: Result) -> None:
    """A line is fitted in {{ steps }} steps to {{ examples }} targets that lie on one. With shapes that match, its
    predictions spread {{ spread.right | digits(2) }} times as far as the targets, at a loss of
    {{ loss.right | digits(1) }} of their variance; with (N, 1) against (N,) all predictions are the same, at a loss of
    {{ loss.wrong | digits(3) }}."""
    assert abs(result.spread["right"] - 1) < 0.01 and result.loss["right"] < 0.006 and result.loss["right"] > 0.0005
    assert result.spread["wrong"] < 1e-6 and abs(result.loss["wrong"] - 1) < 1e-6


def equation_pairs() -> Draws:
    r"""\frac{1}{N^2} \sum_{i=1}^{N} \sum_{k=1}^{N} (f_i - y_k)^2 =
    \frac{1}{N} \sum_{i=1}^{N} (f_i - \bar{y})^2 + s_y^2"""
    for rng in draws(3):
        f, y = rng.normal(size=(2, 5))
        at = {"f_i": lambda i, f=f: f[int(i) - 1], "y_k": lambda k, y=y: y[int(k) - 1]}
        mean = np.linalg.lstsq(np.ones((5, 1)), y, rcond=None)[0][0]
        yield at | {"N": 5, r"\bar{y}": mean, "s_y": float(np.sqrt(((y - mean) ** 2).sum() / 5))}
