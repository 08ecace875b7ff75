"""What if no weight is negative, either?

With one output, all errors δ of all layers have the sign of f − y, and for one example the gradients of all
weights of the net have one sign: in {{ alike.one | percent(0) }} of random nets' examples. With a softmax the δ of a
hidden layer have both signs in {{ mixed.softmax | percent(0) }} of them.

    f, y   output and target; squared error
    δ      derivative of the loss by a pre-activation
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import sigmoid

SEED = 0
SIZES, CLASSES, NETS, EXAMPLES = (8, 16, 16), 10, 20, 50


@dataclass(frozen=True)
class Result:
    sizes: tuple[int, ...]
    "Inputs, and units of two hidden layers of sigmoids."
    classes: int
    "Outputs of the nets with a softmax."
    alike: dict[str, float]
    "Share of examples for which the gradients of all weights have one sign: one output with weights that are not"
    " negative, one output with weights of both signs, softmax with weights that are not negative."
    mixed: dict[str, float]
    "Share of examples for which the errors of the last hidden layer have both signs, for the same."


def propagate(weights: list, x: np.ndarray, y: np.ndarray, softmax: bool) -> tuple[list, list]:
    """Return activations and errors of all layers, one row an example; the last layer is linear or a softmax."""
    activations = [x]
    for W in weights[:-1]:
        activations.append(sigmoid(activations[-1] @ W))
    scores = activations[-1] @ weights[-1]
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    errors = [(powers / powers.sum(axis=1, keepdims=True) if softmax else scores) - y]
    for W, a in zip(weights[:0:-1], activations[:0:-1]):
        errors.insert(0, errors[0] @ W.T * a * (1 - a))
    return activations, errors


def draw_net(rng: np.random.Generator, kind: str) -> tuple:
    """Return weights, inputs and targets of a random net."""
    outputs = CLASSES if kind == "softmax" else 1
    weights = [rng.normal(size=shape) / np.sqrt(shape[0]) for shape in zip(SIZES, (*SIZES[1:], outputs))]
    weights = weights if kind == "both" else [abs(W) for W in weights]
    labels = np.eye(CLASSES)[rng.integers(0, CLASSES, EXAMPLES)]
    x, y = rng.uniform(size=(EXAMPLES, SIZES[0])), labels if kind == "softmax" else rng.normal(1, 1, (EXAMPLES, 1))
    return weights, x, y, kind == "softmax"


def compute() -> Result:
    rng, alike, mixed = np.random.default_rng(SEED), {}, {}
    for kind in ("one", "both", "softmax"):
        one_sign, both_signs = [], []
        for _ in range(NETS):
            activations, errors = propagate(*draw_net(rng, kind))
            signs = [np.sign(a[:, :, None] * d[:, None, :]).reshape(EXAMPLES, -1) for a, d in zip(activations, errors)]
            signs = np.hstack(signs)
            one_sign.append(np.all(signs == signs[:, :1], axis=1))
            both_signs.append((errors[-2].min(axis=1) < 0) & (errors[-2].max(axis=1) > 0))
        alike[kind], mixed[kind] = float(np.mean(one_sign)), float(np.mean(both_signs))
    return Result(sizes=SIZES, classes=CLASSES, alike=alike, mixed=mixed)


def claim_a_monotone_net_has_one_sign(result: Result) -> None:
    """In random nets with one output and no negative weight, the gradients of all weights in all layers have one
    sign in {{ alike.one | percent(0) }} of the examples. With weights of both signs they do in
    {{ alike.both | percent(0) }}; with no negative weight, but a softmax of {{ classes | words }} classes, in
    {{ alike.softmax | percent(0) }}."""
    rng = np.random.default_rng(SEED + 1)
    for kind, share in (("one", 1), ("both", 0), ("softmax", 0)):
        assert abs(result.alike[kind] - share) < 0.005
        weights, x, y, softmax = draw_net(rng, kind)

        def loss(k, weights=weights, x=x, y=y, softmax=softmax):  # with all weights nudged along weight (k, i, j)
            scores = sigmoid(sigmoid(x @ weights[0]) @ weights[1]) @ weights[2]
            if softmax:
                return np.log(np.exp(scores).sum(axis=1)) - (scores * y).sum(axis=1)
            return 0.5 * ((scores - y) ** 2)[:, 0]

        slopes = []
        for W in weights:
            for place in zip(*(rng.integers(0, size, 12) for size in W.shape)):
                W[place] += 1e-6
                above = loss(0)
                W[place] -= 2e-6
                slopes.append((above - loss(0)) / 2e-6)
                W[place] += 1e-6
        slopes = np.array(slopes)
        clear = abs(slopes).min(axis=0) > 1e-9  # where rounding decides no sign
        assert clear.sum() > 20
        one_sign = abs(np.sign(slopes[:, clear]).sum(axis=0)) == len(slopes)
        assert one_sign.mean() == share if kind == "one" else one_sign.mean() < 0.1


def claim_a_softmax_sends_both_signs(result: Result) -> None:
    """With the softmax, errors of the last hidden layer have both signs in {{ mixed.softmax | percent(0) }} of the
    examples, though no weight is negative; with one output in {{ mixed.one | percent(0) }}."""
    rng = np.random.default_rng(SEED + 2)
    for kind in ("softmax", "one"):
        shares = []
        for _ in range(NETS):
            weights, x, y, softmax = draw_net(rng, kind)
            a = sigmoid(sigmoid(x @ weights[0]) @ weights[1])
            scores = np.exp(a @ weights[2])
            back = ((scores / scores.sum(axis=1, keepdims=True) if softmax else a @ weights[2]) - y) @ weights[2].T
            shares.append(np.mean(abs(np.sign(back).sum(axis=1)) < back.shape[1]))
        assert abs(np.mean(shares) - result.mixed[kind]) < 0.01


if __name__ == "__main__":
    print(compute())
