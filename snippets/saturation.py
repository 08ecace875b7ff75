"""What is saturation, and is it the zig-zag?

A unit is saturated where its slope is below {{ part | percent(0) }} of the greatest: beyond
{{ edge.sigmoid | digits(3) }} for the sigmoid, beyond {{ edge.tanh | digits(3) }} for tanh. With {{ inputs }} inputs
and weights in [−1, 1] the pre-activation has deviation {{ deviation | digits(2) }}, and most tanh units are. It is not
the zig-zag: the more a sigmoid saturates, the less off-center it is.

    z          pre-activation, normal with mean 0 and some deviation
    share      probability that the unit is saturated
    kappa      condition number, without a bias, that {{ units }} sigmoids give the next neuron
"""

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import sigmoid
from lib.gaussian import moments, normal_mean
from lib.numerics import Draws
from lib.plots import FIRST, GRID, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import kappa_without_bias

SEED = 0
PART = 0.05  # of the greatest slope: below it a unit counts as saturated
SHIFTS = (0.0, 2.0, 4.0)  # of a pre-activation
LARGE = {"sigmoid": 5.0, "tanh": 3.0}  # pre-activations at which slopes are nearly gone
SPREADS, SHOWN = (1.0, 2.0, 5.0, 10.0), (1.0, 5.0, 20.0)  # standard deviations of pre-activations
UNITS, INPUTS = 64, 100
DEVIATIONS = np.geomspace(0.5, 50, 41)


@dataclass(frozen=True)
class Result:
    part: float
    "Share of the greatest slope below which a unit counts as saturated."
    slope: dict[str, float]
    "Slope of the sigmoid at 0 and at a large pre-activation, and of tanh at a large one."
    at: dict[str, float]
    "These large pre-activations."
    rest: float
    "How far the sigmoid is from 0 or 1 where it begins to be saturated."
    edge: dict[str, float]
    "Beyond which pre-activation the sigmoid and tanh are saturated."
    share: dict[str, tuple[float, ...]]
    "Share of saturated units at each of `spreads`."
    spreads: tuple[float, ...]
    "Standard deviations of the pre-activation."
    inputs: int
    "Inputs of the neuron in the example of weights in [−1, 1]."
    deviation: float
    "Deviation of its pre-activation, inputs with mean square 1."
    wide: dict[str, float]
    "Share of saturated sigmoids and tanhs at that deviation."
    bound: float
    "Weights within ± this give that neuron a pre-activation of variance 1."
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
    "Means of pre-activations of deviation 1."
    shifted: dict[str, tuple[float, ...]]
    "At those means: share of saturated sigmoids, and the layer's condition number."
    curves: dict[str, np.ndarray]
    "Share saturated for sigmoid and tanh, and κ of the sigmoid, over `DEVIATIONS`."


def edge(part=PART):
    """The pre-activation at which the sigmoid's slope is `part` of its greatest."""
    root = math.sqrt(1 - part)
    return math.log((1 + root) / (1 - root))


def share(deviation, beyond):
    """Probability that a normal pre-activation lies beyond ± `beyond`."""
    return math.erfc(beyond / deviation / math.sqrt(2))


def condition(deviation, shift=0.0):
    """Condition number that sigmoids with z ~ N(shift, deviation²) give a neuron without a bias."""
    return kappa_without_bias(*moments(lambda z: sigmoid(z + shift), deviation), UNITS)


def compute() -> Result:
    edges = {"sigmoid": edge(), "tanh": edge() / 2}
    deviation = math.sqrt(INPUTS / 3)
    large, odd = LARGE.values()
    return Result(
        part=PART,
        slope={"zero": 0.25, "large": float(sigmoid(large) * sigmoid(-large)), "tanh": 1 - math.tanh(odd) ** 2},
        at=LARGE,
        rest=float(sigmoid(-edges["sigmoid"])),
        edge=edges,
        share={key: tuple(share(d, beyond) for d in SPREADS) for key, beyond in edges.items()},
        spreads=SPREADS,
        shown=SHOWN,
        inputs=INPUTS,
        deviation=deviation,
        wide={key: share(deviation, beyond) for key, beyond in edges.items()},
        bound=math.sqrt(3 / INPUTS),
        units=UNITS,
        kappa=tuple(condition(d) for d in SHOWN),
        saturated=tuple(share(d, edges["sigmoid"]) for d in SHOWN),
        mean_slope=tuple(math.sqrt(normal_mean(lambda z: (sigmoid(z) * sigmoid(-z)) ** 2, d)) for d in SHOWN),
        shifts=SHIFTS,
        shifted={
            "share": tuple((share(1, edges["sigmoid"] - m) + share(1, edges["sigmoid"] + m)) / 2 for m in SHIFTS),
            "kappa": tuple(condition(1, m) for m in SHIFTS),
        },
        curves={key: np.array([share(d, beyond) for d in DEVIATIONS]) for key, beyond in edges.items()}
        | {"kappa": np.array([condition(d) for d in DEVIATIONS])},
    )


