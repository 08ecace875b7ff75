"""Is it enough for gradients that an activation function is the identity near zero?

No: what {{ layers }} tanh layers do to a gradient depends on their weights. Orthogonal ones keep it; Gaussian ones of
the same variance stretch some directions and lose others, which their root mean square hides.

    W_k, D_k    weights of layer k, and the derivatives of its units on a diagonal
    J           Jacobian of a whole net: its outputs by its inputs
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, FUNCTIONS, sigmoid
from lib.numerics import Draws, complex_step, draws
from lib.plots import FIRST, SECOND, decades, frame_axes, label_point, new_figure, show_figures

SEED = 0
LAYERS, UNITS, NETS = 20, 128, 3
OFTEN, WITHIN = 100, 0.04  # up to where, and how well, a closed form follows tanh of tanh of …
CASES = {  # activation, gain of the weights, standard deviation of the inputs
    "tanh": ("tanh", 1.0, 0.1),
    "lecun": ("lecun_tanh", 1.5 / 1.7159, 0.1),  # derivative at zero 1.7159 · 2/3, so its gain is one over that
    "sigmoid": ("sigmoid", 4.0, 0.1),
    "wide": ("tanh", 1.0, 1.0),
}


@dataclass(frozen=True)
class Result:
    layers: int
    "Layers of the nets."
    nets: int
    "Nets that a median is taken over."
    units: int
    "Inputs, and units in each layer."
    isometry: dict[str, dict]
    "For each case and for orthogonal and Gaussian weights: least, greatest and root mean square singular value of J."
    spectra: dict[str, np.ndarray]
    "Singular values of the first tanh net's J, falling, for orthogonal and for Gaussian weights."
    often: int
    "How often tanh is applied where the closed form is compared with it."
    within: float
    "Bound of their relative difference."


def draw_weights(rng: np.random.Generator) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Weights of one net, orthogonal (uniformly distributed) and Gaussian of the same variance, with their inverses."""
    q, r = np.linalg.qr(rng.normal(size=(LAYERS, UNITS, UNITS)))
    q *= np.sign(np.diagonal(r, axis1=-2, axis2=-1))[..., None, :]
    gaussian = rng.normal(size=q.shape) / np.sqrt(UNITS)
    return {"orthogonal": (q, q.swapaxes(1, 2)), "gaussian": (gaussian, np.linalg.inv(gaussian))}


def forward(weights: np.ndarray, x: np.ndarray, name: str, gain: float) -> list[np.ndarray]:
    """Pre-activations of every layer; sigmoid layers subtract their mean of ½ by the bias −½W1."""
    z = []
    for W in weights:
        z.append(gain * W @ x)
        x = FUNCTIONS[name](z[-1]) - (0.5 if name == "sigmoid" else 0)
    return z


def spectrum(weights: np.ndarray, inverses: np.ndarray, x: np.ndarray, name: str, gain: float) -> np.ndarray:
    """Singular values of J = D_K W_K … D_1 W_1, the least as one over the norm of the inverses' product.

    An SVD of the product alone would show rounding, 1e-17 of the greatest, where the least is far below.
    """
    J = back = np.eye(len(x))
    for W, inverse, z in zip(weights, inverses, forward(weights, x, name, gain)):
        derivatives = gain * DERIVATIVES[name](z)
        J, back = derivatives[:, None] * (W @ J), (back @ inverse) / derivatives
    values = np.linalg.svd(J, compute_uv=False)
    return np.append(values[:-1], 1 / np.linalg.norm(back, 2))


def summarize(spectra: list[np.ndarray]) -> dict[str, float]:
    """Medians over nets of the least, the greatest and the root mean square singular value."""
    measures = {"least": np.min, "greatest": np.max, "typical": lambda values: np.sqrt(np.mean(values**2))}
    return {name: np.median([measure(values) for values in spectra]) for name, measure in measures.items()}


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    spectra = {case: {"orthogonal": [], "gaussian": []} for case in CASES}
    for _ in range(NETS):
        x, nets = rng.normal(size=UNITS), draw_weights(rng)
        for case, (name, gain, std) in CASES.items():
            for kind, net in nets.items():
                spectra[case][kind].append(spectrum(*net, std * x, name, gain))
    return Result(
        layers=LAYERS,
        nets=NETS,
        units=UNITS,
        isometry={case: {kind: summarize(nets) for kind, nets in kinds.items()} for case, kinds in spectra.items()},
        spectra={kind: nets[0] for kind, nets in spectra["tanh"].items()},
        often=OFTEN,
        within=WITHIN,
    )


