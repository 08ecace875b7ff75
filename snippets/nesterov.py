"""How fast is Nesterov's momentum, and does it leap across the valley?

With the textbook's step, one over the largest curvature, it does not leap at all, and at a condition number of
{{ kappa | digits(3) }} it takes {{ millionth.textbook | integer }} steps for a millionth of the error, tuned
{{ millionth.tuned | integer }}; the heavy ball, tuned, takes {{ millionth.heavy | integer }} and leaps.

    x, y   weights, and the place at which the gradient is taken: x ← y − η ∇L(y), y ← x + β (x − previous x)
    γ      what a step leaves of an error in the long run: the larger root of γ² − (1 + β)(1 − z) γ + β (1 − z)
    z      step size times curvature
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.nesterov import double_root, nesterov_factor, nesterov_path, textbook, tuned
from lib.numerics import draws, find_root
from lib.optimizers import momentum_path
from lib.plots import FIRST, INK, MUTED, SECOND, decades, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import (
    MILLIONTH,
    best_momentum_factor,
    descent_factor,
    first_step_below,
    hessian,
    hessian_with_bias,
    sign_changes,
    split_along_mean,
    steps_to,
    tuned_momentum,
)
from lib.sigmoid_inputs import KAPPA, MEAN, UNITS, VARIANCE, draw_targets

SEED = 0
STARTS, BETA, STEPS, LEAPS, SHOWN = 25, 0.9, 2000, 60, 600
LARGE = 1e5  # a condition number at which β = 0.9 is too little momentum


@dataclass(frozen=True)
class Result:
    units: int
    "Number of inputs."
    starts: int
    "Number of random targets; counts of steps are medians over them."
    kappa: float
    "Condition number without a bias."
    kappa_bias: float
    "Condition number with one."
    factors: dict[str, float]
    "What a step leaves of the slowest error, by method, no bias."
    millionth: dict[str, int]
    "Steps for a millionth of the slowest error."
    large: float
    "Another condition number."
    large_steps: dict[str, int]
    "Steps for a millionth there, with the usual β and the best step for it."
    gains: dict[str, float]
    "How many times fewer than those of plain descent."
    beta: float
    "The usual β."
    beta_kappa: float
    "Condition number for which the textbook takes it."
    best_part: float
    "Best step of Nesterov's momentum with that β there, times the largest curvature."
    first: dict[str, dict[str, float]]
    "First step at which the loss is a millionth: by problem (raw, raw_bias) and method."
    settled: dict[str, dict[str, float]]
    "Step from which it stays below."
    curves: dict[str, np.ndarray]
    "Loss relative to the first after each step, no bias, one start."


def best_with_beta(kappa: float) -> tuple[float, float]:
    """Best step size for β = BETA at curvatures κ and 1, times κ, and its factor."""
    parts = np.linspace(0.5, 2 * (1 + BETA) / (1 + 2 * BETA), 4001)
    factors = np.maximum(nesterov_factor(parts, BETA), nesterov_factor(parts / kappa, BETA))
    return float(parts[factors.argmin()]), float(factors.min())


def settle(losses: np.ndarray) -> float:
    """Median of the steps from which each run's loss stays at most at a millionth of its first."""
    return float(np.median(len(losses) - (losses > MILLIONTH * losses[0])[::-1].argmax(axis=0)))


def run(bias: bool) -> dict[str, np.ndarray]:
    """Losses (steps + 1, starts) of each method on the standard problem: along the mean, across it, and the bias."""
    weights, biases = (part[:STARTS] for part in draw_targets(SEED))  # those of the cures
    start, mean = split_along_mean(weights), np.array([np.sqrt(UNITS) * MEAN, 0.0])
    H = hessian_with_bias(mean, VARIANCE) if bias else hessian(mean, VARIANCE)
    values, vectors = np.linalg.eigh(H)
    start = (np.column_stack([start, biases]) if bias else start) @ vectors
    ends = values[-1], values[0]
    (step, beta), (best, best_beta) = textbook(*ends), tuned(*ends)
    paths = {
        "heavy": momentum_path(values, start, *tuned_momentum(*ends), STEPS),
        "textbook": nesterov_path(values, start, step, lambda _: beta, STEPS),
        "tuned": nesterov_path(values, start, best, lambda _: best_beta, STEPS),
        "schedule": nesterov_path(values, start, step, lambda t: (t - 1) / (t + 2), STEPS),
    }
    return {name: path**2 @ values for name, path in paths.items()}


