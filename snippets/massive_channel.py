"""What does one channel that is constantly large do to the neurons that read it?

A channel that is always {{ size | integer }} beside {{ others | integer }} of mean zero and variance 1 is a bias that
is fed with {{ size | integer }}: the condition number is {{ kappa | scientific(1) }}, along one axis. Normalization
shrinks the others to {{ shrunk | digits(2) }} of their size.
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws
from lib.quadratics import MILLIONTH, steps_to

SEED = 0
SIZE, WIDTH, TOKENS, LEVELS = 1000.0, 4096, 200, 127


@dataclass(frozen=True)
class Result:
    size: float
    "Value of the channel, for all tokens."
    others: int
    "Channels of mean zero and variance 1 beside it."
    kappa: float
    "Condition number of a neuron that reads all of them."
    steps: int
    "Steps of plain descent to a millionth of the error, worst start, best constant step."
    scaled: float
    "The condition number with a step size for each weight in proportion to one over its curvature."
    shrunk: float
    "Standard deviation of the other channels behind RMS norm, without a gain."
    centered: float
    "The same behind layer norm, which subtracts the mean over channels."
    levels: int
    "Levels on either side of 0: a signed byte."
    level: float
    "Distance of neighbors, in standard deviations of the others, if so many levels reach the large one."
    lost: float
    "Share of the others' values that become 0 by rounding to such levels."


def compute() -> Result:
    rms = np.sqrt((SIZE**2 + WIDTH - 1) / WIDTH)
    spread = np.sqrt(rms**2 - (SIZE / WIDTH) ** 2)
    x = np.random.default_rng(SEED).normal(size=(TOKENS, WIDTH - 1))
    return Result(
        size=SIZE,
        others=WIDTH - 1,
        kappa=SIZE**2,
        steps=steps_to(MILLIONTH, (SIZE**2 - 1) / (SIZE**2 + 1)),
        scaled=1.0,
        shrunk=1 / rms,
        centered=1 / spread,
        levels=LEVELS,
        level=SIZE / LEVELS,
        lost=float(np.mean(np.round(x / (SIZE / LEVELS)) == 0)),
    )


def claim_the_channel_is_an_axis(result: Result) -> None:
    """A channel that is always {{ size | integer }}, among {{ others | integer }} of mean zero and variance 1, gives a
    neuron the condition number {{ kappa | scientific(1) }}; with a step size for each weight it is
    {{ scaled | integer }}."""
    n = 12  # the others are alike: fewer of them have the same curvatures
    mean = np.zeros(n)
    mean[0] = result.size
    H = np.diag([0.0] + [1.0] * (n - 1)) + np.outer(mean, mean)
    assert abs(np.linalg.cond(H) / result.kappa - 1) < 1e-9
    root = np.sqrt(np.diag(H))
    assert abs(np.linalg.cond(H / np.outer(root, root)) - result.scaled) < 1e-9
    np.testing.assert_array_equal(abs(np.linalg.eigh(H)[1][:, -1]), np.eye(n)[0])  # along an axis


def claim_the_norm_shrinks_the_others(result: Result) -> None:
    """Behind RMS norm the other channels have a standard deviation of {{ shrunk | digits(3) }}, behind layer norm
    {{ centered | digits(3) }}; rounded to {{ levels }} levels from 0 to the large one, neighbors are
    {{ level | digits(2) }} standard deviations apart, and {{ lost | percent(2) }} of the others’ values become 0."""
    rng = np.random.default_rng(SEED + 1)
    x = np.hstack([np.full((TOKENS, 1), result.size), rng.normal(size=(TOKENS, result.others))])
    rms = x / np.sqrt((x**2).mean(axis=1, keepdims=True))
    layer = (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)
    assert abs(rms[:, 1:].std() / result.shrunk - 1) < 0.003
    assert abs(layer[:, 1:].std() / result.centered - 1) < 0.003
    levels = np.round(x / x.max() * LEVELS)
    assert abs(np.mean(levels[:, 1:] == 0) - result.lost) < 1e-4 and abs(result.level * LEVELS - result.size) < 1e-9


def equation_shrunk() -> Draws:
    r"""s' = \sqrt{\frac{n}{c^2 + n - 1}}"""
    for rng in draws(8):
        n, c = int(rng.integers(3, 60)), rng.uniform(1, 50)
        x = np.array([c, *np.resize([1.0, -1.0], n - 1)])
        yield {"s'": abs(x / np.linalg.norm(x) * np.sqrt(n))[1], "n": n, "c": c}


if __name__ == "__main__":
    print(compute())
