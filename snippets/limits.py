"""When is centering, scaling or whitening more than a change of coordinates?

Whenever something besides the loss looks at coordinates. Each model is fitted twice, to features as they are and to
features changed, and its predictions for new examples are compared. Least squares with a constant does not notice;
without a constant a shift changes them by {{ change.no_constant.shift | digits(2) }} of their standard deviation, and a
penalty on all weights but the constant ignores the shift and feels the scales,
{{ change.ridge.scale | digits(2) }}.

    shift   every feature minus its training mean
    scale   every feature times a number of its own
    rotate  all features by one orthogonal matrix
    change  root mean square difference of the predictions, over their standard deviation
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.learners import add_constant, fit_kernel, fit_linear, squared_distances
from lib.normalization import standardize
from lib.numerics import Draws
from lib.plots import FIRST, INK, SECOND, frame_axes, new_figure, show_figures

SEED = 0
TRAINING, NEW, FEATURES = 80, 200, 4
SCALES = np.array([1.0, 3.0, 0.3, 8.0])
PENALTY, STEPS, NEIGHBORS = 20.0, 40, 5
UNCHANGED = 1e-6

Data = tuple[np.ndarray, np.ndarray, np.ndarray]  # features (B, n), targets (B,), features of new examples
WAYS = ("shift", "scale", "rotate", "whiten")


@dataclass(frozen=True)
class Result:
    training: int
    "Examples fitted."
    penalty: float
    "Weight of the penalties ‖w‖² and ‖w‖₁ beside the sum of squared errors."
    steps: int
    "Steps of size 1/λmax after which descent from zero is stopped early."
    neighbors: int
    "Neighbors asked."
    change: dict[str, dict[str, float]]
    "Change of the predictions of each model, by what is done to the features; 0 where it is only rounding."


def fit_lasso(x: np.ndarray, y: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Least squares plus penalty ‖w‖₁, constant free, by coordinate descent."""
    mean, w = x.mean(axis=0), np.zeros(x.shape[1])
    u, v = x - mean, y - y.mean()
    for _ in range(400):
        for j in range(len(w)):
            along = u[:, j] @ (v - u @ w) + u[:, j] @ u[:, j] * w[j]
            w[j] = np.sign(along) * max(0.0, abs(along) - PENALTY) / (u[:, j] @ u[:, j])
    return y.mean() + (new - mean) @ w


