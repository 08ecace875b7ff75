"""Is the mean felt in the whole network, or only layer by layer?

In the whole. The kernel of all outputs, JJᵀ, has as many nonzero eigenvalues as the Fisher matrix of squared error, the
same ones. With {{ outputs }} outputs and sigmoids the {{ outputs }} largest are {{ outlier.sigmoid.none | digits(1) }}
times the next; their eigenvectors are constant over the examples, so subtracting each output's mean removes them.

    J      derivatives of all outputs for all examples by all weights
    K      JJᵀ, the neural tangent kernel; one row for each example and output
    a, g   what a layer reads, and the derivatives of an output by the layer's pre-activations
    place  what is normalized: nothing, the pre-activations of hidden layers (batch norm), the outputs (their batch mean
           subtracted, batch norm, layer norm)
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, FUNCTIONS, NAMES
from lib.mean_field import propagate
from lib.normalization import normalize, normalize_backward
from lib.numerics import Draws
from lib.plots import FIRST, INK, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
EXAMPLES, INPUTS, WIDTH, OUTPUTS, NETS = 64, 64, 64, 4, 3
KEYS = ("sigmoid", "relu", "tanh")
PLACES = ("none", "hidden", "mean", "batch", "layer")
GAIN = {"relu": 2**0.5}  # He's weights


@dataclass(frozen=True)
class Result:
    examples: int
    "Examples, standard normal inputs."
    width: int
    "Inputs, and units in each of the two hidden layers."
    outputs: int
    "Outputs."
    nets: int
    "How many networks; ratios are medians over them."
    eigenvalues: dict[str, tuple[float, ...]]
    "The largest eigenvalues of the kernel, largest first; geometric means over networks."
    outlier: dict[str, dict[str, float]]
    "Largest eigenvalue over the first one behind as many as there are outputs, by place; medians."
    constant: dict[str, float]
    "Share of the largest eigenvectors (as many as outputs) that is constant over the examples, first network."


def draw_kernel(rng: np.random.Generator, key: str, place: str = "none") -> np.ndarray:
    """JJᵀ of a random network with two hidden layers, shape (examples · outputs, examples · outputs)."""
    sizes, a, hidden = (INPUTS, WIDTH, WIDTH, OUTPUTS), [rng.normal(size=(EXAMPLES, INPUTS))], []
    gains = (GAIN.get(key, 1.0),) * 2 + (1.0,)
    weights = [g * rng.normal(size=(n, m)) / np.sqrt(n) for g, n, m in zip(gains, sizes, sizes[1:])]
    for W in weights[:2]:
        hidden.append(normalize(a[-1] @ W, axis=0) if place == "hidden" else (a[-1] @ W, None))
        a.append(FUNCTIONS[key](hidden[-1][0]))
    outputs = a[-1] @ weights[2]
    delta = np.eye(outputs.size).reshape(-1, EXAMPLES, OUTPUTS)
    if place == "mean":
        delta = delta - delta.mean(axis=1, keepdims=True)
    if place in ("batch", "layer"):
        axis = -2 if place == "batch" else -1  # over examples, over outputs
        delta = normalize_backward(delta, *normalize(outputs, axis), axis)
    K = np.zeros((outputs.size,) * 2)
    for layer in (2, 1, 0):
        J = np.einsum("ni,pnj->pij", a[layer], delta, optimize=True).reshape(outputs.size, -1)
        K += J @ J.T
        if layer:
            z, s = hidden[layer - 1]
            delta = (delta @ weights[layer].T) * DERIVATIVES[key](z)
            delta = delta if s is None else normalize_backward(delta, z, s, axis=-2)
    return K


def outlier_ratio(K: np.ndarray) -> float:
    """Largest eigenvalue over the first one behind as many as there are outputs."""
    values = np.linalg.eigvalsh(K)
    return values[-1] / values[-1 - OUTPUTS]


def compute() -> Result:
    nets = {key: [draw_kernel(np.random.default_rng(NETS * SEED + i), key) for i in range(NETS)] for key in KEYS}
    constant = np.kron(np.ones((EXAMPLES, 1)), np.eye(OUTPUTS)) / np.sqrt(EXAMPLES)
    ratios = {key: {"none": np.median([outlier_ratio(K) for K in kernels])} for key, kernels in nets.items()}
    for key in ("sigmoid", "relu"):
        for place in PLACES[1:]:
            rngs = [np.random.default_rng(NETS * SEED + i) for i in range(NETS)]
            ratios[key][place] = np.median([outlier_ratio(draw_kernel(rng, key, place)) for rng in rngs])
    return Result(
        examples=EXAMPLES,
        width=WIDTH,
        outputs=OUTPUTS,
        nets=NETS,
        eigenvalues={
            key: tuple(np.exp(np.mean([np.log(np.linalg.eigvalsh(K)[-12:][::-1]) for K in kernels], axis=0)))
            for key, kernels in nets.items()
        },
        outlier=ratios,
        constant={
            key: np.sum((constant.T @ np.linalg.eigh(kernels[0])[1][:, -OUTPUTS:]) ** 2) / OUTPUTS
            for key, kernels in nets.items()
        },
    )


def kernel_entries(key: str) -> tuple[float, float]:
    """Diagonal and off-diagonal entry of one output's kernel, over the width, in a network of infinite width."""
    gain, shared, own = GAIN.get(key, 1.0) ** 2, 0.0, GAIN.get(key, 1.0) ** 2
    forward, backward = [np.array([1.0, 0.0])], []
    for _ in range(2):
        products = [propagate(f, shared, own) for f in (FUNCTIONS[key], DERIVATIVES[key])]
        values, derivatives = (np.array([c + rest, c]) for c, rest in products)
        forward.append(values)
        backward.append(derivatives)
        shared, own = gain * values[1], gain * (values[0] - values[1])
    entry = forward[2] + forward[1] * backward[1] + gain * forward[0] * backward[0] * backward[1]
    return float(entry[0]), float(entry[1])


