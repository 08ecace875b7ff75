"""Why do small batches push the last hidden layer to 0?

Because a step that follows the noise of a batch is corrected through the very weights that it has made. Let output
weights be zero, and activations a the same for all examples. A batch whose classes are off by ξ gives output weights
η ξ aᵀ; what comes back through them is η (ξᵀp) a, and ξᵀp is never negative. In {{ networks | words }} networks its
mean over {{ batches | integer }} batches is {{ ratios[0] | digits(2) }} to {{ ratios[1] | digits(2) }} times what is
predicted for small steps.

    a    activations of the last hidden layer
    xi   shares of the classes in a batch minus the probabilities, which are equal before the first step
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from lib.activation_functions import sigmoid
from lib.data import digits, one_hot
from lib.network import cross_entropy, forward, init_layers, loss_gradients, sgd_step, softmax
from lib.numerics import Draws, complex_step, cosine, draws

SEED = 0
SIZES = (64, 32, 32, 32, 32, 10)
EXAMPLES, BATCH, STEP, BATCHES, NETWORKS = 200, 20, 1.0, 400, 5


@dataclass(frozen=True)
class Result:
    networks: int
    "Random networks."
    batches: int
    "Random batches of all networks together, each from the start of its network."
    batch: int
    "Examples in each."
    against: int
    "Batches after which the gradient would raise the activations, its product with them at most 0."
    cosine: float
    "Cosine of the mean gradient and the mean activations: the least of the networks."
    centered: float
    "Length of the mean gradient if the last hidden layer is read minus one half, over that without: one network."
    ratios: tuple[float, float]
    "The mean gradient along the activations over what the formula for small steps predicts: least and largest."


def start(rng: np.random.Generator) -> tuple[list, np.ndarray, np.ndarray]:
    """A network whose output weights are zero, centered digits and their classes."""
    pixels, labels = digits()
    net = init_layers(SIZES, rng)
    net[-1] = (0 * net[-1][0], net[-1][1])
    return net, pixels[:EXAMPLES] - pixels[:EXAMPLES].mean(axis=0), one_hot(labels[:EXAMPLES])


def pushes(rng: np.random.Generator, less: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Mean gradient over all examples by the last hidden activations, after one step of each batch, a row a batch;
    and the mean of these activations before, from which the output layer subtracts `less`."""
    net, x, targets = start(rng)
    a, rows = forward(net, x, sigmoid)[1][-1] - less, []
    for _ in range(BATCHES):
        part = rng.integers(0, EXAMPLES, BATCH)
        V, b = net[-1]
        error = (softmax(a[part] @ V + b) - targets[part]) / BATCH
        V, b = V - STEP * a[part].T @ error, b - STEP * error.sum(axis=0)
        rows.append(np.mean((softmax(a @ V + b) - targets) @ V.T, axis=0))
    return np.array(rows), a.mean(axis=0)


def predict(a: np.ndarray) -> float:
    """The mean gradient over the activations, for small steps."""
    return STEP**2 * (1 + a @ a) * (SIZES[-1] - 1) / (SIZES[-1] ** 2 * BATCH)


def compute() -> Result:
    runs = [pushes(np.random.default_rng([SEED, number])) for number in range(NETWORKS)]
    ratios = [float(rows.mean(axis=0) @ a / (a @ a) / predict(a)) for rows, a in runs]
    less, _ = pushes(np.random.default_rng([SEED, 0]), 0.5)
    return Result(
        networks=NETWORKS,
        batches=NETWORKS * BATCHES,
        batch=BATCH,
        against=sum(int(np.sum(rows @ a <= 0)) for rows, a in runs),
        cosine=min(cosine(rows.mean(axis=0), a) for rows, a in runs),
        centered=float(np.linalg.norm(less.mean(axis=0)) / np.linalg.norm(runs[0][0].mean(axis=0))),
        ratios=(min(ratios), max(ratios)),
    )


