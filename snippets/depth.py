"""Does being off-center get worse with depth?

With sigmoids, yes: each layer multiplies the share of the mean, ‖μ‖²/tr Σ, by 1/χ = {{ factor | digits(3) }}, where
χ = E[σ'²]. With tanh and SELU it stays at zero, with ReLU it grows slowly, with GELU and SiLU it settles because the
signal dies.

    z       pre-activations of a layer: zero biases, weights normal with variance gain²/n, n large
    v, c    mean product of one unit's pre-activations for one input and itself, and for two different inputs
    V, C    the same for its activations; the next layer has v = gain² V, c = gain² C
    ratio   ‖μ‖²/tr Σ = C/(V − C): mean and covariance over the inputs, the weights fixed
    chi     E[φ'(z)²], what one layer leaves of small differences
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, FUNCTIONS, NAMES, sigmoid
from lib.gaussian import moments, normal_mean
from lib.mean_field import off_center_ratios, propagate, propagate_by_sum
from lib.numerics import draws
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
    kept: dict[str, tuple[float, ...]]
    "The same with weights scaled so that every pre-activation keeps mean square 1."
    off_center_tanh: tuple[float, ...]
    "tanh, layer by layer, where the inputs themselves have the ratio `off_center_input`."
    off_center_input: float
    "Ratio of those inputs: one half of their mean square is mean."
    chi: float
    "E[σ'²] of the sigmoid at the scale that its deep layers settle at."
    factor: float
    "1/χ: the sigmoid's factor per layer."
    kept_factor: float
    "The sigmoid's factor per layer where the scale is kept at 1."
    deep: int
    "Layers of the deepest networks here."
    settled: float
    "The mean square that the sigmoid's activations settle at."
    faded: float
    "Mean square of GELU's pre-activations after `DEEP` layers of weights of variance 1/n."
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
    "Median deviation over the inputs of one sigmoid's activation, layers 1 to 3, in the first sampled network."


def sample(unit, rng, layers=LAYERS, width=WIDTH, inputs=INPUTS, normalize=False, orthogonal=False):
    """Activations of every layer of a random network, for standard normal inputs."""
    a, found = rng.normal(size=(inputs, width)), []
    for _ in range(layers):
        weights = rng.normal(size=(width, width)) / np.sqrt(width)
        z = a @ (np.linalg.qr(weights)[0] if orthogonal else weights)
        a = unit((z - z.mean(axis=0)) / z.std(axis=0) if normalize else z)
        found.append(a)
    return found


def condition(a):
    """Condition number of the second moment of activations (inputs, units)."""
    return np.linalg.cond(a) ** 2


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    nets = [sample(sigmoid, rng) for _ in range(NETS)]
    table = np.array([[estimate_off_center_ratio(a) for a in net] for net in nets])
    small = {"layers": 3, "width": UNITS, "inputs": 1500, "orthogonal": True}
    plain = [sample(sigmoid, rng, **small) for _ in range(9)]
    normal = [sample(sigmoid, rng, **small, normalize=True)[2] for _ in range(3)]
    kept = {name: off_center_ratios(name, 10, keep_scale=True)[0] for name in ("sigmoid", "gelu", "silu")}
    settled = off_center_ratios("sigmoid", DEEP)[1]
    chi = normal_mean(lambda z: DERIVATIVES["sigmoid"](z) ** 2, np.sqrt(settled))
    mean, variance = moments(FUNCTIONS["sigmoid"])
    return Result(
        first=(variance + mean**2, mean**2),
        ratio={name: off_center_ratios(name, LAYERS)[0] for name in FUNCTIONS},
        kept=kept,
        off_center_tanh=off_center_ratios("tanh", LAYERS, start=0.5)[0],
        off_center_input=1.0,
        chi=chi,
        factor=1 / chi,
        kept_factor=kept["sigmoid"][-1] / kept["sigmoid"][-2],
        deep=DEEP,
        settled=settled,
        faded=off_center_ratios("gelu", DEEP)[1],
        sampled=tuple(np.median(table, axis=0)),
        sampled_low=tuple(table.min(axis=0)),
        sampled_high=tuple(table.max(axis=0)),
        sampled_tanh=max(abs(estimate_off_center_ratio(a)) for a in sample(np.tanh, rng)),
        normalized=tuple(estimate_off_center_ratio(a) for a in sample(sigmoid, rng, normalize=True)),
        width=WIDTH,
        nets=NETS,
        units=UNITS,
        kappa=tuple(np.median([[condition(a) for a in net] for net in plain], axis=0)),
        kappa_normalized=np.median([condition(a) for a in normal]),
        kappa_centered=np.median([condition(a - a.mean(axis=0)) for a in normal]),
        bars=np.array([np.quantile(a[:, :SHOWN], (LOW, 1 - LOW), axis=0).T for a in nets[0][:3]]),
        widths=tuple(np.median(a.std(axis=0)) for a in nets[0][:3]),
    )


def by_grid(unit, layers, start=0.0, keep=False):
    """Ratios layer by layer, with sums over a grid in the place of the quadrature."""
    offset, spread, found = start, 1 - start, []
    for _ in range(layers):
        offset, spread = propagate_by_sum(unit, offset, spread)
        found.append(offset / spread)
        scale = offset + spread if keep else 1
        offset, spread = offset / scale, spread / scale
    return found


def claim_sampled_networks_agree(result: Result) -> None:
    """{{ nets }} sampled networks of {{ width }} sigmoids a layer have ratios around
    {{ sampled | digits(2) | list }}; the calculation for infinite width says
    {{ ratio.sigmoid | digits(3) | list }}."""
    assert abs(result.first[1] / (result.first[0] - result.first[1]) / result.ratio["sigmoid"][0] - 1) < 1e-9
    np.testing.assert_allclose(result.sampled, result.ratio["sigmoid"], rtol=0.14)
    np.testing.assert_allclose(by_grid(sigmoid, LAYERS), result.ratio["sigmoid"], rtol=1e-4)
    assert np.all(np.diff([result.sampled_low, result.sampled, result.sampled_high], axis=0) > 0)
    offset, spread = 0.0, 1.0
    for width in result.widths:  # what is left of the inputs' differences
        offset, spread = propagate(sigmoid, offset, spread)
        assert abs(width**2 / spread - 1) < 0.2


def claim_sigmoid_factor(result: Result) -> None:
    r"""Deep down a layer of sigmoids multiplies the ratio by $1/\chi = {{ factor | digits(3) }}$."""
    found = result.ratio["sigmoid"]
    rng, z = np.random.default_rng(SEED), 0.5 * 2**0.5  # a scale to start from
    samples = rng.normal(size=200_000)
    for _ in range(20):
        z = np.sqrt(np.mean(sigmoid(z * samples) ** 2))
    slopes = (sigmoid(z * samples + 1e-4) - sigmoid(z * samples - 1e-4)) / 2e-4
    assert abs(np.mean(slopes**2) * result.factor - 1) < 0.01 and abs(found[4] / found[3] / result.factor - 1) < 0.01


def claim_odd_functions_stay_centered(result: Result) -> None:
    """Networks of tanh, softsign or LeCun's tanh stay centered at any depth if their inputs are, because those
    functions are odd; SELU's stay centered at the scale that it was built for."""
    x = np.random.default_rng(SEED).normal(size=(200, 64))
    x = np.concatenate([x, -x])  # a cloud that is symmetric about zero
    for key in ("tanh", "softsign", "lecun_tanh"):
        last = sample_from(FUNCTIONS[key], x)
        assert abs(last.mean(axis=0)).max() < 1e-14 and not any(result.ratio[key])
    assert not any(result.ratio["selu"]) and abs(estimate_off_center_ratio(sample_from(FUNCTIONS["selu"], x))) < 0.2


