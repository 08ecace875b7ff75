"""Is a sigmoid at the output a problem, as it is in hidden layers?

No, with binary cross-entropy. An output multiplies no weight, so its sign is in nobody's gradient; and the loss cancels
its derivative, ∂L/∂z = p − y: {{ slope | digits(5) }} at z = {{ wrong | integer }}, y = 1, where half the squared error
has {{ slope_squared | digits(3) }}.

    z, p     pre-activation of the output and p = σ(z)
    y        target 0 or 1
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import sigmoid
from lib.data import digits
from lib.numerics import Draws, draws
from lib.plots import FIRST, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import Numbers
from lib.signs import has_mixed_signs

SEED = 0
WRONG = -10.0  # a pre-activation that is confidently wrong where y = 1
BEYOND = 3.0  # a pre-activation of a tanh output


@dataclass(frozen=True)
class Result:
    wrong: float
    "The pre-activation of an output that should be 1."
    slope: float
    "∂L/∂z there with binary cross-entropy."
    slope_squared: float
    "The same with half the squared error."
    ratio: float
    "The one over the other."
    steepest: float
    "Largest size of ∂L/∂z with half the squared error and y = 1."
    steepest_p: float
    "The output at which it has that size."
    steps: int
    "Steps of size 1 on z from there until the output is right, p > ½, binary cross-entropy."
    steps_squared: int
    "The same with half the squared error."
    mixed: dict[str, float]
    "Share of examples whose gradient of the output weights has both signs, by the hidden unit."
    beyond: float
    "A pre-activation on the right side of the boundary."
    mistaken: float
    "Half the squared error of a tanh output if its label is 0, at `beyond` and at its negative."


def bce_derivative(z: Numbers, y: Numbers) -> Numbers:
    """∂L/∂z of the binary cross-entropy."""
    return sigmoid(z) - y


def squared_derivative(z: Numbers, y: Numbers) -> Numbers:
    """∂L/∂z of half the squared error."""
    p = sigmoid(z)
    return (p - y) * p * (1 - p)


def count_steps(slope: Callable, z: float) -> int:
    """Steps of size 1 on one output with target 1, from the pre-activation z until the output is right."""
    count = 0
    while z <= 0:
        z, count = z - slope(z, 1.0), count + 1
    return count


def share_of_mixed_signs(unit: Callable) -> float:
    """Share of digits whose gradient (p − y) a has components of both signs, for 64 hidden units a."""
    rng = np.random.default_rng(SEED)
    pixels, labels = digits()
    a = unit((pixels - pixels.mean(axis=0)) @ rng.normal(size=(64, 64)) / 8)
    delta = sigmoid(a @ rng.normal(size=64) / 8) - (labels > 4)
    gradients = delta[:, None] * a
    return np.mean(has_mixed_signs(gradients))


def compute() -> Result:
    z = np.linspace(-5, 5, 100_001)
    steepest = z[np.argmin(squared_derivative(z, 1.0))]
    return Result(
        wrong=WRONG,
        slope=bce_derivative(WRONG, 1),
        slope_squared=squared_derivative(WRONG, 1),
        ratio=bce_derivative(WRONG, 1) / squared_derivative(WRONG, 1),
        steepest=abs(squared_derivative(steepest, 1.0)),
        steepest_p=sigmoid(steepest),
        steps=count_steps(bce_derivative, WRONG),
        steps_squared=count_steps(squared_derivative, WRONG),
        mixed={"tanh": share_of_mixed_signs(np.tanh), "sigmoid": share_of_mixed_signs(sigmoid)},
        beyond=BEYOND,
        mistaken=0.5 * np.tanh(BEYOND) ** 2,
    )


def claim_the_slope_cancels(result: Result) -> None:
    """At a pre-activation of {{ wrong | integer }}, where the target is 1, the upstream gradient is
    {{ slope | digits(5) }} with cross-entropy and {{ slope_squared | scientific(3) }} with half the squared error."""
    nudged = WRONG + 1e-20j  # complex step, from the definitions
    p = 1 / (1 + np.exp(-nudged))
    assert abs(-np.log(p).imag / 1e-20 / result.slope - 1) < 1e-12
    assert abs((0.5 * (p - 1) ** 2).imag / 1e-20 / result.slope_squared - 1) < 1e-12
    assert abs(result.ratio * p.real * (1 - p.real) - 1) < 1e-12
    assert abs(result.steepest - 4 / 27) < 1e-8 and abs(result.steepest_p - 1 / 3) < 1e-4


def claim_confident_mistakes_are_mended(result: Result) -> None:
    """From there, steps of size 1 on the pre-activation make the output right in {{ steps }} steps with
    cross-entropy, and in {{ steps_squared | digits(3) }} with half the squared error."""
    assert result.steps == int(-WRONG) + 1  # a slope of almost 1 all the way, a little less near the end
    u = np.linspace(WRONG, 0, 200_001)  # the time that a flow needs: the integral of one over the slope
    rate = -1 / squared_derivative(u, 1.0)
    flow = np.sum((rate[1:] + rate[:-1]) / 2) * (u[1] - u[0])
    assert abs(result.steps_squared / flow - 1) < 1e-2


def claim_signs_come_from_below(result: Result) -> None:
    """The gradient of the output weights is $(p - y)\\,a$, and its signs are those of the hidden units: both signs in
    {{ mixed.tanh | percent(0) }} of the digits with tanh below the sigmoid output, in {{ mixed.sigmoid | percent(0) }}
    with sigmoid below it."""
    assert result.mixed["tanh"] == 1 and result.mixed["sigmoid"] == 0


def claim_a_centered_output_is_the_same_run(result: Result) -> None:
    """Exchange the sigmoid output for a centered one, tanh with the loss written for it: the run is the same, weight
    for weight."""
    rng = np.random.default_rng(SEED)
    x, y, nudges = rng.normal(size=(40, 3)), rng.integers(2, size=40), 1e-20j * np.eye(3)
    w = v = rng.normal(size=3)
    for _ in range(50):
        w = w - 0.5 * x.T @ bce_derivative(x @ w, y) / 40
        a = [np.tanh(x @ (v + nudge) / 2) for nudge in nudges]  # an output from −1 to 1, targets −1 and 1
        v = v - 0.5 * np.array([np.mean(-np.log((1 + (2 * y - 1) * one) / 2)).imag / 1e-20 for one in a])
    np.testing.assert_allclose(v, w, rtol=1e-9)


def claim_labels_zero_and_one_for_tanh(result: Result) -> None:
    """A tanh output whose label is 0 pays {{ mistaken | digits }} at $z = -{{ beyond | digits(1) }}$, and exactly as
    much at $z = {{ beyond | digits(1) }}$: the right side of the boundary is punished like the wrong one."""
    loss = [0.5 * (2 * sigmoid(2 * z) - 1) ** 2 for z in (-result.beyond, result.beyond)]
    np.testing.assert_allclose(loss, result.mistaken, rtol=1e-12)
    assert 0.5 * (np.tanh(-3.0) + 1) ** 2 < 1e-4 < 0.5 * (np.tanh(3.0) + 1) ** 2  # with label −1 it is as it should be


def equation_slope() -> Draws:
    r"""\frac{\partial L}{\partial z} = \frac{p - y}{p\,(1 - p)}\, p\,(1 - p) = p - y"""
    for rng in draws(10):
        z, y = rng.normal() * 2, rng.uniform()
        nudged = z + 1e-20j  # complex step
        p = 1 / (1 + np.exp(-nudged))
        slope = (-y * np.log(p) - (1 - y) * np.log(1 - p)).imag / 1e-20
        yield {r"\frac{\partial L}{\partial z}": slope, "p": p.real, "y": y}


def equation_slope_squared() -> Draws:
    r"""\frac{\partial S}{\partial z} = (p - y)\, p\,(1 - p)"""
    for rng in draws(10):
        z, y = rng.normal() * 2, rng.uniform()
        p = 1 / (1 + np.exp(-(z + 1e-20j)))
        yield {r"\frac{\partial S}{\partial z}": (0.5 * (p - y) ** 2).imag / 1e-20, "p": p.real, "y": y}


def equation_steepest() -> Draws:
    r"""\lvert p - 1\rvert\, p\,(1 - p) \le \frac{4}{27}"""
    z = np.linspace(-3, 2, 500_001)
    assert abs(abs(squared_derivative(z, 1.0)).max() - 4 / 27) < 1e-9  # the bound is reached
    for at in (*np.linspace(-8, 8, 9), -np.log(2)):
        yield {"p": (1 + np.tanh(at / 2)) / 2}


def equation_stable() -> Draws:
    r"""L = -y \ln p - (1 - y) \ln(1 - p) = \ln(1 + \exp(z)) - y z"""
    for rng in draws(10):
        z, y = rng.normal() * 2, rng.uniform()
        yield {"L": np.logaddexp(0, z) - y * z, "p": (1 + np.tanh(z / 2)) / 2, "z": z, "y": y}


def equation_curvature() -> Draws:
    r"""\nabla^2 L = \frac{1}{B} \sum_{i=1}^{B} p_i (1 - p_i)\, x_i x_i^\top"""
    for rng in draws(6):
        x, w, y = rng.uniform(0, 1, (6, 3)), rng.normal(size=3), rng.integers(2, size=6)
        h = 1e-20j * np.eye(3)
        slopes = [x.T @ (1 / (1 + np.exp(-x @ (w + nudge))) - y) / 6 for nudge in h]
        p = sigmoid(x @ w)
        yield {
            r"\nabla^2 L": np.array([slope.imag for slope in slopes]) / 1e-20,
            "B": 6,
            "p_i": lambda i, p=p: p[int(i) - 1],
            "x_i": lambda i, x=x: x[int(i) - 1],
        }


def equation_codes() -> Draws:
    r"""\tfrac{1}{2} (\tanh(z) - t)^2 = 4 \cdot \tfrac{1}{2} (\sigma(2 z) - y)^2, \qquad t = 2 y - 1"""
    for rng in draws(10):
        y, z = rng.uniform(), rng.normal()
        yield {"y": y, "z": z, "t": y - (1 - y), r"\sigma": lambda v: 1 / (1 + np.exp(-v))}


def figure_slopes(result: Result) -> Figure:
    """Size of the upstream gradient against the pre-activation, for an output that should be 1. With cross-entropy it
    is 1 on the left and falls to 0 on the right; with half the squared error it is a low hump of height
    {{ steepest | digits }} and vanishes on both sides."""
    figure = new_figure(360, 0.62)
    (axes,) = figure.axes
    z = np.linspace(-10, 5, 301)
    axes.plot(z, abs(bce_derivative(z, 1)), color=FIRST, label="cross-entropy")
    axes.plot(z, abs(squared_derivative(z, 1)), color=SECOND, label="half the squared error")
    label_point(axes, "cross-entropy", (-8, 1), FIRST, dx=0, dy=-14)
    label_point(axes, "half the squared error", (-2, 0.11), SECOND, dx=-8, dy=12)
    axes.set(xlim=(-10.3, 5.3), ylim=(-0.02, 1.05))
    frame_axes(axes, [-10, -5, 0, 5], [0, 1], "pre-activation of the output", "size of ∂L/∂z, target 1")
    return figure


if __name__ == "__main__":
    show_figures(figure_slopes, of=compute())
