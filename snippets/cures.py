"""Which cure works, and what does it cost?

One problem, all methods: a linear neuron that reads {{ units }} sigmoid units fed with N(0, 1), without and with a
bias. Centering the inputs brings plain descent from {{ methods.plain.raw | integer }} steps to
{{ methods.plain.centered | integer }}, with a bias from {{ methods.plain.raw_bias | integer }} to
{{ methods.plain.centered_bias | integer }}. Changing the method alone does less, unless it knows the curvature: Newton,
conjugate gradients.

    H, start   Hessian and starting errors in three directions that no linear method tells from the whole: along the
               mean, across it, and the bias; a start is a random target, learned from w = 0, b = 0
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.optimizers import adam_losses, momentum_path
from lib.plots import FIRST, GRID, INK, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import (
    MILLIONTH,
    conjugate_gradients,
    descent_steps,
    first_step_below,
    gradient_of,
    hessian,
    hessian_with_bias,
    line_search,
    line_search_steps,
    split_along_mean,
    tuned_momentum,
)
from lib.sigmoid_inputs import MEAN, STARTS, UNITS, VARIANCE, draw_targets

SEED = 0
FEW = 25  # of the targets, which Adam and momentum get, as on their own page
RATES = {"raw": (0.07, 0.1, 0.15, 0.2, 0.3), "centered": (0.1, 0.2, 0.4)}  # of Adam
RATES |= {"raw_bias": (0.1, 0.15, 0.2, 0.3), "centered_bias": (0.1, 0.15, 0.2, 0.3, 0.4)}
METHODS = {
    "plain": "plain, best step",
    "search": "line search",
    "adam": "Adam",
    "tuned": "momentum, tuned",
    "conjugate": "conjugate gradients",
    "newton": "Newton",
}


@dataclass(frozen=True)
class Result:
    units: int
    "Number of inputs."
    starts: int
    "Number of random targets; counts of steps are medians over them."
    few: int
    "How many of them Adam and momentum get."
    methods: dict[str, dict]
    "Steps of each method: raw, centered, raw_bias, centered_bias."
    search_range: tuple[float, float]
    "Line search, raw inputs with a bias: lower and upper quartile of the steps over the targets."


def reduce_problem(centered: bool, bias: bool) -> tuple[np.ndarray, np.ndarray]:
    """Hessian (3, 3) and errors (STARTS, 3) along the mean, across it and along the bias; without a bias, the former
    two."""
    weights, biases = draw_targets(SEED)
    mean = np.array([0.0 if centered else np.sqrt(UNITS) * MEAN, 0.0])
    start = np.column_stack([split_along_mean(weights), biases + centered * MEAN * weights.sum(axis=1)])
    return (hessian_with_bias(mean, VARIANCE), start) if bias else (hessian(mean, VARIANCE), start[:, :2])


def momentum_steps(H: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Steps of momentum tuned to the two extreme curvatures."""
    values, vectors = np.linalg.eigh(H)
    steps = 1500 if len(values) > 2 else 300
    path = momentum_path(values, start @ vectors, *tuned_momentum(values[-1], values[0]), steps)
    return first_step_below(path**2 @ values)


def adam_steps(centered: bool, bias: bool, rates: tuple[float, ...]) -> np.ndarray:
    """Steps of Adam at its best rate, on the weights themselves: it knows their axes."""
    weights, biases = (part[:FEW] for part in draw_targets(SEED))
    mean, variances = np.append(np.full(UNITS, 0.0 if centered else MEAN), 1.0), np.append(np.full(UNITS, VARIANCE), 0)
    start = np.column_stack([weights, biases + centered * MEAN * weights.sum(axis=1)])
    if not bias:
        mean, variances, start = mean[:-1], variances[:-1], start[:, :-1]
    steps = first_step_below(adam_losses(gradient_of(mean, variances), start, rates, 3500, MILLIONTH))
    return steps[np.median(steps, axis=1).argmin()]


def newton_steps(H: np.ndarray, start: np.ndarray) -> int:
    """Steps of Newton's method until all starts have arrived."""
    error, steps = start, 0
    while np.any((error @ H * error).sum(axis=1) > MILLIONTH * (start @ H * start).sum(axis=1)):
        error, steps = error - np.linalg.solve(H, H @ error.T).T, steps + 1
    return steps


def compute() -> Result:
    methods = {name: {"name": words} for name, words in METHODS.items()}
    for centered, bias in product((False, True), repeat=2):
        column = ("centered" if centered else "raw") + ("_bias" if bias else "")
        H, start = reduce_problem(centered, bias)
        counts = {
            "plain": descent_steps(H, start),
            "search": line_search_steps(H, start),
            "adam": adam_steps(centered, bias, RATES[column]),
            "tuned": momentum_steps(H, start[:FEW]),
            "conjugate": [len(conjugate_gradients(H, error)) - 1 for error in start[:FEW]],
            "newton": newton_steps(H, start),
        }
        for name, steps in counts.items():
            methods[name][column] = float(np.median(steps)) if name != "newton" else steps
        if column == "raw_bias":
            quartiles = tuple(np.quantile(counts["search"], [0.25, 0.75]))
    return Result(units=UNITS, starts=STARTS, few=FEW, methods=methods, search_range=quartiles)


