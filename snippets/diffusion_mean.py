"""Should a diffusion model get images from 0 to 1 or from −1 to 1, and why are all its samples of medium brightness?

Noise is added until, one says, nothing of an image is left. What is left of its mean brightness is √ᾱ of it, against
noise that averages out over the pixels. A sampler starts without it. For an exact Gaussian model the samples'
brightness then spreads {{ spread | percent }} as wide as the images', and with images from 0 to 1 its mean is
{{ mean.unit | decimals(2) }} instead of {{ images.unit | decimals(2) }}.

    ᾱ   share of an image's variance that is left after the last step: x_T = √ᾱ x + √(1 − ᾱ) ε
    n   pixels of a channel
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import FIRST, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
STEPS, LOW, HIGH, PIXELS = 1000, 0.00085, 0.012, 64 * 64
CODES = {"unit": (0.5, 0.25), "signed": (0.0, 0.5)}  # mean and standard deviation of the brightness, by range


@dataclass(frozen=True)
class Result:
    steps: int
    "Steps of the noise schedule."
    pixels: int
    "Pixels of a channel."
    left: float
    "√ᾱ after the last step."
    noise: float
    "Standard deviation of the mean of the noise over the pixels."
    signal: float
    "√ᾱ times the standard deviation of the brightness, images from −1 to 1."
    images: dict[str, float]
    "Mean brightness of the images, from 0 to 1 and from −1 to 1."
    std: dict[str, float]
    "Its standard deviation."
    mean: dict[str, float]
    "Mean brightness of the samples."
    spread: float
    "Standard deviation of the samples' brightness over that of the images', from −1 to 1."
    exercise: float
    "ᾱ at which brightness, images from −1 to 1, and mean noise vary alike."
    shares: np.ndarray
    "Values of √ᾱ."
    curves: dict[str, np.ndarray]
    "Mean brightness of the samples, on the scale from 0 to 1, against √ᾱ."


def schedule() -> np.ndarray:
    """ᾱ after each step: the noise's standard deviations rise evenly, as in Stable Diffusion."""
    return np.cumprod(1 - np.linspace(LOW**0.5, HIGH**0.5, STEPS) ** 2)


def sample_mean(mean: float, std: float, share: float, start: float, pixels: int) -> float:
    """Brightness of the sample that begins with mean noise `start`: the same quantile of the images' brightness.

    Along the ideal flow a Gaussian stays one, and every sample its quantile; `share` is ᾱ.
    """
    width = np.sqrt(share * std**2 + (1 - share) / pixels)  # of what images become
    return float(mean + std * (start - np.sqrt(share) * mean) / width)


def compute() -> Result:
    share = float(schedule()[-1])
    mean, std = CODES["signed"]
    ends = [sample_mean(mean, std, share, sign / np.sqrt(PIXELS), PIXELS) for sign in (1, -1)]
    shares = np.linspace(0, 0.1, 41)
    return Result(
        steps=STEPS,
        pixels=PIXELS,
        left=float(np.sqrt(share)),
        noise=float(np.sqrt((1 - share) / PIXELS)),
        signal=float(np.sqrt(share) * std),
        images={name: mean for name, (mean, _) in CODES.items()},
        std={name: std for name, (_, std) in CODES.items()},
        mean={name: sample_mean(*code, share, 0.0, PIXELS) for name, code in CODES.items()},
        spread=(ends[0] - ends[1]) / 2 / std,
        exercise=1 / (1 + PIXELS * std**2),
        shares=shares,
        curves={
            "unit": np.array([sample_mean(*CODES["unit"], s * s, 0.0, PIXELS) for s in shares]),
            "signed": np.array([(1 + sample_mean(*CODES["signed"], s * s, 0.0, PIXELS)) / 2 for s in shares]),
        },
    )


