"""Does SELU draw every variance to 1 (Klambauer and others, 2017)?

Yes, in wide layers with normal pre-activations: from {{ starts | digits(2) | list }} the variance is within
{{ near | digits(1) }} of 1 after {{ deep }} layers, and the mean goes to 0 with it.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import SELU_ALPHA, SELU_SCALE, selu
from lib.gaussian import distribution, moments, normal_mean
from lib.numerics import Draws
from lib.plots import FIRST, frame_axes, new_figure, show_figures

VARIANCES, LAYERS = (0.2, 0.5, 2.0, 5.0, 10.0), 50


@dataclass(frozen=True)
class Result:
    starts: tuple[float, ...]
    "Variances that enter the first SELU layer."
    variances: tuple[np.ndarray, ...]
    "Variance of SELU's activations, layer by layer, for each of them."
    near: float
    "How near to 1 they are then, at most."
    deep: int
    "Layers that the map is applied."
    rate: float
    "What a layer leaves of a small deviation of the variance from 1."


def iterate_variance(variance: float, layers: int = LAYERS) -> np.ndarray:
    """Variances of SELU's activations: each layer draws normal pre-activations of the variance before."""
    variances = [variance]
    for _ in range(layers):
        variances.append(moments(selu, np.sqrt(variances[-1]))[1])
    return np.array(variances)


def compute() -> Result:
    paths = tuple(iterate_variance(variance) for variance in VARIANCES)
    return Result(
        starts=VARIANCES,
        variances=paths,
        near=max(abs(path[-1] - 1) for path in paths),
        deep=LAYERS,
        rate=(iterate_variance(1.0005, 1)[1] - iterate_variance(0.9995, 1)[1]) / 1e-3,
    )


def claim_moments_settle(result: Result) -> None:
    """Started at {{ starts | digits(2) | list }}, SELU’s variance is within {{ near | digits(1) }} of 1 after
    {{ deep }} layers, and its mean goes to 0 with it; near 1, each layer leaves {{ rate | digits(2) }} of the
    variance's distance from 1."""
    for path in result.variances:
        assert abs(path[-1] - 1) < 1e-3 and np.all(np.diff(abs(path - 1)) <= 1e-9)
    assert abs(normal_mean(selu)) < 1e-6 and 0.5 < result.rate < 1
    late = result.variances[0]
    assert abs((late[31] - 1) / (late[30] - 1) / result.rate - 1) < 0.02
    assert all(0 < abs(path[-1] - 1) <= 1.001 * result.near < 1e-4 for path in result.variances)


def equation_selu() -> Draws:
    r"""\begin{aligned} \mathbb{E}[a] &= \gamma\left(\frac{s}{\sqrt{2\pi}} + \alpha\left(E_1 -
    \tfrac{1}{2}\right)\right), \\
    \mathbb{E}[a^2] &= \gamma^2\left(\frac{s^2}{2} + \alpha^2\left(E_2 - 2 E_1 + \tfrac{1}{2}\right)\right), \\
    E_k &= \exp(k^2 s^2/2)\,\Phi(-k s) \end{aligned}"""
    rng = np.random.default_rng(0)
    for i in range(8):
        s, alpha, scale = (rng.uniform(0.3, 1.8), SELU_ALPHA, SELU_SCALE) if i < 2 else rng.uniform(0.4, 2, size=3)

        def scaled_elu(z, alpha=alpha, scale=scale):
            return scale * np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))

        def mean_of_left_exponential(k, s=s):
            return normal_mean(lambda z: np.where(z > 0, 0.0, np.exp(k * np.minimum(z, 0))), s)

        k = int(rng.integers(1, 3))
        mean, variance = moments(scaled_elu, s)
        letters = {"s": s, r"\alpha": alpha, r"\gamma": scale, "k": k, r"\Phi": lambda z: float(distribution(z))}
        sides = {r"\mathbb{E}[a]": mean, r"\mathbb{E}[a^2]": variance + mean**2}
        yield (
            sides
            | {f"E_{i}": mean_of_left_exponential(i) for i in (1, 2)}
            | {"E_k": mean_of_left_exponential(k)}
            | letters
        )


def figure_variances(result: Result) -> Figure:
    """Variance of SELU’s activations over the first layers, on a logarithmic axis: lines from
    {{ starts | digits(2) | list }} bend toward 1 and have joined long before the end."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    for start, path in zip(result.starts, result.variances):
        axes.plot(path[:31], color=FIRST, label=f"from {start:g}")
    axes.set(yscale="log", xlim=(-0.5, 31), ylim=(0.17, 12))
    frame_axes(axes, [0, 10, 20, 30], {0.2: "0.2", 0.5: "0.5", 1: "1", 2: "2", 5: "5", 10: "10"}, "layer", "variance")
    return figure


if __name__ == "__main__":
    show_figures(figure_variances, of=compute())
