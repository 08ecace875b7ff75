r"""Does momentum calm the noise of the targets?

No. With {{ beta | digits(1) }} it leaves {{ over.same | digits(3) }} times the loss that plain descent leaves with the
same step, and {{ over.pace | digits(3) }} times the loss that it leaves with 1/(1 − β) times the step. Centering
divides it by {{ centering.momentum | digits(3) }}, and without momentum by {{ centering.plain | digits(3) }}.

    e      error of the weights along a curvature λ, which noise of variance v in the targets keeps going
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws

INPUTS, MEAN, STEP, BATCH, BETA = 100, 2.4, 1e-5, 16, 0.9
TOPS = {"off": 1 + INPUTS * MEAN**2, "centered": 1.0}


@dataclass(frozen=True)
class Result:
    inputs: int
    "Inputs of variance 1."
    mean: float
    "Mean of each, in standard deviations."
    step: float
    "Step size."
    beta: float
    "Momentum."
    over: dict[str, float]
    "Loss that noise leaves with momentum over that without, off-center: at the same step, and at 1/(1 − β) times it."
    centering: dict[str, float]
    "Loss left off-center over that left centered, without and with momentum."


def noise_left(top: float, step: float, beta: float) -> float:
    """Loss that noise leaves, for one curvature `top` and INPUTS − 1 of 1."""
    total = 0.0
    for curvature, count in ((top, 1), (1.0, INPUTS - 1)):
        square = step / BATCH * (1 + beta) / ((1 - beta) * (2 * (1 + beta) - step * curvature))
        total += count * curvature / 2 * square
    return total


def compute() -> Result:
    left = {name: noise_left(top, STEP, BETA) for name, top in TOPS.items()}
    plain = {name: noise_left(top, STEP, 0.0) for name, top in TOPS.items()}
    return Result(
        inputs=INPUTS,
        mean=MEAN,
        step=STEP,
        beta=BETA,
        over={
            "same": left["off"] / plain["off"],
            "pace": left["off"] / noise_left(TOPS["off"], STEP / (1 - BETA), 0.0),
        },
        centering={"plain": plain["off"] / plain["centered"], "momentum": left["off"] / left["centered"]},
    )


def settle(curvature: float, step: float, beta: float, noise: float) -> float:
    """Mean square of the error where noise and pull balance, from the step of two errors in a row."""
    pair = np.array([[1 + beta - step * curvature, -beta], [1.0, 0.0]])
    kick = np.array([step**2 * noise * curvature, 0, 0, 0])
    return float(np.linalg.solve(np.eye(4) - np.kron(pair, pair), kick)[0])


def claim_momentum_is_a_longer_step_to_noise(result: Result) -> None:
    """{{ inputs }} inputs of mean {{ mean | digits(2) }}, a step of {{ step | scientific(1) }}: momentum with
    β = {{ beta | digits(1) }} leaves {{ over.same | digits(3) }} times the loss that plain descent leaves with the same
    step, and {{ over.pace | digits(3) }} times that of a plain step 1/(1 − β) times as long. Centering divides it by
    {{ centering.momentum | digits(3) }}, and without momentum by {{ centering.plain | digits(3) }}."""
    ways = {
        "momentum": (result.step, result.beta),
        "plain": (result.step, 0.0),
        "pace": (result.step / (1 - BETA), 0.0),
    }
    left = {
        (name, way): top * settle(top, *how, 1 / BATCH) + (INPUTS - 1) * settle(1.0, *how, 1 / BATCH)
        for name, top in TOPS.items()
        for way, how in ways.items()
    }
    found = [left["off", "momentum"] / left["off", way] for way in ("plain", "pace")]
    np.testing.assert_allclose(list(result.over.values()), found, rtol=1e-6)
    for way, factor in result.centering.items():
        assert abs(factor * left["centered", way] / left["off", way] - 1) < 1e-6


def equation_left() -> Draws:
    r"""\mathbb{E}[e^2] = \frac{\eta\,v}{B}\,\frac{1 + \beta}{(1 - \beta)\,(2\,(1 + \beta) - \eta\lambda)}"""
    for rng in draws(8):
        v, B, beta, eta = rng.uniform(0.5, 2), int(rng.integers(1, 9)), rng.uniform(0, 0.95), rng.uniform(0.05, 0.3)
        lam = rng.uniform(0.1, 1.5) / eta
        square = settle(lam, eta, beta, v / B)
        yield {r"\mathbb{E}[e^2]": square, r"\eta": eta, "v": v, "B": B, r"\beta": beta, r"\lambda": lam}


if __name__ == "__main__":
    print(compute())
