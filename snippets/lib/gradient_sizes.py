"""How much of a gradient the layers of a random network leave, sampled and in the limit of infinite width.

J is the Jacobian of the last activations with respect to the inputs; its size is ‖J‖_F/√n, 1 for the identity. Weights
have variance gain²/n and biases are zero. v is the mean square of a layer's pre-activations: 1 at first, then
gain² E[φ(z)²]; each layer multiplies the size by gain √χ, χ = E[φ'(z)²] at z ~ N(0, v).
"""

from collections.abc import Callable, Iterator

import numpy as np

from lib.activation_functions import DERIVATIVES, FUNCTIONS, NAMES, sigmoid
from lib.gaussian import normal_mean

LAYERS = 20
WIDTH, NETS = 128, 8  # of the sampled networks
CARE = 1 / np.sqrt(normal_mean(lambda z: (sigmoid(z) * sigmoid(-z)) ** 2))  # gain that makes χ = 1 at v = 1
CASES = {  # activation function, derivative, gain: what is shown
    **{key: (NAMES[key], unit, DERIVATIVES[key], 1.0) for key, unit in FUNCTIONS.items()},
    "he": ("ReLU, He’s weights", FUNCTIONS["relu"], DERIVATIVES["relu"], np.sqrt(2)),
    "centered": ("sigmoid − ½", lambda z: sigmoid(z) - 0.5, DERIVATIVES["sigmoid"], 1.0),
    "cared": (f"sigmoid − ½, gain {CARE:.1f}", lambda z: sigmoid(z) - 0.5, DERIVATIVES["sigmoid"], CARE),
}


def gradient_sizes(key: str, mean: Callable = normal_mean) -> tuple[tuple[float, ...], float]:
    """Size after 0, 1, … LAYERS layers, and v behind the last; `mean` is how E[f(z)], z ~ N(0, std²), is integrated."""
    _, unit, slope, gain = CASES[key]
    v, found = 1.0, [1.0]
    for _ in range(LAYERS):
        found.append(found[-1] * gain * np.sqrt(mean(lambda z: slope(z) ** 2, np.sqrt(v))))
        v = gain**2 * mean(lambda z: unit(z) ** 2, np.sqrt(v))
    return tuple(float(size) for size in found), v


def init_square_layers(rng: np.random.Generator, layers: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Square weights of variance 1/n, shape (layers, width, width), and a standard normal input, shape (width,)."""
    return rng.normal(size=(layers, width, width)) / np.sqrt(width), rng.normal(size=width)


def draw_networks(seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Square weights and an input, as above, of NETS networks of LAYERS layers of WIDTH units."""
    rng = np.random.default_rng(seed)
    for _ in range(NETS):
        yield init_square_layers(rng, LAYERS, WIDTH)


def jacobian(key: str, weights: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Jacobian (width, width) of the last activations by the inputs x, layer for layer: derivatives times weights."""
    _, unit, slope, gain = CASES[key]
    J, a = np.eye(len(x)), x / gain  # so that the first pre-activations have mean square 1, whatever the gain
    for W in weights:
        z = gain * (W @ a)
        J, a = (gain * slope(z))[:, None] * (W @ J), unit(z)
    return J
