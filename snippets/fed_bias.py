"""What should a bias be fed with, where inputs have a mean?

With more than 1: the plateau moves. A bias fed with {{ fed | digits(1) | list }} lets the loss fall to a millionth
in {{ fed_late | integer | list }} steps.
"""

from dataclasses import dataclass

import numpy as np

from lib.plots import FIRST, SECOND, Frames, decades, frame_axes, label_point, new_figure
from lib.quadratics import hessian_with_bias
from lib.teachers import (
    COUNTS,
    LEVELS,
    SHOWN,
    TEACHERS,
    UNITS,
    count_steps,
    draw_teachers,
    draw_zero_mean_teachers,
    median_losses,
    share_loss,
)

SEED = 0
INPUTS = np.geomspace(0.1, 100, 31)  # what the bias may be fed with: 0.1, 1, 10, 100 and nine between each
COMPARED = (0.1, 1.0, 10.0, 100.0)


@dataclass(frozen=True)
class Result:
    units: int
    "Inputs of the neuron; each has mean 1 and variance 1."
    teachers: int
    "Random teachers that losses are medians over."
    levels: tuple[float, ...]
    "Shares of the first loss at which steps are counted."
    fed: tuple[float, ...]
    "What a bias is fed with, from too little to too much."
    fed_early: tuple[int, ...]
    "Steps to the second of `levels`, targets of mean zero, with a bias fed with each of `fed`."
    fed_late: tuple[int, ...]
    "The same to the last of `levels`."
    curve: np.ndarray
    "Median loss relative to the first at `COUNTS` steps, without a bias."


def compute() -> Result:
    fed = [share_loss(draw_zero_mean_teachers(SEED), constant) for constant in COMPARED]
    return Result(
        units=UNITS,
        teachers=TEACHERS,
        levels=LEVELS,
        fed=COMPARED,
        fed_early=tuple(count_steps(*run, LEVELS[1]) for run in fed),
        fed_late=tuple(count_steps(*run, LEVELS[-1]) for run in fed),
        curve=median_losses(*share_loss(draw_teachers(SEED)[0], 0)),
    )


def claim_feeding_moves_the_plateau(result: Result) -> None:
    """Where the targets have mean zero, a bias fed with {{ fed | digits(1) | list }} lets the loss fall to
    {{ levels[1] | percent(0) }} in {{ fed_early | integer | list }} steps, and to a millionth in
    {{ fed_late | integer | list }}."""
    errors = draw_zero_mean_teachers(SEED)
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


def explore_input(result: Result, start: int = 10) -> Frames:
    """Loss against steps, both axes logarithmic, {{ units }} inputs of mean 1, targets of mean zero. The bias is
    fed with 1: the loss falls to {{ levels[1] | percent(0) }} in {{ fed_early[1] }} steps, beside the run without a
    bias, then lies on a plateau, and is a millionth only after {{ fed_late[1] | integer }} steps."""
    figure = new_figure(360, 0.95)
    (axes,) = figure.axes
    seen = result.curve > SHOWN / 3
    axes.plot(COUNTS[seen], result.curve[seen], color=FIRST, label="no bias")
    (line,) = axes.plot([], [], color=SECOND, gid="loss", label="bias")
    label_point(axes, "no bias", (150, 1e-5), FIRST, dx=-8)
    label_point(axes, "bias", (2, 0.1), SECOND, dx=0)
    axes.set(xscale="log", yscale="log", ylim=(SHOWN, 1.8), xlim=(0.9, 4e6))
    frame_axes(axes, [1, 100, 10_000, 1_000_000], decades(0, -2, -4, -6), "steps", "loss, relative to the first")
    targets = draw_zero_mean_teachers(SEED)
    least = np.sqrt(1 + UNITS)  # where c² = s² + ‖μ‖²
    best = np.linalg.cond(hessian_with_bias(np.ones(UNITS), bias=least))
    for constant in INPUTS:
        run = share_loss(targets, constant)
        kappa, early, millionth = run[0][-1] / run[0][0], count_steps(*run, LEVELS[1]), count_steps(*run, LEVELS[-1])
        counts = np.unique(np.geomspace(1, millionth, 60).round())
        line.set_data(counts, median_losses(*run, counts))
        readouts = {
            "what the bias is fed with": f"{constant:.3g}",
            "condition number": f"{kappa:,.0f}",
            "over the least possible": f"{kappa / best:,.1f}",
            f"steps to {LEVELS[1]:.0%}": f"{early:,}",
            "steps to a millionth": f"{millionth:,}",
        }
        yield figure, readouts, describe_constant(constant, least, early, millionth, result.fed_late[1])


def describe_constant(constant: float, least: float, early: int, millionth: int, usual: int) -> str:
    """Return the sentence for a bias that is fed with `constant`."""
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
    words = f"a step that suits it is too short for the weights: {early:,} steps to {LEVELS[1]:.0%}."
    return f"Too large: the bias is the steep direction now; {words}"


if __name__ == "__main__":
    print(compute())
