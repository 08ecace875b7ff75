"""How alike do two unrelated inputs become through layers of ReLU?

Their cosine is {{ cosines[0] | digits(3) }} behind the first wide layer, {{ cosines[1] | digits(3) }} behind the second
and {{ cosines[3] | digits(3) }} behind layer {{ layers[3] }}; deep down what it lacks to 1 falls like one over the
square of the depth, and so the off-center ratio grows like the square.
"""

from dataclasses import dataclass

import numpy as np

from lib.mean_field import propagate
from lib.numerics import Draws
from lib.quadratics import off_center_ratio

SEED = 0
LAYERS, DEEP = (1, 2, 3, 10), 3000
DEPTH, WIDTH, NETS = 20, 128, 9


@dataclass(frozen=True)
class Result:
    layers: tuple[int, ...]
    "Layers of ReLU, wide, He's weights, no biases."
    cosines: tuple[float, ...]
    "Cosine of two inputs behind so many, if it was 0 before."
    depth: int
    "Layers whose off-center ratio is compared."
    ratio: float
    "Off-center ratio behind so many layers of infinite width."
    rule: float
    "What the rule for large depth says of it."
    width: int
    "Units in each layer of the sampled nets."
    sampled: float
    "Off-center ratio behind as many layers of such nets, median."


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


def sample_ratio(rng: np.random.Generator) -> float:
    """Off-center ratio behind DEPTH layers of WIDTH ReLU units, standard normal inputs, median over NETS nets."""
    ratios = []
    for _ in range(NETS):
        a = rng.normal(size=(200, WIDTH))
        for _ in range(DEPTH):
            a = np.maximum(a @ rng.normal(size=(WIDTH, WIDTH)) * np.sqrt(2 / WIDTH), 0)
        ratios.append(off_center_ratio(a))
    return float(np.median(ratios))


def compute() -> Result:
    path = follow(max(LAYERS))
    deep = follow(DEPTH)[-1]
    return Result(
        layers=LAYERS,
        cosines=tuple(path[layers - 1] for layers in LAYERS),
        depth=DEPTH,
        ratio=deep / (1 - deep),
        rule=2 * DEPTH**2 / (9 * np.pi**2),
        width=WIDTH,
        sampled=sample_ratio(np.random.default_rng(SEED)),
    )


def claim_cosines_rise(result: Result) -> None:
    """Two inputs at right angles have the cosine {{ cosines | digits(3) | list }} behind {{ layers | integer | list }}
    layers of ReLU."""
    rng, c = np.random.default_rng(0), 0.0
    for layer in range(1, max(LAYERS) + 1):  # a layer as an average over normal pre-activations
        u, v = rng.normal(size=(2, 200_000))
        a, b = np.maximum(u, 0), np.maximum(c * u + np.sqrt(1 - c * c) * v, 0)
        c = float(a @ b / np.sqrt((a @ a) * (b @ b)))
        if layer in LAYERS:
            assert abs(c - result.cosines[LAYERS.index(layer)]) < 6e-3


def claim_narrow_nets_lag(result: Result) -> None:
    """Behind {{ depth }} layers of ReLU the off-center ratio is {{ ratio | digits(2) }} for infinite width, where the
    rule for large depth says {{ rule | digits(2) }}, and {{ sampled | digits(1) }} for {{ width }} units a layer
    (median of nets)."""
    shared, own = 0.0, 1.0
    for layer in range(DEPTH):
        gain = 2.0 if layer else 1.0
        shared, own = propagate(lambda z: np.maximum(z, 0), gain * shared, gain * own)
    assert abs(shared / own / result.ratio - 1) < 0.02
    lack = 1 - follow(DEEP)[-1]  # at large depth, brought back by the square of the depth
    assert abs((DEPTH / DEEP) ** 2 * (1 - lack) / lack / result.rule - 1) < 0.03
    assert 5 < result.sampled < 14 < result.ratio


def equation_deep() -> Draws:
    r"""1 - \varrho_l \approx \frac{9\pi^2}{2\,l^2}, \qquad \rho_l \approx \frac{2\,l^2}{9\pi^2}"""
    for start in (0.0, 0.2, 0.5):
        c = follow(DEEP, start)[-1]
        yield {r"\varrho_l": c, "l": DEEP, r"\pi": np.pi, r"\rho_l": c / (1 - c), r"\approx": 0.02}
