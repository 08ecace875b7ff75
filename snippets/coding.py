"""0/1 or −1/1, and how are categories coded?

An on-off input that is on with probability p is better centered by −1/1 than by 0/1 exactly if p > ¼. With a bias the
best coding is to subtract p and divide by the standard deviation: {{ inputs }} inputs with p = {{ p[0] | digits(1) }}
have κ = {{ kappa.zero_one[0] | integer }} as 0/1, {{ kappa.signed[0] | integer }} as −1/1 and
{{ kappa.standardized[0] | integer }} standardized. For {{ count }} equally frequent categories: one-hot without a bias
κ = 1, dummy coding with a bias {{ categories.dummy | integer }}, effect coding {{ categories.effect | integer }}.

    p  share of examples in which an input is on
    K  equally frequent categories
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib.numerics import Draws, draws, find_root
from lib.plots import FIRST, MUTED, SECOND, THIRD, Frames, decades, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import (
    condition_number,
    condition_on_range,
    kappa_with_bias,
    kappa_without_bias,
    second_moment,
    worst_steps,
)

SEED = 0
INPUTS, SHARES, CATEGORIES = 10, (0.1, 0.5, 0.9), 10
GRID_OF_SHARES = np.round(np.linspace(0.02, 0.98, 49), 2)
CODES = {"zero_one": (0.0, 1.0), "signed": (-1.0, 1.0)}  # off, on
SEEN = 100


@dataclass(frozen=True)
class Result:
    inputs: int
    "Independent on-off inputs."
    p: tuple[float, ...]
    "Shares in which they are on."
    kappa: dict[str, tuple[float, ...]]
    "Condition number with a bias for each share: 0/1, −1/1, p subtracted, standardized."
    kappa_none: dict[str, tuple[float, ...]]
    "The same without a bias."
    crossing: float
    "Share above which −1/1 has the smaller condition number with a bias."
    count: int
    "Equally frequent categories."
    categories: dict[str, float]
    "Condition number by coding: one-hot alone, with a bias (on its range), dummy, effect, orthogonal contrasts."
    two: float
    "The same for two categories in dummy coding."
    steps: dict[str, int]
    "Steps of plain descent to a millionth of the error from the worst start, best step: dummy, effect coding."
    seen: int
    "Examples whose smallest and largest value set a range."
    outside: float
    "Expected share of new examples outside of it."
    curves: dict[str, np.ndarray]
    "Condition number with a bias for each of `GRID_OF_SHARES`."


def moments(p: float, coding: str) -> tuple[float, float]:
    """Mean and variance of one input."""
    if coding in CODES:
        off, on = CODES[coding]
        return off + (on - off) * p, (on - off) ** 2 * p * (1 - p)
    return 0.0, p * (1 - p) if coding == "centered" else 1.0


def code_categories(count: int, coding: str) -> np.ndarray:
    """A row for each category: what the neuron is fed, its bias's 1 last where it has one."""
    one_hot, ones = np.eye(count), np.ones((count, 1))
    if coding == "one_hot":
        return one_hot
    if coding == "one_hot_bias":
        return np.hstack([one_hot, ones])
    if coding == "dummy":  # the last category is all zeros
        return np.hstack([one_hot[:, :-1], ones])
    if coding == "effect":  # the last category is all −1
        return np.hstack([one_hot[:, :-1] - one_hot[:, -1:], ones])
    vectors = np.linalg.qr(np.hstack([ones, one_hot[:, :-1]]))[0]  # orthogonal contrasts, each of mean square 1
    return np.hstack([vectors[:, 1:] * np.sqrt(count), ones])


