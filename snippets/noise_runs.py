"""Does a run with noisy targets settle where the exact moments say?

Yes: {{ runs }} runs that start at the optimum, with {{ few }} inputs, have a mean loss above the minimum
of {{ sampled.off | digits(3) }} where the moments give {{ expected.off | digits(3) }}.
"""

from dataclasses import dataclass

import numpy as np

from lib.stochastic import stationary_excess

SEED = 0
UNITS, RATIO = 50, 2.4
FEW, RUNS, RUN_STEP = 6, 1000, 4e-3  # of the sampled runs: inputs, how many, step size
RUN_STEPS, WARM = 1200, 800


@dataclass(frozen=True)
class Result:
    few: int
    "Inputs in the sampled runs."
    runs: int
    "How many sampled runs."
    step: float
    "Step size of the sampled runs."
    sampled: dict[str, float]
    "Mean loss above the minimum in them."
    sampled_error: dict[str, float]
    "Standard error of it."
    expected: dict[str, float]
    "The same by the exact moments."


def sample_losses(r: float) -> np.ndarray:
    """Loss above the minimum of single runs that start at w*, averaged over the steps after `WARM`."""
    rng, errors, losses = np.random.default_rng(SEED), np.zeros((RUNS, FEW)), []
    for _ in range(RUN_STEPS):
        x, noise = rng.normal(r, 1, (RUNS, FEW)), rng.normal(size=RUNS)
        errors -= RUN_STEP * (np.einsum("ri,ri->r", x, errors) - noise)[:, None] * x
        losses.append(0.5 * (np.sum(errors**2, axis=1) + r**2 * np.sum(errors, axis=1) ** 2))
    return np.mean(losses[WARM:], axis=0)


def compute() -> Result:
    ratios = {"off": RATIO, "centered": 0.0}
    runs = {name: sample_losses(r) for name, r in ratios.items()}
    return Result(
        few=FEW,
        runs=RUNS,
        step=RUN_STEP,
        sampled={name: float(kept.mean()) for name, kept in runs.items()},
        sampled_error={name: float(kept.std() / np.sqrt(RUNS)) for name, kept in runs.items()},
        expected={name: stationary_excess(RUN_STEP, FEW, r) for name, r in ratios.items()},
    )


def claim_runs_settle_there(result: Result) -> None:
    """{{ runs | integer }} sampled runs with {{ few }} inputs and a step of {{ step | digits(1) }} settle at
    {{ sampled.off | digits(2) }} off-center and {{ sampled.centered | digits(2) }} centered, where exact moments say
    {{ expected.off | digits(2) }} and {{ expected.centered | digits(2) }}."""
    for name in ("off", "centered"):
        error = result.sampled_error[name]
        assert abs(result.sampled[name] - result.expected[name]) < 5 * error < 0.1 * result.sampled[name]


if __name__ == "__main__":
    print(compute())
