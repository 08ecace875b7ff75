"""Can centering make the condition number larger?

Without a bias it can: from {{ kappa.raw | digits(3) }} to {{ kappa.centered | integer }} where the mean lies along the
flattest direction. With a bias it cannot.
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws
from lib.quadratics import condition_number, hessian_with_bias

VARIANCES, MEAN = np.array([1.0, 0.01]), np.array([0.0, 1.0])


@dataclass(frozen=True)
class Result:
    variances: tuple[float, ...]
    "Variances of two inputs."
    mean: tuple[float, ...]
    "Their means."
    kappa: dict[str, float]
    "Condition number: without a bias as they are and centered, with a bias as they are and centered."


def compute() -> Result:
    return Result(
        variances=tuple(VARIANCES),
        mean=tuple(MEAN),
        kappa={
            "raw": condition_number(np.diag(VARIANCES) + np.outer(MEAN, MEAN)),
            "centered": condition_number(np.diag(VARIANCES)),
            "raw_bias": condition_number(hessian_with_bias(MEAN, VARIANCES)),
            "centered_bias": condition_number(hessian_with_bias(0 * MEAN, VARIANCES)),
        },
    )


def draw_covariance(rng: np.random.Generator, n: int) -> np.ndarray:
    """A random covariance matrix with variances of unlike size."""
    root = rng.normal(size=(n, n)) * np.exp(rng.normal(size=n))
    return root @ root.T


def claim_without_a_bias_it_can(result: Result) -> None:
    """Two inputs with variances of {{ variances | digits(1) | list }} and means of {{ mean | integer | list }}: without
    a bias κ is {{ kappa.raw | digits(3) }} as they are and {{ kappa.centered | integer }} centered; with one
    {{ kappa.raw_bias | integer }} and {{ kappa.centered_bias | integer }}."""
    rng = np.random.default_rng(0)
    z = rng.choice((-1.0, 1.0), size=(200_000, 2))  # a second route: singular values of samples
    x = MEAN + np.sqrt(VARIANCES) * z
    designs = {"raw": x, "centered": x - MEAN}
    designs |= {f"{name}_bias": np.column_stack([design, np.ones(len(x))]) for name, design in designs.items()}
    for name, design in designs.items():
        values = np.linalg.svd(design / np.sqrt(len(x)), compute_uv=False)
        assert abs((values[0] / values[-1]) ** 2 / result.kappa[name] - 1) < 0.02, name


def claim_with_a_bias_it_cannot(result: Result) -> None:
    """With a bias centering never makes κ larger, whatever mean and covariance are drawn."""
    for rng in draws(1000):
        n = int(rng.integers(1, 6))
        covariance, mean = draw_covariance(rng, n), 3 * rng.normal(size=n)
        H = np.block([[covariance + np.outer(mean, mean), mean[:, None]], [mean[None], np.ones((1, 1))]])
        centered = np.block([[covariance, np.zeros((n, 1))], [np.zeros((1, n)), np.ones((1, 1))]])
        assert condition_number(H) >= condition_number(centered) * (1 - 1e-9)
    assert result.kappa["raw_bias"] > result.kappa["centered_bias"]


def equation_inverse() -> Draws:
    r"""\begin{pmatrix} \Sigma + \mu\mu^\top & \mu \\ \mu^\top & 1 \end{pmatrix}^{-1} =
    \begin{pmatrix} \Sigma^{-1} & -\Sigma^{-1}\mu \\ -\mu^\top\Sigma^{-1} & 1 + \mu^\top\Sigma^{-1}\mu \end{pmatrix}"""
    for rng in draws(3):
        yield {r"\Sigma": draw_covariance(rng, 3), r"\mu": rng.normal(size=3)}
