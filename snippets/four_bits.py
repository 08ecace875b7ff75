"""What does a mean cost in FP4, floating-point numbers whose blocks share a scale?

E2M1 has the sizes {{ sizes | digits | list }}; a block is scaled so that its largest number gets the last. Numbers of
variance 1 and mean zero lose {{ lost.zero | percent(1) }} of their variance, with a mean of
{{ means[1] | integer }} {{ lost.some | percent(1) }}, with {{ means[2] | integer }} {{ lost.far | percent(0) }}.

    E2M1   a sign, two bits of exponent, one of the fraction
"""

from dataclasses import dataclass

import numpy as np

SEED = 0
SIZES = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6])
BLOCK, BLOCKS, BITS = 16, 20_000, 2
MEANS = {"zero": 0.0, "some": 2.0, "far": 8.0}


@dataclass(frozen=True)
class Result:
    sizes: tuple[float, ...]
    "The sizes that there are, of either sign."
    bits: int
    "Significant bits, the leading one included."
    block: int
    "Numbers that share a scale."
    means: tuple[float, ...]
    "Means, in standard deviations."
    lost: dict[str, float]
    "Share of the variance that rounding adds, by mean, blocks of so many."
    wide: dict[str, float]
    "The same for blocks of twice as many whose scale is a power of two, as in MXFP4."
    turned: float
    "The same at the largest mean, each block turned by a Hadamard matrix of random signs first and back afterward."
    kinds: float
    "Share of numbers that get one of the two largest sizes, at the largest mean."


def quantize(x: np.ndarray, power: bool = False) -> np.ndarray:
    """Blocks (…, B) rounded to the nearest size times a scale of their own, a power of two if asked for."""
    scale = np.abs(x).max(axis=-1, keepdims=True) / SIZES[-1]
    if power:
        scale = 2.0 ** np.ceil(np.log2(scale))  # so that nothing is clipped
    places = np.abs(np.abs(x / scale)[..., None] - SIZES).argmin(axis=-1)
    return np.sign(x) * SIZES[places] * scale


def lose(x: np.ndarray, rounded: np.ndarray) -> float:
    """Mean square error over the variance."""
    return float(np.mean((rounded - x) ** 2) / np.var(x))


def hadamard(size: int) -> np.ndarray:
    """Hadamard matrix of a power of two, of orthonormal rows."""
    H = np.ones((1, 1))
    while len(H) < size:
        H = np.block([[H, H], [H, -H]]) / np.sqrt(2)
    return H


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    z = rng.normal(size=(BLOCKS, BLOCK))
    wide = z.reshape(-1, 2 * BLOCK)
    signs, H = rng.choice([-1.0, 1.0], z.shape), hadamard(BLOCK)
    far = MEANS["far"] + z
    scale = far.max(axis=1, keepdims=True) / SIZES[-1]
    return Result(
        sizes=tuple(SIZES.tolist()),
        bits=BITS,
        block=BLOCK,
        means=tuple(MEANS.values()),
        lost={name: lose(mean + z, quantize(mean + z)) for name, mean in MEANS.items()},
        wide={name: lose(mean + wide, quantize(mean + wide, True)) for name, mean in MEANS.items()},
        turned=lose(far, quantize((signs * far) @ H.T) @ H * signs),
        kinds=float(np.mean(quantize(far) >= 3.5 * scale)),
    )


def claim_a_mean_drowns_four_bits(result: Result) -> None:
    """Normal numbers of variance 1 in blocks of {{ block }}: with means of {{ means | integer | list }}, rounding is
    {{ lost.zero | percent(1) }}, {{ lost.some | percent(1) }} and {{ lost.far | percent(0) }} of their variance; in
    blocks twice as wide whose scale is a power of two, {{ wide.zero | percent(1) }}, {{ wide.some | percent(1) }} and
    {{ wide.far | percent(0) }}."""
    z = np.random.default_rng(SEED + 1).normal(size=(40_000, BLOCK))
    edges = (SIZES[1:] + SIZES[:-1]) / 2
    for kind, found in (("narrow", result.lost), ("wide", result.wide)):
        x = z if kind == "narrow" else z.reshape(-1, 2 * BLOCK)
        for name, mean in MEANS.items():
            y = mean + x
            scale = np.abs(y).max(axis=1, keepdims=True) / 6
            scale = scale if kind == "narrow" else 2 ** np.ceil(np.log2(scale))
            rounded = np.sign(y) * SIZES[np.searchsorted(edges, np.abs(y) / scale)] * scale
            assert abs(np.mean((rounded - y) ** 2) / found[name] - 1) < 0.03
    assert result.block == BLOCK and tuple(result.means) == tuple(MEANS.values())


def claim_the_mean_decides_the_level(result: Result) -> None:
    """With a mean of {{ means[2] | integer }}, {{ kinds | percent(1) }} of the numbers get one of two sizes.
    To turn each block by a Hadamard matrix of random signs, which spreads an outlier, still loses
    {{ turned | percent(0) }} of the variance: a turned mean is a mean."""
    z = np.random.default_rng(SEED + 2).normal(size=(20_000, BLOCK)) + MEANS["far"]
    share = np.mean(z >= 3.5 / 6 * z.max(axis=1, keepdims=True))
    assert abs(share - result.kinds) < 0.002
    rng, losses = np.random.default_rng(SEED + 3), []
    for part in np.split(z, 200):  # other signs for each hundred blocks, the matrix written out
        turn = np.array([[(-1) ** (i & j).bit_count() for j in range(BLOCK)] for i in range(BLOCK)]) / 4
        turn = turn * rng.choice([-1, 1], BLOCK)
        losses.append(np.mean((quantize(part @ turn.T) @ turn - part) ** 2))
    assert abs(np.mean(losses) - result.turned) < 0.06


if __name__ == "__main__":
    print(compute())
