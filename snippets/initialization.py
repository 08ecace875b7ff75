"""What special care does an activation function need at initialization?

That signals and gradients keep their size through the layers. The sigmoid's care is a shift of ½ and a gain of
{{ table.sigmoid.spread | digits(2) }} at z ~ N(0, 1); ReLU's is a gain of √2.

    z, φ(z)   pre-activation of a unit and its output
    gain      what weights of variance one over the inputs are multiplied by
    signal    gain that keeps E[φ²], spread: that keeps Var[φ], gradient: that keeps E[δ²], all at z ~ N(0, 1)
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from lib.activation_functions import DERIVATIVES, FUNCTIONS, NAMES, sigmoid
from lib.gaussian import moments, normal_mean
from lib.numerics import Draws, draws

SEED = 0
LAYERS = 20
POINTS = np.array([0.1, 1.0])
STARTS = (0.25, 4.0)
SHIFTS = {"tanh": 0.0, "sigmoid": 0.5}  # what is subtracted from the outputs of two functions in a deep net


@dataclass(frozen=True)
class Result:
    points: tuple[float, ...]
    "Two pre-activations at which the sigmoid with care is compared with the identity."
    errors: tuple[float, ...]
    "1 − 4(σ(z) − ½)/z at those points."
    table: dict[str, dict]
    "Each activation function at z ~ N(0, 1): name and the three gains."
    layers: int
    "Layers of a deep net."
    growth: dict[str, float]
    "Factor on a gradient's length through all layers at the gain that keeps the variance, by mean field."
    starts: tuple[float, float]
    "Variances of z, a small and a large one, from which deep nets start."
    settled: dict[str, tuple[float, ...]]
    "Variance of z after all layers at that gain, from either start; 1 is the right one."
    relu_mean_share: float
    "Part of E[a²] that is the mean, for ReLU."


def gains(key: str) -> dict:
    """The three gains of an activation function at z ~ N(0, 1)."""
    unit = FUNCTIONS[key]
    mean, variance = moments(unit)
    slope = normal_mean(lambda z: DERIVATIVES[key](z) ** 2)
    return {
        "name": NAMES[key],
        "signal": (variance + mean**2) ** -0.5,
        "spread": variance**-0.5,
        "gradient": slope**-0.5,
    }


def limiting_variance(key: str, gain: float, variance: float) -> float:
    """Variance of z after all layers of infinite width, from E[(φ − shift)²] layer by layer."""
    for _ in range(LAYERS):
        outputs = normal_mean(lambda z: (FUNCTIONS[key](z) - SHIFTS[key]) ** 2, np.sqrt(variance))
        variance = gain**2 * outputs
    return variance


def compute() -> Result:
    table = {key: gains(key) for key in FUNCTIONS}
    mean, variance = moments(FUNCTIONS["relu"])
    return Result(
        points=tuple(POINTS),
        errors=tuple(1 - 4 * (sigmoid(POINTS) - 0.5) / POINTS),
        table=table,
        layers=LAYERS,
        growth={key: (table[key]["spread"] / table[key]["gradient"]) ** LAYERS for key in SHIFTS},
        starts=STARTS,
        settled={key: tuple(limiting_variance(key, table[key]["spread"], start) for start in STARTS) for key in SHIFTS},
        relu_mean_share=mean**2 / (mean**2 + variance),
    )


def claim_four_and_a_half(result: Result) -> None:
    r"""At $z = {{ points[0] | digits(1) }}$ the sigmoid with that care is the identity but for
    {{ errors[0] | percent(2) }}, at $z = {{ points[1] | integer }}$ but for {{ errors[1] | percent(1) }}."""
    for z, error in zip(result.points, result.errors):
        assert abs(error - (1 - 2 * np.tanh(z / 2) / z)) < 1e-12
        assert abs(error - (z**2 / 12 - z**4 / 120 + 17 * z**6 / 20160)) < 1e-4 * z  # the series of tanh
    assert result.errors[0] < 0.001


def claim_gains_by_sampling(result: Result) -> None:
    """Random pre-activations give the same gains as the quadrature, for every function."""
    z = np.random.default_rng(SEED).normal(size=100_000)
    for key, row in result.table.items():
        z = z[:20_000] if key == "gelu" else z  # its erf is slow
        a, slope = FUNCTIONS[key](z), DERIVATIVES[key](z)
        sampled = np.mean(a**2) ** -0.5, np.std(a) ** -1, np.mean(slope**2) ** -0.5
        np.testing.assert_allclose(sampled, [row[kind] for kind in ("signal", "spread", "gradient")], rtol=0.03)


def claim_not_both(result: Result) -> None:
    """For a unit that is not linear, the gain that keeps the variance is larger than the one that keeps gradients: at
    the former, {{ layers }} tanh layers lengthen a gradient {{ growth.tanh | digits(2) }}-fold, {{ layers }} sigmoid
    layers {{ growth.sigmoid | digits(2) }}-fold."""
    for key, row in result.table.items():
        assert row["spread"] > row["gradient"], key
    rng = np.random.default_rng(SEED)  # the same by back-propagation through wide layers
    for key, shift in SHIFTS.items():
        a, growth, gain = rng.normal(size=(32, 400)), 1.0, result.table[key]["spread"]
        for layer in range(6):
            W = rng.normal(size=(400, 400)) / 20
            z = (gain if layer else 1.0) * a @ W
            a = FUNCTIONS[key](z) - shift
            delta = rng.normal(size=z.shape)
            growth *= np.mean((gain * (delta * DERIVATIVES[key](z)) @ W.T) ** 2) ** 0.5 / np.mean(delta**2) ** 0.5
        assert abs(growth ** (1 / 6) / result.growth[key] ** (1 / result.layers) - 1) < 0.02
    gain = result.table["tanh"]["spread"] * normal_mean(lambda z: DERIVATIVES["tanh"](z) ** 2) ** 0.5
    assert abs(gain**result.layers / result.growth["tanh"] - 1) < 1e-6


def claim_they_settle(result: Result) -> None:
    """With the gain that keeps a variance of 1, other variances approach it: from {{ starts | digits(2) | list }},
    {{ layers }} tanh layers bring it to {{ settled.tanh | decimals(3) | list }}, as many sigmoid layers with their
    shift to {{ settled.sigmoid | decimals(3) | list }}."""
    for key, shift in SHIFTS.items():
        gain, ends = result.table[key]["spread"], result.settled[key]
        assert ends[0] < 1 < ends[1] and ends[1] - ends[0] < 0.2
        rng = np.random.default_rng(SEED)  # the same by samples: a wide layer for each step
        z = 0.5 * rng.normal(size=20_000)
        for _ in range(result.layers):
            a = FUNCTIONS[key](z) - shift
            z = gain * np.sqrt(np.mean(a**2)) * rng.normal(size=z.shape)
        assert abs(z.var() - ends[0]) < 0.15
        x, weights = np.polynomial.hermite_e.hermegauss(100)  # and by another quadrature
        for variance, end in zip((1 / 4, 4), ends):
            for _ in range(result.layers):
                variance = gain**2 * weights @ (FUNCTIONS[key](np.sqrt(variance) * x) - shift) ** 2 / weights.sum()
            assert abs(variance - end) < 1e-3


def claim_relu_mean(result: Result) -> None:
    r"""Of ReLU’s $\mathbb{E}[a^2]$ the mean makes {{ relu_mean_share | percent(0) }}, which is $1/\pi$."""
    assert abs(result.relu_mean_share * np.pi - 1) < 1e-6


def equation_sigmoid_near_zero() -> Draws:
    r"""\sigma(z) \approx \tfrac{1}{2} + \tfrac{z}{4}"""
    for z in (-0.31, -0.2, 0.17, 0.3):
        yield {r"\sigma": sigmoid, "z": z, r"\approx": 0.002}


def equation_care() -> Draws:
    r"""4\left(\sigma(z) - \tfrac{1}{2}\right) = 2\tanh(z/2)"""
    for z in np.random.default_rng(0).normal(size=12):
        yield {r"\sigma": sigmoid, r"\tanh": lambda z: np.expm1(2 * z) / (np.expm1(2 * z) + 2), "z": z}


def enumerate_layers():
    """Small layers with weights ±c and inputs of three values, all cases once: what is sent on and what comes back."""
    for rng in draws(6):
        values, c, (inputs, outputs) = rng.normal(size=3), rng.uniform(0.3, 2), ((2, 3), (3, 2))[rng.integers(2)]
        signs, xs = (np.array(list(product(*[s] * k))) for s, k in (((-c, c), inputs), (values, inputs)))
        back, deltas = (np.array(list(product(*[s] * k))) for s, k in (((-c, c), outputs), (values[:2], outputs)))
        yield {
            r"\operatorname{Var}[z]": (xs @ signs.T).var(),
            r"\mathbb{E}[x^2]": np.mean(values**2),
            r"\mathbb{E}[(\partial L/\partial x)^2]": np.mean((deltas @ back.T) ** 2),
            r"\mathbb{E}[\delta^2]": np.mean(values[:2] ** 2),
            r"\operatorname{Var}[w]": signs.var(),
            r"n_{\mathrm{in}}": inputs,
            r"n_{\mathrm{out}}": outputs,
        }


def equation_forward() -> Draws:
    r"""\operatorname{Var}[z] = n_{\mathrm{in}}\operatorname{Var}[w]\,\mathbb{E}[x^2]"""
    yield from enumerate_layers()


def equation_backward() -> Draws:
    r"""\mathbb{E}[(\partial L/\partial x)^2] = n_{\mathrm{out}}\operatorname{Var}[w]\,\mathbb{E}[\delta^2]"""
    yield from enumerate_layers()


def equation_he() -> Draws:
    r"""\mathbb{E}[\max(0, z)^2] = \tfrac{1}{2}\operatorname{Var}[z], \qquad
    \operatorname{Var}[\max(0, z)] = \left(\tfrac{1}{2} - \tfrac{1}{2\pi}\right)\operatorname{Var}[z]"""
    for std in np.random.default_rng(0).uniform(0.3, 3, 6):
        mean, variance = moments(FUNCTIONS["relu"], std)
        yield {
            r"\mathbb{E}[\max(0, z)^2]": mean**2 + variance,
            r"\operatorname{Var}[\max(0, z)]": variance,
            r"\operatorname{Var}[z]": std**2,
        }


def equation_poincare() -> Draws:
    r"""\operatorname{Var}[\phi(z)] \le \operatorname{Var}[z]\,\mathbb{E}[\phi'(z)^2]"""
    for std in (0.3, 1.0, 3.0):
        for key in FUNCTIONS:
            yield {
                r"\operatorname{Var}[\phi(z)]": moments(FUNCTIONS[key], std)[1],
                r"\mathbb{E}[\phi'(z)^2]": normal_mean(lambda z, key=key: DERIVATIVES[key](z) ** 2, std),
                r"\operatorname{Var}[z]": std**2,
            }


if __name__ == "__main__":
    print(compute())
