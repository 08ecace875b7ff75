"""Why does an LSTM predict a straight line when the series is not scaled?

Its gates are sigmoids of the input times weights of up to {{ edge | digits(1) }}: at a level of
{{ level | integer }} {{ saturated.raw | percent(0) }} of them have hardly any slope, and the states of different series
are the same.

    x   series, random walks about a level; h state behind the last step, what the output layer reads
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import sigmoid
from lib.numerics import Draws, derivative, draws

SEED = 0
UNITS, LENGTH, SERIES, STARTS, LEVEL, SPREAD, PART = 50, 30, 200, 5, 3000.0, 0.1, 0.01


@dataclass(frozen=True)
class Result:
    units: int
    "Units of the LSTM, with the initial weights of Keras."
    length: int
    "Steps of each series."
    series: int
    "Series."
    level: float
    "Level of the series."
    spread: float
    "Standard deviation at the last step over the level."
    part: float
    "Share of the largest slope below which a gate is called saturated."
    edge: float
    "Edge of the uniform distribution of the input's weights."
    saturated: dict[str, float]
    "Share of gates with hardly any of the largest slope: raw, divided by the level, standardized."
    shared: dict[str, float]
    "Share of the states' mean square that differs between series, behind the last step."


def run(x: np.ndarray, rng: np.random.Generator) -> tuple[float, float]:
    """Share of saturated gates, and of the last states' mean square that is variance, for series (series, steps)."""
    edge = np.sqrt(6 / (1 + 4 * UNITS))  # Glorot's, for one input and four gates; the state's matrix is orthogonal
    W, U = rng.uniform(-edge, edge, size=4 * UNITS), np.linalg.qr(rng.normal(size=(4 * UNITS, UNITS)))[0].T
    b = np.repeat([0.0, 1.0, 0.0, 0.0], UNITS)  # of the forget gate
    h = c = np.zeros((len(x), UNITS))
    saturated = []
    for t in range(x.shape[1]):
        z = np.clip(x[:, [t]] * W + h @ U + b, -700, 700)
        i, f, g, o = np.split(z, 4, axis=1)
        gates = sigmoid(np.hstack([i, f, o]))
        saturated.append(np.mean(4 * gates * (1 - gates) < PART))
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
    return float(np.mean(saturated)), float(h.var(axis=0).sum() / np.mean(h**2, axis=0).sum())


def draw_series(rng: np.random.Generator) -> np.ndarray:
    """Random walks about 1."""
    return 1 + SPREAD * np.cumsum(rng.normal(size=(SERIES, LENGTH)), axis=1) / np.sqrt(LENGTH)


def compute() -> Result:
    found: dict[str, list] = {"raw": [], "divided": [], "standardized": []}
    for start in range(STARTS):
        rng = np.random.default_rng([SEED, start])
        x, seed = draw_series(rng), int(rng.integers(2**32))
        for key, part in (("raw", LEVEL * x), ("divided", x), ("standardized", (x - x.mean()) / x.std())):
            found[key].append(run(part, np.random.default_rng(seed)))
    medians = {key: np.median(rows, axis=0) for key, rows in found.items()}
    return Result(
        units=UNITS,
        length=LENGTH,
        series=SERIES,
        level=LEVEL,
        spread=SPREAD,
        part=PART,
        edge=float(np.sqrt(6 / (1 + 4 * UNITS))),
        saturated={key: float(row[0]) for key, row in medians.items()},
        shared={key: float(row[1]) for key, row in medians.items()},
    )


def claim_gates_are_saturated_and_states_alike(result: Result) -> None:
    """{{ units }} units with the initial weights of Keras read {{ series }} random walks of {{ length }} steps about
    {{ level | integer }}, which end with a standard deviation of {{ spread | percent(0) }} of that. Raw:
    {{ saturated.raw | percent(0) }} of the gates have less than {{ part | percent(0) }} of the largest slope, and
    hardly any of the mean square of the last states is due to differences between series. Divided by the level:
    {{ saturated.divided | percent(0) }} of the gates, and {{ shared.divided | percent(1) }} of the mean square.
    Standardized: {{ saturated.standardized | percent(0) }} and {{ shared.standardized | percent(0) }}."""
    edge = 2 * np.arccosh(1 / np.sqrt(PART))  # 4σ(1 − σ) = 1/cosh²(z/2), by the input alone
    free = edge / (LEVEL * result.edge)  # share of weights too small to saturate a gate
    assert abs(result.saturated["raw"] - (1 - free)) < 0.02
    assert result.saturated["divided"] == 0 <= result.saturated["standardized"] < 0.02
    assert 0 <= result.shared["raw"] < 1e-4 and 0.003 < result.shared["divided"] < 0.014
    assert 0.95 < result.shared["standardized"] < 1


def equation_slope() -> Draws:
    r"""4\,\sigma'(z) = \frac{1}{\cosh^2(z/2)}"""
    for rng in draws(4):
        z = rng.normal()
        yield {r"\sigma'": lambda z: derivative(sigmoid, z), "z": z, r"\cosh": np.cosh}
