"""Which parameters of a layer are redundant around a normalization?

Exactly, with a gradient of zero: a bias before batch norm, its common part before layer norm, the length of the weights
before any norm, the keys' bias in attention. Only as a function: a gain or shift before a matrix, whose step differs.

    changes    how much the output changes, relative to its size, when a parameter is moved by a random amount
    gain       γ, which multiplies normalized values; shift β, which is added
    V, c       matrix and bias that read them
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lib.network import softmax
from lib.normalization import rms_norm
from lib.numerics import complex_step, draws

SEED = 0
EXAMPLES, INPUTS, UNITS = 64, 20, 16


@dataclass(frozen=True)
class Result:
    changes: dict[str, float]
    "Relative change of the output, by what was moved."
    same: float
    "Largest difference of two networks alike as functions, gain and shift of one folded into the matrix behind."
    apart: float
    "The same after one step of descent of size 1, relative to the largest change in that step."


def batch_norm(z: np.ndarray) -> np.ndarray:
    """Each column minus its mean, over its standard deviation."""
    return (z - z.mean(axis=0)) / np.sqrt(np.mean((z - z.mean(axis=0)) ** 2, axis=0))


def layer_norm(z: np.ndarray) -> np.ndarray:
    """Each row minus its mean, over its standard deviation."""
    return batch_norm(z.T).T


def attend(h: np.ndarray, matrices: np.ndarray, biases: np.ndarray) -> np.ndarray:
    """One head of attention over the rows of h; matrices and biases of queries, keys and values."""
    q, k, v = (h @ M + b for M, b in zip(matrices, biases))
    return softmax(q @ k.T / np.sqrt(h.shape[1])) @ v


def measure_changes(rng: np.random.Generator) -> dict[str, float]:
    """Relative change of the output when each of the parameters is moved."""
    x, W = rng.normal(size=(EXAMPLES, INPUTS)), rng.normal(size=(INPUTS, UNITS)) / np.sqrt(INPUTS)
    b = 1 + rng.normal(size=UNITS)
    column, scales = rng.normal(size=(INPUTS, 1)), rng.uniform(0.5, 2, size=UNITS)
    h, matrices = rng.normal(size=(8, INPUTS)), rng.normal(size=(3, INPUTS, INPUTS)) / np.sqrt(INPUTS)
    bias, zero = rng.normal(size=INPUTS), np.zeros((3, INPUTS))
    moved = [zero + bias * (np.arange(3) == i)[:, None] for i in range(3)]
    pairs = {
        "batch_bias": (batch_norm(x @ W), batch_norm(x @ W + b)),
        "batch_scales": (batch_norm(x @ W), batch_norm(x @ W * scales)),
        "batch_inputs": (batch_norm(x @ W), batch_norm((x + column.T) @ W)),
        "layer_common_bias": (layer_norm(x @ W), layer_norm(x @ W + b.mean())),
        "layer_bias": (layer_norm(x @ W), layer_norm(x @ W + b - b.mean())),
        "layer_common_weights": (layer_norm(x @ W), layer_norm(x @ (W + column))),
        "layer_scale": (layer_norm(x @ W), layer_norm(x @ W * scales[0])),
        "layer_scales": (layer_norm(x @ W), layer_norm(x @ W * scales)),
        "rms_bias": (rms_norm(x @ W), rms_norm(x @ W + b.mean())),
        "rms_scale": (rms_norm(x @ W), rms_norm(x @ W * scales[0])),
        "softmax_common_bias": (softmax(x @ W), softmax(x @ W + b.mean())),
        "softmax_bias": (softmax(x @ W), softmax(x @ W + b - b.mean())),
        **{
            f"{name}_bias": (attend(h, matrices, zero), attend(h, matrices, moved[i]))
            for i, name in enumerate(("query", "key", "value"))
        },
    }
    return {
        name: float(np.linalg.norm(after - before) / np.linalg.norm(before)) for name, (before, after) in pairs.items()
    }


def compare_folded(rng: np.random.Generator) -> tuple[float, float]:
    """Difference of a network with gain and shift and of one with both folded into V and c, before and after a step."""
    a, y = batch_norm(rng.normal(size=(EXAMPLES, UNITS))), rng.normal(size=(EXAMPLES, 3))
    gain, shift = rng.uniform(0.5, 2, size=UNITS), rng.normal(size=UNITS)
    V, c = rng.normal(size=(UNITS, 3)) / 4, rng.normal(size=3)
    networks = ((gain, shift, V, c), (np.ones(UNITS), np.zeros(UNITS), V * gain[:, None], c + shift @ V))
    outputs = []
    for g, s, M, d in networks:
        before = (a * g + s) @ M + d
        delta = (before - y) / EXAMPLES
        by_a = delta @ M.T
        step = (g - (by_a * a).sum(axis=0), s - by_a.sum(axis=0), M - (a * g + s).T @ delta, d - delta.sum(axis=0))
        outputs.append((before, (a * step[0] + step[1]) @ step[2] + step[3]))
    (plain, plain_after), (folded, folded_after) = outputs
    return abs(plain - folded).max(), abs(plain_after - folded_after).max() / abs(plain_after - plain).max()


def compute() -> Result:
    same, apart = compare_folded(np.random.default_rng(SEED))
    return Result(
        changes=measure_changes(np.random.default_rng(SEED)),
        same=same,
        apart=apart,
    )


def claim_these_cancel_exactly(result: Result) -> None:
    """What cancels changes the output by rounding only, if it is moved by a random amount. In shares of the output:
    {{ changes.batch_bias | scientific(1) }} for a bias before batch norm and {{ changes.batch_scales | scientific(1) }}
    for the scale of each unit's weights; before layer norm {{ changes.layer_common_bias | scientific(1) }} for a bias
    that all units share and {{ changes.layer_common_weights | scientific(1) }} for weights that all units share; in
    attention {{ changes.key_bias | scientific(1) }} for the keys' bias."""
    exact = {
        "batch_bias",
        "batch_scales",
        "batch_inputs",
        "layer_common_bias",
        "layer_common_weights",
        "layer_scale",
        "rms_scale",
        "softmax_common_bias",
        "key_bias",
    }
    for seed in range(3):
        found = measure_changes(np.random.default_rng(SEED + 10 + seed))
        assert {name for name, change in found.items() if change < 1e-12} == exact
        assert min(change for name, change in found.items() if name not in exact) > 0.02
    assert set(result.changes) > exact and max(result.changes[name] for name in exact) < 1e-12


