"""What does each activation function do to a signal: its mean, its scale, its gradient, and the next neuron?

Fourteen functions, all numbers by quadrature for a normal pre-activation z ~ N(0, 1), none typed in.

    mean, variance    of the output; r2 = mean²/variance
    kappa, kappa_bias condition number of the next neuron's Hessian for 64 such units, without and with a bias
    forward, backward gain of the weights that keeps E[z²], or the size of gradients, at z ~ N(0, 1)
    depth             layer at which the Jacobian has shrunk a hundredfold, with weights of variance 1/n
"""

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from lib.activation_functions import DERIVATIVES, FUNCTIONS, NAMES, SELU_ALPHA, SELU_SCALE, sigmoid
from lib.gaussian import density, distribution, moments, normal_mean
from lib.plots import FIRST, GRID, HIGHLIGHT, INK, MUTED, SECOND, frame_axes, new_figure, show_figures
from lib.quadratics import kappa_with_bias, kappa_without_bias

HARD = 3.0  # where the hard sigmoid bends
OURS = {
    "identity": ("identity", lambda z: 1.0 * z, lambda z: np.ones_like(z)),
    "hard_sigmoid": (
        "hard sigmoid",
        lambda z: np.clip(z / 6 + 0.5, 0, 1),
        lambda z: np.where(abs(z) < HARD, 1 / 6, 0.0),
    ),
}
CATALOG = OURS | {key: (NAMES[key], function, DERIVATIVES[key]) for key, function in FUNCTIONS.items()}
LAYERS, DEAD = 20, 0.01
NARROW, WIDE = 0.3, 3.0
Z = np.linspace(-4, 4, 161)
FEW = np.sort([*np.linspace(-4, 4, 41), -1e-3, 1e-3, *(side * HARD + bit for side in (-1, 1) for bit in (-1e-3, 1e-3))])
NODES = np.polynomial.legendre.leggauss(120)

UNITS = 64  # in the layer of the table


@dataclass(frozen=True)
class Result:
    units: int
    "Units in the layer that the next neuron reads."
    scales: tuple[float, float]
    "Two other deviations of the pre-activation."
    layers: int
    "Layers that a signal is sent through."
    dead: float
    "Size of the Jacobian below which a signal counts as dead."
    leak: float
    "Slope of leaky ReLU on its left."
    table: dict[str, dict]
    "Each function at z ~ N(0, 1), and its condition numbers with a bias at the two other scales."
    curves: dict[str, np.ndarray]
    "Value and slope over z from −4 to 4, shape (2, 161)."


def mean_of(function, deviation: float = 1.0) -> float:
    """E[function(z)], z ~ N(0, deviation²): the quadrature of functions.py, cut once more where the hard sigmoid
    bends."""
    x, w = NODES
    cuts = np.array([-12, -HARD / deviation, 0, HARD / deviation, 12]).clip(-12, 12)
    half = np.diff(cuts)[:, None] / 2
    t = (cuts[:-1, None] + half * (x + 1)).ravel()
    return float((half * w).ravel() * density(t) @ function(deviation * t))


def spread(function, deviation: float = 1.0) -> tuple[float, float]:
    """Mean and variance of function(z), z ~ N(0, deviation²)."""
    mean = mean_of(function, deviation)
    return (0.0 if abs(mean) < 1e-10 else mean), mean_of(lambda z: (function(z) - mean) ** 2, deviation)


def jacobians(function, slope, layers: int = LAYERS) -> list[float]:
    """Root mean square singular value of the Jacobian up to each layer, in a wide network whose weights have
    variance 1/n and whose inputs have variance 1: the product of E[φ'(z)²]^½, where z has the variance that the
    layer before hands on."""
    size, variance, sizes = 1.0, 1.0, []
    for _ in range(layers):
        size *= math.sqrt(mean_of(lambda z: slope(z) ** 2, math.sqrt(variance)))
        variance = mean_of(lambda z: function(z) ** 2, math.sqrt(variance))
        sizes.append(size)
    return sizes


