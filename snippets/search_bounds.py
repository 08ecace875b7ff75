"""What do line search and conjugate gradients cost at most?

The bound for line search guarantees {{ guaranteed | integer }} steps and is tight; the bound for conjugate gradients
guarantees {{ guaranteed_conjugate }}, and they take {{ conjugate }}, one for each distinct eigenvalue.

    H      Hessian I + μμᵀ of a neuron with n inputs of variance 1 and mean r each, no bias
    steps  to a millionth of the starting loss
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws
from lib.quadratics import (
    MILLIONTH,
    conjugate_gradients,
    hessian,
    hessian_with_bias,
    line_search,
    worst_search_start,
)
from lib.sigmoid_inputs import RATIO, UNITS

SEED = 0


@dataclass(frozen=True)
class Result:
    guaranteed: int
    "Steps that are enough for line search from any start, by the bound with κ."
    searched_worst: int
    "Steps of line search from the start that is worst for it."
    conjugate: int
    "Steps of conjugate gradients on the same problem."
    conjugate_bias: int
    "The same with a bias."
    guaranteed_conjugate: int
    "Steps that are enough for conjugate gradients, by the bound with √κ."


def compute() -> Result:
    rng, mean = np.random.default_rng(SEED), np.full(UNITS, RATIO)
    H, H_bias = hessian(mean), hessian_with_bias(mean)
    kappa = np.linalg.cond(H)
    shared = np.linalg.solve(np.linalg.cholesky(H_bias).T, rng.normal(size=UNITS + 1))  # the loss in all directions
    return Result(
        guaranteed=int(np.ceil(kappa / 2 * np.log(1 / np.sqrt(MILLIONTH)))),
        searched_worst=len(line_search(H, worst_search_start(H))) - 1,
        conjugate=len(conjugate_gradients(H, rng.normal(size=UNITS))) - 1,
        conjugate_bias=len(conjugate_gradients(H_bias, shared)) - 1,
        guaranteed_conjugate=int(np.ceil(np.sqrt(kappa) / 2 * np.log(2 / np.sqrt(MILLIONTH)))),
    )


def claim_bounds_hold(result: Result) -> None:
    """The bound for line search guarantees {{ guaranteed | integer }} steps and is tight: the worst start needs
    {{ searched_worst | integer }}. The bound for conjugate gradients guarantees {{ guaranteed_conjugate }}; they need
    {{ conjugate }}."""
    assert abs(result.searched_worst - result.guaranteed) <= 1 and result.conjugate == 2 < result.guaranteed_conjugate
    root = np.sqrt(1 + UNITS * RATIO**2)
    enough = np.ceil(np.log(np.sqrt(MILLIONTH) / 2) / np.log((root - 1) / (root + 1)))
    assert 0 <= result.guaranteed_conjugate - enough <= 1
    for n, ratio in ((3, 1.0), (10, 0.7), (30, 2.0)):
        H = hessian(np.full(n, ratio))
        for start in (worst_search_start(H), np.random.default_rng(SEED).normal(size=n)):
            enough = np.ceil(np.linalg.cond(H) / 2 * np.log(1e3))
            assert len(line_search(H, start)) - 1 <= enough


def claim_conjugate_steps(result: Result) -> None:
    """Conjugate gradients need {{ conjugate }} steps, one for each distinct eigenvalue of the Hessian, and
    {{ conjugate_bias }} with a bias."""
    H = hessian(np.full(UNITS, RATIO))
    assert result.conjugate == len(set(np.round(np.linalg.eigvalsh(H), 6))) == 2
    x = np.vstack([np.eye(UNITS), np.zeros(UNITS)])
    x = np.hstack([x, np.append(np.full(UNITS, RATIO), 1)[:, None]])  # H with a bias is x xᵀ
    assert result.conjugate_bias == len(set(np.round(np.linalg.svd(x)[1] ** 2, 6))) == 3


def equation_worst_factor() -> Draws:
    r"""L_{t+1} \le \left(\frac{\kappa-1}{\kappa+1}\right)^2 L_t"""
    for rng in draws(20):
        H = hessian(np.full(5, rng.uniform(0.3, 3)))
        start = worst_search_start(H) if rng.random() < 0.5 else rng.normal(size=5)  # equality at the worst start
        errors = line_search(H, start, tolerance=0.5)
        yield {
            "L_{t+1}": errors[1] @ H @ errors[1] / 2,
            "L_t": errors[0] @ H @ errors[0] / 2,
            r"\kappa": np.linalg.cond(H),
        }


def equation_energy() -> Draws:
    r"""\sqrt{e_{t+1}^\top H e_{t+1}} \le \frac{\kappa-1}{\kappa+1}\sqrt{e_t^\top H e_t}"""
    for rng in draws(20):
        H = rng.choice([0.1, 10]) * hessian(np.full(5, rng.uniform(0.3, 3)))
        start = rng.choice([0.1, 10]) * (worst_search_start(H) if rng.random() < 0.5 else rng.normal(size=5))
        errors = line_search(H, start, tolerance=0.5)
        yield {"e_{t+1}": errors[1], "e_t": errors[0], "H": H, r"\kappa": np.linalg.cond(H)}


if __name__ == "__main__":
    print(compute())
