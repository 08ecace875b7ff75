"""Can gradient descent push a weight through zero?

Yes, for a single neuron: its gradient does not contain the weight. What stops at zero is an update that is multiplied
by the weight. Two factors in a row behave a little like that: the smaller passes zero, the larger never does. And a
ReLU fed with positive inputs does not come back.

    S          the logistic sigmoid; the target is S(`GOAL` · (x, 1)) for x from 0 to 1, one example at a time, in order
    w, b       weight and bias of the one neuron
    w₁, w₂     two weights in a row, f = w₂ w₁ x
"""

from dataclasses import dataclass
from math import exp

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import sigmoid
from lib.numerics import Draws, complex_step, draws
from lib.plots import FIRST, GRID, SECOND, frame_axes, label_point, new_figure, show_figures

INPUTS = np.linspace(0, 1, 101)
GOAL = (10, -5)  # weight and bias of the target
TARGETS = sigmoid(GOAL[0] * INPUTS + GOAL[1])
START = (0.6, 0.2)
RATE, EPOCHS = 0.05, 1000
CLOSE = 0.03  # mean absolute error at which a fit counts as done
GAPS = (0.1, 1e-3, 1e-6)  # by how much the second weight is larger than the first
PRODUCT_RATE = 0.1
LEVEL = 0.5  # of a product that is to become 1


@dataclass(frozen=True)
class Result:
    rate: float
    "Step size."
    epochs: int
    "Passes over the examples."
    start: tuple[float, float]
    "Weight and bias at the start."
    crossing: int
    "The pass in which the bias goes through zero."
    end: tuple[float, float]
    "Weight and bias at the end."
    error: float
    "Mean absolute error at the end."
    wrong_crossing: int
    "The pass in which the weight goes through zero, from a start with the same size and the wrong sign."
    stuck: tuple[float, float]
    "Weight and bias at the end if every update is multiplied by the weight itself."
    stuck_error: float
    "Mean absolute error then."
    close: float
    "Mean absolute error that counts as done."
    passes: int
    "Passes until it is reached."
    passes_centered: int
    "Passes until it is reached with the input x − ½, from the same function."
    kappas: tuple[float, float]
    "Condition number at the goal, in weight and bias, with the raw and with the centered input."
    product_rate: float
    "Step size for two weights in a row."
    gaps: tuple[float, ...]
    "Differences in size between two weights in a row that start with opposite signs."
    escapes: tuple[int, ...]
    "Steps until their product is half of what it should be."
    saddle: float
    "Product of the two after as many steps as the last of these, when they start equal in size."
    runs: dict[str, np.ndarray]
    "Bias at the start and after each pass, one array per rule."


def fit_neuron(
    start: tuple[float, float] = START,
    times_weight: bool = False,
    center: float = 0.0,
    until: float = 0.0,
    epochs: int = EPOCHS,
) -> np.ndarray:
    """Weight, bias and mean absolute error after each pass, shape (passes + 1, 3), for ½(S(wx + b) − y)²."""
    w, b = start
    x, made = INPUTS - center, []
    for _ in range(epochs + 1):
        made.append((w, b, np.abs(sigmoid(w * x + b) - TARGETS).mean()))
        if made[-1][2] < until:
            break
        for each, target in zip(x.tolist(), TARGETS.tolist()):
            a = 1 / (1 + exp(-w * each - b))
            delta = (a - target) * a * (1 - a)
            dw, db = (delta * each * w, delta * b) if times_weight else (delta * each, delta)
            w, b = w - RATE * dw, b - RATE * db
    return np.array(made)


def descend_product(w1: float, w2: float, steps: int) -> np.ndarray:
    """Both weights at every step of descent on ½(w₂w₁ − 1)², shape (steps + 1, 2), or until the product is `LEVEL`."""
    made = [(w1, w2)]
    while len(made) <= steps and w1 * w2 < LEVEL:
        delta = w1 * w2 - 1
        w1, w2 = w1 - PRODUCT_RATE * delta * w2, w2 - PRODUCT_RATE * delta * w1
        made.append((w1, w2))
    return np.array(made)


def condition_at_goal(shift: float) -> float:
    """Condition number of the squared error at the goal, where only slopes count, with the input x − shift."""
    slope, z = TARGETS * (1 - TARGETS), np.stack([INPUTS - shift, np.ones(101)])
    return np.linalg.cond(z * slope**2 @ z.T)


