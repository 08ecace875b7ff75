"""What is a divergent transition of a Hamiltonian sampler?

A leapfrog step longer than 2/√λ along the curvature λ makes the energy grow without bound, as a step of descent beyond
2/λ makes the loss grow. In a funnel λ is another one in every place: between two standard deviations of v on either
side the largest stable steps differ {{ ratio | integer }}-fold.

    ε   leapfrog step; λ   curvature of minus the log density
    v   logarithm of a variance, from N(0, {{ width | integer }}²); x from N(0, eᵛ)
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws

SEED = 0
WIDTH, AT = 3.0, 6.0  # standard deviation of v; two of them
BELOW, BEYOND, STEPS = 0.95, 1.05, 60


@dataclass(frozen=True)
class Result:
    width: float
    "Standard deviation of v."
    at: float
    "v in the mouth; in the neck it is minus that."
    limit: dict[str, float]
    "Largest stable step in neck and mouth."
    ratio: float
    "Their quotient."
    shares: tuple[float, float]
    "Two steps over the largest stable one."
    energy: tuple[float, float]
    "Largest energy over the first one on the way, with each."
    steps: int
    "Leapfrog steps."


def leap(x: float, p: float, step: float, curvature: float, steps: int) -> np.ndarray:
    """Energies along leapfrog steps in the potential λx²/2."""
    energies = [p * p / 2 + curvature * x * x / 2]
    for _ in range(steps):
        p = p - step / 2 * curvature * x
        x = x + step * p
        p = p - step / 2 * curvature * x
        energies.append(p * p / 2 + curvature * x * x / 2)
    return np.array(energies)


def compute() -> Result:
    limit = {name: float(2 / np.sqrt(np.exp(-v))) for name, v in (("neck", -AT), ("mouth", AT))}
    curvature = float(np.exp(AT))
    runs = [leap(0.0, 1.0, share * limit["neck"], curvature, STEPS) for share in (BELOW, BEYOND)]
    return Result(
        width=WIDTH,
        at=AT,
        limit=limit,
        ratio=limit["mouth"] / limit["neck"],
        shares=(BELOW, BEYOND),
        energy=(float(max(runs[0]) / runs[0][0]), float(max(runs[1]) / runs[1][0])),
        steps=STEPS,
    )


def claim_the_funnel_has_no_step(result: Result) -> None:
    """In a funnel, v from N(0, {{ width | integer }}²) and x from N(0, eᵛ), the largest stable step along x is
    {{ limit.neck | digits(2) }} at v = −{{ at | integer }} and {{ limit.mouth | digits(2) }} at v = {{ at | integer }},
    {{ ratio | integer }} times as long. In the neck, {{ steps }} steps of {{ shares[0] | decimals(2) }} times the limit
    raise the energy at most {{ energy[0] | digits(2) }}-fold, of {{ shares[1] | decimals(2) }} times
    {{ energy[1] | scientific(1) }}-fold."""
    assert (result.width, result.at, result.shares, result.steps) == (3, 2 * result.width, (0.95, 1.05), 60)
    for name, sign in (("neck", 1), ("mouth", -1)):
        assert abs(result.limit[name] - 2 * np.exp(-sign * 3)) < 1e-9
    assert abs(result.ratio - np.exp(6)) < 1e-6
    for share, energy in zip(result.shares, result.energy):
        a = share * result.limit["neck"]
        curvature = 4 / result.limit["neck"] ** 2
        half = 1 - a * a * curvature / 2
        M = np.array([[half, a], [-a * curvature * (1 - a * a * curvature / 4), half]])
        state, most = np.array([0.0, 1.0]), 1.0
        for _ in range(result.steps):
            state = M @ state
            most = max(most, state[1] ** 2 + curvature * state[0] ** 2)
        assert abs(most / energy - 1) < 1e-6


def equation_trace() -> Draws:
    r"""\gamma_1 + \gamma_2 = 2 - \varepsilon^2 \lambda, \qquad \gamma_1\,\gamma_2 = 1"""
    for rng in draws(6):
        step, curvature = rng.uniform(0.1, 1), rng.uniform(0.5, 3)
        half = 1 - step**2 * curvature / 2
        M = np.array([[half, step], [-step * curvature * (1 - step**2 * curvature / 4), half]])
        (one, two), (x, p) = np.linalg.eigvals(M), rng.normal(size=2)
        after = M @ [x, p]
        assert abs(leap(x, p, step, curvature, 1)[1] - (after[1] ** 2 + curvature * after[0] ** 2) / 2) < 1e-9
        yield {r"\gamma_1": one, r"\gamma_2": two, r"\varepsilon": step, r"\lambda": curvature}


if __name__ == "__main__":
    print(compute())
