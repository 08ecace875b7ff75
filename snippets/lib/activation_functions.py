"""Activation functions by name, with their derivatives; z is a pre-activation, a number or an array of any shape."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from lib.gaussian import density, distribution

Function = Callable[[np.ndarray], np.ndarray]

SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805  # Klambauer et al. (2017): N(0, 1) is a fixed point
LEAK = 0.01  # derivative of leaky ReLU for negative z


def sigmoid(z: ArrayLike) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def hard_sigmoid(z: ArrayLike) -> np.ndarray:
    """A ramp from 0 at z = −3 to 1 at z = 3."""
    return np.clip(z / 6 + 0.5, 0, 1)


def softplus(z: ArrayLike) -> np.ndarray:
    return np.logaddexp(0, z)


def relu(z: ArrayLike) -> np.ndarray:
    return np.maximum(z, 0)


def elu(z: ArrayLike) -> np.ndarray:
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


def selu(z: ArrayLike) -> np.ndarray:
    return SELU_SCALE * np.where(z > 0, z, SELU_ALPHA * np.expm1(np.minimum(z, 0)))


def lecun_tanh(z: ArrayLike) -> np.ndarray:
    """1.7159 tanh(2z/3), LeCun et al. (1998)."""
    return 1.7159 * np.tanh(2 * z / 3)


NAMES: dict[str, str] = {
    "softplus": "softplus",
    "sigmoid": "sigmoid",
    "relu": "ReLU",
    "leaky_relu": "leaky ReLU",
    "gelu": "GELU",
    "mish": "Mish",
    "silu": "SiLU",
    "elu": "ELU",
    "softsign": "softsign",
    "tanh": "tanh",
    "lecun_tanh": "LeCun’s tanh",
    "selu": "SELU",
}

FUNCTIONS: dict[str, Function] = {
    "softplus": softplus,
    "sigmoid": sigmoid,
    "relu": relu,
    "leaky_relu": lambda z: np.where(z > 0, z, LEAK * z),
    "gelu": lambda z: z * distribution(z),
    "mish": lambda z: z * np.tanh(softplus(z)),
    "silu": lambda z: z * sigmoid(z),
    "elu": elu,
    "softsign": lambda z: z / (1 + abs(z)),
    "tanh": np.tanh,
    "lecun_tanh": lecun_tanh,
    "selu": selu,
}

DERIVATIVES: dict[str, Function] = {
    "softplus": sigmoid,
    "sigmoid": lambda z: sigmoid(z) * sigmoid(-z),
    "relu": lambda z: np.where(z > 0, 1.0, 0.0),
    "leaky_relu": lambda z: np.where(z > 0, 1.0, LEAK),
    "gelu": lambda z: distribution(z) + z * density(z),
    "mish": lambda z: np.tanh(softplus(z)) + z * sigmoid(z) / np.cosh(softplus(z)) ** 2,
    "silu": lambda z: sigmoid(z) * (1 + z * sigmoid(-z)),
    "elu": lambda z: np.where(z > 0, 1.0, np.exp(np.minimum(z, 0))),
    "softsign": lambda z: 1 / (1 + abs(z)) ** 2,
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "lecun_tanh": lambda z: 1.7159 * 2 / 3 * (1 - np.tanh(2 * z / 3) ** 2),
    "selu": lambda z: SELU_SCALE * np.where(z > 0, 1.0, SELU_ALPHA * np.exp(np.minimum(z, 0))),
}
