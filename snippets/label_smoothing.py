"""What do label smoothing and the squared error do to a curvature?

Softmax of {{ classes }} classes with labels smoothed by {{ smoothing | digits(1) }} has its optimum where the right
score is {{ gap | digits(3) }} above the others, and there a curvature of {{ curvature | digits(2) }}. Half the squared
error behind a sigmoid has negative curvature where the output is far from a target of 1, at the least
{{ least | digits(2) }}.
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import sigmoid
from lib.network import softmax
from lib.numerics import Draws, complex_step, draws

CLASSES, SMOOTHING = 10, 0.1


@dataclass(frozen=True)
class Result:
    classes: int
    "Classes."
    smoothing: float
    "Share ε of a label that is spread over all classes."
    gap: float
    "Score of the right class over that of the others at the optimum."
    right: float
    "Its probability there."
    curvature: float
    "Curvature of the loss in its score there, p(1 − p)."
    floor: float
    "Loss there."
    least: float
    "Least curvature of half the squared error behind a sigmoid, target 1."
    most: float
    "Its greatest."


def squared_curvature(p: np.ndarray) -> np.ndarray:
    """Second derivative by z of ½(σ(z) − 1)², at p = σ(z)."""
    return p * (1 - p) ** 2 * (3 * p - 1)


def smoothed_labels() -> np.ndarray:
    """Targets of an example of the first class."""
    return (1 - SMOOTHING) * np.eye(CLASSES)[0] + SMOOTHING / CLASSES


def compute() -> Result:
    labels, curvatures = smoothed_labels(), squared_curvature(np.linspace(0, 1, 1_000_001))
    return Result(
        classes=CLASSES,
        smoothing=SMOOTHING,
        gap=float(np.log(labels[0] / labels[1])),
        right=float(labels[0]),
        curvature=float(labels[0] * (1 - labels[0])),
        floor=float(-labels @ np.log(labels)),
        least=float(curvatures.min()),
        most=float(curvatures.max()),
    )


def claim_smoothed_labels_have_an_optimum(result: Result) -> None:
    """With {{ classes }} classes and ε = {{ smoothing | digits(1) }} the right score settles {{ gap | digits(3) }}
    above the others, at a probability of {{ right | decimals(2) }}, a loss of {{ floor | digits(3) }} and a curvature
    of {{ curvature | digits(2) }}; with hard labels the gap grows forever, and the curvature goes to zero."""
    labels, z = smoothed_labels(), np.zeros(CLASSES)
    for _ in range(4000):
        z = z - (softmax(z) - labels)
    np.testing.assert_allclose([z[0] - z[1], softmax(z)[0]], [result.gap, result.right], rtol=1e-6)
    np.testing.assert_allclose(-labels @ np.log(softmax(z)), result.floor, rtol=1e-9)
    slope = complex_step(lambda u: softmax(z + u * np.eye(CLASSES)[0])[0], 0.0)
    np.testing.assert_allclose(slope, result.curvature, rtol=1e-6)
    hard = np.zeros(CLASSES)
    for _ in range(4000):
        hard = hard - (softmax(hard) - np.eye(CLASSES)[0])
    assert hard[0] - hard[1] > result.gap + 3 and softmax(hard)[0] * (1 - softmax(hard)[0]) < 1e-2


def claim_the_squared_error_is_not_convex(result: Result) -> None:
    """Behind a sigmoid half the squared error has curvatures from {{ least | digits(2) }} to {{ most | digits(2) }} for
    a target of 1: it is not convex; cross-entropy has p(1 − p), which is never negative."""
    z = np.linspace(-12, 12, 2401)
    h = 1e-4
    loss = lambda z: (sigmoid(z) - 1) ** 2 / 2  # noqa: E731
    numeric = (loss(z + h) - 2 * loss(z) + loss(z - h)) / h**2
    np.testing.assert_allclose(numeric, squared_curvature(sigmoid(z)), atol=1e-6)
    assert abs(numeric.min() - result.least) < 1e-4 and abs(numeric.max() - result.most) < 1e-4
    assert np.all(numeric[sigmoid(z) < 0.333] < 1e-7) and np.all(numeric[sigmoid(z) > 0.334] > -1e-7)


def equation_gap() -> Draws:
    r"""z_c - z_k = \ln\left(1 + \frac{K\,(1 - \varepsilon)}{\varepsilon}\right)"""
    for rng in draws(6):
        classes, epsilon = int(rng.integers(2, 12)), rng.uniform(0.1, 0.9)
        labels = (1 - epsilon) * np.eye(classes)[0] + epsilon / classes
        scores = np.zeros(classes)
        for _ in range(6000):
            scores = scores - 2 * (softmax(scores) - labels)
        yield {"z_c": scores[0], "z_k": scores[1], "K": classes, r"\varepsilon": epsilon}


def equation_squared() -> Draws:
    r"""\frac{\partial^2 S}{\partial z^2} = p\,(1 - p)^2\,(3p - 1)"""
    for rng in draws(6):
        z = rng.normal() * 2
        p = sigmoid(z)
        first = lambda z: (sigmoid(z) - 1) * sigmoid(z) * (1 - sigmoid(z))  # noqa: E731
        yield {r"\frac{\partial^2 S}{\partial z^2}": complex_step(first, z), "p": p}