def claim_the_outliers_are_constant(result: Result) -> None:
    """The {{ outputs }} largest eigenvalues are {{ outlier.sigmoid.none | digits(1) }} times the next with sigmoids,
    {{ outlier.relu.none | digits(1) }} times with ReLU and {{ outlier.tanh.none | digits(2) }} times with tanh; their
    eigenvectors are constant over the examples to {{ constant.sigmoid | percent(2) }} with sigmoids,
    {{ constant.relu | percent(0) }} with ReLU, {{ constant.tanh | percent(0) }} with tanh."""
    for key in ("sigmoid", "relu"):
        v, c = kernel_entries(key)
        predicted = WIDTH * (v + (EXAMPLES - 1) * c)  # of one output's kernel, (v − c) I + c 11ᵀ
        assert abs(np.log(np.mean(result.eigenvalues[key][:OUTPUTS]) / predicted)) < 0.3
    assert abs(kernel_entries("tanh")[1]) < 1e-9 and result.outlier["tanh"]["none"] < 2
    assert result.constant["sigmoid"] > 0.9995 and 0.9 < result.constant["relu"] < 0.999
    assert 0 < result.constant["tanh"] < 0.1
    assert result.outlier["sigmoid"]["none"] > 20 * result.outlier["relu"]["none"] > 60
    assert 331 < result.outlier["sigmoid"]["none"] < 522 and 4.2 < result.outlier["relu"]["none"] < 9.2
    assert 0.87 < result.outlier["tanh"]["none"] < 1.7 and 9.9965e-1 < result.constant["sigmoid"] < 1.0001
    assert 0.91 < result.constant["relu"] < 0.97


def claim_only_the_outputs_mean_removes_them(result: Result) -> None:
    """With sigmoids, batch norm in the hidden layers brings {{ outlier.sigmoid.none | digits(1) }} to
    {{ outlier.sigmoid.hidden | digits(2) }}, and layer norm at the output leaves
    {{ outlier.sigmoid.layer | digits(1) }}; batch norm at the output, or only subtracting each output's mean, leaves
    {{ outlier.sigmoid.batch | digits(2) }} and {{ outlier.sigmoid.mean | digits(2) }}."""
    P = np.kron(np.eye(EXAMPLES) - 1 / EXAMPLES, np.eye(OUTPUTS))
    for key in ("sigmoid", "relu"):
        K = draw_kernel(np.random.default_rng(SEED), key)
        direct = draw_kernel(np.random.default_rng(SEED), key, "mean")
        np.testing.assert_allclose(P @ K @ P, direct, atol=1e-9 * K.max())
        assert all(result.outlier[key][place] < 2 for place in ("mean", "batch"))
    for key, low in (("sigmoid", 10), ("relu", 2)):
        part = result.outlier[key]
        assert low < part["hidden"] < part["none"] and part["layer"] > part["none"] / 4
    assert 331 < result.outlier["sigmoid"]["none"] < 522 and 16 < result.outlier["sigmoid"]["hidden"] < 26
    assert 419 < result.outlier["sigmoid"]["layer"] < 610 and 1.1 < result.outlier["sigmoid"]["batch"] < 1.7
    assert 0.97 < result.outlier["sigmoid"]["mean"] < 1.7


