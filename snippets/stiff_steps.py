"""Is the zig-zag the stiffness of a differential equation?

Yes: descent is Euler’s explicit method for dw/dt = −∇L, and a step beyond 2/λmax is its limit of stability. The
implicit method has none: with κ = {{ kappa | integer }} it needs {{ implicit[2] }} steps to {{ goal | percent(1) }} of
the error where the explicit one needs {{ explicit }}, and each of them is a damped Newton step.

    η   size of a step in time; λ   curvature; κ   λmax/λmin
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws
from lib.quadratics import best_step, condition_number, descent_factor, hessian, steps_to

INPUTS, GOAL = 100, 1e-3
LONG = (0.1, 1.0, 10.0)  # implicit steps, in units of 1/λmin


@dataclass(frozen=True)
class Result:
    inputs: int
    "Inputs of mean 1 and variance 1."
    kappa: float
    "Condition number without a bias."
    goal: float
    "Share of the error that may be left."
    explicit: int
    "Explicit steps to that, at the best step, from the worst start."
    cautious: int
    "Explicit steps of 1/λmax, the largest that never leap."
    long: tuple[float, ...]
    "Implicit steps’ sizes, in units of 1/λmin."
    implicit: tuple[int, ...]
    "Implicit steps to the same goal, from the worst start, for each size."
    time: float
    "Time that the exact flow needs for it along the flattest direction, in units of 1/λmin."


def compute() -> Result:
    kappa = condition_number(hessian(np.ones(INPUTS)))
    return Result(
        inputs=INPUTS,
        kappa=kappa,
        goal=GOAL,
        explicit=steps_to(GOAL, descent_factor(kappa)),
        cautious=steps_to(GOAL, 1 - 1 / kappa),
        long=LONG,
        implicit=tuple(steps_to(GOAL, 1 / (1 + size)) for size in LONG),
        time=-np.log(GOAL),
    )


def claim_implicit_steps_have_no_limit(result: Result) -> None:
    """{{ inputs }} inputs of mean 1 and variance 1, κ = {{ kappa | integer }}, to {{ goal | percent(1) }} of the error
    from the worst start: explicit steps at their best {{ explicit }}, implicit ones of {{ long[0] | digits(1) }}, 1 and
    {{ long[2] | integer }} times $1/\\lambda_{\\min}$ take {{ implicit[0] }}, {{ implicit[1] }} and
    {{ implicit[2] }}."""
    H = hessian(np.ones(result.inputs))
    assert abs(result.kappa - np.linalg.cond(H)) < 1e-9 and result.goal == 1e-3
    error, count = np.append(np.ones(result.inputs - 1), -(result.inputs - 1.0)), 0  # across the mean: flattest
    error = error / np.linalg.norm(error)
    for size, steps in zip(result.long, result.implicit):
        e, count = error, 0
        while np.linalg.norm(e) > result.goal:  # eₜ₊₁ = eₜ − η H eₜ₊₁
            e, count = np.linalg.solve(np.eye(result.inputs) + size * H, e), count + 1
        assert count == steps
    worst, count = error + np.ones(result.inputs) / np.sqrt(result.inputs), 0
    first = np.linalg.norm(worst)
    while np.linalg.norm(worst) > result.goal * first:
        worst, count = worst - best_step(H) * H @ worst, count + 1
    assert count == result.explicit


def claim_the_flow_does_not_leap(result: Result) -> None:
    """The exact flow multiplies the error along a curvature λ by $e^{-\\lambda t}$ and never changes its sign. Along
    the flattest direction it takes the time {{ time | digits(3) }}$/\\lambda_{\\min}$ to {{ goal | percent(1) }}.
    Explicit steps that do not leap follow it, in {{ cautious }} steps of $1/\\lambda_{\\max}$ each."""
    t = np.linspace(0, 10, 100_001)
    first = t[np.argmax(np.exp(-t) <= result.goal)]
    assert abs(first - result.time) < 2e-4
    e, count = 1.0, 0
    while e > result.goal:
        e, count = e * (1 - 1 / result.kappa), count + 1
    assert count == result.cautious


def equation_implicit() -> Draws:
    r"""e_{t+1} = (I + \eta H)^{-1} e_t = e_t - \left(H + \tfrac{1}{\eta} I\right)^{-1} H e_t"""
    for rng in draws(6):
        root, e, eta = rng.normal(size=(4, 4)), rng.normal(size=4), rng.uniform(0.1, 9)
        values, vectors = np.linalg.eigh(root @ root.T)
        after = vectors @ ((vectors.T @ e) / (1 + eta * values))  # direction by direction
        yield {"e_{t+1}": after, "e_t": e, "I": np.eye(4), "H": root @ root.T, r"\eta": eta}


def equation_factors() -> Draws:
    r"""1 - \eta\lambda \le e^{-\eta\lambda} \le \frac{1}{1 + \eta\lambda}"""
    for rng in draws(6):
        yield {r"\eta": rng.uniform(0, 3), r"\lambda": rng.uniform(0, 2), "e": np.e}


if __name__ == "__main__":
    print(compute())
