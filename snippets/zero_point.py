r"""What does the zero point of int8 activations buy, what does it cost, and what mends shifted means?

SiLU from {{ low | decimals(3) }} to {{ high | integer }} comes in steps of {{ step.symmetric | decimals(4) }} with a
symmetric range and of {{ step.asymmetric | decimals(4) }} with a zero point. Rounded weights shift a neuron by the
rounding times the inputs' mean, which is {{ share | percent(0) }} of the squared error behind ReLU.

    q   code of an activation, an integer; S step between levels, Z zero point: x = S(q − Z)
    w   weight, an integer in units of its own step
    ε   rounding error of a neuron's weights
    ρ   squared mean over variance of the inputs
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import relu, sigmoid
from lib.numerics import Draws, draws, find_minimum
from lib.plots import FIRST, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
HIGH, LEVELS, LARGEST = 6.0, 255, 127
INPUTS, NEURONS, EXAMPLES, WEIGHT_BITS = 256, 1000, 1000, 4


@dataclass(frozen=True)
class Result:
    low: float
    "Least value of SiLU."
    high: float
    "Value at which activations are clipped."
    step: dict[str, float]
    "Distance of levels for either range."
    finer: float
    "The one over the other."
    bits: float
    "Its binary logarithm: bits."
    zero: int
    "Zero point: the code of 0, counted from the least level."
    negative: dict[str, int]
    "Levels below zero that are used."
    used: int
    "Levels of the symmetric range that are used."
    padding: float
    "What a border of code 0 stands for, instead of 0."
    weight_bits: int
    "Bits of the weights in the example of shifted means."
    inputs: int
    "Inputs of a neuron there."
    ratio: float
    "Squared mean over variance of what ReLU puts out for standard normal numbers."
    share: float
    "Share of the squared error of rounded weights that is a constant for each neuron, by formula."
    measured: float
    "The same in a layer with rounded weights."
    left: float
    "Squared error that a corrected bias leaves, over that before."


def integer_weights(rng: np.random.Generator, count: int) -> np.ndarray:
    """Weights as int8."""
    return rng.integers(-LARGEST, LARGEST + 1, count)


def quantize(x: np.ndarray, step: float, zero: int, levels: int = LEVELS) -> np.ndarray:
    """Codes from 0 to `levels`."""
    return np.clip(np.round(x / step) + zero, 0, levels).astype(int)


def round_weights(W: np.ndarray, bits: int) -> np.ndarray:
    """Weights (neurons, inputs) on a symmetric grid, one step for each neuron."""
    step = abs(W).max(axis=1, keepdims=True) / (2 ** (bits - 1) - 1)
    return step * np.round(W / step)


def make_layer(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Errors of rounding a layer's normal weights (neurons, inputs), and inputs behind ReLU (examples, inputs)."""
    W = rng.normal(size=(NEURONS, INPUTS)) / np.sqrt(INPUTS)
    return round_weights(W, WEIGHT_BITS) - W, relu(rng.normal(size=(EXAMPLES, INPUTS)))


def compute() -> Result:
    least = find_minimum(lambda z: z * float(sigmoid(z)), -4, 0)
    low = least * float(sigmoid(least))
    step = {"symmetric": HIGH / LARGEST, "asymmetric": (HIGH - low) / LEVELS}
    zero = round(-low / step["asymmetric"])
    errors, x = make_layer(np.random.default_rng(SEED))
    off = x @ errors.T
    mean, variance = 1 / np.sqrt(2 * np.pi), 0.5 - 1 / (2 * np.pi)
    ratio = mean**2 / variance
    return Result(
        low=low,
        high=HIGH,
        step=step,
        finer=step["symmetric"] / step["asymmetric"],
        bits=float(np.log2(step["symmetric"] / step["asymmetric"])),
        zero=zero,
        negative={"symmetric": round(-low / step["symmetric"]), "asymmetric": zero},
        used=LARGEST + 1 + round(-low / step["symmetric"]),
        padding=-zero * step["asymmetric"],
        weight_bits=WEIGHT_BITS,
        inputs=INPUTS,
        ratio=ratio,
        share=ratio / (1 + ratio),
        measured=float(np.sum(off.mean(axis=0) ** 2) / np.sum(np.mean(off**2, axis=0))),
        left=float(np.sum(off.var(axis=0)) / np.sum(np.mean(off**2, axis=0))),
    )


def claim_the_zero_point_saves_a_bit(result: Result) -> None:
    """SiLU clipped at {{ high | integer }} starts at {{ low | decimals(3) }}. A symmetric range has levels
    {{ step.symmetric | decimals(4) }} apart, of which {{ used }} are used, {{ negative.symmetric }} of them below zero;
    with the zero point at {{ zero }} they are {{ step.asymmetric | decimals(4) }} apart, {{ finer | digits(3) }} times
    as fine, {{ bits | decimals(2) }} bits."""
    x = np.linspace(-30, 30, 600_001)
    silu = np.minimum(x / (1 + np.exp(-x)), HIGH)
    assert abs(silu.min() - result.low) < 1e-7
    symmetric = np.unique(np.round(silu / result.step["symmetric"]))
    assert len(symmetric) == result.used and np.sum(symmetric < 0) == result.negative["symmetric"]
    codes = np.unique(quantize(silu, result.step["asymmetric"], result.zero))
    assert (codes == np.arange(LEVELS + 1)).all() and quantize(np.zeros(1), 1.0, result.zero)[0] == result.zero
    assert np.isclose(2**result.bits, result.finer) and np.isclose(
        result.finer, 2 * 127.5 / 127 * 6 / (6 + 0.2784646), 1e-6
    )
    assert np.isclose(result.step["symmetric"] * LARGEST, HIGH)
    assert np.isclose(result.step["asymmetric"] * LEVELS, np.ptp(silu), rtol=1e-6)


