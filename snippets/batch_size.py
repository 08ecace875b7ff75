"""What does a larger batch buy?

With centered inputs almost its size in speed, with off-center ones almost nothing: the examples of a batch are too much
alike. {{ units }} inputs, each with a mean of {{ ratio | decimals(1) }} standard deviations: {{ sizes[4] }} examples a
step instead of one are worth a factor of {{ gain | digits(2) }}, and of {{ centered_gain | digits(2) }} when centered.

    r      mean over standard deviation of one input; variance 1
    M      E[eeᵀ], the second moment of the error e = w − w*; A along the mean, C in each direction across it
    steps  until E‖e‖² is a millionth of a millionth of what it was, at the best constant step for each batch size
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import FIRST, GRID, INK, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import descent_factor, steps_to
from lib.stochastic import best_sgd_step, moment_map, sgd_steps

SEED = 0
UNITS, RATIO = 50, 2.4
SIZES = (1, 4, 16, 64, 256)
ALONG = (UNITS * RATIO**2, 0.0)  # squared mean of all inputs, off-center and centered
FINE = np.geomspace(1e-4, 1, 20_000)  # steps from which the best is found by brute force
DRAWN = tuple(2**k for k in range(11))
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Result:
    units: int
    "Inputs of the neuron."
    ratio: float
    "Mean over standard deviation of each, off-center."
    sizes: tuple[int, ...]
    "Examples in a batch."
    steps: tuple[int, ...]
    "Steps until the error (root mean square) is a millionth, rounded up, off-center, one entry per size."
    centered_steps: tuple[int, ...]
    "The same, centered."
    slowdown: tuple[float, ...]
    "Ratio of the two, before they are rounded."
    examples: tuple[int, ...]
    "Examples that those off-center steps read, steps times batch size."
    gain: float
    "How many times fewer steps the largest batch needs than one example, off-center."
    centered_gain: float
    "The same, centered."
    kappa: float
    "Condition number, off-center, no bias."
    full_steps: int
    "Steps with all examples there are in every step, rounded up, off-center."
    curves: tuple[np.ndarray, np.ndarray]
    "Steps over the batch sizes `DRAWN`, off-center and centered."


def compute() -> Result:
    along = UNITS * RATIO**2
    curves = [np.array([sgd_steps(size, UNITS, mean) for size in DRAWN]) for mean in (along, 0.0)]
    steps, centered = ([float(curve[DRAWN.index(size)]) for size in SIZES] for curve in curves)
    kappa = 1 + along
    return Result(
        units=UNITS,
        ratio=RATIO,
        sizes=SIZES,
        steps=tuple(int(np.ceil(count)) for count in steps),
        centered_steps=tuple(int(np.ceil(count)) for count in centered),
        slowdown=tuple(a / b for a, b in zip(steps, centered)),
        examples=tuple(int(np.ceil(count)) * size for count, size in zip(steps, SIZES)),
        gain=steps[0] / steps[-1],
        centered_gain=centered[0] / centered[-1],
        kappa=kappa,
        full_steps=steps_to(TOLERANCE, descent_factor(kappa)),
        curves=tuple(curves),
    )


def claim_batches_buy_little(result: Result) -> None:
    """{{ sizes[4] }} examples a step instead of one save a factor of {{ gain | digits(2) }} in steps off-center, and
    of {{ centered_gain | digits(2) }} centered."""
    rng = np.random.default_rng(SEED)
    mu, along = np.full(3, RATIO), np.full((3, 3), 1 / 3)  # the law for (A, C) against that for the matrix
    H = np.eye(3) + np.outer(mu, mu)
    for M, column in ((along, 0), (np.eye(3) - along, 1)):
        F = 2 * H @ M @ H + np.trace(M @ H) * H - 2 * (mu @ M @ mu) * np.outer(mu, mu)
        M = M - 0.1 * (H @ M + M @ H) + 0.1**2 * (F / 5 + 4 / 5 * H @ M @ H)
        by_hand = np.trace(M @ along), np.trace(M - M @ along) / 2
        np.testing.assert_allclose(moment_map(0.1, 5, 3, 3 * RATIO**2)[:, column], by_hand, rtol=1e-9)
    for mean in (0.0, RATIO):
        for size in (1, 4):  # the law for (A, C) against runs: twelve inputs, three steps
            n, runs = 12, 4000
            step, _ = best_sgd_step(size, n, n * mean**2)
            errors = np.tile(rng.normal(size=n), (runs, 1))
            along = errors.sum(axis=1) / np.sqrt(n)
            law = np.array([along[0] ** 2, (errors[0] @ errors[0] - along[0] ** 2) / (n - 1)])
            for _ in range(3):
                x = rng.normal(mean, 1, (runs, size, n))
                errors = errors - step * np.einsum("rbn,rb->rn", x, np.einsum("rbn,rn->rb", x, errors)) / size
                law = moment_map(step, size, n, n * mean**2) @ law
            squares = np.sum(errors**2, axis=1)
            assert abs(squares.mean() - law @ [1, n - 1]) < 6 * squares.std() / np.sqrt(runs)
    noise = 1 + (result.units + 1) / np.array([1, result.sizes[4]])  # centered, a step of 1/noise leaves 1 − 1/noise
    times = 2 * np.log(TOLERANCE) / np.log(1 - 1 / noise)
    assert abs(times[0] / times[1] / result.centered_gain - 1) < 1e-3 and result.gain < 3
    ends = [result.steps[SIZES.index(size)] for size in (1, 256)]
    assert abs(result.gain * ends[1] / ends[0] - 1) < 1e-3


def claim_price_grows(result: Result) -> None:
    """Being off-center costs a factor of {{ slowdown | digits(2) | list }} in steps, for batches of
    {{ sizes | integer | list }}: the larger the batch, the higher the price."""
    assert list(result.slowdown) == sorted(result.slowdown)
    for size, slowdown in zip(result.sizes, result.slowdown):
        factors = [abs(np.linalg.eigvals(moment_map(FINE, size, UNITS, along))).max(axis=-1) for along in ALONG]
        steps, centered = (np.log(TOLERANCE) / np.log(factor.min()) for factor in factors)
        assert abs(steps / centered / slowdown - 1) < 2e-3


def claim_full_batch_is_the_limit(result: Result) -> None:
    """Off-center, even all examples there are in every step need {{ full_steps | integer }} steps, as the condition
    number {{ kappa | integer }} says; batches of {{ sizes[2] }} need {{ steps[2] | integer }}."""
    H = np.eye(UNITS) + RATIO**2
    low, *_, high = np.linalg.eigvalsh(H)
    slowest = abs(np.linalg.eigvalsh(np.eye(UNITS) - 2 / (low + high) * H)).max()
    assert 0 <= result.full_steps - np.log(TOLERANCE) / np.log(slowest) < 1
    assert slowest**result.full_steps <= TOLERANCE < slowest ** (result.full_steps - 1)
    assert abs(high / low / result.kappa - 1) < 1e-9
    factors = abs(np.linalg.eigvals(moment_map(FINE, result.sizes[2], UNITS, ALONG[0]))).max(axis=-1)
    assert abs(2 * np.log(TOLERANCE) / np.log(factors.min()) / result.steps[2] - 1) < 1e-3
    assert abs(result.curves[0][-1] / result.full_steps - 1) < 0.01 and result.steps[2] < 1.1 * result.full_steps


def claim_one_at_a_time_saves_examples(result: Result) -> None:
    """Off-center, one example at a time takes the most steps, {{ steps[0] | integer }} against
    {{ steps[2] | integer }} for batches of {{ sizes[2] }} and {{ steps[4] | integer }} for {{ sizes[4] }}, and reads
    the fewest examples: {{ examples[0] | integer }} against {{ examples[2] | integer }} and
    {{ examples[4] | integer }}."""
    assert list(result.steps) == sorted(result.steps, reverse=True)
    assert list(result.examples) == sorted(result.examples)
    assert np.array_equal(result.examples, np.ceil(result.steps) * SIZES)
    rate = best_sgd_step(SIZES[4], UNITS, ALONG[0])[1]
    assert 0 <= result.steps[4] - 2 * np.log(TOLERANCE) / np.log(rate) < 1
    rng, factor = np.random.default_rng(SEED), {}
    for size in (1, SIZES[2]):  # runs, by the moments of the mean and of the other directions, examples drawn
        step, factor[size] = best_sgd_step(size, UNITS, ALONG[0])
        assert 0 <= result.steps[SIZES.index(size)] - 2 * np.log(TOLERANCE) / np.log(factor[size]) < 1
        values, vectors = np.linalg.eig(moment_map(step, size, UNITS, ALONG[0]))
        slow = abs(vectors[:, abs(values).argmax()].real)
        errors = rng.normal(size=(2000, UNITS))  # spread as the slowest part of the mean squares is
        mean = np.full(UNITS, 1 / np.sqrt(UNITS))
        errors = np.sqrt(slow[1]) * errors + (np.sqrt(slow[0]) - np.sqrt(slow[1])) * (errors @ mean)[:, None] * mean
        before = (errors**2).sum(axis=1)
        x = rng.normal(RATIO, 1, (2000, size, UNITS))
        errors = errors - step * np.einsum("kbn,kb->kn", x, np.einsum("kbn,kn->kb", x, errors)) / size
        change = (errors**2).sum(axis=1) - factor[size] * before
        assert abs(change.mean()) < 4.2 * change.std() / np.sqrt(len(change))


def equation_fourth_moment() -> Draws:
    r"""F = \mathbb{E}[x x^\top M x x^\top] = 2 H M H + \operatorname{tr}(M H)\, H - 2\,(\mu^\top M \mu)\,\mu\mu^\top"""
    nodes, weights = np.polynomial.hermite_e.hermegauss(5)  # exact for all that appears
    for rng in draws(10):
        mu, s, root = rng.normal(size=2), rng.uniform(0.5, 2), rng.normal(size=(2, 2))
        M = root @ root.T
        x = mu + s * np.array(list(product(nodes, repeat=2)))
        chance = np.prod(list(product(weights, repeat=2)), axis=1) / (2 * np.pi)
        F = np.einsum("k,ki,kj,k->ij", chance, x, x, np.einsum("ki,ij,kj->k", x, M, x))
        H = np.einsum("k,ki,kj->ij", chance, x, x)
        letters = {"F": F, r"\mathbb{E}[x x^\top M x x^\top]": F, "M": M, "H": H, r"\mu": mu}
        yield letters | {r"\operatorname{tr}": np.trace}


def equation_step() -> Draws:
    r"""M' = M - \eta\,(H M + M H) + \eta^2 \left(\frac{1}{B}\, F + \frac{B-1}{B}\, H M H\right)"""
    for rng in draws(10):
        size, points, root = int(rng.integers(2, 4)), rng.normal(0.5, 1, (4, 2)), rng.normal(size=(2, 2))
        eta, M, outer = rng.uniform(0.1, 1), root @ root.T, [np.outer(x, x) for x in points]
        after = [np.eye(2) - eta * sum(batch) / size for batch in product(outer, repeat=size)]
        yield {
            "M'": np.mean([step @ M @ step for step in after], axis=0),
            "M": M,
            "H": np.mean(outer, axis=0),
            "F": np.mean([matrix @ M @ matrix for matrix in outer], axis=0),
            "B": size,
            r"\eta": eta,
        }