def claim_tanh_passes_it_on(result: Result) -> None:
    """tanh does not cure inputs that are off-center: a ratio of {{ off_center_input | integer }} in the data is
    {{ off_center_tanh[0] | digits(2) }} after one layer and {{ off_center_tanh[2] | digits(2) }} after three."""
    rng = np.random.default_rng(SEED)
    x = (rng.normal(size=(1, 500)) + rng.normal(size=(500, 500))) / np.sqrt(2)
    assert abs(estimate_off_center_ratio(x) - result.off_center_input) < 0.25
    assert abs(estimate_off_center_ratio(sample_from(np.tanh, x)) / result.off_center_tanh[4] - 1) < 0.4
    np.testing.assert_allclose(by_grid(np.tanh, LAYERS, 0.5), result.off_center_tanh, rtol=1e-4)
    assert list(result.off_center_tanh) == sorted(result.off_center_tanh, reverse=True)


def claim_gelu_settles_because_it_fades(result: Result) -> None:
    """GELU settles at {{ ratio.gelu[4] | digits(2) }} and SiLU at {{ ratio.silu[4] | digits(2) }} because the signal
    dies and what remains is nearly linear: GELU's pre-activations have a mean square of
    {{ faded | scientific(1) }} after {{ deep }} layers. With weights that keep the scale the ratios go on growing, to
    {{ kept.gelu[9] | digits(2) }} and {{ kept.silu[9] | digits(2) }} in half as many layers."""
    for key in ("gelu", "silu"):
        deep, _ = off_center_ratios(key, 12)
        assert deep[-1] / result.ratio[key][-1] - 1 < 0.01 and list(result.kept[key]) == sorted(result.kept[key])
        assert result.kept[key][9] > 3 * result.ratio[key][4] and len(result.kept[key]) == result.deep / 2
        np.testing.assert_allclose(by_grid(FUNCTIONS[key], LAYERS), result.ratio[key], rtol=1e-4)
        np.testing.assert_allclose(by_grid(FUNCTIONS[key], 10, keep=True), result.kept[key], rtol=1e-4)
    assert 0.3 < result.faded * 4**result.deep < 10  # a slope of ½ at 0 quarters the mean square


