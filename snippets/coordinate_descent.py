"""Does coordinate descent do without standardized features, since each weight has a step of its own?

It does not feel scales, and pays for means: features that share a mean are alike, and what one weight has done the next
one undoes. Age, height and a constant take {{ cycles.people | digits(2) }} cycles to a millionth of the error;
{{ n }} inputs like sigmoid outputs, no bias, take {{ cycles.sigmoid | digits(2) }}, where descent takes
{{ descent.sigmoid | digits(2) }} steps.

    H       Hessian E[xxᵀ]; L its lower triangle with the diagonal
    cycle   each weight once, each set to what is best for the others as they are: e becomes (I − L⁻¹H) e
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws
from lib.quadratics import MILLIONTH, best_step, hessian, hessian_with_bias

SEED = 0
STARTS = 5
MEANS, DEVIATIONS = np.array([40.0, 1.7]), np.array([12.0, 0.1])  # age in years, height in meters
N, MEAN, STD = 100, 0.5, 0.208  # inputs like outputs of a sigmoid of standard normal numbers


@dataclass(frozen=True)
class Result:
    n: int
    "Inputs like sigmoid outputs."
    mean: float
    "Mean of each."
    std: float
    "Standard deviation of each."
    starts: int
    "Random errors from which runs start."
    cycles: dict[str, float]
    "Cycles of coordinate descent to a millionth of the error, median of the starts."
    descent: dict[str, float]
    "Steps of gradient descent at the best constant step from the same starts."


def make_hessians() -> dict[str, np.ndarray]:
    """Hessians: people with a constant, in other units, centered, and inputs like sigmoid outputs."""
    return {
        "people": hessian_with_bias(MEANS, DEVIATIONS**2),
        "units": hessian_with_bias(MEANS * [1, 100], (DEVIATIONS * [1, 100]) ** 2),
        "centered": hessian_with_bias(np.zeros(2), DEVIATIONS**2),
        "sigmoid": hessian(np.full(N, MEAN), STD**2),
        "bias": hessian_with_bias(np.full(N, MEAN), STD**2),
    }


def cycle_matrix(H: np.ndarray) -> np.ndarray:
    """The matrix by which a cycle multiplies the error."""
    return np.eye(len(H)) - np.linalg.solve(np.tril(H), H)


def count_cycles(M: np.ndarray, errors: np.ndarray) -> float:
    """Median over errors (n, starts) of the least t at which the length of Mᵗe is a millionth, by powers of two."""
    powers = [M]
    while len(powers) < 27:
        powers.append(powers[-1] @ powers[-1])
    goals, steps = MILLIONTH * np.linalg.norm(errors, axis=0), np.ones(errors.shape[1])
    for k in range(len(powers) - 1, -1, -1):
        ahead = powers[k] @ errors
        short = np.linalg.norm(ahead, axis=0) > goals
        errors, steps = np.where(short, ahead, errors), steps + 2**k * short
    return float(np.median(steps))


def draw_starts(n: int) -> np.ndarray:
    """Errors at the start, normally distributed, shape (n, STARTS)."""
    return np.random.default_rng(SEED).normal(size=(n, STARTS))


def compute() -> Result:
    matrices = make_hessians()
    return Result(
        n=N,
        mean=MEAN,
        std=STD,
        starts=STARTS,
        cycles={name: count_cycles(cycle_matrix(H), draw_starts(len(H))) for name, H in matrices.items()},
        descent={
            name: count_cycles(np.eye(len(H)) - best_step(H) * H, draw_starts(len(H))) for name, H in matrices.items()
        },
    )


def run_cycles(H: np.ndarray, errors: np.ndarray, steps: int) -> np.ndarray:
    """Lengths after each cycle of errors (n, starts), weight by weight, each set to the minimum along its axis."""
    errors, lengths = errors.copy(), []
    for _ in range(steps):
        for j in range(len(H)):
            errors[j] -= H[j] @ errors / H[j, j]
        lengths.append(np.linalg.norm(errors, axis=0))
    return np.array(lengths)


def steps_in_eigenvectors(H: np.ndarray, starts: np.ndarray) -> float:
    """Median number of steps of descent at the best step to a millionth of the error, by bisection on a closed form."""
    values, vectors = np.linalg.eigh(H)
    parts, factors = (vectors.T @ starts) ** 2, (1 - 2 / (values[0] + values[-1]) * values) ** 2
    low, high = np.zeros(starts.shape[1]), np.full(starts.shape[1], 2.0**27)
    while np.any(high - low > 1):
        middle = (low + high) // 2
        done = np.sum(parts * factors[:, None] ** middle, axis=0) <= MILLIONTH**2 * np.sum(parts, axis=0)
        low, high = np.where(done, low, middle), np.where(done, middle, high)
    return float(np.median(high))


def claim_coordinate_descent_pays_for_means(result: Result) -> None:
    """Coordinate descent on age, height and a constant needs {{ cycles.people | digits(2) }} cycles to a millionth of
    the error, {{ cycles.units | digits(2) }} with height in centimeters, and {{ cycles.centered | integer }} with both
    centered. On {{ n }} uncorrelated inputs of mean {{ mean | digits(1) }} and standard deviation {{ std | digits(3) }}
    it needs {{ cycles.sigmoid | digits(2) }} cycles without a bias, where descent needs
    {{ descent.sigmoid | digits(2) }} steps, and {{ cycles.bias | digits(2) }} with a bias, where descent needs
    {{ descent.bias | digits(2) }}."""
    for name, H in make_hessians().items():
        starts = draw_starts(len(H))
        cap = int(result.cycles[name] * 1.05) + 2
        if name == "sigmoid":  # the map is linear: what it makes of the axes is all of it
            T, lengths, errors = np.eye(len(H)), [], starts
            for j in range(len(H)):
                T[j] -= H[j] @ T / H[j, j]
            for _ in range(cap):
                errors = T @ errors
                lengths.append(np.linalg.norm(errors, axis=0))
        else:
            lengths = run_cycles(H, starts, cap)
        arrived = np.array(lengths) <= MILLIONTH * np.linalg.norm(starts, axis=0)
        counts = np.where(arrived.any(axis=0), arrived.argmax(axis=0) + 1, np.inf)
        assert abs(np.median(counts) / result.cycles[name] - 1) < 0.01
        assert abs(steps_in_eigenvectors(H, starts) / result.descent[name] - 1) < 0.02
    assert result.cycles["centered"] == 1 and result.cycles["sigmoid"] > result.descent["sigmoid"]
    assert result.cycles["bias"] < result.descent["bias"] and (result.mean, result.std) == (MEAN, STD)


def equation_pair() -> Draws:
    r"""\gamma = \left(\frac{\mu^2}{s^2 + \mu^2}\right)^2"""
    for rng in draws(6):
        mean, std = rng.normal() + 2, rng.uniform(0.5, 2)
        M = cycle_matrix(hessian(np.full(2, mean), std**2))
        yield {r"\gamma": abs(np.linalg.eigvals(M)).max(), r"\mu": mean, "s": std}


if __name__ == "__main__":
    print(compute())
