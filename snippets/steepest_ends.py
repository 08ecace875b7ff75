"""How does steepest descent end?

In a plane. With {{ spread }} different curvatures and a random start its gradients come to alternate between two
directions, made of the steepest and the flattest one alone, and the loss falls by nearly the worst factor.

    curvatures  eigenvalues of the Hessian, all different
    gradient    by exact line search each is perpendicular to the one before
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.plots import INK, decades, frame_axes, new_figure, show_figures

SEED = 0
CURVATURES = np.geomspace(1, 20, 8)
STARTS, STEPS = 101, 300
THRESHOLD = 1e-3


@dataclass(frozen=True)
class Result:
    spread: int
    "Number of different curvatures."
    spread_kappa: float
    "Condition number: the curvatures run from 1 to this."
    steps: int
    "Steps of long runs."
    factor_first: float
    "Share of the loss that the first step of a line search leaves: median over starts."
    factor_last: float
    "The same for the last step of long runs."
    worst: float
    "The largest share that a step can leave."
    ends_first: float
    "Share of the squared gradient outside the two extreme curvatures at the start of one such run."
    threshold: float
    "A small share."
    settled: int
    "Steps after which the share outside stays below that."
    ends: np.ndarray
    "Share of the squared gradient outside the two extreme curvatures, one entry a step, from one start."


def follow_gradients(gradients: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Gradients of length 1 at each step of line search, shape (steps + 1, starts, n), and the factors of the loss."""
    units, factors = [], []
    for _ in range(steps + 1):
        gradients = gradients / np.linalg.norm(gradients, axis=1, keepdims=True)
        curvature = gradients**2 @ CURVATURES
        units.append(gradients), factors.append(1 - 1 / curvature / (gradients**2 @ (1 / CURVATURES)))
        gradients = gradients - gradients * CURVATURES / curvature[:, None]
    return np.array(units), np.array(factors)


def random_gradients(rng: np.random.Generator, starts: int) -> np.ndarray:
    """Gradients at random starts, normal in every weight, shape (starts, curvatures)."""
    return rng.normal(size=(starts, len(CURVATURES))) * CURVATURES


def compute() -> Result:
    gradients, factors = follow_gradients(random_gradients(np.random.default_rng(SEED), STARTS), STEPS)
    ends = (gradients[:, 0, 1:-1] ** 2).sum(axis=1)
    low, *_, high = CURVATURES
    worst = (high - low) ** 2 / (high + low) ** 2
    return Result(
        spread=len(CURVATURES),
        spread_kappa=high / low,
        steps=STEPS,
        factor_first=np.median(factors[0]),
        factor_last=np.median(factors[-1]),
        worst=worst,
        ends_first=ends[0],
        threshold=THRESHOLD,
        settled=int(np.flatnonzero(ends >= THRESHOLD)[-1]) + 1,
        ends=ends[:121],
    )


def claim_two_directions(result: Result) -> None:
    """With {{ spread }} different curvatures from 1 to {{ spread_kappa | integer }} and a random start, line search
    ends in a plane: after {{ steps }} steps the gradients alternate between two directions, made of the steepest and
    the flattest one alone. A step then leaves {{ factor_last | digits(3) }} of the loss, nearly the worst that is
    possible, {{ worst | digits(3) }}; the first step left {{ factor_first | digits(2) }} (medians)."""
    rng = np.random.default_rng(SEED + 3)
    gradients, _ = follow_gradients(random_gradients(rng, 30), 400)
    assert np.all((gradients[-1][:, 1:-1] ** 2).sum(axis=1) < 1e-4)
    again = np.abs((gradients[-1] * gradients[-3]).sum(axis=1))
    other = np.abs((gradients[-1] * gradients[-2]).sum(axis=1))
    assert np.all(again > 1 - 1e-4) and np.all(other < 1e-9)
    assert result.ends[result.settled - 1] >= THRESHOLD > result.ends[result.settled :].max()
    kappa = result.spread_kappa
    assert abs(result.worst - (1 - 4 * kappa / (kappa + 1) ** 2)) < 1e-12
    assert 0.1 < result.factor_first < 0.28 and 0.99 < result.factor_last / result.worst < 1 + 1e-9


def figure_ends(result: Result) -> Figure:
    """Share of the squared gradient that lies outside the steepest and the flattest direction, against steps of line
    search, on a logarithmic vertical axis. It starts at {{ ends_first | digits(2) }} and then
    falls along a straight line, below {{ threshold | digits(1) }} after {{ settled }} steps."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    axes.plot(result.ends, color=INK, label="share outside")
    axes.set(yscale="log", xlim=(-1, 121), ylim=(1e-6, 1.5))
    frame_axes(axes, [0, 50, 100], decades(0, -2, -4, -6), "steps", "share of the gradient in between")
    return figure


if __name__ == "__main__":
    show_figures(figure_ends, of=compute())
