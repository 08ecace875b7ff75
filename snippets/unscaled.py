"""Why is stochastic gradient descent so fragile on unscaled features?

Its one step size must suit the largest inputs, or the error explodes; then it is far too small for the smallest. Age in
years and height in meters, a bias: at a common default step it overflows within a few examples, at the best stable step
it leaves most of what height has to say, after standardizing it is done. A solver that uses curvature does not care.

    excess  mean squared error above that of the best linear fit, relative to its value at w = 0
    pass    once through all examples
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.normalization import standardize
from lib.numerics import Draws, draws
from lib.plots import FIRST, SECOND, decades, frame_axes, label_point, new_figure, show_figures

SEED = 0
EXAMPLES, PASSES = 400, 25
DEFAULT, POWER = 0.01, 0.25  # a step of .01/t^¼ at the t-th example
BLOWN = 1e6  # times the first error: an explosion
MEANS, STDS = np.array([40.0, 1.7]), np.array([12.0, 0.1])  # age in years, height in meters


@dataclass(frozen=True)
class Result:
    examples: int
    "Number of examples."
    passes: int
    "Passes over them."
    default: float
    "The step size at the first example."
    means: tuple[float, float]
    "Of age in years and of height in meters."
    stds: tuple[float, float]
    "Of age in years and of height in meters."
    exploded: int
    "Examples until the default step has made the error `blown` times what it was, raw features."
    blown: float
    "What counts as an explosion."
    kappa: float
    "Condition number of the raw features and a bias."
    standard_kappa: float
    "The same after standardizing."
    scaled_kappa: float
    "The same when features are only divided by their standard deviation."
    centered_kappa: float
    "The same when features are only centered."
    own_factor: float
    "What the default step does to the error of an average person, 1 − ηx·x: below −1 it grows."
    raw: float
    "Excess left after all passes, raw features, at the best stable step."
    standard: float
    "Excess left, standardized features, at the default step."
    newton: float
    "Excess left after one Newton step on raw features."
    conjugate: tuple[float, ...]
    "Excess left after each step of conjugate gradients on raw features."
    curves: tuple[np.ndarray, np.ndarray]
    "Excess after each pass, starting with none: raw and standardized."


def draw_people() -> tuple[np.ndarray, np.ndarray]:
    """Age, height and the constant 1, shape (EXAMPLES, 3), and a target to which age and height give equal parts."""
    rng = np.random.default_rng(SEED)
    z = rng.normal(size=(EXAMPLES, 2))
    return np.column_stack([MEANS + STDS * z, np.ones(EXAMPLES)]), z.sum(axis=1) + 0.3 * rng.normal(size=EXAMPLES)


def standardize_features(x: np.ndarray) -> np.ndarray:
    """The same with features of mean zero and standard deviation one."""
    return np.column_stack([standardize(x[:, :2]), x[:, 2]])


def excess_error(x: np.ndarray, y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Excess squared error of weights w (…, 3), relative to the squares that the best weights explain."""
    best = np.linalg.lstsq(x, y, rcond=None)[0]
    return np.sum(((w - best) @ x.T) ** 2, axis=-1) / np.sum((x @ best) ** 2)


