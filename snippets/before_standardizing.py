"""In which order: standardize, cast to fewer bits, fill in missing values?

First subtract in double precision, then cast: a Unix timestamp in single precision comes in steps of
{{ spacing.timestamp | integer }} seconds. First standardize what is there, then fill with zero: filled before, a
feature of mean {{ mean | integer }} ± {{ std | integer }} of which {{ missing | percent(0) }} are missing explains
{{ explained.before | percent(0) }} of a target that is the feature itself, filled after
{{ explained.after | percent(0) }}.

    m     share of missing values, missing at random
    μ, s  mean and standard deviation of the values that are there
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws

SEED = 0
TIMESTAMP = 1_700_000_000  # seconds since 1970, in November 2023
INPUT = 100.0, 1.0  # mean and standard deviation of an input in bfloat16
MEAN, STD, MISSING = 40.0, 12.0, 0.1  # age in years
CODE, CODED = -999.0, 0.01  # what missing values are written as, and their share
EXAMPLES = 200_000


@dataclass(frozen=True)
class Result:
    spacing: dict[str, float]
    "Distance of neighboring numbers: at the timestamp in single precision; in bfloat16 there, in days, and at `input`."
    input: float
    "Mean of an input of standard deviation 1."
    lost: dict[str, float]
    "Root mean square error that bfloat16 adds to it, in standard deviations: cast before, and after centering."
    mean: float
    "Mean of a feature."
    std: float
    "Its standard deviation."
    missing: float
    "Share of missing values."
    coded: dict[str, float]
    "Missing values written as a number: the `number`, their `share`, and with them the `mean` and the `std`."
    left: dict[str, float]
    "With these, after standardizing: standard deviation of the values that are there, and the share explained."
    spread: float
    "Standard deviation of the feature once zeros fill the gaps."
    explained: dict[str, float]
    "Share of the variance of the full feature that a line in the filled one explains; zeros before, or after."


def round_to_bfloat16(x: np.ndarray) -> np.ndarray:
    """Numbers with 8 significant bits, the nearest ones."""
    fraction, exponent = np.frexp(x)
    return np.ldexp(np.round(fraction * 2**8) / 2**8, exponent)


def draw_losses() -> dict[str, float]:
    """What rounding adds, in standard deviations of the input."""
    x = np.random.default_rng(SEED).normal(*INPUT, size=EXAMPLES)
    before, after = round_to_bfloat16(x) - INPUT[0], round_to_bfloat16(x - INPUT[0])
    return {
        name: float(np.sqrt(np.mean((rounded - (x - INPUT[0])) ** 2)))
        for name, rounded in (("before", before), ("after", after))
    }


def explained_share(m: float, mean: float, std: float) -> float:
    """(1 − m) s²/(s² + m μ²)."""
    return (1 - m) * std**2 / (std**2 + m * mean**2)


def compute() -> Result:
    day = 24 * 60 * 60
    coded_std = float(np.sqrt((1 - CODED) * (STD**2 + CODED * (MEAN - CODE) ** 2)))
    return Result(
        spacing={
            "timestamp": float(np.spacing(np.float32(TIMESTAMP))),
            "days": 2.0 ** (np.frexp(TIMESTAMP)[1] - 8) / day,
            "input": 2.0 ** (np.frexp(INPUT[0])[1] - 8),
        },
        input=INPUT[0],
        lost=draw_losses(),
        mean=MEAN,
        std=STD,
        missing=MISSING,
        coded={"number": CODE, "share": CODED, "mean": MEAN + CODED * (CODE - MEAN), "std": coded_std},
        left={"std": STD / coded_std, "explained": explained_share(CODED, MEAN - CODE, STD)},
        spread=float(np.sqrt((1 - MISSING) * (STD**2 + MISSING * MEAN**2))),
        explained={"before": explained_share(MISSING, MEAN, STD), "after": explained_share(MISSING, 0, STD)},
    )


def equation_explained() -> Draws:
    r"""R^2 = \frac{(1 - m)\,s^2}{s^2 + m\,\mu^2}"""
    for rng in draws(8):
        full = rng.normal(size=40)
        full = rng.uniform(0.2, 3) + rng.uniform(0.5, 2) * (full - full.mean()) / full.std()
        gaps = int(rng.integers(1, 30))
        x = np.concatenate([np.tile(full, 40 - gaps), np.zeros(40 * gaps)])  # each value missing equally often
        y = np.tile(full, 40)
        letters = {"m": gaps / 40, "s": full.std(), r"\mu": full.mean()}
        yield {"R^2": np.corrcoef(x, y)[0, 1] ** 2} | letters


def claim_subtract_before_the_cast(result: Result) -> None:
    """Neighboring numbers in single precision are {{ spacing.timestamp | integer }} seconds apart at a Unix timestamp
    of today, in bfloat16 {{ spacing.days | integer }} days. An input of {{ input | integer }} ± 1 in bfloat16 comes in
    steps of {{ spacing.input | digits(1) }}, an error of {{ lost.before | digits(2) }} standard deviations;
    centered before the cast, {{ lost.after | digits(1) }}."""
    at = np.float32(TIMESTAMP)
    assert float(np.nextafter(at, np.float32(np.inf)) - at) == result.spacing["timestamp"]
    days = np.unique(round_to_bfloat16(TIMESTAMP + np.arange(0, 4e7, 1e4)))
    assert abs(np.diff(days).min() / 86400 - result.spacing["days"]) < 1e-9
    grid = np.unique(round_to_bfloat16(np.linspace(99, 101, 999)))
    assert np.all(np.diff(grid) == result.spacing["input"]) and result.input == INPUT[0]
    assert abs(result.lost["before"] * np.sqrt(12) / result.spacing["input"] - 1) < 0.02  # uniform within a step
    z = np.linspace(-6, 6, 120_001)
    density = np.exp(-(z**2) / 2) / np.sum(np.exp(-(z**2) / 2))
    bits = np.floor(np.log2(np.maximum(abs(z), 1e-9))) - 7  # a step of 2^bits, and a variance of its square over 12
    assert abs(result.lost["after"] / np.sqrt(density @ 4.0**bits / 12) - 1) < 0.03


def claim_standardize_before_filling(result: Result) -> None:
    """A feature of {{ mean | integer }} ± {{ std | integer }}, of which {{ missing | percent(0) }} are missing at
    random: zeros put in before standardizing raise its standard deviation to {{ spread | digits(3) }}, and a line in it
    explains {{ explained.before | percent(0) }} of the full feature’s variance; zeros put in after,
    {{ explained.after | percent(0) }}."""
    rng = np.random.default_rng(SEED)
    full = rng.normal(result.mean, result.std, EXAMPLES)
    there = rng.random(EXAMPLES) > result.missing
    assert (result.mean, result.std, result.missing) == (MEAN, STD, MISSING)
    before, after = full * there, (full - MEAN) * there
    assert abs(before.std() / result.spread - 1) < 0.01
    for name, x in (("before", before), ("after", after)):
        assert abs(np.corrcoef(x, full)[0, 1] ** 2 - result.explained[name]) < 0.01


def claim_a_number_for_missing_is_worse(result: Result) -> None:
    """The same feature with {{ coded.share | percent(0) }} missing, written as {{ coded.number | integer }}: the
    column’s mean becomes {{ coded.mean | digits(3) }} and its standard deviation {{ coded.std | digits(3) }}, so the
    values that are there are left with one of {{ left.std | digits(2) }} after standardizing, and a line in
    the column explains {{ left.explained | percent(1) }} of the full feature’s variance."""
    z = np.linspace(-6, 6, 20_001)
    density = np.exp(-(z**2) / 2) / np.sum(np.exp(-(z**2) / 2))
    full = MEAN + STD * z
    values = np.concatenate([full, full])
    column = np.concatenate([full, np.full(len(z), CODE)])
    weights = np.concatenate([(1 - CODED) * density, CODED * density])
    mean, std = weights @ column, np.sqrt(weights @ column**2 - (weights @ column) ** 2)
    assert (result.coded["number"], result.coded["share"]) == (CODE, CODED)
    assert abs(mean - result.coded["mean"]) < 1e-6 and abs(std - result.coded["std"]) < 1e-4
    assert abs(np.sqrt(density @ (full - MEAN) ** 2) / std - result.left["std"]) < 1e-4
    covariance = weights @ (column * values) - mean * (weights @ values)
    assert abs((covariance / std / STD) ** 2 - result.left["explained"]) < 1e-5


if __name__ == "__main__":
    print(compute())
