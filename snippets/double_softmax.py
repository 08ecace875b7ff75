"""What does a network lose whose probabilities are taken for scores?

Cross-entropy that applies a softmax by itself, fed with probabilities, applies it twice. A perfect prediction of
{{ classes | words }} classes then still costs {{ floor | digits(3) }}, and at the start gradients are
{{ ratio | integer }} times too small.

    p   probabilities, the softmax of the scores f
    q   softmax of p
"""

from dataclasses import dataclass

import numpy as np

from lib.network import cross_entropy, softmax
from lib.numerics import Draws, complex_step, draws

SEED = 0
CLASSES = 10


@dataclass(frozen=True)
class Result:
    classes: int
    "Classes."
    start: float
    "Cross-entropy of equal scores."
    floor: float
    "Least loss with two softmaxes."
    worst: float
    "Largest loss with two softmaxes."
    two: float
    "Least loss for two classes."
    ratio: float
    "Length of the gradient by the scores with one softmax over that with two, at equal scores."


def loss_twice(f: np.ndarray, target: np.ndarray) -> float:
    """Cross-entropy of the softmax of the softmax of some scores, against a one-hot target."""
    return -np.log(softmax(softmax(f)) @ target)


def compute() -> Result:
    target = np.eye(CLASSES)[0]
    f = np.zeros(CLASSES)
    one = softmax(f) - target
    two = complex_step(loss_twice, f, target)
    return Result(
        classes=CLASSES,
        start=float(np.log(CLASSES)),
        floor=float(np.log(1 + (CLASSES - 1) / np.e)),
        worst=float(np.log(np.e + CLASSES - 1)),
        two=float(np.log(1 + 1 / np.e)),
        ratio=float(np.linalg.norm(one) / np.linalg.norm(two)),
    )


def claim_the_loss_has_a_floor(result: Result) -> None:
    """With {{ classes | words }} classes and the softmax applied twice the loss lies between
    {{ floor | decimals(3) }} and {{ worst | decimals(3) }}, and starts at {{ start | decimals(3) }} as it should; with
    two classes it is never below {{ two | decimals(3) }}. At equal scores its gradient is {{ ratio | integer }} times
    too small."""
    target = np.eye(result.classes)[0]
    assert result.classes == 10 and abs(cross_entropy(np.zeros((1, 10)), target[None]) - result.start) < 1e-12
    sure = 1e4 * np.eye(10)  # scores that are sure of each class in turn
    losses = [float(loss_twice(f, target)) for f in sure]
    assert abs(losses[0] - result.floor) < 1e-9 and abs(losses[1] - result.worst) < 1e-9
    assert abs(float(loss_twice(np.array([1e4, 0.0]), np.array([1.0, 0.0]))) - result.two) < 1e-9
    random = np.random.default_rng(SEED).normal(size=(200, 10)) * 30
    assert all(result.floor - 1e-9 < loss_twice(f, target) < result.worst + 1e-9 for f in random)
    step = 1e-6
    slopes = [(loss_twice(step * row, target) - loss_twice(-step * row, target)) / (2 * step) for row in np.eye(10)]
    assert abs(np.linalg.norm(np.full(10, 0.1) - target) / np.linalg.norm(slopes) / result.ratio - 1) < 1e-6


def equation_twice() -> Draws:
    r"""\frac{\partial L}{\partial f} = \left(\operatorname{diag}(p) - p\,p^\top\right)(q - y)"""
    for rng in draws(6):
        f, y = rng.normal(size=4), np.eye(4)[int(rng.integers(4))]
        p = softmax(f)
        slopes = complex_step(loss_twice, f, y)
        yield {
            r"\frac{\partial L}{\partial f}": slopes,
            r"\operatorname{diag}(p)": np.diag(p),
            "p": p,
            "q": softmax(p),
            "y": y,
        }


if __name__ == "__main__":
    print(compute())
