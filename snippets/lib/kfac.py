"""A net of one hidden layer and sigmoid outputs, with the second moments that K-FAC takes; an example is a column.

Source of the moments: Martens & Grosse (2015), “Optimizing neural networks with Kronecker-factored approximate
curvature”.
"""

import numpy as np

from lib.activation_functions import DERIVATIVES, FUNCTIONS, sigmoid

Layers = list[np.ndarray]  # weights (units, inputs + 1) of each layer, the biases in the last column


def sigmoid_twin(layers: Layers) -> Layers:
    """The sigmoid net that computes the same as this tanh net: tanh z = 2σ(2z) − 1."""
    first, second = layers
    return [2 * first, np.column_stack([2 * second[:, :-1], second[:, -1] - second[:, :-1].sum(axis=1)])]


def append_ones(a: np.ndarray) -> np.ndarray:
    """Activations with a row of ones for the bias."""
    return np.vstack([a, np.ones(a.shape[1])])


def backpropagate(layers: Layers, x: np.ndarray, y: np.ndarray, name: str) -> tuple[float, list, list]:
    """Loss, the gradient G of each layer, and its two second moments Q and S."""
    first, second = layers
    inner = append_ones(x)
    z, count = first @ inner, x.shape[1]
    outer = append_ones(FUNCTIONS[name](z))
    f = second @ outer
    p, derivative = sigmoid(f), DERIVATIVES[name](z)
    loss = np.mean(np.sum(np.logaddexp(0, f) - y * f, axis=0))
    delta = second[:, :-1].T @ (p - y) * derivative
    variances = p * (1 - p)  # E[δδᵀ] at the output, exactly: given the input, the labels are independent
    jacobian = derivative[:, None, :] * second[:, :-1].T[:, :, None]  # hidden, outputs, examples
    hidden_moment = np.einsum("hoe,oe,koe->hk", jacobian, variances, jacobian) / count
    moments = [(inner @ inner.T / count, hidden_moment), (outer @ outer.T / count, np.diag(variances.mean(axis=1)))]
    return loss, [delta @ inner.T / count, (p - y) @ outer.T / count], moments
