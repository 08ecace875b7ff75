"""Which boundary does logistic regression end at where a line separates the classes, and does a shift move it?

Plain descent turns toward the widest margin, with the bias counted among the weights. So a shift of a feature changes
the boundary: in the example its normal is {{ angles[0] | digits(2) }} degrees off the support vector machine's with the
data as drawn, and {{ angles[4] | integer }} degrees with the first feature raised by {{ shifts[4] | integer }}.

    v   weights and bias in one column
    y   the class, −1 or 1
    c   what is added to the first feature
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from matplotlib.figure import Figure

from lib.plots import FIRST, INK, MUTED, SECOND, frame_axes, label_panel, new_figure, show_figures
from lib.quadratics import add_bias

ABOVE = np.array([(1.0, 0.2), (0.6, 1.0), (1.5, 1.2), (2.0, 0.6)])
BELOW = np.array([(-1.0, -0.2), (-0.5, -1.1), (-1.4, -0.6), (-1.9, 0.0)])
X, Y = np.vstack([ABOVE, BELOW]), np.repeat([1.0, -1.0], 4)
SHIFTS, LONG = (0.0, 2.0, 3.0, 10.0, 100.0), (100, 10_000)


@dataclass(frozen=True)
class Result:
    shifts: tuple[float, ...]
    "What is added to the first feature."
    above: str
    "The examples of one class as they are drawn."
    below: str
    "Those of the other."
    angles: tuple[float, ...]
    "Angle between the boundary where descent ends and the support vector machine's, in degrees, for each."
    margins: tuple[float, ...]
    "Distance of the nearest example from that boundary, for each."
    best: float
    "The largest such distance, the support vector machine's."
    centered: float
    "The angle with the mean of the examples subtracted, in degrees."
    late: tuple[float, ...]
    "Degrees that plain descent, at the last shift but one, still has to turn after so many `steps`."
    steps: tuple[int, ...]
    "Steps of plain descent."


def name_points(points: np.ndarray) -> str:
    """Points as they are written, “(1, 0.2), (0.6, 1)”."""
    return ", ".join(f"({u:g}, {v:g})" for u, v in points).replace("-", "−")


def widest_margin(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Shortest v with y (x·v) ≥ 1 for all examples: tries which of them it touches, shape (n,)."""
    best = None
    for size in range(1, x.shape[1] + 1):
        for touched in map(list, combinations(range(len(x)), size)):
            rows = x[touched] * y[touched, None]
            v, *_ = np.linalg.lstsq(rows, np.ones(size))
            if np.all(y * (x @ v) > 1 - 1e-9) and (best is None or v @ v < best @ best):
                best = v
    return best


