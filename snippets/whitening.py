"""PCA, ZCA or Cholesky: which whitening, and with or without the mean?

All of them turn the covariance into I, and differ by a rotation. Plain gradient descent learns the same functions
behind each, step by step; Adam does not. ZCA stays closest to the features. Whitening by second moments, the mean left
in, removes the valley of a neuron without a bias, and leaves κ = {{ kappa_bias.second | digits(2) }} with a bias;
subtracting the mean first leaves {{ kappa_bias.centered | integer }}.

    Σ, μ  covariance and means of {{ features }} features: correlation
          {{ correlation | digits(1) }} to the power |i − j|, variances and means 1
    W     whitening matrix, WΣWᵀ = I
    q     μᵀΣ⁻¹μ, the squared mean that is left after whitening by the covariance
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.optimizers import adam
from lib.plots import FIRST, GRID, INK, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import condition_number, hessian, hessian_with_bias

FEATURES, CORRELATION = 8, 0.8
STEPS, STEP = 60, 0.1
KINDS = {"pca": "PCA", "zca": "ZCA", "cholesky": "Cholesky"}
PLANE = np.array([[1.0, 0.75], [0.75, 1.0]]) * np.outer([1.6, 1.0], [1.6, 1.0])  # covariance of the drawn features


@dataclass(frozen=True)
class Result:
    features: int
    "Features."
    correlation: float
    "Correlation of neighbors; a feature k places away has its k-th power."
    kappa: float
    "Condition number of the covariance: of standardized features."
    similarity: dict[str, float]
    "Mean correlation of a whitened feature with the feature of the same number."
    first: dict[str, float]
    "Share of all squared correlations with the features that the first whitened feature has."
    gap: dict[str, float]
    "Largest difference of the output between PCA and ZCA whitening during `steps`: plain descent, Adam."
    steps: int
    "Those steps."
    left: float
    "Squared length q of the mean after whitening by the covariance without subtracting it."
    kappa_none: dict[str, float]
    "Condition number without a bias: whitened by covariance, by second moment; with the mean subtracted first."
    kappa_bias: dict[str, float]
    "The same with a bias."


def correlate(n: int, correlation: float) -> np.ndarray:
    """Covariance correlation^|i − j| of n features of variance 1."""
    return correlation ** abs(np.subtract.outer(np.arange(n), np.arange(n)))


def whitening_matrix(covariance: np.ndarray, kind: str) -> np.ndarray:
    """W with WΣWᵀ = I: rows are principal directions (pca), W symmetric (zca), or W triangular (cholesky)."""
    if kind == "cholesky":
        return np.linalg.inv(np.linalg.cholesky(covariance))
    values, vectors = np.linalg.eigh(covariance)
    values, vectors = values[::-1], vectors[:, ::-1]
    vectors = vectors * np.sign(vectors.sum(axis=0) + 1e-12)  # an eigenvector's sign is free
    pca = (vectors / np.sqrt(values)).T
    return pca if kind == "pca" else vectors @ pca


def descend_outputs(W: np.ndarray, covariance: np.ndarray, method: str) -> Iterator[np.ndarray]:
    """Weights, in terms of the features, that descent on whitened features visits from zero; the target is sin j."""
    goal = np.linalg.solve(W.T, np.sin(np.arange(len(W))))  # the same function in the whitened coordinates
    H = W @ covariance @ W.T

    def gradient(v):
        return H @ (v - goal)

    if method == "adam":
        yield from (W.T @ v for v in adam(gradient, np.zeros(len(W)), STEP))
    v = np.zeros(len(W))
    while True:
        yield W.T @ v
        v = v - STEP * gradient(v)


def compute() -> Result:
    S, mu = correlate(FEATURES, CORRELATION), np.ones(FEATURES)
    similarity, first, paths = {}, {}, {}
    for kind in KINDS:
        W = whitening_matrix(S, kind)
        with_features = W @ S  # correlations, since all variances are 1
        similarity[kind] = float(np.trace(with_features) / FEATURES)
        first[kind] = float(np.sum(with_features[0] ** 2) / np.sum(with_features**2))
        for method in ("plain", "adam"):
            paths[kind, method] = np.array(list(islice(descend_outputs(W, S, method), STEPS)))
    W = whitening_matrix(S, "zca")
    second = whitening_matrix(S + np.outer(mu, mu), "zca")
    cases = {
        "covariance": (W @ mu, np.eye(FEATURES)),
        "second": (second @ mu, second @ S @ second.T),
        "centered": (0 * mu, np.eye(FEATURES)),
    }
    return Result(
        features=FEATURES,
        correlation=CORRELATION,
        kappa=condition_number(S),
        similarity=similarity,
        first=first,
        gap={m: float(abs(paths["pca", m] - paths["zca", m]).max()) for m in ("plain", "adam")},
        steps=STEPS,
        left=float(mu @ np.linalg.solve(S, mu)),
        kappa_none={name: condition_number(hessian(*case)) for name, case in cases.items()},
        kappa_bias={name: condition_number(hessian_with_bias(*case)) for name, case in cases.items()},
    )


def claim_zca_stays_closest(result: Result) -> None:
    """A ZCA-whitened feature has a correlation of {{ similarity.zca | digits(2) }} with its own feature, on average;
    with Cholesky {{ similarity.cholesky | digits(2) }}, with PCA {{ similarity.pca | digits(2) }}. No other whitening
    reaches more."""
    S = correlate(FEATURES, CORRELATION)
    root = np.sum(np.sqrt(np.linalg.eigvalsh(S))) / FEATURES  # tr Σ^½/n, which bounds tr RΣ^½/n
    assert abs(root - result.similarity["zca"]) < 1e-9
    assert abs(np.mean(np.diag(np.linalg.cholesky(S))) - result.similarity["cholesky"]) < 1e-9  # L⁻¹Σ = Lᵀ
    values, vectors = np.linalg.eigh(S)
    along = np.sqrt(values[::-1]) * np.diag(vectors[:, ::-1]) * np.sign(vectors[:, ::-1].sum(axis=0) + 1e-12)
    assert abs(along.mean() - result.similarity["pca"]) < 1e-9
    W = whitening_matrix(S, "zca")
    for rng in draws(200):
        R = np.linalg.qr(rng.normal(size=(FEATURES, FEATURES)))[0]
        assert np.trace(R @ W @ S) / FEATURES < result.similarity["zca"]
    assert result.similarity["pca"] < result.similarity["cholesky"] < result.similarity["zca"]


def claim_pca_compresses_most(result: Result) -> None:
    """Of all squared correlations with the features the first PCA feature has {{ first.pca | percent(0) }}, the first
    ZCA feature {{ first.zca | percent(0) }}."""
    values = np.linalg.eigvalsh(correlate(FEATURES, CORRELATION))
    assert abs(result.first["pca"] - values[-1] / FEATURES) < 1e-9 and abs(result.first["zca"] - 1 / FEATURES) < 1e-9
    assert result.first["pca"] > result.first["cholesky"] > result.first["zca"]


def claim_plain_descent_does_not_see_the_rotation(result: Result) -> None:
    """Behind PCA and behind ZCA whitening plain descent visits the same functions for {{ steps }} steps, to rounding;
    Adam’s weights differ by up to {{ gap.adam | digits(2) }}."""
    assert result.gap["plain"] < 1e-12 and result.gap["adam"] > 0.05
    S = correlate(FEATURES, CORRELATION)
    for kind in KINDS:  # because WᵀW is the same preconditioner
        W = whitening_matrix(S, kind)
        np.testing.assert_allclose(W.T @ W @ S, np.eye(FEATURES), atol=1e-12)
    paths = []
    for kind in ("pca", "zca"):  # Adam in its own words; behind a whitening the Hessian is I
        W = whitening_matrix(S, kind)
        goal, v, mean, square = np.linalg.solve(W.T, np.sin(np.arange(FEATURES))), 0.0, 0.0, 0.0
        path = []
        for k in range(1, STEPS):
            mean, square = 0.9 * mean + 0.1 * (v - goal), 0.999 * square + 0.001 * (v - goal) ** 2
            v = v - STEP * mean / (1 - 0.9**k) / (np.sqrt(square / (1 - 0.999**k)) + 1e-8)
            path.append(W.T @ v)
        paths.append(np.array(path))
    assert abs(abs(paths[0] - paths[1]).max() / result.gap["adam"] - 1) < 1e-3


def claim_a_mean_survives_whitening(result: Result) -> None:
    r"""With means of 1, whitening by the covariance leaves $\kappa_0 = {{ kappa_none.covariance | digits(3) }}$ and
    $\kappa_b = {{ kappa_bias.covariance | digits(2) }}$; by second moments {{ kappa_none.second | integer }} and
    {{ kappa_bias.second | digits(2) }}; with the mean subtracted first {{ kappa_none.centered | integer }} and
    {{ kappa_bias.centered | integer }}."""
    q = result.left
    assert abs(result.kappa_none["covariance"] - 1 - q) < 1e-9 and abs(result.kappa_none["second"] - 1) < 1e-9
    m = np.sqrt(q / (1 + q))
    assert abs(result.kappa_bias["second"] / ((1 + m) / (1 - m)) - 1) < 1e-9
    assert abs(result.kappa_bias["covariance"] + 1 / result.kappa_bias["covariance"] + 2 - (2 + q) ** 2) < 1e-6
    assert abs(result.kappa_none["centered"] - 1) < 1e-9 and abs(result.kappa_bias["centered"] - 1) < 1e-9


def draw_covariances() -> Iterator[tuple]:
    """Generators, covariances (4, 4) and a whitening of each kind in turn, turned by a random rotation."""
    for i, rng in enumerate(draws(9)):
        A = rng.normal(size=(4, 4))
        S = A @ A.T + 0.1 * np.eye(4)
        W = whitening_matrix(S, list(KINDS)[i % 3])
        yield rng, S, np.linalg.qr(rng.normal(size=(4, 4)))[0] @ W


def equation_free() -> Draws:
    r"""W \Sigma W^\top = I, \qquad W^\top W = \Sigma^{-1}"""
    for _, S, W in draw_covariances():
        yield {"W": W, r"\Sigma": S, "I": np.eye(4)}


def equation_distance() -> Draws:
    r"""\mathbb{E}\lVert W x - x \rVert^2 = n + \operatorname{tr} \Sigma - 2 \operatorname{tr}(W \Sigma)"""
    for rng in draws(8):
        x = rng.normal(size=(50, 4)) @ rng.normal(size=(4, 4))
        x -= x.mean(axis=0)
        W = np.linalg.qr(rng.normal(size=(4, 4)))[0] @ whitening_matrix(np.cov(x.T, bias=True), "pca")
        yield {
            r"\mathbb{E}\lVert W x - x \rVert^2": np.mean(np.sum((x @ W.T - x) ** 2, axis=1)),
            "n": 4,
            r"\operatorname{tr}": np.trace,
            r"\Sigma": np.cov(x.T, bias=True),
            "W": W,
        }


def equation_left() -> Draws:
    r"""\lVert W \mu \rVert^2 = \mu^\top \left(\Sigma + \mu\mu^\top\right)^{-1} \mu = \frac{q}{1 + q}"""
    for rng, S, _ in draw_covariances():
        mu = rng.normal(size=4)
        W = whitening_matrix(S + np.outer(mu, mu), "cholesky")
        yield {"W": W, r"\mu": mu, r"\Sigma": S, "q": mu @ np.linalg.solve(S, mu)}


def equation_kappa() -> Draws:
    r"""\kappa_b = \frac{1 + \lVert W\mu\rVert}{1 - \lVert W\mu\rVert}"""
    for rng, S, _ in draw_covariances():
        mu = rng.normal(size=4)
        W = whitening_matrix(S + np.outer(mu, mu), "zca")
        a = np.append(W @ mu, 1)
        H = np.block([[np.eye(4), a[:4, None]], [a[None, :4], np.ones((1, 1))]])
        yield {r"\kappa_b": condition_number(H), "W": W, r"\mu": mu}


def figure_kinds(result: Result) -> Figure:
    """Two panels: two correlated features after PCA and after ZCA whitening. Both clouds are round. Lines show where
    the axes of the two features have gone: PCA turns both to one side, ZCA spreads them evenly to either side."""
    figure = new_figure(300, 1, panels=2)
    rng = np.random.default_rng(3)
    cloud = rng.normal(size=(160, 2))
    cloud = (cloud - cloud.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(cloud.T))).T
    x = cloud @ np.linalg.cholesky(PLANE).T
    for axes, (kind, words) in zip(figure.axes, list(KINDS.items())[:2]):
        W = whitening_matrix(PLANE, kind)
        axes.plot(*(x @ W.T).T, "o", color=GRID, markersize=3, label="examples")
        for arrow, role, name in ((W[:, 0], FIRST, "1"), (W[:, 1], SECOND, "2")):
            tip = 2.2 * arrow / np.linalg.norm(arrow)
            axes.plot([0, tip[0]], [0, tip[1]], color=role, linewidth=2.2, label=f"feature {name}")
            label_point(axes, name, 1.18 * tip, role, dx=0, ha="center")
        axes.set(xlim=(-3.1, 3.1), ylim=(-3.1, 3.1), aspect="equal")
        frame_axes(axes, [], [], "", words)
        axes.title.set_color(INK)
        axes.axhline(0, color=MUTED, linewidth=0.5, zorder=0), axes.axvline(0, color=MUTED, linewidth=0.5, zorder=0)
    return figure


if __name__ == "__main__":
    show_figures(figure_kinds, of=compute())