def claim_larger_weights_help_a_little(result: Result) -> None:
    """Weights that keep the pre-activations at mean square 1 lower the sigmoid's factor per layer from
    {{ factor | digits(3) }} to {{ kept_factor | digits(2) }}, and not to 1."""
    slopes, values = normal_mean(lambda z: DERIVATIVES["sigmoid"](z) ** 2), normal_mean(lambda z: sigmoid(z) ** 2)
    assert abs(values / slopes / result.kept_factor - 1) < 1e-3 and 2 < result.kept_factor < result.factor / 2
    *_, before, last = by_grid(sigmoid, 9)
    assert abs(last / before / result.factor - 1) < 1e-3


def claim_normalizing_stops_it(result: Result) -> None:
    """Standardize every pre-activation over the inputs, as batch normalization does: then the sigmoid's ratio is
    {{ normalized[0] | digits(2) }} in layer 1 and still {{ normalized[4] | digits(2) }} in the last."""
    mean, variance = 0.5, normal_mean(lambda z: (sigmoid(z) - 0.5) ** 2)
    np.testing.assert_allclose(result.normalized, mean**2 / variance, rtol=0.02)


def claim_conditioning_follows(result: Result) -> None:
    """To the next neuron, without a bias, {{ units }} sigmoids of layers 1, 2 and 3 are worth condition numbers of
    {{ kappa[0] | digits(2) }}, {{ kappa[1] | digits(2) }} and {{ kappa[2] | digits(1) }}; with pre-activations
    standardized in every layer the third is {{ kappa_normalized | digits(2) }}, and with activations centered
    before they are passed on
    {{ kappa_centered | digits(2) }}."""
    for kappa, ratio in zip(result.kappa, result.ratio["sigmoid"]):
        assert 0.7 < kappa / (1 + UNITS * ratio) < 4  # above it, as the sample of inputs adds some of its own
    rng = np.random.default_rng(SEED + 1)  # other nets, by the spectrum
    other = [sample(sigmoid, rng, 2, UNITS, 1500, orthogonal=True) for _ in range(9)]
    values = np.linalg.eigvalsh([[a.T @ a for a in net] for net in other])
    for kappa, medians, tolerance in zip(
        result.kappa, np.median(values[..., -1] / values[..., 0], axis=0), (0.1, 0.38)
    ):
        assert abs(medians / kappa - 1) < tolerance
    values = np.linalg.eigvalsh(np.cov((a := sample(sigmoid, rng, 3, UNITS, 1500, True, True)[2]).T))
    assert abs(values[-1] / values[0] / result.kappa_centered - 1) < 0.2
    assert (
        abs((1 + UNITS * estimate_off_center_ratio(a)) * np.sqrt(result.kappa_centered) / result.kappa_normalized - 1)
        < 0.14
    )


