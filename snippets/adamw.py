"""Adam with an L2 penalty or AdamW, and does a mean of the inputs matter to it?

One input and a bias, the bias not decayed. With the penalty in the loss the slope ends at
{{ slopes.penalty[1][-1] | digits(2) }} whatever the mean; with AdamW, and one example a step, at
{{ slopes.decoupled[1][0] | digits(2) }} if the input is centered and at {{ slopes.decoupled[1][-1] | digits(2) }} if
its mean is {{ means[-1] | integer }} standard deviations.

    α   weight decay; B the batch size
    v   mean square of a weight's gradient, from step to step
    s   standard deviation of the input, 1 here; m its mean
    σ   standard deviation of what the line cannot explain
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from lib.numerics import Draws, draws, find_root
from lib.optimizers import adam_direction
from lib.plots import FIRST, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
MEANS, BATCHES, ALPHA = (0.0, 1.0, 2.0, 3.0), (16, 1), 0.1
RATE, STEPS, KEPT, RUNS = 0.02, 6000, 3000, 20
EXERCISE, YEARS = (3e-4, 0.1, 50_000), (40.0, 12.0)  # rate, α and steps; mean and standard deviation
USUAL_RATE, BOUND_ALPHA, GOALS = 1e-3, 0.5, (1.0, 3.0)


@dataclass(frozen=True)
class Result:
    means: tuple[float, ...]
    "Means of the input, in standard deviations."
    batches: tuple[int, ...]
    "Examples a step."
    alpha: float
    "Weight decay α."
    slopes: dict[str, tuple[tuple[float, ...], ...]]
    "Slope in the end, of a true slope of 1: penalty in the loss, decoupled; a row a batch size, a place a mean."
    rate: float
    "Rate of the runs."
    usual_rate: float
    "A usual rate."
    default: float
    "The decay that PyTorch’s AdamW has unless one is given."
    lost: float
    "Share of a weight that decay takes in a step, at the usual rate and α."
    half: float
    "Steps in which decay alone halves a weight, at the usual rate and this α."
    noise: dict[str, float]
    "Root mean square of a weight whose gradients are pure noise: measured, and by the formula."
    bound_alpha: float
    "Weight decay of the full-batch runs."
    goals: tuple[float, ...]
    "Where their loss is least."
    exercise: dict[str, float]
    "A rate, α, steps, what decay leaves; mean and standard deviation of an input, and what its mean does to the decay."
    ends: dict[str, tuple[float, ...]]
    "Where they end: penalty in the loss, decoupled."


def decayed_step(w: np.ndarray, direction: np.ndarray, rate: float, alpha: ArrayLike) -> np.ndarray:
    """AdamW: Adam's step, and beside it every weight loses the share rate · alpha of itself."""
    return (1 - rate * alpha) * w - rate * direction


def final_slopes(seed: int) -> dict[str, tuple[tuple[float, ...], ...]]:
    """Mean slope of the last steps, for both methods, each batch size and each mean."""
    rng, m = np.random.default_rng(seed), np.array(MEANS)[:, None]
    w = np.ones((2, len(BATCHES), len(MEANS), RUNS))  # first the penalty in the loss, then AdamW
    b, total = -m * w, np.zeros(w.shape[:-1])
    weight_state = bias_state = (np.zeros(w.shape), np.zeros(w.shape))
    for t in range(1, STEPS + 1):
        inputs, rest = rng.normal(size=(2, max(BATCHES), 1, RUNS))
        gw, gb = np.empty_like(w), np.empty_like(w)
        for k, B in enumerate(BATCHES):
            x, y = m + inputs[:B], inputs[:B] + rest[:B]  # the slope is 1, s and σ, too
            error = w[:, k, None] * x + b[:, k, None] - y
            gw[:, k], gb[:, k] = (error * x).mean(axis=1), error.mean(axis=1)
        gw[0] += ALPHA * w[0]
        direction, *weight_state = adam_direction(gw, *weight_state, t)
        w = np.stack([w[0] - RATE * direction[0], decayed_step(w[1], direction[1], RATE, ALPHA)])
        direction, *bias_state = adam_direction(gb, *bias_state, t)
        b = b - RATE * direction
        total += (t > STEPS - KEPT) * w.mean(axis=-1)
    return dict(zip(("penalty", "decoupled"), (tuple(map(tuple, rows)) for rows in total / KEPT)))


def run_adamw(gradient: Callable[[np.ndarray], np.ndarray], w: np.ndarray, alpha: ArrayLike, steps: int) -> np.ndarray:
    """Weights after so many steps of AdamW at the rate RATE."""
    state = (0.0, 0.0)
    for t in range(1, steps + 1):
        direction, *state = adam_direction(gradient(w), *state, t)
        w = decayed_step(w, direction, RATE, alpha)
    return w


