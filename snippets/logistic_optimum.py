"""Has my logistic regression an optimum at all, and does the penalty pull at its constant?

Two reasons for warnings that no scaling cures. Where a line separates the classes there is no optimum: each step of
Newton's method adds about one to the coefficient, forever, and {{ growth[-1] | digits(3) }} in the last of
{{ steps }}. And a penalty that includes the constant moves the mean prediction: from a share of
{{ share | digits(3) }} to {{ mean.penalized | digits(3) }}.

    w, b  coefficients and constant
    p     predicted probability of class 1
    C     scikit-learn's inverse strength of the penalty ‖w‖²/(2C), beside the summed loss
"""

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from lib.numerics import Draws

SEED = 0
STEPS = 25  # maxit of R's glm
SEPARABLE = np.array([-2.0, -1.0, 1.0, 2.0]), np.array([0.0, 0.0, 1.0, 1.0])
EXAMPLES, FEATURES, WEAK = 400, 5, 0.01
SHIFTS = (0.0, 3.0)


@dataclass(frozen=True)
class Result:
    steps: int
    "Newton steps, as many as R's glm allows by default."
    coefficient: float
    "Coefficient after them, from zero, on a few separable examples."
    growth: tuple[float, ...]
    "What each step adds to it."
    ambiguous: tuple[float, float]
    "Largest distance of a predicted probability from its class, after some and after all of the steps."
    examples: int
    "Examples of the second problem."
    C: float
    "Inverse strength of its penalty."
    share: float
    "Share of class 1."
    mean: dict[str, float]
    "Mean predicted probability at the optimum: constant free, constant penalized."
    slope: dict[str, float]
    "Coefficient of the first feature: constant free or penalized, features centered or shifted."
    shift: float
    "That shift, in standard deviations."


def separate(steps: int) -> list[float]:
    """Coefficients of one feature, without constant and penalty, after 0, 1, … Newton steps."""
    x, y = SEPARABLE
    path = [0.0]
    for _ in range(steps):
        p = 1 / (1 + np.exp(-x * path[-1]))
        path.append(float(path[-1] - x @ (p - y) / (x**2 @ (p * (1 - p)))))
    return path


def draw_problem() -> tuple[np.ndarray, np.ndarray]:
    """Standardized features (400, 5) and classes, about a quarter of them 1."""
    rng = np.random.default_rng(SEED)
    x = rng.normal(size=(EXAMPLES, FEATURES))
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    chance = 1 / (1 + np.exp(-(x @ [1.0, -1.0, 0.5, 0.0, 0.0] - 1.5)))
    return x, (rng.random(EXAMPLES) < chance).astype(float)


def minimize(x: np.ndarray, y: np.ndarray, penalize_constant: bool) -> np.ndarray:
    """Coefficients of least penalized loss, constant last, by Newton's method."""
    A = np.column_stack([x, np.ones(len(x))])
    penalty = np.append(np.full(x.shape[1], 1 / WEAK), penalize_constant / WEAK)
    w = np.zeros(A.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-A @ w))
        w = w - np.linalg.solve((A.T * (p * (1 - p))) @ A + np.diag(penalty), A.T @ (p - y) + penalty * w)
    return w


