"""Should the targets be standardized, too?

For a linear neuron their scale does nothing. With a hidden layer it does: a net that learns c·y is a net that learns y
from output weights 1/c as large, whose hidden layer takes c² times the step; at c = {{ scales[3] | integer }} no step
suits both layers.

    c       scale of the targets; L' is the loss of the net that learns y itself
    f       output v·a + d of hidden units a = tanh(x W + b)
    left    loss that remains, as a share of half the targets' variance
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import FIRST, MUTED, SECOND, THIRD, frame_axes, label_point, new_figure, show_figures

SEED = 0
UNITS, EXAMPLES, REACH, STEPS, STARTS = 16, 24, 2.0, 1500, 5
SCALES = (1.0, 10.0, 100.0, 1000.0)
SIZES = 10.0 ** np.arange(-3.5, 0, 0.5)


Stack = Sequence[np.ndarray]  # of nets: weights and biases of the hidden layer, then of the output


@dataclass(frozen=True)
class Result:
    units: int
    "Hidden tanh units."
    examples: int
    "Examples, all in every step."
    reach: float
    "Inputs are spread evenly to this distance from zero, on either side."
    steps: int
    "Steps of each run."
    starts: int
    "Random starts that a median is taken over."
    scales: tuple[float, ...]
    "Standard deviations of the targets."
    best: dict[str, tuple[float, ...]]
    "For each scale: the share of the loss that is left at the best step size, and that step size."
    left: np.ndarray
    "Share of the loss that is left, shape (scales, step sizes); 1 where a run went astray."


def make_problem() -> tuple[np.ndarray, np.ndarray]:
    """Inputs (EXAMPLES,) between −REACH and REACH, and targets sin 2x with mean 0 and variance 1."""
    x = np.linspace(-REACH, REACH, EXAMPLES)
    y = np.sin(2 * x)
    return x, y / y.std()


def forward(net: Stack, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Activations (…, EXAMPLES, UNITS) and outputs (…, EXAMPLES) of a stack of nets."""
    W, b, v, d = net
    a = np.tanh(x[:, None] * W[..., None, :] + b[..., None, :])
    return a, (a @ v[..., None])[..., 0] + d


def gradients(net: Stack, x: np.ndarray, y: np.ndarray) -> Stack:
    """Gradients of half the mean squared error by W, b, v (…, UNITS) and d (…, 1), for a stack of nets."""
    a, f = forward(net, x)
    delta = (f - y) / len(x)
    dz = delta[..., None] * net[2][..., None, :] * (1 - a**2)
    return x @ dz, dz.sum(-2), (delta[..., None, :] @ a)[..., 0, :], delta.sum(-1, keepdims=True)


