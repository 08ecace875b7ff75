"""When does the price of a bias show?

Late where the targets have mean zero, at once where they have a mean of their own. The condition number tells how slow
the slowest direction is; how much of the loss lies in it is another matter, and so is what a settled bias does to the
gradient of the weights.

    shares      parts of the first loss along each direction of curvature
    teacher     the weights and the bias that make the targets; descent starts from zero
    settled     where the bias is best for the present weights, so that the errors of a batch sum to zero
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import FIRST, MUTED, SECOND, Frames, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import hessian, hessian_with_bias

SEED = 0
UNITS = 100
LEVELS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-6)  # of the starting loss
TEACHERS = 101
COUNTS = np.unique(np.round(np.geomspace(1, 40_000, 150)).astype(int))  # steps at which a curve is drawn
SHOWN = 1e-6  # the lowest loss that is drawn
INPUTS = np.geomspace(0.1, 100, 31)  # what the bias may be fed with: 0.1, 1, 10, 100 and nine between each
COMPARED = (0.1, 1.0, 10.0, 100.0)
SIGNS = 4  # weights whose signs are compared


@dataclass(frozen=True)
class Result:
    units: int
    "Inputs of the neuron; each has mean 1 and variance 1."
    levels: tuple[float, ...]
    "Shares of the first loss at which steps are counted."
    fed: tuple[float, ...]
    "What a bias is fed with, from too little to too much."
    plain: tuple[int, ...]
    "Steps until the median loss over teachers falls to each of `levels`, without a bias."
    late: tuple[int, ...]
    "The same with a bias, targets of mean zero."
    early: tuple[int, ...]
    "The same with a bias, targets whose mean is that of a random teacher."
    fed_early: tuple[int, ...]
    "Steps to the second of `levels`, targets of mean zero, with a bias fed with each of `fed`."
    fed_late: tuple[int, ...]
    "The same to the last of `levels`."
    one_sign: float
    "Share of batch gradients whose `signs` components have one sign, once the bias is settled."
    signs: int
    "Weights of those gradients."
    undone: float
    "Share of the weights' progress along the mean that is undone while the mean error is held at zero."
    curves: dict[str, np.ndarray]
    "Median loss relative to the first at `COUNTS` steps, one array per problem."


def losses(values, shares, counts) -> np.ndarray:
    """Loss after so many steps at the best constant step, relative to the first.

    `values` are the curvatures, shape (n,); `shares` the parts of the first loss along each, shape (teachers, n),
    sum 1; returns shape (len(counts), teachers).
    """
    factors = (1 - 2 / (values[0] + values[-1]) * values) ** 2
    return factors ** np.asarray(counts)[:, None] @ shares.T


def steps_to(values, shares, level) -> int:
    """The first step at which the median loss is at most `level` times the first, by bisection."""
    low, high = 0, 1 << 24
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if np.median(losses(values, shares, [middle])) <= level else (middle + 1, high)
    return low


def teachers() -> tuple[np.ndarray, np.ndarray]:
    """Random linear targets: weights, shape (TEACHERS, UNITS), and biases, shape (TEACHERS, 1)."""
    rng = np.random.default_rng(SEED)
    return rng.normal(size=(TEACHERS, UNITS)), rng.normal(size=(TEACHERS, 1))


def problem(error, constant: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Curvatures of the larger problem, a bias fed with `constant` (0: no bias), and shares of the first loss.

    `error` is what the weights, and the bias in the output, have to gain, shape (teachers, n).
    """
    values, vectors = np.linalg.eigh(
        hessian_with_bias(np.ones(UNITS), bias=constant) if constant else hessian(np.ones(UNITS))
    )
    if constant:
        error = np.hstack([error[:, :-1], error[:, -1:] / constant])  # a weight on c has a c-th part to go
    shares = (error @ vectors) ** 2 * values
    return values, shares / shares.sum(axis=1, keepdims=True)


def problems() -> dict:
    """Curvatures and shares of the larger problem: no bias; bias and zero-mean targets; bias and any targets."""
    w, b = teachers()
    return {"plain": problem(w, 0), "late": problem(zero_mean(w)), "early": problem(np.hstack([w, b]))}


def zero_mean(w) -> np.ndarray:
    """These teachers' weights and the bias that makes their targets' mean zero: all inputs have mean 1."""
    return np.hstack([w, -w.sum(axis=1, keepdims=True)])


def settled_one_sign(n: int, examples: int = 64, batches: int = 20_000) -> float:
    """Share of batches whose gradient by n weights has one sign, when the errors of each batch sum to zero."""
    rng = np.random.default_rng(SEED)
    x, error = rng.normal(3, 1, (batches, examples, n)), rng.normal(size=(batches, examples))
    error -= error.mean(axis=1, keepdims=True)  # what a settled bias does
    gradients = np.einsum("bi,bij->bj", error, x)
    return float(np.mean(np.abs(np.sign(gradients).sum(axis=1)) == n))


