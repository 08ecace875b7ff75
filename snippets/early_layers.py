"""If gradients in early layers are small, is the loss simply flat there, and those layers finished?

No. Take a fresh network of three layers of sigmoids, whose first two layers get gradients {{ times | integer }} times
smaller than the output layer's. Train only those two, everything behind them frozen at random: for the same length of
path they lower the loss further than the output layer does.

    early    first two layers of weights and biases
    output   the last layer
    path     length of the way of all trained parameters together; the steps are chosen by length, not by gradient
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.data import digits, one_hot
from lib.network import Layer, init_layers, loss, loss_gradients, sgd_step
from lib.plots import FIRST, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
SIZES = (64, 32, 32, 32, 10)
EXAMPLES, STEPS, FIRST_STEP = 200, 160, 0.6  # the steps shrink from FIRST_STEP to zero
EVERY = 8  # steps between two looks at the loss
EARLY, OUTPUT = (0, 1), (3,)
NETS = 3


@dataclass(frozen=True)
class Result:
    examples: int
    "Digits trained on, their mean subtracted."
    units: int
    "Units in each hidden layer."
    norms: tuple[float, ...]
    "Lengths of the gradients by the weights of layers 1 to 4 at the start, median over networks."
    times: float
    "Gradient of the output layer over that of the first two together, weights and biases, median."
    start: float
    "Loss at the start, in nats, median."
    early: float
    "Loss when only the first two layers were trained, median."
    output: float
    "Loss when only the output layer was trained, median."
    chance: float
    "Loss of equal probabilities for all classes."
    length: float
    "Length of the path of each run."
    path: np.ndarray
    "Length gone at each look at the loss."
    curves: dict[str, np.ndarray]
    "Loss at each look, early and output, of the first network."


def gradient_length(gradient: list[Layer], layers: slice) -> float:
    """Length of the gradient by all parameters of some layers."""
    return np.sqrt(sum((part**2).sum() for i in layers for part in gradient[i]))


def train(net: list[Layer], x: np.ndarray, targets: np.ndarray, layers: slice):
    """Losses, now and then, of a descent in some layers only, by steps of given length, the rest frozen."""
    losses = []
    for number in range(STEPS):
        if number % EVERY == 0:
            losses.append(loss(net, x, targets, "sigmoid"))
        gradient = loss_gradients(net, x, targets, "sigmoid")
        step = FIRST_STEP * (1 - number / STEPS) / gradient_length(gradient, layers)
        net = [
            (w - step * dw, b - step * db) if i in layers else (w, b)
            for i, ((w, b), (dw, db)) in enumerate(zip(net, gradient))
        ]
    return np.array([*losses, loss(net, x, targets, "sigmoid")])


def load_problem() -> tuple[np.ndarray, np.ndarray]:
    pixels, labels = digits()
    x = pixels[:EXAMPLES] - pixels[:EXAMPLES].mean(axis=0)
    return x, one_hot(labels[:EXAMPLES])


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    x, targets = load_problem()
    nets = [init_layers(SIZES, rng) for _ in range(NETS)]
    first = [loss_gradients(net, x, targets, "sigmoid") for net in nets]
    early, output = ([train(net, x, targets, part) for net in nets] for part in (EARLY, OUTPUT))
    return Result(
        examples=EXAMPLES,
        units=SIZES[1],
        norms=tuple(np.median([[np.linalg.norm(dw) for dw, _ in gradient] for gradient in first], axis=0)),
        times=np.median([gradient_length(gradient, OUTPUT) / gradient_length(gradient, EARLY) for gradient in first]),
        start=np.median([losses[0] for losses in early]),
        early=np.median([losses[-1] for losses in early]),
        output=np.median([losses[-1] for losses in output]),
        chance=float(np.log(10)),
        length=FIRST_STEP * (STEPS + 1) / 2,
        path=np.concatenate([[0], np.cumsum(FIRST_STEP * (1 - np.arange(STEPS) / STEPS))])[::EVERY],
        curves={"early": early[0], "output": output[0]},
    )


def claim_not_finished(result: Result) -> None:
    """At the start the output layer's gradient is {{ times | integer }} times as large as that of the first two layers
    together. Yet for the same length of path those two lower the loss from {{ start | digits(3) }} to
    {{ early | digits(2) }}, and the output layer to {{ output | digits(3) }}."""
    x, targets = load_problem()
    net = init_layers(SIZES, np.random.default_rng(SEED + 1000))  # another start, and plain descent with two step sizes
    now = {}
    for part, step in ((EARLY, 30.0), (OUTPUT, 0.3)):
        now[part] = net
        for _ in range(100):
            gradient = loss_gradients(now[part], x, targets, "sigmoid")
            there = sgd_step(now[part], gradient, step)
            now[part] = [there[i] if i in part else net[i] for i in range(len(net))]
    before, early, output = (loss(some, x, targets, "sigmoid") for some in (net, now[EARLY], now[OUTPUT]))
    assert early < output < before and output > result.chance - 0.05
    still = [(0 * w, 0 * b) for w, b in net]
    assert abs(loss(still, x, targets, "sigmoid") - result.chance) < 1e-12 and abs(x.sum(axis=0)).max() < 1e-9
    rng = np.random.default_rng(SEED)
    nets = [init_layers(SIZES, rng) for _ in range(NETS)]
    assert result.start == sorted(loss(net, x, targets, "sigmoid") for net in nets)[NETS // 2]
    for name, part in (("early", EARLY), ("output", OUTPUT)):  # the first net, up to the first look
        now, gone = nets[0], 0.0
        for number in range(EVERY):
            gradient = loss_gradients(now, x, targets, "sigmoid")
            there = sgd_step(now, gradient, FIRST_STEP * (STEPS - number) / STEPS / gradient_length(gradient, part))
            now, before = [there[i] if i in part else nets[0][i] for i in range(len(nets[0]))], now
            gone += np.sqrt(sum(((a - b) ** 2).sum() for one, other in zip(now, before) for a, b in zip(one, other)))
        assert abs(loss(now, x, targets, "sigmoid") - result.curves[name][1]) < 1e-9
        assert abs(gone - result.path[1]) < 1e-9 and result.path[0] == 0
    assert abs(result.path[-1] - result.length) < 1e-9 and np.all(np.diff(result.path, 2) < 0)
    assert result.early < result.start - 1.5 * (result.start - result.output)
    assert result.times > 8
    assert 7.8 < result.times < 26 and 1.7 < result.early < 2.3 and 2.28 < result.output < 2.31


def claim_small_slopes_go_on(result: Result) -> None:
    """Straight ahead along the negative gradient the first two layers still gain after a way of length three; the
    output layer has then lost all it gained, for its slope is large and its valley narrow."""
    x, targets = load_problem()
    for seed in range(3):
        net = init_layers(SIZES, np.random.default_rng(100 * SEED + seed))
        gradient = loss_gradients(net, x, targets, "sigmoid")
        losses = {}
        for part in (EARLY, OUTPUT):
            for length in (0.0, 0.3, 1.0, 3.0):
                there = sgd_step(net, gradient, length / gradient_length(gradient, part))
                there = [there[i] if i in part else net[i] for i in range(len(net))]
                losses[part, length] = loss(there, x, targets, "sigmoid")
        assert losses[EARLY, 0.0] > losses[EARLY, 0.3] > losses[EARLY, 1.0] > losses[EARLY, 3.0]
        assert losses[OUTPUT, 0.3] < losses[OUTPUT, 0.0] < losses[OUTPUT, 3.0]


def claim_gradients_grow_toward_the_output(result: Result) -> None:
    """The gradients by the weights of layers 1 to 4 have lengths {{ norms | digits(1) | list }}."""
    x, targets = load_problem()
    net = init_layers(SIZES, np.random.default_rng(SEED + 1000))
    for layer in range(3):
        w, b = net[layer]
        rng = np.random.default_rng(SEED)
        way = rng.normal(size=w.shape)
        ahead, behind = ([*net[:layer], (w + t * way, b), *net[layer + 1 :]] for t in (1e-4, -1e-4))
        slope = (loss(ahead, x, targets, "sigmoid") - loss(behind, x, targets, "sigmoid")) / 2e-4
        assert abs(slope / np.sum(way * loss_gradients(net, x, targets, "sigmoid")[layer][0]) - 1) < 1e-3
    assert list(result.norms) == sorted(result.norms) and result.norms[3] > 20 * result.norms[0]
    assert 0.0036 < result.norms[0] < 0.012 and 0.0044 < result.norms[1] < 0.056 and 0.021 < result.norms[2] < 0.26
    assert 0.095 < result.norms[3] < 0.79


def figure_losses(result: Result) -> Figure:
    """Loss against the length of path. Where only the first two layers are trained it falls fast from
    {{ start | digits(3) }} and ends near {{ early | digits(3) }}; where only the output layer is trained it settles
    just below {{ chance | digits(3) }}, the loss of equal probabilities."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    words = (("early", FIRST, "only the first\ntwo layers"), ("output", SECOND, "only the output"))
    for key, role, text in words:
        axes.plot(result.path, result.curves[key], color=role, label=text.replace("\n", " "))
        label_point(axes, text, (result.path[-1], result.curves[key][-1]), role, dy=-9 if key == "output" else 0)
    axes.axhline(result.chance, color=MUTED, linewidth=0.8, linestyle=(0, (2, 3)), label="chance")
    label_point(axes, "chance", (result.path[-1], result.chance), MUTED, dy=5)
    axes.set(xlim=(0, 1.45 * result.path[-1]))
    frame_axes(axes, [0, 20, 40], [1.9, 2.1, 2.3, 2.5], "length of path", "loss")
    return figure


if __name__ == "__main__":
    show_figures(figure_losses, of=compute())
