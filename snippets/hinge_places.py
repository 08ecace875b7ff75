r"""Where does a layer bend, relative to its data?

A unit bends where its pre-activation is zero. Seen along its weights, that is −t standard deviations from the mean of
the data, and with weights of mean zero and no bias the mean square of t is the off-center ratio ρ of the inputs. At a
ratio of {{ ratios[3] | integer }} {{ share[3] | percent(0) }} of the units bend within {{ near | integer }} standard
deviations of the mean.

    t    mean over standard deviation of a unit's pre-activation, over the data
    h    with one input, where a unit bends: −b/w
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations, product

import numpy as np
from matplotlib.figure import Figure

from lib.gaussian import distribution
from lib.numerics import draws
from lib.plots import FIRST, HIGHLIGHT, INK, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
NEAR, RATIOS = 2.0, (0.5, 1.0, 9.0, 100.0, 10_000.0)  # standard deviations that count as inside the data; values of ρ
MEANS, KELVIN, UNITS = (0.0, 3.0, 10.0), (290.0, 10.0), 32
SHOWN = np.linspace(0, 10, 41)  # means of the data in the explorer


@dataclass(frozen=True)
class Result:
    near: float
    "Standard deviations from the mean of the data that count as inside."
    ratios: tuple[float, ...]
    "Off-center ratios ρ of the inputs."
    share: tuple[float, ...]
    "Share of units without a bias that bend inside the data, by ρ, for many inputs."
    kelvin: dict[str, float]
    "Inputs that are temperatures: `mean`, `std`, off-center `ratio`, and `share` of units that bend inside."
    units: int
    "Units whose bends are drawn."
    means: tuple[float, ...]
    "Means of data with one input and standard deviation 1."
    default: tuple[float, ...]
    "Share of units that bend inside such data, by its mean, with PyTorch's default weights and biases."


def share_near_zero(ratio: float) -> float:
    """Chance that |t| < NEAR for t ~ N(0, ρ): weights of mean zero, no bias, many inputs."""
    return float(2 * distribution(NEAR / np.sqrt(ratio)) - 1)


def share_near_mean(mean: float) -> float:
    """Chance that −b/w lies within NEAR of `mean`, for w and b uniform on [−1, 1]."""

    def probability_below(h):  # the distribution function of the quotient of two such numbers
        return 1 - 1 / (4 * h) if h > 1 else (2 + h) / 4 if h > -1 else -1 / (4 * h)

    return probability_below(mean + NEAR) - probability_below(mean - NEAR)


def compute() -> Result:
    ratio = (KELVIN[0] / KELVIN[1]) ** 2
    return Result(
        near=NEAR,
        ratios=RATIOS,
        share=tuple(share_near_zero(ratio) for ratio in RATIOS),
        kelvin={"mean": KELVIN[0], "std": KELVIN[1], "ratio": ratio, "share": share_near_zero(ratio)},
        units=UNITS,
        means=MEANS,
        default=tuple(share_near_mean(mean) for mean in MEANS),
    )


def claim_how_many_bend_inside(result: Result) -> None:
    """Weights of mean zero, many inputs, no biases: of all units, {{ share | percent(0) | list }} bend within
    {{ near | integer }} standard deviations of the data’s mean at off-center ratios ρ of
    {{ ratios | digits(1) | list }}."""
    rng, n = np.random.default_rng(SEED), 400
    w = rng.normal(size=(20_000, n))
    for ratio, share in zip(result.ratios, result.share):
        t = w.sum(axis=1) * np.sqrt(ratio) / np.linalg.norm(w, axis=1)  # inputs of variance 1, each with mean √ρ
        assert abs(np.mean(np.abs(t) < NEAR) - share) < 0.015
    w = rng.normal(size=(4000, 50))
    x = rng.normal(*KELVIN, size=(200, 50))
    z = x @ w.T
    inside = np.abs(z.mean(axis=0)) < NEAR * z.std(axis=0)
    assert abs(inside.mean() - result.kelvin["share"]) < 0.02


def claim_default_biases(result: Result) -> None:
    """With one input and PyTorch’s default, weight and bias uniform on one interval, {{ default[0] | percent(0) }} of
    the units bend within {{ near | integer }} of the mean of data with mean 0 and variance 1,
    {{ default[1] | percent(0) }} at a mean of {{ means[1] | integer }}, {{ default[2] | percent(0) }} at
    {{ means[2] | integer }}."""
    rng = np.random.default_rng(SEED)
    h = -rng.uniform(-1, 1, 200_000) / rng.uniform(-1, 1, 200_000)
    for mean, share in zip(result.means, result.default):
        assert abs(np.mean(np.abs(h - mean) < NEAR) - share) < 0.005


def equation_location() -> Iterator[dict]:
    r"""t = \frac{w^\top\mu + b}{\sqrt{w^\top\Sigma\,w}}"""
    for rng in draws(8):
        x, w, b = rng.normal(rng.normal(size=(3, 1)), 1, size=(3, 50)), rng.normal(size=3), rng.normal()
        z = w @ x + b
        yield {
            "t": z.mean() / z.std(),
            "w": w,
            r"\mu": x.mean(axis=1),
            "b": b,
            r"\Sigma": np.cov(x, bias=True),
        }


def equation_spread() -> Iterator[dict]:
    r"""\mathbb{E}[t^2] = \frac{\lVert\mu\rVert^2}{n\,s^2} = \rho"""
    for rng in draws(6):
        n = int(rng.integers(2, 5))
        mu, s, w = rng.normal(size=n), rng.uniform(0.5, 2), rng.normal(size=n)
        turned = [
            w[list(order)] * signs for order in permutations(range(n)) for signs in product((-1, 1), repeat=n)
        ]  # a direction in all ways that leave the axes alone: no direction is preferred
        t = [v @ mu / (s * np.linalg.norm(v)) for v in turned]
        covariance = s**2 * np.eye(n)
        yield {
            r"\mathbb{E}[t^2]": np.mean(np.square(t)),
            r"\mu": mu,
            "n": n,
            "s": s,
            r"\rho": mu @ mu / np.trace(covariance),
        }


def equation_default() -> Iterator[dict]:
    r"""P = \frac{1}{2\,h}"""
    nodes, weights = np.polynomial.legendre.leggauss(40)
    for h in np.random.default_rng(0).uniform(1, 9, 8):
        w = (1 + nodes) / 2 / h  # |b| > h|w| needs |w| < 1/h, and then |b| lies between h|w| and 1
        yield {"P": weights @ (1 - h * w) / 2 / h, "h": h}


def figure_places(result: Result) -> Figure:
    """Two bells over the standard deviations from the mean of the data: how often examples lie there, and how often
    units bend there, for inputs with an off-center ratio of {{ ratios[2] | integer }}. The second bell is three times
    as wide; {{ share[2] | percent(0) }} of it lies within {{ near | integer }} standard deviations."""
    figure = new_figure(360, 0.6)
    (axes,) = figure.axes
    at, wide = np.linspace(-8, 8, 161), np.sqrt(RATIOS[2])
    axes.axvspan(-NEAR, NEAR, color=HIGHLIGHT, label="inside")
    axes.plot(at, np.exp(-(at**2) / 2), color=FIRST, label="examples")
    axes.plot(at, np.exp(-((at / wide) ** 2) / 2) / wide, color=SECOND, label="bends")
    label_point(axes, "examples", (1, np.exp(-0.5)), FIRST, dx=8, dy=6)
    label_point(axes, "bends", (4.5, np.exp(-1.125) / 3), SECOND, dx=4, dy=10)
    axes.set(xlim=(-8, 8), ylim=(0, 1.05))
    frame_axes(axes, [-6, -3, 0, 3, 6], [], "standard deviations from the mean", "")
    return figure


def explore_mean(result: Result, start: int = 12) -> Iterator[tuple]:
    """One input. A bell is where the data are; short strokes are where {{ units }} units bend that were drawn by
    PyTorch’s default, most of them between −1 and 1. As the bell moves to the right, fewer and fewer strokes are under
    it."""
    figure = new_figure(360, 0.6)
    (axes,) = figure.axes
    rng = np.random.default_rng(SEED)
    bends = -rng.uniform(-1, 1, UNITS) / rng.uniform(-1, 1, UNITS)
    grid = np.linspace(-3, 3, 49)
    (bell,) = axes.plot(grid, np.exp(-(grid**2) / 2), color=MUTED, gid="bell", label="data")
    (band,) = axes.plot([0, 1], [-0.12, -0.12], color=HIGHLIGHT, linewidth=16, gid="band", label="inside")
    band.set_solid_capstyle("butt")
    axes.vlines(bends[np.abs(bends - 4) < 8], -0.2, -0.04, color=INK, linewidth=0.9, label="bends")
    axes.set(xlim=(-4, 12), ylim=(-0.22, 1.1))
    frame_axes(axes, [-3, 0, 3, 6, 9, 12], [], "input", "")
    for mean in SHOWN:
        bell.set_xdata(grid + mean)
        band.set_xdata([mean - NEAR, mean + NEAR])
        count = int((np.abs(bends - mean) < NEAR).sum())
        readouts = {
            "mean of the data": f"{mean:.2f}",
            f"units of {UNITS} that bend inside": f"{count}",
            "share expected": f"{share_near_mean(mean):.1%}",
        }
        yield figure, readouts, describe_count(count)


def describe_count(count: int) -> str:
    """Return what it means that so many units bend inside."""
    if count > UNITS / 2:
        return "Most units bend where the data are: the network can follow a curve."
    if count:
        return "Few bends are left to follow a curve with; the other units are straight lines, or off, on all the data."
    return "No unit bends where the data are: on all of them the network is a straight line."


if __name__ == "__main__":
    show_figures(figure_places, of=compute())
