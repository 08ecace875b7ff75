"""Should each example be standardized by itself?

Only if its own level and loudness mean nothing. Let examples be as loud as c, lognormal with a standard deviation of
{{ sigma | digits(1) }} of its logarithm. One at a time, {{ inputs }} inputs need {{ steps.plain | integer }} steps to a
millionth of the squared error, and {{ steps.divided | integer }} if the step is divided by each example's squared
length. Dividing the example itself makes {{ kept | percent(0) }} of the target's variance the most one can explain.

    x = c u  an example: c its loudness, u standard normal inputs
    σ        standard deviation of ln c
    x̂        the example minus its own mean, over its own standard deviation
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib.normalization import standardize
from lib.numerics import Draws, draws, explained_variance
from lib.plots import FIRST, MUTED, SECOND, Frames, decades, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import steps_to

SEED = 0
INPUTS, SIGMA, RUNS = 20, 0.8, 400
SIGMAS = np.arange(0, 16) / 10
TOLERANCE = 1e-6
MORE = 10  # times as many steps
EXAMPLES = 4000


@dataclass(frozen=True)
class Result:
    inputs: int
    "Inputs of the linear neuron."
    sigma: float
    "Standard deviation of the logarithm of an example's loudness."
    steps: dict[str, int]
    "Steps, one example each, to a millionth of the expected squared error: best constant step; step over length."
    kept: float
    "Share of the target's variance that a linear neuron can explain once examples are divided by their length."
    level: dict[str, float]
    "The same for a target that is the example's mean: as it is, and after standardizing each example."
    tenfold: float
    "Spread of loudness that makes `more` times as many steps necessary."
    more: int
    "How many times."
    all_steps: tuple[int, ...]
    "Steps at the best constant step for each of `SIGMAS`."
    all_kept: tuple[float, ...]
    "Share kept for each of `SIGMAS`."


def factor_per_step(sigma: float, divided: bool) -> float:
    """What one example leaves of the expected squared error at the best step: constant, or over its squared length."""
    return 1 - (1 / INPUTS if divided else np.exp(-4 * sigma**2) / (INPUTS + 2))


def count_steps(sigma: float, divided: bool) -> int:
    """Whole steps to a millionth of the expected squared error."""
    return steps_to(TOLERANCE, factor_per_step(sigma, divided))


def draw_examples(rng: np.random.Generator, sigma: float, count: int) -> np.ndarray:
    """Examples c u, shape (count, INPUTS)."""
    return np.exp(sigma * rng.normal(size=(count, 1))) * rng.normal(size=(count, INPUTS))


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    x = rng.normal(size=(EXAMPLES, INPUTS)) + rng.normal(size=(EXAMPLES, 1))
    return Result(
        inputs=INPUTS,
        sigma=SIGMA,
        steps={"plain": count_steps(SIGMA, False), "divided": count_steps(SIGMA, True)},
        kept=float(np.exp(-(SIGMA**2))),
        level={
            "raw": explained_variance(x, x.mean(axis=1)),
            "own": explained_variance(standardize(x, axis=1), x.mean(axis=1)),
        },
        tenfold=float(np.sqrt(np.log(MORE)) / 2),
        more=MORE,
        all_steps=tuple(count_steps(sigma, False) for sigma in SIGMAS),
        all_kept=tuple(np.exp(-(SIGMAS**2))),
    )


def claim_loud_examples_set_the_step(result: Result) -> None:
    """One example at a time, loudness spread by {{ sigma | digits(1) }}: {{ steps.plain | integer }} steps to a
    millionth of the expected squared error at the best constant step, and {{ steps.divided | integer }} with the step
    divided by each example’s squared length."""
    rng = np.random.default_rng(SEED)
    for sigma, divided, near in ((0.0, False, 0.05), (0.3, False, 0.15), (SIGMA, True, 0.05)):
        error, steps = np.tile(np.eye(INPUTS)[0], (RUNS, 1)), 30
        best = np.exp(2 * sigma**2 - 8 * sigma**2) / (INPUTS + 2)  # E c²/(E c⁴ (n + 2))
        for _ in range(steps):
            x = draw_examples(rng, sigma, RUNS)
            size = 1 / np.sum(x**2, axis=1) if divided else best
            error = error - (size * np.sum(x * error, axis=1))[:, None] * x
        measured = np.log(np.mean(np.sum(error**2, axis=1))) / steps
        assert abs(measured / np.log(factor_per_step(sigma, divided)) - 1) < near, (sigma, divided)
    t, weights = np.polynomial.hermite_e.hermegauss(120)  # E c² and E c⁴ by quadrature
    second, fourth = (weights @ np.exp(k * SIGMA * t) / weights.sum() for k in (2, 4))
    factors = {"plain": 1 - second**2 / fourth / (INPUTS + 2), "divided": 1 - 1 / INPUTS}
    for name, factor in factors.items():
        assert factor ** result.steps[name] <= 1e-6 < factor ** (result.steps[name] - 1)
    assert abs((1 - factor_per_step(0, False)) / (1 - factor_per_step(result.tenfold, False)) - MORE) < 1e-6
    assert abs(result.steps["plain"] / result.steps["divided"] / np.exp(4 * SIGMA**2) / 1.1 - 1) < 0.05


def claim_loudness_is_lost(result: Result) -> None:
    """Divide the examples themselves by their lengths, and a linear neuron can explain {{ kept | percent(0) }} of the
    variance of a linear target."""
    x = draw_examples(np.random.default_rng(SEED), SIGMA, 200_000)
    own = x / np.sqrt(np.mean(x**2, axis=1, keepdims=True))
    assert abs(explained_variance(own, x[:, 0]) - result.kept) < 0.06  # a length of 20 inputs is not quite c
    assert explained_variance(x, x[:, 0]) > 1 - 1e-9
    t, weights = np.polynomial.hermite_e.hermegauss(120)
    first, second = (weights @ np.exp(k * SIGMA * t) / weights.sum() for k in (1, 2))
    assert abs(first**2 / second - result.kept) < 1e-6


def claim_level_is_lost(result: Result) -> None:
    """A target that is the example’s mean: a linear neuron explains {{ level.raw | percent(0) }} of its variance on raw
    examples, and {{ level.own | percent(0) }} once each is standardized by itself."""
    assert abs(result.level["raw"] - 1) < 1e-9 and abs(result.level["own"]) < 0.02


def claim_gain_and_offset_of_an_example_are_undone(result: Result) -> None:
    """An example in other light, each input multiplied by the same positive number and raised by another, is the same
    example once it is standardized by itself."""
    for rng in draws(6):
        x, gain, offset = rng.normal(size=(5, 8)), rng.uniform(0.1, 4, size=(5, 1)), rng.normal(size=(5, 1))
        np.testing.assert_allclose(standardize(gain * x + offset, axis=1), standardize(x, axis=1), atol=1e-12)


def equation_own() -> Draws:
    r"""\sum_{j=1}^{n} \hat{x}_j = 0, \qquad \sum_{j=1}^{n} \hat{x}_j^2 = n"""
    for rng in draws(8):
        own = standardize(rng.normal(2, 3, size=(1, 7)), axis=1)[0]
        yield {r"\hat{x}_j": lambda j, own=own: own[int(j) - 1], "n": 7}


def equation_factor() -> Draws:
    r"""\gamma = 1 - \frac{\mathbb{E}[c^2]^2}{(n + 2)\,\mathbb{E}[c^4]}"""
    for sigma in (0.0, 0.3, 0.7, 1.0):
        second, fourth = np.exp(2 * sigma**2), np.exp(8 * sigma**2)
        steps = np.linspace(0, 2, 200_001) * second / fourth / (INPUTS + 2)
        left = 1 - 2 * steps * second + steps**2 * fourth * (INPUTS + 2)  # E‖e − η x xᵀe‖² for ‖e‖ = 1
        yield {
            r"\gamma": left.min(),
            r"\mathbb{E}[c^2]": second,
            r"\mathbb{E}[c^4]": fourth,
            "n": INPUTS,
        }


def equation_spread() -> Draws:
    r"""\frac{\mathbb{E}[c^4]}{\mathbb{E}[c^2]^2} = e^{4\sigma^2}"""
    for sigma, _, second, fourth in integrate_loudness():
        yield {r"\mathbb{E}[c^2]": second, r"\mathbb{E}[c^4]": fourth, "e": np.e, r"\sigma": sigma}


def equation_kept() -> Draws:
    r"""\frac{\mathbb{E}[c]^2}{\mathbb{E}[c^2]} = e^{-\sigma^2}"""
    for sigma, first, second, _ in integrate_loudness():
        yield {r"\mathbb{E}[c]": first, r"\mathbb{E}[c^2]": second, "e": np.e, r"\sigma": sigma}


def integrate_loudness():
    """Spreads σ with E c, E c² and E c⁴, by quadrature."""
    t, weights = np.polynomial.hermite_e.hermegauss(80)
    for sigma in (0.2, 0.5, 0.8):
        yield sigma, *(float(weights @ np.exp(k * sigma * t) / weights.sum()) for k in (1, 2, 4))


def draw_steps(axes: Axes, result: Result) -> None:
    """Steps against the spread of loudness, one line for each way."""
    divided = [result.steps["divided"]] * len(SIGMAS)
    for steps, role, words, dy in (
        (result.all_steps, SECOND, "constant step", 4),
        (divided, FIRST, "step over length", -11),
    ):
        axes.plot(SIGMAS, steps, color=role, label=words)
        label_point(axes, words, (SIGMAS[8], steps[8]), role, dx=-8 if role == SECOND else 8, dy=dy)
    axes.set(yscale="log", xlim=(0, 1.55), ylim=(100, 3e6))
    frame_axes(axes, [0, 0.5, 1, 1.5], decades(2, 4, 6), "spread of loudness", "steps")


def figure_steps(result: Result) -> Figure:
    """Steps to a millionth of the squared error, one example each, against the spread of the examples' loudness. With a
    constant step they rise from about {{ all_steps[0] | integer }}, ever faster; with the step divided by the example's
    squared length they stay at {{ steps.divided | integer }}."""
    figure = new_figure(360, 0.7)
    draw_steps(figure.axes[0], result)
    return figure


def explore_spread(result: Result, start: int = 8) -> Frames:
    """Steps against the spread of loudness, and a line at the spread chosen: at {{ sigma | digits(1) }},
    {{ steps.plain | integer }} with a constant step and {{ steps.divided | integer }} with one over the length."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    draw_steps(axes, result)
    (line,) = axes.plot([0, 0], [100, 1e6], color=MUTED, linewidth=1.2, label="spread", gid="line")
    for sigma, steps, kept in zip(SIGMAS, result.all_steps, result.all_kept):
        line.set_xdata([sigma, sigma])
        readouts = {
            "spread of loudness": f"{sigma:.1f}",
            "0.1% are louder by": f"{np.exp(3.0902 * sigma):,.1f}",
            "steps, constant step": f"{steps:,.0f}",
            "left of the target, if divided": f"{kept:.0%}",
        }
        yield figure, readouts, ("Nothing to mend." if sigma < 0.25 else "A few loud examples dictate the step.")


if __name__ == "__main__":
    show_figures(figure_steps, of=compute())
