r"""What does averaging the weights over the steps leave of the noise of the targets, off-center and centered?

{{ inputs }} inputs of variance 1, no bias; each has the mean {{ mean | digits(2) }} or none. Noise of the targets
keeps the last weights {{ factor.last | digits(3) }} times as far above the least loss off-center as centered, a
running average over {{ window | integer }} steps {{ factor.average | digits(3) }} times.

    g      1 − ηλ, what a step leaves of an error along a curvature λ
    a      what a running average keeps of itself in a step; its window is 1/(1 − a) steps
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import FIRST, SECOND, decades, frame_axes, label_point, new_figure, show_figures

INPUTS, MEAN = 100, 2.4
TOPS = {"off": 1 + INPUTS * MEAN**2, "centered": 1.0}
STEP, BATCH, NOISE, SHORT, WINDOW = 2e-4, 16, 1.0, 100, 10_000
WINDOWS = np.logspace(0, 6, 61)


@dataclass(frozen=True)
class Result:
    inputs: int
    "Inputs."
    mean: float
    "Mean of each, in standard deviations."
    step: float
    "Step size."
    batch: int
    "Examples in each step."
    window: int
    "Steps that the running average holds."
    short: int
    "Steps that a short one holds."
    excess: dict[str, float]
    "Loss that the noise leaves, off-center and centered, of the last weights and of the two averages."
    factor: dict[str, float]
    "Off-center over centered, of the last weights and of the averages."
    curves: dict[str, np.ndarray]
    "Loss that noise leaves in a running average, for each of its windows, off-center and centered."


def share_of_average(g: float, a: float) -> float:
    """Variance of a running average of errors that a step multiplies by g, over that of the errors."""
    return (1 - a) * (1 + a * g) / ((1 + a) * (1 - a * g))


def noise_left(top: float, window: float) -> float:
    """Loss that noise leaves in an average with this window, for one curvature `top` and INPUTS − 1 of 1."""
    total, a = 0.0, 1 - 1 / window
    for curvature, count in ((top, 1), (1.0, INPUTS - 1)):
        variance = STEP * NOISE / BATCH / (2 - STEP * curvature)
        total += count * curvature / 2 * variance * share_of_average(1 - STEP * curvature, a)
    return total


def compute() -> Result:
    windows = {"last": 1, "short": SHORT, "average": WINDOW}
    excess = {f"{name}_{key}": noise_left(top, w) for name, top in TOPS.items() for key, w in windows.items()}
    return Result(
        inputs=INPUTS,
        mean=MEAN,
        step=STEP,
        batch=BATCH,
        window=WINDOW,
        short=SHORT,
        excess=excess,
        factor={key: excess[f"off_{key}"] / excess[f"centered_{key}"] for key in windows},
        curves={name: np.array([noise_left(top, window) for window in WINDOWS]) for name, top in TOPS.items()},
    )


def settle(curvature: float, window: float) -> np.ndarray:
    """Second moments of an error and of its running average where noise and pull balance, from the pair's own step."""
    a, g = 1 - 1 / window, 1 - STEP * curvature
    pair = np.array([[g, 0.0], [(1 - a) * g, a]])
    kick = STEP * np.sqrt(NOISE / BATCH * curvature) * np.array([1.0, 1 - a])
    moments = np.linalg.solve(np.eye(4) - np.kron(pair, pair), np.outer(kick, kick).ravel())
    return moments[[0, 3]]


def claim_it_takes_away_the_share_of_the_mean(result: Result) -> None:
    """{{ inputs }} inputs, batches of {{ batch }}, a step of {{ step | scientific(1) }}, noise of variance 1 in the
    targets: the last weights are {{ excess.off_last | scientific(2) }} above the least loss off-center and
    {{ excess.centered_last | scientific(2) }} centered, a factor of {{ factor.last | digits(3) }}; a running average
    over {{ window | integer }} steps {{ excess.off_average | scientific(2) }} and
    {{ excess.centered_average | scientific(2) }}, a factor of {{ factor.average | digits(3) }}. Over {{ short }} steps
    the factor is {{ factor.short | digits(3) }}."""
    found = {}
    for name, top in TOPS.items():
        for key, window in (("average", result.window), ("short", result.short)):
            last, mean = (settle(top, window) * top + settle(1.0, window) * (INPUTS - 1)) / 2
            found |= {f"{name}_last": last, f"{name}_{key}": mean}
            place = round(10 * np.log10(window))
            assert abs(result.curves[name][place] / mean - 1) < 1e-7 and abs(result.curves[name][0] / last - 1) < 1e-7
    assert found.keys() == result.excess.keys()
    for name, loss in found.items():
        assert abs(result.excess[name] / loss - 1) < 1e-7
    for key, factor in result.factor.items():
        assert abs(factor * found[f"centered_{key}"] / found[f"off_{key}"] - 1) < 1e-7


def equation_share() -> Draws:
    r"""\frac{\mathbb{E}[\bar{e}^2]}{\mathbb{E}[e^2]} = \frac{(1 - a)(1 + a g)}{(1 + a)(1 - a g)}"""
    for rng in draws(8):
        window, curvature = rng.uniform(2, 50), rng.uniform(0.1, 0.9) / STEP
        last, mean = settle(curvature, window)
        yield {r"\mathbb{E}[\bar{e}^2]": mean, r"\mathbb{E}[e^2]": last, "a": 1 - 1 / window, "g": 1 - STEP * curvature}


def equation_long() -> Draws:
    r"""\tfrac{1}{2}\,\mathbb{E}[(x^\top \bar{e})^2] \approx \frac{n\,v}{2 B t}"""
    for rng in draws(6):
        n, t, B, v = int(rng.integers(1, 6)), 20_000, int(rng.integers(1, 9)), rng.uniform(0.5, 2)
        curvatures, step = rng.uniform(1, 9, n), 0.1
        traces = [(1 - (1 - step * c) ** np.arange(1, t)) / c for c in curvatures]  # what each kick adds to the sum
        sums = [np.sum(trace**2) for trace in traces]
        square = sum(c * v / B * c * total for c, total in zip(curvatures, sums)) / t**2
        yield {r"\mathbb{E}[(x^\top \bar{e})^2]": square, "n": n, "v": v, "B": B, "t": t, r"\approx": 0.01}


def figure_noise(result: Result) -> Figure:
    """Loss that the noise leaves against the window of a running average, both logarithmic. Off-center and centered
    lines begin a factor of {{ factor.last | digits(2) }} apart, and become one as the window grows."""
    figure = new_figure(360, 0.72)
    axes = figure.gca()
    for name, role, text, dy in (("off", SECOND, "off-center", 8), ("centered", FIRST, "centered", -10)):
        axes.plot(WINDOWS, result.curves[name], color=role)
        label_point(axes, text, (WINDOWS[4], result.curves[name][4]), role, dy=dy)
    axes.set(xscale="log", yscale="log", xlim=(1, 1e6), ylim=(1e-6, 1e-2))
    frame_axes(axes, decades(0, 2, 4, 6), decades(-6, -4, -2), "steps in the average", "loss that noise leaves")
    return figure


if __name__ == "__main__":
    show_figures(figure_noise, of=compute())
