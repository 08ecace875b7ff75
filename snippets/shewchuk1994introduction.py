"""Is the bound of steepest descent ever reached (Shewchuk, 1994)?

Yes, from special starts, an error of (1, ±κ) on a bowl of curvatures κ and 1; of random starts a share of
{{ slower | percent }} does as badly, or nearly.
"""

from dataclasses import dataclass

import numpy as np

from lib.quadratics import descent_factor, line_search

SEED = 0
KAPPAS = (3.0, 23.0, 101.0)
STARTS = 200


@dataclass(frozen=True)
class Result:
    starts: int
    "Random starts on each bowl."
    slower: float
    "Largest share of them, over the bowls, whose first step is as slow as the bound, or nearly."


def energy_factors(kappa: float, start: np.ndarray, tolerance: float) -> np.ndarray:
    """Factors by which each step of line search multiplies √(eᵀHe), H of curvatures κ and 1."""
    path = line_search(np.diag([kappa, 1.0]), start, tolerance)
    losses = path**2 @ [kappa, 1.0]
    return np.sqrt(losses[1:] / losses[:-1])


def first_factors(kappa: float) -> np.ndarray:
    """The factor of the first step from each random start."""
    starts = np.random.default_rng(SEED).normal(size=(STARTS, 2))
    return np.array([energy_factors(kappa, start, 0.999)[0] for start in starts])


def compute() -> Result:
    shares = [float(np.mean(first_factors(kappa) >= 0.999 * descent_factor(kappa))) for kappa in KAPPAS]
    return Result(starts=STARTS, slower=max(shares))


def claim_worst_starts(result: Result) -> None:
    r"""From an error of $(1, \pm\kappa)$ on a bowl of curvatures $\kappa$ and 1, an exact line search multiplies the
    error’s energy norm by the bound, $(\kappa - 1)/(\kappa + 1)$, at every step; from {{ starts }} random starts on the
    same bowl never by more, and noticeably less from all but {{ slower | percent }}."""
    for kappa in KAPPAS:
        bound = (kappa - 1) / (kappa + 1)
        for sign in (-1, 1):
            factors = energy_factors(kappa, np.array([1, sign * kappa]), bound**24)
            assert len(factors) >= 12 and np.allclose(factors, bound)
        assert first_factors(kappa).max() <= bound + 1e-12
    assert 0 < result.slower < 0.1


if __name__ == "__main__":
    print(compute())
