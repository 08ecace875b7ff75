r"""QUESTION

The answer in a sentence or two, with its number. Then what is computed, on what, and the letters that are used.

    κ   condition number: the largest curvature over the smallest
    γ   what a step of gradient descent leaves of the error
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.plots import FIRST, SECOND, THIRD, frame_axes, label_point, new_figure, show_figures

KAPPAS = (3.0, 9.0, 27.0)
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Result:
    kappas: tuple[float, ...]
    "Condition numbers."
    factors: tuple[float, ...]
    "What a step leaves of the error, for each."
    steps: tuple[int, ...]
    "Steps until a millionth of the error is left, for each."
    errors: tuple[np.ndarray, ...]
    "Share of the error that is left after each step, for each."


def descend(kappa: float, steps: int) -> np.ndarray:
    """Errors of gradient descent with the best constant step on curvatures 1 and kappa, shape (steps + 1, 2)."""
    curvatures, errors = np.array([1.0, kappa]), [np.ones(2)]
    for _ in range(steps):
        errors.append(errors[-1] - 2 / (kappa + 1) * curvatures * errors[-1])
    return np.array(errors)


def compute() -> Result:
    errors = [np.linalg.norm(descend(kappa, 300), axis=1) / np.sqrt(2) for kappa in KAPPAS]
    errors = [error[: 1 + np.argmax(error < TOLERANCE)] for error in errors]
    return Result(
        kappas=KAPPAS,
        factors=tuple(float(error[1]) for error in errors),
        steps=tuple(len(error) - 1 for error in errors),
        errors=tuple(errors),
    )


def claim_steps(result: Result) -> None:
    """A condition number of {{ kappas[2] | integer }} takes {{ steps[2] }} steps to a millionth of the error, and one
    of {{ kappas[0] | integer }} takes {{ steps[0] }}."""
    kappas = np.array(KAPPAS)  # a second route: the closed form
    closed = np.log(TOLERANCE) / np.log((kappas - 1) / (kappas + 1))
    np.testing.assert_array_equal(np.ceil(closed), result.steps)


def equation_factor():
    r"""\gamma = \frac{\kappa - 1}{\kappa + 1}"""
    for kappa in (1.5, 4.0, 30.0):
        start, after = descend(kappa, 1)
        yield {r"\gamma": np.linalg.norm(after) / np.linalg.norm(start), r"\kappa": kappa}


def equation_left():
    r"""\lVert e_t \rVert = \gamma^t \lVert e_0 \rVert"""
    for kappa, t in ((1.5, 3), (4.0, 8), (30.0, 20)):
        errors = descend(kappa, t)
        yield {"e_t": errors[t], "e_0": errors[0], r"\gamma": (kappa - 1) / (kappa + 1), "t": t}


def figure_errors(result: Result) -> Figure:
    """What is left of the error against steps, on a logarithmic axis, for condition numbers of
    {{ kappas | integer | list }}. Three straight lines; the largest condition number falls slowest, and reaches a
    millionth after {{ steps[2] }} steps."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    axes.set(yscale="log", xlim=(0, 1.25 * max(result.steps)), ylim=(TOLERANCE / 3, 1))
    for kappa, error, role in zip(result.kappas, result.errors, (FIRST, THIRD, SECOND)):
        axes.plot(error, color=role, label=f"κ = {kappa:g}")
        label_point(axes, f"κ = {kappa:g}", (len(error) - 1, error[-1]), role, dx=5, dy=4)
    frame_axes(axes, [0, *result.steps], {1e-6: "$10^{-6}$", 1e-3: "$10^{-3}$", 1: "1"}, "steps", "error left")
    return figure


if __name__ == "__main__":
    show_figures(figure_errors, of=compute())
