"""What does a large mean cost if examples come one at a time?

It makes them alike, and alike examples undo little of each other's error. Two of them, taken in turn with exact steps,
multiply the error by the squared cosine of their angle per sweep: Hinton's pair ({{ far[0] }}, {{ far[0] }}),
({{ far[0] }}, {{ far[1] }}) needs {{ hinton | integer }} steps where (1, 1), (1, −1) needs {{ perpendicular }}. Many
random ones pay a factor of 1 + r²/2 only.

    exact step  the shortest change of the weights that fits one example: e loses its part along x
    shift       what is added to both inputs of the pair (1, 1), (1, −1)
    r           mean over standard deviation of one input
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS
from lib.gaussian import moments
from lib.numerics import Draws, draws
from lib.plots import FIRST, INK, MUTED, SECOND, frame_axes, new_figure, show_figures
from lib.quadratics import START
from lib.stochastic import moment_map

SEED = 0
PAIR = np.array([[1.0, 1.0], [1.0, -1.0]])  # a row is an example
TARGETS = np.array([2.0, 0.0])
SHIFTS = (1, 3, 10, 100)
DRAWN = 2.0  # the shift of the drawn pair
TOLERANCE = 1e-6
UNITS, RATIO = 50, 2.4
WIDE = 100
LAYERS = ("relu", "uniform", "sigmoid")


@dataclass(frozen=True)
class Result:
    shifts: tuple[int, ...]
    "What is added to both inputs of both examples."
    far: tuple[int, int]
    "The two numbers in Hinton's pair: the first example has the first twice, the second has both."
    cosine: tuple[float, ...]
    "Cosine of the angle between the two examples, one entry per shift."
    steps: tuple[float, ...]
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
    wide: int
    "Units of the layers."
    alike: dict[str, float]
    "r²/(1 + r²): ReLU and sigmoid of N(0, 1), uniform on (0, 1)."
    exact_factor: dict[str, float]
    "1 + r²/2, what a random example at a time with exact steps pays for the mean."
    units: int
    "Inputs of the measured runs."
    ratio: float
    "Their mean in standard deviations."
    predicted: float
    "1 + r²/2 for it."
    measured: float
    "How many times more exact steps are measured to be needed than centered."
    bounded: float
    "1 + r², what the bound of Strohmer and Vershynin allows."


def exact_steps(errors, examples):
    """What exact steps on one example each leave of the errors (…, n), one at a time along the first axis."""
    for x in examples:
        errors = errors - x * (np.sum(x * errors, -1, keepdims=True) / np.sum(x * x, -1, keepdims=True))
        yield errors


def cosine_of(x) -> float:
    """Of the angle between two examples, the rows of x."""
    return x[0] @ x[1] / np.linalg.norm(x[0]) / np.linalg.norm(x[1])


def steps_of(x, start) -> int:
    """Exact steps on the rows of x in turn: the first, and then each leaves one cosine of the error."""
    first = next(exact_steps(start, x))
    aim = TOLERANCE * np.linalg.norm(start) / np.linalg.norm(first)
    return 1 + int(np.ceil(np.log(aim) / np.log(abs(cosine_of(x)))))


def left(x, start, count: int) -> float:
    """Share of the error that so many exact steps on two examples in turn leave, by powers of the sweep."""
    first, second = (np.eye(2) - np.outer(row, row) / (row @ row) for row in x)
    sweeps = np.linalg.matrix_power(second @ first, count // 2)
    return np.linalg.norm((first if count % 2 else np.eye(2)) @ sweeps @ start) / np.linalg.norm(start)


def rate(mean: float, runs: int = 40, steps: int = 1200, skip: int = 200) -> float:
    """Mean fall of ln‖e‖ per exact step on a random example of UNITS normal inputs, after the first `skip`."""
    rng = np.random.default_rng(SEED)
    left = exact_steps(rng.normal(size=(runs, UNITS)), (rng.normal(mean, 1, (runs, UNITS)) for _ in range(steps)))
    lengths = [np.log(np.linalg.norm(e, axis=1)).mean() for e in left]
    return (lengths[skip] - lengths[-1]) / (steps - 1 - skip)


def compute() -> Result:
    pairs = [PAIR + shift for shift in SHIFTS]
    drawn, goal = PAIR + DRAWN, np.linalg.solve(pairs[-1], TARGETS)
    squares = {"uniform": 3.0}
    for layer in ("relu", "sigmoid"):
        mean, variance = moments(FUNCTIONS[layer])
        squares[layer] = mean**2 / variance
    return Result(
        shifts=SHIFTS,
        far=tuple(int(value) for value in pairs[-1][1]),
        cosine=tuple(map(cosine_of, pairs)),
        steps=tuple(np.log(TOLERANCE) / np.log(cosine_of(x)) for x in pairs),
        hinton=steps_of(pairs[-1], -goal),
        perpendicular=len(list(exact_steps(START, PAIR))),
        kappa=np.linalg.cond(pairs[-1].T @ pairs[-1]),
        solution=tuple(goal.tolist()),
        drawn_cosine=cosine_of(drawn),
        drawn_steps=steps_of(drawn, START),
        path=np.array([START, *exact_steps(START, np.tile(drawn, (15, 1)))]),
        short_path=np.array([START, *exact_steps(START, PAIR)]),
        wide=WIDE,
        alike={layer: squares[layer] / (1 + squares[layer]) for layer in LAYERS},
        exact_factor={layer: 1 + squares[layer] / 2 for layer in LAYERS},
        units=UNITS,
        ratio=RATIO,
        predicted=1 + RATIO**2 / 2,
        measured=rate(0.0) / rate(RATIO),
        bounded=1 + RATIO**2,
    )


def claim_hintons_pair(result: Result) -> None:
    """The examples ({{ far[0] }}, {{ far[0] }}) and ({{ far[0] }}, {{ far[1] }}) with targets two and zero, taken in
    turn with exact steps from $w = 0$, need {{ hinton | integer }} steps until the error is a millionth; (1, 1) and
    (1, −1) never need more than {{ perpendicular }}."""
    x = PAIR + SHIFTS[-1]
    start = -np.linalg.solve(x, TARGETS)
    assert abs(np.linalg.cond(x) ** 2 / result.kappa - 1) < 1e-6 and tuple(x[1]) == result.far
    assert left(x, start, result.hinton) < TOLERANCE < left(x, start, result.hinton - 1) * (1 + 1e-6)
    assert left(PAIR + DRAWN, START, result.drawn_steps) < TOLERANCE < left(PAIR + DRAWN, START, result.drawn_steps - 1)
    for start in np.random.default_rng(SEED).normal(size=(20, 2)):
        assert left(PAIR, start, result.perpendicular) < 1e-12 < left(PAIR, start, result.perpendicular - 1)


def claim_shifted_is_not_centered(result: Result) -> None:
    """To center the pair ({{ far[0] }}, {{ far[0] }}), ({{ far[0] }}, {{ far[1] }}) does not give (1, 1), (1, −1) but
    (0, 1), (0, −1), which point opposite ways; with a bias input of 1 they are at right angles again."""
    centered = (PAIR + 100) - (PAIR + 100).mean(axis=0)
    assert np.array_equal(centered, [[0, 1], [0, -1]]) and np.linalg.matrix_rank(centered) == 1
    assert cosine_of(centered) == -1 and cosine_of(np.hstack([centered, np.ones((2, 1))])) == 0


def claim_examples_are_alike(result: Result) -> None:
    """Two random examples have a mean cosine of about {{ alike.sigmoid | digits }} if they come from a sigmoid layer,
    {{ alike.uniform | digits(2) }} if uniform between 0 and 1, {{ alike.relu | digits }} from ReLU: measured on
    {{ wide }} units."""
    rng = np.random.default_rng(SEED)
    for layer, alike in result.alike.items():
        x, other = (
            rng.random((2, 2000, WIDE)) if layer == "uniform" else FUNCTIONS[layer](rng.normal(size=(2, 2000, WIDE)))
        )
        cosines = np.sum(x * other, 1) / np.linalg.norm(x, axis=1) / np.linalg.norm(other, axis=1)
        assert abs(cosines.mean() - alike) < 0.02
        assert abs(2 * (result.exact_factor[layer] - 1) * (1 - alike) / alike - 1) < 1e-9


def claim_many_inputs(result: Result) -> None:
    """Measured on {{ units }} normal inputs with a mean of {{ ratio | digits(2) }} standard deviations, exact steps on
    random examples need {{ measured | digits(2) }} times as many as centered; the formula says
    {{ predicted | digits(3) }} for many inputs, the bound above allows {{ bounded | digits(3) }}."""
    assert abs(2 * UNITS * rate(0.0, 10, 400, 100) - 1) < 0.2  # centered, a step takes one part in UNITS of the square
    assert abs(result.measured / result.predicted - 1) < 0.12 and result.measured < result.bounded
    assert abs((result.bounded + 1) / 2 - result.predicted) < 1e-12
    law = [np.linalg.eigvals(moment_map(1 / UNITS / (1 + r**2), 1, UNITS, UNITS * r**2)).max() for r in (0, RATIO)]
    assert abs(np.log(law[0]) / np.log(law[1]) / result.measured - 1) < 0.12  # constant steps of that mean size


def equation_exact_step() -> Draws:
    r"""e' = e - \frac{x^\top e}{x^\top x}\, x"""
    for rng in draws(10):
        x, w, best = rng.normal(size=(3, 4))
        shortest = np.linalg.lstsq(x[None], [x @ best - x @ w], rcond=None)[0]  # the shortest change that fits
        yield {"e'": w + shortest - best, "e": w - best, "x": x}


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