def compute() -> Result:
    codings = (*CODES, "centered", "standardized")
    rows = {
        name: code_categories(CATEGORIES, name) for name in ("one_hot", "one_hot_bias", "dummy", "effect", "contrast")
    }

    def kappa_of(p, coding):
        return float(kappa_with_bias(*moments(p, coding), INPUTS))

    return Result(
        inputs=INPUTS,
        p=SHARES,
        kappa={coding: tuple(kappa_of(p, coding) for p in SHARES) for coding in codings},
        kappa_none={
            coding: tuple(kappa_without_bias(*moments(p, coding), INPUTS) for p in SHARES) for coding in codings
        },
        crossing=find_root(lambda p: kappa_of(p, "zero_one") - kappa_of(p, "signed"), 0.05, 0.4),
        count=CATEGORIES,
        categories={name: condition_on_range(second_moment(code)) for name, code in rows.items()},
        two=condition_on_range(second_moment(code_categories(2, "dummy"))),
        steps={name: worst_steps(second_moment(rows[name])) for name in ("dummy", "effect")},
        seen=SEEN,
        outside=2 / (SEEN + 1),
        curves={coding: np.array([kappa_of(p, coding) for p in GRID_OF_SHARES]) for coding in codings},
    )


def claim_codings_of_a_binary_input(result: Result) -> None:
    """{{ inputs }} on-off inputs and a bias, on in {{ p[0] | percent(0) }}, {{ p[1] | percent(0) }} and
    {{ p[2] | percent(0) }} of the examples: as 0/1 κ is {{ kappa.zero_one | integer | list }}, as −1/1
    {{ kappa.signed | integer | list }}, standardized {{ kappa.standardized | integer | list }}."""
    for i, p in enumerate(SHARES):
        for coding, kappas in result.kappa.items():
            mean, variance = moments(p, coding)
            H = np.diag(np.append(np.full(INPUTS, variance), 0)) + np.outer(*[np.append(np.full(INPUTS, mean), 1)] * 2)
            assert abs(condition_number(H) / kappas[i] - 1) < 1e-6
            assert abs(condition_number(H[:-1, :-1]) / result.kappa_none[coding][i] - 1) < 1e-6
    column = np.append(np.ones(30), np.zeros(70))  # thirty of a hundred are on
    for coding, (off, on) in CODES.items():
        coded = off + (on - off) * column
        np.testing.assert_allclose(moments(0.3, coding), (coded.mean(), coded.var()), atol=1e-12)


def claim_one_quarter_again(result: Result) -> None:
    """Without a bias −1/1 is the better of the two exactly if an input is on in more than ¼ of the examples;
    with a bias, for {{ inputs }} inputs, from {{ crossing | percent(0) }} on."""
    for p in (0.05, 0.2, 0.249, 0.251, 0.4, 0.9):
        kappas = [kappa_without_bias(*moments(p, coding), INPUTS) for coding in ("zero_one", "signed")]
        assert (kappas[1] < kappas[0]) == (p > 0.25)
        biased = [kappa_with_bias(*moments(p, coding), INPUTS) for coding in ("zero_one", "signed")]
        assert (biased[1] < biased[0]) == (p > result.crossing)
    assert 0.25 < result.crossing < 0.3


def claim_codings_of_categories(result: Result) -> None:
    """{{ count }} equally frequent categories: one-hot without a bias {{ categories.one_hot | integer }}, one-hot with
    one {{ categories.one_hot_bias | integer }} on its range, dummy coding {{ categories.dummy | integer }}, effect
    coding {{ categories.effect | integer }}, orthogonal contrasts {{ categories.contrast | integer }}."""
    K = CATEGORIES
    assert abs(result.categories["one_hot"] - 1) < 1e-9 and abs(result.categories["contrast"] - 1) < 1e-9
    assert abs(result.categories["one_hot_bias"] - (K + 1)) < 1e-9 and abs(result.categories["effect"] - K) < 1e-9
    assert abs(result.two + 1 / result.two + 2 - 9) < 1e-9
    assert abs(result.categories["dummy"] + 1 / result.categories["dummy"] + 2 - (K + 1) ** 2) < 1e-6


def claim_steps_for_categories(result: Result) -> None:
    """Plain descent takes {{ steps.dummy | integer }} steps with dummy coding, from the worst start, and
    {{ steps.effect | integer }} with effect coding."""
    for name, steps in result.steps.items():
        kappa = result.categories[name]
        assert abs(steps - np.log(1e6) / np.log((kappa + 1) / (kappa - 1))) <= 1


