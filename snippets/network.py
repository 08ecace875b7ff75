"""A small fully connected network with a softmax output: its loss, and its gradients by back-propagation.

A row is an example: pre-activations z = a W + b, activations a = φ(z); δ = ∂L/∂z is the upstream gradient of a layer.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from functions import FUNCTIONS, SLOPES

Layer = tuple[np.ndarray, np.ndarray]  # weights (inputs, units) and biases (units,)


def initial(sizes: tuple[int, ...], rng: np.random.Generator, gain: float = 1.0) -> list[Layer]:
    """Normal weights of variance gain²/inputs and zero biases, for layers of the given sizes."""
    return [
        (gain * rng.normal(size=(inputs, units)) / np.sqrt(inputs), np.zeros(units))
        for inputs, units in pairwise(sizes)
    ]


def activations(layers: list[Layer], x: np.ndarray, unit: Callable = np.tanh) -> tuple[list, list]:
    """Pre-activations and activations of every layer for inputs x (B, n); the last layer is linear, its entry in
    the activations is left out."""
    z, a = [], [x]
    for weights, bias in layers:
        z.append(a[-1] @ weights + bias)
        a.append(unit(z[-1]))
    return z, a[:-1]


def cross_entropy(scores: np.ndarray, targets: np.ndarray) -> float:
    """Mean softmax cross-entropy of scores (B, classes) against one-hot targets of the same shape, in nats."""
    scores = scores - scores.real.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(scores).sum(axis=1)) - (targets * scores).sum(axis=1))


def softmax(scores: np.ndarray) -> np.ndarray:
    """Rows of probabilities, shape of `scores` (B, classes)."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def loss(layers: list[Layer], x: np.ndarray, targets: np.ndarray, name: str = "tanh") -> float:
    """Cross-entropy of the network whose units have the activation function `name` of functions.py."""
    return cross_entropy(activations(layers, x, FUNCTIONS[name][1])[0][-1], targets)


def gradients(layers: list[Layer], x: np.ndarray, targets: np.ndarray, name: str = "tanh") -> list[Layer]:
    """Gradients of `loss` by weights and biases, layer by layer, in the shapes of `layers`."""
    return loss_and_gradients(layers, x, targets, name)[1]


def loss_and_gradients(
    layers: list[Layer], x: np.ndarray, targets: np.ndarray, name: str = "tanh"
) -> tuple[float, list[Layer]]:
    """What `loss` and `gradients` return, in one pass: for a descent that looks at both."""
    return backward(layers, x, targets, FUNCTIONS[name][1], SLOPES[name])


def backward(
    layers: list[Layer], x: np.ndarray, targets: np.ndarray, unit: Callable, slope: Callable
) -> tuple[float, list[Layer]]:
    """Cross-entropy of a network with any units, given with their derivative, and its gradients as in `gradients`."""
    z, a = activations(layers, x, unit)
    delta, made = (softmax(z[-1]) - targets) / len(x), []
    for i in reversed(range(len(layers))):
        made.append((a[i].T @ delta, delta.sum(axis=0)))
        if i:
            delta = (delta @ layers[i][0].T) * slope(z[i - 1])
    return cross_entropy(z[-1], targets), made[::-1]


def moved(layers: list[Layer], by: list[Layer], step: float) -> list[Layer]:
    """The layers after one step of the given size against `by`."""
    return [(w - step * dw, b - step * db) for (w, b), (dw, db) in zip(layers, by)]
