"""Activation functions by name, their derivatives, and their moments for a normal pre-activation, by quadrature."""

import math
from collections.abc import Callable

import numpy as np

erf = np.vectorize(math.erf)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softplus(z):
    return np.logaddexp(0, z)


def elu(z):
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805  # the fixed point of Klambauer et al. (2017)


def selu(z):
    return SELU_SCALE * np.where(z > 0, z, SELU_ALPHA * np.expm1(np.minimum(z, 0)))


def density(z):
    """Of the standard normal distribution."""
    return np.exp(-z * z / 2) / math.sqrt(2 * math.pi)


FUNCTIONS: dict[str, tuple[str, Callable]] = {
    "softplus": ("softplus", softplus),
    "sigmoid": ("sigmoid", sigmoid),
    "relu": ("ReLU", lambda z: np.maximum(z, 0)),
    "leaky_relu": ("leaky ReLU", lambda z: np.where(z > 0, z, 0.01 * z)),
    "gelu": ("GELU", lambda z: z * (1 + erf(z / math.sqrt(2))) / 2),
    "mish": ("Mish", lambda z: z * np.tanh(softplus(z))),
    "silu": ("SiLU", lambda z: z * sigmoid(z)),
    "elu": ("ELU", elu),
    "softsign": ("softsign", lambda z: z / (1 + abs(z))),
    "tanh": ("tanh", np.tanh),
    "lecun_tanh": ("LeCun’s tanh", lambda z: 1.7159 * np.tanh(2 * z / 3)),
    "selu": ("SELU", selu),
}

SLOPES: dict[str, Callable] = {
    "softplus": sigmoid,
    "sigmoid": lambda z: sigmoid(z) * sigmoid(-z),
    "relu": lambda z: np.where(z > 0, 1.0, 0.0),
    "leaky_relu": lambda z: np.where(z > 0, 1.0, 0.01),
    "gelu": lambda z: (1 + erf(z / math.sqrt(2))) / 2 + z * density(z),
    "mish": lambda z: np.tanh(softplus(z)) + z * sigmoid(z) / np.cosh(softplus(z)) ** 2,
    "silu": lambda z: sigmoid(z) * (1 + z * sigmoid(-z)),
    "elu": lambda z: np.where(z > 0, 1.0, np.exp(np.minimum(z, 0))),
    "softsign": lambda z: 1 / (1 + abs(z)) ** 2,
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "lecun_tanh": lambda z: 1.7159 * 2 / 3 * (1 - np.tanh(2 * z / 3) ** 2),
    "selu": lambda z: SELU_SCALE * np.where(z > 0, 1.0, SELU_ALPHA * np.exp(np.minimum(z, 0))),
}


GAUSS = np.polynomial.legendre.leggauss(200)  # nodes and weights, found once: it takes milliseconds


def normal_mean(function: Callable, deviation: float = 1.0) -> float:
    """E[function(z)] for z ~ N(0, deviation²), by Gauss-Legendre on either side of the kink at 0."""
    x, w = GAUSS
    t = np.concatenate([6 * x - 6, 6 * x + 6])  # twelve deviations each way
    return float(np.concatenate([6 * w, 6 * w]) * density(t) @ function(deviation * t))


def moments(function: Callable, deviation: float = 1.0) -> tuple[float, float]:
    """Mean and variance of function(z) for z ~ N(0, deviation²)."""
    mean = normal_mean(function, deviation)
    return mean, normal_mean(lambda z: (function(z) - mean) ** 2, deviation)
