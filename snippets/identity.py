"""If an activation function approximates the identity near zero, is its gradient approximately equal to its input?

No: φ(z) ≈ z says that the *output* a is about equal to the input. The gradients are ∂a/∂z ≈ 1, ∂a/∂w ≈ x, ∂a/∂x ≈ w,
and they need more than φ(z) ≈ z: φ(0) = 0, φ'(0) = 1 and φ' continuous.

    z           pre-activation w·x + b
    φ           activation function, φ' its derivative; a = φ(z)
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, FUNCTIONS, NAMES
from lib.numerics import Draws, complex_step, derivative, draws
from lib.plots import FIRST, INK, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures

RIPPLE, WAVES = 0.01, 200.0  # height of the ripple, and its waves in 2π
MORE = {"arctan": (np.arctan, lambda z: 1 / (1 + z**2)), "sine": (np.sin, np.cos)}
CUBES = {"tanh": 1 / 3, "arctan": 1 / 3, "sine": 1 / 6}  # φ(z) = z − cz³ + …
ALL = FUNCTIONS | {key: unit for key, (unit, _) in MORE.items()}
SLOPES = DERIVATIVES | {key: slope for key, (_, slope) in MORE.items()}


@dataclass(frozen=True)
class Result:
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
    lost: dict[str, float]
    "1 − φ(z)/z at the first of the points, for odd functions and softsign."
    table: dict[str, dict]
    "Each activation function at zero: name, value, slope from the left, slope from the right."


def one_sided_derivative(unit: Callable, side: int, h: float = 1e-4) -> float:
    """Derivative at zero from the left (`side` −1) or from the right (1), by a difference of second order."""
    s = side * h
    return float((4 * unit(s) - unit(2 * s) - 3 * unit(0.0)) / (2 * s)) + 0.0


def compute() -> Result:
    points = np.array([0.1, 1.0])
    return Result(
        points=tuple(points),
        value_error=tuple(1 - np.tanh(points) / points),
        slope_error=tuple(1 - DERIVATIVES["tanh"](points)),
        lost={key: float(1 - ALL[key](points[0]) / points[0]) for key in (*CUBES, "softsign")},
        ripple=RIPPLE,
        ripple_slopes=(1 - RIPPLE * WAVES, 1 + RIPPLE * WAVES),
        table={
            key: {
                "name": NAMES.get(key, key),
                "value": float(unit(0.0)),
                "left": one_sided_derivative(unit, -1),
                "right": one_sided_derivative(unit, 1),
            }
            for key, unit in ALL.items()
        },
    )


def rippled_identity(z: np.ndarray) -> np.ndarray:
    """The identity with a ripple: its values are near z, its slopes are not near 1."""
    return z + RIPPLE * np.sin(WAVES * z)


def wiggling_identity(z: float) -> float:
    """φ(0) = 0 and φ'(0) = 1, and yet its slope is 0 and 2 as near to zero as you like."""
    return z + z**2 * np.sin(1 / z)


def claim_value_and_slope(result: Result) -> None:
    """At $z = {{ points[0] | digits(1) }}$ tanh is the identity but for {{ value_error[0] | percent(2) }}, and its
    slope is 1 but for {{ slope_error[0] | percent(1) }}; at $z = {{ points[1] | integer }}$ the two are off by
    {{ value_error[1] | percent(0) }} and {{ slope_error[1] | percent(0) }}."""
    for z, value, slope in zip(result.points, result.value_error, result.slope_error):
        series = sum(c * z**k for k, c in ((2, 1 / 3), (4, -2 / 15), (6, 17 / 315)))
        assert z > 0.5 or abs(value / series - 1) < 1e-5
        assert abs(value - 1 + np.expm1(2 * z) / (np.exp(2 * z) + 1) / z) < 1e-12
        assert abs(1 - derivative(np.tanh, z) - slope) < 1e-12 and value < slope


def claim_values_do_not_bound_slopes(result: Result) -> None:
    """With the ripple no value is further than {{ ripple | digits(1) }} from $z$, and the slope runs from
    {{ ripple_slopes[0] | integer }} to {{ ripple_slopes[1] | integer }}."""
    z = np.linspace(-0.3, 0.3, 100_001)
    assert 0.999 * result.ripple < abs(rippled_identity(z) - z).max() <= result.ripple
    slopes = derivative(rippled_identity, z)
    np.testing.assert_allclose((slopes.min(), slopes.max()), result.ripple_slopes, rtol=1e-3)


def claim_one_slope_is_not_enough(result: Result) -> None:
    r"""The function $z + z^2\sin(1/z)$ has value 0 and slope 1 at zero, and differs from $z$ by at most $z^2$; its
    slope is 0 at $z = 1/(2\pi k)$ for every whole number $k$, and $2$ half-way, at $1/(2\pi k + \pi)$."""
    for z in np.geomspace(1e-8, 1e-2, 50):
        assert abs(wiggling_identity(z) / z - 1) <= z * (1 + 1e-6)  # so the slope at zero is 1
    for k in (1, 10, 1000):
        for z, slope in ((1 / (2 * np.pi * k), 0), (1 / (2 * np.pi * k + np.pi), 2)):
            assert abs(derivative(wiggling_identity, z) - slope) < 1e-9


