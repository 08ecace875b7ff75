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

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.activation_functions import DERIVATIVES, FUNCTIONS, sigmoid
from lib.gaussian import normal_mean
from lib.mean_field import off_center_ratios, propagate, propagate_by_sum
from lib.numerics import Draws, draws
from lib.quadratics import estimate_off_center_ratio

SEED = 0
LAYERS, DEEP = 5, 20


@dataclass(frozen=True)
class Result:
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


def compute() -> Result:
    kept = {name: off_center_ratios(name, 10, keep_scale=True)[0] for name in ("sigmoid", "gelu", "silu")}
    settled = off_center_ratios("sigmoid", DEEP)[1]
    chi = normal_mean(lambda z: DERIVATIVES["sigmoid"](z) ** 2, np.sqrt(settled))
    return Result(
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
    )


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
        last = sample_last_layer(FUNCTIONS[key], x)
        assert abs(last.mean(axis=0)).max() < 1e-14 and not any(result.ratio[key])
    assert (
        not any(result.ratio["selu"]) and abs(estimate_off_center_ratio(sample_last_layer(FUNCTIONS["selu"], x))) < 0.2
    )


def claim_tanh_passes_it_on(result: Result) -> None:
    """tanh does not cure inputs that are off-center: a ratio of {{ off_center_input | integer }} in the data is
    {{ off_center_tanh[0] | digits(2) }} after one layer and {{ off_center_tanh[2] | digits(2) }} after three."""
    rng = np.random.default_rng(SEED)
    x = (rng.normal(size=(1, 500)) + rng.normal(size=(500, 500))) / np.sqrt(2)
    assert abs(estimate_off_center_ratio(x) - result.off_center_input) < 0.25
    assert abs(estimate_off_center_ratio(sample_last_layer(np.tanh, x)) / result.off_center_tanh[4] - 1) < 0.4
    np.testing.assert_allclose(
        off_center_ratios("tanh", LAYERS, 0.5, rule=propagate_by_sum)[0], result.off_center_tanh, rtol=1e-4
    )
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
        np.testing.assert_allclose(
            off_center_ratios(key, LAYERS, rule=propagate_by_sum)[0], result.ratio[key], rtol=1e-4
        )
        np.testing.assert_allclose(
            off_center_ratios(key, 10, keep_scale=True, rule=propagate_by_sum)[0], result.kept[key], rtol=1e-4
        )
    assert 0.3 < result.faded * 4**result.deep < 10  # a slope of ½ at 0 quarters the mean square


def claim_larger_weights_help_a_little(result: Result) -> None:
    """Weights that keep the pre-activations at mean square 1 lower the sigmoid's factor per layer from
    {{ factor | digits(3) }} to {{ kept_factor | digits(2) }}, and not to 1."""
    slopes, values = normal_mean(lambda z: DERIVATIVES["sigmoid"](z) ** 2), normal_mean(lambda z: sigmoid(z) ** 2)
    assert abs(values / slopes / result.kept_factor - 1) < 1e-3 and 2 < result.kept_factor < result.factor / 2
    *_, before, last = off_center_ratios("sigmoid", 9, rule=propagate_by_sum)[0]
    assert abs(last / before / result.factor - 1) < 1e-3


def sample_last_layer(unit: Callable, x: np.ndarray, layers: int = LAYERS) -> np.ndarray:
    """Activations of the last of some random layers of constant width, for given inputs."""
    rng = np.random.default_rng(SEED + 1)
    for _ in range(layers):
        x = unit(x @ rng.normal(size=(x.shape[1], x.shape[1])) / np.sqrt(x.shape[1]))
    return x


def equation_ratio() -> Draws:
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


def equation_next_scale() -> Draws:
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


def equation_small_differences() -> Draws:
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


def equation_growth() -> Draws:
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


def equation_relu_angle() -> Draws:
    r"""\cos\theta_{l+1} = \frac{\sin\theta_l + (\pi - \theta_l)\cos\theta_l}{\pi}, \qquad
    \rho_l = \frac{\cos\theta_{l+1}}{1 - \cos\theta_{l+1}}"""
    for angle in np.random.default_rng(0).uniform(0.2, 1.5, 12):
        shared, own = propagate(FUNCTIONS["relu"], 2 * np.cos(angle), 2 - 2 * np.cos(angle))
        yield {
            r"\theta_l": angle,
            r"\theta_{l+1}": np.arccos(shared / (shared + own)),
            r"\rho_l": shared / own,
        }


if __name__ == "__main__":
    print(compute())
