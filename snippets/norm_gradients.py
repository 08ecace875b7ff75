"""What comes back through a normalization?

Each takes from an upstream gradient what the normalization made impossible: batch norm its mean over the examples,
layer norm its mean over the units, both, and RMS norm, the part along what was put out; weight norm the part along the
weights. Only the first is a centering of errors: of the means over examples layer norm
leaves {{ examples_left.layer | digits(1) }} of what there was.

    δ    upstream gradient of what the normalization puts out (before a gain and a shift), examples × units
    s    standard deviation, or root mean square, by which it divides
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from lib.activation_functions import sigmoid
from lib.gaussian import mean_over_std
from lib.normalization import normalize, normalize_backward, rms_norm
from lib.numerics import complex_step, draws
from lib.quadratics import condition_number, condition_on_range, hessian

SEED = 0
EXAMPLES, UNITS, INPUTS = 128, 64, 100
LONG = 3.0  # a length at which the weights of weight norm are looked at besides 1


@dataclass(frozen=True)
class Result:
    examples_left: dict[str, float]
    "Of the squared means over examples of an upstream gradient, the share behind each normalization."
    units_left: dict[str, float]
    "The same for its squared means over units."
    inputs: int
    "Inputs of the neuron with weight norm."
    kappa: float
    "Condition number of a neuron that reads sigmoids, no bias."
    kappa_weight_norm: float
    "The same in the parameters of weight norm, at a gain and a length of 1, on the range."
    kappa_mean_only: float
    "The same with the batch mean subtracted as well."
    long: float
    "A gain, with weights of length 1."
    kappa_long: float
    "Condition number in the parameters of weight norm at this gain; median of random weights."


def rms_backward(delta: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Derivatives by the rows that RMS norm was given, from those by what it returned."""
    normal, s = rms_norm(x), np.sqrt(np.mean(x**2, axis=1, keepdims=True))
    return (delta - normal * (delta * normal).mean(axis=1, keepdims=True)) / s


def measure_means(rng: np.random.Generator) -> tuple[dict[str, float], dict[str, float]]:
    """What each normalization leaves of the means of δ: those over examples, and those over units."""
    x = rng.normal(size=(EXAMPLES, UNITS))
    delta = rng.normal(size=x.shape) + rng.normal(size=UNITS) + rng.normal(size=(EXAMPLES, 1))
    back = {
        "batch": normalize_backward(delta, *normalize(x, 0), 0),
        "layer": normalize_backward(delta, *normalize(x, 1), 1),
        "rms": rms_backward(delta, x),
    }
    shares = [
        {name: float(np.sum(g.mean(axis=axis) ** 2) / np.sum(delta.mean(axis=axis) ** 2)) for name, g in back.items()}
        for axis in (0, 1)
    ]
    return shares[0], shares[1]


def weight_norm(parameters: np.ndarray) -> np.ndarray:
    """w = γ v/‖v‖ from (v, γ) in one vector."""
    v = parameters[:-1]
    return parameters[-1] * v / np.sqrt(v @ v)


def weight_norm_curvature(H: np.ndarray, gain: float, rng: np.random.Generator) -> np.ndarray:
    """Gauss–Newton matrix by (v, γ), where w = γv/‖v‖ has the Hessian H; v is random and of length 1."""
    v = rng.normal(size=len(H))
    J = complex_step(weight_norm, np.append(v / np.linalg.norm(v), gain))
    return J.T @ H @ J


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    examples_left, units_left = measure_means(rng)
    H = hessian(np.full(INPUTS, mean_over_std(sigmoid)))
    long = [condition_on_range(weight_norm_curvature(H, LONG, rng)) for _ in range(5)]
    return Result(
        examples_left=examples_left,
        units_left=units_left,
        inputs=INPUTS,
        kappa=condition_number(H),
        kappa_weight_norm=condition_on_range(weight_norm_curvature(H, 1.0, rng)),
        kappa_mean_only=condition_on_range(weight_norm_curvature(np.eye(INPUTS), 1.0, rng)),
        long=LONG,
        kappa_long=float(np.median(long)),
    )


def claim_only_batch_norm_centers_errors(result: Result) -> None:
    """Random values and random upstream gradients with means of both kinds: of the squared means over examples batch
    norm leaves nothing, layer norm about {{ examples_left.layer | digits(1) }} times what there was, and RMS norm
    {{ examples_left.rms | digits(1) }} times; of those over units layer norm leaves nothing, batch norm about
    {{ units_left.batch | digits(1) }} times what there was, and RMS norm {{ units_left.rms | digits(1) }} times."""
    assert result.examples_left["batch"] < 1e-20 and result.units_left["layer"] < 1e-20
    for left in (result.examples_left["layer"], result.examples_left["rms"], result.units_left["batch"]):
        assert 0.8 < left < 1.2
    assert 0.8 < result.units_left["rms"] < 1.2
    rng = np.random.default_rng(SEED + 1)  # the other direction, by derivatives of the forward map
    x, delta = rng.normal(size=(6, 5)), rng.normal(size=(6, 5))
    forward: dict[str, Callable] = {
        "batch": lambda x: (x - x.mean(axis=0)) / np.sqrt(((x - x.mean(axis=0)) ** 2).mean(axis=0)),
        "rms": lambda x: x / np.sqrt((x**2).mean(axis=1, keepdims=True)),
    }
    for name, back in (("batch", normalize_backward(delta, *normalize(x))), ("rms", rms_backward(delta, x))):
        np.testing.assert_allclose(complex_step(lambda x, f=forward[name]: np.sum(delta * f(x)), x), back, atol=1e-12)


