"""Other neurons of the layer have other signs: where is the zig-zag then?

In every neuron's own row. One example's gradient is G = δaᵀ, of rank one: with positive a each row has one sign, 2^q
patterns in all. But turn the inputs so that all 2^(q+n−1) patterns of rank one appear, and the run is the same: what
zig-zags is each row, on the one bowl H = E[aaᵀ] that all rows share.

    a       inputs of the layer, n numbers; W its weights, a row a neuron; f = W a
    δ       ∂L/∂f, one number a neuron
    G       ∂L/∂W for one example
    signs   of W's entries, row by row: for two neurons with two inputs w1 w2 | w3 w4
    C       ∂²L/∂f∂fᵀ, how the loss couples the neurons
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lib.activation_functions import sigmoid
from lib.gaussian import moments
from lib.network import cross_entropy, softmax
from lib.numerics import Draws, draws
from lib.plots import FIRST, GRID, HIGHLIGHT, INK, MUTED, PLATE, SECOND, frame_axes, new_figure, show_figures
from lib.quadratics import START, best_step, descend, hessian, kappa_without_bias

SEED = 0
MEAN = 2.0
STARTS = (START, np.array([0.5, -np.sqrt(0.75)]))  # of length 1, on opposite sides of the valley
WANTED = (1, -1, 1, -1)  # the asker's: w1 and w3 up, w2 and w4 down
QUARTER = np.array([[1.0, 1.0], [-1.0, 1.0]]) / np.sqrt(2)  # turns the mean of two equal inputs into the first axis
UNITS = 64  # neurons, and inputs of each, in a layer of the usual size here
SPREAD = (0.0, 1.0, 2.0, 4.0)  # deviations of a sibling's score
SIBLING = np.array([1.0, -1.0] * 4) / np.sqrt(8)  # how a sibling weighs eight inputs


@dataclass(frozen=True)
class Result:
    one_sign: int
    "Sign patterns of one example's gradient for two neurons with two positive inputs."
    any_sign: int
    "The same if the inputs may have any signs."
    all_signs: int
    "All sign patterns of their weights."
    units: int
    "Neurons in a layer of the usual size here, and inputs of each."
    bits: tuple[int, ...]
    "The same three counts for that layer, in bits."
    kappa: float
    "Condition number of the bowl on which each row of the drawn example descends."
    steps: tuple[int, ...]
    "Steps of either neuron until its error is a millionth of the first, at the best constant step."
    crossings: tuple[int, ...]
    "How often each neuron's error along the mean changed sign on the way."
    opposite: int
    "Steps in which the two neurons moved opposite ways along the mean."
    paths: tuple[np.ndarray, ...]
    "Errors visited by each neuron, shape (steps + 1, 2)."
    seen: tuple[np.ndarray, ...]
    "Signs of single examples' gradients, w1 to w4, on three runs: positive inputs, second one flipped, turned."
    met: tuple[int, ...]
    "How many patterns each of those runs met."
    moved: float
    "Largest difference between the losses of the three runs, relative to the first loss."
    softmax_patterns: int
    "Sign patterns of one example's errors at a softmax output of three neurons."
    linear_kappa: float
    "Condition number of one neuron's block for a few sigmoid inputs and a linear output."
    spread: tuple[float, ...]
    "Deviation of a sibling's score under softmax."
    sibling_kappa: tuple[float, ...]
    "Condition number of the neuron's own block at each of those."
    cosine: tuple[float, ...]
    "Cosine between the steepest direction of that block and the mean of the inputs."


def patterns(errors, inputs) -> set:
    """Signs of δaᵀ, row by row, over all pairs of the given upstream gradients and inputs."""
    return {tuple(np.sign(np.outer(d, a)).astype(int).flat) for d in errors for a in inputs}


def signs(size: int) -> list:
    """All vectors of +1 and −1."""
    return list(product((1, -1), repeat=size))


def run(inputs, targets, weights, steps=40):
    """Losses and sign patterns of single examples, for a linear layer: inputs (B, n), targets (B, q)."""
    losses, met = [], set()
    step = 1 / np.linalg.norm(inputs.T @ inputs / len(inputs), 2)
    for _ in range(steps):
        errors = inputs @ weights.T - targets
        losses.append(0.5 * np.mean(np.sum(errors**2, axis=1)))
        both = np.sign(errors[:, :, None] * inputs[:, None, :]).astype(int)
        met |= set(map(tuple, both.reshape(len(both), -1).tolist()))
        weights = weights - step * errors.T @ inputs / len(inputs)
    return np.array(losses), np.array(sorted(met))


def sibling_block(spread: float) -> np.ndarray:
    """E[p(1 − p) aaᵀ] of the first of three softmax neurons, its weights zero, over all 2⁸ inputs of two values that
    have the sigmoid's mean and variance; the second neuron's score has the given deviation, the third's is zero."""
    mean, variance = moments(sigmoid)
    corners = np.array(signs(8))
    p = softmax(np.stack([np.zeros(256), spread * corners @ SIBLING, np.zeros(256)], axis=1))[:, 0]
    a = mean + np.sqrt(variance) * corners
    return (a * (p * (1 - p))[:, None]).T @ a / 256


