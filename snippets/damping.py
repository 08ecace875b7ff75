"""What does damping do to a Gauss–Newton step, and what is Levenberg's, what Marquardt's?

Damping λ turns the step from the Gauss–Newton step to a short gradient step: (G + λI)d = −g. Levenberg adds λI and
notices every change of coordinates but a rotation; Marquardt adds λ diag G and does not notice a change of units; a
shift of the inputs is noticed by both. On a small net the undamped step raises the loss from {{ start | digits(2) }}
to {{ losses[0] | digits(2) }}, the best damping lowers it to {{ best | digits(2) }}.

    g, G  gradient and Gauss–Newton matrix at random weights of a net with a few tanh units and one output
    d     the step, (G + λD)d = −g with D = I or diag G
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from lib.numerics import Draws, draws
from lib.plots import FIRST, GRID, MUTED, SECOND, Frames, decades, frame_axes, label_point, new_figure

SEED = 0
INPUTS, HIDDEN, EXAMPLES = 2, 4, 40
DAMPINGS = 10.0 ** np.arange(-5, 3.5, 0.5)
UNITS = np.array([1.0, 100.0])  # the second input in centimeters instead of meters
SHIFT = 3.0


@dataclass(frozen=True)
class Result:
    hidden: int
    "tanh units."
    examples: int
    "Examples."
    start: float
    "Loss before the step."
    dampings: tuple[float, ...]
    "Dampings that are tried."
    losses: tuple[float, ...]
    "Loss after the step for each of `DAMPINGS`."
    best: float
    "The least of these losses."
    best_damping: float
    "The damping that gives it."
    gradient_best: float
    "Least loss that a step along the gradient reaches."
    cosine: tuple[float, ...]
    "Cosine of the step with minus the gradient, for each damping."
    length: tuple[float, ...]
    "Length of the step, for each damping."
    noticed: dict[str, dict[str, float]]
    "How far the outputs after a step part if inputs are rotated, in other units, shifted: Levenberg, Marquardt."


def outputs(theta: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Outputs (B,) of the net, and their derivatives by the parameters (B, p): hidden weights and biases, output's."""
    W, v = theta[: HIDDEN * (INPUTS + 1)].reshape(HIDDEN, INPUTS + 1), theta[HIDDEN * (INPUTS + 1) :]
    A = np.column_stack([x, np.ones(len(x))])
    a = np.tanh(A @ W.T)
    hidden = ((1 - a**2) * v[:-1])[:, :, None] * A[:, None, :]
    return a @ v[:-1] + v[-1], np.column_stack([hidden.reshape(len(x), -1), a, np.ones(len(x))])


