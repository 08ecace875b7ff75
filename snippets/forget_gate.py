"""Is it bad that a forget gate saturates?

A forget bias b opens the gate to σ(b), and its T-th power is left after T steps: a bias of {{ biases[1] | integer }} is
a memory of {{ memory[1] | digits(2) }} steps, one of {{ biases[3] | integer }} of {{ memory[3] | integer }}.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, sigmoid
from lib.numerics import Draws, derivative, find_root
from lib.plots import FIRST, INK, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures

BIASES = (0.0, 1.0, 3.0, 5.0)
STEPS, LONG = 40, 100


@dataclass(frozen=True)
class Result:
    biases: tuple[float, ...]
    "Forget biases."
    open: tuple[float, ...]
    "The forget gate at these biases, where nothing else reaches it."
    left: tuple[float, ...]
    "Its power after all steps: what is left of a gradient along the cell."
    memory: tuple[float, ...]
    "Steps after which 1/e is left."
    slopes: tuple[float, ...]
    "The slope of the sigmoid there."
    long: int
    "A long memory, in steps."
    exercise: float
    "The forget bias for it."
    curves: np.ndarray
    "Powers of the gate, from none to those of a long memory, a row for each bias."


def compute() -> Result:
    gates = sigmoid(np.array(BIASES))
    return Result(
        biases=BIASES,
        open=tuple(gates),
        left=tuple(gates**STEPS),
        memory=tuple(-1 / np.log(gates)),
        slopes=tuple(DERIVATIVES["sigmoid"](np.array(BIASES))),
        long=LONG,
        exercise=-np.log(np.expm1(1 / LONG)),
        curves=gates[:, None] ** np.arange(LONG + 1),
    )


def claim_a_gate_remembers(result: Result) -> None:
    """A forget bias of {{ biases[1] | integer }} opens the gate to {{ open[1] | digits(2) }} and is a memory of
    {{ memory[1] | digits(2) }} steps; a bias of {{ biases[3] | integer }} opens it to {{ open[3] | digits(3) }}, a
    memory of {{ memory[3] | integer }}; for a memory of {{ long }} it takes {{ exercise | digits(3) }}."""
    assert abs(result.long * np.log(sigmoid(result.exercise)) + 1) < 1e-9
    for b, gate, left, memory, slope in zip(result.biases, result.open, result.left, result.memory, result.slopes):
        cell = 1.0
        for _ in range(STEPS):
            cell /= 1 + np.exp(-b)
        assert abs(cell / left - 1) < 1e-9 and abs(memory * np.log1p(np.exp(-b)) - 1) < 1e-9
        assert abs(gate - (1 + np.tanh(b / 2)) / 2) < 1e-12 and abs(derivative(sigmoid, b) - slope) < 1e-9


def equation_memory() -> Draws:
    r"""\sigma(b)^T = \frac{1}{e}, \qquad T = \frac{1}{\ln(1 + e^{-b})}"""
    for b in (-1.0, 0.0, 1.0, 5.0):
        T = find_root(lambda T, b=b: (1 + np.exp(-b)) ** -T - np.exp(-1), 0.0, 1000.0, halvings=80)
        yield {"T": T, "b": b, "e": np.e, r"\sigma": sigmoid}


def figure_memory(result: Result) -> Figure:
    """What is left of a gradient against the step, on a logarithmic axis, for several forget biases. Without a bias
    nothing is left after a few steps, with a bias of {{ biases[1] | integer }} after some more; with
    {{ biases[2] | integer }} the curve falls over tens of steps, and with {{ biases[3] | integer }} it has hardly
    come halfway after {{ long }}. A dashed line marks 1/e, which they cross after {{ memory | integer | list }}
    steps, the last of them outside of the picture."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    axes.axhline(np.exp(-1), color=MUTED, linewidth=0.8, linestyle="--")
    for b, values, role, step in zip(result.biases, result.curves, (SECOND, SECOND, INK, FIRST), (2, 5, 30, 70)):
        axes.plot(np.arange(result.long + 1), values, color=role)
        label_point(axes, f"{b:g}", (step, values[step]), role, dx=5, dy=7)
    axes.set(xscale="log", xlim=(1, result.long), ylim=(0, 1.02))
    frame_axes(
        axes,
        {1: "1", 3: "3", 10: "10", 30: "30", 100: "100"},
        {0: "0", np.exp(-1): "1/e", 1: "1"},
        "steps",
        "left of a gradient",
    )
    return figure


if __name__ == "__main__":
    show_figures(figure_memory, of=compute())
