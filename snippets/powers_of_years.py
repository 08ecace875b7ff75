"""What do polyfit, ridge regression and lasso say to powers of a year?

polyfit scales the columns and warns once the least singular value is lost in rounding, for years from degree
{{ warns }} on. Ridge regression forms XᵀX, which squares the condition number, and warns at degree {{ degree }};
lasso crawls. The same powers of the year minus its mean give none of these warnings.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.polynomial import Polynomial
from sklearn.linear_model import Lasso, Ridge

from lib.normalization import standardize
from lib.plots import FIRST, MUTED, SECOND, decades, frame_axes, label_point, new_figure, show_figures
from lib.tumors import fit_quietly

SEED = 0
FROM, TO, DEGREE, MOST = 1990, 2024, 3, 7
ALPHA = {"ridge": 1e-6, "lasso": 1e-4}
PEOPLE = {"size": (1.0, 25_000.0), "income": (800.0, 40_000.0)}  # ranges of two uniform predictors


@dataclass(frozen=True)
class Result:
    years: tuple[int, int]
    "First and last year."
    count: int
    "Years."
    middle: float
    "Mean year."
    degree: int
    "Degree that ridge regression and lasso are given."
    warns: int
    "First degree at which polyfit warns about raw years."
    conditions: dict[str, tuple[float, ...]]
    "Condition number of the columns scaled to length 1, by degree from 1 on; raw and centered years."
    limit: float
    "Condition number beyond which polyfit warns."
    apart: float
    "Largest difference of the two fitted curves at the degree below the first warning, over the data’s deviation."
    lost: float
    "The same at the degree of the first warning."
    alpha: dict[str, float]
    "Strength of the penalties."
    error: dict[str, float]
    "Root mean square error of ridge regression's curve over the data's deviation, raw and centered years."
    cycles: dict[str, int]
    "Cycles of lasso, powers standardized afterward; raw and centered years."
    score: dict[str, float]
    "Share of the variance that its curve explains."
    cap: int
    "Cycles that lasso allows."
    ranges: dict[str, tuple[float, float]]
    "Ranges of two predictors in large units."
    mixed: dict[str, float]
    "Largest over least eigenvalue for a constant and two predictors in large units; as they are, scaled only,"
    " standardized."


def make_points() -> tuple[np.ndarray, np.ndarray]:
    """Years, and a smooth curve over them with noise."""
    t = np.arange(FROM, TO + 1.0)
    return t, np.sin(t / 5) + 0.1 * np.random.default_rng(SEED).normal(size=len(t))


def condition_of(t: np.ndarray, degree: int) -> float:
    """Condition number of the columns 1, t, t² …, each scaled to length 1, as polyfit scales them."""
    columns = np.vander(t, degree + 1)
    return float(np.linalg.cond(columns / np.linalg.norm(columns, axis=0)))


def fit_curve(t: np.ndarray, y: np.ndarray, degree: int) -> tuple[np.ndarray, str]:
    """Values of polyfit's curve at the data, and its warning."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        coefficients = np.polyfit(t, y, degree)
    return np.polyval(coefficients, t), str(caught[0].message) if caught else ""


def fit_ridge(t: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, str]:
    """Ridge regression on the powers of t: values at the data, and its warning."""
    columns = np.vander(t, DEGREE + 1)[:, :-1]
    model = Ridge(alpha=ALPHA["ridge"])
    warning = fit_quietly(model, columns, y)
    return model.predict(columns), warning


def fit_lasso(t: np.ndarray, y: np.ndarray) -> tuple[Lasso, float]:
    """Lasso on the standardized powers of t, and the share of the variance that it explains."""
    columns = standardize(np.vander(t, DEGREE + 1)[:, :-1])
    model = Lasso(alpha=ALPHA["lasso"])
    fit_quietly(model, columns, y)
    return model, float(model.score(columns, y))


def ratio_of(means: np.ndarray, stds: np.ndarray) -> float:
    """Largest over least eigenvalue of the second moment of a constant and independent predictors."""
    mean = np.array([1.0, *means])
    values = np.linalg.eigvalsh(np.outer(mean, mean) + np.diag([0.0, *stds**2]))
    return float(values[-1] / values[0])


