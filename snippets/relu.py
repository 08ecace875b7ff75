"""ReLU is not centered either: why is it popular?

In spite of its mean. Its slope is 1 on half its inputs whatever their scale, it is cheap and sparse, and what its mean
costs can be paid elsewhere. Its zeros cut single paths and not the gradient, which takes all paths; whole units die
where the off-center part of their inputs outweighs the rest, and that comes with depth.

    slope   mean square of a unit's slope over normal pre-activations
    ratio   r, length of the mean input over the root mean square of its spread, for a random unit
    dead    a unit that is off for every example
"""

import math
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, FUNCTIONS, NAMES
from lib.data import digits
from lib.gaussian import density, distribution, moments
from lib.network import init_layers, loss_gradients
from lib.numerics import Draws, draws
from lib.plots import FIRST, INK, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import kappa_with_bias

SEED = 0
NODES, WEIGHTS = np.polynomial.legendre.leggauss(300)
DEVIATIONS = np.geomspace(0.1, 10, 41)
DEPTH, WIDTHS = 20, (1, 2, 3, 4, 6, 8, 12, 16)
LAYERS, EXAMPLES, WIDE, NETS = 20, 100, 256, 4
LARGE, MORE = 5.0, 1000  # a large deviation of pre-activations; more examples
REPORTED = {  # test error in percent; Glorot, Bordes & Bengio 2011, Table 1, MNIST without pre-training
    "rectifier": 1.43,
    "tanh": 1.57,
    "softplus": 1.77,
}
CONTROL = {"relu": 31.56, "shifted": 29.35, "elu": 28.75}  # the same on CIFAR-100; Clevert et al. 2015

UNITS = 64  # in the layer


@dataclass(frozen=True)
class Result:
    slopes: dict[str, np.ndarray]
    "Mean square slope over `DEVIATIONS` of the pre-activation."
    wide: dict[str, float]
    "The same at a deviation of `deviation`."
    deviation: float
    "A large deviation of the pre-activation."
    unit: dict[str, float]
    "The same at a deviation of one."
    without_mean: float
    "Condition number with a bias of ReLU units whose mean has been subtracted."
    tanh: float
    "The same of tanh units, as they are."
    units: int
    "Units in that layer."
    depth: int
    "Layers of the net in the question about zero factors."
    chain: float
    "Probability that a chain of so many units lets anything through, one in ..."
    through: dict[str, float]
    "Probability that a net of that depth lets the gradient of one example through, by its width."
    paths: float
    "Paths through such a net that are open on average, at the largest of `widths`."
    widths: tuple[int, ...]
    "Widths of the net in that question."
    negative: float
    "Share of negative pre-activations in a random first layer whose inputs are pixels between 0 and 1."
    linear: float
    "Least mean squared error of a linear function on exclusive or."
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
    reported: dict[str, float]
    "Test errors on MNIST without pre-training, in percent, as published by Glorot, Bordes and Bengio (2011), Table 1."
    control: dict[str, float]
    "Test errors on CIFAR-100 in percent, as published by Clevert et al. (2015)."


def mean_square_slope(name: str, deviation: float) -> float:
    """E[φ'(z)²] for z ~ N(0, deviation²), by quadrature in z, fine where the slope changes."""
    ends = [0, 2, 5, 12, min(max(12.0, 12 * deviation), 690.0) + 1]
    total = 0.0
    for low, high in pairwise(ends):
        z = (low + high) / 2 + (high - low) / 2 * NODES
        even = DERIVATIVES[name](z) ** 2 + DERIVATIVES[name](-z) ** 2
        total += (high - low) / 2 * WEIGHTS @ (even * density(z / deviation) / deviation)
    return float(total)


def next_correlation(correlation):
    """Of a wide layer's ReLU outputs for two examples, from that of its inputs for them (uncentered, a cosine)."""
    angle = np.arccos(correlation)
    return (np.sin(angle) + (np.pi - angle) * correlation) / np.pi


def death(ratio: float, examples: int) -> float:
    """Probability that a random unit is off for all examples: E[Φ(r t)^N] over t ~ N(0, 1)."""
    off = np.array([math.erfc(-ratio * t / math.sqrt(2)) / 2 for t in 9 * NODES])
    return float(9 * WEIGHTS @ (density(9 * NODES) * off**examples))