def descend_by_example(x: np.ndarray, y: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """Weights after each pass, one example at a time at the steps `rates`/t^¼, shape (PASSES + 1, rates, 3)."""
    rng, w = np.random.default_rng(SEED), np.zeros((len(rates), 3))
    made, t = [w], 0
    for _ in range(PASSES):
        for k in rng.permutation(len(y)):
            t += 1
            w = w - ((rates / t**POWER) * (w @ x[k] - y[k]))[:, None] * x[k]
        made.append(w)
    return np.array(made)


def count_until_blown(x: np.ndarray, y: np.ndarray) -> int:
    """Examples until the default step has multiplied the error by a million."""
    best = np.linalg.lstsq(x, y, rcond=None)[0]
    w, start = np.zeros(3), np.linalg.norm(best)
    for t in range(1, len(y) + 1):
        w = w - DEFAULT / t**POWER * (w @ x[t - 1] - y[t - 1]) * x[t - 1]
        if np.linalg.norm(w - best) > BLOWN * start:
            return t
    return 0


def conjugate_gradients(x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Weights after each of three steps, from zero."""
    H, w = x.T @ x, np.zeros(3)
    residual = direction = x.T @ y
    made = []
    for _ in range(3):
        size = residual @ residual
        w = w + size / (direction @ H @ direction) * direction
        residual = residual - size / (direction @ H @ direction) * H @ direction
        direction = residual + residual @ residual / size * direction
        made.append(w)
    return made


def compute() -> Result:
    x, y = draw_people()
    rates = 0.5 ** np.arange(4) / np.max(np.sum(x**2, axis=1))  # the first just fits the largest example
    raw = excess_error(x, y, descend_by_example(x, y, rates))
    flat = standardize_features(x)
    standard = excess_error(flat, y, descend_by_example(flat, y, np.array([DEFAULT])))[:, 0]
    raw = raw[:, raw[-1].argmin()]
    newton = np.linalg.solve(x.T @ x, x.T @ y)
    return Result(
        examples=EXAMPLES,
        passes=PASSES,
        default=DEFAULT,
        means=tuple(MEANS.tolist()),
        stds=tuple(STDS.tolist()),
        exploded=count_until_blown(x, y),
        blown=BLOWN,
        kappa=np.linalg.cond(x) ** 2,
        standard_kappa=np.linalg.cond(flat) ** 2,
        scaled_kappa=np.linalg.cond(x / [*STDS, 1]) ** 2,
        centered_kappa=np.linalg.cond(x - [*x[:, :2].mean(axis=0), 0]) ** 2,
        own_factor=1 - DEFAULT * (MEANS @ MEANS + 1),
        raw=raw[-1],
        standard=standard[-1],
        newton=excess_error(x, y, newton),
        conjugate=tuple(excess_error(x, y, w) for w in conjugate_gradients(x, y)),
        curves=(raw, standard),
    )


def claim_the_default_explodes(result: Result) -> None:
    """On raw features the default step of {{ default | digits(1) }} makes the error {{ blown | scientific(1) }} times
    as large within {{ exploded }} examples."""
    x, y = draw_people()
    best = np.linalg.lstsq(x, y, rcond=None)[0]
    error, lengths = -best, [1.0]
    for t in range(result.exploded):  # the same run as a product of matrices, driven by what is left unexplained
        step = DEFAULT * (t + 1.0) ** -POWER
        error = (np.eye(3) - step * np.outer(x[t], x[t])) @ error + step * (y[t] - best @ x[t]) * x[t]
        lengths.append(np.linalg.norm(error) / np.linalg.norm(best))
    assert lengths[-1] > result.blown >= max(lengths[:-1])
    assert abs(result.own_factor - 1 + DEFAULT * np.linalg.norm([*result.means, 1]) ** 2) < 1e-12
    growth = abs(1 - DEFAULT * np.sum(x**2, axis=1))  # each example multiplies its own error by this
    assert 0 < result.exploded < 60 and np.median(growth) > 5 and result.own_factor < -1


def claim_stable_is_slow(result: Result) -> None:
    """At the best stable step {{ passes }} passes over raw features leave {{ raw | percent(0) }} of what can be
    explained unexplained; after standardizing, the default step leaves {{ standard | percent(4) }}."""
    assert result.raw > 0.7 and 0 < result.standard < 1e-5
    x, y = draw_people()
    H, w = x.T @ x / len(x), np.zeros(3)
    values, vectors = np.linalg.eigh(H)
    best = np.linalg.solve(H, x.T @ y / len(x))
    rate = np.sum(1.0 / np.arange(1, PASSES * EXAMPLES + 1) ** POWER) / np.max(np.sum(x**2, axis=1))
    parts = np.exp(-2 * rate * values) * (vectors.T @ (w - best)) ** 2 * values  # the mean path, as a flow
    assert parts.sum() / (best @ H @ best) > 0.7 and abs(parts.sum() / (best @ H @ best) - result.raw) < 0.05


def claim_curvature_does_not_care(result: Result) -> None:
    """On the same raw features one Newton step arrives, and conjugate gradients do in three: after each,
    {{ conjugate[0] | digits(2) }}, {{ conjugate[1] | digits(1) }} and nothing is left."""
    assert result.newton < 1e-15 and result.conjugate[2] < 1e-9 < result.conjugate[1] < result.conjugate[0] <= 1
    x, y = draw_people()
    # other units, other zeros: the same Newton predictions
    change = np.diag([1e3, 1e-2, 1.0]) + np.diag([3.0, 5.0], -1)
    there = np.linalg.solve(change.T @ x.T @ x @ change, change.T @ x.T @ y)
    assert np.allclose(x @ change @ there, x @ np.linalg.solve(x.T @ x, x.T @ y), atol=1e-6)
    assert 0.879 < result.conjugate[0] < 1.07


def claim_scaling_is_half(result: Result) -> None:
    """The condition number, bias included, is {{ kappa | digits(2) }} raw, {{ scaled_kappa | digits(2) }} if the
    features are only scaled, {{ centered_kappa | digits(2) }} if only centered, and {{ standard_kappa | digits(3) }}
    if both."""
    x, _ = draw_people()
    cases = {
        "kappa": x,
        "scaled_kappa": x / [*STDS, 1],
        "centered_kappa": x - [*x[:, :2].mean(axis=0), 0],
        "standard_kappa": standardize_features(x),
    }
    for name, features in cases.items():
        values = np.linalg.eigvalsh(features.T @ features)
        assert abs(values[-1] / values[0] / getattr(result, name) - 1) < 1e-5
    assert result.kappa > result.scaled_kappa > result.centered_kappa > 1000 > 2 > result.standard_kappa


def equation_own_error() -> Draws:
    r"""x^\top w' - y = (1 - \eta\, x^\top x)\,(x^\top w - y)"""
    for rng in draws(10):
        x, w, y, eta = rng.normal(size=4), rng.normal(size=4), rng.normal(), rng.uniform(0.1, 2)
        nudges = 1e-20j * np.eye(4)  # complex step: exact to rounding
        slope = np.array([(0.5 * (x @ (w + nudge) - y) ** 2).imag / 1e-20 for nudge in nudges])
        yield {"x": x, "w": w, "w'": w - eta * slope, "y": y, r"\eta": eta}


def figure_passes(result: Result) -> Figure:
    """Excess error against passes over the examples, logarithmic. On raw features the line stays near 1, at
    {{ raw | digits(2) }} after {{ passes }} passes; standardized, it falls steeply within a few passes and
    levels off near a millionth, where noise takes over."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    raw, standard = result.curves
    axes.plot(raw, color=SECOND, label="raw")
    axes.plot(standard, color=FIRST, label="standardized")
    label_point(axes, "raw, best stable step", (PASSES, raw[-1]), SECOND, dx=-4, dy=-13)
    label_point(axes, "standardized, default step", (4, standard[4]), FIRST, dx=8, dy=6)
    axes.set(yscale="log", xlim=(-0.3, PASSES + 0.3), ylim=(1e-7, 3))
    frame_axes(
        axes, [0, 5, 10, 15, 20, 25], decades(0, -2, -4, -6), "passes over the examples", "excess error, relative"
    )
    return figure


if __name__ == "__main__":
    show_figures(figure_passes, of=compute())
