"""Is an image in [−1, 1] better centered than in [0, 1]?

Only if its average gray exceeds ¼: digits have {{ gray | digits }}, and with an empty frame {{ framed_gray | digits }}.

    off-center  squared length of the mean over the sum of the variances: 0 for centered data
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.data import digits as pictures
from lib.numerics import Draws, draws
from lib.plots import FIRST, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import off_center_ratio

FRAME = 2  # empty pixels around each digit, as wide as in larger collections


@dataclass(frozen=True)
class Result:
    gray: float
    "Average gray of the digits, from 0 to 1."
    framed_gray: float
    "The same with an empty frame around every digit."
    frame: int
    "Width of that frame in pixels."
    digits: dict[str, float]
    "Off-center measure of the digits: unit [0, 1], signed [−1, 1]."
    framed: dict[str, float]
    "The same with the frame."
    grays: np.ndarray
    "Average grays for the picture."
    distances: dict[str, np.ndarray]
    "Distance of these from the middle that each coding makes zero, in units of the range."


def add_frame(x: np.ndarray) -> np.ndarray:
    """8 × 8 images, a row each, with an empty frame."""
    return np.pad(x.reshape(-1, 8, 8), ((0, 0), (FRAME, FRAME), (FRAME, FRAME))).reshape(len(x), -1)


def measure_ranges(x: np.ndarray) -> dict[str, float]:
    """Off-center measure of images in [0, 1] as they are, and in [−1, 1]."""
    return {"unit": off_center_ratio(x), "signed": off_center_ratio(2 * x - 1)}


def compute() -> Result:
    x, _ = pictures()
    gray, framed = x.mean(), add_frame(x)
    grays = np.linspace(0, 0.5, 51)
    return Result(
        gray=gray,
        framed_gray=framed.mean(),
        frame=FRAME,
        digits=measure_ranges(x),
        framed=measure_ranges(framed),
        grays=grays,
        distances={"unit": grays, "signed": abs(grays - 0.5)},
    )


def claim_quarter_decides(result: Result) -> None:
    """The digits' average gray is {{ gray | digits }}, more than ¼, so [−1, 1] leaves them a little less off-center:
    {{ digits.signed | digits }} instead of {{ digits.unit | digits }}. With an empty frame the average is
    {{ framed_gray | digits }}, and [−1, 1] makes it worse: {{ framed.signed | digits }}."""
    x, _ = pictures()
    for images, found in ((x, result.digits), (add_frame(x), result.framed)):
        mean = np.array([np.mean(pixel) for pixel in images.T])
        spread = np.trace(np.cov(images.T, bias=True))
        assert abs(mean @ mean / spread / found["unit"] - 1) < 1e-9
        assert (images.mean() > 0.25) == (found["signed"] < found["unit"])
        assert abs((mean - 0.5) @ (mean - 0.5) / spread / found["signed"] - 1) < 1e-9
    assert result.framed_gray < 0.25 < result.gray
    assert abs(x.sum() / x.size - result.gray) < 1e-9
    assert abs(x.sum() / x.size * 64 / (8 + 2 * FRAME) ** 2 - result.framed_gray) < 1e-9
    even = np.argmin(abs(result.distances["unit"] - result.distances["signed"]))
    assert abs(result.grays[even] - 0.25) < 0.01 and result.grays.min() == result.distances["unit"].min() == 0


def equation_constant() -> Draws:
    r"""\lVert\mu - c\,\mathbf{1}\rVert^2 = \lVert\mu - \bar{\mu}\,\mathbf{1}\rVert^2 + n\,(c - \bar{\mu})^2"""
    for rng in draws(10):
        n = int(rng.integers(3, 9))
        mu = rng.uniform(size=n)
        yield {r"\mu": mu, "c": rng.normal(), r"\bar{\mu}": sum(mu) / n, "n": n, r"\mathbf{1}": np.ones(n)}


def equation_quarter() -> Draws:
    r"""\left(\bar{\mu} - \tfrac{1}{2}\right)^2 = \bar{\mu}^2 - \left(\bar{\mu} - \tfrac{1}{4}\right)"""
    for gray in np.random.default_rng(0).uniform(0, 1, 8):
        yield {r"\bar{\mu}": gray}


def figure_quarter(result: Result) -> Figure:
    """Distance of the average gray from the coded zero against the average gray. The line of [0, 1] rises from the
    origin, that of [−1, 1] falls from one half; they cross at ¼. Digits, at {{ gray | digits(2) }}, lie to
    the right of it, framed digits, at {{ framed_gray | digits(2) }}, to the left."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    lines = (("unit", SECOND, "[0, 1]", 46, -9, 6), ("signed", FIRST, "[−1, 1]", 4, 8, 8))
    for name, role, text, at, dx, dy in lines:
        axes.plot(result.grays, result.distances[name], color=role, label=text)
        label_point(axes, text, (result.grays[at], result.distances[name][at]), role, dx=dx, dy=dy)
    for value, text in ((result.framed_gray, "digits in\na frame"), (result.gray, "digits")):
        heights = sorted([value, abs(value - 0.5)])
        axes.plot([value, value], heights, color=MUTED, linewidth=1, label=text)
        axes.plot([value, value], heights, "o", color=MUTED, markersize=4.5, label=text)
        label_point(axes, text, (value, heights[0]), MUTED, dx=10 if "frame" in text else -9, dy=-9)
    axes.set(xlim=(-0.01, 0.52), ylim=(-0.01, 0.54))
    ticks = {0: "0", 0.25: "¼", 0.5: "½"}
    frame_axes(axes, ticks, ticks, "average gray, paper 0 and ink 1", "distance from the coded zero")
    return figure


if __name__ == "__main__":
    show_figures(figure_quarter, of=compute())
