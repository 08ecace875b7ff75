"""How does reward centering estimate the mean reward, and what does it do to the value that is learned last?

Subtract R from every reward, and move R by η times the step of the values, along the same temporal-difference error.
Then the mean error shrinks by 1 − α(1 − γ + η) an update and not by 1 − α(1 − γ): with γ = {{ discount | decimals(2) }}
{{ updates.centered }} updates to {{ goal | percent }} instead of {{ updates.plain | integer }}.

    γ   discount; α step size of the values; ηα that of R
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws

SEED = 0
DISCOUNT, NEAR, STEP, SHARE = 0.99, 0.999, 0.1, 1.0
STATES, MEAN, GOAL = 20, 3.0, 0.01


@dataclass(frozen=True)
class Result:
    discount: float
    "γ."
    near: float
    "A discount nearer to 1."
    step: float
    "α."
    share: float
    "η: the step size of R over that of the values."
    mean: float
    "Mean reward."
    goal: float
    "Share of the mean error that is small enough."
    updates: dict[str, int]
    "Updates until then: plain and centered at the first discount, and at the one nearer to 1."
    value: dict[str, float]
    "Mean value in the end: plain and centered, at the first discount."
    rate: float
    "R in the end, at the first discount."


def learn(discount: float, share: float, updates: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean temporal-difference error, and R, after each update of all values; any state follows any."""
    rewards = np.random.default_rng(SEED).normal(size=STATES)
    rewards, V, R, path = rewards - rewards.mean() + MEAN, np.zeros(STATES), 0.0, []
    for _ in range(updates):
        delta = rewards - R + discount * V.mean() - V
        path.append((delta.mean(), R, V.mean()))
        V, R = V + STEP * delta, R + share * STEP * delta.mean()
    return np.array(path)


def count(discount: float, share: float) -> int:
    """Updates until the mean error is small."""
    return int(np.ceil(np.log(GOAL) / np.log(1 - STEP * (1 - discount + share))))


def compute() -> Result:
    return Result(
        discount=DISCOUNT,
        near=NEAR,
        step=STEP,
        share=SHARE,
        mean=MEAN,
        goal=GOAL,
        updates={
            "plain": count(DISCOUNT, 0),
            "centered": count(DISCOUNT, SHARE),
            "plain_near": count(NEAR, 0),
            "centered_near": count(NEAR, SHARE),
        },
        value={"plain": MEAN / (1 - DISCOUNT), "centered": MEAN / (1 - DISCOUNT + SHARE)},
        rate=SHARE * MEAN / (1 - DISCOUNT + SHARE),
    )


def claim_the_rate_takes_the_mean(result: Result) -> None:
    """A mean reward of {{ mean | integer }}, α = {{ step | digits(1) }}, η = {{ share | integer }}: the mean error is
    down to {{ goal | percent }} after {{ updates.centered }} updates with γ = {{ discount | decimals(2) }} and after
    {{ updates.centered_near }} with {{ near | decimals(3) }}, without centering after {{ updates.plain | integer }} and
    {{ updates.plain_near | integer }}. R ends at {{ rate | digits(3) }}, and the mean value at
    {{ value.centered | digits(3) }} instead of {{ value.plain | integer }}."""
    for name, discount in (("", result.discount), ("_near", result.near)):
        for kind, share in (("plain", 0.0), ("centered", result.share)):
            updates = result.updates[kind + name]
            errors = abs(learn(discount, share, updates + 1)[:, 0])
            assert errors[updates] <= result.goal * errors[0] < errors[updates - 1]
    delta, rate, value = learn(result.discount, result.share, 400)[-1]
    assert abs(delta) < 1e-9 and abs(rate - result.rate) < 1e-9 and abs(value - result.value["centered"]) < 1e-9
    assert abs(learn(result.discount, 0.0, 20_000)[-1, 2] - result.value["plain"]) < 1e-3
    assert (result.mean, result.step) == (MEAN, STEP)


def equation_error() -> Draws:
    r"""\bar\delta_{t+1} = (1 - \alpha\,(1 - \gamma + \eta))\,\bar\delta_t"""
    for rng in draws(6):
        discount, share, step = rng.uniform(0.5, 1), rng.uniform(0, 2), rng.uniform(0.05, 0.3)
        r, V, R = rng.normal(2, 1, 5), rng.normal(size=5), rng.normal()
        errors = []
        for _ in range(2):
            delta = r - R + discount * V.mean() - V
            errors.append(delta.mean())
            V, R = V + step * delta, R + share * step * delta.mean()
        letters = {r"\bar\delta_{t+1}": errors[1], r"\bar\delta_t": errors[0]}
        yield letters | {r"\alpha": step, r"\gamma": discount, r"\eta": share}


if __name__ == "__main__":
    print(compute())
