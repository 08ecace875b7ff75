"""A solver reports that it did not converge: what does that mean for the coefficients and for the predictions?

The error that is left lies along the flattest directions of the loss, where predictions hardly feel it and
coefficients do. Logistic regression on {{ examples | integer }} tumors with {{ features | integer }} measurements as
they come, at scikit-learn's defaults: after {{ limit | integer }} iterations the median coefficient is
{{ stopped.coefficient | percent(0) }} off, while {{ stopped.classes | percent(1) }} of the predicted classes differ
from those of the optimum. On standardized measurements it ends after {{ iterations.standardized | integer }}.

    H   Hessian of the penalized mean loss at its optimum; λ its eigenvalues
    e   error of the coefficients, w − w*, the intercept last
    C   scikit-learn's inverse strength of the penalty, 1 by default
"""

import warnings
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from sklearn.linear_model import LogisticRegression

from lib.numerics import Draws
from lib.plots import FIRST, GRID, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.tumors import find_optimum, fit_classifier, load_tumors, loss_and_derivatives

LIMIT = 100  # scikit-learn's default max_iter
CHECKPOINTS = (1, 2, 3, 5, 7, 10, 14, 20, 30, 50, 70, 100, 200, 500, 1000, 1500, 2000, 3000, 5000)


@dataclass(frozen=True)
class Result:
    examples: int
    "Tumors, all of them used for fitting."
    features: int
    "Measurements of each."
    limit: int
    "Iterations that scikit-learn allows by default."
    kappa: dict[str, float]
    "Condition number of the Hessian at the optimum: raw, standardized measurements."
    iterations: dict[str, int]
    "Iterations of lbfgs until it stops by itself."
    stopped: dict[str, float]
    "Raw, at the limit: median relative error of a coefficient; share of classes that differ; excess loss; wrong signs."
    flattest: dict[str, float]
    "Raw: curvature of the flattest direction, share of it that is the intercept, and what is missing along it."
    progress: dict[str, np.ndarray]
    "Per run: iterations, median relative error of a coefficient, share of classes that differ, shape (3, checkpoints)."
    missing: np.ndarray
    "Raw, at the limit: curvature and missing share of each direction, shape (2, features + 1)."


def compare(w: np.ndarray, standardize: bool) -> tuple[float, float]:
    """Median relative error of a coefficient, and share of predicted classes that differ from the optimum's."""
    (x, _), best = load_tumors(standardize), find_optimum(standardize)
    classes = [x @ v[:-1] + v[-1] > 0 for v in (w, best)]
    return float(np.median(abs(w[:-1] / best[:-1] - 1))), float(np.mean(classes[0] != classes[1]))


def compute() -> Result:
    progress, iterations = {}, {}
    for name, standardize in (("raw", False), ("standardized", True)):
        rows = []
        for limit in CHECKPOINTS:
            model = LogisticRegression(max_iter=limit)
            rows.append((limit, *compare(fit_classifier(model, *load_tumors(standardize))[0], standardize)))
            iterations[name] = int(model.n_iter_[0])
            if iterations[name] < limit:
                break
        progress[name] = np.array(rows).T
    x, y = load_tumors(False)
    w, best = fit_classifier(LogisticRegression(), x, y)[0], find_optimum(False)
    values, vectors = np.linalg.eigh(loss_and_derivatives(best, x, y)[2])
    missing = abs(vectors.T @ (w - best)) / abs(vectors.T @ best)
    coefficient, classes = compare(w, False)
    return Result(
        examples=len(x),
        features=x.shape[1],
        limit=LIMIT,
        kappa={
            name: float(np.linalg.cond(loss_and_derivatives(find_optimum(case), *load_tumors(case))[2]))
            for name, case in (("raw", False), ("standardized", True))
        },
        iterations=iterations,
        stopped={
            "coefficient": coefficient,
            "classes": classes,
            "excess": loss_and_derivatives(w, x, y)[0] - loss_and_derivatives(best, x, y)[0],
            "signs": int(np.sum(w[:-1] * best[:-1] < 0)),
        },
        flattest={"curvature": values[0], "intercept": vectors[-1, 0] ** 2, "missing": missing[0]},
        progress=progress,
        missing=np.array([values, missing]),
    )


