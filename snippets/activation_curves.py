"""How is each activation function defined, and what does it look like?

By one line each, read as printed and compared with the code: the function, and its derivative by differences.

    z  pre-activation; blue is the function, orange its slope
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import (
    DERIVATIVES,
    FUNCTIONS,
    NAMES,
    SELU_ALPHA,
    SELU_SCALE,
    hard_sigmoid,
    sigmoid,
)
from lib.gaussian import density, distribution
from lib.numerics import Draws
from lib.plots import FIRST, GRID, INK, SECOND, frame_axes, label_panel, new_figure, show_figures

ALL = {"identity": lambda z: 1.0 * z, "hard_sigmoid": hard_sigmoid, **FUNCTIONS}
ORDER = (
    *("sigmoid", "hard_sigmoid", "tanh", "lecun_tanh", "softsign", "relu", "leaky_relu"),
    *("elu", "selu", "softplus", "gelu", "silu", "mish", "identity"),
)
Z = np.linspace(-4, 4, 161)


@dataclass(frozen=True)
class Result:
    leak: float
    "Slope of leaky ReLU on its left."
    lowest: dict[str, float]
    "Least values of the functions that dip below zero."
    curves: dict[str, np.ndarray]
    "Each function and its slope, shape (2, 161)."


def activation_derivative(key: str, z: np.ndarray) -> np.ndarray:
    """Derivative of a function."""
    if key == "identity":
        return np.ones_like(z)
    return np.where(abs(z) < 3, 1 / 6, 0.0) if key == "hard_sigmoid" else DERIVATIVES[key](z)


def compute() -> Result:
    fine = np.linspace(-5, 0, 100_001)
    return Result(
        leak=float(DERIVATIVES["leaky_relu"](-1.0)),
        lowest={key: float(ALL[key](fine).min()) for key in ("gelu", "silu", "mish")},
        curves={key: np.array([function(Z), activation_derivative(key, Z)]) for key, function in ALL.items()},
    )


def claim_slopes_are_slopes(result: Result) -> None:
    """Every slope drawn here is the rate at which its function changes, by differences."""
    z = Z[(abs(Z) > 1e-3) & (abs(abs(Z) - 3) > 1e-3)]  # away from kinks
    for key, function in ALL.items():
        differences = (function(z + 1e-6) - function(z - 1e-6)) / 2e-6
        assert np.allclose(activation_derivative(key, z), differences, atol=1e-8), key
        assert np.array_equal(result.curves[key], [function(Z), activation_derivative(key, Z)])
    assert result.leak == ALL["leaky_relu"](-2.0) / -2
    for key, lowest in result.lowest.items():
        assert abs(ALL[key](np.linspace(-40, 40, 80_001)).min() - lowest) < 1e-6


def difference_quotient(function: Callable, z: float) -> float:
    """Derivative by a central difference of fourth order, at a point away from kinks."""
    h = 1e-3
    return (8 * (function(z + h) - function(z - h)) - (function(z + 2 * h) - function(z - 2 * h))) / (12 * h)


def bind_function(key: str, letter: str, **more: float):
    """Bindings at eight points: the function under `letter`, its derivative by differences under letter'."""
    function = ALL[key]
    for z in map(np.array, (-3.7, -2.2, -1.3, -0.6, 0.4, 1.1, 1.9, 3.4)):
        yield {
            f"{letter}(z)": function(z),
            f"{letter}'(z)": difference_quotient(function, z),
            "z": z,
            "e": math.e,
            **more,
        }


def equation_identity() -> Draws:
    r"""g(z) = z, \qquad g'(z) = 1"""
    yield from bind_function("identity", "g")


def equation_sigmoid() -> Draws:
    r"""\sigma(z) = \frac{1}{1 + e^{-z}}, \qquad \sigma'(z) = \sigma(z)\,(1 - \sigma(z))"""
    yield from bind_function("sigmoid", r"\sigma")


def equation_hard_sigmoid() -> Draws:
    r"""h(z) = \max\left(0, \min\left(1, \frac{z + 3}{6}\right)\right)"""
    yield from bind_function("hard_sigmoid", "h")


