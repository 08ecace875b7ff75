"""How do the scale of the pre-activation, and the number of units, change what an activation function costs?

Its order changes with the scale: at a standard deviation of {{ scales[0] | digits(1) }} the sigmoid is better
conditioned than ReLU, at {{ scales[1] | digits(1) }} it is the worst of all. The more units, the more a mean costs,
and more so with a bias; for tanh they cost nothing.

    kappa       condition number of the next neuron's Hessian without a bias, 1 + n mean²/variance
    kappa_bias  the same with a bias whose input is 1
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from lib.activation_functions import FUNCTIONS, NAMES, sigmoid
from lib.gaussian import moments, normal_mean
from lib.layers import tabulate_functions
from lib.plots import FIRST, GRID, INK, MUTED, PLATE, SECOND, Frames, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import kappa_with_bias, kappa_without_bias

UNITS = 64
SCALES = (5.0, 0.1)
STDS = np.geomspace(0.05, 20, 41)  # of the pre-activation, for the picture
COUNTS = [round(2 ** (k / 2)) for k in range(2, 22)]  # of units, to choose from
DRAWN = {"sigmoid": SECOND, "relu": INK, "tanh": FIRST}


@dataclass(frozen=True)
class Result:
    units: int
    "Units in the layer, the inputs of the next neuron."
    table: dict[str, dict]
    "Each function at z ~ N(0, 1): name, mean, variance, kappa, kappa_bias."
    scales: tuple[float, float]
    "Two other standard deviations of the pre-activation, a wide one and a narrow one."
    wide: dict[str, float]
    "Condition number with a bias at the wide one."
    narrow: dict[str, float]
    "Condition number with a bias at the narrow one."
    doubled: dict[str, tuple[float, float]]
    "Condition number of twice as many units, without and with a bias: sigmoid, ReLU, tanh."
    alike: int
    "How many sigmoid units come nearest to the condition number of the layer of ReLUs, both with a bias."
    relu_slope: float
    "E[φ'²] of ReLU, the same at every scale of z."
    sigmoid_slope: float
    "E[φ'²] of the sigmoid at z ~ N(0, 1)."
    curves: dict[str, np.ndarray]
    "Condition number with a bias over `STDS`, for the functions drawn."


def condition_numbers(row: dict, n: int) -> tuple[float, float]:
    """Condition number of n units of one row of the table, without and with a bias."""
    return tuple(kappa(row["mean"], row["variance"], n) for kappa in (kappa_without_bias, kappa_with_bias))


def compute() -> Result:
    table = tabulate_functions(UNITS)
    wide, narrow = (
        {key: kappa_with_bias(*moments(function, std), UNITS) for key, function in FUNCTIONS.items()} for std in SCALES
    )
    return Result(
        units=UNITS,
        table=table,
        scales=SCALES,
        wide=wide,
        narrow=narrow,
        doubled={key: condition_numbers(table[key], 2 * UNITS) for key in DRAWN},
        alike=min(
            range(1, UNITS),
            key=lambda n: abs(condition_numbers(table["sigmoid"], n)[1] - table["relu"]["kappa_bias"]),
        ),
        relu_slope=normal_mean(lambda z: np.heaviside(z, 0.5) ** 2),
        sigmoid_slope=normal_mean(lambda z: (sigmoid(z) * (1 - sigmoid(z))) ** 2),
        curves={
            key: np.array([kappa_with_bias(*moments(FUNCTIONS[key], d), UNITS) for d in STDS])
            for key in ("sigmoid", "relu", "tanh", "selu")
        },
    )


def claim_scale_changes_the_order(result: Result) -> None:
    """At pre-activations of standard deviation {{ scales[0] | digits(1) }} the sigmoid is better conditioned than ReLU,
    {{ wide.sigmoid | integer }} against {{ wide.relu | integer }}; at standard deviation {{ scales[1] | digits(1) }} it
    is the worst of all, {{ narrow.sigmoid | integer }}."""
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


def claim_alike(result: Result) -> None:
    """With a bias, {{ alike }} sigmoid units give the next neuron about the condition number that {{ units }} ReLU
    units do."""
    mean, variance = moments(sigmoid)
    edges = [np.sqrt(result.table["relu"]["kappa_bias"] * variance) - 1 - variance + shift for shift in (-0.2, 0.1)]
    assert edges[0] / mean**2 < result.alike < edges[1] / mean**2


def claim_relu_keeps_half_its_slope(result: Result) -> None:
    """What ReLU gains instead: the mean square of its slope is {{ relu_slope | digits(1) }} at every scale; the
    sigmoid's is {{ sigmoid_slope | digits }} at N(0, 1)."""
    z = np.random.default_rng(0).normal(size=400_000)
    for std in (0.01, 1, 100):
        assert abs(np.mean(std * z > 0) - result.relu_slope) < 0.003
    near = (sigmoid(z + 1e-4) - sigmoid(z - 1e-4)) / 2e-4  # a slope by differences
    assert abs(np.mean(near**2) / result.sigmoid_slope - 1) < 0.01


