"""tanh or sigmoid in the hidden layer, when the output is a continuous number?

tanh: with a linear output a curve takes {{ regression.tanh }} epochs with it, and {{ regression.sigmoid | digits(2) }}
with the sigmoid.
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import sigmoid

SEED = 0
WIDTH, GOAL = 16, 0.1  # of the nets that fit a curve
STARTS = 9
GRID = {"tanh": 2.0 ** np.arange(-3, 0, 0.5), "sigmoid": 2.0 ** np.arange(-2, 1, 0.5)}


@dataclass(frozen=True)
class Result:
    width: int
    "Hidden units of the nets that fit a curve."
    goal: float
    "Share of the variance that is left when they are done."
    regression: dict[str, int]
    "Epochs until the share `goal` of a continuous target's variance is left, by hidden unit, median over the starts."
    regression_range: dict[str, tuple[int, ...]]
    "Lower and upper quartile over the starts."
    starts: int
    "Random starts of each."
    medians: dict[str, np.ndarray]
    "Median epochs for each step size of `GRID`."


def count_epochs(unit: str, starts: int = STARTS, limit: int = 250) -> np.ndarray:
    """Epochs until a net with one hidden layer and a linear output leaves `GOAL` of the variance of a curve, shape
    (steps, starts): one net for every step size of `GRID` and every start, all at once."""
    x = np.linspace(-2, 2, 41)[:, None]
    y = np.sin(2 * x) + x / 2
    y /= y.std()
    rng = np.random.default_rng(SEED)
    W, b = 1.5 * rng.normal(size=(starts, 1, WIDTH)), rng.normal(size=(starts, 1, WIDTH))
    V, c = rng.normal(size=(starts, WIDTH, 1)) / np.sqrt(WIDTH), np.zeros((starts, 1, 1))
    steps = np.repeat(GRID[unit], starts)[:, None, None]
    W, b, V, c = (np.tile(part, (len(GRID[unit]), 1, 1)) for part in (W, b, V, c))
    arrived = np.full(len(steps), limit)
    for epoch in range(limit):
        a = np.tanh(x * W + b) if unit == "tanh" else sigmoid(x * W + b)
        error = a @ V + c - y
        left = np.mean(error**2, axis=(1, 2))
        arrived = np.where((left <= GOAL) & (arrived == limit), epoch, arrived)
        delta = np.where(left[:, None, None] < 100, error, 0) / len(x)  # a run that diverges is left alone
        g = delta @ V.transpose(0, 2, 1) * (1 - a**2 if unit == "tanh" else a * (1 - a))
        V, c = V - steps * a.transpose(0, 2, 1) @ delta, c - steps * delta.sum(axis=1, keepdims=True)
        W, b = W - steps * (x * g).sum(axis=1, keepdims=True), b - steps * g.sum(axis=1, keepdims=True)
    return arrived.reshape(-1, starts)


def compute() -> Result:
    counts = {unit: count_epochs(unit) for unit in GRID}
    best = {unit: np.sort(count.min(axis=0)) for unit, count in counts.items()}
    return Result(
        width=WIDTH,
        goal=GOAL,
        regression={unit: int(np.median(count)) for unit, count in best.items()},
        regression_range={
            unit: (int(count[STARTS // 4]), int(count[-1 - STARTS // 4])) for unit, count in best.items()
        },
        starts=STARTS,
        medians={unit: np.median(count, axis=1) for unit, count in counts.items()},
    )


def claim_a_continuous_target(result: Result) -> None:
    """A curve fitted by {{ width }} hidden units and a linear output leaves {{ goal | percent }} of its variance after
    {{ regression.tanh }} epochs with tanh ({{ regression_range.tanh | integer | list }}, the quartiles of
    {{ starts }} starts) and after {{ regression.sigmoid | digits(2) }} with the sigmoid
    ({{ regression_range.sigmoid | digits(2) | list }}), each start at its best step."""
    x, nudges = np.linspace(-2, 2, 41), 1e-20j * np.eye(49)
    y = (np.sin(2 * x) + x / 2) / np.std(np.sin(2 * x) + x / 2)
    for unit, (step, *_) in GRID.items():  # the most careful run again, by complex steps
        rng, epochs = np.random.default_rng(SEED), 0
        net = np.concatenate([1.5 * rng.normal(size=16), rng.normal(size=16), rng.normal(size=16) / 4, [0.0]])

        def output_errors(nets: np.ndarray, unit: str = unit) -> np.ndarray:
            z = x[:, None] * nets[..., None, :16] + nets[..., None, 16:32]
            a = np.tanh(z) if unit == "tanh" else 1 / (1 + np.exp(-z))
            return (a @ nets[..., 32:48, None])[..., 0] + nets[..., 48:] - y

        while np.mean(output_errors(net) ** 2) > result.goal and epochs < 250:
            net, epochs = net - step * np.mean(output_errors(net + nudges) ** 2, axis=1).imag / 2e-20, epochs + 1
        assert epochs == count_epochs(unit, starts=1)[0, 0]
    assert result.regression["sigmoid"] > 2 * result.regression["tanh"]
    for unit, (low, high) in result.regression_range.items():
        assert 0.6 < low / result.regression[unit] <= 1 <= high / result.regression[unit] < 1.45
        assert result.regression[unit] <= result.medians[unit].min()
    for medians in result.medians.values():
        assert 0 < medians.argmin() < len(medians) - 1 and medians.min() < 200  # the best step is inside the grid


if __name__ == "__main__":
    print(compute())
