"""Networks on the digits with one fault each, and what each layer reads while they learn."""

from collections.abc import Iterator

import numpy as np

from lib.activation_functions import FUNCTIONS
from lib.data import digits, one_hot
from lib.network import adam_step, forward, init_layers, loss_and_gradients, sgd_step

EVERY, STEPS, BATCH, CAUTION = 6, 30, 50, 0.1
CASES = {  # activation, hidden layers, gain, bias of hidden units, are pixels centered?, method, step size, batch
    "raw": ("relu", 1, 2**0.5, 0.0, False, "plain", 1.0, 0),
    "cautious": ("relu", 1, 2**0.5, 0.0, False, "plain", CAUTION, 0),
    "centered": ("relu", 1, 2**0.5, 0.0, True, "plain", 4.0, 0),
    "sigmoid": ("sigmoid", 1, 1.0, 0.0, True, "plain", 16.0, 0),
    "deep": ("sigmoid", 5, 1.0, 0.0, True, "plain", 1.0, 0),
    "dead": ("relu", 1, 2**0.5, -10.0, True, "plain", 0.5, 0),
    "batches": ("relu", 1, 2**0.5, 0.0, False, "plain", 0.5, BATCH),
    "adam": ("relu", 1, 2**0.5, 0.0, False, "adam", 0.01, BATCH),
}


def draw_case(name: str, seed: int) -> tuple[str, list, np.ndarray, np.ndarray]:
    """Activation, layers, pixels and one-hot labels of a case."""
    activation, hidden, gain, bias, centered, *_ = CASES[name]
    pixels, labels = digits()
    x, y = pixels[::EVERY], one_hot(labels[::EVERY])
    layers = init_layers((64, *[64] * hidden, 10), np.random.default_rng(seed), gain)
    return activation, [(W, b + bias) for W, b in layers[:-1]] + layers[-1:], x - centered * x.mean(axis=0), y


def train(name: str, seed: int, size: float = 0.0) -> Iterator[tuple]:
    """Yield inputs, weights, and gradients before and after each step on the same batch, layer by layer."""
    *_, method, step, batch = CASES[name]
    activation, layers, x, y = draw_case(name, seed)
    state, after, rng, step = None, None, np.random.default_rng([seed, 1]), size or step
    while True:
        rows = rng.choice(len(x), batch, replace=False) if batch else slice(None)
        before = after if after and not batch else loss_and_gradients(layers, x[rows], y[rows], activation)[1]
        adam = method == "adam"
        moved, state = adam_step(layers, before, step, state) if adam else (sgd_step(layers, before, step), None)
        after = loss_and_gradients(moved, x[rows], y[rows], activation)[1]
        inputs = forward(layers, x[rows], FUNCTIONS[activation])[1]
        yield inputs, *([part[0] for part in net] for net in (layers, before, after))
        layers = moved