def figure_steps(result: Result) -> Figure:
    """Steps to a millionth of the error against the batch size, both axes logarithmic. Centered, they fall in
    proportion to the batch, from {{ centered_steps[0] | integer }} for one example to
    {{ centered_steps[4] | integer }} for {{ sizes[4] }}. Off-center, they start at {{ steps[0] | integer }} and stay
    above {{ full_steps | integer }}, which all examples at once would need."""
    figure = new_figure(360, 0.85)
    (axes,) = figure.axes
    off, centered = result.curves
    axes.axhline(result.full_steps, color=GRID, linewidth=1)
    axes.plot(DRAWN, off, color=SECOND, label="off-center")
    axes.plot(DRAWN, centered, color=FIRST, label="centered")
    for size, high, low in zip(result.sizes, result.steps, result.centered_steps):
        axes.plot([size, size], [low, high], color=GRID, linewidth=1, label=f"price at {size}")
        middle, price = np.sqrt(low * high), high / low
        label_point(axes, f"×{float(f'{price:.2g}'):g}", (size, middle), INK, dx=3, dy=3)
    label_point(axes, "off-center", (1024, off[-1]), SECOND, dx=-4, dy=-12)
    label_point(axes, "centered", (16, result.centered_steps[2]), FIRST, dx=-6, dy=-10)
    axes.set(xscale="log", yscale="log", xlim=(0.9, 1100), ylim=(4, 7000))
    powers = {1000: "1,000", 100: "100", 10: "10"}
    frame_axes(axes, {n: f"{n:,}" for n in (*SIZES, 1024)}, powers, "examples in a batch", "steps to a millionth")
    return figure


if __name__ == "__main__":
    show_figures(figure_steps, of=compute())