def compute() -> Result:
    H = hessian(np.full(2, MEAN))
    paths = [descend(H, best_step(H), start) for start in STARTS]
    along = np.array([path @ np.ones(2) for path in paths])
    steps = np.diff(along, axis=1)

    rng = np.random.default_rng(SEED)
    a = sigmoid(rng.normal(size=(200, 2)))
    targets, weights = (a - 0.5) @ rng.normal(size=(2, 2)) + 0.3 * rng.normal(size=(200, 2)), rng.normal(size=(2, 2))
    runs = [run(a @ change.T, targets, weights @ change.T) for change in (np.eye(2), np.diag([1, -1]), QUARTER)]

    blocks = [np.linalg.eigh(sibling_block(d)) for d in SPREAD]
    return Result(
        one_sign=len(patterns(signs(2), [(1, 1)])),
        any_sign=len(patterns(signs(2), signs(2))),
        all_signs=len(signs(4)),
        units=UNITS,
        bits=(UNITS, 2 * UNITS - 1, UNITS**2),
        kappa=np.linalg.cond(H),
        steps=tuple(len(path) - 1 for path in paths),
        crossings=tuple(int((row[1:] * row[:-1] < 0).sum()) for row in along),
        opposite=int((steps[0] * steps[1] < 0).sum()),
        paths=tuple(paths),
        seen=tuple(met for _, met in runs),
        met=tuple(len(met) for _, met in runs),
        moved=max(abs(losses - runs[0][0]).max() for losses, _ in runs) / runs[0][0][0],
        softmax_patterns=len({tuple(np.sign(softmax(row[None]) - np.eye(3)[i])[0]) for i, row in enumerate(np.eye(3))}),
        linear_kappa=kappa_without_bias(*moments(sigmoid), 8),
        spread=SPREAD,
        sibling_kappa=tuple(values[-1] / values[0] for values, _ in blocks),
        cosine=tuple(abs(vectors[:, -1].sum()) / np.sqrt(8) for _, vectors in blocks),
    )


def claim_four_eight_sixteen(result: Result) -> None:
    """Of the {{ all_signs }} sign patterns of $w_1 \\dots w_4$ one example with positive inputs reaches
    {{ one_sign }}: (++|++), (++|−−), (−−|++) and (−−|−−); inputs of any sign reach {{ any_sign }}, by adding
    (+−|+−), (+−|−+), (−+|+−) and (−+|−+)."""
    everything = [np.reshape(s, (2, 2)) for s in signs(4)]
    flat = [S for S in everything if np.linalg.matrix_rank(S) == 1]  # a gradient of rank one has signs of rank one
    level = [S for S in flat if np.all(S[:, 0] == S[:, 1])]
    assert (len(level), len(flat), len(everything)) == (result.one_sign, result.any_sign, result.all_signs)
    assert result.bits == (UNITS, UNITS - 1 + UNITS, sum([UNITS] * UNITS))  # a sign each row, each column but one, each
    written = {"".join("+" if s > 0 else "−" for s in S.flat) for S in flat}
    assert written == {"++++", "++−−", "−−++", "−−−−", "+−+−", "+−−+", "−++−", "−+−+"}


