"""What does it cost that all components of a step share one sign?

At most a detour of √2. A step whose components share a sign points into the positive or into the negative orthant;
two such steps, one of each, reach any point there is. What limits reach is something else: the span of the inputs.

    d        the displacement that is wanted, n numbers
    d₊, d₋   its positive part and its negative part, d = d₊ − d₋, both without negative entries
    cosine   of the angle between d and the best single step of one sign
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import FIRST, HIGHLIGHT, INK, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
SIZES = (2, 10, 100)  # numbers of weights
WANTED = np.array([2.0, -1.0])  # the displacement that is drawn: one weight up, one down
SAMPLE = 20_000  # displacements


@dataclass(frozen=True)
class Result:
    sizes: tuple[int, ...]
    "Numbers of weights, for the entries of `cosine`."
    cosine: tuple[float, ...]
    "Mean cosine between a random displacement and the best step of one sign."
    floor: float
    "The least that cosine can be, 1/√2: both halves equally long."
    longest: float
    "The longest two-step path found among random displacements, over the straight one."
    bound: float
    "What that ratio can reach at most, √2."
    off_span: float
    "Distance that the weights moved out of the span of the inputs, in a run of gradient descent."


def split_signs(d: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positive and negative part of `d`, shape (..., n): d = d₊ − d₋."""
    return np.maximum(d, 0), np.maximum(-d, 0)


def best_cosine(d: np.ndarray) -> np.ndarray:
    """Cosine between each displacement (..., n) and the one-signed step nearest to it: its larger part."""
    lengths = [np.linalg.norm(part, axis=-1) for part in split_signs(d)]
    return np.maximum(*lengths) / np.linalg.norm(d, axis=-1)


def mean_cosine(n: int) -> float:
    """Mean of `best_cosine` over all directions in n dimensions.

    If k of the entries are positive, ‖d₊‖ = sin u ‖d‖ and ‖d₋‖ = cos u ‖d‖, where u has the density
    sin(u)^(k−1) cos(u)^(n−k−1) up to a factor; k is binomial.
    """
    nodes, weights = np.polynomial.legendre.leggauss(60)
    u = np.pi / 8 * np.concatenate([nodes + 1, nodes + 3])  # a quarter turn in two halves, for the kink between them
    weights = np.tile(weights, 2)
    share, total = 0.5**n, 0.0
    for k in range(n + 1):
        density = weights * np.sin(u) ** (k - 1) * np.cos(u) ** (n - k - 1)
        best = density @ np.maximum(np.sin(u), np.cos(u)) / density.sum() if 0 < k < n else 1.0
        total, share = total + share * best, share * (n - k) / (k + 1)
    return total


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    wanted = rng.normal(size=(SAMPLE, 2))
    x, y, start = rng.uniform(0, 1, (3, 8)), rng.normal(size=3), rng.normal(size=8)  # 3 positive examples, 8 weights
    w = start
    for _ in range(500):
        w = w - 0.1 * x.T @ (x @ w - y) / 3
    outside = np.eye(8) - np.linalg.pinv(x) @ x  # projects onto what no example can reach
    return Result(
        sizes=SIZES,
        cosine=tuple(mean_cosine(n) for n in SIZES),
        floor=1 / np.sqrt(2),
        longest=max(sum(np.linalg.norm(part, axis=1) for part in split_signs(wanted)) / np.linalg.norm(wanted, axis=1)),
        bound=np.sqrt(2),
        off_span=np.linalg.norm(outside @ (w - start)),
    )


def claim_two_steps_arrive(result: Result) -> None:
    """Two steps, one that only raises weights and one that only lowers them, arrive exactly, over a path at
    most {{ bound | digits }} times the straight one."""
    for d in np.random.default_rng(1).normal(size=(1000, 7)):
        up, down = split_signs(d)
        assert np.all(up >= 0) and np.all(down >= 0) and np.array_equal(up - down, d)
    assert 1.414 < result.longest <= result.bound < 1.4143  # approached: the bound is tight
    assert abs(result.floor * result.bound - 1) < 1e-12


