"""Which directions does a Newton iteration whiten first, as in IterNorm?

The steep ones: the condition number of {{ features }} correlated features falls only as the small eigenvalues grow.

    P     the matrix that the iteration P ← ½(3P − P³Σ/tr Σ) takes to the inverse root
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from lib.numerics import Draws, draws
from lib.plots import FIRST, GRID, Frames, decades, frame_axes, new_figure

FEATURES, CORRELATION, ITERATIONS = 16, 0.8, 14


@dataclass(frozen=True)
class Result:
    features: int
    "Features that Newton's iteration whitens."
    neighbor: float
    "Correlation of neighbors among them; a feature k places away has its k-th power."
    kappa_steps: tuple[float, ...]
    "Condition number after each Newton iteration, beginning with none."
    few: int
    "Iterations after which it is quoted."
    more: int
    "More of them."
    stretched: np.ndarray
    "Variance along each principal direction after so many iterations, shape (iterations + 1, features)."
    eigenvalues: np.ndarray
    "Those directions' variance before, over the sum."


def iterate_newton(covariance: np.ndarray, iterations: int) -> list[np.ndarray]:
    """P after 0, 1, … iterations; P/√tr Σ tends to Σ^−½."""
    P, normalized = np.eye(len(covariance)), covariance / np.trace(covariance)
    made = [P]
    for _ in range(iterations):
        P = (3 * P - P @ P @ P @ normalized) / 2
        made.append(P)
    return made


def compute() -> Result:
    S = CORRELATION ** abs(np.subtract.outer(np.arange(FEATURES), np.arange(FEATURES)))
    steps = [P @ S @ P for P in iterate_newton(S, ITERATIONS)]
    lengths, vectors = np.linalg.eigh(S / FEATURES)
    return Result(
        features=FEATURES,
        neighbor=CORRELATION,
        few=5,
        more=9,
        kappa_steps=tuple(float(np.linalg.cond(step)) for step in steps),
        stretched=np.array([np.diag(vectors.T @ step @ vectors) for step in steps]) / FEATURES,
        eigenvalues=lengths,
    )


def claim_steep_directions_first(result: Result) -> None:
    """The iteration takes the condition number from {{ kappa_steps[0] | digits(2) }} to
    {{ kappa_steps[5] | digits(2) }} in {{ few }} steps and to {{ kappa_steps[9] | digits(5) }} in {{ more }}; then
    rounding errors grow, and at last it is {{ kappa_steps[14] | digits(3) }}."""
    p = np.ones(FEATURES)
    for k in range(10):  # along each principal direction by itself
        assert abs(max(p**2 * result.eigenvalues) / min(p**2 * result.eigenvalues) / result.kappa_steps[k] - 1) < 1e-4
        if k < 6:
            assert np.all(np.diff(p**2 * result.eigenvalues) > -1e-12)  # the order of the directions stays
        p = (3 * p - p**3 * result.eigenvalues) / 2
    assert result.kappa_steps[9] < 1.001 < 1.005 < result.kappa_steps[14] < 1.1


def equation_newton() -> Draws:
    r"""p_{k+1} = \frac{1}{2}\left(3 p_k - p_k^3 \lambda\right)"""
    for rng in draws(6):
        A = rng.normal(size=(4, 4))
        S = A @ A.T
        values, vectors = np.linalg.eigh(S / np.trace(S))
        before, after = (vectors.T @ P @ vectors for P in iterate_newton(S, 4)[-2:])
        for i in range(4):
            yield {"p_{k+1}": after[i, i], "p_k": before[i, i], r"\lambda": values[i]}


def draw_variances(axes: Axes, result: Result, iterations: int):
    """Variance along each principal direction, before and after so many iterations; the latter as a line that moves."""
    axes.plot(result.eigenvalues, result.eigenvalues, color=GRID, linewidth=1.2, label="before")
    axes.axhline(1, color=GRID, linewidth=1, label="white")
    (line,) = axes.plot(
        result.eigenvalues, result.stretched[iterations], "o-", color=FIRST, markersize=5, gid="line", label="after"
    )
    axes.set(xscale="log", yscale="log", xlim=(0.006, 0.6), ylim=(0.005, 2))
    frame_axes(axes, decades(-2, -1), decades(-2, -1, 0), "share of the variance", "after")
    return line


def explore_iterations(result: Result, start: int = 5) -> Frames:
    """Variance along {{ features }} principal directions after Newton iterations, against what it was. After
    {{ few }}, the steep
    half is at one and the flat directions follow."""
    figure = new_figure(360, 0.8)
    line = draw_variances(figure.axes[0], result, start)
    for k, kappa in enumerate(result.kappa_steps):
        line.set_data(result.eigenvalues, np.clip(result.stretched[k], 0.005, 2))
        readouts = {"iterations": f"{k}", "condition number": f"{kappa:.4g}"}
        sentence = "The flat directions are on their way." if k < 9 else "White; from here on rounding errors grow."
        yield figure, readouts, sentence


if __name__ == "__main__":
    print(compute())
