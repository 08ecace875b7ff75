r"""What does a ReLU network learn if no unit bends where the data are?

A unit max(0, wx + b) bends at x = −b/w; with biases of zero all of them bend at 0. If the data lie elsewhere, the
network is linear on all of them, and the best line is a point where every gradient is zero. Data with a mean of
{{ mean | integer }} standard deviations: {{ left.raw | percent(0) }} of the variance is left after
{{ steps | integer }} steps, {{ left.placed | percent(1) }} if the bends start at examples.

    z, x    one input with mean 0 and standard deviation 1; what the network gets, z plus a mean
    left    mean squared error over the variance of the target
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.optimizers import adam_direction
from lib.plots import FIRST, INK, MUTED, SECOND, frame_axes, label_panel, new_figure, show_figures

SEED = 0
Z = np.linspace(-np.sqrt(3), np.sqrt(3), 25)
Z = Z / Z.std()
TARGET = np.sin(3 * Z)
UNITS, STARTS, STEPS, MEAN, FAR = 32, 8, 2000, 3.0, 10.0
SIZES = (0.003, 0.01, 0.03, 0.1, 0.3)


@dataclass(frozen=True)
class Result:
    units: int
    "Units of the network with one input."
    examples: int
    "Examples, evenly spread."
    starts: int
    "Random starts for each setting; results are medians."
    steps: int
    "Steps of each run."
    mean: float
    "Mean of the raw data in standard deviations."
    far: float
    "A larger one."
    left: dict[str, float]
    "Share of the target's variance left at the best step size of a grid, by setting."
    line: float
    "The same of the best straight line."
    inside: dict[str, float]
    "Units that bend between the first and the last example at the end of these runs."
    curves: dict[str, tuple[np.ndarray, np.ndarray]]
    "What a middling one of these networks computes on the examples, and where its units bend, less the mean."


def init_units(rng: np.random.Generator, x: np.ndarray, place: bool) -> list[np.ndarray]:
    """Weights, biases, output weights, shape (starts, units), and output bias; `place` puts each bend at an example."""
    w = rng.normal(size=(STARTS, UNITS)) * np.sqrt(2)
    b = -w * rng.choice(x, size=w.shape) if place else np.zeros(w.shape)
    return [w, b, rng.normal(size=w.shape) / np.sqrt(UNITS), np.zeros((STARTS, 1))]


def gradients(parameters: list[np.ndarray], x: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """Outputs, shape (…, examples), and gradients of half the mean squared error by all parameters."""
    w, b, v, c = parameters
    z = w[..., None] * x + b[..., None]
    a = np.maximum(z, 0)
    output = (v[..., None, :] @ a)[..., 0, :] + c
    error = (output - TARGET) / len(x)
    delta = v[..., None] * (z > 0) * error[..., None, :]
    return output, [delta @ x, delta.sum(axis=-1), (a @ error[..., None])[..., 0], error.sum(axis=-1, keepdims=True)]


def train(mean: float, place: bool, adam: bool) -> tuple[np.ndarray, list[np.ndarray]]:
    """Outputs (starts, examples) and parameters after all steps, at the step size that leaves least (median)."""
    x, sizes = mean + Z, np.array(SIZES)[:, None, None]
    start = init_units(np.random.default_rng(SEED), x, place)
    parameters = [np.repeat(part[None], len(SIZES), axis=0) for part in start]
    state = [(0.0, 0.0)] * 4
    with np.errstate(over="ignore", invalid="ignore"):  # where a step size is too large
        for number in range(1, STEPS + 1):
            moves = gradients(parameters, x)[1]
            if adam:
                directions = [adam_direction(g, *s, number) for g, s in zip(moves, state)]
                moves, state = [d[0] for d in directions], [d[1:] for d in directions]
            parameters = [part - sizes * move for part, move in zip(parameters, moves)]
        output = gradients(parameters, x)[0]
        lost = np.nan_to_num(np.median(((output - TARGET) ** 2).mean(axis=-1), axis=-1), nan=np.inf)
    return output[lost.argmin()], [part[lost.argmin()] for part in parameters]


def compute() -> Result:
    settings = {  # mean of the inputs, whether bends start at examples, whether it is Adam
        "raw": (MEAN, False, False),
        "placed": (MEAN, True, False),
        "centered": (0.0, False, False),
        "both": (0.0, True, False),
        "adam": (MEAN, False, True),
        "adam_far": (FAR, False, True),
        "placed_far": (FAR, True, False),
    }
    left, inside, curves = {}, {}, {}
    for key, (mean, place, adam) in settings.items():
        output, (w, b, _, _) = train(mean, place, adam)
        bends, errors = -b / w - mean, ((output - TARGET) ** 2).mean(axis=1)
        left[key] = float(np.median(errors) / TARGET.var())
        inside[key] = float(np.median((abs(bends) < Z[-1]).sum(axis=1)))
        middling = errors.argsort()[STARTS // 2]
        curves[key] = (output[middling], bends[middling])
    line = np.polyval(np.polyfit(Z, TARGET, 1), Z)
    return Result(
        units=UNITS,
        examples=len(Z),
        starts=STARTS,
        steps=STEPS,
        mean=MEAN,
        far=FAR,
        left=left,
        line=float(np.mean((line - TARGET) ** 2) / TARGET.var()),
        inside=inside,
        curves={key: curves[key] for key in ("raw", "placed")},
    )


def claim_the_best_line_is_a_trap(result: Result) -> None:
    """Let no unit bend inside the data. A network that computes the best straight line through them then has a gradient
    of zero for every parameter, whatever the weights and the target are."""
    rng, x = np.random.default_rng(SEED), MEAN + Z
    for _ in range(5):
        w, b, v, c = (part[0] for part in init_units(rng, x, False))
        slope, constant = np.polyfit(x, TARGET, 1)
        v = v * slope / np.sum(v * w * (w > 0))
        output, moves = gradients([w, b, v, c + constant], x)
        np.testing.assert_allclose(output, slope * x + constant, atol=1e-12)
        assert max(np.abs(move).max() for move in moves) < 1e-12
        moved = gradients([w, b - 2 * w, v, c + constant], x)[1]  # bends at 2, inside the data
        assert max(np.abs(move).max() for move in moved) > 1e-3


def claim_where_they_start_decides(result: Result) -> None:
    """{{ units }} units, a wave as the target, inputs with a mean of {{ mean | integer }} standard deviations. From
    biases of zero {{ left.raw | percent(0) }} of the variance is left after {{ steps | integer }} steps, as by the best
    line ({{ line | percent(0) }}); with each unit’s bend at an example {{ left.placed | percent(1) }}. Centered inputs
    leave {{ left.centered | percent(1) }} and {{ left.both | percent(1) }}."""
    assert result.line - 1e-9 < result.left["raw"] < 1.03 * result.line and result.inside["raw"] == 0
    assert 20 * result.left["placed"] < result.line and 10 * result.left["centered"] < result.line
    assert result.left["both"] < 0.05 and result.inside["placed"] > result.units / 2
    assert 5.85e-3 < result.left["placed"] < 0.0241 and 0.026 < result.left["centered"] < 0.029
    assert 0.0036 < result.left["both"] < 0.023


def claim_adam_brings_them_if_it_is_not_far(result: Result) -> None:
    """Adam moves some bends into data with a mean of {{ mean | integer }}, and leaves a share of
    {{ left.adam | digits(1) }} (median of {{ starts }} starts, which differ much); at a mean of {{ far | integer }} it
    leaves {{ left.adam_far | percent(0) }}, where plain descent with bends at examples leaves
    {{ left.placed_far | percent(1) }}."""
    assert result.inside["adam"] > 0 and 0 < result.left["adam"] < 0.95 * result.line
    assert abs(result.left["adam_far"] / result.line - 1) < 0.02 and result.left["placed_far"] < 0.04
    assert 0.0148 < result.left["placed_far"] < 0.0339


def figure_fits(result: Result) -> Figure:
    """Two panels, each with a wave of {{ examples }} dots, what a trained network of {{ units }} units computes, and
    short strokes where its units bend. Left, from biases of zero: a straight line; all strokes stand to the left of the
    data, near zero. Right, started with bends at examples: strokes among the dots, and a curve through them."""
    panels = (("raw", "placed"), (SECOND, FIRST), ("biases 0", "bends at examples"))
    figure = new_figure(330, 0.9, panels=2)
    for axes, key, role, text in zip(figure.axes, *panels):
        output, bends = result.curves[key]
        bends = bends[np.abs(bends + 1) < 3]
        axes.plot(Z, TARGET, "o", color=MUTED, markersize=3.5, label="target")
        axes.plot(Z, output, color=role, label="network")
        axes.vlines(bends, -1.75, -1.5, color=INK, linewidth=0.8, label="bends")
        axes.set(xlim=(-4, 2), ylim=(-1.8, 1.6))
        label_panel(axes, text, role, x=0.02, ha="left")
        frame_axes(axes, {-MEAN: "0", 0: "mean"}, [-1, 0, 1], "input", "output")
    return figure


if __name__ == "__main__":
    show_figures(figure_fits, of=compute())
