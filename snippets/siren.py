"""Why does SIREN multiply by 30, and which range do its inputs need?

A sine unit whose inputs span less than a period has a mean over them: with a factor of 1 instead of
{{ factors[9] | integer }} the off-center ratio of the first layer is {{ ratio[2] | digits(2) }} instead of
{{ ratio[9] | digits(2) }}. The range times the factor decides how many periods an input has to tell apart.

    w₀   factor of the first layer; its weights are uniform in ±1 for one input, its phases uniform over a period
    a    w₀ times half the range of the input, which is uniform in it
    v    variance of a pre-activation in hidden layers, whose weights are uniform in ±√(6/n)/w₀
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.gaussian import normal_mean
from lib.numerics import Draws, draws, find_root
from lib.plots import FIRST, INK, MUTED, Frames, decades, frame_axes, label_point, new_figure, show_figures

SEED = 0
FACTORS = (0.1, 0.3, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 20.0, 30.0, 50.0, 100.0, 300.0, 1000.0, 3000.0, 15000.0)
SAMPLES, UNITS = 256, 256
NODES = np.polynomial.legendre.leggauss(400)
PERIOD = 2 * np.pi


@dataclass(frozen=True)
class Result:
    factors: tuple[float, ...]
    "Factors w₀ for inputs in [−1, 1], or w₀ times half the range for others."
    ratio: tuple[float, ...]
    "Off-center ratio ρ of the first layer for each: squared mean over variance, summed over units."
    periods: tuple[float, ...]
    "Most periods of a unit within the range, for each."
    aliased: tuple[float, ...]
    "Share of units with more than half a period between neighbors of `samples` equally spaced inputs, for each."
    samples: int
    "Equally spaced inputs."
    one_sided: float
    "ρ for inputs in [0, 1], the usual factor and no biases."
    fixed: float
    "Variance of a pre-activation that hidden layers keep."
    layers: tuple[float, ...]
    "Variances behind 1, 2, 3 hidden layers when the first pre-activations have variance 1."
    gram: float
    "Largest change of the Gram matrix of random sines and cosines when all inputs are shifted."
    shift: float
    "Size of that shift."


def mean_square(a: float) -> float:
    """Mean over units of (sin z/z)², z = wa for weights uniform in ±1, by Gauss's rule in pieces."""
    pieces = int(np.ceil(a / 20)) + 1
    w = (np.arange(pieces)[:, None] + (NODES[0] + 1) / 2) / pieces
    return float((np.sinc(a * w / np.pi) ** 2 @ NODES[1] / 2).mean())


def one_sided_ratio(a: float) -> float:
    """ρ of units sin(awx), x uniform in [0, 1], weights uniform in ±1, no biases."""
    z = a * (NODES[0] + 1) / 2
    means, squares = (1 - np.cos(z)) / z, (1 - np.sinc(2 * z / np.pi)) / 2
    mean, square = means**2 @ NODES[1], squares @ NODES[1]
    return float(mean / (square - mean))


def next_variance(v: float) -> float:
    """Variance of the next pre-activation, for one of variance v: 2 E[sin²]."""
    return 2 * normal_mean(lambda z: np.sin(z) ** 2, np.sqrt(v))


