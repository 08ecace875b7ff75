"""What does intercept_scaling do, and why is liblinear's intercept too small?

An age of {{ mean | integer }} ± {{ std | integer }} years, C = {{ C | integer }}, {{ examples }} examples: the
intercept is {{ intercepts.raw[0] | digits(2) }} and the slope {{ slopes.raw[0] | digits(2) }} per standard deviation
at the default scaling of 1, {{ intercepts.raw[-1] | digits(2) }} and {{ slopes.raw[-1] | digits(3) }} at
{{ scalings[-1] | integer }}.

    c   intercept_scaling: the value of a constant feature
    v   its weight, so that the intercept is b = cv
    C   weight of the loss against the penalty
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from sklearn.linear_model import LogisticRegression

from lib.activation_functions import sigmoid
from lib.numerics import Draws, derivative, draws, find_root
from lib.plots import FIRST, MUTED, SECOND, decades, frame_axes, label_point, new_figure, show_figures

SEED = 0
EXAMPLES, MEAN, STD, C = 100, 40.0, 12.0, 1.0
SCALINGS = (1.0, 10.0, 100.0)
LINE = (1.5, -1.0)  # true change of the score per standard deviation of age, and score at the mean age


@dataclass(frozen=True)
class Result:
    true_slope: float
    "Change of the log-odds per standard deviation of age by which classes are drawn."
    examples: int
    "Examples."
    mean: float
    "Mean age."
    std: float
    "Standard deviation of ages."
    C: float
    "Weight of the loss."
    scalings: tuple[float, ...]
    "Values of intercept_scaling."
    intercepts: dict[str, tuple[float, ...]]
    "liblinear's intercepts at these: ages, and ages minus their mean."
    slopes: dict[str, tuple[float, ...]]
    "Its slopes, per standard deviation."
    probabilities: dict[str, tuple[float, ...]]
    "Mean predicted probabilities."
    share: float
    "Share of class 1."
    free: dict[str, float]
    "Intercept and slope per standard deviation where the intercept is not penalized."
    curves: dict[str, np.ndarray]
    "Scalings, and slopes per standard deviation at them."


def draw_examples(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Ages, minus nothing, and classes: of as many examples a fixed share is of class 1, as their scores say."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=EXAMPLES)
    z = (z - z.mean()) / z.std()
    score = LINE[0] * z + LINE[1] + rng.logistic(size=EXAMPLES)
    return MEAN + STD * z, (score > np.quantile(score, 0.65)).astype(float)


def fit_penalized(x: np.ndarray, y: np.ndarray, c: float) -> tuple[float, float]:
    """Slope and intercept that minimize ½w² + b²/(2c²) + C times the sum of log losses, by Newton's method."""
    design, penalty, w = np.column_stack([(x - MEAN) / STD, np.ones_like(x)]), np.diag([1.0, c**-2]), np.zeros(2)
    back = np.array([[1 / STD, 0.0], [-MEAN / STD, 1.0]])  # to slope and intercept, in which the penalty is meant
    penalty = back.T @ penalty @ back
    for _ in range(50):
        p = sigmoid(design @ w)
        gradient = penalty @ w + C * design.T @ (p - y)
        w = w - np.linalg.solve(penalty + C * (design.T * (p * (1 - p))) @ design, gradient)
    slope, intercept = back @ w
    return float(slope), float(intercept)


def fit_liblinear(x: np.ndarray, y: np.ndarray, c: float) -> tuple[float, float, float]:
    """Slope, intercept and mean predicted probability of scikit-learn's liblinear, to a small tolerance."""
    model = LogisticRegression(solver="liblinear", C=C, intercept_scaling=c, tol=1e-8, max_iter=1000)
    model.fit(x[:, None], y)
    return model.coef_[0, 0], model.intercept_[0], model.predict_proba(x[:, None])[:, 1].mean()


def compute() -> Result:
    x, y = draw_examples(SEED)
    fits = {
        name: [fit_liblinear(inputs, y, c) for c in SCALINGS] for name, inputs in (("raw", x), ("centered", x - MEAN))
    }
    slope, intercept = fit_penalized(x, y, 1e6)
    grid = np.logspace(-1, 3, 41)
    return Result(
        true_slope=LINE[0],
        examples=EXAMPLES,
        mean=MEAN,
        std=STD,
        C=C,
        scalings=SCALINGS,
        intercepts={name: tuple(float(fit[1]) for fit in rows) for name, rows in fits.items()},
        slopes={name: tuple(float(fit[0] * STD) for fit in rows) for name, rows in fits.items()},
        probabilities={name: tuple(float(fit[2]) for fit in rows) for name, rows in fits.items()},
        share=float(y.mean()),
        free={"intercept": intercept, "slope": slope * STD},
        curves={
            "scalings": grid,
            "raw": np.array([fit_penalized(x, y, c)[0] * STD for c in grid]),
            "centered": np.array([fit_penalized(x - MEAN, y, c)[0] * STD for c in grid]),
        },
    )


