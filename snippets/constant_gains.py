"""Which constants of initialization are exact, and what does tanh's gain of 5/3 keep?

ReLU's √2 is exact, tanh's gain for unit variance is {{ gains.tanh | decimals(4) }} and the sigmoid's for gradients
{{ gains.sigmoid_back | decimals(4) }}. With 5/3, deep tanh nets settle at activations of
{{ five_thirds.activation | decimals(3) }}, and gradients grow by {{ five_thirds.factor | decimals(3) }} a layer. The
0.8796 of truncated normal weights is their standard deviation.
"""

import math
from dataclasses import dataclass

import numpy as np

from lib.activation_functions import sigmoid
from lib.gaussian import density, normal_mean
from lib.numerics import Draws, draws, find_minimum, find_root

TANH_GAIN, TRUNCATED = 5 / 3, 0.87962566103423978  # PyTorch; Keras and TensorFlow
LAYERS = 20


@dataclass(frozen=True)
class Result:
    published: float
    "Standard deviation by which Keras and TensorFlow divide truncated normal weights."
    gains: dict[str, float]
    "Exact gains at unit variance: ReLU and leaky ReLU forward; tanh forward, backward; sigmoid backward, centered."
    five_thirds: dict[str, float]
    "What 5/3 leads to in a deep tanh net: root mean square activation, and what a gradient is multiplied by a layer."
    twenty: float
    "What a gradient is multiplied by in `layers` tanh layers with the gain 5/3."
    layers: int
    "How many layers."
    truncated: float
    "Standard deviation of a standard normal variable cut off at two standard deviations."
    targets: dict[str, float]
    "Where σ bends most: its values, and the pre-activation; the pre-activation for the usual target."
    silu: dict[str, float]
    "Place and value of the minimum of SiLU, from Lambert's W(1/e)."


def find_stationary(gain: float) -> tuple[float, float]:
    """Root mean square activation of a deep tanh net of infinite width, and the factor of a gradient a layer."""
    spread = 1.0
    for _ in range(500):
        spread = gain * math.sqrt(normal_mean(lambda z, s=spread: np.tanh(s * z) ** 2))
    return spread / gain, gain * math.sqrt(normal_mean(lambda z: (1 - np.tanh(spread * z) ** 2) ** 2))


def compute() -> Result:
    def variance_gain(function):
        return 1 / math.sqrt(normal_mean(lambda z: function(z) ** 2))

    activation, factor = find_stationary(TANH_GAIN)
    w = find_root(lambda w: w * math.exp(w) - 1 / math.e, 0.0, 1.0)
    return Result(
        published=TRUNCATED,
        gains={
            "relu": math.sqrt(2),
            "leaky": math.sqrt(2 / (1 + 0.01**2)),
            "tanh": variance_gain(np.tanh),
            "tanh_back": variance_gain(lambda z: 1 - np.tanh(z) ** 2),
            "sigmoid_back": variance_gain(lambda z: sigmoid(z) * sigmoid(-z)),
            "sigmoid_centered": variance_gain(lambda z: sigmoid(z) - 0.5),
        },
        five_thirds={"activation": activation, "factor": factor},
        twenty=factor**LAYERS,
        layers=LAYERS,
        truncated=math.sqrt(1 - 4 * density(2.0) / math.erf(math.sqrt(2))),
        targets={
            "low": (3 - math.sqrt(3)) / 6,
            "high": (3 + math.sqrt(3)) / 6,
            "z": math.log(2 + math.sqrt(3)),
            "tenth": math.log(9),
        },
        silu={"z": -1 - w, "value": -w},
    )


def claim_five_thirds_keeps_nothing(result: Result) -> None:
    """The gain that keeps unit variance through tanh is {{ gains.tanh | decimals(4) }}, the one that keeps gradients
    {{ gains.tanh_back | decimals(4) }}. With 5/3 activations settle at a root mean square of
    {{ five_thirds.activation | decimals(3) }}, and gradients grow by {{ five_thirds.factor | decimals(3) }} a layer."""
    assert result.gains["tanh_back"] < result.gains["tanh"] < TANH_GAIN and result.five_thirds["factor"] > 1.05
    a = result.five_thirds["activation"]
    t, weights = np.polynomial.hermite_e.hermegauss(160)  # another quadrature
    weights = weights / weights.sum()
    slopes = weights @ (1 - np.tanh(TANH_GAIN * a * t) ** 2) ** 2
    assert abs(TANH_GAIN * np.sqrt(slopes) / result.five_thirds["factor"] - 1) < 1e-4
    assert abs(weights @ np.tanh(t) ** 2 * result.gains["tanh"] ** 2 - 1) < 1e-4
    assert abs(weights @ (1 - np.tanh(t) ** 2) ** 2 * result.gains["tanh_back"] ** 2 - 1) < 1e-4
    assert abs(normal_mean(lambda z: np.tanh(TANH_GAIN * a * z) ** 2) - a**2) < 1e-9


def claim_gains_are_exact(result: Result) -> None:
    """ReLU’s gain is {{ gains.relu | decimals(4) }} exactly, leaky ReLU’s {{ gains.leaky | decimals(4) }}; the
    sigmoid’s for gradients is {{ gains.sigmoid_back | decimals(4) }}, for its centered output
    {{ gains.sigmoid_centered | decimals(4) }}."""
    assert abs(normal_mean(lambda z: np.maximum(z, 0) ** 2) * result.gains["relu"] ** 2 - 1) < 1e-9
    assert abs(normal_mean(lambda z: np.where(z > 0, z, 0.01 * z) ** 2) * result.gains["leaky"] ** 2 - 1) < 1e-9
    t, weights = np.polynomial.hermite_e.hermegauss(120)  # another quadrature
    slopes = weights @ (sigmoid(t) * sigmoid(-t)) ** 2 / weights.sum()
    centered = weights @ (sigmoid(t) - 0.5) ** 2 / weights.sum()
    assert abs(centered * result.gains["sigmoid_centered"] ** 2 - 1) < 1e-6
    assert abs(slopes * result.gains["sigmoid_back"] ** 2 - 1) < 1e-6


def claim_small_ones(result: Result) -> None:
    """A normal variable cut off at two standard deviations has the standard deviation {{ truncated | decimals(6) }};
    SiLU is least at {{ silu.z | decimals(4) }}, where it is {{ silu.value | decimals(4) }}; the sigmoid bends most at
    {{ targets.low | decimals(4) }} and {{ targets.high | decimals(4) }}."""
    z = np.linspace(-2, 2, 400_001)
    weights = density(z)
    assert abs(math.sqrt(weights @ z**2 / weights.sum()) - result.truncated) < 1e-5
    assert abs(result.truncated - TRUNCATED) < 1e-12
    place = find_minimum(lambda z: z / (1 + math.exp(-z)), -3, 0)
    assert abs(place - result.silu["z"]) < 1e-6 and abs(place * sigmoid(place) - result.silu["value"]) < 1e-12
    z = np.linspace(0, 4, 400_001)
    bend = sigmoid(z) * sigmoid(-z) * (1 - 2 * sigmoid(z))
    assert abs(z[abs(bend).argmax()] - result.targets["z"]) < 1e-4
    assert abs(sigmoid(result.targets["z"]) - result.targets["high"]) < 1e-12


def equation_leaky() -> Draws:
    r"""g = \sqrt{\frac{2}{1 + a^2}}"""
    for rng in draws(6):
        a = rng.uniform(0, 1.5)
        yield {"g": 1 / math.sqrt(normal_mean(lambda z, a=a: np.where(z > 0, z, a * z) ** 2)), "a": a}
