"""When does Adam's epsilon matter, and how far does one large gradient carry?

A constant gradient g moves a weight by ηg/(g + ε) a step: by η if it is far above ε, by ηg/ε if it is far below, as
plain descent would with the rate η/ε. One large gradient after a quiet time moves it by {{ jump.first | digits(2) }} η
at once and by {{ jump.whole | digits(2) }} η in all, however large it is.

    ε, η   Adam's epsilon and its rate
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws
from lib.optimizers import adam_direction

EPSILON, BETA = 1e-8, (0.9, 0.999)
SIZES = (1e-3, 1e-8, 1e-9, 1e-11)
LARGE, QUIET, AFTER, BEFORE = 1e6, 1e-4, 200, 20_000
STEPS = (1, 10, 1000)


@dataclass(frozen=True)
class Result:
    epsilon: float
    "Adam's epsilon, by default."
    sizes: tuple[float, ...]
    "Sizes of a constant gradient."
    moves: tuple[float, ...]
    "What a step moves a weight by, over η, for each."
    jump: dict[str, float]
    "One gradient much larger than the usual ones: over them, what it moves a weight by at once, and in all, over η."
    steps: tuple[int, ...]
    "Numbers of steps."
    inside: tuple[float, ...]
    "Epsilon that counts after each, over the one given, where it is added before the square root is corrected."
    half: float
    "Least positive number of half precision."
    stored: float
    "What is left of epsilon in half precision."


def move_constant(size: float, steps: int) -> float:
    """Direction of Adam's last of some steps with a constant gradient."""
    mean, square, direction = 0.0, 0.0, 0.0
    for step in range(1, steps + 1):
        direction, mean, square = adam_direction(np.float64(size), mean, square, step)
    return float(direction)


def jump_after_quiet(ratio: float) -> tuple[float, float]:
    """Moves by one gradient of size 1 after a long time of gradients that alternate and are `ratio` of it."""
    square = ratio**2
    mean, moves = 0.0, []
    for step in range(AFTER):
        gradient = 1.0 if step == 0 else 0.0
        direction, mean, square = adam_direction(np.float64(gradient), mean, square, BEFORE + step)
        moves.append(float(direction))
    return moves[0], sum(moves)


def compute() -> Result:
    first, whole = jump_after_quiet(1 / LARGE)
    return Result(
        epsilon=EPSILON,
        sizes=SIZES,
        moves=tuple(move_constant(size, 3) for size in SIZES),
        jump={"ratio": LARGE, "first": first, "whole": whole},
        steps=STEPS,
        inside=tuple(1 / np.sqrt(1 - BETA[1] ** step) for step in STEPS),
        half=float(np.finfo(np.float16).smallest_subnormal),
        stored=float(np.float16(EPSILON)),
    )


def claim_small_gradients_are_not_divided_out(result: Result) -> None:
    """With ε = {{ epsilon | scientific(1) }} constant gradients of {{ sizes | scientific(1) | list }} move a weight by
    {{ moves | digits(2) | list }} times η a step."""
    assert result.epsilon == 1e-8
    for size, move in zip(result.sizes, result.moves):
        assert abs(size / (size + 1e-8) / move - 1) < 1e-6


def claim_one_gradient_carries_only_so_far(result: Result) -> None:
    """A gradient {{ jump.ratio | scientific(1) }} times the usual ones moves a weight by
    {{ jump.first | decimals(1) }} η at once and by {{ jump.whole | decimals(1) }} η in all."""
    beta1, beta2 = BETA
    closed = (1 - beta1) / np.sqrt(1 - beta2)
    whole = closed * sum((beta1 / np.sqrt(beta2)) ** k for k in range(AFTER))
    assert abs(result.jump["first"] / closed - 1) < 1e-3 and abs(result.jump["whole"] / whole - 1) < 1e-3
    assert result.jump["ratio"] == 1e6 and abs(jump_after_quiet(1e-8)[1] / result.jump["whole"] - 1) < 1e-3


def claim_where_epsilon_stands(result: Result) -> None:
    """Added before the correction of the square root, ε counts {{ inside | decimals(1) | list }} times in steps
    {{ steps | integer | list }}."""
    for step, factor in zip(result.steps, result.inside):
        g, eta, eps = 1e-7, 1.0, 1e-7
        raw = (1 - BETA[1] ** step) * g * g  # running mean of squares of a constant gradient, not corrected
        other = eta * np.sqrt(1 - BETA[1] ** step) * g / (np.sqrt(raw) + eps)
        assert abs(other - eta * g / (g + factor * eps)) < 1e-9


def claim_half_precision_has_no_epsilon(result: Result) -> None:
    """The least positive number of half precision is {{ half | scientific(1) }}: there
    ε = {{ epsilon | scientific(1) }} is {{ stored | integer }}."""
    assert result.half == 2.0**-24 and result.epsilon == 1e-8 and np.float16(result.epsilon) == result.stored == 0


def equation_move() -> Draws:
    r"""\lvert w_{t+1} - w_t \rvert = \eta\,\frac{\lvert g\rvert}{\lvert g\rvert + \varepsilon}"""
    for rng in draws(8):
        g, eta = 10 ** rng.uniform(-9, -6), rng.uniform(0.01, 0.1)
        move = eta * move_constant(g, int(rng.integers(1, 9)))
        before = rng.uniform(0.1, 1)
        yield {"w_{t+1}": before - move, "w_t": before, r"\eta": eta, "g": g, r"\varepsilon": EPSILON}


if __name__ == "__main__":
    print(compute())