def dying(layers: int = LAYERS) -> tuple[np.ndarray, np.ndarray]:
    """r² of what enters each layer, and the probability of a dead unit there, for centered data and no biases."""
    cosine, squares = 0.0, []
    for _ in range(layers):
        squares.append(cosine / (1 - cosine))
        cosine = next_correlation(cosine)
    return np.array(squares), np.array([death(math.sqrt(r2), EXAMPLES) for r2 in squares])


def sampled_dead(rng) -> np.ndarray:
    """Share of dead units, layer by layer, in wide random nets with weights of variance 2/n."""
    shares = np.zeros(LAYERS)
    for _ in range(NETS):
        a = rng.normal(size=(EXAMPLES, WIDE))
        for layer in range(LAYERS):
            a = np.maximum(a @ rng.normal(size=(WIDE, WIDE)) * np.sqrt(2 / WIDE), 0)
            shares[layer] += np.mean(a.max(axis=0) == 0) / NETS
    return shares


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    names = ("relu", "tanh", "sigmoid")
    table = {name: moments(FUNCTIONS[name]) for name in names}
    ratios, dead = dying()
    pixels = digits()[0]
    return Result(
        slopes={name: np.array([mean_square_slope(name, d) for d in DEVIATIONS]) for name in names},
        wide={name: mean_square_slope(name, LARGE) for name in names},
        deviation=LARGE,
        widths=WIDTHS,
        more=MORE,
        unit={name: mean_square_slope(name, 1.0) for name in names},
        without_mean=kappa_with_bias(0.0, table["relu"][1], UNITS),
        tanh=kappa_with_bias(0.0, table["tanh"][1], UNITS),
        units=UNITS,
        depth=DEPTH,
        chain=2.0**DEPTH,
        through={f"n{n}": (1 - 2.0**-n) ** DEPTH for n in WIDTHS},
        paths=(WIDTHS[-1] / 2) ** DEPTH,
        negative=float(np.mean(pixels @ rng.normal(size=(64, 400)) < 0)),
        linear=float(np.var([0, 1, 1, 0])),
        layers=LAYERS,
        examples=EXAMPLES,
        width=WIDE,
        dead=dead,
        sampled=sampled_dead(rng),
        ratios=ratios,
        last=dead[-1],
        many=death(math.sqrt(ratios[-1]), MORE),
        second=dead[1],
        reported=REPORTED,
        control=CONTROL,
    )


def claim_slope_does_not_fade(result: Result) -> None:
    """At pre-activations of deviation {{ deviation | integer }} the mean square slope of ReLU is still
    {{ wide.relu | digits(1) }}, that of tanh is {{ wide.tanh | digits(2) }}, and that of the sigmoid
    {{ wide.sigmoid | digits(2) }}."""
    z = LARGE * np.random.default_rng(SEED).normal(size=400_000)
    for name, value in result.wide.items():
        sampled = DERIVATIVES[name](z) ** 2
        assert abs(sampled.mean() - value) < 5 * sampled.std() / np.sqrt(z.size), name
    assert abs(result.unit["relu"] - 0.5) < 1e-9 and 4 * result.wide["tanh"] < result.unit["tanh"] < 0.5


def claim_its_mean_can_be_paid(result: Result) -> None:
    """Subtract their mean, as a normalization after the units would, and {{ units }} ReLU units are to the next neuron
    what {{ units }} tanh units are: a condition number of {{ without_mean | digits }} with a bias, against
    {{ tanh | digits }}."""
    variance = 1 / 2 - 1 / (2 * np.pi)  # in closed form
    assert abs(result.without_mean * variance - 1) < 1e-6
    a = np.maximum(np.random.default_rng(SEED).normal(size=(100_000, 8)), 0)
    a = np.append(a - a.mean(axis=0), np.ones((len(a), 1)), axis=1)
    assert abs(np.linalg.cond(a.T @ a / len(a)) / result.without_mean - 1) < 0.05


