"""Why does a mean of the inputs slow Hinton's pair down?

It makes the two examples alike: taken in turn with exact steps they multiply the error by the squared cosine of their
angle per sweep. ({{ far[0] }}, {{ far[0] }}), ({{ far[0] }}, {{ far[1] }}) needs {{ hinton | integer }} steps where
(1, 1), (1, −1) needs {{ perpendicular }}.

    exact step  the shortest change of the weights that fits one example: e loses its part along x
    shift       what is added to both inputs of the pair (1, 1), (1, −1)
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.exact_steps import exact_steps
from lib.numerics import Draws, cosine, draws
from lib.plots import FIRST, MUTED, SECOND, frame_axes, label_panel, mark_optimum, mark_start, new_figure, show_figures
from lib.quadratics import START, steps_to

SEED = 0
PAIR = np.array([[1.0, 1.0], [1.0, -1.0]])  # a row is an example
TARGETS = np.array([2.0, 0.0])
SHIFTS = (1, 3, 10, 100)
DRAWN = 2.0  # the shift of the drawn pair
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Result:
    shifts: tuple[int, ...]
    "What is added to both inputs of both examples."
    far: tuple[int, int]
    "The two numbers in Hinton's pair: the first example has the first twice, the second has both."
    cosine: tuple[float, ...]
    "Cosine of the angle between the two examples, one entry per shift."
    steps: tuple[int, ...]
    "Steps to a millionth of the error, at one cosine per step."
    hinton: int
    "Exact steps for the largest shift, from w = 0 and with Hinton's targets, until the error is a millionth."
    perpendicular: int
    "Exact steps that the pair without a shift needs, from any start."
    kappa: float
    "Condition number of the second moment for the largest shift, no bias."
    solution: tuple[float, float]
    "The weights that fit the pair of the largest shift."
    drawn_cosine: float
    "Cosine of the pair that is drawn."
    drawn_steps: int
    "Exact steps it needs from the start drawn."
    path: np.ndarray
    "Errors of the drawn pair, shape (31, 2)."
    short_path: np.ndarray
    "Errors of the pair without a shift from the same start, shape (3, 2)."


def count_exact_steps(x: np.ndarray, start: np.ndarray) -> int:
    """Exact steps on the two rows of x in turn: the first, and then each leaves one cosine of the error."""
    first = next(exact_steps(start, x))
    aim = TOLERANCE * np.linalg.norm(start) / np.linalg.norm(first)
    return 1 + int(np.ceil(np.log(aim) / np.log(abs(cosine(*x)))))


def error_left(x: np.ndarray, start: np.ndarray, count: int) -> float:
    """Share of the error that so many exact steps on two examples in turn leave, by powers of the sweep."""
    first, second = (np.eye(2) - np.outer(row, row) / (row @ row) for row in x)
    sweeps = np.linalg.matrix_power(second @ first, count // 2)
    return np.linalg.norm((first if count % 2 else np.eye(2)) @ sweeps @ start) / np.linalg.norm(start)


def compute() -> Result:
    pairs = [PAIR + shift for shift in SHIFTS]
    drawn, goal = PAIR + DRAWN, np.linalg.solve(pairs[-1], TARGETS)
    return Result(
        shifts=SHIFTS,
        far=tuple(int(value) for value in pairs[-1][1]),
        cosine=tuple(cosine(*x) for x in pairs),
        steps=tuple(steps_to(TOLERANCE, cosine(*x)) for x in pairs),
        hinton=count_exact_steps(pairs[-1], -goal),
        perpendicular=len(list(exact_steps(START, PAIR))),
        kappa=np.linalg.cond(pairs[-1].T @ pairs[-1]),
        solution=tuple(goal.tolist()),
        drawn_cosine=cosine(*drawn),
        drawn_steps=count_exact_steps(drawn, START),
        path=np.array([START, *exact_steps(START, np.tile(drawn, (15, 1)))]),
        short_path=np.array([START, *exact_steps(START, PAIR)]),
    )


def claim_hintons_pair(result: Result) -> None:
    """The examples ({{ far[0] }}, {{ far[0] }}) and ({{ far[0] }}, {{ far[1] }}) with targets two and zero, taken in
    turn with exact steps from $w = 0$, need {{ hinton | integer }} steps until the error is a millionth; (1, 1) and
    (1, −1) never need more than {{ perpendicular }}."""
    x = PAIR + SHIFTS[-1]
    start = -np.linalg.solve(x, TARGETS)
    assert abs(np.linalg.cond(x) ** 2 / result.kappa - 1) < 1e-6 and tuple(x[1]) == result.far
    assert error_left(x, start, result.hinton) < TOLERANCE < error_left(x, start, result.hinton - 1) * (1 + 1e-6)
    for shift, count in zip(result.shifts, result.steps):  # from a start that fits the second one
        u, v = PAIR[1] + shift
        fitted = np.array([-v, u])
        left = [error_left(PAIR + shift, fitted, count - less) for less in (0, 1)]
        assert left[0] <= TOLERANCE < left[1], shift
    drawn = [error_left(PAIR + DRAWN, START, result.drawn_steps - less) for less in (0, 1)]
    assert drawn[0] < TOLERANCE < drawn[1]
    for start in np.random.default_rng(SEED).normal(size=(20, 2)):
        assert error_left(PAIR, start, result.perpendicular) < 1e-12 < error_left(PAIR, start, result.perpendicular - 1)


def claim_shifted_is_not_centered(result: Result) -> None:
    """To center the pair ({{ far[0] }}, {{ far[0] }}), ({{ far[0] }}, {{ far[1] }}) does not give (1, 1), (1, −1) but
    (0, 1), (0, −1), which point opposite ways; with a bias input of 1 they are at right angles again."""
    centered = (PAIR + 100) - (PAIR + 100).mean(axis=0)
    assert np.array_equal(centered, [[0, 1], [0, -1]]) and np.linalg.matrix_rank(centered) == 1
    assert cosine(*centered) == -1 and cosine(*np.hstack([centered, np.ones((2, 1))])) == 0
    assert (PAIR + 100).tolist() == [[result.far[0], result.far[0]], list(result.far)]


def equation_sweep() -> Draws:
    r"""\lVert e''\rVert = \cos^2\theta\,\lVert e\rVert"""
    for rng in draws(10):
        x = rng.normal(size=(2, 2))
        e = np.array([-x[1, 1], x[1, 0]])  # fits the second example
        *_, after = exact_steps(e, x)
        yield {"e''": after, "e": e, r"\theta": np.subtract(*np.arctan2(x[:, 1], x[:, 0]))}


def equation_angle() -> Draws:
    r"""\cos^2\theta = \frac{(x_1^\top x_2)^2}{\lVert x_1\rVert^2 \lVert x_2\rVert^2} = \frac{c^2}{1+c^2}"""
    for c in np.random.default_rng(0).uniform(0.2, 6, 10):
        x = PAIR + c
        yield {r"\theta": np.subtract(*np.arctan2(x[:, 1], x[:, 0])), "x_1": x[0], "x_2": x[1], "c": c}


def figure_pairs(result: Result) -> Figure:
    """Two pairs of straight lines through the optimum in the plane of two weights; on each line one example is fitted.
    Left, shifted by two, the lines meet at an acute angle, and the steps bounce between them,
    {{ drawn_steps }} to a millionth. Right, without a shift, they are perpendicular, and the second step arrives."""
    figure = new_figure(320, 1, panels=2)
    words = (f"shifted by {DRAWN:g}\n{result.drawn_steps} steps", f"no shift\n{result.perpendicular} steps")
    looks = zip(figure.axes, (PAIR + DRAWN, PAIR), (result.path, result.short_path), (SECOND, FIRST), words)
    for axes, pair, path, role, text in looks:
        for number, x in enumerate(pair, 1):
            line = np.outer([-3, 3], [-x[1], x[0]] / np.linalg.norm(x))
            axes.plot(*line.T, color=MUTED, linewidth=0.9, label=f"example {number} fitted")
        axes.plot(*path.T, color=role, linewidth=1.5, label="path")
        mark_start(axes, path[0], role)
        mark_optimum(axes)
        axes.set(xlim=(-1.1, 0.75), ylim=(-0.65, 1.2), aspect="equal")
        label_panel(axes, text, role)
        frame_axes(axes, [-1, 0], [0, 1], "error in weight 1", "error in weight 2")
    return figure


if __name__ == "__main__":
    show_figures(figure_pairs, of=compute())
