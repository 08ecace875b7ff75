"""Is a sigmoid at the output a problem, as it is in hidden layers?

No, with binary cross-entropy. An output multiplies no weight, so its sign is in nobody's gradient; and the loss cancels
its slope, ∂L/∂z = p − y: {{ slope | digits(5) }} at z = {{ wrong | integer }}, y = 1, where half the squared error has
{{ slope_squared | digits(3) }}. With squared error it does saturate, and that is why old texts train towards 1 −
{{ alpha | digits(1) }} and {{ alpha | digits(1) }}.

    z, p     pre-activation of the output and p = σ(z)
    y        target 0 or 1; softened, alpha or 1 − alpha
    bce      binary cross-entropy −y ln p − (1 − y) ln(1 − p)
    squared  ½ (p − y)²
"""

import cmath
from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import sigmoid
from lib.data import digits
from lib.numerics import Draws, draws
from lib.plots import FIRST, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
WRONG = -10.0  # a pre-activation that is confidently wrong where y = 1
ALPHA = 0.1
BEYOND = 3.0  # a pre-activation of a tanh output
WIDTH, GOAL = 16, 0.1  # of the nets that fit a curve
LATE = (100, 10_000)
LONG = LATE[1]
STARTS = 9
GRID = {"tanh": 2.0 ** np.arange(-3, 0, 0.5), "sigmoid": 2.0 ** np.arange(-2, 1, 0.5)}


@dataclass(frozen=True)
class Result:
    wrong: float
    "The pre-activation of an output that should be 1."
    slope: float
    "∂L/∂z there with binary cross-entropy."
    slope_squared: float
    "The same with half the squared error."
    ratio: float
    "The one over the other."
    steepest: float
    "Largest size of ∂L/∂z with half the squared error and y = 1."
    steepest_p: float
    "The output at which it has that size."
    steps: int
    "Steps of size 1 on z from there until the output is right, p > ½, binary cross-entropy."
    steps_squared: int
    "The same with half the squared error."
    mixed: dict[str, float]
    "Share of examples whose gradient of the output weights has both signs, by the hidden unit."
    alpha: float
    "Softened targets are alpha and 1 − alpha."
    settled: float
    "Pre-activation at which an output equals 1 − alpha."
    bend: float
    "Output of the sigmoid where it bends most."
    late: tuple[int, int]
    "Steps after which the pre-activation is given."
    grown: dict[str, tuple[float, ...]]
    "Pre-activation after so many steps of size 1 from 0, by loss and target."
    runs: dict[str, np.ndarray]
    "Pre-activation by step, the same runs, at logarithmically spaced steps."
    shown: np.ndarray
    "Those steps."
    curvature: float
    "Second derivative of the cross-entropy by z at the softened optimum."
    curvature_squared: float
    "The same of half the squared error."
    beyond: float
    "A pre-activation on the right side of the boundary."
    mistaken: float
    "Half the squared error of a tanh output if its label is 0, at `beyond` and at its negative."
    width: int
    "Hidden units of the nets that fit a curve."
    goal: float
    "Share of the variance that is left when they are done."
    regression: dict[str, int]
    "Epochs until the share `goal` of a continuous target's variance is left, by hidden unit, median over the starts."
    regression_range: dict[str, tuple[int, ...]]
    "Lower and upper quartile over the starts."
    starts: int
    "Random starts of each."
    medians: dict[str, np.ndarray]
    "Median epochs for each step size of `GRID`."


def bce(z, y):
    """Binary cross-entropy of the output σ(z), without rounding trouble at either end."""
    return np.logaddexp(0, z) - y * z


def slope_bce(z, y):
    return sigmoid(z) - y


def slope_squared(z, y):
    p = sigmoid(z)
    return (p - y) * p * (1 - p)


def descend(slope, y: float, z: float, steps: int, step: float = 1.0, until=np.inf) -> np.ndarray:
    """Pre-activations of gradient descent on one output, until they exceed `until`."""
    path = [z]
    while len(path) <= steps and path[-1] <= until:
        path.append(path[-1] - step * slope(path[-1], y))
    return np.array(path)


def mixed_signs(unit) -> float:
    """Share of digits whose gradient (p − y) a has components of both signs, for 64 hidden units a."""
    rng = np.random.default_rng(SEED)
    pixels, labels = digits()
    a = unit((pixels - pixels.mean(axis=0)) @ rng.normal(size=(64, 64)) / 8)
    delta = sigmoid(a @ rng.normal(size=64) / 8) - (labels > 4)
    gradients = delta[:, None] * a
    return np.mean((gradients > 0).any(axis=1) & (gradients < 0).any(axis=1))