def compute() -> Result:
    right, stuck = fit_neuron(), fit_neuron(times_weight=True)
    raw, centered = fit_neuron(until=CLOSE), fit_neuron((START[0], START[1] + START[0] / 2), center=0.5, until=CLOSE)
    escapes = tuple(len(descend_product(-0.5, 0.5 + gap, 10_000)) - 1 for gap in GAPS)
    return Result(
        rate=RATE,
        epochs=EPOCHS,
        start=START,
        crossing=int(np.argmax(right[:, 1] < 0)),
        end=tuple(right[-1, :2]),
        error=right[-1, 2],
        wrong_crossing=int(np.argmax(fit_neuron((-START[0], START[1]), epochs=50)[:, 0] > 0)),
        stuck=tuple(stuck[-1, :2]),
        stuck_error=stuck[-1, 2],
        close=CLOSE,
        passes=len(raw) - 1,
        passes_centered=len(centered) - 1,
        kappas=tuple(condition_at_goal(shift) for shift in (0, 0.5)),
        product_rate=PRODUCT_RATE,
        gaps=GAPS,
        escapes=escapes,
        saddle=float(np.prod(descend_product(-0.5, 0.5, escapes[-1])[-1])),
        runs={"right": right[:, 1], "stuck": stuck[:, 1]},
    )


def claim_no_barrier(result: Result) -> None:
    """From a weight of {{ start[0] | digits(1) }} and a bias of {{ start[1] | digits(1) }} the gradient itself takes
    the bias through zero in pass {{ crossing }}. After {{ epochs | integer }} passes the weight is
    {{ end[0] | digits }} and the bias {{ end[1] | digits }}, at a mean error of {{ error | digits(2) }}. A weight that
    starts with the wrong sign passes zero in pass {{ wrong_crossing }}."""
    x = INPUTS
    w, b = START
    for number in range(1, 9):  # the first passes again, by complex step instead of the derivative by hand
        before = b
        for each, target in zip(x, TARGETS):
            slopes = complex_step(lambda at, x, y: 0.5 * (sigmoid(at[0] * x + at[1]) - y) ** 2, [w, b], each, target)
            w, b = w - RATE * slopes[0], b - RATE * slopes[1]
        assert (b < 0 <= before) == (number == result.crossing)
    assert np.allclose([w, b], fit_neuron(epochs=number)[-1, :2], atol=1e-12)
    astray = fit_neuron((-START[0], START[1]), epochs=result.wrong_crossing)[:, 0]
    assert astray[0] == -0.6 and astray[-1] > 0 >= max(astray[:-1]) and len(result.end) == 2
    mean_error = np.abs(sigmoid(result.end[0] * x + result.end[1]) - TARGETS).mean()
    assert abs(mean_error - result.error) < 1e-12
    assert 0 < result.crossing <= 8 and result.end[0] > 5 and result.end[1] < -2 and result.error < 0.05


def claim_multiplied_by_the_weight(result: Result) -> None:
    """Multiply every update by the weight that it changes, and zero becomes a wall: the bias ends at
    {{ stuck[1] | decimals(1) }} and stays there, the weight at {{ stuck[0] | digits(2) }}, with an error of
    {{ stuck_error | digits(2) }}."""
    assert np.all(result.runs["stuck"] > 0) and result.stuck[1] < 1e-6  # the wanted bias is −5
    mean_error = np.abs(sigmoid(result.stuck[0] * INPUTS + result.stuck[1]) - TARGETS).mean()
    assert abs(mean_error - result.stuck_error) < 1e-12
    a = sigmoid(result.stuck[0] * INPUTS)  # at rest: with b = 0 the pull on the weight balances, that on b does not
    pull = (a - TARGETS) * a * (1 - a)
    assert abs(pull @ INPUTS) < 0.1 * np.abs(pull) @ INPUTS and pull.sum() > 0


def claim_centering_is_not_the_point(result: Result) -> None:
    """Centering the input helps little here: {{ passes_centered | digits(2) }} passes instead of
    {{ passes | digits(2) }} to a mean error of {{ close | digits(1) }}, because at the goal the condition number is
    {{ kappas[0] | digits(2) }} with the raw input and still {{ kappas[1] | digits(2) }} with the centered one."""
    assert 0.7 * result.passes < result.passes_centered < 0.9 * result.passes
    z = np.stack([INPUTS, np.ones(101)])  # curvature of the mean squared error at the goal, by complex-step gradients
    for shift, kappa in zip((0, 0.5), result.kappas):
        z[0], w = INPUTS - shift, np.array([10, 10 * shift - 5])
        H = complex_step(lambda at, z: z @ ((sigmoid(at @ z) - TARGETS) * sigmoid(at @ z) * sigmoid(-at @ z)), w, z)
        assert abs(np.linalg.cond(H) / kappa - 1) < 1e-9


