"""Normalization, forward and backward, along any axis: a row is an example, a column a unit."""

import numpy as np


def normalize(z: np.ndarray, axis: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Values minus their mean along `axis`, over their standard deviation; and the standard deviations."""
    s = z.std(axis=axis, keepdims=True)
    return (z - z.mean(axis=axis, keepdims=True)) / s, s


def normalize_backward(delta: np.ndarray, normal: np.ndarray, s: np.ndarray, axis: int = 0) -> np.ndarray:
    """Derivatives by what `normalize` was given, from those by what it returned; δ may have axes in front."""
    along = (delta * normal).mean(axis=axis, keepdims=True)
    return (delta - delta.mean(axis=axis, keepdims=True) - normal * along) / s


def standardize(x: np.ndarray, axis: int | None = 0) -> np.ndarray:
    """Values minus their mean along `axis`, over their standard deviation; None means one of each for all."""
    return (x - x.mean(axis=axis, keepdims=True)) / x.std(axis=axis, keepdims=True)


def rms_norm(z: np.ndarray) -> np.ndarray:
    """Each row over its root mean square: along the last axis."""
    return z / np.sqrt(np.mean(z**2, axis=-1, keepdims=True))
