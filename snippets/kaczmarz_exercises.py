"""What a bias, a shift and an order do to exact steps on one example at a time: answers to exercises.

With a bias input of 1, the pair (1, 1), (1, −1) has the cosine {{ with_bias | digits(2) }}. A shift of
{{ twice | digits(3) }} takes twice as many steps as a shift of 1. {{ examples }} examples sorted by direction leave
{{ left.sorted | digits(1) }} of the error in {{ sweeps | words }} sweeps, in random order
{{ left.random | scientific(1) }}.
"""

from dataclasses import dataclass

import numpy as np

from lib.exact_steps import exact_steps
from lib.numerics import cosine, find_root

SEED = 0
EXAMPLES, SWEEPS, ORDERS = 21, 3, 201  # an odd number of examples: no two are at a right angle, which leaves nothing


@dataclass(frozen=True)
class Result:
    with_bias: float
    "Cosine of (1, 1, 1) and (1, −1, 1)."
    twice: float
    "Shift c of the pair (1, 1), (1, −1) that needs twice as many steps as a shift of 1."
    examples: int
    "Examples in the plane, evenly spread over half a turn."
    sweeps: int
    "How often each is shown."
    left: dict[str, float]
    "Share of the error left: sorted by direction; median over random orders, the same in every sweep."


def error_after_sweeps(error: np.ndarray, examples: np.ndarray) -> float:
    """Length of the error after exact steps on the examples in their order, in all sweeps."""
    *_, last = exact_steps(error, np.tile(examples, (SWEEPS, 1)))
    return float(np.linalg.norm(last))


def compute() -> Result:
    angles = np.pi * np.arange(EXAMPLES) / EXAMPLES
    examples, rng = np.column_stack([np.cos(angles), np.sin(angles)]), np.random.default_rng(SEED)
    start = np.array([0.0, 1.0])  # across the first example, which leaves it as it is
    return Result(
        with_bias=cosine(np.array([1.0, 1, 1]), np.array([1.0, -1, 1])),
        twice=find_root(lambda c: np.log1p(1 / c**2) - np.log(2) / 2, 1.0, 3.0),
        examples=EXAMPLES,
        sweeps=SWEEPS,
        left={
            "sorted": error_after_sweeps(start, examples),
            "random": float(np.median([error_after_sweeps(start, rng.permutation(examples)) for _ in range(ORDERS)])),
        },
    )


def claim_answers(result: Result) -> None:
    """A bias input of 1 brings the cosine of (1, 1) and (1, −1) to {{ with_bias | digits(2) }}, a shift of
    {{ twice | digits(3) }} doubles the steps, and sorting {{ examples }} examples by direction leaves
    {{ left.sorted | digits(1) }} of the error in {{ sweeps | words }} sweeps, random orders
    {{ left.random | scientific(1) }}."""
    assert abs(result.with_bias - 1 / 3) < 1e-12 and abs(result.twice - (np.sqrt(2) - 1) ** -0.5) < 1e-6
    pair = np.array([[1.0, 1.0], [1.0, -1.0]]) + result.twice
    assert abs(4 * np.log(cosine(*pair)) / np.log(1 / 2) - 1) < 1e-6
    turns = SWEEPS * EXAMPLES - 1  # each turn of π/EXAMPLES multiplies by its cosine
    assert abs(result.left["sorted"] / np.cos(np.pi / EXAMPLES) ** turns - 1) < 1e-9
    assert result.left["random"] < 1e-6 * result.left["sorted"]
    turns, rng, lengths = np.pi * np.arange(EXAMPLES) / EXAMPLES, np.random.default_rng(SEED), []
    for _ in range(ORDERS):
        x, y = rng.permutation(np.column_stack([np.cos(turns), np.sin(turns)])).T
        met = np.tile(np.arctan2(y, x), SWEEPS)
        lengths.append(abs(np.cos(met[0]) * np.prod(np.cos(np.diff(met)))))
    assert abs(np.median(lengths) / result.left["random"] - 1) < 1e-3


if __name__ == "__main__":
    print(compute())
