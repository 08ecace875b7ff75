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

from lib.numerics import Draws, draws
from lib.plots import (
    FIRST,
    GRID,
    INK,
    MUTED,
    SECOND,
    Frames,
    decades,
    dots,
    draw_contours,
    draw_dots,
    ellipses,
    frame_axes,
    label_panel,
    label_point,
    mark_optimum,
    mark_start,
    new_figure,
    show_figures,
)
from lib.quadratics import START, best_step, descend, hessian, path_length, sign_changes

MEANS = (0.0, 1.0, 2.0, 3.0)
ACROSS = np.array([1.0, -1.0]) / np.sqrt(2)
TOLERANCE = 1e-6  # of the starting error
SHOWN = 4e-3  # where a drawn path may end: nothing smaller can be seen
SIZES = np.arange(1, 26) / 10  # step sizes of the second explorer, in units of 1/λmax
DRAWN = 20  # steps of its paths


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
    cautious_steps: tuple[int, ...]
    "The same at the step 1/λmax, where nothing crosses over, from the worst start: straight across the mean."
    crossings: tuple[int, ...]
    "How often the error along the mean changed sign on the way, at the best step."
    detour: tuple[float, ...]
    "Length of the path over the straight distance, from the start drawn here."
    sizes: tuple[float, ...]
    "Step sizes below 2/λmax, in units of 1/λmax."
    size_steps: tuple[int, ...]
    "Steps to a millionth at the third mean from the start drawn here, for each of these step sizes."
    paths: tuple[np.ndarray, ...]
    "Errors visited, shape (steps + 1, 2), one array per problem."


def compute() -> Result:
    curvatures = [hessian(np.full(2, mean)) for mean in MEANS]
    paths = [descend(H, best_step(H), START) for H in curvatures]
    along_mean = [path @ np.ones(2) for path in paths]
    steep, unit = curvatures[2], 1 / np.linalg.norm(curvatures[2], 2)
    return Result(
        means=MEANS,
        moments=tuple(steep[0]),
        start=tuple(START),
        cosine=START.sum() / np.sqrt(2) / np.linalg.norm(START),
        kappa=tuple(np.linalg.cond(H) for H in curvatures),
        steps=tuple(len(path) - 1 for path in paths),
        cautious_steps=tuple(len(descend(H, 1 / np.linalg.norm(H, 2), ACROSS)) - 1 for H in curvatures),
        crossings=tuple(sign_changes(along) for along in along_mean),
        detour=tuple(path_length(path) for path in paths),
        sizes=tuple(SIZES[SIZES < 2]),
        size_steps=tuple(len(descend(steep, size * unit, START)) - 1 for size in SIZES[SIZES < 2]),
        paths=tuple(paths),
    )


def claim_one_step_when_centered(result: Result) -> None:
    """Centered inputs need {{ steps[0] }} step; means of {{ means[1:] | digits(1) | list }} need
    {{ steps[1:] | integer | list }}."""
    rate = [2 * mean**2 / (2 + 2 * mean**2) for mean in result.means]  # (κ − 1)/(κ + 1) with κ = 1 + 2 mean²
    assert result.steps[0] == 1 and rate[0] == 0
    assert list(result.steps[1:]) == [int(np.ceil(np.log(TOLERANCE) / np.log(r))) for r in rate[1:]]


def claim_every_step_crosses(result: Result) -> None:
    """At the best constant step the error along the mean changes sign at every single step."""
    assert result.crossings[1:] == result.steps[1:] and result.crossings[0] == 0


def claim_caution_is_slower(result: Result) -> None:
    """A step too small to cross the valley ends the zig-zag and is slower still: from the worst start
    {{ cautious_steps[2] }} steps instead of {{ steps[2] }} at a mean of {{ means[2] | digits(1) }}."""
    for mean, cautious, best in zip(result.means[1:], result.cautious_steps[1:], result.steps[1:]):
        along = descend(hessian(np.full(2, mean)), 1 / (1 + 2 * mean**2), START) @ np.ones(2)
        assert np.all(along > -1e-12) and cautious > best
        assert cautious == int(np.ceil(np.log(TOLERANCE) / np.log1p(-1 / (1 + 2 * mean**2))))
        assert best == int(np.ceil(np.log(TOLERANCE) / np.log(mean**2 / (1 + mean**2))))


def claim_between_one_and_two(result: Result) -> None:
    r"""In full-batch descent the error along the mean changes sign at every step for all step sizes between
    $1/\lambda_{\max}$ and $2/\lambda_{\max}$, at no step below, and it grows beyond."""
    for mean in MEANS[1:]:
        H = hessian(np.full(2, mean))
        for part in (0.5, 0.9, 1.1, 1.5, 1.9, 2.1):  # of 1/λmax
            error, along = START, [START @ np.ones(2)]
            for _ in range(10):
                error = error - part / np.linalg.norm(H, 2) * H @ error
                along.append(error @ np.ones(2))
            swaps = np.array(along[1:]) * np.array(along[:-1]) < 0
            assert swaps.all() == (part > 1) and swaps.any() == (part > 1)
            assert (abs(along[-1]) > abs(along[0])) == (part > 2)


