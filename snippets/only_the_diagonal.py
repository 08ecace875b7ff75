"""Do Sophia and Adafactor mend what a mean does?

Sophia divides by the Hessian's diagonal, and for inputs alike that is one number: the condition number is
{{ kappa.raw | digits(4) }} before and {{ kappa.divided | digits(4) }} after. Adafactor keeps the squares of a layer's
gradients as a column times a row; for one example that is exact, for a batch it is off by {{ off.centered | percent }}
or {{ off.raw | percent }} (digits, centered and raw).

    V      squares of the gradient of a layer; its row sums and column sums
"""

from dataclasses import dataclass

import numpy as np

from lib.data import digits, one_hot
from lib.network import softmax
from lib.numerics import Draws, draws
from lib.quadratics import condition_number, hessian

SEED = 0
UNITS, MEAN, VARIANCE, BATCH, BATCHES = 100, 0.5, 0.0433790, 32, 200


@dataclass(frozen=True)
class Result:
    units: int
    "Inputs alike, with mean and variance of sigmoids at N(0, 1)."
    kappa: dict[str, float]
    "Condition number without a bias: as it is, and with each weight divided by the root of its own curvature."
    batch: int
    "Digits in a batch."
    off: dict[str, float]
    "Root mean square of what a column times a row misses of the mean squares of gradients, over their own: softmax"
    " regression at zero weights, pixels raw and centered."


def factor(V: np.ndarray) -> np.ndarray:
    """Row sums times column sums over the sum of all: what Adafactor keeps of a table of squares."""
    return np.outer(V.sum(axis=1), V.sum(axis=0)) / V.sum()


def mean_squares(x: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Mean over random batches of the squared gradient of softmax regression at zero weights, shape (10, n)."""
    rng = np.random.default_rng(SEED)
    total = np.zeros((10, x.shape[1]))
    for _ in range(BATCHES):
        part = rng.integers(0, len(x), BATCH)
        error = softmax(np.zeros((BATCH, 10))) - targets[part]
        total += (error.T @ x[part] / BATCH) ** 2 / BATCHES
    return total


def compute() -> Result:
    H = hessian(np.full(UNITS, MEAN), VARIANCE)
    root = np.sqrt(np.diag(H))
    pixels, labels = digits()
    off = {}
    for name, x in (("raw", pixels), ("centered", pixels - pixels.mean(axis=0))):
        V = mean_squares(x, one_hot(labels))
        off[name] = float(np.linalg.norm(V - factor(V)) / np.linalg.norm(V))
    return Result(
        units=UNITS,
        kappa={"raw": float(condition_number(H)), "divided": float(condition_number(H / np.outer(root, root)))},
        batch=BATCH,
        off=off,
    )


def claim_the_diagonal_leaves_the_mean(result: Result) -> None:
    """{{ units }} inputs like sigmoids: the condition number is {{ kappa.raw | digits(4) }}, and
    {{ kappa.divided | digits(4) }} with each weight's curvature divided out."""
    by_hand = 1 + result.units * MEAN**2 / VARIANCE
    assert abs(result.kappa["raw"] / by_hand - 1) < 1e-6 and abs(result.kappa["divided"] / by_hand - 1) < 1e-6


def claim_factors_are_near(result: Result) -> None:
    """Softmax regression on digits at zero weights, batches of {{ batch }}: a column times a row misses
    {{ off.raw | percent }} of the squares on raw pixels and {{ off.centered | percent }} on centered ones."""
    pixels, labels = digits()
    targets = np.eye(10)[labels]
    for name, x in (("raw", pixels), ("centered", pixels - pixels.mean(axis=0))):
        products = np.einsum("ik,ij->ikj", 0.1 - targets, x)  # of single examples; batches by their mean and variance
        V = products.mean(axis=0) ** 2 + products.var(axis=0) / result.batch
        rows, columns = V.sum(axis=1), V.sum(axis=0)
        missed = V - rows[:, None] * columns[None, :] / rows.sum()
        assert abs(np.sqrt(np.sum(missed**2) / np.sum(V**2)) - result.off[name]) < 0.05


def equation_factored() -> Draws:
    r"""g_{ij}^2 = \frac{R_i\,C_j}{S}, \qquad g_{ij} = \delta_i\,a_j"""
    for rng in draws(8):
        delta, a = rng.normal(size=4), rng.normal(size=6)
        G = np.outer(delta, a)
        V = G**2
        yield {
            "g_{ij}": G[1, 2],
            "R_i": V[1].sum(),
            "C_j": V[:, 2].sum(),
            "S": V.sum(),
            r"\delta_i": delta[1],
            "a_j": a[2],
        }


if __name__ == "__main__":
    print(compute())
