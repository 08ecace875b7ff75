"""What exactly has one sign when all inputs are positive, and why does it not fix where the weights end?

The derivatives by the weights of one neuron, for one example: they are δ times the inputs. δ itself takes both signs,
from neuron to neuron, from example to example, and from step to step.

    δ          upstream gradient of a neuron for one example, ∂L/∂f
    column     the derivatives by the weights into one neuron, averaged over a batch
    one sign   no two entries of opposite sign; entries that are zero are allowed
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, FUNCTIONS, sigmoid
from lib.data import digits, one_hot
from lib.network import forward, init_layers, loss_gradients, sgd_step, softmax
from lib.numerics import Draws, draws
from lib.plots import FIRST, INK, MUTED, SECOND, THIRD, frame_axes, label_point, new_figure, show_figures

SEED = 0
SIZES = (64, 64, 10)
BATCHES = (1, 2, 4, 16, 64)
DRAWN = 100  # batches of each size
PAIR = np.array([[1.0, 0.35], [0.35, 1.0]])  # the two positive examples that are drawn
TARGETS = np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])  # one in every quadrant
STEPS = 300
PART = 0.3  # of the step that would undo an example's error at once


@dataclass(frozen=True)
class Result:
    units: int
    "Hidden units of the network, and as many inputs."
    batches: tuple[int, ...]
    "Examples in a batch."
    hidden: tuple[float, ...]
    "Share of hidden units whose derivatives by the incoming weights have one sign (or are zero), per batch size."
    output: tuple[float, ...]
    "The same for the output units, whose inputs are outputs of sigmoids."
    relu: tuple[float, ...]
    "The same for the output units of a network of ReLUs."
    zeros: float
    "Share of exact zeros among the inputs that the output units of the ReLU network receive."
    positive: float
    "Share of positive upstream gradients among the hidden units, one example at a time."
    positive_output: float
    "The same among the output units, softmax with cross-entropy."
    by_inputs: float
    "Share of examples whose derivatives by the hidden activations have both signs."
    disagree: float
    "Share of pairs of examples for which an output unit has upstream gradients of opposite sign."
    pull: float
    "Where they do, the larger of the two over the smaller: median."
    ratio: float
    "Of two examples, the largest ratio between the outputs of one and the same hidden sigmoid: median."
    swings: int
    "Steps at which the batch gradient of a logistic neuron changed its sign along the mean of the inputs."
    swing_steps: int
    "Steps of that run."
    lengths: tuple[float, ...]
    "Path over straight distance, from 0 to each of the targets drawn here."
    paths: np.ndarray
    "Weights visited on the way to each target, shape (targets, steps + 1, 2)."


def upstream(layers, x, targets, name="sigmoid"):
    """Inputs and upstream gradients of both layers, one row an example: x, δ hidden, activations, δ output."""
    z, (_, a) = forward(layers, x, FUNCTIONS[name])
    last = softmax(z[1]) - targets
    return x, (last @ layers[1][0].T) * DERIVATIVES[name](z[0]), a, last


def one_sign(columns) -> float:
    """Share of columns (n, q) without two entries of opposite sign."""
    return float(np.mean(columns.min(axis=0) * columns.max(axis=0) >= 0))


def share(x, delta, batch, rng) -> float:
    """Share of columns of x.T @ δ with one sign, over random batches of rows."""
    rows = (rng.choice(len(x), batch, replace=False) for _ in range(DRAWN))
    return float(np.mean([one_sign(x[some].T @ delta[some]) for some in rows]))


def walk(target, steps=STEPS) -> np.ndarray:
    """Weights (steps + 1, 2) from 0 when the two examples of `PAIR` take turns, each undoing a part of its error."""
    weights = [np.zeros(2)]
    for t in range(steps):
        x = PAIR[t % 2]
        delta = x @ (weights[-1] - target)  # f − y for ½(f − y)², with y = target·x
        weights.append(weights[-1] - PART * delta / (x @ x) * x)
    return np.array(weights)


def logistic_run(steps: int = 20):
    """Batch descent of a logistic neuron on two inputs of mean 2: signs of every example's δ (steps, B), and the part
    of each gradient along the mean (steps,)."""
    rng = np.random.default_rng(SEED)
    x = rng.normal(2, 1, (400, 2))
    y = (rng.random(400) < sigmoid(x @ [1.0, -1.0])).astype(float)
    best = np.zeros(2)
    for _ in range(30):  # Newton's method finds the optimum, whose curvature sets the step
        p = sigmoid(x @ best)
        H = (x.T * p * (1 - p)) @ x / 400
        best = best - np.linalg.solve(H, x.T @ (p - y) / 400)
    w, signs, along = best + 0.1, [], []
    for _ in range(steps):
        delta = sigmoid(x @ w) - y
        signs.append(np.sign(delta)), along.append((x.T @ delta / 400).sum())
        w = w - 1.9 / np.linalg.norm(H, 2) * x.T @ delta / 400
    return np.array(signs), np.array(along)


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    x, labels = digits()
    sigmoids, rectifiers = init_layers(SIZES, rng), init_layers(SIZES, rng, np.sqrt(2))
    x, hidden, a, output = upstream(sigmoids, x, one_hot(labels))
    _, _, half, third = upstream(rectifiers, x, one_hot(labels), "relu")
    back = output @ sigmoids[1][0].T  # by the hidden activations: δ times weights, not times inputs
    up = (output > 0).mean(axis=0)
    pairs = rng.permutation(len(x))[:1000].reshape(2, 500)
    (one, other), (above, below) = output[pairs], a[pairs]
    pull = np.abs(np.log(-(one / other)[one * other < 0]))
    _, along = logistic_run()
    paths = np.array([walk(target) for target in TARGETS])
    steps = np.linalg.norm(np.diff(paths, axis=1), axis=2)
    return Result(
        units=SIZES[1],
        batches=BATCHES,
        hidden=tuple(share(x, hidden, batch, rng) for batch in BATCHES),
        output=tuple(share(a, output, batch, rng) for batch in BATCHES),
        relu=tuple(share(half, third, batch, rng) for batch in BATCHES),
        zeros=float(np.mean(half == 0)),
        positive=float(np.mean(hidden > 0)),
        positive_output=float(np.mean(output > 0)),
        by_inputs=1 - one_sign(back.T),
        disagree=float(np.mean(2 * up * (1 - up)) * len(x) / (len(x) - 1)),  # of all pairs of different examples
        pull=float(np.exp(np.median(pull))),
        ratio=float(np.median(np.exp(np.abs(np.log(above / below)).max(axis=1)))),
        swings=int((along[1:] * along[:-1] < 0).sum()),
        swing_steps=len(along),
        lengths=tuple(steps.sum(axis=1) / np.linalg.norm(TARGETS, axis=1)),
        paths=paths,
    )


def claim_one_example_one_sign(result: Result) -> None:
    """One example at a time, the derivatives by the weights of every unit have one sign or are zero, in both
    layers, before and while the network learns."""
    assert result.hidden[0] == result.output[0] == result.relu[0] == 1
    x, labels = digits()
    layers, targets = init_layers(SIZES, np.random.default_rng(SEED)), one_hot(labels)
    for _ in range(5):
        layers = sgd_step(layers, loss_gradients(layers, x, targets, "sigmoid"), 1.0)
        for row in (7, 77, 777):
            for by_weights, _ in loss_gradients(layers, x[[row]], targets[[row]], "sigmoid"):
                assert np.all(by_weights.min(axis=0) * by_weights.max(axis=0) >= 0)


def claim_both_signs_upstream(result: Result) -> None:
    """Of the upstream gradients of the hidden units {{ positive | percent }} are positive, though every slope of
    the sigmoid is; of those of the output units {{ positive_output | percent }}, all but that of the right
    class."""
    assert result.positive_output == 0.9  # softmax: p − 1 for the right class, p for the nine others
    x, labels = digits()
    layers, targets = init_layers(SIZES, np.random.default_rng(SEED)), one_hot(labels)
    one_by_one = [loss_gradients(layers, x[[i]], targets[[i]], "sigmoid")[0][1] > 0 for i in range(300)]
    assert abs(np.mean(one_by_one) - result.positive) < 0.05
    _, delta, *_ = upstream(layers, x[:20], targets[:20])
    made = loss_gradients(layers, x[:20], targets[:20], "sigmoid")[0]
    np.testing.assert_allclose(made[0], x[:20].T @ delta / 20, atol=1e-15)  # these are what back-propagation uses
    assert np.all(DERIVATIVES["sigmoid"](x @ layers[0][0]) > 0)


@cache
def by_library(batch: int) -> tuple[float, float]:
    """Shares of columns of one sign, hidden and output, in gradients of other batches, by back-propagation."""
    x, labels = digits()
    layers, targets, rng = (
        init_layers(SIZES, np.random.default_rng(SEED)),
        one_hot(labels),
        np.random.default_rng(SEED + 1),
    )
    some = [rng.choice(len(x), batch, replace=False) for _ in range(DRAWN)]
    found = [loss_gradients(layers, x[rows], targets[rows], "sigmoid") for rows in some]
    return tuple(np.mean([one_sign(gradients[layer][0]) for gradients in found]) for layer in (0, 1))


def claim_batches_mix(result: Result) -> None:
    """In batches of {{ batches | integer | list }}, columns of one sign are {{ hidden | percent | list }} among
    the hidden units."""
    assert np.all(np.diff(result.hidden) < 0) and result.hidden[0] == 1
    for batch, hidden in zip(result.batches, result.hidden):
        assert abs(by_library(batch)[0] - hidden) < 0.07


def claim_disagreement_is_not_enough(result: Result) -> None:
    """Two examples pull an output unit in opposite directions in {{ disagree | percent }} of all cases, and still
    {{ output[1] | percent }} of the columns of a batch of two have one sign; of those of a batch of {{ batches[4] }}
    it is {{ output[4] | percent }}."""
    assert 0.99 < result.output[1] <= 1 and abs(by_library(result.batches[4])[1] - result.output[4]) < 0.06
    _, labels = digits()
    pairs = np.triu_indices(len(labels), 1)  # where labels differ, two of the ten units disagree
    assert abs(result.disagree - 2 / 10 * np.mean(labels[pairs[0]] != labels[pairs[1]])) < 1e-12


def claim_ratios_decide(result: Result) -> None:
    """The upstream gradients that disagree differ by a factor of {{ pull | digits(2) }}, the outputs of a hidden
    sigmoid for two examples by one of at most {{ ratio | digits(2) }} (medians): the larger pull wins everywhere."""
    assert 1 < result.ratio < result.pull / 2
    x, labels = digits()
    *_, a, delta = upstream(init_layers(SIZES, np.random.default_rng(SEED)), x, one_hot(labels))
    largest = []
    for i in range(0, 400, 2):  # the sum of two examples against what the ratios foretell, for all ten units
        ratios, pull = a[i] / a[i + 1], -delta[i + 1] / delta[i]
        largest.append(max(ratios.max(), 1 / ratios.min()))
        mixed = 1 - (np.sign(both := a[i : i + 2].T @ delta[i : i + 2]) == np.sign(both[0])).all(axis=0)
        assert np.array_equal(mixed, (ratios.min() < pull) & (pull < ratios.max()))
    assert abs(np.median(largest) / result.ratio - 1) < 0.1
    pulls = -delta[1:] / delta[:-1]  # of each image and the next
    assert abs(np.exp(np.median(abs(np.log(pulls[pulls > 0])))) / result.pull - 1) < 0.085


def claim_relu_same_or_zero(result: Result) -> None:
    """With ReLUs {{ zeros | percent }} of the inputs of the output units are exactly zero, and so are those
    derivatives: same sign or zero. Two examples then disagree more easily, because each reaches weights that the
    other does not: {{ relu[1] | percent }} of the columns of a batch of two have one sign."""
    rng = np.random.default_rng(SEED)
    rectifiers = [init_layers(SIZES, rng, gain) for gain in (1.0, np.sqrt(2))][1]
    assert abs(np.mean(digits()[0] @ rectifiers[0][0] <= 0) - result.zeros) < 1e-9
    assert abs(result.relu[1] - (1 - result.disagree)) < 0.06  # mixed as good as whenever the two disagree


def claim_inputs_get_mixed_signs(result: Result) -> None:
    """What flows back to the layer before is no part of it: the derivatives by the activations are $\\delta$ times
    *weights*, and have both signs in {{ by_inputs | percent }} of the examples."""
    assert 0.99 < result.by_inputs <= 1
    weights = init_layers(SIZES, np.random.default_rng(SEED))[1][0]
    assert one_sign(weights) == 0  # mixed for one output unit alone, whatever its δ


def claim_every_quadrant(result: Result) -> None:
    """Every step raises both weights or lowers both, and each target is reached: over
    {{ lengths[0] | digits(3) }} times the distance up-right and down-left, over {{ lengths[1] | digits(3) }} times
    across."""
    for path, target, length in zip(result.paths, TARGETS, result.lengths):
        steps = np.diff(path, axis=0)
        for x, before, after in zip(PAIR, path, path[1:]):  # of an example's error each step leaves the same part
            assert abs(x @ (after - target) - (1 - PART) * (x @ (before - target))) < 1e-12
        assert np.linalg.norm(path[-1] - target) < 1e-6 and np.all(steps[:, 0] * steps[:, 1] >= 0)
        half_angle = np.arccos(np.prod(PAIR[0]) * 2 / (PAIR[0] @ PAIR[0])) / 2  # between an example and the diagonal
        if target[0] == target[1]:
            assert 1 <= length * np.cos(half_angle) < 1.1 and length < result.lengths[1] / 1.5
        else:
            assert abs(length - 1 / np.sin(half_angle)) < 1e-6  # the share of every step that leads across; none back


def claim_fixed_signs_still_swing(result: Result) -> None:
    """For a logistic neuron no example ever changes its sign, in {{ swing_steps }} steps, and still the batch gradient
    changes its sign along the mean {{ swings }} times."""
    signs, _ = logistic_run()
    assert np.all(signs == signs[0]) and {-1.0, 1.0} == set(signs[0].tolist())
    assert result.swings == result.swing_steps - 1


def equation_backward() -> Draws:
    r"""\delta_j = \sigma'(f_j) \sum_{k=1}^{q} \delta_k W_{jk}"""
    for rng in draws(20):
        f, W, y = rng.normal(size=4), rng.normal(size=(4, 3)), rng.normal(size=3)
        loss = [0.5 * np.sum((sigmoid(f + 1e-20j * nudge) @ W - y) ** 2).imag / 1e-20 for nudge in np.eye(4)]
        delta = sigmoid(f) @ W - y
        yield {
            r"\delta_j": loss[2], r"\sigma'": DERIVATIVES["sigmoid"], "f_j": f[2], "q": 3,
            r"\delta_k": lambda k, d=delta: d[int(k) - 1], "W_{jk}": lambda k, row=W[2]: row[int(k) - 1],
        }  # fmt: skip


