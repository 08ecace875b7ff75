"""What does batch norm in a critic do to states and next states that are normalized apart?

It takes the difference of their means away: a critic that sees next states {{ apart | integer }} standard deviations
higher, in a batch of their own, gives them the mean value that it gives to states, {{ gap.separate | decimals(2) }}
apart. In one batch they are {{ gap.joint | decimals(2) }} apart.
"""

from dataclasses import dataclass

import numpy as np

from lib.normalization import standardize
from lib.numerics import Draws, draws

SEED = 0
STATES, UNITS, APART = 256, 32, 1.0


@dataclass(frozen=True)
class Result:
    states: int
    "States in a batch, and next states."
    apart: float
    "Difference of their means in every unit, in standard deviations."
    gap: dict[str, float]
    "Difference of the mean outputs of a linear layer behind the norm that adds up the units, over the spread of its"
    " outputs for states: normalized apart, and in one batch."


def find_gap(joint: bool, seed: int) -> float:
    """Difference of mean outputs between next states and states, behind a batch norm and an average over units."""
    rng = np.random.default_rng(seed)
    level = rng.normal(size=(2 * STATES, 1))  # what the units have in common
    z = 0.6 * level + 0.8 * rng.normal(size=(2 * STATES, UNITS))
    z[STATES:] += APART
    parts = [standardize(z)] if joint else [standardize(z[:STATES]), standardize(z[STATES:])]
    out = np.vstack(parts).mean(axis=1)
    return float((out[STATES:].mean() - out[:STATES].mean()) / out[:STATES].std())


def compute() -> Result:
    return Result(
        states=STATES,
        apart=APART,
        gap={
            "separate": find_gap(False, SEED),
            "joint": float(np.mean([find_gap(True, s) for s in range(40 * SEED, 40 * SEED + 40)])),
        },
    )


def claim_apart_they_look_alike(result: Result) -> None:
    """Next states lie {{ apart | integer }} standard deviation above states in every unit. Batch norm on each of the
    two batches of {{ states }} apart leaves a difference of mean outputs of {{ gap.separate | decimals(1) }}, on both
    in one batch one of {{ gap.joint | decimals(1) }} standard deviations of the output."""
    assert abs(result.gap["separate"]) < 1e-9 and result.states == STATES and result.apart == APART
    spread = np.sqrt(0.6**2 + 0.8**2 / UNITS)  # of an average of the units, whose own standard deviation is 1
    assert abs(result.gap["joint"] / (APART / spread) - 1) < 0.04


def equation_gap() -> Draws:
    r"""\bar{n}' - \bar{n} = \frac{d}{\sqrt{s^2 + d^2/4}}"""
    for rng in draws(5):
        s, d = rng.uniform(0.5, 2), rng.uniform(0, 3)
        z = np.array([-s, s, d - s, d + s])  # states and next states, two of each
        n = standardize(z[:, None])[:, 0]
        yield {r"\bar{n}'": n[2:].mean(), r"\bar{n}": n[:2].mean(), "d": d, "s": s}


if __name__ == "__main__":
    print(compute())
