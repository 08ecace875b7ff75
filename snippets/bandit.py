"""How much faster does a policy learn with a baseline?

On {{ arms }} actions with mean rewards about {{ level | integer }}, the best one has a probability of
{{ best.raw | digits(2) }} after {{ draws | integer }} draws without a baseline, and of {{ best.running | digits(2) }}
with the running mean of the rewards subtracted, as much as with rewards about 0. Baselines of equal noise may lead to
different ends.

    θ    parameters of the policy, p = softmax(θ); after a draw they move by the step size times (R − c) u
    c    baseline; u is the score of the action that was drawn, R its reward
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.network import softmax
from lib.plots import FIRST, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.policy import best_baseline, mean_square

SEED = 0
ARMS, LEVEL, DRAWS, RUNS = 10, 4.0, 1000, 200  # the test bed of Sutton & Barto: means N(4, 1), noise N(0, 1)
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2)
THREE = np.array([1.0, 0.7, 0.0])  # rewards of three actions
APART, BOLD, ALIKE, COUNT = 1.0, 1.0, 1000, 300  # distance of two baselines from the best, step size, runs, draws


@dataclass(frozen=True)
class Result:
    arms: int
    "Actions of the test bed, whose mean rewards are N(`level`, 1) and whose noise is N(0, 1)."
    level: float
    "Mean of the mean rewards."
    draws: int
    "Actions drawn in a run."
    runs: int
    "Runs for each setting, each with its own mean rewards."
    steps: tuple[float, ...]
    "Step sizes."
    reached: dict[str, tuple[float, ...]]
    "Mean probability of the best action at the end, by step size: rewards around `zero`, `raw`, less a `running` mean."
    best: dict[str, float]
    "The largest of these."
    step: dict[str, float]
    "Its step size."
    curves: dict[str, np.ndarray]
    "Mean probability of the best action before each draw, at that step size."
    rewards: tuple[float, ...]
    "Rewards of three actions, without noise."
    apart: float
    "Distance from the best baseline of two baselines with equal noise."
    bold: float
    "Step size of the runs with these."
    count: int
    "Draws of such a run."
    right: dict[str, float]
    "Share of runs on the three actions that end with the best one: baseline `below`, `above`, `best`."


def learn(
    rng: np.random.Generator, means: np.ndarray, noise: float, step: float, baseline: Callable, count: int = DRAWS
) -> np.ndarray:
    """Probability of the best action before each draw, shape (count, runs); `means` (runs, k) are the mean rewards.

    `baseline(p, running)` is what is subtracted, from the policies and the running means of the rewards.
    """
    runs, theta, running, path = np.arange(len(means)), np.zeros(means.shape), np.zeros(len(means)), []
    for number in range(count):
        p = softmax(theta)
        path.append(p[runs, means.argmax(axis=1)])
        drawn = (np.cumsum(p, axis=1)[:, :-1] < rng.random((len(runs), 1))).sum(axis=1)
        reward = means[runs, drawn] + noise * rng.normal(size=len(runs))
        advantage = reward - baseline(p, running)
        theta -= step * advantage[:, None] * p
        theta[runs, drawn] += step * advantage
        running += (reward - running) / (number + 1)
    return np.array(path)


def compute() -> Result:
    kinds = {"zero": (0.0, lambda p, running: 0), "raw": (LEVEL, lambda p, running: 0)}
    kinds["running"] = (LEVEL, lambda p, running: running)
    curves = {key: [] for key in kinds}
    for (key, (level, baseline)), step in product(kinds.items(), STEPS):
        rng = np.random.default_rng(SEED)
        curves[key].append(learn(rng, rng.normal(level, 1, (RUNS, ARMS)), 1.0, step, baseline).mean(axis=1))
    reached = {key: tuple(float(curve[-1]) for curve in several) for key, several in curves.items()}
    at = {key: int(np.argmax(ends)) for key, ends in reached.items()}
    right = {}
    for key, d in (("below", -APART), ("best", 0.0), ("above", APART)):
        rng = np.random.default_rng(SEED)
        path = learn(rng, np.tile(THREE, (ALIKE, 1)), 0, BOLD, lambda p, _, d=d: best_baseline(p, THREE) + d, COUNT)
        right[key] = float(np.mean(path[-1] > 0.5))
    return Result(
        arms=ARMS,
        level=LEVEL,
        draws=DRAWS,
        runs=RUNS,
        steps=STEPS,
        reached=reached,
        best={key: reached[key][i] for key, i in at.items()},
        step={key: STEPS[i] for key, i in at.items()},
        curves={key: curves[key][i] for key, i in at.items()},
        rewards=tuple(THREE),
        apart=APART,
        bold=BOLD,
        count=COUNT,
        right=right,
    )


def claim_the_test_bed(result: Result) -> None:
    """{{ arms }} actions with mean rewards from N({{ level | integer }}, 1) and noise of variance 1, the best step size
    of a grid for each method: after {{ draws | integer }} draws the best action has a probability of
    {{ best.raw | digits(2) }} without a baseline, and of {{ best.running | digits(2) }} with the running mean
    subtracted. With rewards about 0 and no baseline it is {{ best.zero | digits(2) }}."""
    assert result.best["raw"] < 0.7 and abs(result.best["running"] - result.best["zero"]) < 0.05
    assert all(max(ends) not in (ends[0], ends[-1]) for ends in result.reached.values())
    rng, step = np.random.default_rng(SEED), result.step["zero"]
    shifted = learn(rng, rng.normal(LEVEL, 1, (RUNS, ARMS)), 1.0, step, lambda p, running: LEVEL).mean(axis=1)
    np.testing.assert_allclose(shifted, result.curves["zero"], rtol=1e-6)
    assert 0.514 < result.best["raw"] < 0.705


def claim_equal_noise_and_another_end(result: Result) -> None:
    """Three actions with rewards {{ rewards | digits(1) | list }}, no noise, {{ count }} draws at a step size of
    {{ bold | integer }}: {{ right.best | percent(0) }} of the runs end with the best action if the best baseline is
    subtracted, and {{ right.above | percent(0) }} if one that is {{ apart | integer }} too high is. One that is as much
    too low makes the same noise at the same policy, and {{ right.below | percent(0) }} do."""
    assert 0.99 < result.right["best"] <= 1 and result.right["below"] + 0.05 < result.right["above"] < 0.97
    for p in np.random.default_rng(SEED).dirichlet(np.ones(3), size=20):  # of equal policies
        c = best_baseline(p, THREE)
        assert abs(mean_square(p, THREE, c + APART) / mean_square(p, THREE, c - APART) - 1) < 1e-9
    assert 0.84 < result.right["above"] < 0.93 and 0.65 < result.right["below"] < 0.81


def figure_learning(result: Result) -> Figure:
    """Mean probability of the best of {{ arms }} actions against the number of draws. Rewards about 0, and rewards
    about {{ level | integer }} with their running mean subtracted, give nearly one line, which reaches
    {{ best.running | digits(2) }}; rewards about {{ level | integer }} as they are reach
    {{ best.raw | digits(2) }}."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    lines = (
        ("zero", "rewards about 0", MUTED, "--", 400, 14),
        ("running", "less the running mean", FIRST, "-", 560, -16),
        ("raw", f"rewards about {result.level:.0f}", SECOND, "-", 500, -18),
    )
    at = np.arange(0, DRAWS, 10)
    for key, text, role, dashes, x, dy in lines:
        axes.plot(at, result.curves[key][at], color=role, linestyle=dashes, label=text)
        label_point(axes, text, (x, result.curves[key][x]), role, dx=-6 if key == "zero" else 6, dy=dy)
    axes.set(xlim=(0, DRAWS), ylim=(0, 1))
    frame_axes(axes, [0, 500, 1000], [0, 0.5, 1], "draws", "probability of the best action")
    return figure


if __name__ == "__main__":
    show_figures(figure_learning, of=compute())