def claim_layer_norm_takes_two_of_them(result: Result) -> None:
    """Layer norm at the output removes two of the {{ outputs }} outliers and leaves the rest: one is the mean over the
    outputs, the other goes with the division."""
    values = np.linalg.eigvalsh(draw_kernel(np.random.default_rng(SEED), "sigmoid", "layer"))[::-1]
    left = values[: OUTPUTS - 2] / values[OUTPUTS]
    assert np.all(left > 50) and values[OUTPUTS - 2] / values[OUTPUTS] < np.min(left) / 5


def split(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Matrices of a network with 3 inputs, layers of 3 and 4 tanh units, and one output."""
    return theta[:9].reshape(3, 3), theta[9:21].reshape(3, 4), theta[21:]


def draw_small_networks() -> Iterator[tuple]:
    """J by complex steps, what each layer reads and what comes back to it, and J of the centered output."""
    for rng in map(np.random.default_rng, range(5)):
        x, theta = rng.normal(0.5, 1, size=(6, 3)), rng.normal(size=25)
        outputs = []
        for nudge in 1e-20j * np.eye(25):
            W, U, v = split(theta + nudge)
            outputs.append(np.tanh(np.tanh(x @ W) @ U) @ v)
        W, U, v = split(theta)
        z, y = x @ W, np.tanh(x @ W) @ U
        g = v / np.cosh(y) ** 2
        layers = [(x, (g @ U.T) / np.cosh(z) ** 2), (np.tanh(z), g), (np.tanh(y), np.ones((6, 1)))]
        J, centered = np.array(outputs), np.array([f - f.mean() for f in outputs])
        yield J.imag.T / 1e-20, layers, centered.imag.T / 1e-20


def equation_kernel() -> Draws:
    r"""J J^\top = \sum_{l=1}^{3} (A_l A_l^\top) \odot (G_l G_l^\top)"""
    for J, layers, _ in draw_small_networks():
        yield {
            "J": J,
            "A_l": lambda i, layers=layers: layers[int(i) - 1][0],
            "G_l": lambda i, layers=layers: layers[int(i) - 1][1],
        }


def equation_outlier() -> Draws:
    r"""\frac{\lambda_1}{\lambda_2} = 1 + \frac{N\,c}{v - c}"""
    for rng in map(np.random.default_rng, range(8)):
        N, v = int(rng.integers(3, 9)), rng.uniform(1, 2)
        c = v * rng.uniform(0.05, 0.95)
        values = np.linalg.eigvalsh((v - c) * np.eye(N) + c)
        yield {r"\lambda_1": values[-1], r"\lambda_2": values[-2], "N": N, "c": c, "v": v}


def equation_centered() -> Draws:
    r"""K' = \left(I - \tfrac{1}{N}\mathbf{1}\mathbf{1}^\top\right) K
    \left(I - \tfrac{1}{N}\mathbf{1}\mathbf{1}^\top\right)"""
    for J, _, centered in draw_small_networks():
        N = len(J)
        yield {"K'": centered @ centered.T, "K": J @ J.T, "I": np.eye(N), "N": N, r"\mathbf{1}": np.ones((N, 1))}


def figure_spectrum(result: Result) -> Figure:
    """The largest eigenvalues of the kernel on a logarithmic axis. Sigmoids: {{ outputs }} near
    {{ eigenvalues.sigmoid[0] | integer }}, then a fall to {{ eigenvalues.sigmoid[5] | digits(2) }}. ReLU:
    {{ outputs }} around {{ eigenvalues.relu[2] | integer }}, then {{ eigenvalues.relu[5] | integer }}. tanh: no step,
    from {{ eigenvalues.tanh[0] | integer }} to {{ eigenvalues.tanh[11] | integer }}."""
    figure = new_figure(360, 0.85)
    (axes,) = figure.axes
    places = np.arange(1, 13)
    for key, role, at in (("sigmoid", SECOND, 8), ("relu", INK, 8), ("tanh", FIRST, 8)):
        values = result.eigenvalues[key]
        axes.plot(places, values, "o-", color=role, linewidth=1, label=key)
        label_point(axes, NAMES[key], (at + 1, values[at]), role, dx=0, dy=-12 if key != "relu" else 12)
    axes.set(yscale="log", xlim=(0.5, 12.5), ylim=(1, 6000))
    ticks = {1: "1", 10: "10", 100: "100", 1000: "1,000"}
    frame_axes(axes, (1, OUTPUTS, OUTPUTS + 1, 12), ticks, "number of the eigenvalue", "eigenvalue")
    return figure


if __name__ == "__main__":
    show_figures(figure_spectrum, of=compute())
