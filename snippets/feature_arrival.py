"""Which weight arrives first where features differ in scale?

That of the large feature: where both have one unit of output to go, its gradient is
{{ gradient_ratio | integer }} times as large and its distance a part as short. At the largest steps it needs
{{ first_steps[1] | integer }} of them, the other one {{ first_steps[0] | integer }}.

    stds  standard deviations of the two features, which are independent
    error       w − w*, what is left to go; in units of output, weights times their features' standard deviations
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import FIRST, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import descend

STDS = np.array([1.0, 10.0])
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Result:
    stds: tuple[float, float]
    "Standard deviations of the two features."
    gradient_ratio: float
    "Gradient of the second weight over that of the first, where both have one unit of output to go."
    distance_ratio: float
    "Distance that the first weight has to go over that of the second."
    first_steps: tuple[int, int]
    "Steps at 1/λmax until either weight's error is a millionth, centered features."
    slow: np.ndarray
    "Error of the small feature's weight, relative to its first, at each step of size 1/λmax."


def compute() -> Result:
    centered = np.diag(STDS**2)
    start = -1 / STDS  # one unit of output to go for either weight
    path = descend(centered, 1 / STDS.max() ** 2, start)
    done = [int(np.argmax(abs(path[:, j]) <= TOLERANCE * abs(start[j]))) for j in range(2)]
    gradient = centered @ start
    return Result(
        stds=tuple(STDS),
        gradient_ratio=gradient[1] / gradient[0],
        distance_ratio=start[0] / start[1],
        first_steps=(done[0], done[1]),
        slow=path[:400, 0] / start[0],
    )


def claim_large_features_settle_first(result: Result) -> None:
    r"""At the step $1/\lambda_{\max}$ the weight of the feature with standard deviation {{ stds[1] | integer }}
    arrives in {{ first_steps[1] }} step, that of the other in {{ first_steps[0] | integer }}."""
    assert result.first_steps == (int(np.ceil(np.log(TOLERANCE) / np.log(1 - 0.01))), 1)
    np.testing.assert_allclose(result.slow, 0.99 ** np.arange(len(result.slow)), rtol=1e-9)


def claim_gradient_and_distance(result: Result) -> None:
    """Where both weights have the same unit of output to go, the gradient of the large feature's weight
    is {{ gradient_ratio | integer }} times as large, and its way {{ distance_ratio | integer }} times as short."""
    weights, goal = np.zeros(2), 1 / STDS
    x = STDS * np.array([[i, j] for i in (-1, 1) for j in (-1, 1)])
    gradient = x.T @ (x @ weights - x @ goal) / 4
    assert abs(gradient[1] / gradient[0] - result.gradient_ratio) < 1e-9
    assert abs(goal[0] / goal[1] - result.distance_ratio) < 1e-9


def equation_gradient() -> Draws:
    r"""\frac{\partial L}{\partial w_j} = s_j^2\,(w_j - w^\star_j)"""
    for s, _, w, best, slope in draw_problems():
        for j in range(3):
            yield {r"\frac{\partial L}{\partial w_j}": slope[j], "s_j": s[j], "w_j": w[j], r"w^\star_j": best[j]}


def equation_output_units() -> Draws:
    r"""\frac{\partial L}{\partial w_j} = s_j\,(s_j w_j - s_j w^\star_j)"""
    for s, _, w, best, slope in draw_problems():
        for j in range(3):
            yield {r"\frac{\partial L}{\partial w_j}": slope[j], "s_j": s[j], "w_j": w[j], r"w^\star_j": best[j]}


def draw_problems():
    """Centered, uncorrelated features of three scales: their stds, data, weights, best weights, and the slope of half
    the mean squared error by central differences, exact for a quadratic."""
    for rng in draws(10):
        x = rng.normal(size=(60, 3))
        x -= x.mean(axis=0)
        x = x @ np.linalg.inv(np.linalg.cholesky(x.T @ x / 60)).T
        s, w, best = rng.uniform(0.3, 4, size=3), rng.normal(size=3), rng.normal(size=3)
        data = x * s

        def loss(weights, data=data, best=best):
            return 0.5 * np.mean((data @ weights - data @ best) ** 2)

        yield s, data, w, best, np.array([(loss(w + e) - loss(w - e)) / 2 for e in np.eye(3)])


def figure_arrival(result: Result) -> Figure:
    """Error of either weight against steps of size one over the largest curvature. That of the large feature's weight
    is gone after {{ first_steps[1] }} step; that of the small feature's is a millionth after
    {{ first_steps[0] | integer }}."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    axes.plot(result.slow, color=SECOND, label="small feature")
    axes.plot([0, 1, 399], [1, 0, 0], color=FIRST, label="large feature")
    label_point(
        axes,
        f"weight of the feature\nof standard deviation {result.stds[0]:g}",
        (100, result.slow[100]),
        SECOND,
        dx=12,
        dy=14,
    )
    label_point(axes, f"of standard deviation {result.stds[1]:g}", (150, 0), FIRST, dx=0, dy=10, ha="center")
    axes.set(xlim=(-8, 405), ylim=(-0.03, 1.05))
    frame_axes(axes, [0, 100, 200, 300, 400], [0, 0.5, 1], "steps", "error, relative to the first")
    return figure


if __name__ == "__main__":
    show_figures(figure_arrival, of=compute())
