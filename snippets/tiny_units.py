"""What if an input's unit is so large that its numbers are tiny, as volts for an electroencephalogram?

A normalization divides by the root of variance plus ε. A signal of {{ std | scientific(1) }} volts comes out with a
standard deviation of {{ output.torch | digits(2) }} at the ε of PyTorch, and of {{ output.keras | digits(2) }} at that
of Keras, instead of 1.

    s   standard deviation of the input
    ε   what the normalization adds to the variance
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws
from lib.quadratics import condition_number, hessian_with_bias, kappa_with_bias

STD = 1e-5
SMALL = {"torch": 1e-5, "keras": 1e-3}


@dataclass(frozen=True)
class Result:
    std: float
    "Standard deviation of the input, in volts."
    small: dict[str, float]
    "The default ε of batch norm."
    output: dict[str, float]
    "Standard deviation behind it."
    half: dict[str, float]
    "Standard deviation of an input that comes out with one half."
    kappa: dict[str, float]
    "Condition number of one input and a bias: as it is, and behind each normalization."


def normalized_std(std: float, small: float) -> float:
    """s/√(s² + ε)."""
    return float(std / np.sqrt(std**2 + small))


def compute() -> Result:
    output = {name: normalized_std(STD, small) for name, small in SMALL.items()}
    return Result(
        std=STD,
        small=SMALL,
        output=output,
        half={name: float(np.sqrt(small / 3)) for name, small in SMALL.items()},
        kappa={name: float(kappa_with_bias(0, std**2, 1)) for name, std in ({"raw": STD} | output).items()},
    )


def claim_epsilon_outweighs_a_tiny_variance(result: Result) -> None:
    """A centered input with a standard deviation of {{ std | scientific(1) }} leaves batch norm with one of
    {{ output.torch | digits(2) }} at an ε of {{ small.torch | scientific(1) }} and of {{ output.keras | digits(2) }} at
    {{ small.keras | scientific(1) }}, instead of 1; beside a bias the condition number is
    {{ kappa.torch | scientific(1) }} and {{ kappa.keras | scientific(1) }}. One half comes out of an input with
    {{ half.torch | digits(2) }} and {{ half.keras | digits(2) }}."""
    assert result.std == STD and result.small == SMALL
    for name, small in result.small.items():
        for std, expected in ((result.std, result.output[name]), (result.half[name], 0.5)):
            x = std * np.array([-1.0, 1.0, 1.0, -1.0])
            assert abs(np.std((x - x.mean()) / np.sqrt(x.var() + small)) / expected - 1) < 1e-9
        H = hessian_with_bias(np.zeros(1), result.output[name] ** 2)
        assert abs(condition_number(H) / result.kappa[name] - 1) < 1e-6
    assert abs(result.kappa["raw"] * result.std**2 - 1) < 1e-6


def equation_output() -> Draws:
    r"""\hat{s} = \frac{s}{\sqrt{s^2 + \varepsilon}}"""
    for rng in draws(8):
        x, small = rng.uniform(1e-3, 3) * rng.normal(size=30), 10 ** rng.uniform(-5, 0)
        z = (x - x.mean()) / np.sqrt(np.mean(x**2) - np.mean(x) ** 2 + small)
        yield {r"\hat{s}": z.std(), "s": x.std(), r"\varepsilon": small}


if __name__ == "__main__":
    print(compute())
