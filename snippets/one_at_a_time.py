"""Does a small step size end the zig-zag when examples come one at a time?

No. Each example pulls along itself, up or down as its own target says; near the optimum up and down are equally likely,
at any step size. So about half of all consecutive steps go opposite ways along the mean.

    mean    mean of either of two inputs of variance 1
    move    what one example adds to the weights
"""

from dataclasses import dataclass

import numpy as np

from lib.quadratics import START, hessian

SEED = 0
MEAN = 2.0
STEP = 1e-4


@dataclass(frozen=True)
class Result:
    step: float
    "A step size far below 1/λmax."
    crossings: float
    "Share of consecutive steps whose parts along the mean have opposite signs."
    crossed: float
    "Share of steps that take the error to the other side of the valley, past zero along the mean."


def take_steps(step: float, steps: int = 20_000) -> np.ndarray:
    """Moves of stochastic gradient descent with batches of one and noisy targets, shape (steps, 2)."""
    rng = np.random.default_rng(SEED)
    x, noise, error = rng.normal(MEAN, 1, (steps, 2)), rng.normal(size=steps), START
    made = np.empty_like(x)
    for i in range(steps):
        made[i] = -step * (x[i] @ error - noise[i]) * x[i]
        error = error + made[i]
    return made


def compute() -> Result:
    along = take_steps(STEP) @ np.ones(2)
    error = START.sum() + np.cumsum(along)
    return Result(
        step=STEP,
        crossings=float(np.mean(along[1:] * along[:-1] < 0)),
        crossed=float(np.mean(error[1:] * error[:-1] < 0)),
    )


def claim_single_examples_disagree(result: Result) -> None:
    """One example at a time, with noise of standard deviation 1 in the targets, the component of a step along the mean
    changes sign in {{ crossings | percent(0) }} of consecutive steps, even at a step size of
    {{ step | scientific(1) }}; the component of the error changes sign in {{ crossed | percent(0) }}."""
    rng = np.random.default_rng(SEED + 1)
    x, across = rng.normal(MEAN, 1, (20_000, 2)), START - START.mean()  # the error along the mean is soon gone
    up = np.mean((rng.normal(size=20_000) - x @ across) * (x @ np.ones(2)) > 0)
    first = -take_steps(1e-9).mean(axis=0) / 1e-9  # of so small a step the moves average to the gradient at the start
    assert np.allclose(first, hessian(np.full(2, MEAN)) @ START, atol=0.3)
    assert abs(2 * up * (1 - up) - result.crossings) < 0.02  # as often as independent signs differ
    # a wandering error crosses zero in arccos(kept)/π of its steps
    kept = 1 - STEP * np.linalg.norm(hessian(np.full(2, MEAN)), 2)
    assert 0.1 < result.crossed / (np.arccos(kept) / np.pi) < 2 and result.crossed < result.crossings / 10
    assert 0.47 < result.crossings < 0.52 and 0.0024 < result.crossed < 0.020


if __name__ == "__main__":
    print(compute())