def fit_early(x: np.ndarray, y: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Full-batch descent from zero, with a constant, stopped early."""
    A, w = add_constant(x), np.zeros(x.shape[1] + 1)
    for _ in range(STEPS):
        w = w - A.T @ (A @ w - y) / np.linalg.norm(A, 2) ** 2
    return add_constant(new) @ w


def fit_neighbors(x: np.ndarray, y: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Mean target of the nearest training examples."""
    return y[np.argsort(squared_distances(new, x), axis=1)[:, :NEIGHBORS]].mean(axis=1)


MODELS: dict[str, tuple[str, Callable]] = {
    "squares": ("least squares", fit_linear(True)),
    "no_constant": ("… without a constant", fit_linear(False)),
    "ridge": ("ridge, constant free", fit_linear(True, PENALTY)),
    "ridge_all": ("ridge, constant too", fit_linear(True, PENALTY, True)),
    "lasso": ("lasso, constant free", fit_lasso),
    "early": ("descent, stopped early", fit_early),
    "gaussian": ("Gaussian kernel", fit_kernel(lambda a, b: np.exp(-squared_distances(a, b) / FEATURES / 2))),
    "polynomial": ("polynomial kernel", fit_kernel(lambda a, b: (1 + a @ b.T / FEATURES) ** 2)),
    "neighbors": ("nearest neighbors", fit_neighbors),
    "row_norm": (
        "layer norm, then squares",
        lambda x, y, new: fit_linear(True)(standardize(x, axis=1), y, standardize(new, axis=1)),
    ),
}


def draw_data(rng: np.random.Generator) -> Data:
    """Correlated features with means, and targets that bend."""
    mixing = np.eye(FEATURES) + 0.4 * rng.normal(size=(FEATURES, FEATURES))
    x = rng.normal(size=(TRAINING + NEW, FEATURES)) @ mixing + rng.uniform(1, 2, size=FEATURES)
    y = x @ rng.normal(size=FEATURES) + np.sin(2 * x[:, 0]) + 0.5 * x[:, 1] * x[:, 2] + rng.normal(size=len(x)) + 3
    return x[:TRAINING], y[:TRAINING], x[TRAINING:]


def change_features(x: np.ndarray, new: np.ndarray, way: str, rng: np.random.Generator) -> tuple:
    """Training and new features, changed by numbers of the training examples or of the generator alone."""
    mean = x.mean(axis=0)
    if way == "shift":
        return x - mean, new - mean
    values, vectors = np.linalg.eigh(np.cov(x.T))
    maps = {
        "scale": np.diag(SCALES),
        "rotate": np.linalg.qr(rng.normal(size=(FEATURES, FEATURES)))[0],
        "whiten": vectors / np.sqrt(values),
    }
    return (x - mean * (way == "whiten")) @ maps[way], (new - mean * (way == "whiten")) @ maps[way]


def measure_change(predict: Callable, data: Data, way: str, rng: np.random.Generator) -> float:
    """Root mean square difference of predictions over their standard deviation; 0 below a millionth."""
    x, y, new = data
    before, (u, v) = predict(x, y, new), change_features(x, new, way, rng)
    difference = float(np.sqrt(np.mean((predict(u, y, v) - before) ** 2)) / before.std())
    return difference if difference > UNCHANGED else 0.0


def compute() -> Result:
    data = draw_data(np.random.default_rng(SEED))
    return Result(
        training=TRAINING,
        penalty=PENALTY,
        steps=STEPS,
        neighbors=NEIGHBORS,
        change={
            name: {way: measure_change(predict, data, way, np.random.default_rng(SEED + 1)) for way in WAYS}
            for name, (_, predict) in MODELS.items()
        },
    )


def models_that_change(result: Result, way: str) -> set[str]:
    """Models whose predictions change."""
    return {name for name, row in result.change.items() if row[way] > 0}


def claim_least_squares_do_not_notice(result: Result) -> None:
    """Least squares with a constant predicts the same whatever is done: shifted, scaled, rotated, whitened."""
    assert not any(result.change["squares"].values())
    x, y, new = draw_data(np.random.default_rng(SEED))
    T, c = np.random.default_rng(SEED + 2).normal(size=(FEATURES, FEATURES)), np.arange(FEATURES)
    np.testing.assert_allclose(*(fit_linear(True)(a, y, b) for a, b in ((x, new), (x @ T + c, new @ T + c))), atol=1e-9)


def claim_who_feels_a_shift(result: Result) -> None:
    """A shift changes predictions by {{ change.no_constant.shift | digits(2) }} of their standard deviation without a
    constant, by {{ change.ridge_all.shift | digits(2) }} with a penalized one, and by
    {{ change.early.shift | digits(2) }} in a run stopped early; it changes those with a polynomial kernel and behind
    layer norm, too. The others stay as they are."""
    assert models_that_change(result, "shift") == {"no_constant", "ridge_all", "early", "polynomial", "row_norm"}
    assert all(result.change[name]["shift"] > 0.02 for name in models_that_change(result, "shift"))
    x, y, new = draw_data(np.random.default_rng(SEED))
    made: dict[str, list] = {"no_constant": [], "ridge_all": [], "early": []}
    for u, v in ((x, new), (x - x.mean(axis=0), new - x.mean(axis=0))):  # closed forms
        A, B = add_constant(u), add_constant(v)
        values, vectors = np.linalg.eigh(A.T @ A)
        done = (1 - (1 - values / values[-1]) ** STEPS) / values
        made["early"].append(B @ (vectors * done) @ vectors.T @ A.T @ y)
        made["ridge_all"].append(B @ (vectors / (values + PENALTY)) @ vectors.T @ A.T @ y)
        made["no_constant"].append(v @ np.linalg.solve(u.T @ u, u.T @ y))
    for name, (before, after) in made.items():
        size = np.sqrt(np.mean((after - before) ** 2)) / before.std()
        assert abs(size / result.change[name]["shift"] - 1) < 1e-6


def claim_who_feels_a_rotation(result: Result) -> None:
    """A rotation changes what treats the axes one by one: the lasso and layer norm; none of
    the others."""
    assert models_that_change(result, "rotate") == {"lasso", "row_norm"}
    assert models_that_change(result, "scale") == set(MODELS) - {"squares", "no_constant"}


def claim_decay_in_white_coordinates(result: Result) -> None:
    r"""Ridge on whitened features is, on the old ones, a penalty $w^\top \Sigma w$: on the variance of the output."""
    x, y, new = draw_data(np.random.default_rng(SEED))
    u, v = change_features(x, new, "whiten", np.random.default_rng(0))
    mean = x.mean(axis=0)
    w = np.linalg.solve((x - mean).T @ (x - mean) + PENALTY * np.cov(x.T), (x - mean).T @ (y - y.mean()))
    np.testing.assert_allclose(fit_linear(True, PENALTY)(u, y, v), y.mean() + (new - mean) @ w, atol=1e-9)
    assert result.change["ridge"]["whiten"] > 0.02


def draw_maps():
    """Inputs x (60, 3), an invertible map T, weights w of the inputs and w' of Tx for the same function."""
    for seed in range(8):
        rng = np.random.default_rng(seed)
        x, T = rng.normal(size=(60, 3)) @ rng.normal(size=(3, 3)), rng.normal(size=(3, 3))
        w = rng.normal(size=3)
        yield x, T, w, np.linalg.solve(T.T, w)


def equation_penalty() -> Draws:
    r"""\lVert w' \rVert^2 = w^\top \Sigma\, w"""
    for x, _, w, _ in draw_maps():
        covariance = np.cov(x.T, bias=True)
        values, vectors = np.linalg.eigh(covariance)
        white = (x - x.mean(axis=0)) @ vectors / np.sqrt(values)
        yield {"w'": np.linalg.lstsq(white, (x - x.mean(axis=0)) @ w)[0], "w": w, r"\Sigma": covariance}


def equation_step() -> Draws:
    r"""T^\top (w' - \eta\, g') = w - \eta\, T^\top T g"""
    for x, T, w, other in draw_maps():
        y = np.sin(np.arange(60))
        g, changed_g = x.T @ (x @ w - y) / 60, T @ x.T @ ((x @ T.T) @ other - y) / 60
        yield {"T": T, "w'": other, r"\eta": 0.3, "g'": changed_g, "w": w, "g": g}


def figure_changes(result: Result) -> Figure:
    """A grid: a row for each model, a column for shift, scale, rotation and whitening. The area of a dot is
    the change of the predictions; a small cross means none. Least squares has crosses only; a run stopped early, ridge
    with a penalized constant and layer norm depend on a shift, ridge with a free constant does not."""
    figure = new_figure(360, 1.02)
    (axes,) = figure.axes
    for y, name in enumerate(reversed(MODELS)):
        for x, way in enumerate(WAYS):
            size = result.change[name][way]
            if size:
                axes.plot(x, y, "o", color=SECOND, markersize=3 + 15 * np.sqrt(size), label=f"{name} {way}")
            else:
                axes.plot(x, y, "x", color=FIRST, markersize=5, markeredgewidth=1.2, label=f"{name} {way}")
    axes.set(xlim=(-0.5, len(WAYS) - 0.5), ylim=(-0.6, len(MODELS) - 0.4))
    rows = dict(enumerate(words for words, _ in reversed(MODELS.values())))
    frame_axes(axes, dict(enumerate(WAYS)), rows)
    axes.tick_params(length=0, labelcolor=INK)
    axes.spines[:].set_visible(False)
    return figure


if __name__ == "__main__":
    show_figures(figure_changes, of=compute())
