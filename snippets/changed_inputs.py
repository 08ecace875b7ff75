"""Which change of the inputs cures, and of what?

One problem: a linear neuron that reads {{ units }} sigmoid units fed with N(0, 1), without and with a bias. Centering
brings plain descent from {{ inputs.raw.steps | integer }} steps to {{ inputs.centered.steps | integer }}, with a bias
from {{ inputs.raw.steps_bias | integer }} to {{ inputs.centered.steps_bias | integer }}; dividing does not.

    errors   what is left to go, in three directions that no linear method tells from the whole: along the mean,
             across it, and the bias; a start is a random target, learned from w = 0, b = 0
    std      standard deviation of one unit; its mean is one half
    kappa    condition number; without a bias {{ inputs.raw.kappa | integer }}
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import FUNCTIONS
from lib.gaussian import moments
from lib.numerics import Draws, draws
from lib.quadratics import MILLIONTH, descent_steps, hessian, hessian_with_bias, kappa_with_bias, split_along_mean
from lib.sigmoid_inputs import MEAN, UNITS, VARIANCE

SEED = 0
STD, LENGTH = np.sqrt(VARIANCE), np.sqrt(VARIANCE + MEAN**2)  # the latter is the root mean square
STARTS = 2001  # random targets
LAYER = 64  # units of a smaller layer
CHANGES = {  # mean and variance of changed inputs, the input of their bias, and what was subtracted and divided by
    "raw": (MEAN, VARIANCE, 1.0, 0.0, 1.0),
    "divided": (MEAN / STD, 1.0, 1.0, 0.0, STD),
    "jacobi": (MEAN / LENGTH, VARIANCE / LENGTH**2, 1.0, 0.0, LENGTH),
    "bias": (MEAN, VARIANCE, np.sqrt(VARIANCE + UNITS * MEAN**2), 0.0, 1.0),
    "centered": (0.0, VARIANCE, 1.0, MEAN, 1.0),
    "standardized": (0.0, 1.0, 1.0, MEAN, STD),
    **{name: (*moments(FUNCTIONS[name]), 1.0, 0.0, 1.0) for name in ("tanh", "selu")},  # other units, same targets
}


@dataclass(frozen=True)
class Result:
    units: int
    "Number of inputs."
    ratio: float
    "Mean of a unit over its standard deviation."
    inputs: dict[str, dict]
    "Plain descent after each change of the inputs: kappa and steps, kappa_bias and steps_bias; medians over targets."
    layer: int
    "Sigmoid units of a smaller layer."
    jacobi_units: tuple[float, float]
    "Condition number with a bias of that layer: as it is, after diagonal scaling."
    fed: float
    "Condition number with the best constant for the bias, over that without a bias."
    correlated: tuple[float, float]
    "Condition number of `units` centered inputs with correlation one half: standardized, whitened."


def curvature(mean: float, variance: float, bias: float) -> np.ndarray:
    """Hessian along the mean, across it and along the bias, shape (3, 3); without a bias input, (2, 2)."""
    along = np.array([np.sqrt(UNITS) * mean, 0.0])
    return hessian_with_bias(along, variance, bias) if bias else hessian(along, variance)


def errors(weights: np.ndarray, biases: np.ndarray, shift: float, scale: float, bias: float) -> np.ndarray:
    """Starting errors (starts, 3) for inputs (x − shift)/scale: the targets are the same functions of x."""
    parts = scale * split_along_mean(weights)
    return np.column_stack([parts, (biases + shift * weights.sum(axis=1)) / bias]) if bias else parts


def describe_change(weights: np.ndarray, biases: np.ndarray, change: tuple[float, ...]) -> dict[str, float]:
    """Condition numbers and median steps of plain descent, without and with a bias."""
    mean, variance, constant, shift, scale = change
    row = {}
    for ending, bias in (("", 0.0), ("_bias", constant)):
        H = curvature(mean, variance, bias)
        row["kappa" + ending] = np.linalg.cond(H)
        row["steps" + ending] = float(np.median(descent_steps(H, errors(weights, biases, shift, scale, bias))))
    return row


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    weights, biases = rng.normal(size=(STARTS, UNITS)), rng.normal(size=STARTS)
    inputs = {name: describe_change(weights, biases, change) for name, change in CHANGES.items()}
    half = (np.eye(UNITS) + np.ones((UNITS, UNITS))) / 2
    values, vectors = np.linalg.eigh(half)
    whiten = vectors / np.sqrt(values)
    return Result(
        units=UNITS,
        ratio=MEAN / STD,
        inputs=inputs,
        layer=LAYER,
        jacobi_units=tuple(kappa_with_bias(*CHANGES[name][:2], LAYER) for name in ("raw", "jacobi")),
        fed=inputs["bias"]["kappa_bias"] / inputs["bias"]["kappa"],
        correlated=(values[-1] / values[0], np.linalg.cond(whiten.T @ half @ whiten)),
    )


def claim_diagonal_scaling_can_hurt(result: Result) -> None:
    """Scaling every input to curvature 1 makes it worse where there is a bias: the condition number goes from
    {{ inputs.raw.kappa_bias | integer }} to {{ inputs.jacobi.kappa_bias | integer }}, and for {{ layer }} units from
    {{ jacobi_units[0] | integer }} to {{ jacobi_units[1] | integer }}."""
    H = hessian_with_bias(np.full(result.layer, MEAN), VARIANCE)
    scaled = H / np.sqrt(np.outer(np.diag(H), np.diag(H)))
    for matrix, kappa in ((H, result.jacobi_units[0]), (scaled, result.jacobi_units[1])):
        assert abs(np.linalg.cond(matrix) / kappa - 1) < 1e-6
    assert result.inputs["jacobi"]["kappa_bias"] > 3 * result.inputs["raw"]["kappa_bias"]
    H = hessian_with_bias(np.full(UNITS, MEAN), VARIANCE)
    scaled = H / np.sqrt(np.outer(np.diag(H), np.diag(H)))
    for matrix, name in ((H, "raw"), (scaled, "jacobi")):
        assert abs(np.linalg.cond(matrix) / result.inputs[name]["kappa_bias"] - 1) < 1e-6


def claim_three_directions_are_enough(result: Result) -> None:
    """Plain descent and momentum on all {{ units }} weights and the bias have the losses that three directions give,
    to rounding."""
    rng = np.random.default_rng(SEED)
    weights, biases = rng.normal(size=(2, UNITS)), rng.normal(size=2)
    H = hessian_with_bias(np.full(UNITS, MEAN), VARIANCE)
    small, top = curvature(MEAN, VARIANCE, 1.0), np.linalg.eigvalsh(H)[-1]
    runs = []
    for matrix, start in ((H, np.column_stack([weights, biases])), (small, errors(weights, biases, 0.0, 1.0, 1.0))):
        error, before, losses = start, start, []
        for _ in range(200):
            error, before = error - 1.5 / top * error @ matrix + 0.5 * (error - before), error
            losses.append(np.einsum("si,ij,sj->s", error, matrix, error))
        runs.append(np.array(losses))
    np.testing.assert_allclose(*runs, rtol=1e-8)
    lost = np.einsum("si,ij,sj->s", start, small, start)
    constant = CHANGES["bias"][2]
    H = curvature(MEAN, VARIANCE, constant)
    (first,) = error = errors(weights[:1], biases[:1], 0.0, 1.0, constant)
    step = 2 / (np.trace(H) - VARIANCE)  # the third curvature lies between the extremes
    for taken in range(int(descent_steps(H, error)[0])):  # the bisection, step by step
        assert first @ H @ first > MILLIONTH * error[0] @ H @ error[0], taken
        first = first - step * H @ first
    assert first @ H @ first <= MILLIONTH * error[0] @ H @ error[0]
    for mean, variance, constant, shift, scale in list(CHANGES.values())[:6]:  # the same function, however fed
        start = errors(weights, biases, shift, scale, constant)
        np.testing.assert_allclose(np.einsum("si,ij,sj->s", start, curvature(mean, variance, constant), start), lost)


def claim_whitening_does_more(result: Result) -> None:
    """Where centered inputs have a correlation of one half, standardizing leaves a condition number of
    {{ correlated[0] | integer }}; whitening makes it {{ correlated[1] | integer }}."""
    assert abs(result.correlated[0] - (1 + UNITS)) < 1e-6 and abs(result.correlated[1] - 1) < 1e-9


def equation_jacobi() -> Draws:
    r"""\kappa_J + \frac{1}{\kappa_J} + 2 = \frac{\left(2 + (n + 1)\,r^2\right)^2}{1 + r^2}"""
    for rng in draws(12):
        n, mean, std = int(rng.integers(2, 30)), rng.uniform(0.2, 3), rng.uniform(0.3, 2)
        H = hessian_with_bias(np.full(n, mean), std**2)
        scaled = H / np.sqrt(np.outer(np.diag(H), np.diag(H)))
        yield {r"\kappa_J": np.linalg.cond(scaled), "n": n, "r": mean / std}


if __name__ == "__main__":
    print(compute())
