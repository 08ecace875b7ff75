"""Must every weight of a chain of sigmoids be large for a gradient to pass it?

No, only their geometric mean, and each unit has to be near 0, where its derivative is ¼: weights of
{{ weights | integer | list }} in turn keep {{ kept | integer }} times the gradient through {{ layers }} layers, weights
of {{ ones }} leave {{ quarters | scientific(1) }}.

    a  activations of a chain with one sigmoid a layer; the biases keep every pre-activation at 0
"""

from dataclasses import dataclass

from lib.activation_functions import sigmoid

LAYERS = 20
WEIGHTS = (2, 8)


@dataclass(frozen=True)
class Result:
    layers: int
    "Layers of the chain."
    weights: tuple[int, ...]
    "Its weights, in turn."
    mean: float
    "Their geometric mean, one over the largest derivative of the sigmoid."
    kept: float
    "Derivative of the last activation by the first, pre-activations at 0."
    ones: int
    "Weights of another chain."
    quarters: float
    "Derivative there."


def derivative(weights: tuple[float, ...]) -> float:
    """Derivative of the last activation by the input, by the chain rule, ¼ a sigmoid."""
    product = 1.0
    for layer in range(LAYERS):
        product *= weights[layer % len(weights)] / 4
    return product


def compute() -> Result:
    return Result(
        layers=LAYERS,
        weights=WEIGHTS,
        mean=(WEIGHTS[0] * WEIGHTS[1]) ** 0.5,
        kept=derivative(WEIGHTS),
        ones=1,
        quarters=derivative((1,)),
    )


def claim_the_product_counts(result: Result) -> None:
    """With weights of {{ weights | integer | list }} in turn, whose geometric mean is {{ mean | integer }}, and
    pre-activations near 0, a chain of {{ layers }} sigmoids keeps a gradient: {{ kept | integer }} times; with
    weights of {{ ones }} it leaves {{ quarters | scientific(1) }}."""
    assert abs(result.mean * sigmoid(0.0) * sigmoid(-0.0) - 1) < 1e-12
    for weights, kept in ((result.weights, result.kept), ((result.ones,), result.quarters)):
        a = 0.5 + 1e-20j  # complex step
        for layer in range(LAYERS):
            weight = weights[layer % len(weights)]
            a = sigmoid(weight * a - weight / 2)
        assert abs(a.imag / 1e-20 / kept - 1) < 1e-9


if __name__ == "__main__":
    print(compute())
