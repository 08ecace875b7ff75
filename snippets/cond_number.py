"""What is the condition number that statsmodels warns about, for one feature and a constant?

That of the design as it stands, the root of κ_b. A year of {{ year.mean }} ± {{ year.std | integer }} beside a
constant has {{ year.raw | integer }}, minus its mean {{ year.centered | digits(2) }}, standardized 1.

    m, s   mean and standard deviation of the feature
    c      condition number of the design with a column of ones
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws

YEAR, LIMIT = (2005, 9), 1000
EXAMPLES, SMALL, UNIT = 100, 1e-10, 1e-7  # statsmodels calls a smallest eigenvalue below SMALL singular


@dataclass(frozen=True)
class Result:
    year: dict[str, float]
    "Mean and standard deviation of years; condition number of the design as they are, centered, standardized."
    limit: float
    "Condition number above which statsmodels warns."
    mean: int
    "Least whole mean at which a feature of that standard deviation is warned about."
    score: float
    "Score of a logistic model whose probability differs from 1 by as little as R warns about."
    examples: int
    "Examples of a centered feature in a small unit."
    unit: float
    "Its standard deviation."
    small: float
    "Smallest eigenvalue of XᵀX below which statsmodels warns."
    least: dict[str, float]
    "That eigenvalue, with the feature as it is and in a unit in which its standard deviation is 1."
    digits: dict[str, float]
    "Digits lost by a QR decomposition or a singular value decomposition, and by normal equations, by rule of thumb."


def condition_of_design(mean: float, std: float) -> float:
    """Condition number of the columns x and 1: the larger root of c + 1/c = (1 + s² + m²)/s."""
    half = (1 + std**2 + mean**2) / std / 2
    return float(half + np.sqrt(half**2 - 1))


def compute() -> Result:
    mean, std = YEAR
    raw = condition_of_design(mean, std)
    return Result(
        year={
            "mean": mean,
            "std": std,
            "raw": raw,
            "centered": condition_of_design(0, std),
            "standardized": condition_of_design(0, 1),
        },
        limit=LIMIT,
        mean=int(np.ceil(np.sqrt(std * (LIMIT + 1 / LIMIT) - 1 - std**2))),
        score=float(np.log(1 / (10 * np.finfo(float).eps) - 1)),
        examples=EXAMPLES,
        unit=UNIT,
        small=SMALL,
        least={"raw": EXAMPLES * UNIT**2, "scaled": float(EXAMPLES)},
        digits={"qr": float(np.log10(raw)), "normal": float(2 * np.log10(raw))},
    )


def claim_a_year_alone_is_warned_about(result: Result) -> None:
    """Years of {{ year.mean }} ± {{ year.std | integer }} beside a constant have a condition number of
    {{ year.raw | integer }}, minus their mean {{ year.centered | integer }}, standardized
    {{ year.standardized | integer }}; {{ digits.qr | digits(2) }} digits are lost by QR,
    {{ digits.normal | digits(2) }} by the normal equations. With that standard deviation any mean from
    {{ mean }} on gives more than {{ limit | integer }}."""
    part = result.year
    z = np.tile([-1.0, 1.0], 40)
    for key, (mean, std) in {"raw": YEAR, "centered": (0, YEAR[1]), "standardized": (0, 1)}.items():
        values = np.linalg.svd(np.column_stack([mean + std * z, np.ones(80)]), compute_uv=False)
        assert abs(values[0] / values[1] - part[key]) < 0.4, key
    assert (part["mean"], part["std"]) == YEAR
    for mean, above in ((result.mean - 1, False), (result.mean, True)):
        assert (np.linalg.cond(np.column_stack([mean + part["std"] * z, np.ones(80)])) > result.limit) == above
    assert abs(10 ** result.digits["qr"] / part["raw"] - 1) < 1e-6
    assert abs(10 ** result.digits["normal"] / part["raw"] ** 2 - 1) < 1e-6


def claim_a_unit_alone_looks_singular(result: Result) -> None:
    """{{ examples }} examples of one centered feature with a standard deviation of {{ unit | scientific(1) }}, beside a
    constant: the smallest eigenvalue is {{ least.raw | scientific(1) }}, below the limit of
    {{ small | scientific(1) }}; in a unit in which the feature varies by 1 it is {{ least.scaled | integer }}, and
    the fit is the same."""
    z = np.tile([-1.0, 1.0], result.examples // 2)
    y, fits = 3 * z + np.arange(result.examples) % 3, []
    for name, scale in (("raw", UNIT), ("scaled", 1.0)):
        X = np.column_stack([scale * z, np.ones(len(z))])
        least = np.linalg.svd(X, compute_uv=False)[-1] ** 2
        assert abs(least / result.least[name] - 1) < 1e-6 and (least < result.small) == (name == "raw")
        fits.append(X @ np.linalg.lstsq(X, y, rcond=0)[0])
    np.testing.assert_allclose(*fits, rtol=1e-6)
    assert result.unit == UNIT and result.small == SMALL


def equation_condition() -> Draws:
    r"""c + \frac{1}{c} = \frac{1 + s^2 + m^2}{s}"""
    for rng in draws(10):
        mean, std = rng.uniform(-50, 50), rng.uniform(0.1, 10)
        x = rng.normal(size=30)
        x = mean + std * (x - x.mean()) / x.std()
        yield {"c": float(np.linalg.cond(np.column_stack([x, np.ones(30)]))), "s": std, "m": mean}


if __name__ == "__main__":
    print(compute())
