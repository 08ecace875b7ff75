"""Is this the zig-zag of steepest descent?

The disease is the same, the condition number; the symptom is another one. With an exact line search every turn is a
right angle, because a search stops where the next gradient is perpendicular. With a constant step the error along the
mean changes sign, because the step overshoots. The two differ a great deal in what they cost: {{ searched }} steps from
a typical start against {{ constant | integer }}.

    H      Hessian I + μμᵀ of a neuron with n inputs of variance 1 and mean r each, no bias
    kappa  its condition number 1 + n r²
    error  w − w*; its gradient is H error
    ratio  of a gradient, the part along the mean over the part across it
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import (
    INK,
    SECOND,
    decades,
    draw_contours,
    ellipses,
    frame_axes,
    label_panel,
    label_point,
    mark_start,
    new_figure,
    show_figures,
)
from lib.quadratics import START, best_step, descend, hessian, line_search, line_search_steps, worst_search_start
from lib.sigmoid_inputs import RATIO, UNITS

SEED = 0
TOLERANCE = 1e-6  # of the starting loss
STARTS, SHARE, SAMPLE = 4001, 0.9, 1000


@dataclass(frozen=True)
class Result:
    units: int
    "Number of inputs."
    ratio: float
    "Mean of an input over its standard deviation."
    kappa: float
    "Condition number without a bias."
    constant: int
    "Steps to a millionth of the starting loss at the best constant step."
    starts: int
    "Number of random starts, normal in every weight."
    searched: int
    "The same with an exact line search: the median over the random starts."
    share: float
    "A large share of the random starts."
    searched_most: int
    "So many of them need at most so many steps."
    searched_worst: int
    "The same with an exact line search, from the start that is worst for it."
    sample: int
    "Examples in a random sample of such inputs."
    sample_kappa: float
    "Condition number of the second moment of that sample."
    sample_searched: int
    "Steps to a millionth of the loss on the sample, line search, median over random starts."
    sample_constant: int
    "The same at the best constant step, from its worst start."
    losses: dict[str, np.ndarray]
    "Loss after each step, relative to the first, one array per method."


def best_descent(H: np.ndarray, start: np.ndarray, tolerance: float = TOLERANCE) -> np.ndarray:
    """Errors of gradient descent at the best constant step, to a tolerance of the loss, shape (steps + 1, n)."""
    return descend(H, best_step(H), start, tolerance, criterion="loss")


def count_steps(starts: np.ndarray) -> np.ndarray:
    """Steps of line search to `TOLERANCE` from each start (…, UNITS), by the factor that all steps of a run share."""
    kappa = 1 + UNITS * RATIO**2
    along = starts.sum(axis=-1) ** 2 / UNITS
    ratio = kappa**2 * along / ((starts**2).sum(axis=-1) - along)  # squared
    return np.ceil(np.log(TOLERANCE) / np.log((kappa - 1) ** 2 / (kappa + ratio) / (kappa + 1 / ratio))).astype(int)


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    H = hessian(np.full(UNITS, RATIO))
    starts = rng.normal(size=(STARTS, UNITS))
    counts = count_steps(starts)
    ranked = np.argsort(counts)
    runs = {
        "constant": best_descent(H, starts[0]),
        "searched": line_search(H, starts[ranked[STARTS // 2]]),
        "searched_worst": line_search(H, worst_search_start(H)),
    }
    losses = {name: np.einsum("ti,ij,tj->t", run, H, run) for name, run in runs.items()}
    x = rng.normal(RATIO, 1, (SAMPLE, UNITS))
    values = np.linalg.eigvalsh(x.T @ x / SAMPLE)
    return Result(
        units=UNITS,
        ratio=RATIO,
        kappa=np.linalg.cond(H),
        starts=STARTS,
        **{name: len(run) - 1 for name, run in runs.items()},
        share=SHARE,
        searched_most=int(counts[ranked[int(SHARE * STARTS)]]),
        sample=SAMPLE,
        sample_kappa=values[-1] / values[0],
        sample_searched=int(np.median(line_search_steps(np.diag(values), rng.normal(size=(101, UNITS))))),
        sample_constant=int(np.ceil(np.log(TOLERANCE) / 2 / np.log1p(-2 / (1 + values[-1] / values[0])))),
        losses={name: loss / loss[0] for name, loss in losses.items()},
    )


def claim_right_angles(result: Result) -> None:
    """With an exact line search each gradient is perpendicular to the one before; at a constant step it is
    not."""
    H = hessian(np.full(2, 2.0))
    for method, square in ((line_search, True), (best_descent, False)):
        gradients = method(H, START, 1e-3) @ H
        lengths = np.linalg.norm(gradients, axis=1)
        cosines = np.sum(gradients[1:] * gradients[:-1], axis=1) / lengths[1:] / lengths[:-1]
        assert np.all(np.abs(cosines) < 1e-9) == square


def claim_search_is_faster(result: Result) -> None:
    """For {{ units }} inputs like those of a sigmoid layer, no bias, to a millionth of the loss: the best constant step
    needs {{ constant | integer }} steps. Line search needs {{ searched }} from half of {{ starts | integer }} random
    starts and at most {{ searched_most | digits(2) }} from {{ share | percent }} of them; from its worst start it needs
    {{ searched_worst | integer }}."""
    rate = (UNITS * RATIO**2) / (2 + UNITS * RATIO**2)
    predicted = int(np.ceil(np.log(TOLERANCE) / np.log(rate**2)))
    assert abs(result.constant - predicted) <= 2 and abs(result.searched_worst - predicted) <= 2
    starts = np.random.default_rng(SEED + 1).normal(size=(2000, UNITS))
    values, vectors = np.linalg.eigh(hessian(np.full(UNITS, RATIO)))
    others = line_search_steps(np.diag(values), starts[:400] @ vectors)  # runs, where the result goes by the formula
    assert np.all(np.abs(others - count_steps(starts[:400])) <= 1)
    assert all(losses[0] == 1 > losses[-2] > TOLERANCE >= losses[-1] for losses in result.losses.values())
    assert abs(result.searched - np.median(others)) < 4 and result.searched_most < result.constant / 5
    assert 82 < result.searched_most < 190


def claim_samples_too(result: Result) -> None:
    """On a sample of {{ sample | integer }} random examples the flat curvatures differ among each other, and κ is
    {{ sample_kappa | integer }}; still line search needs {{ sample_searched | digits(1) }} steps (median) and the best
    constant step {{ sample_constant | integer }}."""
    assert result.sample_searched < result.sample_constant / 20
    worst = (result.sample_kappa - 1) / (result.sample_kappa + 1)
    assert result.sample_constant == int(np.ceil(np.log(TOLERANCE) / np.log(worst**2)))
    flattest = (1 - np.sqrt(UNITS / result.sample)) ** 2  # where the spectrum of so many noisy curvatures begins
    assert abs(result.sample_kappa / (result.kappa / flattest) - 1) < 0.15
    rng = np.random.default_rng(SEED + 2)
    x, starts = rng.normal(RATIO, 1, (1000, UNITS)), rng.normal(size=(3, UNITS))
    H = x.T @ x / 1000
    values, vectors = np.linalg.eigh(H)
    others = line_search_steps(np.diag(values), np.random.default_rng(SEED + 3).normal(size=(101, UNITS)))  # again
    assert 0.5 < np.median(others) / result.sample_searched < 2
    runs = np.array([len(line_search(H, start)) - 1 for start in starts])  # in the coordinates of the weights
    assert np.all(np.abs(runs - line_search_steps(np.diag(values), starts @ vectors)) <= 1 + 0.01 * runs)
    assert 11 < result.sample_searched < 51


def equation_perpendicular() -> Draws:
    r"""g_{t+1}^\top g_t = 0"""
    for rng in draws(20):
        H = hessian(np.full(5, rng.uniform(0.3, 3)))
        errors = line_search(H, rng.normal(size=5), tolerance=0.1)
        yield {"g_{t+1}": H @ errors[1], "g_t": H @ errors[0]}


def equation_swap() -> Draws:
    r"""\zeta_{t+1} = -\frac{1}{\zeta_t}"""
    for before, after, _ in draw_searches():
        yield {r"\zeta_t": before, r"\zeta_{t+1}": after}


def equation_two_curvatures() -> Draws:
    r"""L_{t+1} = \frac{(\kappa-1)^2}{(\kappa + \zeta_t^2)(\kappa + 1/\zeta_t^2)}\,L_t"""
    for before, _, (kappa, loss, next_loss) in draw_searches():
        yield {r"\zeta_t": before, r"\kappa": kappa, "L_t": loss, "L_{t+1}": next_loss}


def draw_searches() -> Iterator[tuple[float, float, tuple[float, float, float]]]:
    """Ratio ρ of a gradient, ρ of the next one, and (κ, loss, next loss) for one step of line search."""
    for rng in draws(20):
        ratio = rng.uniform(0.3, 1.5)
        H, mu = hessian(np.full(5, ratio)), np.ones(5) / np.sqrt(5)
        errors = line_search(H, rng.normal(size=5), tolerance=0.9)[:2]
        gradients = errors @ H
        parts = [(g @ mu, np.linalg.norm(g - mu * (g @ mu))) for g in gradients]
        across = [g - mu * (g @ mu) for g in gradients]
        sign = np.sign(across[0] @ across[1])
        losses = [e @ H @ e / 2 for e in errors]
        yield parts[0][0] / parts[0][1], sign * parts[1][0] / parts[1][1], (np.linalg.cond(H), *losses)


def figure_losses(result: Result) -> Figure:
    """Loss against step, both axes logarithmic. Line search from a typical start is done after {{ searched }}
    steps, from its worst start after {{ searched_worst | integer }}, just as the best constant step."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    lines = {
        "searched": ("line search,\ntypical start", INK, (11, 1.2e-5)),
        "constant": ("constant step, and\nline search from\nits worst start", SECOND, (420, 0.02)),
    }
    for name, (words, role, where) in lines.items():
        loss = np.maximum(result.losses[name], TOLERANCE / 3)
        steps = np.unique(np.round(np.geomspace(1, len(loss), 200)).astype(int))
        axes.plot(steps, loss[steps - 1], color=role, label=name)
        label_point(axes, words, where, role, dx=-6 if name == "constant" else 6)
    axes.set(xscale="log", yscale="log", xlim=(0.9, 3000), ylim=(TOLERANCE, 1.5))
    ticks = {n + 1: f"{n:,}" for n in (1, result.searched, 100, result.constant)}
    frame_axes(axes, ticks, decades(0, -2, -4, -6), "steps", "loss, relative to the first")
    return figure


def figure_turns(result: Result) -> Figure:
    """Two paths into the same narrow valley, from the same start. Left, exact line search: every turn is a
    right angle. Right, the best constant step: every step leaps across the valley, at an angle of its own."""
    figure, H = new_figure(320, 1, panels=2), hessian(np.full(2, 2.0))
    for axes, method, role, words in zip(
        figure.axes, (line_search, best_descent), (INK, SECOND), ("line search", "constant step")
    ):
        draw_contours(axes, ellipses(H, START, 3))
        axes.plot(*method(H, START, 1e-4).T, color=role, linewidth=1.5, label=words)
        mark_start(axes, START, role)
        label_panel(axes, words, role)
        axes.set(xlim=(-1.1, 0.75), ylim=(-0.65, 1.2), aspect="equal")
        frame_axes(axes, [-1, 0], [0, 1], "error in weight 1", "error in weight 2")
    return figure


if __name__ == "__main__":
    show_figures(figure_turns, figure_losses, of=compute())