def claim_batch_of_two_reaches_all(result: Result) -> None:
    """Two examples in one batch, their inputs positive and not multiples of each other, reach all
    {{ all_signs }} patterns, each for suitable upstream gradients."""
    a = np.random.default_rng(SEED).uniform(0.1, 1, (2, 2))
    reached = set()
    for S in signs(4):
        errors = np.reshape(S, (2, 2)) @ np.linalg.inv(a)  # solves δ₁a₁ᵀ + δ₂a₂ᵀ = S
        G = sum(np.outer(errors[:, i], a[i]) for i in (0, 1))
        reached.add(tuple(np.sign(G).astype(int).flat))
    assert len(reached) == result.all_signs


def claim_every_row_zigzags(result: Result) -> None:
    """The two neurons move opposite ways along the mean in all {{ opposite }} steps, a perfect mix of signs; and
    the error of each changes sign along the mean at every one of its {{ steps[0] }} steps."""
    rate = (result.kappa - 1) / (result.kappa + 1)
    assert (
        set(result.steps) == set(result.crossings) == {result.opposite} == {int(np.ceil(np.log(1e-6) / np.log(rate)))}
    )


def claim_siblings_are_not_felt(result: Result) -> None:
    """With linear outputs and squared error a neuron’s path is the same, to the last digit that matters, whatever
    its siblings’ weights and targets are."""
    rng = np.random.default_rng(SEED)
    a, target, start, alone = rng.uniform(0, 1, (30, 4)), rng.normal(size=30), rng.normal(size=4), None
    for _ in range(5):
        W, y = np.vstack([start, rng.normal(size=(3, 4)) * 10]), np.column_stack([target, rng.normal(size=(30, 3))])
        for _ in range(50):
            W = W - 0.3 * (a @ W.T - y).T @ a / 30
        alone = W[0] if alone is None else alone
        np.testing.assert_allclose(W[0], alone, rtol=1e-9, atol=1e-12)


def claim_softmax_siblings_are_felt(result: Result) -> None:
    """Under softmax they are felt: as a sibling’s score spreads with deviation {{ spread | integer | list }}, the
    condition number of a neuron’s own block goes through {{ sibling_kappa | digits | list }}; its steepest
    direction stays along the mean of the inputs, at a cosine of {{ cosine[3] | digits(4) }} or more."""
    assert abs(result.sibling_kappa[0] / result.linear_kappa - 1) < 1e-9  # silent siblings only scale the bowl
    assert np.all(np.diff(result.sibling_kappa) > 0) and min(result.cosine) == result.cosine[3] > 0.99
    top = np.linalg.svd(sibling_block(SPREAD[3]))[0][:, 0]
    assert abs(abs(top.mean()) / np.sqrt(np.mean(top**2)) - result.cosine[3]) < 1e-9
    f, step = 2.0 * np.array(signs(8)) @ SIBLING, 1e-3
    mean, variance = moments(sigmoid)
    a, block = mean + np.sqrt(variance) * np.array(signs(8)), sibling_block(2.0)
    for w in np.eye(8)[:3] + 0.5:
        loss = [np.mean(np.log(np.exp(t * step * a @ w) + np.exp(f) + 1)) for t in (-1, 0, 1)]  # less a linear term
        assert abs((loss[0] - 2 * loss[1] + loss[2]) / step**2 / (w @ block @ w) - 1) < 1e-3


def claim_the_asker_is_served_by_a_mirror(result: Result) -> None:
    """Flip the sign of the second input: now (+−|+−) occurs and (++|++) does not, {{ met[1] }} patterns as
    before, and the losses of the run are those of before."""
    kept, flipped = (set(map(tuple, met.tolist())) for met in result.seen[:2])
    assert WANTED in flipped and WANTED not in kept and not kept & flipped and len(kept) == len(flipped) == 4
    assert result.moved < 1e-12


def claim_turning_restores_the_count(result: Result) -> None:
    """Turn both inputs by half a right angle, so that the first carries the mean and the second none: now all
    {{ met[2] }} patterns of rank one occur, twice as many, and the losses are still those of before."""
    assert set(map(tuple, result.seen[2].tolist())) == patterns(signs(2), signs(2)) and result.moved < 1e-12