def claim_two_examples_get_nothing(result: Result) -> None:
    """In a batch of two nothing comes back through batch norm, whatever the upstream gradient is; with layer norm it is
    so for two units, with RMS norm for one."""
    rng = np.random.default_rng(SEED)
    for _ in range(5):
        x, delta = rng.normal(size=(2, 7)), rng.normal(size=(2, 7))
        assert abs(normalize_backward(delta, *normalize(x))).max() < 1e-8
        assert abs(normalize_backward(delta.T, *normalize(x.T, 1), 1)).max() < 1e-8
        assert abs(rms_backward(delta.reshape(-1, 1), x.reshape(-1, 1))).max() < 1e-8
        assert abs(normalize_backward(delta[:, :3].T, *normalize(x[:, :3].T))).max() > 1e-3


def claim_weight_norm_keeps_the_mean(result: Result) -> None:
    """{{ inputs }} inputs like sigmoids, no bias: the condition number is {{ kappa | digits(3) }}, with weight norm
    {{ kappa_weight_norm | digits(3) }} at a gain of 1 and {{ kappa_long | digits(2) }} at {{ long | integer }}, and
    with the batch mean subtracted as well {{ kappa_mean_only | integer }}."""
    np.testing.assert_allclose(result.kappa, 1 + INPUTS * mean_over_std(sigmoid) ** 2, rtol=1e-9)
    np.testing.assert_allclose(result.kappa_weight_norm, result.kappa, rtol=1e-9)
    assert abs(result.kappa_mean_only - 1) < 1e-9
    # along v the curvature counts once, across it γ² times; v is across the mean but for its cosine with it
    assert abs(result.kappa_long / (result.kappa * LONG**2) - 1) < 0.06


def equation_layer_norm() -> Iterator[dict]:
    r"""\frac{\partial L}{\partial x} = \frac{1}{s}\left(\delta - \frac{\mathbf{1}^\top\delta}{n}\,\mathbf{1} -
    \frac{\hat{x}^\top\delta}{n}\,\hat{x}\right)"""
    for rng in draws(6):
        x, delta, n = rng.normal(size=5) + 1, rng.normal(size=5), 5
        loss = lambda x, d=delta: d @ ((x - x.mean()) / np.sqrt(((x - x.mean()) ** 2).mean()))  # noqa: E731
        yield {
            r"\frac{\partial L}{\partial x}": complex_step(loss, x),
            "s": x.std(),
            r"\delta": delta,
            r"\mathbf{1}": np.ones(n),
            "n": n,
            r"\hat{x}": (x - x.mean()) / x.std(),
        }


def equation_rms_norm() -> Iterator[dict]:
    r"""\frac{\partial L}{\partial x} = \frac{1}{s}\left(\delta - \frac{\hat{x}^\top\delta}{n}\,\hat{x}\right)"""
    for rng in draws(6):
        x, delta, n = rng.normal(size=5) + 1, rng.normal(size=5), 5
        s = np.linalg.norm(x) / np.sqrt(n)
        yield {
            r"\frac{\partial L}{\partial x}": complex_step(lambda x, d=delta: d @ x / np.sqrt((x**2).mean()), x),
            "s": s,
            r"\delta": delta,
            "n": n,
            r"\hat{x}": x / s,
        }


def equation_weight_norm() -> Iterator[dict]:
    r"""\begin{aligned} \frac{\partial L}{\partial v} &= \frac{\gamma}{\lVert v\rVert}\left(I - u u^\top\right)
    \frac{\partial L}{\partial w}, \\
    \frac{\partial L}{\partial \gamma} &= u^\top \frac{\partial L}{\partial w} \end{aligned}"""
    for rng in draws(6):
        v, gain, goal = rng.normal(size=4), rng.uniform(0.5, 2), rng.normal(size=4)
        by = complex_step(lambda p, g=goal: np.sum((weight_norm(p) - g) ** 2) / 2, np.append(v, gain))
        yield {
            r"\frac{\partial L}{\partial v}": by[:-1],
            r"\frac{\partial L}{\partial \gamma}": by[-1],
            r"\frac{\partial L}{\partial w}": gain * v / np.linalg.norm(v) - goal,
            r"\gamma": gain,
            "v": v,
            "u": v / np.linalg.norm(v),
            "I": np.eye(4),
        }


if __name__ == "__main__":
    print(compute())