def flow_back(mean: float, std: float, start: float, parts: int) -> float:
    """The same sample by small steps of the flow, each from the best guess of the image at its place."""
    shares = np.concatenate([[1.0], schedule()])
    x = start
    for later, earlier in zip(shares[::-1], shares[-2::-1]):
        path = np.linspace(np.sqrt(1 / later - 1), np.sqrt(1 / earlier - 1), parts + 1)  # noise over signal
        y = x / np.sqrt(later)
        for a, b in pairwise(path):
            noise = a * a / PIXELS
            guess = (std**2 * y + noise * mean) / (std**2 + noise)
            y = y + (b - a) * (y - guess) / a
        x = y * np.sqrt(earlier)
    return float(x)


def claim_samples_are_of_medium_brightness(result: Result) -> None:
    """After {{ steps | integer }} steps {{ left | decimals(3) }} of an image's brightness is left. That varies by
    {{ signal | decimals(3) }}, where the noise of {{ pixels | integer }} pixels has a mean of 0 ±
    {{ noise | decimals(3) }}. Started without it, samples have {{ spread | percent }} of the images' spread in
    brightness. For images from 0 to 1 of brightness {{ images.unit | decimals(2) }} ± {{ std.unit | decimals(2) }}
    their mean is {{ mean.unit | decimals(2) }}; for the same images from −1 to 1 it is {{ mean.signed | integer }}, as
    it should be."""
    betas = [(0.00085**0.5 + k / 999 * (0.012**0.5 - 0.00085**0.5)) ** 2 for k in range(1000)]
    share = np.exp(np.sum(np.log1p(-np.array(betas))))
    assert abs(np.sqrt(share) - result.left) < 1e-9 and result.steps == 1000 and result.pixels == PIXELS
    noise = np.random.default_rng(SEED).normal(size=(1000, 4096)).mean(axis=1).std() * np.sqrt(1 - share)
    assert abs(noise / result.noise - 1) < 0.08 and abs(result.noise - np.sqrt(1 - share) / 64) < 1e-6
    assert abs(result.left * 0.5 / result.signal - 1) < 1e-9
    assert result.images == {"unit": 0.5, "signed": 0.0} and result.std == {"unit": 0.25, "signed": 0.5}
    for name in CODES:
        assert abs(flow_back(result.images[name], result.std[name], 0.0, 4) - result.mean[name]) < 6e-3
    assert abs(result.exercise * 0.25 * PIXELS / (1 - result.exercise) - 1) < 1e-9
    wide = flow_back(0.0, 0.5, 1 / 64, 4) - flow_back(0.0, 0.5, -1 / 64, 4)
    assert abs(wide / 2 / 0.5 - result.spread) < 6e-3


def equation_sample() -> Draws:
    r"""\mathbb{E}[c] - m =
    -\frac{\sqrt{\bar{\alpha}}\;m\,\sigma}{\sqrt{\bar{\alpha}\,\sigma^2 + (1 - \bar{\alpha})/n}}"""
    for rng in draws(6):
        m, std, share = rng.normal(), rng.uniform(0.1, 1), rng.uniform(0.001, 0.3)
        letters = {r"\mathbb{E}[c]": sample_mean(m, std, share, 0.0, 100), "m": m, r"\sigma": std, "n": 100}
        yield {**letters, r"\bar{\alpha}": share}


def figure_brightness(result: Result) -> Figure:
    """Mean brightness of samples, black at zero and white at one, against what is left of an image. Coded from −1 to 1
    it stays at one half; coded from 0 to 1 it falls steeply."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    axes.axvline(result.left, color=MUTED, linewidth=0.8)
    axes.plot(result.shares, result.curves["signed"], color=FIRST)
    axes.plot(result.shares, result.curves["unit"], color=SECOND)
    label_point(axes, "images from −1 to 1", (result.shares[13], 0.5), FIRST, dx=0, dy=10, ha="center")
    label_point(axes, "from 0 to 1", (result.shares[12], result.curves["unit"][12]), SECOND, dx=-8, dy=-8)
    axes.set(xlim=(0, 0.1), ylim=(0, 0.6))
    frame_axes(axes, [0, 0.05, 0.1], [0, 0.25, 0.5], "left of an image", "brightness of samples")
    return figure


if __name__ == "__main__":
    show_figures(figure_brightness, of=compute())
