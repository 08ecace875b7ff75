"""What does dropout do to the mean?

Units are kept with probability q and divided by q: the mean stays, the variance grows to E[a²]/q − μ². So
{{ units }} sigmoids give condition numbers without a bias of {{ kappa.sigmoid | integer | list }} at
q = {{ keep | decimals(1) | list }}, at the price of noise.

    q   probability that a unit is kept; 1 is no dropout
    a   activation of a unit, pre-activation from N(0, 1); m is 1 where it is kept, else 0
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from lib.activation_functions import FUNCTIONS
from lib.gaussian import moments
from lib.numerics import Draws, draws
from lib.quadratics import hessian, hessian_with_bias, kappa_with_bias, kappa_without_bias

UNITS, KEEP = 64, (1.0, 0.8, 0.5)


@dataclass(frozen=True)
class Result:
    units: int
    "Units in the layer, the inputs of the next neuron."
    keep: tuple[float, ...]
    "Probabilities that a unit is kept."
    r2: dict[str, tuple[float, ...]]
    "Squared mean over variance of one unit, for each of these."
    kappa: dict[str, tuple[float, ...]]
    "Condition number of the next neuron without a bias."
    kappa_bias: dict[str, tuple[float, ...]]
    "The same with a bias."
    noise: dict[str, tuple[float, ...]]
    "Share of a unit's variance that is noise of the mask."


def dropout_moments(key: str, q: float) -> tuple[float, float]:
    """Return mean and variance of a unit behind dropout."""
    mean, variance = moments(FUNCTIONS[key])
    return mean, (variance + mean**2) / q - mean**2


def compute() -> Result:
    names = ("sigmoid", "relu")
    pairs = {key: [dropout_moments(key, q) for q in KEEP] for key in names}
    return Result(
        units=UNITS,
        keep=KEEP,
        r2={key: tuple(mean**2 / variance for mean, variance in pairs[key]) for key in names},
        kappa={key: tuple(kappa_without_bias(*pair, UNITS) for pair in pairs[key]) for key in names},
        kappa_bias={key: tuple(float(kappa_with_bias(*pair, UNITS)) for pair in pairs[key]) for key in names},
        noise={key: tuple(1 - pairs[key][0][1] / variance for _, variance in pairs[key]) for key in names},
    )


def claim_dropout_lowers_the_ratio(result: Result) -> None:
    """Kept with probability {{ keep | decimals(1) | list }}, {{ units }} sigmoids have a squared mean over variance of
    {{ r2.sigmoid | digits(3) | list }}; the condition number is {{ kappa.sigmoid | integer | list }} without a bias,
    and {{ kappa_bias.sigmoid | integer | list }} with one. As many ReLUs have {{ r2.relu | digits(3) | list }}; their
    condition number is {{ kappa.relu | digits(3) | list }} without a bias, and
    {{ kappa_bias.relu | digits(3) | list }} with one."""
    z = np.arange(-12, 12, 1e-3) + 5e-4
    weight = np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * 1e-3
    for key in ("sigmoid", "relu"):
        a = FUNCTIONS[key](z)
        for i, q in enumerate(KEEP):
            mean = q * (weight @ (a / q))  # over both values of the mask
            variance = q * (weight @ (a / q - mean) ** 2) + (1 - q) * mean**2
            assert abs(mean**2 / variance - result.r2[key][i]) < 1e-5
            means = np.full(UNITS, mean)
            assert abs(np.linalg.cond(hessian(means, variance)) / result.kappa[key][i] - 1) < 1e-5
            assert abs(np.linalg.cond(hessian_with_bias(means, variance)) / result.kappa_bias[key][i] - 1) < 1e-5


def claim_most_of_the_variance_is_noise(result: Result) -> None:
    """At {{ keep[2] | decimals(1) }} the masks make {{ noise.sigmoid[2] | percent(0) }} of the variance of a sigmoid
    unit and {{ noise.relu[2] | percent(0) }} of that of a ReLU."""
    for key in ("sigmoid", "relu"):
        mean, variance = moments(FUNCTIONS[key])
        q = KEEP[2]
        mask = (mean**2 + variance) * (1 - q) / q  # E[a²] Var[m/q]
        assert abs(mask / (mask + variance) - result.noise[key][2]) < 1e-9


def equation_variance() -> Draws:
    r"""s_q^2 = \frac{\mathbb{E}[a^2]}{q} - \mu^2"""
    for rng in draws(8):
        a, q = rng.normal(1, 1, 5), rng.uniform(0.1, 1)
        mean = q * np.mean(a / q)
        variance = q * np.mean((a / q - mean) ** 2) + (1 - q) * mean**2
        yield {
            r"s_q": np.sqrt(variance),
            r"\mathbb{E}[a^2]": np.mean(a * a),
            "q": q,
            r"\mu": a.mean(),
        }


def equation_penalty() -> Draws:
    r"""\mathbb{E}[L_m] = L + \frac{1 - q}{2 q} \sum_{j=1}^{n} w_j^2 a_j^2"""
    for rng in draws(8):
        n, q, y = 3, rng.uniform(0.2, 0.9), rng.normal()
        w, a, total = rng.normal(size=n), rng.uniform(size=n), 0.0
        for m in product((0, 1), repeat=n):
            chance = np.prod(np.where(m, q, 1 - q))
            total += chance * 0.5 * (w @ (a * m) / q - y) ** 2
        yield {
            r"\mathbb{E}[L_m]": total,
            "L": 0.5 * (w @ a - y) ** 2,
            "q": q,
            "n": n,
            "w_j": lambda j, w=w: w[int(j) - 1],
            "a_j": lambda j, a=a: a[int(j) - 1],
        }


if __name__ == "__main__":
    print(compute())
