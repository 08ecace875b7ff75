"""How large should the gradients of a net on the digits be at initialization?

Neither small nor large: with weights of gain {{ gains[0] | decimals(2) }}, the first gradient is
{{ net_gradients[0] | digits(2) }} and training takes {{ net_steps[0] | integer }} steps, with gain
{{ gains[2] | integer }} {{ net_steps[2] }}.

    gain     what the initial weights are multiplied by; 1, the usual, is a variance of one over the inputs
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.figure import Figure

from lib.data import digits, one_hot
from lib.network import Layer, init_layers, loss, loss_and_gradients, loss_gradients, sgd_step
from lib.plots import FIRST, INK, decades, frame_axes, label_point, new_figure, show_figures

SEED, STARTS = 0, 5
SIZES, EXAMPLES, RATE, GOAL = (64, 32, 32, 32, 10), 200, 0.4, 0.3
GAINS = (0.25, 0.5, 1.0, 2.0, 8.0)


@dataclass(frozen=True)
class Result:
    gains: tuple[float, ...]
    "Gains of the initial weights of a net on the digits."
    net_gradients: tuple[float, ...]
    "Length of its gradient by all weights at the start, one for each gain: median of `starts`."
    net_steps: tuple[int, ...]
    "Full-batch steps until its loss is below `goal`, one for each gain: median of `starts`."
    starts: int
    "Random starts, the same for all gains but for the factor."
    rate: float
    "Its step size."
    goal: float
    "The loss at which its training ends."
    layers: int
    "Layers of weights in that net."
    examples: int
    "Digits that it is trained on."


@cache
def load_images() -> tuple[np.ndarray, np.ndarray]:
    """Centered pixels and one-hot labels of the first examples."""
    pixels, labels = digits()
    return pixels[:EXAMPLES] - pixels[:EXAMPLES].mean(axis=0), one_hot(labels[:EXAMPLES])


def draw_starts() -> list[list[Layer]]:
    """Initial weights of gain 1."""
    return [init_layers(SIZES, np.random.default_rng([SEED, i])) for i in range(STARTS)]


def weight_length(gradients: list[Layer]) -> float:
    """Length of the gradient by all weights; the biases are left out."""
    return np.sqrt(sum((by_weights**2).sum() for by_weights, _ in gradients))


def train(layers: list[Layer]) -> tuple[float, int]:
    """Length of the first gradient, and full-batch steps until the loss is below `GOAL`."""
    x, targets = load_images()
    value, gradients = loss_and_gradients(layers, x, targets, "tanh")
    first, steps = weight_length(gradients), 0
    while value >= GOAL:
        layers = sgd_step(layers, gradients, RATE)
        value, gradients = loss_and_gradients(layers, x, targets, "tanh")
        steps += 1
    return first, steps


def compute() -> Result:
    runs = [[train([(gain * w, b) for w, b in start]) for gain in GAINS] for start in draw_starts()]
    firsts, steps = np.median(runs, axis=0).T
    return Result(
        gains=GAINS,
        net_gradients=tuple(firsts),
        net_steps=tuple(int(count) for count in steps),
        starts=STARTS,
        rate=RATE,
        goal=GOAL,
        layers=len(SIZES) - 1,
        examples=EXAMPLES,
    )


def claim_neither_small_nor_large(result: Result) -> None:
    """A gain of {{ gains[3] | integer }} is faster than {{ gains[0] | digits(2) }}, whose first gradient is the
    smallest, and than {{ gains[4] | integer }}, whose first gradient is the largest."""
    assert list(result.net_gradients) == sorted(result.net_gradients)
    small, _, one, two, large = result.net_steps
    assert small > 2 * one > 2 * two and large > two
    x, targets = load_images()
    for gain, size, steps in zip(GAINS, result.net_gradients, result.net_steps):
        sizes, arrived = [], 0
        for start in draw_starts():
            layers = [(gain * w, b) for w, b in start]
            by = [(w, 0 * b) for w, b in loss_gradients(layers, x, targets, "tanh")]
            h = 1e-4 / size  # the first gradient once more, by a difference of losses along itself
            ends = [loss(sgd_step(layers, by, side * h), x, targets, "tanh") for side in (-1, 1)]
            sizes.append(np.sqrt((ends[0] - ends[1]) / (2 * h)))
            if gain > 1:  # the few steps of these once more: how many starts are there by the median
                for _ in range(steps):
                    layers = sgd_step(layers, loss_gradients(layers, x, targets, "tanh"), result.rate)
                arrived += loss(layers, x, targets, "tanh") < result.goal
        assert abs(np.median(sizes) / size - 1) < 1e-3 and (gain <= 1 or arrived > STARTS / 2)


def figure_gains(result: Result) -> Figure:
    """Steps to a loss of {{ goal | digits(1) }} against the length of the first gradient, both logarithmic, one dot
    for each gain of the initial weights. From the left the steps fall, from {{ net_steps[0] | integer }} at a gain
    of {{ gains[0] | digits(2) }} to {{ net_steps[3] | integer }} at {{ gains[3] | integer }}, and rise again to
    {{ net_steps[4] | integer }} at {{ gains[4] | integer }}."""
    figure = new_figure(360, 0.72)
    (axes,) = figure.axes
    axes.plot(result.net_gradients, result.net_steps, "o-", color=FIRST, linewidth=1, label="tanh net on digits")
    for gain, size, steps in zip(result.gains, result.net_gradients, result.net_steps):
        place = {"dx": 0, "dy": -13, "ha": "center"} if gain == 2 else {"dx": 8, "dy": 6}
        label_point(axes, f"gain {gain:g}", (size, steps), INK, **place)
    axes.set(xscale="log", yscale="log", ylim=(4, 400))
    axes.set_xlim(result.net_gradients[0] / 2.5, result.net_gradients[-1] * 6)
    powers = decades(*(k for k in (0, -1, -2, -3) if 10.0**k > result.net_gradients[0] / 2.5))
    frame_axes(axes, powers, [10, 100], "length of the first gradient", f"steps to a loss of {GOAL}")
    return figure


if __name__ == "__main__":
    show_figures(figure_gains, of=compute())