def sample_from(unit, x, layers=LAYERS):
    """Activations of the last of some random layers of constant width, for given inputs."""
    rng = np.random.default_rng(SEED + 1)
    for _ in range(layers):
        x = unit(x @ rng.normal(size=(x.shape[1], x.shape[1])) / np.sqrt(x.shape[1]))
    return x


def equation_ratio():
    r"""\frac{\lVert\mu\rVert^2}{\operatorname{tr}\Sigma} = \frac{C}{V - C}"""
    for rng in draws(10):
        a = rng.normal(rng.normal(size=5), 1, size=(30, 5))
        pairs = [x @ y / 5 for x in a for y in a]
        yield {
            r"\mu": a.mean(axis=0),
            r"\operatorname{tr}\Sigma": np.trace(np.cov(a.T, bias=True)),
            "C": np.mean(pairs),
            "V": np.mean([x @ x / 5 for x in a]),
        }


def equation_next_scale():
    r"""v_{l+1} = g^2\,V_l, \qquad c_{l+1} = g^2\,C_l"""
    for rng in draws(6):
        g, a = rng.uniform(1.2, 3), rng.normal(0.3, 1, size=(2, 4))
        signs = 1 - 2 * (np.arange(16)[:, None] >> np.arange(4) & 1)  # all weights ±g/√n: mean 0, variance g²/n
        z = g / 2 * signs @ a.T
        yield {
            "v_{l+1}": np.mean(z[:, 0] ** 2),
            "c_{l+1}": np.mean(z[:, 0] * z[:, 1]),
            "g": g,
            "V_l": np.mean(a[0] ** 2),
            "C_l": np.mean(a[0] * a[1]),
        }


def equation_small_differences():
    r"""V_l - C_l \approx \chi_l\,(v_l - c_l)"""
    for rng in draws(3):
        v = rng.uniform(0.2, 2)
        for key in ("sigmoid", "tanh", "softplus", "silu"):
            slope = DERIVATIVES[key]
            offset, spread = propagate(FUNCTIONS[key], v, 1e-4)
            yield {
                r"\approx": 2e-3,
                "V_l": offset + spread,
                "C_l": offset,
                "v_l": v + 1e-4,
                "c_l": v,
                r"\chi_l": normal_mean(lambda z, slope=slope: slope(z) ** 2, np.sqrt(v)),
            }


def equation_growth():
    r"""\frac{\rho_{l+1}}{\rho_l} \approx \frac{V_{l+1}}{g^2\,\chi\,V_l}"""
    for rng in draws(4):
        g = rng.uniform(0.6, 2.5)
        offset, spread = propagate(sigmoid, 1.0, 1e-3)
        later = propagate(sigmoid, g * g * offset, g * g * spread)
        yield {
            r"\approx": 0.01,
            r"\rho_{l+1}": later[0] / later[1],
            r"\rho_l": offset / spread,
            "V_{l+1}": sum(later),
            "V_l": offset + spread,
            "g": g,
            r"\chi": normal_mean(lambda z: DERIVATIVES["sigmoid"](z) ** 2, g * np.sqrt(offset + spread)),
        }


def equation_relu_angle():
    r"""\cos\theta_{l+1} = \frac{\sin\theta_l + (\pi - \theta_l)\cos\theta_l}{\pi}, \qquad
    \rho_l = \frac{\cos\theta_{l+1}}{1 - \cos\theta_{l+1}}"""
    for angle in np.random.default_rng(0).uniform(0.2, 1.5, 12):
        shared, own = propagate(FUNCTIONS["relu"], 2 * np.cos(angle), 2 - 2 * np.cos(angle))
        yield {
            r"\theta_l": angle,
            r"\theta_{l+1}": np.arccos(shared / (shared + own)),
            r"\rho_l": shared / own,
        }


def equation_condition():
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
