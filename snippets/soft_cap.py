"""What does a soft cap on logits, c tanh(z/c), do to a shift that all logits share?

A softmax ignores it, a cap does not: two logits that are {{ gap | digits(1) }} apart are {{ left[0] | decimals(2) }}
apart behind a cap of {{ cap | integer }} if they lie about zero, and {{ left[3] | decimals(2) }} if they lie about
{{ shifts[3] | integer }}.

    c   cap; z logits before, z′ behind it
"""

from dataclasses import dataclass

import numpy as np

from lib.network import softmax
from lib.numerics import Draws, derivative, draws

CAP, GAP = 30.0, 4.0
SHIFTS = (0.0, 10.0, 30.0, 60.0)


@dataclass(frozen=True)
class Result:
    cap: float
    "Bound of the capped logits."
    gap: float
    "Difference of two logits."
    shifts: tuple[float, ...]
    "Where their middle lies."
    left: tuple[float, ...]
    "Their difference behind the cap, for each."
    odds: tuple[float, ...]
    "Probability of the larger, of two, for each."
    slope: tuple[float, ...]
    "Derivative of the cap in the middle, for each."


def cap_logits(z: np.ndarray, cap: float = CAP) -> np.ndarray:
    """Logits between −c and c, nearly as they were while they are small."""
    return cap * np.tanh(z / cap)


def compute() -> Result:
    pairs = np.array(SHIFTS)[:, None] + np.array([GAP / 2, -GAP / 2])
    capped = cap_logits(pairs)
    return Result(
        cap=CAP,
        gap=GAP,
        shifts=SHIFTS,
        left=tuple(capped[:, 0] - capped[:, 1]),
        odds=tuple(softmax(capped)[:, 0]),
        slope=tuple(1 - np.tanh(np.array(SHIFTS) / CAP) ** 2),
    )


def claim_a_shared_shift_counts(result: Result) -> None:
    """Two logits {{ gap | digits(1) }} apart pass a cap of {{ cap | integer }}. About zero they stay
    {{ left[0] | decimals(2) }} apart, and the larger has a probability of {{ odds[0] | percent(0) }}. About
    {{ shifts[2] | integer }} they are {{ left[2] | decimals(2) }} apart. About {{ shifts[3] | integer }}, where the
    slope is {{ slope[3] | digits(2) }}, they are {{ left[3] | decimals(2) }} apart, and the probability is
    {{ odds[3] | percent(0) }}."""
    for place in (0, 2, 3):
        grid = np.linspace(-GAP / 2, GAP / 2, 4001) + SHIFTS[place]
        slopes = derivative(cap_logits, grid)
        area = (slopes[1:] + slopes[:-1]).sum() / 2 * (grid[1] - grid[0])
        assert abs(result.left[place] - area) < 1e-4
        assert abs(result.odds[place] - 1 / (1 + np.exp(-area))) < 1e-4
        assert abs(result.slope[place] - derivative(cap_logits, SHIFTS[place])) < 1e-9


def equation_slope() -> Draws:
    r"""\frac{\partial z'}{\partial z} = 1 - \frac{z'^2}{c^2}"""
    for rng in draws(4):
        z, c = rng.normal() * 20, rng.uniform(5, 50)
        capped = float(cap_logits(z, c))
        slope = derivative(lambda z, c=c: cap_logits(z, c), z)
        yield {r"\frac{\partial z'}{\partial z}": slope, "z'": capped, "c": c}
