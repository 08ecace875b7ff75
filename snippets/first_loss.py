"""What is the first loss of a language model, and where does it stand still?

At ln V = {{ even | digits(4) }} nats for {{ words | integer }} tokens if all scores are alike; higher by half the
variance of the scores if they are not; and next at the entropy of the tokens' frequencies, which biases alone reach.

    V   tokens of the vocabulary; s standard deviation of random scores at the start
"""

from dataclasses import dataclass

import numpy as np

from lib.gaussian import normal_mean
from lib.network import cross_entropy
from lib.numerics import Draws, draws, find_root
from lib.transformer_block import word_frequencies

SEED = 0
WORDS, CLASSES, DRAWS = 50_257, 10, 15
STDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 28.0)
HIGH = 40.0


@dataclass(frozen=True)
class Result:
    words: int
    "Tokens of the vocabulary of GPT-2."
    even: float
    "Loss where all scores are alike, in nats."
    bits: float
    "The same in bits."
    classes: float
    "The same for a few classes, in nats."
    few: int
    "How many these are."
    zipf: float
    "Entropy of frequencies that fall like 1/k over that vocabulary, in nats."
    stds: tuple[float, ...]
    "Standard deviations of random scores."
    first: tuple[float, ...]
    "Mean loss of such scores that do not know the label."
    high: float
    "A first loss that is much too high."
    std_of_high: float
    "Standard deviation of scores that has it."


def mean_loss(s: float, z: np.ndarray) -> float:
    """Mean loss for scores s z of some vocabularies, a row each; the label's score has mean zero."""
    high = s * z.max(axis=1)
    return float(np.mean(high + np.log(np.exp(s * z - high[:, None]).sum(axis=1))))


def compute() -> Result:
    p, z = word_frequencies(WORDS), np.random.default_rng(SEED).normal(size=(DRAWS, WORDS))
    return Result(
        words=WORDS,
        even=float(np.log(WORDS)),
        bits=float(np.log2(WORDS)),
        classes=float(np.log(CLASSES)),
        few=CLASSES,
        zipf=float(-(p * np.log(p)).sum()),
        stds=STDS,
        first=tuple(mean_loss(s, z) for s in STDS),
        high=HIGH,
        std_of_high=find_root(lambda s: mean_loss(s, z) - HIGH, 4.0, 16.0, 14),
    )


def claim_it_begins_at_the_logarithm(result: Result) -> None:
    """For {{ words | integer }} tokens equal scores cost {{ even | decimals(2) }} nats, or {{ bits | decimals(2) }}
    bits, for {{ few }} classes {{ classes | decimals(3) }} nats; the best constant scores, for frequencies that fall
    like 1/k, cost {{ zipf | decimals(2) }} nats."""
    for count, value in ((WORDS, result.even), (CLASSES, result.classes)):
        labels = np.eye(count)[:1] if count == CLASSES else np.zeros((1, count)) + (np.arange(count) == 5)
        np.testing.assert_allclose(cross_entropy(np.full((1, count), 0.3), labels), value, rtol=1e-12)
    assert abs(result.bits * np.log(2) - result.even) < 1e-12
    harmonic, logs = np.log(WORDS) + np.euler_gamma, (np.log(WORDS) ** 2) / 2 - 0.0728158  # Euler and Stieltjes
    assert abs(result.zipf - (logs / harmonic + np.log(harmonic))) < 2e-3


def claim_large_scores_cost_more(result: Result) -> None:
    """Random scores of standard deviation {{ stds[1] | integer }} begin at {{ first[1] | decimals(1) }} nats, of
    {{ stds[3] | integer }} at {{ first[3] | decimals(1) }}, of {{ stds[6] | integer }} at {{ first[6] | integer }}; a
    first loss of {{ high | integer }} means one of {{ std_of_high | digits(2) }}."""
    for s, value in zip(STDS[:3], result.first[:3]):
        assert abs(value - (result.even + s**2 / 2)) < 0.05
    assert abs(result.first[3] - (result.even + 8)) < 0.6
    bound = STDS[6] * np.sqrt(2 * np.log(WORDS))  # beyond √(2 ln V) the largest score decides
    assert 0.85 * bound < result.first[6] < bound and abs(result.first[6] - 119) < 6
    assert HIGH / np.sqrt(2 * np.log(WORDS)) < result.std_of_high < 9.9


def equation_first() -> Draws:
    r"""L = \ln V + \tfrac{1}{2} s^2"""
    for rng in draws(3):
        V, s = int(rng.integers(10, 90_000)), rng.uniform(0.1, 3)
        yield {"L": np.log(V * normal_mean(lambda z: np.exp(z), s)), "V": V, "s": s}
