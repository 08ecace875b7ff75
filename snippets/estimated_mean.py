"""How many examples does it take to estimate the mean that is subtracted, and is the median as good?

About as many as there are inputs: what is left of the mean after subtracting that of N examples has ρ = 1/N on average,
so κ₀ is about 1 + n/N. The median leaves the difference between median and mean, however many examples there are: for
lognormal inputs {{ median_ratio | digits(2) }} standard deviations, so κ₀ = {{ kappa.median | digits(2) }} for
{{ n }} of them.

    ρ    squared mean over variance of what is left; κ₀ = 1 + nρ without a bias
    N    examples from which the mean is estimated
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from lib.numerics import Draws, draws

SEED = 0
N, SAMPLES = 100, (10, 100, 1000)


@dataclass(frozen=True)
class Result:
    n: int
    "Uncorrelated inputs, all alike."
    samples: tuple[int, ...]
    "Examples from which the mean is estimated."
    kappas: tuple[float, ...]
    "1 + n/N for each."
    median_ratio: float
    "Mean minus median of a lognormal input, in standard deviations."
    kappa: dict[str, float]
    "κ₀ of lognormal inputs: as they are, and after subtracting the median of the distribution."


def compute() -> Result:
    mean, median = np.exp(0.5), 1.0
    std = np.sqrt((np.e - 1) * np.e)
    return Result(
        n=N,
        samples=SAMPLES,
        kappas=tuple(1 + N / size for size in SAMPLES),
        median_ratio=float((mean - median) / std),
        kappa={"raw": float(1 + N * (mean / std) ** 2), "median": float(1 + N * ((mean - median) / std) ** 2)},
    )


def equation_left() -> Draws:
    r"""\mathbb{E}[\rho] = \frac{1}{N}, \qquad \kappa_0 \approx 1 + \frac{n}{N}"""
    for rng in draws(4):
        size, n = int(rng.integers(2, 11)), 50
        signs = np.array(list(product([-1, 1], repeat=size)))  # all samples of a variable of mean 0 and variance 1
        means = rng.exponential(size=(40, size, n)).mean(axis=1) - 1
        kappas = [np.linalg.cond(np.eye(n) + np.outer(mean, mean)) for mean in means]
        letters = {"N": size, "n": n, r"\kappa_0": np.mean(kappas), r"\approx": 0.15}
        yield letters | {r"\mathbb{E}[\rho]": np.mean(signs.mean(axis=1) ** 2)}


def claim_the_mean_of_few_examples_will_do(result: Result) -> None:
    """{{ n }} inputs, centered by the mean of {{ samples | integer | list }} examples: κ₀ is
    {{ kappas | digits(2) | list }} on average. Lognormal ones centered by their median have
    {{ kappa.median | digits(2) }}, and {{ kappa.raw | integer }} as they are."""
    rng = np.random.default_rng(SEED)
    for size, kappa in zip(result.samples, result.kappas):
        means = np.array([rng.normal(size=(size, N)).mean(axis=0) for _ in range(20)])
        measured = np.mean([np.linalg.cond(np.eye(N) + np.outer(m, m)) for m in means])
        assert abs(measured / kappa - 1) < 0.1
    z, step = np.linspace(-8, 8, 16_001, retstep=True)
    x, density = np.exp(z), np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * step
    mean, square = density @ x, density @ x**2
    assert abs(np.median(x) - 1) < 1e-3
    for center, name in ((0, "raw"), (1, "median")):
        kappa = 1 + result.n * (mean - center) ** 2 / (square - mean**2)
        assert abs(kappa / result.kappa[name] - 1) < 1e-3
    assert abs(result.median_ratio**2 * result.n + 1 - result.kappa["median"]) < 1e-9


if __name__ == "__main__":
    print(compute())
