"""Why does gradient descent zig-zag when inputs are not centered?

Because the mean of the inputs makes the loss steep along one direction and leaves it flat across it: one step size
cannot serve both. The example is the smallest there is: a linear neuron with two inputs and no bias, half the squared
error, full-batch gradient descent at its best constant step.

    mean   mean of either input; both have variance 1 and are independent
    H      Hessian of L = ½E(w·x − y)², here E[xxᵀ]
    kappa  condition number of H: steepest over flattest curvature
    error  w − w*, what is left to go
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, complex_step, draws
from lib.plots import (
    FIRST,
    SECOND,
    Frames,
    decades,
    draw_plane,
    ellipses,
    frame_axes,
    label_panel,
    label_point,
    new_figure,
    show_figures,
)
from lib.quadratics import MILLIONTH, START, best_step, descend, hessian, path_length, sign_changes
from lib.text import choose_sentence, decimals, integer

MEANS = (0.0, 1.0, 2.0, 3.0)
SHOWN = 4e-3  # where a drawn path may end: nothing smaller can be seen


@dataclass(frozen=True)
class Result:
    means: tuple[float, ...]
    "Mean of either input, one entry per problem."
    moments: tuple[float, float]
    "Second moments at the third mean: of either input with itself, and of one with the other."
    start: tuple[float, float]
    "Error of either weight at the start drawn here."
    cosine: float
    "Cosine of the angle between that error and the mean."
    kappa: tuple[float, ...]
    "Condition number of each problem's Hessian, without a bias."
    steps: tuple[int, ...]
    "Steps until the error is a millionth of what it was, at the best constant step."
    crossings: tuple[int, ...]
    "How often the error along the mean changed sign on the way, at the best step."
    detour: tuple[float, ...]
    "Length of the path over the straight distance, from the start drawn here."
    paths: tuple[np.ndarray, ...]
    "Errors visited, shape (steps + 1, 2), one array per problem."


def compute() -> Result:
    curvatures = [hessian(np.full(2, mean)) for mean in MEANS]
    paths = [descend(H, best_step(H), START) for H in curvatures]
    return Result(
        **{"means": MEANS, "start": tuple(START)},
        moments=tuple(curvatures[2][0]),
        cosine=START.sum() / np.sqrt(2) / np.linalg.norm(START),
        kappa=tuple(np.linalg.cond(H) for H in curvatures),
        steps=tuple(len(path) - 1 for path in paths),
        crossings=tuple(sign_changes(path @ np.ones(2)) for path in paths),
        detour=tuple(path_length(path) for path in paths),
        paths=tuple(paths),
    )


def claim_one_step_when_centered(result: Result) -> None:
    """Centered inputs need {{ steps[0] }} step; means of {{ means[1:] | digits(1) | list }} need
    {{ steps[1:] | integer | list }}."""
    rate = [2 * mean**2 / (2 + 2 * mean**2) for mean in result.means]  # (κ − 1)/(κ + 1) with κ = 1 + 2 mean²
    assert result.steps[0] == 1 and rate[0] == 0
    assert list(result.steps[1:]) == [int(np.ceil(np.log(MILLIONTH) / np.log(r))) for r in rate[1:]]


def claim_every_step_crosses(result: Result) -> None:
    """At the best constant step the error along the mean changes sign at every single step."""
    assert result.crossings[1:] == result.steps[1:] and result.crossings[0] == 0


def claim_signs_do_not_matter(result: Result) -> None:
    """Flip the sign of one input, so that its mean is negative and single gradients have mixed signs: gradient
    descent takes the mirrored path, step for step."""
    assert math.isclose(result.cosine, math.cos(math.atan2(START[1], START[0]) - math.pi / 4))  # from the mean's line
    flip = np.diag([1.0, -1.0])
    for mean, path in zip(MEANS, result.paths):
        mirrored = descend(flip @ hessian(np.full(2, mean)) @ flip, 2 / (2 + 2 * mean**2), flip @ START)
        np.testing.assert_allclose(mirrored @ flip, path, atol=1e-12)
        length = sum(math.dist(here, there) for here, there in pairwise(mirrored))
        assert abs(length / result.detour[MEANS.index(mean)] - 1) < 1e-12


def equation_gradient() -> Draws:
    r"""\frac{\partial L}{\partial w} = \delta\, x"""
    for rng in draws(20):
        x, w, y = rng.normal(size=(5, 1)), rng.normal(size=5), rng.normal()
        gradient = complex_step(lambda w, x, y: 0.5 * (w @ x[:, 0] - y) ** 2, w, x, y)
        yield {r"\frac{\partial L}{\partial w}": gradient, r"\delta": w @ x[:, 0] - y, "x": x}


def equation_second_moment() -> Draws:
    r"""H = \mathbb{E}[x x^\top] = \Sigma + \mu\mu^\top"""
    for rng in draws(20):
        x = rng.normal(rng.normal(size=(4, 1)), 1, size=(4, 500))
        y = rng.normal(size=500)
        gradients = [x @ (w @ x - y) / 500 for w in np.eye(4)]  # a quadratic's Hessian, by differences of its gradient
        H = np.array(gradients) - x @ -y / 500
        yield {"H": H, r"\mathbb{E}[x x^\top]": x @ x.T / 500, r"\Sigma": np.cov(x, bias=True), r"\mu": x.mean(axis=1)}


def equation_eigenvectors() -> Draws:
    r"""H\mu = (s^2 + \lVert\mu\rVert^2)\,\mu, \qquad H v = s^2 v"""
    for rng in draws(20):
        mu, v, s = rng.normal(size=6), rng.normal(size=6), rng.uniform(0.5, 2)
        v -= mu * (v @ mu) / (mu @ mu)  # any direction across the mean
        yield {"H": s**2 * np.eye(6) + np.outer(mu, mu), r"\mu": mu, "v": v, "s": s}


def equation_condition_number() -> Draws:
    r"""\kappa = \frac{\lambda_{\max}}{\lambda_{\min}} = 1 + \frac{\lVert\mu\rVert^2}{s^2}"""
    for rng in draws(20):
        mu, s = rng.normal(size=6), rng.uniform(0.5, 2)
        curvature = s**2 * np.eye(6) + np.outer(mu, mu)
        low, *_, high = np.linalg.eigvalsh(curvature)
        yield {
            r"\kappa": np.linalg.cond(curvature),
            r"\lambda_{\max}": high,
            r"\lambda_{\min}": low,
            r"\mu": mu,
            "s": s,
        }


def draw_best_steps() -> Draws:
    """Best steps from what they do: 1 − ηλmax = −γ and 1 − ηλmin = γ."""
    for mean in np.random.default_rng(0).uniform(0, 3, 20):
        H = hessian(np.full(2, mean))
        low, high = np.linalg.eigvalsh(H)
        step = np.linalg.solve([[high, 1], [low, -1]], [1, 1])[0]
        yield {r"\eta": step, r"\lambda_{\max}": high, r"\lambda_{\min}": low, r"\kappa": np.linalg.cond(H)}


def equation_factor_along() -> Draws:
    r"""1 - \eta\lambda_{\max} = -\frac{\kappa-1}{\kappa+1}"""
    yield from draw_best_steps()


def equation_factor_across() -> Draws:
    r"""1 - \eta\lambda_{\min} = +\frac{\kappa-1}{\kappa+1}"""
    yield from draw_best_steps()


def equation_steps() -> Draws:
    r"""t = \frac{\ln(1/\varepsilon)}{\ln\frac{\kappa+1}{\kappa-1}}
    \approx \frac{\kappa}{2}\,\ln\frac{1}{\varepsilon}"""
    for rng in draws(20):
        H, share = hessian(np.full(2, rng.uniform(1, 3))), 10 ** rng.uniform(-6, -1)
        sizes = np.linalg.norm(descend(H, best_step(H), START, tolerance=1e-7), axis=1)
        steps = np.interp(-np.log(share), -np.log(sizes), np.arange(len(sizes)))
        yield {"t": steps, r"\varepsilon": share, r"\kappa": np.linalg.cond(H), r"\approx": 0.05}


def equation_detour() -> Draws:
    r"""D = \sqrt{1 + (\kappa^2-1)\cos^2\varphi}"""
    for rng in draws(20):
        H, start = hessian(np.full(2, rng.uniform(0.3, 3))), rng.normal(size=2)
        path = descend(H, best_step(H), start, tolerance=1e-13)
        length = path_length(path) / np.linalg.norm(start)
        angle = np.arccos(start.sum() / np.sqrt(2) / np.linalg.norm(start))
        yield {"D": length, r"\kappa": np.linalg.cond(H), r"\varphi": angle}


def figure_paths(result: Result) -> Figure:
    """Two maps of the loss over the plane of two weights. Left, inputs of mean {{ means[2] | digits(1) }}: a
    narrow valley, and {{ steps[2] }} steps that leap from wall to wall while they creep along it. Right,
    centered inputs: circles, and {{ steps[0] }} straight step to the center."""
    figure = new_figure(320, 1, panels=2)
    words = (f"mean {result.means[2]:g}\n{result.steps[2]} steps", f"centered\n{result.steps[0]} step")
    for axes, mean, role, text in zip(figure.axes, (MEANS[2], 0), (SECOND, FIRST), words):
        H = hessian(np.full(2, mean))
        draw_plane(axes, H, descend(H, best_step(H), START, SHOWN), role, label=f"mean {mean:g}")
        label_panel(axes, text, role)
    return figure


def figure_errors(result: Result) -> Figure:
    """Error against step on a logarithmic axis. A straight line for each mean falls from 1 to a millionth, and
    arrives after {{ steps | integer | list }} steps for means of {{ means | digits(1) | list }}."""
    figure = new_figure(360, 0.82)
    (axes,) = figure.axes
    ticks = {}
    for mean, kappa, steps, path in zip(result.means, result.kappa, result.steps, result.paths):
        role = SECOND if mean else FIRST
        axes.plot(np.linalg.norm(path, axis=1), color=role, label=f"mean {mean:g}")
        ticks[steps] = f"{steps}{' steps' if mean == 3 else ''}\nmean {mean:g}"
        if mean:
            label_point(axes, f"κ = {kappa:.0f}", (steps * 5 / 6, MILLIONTH ** (5 / 6)), role, dx=8, dy=3 * mean)
    axes.set(yscale="log", xlim=(-1, 152), ylim=(MILLIONTH, 1.3))
    frame_axes(axes, ticks, decades(0, -2, -4, -6), "", "error, relative to the first")
    axes.get_xticklabels()[0].set_ha("right")
    return figure


def describe_condition(kappa: float, steps: int) -> str:
    """What a condition number looks like, and what it costs."""
    cases = [
        (steps == 1, "Centered: the contours are circles, the gradient points at the optimum, and one step arrives."),
        (
            True,
            "The valley is {{ ratio | decimals(1) }} times as long as it is wide, and {{ steps }} leaps across it are "
            "needed.",
        ),
    ]
    return choose_sentence(cases, ratio=np.sqrt(kappa), steps=steps)


def explore_mean(result: Result, start: int = 10) -> Frames:
    """The plane of two weights. As the mean of the inputs moves from 0 to {{ means[3] | digits(1) }}, circles close
    to a valley, and the straight step becomes a zig-zag."""
    figure = new_figure(360, 1)
    (axes,) = figure.axes
    H = hessian(np.ones(2))
    contours, path = draw_plane(axes, H, descend(H, best_step(H), START, SHOWN), SECOND, label="mean 1", gid="path")
    contours.set_gid("contours")
    for mean in np.linspace(0, 3, 31):
        H = hessian(np.full(2, mean))
        errors, kappa = descend(H, best_step(H), START), np.linalg.cond(H)
        contours.set_path(ellipses(H, START))
        path.set_data(*descend(H, best_step(H), START, tolerance=SHOWN).T)
        readouts = {
            "mean of each input": decimals(mean, 1),
            "condition number": decimals(kappa, 1),
            "steps to a millionth": integer(len(errors) - 1),
            "path over straight line": decimals(path_length(errors), 2),
        }
        yield figure, readouts, describe_condition(kappa, len(errors) - 1)


if __name__ == "__main__":
    show_figures(figure_paths, figure_errors, of=compute())
