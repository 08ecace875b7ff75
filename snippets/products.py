"""Does centering change a regression with products of features?

Not its fit: (x₁ − m₁)(x₂ − m₂) is x₁x₂ minus multiples of x₁, x₂ and 1, which are in the model. The coefficients of the
features themselves change, because they answer another question: the slope where the other feature is 0, or where it is
at its mean. On {{ examples }} examples with means of {{ means[0] | integer }} and {{ means[1] | integer }}, the t value
of the first feature goes from {{ t.raw | digits(2) }} to {{ t.centered | digits(2) }}, and the predictions stay.

    t    coefficient over its standard error
    κ    condition number of the design: constant, both features, their product
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws

SEED = 0
EXAMPLES, PENALTY = 200, 10.0
MEANS, TRUTH = np.array([5.0, 3.0]), np.array([0.2, 0.5, -0.3, 0.4])  # constant, x₁, x₂, x₁x₂


@dataclass(frozen=True)
class Result:
    examples: int
    "Examples."
    means: tuple[float, float]
    "Means of the two features; their standard deviations are 1."
    truth: tuple[float, ...]
    "Coefficients that the targets were made with: constant, both features, product."
    coefficient: dict[str, float]
    "Coefficient of the first feature: raw, centered."
    error: dict[str, float]
    "Its standard error."
    t: dict[str, float]
    "Its t value."
    product_t: dict[str, float]
    "t value of the product: raw, centered."
    vanishing: float
    "Value of the second feature at which the slope of the first is 0."
    kappa: dict[str, float]
    "Condition number of the design matrix."
    same: float
    "Largest difference of a prediction between the two."
    alone: float
    "Root mean square difference, over the predictions' standard deviation, if the product stands without its features."
    ridge: float
    "The same with all terms and a ridge penalty on all but the constant."


def build_design(x: np.ndarray) -> np.ndarray:
    """Constant, both features and their product, shape (examples, 4)."""
    return np.column_stack([np.ones(len(x)), x, x[:, 0] * x[:, 1]])


def draw_data(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Features (200, 2) and targets with noise of variance one."""
    x = rng.normal(size=(EXAMPLES, 2)) + MEANS
    return x, build_design(x) @ TRUTH + rng.normal(size=EXAMPLES)


