"""What do gains such as He's keep, the variance?

No, the second moment, and of it a growing share is a mean. With ReLU and He's gain the mean square of a pre-activation
stays 1; what of it differs between inputs falls to {{ varies.relu.moment[2] | digits(2) }} in {{ layers[2] }} layers. A
gain that keeps the variance works if the mean is taken out; then gradients grow, by {{ factor.relu | digits(3) }} a
layer.

    v, c   mean product of a pre-activation for one input and itself, and for two different inputs; v − c is what varies
    gain   g: weights have variance g²/n, or length g if they are centered
    kinds  moment, g² = 1/E[φ²]; variance, g² = 1/Var φ; gradient, g² = 1/E[φ'²], all at v = 1; centered, the variance's
           gain with weights of each unit that sum to zero
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, FUNCTIONS
from lib.gaussian import moments, normal_mean
from lib.mean_field import propagate
from lib.numerics import draws
from lib.plots import FIRST, INK, SECOND, decades, frame_axes, label_point, new_figure, show_figures

SEED = 0
KEYS = ("sigmoid", "relu", "gelu", "tanh")
KINDS = ("moment", "variance", "gradient", "centered")
SHOWN = (1, 5, 20)
WIDTH, EXAMPLES = 256, 200


@dataclass(frozen=True)
class Result:
    gains: dict[str, dict[str, float]]
    "Gain by activation function and by what it keeps: moment, variance, gradient."
    share: dict[str, float]
    "Share of the second moment of an activation that is its squared mean, at standard normal pre-activations."
    scale: dict[str, dict[str, tuple[float, ...]]]
    "Mean square v of pre-activations in `layers`, by activation function and kind; layer 0 reads the inputs."
    varies: dict[str, dict[str, tuple[float, ...]]]
    "What of it differs between inputs, v − c."
    gradient: dict[str, dict[str, tuple[float, ...]]]
    "Root mean square stretch of a gradient through so many layers."
    factor: dict[str, float]
    "Root of E[φ'²]/Var φ."
    layers: tuple[int, ...]
    "Those layers."
    paths: dict[str, tuple[float, ...]]
    "v − c of pre-activations in each layer from 0 on, for the figure."
    width: int
    "Units in each layer of sampled networks."
    sampled: float
    "v − c in the last layer of sampled ReLU networks with He's gain, median over networks."


def find_gains(key: str) -> dict[str, float]:
    """Gains that keep the second moment, the variance, or a gradient, where pre-activations are standard normal."""
    _, variance = moments(FUNCTIONS[key])
    square, chi = (normal_mean(lambda z, f=f: f[key](z) ** 2) for f in (FUNCTIONS, DERIVATIVES))
    return {"moment": square**-0.5, "variance": variance**-0.5, "gradient": chi**-0.5}


def follow_moments(key: str, gain: float, centered: bool, layers: int) -> list[tuple[float, float, float]]:
    """v, v − c and the stretch of a gradient in layers 0, 1, …, of infinite width, from v = 1 and c = 0."""
    shared, own, size = 0.0, 1.0, 1.0
    path = [(1.0, 1.0, 1.0)]
    for _ in range(layers):
        chi = normal_mean(lambda z: DERIVATIVES[key](z) ** 2, np.sqrt(shared + own))
        shared, own = (gain**2 * part for part in propagate(FUNCTIONS[key], shared, own))
        if centered:  # units are alike as long as nothing is shared: weights that sum to zero do not see their mean
            shared = 0.0
        size *= gain * np.sqrt(chi)
        path.append((shared + own, own, float(size)))
    return path


def sample_network(rng: np.random.Generator, key: str, gain: float, centered: bool, layers: int) -> tuple[float, float]:
    """Mean square of the last pre-activations of a random network, and their variance over the inputs."""
    z = rng.normal(size=(EXAMPLES, WIDTH))
    for _ in range(layers):
        W = rng.normal(size=(WIDTH, WIDTH))
        W = (W - W.mean(axis=0)) if centered else W
        z = FUNCTIONS[key](z) @ (gain * W / np.linalg.norm(W, axis=0))
    return np.mean(z**2), z.var(axis=0).mean()


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    gains, paths = {key: find_gains(key) for key in KEYS}, {}
    for key in KEYS:
        for kind in KINDS:
            gain = gains[key]["variance" if kind == "centered" else kind]
            paths[key, kind] = follow_moments(key, gain, kind == "centered", SHOWN[-1])

    def tabulate(column: int) -> dict:
        return {key: {kind: tuple(paths[key, kind][n][column] for n in SHOWN) for kind in KINDS} for key in KEYS}

    drawn = {
        "sigmoid": ("sigmoid", "moment"),
        "relu": ("relu", "moment"),
        "tanh": ("tanh", "moment"),
        "centered": ("relu", "centered"),
    }
    return Result(
        gains=gains,
        share={key: mean**2 / (mean**2 + variance) for key in KEYS for mean, variance in [moments(FUNCTIONS[key])]},
        scale=tabulate(0),
        varies=tabulate(1),
        gradient=tabulate(2),
        factor={key: gains[key]["variance"] / gains[key]["gradient"] for key in KEYS},
        layers=SHOWN,
        paths={name: tuple(v for _, v, _ in paths[which]) for name, which in drawn.items()},
        width=WIDTH,
        sampled=float(np.median([sample_network(rng, "relu", 2**0.5, False, SHOWN[-1])[1] for _ in range(9)])),
    )


def claim_three_gains(result: Result) -> None:
    """The gain that keeps the second moment, that for the variance, and that for gradients:
    {{ gains.relu.moment | digits(3) }}, {{ gains.relu.variance | digits(3) }} and {{ gains.relu.gradient | digits(3) }}
    for ReLU; {{ gains.sigmoid.moment | digits(3) }}, {{ gains.sigmoid.variance | digits(3) }} and
    {{ gains.sigmoid.gradient | digits(3) }} for the sigmoid; {{ gains.tanh.moment | digits(3) }},
    {{ gains.tanh.variance | digits(3) }} and {{ gains.tanh.gradient | digits(3) }} for tanh."""
    z = np.random.default_rng(SEED).normal(size=400_000)
    for key in KEYS:
        a, d = FUNCTIONS[key](z), DERIVATIVES[key](z)
        sampled = {"moment": np.mean(a**2), "variance": a.var(), "gradient": np.mean(d**2)}
        for kind, value in sampled.items():
            assert abs(result.gains[key][kind] * np.sqrt(value) - 1) < 0.01
    assert abs(result.gains["relu"]["moment"] - 2**0.5) < 1e-9 > abs(result.gains["relu"]["gradient"] - 2**0.5)
    assert abs(result.gains["tanh"]["moment"] - result.gains["tanh"]["variance"]) < 1e-9


def claim_what_varies_fades(result: Result) -> None:
    """With He's gain and ReLU the mean square of a pre-activation is {{ scale.relu.moment[2] | digits(2) }} after
    {{ layers[2] }} layers. The part of it that differs between inputs is {{ varies.relu.moment[0] | digits(2) }}
    after one, {{ varies.relu.moment[1] | digits(2) }} after {{ layers[1] }} and
    {{ varies.relu.moment[2] | digits(2) }} after {{ layers[2] }}. With sigmoids and their gain for the second
    moment it is {{ varies.sigmoid.moment[0] | digits(2) }} after one and
    {{ varies.sigmoid.moment[1] | scientific(1) }} after {{ layers[1] }}."""
    cosine, kept = 0.0, []  # of two inputs, by the arc-cosine kernel
    for _ in range(SHOWN[-1]):
        angle = np.arccos(cosine)
        cosine = (np.sin(angle) + (np.pi - angle) * np.cos(angle)) / np.pi
        kept.append(1 - cosine)
    assert abs(result.varies["relu"]["moment"][1] / kept[SHOWN[1] - 1] - 1) < 1e-3
    assert abs(result.varies["relu"]["moment"][-1] / (1 - cosine) - 1) < 1e-3
    assert abs(np.log(result.sampled / result.varies["relu"]["moment"][-1])) < 0.6
    for key in KEYS:
        assert abs(result.varies[key]["moment"][0] - (1 - result.share[key])) < 1e-6
    assert abs(result.scale["relu"]["moment"][2] - 1) < 1e-6
    slope = result.gains["sigmoid"]["moment"] ** 2 * normal_mean(lambda z: DERIVATIVES["sigmoid"](z) ** 2)
    first, later, _ = result.varies["sigmoid"]["moment"]
    assert abs(np.log(later / (first * slope ** (SHOWN[1] - 1)))) < 0.5  # small differences shrink by the slope


def claim_with_the_mean_out(result: Result) -> None:
    """The gain for the variance lets ReLU's mean square grow to {{ scale.relu.variance[2] | scientific(1) }} in
    {{ layers[2] }} layers. With weights that sum to zero it stays {{ scale.relu.centered[2] | integer }}, all of it
    varies, and a gradient is multiplied by {{ factor.relu | digits(3) }} a layer, to
    {{ gradient.relu.centered[2] | digits(2) }}."""
    assert abs(result.scale["relu"]["variance"][-1] / (np.pi / (np.pi - 1)) ** SHOWN[-1] - 1) < 1e-6
    for key in ("relu", "sigmoid"):
        square, varies = sample_network(
            np.random.default_rng(SEED + 1), key, result.gains[key]["variance"], True, SHOWN[-1]
        )
        assert abs(square - 1) < 0.2 and abs(varies - 1) < 0.2
        assert abs(result.gradient[key]["centered"][-1] / result.factor[key] ** SHOWN[-1] - 1) < 0.02
    assert abs(result.scale["relu"]["centered"][2] - 1) < 1e-6


def claim_no_gain_for_the_sigmoid(result: Result) -> None:
    """Sigmoids with the gain for the second moment leave {{ gradient.sigmoid.moment[2] | scientific(1) }} of a gradient
    in {{ layers[2] }} layers; with the gain for gradients, at a mean square of 1, they leave
    {{ gradient.sigmoid.gradient[2] | scientific(1) }}, since the mean drives the pre-activations to a mean square of
    {{ scale.sigmoid.gradient[2] | digits(2) }}."""
    settled = result.scale["sigmoid"]["gradient"][-1]
    gain = result.gains["sigmoid"]["gradient"]
    x = np.random.default_rng(SEED).normal(size=200_000) * np.sqrt(settled)
    assert abs(gain**2 * np.mean(FUNCTIONS["sigmoid"](x) ** 2) / settled - 1) < 0.02  # a fixed point
    chi = np.mean(DERIVATIVES["sigmoid"](x) ** 2)
    last = result.gradient["sigmoid"]["gradient"]
    assert abs(np.log(last[2] / last[1]) - 15 * np.log(gain * np.sqrt(chi))) < 0.3
    assert result.gradient["sigmoid"]["moment"][2] < 1e-6
    kept = result.gains["sigmoid"]["moment"] * normal_mean(lambda z: DERIVATIVES["sigmoid"](z) ** 2) ** 0.5
    assert abs(result.gradient["sigmoid"]["moment"][2] / kept ** SHOWN[2] - 1) < 0.1


def equation_second_moment() -> Iterator[dict]:
    r"""v' = g^2\,\mathbb{E}[\phi(z)^2] = g^2\left(m^2 + \operatorname{Var}\phi(z)\right)"""
    for rng in draws(4):
        g = rng.uniform(0.5, 3)
        for key in KEYS:
            mean, variance = moments(FUNCTIONS[key])
            square = normal_mean(lambda z, f=FUNCTIONS[key]: f(z) ** 2)
            yield {
                "v'": follow_moments(key, g, False, 1)[1][0],
                "g": g,
                r"\mathbb{E}[\phi(z)^2]": square,
                "m": mean,
                r"\operatorname{Var}\phi(z)": variance,
            }


