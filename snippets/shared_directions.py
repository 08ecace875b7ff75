"""What do losses that compare representations subtract a mean for?

For the part that all examples share. Without it two views that have nothing in common but a mean of
{{ r | digits(1) }} standard deviations have a correlation of {{ views | decimals(2) }}; and the means of
{{ classes }} classes are alike by their common part, and at the widest possible angle without it.

    r   mean over standard deviation of a feature; c   its true correlation between two views
    C   classes
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, cosine, draws

SEED = 0
RATIO, CLASSES, UNITS, SHARED = 3.0, 10, 64, 1.0


@dataclass(frozen=True)
class Result:
    r: float
    "Mean of a feature in standard deviations."
    views: float
    "Mean product over mean square of two views whose features are independent."
    classes: int
    "Classes."
    raw: float
    "Cosine of two class means that are perpendicular but for a common vector of their length."
    centered: float
    "The same minus the mean of all classes."


def uncentered_correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Mean product over the root of the mean squares, with nothing subtracted."""
    return float(np.mean(x * y) / np.sqrt(np.mean(x**2) * np.mean(y**2)))


def compute() -> Result:
    means = np.eye(CLASSES, UNITS) + SHARED * np.eye(UNITS)[CLASSES]
    return Result(
        r=RATIO,
        views=RATIO**2 / (1 + RATIO**2),
        classes=CLASSES,
        raw=float(cosine(means[0], means[1])),
        centered=float(cosine(means[0] - means.mean(axis=0), means[1] - means.mean(axis=0))),
    )


def claim_a_shared_mean_looks_like_agreement(result: Result) -> None:
    """Two views with independent features of mean {{ r | digits(1) }} standard deviations: {{ views | decimals(2) }}
    without subtracting the mean, 0 with it."""
    x, y = np.random.default_rng(SEED).normal(result.r, 1, (2, 400_000))
    assert abs(uncentered_correlation(x, y) / result.views - 1) < 0.01 and abs(np.corrcoef(x, y)[0, 1]) < 0.01


def claim_class_means_are_widest_apart(result: Result) -> None:
    """{{ classes }} class means at right angles but for a common vector of their length: the cosine of two is
    {{ raw | digits(2) }}, and {{ centered | decimals(2) }} minus the mean of all."""
    rng = np.random.default_rng(SEED)
    basis, _ = np.linalg.qr(rng.normal(size=(UNITS, result.classes + 1)))
    means = basis[:, :-1].T + basis[:, -1]
    apart = means - means.mean(axis=0)
    assert abs(cosine(means[2], means[5]) - result.raw) < 1e-9
    assert abs(cosine(apart[2], apart[5]) - result.centered) < 1e-9


def equation_views() -> Draws:
    r"""\frac{\mathbb{E}[x y]}{\sqrt{\mathbb{E}[x^2]\,\mathbb{E}[y^2]}} = \frac{r^2 + c}{r^2 + 1}"""
    for rng in draws(8):
        r, s, A = rng.uniform(0.1, 4), rng.uniform(0.5, 2), rng.normal(size=(2, 12))
        A = A - A.mean(axis=1, keepdims=True)
        x, y = r * s + s * A / A.std(axis=1, keepdims=True)
        yield {
            r"\mathbb{E}[x y]": np.mean(x * y),
            r"\mathbb{E}[x^2]": np.mean(x**2),
            r"\mathbb{E}[y^2]": np.mean(y**2),
            "r": r,
            "c": np.corrcoef(x, y)[0, 1],
        }


def equation_simplex() -> Draws:
    r"""\cos\theta = -\frac{1}{C - 1}"""
    for rng in draws(6):
        classes = int(rng.integers(2, 12))
        basis, _ = np.linalg.qr(rng.normal(size=(20, classes)))  # equal lengths and angles, and a common vector
        means = basis.T + rng.normal(size=20)
        apart = means - means.mean(axis=0)
        yield {r"\cos\theta": cosine(apart[0], apart[-1]), "C": classes}


if __name__ == "__main__":
    print(compute())
