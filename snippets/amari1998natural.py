"""How efficient is the natural gradient, one example at a time (Amari, 1998)?

As efficient as any estimate can be: with steps of 1/t its variance is the Cramér–Rao bound for every number t of
examples, {{ online[0] | digits(2) }} times it in our run. Plain steps that suit a steeper direction leave
{{ online[1] | digits(3) }} times the bound.

    curvature  of the loss by one weight: the Fisher information of one example
    step       of the example t is step/t; the natural gradient has step = 1/curvature
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws

CURVATURE, EXAMPLES = 0.1, 1000


@dataclass(frozen=True)
class Result:
    curvature: float
    "Fisher information of one example."
    examples: int
    "Examples that come."
    online: tuple[float, float]
    "Variance over the Cramér–Rao bound after all examples: natural and plain gradient."


def excess_variance(step: float) -> float:
    """Variance of the estimate over the Cramér–Rao bound, exact: one example at a time, with steps `step`/t."""
    variance = 0.0
    for t in range(1, EXAMPLES + 1):  # the start is the truth, which favors steps that do not forget it
        variance = (1 - step * CURVATURE / t) ** 2 * variance + (step / t) ** 2 * CURVATURE
    return variance * EXAMPLES * CURVATURE


def compute() -> Result:
    return Result(CURVATURE, EXAMPLES, online=(excess_variance(1 / CURVATURE), excess_variance(1.0)))


def summed_variance(step: float, curvature: float, count: int) -> float:
    """Variance of the estimate as a sum over examples: what is left of the noise of each one."""
    left = np.zeros(count)
    for t in range(1, count + 1):
        left *= 1 - step * curvature / t
        left[t - 1] = step / t * np.sqrt(curvature)
    return float(left @ left)


def claim_efficient_online(result: Result) -> None:
    """In a direction of curvature {{ curvature | digits(1) }}, after {{ examples | integer }} examples, the natural
    gradient’s variance is {{ online[0] | digits(2) }} times the bound; plain steps that suit a direction of curvature 1
    leave {{ online[1] | digits(3) }} times it, even from a start at the truth."""
    for step, ratio in zip((1 / CURVATURE, 1.0), result.online):
        assert np.isclose(summed_variance(step, result.curvature, result.examples) * EXAMPLES * CURVATURE, ratio)
    assert np.isclose(result.online[0], 1) and result.online[1] > 4


def equation_online() -> Draws:
    r"""\operatorname{Var}[w_t] = \frac{1}{t\,\lambda}"""
    for rng in draws(20):
        curvature, t = rng.uniform(0.1, 3), int(rng.integers(2, 60))
        variance = summed_variance(1 / curvature, curvature, t)
        yield {r"\operatorname{Var}[w_t]": variance, "t": t, r"\lambda": curvature}


if __name__ == "__main__":
    print(compute())
