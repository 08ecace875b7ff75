"""How much of what a gradient promises does a step keep?

To first order a step of size η takes η‖g‖² off the loss. In a bowl the share that is kept lies between 1 − ηλmax/2 and
1 − ηλmin/2, never above one; it is ½ for the step that a line search would take, and below zero where the loss rises.
Bowls cannot be flat first and fall later either, but with momentum they seem to.

    g   gradient, here of the loss over all examples
    H   Hessian of a bowl
    η   step size
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from lib.activation_functions import DERIVATIVES, FUNCTIONS
from lib.data import digits, one_hot
from lib.network import backpropagate, init_layers, loss, loss_and_gradients, sgd_step
from lib.numerics import draws
from lib.optimizers import momentum
from lib.plots import GRID, SECOND, dots, draw_dots, frame_axes, new_figure
from lib.quadratics import best_step, line_search

SEED = 0
IMAGES, UNITS, STEPS = 200, 32, 60
SIZES = (0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.2, 1.5, 2.0, 3.0, 5.0, 10.0)
TINY, BETA, MOMENTUM_STEP, LARGE = 1e-6, 0.9, 0.01, 20.0
FIRST = 5  # steps that count as the first


@dataclass(frozen=True)
class Result:
    images: int
    "Digits, all in every step."
    units: int
    "Hidden units."
    searched: float
    "Share that each step of an exact line search keeps."
    wrong: float
    "Share that a tiny step keeps if back-propagation leaves out the derivative of the activation function."
    right: float
    "The same with the right gradient."
    large: tuple[float, float, float]
    "A large step on centered pixels: its size, the mean share that the first steps keep, loss after `steps`."
    first: int
    "How many are the first steps."
    steps: int
    "Steps of that run and of those of the explorer."
    baseline: dict[str, float]
    "Entropy, in nats, of two equally frequent classes, of as many as there are digits, and of three of which one is as"
    " frequent as both others."
    beta: float
    "Momentum of a run on a bowl."
    fastest: int
    "Step of that run, from rest, in which the loss falls most; without momentum it is the first."


def measure_kept(before: float, after: float, step: float, gradients: list) -> float:
    """Return what a step took off the loss, over what its gradient promised."""
    return (before - after) / (step * sum((part**2).sum() for layer in gradients for part in layer))


def init_problem(gain: float = 1.0) -> tuple[list, np.ndarray, np.ndarray]:
    """Return a net, pixels in [0, 1], shape (IMAGES, 64), and one-hot labels."""
    pixels, labels = digits()
    chosen = np.random.default_rng(SEED).permutation(len(labels))[:IMAGES]
    layers = init_layers((64, UNITS, 10), np.random.default_rng([SEED, 1]), gain)
    return layers, pixels[chosen], one_hot(labels[chosen])


def train(name: str, gain: float, size: float, centered: bool = False) -> tuple[list[float], list[float]]:
    """Return losses of full-batch descent, and the share that each step keeps."""
    (layers, x, y), losses, kept = init_problem(gain), [], []
    x = x - centered * x.mean(axis=0)
    for _ in range(STEPS + 1):
        now, gradients = loss_and_gradients(layers, x, y, name)
        layers = sgd_step(layers, gradients, size)
        losses.append(now)
        kept.append(measure_kept(now, loss(layers, x, y, name), size, gradients))
    return losses, kept


def keep_tiny(derivative: Callable) -> float:
    """Return the share that a tiny step keeps, with a derivative of tanh that may be wrong."""
    layers, x, y = init_problem()
    before, gradients = backpropagate(layers, x, y, FUNCTIONS["tanh"], derivative)
    return measure_kept(before, loss(sgd_step(layers, gradients, TINY), x, y), TINY, gradients)


def fall_with_momentum() -> np.ndarray:
    """Return the losses of a run with momentum from rest, on curvatures of 1 and a tenth."""
    curvatures = np.array([1.0, 0.1])
    run = momentum(lambda error: curvatures * error, np.ones(2), MOMENTUM_STEP, BETA)
    return np.array([np.sum(curvatures * next(run) ** 2) / 2 for _ in range(100)])


def compute() -> Result:
    H = np.diag([1.0, 9.0])
    path = line_search(H, np.array([9.0, 1.0]), 1e-3)
    gradients, losses = path @ H, np.sum((path @ H) * path, axis=1) / 2
    steps = np.sum(gradients**2, axis=1) / np.sum((gradients @ H) * gradients, axis=1)
    kept = -np.diff(losses) / (steps * np.sum(gradients**2, axis=1))[:-1]
    losses, shares = train("tanh", 1.0, LARGE, centered=True)
    return Result(
        images=IMAGES,
        units=UNITS,
        searched=float(np.median(kept)),
        wrong=keep_tiny(lambda z: 1 + 0 * z),
        right=keep_tiny(DERIVATIVES["tanh"]),
        large=(LARGE, float(np.mean(shares[:FIRST])), losses[-1]),
        first=FIRST,
        steps=STEPS,
        baseline={
            name: float(-np.sum(np.array(shares) * np.log(shares)))
            for name, shares in (("two", [1 / 2] * 2), ("ten", [1 / 10] * 10), ("three", [1 / 2, 1 / 4, 1 / 4]))
        },
        beta=BETA,
        fastest=int(np.argmax(-np.diff(fall_with_momentum()))) + 1,
    )


def claim_half_is_a_line_search(result: Result) -> None:
    """Each step of an exact line search keeps {{ searched | digits(1) }} of what its gradient promised, in any bowl."""
    assert abs(result.searched - 0.5) < 1e-9
    for rng in draws(12):
        a, g = rng.normal(size=(4, 4)), rng.normal(size=4)
        H = a @ a.T
        error, step = np.linalg.solve(H, g), g @ g / (g @ H @ g)
        moved = error - step * g
        assert abs((error @ H @ error - moved @ H @ moved) / 2 / (step * g @ g) - 0.5) < 1e-9


def claim_a_wrong_gradient_does_not_keep_all(result: Result) -> None:
    """At a tiny step the right gradient keeps {{ right | digits(4) }} of its promise; if back-propagation leaves out
    the derivative of tanh, {{ wrong | digits(3) }}, and no smaller step makes it 1."""
    layers, x, y = init_problem()
    right, wrong = (backpropagate(layers, x, y, np.tanh, d)[1] for d in (DERIVATIVES["tanh"], lambda z: 1 + 0 * z))
    inner, length = (
        sum((a * b).sum() for one, two in zip(other, wrong) for a, b in zip(one, two)) for other in (right, wrong)
    )
    assert abs(result.right - 1) < 1e-4 and abs(result.wrong - inner / length) < 1e-4
    assert abs(result.wrong - 1) > 0.005


def claim_momentum_falls_later(result: Result) -> None:
    """With a momentum of {{ beta | digits(1) }}, from rest, the loss of a bowl falls most in step {{ fastest }}; under
    plain descent, in the first."""
    losses = fall_with_momentum()
    velocity, error, other = np.zeros(2), np.ones(2), []
    for _ in range(100):
        other.append(error @ (np.array([1.0, 0.1]) * error) / 2)
        velocity = BETA * velocity - MOMENTUM_STEP * np.array([1.0, 0.1]) * error
        error = error + velocity
    np.testing.assert_allclose(losses, other, atol=1e-12)
    assert result.fastest == 1 + np.argmax(-np.diff(other)) > 1


def claim_a_low_share_is_no_verdict(result: Result) -> None:
    """A tanh net on centered digits keeps {{ large[1] | digits(1) }} of its promise over the first {{ first }} steps of
    {{ large[0] | integer }}, and comes to a loss of {{ large[2] | digits(1) }} after {{ steps }} all the same."""
    size, kept, last = result.large
    layers, x, y = init_problem()
    x, before = x - x.mean(axis=0), loss(layers, x - x.mean(axis=0), y)
    promises, losses = [], [before]
    for _ in range(result.first):
        gradients = loss_and_gradients(layers, x, y)[1]
        promises.append(losses[-1] / measure_kept(losses[-1], 0.0, size, gradients))
        layers = sgd_step(layers, gradients, size)
        losses.append(loss(layers, x, y))
    np.testing.assert_allclose(kept, np.mean(-np.diff(losses) / promises), rtol=1e-9)
    for _ in range(result.steps - result.first):
        layers = sgd_step(layers, loss_and_gradients(layers, x, y)[1], size)
    assert abs(loss(layers, x, y) / last - 1) < 1e-3
    assert kept < 0 and max(losses) > 5 * before and last < 0.05


def equation_kept() -> Iterator[dict]:
    r"""\frac{L_t - L_{t+1}}{\eta\,\lVert g\rVert^2} = 1 - \frac{\eta}{2}\,\frac{g^\top H g}{g^\top g}"""
    for rng in draws(12):
        a, g, step = rng.normal(size=(4, 4)), rng.normal(size=4), rng.uniform(0.01, 1)
        H = a @ a.T
        errors = [np.linalg.solve(H, g)]
        errors.append(errors[0] - step * g)
        now, then = (error @ H @ error / 2 for error in errors)
        yield {"L_t": now, "L_{t+1}": then, r"\eta": step, "g": g, "H": H}


def equation_slower() -> Iterator[dict]:
    r"""L_t - L_{t+1} = \gamma^2\,(L_{t-1} - L_t), \qquad \gamma = 1 - \eta\lambda"""
    for rng in draws(12):
        curvature, error, share = rng.uniform(0.2, 5), rng.normal(), rng.uniform(0.05, 1.95)
        step, losses = share / curvature, []  # along one curvature
        for _ in range(3):
            losses.append(curvature * error**2 / 2)
            error = error - step * curvature * error
        yield {
            "L_{t-1}": losses[0],
            "L_t": losses[1],
            "L_{t+1}": losses[2],
            r"\gamma": 1 - share,
            r"\eta": step,
            r"\lambda": curvature,
        }
        a, error, losses = rng.normal(size=(4, 4)), rng.normal(size=4), []  # and in a whole bowl no drop is larger
        H = a @ a.T
        for _ in range(9):
            losses.append(error @ H @ error / 2)
            error = error - best_step(H) * H @ error
        assert np.all(np.diff(losses, 2) > -1e-12)


def explore_step(result: Result, start: int = 11) -> Iterator[tuple]:
    """The loss of a net on digits over its first steps. With the smallest step it hardly falls; at a step of one it
    falls fast; with the largest it leaps and then stands where a constant prediction would."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    (curve,) = axes.plot(range(STEPS + 1), np.ones(STEPS + 1), color=SECOND, gid="curve")
    mark = draw_dots(axes, [(1, 1)], SECOND, gid="mark")
    axes.axhline(np.log(10), color=GRID, zorder=0)
    axes.set(xlim=(0, STEPS), ylim=(0, 4))
    frame_axes(axes, [0, 20, 40, 60], [0, 1, 2, 3, 4], "step", "loss")
    for size in SIZES:
        losses, kept = train("relu", 2**0.5, size)
        curve.set_ydata(np.minimum(losses, 4.4))
        mark.set_path(dots([(STEPS, min(losses[-1], 4.4))]))
        promise = np.mean(kept[:FIRST])
        readouts = {
            "step size": f"{size:g}",
            f"share kept, first {FIRST} steps": f"{promise:.2f}".replace("-", "−"),
            f"loss after {STEPS} steps": f"{losses[-1]:.3g}",
        }
        yield figure, readouts, describe(promise, losses[-1])


def describe(kept: float, last: float) -> str:
    """Return what a kept share advises."""
    if kept > 0.9:
        return f"Nearly all is kept: a larger step is safe; the loss comes to {last:.2g}."
    if kept > 0.5:
        return f"More than half is kept: they overshoot little or not at all; the loss comes to {last:.2g}."
    return f"Less than half is kept: the steps overshoot; the loss comes to {last:.2g}."
