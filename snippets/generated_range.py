r"""Why is a GAN's discriminator right at once if real images are from 0 to 1 and generated ones from −1 to 1?

A threshold on the mean brightness alone is right in {{ right.raw | percent(0) }} of the cases, and in
{{ right.mapped | percent(0) }} once both have one range. A generator that is found out with the logit
{{ logit | integer }} gets {{ saturating | scientific(1) }} of a gradient from the original loss.

    f   the discriminator's logit of a generated image
    ς   the sigmoid
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import sigmoid
from lib.gaussian import distribution
from lib.numerics import Draws, complex_step, draws, find_minimum

SEED = 0
MIDDLE, SPREAD, YOUNG = 0.5, 0.25, 0.1  # brightness of real images from 0 to 1; of a young generator's, around zero
LOGIT, SMOOTH = -10.0, 0.9


@dataclass(frozen=True)
class Result:
    right: dict[str, float]
    "Share of right answers of the best threshold on brightness: real images from 0 to 1, and from −1 to 1."
    middle: float
    "Mean brightness of real images from 0 to 1."
    spread: float
    "Its standard deviation."
    young: float
    "Standard deviation of the brightness of generated images, around 0."
    logit: float
    "Logit of a generated image that is found out."
    saturating: float
    "Size of the derivative of the original loss by the logit, there."
    other: float
    "That of the non-saturating loss."
    smooth: float
    "Label of real images with one-sided smoothing."
    limit: float
    "Best logit of an image that is certainly real, with that label."


def threshold_accuracy(threshold: float, mean: float, std: float) -> float:
    """Share of right answers if images above a brightness are called real, both kinds equally often."""
    real, generated = 1 - distribution((threshold - mean) / std), distribution(threshold / YOUNG)
    return float(real + generated) / 2


def best_accuracy(mean: float, std: float) -> float:
    """That of the best threshold above zero."""
    best = find_minimum(lambda threshold: -threshold_accuracy(threshold, mean, std), 0.0, 4 * YOUNG)
    return threshold_accuracy(best, mean, std)


def saturating_loss(f: np.ndarray) -> np.ndarray:
    """What the generator of the first paper lowers: the logarithm of one minus the discriminator's output."""
    return -np.log(1 + np.exp(f))


def other_loss(f: np.ndarray) -> np.ndarray:
    """The non-saturating loss: minus the logarithm of the discriminator's output."""
    return np.log(1 + np.exp(-f))


def compute() -> Result:
    return Result(
        right={"raw": best_accuracy(MIDDLE, SPREAD), "mapped": best_accuracy(2 * MIDDLE - 1, 2 * SPREAD)},
        middle=MIDDLE,
        spread=SPREAD,
        young=YOUNG,
        logit=LOGIT,
        saturating=float(sigmoid(LOGIT)),
        other=float(sigmoid(-LOGIT)),
        smooth=SMOOTH,
        limit=float(np.log(SMOOTH / (1 - SMOOTH))),
    )


def claim_brightness_tells_them_apart(result: Result) -> None:
    """Real images have a brightness of {{ middle | decimals(1) }} ± {{ spread | decimals(2) }} on the scale from 0 to
    1, those of a young generator 0 ± {{ young | decimals(1) }}. A threshold on the brightness alone is right in
    {{ right.raw | percent(0) }} of the cases. With real images from −1 to 1 the best threshold is right in
    {{ right.mapped | percent(0) }}."""
    rng = np.random.default_rng(SEED)
    generated = result.young * rng.normal(size=200_000)
    for key, mean, std in (("raw", result.middle, result.spread), ("mapped", 0.0, 2 * SPREAD)):
        real = mean + std * rng.normal(size=200_000)
        right = [(np.mean(real > t) + np.mean(generated < t)) / 2 for t in np.linspace(0, 0.4, 81)]
        assert abs(max(right) - result.right[key]) < 0.005


def claim_the_first_loss_has_no_slope(result: Result) -> None:
    """Where the discriminator is sure, at a logit of {{ logit | integer }}, the original loss has a slope of
    {{ saturating | scientific(1) }} and the non-saturating one of {{ other | digits(4) }}. With a label of
    {{ smooth | decimals(1) }} for real images its best logit is {{ limit | digits(2) }}, and not infinite."""
    f = np.array(result.logit)
    assert abs(abs(complex_step(saturating_loss, f)) / result.saturating - 1) < 1e-9
    assert abs(abs(complex_step(other_loss, f)) / result.other - 1) < 1e-9
    best = find_minimum(lambda g: float(np.log1p(np.exp(-g)) * SMOOTH + np.log1p(np.exp(g)) * (1 - SMOOTH)), -5, 9)
    assert abs(best - result.limit) < 1e-6 and result.smooth == 0.9


def equation_slopes() -> Draws:
    r"""\frac{d}{df} \ln(1 - \varsigma(f)) = -\varsigma(f)"""
    for rng in draws(3):
        f = np.array(rng.normal() * 3)
        slope = float(complex_step(saturating_loss, f))
        yield {r"\frac{d}{df} \ln(1 - \varsigma(f))": slope, r"\varsigma": sigmoid, "f": float(f)}
