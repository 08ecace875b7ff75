"""Is it enough to divide the bytes of an image by {{ white }}?

Dividing sets the scale beside the bias and the initial weights, subtracting a mean removes the valley: both are worth
it.
"""

from dataclasses import dataclass

import numpy as np

from lib.data import digits as pictures
from lib.quadratics import hessian, hessian_with_bias, kappa_with_bias, kappa_without_bias

NEAR = 0.01  # how near ±1 a tanh unit counts as saturated
SEED = 0
WHITE = 255  # largest value of a byte


@dataclass(frozen=True)
class Result:
    gray: float
    "Average gray of the digits, from 0 to 1."
    within_std: float
    "Root of the mean variance of a pixel about its own mean."
    white: int
    "Largest value of a byte."
    kappa: dict[str, float]
    "Condition number without a bias for as many independent pixels with the digits' gray and variance."
    kappa_bias: dict[str, float]
    "The same with a bias."
    near: float
    "How near ±1 a unit counts as saturated."
    saturated: dict[str, float]
    "Share of tanh units within `near` of ±1 at initial weights of variance 1/inputs, bytes and unit range."


def compute() -> Result:
    x, _ = pictures()
    gray, within = x.mean(), np.sqrt(np.mean(x.var(axis=0)))
    scales = {  # mean and variance of a pixel
        "bytes": (WHITE * gray, (WHITE * within) ** 2),
        "unit": (gray, within**2),
        "signed": (2 * gray - 1, 4 * within**2),
        "centered_bytes": (0.0, (WHITE * within) ** 2),
        "centered": (0.0, within**2),
        "standardized": (0.0, 1.0),
    }
    factors = {"bytes": WHITE, "unit": 1}
    weights = np.random.default_rng(SEED).normal(size=(64, 64)) / 8
    return Result(
        gray=gray,
        within_std=within,
        white=WHITE,
        kappa={name: float(kappa_without_bias(*scale, 64)) for name, scale in scales.items()},
        kappa_bias={name: float(kappa_with_bias(*scale, 64)) for name, scale in scales.items()},
        near=NEAR,
        saturated={name: float(np.mean(abs(np.tanh(c * x @ weights)) > 1 - NEAR)) for name, c in factors.items()},
    )


def claim_bytes_only_rescale_the_step(result: Result) -> None:
    """Without a bias, descent on 0…{{ white }} is descent on [0, 1] with a step smaller by the square of {{ white }}:
    the same outputs at every step."""
    rng = np.random.default_rng(0)
    x, _ = pictures()
    x, y = x[:200], rng.normal(size=200)
    small, large = np.zeros(64), np.zeros(64)
    for _ in range(40):
        small -= 0.1 * x.T @ (x @ small - y) / 200
        large -= 0.1 / 255**2 * (255 * x).T @ (255 * x @ large - y) / 200
        np.testing.assert_allclose(255 * x @ large, x @ small, atol=1e-9)


def claim_both_are_worth_it(result: Result) -> None:
    """From a condition number of {{ kappa_bias.bytes | scientific(2) }} with a bias, dividing alone leads to
    {{ kappa_bias.unit | integer }}, subtracting the mean alone to {{ kappa_bias.centered_bytes | integer }}, and both
    to {{ kappa_bias.centered | digits(3) }}; without a bias dividing alone leads nowhere, from
    {{ kappa.bytes | digits(3) }} to {{ kappa.unit | digits(3) }}, and subtracting to
    {{ kappa.centered | integer }}."""
    gray, within = result.gray, result.within_std
    v = np.array([gray - within, gray + within])  # a pixel of two values that has the digits' gray and variance
    values = {
        "bytes": 255 * v,
        "unit": v,
        "signed": 2 * v - 1,
        "centered_bytes": 255 * (v - gray),
        "centered": v - gray,
        "standardized": (v - gray) / within,
    }
    for name, pair in values.items():
        mean = np.full(64, pair.mean())
        assert abs(np.linalg.cond(hessian(mean, np.var(pair))) / result.kappa[name] - 1) < 1e-9
        assert abs(np.linalg.cond(hessian_with_bias(mean, np.var(pair))) / result.kappa_bias[name] - 1) < 1e-6
    for name in ("unit", "centered_bytes", "centered"):
        assert result.kappa_bias[name] < result.kappa_bias["bytes"] / 1000
    assert result.kappa_bias["centered"] < result.kappa_bias["unit"] / 10 < result.kappa_bias["centered_bytes"] / 10


def claim_bytes_saturate(result: Result) -> None:
    """At the usual initial weights {{ saturated.bytes | percent }} of tanh units fed with 0…{{ white }} are
    within {{ near | decimals(2) }} of ±1, and {{ saturated.unit | percent }} of those fed with [0, 1]."""
    x, _ = pictures()
    scores = x @ np.random.default_rng(1).normal(0, 1 / 8, size=(64, 500))  # other units
    edge = np.arctanh(1 - result.near)
    assert abs(np.mean(abs(255 * scores) > edge) - result.saturated["bytes"]) < 0.02 and result.saturated["bytes"] > 0.9
    assert abs(np.mean(abs(scores) > edge) - result.saturated["unit"]) < 0.03


if __name__ == "__main__":
    print(compute())
