"""Which activation functions are centered, and what does it cost the next layer?

Odd ones are: tanh, softsign, LeCun's tanh; SELU by design. Feed independent z ~ N(0, 1) to a layer of {{ units }}
units, and ask for the condition number of the next neuron's least-squares Hessian: ReLU
{{ table.relu.kappa | integer }} without and {{ table.relu.kappa_bias | integer }} with a bias, tanh
{{ table.tanh.kappa | integer }} and {{ table.tanh.kappa_bias | digits(2) }}, sigmoid
{{ table.sigmoid.kappa | integer }} and {{ table.sigmoid.kappa_bias | integer }}. So centering does not explain ReLU.

    mean, variance   of one unit's output
    kappa            condition number without a bias, 1 + n mean²/variance
    kappa_bias       the same with a bias whose input is 1
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS, sigmoid
from lib.gaussian import moments
from lib.layers import tabulate_functions
from lib.numerics import Draws, draws
from lib.plots import FIRST, GRID, INK, PLATE, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import kappa_with_bias

UNITS = 64


@dataclass(frozen=True)
class Result:
    units: int
    "Units in the layer, the inputs of the next neuron."
    table: dict[str, dict]
    "Each function at z ~ N(0, 1): name, mean, variance, kappa, kappa_bias."
    span: float
    "The largest condition number with a bias over the smallest."
    leak: float
    "Slope of leaky ReLU where its argument is negative."
    tanh_gain: float
    "ReLU's condition number with a bias over that of tanh."
    only_centered: float
    "Condition number with a bias of σ(z) − ½: the sigmoid without its mean."


def compute() -> Result:
    table = tabulate_functions(UNITS)
    kappas = [row["kappa_bias"] for row in table.values()]
    return Result(
        units=UNITS,
        table=table,
        span=max(kappas) / min(kappas),
        leak=float(FUNCTIONS["leaky_relu"](-1.0)) / -1.0,
        tanh_gain=table["relu"]["kappa_bias"] / table["tanh"]["kappa_bias"],
        only_centered=kappa_with_bias(0.0, table["sigmoid"]["variance"], UNITS),
    )


def claim_samples_agree(result: Result) -> None:
    """Random pre-activations give the same means and variances as the quadrature behind this page,
    for every function."""
    z = np.random.default_rng(0).normal(size=1_000_000)
    for key, function in FUNCTIONS.items():
        some = z[:100_000] if key == "gelu" else z  # its erf is slow
        sampled, row = function(some), result.table[key]
        assert abs(sampled.mean() - row["mean"]) < 5 * sampled.std() / np.sqrt(some.size), key
        assert abs(sampled.var() / row["variance"] - 1) < 0.02, key


def claim_odd_functions_are_centered(result: Result) -> None:
    """tanh, softsign and LeCun's tanh are odd, so their mean is zero for any symmetric input; SELU's is zero at
    N(0, 1) only."""
    for key in ("tanh", "softsign", "lecun_tanh"):
        function = FUNCTIONS[key]
        assert np.array_equal(function(-np.arange(5.0)), -function(np.arange(5.0))) and result.table[key]["mean"] == 0
    assert abs(moments(FUNCTIONS["selu"])[0]) < 1e-7 and abs(moments(FUNCTIONS["selu"], 2.0)[0]) > 0.1


def claim_tanh_beats_relu(result: Result) -> None:
    """To a neuron with a bias, {{ units }} tanh units are better conditioned than {{ units }} ReLU units by a
    factor of {{ tanh_gain | digits }}: centering is not what made ReLU popular."""
    kappas = {}
    for key in ("tanh", "relu"):
        mean, variance = moments(FUNCTIONS[key])
        a = np.append(np.full(result.units, mean), 1)
        kappas[key] = np.linalg.cond(np.outer(a, a) + np.diag(np.append(np.full(result.units, variance), 0)))
    assert abs(kappas["relu"] / kappas["tanh"] / result.tanh_gain - 1) < 1e-6 and result.tanh_gain > 100


def claim_sigmoid_mean_and_scale(result: Result) -> None:
    """Of the sigmoid's {{ table.sigmoid.kappa_bias | integer }}, subtracting its mean takes all
    but {{ only_centered | integer }}; what remains is its small scale, one over its variance."""
    assert abs(result.only_centered * moments(sigmoid)[1] - 1) < 1e-9
    kappa, (mean, variance) = result.table["sigmoid"]["kappa_bias"], moments(sigmoid)
    assert abs((kappa + 1 / kappa + 2) / (1 + variance + UNITS * mean**2) ** 2 * variance - 1) < 1e-6
    assert kappa > 100 * result.only_centered


def equation_kappa() -> Draws:
    r"""\kappa_0 = 1 + n\,\frac{\mathbb{E}[a]^2}{\operatorname{Var}[a]}"""
    for mean, variance, n, curvature in draw_layers():
        yield {
            r"\kappa_0": np.linalg.cond(curvature[:n, :n]),
            "n": n,
            r"\mathbb{E}[a]": mean,
            r"\operatorname{Var}[a]": variance,
        }


def equation_kappa_bias() -> Draws:
    r"""\kappa_b + \frac{1}{\kappa_b} + 2 = \frac{\left(1 + \operatorname{Var}[a] +
    n\,\mathbb{E}[a]^2\right)^2}{\operatorname{Var}[a]}"""
    for mean, variance, n, curvature in draw_layers():
        yield {
            r"\kappa_b": np.linalg.cond(curvature),
            "n": n,
            r"\mathbb{E}[a]": mean,
            r"\operatorname{Var}[a]": variance,
        }


def equation_relu_mean() -> Draws:
    r"""\mathbb{E}[\max(0, z)] = \frac{1}{\sqrt{2\pi}}, \qquad \operatorname{Var}[\max(0, z)] = \frac{1}{2} -
    \frac{1}{2\pi}"""
    mean, variance = moments(FUNCTIONS["relu"])
    yield {r"\mathbb{E}[\max(0, z)]": mean, r"\operatorname{Var}[\max(0, z)]": variance}


def equation_tanh_is_sigmoid() -> Draws:
    r"""\tanh z = 2\,\sigma(2z) - 1"""
    for z in np.linspace(-8, 8, 41):
        yield {r"\tanh": lambda z: np.expm1(2 * z) / (np.expm1(2 * z) + 2), r"\sigma": sigmoid, "z": z}


def draw_layers() -> Iterator[tuple[float, float, int, np.ndarray]]:
    """Random layers of n independent units: mean, variance, n, and the Hessian of the next neuron with a
    bias."""
    for rng in draws(20):
        mean, variance, n = rng.normal(), rng.uniform(0.01, 4), int(rng.integers(2, 40))
        a = np.append(np.full(n, mean), 1)
        yield mean, variance, n, np.outer(a, a) + np.diag(np.append(np.full(n, variance), 0))


def figure_column(result: Result) -> Figure:
    """Activation functions, one row each, by the condition number that the next neuron sees with a bias:
    from {{ table.selu.kappa_bias | integer }} for SELU and {{ table.tanh.kappa_bias | digits }} for tanh to
    {{ table.relu.kappa_bias | integer }} for ReLU and {{ table.softplus.kappa_bias | integer }} for softplus. A second
    dot in each row, farther left, shows it without a bias."""
    figure = new_figure(360, 1.02)
    (axes,) = figure.axes
    rows = list(result.table.values())[::-1]
    for y, row in enumerate(rows):
        axes.plot([row["kappa"], row["kappa_bias"]], [y, y], color=GRID, linewidth=1.2, zorder=1, label=row["name"])
    heights = range(len(rows))
    axes.plot(
        [row["kappa"] for row in rows],
        heights,
        "o",
        color=FIRST,
        markersize=8,
        markerfacecolor=PLATE,
        label="no bias",
    )
    axes.plot([row["kappa_bias"] for row in rows], heights, "o", color=SECOND, markersize=6.4, label="with a bias")
    label_point(axes, "no bias", (rows[-1]["kappa"], len(rows) - 1), FIRST, dx=0, dy=13, ha="center")
    label_point(axes, "with a bias", (rows[-1]["kappa_bias"], len(rows) - 1), SECOND, dx=0, dy=13, ha="center")
    axes.set(xscale="log", xlim=(0.75, 14_000), ylim=(-0.7, len(rows) - 0.2))
    frame_axes(axes, [1, 10, 100, 1000, 10_000], {y: row["name"] for y, row in enumerate(rows)}, "condition number")
    axes.spines.left.set_visible(False)
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    return figure


if __name__ == "__main__":
    show_figures(figure_column, of=compute())
