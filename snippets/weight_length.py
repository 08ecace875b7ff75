"""How long do weights before a normalization become, and how far does a step turn them?

Steps lengthen them, weight decay shortens them, and where the two balance the angle of a step is set by step size and
decay alone: a step of {{ step | digits(1) }} and a decay of {{ decay | digits(1) }}
turn them by {{ angle | digits(3) }} degrees, whatever length they started with.

    η, α    step size and weight decay: w ← (1 − ηα) w − η g
    φ       angle between the weights before and behind a step
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.data import digits, one_hot
from lib.network import softmax
from lib.normalization import normalize, normalize_backward
from lib.numerics import complex_step, draws
from lib.plots import FIRST, INK, SECOND, decades, frame_axes, label_point, new_figure, show_figures

SEED = 0
STEP, DECAY, STEPS, BATCH, UNITS = 0.5, 0.01, 1200, 50, 32
LENGTHS = (0.1, 1.0, 10.0)  # of the weights of a unit at the start
LAST = 600  # steps at the end over which angles are averaged


@dataclass(frozen=True)
class Result:
    step: float
    "Step size η."
    decay: float
    "Weight decay α."
    steps: int
    "Steps of a run."
    starts: tuple[float, ...]
    "Lengths of a unit's weights at the start."
    units: int
    "Units in front of batch norm."
    batch: int
    "Images in a batch."
    angle: float
    "Angle in degrees whose cosine is 1 − ηα."
    angles: tuple[float, ...]
    "The same measured: angle of the geometric mean of all cosines of the last steps, a start each."
    typical: tuple[float, ...]
    "Median angle of these steps."
    ends: tuple[float, ...]
    "Median length of a unit's weights at the end, a start each."
    free_length: float
    "The same without weight decay, from a length of 1."
    free_angle: float
    "And the angle of its last steps."
    paths: np.ndarray
    "Median length after each step, starts × steps, the last row without weight decay."


def train(length: float, decay: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Length of each unit's weights after each step, steps × units, and the cosine of each step, on digits."""
    rng = np.random.default_rng(seed)
    pixels, labels = digits()
    pixels, targets = pixels - pixels.mean(axis=0), one_hot(labels)
    W, V = rng.normal(size=(pixels.shape[1], UNITS)), rng.normal(size=(UNITS, 10)) / np.sqrt(UNITS)
    W *= length / np.linalg.norm(W, axis=0)
    lengths, cosines = [], []
    for _ in range(STEPS):
        batch = rng.integers(len(pixels), size=BATCH)
        normal, s = normalize(pixels[batch] @ W)
        a = np.tanh(normal)
        delta = (softmax(a @ V) - targets[batch]) / BATCH
        gradient = pixels[batch].T @ normalize_backward(delta @ V.T * (1 - a**2), normal, s)
        before, W = W, (1 - STEP * decay) * W - STEP * gradient
        V = V - STEP * (a.T @ delta)
        lengths.append(np.linalg.norm(W, axis=0))
        cosines.append((before * W).sum(axis=0) / np.linalg.norm(before, axis=0) / lengths[-1])
    return np.array(lengths), np.array(cosines)


def mean_angle(cosines: np.ndarray) -> float:
    """Angle in degrees of the geometric mean of cosines."""
    return float(np.degrees(np.arccos(np.exp(np.log(cosines).mean()))))


def compute() -> Result:
    runs = [train(length, DECAY, SEED) for length in LENGTHS]
    free, free_cosines = train(1.0, 0.0, SEED)
    return Result(
        step=STEP,
        decay=DECAY,
        steps=STEPS,
        starts=LENGTHS,
        units=UNITS,
        batch=BATCH,
        angle=float(np.degrees(np.arccos(1 - STEP * DECAY))),
        angles=tuple(mean_angle(cosines[-LAST:]) for _, cosines in runs),
        typical=tuple(float(np.median(np.degrees(np.arccos(np.minimum(c[-LAST:], 1))))) for _, c in runs),
        ends=tuple(float(np.median(lengths[-1])) for lengths, _ in runs),
        free_length=float(np.median(free[-1])),
        free_angle=mean_angle(free_cosines[-LAST:]),
        paths=np.array([np.median(lengths, axis=1) for lengths, _ in (*runs, (free, free_cosines))]),
    )


