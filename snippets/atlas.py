"""What does each activation function do to a signal: its mean, its scale, its gradient, and the next neuron?

All numbers by quadrature for a normal pre-activation z ~ N(0, 1), none typed in. Of the functions that are not odd ELU
is nearest to being centered, with a squared mean of {{ table.elu.r2 | digits(2) }} variances, and the hard sigmoid
farthest from it, with {{ table.hard_sigmoid.r2 | digits(2) }}.

    mean, variance    of the output; r2 = mean²/variance
    kappa, kappa_bias condition number of the next neuron's Hessian for many such units, without and with a bias
    forward, backward gain of the weights that keeps E[z²], or the size of gradients, at z ~ N(0, 1)
    depth             layer at which the Jacobian has shrunk below {{ dead | percent }}, with weights of variance 1/n
"""

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.patches import Polygon

from lib.activation_functions import DERIVATIVES, FUNCTIONS, NAMES, Function, hard_sigmoid
from lib.gaussian import density, moments, normal_mean
from lib.layers import describe_units
from lib.numerics import Draws
from lib.plots import FIRST, GRID, HIGHLIGHT, INK, MUTED, SECOND, Frames, frame_axes, new_figure
from lib.quadratics import hessian, hessian_with_bias
from lib.text import choose_sentence, compact, decimals

KINKS = (-3.0, 0.0, 3.0)  # at the ends of these the hard sigmoid bends, others at 0
CATALOG = {  # key: (name, function, derivative)
    "identity": ("identity", lambda z: 1.0 * z, lambda z: np.ones_like(z)),
    "hard_sigmoid": ("hard sigmoid", hard_sigmoid, lambda z: np.where(abs(z) < KINKS[-1], 1 / 6, 0.0)),
    **{key: (NAMES[key], function, DERIVATIVES[key]) for key, function in FUNCTIONS.items()},
}
UNITS, LAYERS, DEAD = 64, 20, 0.01
NARROW, WIDE = 0.3, 3.0
Z = np.linspace(-4, 4, 161)
FEW = np.sort([*np.linspace(-4, 4, 41), -1e-3, 1e-3, *(kink + bit for kink in (-3, 3) for bit in (-1e-3, 1e-3))])


@dataclass(frozen=True)
class Result:
    units: int
    "Units in the layer that the next neuron reads."
    scales: tuple[float, float]
    "Two other standard deviations of the pre-activation."
    layers: int
    "Layers that a signal is sent through."
    dead: float
    "Size of the Jacobian below which a signal counts as dead."
    table: dict[str, dict]
    "Each function at z ~ N(0, 1), and its condition numbers with a bias at the two other scales."


def jacobian_sizes(function: Function, derivative: Function, layers: int = LAYERS) -> list[float]:
    """Root mean square singular value of the Jacobian up to each layer, in a wide network.

    Its weights have variance 1/n, its inputs variance 1: the product of E[φ'(z)²]^½, where z has the variance that the
    layer before hands on.
    """
    size, variance, sizes = 1.0, 1.0, []
    for _ in range(layers):
        size *= math.sqrt(normal_mean(lambda z: derivative(z) ** 2, math.sqrt(variance), KINKS))
        variance = normal_mean(lambda z: function(z) ** 2, math.sqrt(variance), KINKS)
        sizes.append(size)
    return sizes


def find_range(function: Function) -> tuple[float, float]:
    """Least and greatest value, infinite where the function grows without end."""
    with np.errstate(over="ignore"):
        low, high = function(np.array([-1e9, 1e9]))
    low = min(low, function(np.linspace(-5, 5, 100_001)).min())
    return (-math.inf if low < -100 else low), (math.inf if high > 100 else high)


def describe_function(key: str) -> dict:
    """One row of the table."""
    name, function, derivative = CATALOG[key]
    row, narrow, wide = (describe_units(function, UNITS, std, KINKS) for std in (1.0, NARROW, WIDE))
    sizes, (low, high) = jacobian_sizes(function, derivative), find_range(function)
    return row | {
        "name": name,
        "r2": row["mean"] ** 2 / row["variance"],
        "narrow": narrow["kappa_bias"],
        "wide": wide["kappa_bias"],
        "forward": 1 / math.sqrt(row["mean"] ** 2 + row["variance"]),
        "backward": 1 / math.sqrt(normal_mean(lambda z: derivative(z) ** 2, 1.0, KINKS)),
        "value": float(function(np.zeros(1))[0]),
        "slope": float(np.mean(derivative(np.array([-1e-9, 1e-9])))),
        "lowest": "−∞" if math.isinf(low) else f"{low:.3g}".replace("-", "−"),
        "highest": "∞" if math.isinf(high) else f"{high:.3g}",
        "depth": str(next((i for i, size in enumerate(sizes, 1) if size < DEAD), "lives")),
        "end": sizes[-1],
    }


