"""What does the paper of LeCun, Kanter and Solla (1990) prove about inputs with a mean?

That for one linear neuron with independent inputs the mean adds a single large eigenvalue: with {{ inputs }} inputs of
mean {{ ratio | digits(1) }} it is {{ tops[1] | digits(3) }}, where all others end near {{ edges[1] | digits(2) }}. And
that learning takes longest with as many examples as inputs, and is fastest with {{ best | digits(3) }} times as many.

    n, B    inputs and examples; alpha = B/n (the paper's p/N)
    ratio   mean r of an input over its standard deviation; the inputs have variance 1
    bulk    all eigenvalues of the second moment E[xxᵀ] but the largest, the top
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws, find_minimum
from lib.plots import FIRST, GRID, INK, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import hessian

SEED = 0
INPUTS, EXAMPLES, RATIO, DRAWS = 200, 1000, 0.5, 5
SMALL, TRIALS, GOAL = 100, 9, 1e-3  # inputs, runs and allowed error of the learning time
ALPHAS = (0.4, 0.6, 0.8, 1.0, 1.4, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 12.0, 16.0)


@dataclass(frozen=True)
class Result:
    inputs: int
    "Inputs of the spectrum."
    examples: int
    "Examples of the spectrum."
    ratio: float
    "Mean of each input, in standard deviations."
    edges: tuple[float, float]
    "Where the formula ends the bulk."
    measured: tuple[float, float]
    "Least and second largest eigenvalue, medians of the draws."
    tops: tuple[float, float, float]
    "Largest eigenvalue: least, median and most of the draws."
    draws: int
    "How many draws."
    limit: float
    "Largest eigenvalue for unlimited examples, 1 + n r²."
    spectrum: np.ndarray
    "All eigenvalues of the first draw, ascending."
    plain: np.ndarray
    "The same without the mean."
    small: int
    "Inputs of the learning times."
    goal: float
    "Loss at which those runs end."
    trials: int
    "Runs behind each learning time."
    alphas: tuple[float, ...]
    "Examples over inputs."
    times: np.ndarray
    "Presentations of examples, over inputs, to the allowed error: median of the runs, one entry per ratio."
    best: float
    "Ratio of examples to inputs with the least learning time, predicted."
    fastest: float
    "The same, measured: the least of the medians."
    best_mean: float
    "The same, predicted for inputs with a large mean."


def bulk_edges(alpha: float) -> tuple[float, float]:
    """Least and largest eigenvalue of the bulk for variance 1, section 4 of the paper."""
    root = np.sqrt(alpha)
    return (1 - root) ** 2 / alpha, (1 + root) ** 2 / alpha


def spectrum(x: np.ndarray) -> np.ndarray:
    """Eigenvalues of the second moment of the examples, the columns of x, ascending."""
    return np.linalg.eigvalsh(x @ x.T / x.shape[1])


def count_presentations(rng: np.random.Generator, alpha: float) -> float:
    """Examples shown, over inputs, until the loss is GOAL: uniform inputs, random start and target, step 1/λmax."""
    count = round(alpha * SMALL)
    x = rng.uniform(-1, 1, (SMALL, count))
    values, vectors = np.linalg.eigh(x @ x.T / count)
    loss = values * (vectors.T @ (rng.uniform(-1, 1, SMALL) - rng.uniform(-1, 1, SMALL))) ** 2 / 2
    factor = 1 - np.maximum(values, 0) / values[-1]
    low, high = 0, 1
    while np.sum(loss * factor ** (2 * high)) > GOAL:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if np.sum(loss * factor ** (2 * middle)) > GOAL else (low, middle)
    return alpha * high


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    noise = rng.normal(size=(DRAWS, INPUTS, EXAMPLES))
    spectra = np.array([spectrum(z + RATIO) for z in noise])
    times = np.array([np.median([count_presentations(rng, alpha) for _ in range(TRIALS)]) for alpha in ALPHAS])
    return Result(
        **{"inputs": INPUTS, "examples": EXAMPLES, "ratio": RATIO},
        edges=bulk_edges(EXAMPLES / INPUTS),
        measured=(float(np.median(spectra[:, 0])), float(np.median(spectra[:, -2]))),
        tops=tuple(np.quantile(spectra[:, -1], [0, 0.5, 1])),
        limit=1 + INPUTS * RATIO**2,
        spectrum=spectra[0],
        plain=spectrum(noise[0]),
        **{"draws": DRAWS, "small": SMALL, "goal": GOAL, "trials": TRIALS, "alphas": ALPHAS},
        times=times,
        best=find_minimum(lambda alpha: alpha * bulk_edges(alpha)[1] / bulk_edges(alpha)[0], 1.5, 20),
        fastest=ALPHAS[4 + int(np.argmin(times[4:]))],
        best_mean=find_minimum(lambda alpha: alpha / bulk_edges(alpha)[0], 1.5, 20),
    )


def claim_one_eigenvalue_leaves(result: Result) -> None:
    """{{ inputs }} normal inputs of mean {{ ratio | digits(1) }} and variance 1, {{ examples | integer }} examples: one
    eigenvalue is {{ tops[1] | digits(3) }} (median of {{ draws }} draws, from {{ tops[0] | digits(3) }} to
    {{ tops[2] | digits(2) }}), where unlimited examples give {{ limit | integer }}; all others lie between
    {{ measured[0] | digits(2) }} and {{ measured[1] | digits(3) }} (medians, too), where the formula ends at
    {{ edges[0] | digits(2) }} and {{ edges[1] | digits(3) }}."""
    assert np.isclose(result.limit, np.linalg.norm(hessian(np.full(INPUTS, RATIO)), 2))
    assert np.all(abs(np.array(result.tops) - result.limit) < 2)  # a draw deviates by about 2r√(n/B) = 0.45
    assert abs(result.measured[0] - result.edges[0]) < 0.04 and abs(result.measured[1] - result.edges[1]) < 0.1
    assert 50.4 < result.tops[1] < 52.1 and 50.17 < result.tops[0] < 51.97 and 50 < result.tops[2] < 54
    assert 1.977 < result.measured[1] < 2.166
    wide = np.sqrt(INPUTS / EXAMPLES)
    assert np.allclose(result.edges, [(1 - wide) ** 2, (1 + wide) ** 2])


def claim_mean_not_in_the_bulk(result: Result) -> None:
    """Without the mean the same draw has the same bulk: no eigenvalue in it moves by more than a step to its
    neighbor, and only the largest leaves."""
    with_mean, without = result.spectrum, result.plain
    assert np.all(with_mean[1:-1] >= without[:-2]) and np.all(with_mean[1:-1] <= without[2:])  # interlacing
    assert without[-1] < 1.1 * result.edges[1] < result.limit / 10 < with_mean[-1]
    assert abs((with_mean.sum() - without.sum()) / (result.limit - 1) - 1) < 0.06  # what the mean adds, the top has


def claim_best_number_of_examples(result: Result) -> None:
    """{{ small }} inputs: the learning time is longest with as many examples as inputs and, beyond, least with
    {{ fastest | integer }} times as many (median of {{ trials }} runs, on a flat minimum), where the formula says
    {{ best | digits(3) }} and the paper measured between four and five."""
    times = result.times
    assert ALPHAS[int(np.argmax(times))] == 1 and 3 <= result.fastest <= 8
    assert np.isclose(result.best, np.roots([1, -6, 1]).max())  # (1 + √2)² = 3 + 2√2
    assert times[-1] > 1.15 * times[4:].min()
    assert np.ptp(times[6:10]) < 0.3 * times[6:10].min()  # from three to six times as many


def claim_epochs_only_fall(result: Result) -> None:
    """Counted in passes through the examples, more of them never cost more: from {{ alphas[7] | integer }} times as
    many as inputs to {{ alphas[12] | integer }} the passes fall to less than half. And for inputs with a large mean the
    least time moves to {{ best_mean | digits(1) }} times as many."""
    passes = result.times / np.array(ALPHAS)
    assert np.all(np.diff(passes[3:]) < 0) and passes[12] < passes[7] / 2
    assert np.isclose(result.best_mean, np.roots([1, -2]).max() ** 2)  # s²/(s − 1) is least at s = 2


def equation_density() -> Draws:
    r"""p(\lambda) = \frac{\sqrt{4\alpha s^4 - \left(\alpha\lambda - (1 + \alpha)\,s^2\right)^2}}{2\pi s^2\lambda}"""
    for rng in draws(20):
        alpha, s = rng.uniform(1.5, 9), rng.uniform(0.5, 2)
        low, high = np.array(bulk_edges(alpha)) * s**2
        at = rng.uniform(0.9 * low + 0.1 * high, 0.1 * low + 0.9 * high)
        stieltjes = np.roots([s**2 * at / alpha, at - s**2 * (1 - 1 / alpha), 1])  # the self-consistent equation
        yield {r"p(\lambda)": abs(stieltjes[0].imag) / np.pi, r"\alpha": alpha, "s": s, r"\lambda": at, r"\pi": np.pi}


def equation_lower() -> Draws:
    r"""\lambda_- = \frac{(1 - \sqrt{\alpha})^2}{\alpha}\,s^2"""
    yield from draw_edges()


def equation_upper() -> Draws:
    r"""\lambda_+ = \frac{(1 + \sqrt{\alpha})^2}{\alpha}\,s^2"""
    yield from draw_edges()


def draw_edges():
    """Edges of the bulk for random α and s: where the two roots of the self-consistent equation meet."""
    for rng in draws(20):
        alpha, s = rng.uniform(0.2, 9), rng.uniform(0.5, 2)
        v = s**2
        low, high = np.sort(np.roots([1, -2 * v * (1 - 1 / alpha) - 4 * v / alpha, v**2 * (1 - 1 / alpha) ** 2]))
        yield {r"\lambda_-": low, r"\lambda_+": high, r"\alpha": alpha, "s": s}


def equation_top() -> Draws:
    r"""\lambda_{\max} = s^2\,(1 + n r^2) = s^2 + \lVert\mu\rVert^2"""
    for rng in draws(20):
        n, r, s = int(rng.integers(2, 30)), rng.uniform(0.2, 2), rng.uniform(0.5, 2)
        top = np.linalg.eigvalsh(hessian(np.full(n, r * s), s**2))[-1]
        yield {r"\lambda_{\max}": top, "s": s, "n": n, "r": r, r"\mu": np.full(n, r * s)}


def equation_time() -> Draws:
    r"""\tau = \alpha\,\frac{\lambda_+}{\lambda_-} = \alpha\left(\frac{\sqrt{\alpha} + 1}{\sqrt{\alpha} - 1}\right)^2"""
    for rng in draws(20):
        alpha = rng.uniform(1.3, 12)
        low, high = np.sort(np.roots([1, -2 * (1 + 1 / alpha), (1 - 1 / alpha) ** 2]))
        kappa = (high + np.sqrt(high * low)) / (low + np.sqrt(high * low))  # √κ
        yield {r"\tau": alpha * kappa**2, r"\alpha": alpha, r"\lambda_+": high, r"\lambda_-": low}


def equation_best() -> Draws:
    r"""\alpha_\star = (1 + \sqrt{2})^2"""
    yield {r"\alpha_\star": find_minimum(lambda a: np.log(a) + 4 * np.arctanh(1 / np.sqrt(a)), 1.5, 20)}  # ln τ


def figure_spectrum(result: Result) -> Figure:
    """Eigenvalues on a logarithmic axis. A hill of all but one of {{ inputs }} from {{ edges[0] | digits(1) }} to
    {{ edges[1] | digits(2) }}, which the formula outlines; far to the right, by itself, one at about
    {{ limit | integer }}."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    low, high = result.edges
    bins = np.geomspace(0.9 * low, 1.1 * high, 19)
    counts = np.histogram(result.spectrum, bins)[0]
    axes.stairs(counts, bins, fill=True, color=GRID)
    at = np.geomspace(low, high, 200)
    alpha = result.examples / result.inputs
    density = np.sqrt(np.maximum(4 * alpha - (alpha * at - 1 - alpha) ** 2, 0)) / (2 * np.pi)  # p(λ) times λ
    axes.plot(at, result.inputs * np.log(bins[1] / bins[0]) * density, color=FIRST, label="formula")
    axes.plot([result.spectrum[-1]] * 2, [0, 1], color=SECOND, linewidth=4, label="largest")
    label_point(axes, "one eigenvalue:\nthe mean", (result.spectrum[-1], 1), SECOND, dx=0, dy=24, ha="center")
    label_point(axes, "all others:\nthe spread", (high, 0.7 * counts.max()), FIRST, dx=10)
    axes.set(xscale="log", xlim=(0.22, 100), ylim=(0, counts.max() * 1.12))
    frame_axes(axes, [0.3, 1, 2, 10, 50], [0, 10, 20], "eigenvalue", "how many")
    return figure


def figure_times(result: Result) -> Figure:
    """Learning time against examples over inputs. It peaks at 1, falls to a flat minimum near
    {{ fastest | integer }}, and rises again, slowly."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    for part in (np.linspace(0.3, 0.93, 40), np.linspace(1.08, 16, 200)):
        time = part * (1 + np.sqrt(part)) ** 2 / (1 - np.sqrt(part)) ** 2
        axes.plot(part, time * result.times[-1] / (16 * 25 / 9), color=GRID, label="formula")
    axes.plot(np.array(result.alphas), result.times, "o-", color=INK, label="measured")
    axes.set(yscale="log", xlim=(0, 16.5), ylim=(8, 600))
    label_point(axes, "as many examples\nas inputs", (2.6, result.times.max()), INK, dx=0, ha="left")
    label_point(axes, f"predicted minimum, {result.best:.2f}", (result.best, 40), MUTED, dx=4)
    axes.plot([result.best] * 2, [30, 72], color=MUTED, linewidth=0.8, label="predicted minimum")
    frame_axes(axes, [0, 1, 4, 8, 12, 16], [10, 100, 500], "examples per input", "examples shown, per input")
    return figure


if __name__ == "__main__":
    show_figures(figure_spectrum, figure_times, of=compute())