def claim_the_penalty_is_on_the_intercept(result: Result) -> None:
    """Ages of {{ mean | integer }} ± {{ std | integer }}, C = {{ C | integer }}: at scalings of
    {{ scalings | integer | list }} liblinear's intercept is {{ intercepts.raw | digits(3) | list }}, and its slope per
    standard deviation {{ slopes.raw | digits(3) | list }}. Without a penalty on the intercept they are
    {{ free.intercept | digits(3) }} and {{ free.slope | digits(3) }}. With the mean age subtracted the slope is
    {{ slopes.centered | digits(3) | list }}."""
    x, y = draw_examples(SEED)
    for name, inputs in (("raw", x), ("centered", x - MEAN)):
        for c, b, slope in zip(SCALINGS, result.intercepts[name], result.slopes[name]):
            own = fit_penalized(inputs, y, c)
            assert abs(b - own[1]) < 2e-3 and abs(slope / STD - own[0]) < 1e-4, (name, c)
        assert np.allclose(result.curves["scalings"][10:31:10], SCALINGS)
        assert np.allclose(result.curves[name][10:31:10], result.slopes[name], atol=1e-3)
    model = LogisticRegression(C=C, tol=1e-10, max_iter=10_000).fit((x - MEAN)[:, None], y)  # lbfgs: not penalized
    assert abs(model.coef_[0, 0] * STD - result.free["slope"]) < 1e-3
    assert abs(model.intercept_[0] - model.coef_[0, 0] * MEAN - result.free["intercept"]) < 5e-3


def claim_how_far_the_mean_probability_is_off(result: Result) -> None:
    """The share of class 1 is {{ share | digits(2) }}; the mean predicted probability at these scalings is
    {{ probabilities.raw | digits(3) | list }}, and {{ probabilities.centered | digits(3) | list }} with centered
    ages."""
    for name, chances in result.probabilities.items():
        for c, chance, b in zip(SCALINGS, chances, result.intercepts[name]):
            assert abs(chance - result.share + b / (C * EXAMPLES * c**2)) < 1e-4


def equation_objective() -> Draws:
    r"""\frac{1}{2} \lVert w\rVert^2 + \frac{1}{2} v^2 = \frac{1}{2} \lVert w\rVert^2 + \frac{b^2}{2\,c^2}"""
    for rng in draws(3):
        w, v, c = rng.normal(size=3), rng.normal(), rng.uniform(0.5, 20)
        yield {"w": w, "v": v, "c": c, "b": float(np.append(w, v) @ np.append(np.zeros(3), c))}


def equation_off() -> Draws:
    r"""\frac{1}{N} \sum_{k=1}^{N} (p_k - y_k) = -\frac{b}{C\,N\,c^2}"""
    for c in (0.5, 2.0, 9.0):
        y = np.array([1.0, 0.0, 0.0, 0.0, 1.0])

        def objective(b, c=c, y=y):  # no feature at all
            return b**2 / (2 * c**2) + C * (np.log(1 + np.exp(b)) - y * b).sum()

        b = find_root(lambda b, objective=objective: derivative(objective, b), -5.0, 5.0)
        p = 1 / (1 + np.exp(-b))
        yield {"N": 5, "p_k": lambda k, p=p: p, "y_k": lambda k, y=y: y[int(k) - 1], "b": b, "C": C, "c": c}


def figure_slopes(result: Result) -> Figure:
    """Slope per standard deviation against intercept_scaling, logarithmic. With ages as they are it rises from small
    values, is {{ slopes.raw[0] | digits(2) }} at 1, and levels off at {{ free.slope | digits(3) }}; with centered ages
    it is nearly level from 1 on."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    axes.axhline(result.free["slope"], color=MUTED, linewidth=0.8)
    for name, role, at, text in (("raw", SECOND, 9, "ages"), ("centered", FIRST, 23, "ages minus their mean")):
        axes.plot(result.curves["scalings"], result.curves[name], color=role)
        axes.plot(result.scalings, result.slopes[name], "o", color=role)
        label_point(axes, text, (result.curves["scalings"][at], result.curves[name][at]), role, dx=8, dy=-10)
    axes.set(xscale="log", xlim=(0.1, 1000), ylim=(0, 1.1 * result.free["slope"]))
    frame_axes(axes, decades(-1, 0, 1, 2, 3), [0, 1], "intercept_scaling", "slope per standard deviation")
    return figure


if __name__ == "__main__":
    show_figures(figure_slopes, of=compute())
