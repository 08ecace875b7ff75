"""How unequal are the curvatures of an embedding, how late do rare words learn, and what does Adam make of it?

As unequal as the frequencies of the words, {{ frequencies | integer }} to 1 for {{ words | integer }} words, but along
the axes: division of each weight by the root of the mean square of its gradients leaves {{ after_adam | integer }}
where these are noise, and {{ mixed | integer }} where frequent words stand often enough in a batch for their mean to
show.

    p      frequencies of the words, proportional to 1/k
    delta  upstream gradient at a place of the batch, of mean m and mean square tau², the same for all words
    B      places in a batch
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import FIRST, INK, MUTED, SECOND, decades, frame_axes, label_point, new_figure, show_figures
from lib.transformer_block import WORDS, word_frequencies

SEED = 0
PLACES, SHARE = 30_000, 0.1  # places in a batch; mean over root mean square of an upstream gradient
RANKS = (10, 1000, WORDS)
DRAWN = np.unique(np.round(np.geomspace(1, WORDS, 60)))  # ranks


@dataclass(frozen=True)
class Result:
    words: int
    "Words of the vocabulary."
    frequencies: float
    "Largest over least frequency: condition number of a layer that reads one-hot words."
    after_adam: float
    "What is left of it where each weight is divided by the root of the mean square of its gradients, all of it noise."
    ranks: tuple[int, ...]
    "Places of some words in the order of frequency."
    halved: tuple[int, ...]
    "Steps of plain descent until half of the error of each is gone, at a step size of one over the largest frequency."
    halved_adam: tuple[int, ...]
    "The same after the division, noise only."
    places: int
    "Places in a batch."
    share: float
    "Mean of an upstream gradient over the root of its mean square."
    often: float
    "Occurrences in a batch from which on the mean outweighs the noise: one over the square of that share."
    bend: float
    "Rank of the word that occurs so often, on average."
    mixed: float
    "Condition number after the division, with that share."
    curves: dict[str, np.ndarray]
    "Curvature over that of the most frequent word, at the ranks `DRAWN`: plain, and divided: noise, mixed, mean only."


def mean_square(p: np.ndarray, places: int, share: float) -> np.ndarray:
    """Mean square of the gradients of words of frequencies p, in units of τ², if the mean is this share of τ."""
    return p / places + (1 - 1 / places) * (share * p) ** 2


def halving_steps(factor: float) -> int:
    """Whole steps, each of which leaves this factor of an error, until at most half of it is left."""
    return int(np.ceil(np.log(0.5) / np.log(factor)))


def compute() -> Result:
    p = word_frequencies()
    shown = p[DRAWN.astype(int) - 1]
    divided = {"plain": shown, "noise": np.sqrt(shown), "mixed": shown / np.sqrt(mean_square(shown, PLACES, SHARE))}
    often = 1 / SHARE**2
    return Result(
        words=WORDS,
        frequencies=p[0] / p[-1],
        after_adam=np.sqrt(p[0] / p[-1]),
        ranks=RANKS,
        halved=tuple(halving_steps(1 - 1 / rank) for rank in RANKS),
        halved_adam=tuple(halving_steps(1 - 1 / np.sqrt(rank)) for rank in RANKS),
        places=PLACES,
        share=SHARE,
        often=often,
        bend=p[0] * PLACES / often,
        mixed=divided["mixed"][0] / divided["mixed"][-1],
        curves={key: curve / curve[0] for key, curve in divided.items()} | {"mean": np.ones(len(shown))},
    )


def claim_frequencies_lie_along_the_axes(result: Result) -> None:
    """{{ words | integer }} words with frequencies falling like $1/k$ give a condition number of
    {{ frequencies | integer }}; divided by the roots of the mean squares of noisy gradients,
    {{ after_adam | integer }} is left."""
    rng, few = np.random.default_rng(SEED), 20
    words, delta = rng.choice(few, (20_000, 8), p=word_frequencies(few)), rng.normal(size=(20_000, 8))
    root = np.sqrt([np.mean(np.mean((words == k) * delta, axis=1) ** 2) for k in range(few)])
    curvature = np.bincount(words.ravel(), minlength=few) / words.size
    assert abs(np.linalg.cond(np.diag(curvature)) / few - 1) < 0.15
    assert abs(np.linalg.cond(np.diag(curvature / root)) / np.sqrt(few) - 1) < 0.15
    assert abs(result.frequencies / WORDS - 1) < 1e-9 and abs(result.after_adam**2 / WORDS - 1) < 1e-9
    for key, power in (("plain", 1), ("noise", 0.5), ("mean", 0)):
        np.testing.assert_allclose(result.curves[key], DRAWN**-power)


def claim_rare_words_learn_late(result: Result) -> None:
    """At a step size of one over the largest frequency, half of the error of the words of rank
    {{ ranks | integer | list }} is gone after {{ halved | integer | list }} steps; with the roots of their frequencies,
    after {{ halved_adam | integer | list }}."""
    for rank, plain, root in zip(result.ranks, result.halved, result.halved_adam):
        for curvature, steps in ((1 / rank, plain), (rank**-0.5, root)):
            errors = np.multiply.accumulate(np.full(steps, 1 - curvature))  # step by step
            assert errors[-1] <= 0.5 and (errors[:-1] > 0.5).all()
    rng, p = np.random.default_rng(SEED), word_frequencies(20)  # batches: each moves a word by its share of the places
    counts = rng.multinomial(64, p, size=(4000, result.halved[0]))[:, :, result.ranks[0] - 1]
    left = np.mean(np.multiply.accumulate(1 - counts / 64 / p[0], axis=1), axis=0)
    assert abs(left - (1 - 1 / result.ranks[0]) ** np.arange(1, result.halved[0] + 1)).max() < 0.02


def claim_often_enough_the_mean_shows(result: Result) -> None:
    """If the mean is {{ share | digits(1) }} of the root mean square, it outweighs the noise for words that occur more
    than {{ often | integer }} times in a batch; with {{ places | integer }} places these are the {{ bend | integer }}
    most frequent words, and the division leaves a condition number of {{ mixed | integer }}."""
    p = 1 / np.arange(1, WORDS + 1) / np.sum(1 / np.arange(1, WORDS + 1))
    m, square = SHARE, 1.0
    variance = (p * square - (p * m) ** 2) / PLACES  # of the mean of independent places
    curvature = p / np.sqrt(variance + (p * m) ** 2)
    assert abs(curvature[0] / curvature[-1] / result.mixed - 1) < 1e-9
    np.testing.assert_allclose(result.curves["mixed"], (curvature / curvature[0])[DRAWN.astype(int) - 1])
    noise, mean = p * square / PLACES, (p * m) ** 2
    outweighed = int(np.sum(mean > noise))
    assert abs(outweighed - result.bend) < 1
    assert PLACES * p[outweighed] <= result.often <= PLACES * p[outweighed - 1]


def equation_curvature() -> Draws:
    r"""H = \mathbb{E}[x x^\top] = \operatorname{diag}(p), \qquad \kappa_0 = \frac{p_{\max}}{p_{\min}}"""
    for rng in draws(8):
        counts = rng.integers(1, 9, size=6)
        x = np.repeat(np.eye(6), counts, axis=0)
        p = counts / counts.sum()
        H = np.array([x.T @ (x @ w) for w in np.eye(6)]) / len(x)  # by gradients of ½E(w·x)²
        letters = {"H": H, r"\mathbb{E}[x x^\top]": np.mean([np.outer(row, row) for row in x], axis=0), "p": p}
        letters |= {r"\kappa_0": np.linalg.cond(H), r"p_{\max}": p.max(), r"p_{\min}": p.min()}
        yield letters | {r"\operatorname{diag}": lambda p: np.diag(np.ravel(p))}


def equation_half() -> Draws:
    r"""t = \frac{\ln 2}{-\ln\left(1 - \frac{1}{k}\right)} \approx k\,\ln 2"""
    for k in range(10, 40, 3):
        errors = np.multiply.accumulate(np.full(2 * k, 1 - 1 / k))
        steps = np.interp(np.log(2), -np.log(errors), np.arange(1, 2 * k + 1))
        yield {"t": steps, "k": k, r"\approx": 0.06}


def equation_divisor() -> Draws:
    r"""\mathbb{E}[g_k^2] = \frac{p_k\,\tau^2}{B} + \left(1 - \frac{1}{B}\right) p_k^2\, m^2"""
    p, B = np.array([0.5, 0.3, 0.2]), 3
    for rng in draws(4):
        values = rng.normal(rng.normal(), 1, size=2)  # of an upstream gradient, equally likely
        found = np.zeros(3)
        for words in product(range(3), repeat=B):  # all batches, and all their upstream gradients
            for delta in product(values, repeat=B):
                g = np.bincount(words, weights=delta, minlength=3) / B
                found += np.prod(p[list(words)]) / 2**B * g**2
        for k in range(3):
            letters = {r"\mathbb{E}[g_k^2]": found[k], "p_k": p[k], "B": B}
            yield letters | {r"\tau": np.sqrt(np.mean(values**2)), "m": values.mean()}


def figure_curvatures(result: Result) -> Figure:
    """Curvature against the rank of a word, both axes logarithmic, over that of the most frequent word. Plain descent:
    a line that falls to one over {{ frequencies | integer }}. Divided by root mean squares of noise: a line of half the
    slope, to one over {{ after_adam | integer }}. With a mean of {{ share | digits(1) }} of the root mean square the
    curve is flatter for the {{ bend | integer }} most frequent words. Without noise it is level."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    lines = {
        "mean": ("no noise", MUTED, (40, 1.7)),
        "mixed": ("some mean", INK, (3000, 0.26)),
        "noise": ("noise only", FIRST, (250, 0.011)),
        "plain": ("plain descent", SECOND, (2, 0.008)),
    }
    for key, (words, role, where) in lines.items():
        axes.plot(DRAWN, result.curves[key], color=role, label=words)
        label_point(axes, words, where, role, dx=0)
    axes.set(xscale="log", yscale="log", xlim=(0.9, 7e4), ylim=(1e-5, 3))
    frame_axes(axes, decades(0, 1, 2, 3, 4), decades(0, -1, -2, -3, -4), "rank of the word", "curvature, relative")
    return figure


if __name__ == "__main__":
    show_figures(figure_curvatures, of=compute())