def loss(theta: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
    """Half the mean squared error."""
    return float(np.mean((outputs(theta, x)[0] - y) ** 2) / 2)


def damped_step(theta: np.ndarray, x: np.ndarray, y: np.ndarray, damping: float, diagonal: bool) -> np.ndarray:
    """d with (G + λD)d = −g; D is diag G or I."""
    f, J = outputs(theta, x)
    G, g = J.T @ J / len(x), J.T @ (f - y) / len(x)
    return -np.linalg.solve(G + damping * (np.diag(np.diag(G)) if diagonal else np.eye(len(g))), g)


def draw_problem(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights, inputs (B, 2) and targets (B,)."""
    x = rng.normal(size=(EXAMPLES, INPUTS))
    return rng.normal(size=HIDDEN * (INPUTS + 1) + HIDDEN + 1), x, np.sin(2 * x[:, 0]) + x[:, 1] ** 2


def change_coordinates(theta: np.ndarray, x: np.ndarray, change: str) -> tuple[np.ndarray, np.ndarray]:
    """Weights and inputs of the same function: inputs Tx + c."""
    T, c = np.eye(INPUTS), np.zeros(INPUTS)
    if change == "rotated":
        T = np.array([[0.6, -0.8], [0.8, 0.6]])
    elif change == "units":
        T = np.diag(UNITS)
    else:
        c = c + SHIFT
    W = theta[: HIDDEN * (INPUTS + 1)].reshape(HIDDEN, INPUTS + 1)
    weights = W[:, :-1] @ np.linalg.inv(T)
    moved = np.column_stack([weights, W[:, -1] - weights @ c])
    return np.append(moved.ravel(), theta[HIDDEN * (INPUTS + 1) :]), x @ T.T + c


def measure_notice(change: str, diagonal: bool) -> float:
    """Root mean square difference of outputs after one step with damping 0.1, over their standard deviation; or 0."""
    theta, x, y = draw_problem(np.random.default_rng(SEED))
    after = []
    for weights, inputs in ((theta, x), change_coordinates(theta, x, change)):
        after.append(outputs(weights + damped_step(weights, inputs, y, 0.1, diagonal), inputs)[0])
    size = float(np.sqrt(np.mean((after[0] - after[1]) ** 2)) / after[0].std())
    return size if size > 1e-8 else 0.0


def compute() -> Result:
    theta, x, y = draw_problem(np.random.default_rng(SEED))
    f, J = outputs(theta, x)
    g = J.T @ (f - y) / len(x)
    steps = [damped_step(theta, x, y, damping, False) for damping in DAMPINGS]
    losses = [loss(theta + step, x, y) for step in steps]
    return Result(
        hidden=HIDDEN,
        examples=EXAMPLES,
        start=loss(theta, x, y),
        dampings=tuple(DAMPINGS),
        losses=tuple(losses),
        best=min(losses),
        best_damping=float(DAMPINGS[int(np.argmin(losses))]),
        gradient_best=min(loss(theta - size * g, x, y) for size in 10.0 ** np.arange(-3, 1.5, 0.02)),
        cosine=tuple(float(-step @ g / np.linalg.norm(step) / np.linalg.norm(g)) for step in steps),
        length=tuple(float(np.linalg.norm(step)) for step in steps),
        noticed={
            name: {change: measure_notice(change, name == "marquardt") for change in ("rotated", "units", "shifted")}
            for name in ("levenberg", "marquardt")
        },
    )


def claim_damping_bends_to_the_gradient(result: Result) -> None:
    """With little damping the step’s cosine with the gradient’s is {{ cosine[0] | digits(1) }} and it is
    {{ length[0] | digits(1) }} long; with much, {{ cosine[16] | digits(4) }} and {{ length[16] | digits(1) }}."""
    assert all(np.diff(result.cosine) > -1e-9) and all(np.diff(result.length) < 0) and result.cosine[-1] > 0.999
    theta, x, y = draw_problem(np.random.default_rng(SEED))
    f, J = outputs(theta, x)
    values, vectors = np.linalg.eigh(J.T @ J / len(x))
    g = vectors.T @ (J.T @ (f - y) / len(x))
    for damping, length in list(zip(DAMPINGS, result.length))[4:]:  # direction by direction: g/(λ + damping)
        assert abs(np.linalg.norm(g / (values + damping)) / length - 1) < 1e-5
    assert 0.0047 < result.cosine[0] < 0.17 and 11.2 < result.length[0] < 141 and 0.9994 < result.cosine[16] < 1.001


def least_squares_step(theta: np.ndarray, x: np.ndarray, y: np.ndarray, damping: float, diagonal: bool) -> np.ndarray:
    """The same step as the least squares of the linearized errors and of the step, without a normal equation."""
    f, J = outputs(theta, x)
    weights = np.sqrt(damping * (J**2).mean(axis=0)) if diagonal else np.full(J.shape[1], np.sqrt(damping))
    rows = np.vstack([J / np.sqrt(len(x)), np.diag(weights)])
    return np.linalg.lstsq(rows, np.append((y - f) / np.sqrt(len(x)), 0 * theta), rcond=None)[0]


def claim_undamped_steps_overshoot(result: Result) -> None:
    """From a loss of {{ start | digits(2) }} the step with a damping of {{ dampings[0] | scientific(1) }} leads to
    {{ losses[0] | digits(2) }}, the one with {{ best_damping | digits(1) }} to {{ best | digits(2) }}; the best
    gradient step reaches {{ gradient_best | digits(2) }}."""
    assert result.best < 0.9 * result.start < result.start < result.losses[0]
    assert abs(result.losses[-1] / result.start - 1) < 0.05  # hardly a step any more
    theta, x, y = draw_problem(np.random.default_rng(SEED))
    for damping, reached in ((DAMPINGS[0], result.losses[0]), (result.best_damping, result.best)):
        assert abs(loss(theta + least_squares_step(theta, x, y, damping, False), x, y) / reached - 1) < 1e-4
    f, J = outputs(theta, x)
    rates = np.geomspace(1e-3, 30, 3000)
    along = min(loss(theta - rate * J.T @ (f - y) / len(x), x, y) for rate in rates)
    assert abs(along / result.gradient_best - 1) < 0.01 and result.best_damping in DAMPINGS
    assert result.best == min(result.losses) == result.losses[DAMPINGS.tolist().index(result.best_damping)]


def claim_what_damping_notices(result: Result) -> None:
    """Levenberg’s damping does not notice a rotation of the inputs, and notices other units; Marquardt’s does not
    notice units, and notices a rotation; both notice a shift."""
    levenberg, marquardt = result.noticed["levenberg"], result.noticed["marquardt"]
    assert levenberg["rotated"] == 0 == marquardt["units"]
    assert min(levenberg["units"], marquardt["rotated"], levenberg["shifted"], marquardt["shifted"]) > 0.01
    theta, x, y = draw_problem(np.random.default_rng(SEED))
    for method, change in (
        ("levenberg", "units"),
        ("marquardt", "rotated"),
        ("levenberg", "shifted"),
        ("marquardt", "shifted"),
    ):
        ends = [
            outputs(weights + least_squares_step(weights, inputs, y, 0.1, method == "marquardt"), inputs)[0]
            for weights, inputs in ((theta, x), change_coordinates(theta, x, change))
        ]
        apart = np.sqrt(np.mean((ends[0] - ends[1]) ** 2)) / ends[0].std()
        assert abs(apart / result.noticed[method][change] - 1) < 1e-3


def draw_bowls() -> Iterator[tuple]:
    """Positive matrices G, gradients g and dampings."""
    for rng in draws(8):
        A = rng.normal(size=(5, 4))
        yield A.T @ A, rng.normal(size=4), rng.uniform(0.05, 3)


def equation_step() -> Draws:
    r"""d = -(G + \lambda I)^{-1} g = -\sum_{i=1}^{n} \frac{g_i}{\lambda_i + \lambda} u_i"""
    for G, g, damping in draw_bowls():
        values, vectors = np.linalg.eigh(G)
        best = np.linalg.lstsq(
            np.vstack([np.linalg.cholesky(G).T, np.sqrt(damping) * np.eye(4)]),
            np.append(-np.linalg.solve(np.linalg.cholesky(G), g), np.zeros(4)),
        )[0]
        yield {
            "d": best,
            "G": G,
            r"\lambda": damping,
            "I": np.eye(4),
            "g": g,
            "n": 4,
            "g_i": lambda i, a=vectors.T @ g: a[int(i) - 1],
            r"\lambda_i": lambda i, v=values: v[int(i) - 1],
            "u_i": lambda i, u=vectors: u[:, int(i) - 1],
        }


def draw_losses(axes: Axes, result: Result) -> None:
    """Loss after one step against the damping."""
    axes.axhline(result.start, color=GRID, linewidth=1.2, label="before")
    axes.axhline(result.gradient_best, color=FIRST, linewidth=1.2, label="best gradient step")
    axes.plot(DAMPINGS, np.minimum(result.losses, 200), color=SECOND, label="damped step")
    label_point(axes, "before the step", (1e3, result.start), MUTED, dx=0, dy=9, ha="right")
    label_point(axes, "best gradient step", (1e-5, result.gradient_best), FIRST, dx=2, dy=-9)
    axes.set(xscale="log", yscale="log", xlim=(1e-5, 1e3), ylim=(0.4, 200))
    frame_axes(axes, decades(-4, -2, 0, 2), {1: "1", 10: "10", 100: "100"}, "damping λ", "loss after one step")


def explore_damping(result: Result, start: int = 8) -> Frames:
    """Loss after one step against the damping: far above the start on the left, where the step is Gauss–Newton’s,
    lowest at {{ best_damping | digits(1) }}, and back at the start on the right, where it is a short gradient step."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    draw_losses(axes, result)
    (line,) = axes.plot([1, 1], [0.4, 200], color=MUTED, linewidth=1.2, label="damping", gid="line")
    for damping, after, cosine, length in zip(DAMPINGS, result.losses, result.cosine, result.length):
        line.set_xdata([damping, damping])
        readouts = {
            "damping": np.format_float_positional(damping, precision=2, fractional=False, trim="-"),
            "loss after the step": f"{after:.3g}",
            "cosine with the gradient": f"{cosine:.3f}",
            "length of the step": f"{length:.3g}",
        }
        worse = after > result.start
        yield figure, readouts, "The model is trusted too far." if worse else "The step stays where the model holds."
