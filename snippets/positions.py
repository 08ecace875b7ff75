"""Do sinusoidal encodings of positions have mean zero?

No: over {{ lengths | integer | list }} positions the squared mean over the variance of an encoding of
{{ width }} numbers is {{ ratio | digits(2) | list }}, since slow waves do not complete a period.

    d    numbers of an encoding: sine and cosine of t/BASE^(2i/d), a pair for each i, as in Vaswani et al. (2017)
    ρ    squared length of the mean over t, over the sum of the variances
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws
from lib.quadratics import off_center_ratio

WIDTH, LENGTHS, BASE = 512, (128, 512, 2048), 10_000.0


@dataclass(frozen=True)
class Result:
    width: int
    "Numbers of an encoding."
    lengths: tuple[int, ...]
    "Positions, from 0 on."
    ratio: tuple[float, ...]
    "Squared mean over variance of the encodings, for each."
    with_words: float
    "The same for the longest, added to embeddings of mean zero and variance 1 that do not depend on the position."
    slow: float
    "Share of the pairs whose period is longer than the longest of these texts."


def encode(length: int) -> np.ndarray:
    """Return encodings, one row a position: all sines, then all cosines."""
    angles = np.arange(length)[:, None] * BASE ** (-np.arange(0, WIDTH, 2) / WIDTH)
    return np.hstack([np.sin(angles), np.cos(angles)])


def compute() -> Result:
    mean = encode(LENGTHS[-1]).mean(axis=0)
    return Result(
        width=WIDTH,
        lengths=LENGTHS,
        ratio=tuple(off_center_ratio(encode(length)) for length in LENGTHS),
        with_words=mean @ mean / (WIDTH + WIDTH / 2 - mean @ mean),
        slow=np.mean(2 * np.pi * BASE ** (np.arange(0, WIDTH, 2) / WIDTH) > LENGTHS[-1]),
    )


def claim_positions_have_a_mean(result: Result) -> None:
    """Over {{ lengths | integer | list }} positions the encodings with {{ width }} numbers have ratios of
    {{ ratio | digits(3) | list }}; added to embeddings of mean zero and variance 1, over {{ lengths[2] | integer }}
    positions, {{ with_words | digits(2) }}. Of the waves {{ slow | percent(0) }} have a longer period than that."""
    for length, ratio in zip(result.lengths, result.ratio):
        rates = BASE ** (-2 * np.arange(WIDTH // 2) / WIDTH)
        waves = (np.exp(1j * rates * length) - 1) / (np.exp(1j * rates) - 1) / length  # a geometric series
        squared = np.sum(abs(waves) ** 2)
        assert abs(squared / (WIDTH / 2 - squared) / ratio - 1) < 1e-9
    assert abs(1 / result.with_words - (WIDTH / squared + 1 / result.ratio[2])) < 1e-9
    fastest = WIDTH / 2 * np.log(result.lengths[2] / (2 * np.pi)) / np.log(BASE)
    assert abs(result.slow - (1 - fastest / (WIDTH / 2))) < 0.004


def equation_ratio() -> Draws:
    r"""\rho = \frac{\lVert\mu\rVert^2}{d/2 - \lVert\mu\rVert^2}"""
    for length in (3, 20, 128, 700):
        x = encode(length)
        yield {
            r"\rho": np.sum(x.mean(axis=0) ** 2) / np.trace(np.cov(x.T, bias=True)),
            r"\mu": x.mean(axis=0),
            "d": WIDTH,
        }


if __name__ == "__main__":
    print(compute())
