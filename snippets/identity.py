"""If an activation function approximates the identity near zero, is its gradient approximately equal to its input?

No: φ(z) ≈ z says that the *output* a is about equal to the input. The gradients are ∂a/∂z ≈ 1, ∂a/∂w ≈ x, ∂a/∂x ≈ w,
and they need more than φ(z) ≈ z: φ(0) = 0, φ'(0) = 1 and φ' continuous.

    z           pre-activation w·x + b
    φ           activation function, φ' its slope; a = φ(z)
    W_k, D_k    weights of layer k, and the slopes of its units on a diagonal
    J           Jacobian of a whole net: its outputs by its inputs
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, FUNCTIONS, NAMES, sigmoid
from lib.numerics import Draws, draws
from lib.plots import FIRST, INK, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
LAYERS, UNITS, NETS = 20, 128, 3
RIPPLE, WAVES = 0.01, 200.0  # height of the ripple, and its waves in 2π
CASES = {  # activation, gain of the weights, deviation of the inputs
    "tanh": ("tanh", 1.0, 0.1),
    "lecun": ("lecun_tanh", 1.5 / 1.7159, 0.1),  # slope at zero 1.7159 · 2/3, so its gain is one over that
    "sigmoid": ("sigmoid", 4.0, 0.1),
    "wide": ("tanh", 1.0, 1.0),
}


@dataclass(frozen=True)
class Result:
    layers: int
    "Layers of the nets."
    units: int
    "Inputs, and units in each layer."
    nets: int
    "Nets that a median is taken over."
    points: tuple[float, ...]
    "Two pre-activations at which tanh is compared with the identity."
    value_error: tuple[float, ...]
    "1 − tanh(z)/z at those points: how far the value is off."
    slope_error: tuple[float, ...]
    "1 − tanh'(z) at those points: how far the slope is off."
    ripple: float
    "Height of the ripple added to the identity, and so the greatest distance of its values from z."
    ripple_slopes: tuple[float, float]
    "Least and greatest slope of the identity with the ripple."
    table: dict[str, dict]
    "Each activation function at zero: name, value, slope from the left, slope from the right."
    isometry: dict[str, dict]
    "For each case and for orthogonal and Gaussian weights: least, greatest and root mean square singular value of J."
    spectra: dict[str, np.ndarray]
    "Singular values of the first tanh net's J, falling, for orthogonal and for Gaussian weights."
    iterated: tuple[float, float]
    "tanh applied as often as there are layers, starting at 1, and its closed form."


def rippled(z):
    """The identity with a ripple: its values are near z, its slopes are not near 1."""
    return z + RIPPLE * np.sin(WAVES * z)


def wiggle(z):
    """φ(0) = 0 and φ'(0) = 1, and yet its slope is 0 and 2 as near to zero as you like."""
    return z + z**2 * np.sin(1 / z)


def orthogonal(shape, rng):
    """Orthogonal matrices, uniformly distributed."""
    q, r = np.linalg.qr(rng.normal(size=shape))
    return q * np.sign(np.diagonal(r, axis1=-2, axis2=-1))[..., None, :]


def forward(weights, x, name, gain):
    """Pre-activations of every layer; sigmoid layers subtract their mean of ½ by the bias −½W1."""
    z = []
    for W in weights:
        z.append(gain * W @ x)
        x = FUNCTIONS[name](z[-1]) - (0.5 if name == "sigmoid" else 0)
    return z


def spectrum(weights, inverses, x, name, gain):
    """Singular values of J = D_K W_K … D_1 W_1, the least as one over the norm of the inverses' product.

    An SVD of the product alone would show rounding, 1e-17 of the greatest, where the least is far below.
    """
    J = back = np.eye(len(x))
    for W, inverse, z in zip(weights, inverses, forward(weights, x, name, gain)):
        slope = gain * DERIVATIVES[name](z)
        J, back = slope[:, None] * (W @ J), (back @ inverse) / slope
    values = np.linalg.svd(J, compute_uv=False)
    return np.append(values[:-1], 1 / np.linalg.norm(back, 2))


