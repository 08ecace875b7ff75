"""How long does a gate remember?

A forget bias b opens the gate to σ(b), and its T-th power is left after T steps: a bias of {{ biases[1] | integer }} is
a memory of {{ memory[1] | digits(2) }} steps, one of {{ biases[3] | integer }} of {{ memory[3] | integer }}.
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import DERIVATIVES, sigmoid
from lib.numerics import Draws, derivative, find_root

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


if __name__ == "__main__":
    print(compute())
