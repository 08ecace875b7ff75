"""Why do gradients vanish through layers of sigmoids, and is that the zig-zag?

Each layer multiplies a gradient by its weights and by the slope of its units. With weights of variance 1/n the size
changes by √χ a layer, χ = E[φ'²]: .236 for the sigmoid, so 2.6e-13 is left after 20 layers. A slope of at most 1/4 does
not decide it: with weights 4.7 times as large and a bias that takes the mean away nothing is lost. And the zig-zag is
another matter: either comes without the other.

    J      Jacobian of the last activations with respect to the inputs; size is ‖J‖_F/√n, 1 for the identity
    v      mean square of a layer's pre-activations: 1 at first, then gain² E[φ(z)²]
    chi    E[φ'(z)²] at z ~ N(0, v)
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

import style
from functions import FUNCTIONS, SLOPES, moments, normal_mean, sigmoid

SEED = 0
LAYERS = 20
WIDTH, NETS = 128, 8  # of the sampled networks
UNITS = 64  # whose condition number stands for being off-center, as on the page of activation functions
CARE = 1 / np.sqrt(normal_mean(lambda z: (sigmoid(z) * sigmoid(-z)) ** 2))  # gain that makes χ = 1 at v = 1
CASES = {  # activation function, slope, gain: what is shown
    **{key: (name, unit, SLOPES[key], 1.0) for key, (name, unit) in FUNCTIONS.items()},
    "he": ("ReLU, He’s weights", FUNCTIONS["relu"][1], SLOPES["relu"], np.sqrt(2)),
    "centered": ("sigmoid − ½", lambda z: sigmoid(z) - 0.5, SLOPES["sigmoid"], 1.0),
    "cared": ("sigmoid − ½, gain 4.7", lambda z: sigmoid(z) - 0.5, SLOPES["sigmoid"], CARE),
}


@dataclass(frozen=True)
class Result:
    layers: int
    "Layers that the gradients go through."
    width: int
    "Units in a layer of the sampled networks."
    nets: int
    "How many sampled networks."
    size: dict[str, float]
    "‖J‖_F/√n after all layers, mean-field."
    sampled: dict[str, float]
    "The same in sampled networks, geometric mean."
    kappa: dict[str, float]
    "Condition number without a bias that layer 1, of 64 units, gives the next neuron."
    curves: dict[str, tuple[float, ...]]
    "Mean-field size after 0, 1, … layers."
    factor: float
    "√χ of the sigmoid's deep layers: what one of them leaves of a gradient."
    care: float
    "The gain that makes χ = 1 for the sigmoid."
    bound: float
    "Median over sampled networks of ∏‖W‖/4 over all layers, W of variance 1/n, spectral norms."
    steps: int
    "Steps of gradient descent for a neuron with two inputs of mean 2, to a millionth of the error."
    steps_small: int
    "The same where all gradients reach the neuron a million times smaller, and its step size makes up for it."
    fixed: dict[str, float]
    "For the sigmoid, E[φ'²] where v has settled, and one over it."


def sizes(key):
    """Mean-field ‖J‖_F/√n after 0, 1, … layers, and the last mean square v."""
    _, unit, slope, gain = CASES[key]
    v, found = 1.0, [1.0]
    for _ in range(LAYERS):
        found.append(found[-1] * gain * np.sqrt(normal_mean(lambda z: slope(z) ** 2, np.sqrt(v))))
        v = gain**2 * normal_mean(lambda z: unit(z) ** 2, np.sqrt(v))
    return tuple(float(size) for size in found), v


def jacobian(key, weights, x):
    """Jacobian of the last activations by the inputs x, layer for layer: slopes times weights."""
    _, unit, slope, gain = CASES[key]
    J, a = np.eye(len(x)), x / gain  # so that the first pre-activations have mean square 1, whatever the gain
    for W in weights:
        z = gain * (W @ a)
        J, a = (gain * slope(z))[:, None] * (W @ J), unit(z)
    return J


def network(rng, layers=LAYERS, width=WIDTH):
    """Square weights of variance 1/n for every layer, and a standard normal input."""
    return rng.normal(size=(layers, width, width)) / np.sqrt(width), rng.normal(size=width)


def steps(strength, mean=2.0, tolerance=1e-6):
    """Steps of descent at the best constant step for f = strength · (w·x), until the error is a millionth."""
    H = strength**2 * (np.eye(2) + mean**2)
    low, high = np.linalg.eigvalsh(H)
    error, taken = np.array([-0.28, 0.96]), 0
    while np.linalg.norm(error) > tolerance:
        error, taken = error - 2 / (low + high) * H @ error, taken + 1
    return taken


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    logs, bounds = {key: [] for key in CASES}, []
    for _ in range(NETS):
        weights, x = network(rng)
        for key in CASES:
            logs[key].append(np.log(np.linalg.norm(jacobian(key, weights, x)) / np.sqrt(WIDTH)))
        bounds.append(np.prod([np.linalg.norm(W, 2) / 4 for W in weights[:5]]) ** (LAYERS / 5))
    curves = {key: sizes(key)[0] for key in CASES}
    settled = normal_mean(lambda z: SLOPES["sigmoid"](z) ** 2, np.sqrt(sizes("sigmoid")[1]))
    first = {key: moments(unit, gain) for key, (_, unit, _, gain) in CASES.items()}
    return Result(
        layers=LAYERS,
        width=WIDTH,
        nets=NETS,
        size={key: curve[-1] for key, curve in curves.items()},
        sampled={key: float(np.exp(np.mean(values))) for key, values in logs.items()},
        kappa={key: 1 + UNITS * mean**2 / variance for key, (mean, variance) in first.items()},
        curves=curves,
        factor=np.sqrt(settled),
        care=float(CARE),
        bound=float(np.median(bounds)),
        steps=steps(1.0),
        steps_small=steps(1e-6),
        fixed={"chi": settled, "inverse": 1 / settled},
    )