def claim_one_step_is_close(result: Result) -> None:
    """The best single step of one sign lies, on average, at a cosine of {{ cosine | digits | list }} to a
    random displacement of {{ sizes | integer | list }} weights, and never below {{ floor | digits }}."""
    assert abs(result.cosine[0] - (1 / 2 + np.sqrt(2) / np.pi)) < 1e-12  # in the plane, by hand
    rng = np.random.default_rng(SEED + 1)
    for n, cosine in zip(SIZES, result.cosine):
        found = best_cosine(rng.normal(size=(20_000, n)))
        assert abs(found.mean() - cosine) < 6 * found.std() / np.sqrt(20_000) and found.min() >= result.floor - 1e-12


def claim_reach_is_the_span(result: Result) -> None:
    """What gradient descent cannot leave is the span of the inputs: with fewer positive examples
    than weights, the distance moved out of it is zero, to rounding."""
    assert result.off_span < 1e-12


def equation_cosine() -> Draws:
    r"""\cos\theta = \frac{d^\top d_+}{\lVert d\rVert\,\lVert d_+\rVert} = \frac{\lVert d_+\rVert}{\lVert
    d\rVert}"""
    for rng in draws(20):
        d, step = rng.normal(size=6), np.full(6, 0.5)
        d[0] = abs(d[0])  # some weight is to rise
        for _ in range(400):  # the nearest step without a negative entry, by projected descent
            step = np.maximum(step - 0.1 * (step - d), 0)
        angle = np.arccos(step @ d / np.linalg.norm(step) / np.linalg.norm(d))
        yield {r"\theta": angle, "d": d, "d_+": split_signs(d)[0]}


def equation_two_steps() -> Draws:
    r"""\lVert d_+\rVert + \lVert d_-\rVert \le \sqrt{2}\,\lVert d\rVert"""
    for rng in draws(50):
        d = rng.normal(size=rng.integers(2, 30))
        if rng.random() < 0.5:
            d = np.where(np.arange(d.size) % 2, 1.0, -1.0)[: 2 * (d.size // 2)]  # both halves of one length: equality
        up, down = split_signs(d)
        yield {"d_+": up, "d_-": down, "d": d}


def equation_end() -> Draws:
    r"""w_\infty = w_0 + X (X^\top X)^{-1} (y - X^\top w_0)"""
    for rng in draws(5):
        X, y, start = rng.uniform(0, 1, (8, 3)), rng.normal(size=3), rng.normal(size=8)
        w, step = start, 1 / np.linalg.norm(X, 2) ** 2
        for _ in range(4000):
            w = w - step * X @ (X.T @ w - y)
        yield {r"w_\infty": w, "w_0": start, "X": X, "y": y}


def figure_two_steps(result: Result) -> Figure:
    """The plane of two weights. The desired move leads down to the right, into a quadrant that no step of one
    sign enters; a step to the right and a step down arrive at the same place."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    for low in (0, -3):
        axes.fill_between([low, low + 3], low, low + 3, color=HIGHLIGHT, linewidth=0)
    corner = np.array([[0, 0], [WANTED[0], 0], WANTED])
    axes.plot([0, WANTED[0]], [0, WANTED[1]], color=FIRST, label="wanted")
    axes.plot(*corner.T, color=SECOND, label="two steps")
    axes.plot(*corner[1:].T, "o", color=SECOND, label="where they arrive")
    axes.plot(0, 0, "o", color=INK, label="start")
    label_point(axes, "wanted", WANTED / 2, FIRST, dx=-6, dy=-10)
    label_point(axes, "weight 1 rises", corner[1] / 2, SECOND, dx=0, dy=11, ha="center")
    label_point(axes, "weight 2 falls", (2, -0.5), SECOND)
    axes.text(2.8, 1.3, "all components positive", color=MUTED, ha="right")
    axes.text(-1.1, -1.4, "all negative", color=MUTED, ha="left")
    axes.set(xlim=(-1.2, 3), ylim=(-1.6, 1.6), aspect="equal")
    frame_axes(axes, [0, 2], [-1, 0], "weight 1", "weight 2")
    return figure


if __name__ == "__main__":
    show_figures(figure_two_steps, of=compute())
