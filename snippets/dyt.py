"""What does DyT, tanh(αx) in place of a normalization, do to a mean and to a scale?

It passes both on. A mean is compressed, but what varies around it is compressed more: units of variance 1 and mean
{{ means[1] | integer }} have an off-center ratio of {{ before[1] | integer }} before it and of
{{ equal.three[0] | digits(2) }} behind it at α = {{ alphas[0] | digits(1) }}. And a scale that a norm would set to 1 it
leaves: what comes in at {{ scales[0] | decimals(2) }} goes out at {{ out.half[0] | decimals(3) }}.

    α   scale of DyT, trained, one number for a layer
    ρ   squared mean over variance, summed over units
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.gaussian import normal_mean
from lib.mean_field import propagate, propagate_by_sum
from lib.normalization import rms_norm
from lib.plots import FIRST, INK, MUTED, SECOND, decades, frame_axes, label_point, new_figure, show_figures

SEED = 0
ALPHAS, MEANS = (0.5, 1.0, 2.0), (1.0, 3.0)
SCALES = (0.02, 1.0, 10.0)
LISTED = {"small": (0.8, 0.2), "large": (0.2, 0.05)}  # α at the start before attention and elsewhere, authors’ list
GRID = np.geomspace(0.01, 100, 49)


@dataclass(frozen=True)
class Result:
    alphas: tuple[float, ...]
    "Scales of DyT."
    means: tuple[float, ...]
    "Means of all units, of variance 1."
    before: tuple[float, ...]
    "Off-center ratios before DyT."
    equal: dict[str, tuple[float, ...]]
    "Ratios behind it if all units have the first or the second mean, by α."
    drawn: tuple[float, ...]
    "Ratio behind it where each unit’s mean is drawn from N(0, 1), and the ratio before is 1, by α."
    scales: tuple[float, ...]
    "Standard deviations of what comes in, of mean zero."
    out: dict[str, tuple[float, ...]]
    "Root mean square of what goes out, at α of one half and at 1."
    listed: dict[str, tuple[float, float]]
    "α at the start before attention and elsewhere, in the authors’ list for their smallest and largest Llama."
    curves: dict[str, np.ndarray]
    "Root mean square of what goes out against what comes in, by α."


def ratio_behind(alpha: float, mean: float) -> float:
    """Squared mean over variance of tanh(αx) for x of this mean and variance 1."""
    first = normal_mean(lambda z: np.tanh(alpha * (mean + z)))
    return first**2 / normal_mean(lambda z: (np.tanh(alpha * (mean + z)) - first) ** 2)


def size_behind(alpha: float, scale: float) -> float:
    """Root mean square of tanh(αx) for x of mean zero and this standard deviation."""
    return float(np.sqrt(normal_mean(lambda z: np.tanh(alpha * scale * z) ** 2)))


def compute() -> Result:
    drawn = [propagate(lambda z, alpha=alpha: np.tanh(alpha * z), 1.0, 1.0) for alpha in ALPHAS]
    return Result(
        alphas=ALPHAS,
        means=MEANS,
        before=tuple(mean**2 for mean in MEANS),
        equal={name: tuple(ratio_behind(a, mean) for a in ALPHAS) for name, mean in zip(("one", "three"), MEANS)},
        drawn=tuple(shared / own for shared, own in drawn),
        scales=SCALES,
        out={name: tuple(size_behind(a, s) for s in SCALES) for name, a in (("half", 0.5), ("one", 1.0))},
        listed=LISTED,
        curves={str(a): np.array([size_behind(a, s) for s in GRID]) for a in (0.05, 0.5, 0.8)},
    )


def claim_the_mean_is_passed_on(result: Result) -> None:
    """Units of variance 1, before tanh(αx) with α of {{ alphas | digits(1) | list }}: if every unit has the mean 1, an
    off-center ratio of 1 becomes {{ equal.one | digits(3) | list }}; with means of {{ means[1] | integer }},
    {{ before[1] | integer }} becomes {{ equal.three | digits(2) | list }}. Only where each unit’s mean is drawn from
    N(0, 1), so that most are smaller than the spread, does 1 become {{ drawn | digits(2) | list }}. RMS norm leaves the
    ratio at 1, batch norm at 0."""
    rng = np.random.default_rng(SEED)
    z = rng.normal(size=1_000_000)
    for name, mean in zip(("one", "three"), result.means):
        assert result.before[MEANS.index(mean)] == mean**2
        for alpha, ratio in zip(result.alphas, result.equal[name]):
            a = np.tanh(alpha * (mean + z))
            assert abs(a.mean() ** 2 / a.var() / ratio - 1) < (0.006 if name == "one" else 0.03)
    for alpha, ratio in zip(result.alphas, result.drawn):
        shared, own = propagate_by_sum(lambda z, alpha=alpha: np.tanh(alpha * z), 1.0, 1.0)
        assert abs(shared / own / ratio - 1) < 0.01
    x = rng.normal(size=2000) + rng.normal(size=(4000, 2000))  # each unit’s own mean; variance 1
    a = rms_norm(x)
    assert abs(np.sum(a.mean(axis=0) ** 2) / a.var(axis=0).sum() - 1) < 0.1


def claim_the_scale_is_passed_on(result: Result) -> None:
    """What comes in with mean zero and standard deviations of {{ scales | digits(1) | list }} goes out of tanh(αx), at
    α = ½, with a root mean square of {{ out.half[0] | decimals(3) }}, {{ out.half[1] | decimals(2) }} and
    {{ out.half[2] | decimals(2) }}; at α = 1 with {{ out.one[0] | decimals(2) }}, {{ out.one[1] | decimals(2) }} and
    {{ out.one[2] | decimals(2) }}. RMS norm would make each of them 1."""
    z = np.random.default_rng(SEED + 1).normal(size=400_000)
    for name, alpha in (("half", 0.5), ("one", 1.0)):
        for scale, size in zip(result.scales, result.out[name]):
            assert abs(np.sqrt(np.mean(np.tanh(alpha * scale * z) ** 2)) / size - 1) < 0.005
    assert abs(result.out["half"][0] / 0.01 - 1) < 1e-3  # α times what comes in, where that is small


def figure_scale(result: Result) -> Figure:
    """Root mean square behind DyT against that before it, both logarithmic: three curves that rise like a straight line
    and then end at 1, each at another place; a level gray line at 1 for RMS norm."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    axes.plot(GRID[[0, -1]], [1, 1], color=MUTED, linewidth=0.8)
    for key, role, x in (("0.8", SECOND, 12), ("0.5", INK, 20), ("0.05", FIRST, 30)):
        axes.plot(GRID, result.curves[key], color=role)
        label_point(axes, f"α = {key}", (GRID[x], result.curves[key][x]), role, dx=8, dy=-8)
    axes.set(xscale="log", yscale="log", ylim=(3e-4, 3))
    frame_axes(axes, decades(-2, -1, 0, 1, 2), decades(-3, -2, -1, 0), "root mean square before", "behind")
    return figure


if __name__ == "__main__":
    show_figures(figure_scale, of=compute())