def compute() -> Result:
    t, y = make_points()
    both = {"raw": t, "centered": t - t.mean()}
    curves = {name: [fit_curve(x, y, degree) for degree in range(1, MOST)] for name, x in both.items()}
    warns = next(i for i, (_, text) in enumerate(curves["raw"]) if text)
    gaps = [float(np.max(abs(a - b)) / y.std()) for (a, _), (b, _) in zip(curves["raw"], curves["centered"])]
    ridge, lasso = ({name: fit(x, y) for name, x in both.items()} for fit in (fit_ridge, fit_lasso))
    low, high = np.array(list(PEOPLE.values())).T
    means, stds = (low + high) / 2, (high - low) / np.sqrt(12)
    return Result(
        years=(FROM, TO),
        count=len(t),
        middle=float(t.mean()),
        degree=DEGREE,
        warns=warns + 1,
        conditions={name: tuple(condition_of(x, degree) for degree in range(1, MOST)) for name, x in both.items()},
        limit=1 / (len(t) * np.finfo(float).eps),
        apart=gaps[warns - 1],
        lost=gaps[warns],
        alpha=ALPHA,
        error={name: float(np.sqrt(np.mean((values - y) ** 2)) / y.std()) for name, (values, _) in ridge.items()},
        cycles={name: int(model.n_iter_) for name, (model, _) in lasso.items()},
        score={name: score for name, (_, score) in lasso.items()},
        cap=Lasso().max_iter,
        ranges=PEOPLE,
        mixed={
            "raw": ratio_of(means, stds),
            "scaled": ratio_of(means / stds, np.ones(2)),
            "standardized": ratio_of(np.zeros(2), np.ones(2)),
        },
    )


def claim_polyfit(result: Result) -> None:
    """For the years 1990 to 2024 polyfit warns from degree {{ warns }} on. At degree two its scaled
    columns have a condition number of {{ conditions.raw[1] | scientific(2) }}, one degree below the warning of
    {{ conditions.raw[4] | scientific(2) }}; of the years minus 2007 it is
    {{ conditions.centered[1] | digits(2) }} and {{ conditions.centered[4] | integer }}. There the raw and the centered
    curve differ by at most {{ apart | scientific(1) }} of the data's standard deviation, at the degree of the warning
    by {{ lost | digits(1) }}."""
    t, y = make_points()
    assert (
        (t[0], t[-1]) == result.years == (1990, 2024) and result.count == len(t) and result.middle == (t[0] + t[-1]) / 2
    )
    for degree in range(1, MOST):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            np.polyfit(t, y, degree)
        texts = [str(one.message) for one in caught]
        assert texts == (["Polyfit may be poorly conditioned"] if degree >= result.warns else [])
        assert (result.conditions["raw"][degree - 1] > result.limit) == (degree >= result.warns)
        for name, x in (("raw", t), ("centered", t - result.middle)):
            columns = np.vander(x, degree + 1, increasing=True)
            values = np.linalg.svd(columns / np.sqrt((columns**2).sum(axis=0)), compute_uv=False)
            close = 0.5 if name == "raw" and degree == MOST - 1 else 1e-3  # there rounding decides the least one
            assert abs(np.log(values[0] / values[-1] / result.conditions[name][degree - 1])) < close
    for degree, gap in ((result.warns - 1, result.apart), (result.warns, result.lost)):
        exact = Polynomial.fit(t, y, degree)(t)  # maps the years to [−1, 1] by itself
        found = np.max(abs(fit_curve(t, y, degree)[0] - exact)) / y.std()
        assert abs(np.log(found / gap)) < 0.1
    assert result.apart < 1e-3 < result.lost


