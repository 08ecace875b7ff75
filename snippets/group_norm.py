"""What do group norm and instance norm center?

Of the mean vector over the channels each subtracts the average of a group. With {{ channels }} ReLU channels of
unequal means the ratio of squared mean to variance is {{ ratio.none | digits(2) }} before,
{{ ratio.layer | digits(2) }} with one group (layer norm), {{ ratio.group | digits(2) }} with {{ groups }} groups, and 0
with a group for each channel (instance norm).

    a      activations of one image, channels times places; what is subtracted is a mean over a group and all places
    ratio  ‖μ‖²/tr Σ of what a 1 × 1 filter reads, over images and places
"""

from dataclasses import dataclass

import numpy as np

from lib.gaussian import density, distribution
from lib.numerics import Draws, draws

SEED = 0
CHANNELS, PLACES, GROUPS, DRAWS, IMAGES = 64, 64, 8, 99, 300
COUNTS = {"layer": 1, "group": GROUPS, "instance": CHANNELS}


@dataclass(frozen=True)
class Result:
    channels: int
    "Channels, ReLU units fed with N(b, 1), independent at all places; b from N(0, 1) for each channel."
    places: int
    "Places of an image."
    groups: int
    "Groups of group norm."
    ratio: dict[str, float]
    "‖μ‖²/tr Σ before, and after subtracting the means of one group, some groups, a group for each channel; median."


def subtract_means(mean: np.ndarray, variance: np.ndarray, groups: int) -> float:
    """Return ‖μ‖²/tr Σ of one place after subtracting from each group of channels its mean over all places."""
    left = mean - np.repeat(mean.reshape(groups, -1).mean(axis=1), CHANNELS // groups)
    return left @ left / (variance.sum() * (1 - groups / (CHANNELS * PLACES)))


def draw_channels(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the b, means and variances of max(0, z), z ~ N(b, 1), of all channels."""
    b = rng.normal(size=CHANNELS)
    mean = b * distribution(b) + density(b)
    return b, mean, (b**2 + 1) * distribution(b) + b * density(b) - mean**2


def compute() -> Result:
    rng, rows = np.random.default_rng(SEED), {"none": [], **{name: [] for name in COUNTS}}
    for _ in range(DRAWS):
        _, mean, variance = draw_channels(rng)
        rows["none"].append(mean @ mean / variance.sum())
        for name, groups in COUNTS.items():
            rows[name].append(subtract_means(mean, variance, groups))
    return Result(
        channels=CHANNELS, places=PLACES, groups=GROUPS, ratio={name: float(np.median(r)) for name, r in rows.items()}
    )


def claim_groups_leave_what_differs(result: Result) -> None:
    """Of {{ channels }} ReLU channels of unequal means, ratio {{ ratio.none | digits(2) }}, layer norm’s subtraction
    leaves {{ ratio.layer | digits(2) }}, that of group norm with {{ groups }} groups {{ ratio.group | digits(2) }}, and
    that of instance norm nothing (medians)."""
    rng, sampled = np.random.default_rng(SEED + 1), {name: [] for name in ("none", *COUNTS)}
    for _ in range(9):
        b, *_ = draw_channels(rng)
        a = np.maximum(rng.normal(size=(IMAGES, CHANNELS, PLACES)) + b[:, None], 0)
        for name in sampled:
            groups = a.reshape(IMAGES, COUNTS.get(name, 1), -1)
            x = (groups - (name != "none") * groups.mean(axis=2, keepdims=True)).reshape(a.shape)
            mean, variance = x.mean(axis=(0, 2)), x.var(axis=(0, 2))
            sampled[name].append(mean @ mean / variance.sum())
    for name, ratios in sampled.items():
        assert abs(np.median(ratios) - result.ratio[name]) < 0.12 * result.ratio[name] + 1e-12, name
    assert result.ratio["instance"] < 1e-20 < result.ratio["group"] < result.ratio["layer"] < result.ratio["none"]
    expected = (1 - GROUPS / CHANNELS) / (1 - 1 / CHANNELS)  # what random groups leave of the spread of means
    assert abs(result.ratio["group"] / result.ratio["layer"] - expected) < 0.03


def equation_left() -> Draws:
    r"""\mu'_j = \mu_j - \frac{1}{\lvert G\rvert} \sum_{k \in G} \mu_k"""
    for rng in draws(6):
        size = int(rng.integers(2, 6))
        a = rng.normal(rng.normal(size=size), 1, size=(7, 4, size)) + 1.0  # images, places, channels of one group
        left = a - a.mean(axis=(1, 2), keepdims=True)
        mean = a.mean(axis=(0, 1))
        yield {
            r"\mu'_j": left.mean(axis=(0, 1))[0],
            r"\mu_j": mean[0],
            r"\lvert G\rvert": size,
            r"\sum_{k \in G} \mu_k": mean.sum(),
        }


if __name__ == "__main__":
    print(compute())
