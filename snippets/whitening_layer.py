"""What does whitening do as a layer, and to noise?

It lifts what hardly varies. On the digits {{ drowned }} of {{ directions }} directions vary less than the rounding of
the pixels; whitened, they have {{ share | percent(0) }} of all variance. Whitened by {{ batch }} examples,
{{ units }} independent units keep a condition number of {{ kappa_batch[1] | digits(2) }}. PCA axes jump from batch to
batch, ZCA axes hardly. A Newton iteration, as in IterNorm, whitens the steep directions first.

    λ, ε  eigenvalues of the covariance; what is added to them before the root is taken
    B, n  examples of a batch, units
    P     the matrix that the iteration P ← ½(3P − P³Σ/tr Σ) takes to the inverse root
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.data import digits
from lib.numerics import Draws, draws
from lib.plots import FIRST, GRID, SECOND, Frames, decades, frame_axes, label_point, new_figure, show_figures

SEED = 0
UNITS, BATCHES, TRIALS = 64, (80, 128, 256, 1024), 8
SWAP_UNITS, SWAP_BATCH = 8, 64
FEATURES, CORRELATION, ITERATIONS = 16, 0.8, 14
DAMPING = 10  # times the variance of rounding


@dataclass(frozen=True)
class Result:
    directions: int
    "Directions in which digits vary at all."
    noise: float
    "Variance that rounding adds to a pixel."
    drowned: int
    "Directions whose variance is less than that."
    share: float
    "Their share of the variance after whitening without damping."
    damped: float
    "The same if `damping` times the rounding's variance is added to every eigenvalue."
    damping: int
    "How many times."
    features: int
    "Features that Newton's iteration whitens."
    neighbor: float
    "Correlation of neighbors among them; a feature k places away has its k-th power."
    kappa_damped: float
    "Condition number that is left then."
    kappa_digits: float
    "Condition number of the covariance of the directions in which digits vary."
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
    kappa_steps: tuple[float, ...]
    "Condition number after each Newton iteration, beginning with none."
    few: int
    "Iterations after which it is quoted."
    more: int
    "More of them."
    stretched: np.ndarray
    "Variance along each principal direction after so many iterations, shape (iterations + 1, features)."
    eigenvalues: np.ndarray
    "Those directions' variance before, over the sum."


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


def iterate_newton(covariance: np.ndarray, iterations: int) -> list[np.ndarray]:
    """P after 0, 1, … iterations; P/√tr Σ tends to Σ^−½."""
    P, normalized = np.eye(len(covariance)), covariance / np.trace(covariance)
    made = [P]
    for _ in range(iterations):
        P = (3 * P - P @ P @ P @ normalized) / 2
        made.append(P)
    return made


def compute() -> Result:
    values = np.linalg.eigvalsh(np.cov(digits()[0].T))
    values = values[values > 1e-9]
    noise = (1 / 16) ** 2 / 12
    small = values < noise
    eased = values / (values + DAMPING * noise)
    S = CORRELATION ** abs(np.subtract.outer(np.arange(FEATURES), np.arange(FEATURES)))
    steps = [P @ S @ P for P in iterate_newton(S, ITERATIONS)]
    lengths, vectors = np.linalg.eigh(S / FEATURES)
    rng = np.random.default_rng(SEED)
    return Result(
        directions=len(values),
        noise=noise,
        drowned=int(small.sum()),
        share=float(small.mean()),
        damped=float(eased[small].sum() / eased.sum()),
        damping=DAMPING,
        features=FEATURES,
        neighbor=CORRELATION,
        kappa_damped=float(eased.max() / eased.min()),
        kappa_digits=float(values.max() / values.min()),
        units=UNITS,
        batch=BATCHES[1],
        large=BATCHES[3],
        kappa_batch=tuple(float(np.median([batch_condition(rng, B) for _ in range(TRIALS)])) for B in BATCHES),
        enough=float((np.sqrt(2) - 1) ** -4),
        jump={kind: float(np.median([measure_jump(rng, kind) for _ in range(TRIALS)]))
              for kind in ("pca", "cholesky", "zca")},
        swap_units=SWAP_UNITS,
        swap_batch=SWAP_BATCH,
        few=5,
        more=9,
        kappa_steps=tuple(float(np.linalg.cond(step)) for step in steps),
        stretched=np.array([np.diag(vectors.T @ step @ vectors) for step in steps]) / FEATURES,
        eigenvalues=lengths,
    )  # fmt: skip


def claim_noise_is_lifted(result: Result) -> None:
    """In {{ drowned }} of {{ directions }} directions the digits vary less than the rounding of their pixels,
    {{ noise | scientific(1) }}; after whitening these have {{ share | percent(0) }} of the variance, and
    {{ damped | percent(1) }} if {{ damping }} times the rounding is added to every eigenvalue."""
    x = digits()[0]
    values, vectors = np.linalg.eigh(np.cov(x.T))
    kept = values > 1e-9
    rounding = np.random.default_rng(0).uniform(-1 / 32, 1 / 32, size=x.shape)  # what rounding may have taken
    along = np.var(rounding @ vectors[:, kept], axis=0) / values[kept]  # in units of the whitened directions
    assert abs(np.sum(along > 1) - result.drowned) <= 1 and abs(result.share - result.drowned / kept.sum()) < 1e-9
    assert result.damped < result.share / 10 and result.kappa_damped < result.kappa_digits / 100


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


def claim_pca_axes_jump(result: Result) -> None:
    """The same example, whitened by two batches of {{ swap_batch }}: with PCA its {{ swap_units }} features change by
    {{ jump.pca | digits(2) }} standard deviations, with ZCA by {{ jump.zca | digits(2) }}."""
    assert result.jump["pca"] > 2.5 * result.jump["zca"] and result.jump["zca"] <= result.jump["cholesky"]
    assert abs(result.jump["pca"] - np.sqrt(2)) < 0.25  # two features that have nothing to do with each other: √2


def claim_steep_directions_first(result: Result) -> None:
    """The iteration takes the condition number from {{ kappa_steps[0] | digits(2) }} to
    {{ kappa_steps[5] | digits(2) }} in {{ few }} steps and to {{ kappa_steps[9] | digits(5) }} in {{ more }}; then
    rounding errors grow, and at last it is {{ kappa_steps[14] | digits(3) }}."""
    p = np.ones(FEATURES)
    for k in range(10):  # along each principal direction by itself
        assert abs(max(p**2 * result.eigenvalues) / min(p**2 * result.eigenvalues) / result.kappa_steps[k] - 1) < 1e-4
        if k < 6:
            assert np.all(np.diff(p**2 * result.eigenvalues) > -1e-12)  # the order of the directions stays
        p = (3 * p - p**3 * result.eigenvalues) / 2
    assert result.kappa_steps[9] < 1.001 < 1.005 < result.kappa_steps[14]


def equation_batch() -> Draws:
    r"""\kappa \approx \left(\frac{1 + \sqrt{\frac{n}{B}}}{1 - \sqrt{\frac{n}{B}}}\right)^2"""
    for rng, batch in zip(draws(3), (800, 1200, 2000)):
        values = np.linalg.svd(rng.normal(size=(batch, 400)), compute_uv=False)
        yield {r"\kappa": (values[0] / values[-1]) ** 2, "n": 400, "B": batch, r"\approx": 0.12}


def equation_newton() -> Draws:
    r"""p_{k+1} = \frac{1}{2}\left(3 p_k - p_k^3 \lambda\right)"""
    for rng in draws(6):
        A = rng.normal(size=(4, 4))
        S = A @ A.T
        values, vectors = np.linalg.eigh(S / np.trace(S))
        before, after = (vectors.T @ P @ vectors for P in iterate_newton(S, 4)[-2:])
        for i in range(4):
            yield {"p_{k+1}": after[i, i], "p_k": before[i, i], r"\lambda": values[i]}


def draw_variances(axes, result: Result, iterations: int):
    """Variance along each principal direction, before and after so many iterations; the latter as a line that moves."""
    axes.plot(result.eigenvalues, result.eigenvalues, color=GRID, linewidth=1.2, label="before")
    axes.axhline(1, color=GRID, linewidth=1, label="white")
    (line,) = axes.plot(result.eigenvalues, result.stretched[iterations], "o-", color=FIRST, markersize=5, gid="line",
                        label="after")  # fmt: skip
    axes.set(xscale="log", yscale="log", xlim=(0.006, 0.6), ylim=(0.005, 2))
    frame_axes(axes, decades(-2, -1), decades(-2, -1, 0), "share of the variance", "after")
    return line


def figure_batch(result: Result) -> Figure:
    """Spectrum of {{ units }} independent units after whitening by a batch, two curves, largest variance first, on a
    logarithmic axis: by {{ batch }} examples it falls over more than a decade, by {{ large | integer }} it is nearly
    flat."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    rng = np.random.default_rng(SEED)
    for batch, role, side in ((128, SECOND, 1), (1024, FIRST, -1)):
        W = whiten(np.cov(rng.normal(size=(batch, UNITS)).T), "zca")
        values = np.linalg.eigvalsh(W @ W.T)[::-1]
        axes.plot(range(1, UNITS + 1), values, color=role, label=f"{batch} examples")
        label_point(axes, f"{batch:,} examples", (4, values[3]), role, dx=12, dy=8 * side - 4)
    axes.axhline(1, color=GRID, linewidth=1, label="white")
    axes.set(yscale="log", xlim=(0, 66), ylim=(0.25, 16))
    frame_axes(axes, [1, 32, 64], [0.3, 1, 3, 10], "direction", "variance")
    return figure


def explore_iterations(result: Result, start: int = 5) -> Frames:
    """Variance along {{ features }} principal directions after Newton iterations, against what it was. After
    {{ few }}, the steep
    half is at one and the flat directions follow."""
    figure = new_figure(360, 0.8)
    line = draw_variances(figure.axes[0], result, start)
    for k, kappa in enumerate(result.kappa_steps):
        line.set_data(result.eigenvalues, np.clip(result.stretched[k], 0.005, 2))
        readouts = {"iterations": f"{k}", "condition number": f"{kappa:.4g}"}
        sentence = "The flat directions are on their way." if k < 9 else "White; from here on rounding errors grow."
        yield figure, readouts, sentence


if __name__ == "__main__":
    show_figures(figure_batch, of=compute())