def drawn(rng):
    """Weights of one net, orthogonal and Gaussian of the same variance, with their inverses."""
    turning = orthogonal((LAYERS, UNITS, UNITS), rng)
    gaussian = rng.normal(size=turning.shape) / np.sqrt(UNITS)
    return {"orthogonal": (turning, turning.swapaxes(1, 2)), "gaussian": (gaussian, np.linalg.inv(gaussian))}


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    found = {case: {"orthogonal": [], "gaussian": []} for case in CASES}
    for _ in range(NETS):
        x, nets = rng.normal(size=UNITS), drawn(rng)
        for case, (name, gain, deviation) in CASES.items():
            for kind, (weights, inverses) in nets.items():
                found[case][kind].append(spectrum(weights, inverses, deviation * x, name, gain))
    points = np.array([0.1, 1.0])
    a = 1.0
    for _ in range(LAYERS):
        a = np.tanh(a)
    return Result(
        layers=LAYERS,
        units=UNITS,
        nets=NETS,
        points=tuple(points),
        value_error=tuple(1 - np.tanh(points) / points),
        slope_error=tuple(1 - DERIVATIVES["tanh"](points)),
        ripple=RIPPLE,
        ripple_slopes=(1 - RIPPLE * WAVES, 1 + RIPPLE * WAVES),
        table={
            key: {"name": NAMES[key], "value": float(unit(0.0)), **dict(zip(("left", "right"), sides(unit)))}
            for key, unit in FUNCTIONS.items()
        },
        isometry={
            case: {
                kind: {
                    "least": np.median([s[-1] for s in values]),
                    "greatest": np.median([s[0] for s in values]),
                    "typical": np.median([np.sqrt(np.mean(s**2)) for s in values]),
                }
                for kind, values in kinds.items()
            }
            for case, kinds in found.items()
        },
        spectra={kind: values[0] for kind, values in found["tanh"].items()},
        iterated=(a, np.sqrt(3 / (2 * LAYERS + 3))),
    )


def sides(unit, h=1e-4):
    """Slopes at zero from the left and from the right, by one-sided differences of second order."""
    return [float((4 * unit(s) - unit(2 * s) - 3 * unit(0.0)) / (2 * s)) + 0.0 for s in (-h, h)]


def claim_value_and_slope(result: Result) -> None:
    """At $z = {{ points[0] | digits(1) }}$ tanh is the identity but for {{ value_error[0] | percent(2) }}, and its
    slope is 1 but for {{ slope_error[0] | percent(1) }}; at $z = {{ points[1] | integer }}$ the two are off by
    {{ value_error[1] | percent(0) }} and {{ slope_error[1] | percent(0) }}."""
    for z, value, slope in zip(result.points, result.value_error, result.slope_error):
        series = sum(c * z**k for k, c in ((2, 1 / 3), (4, -2 / 15), (6, 17 / 315)))
        assert z > 0.5 or abs(value / series - 1) < 1e-5
        assert abs(value - 1 + np.expm1(2 * z) / (np.exp(2 * z) + 1) / z) < 1e-12
        assert abs(1 - np.tanh(z + 1e-20j).imag / 1e-20 - slope) < 1e-12 and value < slope


def claim_values_do_not_bound_slopes(result: Result) -> None:
    """With the ripple no value is further than {{ ripple | digits(1) }} from $z$, and the slope runs from
    {{ ripple_slopes[0] | integer }} to {{ ripple_slopes[1] | integer }}."""
    z = np.linspace(-0.3, 0.3, 100_001)
    assert 0.999 * result.ripple < abs(rippled(z) - z).max() <= result.ripple
    slopes = rippled(z + 1e-20j).imag / 1e-20
    np.testing.assert_allclose((slopes.min(), slopes.max()), result.ripple_slopes, rtol=1e-3)


