"""What is left of a signal, and of a gradient, after many layers?

Of what tells examples apart, {{ last.sigmoid | scientific(1) }} with plain sigmoid layers and
{{ last.relu | scientific(1) }} with plain ReLU; {{ last.care | digits(2) }} with sigmoids that have a gain and a shift,
{{ last.he | digits(2) }} with ReLU and He's gain. A gain alone does not help sigmoids: their mean takes over.

    z, φ(z)   pre-activation of a unit and its output
    gain      what weights of variance one over the inputs are multiplied by
    signal    standard deviation of z over examples; ratio: squared mean of z over its variance, ρ
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, relu, sigmoid
from lib.gaussian import moments, normal_mean
from lib.plots import FIRST, SECOND, decades, frame_axes, label_point, new_figure, show_figures
from lib.text import decimals

SEED = 0
LAYERS, UNITS, EXAMPLES, NETS = 20, 128, 64, 25
CARE = moments(sigmoid)[1] ** -0.5  # the gain with which sigmoids keep the variance, if their mean is subtracted


@dataclass(frozen=True)
class Result:
    layers: int
    "Layers of the deep nets."
    units: int
    "Units in each of their layers, and inputs."
    nets: int
    "Random nets that a geometric mean is taken over."
    depth: dict[str, np.ndarray]
    "Signal layer by layer, one curve for each way to initialize; relu_size: E[z²]^½ with He's gain."
    last: dict[str, float]
    "The same in the last layer."


def forward_layers(rng: np.random.Generator, activation: Callable, gain: float, shift: float = 0.0) -> np.ndarray:
    """Pre-activations of every layer, shape (LAYERS, EXAMPLES, UNITS), for Gaussian weights of variance gain²/UNITS.

    `shift` is subtracted from the outputs by the bias of the next layer; the first layer has neither gain nor shift.
    """
    a, layers = rng.normal(size=(EXAMPLES, UNITS)), []
    for layer in range(LAYERS):
        W = rng.normal(size=(UNITS, UNITS)) / np.sqrt(UNITS)
        layers.append((gain if layer else 1.0) * (a - (shift if layer else 0.0)) @ W)
        a = activation(layers[-1])
    return np.array(layers)


def measure_signal(z: np.ndarray) -> np.ndarray:
    """What of z differs between examples: its standard deviation, root mean square over units, layer by layer."""
    return np.sqrt(z.var(axis=1).mean(axis=1))


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    runs = {"sigmoid": [], "care": [], "relu": [], "he": [], "relu_size": []}
    for _ in range(NETS):
        runs["sigmoid"].append(measure_signal(forward_layers(rng, sigmoid, 1.0)))
        runs["care"].append(measure_signal(forward_layers(rng, sigmoid, CARE, shift=0.5)))
        runs["relu"].append(measure_signal(forward_layers(rng, relu, 1.0)))
        z = forward_layers(rng, relu, np.sqrt(2))
        runs["he"].append(measure_signal(z))
        runs["relu_size"].append(np.sqrt((z**2).mean(axis=(1, 2))))
    depth = {way: np.exp(np.mean(np.log(curves), axis=0)) for way, curves in runs.items()}
    return Result(
        layers=LAYERS,
        units=UNITS,
        nets=NETS,
        depth=depth,
        last={way: curve[-1] for way, curve in depth.items()},
    )


def claim_no_care(result: Result) -> None:
    """In layer {{ layers }}, what tells examples apart has shrunk to {{ last.sigmoid | scientific(1) }} with plain
    sigmoid units, and to {{ last.relu | scientific(1) }} with plain ReLU; with care the sigmoid keeps it at
    {{ last.care | digits(2) }}."""
    second, expected = 1.0, 1.0  # E[z²] and the spread, by mean field: small differences shrink by E[σ'²]
    for layer in range(result.layers - 1):
        chi = normal_mean(lambda z: DERIVATIVES["sigmoid"](z) ** 2, np.sqrt(second)) if layer else CARE**-2
        second, expected = normal_mean(lambda z: sigmoid(z) ** 2, np.sqrt(second)), expected * np.sqrt(chi)
    assert abs(result.last["sigmoid"] / expected - 1) < 0.25 and result.last["sigmoid"] < 1e-10
    # half of E[z²] less in each layer
    relu_apart = relu_differences(result.layers)[-1] / 2 ** ((result.layers - 1) / 2)
    assert 0.6 < result.last["relu"] / relu_apart < 2.2 and abs(result.last["care"] - 1) < 0.12
    assert 0.887 < result.last["care"] < 1.08


def relu_differences(layers: int) -> list[float]:
    """What part of z differs between two examples, layer by layer, ReLU of infinite width: arc-cosine kernel."""
    correlation, parts = 0.0, []
    for _ in range(layers):
        parts.append(np.sqrt(1 - correlation))
        angle = np.arccos(correlation)
        correlation = (np.sin(angle) + (np.pi - angle) * correlation) / np.pi
    return parts


def claim_he_keeps_size(result: Result) -> None:
    """With He’s gain the size of $z$ in layer {{ layers }} is {{ last.relu_size | digits(1) }}, and 1 for infinitely
    wide layers; but the part of it that tells examples apart has fallen to {{ last.he | digits(1) }}, and the rest
    is a mean that all share."""
    expected = relu_differences(result.layers)
    parts = result.depth["he"] / result.depth["relu_size"]
    np.testing.assert_allclose(parts[:5], expected[:5], rtol=0.12)
    assert expected[-1] < parts[-1] < 0.45  # so many units lose it a little more slowly than infinitely many
    assert 0.5 < result.last["relu_size"] < 1.6
    assert 0.22 < result.last["relu_size"] < 1.7 and 0.092 < result.last["he"] < 0.52


def figure_depth(result: Result) -> Figure:
    """Spread of the pre-activations between examples, layer by layer, on a logarithmic axis. Plain sigmoid layers
    fall in a straight line to {{ last.sigmoid | scientific(1) }} after {{ layers }} layers, plain ReLU layers to
    {{ last.relu | scientific(1) }}. With care the sigmoid stays at 1; ReLU with He’s gain sinks to
    {{ last.he | digits(1) }}."""
    figure = new_figure(360, 0.85)
    (axes,) = figure.axes
    for way, role in {"sigmoid": SECOND, "relu": SECOND, "he": FIRST, "care": FIRST}.items():
        axes.plot(np.arange(1, LAYERS + 1), result.depth[way], color=role, label=way)
    label_point(axes, "sigmoid", (12, result.depth["sigmoid"][11]), SECOND, dx=9, dy=2)
    label_point(axes, "ReLU", (16, result.depth["relu"][15]), SECOND, dx=0, dy=-13, ha="center")
    label_point(axes, f"sigmoid, gain {decimals(CARE, 1)} and shift", (20, 1), FIRST, dx=-2, dy=13)
    label_point(axes, "ReLU, gain √2", (20, result.last["he"]), FIRST, dx=-2, dy=-8)
    axes.set(yscale="log", ylim=(3e-14, 60), xlim=(0.6, 20.4))
    frame_axes(axes, [1, 10, 20], decades(0, -3, -6, -9, -12), "layer", "what tells examples apart")
    return figure


if __name__ == "__main__":
    show_figures(figure_depth, of=compute())
