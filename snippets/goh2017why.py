"""What does momentum gain at best, and what does it do to an oscillating error (Goh, 2017)?

It puts √κ in the place of κ: a search over step sizes and momenta finds no smaller factor per step. And an oscillating
error falls by √β a step, {{ modulus | digits(3) }} for β = {{ beta | digits(1) }}; the 2√β that is printed would make
it explode.

    kappa  condition number: curvatures from 1 to kappa
    beta   momentum
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import find_minimum
from lib.optimizers import momentum_path
from lib.plots import INK, MUTED, SECOND, decades, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import MILLIONTH, best_momentum_factor, descent_factor, momentum_factor, steps_to, tuned_momentum

KAPPAS = (10, 100, 1000)
BETA = 0.9
CURVATURE = 0.3  # times the step size, where the error oscillates
BETAS = np.append(np.arange(0, 80) / 100, 1 - np.geomspace(0.2, 0.03, 80))


@dataclass(frozen=True)
class Result:
    kappas: tuple[int, ...]
    "Condition numbers."
    tuned: tuple[float, ...]
    "Least factor per step that any step size and momentum give, searched for, one entry per condition number."
    beta: float
    "A usual momentum."
    modulus: float
    "Factor per step of the error under it, measured where it oscillates."
    misprint: float
    "Twice the root of that momentum."
    best: tuple[float, ...]
    "The momentum that is best for each condition number."
    counts: dict[str, tuple[int, ...]]
    "Whole steps to a millionth by the factors: without momentum, with the usual one, with the best one."
    curves: tuple[np.ndarray, ...]
    "Such steps over `BETAS` before rounding up, for each condition number."


def best_factor(kappa: float) -> float:
    """Least factor per step over step sizes and momenta, for curvatures between 1 and kappa, by search."""

    def over_steps(beta):
        low, high = ((1 + sign * np.sqrt(beta)) ** 2 / kappa for sign in (-1, 1))
        steps = np.append(np.linspace(low, 1.2 * high, 13)[1:], high)
        return np.maximum(momentum_factor(steps, beta), momentum_factor(kappa * steps, beta)).min()

    return float(over_steps(find_minimum(over_steps, 0, 1)))


def measured_factor(beta: float) -> float:
    """Factor per step of an oscillating error: the fall of its largest swings between steps 100–200 and 300–400."""
    sizes = abs(momentum_path(np.array([CURVATURE]), np.ones(1), 1.0, beta, 400)[1:, 0])
    return float((sizes[300:].max() / sizes[100:200].max()) ** (1 / 200))


def steps_by(factor: float) -> float:
    """Steps to a millionth, if each leaves this factor."""
    return float(np.log(MILLIONTH) / np.log(factor))


def compute() -> Result:
    betas = {"none": [0.0] * 3, "usual": [BETA] * 3, "best": [tuned_momentum(kappa, 1)[1] for kappa in KAPPAS]}
    return Result(
        kappas=KAPPAS,
        tuned=tuple(best_factor(kappa) for kappa in KAPPAS),
        beta=BETA,
        modulus=measured_factor(BETA),
        misprint=2 * float(np.sqrt(BETA)),
        best=tuple(float(beta) for beta in betas["best"]),
        counts={
            name: tuple(steps_to(MILLIONTH, best_momentum_factor(beta, kappa)) for beta, kappa in zip(chosen, KAPPAS))
            for name, chosen in betas.items()
        },
        curves=tuple(np.array([steps_by(best_momentum_factor(b, kappa)) for b in BETAS]) for kappa in KAPPAS),
    )


def claim_root_of_momentum(result: Result) -> None:
    """With momentum of {{ beta | digits(1) }} an oscillating error falls by a factor {{ modulus | digits(3) }} a step;
    twice the root would be {{ misprint | digits(3) }}, and every such run would explode."""
    assert abs(result.modulus - np.sqrt(BETA)) < 1e-3  # its largest swings are met at whole steps only
    roots = np.roots([1, -(1 + BETA - CURVATURE), BETA])
    assert abs(roots[0].imag) > 0.1 and np.allclose(abs(roots), np.sqrt(BETA))
    assert abs(result.misprint - np.sqrt(4 * BETA)) < 1e-12 and result.misprint > 1 > result.modulus


def claim_tuned_momentum(result: Result) -> None:
    r"""A search over step sizes and momenta finds, for condition numbers of {{ kappas | integer | list }}, factors per
    step of {{ tuned | digits(3) | list }}: as near as a search goes, $(\sqrt{\kappa} - 1)/(\sqrt{\kappa} + 1)$."""
    rates = [(np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1) for kappa in KAPPAS]
    assert np.allclose(result.tuned, rates, rtol=1e-6)


def searched_factor(beta: float, kappa: float) -> float:
    """Least factor per step of this momentum over step sizes, from the eigenvalues of its iteration, by search."""

    def largest(step: float) -> float:
        return max(
            abs(np.linalg.eigvals([[1 + beta - step * curvature, -beta], [1, 0]])).max() for curvature in (1.0, kappa)
        )

    return largest(find_minimum(largest, 0.5 / kappa, 2 * (1 + beta) / kappa))


def claim_one_momentum_suits_one_condition_number(result: Result) -> None:
    """For condition numbers of {{ kappas | integer | list }} the best momentum is {{ best | digits(2) | list }}.
    Counted by the factor, a millionth of the error takes {{ counts.best | integer | list }} steps with it,
    {{ counts.usual | integer | list }} with {{ beta | digits(1) }} for all of them, and
    {{ counts.none | integer | list }} without momentum."""
    for i, kappa in enumerate(result.kappas):
        for beta, name in ((0.0, "none"), (BETA, "usual"), (result.best[i], "best")):
            left = searched_factor(beta, kappa) ** np.array([result.counts[name][i] - 1, result.counts[name][i]])
            assert left[0] > 1e-6 > left[1] / 1.0001, (name, kappa)  # the last step arrives, the one before does not
        for name, factor in (("best", result.tuned[i]), ("none", descent_factor(kappa))):
            assert result.counts[name][i] == np.ceil(np.log(1e-6) / np.log(factor))
        root = (np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)
        assert abs(result.best[i] - root**2) < 1e-12
        curve = result.curves[i]
        assert abs(BETAS[curve.argmin()] - result.best[i]) < 0.01 and curve.min() > result.counts["best"][i] - 1
        for j in (10, 60, 120):
            assert abs(np.log(1e-6) / np.log(searched_factor(BETAS[j], kappa)) / curve[j] - 1) < 1e-3


def figure_tuned(result: Result) -> Figure:
    """Steps to a millionth against the momentum, at the best step size for each, on a logarithmic axis. One curve for
    each condition number falls to a sharp dip, at momenta of {{ best | digits(2) | list }}, and rises again behind
    it, the same curve for all."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    for kappa, curve, best, factor, role in zip(
        result.kappas, result.curves, result.best, result.tuned, (MUTED, INK, SECOND)
    ):
        axes.plot(BETAS, curve, color=role, label=f"κ = {kappa:,}")
        axes.plot(best, steps_by(factor), "o", color=role, markersize=5, label="tuned")
        label_point(axes, f"κ = {kappa:,}", (BETAS[8], curve[8]), role, dx=0, dy=10)
    axes.set(yscale="log", xlim=(-0.01, 1), ylim=(10, 1e4))
    frame_axes(axes, [0, 0.5, BETA, 1], decades(1, 2, 3, 4), "momentum", "steps to a millionth")
    return figure


if __name__ == "__main__":
    show_figures(figure_tuned, of=compute())
