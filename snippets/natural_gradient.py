"""Which mean does the natural gradient see?

None of the inputs': a shift of the inputs is a linear change of weights and bias, and the natural gradient takes the
same path through the functions in {{ natural[0] }} steps, where plain descent needs {{ plain[0] | integer }} with the
input as it is and {{ plain[1] | integer }} with the input centered. Damping brings the mean back.

    path   functions visited: slope, and output at the mean input
    F      Fisher matrix E[δ² (x, 1)(x, 1)ᵀ] of a logistic neuron with one input
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import sigmoid
from lib.logistic_neuron import MASS, MEAN, NODES, TEACHER, derivatives, draw_neurons, shift_matrix
from lib.numerics import Draws, draws
from lib.plots import FIRST, GRID, INK, SECOND, frame_axes, label_point, new_figure, show_figures

TOLERANCE = 1e-6  # of the starting excess loss
DAMPING = 0.1  # added to the diagonal of F


@dataclass(frozen=True)
class Result:
    mean: float
    "Mean of the one input, whose variance is 1."
    goal: tuple[float, float]
    "Slope and output at the mean input of the function that labels follow."
    plain: tuple[int, int]
    "Steps of plain descent to a millionth of the excess loss: input as it is, input centered."
    natural: tuple[int, int]
    "The same of natural gradient descent at step size 1."
    damped: tuple[int, int]
    "The same with the damping added to the Fisher matrix."
    damping: float
    "What is added to the diagonal."
    paths: dict[str, np.ndarray]
    "Functions visited, shape (steps + 1, 2): slope, output at the mean input."


def loss(seen: np.ndarray) -> float:
    """Expected cross-entropy of a function, given by its slope and its output at the mean input."""
    f = seen[0] * NODES + seen[1]
    return MASS @ (np.logaddexp(0, f) - sigmoid(TEACHER[0] * NODES + TEACHER[1]) * f)


def descend(view: np.ndarray, step: float, natural: bool = False, damping: float = 0.0) -> np.ndarray:
    """Functions visited from zero, shape (steps + 1, 2), with θ = `view` times (slope, output at the mean)."""
    x = np.linalg.inv(view).T @ np.stack([NODES, np.ones_like(NODES)])
    seen, end = [np.zeros(2)], loss(TEACHER)
    while loss(seen[-1]) - end > TOLERANCE * (loss(np.zeros(2)) - end):
        gradient, F = derivatives(view @ seen[-1], x)
        way = np.linalg.solve(F + damping * np.eye(2), gradient) if natural else gradient
        seen.append(seen[-1] - step * np.linalg.solve(view, way))
    return np.array(seen)


def find_step(mean: float) -> float:
    """The best constant step for the greatest curvature a logistic neuron can have, a quarter of E[xxᵀ]."""
    low, high = np.linalg.eigvalsh(np.array([[1 + mean**2, mean], [mean, 1]])) / 4
    return 2 / (low + high)


def compute() -> Result:
    runs = {
        "raw": descend(shift_matrix(MEAN), find_step(MEAN)),
        "centered": descend(shift_matrix(0.0), find_step(0.0)),
        "natural": descend(shift_matrix(MEAN), 0.5, natural=True),
    }
    return Result(
        mean=MEAN,
        goal=tuple(TEACHER.tolist()),
        plain=(len(runs["raw"]) - 1, len(runs["centered"]) - 1),
        natural=tuple(len(descend(shift_matrix(mu), 1.0, natural=True)) - 1 for mu in (MEAN, 0.0)),
        damped=tuple(len(descend(shift_matrix(mu), 1.0, natural=True, damping=DAMPING)) - 1 for mu in (MEAN, 0.0)),
        damping=DAMPING,
        paths=runs,
    )


def claim_plain_descent_sees_the_mean(result: Result) -> None:
    """Plain descent takes {{ plain[0] }} steps with an input of mean {{ mean | digits(1) }} and {{ plain[1] }} with
    the same input centered: the same functions, the same start, another path."""
    for mean, steps in zip((MEAN, 0.0), result.plain):
        x = np.stack([NODES + mean, np.ones_like(NODES)])
        curvature = derivatives(shift_matrix(mean) @ TEACHER, x)[1]  # at the optimum: Hessian and Fisher are one
        rate = abs(1 - find_step(mean) * np.linalg.eigvalsh(curvature)).max()
        assert abs(steps / (np.log(TOLERANCE) / np.log(rate**2)) - 1) < 0.15
    moves = [np.abs(np.diff(result.paths[name], axis=0)).any(axis=1) for name in ("raw", "centered")]
    assert tuple(map(np.count_nonzero, moves)) == result.plain and result.plain[0] > 15 * result.plain[1]


def claim_natural_path_is_the_same(result: Result) -> None:
    """The natural gradient visits the same functions for any shift and any scaling of the input, at step sizes of
    one half, 1 and three halves, to rounding."""
    for view in (
        shift_matrix(0.0),
        shift_matrix(-7.0),
        np.array([[0.3, 0.0], [-4.0, 1.0]]),
        np.array([[2.0, 1.0], [3.0, -1.0]]),
    ):
        for step in (0.5, 1.0, 1.5):
            paths = [descend(v, step, natural=True) for v in (shift_matrix(MEAN), view)]
            np.testing.assert_allclose(*paths, atol=1e-9)
    assert result.natural[0] == result.natural[1] < result.plain[1]
    _arrives(descend(shift_matrix(MEAN), 1.0, natural=True), result.natural[0])
    np.testing.assert_allclose(descend(shift_matrix(0.0), 0.5, natural=True), result.paths["natural"], atol=1e-9)


def _arrives(path: np.ndarray, steps: int) -> None:
    """Asserts that so many steps, and not one fewer, leave `TOLERANCE` of the excess loss."""
    before, after = (
        (loss(seen) - loss(TEACHER)) / (loss(path[0]) - loss(TEACHER)) for seen in path[[steps - 1, steps]]
    )
    assert after <= TOLERANCE < before


def claim_curved_coordinates_bend_the_path(result: Result) -> None:
    """In curved coordinates, the slope being the hyperbolic sine of a parameter, natural gradient paths differ, and
    half the step size halves the difference."""
    gaps = []
    for step in (0.04, 0.02, 0.01):
        ends = []
        for curved in (False, True):
            theta = np.zeros(2)
            for _ in range(round(0.8 / step)):
                seen = np.array([np.sinh(theta[0]) if curved else theta[0], theta[1]])
                gradient, F = derivatives(seen, np.stack([NODES, np.ones_like(NODES)]))
                J = np.diag([np.cosh(theta[0]) if curved else 1.0, 1.0])
                theta = theta - step * np.linalg.solve(J @ F @ J, J @ gradient)
            ends.append(np.array([np.sinh(theta[0]) if curved else theta[0], theta[1]]))
        gaps.append(np.linalg.norm(ends[0] - ends[1]))
    assert gaps[-1] > 1e-5 and all(abs(more / less - 2) < 0.1 for more, less in pairwise(gaps))


def claim_damping_brings_the_mean_back(result: Result) -> None:
    """Add {{ damping | digits(1) }} to the diagonal of the Fisher matrix, and the natural gradient needs
    {{ damped[0] }} steps with the input as it is and {{ damped[1] }} with it centered."""
    starts = []
    for mean, steps in zip((MEAN, 0.0), result.damped):
        _arrives(descend(shift_matrix(mean), 1.0, natural=True, damping=DAMPING), steps)
        gradient, F = derivatives(np.zeros(2), np.stack([NODES + mean, np.ones_like(NODES)]))
        values, vectors = np.linalg.eigh(F)  # damping shrinks each part of the way by λ/(λ + damping)
        way = vectors @ (vectors.T @ gradient / (values + DAMPING))
        first = descend(shift_matrix(mean), 1.0, natural=True, damping=DAMPING)[1]
        np.testing.assert_allclose(shift_matrix(mean) @ first, -way, atol=1e-12)
        starts.append(first)
    assert np.linalg.norm(starts[0] - starts[1]) > 0.1 and result.damped[0] > 2 * result.damped[1]
    assert abs(result.damped[1] - 9) < 5


def equation_coordinates() -> Draws:
    r"""\begin{aligned} A &= \begin{pmatrix} I & \mathbf{0} \\ c^\top & 1 \end{pmatrix}, \\
    g &= A^\top g', \\ F &= A^\top F' A \end{aligned}"""
    for rng, theta, x, F in draw_neurons():
        c, y = rng.normal(size=3), rng.integers(0, 2, 5)
        moved = np.vstack([x[:3] - c[:, None], np.ones(5)])
        there = np.append(theta[:3], theta[3] + theta[:3] @ c)
        A = np.array([np.append(row[:3], row[3] + row[:3] @ c) for row in np.eye(4)]).T

        def slope(at, rows, y=y):
            f = (at + 1e-20j * np.eye(4)) @ rows
            return (np.log(1 + np.exp(f)) - y * f).mean(axis=1).imag / 1e-20

        p = sigmoid(there @ moved)
        yield {
            "A": A,
            "I": np.eye(3),
            r"\mathbf{0}": np.zeros(3),
            "c": c,
            "g": slope(theta, x),
            "g'": slope(there, moved),
            "F": F,
            "F'": (moved * p * (1 - p)) @ moved.T / 5,
        }


def equation_preconditioner() -> Draws:
    r"""\begin{aligned} P &= \begin{pmatrix} I_n & -\mu \\ -\mu^\top & 1 + \lVert\mu\rVert^2 \end{pmatrix}, \\
    I_{n+1} &= P \begin{pmatrix} I_n + \mu\mu^\top & \mu \\ \mu^\top & 1 \end{pmatrix} \end{aligned}"""
    for rng in draws(12):
        mu = rng.normal(size=3)
        steps = []
        for gradient in np.eye(4):  # one plain step on centered inputs, seen from the raw parameters
            w = gradient[:3] - mu * gradient[3]
            steps.append(np.append(w, gradient[3] - w @ mu))
        yield {"P": np.array(steps).T, "I_n": np.eye(3), "I_{n+1}": np.eye(4), r"\mu": mu}


def figure_paths(result: Result) -> Figure:
    """Three paths from one start to one goal, over the functions that a neuron can compute. Plain descent with an
    input of mean {{ mean | digits(1) }} leaps up and down for {{ plain[0] }} steps; with the input centered it comes
    in {{ plain[1] }}; the natural gradient takes the straight way between."""
    figure = new_figure(360, 0.95)
    (axes,) = figure.axes
    slopes, outputs = np.linspace(-0.2, 1.15, 60), np.linspace(-0.25, 1.35, 60)
    heights = np.array([[loss(np.array([slope, output])) for slope in slopes] for output in outputs])
    excess = heights - loss(TEACHER)
    levels = excess[np.abs(outputs).argmin(), np.abs(slopes).argmin()] * np.array([1 / 64, 1 / 16, 1 / 4, 1])
    axes.contour(slopes, outputs, excess, levels, colors=GRID, linewidths=1)
    for name, role, words, at, dx, dy in (
        ("raw", SECOND, f"plain, mean {MEAN:.0f}", 1, -4, 10),
        ("natural", INK, "natural", 2, -2, 11),
        ("centered", FIRST, "plain, centered", 1, 2, -14),
    ):
        path = result.paths[name]
        axes.plot(*path.T, "o-", color=role, markersize=3, linewidth=1.4, label=words)
        label_point(axes, words, path[at], role, dx=dx, dy=dy, ha="right" if dx == -2 else "left")
    axes.plot(*TEACHER, "+", color=INK, markersize=10, markeredgewidth=1.4, label="goal")
    axes.set(xlim=(-0.2, 1.15), ylim=(-0.25, 1.35))
    frame_axes(axes, [0, 0.5, 1], [0, 0.5, 1], "slope", "output at the mean input")
    return figure


if __name__ == "__main__":
    show_figures(figure_paths, of=compute())
