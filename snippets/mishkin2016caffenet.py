"""Mishkin's benchmark of activation functions on ImageNet: does being centered order them?

It does not. On one convolutional network tanh, the only centered one, has the lowest accuracy,
{{ accuracy.tanh | decimals(3) }}; softplus minus its value at 0 is as nearly centered as ELU and reaches as much,
{{ accuracy.shifted | decimals(3) }} against {{ accuracy.elu | decimals(3) }}, where ReLU reaches
{{ accuracy.relu | decimals(3) }}. With batch norm ReLU and ELU are level.
Source: github.com/ducha-aiki/caffenet-benchmark, Activations.md; weights scaled to variance 1, one run each.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.activation_functions import FUNCTIONS, softplus
from lib.gaussian import moments

PRINTED = {"tanh": 0.401, "relu": 0.471, "elu": 0.488, "shifted": 0.486}  # accuracy, top 1
PRINTED_WITH_BATCH_NORM = {"sigmoid": 0.475, "relu": 0.499, "elu": 0.498}


@dataclass(frozen=True)
class Result:
    accuracy: dict[str, float]
    "Share of validation images recognized, as printed: tanh, ReLU, ELU, and softplus minus its value at 0."
    with_batch_norm: dict[str, float]
    "The same with batch norm before the activation function: sigmoid, ReLU, ELU."
    ratio: dict[str, float]
    "Squared mean over variance of these functions at N(0, 1), and of softplus as it is."


def shifted_softplus(z):
    return softplus(z) - np.log(2)


def squared_ratio(function: Callable) -> float:
    """Squared mean over variance of function(z), z ~ N(0, 1); what is left of an odd function is rounding."""
    mean, variance = moments(function)
    return round(mean**2 / variance, 12)


def compute() -> Result:
    return Result(
        accuracy=PRINTED,
        with_batch_norm=PRINTED_WITH_BATCH_NORM,
        ratio={name: squared_ratio(FUNCTIONS[name]) for name in ("tanh", "relu", "elu", "softplus")}
        | {"shifted": squared_ratio(shifted_softplus)},
    )


def claim_centered_is_not_first(result: Result) -> None:
    """At N(0, 1) the squared mean over the variance is {{ ratio.tanh | integer }} for tanh,
    {{ ratio.elu | digits(2) }} for ELU, {{ ratio.shifted | digits(2) }} for softplus minus its value at 0 and
    {{ ratio.relu | digits(2) }} for ReLU; the accuracies are {{ accuracy.tanh | decimals(3) }},
    {{ accuracy.elu | decimals(3) }}, {{ accuracy.shifted | decimals(3) }} and {{ accuracy.relu | decimals(3) }}."""
    z = np.random.default_rng(0).normal(size=400_000)
    functions = {name: FUNCTIONS[name] for name in ("tanh", "relu", "elu", "softplus")} | {"shifted": shifted_softplus}
    for name, function in functions.items():
        values = function(z)
        assert abs(values.mean() ** 2 / values.var() - result.ratio[name]) < 0.03 * result.ratio[name] + 1e-4
    assert min(result.ratio, key=result.ratio.get) == min(result.accuracy, key=result.accuracy.get) == "tanh"
    assert max(result.accuracy, key=result.accuracy.get) == "elu"
    assert result.ratio["softplus"] > 40 * result.ratio["shifted"]


if __name__ == "__main__":
    print(compute())