def equation_alike() -> Draws:
    r"""\frac{\mathbb{E}[x^\top x']}{\mathbb{E}[x^\top x]} = \frac{r^2}{1+r^2}"""
    for rng in draws(10):
        low, high, p = *rng.uniform(-1, 2, 2), rng.uniform(0.2, 0.8)
        values, chance = np.array(list(product([low, high], repeat=3))), np.prod(list(product([1 - p, p], repeat=3)), 1)
        yield {
            r"\mathbb{E}[x^\top x']": chance @ (values @ values.T) @ chance,
            r"\mathbb{E}[x^\top x]": chance @ np.sum(values**2, axis=1),
            "r": (p * high + (1 - p) * low) / np.sqrt(p * (1 - p)) / abs(high - low),
        }


def equation_balance() -> Draws:
    r"""\frac{A}{C} \approx \frac{1}{2 + r^2}"""
    for r, _, (along, across) in _slow_modes():
        yield {"A": along, "C": across, "r": r, r"\approx": 1e-4}


def equation_many() -> Draws:
    r"""\frac{1-\gamma_0}{1-\gamma} \approx 1 + \tfrac{1}{2} r^2"""
    centered = np.linalg.eigvals(moment_map(1e-6, 1, 10**6, 0.0)).max()
    for r, factor, _ in _slow_modes():
        yield {r"\gamma_0": centered, r"\gamma": factor, "r": r, r"\approx": 1e-4}


