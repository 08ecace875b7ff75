"""Do later layers forget the mean that they are given?

Slowly, or quickly if their weights are large. From inputs whose mean has the mean square of their variance,
{{ layers }} tanh layers leave a ratio of {{ left | digits(2) | list }} for gains of {{ gains | digits(2) | list }}.

    ratio  squared mean over variance, over the inputs, for random weights of variance gain²/n and zero biases
    v, c   mean product of a unit's pre-activations for one input and itself, and for two different inputs
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.mean_field import propagate, propagate_by_sum
from lib.quadratics import estimate_off_center_ratio

SEED = 0
LAYERS, START = 20, 1.0
GAINS = (1.0, 1.5, 2.0, 3.0)
WIDTH = 400


@dataclass(frozen=True)
class Result:
    layers: int
    "tanh layers."
    start: float
    "Ratio of the inputs."
    gains: tuple[float, ...]
    "Gains of the weights."
    left: tuple[float, ...]
    "Ratio behind the last layer, for each gain."


def ratio_after_layers(gain: float, rule: Callable = propagate) -> float:
    """Ratio behind `LAYERS` tanh layers, from inputs with mean square 1 and the ratio `START`."""
    shared, own = START / (1 + START), 1 / (1 + START)
    for _ in range(LAYERS):
        shared, own = rule(np.tanh, gain**2 * shared, gain**2 * own)
    return float(shared / own)


def compute() -> Result:
    return Result(layers=LAYERS, start=START, gains=GAINS, left=tuple(ratio_after_layers(gain) for gain in GAINS))


def claim_large_weights_forget(result: Result) -> None:
    """From inputs of mean square 1 with a ratio of {{ start | integer }}, {{ layers }} tanh layers leave a ratio of
    {{ left | digits(2) | list }} in their outputs for gains of {{ gains | digits(2) | list }}."""
    assert list(result.left) == sorted(result.left, reverse=True)
    rng = np.random.default_rng(SEED)
    for gain, left in zip(GAINS, result.left):
        assert abs(ratio_after_layers(gain, propagate_by_sum) / left - 1) < 0.01
        a = (rng.normal(size=(1, WIDTH)) + rng.normal(size=(2 * WIDTH, WIDTH))) / np.sqrt(2)
        for _ in range(LAYERS):
            a = np.tanh(a @ rng.normal(size=(WIDTH, WIDTH)) * gain / np.sqrt(WIDTH))
        assert abs(np.log(estimate_off_center_ratio(a) / left)) < 0.7, (gain, estimate_off_center_ratio(a), left)


if __name__ == "__main__":
    print(compute())
