"""Why do gradients vanish through layers of sigmoids?

Each layer multiplies a gradient by its weights and by the derivatives of its units. With weights of variance 1/n the
size changes by √χ a layer, χ = E[φ'²]: {{ factor | digits(3) }} for the sigmoid, so {{ size.sigmoid | scientific(2) }}
is left after {{ layers }} layers.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, sigmoid
from lib.gaussian import normal_mean
from lib.gradient_sizes import (
    CARE,
    CASES,
    LAYERS,
    NETS,
    WIDTH,
    draw_networks,
    gradient_sizes,
    init_square_layers,
    jacobian,
)
from lib.numerics import Draws
from lib.plots import FIRST, SECOND, decades, frame_axes, label_point, new_figure, show_figures

SEED = 0


@dataclass(frozen=True)
class Result:
    layers: int
    "Layers that the gradients go through."
    width: int
    "Units in a layer of the sampled networks."
    nets: int
    "How many sampled networks."
    size: dict[str, float]
    "‖J‖_F/√n after all layers, mean-field."
    sampled: dict[str, float]
    "The same in sampled networks, geometric mean."
    curves: dict[str, tuple[float, ...]]
    "Mean-field size after 0, 1, … layers."
    factor: float
    "√χ of the sigmoid's deep layers: what one of them leaves of a gradient."


def compute() -> Result:
    logs = {key: [] for key in CASES}
    for weights, x in draw_networks(SEED):
        for key in CASES:
            logs[key].append(np.log(np.linalg.norm(jacobian(key, weights, x)) / np.sqrt(WIDTH)))
    curves = {key: gradient_sizes(key)[0] for key in CASES}
    settled = normal_mean(lambda z: DERIVATIVES["sigmoid"](z) ** 2, np.sqrt(gradient_sizes("sigmoid")[1]))
    return Result(
        layers=LAYERS,
        width=WIDTH,
        nets=NETS,
        size={key: curve[-1] for key, curve in curves.items()},
        sampled={key: float(np.exp(np.mean(values))) for key, values in logs.items()},
        curves=curves,
        factor=float(np.sqrt(settled)),
    )


def claim_sampled_networks_agree(result: Result) -> None:
    """{{ nets }} sampled networks of {{ width }} units a layer agree with the calculation for infinite width within
    a factor of two, for every function."""
    for key, size in result.size.items():
        assert 0.5 < result.sampled[key] / size < 2, key


def claim_sigmoid_factor(result: Result) -> None:
    """A deep layer of sigmoids with weights of variance one over the width leaves {{ factor | digits(3) }} of a
    gradient, and {{ layers }} layers leave {{ size.sigmoid | scientific(2) }}."""
    rng = np.random.default_rng(SEED)
    z, scale = rng.normal(size=200_000), 1.0
    log = 0.0
    for _ in range(LAYERS):
        slopes = (sigmoid(scale * z + 1e-4) - sigmoid(scale * z - 1e-4)) / 2e-4
        log, last = log + 0.5 * np.log(np.mean(slopes**2)), np.sqrt(np.mean(slopes**2))
        scale = np.sqrt(np.mean(sigmoid(scale * z) ** 2))
    assert abs(last / result.factor - 1) < 0.01 and abs(np.exp(log) / result.size["sigmoid"] - 1) < 0.1


def claim_relu_and_he(result: Result) -> None:
    r"""ReLU with weights of variance one over the width leaves $2^{-10}$ after {{ layers }} layers, about
    {{ size.relu | scientific(2) }}; with He's weights, of twice the variance, it leaves all:
    {{ size.he | digits(3) }}."""
    assert abs(result.size["relu"] * 2**10 - 1) < 1e-9 and abs(result.size["he"] - 1) < 1e-9
    z = np.random.default_rng(SEED).normal(size=200_000)
    assert abs(np.mean(z > 0) - 0.5) < 0.01  # a slope of 1 on half of its inputs, whatever their scale


def equation_size() -> Draws:
    r"""\frac{\lVert J\rVert_F^2}{n} \approx \prod_{l=1}^{N} g^2\,\chi_l"""
    for seed, key in enumerate(("tanh", "sigmoid", "he", "cared")):
        rng, found = np.random.default_rng(seed), []
        _, unit, slope, gain = CASES[key]
        for _ in range(4):
            weights, x = init_square_layers(rng, 3, 200)
            found.append(np.linalg.norm(jacobian(key, weights, x)) ** 2)
        v, chi = 1.0, []
        for _ in range(3):
            chi.append(normal_mean(lambda z, slope=slope, v=v: slope(z) ** 2, np.sqrt(v)))
            v = gain**2 * normal_mean(lambda z, unit=unit, v=v: unit(z) ** 2, np.sqrt(v))
        yield {
            r"\approx": 0.15,
            r"\lVert J\rVert_F": np.sqrt(np.mean(found)),
            "n": 200,
            "N": 3,
            "g": gain,
            r"\chi_l": lambda layer, chi=chi: chi[int(layer) - 1],
        }


def figure_curves(result: Result) -> Figure:
    """Size of a gradient against the number of layers it went through, on a logarithmic scale. The sigmoid falls in a
    straight line to {{ size.sigmoid | scientific(1) }} after {{ layers }} layers, GELU to
    {{ size.gelu | scientific(1) }}, ReLU to {{ size.relu | scientific(1) }}, tanh to {{ size.tanh | digits(2) }}. ReLU
    with He's weights and the centered sigmoid with larger weights stay at about 1."""
    figure = new_figure(360, 0.9)
    (axes,) = figure.axes
    words = {"sigmoid": "sigmoid", "gelu": "GELU", "relu": "ReLU", "tanh": "tanh", "he": "ReLU, He"}
    words["cared"] = f"σ − ½, gain {CARE:.1f}"
    for key, text in words.items():
        role = FIRST if key in ("tanh", "cared") else SECOND
        axes.plot(result.curves[key], color=role, label=CASES[key][0])
        dy = {"he": -1, "cared": 11, "tanh": -9}.get(key, 0)
        label_point(axes, text, (LAYERS, result.curves[key][-1]), role, dy=dy)
    axes.set(yscale="log", xlim=(0, 29), ylim=(1e-13, 10))
    frame_axes(axes, [0, 5, 10, 15, 20], decades(0, -3, -6, -9, -12), "layers", "size of a gradient")
    return figure


if __name__ == "__main__":
    show_figures(figure_curves, of=compute())