def full_batch_ends() -> dict[str, tuple[float, ...]]:
    """Where Adam on ½(w − goal)² ends, for each goal, with BOUND_ALPHA in the loss or beside it."""
    in_loss, beside = BOUND_ALPHA * np.eye(2)[:, :, None]  # a row of runs has its decay in the loss, another beside
    start = np.zeros((2, len(GOALS)))
    ends = run_adamw(lambda w: w - np.array(GOALS) + in_loss * w, start, beside, 2 * STEPS)
    return dict(zip(("penalty", "decoupled"), map(tuple, ends)))


def compute() -> Result:
    rng = np.random.default_rng([SEED, 1])
    w = run_adamw(lambda w: rng.normal(size=w.shape), np.zeros(2000), ALPHA, STEPS)
    return Result(
        means=MEANS,
        batches=BATCHES,
        alpha=ALPHA,
        slopes=final_slopes(SEED),
        rate=RATE,
        usual_rate=USUAL_RATE,
        default=0.01,
        lost=1 - float(decayed_step(np.ones(1), np.zeros(1), USUAL_RATE, ALPHA)[0]),
        half=np.log(2) / (USUAL_RATE * ALPHA),
        noise={"measured": float(w.std()), "formula": float(np.sqrt(RATE / (2 * ALPHA)))},
        bound_alpha=BOUND_ALPHA,
        goals=GOALS,
        exercise={
            **dict(zip(("rate", "alpha", "steps", "mean", "std"), (*EXERCISE, *YEARS))),
            "left": (1 - EXERCISE[0] * EXERCISE[1]) ** EXERCISE[2],
            "factor": float(np.hypot(*YEARS) / YEARS[1]),
        },
        ends=full_batch_ends(),
    )


def predicted_slope(m: float, B: float) -> float:
    """Where the mean gradient over √v and the decay balance, with all of v, that of a slope that is off included."""

    def drift(w: float) -> float:
        off = 1 - w
        v = (1 + m**2 + off**2 * (3 + m**2)) / B + off**2 * (1 - 1 / B)
        return off / np.sqrt(v) - ALPHA * w

    return find_root(drift, 0.0, 1.0)


def claim_the_mean_strengthens_the_decay(result: Result) -> None:
    """The true slope is 1, α is {{ alpha | digits(1) }}. With one example a step and the penalty in the loss, Adam
    ends at {{ slopes.penalty[1][0] | digits(2) }} with a centered input, and at
    {{ slopes.penalty[1][3] | digits(2) }} with a mean of {{ means[3] | integer }}. AdamW ends at
    {{ slopes.decoupled[1][0] | digits(2) }} and {{ slopes.decoupled[1][3] | digits(2) }}; with batches of
    {{ batches[0] }} at {{ slopes.decoupled[0][0] | digits(2) }} and {{ slopes.decoupled[0][3] | digits(2) }}."""
    for k, B in enumerate(BATCHES):
        for j, m in enumerate(MEANS):
            assert abs(result.slopes["penalty"][k][j] - 1 / (1 + result.alpha)) < 0.012, (B, m)
            assert abs(result.slopes["decoupled"][k][j] - predicted_slope(m, B)) < 0.02, (B, m)
    assert result.slopes["decoupled"][1][3] < result.slopes["decoupled"][1][0] - 0.1


def claim_full_batches_end_at_the_optimum(result: Result) -> None:
    """Half a squared error with its least value at {{ goals[0] | integer }} or {{ goals[1] | integer }}, full batch,
    α = {{ bound_alpha | digits(1) }}: AdamW ends at {{ ends.decoupled[0] | digits(3) }} and
    {{ ends.decoupled[1] | digits(3) }}, the penalty at {{ ends.penalty[0] | digits(2) }} and
    {{ ends.penalty[1] | digits(2) }}."""
    for goal, end, kept in zip(result.goals, result.ends["decoupled"], result.ends["penalty"]):
        assert abs(end - min(goal, 1 / result.bound_alpha)) < 0.008
        assert abs(kept * (1 + result.bound_alpha) - goal) < 0.006


def claim_noise_keeps_a_length(result: Result) -> None:
    """A weight whose gradients are pure noise keeps a root mean square of {{ noise.measured | digits(2) }} at a rate of
    {{ rate | digits(1) }} and α = {{ alpha | digits(1) }}, {{ noise.formula | digits(2) }} by the formula; decay alone
    halves a weight in {{ half | integer }} steps of {{ usual_rate | digits(1) }} at that α."""
    assert abs(result.noise["measured"] / result.noise["formula"] - 1) < 0.05
    assert abs(result.noise["formula"] ** 2 * 2 * result.alpha / result.rate - 1) < 1e-9 and result.rate == RATE
    assert result.default == 0.01 and abs(result.lost - result.usual_rate * result.alpha) < 1e-12
    assert abs((1 - result.usual_rate * result.alpha) ** round(result.half) - 0.5) < 1e-4


