"""What do half of the steps of an exact line search do?

From a typical start in a bowl whose one steep direction is the mean's, {{ typical.half | integer }} of them are needed
where whole steps take {{ typical.whole | integer }}; near the worst start {{ worst.half | integer }} instead of
{{ worst.whole | integer }}.

    H  one curvature of κ and the rest 1, as a mean makes it; counted until the loss is a millionth
"""

from dataclasses import dataclass

import numpy as np

from lib.quadratics import MILLIONTH
from lib.sigmoid_inputs import KAPPA, UNITS

SEED = 0
STARTS, NEAR = 201, 41
SHARES = {"whole": 1.0, "half": 0.5}


@dataclass(frozen=True)
class Result:
    typical: dict[str, float]
    "Steps, median over random starts: whole steps, half steps."
    worst: dict[str, float]
    "The same over starts within one percent of the one that is worst for whole steps."


def count_steps(kappa: float, along: float, across: float, share: float) -> int:
    """Steps, each a share of the exact one, for an error with these parts along the mean and across it."""
    parts, curvatures = np.array([along, across]), np.array([kappa, 1.0])
    first, steps = parts**2 @ curvatures, 0
    while parts**2 @ curvatures > MILLIONTH * first:
        gradient = curvatures * parts
        parts = parts - share * (gradient @ gradient) / (gradient**2 @ curvatures) * gradient
        steps += 1
    return steps


def compute() -> Result:
    kappa, errors = KAPPA, np.random.default_rng(SEED).normal(size=(STARTS, UNITS))
    across = np.linalg.norm(errors[:, 1:], axis=1)
    pairs, near = list(zip(errors[:, 0], across)), np.linspace(0.99, 1.01, NEAR)
    return Result(
        typical={
            name: float(np.median([count_steps(kappa, *pair, share) for pair in pairs]))
            for name, share in SHARES.items()
        },
        worst={
            name: float(np.median([count_steps(kappa, part / kappa, 1.0, share) for part in near]))
            for name, share in SHARES.items()
        },
    )


def claim_half_steps(result: Result) -> None:
    """To a millionth of the loss half of each exact step takes {{ typical.half | digits(2) }} steps from random starts,
    whole steps {{ typical.whole | integer }}; from starts near the worst it is {{ worst.half | digits(2) }} and
    {{ worst.whole | digits(2) }} (medians over starts drawn for this comparison)."""
    kappa, counts = KAPPA, []
    factor = ((kappa - 1) / (kappa + 1)) ** 2  # of the loss, in every whole step from the worst start
    assert abs(result.worst["whole"] * np.log(factor) / np.log(MILLIONTH) - 1) < 0.01
    H = np.diag(np.append(kappa, np.ones(4)))
    for part in np.linspace(0.99, 1.01, NEAR):  # whole matrices
        error, steps = np.array([part / kappa, 0.6, 0.8, 0, 0]), 0
        goal = MILLIONTH * (error @ H @ error)
        while error @ H @ error > goal:
            g = H @ error
            error, steps = error - 0.5 * (g @ g) / (g @ H @ g) * g, steps + 1
        counts.append(steps)
    assert abs(np.median(counts) / result.worst["half"] - 1) < 0.1  # each of them hangs on rounding
    assert 5 * result.worst["half"] < result.worst["whole"] and 5 * result.typical["whole"] < result.typical["half"]
    assert 220 < result.typical["half"] < 290 and 7.0 < result.typical["whole"] < 15


if __name__ == "__main__":
    print(compute())
