"""What do Shampoo's roots and Muon's polynomial make of a gradient's singular values?

Shampoo's first step sets all of them to 1. Muon's {{ times | words }} steps of a polynomial bring those
between {{ least | digits(1) }} and 1 of the largest to between {{ low | decimals(2) }} and {{ high | decimals(2) }}.

    G   gradient of a layer's weights
    D   the orthogonalized gradient: the same singular vectors, all singular values 1
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import FIRST, MUTED, decades, frame_axes, new_figure, show_figures

COEFFICIENTS, TIMES = (3.4445, -4.7750, 2.0315), 5
LEAST = 0.002


@dataclass(frozen=True)
class Result:
    coefficients: tuple[float, ...]
    "Muon's polynomial: factors of s, s³ and s⁵."
    times: int
    "How often it is applied."
    least: float
    "Singular value over the largest, from which on the result is near 1."
    low: float
    "Least result from there on."
    high: float
    "Largest result from there on."
    small: float
    "By how much a very small singular value is multiplied."
    curve: np.ndarray
    "Results for singular values from very small to 1, evenly spread on a logarithmic scale."


def apply_polynomial(s: np.ndarray) -> np.ndarray:
    """Muon's polynomial of singular values, applied as often as Muon does."""
    a, b, c = COEFFICIENTS
    for _ in range(TIMES):
        s = a * s + b * s**3 + c * s**5
    return s


def orthogonalize(G: np.ndarray) -> np.ndarray:
    """The same by products of matrices, without a singular value decomposition; G is divided by its length first."""
    a, b, c = COEFFICIENTS
    D = G / np.linalg.norm(G)
    for _ in range(TIMES):
        square = D @ D.T
        D = a * D + (b * square + c * square @ square) @ D
    return D


def compute() -> Result:
    s = np.geomspace(1e-4, 1, 2001)
    curve = apply_polynomial(s)
    far = curve[s >= LEAST]
    return Result(
        coefficients=COEFFICIENTS,
        times=TIMES,
        least=LEAST,
        low=float(far.min()),
        high=float(far.max()),
        small=COEFFICIENTS[0] ** TIMES,
        curve=curve,
    )


def claim_muon_is_near_one(result: Result) -> None:
    """Muon's polynomial, applied {{ times | words }} times, brings singular values from {{ least | digits(1) }} to
    1 times the gradient's length to between {{ low | decimals(2) }} and {{ high | decimals(2) }}; very small ones are
    multiplied by {{ small | integer }}."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        u, v = (np.linalg.qr(rng.normal(size=(8, 8)))[0] for _ in range(2))
        s = np.append(np.geomspace(result.least, 0.7, 7), 1e-9)
        found = np.linalg.svd(orthogonalize(u * s @ v), compute_uv=False)
        scaled = apply_polynomial(s / np.linalg.norm(s))
        np.testing.assert_allclose(np.sort(found), np.sort(scaled), rtol=1e-6)
        assert abs(found[-1] / (1e-9 / np.linalg.norm(s)) - result.small) < 0.5
    tried = apply_polynomial(np.linspace(result.least, 1, 500_001))
    assert abs(tried.min() - result.low) < 0.004 and abs(tried.max() - result.high) < 0.004
    below = apply_polynomial(np.array([result.least / 2]))
    assert below[0] < result.low - 0.1 and result.times == 5


def claim_one_example_has_nothing_to_level(result: Result) -> None:
    """The gradient of a single example, δaᵀ, has one singular value: orthogonalized it is δaᵀ over its length, the
    same direction, mean and all."""
    rng = np.random.default_rng(1)
    for _ in range(10):
        G = np.outer(rng.normal(size=5), rng.uniform(size=7))
        u, s, v = np.linalg.svd(G, full_matrices=False)
        kept = s > 1e-9 * s[0]
        np.testing.assert_allclose(u[:, kept] @ v[kept], G / np.linalg.norm(G), atol=1e-9)


def equation_shampoo() -> Draws:
    r"""D = (G G^\top)^{-1/4}\,G\,(G^\top G)^{-1/4}"""
    for rng in draws(8):
        u, v = (np.linalg.qr(rng.normal(size=(4, 4)))[0] for _ in range(2))
        s = rng.uniform(0.2, 3, 4)
        roots = [w * s**-0.5 @ w.T for w in (u, v.T)]
        yield {
            "D": u @ v,
            r"(G G^\top)^{-1/4}": roots[0],
            r"(G^\top G)^{-1/4}": roots[1],
            "G": u * s @ v,
        }


def figure_polynomial(result: Result) -> Figure:
    """Singular value behind Muon's polynomial against that before it, logarithmic: a rise,
    and from about {{ least | digits(1) }} on a wavy line between {{ low | decimals(1) }} and
    {{ high | decimals(1) }}."""
    figure = new_figure(360, 0.65)
    (axes,) = figure.axes
    axes.plot(np.geomspace(1e-4, 1, 2001), result.curve, color=FIRST)
    axes.plot([1e-4, 1], [1, 1], color=MUTED, linewidth=0.8)
    axes.set(xscale="log", ylim=(0, 1.4))
    frame_axes(axes, decades(-4, -3, -2, -1, 0), [0, 0.5, 1], "singular value over the length", "what becomes of it")
    return figure


if __name__ == "__main__":
    show_figures(figure_polynomial, of=compute())
