"""What exactly has one sign when all inputs are positive, and why does it not fix where the weights end?

The derivatives by the weights of one neuron, for one example: they are δ times the inputs. δ itself takes both signs,
from step to step, so that weights end in any quadrant.

    δ          upstream gradient of a neuron for one example, ∂L/∂f
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import sigmoid
from lib.numerics import Draws, complex_step, draws
from lib.plots import FIRST, INK, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import sign_changes

SEED = 0
PAIR = np.array([[1.0, 0.35], [0.35, 1.0]])  # the two positive examples that are drawn
TARGETS = np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])  # one in every quadrant
STEPS = 300
PART = 0.3  # of the step that would undo an example's error at once


@dataclass(frozen=True)
class Result:
    swings: int
    "Steps at which the batch gradient of a logistic neuron changed its sign along the mean of the inputs."
    swing_steps: int
    "Steps of that run."
    lengths: tuple[float, ...]
    "Path over straight distance, from 0 to each of the targets drawn here."
    paths: np.ndarray
    "Weights visited on the way to each target, shape (targets, steps + 1, 2)."


def descend_in_turns(target: np.ndarray, steps: int = STEPS) -> np.ndarray:
    """Weights (steps + 1, 2) from 0 when the two examples of `PAIR` take turns, each undoing a part of its error."""
    weights = [np.zeros(2)]
    for t in range(steps):
        x = PAIR[t % 2]
        delta = x @ (weights[-1] - target)  # f − y for ½(f − y)², with y = target·x
        weights.append(weights[-1] - PART * delta / (x @ x) * x)
    return np.array(weights)


def run_logistic(steps: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """Batch descent of a logistic neuron on two inputs of mean 2: signs of every example's δ (steps, B), and the part
    of each gradient along the mean (steps,)."""
    rng = np.random.default_rng(SEED)
    x = rng.normal(2, 1, (400, 2))
    y = (rng.random(400) < sigmoid(x @ [1.0, -1.0])).astype(float)
    best = np.zeros(2)
    for _ in range(30):  # Newton's method finds the optimum, whose curvature sets the step
        p = sigmoid(x @ best)
        H = (x.T * p * (1 - p)) @ x / 400
        best = best - np.linalg.solve(H, x.T @ (p - y) / 400)
    w, signs, along = best + 0.1, [], []
    for _ in range(steps):
        delta = sigmoid(x @ w) - y
        signs.append(np.sign(delta)), along.append((x.T @ delta / 400).sum())
        w = w - 1.9 / np.linalg.norm(H, 2) * x.T @ delta / 400
    return np.array(signs), np.array(along)


def compute() -> Result:
    _, along = run_logistic()
    paths = np.array([descend_in_turns(target) for target in TARGETS])
    steps = np.linalg.norm(np.diff(paths, axis=1), axis=2)
    return Result(
        swings=sign_changes(along),
        swing_steps=len(along),
        lengths=tuple(steps.sum(axis=1) / np.linalg.norm(TARGETS, axis=1)),
        paths=paths,
    )


def claim_every_quadrant(result: Result) -> None:
    """Every step raises both weights or lowers both, and each target is reached: over
    {{ lengths[0] | digits(3) }} times the distance up-right and down-left, over {{ lengths[1] | digits(3) }} times
    across."""
    for path, target, length in zip(result.paths, TARGETS, result.lengths):
        steps = np.diff(path, axis=0)
        for x, before, after in zip(PAIR, path, path[1:]):  # of an example's error each step leaves the same part
            assert abs(x @ (after - target) - (1 - PART) * (x @ (before - target))) < 1e-12
        assert np.linalg.norm(path[-1] - target) < 1e-6 and np.all(steps[:, 0] * steps[:, 1] >= 0)
        half_angle = np.arccos(np.prod(PAIR[0]) * 2 / (PAIR[0] @ PAIR[0])) / 2  # between an example and the diagonal
        if target[0] == target[1]:
            assert 1 <= length * np.cos(half_angle) < 1.1 and length < result.lengths[1] / 1.5
        else:
            assert abs(length - 1 / np.sin(half_angle)) < 1e-6  # the share of every step that leads across; none back


def claim_fixed_signs_still_swing(result: Result) -> None:
    """For a logistic neuron no example ever changes its sign, in {{ swing_steps }} steps, and still the batch gradient
    changes its sign along the mean {{ swings }} times."""
    signs, _ = run_logistic()
    assert np.all(signs == signs[0]) and {-1.0, 1.0} == set(signs[0].tolist())
    assert result.swings == result.swing_steps - 1


def half_squared_error(w: np.ndarray, x: np.ndarray, y: float) -> float:
    """½(w·x − y)²."""
    return 0.5 * (w @ x - y) ** 2


def equation_overshoot() -> Draws:
    r"""\delta_{t+1} = (1 - \eta\lVert x\rVert^2)\,\delta_t"""
    for rng in draws(20):
        x, w, y, step = rng.random(5), rng.normal(size=5), rng.normal(), rng.uniform(0.1, 2)
        after = w - step * complex_step(half_squared_error, w, x, y)
        yield {r"\delta_{t+1}": after @ x - y, r"\delta_t": w @ x - y, "x": x, r"\eta": step}


def equation_sum() -> Draws:
    r"""w_t - w_0 = -\eta \sum_{k=0}^{t-1} \delta_k x_k"""
    for rng in draws(10):
        x, y, w, step = rng.random((8, 3)), rng.normal(size=8), [rng.normal(size=3)], rng.uniform(0.1, 0.9)
        for one, target in zip(x, y):  # gradients by complex step, so that no δ enters here
            w.append(w[-1] - step * complex_step(half_squared_error, w[-1], one, target))
        delta = np.sum(np.array(w[:-1]) * x, axis=1) - y
        letters = {"w_t": w[6], "w_0": w[0], r"\eta": step, "t": 6}
        yield letters | {r"\delta_k": lambda k, d=delta: d[int(k)], "x_k": lambda k, x=x: x[int(k)]}


def figure_quadrants(result: Result) -> Figure:
    """The plane of two weights. From 0 a path leads to a target in each quadrant. To the targets up-right
    and down-left it is nearly straight, {{ lengths[0] | digits(3) }} times the distance; to the two others it climbs a
    staircase of ever shorter steps up-right and down-left, {{ lengths[1] | digits(3) }} times the distance."""
    figure = new_figure(360, 0.95)
    (axes,) = figure.axes
    for path, target in zip(result.paths, TARGETS):
        role = FIRST if target[0] == target[1] else SECOND
        axes.plot(*path[:80].T, color=role, linewidth=1.5, label=f"to {target[0]:+g}, {target[1]:+g}")
        axes.plot(*target, "+", color=INK, markersize=9, markeredgewidth=1.2, label="target")
    axes.plot(0, 0, "o", color=INK, markersize=6, label="start")
    for at, words in ((0, "both up"), (2, "both down"), (3, "one up,\none down")):
        dx, dy = TARGETS[at] * (-9, 13 if at < 3 else 16)
        label_point(axes, words, TARGETS[at], MUTED, dx=float(dx), dy=float(dy), ha="center")
    axes.set(xlim=(-1.6, 1.6), ylim=(-1.5, 1.5), aspect="equal")
    frame_axes(axes, [-1, 0, 1], [-1, 0, 1], "weight 1", "weight 2")
    return figure


if __name__ == "__main__":
    show_figures(figure_quadrants, of=compute())