def equation_batch() -> Draws:
    r"""G = \sum_{i=1}^{B} \delta_i x_i^\top"""
    for rng in draws(10):
        x, y, W = rng.random((5, 3)), rng.normal(size=(5, 2)), rng.normal(size=(2, 3))
        nudges = 1e-20j * np.eye(6).reshape(6, 2, 3)  # loss: half the squared errors of two neurons, summed
        G = np.array([0.5 * np.sum((x @ (W + nudge).T - y) ** 2).imag / 1e-20 for nudge in nudges]).reshape(2, 3)
        delta = x @ W.T - y
        yield {
            "G": G, "B": 5, r"\delta_i": lambda i, d=delta: d[int(i) - 1], "x_i": lambda i, x=x: x[int(i) - 1],
        }  # fmt: skip


def equation_two_examples() -> Draws:
    r"""\min_j \frac{x_j}{z_j} < -\frac{\delta_z}{\delta_x} < \max_j \frac{x_j}{z_j}"""
    for rng in draws(60):
        x, z, (dx, dz) = rng.uniform(0.2, 1, 4), rng.uniform(0.2, 1, 4), rng.normal(size=2)
        gradient = dx * x + dz * z
        low, high = (x / z).min(), (x / z).max()
        if gradient.min() < 0 < gradient.max():
            yield {r"\min_j \frac{x_j}{z_j}": low, r"\delta_z": dz, r"\delta_x": dx, r"\max_j \frac{x_j}{z_j}": high}
        else:
            assert not low < -dz / dx < high


