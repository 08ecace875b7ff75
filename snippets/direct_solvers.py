"""How many digits does a direct least-squares solver lose to a mean, and how many steps does descent?

One feature of mean r standard deviations, and a constant. After the best rescaling of the columns the condition number
of the normal equations is about 4r²; a direct solver feels only that and loses its logarithm, QR half as many digits.
Plain descent feels the scales, too, and needs steps in proportion to r⁴. The years {{ first_year }} to {{ last_year }}
with a square: the normal equations have {{ digits.raw.normal | digits(1) }} correct digits of the slope, QR
{{ digits.raw.qr | digits(2) }}, and both about {{ digits.centered.normal | digits(2) }} once 2000 is subtracted.

    r      mean over standard deviation of the feature
    κ_b    condition number of the Hessian [[1 + r², r], [r, 1]]; κ_e the same after the best rescaling of columns
    digits −log₁₀ of the relative error, against exact rational arithmetic
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from matplotlib.axes import Axes

from lib.numerics import Draws
from lib.plots import FIRST, MUTED, SECOND, THIRD, Frames, frame_axes, label_point, new_figure

SEED = 0
EXAMPLES, TRIALS = 20, 15
RATIOS = tuple(10.0 ** (k / 2) for k in range(15))  # 1 to 10⁷
YEARS = np.arange(1985, 2016)
MOST = 16.0  # digits: no relative error below 10⁻¹⁶ is told from 0
TOLERANCE = 1e-6
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Result:
    ratios: tuple[float, ...]
    "Mean over standard deviation of the feature."
    kappa_scaled: np.ndarray
    "Condition number of the Hessian with a constant, after the best rescaling of columns, one for each."
    steps: tuple[float, ...]
    "Steps of plain descent to a millionth of the error, worst start, best step."
    correct: dict[str, np.ndarray]
    "Correct digits of the slope, median of the trials: normal equations, QR, centered."
    thousand: dict[str, float]
    "Digits lost at a mean of `large` standard deviations, against the centered feature."
    million: float
    "Digits that QR loses at a mean of `larger` standard deviations, against the centered feature."
    large: float
    "A large mean, in standard deviations."
    larger: float
    "A larger one."
    examples: int
    "Examples of a trial."
    trials: int
    "Trials that medians are taken over."
    expected: float
    "Digits that a rule of thumb has QR lose there, log₁₀ 2r."
    double: float
    "Correct digits of a number in double precision."
    first_year: str
    "First of the years."
    last_year: str
    "Last of them."
    condition: dict[str, float]
    "Condition number of the design matrix of constant, year and its square: raw, and with 2000 subtracted."
    digits: dict[str, dict[str, float]]
    "Correct digits of the square's coefficient: raw or with 2000 subtracted, by normal equations or QR."


def solve_normal(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Least squares by the normal equations XᵀXw = Xᵀy."""
    return np.linalg.solve(X.T @ X, X.T @ y)


