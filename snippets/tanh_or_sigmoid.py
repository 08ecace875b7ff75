"""tanh is the sigmoid, stretched and shifted: why does it train faster?

Because gradient descent is not blind to a stretch and a shift. The same functions, other coordinates: descent on the
tanh net is descent on the sigmoid net with its gradient multiplied by a matrix P. Most of the gain is the shift: on
digits {{ epochs.sigmoid }} epochs with σ, {{ epochs.stretched }} stretched, {{ epochs.centered }} centered,
{{ epochs.tanh }} both (tanh).

    layers   weights and biases of each layer, as in lib/network.py
    k, m     the units k(σ(kz) − m): stretched if k is two, centered if m = ½
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import sigmoid
from lib.network import (
    Layer,
    cross_entropy,
    forward,
    init_layers,
    loss,
    loss_gradients,
    sgd_step,
    sigmoid_twin,
    softmax,
)
from lib.plots import FIRST, GRID, INK, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.training import SIZES, every_third_digit

SEED = 0
UNITS = {"sigmoid": (1, 0.0), "stretched": (2, 0.0), "centered": (1, 0.5), "tanh": (2, 0.5)}
NAMES = {"sigmoid": "σ(z)", "stretched": "2σ(2z)", "centered": "σ(z) − ½", "tanh": "tanh z"}
STEPS = {  # the best of a grid of powers of √2, searched once over a wide range
    "centered inputs": dict(zip(UNITS, 2.0 ** np.array([3.5, 0.5, 3.5, 2.5]))),
    "raw inputs": dict(zip(UNITS, 2.0 ** np.array([2.0, 0.0, 2.0, 0.5]))),
}
GOAL, LIMIT, STARTS = 0.3, 150, 11


@dataclass(frozen=True)
class Result:
    units: int
    "Hidden units of the net for the digits."
    images: int
    "Images in the batch: every third one of the digits."
    goal: float
    "The loss that a run on the digits has to reach."
    epochs: dict[str, int]
    "Epochs to that loss with centered inputs, by unit: median over the starts."
    range: dict[str, tuple[int, ...]]
    "Least and most over the starts."
    raw: dict[str, int]
    "Epochs with raw inputs, median."
    raw_range: dict[str, tuple[int, ...]]
    "Least and most over the starts."
    starts: int
    "Random starts of each."
    least: dict[str, int]
    "Fewest epochs from the first start, centered inputs, at half the step used, at it, and at twice it."
    curves: dict[str, np.ndarray]
    "Loss by epoch from the first start, centered inputs."
    first: float
    "Loss of the sigmoid net before the first epoch, from the first start."
    peak: float
    "Largest loss on its way."
    twin_curve: np.ndarray
    "The same of the preconditioned sigmoid net, started as the tanh net's twin."
    twin_epochs: int
    "Epochs of the plain sigmoid net from that start."


def precondition(gradient: list[Layer]) -> list[Layer]:
    """P times a gradient of the sigmoid net with one hidden layer: what descent on the tanh net does to it."""
    (W, b), (V, c) = gradient
    return [(4 * W, 4 * b), (4 * V - 2 * c, (1 + len(V)) * c - 2 * V.sum(axis=0))]


def init_net(seed: int) -> list[Layer]:
    """A net of normal weights of variance 1/inputs and zero biases, the same for all units."""
    return init_layers(SIZES, np.random.default_rng(STARTS * SEED + seed))


def load_images(kind: str = "centered inputs") -> tuple[np.ndarray, np.ndarray]:
    """Pixels (B, 64), centered or raw, and one-hot labels (B, 10)."""
    pixels, targets = every_third_digit()
    return pixels - pixels.mean(axis=0) * (kind == "centered inputs"), targets


def train(
    x: np.ndarray, y: np.ndarray, layers: list[Layer], unit: str, step: float, limit: int, change: Callable = list
) -> np.ndarray:
    """Loss before every epoch of full-batch descent until it is at most `GOAL`; `change` is done to each gradient."""
    (k, m), losses = UNITS[unit], []
    for _ in range(limit + 1):
        (W, b), (V, c) = layers
        s = sigmoid(k * (x @ W + b))
        a = k * (s - m)
        losses.append(cross_entropy(a @ V + c, y))
        if losses[-1] <= GOAL:
            break
        delta = (softmax(a @ V + c) - y) / len(x)
        back = delta @ V.T * k**2 * s * (1 - s)
        layers = sgd_step(layers, change([(x.T @ back, back.sum(axis=0)), (a.T @ delta, delta.sum(axis=0))]), step)
    return np.array(losses)


def count_epochs(losses: np.ndarray) -> float:
    """Epochs of a run, infinitely many if it did not arrive."""
    return len(losses) - 1 if losses[-1] <= GOAL else np.inf


def compute() -> Result:
    epochs, curves = {}, {}
    for kind, steps in STEPS.items():
        for unit in UNITS:
            runs = [train(*load_images(kind), init_net(i), unit, steps[unit], LIMIT) for i in range(STARTS)]
            epochs[kind, unit] = sorted(map(count_epochs, runs))
            curves[kind, unit] = runs[0]
    (x, y), kind = load_images(), "centered inputs"
    least, steps, twin = {}, STEPS[kind], sigmoid_twin(init_net(0))
    for unit in ("sigmoid", "tanh"):
        best = len(curves[kind, unit]) - 1
        others = [train(x, y, init_net(0), unit, steps[unit] * factor, best) for factor in (0.5, 2)]
        least[unit] = min(best, *map(count_epochs, others))
    return Result(
        units=SIZES[1],
        images=len(x),
        goal=GOAL,
        epochs={unit: epochs[kind, unit][STARTS // 2] for unit in UNITS},
        range={unit: (epochs[kind, unit][0], epochs[kind, unit][-1]) for unit in UNITS},
        raw={unit: epochs["raw inputs", unit][STARTS // 2] for unit in UNITS},
        raw_range={unit: (epochs["raw inputs", unit][0], epochs["raw inputs", unit][-1]) for unit in UNITS},
        starts=STARTS,
        least=least,
        curves={unit: curves[kind, unit] for unit in UNITS},
        first=curves[kind, "sigmoid"][0],
        peak=curves[kind, "sigmoid"].max(),
        twin_curve=train(x, y, twin, "sigmoid", steps["tanh"], LIMIT, precondition),
        twin_epochs=count_epochs(train(x, y, twin, "sigmoid", steps["sigmoid"], LIMIT)),
    )


def claim_centering_gains_more(result: Result) -> None:
    """On {{ images }} digits with centered inputs the sigmoid needs {{ epochs.sigmoid }} epochs to a loss of
    {{ goal | digits(1) }}; stretched {{ epochs.stretched }}, centered {{ epochs.centered }}, both, which is tanh,
    {{ epochs.tanh }}: medians over {{ starts }} starts."""
    e = result.epochs
    assert e["tanh"] < e["centered"] < 0.7 * min(e["stretched"], e["sigmoid"])
    assert 20 < e["sigmoid"] < 36 and 16 < e["stretched"] < 31 and 9 < e["centered"] < 13 and 3 < e["tanh"] < 9
    for unit, curve in result.curves.items():
        low, high = result.range[unit]
        assert low <= len(curve) - 1 <= high and low <= e[unit] <= high and curve[-1] <= GOAL < curve[-2]
    (x, y), layers = load_images(), init_net(0)  # the run again, by the general code of lib/network.py
    assert result.images == len(x)
    for step in range(4):
        assert abs(loss(layers, x, y, "tanh") / result.curves["tanh"][step] - 1) < 1e-9
        layers = sgd_step(layers, loss_gradients(layers, x, y, "tanh"), STEPS["centered inputs"]["tanh"])


def claim_both_layers_want_it(result: Result) -> None:
    """With raw pixels, from 0 to 1, the same units need {{ raw.sigmoid }}, {{ raw.stretched }}, {{ raw.centered }}
    and {{ raw.tanh }}: centering the units does not center the data, nor the other way round."""
    for unit in UNITS:
        low, high = result.raw_range[unit]
        assert low <= result.raw[unit] <= high and result.raw[unit] > 1.5 * result.epochs[unit]
    assert 18 < result.raw["tanh"] < 27 < result.raw["centered"] < 33 < result.raw["stretched"] < 47
    assert 47 < result.raw["sigmoid"] < 61


def claim_the_step_is_not_to_blame(result: Result) -> None:
    """The step size is not to blame: of half the step used, that step and twice it, the best takes
    {{ least.sigmoid }} epochs with the sigmoid, from the first start, and {{ least.tanh }} with tanh."""
    assert 16 < result.least["sigmoid"] < 36 and 3 < result.least["tanh"] < 10
    assert result.least["sigmoid"] > 1.5 * result.least["tanh"]
    for unit, least in result.least.items():
        assert 0.6 * (len(result.curves[unit]) - 1) <= least < len(result.curves[unit])  # the step used is good


def claim_the_mean_is_leapt_across(result: Result) -> None:
    """At the step that serves it best the sigmoid net first leaps across its valley: the loss goes from
    {{ first | digits(2) }} up to {{ peak | digits(2) }}, along the mean of the activations."""
    (x, y), layers = load_images(), init_net(0)
    change = loss_gradients(layers, x, y, "sigmoid")[1][0]
    run, losses = layers, []
    for _ in range(12):
        losses.append(loss(run, x, y, "sigmoid"))
        run = sgd_step(run, loss_gradients(run, x, y, "sigmoid"), STEPS["centered inputs"]["sigmoid"])
    assert abs(losses[0] / result.first - 1) < 1e-9 and abs(max(losses) / result.peak - 1) < 1e-6
    assert result.peak > 2 * result.first
    mean = forward(layers, x, sigmoid)[1][1].mean(axis=0)
    along = np.outer(mean, mean @ change) / (mean @ mean)
    assert np.sum(along**2) > 0.6 * np.sum(change**2)


def claim_the_start_is_not_to_blame(result: Result) -> None:
    """Started as the twin of the tanh net, so from the same function, the sigmoid net still needs
    {{ twin_epochs }} epochs; preconditioned it needs as many as tanh."""
    assert 1.5 * (len(result.curves["tanh"]) - 1) < result.twin_epochs <= result.epochs["sigmoid"] + 2
    assert result.twin_epochs > 12
    np.testing.assert_allclose(result.twin_curve, result.curves["tanh"], rtol=1e-9)


def figure_losses(result: Result) -> Figure:
    """Loss against epochs on a logarithmic axis, down to {{ goal | digits(1) }}, for each kind of hidden unit. The
    sigmoid and the stretched sigmoid arrive last, the centered one at about half their epochs, tanh first; dots on the
    curve of tanh are the preconditioned sigmoid net."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    for unit, curve in result.curves.items():
        role = FIRST if unit in ("centered", "tanh") else SECOND
        axes.plot(curve, color=role, label=NAMES[unit], linestyle="-" if unit in ("sigmoid", "tanh") else (0, (5, 2)))
    axes.plot(result.twin_curve, "o", color=INK, markersize=4, label="σ, preconditioned")
    end = {unit: len(curve) - 1 for unit, curve in result.curves.items()}
    label_point(axes, "σ(z)", (end["sigmoid"], GOAL), SECOND, dx=4, dy=12)
    label_point(axes, "2σ(2z)", (4, result.curves["stretched"][4]), SECOND, dx=8, dy=4)
    label_point(axes, "σ(z) − ½", (end["centered"], GOAL), FIRST, dx=5, dy=8)
    label_point(axes, "tanh z", (2, result.curves["tanh"][2]), FIRST, dx=8, dy=6)
    axes.set(yscale="log", xlim=(-0.5, end["sigmoid"] + 3), ylim=(0.25, 1.1 * result.curves["sigmoid"].max()))
    frame_axes(axes, [0, 5, 10, 15, 20, 25], [0.3, 1, 3, 10], "epochs", "loss")
    return figure