def claim_the_smaller_passes(result: Result) -> None:
    """Let $w_2 w_1$ grow from below zero to 1, by steps of size {{ product_rate | digits(1) }}, from $w_1 = -1/2$. If
    $w_2$ is larger in size by {{ gaps | digits(1) | list }}, $w_1$ passes zero and the product is half way after
    {{ escapes | integer | list }} steps; if both are equal in size, it never is."""
    for gap in GAPS:
        path = descend_product(-0.5, 0.5 + gap, 10_000)
        assert np.all(path[:, 1] > 0) and path[0, 0] < 0 < path[-1, 0]
    assert -1e-3 < result.saddle < 0
    early, late = np.diff(np.log(GAPS)), np.diff(result.escapes)  # leaving a saddle takes time like the log of the gap
    assert np.allclose(late / early, -1 / np.log(1 + PRODUCT_RATE), rtol=0.06)


def claim_relu_does_not_come_back(result: Result) -> None:
    """A ReLU with positive inputs, no bias and a negative weight has a derivative of exactly zero for every example:
    here a wrong sign stays."""
    x = INPUTS[1:]
    losses = [np.sum((np.maximum(w * x, 0) - x) ** 2) for w in (-0.6, -0.3, -1e-9, 0, 0.3)]
    assert losses[0] == losses[1] == losses[2] == losses[3] > losses[4]  # flat below zero, although more would help


def equation_no_weight() -> Draws:
    r"""\frac{\partial L}{\partial w} = (a - y)\,a\,(1 - a)\,x, \qquad
    \frac{\partial L}{\partial b} = (a - y)\,a\,(1 - a)"""
    for rng in draws(20):
        x, y, w, b = rng.uniform(0.2, 3), rng.random(), *rng.normal(size=2)
        by_w, by_b = complex_step(lambda at, x=x, y=y: 0.5 * (sigmoid(at[0] * x + at[1]) - y) ** 2, [w, b])
        yield {
            r"\frac{\partial L}{\partial w}": by_w,
            r"\frac{\partial L}{\partial b}": by_b,
            "a": sigmoid(w * x + b),
            "y": y,
            "x": x,
        }


def equation_conserved() -> Draws:
    r"""u_{t+1}^2 - v_{t+1}^2 = (u_t^2 - v_t^2)\,(1 - \eta^2\delta_t^2)"""
    for rng in draws(20):
        u, v, step = *rng.normal(size=2), rng.uniform(0.1, 0.9)
        by_u, by_v = complex_step(lambda at: 0.5 * (at[0] * at[1] - 1) ** 2, [u, v])
        yield {
            "u_{t+1}": u - step * by_u,
            "v_{t+1}": v - step * by_v,
            "u_t": u,
            "v_t": v,
            r"\eta": step,
            r"\delta_t": u * v - 1,
        }


def figure_bias(result: Result) -> Figure:
    """Bias against passes over the data, on a logarithmic axis. With the gradient it falls from
    {{ start[1] | digits(1) }} through zero in pass {{ crossing }} and on to {{ end[1] | digits }}; with updates
    multiplied by the weight it flattens out at zero."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    for name, role in (("right", FIRST), ("stuck", SECOND)):
        axes.plot(np.arange(1, EPOCHS + 2), result.runs[name], color=role, label=name)
    axes.axhline(0, color=GRID, linewidth=1, zorder=0, label="zero")
    label_point(axes, "update times weight: stops at zero", (EPOCHS + 1, 0.25), SECOND, dx=-1, dy=6)
    label_point(axes, "the gradient:\nno barrier", (75, -1.15), FIRST)
    axes.set(xscale="log", xlim=(0.95, 1100), ylim=(-5.2, 0.8))
    frame_axes(axes, {1: "start", 11: "10", 101: "100", 1001: "1,000"}, [-5, 0], "passes over the data", "bias")
    return figure


if __name__ == "__main__":
    show_figures(figure_bias, of=compute())
