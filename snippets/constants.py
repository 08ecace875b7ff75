"""Where do published constants come from?

Some are exact numbers, rounded, like SELU's pair. Some minimize a largest error: 0.044715 and 1.702 are the best for
the normal distribution function Φ, {{ best.cubic | decimals(6) }} and {{ best.logistic | decimals(4) }} to more digits,
and not for GELU. LeCun's 1.7159 is 1/tanh(2/3), and its 2/3 a rounded {{ lecun.slope | decimals(4) }}.

    Φ  distribution function of the standard normal; GELU(z) = zΦ(z)
    c  coefficient of the cubic term in Φ(z) ≈ ½(1 + tanh(√(2/π)(z + cz³)))
    k  scale in Φ(z) ≈ σ(kz)
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib.activation_functions import SELU_ALPHA, SELU_SCALE, lecun_tanh, selu, sigmoid
from lib.gaussian import density, moments, normal_mean
from lib.numerics import Draws, find_minimum
from lib.plots import FIRST, GRID, INK, SECOND, Frames, frame_axes, label_point, new_figure, show_figures

CUBIC, LOGISTIC = 0.044715, 1.702  # Hendrycks & Gimpel (2016) and its common short form
LECUN = 1.7159, 2 / 3  # LeCun et al. (1998)
COEFFICIENTS = np.linspace(0.0435, 0.0465, 31)
erf = np.vectorize(math.erf)
Z = np.linspace(0, 6, 2401)
PHI = (1 + erf(Z / math.sqrt(2))) / 2


@dataclass(frozen=True)
class Result:
    published: dict[str, float]
    "Constants as they are published."
    lecun: dict[str, float]
    "Exact values for f(z) = a tanh(bz): a for f(1) = 1 with b = 2/3; a and b if it bends most at 1, too; f''s place."
    selu: dict[str, float]
    "SELU's α and scale in closed form."
    best: dict[str, float]
    "Coefficients with the least largest error: c and k for Φ, c and k for GELU; c of the series."
    error: dict[str, float]
    "Largest errors: of Φ with 0.044715, with the series' c, with 1.702; of GELU with 0.044715, with its own best c."
    slope_match: float
    "k for which σ(kz) is as steep as Φ at zero."
    variance_match: float
    "k for which the logistic distribution has variance 1."
    lecun_variance: float
    "Variance of LeCun's tanh of a standard normal input."
    errors: np.ndarray
    "Largest error of Φ for each of `COEFFICIENTS`."


def cubic_error(c: float) -> np.ndarray:
    """Φ(z) minus its approximation by a tanh of z + cz³, at `Z`."""
    return PHI - (1 + np.tanh(math.sqrt(2 / math.pi) * (Z + c * Z**3))) / 2


def minimize_largest(error: Callable, low: float, high: float) -> float:
    """Parameter for which the largest error is least."""
    return find_minimum(lambda p: abs(error(p)).max(), low, high)


def solve_selu() -> tuple[float, float]:
    """α and scale of Klambauer et al. (2017), for which N(0, 1) is a fixed point, in closed form."""
    q, e = math.erfc(1 / math.sqrt(2)), math.e
    alpha = -math.sqrt(2 / math.pi) / (q * math.sqrt(e) - 1)
    inner = 2 * math.erfc(math.sqrt(2)) * e**2 + math.pi * q**2 * e - 2 * (2 + math.pi) * q * math.sqrt(e) + math.pi + 2
    return alpha, (1 - q * math.sqrt(e)) * math.sqrt(2 * math.pi / inner)


def compute() -> Result:
    def logistic_error(k):
        return PHI - sigmoid(k * Z)

    alpha, scale = solve_selu()
    slope = math.atanh(1 / math.sqrt(3))
    best = {
        "cubic": minimize_largest(cubic_error, 0.04, 0.05),
        "logistic": minimize_largest(logistic_error, 1.5, 1.9),
        "cubic_gelu": minimize_largest(lambda c: Z * cubic_error(c), 0.04, 0.05),
        "logistic_gelu": minimize_largest(lambda k: Z * logistic_error(k), 1.5, 1.9),
        "series": (4 - math.pi) / (6 * math.pi),
    }
    return Result(
        published={"cubic": CUBIC, "logistic": LOGISTIC, "lecun": LECUN[0]},
        lecun={"a": 1 / math.tanh(2 / 3), "a_exact": math.sqrt(3), "slope": slope, "bend": 1.5 * slope},
        selu={"alpha": alpha, "scale": scale},
        best=best,
        error={
            "cubic": abs(cubic_error(CUBIC)).max(),
            "series": abs(cubic_error(best["series"])).max(),
            "logistic": abs(logistic_error(LOGISTIC)).max(),
            "gelu": abs(Z * cubic_error(CUBIC)).max(),
            "gelu_best": abs(Z * cubic_error(best["cubic_gelu"])).max(),
        },
        slope_match=4 / math.sqrt(2 * math.pi),
        variance_match=math.pi / math.sqrt(3),
        lecun_variance=normal_mean(lambda z: lecun_tanh(z) ** 2),
        errors=np.array([abs(cubic_error(c)).max() for c in COEFFICIENTS]),
    )


def claim_the_cubic_is_best_for_the_distribution(result: Result) -> None:
    """The c with the least largest error for Φ is {{ best.cubic | decimals(6) }}, that for GELU
    {{ best.cubic_gelu | decimals(6) }}, that of the Taylor series {{ best.series | decimals(6) }}. With the published
    one Φ is off by at most {{ error.cubic | scientific(2) }}, with that of the series by
    {{ error.series | scientific(2) }}."""
    assert abs(result.best["cubic"] - CUBIC) < 5e-7 < abs(result.best["cubic_gelu"] - CUBIC)
    for error in (cubic_error(result.best["cubic"]), Z * cubic_error(result.best["cubic_gelu"])):
        assert abs(error.max() + error.min()) < 1e-7  # at the best parameter two extremes have the same size
    small = 0.05  # the series: artanh(2Φ − 1) = √(2/π)(z + cz³ + …)
    c = (math.atanh(math.erf(small / math.sqrt(2))) / math.sqrt(2 / math.pi) - small) / small**3
    assert abs(c - result.best["series"]) < 2e-6
    for name, c in (("cubic", CUBIC), ("series", result.best["series"])):  # on other points, one at a time
        worst = max(
            abs(math.erf(z / math.sqrt(2)) - math.tanh(math.sqrt(2 / math.pi) * (z + c * z**3))) / 2
            for z in (k / 997 for k in range(5000))
        )
        assert abs(worst / result.error[name] - 1) < 1e-3


def claim_the_logistic_is_best_for_the_distribution(result: Result) -> None:
    """The k with the least largest error for Φ is {{ best.logistic | decimals(4) }}, where that error is
    {{ error.logistic | digits(2) }}; for GELU it would be {{ best.logistic_gelu | decimals(3) }}."""
    assert abs(result.best["logistic"] - LOGISTIC) < 5e-4 < abs(result.best["logistic_gelu"] - LOGISTIC)
    for error in (PHI - sigmoid(result.best["logistic"] * Z), Z * (PHI - sigmoid(result.best["logistic_gelu"] * Z))):
        assert abs(error.max() + error.min()) < 1e-6
    worst = max(abs((1 + math.erf(k / 1411)) / 2 - 1 / (1 + math.exp(-LOGISTIC * k / 998))) for k in range(5000))
    assert abs(worst / result.error["logistic"] - 1) < 0.01
    t, k = np.linspace(-30, 30, 400_001), result.variance_match  # the logistic distribution with the scale 1/k
    assert abs(np.trapezoid(t**2 * k * sigmoid(k * t) * sigmoid(-k * t), t) - 1) < 1e-6
    assert abs(result.slope_match / 4 - density(0.0)) < 1e-12


def claim_lecuns_pair(result: Result) -> None:
    r"""With $b = \tfrac{2}{3}$ the condition $f(1) = 1$ makes $a = {{ lecun.a | decimals(6) }}$, and the function
    bends most at {{ lecun.bend | decimals(4) }}. To bend most at 1 it takes
    $a = \sqrt{3} = {{ lecun.a_exact | decimals(4) }}$ and $b = {{ lecun.slope | decimals(4) }}$."""
    assert (
        abs(result.lecun["a"] - LECUN[0]) < 5e-6
        and abs(result.lecun["a_exact"] * math.tanh(result.lecun["slope"]) - 1) < 1e-9
    )
    for b, a, place in ((2 / 3, result.lecun["a"], result.lecun["bend"]), (result.lecun["slope"], math.sqrt(3), 1.0)):
        z = np.linspace(0.5, 1.5, 200_001)
        tanh = np.tanh(b * z)
        bend = abs(-2 * a * b**2 * tanh * (1 - tanh**2))
        assert abs(z[bend.argmax()] - place) < 1e-4 and abs(a * math.tanh(b) - 1) < 1e-9


def claim_selu_is_a_fixed_point(result: Result) -> None:
    """SELU’s α and scale are {{ selu.alpha | decimals(6) }} and {{ selu.scale | decimals(6) }}: for a standard normal
    input the output has mean 0 and variance 1."""
    assert abs(result.selu["alpha"] / SELU_ALPHA - 1) < 1e-12 and abs(result.selu["scale"] / SELU_SCALE - 1) < 1e-12
    mean, variance = moments(selu)
    assert abs(mean) < 1e-9 and abs(variance - 1) < 1e-9


def equation_bend() -> Draws:
    r"""\tanh^2(b) = \frac{1}{3}, \qquad a \tanh(b) = 1"""
    yield {"b": math.atanh(3**-0.5), "a": 1 / math.tanh(math.atanh(3**-0.5))}


def equation_series() -> Draws:
    r"""c = \frac{2}{3\pi} - \frac{1}{6} = \frac{4 - \pi}{6\pi}"""
    z = np.linspace(0.05, 0.4, 60)  # coefficients of artanh(2Φ − 1)/√(2/π) − z = cz³ + …
    rest = np.arctanh(erf(z / math.sqrt(2))) / math.sqrt(2 / math.pi) - z
    yield {"c": np.linalg.lstsq(z[:, None] ** np.arange(3, 13, 2), rest)[0][0]}


def draw_error(axes: Axes, c: float, role: str, gid: str | None = None):
    """Error of Φ in units of 10⁻⁴ against z."""
    (line,) = axes.plot(Z, 1e4 * cubic_error(c), color=role, label=f"c = {c:.6f}", gid=gid)
    axes.axhline(0, color=GRID, linewidth=1, label="no error")
    axes.set(xlim=(0, 5), ylim=(-8.5, 4.5))
    frame_axes(axes, [0, 1, 2, 3, 4, 5], [-8, -4, 0, 4], "z", "error of Φ, in 1/10,000")
    return line


def figure_error(result: Result) -> Figure:
    """Error of the tanh approximation of Φ against z from 0 on, two curves. With the published coefficient it swings
    up and down by the same amount, {{ error.cubic | scientific(2) }}. With the coefficient of the series it is smaller
    near zero, and then falls to minus {{ error.series | scientific(2) }}."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    draw_error(axes, result.best["series"], SECOND)
    draw_error(axes, CUBIC, FIRST)
    at = [int(np.argmin(cubic_error(c))) for c in (result.best["series"], CUBIC)]
    label_point(
        axes, "the series’ c", (Z[at[0]], 1e4 * cubic_error(result.best["series"])[at[0]]), SECOND, dx=14, dy=-6
    )
    label_point(axes, "0.044715", (1.4, 1e4 * cubic_error(CUBIC)[560]), FIRST, dx=0, dy=14, ha="center")
    return figure


def explore_coefficient(result: Result, start: int = 12) -> Frames:
    """Error of the tanh approximation of Φ against z, for a coefficient c that moves. Near the published one its two
    extremes are equally large."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    line = draw_error(axes, CUBIC, INK, gid="line")
    for c, largest in zip(COEFFICIENTS, result.errors):
        error = cubic_error(c)
        line.set_data(Z[::40], np.clip(1e4 * error[::40], -8.5, 4.5))
        readouts = {
            "coefficient c": f"{c:.4f}",
            "largest error": f"{largest:.6f}",
            "above": f"{1e4 * error.max():.2f}",
            "below": f"{-1e4 * error.min():.2f}",
        }
        is_large = error.max() < -error.min()
        yield figure, readouts, "Too large: it falls too far below." if is_large else "Too small: it peaks too high."


if __name__ == "__main__":
    show_figures(figure_error, of=compute())