def compute() -> Result:
    losses = {"raw": run(bias=False), "raw_bias": run(bias=True)}
    values = np.linalg.eigvalsh(hessian_with_bias(np.array([np.sqrt(UNITS) * MEAN, 0.0]), VARIANCE))
    root, wide = np.sqrt(KAPPA), np.sqrt(3 * KAPPA + 1)
    factors = {"plain": descent_factor(KAPPA), "heavy": descent_factor(root)}
    factors |= {"textbook": 1 - 1 / root, "tuned": 1 - 2 / wide}
    factors = {name: float(factor) for name, factor in factors.items()}
    part, usual = best_with_beta(LARGE)
    large = {"plain": descent_factor(LARGE), "heavy": best_momentum_factor(BETA, LARGE), "nesterov": usual}
    large_steps = {name: steps_to(MILLIONTH, factor) for name, factor in large.items()}
    return Result(
        units=UNITS,
        starts=STARTS,
        kappa=KAPPA,
        kappa_bias=float(values[-1] / values[0]),
        factors=factors,
        millionth={name: steps_to(MILLIONTH, factor) for name, factor in factors.items()},
        large=LARGE,
        large_steps=large_steps,
        gains={name: large_steps["plain"] / large_steps[name] for name in ("heavy", "nesterov")},
        beta=BETA,
        beta_kappa=float(((1 + BETA) / (1 - BETA)) ** 2),
        best_part=part,
        first={
            problem: {name: float(np.median(first_step_below(one))) for name, one in runs.items()}
            for problem, runs in losses.items()
        },
        settled={problem: {name: settle(one) for name, one in runs.items()} for problem, runs in losses.items()},
        curves={name: one[:, 0] / one[0, 0] for name, one in losses["raw"].items()},
    )


def claim_two_over_root_three_kappa(result: Result) -> None:
    """At a condition number of {{ kappa | digits(3) }} a millionth of the flattest error takes
    {{ millionth.plain | integer }} steps of plain descent, {{ millionth.textbook | integer }} of Nesterov's with the
    textbook's constants, {{ millionth.tuned | integer }} with the best ones, and {{ millionth.heavy | integer }} of the
    heavy ball with its best."""
    for name, (step, beta) in {"textbook": textbook(KAPPA, 1.0), "tuned": tuned(KAPPA, 1.0)}.items():
        matrices = [[[(1 + beta) * (1 - z), -beta * (1 - z)], [1, 0]] for z in (step, step * KAPPA)]
        radius = abs(np.linalg.eigvals(matrices)).max()  # two roots nearly coincide, so only to about 1e-7
        assert abs(radius / result.factors[name] - 1) < 1e-6
        assert result.millionth[name] == np.ceil(np.log(MILLIONTH) / np.log(result.factors[name]))
    for kappa in (10.0, KAPPA):  # no other pair of constants does better
        found = [
            max(nesterov_factor(np.array([z, z / kappa]), beta))
            for z, beta in product(np.linspace(0.8, 1.5, 36), 1 - np.geomspace(1e-3, 1, 80))
        ]
        least = 1 - 2 / np.sqrt(3 * kappa + 1)
        assert least - 1e-9 < min(found) < least + 0.03
    assert result.millionth["plain"] == steps_to(MILLIONTH, (KAPPA - 1) / (KAPPA + 1))
    path = momentum_path(np.array([1.0, KAPPA]), np.ones(2), *tuned_momentum(KAPPA, 1.0), 2000)
    rate = (np.linalg.norm(path[2000]) / np.linalg.norm(path[1000])) ** 1e-3
    assert abs(rate / result.factors["heavy"] - 1) < 2e-3
    assert result.millionth["heavy"] == np.ceil(np.log(MILLIONTH) / np.log(result.factors["heavy"]))


def claim_the_textbook_step_does_not_leap(result: Result) -> None:
    """With a step of one over the largest curvature Nesterov's momentum has no error along the mean after its first
    step, and none later; with its best constants, and with the heavy ball's, that error changes sign at every step."""
    values = np.array([1.0, KAPPA])
    step, beta = textbook(KAPPA, 1.0)
    assert abs(nesterov_path(values, np.ones(2), step, lambda _: beta, LEAPS)[1:, 1]).max() < 1e-12
    step, beta = tuned(KAPPA, 1.0)
    assert sign_changes(nesterov_path(values, np.ones(2), step, lambda _: beta, LEAPS)[1:, 1]) == LEAPS - 1
    assert sign_changes(momentum_path(values, np.ones(2), *tuned_momentum(KAPPA, 1.0), LEAPS)[1:, 1]) == LEAPS - 1


