"""Is a small gradient good at initialization?

It means a slow start: a chain of {{ weights }} weights of {{ starts[0] | digits(1) }} has gradients of
{{ chain_gradients[0] | scientific(1) }}, and takes {{ chain_steps[0] | integer }} steps.

    chain    f = w_5 w_4 w_3 w_2 w_1 x with x = y = 1, all weights equal to w
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, complex_step, find_root
from lib.plots import FIRST, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import Numbers

DEPTH, DONE = 5, 0.9
STARTS = (0.1, 0.3, 0.5)  # of the chain
STEP = 1 / DEPTH  # of the chain: one over its curvature at the minimum


@dataclass(frozen=True)
class Result:
    starts: tuple[float, ...]
    "Where the weights of the chain start; the minimum is at 1."
    weights: int
    "Weights of the chain."
    chain_gradients: tuple[float, ...]
    "Size of the chain's gradient by each weight there."
    step: float
    "The chain's step size: one over its curvature at the minimum."
    done: float
    "The output at which a run of the chain ends; the target is 1."
    chain_steps: tuple[int, ...]
    "Steps of descent until the chain's output passes `done`."
    twin: tuple[float, float]
    "Two places on the chain's diagonal with the same gradient: the first start, and the other one, as 1 − w."
    steepest: float
    "Where on the diagonal, from 0 to 1, the chain's gradient is largest."
    curve: np.ndarray
    "Slope of the chain's loss by each weight along the diagonal, w from 0 to 1, shape (201,)."


def chain_gradient(w: np.ndarray) -> np.ndarray:
    """Gradient of ½(Πw − 1)² by each weight, by back-propagation: what comes before times what comes after."""
    before = np.concatenate([[1.0], np.cumprod(w[:-1])])
    after = np.concatenate([np.cumprod(w[:0:-1])[::-1], [1.0]])
    return (np.prod(w) - 1) * before * after


def count_steps(start: float) -> int:
    """Steps from equal weights until their product passes `DONE`."""
    weights, steps = np.full(DEPTH, start), 0
    while np.prod(weights) < DONE:
        weights, steps = weights - STEP * chain_gradient(weights), steps + 1
    return steps


def gradient_on_diagonal(w: Numbers) -> Numbers:
    """Size of the gradient by each weight where all are equal to w, between 0 and 1."""
    return w ** (DEPTH - 1) * (1 - w**DEPTH)


def compute() -> Result:
    steepest = ((DEPTH - 1) / (2 * DEPTH - 1)) ** (1 / DEPTH)
    first = gradient_on_diagonal(STARTS[0])
    return Result(
        starts=STARTS,
        weights=DEPTH,
        chain_gradients=tuple(abs(chain_gradient(np.full(DEPTH, start))[0]) for start in STARTS),
        step=STEP,
        done=DONE,
        chain_steps=tuple(map(count_steps, STARTS)),
        twin=(STARTS[0], 1 - find_root(lambda w: gradient_on_diagonal(w) - first, steepest, 1.0)),
        steepest=steepest,
        curve=gradient_on_diagonal(np.linspace(0, 1, 201)),
    )


def claim_slow_start(result: Result) -> None:
    """Started at {{ starts | digits(1) | list }}, where the gradient by each weight is
    {{ chain_gradients | scientific(1) | list }}, the chain needs {{ chain_steps | integer | list }} steps: the
    smaller the first gradient, the longer the way."""
    for start, steps in zip(result.starts, result.chain_steps):
        w = np.linspace(start, result.done ** (1 / DEPTH), 200_001)  # time of the continuous descent dw/dt = w⁴(1 − w⁵)
        time = 1 / (w ** (DEPTH - 1) * (1 - w**DEPTH))
        integral = (time.sum() - (time[0] + time[-1]) / 2) * (w[1] - w[0])
        assert abs(steps - integral / STEP) < 5
    assert list(result.chain_steps) == sorted(result.chain_steps, reverse=True)
    sizes = [start**4 * (1 - start**5) for start in result.starts]
    np.testing.assert_allclose(result.chain_gradients, sizes, rtol=1e-9)
    assert sizes == sorted(sizes) and abs(result.step * DEPTH - 1) < 1e-12


def claim_same_gradient_twice(result: Result) -> None:
    """The gradient is the same at $w = {{ twin[0] | digits(1) }}$ and {{ twin[1] | scientific(1) }} short of the
    minimum."""
    far, close = np.full(DEPTH, result.twin[0]), np.full(DEPTH, 1 - result.twin[1])
    np.testing.assert_allclose(chain_gradient(far), chain_gradient(close), rtol=1e-6)
    assert 1 - result.twin[0] > 1000 * result.twin[1]
    w = np.linspace(0, 1, len(result.curve))
    np.testing.assert_allclose(result.curve, [-chain_gradient(np.full(DEPTH, v))[0] for v in w], atol=1e-12)
    peak = np.argmax(result.curve) / (len(result.curve) - 1)
    assert abs(peak - result.steepest) < 0.005


def equation_chain() -> Draws:
    r"""\frac{\partial L}{\partial w_j} = -w^4\,(1 - w^5)"""
    for w in np.random.default_rng(0).uniform(0.3, 1.4, 9):
        gradient = complex_step(lambda w: 0.5 * (np.prod(w) - 1) ** 2, np.full(DEPTH, w))
        yield {r"\frac{\partial L}{\partial w_j}": gradient[2], "w": w}


def figure_chain(result: Result) -> Figure:
    """Size of the gradient against w, from 0 to the minimum at 1. It is zero at both ends and largest near
    {{ steepest | digits(2) }}. At w = {{ twin[0] | digits(1) }}, far from the minimum, it is
    {{ chain_gradients[0] | scientific(1) }}, too small to be told from zero."""
    figure = new_figure(360, 0.72)
    (axes,) = figure.axes
    w = np.linspace(0, 1, len(result.curve))
    axes.plot(w, result.curve, color=SECOND, label="gradient by each weight")
    for start, size, steps in zip(result.starts, result.chain_gradients, result.chain_steps):
        axes.plot(start, size, "o", color=SECOND, markersize=6, label=f"start {start:g}")
        place = {"dx": -5, "dy": 9} if start == STARTS[-1] else {"dx": 0, "dy": 13, "ha": "center"}
        label_point(axes, f"{steps:,}{' steps' * (start == STARTS[0])}", (start, size), SECOND, **place)
    axes.plot(1, 0, "o", color=FIRST, markersize=6, label="minimum")
    label_point(axes, "minimum", (1, 0), FIRST, dx=9)
    axes.set(xlim=(-0.05, 1.25), ylim=(-0.02, 0.33))
    frame_axes(axes, [0, *result.starts, 1], [0, 0.1, 0.2, 0.3], "all weights", "size of the gradient")
    return figure


if __name__ == "__main__":
    show_figures(figure_chain, of=compute())
