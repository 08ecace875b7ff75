"""What does base_score do, and do boosted trees feel a mean?

Targets of {{ mean | integer }} ± {{ spread | integer }} from a start of {{ base | digits(1) }}: each round leaves
{{ left | digits(3) }} of the distance to the mean, and the first {{ blind }} trees have no split at all. From the mean
of the targets the first tree splits.

    η   learning rate
    λ   penalty on the values of leaves, XGBoost's reg_lambda
    M   mean of what is left of the targets
    d   half the difference between the two sides of the best split
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws, find_minimum, find_root
from lib.plots import FIRST, MUTED, SECOND, decades, frame_axes, label_point, new_figure, show_figures

SEED = 0
EXAMPLES, MEAN, SPREAD, NOISE, BASE = 400, 3000.0, 10.0, 1.0, 0.5
RATE, PENALTY, ROUNDS, GOAL = 0.3, 1.0, 40, 1e-3
SHARE, SLOW, CLOSE = 0.01, 0.1, 1.1
SHIFT = 100.0

Tree = tuple[float, float, float]  # threshold, value to its left, value to its right


@dataclass(frozen=True)
class Result:
    examples: int
    "Examples."
    mean: float
    "Mean of the targets."
    spread: float
    "Half the difference between the two halves of the examples."
    noise: float
    "Standard deviation of the targets within a half."
    base: float
    "First prediction, XGBoost's base_score where it was not estimated."
    rate: float
    "Learning rate η."
    penalty: float
    "Penalty on leaves λ."
    left: float
    "What a round leaves of the distance to the mean, as long as there is no split."
    goal: float
    "Share of the distance to the mean that counts as arrived."
    rounds: int
    "Rounds until this share is left."
    blind: int
    "First trees without a split."
    threshold: float
    "Mean residual below which a split pays."
    small: float
    "Penalty below which the first split pays from the base."
    needed: dict[str, int]
    "Rounds until the root mean square of what is left is twice the noise: from the base, from the mean of the targets."
    curves: dict[str, np.ndarray]
    "Root mean square of what is left before each round, from either start."
    shifted: float
    "Largest change of a prediction when the feature is replaced by its exponential plus SHIFT."
    share: float
    "Share of the rare class."
    slow: float
    "Learning rate of the classifier."
    close: float
    "How many times the share the mean probability may be to count as close."
    rare: int
    "Rounds until the mean probability is that close, from a probability of one half."


def draw_examples(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A feature in ascending order, and targets whose mean differs between its lower and its upper half."""
    rng = np.random.default_rng(seed)
    x = np.sort(rng.normal(size=EXAMPLES))
    return x, MEAN + SPREAD * np.where(np.arange(EXAMPLES) < EXAMPLES // 2, -1, 1) + NOISE * rng.normal(size=EXAMPLES)


def fit_stump(x: np.ndarray, residuals: np.ndarray, penalty: float) -> Tree:
    """The split with the largest gain, or a single leaf (threshold −∞) if no gain is positive; x ascending."""
    n, sums, total = len(x), residuals.cumsum()[:-1], residuals.sum()
    sizes = np.arange(1, n)
    gains = sums**2 / (sizes + penalty) + (total - sums) ** 2 / (n - sizes + penalty) - total**2 / (n + penalty)
    best = int(gains.argmax())
    if gains[best] <= 0:
        return -np.inf, 0.0, total / (n + penalty)
    threshold = (x[best] + x[best + 1]) / 2
    return threshold, sums[best] / (sizes[best] + penalty), (total - sums[best]) / (n - sizes[best] + penalty)


def boost(x: np.ndarray, y: np.ndarray, base: float, penalty: float) -> tuple[list[np.ndarray], list[Tree]]:
    """Residuals before each round of boosting with stumps and squared error, and the trees."""
    residuals, trees = [y - base], []
    for _ in range(ROUNDS):
        trees.append(fit_stump(x, residuals[-1], penalty))
        threshold, lower, upper = trees[-1]
        residuals.append(residuals[-1] - RATE * np.where(x < threshold, lower, upper))
    return residuals, trees


def count_rare_rounds() -> int:
    """Rounds of Newton's step in one leaf until the mean probability is CLOSE to the share of the rare class."""
    score, rounds = 0.0, 0
    while (p := 1 / (1 + np.exp(-score))) > CLOSE * SHARE:
        score, rounds = score + SLOW * (SHARE - p) / (p * (1 - p)), rounds + 1
    return rounds


def compute() -> Result:
    x, y = draw_examples(SEED)
    residuals, trees = boost(x, y, BASE, PENALTY)
    started, _ = boost(x, y, y.mean(), PENALTY)
    mapped, _ = boost(np.exp(x) + SHIFT, y, y.mean(), PENALTY)
    curves = {"base": residuals, "mean": started}
    roots = {name: np.sqrt([(r**2).mean() for r in rows]) for name, rows in curves.items()}
    left = 1 - RATE * EXAMPLES / (EXAMPLES + PENALTY)
    return Result(
        examples=EXAMPLES,
        mean=MEAN,
        spread=SPREAD,
        noise=NOISE,
        base=BASE,
        rate=RATE,
        penalty=PENALTY,
        left=left,
        goal=GOAL,
        rounds=int(np.ceil(np.log(GOAL) / np.log(left))),
        blind=[np.isfinite(threshold) for threshold, *_ in trees].index(True),
        threshold=SPREAD * np.sqrt(1 + EXAMPLES / PENALTY),
        small=EXAMPLES / (((MEAN - BASE) / SPREAD) ** 2 - 1),
        needed={name: int(np.argmax(values < 2 * NOISE)) for name, values in roots.items()},
        curves=roots,
        shifted=float(abs(mapped[-1] - started[-1]).max()),
        share=SHARE,
        slow=SLOW,
        close=CLOSE,
        rare=count_rare_rounds(),
    )


def claim_the_first_trees_do_not_split(result: Result) -> None:
    """{{ examples }} targets of {{ mean | integer }} ± {{ spread | integer }}, from {{ base | digits(1) }}, with
    η = {{ rate | digits(1) }} and λ = {{ penalty | integer }}: the first {{ blind }} trees have no split; from the mean
    of the targets the first one has. Without the penalty, or with less than
    {{ small | digits(1) }}, it splits from either."""
    x, y = draw_examples(SEED)
    halves = [half.mean() for half in (y[: EXAMPLES // 2], y[EXAMPLES // 2 :])]
    left, rounds = y.mean() - BASE, 0
    bound = (halves[1] - halves[0]) / 2 * np.sqrt(1 + EXAMPLES / PENALTY)
    while left > bound:  # a second route: when the closed form lets the best split pay
        left, rounds = left * result.left, rounds + 1
    assert rounds == result.blind and abs(bound / result.threshold - 1) < 0.05
    splits = [np.isfinite(fit_stump(x, y - BASE, factor * result.small)[0]) for factor in (0.9, 1.1)]
    assert splits == [True, False]
    assert np.isfinite(fit_stump(x, y - y.mean(), PENALTY)[0]) and np.isfinite(fit_stump(x, y - BASE, 0.0)[0])


def claim_rounds_for_the_mean(result: Result) -> None:
    """Each of these rounds leaves {{ left | digits(3) }} of the distance to the mean; until {{ goal | digits(1) }} of
    it is left it takes {{ rounds }}. The root mean square of what is left is twice the noise after
    {{ needed.base }} rounds from {{ base | digits(1) }} and after {{ needed.mean }} from the mean."""
    x, y = draw_examples(SEED)
    residuals, _ = boost(x, y, BASE, PENALTY)
    assert abs(residuals[1].mean() / residuals[0].mean() / result.left - 1) < 1e-12
    assert result.left**result.rounds <= GOAL < result.left ** (result.rounds - 1)
    assert abs(result.needed["mean"] - np.log(SPREAD / NOISE / np.sqrt(3)) / -np.log(result.left)) < 1.5
    assert abs(result.needed["base"] - np.log(MEAN / NOISE / np.sqrt(3)) / -np.log(result.left)) < 1.5


def claim_inputs_may_be_anywhere(result: Result) -> None:
    """Replace the feature by its exponential plus a constant: no prediction changes, to rounding."""
    assert result.shifted == 0


def claim_a_rare_class(result: Result) -> None:
    """A class with a share of {{ share | percent(0) }}, from a probability of one half, η = {{ slow | digits(1) }}: it
    takes {{ rare }} rounds until the mean probability is at most {{ close | digits(2) }} times the share."""
    score, scores = 0.0, [0.0]
    for _ in range(result.rare):  # Newton's step as −η times gradient over curvature, by differences of the loss

        def loss(f):
            return np.logaddexp(0, f) - SHARE * f

        h = 1e-4
        slope, bend = (loss(score + h) - loss(score - h)) / 2 / h, (loss(score + h) + loss(score - h) - 2 * loss(score))
        score -= SLOW * slope / (bend / h**2)
        scores.append(score)
    chances = 1 / (1 + np.exp(-np.array(scores)))
    assert chances[-1] <= 1.001 * CLOSE * SHARE and chances[-2] > 0.999 * CLOSE * SHARE and result.rare > 30


def equation_left() -> Draws:
    r"""M_t = \left(1 - \frac{\eta\,n}{n + \lambda}\right)^t M_0"""
    for rng in draws(3):
        n, t, eta, penalty, residuals = 5, 3, rng.uniform(0.1, 0.9), rng.uniform(0.5, 3), rng.normal(size=5)
        left = residuals
        for _ in range(t):
            left = left - eta * left.sum() / (n + penalty)
        yield {"M_t": left.mean(), "M_0": residuals.mean(), r"\eta": eta, "n": n, r"\lambda": penalty, "t": t}


def equation_gain() -> Draws:
    r"""\frac{G_1^2}{n_1 + \lambda} + \frac{G_2^2}{n_2 + \lambda} - \frac{G^2}{n + \lambda} = A"""
    for rng in draws(3):
        penalty, r = rng.uniform(0.5, 3), rng.normal(size=9)

        def least(part, penalty=penalty):  # of penalized squares, found by search
            def loss(value):
                return ((part - value) ** 2).sum() + penalty * value**2

            return loss(find_minimum(loss, -20.0, 20.0))

        names = {"G_1": r[:4].sum(), "G_2": r[4:].sum(), "G": r.sum(), "n_1": 4, "n_2": 5, "n": 9, r"\lambda": penalty}
        yield names | {"A": least(r) - least(r[:4]) - least(r[4:])}


def equation_threshold() -> Draws:
    r"""M = d\,\sqrt{1 + \frac{n}{\lambda}}"""
    for d, n, penalty in ((1.0, 10, 1.0), (10.0, 400, 1.0), (2.0, 50, 3.0)):
        half = n / 2

        def gain(M, d=d, n=n, half=half, penalty=penalty):
            sides = ((half * (M + d)) ** 2 + (half * (M - d)) ** 2) / (half + penalty)
            return sides - (n * M) ** 2 / (n + penalty)

        yield {"M": find_root(gain, 0.0, 1e4), "d": d, "n": n, r"\lambda": penalty}


def figure_rounds(result: Result) -> Figure:
    """Root mean square of what is left against rounds, logarithmic. From the base it falls along a straight line, and
    splits only after {{ blind }} rounds; from the mean of the targets it starts at {{ spread | integer }}, and both end
    at the noise."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    axes.axvspan(0, result.blind, color=MUTED, alpha=0.15, linewidth=0)
    for name, role, text in (("base", SECOND, f"from {BASE:g}"), ("mean", FIRST, "from the mean")):
        axes.plot(result.curves[name], color=role)
        label_point(axes, text, (4, result.curves[name][4]), role, dx=6, dy=6)
    axes.set(yscale="log", xlim=(0, ROUNDS), ylim=(0.6, 6000))
    label_point(axes, "no split", (result.blind / 2, 60), MUTED, dx=0, dy=0, ha="center")
    frame_axes(axes, [0, result.blind, 20, 40], decades(0, 1, 2, 3), "rounds", "what is left")
    return figure


if __name__ == "__main__":
    show_figures(figure_rounds, of=compute())
