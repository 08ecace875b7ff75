"""Why does attention pile up on one token, and what has a mean to do with it?

Weights sum to 1, so a head that has nothing to add needs a place to put them: a token whose value is small. To take all
but {{ share | percent(0) }} among {{ tokens | integer }} others its score must be {{ score | decimals(1) }} higher. A
key can be scored high by all queries only along the mean of the queries: centered, half of them score it low.

    T   other tokens, with scores near zero
    z   score of the sink
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws

SEED = 0
TOKENS, SHARE, HEAD, QUERIES, LENGTH = 1000, 0.01, 64, 2000, 3.0


@dataclass(frozen=True)
class Result:
    tokens: int
    "Other tokens."
    share: float
    "Share of the weight that the others keep."
    score: float
    "Score of the sink, above theirs."
    taken: dict[str, float]
    "Share of queries that give the sink more than half of their weight: queries with a mean of `length` standard"
    " deviations, and the same centered; the key as long as that score asks for."
    length: float
    "Length of the queries' mean, in standard deviations of one of their numbers."
    numbers: int
    "Numbers of a query."


def weight_of_sink(scores: np.ndarray, others: int) -> np.ndarray:
    """Attention weight of a token with these scores among others with a score of zero."""
    return 1 / (1 + others * np.exp(-scores))


def draw_queries(rng: np.random.Generator, length: float) -> np.ndarray:
    """Queries of variance 1 in each number, with a mean of this length along the first one."""
    return rng.normal(size=(QUERIES, HEAD)) + length * np.eye(HEAD)[0]


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    score = float(np.log(TOKENS * (1 - SHARE) / SHARE))
    key = 2 * score / LENGTH * np.eye(HEAD)[0]  # twice what the mean query needs
    taken = {
        name: float(np.mean(weight_of_sink(draw_queries(rng, length) @ key, TOKENS) > 0.5))
        for name, length in (("mean", LENGTH), ("centered", 0.0))
    }
    return Result(
        tokens=TOKENS,
        share=SHARE,
        score=score,
        taken=taken,
        length=LENGTH,
        numbers=HEAD,
    )


def claim_a_sink_needs_a_mean(result: Result) -> None:
    """To leave {{ share | percent(0) }} to {{ tokens | integer }} other tokens a sink needs a score
    {{ score | decimals(1) }} above theirs. A key along the mean of the queries, which is
    {{ length | integer }} standard deviations long, takes more than half of the weight from
    {{ taken.mean | percent(0) }} of the queries; with the mean subtracted, from {{ taken.centered | percent(0) }}."""
    from math import erf

    assert abs(weight_of_sink(np.array(result.score), result.tokens) - (1 - result.share)) < 2e-4
    least = np.log(result.tokens) / (2 * result.score / result.length)  # part of a query along the key, for one half
    for name, length in (("mean", result.length), ("centered", 0.0)):
        above = 0.5 * (1 + erf((length - least) / 2**0.5))
        assert abs(above - result.taken[name]) < 0.03


def claim_no_key_pleases_centered_queries(result: Result) -> None:
    """Whatever the key, its scores for centered queries have the mean zero: no key is scored high by all of them."""
    rng = np.random.default_rng(SEED + 1)
    queries = draw_queries(rng, result.length)
    centered = queries - queries.mean(axis=0)
    for _ in range(20):
        key = rng.normal(size=result.numbers)
        assert abs(np.mean(centered @ key)) < 1e-9 < abs(np.mean(queries @ key))
        assert np.min(centered @ key) < 0


def equation_score() -> Draws:
    r"""\frac{e^z}{e^z + T} = 1 - \varepsilon, \qquad z = \ln\frac{T\,(1 - \varepsilon)}{\varepsilon}"""
    for rng in draws(10):
        T, share = int(rng.integers(10, 5000)), rng.uniform(0.001, 0.5)
        low, high = 0.0, 60.0
        for _ in range(80):  # by halving
            middle = (low + high) / 2
            low, high = (middle, high) if weight_of_sink(np.array(middle), T) < 1 - share else (low, middle)
        yield {"e": np.e, "z": low, "T": T, r"\varepsilon": share}


if __name__ == "__main__":
    print(compute())