def claim_least_just_before_the_end(result: Result) -> None:
    r"""At a mean of {{ means[2] | digits(1) }}, from the start drawn here, {{ sizes[0] | decimals(1) }} of the step
    $1/\lambda_{\max}$ needs {{ size_steps[0] }} steps, the whole {{ size_steps[9] }}, the best,
    {{ sizes[17] | decimals(1) }} times that, {{ size_steps[17] }}; with $2/\lambda_{\max}$ no run arrives."""
    steep = 1 + 2 * result.means[2] ** 2  # λmax
    assert abs(result.sizes[17] - best_step(hessian(np.full(2, result.means[2]))) * steep) < 1e-12
    assert result.sizes[-1] < 2
    error = START
    for _ in range(1000):
        error = error - 2 / steep * hessian(np.full(2, result.means[2])) @ error
    assert np.linalg.norm(error) > abs(START.sum()) / np.sqrt(2) - 1e-9  # the part along the mean stays as it is
    assert result.size_steps[17] == result.steps[2] == min(result.size_steps)
    for size, steps in zip(result.sizes, result.size_steps):
        parts = START @ [1, 1] / np.sqrt(2) * (1 - size) ** np.array([steps - 1, steps])
        before, after = np.hypot(parts, START @ ACROSS * (1 - size / steep) ** np.array([steps - 1, steps]))
        assert after <= TOLERANCE * np.linalg.norm(START) < before


def claim_signs_do_not_matter(result: Result) -> None:
    """Flip the sign of one input, so that its mean is negative and single gradients have mixed signs: gradient
    descent takes the mirrored path, step for step."""
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
        nudges = 1e-20j * np.eye(5)  # complex step: exact to rounding
        slope = [(0.5 * ((w + nudge) @ x[:, 0] - y) ** 2).imag / 1e-20 for nudge in nudges]
        yield {r"\frac{\partial L}{\partial w}": np.array(slope), r"\delta": w @ x[:, 0] - y, "x": x}


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


def equation_factor_along() -> Draws:
    r"""1 - \eta\lambda_{\max} = -\frac{\kappa-1}{\kappa+1}"""
    yield from _best_steps()


def equation_factor_across() -> Draws:
    r"""1 - \eta\lambda_{\min} = +\frac{\kappa-1}{\kappa+1}"""
    yield from _best_steps()


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


def _best_steps():
    for mean in np.random.default_rng(0).uniform(0, 3, 20):
        H = hessian(np.full(2, mean))
        low, high = np.linalg.eigvalsh(H)
        step = np.linalg.solve([[high, 1], [low, -1]], [1, 1])[0]  # 1 − ηλmax = −r, 1 − ηλmin = r
        yield {
            r"\eta": step,
            r"\lambda_{\max}": high,
            r"\lambda_{\min}": low,
            r"\kappa": np.linalg.cond(hessian(np.full(2, mean))),
        }


def figure_paths(result: Result) -> Figure:
    """Two maps of the loss over the plane of two weights. Left, inputs of mean {{ means[2] | digits(1) }}: a
    narrow valley, and {{ steps[2] }} steps that leap from wall to wall while they creep along it. Right,
    centered inputs: circles, and {{ steps[0] }} straight step to the center."""
    figure = new_figure(320, 1, panels=2)
    words = (f"mean {result.means[2]:g}\n{result.steps[2]} steps", f"centered\n{result.steps[0]} step")
    for axes, mean, role, text in zip(figure.axes, (MEANS[2], 0), (SECOND, FIRST), words):
        _plane(axes, mean, role)
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
            label_point(axes, f"κ = {kappa:.0f}", (steps * 5 / 6, TOLERANCE ** (5 / 6)), role, dx=8, dy=3 * mean)
    axes.set(yscale="log", xlim=(-1, 152), ylim=(TOLERANCE, 1.3))
    frame_axes(axes, ticks, decades(0, -2, -4, -6), "", "error, relative to the first")
    axes.get_xticklabels()[0].set_ha("right")
    return figure


def explore_mean(result: Result, start: int = 10) -> Frames:
    """The plane of two weights. As the mean of the inputs moves from 0 to {{ means[3] | digits(1) }}, circles close
    to a valley, and the straight step becomes a zig-zag."""
    figure = new_figure(360, 1)
    (axes,) = figure.axes
    contours, path = _plane(axes, 1.0, SECOND)
    contours.set_gid("contours"), path.set_gid("path")
    for mean in np.linspace(0, 3, 31):
        H = hessian(np.full(2, mean))
        whole = descend(H, best_step(H), START)
        contours.set_path(ellipses(H, START))
        path.set_data(*descend(H, best_step(H), START, tolerance=SHOWN).T)
        length = path_length(whole)
        kappa = np.linalg.cond(H)
        readouts = {
            "mean of each input": f"{mean:.1f}",
            "condition number": f"{kappa:.1f}",
            "steps to a millionth": f"{len(whole) - 1}",
            "path over straight line": f"{length:.2f}",
        }
        yield figure, readouts, _sentence(mean, kappa, len(whole) - 1)


