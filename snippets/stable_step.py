"""Which learning rate is too large for a loss?

The largest curvature is a number of the loss times that of the inputs. {{ example.inputs }} pixels of mean
{{ example.mean | decimals(1) }} and standard deviation {{ example.std | decimals(1) }} with a bias have the largest
eigenvalue {{ example.largest | digits(4) }}, so half the squared error is stable below
{{ steps.half | digits(3) }}, binary cross-entropy below {{ steps.logistic | digits(3) }}.

    n   inputs, of mean μ₁ and standard deviation s
    ϱ   correlation of any two inputs
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws
from lib.quadratics import hessian_with_bias, kappa_with_bias

INPUTS, MEAN, STD, CLASSES = 784, 0.5, 0.3, 10
STANDARD, SHARED, FEW = 100, 0.5, 4  # exercise: inputs, their correlation, classes


@dataclass(frozen=True)
class Result:
    example: dict
    "Inputs, their mean and standard deviation; largest eigenvalue of their second moment with a bias; its trace, which"
    " no correlation can exceed; condition number; classes."
    curvatures: dict[str, float]
    "Largest curvature of a loss over that of the inputs, at outputs of zero."
    always: dict[str, float]
    "The same at the worst outputs, for the two losses that have a bound."
    steps: dict[str, float]
    "Largest stable step of plain descent in the example, by loss."
    bounds: dict[str, float]
    "Steps in the example that are safe at any weights, for the two; and for half the squared error at any correlation."
    exercise: dict
    "Standardized inputs, their correlation, classes, largest curvature of the inputs, stable step at the start."


def curvature_factors(classes: int) -> dict[str, float]:
    """Second derivative of a loss by the output, at outputs of zero: largest eigenvalue where there are several."""
    return {
        "half": 1.0,
        "mse": 2.0,
        "outputs": 2.0 / classes,
        "logistic": 1 / 4,
        "softmax": 1 / classes,
        "squashed": 1 / 16,
    }


def compute() -> Result:
    mean_square = 1 + INPUTS * MEAN**2 + STD**2  # trace of the block of mean and bias; its determinant is STD²
    largest = (mean_square + np.sqrt(mean_square**2 - 4 * STD**2)) / 2
    trace = 1 + INPUTS * (MEAN**2 + STD**2)
    kappa = float(kappa_with_bias(MEAN, STD**2, INPUTS))
    curvatures, always = curvature_factors(CLASSES), {"logistic": 1 / 4, "softmax": 1 / 2}
    alike = 1 + (STANDARD - 1) * SHARED
    exercise = {"inputs": STANDARD, "shared": SHARED, "classes": FEW, "largest": alike, "step": 2 * FEW / alike}
    return Result(
        example={
            "inputs": INPUTS,
            "mean": MEAN,
            "std": STD,
            "classes": CLASSES,
            "largest": largest,
            "trace": trace,
            "kappa": kappa,
        },
        curvatures=curvatures,
        always=always,
        steps={name: 2 / factor / largest for name, factor in curvatures.items()},
        bounds={**{name: 2 / factor / largest for name, factor in always.items()}, "half": 2 / trace},
        exercise=exercise,
    )


LOSSES: dict[str, Callable] = {  # of outputs f, by their definitions; targets are one-hot, or 1
    "half": lambda f: 0.5 * np.sum((f - 1) ** 2),
    "mse": lambda f: np.sum((f - 1) ** 2),
    "outputs": lambda f: np.mean((f - np.eye(len(f))[0]) ** 2),
    "logistic": lambda f: np.log(1 + np.exp(-f)).sum(),
    "softmax": lambda f: np.log(np.exp(f).sum()) - f[0],
    "squashed": lambda f: 0.5 * np.sum((1 / (1 + np.exp(-f)) - 1) ** 2),
}


def differentiate_twice(loss: Callable, f: np.ndarray, h: float = 1e-3) -> np.ndarray:
    """Matrix of second differences of a loss by its outputs."""
    steps = h * np.eye(len(f))
    return np.array(
        [[loss(f + u + v) - loss(f + u - v) - loss(f - u + v) + loss(f - u - v) for v in steps] for u in steps]
    ) / (4 * h * h)


def claim_each_loss_has_its_factor(result: Result) -> None:
    """At outputs of zero the largest curvature of a loss is that of the inputs times {{ curvatures.half | integer }}
    for half the squared error, {{ curvatures.mse | integer }} for the squared error,
    {{ curvatures.outputs | decimals(1) }} for its mean over {{ example.classes }} outputs,
    {{ curvatures.logistic | decimals(2) }} for binary cross-entropy, {{ curvatures.softmax | decimals(1) }} for softmax
    of {{ example.classes }} classes, and {{ curvatures.squashed | decimals(4) }} for half the squared error behind a
    sigmoid."""
    for name, loss in LOSSES.items():
        f = np.zeros(result.example["classes"] if name in ("outputs", "softmax") else 1)
        assert abs(np.linalg.eigvalsh(differentiate_twice(loss, f))[-1] - result.curvatures[name]) < 1e-5, name


def claim_the_example(result: Result) -> None:
    """{{ example.inputs }} uncorrelated inputs of mean {{ example.mean | decimals(1) }} and standard deviation
    {{ example.std | decimals(1) }} with a bias: largest eigenvalue {{ example.largest | decimals(1) }},
    condition number {{ example.kappa | integer }}. Plain descent is stable below {{ steps.half | digits(3) }} with
    half the squared error, {{ steps.mse | digits(3) }} with the squared error, {{ steps.outputs | digits(3) }} with its
    mean over {{ example.classes }} outputs, {{ steps.logistic | digits(3) }} with binary cross-entropy,
    {{ steps.softmax | digits(3) }} with softmax at the start. Correlated in any way, half the squared error is stable
    below {{ bounds.half | digits(3) }}."""
    part = result.example
    values = np.linalg.eigvalsh(hessian_with_bias(np.full(part["inputs"], part["mean"]), part["std"] ** 2))
    assert abs(values[-1] - part["largest"]) < 1e-6 and abs(values[-1] / values[0] / part["kappa"] - 1) < 1e-6
    for name, factor in {"half": 1, "mse": 2, "outputs": 0.2, "logistic": 0.25, "softmax": 0.1}.items():
        assert abs(result.steps[name] * values[-1] * factor - 2) < 1e-6
    together = hessian_with_bias(np.full(20, part["mean"]), part["std"] ** 2 * np.ones((20, 20)))  # ϱ = 1, the worst
    assert abs(np.linalg.eigvalsh(together)[-1] / np.trace(together) - 1) < 0.04
    assert abs(result.bounds["half"] * (1 + part["inputs"] * (part["mean"] ** 2 + part["std"] ** 2)) - 2) < 1e-9


def claim_two_losses_have_a_bound(result: Result) -> None:
    """At no outputs is the curvature by them above {{ always.logistic | decimals(2) }} for binary cross-entropy and
    {{ always.softmax | decimals(1) }} for softmax with cross-entropy, so that steps below
    {{ bounds.logistic | digits(3) }} and {{ bounds.softmax | digits(3) }} lower the loss of the example from any
    weights."""
    worst = {"logistic": 0.0, "softmax": 0.0}
    for rng in draws(400):
        for name, size in (("logistic", 1), ("softmax", 5)):
            f = rng.normal(0, rng.choice([0.3, 3, 30]), size)
            worst[name] = max(worst[name], np.linalg.eigvalsh(differentiate_twice(LOSSES[name], f))[-1])
    far = np.array([0.0, 0.0, -30, -30, -30])  # two classes share all probability
    worst["softmax"] = max(worst["softmax"], np.linalg.eigvalsh(differentiate_twice(LOSSES["softmax"], far))[-1])
    for name, bound in result.always.items():
        assert bound - 0.005 < worst[name] < bound + 1e-5
        assert abs(result.bounds[name] * bound * result.example["largest"] - 2) < 1e-9


def claim_the_exercise(result: Result) -> None:
    """{{ exercise.inputs }} standardized inputs, any two correlated by {{ exercise.shared | decimals(1) }}, with a bias
    have the largest curvature {{ exercise.largest | decimals(1) }}, and softmax of {{ exercise.classes }} classes is
    stable at the start below {{ exercise.step | digits(3) }}."""
    part = result.exercise
    covariance = part["shared"] + (1 - part["shared"]) * np.eye(part["inputs"])
    largest = np.linalg.eigvalsh(hessian_with_bias(np.zeros(part["inputs"]), covariance))[-1]
    softmax = np.linalg.eigvalsh(differentiate_twice(LOSSES["softmax"], np.zeros(part["classes"])))[-1]
    assert abs(largest - part["largest"]) < 1e-6 and abs(part["step"] * largest * softmax - 2) < 1e-5


def draw_correlated() -> Draws:
    """Inputs of one correlation, and the two curvatures in the plane of their mean and the bias."""
    for rng in draws(12):
        n, rho, s, mean = int(rng.integers(2, 9)), rng.uniform(0, 0.9), rng.uniform(0.3, 2), rng.uniform(-2, 2)
        H = hessian_with_bias(np.full(n, mean), s**2 * (rho + (1 - rho) * np.eye(n)))
        plane = np.zeros((n + 1, 2))  # the direction in which all weights rise together, and the bias
        plane[:n, 0], plane[n, 1] = 1 / np.sqrt(n), 1
        low, high = np.linalg.eigvalsh(plane.T @ H @ plane)
        yield {r"\lambda_+": high, r"\lambda_-": low, "n": n, r"\varrho": rho, "s": s, r"\mu_1": mean}


def equation_correlated() -> Draws:
    r"""\lambda_+ + \lambda_- = 1 + s^2\,(1 + (n - 1)\,\varrho) + n\,\mu_1^2"""
    yield from draw_correlated()


def equation_product() -> Draws:
    r"""\lambda_+\lambda_- = s^2\,(1 + (n - 1)\,\varrho)"""
    for found in draw_correlated():
        yield {letter: value for letter, value in found.items() if letter != r"\mu_1"}


if __name__ == "__main__":
    print(compute())
