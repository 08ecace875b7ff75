"""Handwritten digits: images of 8 × 8 pixels that come with scikit-learn, so nothing is downloaded."""

from functools import cache

import numpy as np
from sklearn.datasets import load_digits


@cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Pixels in [0, 1], shape (1797, 64), and labels 0 to 9, shape (1797,)."""
    pixels, labels = load_digits(return_X_y=True)
    return pixels / 16, labels


def one_hot(labels: np.ndarray) -> np.ndarray:
    """Targets, shape (B, 10): a row a label, 1 in its column and 0 elsewhere."""
    return np.eye(10)[labels]
