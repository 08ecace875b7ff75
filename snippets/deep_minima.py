"""Does centering change what a network with a hidden layer learns?

A little, and here not how well. From one start, that is, from the same function, a tanh net is trained on raw and on
centered digits to a loss of {{ goal | decimals(2) }}. The two disagree on {{ disagree.median | percent(1) }} of new
images, and recognize {{ raw | percent(1) }} and {{ centered | percent(1) }} of them. Another step size makes them
disagree on {{ restepped | percent(1) }}, other initial weights on {{ restarted | percent(1) }}.
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import FUNCTIONS
from lib.data import digits, one_hot
from lib.network import Layer, forward, init_layers, loss_and_gradients, sgd_step
from lib.training import SIZES

SEED = 0
STARTS, TRAINED, GOAL = 11, 200, 0.01
STEPS = {"raw": 1.0, "centered": 2.0}
SMALLER = 0.75  # another step size on raw pixels, times that above
LIMIT = 2000  # epochs


@dataclass(frozen=True)
class Result:
    starts: int
    "Random starts, each with its own training images."
    trained: int
    "Images to learn from; all others are new ones."
    goal: float
    "Training loss at which all runs end, cross-entropy in nats."
    step: dict[str, float]
    "Step size on raw and on centered pixels."
    epochs: dict[str, int]
    "Median number of epochs."
    raw: float
    "Share of new images recognized by the net trained on raw pixels, median over the starts."
    centered: float
    "The same, trained on pixels without the training images' mean, from the same function."
    gap: float
    "Median over the starts of the difference of the two, centered minus raw."
    disagree: dict[str, float]
    "Share of new images that the two label differently: median, least and most over the starts."
    smaller: float
    "What the step size on raw pixels is multiplied by for another run."
    restepped: float
    "Share labeled differently by two runs on raw pixels, one with that smaller step size, median."
    restarted: float
    "The same for two runs on centered pixels from other initial weights, median."


def split(start: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Training images, one-hot labels, new images and their labels."""
    x, labels = digits()
    order = np.random.default_rng([SEED, start]).permutation(len(x))
    train, new = order[:TRAINED], order[TRAINED:]
    return x[train], one_hot(labels[train]), x[new], labels[new]


def init_same_function(weights_seed: int, mean: np.ndarray, centered: bool) -> list[Layer]:
    """Random layers that compute the same function of the pixels, whether these come centered or not."""
    (weights, bias), output = init_layers(SIZES, np.random.default_rng([SEED, weights_seed, 1]))
    return [(weights, bias if centered else bias - mean @ weights), output]


def train(start: int, pixels: str, factor: float = 1.0, weights_seed: int | None = None) -> tuple[int, np.ndarray]:
    """Epochs to the goal, and the labels that the net then gives to the new images."""
    x, targets, new, _ = split(start)
    mean = x.mean(axis=0)
    layers = init_same_function(start if weights_seed is None else weights_seed, mean, pixels == "centered")
    offset = mean * (pixels == "centered")
    for epoch in range(LIMIT):
        loss, gradients = loss_and_gradients(layers, x - offset, targets)
        if loss <= GOAL:
            return epoch, forward(layers, new - offset, FUNCTIONS["tanh"])[0][-1].argmax(axis=1)
        layers = sgd_step(layers, gradients, factor * STEPS[pixels])
    raise RuntimeError(f"no loss of {GOAL} in {LIMIT} epochs")


def compute() -> Result:
    epochs, accuracy, disagree, restepped, restarted = {"raw": [], "centered": []}, [], [], [], []
    for start in range(STARTS):
        runs = {pixels: train(start, pixels) for pixels in STEPS}
        answers = split(start)[3]
        for pixels, (count, _) in runs.items():
            epochs[pixels].append(count)
        (_, raw), (_, centered) = runs.values()
        accuracy.append([np.mean(raw == answers), np.mean(centered == answers)])
        disagree.append(np.mean(raw != centered))
        restepped.append(np.mean(raw != train(start, "raw", SMALLER)[1]))
        restarted.append(np.mean(centered != train(start, "centered", weights_seed=start + STARTS)[1]))
    raw, centered = np.median(accuracy, axis=0)
    return Result(
        starts=STARTS,
        trained=TRAINED,
        goal=GOAL,
        step=STEPS,
        epochs={pixels: int(np.median(counts)) for pixels, counts in epochs.items()},
        raw=float(raw),
        centered=float(centered),
        gap=float(np.median(np.diff(accuracy))),
        disagree={"median": np.median(disagree), "least": min(disagree), "most": max(disagree)},
        smaller=SMALLER,
        restepped=float(np.median(restepped)),
        restarted=float(np.median(restarted)),
    )


def claim_another_minimum(result: Result) -> None:
    """A tanh net with one hidden layer learns {{ trained }} digits to a loss of {{ goal | decimals(2) }}, twice from
    the same function, on raw and on centered pixels. The two nets label {{ disagree.median | percent(1) }} of new
    images differently (median of {{ starts | words }} starts, from {{ disagree.least | percent(1) }} to
    {{ disagree.most | percent(0) }}). With {{ smaller | decimals(2) }} times the step instead it is
    {{ restepped | percent(1) }}, from other initial weights {{ restarted | percent(1) }}."""
    assert 0.004 < result.disagree["median"] < 0.02 and result.disagree["least"] > 0
    assert result.restepped < result.disagree["median"] / 3 and result.restarted > 1.3 * result.disagree["median"]
    x, _, new, _ = split(0)
    mean = x.mean(axis=0)
    scores = [forward(init_same_function(0, mean, c), new - c * mean, np.tanh)[0][-1] for c in (False, True)]
    np.testing.assert_allclose(*scores, atol=1e-12)  # the same function at the start
    assert 0.0010 < result.disagree["least"] < 0.013 and 0.0026 < result.disagree["most"] < 0.042
    assert 1.5e-4 < result.restepped < 0.0054 and 0.012 < result.restarted < 0.031


def claim_neither_is_better_here(result: Result) -> None:
    """They recognize {{ raw | percent(1) }} and {{ centered | percent(1) }} of the new images, raw and centered: no
    difference that these starts could show. Raw pixels take {{ epochs.raw | digits(2) }} epochs at a step size of
    {{ step.raw | integer }}, centered ones {{ epochs.centered | digits(2) }} at {{ step.centered | integer }}."""
    differences = []
    for start in range(STARTS, STARTS + 3):  # other starts
        answers = split(start)[3]
        differences.append(np.mean(train(start, "centered")[1] == answers) - np.mean(train(start, "raw")[1] == answers))
    assert abs(np.mean(differences)) < 0.01 and abs(result.gap) < 0.004
    assert abs(result.raw - result.centered) < 0.006 and 0.9 < result.raw < 0.96
    assert result.epochs["raw"] > 1.6 * result.epochs["centered"]
    assert 220 < result.epochs["raw"] < 330 and 120 < result.epochs["centered"] < 150


if __name__ == "__main__":
    print(compute())
