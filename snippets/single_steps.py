"""How large may a constant step be, one example at a time?

For normal inputs the mean square of the error is multiplied by a matrix of two rows. Its limit is far below 2/λmax of
the full batch: with {{ inputs }} centered inputs {{ limit.centered[0] | digits(3) }} instead of
{{ limit.centered[2] | digits(2) }}; with means of one standard deviation {{ limit.shifted[0] | digits(3) }} instead of
{{ limit.shifted[2] | digits(3) }}.

    n   inputs of variance s², independent and normal; targets without noise
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws, find_root
from lib.stochastic import moment_map

SEED = 0
INPUTS, SIZES = 50, (1, 16, 10**9)
ALONG = {"centered": 0.0, "shifted": 1.0}


@dataclass(frozen=True)
class Result:
    inputs: int
    "Inputs of variance 1."
    sizes: tuple[int, int]
    "Examples in a batch, for the first two limits; for the last it is all there are."
    limit: dict[str, tuple[float, ...]]
    "Largest step at which the mean square of the error does not grow: centered, and with means of one."


def stable_limit(size: int, along: float) -> float:
    """Step at which the larger eigenvalue of a step of batches of `size` is 1."""
    return find_root(lambda step: abs(np.linalg.eigvals(moment_map(step, size, INPUTS, along))).max() - 1, 1e-4, 4.0)


def compute() -> Result:
    along = {name: INPUTS * mean**2 for name, mean in ALONG.items()}
    return Result(
        inputs=INPUTS,
        sizes=SIZES[:2],
        limit={name: tuple(stable_limit(size, value) for size in SIZES) for name, value in along.items()},
    )


def claim_single_examples_allow_less(result: Result) -> None:
    """{{ inputs }} normal inputs of variance 1: single examples are stable below {{ limit.centered[0] | digits(3) }} if
    centered and {{ limit.shifted[0] | digits(3) }} with means of 1, batches of {{ sizes[1] }} below
    {{ limit.centered[1] | digits(2) }} and {{ limit.shifted[1] | digits(2) }}, all examples below
    {{ limit.centered[2] | digits(2) }} and {{ limit.shifted[2] | digits(3) }}."""
    assert abs(result.limit["centered"][0] * (result.inputs + 2) / 2 - 1) < 1e-6
    assert abs(result.limit["centered"][1] * (1 + (result.inputs + 1) / result.sizes[1]) / 2 - 1) < 1e-6
    assert abs(result.limit["centered"][2] / 2 - 1) < 1e-3
    assert abs(result.limit["shifted"][2] * (1 + result.inputs) / 2 - 1) < 1e-3
    rng = np.random.default_rng(SEED)  # runs a little below and above each limit of single examples, by their log
    for name, mean in ALONG.items():
        for part, grows in ((0.8, False), (1.3, True)):
            law = moment_map(part * result.limit[name][0], 1, result.inputs, result.inputs * mean**2)
            step, e = part * result.limit[name][0], rng.normal(size=(4000, result.inputs))
            first = np.mean(e.sum(axis=1) ** 2) / result.inputs, 1.0
            x = rng.normal(mean, 1, e.shape)
            moved = e - step * np.sum(x * e, axis=1, keepdims=True) * x
            predicted = law @ first @ [1, result.inputs - 1]
            assert abs(np.mean(np.sum(moved**2, axis=1)) / predicted - 1) < 0.1
            assert (abs(np.linalg.eigvals(law)).max() > 1) == grows
    for size, value in zip(result.sizes, result.limit["shifted"]):
        law = [moment_map(value * part, size, result.inputs, result.inputs) for part in (0.999, 1.001)]
        assert abs(np.linalg.eigvals(law[0])).max() < 1 < abs(np.linalg.eigvals(law[1])).max()


def equation_limit() -> Draws:
    r"""\eta_{\max} = \frac{2}{(n + 2)\,s^2}"""
    for rng in draws(6):
        n, s = int(rng.integers(2, 40)), rng.uniform(0.5, 2)
        square, fourth = n * s**2, n * (n + 2) * s**4  # E‖x‖² and E‖x‖⁴: the error's square is multiplied by
        yield {r"\eta_{\max}": 2 * square / fourth, "n": n, "s": s}  # 1 − 2η E‖x‖²/n + η² E‖x‖⁴/n


if __name__ == "__main__":
    print(compute())
