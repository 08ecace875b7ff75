"""Where does positivity enter?

Not by signs: flip them, or rotate the inputs, and gradient descent takes the same run. Positive and dense inputs have a
large mean, though, and that is slow: the condition number is at least the mean number of inputs active together.

    r         mean over standard deviation of one input
    kappa     condition number of H = E[xxᵀ], no bias
    mixed     probability that a batch gradient has components of both signs, errors independent of the inputs
    together  E‖x‖₁²/E‖x‖₂², the mean number of inputs active together
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS
from lib.gaussian import mean_over_std, moments
from lib.numerics import Draws, draws
from lib.plots import HIGHLIGHT, INK, MUTED, SECOND, frame_axes, new_figure, show_figures
from lib.quadratics import hessian, mirror_to_one_input
from lib.signs import chance_of_mixed_signs, has_mixed_signs
from lib.text import percent

SEED = 0
UNITS = 10  # inputs of the example
LAYER = 100  # units of the layers in the table
STEPS = 2000


@dataclass(frozen=True)
class Result:
    units: int
    "Inputs of the example."
    kappa: float
    "Condition number of the example, the same for all three arrangements of its mean."
    mixed: tuple[float, ...]
    "Probability that a batch gradient has mixed signs: equal means, alternating means, all of the mean in one input."
    plane: tuple[float, ...]
    "The same for two inputs whose mean vector has the same length, as drawn: equal means, opposite means."
    clouds: tuple[np.ndarray, np.ndarray]
    "Batch gradients of two weights, shape (150, 2), and their mirror images."
    steps: int
    "Steps of the run that is repeated with flipped and with rotated inputs."
    drift: float
    "Largest relative difference of the loss between the run and its flipped and rotated copies."
    layer: int
    "Units of the layers."
    layers: dict[str, dict]
    "For a layer of sigmoids, of ReLUs: kappa, spread (λmax over the mean eigenvalue), together."


def mean_vectors(n: int, ratio: float) -> list[np.ndarray]:
    """Three mean vectors of one length: equal entries, alternating entries, one entry."""
    return [np.full(n, ratio), ratio * (-1.0) ** np.arange(n), ratio * np.sqrt(n) * np.eye(n)[0]]


def follow_losses(x: np.ndarray, y: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Half the mean squared error of gradient descent at the step 1/λmax, examples x (B, n), shape (STEPS,)."""
    w, losses, step = start, [], 1 / np.linalg.norm(x, 2) ** 2
    for _ in range(STEPS):
        error = x @ w - y
        losses.append(error @ error / len(y) / 2)
        w = w - step * (x.T @ error)
    return np.array(losses)


