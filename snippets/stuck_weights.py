r"""Which weights does a step of Adam not change in bfloat16, and does a gain stored around zero move?

At a rate of {{ rate | scientific }} {{ unchanged.weights | percent(0) }} of weights with the standard deviation
{{ std | decimals(2) }} and {{ unchanged.gains | percent(0) }} of gains at 1 stay exactly as they are; a gain that is
stored minus 1 moves, as far as {{ reached.centered | digits(2) }}.

    η   rate, the size of Adam's step
    u   distance of neighboring numbers at a weight
"""

from dataclasses import dataclass

import numpy as np

from lib.gaussian import distribution

SEED = 0
RATE, STD, WEIGHTS, STEPS, BITS = 1e-4, 0.02, 200_000, 1000, 8


@dataclass(frozen=True)
class Result:
    rate: float
    "Size of a step."
    std: float
    "Standard deviation of the weights."
    unchanged: dict[str, float]
    "Share that one step leaves exactly as it is: weights, gains at 1, gains stored as their distance from 1."
    least: float
    "Least size of a weight that such a step leaves as it is."
    steps: int
    "Steps, all in one direction."
    reached: dict[str, float]
    "What is added to a gain by them: stored as it is, stored minus 1, in single precision."


def to_bfloat(x: np.ndarray) -> np.ndarray:
    """Nearest numbers of bfloat16."""
    fraction, exponent = np.frexp(x)
    return np.ldexp(np.round(np.ldexp(fraction, BITS)), exponent - BITS)


def share_unchanged(w: np.ndarray, step: np.ndarray) -> float:
    """Share of weights, held in bfloat16, that equal themselves after a step."""
    w = to_bfloat(w)
    return float(np.mean(to_bfloat(w - step) == w))


def walk(start: float) -> float:
    """Where equal steps lead from a start that is held in bfloat16."""
    w = np.array(start)
    for _ in range(STEPS):
        w = to_bfloat(w + RATE)
    return float(w) - start


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    step = RATE * rng.choice([-1, 1], WEIGHTS)
    return Result(
        rate=RATE,
        std=STD,
        unchanged={
            "weights": share_unchanged(STD * rng.normal(size=WEIGHTS), step),
            "gains": share_unchanged(np.ones(WEIGHTS), step),
            "centered": share_unchanged(np.zeros(WEIGHTS), step),
        },
        least=2.0**-5,
        steps=STEPS,
        reached={"plain": walk(1.0), "centered": walk(0.0), "single": STEPS * RATE},
    )


def claim_a_step_leaves_some_as_they_are(result: Result) -> None:
    """A step of {{ rate | scientific }} leaves {{ unchanged.gains | percent(0) }} of gains at 1 exactly as they are,
    and {{ unchanged.weights | percent(0) }} of normal weights with standard deviation {{ std | decimals(2) }}: those of
    size {{ least | digits(2) }} and more."""
    assert result.unchanged["gains"] == 1 and result.unchanged["centered"] == 0
    beyond = 2 * (1 - float(distribution(result.least / result.std)))
    assert abs(result.unchanged["weights"] - beyond) < 0.004
    below, above = to_bfloat(np.array(result.least * 0.99)), result.least
    assert to_bfloat(below + result.rate) != below and to_bfloat(above + result.rate) == above


def claim_a_gain_around_zero_moves(result: Result) -> None:
    """{{ steps | integer }} steps of that size in one direction add {{ reached.plain | integer }} to a gain that is
    stored as it is, {{ reached.centered | digits(2) }} to one that is stored minus 1, and
    {{ reached.single | decimals(1) }} in single precision."""
    for start, moved in ((1.0, result.reached["plain"]), (0.0, result.reached["centered"])):
        w = float(start)
        for _ in range(result.steps):  # the other way of rounding: to a multiple of the spacing
            new = w + result.rate
            unit = 2.0 ** (np.floor(np.log2(new)) + 1 - BITS)
            w = unit * round(new / unit)
        assert abs(w - start - moved) < 1e-12
    assert abs(result.reached["single"] - np.sum(np.full(result.steps, result.rate, np.float32))) < 1e-4
