"""What does “zero mean” mean for images?

The mean may be taken over all pixels, for each channel or for each pixel: the more of them, the less is left. Colors
survive all of it.

    off-center  squared length of the mean over the sum of the variances: 0 for centered data
    ink         random colors of the synthetic color images, digits drawn with one color on another
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lib.data import digits as pictures
from lib.plots import FIRST, PLATE, SECOND, frame_axes, new_figure, show_figures
from lib.quadratics import off_center_ratio

SEED = 0
EXAMPLE = 3  # which digit is drawn
COLORED = 400
INK = (0.0, 0.5)  # range of each channel of a random ink
PAPER = ((0.8, 1.0), (0.7, 0.9), (0.4, 0.7))  # ranges of red, green and blue of a random paper


@dataclass(frozen=True)
class Result:
    digits: dict[str, float]
    "Off-center measure of the digits: unit [0, 1], signed [−1, 1], one mean, pixel, image."
    color: dict[str, float]
    "The same for color images, and with a mean for each channel."
    colored: int
    "Color images."
    ink: tuple[float, float]
    "Range of each channel of their ink, uniform."
    paper: tuple[tuple[float, float], ...]
    "Ranges of red, green and blue of their paper, uniform."
    example: np.ndarray
    "A digit, pixels from 0 to 1."
    example_centered: np.ndarray
    "The same after subtracting the mean image."


def draw_color_images() -> np.ndarray:
    """Digits drawn with a random dark ink on random light, warm paper, shape (images, 64, 3), from 0 to 1."""
    rng = np.random.default_rng(SEED)
    gray = pictures()[0][rng.choice(len(pictures()[0]), COLORED, replace=False), :, None]
    paper = rng.uniform(*np.transpose(PAPER), size=(COLORED, 1, 3))
    ink = rng.uniform(*INK, size=(COLORED, 1, 3))
    return gray * ink + (1 - gray) * paper


def code_images(x: np.ndarray) -> dict[str, np.ndarray]:
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
    (x, _), colors = pictures(), draw_color_images()
    return Result(
        digits={
            name: off_center_ratio(a[:, :, 0]) for name, a in code_images(x[:, :, None]).items() if name != "channel"
        },
        color={name: off_center_ratio(coded.reshape(COLORED, -1)) for name, coded in code_images(colors).items()},
        colored=COLORED,
        ink=INK,
        paper=PAPER,
        example=x[EXAMPLE],
        example_centered=x[EXAMPLE] - x.mean(axis=0),
    )


def claim_more_means_leave_less(result: Result) -> None:
    """Of the color images' {{ color.unit | digits }}, one mean for all leaves {{ color.one | digits }}, a mean for each
    channel {{ color.channel | digits }}, and a mean for each pixel and channel nothing."""
    found = result.color
    assert found["unit"] > found["one"] > found["channel"] > 0.01 and found["pixel"] < 1e-25
    images = draw_color_images()
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
    """Means and standard deviations for each channel or pixel can be undone to rounding, so no color is lost."""
    images = draw_color_images()
    assert 0 <= images.min() < 0.2 and 0.9 < images.max() <= 1
    for axes in ((0, 1), (0,)):
        mean, std = images.mean(axis=axes), images.std(axis=axes)
        coded = (images - mean) / np.where(std > 0, std, 1)
        assert abs(coded.mean(axis=axes)).max() < 1e-12 and coded.min() < 0
        np.testing.assert_allclose(coded * np.where(std > 0, std, 1) + mean, images, atol=1e-12)
        assert len(np.unique(coded.reshape(COLORED, -1), axis=0)) == COLORED


def claim_images_by_themselves_lose_light(result: Result) -> None:
    """Standardize each image by itself, and two exposures of one scene become the same: brightness and contrast are
    gone for good."""
    image = draw_color_images()[0]
    coded = [(a - a.mean()) / a.std() for a in (image, 0.4 * image + 0.3)]
    assert abs(image - (0.4 * image + 0.3)).max() > 0.05
    np.testing.assert_allclose(*coded, atol=1e-12)


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


if __name__ == "__main__":
    show_figures(figure_digit, of=compute())
