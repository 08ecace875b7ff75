"""What do features like calendar years do to curve_fit, to BFGS and to the normal equations?

Years around {{ center }}. curve_fit's start, all parameters 1, overflows and never leaves it; from the years minus
{{ center }} it finds the slope, {{ exponential.b | digits(3) }}. BFGS without derivatives does not leave its start
for a model of counts. Normal equations of a parabola have a reciprocal condition of {{ rcond.raw | scientific(1) }}.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.linalg import lapack
from scipy.optimize import OptimizeWarning, curve_fit, minimize

YEARS = np.arange(2000.0, 2021)
CENTER = 2010
LOST = "Desired error not necessarily achieved due to precision loss."


@dataclass(frozen=True)
class Result:
    center: str
    "The year that is subtracted."
    points: int
    "Years, one observation each."
    start: tuple[float, float]
    "a and b that curve_fit returns for the raw years: its start."
    overflows: float
    "Exponent from which on e to it exceeds the largest double."
    exponential: dict[str, float]
    "a and b for the years minus `center`; a of the same curve in raw years."
    messages: dict[str, tuple[str, str]]
    "What BFGS says, for raw and for shifted years: logistic regression, Poisson regression."
    logistic: dict[str, tuple[float, float]]
    "Slope and intercept that BFGS finds for the raw years, and the optimum in the same coordinates."
    apart: float
    "Largest difference between their probabilities."
    counts: tuple[float, float]
    "Slope and intercept of Poisson regression that BFGS ends with on the raw years."
    slope: float
    "Slope at the optimum."
    rcond: dict[str, float]
    "LAPACK's estimate of the reciprocal condition number of XᵀX for a constant, the year and its square."
    tolerance: float
    "Below that R refuses to solve: the spacing of doubles at 1."


def exponential_curve(x: np.ndarray, a: float, b: float) -> np.ndarray:
    return a * np.exp(b * x)


def draw_data() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A growing quantity, yes or no, and counts, for each year."""
    x = YEARS - CENTER
    amounts = exponential_curve(x, 3, 0.08) + 0.1 * np.cos(3 * x)  # errors that no seed decides
    yes = ((x > 0) != np.isin(x, (-4, -1, 2, 5))).astype(float)  # four against the rule
    return amounts, yes, np.round(np.exp(1 + 0.1 * x))


