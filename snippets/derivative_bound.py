"""Does a derivative of at most ¼ make gradients vanish?

Each layer multiplies a gradient by its weights, too: {{ layers }} layers of sigmoids leave {{ left | digits(3) }}
of a gradient with weights {{ care | digits(2) }} times as large and a bias that takes the mean away.
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import sigmoid
from lib.gaussian import mean_by_sum
from lib.gradient_sizes import CARE, LAYERS, draw_networks, gradient_sizes, init_square_layers, jacobian
from lib.numerics import Draws, draws

SEED = 0
FEW = 5, 10


@dataclass(frozen=True)
class Result:
    layers: int
    "Layers that the gradients go through."
    left: float
    "‖J‖_F/√n after all layers of sigmoid − ½ with larger weights, mean-field."
    care: float
    "The gain that makes χ = 1 for the sigmoid."
    bound: float
    "Median over sampled networks of ∏ ¼‖W‖ over all layers, W of variance 1/n, spectral norms."
    few: tuple[int, int]
    "A few layers, and twice as many."
    quarters: tuple[float, float]
    "∏ ¼ over so many layers."
    naive: float
    "∏ ¼ over all layers: the bound that forgets the weights."


def compute() -> Result:
    bounds = [
        np.prod([np.linalg.norm(W, 2) / 4 for W in weights[:5]]) ** (LAYERS / 5) for weights, _ in draw_networks(SEED)
    ]
    return Result(
        layers=LAYERS,
        left=gradient_sizes("cared")[0][-1],
        care=float(CARE),
        few=FEW,
        quarters=tuple(0.25**few for few in FEW),
        naive=0.25**LAYERS,
        bound=float(np.median(bounds)),
    )


def claim_small_slopes_need_not_vanish(result: Result) -> None:
    """A sigmoid whose slope never exceeds ¼, with weights {{ care | digits(3) }} times as large and a bias
    that takes away the mean of what comes in, leaves {{ left | digits(3) }} of a gradient after
    {{ layers }} layers."""
    weights, x = init_square_layers(np.random.default_rng(SEED), 4, 40)
    gain, a = CARE, x / CARE
    slopes = []
    for number, W in enumerate(weights):  # the same, as it would be programmed: plain sigmoids, and a bias
        bias = -gain / 2 * W.sum(axis=1) if number else 0.0
        z = gain * W @ a + bias
        a = sigmoid(z)
        slopes.append(a * (1 - a))
    whole = np.eye(40)
    for W, slope in zip(weights, slopes):
        whole = np.diag(slope) @ (gain * W) @ whole
    np.testing.assert_allclose(whole, jacobian("cared", weights, x), rtol=1e-9, atol=1e-12)
    assert result.naive == 2.0 ** (-2 * LAYERS) and result.quarters == tuple(2.0 ** (-2 * few) for few in result.few)
    assert abs(np.log2(result.bound) / -LAYERS - 1) < 0.1  # a square matrix of variance 1/n has a norm of nearly two
    assert max(slope.max() for slope in slopes) <= 0.25
    assert abs(gradient_sizes("cared", mean_by_sum)[0][-1] / result.left - 1) < 1e-6


def equation_chain() -> Draws:
    r"""\frac{\partial a_N}{\partial a_0} = \prod_{l=1}^{N} \sigma'(z_l)\,w_l"""
    for rng in draws(6):
        w, a, z = rng.normal(0, 2, size=4), [complex(rng.normal(), 1e-20)], []
        for weight in w:  # complex step
            z.append((weight * a[-1]).real)
            a.append(sigmoid(weight * a[-1]))
        yield {
            r"\frac{\partial a_N}{\partial a_0}": a[-1].imag / 1e-20,
            "N": 4,
            r"\sigma'": lambda z: 0.25 / np.cosh(z / 2) ** 2,
            "z_l": lambda layer, z=z: z[int(layer) - 1],
            "w_l": lambda layer, w=w: w[int(layer) - 1],
        }


def equation_bound() -> Draws:
    r"""\lVert J\rVert \le \prod_{l=1}^{N} \frac{1}{4}\,\lVert W_l\rVert"""
    for rng in draws(6):
        weights, x = init_square_layers(rng, 3, 5)
        if rng.random() < 0.5:  # near equality: one unit a layer, and pre-activations near 0
            weights, x = np.reshape([rng.uniform(8, 9), 0.01, -0.02], (3, 1, 1)), np.zeros(1)
        norms = [np.sqrt(np.linalg.eigvalsh(W.T @ W)[-1]) for W in weights]
        yield {
            r"\lVert J\rVert": np.linalg.svd(jacobian("sigmoid", weights, x))[1][0],
            "N": 3,
            r"\lVert W_l\rVert": lambda layer, norms=norms: norms[int(layer) - 1],
        }


if __name__ == "__main__":
    print(compute())
