"""What happens to a KAN's splines outside of their grid?

They are zero there. Cubic B-splines on {{ cells }} cells of [−1, 1] add up to 1 on the grid and to nothing beyond
{{ reach | decimals(1) }}, so an input of mean {{ means[10] | digits(1) }} and standard deviation 1 is beyond their
reach in {{ beyond[10] | percent(0) }} of cases.

    B_k   B-splines of degree 3, on the grid and three knots more on either side
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.gaussian import distribution
from lib.numerics import draws
from lib.plots import FIRST, INK, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import condition_number, off_center_ratio

CELLS, DEGREE = 5, 3
MEANS = tuple(round(0.5 * k, 1) for k in range(11))


@dataclass(frozen=True)
class Result:
    cells: int
    "Cells of the grid on [−1, 1]."
    splines: int
    "Splines, cells and degree together."
    reach: float
    "Where the last spline ends."
    means: tuple[float, ...]
    "Means of a normal input of standard deviation 1."
    inside: tuple[float, ...]
    "Share of such inputs on the grid, for each mean."
    beyond: tuple[float, ...]
    "Share beyond the last spline on either side, for each mean."
    ratio: float
    "Off-center ratio of the splines for inputs uniform on the grid."
    kappa: float
    "Condition number of E[BBᵀ] for them."


def splines(x: np.ndarray) -> np.ndarray:
    """Values of all splines, by the recursion of Cox and de Boor, shape (inputs, cells + degree)."""
    cell = 2 / CELLS
    knots = -1 + cell * np.arange(-DEGREE, CELLS + DEGREE + 1)
    x = np.asarray(x)[:, None]
    values = ((knots[:-1] <= x) & (x < knots[1:])).astype(float)
    for degree in range(1, DEGREE + 1):
        left, right = knots[: -degree - 1], knots[degree + 1 :]
        rising, falling = (x - left) / (degree * cell), (right - x) / (degree * cell)
        values = rising * values[:, :-1] + falling * values[:, 1:]
    return values


def compute() -> Result:
    reach, means = 1 + 2 * DEGREE / CELLS, np.array(MEANS)
    B = splines(np.linspace(-1, 1, 4001)[:-1])
    return Result(
        cells=CELLS,
        splines=B.shape[1],
        reach=reach,
        means=MEANS,
        inside=tuple(distribution(1 - means) - distribution(-1 - means)),
        beyond=tuple(1 - distribution(reach - means) + distribution(-reach - means)),
        ratio=off_center_ratio(B),
        kappa=condition_number(B.T @ B / len(B)),
    )


def claim_splines_end(result: Result) -> None:
    """{{ splines }} splines add up to 1 on the grid and to 0 beyond ±{{ reach | decimals(1) }}. Of standard normal
    inputs {{ inside[0] | percent(0) }} are on the grid and {{ beyond[0] | percent(1) }} beyond all splines; of inputs
    of mean {{ means[10] | digits(1) }} a share of {{ inside[10] | scientific(1) }} is on the grid and
    {{ beyond[10] | percent(0) }} beyond."""
    z = np.linspace(-9, 9, 36_001)
    weights = np.exp(-(z**2) / 2)
    weights /= weights.sum()
    total = splines(z).sum(axis=1)
    assert np.abs(total[np.abs(z) < 0.999] - 1).max() < 1e-12 and np.abs(total[np.abs(z) > result.reach]).max() < 1e-12
    assert total[np.abs(z) < result.reach - 0.01].min() > 0
    for place in (0, 10):
        x = z + MEANS[place]
        np.testing.assert_allclose(result.inside[place], weights[np.abs(x) <= 1].sum(), rtol=5e-3)
        np.testing.assert_allclose(result.beyond[place], weights[splines(x).sum(axis=1) == 0].sum(), rtol=5e-3)
    assert result.splines == splines(z).shape[1] == 8


def claim_splines_are_off_center(result: Result) -> None:
    """For inputs uniform on the grid the splines have an off-center ratio of {{ ratio | digits(2) }} and a condition
    number of {{ kappa | digits(2) }}."""
    x = np.random.default_rng(0).uniform(-1, 1, size=200_000)
    B = splines(x)
    np.testing.assert_allclose(result.ratio, (B.mean(axis=0) ** 2).sum() / B.var(axis=0).sum(), rtol=0.02)
    values = np.linalg.svd(B / np.sqrt(len(x)), compute_uv=False)
    np.testing.assert_allclose(result.kappa, (values[0] / values[-1]) ** 2, rtol=0.02)


def equation_one() -> None:
    r"""\sum_{k=1}^{m} B_k(x) = 1 \qquad (-1 \le x < 1)"""
    for rng in draws(3):
        x = rng.uniform(-1, 1)
        values = splines(np.array([x]))[0]
        assert abs(values.sum() - 1) < 1e-12


def figure_splines(result: Result) -> Figure:
    """{{ splines }} bell-shaped splines and their sum, against the input. The sum is 1 from −1 to 1, falls on either
    side and is 0 beyond {{ reach | decimals(1) }}."""
    figure = new_figure(360, 0.6)
    (axes,) = figure.axes
    x = np.linspace(-3, 3, 601)
    B = splines(x)
    for k in range(B.shape[1]):
        axes.plot(x, B[:, k], color=FIRST, linewidth=1, label=f"spline {k + 1}")
    axes.plot(x, B.sum(axis=1), color=INK, label="sum")
    axes.axvspan(result.reach, 3, color=SECOND, alpha=0.15, linewidth=0)
    axes.axvspan(-3, -result.reach, color=SECOND, alpha=0.15, linewidth=0)
    label_point(axes, "sum", (0, 1), INK, dx=0, dy=9, ha="center")
    label_point(axes, "nothing", (2.6, 0.5), SECOND, dx=0, dy=0, ha="center")
    axes.set(xlim=(-3, 3), ylim=(0, 1.2))
    frame_axes(axes, (-2.2, -1, 0, 1, 2.2), (0, 1), "input", "")
    return figure


if __name__ == "__main__":
    show_figures(figure_splines, of=compute())
