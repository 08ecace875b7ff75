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

SEED = 0
BIASES = (0.0, 1.0, 3.0, 5.0)
STEPS, LONG = 40, 100
SEQUENCE, GRID = 784, 20_000  # steps of the sequences for which chrono initialization is asked


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
    chrono: dict[str, float]
    "Longest memory asked for, its bias; left of a gradient then, on average, and with a bias of 1; units beyond half."
    cell: dict[str, float]
    "Where a cell goes that is fed a candidate of 1, at the largest bias: with the opposite input bias, and without."
    curves: np.ndarray
    "Powers of the gate, from none to those of a long memory, a row for each bias."


def chrono_biases(longest: int, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Forget and input biases for memories up to so many steps, from u uniform on [0, 1]."""
    b = np.log(1 + u * (longest - 2))
    return b, -b


def compute() -> Result:
    forget, _ = chrono_biases(SEQUENCE, (np.arange(GRID) + 0.5) / GRID)
    largest, opposite = (float(b) for b in chrono_biases(SEQUENCE, np.array(1.0)))
    gates = sigmoid(np.array(BIASES))
    return Result(
        biases=BIASES,
        open=tuple(gates),
        left=tuple(gates**STEPS),
        memory=tuple(-1 / np.log(gates)),
        slopes=tuple(DERIVATIVES["sigmoid"](np.array(BIASES))),
        long=LONG,
        exercise=-np.log(np.expm1(1 / LONG)),
        chrono={
            "longest": SEQUENCE,
            "largest": largest,
            "left": float((sigmoid(forget) ** SEQUENCE).mean()),
            "plain": float(sigmoid(1.0) ** SEQUENCE),
            "half": float((-1 / np.log(sigmoid(forget)) > SEQUENCE / 2).mean()),
        },
        cell={name: float(sigmoid(b) / (1 - sigmoid(largest))) for name, b in (("chrono", opposite), ("zero", 0.0))},
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


def claim_chrono_spreads_memories(result: Result) -> None:
    """For memories up to {{ chrono.longest }} steps chrono initialization draws forget biases up to
    {{ chrono.largest | digits(3) }}; after {{ chrono.longest }} steps {{ chrono.left | percent(0) }} of a gradient is
    left, on average over the units, and {{ chrono.plain | scientific(1) }} with a bias of 1.
    {{ chrono.half | percent(0) }} of the units have a memory of more than half of these steps."""
    times = np.random.default_rng(SEED).uniform(1, result.chrono["longest"] - 1, 400_000)  # e to the bias
    powers = np.exp(-result.chrono["longest"] * np.log1p(1 / times))
    assert (
        abs(powers.mean() - result.chrono["left"]) < 0.002
        and abs((times > 391.5).mean() - result.chrono["half"]) < 0.005
    )
    assert abs(np.exp(result.chrono["largest"]) - 783) < 1e-9
    assert abs(np.log(result.chrono["plain"]) + 784 * np.log1p(np.exp(-1))) < 1e-9


def claim_the_input_gate_keeps_the_size(result: Result) -> None:
    """At the largest of these biases a cell that is fed a candidate of 1 at every step goes to
    {{ cell.chrono | integer }} with the opposite input bias, and to {{ cell.zero | integer }} with none."""
    for name, b in (("chrono", -result.chrono["largest"]), ("zero", 0.0)):
        cell = 0.0
        for _ in range(20_000):
            cell = sigmoid(result.chrono["largest"]) * cell + sigmoid(b)
        assert abs(cell / result.cell[name] - 1) < 1e-6


def equation_memory() -> Draws:
    r"""\sigma(b)^T = \frac{1}{e}, \qquad T = \frac{1}{\ln(1 + e^{-b})}"""
    for b in (-1.0, 0.0, 1.0, 5.0):
        T = find_root(lambda T, b=b: (1 + np.exp(-b)) ** -T - np.exp(-1), 0.0, 1000.0, halvings=80)
        yield {"T": T, "b": b, "e": np.e, r"\sigma": sigmoid}


def equation_cell() -> Draws:
    r"""c = \frac{\sigma(b_i)}{1 - \sigma(b_f)}\,g"""
    for forget, b, g in ((0.5, -0.5, 1.0), (2.0, 0.3, -0.7), (-1.0, 1.0, 0.2)):
        c = find_root(lambda c, f=forget, b=b, g=g: c - (c / (1 + np.exp(-f)) + g / (1 + np.exp(-b))), -20.0, 20.0)
        yield {"c": c, "b_i": b, "b_f": forget, "g": g, r"\sigma": sigmoid}


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
