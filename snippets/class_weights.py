r"""What do class weights, or pos_weight, do to probabilities, to the mean error and to the largest stable step?

With {{ share | percent(0) }} of the examples positive and a weight of {{ weight | integer }} on them, a model without
inputs predicts {{ predicted | digits(1) }}. At a bias of zero the mean error is then zero. The step that one example
allows is {{ single | integer }} times smaller for a positive one.

    p   share of positive examples, and the probability of one
    c   weight of a positive example, that of a negative one being 1
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import sigmoid
from lib.numerics import Draws, draws, find_root

SHARE = 0.01
SCORE = -1.0


@dataclass(frozen=True)
class Result:
    share: float
    "Share of positive examples."
    weight: float
    "Weight that makes both classes count alike."
    predicted: float
    "Probability that a weighted fit of a constant predicts."
    probability: float
    "What a weighted fit predicts where the true log-odds are `SCORE`."
    chance: float
    "The probability there."
    error: dict[str, float]
    "Mean of the weighted errors at a bias of zero: without weights, and with them."
    curvature: float
    "Mean curvature at zero scores with the weights over that without."
    single: float
    "Curvature of one positive example with its weight over that without."


def fit_constant(p: float, weight: float) -> float:
    """Score at which the weighted cross-entropy of one constant is least."""
    return find_root(lambda f: weight * p * (sigmoid(f) - 1) + (1 - p) * sigmoid(f), -20, 20)


def compute() -> Result:
    weight = (1 - SHARE) / SHARE
    return Result(
        share=SHARE,
        weight=weight,
        predicted=float(sigmoid(fit_constant(SHARE, weight))),
        chance=float(sigmoid(SCORE)),
        probability=float(sigmoid(SCORE + np.log(weight))),
        error={"plain": 0.5 - SHARE, "weighted": (1 - SHARE) / 2 - weight * SHARE / 2},
        curvature=weight * SHARE + 1 - SHARE,
        single=weight,
    )


def claim_weights_move_probabilities(result: Result) -> None:
    """With {{ share | percent(0) }} positive and a weight of {{ weight | integer }} on them a fitted constant is
    {{ predicted | digits(1) }} instead of {{ share | digits(1) }}; where the true probability is
    {{ chance | digits(2) }}, a weighted fit says {{ probability | digits(3) }}."""
    assert result.share == SHARE and abs(result.weight * 0.01 - 0.99) < 1e-12
    labels = np.repeat([1.0, 0.0], [1, 99])
    weights = np.where(labels, result.weight, 1)
    assert abs(np.average(labels, weights=weights) - result.predicted) < 1e-9  # the best constant is the weighted mean
    p = 1 / (1 + np.e)
    assert abs(result.chance - p) < 1e-12
    assert abs(result.weight * p / (result.weight * p + 1 - p) - result.probability) < 1e-12


def claim_weights_remove_the_mean_error(result: Result) -> None:
    """The mean of the weighted errors at a bias of zero is {{ error.weighted | decimals(2) }} instead of
    {{ error.plain | decimals(2) }}. Averaged over examples, the weights multiply the curvature at zero scores by
    {{ curvature | digits(3) }}, and that of one positive example by {{ single | integer }}."""
    labels = np.repeat([1.0, 0.0], [1, 99])
    weights = np.where(labels, result.weight, 1)
    assert abs(np.mean(weights * (0.5 - labels)) - result.error["weighted"]) < 1e-12
    assert abs(np.mean(0.5 - labels) - result.error["plain"]) < 1e-12
    assert abs(np.mean(weights / 4) / (1 / 4) - result.curvature) < 1e-12
    step = 1e-4
    losses = [result.weight * np.logaddexp(0, -f) for f in (-step, 0, step)]
    assert abs((losses[0] - 2 * losses[1] + losses[2]) / step**2 * 4 / result.single - 1) < 1e-4


def equation_odds() -> Draws:
    r"""\frac{\hat{p}}{1 - \hat{p}} = c\,\frac{p}{1 - p}"""
    for rng in draws(8):
        p, c = rng.uniform(0.05, 0.95), rng.uniform(0.2, 30)
        yield {r"\hat{p}": sigmoid(fit_constant(p, c)), "p": p, "c": c}


if __name__ == "__main__":
    print(compute())
