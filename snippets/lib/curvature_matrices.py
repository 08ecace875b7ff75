"""Hessian, Gauss–Newton, Fisher, empirical Fisher and K-FAC of a linear model or a small net of tanh units."""

import numpy as np

from lib.network import softmax
from lib.numerics import complex_step

EXAMPLES, INPUTS, HIDDEN, OUTPUTS = 60, 3, 4, 3
MODELS = {
    "linear_squared": (0, "squared"),
    "linear_entropy": (0, "entropy"),
    "net_squared": (HIDDEN, "squared"),
    "net_entropy": (HIDDEN, "entropy"),
}
MATRICES = {
    "hessian": "Hessian",
    "fisher": "Fisher",
    "empirical": "empirical Fisher",
    "layers": "one block for each layer",
    "kfac": "K-FAC",
}


def split(theta: np.ndarray, hidden: int) -> list[np.ndarray]:
    """Weight matrices with the bias as the last column, from one vector of parameters."""
    shapes = [(hidden, INPUTS + 1), (OUTPUTS, hidden + 1)] if hidden else [(OUTPUTS, INPUTS + 1)]
    parts, at = [], 0
    for rows, columns in shapes:
        parts.append(theta[at : at + rows * columns].reshape(rows, columns))
        at += rows * columns
    return parts


def forward(theta: np.ndarray, x: np.ndarray, hidden: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """Outputs (B, OUTPUTS), and what enters each layer, a 1 for its bias last."""
    entering = []
    for i, W in enumerate(split(theta, hidden)):
        x = np.column_stack([np.tanh(x) if i else x, np.ones(len(x))])
        entering.append(x)
        x = x @ W.T
    return x, entering


def backward(theta: np.ndarray, entering: list, delta: np.ndarray, hidden: int) -> tuple[np.ndarray, list]:
    """Gradients of single examples (B, parameters) from ∂L/∂f (B, OUTPUTS), and ∂L/∂z of each layer."""
    layers, deltas, rows = split(theta, hidden), [delta], []
    for i in reversed(range(len(layers))):
        rows.insert(0, np.einsum("bi,bj->bij", deltas[0], entering[i]).reshape(len(delta), -1))
        if i:
            a = entering[i][:, :-1]
            deltas.insert(0, (deltas[0] @ layers[i][:, :-1]) * (1 - a**2))
    return np.concatenate(rows, axis=1), deltas


def output_error(f: np.ndarray, y: np.ndarray, loss: str) -> np.ndarray:
    """∂L/∂f of each example: f − y or p − y."""
    return (f if loss == "squared" else softmax(f)) - y


def gradient(theta: np.ndarray, x: np.ndarray, y: np.ndarray, hidden: int, loss: str) -> np.ndarray:
    """Gradient of the mean loss, shape of `theta`."""
    f, entering = forward(theta, x, hidden)
    return backward(theta, entering, output_error(f, y, loss), hidden)[0].mean(axis=0)


def hessian(theta: np.ndarray, x: np.ndarray, y: np.ndarray, hidden: int, loss: str) -> np.ndarray:
    """Second derivatives of the mean loss, by a complex step on the gradient."""
    return complex_step(gradient, theta, x, y, hidden, loss).T


def build_matrices(theta: np.ndarray, x: np.ndarray, y: np.ndarray, hidden: int, loss: str) -> dict[str, np.ndarray]:
    """All matrices of one model at one point, shape (parameters, parameters) each."""
    f, entering = forward(theta, x, hidden)
    p = softmax(f)
    units = np.eye(OUTPUTS)
    J = np.stack([backward(theta, entering, np.tile(unit, (len(x), 1)), hidden)[0] for unit in units], axis=1)
    curvature = np.tile(units, (len(x), 1, 1))
    if loss == "entropy":
        curvature = p[:, :, None] * units - p[:, :, None] * p[:, None, :]
    # Labels that the model draws: f ± √OUTPUTS along each output in turn has covariance I; classes have chances p.
    drawn = [
        (np.full(len(x), 1 / (2 * OUTPUTS)), s * np.sqrt(OUTPUTS) * np.tile(u, (len(x), 1)))
        for u in units
        for s in (1, -1)
    ]
    if loss == "entropy":
        drawn = [(p[:, k], p - units[k]) for k in range(OUTPUTS)]
    fisher, factors = 0, [0] * len(entering)
    for chance, error in drawn:
        g, deltas = backward(theta, entering, error, hidden)
        fisher = fisher + (g * chance[:, None]).T @ g / len(x)
        factors = [S + (d * chance[:, None]).T @ d / len(x) for S, d in zip(factors, deltas)]
    g = backward(theta, entering, output_error(f, y, loss), hidden)[0]
    blocks, kfac, at = np.zeros_like(fisher), np.zeros_like(fisher), 0
    for S, a in zip(factors, entering):
        block = np.kron(S, a.T @ a / len(x))
        here = slice(at, at + len(block))
        blocks[here, here], kfac[here, here] = fisher[here, here], block
        at += len(block)
    gauss = np.einsum("bki,bkl,blj->ij", J, curvature, J) / len(x)
    return {
        "hessian": hessian(theta, x, y, hidden, loss),
        "fisher": fisher,
        "empirical": g.T @ g / len(x),
        "layers": blocks,
        "kfac": kfac,
        "gauss": gauss,
    }


def draw_matrices(seed: int, model: str, fitted: bool = False) -> dict[str, np.ndarray]:
    """All matrices of a random problem, with targets of their own or with those that the model fits."""
    return build_matrices(*draw_problem(np.random.default_rng(seed), model, fitted))


def draw_problem(rng: np.random.Generator, model: str, fitted: bool = False) -> tuple:
    """Parameters, inputs of mean one, targets, and the model's hidden units and loss."""
    hidden, loss = MODELS[model]
    x = rng.normal(size=(EXAMPLES, INPUTS)) + 1
    size = hidden * (INPUTS + 1) + OUTPUTS * ((hidden or INPUTS) + 1)
    theta = rng.normal(size=size) / 2
    f = forward(theta, x, hidden)[0]
    if fitted:
        y = f if loss == "squared" else softmax(f)
    else:
        y = (
            rng.normal(size=(EXAMPLES, OUTPUTS))
            if loss == "squared"
            else np.eye(OUTPUTS)[rng.integers(OUTPUTS, size=EXAMPLES)]
        )
    return theta, x, y, hidden, loss


def distances(matrices: dict[str, np.ndarray]) -> dict[str, float]:
    """Distance of each matrix from Gauss–Newton, over its length; 0 where it is rounding."""
    size = {
        name: np.linalg.norm(matrices[name] - matrices["gauss"]) / np.linalg.norm(matrices["gauss"])
        for name in MATRICES
    }
    return {name: float(value) if value > 1e-9 else 0.0 for name, value in size.items()}
