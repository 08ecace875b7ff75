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

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from lib.activation_functions import FUNCTIONS, NAMES, sigmoid
from lib.gaussian import moments, normal_mean
from lib.numerics import draws
from lib.plots import FIRST, GRID, INK, MUTED, PLATE, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import kappa_with_bias, kappa_without_bias

UNITS = 64
SCALES = (5.0, 0.1)
DEVIATIONS = np.geomspace(0.05, 20, 41)  # of the pre-activation, for the picture
COUNTS = [round(2 ** (k / 2)) for k in range(2, 22)]  # of units, to choose from
DRAWN = {"sigmoid": SECOND, "relu": INK, "tanh": FIRST}


@dataclass(frozen=True)
class Result:
    units: int
    "Units in the layer, the inputs of the next neuron."
    table: dict[str, dict]
    "Each function at z ~ N(0, 1): name, mean, variance, kappa, kappa_bias."
    scales: tuple[float, float]
    "Two other deviations of the pre-activation, a wide one and a narrow one."
    wide: dict[str, float]
    "Condition number with a bias at the wide one."
    narrow: dict[str, float]
    "Condition number with a bias at the narrow one."
    span: float
    "The largest condition number with a bias over the smallest."
    leak: float
    "Slope of leaky ReLU where its argument is negative."
    tanh_gain: float
    "ReLU's condition number with a bias over that of tanh."
    only_centered: float
    "Condition number with a bias of σ(z) − ½: the sigmoid without its mean."
    doubled: dict[str, tuple[float, float]]
    "Condition number of twice as many units, without and with a bias: sigmoid, ReLU, tanh."
    relu_slope: float
    "E[φ'²] of ReLU, the same at every scale of z."
    sigmoid_slope: float
    "E[φ'²] of the sigmoid at z ~ N(0, 1)."
    curves: dict[str, np.ndarray]
    "Condition number with a bias over `DEVIATIONS`, for the functions drawn."


def conditions(row: dict, n: int) -> tuple[float, float]:
    """Condition number of n units of one row of the table, without and with a bias."""
    return tuple(kappa(row["mean"], row["variance"], n) for kappa in (kappa_without_bias, kappa_with_bias))