def equation_overshoot() -> Draws:
    r"""\delta_{t+1} = (1 - \eta\lVert x\rVert^2)\,\delta_t"""
    for rng in draws(20):
        x, w, y, step = rng.random(5), rng.normal(size=5), rng.normal(), rng.uniform(0.1, 2)
        slope = [0.5 * ((w + 1e-20j * nudge) @ x - y) ** 2 for nudge in np.eye(5)]
        after = w - step * np.array([value.imag / 1e-20 for value in slope])
        yield {r"\delta_{t+1}": after @ x - y, r"\delta_t": w @ x - y, "x": x, r"\eta": step}


def equation_sum() -> Draws:
    r"""w_t - w_0 = -\eta \sum_{k=0}^{t-1} \delta_k x_k"""
    for rng in draws(10):
        x, y, w, step = rng.random((8, 3)), rng.normal(size=8), [rng.normal(size=3)], rng.uniform(0.1, 0.9)
        for one, target in zip(x, y):  # gradients by complex step, so that no δ enters here
            loss = [0.5 * ((w[-1] + 1e-20j * nudge) @ one - target) ** 2 for nudge in np.eye(3)]
            w.append(w[-1] - step * np.array([value.imag / 1e-20 for value in loss]))
        delta = np.sum(np.array(w[:-1]) * x, axis=1) - y
        yield {
            "w_t": w[6], "w_0": w[0], r"\eta": step, "t": 6,
            r"\delta_k": lambda k, d=delta: d[int(k)], "x_k": lambda k, x=x: x[int(k)],
        }  # fmt: skip


