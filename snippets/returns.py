"""Why are returns farther from zero than rewards, and what does subtracting their mean change?

Independent rewards of mean m and standard deviation s, discounted by γ, add up to a return of mean m/(1 − γ) and
standard deviation s/√(1 − γ²): the squared mean over the variance is {{ growth | integer }} times that of the rewards
at γ = {{ discount | decimals(2) }}. Values learned from their own next values reach that mean slowest of all.

    γ   discount; α   step size of the values
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import FIRST, MUTED, SECOND, decades, frame_axes, label_point, new_figure, show_figures

SEED = 0
DISCOUNT, STEP, STATES, GOAL = 0.99, 0.1, 20, 0.01
REWARD = 1.0  # in every step
LENGTHS = {"short": 10, "long": 200}  # steps that two policies survive
TAKEN = 1.5  # subtracted from every reward
QUIET, NUDGE, FLOOR, CLIP = 3e-6, 0.01, 1e-8, 10.0  # an observation that hardly varies


@dataclass(frozen=True)
class Result:
    discount: float
    "γ."
    reward: float
    "Reward in every step."
    value: float
    "Return of it, without end."
    loss: dict[str, float]
    "Half the squared return: of that reward, and of one `factor` times as large."
    factor: float
    "How much larger the second reward is."
    growth: float
    "Squared mean over variance of returns, over that of independent rewards."
    lengths: dict[str, int]
    "Steps that two policies survive."
    taken: float
    "What is subtracted from every reward."
    returns: dict[str, dict[str, float]]
    "Returns of the two policies: with the rewards, and with that subtracted."
    states: int
    "States; from each, any may follow with equal probability."
    step: float
    "α."
    goal: float
    "Share of the error that is small enough."
    updates: dict[str, int]
    "Updates of all values until that share is left: of the mean error, and of the differences between states."
    quiet: dict[str, float]
    "An observation that hardly varies: its standard deviation, what is added to the variance, what it is divided by,"
    " a change, the change after normalizing, and the bound to which it is clipped."
    curves: dict[str, np.ndarray]
    "Share of the mean error and of the differences after each update."


def discounted(rewards: np.ndarray, discount: float) -> float:
    """Return of a sequence of rewards."""
    return float(rewards @ discount ** np.arange(len(rewards)))


def learn_values(rewards: np.ndarray, discount: float, step: float, updates: int) -> np.ndarray:
    """Values after each update V ← V + α(r + γ P V − V), where any state follows any; shape (updates + 1, states)."""
    V = [np.zeros(len(rewards))]
    for _ in range(updates):
        V.append(V[-1] + step * (rewards + discount * V[-1].mean() - V[-1]))
    return np.array(V)


def compute() -> Result:
    rewards = 1.0 + np.random.default_rng(SEED).normal(size=STATES)
    V = learn_values(rewards, DISCOUNT, STEP, 6000)
    goal = rewards + DISCOUNT * rewards.mean() / (1 - DISCOUNT)
    errors = V - goal
    mean = abs(errors.mean(axis=1) / errors[0].mean())
    rest = np.linalg.norm(errors - errors.mean(axis=1, keepdims=True), axis=1)
    rest = rest / rest[0]
    value = REWARD / (1 - DISCOUNT)
    scale = float(np.sqrt(QUIET**2 + FLOOR))
    return Result(
        discount=DISCOUNT,
        reward=REWARD,
        value=value,
        loss={"one": value**2 / 2, "large": (100 * value) ** 2 / 2},
        factor=100.0,
        growth=(1 + DISCOUNT) / (1 - DISCOUNT),
        lengths=LENGTHS,
        taken=TAKEN,
        returns={
            name: {
                "plain": discounted(np.full(length, REWARD), DISCOUNT),
                "taken": discounted(np.full(length, REWARD - TAKEN), DISCOUNT),
            }
            for name, length in LENGTHS.items()
        },
        states=STATES,
        step=STEP,
        goal=GOAL,
        updates={"mean": int(np.argmax(mean <= GOAL)), "rest": int(np.argmax(rest <= GOAL))},
        quiet={"std": QUIET, "floor": FLOOR, "scale": scale, "change": NUDGE, "after": NUDGE / scale, "clip": CLIP},
        curves={"mean": mean[:6000:20], "rest": rest[:6000:20]},
    )


def claim_returns_are_large(result: Result) -> None:
    """A reward of {{ reward | integer }} in every step and a discount of {{ discount | decimals(2) }} make a return of
    {{ value | integer }}; a value that starts at zero has half the squared error {{ loss.one | integer }}, and with
    rewards {{ factor | integer }} times as large {{ loss.large | scientific(1) }}."""
    many = discounted(np.full(5000, result.reward), result.discount)
    assert abs(many - result.value) < 1e-6 and result.factor == 100 and result.discount == 0.99
    for name, factor in (("one", 1), ("large", 100)):
        assert abs((factor * many) ** 2 / 2 / result.loss[name] - 1) < 1e-6


def claim_returns_are_farther_from_zero(result: Result) -> None:
    """For independent rewards the squared mean of returns over their variance is {{ growth | integer }} times that of
    the rewards, at a discount of {{ discount | decimals(2) }}."""
    weights = result.discount ** np.arange(5000)
    assert abs(weights.sum() ** 2 / (weights @ weights) - result.growth) < 1e-6


def claim_subtracting_turns_the_preference(result: Result) -> None:
    """One policy survives {{ lengths.short }} steps, another {{ lengths.long }}, with a reward of
    {{ reward | integer }} in each: returns of {{ returns.short.plain | digits(2) }} and
    {{ returns.long.plain | digits(2) }}. With {{ taken | decimals(1) }} subtracted from every reward they are
    {{ returns.short.taken | digits(2) }} and {{ returns.long.taken | digits(2) }}."""
    g = result.discount
    assert result.taken == 1.5 and result.reward == 1 and result.lengths == {"short": 10, "long": 200}
    for name, length in result.lengths.items():
        geometric = (1 - g**length) / (1 - g)
        assert abs(geometric - result.returns[name]["plain"]) < 1e-9
        assert abs(-0.5 * geometric - result.returns[name]["taken"]) < 1e-9
    assert result.returns["long"]["taken"] < result.returns["short"]["taken"] < 0


def claim_the_mean_is_learned_last(result: Result) -> None:
    """{{ states }} states, each equally likely to come next, a step of {{ step | decimals(1) }}: differences between
    values are down to {{ goal | percent }} after {{ updates.rest }} updates, their mean after
    {{ updates.mean | integer }}."""
    P = np.full((result.states, result.states), 1 / result.states)
    A = np.eye(result.states) - result.discount * P
    values = np.linalg.eigvalsh(A)
    assert abs(values[0] - 0.01) < 1e-9 and np.allclose(values[1:], 1) and result.step == 0.1
    for name, value in (("mean", values[0]), ("rest", 1.0)):
        assert result.updates[name] == np.ceil(np.log(result.goal) / np.log(1 - result.step * value))
    assert result.goal == 0.01 and result.states == STATES == len(A)


def claim_a_quiet_observation(result: Result) -> None:
    """An observation with a standard deviation of {{ quiet.std | scientific(1) }} is divided by
    {{ quiet.scale | scientific(1) }}, because {{ quiet.floor | scientific(1) }} is added to its variance; a change of
    {{ quiet.change | decimals(2) }} then becomes {{ quiet.after | integer }}, or {{ quiet.clip | integer }} where
    observations are clipped to that."""
    part = result.quiet
    assert (part["std"], part["floor"], part["change"], part["clip"]) == (3e-6, 1e-8, 0.01, 10)
    assert abs(part["after"] * part["scale"] - 0.01) < 1e-12 and abs(part["scale"] / 1e-4 - 1) < 1e-3
    assert np.clip(part["after"], -10, 10) == part["clip"] and abs(part["after"] - 100) < 0.1


def equation_moments() -> Draws:
    r"""\mathbb{E}[G] = \frac{m}{1 - \gamma}, \qquad \operatorname{Var}[G] = \frac{s^2}{1 - \gamma^2}, \qquad
    \rho_G = \frac{1 + \gamma}{1 - \gamma}\,\rho_R"""
    for rng in draws(6):
        m, s, g = rng.normal(), rng.uniform(0.5, 2), rng.uniform(0.5, 0.95)
        weights = g ** np.arange(2000)
        mean, variance = m * weights.sum(), s**2 * (weights @ weights)
        letters = {r"\mathbb{E}[G]": mean, r"\operatorname{Var}[G]": variance, r"\rho_G": mean**2 / variance}
        yield {**letters, "m": m, "s": s, r"\gamma": g, r"\rho_R": m**2 / s**2}


def equation_slow() -> Draws:
    r"""\bar{e}_{t+1} = \left(1 - \alpha\,(1 - \gamma)\right) \bar{e}_t"""
    for rng in draws(6):
        rewards, g, step = rng.normal(size=5), rng.uniform(0.5, 0.99), rng.uniform(0.05, 0.5)
        V = learn_values(rewards, g, step, 4)
        e = V.mean(axis=1) - rewards.mean() / (1 - g)
        yield {r"\bar{e}_{t+1}": e[4], r"\bar{e}_t": e[3], r"\alpha": step, r"\gamma": g}


def equation_ended() -> Draws:
    r"""G' = G - c\,\frac{1 - \gamma^T}{1 - \gamma}"""
    for rng in draws(6):
        T, g, c = int(rng.integers(3, 40)), rng.uniform(0.5, 0.99), rng.normal()
        rewards = rng.normal(size=T)
        yield {"G'": discounted(rewards - c, g), "G": discounted(rewards, g), "c": c, r"\gamma": g, "T": T}


def figure_values(result: Result) -> Figure:
    """Share of the error that is left against updates, logarithmic. Differences between states are gone at once; the
    mean error falls far more slowly."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    axes.axhline(result.goal, color=MUTED, linewidth=0.8)
    updates = np.arange(len(result.curves["mean"])) * 20
    seen = result.curves["rest"] > 1e-4
    axes.plot(updates[seen], result.curves["rest"][seen], color=FIRST)
    axes.plot(updates, result.curves["mean"], color=SECOND)
    label_point(axes, "differences", (updates[2], result.curves["rest"][2]), FIRST, dx=10)
    label_point(axes, "mean", (updates[120], result.curves["mean"][120]), SECOND, dx=6, dy=10)
    axes.set(yscale="log", xlim=(0, 6000), ylim=(1e-3, 1.3))
    frame_axes(axes, [0, 2000, 4000, 6000], decades(-3, -2, -1, 0), "updates", "error left")
    return figure


if __name__ == "__main__":
    show_figures(figure_values, of=compute())
