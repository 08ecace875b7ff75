"""Batches of a layer's outputs and errors: the experiments on the signs of a gradient's components.

Inputs are the outputs of a layer whose pre-activations are standard normal, or uniform on (0, 1); errors are normal
with variance 1 and independent of the inputs.
"""

import numpy as np

from lib.activation_functions import FUNCTIONS
from lib.gaussian import mean_over_std

UNITS = 10  # inputs of the neuron
SIZES = (1, 2, 4, 8, 16, 32, 64)  # examples in a batch
SHIFT = 0.25  # mean of the errors in the second experiment, in their standard deviations
RATIOS = {  # mean over standard deviation of one input
    "tanh": 0.0,
    "uniform": np.sqrt(3),
    **{layer: mean_over_std(FUNCTIONS[layer]) for layer in ("relu", "sigmoid")},
}


def draw_inputs(layer: str, rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Inputs of this shape from the layer of that name."""
    return rng.random(shape) if layer == "uniform" else FUNCTIONS[layer](rng.normal(size=shape))


def sum_gradients(
    layer: str, rng: np.random.Generator, draws: int = 4000, shift: float = 0.0, size: int = SIZES[-1]
) -> np.ndarray:
    """Sums of δx over the first 1 … `size` examples of batches, errors of mean `shift`: shape (draws, size, UNITS)."""
    x = draw_inputs(layer, rng, draws, size, UNITS)
    return np.cumsum(rng.normal(shift, 1, (draws, size, 1)) * x, axis=1)
