"""How many steps does momentum save at its best?

√κ takes the place of κ: with the best step size and β it leaves (√κ − 1)/(√κ + 1) of the error a step.

    z      step size times curvature
    ρ      a root of ρ² − (1 + β − z)ρ + β: what an error is multiplied by in each step of momentum
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from lib.numerics import Draws, draws, find_minimum, find_root
from lib.optimizers import momentum_path, momentum_radius
from lib.quadratics import (
    tuned_momentum,
)


@dataclass(frozen=True)
class Result:
    kappas: tuple[float, ...]
    "Condition numbers for which the rate of tuned momentum is measured, too."


def compute() -> Result:
    return Result(
        kappas=(10.0, 100.0, 1000.0),
    )


def claim_root_of_kappa(result: Result) -> None:
    r"""For condition numbers of {{ kappas | integer | list }} tuned momentum has a measured rate of $\sqrt{\beta}$."""
    for kappa in result.kappas:
        step, beta = tuned_momentum(kappa, 1.0)
        run = abs(momentum_path(np.array([kappa, 1.0]), np.ones(2), step, beta, 4000 if kappa > 100 else 800))
        late = len(run) // 4
        measured = (run[2 * late, 1] / run[late, 1]) ** (1 / late)  # a double root: t ρᵗ, so a factor 2 remains
        assert abs(measured / 2 ** (1 / late) / np.sqrt(beta) - 1) < 1e-2 / np.sqrt(kappa)


def equation_best_step() -> Draws:
    r"""\eta = (1 + \beta)\, \frac{2}{\lambda_{\max} + \lambda_{\min}}"""
    for rng in draws(12):
        low = rng.uniform(0.1, 1)
        high = low * rng.uniform(50, 500)
        beta = rng.uniform(0.1, 0.5)
        step = find_minimum(partial(momentum_radius, beta=beta, curvatures=(low, high)), 0, 4 / high)
        yield {r"\eta": step, r"\beta": beta, r"\lambda_{\max}": high, r"\lambda_{\min}": low}


def equation_tuned() -> Draws:
    r"""\begin{aligned} \sqrt{\beta} &= \frac{\sqrt{\kappa} - 1}{\sqrt{\kappa} + 1}, \\
    \eta &= \left(\frac{2}{\sqrt{\lambda_{\max}} + \sqrt{\lambda_{\min}}}\right)^2 \end{aligned}"""
    for rng in draws(12):
        low = rng.uniform(0.1, 1)
        high = low * rng.uniform(2, 500)
        beta = find_root(lambda b, c=(low, high): complex_edge(b, c[0], 0) - complex_edge(b, c[1], 1), 0.0, 1.0)
        letters = {r"\kappa": high / low, r"\lambda_{\max}": high, r"\lambda_{\min}": low}
        yield {r"\beta": beta, r"\eta": complex_edge(beta, high, 1), **letters}


def complex_edge(beta: float, curvature: float, end: int) -> float:
    """Least (end 0) or largest (end 1) step size for which the roots are complex: where the discriminant is zero."""
    return np.sort(np.roots([curvature**2, -2 * curvature * (1 + beta), (1 - beta) ** 2]).real)[end]


if __name__ == "__main__":
    print(compute())
