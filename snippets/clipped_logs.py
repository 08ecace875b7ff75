"""Why does a binary cross-entropy stand far above the baseline, always at the same number?

Because a saturated output gives each wrong example the same loss, where a library keeps log 0 finite: with half of
the labels wrong {{ stands.added | digits(3) }} (TensorFlow's Keras), {{ stands.clipped | digits(3) }} (clipped only)
and {{ stands.floor | integer }} (PyTorch).

    added    probabilities clipped to ε … 1 − ε, and ε added once more in the logarithm
    clipped  only clipped
    floor    the logarithm is not let below a bound
"""

from dataclasses import dataclass

import numpy as np

SMALL, FLOOR, EXAMPLES = 1e-7, -100.0, 1000


@dataclass(frozen=True)
class Result:
    small: float
    "Where probabilities are clipped."
    wrong: dict[str, float]
    "Loss of an example whose label has the probability 0, by how log 0 is kept finite."
    stands: dict[str, float]
    "Mean loss of a constant output of 0 where half of the labels are 1."
    ones: float
    "The same of a constant output of 1, clipped and added, in single precision, where 1 − ε is rounded."


def compute() -> Result:
    wrong = {"added": -np.log(SMALL + SMALL), "clipped": -np.log(SMALL), "floor": -FLOOR}
    single, small = np.float32(1), np.float32(SMALL)
    ones = -np.log(single - (single - small) + small) / 2
    return Result(small=SMALL, wrong=wrong, stands={name: value / 2 for name, value in wrong.items()}, ones=float(ones))


def claim_a_saturated_output_has_one_loss(result: Result) -> None:
    """Let an output be 0 for every example, where half of the labels are 1. Its loss is {{ stands.added | digits(3) }}
    if probabilities are clipped at {{ small | scientific(1) }} and as much is added in the logarithm,
    {{ stands.clipped | digits(3) }} if they are only clipped, and {{ stands.floor | integer }} if no logarithm is below
    −{{ wrong.floor | integer }}. An output of 1 has {{ ones | digits(3) }} in the first case, in single precision."""
    labels, p = np.arange(EXAMPLES) % 2, np.zeros(EXAMPLES)
    clipped = np.clip(p, SMALL, 1 - SMALL)
    with np.errstate(divide="ignore"):
        floored = [np.maximum(np.log(part), FLOOR) for part in (p, 1 - p)]
    logs = {
        "added": (np.log(clipped + SMALL), np.log(1 - clipped + SMALL)),
        "clipped": (np.log(clipped), np.log(1 - clipped)),
        "floor": floored,
    }
    for name, (yes, no) in logs.items():
        loss = -np.mean(np.where(labels == 1, yes, no))
        assert abs(loss - result.stands[name]) < 1e-6 and abs(result.wrong[name] - 2 * result.stands[name]) < 1e-12
    gap = 2.0**-23  # between 1 and the nearest single-precision number below 1 − ε: 2 spacings of 2⁻²⁴
    assert abs(result.ones + np.log(gap + SMALL) / 2) < 1e-6


if __name__ == "__main__":
    print(compute())
