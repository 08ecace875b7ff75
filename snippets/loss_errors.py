"""Which error does each loss send to the layers below, and how much does an example count in the curvature?

Every layer's gradient is a multiple of the error δ. At an output of {{ outputs_at[0] | integer }} for the target 1 the
squared loss sends {{ squared[0] | integer }} and grows on; the other three send about {{ hinge[0] | integer }}.

    l  loss as a function of the output f of one example with the target 1; δ = l', and l'' its second derivative
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import sigmoid
from lib.numerics import Draws, complex_step, draws
from lib.plots import FIRST, INK, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures

PLACES = (-4.0, 1.0)  # wrong by far, and at the target
LOSSES: dict[str, tuple[Callable, Callable, Callable]] = {  # loss, δ and l'', for the target 1
    "squared": (lambda f: (f - 1) ** 2 / 2, lambda f: f - 1, lambda f: 1 + 0 * f),
    "logistic": (lambda f: np.log(1 + np.exp(-f)), lambda f: sigmoid(f) - 1, lambda f: sigmoid(f) * sigmoid(-f)),
    "hinge": (lambda f: np.where(f < 1, 1 - f, 0 * f), lambda f: np.where(f < 1, -1.0, 0.0), lambda f: 0 * f),
    "huber": (
        lambda f: np.where(abs(f - 1) < 1, (f - 1) ** 2 / 2, abs(f - 1) - 0.5),
        lambda f: np.clip(f - 1, -1, 1),
        lambda f: np.where(abs(f - 1) < 1, 1.0, 0.0),
    ),
}


@dataclass(frozen=True)
class Result:
    outputs_at: tuple[float, float]
    "Two outputs: one that is wrong by far, and the target."
    squared: tuple[float, float]
    "Error of the squared loss at either."
    logistic: tuple[float, float]
    "Error of the logistic loss."
    hinge: tuple[float, float]
    "Error of the hinge."
    huber: tuple[float, float]
    "Error of Huber's loss."
    outputs: np.ndarray
    "Outputs of the figure."
    curves: dict[str, np.ndarray]
    "Error of each loss at them."


def compute() -> Result:
    outputs = np.linspace(-2, 4, 241)
    return Result(
        outputs_at=PLACES,
        **{name: tuple(float(error(np.array(at))) for at in PLACES) for name, (_, error, _) in LOSSES.items()},
        outputs=outputs,
        curves={name: error(outputs) for name, (_, error, _) in LOSSES.items()},
    )


def claim_errors_are_bounded_but_one(result: Result) -> None:
    """At the output {{ outputs_at[0] | integer }} for the target 1 the errors are {{ squared[0] | integer }} for the
    squared loss, {{ huber[0] | integer }} for Huber's, {{ logistic[0] | digits(2) }} for the logistic one and
    {{ hinge[0] | integer }} for the hinge. At the target the first two are
    {{ squared[1] | integer }}, but the logistic loss still sends {{ logistic[1] | digits(2) }}."""
    f = np.linspace(PLACES[0], PLACES[1], 200_001)
    for name, (loss, error, curvature) in LOSSES.items():  # each is the integral of the next
        far, near = getattr(result, name)
        assert abs(np.trapezoid(error(f), f) - (loss(f[-1]) - loss(f[0]))) < 1e-4
        if name != "hinge":  # its corner is at the target
            assert abs(np.trapezoid(curvature(f), f) - (near - far)) < 1e-4
            assert near - far > 0.5
    assert result.squared == (PLACES[0] - 1, 0) and result.huber == (-1, 0) and result.hinge[0] == -1
    assert abs(result.logistic[0] + 1 / (1 + np.exp(PLACES[0]))) < 1e-12
    assert abs(result.logistic[1] + 1 / (1 + np.e)) < 1e-12


def equation_below() -> Draws:
    r"""\frac{\partial L}{\partial W} = \left(D\,V^\top \delta\right) x^\top"""
    for rng in draws(8):
        x, W, V, y = rng.normal(size=3), rng.normal(size=(4, 3)), rng.normal(size=(2, 4)), rng.normal(size=2)
        a = np.tanh(W @ x)
        which = rng.integers(2)
        f = V @ a
        delta = f - y if which else sigmoid(f) - y  # squared, logistic

        def loss_of_weights(W, x=x, V=V, y=y, which=which):
            f = V @ np.tanh(W.reshape(4, 3) @ x)
            return np.sum((f - y) ** 2) / 2 if which else np.sum(np.log(1 + np.exp(f)) - y * f)

        yield {
            r"\frac{\partial L}{\partial W}": complex_step(loss_of_weights, W.ravel()).reshape(4, 3),
            "D": np.diag(1 - a**2),
            "V": V,
            r"\delta": delta,
            "x": x,
        }


def figure_errors(result: Result) -> Figure:
    """Error δ against the output for an example with the target 1, for each loss. The squared loss's is a straight
    line; Huber's is the same between 0 and 2 and level beyond; the hinge's is −1 up to 1 and then zero; the logistic
    one bends from −1 to zero."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    places = {
        "squared": (SECOND, 2.7, 8, 0, "squared"),
        "huber": (INK, 3.2, 0, -12, "Huber"),
        "logistic": (FIRST, -1.7, 0, 12, "logistic"),
        "hinge": (MUTED, -1.9, 4, -11, "hinge"),
    }
    for key, (role, at, dx, dy, name) in places.items():
        axes.plot(result.outputs, result.curves[key], color=role, label=name)
        label_point(axes, name, (at, float(LOSSES[key][1](np.array(at)))), role, dx=dx, dy=dy)
    axes.set(ylim=(-2.2, 2.4), xlim=(-2.1, 4.1))
    frame_axes(axes, (-2, 0, 1, 2, 4), (-2, -1, 0, 1, 2), "output, target 1", "error δ")
    return figure


if __name__ == "__main__":
    show_figures(figure_errors, of=compute())