def logistic_loss(w: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
    f = w[0] * x + w[1]
    return np.sum(np.logaddexp(0, f) - y * f)


def poisson_loss(w: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
    f = w[0] * x + w[1]
    return np.sum(np.exp(f) - y * f)


def fit_curve(x: np.ndarray, y: np.ndarray, **start: tuple) -> tuple[np.ndarray, list[str]]:
    """Parameters and the texts of all warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        parameters = curve_fit(exponential_curve, x, y, **start)[0]
    return parameters, [str(warning.message) for warning in caught if warning.category is OptimizeWarning]


def fit_bfgs(loss: Callable, x: np.ndarray, y: np.ndarray):
    """What `minimize` finds from zero without derivatives."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return minimize(loss, np.zeros(2), args=(x, y))


def estimate_rcond(x: np.ndarray) -> float:
    """LAPACK's reciprocal condition number, 1-norm, of XᵀX with the columns 1, x, x²."""
    X = np.vander(x, 3)
    A = X.T @ X
    lu, _, _ = lapack.dgetrf(A)
    return float(lapack.dgecon(lu, np.linalg.norm(A, 1))[0])


def compute() -> Result:
    amounts, yes, counts = draw_data()
    x = YEARS - CENTER
    a, b = fit_curve(x, amounts)[0]
    runs = {
        name: [fit_bfgs(loss, at, y) for at in (YEARS, x)]
        for name, loss, y in (("logistic", logistic_loss, yes), ("poisson", poisson_loss, counts))
    }
    raw, shifted = (run.x for run in runs["logistic"])
    best = shifted - [0, shifted[0] * CENTER]
    p, q = (1 / (1 + np.exp(-w[0] * YEARS - w[1])) for w in (raw, best))
    return Result(
        center=str(CENTER),
        points=len(YEARS),
        start=tuple(fit_curve(YEARS, amounts)[0]),
        overflows=float(np.log(np.finfo(float).max)),
        exponential={"a": a, "b": b, "raw": a * np.exp(-b * CENTER)},
        messages={name: tuple(run.message for run in pair) for name, pair in runs.items()},
        logistic={"raw": tuple(raw), "best": tuple(best)},
        apart=float(np.max(abs(p - q))),
        counts=tuple(runs["poisson"][0].x),
        slope=float(runs["poisson"][1].x[0]),
        rcond={"raw": estimate_rcond(YEARS), "centered": estimate_rcond(x)},
        tolerance=float(np.finfo(float).eps),
    )


def claim_curve_fit_stays_at_its_start(result: Result) -> None:
    """For the raw years curve_fit returns its start, a = {{ start[0] | integer }} and b = {{ start[1] | integer }},
    and warns, because $e^x$ overflows from {{ overflows | integer }} on. With the years minus {{ center }} the same
    call finds a = {{ exponential.a | digits(3) }} and b = {{ exponential.b | digits(3) }}."""
    y = draw_data()[0]
    assert fit_curve(YEARS, y)[1] == ["Covariance of the parameters could not be estimated"]
    assert result.start == (1, 1) and fit_curve(YEARS - CENTER, y)[1] == []
    with np.errstate(over="ignore"):
        assert np.isinf(np.exp(np.floor(result.overflows) + 1)) and np.isfinite(np.exp(np.floor(result.overflows)))
        assert np.all(np.isinf(np.exp(YEARS)))
    x, (b, log_a) = YEARS - CENTER, np.polyfit(YEARS - CENTER, np.log(y), 1)
    w = np.array([np.exp(log_a), b])
    for _ in range(20):  # Gauss–Newton by hand, from the line through the logarithms
        J = np.column_stack([np.exp(w[1] * x), w[0] * x * np.exp(w[1] * x)])
        w = w + np.linalg.lstsq(J, y - exponential_curve(x, *w))[0]
    np.testing.assert_allclose(w, [result.exponential["a"], result.exponential["b"]], rtol=1e-6)


def claim_the_curves_are_the_same(result: Result) -> None:
    """Started from a line through the logarithms, the raw years give the same curve, with
    a = {{ exponential.raw | scientific(1) }}."""
    y = draw_data()[0]
    b, log_a = np.polyfit(YEARS, np.log(y), 1)
    (a, slope), texts = fit_curve(YEARS, y, p0=(np.exp(log_a), b))
    assert texts == [] and abs(slope / result.exponential["b"] - 1) < 1e-4
    assert abs(a / result.exponential["raw"] - 1) < 1e-3
    shifted = exponential_curve(YEARS - CENTER, result.exponential["a"], result.exponential["b"])
    np.testing.assert_allclose(exponential_curve(YEARS, a, slope), shifted, rtol=1e-5)


def find_optimum(x: np.ndarray, y: np.ndarray, kind: str) -> np.ndarray:
    """Slope and intercept by Newton's method."""
    A, w = np.column_stack([x, np.ones(len(x))]), np.array([0.0, np.log(np.mean(y)) * (kind == "poisson")])
    for _ in range(50):
        f = A @ w
        p = np.exp(f) if kind == "poisson" else 1 / (1 + np.exp(-f))
        w = w - np.linalg.solve((A.T * (p if kind == "poisson" else p * (1 - p))) @ A, A.T @ (p - y))
    return w


def claim_precision_loss_has_two_meanings(result: Result) -> None:
    """On the raw years BFGS ends both regressions with that message. The logistic one has practically arrived: its
    intercept is {{ logistic.raw[1] | digits(4) }} instead of {{ logistic.best[1] | digits(4) }}, and no probability is
    off by more than {{ apart | scientific(1) }}. The Poisson one has not left its start, a slope of
    {{ counts[0] | integer }} instead of {{ slope | digits(2) }}. On the years minus {{ center }} both end well."""
    assert all(
        raw == LOST and good == "Optimization terminated successfully." for raw, good in result.messages.values()
    )
    _, yes, counts = draw_data()
    w = find_optimum(YEARS - CENTER, yes, "logistic")
    assert abs((w[1] - CENTER * w[0]) / result.logistic["best"][1] - 1) < 1e-4
    run = fit_bfgs(logistic_loss, YEARS, yes).x
    np.testing.assert_allclose(run, result.logistic["raw"])
    sure, found = w[0] * (YEARS - CENTER) + w[1], run[0] * YEARS + run[1]
    apart = np.max(abs(np.tanh(sure / 2) - np.tanh(found / 2)) / 2)
    assert abs(apart / result.apart - 1) < 0.05 and apart < 0.01
    assert abs(find_optimum(YEARS - CENTER, counts, "poisson")[0] / result.slope - 1) < 1e-4
    assert result.counts == (0, 0)


def cofactor(A: list[list[Fraction]], i: int, j: int) -> Fraction:
    """Cofactor of a 3 × 3 matrix."""
    (a, b), (c, d) = ([A[(i + k) % 3][(j + m) % 3] for m in (1, 2)] for k in (1, 2))
    return a * d - b * c


def claim_the_square_of_years_is_singular(result: Result) -> None:
    """For a constant, the year and its square, $X^\\top X$ has a reciprocal condition number of
    {{ rcond.raw | scientific(1) }}, below the {{ tolerance | scientific(1) }} at which R stops; with the years minus
    {{ center }} it is {{ rcond.centered | scientific(1) }}."""
    for name, shift in (("raw", 0), ("centered", CENTER)):
        sums = [sum(Fraction(int(x) - shift) ** k for x in YEARS) for k in range(5)]
        A = [[sums[4 - i - j] for j in range(3)] for i in range(3)]
        minors = [[cofactor(A, i, j) for i in range(3)] for j in range(3)]
        determinant = sum(A[0][j] * minors[j][0] for j in range(3))
        norms = [max(sum(abs(row[j]) for row in M) for j in range(3)) for M in (A, minors)]
        exact = float(abs(determinant) / (norms[0] * norms[1]))
        assert abs(result.rcond[name] / exact - 1) < 0.01
    assert result.rcond["raw"] < result.tolerance < result.rcond["centered"] and result.tolerance == 2.0**-52


if __name__ == "__main__":
    print(compute())
