"""Does it help to center the weights instead of the inputs?

Where all inputs have the same mean, yes: weights that sum to zero do not see it, and the condition number falls from
{{ kappa.plain | integer }} to {{ kappa.equal | integer }}. Where the means alternate in sign it stays
{{ kappa.alternating | integer }}.

    P      I − 11ᵀ/n, which subtracts from a neuron's weights, or from their gradient, their own mean
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.plots import FIRST, INK, SECOND, frame_axes, label_point, new_figure

SEED = 0
INPUTS, MEAN = 100, 2.4  # of inputs like the outputs of a sigmoid layer, in standard deviations
MEANS = (1.0, 1.0, 1.0, 5.0)  # of the exercise


@dataclass(frozen=True)
class Result:
    inputs: int
    "Inputs of the neuron."
    mean: float
    "Size of the mean of each, in standard deviations."
    kappa: dict[str, float]
    "Condition number, no bias: plain; and of weights that sum to zero, with equal means and with alternating signs."
    exercise: dict[str, Any]
    "Means of a few inputs, their average, and the condition numbers of plain and of centered weights."


def centering_matrix(n: int) -> np.ndarray:
    """The matrix P that subtracts from a vector its own mean, shape (n, n)."""
    return np.eye(n) - 1 / n


def condition_number(mean: np.ndarray) -> float:
    """Condition number of P(I + μμᵀ)P on its range, for weights that sum to zero."""
    P = centering_matrix(len(mean))
    values = np.linalg.eigvalsh(P @ (np.eye(len(mean)) + np.outer(mean, mean)) @ P)
    return values[-1] / values[1]


def compute() -> Result:
    mean, few = np.full(INPUTS, MEAN), np.array(MEANS)
    exercise = {"means": MEANS, "average": few.mean(), "plain": 1 + few @ few, "centered": condition_number(few)}
    return Result(
        inputs=INPUTS,
        mean=MEAN,
        kappa={
            "plain": 1 + mean @ mean,
            "equal": condition_number(mean),
            "alternating": condition_number(mean * (-1.0) ** np.arange(INPUTS)),
        },
        exercise=exercise,
    )


def claim_equal_means_only(result: Result) -> None:
    """{{ inputs }} inputs of mean {{ mean | digits(2) }} and variance 1: weights that sum to zero bring the condition
    number from {{ kappa.plain | integer }} to {{ kappa.equal | integer }}; with means of alternating sign it stays
    {{ kappa.alternating | integer }}."""
    for signs, kappa in ((np.ones(INPUTS), result.kappa["equal"]), ((-1.0) ** np.arange(INPUTS), 1 + INPUTS * MEAN**2)):
        rng, mean = np.random.default_rng(SEED), signs * MEAN
        directions = np.concatenate([[signs], rng.normal(size=(200, INPUTS))])
        directions -= directions.mean(axis=1, keepdims=True)
        directions = directions[np.linalg.norm(directions, axis=1) > 1e-9]
        curvatures = 1 + (directions @ mean) ** 2 / np.sum(directions**2, axis=1)
        assert abs(curvatures.max() / kappa - 1) < 1e-9 and curvatures.min() < 1 + 1e-9 + (kappa > 2)
    assert abs(result.kappa["plain"] - result.kappa["alternating"]) < 1e-9 * result.kappa["plain"]
    exact = 1 + np.sum(np.subtract(MEANS, result.exercise["average"]) ** 2)
    np.testing.assert_allclose([result.exercise["centered"], result.exercise["average"]], [exact, np.mean(MEANS)])
    assert abs(np.linalg.cond(np.eye(len(MEANS)) + np.outer(MEANS, MEANS)) - result.exercise["plain"]) < 1e-9


def claim_one_path_for_both(result: Result) -> None:
    """Descent through weights that are centered, and descent with centered gradients, take the same path: from one
    start the same weights at every step, to rounding."""
    for rng in map(np.random.default_rng, range(5)):
        x, y, P = rng.normal(1, 1, size=(30, 6)), rng.normal(size=30), centering_matrix(6)
        v = rng.normal(size=6)
        w = P @ v  # gradient centralization starts here
        for _ in range(50):
            np.testing.assert_allclose(P @ v, w, atol=1e-12)
            by_w = [x.T @ (x @ u - y) / 30 for u in (P @ v, w)]
            v, w = v - 0.05 * P.T @ by_w[0], w - 0.05 * (by_w[1] - by_w[1].mean())


def equation_gradient() -> Iterator[dict]:
    r"""\frac{\partial L}{\partial v} = P\,\frac{\partial L}{\partial w}, \qquad
    P = I - \tfrac{1}{n}\mathbf{1}\mathbf{1}^\top"""
    for rng in map(np.random.default_rng, range(6)):
        n = int(rng.integers(3, 7))
        x, y, v = rng.normal(0.5, 1, size=(8, n)), rng.normal(size=8), rng.normal(size=n)

        def derivatives(loss, at, n=n):
            return np.array([loss(at + nudge).imag for nudge in 1e-20j * np.eye(n)]) / 1e-20

        def loss_of_weights(w, x=x, y=y):
            return np.mean((np.tanh(x @ w) - y) ** 2)

        yield {
            r"\frac{\partial L}{\partial v}": derivatives(lambda v, f=loss_of_weights: f(v - v.mean()), v),
            r"\frac{\partial L}{\partial w}": derivatives(loss_of_weights, v - v.mean()),
            "P": centering_matrix(n),
            "I": np.eye(n),
            "n": n,
            r"\mathbf{1}": np.ones((n, 1)),
        }


def equation_pre_activation() -> Iterator[dict]:
    r"""\mathbb{E}[(P v)^\top x] = v^\top\left(\mu - \bar{\mu}\,\mathbf{1}\right)"""
    for rng in map(np.random.default_rng, range(6)):
        n, v = 5, rng.normal(size=5)
        x = rng.normal(rng.normal(size=n), 1, size=(9, n))
        yield {
            r"\mathbb{E}[(P v)^\top x]": np.mean(x @ (v - v.mean())),
            "v": v,
            r"\mu": x.mean(axis=0),
            r"\bar{\mu}": x.mean(),
            r"\mathbf{1}": np.ones(n),
        }


def equation_condition_number() -> Iterator[dict]:
    r"""\kappa_0 = 1 + 4\,p\,(1 - p)\,n\,r^2"""
    for n, opposite in ((4, 1), (6, 2), (8, 4), (10, 3)):
        r = 0.5 + n / 10
        mean = r * np.where(np.arange(n) < opposite, -1, 1)
        yield {r"\kappa_0": condition_number(mean), "p": opposite / n, "n": n, "r": r}


def explore_signs(result: Result, start: int = 5) -> Iterator[tuple]:
    """The condition number that weights which sum to zero leave, against the number of inputs whose mean is negative.
    It rises from {{ kappa.equal | integer }} where all means are alike to {{ kappa.alternating | integer }} where half
    of them are negative."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    counts = np.arange(0, INPUTS // 2 + 1, 2)
    kappas = [condition_number(MEAN * np.where(np.arange(INPUTS) < k, -1, 1)) for k in counts]
    axes.plot(counts, kappas, color=FIRST, label="weights that sum to zero")
    axes.axhline(result.kappa["plain"], color=SECOND, label="any weights")
    label_point(axes, "any weights", (0, result.kappa["plain"]), SECOND, dx=0, dy=-10)
    (dot,) = axes.plot([0, 0], [1, kappas[0]], color=INK, linewidth=4)
    dot.set_gid("bar")
    axes.set(xlim=(-2, INPUTS / 2 + 2), ylim=(-20, 1.1 * result.kappa["plain"]))
    frame_axes(axes, (0, 25, 50), (1, 200, 400, round(result.kappa["plain"])), "negative means", "condition number")
    for count, kappa in zip(counts, kappas):
        dot.set_data([count, count], [1, kappa + 1e-3])
        readouts = {"inputs with a negative mean": f"{count}", "condition number": f"{kappa:,.0f}"}
        share = (kappa - 1) / (result.kappa["plain"] - 1)
        yield figure, readouts, f"Weights that sum to zero still let {share:.0%} of the squared mean through."


if __name__ == "__main__":
    print(compute())
