"""What does batch norm take off the squared gradient (Santurkar, Tsipras, Ilyas and Mądry, 2018)?

Among other things the mean of the upstream gradients δ of a batch of B examples: where they have a mean as large as
their standard deviation, that is {{ removed | percent }} of their squared length.
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws

SEED = 0


@dataclass(frozen=True)
class Result:
    removed: float
    "Share of the squared length of δ ~ N(1, 1) that subtracting its mean takes off, many examples."


def compute() -> Result:
    delta = np.random.default_rng(SEED).normal(1, 1, size=100_000)
    return Result(removed=float(1 - np.sum((delta - delta.mean()) ** 2) / np.sum(delta**2)))


def claim_centering_removes(result: Result) -> None:
    """Upstream gradients with a mean as large as their standard deviation lose {{ removed | percent }} of their squared
    length when they are centered."""
    ratio = 1.0  # mean over standard deviation: r²/(1 + r²) of the mean square is the mean's
    assert abs(result.removed - ratio**2 / (1 + ratio**2)) < 0.01


def equation_removed() -> Draws:
    r"""\lVert\delta\rVert^2 - \frac{(\mathbf{1}^\top\delta)^2}{B} = \lVert\delta - \bar{\delta}\,\mathbf{1}\rVert^2"""
    for rng in draws(8):
        delta = rng.normal(0.7, 1, size=(B := int(rng.integers(3, 9))))
        yield {r"\delta": delta, "B": B, r"\bar{\delta}": delta.mean(), r"\mathbf{1}": np.ones(B)}


if __name__ == "__main__":
    print(compute())
