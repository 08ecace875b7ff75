"""Does a falling learning rate stop the zig-zag?

The leaps end once the step is below 1/λmax, and the flat direction then starves: with a step that falls like 1/t the
error falls by a power of t only. Two inputs of mean {{ mean | digits(1) }} and variance 1, the best step halved after
{{ halved | integer | list }} steps: {{ steps | integer | list }} to a millionth, {{ constant }} at a constant one.

    τ   step after which the step size is one half of the first
"""

from dataclasses import dataclass
from itertools import count

import numpy as np

from lib.numerics import Draws, draws
from lib.quadratics import MILLIONTH, START, best_step, descend, hessian

MEAN, HALVED = 2.0, (10, 100)


@dataclass(frozen=True)
class Result:
    mean: float
    "Mean of either input."
    halved: tuple[int, ...]
    "τ of each run."
    steps: tuple[int, ...]
    "Steps until the error is a millionth, a step size that begins at the best constant one."
    leaps: tuple[int, ...]
    "Steps of them that leap across the valley, being longer than 1/λmax."
    constant: int
    "Steps at the best constant step."


def compute() -> Result:
    H = hessian(np.full(2, MEAN))
    steep = np.linalg.norm(H, 2)
    sizes = {tau: best_step(H) / (1 + np.arange(tau) / tau) for tau in HALVED}  # of the first τ steps
    return Result(
        mean=MEAN,
        halved=HALVED,
        steps=tuple(count_steps(H, tau) for tau in HALVED),
        leaps=tuple(int(np.sum(sizes[tau] * steep > 1 + 1e-9)) for tau in HALVED),
        constant=len(descend(H, best_step(H), START)) - 1,
    )


def count_steps(H: np.ndarray, tau: float) -> int:
    """Steps to a millionth of the error with the step size best_step(H)/(1 + t/τ)."""
    error, first = START, best_step(H)
    for t in count():
        if np.linalg.norm(error) <= MILLIONTH * np.linalg.norm(START):
            return t
        error = error - first / (1 + t / tau) * H @ error


def claim_leaps_end_and_the_floor_starves(result: Result) -> None:
    """A step that begins at the best one and is halved after {{ halved | integer | list }} steps: the leaps end after
    {{ leaps | integer | list }}, and a millionth takes {{ steps | integer | list }} steps, {{ constant }} at a constant
    step."""
    along, across = 1 + 2 * MEAN**2, 1.0  # λmax and λmin, and the error in the two directions, by closed products
    first = 2 / (along + across)
    parts = START.sum() / np.sqrt(2), (START[0] - START[1]) / np.sqrt(2)
    assert result.mean == MEAN and result.halved == HALVED
    for tau, steps, leaps in zip(result.halved, result.steps, result.leaps):
        sizes = first / (1 + np.arange(steps) / tau)
        left = [part * np.cumprod(1 - sizes * value) for part, value in zip(parts, (along, across))]
        errors = np.hypot(*left)
        assert errors[-1] <= MILLIONTH < errors[-2]
        crossed = 1 - sizes * along < -1e-9
        assert leaps == crossed.sum() and crossed[:leaps].all()
    assert result.constant == int(np.ceil(np.log(MILLIONTH) / np.log((along - 1) / (along + 1))))


def equation_power() -> Draws:
    r"""\prod_{k=0}^{t-1} \left(1 - \frac{\eta\lambda}{1 + k/\tau}\right) =
    \prod_{j=1}^{p} \frac{\tau - j}{\tau + t - j}, \qquad p = \eta\lambda\tau"""
    for rng in draws(8):
        tau, power, curvature = float(rng.uniform(5, 30)), int(rng.integers(1, 5)), float(rng.uniform(0.5, 2))
        step = power / tau / curvature
        yield {"t": int(rng.integers(2, 40)), r"\tau": tau, r"\eta": step, r"\lambda": curvature, "p": power}


if __name__ == "__main__":
    print(compute())
