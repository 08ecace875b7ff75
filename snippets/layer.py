"""Other neurons of the layer have other signs: which sign patterns can a step have?

One example's gradient is G = δaᵀ, of rank one: with positive a each row has one sign, 2^q patterns in all. But turn the
inputs so that all 2^(q+n−1) patterns of rank one appear, and the run is the same.

    a       inputs of the layer, n numbers; W its weights, a row a neuron; f = W a
    δ       ∂L/∂f, one number a neuron
    G       ∂L/∂W for one example
    signs   of W's entries, row by row: for two neurons with two inputs w1 w2 | w3 w4
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lib.activation_functions import sigmoid
from lib.network import cross_entropy, softmax
from lib.numerics import Draws, complex_step, draws
from lib.plots import FIRST, HIGHLIGHT, MUTED, PLATE, SECOND, frame_axes, new_figure, show_figures

SEED = 0
WANTED = (1, -1, 1, -1)  # the asker's: w1 and w3 up, w2 and w4 down
QUARTER = np.array([[1.0, 1.0], [-1.0, 1.0]]) / np.sqrt(2)  # turns the mean of two equal inputs into the first axis
UNITS = 64  # neurons, and inputs of each, in a layer of the usual size here


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
    seen: tuple[np.ndarray, ...]
    "Signs of single examples' gradients, w1 to w4, on three runs: positive inputs, second one flipped, turned."
    met: tuple[int, ...]
    "How many patterns each of those runs met."
    moved: float
    "Largest difference between the losses of the three runs, relative to the first loss."
    softmax_patterns: int
    "Sign patterns of one example's errors at a softmax output of three neurons."


def sign_patterns(errors: Iterable, inputs: Iterable) -> set[tuple[int, ...]]:
    """Signs of δaᵀ, row by row, over all pairs of the given upstream gradients and inputs."""
    return {tuple(np.sign(np.outer(d, a)).astype(int).flat) for d in errors for a in inputs}


def sign_vectors(size: int) -> list[tuple[int, ...]]:
    """All vectors of +1 and −1."""
    return list(product((1, -1), repeat=size))


def train(
    inputs: np.ndarray, targets: np.ndarray, weights: np.ndarray, steps: int = 40
) -> tuple[np.ndarray, np.ndarray]:
    """Losses and sign patterns of single examples, for a linear layer: inputs (B, n), targets (B, q)."""
    losses, seen = [], set()
    step = 1 / np.linalg.norm(inputs.T @ inputs / len(inputs), 2)
    for _ in range(steps):
        errors = inputs @ weights.T - targets
        losses.append(0.5 * np.mean(np.sum(errors**2, axis=1)))
        both = np.sign(errors[:, :, None] * inputs[:, None, :]).astype(int)
        seen |= set(map(tuple, both.reshape(len(both), -1).tolist()))
        weights = weights - step * errors.T @ inputs / len(inputs)
    return np.array(losses), np.array(sorted(seen))


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    a = sigmoid(rng.normal(size=(200, 2)))
    targets, weights = (a - 0.5) @ rng.normal(size=(2, 2)) + 0.3 * rng.normal(size=(200, 2)), rng.normal(size=(2, 2))
    runs = [train(a @ change.T, targets, weights @ change.T) for change in (np.eye(2), np.diag([1, -1]), QUARTER)]
    return Result(
        one_sign=len(sign_patterns(sign_vectors(2), [(1, 1)])),
        any_sign=len(sign_patterns(sign_vectors(2), sign_vectors(2))),
        all_signs=len(sign_vectors(4)),
        units=UNITS,
        bits=(UNITS, 2 * UNITS - 1, UNITS**2),
        seen=tuple(met for _, met in runs),
        met=tuple(len(met) for _, met in runs),
        moved=max(abs(losses - runs[0][0]).max() for losses, _ in runs) / runs[0][0][0],
        softmax_patterns=len({tuple(np.sign(softmax(row[None]) - np.eye(3)[i])[0]) for i, row in enumerate(np.eye(3))}),
    )


def claim_four_eight_sixteen(result: Result) -> None:
    """Of the {{ all_signs }} sign patterns of $w_1 \\dots w_4$ one example with positive inputs reaches
    {{ one_sign }}: (++|++), (++|−−), (−−|++) and (−−|−−); inputs of any sign reach {{ any_sign }}, by adding
    (+−|+−), (+−|−+), (−+|+−) and (−+|−+)."""
    everything = [np.reshape(s, (2, 2)) for s in sign_vectors(4)]
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
    for S in sign_vectors(4):
        errors = np.reshape(S, (2, 2)) @ np.linalg.inv(a)  # solves δ₁a₁ᵀ + δ₂a₂ᵀ = S
        G = sum(np.outer(errors[:, i], a[i]) for i in (0, 1))
        reached.add(tuple(np.sign(G).astype(int).flat))
    assert len(reached) == result.all_signs


def claim_the_asker_is_served_by_a_mirror(result: Result) -> None:
    """Flip the sign of the second input: now (+−|+−) occurs and (++|++) does not, {{ met[1] }} patterns as
    before, and the losses of the run are those of before."""
    kept, flipped = (set(map(tuple, met.tolist())) for met in result.seen[:2])
    assert (
        WANTED in flipped
        and WANTED not in kept
        and not kept & flipped
        and len(kept) == len(flipped) == result.met[1] == 4
    )
    assert result.moved < 1e-12


def claim_turning_restores_the_count(result: Result) -> None:
    """Turn both inputs by half a right angle, so that the first carries the mean and the second none: now all
    {{ met[2] }} patterns of rank one occur, twice as many, and the losses are still those of before."""
    assert (
        set(map(tuple, result.seen[2].tolist())) == sign_patterns(sign_vectors(2), sign_vectors(2))
        and result.moved < 1e-12
    )
    assert result.met[2] == len(sign_patterns(sign_vectors(2), sign_vectors(2))) == 8


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
        slope = complex_step(lambda W, a, label: cross_entropy((W @ a)[None], label), W, a, label)
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
        every = np.array(sign_vectors(q * n)).reshape(-1, q, n)
        flat = (every == every[:, :1, :] * every[:, :, :1] * every[:, :1, :1]).all(axis=(1, 2))  # signs of rank one
        level = (every == every[:, :, :1]).all(axis=(1, 2))
        yield {"N_+": level.sum(), "N_1": flat.sum(), "N": len(every), "q": q, "n": n}


def figure_patterns(result: Result) -> Figure:
    """The {{ all_signs }} sign patterns of two neurons with two inputs each, as small squares, a row for each neuron.
    In the first line the {{ one_sign }} whose rows have one sign; in the second the other half of the {{ any_sign }}
    of rank one, the asker's first among them; in the last two lines those that no single example reaches."""
    figure = new_figure(360, 0.86)
    (axes,) = figure.axes
    every = [np.reshape(s, (2, 2)) for s in sign_vectors(4)]
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
                text = {"ha": "center", "va": "center", "color": PLATE if sign > 0 else role}
                axes.text(corner[0] + 0.24, corner[1] + 0.22, "+" if sign > 0 else "−", **text)
    words = ("one example,\npositive inputs", "one example,\nany inputs", "a batch\nof two")
    for text, y, role in zip(words, (0.5, -1.0, -3.25), (SECOND, FIRST, MUTED)):
        axes.text(6.1, y, text, color=role, va="center")
    axes.set(xlim=(-0.2, 8.6), ylim=(-4.7, 1.2), aspect="equal")
    frame_axes(axes)
    return figure


if __name__ == "__main__":
    show_figures(figure_patterns, of=compute())
