"""How many outliers has the Hessian on real data, and what are they made of?

For softmax regression on digits, {{ outliers }} at the start, one less than classes: all of them the mean image, all
{{ start.raw[0] | digits(3) }} where the next is {{ start.raw[2] | digits(2) }}. With centered pixels there are none.

    p       probabilities of the classes
    fisher  E[(diag p − ppᵀ) ⊗ xxᵀ], here the Hessian itself, as the model is linear in its weights
"""

from dataclasses import dataclass

import numpy as np

from lib.data import digits, one_hot
from lib.network import softmax
from lib.numerics import Draws

STEPS, STEP = 300, 0.17  # the step is just below 2/λmax of the raw pixels
OUTLIERS = 9  # one less than classes


@dataclass(frozen=True)
class Result:
    images: int
    "Images of digits, for softmax regression."
    start: dict[str, tuple[float, ...]]
    "Largest eigenvalue of its Fisher matrix at zero weights, last outlier and next one, for raw and centered pixels."
    outliers: int
    "One less than classes."
    later: dict[str, tuple[float, ...]]
    "The same after full-batch descent from zero weights."
    steps: int
    "How many steps."


def fisher_matrix(x: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Fisher matrix of softmax regression without biases, E[(diag p − ppᵀ) ⊗ xxᵀ], for probabilities p (B, classes)."""
    classes = range(p.shape[1])
    blocks = [[(x * (p[:, c] * ((c == d) - p[:, d]))[:, None]).T @ x / len(x) for d in classes] for c in classes]
    return np.block(blocks)


def fit_softmax(x: np.ndarray, targets: np.ndarray, steps: int) -> np.ndarray:
    """Probabilities of softmax regression after some full-batch steps from zero weights, shape of `targets`."""
    W = np.zeros((x.shape[1], targets.shape[1]))
    for _ in range(steps):
        W -= STEP * x.T @ (softmax(x @ W) - targets) / len(x)
    return softmax(x @ W)


def compute() -> Result:
    x, labels = digits()
    spectra = {}
    for steps in (0, STEPS):
        for name, a in (("raw", x), ("centered", x - x.mean(axis=0))):
            values = np.linalg.eigvalsh(fisher_matrix(a, fit_softmax(a, one_hot(labels), steps)))
            spectra[name, steps] = tuple(values[[-1, -OUTLIERS, -OUTLIERS - 1]])
    return Result(
        images=len(x),
        start={name: spectra[name, 0] for name in ("raw", "centered")},
        later={name: spectra[name, STEPS] for name in ("raw", "centered")},
        outliers=OUTLIERS,
        steps=STEPS,
    )


def claim_one_outlier_a_class(result: Result) -> None:
    """Softmax regression on {{ images | integer }} digits, at zero weights: the {{ outliers | words }} largest
    eigenvalues of its Fisher matrix are all {{ start.raw[0] | digits(3) }}, and the next is
    {{ start.raw[2] | digits(2) }}; with centered pixels they are {{ start.centered[0] | digits(2) }}. After {{ steps }}
    steps the last of these and the next are {{ later.raw[1] | digits(2) }} and {{ later.raw[2] | digits(2) }}, with
    centered pixels {{ later.centered[1] | digits(2) }} and {{ later.centered[2] | digits(2) }}."""
    x, labels = digits()
    for name, a in (("raw", x), ("centered", x - x.mean(axis=0))):
        values = np.linalg.svd(a, compute_uv=False) ** 2 / len(a) / 10  # nine times each, as I − 11ᵀ/10 has nine ones
        np.testing.assert_allclose(result.start[name], values[[0, 0, 1]], rtol=1e-9)
        p = fit_softmax(a, one_hot(labels), STEPS)
        scores = np.sqrt(p)[:, :, None] * (np.eye(p.shape[1]) - p[:, None])  # of each class, as often as it is drawn
        rows = np.einsum("bcd,bi->bcdi", scores, a).reshape(-1, x.shape[1] * p.shape[1])
        values = np.linalg.eigvalsh(rows.T @ rows / len(a))
        np.testing.assert_allclose(result.later[name], values[[-1, -OUTLIERS, -OUTLIERS - 1]], rtol=1e-6)
    ratio = {name: values[1] / values[2] for name, values in result.later.items()}
    assert ratio["raw"] > 5 and ratio["centered"] < 1.3
    assert len(x) == result.images


def mixed_difference(x: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    """Second difference at zero weights, along a and b, of the part of the loss that has no targets in it."""

    def log_sum(w: np.ndarray) -> float:
        return float(np.mean(np.log(np.exp(x @ w.reshape(-1, x.shape[1]).T).sum(axis=1))))

    return (log_sum(a + b) - log_sum(a - b) - log_sum(b - a) + log_sum(-a - b)) / 4


def equation_fisher() -> Draws:
    r"""H = \tfrac{1}{C}\left(I - \tfrac{1}{C}\mathbf{1}\mathbf{1}^\top\right) \otimes \mathbb{E}[x x^\top]"""
    for rng in map(np.random.default_rng, range(5)):
        C, x = int(rng.integers(2, 5)), rng.normal(0.7, 1, size=(6, 3))
        H = np.mean([np.kron(np.eye(C) / C - 1 / C**2, np.outer(a, a)) for a in x], axis=0)
        np.testing.assert_allclose(fisher_matrix(x, np.full((6, C), 1 / C)), H, atol=1e-12)
        nudges, step = 1e-3 * np.eye(3 * C), 1e-3
        by_differences = [[mixed_difference(x, a, b) / step**2 for a in nudges] for b in nudges]
        np.testing.assert_allclose(by_differences, H, atol=1e-5)
        yield {"H": H, "C": C, "I": np.eye(C), r"\mathbf{1}": np.ones((C, 1)), r"\mathbb{E}[x x^\top]": x.T @ x / 6}