def compute() -> Result:
    table = {}
    for key, (name, function, slope) in CATALOG.items():
        mean, variance = spread(function)
        sizes = jacobians(function, slope)
        with np.errstate(over="ignore"):
            low, high = function(np.array([-1e9, 1e9]))
        lowest = min(low, function(np.linspace(-5, 5, 100_001)).min())
        table[key] = {
            "name": name, "mean": mean, "variance": variance, "r2": mean**2 / variance,
            "kappa": kappa_without_bias(mean, variance, UNITS), "kappa_bias": kappa_with_bias(mean, variance, UNITS),
            "narrow": kappa_with_bias(*spread(function, NARROW), UNITS),
            "wide": kappa_with_bias(*spread(function, WIDE), UNITS),
            "forward": 1 / math.sqrt(mean**2 + variance),
            "backward": 1 / math.sqrt(mean_of(lambda z, slope=slope: slope(z) ** 2)),
            "value": float(function(np.zeros(1))[0]),
            "slope": float((slope(np.array([-1e-9]))[0] + slope(np.array([1e-9]))[0]) / 2),
            "lowest": "−∞" if lowest < -100 else f"{lowest:.3g}".replace("-", "−"),
            "highest": "∞" if high > 100 else f"{high:.3g}",
            "depth": str(next((i for i, size in enumerate(sizes, 1) if size < DEAD), "lives")),
            "end": sizes[-1],
        }  # fmt: skip
    return Result(
        units=UNITS,
        scales=(NARROW, WIDE),
        layers=LAYERS,
        dead=DEAD,
        leak=float(DERIVATIVES["leaky_relu"](-1.0)),
        table=table,
        curves={key: np.array([function(Z), slope(Z)]) for key, (_, function, slope) in CATALOG.items()},
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


def claim_slopes_are_slopes(result: Result) -> None:
    """Every derivative of the catalog is the rate at which its function changes, by differences, and the function ends
    where the table says."""
    for key, (_, function, slope) in CATALOG.items():
        z = Z[(abs(Z) > 1e-3) & (abs(abs(Z) - HARD) > 1e-3)]
        assert np.allclose(slope(z), (function(z + 1e-6) - function(z - 1e-6)) / 2e-6, atol=1e-8), key
        values = function(np.concatenate([np.linspace(-40, 40, 8001), [-700, 700]]))
        for bound, value, sign in (("lowest", values.min(), -1), ("highest", values.max(), 1)):
            said = result.table[key][bound].replace("−", "-")
            assert "∞" in said if sign * value > 3 else abs(float(said) - value) < 0.005, key
        low, high = function(np.array([-1e-6, 1e-6]))
        assert abs((high - low) / 2e-6 - result.table[key]["slope"]) < 1e-5, key  # at 0 the mean of both sides
    assert result.leak == CATALOG["leaky_relu"][1](-2.0) / -2


def claim_condition_numbers_are_of_matrices(result: Result) -> None:
    """The condition numbers are those of the matrices themselves, with the mean and the variance of each function
    written into them."""
    for row in result.table.values():
        moment = row["variance"] * np.eye(UNITS) + row["mean"] ** 2
        bias = np.block(
            [[moment, np.full((UNITS, 1), row["mean"])], [np.full((1, UNITS), row["mean"]), np.ones((1, 1))]]
        )
        assert abs(np.linalg.cond(moment) / row["kappa"] - 1) < 1e-9
        assert abs(np.linalg.cond(bias) / row["kappa_bias"] - 1) < 1e-7


def claim_gains_keep_the_scale(result: Result) -> None:
    """With the forward gain the mean square of the next pre-activation is 1 again; with the backward gain a
    gradient keeps its mean square: so it comes out for a wide layer of random weights, to within a tenth."""
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
        assert abs(jacobians(function, slope, 1)[0] * result.table[key]["backward"] - 1) < 1e-9, key


def _slope(function, z):
    """By a central difference of fourth order, at points away from kinks."""
    h = 1e-3
    return (8 * (function(z + h) - function(z - h)) - (function(z + 2 * h) - function(z - 2 * h))) / (12 * h)


def _drawn(key, letter, **more):
    """Bindings at 16 points: the function `key` under `letter`, its slope by differences under letter'."""
    function = CATALOG[key][1]
    for z in (-3.7, -2.2, -1.3, -0.6, 0.4, 1.1, 1.9, 3.4):
        yield {f"{letter}(z)": function(np.array(z)), f"{letter}'(z)": _slope(function, np.array(z)), "z": z,
               "e": math.e, **more}  # fmt: skip


def equation_identity():
    r"""g(z) = z, \qquad g'(z) = 1"""
    yield from _drawn("identity", "g")


def equation_sigmoid():
    r"""\sigma(z) = \frac{1}{1 + e^{-z}}, \qquad \sigma'(z) = \sigma(z)\,(1 - \sigma(z))"""
    yield from _drawn("sigmoid", r"\sigma")


def equation_hard_sigmoid():
    r"""h(z) = \max\left(0, \min\left(1, \frac{z + 3}{6}\right)\right)"""
    yield from _drawn("hard_sigmoid", "h")


def equation_tanh():
    r"""\tanh(z) = \frac{e^{2z} - 1}{e^{2z} + 1}, \qquad \tanh'(z) = 1 - \tanh(z)^2"""
    yield from _drawn("tanh", r"\tanh")


def equation_lecun_tanh():
    r"""f(z) = A \tanh\left(\frac{2z}{3}\right), \qquad f'(z) = \frac{2A}{3} - \frac{2}{3A} f(z)^2"""
    yield from _drawn("lecun_tanh", "f", A=1.7159)


def equation_softsign():
    r"""s(z) = \frac{z}{1 + \lvert z\rvert}, \qquad s'(z) = \frac{1}{(1 + \lvert z\rvert)^2}"""
    yield from _drawn("softsign", "s")


def equation_relu():
    r"""r(z) = \max(0, z), \qquad r'(z)\, z = r(z)"""
    yield from _drawn("relu", "r")


def equation_leaky_relu():
    r"""l(z) = \max(z, \alpha z), \qquad l'(z)\, z = l(z)"""
    yield from _drawn("leaky_relu", "l", **{r"\alpha": 0.01})


def equation_elu():
    r"""u(z) = \max(0, z) + \min(0, e^{z} - 1), \qquad u'(z) = \min(1, e^{z})"""
    yield from _drawn("elu", "u")


def equation_selu():
    r"""v(z) = \lambda \left(\max(0, z) + \alpha \min(0, e^{z} - 1)\right)"""
    yield from _drawn("selu", "v", **{r"\lambda": SELU_SCALE, r"\alpha": SELU_ALPHA})


def equation_softplus():
    r"""p(z) = \ln(1 + e^{z}), \qquad p'(z) = \sigma(z)"""
    yield from _drawn("softplus", "p", **{r"\sigma": sigmoid})


def equation_gelu():
    r"""G(z) = z\,\Phi(z), \qquad G'(z) = \Phi(z) + z\,\phi(z)"""
    for bound in _drawn("gelu", "G"):
        z = bound["z"]
        yield bound | {r"\Phi(z)": distribution(z), r"\phi(z)": density(z)}


def equation_silu():
    r"""S(z) = z\,\sigma(z), \qquad S'(z) = \sigma(z)\,(1 + z\,(1 - \sigma(z)))"""
    yield from _drawn("silu", "S", **{r"\sigma": sigmoid})


def equation_mish():
    r"""M(z) = z \tanh(\ln(1 + e^{z}))"""
    yield from _drawn("mish", "M")


def equation_gains():
    r"""g_{\text{forward}} = \frac{1}{\sqrt{\mathbb{E}[\varphi(z)^2]}}, \qquad g_{\text{backward}} =
    \frac{1}{\sqrt{\mathbb{E}[\varphi'(z)^2]}}"""
    for key in ("tanh", "relu", "silu", "elu", "softplus"):
        _, function, slope = CATALOG[key]
        mean, variance = moments(function)
        yield {
            r"g_{\text{forward}}": 1 / math.hypot(mean, math.sqrt(variance)),
            r"\mathbb{E}[\varphi(z)^2]": mean_of(lambda z, f=function: f(z) ** 2),
            r"g_{\text{backward}}": normal_mean(lambda z, s=slope: s(z) ** 2) ** -0.5,
            r"\mathbb{E}[\varphi'(z)^2]": mean_of(lambda z, s=slope: s(z) ** 2),
        }


def _picture(result: Result, key: str) -> Figure:
    """The function in blue, its slope in orange, on the same axes for all."""
    figure = new_figure(300, 0.72)
    (axes,) = figure.axes
    value, slope = result.curves[key]
    axes.axvline(0, color=GRID, linewidth=0.8)
    axes.axhline(0, color=GRID, linewidth=0.8)
    axes.plot(Z, slope, color=SECOND, label="slope")
    axes.plot(Z, value, color=FIRST, label="value")
    axes.set(xlim=(-4, 4), ylim=(-1.9, 3.2))
    frame_axes(axes, [-4, 0, 4], [-1, 0, 1, 3], "z")
    return figure


def figure_identity(result: Result) -> Figure:
    """A straight line through the origin; its slope is 1 everywhere."""
    return _picture(result, "identity")


def figure_sigmoid(result: Result) -> Figure:
    """An S from 0 to 1 that passes {{ table.sigmoid.value | decimals(1) }} at the origin; its slope is a low bump of
    height {{ table.sigmoid.slope | digits(2) }}."""
    return _picture(result, "sigmoid")


def figure_hard_sigmoid(result: Result) -> Figure:
    """A ramp from 0 to 1, flat on both sides; its slope is a low box of height
    {{ table.hard_sigmoid.slope | digits(2) }}."""
    return _picture(result, "hard_sigmoid")


def figure_tanh(result: Result) -> Figure:
    """An S from −1 to 1 through the origin; its slope is a bump of height 1."""
    return _picture(result, "tanh")


def figure_lecun_tanh(result: Result) -> Figure:
    """A taller S through the origin, to {{ table.lecun_tanh.highest }} on either side; its slope starts at
    {{ table.lecun_tanh.slope | digits }} and falls more slowly than that of tanh."""
    return _picture(result, "lecun_tanh")


def figure_softsign(result: Result) -> Figure:
    """An S through the origin that approaches −1 and 1 slowly; its slope has a sharp peak of height 1."""
    return _picture(result, "softsign")


def figure_relu(result: Result) -> Figure:
    """Zero to the left, a straight line upward to the right; the slope steps from 0 to 1 at the origin."""
    return _picture(result, "relu")


def figure_leaky_relu(result: Result) -> Figure:
    """Almost zero to the left, falling a little, and a straight line to the right; the slope steps up to 1."""
    return _picture(result, "leaky_relu")


def figure_elu(result: Result) -> Figure:
    """A straight line to the right, to the left a curve down to −1; the slope falls smoothly from 1 to 0."""
    return _picture(result, "elu")


def figure_selu(result: Result) -> Figure:
    """Like ELU, but steeper on both sides, down to {{ table.selu.lowest }}; the slope jumps at the origin."""
    return _picture(result, "selu")


def figure_softplus(result: Result) -> Figure:
    """A smooth ReLU that lies above it; its slope is the sigmoid's S from 0 to 1."""
    return _picture(result, "softplus")


def figure_gelu(result: Result) -> Figure:
    """A smooth ReLU with a shallow dip below zero, to {{ table.gelu.lowest }}; its slope overshoots 1 a little."""
    return _picture(result, "gelu")


def figure_silu(result: Result) -> Figure:
    """A smooth ReLU with a dip to {{ table.silu.lowest }}, wider than that of GELU; its slope overshoots 1."""
    return _picture(result, "silu")


def figure_mish(result: Result) -> Figure:
    """A smooth ReLU with a dip to {{ table.mish.lowest }}; its slope overshoots 1."""
    return _picture(result, "mish")


def explore_function(result: Result, start: int = 1):
    """The sigmoid over z, an S from 0 to 1, and its slope, a low bump; behind both a band, the mean of its output and
    one deviation either way. The band lies around {{ table.sigmoid.mean | digits(1) }} and is narrow: it does not
    come near zero."""
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
    words = (("function", "left", FIRST), ("slope", "center", SECOND))
    for text, place, role in (*words, ("mean ± one deviation", "right", INK)):
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
            "mean": f"{row['mean']:.3f}",
            "variance": f"{row['variance']:.3f}",
            "mean² / variance": f"{row['r2']:.3f}",
            "κ without a bias": _count(row["kappa"]),
            "κ with a bias": _count(row["kappa_bias"]),
        }
        yield figure, readouts, _sentence(row, function)


