"""What does it cost that all components of a step share one sign?

At most a detour of √2. A step whose components share a sign points into the positive or into the negative orthant;
two such steps, one of each, reach any point there is. Real steps fill a narrower cone around the mean of the inputs,
and that costs more. What limits reach is something else: the span of the inputs.

    d        the displacement that is wanted, n numbers
    d₊, d₋   its positive part and its negative part, d = d₊ − d₋, both without negative entries
    cosine   of the angle between d and the best single step of one sign
    r        mean over standard deviation of one input; θ, the half-angle of the cone, has tan θ = 1/r
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS
from lib.gaussian import moments
from lib.numerics import Draws, draws
from lib.plots import FIRST, HIGHLIGHT, INK, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
SIZES = (2, 10, 100)  # numbers of weights
WANTED = np.array([2.0, -1.0])  # the displacement that is drawn: one weight up, one down
UNITS = 100  # inputs of the neuron whose examples form the cone
BATCHES = (1, 100, 10_000)
SAMPLE = 20_000  # displacements
ARRIVED = 1e-2  # of the distance: where a walk by single examples ends
WALKS = 9


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
    off_span: float
    "Distance that the weights moved out of the span of the inputs, in a run of gradient descent."


def halves(d):
    """Positive and negative part of `d`, shape (..., n): d = d₊ − d₋."""
    return np.maximum(d, 0), np.maximum(-d, 0)


def best_cosine(d):
    """Cosine between each displacement (..., n) and the one-signed step nearest to it: its larger part."""
    lengths = [np.linalg.norm(part, axis=-1) for part in halves(d)]
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


def across_mean(rng) -> np.ndarray:
    """A direction of length 1 whose entries sum to zero, shape (UNITS,)."""
    d = rng.normal(size=UNITS)
    d -= d.mean()
    return d / np.linalg.norm(d)


def walk(ratio: float, rng) -> float:
    """Path over distance when random examples of mean `ratio` and variance 1 lead to a target across the mean."""
    error, length = across_mean(rng), 0.0
    while error @ error > ARRIVED**2:
        x = rng.normal(ratio, 1, UNITS)
        part = x @ error / (x @ x)
        error, length = error - part * x, length + abs(part) * np.sqrt(x @ x)
    return length


def angles(x) -> np.ndarray:
    """Angles in degrees between vectors (..., n) and the line of equal weights."""
    return np.degrees(np.arccos(np.abs(x.sum(axis=-1)) / np.sqrt(x.shape[-1]) / np.linalg.norm(x, axis=-1)))


def gradient_angles(ratio: float, batch: int, rng, draws: int = 7) -> np.ndarray:
    """Angles of batch gradients to the mean, shape (draws,), where the error is straight across it."""
    gradients = []
    for _ in range(draws):
        x = rng.normal(ratio, 1, (batch, UNITS))
        gradients.append(x.T @ (x @ across_mean(rng)) / batch)
    return angles(np.array(gradients))


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    wanted = rng.normal(size=(SAMPLE, 2))
    x, y, start = rng.uniform(0, 1, (3, 8)), rng.normal(size=3), rng.normal(size=8)  # 3 positive examples, 8 weights
    w = start
    for _ in range(500):
        w = w - 0.1 * x.T @ (x @ w - y) / 3
    outside = np.eye(8) - np.linalg.pinv(x) @ x  # projects onto what no example can reach
    mean, variance = moments(FUNCTIONS["sigmoid"])
    ratio = mean / np.sqrt(variance)
    return Result(
        sizes=SIZES,
        cosine=tuple(mean_cosine(n) for n in SIZES),
        floor=1 / np.sqrt(2),
        longest=max(sum(np.linalg.norm(part, axis=1) for part in halves(wanted)) / np.linalg.norm(wanted, axis=1)),
        bound=np.sqrt(2),
        units=UNITS,
        ratio=ratio,
        half_angle=np.median(angles(rng.normal(ratio, 1, (SAMPLE // 10, UNITS)))),
        detour=np.sqrt(1 + ratio**2),
        arrived=ARRIVED,
        walks=WALKS,
        walked=float(np.median([walk(ratio, rng) for _ in range(WALKS)])),
        walked_centered=float(np.median([walk(0, rng) for _ in range(WALKS)])),
        batches=BATCHES,
        leaving=tuple(np.median(gradient_angles(ratio, batch, rng)) for batch in BATCHES),
        off_span=np.linalg.norm(outside @ (w - start)),
    )


def claim_two_steps_arrive(result: Result) -> None:
    """Two steps, one that only raises weights and one that only lowers them, arrive exactly, over a path at
    most {{ bound | digits }} times the straight one."""
    for d in np.random.default_rng(1).normal(size=(1000, 7)):
        up, down = halves(d)
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


def claim_examples_form_a_cone(result: Result) -> None:
    """Of examples of {{ units }} sigmoid outputs half lie within {{ half_angle | digits(3) }} degrees of their mean;
    the mean over the standard deviation of one of them is {{ ratio | digits }}."""
    assert abs(result.half_angle - np.degrees(np.arctan(1 / result.ratio))) < 0.3
    inside = angles(np.random.default_rng(SEED + 4).normal(result.ratio, 1, (20_000, UNITS))) < result.half_angle
    assert abs(inside.mean() - 0.5) < 0.06
    outputs = FUNCTIONS["sigmoid"](np.random.default_rng(SEED).normal(size=100_000))
    assert abs(outputs.mean() / outputs.std() / result.ratio - 1) < 0.02


def claim_inside_the_cone(result: Result) -> None:
    """By steps inside that cone, the way straight across the mean takes at least {{ detour | digits(2) }} times the
    distance."""
    rng, ratio = np.random.default_rng(SEED + 2), result.ratio
    mu = np.ones(UNITS) / np.sqrt(UNITS)
    for _ in range(20):  # two edges of the cone, one up and one down, are the shortest way
        d = across_mean(rng)
        up, down = (ratio * mu + d) / 2, (-ratio * mu + d) / 2
        assert abs((np.linalg.norm(up) + np.linalg.norm(down)) - result.detour) < 1e-9
        assert np.allclose(up + down, d) and abs(angles(up) - np.degrees(np.arctan(1 / ratio))) < 1e-9


def claim_random_order(result: Result) -> None:
    """Random examples in random order do far worse than the best steps in a cone, and would without a mean, too: with
    {{ units }} inputs, until {{ arrived | percent }} of the distance is left, the path is {{ walked | digits(2) }}
    times the distance, and {{ walked_centered | digits(2) }} times with centered inputs (medians of
    {{ walks | words }})."""
    rng = np.random.default_rng(SEED + 3)  # a walk, measured with hindsight
    errors = [across_mean(rng)]
    while np.linalg.norm(errors[-1]) > ARRIVED:
        x = rng.normal(result.ratio, 1, UNITS)
        errors.append(errors[-1] - x * (x @ errors[-1]) / (x @ x))
    length = np.linalg.norm(np.diff(errors, axis=0), axis=1).sum()
    assert abs(walk(result.ratio, np.random.default_rng(SEED + 3)) / length - 1) < 1e-9
    predicted = np.sqrt(8 / np.pi * UNITS) * (1 - ARRIVED)  # steps of √(2/π)‖e‖/√n, while ‖e‖² falls by a part 1/n
    assert abs(result.walked_centered / predicted - 1) < 0.06
    assert abs(result.walked / result.walked_centered / np.sqrt(1 + result.ratio**2 / 2) - 1) < 0.1


def claim_batches_leave_the_cone(result: Result) -> None:
    """Where the error is straight across the mean, the gradient of a batch of {{ batches | integer | list }} makes an
    angle of {{ leaving | digits(2) | list }} degrees with the mean (median); that of all examples, a right angle."""
    assert np.all(np.diff(result.leaving) > 0) and result.leaving[-1] > 60
    assert abs(result.leaving[0] - result.half_angle) < 5  # one example's gradient is a multiple of its inputs
    d = across_mean(np.random.default_rng(SEED))
    H = np.eye(UNITS) + np.full((UNITS, UNITS), result.ratio**2)
    assert abs(angles(H @ d) - 90) < 1e-6 and np.allclose(H @ d, d)


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
        yield {r"\theta": angle, "d": d, "d_+": halves(d)[0]}


def equation_two_steps() -> Draws:
    r"""\lVert d_+\rVert + \lVert d_-\rVert \le \sqrt{2}\,\lVert d\rVert"""
    for rng in draws(50):
        d = rng.normal(size=rng.integers(2, 30))
        if rng.random() < 0.5:
            d = np.where(np.arange(d.size) % 2, 1.0, -1.0)[: 2 * (d.size // 2)]  # both halves of one length: equality
        up, down = halves(d)
        yield {"d_+": up, "d_-": down, "d": d}


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
            "g_k": lambda k, steps=steps: steps[int(k) - 1], "t": len(steps), "d": d, r"\theta": opening,
        }  # fmt: skip


def equation_opening() -> Draws:
    r"""\frac{1}{\sin\theta} = \sqrt{1 + r^2}"""
    for rng in draws(20):
        r, mean = rng.uniform(0.3, 3), rng.normal(size=5)
        off = rng.normal(size=5)
        off -= mean * (off @ mean) / (mean @ mean)
        x = mean / np.linalg.norm(mean) * r + off / np.linalg.norm(off)  # r along the mean for 1 across it
        yield {r"\theta": np.arccos(x @ mean / np.linalg.norm(x) / np.linalg.norm(mean)), "r": r}


def equation_end() -> Draws:
    r"""w_\infty = w_0 + X (X^\top X)^{-1} (y - X^\top w_0)"""
    for rng in draws(5):
        X, y, start = rng.uniform(0, 1, (8, 3)), rng.normal(size=3), rng.normal(size=8)
        w, step = start, 1 / np.linalg.norm(X, 2) ** 2
        for _ in range(4000):
            w = w - step * X @ (X.T @ w - y)
        yield {r"w_\infty": w, "w_0": start, "X": X, "y": y}


def figure_two_steps(result: Result) -> Figure:
    """The plane of two weights. The way wanted leads down to the right, into a quadrant that no step of one
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
    label_point(axes, "both rise", corner[1] / 2, SECOND, dx=0, dy=11, ha="center")
    label_point(axes, "both fall", (2, -0.5), SECOND)
    axes.text(2.8, 1.3, "all components positive", color=MUTED, ha="right")
    axes.text(-1.1, -1.4, "all negative", color=MUTED, ha="left")
    axes.set(xlim=(-1.2, 3), ylim=(-1.6, 1.6), aspect="equal")
    frame_axes(axes, [0, 2], [-1, 0], "weight 1", "weight 2")
    return figure


def figure_cone(result: Result) -> Figure:
    """The plane of two weights with a narrow double cone around the diagonal, {{ half_angle | digits(2) }} degrees to
    either side. The way wanted leads straight across it, down to the right. Two steps along the edges of the cone,
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
    show_figures(figure_two_steps, figure_cone, of=compute())