def claim_the_angle_is_set_by_step_and_decay(result: Result) -> None:
    r"""Weights of length {{ starts | digits(1) | list }} at the start end at {{ ends | digits(2) | list }}. The last
    steps turn them by {{ angles | digits(2) | list }} degrees (geometric mean of the cosines), where $\cos\varphi = 1 -
    \eta\alpha$ says {{ angle | digits(3) }}. Without weight decay the length is {{ free_length | digits(2) }} and the
    angle {{ free_angle | digits(1) }}."""
    np.testing.assert_allclose(result.angle, np.degrees(np.sqrt(2 * STEP * DECAY)), rtol=1e-3)
    for angle, end in zip(result.angles, result.ends):
        assert abs(angle / result.angle - 1) < 0.06 and abs(end / result.ends[1] - 1) < 0.13
    assert 0.47 < result.ends[1] < 0.65 and 1 < result.free_length < 2 and 0.3 < result.free_angle < 1.6
    lengths, cosines = train(1.0, DECAY, SEED + 1)  # the identity behind it, over a whole run
    product = np.log(cosines).sum(axis=0) + np.log(lengths[-1])
    np.testing.assert_allclose(product, STEPS * np.log(1 - STEP * DECAY), atol=1e-6)


def claim_most_steps_turn_less(result: Result) -> None:
    """The median step turns the weights by {{ typical | digits(2) | list }} degrees: a few batches turn them far."""
    assert all(0.52 * result.angle < typical < 0.78 * result.angle for typical in result.typical)


def figure_lengths(result: Result) -> Figure:
    """Length of weights before batch norm against steps, both logarithmic. From starts of
    {{ starts | digits(1) | list }} the lines with weight decay come to {{ ends[1] | digits(1) }}; without it the length
    only grows, to {{ free_length | digits(2) }}."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    steps = np.unique(np.geomspace(1, STEPS, 80).astype(int))
    for path, start in zip(result.paths, LENGTHS):
        axes.plot([0.7, *steps], [start, *path[steps - 1]], color=FIRST)
    axes.plot([0.7, *steps], [1, *result.paths[-1][steps - 1]], color=SECOND)
    label_point(axes, "no decay", (steps[-1], result.free_length), SECOND, dx=-90, dy=14, ha="right")
    label_point(axes, "weight decay", (steps[-1], result.ends[1]), FIRST, dx=-6, dy=-16, ha="right")
    label_point(axes, "length at the start", (0.75, 10), INK, dx=2, dy=-14)
    axes.set(xscale="log", yscale="log", xlim=(0.7, STEPS), ylim=(0.08, 14))
    frame_axes(axes, {1: "1", 10: "10", 100: "100", 1000: "1,000"}, decades(-1, 0, 1), "step", "length of the weights")
    return figure


def equation_turn() -> Iterator[dict]:
    r"""\lVert w'\rVert \cos\varphi = (1 - \eta\alpha)\,\lVert w\rVert"""
    for rng in draws(6):
        x, w, y = rng.normal(size=(8, 3)), rng.normal(size=3), rng.normal(size=8)
        step, decay = rng.uniform(0.1, 1), rng.uniform(0.1, 0.5)
        normal = lambda w, x=x: (x @ w - (x @ w).mean()) / np.sqrt((((x @ w) - (x @ w).mean()) ** 2).mean())  # noqa: E731
        g = complex_step(lambda w, y=y, f=normal: np.sum((np.tanh(f(w)) - y) ** 2), w)
        after = w - step * (g + decay * w)
        angle = np.arccos(after @ w / np.linalg.norm(after) / np.linalg.norm(w))
        yield {"w'": after, "w": w, r"\varphi": angle, r"\eta": step, r"\alpha": decay}


def equation_length() -> Iterator[dict]:
    r"""\lVert w\rVert^4 = \frac{\eta\,c^2}{\alpha\,(2 - \eta\alpha)}"""
    for rng in draws(6):
        step, decay, c, square = rng.uniform(0.1, 1), rng.uniform(0.1, 0.9), rng.uniform(0.5, 2), 1.0
        for _ in range(4000):  # a gradient of size c/‖w‖ at a right angle to w, in every step
            square = (1 - step * decay) ** 2 * square + step**2 * c**2 / square
        yield {"w": np.sqrt(square), r"\eta": step, "c": c, r"\alpha": decay}


if __name__ == "__main__":
    show_figures(figure_lengths, of=compute())
