"""How off-center are real images?

Almost entirely: of the largest eigenvalue of the digits' second moment, {{ top | digits(3) }}, the squared length of
the mean image is {{ mean_square | digits(3) }}. Any two images have a positive inner product.

    x         one image, pixels between 0 and 1
    together  E‖x‖₁²/E‖x‖₂², the mean number of pixels active together
"""

from dataclasses import dataclass

import numpy as np

from lib.data import digits


@dataclass(frozen=True)
class Result:
    images: int
    "Number of images."
    pixels: int
    "Pixels of each."
    top: float
    "Largest eigenvalue of the second moment E[xxᵀ]."
    mean_square: float
    "Squared length of the mean image."
    cosine: float
    "Between the eigenvector of the largest eigenvalue and the mean image."
    least_product: float
    "Smallest inner product of two images."
    mean_cosine: float
    "Mean cosine between two different images."
    lit: float
    "Mean number of pixels above zero in an image."
    together: float
    "E‖x‖₁²/E‖x‖₂²: the mean number of pixels active together."
    spread: float
    "Largest eigenvalue over the mean eigenvalue."
    dead: int
    "Pixels that are zero in every image."


def compute() -> Result:
    x, _ = digits()
    mean = x.mean(axis=0)
    values, vectors = np.linalg.eigh(x.T @ x / len(x))
    directions = x / np.linalg.norm(x, axis=1, keepdims=True)
    return Result(
        images=len(x),
        pixels=x.shape[1],
        top=values[-1],
        mean_square=mean @ mean,
        cosine=abs(vectors[:, -1] @ mean) / np.linalg.norm(mean),
        least_product=(x @ x.T).min(),
        mean_cosine=(np.sum(directions.sum(axis=0) ** 2) - len(x)) / len(x) / (len(x) - 1),
        lit=(x > 0).sum(axis=1).mean(),
        together=np.mean(x.sum(axis=1) ** 2) / np.mean((x**2).sum(axis=1)),
        spread=values[-1] / values.mean(),
        dead=int((x.max(axis=0) == 0).sum()),
    )


def claim_the_mean_is_the_top(result: Result) -> None:
    """Of the largest eigenvalue of the digits' second moment, {{ top | digits(5) }}, the mean image alone makes
    {{ mean_square | digits(5) }}, and their directions agree to a cosine of {{ cosine | digits(5) }}."""
    x, _ = digits()
    power = x.mean(axis=0)
    along = power @ (x.T @ (x @ power)) / len(x) / (power @ power)
    for _ in range(50):  # the power method, from the mean image
        power = x.T @ (x @ power) / len(x)
        power /= np.linalg.norm(power)
    assert abs(np.linalg.norm(x @ power) ** 2 / len(x) / result.top - 1) < 1e-9
    assert result.mean_square < along < result.top and power.min() >= 0
    mean = x.mean(axis=0)
    assert abs(power @ mean / np.linalg.norm(mean) - result.cosine) < 1e-9
    assert abs(mean @ mean - result.mean_square) < 1e-9


def claim_all_products_are_positive(result: Result) -> None:
    """No two of the {{ images | integer }} images are at a right angle: the least inner product is
    {{ least_product | digits }}, and the mean cosine {{ mean_cosine | digits }}."""
    x, _ = digits()
    products, lengths = x @ x.T, np.linalg.norm(x, axis=1)
    pairs = np.triu_indices(len(x), 1)
    assert min(products[pairs].min(), lengths.min() ** 2) == result.least_product > 0
    assert abs(np.mean((products / np.outer(lengths, lengths))[pairs]) - result.mean_cosine) < 1e-12
    assert len(x) == result.images


def claim_active_together(result: Result) -> None:
    """{{ lit | digits }} of {{ pixels }} pixels are above zero in an image, weighted by their brightness
    {{ together | digits }} are active together, and the largest eigenvalue is {{ spread | digits }} times the mean
    one."""
    x, _ = digits()
    H = x.T @ x / len(x)
    assert abs(H.sum() / np.trace(H) / result.together - 1) < 1e-12
    assert abs(np.count_nonzero(x) / len(x) / result.lit - 1) < 1e-9 and x.shape[1] == result.pixels
    assert abs(np.linalg.svd(x, compute_uv=False)[0] ** 2 / (x**2).sum() * result.pixels / result.spread - 1) < 1e-9
    assert result.together < result.lit < result.spread and H.min() >= 0
    assert (np.diag(H) == 0).sum() == result.dead > 0  # so some eigenvalues are zero, and κ says nothing


if __name__ == "__main__":
    print(compute())
