"""ReLU is not centered either: why is it popular?

In spite of its mean. Its derivative is 1 on half its inputs whatever their scale, it is cheap and sparse, and what its
mean costs can be paid elsewhere.

    slope   mean square of a unit's derivative over normal pre-activations
"""

from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, FUNCTIONS, NAMES
from lib.data import digits
from lib.gaussian import density, moments
from lib.numerics import Draws, draws, find_root
from lib.plots import FIRST, INK, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import kappa_with_bias

SEED = 0
NODES, WEIGHTS = np.polynomial.legendre.leggauss(300)
STDS = np.geomspace(0.1, 10, 41)
LARGE = 5.0  # a large standard deviation of pre-activations
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
    "Mean square slope over `STDS` of the pre-activation."
    wide: dict[str, float]
    "The same at a standard deviation of `std`."
    std: float
    "A large standard deviation of the pre-activation."
    unit: dict[str, float]
    "The same at a standard deviation of one."
    without_mean: float
    "Condition number with a bias of ReLU units whose mean has been subtracted."
    tanh: float
    "The same of tanh units, as they are."
    units: int
    "Units in that layer."
    negative: float
    "Share of negative pre-activations in a random first layer whose inputs are pixels between 0 and 1."
    linear: float
    "Least mean squared error of a linear function on exclusive or."
    equal: float
    "Standard deviation of the pre-activation at which tanh passes as much as ReLU."
    reported: dict[str, float]
    "Test errors on MNIST without pre-training, in percent, as published by Glorot, Bordes and Bengio (2011), Table 1."
    control: dict[str, float]
    "Test errors on CIFAR-100 in percent, as published by Clevert et al. (2015)."


def mean_square_slope(name: str, std: float) -> float:
    """E[φ'(z)²] for z ~ N(0, std²), by quadrature in z, fine where the slope changes."""
    ends = [0, 2, 5, 12, min(max(12.0, 12 * std), 690.0) + 1]
    total = 0.0
    for low, high in pairwise(ends):
        z = (low + high) / 2 + (high - low) / 2 * NODES
        even = DERIVATIVES[name](z) ** 2 + DERIVATIVES[name](-z) ** 2
        total += (high - low) / 2 * WEIGHTS @ (even * density(z / std) / std)
    return float(total)


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    names = ("relu", "tanh", "sigmoid")
    variances = {name: moments(FUNCTIONS[name])[1] for name in names}
    pixels = digits()[0]
    return Result(
        slopes={name: np.array([mean_square_slope(name, std) for std in STDS]) for name in names},
        wide={name: mean_square_slope(name, LARGE) for name in names},
        std=LARGE,
        unit={name: mean_square_slope(name, 1.0) for name in names},
        without_mean=kappa_with_bias(0.0, variances["relu"], UNITS),
        tanh=kappa_with_bias(0.0, variances["tanh"], UNITS),
        units=UNITS,
        negative=float(np.mean(pixels @ rng.normal(size=(64, 400)) < 0)),
        linear=float(np.var([0, 1, 1, 0])),
        equal=find_root(lambda std: mean_square_slope("tanh", std) - 1 / 2, 0.1, 2.0),
        reported=REPORTED,
        control=CONTROL,
    )


def claim_slope_does_not_fade(result: Result) -> None:
    """At pre-activations of standard deviation {{ std | integer }} the mean square slope of ReLU is still
    {{ wide.relu | digits(1) }}, that of tanh is {{ wide.tanh | digits(2) }}, and that of the sigmoid
    {{ wide.sigmoid | digits(2) }}."""
    z = LARGE * np.random.default_rng(SEED).normal(size=400_000)
    for name, value in result.wide.items():
        sampled = DERIVATIVES[name](z) ** 2
        assert abs(sampled.mean() - value) < 5 * sampled.std() / np.sqrt(z.size), name
    sampled = np.tanh(result.equal * z / LARGE)
    assert abs(np.mean((1 - sampled**2) ** 2) - 1 / 2) < 0.003 and 0.5 < result.equal < 1
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
    assert abs(result.tanh * moments(FUNCTIONS["tanh"])[1] - 1) < 1e-6


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


def equation_tanh_fades() -> Draws:
    r"""\mathbb{E}[\tanh'(z)^2] \approx \frac{4}{3\sqrt{2\pi}\,s}, \qquad
    \mathbb{E}[\sigma'(z)^2] \approx \frac{1}{6\sqrt{2\pi}\,s}"""
    for s in np.random.default_rng(0).uniform(30, 90, 12):
        yield {
            r"\mathbb{E}[\tanh'(z)^2]": mean_square_slope("tanh", s),
            r"\mathbb{E}[\sigma'(z)^2]": mean_square_slope("sigmoid", s),
            "s": s,
            r"\approx": 0.005,
        }


def equation_half_the_square() -> Draws:
    r"""\mathbb{E}[\lVert D W v\rVert^2] = \frac{1}{2}\,\lVert W v\rVert^2"""
    for rng in draws(20):
        W, a, v = rng.normal(size=(5, 4)), rng.normal(size=4), rng.normal(size=4)
        turned = [W * np.array(signs)[:, None] for signs in product((-1, 1), repeat=5)]  # each unit's weights, or minus
        squares = [np.sum(((T @ a > 0) * (T @ v)) ** 2) for T in turned]
        yield {r"\mathbb{E}[\lVert D W v\rVert^2]": np.mean(squares), "W": W, "v": v}


def figure_slopes(result: Result) -> Figure:
    """Mean square slope against the standard deviation of the pre-activation, both logarithmic. ReLU is level at
    {{ wide.relu | digits(1) }}. tanh starts at 1 and falls below ReLU a little before a standard deviation of 1; the
    sigmoid starts at {{ slopes.sigmoid[0] | digits(2) }} and falls; both go down in proportion to one over the standard
    deviation."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    lines = (("relu", INK, 38, -2, 10), ("tanh", FIRST, 3, 0, 12), ("sigmoid", SECOND, 3, 0, 12))
    for name, role, at, dx, dy in lines:
        axes.plot(STDS, result.slopes[name], color=role, label=NAMES[name])
        how = {"ha": "right"} if name == "relu" else {"ha": "left"}
        label_point(axes, NAMES[name], (STDS[at], result.slopes[name][at]), role, dx=dx, dy=dy, **how)
    axes.set(xscale="log", yscale="log", ylim=(0.004, 1.6))
    shares = {0.01: "0.01", 0.1: "0.1", 0.5: "½", 1: "1"}
    frame_axes(axes, [0.1, 1, 5, 10], shares, "standard deviation of the pre-activation", "mean square slope")
    return figure


if __name__ == "__main__":
    show_figures(figure_slopes, of=compute())
