"""Does momentum of the usual size cost √κ?

Only while κ is below {{ limit | integer }}. Tuned to κ, momentum leaves (√κ − 1)/(√κ + 1) of the error in a step;
with β = {{ beta | digits(1) }} kept, it is in the end {{ gain | digits(2) }} times as fast as plain descent, and as
much in proportion to κ.

    κ      condition number of a bowl; each method takes its best constant step size
    steps  in the long run, for each further millionth of the error
"""

from dataclasses import dataclass

import numpy as np

from lib.optimizers import momentum_path
from lib.quadratics import MILLIONTH, best_momentum_factor, descent_factor, momentum_step, steps_to, tuned_momentum

BETA = 0.9
KAPPAS = (577.3, 1e4, 1e5)


@dataclass(frozen=True)
class Result:
    beta: float
    "The usual momentum."
    limit: float
    "Condition number up to which it leaves √β of the error in a step."
    kappas: tuple[float, ...]
    "Condition numbers: of a layer of sigmoid units without a bias, and two larger ones."
    plain: tuple[int, ...]
    "Steps of plain descent at each, for every millionth."
    usual: tuple[int, ...]
    "Steps with the usual momentum."
    tuned: tuple[int, ...]
    "Steps of momentum with the best β."
    gain: float
    "Steps of plain descent over those with the usual momentum, at the largest condition number."


def compute() -> Result:
    plain = tuple(steps_to(MILLIONTH, descent_factor(kappa)) for kappa in KAPPAS)
    usual = tuple(steps_to(MILLIONTH, best_momentum_factor(BETA, kappa)) for kappa in KAPPAS)
    root = np.sqrt(BETA)
    return Result(
        beta=BETA,
        limit=((1 + root) / (1 - root)) ** 2,
        kappas=KAPPAS,
        plain=plain,
        usual=usual,
        tuned=tuple(steps_to(MILLIONTH, descent_factor(np.sqrt(kappa))) for kappa in KAPPAS),
        gain=plain[-1] / usual[-1],
    )


def claim_the_usual_momentum_is_not_a_root(result: Result) -> None:
    """At condition numbers of {{ kappas | digits(3) | list }} every millionth of the error costs plain descent
    {{ plain | integer | list }} steps, tuned momentum {{ tuned | integer | list }}, and momentum with β =
    {{ beta | digits(1) }} {{ usual | integer | list }}. Beyond {{ limit | integer }} the last is
    {{ gain | integer }} times as fast as plain descent, and no more."""
    assert abs(result.gain / ((1 + BETA) / (1 - BETA)) - 1) < 0.01  # a constant gradient over an alternating one
    for kappa, usual, tuned in zip(KAPPAS, result.usual, result.tuned):
        ends = np.array([kappa, 1.0])
        for (step, beta), steps, tolerance in (
            ((momentum_step(BETA, *ends), BETA), usual, 0.01 if kappa > result.limit else 0.06),
            (tuned_momentum(*ends), tuned, 0.1),  # two roots coincide, which costs a factor of t
        ):
            errors = abs(momentum_path(ends, np.ones(2), step, beta, 3 * steps)).max(axis=1)
            last = [np.flatnonzero(errors > share)[-1] for share in (MILLIONTH, MILLIONTH**2)]
            assert abs((last[1] - last[0]) / steps - 1) < tolerance, (kappa, steps, last)
    below, above = (best_momentum_factor(BETA, part * result.limit) for part in (0.9999, 1.0001))
    assert abs(below - np.sqrt(BETA)) < 1e-9 < above - np.sqrt(BETA)
    for kappa, *counts in zip(KAPPAS, result.plain, result.usual, result.tuned):  # by the roots of the recursions
        step = momentum_step(BETA, kappa, 1.0)
        largest = max(abs(np.roots([1, step * part - 1 - BETA, BETA])).max() for part in (kappa, 1.0))
        factors = (kappa - 1) / (kappa + 1), largest, (np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)
        np.testing.assert_allclose(counts, np.log(MILLIONTH) / np.log(factors), atol=1, rtol=1e-5)


if __name__ == "__main__":
    print(compute())
