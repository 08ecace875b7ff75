"""The example of the pages on optimizers: a linear neuron that reads independent sigmoid units fed with N(0, 1)."""

import numpy as np

from lib.activation_functions import sigmoid
from lib.gaussian import moments

UNITS, MEAN, VARIANCE = 100, 0.5, moments(sigmoid)[1]  # of the inputs; by symmetry the mean is ½
RATIO = MEAN / np.sqrt(VARIANCE)  # mean over standard deviation of one input
