"""Is a positive mean as bad where inputs are sparse?

No: without a bias {{ wide | integer }} inputs that are 1 with probability {{ share | digits(1) }} have a condition
number of {{ sparse | digits(3) }}; a bias has a floor, and one-hot inputs are round without one.

    kappa     condition number of H = E[xxᵀ], without a bias and with one whose input is 1
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import sigmoid
from lib.numerics import Draws, draws
from lib.plots import FIRST, SECOND, decades, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import add_bias, condition_on_range, kappa_with_bias, kappa_without_bias, second_moment

SEED = 0
SYMBOLS = 26
WIDE, SHARE = 1000, 0.1  # inputs that are 1 with this probability, else 0
SHARES = sigmoid(np.linspace(-9.2, 3.5, 101))


@dataclass(frozen=True)
class Result:
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


def compute() -> Result:
    spread = SHARES * (1 - SHARES)
    curves = (kappa_without_bias(SHARES, spread, WIDE), kappa_with_bias(SHARES, spread, WIDE))
    counts = 1 / np.arange(1, SYMBOLS + 1)
    return Result(
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
        one_hot_bias=condition_on_range(second_moment(add_bias(np.eye(SYMBOLS)))),
        zipf=np.linalg.cond(np.diag(counts / counts.sum())),
    )


def claim_sparse_with_a_bias(result: Result) -> None:
    """{{ wide | integer }} inputs that are on with probability {{ share | digits(1) }}: condition number
    {{ sparse | integer }} without a bias, {{ sparse_bias | integer }} with one."""
    n, p = WIDE, SHARE
    along, spread = np.sqrt(n) * p, p * (1 - p)  # across the mean the curvature is the variance alone
    assert abs((spread + along**2) / spread / result.sparse - 1) < 1e-9
    assert abs(np.linalg.cond([[spread + along**2, along], [along, 1]]) / result.sparse_bias - 1) < 1e-6


def claim_a_bias_has_a_floor(result: Result) -> None:
    """With a bias the condition number of on-off inputs is never below one over their variance, here
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


def draw_on_off_inputs() -> Iterator[tuple[int, float, np.ndarray]]:
    """n, p and the exact second moment of n on-off inputs with a bias input."""
    for rng in draws(12):
        n, p = int(rng.integers(2, 7)), rng.uniform(0.05, 0.9)
        patterns = np.array(list(product([False, True], repeat=n)))
        x, chances = add_bias(patterns), np.prod(np.where(patterns, p, 1 - p), axis=1)
        yield n, p, (x.T * chances) @ x


def equation_sparse() -> Draws:
    r"""\kappa_0 = 1 + \frac{n p}{1-p}"""
    for n, p, H in draw_on_off_inputs():
        values = np.linalg.eigvalsh(H[:n, :n])
        yield {r"\kappa_0": values[-1] / values[0], "n": n, "p": p}


def equation_sparse_bias() -> Draws:
    r"""\kappa_b + \frac{1}{\kappa_b} + 2 = \frac{\left(1 + p(1-p) + n p^2\right)^2}{p(1-p)}"""
    for n, p, H in draw_on_off_inputs():
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


def figure_sparse(result: Result) -> Figure:
    """Condition number of {{ wide | integer }} on-off inputs against the probability of being on, both axes
    logarithmic. Without a bias it rises from 1. With a bias it falls first, is least, {{ best_bias | integer }}, at a
    probability of {{ best_share | digits(1) }}, and rises again."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    without, biased = result.curves
    axes.plot(SHARES, biased, color=SECOND, label="with a bias")
    axes.plot(SHARES, without, color=FIRST, label="no bias")
    axes.set(xscale="log", yscale="log", xlim=(1e-4, 1), ylim=(0.9, 3e6))
    label_point(axes, "with a bias", (SHARES[12], biased[12]), SECOND, dx=6, dy=8)
    label_point(axes, "no bias", (SHARES[40], without[40]), FIRST, dx=10, dy=-6)
    frame_axes(
        axes,
        decades(-4, -3, -2) | {0.1: "0.1", 1: "1"},
        decades(0, 2, 4, 6),
        "probability of being on",
        "condition number",
    )
    return figure


if __name__ == "__main__":
    show_figures(figure_sparse, of=compute())
