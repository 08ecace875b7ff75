"""How large should initial weights be: the textbook's example, the defaults of programs, and the two ends of a net.

With {{ active }} of {{ inputs | integer }} inputs at 1, weights of variance 1 saturate a sigmoid, whose slope is
{{ slopes[0] | percent(0) }} of its largest; a variance of one over the inputs leaves {{ slopes[1] | percent(0) }}. Zero
weights are no start at all.

    z      pre-activation of a unit
    slope  derivative of its activation function at z, averaged over random weights
"""

from dataclasses import dataclass
from statistics import harmonic_mean

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, FUNCTIONS
from lib.gaussian import density, normal_mean
from lib.network import loss_gradients, sgd_step
from lib.numerics import Draws, draws
from lib.plots import FIRST, HIGHLIGHT, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
LAYERS = 20
INPUTS, ACTIVE = 1000, 500  # of the textbook example: so many of its inputs are 1, the others 0
WIDTH, CLASSES = 64, 10  # of the last layer


@dataclass(frozen=True)
class Result:
    layers: int
    "Layers of a deep net."
    default: dict[str, float]
    "Weights uniform between ±1/√n: their gain, and what all layers of ReLU or tanh leave of a gradient, tanh at most."
    inputs: int
    "Inputs of the textbook example."
    active: int
    "How many of them are 1."
    stds: tuple[float, float]
    "Standard deviation of its z for weights of variance 1, and for one over the inputs; the bias has variance 1."
    slopes: tuple[float, float]
    "Mean slope of the sigmoid at either, as a share of its largest, ¼."
    shift: float
    "Mean of its z if weights of the smaller standard deviation had a mean of that size, too."
    unit_range: dict
    "Inputs of variance 1, weights from U(−1, 1): standard deviation of z, mean slope of tanh; the same at √(3/n)."
    last_layer: dict
    "From many units to few with Glorot's variance: factor on the signal's and on the gradient's mean square."


def compute() -> Result:
    wide, narrow = np.sqrt(ACTIVE + 1), np.sqrt(ACTIVE / INPUTS + 1)
    loose, ends = np.sqrt(WIDTH / 3), WIDTH + CLASSES
    return Result(
        layers=LAYERS,
        default={"gain": 3**-0.5, "relu": 6 ** (-LAYERS / 2), "tanh": 3 ** (-LAYERS / 2)},
        inputs=INPUTS,
        active=ACTIVE,
        stds=(wide, narrow),
        slopes=tuple(4 * normal_mean(DERIVATIVES["sigmoid"], std) for std in (wide, narrow)),
        shift=ACTIVE / np.sqrt(INPUTS),
        unit_range={
            "inputs": WIDTH,
            "std": loose,
            "slope": normal_mean(DERIVATIVES["tanh"], loose),
            "bound": 1 / loose,
            "right": normal_mean(DERIVATIVES["tanh"], 1.0),
        },
        last_layer={"inputs": WIDTH, "outputs": CLASSES, "signal": WIDTH * 2 / ends, "gradient": CLASSES * 2 / ends},
    )


def claim_a_default_is_small(result: Result) -> None:
    r"""Weights and biases uniform between $\pm 1/\sqrt{n}$ leave {{ default.relu | scientific(2) }} of a gradient
    after {{ layers }} square layers of ReLU, and of tanh at most {{ default.tanh | scientific(2) }}."""
    rng, width = np.random.default_rng(SEED), 400
    for name in ("relu", "tanh"):
        left = []
        for _ in range(3):
            a, slopes = rng.normal(size=(8, width)), []
            for _ in range(LAYERS):
                W, b = rng.uniform(-1, 1, (width, width)) / width**0.5, rng.uniform(-1, 1, width) / width**0.5
                z = a @ W + b
                a = FUNCTIONS[name](z)
                slopes.append((W, DERIVATIVES[name](z)))
            delta = rng.normal(size=a.shape)
            size = np.linalg.norm(delta)
            for W, slope in slopes[::-1]:
                delta = (delta * slope) @ W.T
            left.append(np.linalg.norm(delta) / size)
        share = np.exp(np.mean(np.log(left))) / result.default[name]
        assert 0.4 < share < (2 if name == "relu" else 1.1)


