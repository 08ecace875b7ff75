"""When does the price of a bias show?

Late where the targets have mean zero, at once where they have a mean of their own. The condition number tells how slow
the slowest direction is; how much of the loss lies in it is another matter.

    shares      parts of the first loss along each direction of curvature
    teacher     the weights and the bias that make the targets; descent starts from zero
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.plots import FIRST, MUTED, SECOND, decades, frame_axes, label_point, new_figure, show_figures
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


@dataclass(frozen=True)
class Result:
    units: int
    "Inputs of the neuron; each has mean 1 and variance 1."
    teachers: int
    "Random teachers that losses are medians over."
    levels: tuple[float, ...]
    "Shares of the first loss at which steps are counted."
    plain: tuple[int, ...]
    "Steps until the median loss over teachers falls to each of `levels`, without a bias."
    late: tuple[int, ...]
    "The same with a bias, targets of mean zero."
    early: tuple[int, ...]
    "The same with a bias, targets whose mean is that of a random teacher."
    curves: dict[str, np.ndarray]
    "Median loss relative to the first at `COUNTS` steps, one array per problem."


def share_losses() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Curvatures and shares of the larger problem: no bias; bias and zero-mean targets; bias and any targets."""
    w, b = draw_teachers(SEED)
    return {
        "plain": share_loss(w, 0),
        "late": share_loss(draw_zero_mean_teachers(SEED)),
        "early": share_loss(np.hstack([w, b])),
    }


def compute() -> Result:
    runs = share_losses()
    return Result(
        units=UNITS,
        teachers=TEACHERS,
        levels=LEVELS,
        **{name: tuple(count_steps(*run, level) for level in LEVELS) for name, run in runs.items()},
        curves={name: median_losses(*run) for name, run in runs.items()},
    )


def claim_it_shows_late(result: Result) -> None:
    """Where the targets have mean zero, the bias costs nothing at first: to {{ levels[0] | percent(0) }} of the loss
    {{ late[0] }} steps with a bias and {{ plain[0] }} without, to a millionth {{ late[4] | digits(2) }} and
    {{ plain[4] }}."""
    _, shares = share_losses()["late"]
    assert np.median(shares[:, 0]) < 0.05 and np.median(shares[:, -1]) < 1e-3  # little loss in both slow directions
    assert result.late[0] < 1.1 * result.plain[0] and result.late[4] > 50 * result.plain[4]
    assert abs(result.late[0] - 60) < 9 and abs(result.plain[0] - 59) < 9 and abs(result.plain[4] - 349) < 9
    assert 20_000 < result.late[4] < 24_000


def claim_it_shows_early(result: Result) -> None:
    """Where the targets have a mean of their own, it costs from the start: {{ early[0] | digits(2) }} steps to
    {{ levels[0] | percent(0) }} of the loss."""
    values, shares = share_losses()["early"]
    assert np.median(shares[:, -1]) > 0.1  # the steep direction, the mean error, shrinks as slowly as the flat one
    rate = ((values[-1] - values[0]) / (values[-1] + values[0])) ** 2
    predicted = np.log(0.1 / np.median(shares[:, [0, -1]].sum(axis=1))) / np.log(rate)
    assert abs(result.early[0] / predicted - 1) < 0.1
    assert 2300 < result.early[0] < 3900


def figure_late(result: Result) -> Figure:
    """Loss against steps, both axes logarithmic, {{ units }} inputs of mean 1. Without a bias the loss falls
    to {{ levels[0] | percent(0) }} in {{ plain[0] }} steps and on. With a bias and zero-mean targets it follows to
    {{ levels[1] | percent(0) }}, then leaves for a plateau until step {{ late[3] | integer }}. With targets that have a
    mean the plateau is there from the start."""
    figure = new_figure(360, 0.85)
    (axes,) = figure.axes
    lines = {
        "plain": ("no bias", FIRST),
        "late": ("bias, targets\nof mean zero", SECOND),
        "early": ("bias, targets\nwith a mean", MUTED),
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
    frame_axes(axes, [1, 10, 100, 1000, result.late[4]], decades(0, -2, -4, -6), "steps", "loss, relative to the first")
    return figure


if __name__ == "__main__":
    show_figures(figure_late, of=compute())