def claim_the_usual_beta_gains_less(result: Result) -> None:
    """At a condition number of {{ large | integer }} and β = {{ beta | decimals(1) }}, each at its best step, a
    millionth of the error takes {{ large_steps.plain | integer }} steps of plain descent,
    {{ large_steps.nesterov | digits(3) }} of Nesterov's and {{ large_steps.heavy | digits(3) }} of the heavy ball:
    gains of {{ gains.nesterov | digits(2) }} and {{ gains.heavy | digits(2) }}."""
    assert abs(result.gains["nesterov"] - result.best_part / 2 / (1 - BETA)) < 0.02
    assert abs(result.gains["heavy"] - (1 + BETA) / (1 - BETA)) < 0.1
    assert abs(textbook(result.beta_kappa, 1.0)[1] - BETA) < 1e-12
    slow = np.log(MILLIONTH) / np.log1p(-result.best_part / LARGE / (1 - BETA))  # a step is 1/(1 − β) times as long
    assert abs(result.large_steps["nesterov"] / slow - 1) < 2e-3
    assert abs(result.best_part - 2 * (1 + BETA) / (1 + 2 * BETA)) < 1e-3
    assert abs(result.large_steps["heavy"] / (result.large_steps["plain"] / 19) - 1) < 4e-3
    assert result.large_steps["plain"] == steps_to(MILLIONTH, (LARGE - 1) / (LARGE + 1))


def claim_runs(result: Result) -> None:
    """To a millionth of the loss, no bias: {{ settled.raw.textbook | integer }} steps with the textbook's constants,
    {{ settled.raw.tuned | integer }} with the best ones; with a schedule that does not know κ
    {{ first.raw.schedule | digits(2) }} for the first time and {{ settled.raw.schedule | digits(2) }} for good."""
    # the loss of the flattest part alone: a double root, so (1 + rate·t) γ^t
    start = split_along_mean(np.random.default_rng(SEED).normal(size=(STARTS, UNITS)))
    part = start[:, 1] ** 2 / (start[:, 1] ** 2 + KAPPA * start[:, 0] ** 2)
    t = np.arange(400)[:, None]
    for name, rate in (("textbook", 1 / np.sqrt(KAPPA)), ("tuned", 2 / np.sqrt(3 * KAPPA + 1))):
        below = part * ((1 + rate * t) * (1 - rate) ** t) ** 2 <= MILLIONTH
        assert abs(np.median(below.argmax(axis=0)) - result.first["raw"][name]) <= 2
        assert result.settled["raw"][name] == result.first["raw"][name]
    assert 0.5 < result.first["raw"]["schedule"] / result.first["raw"]["textbook"] < 1.2
    assert 500 < result.settled["raw"]["schedule"] < 2000


def figure_losses(result: Result) -> Figure:
    """Loss, logarithmic, against step, no bias. The heavy ball is first at a millionth; Nesterov's momentum with
    the textbook's constants follows smoothly; with a schedule that does not know κ it falls as fast and then comes
    back several times."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    for name, role in (("heavy", INK), ("textbook", FIRST), ("schedule", SECOND)):
        axes.plot(np.maximum(result.curves[name][:SHOWN], 1e-12), color=role)
    label_point(axes, "heavy ball", (40, 3e-9), INK, dx=0, dy=0)
    label_point(axes, "textbook", (292, 2e-9), FIRST, dx=0, dy=0)
    label_point(axes, "schedule", (330, 1e-4), SECOND, dx=0, dy=4)
    axes.axhline(MILLIONTH, color=MUTED, linewidth=1)
    axes.set(yscale="log", xlim=(0, SHOWN), ylim=(1e-9, 1))
    frame_axes(axes, [0, 200, 400, SHOWN], decades(-9, -6, -3, 0), "step", "loss")
    return figure


def equation_textbook() -> Iterator[dict]:
    r"""\beta = \frac{\sqrt{\kappa} - 1}{\sqrt{\kappa} + 1}, \qquad \gamma = 1 - \frac{1}{\sqrt{\kappa}}"""
    for rng in draws(6):
        kappa = rng.uniform(2, 50)
        beta = double_root(1 / kappa)
        yield {r"\beta": beta, r"\kappa": kappa, r"\gamma": (1 + beta) * (1 - 1 / kappa) / 2}


def equation_tuned() -> Iterator[dict]:
    r"""\begin{aligned} \eta &= \frac{4}{3\lambda_{\max} + \lambda_{\min}}, \\
    \beta &= \frac{\sqrt{3\kappa + 1} - 2}{\sqrt{3\kappa + 1} + 2}, \\
    \gamma &= 1 - \frac{2}{\sqrt{3\kappa + 1}} \end{aligned}"""
    for rng in draws(6):
        low, kappa = rng.uniform(0.5, 2), rng.uniform(2, 50)
        high = kappa * low
        flat = lambda step, low=low: (1 + double_root(step * low)) * (1 - step * low) / 2  # noqa: E731
        steep = lambda step, high=high, low=low: nesterov_factor(step * high, double_root(step * low))  # noqa: E731
        step = find_root(lambda eta, f=flat, s=steep: float(s(eta) - f(eta)), 1 / high, 1.5 / high)
        yield {
            r"\eta": step,
            r"\lambda_{\max}": high,
            r"\lambda_{\min}": low,
            r"\beta": double_root(step * low),
            r"\kappa": kappa,
            r"\gamma": flat(step),
        }


if __name__ == "__main__":
    show_figures(figure_losses, of=compute())
