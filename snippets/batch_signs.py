"""Does a matrix product over the batch keep the sign of its examples?

No: with sigmoid units {{ output[0] | percent }} of the gradients of single examples have one sign in the output layer,
{{ output[2] | percent }} of those of batches of {{ batches[2] }}.

    δ          upstream gradient of a neuron for one example, ∂L/∂f
    column     the derivatives by the weights into one neuron, averaged over a batch
    one sign   no two entries of opposite sign; entries that are zero are allowed
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.figure import Figure

from lib.data import digits, one_hot
from lib.network import init_layers, loss_gradients, sgd_step, upstream_gradients
from lib.numerics import Draws, complex_step, draws
from lib.plots import INK, SECOND, THIRD, frame_axes, label_point, new_figure, show_figures
from lib.signs import has_mixed_signs

SEED = 0
SIZES = (64, 64, 10)
BATCHES = (1, 2, 4, 16, 64)
DRAWN = 100  # batches of each size


@dataclass(frozen=True)
class Result:
    units: int
    "Hidden units."
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
    disagree: float
    "Share of pairs of examples for which an output unit has upstream gradients of opposite sign."
    pull: float
    "Where they do, the larger of the two over the smaller: median."
    ratio: float
    "Of two examples, the largest ratio between the outputs of one and the same hidden sigmoid: median."


def share_of_one_sign(columns: np.ndarray) -> float:
    """Share of columns (n, q) without two entries of opposite sign."""
    return float(np.mean(~has_mixed_signs(columns.T)))


def share_in_batches(x: np.ndarray, delta: np.ndarray, batch: int, rng: np.random.Generator) -> float:
    """Share of columns of x.T @ δ with one sign, over random batches of rows."""
    batches = (rng.choice(len(x), batch, replace=False) for _ in range(DRAWN))
    return float(np.mean([share_of_one_sign(x[rows].T @ delta[rows]) for rows in batches]))


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    x, labels = digits()
    sigmoids, rectifiers = init_layers(SIZES, rng), init_layers(SIZES, rng, np.sqrt(2))
    (_, a), (hidden, output) = upstream_gradients(sigmoids, x, one_hot(labels), "sigmoid")
    (_, relus), (_, relu_output) = upstream_gradients(rectifiers, x, one_hot(labels), "relu")
    up = (output > 0).mean(axis=0)
    pairs = rng.permutation(len(x))[:1000].reshape(2, 500)
    (one, other), (above, below) = output[pairs], a[pairs]
    pull = np.abs(np.log(-(one / other)[one * other < 0]))
    return Result(
        units=SIZES[1],
        batches=BATCHES,
        hidden=tuple(share_in_batches(x, hidden, batch, rng) for batch in BATCHES),
        output=tuple(share_in_batches(a, output, batch, rng) for batch in BATCHES),
        relu=tuple(share_in_batches(relus, relu_output, batch, rng) for batch in BATCHES),
        zeros=float(np.mean(relus == 0)),
        disagree=float(np.mean(2 * up * (1 - up)) * len(x) / (len(x) - 1)),
        pull=float(np.exp(np.median(pull))),
        ratio=float(np.median(np.exp(np.abs(np.log(above / below)).max(axis=1)))),
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
                assert np.all(~has_mixed_signs(by_weights.T))


@cache
def shares_by_backpropagation(batch: int) -> tuple[float, float]:
    """Shares of columns of one sign, hidden and output, in gradients of other batches, by back-propagation."""
    (x, labels), rng = digits(), np.random.default_rng(SEED + 1)
    layers, targets = init_layers(SIZES, np.random.default_rng(SEED)), one_hot(labels)
    batches = [rng.choice(len(x), batch, replace=False) for _ in range(DRAWN)]
    gradients = [loss_gradients(layers, x[rows], targets[rows], "sigmoid") for rows in batches]
    return tuple(np.mean([share_of_one_sign(both[layer][0]) for both in gradients]) for layer in (0, 1))


def claim_batches_mix(result: Result) -> None:
    """In batches of {{ batches | integer | list }}, columns of one sign are {{ hidden | percent | list }} among
    the hidden units."""
    assert np.all(np.diff(result.hidden) < 0) and result.hidden[0] == 1
    for batch, hidden in zip(result.batches, result.hidden):
        assert abs(shares_by_backpropagation(batch)[0] - hidden) < 0.07


def claim_disagreement_is_not_enough(result: Result) -> None:
    """Two examples pull an output unit in opposite directions in {{ disagree | percent }} of all cases, and still
    {{ output[1] | percent }} of the columns of a batch of two have one sign; of those of a batch of {{ batches[4] }}
    it is {{ output[4] | percent }}."""
    assert (
        0.99 < result.output[1] <= 1 and abs(shares_by_backpropagation(result.batches[4])[1] - result.output[4]) < 0.06
    )
    _, labels = digits()
    pairs = np.triu_indices(len(labels), 1)  # where labels differ, two of the ten units disagree
    assert abs(result.disagree - 2 / 10 * np.mean(labels[pairs[0]] != labels[pairs[1]])) < 1e-12


def claim_ratios_decide(result: Result) -> None:
    """Where two upstream gradients disagree in sign, their sizes differ by a factor of {{ pull | digits(2) }}; the
    outputs of a hidden sigmoid for two examples differ by a factor of at most {{ ratio | digits(2) }} (medians): the
    larger gradient wins at every weight."""
    assert 1 < result.ratio < result.pull / 2
    x, labels = digits()
    layers = init_layers(SIZES, np.random.default_rng(SEED))
    (_, a), (_, delta) = upstream_gradients(layers, x, one_hot(labels), "sigmoid")
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


def equation_batch() -> Draws:
    r"""G = \sum_{i=1}^{B} \delta_i x_i^\top"""
    for rng in draws(10):
        x, y, W = rng.random((5, 3)), rng.normal(size=(5, 2)), rng.normal(size=(2, 3))
        G = complex_step(lambda W, x, y: 0.5 * np.sum((x @ W.T - y) ** 2), W, x, y)  # two neurons' losses, summed
        delta = x @ W.T - y
        examples = {r"\delta_i": lambda i, d=delta: d[int(i) - 1], "x_i": lambda i, x=x: x[int(i) - 1]}
        yield {"G": G, "B": 5, **examples}


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
    sizes, shares = {b: f"{b}" for b in BATCHES}, {0: "0", 0.5: "½", 1: "1"}
    frame_axes(axes, sizes, shares, "examples in the batch", "share of units whose weights all move one way")
    return figure


if __name__ == "__main__":
    show_figures(figure_batches, of=compute())
