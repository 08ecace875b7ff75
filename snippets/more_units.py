"""How far off center are leaky ReLU by its slope, hard-swish, squared ReLU, the sine and the absolute value?

For z ~ N(0, 1): the squared mean over the variance is {{ table.leaky.r2 | digits(2) }} for leaky ReLU with a slope of
{{ table.leaky.slope | digits(1) }} on its left and {{ table.prelu.r2 | digits(2) }} with one of
{{ table.prelu.slope | digits(2) }}, {{ table.hard_swish.r2 | digits(2) }} for hard-swish,
{{ table.squared_relu.r2 | digits(2) }} for ReLU², 0 for the sine and {{ table.absolute.r2 | digits(2) }} for |z|.

    r²   squared mean over variance of one unit
    α    slope on the left; −1 is |z|, 0 ReLU, 1 the identity
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import Function, hard_sigmoid, relu
from lib.gaussian import moments
from lib.layers import describe_units
from lib.numerics import Draws, draws
from lib.quadratics import hessian, hessian_with_bias

UNITS, KINKS = 64, (-3.0, 0.0, 3.0)


def leaky_relu(slope: float) -> Function:
    """Leaky ReLU with this slope on its left."""
    return lambda z: np.where(z > 0, z, slope * z)


CATALOG = {  # key: function, slope on the left where there is one
    "leaky": (leaky_relu(0.01), 0.01),
    "wide_leak": (leaky_relu(0.2), 0.2),
    "prelu": (leaky_relu(0.25), 0.25),
    "hard_swish": (lambda z: z * hard_sigmoid(z), None),
    "squared_relu": (lambda z: relu(z) ** 2, None),
    "sine": (np.sin, None),
    "absolute": (leaky_relu(-1.0), -1.0),
}


@dataclass(frozen=True)
class Result:
    units: int
    "Units in the layer, the inputs of the next neuron."
    table: dict[str, dict]
    "Each function at z ~ N(0, 1): r², condition numbers without and with a bias, slope on the left."


def describe_function(key: str) -> dict:
    """Return a row of the table."""
    function, slope = CATALOG[key]
    row = describe_units(function, UNITS, kinks=KINKS)
    mean, variance = row.pop("mean"), row.pop("variance")
    return {"r2": mean**2 / variance, **row} | ({} if slope is None else {"slope": slope})


def compute() -> Result:
    return Result(units=UNITS, table={key: describe_function(key) for key in CATALOG})


def claim_the_sine_is_centered(result: Result) -> None:
    """Of these the sine, which is odd, is centered; squared ReLU has a squared mean of
    {{ table.squared_relu.r2 | digits(2) }} and the absolute value of {{ table.absolute.r2 | digits(3) }} variances."""
    z = np.arange(-12, 12, 1e-3) + 5e-4
    weight = np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * 1e-3
    for key, row in result.table.items():
        values = CATALOG[key][0](z)
        mean = weight @ values
        variance = weight @ (values - mean) ** 2
        assert abs(mean**2 / variance - row["r2"]) < 1e-5
        means = np.full(UNITS, mean)
        assert abs(np.linalg.cond(hessian(means, variance)) / row["kappa"] - 1) < 1e-5
        assert abs(np.linalg.cond(hessian_with_bias(means, variance)) / row["kappa_bias"] - 1) < 1e-5
    assert result.table["sine"]["r2"] == 0
    assert abs(result.table["squared_relu"]["r2"] - 1 / 5) < 1e-9  # (½)² over 3/2 − (½)²
    assert abs(result.table["absolute"]["r2"] - 2 / (np.pi - 2)) < 1e-9


def equation_leak() -> Draws:
    r"""r^2 = \frac{(1 - \alpha)^2}{\pi\,(1 + \alpha^2) - (1 - \alpha)^2}"""
    for rng in draws(12):
        slope = rng.uniform(-1, 1)
        mean, variance = moments(leaky_relu(slope))
        yield {"r": mean / np.sqrt(variance), r"\alpha": slope}


if __name__ == "__main__":
    print(compute())