def claim_centering_beats_methods(result: Result) -> None:
    """With a bias, plain descent on centered inputs takes {{ methods.plain.centered_bias | integer }} steps; on raw
    inputs tuned momentum takes {{ methods.tuned.raw_bias | digits(2) }}, Adam {{ methods.adam.raw_bias | digits(1) }}
    and plain descent {{ methods.plain.raw_bias | digits(3) }}."""
    rate = (1 / VARIANCE - 1) / (1 / VARIANCE + 1)  # the bias has curvature 1, each weight the variance
    cured = result.methods["plain"]["centered_bias"]
    assert abs(cured - np.log(MILLIONTH) / 2 / np.log(rate)) <= 1
    row = {name: steps["raw_bias"] for name, steps in result.methods.items()}
    assert all(row[name] > 5 * cured for name in ("plain", "adam", "tuned"))
    assert row["plain"] > 8 * row["adam"] > 8 * row["tuned"]
    assert 840 < result.methods["tuned"]["raw_bias"] < 930 and 290 < result.methods["adam"]["raw_bias"] < 3400
    assert 52_300 < result.methods["plain"]["raw_bias"] < 53_300


def claim_a_search_is_a_lottery(result: Result) -> None:
    """Exact line search depends strongly on the target: with raw inputs and a bias, the quartiles over the targets are
    {{ search_range[0] | digits(1) }} and {{ search_range[1] | digits(2) }} steps."""
    low, high = result.search_range
    assert 2 * low < high < result.methods["plain"]["raw_bias"]
    weights, biases = draw_targets(SEED)
    counts = line_search_steps(*reduce_problem(centered=False, bias=True))
    H = hessian_with_bias(np.full(UNITS, MEAN), VARIANCE)
    for i in np.argsort(counts)[:3]:  # the same searches, on all weights
        assert abs(len(line_search(H, np.append(weights[i], biases[i]))) - 1 - counts[i]) <= 1
    assert 50 < result.search_range[0] < 82 and 157 < result.search_range[1] < 347


def claim_as_many_as_curvatures(result: Result) -> None:
    """Conjugate gradients takes at most as many steps as there are different curvatures,
    {{ methods.conjugate.raw | integer }} without and {{ methods.conjugate.raw_bias | integer }} with a bias; Newton’s
    method always {{ methods.newton.raw_bias }}."""
    mean = np.full(UNITS, MEAN)
    for name, H in (("raw_bias", hessian_with_bias(mean, VARIANCE)), ("raw", hessian(mean, VARIANCE))):
        different = len(set(np.round(np.linalg.eigvalsh(H), 8)))
        assert result.methods["conjugate"][name] == different and result.methods["newton"][name] == 1


def equation_steps() -> Draws:
    r"""t \approx \frac{\kappa}{4} \ln\frac{1}{\varepsilon}"""
    for rng in draws(12):
        kappa, small = rng.uniform(30, 60), 10 ** rng.uniform(-7, -5)
        loss, t, error = kappa + 1, 0, np.ones(2)
        while error**2 @ [kappa, 1] > small * loss:
            error, t = error * (1 - 2 / (kappa + 1) * np.array([kappa, 1])), t + 1
        yield {"t": t, r"\kappa": kappa, r"\varepsilon": small, r"\approx": 0.02}


def figure_steps(result: Result) -> Figure:
    """The methods, one row each, by their steps on a logarithmic axis, with a bias: orange on raw inputs, blue on
    centered ones. Plain descent goes from {{ methods.plain.raw_bias | integer }} to
    {{ methods.plain.centered_bias | integer }}, Adam from {{ methods.adam.raw_bias | integer }} to
    {{ methods.adam.centered_bias | integer }}; Newton's method needs one step in both."""
    figure = new_figure(360, 0.86)
    (axes,) = figure.axes
    rows = list(result.methods.values())[::-1]
    heights = np.arange(len(rows))
    for y, row in zip(heights, rows):
        ends = [row["raw_bias"], row["centered_bias"]]
        axes.plot(ends, [y, y], color=GRID, linewidth=1.2, zorder=1, label=row["name"])
    for column, role, name in (("raw_bias", SECOND, "raw"), ("centered_bias", FIRST, "centered")):
        at = [row[column] for row in rows]
        axes.plot(at, heights, "o", color=role, markersize=9 if name == "raw" else 6, label=name)
        label_point(axes, name, (at[-1], heights[-1]), role, dx=0, dy=13, ha="center")
    axes.set(xscale="log", xlim=(0.7, 100_000), ylim=(-0.6, len(rows) - 0.3))
    frame_axes(axes, [1, 10, 100, 1000, 10_000], {y: row["name"] for y, row in zip(heights, rows)}, "steps")
    axes.spines.left.set_visible(False)
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    return figure


if __name__ == "__main__":
    show_figures(figure_steps, of=compute())
