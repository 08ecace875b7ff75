"""Linear neurons with a bias that are fitted to random training sets, and their exact error on new inputs."""

import numpy as np

INPUTS, TARGET = 50, 3.0  # inputs, independent and of variance 1; mean of the targets


def draw_training_sets(
    rng: np.random.Generator, examples: int, trials: int, noise: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs of true mean zero (trials, examples, INPUTS), teachers of length 1 (trials, INPUTS, 1), and targets."""
    x = rng.normal(size=(trials, examples, INPUTS))
    w = rng.normal(size=(trials, INPUTS, 1))
    w /= np.linalg.norm(w, axis=1, keepdims=True)
    return x, w, x @ w + TARGET + noise * rng.normal(size=(trials, examples, 1))


def find_test_errors(w: np.ndarray, b: np.ndarray, shift: float, teacher: np.ndarray) -> np.ndarray:
    """Mean squared error of w·x + b on new inputs of mean `shift`, without the noise of targets, shape (trials,)."""
    level = b + shift * w.sum(axis=1, keepdims=True) - TARGET
    return (((w - teacher) ** 2).sum(axis=1, keepdims=True) + level**2)[:, 0, 0]