def regress(unit: str, starts: int = STARTS, cap: int = 250) -> np.ndarray:
    """Epochs until a net with one hidden layer and a linear output leaves `GOAL` of the variance of a curve, shape
    (steps, starts): one net for every step size of `GRID` and every start, all at once."""
    x = np.linspace(-2, 2, 41)[:, None]
    y = np.sin(2 * x) + x / 2
    y /= y.std()
    rng = np.random.default_rng(SEED)
    W, b = 1.5 * rng.normal(size=(starts, 1, WIDTH)), rng.normal(size=(starts, 1, WIDTH))
    V, c = rng.normal(size=(starts, WIDTH, 1)) / np.sqrt(WIDTH), np.zeros((starts, 1, 1))
    steps = np.repeat(GRID[unit], starts)[:, None, None]
    W, b, V, c = (np.tile(part, (len(GRID[unit]), 1, 1)) for part in (W, b, V, c))
    arrived = np.full(len(steps), cap)
    for epoch in range(cap):
        a = np.tanh(x * W + b) if unit == "tanh" else sigmoid(x * W + b)
        error = a @ V + c - y
        left = np.mean(error**2, axis=(1, 2))
        arrived = np.where((left <= GOAL) & (arrived == cap), epoch, arrived)
        delta = np.where(left[:, None, None] < 100, error, 0) / len(x)  # a run that diverges is left alone
        g = delta @ V.transpose(0, 2, 1) * (1 - a**2 if unit == "tanh" else a * (1 - a))
        V, c = V - steps * a.transpose(0, 2, 1) @ delta, c - steps * delta.sum(axis=1, keepdims=True)
        W, b = W - steps * (x * g).sum(axis=1, keepdims=True), b - steps * g.sum(axis=1, keepdims=True)
    return arrived.reshape(-1, starts)