def figure_scale(result: Result) -> Figure:
    """Condition number with a bias against the standard deviation of the pre-activation, both logarithmic. The sigmoid
    falls and ReLU rises to the right, they cross between 1 and {{ scales[0] | digits(1) }}; tanh falls to 1 and stays;
    SELU has its minimum at 1."""
    figure = new_figure(360, 0.85)
    (axes,) = figure.axes
    roles = {"sigmoid": SECOND, "relu": INK, "tanh": FIRST, "selu": MUTED}
    for key, role in roles.items():
        axes.plot(STDS, result.curves[key], color=role, label=NAMES[key])
    for key, at, dx, dy in (("sigmoid", 3, 7, 6), ("relu", 37, -8, 8), ("tanh", 7, -7, -8), ("selu", 34, 7, -14)):
        label_point(axes, NAMES[key], (STDS[at], result.curves[key][at]), roles[key], dx=dx, dy=dy)
    axes.axvline(1, color=GRID, linewidth=0.8)
    axes.set(xscale="log", yscale="log", ylim=(0.8, 3e6))
    frame_axes(
        axes,
        [0.1, 1, 5, 20],
        [1, 100, 10_000, 1_000_000],
        "standard deviation of the pre-activation",
        "condition number",
    )
    return figure


def explore_inputs(result: Result, start: int = 10) -> Frames:
    """Condition number against the number of units, from two upward, both axes logarithmic, two panels;
    a mark stands at {{ units }}. Without a bias the sigmoid's line and ReLU's rise with slope one, to
    {{ table.sigmoid.kappa | digits }} and {{ table.relu.kappa | digits }} at the mark; with a bias with slope two, to
    {{ table.sigmoid.kappa_bias | integer }} and {{ table.relu.kappa_bias | integer }}. The line of tanh is level in
    both, at 1 and {{ table.tanh.kappa_bias | digits }}."""
    figure = new_figure(320, 0.95, panels=2)
    kappas = {n: {key: condition_numbers(result.table[key], n) for key in DRAWN} for n in COUNTS}
    marks = {}
    for panel, (axes, title) in enumerate(zip(figure.axes, ("without a bias", "with a bias"))):
        for key, role in DRAWN.items():
            curve = [kappas[n][key][panel] for n in COUNTS]
            axes.plot(COUNTS, curve, color=role, label=NAMES[key])
            label_point(axes, NAMES[key], (COUNTS[-1], curve[-1]), role, dx=7)
            marks[key, panel] = axes.add_patch(PathPatch(draw_dot(1, 1), facecolor=role, edgecolor=PLATE))
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
                mark.set_path(draw_dot(n, kappa[key][panel]))
        readouts = {
            "inputs": f"{n:,}",
            "sigmoid, no bias": format_number(kappa["sigmoid"][0]),
            "ReLU, no bias": format_number(kappa["relu"][0]),
            "sigmoid, with a bias": format_number(kappa["sigmoid"][1]),
            "ReLU, with a bias": format_number(kappa["relu"][1]),
            "tanh, with a bias": format_number(kappa["tanh"][1]),
        }
        yield figure, readouts, describe_frame(n, kappa)


def describe_frame(n: int, kappa: dict[str, tuple[float, float]]) -> str:
    """Return what so many units make of the condition numbers."""
    if n == 2:
        return (
            f"Without a bias one direction is {format_number(kappa['sigmoid'][0])} times as steep as the other for "
            f"sigmoids, {format_number(kappa['relu'][0])} times for ReLUs; for tanh both are equal."
        )
    if kappa["relu"][0] < 10:
        return (
            f"Every further input adds its mean squared to the one steep direction and nothing to the other {n - 1}: "
            f"{format_number(kappa['sigmoid'][0])} times as steep for sigmoids."
        )
    if kappa["relu"][0] < 100:
        return (
            f"Now {n} ReLUs, too, have one direction {format_number(kappa['relu'][0])} times as steep as the others; "
            f"for tanh all {n} are equal, and only the bias differs."
        )
    return (
        f"Twice the inputs: about twice the condition number without a bias, and twice that again with one, "
        f"{format_number(kappa['sigmoid'][1])} for sigmoids. For tanh nothing has changed."
    )


def format_number(value: float) -> str:
    return f"{value:,.0f}" if value >= 99.5 else f"{value:.1f}"


def draw_dot(x: float, y: float) -> Path:
    """A dot on the logarithmic axes of the explorer."""
    circle = Path.arc(0, 360, n=3)
    return Path((x, y) * 10 ** (circle.vertices * (0.06, 0.11)), circle.codes)


if __name__ == "__main__":
    show_figures(figure_scale, of=compute())
