"""How unlike are the curvatures of frequent and rare classes at a softmax?

The bias of class k has the curvature p(1 − p) where predictions are the frequencies: for {{ words | integer }} words of
frequencies like 1/k they differ by a factor of {{ ratio.words | integer }}, for {{ classes | integer }} equally
frequent classes by none.

    p   frequency of a class, which is what its softmax predicts
"""

from dataclasses import dataclass

import numpy as np

WORDS, CLASSES, STEPS = 10_000, 1000, 100


@dataclass(frozen=True)
class Result:
    words: int
    "Words of frequencies like 1/k."
    classes: int
    "Classes of equal frequency."
    frequency: tuple[float, float]
    "Frequencies of the first and of the last word."
    ratio: dict[str, float]
    "Largest over smallest curvature by one bias: of the words, and of the classes."
    steps: int
    "Steps of plain descent from biases of zero, at the largest step that does not leap over for the first word."
    left: dict[str, float]
    "Share of the first error that the bias of the last word still has, along its own curvature."


def compute() -> Result:
    p = 1 / np.arange(1, WORDS + 1)
    p = p / p.sum()
    curvatures = p * (1 - p)
    step = 1 / curvatures[0]
    return Result(
        words=WORDS,
        classes=CLASSES,
        frequency=(float(p[0]), float(p[-1])),
        ratio={"words": float(curvatures[0] / curvatures[-1]), "classes": 1.0},
        steps=STEPS,
        left={"last": float((1 - step * curvatures[-1]) ** STEPS)},
    )


def claim_rare_classes_are_flat(result: Result) -> None:
    """Of {{ words | integer }} words with frequencies like $1/k$, the first has {{ frequency[0] | decimals(3) }}, the
    last {{ frequency[1] | scientific(1) }}; the curvatures of their output biases differ by a factor of
    {{ ratio.words | integer }}. After {{ steps }} steps that remove the first one’s error at once, the last one’s is
    {{ left.last | percent }} of what it was. With {{ classes | integer }} equally frequent classes the factor is
    {{ ratio.classes | integer }}."""

    def loss_slope(b: np.ndarray, p: np.ndarray, k: int) -> np.ndarray:
        return (np.exp(b) / np.exp(b).sum() - p)[k]

    weights = 1.0 / np.arange(1, result.words + 1)
    found = []
    for p in (weights / weights.sum(), np.full(result.classes, 1 / result.classes)):
        second = []
        for k in (0, len(p) - 1):
            b = np.log(p).astype(complex)
            b[k] += 1e-20j
            second.append(loss_slope(b, p, k).imag / 1e-20)
        found.append(second)
    assert abs(found[0][0] / found[0][1] / result.ratio["words"] - 1) < 1e-6
    assert abs(found[1][0] / found[1][1] - result.ratio["classes"]) < 1e-9
    assert abs(weights[0] / weights.sum() - result.frequency[0]) < 1e-9
    assert abs(weights[-1] / weights.sum() / result.frequency[1] - 1) < 1e-9
    error = 1.0
    for _ in range(result.steps):
        error -= found[0][1] / found[0][0] * error
    assert abs(error - result.left["last"]) < 1e-9


if __name__ == "__main__":
    print(compute())
