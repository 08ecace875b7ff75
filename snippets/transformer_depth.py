"""Why do the tokens of a deep transformer become alike, and is that a mean?

It is: what all tokens share, against what differs. Attention alone cubes the ratio of the two in every layer,
{{ within.attention[1] | digits(2) }}, {{ within.attention[2] | digits(2) }},
{{ within.attention[3] | scientific(2) }}; with skip connections and hidden layers it is
{{ within.block[12] | digits(2) }} after {{ layers }} blocks, and two tokens of different texts have a mean cosine of
{{ cosine.block[12] | decimals(2) }}.

    h      the stream, a row a token; texts of independent words with frequencies falling like 1/k
    within squared mean over variance, the mean taken over the tokens of one text
    cosine mean cosine of two tokens of different texts
    kind   attention: nothing else, RMS norm behind it; skip: with skip connections; block: and a hidden layer of GELU;
           odd: of tanh instead; behind: the norm behind the sum instead of at the head of each branch
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS
from lib.network import softmax
from lib.normalization import rms_norm
from lib.numerics import draws
from lib.plots import FIRST, INK, SECOND, decades, frame_axes, label_point, new_figure, show_figures
from lib.transformer_block import word_frequencies

SEED = 0
WORDS, WIDTH, TOKENS, TEXTS, LAYERS, NETS = 5000, 64, 24, 16, 12, 3
KINDS = ("attention", "skip", "block", "odd", "behind")
FLOOR = 1e20  # beyond it the differences of the tokens are rounding
WIDER, APART = 4, 0.1  # hidden layers over the stream; of the exercise


@dataclass(frozen=True)
class Result:
    layers: int
    "Layers, or blocks."
    width: int
    "Units of the stream."
    tokens: int
    "Tokens of a text."
    texts: int
    "Texts."
    words: int
    "Words of the vocabulary."
    wider: int
    "Width of hidden layers over that of the stream."
    exercise: dict[str, float]
    "By what share tokens differ, and the cube of that."
    nets: int
    "How many random networks; numbers are geometric means over them."
    within: dict[str, tuple[float, ...]]
    "Squared mean over variance among the tokens of a text, behind layers 0, 1, …, by kind."
    cosine: dict[str, tuple[float, ...]]
    "Mean cosine of tokens of different texts, behind layers 0, 1, …, by kind."
    removed: float
    "The same for the last block with the mean over all tokens subtracted."


def attend(rng: np.random.Generator, h: np.ndarray) -> np.ndarray:
    """One head of attention with random matrices, shape (texts, tokens, width)."""
    Q, K, V = rng.normal(size=(3, WIDTH, WIDTH)) / np.sqrt(WIDTH)
    scores = np.einsum("sim,sjm->sij", h @ Q, h @ K) / np.sqrt(WIDTH)
    return softmax(scores) @ (h @ V)


def pass_hidden_layer(rng: np.random.Generator, h: np.ndarray, name: str) -> np.ndarray:
    """A hidden layer four times as wide, with random matrices."""
    into, out = rng.normal(size=(WIDTH, WIDER * WIDTH)), rng.normal(size=(WIDER * WIDTH, WIDTH))
    return FUNCTIONS[name](h @ into / np.sqrt(WIDTH)) @ out / np.sqrt(WIDER * WIDTH)


def pass_layer(rng: np.random.Generator, h: np.ndarray, kind: str) -> np.ndarray:
    """The stream behind one more layer."""
    if kind == "attention":
        return rms_norm(attend(rng, h))
    if kind == "behind":
        h = rms_norm(h + attend(rng, h))
        return rms_norm(h + pass_hidden_layer(rng, h, "gelu"))
    h = h + attend(rng, rms_norm(h))
    return h if kind == "skip" else h + pass_hidden_layer(rng, rms_norm(h), "tanh" if kind == "odd" else "gelu")


def ratio_within(h: np.ndarray) -> float:
    """Squared mean over variance among the tokens of a text, median over texts."""
    return np.median(np.sum(h.mean(axis=1) ** 2, axis=-1) / h.var(axis=1).sum(axis=-1))


def mean_cosine(h: np.ndarray) -> float:
    """Mean cosine of two tokens of different texts."""
    sums = (h / np.linalg.norm(h, axis=-1, keepdims=True)).sum(axis=1)
    pairs = np.sum(sums.sum(axis=0) ** 2) - np.sum(sums**2)
    return pairs / (TEXTS * (TEXTS - 1) * TOKENS**2)


def draw_tokens(rng: np.random.Generator) -> np.ndarray:
    """Random rows of random words, shape (texts, tokens, width)."""
    return rng.normal(size=(WORDS, WIDTH))[rng.choice(WORDS, (TEXTS, TOKENS), p=word_frequencies(WORDS))]


def pass_layers(rng: np.random.Generator, kind: str) -> list[np.ndarray]:
    """The stream behind layers 0, 1, …"""
    stream = [draw_tokens(rng)]
    for _ in range(LAYERS):
        stream.append(pass_layer(rng, stream[-1], kind))
    return stream


def compute() -> Result:
    within, cosine = {}, {}
    for kind in KINDS:
        nets = [pass_layers(np.random.default_rng(NETS * SEED + i), kind) for i in range(NETS)]
        ratios = np.array([[min(ratio_within(h), FLOOR) for h in net] for net in nets])
        within[kind] = tuple(np.exp(np.mean(np.log(ratios), axis=0)))
        cosine[kind] = tuple(np.mean([[mean_cosine(h) for h in net] for net in nets], axis=0))
    last = pass_layers(np.random.default_rng(NETS * SEED), "block")[-1]
    return Result(
        layers=LAYERS,
        width=WIDTH,
        tokens=TOKENS,
        texts=TEXTS,
        words=WORDS,
        wider=WIDER,
        exercise={"apart": APART, "cube": APART**3},
        nets=NETS,
        within=within,
        cosine=cosine,
        removed=mean_cosine(last - last.mean(axis=(0, 1))),
    )


def claim_attention_cubes_the_ratio(result: Result) -> None:
    """Through attention alone the ratio within a text is {{ within.attention[1] | digits(2) }},
    {{ within.attention[2] | digits(1) }}, {{ within.attention[3] | scientific(1) }} and
    {{ within.attention[4] | scientific(1) }} in layers 1 to 4; with skip connections it is
    {{ within.skip[4] | digits(2) }} in layer 4 and {{ within.skip[12] | digits(1) }} in the last."""
    logs = np.log(result.within["attention"])
    assert 2.3 < logs[3] / logs[2] < 4.5 and 2.3 < logs[4] / logs[3] < 4.5
    assert result.within["skip"][-1] < 20 and result.within["attention"][4] > 1e8
    rng = np.random.default_rng(SEED)  # halve the differences of the tokens: those of the outputs become an eighth
    shared, own = rng.normal(size=(1, 1, WIDTH)), rng.normal(size=(1, 6, WIDTH))
    spreads = []
    for size in (2e-3, 1e-3):
        out = attend(np.random.default_rng(1), shared + size * own)
        spreads.append(np.linalg.norm(out - out.mean(axis=1, keepdims=True)))
    assert abs(spreads[0] / spreads[1] - 8) < 0.1
    assert 0.68 < result.within["attention"][1] < 1.3 and 6.5 < result.within["attention"][2] < 45
    assert 5100 < result.within["attention"][3] < 210_000 and 0.466 < result.within["skip"][4] < 0.641
    assert 3.0 < result.within["skip"][12] < 6.7
    assert result.within["attention"][4] < 1.4e16


def claim_random_blocks_are_anisotropic(result: Result) -> None:
    """Two tokens of different texts have a mean cosine of {{ cosine.block[0] | digits(2) }} at the embedding, and
    of {{ cosine.block[12] | decimals(1) }} behind {{ layers }} random blocks with GELU. With tanh in place of GELU
    it is {{ cosine.odd[12] | decimals(1) }}, and with the mean over all tokens subtracted
    {{ removed | decimals(2) }}."""
    assert result.cosine["block"][-1] > result.cosine["odd"][-1] + 0.1 and abs(result.removed) < 0.1
    assert result.cosine["block"][0] < 0.05 and 0.3 < result.cosine["block"][-1] < 0.7
    last = pass_layers(np.random.default_rng(NETS * SEED), "block")[-1]
    h = rms_norm(last).reshape(-1, WIDTH)
    ratio = np.sum(h.mean(axis=0) ** 2) / h.var(axis=0).sum()
    assert 0 < ratio / (1 + ratio) - mean_cosine(last) < 0.06  # the former counts pairs of one text as well
    assert 8.92e-3 < result.cosine["block"][0] < 0.0263 and 0.18 < result.cosine["block"][12] < 0.68
    assert 0.029 < result.cosine["odd"][12] < 0.33 and -0.039 < result.removed < -0.012


def claim_behind_the_sum_they_merge(result: Result) -> None:
    """With the norm at the head of each branch the ratio within a text is {{ within.block[12] | digits(2) }} after
    {{ layers }} blocks, with the norm behind the sum {{ within.behind[12] | digits(1) }}."""
    assert 0.5 < result.within["block"][-1] < 6 and result.within["behind"][-1] > 20 * result.within["block"][-1]
    assert 1.13 < result.within["block"][12] < 3.04 and 57 < result.within["behind"][12] < 920


def equation_cosine() -> Iterator[dict]:
    r"""\mathbb{E}[\hat{h}^\top \hat{h}'] = \frac{\rho}{1 + \rho}"""
    for rng in draws(6):
        h = rng.normal(rng.normal(size=3), 1, size=(7, 3))
        h /= np.linalg.norm(h, axis=1, keepdims=True)
        mean = h.mean(axis=0)
        pairs = [a @ b for a in h for b in h]  # drawn independently, so the same token may come twice
        yield {
            r"\mathbb{E}[\hat{h}^\top \hat{h}']": np.mean(pairs),
            r"\rho": mean @ mean / h.var(axis=0).sum(),
        }


def figure_within(result: Result) -> Figure:
    """Squared mean over variance among the tokens of a text against the layer, logarithmic. Attention alone leaves the
    picture in layer 4; with the norm behind the sum it climbs to {{ within.behind[12] | integer }}; with skip
    connections, and with whole blocks, to {{ within.skip[12] | digits(2) }} and {{ within.block[12] | digits(2) }}."""
    figure = new_figure(360, 0.85)
    (axes,) = figure.axes
    layers = np.arange(LAYERS + 1)
    lines = {
        "attention": ("attention alone", SECOND, (3.4, 2e5), 4, 0),
        "behind": ("block, norm behind the sum", INK, (9.2, 60), -4, 8),
        "block": ("block, norm at the head", FIRST, (6, 0.86), 4, -14),
    }
    for kind, (name, role, at, dx, dy) in lines.items():
        shown = np.array(result.within[kind])
        axes.plot(layers[shown < FLOOR], shown[shown < FLOOR], color=role, label=name)
        label_point(axes, name, at or (6, shown[6]), role, dx=dx, dy=dy)
    axes.set(yscale="log", xlim=(-0.3, LAYERS + 0.3), ylim=(0.02, 1e6))
    frame_axes(axes, (0, 4, 8, 12), decades(-1, 0, 2, 4, 6), "layer", "squared mean over variance in a text")
    return figure


if __name__ == "__main__":
    show_figures(figure_within, of=compute())
