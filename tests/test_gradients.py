"""Derivatives and back-propagation against finite differences and a complex step."""

import numpy as np
import pytest

from lib.activation_functions import DERIVATIVES, FUNCTIONS
from lib.network import init_layers, loss, loss_gradients

ANALYTIC = ["sigmoid", "tanh", "lecun_tanh", "silu"]  # their code takes complex numbers
RNG = np.random.default_rng(0)
X, TARGETS = RNG.normal(size=(5, 4)), np.eye(3)[RNG.integers(0, 3, 5)]
LAYERS = [(w, RNG.normal(size=b.shape)) for w, b in init_layers((4, 6, 5, 3), RNG)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives_equal_differences(name):
    z = np.linspace(-3, 3, 24)  # without 0, where some have no derivative
    by_differences = (FUNCTIONS[name](z + 1e-6) - FUNCTIONS[name](z - 1e-6)) / 2e-6
    assert np.allclose(DERIVATIVES[name](z), by_differences, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - set(ANALYTIC)))
def test_gradients_equal_differences(name):
    by_hand = loss_gradients(LAYERS, X, TARGETS, name)
    for i, layer in enumerate(LAYERS):
        for kind in (0, 1):
            for at in np.ndindex(layer[kind].shape):
                losses = []
                for nudge in (1e-5, -1e-5):
                    pair = [part.copy() for part in layer]
                    pair[kind][at] += nudge
                    losses.append(loss([*LAYERS[:i], tuple(pair), *LAYERS[i + 1 :]], X, TARGETS, name))
                assert (losses[0] - losses[1]) / 2e-5 == pytest.approx(by_hand[i][kind][at], rel=1e-4, abs=1e-8)


@pytest.mark.parametrize("name", ANALYTIC)
def test_gradients_equal_a_complex_step(name):
    by_hand = loss_gradients(LAYERS, X, TARGETS, name)
    for i, layer in enumerate(LAYERS):
        for kind in (0, 1):
            for at in np.ndindex(layer[kind].shape):
                pair = [part.astype(complex) for part in layer]
                pair[kind][at] += 1e-30j
                shifted_loss = loss([*LAYERS[:i], tuple(pair), *LAYERS[i + 1 :]], X, TARGETS, name)
                assert shifted_loss.imag / 1e-30 == pytest.approx(by_hand[i][kind][at], rel=1e-10, abs=1e-14)
