"""At which loss does a regression start whose outputs are near zero?

At half the mean square of its targets, squared mean plus variance: for targets of {{ mean | integer }} ±
{{ std | integer }} at {{ start | integer }}, where the best constant prediction has {{ baseline | integer }}.

    m, s   mean and standard deviation of the targets
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws

MEAN, STD = 5000.0, 100.0


@dataclass(frozen=True)
class Result:
    mean: float
    "Mean of the targets."
    std: float
    "Their standard deviation."
    start: float
    "Half the mean squared error of outputs that are zero."
    baseline: float
    "The same of the best constant prediction."


def compute() -> Result:
    return Result(mean=MEAN, std=STD, start=(MEAN**2 + STD**2) / 2, baseline=STD**2 / 2)


def claim_the_start_is_no_fault_of_the_outputs(result: Result) -> None:
    """Targets of {{ mean | integer }} ± {{ std | integer }} and outputs of zero: half the mean squared error is
    {{ start | integer }}, that of the best constant prediction {{ baseline | integer }}."""
    y = result.mean + result.std * np.array([-1.0, 1.0])
    assert np.mean(y**2) / 2 == result.start and np.var(y) / 2 == result.baseline


def equation_start() -> Draws:
    r"""L_0 = \frac{m^2 + s^2}{2}"""
    for rng in draws(8):
        y = rng.normal(rng.normal(0, 5), 2, 50)
        yield {"L_0": float(np.mean(y**2)) / 2, "m": y.mean(), "s": y.std()}


if __name__ == "__main__":
    print(compute())
