r"""What does subtracting a baseline from the rewards change in the gradient of a policy?

A constant c that is subtracted from all rewards drops out of the mean gradient, since the score has mean zero, and
stays in its mean square. With two equally likely actions and rewards {{ two.rewards | digits(2) | list }} the noise of
one draw is {{ two.noise | integer }} times the square of the gradient; with the mean subtracted there is none.

    p, R    probabilities of the actions, and reward of the action that was drawn
    θ, J    parameters of the policy, p = softmax(θ), and its mean reward
    u       score: gradient of the logarithm of the drawn action's probability by θ, shape (k,)
    c       baseline; g = (R − c) u estimates ∇J
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.network import softmax
from lib.numerics import complex_step, draws, find_minimum
from lib.plots import FIRST, INK, MUTED, SECOND, dots, draw_dots, frame_axes, label_panel, new_figure, show_figures
from lib.policy import best_baseline, mean_square, scores

SEED = 0
TWO, HALF = np.array([3.5, 4.5]), np.full(2, 0.5)  # rewards of two equally likely actions
P, Q = np.array([0.5, 0.3, 0.2]), np.array([4.0, 3.0, 5.5])  # three actions: probabilities and rewards
RARE, PAY = np.array([0.1, 0.9]), np.array([1.0, 2.0])
SMALL, GROUP = 0.01, 4  # difference of the rewards in the second of two states, and draws in each
PLANE = np.array([[1, -1, 0], [1, 1, -2]]) / np.sqrt([[2], [6]])  # axes of the plane in which all scores lie


@dataclass(frozen=True)
class Result:
    two: dict
    "Two equally likely actions: `rewards`, and `noise`, variance of one draw's gradient over the squared gradient."
    three: dict
    "Three actions: `p`, `rewards`, `mean` reward, `best` baseline, `length`, the mean gradient squared."
    squares: dict[str, float]
    "Mean square of one draw's gradient for these: baseline `none`, `mean` reward, `best`."
    exercise: dict[str, float]
    "Two actions: `rewards`, probability `p` of the better one, `best` baseline, `mean` reward."
    small: float
    "Difference of the rewards in the second of two states with two equally likely actions; in the first it is 1."
    group: int
    "Draws in each state."
    share: dict[str, float]
    "Share of the second state in the mean gradients of both: group mean subtracted, and `divided` by its std."


def group_gradient(gap: float, divide: bool) -> float:
    """Mean over all groups of draws of (R − R̄) u for the better of two equally likely actions, rewards 0 and `gap`."""
    better = np.array(list(product((0, 1), repeat=GROUP)))
    advantages = gap * (better - better.mean(axis=1, keepdims=True))
    if divide:
        advantages = advantages / np.maximum(gap * better.std(axis=1, keepdims=True), 1e-12)
    return float((advantages * (better - 0.5)).mean())


def compute() -> Result:
    mean, best, gradient = float(P @ Q), float(best_baseline(P, Q)), (P * Q) @ scores(P)
    sizes = {divide: [group_gradient(gap, divide) for gap in (1.0, SMALL)] for divide in (False, True)}
    return Result(
        two={"rewards": tuple(TWO), "noise": mean_square(HALF, TWO, 0) / mean_square(HALF, TWO, TWO.mean()) - 1},
        three={"p": tuple(P), "rewards": tuple(Q), "mean": mean, "best": best, "length": float(gradient @ gradient)},
        squares={key: mean_square(P, Q, c) for key, c in (("none", 0.0), ("mean", mean), ("best", best))},
        exercise={
            "rewards": tuple(PAY),
            "p": RARE[1],
            "best": float(best_baseline(RARE, PAY)),
            "mean": float(RARE @ PAY),
        },
        small=SMALL,
        group=GROUP,
        share={
            key: sizes[divide][1] / sum(sizes[divide]) for key, divide in (("subtracted", False), ("divided", True))
        },
    )


def claim_a_common_reward_is_noise(result: Result) -> None:
    """Two equally likely actions, rewards {{ two.rewards | digits(2) | list }} without noise: the variance of one
    draw’s gradient is {{ two.noise | integer }} times its squared mean, which is squared mean over variance of the
    rewards; with the mean subtracted each draw *is* the mean gradient."""
    assert abs(result.two["noise"] / (TWO.mean() ** 2 / TWO.var()) - 1) < 1e-12
    rng = np.random.default_rng(SEED)
    first = rng.random(100_000) < 0.5
    g = np.where(first, TWO[0], TWO[1]) * np.where(first, 0.5, -0.5)
    assert abs(g.var() / g.mean() ** 2 / result.two["noise"] - 1) < 0.15
    centered = np.where(first, TWO[0], TWO[1]) - TWO.mean()
    assert np.ptp(centered * np.where(first, 0.5, -0.5)) < 1e-12
    assert abs(result.exercise["best"] + result.exercise["mean"] - 3) < 1e-12  # each reward with the other's chance


def claim_the_mean_reward_is_nearly_best(result: Result) -> None:
    """Three actions have the probabilities {{ three.p | digits(1) | list }} and the rewards
    {{ three.rewards | digits(2) | list }}. The mean square of a draw’s gradient is {{ squares.none | digits(3) }}
    without a baseline, {{ squares.mean | digits(3) }} with the mean reward of {{ three.mean | digits(3) }} subtracted,
    and {{ squares.best | digits(3) }} with the best baseline, {{ three.best | digits(3) }}; the squared mean is
    {{ three.length | digits(2) }} each time."""
    best = find_minimum(lambda c: mean_square(P, Q, c), 0, 10)
    assert abs(best - result.three["best"]) < 1e-6
    drawn = np.random.default_rng(SEED).choice(3, size=100_000, p=P)
    for key, c in (("none", 0), ("mean", P @ Q), ("best", best)):
        g = (Q - c)[drawn, None] * scores(P)[drawn]
        assert abs((g**2).sum() / len(g) / result.squares[key] - 1) < 0.02
        assert abs(np.sum(g.mean(axis=0) ** 2) - result.three["length"]) < 0.1 * (1 + (key == "none"))
    assert abs(result.three["mean"] - 4) < 1e-12 and abs(result.three["length"] - sum((P * (Q - 4)) ** 2)) < 1e-12
    lengths = 1 - 2 * P + P @ P  # squared ones of the scores
    for key, c in (("mean", 4), ("best", best)):
        assert abs(P * (Q - c) ** 2 @ lengths - result.squares[key]) < 1e-6


def claim_dividing_changes_weights(result: Result) -> None:
    """Two states have two equally likely actions each, whose rewards are 1 apart in the first and
    {{ small | digits(1) }} apart in the second. With {{ group }} draws a state and the mean of each group subtracted,
    the second has {{ share.subtracted | percent(1) }} of the gradient; divided by the group's standard deviation as
    well, {{ share.divided | percent(0) }}."""
    assert abs(result.share["subtracted"] / (SMALL / (1 + SMALL)) - 1) < 1e-9
    assert abs(result.share["divided"] - 0.5) < 1e-9
    rng = np.random.default_rng(SEED)
    better = rng.random((40_000, GROUP)) < 0.5
    mixed = better.mean(axis=1)
    assert abs(np.sqrt(mixed * (1 - mixed)).mean() / group_gradient(1.0, True) - 1) < 0.02


def equation_mean() -> Iterator[dict]:
    r"""\mathbb{E}[(R - c)u] = \mathbb{E}[R u] = \nabla J"""
    for rng in draws(8):
        theta, rewards, c = rng.normal(size=4), rng.normal(2, 1, size=4), rng.normal(0, 3)
        p = softmax(theta[None])[0]
        yield {
            r"\mathbb{E}[(R - c)u]": sum(p[a] * (rewards[a] - c) * scores(p)[a] for a in range(4)),
            r"\mathbb{E}[R u]": (p * rewards) @ scores(p),
            r"\nabla J": complex_step(lambda t, r=rewards: np.exp(t) @ r / np.exp(t).sum(), theta),
        }


def equation_square() -> Iterator[dict]:
    r"""M(c) = M(c^\star) + (c - c^\star)^2\,\mathbb{E}[\lVert u\rVert^2], \qquad
    c^\star = \frac{\mathbb{E}[R \lVert u\rVert^2]}{\mathbb{E}[\lVert u\rVert^2]}"""
    for rng in draws(8):
        p, rewards, noise = rng.dirichlet(np.ones(4)), rng.normal(2, 1, size=4), rng.uniform(0.5, 2)
        lengths = (scores(p) ** 2).sum(axis=1)
        outcomes = [(chance / 2, r + s * noise, u) for chance, r, u in zip(p, rewards, scores(p)) for s in (1, -1)]

        def mean_square_of(c, outcomes=outcomes):
            return sum(chance * (reward - c) ** 2 * u @ u for chance, reward, u in outcomes)

        best = mean_square_of(0) - mean_square_of(1)  # the vertex of a parabola, by three of its values
        yield {
            "M": mean_square_of,
            "c": rng.normal(0, 3),
            r"c^\star": 0.5 + best / (mean_square_of(1) - 2 * mean_square_of(0) + mean_square_of(-1)),
            r"\mathbb{E}[\lVert u\rVert^2]": p @ lengths,
            r"\mathbb{E}[R \lVert u\rVert^2]": (p * rewards) @ lengths,
        }


def equation_ratio() -> Iterator[dict]:
    r"""\frac{\mathbb{E}[g^2]}{\mathbb{E}[g]^2} = 1 + \frac{(c - c^\star)^2}{\operatorname{Var}[R]}, \qquad
    c^\star = (1 - p)\,q_1 + p\,q_2"""
    for rng in draws(8):
        p, q, c = rng.uniform(0.1, 0.9), rng.normal(3, 1, size=2), rng.normal(0, 3)
        chances, g = np.array([p, 1 - p]), (q - c) * np.array([1 - p, -p])
        yield {
            r"\mathbb{E}[g^2]": chances @ g**2,
            r"\mathbb{E}[g]": chances @ g,
            "c": c,
            r"c^\star": best_baseline(chances, q),
            r"\operatorname{Var}[R]": chances @ (q - chances @ q) ** 2,
            "p": p,
            "q_1": q[0],
            "q_2": q[1],
        }


def equation_group() -> Iterator[dict]:
    r"""\mathbb{E}[G] = \left(1 - \frac{1}{B}\right) \nabla J"""
    for rng in draws(6):
        size, theta, rewards = int(rng.integers(2, 5)), rng.normal(size=3), rng.normal(2, 1, size=3)
        p, mean = softmax(theta[None])[0], 0
        for group in map(list, product(range(3), repeat=size)):
            advantages = rewards[group] - rewards[group].mean()
            mean = mean + p[group].prod() * advantages @ scores(p)[group] / size
        J = complex_step(lambda t, r=rewards: np.exp(t) @ r / np.exp(t).sum(), theta)
        yield {r"\mathbb{E}[G]": mean, "B": size, r"\nabla J": J}


def explore_baseline(result: Result, start: int = 0) -> Iterator[tuple]:
    """The plane in which the scores of three actions lie. A dot is the gradient that the draw of one action gives,
    joined to their mean, a cross. Without a baseline the dots are far apart; as the baseline grows they draw near the
    cross, closest at {{ three.best | digits(2) }}, and part again. The cross stays where it is."""
    figure = new_figure(360, 0.95)
    (axes,) = figure.axes
    center = PLANE @ ((P * Q) @ scores(P))
    (rays,) = axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, gid="rays", label="from the mean gradient")
    spots = draw_dots(axes, [(0, 0)], SECOND, 9, gid="spots")
    axes.plot(*center, "+", color=INK, markersize=12, markeredgewidth=1.5, label="mean gradient")
    axes.set(xlim=(-4.6, 4.6), ylim=(-4.9, 3.8), aspect="equal")
    frame_axes(axes, [-4, 0, 4], [-4, 0, 3], "first score minus second", "both minus the third")
    label_panel(axes, "a dot is an action", MUTED, x=0.99)
    for c in np.arange(0, 8.01, 0.25):
        ends = (Q - c)[:, None] * scores(P) @ PLANE.T
        rays.set_data(*np.array([point for end in ends for point in (center, end)]).T)
        spots.set_path(dots(ends))
        square = mean_square(P, Q, c)
        readouts = {
            "baseline": f"{c:.2f}",
            "mean square of one draw’s gradient": f"{square:.2f}",
            "noise over squared mean": f"{square / result.three['length'] - 1:.1f}",
        }
        yield figure, readouts, describe_baseline(c)


def describe_baseline(c: float) -> str:
    if c < Q.min():
        return "All rewards are above the baseline: whatever is drawn becomes more likely."
    if c > Q.max():
        return "All rewards are below the baseline: whatever is drawn becomes less likely."
    return "Some rewards are above and some below it: draws are compared with each other."


def figure_square(result: Result) -> Figure:
    """Mean square of one draw's gradient for three actions against the baseline: a parabola from
    {{ squares.none | digits(3) }} without a baseline down to {{ squares.best | digits(2) }} at
    {{ three.best | digits(2) }}, beside which the mean reward, {{ three.mean | digits(2) }}, lies. A level line far
    below is the squared mean, {{ three.length | digits(2) }}."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    c = np.linspace(0, 8, 81)
    axes.plot(c, [mean_square(P, Q, value) for value in c], color=SECOND, label="mean square")
    axes.axhline(result.three["length"], color=INK, linewidth=1, label="squared mean")
    axes.plot(result.three["mean"], result.squares["mean"], "o", color=FIRST, label="mean reward")
    axes.set(xlim=(0, 8), ylim=(0, 12))
    label_panel(axes, "a draw’s mean square", SECOND, x=0.62)
    frame_axes(axes, {0: "0", result.three["mean"]: "mean reward", 8: "8"}, [0, 5, 10], "baseline", "")
    return figure


if __name__ == "__main__":
    show_figures(figure_square, of=compute())
