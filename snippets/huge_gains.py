"""Does any gain let sigmoid layers forget a mean, without a shift?

Only huge ones, where a unit is nearly a step from 0 to 1: at a gain of {{ gains[1] }} the off-center ratio settles
at {{ settled[1] | digits(2) }}, at {{ gains[2] }} at {{ settled[2] | digits(2) }}, and for steps at
{{ limit | digits(3) }}.

    ratio  squared mean of a pre-activation over its variance, ρ; weights of variance gain²/n, infinite width, no biases
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import sigmoid
from lib.mean_field import propagate, propagate_by_sum
from lib.quadratics import estimate_off_center_ratio

SEED = 0
GAINS = (5, 20, 50)
LAYERS = 60
WIDTH, INPUTS, NETS = 300, 40, 3


@dataclass(frozen=True)
class Result:
    gains: tuple[int, ...]
    "Gains."
    layers: int
    "Layers."
    settled: tuple[float, ...]
    "Off-center ratio after so many layers, from a ratio of 1."
    limit: float
    "What it settles at if every unit is a step from 0 to 1."


def follow_ratio(gain: float, layers: int) -> float:
    """Off-center ratio of the pre-activations after so many layers of sigmoids, from a ratio of 1."""
    shared = own = 0.5
    for _ in range(layers):
        shared, own = (gain**2 * part for part in propagate(sigmoid, shared, own))
    return shared / own


def step_ratio(layers: int) -> float:
    """The same for steps from 0 to 1: both outputs for two inputs are 1 with a known probability."""
    ratio = 1.0
    for _ in range(layers):
        both = 1 / 4 + np.arcsin(ratio / (1 + ratio)) / (2 * np.pi)
        ratio = both / (1 / 2 - both)
    return ratio


def compute() -> Result:
    return Result(
        gains=GAINS,
        layers=LAYERS,
        settled=tuple(follow_ratio(gain, LAYERS) for gain in GAINS),
        limit=step_ratio(200),
    )


def claim_only_huge_gains_settle(result: Result) -> None:
    """Sigmoids without a shift, inputs whose off-center ratio is 1: at a gain of {{ gains[0] }} the ratio has grown
    to {{ settled[0] | scientific(1) }} after {{ layers }} layers. At a gain of {{ gains[1] }} it settles at
    {{ settled[1] | digits(2) }}, at {{ gains[2] }} at {{ settled[2] | digits(2) }}. A unit is then nearly a step
    from 0 to 1, and with steps the ratio would settle at {{ limit | digits(3) }}."""
    assert abs(follow_ratio(GAINS[1], LAYERS // 2) / result.settled[1] - 1) < 0.005
    assert result.limit < result.settled[2] < result.settled[1]
    for gain, settled in zip(GAINS, result.settled):  # by another quadrature
        shared = own = 0.5
        for _ in range(LAYERS):
            shared, own = (gain**2 * part for part in propagate_by_sum(sigmoid, shared, own))
        assert abs(shared / own / settled - 1) < 0.02
    rng, logs = np.random.default_rng(SEED), []
    for _ in range(NETS):  # sampled layers
        z = (rng.normal(size=WIDTH) + rng.normal(size=(INPUTS, WIDTH))) / np.sqrt(2)
        for _ in range(LAYERS // 3):
            z = GAINS[1] * sigmoid(z) @ rng.normal(size=(WIDTH, WIDTH)) / np.sqrt(WIDTH)
            logs.append(np.log(estimate_off_center_ratio(z)))
    assert abs(np.mean(np.reshape(logs, (NETS, -1))[:, 8:]) - np.log(result.settled[1])) < 0.25
    cosine = 0.0  # of the pre-activations of two inputs: the arcsine law
    for _ in range(300):
        cosine = 1 / 2 + np.arcsin(cosine) / np.pi
    assert abs(cosine / (1 - cosine) / result.limit - 1) < 0.01


if __name__ == "__main__":
    print(compute())