def claim_new_examples_leave_the_range(result: Result) -> None:
    """A range taken from {{ seen }} examples holds new ones except for {{ outside | percent(1) }} of them, on
    average."""
    rng = np.random.default_rng(SEED)
    seen, new = rng.normal(size=(20_000, SEEN)), rng.normal(size=20_000)  # any continuous law
    outside = np.mean((new < seen.min(axis=1)) | (new > seen.max(axis=1)))
    assert abs(outside / result.outside - 1) < 0.25


def equation_binary() -> Draws:
    r"""r_{01}^2 = \frac{p}{1 - p}, \qquad r_{\pm}^2 = \frac{(2p - 1)^2}{4p(1 - p)}"""
    for rng in draws(8):
        column = (rng.random(50) < 0.4).astype(float)
        signed = 2 * column - 1
        yield {r"r_{01}": column.mean() / column.std(), r"r_{\pm}": signed.mean() / signed.std(), "p": column.mean()}


def equation_dummy() -> Draws:
    r"""\kappa + \frac{1}{\kappa} + 2 = (K + 1)^2"""
    for count in (3, 5, 8, 20):
        yield {r"\kappa": condition_on_range(second_moment(code_categories(count, "dummy"))), "K": count}


def draw_codings(axes: Axes, result: Result) -> None:
    """κ with a bias against p, one line for each coding."""
    marks = {
        "zero_one": (SECOND, "0/1", 40, 0, 12),
        "signed": (THIRD, "−1/1", 3, 12, 6),
        "centered": (FIRST, "p subtracted", 36, 0, -10),
        "standardized": (MUTED, "standardized", 24, 0, -9),
    }
    for coding, (role, words, at, dx, dy) in marks.items():
        axes.plot(GRID_OF_SHARES, result.curves[coding], color=role, label=words)
        label_point(
            axes,
            words,
            (GRID_OF_SHARES[at], result.curves[coding][at]),
            role,
            dx=dx,
            dy=dy,
            ha="left" if dx else "center",
        )
    axes.set(yscale="log", xlim=(0, 1), ylim=(0.5, 1e4))
    frame_axes(axes, [0, 0.25, 0.5, 0.75, 1], decades(0, 2, 4), "share of examples that are on", "κ with a bias")


def figure_codings(result: Result) -> Figure:
    """Condition number with a bias of {{ inputs }} on-off inputs against the share in which they are on, for each
    coding. 0/1 rises to the right; −1/1 is a valley about one half; with p subtracted it is low between, and rises at
    both ends; standardized it is one."""
    figure = new_figure(360, 0.75)
    draw_codings(figure.axes[0], result)
    return figure


def explore_share(result: Result, start: int = 2) -> Frames:
    """The same curves, and a line at the share chosen: at {{ p[0] | percent(0) }} 0/1 has
    {{ kappa.zero_one[0] | integer }}, −1/1 {{ kappa.signed[0] | integer }} and a standardized input
    {{ kappa.standardized[0] | integer }}."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    draw_codings(axes, result)
    (line,) = axes.plot([0, 0], [1, 1e4], color=MUTED, linewidth=1.2, label="share", gid="line")
    for i in range(0, len(GRID_OF_SHARES), 2):
        p = GRID_OF_SHARES[i]
        line.set_xdata([p, p])
        zero_one, signed, centered = (result.curves[name][i] for name in ("zero_one", "signed", "centered"))
        readouts = {
            "share of examples that are on": f"{p:.2f}",
            "κ as 0/1": f"{zero_one:,.3g}" if zero_one < 1000 else f"{zero_one:,.0f}",
            "κ as −1/1": f"{signed:,.3g}" if signed < 1000 else f"{signed:,.0f}",
            "κ with p subtracted": f"{centered:.3g}",
        }
        better = "0/1" if zero_one < signed else "−1/1"
        yield figure, readouts, f"{better} is the better of the two; standardized, κ is 1."


if __name__ == "__main__":
    show_figures(figure_codings, of=compute())
