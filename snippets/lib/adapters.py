"""LoRA's adapter of a linear layer: its rows, the gradient that it projects, and inputs with a mean and without.

The layer's inputs are uncorrelated, of variance 1 and alike. G is the gradient by the whole matrix.
"""

import numpy as np

INPUTS, NEURONS, RATIO, ALPHA = 256, 64, 0.5, 16
RANKS = (1, 2, 4, 8, 16, 32, 64, 128)
CASES = ("raw", "centered")


def means(case: str, inputs: int = INPUTS) -> np.ndarray:
    """The inputs' means, all alike, of squared mean over variance `RATIO`, or zero."""
    return np.full(inputs, np.sqrt(RATIO) if case == "raw" else 0.0)


def draw_rows(rng: np.random.Generator, rank: int, inputs: int = INPUTS) -> np.ndarray:
    """A as PyTorch's default for a linear layer draws it: uniform in ±1/√inputs, shape (rank, inputs)."""
    return rng.uniform(-1, 1, size=(rank, inputs)) / np.sqrt(inputs)


def pull_back(E: np.ndarray, mu: np.ndarray) -> np.ndarray:
    """Gradient EH by the weights of linear neurons with errors E (…, neurons, inputs), H = I + μμᵀ."""
    return E + (E @ mu)[..., None] * mu


def draw_adapter(rng: np.random.Generator, mu: np.ndarray, rank: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A, the gradient by the whole matrix for random errors, and B after Adam's first step of size 1."""
    A = draw_rows(rng, rank)
    G = pull_back(rng.normal(size=(NEURONS, INPUTS)) / np.sqrt(INPUTS), mu)
    return A, G, -np.sign(G @ A.T)