def claim_one_slope_is_not_enough(result: Result) -> None:
    r"""The function $z + z^2\sin(1/z)$ has value 0 and slope 1 at zero, and differs from $z$ by at most $z^2$; its
    slope is 0 at $z = 1/(2\pi k)$ for every whole number $k$, and $2$ half-way, at $1/(2\pi k + \pi)$."""
    for z in np.geomspace(1e-8, 1e-2, 50):
        assert abs(wiggle(z) / z - 1) <= z * (1 + 1e-6)  # so the slope at zero is 1
    for k in (1, 10, 1000):
        for z, slope in ((1 / (2 * np.pi * k), 0), (1 / (2 * np.pi * k + np.pi), 2)):
            assert abs(wiggle(z + 1e-20j).imag / 1e-20 - slope) < 1e-9


def claim_bending_one_way(result: Result) -> None:
    r"""Where $\phi$ bends one way on each side of zero, as tanh, softsign, arctan and ELU do, values do bound
    slopes: if $\phi$ is within a share $p$ of $z$ up to $2z$, its slope at $z$ is within $3p$ of 1."""
    for unit in (np.tanh, np.arctan, FUNCTIONS["softsign"], FUNCTIONS["elu"]):
        for z in (*np.geomspace(1e-3, 0.5, 20), *-np.geomspace(1e-3, 0.5, 20)):
            t = np.linspace(0, 2 * z, 201)[1:]
            share = abs(unit(t) / t - 1).max()
            slope = (unit(z + 1e-5 * z) - unit(z - 1e-5 * z)) / (2e-5 * z)
            assert abs(slope - 1) <= 3 * share + 1e-7


def claim_who_is_the_identity(result: Result) -> None:
    """Of the twelve, tanh, softsign and ELU are the identity near zero; LeCun’s tanh, GELU, SiLU and Mish are
    straight there with another slope; ReLU, leaky ReLU and SELU have a kink; sigmoid and softplus do not pass
    through zero."""
    kinds = {}
    for key, row in result.table.items():
        for side, slope in (("left", DERIVATIVES[key](-1e-12)), ("right", DERIVATIVES[key](1e-12))):
            assert abs(row[side] - slope) < 1e-6, key  # formulas against differences
        assert abs(row["value"] - {"sigmoid": 0.5, "softplus": np.log(2)}.get(key, 0)) < 1e-12
        kinks = abs(row["left"] - row["right"]) > 1e-4
        kind = "off" if row["value"] > 0.1 else "kink" if kinks else "one" if abs(row["left"] - 1) < 1e-4 else "other"
        kinds.setdefault(kind, set()).add(key)
    assert kinds == {
        "one": {"tanh", "softsign", "elu"},
        "other": {"lecun_tanh", "gelu", "silu", "mish"},
        "kink": {"relu", "leaky_relu", "selu"},
        "off": {"sigmoid", "softplus"},
    }


def claim_orthogonal_keeps_all(result: Result) -> None:
    """Orthogonal weights keep the singular values of {{ layers }} tanh layers between
    {{ isometry.tanh.orthogonal.least | digits(2) }} and {{ isometry.tanh.orthogonal.greatest | digits(2) }};
    Gaussian weights of the same variance spread them from {{ isometry.tanh.gaussian.least | scientific(1) }} to
    {{ isometry.tanh.gaussian.greatest | digits(1) }}."""
    rng, found, least = np.random.default_rng(SEED), {}, []
    for net in range(NETS):  # J by a complex step through the net, all inputs at once
        x, nets = rng.normal(size=UNITS), drawn(rng)
        for case, (name, gain, deviation) in CASES.items():
            for kind, (weights, _) in nets.items():
                if net and case != "tanh":
                    continue  # one net will do for the others
                start = deviation * x[:, None] + 1e-20j * np.eye(UNITS)
                J = FUNCTIONS[name](forward(weights, start, name, gain)[-1]).imag / 1e-20
                found.setdefault((case, kind), []).append(np.linalg.svd(J, compute_uv=False))
        least.append(least_by_solving(nets["gaussian"][0], 0.1 * x, np.random.default_rng(net)))
    for kind, values in result.spectra.items():
        shown = values > 1e-8  # below, rounding spoils what is checked against
        np.testing.assert_allclose(values[shown], found["tanh", kind][0][shown], rtol=1e-4)
    for (case, kind), values in found.items():
        kept = result.isometry[case][kind]
        near = 1e-6 if case == "tanh" else 0.4 if kind == "orthogonal" else 0.8  # the nets differ
        np.testing.assert_allclose(np.median([v[0] for v in values]), kept["greatest"], rtol=near)
        np.testing.assert_allclose(np.median([np.sqrt(np.mean(v**2)) for v in values]), kept["typical"], rtol=near)
        if kind == "orthogonal" and case != "wide":
            np.testing.assert_allclose(np.median([v[-1] for v in values]), kept["least"], rtol=near)
    np.testing.assert_allclose(np.median(least), result.isometry["tanh"]["gaussian"]["least"], rtol=0.05)
    kept, lost = (result.isometry["tanh"][kind] for kind in ("orthogonal", "gaussian"))
    assert 0.4 < kept["least"] < kept["greatest"] < 1 and lost["least"] < 1e-20 and lost["greatest"] > 2


