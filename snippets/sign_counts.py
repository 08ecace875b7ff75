"""How many components of a batch gradient have which sign?

With positive inputs {{ dissent[4] | digits(2) }} of {{ units }} disagree with the majority, on average, for batches of
{{ sizes[4] }}, where fair coins would give {{ coin_dissent | digits(3) }}. Which patterns of signs a batch can produce
at all does not depend on centering.

    r  mean over standard deviation of one input
    δ  upstream gradients, one per example, independent of the inputs here
"""

from dataclasses import dataclass
from itertools import combinations, product
from math import comb

import numpy as np

from lib.gradient_signs import RATIOS, SHIFT, SIZES, UNITS, sum_gradients
from lib.numerics import Draws
from lib.plots import FIRST, GRID, INK, SECOND, Frames, frame_axes, label_point, new_figure
from lib.signs import chance_of_mixed_signs, negative_counts
from lib.stochastic import sgd_steps

SEED = 0
BATCHES = sorted({round(2 ** (k / 2)) for k in range(21)})  # batch sizes to choose from


@dataclass(frozen=True)
class Result:
    units: int
    "Inputs of the neuron."
    sizes: tuple[int, ...]
    "Examples in a batch."
    ratio: dict[str, float]
    "Mean over standard deviation of one input: tanh, ReLU and sigmoid of z ~ N(0, 1), and uniform on (0, 1)."
    limit: dict[str, float]
    "What that share tends to as the batch grows."
    coins: int
    "One over the probability that as many coins show one side."
    shift: float
    "Mean of the errors in the second experiment, in their standard deviations."
    dissent: tuple[float, ...]
    "How many components disagree with the majority, on average, sigmoid layer, one entry per size of `sizes`."
    coin_dissent: float
    "The same for fair coins, which is what centered inputs give."
    patterns: tuple[int, ...]
    "How many sign patterns one batch of each size of `sizes` can produce at all."
    all_patterns: int
    "Sign patterns of so many components."


def coin_counts(units: int = UNITS) -> np.ndarray:
    """Probability of 0, 1 … negative components if each is a fair coin: centered inputs, whatever the batch."""
    return np.array([comb(units, k) for k in range(units + 1)]) / 2**units


def minority(counts: np.ndarray) -> float:
    """How many components disagree with the majority, on average, given the probabilities of 0, 1 … negative ones."""
    number = np.arange(len(counts))
    return float(counts @ np.minimum(number, number[::-1]))


def compute() -> Result:
    limit = {key: chance_of_mixed_signs(np.full(UNITS, r)) for key, r in RATIOS.items()}
    return Result(
        units=UNITS,
        sizes=SIZES,
        ratio=RATIOS,
        limit=limit,
        coins=2 ** (UNITS - 1),
        shift=SHIFT,
        dissent=tuple(minority(negative_counts(size, 0.0, RATIOS["sigmoid"], UNITS)) for size in SIZES),
        coin_dissent=minority(coin_counts()),
        patterns=tuple(2 * sum(comb(UNITS - 1, k) for k in range(size)) for size in SIZES),
        all_patterns=2**UNITS,
    )


def count_patterns(x: np.ndarray) -> int:
    """Sign patterns of x δ over all δ, x of shape (n, B) with n ≥ B, in general position, by listing them.

    Every region of constant signs has an edge, on which B − 1 components vanish; around it their signs are free.
    """
    n, size = x.shape
    found = set()
    if not size:
        return 0  # no example, no sign
    for zero in map(list, combinations(range(n), size - 1)):
        edge = np.linalg.svd(x[zero])[2][-1] if zero else np.ones(1)
        signs = np.sign(x @ edge)
        for free in product((-1.0, 1.0), repeat=size - 1):
            signs[zero] = free
            found |= {tuple(signs), tuple(-signs)}
    return len(found)


def claim_few_disagree(result: Result) -> None:
    """Of the {{ units }} components of such a gradient {{ dissent[1:5] | digits(2) | list }} disagree with the
    majority, on average, for {{ sizes[1:5] | integer | list }} examples, errors of mean zero; of as many coins
    {{ coin_dissent | digits(2) }}."""
    rng = np.random.default_rng(SEED)
    for layer, shift in (("sigmoid", 0.0), ("sigmoid", SHIFT), ("tanh", SHIFT)):
        below_zero = (sum_gradients(layer, rng, 8000, shift, SIZES[4]) < 0).sum(axis=2)
        for size, mean in zip(SIZES[:5], result.dissent):
            counted = np.bincount(below_zero[:, size - 1], minlength=UNITS + 1) / 8000
            law = coin_counts() if layer == "tanh" else negative_counts(size, shift, result.ratio[layer], UNITS)
            assert abs(counted - law).max() < 0.06
            few = np.minimum(below_zero[:, size - 1], UNITS - below_zero[:, size - 1])
            assert shift or abs(few.mean() - mean) < 0.065
    # Φ(z) is uniform then
    np.testing.assert_allclose(negative_counts(10**6, 0.0, 1.0, UNITS), 1 / (UNITS + 1), rtol=1e-4)
    assert abs(result.coin_dissent - minority(negative_counts(64, 0.0, 0.0, UNITS))) < 1e-9
    assert abs(coin_counts()[[0, -1]].sum() * result.coins - 1) < 1e-12
    heads = np.array([sum(toss) for toss in product((0, 1), repeat=UNITS)])
    assert abs(result.coin_dissent - np.minimum(heads, UNITS - heads).mean()) < 1e-12


