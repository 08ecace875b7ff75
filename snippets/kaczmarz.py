"""What does a large mean cost if examples come one at a time?

Many random ones pay a factor of 1 + r²/2 only, with exact steps: {{ measured | digits(2) }} measured at a mean
of {{ ratio | digits(2) }} standard deviations.

    exact step  the shortest change of the weights that fits one example: e loses its part along x
    r           mean over standard deviation of one input
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from lib.activation_functions import FUNCTIONS
from lib.exact_steps import exact_steps
from lib.gaussian import mean_over_std
from lib.numerics import Draws, draws
from lib.stochastic import moment_map

SEED = 0
UNITS, RATIO = 50, 2.4
WIDE = 100
LAYERS = ("relu", "uniform", "sigmoid")


@dataclass(frozen=True)
class Result:
    wide: int
    "Units of the layers."
    alike: dict[str, float]
    "r²/(1 + r²): ReLU and sigmoid of N(0, 1), uniform on (0, 1)."
    exact_factor: dict[str, float]
    "1 + r²/2, what a random example at a time with exact steps pays for the mean."
    units: int
    "Inputs of the measured runs."
    ratio: float
    "Their mean in standard deviations."
    predicted: float
    "1 + r²/2 for it."
    measured: float
    "How many times more exact steps are measured to be needed than centered."
    bounded: float
    "1 + r², what the bound of Strohmer and Vershynin allows."


def log_error_per_step(mean: float, runs: int = 40, steps: int = 1200, skip: int = 200) -> float:
    """Mean fall of ln‖e‖ per exact step on a random example of UNITS normal inputs, after the first `skip`."""
    rng = np.random.default_rng(SEED)
    left = exact_steps(rng.normal(size=(runs, UNITS)), (rng.normal(mean, 1, (runs, UNITS)) for _ in range(steps)))
    lengths = [np.log(np.linalg.norm(e, axis=1)).mean() for e in left]
    return (lengths[skip] - lengths[-1]) / (steps - 1 - skip)


def compute() -> Result:
    squares = {"uniform": 3.0} | {layer: mean_over_std(FUNCTIONS[layer]) ** 2 for layer in ("relu", "sigmoid")}
    return Result(
        wide=WIDE,
        alike={layer: squares[layer] / (1 + squares[layer]) for layer in LAYERS},
        exact_factor={layer: 1 + squares[layer] / 2 for layer in LAYERS},
        units=UNITS,
        ratio=RATIO,
        predicted=1 + RATIO**2 / 2,
        measured=log_error_per_step(0.0) / log_error_per_step(RATIO),
        bounded=1 + RATIO**2,
    )


def claim_examples_are_alike(result: Result) -> None:
    """Two random examples have a mean cosine of about {{ alike.sigmoid | digits }} if they come from a sigmoid layer,
    {{ alike.uniform | digits(2) }} if uniform between 0 and 1, {{ alike.relu | digits }} from ReLU: measured on
    {{ wide }} units."""
    rng = np.random.default_rng(SEED)
    for layer, alike in result.alike.items():
        x, other = (
            rng.random((2, 2000, WIDE)) if layer == "uniform" else FUNCTIONS[layer](rng.normal(size=(2, 2000, WIDE)))
        )
        cosines = np.sum(x * other, 1) / np.linalg.norm(x, axis=1) / np.linalg.norm(other, axis=1)
        assert abs(cosines.mean() - alike) < 0.02
        assert abs(2 * (result.exact_factor[layer] - 1) * (1 - alike) / alike - 1) < 1e-9


def claim_many_inputs(result: Result) -> None:
    """Measured on {{ units }} normal inputs with a mean of {{ ratio | digits(2) }} standard deviations, exact steps on
    random examples need {{ measured | digits(2) }} times as many as centered; the formula says
    {{ predicted | digits(3) }} for many inputs, the bound above allows {{ bounded | digits(3) }}."""
    # centered, a step takes one part in UNITS of the square
    assert abs(2 * UNITS * log_error_per_step(0.0, 10, 400, 100) - 1) < 0.2
    assert abs(result.measured / result.predicted - 1) < 0.12 and result.measured < result.bounded
    assert abs((result.bounded + 1) / 2 - result.predicted) < 1e-12
    law = [np.linalg.eigvals(moment_map(1 / UNITS / (1 + r**2), 1, UNITS, UNITS * r**2)).max() for r in (0, RATIO)]
    assert abs(np.log(law[0]) / np.log(law[1]) / result.measured - 1) < 0.12  # constant steps of that mean size


def equation_exact_step() -> Draws:
    r"""e' = e - \frac{x^\top e}{x^\top x}\, x"""
    for rng in draws(10):
        x, w, best = rng.normal(size=(3, 4))
        shortest = np.linalg.lstsq(x[None], [x @ best - x @ w], rcond=None)[0]  # the shortest change that fits
        yield {"e'": w + shortest - best, "e": w - best, "x": x}


