"""What does momentum gain at best, and what does it do to an oscillating error (Goh, 2017)?

It puts √κ in the place of κ: a search over step sizes and momenta finds no smaller factor per step. And an oscillating
error falls by √β a step, {{ modulus | digits(3) }} for β = {{ beta | digits(1) }}; the 2√β that is printed would make
it explode.

    kappa  condition number: curvatures from 1 to kappa
    beta   momentum
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import find_minimum
from lib.optimizers import momentum_path
from lib.quadratics import momentum_factor

KAPPAS = (10, 100, 1000)
BETA = 0.9
CURVATURE = 0.3  # times the step size, where the error oscillates


@dataclass(frozen=True)
class Result:
    kappas: tuple[int, ...]
    "Condition numbers."
    tuned: tuple[float, ...]
    "Least factor per step that any step size and momentum give, searched for, one entry per condition number."
    beta: float
    "A usual momentum."
    modulus: float
    "Factor per step of the error under it, measured where it oscillates."
    misprint: float
    "Twice the root of that momentum."


def best_factor(kappa: float) -> float:
    """Least factor per step over step sizes and momenta, for curvatures between 1 and kappa, by search."""

    def over_steps(beta):
        low, high = ((1 + sign * np.sqrt(beta)) ** 2 / kappa for sign in (-1, 1))
        steps = np.append(np.linspace(low, 1.2 * high, 13)[1:], high)
        return np.maximum(momentum_factor(steps, beta), momentum_factor(kappa * steps, beta)).min()

    return float(over_steps(find_minimum(over_steps, 0, 1)))


def measured_factor(beta: float) -> float:
    """Factor per step of an oscillating error: the fall of its largest swings between steps 100–200 and 300–400."""
    sizes = abs(momentum_path(np.array([CURVATURE]), np.ones(1), 1.0, beta, 400)[1:, 0])
    return float((sizes[300:].max() / sizes[100:200].max()) ** (1 / 200))


def compute() -> Result:
    return Result(
        kappas=KAPPAS,
        tuned=tuple(best_factor(kappa) for kappa in KAPPAS),
        beta=BETA,
        modulus=measured_factor(BETA),
        misprint=2 * float(np.sqrt(BETA)),
    )


def claim_root_of_momentum(result: Result) -> None:
    """With momentum of {{ beta | digits(1) }} an oscillating error falls by a factor {{ modulus | digits(3) }} a step;
    twice the root would be {{ misprint | digits(3) }}, and every such run would explode."""
    assert abs(result.modulus - np.sqrt(BETA)) < 1e-3  # its largest swings are met at whole steps only
    roots = np.roots([1, -(1 + BETA - CURVATURE), BETA])
    assert abs(roots[0].imag) > 0.1 and np.allclose(abs(roots), np.sqrt(BETA))
    assert result.misprint > 1 > result.modulus


def claim_tuned_momentum(result: Result) -> None:
    r"""A search over step sizes and momenta finds, for condition numbers of {{ kappas | integer | list }}, factors per
    step of {{ tuned | digits(3) | list }}: as near as a search goes, $(\sqrt{\kappa} - 1)/(\sqrt{\kappa} + 1)$."""
    rates = [(np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1) for kappa in KAPPAS]
    assert np.allclose(result.tuned, rates, rtol=1e-6)


if __name__ == "__main__":
    print(compute())