def support_vector_machine(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Shortest w with y (x·w + b) ≥ 1 for some free b, shape (n,): by the pairs and triples that it touches."""
    best = None
    for size in (2, 3):
        for touched in map(list, combinations(range(len(x)), size)):
            rows = add_bias(x[touched]) * y[touched, None]
            n = x.shape[1]
            system = np.block([[np.diag([1.0] * n + [0.0]), -rows.T], [rows, np.zeros((size, size))]])
            solution, *_ = np.linalg.lstsq(system, np.append(np.zeros(n + 1), np.ones(size)))
            w, b, pulls = solution[:n], solution[n], solution[n + 1 :]
            fits = np.allclose(system @ solution, np.append(np.zeros(n + 1), np.ones(size)))
            if fits and np.all(pulls > -1e-9) and np.all(y * (x @ w + b) > 1 - 1e-9):
                best = w if best is None or w @ w < best @ best else best
    return best


def angle_between(u: np.ndarray, v: np.ndarray) -> float:
    """Angle between two directions, in degrees."""
    return float(np.degrees(np.arccos(np.clip(u @ v / np.linalg.norm(u) / np.linalg.norm(v), -1, 1))))


def boundary_of(shift: float) -> np.ndarray:
    """Weights and bias where descent ends, first feature raised by `shift`, in coordinates of the data as drawn."""
    w1, w2, b = widest_margin(add_bias(np.add(X, [shift, 0])), Y)
    return np.array([w1, w2, b + shift * w1])


def descend_logistic(x: np.ndarray, y: np.ndarray, steps: int) -> np.ndarray:
    """Weights after plain descent on the mean logistic loss from zero, at half of the largest safe step."""
    v, step = np.zeros(x.shape[1]), 8 * len(x) / np.linalg.norm(x, 2) ** 2  # the largest safe one
    for _ in range(steps):
        v += step / 2 / len(x) * x.T @ (y / (1 + np.exp(y * (x @ v))))
    return v


def compute() -> Result:
    machine = support_vector_machine(X, Y)
    ends = [boundary_of(shift) for shift in SHIFTS]
    margins = [np.min(Y * (add_bias(X) @ end)) / np.linalg.norm(end[:2]) for end in ends]
    mean, raised = X.mean(axis=0), add_bias(np.add(X, [SHIFTS[3], 0]))
    last = widest_margin(raised, Y)
    return Result(
        shifts=SHIFTS,
        above=name_points(ABOVE),
        below=name_points(BELOW),
        angles=tuple(angle_between(end[:2], machine) for end in ends),
        margins=tuple(float(margin) for margin in margins),
        best=float(1 / np.linalg.norm(machine)),
        centered=angle_between(widest_margin(add_bias(X - mean), Y)[:2], machine),
        late=tuple(angle_between(descend_logistic(raised, Y, steps)[:2], last[:2]) for steps in LONG),
        steps=LONG,
    )


def claim_a_shift_turns_the_boundary(result: Result) -> None:
    """With the first feature raised by {{ shifts[1] | integer }}, {{ shifts[2] | integer }}, {{ shifts[3] | integer }}
    and {{ shifts[4] | integer }} descent ends at a boundary that is turned from that of the widest margin by
    {{ angles[1] | decimals(1) }}, {{ angles[2] | decimals(1) }}, {{ angles[3] | decimals(1) }} and
    {{ angles[4] | decimals(1) }} degrees. The nearest example is then {{ margins[1] | decimals(2) }},
    {{ margins[2] | decimals(2) }}, {{ margins[3] | decimals(2) }} and {{ margins[4] | decimals(2) }} away instead of
    {{ best | decimals(2) }}."""
    angles = np.linspace(0, np.pi, 180_001)  # the machine, by trying all directions
    values = X @ np.array([np.cos(angles), np.sin(angles)])
    gaps = (values[Y > 0].min(axis=0) - values[Y < 0].max(axis=0)) / 2
    machine = np.array([np.cos(angles[gaps.argmax()]), np.sin(angles[gaps.argmax()])])
    assert abs(gaps.max() - result.best) < 1e-4
    for shift, angle, margin in zip(result.shifts, result.angles, result.margins):
        x = add_bias(np.add(X, [shift, 0]))
        v = widest_margin(x, Y)
        touched = Y * (x @ v) < 1 + 1e-7  # the conditions of Karush, Kuhn and Tucker: v is a sum of touched examples
        rows = x[touched] * Y[touched, None]
        pulls, *_ = np.linalg.lstsq(rows.T, v)
        np.testing.assert_allclose(rows.T @ pulls, v, atol=1e-9)
        assert pulls.min() > -1e-9
        assert abs(angle_between(v[:2], machine) - angle) < 0.01
        distances = Y * (x @ v) / np.linalg.norm(v[:2])
        assert abs(distances.min() - margin) < 1e-6


def claim_descent_turns_slowly(result: Result) -> None:
    """With the mean of the examples subtracted the two boundaries are {{ centered | decimals(1) }} degrees apart. With
    the first feature raised by {{ shifts[3] | integer }} plain descent from zero still has to turn by
    {{ late[0] | decimals(1) }} degrees after {{ steps[0] }} steps, and by {{ late[1] | decimals(1) }} after
    {{ steps[1] | integer }}."""
    x = add_bias(np.add(X, [result.shifts[3], 0]))
    last, v = widest_margin(x, Y), np.zeros(3)
    turned = x[:, [2, 0, 1]] * [-1, 1, 1]  # a rotation, which descent does not notice
    for step in range(result.steps[1] + 1):
        if step in result.steps:
            angle = angle_between(v[1:], last[:2])
            assert abs(angle - result.late[result.steps.index(step)]) < 0.04
        v += 4 / np.linalg.eigvalsh(x.T @ x)[-1] * turned.T @ (Y / (1 + np.exp(Y * (turned @ v))))
    w = np.zeros(3)
    for step in range(1, 100_001):  # steps of falling length along the normalized gradient arrive sooner
        pull = x.T @ (Y * np.exp(-Y * (x @ w) + np.min(Y * (x @ w))))
        w += pull / np.linalg.norm(pull) / np.sqrt(step)
    assert angle_between(w[:2], last[:2]) < 1
    centered = add_bias(X - X.mean(axis=0))
    apart = angle_between(widest_margin(centered, Y)[:2], support_vector_machine(X, Y))
    assert abs(apart - result.centered) < 0.04


def figure_boundaries(result: Result) -> Figure:
    """Two classes of dots and two lines between them. With the data as drawn the line lies in the middle of
    the gap, across it; with the first feature raised by {{ shifts[4] | integer }} it is turned, and passes close to
    two dots."""
    figure = new_figure(300, 0.9, panels=2)
    for axes, shift in zip(figure.axes, (SHIFTS[0], SHIFTS[-1])):
        w1, w2, b = boundary_of(shift)
        first = np.linspace(-2.4, 2.4, 2)
        axes.plot(first, -(b + w1 * first) / w2, color=SECOND if shift else FIRST)
        axes.plot(*ABOVE.T, "o", color=INK)
        axes.plot(*BELOW.T, "o", color=MUTED, markerfacecolor="none")
        axes.set(xlim=(-2.4, 2.4), ylim=(-1.6, 1.6))
        frame_axes(axes, [-2, 0, 2], [-1, 0, 1], "first feature, minus the shift", "second feature")
        label_panel(axes, f"raised by {shift:g}", SECOND if shift else FIRST, x=0.03, ha="left")
    return figure


if __name__ == "__main__":
    show_figures(figure_boundaries, of=compute())
