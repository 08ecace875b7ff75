"""Does it help to center the weights instead of the inputs?

Where all inputs have the same mean, yes: weights that sum to zero do not see it, and the condition number falls from
{{ kappa.plain | integer }} to {{ kappa.equal | integer }}. Where the means alternate in sign it stays
{{ kappa.alternating | integer }}. In depth, ReLU layers with standardized weights keep the off-center ratio at
{{ standardized.relu[19] | digits(2) }}, where plain weights let it grow to {{ plain.relu[19] | digits(2) }}.

    P      I − 11ᵀ/n, which subtracts from a neuron's weights, or from their gradient, their own mean
    ratio  ρ = ‖μ‖²/tr Σ of a layer's activations over the inputs
    gain   1 over the standard deviation of an activation, so that pre-activations keep variance 1
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS
from lib.gaussian import moments
from lib.plots import FIRST, INK, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import estimate_off_center_ratio

SEED = 0
INPUTS, MEAN = 100, 2.4  # of inputs like the outputs of a sigmoid layer, in standard deviations
LAYERS, WIDTH, EXAMPLES, NETS = 20, 192, 300, 7
MEANS = (1.0, 1.0, 1.0, 5.0)  # of the exercise
KEYS = ("relu", "sigmoid")


@dataclass(frozen=True)
class Result:
    inputs: int
    "Inputs of the neuron."
    mean: float
    "Size of the mean of each, in standard deviations."
    kappa: dict[str, float]
    "Condition number, no bias: plain; and of weights that sum to zero, with equal means and with alternating signs."
    layers: int
    "Layers of the random networks."
    width: int
    "Units in each."
    plain: dict[str, tuple[float, ...]]
    "Off-center ratio of layers 1, 2, …, median over networks; variance 1/n, for ReLU 2/n."
    standardized: dict[str, tuple[float, ...]]
    "The same where each unit's weights sum to zero and have the length of the gain."
    nets: int
    "How many networks."
    exercise: dict[str, Any]
    "Means of a few inputs, their average, and the condition numbers of plain and of centered weights."


def center(n: int) -> np.ndarray:
    """The matrix P that subtracts from a vector its own mean, shape (n, n)."""
    return np.eye(n) - 1 / n


def condition_number(mean: np.ndarray) -> float:
    """Condition number of P(I + μμᵀ)P on its range, for weights that sum to zero."""
    P = center(len(mean))
    values = np.linalg.eigvalsh(P @ (np.eye(len(mean)) + np.outer(mean, mean)) @ P)
    return values[-1] / values[1]


def standardize(W: np.ndarray) -> np.ndarray:
    """Weights of each unit (a column) minus their mean, over their length."""
    W = W - W.mean(axis=0)
    return W / np.linalg.norm(W, axis=0)


def layer_ratios(rng: np.random.Generator, key: str, standardized: bool) -> list[float]:
    """Off-center ratios of the layers of one random network, for standard normal inputs."""
    function, (_, variance) = FUNCTIONS[key], moments(FUNCTIONS[key])
    a, ratios = rng.normal(size=(EXAMPLES, WIDTH)), []
    for layer in range(LAYERS):
        W = rng.normal(size=(WIDTH, WIDTH))
        if standardized:
            W = standardize(W) / (np.sqrt(variance) if layer else 1)
        else:
            W *= np.sqrt((2 if key == "relu" else 1) / WIDTH)
        a = function(a @ W)
        ratios.append(estimate_off_center_ratio(a))
    return ratios


def compute() -> Result:
    mean, few = np.full(INPUTS, MEAN), np.array(MEANS)
    exercise = {"means": MEANS, "average": few.mean(), "plain": 1 + few @ few, "centered": condition_number(few)}
    rng = np.random.default_rng(SEED)
    plain, standardized = (
        {key: tuple(np.median([layer_ratios(rng, key, which) for _ in range(NETS)], axis=0)) for key in KEYS}
        for which in (False, True)
    )
    return Result(
        inputs=INPUTS,
        mean=MEAN,
        kappa={
            "plain": 1 + mean @ mean,
            "equal": condition_number(mean),
            "alternating": condition_number(mean * (-1.0) ** np.arange(INPUTS)),
        },
        layers=LAYERS,
        width=WIDTH,
        plain=plain,
        standardized=standardized,
        nets=NETS,
        exercise=exercise,
    )


def claim_equal_means_only(result: Result) -> None:
    """{{ inputs }} inputs of mean {{ mean | digits(2) }} and variance 1: weights that sum to zero bring the condition
    number from {{ kappa.plain | integer }} to {{ kappa.equal | integer }}; with means of alternating sign it stays
    {{ kappa.alternating | integer }}."""
    for signs, kappa in ((np.ones(INPUTS), result.kappa["equal"]), ((-1.0) ** np.arange(INPUTS), 1 + INPUTS * MEAN**2)):
        rng, mean = np.random.default_rng(SEED), signs * MEAN
        directions = np.concatenate([[signs], rng.normal(size=(200, INPUTS))])
        directions -= directions.mean(axis=1, keepdims=True)
        directions = directions[np.linalg.norm(directions, axis=1) > 1e-9]
        curvatures = 1 + (directions @ mean) ** 2 / np.sum(directions**2, axis=1)
        assert abs(curvatures.max() / kappa - 1) < 1e-9 and curvatures.min() < 1 + 1e-9 + (kappa > 2)
    assert abs(result.kappa["plain"] - result.kappa["alternating"]) < 1e-9 * result.kappa["plain"]
    exact = 1 + np.sum(np.subtract(MEANS, result.exercise["average"]) ** 2)
    np.testing.assert_allclose([result.exercise["centered"], result.exercise["average"]], [exact, np.mean(MEANS)])
    assert abs(np.linalg.cond(np.eye(len(MEANS)) + np.outer(MEANS, MEANS)) - result.exercise["plain"]) < 1e-9


def claim_one_path_for_both(result: Result) -> None:
    """Descent through weights that are centered, and descent with centered gradients, take the same path: from one
    start the same weights at every step, to rounding."""
    for rng in map(np.random.default_rng, range(5)):
        x, y, P = rng.normal(1, 1, size=(30, 6)), rng.normal(size=30), center(6)
        v = rng.normal(size=6)
        w = P @ v  # gradient centralization starts here
        for _ in range(50):
            np.testing.assert_allclose(P @ v, w, atol=1e-12)
            by_w = [x.T @ (x @ u - y) / 30 for u in (P @ v, w)]
            v, w = v - 0.05 * P.T @ by_w[0], w - 0.05 * (by_w[1] - by_w[1].mean())


def claim_depth_stops_adding(result: Result) -> None:
    """With ReLU the ratio grows from {{ plain.relu[0] | digits(2) }} in layer 1 to {{ plain.relu[19] | digits(1) }} in
    layer {{ layers }}; with standardized weights it is {{ standardized.relu[0] | digits(2) }} and
    {{ standardized.relu[19] | digits(2) }}. With sigmoids {{ plain.sigmoid[2] | digits(2) }} in layer 3 become
    {{ standardized.sigmoid[2] | digits(2) }}, and in layer {{ layers }} it is
    {{ standardized.sigmoid[19] | digits(2) }}."""
    for key in KEYS:
        mean, variance = moments(FUNCTIONS[key])
        steady = mean**2 / variance  # pre-activations of mean 0 and variance 1 in every layer
        assert abs(np.log(result.standardized[key][-1] / steady)) < 0.25, key
    angle = np.pi / 2
    for found in result.plain["relu"][:10]:  # He’s weights, infinite width
        cosine = (np.sin(angle) + (np.pi - angle) * np.cos(angle)) / np.pi
        assert abs(np.log(found / (cosine / (1 - cosine)))) < 0.5
        angle = np.arccos(cosine)
    assert result.plain["sigmoid"][2] > 1000
    assert 0.46 < result.plain["relu"][0] < 0.48 and 4.5 < result.plain["relu"][19] < 15
    assert 0.45 < result.standardized["relu"][0] < 0.48 and 0.38 < result.standardized["relu"][19] < 0.43
    assert 1800 < result.plain["sigmoid"][2] < 2200 and 5.6 < result.standardized["sigmoid"][2] < 5.9
    assert 5.4 < result.standardized["sigmoid"][19] < 6.2


def equation_gradient() -> Iterator[dict]:
    r"""\frac{\partial L}{\partial v} = P\,\frac{\partial L}{\partial w}, \qquad
    P = I - \tfrac{1}{n}\mathbf{1}\mathbf{1}^\top"""
    for rng in map(np.random.default_rng, range(6)):
        n = int(rng.integers(3, 7))
        x, y, v = rng.normal(0.5, 1, size=(8, n)), rng.normal(size=8), rng.normal(size=n)

        def derivatives(loss, at, n=n):
            return np.array([loss(at + nudge).imag for nudge in 1e-20j * np.eye(n)]) / 1e-20

        def of_weights(w, x=x, y=y):
            return np.mean((np.tanh(x @ w) - y) ** 2)

        yield {
            r"\frac{\partial L}{\partial v}": derivatives(lambda v, f=of_weights: f(v - v.mean()), v),
            r"\frac{\partial L}{\partial w}": derivatives(of_weights, v - v.mean()),
            "P": center(n),
            "I": np.eye(n),
            "n": n,
            r"\mathbf{1}": np.ones((n, 1)),
        }


def equation_pre_activation() -> Iterator[dict]:
    r"""\mathbb{E}[(P v)^\top x] = v^\top\left(\mu - \bar{\mu}\,\mathbf{1}\right)"""
    for rng in map(np.random.default_rng, range(6)):
        n, v = 5, rng.normal(size=5)
        x = rng.normal(rng.normal(size=n), 1, size=(9, n))
        yield {
            r"\mathbb{E}[(P v)^\top x]": np.mean(x @ (v - v.mean())),
            "v": v,
            r"\mu": x.mean(axis=0),
            r"\bar{\mu}": x.mean(),
            r"\mathbf{1}": np.ones(n),
        }


def equation_condition_number() -> Iterator[dict]:
    r"""\kappa_0 = 1 + 4\,p\,(1 - p)\,n\,r^2"""
    for n, opposite in ((4, 1), (6, 2), (8, 4), (10, 3)):
        r = 0.5 + n / 10
        mean = r * np.where(np.arange(n) < opposite, -1, 1)
        yield {r"\kappa_0": condition_number(mean), "p": opposite / n, "n": n, "r": r}


def figure_depth(result: Result) -> Figure:
    """Off-center ratio against layer on a logarithmic axis. ReLU with plain weights climbs from
    {{ plain.relu[0] | digits(2) }} to {{ plain.relu[19] | digits(2) }}, with standardized weights it stays near
    {{ standardized.relu[19] | digits(2) }}; sigmoids with plain weights leave the picture in layer 3, with standardized
    ones they settle near {{ standardized.sigmoid[19] | digits(2) }}."""
    figure = new_figure(360, 0.85)
    (axes,) = figure.axes
    layers = np.arange(1, LAYERS + 1)
    names = {"relu": "ReLU", "sigmoid": "sigmoid"}
    for key, (at, dy) in {"relu": (13, 12), "sigmoid": (2, 0)}.items():
        axes.plot(layers, result.plain[key], color=SECOND, label=f"{names[key]}, plain")
        place = (at, result.plain[key][at - 1]) if key == "relu" else (2.4, 250)
        label_point(axes, f"{names[key]}, plain", place, SECOND, dx=0 if key == "relu" else 6, dy=dy)
        axes.plot(layers, result.standardized[key], color=FIRST, label=f"{names[key]}, standardized")
        place = (9, result.standardized[key][8])
        label_point(axes, f"{names[key]}, standardized", place, FIRST, dx=0, dy=-12)
    axes.set(yscale="log", xlim=(0.5, LAYERS + 0.5), ylim=(0.2, 1000))
    frame_axes(axes, (1, 5, 10, 15, 20), {1: "1", 10: "10", 100: "100", 1000: "1,000"}, "layer", "ratio")
    return figure


def explore_signs(result: Result, start: int = 5) -> Iterator[tuple]:
    """The condition number that weights which sum to zero leave, against the number of inputs whose mean is negative.
    It rises from {{ kappa.equal | integer }} where all means are alike to {{ kappa.alternating | integer }} where half
    of them are negative."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    counts = np.arange(0, INPUTS // 2 + 1, 2)
    kappas = [condition_number(MEAN * np.where(np.arange(INPUTS) < k, -1, 1)) for k in counts]
    axes.plot(counts, kappas, color=FIRST, label="weights that sum to zero")
    axes.axhline(result.kappa["plain"], color=SECOND, label="any weights")
    label_point(axes, "any weights", (0, result.kappa["plain"]), SECOND, dx=0, dy=-10)
    (dot,) = axes.plot([0, 0], [1, kappas[0]], color=INK, linewidth=4)
    dot.set_gid("bar")
    axes.set(xlim=(-2, INPUTS / 2 + 2), ylim=(-20, 1.1 * result.kappa["plain"]))
    frame_axes(axes, (0, 25, 50), (1, 200, 400, round(result.kappa["plain"])), "negative means", "condition number")
    for count, kappa in zip(counts, kappas):
        dot.set_data([count, count], [1, kappa + 1e-3])
        readouts = {"inputs with a negative mean": f"{count}", "condition number": f"{kappa:,.0f}"}
        share = (kappa - 1) / (result.kappa["plain"] - 1)
        yield figure, readouts, f"Weights that sum to zero still feel {share:.0%} of the squared mean."


if __name__ == "__main__":
    show_figures(figure_depth, of=compute())
