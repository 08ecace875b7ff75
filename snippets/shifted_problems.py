"""How many steps of plain descent does a shift of the inputs cost, over many problems drawn alike?

One problem is one draw: over {{ draws }} of them the median goes from {{ unshifted[1] | integer }} steps to
{{ shifted[1] | digits(1) }}.

    shift  {{ shift | integer }}, added to all inputs of a linear neuron with a bias
    steps  of plain descent to {{ goal | percent(1) }} of the excess loss, at the best step size of a grid
"""

from dataclasses import dataclass

import numpy as np

from lib.changed_neuron import GOAL, GRID, LIMIT, SHIFT, change_inputs, count_steps, draw_problem, same_function

SEED, DRAWS = 0, 20


@dataclass(frozen=True)
class Result:
    draws: int
    "Problems drawn in the same way."
    shift: float
    "Added to all inputs."
    goal: float
    "Share of the excess loss that is to be left."
    shifted: tuple[float, ...]
    "Quartiles over the problems: steps of plain descent at the best step size of the grid, inputs shifted."
    unshifted: tuple[float, ...]
    "The same, inputs as they are."


def draw_problems() -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Inputs, targets and start of every problem."""
    return [draw_problem(np.random.default_rng(SEED + draw)) for draw in range(DRAWS)]


def compute() -> Result:
    shifted, unshifted = (
        tuple(np.percentile([count_steps(problem, change, SEED) for problem in draw_problems()], (25, 50, 75)))
        for change in ("shift", "none")
    )
    return Result(draws=DRAWS, shift=SHIFT, goal=GOAL, shifted=shifted, unshifted=unshifted)


def claim_other_problems(result: Result) -> None:
    """Over {{ draws }} problems drawn alike, a shift by {{ shift | integer }} takes the median of plain descent from
    {{ unshifted[1] | integer }} steps to {{ shifted[1] | digits(1) }} (quartiles {{ shifted[0] | digits(1) }} and
    {{ shifted[2] | digits(1) }}), to {{ goal | percent(1) }} of the excess loss and at the best step size of a grid."""
    counts = {}
    for change in ("none", "shift"):  # a step at a time, all step sizes at once
        counts[change] = []
        for x, y, start in draw_problems():
            u, T, c = change_inputs(x, change, SEED)
            A = np.column_stack([u, np.ones(len(u))])
            H, rest = A.T @ A / len(A), np.linalg.lstsq(A, y)[0]
            error = np.repeat((same_function(start, T, c, False) - rest)[None], len(GRID), axis=0)
            goal, steps = GOAL * error[0] @ H @ error[0], 0
            with np.errstate(all="ignore"):
                while not np.nanmin(np.sum((error @ H) * error, axis=1)) < goal and steps < 2 * LIMIT:
                    error, steps = error - GRID[:, None] * (error @ H), steps + 1
            counts[change].append(steps)
    for change, quartiles in (("none", result.unshifted), ("shift", result.shifted)):
        np.testing.assert_allclose(np.percentile(counts[change], (25, 50, 75)), quartiles, atol=1)
    assert result.shifted[1] > 20 * result.unshifted[1]
