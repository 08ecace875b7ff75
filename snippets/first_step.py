"""Does a step of 1/λmax remove a mean error at once?

It brings the mean output to its target, mostly by the weights, with {{ units }} inputs of mean 1 where the bias has
one. The output then varies where the target does not: {{ left[0] | percent(1) }} of the loss is left, along the
flattest direction, and {{ left[2] | percent(2) }} after {{ steps[2] | integer }} such steps.

    H  Hessian of a linear neuron with a bias, squared error; inputs independent, of mean 1 and variance 1
"""

from dataclasses import dataclass

import numpy as np

from lib.quadratics import hessian_with_bias

UNITS = 100
STEPS = (1, 1000, 10_000)


@dataclass(frozen=True)
class Result:
    units: int
    "Inputs of the neuron."
    steps: tuple[int, ...]
    "Numbers of steps."
    left: tuple[float, ...]
    "Share of the loss that is left after each of them; targets that are all alike, from zero."
    by_bias: float
    "Share of the mean output that the bias has after the first step."
    flattest: float
    "Share of the remaining loss that lies along the flattest direction."


def compute() -> Result:
    H = hessian_with_bias(np.ones(UNITS))
    values, vectors = np.linalg.eigh(H)
    start = -np.append(np.zeros(UNITS), 1.0)  # the optimum is a bias of 1 and no weights
    parts = vectors.T @ start
    losses = {steps: values * ((1 - values / values[-1]) ** steps * parts) ** 2 for steps in (0, *STEPS)}
    first = start - H @ start / values[-1]
    return Result(
        units=UNITS,
        steps=STEPS,
        left=tuple(float(losses[steps].sum() / losses[0].sum()) for steps in STEPS),
        by_bias=float((first - start)[-1] / (first - start).sum()),
        flattest=float(losses[1][0] / losses[1].sum()),
    )


def claim_the_mean_error_is_not_gone(result: Result) -> None:
    r"""With {{ units }} inputs of mean 1 and variance 1 and targets that are all alike, one step of $1/\lambda_{\max}$
    from zero leaves {{ left[0] | percent(1) }} of the loss, about $1/(1 + \lVert\mu\rVert^2)$; the bias has then
    {{ by_bias | percent(0) }} of the mean output. All that is left lies along the flattest direction:
    {{ left[1] | percent(1) }} after {{ steps[1] | integer }} steps, {{ left[2] | percent(2) }} after
    {{ steps[2] | integer }}."""
    n = result.units
    trace, product = 2 + n, 1.0  # of the plane of the mean and the bias, s = 1
    high = (trace + np.sqrt(trace**2 - 4 * product)) / 2
    w, b, reached = 0.0, 0.0, []  # all weights alike; the loss ½ E[(w Σx + b − 1)²], by hand
    for step in range(result.steps[-1]):
        error = n * w + b - 1
        w, b = w - (error + w) / high, b - error / high
        if step + 1 in result.steps:
            reached.append((n * w + b - 1) ** 2 + n * w**2)
        if step == 0:
            assert abs(b / (n * w + b) / result.by_bias - 1) < 1e-9 and abs(n * w + b - 1) < 0.01
    assert np.allclose(reached, result.left, rtol=1e-6)
    assert abs(result.left[0] * (1 + n) - 1) < 0.03 and result.flattest > 0.999


if __name__ == "__main__":
    print(compute())
