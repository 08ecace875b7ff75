"""How far off center the layers of a random network are, in the limit of infinite width.

A pre-activation is z = √c s + √(v − c) t with s and t standard normal: s belongs to the neuron and all inputs share it,
t is new for every input. So v is E[z²], c the mean product of the pre-activations of two inputs, and c/(v − c) is
ρ = ‖μ‖²/tr Σ. Biases are zero; weights have variance gain²/n. Source: Poole et al. (2016).
"""

from collections.abc import Callable

import numpy as np

from lib.activation_functions import FUNCTIONS, Function
from lib.gaussian import density

NODES, WEIGHTS = np.polynomial.legendre.leggauss(48)  # on [−1, 1]
REACH = 9.0  # standard deviations to either side that are integrated over
GAINS = {"relu": np.sqrt(2), "leaky_relu": np.sqrt(2 / 1.0001)}  # He's; 1 for all others


def split_nodes(kink: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights for E[f(t)], t ~ N(0, 1), on either side of a `kink` of f: shape (…, 96)."""
    kink = np.clip(kink, -REACH, REACH)[..., None]
    below, above = (kink + REACH) / 2, (REACH - kink) / 2
    t = np.concatenate([kink - below + below * NODES, kink + above + above * NODES], axis=-1)
    return t, np.concatenate([below * WEIGHTS, above * WEIGHTS], axis=-1) * density(t)


def propagate(activation: Function, shared: float, own: float) -> tuple[float, float]:
    """C and V − C of the activations from c = `shared` and v − c = `own` of the pre-activations."""
    s, weights = split_nodes(np.zeros(()))
    t, chances = split_nodes(-np.sqrt(shared / own) * s)
    a = activation(np.sqrt(shared) * s[:, None] + np.sqrt(own) * t)
    mean = (chances * a).sum(axis=1)
    return weights @ mean**2, weights @ (chances * (a - mean[:, None]) ** 2).sum(axis=1)


def propagate_by_sum(activation: Function, shared: float, own: float) -> tuple[float, float]:
    """What `propagate` gives by a sum over an even grid, which claims compare with the quadrature."""
    z = np.linspace(-8, 8, 161)
    weights = density(z) * (z[1] - z[0])
    a = activation(np.sqrt(shared) * z[:, None] + np.sqrt(own) * z)
    mean = a @ weights
    return weights @ mean**2, weights @ ((a - mean[:, None]) ** 2 @ weights)


def off_center_ratios(
    name: str, layers: int, start: float = 0.0, keep_scale: bool = False, rule: Callable = propagate
) -> tuple[tuple[float, ...], float]:
    """ρ of the activations layer by layer, and v behind the last, from inputs with v = 1 and c = `start`.

    With `keep_scale` weights are scaled in each layer so that v stays 1; `rule` is how one layer is integrated.
    """
    shared, own, ratios = start, 1 - start, []
    for _ in range(layers):
        shared, own = rule(FUNCTIONS[name], shared, own)
        ratios.append(float(shared / own) if shared > 1e-20 else 0.0)  # what is less is rounding
        scale = 1 / (shared + own) if keep_scale else GAINS.get(name, 1.0) ** 2
        shared, own = scale * shared, scale * own
    return tuple(ratios), float(shared + own)
