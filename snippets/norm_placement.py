"""Should a normalization stand before or after the non-linearity?

Before it, it says nothing of what comes out: {{ units }} sigmoid units fed with N(0, 1) still give the next neuron a
condition number of {{ kappa.sigmoid.before | integer }}, unless that neuron is normalized itself.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS
from lib.gaussian import moments
from lib.plots import FIRST, GRID, INK, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import kappa_with_bias, kappa_without_bias

UNITS = 64
DRIFT = 2.0  # mean of a pre-activation that nothing holds back


@dataclass(frozen=True)
class Result:
    units: int
    "Units in the layer, the inputs of the next neuron."
    drift: float
    "Mean of the pre-activations that have drifted; their variance is 1."
    kappa: dict[str, dict[str, float]]
    "Condition number of the next neuron without a bias, by arrangement, for sigmoid and ReLU."
    kappa_bias: dict[str, dict[str, float]]
    "The same with a bias."


def compute() -> Result:
    kappa, kappa_bias = {}, {}
    for name in ("sigmoid", "relu"):
        function = FUNCTIONS[name]
        drifted = moments(lambda z, function=function: function(z + DRIFT))
        here = moments(function)
        cases = {"nothing": drifted, "before": here, "mean_only": (0.0, here[1]), "after": (0.0, 1.0)}
        kappa[name] = {key: float(kappa_without_bias(*case, n=UNITS)) for key, case in cases.items()}
        kappa_bias[name] = {key: float(kappa_with_bias(*case, n=UNITS)) for key, case in cases.items()}
    return Result(
        units=UNITS,
        drift=DRIFT,
        kappa=kappa,
        kappa_bias=kappa_bias,
    )


def claim_before_is_not_enough(result: Result) -> None:
    """Batch norm before the non-linearity leaves what comes out off-center: the next neuron, not normalized itself,
    sees a condition number of {{ kappa.sigmoid.before | integer }} after sigmoids
    and {{ kappa.relu.before | digits }} after ReLU; with batch norm after the non-linearity it
    is {{ kappa.relu.after | integer }} for both."""
    x, w = np.polynomial.hermite_e.hermegauss(180)  # another quadrature
    w = w / w.sum()
    for name in ("sigmoid", "relu"):
        a = FUNCTIONS[name](x)
        mean, square = w @ a, w @ a**2
        H = (square - mean**2) * np.eye(UNITS) + mean**2
        with_bias = np.block([[H, np.full((UNITS, 1), mean)], [np.full((1, UNITS), mean), np.ones((1, 1))]])
        assert abs(np.linalg.cond(H) / result.kappa[name]["before"] - 1) < 0.02  # ReLU's kink costs a little
        assert abs(np.linalg.cond(with_bias) / result.kappa_bias[name]["before"] - 1) < 0.02
        assert abs(result.kappa_bias[name]["mean_only"] * (square - mean**2) - 1) < 0.02  # the bias has curvature 1
        assert result.kappa[name]["after"] == result.kappa[name]["mean_only"] == result.kappa_bias[name]["after"] == 1


def claim_it_undoes_the_drift(result: Result) -> None:
    """It does help where pre-activations have drifted: at a mean of {{ drift | digits(1) }} the same layers
    have {{ kappa.sigmoid.nothing | digits(2) }} and {{ kappa.relu.nothing | digits(2) }} without it."""
    z = np.random.default_rng(0).normal(DRIFT, 1, size=400_000)
    for name in ("sigmoid", "relu"):
        a = FUNCTIONS[name](z)
        assert abs((1 + UNITS * a.mean() ** 2 / a.var()) / result.kappa[name]["nothing"] - 1) < 0.03
        assert result.kappa[name]["nothing"] > 2 * result.kappa[name]["before"]


def figure_arrangements(result: Result) -> Figure:
    """Condition number of the next neuron without a bias, logarithmic, for sigmoid and ReLU. Nothing, pre-activations
    drifted to {{ drift | digits(1) }}: {{ kappa.sigmoid.nothing | integer }}
    and {{ kappa.relu.nothing | integer }}. Batch norm before the non-linearity: {{ kappa.sigmoid.before | integer }}
    and {{ kappa.relu.before | digits }}. After it: {{ kappa.relu.after | integer }} for both."""
    figure = new_figure(360, 0.62)
    (axes,) = figure.axes
    rows = {"nothing": "none, drifted", "before": "before φ", "after": "after φ"}
    for y, key in enumerate(reversed(rows)):
        values = [result.kappa[name][key] for name in ("relu", "sigmoid")]
        axes.plot(values, [y, y], color=GRID, linewidth=1.2, zorder=1, label=rows[key])
        for value, role, word in zip(values, (INK, SECOND), ("ReLU", "sigmoid")):
            same = key == "after"
            axes.plot(value, y, "o", color=FIRST if same else role, markersize=6.5, label=f"{word}, {rows[key]}")
            if same and word == "ReLU":
                continue
            text = "both: 1" if same else f"{word} {value:,.0f}" if key == "nothing" else f"{value:,.0f}"
            label_point(axes, text, (value, y), FIRST if same else role, dx=0, dy=13, ha="center")
    axes.set(xscale="log", xlim=(0.6, 6000), ylim=(-0.5, 2.7))
    ticks = {y: rows[key] for y, key in enumerate(reversed(rows))}
    frame_axes(axes, [1, 10, 100, 1000], ticks, "condition number", "batch norm is placed")
    axes.spines.left.set_visible(False)
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    return figure


if __name__ == "__main__":
    show_figures(figure_arrangements, of=compute())