def draw_problem(ratio: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Examples (40, UNITS) of equal means, noisy targets, a start."""
    rng = np.random.default_rng(SEED)
    x = rng.normal(ratio, 1, (40, UNITS))
    return x, x @ rng.normal(size=UNITS) + rng.normal(size=40), rng.normal(size=UNITS)


def copy_problem(x: np.ndarray, start: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """The problem with every other input flipped, and mirrored until only the first input has a mean."""
    flips = (-1.0) ** np.arange(UNITS)
    return [(x * flips, start * flips), (mirror_to_one_input(x), mirror_to_one_input(start))]


def describe_layer(name: str) -> dict[str, float]:
    """What the activations of a layer make of the next neuron's Hessian."""
    mean, variance = moments(FUNCTIONS[name])
    H = hessian(np.full(LAYER, mean), variance)
    values = np.linalg.eigvalsh(H)
    return {
        "kappa": values[-1] / values[0],
        "spread": values[-1] / values.mean(),
        "together": H.sum() / np.trace(H),
    }


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    ratio = mean_over_std(FUNCTIONS["sigmoid"])
    pair = mean_vectors(2, ratio * np.sqrt(UNITS / 2))[:2]
    cloud = rng.normal(size=(150, 1)) * pair[0] + rng.normal(size=(150, 2))
    x, y, start = draw_problem(ratio)
    run = follow_losses(x, y, start)
    return Result(
        units=UNITS,
        kappa=np.linalg.cond(np.eye(UNITS) + ratio**2),
        mixed=tuple(map(chance_of_mixed_signs, mean_vectors(UNITS, ratio))),
        plane=tuple(map(chance_of_mixed_signs, pair)),
        clouds=(cloud, cloud * [1, -1]),
        steps=STEPS,
        drift=max(abs(follow_losses(copy, y, at) / run - 1).max() for copy, at in copy_problem(x, start)),
        layer=LAYER,
        layers={name: describe_layer(name) for name in ("sigmoid", "relu")},
    )


def claim_same_run(result: Result) -> None:
    """Flip the sign of every other input, or rotate the inputs until only one has a mean: the loss is the same at
    each of {{ steps | integer }} steps, to rounding."""
    x, y, start = draw_problem(mean_over_std(FUNCTIONS["sigmoid"]))
    assert result.drift < 1e-11
    for copy, at in [(x, start), *copy_problem(x, start)]:  # in closed form, t steps at once
        values, vectors = np.linalg.eigh(copy.T @ copy)
        best = np.linalg.lstsq(copy, y, rcond=None)[0]
        end = best + vectors @ ((1 - values / values[-1]) ** (STEPS - 1) * (vectors.T @ (at - best)))
        final = np.sum((copy @ end - y) ** 2) / len(y) / 2
        assert abs(final / follow_losses(x, y, start)[-1] - 1) < 1e-9


def claim_signs_differ(result: Result) -> None:
    """{{ units }} inputs, condition number {{ kappa | digits }}: a batch gradient has mixed signs with probability
    {{ mixed[0] | percent(1) }} if all means are equal, {{ mixed[1] | percent(2) }} if they alternate in sign, and
    {{ mixed[2] | percent(1) }} if one input has the whole mean."""
    rng = np.random.default_rng(SEED)
    ratio = np.sqrt((result.kappa - 1) / UNITS)
    for mu, mixed in zip(mean_vectors(UNITS, ratio), result.mixed):
        gradients = rng.normal(size=(50_000, 1)) * mu + rng.normal(size=(50_000, UNITS))
        sampled = np.mean(has_mixed_signs(gradients))
        assert abs(sampled - mixed) < 5 * np.sqrt(mixed * (1 - mixed) / 50_000) + 1e-4
    z = np.linspace(-9, 9, 20_001)  # of the projection on the equal means: all coordinates alike, given it
    tail = np.cumsum(np.exp(-z * z / 2)) * (z[1] - z[0]) / np.sqrt(2 * np.pi)
    above = np.interp(ratio * z, z, tail)
    alike = np.exp(-z * z / 2) @ (above**UNITS + (1 - above) ** UNITS) * (z[1] - z[0]) / np.sqrt(2 * np.pi)
    assert abs(1 - alike - result.mixed[0]) < 1e-3
    assert result.mixed[0] < 0.5 < result.mixed[2] < result.mixed[1]
    assert abs(sum(result.plane) - 1) < 1e-9 and result.plane[0] < 0.25  # of two weights the mirror image swaps the two
    lengths = [np.linalg.norm(cloud, axis=1) for cloud in result.clouds]
    assert np.allclose(*lengths)  # a mirror image
    for cloud, mixed in zip(result.clouds, result.plane):
        assert abs(np.mean(cloud[:, 0] * cloud[:, 1] < 0) - mixed) < 5 * np.sqrt(mixed * (1 - mixed) / len(cloud))
    assert abs(result.mixed[2] - (1 - 2 / 2**UNITS)) < 1e-9  # ten centered coordinates but one: like tosses of a coin
    mean, variance = moments(FUNCTIONS["sigmoid"])
    assert abs(result.kappa - 1 - UNITS * mean**2 / variance) < 1e-6


def claim_never_negative_has_a_mean(result: Result) -> None:
    """An input between 0 and c has a mean of at least its mean square over c, so its mean is 0 only if it is always 0;
    centered inputs of the same sizes have none."""
    for rng in draws(20):
        x = rng.exponential(size=200) * (rng.random(200) < rng.uniform(0.1, 1))
        signs = np.tile([1, -1], 100)
        assert x.mean() >= np.mean(x**2) / x.max() > 0
        assert abs(np.repeat(x[::2], 2) @ signs) < 1e-9 < np.repeat(x[::2], 2).mean()


def claim_top_direction_has_one_sign(result: Result) -> None:
    """If no input is ever negative, the steepest direction of the bowl is one in which all weights rise together:
    its entries have one sign."""
    for rng in draws(20):
        x = rng.exponential(size=(30, 6)) * (rng.random((30, 6)) < 0.5)
        top = np.linalg.eigh(x.T @ x)[1][:, -1]
        power = np.ones(6)
        for _ in range(300):  # the power method never leaves the positive numbers
            power = x.T @ (x @ power)
            power /= np.linalg.norm(power)
        assert abs(top.sum()) == abs(top).sum() and abs(abs(top @ power) - 1) < 1e-6


def claim_dense_layers(result: Result) -> None:
    """Of {{ layer }} inputs from a sigmoid layer {{ layers.sigmoid.together | digits }} count as active together, from
    a ReLU layer {{ layers.relu.together | digits }}: the condition number cannot be smaller."""
    n = LAYER
    assert abs(result.layers["relu"]["together"] - (1 + (n - 1) / np.pi)) < 1e-9
    z = np.random.default_rng(SEED).normal(size=(4000, n))
    for key, row in result.layers.items():
        x = FUNCTIONS[key](z)
        together = np.mean(x.sum(axis=1) ** 2) / np.mean((x**2).sum(axis=1))
        assert abs(together / row["together"] - 1) < 0.02
        assert 1 <= row["together"] <= row["spread"] * (1 + 1e-9) <= row["kappa"]
    mean, variance = moments(FUNCTIONS["sigmoid"])
    assert abs(result.layers["sigmoid"]["together"] - (variance + n * mean**2) / (variance + mean**2)) < 1e-6


def equation_together() -> Draws:
    r"""\kappa_0 \ge \frac{\lambda_{\max}}{\bar\lambda} \ge \frac{\mathbf{1}^\top H\,\mathbf{1}}{\operatorname{tr} H} =
    \frac{\sum_k \lVert x_k\rVert_1^2}{\sum_k \lVert x_k\rVert_2^2}"""
    for seed, rng in enumerate(draws(20)):
        x = rng.exponential(size=(12, 4)) * (rng.random((12, 4)) < 0.7)  # a row is an example
        if seed < 3:
            x = rng.uniform(1, 2) * np.eye(4)  # one at a time: all four sides are equal
        values = np.linalg.svd(x, compute_uv=False) ** 2 / len(x)
        yield {
            r"\kappa_0": values[0] / values[-1],
            r"\lambda_{\max}": values[0],
            r"\bar\lambda": values.mean(),
            r"\mathbf{1}": np.ones(4),
            "H": sum(np.outer(row, row) for row in x) / len(x),
            r"\operatorname{tr}": np.trace,
            r"\sum_k": range(len(x)),
            "x_k": lambda k, x=x: x[int(k)],
        }


def equation_independent() -> Draws:
    r"""\bar n = 1 + (n-1)\,\frac{r^2}{1+r^2}"""
    for rng in draws(12):
        n, (low, high), p = int(rng.integers(2, 7)), rng.uniform(0, 2, 2), rng.uniform(0.1, 0.9)
        patterns = np.array(list(product([False, True], repeat=n)))
        chances = np.prod(np.where(patterns, p, 1 - p), axis=1)
        x = np.where(patterns, high, low)
        yield {
            r"\bar n": chances @ x.sum(axis=1) ** 2 / (chances @ (x**2).sum(axis=1)),
            "n": n,
            "r": (p * high + (1 - p) * low) / np.sqrt(p * (1 - p)) / abs(high - low),
        }


def figure_arrangements(result: Result) -> Figure:
    """Two clouds of batch gradients in the plane of two weights, one narrow ellipse and its mirror image. With equal
    means it lies in the two quadrants of one sign, and {{ plane[0] | percent(0) }} of all gradients have mixed signs;
    with opposite means it lies across them, and {{ plane[1] | percent(0) }} have."""
    figure = new_figure(320, 1.1, panels=2)
    names = ("equal means", "opposite means")
    for axes, cloud, name, mixed, side in zip(figure.axes, result.clouds, names, result.plane, ("left", "right")):
        for low in (0, -22):
            axes.fill_between([low, low + 22], low, low + 22, color=HIGHLIGHT, linewidth=0)
        axes.axhline(0, color=MUTED, linewidth=0.8), axes.axvline(0, color=MUTED, linewidth=0.8)
        axes.plot(*cloud.T, "o", color=SECOND, markersize=3, markeredgewidth=0, label=name)
        axes.set(xlim=(-22, 22), ylim=(-22, 22), aspect="equal")
        words, x = f"{name}\n{percent(mixed)} mixed", -21 if side == "left" else 21
        axes.text(x, 21, words, ha=side, va="top", color=INK, fontweight="semibold")
        frame_axes(axes, xname="gradient of weight 1", yname="gradient of weight 2")
    return figure


if __name__ == "__main__":
    show_figures(figure_arrangements, of=compute())
