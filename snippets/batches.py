"""Does summing over a batch cure the shared sign?

In part. The probability of mixed signs rises with the batch and soon stops at a limit that only r and the number of
inputs set: for {{ units }} sigmoid units it is {{ limit.sigmoid | digits }}, reached by a batch of about
{{ sizes[4] }}. If errors have a mean of their own, as they do early in training, it falls again.

    r      mean over standard deviation of one input
    δ      upstream gradients, one per example, independent of the inputs here
    mixed  probability that a batch gradient Σδx has components of both signs
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.gaussian import distribution, normal_nodes
from lib.gradient_signs import RATIOS, SHIFT, SIZES, UNITS, draw_inputs, sum_gradients
from lib.numerics import Draws, draws
from lib.plots import FIRST, GRID, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.signs import chance_of_mixed_signs, has_mixed_signs, negative_counts

SEED = 0
BIASED = (4, 16, 64, 256)
LAYERS = ("tanh", "relu", "sigmoid", "uniform")


@dataclass(frozen=True)
class Result:
    units: int
    "Inputs of the neuron."
    sizes: tuple[int, ...]
    "Examples in a batch."
    ratio: dict[str, float]
    "Mean over standard deviation of one input: tanh, ReLU and sigmoid of z ~ N(0, 1), and uniform on (0, 1)."
    mixed: dict[str, tuple[float, ...]]
    "Share of sampled batch gradients with mixed signs, one entry per size, errors of mean zero."
    limit: dict[str, float]
    "What that share tends to as the batch grows."
    gap: float
    "How far the probability is from that limit, at most, at one size of a batch, by quadrature."
    pair: dict[str, float]
    "The same limit for two inputs."
    one_sign: float
    "Probability of one sign for r = 1, large batch."
    shift: float
    "Mean of the errors in the second experiment, in their standard deviations."
    biased_sizes: tuple[int, ...]
    "Batch sizes of the second experiment."
    biased: tuple[float, ...]
    "Probability of mixed signs when errors have that mean, sigmoid layer."


def mixed_with_shift(size: int, shift: float, ratio: float, units: int = UNITS) -> float:
    """Probability of mixed signs: neither no component is negative nor all."""
    counts = negative_counts(size, shift, ratio, units)
    return float(1 - counts[0] - counts[-1])


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    at = np.array(SIZES) - 1
    limit = {key: chance_of_mixed_signs(np.full(UNITS, r)) for key, r in RATIOS.items()}
    return Result(
        units=UNITS,
        sizes=SIZES,
        ratio=RATIOS,
        mixed={
            layer: tuple(has_mixed_signs(sum_gradients(layer, rng)[:, at]).mean(axis=0).tolist()) for layer in LAYERS
        },
        limit=limit,
        gap=max(abs(mixed_with_shift(SIZES[4], 0.0, r) - limit[key]) for key, r in RATIOS.items()),
        pair={key: chance_of_mixed_signs(np.full(2, r)) for key, r in RATIOS.items()},
        one_sign=1 - chance_of_mixed_signs(np.ones(UNITS)),
        shift=SHIFT,
        biased_sizes=BIASED,
        biased=tuple(mixed_with_shift(size, SHIFT, RATIOS["sigmoid"]) for size in BIASED),
    )


def claim_one_example_has_one_sign(result: Result) -> None:
    """With one example and inputs that are never negative no gradient has mixed signs; with two examples, inputs from
    a sigmoid layer, {{ mixed.sigmoid[1] | percent(0) }} have."""
    for key in ("relu", "uniform", "sigmoid"):
        # so each component has the sign of δ, or none
        assert draw_inputs(key, np.random.default_rng(SEED), 999).min() >= 0
        assert result.mixed[key][0] == 0 < result.mixed[key][1] < result.limit[key]
    x = draw_inputs("sigmoid", np.random.default_rng(SEED + 1), 9999, UNITS, 2)
    angles = np.arctan(x[..., 0] / x[..., 1])  # errors of opposite signs must balance between two inputs’ ratios
    assert abs(np.ptp(angles, axis=1).mean() / np.pi - result.mixed["sigmoid"][1]) < 0.04


def claim_limits(result: Result) -> None:
    """As the batch grows, the probability of mixed signs tends to {{ limit.sigmoid | digits }} for {{ units }} sigmoid
    units, {{ limit.uniform | decimals(3) }} for inputs uniform between 0 and 1, {{ limit.relu | digits }} for ReLU,
    and {{ limit.tanh | digits }} for centered inputs such as those from tanh."""
    rng, many = np.random.default_rng(SEED), 100_000
    for key, limit in result.limit.items():
        cloud = result.ratio[key] * rng.normal(size=(many, 1)) + rng.normal(size=(many, UNITS))
        assert abs(has_mixed_signs(cloud).mean() - limit) < 4.2 * np.sqrt(limit * (1 - limit) / many)
    assert abs(result.limit["tanh"] - (1 - 2 / 2**UNITS)) < 1e-9


def claim_sixteen_are_enough(result: Result) -> None:
    """A batch of {{ sizes[4] }} is within {{ gap | digits(1) }} of the limit, for each kind of inputs."""
    gaps = [abs(shares[4] - result.limit[key]) for key, shares in result.mixed.items()]  # sampled
    assert abs(max(gaps) - result.gap) < 0.03 and result.gap < 0.05
    assert max(abs(shares[6] - result.limit[key]) for key, shares in result.mixed.items()) < 0.03


def claim_errors_with_a_mean(result: Result) -> None:
    """Let errors have a mean of {{ shift | digits(2) }} standard deviations, and mixed signs get rarer with the batch:
    {{ biased[:3] | percent | list }} for {{ biased_sizes[:3] | integer | list }} examples, and
    {{ biased[3] | percent(2) }} for {{ biased_sizes[3] }}, sigmoid layer."""
    rng = np.random.default_rng(SEED)
    g = sum_gradients("sigmoid", rng, 3000, SHIFT)
    for size, chance in zip(BIASED[1:3], result.biased[1:3]):
        assert abs(has_mixed_signs(g[:, size - 1]).mean() - chance) < 0.05
    assert abs(has_mixed_signs(g[:, BIASED[0] - 1]).mean() - result.biased[0]) < 0.06
    assert list(result.biased) == sorted(result.biased, reverse=True) and 0 < result.biased[3] < 1e-3


def equation_gradient() -> Draws:
    r"""g = \frac{1}{B} \sum_{k=1}^{B} \delta_k x_k = \frac{1}{B}\, X\delta"""
    for rng in draws(12):
        n, size = rng.integers(2, 6, 2)
        x, w, y = rng.normal(size=(n, size)), rng.normal(size=n), rng.normal(size=size)
        nudges = 1e-20j * np.eye(n)  # complex step: exact to rounding
        slope = [np.mean(0.5 * ((w + nudge) @ x - y) ** 2).imag / 1e-20 for nudge in nudges]
        delta = w @ x - y
        letters = {r"\delta_k": lambda k, d=delta: d[int(k) - 1], "x_k": lambda k, x=x: x[:, int(k) - 1]}
        yield letters | {"g": np.array(slope), "B": size, "X": x, r"\delta": delta}


def equation_mean() -> Draws:
    r"""\mathbb{E}[g] = \bar\delta\,\mu"""
    yield from draw_clouds()


def equation_cloud() -> Draws:
    r"""\mathbb{E}[g g^\top] = \frac{1}{B}\,\mathbb{E}[\delta^2]\, H +
    \frac{B-1}{B}\,\bar\delta^2 \mu\mu^\top"""
    yield from draw_clouds()


def draw_clouds() -> Draws:
    """Moments of the gradient over all batches that can be drawn, examples and errors independent."""
    for rng in draws(8):
        size, points, errors = int(rng.integers(2, 4)), rng.normal(1, 1, (3, 2)), rng.normal(0.5, 1, 2)
        singles = [delta * x for delta in errors for x in points]  # all equally likely, so all batches, too
        g = np.array([np.mean(batch, axis=0) for batch in product(singles, repeat=size)])
        yield {
            r"\mathbb{E}[g]": g.mean(axis=0),
            r"\mathbb{E}[g g^\top]": g.T @ g / len(g),
            r"\bar\delta": errors.mean(),
            r"\mathbb{E}[\delta^2]": np.mean(errors**2),
            r"\mu": points.mean(axis=0),
            "H": points.T @ points / 3,
            "B": size,
        }


def equation_limit() -> Draws:
    r"""P = 1 - 2\,\mathbb{E}[\Phi(r z)^n]"""
    z, chance = normal_nodes()
    for rng in draws(12):
        r, n = rng.uniform(0.2, 3), int(rng.integers(2, 4))
        angle = np.arcsin(r**2 / (1 + r**2))
        closed = {2: 0.5 - angle / np.pi, 3: 0.75 - 3 * angle / (2 * np.pi)}  # known for two and for three components
        yield {"P": closed[n], r"\mathbb{E}[\Phi(r z)^n]": chance @ distribution(r * z) ** n}


def equation_pair() -> Draws:
    r"""P = \frac{1}{\pi} \arccos\frac{r^2}{1+r^2}"""
    for r in np.random.default_rng(0).uniform(0, 3, 12):
        yield {"P": chance_of_mixed_signs([r, r]), "r": r}


def equation_ratio_one() -> Draws:
    r"""P = 1 - \frac{2}{n+1}"""
    for n in range(2, 12):
        yield {"P": chance_of_mixed_signs(np.ones(n)), "n": n}


def figure_limits(result: Result) -> Figure:
    """Share of batch gradients with mixed signs against the batch size, from {{ sizes[0] }} to {{ sizes[6] }}. Centered
    inputs stay near 1 throughout. Off-center inputs start at 0 and level off by about {{ sizes[4] }}: ReLU at
    {{ limit.relu | digits(2) }}, uniform at {{ limit.uniform | decimals(2) }}, sigmoid at
    {{ limit.sigmoid | digits(2) }}."""
    figure = new_figure(360, 0.85)
    (axes,) = figure.axes
    names = {"tanh": "tanh", "relu": "ReLU", "uniform": "uniform on (0, 1)", "sigmoid": "sigmoid"}
    for key, name in names.items():
        role = FIRST if key == "tanh" else SECOND
        axes.axhline(result.limit[key], color=GRID, linewidth=1)
        axes.plot(result.sizes, result.mixed[key], "o-", color=role, label=name)
        label_point(axes, name, (64, result.limit[key]), role, dx=-4, dy=-13 if key != "tanh" else 11)
    axes.set(xscale="log", xlim=(0.9, 70), ylim=(-0.03, 1.1))
    frame_axes(axes, result.sizes, [0, 0.5, 1], "examples in a batch", "share of gradients with mixed signs")
    return figure


if __name__ == "__main__":
    show_figures(figure_limits, of=compute())
