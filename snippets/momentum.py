"""What does momentum do to the zig-zag?

It keeps it and makes it cheap: √κ takes the place of κ. On a condition number of {{ kappa | digits(4) }} plain descent
leaves {{ plain_rate | decimals(4) }} of the error a step, tuned momentum {{ tuned_rate | decimals(3) }}.

    κ      of a linear neuron without a bias that reads sigmoids at N(0, 1)
    z      step size times curvature
    ρ      a root of ρ² − (1 + β − z)ρ + β: what an error is multiplied by in each step of momentum
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.patches import Polygon

from lib.activation_functions import sigmoid
from lib.gaussian import moments
from lib.numerics import Draws, draws
from lib.optimizers import momentum_path, momentum_radius
from lib.plots import FIRST, HIGHLIGHT, SECOND, Frames, frame_axes, new_figure
from lib.quadratics import (
    MILLIONTH,
    best_momentum_factor,
    descent_factor,
    first_step_below,
    kappa_without_bias,
    momentum_factor,
    momentum_step,
    split_along_mean,
    tuned_momentum,
)
from lib.text import choose_sentence, decimals, integer, percent

SEED = 0
INPUTS, STARTS = 100, 9
OTHERS = {"half": 0.5, "usual": 0.9, "most": 0.99}
BETAS = (*np.arange(0, 80, 5) / 100, *np.arange(80, 100) / 100)  # to move through
LEAST = 4e-4  # where that drawing ends


@dataclass(frozen=True)
class Result:
    kappa: float
    "Condition number of the Hessian without a bias."
    tuned: int
    "Steps to a millionth of the starting loss, momentum and step size tuned for the least factor; median over targets."
    tuned_beta: float
    "The momentum tuned for this condition number."
    tuned_rate: float
    "The factor of the error per step that belongs to it."
    plain_rate: float
    "The factor of plain descent at its best step."
    betas: dict[str, float]
    "Three other momenta: small, as usual, large."
    rates: dict[str, float]
    "The factor of each at its best step."
    gain: float
    "How many times as large a velocity a constant gradient gathers as an alternating one, for the usual momentum."


def share_of_crossings(beta: float, kappa: float) -> float:
    """Share of steps in which the error along the steepest direction changes its sign, at the best step size."""
    half = (1 + beta - momentum_step(beta, kappa, 1.0) * kappa) / 2
    return 1.0 if half**2 >= beta else float(np.arccos(half / np.sqrt(beta)) / np.pi)


def compute() -> Result:
    kappa = kappa_without_bias(*moments(sigmoid), INPUTS)
    step, beta = tuned_momentum(kappa, 1.0)
    starts = np.random.default_rng(SEED).normal(size=(STARTS, INPUTS))
    losses = momentum_path(np.array([kappa, 1.0]), split_along_mean(starts), step, beta, 400) ** 2 @ [kappa, 1.0]
    return Result(
        kappa=kappa,
        tuned=int(np.median(first_step_below(losses))),
        tuned_beta=beta,
        tuned_rate=np.sqrt(beta),
        plain_rate=descent_factor(kappa),
        betas=OTHERS,
        gain=(1 + OTHERS["usual"]) / (1 - OTHERS["usual"]),
        rates={name: best_momentum_factor(other, kappa) for name, other in OTHERS.items()},
    )


def claim_momentum_still_crosses(result: Result) -> None:
    """At its tuned step size momentum’s error along the mean changes sign at every step, as in plain descent; in the
    long run each step leaves {{ tuned_rate | decimals(3) }} of it, where plain descent leaves
    {{ plain_rate | decimals(4) }}."""
    run = momentum_path(np.array([result.kappa, 1.0]), np.ones(2), *tuned_momentum(result.kappa, 1.0), 150)
    powers = result.betas["usual"] ** np.arange(500)  # what a velocity has gathered of a constant gradient of 1
    assert abs(powers.sum() / (powers * (-1.0) ** np.arange(500)).sum() / result.gain - 1) < 1e-9
    assert np.all(run[1:, 0] * run[:-1, 0] < 0) and np.all(run[1:, 1] * run[:-1, 1] > 0)
    assert abs(run[150] / run[149]).max() < result.plain_rate - 0.06
    assert abs(((1 + result.tuned_rate) / (1 - result.tuned_rate)) ** 2 / result.kappa - 1) < 1e-9
    assert abs((1 + result.plain_rate) / (1 - result.plain_rate) / result.kappa - 1) < 1e-9
    mean, variance = moments(sigmoid)
    assert abs(np.linalg.cond(variance * np.eye(INPUTS) + mean**2) / result.kappa - 1) < 1e-9


def claim_more_momentum_is_not_better(result: Result) -> None:
    r"""At its best step size $\beta = {{ betas.half | decimals(1) }}$ leaves {{ rates.half | decimals(3) }} of the
    error a step, $\beta = {{ betas.usual | decimals(1) }}$ leaves {{ rates.usual | decimals(3) }}, and
    $\beta = {{ betas.most | decimals(2) }}$ leaves {{ rates.most | decimals(3) }}; the least,
    {{ tuned_rate | decimals(3) }}, lies between."""
    curvatures = np.array([result.kappa, 1.0])
    for beta, rate in zip(result.betas.values(), result.rates.values()):
        best = momentum_step(beta, *curvatures)
        for step in best * np.array([0.8, 0.97, 1.0, 1.005, 1.03]):
            measured = momentum_radius(step, beta, curvatures)
            assert measured > rate - 1e-9 and (step != best or measured < rate + 1e-9)
        run = momentum_path(curvatures, np.ones(2), best, beta, 400)[:, 0]
        assert abs(np.mean(run[1:] * run[:-1] < 0) - share_of_crossings(beta, result.kappa)) < 0.01
    assert result.tuned_rate < result.rates["usual"] < result.rates["most"] < result.plain_rate
    assert result.rates["usual"] < result.rates["half"] < result.plain_rate
    assert abs(((1 + result.tuned_rate) / (1 - result.tuned_rate)) ** 2 / result.kappa - 1) < 1e-9


def equation_gains() -> Draws:
    r"""\frac{v_{\text{steady}}}{v_{\text{alternating}}} = \frac{1 + \beta}{1 - \beta}"""
    for beta in np.random.default_rng(0).uniform(0.1, 0.95, 12):
        steady = alternating = 0.0
        for t in range(900):
            steady, alternating = beta * steady + 1, beta * alternating + (-1) ** t
        yield {r"v_{\text{steady}}": steady, r"v_{\text{alternating}}": abs(alternating), r"\beta": beta}


def equation_iteration() -> Draws:
    r"""\begin{pmatrix} e_{t+1} \\ e_t \end{pmatrix} =
    \begin{pmatrix} 1 + \beta - \eta\lambda & -\beta \\ 1 & 0 \end{pmatrix}
    \begin{pmatrix} e_t \\ e_{t-1} \end{pmatrix}"""
    for rng in draws(12):
        curvature, step, beta = rng.uniform(0.2, 3, 3)
        w, velocity, seen = rng.normal(), 0.0, []
        for _ in range(4):  # as programs write it: a velocity that forgets, and the weight that follows it
            seen.append(w)
            velocity = beta * velocity - step * curvature * w
            w = w + velocity
        errors = {"e_{t+1}": seen[3], "e_t": seen[2], "e_{t-1}": seen[1]}
        yield errors | {r"\beta": beta, r"\eta": step, r"\lambda": curvature}


def equation_roots() -> Draws:
    r"""\gamma_1 + \gamma_2 = 1 + \beta - \eta\lambda, \quad \gamma_1\gamma_2 = \beta"""
    for rng in draws(12):
        beta, step, curvature = rng.uniform(0.05, 0.6), rng.uniform(0.3, 0.9), rng.uniform(3.5, 5)
        one, two = np.linalg.eigvals(np.array([[1 + beta - step * curvature, -beta], [1, 0]]) + 0j)
        yield {r"\gamma_1": one, r"\gamma_2": two, r"\beta": beta, r"\eta": step, r"\lambda": curvature}


def equation_modulus() -> Draws:
    r"""\lvert\gamma\rvert = \sqrt{\beta}"""
    for rng in draws(12):
        beta = rng.uniform(0.1, 0.95)
        z = rng.uniform((1 - np.sqrt(beta)) ** 2, (1 + np.sqrt(beta)) ** 2)
        for root in np.linalg.eigvals([[1 + beta - z, -beta], [1, 0]]):
            yield {r"\gamma": root, r"\beta": beta}


def explore_momentum(result: Result, start: int = 26) -> Frames:
    """What a step takes off the error against step size times curvature, both axes logarithmic. Plain descent: a single
    peak at 1. Momentum of {{ betas.usual | decimals(1) }}: a flat roof at one minus its root, over three orders of
    magnitude. A band, the curvatures of this problem at the best step size, lies under the roof with room to spare."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    band = axes.add_patch(Polygon([(1, 1), (2, 1), (2, 2), (1, 2)], facecolor=HIGHLIGHT, edgecolor="none", gid="band"))
    z = np.append(np.geomspace(LEAST, 1, 40), 2 - np.geomspace(1, LEAST, 40))
    axes.plot(z, 1 - momentum_factor(z, 0), color=SECOND, label="plain")
    (line,) = axes.plot([1, 2], [1, 1], color=FIRST, label="momentum", gid="momentum")
    axes.set(xscale="log", yscale="log", xlim=(LEAST, 5), ylim=(LEAST, 1.2))
    ticks = [0.001, 0.01, 0.1, 1]
    frame_axes(axes, ticks, ticks, "step size × curvature", "taken off per step")
    axes.set_title("plain", loc="center", color=SECOND)
    axes.set_title("momentum", loc="right", color=FIRST)
    nearest = min(BETAS, key=lambda beta: abs(beta - result.tuned_beta))
    plain = np.log(MILLIONTH) / 2 / np.log(best_momentum_factor(0, result.kappa))
    for beta in BETAS:
        low, left = momentum_step(beta, result.kappa, 1.0), best_momentum_factor(beta, result.kappa)
        z = roof_corners(beta)
        line.set_data(z, np.maximum(1 - momentum_factor(z, beta), LEAST / 4))
        band.set_xy([(low, LEAST), (low * result.kappa, LEAST), (low * result.kappa, 1), (low, 1)])
        steps = np.log(MILLIONTH) / 2 / np.log(left)
        readouts = {
            "momentum": decimals(beta, 2),
            "factor per step": decimals(left, 4),
            "steps to a millionth": integer(steps),
            "times as fast as plain": decimals(plain / steps, 1),
            "steps that cross the valley": percent(share_of_crossings(beta, result.kappa)),
        }
        cases = [
            (beta == 0, "Plain descent: a peak and no roof."),
            (beta == nearest, "About the best: the roof just covers the band, so it is as high as can be."),
            (beta < nearest, "Too little: the band is wider than the roof."),
            (True, "More than needed: the roof is wider than the band, and has sunk."),
        ]
        slowest = " At the ends of the band a step leaves {{ left | decimals(3) }} of the error."
        yield figure, readouts, choose_sentence([(holds, words + slowest) for holds, words in cases], left=left)


def roof_corners(beta: float) -> np.ndarray:
    """Points where the curve of momentum is drawn: most of them at the ends of its roof."""
    low, high = (1 - np.sqrt(beta)) ** 2, (1 + np.sqrt(beta)) ** 2
    u = np.linspace(0, 1, 12)
    left = np.geomspace(min(LEAST, low) / 2, low / 4, 4)[:-1]
    right = high + (2 + 2 * beta - high) * (1 - np.cos(np.pi * u)) / 2
    return np.concatenate([left, low * (1 - 0.75 * u[::-1] ** 2), right])


if __name__ == "__main__":
    print(compute())
