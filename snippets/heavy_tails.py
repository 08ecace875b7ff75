"""What can standardizing not mend?

Whatever is not a matter of zero and unit. Skewness and tails stay: a lognormal feature has the skewness
{{ skewness.raw | digits(3) }} before and after, and 0 once its logarithm is taken. Correlation stays: a condition
number of {{ kappa.standardized | digits(2) }}. A bend stays: the share of y = x² that a line explains is 0 before and
after. And rare features become loud: one that is on in {{ rare | percent(0) }} of the examples reads
{{ loud | digits(3) }} when it is.

    z   a feature minus its mean, over its standard deviation
"""

from dataclasses import dataclass

import numpy as np

from lib.gaussian import normal_mean
from lib.normalization import standardize
from lib.numerics import Draws, draws, explained_variance

SEED = 0
EXAMPLES, CORRELATION, RARE = 1000, 0.9, 0.01


@dataclass(frozen=True)
class Result:
    examples: int
    "Examples in which the largest value is looked for."
    skewness: dict[str, float]
    "Of a standard lognormal feature: raw, standardized, its logarithm standardized."
    largest: dict[str, float]
    "Median over draws of the largest |z| among the examples: lognormal feature, its logarithm."
    correlation: float
    "Correlation of two features."
    kappa: dict[str, float]
    "Their condition number: standardized, whitened."
    bend: dict[str, float]
    "Share of y = x² that the best line explains for x ~ N(0, 1): standardized, and with x² as a second feature."
    rare: float
    "Share of examples in which a rare feature is on."
    loud: float
    "What it reads then, standardized."


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    x = np.exp(rng.normal(size=(200, EXAMPLES)))
    largest = {
        name: float(np.median([abs(standardize(row)).max() for row in rows]))
        for name, rows in (("raw", x), ("log", np.log(x)))
    }
    mean, spread = np.exp(0.5), np.sqrt(np.exp(2) - np.e)
    cube = normal_mean(lambda t: ((np.exp(t) - mean) / spread) ** 3)
    values, vectors = np.linalg.eigh(np.array([[1, CORRELATION], [CORRELATION, 1]]))
    whiten = vectors / np.sqrt(values)
    grid = np.linspace(-4, 4, 801)
    symmetric = np.repeat(grid, np.round(1000 * np.exp(-(grid**2) / 2)).astype(int))
    return Result(
        examples=EXAMPLES,
        skewness={"raw": cube, "log": normal_mean(lambda t: t**3)},
        largest=largest,
        correlation=CORRELATION,
        kappa={
            "standardized": values[1] / values[0],
            "whitened": float(np.linalg.cond(whiten.T @ (vectors * values) @ vectors.T @ whiten)),
        },
        bend={
            "standardized": explained_variance(standardize(symmetric)[:, None], symmetric**2),
            "square": explained_variance(np.column_stack([symmetric, symmetric**2]), symmetric**2),
        },
        rare=RARE,
        loud=(1 - RARE) / np.sqrt(RARE * (1 - RARE)),
    )


def claim_tails_stay(result: Result) -> None:
    """A lognormal feature has a skewness of {{ skewness.raw | digits(3) }}, standardized or not; among
    {{ examples | integer }} examples its largest value lies {{ largest.raw | digits(2) }} standard deviations out, and
    {{ largest.log | digits(2) }} after taking logarithms."""
    assert abs(result.skewness["raw"] - (np.e + 2) * np.sqrt(np.e - 1)) < 1e-6  # the closed form
    assert abs(result.skewness["log"]) < 1e-9
    for rng in draws(5):
        x = rng.exponential(size=50)
        for z in (standardize(x), standardize(7 * x + 3)):
            assert abs(np.mean(z**3) - np.mean(((x - x.mean()) / x.std()) ** 3)) < 1e-9
    assert 10 < result.largest["raw"] < 20 and 3 < result.largest["log"] < 3.6


def claim_correlation_stays(result: Result) -> None:
    """Two standardized features with a correlation of {{ correlation | digits(1) }} have a condition number of
    {{ kappa.standardized | digits(2) }}; whitened, of {{ kappa.whitened | integer }}."""
    assert abs(result.kappa["standardized"] - (1 + CORRELATION) / (1 - CORRELATION)) < 1e-9
    assert abs(result.kappa["whitened"] - 1) < 1e-9


def claim_a_bend_stays(result: Result) -> None:
    """Of $y = x^2$ a line explains {{ bend.standardized | percent(0) }} for a symmetric feature, standardized or not;
    with $x^2$ as a second feature it explains {{ bend.square | percent(0) }}."""
    assert abs(result.bend["standardized"]) < 1e-9 and abs(result.bend["square"] - 1) < 1e-9
    assert abs(normal_mean(lambda x: x * (x**2 - 1))) < 1e-9  # no covariance


def claim_rare_features_become_loud(result: Result) -> None:
    """A feature that is on in {{ rare | percent(0) }} of the examples reads {{ loud | digits(3) }} then, once
    standardized."""
    column = np.zeros(100)
    column[0] = 1
    assert abs(standardize(column)[0] / result.loud - 1) < 1e-9


def equation_rare() -> Draws:
    r"""\frac{1 - p}{\sqrt{p(1 - p)}} = \sqrt{\frac{1 - p}{p}}"""
    for p in (0.001, 0.02, 0.5, 0.9):
        yield {"p": p}