def fit_with_errors(A: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least-squares coefficients and their standard errors."""
    w = np.linalg.lstsq(A, y)[0]
    variance = np.sum((y - A @ w) ** 2) / (len(y) - len(w))
    return w, np.sqrt(variance * np.diag(np.linalg.inv(A.T @ A)))


def compare(A: np.ndarray, B: np.ndarray, y: np.ndarray, penalty: float = 0.0) -> float:
    """Root mean square difference between the predictions from two designs, over their standard deviation."""
    fits = []
    for design_matrix in (A, B):
        P = penalty * np.eye(A.shape[1])
        P[0, 0] = 0
        fits.append(design_matrix @ np.linalg.solve(design_matrix.T @ design_matrix + P, design_matrix.T @ y))
    return float(np.sqrt(np.mean((fits[0] - fits[1]) ** 2)) / fits[0].std())


def compute() -> Result:
    x, y = draw_data(np.random.default_rng(SEED))
    designs = {"raw": build_design(x), "centered": build_design(x - x.mean(axis=0))}
    fits = {name: fit_with_errors(A, y) for name, A in designs.items()}
    return Result(
        examples=EXAMPLES,
        means=tuple(MEANS),
        truth=tuple(TRUTH.tolist()),
        coefficient={name: w[1] for name, (w, _) in fits.items()},
        error={name: errors[1] for name, (_, errors) in fits.items()},
        t={name: w[1] / errors[1] for name, (w, errors) in fits.items()},
        product_t={name: w[3] / errors[3] for name, (w, errors) in fits.items()},
        vanishing=-fits["raw"][0][1] / fits["raw"][0][3],
        kappa={name: float(np.linalg.cond(A)) for name, A in designs.items()},
        same=float(abs(designs["raw"] @ fits["raw"][0] - designs["centered"] @ fits["centered"][0]).max()),
        alone=compare(designs["raw"][:, [0, 3]], designs["centered"][:, [0, 3]], y),
        ridge=compare(designs["raw"], designs["centered"], y, PENALTY),
    )


def claim_the_fit_stays(result: Result) -> None:
    """Centering changes no prediction, beyond rounding, and leaves the product’s t value at
    {{ product_t.raw | digits(3) }}; the first feature’s goes from {{ t.raw | digits(2) }} to
    {{ t.centered | digits(2) }}."""
    assert result.same < 1e-9 and abs(result.product_t["raw"] - result.product_t["centered"]) < 1e-6
    assert result.t["centered"] > 3 * abs(result.t["raw"])
    x, y = draw_data(np.random.default_rng(SEED))
    for name, features in (
        ("raw", x),
        ("centered", x - x.mean(axis=0)),
    ):  # t² compares the fits with and without a term
        A = build_design(features)
        losses = [np.sum((y - B @ np.linalg.lstsq(B, y)[0]) ** 2) for B in (A, np.delete(A, 1, axis=1))]
        assert abs((losses[1] - losses[0]) / losses[0] * (EXAMPLES - 4) / result.t[name] ** 2 - 1) < 1e-6


def claim_another_question(result: Result) -> None:
    """The coefficient of the first feature is its slope where the second is 0: {{ coefficient.raw | digits(2) }}. With
    both features centered it is the slope where the second has its mean: {{ coefficient.centered | digits(3) }}. There
    the data lie, and the standard error is {{ error.centered | digits(2) }} instead of {{ error.raw | digits(2) }}."""
    x, y = draw_data(np.random.default_rng(SEED))
    w, _ = fit_with_errors(build_design(x), y)
    assert abs(w[1] + w[3] * x[:, 1].mean() - result.coefficient["centered"]) < 1e-9
    spread = np.linalg.inv(build_design(x).T @ build_design(x))  # its standard error by the delta rule
    a = np.array([0, 1, 0, x[:, 1].mean()])
    variance = np.sum((y - build_design(x) @ w) ** 2) / (EXAMPLES - 4)
    assert abs(np.sqrt(variance * a @ spread @ a) / result.error["centered"] - 1) < 1e-9
    assert abs(fit_with_errors(build_design(x - [0, result.vanishing]), y)[0][1]) < 1e-9
    assert result.error["raw"] > 2 * result.error["centered"] and abs(w[1] - result.coefficient["raw"]) < 1e-9
    assert abs(result.coefficient["raw"] / result.error["raw"] / result.t["raw"] - 1) < 1e-9


def claim_conditioning(result: Result) -> None:
    """The design’s condition number goes from {{ kappa.raw | digits(2) }} to {{ kappa.centered | digits(2) }}."""
    x, _ = draw_data(np.random.default_rng(SEED))
    for name, features in (("raw", x), ("centered", x - x.mean(axis=0))):
        values = np.linalg.eigvalsh(build_design(features).T @ build_design(features))
        assert abs(np.sqrt(values[-1] / values[0]) / result.kappa[name] - 1) < 1e-6
    assert result.kappa["raw"] > 40 * result.kappa["centered"]


def claim_without_the_features_it_is_another_model(result: Result) -> None:
    """Leave the features out and keep their product: then centering changes the predictions by
    {{ alone | digits(2) }} of their standard deviation; with all terms and a ridge penalty, by
    {{ ridge | digits(2) }}."""
    assert result.alone > 0.3 and 0.01 < result.ridge < result.alone
    x, y = draw_data(np.random.default_rng(SEED))
    u, extra = x - x.mean(axis=0), np.sqrt(PENALTY) * np.eye(4)[1:]  # the penalty as further examples
    for size, columns, rows in ((result.alone, [0, 3], extra[:0]), (result.ridge, [0, 1, 2, 3], extra)):
        fits = []
        for A in (build_design(x)[:, columns], build_design(u)[:, columns]):
            w = np.linalg.lstsq(np.vstack([A, rows[:, columns]]), np.append(y, np.zeros(len(rows))))[0]
            fits.append(A @ w)
        assert abs(np.sqrt(np.mean((fits[0] - fits[1]) ** 2)) / fits[0].std() / size - 1) < 1e-6
    raw, centered = x[:, 0] * x[:, 1], (x - x.mean(axis=0)).prod(axis=1)
    assert abs(np.corrcoef(raw, centered)[0, 1]) < 0.7  # not the same feature
    both = np.column_stack([build_design(x), build_design(x - x.mean(axis=0))])
    assert np.linalg.matrix_rank(both) == 4  # but the same span


def equation_product() -> Draws:
    r"""(x_1 - m_1)(x_2 - m_2) = x_1 x_2 - m_2 x_1 - m_1 x_2 + m_1 m_2"""
    for rng in draws(8):
        yield dict(zip(("x_1", "x_2", "m_1", "m_2"), rng.normal(size=4)))


def equation_slope() -> Draws:
    r"""w'_1 = w_1 + w_{12}\,m_2"""
    for rng in draws(8):
        x, y = draw_data(rng)
        raw, centered = (fit_with_errors(build_design(features), y)[0] for features in (x, x - x.mean(axis=0)))
        yield {"w'_1": centered[1], "w_1": raw[1], "w_{12}": raw[3], "m_2": x[:, 1].mean()}