def equation_bound() -> Draws:
    r"""\mathbb{E}\,\lVert e'\rVert^2 = \lVert e\rVert^2 - \frac{\lVert X^\top e\rVert^2}{\lVert X\rVert_F^2} \le
    \left(1 - \frac{\lambda_{\min}}{\operatorname{tr} H}\right) \lVert e\rVert^2"""
    for seed, rng in enumerate(draws(12)):
        X = rng.normal(0.5, 1, (3, 5))  # a column is an example
        vectors, values, _ = np.linalg.svd(X)
        e = 0.5 * vectors[:, -1] if seed < 6 else rng.normal(size=3)  # the flattest direction: equality
        chances, after = np.sum(X**2, axis=0) / np.sum(X**2), np.array([next(exact_steps(e, [x])) for x in X.T])
        yield {
            r"\mathbb{E}\lVert e'\rVert^2": chances @ np.sum(after**2, axis=1),
            "e": e,
            "X": X,
            r"\lVert X\rVert_F": np.linalg.norm(values),
            r"\lambda_{\min}": values[-1] ** 2 / 5,
            "H": X @ X.T / 5,
            r"\operatorname{tr}": np.trace,
        }


def _slow_modes():
    """r, the factor of the mean square error per step, and (A, C), for a million inputs: the law of single examples."""
    for r in np.random.default_rng(0).uniform(0.3, 3, 8):
        n = 10**6
        values, vectors = np.linalg.eig(moment_map(1 / n / (1 + r**2), 1, n, n * r**2))
        yield r, values.max(), vectors[:, values.argmax()]


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
        axes.plot(*path[0], "o", color=role, markersize=6, label="start")
        axes.plot(0, 0, "+", color=INK, markersize=9, markeredgewidth=1.2, label="optimum")
        axes.set(xlim=(-1.1, 0.75), ylim=(-0.65, 1.2), aspect="equal")
        axes.text(0.97, 0.97, text, transform=axes.transAxes, ha="right", va="top", color=role, fontweight="semibold")
        frame_axes(axes, [-1, 0], [0, 1], "error in weight 1", "error in weight 2")
    return figure


if __name__ == "__main__":
    show_figures(figure_pairs, of=compute())