def claim_slopes(result: Result) -> None:
    """The sigmoid's slope is {{ slope.zero | digits(2) }} at 0, where it is greatest, and
    {{ slope.large | digits(2) }} at {{ at.sigmoid | integer }}."""
    by_step = [sigmoid(complex(z, 1e-20)).imag / 1e-20 for z in (0.0, result.at["sigmoid"], 0.1, -0.1)]
    by_step.append(np.tanh(complex(result.at["tanh"], 1e-20)).imag / 1e-20)
    assert abs(4 * result.rest * (1 - result.rest) - PART) < 1e-12
    np.testing.assert_allclose([*by_step[:2], by_step[-1]], list(result.slope.values()), rtol=1e-12)
    assert max(by_step) == by_step[0]


def claim_shares(result: Result) -> None:
    """Of units with normal pre-activations of standard deviation {{ spreads | integer | list }} the shares that are
    saturated are {{ share.sigmoid | percent(1) | list }} for the sigmoid and {{ share.tanh | percent(1) | list }} for
    tanh."""
    z = np.random.default_rng(SEED).normal(size=200_000)
    for i, deviation in enumerate(result.spreads):
        flat = {"sigmoid": 1 / np.cosh(deviation * z / 2) ** 2, "tanh": 1 / np.cosh(deviation * z) ** 2}
        for key, slope in flat.items():
            assert abs(np.mean(slope < PART) - result.share[key][i]) < 0.006


def claim_weights_of_one_are_too_large(result: Result) -> None:
    r"""With {{ inputs }} inputs of mean square 1 and weights uniform in $[-1, 1]$ a pre-activation has deviation
    {{ deviation | digits(3) }}: {{ wide.tanh | percent(0) }} of tanh units are saturated, and
    {{ wide.sigmoid | percent(0) }} of sigmoids."""
    rng = np.random.default_rng(SEED)
    z = np.einsum("ij,ij->i", rng.uniform(-1, 1, (20_000, INPUTS)), rng.normal(size=(20_000, INPUTS)))
    assert abs(z.std() / result.deviation - 1) < 0.03 and abs(result.bound * result.deviation - 1) < 1e-12
    assert abs(np.mean(1 - np.tanh(z) ** 2 < PART) - result.wide["tanh"]) < 0.02
    assert abs(np.mean(4 * sigmoid(z) * sigmoid(-z) < PART) - result.wide["sigmoid"]) < 0.02


def claim_opposite_of_off_center(result: Result) -> None:
    """At pre-activations of standard deviation {{ shown | integer | list }} the saturated share of sigmoids is
    {{ saturated | percent(0) | list }}, their slope (root mean square) {{ mean_slope | digits(2) | list }}, and the
    condition number that {{ units }} of them give the next neuron {{ kappa | integer | list }}."""
    z = np.random.default_rng(SEED).normal(size=(4000, UNITS))
    for i, (deviation, kappa) in enumerate(zip(result.shown, result.kappa)):
        a = sigmoid(deviation * z)
        slope = a * (1 - a)
        assert abs(np.mean(4 * slope < PART) - result.saturated[i]) < 0.006
        assert abs(np.sqrt(np.mean(slope**2)) / result.mean_slope[i] - 1) < 0.015
        spread = np.cov(a.T).trace() / UNITS
        assert abs(np.linalg.eigvalsh(a.T @ a / len(a))[-1] / spread / kappa - 1) < 0.05
    assert list(result.kappa) == sorted(result.kappa, reverse=True) and result.kappa[2] > 1 + UNITS
    assert list(result.saturated) == sorted(result.saturated)
    assert list(result.mean_slope) == sorted(result.mean_slope, reverse=True)


def claim_one_end(result: Result) -> None:
    """At pre-activations of deviation one and mean {{ shifts | integer | list }} the saturated share of sigmoids is
    {{ shifted.share | percent(1) | list }}, and the condition number {{ shifted.kappa | integer | list }}."""
    z = np.random.default_rng(SEED).normal(size=400_000)
    for shift, part, kappa in zip(SHIFTS, result.shifted["share"], result.shifted["kappa"]):
        a = sigmoid(z + shift)
        assert abs(np.mean(4 * a * (1 - a) < PART) - part) < 0.004
        assert abs((1 + UNITS * a.mean() ** 2 / a.var()) / kappa - 1) < 0.03
    assert list(result.shifted["share"]) == sorted(result.shifted["share"])
    assert list(result.shifted["kappa"]) == sorted(result.shifted["kappa"])