def equation_share() -> Iterator[dict]:
    r"""\frac{v - c}{v} = \frac{1}{1 + \rho}"""
    for rng in draws(6):
        z = rng.normal(rng.normal(size=4), 1, size=(9, 4))
        pairs = [a @ b / 4 for a in z for b in z]
        yield {"v": np.mean(z**2), "c": np.mean(pairs), r"\rho": np.sum(z.mean(axis=0) ** 2) / z.var(axis=0).sum()}


def figure_varies(result: Result) -> Figure:
    """What differs between inputs, of a mean square of 1, against the layer, logarithmic. Sigmoids fall out of the
    picture within a few layers; ReLU with He's gain falls to {{ varies.relu.moment[2] | digits(2) }}; tanh, and ReLU
    with centered weights, stay at 1."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    lines = (
        ("sigmoid", "sigmoid", SECOND, 1, 8, 0),
        ("relu", "ReLU, He’s gain", INK, 10, 0, 12),
        ("centered", "tanh; ReLU with centered weights", FIRST, 5, 0, 11),
    )
    for key, name, role, at, dx, dy in lines:
        shown = [value for value in result.paths[key] if value > 1e-3]
        axes.plot(range(len(shown)), shown, color=role, label=name)
        label_point(axes, name, (at, shown[at]), role, dx=dx, dy=dy)
    axes.set(yscale="log", xlim=(-0.5, 20.5), ylim=(0.001, 2))
    frame_axes(axes, (0, 5, 10, 15, 20), decades(-3, -2, -1, 0), "layer", "what differs between inputs")
    return figure


if __name__ == "__main__":
    show_figures(figure_varies, of=compute())