def claim_softmax_errors_are_fewer(result: Result) -> None:
    """At a softmax output with three neurons the errors of one example have only {{ softmax_patterns }} sign
    patterns: the row of the true class goes up, all others down, along the inputs."""
    p = softmax(np.random.default_rng(SEED).normal(size=(1000, 3)))
    met = np.concatenate([np.sign(p - np.eye(3)[label]) for label in range(3)])
    assert len(np.unique(met, axis=0)) == result.softmax_patterns and np.all(np.sum(met < 0, axis=1) == 1)


def equation_gradient() -> Draws:
    r"""G = \frac{\partial L}{\partial W} = \delta\, a^\top"""
    for rng in draws(10):
        W, a = rng.normal(size=(3, 4)), rng.uniform(0.1, 1, 4)
        label = np.eye(3)[rng.integers(3)]
        nudged = [(W + nudge) @ a for nudge in 1e-20j * np.eye(12).reshape(12, 3, 4)]  # complex step
        slope = np.array([cross_entropy(f[None], label).imag / 1e-20 for f in nudged]).reshape(3, 4)
        delta = softmax((W @ a)[None])[0] - label
        yield {r"\frac{\partial L}{\partial W}": slope, "G": slope, r"\delta": delta, "a": a}


def equation_one_rank() -> Draws:
    r"""g_1 g_4 = g_2 g_3"""
    for rng in draws(10):
        a, errors = rng.normal(size=2), rng.normal(size=2)
        slopes = [error * activation for error in errors for activation in a]
        yield {f"g_{i}": slope for i, slope in enumerate(slopes, 1)}


def equation_counts() -> Draws:
    r"""N_+ = 2^q, \qquad N_1 = 2^{q + n - 1}, \qquad N = 2^{q n}"""
    for q, n in ((2, 2), (2, 3), (3, 2), (1, 4), (3, 3), (4, 2), (2, 5)):
        every = np.array(signs(q * n)).reshape(-1, q, n)
        flat = (every == every[:, :1, :] * every[:, :, :1] * every[:, :1, :1]).all(axis=(1, 2))  # signs of rank one
        level = (every == every[:, :, :1]).all(axis=(1, 2))
        yield {"N_+": level.sum(), "N_1": flat.sum(), "N": len(every), "q": q, "n": n}


def equation_blocks() -> Draws:
    r"""\nabla^2 L = I_q \otimes H"""
    for rng in draws(8):
        a, y = rng.uniform(0, 1, (20, 3)), rng.normal(size=(20, 2))
        weights = np.vstack([np.zeros(6), np.eye(6)]).reshape(7, 2, 3)
        slopes = [((a @ W.T - y).T @ a / 20).ravel() for W in weights]  # row by row, neuron by neuron
        curvature = np.array(slopes[1:]) - slopes[0]
        H = sum(np.outer(one, one) for one in a) / 20
        yield {r"\nabla^2 L": curvature, "I_q": np.eye(2), "H": H}


def equation_coupled() -> Draws:
    r"""\nabla^2 L = \frac{1}{B} \sum_{i=1}^{B} C_i \otimes (a_i a_i^\top)"""
    for rng in draws(5):
        a, W = rng.uniform(0, 1, (5, 2)), rng.normal(size=(3, 2))
        powers = [np.exp(a @ (W + nudge).T) for nudge in 1e-20j * np.eye(6).reshape(6, 3, 2)]  # complex step
        slopes = [(one / one.sum(axis=1, keepdims=True)).T @ a / 5 for one in powers]  # the targets are constants
        curvature = np.array([slope.imag.ravel() / 1e-20 for slope in slopes])
        p = softmax(a @ W.T)
        yield {
            r"\nabla^2 L": curvature,
            "B": 5,
            "C_i": lambda i, p=p: np.diag(p[int(i) - 1]) - np.outer(p[int(i) - 1], p[int(i) - 1]),
            "a_i": lambda i, a=a: a[int(i) - 1],
        }


def equation_weighted_mean() -> Draws:
    r"""\mathbb{E}[c\, a a^\top] = \mathbb{E}[c]\,(\Sigma_c + \mu_c \mu_c^\top)"""
    for rng in draws(10):
        a, c = rng.uniform(0, 1, (30, 4)), rng.uniform(0.1, 2, 30)
        spread = np.cov(a.T, aweights=c, bias=True)
        mean = np.average(a, axis=0, weights=c)
        block = (a * c[:, None]).T @ a / 30
        yield {
            r"\mathbb{E}[c a a^\top]": block,
            r"\mathbb{E}[c]": c.mean(),
            r"\Sigma_c": spread,
            r"\mu_c": mean,
        }


