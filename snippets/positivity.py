"""Where does positivity enter?

Not by signs: flip them, or rotate the inputs, and gradient descent takes the same run. Positive and dense inputs have a
large mean, though, and that is slow: the condition number is at least the mean number of inputs active together.

    r         mean over deviation of one input
    kappa     condition number of H = E[xxᵀ], no bias; kappa_bias with a bias whose input is 1
    mixed     probability that a batch gradient has components of both signs, errors independent of the inputs
    together  E‖x‖₁²/E‖x‖₂², the mean number of inputs active together
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS, sigmoid
from lib.gaussian import moments
from lib.numerics import Draws, draws
from lib.plots import FIRST, HIGHLIGHT, INK, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import kappa_with_bias, kappa_without_bias
from lib.signs import chance_of_mixed_signs

SEED = 0
UNITS = 10  # inputs of the example
LAYER = 100  # units of the layers in the table
SYMBOLS = 26
WIDE, SHARE = 1000, 0.1  # inputs that are 1 with this probability, else 0
SHARES = sigmoid(np.linspace(-9.2, 3.5, 101))
STEPS = 2000


@dataclass(frozen=True)
class Result:
    units: int
    "Inputs of the example."
    kappa: float
    "Condition number of the example, the same for all three arrangements of its mean."
    mixed: tuple[float, ...]
    "Probability that a batch gradient has mixed signs: equal means, alternating means, all of the mean in one input."
    plane: tuple[float, ...]
    "The same for two inputs whose mean vector has the same length, as drawn: equal means, opposite means."
    clouds: tuple[np.ndarray, np.ndarray]
    "Batch gradients of two weights, shape (150, 2), and their mirror images."
    steps: int
    "Steps of the run that is repeated with flipped and with rotated inputs."
    drift: float
    "Largest relative difference of the loss between the run and its flipped and rotated copies."
    layer: int
    "Units of the layers."
    layers: dict[str, dict]
    "For a layer of sigmoids, of ReLUs: kappa, spread (λmax over the mean eigenvalue), together."
    wide: int
    "Number of on-off inputs."
    share: float
    "Probability that an on-off input is on."
    sparse: float
    "Condition number of those on-off inputs, no bias."
    sparse_bias: float
    "The same with a bias."
    sparse_floor: float
    "What that cannot be below: one over the variance of an on-off input."
    best_share: float
    "Probability at which so many on-off inputs are best conditioned, with a bias."
    best_bias: float
    "Condition number there."
    curves: tuple[np.ndarray, np.ndarray]
    "Condition numbers over `SHARES`, without and with a bias."
    symbols: int
    "Length of a one-hot input."
    one_hot: float
    "Condition number of one-hot inputs, all symbols equally frequent, no bias."
    one_hot_bias: float
    "With a bias, on the range: largest over smallest non-zero eigenvalue."
    zipf: float
    "Condition number of one-hot inputs, no bias, frequencies proportional to 1/k."


def arrangements(n: int, ratio: float) -> list[np.ndarray]:
    """Three mean vectors of one length: equal entries, alternating entries, one entry."""
    return [np.full(n, ratio), ratio * (-1.0) ** np.arange(n), ratio * np.sqrt(n) * np.eye(n)[0]]


def losses(x, y, start, steps=STEPS) -> np.ndarray:
    """Half the mean squared error of gradient descent at the step 1/λmax, examples x (B, n), shape (steps,)."""
    w, made = start, np.empty(steps)
    step = 1 / np.linalg.norm(x, 2) ** 2
    for t in range(steps):
        error = x @ w - y
        made[t] = error @ error / len(y) / 2
        w = w - step * (x.T @ error)
    return made


def problem(ratio: float):
    """Examples (40, UNITS) of equal means, noisy targets, a start."""
    rng = np.random.default_rng(SEED)
    x = rng.normal(ratio, 1, (40, UNITS))
    return x, x @ rng.normal(size=UNITS) + rng.normal(size=40), rng.normal(size=UNITS)


def copies(x, start) -> list[tuple]:
    """The problem with every other input flipped, and rotated until only the first input has a mean."""
    flip = np.diag((-1.0) ** np.arange(UNITS))
    axis = np.ones(UNITS) / np.sqrt(UNITS) - np.eye(UNITS)[0]
    turn = np.eye(UNITS) - 2 * np.outer(axis, axis) / (axis @ axis)
    return [(x @ change, change @ start) for change in (flip, turn)]


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    mean, variance = moments(FUNCTIONS["sigmoid"])
    ratio = mean / np.sqrt(variance)
    pair = arrangements(2, ratio * np.sqrt(UNITS / 2))[:2]
    cloud = rng.normal(size=(150, 1)) * pair[0] + rng.normal(size=(150, 2))
    x, y, start = problem(ratio)
    run = losses(x, y, start)
    layers = {}
    for key in ("sigmoid", "relu"):
        mean, variance = moments(FUNCTIONS[key])
        H = variance * np.eye(LAYER) + mean**2
        values = np.linalg.eigvalsh(H)
        layers[key] = {
            "kappa": values[-1] / values[0],
            "spread": values[-1] / values.mean(),
            "together": H.sum() / np.trace(H),
        }
    spread = SHARES * (1 - SHARES)
    curves = (kappa_without_bias(SHARES, spread, WIDE), kappa_with_bias(SHARES, spread, WIDE))
    letters = np.vstack([np.eye(SYMBOLS), np.ones(SYMBOLS)])  # a column is a symbol, with its bias input
    with_bias = np.linalg.eigvalsh(letters @ letters.T / SYMBOLS)
    counts = 1 / np.arange(1, SYMBOLS + 1)
    return Result(
        units=UNITS,
        kappa=np.linalg.cond(np.eye(UNITS) + ratio**2),
        mixed=tuple(map(chance_of_mixed_signs, arrangements(UNITS, ratio))),
        plane=tuple(map(chance_of_mixed_signs, pair)),
        clouds=(cloud, cloud * [1, -1]),
        steps=STEPS,
        drift=max(abs(losses(copy, y, at) / run - 1).max() for copy, at in copies(x, start)),
        layer=LAYER,
        layers=layers,
        wide=WIDE,
        share=SHARE,
        sparse=kappa_without_bias(SHARE, SHARE * (1 - SHARE), WIDE),
        sparse_bias=kappa_with_bias(SHARE, SHARE * (1 - SHARE), WIDE),
        sparse_floor=1 / (SHARE * (1 - SHARE)),
        best_share=SHARES[curves[1].argmin()],
        best_bias=curves[1].min(),
        curves=curves,
        symbols=SYMBOLS,
        one_hot=np.linalg.cond(np.eye(SYMBOLS) / SYMBOLS),
        one_hot_bias=with_bias[-1] / with_bias[1],
        zipf=np.linalg.cond(np.diag(counts / counts.sum())),
    )


def claim_same_run(result: Result) -> None:
    """Flip the sign of every other input, or rotate the inputs until only one has a mean: the loss is the same at
    each of {{ steps | integer }} steps, to rounding."""
    mean, variance = moments(FUNCTIONS["sigmoid"])
    x, y, start = problem(mean / np.sqrt(variance))
    assert result.drift < 1e-11
    for copy, at in [(x, start), *copies(x, start)]:  # in closed form, t steps at once
        values, vectors = np.linalg.eigh(copy.T @ copy)
        best = np.linalg.lstsq(copy, y, rcond=None)[0]
        end = best + vectors @ ((1 - values / values[-1]) ** (STEPS - 1) * (vectors.T @ (at - best)))
        final = np.sum((copy @ end - y) ** 2) / len(y) / 2
        assert abs(final / losses(x, y, start)[-1] - 1) < 1e-9


def claim_signs_differ(result: Result) -> None:
    """{{ units }} inputs, condition number {{ kappa | digits }}: a batch gradient has mixed signs with probability
    {{ mixed[0] | percent(1) }} if all means are equal, {{ mixed[1] | percent(2) }} if they alternate in sign, and
    {{ mixed[2] | percent(1) }} if one input has the whole mean."""
    rng = np.random.default_rng(SEED)
    ratio = np.sqrt((result.kappa - 1) / UNITS)
    for mu, mixed in zip(arrangements(UNITS, ratio), result.mixed):
        gradients = rng.normal(size=(50_000, 1)) * mu + rng.normal(size=(50_000, UNITS))
        sampled = np.mean((gradients.min(axis=1) < 0) & (gradients.max(axis=1) > 0))
        assert abs(sampled - mixed) < 5 * np.sqrt(mixed * (1 - mixed) / 50_000) + 1e-4
    assert result.mixed[0] < 0.5 < result.mixed[2] < result.mixed[1]
    assert abs(sum(result.plane) - 1) < 1e-9 and result.plane[0] < 0.25  # of two weights the mirror image swaps the two
    lengths = [np.linalg.norm(cloud, axis=1) for cloud in result.clouds]
    assert np.allclose(*lengths)  # a mirror image
    for cloud, mixed in zip(result.clouds, result.plane):
        assert abs(np.mean(cloud[:, 0] * cloud[:, 1] < 0) - mixed) < 5 * np.sqrt(mixed * (1 - mixed) / len(cloud))
    assert abs(result.mixed[2] - (1 - 2 / 2**UNITS)) < 1e-9  # ten centered coordinates but one: like tosses of a coin


def claim_never_negative_has_a_mean(result: Result) -> None:
    """An input between 0 and c has a mean of at least its mean square over c, so its mean is 0 only if it is always 0;
    centered inputs of the same sizes have none."""
    for rng in draws(20):
        x = rng.exponential(size=200) * (rng.random(200) < rng.uniform(0.1, 1))
        signs = np.tile([1, -1], 100)
        assert x.mean() >= np.mean(x**2) / x.max() > 0
        assert abs(np.repeat(x[::2], 2) @ signs) < 1e-9 < np.repeat(x[::2], 2).mean()


def claim_top_direction_has_one_sign(result: Result) -> None:
    """If no input is ever negative, the steepest direction of the bowl is one in which all weights rise together:
    its entries have one sign."""
    for rng in draws(20):
        x = rng.exponential(size=(30, 6)) * (rng.random((30, 6)) < 0.5)
        top = np.linalg.eigh(x.T @ x)[1][:, -1]
        power = np.ones(6)
        for _ in range(300):  # the power method never leaves the positive numbers
            power = x.T @ (x @ power)
            power /= np.linalg.norm(power)
        assert abs(top.sum()) == abs(top).sum() and abs(abs(top @ power) - 1) < 1e-6


def claim_dense_layers(result: Result) -> None:
    """Of {{ layer }} inputs from a sigmoid layer {{ layers.sigmoid.together | digits }} count as active together, from
    a ReLU layer {{ layers.relu.together | digits }}: no smaller can the condition number be."""
    n = LAYER
    assert abs(result.layers["relu"]["together"] - (1 + (n - 1) / np.pi)) < 1e-9
    z = np.random.default_rng(SEED).normal(size=(4000, n))
    for key, row in result.layers.items():
        x = FUNCTIONS[key](z)
        together = np.mean(x.sum(axis=1) ** 2) / np.mean((x**2).sum(axis=1))
        assert abs(together / row["together"] - 1) < 0.02
        assert 1 <= row["together"] <= row["spread"] * (1 + 1e-9) <= row["kappa"]


def claim_sparse_with_a_bias(result: Result) -> None:
    """{{ wide | integer }} inputs that are on with probability {{ share | digits(1) }}: condition number
    {{ sparse | integer }} without a bias, {{ sparse_bias | integer }} with one."""
    n, p = WIDE, SHARE
    along, spread = np.sqrt(n) * p, p * (1 - p)  # across the mean the curvature is the variance alone
    assert abs((spread + along**2) / spread / result.sparse - 1) < 1e-9
    assert abs(np.linalg.cond([[spread + along**2, along], [along, 1]]) / result.sparse_bias - 1) < 1e-6


def claim_a_bias_has_a_floor(result: Result) -> None:
    """With a bias the condition number of on-off inputs never is below one over their variance, here
    {{ sparse_floor | digits }}: the rarer they are on, the more the bias stands out."""
    without, biased = result.curves
    assert np.all(biased >= 1 / (SHARES * (1 - SHARES))) and np.all(biased >= without)
    assert abs(3 * WIDE * result.best_share**2 - 1) < 0.2  # where (1 + np²)²/p is least
    p = result.best_share
    along = np.sqrt(WIDE) * p
    assert abs(np.linalg.cond([[p * (1 - p) + along**2, along], [along, 1]]) / result.best_bias - 1) < 1e-6
    assert abs(result.sparse_floor * np.var(np.arange(100) < 100 * SHARE) - 1) < 1e-12
    assert biased[0] > 0.99 / SHARES[0] and without[0] < 1.2  # rare: the bowl itself is round, but for the bias


def claim_one_hot_is_round(result: Result) -> None:
    """One-hot inputs of {{ symbols }} equally frequent symbols are never negative and not centered, and their
    condition number is {{ one_hot | integer }}; with frequencies falling like $1/k$ it is {{ zipf | integer }}."""
    rng = np.random.default_rng(SEED)
    drawn = np.eye(SYMBOLS)[rng.permutation(np.arange(100 * SYMBOLS) % SYMBOLS)]
    values = np.linalg.svd(drawn, compute_uv=False)
    assert abs(values[0] / values[-1] - 1) < 1e-12 and abs(result.one_hot - 1) < 1e-12
    assert drawn.min() == 0 and np.allclose(drawn.mean(axis=0), 1 / SYMBOLS)
    assert abs(result.zipf - SYMBOLS) < 1e-9


def equation_together() -> Draws:
    r"""\kappa_0 \ge \frac{\lambda_{\max}}{\bar\lambda} \ge \frac{\mathbf{1}^\top H\,\mathbf{1}}{\operatorname{tr} H} =
    \frac{\sum_k \lVert x_k\rVert_1^2}{\sum_k \lVert x_k\rVert_2^2}"""
    for seed, rng in enumerate(draws(20)):
        x = rng.exponential(size=(12, 4)) * (rng.random((12, 4)) < 0.7)  # a row is an example
        if seed < 3:
            x = rng.uniform(1, 2) * np.eye(4)  # one at a time: all four sides are equal
        values = np.linalg.svd(x, compute_uv=False) ** 2 / len(x)
        yield {
            r"\kappa_0": values[0] / values[-1],
            r"\lambda_{\max}": values[0],
            r"\bar\lambda": values.mean(),
            r"\mathbf{1}": np.ones(4),
            "H": sum(np.outer(row, row) for row in x) / len(x),
            r"\operatorname{tr}": np.trace,
            r"\sum_k": range(len(x)),
            "x_k": lambda k, x=x: x[int(k)],
        }


def equation_independent() -> Draws:
    r"""\bar n = 1 + (n-1)\,\frac{r^2}{1+r^2}"""
    for rng in draws(12):
        n, (low, high), p = int(rng.integers(2, 7)), rng.uniform(0, 2, 2), rng.uniform(0.1, 0.9)
        patterns, chances = _patterns(n, p)
        x = np.where(patterns, high, low)
        yield {
            r"\bar n": chances @ x.sum(axis=1) ** 2 / (chances @ (x**2).sum(axis=1)),
            "n": n,
            "r": (p * high + (1 - p) * low) / np.sqrt(p * (1 - p)) / abs(high - low),
        }


def equation_sparse() -> Draws:
    r"""\kappa_0 = 1 + \frac{n p}{1-p}"""
    for n, p, H in _on_off():
        values = np.linalg.eigvalsh(H[:n, :n])
        yield {r"\kappa_0": values[-1] / values[0], "n": n, "p": p}


def equation_sparse_bias() -> Draws:
    r"""\kappa_b + \frac{1}{\kappa_b} + 2 = \frac{\left(1 + p(1-p) + n p^2\right)^2}{p(1-p)}"""
    for n, p, H in _on_off():
        values = np.linalg.eigvalsh(H)
        yield {r"\kappa_b": values[-1] / values[0], "n": n, "p": p}


def equation_one_hot() -> Draws:
    r"""H = \Sigma + \mu\mu^\top = \frac{1}{n}\, I"""
    for n in range(2, 9):
        x = np.eye(n)[np.random.default_rng(n).permutation(np.arange(3 * n) % n)]
        yield {"H": x.T @ x / len(x), r"\Sigma": np.cov(x.T, bias=True), r"\mu": x.mean(axis=0), "n": n, "I": np.eye(n)}


def equation_one_hot_bias() -> Draws:
    r"""\lambda_{\max} = 1 + \frac{1}{n}, \qquad \lambda_2 = \frac{1}{n}, \qquad \frac{\lambda_{\max}}{\lambda_2} =
    n + 1"""
    for n in range(2, 9):
        x = np.hstack([np.eye(n), np.ones((n, 1))])
        values = np.linalg.eigvalsh(x.T @ x / n)
        yield {r"\lambda_{\max}": values[-1], r"\lambda_2": values[1], "n": n}


def _patterns(n, p):
    """All on-off patterns of n inputs, shape (2ⁿ, n), and their probabilities."""
    patterns = np.array(list(product([False, True], repeat=n)))
    return patterns, np.prod(np.where(patterns, p, 1 - p), axis=1)


def _on_off():
    """n, p and the exact second moment of n on-off inputs with a bias input."""
    for rng in draws(12):
        n, p = int(rng.integers(2, 7)), rng.uniform(0.05, 0.9)
        patterns, chances = _patterns(n, p)
        x = np.hstack([patterns, np.ones((len(patterns), 1))])
        yield n, p, (x.T * chances) @ x


def figure_arrangements(result: Result) -> Figure:
    """Two clouds of batch gradients in the plane of two weights, one narrow ellipse and its mirror image. With equal
    means it lies in the two quadrants of one sign, and {{ plane[0] | percent(0) }} of all gradients have mixed signs;
    with opposite means it lies across them, and {{ plane[1] | percent(0) }} have."""
    figure = new_figure(320, 1.1, panels=2)
    names = ("equal means", "opposite means")
    for axes, cloud, name, mixed, side in zip(figure.axes, result.clouds, names, result.plane, ("left", "right")):
        for low in (0, -22):
            axes.fill_between([low, low + 22], low, low + 22, color=HIGHLIGHT, linewidth=0)
        axes.axhline(0, color=MUTED, linewidth=0.8), axes.axvline(0, color=MUTED, linewidth=0.8)
        axes.plot(*cloud.T, "o", color=SECOND, markersize=3, markeredgewidth=0, label=name)
        axes.set(xlim=(-22, 22), ylim=(-22, 22), aspect="equal")
        words, x = f"{name}\n{100 * mixed:.0f}% mixed", -21 if side == "left" else 21
        axes.text(x, 21, words, ha=side, va="top", color=INK, fontweight="semibold")
        frame_axes(axes, xname="gradient of weight 1", yname="gradient of weight 2")
    return figure


def figure_sparse(result: Result) -> Figure:
    """Condition number of {{ wide | integer }} on-off inputs against the probability of being on, both axes
    logarithmic. Without a bias it rises from 1. With a bias it falls first, is least, {{ best_bias | integer }}, at a
    probability of {{ best_share | digits(1) }}, and rises again."""
    figure = new_figure(400, 0.75)
    (axes,) = figure.axes
    without, biased = result.curves
    axes.plot(SHARES, biased, color=SECOND, label="with a bias")
    axes.plot(SHARES, without, color=FIRST, label="no bias")
    axes.set(xscale="log", yscale="log", xlim=(1e-4, 1), ylim=(0.9, 3e6))
    label_point(axes, "with a bias", (SHARES[12], biased[12]), SECOND, dx=6, dy=8)
    label_point(axes, "no bias", (SHARES[40], without[40]), FIRST, dx=10, dy=-6)
    ticks = {10.0**k: f"$\\mathdefault{{10^{{{k}}}}}$".replace("-", "−") for k in (-4, -3, -2)}
    powers = {10.0**k: f"$\\mathdefault{{10^{{{k}}}}}$" for k in (2, 4, 6)}
    frame_axes(axes, ticks | {0.1: "0.1", 1: "1"}, {1: "1"} | powers, "probability of being on", "condition number")
    return figure


if __name__ == "__main__":
    show_figures(figure_arrangements, figure_sparse, of=compute())
