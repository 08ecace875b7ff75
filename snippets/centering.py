"""What has to be centered: the data, or the activations?

Whatever multiplies a weight: the data for the first layer, the activations for every other. A sigmoid net on digits,
64-64-10, is trained several times from the same start. Nothing in the net is changed, only the update: a center c taken
from the inputs of a layer changes the gradient of its weights from G to G − g cᵀ, and that of its bias accordingly.

    G, g     gradients of the loss by a layer's weights and bias
    c        what is subtracted from the layer's inputs: zero, the mean pixels, one half, or the mean activations
    epochs   full-batch steps until the loss is {{ level | digits(1) }} nats
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, sigmoid
from lib.network import backpropagate, center_gradient, cross_entropy, forward, init_layers, sgd_step, softmax
from lib.numerics import Draws, draws
from lib.plots import FIRST, INK, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.training import SIZES, every_third_digit

SEED = 0
SEEDS = 11  # starts of each run
LEVEL = 0.3  # nats
FAIR = 0.34  # what another step may save at most
RUNS = {  # name: (center the data?, center of the hidden units, best step size of a grid of factor two)
    "raw": (False, "none", 4.0),
    "data": (True, "none", 16.0),
    "units": (False, "half", 4.0),
    "both": (True, "half", 16.0),
    "running": (True, "mean", 16.0),
}


@dataclass(frozen=True)
class Result:
    images: int
    "Images in the batch: every third one of the digits."
    starts: int
    "Random starts of each run."
    fair: float
    "Share of the epochs that half or twice a step may save at most."
    level: float
    "Loss to be reached, mean cross-entropy in nats; it starts near that of guessing."
    epochs: dict[str, dict]
    "Median, least and most epochs over the starts, and the step size, for each choice of centers."
    curves: dict[str, np.ndarray]
    "Loss after each epoch, from the first start."


def run_losses(name: str, seed: int, factor: float = 1.0, limit: int = 200) -> list[float]:
    """Losses, epoch by epoch, down to `LEVEL` or until `limit` epochs have gone, at `factor` times the best step."""
    data, units, step = RUNS[name]
    x, y = every_third_digit()
    layers = init_layers(SIZES, np.random.default_rng(seed))
    pixels, losses = data * x.mean(axis=0), []
    while len(losses) <= limit:
        z, a = forward(layers, x, sigmoid)
        losses.append(cross_entropy(z[-1], y))
        if losses[-1] <= LEVEL:
            break
        hidden = {"none": 0 * a[1][0], "half": 0 * a[1][0] + 0.5, "mean": a[1].mean(axis=0)}[units]
        output = (softmax(z[-1]) - y) / len(x)
        below = output @ layers[1][0].T * a[1] * (1 - a[1])
        plain = [(x.T @ below, below.sum(axis=0)), (a[1].T @ output, output.sum(axis=0))]
        layers = sgd_step(layers, [center_gradient(g, c) for g, c in zip(plain, (pixels, hidden))], factor * step)
    return losses


def compute() -> Result:
    epochs, curves = {}, {}
    for name, (_, _, step) in RUNS.items():
        runs = [run_losses(name, SEEDS * SEED + start) for start in range(SEEDS)]
        counts = sorted(len(losses) - 1 for losses in runs)
        epochs[name] = {"median": counts[SEEDS // 2], "least": counts[0], "most": counts[-1], "step": step}
        curves[name] = np.array(runs[0])
    return Result(len(every_third_digit()[0]), SEEDS, FAIR, LEVEL, epochs, curves)


def claim_one_does_not_do_the_other(result: Result) -> None:
    """Epochs to a loss of {{ level | digits(1) }}, median of {{ starts | words }} starts: {{ epochs.raw.median }} with
    nothing centered, {{ epochs.data.median }} with the data centered, {{ epochs.units.median }} with the hidden units
    centered, {{ epochs.both.median }} with both: neither does the other's work."""
    counts = {name: row["median"] for name, row in result.epochs.items()}
    assert max(counts["data"], counts["units"]) < 0.8 * counts["raw"]
    assert counts["both"] < 0.6 * min(counts["data"], counts["units"])
    assert all(len(curve) - 1 == np.argmax(curve <= LEVEL) for curve in result.curves.values())
    found = {name: [row[which] for which in ("least", "median", "most")] for name, row in result.epochs.items()}
    assert all(found[name][0] <= len(curve) - 1 <= found[name][2] for name, curve in result.curves.items())
    again = sorted(np.argmax(np.array(run_losses("both", SEEDS * SEED + i)) <= LEVEL) for i in range(SEEDS))
    assert found["both"] == [again[0], again[SEEDS // 2], again[-1]]
    assert 42.0 < result.epochs["raw"]["median"] < 60.5 and 18 < result.epochs["data"]["median"] < 34
    assert 28 < result.epochs["units"]["median"] < 33


def claim_only_the_update_differs(result: Result) -> None:
    """The centered runs train the plain sigmoid net on the plain pixels: a net that is really fed centered data takes
    the same path, loss for loss."""
    x, y = every_third_digit()
    mean = x.mean(axis=0)
    for name, inputs, half in (("data", mean, 0.0), ("units", 0 * mean, 0.5), ("both", mean, 0.5)):
        (weights, bias), (top, bias_top) = init_layers(SIZES, np.random.default_rng(SEEDS * SEED))
        layers = [(weights, bias + inputs @ weights), (top, bias_top + half * top.sum(axis=0))]  # the same function
        for loss in result.curves[name][:12]:
            here, step = backpropagate(
                layers, x - inputs, y, lambda z, half=half: sigmoid(z) - half, DERIVATIVES["sigmoid"]
            )
            assert abs(here - loss) < 1e-9
            layers = sgd_step(layers, step, RUNS[name][2])


def claim_steps_are_tuned(result: Result) -> None:
    """Each run has a step size of its own, the best of a grid by factors of two: half of it, or twice, would save at
    most {{ fair | percent(0) }} of the epochs."""
    for name in ("raw", "data", "units", "both"):
        limit = int((1 - result.fair) * result.epochs[name]["median"])
        for factor in (0.5, 2):
            assert len(run_losses(name, SEEDS * SEED, factor, limit)) > limit, (name, factor)


def claim_mean_or_half(result: Result) -> None:
    """The mean activation of each unit, taken anew in every epoch, serves as well as the constant one half:
    {{ epochs.running.median }} epochs against {{ epochs.both.median }}."""
    assert abs(result.epochs["running"]["median"] - result.epochs["both"]["median"]) <= 3
    assert result.epochs["running"]["most"] < result.epochs["data"]["least"]


def equation_update() -> Draws:
    r"""\Delta W = -\eta\,(G - g\,c^\top), \qquad \Delta b = -\eta\,g - \Delta W\,c"""
    for rng in draws(20):
        W, b, c, step = rng.normal(size=(3, 4)), rng.normal(size=3), rng.normal(size=4), rng.uniform(0.1, 2)
        a, y, shifted = rng.normal(size=(4, 9)), rng.normal(size=(3, 9)), b + W @ c

        def slope(W, b, a, y=y):  # the gradient of a nonlinear layer's loss, by a complex step
            def loss(W, b):
                return np.sum((np.tanh(W @ a + b[:, None]) - y) ** 2).imag / 1e-20

            nudge = 1e-20j * np.eye(15).reshape(15, 3, 5)
            by = np.array([loss(W + n[:, :4], b + n[:, 4]) for n in nudge]).reshape(3, 5)
            return by[:, :4], by[:, 4]

        G, g = slope(W, b, a)
        inner, outer = slope(W, shifted, a - c[:, None])  # of the layer that is fed a − c
        moved_weights, moved_bias = W - step * inner, shifted - step * outer
        yield {
            r"\Delta W": moved_weights - W,
            r"\Delta b": moved_bias - moved_weights @ c - b,
            r"\eta": step,
            "G": G,
            "g": g,
            "c": c,
        }


def figure_runs(result: Result) -> Figure:
    """Loss against epochs on a logarithmic axis: lines from one start to {{ level | digits(1) }}. The line with both
    centered arrives first; centered data and centered units arrive later, one soon after the other; nothing centered
    is last, after twice as many epochs as these."""
    figure = new_figure(360, 0.85)
    (axes,) = figure.axes
    lines = {
        "raw": ("nothing\ncentered", SECOND, 28, 8, 12),
        "units": ("units", INK, 14, -4, -9),
        "data": ("data", MUTED, 2, 8, 6),
        "both": ("both", FIRST, 5, -3, -12),
    }
    ends = {}
    for name, (text, role, at, dx, dy) in lines.items():
        curve = result.curves[name]
        axes.plot(curve, color=role, label=text.replace("\n", " "))
        axes.plot(len(curve) - 1, curve[-1], "o", color=role, markersize=4, label=f"end of {name}")
        at = min(at, len(curve) - 1)
        label_point(axes, text, (at, curve[at]), role, dx=dx, dy=dy)
        ends[len(curve) - 1] = f"{len(curve) - 1}"
    axes.set(yscale="log", ylim=(0.22, 1.15 * max(curve.max() for curve in result.curves.values())))
    axes.set_xlim(-1, len(result.curves["raw"]) + 1)
    frame_axes(axes, {0: "0", **ends}, [LEVEL, 1, 3, 9], "epochs", "loss in nats")
    return figure


if __name__ == "__main__":
    show_figures(figure_runs, of=compute())
