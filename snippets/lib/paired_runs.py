"""Short runs of a small tanh network on raw and on centered digits, with the same images and initial weights."""

from functools import cache

import numpy as np

from lib.data import digits, one_hot
from lib.network import forward, init_layers, loss_and_gradients, sgd_step

IMAGES, UNITS, RUNS, STARTS, LIMIT = 200, 32, 20, 3, 150
GOALS = {"early": 0.3, "late": 0.05}
OWN = {False: 1.0, True: 4.0}  # steps of the long runs, raw and centered


@cache
def train(seed: int, centered: bool, step: float, run: int, draw: int, goals: tuple[float, ...]) -> list[tuple]:
    """Epochs until each goal, at most `LIMIT` times ten, and which test images are then recognized."""
    pixels, labels = digits()
    order = np.random.default_rng([seed, draw]).permutation(len(labels))
    mean = centered * pixels[order[:IMAGES]].mean(axis=0)
    x, y, found = pixels[order[:IMAGES]] - mean, one_hot(labels[order[:IMAGES]]), []
    layers = init_layers((64, UNITS, 10), np.random.default_rng([seed, 1, run]))
    for epoch in range(10 * LIMIT):
        now, gradients = loss_and_gradients(layers, x, y)
        while len(found) < len(goals) and now < goals[len(found)]:
            scores = forward(layers, pixels[order[IMAGES:]] - mean)[0][-1]
            found.append((epoch, scores.argmax(axis=1) == labels[order[IMAGES:]]))
        if len(found) == len(goals) or (len(goals) == 1 and (epoch >= LIMIT or now > 1000)):
            break
        layers = sgd_step(layers, gradients, step)
    return found


def compare_accuracy(seed: int) -> dict[str, np.ndarray]:
    """Accuracies in percent at either goal, shape (2, RUNS): raw and centered."""
    goals = tuple(GOALS.values())
    runs = [[train(seed, c, OWN[c], run, run, goals) for run in range(RUNS)] for c in (False, True)]
    return {name: np.array([[100 * run[i][1].mean() for run in side] for side in runs]) for i, name in enumerate(GOALS)}
