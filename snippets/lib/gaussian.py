"""Expectations over a normal variable, by quadrature."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

erf = np.vectorize(math.erf)
NODES, WEIGHTS = np.polynomial.legendre.leggauss(200)  # on [−1, 1]
REACH = 12.0  # standard deviations to either side of 0 that are integrated over; less than 1e-31 lies beyond


def density(z: ArrayLike) -> np.ndarray:
    """Density of the standard normal distribution."""
    return np.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def distribution(z: ArrayLike) -> np.ndarray:
    """Φ(z), the distribution function of the standard normal distribution."""
    return (1 + erf(z / math.sqrt(2))) / 2


def normal_nodes(kinks: tuple[float, ...] = (0.0,)) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights for E[f(z)], z ~ N(0, 1): Gauss-Legendre between the places where f may have a kink."""
    cuts = np.array([-REACH, *np.clip(kinks, -REACH, REACH), REACH])
    half, middle = np.diff(cuts)[:, None] / 2, (cuts[1:, None] + cuts[:-1, None]) / 2
    nodes = (half * NODES + middle).ravel()
    return nodes, (half * WEIGHTS).ravel() * density(nodes)


def normal_mean(function: Callable, std: float = 1.0, kinks: tuple[float, ...] = (0.0,)) -> float:
    """E[function(z)] for z ~ N(0, std²), by quadrature between the kinks of the function, in ascending order."""
    nodes, weights = normal_nodes(tuple(kink / std for kink in kinks))
    return float(weights @ function(std * nodes))


def mean_by_sum(function: Callable, std: float = 1.0, spacing: float = 1e-3) -> float:
    """The mean of `normal_mean` by a sum over an even grid, which claims compare with the quadrature."""
    z = np.arange(-8 - spacing / 2, 8 + spacing, spacing)
    return float(density(z) @ function(std * z) * spacing)


def moments(function: Callable, std: float = 1.0, kinks: tuple[float, ...] = (0.0,)) -> tuple[float, float]:
    """Mean and variance of function(z) for z ~ N(0, std²)."""
    mean = normal_mean(function, std, kinks)
    return mean, normal_mean(lambda z: (function(z) - mean) ** 2, std, kinks)


def mean_over_std(function: Callable) -> float:
    """Mean over standard deviation of function(z) for z ~ N(0, 1)."""
    mean, variance = moments(function)
    return mean / math.sqrt(variance)


def expect_largest(count: int) -> float:
    """Mean of the largest of `count` independent standard normal numbers, by quadrature."""
    return normal_mean(lambda z: z * count * distribution(z) ** (count - 1))
