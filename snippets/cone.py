"""How narrow is the cone of real examples, and what does it cost?

Examples with a mean lie around it: half of those of {{ units }} sigmoid outputs within {{ half_angle | digits(3) }}
degrees. By steps inside that cone the way straight across the mean takes {{ detour | digits(2) }} times the distance.

    r       mean over standard deviation of one input; θ, the half-angle of the cone, has tan θ = 1/r
    walk    one random example at a time, each step undoing its error
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS
from lib.gaussian import mean_over_std
from lib.numerics import Draws, draws
from lib.plots import FIRST, HIGHLIGHT, INK, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
UNITS = 100  # inputs of the neuron whose examples form the cone
BATCHES = (1, 100, 10_000)
SAMPLE = 20_000  # displacements
ARRIVED = 1e-2  # of the distance: where a walk by single examples ends
WALKS = 9


@dataclass(frozen=True)
class Result:
    units: int
    "Inputs of the neuron whose examples form a cone."
    ratio: float
    "Mean over standard deviation of the output of a sigmoid fed with N(0, 1)."
    half_angle: float
    "Angle in degrees between an example of so many such inputs and their mean: median."
    detour: float
    "The least path over distance, to a target straight across the mean, by steps inside the cone."
    arrived: float
    "Share of the distance at which walks by single examples end."
    walks: int
    "How many of them; lengths are medians."
    walked: float
    "Path over distance to such a target, one random example at a time, each step undoing its error."
    walked_centered: float
    "The same for inputs of mean zero."
    batches: tuple[int, ...]
    "Examples in a batch, for the entries of `leaving`."
    leaving: tuple[float, ...]
    "Angle in degrees between a batch gradient and the mean, where the error is straight across the mean: median."


def draw_direction_across(rng: np.random.Generator) -> np.ndarray:
    """A direction of length 1 whose entries sum to zero, shape (UNITS,)."""
    d = rng.normal(size=UNITS)
    d -= d.mean()
    return d / np.linalg.norm(d)


def measure_detour(ratio: float, rng: np.random.Generator) -> float:
    """Path over distance when random examples of mean `ratio` and variance 1 lead to a target across the mean."""
    error, length = draw_direction_across(rng), 0.0
    while error @ error > ARRIVED**2:
        x = rng.normal(ratio, 1, UNITS)
        part = x @ error / (x @ x)
        error, length = error - part * x, length + abs(part) * np.sqrt(x @ x)
    return length


def angles_to_mean(x: np.ndarray) -> np.ndarray:
    """Angles in degrees between vectors (..., n) and the line of equal weights."""
    return np.degrees(np.arccos(np.abs(x.sum(axis=-1)) / np.sqrt(x.shape[-1]) / np.linalg.norm(x, axis=-1)))


def gradient_angles(ratio: float, batch: int, rng: np.random.Generator, draws: int = 101) -> np.ndarray:
    """Angles of batch gradients to the mean, shape (draws,), where the error is straight across it."""
    gradients = []
    for _ in range(draws):
        x = rng.normal(ratio, 1, (batch, UNITS))
        gradients.append(x.T @ (x @ draw_direction_across(rng)) / batch)
    return angles_to_mean(np.array(gradients))


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    ratio = mean_over_std(FUNCTIONS["sigmoid"])
    return Result(
        units=UNITS,
        ratio=ratio,
        half_angle=np.median(angles_to_mean(rng.normal(ratio, 1, (SAMPLE // 10, UNITS)))),
        detour=np.sqrt(1 + ratio**2),
        arrived=ARRIVED,
        walks=WALKS,
        walked=float(np.median([measure_detour(ratio, rng) for _ in range(WALKS)])),
        walked_centered=float(np.median([measure_detour(0, rng) for _ in range(WALKS)])),
        batches=BATCHES,
        leaving=tuple(np.median(gradient_angles(ratio, batch, rng)) for batch in BATCHES),
    )


def claim_examples_form_a_cone(result: Result) -> None:
    """Of examples of {{ units }} sigmoid outputs half lie within {{ half_angle | digits(3) }} degrees of their mean;
    the mean over the standard deviation of one of them is {{ ratio | digits }}."""
    assert abs(result.half_angle - np.degrees(np.arctan(1 / result.ratio))) < 0.3
    inside = (
        angles_to_mean(np.random.default_rng(SEED + 4).normal(result.ratio, 1, (20_000, UNITS))) < result.half_angle
    )
    assert abs(inside.mean() - 0.5) < 0.06
    outputs = FUNCTIONS["sigmoid"](np.random.default_rng(SEED).normal(size=100_000))
    assert abs(outputs.mean() / outputs.std() / result.ratio - 1) < 0.02


def claim_inside_the_cone(result: Result) -> None:
    """By steps inside that cone, the way straight across the mean takes at least {{ detour | digits(2) }} times the
    distance."""
    rng, ratio = np.random.default_rng(SEED + 2), result.ratio
    mu = np.ones(UNITS) / np.sqrt(UNITS)
    for _ in range(20):  # two edges of the cone, one up and one down, are the shortest way
        d = draw_direction_across(rng)
        up, down = (ratio * mu + d) / 2, (-ratio * mu + d) / 2
        assert abs((np.linalg.norm(up) + np.linalg.norm(down)) - result.detour) < 1e-9
        assert np.allclose(up + down, d) and abs(angles_to_mean(up) - np.degrees(np.arctan(1 / ratio))) < 1e-9


def claim_random_order(result: Result) -> None:
    """On random examples in random order the path is far longer than the best one in a cone, and would be so without a
    mean, too. With {{ units }} inputs, until {{ arrived | percent }} of the distance is left, it is
    {{ walked | digits(2) }} times the distance, and {{ walked_centered | digits(2) }} times with centered inputs
    (medians of {{ walks | words }})."""
    rng = np.random.default_rng(SEED + 3)  # a walk, measured with hindsight
    errors = [draw_direction_across(rng)]
    while np.linalg.norm(errors[-1]) > ARRIVED:
        x = rng.normal(result.ratio, 1, UNITS)
        errors.append(errors[-1] - x * (x @ errors[-1]) / (x @ x))
    length = np.linalg.norm(np.diff(errors, axis=0), axis=1).sum()
    assert abs(measure_detour(result.ratio, np.random.default_rng(SEED + 3)) / length - 1) < 1e-9
    predicted = np.sqrt(8 / np.pi * UNITS) * (1 - ARRIVED)  # steps of √(2/π)‖e‖/√n, while ‖e‖² falls by a part 1/n
    assert abs(result.walked_centered / predicted - 1) < 0.06
    assert abs(result.walked / result.walked_centered / np.sqrt(1 + result.ratio**2 / 2) - 1) < 0.1


def claim_batches_leave_the_cone(result: Result) -> None:
    """Where the error is straight across the mean, the gradient of a batch of {{ batches | integer | list }} makes an
    angle of {{ leaving | digits(1) | list }} degrees with the mean (median); that of all examples, a right angle."""
    assert np.all(np.diff(result.leaving) > 0) and 60 < result.leaving[-1] < 90
    assert abs(result.leaving[0] - result.half_angle) < 5  # one example's gradient is a multiple of its inputs
    d = draw_direction_across(np.random.default_rng(SEED))
    H = np.eye(UNITS) + np.full((UNITS, UNITS), result.ratio**2)
    assert abs(angles_to_mean(H @ d) - 90) < 1e-6 and np.allclose(H @ d, d)


def equation_cone() -> Draws:
    r"""\sum_{k=1}^{t} \lVert g_k\rVert \ge \frac{\lVert d\rVert}{\sin\theta}"""
    for rng in draws(40):
        axis, n = np.array([1.0, 0, 0, 0]), 4
        d = np.array([0, *rng.normal(size=3)])
        if rng.random() < 0.5:  # two steps along edges of the cone: equality
            opening = rng.uniform(0.2, 1.4)
            along = np.linalg.norm(d) / np.tan(opening) * axis
            steps = np.array([d + along, d - along]) / 2
        else:  # any steps that arrive, combinations of n random examples; the cone is as wide as they need
            examples = axis + rng.normal(size=(n, n)) * [0, 1, 1, 1]
            steps = np.linalg.solve(examples.T, d)[:, None] * examples
            opening = np.arccos(np.min(np.abs(steps @ axis) / np.linalg.norm(steps, axis=1)))
        assert np.allclose(steps.sum(axis=0), d)
        yield {
            "g_k": lambda k, steps=steps: steps[int(k) - 1],
            "t": len(steps),
            "d": d,
            r"\theta": opening,
        }


def equation_opening() -> Draws:
    r"""\frac{1}{\sin\theta} = \sqrt{1 + r^2}"""
    for rng in draws(20):
        r, mean = rng.uniform(0.3, 3), rng.normal(size=5)
        off = rng.normal(size=5)
        off -= mean * (off @ mean) / (mean @ mean)
        x = mean / np.linalg.norm(mean) * r + off / np.linalg.norm(off)  # r along the mean for 1 across it
        yield {r"\theta": np.arccos(x @ mean / np.linalg.norm(x) / np.linalg.norm(mean)), "r": r}


def figure_cone(result: Result) -> Figure:
    """The plane of two weights with a narrow double cone around the diagonal, {{ half_angle | digits(2) }} degrees to
    either side. The desired move leads straight across it, down to the right. Two steps along the edges of the cone,
    first up and then down, arrive: together {{ detour | digits(2) }} times as long."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    opening = np.arctan(1 / result.ratio)
    edges = [np.array([np.cos(turn), np.sin(turn)]) for turn in (np.pi / 4 - opening, np.pi / 4 + opening)]
    for sign in (1, -1):
        axes.fill(*np.array([0 * edges[0], 4 * sign * edges[0], 4 * sign * edges[1]]).T, color=HIGHLIGHT)
    wanted = np.array([1.0, -1.0])
    turn = edges[0] * np.linalg.norm(wanted) * result.detour / 2
    axes.plot([0, 1], [0, -1], color=FIRST, label="wanted")
    axes.plot(*np.array([0 * turn, turn, wanted]).T, color=SECOND, label="two steps in the cone")
    axes.plot(*np.array([turn, wanted]).T, "o", color=SECOND, label="where they arrive")
    axes.plot(0, 0, "o", color=INK, label="start")
    label_point(axes, "wanted", wanted / 2, FIRST, dx=-6, dy=-8)
    label_point(axes, "one example up,", turn, SECOND, dx=0, dy=14, ha="center")
    label_point(axes, "another down", (turn + wanted) / 2, SECOND, dx=8)
    axes.text(1.15, 1.35, "examples", color=MUTED, ha="center")
    axes.set(xlim=(-1.2, 3), ylim=(-1.6, 1.6), aspect="equal")
    frame_axes(axes, [0, 1], [-1, 0], "weight 1", "weight 2")
    return figure


if __name__ == "__main__":
    show_figures(figure_cone, of=compute())