def compute() -> Result:
    return Result(
        units=UNITS,
        scales=(NARROW, WIDE),
        layers=LAYERS,
        dead=DEAD,
        table={key: describe_function(key) for key in CATALOG},
    )


def claim_two_quadratures_agree(result: Result) -> None:
    """Gauss-Hermite quadrature, and for the functions with a kink the trapezoidal rule, give the same means and
    variances."""
    t = np.linspace(-12, 12, 240_001)
    for key, row in result.table.items():
        values = CATALOG[key][1](t)
        mean = np.trapezoid(values * density(t), t)
        variance = np.trapezoid((values - mean) ** 2 * density(t), t)
        assert abs(mean - row["mean"]) < 1e-8 and abs(variance / row["variance"] - 1) < 1e-7, key


def claim_ranges_are_ranges(result: Result) -> None:
    """The functions end where the table says, and have at 0 the slope that it gives."""
    for key, (_, function, _) in CATALOG.items():
        values = function(np.concatenate([np.linspace(-40, 40, 8001), [-700, 700]]))
        for bound, value, sign in (("lowest", values.min(), -1), ("highest", values.max(), 1)):
            said = result.table[key][bound].replace("−", "-")
            assert "∞" in said if sign * value > 3 else abs(float(said) - value) < 0.005, key
        low, high = function(np.array([-1e-6, 1e-6]))
        assert abs((high - low) / 2e-6 - result.table[key]["slope"]) < 1e-5, key  # at 0 the mean of both sides


def claim_condition_numbers_are_of_matrices(result: Result) -> None:
    """The condition numbers are those of the matrices themselves, with the mean and the variance of each function
    written into them."""
    for row in result.table.values():
        mean = np.full(UNITS, row["mean"])
        matrices = (hessian(mean, row["variance"]), hessian_with_bias(mean, row["variance"]))
        for H, kappa in zip(matrices, (row["kappa"], row["kappa_bias"])):
            assert abs(np.linalg.cond(H) / kappa - 1) < 1e-7


def claim_gains_keep_the_scale(result: Result) -> None:
    """With the forward gain the mean square of the next pre-activation is 1 again; with the backward gain a
    gradient keeps its mean square: so it comes out, nearly, for a wide layer of random weights."""
    rng = np.random.default_rng(0)
    z, W = rng.normal(size=(100, 500)), rng.normal(size=(500, 500)) / math.sqrt(500)
    for key, row in result.table.items():
        _, function, slope = CATALOG[key]
        assert abs(np.mean((row["forward"] * function(z) @ W) ** 2) - 1) < 0.1, key
        back = slope(z) * (row["backward"] * rng.normal(size=z.shape) @ W.T)
        assert abs(np.mean(back**2) - 1) < 0.1, key


def claim_a_wide_network_agrees(result: Result) -> None:
    """A random network of {{ layers }} layers dies where the table says, or one layer off: tried with the sigmoid,
    the hard sigmoid, GELU and softplus."""
    rng = np.random.default_rng(0)
    for key in ("sigmoid", "hard_sigmoid", "gelu", "softplus"):
        _, function, slope = CATALOG[key]
        a, jacobian, width, layer = rng.normal(size=200), np.eye(200), 200, 0
        while np.linalg.norm(jacobian) / math.sqrt(width) >= DEAD:
            W = rng.normal(size=(width, width)) / math.sqrt(width)
            z, layer = W @ a, layer + 1
            jacobian, a = slope(z)[:, None] * (W @ jacobian), function(z)
        assert abs(layer - int(result.table[key]["depth"])) <= 1, key
    for key, (_, function, slope) in CATALOG.items():  # the first layer's share is the backward gain, undone
        assert abs(jacobian_sizes(function, slope, 1)[0] * result.table[key]["backward"] - 1) < 1e-9, key


