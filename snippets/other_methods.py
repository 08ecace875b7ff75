"""RMSProp and L-BFGS on the standard problem: a neuron that reads sigmoids, as it is and centered.

RMSProp at a constant rate does not come to rest: at a rate of {{ rate | decimals(3) }} it leaves
{{ floors.raw | scientific(1) }} of the loss, centered {{ floors.centered | scientific(1) }}. L-BFGS with exact line
searches takes the steps of conjugate gradients.
"""

from dataclasses import dataclass

import numpy as np

from lib.quadratics import MILLIONTH, conjugate_gradients, gradient_of, hessian, hessian_with_bias
from lib.sigmoid_inputs import MEAN, UNITS, VARIANCE

SEED = 0
STARTS, RATE, DECAY, STEPS, REST = 101, 0.005, 0.99, 3000, 500
MEMORY = 10  # pairs that L-BFGS keeps


@dataclass(frozen=True)
class Result:
    units: int
    "Number of inputs."
    starts: int
    "Number of random targets."
    rate: float
    "Constant rate of RMSProp."
    decay: float
    "Decay of its mean square."
    floors: dict[str, float]
    "Loss that it leaves, as a share of the first: mean over the last steps, median over the targets."
    quasi: dict[str, int]
    "Steps of L-BFGS with exact line searches to a millionth of the loss: most over the targets."


def draw_starts() -> tuple[np.ndarray, np.ndarray]:
    """Errors in the weights (STARTS, UNITS), and in the bias (STARTS, 1)."""
    rng = np.random.default_rng(SEED)
    return rng.normal(size=(STARTS, UNITS)), rng.normal(size=(STARTS, 1))


def rmsprop_floor(mean: float, rate: float) -> float:
    """Loss that RMSProp leaves, relative to the first: mean over its last steps, median over the targets."""
    gradient, (error, _), square, losses = gradient_of(np.full(UNITS, mean), VARIANCE), draw_starts(), 0.0, []
    for _ in range(STEPS):
        g = gradient(error)
        losses.append((error * g).sum(axis=1))
        square = DECAY * square + (1 - DECAY) * g**2
        error = error - rate * g / (np.sqrt(square) + 1e-8)
    losses = np.array(losses)
    return float(np.median(losses[-REST:].mean(axis=0) / losses[0]))


def quasi_newton_steps(H: np.ndarray, error: np.ndarray) -> int:
    """Steps of L-BFGS with exact line searches until the loss is a millionth of the first; Liu & Nocedal (1989)."""
    g, pairs, steps, goal = H @ error, [], 0, MILLIONTH * error @ H @ error
    while error @ H @ error > goal:
        d, parts = -g, []
        for s, y in reversed(pairs):
            parts.append((s @ d) / (y @ s))
            d = d - parts[-1] * y
        if pairs:
            s, y = pairs[-1]
            d = d * (s @ y) / (y @ y)
        for (s, y), part in zip(pairs, reversed(parts)):
            d = d + (part - (y @ d) / (y @ s)) * s
        move = -(g @ d) / (d @ H @ d) * d
        error, before = error + move, g
        g = H @ error
        pairs = [*pairs, (move, g - before)][-MEMORY:]
        steps += 1
    return steps


def compute() -> Result:
    weights, biases = draw_starts()
    quasi = {}
    for name, mean in (("raw", MEAN), ("centered", 0.0)):
        H = hessian(np.full(UNITS, mean), VARIANCE)
        with_bias = hessian_with_bias(np.full(UNITS, mean), VARIANCE)
        quasi[name] = max(quasi_newton_steps(H, start) for start in weights)
        quasi[f"{name}_bias"] = max(quasi_newton_steps(with_bias, start) for start in np.hstack([weights, biases]))
    return Result(
        units=UNITS,
        starts=STARTS,
        rate=RATE,
        decay=DECAY,
        floors={"raw": rmsprop_floor(MEAN, RATE), "centered": rmsprop_floor(0.0, RATE)},
        quasi=quasi,
    )


def claim_rmsprop_hovers(result: Result) -> None:
    """RMSProp at a constant rate of {{ rate | decimals(3) }} (decay {{ decay | decimals(2) }}), {{ units }} sigmoids
    and no bias: its loss comes to {{ floors.raw | scientific(1) }} of the first (the median of {{ starts }} targets)
    and stays there, with centered inputs to {{ floors.centered | scientific(1) }}."""
    # all weights move by ± rate together, and one step turns the mean error over: half a step to either side
    rough = (UNITS * MEAN * RATE / 2) ** 2
    first = np.median((draw_starts()[0] * gradient_of(np.full(UNITS, MEAN), VARIANCE)(draw_starts()[0])).sum(axis=1))
    assert 0.5 < result.floors["raw"] * first / rough < 2
    assert abs(result.floors["raw"] / rmsprop_floor(MEAN, 2 * RATE) * 4 - 1) < 0.1  # with the square of the rate
    assert abs(result.floors["centered"] / rmsprop_floor(0.0, 2 * RATE) * 4 - 1) < 0.1


def claim_quasi_newton_is_conjugate_gradients(result: Result) -> None:
    """L-BFGS with exact line searches takes {{ quasi.raw }} steps to a millionth of the loss, with a bias
    {{ quasi.raw_bias }}, and with centered inputs {{ quasi.centered }} and {{ quasi.centered_bias }}: as many as
    conjugate gradients."""
    weights, biases = draw_starts()
    for name, mean in (("raw", MEAN), ("centered", 0.0)):
        H, with_bias = (build(np.full(UNITS, mean), VARIANCE) for build in (hessian, hessian_with_bias))
        assert result.quasi[name] == max(len(conjugate_gradients(H, start)) - 1 for start in weights)
        starts = np.hstack([weights, biases])
        assert result.quasi[f"{name}_bias"] == max(len(conjugate_gradients(with_bias, start)) - 1 for start in starts)


if __name__ == "__main__":
    print(compute())
