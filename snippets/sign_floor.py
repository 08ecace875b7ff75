"""Where do steps along signs come to rest, and what does a mean of the inputs do to it?

At a constant rate η weights end {{ across.centered | decimals(2) }} η from the optimum behind {{ inputs }} centered
inputs of variance 1, and {{ across.mean | digits(1) }} η with a mean of {{ mean | decimals(1) }}: the output jumps by
the sum of all inputs in each step, and its error drowns what a single weight has to say.

    s    standard deviation of each of n inputs, which are uncorrelated
    m    their mean; E = μᵀe is the mean error of the output
    e    errors of the weights
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws
from lib.quadratics import gradient_of, hessian

SEED = 0
INPUTS, MEAN, RATE, STEPS, RUNS, START = 30, 2.4, 1e-4, 20_000, 16, 0.3


@dataclass(frozen=True)
class Result:
    inputs: int
    "Inputs of the neuron, variance 1."
    mean: float
    "Mean of each input in the second case."
    across: dict[str, float]
    "Root mean square error of a weight across the mean, over the rate, late in the runs: centered and with the"
    " mean, steps along signs; the same with Lion's memory."
    losses: dict[str, float]
    "Loss over the squared rate, likewise."
    deaf: float
    "Errors of a weight below this many times the rate decide no sign with the mean."
    jump: float
    "How far one step moves the output at the mean input, over the rate."
    centered_jump: float
    "The same for a centered example, root mean square."


def settle(rng: np.random.Generator, mean: float, lion: bool) -> tuple[float, float]:
    """Error of a weight over the rate, and loss over its square, once runs from random errors have come to rest."""
    gradient = gradient_of(np.full(INPUTS, mean))
    errors = rng.normal(0, START, (RUNS, INPUTS))
    memory, sizes, losses = np.zeros_like(errors), [], []
    for step in range(STEPS):
        g = gradient(errors)
        errors = errors - RATE * np.sign(0.9 * memory + 0.1 * g if lion else g)
        memory = 0.99 * memory + 0.01 * g
        if 4 * step >= 3 * STEPS:
            sizes.append(np.mean((errors - errors.mean(axis=1, keepdims=True)) ** 2))
            losses.append(np.sum(errors * gradient(errors)) / 2 / RUNS)
    return float(np.mean(sizes)) ** 0.5 / RATE, float(np.mean(losses)) / RATE**2


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    cases = {"centered": (0.0, False), "mean": (MEAN, False), "lion_centered": (0.0, True), "lion": (MEAN, True)}
    rests = {name: settle(rng, *case) for name, case in cases.items()}
    return Result(
        inputs=INPUTS,
        mean=MEAN,
        across={name: rest[0] for name, rest in rests.items()},
        losses={name: rest[1] for name, rest in rests.items()},
        deaf=INPUTS * MEAN**2 / 2,
        jump=INPUTS * MEAN,
        centered_jump=INPUTS**0.5,
    )


def claim_a_mean_makes_signs_deaf(result: Result) -> None:
    """Steps along the signs of the exact gradient at a constant rate η, {{ inputs }} inputs of variance 1: weights come
    to rest {{ across.centered | decimals(2) }} η from the optimum if the inputs are centered, at a loss of
    {{ losses.centered | digits(1) }} η². With a mean of {{ mean | decimals(1) }} it is {{ across.mean | digits(1) }} η,
    within the {{ deaf | integer }} η that decide no sign, at a loss of {{ losses.mean | digits(1) }} η². With Lion's
    memory the distances are {{ across.lion_centered | digits(1) }} η and {{ across.lion | digits(1) }} η."""
    n = result.inputs
    assert abs(result.across["centered"] - 3**-0.5) < 0.03  # evenly spread between two bounces, but for their mean
    assert abs(result.losses["centered"] / (n / 6) - 1) < 0.1
    H = hessian(np.full(n, result.mean))
    sizes = []
    for seed in range(12):  # other starts, in coordinates with half of the signs flipped, which signs do not notice
        flips = np.where(np.arange(n) % 2, 1.0, -1.0)
        one, turned = np.random.default_rng(900 + seed + SEED).normal(0, START, n), H * np.outer(flips, flips)
        for step in range(STEPS):
            one = one - RATE * np.sign(turned @ one)
            if step >= 3 * STEPS // 4 and step % 50 == 0:
                sizes.append(np.var(flips * one))
    assert abs(np.sqrt(np.mean(sizes)) / RATE / result.across["mean"] - 1) < 0.25
    assert result.across["mean"] < result.deaf == n * result.mean**2 / 2
    assert abs(result.losses["mean"] / (n * result.across["mean"] ** 2 / 2) - 1) < 0.25  # nearly all lies across
    assert 1.5 < result.across["lion"] / result.across["lion_centered"] < 5 and result.across["lion_centered"] < 1


def claim_how_far_a_step_moves_the_output(result: Result) -> None:
    """One step along signs moves the output at the mean input by {{ jump | integer }} η, and that of a centered example
    by {{ centered_jump | decimals(1) }} η (root mean square)."""
    x = np.random.default_rng(SEED).normal(size=(40_000, result.inputs))
    assert abs(np.sqrt(np.mean(x.sum(axis=1) ** 2)) - result.centered_jump) < 0.08
    assert abs(np.mean((x + result.mean).sum(axis=1)) - result.jump) < 0.2


def equation_jump() -> Draws:
    r"""\max_{d} \lvert d^\top x\rvert = \sum_{j=1}^{n} \lvert x_j\rvert"""
    for rng in draws(10):
        x = rng.normal(1, 1, 6)
        signs = np.array(np.meshgrid(*[[-1, 1]] * 6)).reshape(6, -1).T
        yield {
            r"\max_{d} \lvert d^\top x\rvert": float(np.abs(signs @ x).max()),
            "n": 6,
            "x_j": lambda j, x=x: x[int(j) - 1],
        }


def equation_heard() -> Draws:
    r"""g_j = s^2 e_j + m\,E, \qquad \lvert E\rvert \approx \tfrac{1}{2}\,\eta\,n\,m"""
    for rng in draws(8):
        n, s, m, eta = int(rng.integers(3, 8)), rng.uniform(0.5, 2), rng.uniform(0.5, 3), rng.uniform(0.001, 0.1)
        e = rng.normal(size=n)
        e += eta / 2 * rng.choice([-1, 1]) - e.mean()  # half-way of a jump of all weights together
        j = int(rng.integers(n))
        g = hessian(np.full(n, m), s * s) @ e
        yield {
            "g_j": g[j],
            "s": s,
            "e_j": e[j],
            "m": m,
            "E": m * e.sum(),
            r"\eta": eta,
            "n": n,
            r"\approx": 1e-9,
        }


if __name__ == "__main__":
    print(compute())