def equation_alike() -> Draws:
    r"""\frac{\mathbb{E}[x^\top x']}{\mathbb{E}[x^\top x]} = \frac{r^2}{1+r^2}"""
    for rng in draws(10):
        low, high, p = *rng.uniform(-1, 2, 2), rng.uniform(0.2, 0.8)
        values, chance = np.array(list(product([low, high], repeat=3))), np.prod(list(product([1 - p, p], repeat=3)), 1)
        yield {
            r"\mathbb{E}[x^\top x']": chance @ (values @ values.T) @ chance,
            r"\mathbb{E}[x^\top x]": chance @ np.sum(values**2, axis=1),
            "r": (p * high + (1 - p) * low) / np.sqrt(p * (1 - p)) / abs(high - low),
        }


def equation_balance() -> Draws:
    r"""\frac{A}{C} \approx \frac{1}{2 + r^2}"""
    for r, _, (along, across) in slow_modes():
        yield {"A": along, "C": across, "r": r, r"\approx": 1e-4}


def equation_many() -> Draws:
    r"""\frac{1-\gamma_0}{1-\gamma} \approx 1 + \tfrac{1}{2} r^2"""
    centered = np.linalg.eigvals(moment_map(1e-6, 1, 10**6, 0.0)).max()
    for r, factor, _ in slow_modes():
        yield {r"\gamma_0": centered, r"\gamma": factor, "r": r, r"\approx": 1e-4}


def equation_bound() -> Draws:
    r"""\mathbb{E}\,\lVert e'\rVert^2 = \lVert e\rVert^2 - \frac{\lVert X^\top e\rVert^2}{\lVert X\rVert_F^2} \le
    \left(1 - \frac{\lambda_{\min}}{\operatorname{tr} H}\right) \lVert e\rVert^2"""
    for seed, rng in enumerate(draws(12)):
        X = rng.normal(0.5, 1, (3, 5))  # a column is an example
        vectors, values, _ = np.linalg.svd(X)
        e = 0.5 * vectors[:, -1] if seed < 6 else rng.normal(size=3)  # the flattest direction: equality
        chances, after = np.sum(X**2, axis=0) / np.sum(X**2), np.array([next(exact_steps(e, [x])) for x in X.T])
        yield {
            r"\mathbb{E}\lVert e'\rVert^2": chances @ np.sum(after**2, axis=1),
            "e": e,
            "X": X,
            r"\lVert X\rVert_F": np.linalg.norm(values),
            r"\lambda_{\min}": values[-1] ** 2 / 5,
            "H": X @ X.T / 5,
            r"\operatorname{tr}": np.trace,
        }


def slow_modes() -> Iterator[tuple[float, float, np.ndarray]]:
    """r, the factor of the mean square error per step, and (A, C), for a million inputs: the law of single examples."""
    for r in np.random.default_rng(0).uniform(0.3, 3, 8):
        n = 10**6
        values, vectors = np.linalg.eig(moment_map(1 / n / (1 + r**2), 1, n, n * r**2))
        yield r, values.max(), vectors[:, values.argmax()]


if __name__ == "__main__":
    print(compute())
