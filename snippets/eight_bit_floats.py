"""What does a mean cost in the two eight-bit floating-point formats?

E4M3 has {{ bits.e4m3 }} significant bits, E5M2 {{ bits.e5m2 }}. Inputs with a mean of {{ mean | integer }} standard
deviations lose {{ lost.e4m3.raw | percent(1) }} and {{ lost.e5m2.raw | percent(0) }} of their variance to rounding,
centered ones {{ lost.e4m3.centered | percent(2) }} and {{ lost.e5m2.centered | percent(1) }}.

    p   significant bits, the leading one included
"""

from dataclasses import dataclass

import numpy as np

from lib.gaussian import density

SEED = 0
BITS = {"e4m3": 4, "e5m2": 3}
MEAN, EXAMPLES, CHANNEL, UNITS = 5.0, 200_000, 100.0, 128


@dataclass(frozen=True)
class Result:
    bits: dict[str, int]
    "Significant bits of each format."
    largest: dict[str, float]
    "Largest number of each."
    mean: float
    "Mean over standard deviation of the inputs."
    lost: dict[str, dict[str, float]]
    "Mean square error of rounding over the variance: inputs with that mean, and centered."
    units: int
    "Channels."
    channel: float
    "Size of one large channel beside the others’ standard deviation."
    swamped: float
    "Share of the other channels’ variance that is lost in eight-bit integers with one scale for all channels."
    alone: float
    "The same without the large channel."


def round_to(x: np.ndarray, bits: int) -> np.ndarray:
    """Nearest numbers with so many significant bits, any exponent."""
    fraction, exponent = np.frexp(x)
    return np.ldexp(np.round(np.ldexp(fraction, bits)), exponent - bits)


def lose(x: np.ndarray, rounded: np.ndarray) -> float:
    """Mean square error over the variance."""
    return float(np.mean((rounded - x) ** 2) / np.var(x))


def round_integers(x: np.ndarray, largest: float) -> np.ndarray:
    """Multiples of the 127th part of the largest absolute value."""
    return np.round(x / largest * 127) * largest / 127


def compute() -> Result:
    z = np.random.default_rng(SEED).normal(size=EXAMPLES)
    channels = z[: UNITS * 1000].reshape(1000, UNITS)
    return Result(
        bits=BITS,
        largest={"e4m3": 1.75 * 2.0**8, "e5m2": 1.75 * 2.0**15},
        mean=MEAN,
        lost={
            key: {"raw": lose(MEAN + z, round_to(MEAN + z, p)), "centered": lose(z, round_to(z, p))}
            for key, p in BITS.items()
        },
        units=UNITS,
        channel=CHANNEL,
        swamped=lose(channels, round_integers(channels, CHANNEL)),
        alone=lose(channels, round_integers(channels, float(np.abs(channels).max()))),
    )


def claim_a_mean_costs_in_eight_bits(result: Result) -> None:
    """Normal inputs of standard deviation 1 lose to rounding in E4M3 {{ lost.e4m3.raw | percent(1) }} of their variance
    if their mean is {{ mean | integer }} and {{ lost.e4m3.centered | percent(2) }} if it is 0, in E5M2
    {{ lost.e5m2.raw | percent(0) }} and {{ lost.e5m2.centered | percent(1) }}."""
    x = np.linspace(-8, 14, 1_000_001)
    for key, p in BITS.items():
        for case, mean in (("raw", MEAN), ("centered", 0.0)):
            weights = density(x - mean)
            lost = ((round_to(x, p) - x) ** 2 @ weights) / weights.sum()
            np.testing.assert_allclose(result.lost[key][case], lost, rtol=0.02)


def claim_one_channel_takes_the_levels(result: Result) -> None:
    """In eight-bit integers with one scale for {{ units }} channels, the channels lose {{ alone | percent(2) }} of
    their variance, and {{ swamped | percent(0) }} if another one is always {{ channel | integer }} times as large as
    their standard deviation."""
    width = CHANNEL / 127
    assert abs(result.swamped / (width**2 / 12) - 1) < 0.05 and result.alone < 2e-4
    assert abs(result.alone / ((2 * 4.5 / 254) ** 2 / 12) - 1) < 0.4
