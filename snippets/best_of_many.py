"""How much better is the best of many runs that differ by nothing but chance?

The best of {{ runs }} lies {{ best_of.twenty | digits(3) }} standard deviations above their mean, on average.
"""

from dataclasses import dataclass

import numpy as np

from lib.data import digits
from lib.gaussian import distribution, expect_largest
from lib.paired_runs import IMAGES, RUNS, compare_accuracy

SEED = 0
MANY = {"two": 2, "five": 5, "eight": 8, "twenty": RUNS}


@dataclass(frozen=True)
class Result:
    runs: int
    "Runs of either kind."
    centered: float
    "Mean accuracy on centered pixels at the late goal, in percent."
    sampling: float
    "Standard error of one accuracy that comes from the finite number of test images, late goal, percentage points."
    best_of: dict[str, float]
    "By how many standard deviations the best of so many equal runs beats their mean; the last in percentage points."
    coins: dict[str, float]
    "Probability that one, and that either of two equal methods wins three of three runs."
    variants: int
    "Equal variants, in an exercise."
    exercise: int
    "Runs until a mean of two is two standard errors, where the standard deviation is three."


def compute() -> Result:
    accuracy = compare_accuracy(SEED)
    centered = float(accuracy["late"][1].mean())
    p = centered / 100
    error = 100 * float(np.sqrt(p * (1 - p) / (len(digits()[1]) - IMAGES)))
    return Result(
        runs=RUNS,
        centered=centered,
        sampling=error,
        best_of={name: expect_largest(n) for name, n in MANY.items()} | {"points": expect_largest(RUNS) * error},
        exercise=int(np.ceil((2 * 3 / 2) ** 2)),
        coins={"one": 0.5**3, "either": 2 * 0.5**3},
        variants=MANY["eight"],
    )


def claim_the_best_of_many(result: Result) -> None:
    """Of {{ runs }} runs that differ by nothing but chance the best lies {{ best_of.twenty | digits(3) }} standard
    deviations above their mean; with the {{ sampling | digits(2) }} points that the number of test images leaves open,
    that is {{ best_of.points | digits(2) }} points."""
    drawn = np.random.default_rng(0).normal(size=(20000, max(MANY.values())))
    z = np.linspace(0, 9, 9001)  # the mean of any number is ∫₀^∞ P(above z) − P(below −z) dz
    for name, count in MANY.items():
        assert abs(drawn[:, :count].max(axis=1).mean() - result.best_of[name]) < 0.02
        excess = 1 - distribution(z) ** count - distribution(-z) ** count
        assert abs(np.trapezoid(excess, z) - result.best_of[name]) < 1e-4
    wins = np.array([[bin(code).count("1") == 3, bin(code).count("1") in (0, 3)] for code in range(8)])  # three coins
    assert tuple(wins.mean(axis=0)) == tuple(result.coins.values())
    assert 3 / np.sqrt(result.exercise) == 2 / 2  # the standard error is half of the mean
    correct = np.random.default_rng(1).binomial(1597, result.centered / 100, size=20000) / 15.97
    assert abs(correct.std() / result.sampling - 1) < 0.02
    assert 1.1 < result.best_of["points"] < 1.4


if __name__ == "__main__":
    print(compute())
