"""What is left if each example is centered by its own mean?

A mean over inputs is another one than that over examples: {{ inputs }} inputs with any two correlated
by {{ correlation | decimals(1) }} keep the
condition number {{ equal.examples | integer }} when centered over the examples.
"""

from dataclasses import dataclass

import numpy as np

from lib.data import digits
from lib.numerics import Draws, draws

SEED = 0
UNITS = 64


@dataclass(frozen=True)
class Result:
    top: dict[str, float]
    "Largest eigenvalue of the digits' second moment: raw, centered across examples, across pixels, both ways."
    equal: dict[str, float]
    "Condition number of equicorrelated inputs: raw, centered across examples, then across inputs (on its range)."
    inputs: int
    "How many equicorrelated inputs."
    correlation: float
    "Correlation of any two of them."


def largest_eigenvalue(x: np.ndarray) -> float:
    return float(np.linalg.eigvalsh(x.T @ x / len(x))[-1])


def equicorrelated_moment(n: int, mean: float, correlation: float) -> np.ndarray:
    """Second moment of n inputs of variance 1, all of the same mean, any two of the same correlation."""
    return (1 - correlation) * np.eye(n) + (correlation + mean**2) * np.ones((n, n))


def compute() -> Result:
    x = digits()[0]
    across = x - x.mean(axis=1, keepdims=True)
    without = np.eye(UNITS) - 1 / UNITS
    values = np.linalg.eigvalsh(without @ equicorrelated_moment(UNITS, 1.0, 0.5) @ without)
    return Result(
        top={
            "raw": largest_eigenvalue(x),
            "examples": largest_eigenvalue(x - x.mean(axis=0)),
            "pixels": largest_eigenvalue(across),
            "both": largest_eigenvalue(across - across.mean(axis=0)),
        },
        equal={
            "raw": np.linalg.cond(equicorrelated_moment(UNITS, 1.0, 0.5)),
            "examples": np.linalg.cond(equicorrelated_moment(UNITS, 0.0, 0.5)),
            "both": values[-1] / values[1],
        },
        inputs=UNITS,
        correlation=0.5,
    )


def claim_across_pixels(result: Result) -> None:
    """On the digits, subtracting from every image its own mean lowers the largest eigenvalue from
    {{ top.raw | digits }} to {{ top.pixels | digits }}; subtracting the mean image lowers it to
    {{ top.examples | digits(4) }}, and doing both to {{ top.both | digits(4) }}."""
    x = digits()[0]
    mean = x.mean(axis=0)
    flat = mean - mean.mean()  # what is left of the mean image
    for name, part in (("raw", x), ("pixels", x - x.mean(axis=1, keepdims=True)), ("examples", x - mean)):
        assert abs(np.linalg.norm(part, 2) ** 2 / len(x) / result.top[name] - 1) < 1e-9
    both = x - mean - (x - mean).mean(axis=1, keepdims=True)
    assert abs(np.linalg.norm(both, 2) ** 2 / len(x) / result.top["both"] - 1) < 1e-9
    assert result.top["pixels"] > flat @ flat > 0.9 * result.top["pixels"]
    assert result.top["raw"] > mean @ mean > 0.9 * result.top["raw"]
    assert result.top["both"] <= result.top["examples"] < 1.01 * result.top["both"]


def claim_across_equal_inputs(result: Result) -> None:
    """{{ inputs }} inputs of mean 1 and variance 1, any two correlated by {{ correlation | digits(1) }}: the condition
    number is {{ equal.raw | digits }} raw, {{ equal.examples | digits }} centered across examples, and 1 on its range
    when each example is centered, too."""
    rng = np.random.default_rng(SEED)
    x = 1 + np.sqrt(0.5) * (rng.normal(size=(4000, 1)) + rng.normal(size=(4000, UNITS)))
    own = x - x.mean(axis=1, keepdims=True)
    scatter = (x - x.mean(axis=0)).T @ (x - x.mean(axis=0)) / len(x)
    rest = (np.sum(own**2) / len(own)) / (UNITS - 1)  # the mean eigenvalue that is left, on the range
    for name, common in (("raw", 1 + result.correlation), ("examples", result.correlation)):  # 1 − correlation across
        assert abs(1 + result.inputs * common / (1 - result.correlation) - result.equal[name]) < 1e-9
    assert abs(largest_eigenvalue(x) / rest / result.equal["raw"] - 1) < 0.1
    assert abs(np.linalg.eigvalsh(scatter)[-1] / rest / result.equal["examples"] - 1) < 0.2
    assert abs(result.equal["both"] - 1) < 1e-9
    np.testing.assert_allclose(own.sum(axis=1), 0, atol=1e-10)  # what is lost: the weights' common part sees nothing


def equation_equal_inputs() -> Draws:
    r"""\kappa_0 = \frac{s^2\,(1 + (n-1)\,\varrho) + n\,\nu^2}{s^2\,(1 - \varrho)}"""
    for rng in draws(20):
        n, mean, correlation, s = int(rng.integers(3, 20)), rng.normal(), rng.uniform(0.1, 0.9), rng.uniform(0.5, 2)
        yield {
            r"\kappa_0": np.linalg.cond(s**2 * equicorrelated_moment(n, mean / s, correlation)),
            "n": n,
            "s": s,
            r"\nu": mean,
            r"\varrho": correlation,
        }


if __name__ == "__main__":
    print(compute())
