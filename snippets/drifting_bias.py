"""Does a bias before batch norm stay where it starts?

Its gradient is zero but for rounding, which Adam divides by its own size: from zero it comes
to {{ drift.adam_single | digits(1) }} in single precision, in {{ steps | integer }} steps.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.optimizers import adam_direction
from lib.plots import FIRST, INK, SECOND, decades, frame_axes, label_point, new_figure, show_figures

SEED = 0
EXAMPLES, INPUTS, UNITS, STEPS = 64, 20, 16, 1000
SIZES = {"adam": 0.01, "plain": 1.0}


@dataclass(frozen=True)
class Result:
    steps: int
    "Steps of the run with a bias before batch norm."
    step_sizes: dict[str, float]
    "Step sizes of Adam and of plain descent."
    drift: dict[str, float]
    "Largest entry of that bias after the run, by method and precision; it starts at zero."
    paths: dict[str, np.ndarray]
    "The same after each step."


def train(method: str, dtype: type, step: float) -> np.ndarray:
    """Largest entry of a bias before batch norm after each step."""
    rng = np.random.default_rng(SEED)
    x = rng.normal(size=(EXAMPLES, INPUTS)).astype(dtype)
    y = np.sin(2 * x[:, :1])
    W, v = rng.normal(size=(INPUTS, UNITS)) / np.sqrt(INPUTS), rng.normal(size=(UNITS, 1)) / np.sqrt(UNITS)
    layers = [part.astype(dtype) for part in (W, np.zeros(UNITS), v, np.ones(UNITS), np.zeros(UNITS))]
    means, squares = [0.0] * 5, [0.0] * 5
    biases = []
    for t in range(1, STEPS + 1):
        W, b, v, gain, shift = layers
        z = x @ W + b
        s = np.sqrt(z.var(axis=0) + dtype(1e-5))
        normal = (z - z.mean(axis=0)) / s
        a = np.tanh(normal * gain + shift)
        delta = (a @ v - y) / dtype(EXAMPLES)
        back = delta @ v.T * (1 - a**2)
        inner = back * gain
        by_z = (inner - inner.mean(axis=0) - normal * (inner * normal).mean(axis=0)) / s
        gradients = [x.T @ by_z, by_z.sum(axis=0), a.T @ delta, (back * normal).sum(axis=0), back.sum(axis=0)]
        for i, g in enumerate(gradients):
            direction = g
            if method == "adam":
                direction, means[i], squares[i] = adam_direction(g, means[i], squares[i], t)
            layers[i] = (layers[i] - dtype(step) * direction).astype(dtype)
        biases.append(np.abs(layers[1]).max())
    return np.array(biases, dtype=float)


def compute() -> Result:
    runs = {
        "adam_single": train("adam", np.float32, SIZES["adam"]),
        "adam_double": train("adam", np.float64, SIZES["adam"]),
        "descent_single": train("plain", np.float32, SIZES["plain"]),
        "descent_double": train("plain", np.float64, SIZES["plain"]),
    }
    return Result(
        steps=STEPS,
        step_sizes=SIZES,
        drift={name: float(run[-1]) for name, run in runs.items()},
        paths=runs,
    )


def claim_rounding_moves_it(result: Result) -> None:
    """A bias before batch norm, in {{ steps | integer }} steps from zero: Adam takes it to
    {{ drift.adam_single | digits(1) }} in single precision and to {{ drift.adam_double | scientific(1) }} in double;
    plain descent to {{ drift.descent_single | scientific(1) }} and {{ drift.descent_double | scientific(1) }}."""
    assert 0.0052 < result.drift["adam_single"] < 0.12 and result.drift["adam_double"] < 1e-8
    assert result.drift["descent_single"] < 1e-5 and result.drift["descent_double"] < 1e-13


def figure_drift(result: Result) -> Figure:
    """Largest entry of a redundant bias against steps, logarithmic. Adam in single precision rises at once to about
    {{ drift.adam_single | digits(1) }}; in double precision it stays near {{ drift.adam_double | scientific(1) }};
    plain descent in single precision near {{ drift.descent_single | scientific(1) }}."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    names = {
        "adam_single": "Adam, single precision",
        "descent_single": "descent, single precision",
        "adam_double": "Adam, double precision",
    }
    steps = np.unique(np.geomspace(1, STEPS, 60).astype(int))
    for (key, name), role, dy in zip(names.items(), (SECOND, INK, FIRST), (-11, 12, 12)):
        path = np.maximum(result.paths[key][steps - 1], 1e-14)
        axes.plot(steps, path, color=role, label=name)
        label_point(axes, name, (steps[18], path[40]), role, dx=0, dy=dy)
    axes.set(xscale="log", yscale="log", xlim=(0.9, 1100), ylim=(1e-14, 1))
    ticks = {1: "1", 10: "10", 100: "100", 1000: "1,000"}
    frame_axes(axes, ticks, decades(-12, -9, -6, -3, 0), "step", "largest entry of the bias")
    return figure


if __name__ == "__main__":
    show_figures(figure_drift, of=compute())
