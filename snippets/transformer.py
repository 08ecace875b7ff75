"""Does any of this matter in a transformer?

Part by part, what is each matrix fed with? Word frequencies make an embedding's curvatures as unequal as they are, but
along the axes. The squared mean of its rows is a small share of their variance, times many units; attention divides
the variance by as many tokens as it averages and keeps the mean; GELU makes a mean of its own; norms subtract another
mean, or none. All of it derived, or sampled from random blocks before training.

    p      frequencies of the words, proportional to 1/k
    ratio  ‖μ‖²/tr Σ over random sequences, of what stands at the last place of a sequence
    alpha  attention weights of one query, positive, of sum 1
    block  RMS norm, one head of attention, a second matrix, added; RMS norm, a hidden layer, a second matrix, added
"""

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS
from lib.gaussian import mean_by_sum, moments, normal_mean
from lib.numerics import Draws, draws
from lib.plots import FIRST, INK, SECOND, frame_axes, new_figure, show_figures
from lib.quadratics import estimate_off_center_ratio, kappa_without_bias

SEED = 0
WORDS, HIDDEN = 50_000, 3072
WIDTH, TOKENS, SEQUENCES, BLOCKS = 128, 64, 400, 12  # of the sampled blocks
WIDTHS = (128, 768, 4096)  # units of a stream
GELU, SILU, RELU = (FUNCTIONS[key] for key in ("gelu", "silu", "relu"))


@dataclass(frozen=True)
class Result:
    words: int
    "Words of the vocabulary."
    frequencies: float
    "Largest over least frequency: condition number of a layer that reads one-hot words."
    after_adam: float
    "What is left of it where each weight is divided by the root of the mean square of its gradients."
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
    hidden: int
    "Units of the hidden layer whose condition number is told."
    inside: dict[str, float]
    "Ratio of GELU, SiLU and ReLU at centered normal pre-activations of variance 1."
    kappa: dict[str, float]
    "Condition number of a neuron without a bias that reads so many of them; gated: with the ratio sampled there."
    gated: float
    "Ratio of SiLU times another pre-activation, where the stream is centered, at the width of the sampled blocks."


def frequencies(words=WORDS):
    p = 1 / np.arange(1, words + 1)
    return p / p.sum()


def rms(h):
    return h / np.sqrt(np.mean(h**2, axis=-1, keepdims=True))


def attend(alpha, values):
    """Averages of the values, one for each row of weights."""
    return np.einsum("st,stn->sn", alpha, values)


def block(rng):
    """What is at each place of a random block, a row a sequence (a row a token at first); weights and values."""

    def matrix(n, m):
        return rng.normal(size=(n, m)) / np.sqrt(n)

    rows = rng.normal(size=(WORDS, WIDTH))[rng.choice(WORDS, (SEQUENCES, TOKENS), p=frequencies())]
    h = rms(rows)
    query, keys, values = h[:, -1] @ matrix(WIDTH, WIDTH), h @ matrix(WIDTH, WIDTH), h @ matrix(WIDTH, WIDTH)
    alpha = np.exp(np.einsum("sn,stn->st", query, keys) / np.sqrt(WIDTH))
    alpha /= alpha.sum(axis=1, keepdims=True)
    found = {"embedding": rows.reshape(-1, WIDTH), "values": values.reshape(-1, WIDTH)}
    found["even"] = attend(np.full(alpha.shape, 1 / TOKENS), values)
    found["attention"] = attend(alpha, values)
    stream = rows[:, -1] + found["attention"] @ matrix(WIDTH, WIDTH)
    found |= {"stream": stream, "rms": rms(stream), "layer": rms(stream - stream.mean(axis=1, keepdims=True))}
    z, other = (found["rms"] @ matrix(WIDTH, 4 * WIDTH) for _ in range(2))
    found |= {"gelu": GELU(z), "gated": SILU(z) * other}
    return found | {"end": stream + found["gelu"] @ matrix(4 * WIDTH, WIDTH)}, alpha, values


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    p, nets = frequencies(), []
    for _ in range(BLOCKS):
        found, alpha, _ = block(rng)
        nets.append(
            {key: estimate_off_center_ratio(a) for key, a in found.items()}
            | {"squares": np.mean(np.sum(alpha**2, axis=1))}
        )
    sampled = {key: float(np.exp(np.mean([np.log(net[key]) for net in nets]))) for key in nets[0]}
    even, n = [net["even"] for net in nets], np.array(WIDTHS)
    parts = {key: moments(FUNCTIONS[key]) for key in ("gelu", "silu", "relu")}
    return Result(
        words=WORDS,
        frequencies=p[0] / p[-1],
        after_adam=np.sqrt(p[0] / p[-1]),
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
        hidden=HIDDEN,
        inside={key: mean**2 / variance for key, (mean, variance) in parts.items()},
        kappa={key: kappa_without_bias(mean, variance, HIDDEN) for key, (mean, variance) in parts.items()}
        | {"gated": 1 + HIDDEN * sampled["gated"]},
        gated=normal_mean(lambda z: z * SILU(z)) ** 2 / normal_mean(lambda z: SILU(z) ** 2) / WIDTH,
    )


