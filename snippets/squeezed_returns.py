"""Does symlog center large returns?

It brings them to one scale, and farther from zero in standard deviations: returns of {{ mean | integer }} ±
{{ std | integer }} become {{ after.mean | digits(3) }} ± {{ after.std | digits(2) }}, and the squared mean over the
variance rises from {{ ratio.before | integer }} to {{ ratio.after | integer }}.

    symlog(x) = sign(x) ln(1 + |x|)
"""

from dataclasses import dataclass

import numpy as np

from lib.gaussian import normal_mean
from lib.numerics import Draws, draws

SEED = 0
MEAN, STD = 300.0, 20.0


@dataclass(frozen=True)
class Result:
    mean: float
    "Mean of the returns."
    std: float
    "Their standard deviation."
    after: dict[str, float]
    "Mean and standard deviation of their symlog."
    ratio: dict[str, float]
    "Squared mean over variance, before and after."


def symlog(x: np.ndarray) -> np.ndarray:
    """sign(x) ln(1 + |x|)."""
    return np.sign(x) * np.log1p(np.abs(x))


def compute() -> Result:
    mean = normal_mean(lambda z: symlog(MEAN + STD * z))
    std = float(np.sqrt(normal_mean(lambda z: (symlog(MEAN + STD * z) - mean) ** 2)))
    return Result(
        mean=MEAN,
        std=STD,
        after={"mean": float(mean), "std": std},
        ratio={"before": (MEAN / STD) ** 2, "after": float((mean / std) ** 2)},
    )


def claim_symlog_does_not_center(result: Result) -> None:
    """Returns of {{ mean | integer }} ± {{ std | integer }} become {{ after.mean | digits(3) }} ±
    {{ after.std | digits(2) }} under symlog; their squared mean over the variance rises from
    {{ ratio.before | integer }} to {{ ratio.after | integer }}."""
    x = symlog(np.random.default_rng(SEED).normal(result.mean, result.std, 400_000))
    assert abs(x.mean() / result.after["mean"] - 1) < 1e-3 and abs(x.std() / result.after["std"] - 1) < 0.01
    assert abs(x.mean() ** 2 / x.var() / result.ratio["after"] - 1) < 0.02
    assert abs(result.after["mean"] ** 2 / result.after["std"] ** 2 / result.ratio["after"] - 1) < 1e-9
    assert result.ratio["before"] == (result.mean / result.std) ** 2


def equation_ratio() -> Draws:
    r"""\rho' \approx \left(\frac{(1 + m)\,\ln(1 + m)}{s}\right)^2"""
    for rng in draws(6):
        m, z = 10 ** rng.uniform(0.7, 3), np.random.default_rng(0).normal(size=20_000)
        s = m * rng.uniform(0.01, 0.05)
        x = symlog(m + s * (z - z.mean()) / z.std())
        yield {r"\rho'": x.mean() ** 2 / x.var(), "m": m, "s": s, r"\approx": 0.02}


if __name__ == "__main__":
    print(compute())
