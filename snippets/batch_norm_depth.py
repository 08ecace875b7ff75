"""Does batch norm cure vanishing and exploding gradients in a deep network?

Vanishing, yes; without skip connections it explodes instead. A layer with batch norm before φ multiplies a gradient by
the root of E[φ'²]/Var φ, which is never below 1: {{ factor.sigmoid | digits(4) }} for the sigmoid,
{{ factor.relu | digits(3) }} for ReLU. Through {{ layers }} layers {{ size.relu.before | digits(2) }} times with ReLU.

    z, a     pre-activations and activations of a batch, a row an example; φ the activation function
    before   a = φ(ẑ), where ẑ is z minus its batch mean, over its batch standard deviation s
    after    a is φ(z), normalized in the same way
    factor   root mean square stretch of a gradient by one layer
    chi      E[φ'(z)²] at standard normal z
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, FUNCTIONS, NAMES
from lib.gaussian import moments, normal_mean
from lib.normalization import normalize, normalize_backward
from lib.numerics import draws
from lib.plots import FIRST, INK, SECOND, decades, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import off_center_ratio

SEED = 0
LAYERS, WIDTH, BATCH, NETS = 20, 128, 128, 15
KEYS = ("sigmoid", "tanh", "relu")
PLACES = ("none", "before", "after")
BATCHES = (3, 4, 5, 6, 7, 8, 10, 12, 16, 24, 32, 48, 64, 128)


@dataclass(frozen=True)
class Result:
    layers: int
    "Layers, one after the other."
    width: int
    "Units in each."
    batch: int
    "Examples in a batch, standard normal inputs."
    small_batch: int
    "The small batch of which the text speaks."
    nets: int
    "How many random networks; sizes are geometric means over them, ratios medians."
    factor: dict[str, float]
    "Root of E[φ'²]/Var φ, by activation function."
    size: dict[str, dict[str, float]]
    "Size of a gradient at the inputs over its size behind the last layer, by activation function and place."
    profile: dict[str, tuple[float, ...]]
    "With batch norm before φ: the same behind each layer, from the inputs to the last."
    plain: tuple[float, ...]
    "Without normalization, for sigmoids."
    ratio: dict[str, dict[str, float]]
    "Off-center ratio of the activations of the last layer, by activation function and place."
    small: dict[str, tuple[float, ...]]
    "Sizes with batch norm before φ for the batch sizes `BATCHES`, half as many units."


def propagate(rng: np.random.Generator, key: str, place: str, width: int = WIDTH, batch: int = BATCH) -> tuple:
    """Sizes of a random gradient behind layers LAYERS, …, 1, 0 over the first of them, and the last activations."""
    gain = 2**0.5 if (key, place) == ("relu", "none") else 1.0
    a, kept = rng.normal(size=(batch, width)), []
    for _ in range(LAYERS):
        W = gain * rng.normal(size=(width, width)) / np.sqrt(width)
        z, normal, s = a @ W, None, None
        if place == "before":
            z, s = normalize(z)
        a = FUNCTIONS[key](z)
        if place == "after":
            a, s = normalize(a)
            normal = a
        kept.append((W, z, normal, s))
    delta = rng.normal(size=a.shape)
    sizes = [np.linalg.norm(delta)]
    for W, z, normal, s in reversed(kept):
        if place == "after":
            delta = normalize_backward(delta, normal, s)
        delta = delta * DERIVATIVES[key](z)
        if place == "before":
            delta = normalize_backward(delta, z, s)
        delta = delta @ W.T
        sizes.append(np.linalg.norm(delta))
    return np.array(sizes) / sizes[0], a


def mean_factor(key: str) -> float:
    """Root of E[φ'²]/Var φ for standard normal pre-activations."""
    return float(np.sqrt(normal_mean(lambda z: DERIVATIVES[key](z) ** 2) / moments(FUNCTIONS[key])[1]))


def geometric_mean(sizes: list) -> np.ndarray:
    """Geometric mean over the first axis."""
    return np.exp(np.mean(np.log(sizes), axis=0))


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    runs = {(k, p): [propagate(rng, k, p) for _ in range(NETS)] for k, p in product(KEYS, PLACES)}
    sizes = {which: geometric_mean([run[0] for run in nets]) for which, nets in runs.items()}
    ratios = {which: float(np.median([off_center_ratio(run[1]) for run in nets])) for which, nets in runs.items()}
    small = {
        key: tuple(
            float(geometric_mean([propagate(rng, key, "before", WIDTH // 2, B)[0][-1] for _ in range(NETS)]))
            for B in BATCHES
        )
        for key in KEYS
    }
    return Result(
        layers=LAYERS,
        width=WIDTH,
        batch=BATCH,
        small_batch=BATCHES[1],
        nets=NETS,
        factor={key: mean_factor(key) for key in ("sigmoid", "softplus", "tanh", "silu", "gelu", "relu")},
        size={key: {place: float(sizes[key, place][-1]) for place in PLACES} for key in KEYS},
        profile={key: tuple(sizes[key, "before"][::-1]) for key in KEYS},
        plain=tuple(sizes["sigmoid", "none"][::-1]),
        ratio={key: {place: ratios[key, place] for place in PLACES} for key in KEYS},
        small=small,
    )


def claim_vanishing_becomes_exploding(result: Result) -> None:
    """Through {{ layers }} layers a gradient comes back at {{ size.sigmoid.none | scientific(2) }} times its size with
    plain sigmoids and at {{ size.sigmoid.before | digits(2) }} with batch norm before them; with tanh at
    {{ size.tanh.none | digits(2) }} and {{ size.tanh.before | digits(2) }}, with ReLU at
    {{ size.relu.none | digits(1) }} (He's weights) and {{ size.relu.before | digits(2) }}."""
    for key in KEYS:
        chi = normal_mean(lambda z, key=key: DERIVATIVES[key](z) ** 2)
        predicted = np.sqrt(chi) * result.factor[key] ** (LAYERS - 1)  # the first layer reads variance 1, not Var φ
        assert abs(np.log(result.size[key]["before"] / predicted)) < 0.4, key
        after = result.factor[key] ** LAYERS
        assert abs(np.log(result.size[key]["after"] / after)) < 0.5, key
    assert result.size["sigmoid"]["none"] < 1e-11 and result.size["sigmoid"]["before"] > 0.2
    assert 2e-13 < result.size["sigmoid"]["none"] < 2.9e-13 and 0.32 < result.size["sigmoid"]["before"] < 0.37
    assert 0.16 < result.size["tanh"]["none"] < 0.22 and 3.6 < result.size["tanh"]["before"] < 4.2
    assert 0.56 < result.size["relu"]["none"] < 1.6 and 25 < result.size["relu"]["before"] < 30


def claim_each_layer_by_its_factor(result: Result) -> None:
    """One layer multiplies a gradient by {{ factor.sigmoid | digits(4) }} with sigmoids, {{ factor.tanh | digits(3) }}
    with tanh, {{ factor.gelu | digits(3) }} with GELU, {{ factor.relu | digits(3) }} with ReLU, if its inputs come from
    such a layer too."""
    for key in KEYS:
        per_layer = (result.profile[key][5] / result.profile[key][-1]) ** (1 / (LAYERS - 5))
        assert abs(per_layer / result.factor[key] - 1) < 0.02, key
    z = np.random.default_rng(SEED).normal(size=400_000)
    for key, factor in result.factor.items():
        sampled = np.sqrt(np.mean(DERIVATIVES[key](z) ** 2) / FUNCTIONS[key](z).var())
        assert abs(sampled / factor - 1) < 0.01 and factor > 1


def claim_small_batches_explode_more(result: Result) -> None:
    """With a batch of {{ small_batch }} instead of {{ batch }}, ReLU layers return a gradient
    {{ small.relu[1] | digits(1) }} times its size, and sigmoids {{ small.sigmoid[1] | digits(1) }} times."""
    for key in KEYS:
        assert result.small[key][1] > 5 * result.small[key][-1]
        assert abs(np.log(result.small[key][-1] / result.size[key]["before"])) < 0.7
    assert 9.1 < result.small["sigmoid"][1] < 140
    assert 600 < result.small["relu"][1] < 12_900


def claim_two_examples_leave_only_signs(result: Result) -> None:
    """In a batch of two, every normalized pre-activation is 1 or −1, whatever was computed."""
    z, _ = normalize(np.random.default_rng(SEED).normal(3, 5, size=(2, 50)))
    np.testing.assert_allclose(np.abs(z), 1, atol=1e-12)


def equation_factor() -> Iterator[dict]:
    r"""\frac{\mathbb{E}[\phi'(z)^2]}{\operatorname{Var}\phi(z)} =
    \frac{\sum_{k=1}^{9} k\,c_k^2}{\sum_{k=1}^{9} c_k^2}"""
    x, w = np.polynomial.hermite_e.hermegauss(60)
    w = w / w.sum()
    lengths = np.sqrt([math.factorial(k) for k in range(10)])
    for rng in draws(6):
        c = rng.normal(size=10) / lengths
        values = np.polynomial.hermite_e.hermeval(x, c / lengths)
        slopes = np.polynomial.hermite_e.hermeval(x, np.polynomial.hermite_e.hermeder(c / lengths))
        yield {
            r"\mathbb{E}[\phi'(z)^2]": w @ slopes**2,
            r"\operatorname{Var}\phi(z)": w @ values**2 - (w @ values) ** 2,
            "c_k": lambda k, c=c: c[int(k)],
        }


def equation_bound() -> Iterator[dict]:
    r"""M = \sqrt{B - 1}"""
    for rng in draws(6):
        B = int(rng.integers(2, 9))
        alone = normalize(np.eye(B)[:, :1])[0].max()  # one example far from all others, which are alike
        many = np.abs(normalize(rng.standard_t(1, size=(B, 500)))[0])
        assert many.max() < alone + 1e-9
        yield {"M": alone, "B": B}


def figure_profile(result: Result) -> Figure:
    """Size of a gradient behind each layer, seen from the last, on a logarithmic axis. With batch norm it grows on its
    way back, fastest with ReLU, to {{ profile.relu[0] | digits(2) }}; sigmoids are nearly level; without batch norm
    sigmoids fall out of the picture within a few layers."""
    figure = new_figure(360, 0.85)
    (axes,) = figure.axes
    layers = np.arange(LAYERS + 1)
    for key, role, at, dy in (("relu", INK, 4, 12), ("tanh", FIRST, 4, 12), ("sigmoid", FIRST, 9, -12)):
        axes.plot(layers, result.profile[key], color=role, label=NAMES[key])
        label_point(axes, NAMES[key], (at, result.profile[key][at]), role, dx=2, dy=dy)
    axes.plot(layers, result.plain, color=SECOND, label="sigmoid, no batch norm")
    label_point(axes, "sigmoid, no batch norm", (16.2, 0.01), SECOND, dx=-6)
    axes.set(yscale="log", xlim=(-0.5, LAYERS + 0.5), ylim=(0.002, 200))
    frame_axes(axes, (0, 5, 10, 15, 20), decades(-2, -1, 0, 1, 2), "behind layer", "size of the gradient")
    return figure


def explore_batch(result: Result, start: int = 12) -> Iterator[tuple]:
    """Size of a gradient at the inputs against the batch size, both logarithmic, with batch norm before the activation
    function. All curves fall as the batch grows, and level off."""
    figure = new_figure(360, 0.85)
    (axes,) = figure.axes
    for key, role in (("relu", INK), ("tanh", FIRST), ("sigmoid", SECOND)):
        axes.plot(BATCHES, result.small[key], color=role, label=NAMES[key])
        label_point(axes, NAMES[key], (BATCHES[10], result.small[key][10]), role, dx=2, dy=12)
    (mark,) = axes.plot([3, 3], [0.1, 1e6], color=INK, linewidth=1)
    mark.set_gid("mark")
    axes.set(xscale="log", yscale="log", xlim=(2.6, 150), ylim=(0.1, 1e6))
    ticks = {B: f"{B}" for B in (3, 8, 32, 128)}
    frame_axes(axes, ticks, decades(-1, 0, 2, 4, 6), "batch size", "size of the gradient")
    for i, B in enumerate(BATCHES):
        mark.set_xdata([B, B])
        readouts = {"batch size": f"{B}", **{NAMES[key]: f"{result.small[key][i]:,.3g}" for key in KEYS}}
        yield figure, readouts, f"No normalized value exceeds {np.sqrt(B - 1):.1f} in a batch of {B}."


if __name__ == "__main__":
    show_figures(figure_profile, of=compute())
