"""When does a ReLU die?

Where the off-center part of its inputs outweighs the rest, and that comes with depth: in layer {{ layers }} a unit is
off for all of {{ examples }} examples with probability {{ last | digits(2) }}.

    ratio   r, length of the mean input over the root mean square of its spread, for a random unit
    dead    a unit that is off for every example
"""

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.gaussian import density, distribution, normal_mean
from lib.network import init_layers, loss_gradients
from lib.numerics import Draws
from lib.plots import MUTED, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
LAYERS, EXAMPLES, WIDE, NETS = 20, 100, 256, 4
MORE = 1000  # examples


@dataclass(frozen=True)
class Result:
    layers: int
    "Layers of the wide random net."
    examples: int
    "Examples for which a unit must be off to be dead."
    width: int
    "Units in each of those layers."
    dead: np.ndarray
    "Probability of a dead unit, layer by layer, by the formula, first layer first."
    sampled: np.ndarray
    "Share of dead units in random nets, layer by layer."
    ratios: np.ndarray
    "r² of what enters each layer."
    last: float
    "Probability of a dead unit in the last of those layers."
    many: float
    "The same for `more` examples."
    more: int
    "More examples."
    second: float
    "The same in the second."


def next_correlation(correlation: float) -> float:
    """Of a wide layer's ReLU outputs for two examples, from that of its inputs for them (uncentered, a cosine)."""
    angle = np.arccos(correlation)
    return (np.sin(angle) + (np.pi - angle) * correlation) / np.pi


def probability_of_death(ratio: float, examples: int) -> float:
    """Probability that a random unit is off for all examples: E[Φ(r t)^N] over t ~ N(0, 1)."""
    return normal_mean(lambda t: distribution(ratio * t) ** examples)


def follow_ratios() -> np.ndarray:
    """r² of what enters each layer, for centered data and no biases."""
    cosine, ratios = 0.0, []
    for _ in range(LAYERS):
        ratios.append(cosine / (1 - cosine))
        cosine = next_correlation(cosine)
    return np.array(ratios)


def sample_dead(rng: np.random.Generator) -> np.ndarray:
    """Share of dead units, layer by layer, in wide random nets with weights of variance 2/n."""
    shares = np.zeros(LAYERS)
    for _ in range(NETS):
        a = rng.normal(size=(EXAMPLES, WIDE))
        for layer in range(LAYERS):
            a = np.maximum(a @ rng.normal(size=(WIDE, WIDE)) * np.sqrt(2 / WIDE), 0)
            shares[layer] += np.mean(a.max(axis=0) == 0) / NETS
    return shares


def compute() -> Result:
    ratios = follow_ratios()
    dead = np.array([probability_of_death(np.sqrt(r2), EXAMPLES) for r2 in ratios])
    return Result(
        layers=LAYERS,
        examples=EXAMPLES,
        width=WIDE,
        dead=dead,
        sampled=sample_dead(np.random.default_rng(SEED)),
        ratios=ratios,
        last=dead[-1],
        many=probability_of_death(np.sqrt(ratios[-1]), MORE),
        more=MORE,
        second=dead[1],
    )


def claim_dead_units_have_no_gradient(result: Result) -> None:
    """A dead unit has a gradient of zero for every weight that enters it, for its bias, and for every weight that
    leaves it; so plain descent on these leaves it off as long as its inputs stay what they are."""
    rng = np.random.default_rng(SEED)
    layers, x = init_layers((5, 8, 3), rng), rng.normal(size=(30, 5))
    layers[0][1][2] = -100.0  # the bias of one unit
    (below, bias), (above, _) = loss_gradients(layers, x, np.eye(3)[rng.integers(3, size=30)], "relu")
    assert not below[:, 2].any() and bias[2] == 0 and not above[2].any()
    assert np.all(np.any(np.delete(below, 2, axis=1) != 0, axis=0))


