"""tanh is the sigmoid, stretched and shifted: why does it train faster?

Because gradient descent is not blind to a stretch and a shift. The same functions, other coordinates: descent on the
tanh net is descent on the sigmoid net with its gradient multiplied by P = TTᵀ. Most of the gain is the shift: on digits
{{ epochs.sigmoid }} epochs with σ, {{ epochs.stretched }} stretched, {{ epochs.centered }} centered, {{ epochs.tanh }}
both (tanh).

    layers   (W, b) of each layer, a column of W a unit, as in network.py; h hidden units
    T        the linear map that takes a tanh net's weights to those of the sigmoid net with the same outputs
    P        TTᵀ, the preconditioner
    k, m     the units k(σ(kz) − m): stretched if k is two, centered if m = ½
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import sigmoid
from lib.data import digits, one_hot
from lib.network import forward, init_layers, loss, loss_gradients, sgd_step
from lib.numerics import Draws, draws
from lib.plots import FIRST, GRID, INK, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
UNITS = {"sigmoid": (1, 0.0), "stretched": (2, 0.0), "centered": (1, 0.5), "tanh": (2, 0.5)}
NAMES = {"sigmoid": "σ(z)", "stretched": "2σ(2z)", "centered": "σ(z) − ½", "tanh": "tanh z"}
STEPS = {  # the best of a grid of powers of √2, searched once over a wide range
    "centered inputs": dict(zip(UNITS, 2.0 ** np.array([3.5, 0.5, 3.5, 2.5]))),
    "raw inputs": dict(zip(UNITS, 2.0 ** np.array([2.0, 0.0, 2.0, 0.5]))),
}
GOAL = 0.3
STARTS = 3
HIDDEN, FEW = 64, 5
TWIN_STEPS = 100
RIGHT = 0.9  # the share of the digits that a net with squared loss has to get right


@dataclass(frozen=True)
class Result:
    units: int
    "Hidden units of the net for the digits."
    few: int
    "A few hidden units."
    kappa_few: float
    "Condition number of P for a few hidden units."
    kappa: float
    "Condition number of P for as many hidden units as the net for the digits has."
    apart: float
    "Largest difference between the outputs of a deep tanh net and its sigmoid twin."
    twin_steps: int
    "Steps of the small nets that are twins."
    drift: float
    "Largest difference, after these steps, between the twin of the tanh net and the preconditioned sigmoid net."
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
    right: float
    "Share of the digits at which the runs with squared loss stop."
    targets: tuple[int, ...]
    "Epochs of a tanh net until it gets the share `right` of the digits, squared loss, targets 0/1 and −1/1: medians."
    targets_range: tuple[tuple[int, ...], ...]
    "Least and most over the starts."


def twin(layers):
    """The sigmoid net that computes what this tanh net computes: tanh z = 2σ(2z) − 1 in every hidden layer."""
    last, made = len(layers) - 1, []
    for i, (weights, bias) in enumerate(layers):
        if i:  # its input a is 2s − 1, s the sigmoid's output
            weights, bias = 2 * weights, bias - weights.sum(axis=0)
        made.append((weights, bias) if i == last else (2 * weights, 2 * bias))
    return made


def preconditioned(gradient):
    """P times a gradient of the sigmoid net with one hidden layer: what descent on the tanh net does to it."""
    (W, b), (V, c) = gradient
    return [(4 * W, 4 * b), (4 * V - 2 * c, (1 + len(V)) * c - 2 * V.sum(axis=0))]


def block(h: int) -> np.ndarray:
    """P for the output weights and the bias of one output over h units, from T as `twin` has it."""
    columns = [np.append(*map(np.ravel, twin([(np.zeros((1, h)), np.zeros(h)), (e[:h, None], e[h:])])[1]))
               for e in np.eye(h + 1)]  # fmt: skip
    T = np.array(columns).T
    return T @ T.T


def start(seed: int):
    """A net of normal weights of variance 1/inputs and zero biases, the same for all units."""
    return init_layers((64, HIDDEN, 10), np.random.default_rng(STARTS * SEED + seed))


def fit(x, y, layers, unit: str, step: float, cap: int, by=None, squared=False) -> np.ndarray:
    """Loss before every epoch of full-batch descent until it is at most `GOAL`; for the squared loss, the share of
    wrong digits until it is 1 − `RIGHT`. Inputs (n, B) and targets (10, B) hold an example a column; large arrays are
    changed in place, for speed."""
    (k, m), (W, b), (V, c), true, losses = UNITS[unit], *layers, y.argmax(axis=0), []
    s, g = np.empty((2, W.shape[1], x.shape[1]))
    for _ in range(cap + 1):
        np.matmul(-k * W.T, x, out=s)
        s -= k * b[:, None]
        np.exp(s, out=s)
        s += 1
        np.reciprocal(s, out=s)  # σ(kz); the activation is a = k (s − m)
        f = k * V.T @ s + (c - k * m * V.sum(axis=0))[:, None]
        if squared:
            delta = f - y
            losses.append(np.mean(f.argmax(axis=0) != true))
        else:
            delta = np.exp(f - f.max(axis=0))
            delta /= delta.sum(axis=0)
            losses.append(-np.mean(np.log(np.maximum((delta * y).sum(axis=0), 1e-300))))
            delta -= y
        if losses[-1] <= (1 - RIGHT + 1e-9 if squared else GOAL) or abs(f).max() > 300:
            break
        delta /= len(true)
        out = k * s @ delta.T - k * m * delta.sum(axis=1)
        np.matmul(k**2 * V, delta, out=g)
        g *= s
        s -= 1
        g *= s  # −∂L/∂z
        gradient = [(-x @ g.T, -g.sum(axis=1)), (out, delta.sum(axis=1))]
        (W, b), (V, c) = sgd_step([(W, b), (V, c)], by(gradient) if by else gradient, step)
    return np.array(losses)


def count(run, goal=GOAL):
    """Epochs of a run, infinitely many if it did not arrive."""
    return len(run) - 1 if run[-1] <= goal else np.inf


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    deep, x = init_layers((3, 6, 5, 2), rng, 2.0), rng.normal(size=(20, 3))
    apart = outputs(deep, x, "tanh") - outputs(twin(deep), x, "sigmoid")

    small, x, y = init_layers((3, 5, 2), rng), rng.normal(size=(20, 3)), np.eye(2)[rng.integers(2, size=20)]
    other = twin(small)
    for _ in range(TWIN_STEPS):
        small = sgd_step(small, loss_gradients(small, x, y, "tanh"), 0.3)
        other = sgd_step(other, preconditioned(loss_gradients(other, x, y, "sigmoid")), 0.3)
    drift = max(abs(a - b).max() for one, two in zip(twin(small), other) for a, b in zip(one, two))

    pixels, labels = digits()
    y, inputs = one_hot(labels).T, {"centered inputs": (pixels - pixels.mean(axis=0)).T, "raw inputs": pixels.T}
    epochs, curves = {}, {}
    for kind, unit in product(STEPS, UNITS):
        runs = [fit(inputs[kind], y, start(i), unit, STEPS[kind][unit], 150) for i in range(STARTS)]
        epochs[kind, unit] = sorted(map(count, runs))
        if kind == "centered inputs":
            curves[unit] = runs[0]
    x = inputs["centered inputs"]
    least = {}
    for unit in ("sigmoid", "tanh"):
        step, best = STEPS["centered inputs"][unit], len(curves[unit]) - 1
        aside = [count(fit(x, y, start(0), unit, step * factor, best)) for factor in (0.5, 2)]
        least[unit] = min(best, *aside)
    wide = STEPS["centered inputs"]
    by_target = [
        sorted(count(fit(x, t, start(i), "tanh", step, 60, squared=True), 1 - RIGHT + 1e-9) for i in range(STARTS))
        for t, step in ((y, 1.0), (2 * y - 1, np.sqrt(0.5)))
    ]
    return Result(
        units=HIDDEN,
        few=FEW,
        kappa_few=np.linalg.cond(block(FEW)),
        kappa=np.linalg.cond(block(HIDDEN)),
        apart=abs(apart).max(),
        twin_steps=TWIN_STEPS,
        drift=drift,
        goal=GOAL,
        epochs={unit: epochs["centered inputs", unit][1] for unit in UNITS},
        range={unit: (epochs["centered inputs", unit][0], epochs["centered inputs", unit][2]) for unit in UNITS},
        raw={unit: epochs["raw inputs", unit][1] for unit in UNITS},
        raw_range={unit: (epochs["raw inputs", unit][0], epochs["raw inputs", unit][2]) for unit in UNITS},
        starts=STARTS,
        least=least,
        curves=curves,
        first=curves["sigmoid"][0],
        peak=curves["sigmoid"].max(),
        twin_curve=fit(x, y, twin(start(0)), "sigmoid", wide["tanh"], 30, preconditioned),
        twin_epochs=count(fit(x, y, twin(start(0)), "sigmoid", wide["sigmoid"], 60)),
        right=RIGHT,
        targets=tuple(counts[1] for counts in by_target),
        targets_range=tuple((counts[0], counts[2]) for counts in by_target),
    )


def outputs(layers, x, name):
    """Pre-activations of the last layer."""
    return forward(layers, x, {"tanh": np.tanh, "sigmoid": sigmoid}[name])[0][-1]


def flat(layers) -> np.ndarray:
    """All weights and biases of a net in one column."""
    return np.concatenate([part.ravel() for layer in layers for part in layer])


def shaped(column, like):
    """The net whose weights and biases stand in the column, in the shapes of the net `like`."""
    sizes = [part.size for layer in like for part in layer]
    parts = iter(np.split(column, np.cumsum(sizes)[:-1]))
    return [(next(parts).reshape(weights.shape), next(parts)) for weights, _ in like]


def whole_twin(like) -> np.ndarray:
    """The matrix T of `twin` for nets in the shapes of `like`, column by column."""
    size = flat(like).size
    return np.array([flat(twin(shaped(e, like))) for e in np.eye(size)]).T


def claim_same_functions(result: Result) -> None:
    """A tanh net with two hidden layers and its sigmoid twin have the same outputs, to rounding; and every sigmoid
    net is the twin of some tanh net."""
    assert result.apart < 1e-12
    T = whole_twin(init_layers((3, 4, 3, 2), np.random.default_rng(SEED)))
    assert np.linalg.matrix_rank(T) == len(T)  # so every sigmoid net is reached


def claim_same_path(result: Result) -> None:
    """Gradient descent on a tanh net and preconditioned gradient descent on its twin stay twins: after
    {{ twin_steps }} steps no weight differs by more than rounding."""
    assert result.drift < 1e-12
    np.testing.assert_allclose(result.twin_curve, result.curves["tanh"], rtol=1e-9)  # on the digits, too


def claim_kappa_of_the_change(result: Result) -> None:
    r"""The condition number of $P$ is {{ kappa_few | digits(2) }} for {{ few }} hidden units and {{ kappa | integer }}
    for {{ units }}."""
    for h, kappa in ((result.few, result.kappa_few), (result.units, result.kappa)):
        half = (h + 5) ** 2 / 8 - 1  # κ + 1/κ = 2 half
        assert abs(half + np.sqrt(half**2 - 1) - kappa) < 1e-6 * kappa


def claim_centering_gains_more(result: Result) -> None:
    """On digits with centered inputs the sigmoid needs {{ epochs.sigmoid }} epochs to a loss of
    {{ goal | digits(1) }}; stretched {{ epochs.stretched }}, centered {{ epochs.centered }}, both, which is tanh,
    {{ epochs.tanh }}."""
    e = result.epochs
    assert e["tanh"] < e["centered"] < 0.7 * min(e["stretched"], e["sigmoid"])
    for unit, curve in result.curves.items():
        assert len(curve) - 1 in (e[unit], *result.range[unit]) and curve[-1] <= GOAL < curve[-2]
    assert _inside(result.range, e) and _inside(result.raw_range, result.raw)
    pixels, labels = digits()  # the run again, by the general code of network.py
    x, y, layers = pixels - pixels.mean(axis=0), one_hot(labels), start(0)
    for step in range(4):
        assert abs(loss(layers, x, y, "tanh") / result.curves["tanh"][step] - 1) < 1e-9
        layers = sgd_step(layers, loss_gradients(layers, x, y, "tanh"), STEPS["centered inputs"]["tanh"])


def claim_both_layers_want_it(result: Result) -> None:
    """With raw pixels, from 0 to 1, the same units need {{ raw.sigmoid }}, {{ raw.stretched }}, {{ raw.centered }}
    and {{ raw.tanh }}: centering the units does not center the data, nor the other way round."""
    for unit in UNITS:
        low, high = result.raw_range[unit]
        assert low <= result.raw[unit] <= high and result.raw[unit] > 1.5 * result.epochs[unit]
    assert result.raw["tanh"] < result.raw["centered"] < result.raw["stretched"] < result.raw["sigmoid"]


def claim_the_step_is_not_to_blame(result: Result) -> None:
    """No step size closes the gap: at half, at once and at twice the
    step used, the sigmoid needs at least {{ least.sigmoid }} epochs, and tanh at least {{ least.tanh }}."""
    assert result.least["sigmoid"] > 1.5 * result.least["tanh"]
    for unit, least in result.least.items():
        assert 0.7 * (len(result.curves[unit]) - 1) <= least < len(result.curves[unit])  # the step used is good


def claim_the_mean_is_leapt_across(result: Result) -> None:
    """At the step that serves it best the sigmoid net first leaps across its valley: the loss goes from
    {{ first | digits(2) }} up to {{ peak | digits(2) }}, along the mean of the activations."""
    pixels, labels = digits()  # the leap is along the mean of the activations
    x, y, layers = pixels - pixels.mean(axis=0), one_hot(labels), start(0)
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
    assert len(result.twin_curve) == len(result.curves["tanh"])


def claim_targets_are_a_step_size(result: Result) -> None:
    """With a linear output and squared error, a run on targets −1/1 is the run on targets 0/1 from output weights
    half as large, with steps in the hidden layer with $4$ times the size, to rounding."""
    rng = np.random.default_rng(SEED)
    x, y, (hidden, (V, c)) = rng.normal(size=(20, 3)), rng.integers(2, size=(20, 1)), init_layers((3, 4, 1), rng)
    one, two = [hidden, (V, c)], [hidden, (V / 2, (c + 1) / 2)]
    for _ in range(50):
        one = squared_step(one, x, 2 * y - 1, 0.1, 0.1)
        two = squared_step(two, x, y, 0.4, 0.1)
    np.testing.assert_allclose(outputs(one, x, "tanh"), 2 * outputs(two, x, "tanh") - 1, atol=1e-10)


def claim_targets_matter_little(result: Result) -> None:
    """Measured on the digits with tanh units, linear outputs and squared error, {{ targets[0] }} epochs
    ({{ targets_range[0] | integer | list }} at the extremes) with targets 0/1 until {{ right | percent }} of the digits
    are right, and {{ targets[1] }} ({{ targets_range[1] | integer | list }}) with −1/1."""
    assert 1 / 4 < result.targets[1] / result.targets[0] < 4
    for median, (low, high) in zip(result.targets, result.targets_range):
        assert 0 < low <= median <= high < 20  # all arrived


def _inside(ranges: dict, medians: dict) -> bool:
    """Whether each median lies in its range, and not always at an end of it."""
    rows = [(low, medians[key], high) for key, (low, high) in ranges.items()]
    return (
        all(row == tuple(sorted(row)) for row in rows)
        and any(low < median for low, median, _ in rows)
        and any(median < high for _, median, high in rows)
    )


def squared_step(layers, x, y, hidden: float, last: float):
    """One step on half the mean squared error of a tanh net with a linear output, a step size for each layer."""
    (W, b), (V, c) = layers
    a = np.tanh(x @ W + b)
    delta = (a @ V + c - y) / len(x)
    g = delta @ V.T * (1 - a**2)
    return [(W - hidden * x.T @ g, b - hidden * g.sum(axis=0)), (V - last * a.T @ delta, c - last * delta.sum(axis=0))]


def equation_twin() -> Draws:
    r"""W_2 \tanh(W_1 x + b_1) + b_2 = 2 W_2\, \sigma(2 W_1 x + 2 b_1) + b_2 - W_2 \mathbf{1}"""
    for rng in draws(10):
        x, W1, b1, W2, b2 = (rng.normal(size=shape) for shape in (3, (5, 3), 5, (2, 5), 2))
        yield {
            "W_1": W1, "W_2": W2, "b_1": b1, "b_2": b2, "x": x, r"\mathbf{1}": np.ones(5),
            r"\sigma": lambda z: 0.5 - 0.5 * np.expm1(-z) / (1 + np.exp(-z)),
        }  # fmt: skip


def equation_inner() -> Draws:
    r"""2\,(W a + b) = 4 W s + 2 b - 2 W \mathbf{1}"""
    for rng in draws(10):
        z, W, b = rng.normal(size=4), rng.normal(size=(3, 4)), rng.normal(size=3)
        yield {"W": W, "b": b, "a": np.tanh(z), "s": sigmoid(2 * z), r"\mathbf{1}": np.ones(4)}


def _twins():
    """Small tanh nets, their twins, and the gradients of both, each by back-propagation in its own net."""
    for rng in draws(8):
        layers, x, y = init_layers((2, 3, 2), rng), rng.normal(size=(15, 2)), np.eye(2)[rng.integers(2, size=15)]
        T = whole_twin(layers)
        yield {
            r"u": flat(layers),
            r"v": flat(twin(layers)),
            r"\frac{\partial L}{\partial u}": flat(loss_gradients(layers, x, y, "tanh")),
            r"\frac{\partial L}{\partial v}": flat(loss_gradients(twin(layers), x, y, "sigmoid")),
            "T": T,
            "P": T @ T.T,
            r"\eta": rng.uniform(0.1, 1),
        }


def equation_chain() -> Draws:
    r"""v = T u, \qquad \frac{\partial L}{\partial u} = T^\top \frac{\partial L}{\partial
    v}"""
    yield from _twins()


def equation_step() -> Draws:
    r"""T (u - \eta \frac{\partial L}{\partial u}) = v - \eta P \frac{\partial L}{\partial
    v}, \qquad P = T T^\top"""
    yield from _twins()


def equation_block() -> Draws:
    r"""P_{\text{out}} = \begin{pmatrix} 4 I & -2\, \mathbf{1} \\ -2\, \mathbf{1}^\top & h + 1 \end{pmatrix}"""
    for h in (2, 3, 5, 8, 64):
        yield {r"P_{\text{out}}": block(h), "I": np.eye(h), r"\mathbf{1}": np.ones(h), "h": h}


def equation_kappa() -> Draws:
    r"""\kappa + \frac{1}{\kappa} + 2 = \frac{(h + 5)^2}{4}"""
    for h in (2, 3, 5, 8, 64):
        yield {r"\kappa": np.linalg.cond(block(h)), "h": h}


def equation_logistic() -> Draws:
    r"""\ln(1 + \exp(-t z)) = -y \ln(\sigma(z)) - (1 - y) \ln(\sigma(-z)), \qquad y = \frac{1 + t}{2}"""
    for rng in draws(10):
        t = rng.choice([-1, 1])
        yield {"t": t, "z": rng.normal() * 2, "y": int(t > 0), r"\sigma": lambda z: (1 + np.tanh(z / 2)) / 2}


def figure_losses(result: Result) -> Figure:
    """Loss against epochs on a logarithmic axis, down to {{ goal | digits(1) }}, for each kind of hidden unit. The
    sigmoid and the stretched sigmoid arrive last, the centered one at about half their epochs, tanh first; dots on the
    curve of tanh are the preconditioned sigmoid net."""
    figure = new_figure(400, 0.8)
    (axes,) = figure.axes
    for unit, curve in result.curves.items():
        role = FIRST if unit in ("centered", "tanh") else SECOND
        axes.plot(curve, color=role, label=NAMES[unit], linestyle="-" if unit in ("sigmoid", "tanh") else (0, (5, 2)))
    axes.plot(result.twin_curve, "o", color=INK, markersize=4, label="σ, preconditioned")
    end = {unit: len(curve) - 1 for unit, curve in result.curves.items()}
    middle = end["stretched"] // 2
    label_point(axes, "σ(z)", (end["sigmoid"], GOAL), SECOND, dx=4, dy=12)
    label_point(axes, "2σ(2z)", (middle, result.curves["stretched"][middle]), SECOND, dx=-8, dy=-14)
    label_point(axes, "σ(z) − ½", (end["centered"], GOAL), FIRST, dx=5, dy=8)
    label_point(axes, "tanh z", (2, result.curves["tanh"][2]), FIRST, dx=8, dy=6)
    axes.set(yscale="log", xlim=(-0.5, end["sigmoid"] + 3), ylim=(0.25, 1.1 * result.curves["sigmoid"].max()))
    frame_axes(axes, [0, 5, 10, 15, 20, 25], [0.3, 1, 3, 10], "epochs", "loss")
    return figure


def figure_epochs(result: Result) -> Figure:
    """Epochs to the loss, a row for each hidden unit: with raw inputs {{ raw.sigmoid }}, {{ raw.stretched }},
    {{ raw.centered }} and {{ raw.tanh }}, with centered inputs {{ epochs.sigmoid }}, {{ epochs.stretched }},
    {{ epochs.centered }} and {{ epochs.tanh }}."""
    figure = new_figure(400, 0.58)
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
