"""Which variance do the weights of a layer need, so that its pre-activations have a mean square of 1?

One over n times the mean square of what comes in: for ReLU that is {{ table.relu.square | decimals(1) }}, so the
variance is twice 1/n, which is He's; for tanh it is {{ table.tanh.square | digits(2) }}.

    n     inputs of the layer, outputs φ(z) of the layer before, with z ~ N(0, 1)
    w     its weights, independent, of mean 0; uniform weights lie between −c and c
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from lib.activation_functions import DERIVATIVES, FUNCTIONS, NAMES
from lib.gaussian import moments, normal_mean
from lib.numerics import Draws, draws, find_root


@dataclass(frozen=True)
class Result:
    table: dict[str, dict[str, float]]
    "Moments of an activation fed with N(0, 1): mean, standard deviation, mean square, and mean square derivative."


def describe_activation(name: str) -> dict[str, float]:
    """Moments of one activation function and of its derivative, for z ~ N(0, 1)."""
    mean, variance = moments(FUNCTIONS[name])
    derivative = normal_mean(lambda z: DERIVATIVES[name](z) ** 2)
    mean = mean if abs(mean) > 1e-12 else 0.0  # of odd functions, but for rounding
    return {"mean": mean, "std": variance**0.5, "square": variance + mean**2, "derivative": derivative}


def compute() -> Result:
    return Result(table={name: describe_activation(name) for name in NAMES})


def claim_these_are_the_known_gains(result: Result) -> None:
    """ReLU needs twice the variance of a linear layer, SELU the same."""
    assert np.isclose(1 / result.table["relu"]["square"], 2) and np.isclose(1 / result.table["selu"]["square"], 1)


def equation_variance() -> Draws:
    r"""\begin{aligned} \operatorname{Var}[w] &= \frac{1}{n\,\mathbb{E}[\varphi(z)^2]}, \\
    c &= \sqrt{3 \operatorname{Var}[w]} \end{aligned}"""
    nodes, weights = np.polynomial.legendre.leggauss(4)
    for rng in draws(10):
        a = rng.normal(size=int(rng.integers(2, 8)))
        signs = np.array(list(product((-1, 1), repeat=len(a))))
        variance = find_root(lambda v, a=a, signs=signs: v * np.mean((signs @ a) ** 2) - 1, 0, 1e3)
        uniform = find_root(lambda c, v=variance: weights @ (c * nodes) ** 2 / 2 - v, 0, 1e3)
        letters = {r"\mathbb{E}[\varphi(z)^2]": np.mean(a**2), "n": len(a), "c": uniform}
        yield letters | {r"\operatorname{Var}[w]": variance}
