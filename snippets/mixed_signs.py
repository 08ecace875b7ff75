"""How often does the gradient of a large batch have components of both signs, as the layer widens?

Ever more often, and ever more slowly: with {{ units | integer | list }} sigmoid units in
{{ mixed.sigmoid | percent | list }} of the batches.

    n  inputs, independent, each with the mean r in its standard deviations
    P  probability that a gradient of a large batch, errors of mean zero, has components of both signs
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import FUNCTIONS
from lib.gaussian import mean_over_std
from lib.signs import chance_of_mixed_signs

SEED = 0
UNITS = (10, 64, 100, 1000)
BATCHES = 5000


@dataclass(frozen=True)
class Result:
    units: tuple[int, ...]
    "Inputs of the neuron."
    mixed: dict[str, tuple[float, ...]]
    "Probability of mixed signs by activation function, one entry for each number of inputs."


def compute() -> Result:
    return Result(
        units=UNITS,
        mixed={
            name: tuple(chance_of_mixed_signs(np.full(n, mean_over_std(FUNCTIONS[name]))) for n in UNITS)
            for name in ("sigmoid", "relu")
        },
    )


def claim_wider_is_more_mixed(result: Result) -> None:
    """A neuron that reads {{ units | integer | list }} sigmoid outputs gets mixed signs from
    {{ mixed.sigmoid | percent | list }} of large batches; reading ReLU outputs, from {{ mixed.relu[0] | percent }} and
    {{ mixed.relu[1] | percent(1) }} at the first two widths (pre-activations from N(0, 1), errors of mean zero)."""
    rng = np.random.default_rng(SEED)
    for name, chances in result.mixed.items():
        assert list(chances) == sorted(chances)
        for n, chance in zip(UNITS, chances):
            cloud = mean_over_std(FUNCTIONS[name]) * rng.normal(size=(BATCHES, 1)) + rng.normal(size=(BATCHES, n))
            sampled = np.mean((cloud.min(axis=1) < 0) & (cloud.max(axis=1) > 0))
            assert abs(sampled - chance) < 4.2 * np.sqrt(chance * (1 - chance) / BATCHES) + 1e-4
    for name, chances in result.mixed.items():  # ten inputs, a batch of 64, not only its limit
        x = FUNCTIONS[name](rng.normal(size=(BATCHES, 64, UNITS[0])))
        g = np.einsum("kbn,kb->kn", x, rng.normal(size=(BATCHES, 64)))
        assert abs(np.mean((g.min(axis=1) < 0) & (g.max(axis=1) > 0)) - chances[0]) < 0.04


if __name__ == "__main__":
    print(compute())
