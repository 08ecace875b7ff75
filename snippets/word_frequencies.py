"""How unequal are the curvatures of an embedding?

As unequal as the frequencies of the words, {{ frequencies | integer }} to 1 for {{ words | integer }} words, but along
the axes: division of each weight by the root of the mean square of its gradients leaves {{ after_adam | integer }}.

    p      frequencies of the words, proportional to 1/k
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from lib.numerics import Draws
from lib.transformer_block import WORDS, word_frequencies

SEED = 0


@dataclass(frozen=True)
class Result:
    words: int
    "Words of the vocabulary."
    frequencies: float
    "Largest over least frequency: condition number of a layer that reads one-hot words."
    after_adam: float
    "What is left of it where each weight is divided by the root of the mean square of its gradients."


def compute() -> Result:
    p = word_frequencies()
    return Result(
        words=WORDS,
        frequencies=p[0] / p[-1],
        after_adam=np.sqrt(p[0] / p[-1]),
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


if __name__ == "__main__":
    print(compute())
