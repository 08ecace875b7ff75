"""Can scaling without centering hurt?

Yes: a layer of {{ units }} sigmoids fed with N(0, 1) has a condition number of {{ sigmoid_kappa | integer }} with a
bias, and {{ sigmoid_scaled | integer }} after each input is divided by the root of its mean square.
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import sigmoid
from lib.gaussian import moments

UNITS = 64  # sigmoids in the layer


@dataclass(frozen=True)
class Result:
    sigmoid_kappa: float
    "Condition number with a bias of a layer of sigmoid units fed with N(0, 1)."
    sigmoid_scaled: float
    "The same after each input and the bias is divided by the root of its mean square."
    sigmoid_standardized: float
    "The same after subtracting means and dividing by standard deviations."
    units: int
    "Units in that layer."


def compute() -> Result:
    mean, variance = moments(sigmoid)
    a = np.append(np.full(UNITS, mean), 1)
    layer = np.outer(a, a) + np.diag(np.append(np.full(UNITS, variance), 0))
    size = np.sqrt(np.diag(layer))
    return Result(
        sigmoid_kappa=np.linalg.cond(layer),
        sigmoid_scaled=np.linalg.cond(layer / np.outer(size, size)),
        sigmoid_standardized=np.linalg.cond(np.eye(UNITS + 1)),
        units=UNITS,
    )


def claim_scaling_alone_can_hurt(result: Result) -> None:
    """Scaling without centering can make it worse: {{ units }} sigmoid units and a bias have a condition number
    of {{ sigmoid_kappa | integer }}, and of {{ sigmoid_scaled | integer }} once every input has mean square 1."""
    mean, variance = moments(sigmoid)
    square = mean**2 + variance
    r, s = mean / np.sqrt(square), variance / square  # mean and variance of a scaled unit
    trace = 1 + s + UNITS * r**2
    half = trace**2 / s / 2 - 1  # κ + 1/κ = trace²/determinant − 2, with determinant s
    assert abs((half + np.sqrt(half**2 - 1)) / result.sigmoid_scaled - 1) < 1e-6
    kappa = result.sigmoid_kappa
    assert abs((kappa + 1 / kappa + 2) * variance / (1 + variance + UNITS * mean**2) ** 2 - 1) < 1e-6
    assert result.sigmoid_scaled > 3 * result.sigmoid_kappa and result.sigmoid_standardized == 1


if __name__ == "__main__":
    print(compute())