def claim_ridge(result: Result) -> None:
    """Ridge regression on a year, its square and its cube (α = {{ alpha.ridge | scientific(1) }}) warns and leaves an
    error of {{ error.raw | decimals(1) }} standard deviations; on powers of the year minus its mean it
    says nothing and leaves {{ error.centered | decimals(2) }}."""
    t, y = make_points()
    assert fit_ridge(t, y)[1].startswith("An ill-conditioned matrix detected") and not fit_ridge(t - t.mean(), y)[1]
    columns = np.vander(t, DEGREE + 1)[:, :-1] - np.vander(t, DEGREE + 1)[:, :-1].mean(axis=0)
    values = np.linalg.svd(columns, compute_uv=False)
    assert values[-1] ** 2 / values[0] ** 2 < 1e-15  # below what double precision can tell from singular
    powers = np.vander((t - result.middle) / 10, DEGREE + 1)
    best = powers @ np.linalg.lstsq(powers, y)[0]
    assert abs(np.sqrt(np.mean((best - y) ** 2)) / y.std() - result.error["centered"]) < 1e-4
    model = Ridge(alpha=result.alpha["ridge"])
    fit_quietly(model, np.vander(t, DEGREE + 1)[:, :-1], y)
    left = y - model.predict(np.vander(t, DEGREE + 1)[:, :-1])
    assert abs(np.linalg.norm(left) / np.sqrt(len(y)) / y.std() - result.error["raw"]) < 1e-9
    assert result.error["raw"] > 1.5 * result.error["centered"]


def claim_lasso(result: Result) -> None:
    """Lasso on the same powers, standardized (α = {{ alpha.lasso | scientific(1) }}), has not converged after
    {{ cap | integer }} cycles and explains {{ score.raw | percent }} of the variance; centered before the powers are
    taken it ends by itself and explains {{ score.centered | percent }}."""
    t, y = make_points()
    assert result.cycles["raw"] == result.cap == 1000
    centered = y - y.mean()
    for name, x, cycles in (("raw", t, 1000), ("centered", t - t.mean(), result.cycles["centered"])):
        z = standardize(np.vander(x, DEGREE + 1)[:, :-1])
        w = np.zeros(DEGREE)
        for _ in range(cycles):
            for j in range(DEGREE):
                pull = z[:, j] @ (centered - z @ w) / len(y) + w[j]
                w[j] = np.sign(pull) * max(abs(pull) - result.alpha["lasso"], 0)
        assert abs(1 - np.var(centered - z @ w) / np.var(y) - result.score[name]) < 5e-4
    assert result.score["raw"] < result.score["centered"] / 2 and result.cycles["centered"] < 200


def claim_mixed(result: Result) -> None:
    """A constant, a size from {{ ranges.size[0] | integer }} to {{ ranges.size[1] | integer }} and an income from
    {{ ranges.income[0] | integer }} to {{ ranges.income[1] | integer }}, spread evenly: the largest over the least
    eigenvalue is {{ mixed.raw | scientific(1) }}, of scaled predictors {{ mixed.scaled | digits(2) }}, of standardized
    ones {{ mixed.standardized | integer }}."""
    low, high = np.array(list(result.ranges.values())).T
    assert (*low, *high) == (1, 800, 25_000, 40_000)
    grid = (np.arange(200) + 0.5) / 200
    a, b = (part.ravel() for part in np.meshgrid(low[0] + grid * (high - low)[0], low[1] + grid * (high - low)[1]))
    plain = np.stack([a, b], axis=1)
    cases = {"raw": plain, "scaled": plain / plain.std(axis=0), "standardized": standardize(plain)}
    for name, x in cases.items():
        x = np.column_stack([np.ones(len(x)), x])
        values = np.linalg.eigvalsh(x.T @ x / len(x))
        assert abs(values[-1] / values[0] / result.mixed[name] - 1) < 1e-3


def figure_conditions(result: Result) -> Figure:
    """Condition number of scaled columns against the degree, logarithmic. Of raw years it rises steeply
    with each degree and passes polyfit's limit at degree {{ warns }}; of centered years it stays low."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    degrees = np.arange(1, MOST)
    axes.axhline(result.limit, color=MUTED, linewidth=0.8)
    label_point(axes, "polyfit warns", (1, result.limit), MUTED, dx=0, dy=9, ha="left")
    for name, role, dy in (("raw", SECOND, 10), ("centered", FIRST, 12)):
        axes.plot(degrees, result.conditions[name], "o-", color=role)
        label_point(axes, f"{name} years", (degrees[2], result.conditions[name][2]), role, dx=-8, dy=dy)
    axes.set(yscale="log", xlim=(0.8, MOST - 0.5), ylim=(0.5, 1e17))
    frame_axes(axes, list(degrees), decades(0, 4, 8, 12, 16), "degree", "condition number")
    return figure


if __name__ == "__main__":
    show_figures(figure_conditions, of=compute())
