"""Is a deep tanh net a linear model at first, and a sigmoid net not?

Both nearly are, the sigmoid net even more so. What tanh has and the sigmoid has not is slope 1 and value 0 at zero, so
that the linear model is the product of the weights, neither shrunk nor shifted.

    φ          activation function; z its pre-activation
    crooked    share of the variance of φ(z), z ~ N(0, 1), that no straight line explains
    kept       standard deviation of a net's outputs over that of the product of its weights, for the same inputs
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.activation_functions import FUNCTIONS
from lib.gaussian import moments, normal_mean

SEED = 0
LAYERS, UNITS, EXAMPLES, NETS = 5, 64, 1000, 9
STD = 0.3  # of the inputs


@dataclass(frozen=True)
class Result:
    layers: int
    "Layers of a net."
    units: int
    "Inputs, and units in each layer."
    nets: int
    "Random nets that a median is taken over."
    std: float
    "Standard deviation of the inputs."
    crooked: dict[str, float]
    "Share of the variance of φ(z) that no straight line explains."
    kept: dict[str, float]
    "Standard deviation of the outputs over that of the linear net with the same weights, median over nets."
    bent: dict[str, float]
    "Share of the variance of the outputs that no affine function of the inputs explains, median over nets."
    quarters: float
    "¼ to the power of the layers."


def nonlinear_share(key: str) -> float:
    """1 − Cov(z, φ)²/Var φ for z ~ N(0, 1)."""
    unit = FUNCTIONS[key]
    return 1 - normal_mean(lambda z: z * unit(z)) ** 2 / moments(unit)[1]


def outputs(weights: np.ndarray, x: np.ndarray, unit: Callable) -> np.ndarray:
    """Activations of the last layer, shape (EXAMPLES, UNITS), without biases."""
    for W in weights:
        x = unit(x @ W)
    return x


def unexplained_share(x: np.ndarray, made: np.ndarray) -> float:
    """Share of the variance of `made`, shape (EXAMPLES, n), that no affine function of x (EXAMPLES, m) explains."""
    affine = np.column_stack([x, np.ones(len(x))])
    rest = made - affine @ np.linalg.lstsq(affine, made)[0]
    return rest.var(axis=0).sum() / made.var(axis=0).sum()


def compute() -> Result:
    rng, kept, bent = np.random.default_rng(SEED), {}, {}
    for _ in range(NETS):
        weights = rng.normal(size=(LAYERS, UNITS, UNITS)) / np.sqrt(UNITS)
        x = STD * rng.normal(size=(EXAMPLES, UNITS))
        linear = outputs(weights, x, lambda z: z)
        for key in ("tanh", "sigmoid"):
            made = outputs(weights, x, FUNCTIONS[key])
            kept.setdefault(key, []).append(made.std(axis=0).mean() / linear.std(axis=0).mean())
            bent.setdefault(key, []).append(unexplained_share(x, made))
    return Result(
        layers=LAYERS,
        units=UNITS,
        nets=NETS,
        std=STD,
        crooked={key: nonlinear_share(key) for key in ("tanh", "sigmoid")},
        kept={key: float(np.median(ratios)) for key, ratios in kept.items()},
        bent={key: float(np.median(shares)) for key, shares in bent.items()},
        quarters=0.25**LAYERS,
    )


def claim_the_sigmoid_is_straighter(result: Result) -> None:
    """Of the variance of tanh(z), for z from N(0, 1), no straight line explains {{ crooked.tanh | percent(1) }}; of
    that of the sigmoid {{ crooked.sigmoid | percent(1) }}."""
    z = np.random.default_rng(SEED).normal(size=200_000)
    for key, share in result.crooked.items():
        a = FUNCTIONS[key](z)
        assert abs(1 - np.corrcoef(z, a)[0, 1] ** 2 - share) < 0.003
    assert result.crooked["sigmoid"] < result.crooked["tanh"] / 3


def claim_slope_and_value_differ(result: Result) -> None:
    """Through {{ layers }} layers, from inputs of standard deviation {{ std | digits(1) }}, tanh leaves
    {{ kept.tanh | digits(2) }} of the standard deviation that the product of the weights has, and the sigmoid
    {{ kept.sigmoid | scientific(2) }}, somewhat less than ¼ a layer would, {{ quarters | scientific(2) }}. Of the
    variance of its outputs no affine function of the inputs explains {{ bent.tanh | percent(1) }}, and of the sigmoid's
    {{ bent.sigmoid | percent(2) }}."""
    assert 0.5 < result.kept["tanh"] < 1 and 0.4 < result.kept["sigmoid"] / result.quarters < 1
    assert result.bent["sigmoid"] < result.bent["tanh"]
    z = np.random.default_rng(SEED).normal(size=(20_000, 2))
    for key, share in result.crooked.items():  # two units that read a normal number each
        assert abs(unexplained_share(z, 3 + FUNCTIONS[key](z)) - share) < 0.01
    rng = np.random.default_rng(SEED)  # the sigmoid net again, as its slopes at its own mean activations say
    weights = rng.normal(size=(LAYERS, UNITS, UNITS)) / np.sqrt(UNITS)
    a, J = np.zeros(UNITS), np.eye(UNITS)
    for W in weights:
        a = 1 / (1 + np.exp(-a @ W))
        J = J @ W * (a * (1 - a))
    linear = np.linalg.multi_dot(weights)
    spread = np.linalg.norm(J, axis=0).mean() / np.linalg.norm(linear, axis=0).mean()
    assert abs(spread / result.kept["sigmoid"] - 1) < 0.2
    assert 0.70 < result.kept["tanh"] < 0.76 and 7e-4 < result.kept["sigmoid"] < 8e-4
    assert 0.010 < result.bent["tanh"] < 0.018 and 3.5e-4 < result.bent["sigmoid"] < 5.4e-4


if __name__ == "__main__":
    print(compute())
