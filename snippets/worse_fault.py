"""Which is worse, saturation or being off-center?

On one network it depends on what is asked. Three hidden layers of sigmoids learn {{ trained }} digits. Uncentered
activations cost epochs: {{ epochs.off[0] | integer }} instead of {{ epochs.centered[0] | integer }}. Saturated units
cost no epochs here, but recognition: {{ recognized.centered[2] | percent }} of new images instead of
{{ recognized.centered[0] | percent }}, little more than the output layer alone reaches.

    gain      standard deviation of the hidden pre-activations at the start, about
    centered  one half is subtracted from the activations in the update of each layer: the same network, other steps
    epochs    full-batch steps to the goal, at a step size of a grid by factors of two
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from lib.activation_functions import DERIVATIVES, sigmoid
from lib.data import digits, one_hot
from lib.network import Layer, backpropagate, center_gradient, forward, init_layers, sgd_step

SEED = 0
SIZES = (64, 64, 64, 64, 10)
STARTS, GOAL, LIMIT = 5, 0.3, 400
GAINS = (1, 4, 16)
STEPS = {"off": (2.0, 8.0, 16.0), "centered": (8.0, 16.0, 16.0)}  # best of a grid by factors of two, for each gain
PART = 0.05


@dataclass(frozen=True)
class Result:
    trained: int
    "Digits that are learned; the others are new images."
    layers: int
    "Hidden layers of sigmoids."
    starts: int
    "Random starts; numbers are medians over them."
    goal: float
    "Loss in nats at which training ends."
    gains: tuple[int, ...]
    "Standard deviations of the hidden pre-activations at the start, about."
    part: float
    "Share of the largest derivative below which a unit counts as saturated."
    saturated: tuple[float, ...]
    "Share of saturated activations of the last hidden layer at the start, for each gain."
    epochs: dict[str, tuple[float, ...]]
    "Epochs to the goal for each gain, activations off-center and centered in the update."
    recognized: dict[str, tuple[float, ...]]
    "Share of new images recognized then."
    output_alone: tuple[float, ...]
    "The same where only the output layer learns, from the hidden layers as they are drawn, for each gain."


@cache
def load_problem() -> tuple[np.ndarray, ...]:
    """Centered pixels and one-hot labels to learn, shapes (599, 64) and (599, 10), new pixels and their labels."""
    x, labels = digits()
    learned = np.arange(len(x)) % 3 == 0
    mean = x[learned].mean(axis=0)
    return x[learned] - mean, one_hot(labels[learned]), x[~learned] - mean, labels[~learned]


def init_sigmoids(rng: np.random.Generator, gain: float) -> list[Layer]:
    """Layers whose hidden pre-activations have mean zero and a standard deviation of about `gain`.

    Behind sigmoids weights are four times as large, and biases take the mean of one half away.
    """
    layers = init_layers(SIZES, rng)
    scale = [gain / np.sqrt(load_problem()[0].var(axis=0).mean()), 4 * gain, 4 * gain, 1.0]
    layers = [(factor * w, b) for factor, (w, b) in zip(scale, layers)]
    return [layers[0], *((w, b - w.sum(axis=0) / 2) for w, b in layers[1:-1]), layers[-1]]


def train(gain: float, centered: bool, step: float, start: int, whole: bool = True) -> tuple[int, float, float]:
    """Epochs to the goal, share of new images recognized, share of saturated activations at the start.

    Unless the `whole` network learns, its output layer alone does.
    """
    x, targets, new, answers = load_problem()
    layers = init_sigmoids(np.random.default_rng([SEED, start]), gain)
    last = forward(layers, x, sigmoid)[1][-1]
    centers = [np.zeros(len(w)) if i == 0 else np.full(len(w), centered / 2) for i, (w, _) in enumerate(layers)]
    for epoch in range(LIMIT + 1):
        loss, gradients = backpropagate(layers, x, targets, sigmoid, DERIVATIVES["sigmoid"])
        if loss <= GOAL or epoch == LIMIT:
            break
        after = sgd_step(layers, [center_gradient(g, c) for g, c in zip(gradients, centers)], step)
        layers = after if whole else [*layers[:-1], after[-1]]
    scores = forward(layers, new, sigmoid)[0][-1]
    return epoch, np.mean(scores.argmax(axis=1) == answers), np.mean(4 * last * (1 - last) < PART)


def compute() -> Result:
    found = {
        name: np.array(
            [
                np.median([train(gain, name == "centered", step, start) for start in range(STARTS)], axis=0)
                for gain, step in zip(GAINS, steps)
            ]
        )
        for name, steps in STEPS.items()
    }
    alone = [[train(gain, True, 16.0, start, whole=False)[1] for start in range(3)] for gain in GAINS]
    return Result(
        trained=len(load_problem()[0]),
        layers=len(SIZES) - 2,
        starts=STARTS,
        goal=GOAL,
        gains=GAINS,
        part=PART,
        saturated=tuple(found["off"][:, 2]),
        epochs={name: tuple(rows[:, 0]) for name, rows in found.items()},
        recognized={name: tuple(rows[:, 1]) for name, rows in found.items()},
        output_alone=tuple(np.median(alone, axis=1)),
    )


def claim_each_has_its_price(result: Result) -> None:
    """On {{ trained }} centered digits, {{ layers | words }} hidden layers of sigmoids learn to a loss of
    {{ goal | digits(1) }}, {{ starts | words }} starts. With pre-activations of standard deviation
    {{ gains | integer | list }} at the start, {{ saturated | percent(0) | list }} of the last layer have less than
    {{ part | percent }} of the greatest derivative. Sigmoids as they are take {{ epochs.off | integer | list }} epochs,
    and recognize {{ recognized.off | percent(0) | list }} of new images; with one half subtracted from them in the
    update they take {{ epochs.centered | integer | list }}, and recognize
    {{ recognized.centered | percent(0) | list }}."""
    for off, centered in zip(result.epochs["off"], result.epochs["centered"]):
        assert off > 1.5 * centered
    for rows in result.recognized.values():
        assert rows[0] > rows[1] + 0.03 > rows[2] + 0.1
    assert result.epochs["centered"][2] < 1.5 * result.epochs["centered"][0]
    z = np.random.default_rng(SEED).normal(size=100_000)  # shares by the law of normal pre-activations
    for gain, share in zip(GAINS, result.saturated):
        slope = 4 * sigmoid(gain * z) * sigmoid(-gain * z)
        assert np.mean(slope < PART) - 0.02 < share < np.mean(slope < PART) + 0.35
    assert 0.49 < result.saturated[1] < 0.57 and 0.88 < result.saturated[2] < 0.90
    assert 39 < result.epochs["off"][0] < 52 and 10 < result.epochs["off"][1] < 26
    assert 8.50 < result.epochs["off"][2] < 25.5 and 3.5 < result.epochs["centered"][1] < 7.5
    assert 0.88 < result.recognized["off"][0] < 0.93 and 0.57 < result.recognized["off"][2] < 0.74
    assert 0.90 < result.recognized["centered"][0] < 0.95 and 0.64 < result.recognized["centered"][2] < 0.75
    assert result.saturated[0] < 0.09 and all(0 < result.epochs["centered"][i] < 17 for i in (0, 2))


def claim_saturated_layers_learn_little(result: Result) -> None:
    """Where the output layer alone learns, on hidden layers as they were drawn,
    {{ output_alone | percent | list }} are recognized: among saturated units the hidden layers add little."""
    gains = np.array(result.recognized["centered"]) - result.output_alone
    assert gains[0] > 0.01 and max(gains[1:]) < 0.05
    x, targets, new, answers = load_problem()  # ridge regression on the same features, in closed form
    for gain, share in zip(GAINS, result.output_alone):
        (_, seen), (_, unseen) = (
            forward(init_sigmoids(np.random.default_rng([SEED, 0]), gain), a, sigmoid) for a in (x, new)
        )
        a, b = seen[-1] - 0.5, unseen[-1] - 0.5
        scores = b @ np.linalg.solve(a.T @ a + 0.01 * np.trace(a.T @ a) / 64 * np.eye(64), a.T @ (targets - 0.1))
        assert abs(np.mean(scores.argmax(axis=1) == answers) - share) < 0.09, (gain, share)


if __name__ == "__main__":
    print(compute())
