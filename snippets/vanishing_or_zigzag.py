"""Are vanishing gradients the zig-zag?

No, either comes without the other: after {{ layers }} layers a gradient keeps its size with He's weights, and the
condition number is {{ kappa.he | digits(3) }}; sigmoids minus one half have a condition number
of {{ kappa.centered | integer }}, and leave {{ size.centered | scientific(1) }} of a gradient.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.gaussian import mean_by_sum, moments
from lib.gradient_sizes import CARE, CASES, LAYERS, gradient_sizes
from lib.plots import FIRST, SECOND, decades, frame_axes, label_point, new_figure, show_figures

UNITS = 64  # whose condition number stands for being off-center, as on the page of activation functions


@dataclass(frozen=True)
class Result:
    layers: int
    "Layers that the gradients go through."
    size: dict[str, float]
    "‖J‖_F/√n after all layers, mean-field."
    units: int
    "Units of the layer whose condition number is given."
    kappa: dict[str, float]
    "Condition number without a bias that the first layer, of `units` units, gives the next neuron."


def compute() -> Result:
    curves = {key: gradient_sizes(key)[0] for key in CASES}
    first = {key: moments(unit) for key, (_, unit, _, _) in CASES.items()}
    return Result(
        layers=LAYERS,
        size={key: curve[-1] for key, curve in curves.items()},
        units=UNITS,
        kappa={key: float(1 + UNITS * mean**2 / variance) for key, (mean, variance) in first.items()},
    )


def claim_either_without_the_other(result: Result) -> None:
    """Subtract one half from the sigmoid: the condition number behind the first of {{ layers }} layers falls from
    {{ kappa.sigmoid | integer }} to {{ kappa.centered | integer }}, and the gradient vanishes as before, to
    {{ size.centered | scientific(1) }}. Give ReLU He's weights: the gradient keeps its size, and the condition number
    stays {{ kappa.he | digits(3) }}."""
    for key in ("sigmoid", "centered", "he"):
        unit = CASES[key][1]
        mean, square = mean_by_sum(unit), mean_by_sum(lambda z, unit=unit: unit(z) ** 2)
        H = mean**2 + (square - mean**2) * np.eye(UNITS)
        assert abs(np.linalg.cond(H) / result.kappa[key] - 1) < 1e-5, key
    assert abs(gradient_sizes("centered", mean_by_sum)[0][-1] / result.size["centered"] - 1) < 1e-6
    assert abs(result.size["he"] - 1) < 1e-9


def figure_two_problems(result: Result) -> Figure:
    """Each activation function as a dot: to the right the condition number that one layer gives the next neuron,
    upward the size of a gradient after {{ layers }} layers. All corners are taken: SELU and tanh have neither
    problem, sigmoid minus one half only vanishes, ReLU with He's weights is only off-center, the sigmoid has both."""
    figure = new_figure(360, 1)
    (axes,) = figure.axes
    words = {
        "selu": (f"SELU, LeCun’s tanh,\nσ − ½, gain {CARE:.1f}", 6, 8), "lecun_tanh": ("", 0, 0), "cared": ("", 0, 0),
        "tanh": ("tanh", 6, -8), "softsign": ("softsign", 6, -10), "elu": ("ELU", 6, 0), "he": ("ReLU, He", -2, 12),
        "relu": ("ReLU", 6, 0), "mish": ("Mish", -6, 4), "gelu": ("GELU", 6, 4), "silu": ("SiLU", -6, -2),
        "softplus": ("softplus", 2, 11), "sigmoid": ("sigmoid", -7, 0), "centered": ("σ − ½", 6, 0),
    }  # fmt: skip
    for key, (text, dx, dy) in words.items():
        role = FIRST if result.kappa[key] < 1.001 else SECOND
        axes.plot(result.kappa[key], result.size[key], "o", color=role, markersize=6.4, label=CASES[key][0])
        if text:
            how = {"ha": "center"} if abs(dx) == 2 else {}
            label_point(axes, text, (result.kappa[key], result.size[key]), role, dx=dx, dy=dy, **how)
    axes.set(xscale="log", yscale="log", xlim=(0.8, 500), ylim=(1e-13, 20))
    frame_axes(
        axes, [1, 10, 100], decades(0, -3, -6, -9, -12), "condition number for the next neuron", "size of a gradient"
    )
    return figure


if __name__ == "__main__":
    show_figures(figure_two_problems, of=compute())