def _sentence(mean, kappa, steps):
    if mean == 0:
        return "Centered: the contours are circles, the gradient points home, one step arrives."
    return f"The valley is {np.sqrt(kappa):.1f} times as long as it is wide, and {steps} leaps across it are needed."


def explore_step(result: Result, start: int = 17) -> Frames:
    """Left, the plane of two weights and the first steps at the best step size: leaps across the valley that die out
    as fast as the error along it. Right, the steps to a millionth against the step size: they fall from
    {{ size_steps[0] }} to {{ size_steps[17] }} at the best, just before the size beyond which nothing arrives."""
    figure = new_figure(360, 1, panels=2)
    plane, sizes = figure.axes
    H = hessian(np.full(2, MEANS[2]))
    unit = 1 / np.linalg.norm(H, 2)
    _, path = _plane(plane, MEANS[2], SECOND)
    points = draw_dots(plane, [START], SECOND, gid="dots")
    path.set_gid("path")
    line, dot = _sizes(sizes, result)
    for size, steps in zip(SIZES, [*result.size_steps, *[None] * (SIZES >= 2).sum()]):
        errors = first_steps(H, size * unit)
        path.set_data(*errors.T)
        points.set_path(dots(errors))
        line.set_xdata([size, size])
        dot.set_path(dots([(size, steps or 1)]))  # below the axes where there is no such number
        across, along = 1 - size, 1 - size / np.linalg.cond(H)
        readouts = {
            "step size, in units of 1/λmax": f"{size:.1f}",
            "factor across the valley": f"{across:.2f}".replace("-", "−"),
            "factor along the valley": f"{along:.3f}",
            "steps to a millionth": f"{steps:,}" if steps else "never",
        }
        yield figure, readouts, _regime(size, across, along, steps)


def first_steps(H, step) -> np.ndarray:
    """The first steps of a run, as long as they are in the plane and can be told apart."""
    errors = [START]
    while len(errors) <= DRAWN and SHOWN < np.linalg.norm(errors[-1]) < 2.5:
        errors.append(errors[-1] - step * H @ errors[-1])
    return np.array(errors)


def _regime(size, across, along, steps):
    if size < 1:
        return f"Crawl: no step crosses the valley, but along it each leaves {along:.1%} of the error: {steps:,} steps."
    if size == 1:
        return f"One step to the floor of the valley; then each leaves {along:.1%} of what is left: {steps} steps."
    if size > 2:
        return f"Divergence: the error along the valley still shrinks, but every leap is {-across:.1f} times the last."
    if size == 2:
        return (
            "The edge: along the valley it arrives, but the leaps from wall to wall stay as wide as they are, forever."
        )
    if abs(across + along) < 1e-9:
        return f"The best: each of {steps} steps leaves {along:.0%} of the error, both across the valley and along it."
    if -across > along:
        return f"Zig-zag, and too much of it: now the leaps die slowest, {-across:.0%} is left by each: {steps} steps."
    return f"Zig-zag: every step leaps to the opposite wall, yet gets farther along the valley, so {steps} suffice."


def _sizes(axes, result):
    """Steps to a millionth against the step size; returns the line and the dot that move."""
    H = hessian(np.full(2, MEANS[2]))
    late = [1.93, 1.96, 1.98, 1.99]  # the curve climbs without end
    steps = [*result.size_steps, *(len(descend(H, size / np.linalg.norm(H, 2), START)) - 1 for size in late)]
    axes.plot([*SIZES[SIZES < 2], *late], steps, color=INK, label="steps to a millionth")
    axes.axvline(2, color=GRID, linewidth=1)
    axes.axvline(1, color=GRID, linewidth=1)
    for name, x in (("crawl", 0.55), ("zig-zag", 1.5), ("diverges", 2.28)):
        axes.text(x, 2300, name, color=MUTED, ha="center", va="center")
    (line,) = axes.plot([1, 1], [40, 1900], color=SECOND, linewidth=1, gid="size", label="step size")
    dot = draw_dots(axes, [(1, 99)], SECOND, 8, gid="dot")
    axes.set(yscale="log", xlim=(0, 2.55), ylim=(40, 2600))
    frame_axes(
        axes,
        {0.1: "0.1", 1: "1", SIZES[17]: "best  ", 2: "2"},
        [steps[17], steps[9], steps[0]],
        "step size, in units of 1/λmax",
        "steps to a millionth",
    )
    return line, dot


def _plane(axes, mean, role):
    """The plane of the two weights seen from the optimum: contours, path, start and goal."""
    H = hessian(np.full(2, mean))
    contours = draw_contours(axes, ellipses(H, START))
    (line,) = axes.plot(*descend(H, best_step(H), START, SHOWN).T, color=role, linewidth=1.5, label=f"mean {mean:g}")
    mark_start(axes, START, role)
    mark_optimum(axes)
    axes.set(xlim=(-1.1, 0.75), ylim=(-0.65, 1.2), aspect="equal")
    frame_axes(axes, [-1, 0], [0, 1], "error in weight 1", "error in weight 2")
    return contours, line


if __name__ == "__main__":
    show_figures(figure_paths, figure_errors, of=compute())
