"""Does it matter with mini-batches and Adam?

Yes: on digits, in batches of {{ batch }}, tanh and ReLU nets need {{ gain.plain.tanh | digits(2) }} and
{{ gain.plain.relu | digits(2) }} times fewer steps when the mean image is subtracted, with plain descent, and
{{ gain.adam.tanh | digits(2) }} and {{ gain.adam.relu | digits(2) }} times with Adam, each at its best step size.

    step     one batch of `BATCH` images
    steps    until the loss over all images is below `GOAL`, looked at every `EVERY` steps
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from lib.network import adam_step, init_layers, loss, loss_and_gradients, sgd_step
from lib.training import GAINS, SIZES, every_third_digit, find_best_step

SEED = 0
STARTS, BATCH, GOAL, EVERY, LIMIT = 3, 30, 0.1, 3, 300
NAMES = ("tanh", "relu")
GRIDS = {  # step sizes, the likeliest first
    "plain": {"raw": (1.0, 0.5, 2.0), "centered": (4.0, 2.0, 8.0)},
    "adam": {"raw": (1 / 32, 1 / 16, 1 / 64), "centered": (1 / 32, 1 / 16, 1 / 64)},
}


@dataclass(frozen=True)
class Result:
    images: int
    "Images to learn from."
    batch: int
    "Images in a step."
    goal: float
    "Loss, mean cross-entropy in nats over all images, to be reached."
    starts: int
    "Random starts, of weights and of batches, that a median is taken over."
    steps: dict[str, dict[str, dict[str, int]]]
    "Steps at the best step size, by method, activation function and whether pixels are centered."
    size: dict[str, dict[str, dict[str, float]]]
    "That step size."
    gain: dict[str, dict[str, float]]
    "Steps on raw over steps on centered pixels."


def train(
    method: str, name: str, x: np.ndarray, y: np.ndarray, size: float, start: int, limit: int
) -> tuple[int, list]:
    """Steps to the goal from one start, at most `limit`, and the network then."""
    rng = np.random.default_rng([SEED, start])
    layers = init_layers(SIZES, rng, GAINS[name])
    state = None
    for step in range(limit):
        if step % EVERY == 0 and loss(layers, x, y, name) < GOAL:
            return step, layers
        batch = rng.choice(len(x), BATCH, replace=False)
        gradient = loss_and_gradients(layers, x[batch], y[batch], name)[1]
        if method == "adam":
            layers, state = adam_step(layers, gradient, size, state)
        else:
            layers = sgd_step(layers, gradient, size)
    return limit, layers


def compute() -> Result:
    pixels, y = every_third_digit()
    data = {"raw": pixels, "centered": pixels - pixels.mean(axis=0)}
    steps, size = ({method: {name: {} for name in NAMES} for method in GRIDS} for _ in range(2))
    for method, name, kind in product(GRIDS, NAMES, data):
        size[method][name][kind], times, _ = find_best_step(
            GRIDS[method][kind],
            STARTS,
            lambda size, start, limit, method=method, name=name, x=data[kind]: train(
                method, name, x, y, size, start, limit
            ),
            LIMIT * STARTS,
        )
        steps[method][name][kind] = int(np.median(times))
    gain = {m: {n: kinds["raw"] / kinds["centered"] for n, kinds in names.items()} for m, names in steps.items()}
    return Result(len(y), BATCH, GOAL, STARTS, steps, size, gain)


def claim_half_the_steps(result: Result) -> None:
    """In batches of {{ batch }} centering the pixels saves a factor of {{ gain.plain.tanh | digits(2) }} with plain
    descent and {{ gain.adam.tanh | digits(2) }} with Adam for tanh, {{ gain.plain.relu | digits(1) }} and
    {{ gain.adam.relu | digits(2) }} for ReLU."""
    pixels, y = every_third_digit()
    layers, gradient, state = [(np.zeros(3), np.zeros(1))], [(np.array([2.0, -0.5, 1.0]), np.array([-7.0]))], None
    for step in (1, 2, 3):  # where the gradient stays the same, Adam's direction is its signs
        layers, state = adam_step(layers, gradient, 1.0, state)
        assert all(np.allclose(part, -step * np.sign(slope)) for part, slope in zip(layers[0], gradient[0]))
    for method, names in result.gain.items():
        for name, gain in names.items():
            assert gain > 1.4
            size, limit = result.size[method][name]["raw"], result.steps[method][name]["centered"]
            times = [train(method, name, 1 - pixels, y, size, start, limit)[0] for start in range(STARTS)]
            assert np.median(times) == limit  # black for white has a mean as well, and is as slow
    assert 1.4 < result.gain["plain"]["tanh"] < 2.8 and 0.95 < result.gain["adam"]["tanh"] < 2.9
    assert 1.4 < result.gain["plain"]["relu"] < 4.6 and 1.5 < result.gain["adam"]["relu"] < 2.5


if __name__ == "__main__":
    print(compute())
