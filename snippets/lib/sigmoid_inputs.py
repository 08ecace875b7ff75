"""The example of the pages on optimizers: a linear neuron that reads independent sigmoid units fed with N(0, 1)."""

import numpy as np

from lib.activation_functions import sigmoid
from lib.gaussian import mean_over_std, moments
from lib.quadratics import kappa_without_bias

UNITS, MEAN, VARIANCE = 100, 0.5, moments(sigmoid)[1]  # of the inputs; by symmetry the mean is ½
STARTS = 2001  # random targets
RATIO = mean_over_std(sigmoid)  # of one input
KAPPA = kappa_without_bias(*moments(sigmoid), UNITS)  # condition number without a bias


def draw_targets(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights (STARTS, UNITS) and biases (STARTS,) of random targets, of which slow methods get the first few."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(STARTS, UNITS)), rng.normal(size=STARTS)
