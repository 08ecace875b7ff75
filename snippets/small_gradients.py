"""Are small gradients good, and do they mean that a minimum is near?

Neither. A gradient is curvature times distance: with x = {{ flat.input | digits(1) }} it is
{{ flat.input | digits(1) }} at a distance of {{ flat.distance | integer }}, and at a saddle it is 0.
At initialization a small gradient means a slow start. What tells the distance is the gradient divided by the curvature.

    chain    f = w_5 w_4 w_3 w_2 w_1 x with x = y = 1, all weights equal to w
    house    {{ inputs }} inputs of mean 1 and variance 1, a linear neuron without a bias
    gain     what the initial weights of a net on the digits are multiplied by; 1 is a variance of one over the inputs
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.figure import Figure

from lib.data import digits, one_hot
from lib.network import Layer, init_layers, loss, loss_and_gradients, loss_gradients, sgd_step
from lib.numerics import Draws, draws
from lib.plots import FIRST, INK, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
DEPTH, INPUTS = 5, 100
STARTS = (0.1, 0.3, 0.5)  # of the chain
STEP = 1 / DEPTH  # of the chain: one over its curvature at the minimum
DONE, SADDLE_STEP = 0.9, 0.1
SADDLES = (1e-2, 1e-4, 1e-6)  # how small two equal weights start near a saddle
SIZES, EXAMPLES, RATE, GOAL = (64, 32, 32, 32, 10), 200, 0.4, 0.3
GAINS = (0.25, 0.5, 1.0, 2.0, 8.0)


@dataclass(frozen=True)
class Result:
    flat: dict
    "One weight with a small input: x, gradient at w = 0, distance to the minimum."
    steep: dict
    "One weight with a large input, near its minimum: the same."
    inputs: int
    "Inputs of the house example."
    near: float
    "House example: distance along the mean at which the gradient is as large as at distance 1 across it."
    first_step: dict
    "House example, a step of 1/λmax from a start of which 1/n lies along the mean: factors for gradient and distance."
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
    saddle_steps: tuple[int, ...]
    "Steps from w₁ = w₂ = ε until f = w₂w₁ passes ½, for each ε of `saddle_starts`."
    saddle_starts: tuple[float, ...]
    "How small these weights are."
    saddle_rate: float
    "The step size of those."
    gains: tuple[float, ...]
    "Gains of the initial weights of a net on the digits."
    net_gradients: tuple[float, ...]
    "Length of its gradient by all weights at the start, one for each gain."
    net_steps: tuple[int, ...]
    "Full-batch steps until its loss is below `goal`, one for each gain."
    rate: float
    "Its step size."
    goal: float
    "The loss at which its training ends."
    layers: int
    "Layers of weights in that net."
    examples: int
    "Digits that it is trained on."


def one_weight(x: float, w: float, y: float = 1.0) -> dict:
    """Gradient of ½(wx − y)² at w, and the distance to the minimum y/x."""
    return {"input": x, "gradient": (w * x - y) * x, "distance": abs(y / x - w)}


def chain_gradient(w: np.ndarray) -> np.ndarray:
    """Gradient of ½(Πw − 1)² by each weight, by back-propagation: what comes before times what comes after."""
    before = np.concatenate([[1.0], np.cumprod(w[:-1])])
    after = np.concatenate([np.cumprod(w[:0:-1])[::-1], [1.0]])
    return (np.prod(w) - 1) * before * after


def chain_steps(weights: np.ndarray, done: float, step: float = STEP) -> int:
    """Steps until the product of the weights passes `done`."""
    for t in range(100_000):
        if np.prod(weights) >= done:
            return t
        weights = weights - step * chain_gradient(weights)
    raise RuntimeError("it never arrives")


@cache
def some_digits() -> tuple[np.ndarray, np.ndarray]:
    """Centered pixels and one-hot labels of the first examples."""
    pixels, labels = digits()
    return pixels[:EXAMPLES] - pixels[:EXAMPLES].mean(axis=0), one_hot(labels[:EXAMPLES])


def weight_gradient(made: list[Layer]) -> float:
    """Length of the gradient by all weights; the biases are left out."""
    return np.sqrt(sum((by_weights**2).sum() for by_weights, _ in made))


def train(layers: list[Layer], most: int = 2000) -> tuple[float, int]:
    """Length of the first gradient, and full-batch steps until the loss is below .3."""
    x, targets = some_digits()
    first = weight_gradient(loss_gradients(layers, x, targets, "tanh"))
    for t in range(most):
        now, gradient = loss_and_gradients(layers, x, targets, "tanh")
        if now < GOAL:
            return first, t
        layers = sgd_step(layers, gradient, RATE)
    return first, most


def compute() -> Result:
    drawn = init_layers(SIZES, np.random.default_rng(SEED))
    runs = [train([(gain * w, b) for w, b in drawn]) for gain in GAINS]
    steep, flat = 1 + INPUTS, 1.0  # curvature along the mean and across it
    share = 1 / INPUTS  # of the squared error that lies along the mean
    w = np.linspace(0, 1, 201)
    slope = w ** (DEPTH - 1) * (1 - w**DEPTH)
    low, high = (DEPTH - 1) / (2 * DEPTH - 1), 1.0  # w⁵ at the steepest place, and at the minimum
    low = low ** (1 / DEPTH)
    steepest = low
    wanted = STARTS[0] ** (DEPTH - 1) * (1 - STARTS[0] ** DEPTH)
    for _ in range(60):  # bisection: from the steepest place on the slope falls
        middle = (low + high) / 2
        low, high = (middle, high) if middle ** (DEPTH - 1) * (1 - middle**DEPTH) > wanted else (low, middle)
    return Result(
        flat=one_weight(0.01, 0.0),
        steep=one_weight(10.0, 0.2),
        inputs=INPUTS,
        near=flat / steep,
        first_step={
            "gradient": np.sqrt(share * steep**2 + (1 - share) * flat**2) / (np.sqrt(1 - share) * (1 - flat / steep)),
            "distance": 1 - np.sqrt(1 - share) * (1 - flat / steep),
        },
        starts=STARTS,
        weights=DEPTH,
        saddle_starts=SADDLES,
        chain_gradients=tuple(abs(chain_gradient(np.full(DEPTH, start))[0]) for start in STARTS),
        step=STEP,
        done=DONE,
        chain_steps=tuple(chain_steps(np.full(DEPTH, start), DONE) for start in STARTS),
        twin=(STARTS[0], 1 - low),
        steepest=steepest,
        curve=slope,
        saddle_steps=tuple(chain_steps(np.full(2, start), 0.5, SADDLE_STEP) for start in SADDLES),
        saddle_rate=SADDLE_STEP,
        gains=GAINS,
        net_gradients=tuple(first for first, _ in runs),
        net_steps=tuple(steps for _, steps in runs),
        rate=RATE,
        goal=GOAL,
        layers=len(SIZES) - 1,
        examples=EXAMPLES,
    )


def claim_small_and_far(result: Result) -> None:
    """With $x = {{ flat.input | digits(1) }}$, $y = 1$ and $w = 0$ the gradient is {{ flat.gradient | digits(1) }},
    and the minimum is {{ flat.distance | integer }} away; with $x = {{ steep.input | integer }}$ and a weight only
    {{ steep.distance | digits(1) }} from its minimum the gradient is {{ steep.gradient | integer }}."""
    for row, w in ((result.flat, 0.0), (result.steep, 0.2)):
        slope = (0.5 * ((w + 1e-20j) * row["input"] - 1) ** 2).imag / 1e-20
        best = np.linalg.lstsq([[row["input"]]], [1.0], rcond=None)[0][0]
        assert abs(slope - row["gradient"]) < 1e-12 and abs(abs(best - w) - row["distance"]) < 1e-9
    assert abs(result.steep["gradient"]) > 100 * abs(result.flat["gradient"])


def claim_near_and_steep(result: Result) -> None:
    """With {{ inputs }} inputs of mean 1 and variance 1, a weight vector {{ near | digits(2) }} from the optimum
    along the mean has as large a gradient as one at distance 1 across it."""
    H = np.eye(INPUTS) + np.ones((INPUTS, INPUTS))
    along, across = np.ones(INPUTS) / np.sqrt(INPUTS), np.eye(INPUTS)[0] - np.eye(INPUTS)[1]
    sizes = [np.linalg.norm(H @ e) for e in (result.near * along, across / np.sqrt(2))]
    assert abs(sizes[0] / sizes[1] - 1) < 1e-12 and result.near < 0.01


def claim_gradient_falls_first(result: Result) -> None:
    r"""There, from a typical start, one step of size $1/\lambda_{\max}$ makes the gradient
    {{ first_step.gradient | digits(3) }} times smaller, and the distance shorter by
    {{ first_step.distance | percent(1) }}."""
    H = np.eye(INPUTS) + np.ones((INPUTS, INPUTS))
    along, across = np.ones(INPUTS) / np.sqrt(INPUTS), np.eye(INPUTS)[0] - np.eye(INPUTS)[1]
    e = np.sqrt(1 / INPUTS) * along + np.sqrt((1 - 1 / INPUTS) / 2) * across
    after = e - H @ e / np.linalg.norm(H, 2)
    assert abs(np.linalg.norm(H @ e) / np.linalg.norm(H @ after) / result.first_step["gradient"] - 1) < 1e-9
    assert abs(1 - np.linalg.norm(after) - result.first_step["distance"]) < 1e-9
    assert result.first_step["gradient"] > 5 and result.first_step["distance"] < 0.02


def claim_slow_start(result: Result) -> None:
    """Started at {{ starts | digits(1) | list }}, where the gradient by each weight is
    {{ chain_gradients | scientific(1) | list }}, the chain needs {{ chain_steps | integer | list }} steps: the
    smaller the first gradient, the longer the way."""
    for start, steps in zip(result.starts, result.chain_steps):
        w = np.linspace(start, result.done ** (1 / DEPTH), 200_001)  # time of the continuous descent dw/dt = w⁴(1 − w⁵)
        time = 1 / (w ** (DEPTH - 1) * (1 - w**DEPTH))
        integral = (time.sum() - (time[0] + time[-1]) / 2) * (w[1] - w[0])
        assert abs(steps * STEP / integral - 1) < 0.05 + 1.5 * STEP / integral
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


def claim_saddle(result: Result) -> None:
    r"""From zero descent never moves. From two equal weights of {{ saddle_starts | scientific(1) | list }} it gets
    away, and the output is half-way after {{ saddle_steps | integer | list }} steps of size
    {{ saddle_rate | digits(1) }}."""
    assert not chain_gradient(np.zeros(2)).any()
    more = np.diff(result.saddle_steps)  # near zero each step multiplies the weights by 1 + its size
    assert np.all(abs(more - np.log(100) / np.log1p(result.saddle_rate)) <= 1.5)


def claim_units(result: Result) -> None:
    r"""Measure the weight in other units, $w = cu$, and its gradient is $c$ times as large, its distance to the
    minimum $c$ times smaller; $\tfrac{1}{2}\,\nabla L^\top H^{-1} \nabla L$ stays what it is."""
    for rng in draws(5):
        w, c, root = rng.normal(size=3), rng.uniform(2, 9), rng.normal(size=(3, 3))

        def gradient(u, scale, root=root):
            nudges = 1e-20j * np.eye(3)
            return np.array([0.5 * (((scale * (u + d)) @ root) ** 2).sum().imag / 1e-20 for d in nudges])

        here, there = gradient(w, 1.0), gradient(w / c, c)
        np.testing.assert_allclose(there, c * here)
        curvatures = [scale**2 * root @ root.T for scale in (1.0, c)]
        decrements = [g @ np.linalg.solve(H, g) / 2 for g, H in zip((here, there), curvatures)]
        np.testing.assert_allclose(decrements, w @ root @ root.T @ w / 2, rtol=1e-6)


def claim_neither_small_nor_large(result: Result) -> None:
    """A gain of {{ gains[3] | integer }} is faster than {{ gains[0] | digits(2) }}, whose first gradient is the
    smallest, and than {{ gains[4] | integer }}, whose first gradient is the largest."""
    assert list(result.net_gradients) == sorted(result.net_gradients)
    small, _, one, two, large = result.net_steps
    assert small > 2 * one > 2 * two and large > two
    x, targets = some_digits()
    for gain, size, steps in zip(GAINS, result.net_gradients, result.net_steps):
        layers = [(gain * w, b) for w, b in init_layers(SIZES, np.random.default_rng(SEED))]
        by = [(w, 0 * b) for w, b in loss_gradients(layers, x, targets, "tanh")]
        h = 1e-4 / size  # the first gradient once more, by a difference of losses along itself
        rise = loss(sgd_step(layers, by, -h), x, targets, "tanh") - loss(sgd_step(layers, by, h), x, targets, "tanh")
        assert abs(rise / (2 * h) / size**2 - 1) < 1e-3
        if gain > 1:  # the few steps of these once more: the loss is there for the first time
            losses = [loss(layers, x, targets, "tanh")]
            for _ in range(steps):
                layers = sgd_step(layers, loss_gradients(layers, x, targets, "tanh"), result.rate)
                losses.append(loss(layers, x, targets, "tanh"))
            assert losses[-1] < result.goal <= min(losses[:-1])


def _bowls():
    """Random bowls, with the error drawn along the steepest direction, along the flattest, and anywhere."""
    for rng in draws(9):
        root = rng.normal(size=(4, 5))
        H, best = root @ root.T, rng.normal(size=4)
        low, vectors = np.linalg.eigh(H)
        e = (vectors[:, 0], 0.01 * vectors[:, -1], rng.normal(size=4))[rng.integers(3)]
        w = best + e
        nudges = 1e-20j * np.eye(4)
        slope = [0.5 * ((root.T @ (w + d - best)) ** 2).sum().imag / 1e-20 for d in nudges]
        yield {
            r"\nabla L": np.array(slope),
            "H": H,
            "w": w,
            r"w^\star": best,
            "e": e,
            r"\lambda_{\min}": low[0],
            r"\lambda_{\max}": low[-1],
            r"L_{\min}": 1e-3,
            "L": 1e-3 + ((root.T @ e) ** 2).sum() / 2,
        }


def equation_one_weight() -> Draws:
    r"""w^\star = \frac{y}{x}, \qquad \frac{\partial L}{\partial w} = x^2\,(w - w^\star)"""
    for rng in draws(9):
        x, y, w = rng.normal(size=3)
        yield {
            r"w^\star": np.linalg.lstsq([[x]], [y], rcond=None)[0][0],
            r"\frac{\partial L}{\partial w}": (0.5 * ((w + 1e-20j) * x - y) ** 2).imag / 1e-20,
            **{"x": x, "y": y, "w": w},
        }


def equation_bounds() -> Draws:
    r"""\lambda_{\min}\,\lVert e\rVert \le \lVert\nabla L\rVert \le \lambda_{\max}\,\lVert e\rVert"""
    yield from _bowls()


def equation_newton() -> Draws:
    r"""w^\star = w - H^{-1} \nabla L, \qquad L - L_{\min} = \tfrac{1}{2}\,\nabla L^\top H^{-1} \nabla L"""
    yield from _bowls()


def equation_chain() -> Draws:
    r"""\frac{\partial L}{\partial w_j} = -w^4\,(1 - w^5)"""
    for w in np.random.default_rng(0).uniform(0.3, 1.4, 9):
        weights = np.full(DEPTH, w, dtype=complex)
        weights[2] += 1e-20j
        yield {r"\frac{\partial L}{\partial w_j}": (0.5 * (np.prod(weights) - 1) ** 2).imag / 1e-20, "w": w}


def equation_saddle() -> Draws:
    r"""\nabla L = \begin{pmatrix} 0 \\ 0 \end{pmatrix}, \qquad H = \begin{pmatrix} 0 & -xy \\ -xy & 0 \end{pmatrix}"""
    for rng in draws(9):
        x, y = rng.normal(size=2)

        def gradient(w, x=x, y=y):
            error = w[0] * w[1] * x - y
            return np.array([error * w[1] * x, error * w[0] * x])

        H = np.array([gradient(1e-20j * d).imag / 1e-20 for d in np.eye(2)])
        yield {r"\nabla L": gradient(np.zeros(2)), "H": H, "x": x, "y": y}


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


def figure_gains(result: Result) -> Figure:
    """Steps to a loss of {{ goal | digits(1) }} against the length of the first gradient, both logarithmic, one dot
    for each gain of the initial weights. From the left the steps fall, from {{ net_steps[0] | integer }} at a gain
    of {{ gains[0] | digits(2) }} to {{ net_steps[3] | integer }} at {{ gains[3] | integer }}, and rise again to
    {{ net_steps[4] | integer }} at {{ gains[4] | integer }}."""
    figure = new_figure(360, 0.72)
    (axes,) = figure.axes
    axes.plot(result.net_gradients, result.net_steps, "o-", color=FIRST, linewidth=1, label="tanh net on digits")
    for gain, size, steps in zip(result.gains, result.net_gradients, result.net_steps):
        place = {"dx": 0, "dy": -13, "ha": "center"} if gain == 2 else {"dx": 8, "dy": 6}
        label_point(axes, f"gain {gain:g}", (size, steps), INK, **place)
    axes.set(xscale="log", yscale="log", ylim=(4, 400))
    axes.set_xlim(result.net_gradients[0] / 2.5, result.net_gradients[-1] * 6)
    powers = {10.0**-k: f"$\\mathdefault{{10^{{-{k}}}}}$" if k else "1" for k in (0, 1, 2, 3)}
    powers = {p: word for p, word in powers.items() if p > result.net_gradients[0] / 2.5}
    frame_axes(axes, powers, [10, 100], "length of the first gradient", f"steps to a loss of {GOAL}")
    return figure


if __name__ == "__main__":
    show_figures(figure_chain, figure_gains, of=compute())