def compute() -> Result:
    rows, scaled = {}, {deviation: {} for deviation in SCALES}
    for key, function in FUNCTIONS.items():
        mean, variance = moments(function)
        mean = 0.0 if abs(mean) < 1e-12 else mean
        kappa, kappa_bias = kappa_without_bias(mean, variance, UNITS), kappa_with_bias(mean, variance, UNITS)
        rows[key] = {"name": NAMES[key], "mean": mean, "variance": variance, "kappa": kappa, "kappa_bias": kappa_bias}
        for deviation, row in scaled.items():
            row[key] = kappa_with_bias(*moments(function, deviation), UNITS)
    step = np.heaviside
    return Result(
        units=UNITS,
        table=dict(sorted(rows.items(), key=lambda row: -row[1]["kappa_bias"])),
        scales=SCALES,
        wide=scaled[SCALES[0]],
        narrow=scaled[SCALES[1]],
        span=max(row["kappa_bias"] for row in rows.values()) / min(row["kappa_bias"] for row in rows.values()),
        leak=float(FUNCTIONS["leaky_relu"](-1.0)) / -1.0,
        tanh_gain=rows["relu"]["kappa_bias"] / rows["tanh"]["kappa_bias"],
        only_centered=kappa_with_bias(0.0, rows["sigmoid"]["variance"], UNITS),
        doubled={key: conditions(rows[key], 2 * UNITS) for key in DRAWN},
        relu_slope=normal_mean(lambda z: step(z, 0.5) ** 2),
        sigmoid_slope=normal_mean(lambda z: (sigmoid(z) * (1 - sigmoid(z))) ** 2),
        curves={
            key: np.array([kappa_with_bias(*moments(FUNCTIONS[key], d), UNITS) for d in DEVIATIONS])
            for key in ("sigmoid", "relu", "tanh", "selu")
        },
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


def claim_scale_changes_the_order(result: Result) -> None:
    """At pre-activations of deviation {{ scales[0] | digits(1) }} the sigmoid is better conditioned than ReLU,
    {{ wide.sigmoid | integer }} against {{ wide.relu | integer }}; at deviation {{ scales[1] | digits(1) }} it is the
    worst of all, {{ narrow.sigmoid | integer }}."""
    assert (
        result.wide["sigmoid"] < result.wide["relu"]
        and result.table["sigmoid"]["kappa_bias"] > result.table["relu"]["kappa_bias"]
    )
    z, share = np.linspace(-9, 9, 100_001), 18 / 100_000  # a sum over a grid instead of the quadrature
    for scale, kappas in zip(result.scales, (result.wide, result.narrow)):
        for key in ("sigmoid", "relu"):
            a, density = FUNCTIONS[key](scale * z), np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * share
            mean = density @ a
            total = 1 + density @ a**2 - mean**2 + UNITS * mean**2
            kappa = (total + np.sqrt(total**2 - 4 * (density @ a**2 - mean**2))) ** 2 / 4 / (density @ a**2 - mean**2)
            assert abs(kappas[key] / kappa - 1) < 1e-6
    assert max(result.narrow, key=result.narrow.get) == "sigmoid"


def claim_the_number_of_units(result: Result) -> None:
    """Twice as many sigmoids: {{ doubled.sigmoid[0] | digits }} instead of {{ table.sigmoid.kappa | digits }} without a
    bias, {{ doubled.sigmoid[1] | integer }} instead of {{ table.sigmoid.kappa_bias | integer }} with one; for tanh
    nothing changes."""
    for key, kappas in result.doubled.items():
        mean, variance = moments(FUNCTIONS[key])
        spectra, row = [], result.table[key]
        for n, pair in ((UNITS, (row["kappa"], row["kappa_bias"])), (2 * UNITS, kappas)):
            a = np.append(np.full(n, mean), 1)
            H = np.outer(a, a) + np.diag(np.append(np.full(n, variance), 0))
            without, bias = np.linalg.eigvalsh(H[:n, :n]), np.linalg.eigvalsh(H)
            np.testing.assert_allclose(without[:-1], variance)  # one eigenvalue grows, n − 1 do not
            np.testing.assert_allclose(bias[0] * bias[-1], variance if mean > 1e-9 else bias[0])
            spectra.append(without[-1])
            np.testing.assert_allclose(pair, (without[-1] / without[0], bias[-1] / bias[0]))
        assert abs(spectra[1] - spectra[0] - UNITS * mean**2) < 1e-9  # each unit adds its mean squared
    for old, new in zip(("kappa", "kappa_bias"), result.doubled["tanh"]):
        assert abs(new - result.table["tanh"][old]) < 1e-9


def claim_relu_keeps_half_its_slope(result: Result) -> None:
    """What ReLU gains instead: the mean square of its slope is {{ relu_slope | digits(1) }} at every scale; the
    sigmoid's is {{ sigmoid_slope | digits }} at N(0, 1)."""
    z = np.random.default_rng(0).normal(size=400_000)
    for deviation in (0.01, 1, 100):
        assert abs(np.mean(deviation * z > 0) - result.relu_slope) < 0.003
    near = (sigmoid(z + 1e-4) - sigmoid(z - 1e-4)) / 2e-4  # a slope by differences
    assert abs(np.mean(near**2) / result.sigmoid_slope - 1) < 0.01


def equation_kappa():
    r"""\kappa_0 = 1 + n\,\frac{\mathbb{E}[a]^2}{\operatorname{Var}[a]}"""
    for mean, variance, n, curvature in _layers():
        yield {
            r"\kappa_0": np.linalg.cond(curvature[:n, :n]),
            "n": n,
            r"\mathbb{E}[a]": mean,
            r"\operatorname{Var}[a]": variance,
        }


def equation_kappa_bias():
    r"""\kappa_b + \frac{1}{\kappa_b} + 2 = \frac{\left(1 + \operatorname{Var}[a] +
    n\,\mathbb{E}[a]^2\right)^2}{\operatorname{Var}[a]}"""
    for mean, variance, n, curvature in _layers():
        yield {
            r"\kappa_b": np.linalg.cond(curvature),
            "n": n,
            r"\mathbb{E}[a]": mean,
            r"\operatorname{Var}[a]": variance,
        }


def equation_relu_mean():
    r"""\mathbb{E}[\max(0, z)] = \frac{1}{\sqrt{2\pi}}, \qquad \operatorname{Var}[\max(0, z)] = \frac{1}{2} -
    \frac{1}{2\pi}"""
    mean, variance = moments(FUNCTIONS["relu"])
    yield {r"\mathbb{E}[\max(0, z)]": mean, r"\operatorname{Var}[\max(0, z)]": variance}


def equation_tanh_is_sigmoid():
    r"""\tanh z = 2\,\sigma(2z) - 1"""
    for z in np.linspace(-8, 8, 41):
        yield {r"\tanh": lambda z: np.expm1(2 * z) / (np.expm1(2 * z) + 2), r"\sigma": sigmoid, "z": z}


def _layers():
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


def figure_scale(result: Result) -> Figure:
    """Condition number with a bias against the deviation of the pre-activation, both logarithmic. The sigmoid
    falls and ReLU rises to the right, they cross between 1 and {{ scales[0] | digits(1) }}; tanh falls to 1 and
    stays; SELU has its minimum at 1."""
    figure = new_figure(360, 0.85)
    (axes,) = figure.axes
    roles = {"sigmoid": SECOND, "relu": INK, "tanh": FIRST, "selu": MUTED}
    for key, role in roles.items():
        axes.plot(DEVIATIONS, result.curves[key], color=role, label=NAMES[key])
    for key, at, dx, dy in (("sigmoid", 3, 7, 6), ("relu", 37, -8, 8), ("tanh", 7, -7, -8), ("selu", 34, 7, -14)):
        label_point(axes, NAMES[key], (DEVIATIONS[at], result.curves[key][at]), roles[key], dx=dx, dy=dy)
    axes.axvline(1, color=GRID, linewidth=0.8)
    axes.set(xscale="log", yscale="log", ylim=(0.8, 3e6))
    frame_axes(
        axes, [0.1, 1, 5, 20], [1, 100, 10_000, 1_000_000], "deviation of the pre-activation", "condition number"
    )
    return figure


def explore_inputs(result: Result, start: int = 10):
    """Condition number against the number of units, from two upward, both axes logarithmic, two panels;
    a mark stands at {{ units }}. Without a bias the sigmoid's line and ReLU's rise with slope one, to
    {{ table.sigmoid.kappa | digits }} and {{ table.relu.kappa | digits }} at the mark; with a bias with slope two, to
    {{ table.sigmoid.kappa_bias | integer }} and {{ table.relu.kappa_bias | integer }}. The line of tanh is level in
    both, at 1 and {{ table.tanh.kappa_bias | digits }}."""
    figure = new_figure(320, 0.95, panels=2)
    kappas = {n: {key: conditions(result.table[key], n) for key in DRAWN} for n in COUNTS}
    marks = {}
    for panel, (axes, title) in enumerate(zip(figure.axes, ("without a bias", "with a bias"))):
        for key, role in DRAWN.items():
            curve = [kappas[n][key][panel] for n in COUNTS]
            axes.plot(COUNTS, curve, color=role, label=NAMES[key])
            label_point(axes, NAMES[key], (COUNTS[-1], curve[-1]), role, dx=7)
            marks[key, panel] = axes.add_patch(PathPatch(_dot(1, 1), facecolor=role, edgecolor=PLATE))
            marks[key, panel].set(gid=f"{key}_{title.replace(' ', '_')}", zorder=3)
        (marks["line", panel],) = axes.plot([1, 1], [1, 1], color=MUTED, linewidth=0.8, label="here")
        marks["line", panel].set_gid(f"line_{title.replace(' ', '_')}")
        axes.text(0.02, 0.97, title, transform=axes.transAxes, va="top", color=INK)
        axes.set(xscale="log", yscale="log", xlim=(1.7, 7000), ylim=(0.6, 4e6))
        frame_axes(axes, [2, 10, 100, 1000], [1, 100, 10_000, 1_000_000], "inputs", "condition number")
    for n, kappa in kappas.items():
        for (key, panel), mark in marks.items():
            if key == "line":
                mark.set_data([n, n], [1, kappa["sigmoid"][panel]])
            else:
                mark.set_path(_dot(n, kappa[key][panel]))
        readouts = {
            "inputs": f"{n:,}",
            "sigmoid, no bias": _number(kappa["sigmoid"][0]),
            "ReLU, no bias": _number(kappa["relu"][0]),
            "sigmoid, with a bias": _number(kappa["sigmoid"][1]),
            "ReLU, with a bias": _number(kappa["relu"][1]),
            "tanh, with a bias": _number(kappa["tanh"][1]),
        }
        yield figure, readouts, _sentence(n, kappa)


def _sentence(n, kappa):
    if n == 2:
        return (
            f"Without a bias one direction is {_number(kappa['sigmoid'][0])} times as steep as the other for sigmoids, "
            f"{_number(kappa['relu'][0])} times for ReLUs; for tanh both are equal."
        )
    if kappa["relu"][0] < 10:
        return (
            f"Every further input adds its mean squared to the one steep direction and nothing to the other {n - 1}: "
            f"{_number(kappa['sigmoid'][0])} times as steep for sigmoids."
        )
    if kappa["relu"][0] < 100:
        return (
            f"Now {n} ReLUs, too, have one direction {_number(kappa['relu'][0])} times as steep as the others; "
            f"for tanh all {n} are equal, and only the bias differs."
        )
    return (
        f"Twice the inputs, about twice the number without a bias and its square with one: "
        f"{_number(kappa['sigmoid'][1])} for sigmoids. For tanh nothing has happened."
    )


def _number(value):
    return f"{value:,.0f}" if value >= 99.5 else f"{value:.1f}"


def _dot(x, y) -> Path:
    """A dot on the logarithmic axes of the explorer."""
    circle = Path.arc(0, 360, n=3)
    return Path((x, y) * 10 ** (circle.vertices * (0.06, 0.11)), circle.codes)


if __name__ == "__main__":
    show_figures(figure_column, figure_scale, of=compute())
