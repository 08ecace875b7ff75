"""What changes the run of which method: shifting, scaling, rotating inputs, or flipping their signs?

Two runs from the same function, on inputs as they are and changed, are compared step by step. Plain descent and
momentum do not notice a rotation or a flip; Adam notices a rotation; a second-order method without damping notices
nothing; and behind batch norm a shift is not noticed. Speed and noise follow: shifted by {{ shift | integer }}, plain
descent needs {{ steps.plain.shift | integer }} steps instead of {{ steps.plain.none | integer }}.

    θ        weights and bias of a linear neuron, the bias last; behind batch norm weights, gain and offset
    run      largest difference of an output during some steps of one size, over the outputs' standard deviation
    steps    to {{ goal | percent(1) }} of the excess loss, at the best step size of a grid
    noise    excess loss that mini-batches leave at a fixed step, over the variance of the targets' noise
    learned  difference of the outputs after a budget of steps, each run at its best step size
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.changed_neuron import (
    BATCH,
    CHAINS,
    EXAMPLES,
    GOAL,
    GRID,
    INPUTS,
    LIMIT,
    NOISE,
    NOISY,
    SHIFT,
    change_inputs,
    count_steps,
    descend,
    draw_problem,
    least_error,
    outputs,
    same_function,
)
from lib.optimizers import adam
from lib.plots import FIRST, INK, SECOND, frame_axes, new_figure, show_figures

SEED = 0
RUN, BUDGET = 40, 15
CHANGES = {"none": "as they are", "shift": "shifted", "scale": "scaled", "rotation": "rotated", "flip": "flipped"}
METHODS = {
    "plain": "plain descent",
    "momentum": "momentum",
    "adam": "Adam",
    "newton": "second order",
    "damped": "… damped",
    "batch_norm": "batch norm",
}
STEP = {"plain": 0.01, "momentum": 0.002, "adam": 0.02, "newton": 0.1, "damped": 0.1, "batch_norm": 0.05}

Table = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Result:
    examples: int
    "Examples."
    inputs: int
    "Inputs, correlated, with means of half a standard deviation."
    shift: float
    "Added to all inputs."
    run: Table
    "Largest difference of an output, by method and by what is done to the inputs; 0 where it is only rounding."
    steps: Table
    "Steps to `goal` of the excess loss at the best step size."
    goal: float
    "Share of the excess loss that is to be left."
    noise: Table
    "Excess loss left by mini-batches at a fixed step, over the noise's variance."
    noisier: float
    "Noise of plain descent after a shift, over that before."
    learned: Table
    "Root mean square difference of the outputs after the budget, over their standard deviation."
    cells: dict[str, dict[str, dict[str, str]]]
    "The first and the last of these tables as they are shown: two digits, or 0."
    run_steps: int
    "Steps of the first comparison."
    budget: int
    "Steps of the last."
    batch: int
    "Examples in a mini-batch."


@np.errstate(all="ignore")  # some step sizes of the grid diverge
def measure_run(method: str, change: str, problem: tuple) -> dict[str, object]:
    """Outputs of a run, steps, noise and learned outputs of one method on changed inputs."""
    (x, y, start), norm = problem, method == "batch_norm"
    u, T, c = change_inputs(x, change, SEED)
    theta, least = same_function(start, T, c, norm)[None], least_error(x, y)
    goal = least + GOAL * (np.mean((outputs(theta, u, norm) - y) ** 2) - least)
    run = descend(method, u, y, theta, STEP[method], RUN)[:, 0]
    many, grid = np.repeat(theta, len(GRID), axis=0), GRID[:, None]
    found = descend(method, u, y, many, grid, LIMIT, goal=goal)
    last = np.mean((outputs(found[-1], u, norm) - y) ** 2, axis=1)
    best = int(np.nanargmin(last))  # the step size that was there first
    budget = descend(method, u, y, theta, GRID[best], BUDGET)[-1]
    w = np.linalg.lstsq(np.column_stack([u, np.ones(len(u))]), y)[0]  # noise alone: start at the optimum
    z = u @ w[:-1]
    optimum = np.append(w[:-1], [z.std(), z.mean() + w[-1]]) if norm else w
    chains = np.repeat(optimum[None], CHAINS, axis=0)
    noisy = descend(method, u, y, chains, STEP[method], NOISY, np.random.default_rng(SEED + 7))[NOISY // 2 :: 5]
    excess = [np.mean((outputs(chain, u, norm) - y) ** 2) - least for chain in noisy]
    return {
        "run": outputs(run, u, norm),
        "steps": len(found) - 1,
        "learned": outputs(budget, u, norm)[0],
        "noise": float(np.mean(excess)) / NOISE**2,
    }


def relative_difference(before: np.ndarray, after: np.ndarray, measure_size: Callable) -> float:
    """Size of the difference over the standard deviation of what was before; 0 where it is only rounding."""
    size = float(measure_size(after - before) / before.std())
    return size if size > 5e-7 else 0.0


def compute() -> Result:
    problem = draw_problem(np.random.default_rng(SEED))
    made = {method: {change: measure_run(method, change, problem) for change in CHANGES} for method in METHODS}
    others = [change for change in CHANGES if change != "none"]

    def tabulate(key, of):
        return {
            method: {change: of(rows["none"][key], rows[change][key]) for change in others}
            for method, rows in made.items()
        }

    tables = {
        "run": tabulate("run", lambda a, b: relative_difference(a, b, lambda d: abs(d).max())),
        "learned": tabulate("learned", lambda a, b: relative_difference(a, b, lambda d: np.sqrt(np.mean(d**2)))),
    }
    cells = {
        name: {method: {change: f"{size:.2g}" for change, size in row.items()} for method, row in rows.items()}
        for name, rows in tables.items()
    }
    return Result(
        examples=EXAMPLES,
        inputs=INPUTS,
        shift=SHIFT,
        **tables,
        cells=cells,
        steps={method: {change: rows[change]["steps"] for change in CHANGES} for method, rows in made.items()},
        noise={method: {change: rows[change]["noise"] for change in CHANGES} for method, rows in made.items()},
        noisier=made["plain"]["shift"]["noise"] / made["plain"]["none"]["noise"],
        run_steps=RUN,
        goal=GOAL,
        budget=BUDGET,
        batch=BATCH,
    )


def claim_who_notices_what(result: Result) -> None:
    """Plain descent, momentum and damped second order visit the same functions after a rotation or a flip, Adam after a
    flip, batch norm after all but a scaling, and second order without damping after everything."""
    unchanged = {
        "plain": {"rotation", "flip"},
        "momentum": {"rotation", "flip"},
        "adam": {"flip"},
        "newton": set(CHANGES) - {"none"},
        "damped": {"rotation", "flip"},
        "batch_norm": {"shift", "rotation", "flip"},
    }
    for method, same in unchanged.items():
        for name in ("run", "learned"):
            row = getattr(result, name)[method]
            assert {change for change, size in row.items() if size == 0} == same
            assert all(size > 1e-6 for change, size in row.items() if change not in same)


def claim_speed_and_noise_follow(result: Result) -> None:
    """Where the run is the same, so are steps and noise. A shift takes plain descent from {{ steps.plain.none }} to
    {{ steps.plain.shift | integer }} steps, Adam from {{ steps.adam.none }} to {{ steps.adam.shift | integer }}; the
    noise of mini-batches grows {{ noisier | digits(1) }}-fold for plain descent."""
    for method, row in result.run.items():
        for change, size in row.items():
            if size == 0:
                assert result.steps[method][change] == result.steps[method]["none"]
                assert abs(result.noise[method][change] / result.noise[method]["none"] - 1) < 1e-6
    assert result.steps["plain"]["shift"] > 5 * result.steps["plain"]["none"]
    problem = draw_problem(np.random.default_rng(SEED))
    for change in ("none", "shift"):
        assert count_steps(problem, change, SEED) == result.steps["plain"][change]
    traces = [
        np.sum(u**2) / len(u) + 1 for u in (change_inputs(problem[0], change, SEED)[0] for change in ("none", "shift"))
    ]
    assert 0.5 < result.noisier / (traces[1] / traces[0]) < 1.5  # noise follows the trace of the Hessian
    for change in ("none", "shift"):  # Adam once more, by the library's own loop
        u, T, c = change_inputs(problem[0], change, SEED)
        A, y, start = np.column_stack([u, np.ones(len(u))]), problem[1], same_function(problem[2], T, c, False)
        least, loss = least_error(u, y), np.mean((A @ start - y) ** 2)
        runs = adam(
            lambda w, A=A, y=y: (w @ A.T - y) @ A / len(y), np.repeat(start[None], len(GRID), axis=0), GRID[:, None]
        )
        losses = (np.mean((w @ A.T - y) ** 2, axis=1).min() for w in runs)
        taken = next(count for count, now in enumerate(losses) if now < least + GOAL * (loss - least))
        assert taken == result.steps["adam"][change]


def figure_runs(result: Result) -> Figure:
    """A grid: a row for each method, a column for shift, scale, rotation and flip. A cross means that the run
    is the same; the area of a dot is how far it parts. Second order has crosses only; plain descent and momentum have
    crosses for rotation and flip, Adam only for flip, batch norm for all but scale."""
    figure = new_figure(360, 0.72)
    (axes,) = figure.axes
    columns = [change for change in CHANGES if change != "none"]
    for y, method in enumerate(reversed(METHODS)):
        for x, change in enumerate(columns):
            size = result.run[method][change]
            mark = (
                {"marker": "o", "color": SECOND, "markersize": 4 + 8 * np.sqrt(size)}
                if size
                else {"marker": "x", "color": FIRST, "markersize": 5, "markeredgewidth": 1.2}
            )
            axes.plot(x, y, linestyle="", label=f"{method} {change}", **mark)
    axes.set(xlim=(-0.5, 3.5), ylim=(-0.6, len(METHODS) - 0.4))
    frame_axes(
        axes, dict(enumerate(CHANGES[change] for change in columns)), dict(enumerate(reversed(METHODS.values())))
    )
    axes.tick_params(length=0, labelcolor=INK)
    axes.spines[:].set_visible(False)
    return figure


if __name__ == "__main__":
    show_figures(figure_runs, of=compute())
