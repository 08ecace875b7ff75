r"""What does averaging the weights over the steps do to the zig-zag?

{{ inputs }} inputs of variance 1 and mean {{ mean | digits(2) }}, no bias, no noise: the condition number is
{{ kappa | integer }}. The average cancels the leaps and keeps what is slow: after {{ steps | integer }} steps it is
{{ behind | digits(2) }} times farther from the optimum across the mean than the last weights.

    γ      (κ − 1)/(κ + 1); a step multiplies the error along the mean by −γ, and across it by γ
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import FIRST, MUTED, SECOND, decades, frame_axes, label_point, new_figure, show_figures

INPUTS, MEAN, STEPS = 100, 2.4, 2000
KAPPA = 1 + INPUTS * MEAN**2


@dataclass(frozen=True)
class Result:
    inputs: int
    "Inputs."
    mean: float
    "Mean of each, in standard deviations."
    kappa: float
    "Condition number."
    steps: int
    "Steps, each the best constant one."
    left: dict[str, float]
    "Share of an error along the mean and across it: in the last weights, in the average of all, of the second half."
    behind: float
    "Share across the mean in the average of all over that in the last weights."
    edge: dict[str, float]
    "With a step of two over the largest curvature: share along the mean in the last weights and in the average of the"
    " last two, and across it in that average."
    curves: dict[str, np.ndarray]
    "Length of the error after each step over that of the first, both parts equal at the start: last, all, half."


def average(g: float, first: np.ndarray | int, last: np.ndarray | int) -> np.ndarray:
    """Mean of gᵏ for k from `first` to below `last`."""
    return (g**first - g**last) / ((last - first) * (1 - g))


def compute() -> Result:
    g, count = (KAPPA - 1) / (KAPPA + 1), np.arange(1, STEPS + 1)
    spans = {"last": (count - 1, count), "all": (0 * count, count), "half": (count // 2, count)}
    parts = {name: [np.abs(average(factor, *span)) for factor in (-g, g)] for name, span in spans.items()}
    left = {f"{name}_{way}": part[-1] for name, pair in parts.items() for way, part in zip(("along", "across"), pair)}
    pair = np.array([(1.0 - 2 / KAPPA) ** (STEPS - 2), (1 - 2 / KAPPA) ** (STEPS - 1)])
    return Result(
        inputs=INPUTS,
        mean=MEAN,
        kappa=KAPPA,
        steps=STEPS,
        left=left,
        behind=left["all_across"] / left["last_across"],
        edge={"last": 1.0, "two": 0.0, "across": pair.mean()},
        curves={name: np.hypot(*pair) / np.sqrt(2) for name, pair in parts.items()},
    )


def descend(step: float) -> np.ndarray:
    """Errors along the mean and across it, at each step."""
    errors = [np.ones(2)]
    for _ in range(STEPS - 1):
        errors.append(errors[-1] - step * np.array([KAPPA, 1.0]) * errors[-1])
    return np.array(errors)


def claim_it_cancels_leaps_and_keeps_slowness(result: Result) -> None:
    """After {{ steps | integer }} best constant steps at a condition number of {{ kappa | integer }}, the last weights
    keep {{ left.last_along | scientific(1) }} of the error along the mean and as much across it; the average of all
    weights {{ left.all_along | scientific(1) }} along and {{ left.all_across | digits(2) }} across,
    {{ behind | digits(2) }} times as much; that of the second half {{ left.half_along | scientific(1) }} along and
    {{ left.half_across | scientific(1) }} across."""
    errors = descend(2 / (result.kappa + 1))
    ways = {"last": errors[-1], "all": np.mean(errors, axis=0), "half": np.mean(errors[result.steps // 2 :], axis=0)}
    for name, pair in ways.items():
        found = [result.left[f"{name}_along"], result.left[f"{name}_across"]]
        np.testing.assert_allclose(found, np.abs(pair), rtol=1e-7)
        assert abs(result.curves[name][-1] / np.sqrt(np.mean(pair**2)) - 1) < 1e-7
    assert abs(result.behind * errors[-1][1] / ways["all"][1] - 1) < 1e-7


def claim_two_are_enough_for_the_leaps(result: Result) -> None:
    """At a step of two over the largest curvature the last weights leap across the valley without end, with
    {{ edge.last | integer }} times the first error along the mean; the average of the last two weights has
    {{ edge.two | integer }} of it, and {{ edge.across | scientific(1) }} across the mean."""
    errors = descend(2 / result.kappa)[-2:]
    assert abs(abs(errors[-1][0]) - result.edge["last"]) < 1e-9
    np.testing.assert_allclose(errors.mean(axis=0), [result.edge["two"], result.edge["across"]], rtol=1e-7, atol=1e-9)


def equation_mean() -> Draws:
    r"""\frac{1}{t}\sum_{k=0}^{t-1} g^k = \frac{1 - g^t}{t\,(1 - g)}"""
    for rng in draws(8):
        yield {"t": int(rng.integers(2, 9)), "g": rng.uniform(-1.2, 0.9)}


def figure_errors(result: Result) -> Figure:
    """Length of the error, logarithmic, against steps. That of the last weights falls along a straight line; that of
    the average of the second half falls more slowly, and that of all weights in proportion to one over the steps."""
    figure = new_figure(360, 0.72)
    axes = figure.gca()
    names = {"last": (FIRST, "last weights"), "half": (MUTED, "second half"), "all": (SECOND, "average of all")}
    for name, (role, text) in names.items():
        axes.plot(np.arange(1, STEPS + 1), result.curves[name], color=role)
        at, dx, dy, ha = (STEPS, -4, -14, "right") if name == "last" else (1100, 4, 6, "left")
        label_point(axes, text, (at, result.curves[name][at - 1]), role, dx=dx, dy=dy, ha=ha)
    axes.set(yscale="log", xlim=(0, STEPS), ylim=(1e-4, 1))
    frame_axes(axes, [0, 500, 1000, 1500, 2000], decades(-4, -3, -2, -1, 0), "step", "error left")
    return figure


if __name__ == "__main__":
    show_figures(figure_errors, of=compute())
