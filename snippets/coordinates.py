"""How are latitude and longitude fed to a network?

A city of {{ std | digits(1) }} degrees lies {{ ratio[0] | integer }} and {{ ratio[1] | integer }} standard deviations
from zero. Of the ReLU units of a default start {{ share.raw | percent(2) }} bend inside it, divided by the largest
value {{ share.divided | percent(2) }}, standardized {{ share.standardized | percent(0) }}.

    φ   latitude, λ longitude, in degrees; φ₀ and λ₀ their means
    R   radius of the earth, in kilometers
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import FIRST, INK, MUTED, SECOND, decades, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import condition_number, hessian_with_bias

SEED, CORNERS = 0, np.array([(1, 1), (1, -1), (-1, 1), (-1, -1)])
PLACE, STD, RADIUS = (37.77, -122.42), 0.05, 6371.0
LARGEST, NEAR = (90.0, 180.0), 2.0
UNITS, HOUSES, STEPS, RATE, STARTS = 32, 200, 1000, 0.01, 5
TIMES, COUNTRY = (10.0, 1000.0), (36.0, 44.0)
CODINGS = ("raw", "divided", "standardized")


@dataclass(frozen=True)
class Result:
    place: tuple[float, ...]
    "Mean latitude and longitude of the city."
    std: float
    "Standard deviation of either, in degrees."
    ratio: tuple[float, ...]
    "Mean over standard deviation of either, without its sign."
    near: float
    "Standard deviations to either side of the mean, in both coordinates, that count as inside the city."
    kappa: dict[str, float]
    "Condition number of a linear neuron with a bias, by coding; `globe` for unit vectors all over the earth."
    step: float
    "Largest stable step on degrees, half the squared error."
    share: dict[str, float]
    "Share of units that bend inside the city, with weights and biases uniform over ±1/√2, by coding."
    times: tuple[float, ...]
    "An early time, and the last one."
    late: float
    "Share of units with one input, the time, that bend between the two, weights and biases alike."
    run: dict[str, float]
    "Houses, ReLU units, rate and starts of the runs."
    steps: int
    "Steps of Adam."
    losses: dict[str, float]
    "Share of the targets' variance that a net leaves after these steps, by coding; median of the starts."
    curves: dict[str, np.ndarray]
    "The same at every step."
    spacing: dict[str, float]
    "Distance on the ground between neighboring longitudes of the format, in kilometers: single, half, bfloat16."
    degree: float
    "Length of a degree of latitude, in kilometers."
    narrow: float
    "Length of a degree of longitude here over that of a degree of latitude."
    country: float
    "Mean over standard deviation of latitudes spread evenly over COUNTRY."
    apart: float
    "Kilometers along the equator between longitudes of 179 and −179 degrees."


def encode(x: np.ndarray, coding: str) -> np.ndarray:
    """Degrees, shape (…, 2), as they are, over the largest value, or minus the mean and over the standard deviation."""
    if coding == "raw":
        return x
    return x / LARGEST if coding == "divided" else (x - PLACE) / STD


def to_unit_vector(degrees: np.ndarray) -> np.ndarray:
    """Points on a sphere of radius 1 from latitude and longitude, shape (…, 2) to (…, 3)."""
    phi, lam = np.moveaxis(np.radians(degrees), -1, 0)
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=-1)


def share_inside(coding: str, grid: int = 1000) -> float:
    """Chance that w·x + b changes its sign within NEAR standard deviations; w on a grid, b exactly."""
    w = (2 * (np.arange(grid) + 0.5) / grid - 1) / np.sqrt(2)
    center = encode(np.array(PLACE), coding)
    spread = encode(np.array(PLACE) + NEAR * STD, coding) - center
    at = w[:, None] * center[0] + w * center[1]
    reach = abs(w[:, None]) * spread[0] + abs(w) * spread[1]
    low, high = np.clip(-at - reach, -np.sqrt(0.5), None), np.clip(-at + reach, None, np.sqrt(0.5))
    return float(np.clip(high - low, 0, None).mean() / np.sqrt(2))


def train(seed: int) -> np.ndarray:
    """Share of the variance that is left before each step of Adam, shape (codings, starts, STEPS)."""
    rng, shape = np.random.default_rng(seed), (len(CODINGS), STARTS)
    z = rng.normal(size=(HOUSES, 2))
    y = np.sin(2 * z[:, :1]) + z[:, 1:] * z[:, :1]  # a price that depends on the place in the city
    x = np.stack([encode(np.array(PLACE) + STD * z, coding) for coding in CODINGS])[:, None]
    sizes = ((2, (2, UNITS)), (2, (1, UNITS)), (UNITS, (UNITS, 1)), (UNITS, (1, 1)))
    W, b, V, c = (np.broadcast_to(rng.uniform(-1, 1, (STARTS, *s)) / n**0.5, (*shape, *s)).copy() for n, s in sizes)
    means, squares, left = [0.0] * 4, [0.0] * 4, []
    for t in range(1, STEPS + 1):
        h = x @ W + b
        a = np.maximum(h, 0)
        error = (a @ V + c - y) / HOUSES
        left.append((error**2).sum(axis=(-2, -1)) * HOUSES / y.var())
        dh = error @ V.mT * (h > 0)
        gradients = (x.mT @ dh, dh.sum(-2, keepdims=True), a.mT @ error, error.sum(-2, keepdims=True))
        for k, (parameter, g) in enumerate(zip((W, b, V, c), gradients)):
            means[k], squares[k] = 0.9 * means[k] + 0.1 * g, 0.999 * squares[k] + 0.001 * g**2
            root = np.sqrt(squares[k] / (1 - 0.999**t)) + 1e-8
            parameter -= RATE * means[k] / (1 - 0.9**t) / root
    return np.moveaxis(np.array(left), 0, -1)


def compute() -> Result:
    kappa, hessian = {}, {}
    for coding in CODINGS:
        center = encode(np.array(PLACE), coding)
        stds = encode(np.array(PLACE) + STD, coding) - center
        hessian[coding] = hessian_with_bias(center, stds**2)
        kappa[coding] = condition_number(hessian[coding])
    globe = np.diag([1 / 3, 1 / 3, 1 / 3, 1.0])  # three coordinates of mean zero whose squares add up to 1, and a bias
    degree = float(np.radians(1) * RADIUS)
    narrow = float(np.cos(np.radians(PLACE[0])))
    exponent = np.floor(np.log2(-PLACE[1]))
    curves = dict(zip(CODINGS, np.median(train(SEED), axis=1)))
    return Result(
        place=PLACE,
        std=STD,
        ratio=tuple(abs(value) / STD for value in PLACE),
        near=NEAR,
        kappa=kappa | {"globe": condition_number(globe)},
        step=float(2 / np.linalg.eigvalsh(hessian["raw"])[-1]),
        share={coding: share_inside(coding) for coding in CODINGS},
        times=TIMES,
        late=1 / (4 * TIMES[0]) - 1 / (4 * TIMES[1]),
        run={"houses": HOUSES, "units": UNITS, "rate": RATE, "starts": STARTS},
        steps=STEPS,
        losses={coding: float(curve[-1]) for coding, curve in curves.items()},
        curves=curves,
        spacing={
            name: float(2.0 ** (exponent + 1 - bits) * degree * narrow)
            for name, bits in (("single", 24), ("half", 11), ("bfloat", 8))
        },
        degree=degree,
        narrow=narrow,
        country=sum(COUNTRY) / 2 / ((COUNTRY[1] - COUNTRY[0]) / np.sqrt(12)),
        apart=2 * degree,
    )


def claim_a_city_is_far_from_zero(result: Result) -> None:
    """A city lies at {{ place[0] | digits(4) }}, {{ place[1] | digits(5) }}, with a standard deviation of
    {{ std | digits(1) }} degrees. With a bias its condition number is {{ kappa.raw | scientific(1) }} on degrees,
    {{ kappa.divided | scientific(1) }} divided by the largest value, and {{ kappa.standardized | integer }}
    standardized; the largest stable step on degrees is {{ step | scientific(2) }}."""
    for coding in CODINGS:  # a second route: the moments of four places, and the singular values of the design
        design = np.column_stack([encode(np.array(PLACE) + STD * CORNERS, coding), np.ones(4)]) / 2
        values = np.linalg.svd(design, compute_uv=False)
        assert abs((values[0] / values[-1]) ** 2 / result.kappa[coding] - 1) < 1e-3
    assert abs(result.step * (sum(value**2 + STD**2 for value in PLACE) + 1) / 2 - 1) < 1e-6


def claim_hardly_a_unit_bends_in_the_city(result: Result) -> None:
    """Of units with weights and biases uniform over ±1/√2, {{ share.raw | percent(2) }} bend somewhere in the square of
    {{ near | integer }} standard deviations to either side of the city's middle on degrees,
    {{ share.divided | percent(2) }} divided by the largest value, {{ share.standardized | percent(0) }}
    standardized."""
    rng = np.random.default_rng(SEED)
    w, b = rng.uniform(-1, 1, (1_000_000, 2)), rng.uniform(-1, 1, 1_000_000)
    for coding, share in result.share.items():
        signs = np.sign(encode(np.array(PLACE) + NEAR * STD * CORNERS, coding) @ w.T + b)
        assert abs((abs(signs.sum(axis=0)) < 4).mean() / share - 1) < (0.15 if share < 0.01 else 0.002), coding
    assert abs(result.share["standardized"] - 23 / 24) < 1e-5  # 1 − P(u + v < b/2), u, v and b uniform on [0, 1]


def claim_the_net_sees_the_city(result: Result) -> None:
    """After {{ steps | integer }} steps of Adam {{ losses.raw | percent(0) }} of the targets' variance is left on
    degrees, {{ losses.divided | percent(0) }} divided by the largest value,
    {{ losses.standardized | percent(1) }} standardized."""
    assert 0.99 < result.losses["raw"] < 1.01 and 0.99 < result.losses["divided"] < 1.01
    assert 0 < result.losses["standardized"] < 0.003


def claim_most_units_bend_early(result: Result) -> None:
    """With times from 0 to {{ times[1] | integer }} as the input, {{ late | percent(1) }} of the units of such a start
    bend between {{ times[0] | integer }} and {{ times[1] | integer }}."""
    w, b = np.random.default_rng(SEED).uniform(-1, 1, (2, 2_000_000))
    assert abs(((-b / w > result.times[0]) & (-b / w < result.times[1])).mean() / result.late - 1) < 0.02


def claim_formats_on_the_ground(result: Result) -> None:
    """Neighboring longitudes there are {{ spacing.single | digits(2) }} km apart in single precision,
    {{ spacing.half | digits(2) }} km in half precision and {{ spacing.bfloat | digits(2) }} km in bfloat16. A degree of
    latitude is {{ degree | integer }} km, one of longitude {{ narrow | digits(2) }} of it; the longitudes 179 and −179
    are {{ apart | integer }} km apart at the equator. Latitudes spread evenly over the exercise's country have a mean
    of {{ country | digits(3) }} standard deviations."""
    meters = 2 * np.pi * RADIUS / 360 * np.sin(np.radians(90 - PLACE[0]))
    for name, format in (("single", np.float32), ("half", np.float16)):
        assert abs(result.spacing[name] / (abs(float(np.spacing(format(PLACE[1])))) * meters) - 1) < 1e-6
    assert abs(result.spacing["bfloat"] / result.spacing["half"] - 8) < 1e-9
    u, v = to_unit_vector(np.array([[0.0, 179.0], [0.0, -179.0]]))
    even = np.linspace(*COUNTRY, 10_001)
    assert abs(even.mean() / even.std() / result.country - 1) < 1e-3
    assert abs(np.arccos(u @ v) * RADIUS / result.apart - 1) < 1e-9
    assert abs(result.degree * result.narrow / meters - 1) < 1e-9 and abs(result.degree - 111.195) < 0.001


def equation_plane() -> Draws:
    r"""\lVert u - v\rVert^2 \approx (\varphi - \varphi_0)^2 + \cos^2\varphi_0\,(\lambda - \lambda_0)^2"""
    for rng in draws(4):
        here = rng.uniform((-60, -180), (60, 180))
        there = here + rng.uniform(0.02, 0.1, 2)
        u, v = to_unit_vector(np.array([there, here]))
        angles = dict(zip((r"\varphi_0", r"\lambda_0", r"\varphi", r"\lambda"), np.radians([*here, *there])))
        yield {"u": u, "v": v, r"\approx": 5e-3} | angles


def equation_chord() -> Draws:
    r"""\lVert u - v\rVert = 2 \sin\frac{d}{2}"""
    for rng in draws(3):
        u, v = to_unit_vector(rng.uniform((-90, -180), (90, 180), (2, 2)))
        yield {"u": u, "v": v, "d": np.arccos(u @ v)}


def equation_late() -> Draws:
    r"""P = \frac{1}{4}\left(\frac{1}{t_1} - \frac{1}{t_2}\right)"""
    for early, last in ((1.0, 10.0), (10.0, 1000.0)):  # w in (0, 1), b = −tw within ±1
        w = (np.arange(100_000) + 0.5) / 100_000
        chance = (np.clip(last * w, 0, 1) - np.clip(early * w, 0, 1)).mean() / 2
        yield {"t_1": early, "t_2": last, "P": chance}


def figure_losses(result: Result) -> Figure:
    """Share of the variance that is left against steps of Adam, logarithmic. On degrees and divided by the largest
    value the curve comes down from above and stays at 1; standardized it falls far below."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    axes.axhline(1, color=MUTED, linewidth=0.8)
    for coding, role, name in zip(CODINGS, (SECOND, INK, FIRST), ("degrees", "÷ 90, ÷ 180", "standardized")):
        axes.plot(np.arange(1, STEPS + 1), result.curves[coding], color=role)
        at = 60 if coding == "standardized" else 7 if coding == "raw" else 200
        label_point(axes, name, (at, result.curves[coding][at]), role, dx=4, dy=6)
    axes.set(xscale="log", yscale="log", xlim=(1, STEPS), ylim=(5e-4, 500))
    frame_axes(axes, decades(0, 1, 2, 3), decades(-3, -2, -1, 0, 1, 2), "steps", "share of the variance left")
    return figure


if __name__ == "__main__":
    show_figures(figure_losses, of=compute())
