"""What does a settled bias do to the gradient of the weights?

It centers the errors of a batch, or the inputs, which is the same: then the signs of the gradient are mixed, and what
the weights gain along the mean is taken back.

    settled     where the bias is best for the present weights, so that the errors of a batch sum to zero
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws
from lib.teachers import (
    UNITS,
)

SEED = 0
SIGNS = 4  # weights whose signs are compared


@dataclass(frozen=True)
class Result:
    one_sign: float
    "Share of batch gradients whose `signs` components have one sign, once the bias is settled."
    signs: int
    "Weights of those gradients."
    undone: float
    "Share of the weights' progress along the mean that is undone while the mean error is held at zero."


def share_of_one_sign(n: int, examples: int = 64, batches: int = 20_000) -> float:
    """Share of batches whose gradient by n weights has one sign, when the errors of each batch sum to zero."""
    rng = np.random.default_rng(SEED)
    x, error = rng.normal(3, 1, (batches, examples, n)), rng.normal(size=(batches, examples))
    error -= error.mean(axis=1, keepdims=True)  # what a settled bias does
    gradients = np.einsum("bi,bij->bj", error, x)
    return float(np.mean(np.abs(np.sign(gradients).sum(axis=1)) == n))


def compute() -> Result:
    return Result(
        signs=SIGNS,
        one_sign=share_of_one_sign(SIGNS),
        undone=UNITS / (UNITS + 1),
    )


def claim_settled_bias_mixes_signs(result: Result) -> None:
    """Once the bias is settled the sign argument is void: of batch gradients by the weights of {{ signs | words }}
    positive inputs {{ one_sign | percent(1) }} have one sign, as many as if their signs were independent."""
    assert abs(result.one_sign - 2 / 2**result.signs) < 0.01  # four standard errors
    assert 0.1156 < result.one_sign < 0.1346


def claim_progress_is_undone(result: Result) -> None:
    """While the mean error is held at zero, {{ undone | percent }} of what the weights gain along the mean is
    taken back."""
    mu = np.ones(UNITS)
    gain = 0.3  # the weights move by gain·μ, then w and b correct the mean error along its gradient (μ, 1)
    correction = -gain * (mu @ mu) / (mu @ mu + 1)
    assert abs((gain + correction) * (mu @ mu) + correction) < 1e-12  # the mean output is back
    assert abs(-correction / gain - result.undone) < 1e-12


def equation_settled() -> Draws:
    r"""\frac{\partial L}{\partial w} = \frac{1}{B}\,X\,(\epsilon - \bar{\epsilon}\,\mathbf{1}) =
    \frac{1}{B}\,(X - \bar{x}\,\mathbf{1}^\top)\,\epsilon"""
    for rng in draws(20):
        X, w, y = rng.normal(2, 1, size=(3, 30)), rng.normal(size=3), rng.normal(size=30)
        epsilon = w @ X - y  # before the bias
        b = -np.mean(epsilon)  # the bias is settled: the errors sum to zero
        slope = [(((w + 1e-20j * unit) @ X + b - y) ** 2).mean().imag / 2e-20 for unit in np.eye(3)]
        yield {
            r"\frac{\partial L}{\partial w}": np.array(slope),
            "B": 30,
            "X": X,
            r"\bar{x}": X.mean(axis=1),
            r"\mathbf{1}": np.ones(30),
            r"\epsilon": epsilon,
            r"\bar{\epsilon}": epsilon.mean(),
        }


if __name__ == "__main__":
    print(compute())
