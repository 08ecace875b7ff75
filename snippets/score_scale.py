r"""Why are attention's scores divided by √d, and what does a mean of queries or keys change?

Over keys with independent entries, scores of one query differ by a standard deviation that grows like √d, with or
without means: a mean of the keys is the same for all of them, one of the queries multiplies it by the root of 1 + ρ.
Where a key points along its query, its score grows like d: divided by √d it is {{ aligned[0] | digits(2) }} for
{{ widths[0] }} numbers and {{ aligned[1] | digits(2) }} for {{ widths[1] }}.

    d    numbers of a query or a key; s standard deviation of each, m the queries' mean
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws

SEED = 0
WIDTHS, MEAN, KEYS, QUERIES = (64, 1024), 1.0, 2000, 40


@dataclass(frozen=True)
class Result:
    widths: tuple[int, ...]
    "Numbers of a query or a key."
    mean: float
    "Mean of every number of all queries and all keys, in standard deviations, where they have one."
    spread: dict[str, tuple[float, ...]]
    "Standard deviation of one query's scores over keys, divided by √d, by width: without means, and with both."
    aligned: tuple[float, ...]
    "Score of a key that equals its query, without means, divided by √d, by width."


def compute() -> Result:
    return Result(
        widths=WIDTHS,
        mean=MEAN,
        spread={"none": (1.0, 1.0), "both": (np.sqrt(1 + MEAN**2),) * 2},
        aligned=tuple(float(np.sqrt(d)) for d in WIDTHS),
    )


def sample_scores(d: int, mean: float) -> tuple[float, float]:
    """Root mean square over queries of the standard deviation over keys, and the mean score of q with itself, by √d."""
    rng = np.random.default_rng([SEED, d])
    q, k = mean + rng.normal(size=(QUERIES, d)), mean + rng.normal(size=(KEYS, d))
    scores = q @ k.T / np.sqrt(d)
    return float(np.sqrt(scores.var(axis=1).mean())), float((q**2).sum(axis=1).mean() / np.sqrt(d))


def claim_only_alignment_outgrows_the_root(result: Result) -> None:
    """Divided by √d, scores of one query over independent keys have a standard deviation of
    {{ spread.none[0] | digits(1) }} for {{ widths[0] }} and {{ spread.none[1] | digits(1) }} for
    {{ widths[1] | integer }} numbers, and of {{ spread.both[0] | digits(2) }} for both if all numbers have a mean of
    {{ mean | digits(1) }}; a key that equals its query has a score of {{ aligned[0] | digits(1) }} and
    {{ aligned[1] | digits(2) }}."""
    for i, d in enumerate(result.widths):
        (spread, aligned), (shifted, _) = sample_scores(d, 0.0), sample_scores(d, result.mean)
        assert abs(result.spread["none"][i] / spread - 1) < 0.08 and abs(result.aligned[i] / aligned - 1) < 0.08
        assert abs(result.spread["both"][i] / shifted - 1) < 0.08


def equation_spread() -> Draws:
    r"""\mathbb{E}[\operatorname{Var}[q^\top k]] = d\,s^2\,(s^2 + m^2)"""
    for rng in draws(6):
        d, s, m = 3, rng.uniform(0.5, 2), rng.normal()
        signs = s * np.stack(np.meshgrid(*[[-1, 1]] * d), axis=-1).reshape(-1, d)  # all of them, as exact samples
        scores = (m + signs) @ (rng.normal(size=d) + signs).T  # keys have a mean vector of their own
        yield {r"\mathbb{E}[\operatorname{Var}[q^\top k]]": scores.var(axis=1).mean(), "d": d, "s": s, "m": m}


if __name__ == "__main__":
    print(compute())