def equation_slope() -> Draws:
    r"""\sigma'(z) = \frac{e^{-z}}{(1 + e^{-z})^2} = \frac{1}{1 + e^{-z}} \cdot \frac{e^{-z}}{1 + e^{-z}} =
    \sigma(z)\,(1 - \sigma(z))"""
    for z in np.linspace(-6, 6, 13):
        yield {r"\sigma'": lambda z: sigmoid(z + 1e-20j).imag / 1e-20, r"\sigma": sigmoid, "z": z, "e": np.e}


def equation_quarter() -> Draws:
    r"""\sigma'(z) = \frac{1}{4} - (\sigma(z) - \frac{1}{2})^2"""
    for z in np.linspace(-6, 6, 13):
        yield {r"\sigma'": lambda z: 0.25 / np.cosh(z / 2) ** 2, r"\sigma": sigmoid, "z": z}


def equation_edge() -> Draws:
    r"""z_p = \ln\frac{1 + \sqrt{1-p}}{1 - \sqrt{1-p}}"""
    for p in np.random.default_rng(0).uniform(0.02, 0.9, 8):
        low, high = 0.0, 40.0
        for _ in range(80):  # bisection
            middle = (low + high) / 2
            low, high = (middle, high) if 4 * sigmoid(middle) * sigmoid(-middle) > p else (low, middle)
        yield {"z_p": low, "p": p}


def equation_tanh_saturates_at_half() -> Draws:
    r"""1 - \tanh^2(z) = 4\,\sigma'(2z)"""
    for z in np.random.default_rng(0).normal(size=8):
        yield {
            "z": z,
            r"\tanh": lambda z: 1 - 2 / (1 + np.exp(2 * z)),
            r"\sigma'": lambda z: 0.25 / np.cosh(z / 2) ** 2,
        }


def equation_deviation() -> Draws:
    r"""\operatorname{Var}[z] = \frac{n}{3}\,\mathbb{E}[x^2]"""
    for n in (2, 3, 4, 5):
        x = np.random.default_rng(n).normal(size=n)
        nodes, weights = np.polynomial.legendre.leggauss(3)  # exact for squares of uniform weights
        grid = np.stack(np.meshgrid(*[nodes] * n)).reshape(n, -1)
        mass = np.prod(np.stack(np.meshgrid(*[weights / 2] * n)).reshape(n, -1), axis=0)
        yield {r"\operatorname{Var}[z]": mass @ (x @ grid) ** 2, "n": n, r"\mathbb{E}[x^2]": np.mean(x**2)}


def figure_share(result: Result) -> Figure:
    """Share of saturated units against the deviation of the pre-activation, logarithmic. Both curves are the same, that
    of tanh half as far to the right: at deviation two it is {{ share.tanh[1] | percent(0) }} for tanh and
    {{ share.sigmoid[1] | percent(0) }} for the sigmoid. A line marks {{ deviation | digits(2) }}, what weights in
    [−1, 1] give with {{ inputs }} inputs."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    for key, role, at in (("tanh", FIRST, 15), ("sigmoid", SECOND, 25)):
        axes.plot(DEVIATIONS, result.curves[key], color=role, label=key)
        dx = -7 if key == "tanh" else 8
        label_point(axes, key, (DEVIATIONS[at], result.curves[key][at]), role, dx=dx, dy=4 if dx < 0 else -4)
    axes.axvline(result.deviation, color=GRID, linewidth=0.8)
    label_point(axes, f"weights in [−1, 1],\n{INPUTS} inputs", (result.deviation, 0.1), MUTED, dx=5)
    axes.set(xscale="log", ylim=(0, 1))
    percent = {0: "0", 0.5: "50%", 1: "100%"}
    frame_axes(axes, [0.5, 1, 2, 5, 10, 50], percent, "deviation of the pre-activation", "saturated")
    return figure


def figure_opposite(result: Result) -> Figure:
    """Condition number for the next neuron, logarithmic, against the share of saturated sigmoids. The curve falls from
    above {{ kappa[0] | integer }} at the left, where nothing is saturated, to {{ kappa[2] | integer }} at
    {{ saturated[2] | percent(0) }}."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    axes.plot(result.curves["sigmoid"], result.curves["kappa"], color=SECOND, label="sigmoid")
    for part, kappa, deviation in zip(result.saturated, result.kappa, (1, 5, 20)):
        axes.plot(part, kappa, "o", color=SECOND, label=f"deviation {deviation}")
        how = {"ha": "center"} if deviation == 20 else {}
        label_point(axes, f"deviation {deviation}", (part, kappa), dx=0 if how else 8, dy=12, **how)
    axes.set(yscale="log", ylim=(40, 1500), xlim=(-0.02, 1))
    percent = {0: "0", 0.5: "50%", 1: "100%"}
    frame_axes(axes, percent, {k: f"{k:,}" for k in (50, 100, 500, 1000)}, "saturated", "condition number")
    return figure


if __name__ == "__main__":
    show_figures(figure_share, figure_opposite, of=compute())
