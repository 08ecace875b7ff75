"""A small fully connected network with a softmax output: its loss, and its gradients by back-propagation.

A row is an example: pre-activations z = a W + b, activations a = φ(z); δ = ∂L/∂z is the upstream gradient of a layer.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from lib.activation_functions import DERIVATIVES, FUNCTIONS
from lib.optimizers import adam_direction

Layer = tuple[np.ndarray, np.ndarray]  # weights (inputs, neurons) and biases (neurons,)


def init_layers(sizes: tuple[int, ...], rng: np.random.Generator, gain: float = 1.0) -> list[Layer]:
    """Normal weights of variance gain²/inputs and zero biases, for layers of the given sizes."""
    return [
        (gain * rng.normal(size=(inputs, neurons)) / np.sqrt(inputs), np.zeros(neurons))
        for inputs, neurons in pairwise(sizes)
    ]


def forward(
    layers: list[Layer], x: np.ndarray, activation: Callable = np.tanh
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Pre-activations of every layer, and the inputs of every layer: x (B, n), then activations.

    The last layer is linear; its pre-activations are the scores.
    """
    z, a = [], [x]
    for weights, bias in layers:
        z.append(a[-1] @ weights + bias)
        a.append(activation(z[-1]))
    return z, a[:-1]


def softmax(scores: np.ndarray) -> np.ndarray:
    """Probabilities along the last axis, shape of `scores` (…, classes); scores may be complex."""
    powers = np.exp(scores - scores.real.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def cross_entropy(scores: np.ndarray, targets: np.ndarray) -> float:
    """Mean softmax cross-entropy of scores (B, classes) against one-hot targets of the same shape, in nats."""
    scores = scores - scores.real.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(scores).sum(axis=1)) - (targets * scores).sum(axis=1))


def backpropagate(
    layers: list[Layer], x: np.ndarray, targets: np.ndarray, activation: Callable, derivative: Callable
) -> tuple[float, list[Layer]]:
    """Cross-entropy and its gradients by weights and biases, in the shapes of `layers`."""
    z, a = forward(layers, x, activation)
    delta, gradients = (softmax(z[-1]) - targets) / len(x), []
    for i in reversed(range(len(layers))):
        gradients.append((a[i].T @ delta, delta.sum(axis=0)))
        if i:
            delta = (delta @ layers[i][0].T) * derivative(z[i - 1])
    return cross_entropy(z[-1], targets), gradients[::-1]


def upstream_gradients(
    layers: list[Layer], x: np.ndarray, targets: np.ndarray, name: str = "tanh"
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Inputs of every layer, and δ = ∂L/∂z there of each example's own cross-entropy, one row an example."""
    z, a = forward(layers, x, FUNCTIONS[name])
    deltas = [softmax(z[-1]) - targets]
    for i in reversed(range(1, len(layers))):
        deltas.append((deltas[-1] @ layers[i][0].T) * DERIVATIVES[name](z[i - 1]))
    return a, deltas[::-1]


def loss(layers: list[Layer], x: np.ndarray, targets: np.ndarray, name: str = "tanh") -> float:
    """Cross-entropy of the network with the activation function called `name`."""
    return cross_entropy(forward(layers, x, FUNCTIONS[name])[0][-1], targets)


def loss_and_gradients(
    layers: list[Layer], x: np.ndarray, targets: np.ndarray, name: str = "tanh"
) -> tuple[float, list[Layer]]:
    """Cross-entropy and its gradients, with the activation function called `name`."""
    return backpropagate(layers, x, targets, FUNCTIONS[name], DERIVATIVES[name])


def squared_error_and_gradients(layers: list[Layer], x: np.ndarray, y: np.ndarray) -> tuple[float, list[Layer]]:
    """Half the mean squared length of the errors and its gradients, for one hidden layer of tanh units."""
    (W, b), (V, c) = layers
    a = np.tanh(x @ W + b)
    error = a @ V + c - y
    delta = error / len(x)
    back = (delta @ V.T) * (1 - a * a)
    return (error**2).sum() / 2 / len(x), [(x.T @ back, back.sum(axis=0)), (a.T @ delta, delta.sum(axis=0))]


def loss_gradients(layers: list[Layer], x: np.ndarray, targets: np.ndarray, name: str = "tanh") -> list[Layer]:
    """Gradients of the cross-entropy alone, in the shapes of `layers`."""
    return loss_and_gradients(layers, x, targets, name)[1]


def sgd_step(layers: list[Layer], gradients: list[Layer], step: float) -> list[Layer]:
    """Layers after one step of gradient descent."""
    return [(w - step * dw, b - step * db) for (w, b), (dw, db) in zip(layers, gradients)]


def adam_step(
    layers: list[Layer], gradients: list[Layer], step: float, state: tuple | None = None
) -> tuple[list[Layer], tuple]:
    """Layers after one step of Adam, and its state for the next one; None is the state at the start."""
    count, means, squares = state or (0, [(0.0, 0.0)] * len(layers), [(0.0, 0.0)] * len(layers))
    parts = [
        [adam_direction(g, m, s, count + 1) for g, m, s in zip(*layer)] for layer in zip(gradients, means, squares)
    ]
    directions, means, squares = ([tuple(part[i] for part in layer) for layer in parts] for i in range(3))
    return sgd_step(layers, directions, step), (count + 1, means, squares)


def flatten(layers: list[Layer]) -> np.ndarray:
    """All weights and biases as one vector."""
    return np.concatenate([part.ravel() for layer in layers for part in layer])


def unflatten(vector: np.ndarray, like: list[Layer]) -> list[Layer]:
    """The layers whose weights and biases stand in the vector, in the shapes of `like`."""
    sizes = [part.size for layer in like for part in layer]
    parts = iter(np.split(vector, np.cumsum(sizes)[:-1]))
    return [(next(parts).reshape(weights.shape), next(parts)) for weights, _ in like]


def center_gradient(gradient: Layer, c: np.ndarray) -> Layer:
    """The step that a layer would take if its inputs were a − c and its bias made up for it: from G to G − c gᵀ.

    It is in the layer's own weights and bias, so nothing else changes; c has the shape (inputs,).
    """
    weights, bias = gradient
    weights = weights - np.outer(c, bias)
    return weights, bias - c @ weights


def sigmoid_twin(layers: list[Layer]) -> list[Layer]:
    """The sigmoid net that computes what this tanh net computes: tanh z = 2σ(2z) − 1 in every hidden layer."""
    last, twin = len(layers) - 1, []
    for i, (weights, bias) in enumerate(layers):
        if i:  # its input a is 2s − 1, s the sigmoid's output
            weights, bias = 2 * weights, bias - weights.sum(axis=0)
        twin.append((weights, bias) if i == last else (2 * weights, 2 * bias))
    return twin