def equation_tanh() -> Draws:
    r"""\tanh(z) = \frac{e^{2z} - 1}{e^{2z} + 1}, \qquad \tanh'(z) = 1 - \tanh(z)^2"""
    yield from bind_function("tanh", r"\tanh")


def equation_lecun_tanh() -> Draws:
    r"""f(z) = A \tanh\left(\frac{2z}{3}\right), \qquad f'(z) = \frac{2A}{3} - \frac{2}{3A} f(z)^2"""
    yield from bind_function("lecun_tanh", "f", A=1.7159)


def equation_softsign() -> Draws:
    r"""s(z) = \frac{z}{1 + \lvert z\rvert}, \qquad s'(z) = \frac{1}{(1 + \lvert z\rvert)^2}"""
    yield from bind_function("softsign", "s")


def equation_relu() -> Draws:
    r"""r(z) = \max(0, z), \qquad r'(z)\, z = r(z)"""
    yield from bind_function("relu", "r")


def equation_leaky_relu() -> Draws:
    r"""l(z) = \max(z, \alpha z), \qquad l'(z)\, z = l(z)"""
    yield from bind_function("leaky_relu", "l", **{r"\alpha": 0.01})


def equation_elu() -> Draws:
    r"""u(z) = \max(0, z) + \min(0, e^{z} - 1), \qquad u'(z) = \min(1, e^{z})"""
    yield from bind_function("elu", "u")


def equation_selu() -> Draws:
    r"""v(z) = \lambda \left(\max(0, z) + \alpha \min(0, e^{z} - 1)\right)"""
    yield from bind_function("selu", "v", **{r"\lambda": SELU_SCALE, r"\alpha": SELU_ALPHA})


def equation_softplus() -> Draws:
    r"""p(z) = \ln(1 + e^{z}), \qquad p'(z) = \sigma(z)"""
    yield from bind_function("softplus", "p", **{r"\sigma": sigmoid})


def equation_gelu() -> Draws:
    r"""G(z) = z\,\Phi(z), \qquad G'(z) = \Phi(z) + z\,\phi(z)"""
    for bound in bind_function("gelu", "G"):
        z = bound["z"]
        yield bound | {r"\Phi(z)": distribution(z), r"\phi(z)": density(z)}


def equation_silu() -> Draws:
    r"""S(z) = z\,\sigma(z), \qquad S'(z) = \sigma(z)\,(1 + z\,(1 - \sigma(z)))"""
    yield from bind_function("silu", "S", **{r"\sigma": sigmoid})


def equation_mish() -> Draws:
    r"""M(z) = z \tanh(\ln(1 + e^{z}))"""
    yield from bind_function("mish", "M")


def figure_functions(result: Result) -> Figure:
    """Small plots on the same axes, a function each with its slope. Straight: the identity. S-shaped through the
    origin: tanh, LeCun’s tanh, softsign; S-shaped from 0 to 1: the sigmoid and, as a ramp, the hard sigmoid. Flat on
    the left and rising on the right: ReLU and leaky ReLU with a bend, softplus above them; ELU and SELU go down to
    constants on the left; GELU, SiLU and Mish dip below zero, to {{ lowest.gelu | digits(2) }},
    {{ lowest.silu | digits(2) }} and {{ lowest.mish | digits(2) }}."""
    figure = new_figure(240, 0.8, panels=len(ORDER))
    for axes, key in zip(figure.axes, ORDER):
        value, change = result.curves[key]
        axes.axvline(0, color=GRID, linewidth=0.8)
        axes.axhline(0, color=GRID, linewidth=0.8)
        axes.plot(Z, change, color=SECOND, label=f"slope of {key}")
        axes.plot(Z, value, color=FIRST, label=key)
        label_panel(axes, NAMES.get(key, key.replace("_", " ")), INK, 0.02, 1, ha="left")
        axes.set(xlim=(-4, 4), ylim=(-1.9, 3.6))
        frame_axes(axes, [-4, 0, 4], [-1, 0, 1, 3])
    return figure


if __name__ == "__main__":
    show_figures(figure_functions, of=compute())