def claim_it_pushes_in_the_network(result: Result) -> None:
    """In {{ networks | words }} networks like that of the figure, with output weights of zero, each of
    {{ batches | integer }} steps on a batch of {{ batch }} but {{ against | words }} is followed by a gradient that
    lowers the last hidden layer. Its mean is {{ ratios[0] | digits(2) }} to {{ ratios[1] | digits(2) }} times what is
    predicted for small steps, and the least cosine of that mean with the activations is {{ cosine | digits(3) }}."""
    ratios, cosines, rows = [], [], []
    for number in range(NETWORKS):  # gradients by the library, and by differences of the loss
        rng = np.random.default_rng([SEED, number])
        net, x, targets = start(rng)
        assert abs(x.mean(axis=0)).max() < 1e-9
        h = x
        for w, b in net[:-1]:
            h = 1 / (1 + np.exp(-(h @ w + b)))
        mean, first = h.mean(axis=0), len(rows)
        nudges = np.array([mean, *np.eye(len(mean))[:4]]) * 1e-4  # along the activations, and four of them alone
        for _ in range(BATCHES):
            part = rng.integers(0, EXAMPLES, BATCH)
            V, b = sgd_step(net, loss_gradients(net, x[part], targets[part], "sigmoid"), STEP)[-1]
            losses = [cross_entropy(h @ V + b + nudge @ V, targets) for nudge in (*nudges, *-nudges)]
            rows.append((np.array(losses[:5]) - losses[5:]) / 2e-4)
        along, *few = np.mean(rows[first:], axis=0)
        length = mean @ mean
        ratios.append(along / length / (0.09 * (1 + length) / BATCH))
        cosines.append(cosine(np.array(few), mean[:4]))
    assert result.batches == len(rows) and result.against == sum(row[0] <= 0 for row in rows) < 8
    assert np.allclose(result.ratios, (min(ratios), max(ratios)), rtol=1e-5) and 0.8 < min(ratios) <= max(ratios) < 1.3
    assert 0.99 < result.cosine <= 1 and min(cosines) > 0.99


def claim_without_the_mean_hardly_a_push(result: Result) -> None:
    """Let the output layer read these activations minus one half: {{ centered | percent }} of the mean push is left."""
    lengths = []  # by the formula for small steps, from activations computed by hand
    net, h, _ = start(np.random.default_rng([SEED, 0]))
    for w, b in net[:-1]:
        h = 1 / (1 + np.exp(-(h @ w + b)))
    for less in (0.5, 0.0):
        a = h.mean(axis=0) - less
        lengths.append(predict(a) * np.linalg.norm(a))
    assert abs(lengths[0] / lengths[1] / result.centered - 1) < 0.2 and result.centered < 0.1


def _after_a_step(rng: np.random.Generator, step: float) -> dict[str, np.ndarray]:
    """A batch of equal activations, a step from output weights of zero, and what comes back on average then."""
    classes, a = int(rng.integers(2, 6)), rng.uniform(0.1, 0.9, 4)
    targets = one_hot_rows(rng.integers(0, classes, 7), classes)
    xi = targets.mean(axis=0) - 1 / classes
    V, b = (
        -step
        * complex_step(lambda V: batch_loss(V.reshape(4, -1), np.zeros(classes), a, targets), np.zeros(4 * classes)),
        -step * complex_step(lambda b: batch_loss(np.zeros((4, classes)), b, a, targets), np.zeros(classes)),
    )
    V = V.reshape(4, classes)
    gradient = complex_step(lambda a: batch_loss(V, b, a, np.eye(classes)), a)  # equally frequent classes
    scores = a @ V + b
    return {
        r"\frac{\partial L}{\partial a}": gradient,
        r"\xi": xi,
        "a": a,
        r"\eta": step,
        "C": classes,
        "p": np.exp(scores) / np.exp(scores).sum(),
    }


def one_hot_rows(labels: np.ndarray, classes: int) -> np.ndarray:
    """One row an example."""
    return np.eye(classes)[labels]


def batch_loss(V: np.ndarray, b: np.ndarray, a: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Mean cross-entropy of examples whose activations are alike."""
    scores = a @ V + b
    return np.log(np.exp(scores).sum()) - targets.mean(axis=0) @ scores


def equation_push() -> Draws:
    r"""\frac{\partial L}{\partial a} = \eta\,(\xi^\top p)\, a"""
    for rng in draws(12):
        yield _after_a_step(rng, rng.uniform(0.1, 3))


def equation_never_negative() -> Draws:
    r"""\xi^\top p \approx \frac{\eta\,(1 + \lVert a\rVert^2)}{C}\, \lVert\xi\rVert^2 \ge 0"""
    for rng in draws(12):
        yield _after_a_step(rng, 0.01) | {r"\approx": 0.05}


def equation_noise() -> Draws:
    r"""\mathbb{E}[\lVert\xi\rVert^2] = \frac{1}{B}\left(1 - \frac{1}{C}\right)"""
    for classes, size in ((2, 3), (3, 1), (3, 4), (4, 3)):
        batches = np.array(list(product(range(classes), repeat=size)))  # all of them, equally likely
        xi = np.eye(classes)[batches].mean(axis=1) - 1 / classes
        yield {r"\mathbb{E}[\lVert\xi\rVert^2]": np.mean(np.sum(xi**2, axis=1)), "B": size, "C": classes}


if __name__ == "__main__":
    print(compute())
