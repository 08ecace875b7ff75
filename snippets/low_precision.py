"""What does a mean cost in half precision, in bfloat16 and in eight bits?

A number keeps p bits, so that neighbors near m are m/2^p apart, more or less: a mean of r standard deviations leaves
about r/2^p of a standard deviation between neighbors. Inputs of {{ cast.mean | integer }} ± 1 lose
{{ cast.half.lost | digits(2) }} of their variance to rounding in half precision and
{{ cast.bfloat.lost | digits(2) }} in bfloat16; centered first, next to nothing.

    p   bits of the significand, the leading one included: 11 in half precision, 8 in bfloat16, 24 in single
    u   distance from a number to the next larger one
    r   mean over standard deviation
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import FIRST, MUTED, SECOND, decades, frame_axes, label_point, new_figure, show_figures

SEED = 0
BITS = {"half": 11, "bfloat": 8, "single": 24}
MEAN, EXAMPLES = 1000.0, 20_000
WEIGHT, STEP, MANY = 1.0, 1e-4, 1000
OFF, LEVELS = 5.0, 256  # mean over standard deviation; levels of eight bits
KELVIN, SMALL = (290.0, 10.0), 0.3  # exercises: mean and standard deviation; a weight
FAR = 10_000.0  # a mean whose square uses up single precision


@dataclass(frozen=True)
class Result:
    bits: dict[str, int]
    "Bits of the significand, by format."
    cast: dict
    "Mean of inputs of standard deviation 1; by format the distance of neighbors there, mean square error of rounding"
    " over the variance, and the same if the mean is subtracted before rounding."
    moments: dict[str, float]
    "A mean, in standard deviations; variance computed in single precision as mean square minus squared mean, and from"
    " the deviations; what it is in double precision."
    update: dict
    "A weight, a step, how many steps; where it should be; where it is by format; the least step that moves it."
    integers: dict
    "Levels of eight bits, mean over standard deviation; standard deviations between levels where the range is"
    " symmetric about zero, where it starts at the least value, and for the centered input."
    kelvin: dict[str, float]
    "Mean and standard deviation of temperatures, distance of neighbors in bfloat16, share of the variance lost."
    exercise: dict[str, float]
    "A weight, and the least step that moves it in half precision."
    largest: dict[str, float]
    "Largest number of half precision, and the largest whole number whose square does not exceed it."
    curve: dict[str, np.ndarray]
    "By format, share of the variance that rounding adds, against r."


def round_to(x: np.ndarray | float, bits: int) -> np.ndarray:
    """Nearest numbers with so many significant bits, any exponent."""
    fraction, exponent = np.frexp(x)
    return np.ldexp(np.round(np.ldexp(fraction, bits)), exponent - bits)


def spacing_of(x: float, bits: int) -> float:
    """Distance from x to the next larger number with so many bits: a power of two."""
    return float(2.0 ** (np.floor(np.log2(abs(x))) + 1 - bits))


def lose_by_rounding(x: np.ndarray, bits: int) -> float:
    """Mean square error of rounding over the variance."""
    return float(np.mean((round_to(x, bits) - x) ** 2) / np.var(x))


def add_steps(weight: float, step: float, count: int, bits: int) -> float:
    """A weight to which a step is added so many times, rounded after each."""
    for _ in range(count):
        weight = float(round_to(weight + step, bits))
    return weight


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    z = rng.normal(size=EXAMPLES)
    formats = {
        name: {
            "spacing": spacing_of(MEAN, bits),
            "lost": lose_by_rounding(MEAN + z, bits),
            "centered": lose_by_rounding(z, bits),
        }
        for name, bits in BITS.items()
    }
    far = (FAR + z).astype(np.float32)
    naive, careful = np.mean(far * far) - np.mean(far) ** 2, np.mean((far - np.mean(far)) ** 2)
    wide = OFF + 4  # from zero to four standard deviations above the mean
    ratios = np.geomspace(1, 1e4, 25)
    return Result(
        bits=BITS,
        cast={"mean": MEAN, **formats},
        moments={"mean": FAR, "naive": float(naive), "careful": float(careful), "exact": float(np.var(z))},
        update={
            "weight": WEIGHT,
            "step": STEP,
            "count": MANY,
            "goal": WEIGHT + MANY * STEP,
            **{name: add_steps(WEIGHT, STEP, MANY, bits) for name, bits in BITS.items()},
            "least": {name: spacing_of(WEIGHT, bits) / 2 for name, bits in BITS.items()},
        },
        integers={
            "levels": LEVELS,
            "ratio": OFF,
            "symmetric": 2 * wide / LEVELS,
            "one_sided": wide / LEVELS,
            "centered": 8 / LEVELS,
        },
        kelvin={
            "mean": KELVIN[0],
            "std": KELVIN[1],
            "spacing": spacing_of(KELVIN[0], 8),
            "lost": (spacing_of(KELVIN[0], 8) / KELVIN[1]) ** 2 / 12,
        },
        exercise={"weight": SMALL, "least": spacing_of(SMALL, 11) / 2},
        largest={"half": float(np.finfo(np.float16).max), "root": float(np.floor(np.finfo(np.float16).max ** 0.5))},
        curve={
            name: np.array([min(lose_by_rounding(r + z, BITS[name]), 9) for r in ratios]) for name in ("half", "bfloat")
        },
    )


def claim_a_cast_rounds_the_spread_away(result: Result) -> None:
    """Neighboring numbers at {{ cast.mean | integer }} are {{ cast.half.spacing | decimals(1) }} apart in half
    precision and {{ cast.bfloat.spacing | integer }} in bfloat16. Inputs of that mean and a standard deviation of 1
    lose {{ cast.half.lost | decimals(3) }} of their variance to rounding in the one and
    {{ cast.bfloat.lost | decimals(2) }} in the other; centered before the cast {{ cast.half.centered | scientific(1) }}
    and {{ cast.bfloat.centered | scientific(1) }}."""
    x = result.cast["mean"] + np.random.default_rng(SEED).normal(size=EXAMPLES)
    assert abs(np.mean((x.astype(np.float16).astype(float) - x) ** 2) / np.var(x) - result.cast["half"]["lost"]) < 1e-9
    assert float(np.spacing(np.float16(result.cast["mean"]))) == result.cast["half"]["spacing"]
    single = x.astype(np.float32)  # bfloat16 is single precision without its last 16 bits
    half_way = (single.view(np.uint32) + np.uint32(0x8000)) & np.uint32(0xFFFF0000)
    cut = half_way.view(np.float32).astype(float)
    assert abs(np.mean((cut - x) ** 2) / np.var(x) - result.cast["bfloat"]["lost"]) < 0.01
    assert 1024 / 2**8 == result.cast["bfloat"]["spacing"]
    assert abs(result.cast["half"]["lost"] - result.cast["half"]["spacing"] ** 2 / 12) < 0.001
    for name in ("half", "bfloat"):
        u = 2.0 ** -(BITS[name] - 1)  # normal numbers: the mean square of a relative rounding error is about u²/24
        assert 0.4 < result.cast[name]["centered"] / (u * u / 24) < 1.6


def claim_steps_are_swallowed(result: Result) -> None:
    """{{ update.count | integer }} steps of {{ update.step | scientific(1) }} should bring a weight from
    {{ update.weight | integer }} to {{ update.goal | decimals(1) }}: in single precision it comes to
    {{ update.single | decimals(3) }}, in half precision and in bfloat16 it stays at {{ update.half | integer }} and
    {{ update.bfloat | integer }}; there a step below {{ update.least.half | scientific(2) }} and
    {{ update.least.bfloat | scientific(2) }} is lost."""
    part = result.update
    assert part["goal"] == part["weight"] + part["count"] * part["step"] and part["step"] == STEP
    weight = np.float16(part["weight"])
    for _ in range(part["count"]):
        weight = np.float16(weight + np.float16(part["step"]))
    assert weight == part["half"] == part["bfloat"] == part["weight"]
    assert abs(part["single"] - part["goal"]) < 5e-4
    for name, bits in BITS.items():
        least = part["least"][name]
        assert round_to(part["weight"] + 0.999 * least, bits) == part["weight"] < round_to(1 + 1.001 * least, bits)


def claim_two_moments_cancel(result: Result) -> None:
    """Inputs of mean {{ moments.mean | integer }} and standard deviation 1, in single precision: their mean square
    minus their squared mean is {{ moments.naive | integer }}, the mean square of their deviations
    {{ moments.careful | decimals(2) }}."""
    part = result.moments
    x = (part["mean"] + np.random.default_rng(SEED).normal(size=EXAMPLES)).astype(np.float32)
    assert abs(part["careful"] - np.var(x.astype(float))) < 0.002
    assert abs(part["careful"] - part["exact"]) < 0.005
    assert part["mean"] == FAR
    unit = float(np.spacing(np.float32(part["mean"] ** 2)))  # squares come in steps of this
    assert unit == 8 and part["naive"] % unit == 0 and abs(part["naive"] - part["exact"]) > 0.5


def claim_squares_overflow(result: Result) -> None:
    """Half precision ends at {{ largest.half | integer }}: squares above that of {{ largest.root | integer }} are
    infinite."""
    root = result.largest["root"]
    assert result.largest["half"] == 2.0**16 - 2.0**5
    with np.errstate(over="ignore"):
        squares = [np.float16(x) * np.float16(x) for x in (root, root + 1)]
    assert np.isfinite(squares[0]) and np.isinf(squares[1])


def claim_eight_bits(result: Result) -> None:
    """Eight bits, an input of mean {{ integers.ratio | integer }} standard deviations, and a range that ends four
    standard deviations above the mean: levels are {{ integers.symmetric | decimals(3) }} standard deviations apart if
    the range is symmetric about zero, {{ integers.one_sided | decimals(3) }} if it starts at zero, and
    {{ integers.centered | decimals(3) }} if it is centered."""
    top = result.integers["ratio"] + 4
    for name, (low, high) in {"symmetric": (-top, top), "one_sided": (0, top), "centered": (-4, 4)}.items():
        levels = np.linspace(low, high, result.integers["levels"] + 1)
        assert abs(np.diff(levels)[0] - result.integers[name]) < 5e-4


def claim_the_exercises(result: Result) -> None:
    """Temperatures of {{ kelvin.mean | integer }} ± {{ kelvin.std | integer }} kelvin in bfloat16 come in steps of
    {{ kelvin.spacing | integer }}, and {{ kelvin.lost | percent(1) }} of their variance is rounding. A weight of
    {{ exercise.weight | decimals(1) }} in half precision is moved by steps from
    {{ exercise.least | scientific(1) }} on."""
    assert (result.kelvin["mean"], result.kelvin["std"]) == KELVIN
    x = np.random.default_rng(SEED).normal(result.kelvin["mean"], result.kelvin["std"], 200_000)
    below = x[x < 512]  # one spacing for nearly all
    assert abs(np.mean((round_to(below, 8) - below) ** 2) / result.kelvin["std"] ** 2 - result.kelvin["lost"]) < 6e-4
    assert np.all(round_to(below[below > 256], 8) % result.kelvin["spacing"] == 0)
    weight = np.float16(result.exercise["weight"])
    for part, moves in ((0.99, False), (1.01, True)):
        assert (np.float16(float(weight) + part * result.exercise["least"]) != weight) == moves


def equation_spacing() -> Draws:
    r"""u = 2^{k + 1 - p}, \qquad 2^k \le \lvert m\rvert < 2^{k + 1}"""
    for rng in draws(12):
        m = float(np.float32(rng.uniform(1, 1e4)))
        k = int(np.frexp(m)[1]) - 1
        yield {"u": float(np.spacing(np.float32(m))), "k": k, "p": 24, "m": m}


def equation_lost() -> Draws:
    r"""\frac{\mathbb{E}[(\hat{x} - x)^2]}{s^2} \approx \frac{1}{12}\left(\frac{u}{s}\right)^2"""
    for rng in draws(8):
        k, s, bits = int(rng.integers(7, 12)), rng.uniform(0.5, 3), int(rng.integers(11, 14))
        x = 1.5 * 2.0**k + s * rng.normal(size=40_000)  # in the middle of a range of one spacing
        u = spacing_of(1.5 * 2.0**k, bits)
        if u < s:
            error = float(np.mean((round_to(x, bits) - x) ** 2))
            yield {r"\mathbb{E}[(\hat{x} - x)^2]": error, "s": s, "u": u, r"\approx": 0.05}


def figure_lost(result: Result) -> Figure:
    """Share of the variance that rounding adds, against mean over standard deviation, both logarithmic. Two stairs that
    rise with the square of the mean: bfloat16 lies far above half precision."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    ratios = np.geomspace(1, 1e4, 25)
    axes.plot(ratios, result.curve["bfloat"], color=SECOND)
    axes.plot(ratios, result.curve["half"], color=FIRST)
    axes.plot(ratios[[0, -1]], [1, 1], color=MUTED, linewidth=0.8)
    label_point(axes, "bfloat16", (30, result.curve["bfloat"][9]), SECOND, dx=-8, dy=10)
    label_point(axes, "half precision", (300, result.curve["half"][15]), FIRST, dx=8, dy=-8)
    axes.set(xscale="log", yscale="log", ylim=(1e-8, 20))
    frame_axes(axes, decades(0, 1, 2, 3, 4), decades(-8, -6, -4, -2, 0), "mean over standard deviation", "share lost")
    return figure


if __name__ == "__main__":
    show_figures(figure_lost, of=compute())
