"""Activation functions by name, and their moments for a normal pre-activation, by quadrature."""

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


def selu(z):
    alpha, scale = 1.6732632423543772, 1.0507009873554805  # the fixed point of Klambauer et al. (2017)
    return scale * np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))


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


def normal_mean(function: Callable, deviation: float = 1.0) -> float:
    """E[function(z)] for z ~ N(0, deviation²), by Gauss-Legendre on either side of the kink at 0."""
    x, w = np.polynomial.legendre.leggauss(200)
    t = np.concatenate([6 * x - 6, 6 * x + 6])  # twelve deviations each way
    density = np.exp(-t * t / 2) / math.sqrt(2 * math.pi)
    return float(np.concatenate([6 * w, 6 * w]) * density @ function(deviation * t))


def moments(function: Callable, deviation: float = 1.0) -> tuple[float, float]:
    """Mean and variance of function(z) for z ~ N(0, deviation²)."""
    mean = normal_mean(function, deviation)
    return mean, normal_mean(lambda z: (function(z) - mean) ** 2, deviation)
