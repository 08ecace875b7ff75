"""Is it slow because the optimum is far, or because the way is flat?

Steps until an error of {{ goal | decimals(2) }} is left, from {{ distances[0] | integer }} to
{{ distances[3] | integer }} away, for condition numbers from {{ kappas[0] | integer }} to {{ kappas[3] | integer }}.
Plain descent pays for flatness in proportion and for distance by its logarithm; Adam at a fixed rate, and descent with
clipped gradients, pay for distance in proportion; Adam on these axes pays nothing for flatness.

    D   distance of the start from the optimum, half of its square along each of two directions
    κ   condition number: curvatures are 1 and 1/κ
    γ   what a step leaves of the error in the flat direction
    η   step size; plain descent at its best constant one
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import draws
from lib.optimizers import adam
from lib.plots import FIRST, MUTED, SECOND, decades, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import best_step, descend, hessian

KAPPAS, DISTANCES, GOAL = (1.0, 10.0, 100.0, 1000.0), (1.0, 10.0, 100.0, 1000.0), 0.01
RATE, CLIP, LONG = 0.1, 1.0, 20000
INPUTS, SHIFT = 100, 100.0
EXERCISE = (0.9, 0.1, 0.001, 5.0)  # ratio of two moves, share to be left; Adam's step size, a bias


@dataclass(frozen=True)
class Result:
    kappas: tuple[float, ...]
    "Condition numbers."
    distances: tuple[float, ...]
    "Distances of the start."
    goal: float
    "Error at which a run stops, an absolute one."
    rate: float
    "Adam's step size."
    clip: float
    "Length to which gradients are clipped."
    steps: dict[str, list]
    "Steps of plain descent, Adam and clipped descent, a row a condition number, a column a distance."
    remaining: tuple[float, float]
    "Halfway on a flat way: distance that is left by the estimate from two moves, and by the optimum."
    inputs: int
    "Inputs of a neuron, each of mean and variance one."
    shift: float
    "How far its optimum is moved."
    shifted: dict[str, int]
    "Steps of 1/λmax until that error is left, if it is moved along the mean, and across it."
    exercise: dict[str, float]
    "Ratio of two consecutive moves, the way left in units of the last one, share of it to be left, steps until then;"
    " Adam's step size, a bias to be reached, and steps until then at most that long."


def follow_plain(kappa: float, distance: float, longest: float = np.inf) -> Iterator[np.ndarray]:
    """Yield the errors of plain descent at its best step, each of shape (2,); gradients are at most `longest` long."""
    curvatures, error = np.array([1.0, 1 / kappa]), distance * np.ones(2) / np.sqrt(2)
    while True:
        yield error
        gradient = curvatures * error
        error = error - 2 / (1 + 1 / kappa) * gradient * min(1.0, longest / np.linalg.norm(gradient))


def follow_adam(kappa: float, distance: float) -> Iterator[np.ndarray]:
    """Yield the errors of Adam at a fixed rate."""
    return adam(lambda error: np.array([1.0, 1 / kappa]) * error, distance * np.ones(2) / np.sqrt(2), RATE)


METHODS = {"plain": follow_plain, "adam": follow_adam, "clipped": partial(follow_plain, longest=CLIP)}


def count_steps(method: str, kappa: float, distance: float) -> int:
    """Return the steps until the error is at most `GOAL`."""
    for step, error in enumerate(METHODS[method](kappa, distance)):
        if np.linalg.norm(error) <= GOAL:
            return step
        if step == LONG:
            break
    raise RuntimeError(f"{method} does not arrive from {distance}")


def estimate_remaining(path: np.ndarray) -> float:
    """Return the distance that is left, from the last three points of a path: a geometric sum of moves."""
    before, last = (np.linalg.norm(path[-i] - path[-i - 1]) for i in (2, 1))
    ratio = last / before
    return last * ratio / (1 - ratio)


def follow_flat(steps: int) -> np.ndarray:
    """Return errors of plain descent at 1/λmax, where nothing is left of the steep part after one step."""
    start = DISTANCES[2] * np.ones(2) / np.sqrt(2)
    return descend(np.diag([1.0, 1 / KAPPAS[2]]), 1.0, start, 1e-6)[:steps]


def compute() -> Result:
    steps = {name: [[count_steps(name, kappa, far) for far in DISTANCES] for kappa in KAPPAS] for name in METHODS}
    path = follow_flat(200)
    H, run = hessian(np.ones(INPUTS)), {}
    flat = np.eye(INPUTS)[0] - np.eye(INPUTS)[1]
    for name, way in (("along", np.ones(INPUTS)), ("across", flat)):
        error = SHIFT * way / np.linalg.norm(way)
        run[name] = len(descend(H, 1 / np.linalg.norm(H, 2), error, GOAL / SHIFT)) - 1
    factor, share, rate, bias = EXERCISE
    exercise = {
        "factor": factor,
        "way": factor**2 / (1 - factor),
        "left": share,
        "steps": int(np.ceil(np.log(share) / np.log(factor))),
        "rate": rate,
        "bias": bias,
        "adam": bias / rate,
    }
    return Result(
        kappas=KAPPAS,
        distances=DISTANCES,
        goal=GOAL,
        rate=RATE,
        clip=CLIP,
        steps=steps,
        remaining=(estimate_remaining(path), float(np.linalg.norm(path[-1]))),
        inputs=INPUTS,
        shift=SHIFT,
        shifted=run,
        exercise=exercise,
    )


def claim_distance_is_cheap_and_flatness_is_not(result: Result) -> None:
    """Plain descent: from a distance of {{ distances[0] | integer }} to one of {{ distances[3] | integer }}, at
    κ = {{ kappas[2] | integer }}, {{ steps.plain[2][0] }} steps become {{ steps.plain[2][3] }}; from
    κ = {{ kappas[1] | integer }} to {{ kappas[3] | integer }}, at a distance of {{ distances[1] | integer }},
    {{ steps.plain[1][1] }} become {{ steps.plain[3][1] | integer }}."""
    for row, kappa in zip(result.steps["plain"], KAPPAS):
        for count, distance in zip(row, DISTANCES):
            share = abs(1 - 2 / (1 + 1 / kappa) / kappa)  # both directions shrink by this
            closed = np.ceil(np.log(GOAL / distance) / np.log(share)) if share > 1e-12 else 1
            assert count == closed


def claim_bounded_steps_walk(result: Result) -> None:
    """Adam at a rate of {{ rate | digits(1) }}: {{ steps.adam[0][1] }} steps from {{ distances[1] | integer }} away,
    {{ steps.adam[0][3] | integer }} from {{ distances[3] | integer }}, at any κ. Clipped to {{ clip | integer }} a
    gradient takes {{ steps.clipped[0][3] | integer }} steps at κ = 1 where it would take {{ steps.plain[0][3] }}."""
    counts = np.array(result.steps["adam"])
    assert np.all(counts == counts[0])  # a factor on a weight's gradient cancels
    far = counts[0, 1:] * RATE / (np.array(DISTANCES[1:]) / np.sqrt(2))  # steps, over those of a walk at full rate
    assert np.all(far > 0.9) and np.all(far < 4)
    clipped = np.array(result.steps["clipped"])
    assert np.all(clipped[0] == np.array(DISTANCES) / CLIP)  # at κ = 1 each clipped step is as long as the clip
    assert np.all(clipped[3] > 0.9 * np.array(result.steps["plain"][3]))
    assert set(result.steps["plain"][0][1:]) == {1}  # at κ = 1 a whole step arrives


def claim_the_way_left_shows_in_two_moves(result: Result) -> None:
    """On a flat way, at a step of 1/λmax, two consecutive moves tell how far it still is:
    {{ remaining[0] | digits(4) }} by the estimate, {{ remaining[1] | digits(4) }} in truth."""
    left = DISTANCES[2] / np.sqrt(2) * (1 - 1 / KAPPAS[2]) ** 199
    np.testing.assert_allclose(result.remaining, left, rtol=1e-9)
    part, factor = result.exercise, result.exercise["factor"]
    moves = factor ** np.arange(2, 1000)  # after one of 1 and one of the factor
    assert abs(moves.sum() - part["way"]) < 1e-9
    arrived = moves[part["steps"] - 1 :].sum() > part["left"] * part["way"] > moves[part["steps"] :].sum()
    assert arrived and part["rate"] * part["adam"] == part["bias"]


def claim_far_along_the_mean_is_one_step(result: Result) -> None:
    """For {{ inputs }} inputs of mean and variance one, an optimum that is {{ shift | integer }} away along the mean
    takes {{ shifted.along }} step of 1/λmax, one that is as far across it {{ shifted.across | integer }}."""
    kappa = 1 + INPUTS
    assert result.shifted["along"] == 1
    assert result.shifted["across"] == np.ceil(np.log(GOAL / SHIFT) / np.log(1 - 1 / kappa))


def equation_steps() -> Iterator[dict]:
    r"""t = \frac{\ln(D/\varepsilon)}{\ln(1/\gamma)} \approx \frac{\kappa}{2}\,\ln\frac{D}{\varepsilon}"""
    for rng in draws(12):
        kappa, far, goal = rng.uniform(20, 200), rng.uniform(1, 1000), rng.uniform(0.01, 0.1)
        H = np.diag([1.0, kappa])
        sizes = np.linalg.norm(descend(H, best_step(H), far * np.ones(2) / np.sqrt(2), goal / far / 2), axis=1)
        steps = np.interp(-np.log(goal), -np.log(sizes), np.arange(len(sizes)))
        yield {
            "t": steps,
            "D": far,
            r"\varepsilon": goal,
            r"\gamma": sizes[9] / sizes[8],
            r"\kappa": kappa,
            r"\approx": 0.01,
        }


def equation_remaining() -> Iterator[dict]:
    r"""\lVert e_{t+1}\rVert = \frac{\gamma}{1-\gamma}\,\lVert e_{t+1} - e_t\rVert"""
    for rng in draws(12):
        curvature, start = rng.uniform(0.01, 1), rng.normal(size=3)
        path = descend(curvature * np.eye(3), 0.9, start, 0.01)
        yield {"e_{t+1}": path[2], "e_t": path[1], r"\gamma": 1 - 0.9 * curvature}


def figure_prices(result: Result) -> Figure:
    """Steps, logarithmic, for plain descent and Adam. Left, against the distance of the start: Adam rises in
    proportion, plain descent hardly. Right, against the condition number: plain descent rises in proportion, Adam not
    at all."""
    figure = new_figure(320, 0.85, panels=2)
    plain, by_adam = (np.array(result.steps[name]) for name in ("plain", "adam"))
    rows = ("distance", DISTANCES, plain[2], by_adam[2]), ("κ", KAPPAS, plain[:, 1], by_adam[:, 1])
    for axes, (name, x, *counts) in zip(figure.axes, rows):
        for values, role in zip(counts, (SECOND, FIRST)):
            axes.plot(x, values, "o-", color=role)
        axes.set(xscale="log", yscale="log", xlim=(0.8, 1300), ylim=(0.8, 30000))
        frame_axes(axes, decades(0, 1, 2, 3), decades(0, 1, 2, 3, 4), name, "steps")
    label_point(figure.axes[0], f"plain, κ = {KAPPAS[2]:g}", (60, 210), SECOND)
    label_point(figure.axes[0], "Adam", (100, 6000), FIRST, dx=-6)
    label_point(figure.axes[1], "plain", (100, 900), SECOND, dx=-8)
    label_point(figure.axes[1], f"Adam, distance {DISTANCES[1]:g}", (1, 290), FIRST, dx=0)
    return figure


def explore_distance(result: Result, start: int = 8) -> Iterator[tuple]:
    """Distance that is left against steps, both logarithmic, for plain descent, Adam and clipped descent. With a near
    start Adam is first; with a far one it stays on a long horizontal line before it drops."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    roles = {"plain": SECOND, "adam": FIRST, "clipped": MUTED}
    curves = {name: axes.plot([1, 10], [1, 1], color=role, gid=name)[0] for name, role in roles.items()}
    axes.set(xscale="log", yscale="log", xlim=(1, 2e4), ylim=(GOAL, 2e3))
    frame_axes(axes, decades(0, 1, 2, 3, 4), decades(-2, -1, 0, 1, 2, 3), "step", "distance left")
    for name, place in {"plain": (0.02, 0.32), "adam": (0.02, 0.2), "clipped": (0.02, 0.08)}.items():
        axes.text(*place, name.replace("adam", "Adam"), transform=axes.transAxes, color=roles[name])
    for distance in np.geomspace(1, 1000, 16).round():
        counts = {}
        for name, curve in curves.items():
            sizes = []
            for error in METHODS[name](KAPPAS[2], distance):
                sizes.append(np.linalg.norm(error))
                if sizes[-1] <= GOAL:
                    break
            shown = np.unique(np.geomspace(1, len(sizes), 40).astype(int)) - 1
            curve.set_data(shown + 1, np.maximum(np.array(sizes)[shown], GOAL))
            counts[name] = len(sizes) - 1
        readouts = {"distance": f"{distance:.0f}"} | {f"steps, {name}": f"{n:,}" for name, n in counts.items()}
        first = min(counts, key=lambda name: counts[name]).replace("adam", "Adam")
        yield figure, readouts, f"From {distance:.0f} away {first} is first, with {min(counts.values()):,} steps."


if __name__ == "__main__":
    show_figures(figure_prices, of=compute())