def claim_these_do_not(result: Result) -> None:
    """Before layer norm the rest of the bias changes it by {{ changes.layer_bias | digits(1) }}, unequal scales by
    {{ changes.layer_scales | digits(1) }}; before RMS norm a common bias by {{ changes.rms_bias | digits(1) }}; in
    attention the queries' bias by {{ changes.query_bias | digits(1) }}, the values' by
    {{ changes.value_bias | digits(1) }} (as shares of the output)."""
    for name in ("layer_bias", "layer_scales", "rms_bias", "query_bias", "value_bias"):
        assert 0.02 < result.changes[name] < (9 if name == "value_bias" else 1.2)
    rng = np.random.default_rng(SEED + 1)  # the values' bias is added to every output, as weights have the sum 1
    h, M, bias = rng.normal(size=(8, 4)), rng.normal(size=(3, 4, 4)), rng.normal(size=4)
    zero = np.zeros((3, 4))
    added = attend(h, M, zero + bias * np.array([[0], [0], [1]])) - attend(h, M, zero)
    np.testing.assert_allclose(added, np.tile(bias, (8, 1)), atol=1e-12)


def claim_folding_keeps_the_function_only(result: Result) -> None:
    """Fold gain and shift into the matrix and bias behind them: the outputs differ by {{ same | scientific(1) }}; after
    one step of descent from both, by {{ apart | digits(1) }} of the change that the step made."""
    assert result.same < 1e-12 and 0.05 < result.apart < 1.5
    for seed in range(5):
        same, apart = compare_folded(np.random.default_rng(seed))
        assert same < 1e-12 and apart > 0.05


def equation_right_angle() -> Iterator[dict]:
    r"""w^\top g = 0, \qquad \lVert w - \eta\,g \rVert^2 = \lVert w \rVert^2 + \eta^2\,\lVert g \rVert^2"""
    for rng in draws(6):
        x, w, y, step = rng.normal(size=(8, 3)), rng.normal(size=3), rng.normal(size=8), rng.uniform(0.1, 2)
        g = complex_step(lambda w, x=x, y=y: np.sum((np.tanh(batch_norm(x @ w[:, None]))[:, 0] - y) ** 2), w)
        yield {"w": w, "g": g, r"\eta": step}


def equation_constant() -> Iterator[dict]:
    r"""k' - k = -\eta\left(I + V V^\top\right)\bar{\delta}"""
    for rng in draws(6):
        V, beta, c, step = rng.normal(size=(2, 3)), rng.normal(size=3), rng.normal(size=2), rng.uniform(0.1, 1)
        a, y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))

        delta = ((a + beta) @ V.T + c - y) / 5
        by_shift, by_bias = V.T @ delta.sum(axis=0), delta.sum(axis=0)
        loss = lambda s, a=a, V=V, c=c, y=y: np.sum(((a + s) @ V.T + c - y) ** 2) / 10  # noqa: E731
        np.testing.assert_allclose(complex_step(loss, beta), by_shift)
        k = V @ beta + c
        after = V @ (beta - step * by_shift) + c - step * by_bias
        yield {"k'": after, "k": k, r"\eta": step, "I": np.eye(2), "V": V, r"\bar{\delta}": by_bias}


if __name__ == "__main__":
    print(compute())
