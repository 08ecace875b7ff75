"""What is saturation?

A unit is saturated where its slope is below {{ part | percent(0) }} of the greatest: beyond
{{ edge.sigmoid | digits(3) }} for the sigmoid, beyond {{ edge.tanh | digits(3) }} for tanh. With {{ inputs }} inputs
and weights in [−1, 1] the pre-activation has standard deviation {{ std | digits(2) }}, and most tanh units are.

    z          pre-activation, normal with mean 0 and some standard deviation
    share      probability that the unit is saturated
"""

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import sigmoid
from lib.numerics import Draws
from lib.plots import FIRST, GRID, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.saturation import PART, saturation_edges, share_beyond

SEED = 0
LARGE = {"sigmoid": 5.0, "tanh": 3.0}  # pre-activations at which slopes are nearly gone
SPREADS, SHOWN = (1.0, 2.0, 5.0, 10.0), (1.0, 5.0, 20.0)  # standard deviations of pre-activations
INPUTS = 100
STDS = np.geomspace(0.5, 50, 41)


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
    std: float
    "Standard deviation of its pre-activation, inputs with mean square 1."
    wide: dict[str, float]
    "Share of saturated sigmoids and tanhs at that standard deviation."
    bound: float
    "Weights within ± this give that neuron a pre-activation of variance 1."
    curves: dict[str, np.ndarray]
    "Share saturated for sigmoid and tanh, over `STDS`."


def compute() -> Result:
    edges, std = saturation_edges(), math.sqrt(INPUTS / 3)
    large, odd = LARGE.values()
    return Result(
        part=PART,
        slope={"zero": 0.25, "large": float(sigmoid(large) * sigmoid(-large)), "tanh": 1 - math.tanh(odd) ** 2},
        at=LARGE,
        rest=float(sigmoid(-edges["sigmoid"])),
        edge=edges,
        share={key: tuple(share_beyond(edge, d) for d in SPREADS) for key, edge in edges.items()},
        spreads=SPREADS,
        inputs=INPUTS,
        std=std,
        wide={key: share_beyond(edge, std) for key, edge in edges.items()},
        bound=math.sqrt(3 / INPUTS),
        curves={key: np.array([share_beyond(edge, d) for d in STDS]) for key, edge in edges.items()},
    )


def claim_slopes(result: Result) -> None:
    """The sigmoid's slope is {{ slope.zero | digits(2) }} at 0, where it is greatest, and
    {{ slope.large | digits(2) }} at {{ at.sigmoid | integer }}."""
    by_step = [sigmoid(complex(z, 1e-20)).imag / 1e-20 for z in (0.0, result.at["sigmoid"], 0.1, -0.1)]
    by_step.append(np.tanh(complex(result.at["tanh"], 1e-20)).imag / 1e-20)
    assert 0 < result.rest < 0.5  # the value lies that far from 1
    assert abs(4 * result.rest * (1 - result.rest) - PART) < 1e-12
    np.testing.assert_allclose([*by_step[:2], by_step[-1]], list(result.slope.values()), rtol=1e-12)
    assert max(by_step) == by_step[0]


def claim_shares(result: Result) -> None:
    """Of units with normal pre-activations of standard deviation {{ spreads | integer | list }} the shares that are
    saturated are {{ share.sigmoid | percent(1) | list }} for the sigmoid and {{ share.tanh | percent(1) | list }} for
    tanh."""
    z = np.random.default_rng(SEED).normal(size=200_000)
    for i, std in enumerate(result.spreads):
        flat = {"sigmoid": 1 / np.cosh(std * z / 2) ** 2, "tanh": 1 / np.cosh(std * z) ** 2}
        for key, slope in flat.items():
            assert abs(np.mean(slope < PART) - result.share[key][i]) < 0.006


def claim_weights_of_one_are_too_large(result: Result) -> None:
    r"""With {{ inputs }} inputs of mean square 1 and weights uniform in $[-1, 1]$ a pre-activation has standard
    deviation {{ std | digits(3) }}: {{ wide.tanh | percent(0) }} of tanh units are saturated, and
    {{ wide.sigmoid | percent(0) }} of sigmoids."""
    rng = np.random.default_rng(SEED)
    z = np.einsum("ij,ij->i", rng.uniform(-1, 1, (20_000, INPUTS)), rng.normal(size=(20_000, INPUTS)))
    assert abs(z.std() / result.std - 1) < 0.03 and abs(result.bound * result.std - 1) < 1e-12
    assert abs(np.mean(1 - np.tanh(z) ** 2 < PART) - result.wide["tanh"]) < 0.02
    assert abs(np.mean(4 * sigmoid(z) * sigmoid(-z) < PART) - result.wide["sigmoid"]) < 0.02


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


def equation_std() -> Draws:
    r"""\operatorname{Var}[z] = \frac{n}{3}\,\mathbb{E}[x^2]"""
    for n in (2, 3, 4, 5):
        x = np.random.default_rng(n).normal(size=n)
        nodes, weights = np.polynomial.legendre.leggauss(3)  # exact for squares of uniform weights
        grid = np.stack(np.meshgrid(*[nodes] * n)).reshape(n, -1)
        mass = np.prod(np.stack(np.meshgrid(*[weights / 2] * n)).reshape(n, -1), axis=0)
        yield {r"\operatorname{Var}[z]": mass @ (x @ grid) ** 2, "n": n, r"\mathbb{E}[x^2]": np.mean(x**2)}


def figure_share(result: Result) -> Figure:
    """Share of saturated units against the standard deviation of the pre-activation, logarithmic. Both curves are the
    same, that of tanh half as far to the right: at standard deviation two it is {{ share.tanh[1] | percent(0) }} for
    tanh and {{ share.sigmoid[1] | percent(0) }} for the sigmoid. A line marks {{ std | digits(2) }}, what weights
    in [−1, 1] give with {{ inputs }} inputs."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    for key, role, at in (("tanh", FIRST, 15), ("sigmoid", SECOND, 25)):
        axes.plot(STDS, result.curves[key], color=role, label=key)
        dx = -7 if key == "tanh" else 8
        label_point(axes, key, (STDS[at], result.curves[key][at]), role, dx=dx, dy=4 if dx < 0 else -4)
    axes.axvline(result.std, color=GRID, linewidth=0.8)
    label_point(axes, f"weights in [−1, 1],\n{INPUTS} inputs", (result.std, 0.1), MUTED, dx=5)
    axes.set(xscale="log", ylim=(0, 1))
    percent = {0: "0", 0.5: "50%", 1: "100%"}
    frame_axes(axes, [0.5, 1, 2, 5, 10, 50], percent, "standard deviation of the pre-activation", "saturated")
    return figure


if __name__ == "__main__":
    show_figures(figure_share, of=compute())