def figure_quadrants(result: Result) -> Figure:
    """The plane of two weights. From 0 a path leads to a target in each quadrant. To the targets up-right
    and down-left it is nearly straight, {{ lengths[0] | digits(3) }} times the distance; to the two others it climbs a
    staircase of ever shorter steps up-right and down-left, {{ lengths[1] | digits(3) }} times the distance."""
    figure = new_figure(360, 0.95)
    (axes,) = figure.axes
    for path, target in zip(result.paths, TARGETS):
        role = FIRST if target[0] == target[1] else SECOND
        axes.plot(*path[:80].T, color=role, linewidth=1.5, label=f"to {target[0]:+g}, {target[1]:+g}")
        axes.plot(*target, "+", color=INK, markersize=9, markeredgewidth=1.2, label="target")
    axes.plot(0, 0, "o", color=INK, markersize=6, label="start")
    for at, words in ((0, "both up"), (2, "both down"), (3, "one up,\none down")):
        dx, dy = TARGETS[at] * (-9, 13 if at < 3 else 16)
        label_point(axes, words, TARGETS[at], MUTED, dx=float(dx), dy=float(dy), ha="center")
    axes.set(xlim=(-1.6, 1.6), ylim=(-1.5, 1.5), aspect="equal")
    frame_axes(axes, [-1, 0, 1], [-1, 0, 1], "weight 1", "weight 2")
    return figure