def _count(value: float) -> str:
    return f"{value:,.0f}" if value >= 99.5 else f"{value:.2g}"


def _sentence(row: dict, function) -> str:
    """What the mean of a function is, and what that costs the next neuron."""
    with_bias, without = _count(row["kappa_bias"]), _count(row["kappa"])
    both = f"κ is {without} without a bias, {with_bias} with one."
    if np.allclose(function(-Z), -function(Z)):
        if row["variance"] > 0.999:
            return "Centered, and of variance 1: the next neuron sees a round bowl, and nothing has been computed."
        said = "Centered, as it is odd: the mean is 0 for every symmetric input."
        return f"{said} With a bias κ is {with_bias}, and only the scale costs that, not the mean."
    if row["r2"] < 1e-9:
        return "Centered at this scale only, by design: mean 0 and variance 1 come out as they went in, and κ is 1."
    away = f"{math.sqrt(row['r2']):.1f} deviations above 0"
    if function(Z).min() >= 0:
        return f"Never negative, so off center: the mean is {away}, and that alone gives the next neuron κ = {without}."
    if row["r2"] > 0.4:
        return f"Negative, but too little to matter: the mean is {away}, and the next neuron has κ = {without}."
    if row["r2"] > 0.1:
        return f"Its dip lowers the mean, to {away}; for the next neuron {both}"
    return f"Its negative side nearly centers it: the mean is {away}, and {both}"


if __name__ == "__main__":
    show_figures(
        figure_identity,
        figure_sigmoid,
        figure_hard_sigmoid,
        figure_tanh,
        figure_lecun_tanh,
        figure_softsign,
        figure_relu,
        figure_leaky_relu,
        figure_elu,
        figure_selu,
        figure_softplus,
        figure_gelu,
        figure_silu,
        figure_mish,
        of=compute(),
    )
