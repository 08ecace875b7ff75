"""Which range does an exported model expect, and what are scale and zero point?

A map (p/255 − m)/s of bytes is a scale and a zero point: the first channel's published numbers are a scale of
{{ channels[0].scale | digits(3) }} and a zero point of {{ channels[0].zero | digits(4) }} bytes.

    p   byte of an image, 0 to 255
    S   scale: the distance between two levels
    Z   zero point: the level that stands for 0
    q   level, a whole number
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import FIRST, SECOND, frame_axes, label_point, new_figure, show_figures

LEVELS = 256
MAPS = {"channels": ((0.485, 0.229), (0.456, 0.224), (0.406, 0.225)), "half": ((0.5, 0.5),), "unit": ((0.0, 1.0),)}
YEARS, SPREAD, WIDE = (2005.0, 9.0), 2.0, 4.0
RATIOS = np.linspace(0, 20, 41)


@dataclass(frozen=True)
class Result:
    channels: tuple[dict[str, float], ...]
    "Maps by the published means and standard deviations, red, green, blue: least and largest value, scale, zero point."
    half: dict[str, float]
    "The map to −1 … 1."
    unit: dict[str, float]
    "The map to 0 … 1."
    off: float
    "Gray levels by which a rounded zero point of the map to −1 … 1 is off."
    years: tuple[float, ...]
    "Mean and standard deviation of years."
    spread: float
    "Standard deviations to either side of the mean over which the years are spread."
    apart: dict[str, float]
    "Years between two of 256 levels: for a range from zero, and for SPREAD standard deviations to either side."
    lost: dict[str, float]
    "Root mean square error of rounding years to these levels, in standard deviations; clipped values left out."
    ratios: np.ndarray
    "Means, in standard deviations."
    errors: dict[str, np.ndarray]
    "Root mean square rounding error, in standard deviations, for a range from zero and for one about the mean."


def describe_map(mean: float, std: float) -> dict[str, float]:
    """Least and largest value that (p/255 − mean)/std takes on bytes, and its scale and zero point."""
    return {"least": -mean / std, "most": (1 - mean) / std, "scale": 1 / (255 * std), "zero": 255 * mean}


def quantize(x: np.ndarray, low: float, high: float) -> tuple[np.ndarray, float, int]:
    """Levels 0 … 255 for a range that is widened to contain 0, their scale, and their zero point."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = (high - low) / (LEVELS - 1)
    zero = round(-low / scale)
    return np.clip(np.round(x / scale) + zero, 0, LEVELS - 1), scale, zero


def compute() -> Result:
    maps = {name: tuple(describe_map(*pair) for pair in pairs) for name, pairs in MAPS.items()}
    mean, std = YEARS
    grid = mean + std * np.linspace(-SPREAD, SPREAD, 100_001)
    apart = {"zero": (mean + SPREAD * std) / (LEVELS - 1), "own": 2 * SPREAD * std / (LEVELS - 1)}
    levels, scale, zero = quantize(grid, 0.0, grid[-1])
    centered, fine, shift = quantize(grid - mean, -SPREAD * std, SPREAD * std)
    lost = {"zero": scale * (levels - zero) - grid, "own": fine * (centered - shift) - (grid - mean)}
    return Result(
        channels=maps["channels"],
        half=maps["half"][0],
        unit=maps["unit"][0],
        off=abs(round(maps["half"][0]["zero"]) - maps["half"][0]["zero"]),
        years=YEARS,
        spread=SPREAD,
        apart=apart,
        lost={name: float(np.sqrt((error**2).mean()) / std) for name, error in lost.items()},
        ratios=RATIOS,
        errors={
            "zero": (RATIOS + WIDE) / (LEVELS - 1) / np.sqrt(12),
            "own": np.full_like(RATIOS, 2 * WIDE / (LEVELS - 1) / np.sqrt(12)),
        },
    )


