"""Small networks that learn the digits, and the search for the best step size of a run."""

from collections.abc import Callable

import numpy as np

from lib.data import digits, one_hot

SIZES = (64, 64, 10)  # pixels, hidden neurons, classes
GAINS = {"sigmoid": 1.0, "tanh": 1.0, "relu": np.sqrt(2)}  # of the initial weights; He's for ReLU


def every_third_digit() -> tuple[np.ndarray, np.ndarray]:
    """Pixels in [0, 1], shape (B, 64), and one-hot labels, shape (B, 10)."""
    pixels, labels = digits()
    return pixels[::3], one_hot(labels[::3])


def find_best_step(
    steps: tuple[float, ...], starts: int, run: Callable, limit: int
) -> tuple[float, tuple[int, ...], list]:
    """The step size whose runs from all starts take the fewest epochs in all, the epochs of each, and its networks.

    `run(step, start, limit)` returns epochs, at most `limit`, and a network; a step size is given up as soon as it is
    no better than one before.
    """
    least, best = limit, None
    for step in steps:
        epochs, networks = [], []
        with np.errstate(over="ignore"):  # in the exponential, where a step is far too large
            while len(epochs) < starts and sum(epochs) < least:
                count, network = run(step, len(epochs), least - sum(epochs))
                epochs.append(count)
                networks.append(network)
        if sum(epochs) < least:
            least, best = sum(epochs), (step, tuple(epochs), networks)
    if not best:
        raise RuntimeError(f"no step of {steps} arrives in {limit} epochs")
    return best
