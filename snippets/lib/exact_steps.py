"""Exact steps on one example at a time: the shortest change of the weights that fits it, so e loses its part along x.

Source: Strohmer & Vershynin (2009), who call it Kaczmarz’s method.
"""

from collections.abc import Iterable, Iterator

import numpy as np


def exact_steps(errors: np.ndarray, examples: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """What exact steps on one example each leave of the errors (…, n), one at a time along the first axis."""
    for x in examples:
        errors = errors - x * (np.sum(x * errors, -1, keepdims=True) / np.sum(x * x, -1, keepdims=True))
        yield errors
