"""Is saturation the zig-zag?

No, it is its opposite: the more a sigmoid saturates, the less off-center it is. Layers of {{ units }} sigmoids whose
pre-activations have the standard deviations {{ shown | integer | list }} give the next neuron condition numbers
of {{ kappa | integer | list }}, without a bias.
"""

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import sigmoid
from lib.gaussian import moments, normal_mean
from lib.plots import SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import kappa_without_bias
from lib.saturation import PART, saturation_edges, share_beyond

SEED = 0
SHIFTS = (0.0, 2.0, 4.0)  # of a pre-activation
SHOWN = (1.0, 5.0, 20.0)  # standard deviations of pre-activations
UNITS = 64
STDS = np.geomspace(0.5, 50, 41)


@dataclass(frozen=True)
class Result:
    units: int
    "Units of the layer whose condition number is taken."
    shown: tuple[float, ...]
    "Standard deviations of the pre-activation of that layer."
    kappa: tuple[float, ...]
    "That condition number at each of `shown`."
    saturated: tuple[float, ...]
    "Share of saturated sigmoids there."
    mean_slope: tuple[float, ...]
    "Root mean square slope of a sigmoid there."
    shifts: tuple[float, ...]
    "Means of pre-activations of standard deviation 1."
    shifted: dict[str, tuple[float, ...]]
    "At those means: share of saturated sigmoids, and the layer's condition number."
    curves: dict[str, np.ndarray]
    "Share saturated for sigmoid and tanh, and κ of the sigmoid, over `STDS`."


def sigmoid_kappa(std: float, shift: float = 0.0) -> float:
    """Condition number that sigmoids with z ~ N(shift, std²) give a neuron without a bias."""
    return kappa_without_bias(*moments(lambda z: sigmoid(z + shift), std), UNITS)


def compute() -> Result:
    edges = saturation_edges()
    return Result(
        shown=SHOWN,
        units=UNITS,
        kappa=tuple(sigmoid_kappa(d) for d in SHOWN),
        saturated=tuple(share_beyond(edges["sigmoid"], d) for d in SHOWN),
        mean_slope=tuple(math.sqrt(normal_mean(lambda z: (sigmoid(z) * sigmoid(-z)) ** 2, d)) for d in SHOWN),
        shifts=SHIFTS,
        shifted={
            "share": tuple(sum(share_beyond(edges["sigmoid"] + sign * m, 1) for sign in (-1, 1)) / 2 for m in SHIFTS),
            "kappa": tuple(sigmoid_kappa(1, m) for m in SHIFTS),
        },
        curves={key: np.array([share_beyond(edge, d) for d in STDS]) for key, edge in edges.items()}
        | {"kappa": np.array([sigmoid_kappa(d) for d in STDS])},
    )


def claim_opposite_of_off_center(result: Result) -> None:
    """At pre-activations of standard deviation {{ shown | integer | list }} the share of saturated sigmoids is
    {{ saturated | percent(0) | list }}. The root mean square of their slope is {{ mean_slope | digits(2) | list }}.
    The condition number that {{ units }} of them give the next neuron is {{ kappa | digits(2) | list }}."""
    z = np.random.default_rng(SEED).normal(size=(4000, UNITS))
    for i, (std, kappa) in enumerate(zip(result.shown, result.kappa)):
        a = sigmoid(std * z)
        slope = a * (1 - a)
        assert abs(np.mean(4 * slope < PART) - result.saturated[i]) < 0.006
        assert abs(np.sqrt(np.mean(slope**2)) / result.mean_slope[i] - 1) < 0.015
        spread = np.cov(a.T).trace() / UNITS
        assert abs(np.linalg.eigvalsh(a.T @ a / len(a))[-1] / spread / kappa - 1) < 0.05
    assert list(result.kappa) == sorted(result.kappa, reverse=True) and result.kappa[2] > 1 + UNITS
    assert list(result.saturated) == sorted(result.saturated)
    assert list(result.mean_slope) == sorted(result.mean_slope, reverse=True)


def claim_one_end(result: Result) -> None:
    """At pre-activations of standard deviation one and mean {{ shifts | integer | list }} the share of saturated
    sigmoids is {{ shifted.share | percent(1) | list }}, and the condition number
    {{ shifted.kappa | digits(2) | list }}."""
    z = np.random.default_rng(SEED).normal(size=400_000)
    for shift, part, kappa in zip(SHIFTS, result.shifted["share"], result.shifted["kappa"]):
        a = sigmoid(z + shift)
        assert abs(np.mean(4 * a * (1 - a) < PART) - part) < 0.004
        assert abs((1 + UNITS * a.mean() ** 2 / a.var()) / kappa - 1) < 0.03
    assert list(result.shifted["share"]) == sorted(result.shifted["share"])
    assert list(result.shifted["kappa"]) == sorted(result.shifted["kappa"])


def figure_opposite(result: Result) -> Figure:
    """Condition number for the next neuron, logarithmic, against the share of saturated sigmoids. The curve falls from
    above {{ kappa[0] | integer }} at the left, where nothing is saturated, to {{ kappa[2] | integer }} at
    {{ saturated[2] | percent(0) }}."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    axes.plot(result.curves["sigmoid"], result.curves["kappa"], color=SECOND, label="sigmoid")
    for part, kappa, std in zip(result.saturated, result.kappa, result.shown):
        axes.plot(part, kappa, "o", color=SECOND, label=f"std {std:g}")
        how = {"ha": "center"} if std == SHOWN[-1] else {}
        label_point(axes, f"std {std:g}", (part, kappa), dx=0 if how else 8, dy=12, **how)
    axes.set(yscale="log", ylim=(40, 1500), xlim=(-0.02, 1))
    percent = {0: "0", 0.5: "50%", 1: "100%"}
    frame_axes(axes, percent, {k: f"{k:,}" for k in (50, 100, 500, 1000)}, "saturated", "condition number")
    return figure


if __name__ == "__main__":
    show_figures(figure_opposite, of=compute())