def claim_zeros_cut_paths(result: Result) -> None:
    """In a net of {{ depth }} layers a chain of single units is open once in {{ chain | integer }} times; with
    {{ widths[3] | words }} units in each layer the gradient of an example gets through with probability
    {{ through.n4 | digits(2) }}, with {{ widths[7] }} with {{ through.n16 | digits(4) }}."""
    rng, nets, width, depth = np.random.default_rng(SEED), 6000, 3, 6
    a, back = rng.normal(size=(nets, 1, width)), np.broadcast_to(np.eye(width), (nets, width, width))
    for _ in range(depth):  # the Jacobians of random nets, multiplied out
        weights = rng.normal(size=(nets, width, width))
        z = a @ weights
        back, a = back @ weights * (z > 0), np.maximum(z, 0)
    assert abs(np.mean(np.any(back != 0, axis=(1, 2))) - (1 - 2.0**-width) ** depth) < 0.032
    assert result.through["n1"] == 1 / result.chain and result.through["n16"] > 0.999 > 0.5 > result.through["n4"]


def claim_two_units_and_exclusive_or(result: Result) -> None:
    r"""Of two inputs that are 0 or 1, $\max(0, x_1 - x_2) + \max(0, x_2 - x_1)$ is the exclusive or, exactly; without
    the two maxima the best that can be had is a mean squared error of {{ linear | digits }}."""
    x = np.array(list(product((0, 1), repeat=2)))
    y = np.array([first != second for first, second in x])
    d = x[:, 0] - x[:, 1]
    assert np.array_equal(np.maximum(0, d) + np.maximum(0, -d), y)
    inputs = np.append(x, np.ones((4, 1)), axis=1)
    assert abs(np.mean((inputs @ np.linalg.lstsq(inputs, y)[0] - y) ** 2) - result.linear) < 1e-12


def claim_half_of_them_are_negative(result: Result) -> None:
    """The digits' pixels lie between 0 and 1, and of the pre-activations that random weights make of them
    {{ negative | percent }} are negative."""
    assert abs(result.negative - 0.5) < 0.05  # turn all weights around, and every sign changes: one half exactly
    w = np.random.default_rng(SEED).normal(size=64)
    pixels = digits()[0]
    assert pixels.min() == 0 and pixels.max() == 1 and np.mean(pixels @ w < 0) + np.mean(pixels @ -w < 0) == 1


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
    assert abs(death(0.0, 10) - 2**-10) < 1e-9 and abs(death(3.0, 1) - 1 / 2) < 1e-9
    correlation, t, layers = 0.0, np.linspace(-9, 9, 4001), []
    for _ in range(result.layers):  # and by the trapezoidal rule
        layers.append(distribution(np.sqrt(correlation / (1 - correlation)) * t))
        correlation = (np.sqrt(1 - correlation**2) + (np.pi - np.arccos(correlation)) * correlation) / np.pi
    for at, examples, dead in ((1, 100, result.second), (-1, 100, result.last), (-1, 1000, result.many)):
        assert abs(np.trapezoid(density(t) * layers[at] ** examples, t) / dead - 1) < 1e-4
    assert abs(result.sampled[10:].mean() / result.dead[10:].mean() - 1) < 0.3


def equation_tanh_fades() -> Draws:
    r"""\mathbb{E}[\tanh'(z)^2] \approx \frac{4}{3\sqrt{2\pi}\,s}, \qquad
    \mathbb{E}[\sigma'(z)^2] \approx \frac{1}{6\sqrt{2\pi}\,s}"""
    for s in np.random.default_rng(0).uniform(30, 90, 12):
        yield {r"\mathbb{E}[\tanh'(z)^2]": mean_square_slope("tanh", s), "s": s, r"\approx": 0.005,
               r"\mathbb{E}[\sigma'(z)^2]": mean_square_slope("sigmoid", s)}  # fmt: skip


def equation_through() -> Draws:
    r"""P = (1 - 2^{-n})^L, \qquad M = \left(\frac{n}{2}\right)^L"""
    for n, depth in ((1, 3), (1, 5), (2, 2), (2, 3), (2, 5), (3, 2), (3, 3), (3, 4), (4, 2), (4, 3), (5, 2)):
        masks = np.array(list(product((0, 1), repeat=n * depth))).reshape(-1, depth, n)  # every choice of open units
        paths = np.ones(len(masks))
        for at in range(depth):
            paths = paths * masks[:, at].sum(axis=1)  # each path goes on to each open unit
        yield {"P": np.mean(paths > 0), "M": np.mean(paths), "n": n, "L": depth}


