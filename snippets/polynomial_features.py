"""Polynomial features: why is descent so slow, and does standardizing fix it?

Because the powers of a feature that is never negative are nearly copies of each other, and of the bias. Standardizing
takes the bias out and leaves the copies: x and x² on [0, 1] keep a correlation of {{ correlation | digits(3) }}, a
condition number of {{ kappa.square.standardized | integer }}. Center x first, then square:
{{ kappa.square.centered | integer }}.

    x, z     independent, uniform on [0, 1] unless an interval is named
    c, h     middle and half-width of an interval; u = x − c
    problem  features beside a bias whose input is 1: square, x and x²; cube, also x³; product, x, z and xz
    way      raw: as they are; standardized: each feature is; centered: x and z are centered first, then the same
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import FIRST, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import MILLIONTH, worst_steps

NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)  # exact for all powers that appear
PROBLEMS = {
    "square": lambda x, z: (x, x**2),
    "cube": lambda x, z: (x, x**2, x**3),
    "product": lambda x, z: (x, z, x * z),
}
WAYS = ("raw", "standardized", "centered")


@dataclass(frozen=True)
class Result:
    kappa: dict[str, dict[str, float]]
    "Condition number with a bias, for each problem and each way."
    steps: dict[str, dict[str, int]]
    "Steps to a millionth of the error from the worst start, best constant step."
    correlation: float
    "Of x and x² on [0, 1]."
    wide: int
    "Upper end of the wider interval, which begins at 0."
    wide_kappa: float
    "Condition number with x, x² and a bias on it, as they are."


def curvature(problem: str, way: str, low: float = 0.0, high: float = 1.0) -> np.ndarray:
    """Second moment of a bias and the features, by quadrature over both x and z."""
    values, chances = low + (high - low) * (NODES + 1) / 2, np.outer(WEIGHTS, WEIGHTS).ravel() / 4
    x, z = (side.ravel() - (values.mean() if way == "centered" else 0) for side in np.meshgrid(values, values))
    features = np.array(PROBLEMS[problem](x, z))
    if way != "raw":
        features = features - (features @ chances)[:, None]
        features = features / np.sqrt(features**2 @ chances)[:, None]
    whole = np.vstack([np.ones(len(chances)), features])
    return whole * chances @ whole.T


def compute() -> Result:
    matrices = {name: {way: curvature(name, way) for way in WAYS} for name in PROBLEMS}
    return Result(
        kappa={name: {way: float(np.linalg.cond(H)) for way, H in row.items()} for name, row in matrices.items()},
        steps={name: {way: worst_steps(H) for way, H in row.items()} for name, row in matrices.items()},
        correlation=matrices["square"]["standardized"][1, 2],
        wide=10,
        wide_kappa=float(np.linalg.cond(curvature("square", "raw", 0, 10))),
    )


def hilbert(size: int, high: float = 1.0) -> np.ndarray:
    """E[xʲxᵏ] on [0, high] for powers from 0, by integrating: highʲ⁺ᵏ/(j + k + 1)."""
    powers = np.add.outer(np.arange(size), np.arange(size))
    return high**powers / (powers + 1)


def claim_powers_are_copies(result: Result) -> None:
    """With x, x² and a bias the condition number is {{ kappa.square.raw | integer }} on [0, 1], that is
    {{ steps.square.raw | integer }} steps to a millionth of the error from the worst start, and
    {{ wide_kappa | integer }} from 0 to {{ wide | integer }}."""
    found = (result.kappa["square"]["raw"], result.wide_kappa, result.kappa["cube"]["raw"])
    for value, H in zip(found, (hilbert(3), hilbert(3, result.wide), hilbert(4))):
        assert abs(np.linalg.norm(H, 2) * np.linalg.norm(np.linalg.inv(H), 2) / value - 1) < 1e-8
    for name, row in result.kappa.items():
        for way, kappa in row.items():
            rate = max((kappa - 1) / (kappa + 1), MILLIONTH)
            assert result.steps[name][way] == int(np.ceil(np.log(MILLIONTH) / np.log(rate)))


def claim_center_before_you_multiply(result: Result) -> None:
    """Standardize x and x², and the condition number is {{ kappa.square.standardized | digits }}; center x, square it,
    then standardize, and it is {{ kappa.square.centered | integer }}. With x³ as well it
    is {{ kappa.cube.standardized | integer }} against {{ kappa.cube.centered | integer }}."""
    for name, size in (("square", 3), ("cube", 4)):
        H = hilbert(size)
        spread = (H - np.outer(H[0], H[0]))[1:, 1:]
        stds = np.sqrt(np.diag(spread))
        values = np.linalg.eigvalsh(spread / np.outer(stds, stds))
        assert abs(values[-1] / values[0] / result.kappa[name]["standardized"] - 1) < 1e-8
    odd = np.sqrt(21) / 5  # correlation of u and u³: E[u⁴]/√(E[u²] E[u⁶]) = (1/5)/√(1/3 · 1/7) for half-width 1
    assert abs(result.kappa["cube"]["centered"] / ((1 + odd) / (1 - odd)) - 1) < 1e-9
    assert abs(result.kappa["square"]["centered"] - 1) < 1e-9 and abs(result.correlation - np.sqrt(15) / 4) < 1e-12


def claim_products_too(result: Result) -> None:
    """For two independent features on [0, 1], their product and a bias it is {{ kappa.product.raw | digits }},
    standardized {{ kappa.product.standardized | digits }}, and {{ kappa.product.centered | integer }} if both are
    centered before they are multiplied."""
    kappa, mean, square = result.kappa["product"], 1 / 2, 1 / 3
    single = np.array([[1, mean], [mean, square]])
    H = np.kron(single, single)  # of 1, z, x and xz, which are independent
    assert abs(np.linalg.cond(H) / kappa["raw"] - 1) < 1e-8
    rho = np.sqrt(3 / 7)  # of x and xz: mean · Var x over √(Var x · Var xz), with Var xz = 1/9 − 1/16
    assert abs(kappa["standardized"] / ((1 + np.sqrt(2) * rho) / (1 - np.sqrt(2) * rho)) - 1) < 1e-8
    assert abs(kappa["centered"] - 1) < 1e-9


def claim_the_same_fits(result: Result) -> None:
    """Nothing is lost: with a bias, the best cubic in x and the best cubic in x minus its mean are the same curve."""
    rng = np.random.default_rng(0)
    x, y = rng.uniform(size=40), rng.normal(size=40)
    fits = [np.vander(v, 4) @ np.linalg.lstsq(np.vander(v, 4), y, rcond=None)[0] for v in (x, x - x.mean())]
    np.testing.assert_allclose(*fits, atol=1e-9)


def equation_covariance() -> Draws:
    r"""\operatorname{cov}(x, x^2) = 2c\,\mathbb{E}[u^2] = \tfrac{2}{3}\, c\, h^2"""
    yield from _moments()


def equation_variances() -> Draws:
    r"""\operatorname{var}(x) = \tfrac{1}{3}\, h^2, \qquad \operatorname{var}(x^2) = 4c^2\operatorname{var}(u) +
    \operatorname{var}(u^2) = \tfrac{4}{3}\, c^2 h^2 + \tfrac{4}{45}\, h^4"""
    yield from _moments()


def equation_correlation() -> Draws:
    r"""\varrho = \frac{\operatorname{cov}(x, x^2)}{\sqrt{\operatorname{var}(x)\,\operatorname{var}(x^2)}} =
    \frac{c}{\sqrt{c^2 + \frac{1}{15}\, h^2}}, \qquad
    \kappa = \frac{1 + \lvert\varrho\rvert}{1 - \lvert\varrho\rvert}"""
    yield from _moments()


def _moments():
    """Those of x, u and their squares on an interval, as differences of integrals of powers from end to end."""
    for rng in draws(20):
        c, h = rng.normal(0, 2), rng.uniform(0.5, 3)
        x1, x2, x3, x4 = (((c + h) ** k - (c - h) ** k) / (2 * h * k) for k in range(2, 6))
        x = (c + h * NODES - x1) / np.sqrt(x2 - x1**2), ((c + h * NODES) ** 2 - x2) / np.sqrt(x4 - x2**2)
        correlations = x * WEIGHTS / 2 @ np.transpose(x)
        yield {
            r"\operatorname{cov}(x, x^2)": x3 - x1 * x2,
            r"\operatorname{var}(x)": x2 - x1**2,
            r"\operatorname{var}(x^2)": x4 - x2**2,
            r"\operatorname{var}(u)": x2 - x1**2,
            r"\operatorname{var}(u^2)": h**4 * (1 / 5 - 1 / 9),
            r"\mathbb{E}[u^2]": x2 - x1**2,
            r"\varrho": correlations[0, 1],
            r"\kappa": np.linalg.cond(correlations),
            "c": c,
            "h": h,
        }


def figure_columns(result: Result) -> Figure:
    """A feature x and its square, both standardized, against x from 0 to 1. Left, x is squared as it is: two rising
    lines, hardly apart, of correlation {{ correlation | digits }}. Right, x is centered first: the square is a bowl
    that falls as much as it rises, of correlation 0 with the line."""
    figure = new_figure(320, 0.8, panels=2)
    x = np.linspace(0, 1, 101)
    words = ("x squared as it is", "squared after centering")
    for axes, base, role, text in zip(figure.axes, (x, x - 0.5), (SECOND, FIRST), words):
        square = (base**2 - np.mean(base**2)) / np.std(base**2)
        axes.plot(x, (x - 0.5) * np.sqrt(12), color=MUTED, label="x")
        axes.plot(x, square, color=role, label="its square")
        label_point(axes, "x", (0.75, 0.25 * np.sqrt(12)), MUTED, dx=-8, dy=9)
        label_point(axes, text, (0.5, square[50]), role, dx=8, dy=-14)
        axes.set(xlim=(-0.02, 1.02), ylim=(-2, 2.4))
        frame_axes(axes, [0, 0.5, 1], [-1, 0, 1, 2], "x", "in standard deviations from its mean")
    return figure


if __name__ == "__main__":
    show_figures(figure_columns, of=compute())