def figure_batches(result: Result) -> Figure:
    """Share of columns with one sign against the batch size, on a logarithmic axis. All lines start at 1. Hidden
    units, fed with pixels, fall to {{ hidden[1] | percent }} at two examples and {{ hidden[4] | percent(1) }} at
    {{ batches[4] }}. Output units fed by sigmoids stay at 1 for two examples and at {{ output[4] | percent }} for
    {{ batches[4] }}; fed by ReLUs, {{ relu[4] | percent(1) }}."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    lines = {
        "output": ("output units,\nfed by sigmoids", SECOND, (17, result.output[3] + 0.08)),
        "relu": ("output units,\nfed by ReLUs", THIRD, (4.2, result.relu[2] + 0.05)),
        "hidden": ("hidden units,\nfed with pixels", INK, (1, 0.15)),
    }
    for name, (words, role, at) in lines.items():
        shares = getattr(result, name)
        axes.plot(BATCHES, shares, "o-", color=role, label=name)
        label_point(axes, words, at, role)
    axes.set(xscale="log", xlim=(0.9, 70), ylim=(-0.03, 1.05))
    frame_axes(axes, {b: f"{b}" for b in BATCHES}, {0: "0", 0.5: "½", 1: "1"}, "examples in the batch",
                "share of units whose weights all move one way")  # fmt: skip
    return figure


if __name__ == "__main__":
    show_figures(figure_quadrants, figure_batches, of=compute())
