"""How alike do two unrelated inputs become through layers of ReLU?

Their cosine is {{ cosines[0] | digits(3) }} behind the first wide layer, {{ cosines[1] | digits(3) }} behind the second
and {{ cosines[3] | digits(3) }} behind layer {{ layers[3] }}; deep down what it lacks to 1 falls like one over the
square of the depth, and so the off-center ratio grows like the square.
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws

LAYERS, DEEP = (1, 2, 3, 10), 3000


@dataclass(frozen=True)
class Result:
    layers: tuple[int, ...]
    "Layers of ReLU, wide, He's weights, no biases."
    cosines: tuple[float, ...]
    "Cosine of two inputs behind so many, if it was 0 before."


def next_cosine(c: float) -> float:
    """Cosine of two inputs behind a wide layer of ReLU; Cho & Saul (2009)."""
    return (np.sqrt(1 - c * c) + (np.pi - np.arccos(c)) * c) / np.pi


def follow(layers: int, c: float = 0.0) -> list[float]:
    """Cosines behind 1, 2, … layers."""
    path = []
    for _ in range(layers):
        c = float(next_cosine(c))
        path.append(c)
    return path


def compute() -> Result:
    path = follow(max(LAYERS))
    return Result(layers=LAYERS, cosines=tuple(path[layers - 1] for layers in LAYERS))


def claim_cosines_rise(result: Result) -> None:
    """Two inputs at right angles have the cosine {{ cosines | digits(3) | list }} behind {{ layers | integer | list }}
    layers of ReLU."""
    rng, c = np.random.default_rng(0), 0.0
    for layer in range(1, max(LAYERS) + 1):  # a layer as an average over normal pre-activations
        u, v = rng.normal(size=(2, 200_000))
        a, b = np.maximum(u, 0), np.maximum(c * u + np.sqrt(1 - c * c) * v, 0)
        c = float(a @ b / np.sqrt((a @ a) * (b @ b)))
        if layer in LAYERS:
            assert abs(c - result.cosines[LAYERS.index(layer)]) < 8e-3


def equation_deep() -> Draws:
    r"""1 - \varrho_l \approx \frac{9\pi^2}{2\,l^2}, \qquad \rho_l \approx \frac{2\,l^2}{9\pi^2}"""
    for start in (0.0, 0.2, 0.5):
        c = follow(DEEP, start)[-1]
        yield {r"\varrho_l": c, "l": DEEP, r"\pi": np.pi, r"\rho_l": c / (1 - c), r"\approx": 0.02}