def half_squared_error(net: Stack, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Half the mean squared error of each net in a stack."""
    return np.mean((forward(net, x)[1] - y) ** 2, axis=-1) / 2


def init_nets(rng: np.random.Generator, shape: tuple[int, ...]) -> Stack:
    """The same random net at every place of a stack: weights of variance one over the inputs, zero biases."""
    W, v = rng.normal(size=UNITS), rng.normal(size=UNITS) / np.sqrt(UNITS)
    return [np.broadcast_to(part, (*shape, part.size)).copy() for part in (W, np.zeros(UNITS), v, np.zeros(1))]


def loss_left(sizes: np.ndarray = SIZES) -> np.ndarray:
    """Share of the loss that is left after `STEPS`, shape (scales, step sizes), median over starts."""
    (x, y), rng, found = make_problem(), np.random.default_rng(SEED), []
    scaled = np.array(SCALES)[:, None, None] * y
    for _ in range(STARTS):
        net = init_nets(rng, (len(SCALES), len(sizes)))
        with np.errstate(over="ignore", invalid="ignore"):  # some diverge
            for _ in range(STEPS):
                net = [part - sizes[:, None] * slope for part, slope in zip(net, gradients(net, x, scaled))]
            left = half_squared_error(net, x, scaled) / np.array(SCALES)[:, None] ** 2 * 2
        found.append(np.where(left < 1, left, 1.0))
    return np.median(found, axis=0)


def compute() -> Result:
    left = loss_left()
    return Result(
        units=UNITS,
        examples=EXAMPLES,
        reach=REACH,
        steps=STEPS,
        starts=STARTS,
        scales=SCALES,
        best={"left": tuple(left.min(axis=1)), "step": tuple(SIZES[left.argmin(axis=1)])},
        left=left,
    )


def claim_nothing_to_a_linear_neuron(result: Result) -> None:
    """A linear neuron that starts from zero takes the same path for every scale of its targets, in units of that scale,
    at the same step size: as many steps, the same share of the error at each."""
    rng = np.random.default_rng(SEED)
    x, y = rng.normal(1, 1, (50, 4)), rng.normal(2, 1, 50)
    paths = []
    for scale in SCALES:
        w, path = np.zeros(4), []
        for _ in range(100):
            w = w - 0.1 * x.T @ (x @ w - scale * y) / 50
            path.append(w / scale)
        paths.append(path)
    np.testing.assert_allclose(paths, [paths[0]] * len(SCALES), rtol=1e-10)


def claim_another_start_and_another_step(result: Result) -> None:
    """The run on targets $c$ times as large and the run on the targets themselves, from output weights $1/c$ as large
    and with $c^2$ times the step in the hidden layer, have the same outputs at every step, but for the factor $c$."""
    (x, y), rng = make_problem(), np.random.default_rng(SEED)
    for scale in SCALES:
        W, b, v, d = net = init_nets(rng, ())
        v, d = v / scale, d / scale
        for _ in range(20):  # rounding grows in long runs
            np.testing.assert_allclose(
                half_squared_error(net, x, scale * y), scale**2 * half_squared_error((W, b, v, d), x, y), rtol=1e-6
            )
            net = [part - 0.001 * slope for part, slope in zip(net, gradients(net, x, scale * y))]
            by_W, by_b, by_v, by_d = gradients((W, b, v, d), x, y)
            W, b = W - scale**2 * 0.001 * by_W, b - scale**2 * 0.001 * by_b
            v, d = v - 0.001 * by_v, d - 0.001 * by_d


@cache
def loss_left_between() -> np.ndarray:
    """What is left at step sizes between those tried, the largest scale."""
    return loss_left(SIZES * 10**0.25)[3]


def loss_left_of_twins(steps: Sequence[float]) -> np.ndarray:
    """What is left of the nets that learn y itself, with the start and the steps that take the place of the scales."""
    (x, y), rng = make_problem(), np.random.default_rng(SEED)
    starts = [init_nets(rng, ()) for _ in range(STARTS)]
    W, b, v, d = (np.stack([net[i] for net in starts])[None].repeat(len(SCALES), axis=0) for i in range(4))
    scales, steps = np.array(SCALES)[:, None, None], np.array(steps)[:, None, None]
    v, d = v / scales, d / scales
    for _ in range(STEPS):
        by_W, by_b, by_v, by_d = gradients((W, b, v, d), x, y)
        W, b = W - scales**2 * steps * by_W, b - scales**2 * steps * by_b
        v, d = v - steps * by_v, d - steps * by_d
    return np.median(2 * half_squared_error((W, b, v, d), x, y), axis=1)


def claim_no_step_suits_both(result: Result) -> None:
    """At the best step size the share of the loss that is left is about {{ best.left | digits(1) | list }} for targets
    of standard deviation {{ scales | integer | list }}."""
    y = make_problem()[1]
    assert abs(y.mean()) < 1e-12 and abs(y @ y / EXAMPLES - 1) < 1e-12 and result.left.max() <= 1
    assert result.best["left"][3] > 4 * max(result.best["left"][:2])
    ratios = np.array(loss_left_of_twins(result.best["step"])) / result.best["left"]
    assert 1 / 3 < ratios.min() <= ratios.max() < 3  # long runs at bold steps amplify rounding
    assert loss_left_between().min() > 2 * max(result.best["left"][:2])


def equation_output() -> Draws:
    r"""\frac{\partial L}{\partial v} = c\,\frac{\partial L'}{\partial v'}"""
    yield from draw_scaled(2, r"\frac{\partial L}{\partial v}", r"\frac{\partial L'}{\partial v'}")


def equation_hidden() -> Draws:
    r"""\frac{\partial L}{\partial W} = c^2\,\frac{\partial L'}{\partial W}"""
    yield from draw_scaled(0, r"\frac{\partial L}{\partial W}", r"\frac{\partial L'}{\partial W}")


def draw_scaled(part: float, by_first: float, by_second: float) -> Draws:
    """A net that learns c·y, by complex steps, and the one that learns y, by back-propagation."""
    x, y = make_problem()
    for rng in draws(8):
        c, (W, b, v, d) = rng.uniform(0.1, 30), [rng.normal(size=n) for n in (UNITS, UNITS, UNITS, 1)]
        slopes = []
        for nudge in 1e-20j * np.eye(UNITS):
            net = [W, b, c * v, c * d]
            net[part] = net[part] + nudge
            slopes.append(half_squared_error(net, x, c * y).imag / 1e-20)
        yield {by_first: np.array(slopes), by_second: gradients((W, b, v, d), x, y)[part], "c": c}


def figure_left(result: Result) -> Figure:
    """What is left of the loss against the step size, both on logarithmic axes. The curves for standard deviations of
    {{ scales[:3] | integer | list }} each have a low point; that for {{ scales[3] | integer }} stays near the top."""
    figure = new_figure(360, 0.82)
    (axes,) = figure.axes
    roles = (FIRST, MUTED, THIRD, SECOND)
    for scale, row, role in zip(result.scales, result.left, roles):
        axes.plot(SIZES, row, color=role, label=f"scale {scale:,g}")
        at = int(np.argmin(row)) if scale < 1000 else 2
        label_point(axes, f"{scale:,g}", (SIZES[at], row[at]), role, dx=6, dy=-6 if scale < 1000 else 10)
    axes.set(xscale="log", yscale="log", xlim=(2.5e-4, 0.45), ylim=(1e-4, 1.2))
    frame_axes(
        axes,
        {0.001: "0.001", 0.01: "0.01", 0.1: "0.1"},
        {1e-4: "0.01%", 1e-2: "1%", 1: "100%"},
        "step size",
        "loss left",
    )
    return figure


if __name__ == "__main__":
    show_figures(figure_left, of=compute())