def compute() -> Result:
    runs = problems()
    targets = zero_mean(teachers()[0])
    fed = [problem(targets, constant) for constant in COMPARED]
    return Result(
        units=UNITS,
        levels=LEVELS,
        fed=COMPARED,
        signs=SIGNS,
        **{name: tuple(steps_to(*run, level) for level in LEVELS) for name, run in runs.items()},
        fed_early=tuple(steps_to(*run, LEVELS[1]) for run in fed),
        fed_late=tuple(steps_to(*run, LEVELS[-1]) for run in fed),
        one_sign=settled_one_sign(SIGNS),
        undone=UNITS / (UNITS + 1),
        curves={name: np.median(losses(*run, COUNTS), axis=1) for name, run in runs.items()},
    )


def claim_it_shows_late(result: Result) -> None:
    """Where the targets have mean zero, the bias costs nothing at first: to {{ levels[0] | percent(0) }} of the loss
    {{ late[0] }} steps with a bias and {{ plain[0] }} without, to a millionth {{ late[4] | integer }} and
    {{ plain[4] }}."""
    _, shares = problems()["late"]
    assert np.median(shares[:, 0]) < 0.05 and np.median(shares[:, -1]) < 1e-3  # little loss in both slow directions
    assert result.late[0] < 1.1 * result.plain[0] and result.late[4] > 50 * result.plain[4]


def claim_it_shows_early(result: Result) -> None:
    """Where the targets have a mean of their own, it costs from the start: {{ early[0] | integer }} steps to
    {{ levels[0] | percent(0) }} of the loss."""
    values, shares = problems()["early"]
    assert np.median(shares[:, -1]) > 0.1  # the steep direction, the mean error, shrinks as slowly as the flat one
    rate = ((values[-1] - values[0]) / (values[-1] + values[0])) ** 2
    predicted = np.log(0.1 / np.median(shares[:, [0, -1]].sum(axis=1))) / np.log(rate)
    assert abs(result.early[0] / predicted - 1) < 0.1


def claim_feeding_moves_the_plateau(result: Result) -> None:
    """Where the targets have mean zero, a bias fed with {{ fed | digits(1) | list }} lets the loss fall to
    {{ levels[1] | percent(0) }} in {{ fed_early | integer | list }} steps, and to a millionth in
    {{ fed_late | integer | list }}."""
    errors = zero_mean(teachers()[0])
    a = np.ones(UNITS + 1)
    for constant, *reached in zip(result.fed, result.fed_early, result.fed_late):
        a[-1] = constant
        H = np.diag(np.append(np.ones(UNITS), 0)) + np.outer(a, a)
        trace = 1 + UNITS + constant**2  # of the plane of the mean and the bias: sum of the two extreme curvatures
        one_step = np.eye(UNITS + 1) - 2 / trace * H
        todo = errors.T / np.append(np.ones(UNITS), constant)[:, None]
        for level, steps in zip((1e-2, 1e-6), reached):  # by powers of one step, in the weights themselves
            for taken, arrived in ((steps - 1, False), (steps, True)):
                left = np.linalg.matrix_power(one_step, taken) @ todo
                ratio = np.median((left * (H @ left)).sum(axis=0) / (todo * (H @ todo)).sum(axis=0))
                assert (ratio <= level) == arrived
    assert result.fed_early[0] < 1.1 * result.fed_early[1] < result.fed_early[2] < result.fed_early[3]
    assert min(result.fed_late) == result.fed_late[2]


def claim_settled_bias_mixes_signs(result: Result) -> None:
    """Once the bias is settled the sign argument is void: of batch gradients of {{ signs | words }} positive inputs'
    weights, {{ one_sign | percent(1) }} have one sign, no more than of independent signs."""
    assert abs(result.one_sign - 2 / 2**result.signs) < 0.01  # four deviations of its sampling


def claim_progress_is_undone(result: Result) -> None:
    """While the mean error is held at zero, {{ undone | percent }} of what the weights gain along the mean is
    taken back."""
    mu = np.ones(UNITS)
    gain = 0.3  # the weights move by gain·μ, then w and b correct the mean error along its gradient (μ, 1)
    correction = -gain * (mu @ mu) / (mu @ mu + 1)
    assert abs((gain + correction) * (mu @ mu) + correction) < 1e-12  # the mean output is back
    assert abs(-correction / gain - result.undone) < 1e-12


def equation_settled() -> Draws:
    r"""\frac{\partial L}{\partial w} = \frac{1}{B}\,X\,(\epsilon - \bar{\epsilon}\,\mathbf{1}) =
    \frac{1}{B}\,(X - \bar{x}\,\mathbf{1}^\top)\,\epsilon"""
    for rng in draws(20):
        X, w, y = rng.normal(2, 1, size=(3, 30)), rng.normal(size=3), rng.normal(size=30)
        epsilon = w @ X - y  # before the bias
        b = -np.mean(epsilon)  # the bias is settled: the errors sum to zero
        slope = [(((w + 1e-20j * unit) @ X + b - y) ** 2).mean().imag / 2e-20 for unit in np.eye(3)]
        yield {r"\frac{\partial L}{\partial w}": np.array(slope), "B": 30, "X": X, r"\bar{x}": X.mean(axis=1),
               r"\mathbf{1}": np.ones(30), r"\epsilon": epsilon, r"\bar{\epsilon}": epsilon.mean()}  # fmt: skip


