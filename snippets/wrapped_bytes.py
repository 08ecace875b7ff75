"""What if a mean is subtracted from bytes as bytes, or bytes are divided by their range twice?

Bytes wrap: {{ beside[0] }} minus {{ middle }} is {{ wrapped[0] }}, and over all levels the result correlates with the
gray by {{ correlation | decimals(2) }}. Divided twice, every picture is nearly one number behind a usual map: the
largest value is {{ twice.most | digits(4) }} and the least {{ twice.least | digits(4) }}.

    x   byte
    q   the byte minus m, computed in bytes
    n   number of levels
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws

LEVELS, MIDDLE = 256, 128
CHANNEL = 0.485, 0.229  # the published mean and standard deviation of the first channel


@dataclass(frozen=True)
class Result:
    middle: int
    "What is subtracted."
    top: int
    "The largest level, by which bytes are divided."
    beside: list[int]
    "Two levels, the last below the middle and the middle."
    wrapped: list[int]
    "What becomes of them."
    correlation: float
    "Correlation of gray and result, all levels alike."
    twice: dict[str, float]
    "Least and largest number behind the published map, if bytes are divided by `top` twice."
    once: dict[str, float]
    "The same, if they are divided once."
    ratio: float
    "Squared mean over variance of levels that are all alike, divided twice, behind that map."


def map_channel(x: np.ndarray) -> np.ndarray:
    """Subtract the published mean, divide by the published standard deviation."""
    return (x - CHANNEL[0]) / CHANNEL[1]


def compute() -> Result:
    levels = np.arange(LEVELS, dtype=np.uint8)
    wrapped = levels - np.uint8(MIDDLE)
    top = LEVELS - 1
    once, twice = map_channel(np.arange(LEVELS) / top), map_channel(np.arange(LEVELS) / top / top)
    return Result(
        middle=MIDDLE,
        top=top,
        beside=[MIDDLE - 1, MIDDLE],
        wrapped=[int(wrapped[MIDDLE - 1]), int(wrapped[MIDDLE])],
        correlation=float(np.corrcoef(np.arange(LEVELS), wrapped.astype(float))[0, 1]),
        once={"least": float(once.min()), "most": float(once.max())},
        twice={"least": float(twice.min()), "most": float(twice.max())},
        ratio=float(twice.mean() ** 2 / twice.var()),
    )


def claim_bytes_wrap(result: Result) -> None:
    """In bytes {{ beside[0] }} minus {{ middle }} is {{ wrapped[0] }} and {{ beside[1] }} minus {{ middle }} is
    {{ wrapped[1] }}; over all levels the result correlates with the gray by {{ correlation | decimals(2) }}."""
    levels = np.arange(LEVELS)
    by_hand = np.where(levels < result.middle, levels + result.middle, levels - result.middle)
    assert [by_hand[level] for level in result.beside] == result.wrapped and result.beside == [127, 128]
    assert result.middle == 128
    n = LEVELS  # of n levels the variance is (n² − 1)/12, and the wrap takes n²/8 off the covariance
    assert abs(1 - n**2 / 8 * 12 / (n**2 - 1) - result.correlation) < 1e-9


def claim_divided_twice_is_one_number(result: Result) -> None:
    """Behind the first channel's published map bytes lie between {{ once.least | digits(3) }} and
    {{ once.most | digits(3) }}; divided by {{ top }} twice, between {{ twice.least | digits(4) }} and
    {{ twice.most | digits(4) }}, with a squared mean over variance of {{ ratio | scientific(1) }} where all levels are
    alike."""
    least, most = -CHANNEL[0] / CHANNEL[1], (1 - CHANNEL[0]) / CHANNEL[1]
    assert abs(least - result.once["least"]) < 1e-9 and abs(most - result.once["most"]) < 1e-9
    assert abs(least - result.twice["least"]) < 1e-9
    assert abs((1 / 255 - CHANNEL[0]) / CHANNEL[1] - result.twice["most"]) < 1e-9
    assert result.top == 255
    mean, variance = 0.5 / 255 - CHANNEL[0], (LEVELS**2 - 1) / 12 / 255**4
    assert abs(mean**2 / variance / result.ratio - 1) < 1e-9


def equation_wrap() -> Draws:
    r"""q = x - m + n\,[x < m]"""
    for rng in draws(8):
        x = rng.integers(0, LEVELS, dtype=np.uint8)
        q = (np.full(1, x) - np.uint8(MIDDLE))[0]
        yield {"q": int(q), "x": int(x), "m": MIDDLE, "n": LEVELS, "[x < m]": int(x < MIDDLE)}


if __name__ == "__main__":
    print(compute())
