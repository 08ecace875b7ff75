"""What does centering the slopes of hidden units do?

It takes the linear part out of them, which a shortcut then carries: the mean square off the diagonal of their second
moment, over that on it, falls {{ gain.tanh | integer }}-fold for tanh units.

    ratio       mean square off the diagonal of E[f fᵀ] over mean square on it, f the outputs of the hidden units
    alpha       mean slope of a hidden unit over the examples; beta what else is needed to give its output mean zero
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
    images: int
    "Digits that the units read."
    ratio: dict[str, dict]
    "For sigmoid and tanh units: ratio as they are, with their means removed, with means and mean slopes removed."
    reported: dict[str, tuple[float, float]]
    "Off-diagonal over diagonal part of the Fisher matrix in two nets, as Raiko, Valpola and LeCun (2012) print it."
    gain: dict[str, float]
    "By what factor removing the mean slope, too, lowers that ratio."
    spread: tuple[float, float]
    "Least and largest such factor for tanh units, over the random layers."
    curves: dict[str, np.ndarray]
    "The sigmoid over `SHOWN`, without its mean, and without its mean slope."


def ratio(outputs: np.ndarray) -> float:
    """Mean square off the diagonal of the second moment over mean square on it; outputs of shape (B, units)."""
    moment = outputs.T @ outputs / len(outputs)
    on = np.diag(moment)
    off = (np.sum(moment**2) - np.sum(on**2)) / (len(on) ** 2 - len(on))
    return off / np.mean(on**2)


def read_pixels() -> np.ndarray:
    """Every third image of the digits."""
    return digits()[0][::3]


def ratios(name: str, rng: np.random.Generator) -> list[float]:
    """The ratio of one random hidden layer on centered digits: as it is, without means, without means and slopes."""
    x = read_pixels()
    x = x - x.mean(axis=0)
    z = x @ rng.normal(size=(x.shape[1], UNITS)) / np.sqrt(x.var(axis=0).sum())  # variance about 1
    a = FUNCTIONS[name](z)
    flat = a - DERIVATIVES[name](z).mean(axis=0) * z
    return [ratio(a), ratio(a - a.mean(axis=0)), ratio(flat - flat.mean(axis=0))]


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    nets = {name: np.array([ratios(name, rng) for _ in range(NETS)]) for name in ("sigmoid", "tanh")}
    gains = nets["tanh"][:, 1] / nets["tanh"][:, 2]
    return Result(
        units=UNITS,
        images=len(read_pixels()),
        ratio={name: dict(zip(("raw", "mean", "slope"), np.median(rows, axis=0))) for name, rows in nets.items()},
        reported=REPORTED,
        gain={name: float(np.median(rows[:, 1] / rows[:, 2])) for name, rows in nets.items()},
        spread=(gains.min(), gains.max()),
        curves={
            "sigmoid": sigmoid(SHOWN),
            "mean": sigmoid(SHOWN) - 0.5,
            "slope": sigmoid(SHOWN) - 0.5 - SLOPE * SHOWN,
        },
    )


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


def equation_shortcut() -> Draws:
    r"""V\varphi(z) + C x = V\left(\varphi(z) - \alpha z - \beta\,\mathbf{1}\right) + (C + \alpha V W)\,x +
    \beta\,V\mathbf{1}"""
    for rng in draws(20):
        W, V, C, x = rng.normal(size=(4, 3)), rng.normal(size=(2, 4)), rng.normal(size=(2, 3)), rng.normal(size=3)
        z = np.array([sum(w * v for w, v in zip(row, x)) for row in W])
        yield {
            r"\varphi": sigmoid,
            "z": z,
            "V": V,
            "C": C,
            "W": W,
            "x": x,
            r"\alpha": rng.normal(),
            r"\beta": rng.normal(),
            r"\mathbf{1}": np.ones(4),
        }


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