def compute() -> Result:
    kinds = {
        "squared_hard": (slope_squared, 1.0),
        "squared_soft": (slope_squared, 1 - ALPHA),
        "bce_hard": (slope_bce, 1.0),
        "bce_soft": (slope_bce, 1 - ALPHA),
    }
    paths = {kind: descend(slope, y, 0.0, LONG) for kind, (slope, y) in kinds.items()}
    shown = np.unique(np.geomspace(1, LONG, 90).astype(int))
    z = np.linspace(-5, 5, 100_001)
    bend = z[np.argmin(np.gradient(np.gradient(sigmoid(z))))]
    steepest = z[np.argmin(slope_squared(z, 1.0))]
    counts = {unit: regress(unit) for unit in GRID}
    best = {unit: np.sort(count.min(axis=0)) for unit, count in counts.items()}
    return Result(
        wrong=WRONG,
        slope=slope_bce(WRONG, 1),
        slope_squared=slope_squared(WRONG, 1),
        ratio=slope_bce(WRONG, 1) / slope_squared(WRONG, 1),
        steepest=abs(slope_squared(steepest, 1.0)),
        steepest_p=sigmoid(steepest),
        steps=len(descend(slope_bce, 1.0, WRONG, LONG, until=0.0)) - 1,
        steps_squared=len(descend(slope_squared, 1.0, WRONG, 10 * LONG, until=0.0)) - 1,
        mixed={"tanh": mixed_signs(np.tanh), "sigmoid": mixed_signs(sigmoid)},
        alpha=ALPHA,
        settled=np.log((1 - ALPHA) / ALPHA),
        bend=sigmoid(bend),
        late=LATE,
        grown={kind: tuple(path[late] for late in LATE) for kind, path in paths.items()},
        runs={kind: path[shown] for kind, path in paths.items()},
        shown=shown,
        curvature=ALPHA * (1 - ALPHA),
        curvature_squared=(ALPHA * (1 - ALPHA)) ** 2,
        beyond=BEYOND,
        mistaken=0.5 * np.tanh(BEYOND) ** 2,
        width=WIDTH,
        goal=GOAL,
        regression={unit: int(np.median(count)) for unit, count in best.items()},
        regression_range={
            unit: (int(count[STARTS // 4]), int(count[-1 - STARTS // 4])) for unit, count in best.items()
        },
        starts=STARTS,
        medians={unit: np.median(count, axis=1) for unit, count in counts.items()},
    )


def claim_the_slope_cancels(result: Result) -> None:
    """At a pre-activation of {{ wrong | integer }}, where the target is 1, the upstream gradient is
    {{ slope | digits(5) }} with cross-entropy and {{ slope_squared | scientific(3) }} with half the squared error."""
    nudged = WRONG + 1e-20j  # complex step, from the definitions
    p = 1 / (1 + np.exp(-nudged))
    assert abs(-np.log(p).imag / 1e-20 / result.slope - 1) < 1e-12
    assert abs((0.5 * (p - 1) ** 2).imag / 1e-20 / result.slope_squared - 1) < 1e-12
    assert abs(result.ratio * p.real * (1 - p.real) - 1) < 1e-12
    assert abs(result.steepest - 4 / 27) < 1e-8 and abs(result.steepest_p - 1 / 3) < 1e-4


def claim_confident_mistakes_are_mended(result: Result) -> None:
    """From there, steps of size 1 on the pre-activation make the output right in {{ steps }} steps with
    cross-entropy, and in {{ steps_squared | digits(3) }} with half the squared error."""
    assert result.steps == int(-WRONG) + 1  # a slope of almost 1 all the way, a little less near the end
    u = np.linspace(WRONG, 0, 200_001)  # the time that a flow needs: the integral of one over the slope
    rate = -1 / slope_squared(u, 1.0)
    flow = np.sum((rate[1:] + rate[:-1]) / 2) * (u[1] - u[0])
    assert abs(result.steps_squared / flow - 1) < 1e-2


def claim_signs_come_from_below(result: Result) -> None:
    """The gradient of the output weights is $(p - y)\\,a$, and its signs are those of the hidden units: both signs in
    {{ mixed.tanh | percent(0) }} of the digits with tanh below the sigmoid output, in {{ mixed.sigmoid | percent(0) }}
    with sigmoid below it."""
    assert result.mixed["tanh"] == 1 and result.mixed["sigmoid"] == 0


def claim_a_centered_output_is_the_same_run(result: Result) -> None:
    """Exchange the sigmoid output for a centered one, tanh with the loss written for it: the run is the same, weight
    for weight."""
    rng = np.random.default_rng(SEED)
    x, y, nudges = rng.normal(size=(40, 3)), rng.integers(2, size=40), 1e-20j * np.eye(3)
    w = v = rng.normal(size=3)
    for _ in range(50):
        w = w - 0.5 * x.T @ slope_bce(x @ w, y) / 40
        a = [np.tanh(x @ (v + nudge) / 2) for nudge in nudges]  # an output from −1 to 1, targets −1 and 1
        v = v - 0.5 * np.array([np.mean(-np.log((1 + (2 * y - 1) * one) / 2)).imag / 1e-20 for one in a])
    np.testing.assert_allclose(v, w, rtol=1e-9)


def claim_hard_targets_never_settle(result: Result) -> None:
    """With a target of 1 the pre-activation grows for ever: with squared error to {{ grown.squared_hard[0] | digits }}
    after {{ late[0] }} steps and {{ grown.squared_hard[1] | digits }} after {{ late[1] }}, with cross-entropy to
    {{ grown.bce_hard[0] | digits }} and {{ grown.bce_hard[1] | digits }}."""
    for kind, growth in (("squared_hard", 0.5), ("bce_hard", 1.0)):
        early, late = result.grown[kind]
        z, path = 0.0, [0.0]  # from the losses themselves, by complex steps
        for _ in range(result.late[1]):
            p = 1 / (1 + cmath.exp(-(z + 1e-20j)))
            z -= ((p - 1) ** 2 / 2 if kind == "squared_hard" else -cmath.log(p)).imag / 1e-20
            path.append(z)
        assert abs(path[result.late[0]] - early) < 1e-9 and abs(path[-1] - late) < 1e-9
        assert abs((late - early) / np.log(100) / growth - 1) < 0.1  # as ½ ln t, and as ln t


def claim_soft_targets_settle(result: Result) -> None:
    """With a target of 1 − {{ alpha | digits(1) }} both losses settle at {{ settled | digits }}, where the
    curvature is {{ curvature | digits(2) }} for cross-entropy and {{ curvature_squared | digits(2) }} for half the
    squared error."""
    for kind, tolerance in (("squared_soft", 1e-9), ("bce_soft", 1e-12)):
        assert abs(result.grown[kind][1] - result.settled) < tolerance
    h, at = 1e-5, result.settled
    for slope, curvature in ((slope_bce, result.curvature), (slope_squared, result.curvature_squared)):
        assert abs((slope(at + h, 1 - ALPHA) - slope(at - h, 1 - ALPHA)) / (2 * h) / curvature - 1) < 1e-6


def claim_where_it_bends(result: Result) -> None:
    """The sigmoid bends most where its output is {{ bend | digits }}, not far from 1 − {{ alpha | digits(1) }}."""
    assert abs(result.bend - (0.5 + 1 / np.sqrt(12))) < 1e-3


def claim_labels_zero_and_one_for_tanh(result: Result) -> None:
    """A tanh output whose label is 0 pays {{ mistaken | digits }} at $z = -{{ beyond | digits(1) }}$, and exactly as
    much at $z = {{ beyond | digits(1) }}$: the right side of the boundary is punished like the wrong one."""
    loss = [0.5 * (2 * sigmoid(2 * z) - 1) ** 2 for z in (-result.beyond, result.beyond)]
    np.testing.assert_allclose(loss, result.mistaken, rtol=1e-12)
    assert 0.5 * (np.tanh(-3.0) + 1) ** 2 < 1e-4 < 0.5 * (np.tanh(3.0) + 1) ** 2  # with label −1 it is as it should be


@cache
def first_run(unit: str) -> int:
    return regress(unit, starts=1)[0, 0]


def claim_a_continuous_target(result: Result) -> None:
    """A curve fitted by {{ width }} hidden units and a linear output leaves {{ goal | percent }} of its variance after
    {{ regression.tanh }} epochs with tanh ({{ regression_range.tanh | integer | list }}, the quartiles of
    {{ starts }} starts) and after {{ regression.sigmoid | digits(2) }} with the sigmoid
    ({{ regression_range.sigmoid | digits(2) | list }}), each start at its best step."""
    x, nudges = np.linspace(-2, 2, 41), 1e-20j * np.eye(49)
    y = (np.sin(2 * x) + x / 2) / np.std(np.sin(2 * x) + x / 2)
    for unit, (step, *_) in GRID.items():  # the most careful run again, by complex steps
        rng, epochs = np.random.default_rng(SEED), 0
        net = np.concatenate([1.5 * rng.normal(size=16), rng.normal(size=16), rng.normal(size=16) / 4, [0.0]])

        def error(nets, unit=unit):
            z = x[:, None] * nets[..., None, :16] + nets[..., None, 16:32]
            a = np.tanh(z) if unit == "tanh" else 1 / (1 + np.exp(-z))
            return (a @ nets[..., 32:48, None])[..., 0] + nets[..., 48:] - y

        while np.mean(error(net) ** 2) > result.goal and epochs < 250:
            net, epochs = net - step * np.mean(error(net + nudges) ** 2, axis=1).imag / 2e-20, epochs + 1
        assert epochs == first_run(unit)
    assert result.regression["sigmoid"] > 2 * result.regression["tanh"]
    for unit, (low, high) in result.regression_range.items():
        assert 0.6 < low / result.regression[unit] <= 1 <= high / result.regression[unit] < 1.45
        assert result.regression[unit] <= result.medians[unit].min()
    for medians in result.medians.values():
        assert 0 < medians.argmin() < len(medians) - 1 and medians.min() < 200  # the best step is inside the grid


def equation_slope() -> Draws:
    r"""\frac{\partial L}{\partial z} = \frac{p - y}{p\,(1 - p)}\, p\,(1 - p) = p - y"""
    for rng in draws(10):
        z, y = rng.normal() * 2, rng.uniform()
        nudged = z + 1e-20j  # complex step
        p = 1 / (1 + np.exp(-nudged))
        slope = (-y * np.log(p) - (1 - y) * np.log(1 - p)).imag / 1e-20
        yield {r"\frac{\partial L}{\partial z}": slope, "p": p.real, "y": y}


def equation_slope_squared() -> Draws:
    r"""\frac{\partial S}{\partial z} = (p - y)\, p\,(1 - p)"""
    for rng in draws(10):
        z, y = rng.normal() * 2, rng.uniform()
        p = 1 / (1 + np.exp(-(z + 1e-20j)))
        yield {r"\frac{\partial S}{\partial z}": (0.5 * (p - y) ** 2).imag / 1e-20, "p": p.real, "y": y}


def equation_steepest() -> Draws:
    r"""\lvert p - 1\rvert\, p\,(1 - p) \le \frac{4}{27}"""
    z = np.linspace(-3, 2, 500_001)
    assert abs(abs(slope_squared(z, 1.0)).max() - 4 / 27) < 1e-9  # the bound is reached
    for at in (*np.linspace(-8, 8, 9), -np.log(2)):
        yield {"p": (1 + np.tanh(at / 2)) / 2}


def equation_stable() -> Draws:
    r"""L = -y \ln p - (1 - y) \ln(1 - p) = \ln(1 + \exp(z)) - y z"""
    for rng in draws(10):
        z, y = rng.normal() * 2, rng.uniform()
        yield {"L": bce(z, y), "p": (1 + np.tanh(z / 2)) / 2, "z": z, "y": y}


def equation_curvature() -> Draws:
    r"""\nabla^2 L = \frac{1}{B} \sum_{i=1}^{B} p_i (1 - p_i)\, x_i x_i^\top"""
    for rng in draws(6):
        x, w, y = rng.uniform(0, 1, (6, 3)), rng.normal(size=3), rng.integers(2, size=6)
        h = 1e-20j * np.eye(3)
        slopes = [x.T @ (1 / (1 + np.exp(-x @ (w + nudge))) - y) / 6 for nudge in h]
        p = sigmoid(x @ w)
        yield {
            r"\nabla^2 L": np.array([slope.imag for slope in slopes]) / 1e-20,
            "B": 6,
            "p_i": lambda i, p=p: p[int(i) - 1],
            "x_i": lambda i, x=x: x[int(i) - 1],
        }


def equation_softened() -> Draws:
    r"""p^\star = \alpha + (1 - 2\alpha)\,\rho, \qquad z^\star = \ln\frac{p^\star}{1 - p^\star}"""
    for rng in draws(10):
        alpha, rho = rng.uniform(0.02, 0.3), rng.uniform(0.05, 0.95)
        slope, z = (slope_bce, slope_squared)[rng.integers(2)], 0.0
        for _ in range(60):  # Newton's method on the expected slope over both targets
            here, near = (rho * slope(v, 1 - alpha) + (1 - rho) * slope(v, alpha) for v in (z, z + 1e-6))
            z -= np.clip(here * 1e-6 / (near - here), -0.3, 0.3) if near > here else 0.3 * np.sign(here)
        yield {r"p^\star": sigmoid(z), r"z^\star": z, r"\alpha": alpha, r"\rho": rho}


def equation_codes() -> Draws:
    r"""\tfrac{1}{2} (\tanh(z) - t)^2 = 4 \cdot \tfrac{1}{2} (\sigma(2 z) - y)^2, \qquad t = 2 y - 1"""
    for rng in draws(10):
        y, z = rng.uniform(), rng.normal()
        yield {"y": y, "z": z, "t": y - (1 - y), r"\sigma": lambda v: 1 / (1 + np.exp(-v))}


def figure_slopes(result: Result) -> Figure:
    """Size of the upstream gradient against the pre-activation, for an output that should be 1. With cross-entropy it
    is 1 on the left and falls to 0 on the right; with half the squared error it is a low hump of height
    {{ steepest | digits }} and vanishes on both sides."""
    figure = new_figure(400, 0.62)
    (axes,) = figure.axes
    z = np.linspace(-10, 5, 301)
    axes.plot(z, abs(slope_bce(z, 1)), color=FIRST, label="cross-entropy")
    axes.plot(z, abs(slope_squared(z, 1)), color=SECOND, label="half the squared error")
    label_point(axes, "cross-entropy", (-6, 1), FIRST, dx=0, dy=-14)
    label_point(axes, "half the squared error", (-2, 0.11), SECOND, dx=-8, dy=12)
    axes.set(xlim=(-10.3, 5.3), ylim=(-0.02, 1.05))
    frame_axes(axes, [-10, -5, 0, 5], [0, 1], "pre-activation of the output", "size of ∂L/∂z, target 1")
    return figure


def figure_targets(result: Result) -> Figure:
    """Pre-activation against steps on a logarithmic axis. With target 1 it grows along straight lines and does not
    stop, with either loss; with a softened target both settle at {{ settled | digits }}."""
    figure = new_figure(400, 0.68)
    (axes,) = figure.axes
    for kind, path in result.runs.items():
        role = SECOND if kind.endswith("hard") else FIRST
        dash = "-" if kind.startswith("bce") else (0, (5, 2))
        axes.plot(result.shown, path, color=role, linestyle=dash, label=kind.replace("_", ", "))
    label_point(axes, "target 1, cross-entropy", (900, result.runs["bce_hard"][result.shown <= 900][-1]), SECOND,
                dx=-8, dy=8)  # fmt: skip
    label_point(axes, "target 1,\nsquared error", (LONG, result.grown["squared_hard"][1]), SECOND, dx=-2, dy=-28)
    label_point(axes, "softened target", (LONG, result.settled), FIRST, dx=-2, dy=-12)
    axes.set(xscale="log", xlim=(0.9, 1.1 * LONG), ylim=(0, 10))
    ticks = {1: "1", 100: "100", 10_000: "10,000"}
    frame_axes(axes, ticks, {0: "0", result.settled: f"{result.settled:.1f}", 9: "9"}, "steps", "pre-activation")
    return figure


if __name__ == "__main__":
    show_figures(figure_slopes, figure_targets, of=compute())