def claim_units_die_with_depth(result: Result) -> None:
    """On centered data, with no biases and {{ examples }} examples, a unit of the second layer is dead with probability
    {{ second | digits(1) }}, one of layer {{ layers }} with {{ last | digits(2) }} ({{ many | digits(2) }} for
    {{ more | integer }} examples); random nets of {{ width }} units a layer agree."""
    assert np.all(np.diff(result.dead) > 0) and result.sampled[0] == 0
    assert np.all(abs(result.sampled - result.dead) < 0.09)
    assert abs(probability_of_death(0.0, 10) - 2**-10) < 1e-9 and abs(probability_of_death(3.0, 1) - 1 / 2) < 1e-9
    correlation, t, layers = 0.0, np.linspace(-9, 9, 4001), []
    for _ in range(result.layers):  # and by the trapezoidal rule
        layers.append(distribution(np.sqrt(correlation / (1 - correlation)) * t))
        correlation = (np.sqrt(1 - correlation**2) + (np.pi - np.arccos(correlation)) * correlation) / np.pi
    for at, examples, dead in ((1, 100, result.second), (-1, 100, result.last), (-1, 1000, result.many)):
        assert abs(np.trapezoid(density(t) * layers[at] ** examples, t) / dead - 1) < 1e-4
    assert abs(result.sampled[10:].mean() / result.dead[10:].mean() - 1) < 0.3


def equation_correlation() -> Draws:
    r"""\varrho' = \frac{1}{\pi}\left(\sqrt{1 - \varrho^2} + (\pi - \arccos\varrho)\,\varrho\right), \qquad
    r^2 = \frac{\varrho}{1 - \varrho}"""
    u, weight = np.polynomial.legendre.leggauss(200)
    u = 6 + 6 * u
    for correlation in np.random.default_rng(0).uniform(0.05, 0.95, 20):
        mean, spread = correlation * u, np.sqrt(1 - correlation**2)  # of the other pre-activation, given u
        other = mean * distribution(mean / spread) + spread * density(mean / spread)
        common = np.sqrt(correlation) / np.sqrt(1 - correlation)  # √ϱ t + √(1 − ϱ) t' has correlation ϱ
        yield {r"\varrho'": 2 * (6 * weight @ (density(u) * u * other)), r"\varrho": correlation, "r": common}


def equation_death() -> Draws:
    r"""P = \sum_k p_k\,\Phi(r\,t_k)^N"""
    nodes, weight = np.polynomial.legendre.leggauss(150)
    shares = 8 * weight * density(8 * nodes)  # a standard normal t on a grid
    for r2, examples in product(np.random.default_rng(0).uniform(0.2, 2, 6), (2, 3)):
        angle = math.asin(r2 / (1 + r2))  # two examples have this correlation: known orthant probabilities
        known = {2: 1 / 4 + angle / (2 * math.pi), 3: 1 / 8 + 3 * angle / (4 * math.pi)}
        yield {
            "P": known[examples],
            "N": examples,
            "r": math.sqrt(r2),
            r"\sum_k": range(150),
            "p_k": lambda k: shares[int(k)],
            "t_k": lambda k: 8 * nodes[int(k)],
            r"\Phi": distribution,
        }


def figure_dead(result: Result) -> Figure:
    """Share of dead units against the layer, one to {{ layers }}. The line of the formula rises from zero to
    {{ last | digits(2) }}; dots of random nets of {{ width }} units lie around it."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    layers = np.arange(1, LAYERS + 1)
    axes.plot(layers, result.sampled, "o", color=MUTED, markersize=4.5, label="random nets")
    axes.plot(layers, result.dead, color=SECOND, label="formula")
    label_point(axes, "formula", (layers[12], result.dead[12]), SECOND, dx=-8, dy=12)
    label_point(axes, f"nets of {WIDE}", (layers[14], result.sampled[14]), MUTED, dx=8, dy=-14)
    axes.set(ylim=(-0.01, 0.36), xlim=(0, LAYERS + 0.5))
    frame_axes(axes, [1, 5, 10, 15, 20], {0: "0", 0.1: "10%", 0.2: "20%", 0.3: "30%"}, "layer", "share of dead units")
    return figure


if __name__ == "__main__":
    show_figures(figure_dead, of=compute())
