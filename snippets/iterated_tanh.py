"""How long does a function that is the identity near zero stay one, layer after layer?

Not long, and not short: tanh applied again and again, starting at 1, leaves {{ iterated[0] | digits(2) }}
after {{ layers }} times, as its cubic term predicts.
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws

LAYERS, UNITS, NETS = 20, 128, 3
OFTEN, WITHIN = 100, 0.04  # up to where, and how well, a closed form follows tanh of tanh of …


@dataclass(frozen=True)
class Result:
    layers: int
    "Layers of the nets."
    iterated: tuple[float, float]
    "tanh applied as often as there are layers, starting at 1, and its closed form."


def compute() -> Result:
    a = 1.0
    for _ in range(LAYERS):
        a = np.tanh(a)
    return Result(
        layers=LAYERS,
        iterated=(a, np.sqrt(3 / (2 * LAYERS + 3))),
    )


def claim_identity_does_not_last(result: Result) -> None:
    """Applied {{ layers }} times, starting at 1, tanh leaves {{ iterated[0] | digits(2) }}: the slope at zero is 1,
    and what is lost on the way is lost slowly."""
    a = 1.0
    for _ in range(result.layers):
        a = (1 - np.exp(-2 * a)) / (1 + np.exp(-2 * a))
    assert abs(a - result.iterated[0]) < 1e-12 and abs(a / result.iterated[1] - 1) < 0.05 and a > 0.2
    assert abs((3 / result.iterated[1] ** 2 - 3) / 2 - LAYERS) < 1e-9


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
