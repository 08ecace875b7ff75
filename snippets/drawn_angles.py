"""Why do the steps of a drawing often not stand on the contours at right angles?

Because its axes have two scales, or because the contours are not those of the batch. One and the same step leaves a
contour at {{ angles[0] | integer }} degrees and, with one axis stretched, at {{ angles[1] | integer }}.

    stretch  of the vertical axis in the second of the drawn planes
    tilt     angle between a batch's gradient and the normal of the full loss's contour
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import (
    FIRST,
    GRID,
    SECOND,
    frame_axes,
    label_panel,
    label_point,
    mark_optimum,
    mark_start,
    new_figure,
    show_figures,
)
from lib.quadratics import START, hessian

SEED = 0
STEEP, DRAWN = np.diag([1.0, 4.0]), np.array([1.6, 0.6])  # the bowl and the point of the drawn step
STRETCH = 2.0
BATCHES, DRAWS = (1, 16, 256), 1500


@dataclass(frozen=True)
class Result:
    curvature: float
    "Condition number of the bowl."
    angles: tuple[float, float]
    "Angle in degrees between a step and the contour it starts from, as drawn: equal scales, and a stretched axis."
    batches: tuple[int, ...]
    "Examples in a batch."
    tilt: tuple[float, ...]
    "Angle in degrees between the gradient of such a batch and the normal of the full loss's contour: median."


def drawn_angle(gradient: np.ndarray, stretch: float) -> float:
    """Angle in degrees between a step along the gradient and the contour, as drawn with a stretched vertical axis."""
    step, contour = np.array([gradient, [-gradient[1], gradient[0]]]) * [1, stretch]
    return float(np.degrees(np.arccos(step @ contour / np.linalg.norm(step) / np.linalg.norm(contour))))


def batch_angles(batch: int, rng: np.random.Generator) -> np.ndarray:
    """Angles in degrees between batch gradients at `START` and the gradient of the full loss, noisy targets."""
    x, noise = rng.normal(2, 1, (DRAWS, batch, 2)), rng.normal(size=(DRAWS, batch))
    gradients = np.einsum("db,dbi->di", x @ START - noise, x)
    full = hessian(np.full(2, 2.0)) @ START
    cosines = np.abs(gradients @ full) / np.linalg.norm(gradients, axis=1) / np.linalg.norm(full)
    return np.degrees(np.arccos(np.minimum(cosines, 1)))


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    return Result(
        curvature=np.linalg.cond(STEEP),
        angles=tuple(drawn_angle(STEEP @ DRAWN, stretch) for stretch in (1, STRETCH)),
        batches=BATCHES,
        tilt=tuple(np.median(batch_angles(batch, rng)) for batch in BATCHES),
    )


def claim_stretched_axes(result: Result) -> None:
    """One and the same step starts at {{ angles[0] | integer }} degrees to the contour where both axes have one scale,
    and at {{ angles[1] | integer }} degrees where the vertical axis is stretched twice."""
    turn = np.linspace(0, 2 * np.pi, 200_001)  # the contour as a curve, and its tangent at the point by differences
    level = DRAWN @ STEEP @ DRAWN
    curve = np.stack([np.cos(turn), np.sin(turn) / 2]) * np.sqrt(level)
    at = np.argmin(np.linalg.norm(curve - DRAWN[:, None], axis=0))
    for stretch, angle in zip((1, STRETCH), result.angles):
        tangent = (curve[:, at + 1] - curve[:, at - 1]) * [1, stretch]
        step = -(STEEP @ DRAWN) * [1, stretch]
        found = np.degrees(np.arccos(abs(tangent @ step) / np.linalg.norm(tangent) / np.linalg.norm(step)))
        assert abs(found - min(angle, 180 - angle)) < 0.01
    assert STRETCH == 2


def claim_batches_have_other_contours(result: Result) -> None:
    """Gradients of batches of {{ batches | integer | list }} are off the normal of the full loss's contour by
    {{ tilt | digits(2) | list }} degrees (median): they are perpendicular to contours of their own."""
    assert np.all(np.diff(result.tilt) < 0) and result.tilt[0] > 5 > result.tilt[-1]
    rng = np.random.default_rng(SEED + 4)
    x, noise = rng.normal(2, 1, (16, 2)), rng.normal(size=16)
    gradient = (x @ START - noise) @ x
    tangent = np.array([-gradient[1], gradient[0]]) * 1e-5  # along it the loss of the batch does not change
    change = [np.sum((x @ (START + part * tangent) - noise) ** 2) for part in (1, -1)]
    assert abs(change[0] - change[1]) < 1e-9 * sum(change)
    assert 14 < result.tilt[0] < 19 and 3.7 < result.tilt[1] < 5.1 and 0.86 < result.tilt[2] < 1.3


def equation_drawn() -> Draws:
    r"""\cos\psi = \frac{(c^2 - 1)\,g_1 g_2}{\sqrt{g_1^2 + c^2 g_2^2}\,\sqrt{g_2^2 + c^2 g_1^2}}"""
    for rng in draws(20):
        A = rng.normal(size=(2, 2))
        H, e, c = A @ A.T + np.eye(2), rng.normal(size=2), rng.uniform(1.5, 4)
        level, spin = np.linalg.cholesky(H), np.array([[0, -1], [1, 0]])
        tangent = np.linalg.solve(level.T, spin @ (level.T @ e))  # of the contour: a circle, rotated, mapped back
        tangent *= np.sign(tangent @ (spin @ (H @ e)))
        drawn, step = tangent * [1, c], (H @ e) * [1, c]
        angle = np.arccos(drawn @ step / np.linalg.norm(drawn) / np.linalg.norm(step))
        yield {r"\psi": angle, "c": c, "g_1": (H @ e)[0], "g_2": (H @ e)[1]}


def figure_drawn(result: Result) -> Figure:
    """The same elliptic contours and the same step, drawn twice. Left, with one scale on both axes, the step leaves the
    contour at {{ angles[0] | integer }} degrees. Right, with the vertical axis stretched twice, at
    {{ angles[1] | integer }} degrees."""
    figure = new_figure(320, 1, panels=2)
    turn = np.linspace(0, 2 * np.pi, 200)
    circle = np.sqrt(DRAWN @ STEEP @ DRAWN) * np.stack([np.cos(turn), np.sin(turn) / 2])
    step = np.array([DRAWN, DRAWN - 0.2 * STEEP @ DRAWN])
    words = ("one scale", "vertical axis stretched")
    for axes, stretch, role, text, angle in zip(figure.axes, (1, STRETCH), (FIRST, SECOND), words, result.angles):
        for level in (1, 0.6, 0.3):
            axes.plot(*level * circle, color=GRID, linewidth=1, label="contour")
        axes.plot(*step.T, color=role, label="step")
        mark_start(axes, DRAWN, role, markersize=5)
        mark_optimum(axes)
        label_point(axes, f"{min(angle, 180 - angle):.0f}°", DRAWN, role, dx=6, dy=8)
        label_panel(axes, text, role, 0.03, 0.99, ha="left")
        high = 2.6 / stretch
        axes.set(xlim=(-2.3, 2.9), ylim=(-high, high), aspect=stretch)
        frame_axes(axes, [-2, 0, 2], [-0.5, 0, 0.5] if stretch > 1 else [-2, 0, 2], "weight 1", "weight 2")
    return figure


if __name__ == "__main__":
    show_figures(figure_drawn, of=compute())