def claim_textbook_example(result: Result) -> None:
    """With {{ active }} of {{ inputs | integer }} inputs at 1, weights of variance 1 make z a number of standard
    deviation {{ stds[0] | digits(3) }}, and the sigmoid keeps {{ slopes[0] | percent(0) }} of its largest slope
    on average; a variance of one over the inputs makes it {{ stds[1] | digits(3) }}, and
    {{ slopes[1] | percent(0) }}."""
    rng = np.random.default_rng(SEED)
    for scale, std, slope in zip((1.0, INPUTS**-0.5), result.stds, result.slopes):
        z = scale * rng.normal(size=(4000, ACTIVE)).sum(axis=1) + rng.normal(size=4000)
        assert abs(z.std() / std - 1) < 0.05 and abs(ACTIVE * scale**2 + 1 - std**2) < 1e-9
        assert abs(4 * DERIVATIVES["sigmoid"](z).mean() / slope - 1) < 0.25
    wide = result.stds[0]  # far wider than the hill: its area, 1, times the density at the middle
    assert abs(4 * density(0) / wide * (1 - np.pi**2 / 6 / wide**2) / result.slopes[0] - 1) < 1e-3
    assert abs(4 * DERIVATIVES["sigmoid"](z).mean() / result.slopes[1] - 1) < 0.05
    assert abs((z + ACTIVE / np.sqrt(INPUTS)).mean() - result.shift) < 0.2


def claim_compromise(result: Result) -> None:
    """From {{ last_layer.inputs }} units to {{ last_layer.outputs }} they are {{ last_layer.signal | digits(3) }}
    for the signal and {{ last_layer.gradient | digits(2) }} for the gradient."""
    inputs, outputs = result.last_layer["inputs"], result.last_layer["outputs"]
    rng = np.random.default_rng(SEED)
    W = rng.normal(size=(400, inputs, outputs)) * np.sqrt(2 / (inputs + outputs))
    x, delta = rng.normal(size=(400, 1, inputs)), rng.normal(size=(400, 1, outputs))
    assert abs(np.mean((x @ W) ** 2) / result.last_layer["signal"] - 1) < 0.15
    assert abs(np.mean((delta @ W.swapaxes(1, 2)) ** 2) / result.last_layer["gradient"] - 1) < 0.15
    assert abs(result.last_layer["signal"] + result.last_layer["gradient"] - 2) < 1e-12


def claim_range_of_one(result: Result) -> None:
    r"""With {{ unit_range.inputs }} inputs of variance 1, weights drawn between −1 and 1 give $z$ a standard deviation
    of {{ unit_range.std | digits(2) }}, where tanh has a mean slope of {{ unit_range.slope | digits(2) }};
    between −{{ unit_range.bound | digits(2) }} and {{ unit_range.bound | digits(2) }} the standard deviation is 1 and
    the mean slope {{ unit_range.right | digits(2) }}."""
    rng = np.random.default_rng(SEED)
    x, t = rng.normal(size=(8000, 64)), np.linspace(-1, 1, 20_001)
    assert abs(64 * np.trapezoid(t**2, t) / 2 - result.unit_range["std"] ** 2) < 1e-6
    assert abs(result.unit_range["bound"] * result.unit_range["std"] - 1) < 1e-12
    for bound, std, slope in ((1.0, None, "slope"), (result.unit_range["bound"], 1.0, "right")):
        z = (x * rng.uniform(-bound, bound, size=x.shape)).sum(axis=1)
        assert abs(z.std() / (std or result.unit_range["std"]) - 1) < 0.05
        assert abs(DERIVATIVES["tanh"](z).mean() / result.unit_range[slope] - 1) < 0.08


