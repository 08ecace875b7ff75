"""How long does a function that is the identity near zero stay one, layer after layer?

Not long, and not short: tanh applied again and again, starting at 1, leaves {{ iterated[0] | digits(2) }}
after {{ layers }} times, as its cubic term predicts.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.gaussian import mean_by_sum, normal_mean
from lib.numerics import Draws

LAYERS, DEEP = 20, 50
OFTEN, WITHIN = 100, 0.04  # up to where, and how well, a closed form follows tanh of tanh of …


@dataclass(frozen=True)
class Result:
    layers: int
    "Layers of the nets."
    iterated: tuple[float, float]
    "tanh applied as often as there are layers, starting at 1, and its closed form."
    deep: int
    "Layers of a deeper net."
    signal: float
    "Standard deviation of its last signals, wide layers of weight variance 1/n, from inputs of variance 1."
    gradient: float
    "Root mean square of the gradient that comes back through all its layers, of one that is 1 at the end."


def pass_layers(layers: int, mean: Callable = normal_mean) -> tuple[float, float]:
    """Standard deviation of a signal behind wide tanh layers, and of a gradient that comes back through them."""
    std, gradient = 1.0, 1.0
    for _ in range(layers):
        gradient *= np.sqrt(mean(lambda z: (1 - np.tanh(z) ** 2) ** 2, std))
        std = np.sqrt(mean(lambda z: np.tanh(z) ** 2, std))
    return float(std), float(gradient)


def compute() -> Result:
    a = 1.0
    for _ in range(LAYERS):
        a = np.tanh(a)
    return Result(
        layers=LAYERS,
        iterated=(a, np.sqrt(3 / (2 * LAYERS + 3))),
        deep=DEEP,
        signal=pass_layers(DEEP)[0],
        gradient=pass_layers(DEEP)[1],
    )


def claim_identity_does_not_last(result: Result) -> None:
    """Applied {{ layers }} times, starting at 1, tanh leaves {{ iterated[0] | digits(2) }}: the slope at zero is 1,
    and what is lost on the way is lost slowly."""
    a = 1.0
    for _ in range(result.layers):
        a = (1 - np.exp(-2 * a)) / (1 + np.exp(-2 * a))
    assert abs(a - result.iterated[0]) < 1e-12 and abs(a / result.iterated[1] - 1) < 0.05 and a > 0.2
    assert abs((3 / result.iterated[1] ** 2 - 3) / 2 - LAYERS) < 1e-9


def claim_deep_nets_shrink_slowly(result: Result) -> None:
    """In wide layers with weights of variance $1/n$, {{ deep }} layers of tanh leave a signal of standard deviation
    {{ signal | digits(3) }} of one that was 1, and a gradient of {{ gradient | digits(2) }}: not unchanged, and not
    exponentially small."""
    assert result.deep == DEEP
    std, gradient = pass_layers(DEEP, lambda function, std: mean_by_sum(function, std, 1e-2))
    assert abs(std / result.signal - 1) < 1e-6 and abs(gradient / result.gradient - 1) < 1e-6
    assert abs(result.signal * np.sqrt(2 * DEEP) - 1) < 0.05  # q − 2q² in each layer leaves 1/2L


def equation_iterated() -> Draws:
    r"""a_k \approx \sqrt{\frac{3}{2k + 3}}"""
    a = 1.0
    for k in range(1, OFTEN + 1):
        a = np.tanh(a)
        assert abs(np.sqrt(3 / (2 * k + 3)) / a - 1) < WITHIN
        if k in (1, 2, 3, 5, 10, 20, 50, 100):
            yield {"a_k": a, "k": k, r"\approx": WITHIN}


if __name__ == "__main__":
    print(compute())
