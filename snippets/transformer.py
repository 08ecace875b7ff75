"""Does any of this matter in a transformer?

Part by part, what is each matrix fed with? The squared mean of an embedding's rows is a small share of their variance,
times many units; attention divides the variance by as many tokens as it averages and keeps the mean; norms subtract
another mean, or none. All of it derived, or sampled from random blocks before training.

    p      frequencies of the words, proportional to 1/k
    ratio  ‖μ‖²/tr Σ over random sequences, of what stands at the last place of a sequence
    alpha  attention weights of one query, positive, of sum 1
"""

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.gaussian import moments
from lib.numerics import Draws, draws
from lib.plots import FIRST, INK, SECOND, frame_axes, new_figure, show_figures
from lib.quadratics import estimate_off_center_ratio
from lib.transformer_block import GELU, SEQUENCES, TOKENS, WIDTH, WORDS, sample_block, word_frequencies

SEED = 0
BLOCKS = 12
WIDTHS = (128, 768, 4096)  # units of a stream


@dataclass(frozen=True)
class Result:
    rows: float
    "‖μ‖²/tr Σ of random rows at these frequencies."
    widths: tuple[int, ...]
    "Units of a stream: that sampled, and two usual ones."
    kappa_rows: tuple[float, ...]
    "Condition number of a neuron without a bias that reads so many units alike with that ratio, 1 + nρ."
    width: int
    "Units of the stream in the sampled blocks."
    tokens: int
    "Tokens of a sequence."
    sequences: int
    "Sequences."
    blocks: int
    "How many blocks were sampled; ratios are geometric means over them."
    sampled: dict[str, float]
    "Ratios in the blocks, by place; even: attention with equal weights, end: the stream behind the block."
    even_range: tuple[float, float]
    "Least and largest ratio behind attention with equal weights in single blocks."
    factor: float
    "By what attention with equal weights multiplies the ratio of the values, geometric mean over the blocks."
    squares: float
    "Sum of the squares of the attention weights in the sampled blocks."
    least: float
    "The same for equal weights."
    behind: float
    "Least condition number, no bias, that attention can give in these blocks: (n − 1) times its ratio."
    inside: float
    "Ratio of GELU at centered normal pre-activations of variance 1."


