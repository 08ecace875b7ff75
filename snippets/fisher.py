"""What do the Fisher matrix and the natural gradient say about centering?

Shifting the inputs is a linear change of the parameters, (w, b) to (w, b + w c), and the natural gradient takes the
same path through the functions whatever the linear coordinates; plain descent does not. Centering removes most of the
block of the Fisher matrix that ties weights and bias, so that the plain gradient comes closer to the natural one.

    theta      parameters (w, b) of a logistic neuron, p = σ(w x + b) the probability of label 1
    F          Fisher matrix E[δ² (x, 1)(x, 1)ᵀ], expectation over inputs and over labels that the neuron draws
    seen       a path as functions: slope, and output at the mean input
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import sigmoid
from lib.gaussian import normal_mean
from lib.logistic_neuron import draw_neurons
from lib.numerics import Draws, complex_step, draws
from lib.plots import FIRST, INK, SECOND, frame_axes, label_point, new_figure, show_figures

WEIGHT = 3.0  # of the neuron that listens to one sigmoid unit
WEIGHTS = np.linspace(0, 8, 33)
NODES, MASS = np.polynomial.hermite_e.hermegauss(60)  # of x − mean, standard normal
MASS = MASS / MASS.sum()


@dataclass(frozen=True)
class Result:
    weight: float
    "Weight of the neuron whose one input is a sigmoid unit; its bias is 0."
    tie: tuple[float, float, float]
    "E[δ²(a − c)] of that neuron for c = 0, the mean of a, and the mean of a weighted by δ²."
    centers: tuple[float, float]
    "The mean of a, and the mean of a weighted by δ²."
    cosines: dict[str, np.ndarray]
    "Cosine of weight and bias in the Fisher matrix over `WEIGHTS`, one array for each center."


def tie_moments(weight: float) -> dict[str, float]:
    """E[δ²], E[δ²a] and E[δ²a²] for a neuron with one sigmoid input a = σ(z), z ~ N(0, 1), and a bias of 0."""
    a = sigmoid(NODES)
    square = MASS * sigmoid(weight * a) * sigmoid(-weight * a)
    return {"square": square.sum(), "first": square @ a, "second": square @ a**2}


def tie_cosine(moments: dict[str, float], center: float) -> float:
    """E[δ²(a − c)] over the root of E[δ²] E[δ²(a − c)²]: −1 to 1."""
    square, first, second = moments["square"], moments["first"], moments["second"]
    return (first - center * square) / np.sqrt(square * (second - 2 * center * first + center**2 * square))


def compute() -> Result:
    one, mean = tie_moments(WEIGHT), MASS @ sigmoid(NODES)
    weighed, each = one["first"] / one["square"], [tie_moments(weight) for weight in WEIGHTS]
    centers = {
        "raw": np.zeros(33),
        "centered": np.full(33, mean),
        "weighed": [row["first"] / row["square"] for row in each],
    }
    return Result(
        weight=WEIGHT,
        tie=tuple(one["first"] - center * one["square"] for center in (0.0, mean, weighed)),
        centers=(mean, weighed),
        cosines={
            name: np.array([tie_cosine(row, c) for row, c in zip(each, center)]) for name, center in centers.items()
        },
    )


def claim_centering_leaves_a_covariance(result: Result) -> None:
    r"""With a weight of {{ weight | digits(1) }} the tie is {{ tie[0] | digits }} with the unit as it is and
    {{ tie[1] | digits }} with its mean subtracted; what is left is the covariance of $\delta^2$ and $a$."""
    z, mass = np.polynomial.hermite_e.hermegauss(120)
    a, mass = sigmoid(z), mass / mass.sum()
    square = sigmoid(WEIGHT * a) * sigmoid(-WEIGHT * a)
    at = np.argmin(abs(WEIGHTS - WEIGHT))
    for name, part in (("raw", a), ("centered", a - mass @ a)):
        cosine = mass @ (square * part) / np.sqrt((mass @ square) * (mass @ (square * part**2)))
        assert abs(cosine - result.cosines[name][at]) < 1e-6
    assert abs(mass @ (square * a) / result.tie[0] - 1) < 1e-6
    pairs = np.subtract.outer(a, a) * np.subtract.outer(square, square)  # a covariance is half the mean over pairs
    assert abs(mass @ pairs @ mass / 2 - result.tie[1]) < 1e-6 and abs(result.tie[1]) < 0.25 * result.tie[0]


def claim_the_weighted_mean_removes_it(result: Result) -> None:
    r"""Subtract the mean weighted by $\delta^2$ instead, {{ centers[1] | digits }} for {{ centers[0] | digits }}, and
    the Fisher matrix is diagonal."""
    center = result.centers[1]
    left = normal_mean(lambda z: sigmoid(WEIGHT * sigmoid(z)) * sigmoid(-WEIGHT * sigmoid(z)) * (sigmoid(z) - center))
    assert abs(left) < 1e-8 and abs(result.tie[2]) < 1e-12 and abs(result.cosines["weighed"]).max() < 1e-12
    assert abs(normal_mean(sigmoid) - result.centers[0]) < 1e-8


def equation_fisher() -> Draws:
    r"""F = \frac{1}{B}\sum_{i=1}^{B} p_i\,(1 - p_i)\,x_i x_i^\top = H"""
    for rng, theta, x, F in draw_neurons():
        y = rng.integers(0, 2, 5)
        H = complex_step(lambda at, x=x, y=y: x @ (sigmoid(at @ x) - y) / 5, theta)
        p = sigmoid(theta @ x)
        yield {"F": F, "B": 5, "p_i": lambda i, p=p: p[int(i) - 1], "x_i": lambda i, x=x: x[:, int(i) - 1], "H": H}


def equation_block() -> Draws:
    r"""F = \begin{pmatrix} \mathbb{E}[\delta^2 a a^\top] & \mathbb{E}[\delta^2 a] \\
    \mathbb{E}[\delta^2 a]^\top & \mathbb{E}[\delta^2] \end{pmatrix}"""
    for _, theta, x, F in draw_neurons():
        yield {"F": F, **error_moments(theta, x)}


def equation_tie() -> Draws:
    r"""\mathbb{E}[\delta^2 (a - c)] = \mathbb{E}[\delta^2 a] - c\,\mathbb{E}[\delta^2]"""
    for rng, theta, x, _ in draw_neurons():
        c = rng.normal(size=3)
        there = np.append(theta[:3], theta[3] + theta[:3] @ c)
        moved = error_moments(there, np.vstack([x[:3] - c[:, None], np.ones(5)]))
        yield {r"\mathbb{E}[\delta^2 (a - c)]": moved[r"\mathbb{E}[\delta^2 a]"], "c": c, **error_moments(theta, x)}


def equation_bias_step() -> Draws:
    r"""d_b = -\frac{\eta\,g_b + \mathbb{E}[\delta^2 a]^\top d_w}{\mathbb{E}[\delta^2]}"""
    for rng, theta, x, F in draw_neurons():
        g, eta = rng.normal(size=4), rng.uniform(0.2, 2)
        d = np.linalg.solve(F, -eta * g)
        yield {"d_b": d[3], "d_w": d[:3], "g_b": g[3], r"\eta": eta, **error_moments(theta, x)}


def equation_labels() -> Draws:
    r"""\mathbb{E}_y[\delta^2] = q\,(1 - q) + (q - p)^2"""
    for rng in draws(12):
        p, q = rng.uniform(0.05, 0.95, 2)
        yield {r"\mathbb{E}_y[\delta^2]": q * (p - 1) ** 2 + (1 - q) * (p - 0) ** 2, "p": p, "q": q}


def error_moments(theta: np.ndarray, x: np.ndarray) -> dict[str, np.ndarray]:
    """E[δ²], E[δ²a], E[δ²aaᵀ] over examples, and over labels drawn by the neuron."""
    p, a = sigmoid(theta @ x), x[:3]
    square = p * (p - 1) ** 2 + (1 - p) * p**2
    return {
        r"\mathbb{E}[\delta^2]": square.mean(),
        r"\mathbb{E}[\delta^2 a]": (square * a).mean(axis=1),
        r"\mathbb{E}[\delta^2 a a^\top]": (square * a) @ a.T / x.shape[1],
    }


def figure_tie(result: Result) -> Figure:
    """Cosine between weight and bias in the Fisher matrix against the weight. Uncentered it begins at
    {{ cosines.raw[0] | digits(2) }} and falls slowly; with the mean subtracted it is 0 for a small weight and falls
    below zero as the weight grows; with the weighted mean it is 0 throughout."""
    figure = new_figure(360, 0.78)
    (axes,) = figure.axes
    for name, role, words, at in (
        ("raw", SECOND, "as it is", (4.6, 0.76)),
        ("centered", FIRST, "mean subtracted", (1.2, -0.55)),
        ("weighed", INK, "weighted mean subtracted", (3.2, 0.12)),
    ):
        axes.plot(WEIGHTS, result.cosines[name], color=role, label=words)
        label_point(axes, words, at, role, dx=0)
    axes.set(xlim=(0, 8.2), ylim=(-1, 1))
    frame_axes(axes, [0, 2, 4, 6, 8], [-1, 0, 1], "weight", "cosine of weight and bias")
    return figure


if __name__ == "__main__":
    show_figures(figure_tie, of=compute())
