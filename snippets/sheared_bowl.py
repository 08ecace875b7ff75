"""What does the mean of an input do to the bowl around a minimum?

It shears it: along the bias by as much as the weight is wrong times the mean. A shear keeps areas, so the set of
parameters with a small loss stays as large, and becomes long and thin: with a mean of {{ means[10] | digits(1) }} the
largest curvature is {{ largest[10] | digits(2) }} and the smallest {{ smallest[10] | digits(2) }}.

    w, b   weight and bias of a linear neuron of one input with variance 1; errors of both, seen from the minimum
    R      radius of the ball in which SAM looks for the largest loss
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import (
    FIRST,
    MUTED,
    SECOND,
    Frames,
    draw_contours,
    ellipses,
    frame_axes,
    label_point,
    mark_optimum,
    new_figure,
    show_figures,
)
from lib.quadratics import hessian_with_bias

MEANS = tuple(round(float(m), 1) for m in np.arange(0, 3.1, 0.2))
RADIUS = 0.2


@dataclass(frozen=True)
class Result:
    means: tuple[float, ...]
    "Means of the input, whose variance is 1."
    largest: tuple[float, ...]
    "Largest curvature for each."
    smallest: tuple[float, ...]
    "Smallest curvature for each."
    areas: tuple[float, ...]
    "Area of the set of weights and biases with a loss of at most ½, for each."
    radius: float
    "Radius of a ball around the minimum."
    worst: tuple[float, ...]
    "Largest loss in that ball above the least, for each."


def compute() -> Result:
    values = np.array([np.linalg.eigvalsh(hessian_with_bias(np.array([mean]))) for mean in MEANS])
    return Result(
        means=MEANS,
        largest=tuple(values[:, 1]),
        smallest=tuple(values[:, 0]),
        areas=tuple(np.pi / np.sqrt(values.prod(axis=1))),
        radius=RADIUS,
        worst=tuple(RADIUS**2 * values[:, 1] / 2),
    )


def claim_area_stays(result: Result) -> None:
    """A mean of {{ means[10] | digits(1) }} raises the largest curvature from {{ largest[0] | digits(2) }} to
    {{ largest[10] | digits(2) }} and lowers the smallest to {{ smallest[10] | digits(2) }}; the area of the set with a
    loss of at most ½ is {{ areas[0] | digits(3) }} in both cases."""
    w, b = np.meshgrid(*[np.linspace(-4, 4, 1601)] * 2)  # counted on a grid
    for place in (0, 10):
        mean = MEANS[place]
        inside = (w**2 + (b + mean * w) ** 2) / 2 <= 0.5
        assert abs(inside.sum() * (8 / 1600) ** 2 - result.areas[place]) < 0.01
        trace, root = 2 + mean**2, np.sqrt((2 + mean**2) ** 2 - 4)
        np.testing.assert_allclose(
            [result.largest[place], result.smallest[place]], [(trace + root) / 2, (trace - root) / 2]
        )


def equation_bowl() -> Draws:
    r"""L = L_{\min} + \tfrac{1}{2}\,s^2 w^2 + \tfrac{1}{2}\,(b + \mu w)^2"""
    for rng in draws(5):
        x, noise = rng.normal(rng.uniform(-2, 2), 1, size=50), rng.normal(size=50)
        A = np.stack([x, np.ones(50)], axis=1)
        fit = np.linalg.lstsq(A, noise)[0]  # the minimum
        w, b = rng.normal(size=2)
        loss = [np.mean((A @ (fit + error) - noise) ** 2) / 2 for error in (np.zeros(2), np.array([w, b]))]
        yield {"L": loss[1], r"L_{\min}": loss[0], "s": x.std(), r"\mu": x.mean(), "w": w, "b": b}


def draw_bowls(result: Result) -> Figure:
    """The plane of both errors, with the circle of a centered input, an ellipse, and a ball."""
    figure = new_figure(360, 0.9)
    (axes,) = figure.axes
    draw_contours(axes, ellipses(np.eye(2), np.array([1.0, 0.0]), 1), edgecolor=FIRST, linewidth=1.5, label="centered")
    ball = ellipses(np.eye(2), np.array([RADIUS, 0.0]), 1)
    draw_contours(axes, ball, edgecolor=MUTED, linewidth=1, label="ball")
    mark_optimum(axes)
    label_point(axes, "centered", (0.71, 0.71), FIRST, dx=5, dy=5)
    axes.set(xlim=(-3.6, 3.6), ylim=(-3.4, 3.4), aspect="equal")
    frame_axes(axes, [-3, -1, 0, 1, 3], [-3, -1, 0, 1, 3], "error of the weight", "error of the bias")
    return figure


def explore_mean(result: Result, start: int = 10) -> Frames:
    """Weights and biases with a loss of at most ½, as a circle for a centered input and as an ellipse for one with a
    mean of {{ means[10] | digits(1) }}: as large, longer and thinner, and leaning to the left."""
    figure = draw_bowls(result)
    (axes,) = figure.axes
    outline = draw_contours(axes, ellipses(np.eye(2), np.array([1.0, 0.0]), 1), edgecolor=SECOND, linewidth=1.5)
    outline.set(gid="ellipse", label="with the mean")
    for i, mean in enumerate(MEANS):
        H = hessian_with_bias(np.array([mean]))
        outline.set_path(ellipses(H, np.array([0.0, 1.0]), 1))  # a wrong bias alone costs the same with any mean
        readouts = {
            "mean": f"{mean:.1f}",
            "largest curvature": f"{result.largest[i]:.2f}",
            "smallest": f"{result.smallest[i]:.3f}",
            "area": f"{result.areas[i]:.2f}",
            "worst loss in the ball": f"{result.worst[i]:.3f}",
        }
        times = result.worst[i] / result.worst[0]
        yield figure, readouts, f"In the small ball the loss rises to {times:.1f} times that of a centered input."


if __name__ == "__main__":
    show_figures(draw_bowls, of=compute())
