"""Softmax regression on the digits by full-batch gradient descent, for several codings of the pixels."""

from functools import cache

import numpy as np

from lib.data import digits, one_hot
from lib.network import loss_and_gradients, sgd_step, softmax
from lib.quadratics import add_bias

GOAL = 0.1  # loss in nats, where training stops
TRAINED = 600  # images to learn from; the others test
LIMIT = 4000  # iterations, if none is given


def code_pixels(pixels: np.ndarray, by: np.ndarray) -> dict[str, np.ndarray]:
    """The pixels raw, centered, standardized (by means and standard deviations of `by`), shifted by one and three."""
    mean, std = by.mean(axis=0), by.std(axis=0)
    std[std == 0] = 1  # a pixel that is always 0 has nothing to scale
    centered = pixels - mean
    shifted = {"one": pixels + 1, "three": pixels + 3}
    return {"raw": pixels, "centered": centered, "standardized": centered / std, **shifted}


def split_digits(seed: int, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Which images to learn from and which to test on, in split `number`."""
    order = np.random.default_rng([seed, number]).permutation(len(digits()[0]))
    return order[:TRAINED], order[TRAINED:]


def learn(x: np.ndarray, labels: np.ndarray, part: float, limit: int = LIMIT) -> tuple[int, np.ndarray, float]:
    """Iterations from zero weights until the loss is below GOAL, weights (inputs, 10) then, highest loss on the way.

    The step size is `part` over the largest eigenvalue of the second moment of the inputs x (B, inputs).
    """
    weights, targets, examples, highest = np.zeros((x.shape[1], 10)), one_hot(labels), np.arange(len(x)), 0.0
    step = part / np.linalg.eigvalsh(x.T @ x / len(x))[-1]
    for iteration in range(limit):
        chances = softmax(x @ weights)
        loss = -np.log(chances[examples, labels] + 1e-300).mean()
        highest = max(highest, loss)
        if loss < GOAL:
            return iteration, weights, highest
        weights -= step / len(x) * (x.T @ (chances - targets))
    return limit, weights, highest


@cache
def learn_as_network(seed: int, name: str, part: float) -> tuple[int, float]:
    """What `learn` counts on the first split, iterations and highest loss, by a network without hidden layers."""
    x, labels = digits()
    train = split_digits(seed, 0)[0]
    inputs, targets = code_pixels(x[train], x[train])[name], one_hot(labels[train])
    layers, step = [(np.zeros((x.shape[1], 10)), np.zeros(10))], part / np.linalg.norm(add_bias(inputs), 2) ** 2
    losses = []
    while not losses or losses[-1] >= GOAL:
        loss, gradients = loss_and_gradients(layers, inputs, targets)
        layers, losses = sgd_step(layers, gradients, step * TRAINED), [*losses, loss]
    return len(losses) - 1, max(losses)