def claim_coefficients_are_off_and_classes_hardly(result: Result) -> None:
    """Raw measurements, {{ limit | integer }} iterations: half of the coefficients are off by
    {{ stopped.coefficient | percent(0) }} or more, {{ stopped.signs }} of {{ features }} have the wrong sign, and
    {{ stopped.classes | percent(1) }} of the predicted classes differ from the optimum’s."""
    x, y = load_tumors(False)
    sure = LogisticRegression(solver="newton-cholesky", tol=1e-10).fit(x, y)  # a second way to the optimum
    np.testing.assert_allclose(np.append(sure.coef_[0], sure.intercept_), find_optimum(False), rtol=1e-5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stopped = LogisticRegression().fit(x, y)
    assert abs(np.mean(stopped.predict(x) != sure.predict(x)) - result.stopped["classes"]) < 1e-9
    assert abs(np.median(abs(stopped.coef_ / sure.coef_ - 1)) - result.stopped["coefficient"]) < 1e-3
    assert 0 < result.stopped["classes"] < 0.05 and result.features == x.shape[1]
    assert np.sum(stopped.coef_ * sure.coef_ < 0) == result.stopped["signs"]


def claim_the_flattest_direction_is_the_constant(result: Result) -> None:
    """The flattest direction is the intercept, to {{ flattest.intercept | percent(1) }}; along it
    {{ flattest.missing | percent(1) }} of the way is missing after {{ limit | integer }} iterations."""
    x, y = load_tumors(False)
    H = loss_and_derivatives(find_optimum(False), x, y)[2]
    profile = H[-1, -1] - H[-1, :-1] @ np.linalg.solve(H[:-1, :-1], H[:-1, -1])  # all other coefficients adapt
    assert abs(profile / result.flattest["curvature"] - 1) < 0.01 and result.flattest["intercept"] > 0.99
    along = np.linalg.solve(H, np.linalg.solve(H, np.eye(len(H))[-1]))  # inverse iteration from the constant
    along /= np.linalg.norm(along)
    assert abs(along[-1] ** 2 - result.flattest["intercept"]) < 1e-4
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = LogisticRegression().fit(x, y)
    w = np.append(model.coef_[0], model.intercept_)
    assert abs(1 - along @ w / (along @ find_optimum(False)) - result.flattest["missing"]) < 1e-4


def claim_standardizing_ends_it(result: Result) -> None:
    """On standardized measurements lbfgs ends by itself after {{ iterations.standardized | integer }} iterations, on
    raw ones after {{ iterations.raw | integer }}; the condition numbers are
    {{ kappa.standardized | digits(2) }} and {{ kappa.raw | scientific(1) }}."""
    assert result.iterations["standardized"] < 30 and result.iterations["raw"] > 1000
    ended = {
        name: LogisticRegression(max_iter=9999).fit(*load_tumors(name == "standardized")) for name in result.iterations
    }
    assert {name: int(model.n_iter_[0]) for name, model in ended.items()} == result.iterations
    for name, standardize in (("raw", False), ("standardized", True)):
        x, w = load_tumors(standardize)[0], find_optimum(standardize)
        p = 1 / (1 + np.exp(-(x @ w[:-1] + w[-1])))
        A = np.sqrt(p * (1 - p))[:, None] * np.column_stack([x, np.ones(len(x))])
        values = np.linalg.svd(np.vstack([A, np.eye(len(w))[:-1]]), compute_uv=False)  # the penalty as extra rows
        assert abs((values[0] / values[-1]) ** 2 / result.kappa[name] - 1) < 1e-4


def draw_bowls():
    """Least-squares problems: the loss, weights and optimum, eigenvalues, error and gradient along the eigenvectors."""
    for rng in map(np.random.default_rng, range(8)):
        x, w = rng.normal(1, 2, size=(40, 3)), rng.normal(size=3)
        y = x @ rng.normal(size=3) + rng.normal(size=40)
        best = np.linalg.lstsq(x, y)[0]
        values, vectors = np.linalg.eigh(x.T @ x / 40)

        def loss(at, x=x, y=y):
            return np.mean((x @ np.ravel(at) - y) ** 2) / 2

        yield (loss, w, best), values, vectors.T @ (w - best), vectors.T @ (x.T @ (x @ w - y) / 40)


def equation_error() -> Draws:
    r"""e_i = \frac{g_i}{\lambda_i}"""
    for _, values, error, gradient in draw_bowls():
        for i in range(3):
            yield {"e_i": error[i], "g_i": gradient[i], r"\lambda_i": values[i]}


def equation_excess() -> Draws:
    r"""L(w) - L(w^\star) = \frac{1}{2} \sum_{i=1}^{n} \lambda_i e_i^2"""
    for (loss, w, best), values, error, _ in draw_bowls():
        yield {
            "L": loss,
            "w": w,
            r"w^\star": best,
            "n": 3,
            r"\lambda_i": lambda i, v=values: v[int(i) - 1],
            "e_i": lambda i, e=error: e[int(i) - 1],
        }


def figure_progress(result: Result) -> Figure:
    """Two panels over iterations of lbfgs, both axes logarithmic. Left, median relative error of a coefficient: on raw
    measurements it stays near one for long, and is {{ stopped.coefficient | percent(0) }} at the limit
    of {{ limit | integer }}. Right, share of predicted classes that differ: {{ stopped.classes | percent(1) }} there.
    On standardized measurements lbfgs stops after {{ iterations.standardized }} iterations, and both have fallen."""
    figure = new_figure(340, 0.85, panels=2)
    names = "median error of a coefficient", "classes that differ"
    for row, (axes, title) in enumerate(zip(figure.axes, names), 1):
        axes.axvline(result.limit, color=GRID, linewidth=1, label="default limit")
        for name, role in (("raw", SECOND), ("standardized", FIRST)):
            at, share = result.progress[name][0], result.progress[name][row]
            shown = share > 0
            axes.plot(at[shown], share[shown], color=role, label=name)
            if row == 1:
                label_point(axes, name, (at[shown][-1], share[shown][-1]), role, dx=-8, dy=-9)
        axes.set(xscale="log", yscale="log", xlim=(1, 4000), ylim=(1.2e-3, 2))
        frame_axes(axes, [1, 10, 100, 1000], {0.01: "1%", 0.1: "10%", 1: "100%"}, "iterations", title)
    return figure


def figure_missing(result: Result) -> Figure:
    """Share of the way that is missing after {{ limit | integer }} iterations on raw measurements, against the
    curvature of the direction, a dot for each of the eigenvectors. The steepest have most of it behind them; the
    flattest, far to the left, misses {{ flattest.missing | percent(1) }}."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    axes.plot(*result.missing, "o", color=SECOND, markersize=5, label="directions")
    axes.axhline(1, color=GRID, linewidth=1, label="nothing done")
    label_point(axes, "the intercept", (result.missing[0, 0], 1), SECOND, dx=0, dy=-13, ha="center")
    axes.set(xscale="log", yscale="log", xlim=(1e-7, 1e5), ylim=(0.03, 8))
    frame_axes(
        axes,
        {1e-6: "$10^{-6}$", 1e-3: "$10^{-3}$", 1: "1", 1e3: "$10^3$"},
        {0.1: "10%", 1: "100%"},
        "curvature",
        "still missing",
    )
    return figure


if __name__ == "__main__":
    show_figures(figure_progress, figure_missing, of=compute())
