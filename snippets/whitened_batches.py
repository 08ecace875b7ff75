"""How many examples does it take to whiten a layer by its batch?

A batch does not know the covariance: whitened by {{ batch }} examples, {{ units }} independent units keep a condition
number of {{ kappa_batch[1] | digits(2) }}. PCA axes jump from batch to batch, ZCA axes hardly.

    B, n  examples of a batch, units
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import FIRST, GRID, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
UNITS, BATCHES, TRIALS = 64, (80, 128, 256, 1024), 8
SWAP_UNITS, SWAP_BATCH = 8, 64


@dataclass(frozen=True)
class Result:
    units: int
    "Independent units of variance 1, whitened by the covariance of a batch."
    batch: int
    "Size of a batch, for one quotation."
    large: int
    "Size of a larger one."
    kappa_batch: tuple[float, ...]
    "Condition number of their true covariance after whitening, for each of `BATCHES`; median."
    enough: float
    "Examples per unit at which the expression for that number is two."
    jump: dict[str, float]
    "Root mean square change of an example's whitened features between two batches, by kind of whitening."
    swap_units: int
    "Units in that comparison."
    swap_batch: int
    "Examples in each of those batches."


def whiten(covariance: np.ndarray, kind: str) -> np.ndarray:
    """W with WΣWᵀ = I; an eigenvector points to where its largest entry is positive."""
    if kind == "cholesky":
        return np.linalg.inv(np.linalg.cholesky(covariance))
    values, vectors = np.linalg.eigh(covariance)
    vectors = vectors * np.sign(vectors[abs(vectors).argmax(axis=0), np.arange(len(values))])
    pca = (vectors / np.sqrt(values)).T
    return pca if kind == "pca" else vectors @ pca


def batch_condition(rng: np.random.Generator, batch: int) -> float:
    """Condition number of WIWᵀ, W whitening the covariance of a batch of independent units."""
    W = whiten(np.cov(rng.normal(size=(batch, UNITS)).T), "zca")
    return float(np.linalg.cond(W @ W.T))


def measure_jump(rng: np.random.Generator, kind: str) -> float:
    """Root mean square change of whitened features of the same examples between two batches."""
    mixing = np.linalg.cholesky(0.3 * np.ones((SWAP_UNITS, SWAP_UNITS)) + 0.7 * np.eye(SWAP_UNITS))
    x = rng.normal(size=(500, SWAP_UNITS)) @ mixing.T
    W = [whiten(np.cov((rng.normal(size=(SWAP_BATCH, SWAP_UNITS)) @ mixing.T).T), kind) for _ in range(2)]
    return float(np.sqrt(np.mean((x @ W[0].T - x @ W[1].T) ** 2)))


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    return Result(
        units=UNITS,
        batch=BATCHES[1],
        large=BATCHES[3],
        kappa_batch=tuple(float(np.median([batch_condition(rng, B) for _ in range(TRIALS)])) for B in BATCHES),
        enough=float((np.sqrt(2) - 1) ** -4),
        jump={
            kind: float(np.median([measure_jump(rng, kind) for _ in range(TRIALS)]))
            for kind in ("pca", "cholesky", "zca")
        },
        swap_units=SWAP_UNITS,
        swap_batch=SWAP_BATCH,
    )


def claim_a_batch_does_not_know_the_covariance(result: Result) -> None:
    """{{ units }} independent units of equal variance, whitened by the covariance of {{ batch }} examples, have a
    condition number of {{ kappa_batch[1] | digits(2) }} instead of 1; by that of {{ large | integer }}, of
    {{ kappa_batch[3] | digits(2) }}."""
    for batch, kappa in zip(BATCHES, result.kappa_batch):
        ratio = np.sqrt(UNITS / batch)
        assert abs(np.log(kappa / ((1 + ratio) / (1 - ratio)) ** 2)) < (0.7 if batch == 80 else 0.3)
    u = 1 / np.sqrt(result.enough)
    assert abs(((1 + u) / (1 - u)) ** 2 - 2) < 1e-9
    assert result.kappa_batch[1] > 10 and result.kappa_batch[3] < 3.2
    assert 24 < result.kappa_batch[1] < 35


def claim_pca_axes_jump(result: Result) -> None:
    """The same example, whitened by two batches of {{ swap_batch }}: with PCA its {{ swap_units }} features change by
    {{ jump.pca | digits(2) }} standard deviations, with ZCA by {{ jump.zca | digits(2) }}."""
    assert result.jump["pca"] > 2.5 * result.jump["zca"] and result.jump["zca"] <= result.jump["cholesky"]
    assert abs(result.jump["pca"] - np.sqrt(2)) < 0.25  # two features that have nothing to do with each other: √2
    assert 0.24 < result.jump["zca"] < 0.38


def equation_batch() -> Draws:
    r"""\kappa \approx \left(\frac{1 + \sqrt{\frac{n}{B}}}{1 - \sqrt{\frac{n}{B}}}\right)^2"""
    for rng, batch in zip(draws(3), (800, 1200, 2000)):
        values = np.linalg.svd(rng.normal(size=(batch, 400)), compute_uv=False)
        yield {r"\kappa": (values[0] / values[-1]) ** 2, "n": 400, "B": batch, r"\approx": 0.12}


def figure_batch(result: Result) -> Figure:
    """Spectrum of {{ units }} independent units after whitening by a batch, two curves, largest variance first, on a
    logarithmic axis: by {{ batch }} examples it falls over more than a decade, by {{ large | integer }} it is nearly
    flat."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    rng = np.random.default_rng(SEED)
    for batch, role, dy in ((128, SECOND, 4), (1024, FIRST, -29)):
        W = whiten(np.cov(rng.normal(size=(batch, UNITS)).T), "zca")
        values = np.linalg.eigvalsh(W @ W.T)[::-1]
        axes.plot(range(1, UNITS + 1), values, color=role, label=f"{batch} examples")
        label_point(axes, f"{batch:,} examples", (4, values[3]), role, dx=12, dy=dy)
    axes.axhline(1, color=GRID, linewidth=1, label="white")
    axes.set(yscale="log", xlim=(0, 66), ylim=(0.25, 16))
    frame_axes(axes, [1, 32, 64], [0.3, 1, 3, 10], "direction", "variance")
    return figure


if __name__ == "__main__":
    show_figures(figure_batch, of=compute())