def figure_epochs(result: Result) -> Figure:
    """Epochs to the loss, a row for each hidden unit: with raw inputs {{ raw.sigmoid }}, {{ raw.stretched }},
    {{ raw.centered }} and {{ raw.tanh }}, with centered inputs {{ epochs.sigmoid }}, {{ epochs.stretched }},
    {{ epochs.centered }} and {{ epochs.tanh }}."""
    figure = new_figure(360, 0.58)
    (axes,) = figure.axes
    for row, unit in enumerate(UNITS):
        axes.plot([result.epochs[unit], result.raw[unit]], [-row, -row], color=GRID, linewidth=1)
        rows = ((result.epochs, result.range, FIRST), (result.raw, result.raw_range, SECOND))
        for middle, ends, role in rows:
            axes.plot(ends[unit], [-row, -row], color=role, linewidth=4, alpha=0.35)
            axes.plot(middle[unit], -row, "o", color=role, markersize=7, label=NAMES[unit])
            word = "" if row else " centered inputs" if role == FIRST else " raw inputs"
            where = {"dx": -8, "ha": "left"} if role == SECOND else {"dx": 8, "ha": "right"}
            label_point(axes, f"{middle[unit]}{word}", (middle[unit], -row), role, dy=13, **where)
    axes.set(xscale="log", xlim=(3.5, 80), ylim=(-3.4, 0.5))
    frame_axes(axes, [5, 10, 20, 50], {-row: NAMES[unit] for row, unit in enumerate(UNITS)}, "epochs")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return figure


if __name__ == "__main__":
    show_figures(figure_losses, figure_epochs, of=compute())