def least_by_solving(weights, x, rng):
    """Least singular value of J by inverse power iteration: J is solved, layer by layer, and never formed."""
    slopes, v = [DERIVATIVES["tanh"](z) for z in forward(weights, x, "tanh", 1.0)], rng.normal(size=len(x))
    for _ in range(3):
        v = v / np.linalg.norm(v)
        for W, slope in zip(weights[::-1], slopes[::-1]):
            v = np.linalg.solve(W, v / slope)
        size = np.linalg.norm(v)
        v = v / size
        for W, slope in zip(weights, slopes):
            v = np.linalg.solve(W.T, v) / slope
    return 1 / size


def claim_mean_square_hides_it(result: Result) -> None:
    """By their root mean square the two nets look alike: {{ isometry.tanh.orthogonal.typical | digits(2) }} and
    {{ isometry.tanh.gaussian.typical | digits(2) }}."""
    alike = [result.isometry["tanh"][kind]["typical"] for kind in ("orthogonal", "gaussian")]
    assert 0.5 < min(alike) and max(alike) < 1.5 and max(alike) / min(alike) < 1.6
    assert all(s[-1] < np.sqrt(np.mean(s**2)) < s[0] for s in result.spectra.values())


def claim_sigmoid_with_care_is_tanh(result: Result) -> None:
    """The sigmoid with a gain of four and that bias is tanh at twice the scale: from the same weights, its Jacobian
    is the one of tanh for twice the input, to rounding."""
    rng = np.random.default_rng(SEED)
    weights, inverses = drawn(rng)["orthogonal"]
    x = 0.1 * rng.normal(size=UNITS)
    same = [spectrum(weights, inverses, c * x, name, gain) for c, name, gain in ((1, "sigmoid", 4.0), (2, "tanh", 1.0))]
    np.testing.assert_allclose(*same, rtol=1e-9)
    ends = [result.isometry[case]["orthogonal"]["least"] for case in ("lecun", "tanh", "sigmoid", "wide")]
    assert ends == sorted(ends, reverse=True) and ends[2] > 0.1 and ends[3] < 0.01


def claim_identity_does_not_last(result: Result) -> None:
    """Applied {{ layers }} times, starting at 1, tanh leaves {{ iterated[0] | digits(2) }}: the slope at zero is 1,
    and what is lost on the way is lost slowly."""
    a = 1.0
    for _ in range(result.layers):
        a = (1 - np.exp(-2 * a)) / (1 + np.exp(-2 * a))
    assert abs(a - result.iterated[0]) < 1e-12 and abs(a / result.iterated[1] - 1) < 0.05 and a > 0.2
    assert abs((3 / result.iterated[1] ** 2 - 3) / 2 - LAYERS) < 1e-9


