"""Why is sampling slow when inputs are not centered: the posterior of slope and intercept.

With an input of mean μ and standard deviation s, slope and intercept correlate at −μ/√(s² + μ²) in the posterior of a
line: {{ correlation.age | digits(2) }} for an age of {{ mean.age | integer }} ± {{ std.age | integer }} years. A
leapfrog step must suit the narrow direction and the way the wide one: √κ is {{ roots.age.unit | integer }} with a unit
metric, {{ roots.age.diagonal | digits(2) }} with a diagonal one, 1 after standardizing.

    H    Hessian of half the mean squared error; the posterior's covariance is H⁻¹ times noise variance over examples
    κ    condition number of H, in the coordinates that the metric makes
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws
from lib.quadratics import condition_number, hessian_with_bias

SEED = 0
INPUTS = {"age": (40.0, 12.0), "year": (2010.0, np.sqrt((21**2 - 1) / 12))}  # ages; the years from 2000 to 2020
DEPTH = 10  # Stan's default max_treedepth


@dataclass(frozen=True)
class Result:
    mean: dict[str, float]
    "Mean of each input."
    std: dict[str, float]
    "Its standard deviation."
    correlation: dict[str, float]
    "Posterior correlation of slope and intercept."
    roots: dict[str, dict[str, float]]
    "√κ with a unit and with a diagonal metric."
    steps: dict[str, dict[str, int]]
    "Leapfrog steps of one over the narrow direction's frequency from an end of the wide one to its middle."
    longest: int
    "Leapfrog steps that Stan allows at most in one transition."
    depth: int
    "Its `max_treedepth`."


def apply_metric(H: np.ndarray, metric: str) -> np.ndarray:
    """H in coordinates in which the metric is the unit matrix; a diagonal one holds the posterior's variances."""
    scale = np.sqrt(np.diag(np.linalg.inv(H))) if metric == "diagonal" else np.ones(len(H))
    return scale[:, None] * H * scale


def count_steps(root: float) -> int:
    """Leapfrog steps until a quarter of the period of a frequency 1/`root` of the steepest, by the exact angle."""
    return int(np.ceil(np.pi / 2 / np.arccos(1 - 1 / root**2 / 2) - 1e-9))


def compute() -> Result:
    H = {name: hessian_with_bias(np.array([mean]), std**2) for name, (mean, std) in INPUTS.items()}
    covariance = {name: np.linalg.inv(matrix) for name, matrix in H.items()}
    metrics = ("unit", "diagonal")
    roots = {
        name: {metric: float(np.sqrt(condition_number(apply_metric(matrix, metric)))) for metric in metrics}
        for name, matrix in H.items()
    }
    return Result(
        mean={name: mean for name, (mean, _) in INPUTS.items()},
        std={name: float(std) for name, (_, std) in INPUTS.items()},
        correlation={name: C[0, 1] / np.sqrt(C[0, 0] * C[1, 1]) for name, C in covariance.items()},
        roots=roots,
        steps={name: {metric: count_steps(root) for metric, root in pair.items()} for name, pair in roots.items()},
        longest=2**DEPTH - 1,
        depth=DEPTH,
    )


def equation_correlation() -> Draws:
    r"""\operatorname{corr}(w, b) = -\frac{\mu}{\sqrt{s^2 + \mu^2}}, \qquad
    \sqrt{\kappa_d} = \frac{\sqrt{s^2 + \mu^2} + \lvert\mu\rvert}{s}"""
    for rng in draws(6):
        x = rng.normal(rng.uniform(-3, 3), rng.uniform(0.5, 2), size=50)
        X = np.column_stack([x, np.ones(50)])
        left = np.linalg.pinv(X)  # least squares is linear in the targets, so this is what noise does to w and b
        C = left @ left.T
        r = C[0, 1] / np.sqrt(C[0, 0] * C[1, 1])
        kappa = np.linalg.cond([[1, r], [r, 1]])
        yield {r"\operatorname{corr}(w, b)": r, r"\mu": x.mean(), "s": x.std(), r"\kappa_d": kappa}


def claim_slope_and_intercept_correlate(result: Result) -> None:
    """An age of {{ mean.age | integer }} ± {{ std.age | integer }} years: slope and intercept correlate at
    {{ correlation.age | digits(2) }} in the posterior (flat prior, Gaussian noise). √κ is
    {{ roots.age.unit | integer }} with a unit metric, {{ roots.age.diagonal | digits(2) }} with a diagonal one."""
    mean, std = result.mean["age"], result.std["age"]
    assert (mean, std) == INPUTS["age"]
    rng = np.random.default_rng(SEED)
    x = rng.normal(size=200)
    x = mean + std * (x - x.mean()) / x.std()
    fits = np.polyfit(x, rng.normal(size=(200, 20_000)), 1)  # lines through noise alone
    r = np.corrcoef(fits)[0, 1]
    assert abs(r - result.correlation["age"]) < 0.005
    wide, narrow = np.linalg.eigvalsh(np.cov(fits))[::-1]
    assert abs(np.sqrt(wide / narrow) / result.roots["age"]["unit"] - 1) < 0.03
    assert abs(np.sqrt((1 - r) / (1 + r)) / result.roots["age"]["diagonal"] - 1) < 0.03


def claim_leapfrog_pays_the_root(result: Result) -> None:
    """From an end of the wide direction to its middle, in leapfrog steps of one over the largest frequency each: for
    the age it takes {{ steps.age.unit | integer }} with a unit metric and {{ steps.age.diagonal }} with a diagonal one.
    For calendar years it takes {{ steps.year.diagonal | integer }} with a diagonal one, more than the
    {{ longest | integer }} at which Stan stops."""
    for name, metric in (("age", "unit"), ("age", "diagonal"), ("year", "diagonal")):
        mean, std = INPUTS[name]
        H = apply_metric(hessian_with_bias(np.array([mean]), std**2), metric)
        values, vectors = np.linalg.eigh(H)
        step, place, momentum, count = values[-1] ** -0.5, vectors[:, 0], np.zeros(2), 0
        while place @ vectors[:, 0] > 1e-6:
            momentum = momentum - step / 2 * H @ place
            place = place + step * momentum
            momentum = momentum - step / 2 * H @ place
            count += 1
        assert count == result.steps[name][metric]
    assert result.steps["year"]["diagonal"] > result.longest == 2**result.depth - 1


if __name__ == "__main__":
    print(compute())
