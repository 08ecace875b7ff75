"""Why is a network with batch norm fine in training mode and bad in evaluation mode?

Evaluation uses a moving average of the batches' means and variances. After {{ early }} updates the loss of the same
images is {{ short.slow | digits(2) }} by one with θ = {{ share.slow | decimals(2) }} and
{{ short.batch | digits(2) }} by their batches' own; by means and variances taken anew from all of them it is
{{ short.anew | digits(2) }}.

    θ   share of the newest batch in a moving average: m ← (1 − θ) m + θ z̄
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS
from lib.data import digits, one_hot
from lib.network import cross_entropy, forward, loss, softmax
from lib.normalization import normalize, normalize_backward
from lib.plots import FIRST, MUTED, SECOND, decades, frame_axes, label_point, new_figure, show_figures

SEED = 0
SHARES = {"fast": 0.1, "slow": 0.01}
IMAGES, UNITS, BATCH, STEP, EARLY, LONG, EVERY = 1200, 32, 50, 0.3, 48, 240, 12
SMALL = 1e-5  # added to variances


@dataclass(frozen=True)
class Result:
    images: int
    "Images, all others are new."
    units: int
    "Hidden units."
    batch: int
    "Images in a batch."
    step: float
    "Step size."
    share: dict[str, float]
    "θ of the two moving averages."
    early: int
    "Updates after which training is looked at."
    long: int
    "Updates in all."
    short: dict[str, float]
    "Loss of the training images after the early updates: by their batches' own statistics, by the two moving averages,"
    " and by statistics taken anew from all of them."
    end: dict[str, float]
    "The same after all updates."
    wrong: dict[str, float]
    "Share of training images that are wrong in the end: in evaluation mode with the fast moving average, and by the"
    " statistics of batches of random images, of one kind of digit, and of two random images."
    folded: float
    "Largest change of a score when the normalization is folded into the layer before it."
    curves: dict[str, np.ndarray]
    "Updates, and the losses of `short` after them."


@cache
def load_images() -> tuple[np.ndarray, np.ndarray]:
    """Pixels and labels of the training images."""
    pixels, labels = digits()
    chosen = np.random.default_rng(SEED).permutation(len(labels))[:IMAGES]
    return pixels[chosen], labels[chosen]


def score_batches(net: dict, x: np.ndarray, groups: list[np.ndarray]) -> np.ndarray:
    """Scores in training mode, (examples, classes): each group of rows is normalized by its own statistics."""
    scores = np.empty((len(x), 10))
    for rows in groups:
        z = x[rows] @ net["W"]
        scores[rows] = scores_of(net, (z.mean(axis=0), z.var(axis=0)), x[rows])
    return scores


def scores_of(net: dict, statistics: tuple[np.ndarray, np.ndarray], x: np.ndarray) -> np.ndarray:
    """Scores of a network whose hidden layer is normalized by the given means and variances."""
    mean, variance = statistics
    normal = (x @ net["W"] - mean) / np.sqrt(variance + SMALL)
    return np.maximum(net["gain"] * normal + net["shift"], 0) @ net["V"] + net["c"]


def fold(net: dict, statistics: tuple[np.ndarray, np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
    """The same network without a normalization: it stands in the weights and biases of the layer before it."""
    mean, variance = statistics
    factor = net["gain"] / np.sqrt(variance + SMALL)
    return [(net["W"] * factor, net["shift"] - mean * factor), (net["V"], net["c"])]


@cache
def train() -> list[tuple[dict, dict]]:
    """Network and moving averages after every few updates; their start is mean 0 and variance 1."""
    x, labels = load_images()
    rng = np.random.default_rng([SEED, 1])
    net = {
        "W": rng.normal(size=(64, UNITS)) / np.sqrt(32),
        "gain": np.ones(UNITS),
        "shift": np.zeros(UNITS),
        "V": rng.normal(size=(UNITS, 10)) / np.sqrt(UNITS),
        "c": np.zeros(10),
    }
    stored = {name: (np.zeros(UNITS), np.ones(UNITS)) for name in SHARES}
    history = [(net, stored)]
    for update in range(1, LONG + 1):
        rows = rng.choice(IMAGES, BATCH, replace=False)
        z = x[rows] @ net["W"]
        normal, s = normalize(z)
        a = np.maximum(net["gain"] * normal + net["shift"], 0)
        delta = (softmax(a @ net["V"] + net["c"]) - one_hot(labels[rows])) / BATCH
        back = (delta @ net["V"].T) * (a > 0)
        gradients = {
            "W": x[rows].T @ normalize_backward(back * net["gain"], normal, s),
            "gain": (back * normal).sum(axis=0),
            "shift": back.sum(axis=0),
            "V": a.T @ delta,
            "c": delta.sum(axis=0),
        }
        net = {name: part - STEP * gradients[name] for name, part in net.items()}
        now = (z.mean(axis=0), z.var(axis=0, ddof=1))
        stored = {
            name: tuple((1 - share) * old + share * new for old, new in zip(stored[name], now))
            for name, share in SHARES.items()
        }
        if update % EVERY == 0:
            history.append((net, stored))
    return history


def measure_losses(net: dict, stored: dict) -> dict[str, float]:
    """Losses of the training images with each way to come by the statistics."""
    x, labels = load_images()
    scores = {name: scores_of(net, statistics, x) for name, statistics in stored.items()}
    scores["batch"] = score_batches(net, x, list(np.arange(IMAGES).reshape(-1, BATCH)))
    scores["anew"] = score_batches(net, x, [np.arange(IMAGES)])
    return {name: float(cross_entropy(part, one_hot(labels))) for name, part in scores.items()}


def compute() -> Result:
    (x, labels), history = load_images(), train()
    losses = [measure_losses(*place) for place in history]
    net, stored = history[-1]
    right = scores_of(net, stored["fast"], x)
    groups = {
        "batch": list(np.arange(IMAGES).reshape(-1, BATCH)),
        "sorted": [np.flatnonzero(labels == kind) for kind in range(10)],
        "two": list(np.arange(IMAGES).reshape(-1, 2)),
    }
    modes = {"fast": right, **{name: score_batches(net, x, rows) for name, rows in groups.items()}}
    plain = forward(fold(net, stored["fast"]), x, FUNCTIONS["relu"])[0][-1]
    return Result(
        images=IMAGES,
        units=UNITS,
        batch=BATCH,
        step=STEP,
        share=SHARES,
        early=EARLY,
        long=LONG,
        short=losses[EARLY // EVERY],
        end=losses[-1],
        wrong={name: float(np.mean(part.argmax(axis=1) != labels)) for name, part in modes.items()},
        folded=float(np.max(abs(plain - right))),
        curves={
            "updates": np.arange(len(history)) * EVERY,
            **{name: np.array([part[name] for part in losses]) for name in losses[0]},
        },
    )


def claim_early_statistics_are_wrong(result: Result) -> None:
    """After {{ early }} updates the images have a loss of {{ short.batch | digits(2) }} by the statistics of their own
    batches, {{ short.fast | digits(2) }} by the average with θ = {{ share.fast | decimals(1) }}, and
    {{ short.slow | digits(2) }} by that with {{ share.slow | decimals(2) }}. After {{ long }} updates these are
    {{ end.batch | decimals(3) }}, {{ end.fast | decimals(3) }} and {{ end.slow | decimals(3) }}. Taken anew from all
    images, the statistics give {{ short.anew | digits(2) }} and {{ end.anew | decimals(3) }}."""
    x, labels = load_images()
    for index, found in ((result.early // EVERY, result.short), (-1, result.end)):
        net, stored = train()[index]
        z = x @ net["W"]
        for name, statistics in {**stored, "anew": (z.mean(axis=0), z.var(axis=0))}.items():
            folded = loss(fold(net, statistics), x, one_hot(labels), "relu")  # a network without a normalization
            assert abs(folded / found[name] - 1) < 1e-6
        parts = [
            loss(fold(net, (part.mean(axis=0), part.var(axis=0))), *batch, "relu")
            for part, *batch in zip(
                z.reshape(-1, BATCH, UNITS), x.reshape(-1, BATCH, 64), one_hot(labels).reshape(-1, BATCH, 10)
            )
        ]
        assert abs(np.mean(parts) / found["batch"] - 1) < 1e-6
    assert result.short["slow"] > 1.7 * result.short["batch"] and result.short["fast"] < 1.25 * result.short["batch"]
    assert result.end["fast"] < result.end["batch"] < result.end["slow"]
    assert (
        result.share == {"fast": 0.1, "slow": 0.01}
        and result.early == 48
        and result.long == LONG
        and result.end["slow"] < 2 * result.end["anew"]
    )


def claim_left_in_training_mode(result: Result) -> None:
    """In the end {{ wrong.fast | percent(1) }} of the images are wrong in evaluation mode. By the statistics of the
    batch in which they come, {{ wrong.batch | percent(1) }} are wrong if it has {{ batch }} random images,
    {{ wrong.two | percent }} if it has two, and {{ wrong.sorted | percent }} if all are of one digit."""
    x, labels = load_images()
    net, stored = train()[-1]
    right = forward(fold(net, stored["fast"]), x, FUNCTIONS["relu"])[0][-1].argmax(axis=1)
    assert abs(np.mean(right != labels) - result.wrong["fast"]) < 1e-9
    places = {"batch": np.arange(IMAGES) // BATCH, "two": np.arange(IMAGES) // 2, "sorted": labels}
    for name, group in places.items():
        wrong = 0
        for number in np.unique(group):
            z = x[group == number] @ net["W"]
            layers = fold(net, (z.mean(axis=0), z.var(axis=0)))
            scores = forward(layers, x[group == number], FUNCTIONS["relu"])[0][-1]
            wrong += np.sum(scores.argmax(axis=1) != labels[group == number])
        assert abs(wrong / IMAGES - result.wrong[name]) < 1e-9
    assert result.wrong["batch"] < 0.05 and result.wrong["two"] > 0.2 and result.wrong["sorted"] > 0.6


def claim_folding_changes_no_score(result: Result) -> None:
    """Folded into the layer before it, with the stored statistics, the normalization changes no score, beyond
    rounding."""
    assert 0 <= result.folded < 1e-11


def figure_modes(result: Result) -> Figure:
    """Loss of the same images against updates, logarithmic loss. By the batches' own statistics and by the average with
    the larger θ it falls soon; by the one with the smaller θ it lags far behind, and meets them at last."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    updates = result.curves["updates"]
    axes.axvline(result.early, color=MUTED, linewidth=0.8)
    for name, role, text, at, dx, dy in (
        ("slow", SECOND, "θ = 0.01", 5, 8, 12),
        ("fast", FIRST, "θ = 0.1", 10, -6, -16),
        ("batch", MUTED, "batches", 4, -4, -22),
    ):
        axes.plot(updates, result.curves[name], color=role, label=name)
        label_point(axes, text, (updates[at], result.curves[name][at]), role, dx=dx, dy=dy)
    axes.set(yscale="log", xlim=(0, 245), ylim=(0.03, 4))
    frame_axes(axes, [0, result.early, 120, 240], decades(-1, 0), "updates", "loss")
    return figure


if __name__ == "__main__":
    show_figures(figure_modes, of=compute())
