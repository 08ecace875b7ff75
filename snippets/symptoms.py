"""How do I see in my own network whether it zig-zags?

By three looks: at the mean of what enters each layer, at two gradients in a row, and at the share of their change that
lies along that mean: nine tenths of it on digits with raw pixels.

    a       inputs of a layer, one row an example
    G       gradient of the loss by its weights, one column a unit
    step    the best of several for either kind of pixels, as on the page about digits
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS
from lib.network import forward, init_layers, loss_and_gradients, sgd_step
from lib.numerics import draws
from lib.plots import FIRST, MUTED, SECOND, frame_axes, new_figure, show_figures
from lib.quadratics import best_step, descend, hessian
from lib.training import SIZES, every_third_digit

SEED = 0
EPOCHS, FROM = 60, 20  # of a run, and from which on it is watched
RUNS = {"sigmoid": (1.0, 4.0, 16.0), "tanh": (1.0, 1.0, 4.0), "relu": (np.sqrt(2), 1.0, 4.0)}  # gain, two steps
CAUTIOUS = 0.1  # of the step on raw pixels


@dataclass(frozen=True)
class Result:
    images: int
    "Images, all in every step."
    epochs: int
    "Steps of each run."
    since: int
    "Step from which on a run is watched."
    raw: dict[str, dict]
    "By activation function, on raw pixels: off-center ratio of what enters layers 1 and 2 before training; medians of"
    " the cosine of gradients in a row and of the share of their change along the mean, in either layer; the loss."
    cautious: dict[str, dict]
    "The same at a tenth of the step."
    centered: dict[str, dict]
    "The same on centered pixels."
    cosines: dict[str, np.ndarray]
    "Cosine of each gradient with the one before it, ReLU, for the three kinds of run."


def off_center_ratio(x: np.ndarray) -> float:
    """Squared length of the mean of the rows over the sum of their variances, short enough to be copied."""
    mean = x.mean(axis=0)
    return float(mean @ mean / x.var(axis=0).sum())


def cosine(now, before) -> float:
    """Of the angle between two gradients, each a list of weights and biases, layer by layer."""
    now, before = (np.concatenate([part.ravel() for layer in net for part in layer]) for net in (now, before))
    return now @ before / np.linalg.norm(now) / np.linalg.norm(before)


def along(mean, change) -> float:
    """Share of the squared length of a change of G, shape (n, units), that lies along a mean (n,)."""
    return ((mean @ change) ** 2).sum() / (mean @ mean) / (change**2).sum()


def watch(name: str, x, y, mean, step: float) -> tuple[dict, np.ndarray]:
    """What the three looks tell of one run of full-batch descent, for the first layer along a given mean, and the
    cosines, step by step."""
    layers, before, cosines, shares = init_layers(SIZES, np.random.default_rng(SEED), RUNS[name][0]), None, [], []
    entering = tuple(map(off_center_ratio, forward(layers, x, FUNCTIONS[name])[1]))
    for _ in range(EPOCHS):
        loss, gradient = loss_and_gradients(layers, x, y, name)
        hidden = forward(layers, x, FUNCTIONS[name])[1][1]
        if before:
            cosines.append(cosine(gradient, before))
            first, second = (new[0] - old[0] for new, old in zip(gradient, before))
            shares.append([along(mean, first), along(hidden.mean(axis=0), second)])
        layers, before = sgd_step(layers, gradient, step), gradient
    row = {"entering": entering, "cosine": float(np.median(cosines[FROM:])), "loss": float(loss)}
    return row | {"share": tuple(np.median(shares[FROM:], axis=0))}, np.array(cosines)


def compute() -> Result:
    pixels, y = every_third_digit()
    mean = pixels.mean(axis=0)
    kinds = {"raw": (pixels, 1, 1.0), "cautious": (pixels, 1, CAUTIOUS), "centered": (pixels - mean, 2, 1.0)}
    found = {
        kind: {name: watch(name, x, y, mean, part * RUNS[name][which]) for name in RUNS}
        for kind, (x, which, part) in kinds.items()
    }
    rows = {kind: {name: row for name, (row, _) in runs.items()} for kind, runs in found.items()}
    cosines = {kind: runs["relu"][1] for kind, runs in found.items()}
    return Result(images=len(y), epochs=EPOCHS, since=FROM, cosines=cosines, **rows)


def claim_the_change_lies_along_the_mean(result: Result) -> None:
    """With ReLU on raw pixels {{ raw.relu.share[0] | percent(0) }} of what changes in the first layer's gradient from
    one step to the next lies along the mean of its inputs; on centered pixels {{ centered.relu.share[0] | percent(0) }}
    of it lies in that direction."""
    pixels, y = every_third_digit()
    mean = pixels.mean(axis=0) / np.linalg.norm(pixels.mean(axis=0))
    basis = np.linalg.qr(np.column_stack([mean, np.eye(64)[:, 1:]]))[0]  # the mean is its first axis
    for x, step, row in ((pixels, 1, result.raw), (pixels - pixels.mean(axis=0), 2, result.centered)):
        layers, path = init_layers(SIZES, np.random.default_rng(SEED), RUNS["relu"][0]), []
        for _ in range(EPOCHS + 1):
            path.append(layers[0][0])
            layers = sgd_step(layers, loss_and_gradients(layers, x, y, "relu")[1], RUNS["relu"][step])
        parts = ((basis.T @ np.diff(path, 2, axis=0)) ** 2).sum(axis=2)  # second differences of the weights
        assert abs(np.median(parts[FROM:, 0] / parts[FROM:].sum(axis=1)) - row["relu"]["share"][0]) < 1e-6
    assert result.raw["relu"]["share"][0] > 0.8 and result.raw["relu"]["cosine"] < -0.3
    assert result.centered["relu"]["share"][0] < 0.4 and result.centered["relu"]["cosine"] > 0.5


def claim_sigmoids_are_off_center_anyway(result: Result) -> None:
    """Before training the second layer reads a ratio of {{ centered.sigmoid.entering[1] | digits(2) }} from sigmoids
    fed with centered pixels, and of {{ raw.tanh.entering[1] | digits(2) }} from tanh units fed with raw ones."""
    pixels = every_third_digit()[0]
    (W, b), _ = init_layers(SIZES, np.random.default_rng(SEED))
    sigmoids = 1 / (1 + np.exp(-(pixels - pixels.mean(axis=0)) @ W - b))
    rows = (result.centered["sigmoid"], sigmoids), (result.raw["tanh"], np.tanh(pixels @ W + b))
    for row, a in rows:
        mean = a.sum(axis=0) / len(a)
        assert abs(mean @ mean / np.trace(np.cov(a.T, bias=True)) / row["entering"][1] - 1) < 1e-9
    mean = pixels.sum(axis=0) / len(pixels)
    assert abs(mean @ mean / np.trace(np.cov(pixels.T, bias=True)) / result.raw["tanh"]["entering"][0] - 1) < 1e-9


def claim_a_small_step_hides_it(result: Result) -> None:
    """At a tenth of the step the cosines are {{ cautious.sigmoid.cosine | digits(2) }},
    {{ cautious.tanh.cosine | digits(2) }} and {{ cautious.relu.cosine | digits(2) }} for sigmoid, tanh and ReLU, on
    the same pixels: the leaps are gone, the mean is not."""
    for name, row in result.cautious.items():
        assert row["cosine"] > 0.95 and row["entering"] == result.raw[name]["entering"]
        assert row["loss"] > 2 * result.raw[name]["loss"]


def equation_stands_out():
    r"""\frac{\lambda_{\max}}{\operatorname{tr}(H)/n} \ge \frac{n\,\rho}{1 + \rho}, \qquad
    \rho = \frac{\lVert\mu\rVert^2}{\operatorname{tr}(\Sigma)}"""
    for rng in draws(12):
        n = int(rng.integers(2, 9))
        x = rng.normal(rng.normal(size=n), rng.uniform(0.2, 2, n), size=(60, n))
        values = np.linalg.svd(x, compute_uv=False) ** 2 / len(x)
        yield {
            r"\lambda_{\max}": values[0],
            "H": x.T @ x / len(x),
            "n": n,
            r"\rho": off_center_ratio(x),
            r"\mu": x.sum(axis=0) / len(x),
            r"\Sigma": np.cov(x.T, bias=True),
            r"\operatorname{tr}": np.trace,
        }


def equation_cosine():
    r"""\cos(g_t, g_{t+1}) = -\frac{\kappa^2 - 1}{\kappa^2 + 1}"""
    for mean in np.random.default_rng(0).uniform(0.3, 3, 12):
        H = hessian(np.full(2, mean))
        errors = descend(H, best_step(H), np.array([1.0, 0.0]), 0.5)  # as much along the mean as across it
        first, second = H @ errors[0], H @ errors[1]
        between = first @ second / np.linalg.norm(first) / np.linalg.norm(second)
        yield {r"\cos(g_t, g_{t+1})": between, r"\kappa": np.linalg.cond(H)}


def figure_cosines(result: Result) -> Figure:
    """Cosine of each gradient with the one before it, over the steps. On raw pixels it falls to near minus one and
    stays there. On centered pixels it dips below zero during the first dozen steps and is near one from then on. On raw
    pixels at a tenth of the step it is near one throughout."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    kinds = {
        "raw": ("raw pixels", SECOND, (22, -0.75)),
        "cautious": ("raw, a tenth of the step", MUTED, (26, 0.86)),
        "centered": ("centered pixels", FIRST, (14.5, 0.55)),
    }
    for kind, (name, role, place) in kinds.items():
        axes.plot(np.arange(1, EPOCHS), result.cosines[kind], color=role, label=name)
        axes.text(*place, name, color=role, va="center")
    axes.set(xlim=(0, EPOCHS), ylim=(-1, 1.05))
    frame_axes(axes, [0, 20, 40, 60], [-1, 0, 1], "step", "cosine with the gradient before")
    return figure


if __name__ == "__main__":
    show_figures(figure_cosines, of=compute())
