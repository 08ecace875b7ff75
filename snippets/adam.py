"""Does Adam remove the zig-zag?

Adam is momentum with one step size for each weight. Where all inputs have the same mean those step sizes are all alike:
{{ gain | digits(2) }} times as fast as plain descent, slower than momentum ({{ adam.raw | integer }} steps against
{{ momentum }}), and slower than itself on centered inputs ({{ adam.centered | integer }}). Put the same mean into one
input, and Adam is cured ({{ adam.one | integer }}), because then a step size for each weight is what is missing.

    H      Hessian VARIANCE I + μμᵀ of a linear neuron without a bias that reads sigmoids at N(0, 1)
    error  w − w*; runs start from w = 0, and w* is normal in every weight
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.optimizers import adam_losses, momentum_path
from lib.plots import FIRST, INK, MUTED, SECOND, decades, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import (
    MILLIONTH,
    condition_number,
    descent_factor,
    first_step_below,
    gradient_of,
    hessian,
    mirror_to_one_input,
    split_along_mean,
    steps_to,
)
from lib.sigmoid_inputs import MEAN, UNITS, VARIANCE

SEED = 0
STARTS = 25
RATES = {  # step sizes that are tried
    "raw": (0.05, 0.1, 0.15, 0.2, 0.3),
    "centered": (0.05, 0.1, 0.2, 0.4),
    "one": (0.05, 0.1, 0.2, 0.4),
    "scaled": (0.01, 0.02, 0.04, 0.08, 0.16),
}
BETA = 0.9
PARTS = np.arange(1.0, 3.76, 0.05)  # step sizes of momentum that are tried, times 1/λmax
SCALES = np.where(np.arange(UNITS) % 2, 10.0, 1.0)  # standard deviations of centered inputs, for the scaled problem


@dataclass(frozen=True)
class Result:
    units: int
    "Number of inputs."
    starts: int
    "Number of random targets; counts of steps are medians over them, at the first arrival."
    kappa: float
    "Condition number of the Hessian without a bias."
    plain: int
    "Steps to a millionth of the starting loss: plain descent, best constant step."
    momentum: int
    "The same: momentum, best step size of a grid."
    beta: float
    "Its β, the usual one."
    momentum_stays: int
    "Steps after which momentum's loss stays below a millionth; it comes and goes before."
    adam: dict[str, float]
    "The same: Adam at its best rate; inputs raw, centered, mean in one input, scaled (centered, of two scales)."
    adam_range: tuple[float, float]
    "Fewest and most steps of Adam over the targets, raw inputs, at that rate."
    scaled_plain: int
    "Steps of plain descent on the last of these problems."
    scale: float
    "Larger over smaller standard deviation there."
    gain: float
    "Steps of plain descent over those of Adam, raw inputs."
    patience: int
    "How many times as many steps Adam without momentum gets."
    slow_rates: tuple[float, ...]
    "Step sizes that it is tried with."
    curves: dict[str, np.ndarray]
    "Loss after each step relative to the first, one array per method, from one start."


def momentum_losses(starts: np.ndarray, kappa: float, step: float, beta: float, steps: int) -> np.ndarray:
    """Losses of momentum, shape (steps + 1, starts): the errors along the mean and across it are all that it knows."""
    curvatures = np.array([kappa, 1.0])
    return momentum_path(curvatures, split_along_mean(starts), step, beta, steps) ** 2 @ curvatures


def thin_curve(losses: np.ndarray) -> np.ndarray:
    """At most about 300 points of a curve, up to its arrival: step + 1, loss relative to the first, shape (2, …)."""
    end = int(first_step_below(losses))
    at = np.unique(np.round(np.geomspace(1, end + 1, 300)).astype(int)) - 1
    return np.stack([at + 1.0, losses[at] / losses[0]])


def compute() -> Result:
    starts, mean = np.random.default_rng(SEED).normal(size=(STARTS, UNITS)), np.full(UNITS, MEAN)
    kappa = condition_number(hessian(mean, VARIANCE))
    plain = momentum_losses(starts, kappa, 2 / (kappa + 1), 0.0, 2100)
    tried = [momentum_losses(starts, kappa, part / kappa, BETA, 400) for part in PARTS]
    best = min(tried, key=lambda losses: np.median(first_step_below(losses)))
    problems = {  # Adam knows the coordinates: it is run on the weights themselves
        "raw": (gradient_of(mean, VARIANCE), starts),
        "centered": (gradient_of(0 * mean, VARIANCE), starts),
        "one": (gradient_of(mirror_to_one_input(mean), VARIANCE), mirror_to_one_input(starts)),
        "scaled": (gradient_of(0 * mean, SCALES**2), starts / SCALES),
    }
    steps, losses = {}, {}
    for name, (gradient, start) in problems.items():
        runs = adam_losses(gradient, start, RATES[name], tolerance=MILLIONTH)
        medians = np.median(first_step_below(runs), axis=1)
        steps[name], losses[name] = float(medians.min()), runs[:, medians.argmin()]
    arrivals = first_step_below(losses["raw"])
    curves = {"plain": plain, "momentum": best, "adam": losses["raw"], "one": losses["one"]}
    return Result(
        units=UNITS,
        starts=STARTS,
        kappa=kappa,
        plain=int(np.median(first_step_below(plain))),
        momentum=int(np.median(first_step_below(best))),
        beta=BETA,
        momentum_stays=int(np.median(len(best) - (best > MILLIONTH * best[0])[::-1].argmax(axis=0))),
        adam=steps,
        adam_range=(float(arrivals.min()), float(arrivals.max())),
        scale=SCALES.max(),
        scaled_plain=steps_to(MILLIONTH, descent_factor(100.0) ** 2),
        gain=first_step_below(plain)[0] / steps["raw"],
        patience=3,
        slow_rates=tuple(np.geomspace(0.002, 0.1, 8)),
        curves={name: thin_curve(runs[:, 0]) for name, runs in curves.items()},
    )


def adam_steps_by_matrix(H: np.ndarray, start: np.ndarray, rates: tuple[float, ...]) -> float:
    """Least median of the steps to a millionth of the loss, by the formulas of Adam on a whole matrix H."""
    counts = []
    for rate in rates:
        error, first, second, losses = start, 0 * start, 0 * start, []
        for step in range(1, 700):
            g = error @ H
            losses.append(np.sum(g * error, axis=1))
            first, second = first + 0.1 * (g - first), second + 0.001 * (g * g - second)
            error = error - rate * first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        counts.append(np.median(first_step_below(np.array(losses))))
    return min(counts)


def claim_between_plain_and_momentum(result: Result) -> None:
    """To a millionth of the loss plain descent needs {{ plain | integer }} steps, Adam {{ adam.raw | integer }} at its
    best rate, and momentum {{ momentum }} at its best step for β = {{ beta | decimals(1) }}; on centered inputs plain
    descent needs 1 step and Adam {{ adam.centered | integer }}."""
    kappa = 1 + UNITS * MEAN**2 / VARIANCE
    assert abs(result.plain - np.log(MILLIONTH) / 2 / np.log((kappa - 1) / (kappa + 1))) < 1
    assert 3 < result.gain < 10 and 1.5 * result.momentum < result.adam["raw"]
    start, H = np.random.default_rng(SEED).normal(size=(STARTS, UNITS)), hessian(np.full(UNITS, MEAN), VARIANCE)
    assert abs(adam_steps_by_matrix(H, start, RATES["raw"]) - result.adam["raw"]) <= 1
    assert abs(adam_steps_by_matrix(VARIANCE * np.eye(UNITS), start, RATES["centered"]) - result.adam["centered"]) <= 1
    medians = []
    for part in PARTS:  # momentum on the weights
        before = error = start
        losses = []
        for _ in range(200):
            g = error @ H
            losses.append(np.sum(g * error, axis=1))
            before, error = error, error - part / (VARIANCE + UNITS * MEAN**2) * g + BETA * (error - before)
        medians.append(np.median(first_step_below(np.array(losses))))
    assert abs(min(medians) - result.momentum) <= 1


def claim_a_mean_in_one_input(result: Result) -> None:
    """Rotate the problem so that one input has all of the mean, at the same condition number: Adam then needs
    {{ adam.one | integer }} steps instead of {{ adam.raw | integer }}, as few as on centered inputs."""
    H = hessian(mirror_to_one_input(np.full(UNITS, MEAN)), VARIANCE)
    assert abs(condition_number(H) / result.kappa - 1) < 1e-9
    assert condition_number(H / np.sqrt(np.outer(np.diag(H), np.diag(H)))) < 1 + 1e-9  # now a diagonal can do it
    assert abs(result.adam["one"] / result.adam["centered"] - 1) < 0.2
    start = mirror_to_one_input(np.random.default_rng(SEED).normal(size=(STARTS, UNITS)))
    assert abs(adam_steps_by_matrix(H, start, RATES["one"]) - result.adam["one"]) <= 1
    assert 2 * result.adam["one"] < result.adam["raw"]
    assert abs(result.plain / result.adam["raw"] / result.gain - 1) < 1e-2


def claim_its_momentum_is_what_helps(result: Result) -> None:
    """Without its momentum, Adam has not arrived after {{ patience | words }} times as many steps, at any step size
    tried from {{ slow_rates[0] | digits(1) }} to {{ slow_rates[-1] | digits(1) }}."""
    limit, start = int(result.patience * result.adam["raw"]), np.random.default_rng(SEED).normal(size=(3, UNITS))
    gradient = gradient_of(np.full(UNITS, MEAN), VARIANCE)
    losses = adam_losses(gradient, start, result.slow_rates, limit, MILLIONTH, beta1=0.0)
    assert np.median(first_step_below(losses), axis=1).min() > limit


def claim_scales_are_what_it_mends(result: Result) -> None:
    """Centered inputs, half of them with {{ scale | integer }} times the standard deviation of the others: plain
    descent needs {{ scaled_plain | integer }} steps, and Adam {{ adam.scaled | integer }}, as few as where all are
    alike."""
    assert abs(result.adam["scaled"] / result.adam["centered"] - 1) < 0.2
    start = np.random.default_rng(SEED).normal(size=(STARTS, UNITS)) / SCALES
    assert abs(adam_steps_by_matrix(np.diag(SCALES**2), start, RATES["scaled"]) - result.adam["scaled"]) <= 1
    curvatures = np.repeat([100.0, 1.0], UNITS // 2)
    path = momentum_path(curvatures, np.random.default_rng(SEED).normal(size=UNITS), 2 / 101, 0.0, 800)
    assert abs(first_step_below(path**2 @ curvatures) - result.scaled_plain) <= 1


def figure_losses(result: Result) -> Figure:
    """Loss against step, both axes logarithmic, {{ units }} inputs that are not centered. Momentum arrives at a
    millionth of the loss after {{ momentum }} steps, Adam after about {{ adam.raw | integer }}, plain descent after
    {{ plain | integer }}."""
    lines = (
        ("plain", "plain", SECOND, (380, 0.13), {"dx": 4}),
        ("adam", "Adam", INK, (310, 1e-4), {"dx": 4}),
        ("momentum", "momentum", FIRST, (28, 3e-5), {"dx": -6}),
    )
    return draw_losses(result, lines, (10, result.momentum, result.plain))


def figure_turned(result: Result) -> Figure:
    """Loss against step, both axes logarithmic. Plain descent has one curve for both problems. Adam with the mean
    spread over {{ units }} inputs needs about {{ adam.raw | integer }} steps, with the same mean in one input
    {{ adam.one | integer }}."""
    lines = (
        ("plain", "plain,\neither way", MUTED, (430, 0.25), {"dx": 4}),
        ("adam", "Adam,\nall have\na mean", SECOND, (310, 1e-4), {"dx": 5}),
        ("one", "Adam,\none input has\nall the mean", FIRST, (18, 3e-5), {"dx": 0, "ha": "center"}),
    )
    return draw_losses(result, lines, (10, 100, result.plain))


def draw_losses(result: Result, lines: tuple, ticks: tuple[int, ...]) -> Figure:
    """Curves by name, each with its label, role, place of the label, and how it is set; the axis begins at step 1."""
    figure = new_figure(360, 0.82)
    (axes,) = figure.axes
    for name, words, role, at, how in lines:
        axes.plot(*result.curves[name], color=role, label=name, linewidth=1.4)
        label_point(axes, words, at, role, **how)
    axes.set(xscale="log", yscale="log", xlim=(0.9, 3000), ylim=(MILLIONTH / 2, 1.5))
    places = {1: "start"} | {step + 1: f"{step:,}" for step in ticks}
    frame_axes(axes, places, decades(0, -2, -4, -6), "steps", "loss, relative to the first")
    return figure


if __name__ == "__main__":
    show_figures(figure_losses, figure_turned, of=compute())
