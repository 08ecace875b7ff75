"""What does centering change in a model with groups: uncorrelated random effects, and centering within groups?

Intercepts and slopes of groups that are uncorrelated at one zero of x are correlated at another, so that
`(x || g)` is another model after a shift: drawn uncorrelated, they correlate at {{ correlation | digits(2) }} with the
zero moved by {{ shift | integer }}. Subtracting each group's own mean changes the slope, from
{{ slopes.pooled | digits(2) }} to {{ slopes.within | digits(2) }}, subtracting the common mean does not.

    u₀, u₁   deviations of a group's intercept and slope; σ₀, σ₁ their standard deviations
    c        the new zero of x; C_c the covariance of intercept and slope there
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws

SEED = 0
SIGMA = 1.0, 0.5
SHIFT = 4.0
GROUPS, SIZE = 40, 25
WITHIN, BETWEEN = 1.0, -0.5  # slope of y in x inside of a group, and of the groups' means


@dataclass(frozen=True)
class Result:
    sigma: tuple[float, float]
    "Standard deviation of the groups' intercepts at x = 0, and of their slopes."
    shift: float
    "New zero of x."
    correlation: float
    "Correlation of intercept and slope there, if it is 0 at x = 0."
    groups: int
    "Number of groups."
    size: int
    "Examples in each."
    slopes: dict[str, float]
    "Least-squares slope: as x is, minus the common mean, minus each group's mean; with the groups' means beside it."


def draw_groups() -> tuple[np.ndarray, np.ndarray]:
    """x and y, shape (GROUPS, SIZE): groups with a large mean of x have a low y, and y rises with x inside of each."""
    rng = np.random.default_rng(SEED)
    means = rng.normal(10, 1, size=(GROUPS, 1))
    inside = rng.normal(size=(GROUPS, SIZE))
    return means + inside, BETWEEN * means + WITHIN * inside + rng.normal(0, 0.5, size=(GROUPS, SIZE))


def compute() -> Result:
    x, y = draw_groups()
    means = np.broadcast_to(x.mean(axis=1, keepdims=True), x.shape)
    features = {"pooled": [x], "common": [x - x.mean()], "within": [x - means], "both": [x, means]}
    slopes = {}
    for name, columns in features.items():
        A = np.column_stack([column.ravel() for column in [*columns, np.ones(x.shape)]])
        slopes[name] = float(np.linalg.lstsq(A, y.ravel())[0][0])
    s0, s1 = SIGMA
    return Result(
        sigma=SIGMA,
        shift=SHIFT,
        correlation=SHIFT * s1 / np.hypot(s0, SHIFT * s1),
        groups=GROUPS,
        size=SIZE,
        slopes=slopes,
    )


def equation_covariance() -> Draws:
    r"""C_c = C_0 + c\,\sigma_1^2"""
    for rng in draws(8):
        u0, u1 = rng.normal(size=(2, 30))
        c = rng.normal()
        at = np.polyfit([0, 1], [u0, u0 + u1], 1)  # the lines of the groups, through two of their points
        moved = np.polyval(at, c)
        yield {
            "C_c": np.cov(moved, at[0])[0, 1],
            "c": c,
            "C_0": np.cov(u0, u1)[0, 1],
            r"\sigma_1": np.std(u1, ddof=1),
        }


def claim_uncorrelated_at_one_zero_only(result: Result) -> None:
    """Intercepts of groups with standard deviation {{ sigma[0] | integer }}, slopes with {{ sigma[1] | digits(1) }},
    uncorrelated at x = 0: at x = {{ shift | integer }} their correlation is {{ correlation | digits(2) }}."""
    rng = np.random.default_rng(SEED)
    u = rng.normal(size=(2, 100_000)) * np.array(result.sigma)[:, None]
    assert result.sigma == SIGMA and result.shift == SHIFT
    assert abs(np.corrcoef(u[0] + result.shift * u[1], u[1])[0, 1] - result.correlation) < 0.01


def claim_group_means_ask_another_question(result: Result) -> None:
    """In {{ groups }} groups of {{ size }} the slope is {{ slopes.pooled | digits(2) }}, also with the common mean
    subtracted. With each group’s own mean subtracted it is {{ slopes.within | digits(2) }}, as it is for the raw
    feature with the groups’ means beside it."""
    x, y = draw_groups()
    assert abs(np.polyfit(x.ravel(), y.ravel(), 1)[0] / result.slopes["pooled"] - 1) < 1e-6
    assert abs(result.slopes["common"] - result.slopes["pooled"]) < 1e-9
    inside = x - x.mean(axis=1, keepdims=True)
    assert abs(np.sum(inside * y) / np.sum(inside**2) / result.slopes["within"] - 1) < 1e-9
    assert abs(result.slopes["both"] - result.slopes["within"]) < 1e-9
    assert abs(result.slopes["within"] - WITHIN) < 0.1 < result.slopes["within"] - result.slopes["pooled"]


if __name__ == "__main__":
    print(compute())