def features(x: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    """Cosines and sines of all frequencies, shape (examples, 2 × frequencies)."""
    return np.hstack([np.cos(np.outer(x, frequencies)), np.sin(np.outer(x, frequencies))]) / np.sqrt(len(frequencies))


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    squares = np.array([mean_square(a) for a in FACTORS])
    x, frequencies, shift = rng.uniform(-1, 1, size=40), 10 * rng.normal(size=100), 3.0
    grams = [features(part, frequencies) @ features(part, frequencies).T for part in (x, x + shift)]
    layers = [1.0]
    for _ in range(3):
        layers.append(next_variance(layers[-1]))
    spacing = 2 / (SAMPLES - 1)
    return Result(
        factors=FACTORS,
        ratio=tuple(squares / (1 - squares)),
        periods=tuple(2 * np.array(FACTORS) / PERIOD),
        aliased=tuple(np.maximum(0, 1 - np.pi / spacing / np.array(FACTORS))),
        samples=SAMPLES,
        one_sided=one_sided_ratio(30.0),
        fixed=find_root(lambda v: next_variance(v) - v, 0.5, 1.0, 40),
        layers=tuple(layers[1:]),
        gram=float(np.abs(grams[0] - grams[1]).max()),
        shift=shift,
    )


def claim_the_factor_centers_the_first_layer(result: Result) -> None:
    """Inputs uniform in ±1 and uniform phases: the off-center ratio of the first layer is
    {{ ratio[2] | digits(2) }} with a factor of {{ factors[2] | integer }} and {{ ratio[9] | digits(2) }} with
    {{ factors[9] | integer }}."""
    x = np.linspace(-1, 1, 2001)
    w, phase = (part.ravel() for part in np.meshgrid((np.arange(300) + 0.5) / 300, np.arange(4) * PERIOD / 4))
    for place in (2, 9):
        units = np.sin(FACTORS[place] * np.outer(x, w) + phase)
        found = (units.mean(axis=0) ** 2).sum() / units.var(axis=0).sum()
        np.testing.assert_allclose(result.ratio[place], found, rtol=0.01)


def claim_a_range_of_one_side_has_a_mean(result: Result) -> None:
    """Without biases, units on inputs in ±1 have no mean at all; on inputs in [0, 1] their off-center ratio is
    {{ one_sided | digits(2) }}."""
    x = np.linspace(0, 1, 4001)
    w = np.linspace(-1, 1, 2000)
    units = np.sin(30 * np.outer(x, w))
    found = (units.mean(axis=0) ** 2).sum() / units.var(axis=0).sum()
    np.testing.assert_allclose(result.one_sided, found, rtol=0.02)
    assert np.abs(np.sin(30 * np.outer(np.linspace(-1, 1, 2001), w)).mean(axis=0)).max() < 1e-12


def claim_hidden_layers_keep_a_variance(result: Result) -> None:
    """A pre-activation of variance 1 becomes one of {{ layers[0] | decimals(2) }}, {{ layers[1] | decimals(2) }},
    {{ layers[2] | decimals(2) }} in hidden layers, and of {{ fixed | decimals(3) }} in the end."""
    v = 1.0
    for layer in result.layers:
        v = 1 - np.exp(-2 * v)
        assert abs(layer - v) < 1e-9
    for _ in range(200):
        v = 1 - np.exp(-2 * v)
    assert abs(result.fixed - v) < 1e-9
    n, rng = UNITS, np.random.default_rng(SEED)  # in a wide layer
    z = rng.normal(size=(1000, n)) * np.sqrt(v)
    weights = rng.uniform(-1, 1, size=(n, n)) * np.sqrt(6 / n)
    assert abs((np.sin(z) @ weights).var() / v - 1) < 0.06


def claim_a_shift_is_a_rotation(result: Result) -> None:
    """Random cosines and sines of inputs that are all shifted by {{ shift | integer }} have the same Gram matrix, but
    for rounding."""
    assert result.gram < 1e-12 and result.shift == 3


def equation_mean() -> Draws:
    r"""\mathbb{E}_x[\sin(w_0 w x + \varphi)] = \sin\varphi\,\frac{\sin(w_0 w)}{w_0 w}"""
    x, weights = np.polynomial.legendre.leggauss(200)
    for rng in draws(5):
        factor, w, phase = rng.uniform(1, 30), rng.uniform(-1, 1), rng.uniform(0, 6)
        mean = np.sin(factor * w * x + phase) @ weights / 2
        yield {r"\mathbb{E}_x[\sin(w_0 w x + \varphi)]": mean, "w_0": factor, "w": w, r"\varphi": phase}


def equation_variance() -> Draws:
    r"""v' = 2\,\mathbb{E}[\sin^2 z] = 1 - e^{-2v}"""
    for rng in draws(5):
        v = rng.uniform(0.2, 2)
        square = normal_mean(lambda z: np.sin(z) ** 2, np.sqrt(v))
        yield {"v'": 2 * square, r"\mathbb{E}[\sin^2 z]": square, "v": v, "e": np.e}


def equation_shift() -> Draws:
    r"""\cos(\omega x)\cos(\omega y) + \sin(\omega x)\sin(\omega y) = \cos(\omega(x - y))"""
    for rng in draws(4):
        yield {r"\omega": rng.uniform(1, 9), "x": rng.normal(), "y": rng.normal(), r"\cos": np.cos, r"\sin": np.sin}


def draw_curve(result: Result) -> Figure:
    """The off-center ratio over the factor, with the place of 30."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    axes.plot(FACTORS, result.ratio, color=FIRST, label="off-center ratio")
    axes.plot([30, 30], [1e-4, 1000], color=MUTED, linewidth=1, linestyle=":")
    label_point(axes, "w₀ = 30 on [−1, 1]", (30, 300), MUTED, dx=6, dy=0)
    axes.set(xscale="log", yscale="log", xlim=(0.08, 20_000), ylim=(5e-5, 2000))
    frame_axes(axes, decades(-1, 0, 1, 2, 3, 4), decades(-3, -1, 1, 3), "w₀ times half the range", "off-center ratio")
    return figure


def explore_factor(result: Result, start: int = 9) -> Frames:
    """Off-center ratio of a first layer of sines against the factor, both on logarithmic axes: it falls, from
    {{ ratio[2] | digits(2) }} at {{ factors[2] | integer }} to {{ ratio[9] | digits(2) }} at
    {{ factors[9] | integer }}."""
    figure = draw_curve(result)
    (axes,) = figure.axes
    (mark,) = axes.plot([1, 1], [1e-4, 1000], color=INK, linewidth=1)
    mark.set_gid("mark")
    for i, factor in enumerate(FACTORS):
        mark.set_xdata([factor, factor])
        readouts = {
            "w₀ × half the range": f"{factor:,.10g}",
            "off-center ratio": f"{result.ratio[i]:.2g}" if result.ratio[i] < 100 else f"{result.ratio[i]:.0f}",
            "most periods in the range": f"{result.periods[i]:,.3g}" if factor < 1000 else f"{result.periods[i]:,.0f}",
            "units too fast for the samples": f"{result.aliased[i]:.0%}",
        }
        sentence = "Less than a period: the units are nearly straight lines, with a mean."
        if result.periods[i] > 1:
            sentence = "Some periods: the units are waves, and their means cancel."
        if result.aliased[i] > 0:
            sentence = "Too many periods: neighbors have unrelated values."
        yield figure, readouts, sentence


if __name__ == "__main__":
    show_figures(draw_curve, of=compute())