def claim_frequencies_lie_along_the_axes(result: Result) -> None:
    """{{ words | integer }} words with frequencies falling like $1/k$ give a condition number of
    {{ frequencies | integer }}; divided by the roots of the mean squares of noisy gradients,
    {{ after_adam | integer }} is left."""
    rng, few = np.random.default_rng(SEED), 20
    words, delta = rng.choice(few, (20_000, 8), p=frequencies(few)), rng.normal(size=(20_000, 8))
    root = np.sqrt([np.mean(np.mean((words == k) * delta, axis=1) ** 2) for k in range(few)])
    curvature = np.bincount(words.ravel(), minlength=few) / words.size
    assert abs(np.linalg.cond(np.diag(curvature)) / few - 1) < 0.15
    assert abs(np.linalg.cond(np.diag(curvature / root)) / np.sqrt(few) - 1) < 0.15
    assert abs(result.frequencies / WORDS - 1) < 1e-9 and abs(result.after_adam**2 / WORDS - 1) < 1e-9


def claim_a_small_ratio_times_many_units(result: Result) -> None:
    """At these frequencies the ratio of random rows is {{ rows | digits(2) }}; in the sampled blocks it is
    {{ sampled.embedding | digits(2) }}. For neurons without a bias that read {{ widths | integer | list }} units alike
    with this ratio the condition numbers are {{ kappa_rows | digits(2) | list }}."""
    rng, p = np.random.default_rng(SEED), frequencies()
    rows = rng.normal(size=(WORDS, WIDTH))
    mean = p @ rows
    assert abs(np.log(mean @ mean / (p @ np.sum(rows**2, axis=1) - mean @ mean) / result.rows)) < 0.5
    assert abs(np.log(result.sampled["embedding"] / result.rows)) < 0.25
    for n, kappa in zip(WIDTHS, result.kappa_rows):
        H = np.eye(n // 64) + 64 * result.rows * np.ones((n // 64, n // 64))  # blocks of 64 alike, taken together
        assert abs(np.linalg.cond(H) / kappa - 1) < 1e-9


@cache
def one_block():
    return block(np.random.default_rng(SEED))


def claim_attention_averages_the_spread(result: Result) -> None:
    """In {{ blocks | words }} random blocks attention with equal weights over {{ tokens }} tokens brings the ratio of
    the values from {{ sampled.values | digits(2) }} to {{ sampled.even | digits(2) }}, {{ factor | integer }} times as
    much (single blocks end between {{ even_range[0] | digits(1) }} and {{ even_range[1] | digits(2) }}). With the
    weights of random queries and keys it becomes {{ sampled.attention | digits(2) }}; the sum of their squares is
    {{ squares | digits(2) }}, where equal weights have {{ least | digits(2) }}."""
    assert abs(result.factor / TOKENS - 1) < 0.03  # independent tokens: the variance of their average is 1/T
    assert abs(np.log(result.sampled["even"] / result.rows / TOKENS)) < 0.35
    assert result.even_range[0] < result.sampled["even"] < result.even_range[1] < 1.5 * TOKENS * result.rows
    assert abs(result.least * TOKENS - 1) < 1e-12
    assert 0.75 < result.squares * TOKENS / np.e < 1.1  # log-normal
    assert 8 < result.sampled["attention"] / result.sampled["values"] < 1 / result.squares
    found, alpha, values = one_block()
    foreign = estimate_off_center_ratio(attend(np.roll(alpha, 1, axis=0), values))  # the weights of another sequence
    one = estimate_off_center_ratio(values.reshape(-1, WIDTH))
    assert abs(np.log(foreign * np.mean(np.sum(alpha**2, axis=1)) / one)) < 0.5
    assert abs(np.log(estimate_off_center_ratio(found["even"]) / one / TOKENS)) < 0.2
    evenly = np.diag([result.sampled["attention"], *np.full(WIDTH - 1, 1 / (WIDTH - 1))])  # where the bound is reached
    assert abs(np.linalg.cond(evenly) / result.behind - 1) < 1e-9
    assert (WIDTH - 1) * estimate_off_center_ratio(found["attention"]) < np.linalg.cond(found["attention"]) ** 2


def claim_norms_center_another_mean(result: Result) -> None:
    """The stream behind attention has the ratio {{ sampled.stream | digits(2) }}; divided by the root of its mean
    square {{ sampled.rms | digits(2) }}, and with layer norm {{ sampled.layer | digits(2) }}."""
    assert all(abs(np.log(result.sampled[key] / result.sampled["stream"])) < 0.15 for key in ("rms", "layer"))
    found, _, _ = block(np.random.default_rng(SEED))
    assert np.allclose(np.mean(found["rms"] ** 2, axis=1), 1) and np.allclose(np.mean(found["layer"] ** 2, axis=1), 1)
    assert np.allclose(np.mean(found["layer"], axis=1), 0) and np.all(found["rms"] * found["stream"] >= 0)
    own, shared = 1 + result.squares, result.rows * 2  # embedding and attention each bring the same mean square
    assert abs(np.log(result.sampled["stream"] / (shared / own))) < 0.5


def claim_the_hidden_layer_makes_a_mean(result: Result) -> None:
    """At centered normal pre-activations of variance 1 the ratio of GELU is {{ inside.gelu | digits(2) }}, of ReLU
    {{ inside.relu | digits(2) }}; {{ hidden | integer }} independent units of either give a neuron without a bias the
    condition number {{ kappa.gelu | integer }} or {{ kappa.relu | integer }}. In the sampled blocks GELU has
    {{ sampled.gelu | digits(2) }}."""
    square = mean_by_sum(lambda z: GELU(z) ** 2)
    ratio = {"gelu": 1 / (4 * np.pi * square - 1), "relu": 1 / (np.pi - 1)}  # means 1/√4π and 1/√2π, by parts
    for key, found in ratio.items():
        H = np.eye(HIDDEN // 64) + 64 * found * np.ones((HIDDEN // 64,) * 2)  # blocks of 64 alike, taken together
        assert abs(result.inside[key] / found - 1) < 1e-4 and abs(np.linalg.cond(H) / result.kappa[key] - 1) < 1e-4
    assert abs(np.log(result.sampled["gelu"] / result.inside["gelu"])) < 0.2


def claim_a_product_has_a_small_ratio(result: Result) -> None:
    """SiLU alone has the ratio {{ inside.silu | digits(2) }}, SiLU times another pre-activation
    {{ sampled.gated | digits(2) }} in the sampled blocks; were the stream centered, it would be
    {{ gated | digits(1) }}. For {{ hidden | integer }} units with the sampled ratio the condition number without a
    bias is {{ kappa.gated | integer }}."""
    rng = np.random.default_rng(SEED)
    z, other = rng.normal(size=(4000, WIDTH)) @ rng.normal(size=(2, WIDTH, 300)) / np.sqrt(WIDTH)
    assert abs(np.log(estimate_off_center_ratio(SILU(z) * other) / result.gated)) < 0.4
    assert 2.2 < result.sampled["gated"] / result.gated < 5 and result.sampled["gated"] < result.inside["silu"] / 3
    H = np.eye(HIDDEN // 64) + 64 * result.sampled["gated"] * np.ones((HIDDEN // 64,) * 2)
    assert abs(np.linalg.cond(H) / result.kappa["gated"] - 1) < 1e-9
    mean = mean_by_sum(SILU)
    assert abs(mean**2 / (mean_by_sum(lambda z: SILU(z) ** 2) - mean**2) / result.inside["silu"] - 1) < 1e-4


def equation_divisor() -> Draws:
    r"""\mathbb{E}[g_k^2] = \frac{p_k\,\tau^2}{B}"""
    p, B = np.array([0.5, 0.3, 0.2]), 3
    for tau in (0.5, 1.0, 2.0):
        found = np.zeros(3)
        for words in product(range(3), repeat=B):  # all batches, and all signs of the upstream gradients
            for signs in product((-1, 1), repeat=B):
                g = np.bincount(words, weights=signs, minlength=3) * tau / B
                found += np.prod(p[list(words)]) / 2**B * g**2
        yield {r"\mathbb{E}[g_k^2]": found, "p_k": p, r"\tau": tau, "B": B}


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


def equation_product() -> Draws:
    r"""\mathbb{E}[\phi(z)\,v] = \varrho\,\mathbb{E}[z\,\phi(z)]"""
    x, w = np.polynomial.hermite_e.hermegauss(60)
    w = w / w.sum()
    for varrho in (-0.9, -0.1, 0.3, 0.7):
        v = varrho * x[:, None] + np.sqrt(1 - varrho**2) * x
        for phi in (SILU, GELU):
            yield {
                r"\mathbb{E}[\phi(z)v]": w @ (phi(x)[:, None] * v) @ w,
                r"\varrho": varrho,
                r"\mathbb{E}[z\phi(z)]": normal_mean(lambda z, phi=phi: z * phi(z)),
            }


def figure_places(result: Result) -> Figure:
    """Places of a block, from top to bottom, on a logarithmic axis of the ratio. The embedding is at
    {{ sampled.embedding | digits(2) }}, attention with equal weights at {{ sampled.even | digits(2) }}, with random
    ones at {{ sampled.attention | digits(2) }}, the stream behind it at {{ sampled.rms | digits(2) }}, GELU at
    {{ sampled.gelu | digits(2) }}, a gated unit at {{ sampled.gated | digits(2) }}, the stream behind the block at
    {{ sampled.end | digits(2) }}."""
    figure = new_figure(400, 0.72)
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
    derived = {"embedding": result.rows, "even": result.rows * TOKENS, "gelu": result.inside["gelu"]}
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
