"""Do random networks of finite width go off center with depth as the calculation for infinite width says?

Yes: the ratio ρ = ‖μ‖²/tr Σ of sampled sigmoid layers is {{ sampled | digits(3) | list }}. Standardizing every
pre-activation over the inputs stops its growth.

    ratio  squared length of the mean of a layer's activations over the sum of their variances, over inputs
    kappa  condition number without a bias that the layer gives the next neuron
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS, NAMES, sigmoid
from lib.gaussian import moments, normal_mean
from lib.mean_field import off_center_ratios, propagate, propagate_by_sum
from lib.numerics import Draws, draws
from lib.plots import FIRST, INK, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import estimate_off_center_ratio

SEED = 0
LAYERS, DEEP = 5, 20
WIDTH, INPUTS, NETS = 256, 300, 5  # of the sampled networks
UNITS = 64  # of the network whose condition numbers are measured
SHOWN = 12  # units drawn
LOW = 0.05  # the share of inputs that lie below a bar, and above


@dataclass(frozen=True)
class Result:
    first: tuple[float, float]
    "V and C of sigmoids behind centered inputs of variance 1."
    ratio: dict[str, tuple[float, ...]]
    "‖μ‖²/tr Σ layer by layer, mean-field; a centered layer has 0."
    sampled: tuple[float, ...]
    "Median ratio of sampled sigmoid networks, layer by layer."
    sampled_low: tuple[float, ...]
    "The least of them."
    sampled_high: tuple[float, ...]
    "The largest of them."
    sampled_tanh: float
    "Largest ratio in any layer of a sampled tanh network."
    normalized: tuple[float, ...]
    "Ratio of sampled sigmoid activations where every pre-activation is standardized over the inputs first."
    width: int
    "Units in a layer of the sampled networks."
    nets: int
    "How many sampled networks."
    units: int
    "Units in a layer of the network for condition numbers."
    kappa: tuple[float, ...]
    "Median condition number, without a bias, that layers 1, 2 and 3 of sigmoids give the next neuron."
    kappa_normalized: float
    "The same for layer 3 where pre-activations are standardized in every layer."
    kappa_centered: float
    "The same for layer 3 where activations are centered, too."
    bars: np.ndarray
    "Low and high percentile over the inputs of some sigmoid units' activations, shape (3, SHOWN, 2)."
    widths: tuple[float, ...]
    "Median standard deviation of one sigmoid's activation over the inputs, layers 1 to 3, first sampled network."


def sample_network(
    unit: Callable,
    rng: np.random.Generator,
    layers: int = LAYERS,
    width: int = WIDTH,
    inputs: int = INPUTS,
    normalize: bool = False,
    orthogonal: bool = False,
) -> list[np.ndarray]:
    """Activations of every layer of a random network, for standard normal inputs."""
    a, found = rng.normal(size=(inputs, width)), []
    for _ in range(layers):
        weights = rng.normal(size=(width, width)) / np.sqrt(width)
        z = a @ (np.linalg.qr(weights)[0] if orthogonal else weights)
        a = unit((z - z.mean(axis=0)) / z.std(axis=0) if normalize else z)
        found.append(a)
    return found


def condition_of_layer(a: np.ndarray) -> float:
    """Condition number of the second moment of activations (inputs, units)."""
    return np.linalg.cond(a) ** 2


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    nets = [sample_network(sigmoid, rng) for _ in range(NETS)]
    table = np.array([[estimate_off_center_ratio(a) for a in net] for net in nets])
    small = {"layers": 3, "width": UNITS, "inputs": 1500, "orthogonal": True}
    plain = [sample_network(sigmoid, rng, **small) for _ in range(9)]
    normal = [sample_network(sigmoid, rng, **small, normalize=True)[2] for _ in range(3)]
    mean, variance = moments(FUNCTIONS["sigmoid"])
    return Result(
        first=(variance + mean**2, mean**2),
        ratio={name: off_center_ratios(name, LAYERS)[0] for name in FUNCTIONS},
        sampled=tuple(np.median(table, axis=0)),
        sampled_low=tuple(table.min(axis=0)),
        sampled_high=tuple(table.max(axis=0)),
        sampled_tanh=max(abs(estimate_off_center_ratio(a)) for a in sample_network(np.tanh, rng)),
        normalized=tuple(estimate_off_center_ratio(a) for a in sample_network(sigmoid, rng, normalize=True)),
        width=WIDTH,
        nets=NETS,
        units=UNITS,
        kappa=tuple(np.median([[condition_of_layer(a) for a in net] for net in plain], axis=0)),
        kappa_normalized=np.median([condition_of_layer(a) for a in normal]),
        kappa_centered=np.median([condition_of_layer(a - a.mean(axis=0)) for a in normal]),
        bars=np.array([np.quantile(a[:, :SHOWN], (LOW, 1 - LOW), axis=0).T for a in nets[0][:3]]),
        widths=tuple(np.median(a.std(axis=0)) for a in nets[0][:3]),
    )


def claim_sampled_networks_agree(result: Result) -> None:
    """{{ nets }} sampled networks of {{ width }} sigmoids a layer have ratios around
    {{ sampled | digits(2) | list }}; the calculation for infinite width says
    {{ ratio.sigmoid | digits(3) | list }}."""
    assert abs(result.first[1] / (result.first[0] - result.first[1]) / result.ratio["sigmoid"][0] - 1) < 1e-9
    np.testing.assert_allclose(result.sampled, result.ratio["sigmoid"], rtol=0.14)
    sums, _ = off_center_ratios("sigmoid", LAYERS, rule=propagate_by_sum)
    np.testing.assert_allclose(sums, result.ratio["sigmoid"], rtol=1e-4)
    assert np.all(np.diff([result.sampled_low, result.sampled, result.sampled_high], axis=0) > 0)
    offset, spread = 0.0, 1.0
    for width in result.widths:  # what is left of the inputs' differences
        offset, spread = propagate(sigmoid, offset, spread)
        assert abs(width**2 / spread - 1) < 0.2


def claim_normalizing_stops_it(result: Result) -> None:
    """Standardize every pre-activation over the inputs, as batch normalization does: then the sigmoid's ratio is
    {{ normalized[0] | digits(2) }} in layer 1 and still {{ normalized[4] | digits(2) }} in the last."""
    mean, variance = 0.5, normal_mean(lambda z: (sigmoid(z) - 0.5) ** 2)
    np.testing.assert_allclose(result.normalized, mean**2 / variance, rtol=0.02)


def claim_conditioning_follows(result: Result) -> None:
    """To a neuron without a bias that reads them, {{ units }} sigmoids of layers 1, 2 and 3 give condition numbers of
    {{ kappa[0] | digits(2) }}, {{ kappa[1] | digits(2) }} and {{ kappa[2] | digits(1) }}; with pre-activations
    standardized in every layer the third is {{ kappa_normalized | digits(2) }}, and with activations centered
    before they are passed on
    {{ kappa_centered | digits(2) }}."""
    for kappa, ratio in zip(result.kappa, result.ratio["sigmoid"]):
        assert 0.7 < kappa / (1 + UNITS * ratio) < 4  # above it, as the sample of inputs adds some of its own
    rng = np.random.default_rng(SEED + 1)  # other nets, by the spectrum
    other = [sample_network(sigmoid, rng, 2, UNITS, 1500, orthogonal=True) for _ in range(9)]
    values = np.linalg.eigvalsh([[a.T @ a for a in net] for net in other])
    for kappa, medians, tolerance in zip(
        result.kappa, np.median(values[..., -1] / values[..., 0], axis=0), (0.1, 0.38)
    ):
        assert abs(medians / kappa - 1) < tolerance
    values = np.linalg.eigvalsh(np.cov((a := sample_network(sigmoid, rng, 3, UNITS, 1500, True, True)[2]).T))
    assert abs(values[-1] / values[0] / result.kappa_centered - 1) < 0.2
    assert (
        abs((1 + UNITS * estimate_off_center_ratio(a)) * np.sqrt(result.kappa_centered) / result.kappa_normalized - 1)
        < 0.14
    )


def equation_condition() -> Draws:
    r"""(n - 1)\,\frac{\lVert\mu\rVert^2}{\operatorname{tr}\Sigma} \le \kappa_0"""
    for rng in draws(20):
        n, mu = 6, rng.normal(size=6) * rng.uniform(1, 30)
        root = np.eye(n) + 0.02 * rng.normal(size=(n, n))
        yield {
            "n": n,
            r"\mu": mu,
            r"\operatorname{tr}\Sigma": np.sum(root**2),
            r"\kappa_0": np.linalg.cond(root @ root.T + np.outer(mu, mu)),
        }


def figure_ratio(result: Result) -> Figure:
    """Off-center ratio against layer, on a logarithmic scale. The sigmoid's line rises straight from
    {{ ratio.sigmoid[0] | digits(2) }} to {{ ratio.sigmoid[4] | digits(2) }}, softplus's from
    {{ ratio.softplus[0] | digits(2) }} to {{ ratio.softplus[4] | digits(2) }}; ReLU's creeps from
    {{ ratio.relu[0] | digits(2) }} to {{ ratio.relu[4] | digits(2) }}, GELU's stays near
    {{ ratio.gelu[4] | digits(2) }}. The sigmoid with normalized pre-activations is flat at
    {{ normalized[0] | digits(2) }}."""
    figure = new_figure(360, 0.9)
    (axes,) = figure.axes
    layers = np.arange(1, LAYERS + 1)
    for key, role in (("sigmoid", SECOND), ("softplus", SECOND), ("relu", INK), ("gelu", INK)):
        axes.plot(layers, result.ratio[key], color=role, label=NAMES[key])
        label_point(axes, NAMES[key], (LAYERS, result.ratio[key][-1]), role)
    axes.plot(layers, result.sampled, "o", color=SECOND, label="sigmoid, sampled")
    axes.plot(layers, result.normalized, color=FIRST, label="sigmoid, normalized")
    label_point(axes, "sigmoid, normalized", (LAYERS, result.normalized[-1]), FIRST, dx=-1, dy=9)
    axes.set(yscale="log", xlim=(0.9, 6.1), ylim=(0.15, 2e6))
    frame_axes(axes, layers, {0.2: "0.2", 1: "1", 100: "100", 10_000: "10,000", 1e6: "1,000,000"}, "layer", "ratio")
    return figure


def figure_units(result: Result) -> Figure:
    """Some sigmoids of layer 1, then of layer 2, then of layer 3, each as the range that its activation takes over
    the inputs. In layer 1 the bars are long and all about one half; in layer 2 they are short, at different heights;
    in layer 3 they have shrunk to ticks."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    for number, units in enumerate(result.bars):
        for place, (low, high) in enumerate(units):
            x = 16 * number + place
            axes.plot([x, x], [low, high], color=SECOND, linewidth=4, label=f"layer {number + 1}")
    middle = (SHOWN - 1) / 2
    axes.set(ylim=(0, 1))
    ticks = {16 * k + middle: f"layer {k + 1}" for k in range(3)}
    label = f"activation, percentiles {100 * LOW:g} to {100 - 100 * LOW:g} over the inputs"
    frame_axes(axes, ticks, [0, 0.5, 1], "", label)
    axes.spines.bottom.set_visible(False)
    axes.tick_params(axis="x", length=0)
    return figure


if __name__ == "__main__":
    show_figures(figure_ratio, figure_units, of=compute())
