"""Why not ReLU in a recurrent net?

Because one matrix is applied at every step, and nothing bounds its powers: {{ off | percent }} more or less of it make
{{ relu[2] | digits(2) }} or {{ relu[0] | digits(2) }} of a state after {{ long }} steps.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import relu
from lib.numerics import Draws, draws
from lib.plots import FIRST, INK, SECOND, decades, frame_axes, label_point, new_figure, show_figures

SEED = 0
UNITS = 128
LONG, OFF, DRAWN = 100, 0.05, 30


@dataclass(frozen=True)
class Result:
    long: int
    "Steps without inputs."
    off: float
    "By what share a matrix is made smaller and larger."
    relu: tuple[float, ...]
    "Length of the last state over the first: ReLU, the matrix smaller, as it is, larger."
    tanh: tuple[float, ...]
    "Length of the last state of tanh over √n, its bound; the same matrices."
    units: int
    "Units of each net."
    drawn: int
    "How many nets with He's weights were drawn to see what they do to a length."
    he: float
    "Standard deviation over nets of the decimal logarithm of last over first length: one of He's matrices, ReLU."
    layers: float
    "The same through as many layers that have a matrix each."
    curves: dict[str, np.ndarray]
    "Length of the state at every step: ReLU, over the first, a row for each matrix; tanh, over √n, the largest one."


def follow_states(unit: Callable, W: np.ndarray, h: np.ndarray, steps: int = LONG) -> np.ndarray:
    """The state after some steps without inputs."""
    for _ in range(steps):
        h = unit(W @ h)
    return h


def state_lengths(unit: Callable, W: np.ndarray, h: np.ndarray) -> np.ndarray:
    """Lengths of all states, from the first to the last."""
    return np.array([np.linalg.norm(follow_states(unit, W, h, steps)) for steps in range(LONG + 1)])


def draw_net(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """He's weights, and a first state of length 1."""
    h = relu(rng.normal(size=UNITS))
    return rng.normal(size=(UNITS, UNITS)) * np.sqrt(2 / UNITS), h / np.linalg.norm(h)


def final_lengths(rng: np.random.Generator) -> tuple[float, float]:
    """Last length over first through one of He's matrices at all steps, and through as many as there are steps."""
    W, h = draw_net(rng)
    other = h
    for _ in range(LONG):
        other = relu(draw_net(rng)[0] @ other)
    return np.linalg.norm(follow_states(relu, W, h)), np.linalg.norm(other)


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    W, h = draw_net(rng)
    scales = np.array([1 - OFF, 1, 1 + OFF]) / np.linalg.norm(follow_states(relu, W, h)) ** (1 / LONG)
    one, each = np.transpose([final_lengths(rng) for _ in range(DRAWN)])
    return Result(
        long=LONG,
        off=OFF,
        relu=tuple(np.linalg.norm(follow_states(relu, k * W, h)) for k in scales),
        tanh=tuple(np.linalg.norm(follow_states(np.tanh, k * W, h)) / np.sqrt(UNITS) for k in scales),
        units=UNITS,
        drawn=DRAWN,
        he=np.log10(one).std(),
        layers=np.log10(each).std(),
        curves={
            "relu": np.array([state_lengths(relu, k * W, h) for k in scales]),
            "tanh": state_lengths(np.tanh, scales[2] * W, h) / np.sqrt(UNITS),
        },
    )


def claim_one_matrix_many_times(result: Result) -> None:
    """Scale a matrix so that ReLU brings a state back at its length after {{ long }} steps without inputs. Make it
    larger by {{ off | percent(0) }}, and the state is {{ relu[2] | integer }} times as long; make it smaller by as
    much, and {{ relu[0] | digits(2) }} is left. With tanh and the same matrices the length is
    {{ tanh | digits(1) | list }} of its bound $\\sqrt{n}$."""
    np.testing.assert_allclose(result.relu, np.exp(LONG * np.log1p([-OFF, 0, OFF])), rtol=1e-9)
    assert all(0.1 < share < 1 for share in result.tanh) and max(result.tanh) < 2 * min(result.tanh)


def claim_one_matrix_is_not_the_average(result: Result) -> None:
    """After {{ long }} steps with one matrix, {{ drawn }} nets of {{ units }} units with He’s weights differ in the
    length of their state by {{ he | digits(1) }} decades (standard deviation); after {{ long }} layers with a matrix
    each, by {{ layers | digits(1) }}."""
    variance = 5 / 4 / result.units  # of the logarithm of one layer's stretch: (4/n)(E relu⁴ − (E relu²)²)/4
    assert abs(np.log(result.layers * np.log(10) / np.sqrt(variance * LONG))) < 0.9
    assert 2 * result.layers < result.he < 12


def equation_powers() -> Draws:
    r"""h_T(kW) = k^T\,h_T(W)"""
    for rng in draws(6):
        W, h, k = rng.normal(size=(5, 5)), np.abs(rng.normal(size=5)), rng.uniform(0.5, 2)
        yield {"h_T(kW)": follow_states(relu, k * W, h, 4), "k": k, "T": 4, "h_T(W)": follow_states(relu, W, h, 4)}


def figure_lengths(result: Result) -> Figure:
    """Length of the state against the step, on a logarithmic axis. For ReLU three curves part from one start: the
    matrix larger rises to {{ relu[2] | integer }} times the first length, as it is comes back to 1, smaller falls to
    {{ relu[0] | digits(2) }}. The curve for tanh, with the larger matrix and over its bound, levels off at
    {{ tanh[2] | digits(1) }}."""
    figure = new_figure(360, 0.85)
    (axes,) = figure.axes
    steps = np.arange(result.long + 1)
    names = ("ReLU, smaller", "ReLU", "ReLU, larger")
    for name, values, role, dy in zip(names, result.curves["relu"], (SECOND, INK, SECOND), (-12, 12, 10)):
        axes.plot(steps, values, color=role)
        label_point(axes, name, (result.long, values[-1]), role, dx=-1, dy=dy)
    axes.plot(steps, result.curves["tanh"], color=FIRST)
    label_point(axes, "tanh, larger", (result.long, result.curves["tanh"][-1]), FIRST, dx=-1, dy=-12)
    axes.set(yscale="log", xlim=(0, result.long), ylim=(1e-3, 1e3))
    frame_axes(axes, (0, 20, 40, 60, 80, 100), decades(-3, -2, -1, 0, 1, 2, 3), "step", "length of the state")
    return figure


if __name__ == "__main__":
    show_figures(figure_lengths, of=compute())