def figure_late(result: Result) -> Figure:
    """Loss against steps, both axes logarithmic, {{ units }} inputs of mean 1. Without a bias the loss falls
    to {{ levels[0] | percent(0) }} in {{ plain[0] }} steps and on. With a bias and zero-mean targets it follows to
    {{ levels[1] | percent(0) }}, then leaves for a plateau until step {{ late[3] | integer }}. With targets of any mean
    the plateau is there from the start."""
    figure = new_figure(360, 0.85)
    (axes,) = figure.axes
    lines = {
        "plain": ("no bias", FIRST),
        "late": ("bias, targets\nof mean zero", SECOND),
        "early": ("bias, any\ntargets", MUTED),
    }
    for name, (_, role) in lines.items():
        axes.plot(COUNTS, np.maximum(result.curves[name], SHOWN / 3), color=role, label=name)
    for name, at, dx, dy in (
        ("plain", (120, 1e-3), -10, 0),
        ("late", (420, 2.5e-4), 4, 0),
        ("early", (150, 0.36), 0, 14),
    ):
        label_point(axes, lines[name][0], at, lines[name][1], dx=dx, dy=dy)
    axes.set(xscale="log", yscale="log", ylim=(SHOWN, 1.8), xlim=(0.9, 45_000))
    decades = {10.0**-k: f"$\\mathdefault{{10^{{-{k}}}}}$" if k else "1" for k in (0, 2, 4, 6)}
    frame_axes(axes, [1, 10, 100, 1000, result.late[4]], decades, "steps", "loss, relative to the first")
    return figure


def explore_input(result: Result, start: int = 10) -> Frames:
    """Loss against steps, both axes logarithmic, {{ units }} inputs of mean 1, targets of mean zero. The bias is
    fed with 1: the loss falls to {{ levels[1] | percent(0) }} in {{ fed_early[1] }} steps, beside the run without a
    bias, then lies on a plateau, and is a millionth only after {{ fed_late[1] | integer }} steps."""
    figure = new_figure(360, 0.95)
    (axes,) = figure.axes
    seen = result.curves["plain"] > SHOWN / 3
    axes.plot(COUNTS[seen], result.curves["plain"][seen], color=FIRST, label="no bias")
    (line,) = axes.plot([], [], color=SECOND, gid="loss", label="bias")
    label_point(axes, "no bias", (150, 1e-5), FIRST, dx=-8)
    label_point(axes, "bias", (2, 0.1), SECOND, dx=0)
    axes.set(xscale="log", yscale="log", ylim=(SHOWN, 1.8), xlim=(0.9, 4e6))
    decades = {10.0**-k: f"$\\mathdefault{{10^{{-{k}}}}}$" if k else "1" for k in (0, 2, 4, 6)}
    frame_axes(axes, [1, 100, 10_000, 1_000_000], decades, "steps", "loss, relative to the first")
    targets = zero_mean(teachers()[0])
    least = np.sqrt(1 + UNITS)  # where c² = s² + ‖μ‖²
    best = np.linalg.cond(hessian_with_bias(np.ones(UNITS), bias=least))
    for constant in INPUTS:
        run = problem(targets, constant)
        kappa, early, millionth = run[0][-1] / run[0][0], steps_to(*run, LEVELS[1]), steps_to(*run, LEVELS[-1])
        counts = np.unique(np.geomspace(1, millionth, 60).round())
        line.set_data(counts, np.median(losses(*run, counts), axis=1))
        readouts = {
            "what the bias is fed with": f"{constant:.3g}",
            "condition number": f"{kappa:,.0f}",
            "over the least possible": f"{kappa / best:,.1f}",
            f"steps to {LEVELS[1]:.0%}": f"{early:,}",
            "steps to a millionth": f"{millionth:,}",
        }
        yield figure, readouts, _sentence(constant, least, early, millionth, result.fed_late[1])


def _sentence(constant, least, early, millionth, usual):
    slower, faster = millionth / usual, usual / millionth
    if constant < 0.99:
        slower = f"{slower:.{int(slower < 10)}f}"
        words = f"then the bias creeps; a millionth takes {slower} times as long as with 1."
        return f"Too small: {early} steps to {LEVELS[1]:.0%}, {words}"
    if constant < 1.01:
        words = f"then the plateau; a millionth takes {millionth:,} steps."
        return f"The usual 1: {early} steps to {LEVELS[1]:.0%}, {words}"
    if abs(np.log(constant / least)) < 0.3:
        words = f"a millionth comes {faster:.0f} times sooner than with 1, {LEVELS[1]:.0%} only after {early} steps."
        return f"Near the best, {least:.2f}: no plateau; {words}"
    if constant < least:
        return f"Better than 1: the bias is faster, the plateau shorter; a millionth comes {faster:.1f} times sooner."
    words = f"what suits it is too short a step for the weights: {early:,} steps to {LEVELS[1]:.0%}."
    return f"Too large: the bias is the steep direction now; {words}"


if __name__ == "__main__":
    show_figures(figure_late, of=compute())