def equation_gains() -> Draws:
    r"""g_{\text{forward}} = \frac{1}{\sqrt{\mathbb{E}[\varphi(z)^2]}}, \qquad g_{\text{backward}} =
    \frac{1}{\sqrt{\mathbb{E}[\varphi'(z)^2]}}"""
    for key in ("tanh", "relu", "silu", "elu", "softplus"):
        _, function, slope = CATALOG[key]
        mean, variance = moments(function)
        yield {
            r"g_{\text{forward}}": 1 / math.hypot(mean, math.sqrt(variance)),
            r"\mathbb{E}[\varphi(z)^2]": normal_mean(lambda z, f=function: f(z) ** 2),
            r"g_{\text{backward}}": normal_mean(lambda z, s=slope: s(z) ** 2) ** -0.5,
            r"\mathbb{E}[\varphi'(z)^2]": moments(slope)[0] ** 2 + moments(slope)[1],
        }


def explore_function(result: Result, start: int = 1) -> Frames:
    """The sigmoid over z, an S from 0 to 1, and its slope, a low bump; behind both a band, the mean of its output and
    one standard deviation either way. The band lies around {{ table.sigmoid.mean | digits(1) }} and is narrow: it does
    not come near zero."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    band = axes.add_patch(Polygon([(-4, -1), (4, -1), (4, 1), (-4, 1)], facecolor=HIGHLIGHT, edgecolor="none"))
    axes.axvline(0, color=GRID, linewidth=0.8, label="zero")
    axes.axhline(0, color=MUTED, linewidth=0.8, label="zero")
    (mean,) = axes.plot([-4, 4], [0, 0], color=INK, linewidth=1, linestyle="--", label="mean")
    (slope,) = axes.plot(FEW, FEW, color=SECOND, label="slope")
    (value,) = axes.plot(FEW, FEW, color=FIRST, label="value")
    for name, artist in {"band": band, "mean": mean, "slope": slope, "value": value}.items():
        artist.set_gid(name)
    axes.set(xlim=(-4, 4), ylim=(-1.9, 3.2))
    frame_axes(axes, [-4, 0, 4], [-1, 0, 1, 2, 3], "z")
    for text, place, role in (("function", "left", FIRST), ("slope", "center", SECOND), ("mean ± s", "right", INK)):
        axes.set_title(text, loc=place, color=role)
    for key, row in sorted(result.table.items(), key=lambda item: -round(item[1]["r2"], 9)):
        _, function, derivative = CATALOG[key]
        low, high = (row["mean"] + side * math.sqrt(row["variance"]) for side in (-1, 1))
        band.set_xy([(-4, low), (4, low), (4, high), (-4, high)])
        mean.set_ydata([row["mean"]] * 2)
        value.set_ydata(function(FEW))
        slope.set_ydata(derivative(FEW))
        readouts = {
            "activation function": row["name"],
            "mean": decimals(row["mean"], 3),
            "variance": decimals(row["variance"], 3),
            "mean² / variance": decimals(row["r2"], 3),
            "κ without a bias": compact(row["kappa"]),
            "κ with a bias": compact(row["kappa_bias"]),
        }
        yield figure, readouts, summarize_row(row, function)


def summarize_row(row: dict, function: Function) -> str:
    """What the mean of a function is, and what that costs the next neuron."""
    odd, away = np.allclose(function(-Z), -function(Z)), "{{ ratio | decimals(1) }} standard deviations above 0"
    without = "κ = {{ kappa | compact }}."
    both = "κ is {{ kappa | compact }} without a bias, {{ kappa_bias | compact }} with one."
    cases = [
        (
            odd and row["variance"] > 0.999,
            "Centered, and of variance 1: the next neuron sees a round bowl, and nothing has been computed.",
        ),
        (
            odd,
            "Centered, as it is odd: the mean is 0 for every symmetric input. With a bias κ is "
            "{{ kappa_bias | compact }}, and only the scale costs that, not the mean.",
        ),
        (
            row["r2"] < 1e-9,
            "Centered at this scale only, by design: mean 0 and variance 1 come out as they went in; κ is 1.",
        ),
        (
            function(Z).min() >= 0,
            f"Never negative, so off center: the mean is {away}, and that alone gives the next neuron {without}",
        ),
        (
            row["r2"] > 0.4,
            f"Negative, but too little to matter: the mean is {away}, and the next neuron has {without}",
        ),
        (row["r2"] > 0.1, f"Its dip lowers the mean, to {away}; for the next neuron {both}"),
        (True, f"Its negative side nearly centers it: the mean is {away}, and {both}"),
    ]
    return choose_sentence(cases, ratio=math.sqrt(row["r2"]), kappa=row["kappa"], kappa_bias=row["kappa_bias"])


if __name__ == "__main__":
    print(compute())