def solve_qr(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Least squares by X = QR and Rw = Qᵀy."""
    Q, R = np.linalg.qr(X)
    return np.linalg.solve(R, Q.T @ y)


def solve_exactly(X: np.ndarray, y: np.ndarray) -> list[Fraction]:
    """Least squares of the numbers as stored, by Gaussian elimination in fractions."""
    X, y = [[Fraction(float(v)) for v in row] for row in X], [Fraction(float(v)) for v in y]
    n = len(X[0])
    rows = [[sum(r[i] * r[j] for r in X) for j in range(n)] + [sum(r[i] * t for r, t in zip(X, y))] for i in range(n)]
    for i in range(n):
        for j in range(n):
            if j != i:
                factor = rows[j][i] / rows[i][i]
                rows[j] = [a - factor * b for a, b in zip(rows[j], rows[i])]
    return [rows[i][n] / rows[i][i] for i in range(n)]


def count_digits(w: float, exact: Fraction) -> float:
    """Correct digits of w, at most 16."""
    error = abs(Fraction(float(w)) / exact - 1)
    return min(MOST, float(-np.log10(float(error)))) if error else MOST


def condition_numbers(r: float) -> tuple[float, float]:
    """κ_b of feature and constant as they are, and after the best rescaling of columns."""
    trace = 2 + r * r
    half = trace**2 / 2 - 1
    return half + np.sqrt(half**2 - 1), (r + np.sqrt(1 + r * r)) ** 2


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    correct = {"normal": [], "qr": [], "centered": []}
    for r in RATIOS:
        found = []
        for _ in range(TRIALS):
            u = rng.normal(size=EXAMPLES)
            x = (u - u.mean()) / u.std() + r
            y = 2 * x + rng.normal(size=EXAMPLES)
            X = np.column_stack([x, np.ones(EXAMPLES)])
            exact, z = solve_exactly(X, y)[0], x - x.mean()
            slopes = solve_normal(X, y)[0], solve_qr(X, y)[0], z @ (y - y.mean()) / (z @ z)
            found.append([count_digits(w, exact) for w in slopes])
        for name, column in zip(correct, np.median(found, axis=0)):
            correct[name].append(column)
    kappa, scaled = np.array([condition_numbers(r) for r in RATIOS]).T
    tables = {}
    for name, zero in (("raw", 0.0), ("centered", 2000.0)):
        x = YEARS - zero
        X = np.column_stack([x**2, x, np.ones(len(x))])
        y = np.sin(YEARS) + (YEARS - 1900) / 50
        exact = solve_exactly(X, y)[0]
        tables[name] = {
            "normal": count_digits(solve_normal(X, y)[0], exact),
            "qr": count_digits(solve_qr(X, y)[0], exact),
            "condition": float(np.linalg.cond(X)),
        }
    at = RATIOS.index(1000.0)
    return Result(
        ratios=RATIOS,
        kappa_scaled=scaled,
        steps=tuple(np.ceil(np.log(1 / TOLERANCE) / np.log1p(2 / (kappa - 1)))),
        correct={name: np.array(column) for name, column in correct.items()},
        thousand={name: correct["centered"][at] - correct[name][at] for name in ("normal", "qr")},
        million=correct["centered"][RATIOS.index(1e6)] - correct["qr"][RATIOS.index(1e6)],
        large=RATIOS[at],
        larger=1e6,
        examples=EXAMPLES,
        trials=TRIALS,
        double=-np.log10(np.finfo(float).eps),
        expected=np.log10(2 * 1e6),
        first_year=str(YEARS[0]),
        last_year=str(YEARS[-1]),
        condition={name: table["condition"] for name, table in tables.items()},
        digits={name: {way: table[way] for way in ("normal", "qr")} for name, table in tables.items()},
    )


def claim_digits_are_a_logarithm(result: Result) -> None:
    """At a mean of {{ large | integer }} standard deviations the normal equations lose
    {{ thousand.normal | digits(1) }} digits of the slope and QR {{ thousand.qr | digits(1) }}; centering loses none."""
    at = result.ratios.index(1000.0)
    assert abs(result.thousand["normal"] - np.log10(result.kappa_scaled[at])) < 1.5
    assert abs(result.thousand["qr"] - np.log10(result.kappa_scaled[at]) / 2) < 1.8
    for name, rate in (("normal", 2), ("qr", 1)):  # ten times the mean costs two digits, or one
        slope = np.polyfit(np.log10(RATIOS[4:]), result.correct[name][4:], 1)[0]
        assert abs(slope + rate) < 0.25
    assert min(result.correct["centered"]) > 15 and abs(result.million - np.log10(2e6)) < 1.8


def claim_years_cost_digits(result: Result) -> None:
    """For the years {{ first_year }} to {{ last_year }} and their squares the design has a condition number of
    {{ condition.raw | scientific(1) }}, and the normal equations get {{ digits.raw.normal | digits(1) }} digits of the
    square’s coefficient right. With 2000 subtracted first it is {{ condition.centered | digits(2) }}, and
    {{ digits.centered.normal | digits(2) }} digits are right."""
    x = YEARS - 2000.0
    values = np.linalg.eigvalsh(np.vander(x, 3).T @ np.vander(x, 3))
    assert abs(np.sqrt(values[-1] / values[0]) / result.condition["centered"] - 1) < 1e-6
    lengths = np.linalg.svd(np.linalg.qr(np.vander(YEARS.astype(float), 3))[1], compute_uv=False)
    assert abs(lengths[0] / lengths[-1] / result.condition["raw"] - 1) < 0.01
    assert 4 < result.digits["raw"]["normal"] < 9 < 12 < result.digits["centered"]["normal"] <= 16
    assert result.digits["raw"]["normal"] < result.digits["raw"]["qr"] < 12


def claim_descent_pays_in_steps(result: Result) -> None:
    """Plain descent needs {{ steps[2] | integer }} steps to a millionth of the error at a mean of
    {{ ratios[2] | integer }} standard deviations, and {{ steps[4] | scientific(2) }} at {{ ratios[4] | integer }}."""
    H = np.array([[1 + RATIOS[1] ** 2, RATIOS[1]], [RATIOS[1], 1.0]])  # a smaller mean, by running it
    values, vectors = np.linalg.eigh(H)
    error, steps = vectors[:, 0], 0
    while np.linalg.norm(error) > TOLERANCE:
        error, steps = error - 2 / values.sum() * H @ error, steps + 1
    assert steps == result.steps[1]
    kappa = np.linalg.cond(np.array([[1 + RATIOS[2] ** 2, RATIOS[2]], [RATIOS[2], 1.0]]))
    assert 0 <= result.steps[2] - np.log(TOLERANCE) / np.log((kappa - 1) / (kappa + 1)) < 1
    assert abs(result.steps[4] / result.steps[2] / 10_000 - 1) < 0.05


def equation_scaled() -> Draws:
    r"""\kappa_e = \left(r + \sqrt{1 + r^2}\right)^2"""
    for r in (0.3, 1.0, 4.0, 12.0):
        H = np.array([[1 + r * r, r], [r, 1.0]])
        low, high = -5.0, 5.0  # logarithm of the constant's scale: search for the best one
        while high - low > 1e-7:
            thirds = low + (high - low) / 3, high - (high - low) / 3
            kappas = [np.linalg.cond(H * np.outer([1, np.exp(c)], [1, np.exp(c)])) for c in thirds]
            low, high = (low, thirds[1]) if kappas[0] < kappas[1] else (thirds[0], high)
        yield {r"\kappa_e": kappas[0], "r": r}


def draw_digits(axes: Axes, result: Result) -> None:
    """Correct digits against the mean, one line for each way."""
    ways = (("centered", "centered first", FIRST), ("qr", "QR", THIRD), ("normal", "normal equations", SECOND))
    for name, words, role in ways:
        axes.plot(result.ratios, result.correct[name], color=role, label=words)
        at = 6 if name == "normal" else 9
        side = {"ha": "right", "dx": -8, "dy": -10} if name == "normal" else {"dx": 2, "dy": 11}
        label_point(axes, words, (result.ratios[at], result.correct[name][at]), role, **side)
    axes.set(xscale="log", xlim=(1, 1.2e7), ylim=(0, 17.5))
    frame_axes(
        axes,
        {1: "1", 100: "100", 1e4: "$10^4$", 1e6: "$10^6$"},
        [0, 4, 8, 12, 16],
        "mean in standard deviations",
        "correct digits of the slope",
    )


def explore_mean(result: Result, start: int = 6) -> Frames:
    """Correct digits of a slope against the mean of its feature, and a line at the mean chosen: at
    {{ large | integer }} standard deviations the normal equations have lost {{ thousand.normal | digits(2) }}
    digits."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    draw_digits(axes, result)
    (line,) = axes.plot([1, 1], [0, 16], color=MUTED, linewidth=1.2, label="mean", gid="line")
    for i, r in enumerate(result.ratios):
        line.set_xdata([r, r])
        normal, qr = (result.correct[name][i] for name in ("normal", "qr"))
        readouts = {
            "mean in standard deviations": f"{r:,.0f}" if r >= 100 else f"{r:.1f}",
            "digits, normal equations": f"{normal:.1f}",
            "digits, QR": f"{qr:.1f}",
            "steps of descent": f"{result.steps[i]:,.0f}"
            if r < 30
            else f"7·10{str(int(np.log10(result.steps[i]))).translate(RAISED)}",
        }
        if normal > 12:
            sentence = "No direct solver has trouble here; plain descent has."
        elif normal > 6:
            sentence = "The normal equations lose half of their digits, which few analyses notice."
        else:
            sentence = "The normal equations are about to fail; QR still has most of its digits."
        yield figure, readouts, sentence
