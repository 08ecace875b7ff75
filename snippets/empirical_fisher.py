"""What is the empirical Fisher where the model fits, and where does its step point?

It vanishes where the model fits, unlike the Fisher. On the linear model with cross-entropy the cosine of its step with
Newton's is {{ cosine.empirical | digits(2) }}, that of the natural gradient {{ cosine.fisher | digits(3) }}.
"""

from dataclasses import dataclass

import numpy as np

from lib.curvature_matrices import build_matrices, distances, draw_matrices, draw_problem, gradient
from lib.numerics import cosine

SEED = 0


@dataclass(frozen=True)
class Result:
    fitted: dict[str, dict[str, float]]
    "The same for the net with targets that it fits: outputs, or probabilities, of its own."
    cosine: dict[str, float]
    "Cosine of a step with the Newton step on the linear model with cross-entropy: Fisher, empirical Fisher."


def compute() -> Result:
    problem = draw_problem(np.random.default_rng(SEED), "linear_entropy")
    matrices, g = build_matrices(*problem), gradient(*problem)
    newton, *steps = (np.linalg.lstsq(matrices[name], g, rcond=1e-9)[0] for name in ("hessian", "fisher", "empirical"))
    return Result(
        fitted={model: distances(draw_matrices(SEED, model, fitted=True)) for model in ("net_squared", "net_entropy")},
        cosine={name: float(cosine(step, newton)) for name, step in zip(("fisher", "empirical"), steps)},
    )


def claim_where_the_model_fits(result: Result) -> None:
    """Where the net fits its targets, the Hessian is Gauss–Newton for both losses; with squared error the empirical
    Fisher is then zero, {{ fitted.net_squared.empirical | percent(0) }} away."""
    assert result.fitted["net_squared"]["hessian"] == result.fitted["net_entropy"]["hessian"] == 0
    assert abs(result.fitted["net_squared"]["empirical"] - 1) < 1e-9


def claim_the_empirical_step_turns(result: Result) -> None:
    """For the linear model with cross-entropy a natural-gradient step is Newton’s step, cosine
    {{ cosine.fisher | digits(3) }}; with the empirical Fisher the cosine is {{ cosine.empirical | digits(1) }}."""
    assert abs(result.cosine["fisher"] - 1) < 1e-9 and 0 < result.cosine["empirical"] < 0.99


if __name__ == "__main__":
    print(compute())
