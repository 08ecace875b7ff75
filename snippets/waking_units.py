"""Can a dead unit come back, and can ELU die?

A unit that is off for every example has no gradient, so plain descent leaves it as it is. What remains of momentum can
still move it, and so can weight decay that shrinks its weights and not its bias. ELU has a derivative everywhere on its
left, but not for long: at {{ far }} it is {{ elu_slope | scientific(1) }}, and in single precision it is exactly 0
below {{ elu_zero | integer }}.

    z   pre-activations w x + b of one unit, for the inputs {{ inputs | integer | list }}
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import DERIVATIVES

INPUTS = (1, 2, 3)
WEIGHT, BIAS = -2.0, 1.0
RATE, DECAY = 0.1, 0.1
BETA = 0.9
FAR = -20


@dataclass(frozen=True)
class Result:
    inputs: tuple[int, ...]
    "Inputs of the unit, one an example."
    weight: float
    "Its weight at first."
    bias: float
    "Its bias."
    decay_steps: int
    "Steps of weight decay on the weight alone until an example turns the unit on."
    decay: float
    "Share of the weight that each of them takes away."
    beta: float
    "The usual momentum."
    momentum_reach: float
    "How many times as far as a last step momentum still carries a unit after its gradient has vanished."
    far: int
    "A pre-activation far to the left."
    elu_slope: float
    "Derivative of ELU there."
    elu_zero: int
    "Largest whole pre-activation at which that derivative is 0 in single precision."
    leaky_slope: float
    "Derivative of leaky ReLU there."


def pre_activations(weight: float) -> np.ndarray:
    return weight * np.array(INPUTS) + BIAS


def compute() -> Result:
    weight, steps = WEIGHT, 0
    while pre_activations(weight).max() <= 0:
        weight, steps = (1 - RATE * DECAY) * weight, steps + 1
    whole = np.arange(0, -200, -1, dtype=np.float32)
    return Result(
        inputs=INPUTS,
        weight=WEIGHT,
        bias=BIAS,
        decay_steps=steps,
        decay=RATE * DECAY,
        beta=BETA,
        momentum_reach=BETA / (1 - BETA),
        far=FAR,
        elu_slope=float(DERIVATIVES["elu"](np.array(float(FAR)))),
        elu_zero=int(whole[np.argmax(np.exp(whole) == 0)]),
        leaky_slope=float(DERIVATIVES["leaky_relu"](np.array(float(FAR)))),
    )


def claim_decay_and_momentum_can_wake_it(result: Result) -> None:
    """A unit with weight {{ weight | integer }} and bias {{ bias | integer }} is off for the inputs
    {{ inputs | integer | list }}; decay of its weight by {{ decay | percent }} a step turns it on after
    {{ decay_steps }} steps. Momentum of β = {{ beta | digits(1) }} still moves a unit by
    {{ momentum_reach | integer }} times its last step after its gradient has vanished."""
    assert pre_activations(result.weight).max() <= 0 and not np.any(DERIVATIVES["relu"](pre_activations(WEIGHT)))
    needed = np.log(abs(WEIGHT) * min(INPUTS) / BIAS) / -np.log(1 - result.decay)  # until |w| x < b for the least x
    assert result.decay_steps - 1 <= needed < result.decay_steps
    velocity, moved = 1.0, 0.0  # the last step that had a gradient; heavy ball without one
    for _ in range(1000):
        velocity *= BETA
        moved += velocity
    assert abs(moved / result.momentum_reach - 1) < 1e-9


def claim_elu_dies_far_to_the_left(result: Result) -> None:
    """At a pre-activation of {{ far }} the derivative of ELU is {{ elu_slope | scientific(1) }}, that of leaky ReLU
    {{ leaky_slope | decimals(2) }}; in single precision that of ELU is exactly 0 from {{ elu_zero }} on."""
    assert abs(np.log(result.elu_slope) / result.far - 1) < 1e-12
    smallest = float(np.finfo(np.float32).smallest_subnormal)
    assert np.exp(float(result.elu_zero)) < smallest / 2 < np.exp(float(result.elu_zero + 1))  # rounds to zero
    assert result.leaky_slope == 0.01


if __name__ == "__main__":
    print(compute())
