"""What does the hidden layer of a transformer block give its second matrix?

GELU makes a mean of its own, whatever the norm before it did: its squared mean is {{ inside.gelu | digits(2) }} of its
variance, and {{ hidden | integer }} units give a neuron without a bias a condition number
of {{ kappa.gelu | integer }}. A gated unit has a small mean.
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import FUNCTIONS
from lib.gaussian import mean_by_sum, moments, normal_mean
from lib.numerics import Draws
from lib.quadratics import estimate_off_center_ratio, kappa_without_bias
from lib.transformer_block import GELU, SILU, WIDTH, sample_block

SEED = 0
HIDDEN, BLOCKS = 3072, 12


@dataclass(frozen=True)
class Result:
    sampled: dict[str, float]
    "Ratios in the sampled blocks behind GELU and behind SiLU times another pre-activation, geometric means."
    hidden: int
    "Units of the hidden layer whose condition number is told."
    inside: dict[str, float]
    "Ratio of GELU, SiLU and ReLU at centered normal pre-activations of variance 1."
    kappa: dict[str, float]
    "Condition number of a neuron without a bias that reads so many of them; gated: with the ratio sampled there."
    gated: float
    "Ratio of SiLU times another pre-activation, where the stream is centered, at the width of the sampled blocks."


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    logs = []
    for _ in range(BLOCKS):
        found, _, _ = sample_block(rng)
        logs.append([np.log(estimate_off_center_ratio(found[key])) for key in ("gelu", "gated")])
    sampled = dict(zip(("gelu", "gated"), np.exp(np.mean(logs, axis=0)).tolist()))
    parts = {key: moments(FUNCTIONS[key]) for key in ("gelu", "silu", "relu")}
    return Result(
        sampled=sampled,
        hidden=HIDDEN,
        inside={key: mean**2 / variance for key, (mean, variance) in parts.items()},
        kappa={key: kappa_without_bias(mean, variance, HIDDEN) for key, (mean, variance) in parts.items()}
        | {"gated": 1 + HIDDEN * sampled["gated"]},
        gated=normal_mean(lambda z: z * SILU(z)) ** 2 / normal_mean(lambda z: SILU(z) ** 2) / WIDTH,
    )


def claim_the_hidden_layer_makes_a_mean(result: Result) -> None:
    """At centered normal pre-activations of variance 1 the ratio of GELU is {{ inside.gelu | digits(2) }}, of ReLU
    {{ inside.relu | digits(2) }}; {{ hidden | integer }} independent units of either give a neuron without a bias the
    condition number {{ kappa.gelu | integer }} or {{ kappa.relu | integer }}. In the sampled blocks GELU has
    {{ sampled.gelu | digits(2) }}."""
    square = mean_by_sum(lambda z: GELU(z) ** 2)
    ratio = {"gelu": 1 / (4 * np.pi * square - 1), "relu": 1 / (np.pi - 1)}  # means 1/√4π and 1/√2π, by parts
    for key, found in ratio.items():
        H = np.eye(HIDDEN // 64) + 64 * found * np.ones((HIDDEN // 64,) * 2)  # blocks of 64 alike, taken together
        assert abs(result.inside[key] / found - 1) < 1e-4 and abs(np.linalg.cond(H) / result.kappa[key] - 1) < 1e-4
    assert abs(np.log(result.sampled["gelu"] / result.inside["gelu"])) < 0.2


def claim_a_product_has_a_small_ratio(result: Result) -> None:
    """SiLU alone has the ratio {{ inside.silu | digits(2) }}, SiLU times another pre-activation
    {{ sampled.gated | digits(2) }} in the sampled blocks; were the stream centered, it would be
    {{ gated | digits(1) }}. For {{ hidden | integer }} units with the sampled ratio the condition number without a
    bias is {{ kappa.gated | integer }}."""
    rng = np.random.default_rng(SEED)
    z, other = rng.normal(size=(4000, WIDTH)) @ rng.normal(size=(2, WIDTH, 300)) / np.sqrt(WIDTH)
    assert abs(np.log(estimate_off_center_ratio(SILU(z) * other) / result.gated)) < 0.4
    assert 2.2 < result.sampled["gated"] / result.gated < 5 and result.sampled["gated"] < result.inside["silu"] / 3
    H = np.eye(HIDDEN // 64) + 64 * result.sampled["gated"] * np.ones((HIDDEN // 64,) * 2)
    assert abs(np.linalg.cond(H) / result.kappa["gated"] - 1) < 1e-9
    mean = mean_by_sum(SILU)
    assert abs(mean**2 / (mean_by_sum(lambda z: SILU(z) ** 2) - mean**2) / result.inside["silu"] - 1) < 1e-4


def equation_product() -> Draws:
    r"""\mathbb{E}[\phi(z)\,v] = \varrho\,\mathbb{E}[z\,\phi(z)]"""
    x, w = np.polynomial.hermite_e.hermegauss(60)
    w = w / w.sum()
    for varrho in (-0.9, -0.1, 0.3, 0.7):
        v = varrho * x[:, None] + np.sqrt(1 - varrho**2) * x
        for phi in (SILU, GELU):
            yield {
                r"\mathbb{E}[\phi(z)v]": w @ (phi(x)[:, None] * v) @ w,
                r"\varrho": varrho,
                r"\mathbb{E}[z\phi(z)]": normal_mean(lambda z, phi=phi: z * phi(z)),
            }


if __name__ == "__main__":
    print(compute())
