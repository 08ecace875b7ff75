"""What are GRPO’s advantages when a group of answers is nearly all right, split, or all right?

With a share p of right answers, reward 1 or 0, a right one gets √((1 − p)/p) and a wrong one −√(p/(1 − p)): in a group
of {{ group }} with {{ right[0] }} right these are {{ divided.right[0] | decimals(2) }} and
{{ divided.wrong[0] | decimals(2) }}. A group that is all right gets zeros.

    G   answers to one prompt; p share of right ones
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws

GROUP, RIGHT, FLOOR = 8, (7, 4), 1e-6


@dataclass(frozen=True)
class Result:
    group: int
    "Answers in a group."
    right: tuple[int, ...]
    "How many of them are right."
    divided: dict[str, tuple[float, ...]]
    "Advantages of right and of wrong answers, divided by the standard deviation of the group."
    sample: dict[str, tuple[float, ...]]
    "The same with the standard deviation that divides by one less than the group."
    plain: dict[str, tuple[float, ...]]
    "The same without dividing."
    alike: float
    "Largest advantage, in size, of a group whose answers are all right, with a small number added below."
    weight: tuple[float, ...]
    "By how much a group counts more for being divided, beside a group that is split in halves."


def find_advantages(rewards: np.ndarray, divide: bool = True, less: int = 0) -> np.ndarray:
    """Rewards minus their mean, over their standard deviation plus a small number if asked for."""
    centered = rewards - rewards.mean()
    return centered / (rewards.std(ddof=less) + FLOOR) if divide else centered


def compute() -> Result:
    groups = [np.array([1.0] * right + [0.0] * (GROUP - right)) for right in RIGHT]
    tables = {}
    for name, options in (("divided", {}), ("sample", {"less": 1}), ("plain", {"divide": False})):
        advantages = [find_advantages(rewards, **options) for rewards in groups]
        tables[name] = {"right": tuple(a[0] for a in advantages), "wrong": tuple(a[-1] for a in advantages)}
    return Result(
        group=GROUP,
        right=RIGHT,
        alike=float(abs(find_advantages(np.ones(GROUP))).max()),
        weight=tuple(0.5 / rewards.std() for rewards in groups),
        **tables,
    )


def claim_rare_outcomes_count_more(result: Result) -> None:
    """{{ group }} answers with reward 1 or 0: if {{ right[0] }} are right, they get
    {{ divided.right[0] | decimals(2) }} and the wrong one {{ divided.wrong[0] | decimals(2) }}; if {{ right[1] }} are,
    {{ divided.right[1] | decimals(2) }} and {{ divided.wrong[1] | decimals(2) }}. With the standard deviation of a
    sample these are {{ sample.right[0] | decimals(2) }}, {{ sample.wrong[0] | decimals(2) }} and
    ±{{ sample.right[1] | decimals(2) }}; without dividing {{ plain.right[0] | decimals(3) }},
    {{ plain.wrong[0] | decimals(3) }} and ±{{ plain.right[1] | decimals(1) }}. If all are right, all get
    {{ alike | integer }}."""
    assert result.alike == 0 and result.group == GROUP
    for i, right in enumerate(result.right):
        p, shrink = right / result.group, np.sqrt(1 - 1 / result.group)
        for name, of in (("right", np.sqrt((1 - p) / p)), ("wrong", -np.sqrt(p / (1 - p)))):
            assert abs(result.divided[name][i] - of) < 1e-4 and abs(result.sample[name][i] - of * shrink) < 1e-4
        assert abs(result.plain["right"][i] - (1 - p)) < 1e-9 and abs(result.plain["wrong"][i] + p) < 1e-9


def claim_dividing_weights_the_prompts(result: Result) -> None:
    """Beside a prompt that is solved half of the time, the division raises the weight of one that is solved
    {{ right[0] }} of {{ group }} times by a factor of {{ weight[0] | digits(3) }}."""
    p = result.right[0] / result.group
    assert abs(result.weight[0] - 0.5 / np.sqrt(p * (1 - p))) < 1e-9 and result.weight[1] == 1


def equation_advantages() -> Draws:
    r"""A_{\text{right}} = \sqrt{\frac{1 - p}{p}}, \qquad A_{\text{wrong}} = -\sqrt{\frac{p}{1 - p}}"""
    for rng in draws(5):
        size = int(rng.integers(3, 12))
        right = int(rng.integers(1, size))
        rewards = np.arange(size) < right
        scores = (rewards - np.mean(rewards)) / np.std(rewards)
        yield {r"A_{\text{right}}": scores[0], r"A_{\text{wrong}}": scores[-1], "p": right / size}


if __name__ == "__main__":
    print(compute())