def predict(w: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Probabilities of class 1."""
    return 1 / (1 + np.exp(-(x @ w[:-1] + w[-1])))


def compute() -> Result:
    path = separate(STEPS)
    x, y = draw_problem()
    wrong = [max(abs(1 / (1 + np.exp(-SEPARABLE[0] * w)) - SEPARABLE[1])) for w in (path[5], path[-1])]
    fits = {
        (name, shift): minimize(x + shift, y, name == "penalized") for name in ("free", "penalized") for shift in SHIFTS
    }
    return Result(
        steps=STEPS,
        coefficient=path[-1],
        growth=tuple(np.diff(path)),
        ambiguous=(wrong[0], wrong[1]),
        examples=EXAMPLES,
        C=WEAK,
        share=float(y.mean()),
        mean={name: float(predict(fits[name, 0.0], x).mean()) for name in ("free", "penalized")},
        slope={
            f"{name}_{case}": fits[name, shift][0]
            for name in ("free", "penalized")
            for case, shift in zip(("centered", "shifted"), SHIFTS)
        },
        shift=SHIFTS[1],
    )


def claim_separable_classes_have_no_optimum(result: Result) -> None:
    """Where a line separates the classes, Newton’s method adds {{ growth[0] | digits(2) }} to the coefficient in its
    first step, and still {{ growth[24] | digits(3) }} in step {{ steps }}, while no probability is further than
    {{ ambiguous[1] | scientific(1) }} from its class."""
    x, y = SEPARABLE
    w = result.coefficient
    assert abs(result.growth[0] - x @ (y - 0.5) / (x**2 / 4).sum()) < 1e-9  # at w = 0 all p are ½
    assert abs(result.growth[-1] - 1) < 1e-9 and min(result.growth) > 0.8  # e⁻ʷ/e⁻ʷ = 1 for the nearest examples
    losses = [np.sum(np.logaddexp(0, -(2 * y - 1) * x * v)) for v in (w, w + 1)]
    assert abs(losses[0] / losses[1] / np.e - 1) < 1e-6
    assert abs(result.ambiguous[1] / np.exp(-w) - 1) < 1e-6 and result.ambiguous[0] > 1e-3
    for scale in (0.01, 100):  # other units, the same probabilities at every step
        u = 0.0
        for _ in range(STEPS):
            p = 1 / (1 + np.exp(-scale * x * u))
            u -= scale * x @ (p - y) / ((scale * x) ** 2 @ (p * (1 - p)))
        assert abs(u * scale / w - 1) < 1e-6


def claim_a_free_constant_keeps_the_mean(result: Result) -> None:
    """With a free constant the mean predicted probability is the share of class 1, {{ share | digits(3) }}; with a
    penalized one it is {{ mean.penalized | digits(3) }}."""
    x, y = draw_problem()
    assert abs(result.mean["free"] - result.share) < 1e-9
    model = LogisticRegression(C=WEAK, solver="liblinear", tol=1e-10, max_iter=10_000).fit(x, y)
    assert abs(model.predict_proba(x)[:, 1].mean() - result.mean["penalized"]) < 1e-4
    free = LogisticRegression(C=WEAK, tol=1e-10, max_iter=10_000).fit(x, y)
    assert abs(free.predict_proba(x)[:, 1].mean() - result.share) < 1e-5
    assert result.mean["penalized"] > result.share + 0.02  # pulled toward one half


def claim_a_penalized_constant_sees_the_shift(result: Result) -> None:
    """Shift all features by {{ shift | integer }} standard deviations: with a free constant the first coefficient
    stays {{ slope.free_shifted | digits(3) }}; with a penalized one it goes from
    {{ slope.penalized_centered | digits(3) }} to {{ slope.penalized_shifted | digits(3) }}."""
    assert abs(result.slope["free_shifted"] - result.slope["free_centered"]) < 1e-9
    x, y = draw_problem()
    model = LogisticRegression(C=WEAK, solver="liblinear", tol=1e-10, max_iter=10_000).fit(x + SHIFTS[1], y)
    assert abs(model.coef_[0, 0] - result.slope["penalized_shifted"]) < 1e-4
    model.fit(x, y)
    assert abs(model.coef_[0, 0] - result.slope["penalized_centered"]) < 1e-4
    assert abs(result.slope["penalized_shifted"] - result.slope["penalized_centered"]) > 1e-3


def equation_mean() -> Draws:
    r"""\frac{\partial L}{\partial b} = \sum_{k=1}^{N} (p_k - y_k)"""
    for rng in map(np.random.default_rng, range(8)):
        z, y, b = rng.normal(size=6), rng.integers(0, 2, size=6), rng.normal() + 1e-20j
        loss = np.sum(np.log(1 + np.exp(z + b)) - y * (z + b))
        p = 1 / (1 + np.exp(-(z + b.real)))
        yield {
            r"\frac{\partial L}{\partial b}": loss.imag / 1e-20,
            "N": 6,
            "p_k": lambda k, p=p: p[int(k) - 1],
            "y_k": lambda k, y=y: y[int(k) - 1],
        }
