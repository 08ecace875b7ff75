"""Can orthogonal weights bring all singular values of a ReLU layer near 1 (Pennington and others, 2017)?

No: half of the units are off, so {{ cut | percent(0) }} of the singular values is 0, whatever the scale of
the weights.
"""

from dataclasses import dataclass

import numpy as np

SEED = 0
SIZE, DRAWS = 100, 20


@dataclass(frozen=True)
class Result:
    draws: int
    "Random layers."
    cut: float
    "Share of singular values that are 0 for a ReLU layer with orthogonal weights, their mean."


def draw_layer(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Orthogonal weights, shape (SIZE, SIZE), and an input."""
    return np.linalg.qr(rng.normal(size=(SIZE, SIZE)))[0], rng.normal(size=SIZE)


def compute() -> Result:
    rng, shares = np.random.default_rng(SEED), []
    for _ in range(DRAWS):
        W, x = draw_layer(rng)
        shares.append(np.mean(np.linalg.svd((W @ x > 0)[:, None] * W, compute_uv=False) < 1e-9))
    return Result(draws=DRAWS, cut=float(np.mean(shares)))


def claim_relu_cuts(result: Result) -> None:
    """For a ReLU layer with orthogonal weights {{ cut | percent(0) }} of the singular values are 0 (mean of {{ draws }}
    layers) and all others are equal: scaling the weights makes them 1, and the zeros stay."""
    W, x = draw_layer(np.random.default_rng(SEED + 1))
    ways = 1e-7 * np.eye(SIZE)
    differences = np.array([np.maximum(W @ (x + way), 0) - np.maximum(W @ (x - way), 0) for way in ways]) / 2e-7
    values = np.linalg.svd(differences, compute_uv=False)
    assert np.all((values < 1e-6) | (abs(values - 1) < 1e-6)) and abs(np.mean(values < 0.5) - 0.5) < 0.25
    assert abs(result.cut - 0.5) < 0.05


if __name__ == "__main__":
    print(compute())
