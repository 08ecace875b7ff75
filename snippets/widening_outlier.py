"""How does the outlier of the Fisher matrix grow with the width of a net?

Beside the mean eigenvalue: that is the trace over the number of weights, and the outlier is a share of the trace that
does not depend on it. For one hidden layer of {{ widths[0] }} and {{ widths[1] }} ReLU units it is
{{ times[0] | integer }} and {{ times[1] | integer }} times the mean eigenvalue.
"""

from dataclasses import dataclass

import numpy as np

SEED = 0
WIDTHS, INPUTS, EXAMPLES, NETS = (64, 256), 20, 60, 5


@dataclass(frozen=True)
class Result:
    widths: tuple[int, ...]
    "Hidden ReLU units of a net with one output."
    inputs: int
    "Inputs, standard normal."
    examples: int
    "Examples."
    times: tuple[float, ...]
    "Largest eigenvalue of the Fisher matrix over the mean of all, for each width; medians over nets."
    share: tuple[float, ...]
    "Share of the trace that it has, for each."


def derivatives(width: int, seed: int) -> np.ndarray:
    """Derivatives of the output (examples, weights) by both matrices of a net at its start."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(EXAMPLES, INPUTS))
    z = x @ rng.normal(size=(INPUTS, width)) * np.sqrt(2 / INPUTS)
    v = rng.normal(size=width) / np.sqrt(width)
    hidden = ((z > 0) * v)[:, :, None] * x[:, None, :]
    return np.hstack([hidden.reshape(EXAMPLES, -1), np.maximum(z, 0)])


def compute() -> Result:
    times, share = [], []
    for width in WIDTHS:
        J = [derivatives(width, NETS * SEED + net) for net in range(NETS)]
        tops = [np.linalg.eigvalsh(j @ j.T)[-1] / np.sum(j**2) for j in J]
        share.append(float(np.median(tops)))
        times.append(share[-1] * J[0].shape[1])
    return Result(widths=WIDTHS, inputs=INPUTS, examples=EXAMPLES, times=tuple(times), share=tuple(share))


def claim_the_outlier_grows_with_the_width(result: Result) -> None:
    """One hidden layer of {{ widths[0] }} and of {{ widths[1] }} ReLU units, {{ inputs }} inputs: the largest
    eigenvalue of the Fisher matrix has {{ share[0] | percent }} and {{ share[1] | percent }} of the trace, and is
    {{ times[0] | digits(2) }} and {{ times[1] | digits(2) }} times the mean eigenvalue."""
    for width, times, share in zip(result.widths, result.times, result.share):
        tops = []
        for net in range(NETS):
            J = derivatives(width, NETS * SEED + net)
            tops.append(np.linalg.svd(J, compute_uv=False)[0] ** 2 / np.linalg.norm(J) ** 2)
        weights = width * (result.inputs + 1)
        assert abs(np.median(tops) - share) < 1e-9 and abs(times / (share * weights) - 1) < 1e-9
    assert 3 < result.times[1] / result.times[0] < 5.5 and len(derivatives(4, 0)) == result.examples


if __name__ == "__main__":
    print(compute())
