"""Which changes of the inputs do steps along signs, orthogonalized steps and conjugate gradients notice?

Steps along signs, as signSGD's and Lion's, notice all but a flip; orthogonalized steps, as Muon's, notice neither a
flip nor a rotation; conjugate gradients, and with them L-BFGS with exact line searches, likewise.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.changed_neuron import INPUTS, change_inputs, draw_problem
from lib.numerics import orthogonalize
from lib.quadratics import add_bias, conjugate_gradients

SEED = 0
NEURONS, STEPS, RATE, BETA = 4, 40, 0.02, 0.9
CHANGES = ("shift", "scale", "rotation", "flip")
DIRECTIONS: dict[str, Callable] = {"signs": np.sign, "orthogonalized": orthogonalize}


@dataclass(frozen=True)
class Result:
    neurons: int
    "Neurons of the layer; biases are one more column of its matrix."
    steps: int
    "Steps of a run."
    run: dict[str, dict[str, float]]
    "Largest difference of an output over the outputs' standard deviation, by method and change; 0 is rounding."


def run_layer(name: str, x: np.ndarray, y: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """Outputs after each step, with momentum, of a linear layer (NEURONS, n + 1), half the mean squared error."""
    A, velocity, outputs = add_bias(x), 0.0, []
    if name == "conjugate":  # of one neuron, in a bowl
        H, goal = A.T @ A / len(A), np.linalg.lstsq(A, y[:, 0])[0]
        path = conjugate_gradients(H, theta[0] - goal, 1e-20)[: INPUTS - 1]
        return (path + goal) @ A.T
    for _ in range(STEPS):
        outputs.append(theta @ A.T)
        velocity = BETA * velocity + (outputs[-1] - y.T) @ A / len(A)
        theta = theta - RATE * DIRECTIONS[name](velocity)
    return np.array(outputs)


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    x, y, _ = draw_problem(rng)
    Y = y[:, None] + x @ rng.normal(size=(INPUTS, NEURONS))
    start = rng.normal(size=(NEURONS, INPUTS + 1)) / 2
    run: dict[str, dict[str, float]] = {}
    for name in (*DIRECTIONS, "conjugate"):
        before, run[name] = run_layer(name, x, Y, start), {}
        for change in CHANGES:
            u, T, c = change_inputs(x, change, SEED)
            w = np.linalg.solve(T.T, start[:, :-1].T).T
            after = run_layer(name, u, Y, np.column_stack([w, start[:, -1] - w @ c]))
            size = float(abs(after - before).max() / before[0].std())
            run[name][change] = size if size > 1e-6 else 0.0
    return Result(neurons=NEURONS, steps=STEPS, run=run)


def claim_who_notices_what(result: Result) -> None:
    """A layer of {{ neurons }} linear neurons, {{ steps }} steps. Steps along signs do not notice a flip, and
    notice a shift, a scaling and a rotation. Orthogonalized steps do not notice a flip or a rotation, and notice a
    shift and a scaling. Conjugate gradients do not notice a rotation or a flip."""
    same = {"signs": {"flip"}, "orthogonalized": {"rotation", "flip"}, "conjugate": {"rotation", "flip"}}
    for name, row in result.run.items():
        assert {change for change, size in row.items() if size == 0} == same[name]
        assert all(0.2 < size < (99 if name == "conjugate" else 9) for size in row.values() if size)
    rng = np.random.default_rng(SEED)  # the reason: what a direction does when the gradient is turned from the right
    G, Q = rng.normal(size=(4, 7)), np.linalg.qr(rng.normal(size=(7, 7)))[0]
    flip = np.diag([1, -1, 1, -1, 1, 1, -1])
    np.testing.assert_allclose(orthogonalize(G @ Q), orthogonalize(G) @ Q, atol=1e-12)
    np.testing.assert_allclose(np.sign(G @ flip), np.sign(G) @ flip)
    assert abs(np.sign(G @ Q) - np.sign(G) @ Q).max() > 0.1


if __name__ == "__main__":
    print(compute())
