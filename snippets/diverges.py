"""My training diverges, or stalls: what do I look at?

At the mean and the standard deviation of the inputs. A line is fitted to {{ points }} points whose input has mean
{{ mean | integer }} and standard deviation {{ std | integer }}: beyond a step of {{ limit.half_mean | scientific(2) }}
it diverges, and at half of that the intercept needs {{ crawl.steps | scientific(2) }} steps. All follows from these
three numbers, since only the curvature enters.

    μ, s    mean and standard deviation of the input; z = (x − μ)/s is the standardized input
    w, b    slope and intercept, both zero at the start
    H       Hessian of half the mean squared error by (w, b)
    η       step size
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.line_points import LINE, MEAN, NOISE, POINTS, STD, draw_points, fit_line
from lib.numerics import draws
from lib.plots import FIRST, GRID, SECOND, decades, frame_axes, label_point, new_figure, show_figures

SEED = 0
WATCHED, LATE = 1000, 10**5
BEYOND, SHORT = 1.1, 0.1  # times the limit, raw inputs; step on standardized inputs
NEAR = 0.01  # share of the intercept's error at which it counts as right
LOSSES = {"half_mean": 1.0, "mean": 2.0, "half_sum": POINTS, "sum": 2.0 * POINTS}  # each over half the mean


@dataclass(frozen=True)
class Result:
    points: int
    "Points."
    mean: float
    "Mean of the input."
    std: float
    "Its standard deviation."
    line: tuple[float, float]
    "Slope and intercept of the best line."
    noise: float
    "Standard deviation of what the best line leaves."
    curvatures: tuple[float, float]
    "Flattest and steepest curvature of half the mean squared error."
    kappa: float
    "Condition number, with the intercept."
    limit: dict[str, float]
    "Step size beyond which the run diverges, for half the mean, the mean, half the sum and the sum of squared errors."
    safe: float
    "The simple bound for the first, from one plus the mean square of the input."
    crawl: dict[str, float]
    "At a step of 1/λmax: loss at the start, slope, intercept and loss after `watched` steps, loss after `late` steps;"
    " loss in the end; steps until `near` of the intercept's error is left; its standard error."
    watched: int
    "Steps of that run that are looked at."
    late: int
    "Many more of its steps."
    near: float
    "Share of the intercept's error at which it counts as right."
    beyond: float
    "A step that is too large, over the largest stable one."
    short: float
    "A step on standardized inputs."
    runs: dict[str, np.ndarray]
    "Slopes at `beyond` times the limit; losses of raw and of standardized inputs at the steps `times`."


def hessian(mean: float, std: float) -> np.ndarray:
    """Return the Hessian of half the mean squared error of a line by slope and intercept, shape (2, 2)."""
    return np.array([[std**2 + mean**2, mean], [mean, 1.0]])


def decay_loss(mean: float, times: np.ndarray) -> np.ndarray:
    """Return what the loss of the same line is above its least after `times` steps of 1/λmax, by eigenvalues."""
    values, vectors = np.linalg.eigh(hessian(mean, STD))
    left = (1 - values / values[1]) ** times[:, None] * (vectors.T @ LINE)
    return left**2 @ values / 2


def compute() -> Result:
    (x, y), H = draw_points(SEED), hessian(MEAN, STD)
    low, high = np.linalg.eigvalsh(H)
    path, losses = fit_line(x, y, 1 / high, WATCHED)
    times = np.unique(np.geomspace(1, 1e9, 120).round())
    z = (x - MEAN) / STD
    return Result(
        points=POINTS,
        mean=MEAN,
        std=STD,
        line=tuple(LINE),
        noise=NOISE,
        curvatures=(low, high),
        kappa=high / low,
        limit={name: 2 / high / times for name, times in LOSSES.items()},
        safe=2 / (1 + float(np.mean(x**2))),
        crawl={
            "first": losses[0],
            "slope": path[-1, 0],
            "intercept": path[-1, 1],
            "loss": losses[-1],
            "later": NOISE**2 / 2 + decay_loss(MEAN, np.array([LATE]))[0],
            "end": NOISE**2 / 2,
            "steps": np.log(NEAR) / np.log1p(-low / high),
            "std": NOISE * np.sqrt((STD**2 + MEAN**2) / POINTS) / STD,
        },
        watched=WATCHED,
        late=LATE,
        near=NEAR,
        beyond=BEYOND,
        short=SHORT,
        runs={
            "beyond": fit_line(x, y, 2 * BEYOND / high, 12)[0][:, 0],
            "times": times,
            "raw": NOISE**2 / 2 + decay_loss(MEAN, times),
            "standardized": fit_line(z, y, SHORT, 200)[1],
        },
    )


def claim_limit(result: Result) -> None:
    """The run diverges right above {{ limit.half_mean | scientific(2) }} and not right below it; for the sum of squares
    without the factor one half the limit is {{ limit.sum | scientific(2) }}."""
    X, eye = np.column_stack([draw_points(SEED)[0], np.ones(POINTS)]), np.eye(2)
    for name, loss in {
        "half_mean": lambda e: np.mean(e**2) / 2,
        "mean": lambda e: np.mean(e**2),
        "half_sum": lambda e: np.sum(e**2) / 2,
        "sum": lambda e: np.sum(e**2),
    }.items():
        H = [[loss(X @ (p + q)) - loss(X @ p) - loss(X @ q) for p in eye] for q in eye]  # a bowl's second differences
        for share in (0.999, 1.001):
            radius = np.abs(np.linalg.eigvals(eye - share * result.limit[name] * np.array(H))).max()
            assert (radius > 1) == (share > 1)
    assert 0 < result.limit["half_mean"] / result.safe - 1 < 1e-6


def claim_intercept_crawls(result: Result) -> None:
    """After {{ watched | integer }} steps of $1/\\lambda_{\\max}$ the intercept is {{ crawl.intercept | digits(2) }}
    where it should be {{ line[1] | integer }}; {{ near | percent(0) }} of its error is left after
    {{ crawl.steps | scientific(2) }} steps."""
    step = np.eye(2) - hessian(MEAN, STD) * result.limit["half_mean"] / 2
    for times, left in ((WATCHED, 1 - result.crawl["intercept"] / LINE[1]), (round(result.crawl["steps"]), NEAR)):
        assert abs((np.linalg.matrix_power(step, times) @ LINE)[1] / LINE[1] - left) < 1e-4
    shelf = result.crawl["end"] + LINE[1] ** 2 / 2 * STD**2 / (STD**2 + MEAN**2)
    assert abs(result.crawl["loss"] / shelf - 1) < 1e-3
    error = np.linalg.matrix_power(step, LATE) @ LINE
    above = error @ hessian(MEAN, STD) @ error / 2
    assert abs(result.crawl["later"] / (result.crawl["end"] + above) - 1) < 1e-6
    assert -0.0071 < result.crawl["intercept"] < -0.0069


def equation_curvatures() -> Iterator[dict]:
    r"""\lambda_{\max} + \lambda_{\min} = 1 + s^2 + \mu^2, \qquad \lambda_{\max}\,\lambda_{\min} = s^2"""
    for rng in draws(12):
        x = rng.normal(rng.normal(0, 3), rng.uniform(0.2, 2), 50)
        high, low = np.linalg.svd(np.column_stack([x, 0 * x + 1]), compute_uv=False) ** 2 / 50
        yield {r"\lambda_{\max}": high, r"\lambda_{\min}": low, "s": x.std(), r"\mu": x.mean()}


def equation_safe() -> Iterator[dict]:
    r"""\lambda_{\max} \le \operatorname{tr}(H) = 1 + \mathbb{E}\lVert x\rVert^2"""
    for rng in draws(12):
        x = rng.normal(rng.normal(size=5), rng.uniform(0.2, 2, 5), (50, 5))
        X = np.column_stack([x, np.ones(50)])
        yield {
            r"\mathbb{E}\lVert x\rVert^2": np.mean(np.sum(x**2, axis=1)),
            "H": X.T @ X / 50,
            r"\lambda_{\max}": np.linalg.svd(X, compute_uv=False)[0] ** 2 / 50,
            r"\operatorname{tr}": np.trace,
        }


def equation_shelf() -> Iterator[dict]:
    r"""L_{\text{shelf}} - L_{\min} = \frac{(b - b^\star)^2}{2}\,\frac{s^2}{s^2 + \mu^2}, \qquad
    w - w^\star = -\frac{(b - b^\star)\,\mu}{s^2 + \mu^2}"""
    for rng in draws(12):
        x, y, b = rng.normal(rng.normal(0, 3), rng.uniform(0.2, 2), 50), rng.normal(size=50), rng.normal()
        X = np.column_stack([x, 0 * x + 1])
        best, squares = np.linalg.lstsq(X, y)[:2]
        slope, left = np.linalg.lstsq(X[:, :1], y - b)[:2]  # the best slope for that intercept
        yield {
            r"L_{\text{shelf}}": left[0] / 100,
            r"L_{\min}": squares[0] / 100,
            "b": b,
            r"b^\star": best[1],
            "w": slope[0],
            r"w^\star": best[0],
            "s": x.std(),
            r"\mu": x.mean(),
        }


def figure_screen(result: Result) -> Figure:
    """Left, the slope against the step at {{ beyond | digits(2) }} times the limit: it alternates about a line and
    swings wider each time. Right, the loss against the step, both logarithmic. On raw inputs it drops to
    {{ crawl.loss | digits(3) }} at once, is still {{ crawl.later | digits(3) }} after {{ late | scientific(1) }} steps,
    and falls to {{ crawl.end | digits(3) }} at last; on standardized inputs it falls to that value soon."""
    figure = new_figure(320, 0.85, panels=2)
    left, right = figure.axes
    left.axhline(LINE[0] + LINE[1] * MEAN / (STD**2 + MEAN**2), color=GRID)
    left.plot(result.runs["beyond"], "o-", color=SECOND)
    left.set(xlim=(-0.5, 12.5), ylim=(-4, 5))
    frame_axes(left, [0, 4, 8, 12], [-4, 0, 4], "step", f"slope, at {BEYOND} times the limit")
    right.plot(result.runs["times"], result.runs["raw"], color=SECOND)
    right.plot(np.arange(1, 201), result.runs["standardized"][1:], color=FIRST)
    right.set(xscale="log", yscale="log", xlim=(1, 1e9), ylim=(10, 3000))
    label_point(right, "standardized", (12, 250), FIRST)
    label_point(right, "raw: stuck at once", (30, 24), SECOND, dy=9)
    frame_axes(right, decades(0, 3, 6, 9), [10, 100, 1000], "step", "loss")
    return figure


def explore_mean(result: Result, start: int = 17) -> Iterator[tuple]:
    """Loss above its least against steps, both logarithmic, at a step of 1/λmax for inputs of a standard deviation of
    {{ std | integer }}. The farther the mean is from zero, the sooner the loss is low, and the longer the shelf."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    times = np.unique(np.geomspace(1, 1e9, 70).round())
    (curve,) = axes.plot(times, times, color=SECOND, gid="curve")
    axes.set(xscale="log", yscale="log", xlim=(1, 1e9), ylim=(1e-3, 1e4))
    frame_axes(axes, decades(0, 3, 6, 9), decades(-2, 0, 2, 4), "step", "loss above its least")
    for mean in np.arange(0.0, 341, 10):
        low, high = np.linalg.eigvalsh(hessian(mean, STD))
        curve.set_ydata(np.maximum(decay_loss(mean, times), 1e-4))
        wait = np.log(NEAR) / np.log1p(-low / high)
        readouts = {
            "mean of the input": f"{mean:.0f}",
            "largest stable step": f"{2 / high:.6f}",
            "condition number": f"{high / low:,.0f}",
            "steps until the intercept is right": f"{wait:,.0f}",
        }
        words = "the shelf is short." if wait < 1e4 else f"whoever watches {WATCHED:,} steps takes it for the end."
        yield figure, readouts, f"After {wait:,.0f} steps {NEAR:.0%} of the intercept’s error is left: {words}"


if __name__ == "__main__":
    show_figures(figure_screen, of=compute())