def claim_the_map_is_a_scale_and_a_zero_point(result: Result) -> None:
    """Bytes behind the published numbers run from {{ channels[0].least | decimals(2) }} to
    {{ channels[0].most | decimals(2) }} in red, {{ channels[1].least | decimals(2) }} to
    {{ channels[1].most | decimals(2) }} in green and {{ channels[2].least | decimals(2) }} to
    {{ channels[2].most | decimals(2) }} in blue: scales of {{ channels[0].scale | digits(3) }},
    {{ channels[1].scale | digits(3) }} and {{ channels[2].scale | digits(3) }}, zero points of
    {{ channels[0].zero | digits(4) }}, {{ channels[1].zero | digits(4) }} and {{ channels[2].zero | digits(4) }}. The
    map to −1 … 1 has {{ half.scale | digits(3) }} and {{ half.zero | digits(4) }}."""
    p = np.arange(256)
    described = (*result.channels, result.half, result.unit)
    for (mean, std), known in zip((pair for pairs in MAPS.values() for pair in pairs), described):
        values = (p / 255 - mean) / std  # what a program computes, against scale and zero point
        np.testing.assert_allclose(values, known["scale"] * (p - known["zero"]), atol=1e-12)
        assert abs(values[0] - known["least"]) < 1e-12 and abs(values[-1] - known["most"]) < 1e-12
        levels, scale, zero = quantize(values, values[0], values[-1])  # a converter finds the bytes again
        assert abs(levels - p).max() <= 1 and abs(zero - known["zero"]) <= 0.5 + 1e-9
        assert abs(scale / known["scale"] - 1) < 1e-9
    assert result.off == 0.5


def claim_a_range_from_zero_wastes_levels(result: Result) -> None:
    """Years of {{ years[0] | integer }} ± {{ years[1] | integer }} in eight bits, spread evenly over
    {{ spread | integer }} standard deviations to either side, where the range ends: if it starts at zero, levels are
    {{ apart.zero | digits(2) }} years apart, and rounding errs by {{ lost.zero | digits(2) }} standard deviations. With
    the mean subtracted these are {{ apart.own | digits(2) }} years and {{ lost.own | digits(2) }}."""
    mean, std = result.years
    for name, width in (("zero", mean + result.spread * std), ("own", 2 * result.spread * std)):
        assert abs(result.apart[name] * 255 / width - 1) < 1e-9
        assert abs(result.lost[name] * std * np.sqrt(12) / result.apart[name] - 1) < 0.12
    assert abs(result.errors["zero"][-1] / result.errors["own"][-1] - (RATIOS[-1] + WIDE) / 2 / WIDE) < 1e-9


def equation_levels() -> Draws:
    r"""x \approx S\,(q - Z)"""
    for rng in draws(3):
        x = rng.uniform(1, 5)
        levels, scale, zero = quantize(np.array(x), -3.0, 5.0)
        yield {"x": x, "S": scale, "q": float(levels), "Z": zero, r"\approx": scale}


def equation_map() -> Draws:
    r"""\frac{\frac{p}{255} - m}{s} = S\,(p - Z), \qquad S = \frac{1}{255\,s}, \qquad Z = 255\,m"""
    for rng in draws(3):
        m, s, p = rng.uniform(0.2, 0.7), rng.uniform(0.1, 0.6), float(rng.integers(0, 256))
        ends = (np.array([0.0, 1.0]) - m) / s
        scale = (ends[1] - ends[0]) / 255
        yield {"p": p, "m": m, "s": s, "S": scale, "Z": -ends[0] / scale}


def figure_levels(result: Result) -> Figure:
    """Root mean square rounding error against the mean of an input, both in standard deviations. With a range from
    zero it rises along a straight line; with a range about the mean it is level."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    for name, role, text in (("zero", SECOND, "range from zero"), ("own", FIRST, "range about the mean")):
        axes.plot(result.ratios, result.errors[name], color=role)
        label_point(axes, text, (result.ratios[20], result.errors[name][20]), role, dx=6, dy=-12)
    axes.set(xlim=(0, 20), ylim=(0, 0.03))
    frame_axes(axes, [0, 5, 10, 20], [0, 0.01, 0.02, 0.03], "mean, in standard deviations", "rounding error")
    return figure


if __name__ == "__main__":
    show_figures(figure_levels, of=compute())
