r"""What do Adam's first steps do to a neuron whose inputs have a mean, and does a warm-up help?

{{ inputs }} inputs of variance 1, no bias. Adam's first step has one size for each weight; where the mean decides all
signs, all outputs move together. At a rate of {{ rate | digits(1) }} and with a mean of {{ mean | digits(2) }} the loss
rises to {{ peak.off_cold | digits(2) }} times the first, with a warm-up of {{ warm }} steps to
{{ peak.off_warm | digits(3) }}; with centered inputs it does not rise.
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws
from lib.optimizers import adam, adam_direction, take_steps
from lib.quadratics import gradient_of

SEED = 0
INPUTS, MEAN, RATE, WARM, STEPS, STARTS = 100, 2.4, 0.03, 100, 200, 25


@dataclass(frozen=True)
class Result:
    inputs: int
    "Inputs."
    mean: float
    "Mean of each, in standard deviations."
    rate: float
    "Adam's rate."
    warm: int
    "Steps of the warm-up."
    move: float
    "How far the first step moves the mean output, over the root mean square of the first outputs' error."
    peak: dict[str, float]
    "Largest loss over the first, median of `starts`: off-center or centered, without and with a warm-up."
    steps: int
    "Steps of a run."
    starts: int
    "Random errors of the weights at the start."


def run(mean: float, warm: int, start: np.ndarray) -> np.ndarray:
    """Losses over the first one, shape (steps + 1, starts)."""
    mu = np.full(INPUTS, mean)
    gradient, error, average, square, losses = gradient_of(mu), start, 0.0, 0.0, []
    for t in range(1, STEPS + 2):
        g = gradient(error)
        losses.append((error * g).sum(axis=1))
        direction, average, square = adam_direction(g, average, square, t)
        error = error - RATE * (min(1.0, t / warm) if warm else 1.0) * direction
    return np.array(losses) / losses[0]


def draw_starts() -> np.ndarray:
    """Errors of random weights, of mean square length 1."""
    return np.random.default_rng(SEED).normal(size=(STARTS, INPUTS)) / np.sqrt(INPUTS)


def compute() -> Result:
    cases = {"off_cold": (MEAN, 0), "off_warm": (MEAN, WARM), "centered_cold": (0.0, 0), "centered_warm": (0.0, WARM)}
    losses = {name: run(*case, draw_starts()) for name, case in cases.items()}
    return Result(
        inputs=INPUTS,
        mean=MEAN,
        rate=RATE,
        warm=WARM,
        move=RATE * INPUTS * MEAN / np.sqrt(1 + MEAN**2),
        peak={name: float(np.median(path.max(axis=0))) for name, path in losses.items()},
        steps=STEPS,
        starts=STARTS,
    )


def claim_the_mean_makes_the_spike(result: Result) -> None:
    """{{ inputs }} inputs, Adam at a rate of {{ rate | digits(1) }}, the first {{ steps }} steps: with means of
    {{ mean | digits(2) }} the loss rises to {{ peak.off_cold | digits(1) }} times the first without a warm-up, and to
    {{ peak.off_warm | digits(2) }} times with one of {{ warm }} steps; centered it does not rise with either (medians
    of {{ starts }} starts)."""
    for name, mean in (("off", result.mean), ("centered", 0.0)):
        gradient = gradient_of(np.full(result.inputs, mean))
        cold = take_steps(adam(gradient, draw_starts(), result.rate), result.steps)
        paths, gradients, warm = [], [], draw_starts()
        for t in range(1, result.steps + 2):  # Adam from all gradients so far, with weights that fade
            gradients.append(gradient(warm))
            paths.append(warm)
            sums = [
                sum(beta ** (t - k) * g**power for k, g in enumerate(gradients, 1))
                for beta, power in ((0.9, 1), (0.999, 2))
            ]
            first, second = sums[0] * 0.1 / (1 - 0.9**t), sums[1] * 0.001 / (1 - 0.999**t)
            warm = warm - result.rate * min(1, t / result.warm) * first / np.sqrt(second)
        for key, path in (("cold", cold), ("warm", np.array(paths))):
            losses = (path**2).sum(axis=2) + (path.sum(axis=2) * mean) ** 2
            assert abs(np.median((losses / losses[0]).max(axis=0)) / result.peak[f"{name}_{key}"] - 1) < 0.02
    assert max(result.peak["centered_cold"], result.peak["centered_warm"]) == 1


def equation_move() -> Draws:
    r"""\lvert f' - f\rvert = \eta \sum_{j=1}^{n} \lvert x_j\rvert"""
    for rng in draws(8):
        n, eta = int(rng.integers(2, 9)), rng.uniform(0.01, 1)
        x, error = rng.uniform(0.5, 2, n) * rng.choice([-1, 1], n), rng.uniform(1, 9)
        w = take_steps(adam(lambda w, x=x, error=error: x * error, rng.normal(size=n), eta), 1)
        yield {"f'": float(w[1] @ x), "f": float(w[0] @ x), r"\eta": eta, "n": n, "x_j": lambda j, x=x: x[j - 1]}


if __name__ == "__main__":
    print(compute())
