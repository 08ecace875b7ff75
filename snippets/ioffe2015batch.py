"""What happens if the gradient does not know that a mean is subtracted (Ioffe and Szegedy, 2015)?

Each step moves the bias, the subtraction takes the move back, and the next step is the same again: the bias runs away,
to {{ drift[1] | integer }} in {{ steps[1] }} steps, and the loss stands still.

    u  pre-activations of a batch without the bias b; x̂ = u + b minus its mean
    y  targets
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws

SEED = 0
STEPS, STEP = (100, 200), 0.1


@dataclass(frozen=True)
class Result:
    step: float
    "Step size."
    steps: tuple[int, int]
    "Steps after which the bias is looked at."
    drift: tuple[float, float]
    "The bias then, over the mean of the targets."


def descend_with_fixed_mean(u: np.ndarray, y: np.ndarray, steps: int, step: float = STEP) -> tuple[float, float]:
    """Bias and loss after steps on ½E(x̂ − y)², by a gradient that holds the subtracted mean fixed."""
    b = 0.0
    for _ in range(steps):
        b -= step * np.mean(u + b - np.mean(u + b) - y)
    return b, np.mean((u + b - np.mean(u + b) - y) ** 2) / 2


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    u, y = rng.normal(size=50), rng.normal(1, 1, size=50)
    return Result(STEP, STEPS, drift=tuple(descend_with_fixed_mean(u, y, steps)[0] / y.mean() for steps in STEPS))


def claim_bias_drifts(result: Result) -> None:
    """Ignore in the gradient that the subtracted mean contains the bias, and the bias runs away while the loss stands
    still: with step size {{ step | digits(1) }} and targets of mean 1 it is {{ drift[0] | integer }} after
    {{ steps[0] }} steps and {{ drift[1] | integer }} after {{ steps[1] }}."""
    np.testing.assert_allclose(result.drift, np.array(result.steps) * result.step, rtol=1e-9)
    rng = np.random.default_rng(SEED)
    u, y = rng.normal(size=50), rng.normal(1, 1, size=50)
    losses = [descend_with_fixed_mean(u, y, steps)[1] for steps in (0, 7, 90)]
    np.testing.assert_allclose(losses, losses[0], rtol=1e-9)


def equation_drift() -> Draws:
    r"""b_t = b_0 + t\,\eta\,\bar{y}"""
    for rng in draws(8):
        t, step, u, y = int(rng.integers(3, 40)), rng.uniform(0.05, 0.5), rng.normal(size=9), rng.normal(1, 1, size=9)
        start = rng.normal()
        way = descend_with_fixed_mean(u + start, y, t, step)[0]  # the start may stand in u as well
        yield {"b_t": start + way, "b_0": start, "t": t, r"\eta": step, r"\bar{y}": y.mean()}


if __name__ == "__main__":
    print(compute())