def claim_exercises(result: Result) -> None:
    """{{ exercise.steps | integer }} steps of {{ exercise.rate | scientific(1) }} with α =
    {{ exercise.alpha | digits(1) }} leave {{ exercise.left | digits(2) }} of a weight; an input of
    {{ exercise.mean | integer }} ± {{ exercise.std | integer }} makes the decay {{ exercise.factor | digits(2) }} times
    as strong as it is centered."""
    known = result.exercise
    assert abs(np.log(known["left"]) + known["rate"] * known["alpha"] * known["steps"]) < 1e-4
    assert abs(known["factor"] ** 2 - 1 - (known["mean"] / known["std"]) ** 2) < 1e-9


def equation_step() -> Draws:
    r"""w_{t+1} = (1 - \eta\,\alpha)\,w_t - \eta\,\frac{\hat{m}_t}{\sqrt{\hat{v}_t} + \varepsilon}"""
    for rng in draws(3):
        alpha, g, w = rng.uniform(0.01, 0.5), 1e-7 * rng.normal(), rng.normal()  # so small that ε counts
        after = run_adamw(lambda w, g=g: np.array(g), np.array(w), alpha, 1)
        names = {r"\hat{m}_t": g, r"\hat{v}_t": g**2, r"\varepsilon": 1e-8, r"\eta": RATE, r"\alpha": alpha}
        yield {"w_{t+1}": float(after), "w_t": w} | names


def equation_slope() -> Draws:
    r"""w = \frac{s^2}{s^2 + \alpha\sqrt{v}}\,w^\star"""
    for rng in draws(3):
        s, v, alpha, goal = *rng.uniform(0.2, 3, 3), rng.normal()
        w = find_root(lambda w, a=(s, v, alpha, goal): a[0] ** 2 * (w - a[3]) / a[1] ** 0.5 + a[2] * w, -9.0, 9.0)
        yield {"w": w, r"w^\star": goal, "s": s, "v": v, r"\alpha": alpha}


def equation_square() -> Draws:
    r"""v = \frac{\sigma^2\,(s^2 + m^2)}{B}"""
    for rng in draws(3):
        s, m, sigma = rng.uniform(0.2, 3, 3)
        for B in (1, 2, 3):  # all batches of inputs m ± s with remainders ±σ, at the optimum
            signs = np.array(list(product((-1, 1), repeat=2 * B)))
            gradients = (sigma * signs[:, :B] * (m + s * signs[:, B:])).mean(axis=1)
            yield {"v": float((gradients**2).mean()), r"\sigma": sigma, "s": s, "m": m, "B": B}


def equation_half() -> Draws:
    r"""t \approx \frac{\ln 2}{\eta\,\alpha}"""
    for eta, alpha in ((1e-3, 0.1), (1e-3, 0.01), (3e-4, 0.1)):
        yield {"t": np.log(0.5) / np.log1p(-eta * alpha), r"\eta": eta, r"\alpha": alpha, r"\approx": 1e-3}


def equation_noise() -> Draws:
    r"""\sqrt{\mathbb{E}[w^2]} \approx \sqrt{\frac{\eta}{2\,\alpha}}"""
    for eta, alpha in ((1e-3, 0.1), (1e-2, 0.1), (3e-4, 0.01)):
        kept = (1 - eta * alpha) ** (2 * np.arange(round(20 / (eta * alpha))))
        square = float(eta**2 * kept.sum())
        yield {r"\mathbb{E}[w^2]": square, r"\eta": eta, r"\alpha": alpha, r"\approx": 1e-3}


def figure_slopes(result: Result) -> Figure:
    """Slope that is learned against the mean of the input. With the penalty in the loss a level line at
    {{ slopes.penalty[0][0] | digits(2) }}; AdamW falls with the mean, with batches of {{ batches[0] }} from
    {{ slopes.decoupled[0][0] | digits(2) }} to {{ slopes.decoupled[0][3] | digits(2) }}, one example at a time from
    {{ slopes.decoupled[1][0] | digits(2) }} to {{ slopes.decoupled[1][3] | digits(2) }}."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    grid = np.linspace(0, max(result.means), 40)
    axes.plot(grid, 0 * grid + 1 / (1 + result.alpha), color=FIRST)
    axes.plot(result.means, result.slopes["penalty"][1], "o", color=FIRST)
    for B, row, role in zip(result.batches, result.slopes["decoupled"], (MUTED, SECOND)):
        axes.plot(grid, [predicted_slope(m, B) for m in grid], color=role)
        axes.plot(result.means, row, "o", color=role)
        label_point(axes, f"AdamW, batch of {B}", (1.9, predicted_slope(1.9, B)), role, dx=4, dy=8)
    label_point(axes, "penalty in the loss", (2.95, 1 / (1 + result.alpha)), FIRST, dx=0, dy=-11, ha="right")
    axes.set(xlim=(-0.1, 3.1), ylim=(0.7, 1.01))
    frame_axes(axes, [0, 1, 2, 3], [0.7, 0.8, 0.9, 1], "mean of the input, in standard deviations", "slope")
    return figure


if __name__ == "__main__":
    show_figures(figure_slopes, of=compute())
