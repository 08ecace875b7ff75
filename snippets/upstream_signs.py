"""Are all upstream gradients of one sign, and what flows back to the inputs?

Neither: of the upstream gradients of hidden sigmoids {{ positive | percent }} are positive, and the derivatives by the
activations, δ times weights, have both signs.

    δ   upstream gradient of a neuron for one example, ∂L/∂f
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import DERIVATIVES, sigmoid
from lib.data import digits, one_hot
from lib.network import Layer, init_layers, loss_gradients, upstream_gradients
from lib.numerics import Draws, complex_step, draws
from lib.signs import has_mixed_signs

SEED = 0


@dataclass(frozen=True)
class Result:
    positive: float
    "Share of positive upstream gradients among the hidden units, one example at a time."
    positive_output: float
    "The same among the output units, softmax with cross-entropy."
    by_inputs: float
    "Share of examples whose derivatives by the hidden activations have both signs."


def load_problem() -> tuple[list[Layer], np.ndarray, np.ndarray]:
    """A network of sigmoids, pixels and one-hot labels."""
    pixels, labels = digits()
    return init_layers((64, 64, 10), np.random.default_rng(SEED)), pixels, one_hot(labels)


def compute() -> Result:
    layers, x, targets = load_problem()
    hidden, output = upstream_gradients(layers, x, targets, "sigmoid")[1]
    return Result(
        positive=float(np.mean(hidden > 0)),
        positive_output=float(np.mean(output > 0)),
        by_inputs=float(np.mean(has_mixed_signs(output @ layers[1][0].T))),
    )


def claim_both_signs_upstream(result: Result) -> None:
    """Of the upstream gradients of the hidden units {{ positive | percent }} are positive, though every slope of
    the sigmoid is; of those of the output units {{ positive_output | percent }}, all but that of the right
    class."""
    assert result.positive_output == 0.9  # softmax: p − 1 for the right class, p for the nine others
    layers, x, targets = load_problem()
    one_by_one = [loss_gradients(layers, x[[i]], targets[[i]], "sigmoid")[0][1] > 0 for i in range(300)]
    assert abs(np.mean(one_by_one) - result.positive) < 0.05
    delta = upstream_gradients(layers, x[:20], targets[:20], "sigmoid")[1][0]
    gradient = loss_gradients(layers, x[:20], targets[:20], "sigmoid")[0][0]
    np.testing.assert_allclose(gradient, x[:20].T @ delta / 20, atol=1e-15)  # these are what back-propagation uses
    assert np.all(DERIVATIVES["sigmoid"](x @ layers[0][0]) > 0)


def claim_inputs_get_mixed_signs(result: Result) -> None:
    """What flows back to the layer before is no part of it: the derivatives by the activations are $\\delta$ times
    *weights*, and have both signs in {{ by_inputs | percent }} of the examples."""
    assert 0.99 < result.by_inputs <= 1
    weights = load_problem()[0][1][0]
    assert has_mixed_signs(weights.T).all()  # mixed for one output unit alone, whatever its δ


def equation_backward() -> Draws:
    r"""\delta_j = \sigma'(f_j) \sum_{k=1}^{q} \delta_k W_{jk}"""
    for rng in draws(20):
        f, W, y = rng.normal(size=4), rng.normal(size=(4, 3)), rng.normal(size=3)
        delta, output_delta = (
            complex_step(lambda f, W, y: 0.5 * np.sum((sigmoid(f) @ W - y) ** 2), f, W, y),
            sigmoid(f) @ W - y,
        )
        yield {
            r"\delta_j": delta[2],
            r"\sigma'": DERIVATIVES["sigmoid"],
            "f_j": f[2],
            "q": 3,
            r"\delta_k": lambda k, d=output_delta: d[int(k) - 1],
            "W_{jk}": lambda k, row=W[2]: row[int(k) - 1],
        }


if __name__ == "__main__":
    print(compute())