def figure_rows(result: Result) -> Figure:
    """Two maps of the loss, one for each of two neurons that share their inputs. The same narrow valley in both,
    and in both a path that leaps from wall to wall; whenever the one goes up along the mean, the other goes
    down. Each takes {{ steps[0] }} steps."""
    figure = new_figure(320, 1, panels=2)
    H = hessian(np.full(2, MEAN))
    values, vectors = np.linalg.eigh(H)
    angle = np.linspace(0, 2 * np.pi, 181)
    axes_of = vectors @ (np.stack([np.cos(angle), np.sin(angle)]) / np.sqrt(values)[:, None])
    names = (("weight 1", "weight 2"), ("weight 3", "weight 4"))
    for number, (axes, path, (first, second)) in enumerate(zip(figure.axes, result.paths, names), 1):
        for level in (1, 0.5, 0.25):
            axes.plot(*(level * axes_of), color=GRID, linewidth=1)
        axes.plot(*path[:40].T, color=SECOND, linewidth=1.5, label=f"neuron {number}")
        axes.plot(*path[0], "o", color=SECOND, markersize=6)
        axes.plot(0, 0, "+", color=INK, markersize=9, markeredgewidth=1.2)
        axes.text(
            0.97, 0.97, f"neuron {number}\n{result.steps[number - 1]} steps", transform=axes.transAxes, ha="right",
            va="top", color=SECOND, fontweight="semibold",
        )  # fmt: skip
        axes.set(xlim=(-1.15, 1.15), ylim=(-1.15, 1.15), aspect="equal")
        frame_axes(axes, [-1, 0, 1], [-1, 0, 1], f"error in {first}", f"error in {second}")
    return figure


def figure_patterns(result: Result) -> Figure:
    """The {{ all_signs }} sign patterns of two neurons with two inputs each, as small squares, a row a neuron. In
    the first line the {{ one_sign }} whose rows have one sign; in the second the other half of the {{ any_sign }}
    of rank one, the asker's first among them; in the last two lines those that no single example reaches."""
    figure = new_figure(360, 0.86)
    (axes,) = figure.axes
    every = [np.reshape(s, (2, 2)) for s in signs(4)]
    level = [S for S in every if np.all(S[:, 0] == S[:, 1])]
    flat = [S for S in every if S[0, 0] * S[1, 1] == S[0, 1] * S[1, 0] and S[0, 0] != S[0, 1]]
    rest = [S for S in every if S[0, 0] * S[1, 1] != S[0, 1] * S[1, 0]]
    for line, (row, role) in enumerate([(level, SECOND), (flat, FIRST), (rest[:4], MUTED), (rest[4:], MUTED)]):
        for column, S in enumerate(row):
            x, y = 1.5 * column, -1.5 * line
            if np.array_equal(S.flat, WANTED):
                axes.add_patch(Rectangle((x - 0.14, y - 0.14), 1.28, 1.28, facecolor=HIGHLIGHT, edgecolor="none"))
            for (i, j), sign in np.ndenumerate(S):
                corner = (x + 0.52 * j, y + 0.52 * (1 - i))
                face = role if sign > 0 else PLATE
                axes.add_patch(Rectangle(corner, 0.48, 0.48, facecolor=face, edgecolor=role))
                axes.text(
                    corner[0] + 0.24, corner[1] + 0.22, "+" if sign > 0 else "−", ha="center", va="center",
                    color=PLATE if sign > 0 else role,
                )  # fmt: skip
    words = ("one example,\npositive inputs", "one example,\nany inputs", "a batch\nof two")
    for text, y, role in zip(words, (0.5, -1.0, -3.25), (SECOND, FIRST, MUTED)):
        axes.text(6.1, y, text, color=role, va="center")
    axes.set(xlim=(-0.2, 8.6), ylim=(-4.7, 1.2), aspect="equal")
    frame_axes(axes)
    return figure


if __name__ == "__main__":
    show_figures(figure_rows, figure_patterns, of=compute())