def solve_least(weights: np.ndarray, x: np.ndarray, rng: np.random.Generator) -> float:
    """Least singular value of J by inverse power iteration: J is solved, layer by layer, and never formed."""
    derivatives, v = [DERIVATIVES["tanh"](z) for z in forward(weights, x, "tanh", 1.0)], rng.normal(size=len(x))
    for _ in range(3):
        v = v / np.linalg.norm(v)
        for W, d in zip(weights[::-1], derivatives[::-1]):
            v = np.linalg.solve(W, v / d)
        size = np.linalg.norm(v)
        v = v / size
        for W, d in zip(weights, derivatives):
            v = np.linalg.solve(W.T, v) / d
    return 1 / size


def claim_orthogonal_keeps_all(result: Result) -> None:
    """Orthogonal weights keep the singular values of {{ layers }} tanh layers between
    {{ isometry.tanh.orthogonal.least | digits(2) }} and {{ isometry.tanh.orthogonal.greatest | digits(2) }};
    Gaussian weights of the same variance spread them from {{ isometry.tanh.gaussian.least | scientific(1) }} to
    about {{ isometry.tanh.gaussian.greatest | digits(1) }}."""
    rng, spectra, least = np.random.default_rng(SEED), {}, []
    for number in range(NETS):  # J by a complex step through the net, all inputs at once
        x, nets = rng.normal(size=UNITS), draw_weights(rng)
        for case, (name, gain, std) in CASES.items():
            for kind, (weights, _) in nets.items():
                if number == 0 or case == "tanh":  # one net will do for the others
                    start = std * x[:, None] + 1e-20j * np.eye(UNITS)
                    J = FUNCTIONS[name](forward(weights, start, name, gain)[-1]).imag / 1e-20
                    spectra.setdefault((case, kind), []).append(np.linalg.svd(J, compute_uv=False))
        least.append(solve_least(nets["gaussian"][0], 0.1 * x, np.random.default_rng(number)))
    for kind, values in result.spectra.items():
        exact = values > 1e-8  # below, rounding spoils what is checked against
        np.testing.assert_allclose(values[exact], spectra["tanh", kind][0][exact], rtol=1e-4)
    for (case, kind), nets in spectra.items():
        tolerance = 1e-6 if case == "tanh" else 0.4 if kind == "orthogonal" else 0.8  # the nets differ
        for name, value in summarize(nets).items():
            if name != "least" or (kind == "orthogonal" and case != "wide"):
                np.testing.assert_allclose(value, result.isometry[case][kind][name], rtol=tolerance)
    np.testing.assert_allclose(np.median(least), result.isometry["tanh"]["gaussian"]["least"], rtol=0.05)
    orthogonal, gaussian = (result.isometry["tanh"][kind] for kind in ("orthogonal", "gaussian"))
    assert 0.4 < orthogonal["least"] < orthogonal["greatest"] < 1
    assert gaussian["least"] < 1e-20 and gaussian["greatest"] > 2


def claim_mean_square_hides_it(result: Result) -> None:
    """By their root mean square the two nets look alike: {{ isometry.tanh.orthogonal.typical | digits(2) }} and
    {{ isometry.tanh.gaussian.typical | digits(1) }}."""
    alike = [result.isometry["tanh"][kind]["typical"] for kind in ("orthogonal", "gaussian")]
    assert 0.5 < min(alike) and max(alike) < 1.5 and max(alike) / min(alike) < 1.6
    assert all(s[-1] < np.sqrt(np.mean(s**2)) < s[0] for s in result.spectra.values())
    assert 0.80 < result.isometry["tanh"]["orthogonal"]["typical"] < 0.91
    assert 0.60 < result.isometry["tanh"]["gaussian"]["typical"] < 1.1


