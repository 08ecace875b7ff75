"""A logistic neuron that reads one input of variance 1, its expected loss, and its Fisher matrix.

Inputs x are rows with a last row of ones for the bias; the labels are those of a teacher, by probability.
"""

from collections.abc import Iterator

import numpy as np

from lib.activation_functions import sigmoid
from lib.numerics import complex_step, draws

MEAN = 2.0  # of the input
TEACHER = np.array([1.0, 0.5])  # slope, and output at the mean input
NODES, MASS = np.polynomial.hermite_e.hermegauss(60)  # of x − mean, standard normal
MASS = MASS / MASS.sum()


def derivatives(theta: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gradient of the expected loss (2,), and Fisher matrix (2, 2), for the inputs `x` (2, nodes)."""
    p = sigmoid(theta @ x)
    return x @ (MASS * (p - sigmoid(TEACHER[0] * NODES + TEACHER[1]))), (x * (MASS * p * (1 - p))) @ x.T


def shift_matrix(mean: float) -> np.ndarray:
    """From (slope, output at the mean) to (w, b) where the input has this mean: b = output − w mean."""
    return np.array([[1.0, 0.0], [-mean, 1.0]])


def draw_neurons(inputs: int = 3, examples: int = 5) -> Iterator[tuple]:
    """Random neurons on off-center inputs: generator, parameters, inputs with a row of ones, Fisher matrix.

    The matrix is made by enumeration of the labels, and its scores by complex steps.
    """
    for rng in draws(12):
        x = np.vstack([rng.normal(rng.normal(size=(inputs, 1)), 1, size=(inputs, examples)), np.ones(examples)])
        theta, F = rng.normal(size=inputs + 1), 0
        for column in x.T:
            for sign in (-1, 1):  # of the output, for the labels 0 and 1
                score = complex_step(lambda at, row: -np.log(1 + np.exp(-at @ row)), theta, sign * column)
                F = F + sigmoid(sign * (theta @ column)) * np.outer(score, score) / examples
        yield rng, theta, x, F
