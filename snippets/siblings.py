"""Do the other neurons of a layer matter to the zig-zag of one?

Hardly: what zig-zags is each neuron's own row of weights, on the one bowl H = E[aaᵀ] that all rows share. Behind a
softmax the siblings' scores weigh the examples.

    a       inputs of the layer; f = W a, a row of W a neuron
    C       ∂²L/∂f∂fᵀ, how the loss couples the neurons
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import sigmoid
from lib.gaussian import moments
from lib.network import softmax
from lib.numerics import Draws, draws
from lib.plots import SECOND, draw_plane, frame_axes, label_panel, new_figure, show_figures
from lib.quadratics import START, best_step, descend, hessian, kappa_without_bias, sign_changes

SEED = 0
MEAN = 2.0
STARTS = (START, np.array([0.5, -np.sqrt(0.75)]))  # of length 1, on opposite sides of the valley
SPREAD = (0.0, 1.0, 2.0, 4.0)  # standard deviations of a sibling's score
SIBLING = np.array([1.0, -1.0] * 4) / np.sqrt(8)  # how a sibling weighs eight inputs


@dataclass(frozen=True)
class Result:
    kappa: float
    "Condition number of the bowl on which each row of the drawn example descends."
    steps: tuple[int, ...]
    "Steps of either neuron until its error is a millionth of the first, at the best constant step."
    crossings: tuple[int, ...]
    "How often each neuron's error along the mean changed sign on the way."
    opposite: int
    "Steps in which the two neurons moved opposite ways along the mean."
    paths: tuple[np.ndarray, ...]
    "Errors visited by each neuron, shape (steps + 1, 2)."
    linear_kappa: float
    "Condition number of one neuron's block for a few sigmoid inputs and a linear output."
    spread: tuple[float, ...]
    "Standard deviation of a sibling's score under softmax."
    sibling_kappa: tuple[float, ...]
    "Condition number of the neuron's own block at each of those."
    cosine: tuple[float, ...]
    "Cosine between the steepest direction of that block and the mean of the inputs."


def sibling_hessian(spread: float) -> np.ndarray:
    """E[p(1 − p) aaᵀ] of the first of three softmax neurons, its weights zero, over all 2⁸ inputs of two values that
    have the sigmoid's mean and variance; the second neuron's score has the standard deviation `spread`, the third's is
    zero."""
    mean, variance = moments(sigmoid)
    corners = np.array(list(product((1, -1), repeat=8)))
    p = softmax(np.stack([np.zeros(256), spread * corners @ SIBLING, np.zeros(256)], axis=1))[:, 0]
    a = mean + np.sqrt(variance) * corners
    return (a * (p * (1 - p))[:, None]).T @ a / 256


def compute() -> Result:
    H = hessian(np.full(2, MEAN))
    paths = [descend(H, best_step(H), start) for start in STARTS]
    along = np.array([path @ np.ones(2) for path in paths])
    steps = np.diff(along, axis=1)
    blocks = [np.linalg.eigh(sibling_hessian(std)) for std in SPREAD]
    return Result(
        kappa=np.linalg.cond(H),
        steps=tuple(len(path) - 1 for path in paths),
        crossings=tuple(map(sign_changes, along)),
        opposite=int((steps[0] * steps[1] < 0).sum()),
        paths=tuple(paths),
        linear_kappa=kappa_without_bias(*moments(sigmoid), 8),
        spread=SPREAD,
        sibling_kappa=tuple(values[-1] / values[0] for values, _ in blocks),
        cosine=tuple(abs(vectors[:, -1].sum()) / np.sqrt(8) for _, vectors in blocks),
    )


def claim_every_row_zigzags(result: Result) -> None:
    """The two neurons move opposite ways along the mean in all {{ opposite }} steps, a perfect mix of signs; and
    the error of each changes sign along the mean at every one of its {{ steps[0] }} steps."""
    rate = (result.kappa - 1) / (result.kappa + 1)
    assert (
        set(result.steps) == set(result.crossings) == {result.opposite} == {int(np.ceil(np.log(1e-6) / np.log(rate)))}
    )


def claim_siblings_are_not_felt(result: Result) -> None:
    """With linear outputs and squared error a neuron’s path is the same, to rounding, whatever
    its siblings’ weights and targets are."""
    rng = np.random.default_rng(SEED)
    a, target, start, alone = rng.uniform(0, 1, (30, 4)), rng.normal(size=30), rng.normal(size=4), None
    for _ in range(5):
        W, y = np.vstack([start, rng.normal(size=(3, 4)) * 10]), np.column_stack([target, rng.normal(size=(30, 3))])
        for _ in range(50):
            W = W - 0.3 * (a @ W.T - y).T @ a / 30
        alone = W[0] if alone is None else alone
        np.testing.assert_allclose(W[0], alone, rtol=1e-9, atol=1e-12)


def claim_softmax_siblings_are_felt(result: Result) -> None:
    """Under softmax siblings matter: as a sibling’s score spreads with standard deviation
    {{ spread | integer | list }}, the condition number of a neuron’s own block goes through
    {{ sibling_kappa | digits | list }}. Its steepest direction stays along the mean of the inputs, at a cosine of
    {{ cosine[3] | digits(4) }} or more."""
    assert abs(result.sibling_kappa[0] / result.linear_kappa - 1) < 1e-9  # silent siblings only scale the bowl
    assert np.all(np.diff(result.sibling_kappa) > 0) and min(result.cosine) == result.cosine[3] > 0.99
    top = np.linalg.svd(sibling_hessian(SPREAD[3]))[0][:, 0]
    assert abs(abs(top.mean()) / np.sqrt(np.mean(top**2)) - result.cosine[3]) < 1e-9
    f, step = 2.0 * np.array(list(product((1, -1), repeat=8))) @ SIBLING, 1e-3
    mean, variance = moments(sigmoid)
    a, block = mean + np.sqrt(variance) * np.array(list(product((1, -1), repeat=8))), sibling_hessian(2.0)
    for w in np.eye(8)[:3] + 0.5:
        loss = [np.mean(np.log(np.exp(t * step * a @ w) + np.exp(f) + 1)) for t in (-1, 0, 1)]  # less a linear term
        assert abs((loss[0] - 2 * loss[1] + loss[2]) / step**2 / (w @ block @ w) - 1) < 1e-3
    for spread, kappa in zip(SPREAD, result.sibling_kappa):
        assert abs(np.linalg.cond(sibling_hessian(spread)) / kappa - 1) < 1e-9


def equation_blocks() -> Draws:
    r"""\nabla^2 L = I_q \otimes H"""
    for rng in draws(8):
        a, y = rng.uniform(0, 1, (20, 3)), rng.normal(size=(20, 2))
        weights = np.vstack([np.zeros(6), np.eye(6)]).reshape(7, 2, 3)
        slopes = [((a @ W.T - y).T @ a / 20).ravel() for W in weights]  # row by row, neuron by neuron
        curvature = np.array(slopes[1:]) - slopes[0]
        H = sum(np.outer(one, one) for one in a) / 20
        yield {r"\nabla^2 L": curvature, "I_q": np.eye(2), "H": H}


def equation_coupled() -> Draws:
    r"""\nabla^2 L = \frac{1}{B} \sum_{i=1}^{B} C_i \otimes (a_i a_i^\top)"""
    for rng in draws(5):
        a, W = rng.uniform(0, 1, (5, 2)), rng.normal(size=(3, 2))
        powers = [np.exp(a @ (W + nudge).T) for nudge in 1e-20j * np.eye(6).reshape(6, 3, 2)]  # complex step
        slopes = [(one / one.sum(axis=1, keepdims=True)).T @ a / 5 for one in powers]  # the targets are constants
        curvature = np.array([slope.imag.ravel() / 1e-20 for slope in slopes])
        p = softmax(a @ W.T)
        yield {
            r"\nabla^2 L": curvature,
            "B": 5,
            "C_i": lambda i, p=p: np.diag(p[int(i) - 1]) - np.outer(p[int(i) - 1], p[int(i) - 1]),
            "a_i": lambda i, a=a: a[int(i) - 1],
        }


def equation_weighted_mean() -> Draws:
    r"""\mathbb{E}[c\, a a^\top] = \mathbb{E}[c]\,(\Sigma_c + \mu_c \mu_c^\top)"""
    for rng in draws(10):
        a, c = rng.uniform(0, 1, (30, 4)), rng.uniform(0.1, 2, 30)
        spread = np.cov(a.T, aweights=c, bias=True)
        mean = np.average(a, axis=0, weights=c)
        block = (a * c[:, None]).T @ a / 30
        yield {
            r"\mathbb{E}[c a a^\top]": block,
            r"\mathbb{E}[c]": c.mean(),
            r"\Sigma_c": spread,
            r"\mu_c": mean,
        }


def figure_rows(result: Result) -> Figure:
    """Two maps of the loss, one for each of two neurons that share their inputs. The same narrow valley in both,
    and in both a path that leaps from wall to wall; whenever the one goes up along the mean, the other goes
    down. Each takes {{ steps[0] }} steps."""
    figure = new_figure(320, 1, panels=2)
    H = hessian(np.full(2, MEAN))
    names = (("weight 1", "weight 2"), ("weight 3", "weight 4"))
    for number, (axes, path, (first, second)) in enumerate(zip(figure.axes, result.paths, names), 1):
        draw_plane(axes, H, path[:40], SECOND, label=f"neuron {number}")
        label_panel(axes, f"neuron {number}\n{result.steps[number - 1]} steps", SECOND)
        axes.set(xlim=(-1.15, 1.15), ylim=(-1.15, 1.15))
        frame_axes(axes, [-1, 0, 1], [-1, 0, 1], f"error in {first}", f"error in {second}")
    return figure


if __name__ == "__main__":
    show_figures(figure_rows, of=compute())