def average_values(alpha: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Averages of the values, one for each row of weights."""
    return np.einsum("st,stn->sn", alpha, values)


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    p, nets = word_frequencies(), []
    for _ in range(BLOCKS):
        found, alpha, _ = sample_block(rng)
        nets.append(
            {key: estimate_off_center_ratio(a) for key, a in found.items()}
            | {"squares": np.mean(np.sum(alpha**2, axis=1))}
        )
    sampled = {key: float(np.exp(np.mean([np.log(net[key]) for net in nets]))) for key in nets[0]}
    even, n = [net["even"] for net in nets], np.array(WIDTHS)
    mean, variance = moments(GELU)
    return Result(
        rows=np.sum(p**2) / (1 - np.sum(p**2)),
        widths=WIDTHS,
        kappa_rows=tuple(1 + n * np.sum(p**2) / (1 - np.sum(p**2))),
        width=WIDTH,
        tokens=TOKENS,
        sequences=SEQUENCES,
        blocks=BLOCKS,
        even_range=(min(even), max(even)),
        factor=sampled["even"] / sampled["values"],
        squares=sampled.pop("squares"),
        sampled=sampled,
        least=1 / TOKENS,
        behind=(WIDTH - 1) * sampled["attention"],
        inside=mean**2 / variance,
    )


def claim_a_small_ratio_times_many_units(result: Result) -> None:
    """At these frequencies the ratio of random rows is {{ rows | digits(2) }}; in the sampled blocks it is
    {{ sampled.embedding | digits(2) }}. For neurons without a bias that read {{ widths | integer | list }} units alike
    with this ratio the condition numbers are {{ kappa_rows | digits(2) | list }}."""
    rng, p = np.random.default_rng(SEED), word_frequencies()
    rows = rng.normal(size=(WORDS, WIDTH))
    mean = p @ rows
    assert abs(np.log(mean @ mean / (p @ np.sum(rows**2, axis=1) - mean @ mean) / result.rows)) < 0.5
    assert abs(np.log(result.sampled["embedding"] / result.rows)) < 0.25
    for n, kappa in zip(WIDTHS, result.kappa_rows):
        H = np.eye(n // 64) + 64 * result.rows * np.ones((n // 64, n // 64))  # blocks of 64 alike, taken together
        assert abs(np.linalg.cond(H) / kappa - 1) < 1e-9


@cache
def draw_block() -> tuple:
    return sample_block(np.random.default_rng(SEED))


def claim_attention_averages_the_spread(result: Result) -> None:
    """In {{ blocks | words }} random blocks attention with equal weights over {{ tokens }} tokens brings the ratio of
    the values from {{ sampled.values | digits(2) }} to {{ sampled.even | digits(1) }}, {{ factor | integer }} times as
    much (single blocks end between {{ even_range[0] | digits(1) }} and {{ even_range[1] | digits(2) }}). With the
    weights of random queries and keys it becomes {{ sampled.attention | digits(2) }}; the sum of their squares is
    {{ squares | digits(2) }}, where equal weights have {{ least | digits(2) }}."""
    assert abs(result.factor / TOKENS - 1) < 0.03  # independent tokens: the variance of their average is 1/T
    assert abs(np.log(result.sampled["even"] / result.rows / TOKENS)) < 0.35
    assert result.even_range[0] < result.sampled["even"] < result.even_range[1] < 1.5 * TOKENS * result.rows
    assert abs(result.least * TOKENS - 1) < 1e-12
    assert 0.75 < result.squares * TOKENS / np.e < 1.1  # log-normal
    assert 8 < result.sampled["attention"] / result.sampled["values"] < 1 / result.squares
    found, alpha, values = draw_block()
    # the weights of another sequence
    foreign = estimate_off_center_ratio(average_values(np.roll(alpha, 1, axis=0), values))
    one = estimate_off_center_ratio(values.reshape(-1, WIDTH))
    assert abs(np.log(foreign * np.mean(np.sum(alpha**2, axis=1)) / one)) < 0.5
    assert abs(np.log(estimate_off_center_ratio(found["even"]) / one / TOKENS)) < 0.2
    evenly = np.diag([result.sampled["attention"], *np.full(WIDTH - 1, 1 / (WIDTH - 1))])  # where the bound is reached
    assert abs(np.linalg.cond(evenly) / result.behind - 1) < 1e-9
    assert (WIDTH - 1) * estimate_off_center_ratio(found["attention"]) < np.linalg.cond(found["attention"]) ** 2
    assert 0.0093 < result.sampled["values"] < 0.018 and 0.60 < result.sampled["even"] < 1.2
    assert 0.21 < result.even_range[0] < 1.1


def claim_norms_center_another_mean(result: Result) -> None:
    """The stream behind attention has the ratio {{ sampled.stream | digits(2) }}; divided by the root of its mean
    square {{ sampled.rms | digits(2) }}, and with layer norm {{ sampled.layer | digits(2) }}."""
    assert all(abs(np.log(result.sampled[key] / result.sampled["stream"])) < 0.15 for key in ("rms", "layer"))
    found, _, _ = sample_block(np.random.default_rng(SEED))
    assert np.allclose(np.mean(found["rms"] ** 2, axis=1), 1) and np.allclose(np.mean(found["layer"] ** 2, axis=1), 1)
    assert np.allclose(np.mean(found["layer"], axis=1), 0) and np.all(found["rms"] * found["stream"] >= 0)
    own, shared = 1 + result.squares, result.rows * 2  # embedding and attention each bring the same mean square
    assert abs(np.log(result.sampled["stream"] / (shared / own))) < 0.5


def equation_rows() -> Draws:
    r"""\frac{\mathbb{E}[\lVert\mu\rVert^2]}{\mathbb{E}[\operatorname{tr}\Sigma]} =
    \frac{\sum_k p_k^2}{1 - \sum_k p_k^2}"""
    for rng in draws(6):
        p = rng.dirichlet(np.ones(3))
        rows = np.array(list(product((-1, 1), repeat=6))).reshape(-1, 3, 2)  # all rows with entries ±1
        means = p @ rows
        spread = [np.sum(p[:, None] * (row - mean) ** 2) for row, mean in zip(rows, means)]
        yield {
            r"\mathbb{E}[\lVert\mu\rVert^2]": np.mean(np.sum(means**2, axis=1)),
            r"\mathbb{E}[\operatorname{tr}\Sigma]": np.mean(spread),
            r"\sum_k": range(3),
            "p_k": lambda k, p=p: p[int(k)],
        }


def equation_attention() -> Draws:
    r"""\frac{\rho_o}{\rho_v} = \frac{1}{\varrho + (1 - \varrho)\sum_{t=1}^{T} \alpha_t^2}"""
    for rng in draws(8):
        T, varrho, mean = int(rng.integers(2, 6)), rng.uniform(0, 1), rng.uniform(0.5, 2)
        alpha = rng.dirichlet(np.ones(T))
        signs = np.array(list(product((-1, 1), repeat=T + 1)))  # the first is shared by all tokens of a sequence
        v = mean + np.sqrt(varrho) * signs[:, :1] + np.sqrt(1 - varrho) * signs[:, 1:]
        o = v @ alpha
        yield {
            r"\rho_o": o.mean() ** 2 / o.var(),
            r"\rho_v": v[:, 0].mean() ** 2 / v[:, 0].var(),
            r"\varrho": varrho,
            r"\alpha_t": lambda t, alpha=alpha: alpha[int(t) - 1],
            "T": T,
        }


def figure_places(result: Result) -> Figure:
    """Places of a block, from top to bottom, on a logarithmic axis of the ratio. The embedding is at
    {{ sampled.embedding | digits(2) }}, attention with equal weights at {{ sampled.even | digits(2) }}, with random
    ones at {{ sampled.attention | digits(2) }}, the stream behind it at {{ sampled.rms | digits(2) }}, GELU at
    {{ sampled.gelu | digits(2) }}, a gated unit at {{ sampled.gated | digits(2) }}, the stream behind the block at
    {{ sampled.end | digits(2) }}."""
    figure = new_figure(360, 0.72)
    (axes,) = figure.axes
    places = {
        "embedding": ("embedding", FIRST),
        "even": ("attention, equal weights", SECOND),
        "attention": ("attention", SECOND),
        "rms": ("stream", FIRST),
        "gelu": ("GELU", SECOND),
        "gated": ("or gated", FIRST),
        "end": ("next stream", INK),
    }
    derived = {"embedding": result.rows, "even": result.rows * TOKENS, "gelu": result.inside}
    for place, (key, (_, role)) in enumerate(places.items()):
        axes.plot([result.sampled[key]], [-place], "o", color=role, markersize=8, label=key)
        if key in derived:
            axes.plot([derived[key]], [-place], "|", color=INK, markersize=16, label=f"{key}, derived")
    axes.set(xscale="log", xlim=(0.008, 1.3), ylim=(-6.5, 0.5))
    names = {-place: name for place, (name, _) in enumerate(places.values())}
    frame_axes(axes, {0.01: "0.01", 0.1: "0.1", 1: "1"}, names, "ratio")
    return figure


if __name__ == "__main__":
    show_figures(figure_places, of=compute())