def equation_half_the_square() -> Draws:
    r"""\mathbb{E}[\lVert D W v\rVert^2] = \frac{1}{2}\,\lVert W v\rVert^2"""
    for rng in draws(20):
        W, a, v = rng.normal(size=(5, 4)), rng.normal(size=4), rng.normal(size=4)
        turned = [W * np.array(signs)[:, None] for signs in product((-1, 1), repeat=5)]  # each unit's weights, or minus
        squares = [np.sum(((T @ a > 0) * (T @ v)) ** 2) for T in turned]
        yield {r"\mathbb{E}[\lVert D W v\rVert^2]": np.mean(squares), "W": W, "v": v}


def equation_correlation() -> Draws:
    r"""\varrho' = \frac{1}{\pi}\left(\sqrt{1 - \varrho^2} + (\pi - \arccos\varrho)\,\varrho\right), \qquad
    r^2 = \frac{\varrho}{1 - \varrho}"""
    u, weight = np.polynomial.legendre.leggauss(200)
    u = 6 + 6 * u
    for correlation in np.random.default_rng(0).uniform(0.05, 0.95, 20):
        mean, spread = correlation * u, np.sqrt(1 - correlation**2)  # of the other pre-activation, given u
        below = np.array([math.erfc(-t / math.sqrt(2)) / 2 for t in mean / spread])
        other = mean * below + spread * density(mean / spread)
        common = np.sqrt(correlation) / np.sqrt(1 - correlation)  # √ϱ t + √(1 − ϱ) t' has correlation ϱ
        yield {r"\varrho'": 2 * (6 * weight @ (density(u) * u * other)), r"\varrho": correlation, "r": common}


def equation_death() -> Draws:
    r"""P = \sum_k p_k\,\Phi(r\,t_k)^N"""
    nodes, weight = np.polynomial.legendre.leggauss(150)
    shares = 8 * weight * density(8 * nodes)  # a standard normal t on a grid
    for r2, examples in product(np.random.default_rng(0).uniform(0.2, 2, 6), (2, 3)):
        angle = math.asin(r2 / (1 + r2))  # two examples have this correlation: known orthant probabilities
        known = {2: 1 / 4 + angle / (2 * math.pi), 3: 1 / 8 + 3 * angle / (4 * math.pi)}
        yield {"P": known[examples], "N": examples, "r": math.sqrt(r2), r"\sum_k": range(150),
               "p_k": lambda k: shares[int(k)], "t_k": lambda k: 8 * nodes[int(k)],
               r"\Phi": lambda t: math.erfc(-t / math.sqrt(2)) / 2}  # fmt: skip


def figure_slopes(result: Result) -> Figure:
    """Mean square slope against the deviation of the pre-activation, both logarithmic. ReLU is level at
    {{ wide.relu | digits(1) }}. tanh starts at 1 and falls below ReLU a little before a deviation of 1; the sigmoid
    starts at {{ slopes.sigmoid[0] | digits(2) }} and falls; both go down in proportion to one over the deviation."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    for name, role, at, dx, dy in (
        ("relu", INK, 38, -2, 10),
        ("tanh", FIRST, 3, 0, 12),
        ("sigmoid", SECOND, 3, 0, 12),
    ):
        axes.plot(DEVIATIONS, result.slopes[name], color=role, label=NAMES[name])
        how = {"ha": "right"} if name == "relu" else {"ha": "left"}
        label_point(axes, NAMES[name], (DEVIATIONS[at], result.slopes[name][at]), role, dx=dx, dy=dy, **how)
    axes.set(xscale="log", yscale="log", ylim=(0.004, 1.6))
    frame_axes(
        axes, [0.1, 1, 5, 10], {0.01: "0.01", 0.1: "0.1", 0.5: "½", 1: "1"}, "deviation of the pre-activation",
        "mean square slope",
    )  # fmt: skip
    return figure


def figure_through(result: Result) -> Figure:
    """Probability that the gradient of one example passes {{ depth }} layers of ReLU, against their width. It is
    practically zero for one and two units, {{ through.n4 | digits(2) }} for {{ widths[3] | words }},
    {{ through.n8 | digits(2) }} for {{ widths[5] | words }}, and {{ through.n16 | digits(4) }} for {{ widths[7] }}."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    axes.plot(WIDTHS, list(result.through.values()), "o-", color=INK, markersize=5, label="gets through")
    frame_axes(axes, [1, 2, 4, 8, 16], [0, 0.5, 1], "units in each layer", "probability that a gradient gets through")
    return figure


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
    show_figures(figure_slopes, figure_through, figure_dead, of=compute())
