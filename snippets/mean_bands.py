"""From which mean on does centering pay?

Without a bias κ₀ is 1 + n·ρ. With a bias it pays sooner: for inputs of variance 1 and
n·ρ = {{ off | decimals(1) | list }} the condition number is {{ kappa_bias | digits(3) | list }}.

    n·ρ   squared length of the mean over the mean variance of the n inputs, which are alike and uncorrelated
"""

from dataclasses import dataclass

import numpy as np

from lib.quadratics import hessian, hessian_with_bias, kappa_with_bias

INPUTS = 50
OFF = (0.1, 1, 2, 8, 10)


@dataclass(frozen=True)
class Result:
    off: tuple[float, ...]
    "n times the off-center ratio."
    kappa: tuple[float, ...]
    "Condition number without a bias, for each."
    kappa_bias: tuple[float, ...]
    "Condition number with a bias, inputs of variance 1."
    least: tuple[float, ...]
    "The least with a bias that any scale of the inputs gives."


def compute() -> Result:
    scales = np.geomspace(0.01, 10, 20_001)  # variances; the best one, 1/(1 + n·ρ), is among them nearly
    return Result(
        off=OFF,
        kappa=tuple(1.0 + off for off in OFF),
        kappa_bias=tuple(float(kappa_with_bias(np.sqrt(off), 1.0, 1)) for off in OFF),
        least=tuple(float(kappa_with_bias(np.sqrt(off * scales), scales, 1).min()) for off in OFF),
    )


def claim_a_bias_lowers_the_bands(result: Result) -> None:
    r"""For inputs of variance 1 and $n\rho$ = {{ off | decimals(1) | list }} the condition number is
    {{ kappa | digits(2) | list }} without a bias and {{ kappa_bias | digits(3) | list }} with one; centered it is 1.
    With a bias no other scale of the inputs brings it below {{ least | digits(3) | list }}."""
    for off, kappa, biased, least in zip(result.off, result.kappa, result.kappa_bias, result.least):
        mean = np.full(INPUTS, np.sqrt(off / INPUTS))
        for H, found in ((hessian(mean), kappa), (hessian_with_bias(mean), biased)):
            assert abs(np.linalg.cond(H) / found - 1) < 1e-9
        assert abs(least - (1 + 2 * off + 2 * np.sqrt(off * (1 + off)))) < 1e-5 * least  # κ + 1/κ = 2 + 4nρ
        best = 1 / (1 + off)
        assert abs(np.linalg.cond(hessian_with_bias(mean * np.sqrt(best), best)) / least - 1) < 1e-5


if __name__ == "__main__":
    print(compute())
