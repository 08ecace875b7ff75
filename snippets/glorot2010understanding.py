"""How much does a layer with Glorot and Bengio's weights (2010) shrink a signal?

Their weights keep its mean square, and still shrink the average direction: the mean singular value of a square random
matrix is {{ layer[0] | digits(2) }}, and {{ layer[1] | digits(2) }} with the weights that were usual before.
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws

SEED = 0
SIZE, DRAWS = 100, 3
STDS = (1.0, 1 / np.sqrt(3))  # of the weights, times √n: normalized, and uniform on ±1/√n
REPORTED = {"sigmoid": 82.61, "tanh": 27.15, "normalized": 15.60}


@dataclass(frozen=True)
class Result:
    layer: tuple[float, float]
    "Mean singular value of a square random matrix, normalized and older weights, median of the draws."
    limit: tuple[float, float]
    "The same for unlimited n, 8/(3π) and a √3rd of it."
    reported: dict[str, float]
    "Test error in percent, Shapeset and the deepest net, as the paper's Table 1 prints it."


def compute() -> Result:
    matrices = np.random.default_rng(SEED).normal(size=(DRAWS, SIZE, SIZE)) / np.sqrt(SIZE)
    mean = float(np.median(np.linalg.svd(matrices, compute_uv=False).mean(axis=1)))
    return Result(
        layer=tuple(mean * std for std in STDS),
        limit=tuple(8 / (3 * np.pi) * std for std in STDS),
        reported=REPORTED,
    )


def claim_layers_shrink_a_little(result: Result) -> None:
    """A square layer with normalized initial weights has a mean singular value of {{ layer[0] | digits(2) }}, with the
    older, uniform ones {{ layer[1] | digits(2) }}; with unlimited units {{ limit | digits(3) | list }}."""
    t = (np.arange(20_000) + 0.5) / 10_000  # singular values follow a quarter circle on 0 to 2
    mean = np.mean(t * np.sqrt(4 - t**2)) * 2 / np.pi
    np.testing.assert_allclose((mean, mean / np.sqrt(3)), result.limit, rtol=1e-5)
    np.testing.assert_allclose(result.layer, result.limit, rtol=0.02)
    n = 150
    entries = np.random.default_rng(SEED + 1).uniform(-1, 1, size=(n, n)) / np.sqrt(n)  # the “standard” of the paper
    assert abs(np.linalg.norm(entries, "nuc") / n / result.limit[1] - 1) < 0.02


def equation_singular() -> Draws:
    r"""\bar{s} \approx \frac{8}{3\pi}\,\sqrt{n \operatorname{Var}[w]}"""
    for rng in draws(4):
        n, width = int(rng.integers(60, 100)), rng.uniform(0.1, 2)
        values = np.linalg.eigvalsh((w := rng.uniform(-width, width, size=(n, n))) @ w.T)
        letters = {"n": n, r"\operatorname{Var}[w]": w.var()}
        yield {r"\bar{s}": np.sqrt(abs(values)).mean(), r"\approx": 0.03, **letters}


if __name__ == "__main__":
    print(compute())
