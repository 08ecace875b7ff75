"""Does subtracting a mean remove a channel that is huge at a few tokens only?

No: at a share p of the tokens, a channel of size c has the mean square pc², of which p²c² is its mean’s. With
{{ size | integer }} at one of {{ tokens | integer }} tokens, {{ kappa.few[0] | integer }} times the others’ curvature
becomes {{ kappa.few[1] | integer }} when the mean is subtracted; at all of them, {{ kappa.all[0] | scientific(1) }}
becomes {{ kappa.all[1] | digits(2) }}.
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws
from lib.quadratics import second_moment

SEED = 0
SIZE, TOKENS, WIDTH = 1000.0, 1000, 64


@dataclass(frozen=True)
class Result:
    size: float
    "Value of the channel where it is large; all other numbers are standard normal."
    tokens: int
    "Tokens."
    ratio: float
    "Squared mean over variance of the channel, large at one of them."
    kept: float
    "Largest value that is left of the channel with the mean subtracted."
    kappa: dict[str, tuple[float, float]]
    "Largest curvature over the median one, as it is and with the mean subtracted: large at one token, and at all."


def draw_tokens(share: float, seed: int) -> np.ndarray:
    """Tokens (TOKENS, WIDTH): standard normal, the first channel of this size at the first `share` of them."""
    h = np.random.default_rng(seed).normal(size=(TOKENS, WIDTH))
    h[: round(share * TOKENS), 0] = SIZE
    return h


def top_over_median(h: np.ndarray) -> float:
    """Largest eigenvalue of the second moment over the median one."""
    values = np.linalg.eigvalsh(second_moment(h))
    return float(values[-1] / np.median(values))


def compute() -> Result:
    few, everywhere = draw_tokens(1 / TOKENS, SEED), draw_tokens(1.0, SEED)
    channel = few[:, 0]
    return Result(
        size=SIZE,
        tokens=TOKENS,
        ratio=float(channel.mean() ** 2 / channel.var()),
        kept=float(np.max(channel - channel.mean())),
        kappa={
            name: (top_over_median(h), top_over_median(h - h.mean(axis=0)))
            for name, h in (("few", few), ("all", everywhere))
        },
    )


def claim_a_few_tokens_are_no_mean(result: Result) -> None:
    """A channel that is {{ size | integer }} at one of {{ tokens | integer }} tokens has a squared mean of
    {{ ratio | decimals(3) }} of its variance: with the mean subtracted {{ kept | integer }} is left at that token, and
    the largest curvature stays {{ kappa.few[1] | integer }} times the median ({{ kappa.few[0] | integer }} before).
    At every token it would fall from {{ kappa.all[0] | scientific(1) }} to {{ kappa.all[1] | digits(2) }}."""
    p = 1 / result.tokens
    assert abs(result.ratio / (p / (1 - p)) - 1) < 0.1 and abs(result.kept - (1 - p) * result.size) < 0.5
    for case, share in (("few", p), ("all", 1.0)):
        h = draw_tokens(share, SEED)
        for found, x in zip(result.kappa[case], (h, h - h.mean(axis=0))):
            sizes = np.linalg.svd(x, compute_uv=False) ** 2
            assert abs(sizes[0] / np.median(sizes) / found - 1) < 1e-6
    for centered, found in zip((False, True), result.kappa["few"]):
        expected = p * result.size**2 * (1 - p if centered else 1) + 1  # the channel’s second moment, and the others’ 1
        assert abs(found / expected - 1) < 0.06
    assert abs(result.kappa["all"][0] / result.size**2 - 1) < 0.06 and 1.3 < result.kappa["all"][1] < 1.9


def equation_share() -> Draws:
    r"""p\,c^2 = (p\,c)^2 + p\,(1 - p)\,c^2"""
    for rng in draws(6):
        share, c = rng.integers(1, 20) / 20, rng.uniform(1, 9)
        channel = c * (np.arange(20) < share * 20 - 0.5)
        assert abs(channel.mean() - share * c) < 1e-9 and abs(channel.var() - share * (1 - share) * c**2) < 1e-9
        yield {"p": share, "c": c}


if __name__ == "__main__":
    print(compute())