def claim_the_zero_point_is_a_constant(result: Result) -> None:
    """In integers, exactly: the products with the zero point taken out, summed, are the products of the codes minus the
    zero point times the sum of the weights; and a border of code 0 instead of {{ zero }} stands for
    {{ padding | decimals(3) }}."""
    rng = np.random.default_rng(1)
    w, q = integer_weights(rng, 72), rng.integers(0, 256, (50, 72))
    assert ((q - result.zero) @ w == q @ w - result.zero * w.sum()).all()
    decode = (np.array([0, result.zero]) - result.zero) * (HIGH + 0.2784646) / LEVELS
    assert decode[1] == 0 and abs(decode[0] - result.padding) < 1e-6
    assert abs(result.padding - result.low) < result.step["asymmetric"] / 2


def claim_a_mean_is_a_shift_of_the_output(result: Result) -> None:
    """Weights of {{ inputs }} inputs are rounded to {{ weight_bits | words }} bits. Behind ReLU, with a squared mean of
    {{ ratio | digits(3) }} variances, {{ measured | percent(0) }} of the squared error of the outputs is a constant for
    each neuron; the formula says {{ share | percent(0) }}. A corrected bias leaves {{ left | percent(0) }} of it."""
    errors, x = make_layer(np.random.default_rng(SEED))
    corrected = x @ errors.T - x.mean(axis=0) @ errors.T
    before = np.mean((x @ errors.T) ** 2)
    assert abs(np.mean(corrected**2) / before - result.left) < 1e-9
    assert abs(result.measured + result.left - 1) < 1e-9
    assert abs(result.measured - result.share) < 0.04
    z = np.linspace(0, 12, 240_001)
    weights = np.exp(-(z**2) / 2) * (z[1] - z[0]) / np.sqrt(2 * np.pi)
    mean, square = z @ weights, z**2 @ weights
    assert abs(mean**2 / (square - mean**2) / result.ratio - 1) < 1e-4
    assert abs(mean**2 / square - result.share) < 1e-4


def equation_fold() -> Draws:
    r"""w^\top (q - Z\mathbf{1}) = w^\top q - Z\, w^\top \mathbf{1}"""
    for rng in draws(3):
        n, Z = int(rng.integers(4, 40)), int(rng.integers(1, 200))
        w, q = integer_weights(rng, n), rng.integers(0, 256, n)
        yield {"w": w, "q": q, "Z": Z, r"\mathbf{1}": np.ones(n)}


def equation_both() -> Draws:
    r"""(w - Y\mathbf{1})^\top (q - Z\mathbf{1}) = w^\top q - Z\, w^\top \mathbf{1} - Y\, q^\top \mathbf{1} + nYZ"""
    for rng in draws(3):
        n, Z, Y = int(rng.integers(4, 40)), int(rng.integers(1, 200)), int(rng.integers(1, 50))
        w, q = integer_weights(rng, n), rng.integers(0, 256, n)
        yield {"w": w, "q": q, r"\mathbf{1}": np.ones(n), "Z": Z, "Y": Y, "n": n}


def equation_shift() -> Draws:
    r"""\mathbb{E}[(\epsilon^\top x)^2] = (\epsilon^\top \mu)^2 + \epsilon^\top \Sigma\, \epsilon"""
    for rng in draws(3):
        x = rng.normal(size=(400, 6)) @ rng.normal(size=(6, 6)) + rng.normal(size=6)
        epsilon = rng.normal(size=6)
        yield {
            r"\mathbb{E}[(\epsilon^\top x)^2]": float(np.mean((x @ epsilon) ** 2)),
            r"\epsilon": epsilon,
            r"\mu": x.mean(axis=0),
            r"\Sigma": np.cov(x.T, bias=True),
        }


def figure_levels(result: Result) -> Figure:
    """SiLU near zero with the levels of both ranges: {{ negative.symmetric }} levels below zero with a symmetric range,
    {{ negative.asymmetric }} with a zero point."""
    figure = new_figure(360, 0.62, panels=2)
    z = np.linspace(-6, 1, 400)
    for axes, key, role in zip(figure.axes, ("symmetric", "asymmetric"), (SECOND, FIRST)):
        step = result.step[key]
        for k in range(-result.negative[key], int(0.6 / step) + 1):
            axes.axhline(k * step, color=MUTED, linewidth=0.5, label=f"level {k}")
        axes.plot(z, z * sigmoid(z), color=role, label="SiLU")
        label_point(axes, key, (-5.6, 0.42), role, dx=0, dy=0)
        axes.set(xlim=(-6, 1), ylim=(-0.32, 0.6))
        frame_axes(axes, [-6, -3, 0], [-0.2, 0, 0.2, 0.4], "input", "output")
    return figure


if __name__ == "__main__":
    show_figures(figure_levels, of=compute())
