"""What else can be centered: errors, slopes, each example by itself?

The gradient of a weight is a product of three factors: what comes in, the error, and the slope of the unit. For a batch
it is enough to center one of the first two. Centering the slopes needs a shortcut that carries the linear part.

    A, Delta   activations that enter a layer, and its upstream gradients; one example a column
    alpha      mean slope of a hidden unit over the examples; beta what else is needed to give its output mean zero
    ratio      mean square off the diagonal of E[f fᵀ] over mean square on it, f the outputs of the hidden units
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, FUNCTIONS, sigmoid
from lib.data import digits
from lib.numerics import Draws, draws
from lib.plots import FIRST, GRID, INK, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
NETS = 9  # random hidden layers, for a median
UNITS = 64
SHOWN = np.linspace(-4, 4, 81)
SLOPE = 0.20662  # E[σ'(z)] at z ~ N(0, 1), for the picture; a claim checks it

REPORTED = {"raw": (0.051, 0.080), "transformed": (0.007, 0.009)}


@dataclass(frozen=True)
class Result:
    units: int
    "Hidden units, and inputs: pixels of the digits, centered."
    ratio: dict[str, dict]
    "For sigmoid and tanh units: ratio as they are, with their means removed, with means and mean slopes removed."
    reported: dict[str, tuple[float, float]]
    "Off-diagonal over diagonal part of the Fisher matrix in two nets, as Raiko, Valpola and LeCun (2012) print it."
    gain: dict[str, float]
    "By what factor removing the mean slope, too, lowers that ratio."
    spread: tuple[float, float]
    "Least and largest such factor for tanh units, over the random layers."
    top: dict[str, float]
    "Largest eigenvalue of the digits' second moment: raw, centered across examples, across pixels, both ways."
    equal: dict[str, float]
    "Condition number of equicorrelated inputs: raw, centered across examples, then across inputs (on its range)."
    inputs: int
    "How many equicorrelated inputs."
    correlation: float
    "Correlation of any two of them."
    curves: dict[str, np.ndarray]
    "The sigmoid over `SHOWN`, without its mean, and without its mean slope."


def ratio(outputs: np.ndarray) -> float:
    """Mean square off the diagonal of the second moment over mean square on it; outputs of shape (B, units)."""
    moment = outputs.T @ outputs / len(outputs)
    on = np.diag(moment)
    off = (np.sum(moment**2) - np.sum(on**2)) / (len(on) ** 2 - len(on))
    return off / np.mean(on**2)


def ratios(name: str, rng: np.random.Generator) -> list[float]:
    """The ratio of one random hidden layer on centered digits: as it is, without means, without means and slopes."""
    x = digits()[0][::3]
    x = x - x.mean(axis=0)
    z = x @ rng.normal(size=(x.shape[1], UNITS)) / np.sqrt(x.var(axis=0).sum())  # variance about 1
    a = FUNCTIONS[name](z)
    flat = a - DERIVATIVES[name](z).mean(axis=0) * z
    return [ratio(a), ratio(a - a.mean(axis=0)), ratio(flat - flat.mean(axis=0))]


def top(x: np.ndarray) -> float:
    return float(np.linalg.eigvalsh(x.T @ x / len(x))[-1])


def equicorrelated(n: int, mean: float, correlation: float) -> np.ndarray:
    """Second moment of n inputs of variance 1, all of the same mean, any two of the same correlation."""
    return (1 - correlation) * np.eye(n) + (correlation + mean**2) * np.ones((n, n))


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    nets = {name: np.array([ratios(name, rng) for _ in range(NETS)]) for name in ("sigmoid", "tanh")}
    gains = nets["tanh"][:, 1] / nets["tanh"][:, 2]
    x = digits()[0]
    across = x - x.mean(axis=1, keepdims=True)
    without = np.eye(UNITS) - 1 / UNITS
    values = np.linalg.eigvalsh(without @ equicorrelated(UNITS, 1.0, 0.5) @ without)
    return Result(
        units=UNITS,
        ratio={name: dict(zip(("raw", "mean", "slope"), np.median(rows, axis=0))) for name, rows in nets.items()},
        reported=REPORTED,
        gain={name: float(np.median(rows[:, 1] / rows[:, 2])) for name, rows in nets.items()},
        spread=(gains.min(), gains.max()),
        top={
            "raw": top(x),
            "examples": top(x - x.mean(axis=0)),
            "pixels": top(across),
            "both": top(across - across.mean(axis=0)),
        },
        equal={
            "raw": np.linalg.cond(equicorrelated(UNITS, 1.0, 0.5)),
            "examples": np.linalg.cond(equicorrelated(UNITS, 0.0, 0.5)),
            "both": values[-1] / values[1],
        },
        inputs=UNITS,
        correlation=0.5,
        curves={
            "sigmoid": sigmoid(SHOWN),
            "mean": sigmoid(SHOWN) - 0.5,
            "slope": sigmoid(SHOWN) - 0.5 - SLOPE * SHOWN,
        },
    )


def claim_centering_twice_is_once(result: Result) -> None:
    """On the digits, with {{ units }} hidden sigmoid units, the batch gradient with centered errors is the one with
    centered activations, to rounding; uncentered it is another."""
    x, labels = digits()
    rng = np.random.default_rng(SEED)
    a = sigmoid(x @ rng.normal(size=(64, UNITS)) / 8)
    delta = sigmoid(a @ rng.normal(size=(UNITS, 10)) / 8) - np.eye(10)[labels]
    errors, inputs, neither = ((delta - delta.mean(axis=0)).T @ a, delta.T @ (a - a.mean(axis=0)), delta.T @ a)
    np.testing.assert_allclose(errors, inputs, atol=1e-9)
    assert np.linalg.norm(neither - inputs) > np.linalg.norm(inputs)


def claim_slopes(result: Result) -> None:
    """For the sigmoid the mean explains the larger part: that ratio is {{ ratio.sigmoid.raw | digits(1) }} as it is,
    {{ ratio.sigmoid.mean | digits(1) }} without the means and {{ ratio.sigmoid.slope | digits(1) }} without the mean
    slopes. For tanh there is no mean to remove, and the slopes alone lower it {{ gain.tanh | integer }}-fold
    (from {{ spread[0] | integer }} to {{ spread[1] | integer }} over {{ units }}-unit layers drawn at random)."""
    for row in result.ratio.values():
        assert row["raw"] > 0.98 * row["mean"] and row["mean"] > 5 * row["slope"]
    assert result.ratio["sigmoid"]["raw"] > 5 * result.ratio["sigmoid"]["mean"]
    assert abs(result.ratio["tanh"]["raw"] / result.ratio["tanh"]["mean"] - 1) < 0.02
    assert 0.6 < result.spread[0] / result.gain["tanh"] < 1 < result.spread[1] / result.gain["tanh"] < 1.6
    x, rng = digits()[0], np.random.default_rng(SEED + 1)  # other layers, on all digits
    others = {"raw": [], "mean": []}
    for _ in range(NETS):
        a = sigmoid((x - x.mean(axis=0)) @ rng.normal(size=(x.shape[1], UNITS)) / np.sqrt(x.var(axis=0).sum()))
        for name, part in (("raw", a), ("mean", a - a.mean(axis=0))):
            correlations = part.T @ part / np.sqrt(np.outer(*[np.sum(part**2, axis=0)] * 2))
            others[name].append(np.mean(correlations[np.triu_indices(UNITS, 1)] ** 2))
    assert all(abs(np.median(other) / result.ratio["sigmoid"][name] - 1) < 0.3 for name, other in others.items())
    assert all(abs(result.gain[name] * row["slope"] / row["mean"] - 1) < 0.3 for name, row in result.ratio.items())
    # second route: of two standard normal z of correlation c, E[tanh tanh] is c E[tanh']² + c³ E[tanh''']²/6 + …
    z, weight = np.polynomial.hermite_e.hermegauss(120)
    weight = weight / weight.sum()
    hermite = [weight @ (np.tanh(z) * p) for p in (z, (z**3 - 3 * z) / np.sqrt(6))]
    assert abs(hermite[0] - weight @ (1 - np.tanh(z) ** 2)) < 1e-9 and hermite[1] ** 2 < 0.1 * hermite[0] ** 2


def claim_a_shortcut_keeps_the_function(result: Result) -> None:
    """The mean slope of a sigmoid unit at N(0, 1) is the slope of its best straight line: without it the unit is
    uncorrelated with its own input, and the shortcut carries what was taken away."""
    z, weight = np.polynomial.hermite_e.hermegauss(120)
    weight = weight / weight.sum()
    line = weight @ (z * sigmoid(z)) / (weight @ z**2)  # least squares
    assert abs(line - weight @ DERIVATIVES["sigmoid"](z)) < 1e-9 and abs(line - SLOPE) < 1e-5
    assert abs(weight @ (z * (sigmoid(z) - line * z))) < 1e-9
    for name, slope in (("mean", weight @ DERIVATIVES["sigmoid"](0 * z)), ("slope", 1 / 4 - line)):  # as drawn: odd
        curve = result.curves[name]
        assert abs(curve + curve[::-1]).max() < 1e-12
        assert abs(np.gradient(curve, SHOWN)[len(SHOWN) // 2] / slope - 1) < 0.02


def claim_bias_before_the_mean(result: Result) -> None:
    """Where the network subtracts the batch mean of a pre-activation, the bias before it is cancelled: its gradient
    is zero, whatever the loss."""
    rng = np.random.default_rng(SEED)
    z, y = rng.normal(size=50), rng.normal(size=50)
    for loss in (lambda f: np.sum((f - y) ** 2), lambda f: np.sum(np.log(np.cosh(f - y))), lambda f: np.sum(f**3)):
        bias = 0.7 + 1e-20j
        assert abs(loss(z + bias - np.mean(z + bias)).imag) < 1e-30  # a complex step


def claim_across_pixels(result: Result) -> None:
    """On the digits, subtracting from every image its own mean lowers the largest eigenvalue from
    {{ top.raw | digits }} to {{ top.pixels | digits }}; subtracting the mean image lowers it to
    {{ top.examples | digits(4) }}, and doing both to {{ top.both | digits(4) }}."""
    x = digits()[0]
    mean = x.mean(axis=0)
    flat = mean - mean.mean()  # what is left of the mean image
    for name, part in (("raw", x), ("pixels", x - x.mean(axis=1, keepdims=True)), ("examples", x - mean)):
        assert abs(np.linalg.norm(part, 2) ** 2 / len(x) / result.top[name] - 1) < 1e-9
    both = x - mean - (x - mean).mean(axis=1, keepdims=True)
    assert abs(np.linalg.norm(both, 2) ** 2 / len(x) / result.top["both"] - 1) < 1e-9
    assert result.top["pixels"] > flat @ flat > 0.9 * result.top["pixels"]
    assert result.top["raw"] > mean @ mean > 0.9 * result.top["raw"]
    assert result.top["both"] <= result.top["examples"] < 1.01 * result.top["both"]


def claim_across_equal_inputs(result: Result) -> None:
    """{{ inputs }} inputs of mean 1 and variance 1, any two correlated by {{ correlation | digits(1) }}: the condition
    number is {{ equal.raw | digits }} raw, {{ equal.examples | digits }} centered across examples, and 1 on its range
    when each example is centered, too."""
    rng = np.random.default_rng(SEED)
    x = 1 + np.sqrt(0.5) * (rng.normal(size=(4000, 1)) + rng.normal(size=(4000, UNITS)))
    own = x - x.mean(axis=1, keepdims=True)
    scatter = (x - x.mean(axis=0)).T @ (x - x.mean(axis=0)) / len(x)
    rest = (np.sum(own**2) / len(own)) / (UNITS - 1)  # the mean eigenvalue that is left, on the range
    for name, common in (("raw", 1 + result.correlation), ("examples", result.correlation)):  # 1 − correlation across
        assert abs(1 + result.inputs * common / (1 - result.correlation) - result.equal[name]) < 1e-9
    assert abs(top(x) / rest / result.equal["raw"] - 1) < 0.1
    assert abs(np.linalg.eigvalsh(scatter)[-1] / rest / result.equal["examples"] - 1) < 0.2
    assert abs(result.equal["both"] - 1) < 1e-9
    np.testing.assert_allclose(own.sum(axis=1), 0, atol=1e-10)  # what is lost: the weights' common part sees nothing


def equation_layer() -> Draws:
    r"""\frac{\partial L}{\partial W'} = \frac{1}{B}\,\Delta\,(A - \bar{a}\,\mathbf{1}^\top)^\top =
    \frac{1}{B}\,(\Delta - \bar{\delta}\,\mathbf{1}^\top)\,A^\top"""
    for rng in draws(20):
        A, y = rng.normal(1, 1, size=(4, 11)), rng.normal(size=(2, 11))
        W, b = rng.normal(size=(2, 4)), rng.normal(size=(2, 1))
        inputs = A - A.mean(axis=1, keepdims=True)  # the layer W' is fed centered inputs

        def loss(z, y=y):
            return np.mean(np.sum(np.log(np.cosh(z - y)), axis=0)).imag / 1e-20

        nudges = 1e-20j * np.eye(8).reshape(8, 2, 4)
        slope = np.array([loss((W + nudge) @ inputs + b) for nudge in nudges]).reshape(2, 4)
        spots = 1e-20j * np.eye(22).reshape(22, 2, 11)
        delta = 11 * np.array([loss(W @ inputs + b + spot) for spot in spots]).reshape(2, 11)
        yield {r"\frac{\partial L}{\partial W'}": slope, "B": 11, r"\Delta": delta, "A": A,
               r"\bar{a}": A.mean(axis=1), r"\bar{\delta}": delta.mean(axis=1),
               r"\mathbf{1}": np.ones(11)}  # fmt: skip


def equation_shortcut() -> Draws:
    r"""V\varphi(z) + C x = V\left(\varphi(z) - \alpha z - \beta\,\mathbf{1}\right) + (C + \alpha V W)\,x +
    \beta\,V\mathbf{1}"""
    for rng in draws(20):
        W, V, C, x = rng.normal(size=(4, 3)), rng.normal(size=(2, 4)), rng.normal(size=(2, 3)), rng.normal(size=3)
        z = np.array([sum(w * v for w, v in zip(row, x)) for row in W])
        yield {r"\varphi": sigmoid, "z": z, "V": V, "C": C, "W": W, "x": x, r"\alpha": rng.normal(),
               r"\beta": rng.normal(), r"\mathbf{1}": np.ones(4)}  # fmt: skip


def equation_running_mean() -> Draws:
    r"""\operatorname{Var}[c] = \frac{\theta}{2 - \theta}\,\frac{s^2}{B}"""
    for rng in draws(20):
        rate, s, batch = rng.uniform(0.05, 0.9), rng.uniform(0.5, 2), int(rng.integers(2, 40))
        weights = rate * (1 - rate) ** np.arange(3000)  # of the batch means, the newest first
        yield {r"\operatorname{Var}[c]": np.sum(weights**2) * s**2 / batch, r"\theta": rate, "s": s, "B": batch}


def equation_equal_inputs() -> Draws:
    r"""\kappa_0 = \frac{s^2\,(1 + (n-1)\,\varrho) + n\,\nu^2}{s^2\,(1 - \varrho)}"""
    for rng in draws(20):
        n, mean, correlation, s = int(rng.integers(3, 20)), rng.normal(), rng.uniform(0.1, 0.9), rng.uniform(0.5, 2)
        yield {r"\kappa_0": np.linalg.cond(s**2 * equicorrelated(n, mean / s, correlation)), "n": n, "s": s,
               r"\nu": mean, r"\varrho": correlation}  # fmt: skip


def figure_slopes(result: Result) -> Figure:
    """Three curves over the pre-activation. The sigmoid rises from 0 to 1; without its mean
    the same curve runs through the origin; without its mean slope a shallow wave is left, near zero where
    pre-activations are frequent."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    axes.axhline(0, color=GRID, linewidth=0.8)
    for key, text, role, at, dx, dy in (
        ("sigmoid", "sigmoid", SECOND, 30, -8, 4),
        ("mean", "without its mean", INK, 56, 8, -10),
        ("slope", "without its mean\nslope, too", FIRST, 70, -10, -16),
    ):
        axes.plot(SHOWN, result.curves[key], color=role, label=text.replace("\n", " "))
        label_point(axes, text, (SHOWN[at], result.curves[key][at]), role, dx=dx, dy=dy)
    frame_axes(axes, [-4, -2, 0, 2, 4], [-0.5, 0, 0.5, 1], "pre-activation", "output")
    return figure


if __name__ == "__main__":
    show_figures(figure_slopes, of=compute())