def claim_sigmoid_with_care_is_tanh(result: Result) -> None:
    """The sigmoid with a gain of four and that bias is tanh at twice the scale: from the same weights, its Jacobian
    is the one of tanh for twice the input, to rounding."""
    rng = np.random.default_rng(SEED)
    weights, inverses = draw_weights(rng)["orthogonal"]
    x = 0.1 * rng.normal(size=UNITS)
    same = [spectrum(weights, inverses, c * x, name, gain) for c, name, gain in ((1, "sigmoid", 4.0), (2, "tanh", 1.0))]
    np.testing.assert_allclose(*same, rtol=1e-9)
    ends = [result.isometry[case]["orthogonal"]["least"] for case in ("lecun", "tanh", "sigmoid", "wide")]
    assert ends == sorted(ends, reverse=True) and ends[2] > 0.1 and ends[3] < 0.01


def loss(x: np.ndarray, weights: np.ndarray, y: np.ndarray) -> float:
    """Half the squared distance of the last activations from y, behind layers with tanh."""
    return ((np.tanh(forward(weights, x, "tanh", 1.0)[-1]) - y) ** 2).sum() / 2


def equation_back_through_layers() -> Draws:
    r"""\frac{\partial L}{\partial x} = W_1^\top D_1\, W_2^\top D_2\, W_3^\top D_3\, \frac{\partial L}{\partial a_3}"""
    for rng in draws(8):
        W, x, y = rng.normal(size=(3, 4, 4)), rng.normal(size=4), rng.normal(size=4)
        z = forward(W, x, "tanh", 1.0)
        yield {
            r"\frac{\partial L}{\partial x}": complex_step(loss, x, W, y),
            r"\frac{\partial L}{\partial a_3}": np.tanh(z[-1]) - y,
            **{f"W_{k}": W[k - 1] for k in (1, 2, 3)},
            **{f"D_{k}": np.diag(DERIVATIVES["tanh"](z[k - 1])) for k in (1, 2, 3)},
        }


def equation_mean_square() -> Draws:
    r"""\mathbb{E}[\lVert W v\rVert^2] = n \operatorname{Var}[w]\,\lVert v\rVert^2"""
    for rng in draws(8):
        v, c = rng.normal(size=3), rng.uniform(0.2, 2)
        signs = 2 * ((np.arange(512)[:, None] >> np.arange(9)) & 1) - 1  # every matrix of entries ±c, once
        W = c * signs.reshape(-1, 3, 3)
        yield {
            r"\mathbb{E}[\lVert W v\rVert^2]": np.mean(((W @ v) ** 2).sum(axis=1)),
            r"\operatorname{Var}[w]": W[:, 0, 0].var(),
            "n": 3,
            "v": v,
        }


def equation_sigmoid_is_tanh() -> Draws:
    r"""4\left(\sigma(4z) - \tfrac{1}{2}\right) = 2\tanh(2z)"""
    for z in np.random.default_rng(0).normal(size=12):
        yield {r"\sigma": sigmoid, r"\tanh": lambda z: np.expm1(2 * z) / (np.expm1(2 * z) + 2), "z": z}


def figure_spectra(result: Result) -> Figure:
    """Singular values of the Jacobian of {{ layers }} tanh layers of {{ units }} units, in falling order, on a
    logarithmic axis. With orthogonal weights all lie a little below 1. With Gaussian weights a few lie above 1, and
    the others fall ever more steeply, out of the picture, down to
    {{ isometry.tanh.gaussian.least | scientific(1) }}."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    rank = np.arange(1, UNITS + 1)
    shown = result.spectra["gaussian"] > 1e-11
    axes.plot(rank, result.spectra["orthogonal"], color=FIRST, label="orthogonal weights")
    axes.plot(rank[shown], result.spectra["gaussian"][shown], color=SECOND, label="Gaussian weights")
    label_point(axes, "orthogonal weights", (UNITS, 0.7), FIRST, dx=-2, dy=14)
    label_point(axes, "Gaussian weights", (64, result.spectra["gaussian"][63]), SECOND, dx=-6, dy=-10)
    axes.set(yscale="log", ylim=(1e-10, 30), xlim=(-2, UNITS + 2))
    ticks = decades(0, -2, -4, -6, -8, -10)
    frame_axes(axes, [1, UNITS // 2, UNITS], ticks, "singular value, by rank", "stretches a direction by")
    return figure


if __name__ == "__main__":
    show_figures(figure_spectra, of=compute())