def claim_patterns_do_not_need_centering(result: Result) -> None:
    """What *can* happen is the same with and without centering: two examples allow {{ patterns[1] }} of
    {{ all_patterns | integer }} sign patterns for {{ units }} weights, whether their inputs are positive or
    centered."""
    rng = np.random.default_rng(SEED)
    for low in (0, -1):
        assert count_patterns(rng.uniform(low, 1, (UNITS, 2))) == result.patterns[1]
        assert count_patterns(rng.uniform(low, 1, (UNITS, 4))) == result.patterns[2]


def equation_patterns() -> Draws:
    r"""\begin{aligned} N(n, B) &= N(n-1, B) + N(n-1, B-1) \\ &= 2 \sum_{k=0}^{B-1} \binom{n-1}{k} \end{aligned}"""
    rng = np.random.default_rng(0)
    for n, size in ((3, 2), (5, 2), (5, 3), (6, 4), (7, 3)):
        counted = lambda rows, columns: count_patterns(rng.normal(size=(int(rows), int(columns))))  # noqa: E731
        yield {"N": counted, "n": n, "B": size}


def explore_batch(result: Result, start: int = 7) -> Frames:
    """How many of {{ units }} components of a batch gradient are below zero, for {{ sizes[4] }} examples, two panels.
    Left, errors of mean zero: the off-center steps stand high at both ends, none or all below zero, and cover the gray
    area, the limit for any number of examples; {{ dissent[4] | digits(2) }} components disagree with the majority.
    Right, errors with a mean of {{ shift | digits(2) }} standard deviations: the steps stand high at none, and the gray
    limit is a single column there. Dots for centered inputs, alike in both, make a bell; {{ coin_dissent | digits(2) }}
    components disagree."""
    figure = new_figure(320, 0.95, panels=2)
    ratio, numbers = result.ratio["sigmoid"], np.arange(UNITS + 1)
    stairs = []
    for axes, shift, title in zip(figure.axes, (0.0, SHIFT), ("errors of mean zero", "errors with a mean")):
        limit = negative_counts(10**6, shift, ratio, UNITS)
        axes.fill_between(*outline_columns(limit), color=GRID, linewidth=0)
        (line,) = axes.plot(*outline_columns(limit), color=SECOND, label="sigmoid")
        axes.plot(numbers, coin_counts(), "o", color=FIRST, markersize=4.5, label="tanh")
        label_point(axes, "tanh", (6, coin_counts()[6]), FIRST, dx=8, dy=8)
        axes.text(0.5, 0.97, title, transform=axes.transAxes, ha="center", va="top", color=INK)
        axes.set(xlim=(-0.8, UNITS + 0.8), ylim=(0, 1.02))
        frame_axes(axes, [0, UNITS // 2, UNITS], [0, 0.5, 1], "components below zero", "share of batches")
        stairs.append(line)
    stairs[0].set_gid("errors_centered"), stairs[1].set_gid("errors_shifted")
    for size in BATCHES:
        laws = [negative_counts(size, shift, ratio, UNITS) for shift in (0.0, SHIFT)]
        mixed_share, shifted_share = (1 - law[0] - law[-1] for law in laws)
        steps = [sgd_steps(size, UNITS, UNITS * r**2) for r in (ratio, 0.0)]
        for line, law in zip(stairs, laws):
            line.set_data(*outline_columns(law))
        readouts = {
            "examples in a batch": f"{size:,}",
            "mixed signs": f"{mixed_share:.0%}",
            f"in the minority, of {UNITS}": f"{minority(laws[0]):.1f}",
            "mixed, if errors have a mean": f"{shifted_share:.0%}",
            "times the steps of centered": f"{steps[0] / steps[1]:.1f}",
        }
        settled = mixed_share > result.limit["sigmoid"] - 0.02
        yield figure, readouts, describe_batch(size, mixed_share, shifted_share, settled, steps[0] / steps[1])


def describe_batch(size: int, mixed_share: float, shifted_share: float, settled: bool, price: float) -> str:
    """Return what a batch of this size does, and what the mean of the inputs costs it."""
    if size == 1:
        return f"One example has one sign: none of the {UNITS} components below zero, or all, as its error decides."
    if not settled:
        return (
            f"Errors of both signs mix the components: "
            f"if their mean is zero, some disagree in {mixed_share:.0%} of the batches."
        )
    if shifted_share > 0.01:
        return (
            f"About as mixed as it will be, and less so if errors have a mean. "
            f"Off-center inputs need {price:.0f} times the steps of centered ones."
        )
    return (
        f"More examples change nothing any more, but if errors have a mean, nearly every batch has one sign again. "
        f"Off-center inputs need {price:.0f} times the steps."
    )


def outline_columns(law: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares as the outline of columns of width 1."""
    return np.repeat(np.arange(len(law) + 1) - 0.5, 2), np.concatenate([[0], np.repeat(law, 2), [0]])


if __name__ == "__main__":
    print(compute())
