"""What is a variance inflation factor (VIF) worth that is computed without a constant?

{{ inputs }} features that are uncorrelated, with means of {{ ratio | integer }} standard deviations, have factors of
{{ without | digits(3) }} if no constant is among the columns, and of {{ beside | integer }} beside a constant, whose
own factor is then {{ constant | integer }}.

    n   features
    r   mean of each in standard deviations
    V   variance inflation factor of a feature, without a constant
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws
from lib.quadratics import add_bias

INPUTS, RATIO, LIMIT = 5, 5.0, 10.0


@dataclass(frozen=True)
class Result:
    inputs: int
    "Features."
    ratio: float
    "Mean of each, in standard deviations."
    without: float
    "Variance inflation factor of each, without a constant."
    beside: float
    "The same, beside a constant."
    constant: float
    "Factor of the constant itself."
    limit: float
    "What is often called too large."
    reached: float
    "Ratio of mean and standard deviation from which on the factor without a constant is at least that, these features."


def inflation(ratio: float, inputs: int) -> float:
    """(1 + r²)(1 + (n − 1)r²)/(1 + n r²)."""
    square = ratio**2
    return (1 + square) * (1 + (inputs - 1) * square) / (1 + inputs * square)


def compute() -> Result:
    grid = np.arange(0, 10, 0.01)
    return Result(
        inputs=INPUTS,
        ratio=RATIO,
        without=inflation(RATIO, INPUTS),
        beside=1.0,
        constant=1 + INPUTS * RATIO**2,
        limit=LIMIT,
        reached=float(grid[[inflation(r, INPUTS) >= LIMIT for r in grid]][0]),
    )


def draw_features(rng: np.random.Generator, inputs: int, ratio: float) -> np.ndarray:
    """40 examples of features that are uncorrelated exactly, with variance 1 and the given mean."""
    x = rng.normal(size=(40, inputs))
    Q, _ = np.linalg.qr(x - x.mean(axis=0))
    return np.sqrt(len(x)) * Q + ratio


def regress(x: np.ndarray, j: int) -> float:
    """One over the share of column j's sum of squares, about zero, that the other columns leave unexplained."""
    others = np.delete(x, j, axis=1)
    rest = x[:, j] - others @ np.linalg.lstsq(others, x[:, j])[0]
    return float(x[:, j] @ x[:, j] / (rest @ rest))


def claim_without_a_constant_a_mean_counts(result: Result) -> None:
    """{{ inputs }} uncorrelated features with means of {{ ratio | integer }} standard deviations have variance
    inflation factors of {{ without | digits(3) }} without a constant and of {{ beside | integer }} beside one; the
    constant’s own factor is {{ constant | integer }}. Without a constant the limit of {{ limit | integer }} is passed
    from means of {{ reached | digits(2) }} standard deviations on."""
    x = draw_features(np.random.default_rng(0), result.inputs, result.ratio)
    assert (result.inputs, result.ratio, result.limit) == (INPUTS, RATIO, LIMIT)
    assert abs(regress(x, 0) / result.without - 1) < 1e-9
    full = add_bias(x)
    assert abs(regress(full, result.inputs) / result.constant - 1) < 1e-9
    centered = x[:, 0] - x[:, 0].mean()  # beside a constant the share is that of the variance
    rest = full[:, 0] - full[:, 1:] @ np.linalg.lstsq(full[:, 1:], full[:, 0])[0]
    assert abs(centered @ centered / (rest @ rest) - result.beside) < 1e-9
    edge = [regress(draw_features(np.random.default_rng(1), INPUTS, result.reached + d), 0) for d in (-0.01, 0)]
    assert edge[0] < result.limit <= edge[1]


def equation_inflation() -> Draws:
    r"""V = \frac{(1 + r^2)\,(1 + (n - 1)\,r^2)}{1 + n\,r^2}"""
    for rng in draws(8):
        n, r = int(rng.integers(2, 8)), rng.uniform(0.2, 6)
        yield {"V": regress(draw_features(rng, n, r), 0), "n": n, "r": r}


if __name__ == "__main__":
    print(compute())