def _neurons(scale):
    """Random neurons with an odd unit: letters, and gradients by a complex step."""
    for rng in draws(12):
        w, x, b = scale * rng.normal(size=4), rng.normal(size=4), scale * rng.normal()
        nudges = 1e-20j * np.eye(4)
        z = w @ x + b
        yield {
            r"\frac{\partial a}{\partial z}": np.tanh(z + 1e-20j).imag / 1e-20,
            r"\frac{\partial a}{\partial b}": np.tanh(w @ x + (b + 1e-20j)).imag / 1e-20,
            r"\frac{\partial a}{\partial w}": np.array([np.tanh((w + d) @ x + b).imag / 1e-20 for d in nudges]),
            r"\frac{\partial a}{\partial x}": np.array([np.tanh(w @ (x + d) + b).imag / 1e-20 for d in nudges]),
            **{r"\phi'": lambda z: 1 / np.cosh(z) ** 2, "z": z, "w": w, "x": x, r"\approx": 0.01},
        }


def equation_by_z() -> Draws:
    r"""\frac{\partial a}{\partial z} = \frac{\partial a}{\partial b} = \phi'(z)"""
    yield from _neurons(1.0)


def equation_gradients() -> Draws:
    r"""\frac{\partial a}{\partial w} = \phi'(z)\, x, \qquad \frac{\partial a}{\partial x} = \phi'(z)\, w"""
    yield from _neurons(1.0)


def equation_near_zero() -> Draws:
    r"""\frac{\partial a}{\partial w} \approx x, \qquad \frac{\partial a}{\partial x} \approx w"""
    yield from (letters for letters in _neurons(0.02) if abs(letters["z"]) < 0.1)


def equation_backward() -> Draws:
    r"""\frac{\partial L}{\partial z} = \phi'(z)\,\frac{\partial L}{\partial a}"""
    for rng in draws(12):
        z, y, h = rng.normal(), rng.normal(), 1e-20j
        yield {
            r"\frac{\partial L}{\partial z}": ((np.tanh(z + h) - y) ** 4).imag / 1e-20,
            r"\frac{\partial L}{\partial a}": 4 * (np.tanh(z) - y) ** 3,
            r"\phi'": lambda z: 1 / np.cosh(z) ** 2,
            "z": z,
        }


def equation_tanh_slope() -> Draws:
    r"""\tanh'(z) = 1 - \tanh^2 z"""
    for z in np.random.default_rng(0).normal(size=12):
        yield {r"\tanh'": lambda z: np.tanh(z + 1e-20j).imag / 1e-20, "z": z}


def equation_back_through_layers() -> Draws:
    r"""\frac{\partial L}{\partial x} = W_1^\top D_1\, W_2^\top D_2\, W_3^\top D_3\, \frac{\partial L}{\partial a_3}"""
    for rng in draws(8):
        W, x, y = rng.normal(size=(3, 4, 4)), rng.normal(size=4), rng.normal(size=4)
        nudged = [forward(W, x + d, "tanh", 1.0)[-1] for d in 1e-20j * np.eye(4)]
        slopes = [DERIVATIVES["tanh"](z) for z in forward(W, x, "tanh", 1.0)]
        a = np.tanh(forward(W, x, "tanh", 1.0)[-1])
        yield {
            r"\frac{\partial L}{\partial x}": np.array([((np.tanh(z) - y) ** 2).sum().imag / 2e-20 for z in nudged]),
            r"\frac{\partial L}{\partial a_3}": a - y,
            **{f"W_{k}": W[k - 1] for k in (1, 2, 3)},
            **{f"D_{k}": np.diag(slopes[k - 1]) for k in (1, 2, 3)},
        }


def equation_mean_square() -> Draws:
    r"""\mathbb{E}[\lVert W v\rVert^2] = n \operatorname{Var}[w]\,\lVert v\rVert^2"""
    for rng in draws(8):
        v, c = rng.normal(size=3), rng.uniform(0.2, 2)
        signs = 2 * ((np.arange(512)[:, None] >> np.arange(9)) & 1) - 1  # every matrix of entries ±c, once
        W = c * signs.reshape(-1, 3, 3)
        yield {
            r"\mathbb{E}[\lVert W v\rVert^2]": np.mean(((W @ v) ** 2).sum(axis=1)),
            r"\operatorname{Var}[w]": W[:, 0, 0].var(),
            "n": 3,
            "v": v,
        }


