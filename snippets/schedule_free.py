r"""How does a schedule-free method, which averages while it descends, fare on an off-center problem?

A linear neuron without a bias, no noise, the condition number {{ kappa | integer }}. The gradient is taken between the
average and the newest weights, so that steps up to 1/(1 − β) times two over the largest curvature are stable in the
long run: {{ limit | digits(2) }} times as long for β = {{ beta | digits(1) }}. At {{ part | digits(1) }} of that limit
it takes {{ count.warm | integer }} steps to a millionth of the loss, with a warm-up.

    z, x    newest weights, and the average of all of them; y = (1 − β)z + βx, where the gradient is taken
    c       share of the newest weights in the average
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws, find_root
from lib.quadratics import MILLIONTH, descent_factor, steps_to

INPUTS, MEAN, BETA, PART, WARM, LONG = 100, 2.4, 0.9, 0.9, 100, 20_000
CURVATURES = np.array([1 + INPUTS * MEAN**2, 1.0])
START = np.array([0.1, np.sqrt(0.99)])  # the error of random weights: a hundredth of its square is along the mean


@dataclass(frozen=True)
class Result:
    kappa: float
    "Condition number."
    beta: float
    "Share of the average in the place where the gradient is taken."
    limit: float
    "Largest stable step in the long run over that of plain descent."
    part: float
    "Step over the largest stable one."
    warm: int
    "Steps of the warm-up."
    count: dict[str, int]
    "Steps from which on the loss stays below a millionth of the first: plain descent at its best step, a step that"
    " plain descent would bear, the large one, and that one after a warm-up."
    peak: dict[str, float]
    "Largest loss on the way over the first, with the large step, without and with a warm-up."


def run(step: float, warm: int, steps: int) -> np.ndarray:
    """Losses of the average over the first one, in each step; weights count by the square of their step."""
    z = x = START
    total, losses = 0.0, [0.5 * START @ (CURVATURES * START)]
    for t in range(1, steps + 1):
        eta = step * min(1, t / warm) if warm else step
        z = z - eta * CURVATURES * ((1 - BETA) * z + BETA * x)
        total += eta**2
        x = x + eta**2 / total * (z - x)
        losses.append(0.5 * x @ (CURVATURES * x))
    return np.array(losses) / losses[0]


def count_steps(losses: np.ndarray) -> int:
    """Steps from which on losses stay below a millionth."""
    return int(np.flatnonzero(losses > MILLIONTH)[-1]) + 1


def compute() -> Result:
    bound = PART * 2 / CURVATURES[0]
    runs = {
        "small": run(bound, 0, LONG),
        "cold": run(bound / (1 - BETA), 0, LONG),
        "warm": run(bound / (1 - BETA), WARM, LONG),
    }
    plain = steps_to(MILLIONTH**0.5, descent_factor(CURVATURES[0]))
    return Result(
        kappa=CURVATURES[0],
        beta=BETA,
        limit=1 / (1 - BETA),
        part=PART,
        warm=WARM,
        count={"plain": plain} | {name: count_steps(losses) for name, losses in runs.items()},
        peak={name: runs[name].max() for name in ("cold", "warm")},
    )


def multiply(step: float, warm: int, curvature: float, error: float) -> np.ndarray:
    """The average's error in each step along one curvature, as a product of matrices that act on z and x."""
    pair, total, path = np.array([error, error]), 0.0, [error]
    for t in range(1, LONG + 1):
        eta = step * min(1, t / warm) if warm else step
        total += eta**2
        share, pull = eta**2 / total, eta * curvature
        z = np.array([1 - pull * (1 - BETA), -pull * BETA])
        pair = np.array([z, share * z + [0, 1 - share]]) @ pair
        path.append(pair[1])
    return np.array(path)


def claim_it_needs_a_warm_up(result: Result) -> None:
    """To a millionth of the loss at a condition number of {{ kappa | integer }}: plain descent needs
    {{ count.plain | integer }} steps at its best step; schedule-free with β = {{ beta | digits(1) }} and
    {{ part | digits(1) }} of plain descent’s largest stable step {{ count.small | integer }}, with
    {{ limit | integer }} times that step {{ count.cold | integer }}, after its loss has been
    {{ peak.cold | scientific(1) }} times the first, and with a warm-up of {{ warm }} steps {{ count.warm | integer }},
    without any rise."""
    bound = result.part * 2 / CURVATURES[0]
    for name, factor, warm in (("small", 1, 0), ("cold", result.limit, 0), ("warm", result.limit, result.warm)):
        along, across = (multiply(factor * bound, warm, c, e) for c, e in zip(CURVATURES, START))
        losses = (CURVATURES[0] * along**2 + CURVATURES[1] * across**2) / (CURVATURES @ START**2)
        ahead = np.maximum.accumulate(losses[::-1])[::-1]  # the largest loss from here on
        assert np.sum(ahead > MILLIONTH) == result.count[name]
        assert name == "small" or abs(losses.max() / result.peak[name] - 1) < 1e-6
    assert abs(result.kappa - 577) < 1e-9 and result.peak["warm"] == 1 and abs(result.limit - 10) < 1e-9
    g = (CURVATURES[0] - 1) / (CURVATURES[0] + 1)
    assert g ** (2 * result.count["plain"]) <= MILLIONTH < g ** (2 * (result.count["plain"] - 1))


def equation_limit() -> Draws:
    r"""\eta_{\max} = \frac{2}{(1 - \beta)\,\lambda_{\max}}"""
    for rng in draws(8):
        top, beta = rng.uniform(1, 9), rng.uniform(0, 0.95)
        beside = 1 - beta  # y, for z = 1 while x rests at 0; at the largest step z becomes −1
        largest = find_root(lambda step, pull=top * beside: 2 - step * pull, 0.0, 100.0)
        yield {r"\eta_{\max}": largest, r"\beta": beta, r"\lambda_{\max}": top}


if __name__ == "__main__":
    print(compute())
