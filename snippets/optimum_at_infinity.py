"""What if the optimum is at infinity?

Then no step size reaches it: logistic regression on separable points has a loss of {{ logistic[2] | scientific(1) }}
after {{ logistic[0] | integer }} steps, and its weight still grows.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lib.numerics import draws

LOGISTIC = (1.0, 10000)  # step size and steps


@dataclass(frozen=True)
class Result:
    logistic: tuple[int, float, float]
    "Steps of logistic regression on two separable points, their weight, and the loss."
    " Adam's step size, a bias to be reached, and steps until then at most that long."


def compute() -> Result:
    weight, (step, times) = 0.0, LOGISTIC
    for _ in range(times):
        weight += step / (1 + np.exp(weight))
    return Result(
        logistic=(times, weight, float(np.log1p(np.exp(-weight)))),
    )


def claim_the_optimum_at_infinity(result: Result) -> None:
    """Two separable points: after {{ logistic[0] | integer }} steps of logistic regression the weight is
    {{ logistic[1] | digits(3) }} and the loss {{ logistic[2] | scientific(2) }}, one over the number of steps."""
    times, weight, loss = result.logistic
    assert abs(loss * times * LOGISTIC[0] - 1) < 0.01 and abs(weight - np.log(times * LOGISTIC[0])) < 0.01


def equation_logistic() -> Iterator[dict]:
    r"""L_t \approx \frac{1}{\eta\,t}"""
    for rng in draws(6):
        step, steps, weight = rng.uniform(0.5, 3), int(rng.integers(2000, 5000)), 0.0
        for _ in range(steps):
            weight += step / (1 + np.exp(weight))
        yield {"L_t": np.log1p(np.exp(-weight)), r"\eta": step, "t": steps, r"\approx": 0.02}


if __name__ == "__main__":
    print(compute())
