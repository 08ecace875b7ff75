"""What is harmed when inputs are not centered: speed, or what is learned?

Speed. With a bias the functions are the same, and so is the minimum where there is one; a run that is cut short has
learned less.

    error    mean squared error on new inputs, computed from the weights; without the noise of the targets
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.linear_fits import INPUTS, TARGET, draw_training_sets, find_test_errors
from lib.numerics import Draws, draws
from lib.plots import FIRST, GRID, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
LONG, RUNS = 100, 400  # examples and trials of the runs that can be stopped
COUNTS = np.unique(np.round(np.geomspace(1, 100_000, 80)).astype(int))


@dataclass(frozen=True)
class Result:
    inputs: int
    "Inputs, independent and of variance 1."
    long: int
    "Training examples of the runs: more than inputs."
    trials: int
    "Random problems that medians are taken over."
    best: dict[str, dict]
    "Of each run the steps to its least median test error, that error, and those of the other run after as many steps."
    end: float
    "Median test error where all runs end."
    runs: dict[str, np.ndarray]
    "Median test error after `COUNTS` steps, inputs shifted by 1 and centered by their training mean."


def train(rng: np.random.Generator) -> tuple[dict[str, np.ndarray], float]:
    """Median test errors of full-batch descent from zero at the step 1/λmax, and of least squares, where it ends."""
    x, teacher, y = draw_training_sets(rng, LONG, RUNS, noise=1.0)
    errors = {}
    for name, center in (("shifted", np.full((1, 1, INPUTS), -1.0)), ("centered", x.mean(axis=1, keepdims=True))):
        inputs = np.concatenate([x - center, np.ones((RUNS, LONG, 1))], axis=2)
        values, vectors = np.linalg.eigh(inputs.transpose(0, 2, 1) @ inputs / LONG)
        aim = vectors.transpose(0, 2, 1) @ (inputs.transpose(0, 2, 1) @ y / LONG) / values[:, :, None]
        curve = []
        for count in COUNTS:
            left = (1 - values / values[:, -1:]).clip(0) ** count  # of the error, direction by direction
            theta = vectors @ (aim * (1 - left[:, :, None]))
            w, b = theta[:, :-1], theta[:, -1:]
            curve.append(np.median(find_test_errors(w, b - center @ w, 0, teacher)))
        errors[name] = np.array(curve)
    w = np.linalg.pinv(np.concatenate([x, np.ones((RUNS, LONG, 1))], axis=2)) @ y
    return errors, float(np.median(find_test_errors(w[:, :-1], w[:, -1:], 0, teacher)))


def compute() -> Result:
    runs, end = train(np.random.default_rng(SEED))
    least = {name: int(np.argmin(curve)) for name, curve in runs.items()}
    other = {"shifted": "centered", "centered": "shifted"}
    return Result(
        inputs=INPUTS,
        long=LONG,
        trials=RUNS,
        best={
            name: {"steps": int(COUNTS[at]), "error": runs[name][at], "other": runs[other[name]][at]}
            for name, at in least.items()
        },
        end=end,
        runs=runs,
    )


def claim_all_runs_end_alike(result: Result) -> None:
    """With {{ long }} examples there is one minimum, and both runs end in it: a test error of {{ end | digits(3) }}."""
    for curve in result.runs.values():
        assert abs(curve[-1] / result.end - 1) < 1e-3


def claim_a_budget_decides(result: Result) -> None:
    """The centered run is best after {{ best.centered.steps }} steps, with an error of
    {{ best.centered.error | digits(2) }} where the other one has {{ best.centered.other | digits(2) }}; the shifted run
    is best after {{ best.shifted.steps }}, with {{ best.shifted.error | digits(2) }} where the other one has
    {{ best.shifted.other | digits(2) }}. Whoever must stop early gets more from the first, whoever forgets to stop,
    from the second."""
    for row in result.best.values():
        assert row["error"] < 0.75 * result.end and row["other"] > row["error"]
    x, teacher, y = draw_training_sets(np.random.default_rng(SEED), LONG, RUNS, noise=1.0)
    curves = {}
    for name, center in (("shifted", -1.0), ("centered", x.mean(axis=1, keepdims=True))):  # step by step
        inputs = np.append(x - center, np.ones((RUNS, LONG, 1)), axis=2)
        step = LONG / np.linalg.norm(inputs, 2, axis=(1, 2), keepdims=True) ** 2
        theta, curves[name] = np.zeros((RUNS, INPUTS + 1, 1)), {}
        for count in range(1, 2 * max(row["steps"] for row in result.best.values())):
            theta = theta - step * inputs.transpose(0, 2, 1) @ (inputs @ theta - y) / LONG
            w = theta[:, :-1]
            level = theta[:, -1:] - (center * np.ones((1, 1, INPUTS))) @ w - TARGET
            curves[name][count] = np.median(((w - teacher) ** 2).sum(axis=1) + level[:, 0] ** 2)
    for name, other in (("shifted", "centered"), ("centered", "shifted")):
        steps, error, others = (result.best[name][key] for key in ("steps", "error", "other"))
        tried = {count: curves[name][count] for count in COUNTS if count in curves[name]}
        assert min(tried, key=tried.get) == steps
        assert abs(curves[name][steps] / error - 1) < 1e-6 and abs(curves[other][steps] / others - 1) < 1e-6


def equation_batch_noise() -> Draws:
    r"""\operatorname{Var}[w^\top\bar{x}] = \frac{s^2\,\lVert w\rVert^2}{B}"""
    for rng in draws(12):
        n, batch, s = int(rng.integers(2, 4)), int(rng.integers(2, 4)), rng.uniform(0.5, 2)
        w = rng.normal(size=n)
        outputs = [np.reshape(signs, (batch, n)).mean(axis=0) @ w * s for signs in product((-1, 1), repeat=batch * n)]
        yield {r"\operatorname{Var}[w^\top\bar{x}]": np.var(outputs), "s": s, "w": w, "B": batch}


def figure_stopping(result: Result) -> Figure:
    """Test error against steps, both logarithmic. The centered run falls to {{ best.centered.error | digits(2) }} after
    {{ best.centered.steps }} steps and rises to {{ end | digits(2) }}; the shifted one reaches
    {{ best.shifted.error | digits(2) }} after {{ best.shifted.steps }} and ends at the same height."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    for name, role in (("shifted", SECOND), ("centered", FIRST)):
        axes.plot(COUNTS, result.runs[name], color=role, label=name)
        row = result.best[name]
        axes.plot(row["steps"], row["error"], "o", color=role, label=f"least, {name}")
        label_point(axes, name, (row["steps"], row["error"]), role, dx=0, dy=-13, ha="center")
    axes.axhline(result.end, color=GRID, linewidth=0.8)
    axes.set(xscale="log", yscale="log", ylim=(0.35, 6))
    frame_axes(axes, [1, 10, 100, 1000, 100_000], [0.5, 1, 2, 5], "steps", "test error")
    return figure


if __name__ == "__main__":
    show_figures(figure_stopping, of=compute())