def equation_iterated() -> Draws:
    r"""a_k \approx \sqrt{\frac{3}{2k + 3}}"""
    a = 1.0
    for k in range(1, 101):
        a = np.tanh(a)
        assert abs(np.sqrt(3 / (2 * k + 3)) / a - 1) < 0.04
        if k in (1, 2, 3, 5, 10, 20, 50, 100):
            yield {"a_k": a, "k": k, r"\approx": 0.04}


def equation_sigmoid_is_tanh() -> Draws:
    r"""4\left(\sigma(4z) - \tfrac{1}{2}\right) = 2\tanh(2z)"""
    for z in np.random.default_rng(0).normal(size=12):
        yield {r"\sigma": sigmoid, r"\tanh": lambda z: np.expm1(2 * z) / (np.expm1(2 * z) + 2), "z": z}


def figure_ripple(result: Result) -> Figure:
    """Two plots near zero. Left, values: the rippled line and tanh both lie on the diagonal, to the eye. Right,
    slopes: tanh stays at 1, but for a slight bend, while the rippled line swings between
    {{ ripple_slopes[0] | integer }} and {{ ripple_slopes[1] | integer }}."""
    figure = new_figure(320, 0.9, panels=2)
    z = np.linspace(-0.25, 0.25, 399)
    values, slopes = figure.axes
    values.plot(z, rippled(z), color=SECOND, linewidth=1.2, label="identity with a ripple")
    values.plot(z, np.tanh(z), color=FIRST, linewidth=1.2, label="tanh")
    slopes.plot(z, 1 + RIPPLE * WAVES * np.cos(WAVES * z), color=SECOND, linewidth=1.2, label="with a ripple")
    slopes.plot(z, DERIVATIVES["tanh"](z), color=FIRST, label="tanh")
    label_point(values, "value", (-0.25, 0.25), INK, dx=4, dy=-8, fontweight="semibold")
    label_point(values, "tanh, and the identity\nwith a ripple", (0.25, -0.18), MUTED, dx=-2)
    label_point(slopes, "tanh", (0.25, 0.94), FIRST, dx=6)
    label_point(slopes, "ripple", (0.25, 3), SECOND, dx=6)
    label_point(slopes, "slope", (-0.25, 3.9), INK, dx=4, dy=0, fontweight="semibold")
    values.set(xlim=(-0.26, 0.26), ylim=(-0.27, 0.27))
    slopes.set(xlim=(-0.26, 0.37), ylim=(-1.3, 4.2))
    frame_axes(values, [-0.2, 0, 0.2], [-0.2, 0, 0.2], "z", "")
    frame_axes(slopes, [-0.2, 0, 0.2], [-1, 0, 1, 2, 3], "z", "")
    return figure


def figure_spectra(result: Result) -> Figure:
    """Singular values of the Jacobian of {{ layers }} tanh layers of {{ units }} units, in falling order, on a
    logarithmic axis. With orthogonal weights all lie a little below 1. With Gaussian weights a few lie above 1, and
    the others fall ever more steeply, out of the picture, down to
    {{ isometry.tanh.gaussian.least | scientific(1) }}."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    rank = np.arange(1, UNITS + 1)
    shown = result.spectra["gaussian"] > 1e-11
    axes.plot(rank, result.spectra["orthogonal"], color=FIRST, label="orthogonal weights")
    axes.plot(rank[shown], result.spectra["gaussian"][shown], color=SECOND, label="Gaussian weights")
    label_point(axes, "orthogonal weights", (UNITS, 0.7), FIRST, dx=-2, dy=14)
    label_point(axes, "Gaussian weights", (64, result.spectra["gaussian"][63]), SECOND, dx=-6, dy=-10)
    axes.set(yscale="log", ylim=(1e-10, 30), xlim=(-2, UNITS + 2))
    decades = {10.0**-k: f"$\\mathdefault{{10^{{-{k}}}}}$" if k else "1" for k in (0, 2, 4, 6, 8, 10)}
    frame_axes(axes, [1, 64, 128], decades, "singular value, by rank", "stretches a direction by")
    return figure


if __name__ == "__main__":
    show_figures(figure_ripple, figure_spectra, of=compute())
