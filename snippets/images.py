"""How should images be scaled before a network sees them?

Subtract a mean, and divide by a standard deviation or by 255. Dividing sets the scale beside the bias and the initial
weights, subtracting removes the valley. The mean may be taken over all pixels, for each channel or for each pixel: the
more of them, the less is left. [−1, 1] is centered better than [0, 1] only if the average gray exceeds ¼. Colors
survive all of it, absolute values do not.

    mu          mean image, one entry a pixel (and channel); gray is its average entry
    off-center  squared length of the mean over the sum of the variances: 0 for centered data
    ink         random colors of the synthetic color images, digits drawn with one color on another
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lib.data import digits as pictures
from lib.gaussian import moments
from lib.numerics import Draws, draws
from lib.plots import FIRST, MUTED, PLATE, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import kappa_with_bias, kappa_without_bias, off_center_ratio

NEAR = 0.01  # how near ±1 a tanh unit counts as saturated
SEED = 0
EXAMPLE = 3  # which digit is drawn
FRAME = 2  # empty pixels around each digit, as wide as in larger collections
COLORED = 400
LEVELS = 256
INK = (0.0, 0.5)  # range of each channel of a random ink
PAPER = ((0.8, 1.0), (0.7, 0.9), (0.4, 0.7))  # ranges of red, green and blue of a random paper


@dataclass(frozen=True)
class Result:
    gray: float
    "Average gray of the digits, from 0 to 1."
    framed_gray: float
    "The same with an empty frame around every digit."
    frame: int
    "Width of that frame in pixels."
    digits: dict[str, float]
    "Off-center measure of the digits: unit [0, 1], signed [−1, 1], one mean, pixel, image."
    framed: dict[str, float]
    "The same with the frame, for unit and signed."
    color: dict[str, float]
    "The same for color images, and with a mean for each channel."
    colored: int
    "Color images."
    ink: tuple[float, float]
    "Range of each channel of their ink, uniform."
    paper: tuple[tuple[float, float], ...]
    "Ranges of red, green and blue of their paper, uniform."
    whole_deviation: float
    "Deviation of all gray values of all images about their one mean."
    within_deviation: float
    "Root of the mean variance of a pixel about its own mean."
    mismatched: float
    "Variance left by subtracting the means of the pixels and dividing by the deviation of the whole."
    constant: int
    "Pixels that never change."
    largest_gain: float
    "Largest factor, among pixels that change, by which a pixel is multiplied to bring its deviation to 1."
    typical_gain: float
    "Median of these factors."
    levels: int
    "Gray levels of one byte."
    white: int
    "Largest value of a byte."
    middle: int
    "Middle of a byte's levels."
    lost_pairs: int
    "Pairs of levels that the absolute value makes equal after subtracting the middle."
    left_levels: int
    "Levels that remain different."
    absolute: float
    "Off-center measure of the digits after subtracting each pixel's mean and taking absolute values."
    kappa: dict[str, float]
    "Condition number without a bias for as many independent pixels with the digits' gray and variance."
    kappa_bias: dict[str, float]
    "The same with a bias."
    near: float
    "How near ±1 a unit counts as saturated."
    saturated: dict[str, float]
    "Share of tanh units within `near` of ±1 at initial weights of variance 1/inputs, bytes and unit range."
    example: np.ndarray
    "A digit, pixels from 0 to 1."
    example_centered: np.ndarray
    "The same after subtracting the mean image."
    grays: np.ndarray
    "Average grays for the picture."
    distances: dict[str, np.ndarray]
    "Distance of these from the middle that each coding makes zero, in units of the range."


def framed(x: np.ndarray) -> np.ndarray:
    """8 × 8 images with an empty frame."""
    return np.pad(x.reshape(-1, 8, 8), ((0, 0), (FRAME, FRAME), (FRAME, FRAME))).reshape(len(x), -1)


def color_images() -> np.ndarray:
    """Digits drawn with a random dark ink on random light, warm paper, shape (images, 64, 3), from 0 to 1."""
    rng = np.random.default_rng(SEED)
    gray = pictures()[0][rng.choice(len(pictures()[0]), COLORED, replace=False), :, None]
    paper = rng.uniform(*np.transpose(PAPER), size=(COLORED, 1, 3))
    ink = rng.uniform(*INK, size=(COLORED, 1, 3))
    return gray * ink + (1 - gray) * paper


def codings(x: np.ndarray) -> dict[str, np.ndarray]:
    """Images (number, pixels, channels) coded in several ways, in the same shape."""
    return {
        "unit": x,
        "signed": 2 * x - 1,
        "one": x - x.mean(),
        "channel": x - x.mean(axis=(0, 1)),
        "pixel": x - x.mean(axis=0),
        "image": x - x.mean(axis=(1, 2), keepdims=True),
    }


def compute() -> Result:
    x, _ = pictures()
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    whole, within = x.std(), np.sqrt(np.mean(deviation**2))
    gray, colors, wide = x.mean(), color_images(), framed(x)
    gains = 1 / deviation[deviation > 0]
    bytes_ = np.arange(LEVELS) - 128
    scales = {"bytes": (255 * gray, (255 * within) ** 2), "unit": (gray, within**2),
              "signed": (2 * gray - 1, 4 * within**2), "centered_bytes": (0.0, (255 * within) ** 2),
              "centered": (0.0, within**2), "standardized": (0.0, 1.0)}  # fmt: skip
    weights = np.random.default_rng(SEED).normal(size=(64, 64)) / 8
    grays = np.linspace(0, 0.5, 51)
    return Result(
        gray=gray,
        framed_gray=wide.mean(),
        frame=FRAME,
        digits={name: off_center_ratio(a[:, :, 0]) for name, a in codings(x[:, :, None]).items() if name != "channel"},
        framed={"unit": off_center_ratio(wide), "signed": off_center_ratio(2 * wide - 1)},
        color={name: off_center_ratio(coded.reshape(COLORED, -1)) for name, coded in codings(colors).items()},
        colored=COLORED,
        ink=INK,
        paper=PAPER,
        whole_deviation=whole,
        within_deviation=within,
        mismatched=np.mean(((x - mean) / whole) ** 2),
        constant=int(np.sum(deviation == 0)),
        largest_gain=gains.max(),
        typical_gain=np.median(gains),
        levels=LEVELS,
        white=LEVELS - 1,
        middle=LEVELS // 2,
        lost_pairs=LEVELS - len(set(abs(bytes_))),
        left_levels=len(set(abs(bytes_))),
        absolute=off_center_ratio(abs(x - mean)),
        kappa={name: float(kappa_without_bias(*scale, 64)) for name, scale in scales.items()},
        kappa_bias={name: float(kappa_with_bias(*scale, 64)) for name, scale in scales.items()},
        near=NEAR,
        saturated={name: float(np.mean(abs(np.tanh(scale * x @ weights)) > 1 - NEAR))
                   for name, scale in (("bytes", 255), ("unit", 1))},
        example=x[EXAMPLE],
        example_centered=x[EXAMPLE] - mean,
        grays=grays,
        distances={"unit": grays, "signed": abs(grays - 0.5)},
    )  # fmt: skip


def claim_quarter_decides(result: Result) -> None:
    """The digits' average gray is {{ gray | digits }}, more than ¼, so [−1, 1] leaves them a little less
    off-center: {{ digits.signed | digits }} instead of {{ digits.unit | digits }}; with an empty frame it
    is {{ framed_gray | digits }}, and [−1, 1] makes it worse: {{ framed.signed | digits }}."""
    x, _ = pictures()
    for images, found in ((x, result.digits), (framed(x), result.framed)):
        mean = np.array([np.mean(pixel) for pixel in images.T])
        spread = np.trace(np.cov(images.T, bias=True))
        assert abs(mean @ mean / spread / found["unit"] - 1) < 1e-9
        assert (images.mean() > 0.25) == (found["signed"] < found["unit"])
        assert abs((mean - 0.5) @ (mean - 0.5) / spread / found["signed"] - 1) < 1e-9
    assert result.framed_gray < 0.25 < result.gray
    assert (
        abs(x.sum() / x.size - result.gray) < 1e-9 and abs(framed(x).sum() / framed(x).size - result.framed_gray) < 1e-9
    )
    even = np.argmin(abs(result.distances["unit"] - result.distances["signed"]))
    assert abs(result.grays[even] - 0.25) < 0.01 and result.grays.min() == result.distances["unit"].min() == 0


def claim_more_means_leave_less(result: Result) -> None:
    """Of the color images' {{ color.unit | digits }}, one mean for all leaves {{ color.one | digits }}, a mean for each
    channel {{ color.channel | digits }}, and a mean for each pixel and channel nothing."""
    found = result.color
    assert found["unit"] > found["one"] > found["channel"] > 0.01 and found["pixel"] < 1e-25
    images = color_images()
    flat = images.reshape(COLORED, -1)
    mean, spread = flat.mean(axis=0), np.trace(np.cov(flat.T, bias=True))
    assert abs(mean @ mean / spread / found["unit"] - 1) < 1e-9
    assert abs(np.sum((mean - images.mean()) ** 2) / spread / found["one"] - 1) < 1e-9
    constant = np.tile(np.eye(3), (64, 1))  # what a mean for each channel can take away: a projection
    left = flat.mean(axis=0) - constant @ np.linalg.lstsq(constant, flat.mean(axis=0), rcond=None)[0]
    assert abs(left @ left / flat.var(axis=0).sum() / found["channel"] - 1) < 1e-9
    g = pictures()[0][:, :, None]  # all digits, and the moments of ink and paper: gray · ink + (1 − gray) · paper
    (low, high), (bottom, top) = INK, np.transpose(PAPER)
    ink, paper = (low + high) / 2, (bottom + top) / 2
    first = (g * ink + (1 - g) * paper).mean(axis=0)
    second = np.mean((g * ink + (1 - g) * paper) ** 2, axis=0)
    second += np.mean(g**2, axis=0) * (high - low) ** 2 / 12 + np.mean((1 - g) ** 2, axis=0) * (top - bottom) ** 2 / 12
    exact = np.sum(first**2) / np.sum(second - first**2)
    assert abs(found["unit"] / exact - 1) < 0.04


def claim_colors_come_back(result: Result) -> None:
    """Means and deviations for each channel or pixel can be undone to rounding, so no color is lost."""
    images = color_images()
    assert 0 <= images.min() < 0.2 and 0.9 < images.max() <= 1
    for axes in ((0, 1), (0,)):
        mean, deviation = images.mean(axis=axes), images.std(axis=axes)
        coded = (images - mean) / np.where(deviation > 0, deviation, 1)
        assert abs(coded.mean(axis=axes)).max() < 1e-12 and coded.min() < 0
        np.testing.assert_allclose(coded * np.where(deviation > 0, deviation, 1) + mean, images, atol=1e-12)
        assert len(np.unique(coded.reshape(COLORED, -1), axis=0)) == COLORED


def claim_images_by_themselves_lose_light(result: Result) -> None:
    """Standardize each image by itself, and two exposures of one scene become the same: brightness and contrast are
    gone for good."""
    image = color_images()[0]
    coded = [(a - a.mean()) / a.std() for a in (image, 0.4 * image + 0.3)]
    assert abs(image - (0.4 * image + 0.3)).max() > 0.05
    np.testing.assert_allclose(*coded, atol=1e-12)


def claim_absolute_values_destroy(result: Result) -> None:
    """Subtract {{ middle }} from the {{ levels }} levels of a byte and take absolute values: {{ lost_pairs }} pairs
    become equal, {{ left_levels }} levels are left."""
    partners = [(low, 256 - low) for low in range(1, 128)]
    assert all(abs(low - 128) == abs(high - 128) for low, high in partners) and len(partners) == result.lost_pairs
    assert result.left_levels == LEVELS - result.lost_pairs


def claim_absolute_values_bring_the_mean_back(result: Result) -> None:
    """And the mean is back: digits that were centered pixel by pixel are at {{ absolute | digits }}, further off than
    before centering, {{ digits.unit | digits }}."""
    x, _ = pictures()
    z = abs(x - x.mean(axis=0))
    first, second = z.mean(axis=0), np.mean(z**2, axis=0)
    assert abs(np.sum(first**2) / np.sum(second - first**2) / result.absolute - 1) < 1e-9
    assert result.absolute > result.digits["unit"]
    first, second = x.mean(axis=0), np.mean(x**2, axis=0)
    assert abs(np.sum(first**2) / np.sum(second - first**2) / result.digits["unit"] - 1) < 1e-9


def claim_mean_and_deviation_belong_together(result: Result) -> None:
    """The deviation of all gray values is {{ whole_deviation | digits }}; about their own means the pixels deviate
    by {{ within_deviation | digits }}, and dividing by the former leaves a variance of {{ mismatched | digits }}."""
    x, _ = pictures()
    assert abs((result.within_deviation / result.whole_deviation) ** 2 / result.mismatched - 1) < 1e-9
    assert abs(np.linalg.norm(x - x.mean(axis=0)) ** 2 / x.size / result.within_deviation**2 - 1) < 1e-9
    assert abs(np.mean(x**2) - np.mean(x) ** 2 - result.whole_deviation**2) < 1e-12


def claim_rare_pixels_are_amplified(result: Result) -> None:
    """Dividing each pixel by its own deviation multiplies one of them by {{ largest_gain | digits }}, half of them by
    no more than {{ typical_gain | digits }}, and {{ constant }} would be divided by zero."""
    x, _ = pictures()
    on = np.array([np.sqrt(np.mean(pixel**2) - np.mean(pixel) ** 2) for pixel in x.T])
    order = np.sort(on)
    assert order[result.constant - 1] == 0 and abs(order[result.constant] * result.largest_gain - 1) < 1e-6
    changing = order[result.constant :]
    assert abs(np.median(1 / changing) / result.typical_gain - 1) < 1e-9 and result.largest_gain > 10


def claim_bytes_only_rescale_the_step(result: Result) -> None:
    """Without a bias, descent on 0…{{ white }} is descent on [0, 1] with a step smaller by the square of {{ white }}:
    the same outputs at every step."""
    rng = np.random.default_rng(0)
    x, _ = pictures()
    x, y = x[:200], rng.normal(size=200)
    small, large = np.zeros(64), np.zeros(64)
    for _ in range(40):
        small -= 0.1 * x.T @ (x @ small - y) / 200
        large -= 0.1 / 255**2 * (255 * x).T @ (255 * x @ large - y) / 200
        np.testing.assert_allclose(255 * x @ large, x @ small, atol=1e-9)


def claim_both_are_worth_it(result: Result) -> None:
    """From a condition number of {{ kappa_bias.bytes | scientific(2) }} with a bias, dividing alone leads to
    {{ kappa_bias.unit | integer }}, subtracting the mean alone to {{ kappa_bias.centered_bytes | integer }}, and both
    to {{ kappa_bias.centered | digits(3) }}; without a bias dividing alone leads nowhere, from
    {{ kappa.bytes | digits(3) }} to {{ kappa.unit | digits(3) }}, and subtracting to
    {{ kappa.centered | integer }}."""
    gray, within = result.gray, result.within_deviation
    v = np.array([gray - within, gray + within])  # a pixel of two values that has the digits' gray and variance
    coded = {"bytes": 255 * v, "unit": v, "signed": 2 * v - 1, "centered_bytes": 255 * (v - gray),
             "centered": v - gray, "standardized": (v - gray) / within}  # fmt: skip
    for name, values in coded.items():
        H = np.diag([np.var(values)] * 64 + [0]) + np.outer(*[np.append(np.full(64, values.mean()), 1)] * 2)
        assert abs(np.linalg.cond(H[:64, :64]) / result.kappa[name] - 1) < 1e-9
        assert abs(np.linalg.cond(H) / result.kappa_bias[name] - 1) < 1e-6
    for name in ("unit", "centered_bytes", "centered"):
        assert result.kappa_bias[name] < result.kappa_bias["bytes"] / 1000
    assert result.kappa_bias["centered"] < result.kappa_bias["unit"] / 10 < result.kappa_bias["centered_bytes"] / 10


def claim_bytes_saturate(result: Result) -> None:
    """At the usual initial weights {{ saturated.bytes | percent }} of tanh units fed with 0…{{ white }} are
    within {{ near | decimals(2) }} of ±1, and {{ saturated.unit | percent }} of those fed with [0, 1]."""
    x, _ = pictures()
    scores = x @ np.random.default_rng(1).normal(0, 1 / 8, size=(64, 500))  # other units
    edge = np.arctanh(1 - result.near)
    assert abs(np.mean(abs(255 * scores) > edge) - result.saturated["bytes"]) < 0.02 and result.saturated["bytes"] > 0.9
    assert abs(np.mean(abs(scores) > edge) - result.saturated["unit"]) < 0.03


def equation_variance() -> Draws:
    r"""S^2 = \frac{1}{n}\sum_{j=1}^{n} s_j^2 + \frac{1}{n}\sum_{j=1}^{n} (\mu_j - \bar{\mu})^2"""
    for rng in draws(8):
        n = int(rng.integers(3, 7))
        x = rng.normal(rng.normal(size=n), rng.uniform(0.3, 2, size=n), size=(30, n))
        mean, deviation = x.mean(axis=0), x.std(axis=0)
        yield {
            "S": x.std(),
            "n": n,
            "s_j": lambda j, deviation=deviation: deviation[int(j) - 1],
            r"\mu_j": lambda j, mean=mean: mean[int(j) - 1],
            r"\bar{\mu}": x.mean(),
        }


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


def equation_absolute() -> Draws:
    r"""\frac{\mathbb{E}[\lvert z\rvert]^2}{\operatorname{Var}[\lvert z\rvert]} = \frac{2}{\pi - 2}"""
    for deviation in np.random.default_rng(0).uniform(0.1, 5, 4):
        mean, variance = moments(np.abs, deviation)
        yield {r"\mathbb{E}[\lvert z\rvert]": mean, r"\operatorname{Var}[\lvert z\rvert]": variance}


def figure_digit(result: Result) -> Figure:
    """One digit twice, each pixel a square whose area shows how far it is from zero. Left as it is: all squares
    positive. Right after subtracting the mean image: dark where there is more ink than on average, light-edged where
    there is less."""
    figure = new_figure(320, 0.94, panels=2)
    words = ("as it is: no pixel is negative", "minus the mean image")
    for axes, values, text in zip(figure.axes, (result.example, result.example_centered), words):
        for k, value in enumerate(values):
            side = 0.94 * np.sqrt(abs(value))
            role = FIRST if value > 0 else SECOND
            face = role if value > 0 else PLATE
            corner = (k % 8 - side / 2, 7 - k // 8 - side / 2)
            axes.add_patch(Rectangle(corner, side, side, linewidth=1.3, edgecolor=role, facecolor=face))
        axes.set(xlim=(-0.6, 7.6), ylim=(-0.6, 7.6), aspect="equal")
        frame_axes(axes, yname=text)
        axes.spines[["left", "bottom"]].set_visible(False)
    return figure


def figure_quarter(result: Result) -> Figure:
    """Distance of the average gray from the coded zero against the average gray. The line of [0, 1] rises from the
    origin, that of [−1, 1] falls from one half; they cross at ¼. Digits, at {{ gray | digits(2) }}, lie to
    the right of it, framed digits, at {{ framed_gray | digits(2) }}, to the left."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    for name, role, text, at, dx, dy in (("unit", SECOND, "[0, 1]", 46, -9, 6),
                                         ("signed", FIRST, "[−1, 1]", 4, 8, 8)):  # fmt: skip
        axes.plot(result.grays, result.distances[name], color=role, label=text)
        label_point(axes, text, (result.grays[at], result.distances[name][at]), role, dx=dx, dy=dy)
    for value, text in ((result.framed_gray, "digits in\na frame"), (result.gray, "digits")):
        heights = sorted([value, abs(value - 0.5)])
        axes.plot([value, value], heights, color=MUTED, linewidth=1, label=text)
        axes.plot([value, value], heights, "o", color=MUTED, markersize=4.5, label=text)
        label_point(axes, text, (value, heights[0]), MUTED, dx=10 if "frame" in text else -9, dy=-9)
    axes.set(xlim=(-0.01, 0.52), ylim=(-0.01, 0.54))
    frame_axes(axes, {0: "0", 0.25: "¼", 0.5: "½"}, {0: "0", 0.25: "¼", 0.5: "½"}, "average gray, paper 0 and ink 1",
                "distance from the coded zero")  # fmt: skip
    return figure


if __name__ == "__main__":
    show_figures(figure_digit, figure_quarter, of=compute())
