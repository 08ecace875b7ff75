"""What do the errors of a softmax have in common?

Their sum is zero for every example, so that a shift of all scores leaves no gradient.
"""

from dataclasses import dataclass

import numpy as np

SEED = 0


@dataclass(frozen=True)
class Result:
    shared: float
    "Largest sum over the classes of a softmax’s errors, over all examples."


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    scores, labels = rng.normal(size=(50, 7)), rng.integers(7, size=50)
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return Result(
        shared=float(abs((p - np.eye(7)[labels]).sum(axis=1)).max()),
    )


def claim_softmax_errors_sum_to_zero(result: Result) -> None:
    """The errors of a softmax with cross-entropy sum to zero over the classes in every example, to
    {{ shared | scientific(1) }}: the layer below never gets the direction that raises all scores alike."""
    assert result.shared < 1e-14


if __name__ == "__main__":
    print(compute())
