r"""Why does the loss jump when Adam is resumed without its averages?

Where gradients are mostly noise, Adam's step is {{ usual | digits(2) }} of the rate; the first step of a new Adam is
the rate itself, in every weight, {{ jump | digits(2) }} times as much.

    β₁   what the average of gradients keeps a step
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws
from lib.optimizers import adam_direction

SEED = 0
BETAS = (0.9, 0.999)
WEIGHTS, LONG, LOOK = 2000, 4000, 10


@dataclass(frozen=True)
class Result:
    usual: float
    "Root mean square of Adam's moves on gradients that are noise, after long, in rates."
    first: float
    "The same of the first move after a new start."
    jump: float
    "The latter over the former."
    look: int
    "A later step, at which it is looked again."
    later: float
    "Root mean square of the move at that step after a new start, in rates."


def move_adam(gradients: np.ndarray) -> np.ndarray:
    """Moves of Adam, in rates, for gradients (steps, weights)."""
    mean, square, moves = 0.0, 0.0, []
    for t, gradient in enumerate(gradients, start=1):
        direction, mean, square = adam_direction(gradient, mean, square, t)
        moves.append(-direction)
    return np.array(moves)


def compute() -> Result:
    moves = move_adam(np.random.default_rng(SEED).normal(size=(LOOK, WEIGHTS)))
    usual = float(np.sqrt((1 - BETAS[0]) / (1 + BETAS[0])))
    first, later = (float(np.sqrt(np.mean(moves[t] ** 2))) for t in (0, LOOK - 1))
    return Result(usual=usual, first=first, jump=first / usual, look=LOOK, later=later)


def claim_a_new_adam_takes_longer_steps(result: Result) -> None:
    """On gradients that are noise Adam’s moves have, in the long run, {{ usual | digits(2) }} of the rate as their root
    mean square. A new Adam’s first move is {{ first | integer }} rate in every weight, {{ jump | digits(2) }} times as
    much, and its move at step {{ look }} is {{ later | digits(1) }} rates."""
    gradients = np.random.default_rng(1).normal(size=(LONG, WEIGHTS // 4))
    long_run = np.sqrt(np.mean(move_adam(gradients)[-200:] ** 2))
    assert abs(long_run / result.usual - 1) < 0.02 and abs(result.first / result.usual - result.jump) < 1e-12
    anew = move_adam(gradients[-result.look :])
    assert np.allclose(abs(anew[0]), result.first) and result.look == LOOK
    assert abs(np.sqrt(np.mean(anew[-1] ** 2)) - result.later) < 0.04 and result.later > 1.3 * result.usual


def equation_usual() -> Draws:
    r"""\sqrt{\frac{1 - \beta_1}{1 + \beta_1}} = \sqrt{\mathbb{E}[\hat{m}^2]}"""
    for rng in draws(5):
        beta = rng.uniform(0.1, 0.95)
        weights = (1 - beta) * beta ** np.arange(2000.0)  # of independent gradients of variance 1
        yield {r"\beta_1": beta, r"\mathbb{E}[\hat{m}^2]": np.sum(weights**2)}


if __name__ == "__main__":
    print(compute())