def claim_bending_one_way(result: Result) -> None:
    r"""Let $\phi$ be convex or concave on each side of zero, as tanh, softsign, arctan and ELU are. If up to $2z$ it
    differs from the identity by at most the share $p$, its slope at $z$ differs from 1 by at most $3p$."""
    for unit in (np.tanh, np.arctan, FUNCTIONS["softsign"], FUNCTIONS["elu"]):
        for z in (*np.geomspace(1e-3, 0.5, 20), *-np.geomspace(1e-3, 0.5, 20)):
            t = np.linspace(0, 2 * z, 201)[1:]
            share = abs(unit(t) / t - 1).max()
            slope = (unit(z + 1e-5 * z) - unit(z - 1e-5 * z)) / (2e-5 * z)
            assert abs(slope - 1) <= 3 * share + 1e-7


def claim_who_is_the_identity(result: Result) -> None:
    """Of these functions, tanh, arctan, sine, softsign and ELU are the identity near zero; LeCun’s tanh, GELU, SiLU and
    Mish are straight there with another slope; ReLU, leaky ReLU and SELU have a kink; sigmoid and softplus do not pass
    through zero."""
    kinds = {}
    for key, row in result.table.items():
        for side, slope in (("left", SLOPES[key](-1e-12)), ("right", SLOPES[key](1e-12))):
            assert abs(row[side] - slope) < 1e-6, key  # formulas against differences
        assert abs(row["value"] - {"sigmoid": 0.5, "softplus": np.log(2)}.get(key, 0)) < 1e-12
        kinks = abs(row["left"] - row["right"]) > 1e-4
        kind = "off" if row["value"] > 0.1 else "kink" if kinks else "one" if abs(row["left"] - 1) < 1e-4 else "other"
        kinds.setdefault(kind, set()).add(key)
    assert kinds == {
        "one": {"tanh", "arctan", "sine", "softsign", "elu"},
        "other": {"lecun_tanh", "gelu", "silu", "mish"},
        "kink": {"relu", "leaky_relu", "selu"},
        "off": {"sigmoid", "softplus"},
    }


def claim_how_near_is_near(result: Result) -> None:
    """At $z = {{ points[0] | digits(1) }}$ tanh and arctan have lost {{ lost.tanh | percent(2) }} and
    {{ lost.arctan | percent(2) }} of $z$, sine {{ lost.sine | percent(2) }}, softsign {{ lost.softsign | percent(1) }}:
    the first two lose about $z^2/3$ of it, sine half
    as much, softsign $|z|/(1 + |z|)$."""
    z = result.points[0]
    fifth = {"tanh": 2 / 15, "arctan": 1 / 5, "sine": 1 / 120}
    for key, cube in CUBES.items():
        assert abs(cube * z**2 - fifth[key] * z**4 - result.lost[key]) < 2e-6
    assert abs(z / (1 + z) - result.lost["softsign"]) < 1e-12 and z == 0.1


def draw_neurons(scale: float) -> Draws:
    """Random neurons with an odd unit: letters, and gradients by a complex step."""
    for rng in draws(12):
        w, x, b = scale * rng.normal(size=4), rng.normal(size=4), scale * rng.normal()
        yield {
            r"\frac{\partial a}{\partial z}": derivative(np.tanh, w @ x + b),
            r"\frac{\partial a}{\partial b}": derivative(lambda b, z: np.tanh(z + b), b, w @ x),
            r"\frac{\partial a}{\partial w}": complex_step(lambda w, x, b: np.tanh(w @ x + b), w, x, b),
            r"\frac{\partial a}{\partial x}": complex_step(lambda x, w, b: np.tanh(w @ x + b), x, w, b),
            **{r"\phi'": lambda z: 1 / np.cosh(z) ** 2, "z": w @ x + b, "w": w, "x": x, r"\approx": 0.01},
        }


def equation_by_z() -> Draws:
    r"""\frac{\partial a}{\partial z} = \frac{\partial a}{\partial b} = \phi'(z)"""
    yield from draw_neurons(1.0)


def equation_gradients() -> Draws:
    r"""\frac{\partial a}{\partial w} = \phi'(z)\, x, \qquad \frac{\partial a}{\partial x} = \phi'(z)\, w"""
    yield from draw_neurons(1.0)


def equation_near_zero() -> Draws:
    r"""\frac{\partial a}{\partial w} \approx x, \qquad \frac{\partial a}{\partial x} \approx w"""
    yield from (letters for letters in draw_neurons(0.02) if abs(letters["z"]) < 0.1)


def equation_backward() -> Draws:
    r"""\frac{\partial L}{\partial z} = \phi'(z)\,\frac{\partial L}{\partial a}"""
    for rng in draws(12):
        z, y = rng.normal(), rng.normal()
        yield {
            r"\frac{\partial L}{\partial z}": derivative(lambda z, y: (np.tanh(z) - y) ** 4, z, y),
            r"\frac{\partial L}{\partial a}": 4 * (np.tanh(z) - y) ** 3,
            r"\phi'": lambda z: 1 / np.cosh(z) ** 2,
            "z": z,
        }


def equation_tanh_slope() -> Draws:
    r"""\tanh'(z) = 1 - \tanh^2 z"""
    for z in np.random.default_rng(0).normal(size=12):
        yield {r"\tanh'": lambda z: derivative(np.tanh, z), "z": z}


def figure_ripple(result: Result) -> Figure:
    """Two plots near zero. Left, values: the rippled line and tanh both lie on the diagonal, to the eye. Right,
    slopes: tanh stays at 1, but for a slight bend, while the rippled line swings between
    {{ ripple_slopes[0] | integer }} and {{ ripple_slopes[1] | integer }}."""
    figure = new_figure(320, 0.9, panels=2)
    z = np.linspace(-0.25, 0.25, 399)
    values, slopes = figure.axes
    values.plot(z, rippled_identity(z), color=SECOND, linewidth=1.2, label="identity with a ripple")
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


if __name__ == "__main__":
    show_figures(figure_ripple, of=compute())
