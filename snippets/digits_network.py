"""Does a hidden layer make centering the pixels unnecessary?

No. A 64-64-10 network learns the digits {{ gain.sigmoid | digits(2) }} times sooner when the pixels are centered, if
its units are sigmoids, and {{ gain.tanh | digits(2) }} times if they are tanh, {{ gain.relu | digits(2) }} times if
ReLU. The recognition of new images is the same.

    epoch   one step of full-batch gradient descent
    step    the best of several powers of two, the same for all seeds: the least number of epochs in all
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS, NAMES
from lib.data import digits as images
from lib.data import one_hot
from lib.network import forward, init_layers, loss_and_gradients, sgd_step
from lib.plots import FIRST, INK, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.training import GAINS, SIZES, find_best_step

SEED = 0
SEEDS = 11
TRAINED = 300
GOAL = 0.3
STEPS = {  # tried for raw and for centered pixels, the likeliest first
    "sigmoid": ((4.0, 2.0, 8.0, 1.0), (8.0, 16.0, 4.0, 32.0)),
    "tanh": ((1.0, 0.5, 2.0), (4.0, 2.0, 8.0)),
    "relu": ((1.0, 0.5, 2.0), (4.0, 8.0, 2.0, 16.0)),
}
LIMIT = 1000  # epochs, for all seeds together


@dataclass(frozen=True)
class Result:
    trained: int
    "Images to learn from, drawn anew for each seed."
    goal: float
    "Loss in nats at which training stops."
    seeds: int
    "Seeds, each with its own images and initial weights."
    raw: dict[str, tuple[int, ...]]
    "Epochs to the goal on raw pixels between 0 and 1, by activation function, one for each seed."
    centered: dict[str, tuple[int, ...]]
    "The same with the mean image subtracted."
    median_raw: dict[str, float]
    "Median over the seeds, raw."
    median_centered: dict[str, float]
    "Median over the seeds, centered."
    step: dict[str, dict[str, float]]
    "Step size used."
    gain: dict[str, float]
    "Median epochs raw over median epochs centered."
    accuracy: dict[str, dict[str, float]]
    "Share of the images not trained on that are recognized at the goal, median over the seeds."


def split_images(seed: int, centered: bool) -> tuple:
    """Training and test images and labels of one seed; the mean image is that of the training images."""
    x, labels = images()
    order = np.random.default_rng([SEED, seed]).permutation(len(x))
    train, test = order[:TRAINED], order[TRAINED:]
    mean = x[train].mean(axis=0) * centered
    return x[train] - mean, labels[train], x[test] - mean, labels[test]


def count_epochs(name: str, seed: int, x: np.ndarray, labels: np.ndarray, step: float, limit: int) -> tuple[int, list]:
    """Epochs until the loss is below `GOAL`, at most `limit`, and the network then."""
    layers = init_layers(SIZES, np.random.default_rng([SEED, seed, 1]), GAINS[name])
    targets = one_hot(labels)
    for epoch in range(limit):
        now, gradient = loss_and_gradients(layers, x, targets, name)
        if now < GOAL:
            return epoch, layers
        layers = sgd_step(layers, gradient, step)
    return limit, layers


def share_recognized(name: str, layers: list, chosen: tuple) -> float:
    """Share of the test images of one seed whose label has the highest score."""
    _, _, unseen, answers = chosen
    scores = forward(layers, unseen, FUNCTIONS[name])[0][-1]
    return (scores.argmax(axis=1) == answers).mean()


def compute() -> Result:
    epochs, steps, accuracy = {True: {}, False: {}}, {"raw": {}, "centered": {}}, {"raw": {}, "centered": {}}
    for name in GAINS:
        for centered, word in ((False, "raw"), (True, "centered")):
            chosen = [split_images(seed, centered) for seed in range(SEEDS)]
            steps[word][name], epochs[centered][name], nets = find_best_step(
                STEPS[name][centered],
                SEEDS,
                lambda step, seed, limit, name=name, chosen=chosen: count_epochs(
                    name, seed, *chosen[seed][:2], step, limit
                ),
                LIMIT,
            )
            accuracy[word][name] = float(np.median([share_recognized(name, *pair) for pair in zip(nets, chosen)]))
    raw, centered = ({name: float(np.median(found)) for name, found in epochs[side].items()} for side in (False, True))
    return Result(
        trained=TRAINED,
        goal=GOAL,
        seeds=SEEDS,
        raw=epochs[False],
        centered=epochs[True],
        median_raw=raw,
        median_centered=centered,
        step=steps,
        gain={name: raw[name] / centered[name] for name in GAINS},
        accuracy=accuracy,
    )


def claim_centering_saves_epochs(result: Result) -> None:
    """Centering the pixels saves epochs whatever the units are: a factor of {{ gain.sigmoid | digits(2) }} for sigmoid,
    {{ gain.tanh | digits(2) }} for tanh and {{ gain.relu | digits(2) }} for ReLU."""
    assert min(result.gain.values()) > 1.3
    for name, gain in result.gain.items():
        raw, centered = (sorted(epochs[name])[SEEDS // 2] for epochs in (result.raw, result.centered))
        assert abs(gain * centered - raw) < 1e-9
    assert min(result.gain["tanh"], result.gain["relu"]) > 1.8
    for name in GAINS:
        assert result.median_centered[name] < min(result.raw[name])


def claim_the_best_step_is_larger(result: Result) -> None:
    """One steep direction less allows a larger step: for tanh the best of the steps tried was
    {{ step.raw.tanh | digits(1) }} on raw and {{ step.centered.tanh | digits(1) }} on centered pixels, with worse ones
    tried on either side."""
    for centered, word in ((False, "raw"), (True, "centered")):
        tried = STEPS["tanh"][centered]
        assert min(tried) < result.step[word]["tanh"] < max(tried)
    assert all(result.step["centered"][name] >= result.step["raw"][name] for name in GAINS)
    assert result.step["centered"]["tanh"] > result.step["raw"]["tanh"]


def claim_recognition_is_the_same(result: Result) -> None:
    """At that loss, tanh networks recognize {{ accuracy.raw.tanh | percent(0) }} of the other images raw and
    {{ accuracy.centered.tanh | percent(0) }} centered, ReLU networks {{ accuracy.raw.relu | percent(0) }} and
    {{ accuracy.centered.relu | percent(0) }}."""
    for name in ("tanh", "relu"):
        assert abs(result.accuracy["raw"][name] - result.accuracy["centered"][name]) < 0.04
    assert all(0.8 < share < 1 for shares in result.accuracy.values() for share in shares.values())
    assert 0.86 < result.accuracy["raw"]["tanh"] < 0.96 and 0.84 < result.accuracy["centered"]["tanh"] < 0.98
    assert 0.82 < result.accuracy["raw"]["relu"] < 0.98 and 0.82 < result.accuracy["centered"]["relu"] < 1.00


def figure_epochs(result: Result) -> Figure:
    """Three rows, sigmoid, tanh and ReLU. In each the epochs needed on raw pixels lie to the right of those on centered
    ones, with no overlap of the medians: {{ median_raw.sigmoid | integer }} against
    {{ median_centered.sigmoid | integer }}, {{ median_raw.tanh | integer }} against
    {{ median_centered.tanh | integer }}, {{ median_raw.relu | integer }} against
    {{ median_centered.relu | integer }}."""
    figure = new_figure(360, 0.55)
    (axes,) = figure.axes
    rows = {name: 2 - i for i, name in enumerate(GAINS)}
    for side, median, role in (
        (result.raw, result.median_raw, SECOND),
        (result.centered, result.median_centered, FIRST),
    ):
        for name, y in rows.items():
            axes.plot([min(side[name]), max(side[name])], [y, y], color=role, linewidth=2.4, label=f"{name}, range")
            axes.plot(median[name], y, "o", color=role, markersize=6.5, label=f"{name}, median")
            label_point(axes, f"{median[name]:g}", (median[name], y), role, dx=0, dy=12, ha="center")
    label_point(axes, "centered", (result.median_centered["sigmoid"], 2), FIRST, dx=0, dy=28, ha="center")
    label_point(axes, "raw", (result.median_raw["sigmoid"], 2), SECOND, dx=0, dy=28, ha="center")
    axes.set(xlim=(0, 66), ylim=(-0.4, 2.9))
    frame_axes(axes, [0, 20, 40, 60], {y: NAMES[name] for name, y in rows.items()}, "epochs to the goal")
    axes.spines.left.set_visible(False)
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    return figure


if __name__ == "__main__":
    show_figures(figure_epochs, of=compute())
