r"""Why is a physics-informed network's residual small for a wrong solution, and what do other units change?

The heat equation over {{ length | integer }} meters and a day: a temperature that should change by
{{ change | integer }} degrees and stays has a residual of {{ residual | scientific(1) }} degrees a second, squared
{{ ratio | scientific(1) }} of the squared error at the start. In scaled units the two are alike.

    a   diffusivity; L length, T time of the domain
    ξ, τ   place and time divided by them
    K   frequencies of a solution that is a sum of sines
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, complex_step, draws
from lib.quadratics import condition_number

LENGTH, TIME, DIFFUSIVITY, CHANGE = 2000.0, 86_400.0, 1e-6, 10.0
SINES = 10


@dataclass(frozen=True)
class Result:
    length: float
    "Length of the domain, meters."
    time: float
    "Its time, seconds."
    diffusivity: float
    "Of rock or soil, square meters a second."
    change: float
    "By how much the temperature changes within that time."
    residual: float
    "Root mean square residual of a solution that misses the change, degrees a second."
    ratio: float
    "Its square over the squared change: what the residual weighs beside an error at the start or the border."
    number: float
    "Diffusivity times time over squared length."
    reach: float
    "How far heat gets in that time, meters: the root of diffusivity times time."
    sines: int
    "Frequencies of the solution."
    kappa: float
    "Condition number of the loss of the second derivative of a sum of sines."
    kappa_fit: float
    "That of fitting the same sum to data."


def residual_hessian(order: int, length: float = 1.0) -> np.ndarray:
    """Second moment of derivatives of that order of sines that vanish at the borders, shape (K, K)."""
    x = (np.arange(4000) + 0.5) / 4000
    k = np.arange(1, SINES + 1) * np.pi
    features = (k / length) ** order * np.sin(np.outer(x, k))  # up to the sign, for even orders
    return features.T @ features / len(x)


def compute() -> Result:
    return Result(
        length=LENGTH,
        time=TIME,
        diffusivity=DIFFUSIVITY,
        change=CHANGE,
        residual=CHANGE / TIME,
        ratio=1 / TIME**2,
        number=DIFFUSIVITY * TIME / LENGTH**2,
        reach=float(np.sqrt(DIFFUSIVITY * TIME)),
        sines=SINES,
        kappa=condition_number(residual_hessian(2)),
        kappa_fit=condition_number(residual_hessian(0)),
    )


def claim_a_wrong_solution_has_a_small_residual(result: Result) -> None:
    """A source should warm {{ length | integer }} meters by {{ change | integer }} degrees within a day. A temperature
    that stays misses the equation by {{ residual | scientific(1) }} degrees a second; squared that is
    {{ ratio | scientific(1) }} of the squared error of a start that is wrong by as much."""
    t = np.linspace(0, result.time, 1001)
    right = result.change * t / result.time
    missing = np.diff(right) / np.diff(t)  # the constant has no derivative at all, so all of it is missing
    assert np.allclose(missing, result.residual) and abs(np.mean(missing**2) / CHANGE**2 / result.ratio - 1) < 1e-9
    assert (result.length, result.change) == (LENGTH, CHANGE)


def claim_the_number_says_what_happens(result: Result) -> None:
    """With a diffusivity of {{ diffusivity | scientific }} square meters a second the number in front of the second
    derivative is {{ number | scientific(1) }}: within a day heat gets {{ reach | decimals(1) }} meters far, of
    {{ length | integer }}."""
    assert abs((result.reach / result.length) ** 2 / result.number - 1) < 1e-9
    assert abs(result.number * 2000**2 / (86_400 * result.diffusivity) - 1) < 1e-9 and result.diffusivity == 1e-6


def claim_the_operator_keeps_its_condition(result: Result) -> None:
    """For a sum of {{ sines | words }} sines the loss of the second derivative has a condition number of
    {{ kappa | integer }}, in any unit of length; fitting the same sum to data has {{ kappa_fit | integer }}."""
    assert abs(result.kappa / result.sines**4 - 1) < 1e-3 and abs(result.kappa_fit - 1) < 1e-3
    assert abs(condition_number(residual_hessian(2, 50.0)) / result.kappa - 1) < 1e-6


def equation_scaled() -> Draws:
    r"""\frac{\partial u}{\partial \tau} = \frac{aT}{L^2}\,\frac{\partial^2 u}{\partial \xi^2}"""
    for rng in draws(3):
        a, T, L, k = rng.uniform(0.1, 2), rng.uniform(0.5, 3), rng.uniform(1, 4), rng.uniform(0.5, 2)
        x, t = rng.uniform(0, 3), rng.uniform(0, 1)
        decay = np.exp(-a * k**2 * t)  # u(x, t) = sin(kx) exp(−ak²t), with x = Lξ and t = Tτ
        by_time = T * complex_step(lambda t, a=a, k=k, x=x: np.sin(k * x) * np.exp(-a * k**2 * t), np.array(t))
        by_place = L**2 * complex_step(lambda x, k=k, decay=decay: k * np.cos(k * x) * decay, np.array(x))
        yield {
            r"\frac{\partial u}{\partial \tau}": float(by_time),
            r"\frac{\partial^2 u}{\partial \xi^2}": float(by_place),
            "a": a,
            "T": T,
            "L": L,
        }
