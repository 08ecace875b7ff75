"""What makes gradient descent on a tanh net of the sigmoid net with the same outputs?

It multiplies its gradient by P = TTᵀ: T is the linear map that takes a tanh net's weights to those of its twin. The
condition number of P is {{ kappa | integer }} for {{ units }} hidden units.

    layers   weights and biases of each layer, as in lib/network.py; h hidden units
    u, v     all weights and biases of a tanh net, and of its twin
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lib.activation_functions import sigmoid
from lib.network import Layer, flatten, forward, init_layers, loss_gradients, sgd_step, sigmoid_twin, unflatten
from lib.numerics import Draws, draws

SEED = 0
HIDDEN, FEW = 64, 5
TWIN_STEPS, STEP = 100, 0.3
COUNTS = (2, 3, 5, 8, 64)  # hidden units at which an equation is evaluated


@dataclass(frozen=True)
class Result:
    units: int
    "Hidden units of the net for the digits."
    few: int
    "A few hidden units."
    kappa_few: float
    "Condition number of P for a few hidden units."
    kappa: float
    "Condition number of P for as many hidden units as the net for the digits has."
    twin_steps: int
    "Steps of the small nets that are twins."
    drift: float
    "Largest difference, after these steps, between the twin of the tanh net and the preconditioned sigmoid net."
    apart: float
    "Largest difference between the outputs of a deep tanh net and its sigmoid twin."


def twin_matrix(like: list[Layer]) -> np.ndarray:
    """The matrix T for nets in the shapes of `like`, column by column."""
    return np.array([flatten(sigmoid_twin(unflatten(e, like))) for e in np.eye(flatten(like).size)]).T


def output_block(h: int) -> np.ndarray:
    """P for the output weights and the bias of one output over h units."""
    T = twin_matrix([(np.zeros((1, h)), np.zeros(h)), (np.zeros((h, 1)), np.zeros(1))])[2 * h :, 2 * h :]
    return T @ T.T


def measure_drift() -> float:
    """Largest difference between the twin of a small tanh net and the preconditioned sigmoid net after some steps."""
    rng = np.random.default_rng(SEED)
    net, x, y = init_layers((3, 5, 2), rng), rng.normal(size=(20, 3)), np.eye(2)[rng.integers(2, size=20)]
    twin, T = flatten(sigmoid_twin(net)), twin_matrix(net)
    for _ in range(TWIN_STEPS):
        net = sgd_step(net, loss_gradients(net, x, y, "tanh"), STEP)
        twin = twin - STEP * T @ T.T @ flatten(loss_gradients(unflatten(twin, net), x, y, "sigmoid"))
    return abs(flatten(sigmoid_twin(net)) - twin).max()


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    deep, x = init_layers((3, 6, 5, 2), rng, 2.0), rng.normal(size=(20, 3))
    outputs, twin_outputs = forward(deep, x)[0][-1], forward(sigmoid_twin(deep), x, sigmoid)[0][-1]
    return Result(
        units=HIDDEN,
        few=FEW,
        kappa_few=np.linalg.cond(output_block(FEW)),
        kappa=np.linalg.cond(output_block(HIDDEN)),
        twin_steps=TWIN_STEPS,
        drift=measure_drift(),
        apart=abs(outputs - twin_outputs).max(),
    )


def claim_same_functions(result: Result) -> None:
    """A tanh net with two hidden layers and its sigmoid twin have the same outputs, to rounding; and every sigmoid
    net is the twin of some tanh net."""
    assert result.apart < 1e-12
    T = twin_matrix(init_layers((3, 4, 3, 2), np.random.default_rng(SEED)))
    assert np.linalg.matrix_rank(T) == len(T)  # so every sigmoid net is reached


def claim_same_path(result: Result) -> None:
    """Gradient descent on a tanh net and preconditioned gradient descent on its twin stay twins: after
    {{ twin_steps }} steps no weight differs by more than rounding."""
    assert result.drift < 1e-12


def claim_kappa_of_the_change(result: Result) -> None:
    r"""The condition number of $P$ is {{ kappa_few | digits(2) }} for {{ few }} hidden units and {{ kappa | integer }}
    for {{ units }}."""
    for h, kappa in ((result.few, result.kappa_few), (result.units, result.kappa)):
        half = (h + 5) ** 2 / 8 - 1  # κ + 1/κ = 2 half
        assert abs(half + np.sqrt(half**2 - 1) - kappa) < 1e-6 * kappa


def equation_twin() -> Draws:
    r"""W_2 \tanh(W_1 x + b_1) + b_2 = 2 W_2\, \sigma(2 W_1 x + 2 b_1) + b_2 - W_2 \mathbf{1}"""
    letters = ("x", "W_1", "b_1", "W_2", "b_2")
    for rng in draws(10):
        values = dict(zip(letters, (rng.normal(size=shape) for shape in (3, (5, 3), 5, (2, 5), 2))))
        yield {**values, r"\mathbf{1}": np.ones(5), r"\sigma": lambda z: 0.5 - 0.5 * np.expm1(-z) / (1 + np.exp(-z))}


def equation_inner() -> Draws:
    r"""2\,(W a + b) = 4 W s + 2 b - 2 W \mathbf{1}"""
    for rng in draws(10):
        z, W, b = rng.normal(size=4), rng.normal(size=(3, 4)), rng.normal(size=3)
        yield {"W": W, "b": b, "a": np.tanh(z), "s": sigmoid(2 * z), r"\mathbf{1}": np.ones(4)}


def draw_twins() -> Iterator[dict]:
    """Small tanh nets, their twins, and the gradients of both, each by back-propagation in its own net."""
    for rng in draws(8):
        layers, x, y = init_layers((2, 3, 2), rng), rng.normal(size=(15, 2)), np.eye(2)[rng.integers(2, size=15)]
        T, twin = twin_matrix(layers), sigmoid_twin(layers)
        yield {
            r"u": flatten(layers),
            r"v": flatten(twin),
            r"\frac{\partial L}{\partial u}": flatten(loss_gradients(layers, x, y, "tanh")),
            r"\frac{\partial L}{\partial v}": flatten(loss_gradients(twin, x, y, "sigmoid")),
            "T": T,
            "P": T @ T.T,
            r"\eta": rng.uniform(0.1, 1),
        }


def equation_chain() -> Draws:
    r"""v = T u, \qquad \frac{\partial L}{\partial u} = T^\top \frac{\partial L}{\partial
    v}"""
    yield from draw_twins()


def equation_step() -> Draws:
    r"""T (u - \eta \frac{\partial L}{\partial u}) = v - \eta P \frac{\partial L}{\partial
    v}, \qquad P = T T^\top"""
    yield from draw_twins()


def equation_block() -> Draws:
    r"""P_{\text{out}} = \begin{pmatrix} 4 I & -2\, \mathbf{1} \\ -2\, \mathbf{1}^\top & h + 1 \end{pmatrix}"""
    for h in COUNTS:
        yield {r"P_{\text{out}}": output_block(h), "I": np.eye(h), r"\mathbf{1}": np.ones(h), "h": h}


def equation_kappa() -> Draws:
    r"""\kappa + \frac{1}{\kappa} + 2 = \frac{(h + 5)^2}{4}"""
    for h in COUNTS:
        yield {r"\kappa": np.linalg.cond(output_block(h)), "h": h}


if __name__ == "__main__":
    print(compute())
