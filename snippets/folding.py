"""How is a preprocessing folded into the first layer, and what does that change?

W(x − m)/s + b is W'x + b' with W' = W/s and b' = b − Wm/s: the same scores to rounding. What is not the same is what
follows from coordinates: {{ further }} steps of descent from the same function reach a loss of
{{ loss.map | digits(3) }} behind the map and of {{ loss.folded | digits(3) }} folded in, weight decay sees weights
{{ ratio | digits(2) }} times as long, and a frame of zeros is no longer a frame of the mean.

    m, s   one mean and one standard std of all pixels of the digits
    W, b   weights and biases of the first layer of a 64-64-10 network of tanh units, at its start
"""

from dataclasses import dataclass

import numpy as np

from lib.data import digits, one_hot
from lib.network import Layer, forward, init_layers, loss_and_gradients, sgd_step
from lib.numerics import Draws, draws

SEED = 0
STEP, FURTHER = 0.3, 60
SIDE = 8  # pixels


@dataclass(frozen=True)
class Result:
    scores: float
    "Largest difference of a score between the network behind its map, and the network that has it folded in."
    further: int
    "Steps of gradient descent taken by both."
    step: float
    "Their size."
    loss: dict[str, float]
    "Loss on all digits after these steps: behind the map, folded in."
    ratio: float
    "Length of the first layer's weights after folding over that before, which is 1/s."
    frame: dict[str, float]
    "Zero padding, a 3 × 3 filter: share of outputs that folding changes, and the same if the mean is padded instead."
    affine: float
    "Largest difference, after one step, between descent folded in and the same descent in the map's coordinates."


def fold_map(layers: list[Layer], mean: float, std: float) -> list[Layer]:
    """The same network for inputs that have not been mapped: W/s and b − Wm/s in its first layer."""
    (weights, bias), *rest = layers
    return [(weights / std, bias - mean / std * weights.sum(axis=0)), *rest]


def train(layers: list[Layer], x: np.ndarray, targets: np.ndarray) -> float:
    """Loss after some full-batch steps."""
    for _ in range(FURTHER):
        layers = sgd_step(layers, loss_and_gradients(layers, x, targets)[1], STEP)
    return loss_and_gradients(layers, x, targets)[0]


def filter_images(x: np.ndarray, kernel: np.ndarray, bias: float, padding: float) -> np.ndarray:
    """Outputs (B, 8, 8) of a 3 × 3 filter on images (B, 8, 8) with a frame of one pixel."""
    framed = np.pad(x, ((0, 0), (1, 1), (1, 1)), constant_values=padding)
    return bias + sum(kernel[i, j] * framed[:, i : i + 8, j : j + 8] for i in range(3) for j in range(3))


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    x, labels = digits()
    targets, mean, std = one_hot(labels), x.mean(), x.std()
    layers = init_layers((64, 64, 10), rng)
    folded, mapped = fold_map(layers, mean, std), (x - mean) / std
    kernel, images = rng.normal(size=(3, 3)), x[:100].reshape(-1, SIDE, SIDE)
    outputs, frame = filter_images((images - mean) / std, kernel, 0.0, 0.0), {}
    for name, padding in (("zero", 0.0), ("mean", mean)):
        folded_outputs = filter_images(images, kernel / std, -kernel.sum() * mean / std, padding)
        frame[name] = float(np.mean(abs(folded_outputs - outputs) > 1e-9))
    (dw, db), _ = loss_and_gradients(layers, mapped, targets)[1]
    (dv, dc), _ = loss_and_gradients(folded, x, targets)[1]
    return Result(
        scores=float(abs(forward(layers, mapped)[0][-1] - forward(folded, x)[0][-1]).max()),
        further=FURTHER,
        step=STEP,
        loss={"map": train(layers, mapped, targets), "folded": train(folded, x, targets)},
        ratio=float(np.linalg.norm(folded[0][0]) / np.linalg.norm(layers[0][0])),
        frame=frame,
        affine=float(max(abs(dv - std * dw - mean * db).max(), abs(dc - db).max())),
    )


def claim_the_scores_stay(result: Result) -> None:
    """Folded into the first layer, the map changes no score, beyond rounding."""
    assert result.scores < 1e-12
    for rng in draws(5):  # any inputs, not only images
        layers, x = init_layers((6, 4, 3), rng), rng.normal(size=(9, 6))
        mean, std = rng.normal(), rng.uniform(0.2, 3)
        before, after = forward(layers, (x - mean) / std), forward(fold_map(layers, mean, std), x)
        np.testing.assert_allclose(after[0][-1], before[0][-1], atol=1e-11)


def claim_the_path_changes(result: Result) -> None:
    """From the same function, {{ further }} steps of size {{ step | digits(1) }} reach a loss of
    {{ loss.map | digits(3) }} behind the map and of {{ loss.folded | digits(3) }} folded in, because the gradient by a
    folded weight is $s$ times the old one plus $m$ times that of the bias."""
    assert result.loss["map"] < 0.95 * result.loss["folded"] and result.affine < 1e-12
    x, labels = digits()
    targets, m, s = one_hot(labels), x.mean(), x.std()
    start = init_layers((64, 64, 10), np.random.default_rng(SEED))
    turned = (("map", fold_map(start, m, s), x, 1 / s, -m / s), ("folded", start, (x - m) / s, s, m))
    for name, layers, inputs, scale, shift in turned:  # each run once more, in the other one's coordinates
        for _ in range(FURTHER):
            (dw, db), last = loss_and_gradients(layers, inputs, targets)[1]
            dv = scale * (scale * dw + shift * db)  # gradient in the other coordinates, and the step back to these
            dc = db + shift * (scale * dw + shift * db).sum(axis=0)
            layers = sgd_step(layers, [(dv, dc), last], STEP)
        assert abs(loss_and_gradients(layers, inputs, targets)[0] / result.loss[name] - 1) < 1e-6


def claim_decay_sees_longer_weights(result: Result) -> None:
    """The folded weights are {{ ratio | digits(2) }} times as long, and weight decay that much stronger a pull."""
    assert abs(result.ratio * digits()[0].std() - 1) < 1e-9 and result.ratio > 2


def claim_the_frame_does_not_fold(result: Result) -> None:
    """With a frame of zeros folding changes {{ frame.zero | percent(0) }} of a filter’s outputs on images of
    8 × 8 pixels; with a frame of the mean, none."""
    assert result.frame == {"zero": 1 - (SIDE - 2) ** 2 / SIDE**2, "mean": 0}


def draw_folded_layers():
    """Random layers of three neurons and four inputs, behind a map, and the same folded: letters and their values."""
    for rng in draws(8):
        weights, bias, mean, std = rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(), rng.uniform(0.2, 3)
        folded, shifted = fold_map([(weights, bias)], mean, std)[0]
        yield {
            "W": weights.T,
            "b": bias,
            "W'": folded.T,
            "b'": shifted,
            "s": std,
            "m": np.full(4, mean),
            "x": rng.normal(size=4),
        }


def equation_fold() -> Draws:
    r"""\frac{1}{s} W(x - m) + b = W' x + b'"""
    yield from draw_folded_layers()


def equation_folded() -> Draws:
    r"""W' = \frac{1}{s} W, \qquad b' = b - \frac{1}{s} W m"""
    for letters in draw_folded_layers():  # read off from what the layer makes of the four unit vectors and of zero
        inputs = (np.vstack([np.eye(4), np.zeros(4)]) - letters["m"]) / letters["s"]
        layer = inputs @ letters["W"].T + letters["b"]
        yield letters | {"b'": layer[-1], "W'": (layer[:-1] - layer[-1]).T}
