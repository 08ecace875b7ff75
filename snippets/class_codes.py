"""Does tanh train faster because the classes are coded −1 and 1?

No. For the logistic loss the codes are the same; for the squared loss behind a linear output the code −1/1 is the code
0/1 with another step size in the hidden layer: {{ targets[0] }} and {{ targets[1] }} epochs on the digits.
"""

from dataclasses import dataclass

import numpy as np

from lib.data import digits, one_hot
from lib.network import Layer, init_layers
from lib.numerics import Draws, draws

SEED = 0
STARTS, HIDDEN, LIMIT = 3, 64, 60
RIGHT = 0.9  # the share of the digits that a net has to get right
STEPS = (1.0, np.sqrt(0.5))  # for targets 0/1 and −1/1: the best of a grid of powers of √2


@dataclass(frozen=True)
class Result:
    right: float
    "Share of the digits at which a run stops."
    targets: tuple[int, ...]
    "Epochs of a tanh net until it gets the share `right` of the digits, squared loss, targets 0/1 and −1/1: medians."
    targets_range: tuple[tuple[int, ...], ...]
    "Least and most over the starts."


def squared_step(layers: list[Layer], x: np.ndarray, y: np.ndarray, hidden: float, last: float) -> list[Layer]:
    """One step on half the squared error of a tanh net with a linear output, a step size for each layer."""
    (W, b), (V, c) = layers
    a = np.tanh(x @ W + b)
    delta = (a @ V + c - y) / len(x)
    g = delta @ V.T * (1 - a**2)
    return [(W - hidden * x.T @ g, b - hidden * g.sum(axis=0)), (V - last * a.T @ delta, c - last * delta.sum(axis=0))]


def outputs(layers: list[Layer], x: np.ndarray) -> np.ndarray:
    """Outputs of that net, shape (B, outputs)."""
    (W, b), (V, c) = layers
    return np.tanh(x @ W + b) @ V + c


def count_epochs(seed: int, x: np.ndarray, y: np.ndarray, step: float) -> int:
    """Full-batch epochs until the share `RIGHT` of the digits has its highest output at its label."""
    layers = init_layers((64, HIDDEN, 10), np.random.default_rng(STARTS * SEED + seed))
    for epoch in range(LIMIT):
        if np.mean(outputs(layers, x).argmax(axis=1) == y.argmax(axis=1)) >= RIGHT - 1e-9:
            return epoch
        layers = squared_step(layers, x, y, step, step)
    raise RuntimeError(f"the step {step} does not arrive in {LIMIT} epochs")


def compute() -> Result:
    pixels, labels = digits()
    x, y = pixels - pixels.mean(axis=0), one_hot(labels)
    counts = [
        sorted(count_epochs(seed, x, t, step) for seed in range(STARTS)) for t, step in zip((y, 2 * y - 1), STEPS)
    ]
    return Result(
        right=RIGHT,
        targets=tuple(middle for _, middle, _ in counts),
        targets_range=tuple((least, most) for least, _, most in counts),
    )


def claim_targets_are_a_step_size(result: Result) -> None:
    """With a linear output and squared error, a run on targets −1/1 is the run on targets 0/1 from output weights
    half as large, with steps $4$ times as large in the hidden layer, to rounding."""
    rng = np.random.default_rng(SEED)
    x, y, (hidden, (V, c)) = rng.normal(size=(20, 3)), rng.integers(2, size=(20, 1)), init_layers((3, 4, 1), rng)
    one, two = [hidden, (V, c)], [hidden, (V / 2, (c + 1) / 2)]
    for _ in range(50):
        one = squared_step(one, x, 2 * y - 1, 0.1, 0.1)
        two = squared_step(two, x, y, 0.4, 0.1)
    np.testing.assert_allclose(outputs(one, x), 2 * outputs(two, x) - 1, atol=1e-10)


def claim_targets_matter_little(result: Result) -> None:
    """Measured on the digits with tanh units, linear outputs and squared error, {{ targets[0] }} epochs
    ({{ targets_range[0] | integer | list }} at the extremes) with targets 0/1 until {{ right | percent }} of the digits
    are right, and {{ targets[1] }} ({{ targets_range[1] | integer | list }}) with −1/1."""
    assert 1 / 4 < result.targets[1] / result.targets[0] < 4
    for median, (low, high) in zip(result.targets, result.targets_range):
        assert 0 < low <= median <= high < 20  # all arrived


def equation_logistic() -> Draws:
    r"""\ln(1 + \exp(-t z)) = -y \ln(\sigma(z)) - (1 - y) \ln(\sigma(-z)), \quad y = \frac{1 + t}{2}"""
    for rng in draws(10):
        t = rng.choice([-1, 1])
        yield {"t": t, "z": rng.normal() * 2, "y": int(t > 0), r"\sigma": lambda z: (1 + np.tanh(z / 2)) / 2}


if __name__ == "__main__":
    print(compute())
