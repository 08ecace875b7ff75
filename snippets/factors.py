"""What else can be centered: the errors, in the place of the inputs?

The gradient of a weight is a product of what comes in, the error, and the slope of the unit. For a batch it is enough
to center one of the first two.

    A, Delta   activations that enter a layer, and its upstream gradients; one example a column
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import sigmoid
from lib.data import digits
from lib.numerics import Draws, draws

SEED = 0
UNITS = 64


@dataclass(frozen=True)
class Result:
    units: int
    "Hidden units, and inputs: pixels of the digits, centered."


def compute() -> Result:
    return Result(
        units=UNITS,
    )


def claim_centering_twice_is_once(result: Result) -> None:
    """On the digits, with {{ units }} hidden sigmoid units, the batch gradient with centered errors is the one with
    centered activations, to rounding; uncentered it is another."""
    x, labels = digits()
    rng = np.random.default_rng(SEED)
    a = sigmoid(x @ rng.normal(size=(64, UNITS)) / 8)
    delta = sigmoid(a @ rng.normal(size=(UNITS, 10)) / 8) - np.eye(10)[labels]
    errors, inputs, neither = ((delta - delta.mean(axis=0)).T @ a, delta.T @ (a - a.mean(axis=0)), delta.T @ a)
    np.testing.assert_allclose(errors, inputs, atol=1e-9)
    assert np.linalg.norm(neither - inputs) > np.linalg.norm(inputs)


def claim_bias_before_the_mean(result: Result) -> None:
    """Where the network subtracts the batch mean of a pre-activation, the bias before it is canceled: its gradient
    is zero, whatever the loss."""
    rng = np.random.default_rng(SEED)
    z, y = rng.normal(size=50), rng.normal(size=50)
    for loss in (lambda f: np.sum((f - y) ** 2), lambda f: np.sum(np.log(np.cosh(f - y))), lambda f: np.sum(f**3)):
        bias = 0.7 + 1e-20j
        assert abs(loss(z + bias - np.mean(z + bias)).imag) < 1e-30  # a complex step


def equation_layer() -> Draws:
    r"""\frac{\partial L}{\partial W'} = \frac{1}{B}\,\Delta\,(A - \bar{a}\,\mathbf{1}^\top)^\top =
    \frac{1}{B}\,(\Delta - \bar{\delta}\,\mathbf{1}^\top)\,A^\top"""
    for rng in draws(20):
        A, y = rng.normal(1, 1, size=(4, 11)), rng.normal(size=(2, 11))
        W, b = rng.normal(size=(2, 4)), rng.normal(size=(2, 1))
        inputs = A - A.mean(axis=1, keepdims=True)  # the layer W' is fed centered inputs

        def loss(z, y=y):
            return np.mean(np.sum(np.log(np.cosh(z - y)), axis=0)).imag / 1e-20

        nudges = 1e-20j * np.eye(8).reshape(8, 2, 4)
        slope = np.array([loss((W + nudge) @ inputs + b) for nudge in nudges]).reshape(2, 4)
        spots = 1e-20j * np.eye(22).reshape(22, 2, 11)
        delta = 11 * np.array([loss(W @ inputs + b + spot) for spot in spots]).reshape(2, 11)
        yield {
            r"\frac{\partial L}{\partial W'}": slope,
            "B": 11,
            r"\Delta": delta,
            "A": A,
            r"\bar{a}": A.mean(axis=1),
            r"\bar{\delta}": delta.mean(axis=1),
            r"\mathbf{1}": np.ones(11),
        }


def equation_running_mean() -> Draws:
    r"""\operatorname{Var}[c] = \frac{\theta}{2 - \theta}\,\frac{s^2}{B}"""
    for rng in draws(20):
        rate, s, batch = rng.uniform(0.05, 0.9), rng.uniform(0.5, 2), int(rng.integers(2, 40))
        weights = rate * (1 - rate) ** np.arange(3000)  # of the batch means, the newest first
        yield {r"\operatorname{Var}[c]": np.sum(weights**2) * s**2 / batch, r"\theta": rate, "s": s, "B": batch}


if __name__ == "__main__":
    print(compute())
