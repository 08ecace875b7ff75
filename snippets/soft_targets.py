"""Why do old texts train a sigmoid output toward 1 − {{ alpha | digits(1) }} and {{ alpha | digits(1) }}?

Because it reaches them. With a target of 1 the pre-activation grows forever, with either loss; with the softened one
it settles at {{ settled | digits }}.

    z, p     pre-activation of the output and p = σ(z)
    y        target; softened, alpha or 1 − alpha
"""

import cmath
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import sigmoid
from lib.numerics import Draws, draws
from lib.plots import FIRST, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import Numbers

ALPHA = 0.1
LATE = (100, 10_000)


@dataclass(frozen=True)
class Result:
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


def loss_derivative(loss: str, z: Numbers, y: Numbers) -> Numbers:
    """∂L/∂z of one output."""
    p = sigmoid(z)
    return p - y if loss == "bce" else (p - y) * p * (1 - p)


def descend(loss: str, y: float) -> np.ndarray:
    """Pre-activations of one output in steps of size 1 from 0, shape (LATE[1] + 1,)."""
    path = [0.0]
    while len(path) <= LATE[1]:
        path.append(path[-1] - loss_derivative(loss, path[-1], y))
    return np.array(path)


def compute() -> Result:
    targets = {"hard": 1.0, "soft": 1 - ALPHA}
    paths = {f"{loss}_{kind}": descend(loss, y) for loss in ("squared", "bce") for kind, y in targets.items()}
    shown = np.unique(np.geomspace(1, LATE[1], 90).astype(int))
    z = np.linspace(-5, 5, 100_001)
    bend = z[np.argmin(np.gradient(np.gradient(sigmoid(z))))]
    return Result(
        alpha=ALPHA,
        settled=np.log((1 - ALPHA) / ALPHA),
        bend=sigmoid(bend),
        late=LATE,
        grown={kind: tuple(path[late] for late in LATE) for kind, path in paths.items()},
        runs={kind: path[shown] for kind, path in paths.items()},
        shown=shown,
        curvature=ALPHA * (1 - ALPHA),
        curvature_squared=(ALPHA * (1 - ALPHA)) ** 2,
    )


def claim_hard_targets_never_settle(result: Result) -> None:
    """With a target of 1 the pre-activation grows forever: with squared error to {{ grown.squared_hard[0] | digits }}
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
    for loss, curvature in (("bce", result.curvature), ("squared", result.curvature_squared)):
        difference = loss_derivative(loss, at + h, 1 - ALPHA) - loss_derivative(loss, at - h, 1 - ALPHA)
        assert abs(difference / (2 * h) / curvature - 1) < 1e-6


def claim_where_it_bends(result: Result) -> None:
    """The sigmoid bends most where its output is {{ bend | digits }}, not far from 1 − {{ alpha | digits(1) }}."""
    assert abs(result.bend - (0.5 + 1 / np.sqrt(12))) < 1e-3


def equation_softened() -> Draws:
    r"""p^\star = \alpha + (1 - 2\alpha)\,\omega, \qquad z^\star = \ln\frac{p^\star}{1 - p^\star}"""
    for rng in draws(10):
        alpha, part = rng.uniform(0.02, 0.3), rng.uniform(0.05, 0.95)
        loss, z = ("bce", "squared")[rng.integers(2)], 0.0
        for _ in range(60):  # Newton's method on the expected slope over both targets
            here, near = (
                part * loss_derivative(loss, v, 1 - alpha) + (1 - part) * loss_derivative(loss, v, alpha)
                for v in (z, z + 1e-6)
            )
            z -= np.clip(here * 1e-6 / (near - here), -0.3, 0.3) if near > here else 0.3 * np.sign(here)
        yield {r"p^\star": sigmoid(z), r"z^\star": z, r"\alpha": alpha, r"\omega": part}


def figure_targets(result: Result) -> Figure:
    """Pre-activation against steps on a logarithmic axis. With target 1 it grows along straight lines and does not
    stop, with either loss; with a softened target both settle at {{ settled | digits }}."""
    figure = new_figure(360, 0.68)
    (axes,) = figure.axes
    for kind, path in result.runs.items():
        role = SECOND if kind.endswith("hard") else FIRST
        dash = "-" if kind.startswith("bce") else (0, (5, 2))
        axes.plot(result.shown, path, color=role, linestyle=dash, label=kind.replace("_", ", "))
    middle = (900, result.runs["bce_hard"][result.shown <= 900][-1])
    label_point(axes, "target 1, cross-entropy", middle, SECOND, dx=-8, dy=8)
    label_point(axes, "target 1,\nsquared error", (LATE[1], result.grown["squared_hard"][1]), SECOND, dx=-2, dy=-28)
    label_point(axes, "softened target", (LATE[1], result.settled), FIRST, dx=-2, dy=-12)
    axes.set(xscale="log", xlim=(0.9, 1.1 * LATE[1]), ylim=(0, 10))
    ticks = {1: "1", 100: "100", 10_000: "10,000"}
    frame_axes(axes, ticks, {0: "0", result.settled: f"{result.settled:.1f}", 9: "9"}, "steps", "pre-activation")
    return figure


if __name__ == "__main__":
    show_figures(figure_targets, of=compute())
