"""How far off center are counts, waiting times and amounts?

A count with mean λ has the squared mean λ over its variance, a waiting time 1, an amount whose logarithm has the
variance σ² 1/(e^σ² − 1): {{ inputs }} counts of mean {{ rates[2] | integer }} give a neuron with a bias
κ = {{ kappa_bias[2] | digits(3) }}.
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws
from lib.quadratics import condition_number, hessian, hessian_with_bias, kappa_with_bias, kappa_without_bias

INPUTS = 10
RATES = (0.1, 1.0, 9.0)  # means of counts


@dataclass(frozen=True)
class Result:
    inputs: int
    "Independent inputs alike, beside a bias where there is one."
    rates: tuple[float, ...]
    "Means of Poisson counts."
    kappa: tuple[float, ...]
    "Condition number without a bias, a mean each."
    kappa_bias: tuple[float, ...]
    "The same with a bias."
    roots: tuple[float, ...]
    "Squared mean over variance of the counts' square roots."
    waiting: tuple[float, float]
    "Condition numbers without and with a bias of exponential waiting times of mean 1."
    amounts: tuple[float, float]
    "The same of lognormal amounts, logarithm standard normal."


def poisson_moments(rate: float, function: np.ufunc = np.positive) -> tuple[float, float]:
    """Mean and variance of a function of a Poisson count, by a sum."""
    k = np.arange(200)
    logs = k * np.log(rate) - rate - np.concatenate([[0.0], np.cumsum(np.log(k[1:]))])
    p, values = np.exp(logs), function(k.astype(float))
    return float(p @ values), float(p @ values**2 - (p @ values) ** 2)


def compute() -> Result:
    moments = [poisson_moments(rate) for rate in RATES]
    roots = [poisson_moments(rate, np.sqrt) for rate in RATES]
    amount = np.exp(0.5), (np.e - 1) * np.e
    return Result(
        inputs=INPUTS,
        rates=RATES,
        kappa=tuple(float(kappa_without_bias(*m, INPUTS)) for m in moments),
        kappa_bias=tuple(float(kappa_with_bias(*m, INPUTS)) for m in moments),
        roots=tuple(mean**2 / variance for mean, variance in roots),
        waiting=(float(kappa_without_bias(1.0, 1.0, INPUTS)), float(kappa_with_bias(1.0, 1.0, INPUTS))),
        amounts=(float(kappa_without_bias(*amount, INPUTS)), float(kappa_with_bias(*amount, INPUTS))),
    )


def claim_counts_are_off_center(result: Result) -> None:
    """{{ inputs }} counts of mean {{ rates | digits(1) | list }} have condition numbers of
    {{ kappa | digits(3) | list }} without a bias and {{ kappa_bias | digits(3) | list }} with one. For waiting times of
    mean 1 these are {{ waiting | digits(3) | list }}, for amounts whose logarithm is standard normal
    {{ amounts | digits(3) | list }}. Roots of the counts are no more centered: squared mean over variance is
    {{ roots | digits(2) | list }}."""
    for rate, kappa, with_bias in zip(RATES, result.kappa, result.kappa_bias):
        mean = np.full(INPUTS, rate)
        assert abs(condition_number(hessian(mean, rate)) / kappa - 1) < 1e-8
        assert abs(condition_number(hessian_with_bias(mean, rate)) / with_bias - 1) < 1e-6
    t = np.linspace(0, 40, 100_001)  # waiting times, by a sum
    p = np.exp(-t) * (t[1] - t[0])
    mean, variance = p @ t, p @ t**2 - (p @ t) ** 2
    assert abs((1 + INPUTS * mean**2 / variance) / result.waiting[0] - 1) < 1e-3
    assert abs(kappa_with_bias(mean, variance, INPUTS) / result.waiting[1] - 1) < 1e-3
    z = np.linspace(-9, 12, 100_001)
    p = np.exp(-z * z / 2) * (z[1] - z[0]) / np.sqrt(2 * np.pi)
    mean, variance = p @ np.exp(z), p @ np.exp(2 * z) - (p @ np.exp(z)) ** 2
    for found, kind in zip(result.amounts, (kappa_without_bias, kappa_with_bias)):
        assert abs(kind(mean, variance, INPUTS) / found - 1) < 1e-6
    draws_ = np.sqrt(np.random.default_rng(0).poisson(RATES, size=(200_000, len(RATES))))
    np.testing.assert_allclose(draws_.mean(axis=0) ** 2 / draws_.var(axis=0), result.roots, rtol=0.02)


def equation_ratios() -> Draws:
    r"""\begin{aligned} r_{\text{count}}^2 &= \lambda, \\ r_{\text{time}}^2 &= k, \\
    r_{\text{amount}}^2 &= \frac{1}{e^{\sigma^2} - 1} \end{aligned}"""
    for rng in draws(4):
        rate, sigma = rng.uniform(0.2, 5), rng.uniform(0.3, 1.2)
        mean, variance = poisson_moments(rate)
        x, w = np.polynomial.laguerre.laggauss(40)  # the wait for one event, or for the last of k
        k = int(rng.integers(1, 5))
        w = w * x ** (k - 1) / np.sum(w * x ** (k - 1))
        z, p = np.polynomial.hermite_e.hermegauss(80)
        p = p / p.sum()
        amounts = np.exp(sigma * z)
        yield {
            r"r_{\text{count}}": mean / np.sqrt(variance),
            r"\lambda": rate,
            "k": k,
            r"r_{\text{time}}": (w @ x) / np.sqrt(w @ x**2 - (w @ x) ** 2),
            r"r_{\text{amount}}": (p @ amounts) / np.sqrt(p @ amounts**2 - (p @ amounts) ** 2),
            "e": np.e,
            r"\sigma": sigma,
        }