def claim_equal_units_stay_equal(result: Result) -> None:
    """Start all weights at zero, and tanh or ReLU units never move: only the output’s bias gets a gradient. Sigmoids,
    which put out one half, do move, all alike; and so do units of any kind whose weights start at one other number."""
    rng = np.random.default_rng(SEED)
    x, targets = rng.normal(size=(30, 4)), np.eye(3)[rng.integers(3, size=30)]
    layers = [(np.full((a, b), 0.3), np.zeros(b)) for a, b in ((4, 5), (5, 3))]
    nothing = [(0 * w, b) for w, b in layers]
    for name in ("tanh", "relu"):
        (first, bias), (second, last) = loss_gradients(nothing, x, targets, name)
        assert not first.any() and not bias.any() and not second.any() and last.any()
    for start, name in ((layers, "tanh"), (nothing, "sigmoid")):
        net = start
        for _ in range(50):
            net = sgd_step(net, loss_gradients(net, x, targets, name), 0.3)
        hidden, out = net[0][0], net[1][0]
        assert np.ptp(hidden, axis=1).max() < 1e-12 and np.ptp(out, axis=0).max() < 1e-12
        assert np.abs(hidden - start[0][0]).max() > 1e-3


def equation_glorot() -> Draws:
    r"""\operatorname{Var}[w] = \frac{2}{n_{\mathrm{in}} + n_{\mathrm{out}}}"""
    for rng in draws(8):
        inputs, outputs = (int(n) for n in rng.integers(2, 90, size=2))
        yield {
            r"\operatorname{Var}[w]": harmonic_mean([1 / inputs, 1 / outputs]),
            r"n_{\mathrm{in}}": inputs,
            r"n_{\mathrm{out}}": outputs,
        }


def equation_telescope() -> Draws:
    r"""\prod_{k=1}^{N} \frac{n_k}{n_{k-1}} = \frac{n_N}{n_0}"""
    for rng in draws(8):
        sizes = rng.integers(2, 90, size=5)
        yield {
            "n_k": lambda k, sizes=sizes: float(sizes[int(k)]),
            "n_{k-1}": lambda k, sizes=sizes: float(sizes[int(k) - 1]),
            **{"n_N": float(sizes[-1]), "n_0": float(sizes[0]), "N": 4},
        }


def equation_uniform() -> Draws:
    r"""\operatorname{Var}[w] = \frac{c^2}{3}, \qquad c = \sqrt{3}\,\sqrt{\operatorname{Var}[w]}"""
    t, weight = np.polynomial.legendre.leggauss(8)
    for c in np.random.default_rng(0).uniform(0.1, 3, 6):
        yield {"c": c, r"\operatorname{Var}[w]": weight @ (c * t) ** 2 / 2}


def figure_textbook(result: Result) -> Figure:
    """The slope of the sigmoid, a narrow hill around zero, and two bell curves for where z falls. With weights of
    variance 1 the bell is flat and wide, standard deviation {{ stds[0] | digits(2) }}, mostly outside the hill;
    with variance one over the inputs, {{ stds[1] | digits(2) }}, it stands on the hill."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    z = np.linspace(-40, 40, 401)
    axes.fill_between(z, 4 * DERIVATIVES["sigmoid"](z), color=HIGHLIGHT, linewidth=0, label="slope of the sigmoid")
    for std, role, name in zip(result.stds, (SECOND, FIRST), ("variance 1", "variance 1/n")):
        axes.plot(z, density(z / std) / std / density(0) * 1.2, color=role, label=name)
    label_point(axes, "where the sigmoid\nresponds", (-4, 0.75), MUTED, dx=-6)
    label_point(axes, "weights of\nvariance 1/n", (2, 0.75), FIRST, dx=10)
    label_point(axes, "variance 1", (30, 0.03), SECOND, dx=0, dy=14, ha="center")
    axes.set(ylim=(0, 1.1))
    frame_axes(axes, [-40, -20, 0, 20, 40], [], "z", "")
    return figure


if __name__ == "__main__":
    show_figures(figure_textbook, of=compute())
