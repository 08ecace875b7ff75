"""How do I compare two ways of training fairly?

Raw and centered digits, one small tanh network. At a shared step of {{ shared[0].step | digits(2) }} both need the same
number of epochs, {{ shared[0].raw | integer }} and {{ shared[0].centered | integer }}; at their own best steps
{{ best.raw.epochs | integer }} and {{ best.centered.epochs | integer }}. And of {{ runs }} single runs stopped early
{{ early.reversed }} tell the opposite of the mean, which itself is the opposite of what runs stopped later tell.

    goal   training loss at which a run stops
    run    one draw of training images and initial weights, both the same for raw and centered pixels
    gap    accuracy on all other images, centered minus raw, in percentage points
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import draws
from lib.paired_runs import GOALS, IMAGES, LIMIT, OWN, RUNS, STARTS, UNITS, compare_accuracy, train
from lib.plots import FIRST, GRID, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
SIZES = tuple(2.0**k for k in np.arange(-2, 3.1, 0.5))
SURE, ENOUGH = 0.95, 30  # probability that one of the tries is good, which means within so many epochs


@dataclass(frozen=True)
class Result:
    images: int
    "Images to learn from, in each run."
    units: int
    "Hidden tanh units."
    runs: int
    "Runs of either kind."
    starts: int
    "Runs over which epochs are a median."
    epochs: dict[str, tuple[float, ...]]
    "Median epochs to the early goal, for step sizes a factor of √2 apart, raw and centered."
    shared: list
    "Three shared step sizes, and the epochs at them."
    best: dict[str, dict]
    "Step size with the fewest epochs, and those, raw and centered."
    own: tuple[float, float]
    "Step sizes of the runs whose accuracy is compared, raw and centered."
    early: dict[str, float]
    "Goal; mean gap, its standard deviation and standard error; runs of the other sign; mean accuracies."
    late: dict[str, float]
    "The same for the late goal."
    needed: int
    "Runs until the late gap is two standard errors."
    tries: dict[str, float]
    "Share of the step sizes that reach the early goal in `enough` epochs, and tries until one does, surely enough."
    sure: float
    "That probability."
    enough: int
    "Epochs that are called enough."
    gaps: dict[str, np.ndarray]
    "Gap of each run, early and late."


def count_epochs(centered: bool, step: float) -> float:
    """Return the median epochs to the early goal; a run that is given up counts as `LIMIT`."""
    runs = [train(SEED, centered, step, run, run, (GOALS["early"],)) for run in range(STARTS)]
    return float(np.median([run[0][0] if run else LIMIT for run in runs]))


def summarize(name: str, accuracy: np.ndarray) -> dict[str, float]:
    """Return what a table says of the gaps at a goal."""
    gap = accuracy[1] - accuracy[0]
    std, mean = gap.std(ddof=1), gap.mean()
    reversed_ = int((gap * mean < 0).sum())
    return {
        "goal": GOALS[name],
        "gap": mean,
        "std": std,
        "error": std / np.sqrt(RUNS),
        "reversed": reversed_,
        "raw": accuracy[0].mean(),
        "centered": accuracy[1].mean(),
    }


def compute() -> Result:
    epochs = {name: tuple(count_epochs(c, size) for size in SIZES) for name, c in (("raw", False), ("centered", True))}
    accuracy = compare_accuracy(SEED)
    early, late = (summarize(name, accuracy[name]) for name in GOALS)
    table = [{"step": SIZES[i]} | {name: counts[i] for name, counts in epochs.items()} for i in range(len(SIZES))]
    best = {name: {"epochs": min(counts), "step": SIZES[int(np.argmin(counts))]} for name, counts in epochs.items()}
    share = {name: float(np.mean(np.array(counts) <= ENOUGH)) for name, counts in epochs.items()}
    tries = {f"{name}_tries": float(np.ceil(np.log(1 - SURE) / np.log(1 - part))) for name, part in share.items()}
    return Result(
        images=IMAGES,
        units=UNITS,
        runs=RUNS,
        starts=STARTS,
        epochs=epochs,
        shared=[table[0], table[4], table[6]],
        best=best,
        own=tuple(OWN.values()),
        early=early,
        late=late,
        needed=int(np.ceil((2 * late["std"] / late["gap"]) ** 2)),
        enough=ENOUGH,
        tries=share | tries,
        sure=SURE,
        gaps={name: values[1] - values[0] for name, values in accuracy.items()},
    )


def claim_a_shared_step_decides(result: Result) -> None:
    """At a shared step of {{ shared[0].step | digits(2) }} raw pixels take {{ shared[0].raw | digits(1) }} epochs and
    centered ones {{ shared[0].centered | digits(1) }}, at {{ shared[2].step | digits(2) }} they take
    {{ shared[2].raw | digits(1) }} and {{ shared[2].centered | integer }}; at the best step of each,
    {{ best.raw.epochs | integer }} and {{ best.centered.epochs | integer }}."""
    for name, counts in result.epochs.items():  # where the step is small, step times epochs is the time of a flow
        flow = np.array(counts[:3]) * SIZES[:3]
        assert flow.max() / flow.min() < 1.1, name
    assert abs(result.shared[0]["raw"] / result.shared[0]["centered"] - 1) < 0.1
    assert result.shared[2]["raw"] > 3 * result.shared[2]["centered"]
    assert result.best["raw"]["epochs"] > 2.5 * result.best["centered"]["epochs"]
    assert result.best["centered"]["step"] >= 2 * result.best["raw"]["step"]
    assert 38 < result.shared[0]["raw"] < 160 and 60 < result.shared[0]["centered"] < 130
    assert 8.0 < result.shared[2]["centered"] < 16 and 14.5 < result.best["raw"]["epochs"] < 33.5
    assert 2.0 < result.best["centered"]["epochs"] < 10
    assert result.shared[2]["raw"] < 165


def claim_one_run_tells_little(result: Result) -> None:
    """Stopped at a loss of {{ early.goal | digits(1) }}, centered pixels recognize {{ early.gap | digits(1) }} points
    more on average, with a standard error of {{ early.error | digits(1) }}; in {{ early.reversed }} of {{ runs }} runs
    it is the other way round."""
    gaps, row = result.gaps["early"], result.early
    assert 4 <= row["reversed"] <= 13 and row["std"] > 1.5 * abs(row["gap"])
    rng = np.random.default_rng(SEED)
    means = rng.choice(gaps, size=(4000, RUNS)).mean(axis=1)  # what other twenty runs would say
    assert abs(means.std() / row["error"] - 1) < 0.1
    assert -0.4 < result.early["gap"] < 1.3


def claim_later_it_is_the_other_way(result: Result) -> None:
    """Stopped at a loss of {{ late.goal | digits(1) }}, it is {{ late.gap | digits(1) }} points, with a standard error
    of {{ late.error | digits(1) }}: small, and of the other sign."""
    gaps, row = result.gaps["late"], result.late
    assert -0.6 < row["gap"] < -row["error"]
    signs = np.random.default_rng(SEED).choice([-1, 1], size=(4000, RUNS))
    assert np.mean(abs((signs * abs(gaps)).mean(axis=1)) >= abs(row["gap"])) < 0.4  # signs at random
    assert -0.47 < result.late["gap"] < -0.0093 and 0.014 < result.late["error"] < 0.13


def equation_pairs() -> Iterator[dict]:
    r"""s_{A-B}^2 = s_A^2 + s_B^2 - 2\,c_{AB}"""
    for rng in draws(12):
        shared, (a, b) = rng.normal(size=40), rng.normal(size=(2, 40))
        a, b = a + shared, 2 * b + shared
        yield {
            "s_{A-B}": (a - b).std(),
            "s_A": np.sqrt(np.mean(a * a) - a.mean() ** 2),
            "s_B": np.sqrt(np.mean(b * b) - b.mean() ** 2),
            "c_{AB}": np.mean(a * b) - a.mean() * b.mean(),
        }


def figure_verdicts(result: Result) -> Figure:
    """Left, epochs against step size, both logarithmic: raw and centered pixels take the same number up to a step of
    one; raw ones get no farther than {{ best.raw.epochs | integer }} and fail beyond two, centered ones go down to
    {{ best.centered.epochs | integer }}. Right, the gap of each run: stopped early the dots scatter about zero, stopped
    late they lie close together, most of them a little below zero."""
    figure = new_figure(320, 0.85, panels=2)
    left, right = figure.axes
    for name, role in (("raw", SECOND), ("centered", FIRST)):
        counts = np.array(result.epochs[name])
        left.plot(np.array(SIZES)[counts < LIMIT], counts[counts < LIMIT], "o-", color=role)
    left.set(xscale="log", yscale="log", xlim=(0.22, 9), ylim=(4, 160))
    label_point(left, "raw", (2, 70), SECOND, dx=8)
    label_point(left, "centered", (2.4, 9.5), FIRST, dx=8, dy=4)
    frame_axes(left, {0.25: "¼", 1: "1", 4: "4"}, [5, 20, 100], "step size", "epochs")
    right.axhline(0, color=GRID, zorder=0)
    for x, name in enumerate(GOALS):
        gaps, spread = result.gaps[name], np.linspace(-0.22, 0.22, RUNS)
        right.plot(x + spread, gaps, "o", color=FIRST, markersize=3.5)
        right.plot([x - 0.3, x + 0.3], [gaps.mean()] * 2, color=SECOND)
    right.set(xlim=(-0.5, 1.5), ylim=(-3, 4))
    frame_axes(right, {0: "stopped early", 1: "later"}, [-2, 0, 2, 4], "", "centered minus raw, percentage points")
    return figure


def explore_runs(result: Result, start: int = 3) -> Iterator[tuple]:
    """The mean gap of the first runs, with two standard errors to either side, early and late. With few runs the bars
    are long and cross zero; with {{ runs }} the late one is short and lies below it."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    axes.axhline(0, color=GRID, zorder=0)
    bars = [
        axes.plot([x, x], [0, 1], color=role, linewidth=6, gid=name)[0]
        for x, (name, role) in enumerate(zip(GOALS, (SECOND, FIRST)))
    ]
    axes.set(xlim=(-0.5, 1.5), ylim=(-3, 4))
    frame_axes(axes, {0: "stopped early", 1: "later"}, [-2, 0, 2, 4], "", "centered minus raw, percentage points")
    for count in range(3, RUNS + 1):
        readouts, clear = {"runs": f"{count}"}, []
        for bar, name in zip(bars, GOALS):
            gaps = result.gaps[name][:count]
            mean, half = gaps.mean(), 2 * gaps.std(ddof=1) / np.sqrt(count)
            bar.set_ydata(np.clip([mean - half, mean + half], -3, 4))
            readouts[f"mean gap, {name}"] = f"{mean:.2f}".replace("-", "−")
            readouts[f"two standard errors, {name}"] = f"{half:.2f}"
            clear.append(abs(mean) > half)
        sure = " and the ".join(name for name, apart in zip(GOALS, clear) if apart)
        said = f"the {sure} difference can" if sure else "neither difference can"
        yield figure, readouts, f"After {count} runs {said} be told from chance."


if __name__ == "__main__":
    show_figures(figure_verdicts, of=compute())
