"""Is the bound of steepest descent ever reached (Shewchuk, 1994)?

Yes, from special starts, an error of (1, ±κ) on a bowl of curvatures κ and 1; of random starts a share of
{{ slower | percent }} does as badly, or nearly.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws, find_minimum
from lib.plots import INK, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import descent_factor, line_search

SEED = 0
KAPPAS = (3.0, 23.0, 101.0)
STARTS = 200
ANGLES = np.append(np.arange(0, 80, 2), np.linspace(80, 90, 101))  # of an error with the steepest direction, in degrees


@dataclass(frozen=True)
class Result:
    starts: int
    "Random starts on each bowl."
    slower: float
    "Largest share of them, over the bowls, whose first step is as slow as the bound, or nearly."
    kappas: tuple[float, ...]
    "Condition numbers of the bowls."
    bounds: tuple[float, ...]
    "The largest factor of a step on each."
    worst: tuple[float, ...]
    "Angle of the worst starting error with the steepest direction on each, in degrees."
    halfway: tuple[float, ...]
    "Factor of the first step on each if the error starts halfway, at an angle of `half`."
    half: float
    "That angle, in degrees."
    factors: tuple[np.ndarray, ...]
    "Factor of the first step on each, by the angle at the start, over `ANGLES`."


def energy_factors(kappa: float, start: np.ndarray, tolerance: float) -> np.ndarray:
    """Factors by which each step of line search multiplies √(eᵀHe), H of curvatures κ and 1."""
    path = line_search(np.diag([kappa, 1.0]), start, tolerance)
    losses = path**2 @ [kappa, 1.0]
    return np.sqrt(losses[1:] / losses[:-1])


def first_factors(kappa: float) -> np.ndarray:
    """The factor of the first step from each random start."""
    starts = np.random.default_rng(SEED).normal(size=(STARTS, 2))
    return np.array([energy_factors(kappa, start, 0.999)[0] for start in starts])


def factor_at(kappa: float, angle: np.ndarray | float) -> np.ndarray:
    """The factor of the first step where the error makes this angle, in degrees, with the steepest direction."""
    g = np.array([kappa * np.cos(np.radians(angle)), np.sin(np.radians(angle))])  # the gradient
    square = g**2
    return np.sqrt(1 - square.sum(axis=0) ** 2 / ((kappa * square[0] + square[1]) * (square[0] / kappa + square[1])))


def compute() -> Result:
    shares = [float(np.mean(first_factors(kappa) >= 0.999 * descent_factor(kappa))) for kappa in KAPPAS]
    return Result(
        starts=STARTS,
        slower=max(shares),
        kappas=KAPPAS,
        bounds=tuple(descent_factor(kappa) for kappa in KAPPAS),
        worst=tuple(float(np.degrees(np.arctan(kappa))) for kappa in KAPPAS),
        halfway=tuple(float(factor_at(kappa, 45)) for kappa in KAPPAS),
        half=45.0,
        factors=tuple(np.nan_to_num(factor_at(kappa, ANGLES)) for kappa in KAPPAS),
    )


def claim_worst_starts(result: Result) -> None:
    r"""From an error of $(1, \pm\kappa)$ on a bowl of curvatures $\kappa$ and 1, every step of an exact line search
    multiplies the error’s energy norm by the bound, $(\kappa - 1)/(\kappa + 1)$. From {{ starts }} random starts on
    the same bowl it is never more, and from all but {{ slower | percent }} noticeably less."""
    for kappa in KAPPAS:
        bound = (kappa - 1) / (kappa + 1)
        for sign in (-1, 1):
            factors = energy_factors(kappa, np.array([1, sign * kappa]), bound**24)
            assert len(factors) >= 12 and np.allclose(factors, bound)
        assert first_factors(kappa).max() <= bound + 1e-12
    assert 0 < result.slower < 0.1


def claim_worst_angles(result: Result) -> None:
    """On bowls of condition number {{ kappas | integer | list }} the worst start makes an angle of
    {{ worst | decimals(1) | list }} degrees with the steepest direction, and the factor is
    {{ bounds | decimals(3) | list }}; at {{ half | integer }} degrees it is {{ halfway | decimals(3) | list }}."""
    for kappa, bound, worst, halfway, factors in zip(
        result.kappas, result.bounds, result.worst, result.halfway, result.factors
    ):
        for angle, factor in ((worst, bound), (result.half, halfway), *zip(ANGLES[1:-1], factors[1:-1])):
            start = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
            assert abs(energy_factors(kappa, start, 0.999)[0] - factor) < 1e-6
        turns = [start / np.linalg.norm(start) for start in np.array([[1, kappa * k] for k in (0.99, 1.01)])]
        assert all(energy_factors(kappa, start, 0.999)[0] < bound for start in turns)  # on either side of the worst
        assert factors[0] < 1e-6 > factors[-1]  # along an axis one step arrives


def equation_first_step() -> Draws:
    r"""\gamma^2 = 1 - \frac{(g^\top g)^2}{(g^\top H g)\,(g^\top H^{-1} g)}"""
    for rng in draws(12):
        A, e = rng.normal(size=(3, 3)), rng.normal(size=3)
        H = A @ A.T + 0.3 * np.eye(3)
        path = line_search(H, e, 0.999)[:2]
        before, after = (error @ H @ error for error in path)
        yield {r"\gamma": np.sqrt(after / before), "g": H @ e, "H": H}


def equation_fraction() -> Draws:
    r"""\frac{(g^\top g)^2}{(g^\top H g)\,(g^\top H^{-1} g)}
    = \left(1 + \frac{(\kappa - 1)^2}{\kappa}\,\frac{g_1^2\, g_2^2}{(g^\top g)^2}\right)^{-1}"""
    for rng in draws(12):
        kappa, g = rng.uniform(2, 30), rng.normal(size=2)
        yield {"g": g, "g_1": g[0], "g_2": g[1], "H": np.diag([kappa, 1.0]), r"\kappa": kappa}


def equation_bound() -> Draws:
    r"""\gamma^2 = 1 - \left(1 + \frac{(\kappa - 1)^2}{4\kappa}\right)^{-1}
    = \left(\frac{\kappa - 1}{\kappa + 1}\right)^2"""
    for rng in draws(12):
        kappa = rng.uniform(2, 30)
        slow = find_minimum(lambda ratio, kappa=kappa: -energy_factors(kappa, np.array([1, ratio]), 0.999)[0], 1, 60)
        yield {r"\gamma": energy_factors(kappa, np.array([1, slow]), 0.999)[0], r"\kappa": kappa}


def figure_angles(result: Result) -> Figure:
    """Factor of the first step against the angle of the starting error with the steepest direction, up to
    a right one. Each curve rises from 0 to its bound, {{ bounds | decimals(2) | list }}, and falls to 0 at the end.
    The larger the condition number, {{ kappas | integer | list }}, the nearer to the right angle is the peak, and the
    narrower."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    for kappa, bound, worst, factors, role, at in zip(
        result.kappas, result.bounds, result.worst, result.factors, (MUTED, INK, SECOND), (18, 26, 34)
    ):
        axes.plot(ANGLES, factors, color=role, label=f"κ = {kappa:.0f}")
        axes.plot(worst, bound, "o", color=role, markersize=5, label="worst start")
        label_point(axes, f"κ = {kappa:.0f}", (ANGLES[at], factors[at]), role, dx=-6, dy=6)
    axes.set(xlim=(0, 92), ylim=(0, 1.03))
    frame_axes(axes, [0, 45, 90], [0, 0.5, 1], "angle of the error with the steepest direction, degrees", "factor")
    return figure


if __name__ == "__main__":
    show_figures(figure_angles, of=compute())
