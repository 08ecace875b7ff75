"""How long does a moving average remember its start, and how far is it behind?

A moving average that takes the share θ of each new batch keeps (1 − θ)ᵗ of its start after t batches: after
{{ updates }} of them {{ left.fast | percent(1) }} at θ = {{ share.fast | decimals(1) }}, and
{{ left.slow | percent }} at {{ share.slow | decimals(2) }}.

    θ   share of the newest batch in a moving average: m ← (1 − θ) m + θ z̄
"""

from dataclasses import dataclass

import numpy as np

from lib.normalization import normalize
from lib.numerics import Draws, draws

SHARES = {"fast": 0.1, "slow": 0.01}
UPDATES = 48
GOAL = 0.01  # of the start is left
EPOCH = 313  # exercise: batches in an epoch
APART = (1e-3, 0.37, 50.0)  # how far two examples are from each other


@dataclass(frozen=True)
class Result:
    share: dict[str, float]
    "θ of the two moving averages."
    kept: float
    "What the slow one keeps of itself in an update."
    updates: int
    "Batches after which they are looked at."
    left: dict[str, float]
    "Share of its start that each still holds then."
    goal: float
    "Share of the start that is small enough."
    needed: dict[str, int]
    "Batches until no more than `goal` of the start is left."
    behind: dict[str, float]
    "How far it is behind a mean that drifts, in drifts of one batch."
    exercise: dict[str, float]
    "Batches in an epoch, and what the slow average holds of its start after them."
    pair: tuple[float, float]
    "Two examples of one unit, normalized by their own mean and standard deviation."


def average(share: float, start: float, means: np.ndarray) -> float:
    """A moving average after the given batch means."""
    for mean in means:
        start = (1 - share) * start + share * mean
    return start


def compute() -> Result:
    return Result(
        share=SHARES,
        kept=1 - SHARES["slow"],
        updates=UPDATES,
        left={name: (1 - share) ** UPDATES for name, share in SHARES.items()},
        goal=GOAL,
        needed={name: int(np.ceil(np.log(GOAL) / np.log(1 - share))) for name, share in SHARES.items()},
        behind={name: (1 - share) / share for name, share in SHARES.items()},
        exercise={"epoch": EPOCH, "left": 0.99**EPOCH},
        pair=tuple(normalize(np.array([2.0, 2.0 + APART[1]]))[0]),
    )


def claim_a_moving_average_remembers_its_start(result: Result) -> None:
    """After {{ updates }} batches a moving average that takes {{ share.fast | decimals(1) }} of each still holds
    {{ left.fast | percent(1) }} of what it started from, and one that takes {{ share.slow | decimals(2) }} of each
    {{ left.slow | percent }}. Until {{ goal | percent }} is left they take {{ needed.fast }} and {{ needed.slow }}
    batches."""
    for name, share in (("fast", 0.1), ("slow", 0.01)):
        assert share == result.share[name] and result.goal == 0.01 and result.updates == 48
        assert abs(average(share, 1.0, np.zeros(result.updates)) - result.left[name]) < 1e-9
        lengths = [average(share, 1.0, np.zeros(result.needed[name] - less)) for less in (1, 0)]
        assert lengths[0] > result.goal >= lengths[1]
    epoch = result.exercise["epoch"]
    assert abs(result.kept - average(0.01, 1.0, np.zeros(1))) < 1e-12
    assert epoch == EPOCH and abs(average(0.01, 1.0, np.zeros(epoch)) - result.exercise["left"]) < 1e-9


def claim_batches_of_one_and_two(result: Result) -> None:
    """Two examples that differ become {{ pair[0] | integer }} and {{ pair[1] | integer }}, however much or little they
    differ; a single one minus its own mean is 0, whatever it is."""
    for apart in APART:
        middle = apart / 2  # the mean lies there, and the standard deviation is as large
        np.testing.assert_allclose(np.array([-middle, middle]) / middle, result.pair, atol=1e-9)
        np.testing.assert_allclose(normalize(np.array([7.0, 7.0 + apart]))[0], result.pair, atol=1e-6)
    single = np.random.default_rng(0).normal(size=(1, 5))
    assert np.all(single - single.mean(axis=0) == 0)


def claim_behind(result: Result) -> None:
    """Behind a mean that drifts it stays {{ behind.fast | integer }} batches of drift behind at
    {{ share.fast | decimals(1) }}, and {{ behind.slow | integer }} at {{ share.slow | decimals(2) }}."""
    for name, share in result.share.items():
        means = np.arange(4000.0)
        assert abs(means[-1] - average(share, 0.0, means) - result.behind[name]) < 1e-6


def equation_left() -> Draws:
    r"""m_t = (1 - \theta)^t\, m_0 + \left(1 - (1 - \theta)^t\right) \bar{z}"""
    for rng in draws(8):
        share, t, start, mean = rng.uniform(0.01, 0.5), int(rng.integers(1, 60)), *rng.normal(size=2)
        yield {
            "m_t": average(share, start, np.full(t, mean)),
            "m_0": start,
            r"\theta": share,
            "t": t,
            r"\bar{z}": mean,
        }


def equation_lag() -> Draws:
    r"""\bar{z}_t - m_t = \frac{1 - \theta}{\theta}\, d"""
    for rng in draws(8):
        share, d = rng.uniform(0.05, 0.5), rng.normal()
        means = d * np.arange(2000)
        yield {r"\bar{z}_t": means[-1], "m_t": average(share, means[0], means), r"\theta": share, "d": d}


def fold_unit(w: np.ndarray, gain: float, shift: float, mean: float, variance: float) -> tuple[np.ndarray, float]:
    """Weights and bias that do what a normalization behind the weights w does, with these stored statistics."""
    factor = gain / np.sqrt(variance)
    return factor * w, shift - factor * mean


def draw_unit(rng: np.random.Generator) -> tuple[dict, np.ndarray, float]:
    """Letters of a unit and its normalization; its folded weights and bias."""
    w, x, (gain, shift, mean) = rng.normal(size=4), rng.normal(size=4), rng.normal(size=3)
    v, small = rng.uniform(0.1, 3), rng.uniform(1e-5, 0.1)
    letters = {"w": w, "x": x, r"\gamma": gain, r"\beta": shift, "m": mean, "v": v, r"\varepsilon": small}
    return letters, *fold_unit(w, gain, shift, mean, v + small)


def equation_folded() -> Draws:
    r"""\gamma\,\frac{w^\top x - m}{\sqrt{v + \varepsilon}} + \beta = w'^\top x + b'"""
    for rng in draws(6):
        letters, weights, bias = draw_unit(rng)
        yield {**letters, "w'": weights, "b'": bias}


def equation_weights() -> Draws:
    r"""w' = \frac{\gamma}{\sqrt{v + \varepsilon}}\, w, \qquad
    b' = \beta - \frac{\gamma\, m}{\sqrt{v + \varepsilon}}"""
    for rng in draws(6):
        letters, weights, bias = draw_unit(rng)
        yield {**letters, "w'": weights, "b'": bias}


if __name__ == "__main__":
    print(compute())
