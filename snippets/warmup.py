"""Which steps can a network bear after a warm-up, and is centering the pixels worth one?

Full-batch descent on {{ images }} digits, {{ units }} tanh units. The step rises to its final size in a straight line.
On raw pixels a warm-up of {{ warm[3] }} steps multiplies the largest final step that does not diverge by
{{ gain.raw | digits(2) }}, on centered pixels by {{ gain.centered | digits(2) }}; centering alone multiplies it by
{{ centering | digits(2) }} (medians of {{ starts | words }} starts).

    sharpness  largest eigenvalue of the Hessian of the loss at the start, by power iteration
    loss       half the squared error of one-hot outputs, mean over images
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.data import digits, one_hot
from lib.network import Layer, flatten, forward, init_layers, sgd_step, squared_error_and_gradients, unflatten
from lib.numerics import complex_step
from lib.plots import FIRST, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
IMAGES, UNITS, STARTS, FULL = 200, 16, 5, 300  # steps at the full step size, behind the warm-up
WARM = (0, 25, 50, 100, 200)
TIMES = tuple(float(t) for t in 2 ** np.arange(-0.5, 5.1, 0.5))  # final steps, in units of 2 over the sharpness


@dataclass(frozen=True)
class Result:
    images: int
    "Images, all in every step."
    units: int
    "Hidden tanh units."
    starts: int
    "Starts, each with images of its own."
    full: int
    "Steps at the full step size."
    warm: tuple[int, ...]
    "Steps of the warm-up."
    times: dict[str, tuple[float, ...]]
    "Largest final step over two over the sharpness at the start, median of starts, for each warm-up."
    steps: dict[str, tuple[float, ...]]
    "That final step itself."
    gain: dict[str, float]
    "The last of these over the first."
    centering: float
    "Largest step without a warm-up, centered over raw, median of starts."
    ratio: float
    "Largest step on centered pixels without a warm-up over that on raw pixels with the longest."


def init_run(centered: bool, start: int) -> tuple[list[Layer], np.ndarray, np.ndarray]:
    """A network, pixels and one-hot labels, others for each start."""
    pixels, labels = digits()
    chosen = np.random.default_rng([SEED, start]).permutation(len(labels))[:IMAGES]
    x = pixels[chosen] - centered * pixels[chosen].mean(axis=0)
    return init_layers((64, UNITS, 10), np.random.default_rng([SEED, start, 1])), x, one_hot(labels[chosen])


def find_sharpness(layers: list[Layer], x: np.ndarray, y: np.ndarray) -> float:
    """Largest eigenvalue of the Hessian, by power iteration with differences of gradients."""
    v, value = np.random.default_rng(SEED).normal(size=flatten(layers).size), 0.0
    for _ in range(60):
        v = unflatten(v / np.linalg.norm(v), layers)
        ends = [flatten(squared_error_and_gradients(sgd_step(layers, v, size), x, y)[1]) for size in (-1e-4, 1e-4)]
        v = (ends[0] - ends[1]) / 2e-4
        value = np.linalg.norm(v)
    return float(value)


def survives(centered: bool, start: int, step: float, warm: int) -> bool:
    """Whether the loss stays below a million, with a step that rises in `warm` steps and then stays."""
    layers, x, y = init_run(centered, start)
    for t in range(1, warm + FULL + 1):
        loss, gradients = squared_error_and_gradients(layers, x, y)
        if not loss < 1e6:
            return False
        layers = sgd_step(layers, gradients, step * min(1.0, t / warm) if warm else step)
    return True


def find_largest(centered: bool, start: int) -> list[tuple[float, float]]:
    """Largest final step up to which all survive, over 2 by the sharpness at the start and itself, by warm-up."""
    unit, found = 2 / find_sharpness(*init_run(centered, start)), []
    for warm in WARM:
        lost = next(i for i, times in enumerate(TIMES) if not survives(centered, start, times * unit, warm))
        found.append((TIMES[lost - 1], TIMES[lost - 1] * unit))
    return found


def compute() -> Result:
    found = {
        name: np.array([find_largest(centered, start) for start in range(STARTS)])
        for name, centered in (("raw", False), ("centered", True))
    }
    times, steps = ({name: np.median(v[..., i], axis=0) for name, v in found.items()} for i in (0, 1))
    return Result(
        images=IMAGES,
        units=UNITS,
        starts=STARTS,
        full=FULL,
        warm=WARM,
        times={name: tuple(v.tolist()) for name, v in times.items()},
        steps={name: tuple(v.tolist()) for name, v in steps.items()},
        gain={name: float(np.median(v[:, -1, 1] / v[:, 0, 1])) for name, v in found.items()},
        centering=float(np.median(found["centered"][:, 0, 1] / found["raw"][:, 0, 1])),
        ratio=float(np.median(found["centered"][:, 0, 1] / found["raw"][:, -1, 1])),
    )


def claim_it_buys_what_centering_gives(result: Result) -> None:
    """Largest final step that does not diverge, over two by the sharpness at the start: on raw pixels
    {{ times.raw[0] | digits(2) }} without a warm-up and {{ times.raw[4] | digits(2) }} with one of {{ warm[4] }} steps,
    on centered pixels {{ times.centered[0] | digits(2) }} and {{ times.centered[4] | digits(2) }}. As steps these are
    {{ steps.raw[0] | digits(1) }}, {{ steps.raw[4] | digits(1) }}, {{ steps.centered[0] | digits(1) }} and
    {{ steps.centered[4] | digits(1) }}."""
    for name, centered in (("raw", False), ("centered", True)):
        units = [2 / whole_sharpness(*init_run(centered, start)) for start in range(STARTS)]
        for place in (0, -1):
            found = []
            for start, unit in enumerate(units):  # by halving instead of in turn
                low, high = 0, len(TIMES)
                while high - low > 1:
                    middle = (low + high) // 2
                    alive = survives(centered, start, TIMES[middle] * unit, WARM[place])
                    low, high = (middle, high) if alive else (low, middle)
                found.append((TIMES[low], TIMES[low] * unit))
            times, steps = np.median(found, axis=0)
            assert abs(result.times[name][place] / times - 1) < 0.3 and abs(result.steps[name][place] / steps - 1) < 0.3
        layers, x, y = init_run(centered, 0)
        by_loss = complex_step(lambda w, run=(layers, x, y): find_loss(w, *run), flatten(layers))
        np.testing.assert_allclose(flatten(squared_error_and_gradients(layers, x, y)[1]), by_loss, atol=1e-9)
    assert result.gain["raw"] > 2 > 1.5 > result.gain["centered"] and result.centering > 3 and result.ratio > 0.7


def find_loss(w: np.ndarray, like: list[Layer], x: np.ndarray, y: np.ndarray) -> float:
    """Half the squared error, by the general network."""
    return np.sum((forward(unflatten(w, like), x)[0][-1] - y) ** 2) / 2 / len(x)


def whole_sharpness(layers: list[Layer], x: np.ndarray, y: np.ndarray) -> float:
    """Largest eigenvalue of the whole Hessian, from differences of gradients along every weight."""
    w, columns = flatten(layers), []
    for nudge in 1e-5 * np.eye(len(w)):
        ends = [flatten(squared_error_and_gradients(unflatten(w + side * nudge, layers), x, y)[1]) for side in (-1, 1)]
        columns.append((ends[1] - ends[0]) / 2e-5)
    return float(np.linalg.eigvalsh(np.array(columns))[-1])


def figure_steps(result: Result) -> Figure:
    """Largest final step that does not diverge against the length of the warm-up, logarithmic. On raw pixels it rises
    from {{ steps.raw[0] | digits(1) }} to {{ steps.raw[4] | digits(1) }}; on centered pixels it is level near
    {{ steps.centered[0] | digits(1) }}."""
    figure = new_figure(360, 0.7)
    axes = figure.gca()
    for name, role, text, dy in (("raw", SECOND, "raw pixels", -12), ("centered", FIRST, "centered pixels", 10)):
        axes.plot(WARM, result.steps[name], "o-", color=role)
        label_point(axes, text, (WARM[2], result.steps[name][2]), role, dy=dy)
    axes.set(yscale="log", xlim=(-5, 205), ylim=(0.1, 3))
    frame_axes(
        axes, [0, 50, 100, 200], {0.1: "0.1", 0.3: "0.3", 1: "1", 3: "3"}, "steps of warm-up", "largest final step"
    )
    return figure


if __name__ == "__main__":
    show_figures(figure_steps, of=compute())
