"""Why is there a two in He's weights (He, Zhang, Ren and Sun, 2015)?

Because ReLU turns half of its pre-activations off: forward E[x²] is {{ moments[0] | digits(1) }} of the variance
before, the mean included, and backward half of the units pass nothing on. Smaller weights shrink a gradient in every
layer, {{ shrunk | integer }}-fold through the layers of VGG-B that the paper multiplies.
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import relu
from lib.gaussian import moments
from lib.numerics import Draws, draws

SEED = 0
WIDTHS = (64, 128, 128, 256, 256, 512, 512, 512, 512)  # channels of VGG-B's layers 2 to 10, filters 3 × 3
PRINTED = (5.9, 4.2, 4.2, 2.9, 2.9, 2.1, 2.1, 2.1, 2.1)  # the rounded factors that the paper prints
STD = 0.01  # of the small weights


@dataclass(frozen=True)
class Result:
    moments: tuple[float, float]
    "E[x²] and Var[x] of ReLU at N(0, 1)."
    small: float
    "Standard deviation of the small weights."
    shrunk: float
    "By what factor they shrink a gradient through the layers of VGG-B that it passes."


def compute() -> Result:
    mean, variance = moments(relu)
    return Result(moments=(mean**2 + variance, variance), small=STD, shrunk=float(np.prod(PRINTED)))


def claim_mean_square_not_variance(result: Result) -> None:
    r"""After ReLU $\mathbb{E}[x^2]$ is {{ moments[0] | digits(1) }} of the variance before and
    $\operatorname{Var}[x]$ only {{ moments[1] | digits(3) }}."""
    x = np.maximum(np.random.default_rng(SEED).normal(size=200_000), 0)
    np.testing.assert_allclose((np.mean(x**2), np.var(x)), result.moments, rtol=0.03)
    assert abs(result.moments[0] - 0.5) < 1e-9 and abs(result.moments[1] - 0.5 + 0.5 / np.pi) < 1e-9


def claim_too_small_by(result: Result) -> None:
    """With weights of standard deviation {{ small | digits(1) }} a gradient shrinks {{ shrunk | integer }}-fold through
    the layers of VGG-B that the paper multiplies."""
    exact = np.prod([np.sqrt(2 / (9 * width)) / result.small for width in WIDTHS])
    assert abs(result.shrunk / exact - 1) < 0.05
    assert abs(result.shrunk / 1.7e4 - 1) < 0.01


def equation_backward() -> Draws:
    r"""\mathbb{E}[\delta_l^2] = \tfrac{1}{2}\, n \operatorname{Var}[w]\, \mathbb{E}[\delta_{l+1}^2]"""
    signs = 1 - 2 * (np.arange(8)[:, None] >> np.arange(3) & 1)  # all weights ± their standard deviation
    for rng in draws(8):
        std, above = rng.uniform(0.2, 2), rng.normal(size=3)
        z = rng.normal(1.0, 1.0)  # of this unit; its mirror image is as likely
        back = [on * std * s @ above for s in signs for on in (z > 0, -z > 0)]
        letters = {"n": 3, r"\operatorname{Var}[w]": std**2, r"\mathbb{E}[\delta_{l+1}^2]": np.mean(above**2)}
        yield {r"\mathbb{E}[\delta_l^2]": np.mean(np.square(back)), **letters}


if __name__ == "__main__":
    print(compute())
