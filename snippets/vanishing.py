"""Why do gradients vanish through layers of sigmoids, and is that the zig-zag?

Each layer multiplies a gradient by its weights and by the slope of its units. With weights of variance 1/n the size
changes by √χ a layer, χ = E[φ'²]: {{ factor | digits(3) }} for the sigmoid, so {{ size.sigmoid | scientific(2) }} is
left after {{ layers }} layers. A slope of at most ¼ does not decide it: with weights {{ care | digits(2) }} times as
large and a bias that takes the mean away nothing is lost. And the zig-zag is another matter: either comes without the
other.

    J      Jacobian of the last activations with respect to the inputs; size is ‖J‖_F/√n, 1 for the identity
    v      mean square of a layer's pre-activations: 1 at first, then gain² E[φ(z)²]
    chi    E[φ'(z)²] at z ~ N(0, v)
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, FUNCTIONS, NAMES, sigmoid
from lib.gaussian import mean_by_sum, moments, normal_mean
from lib.numerics import Draws, draws
from lib.plots import FIRST, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
LAYERS, FEW = 20, (5, 10)
WIDTH, NETS = 128, 8  # of the sampled networks
UNITS = 64  # whose condition number stands for being off-center, as on the page of activation functions
CARE = 1 / np.sqrt(normal_mean(lambda z: (sigmoid(z) * sigmoid(-z)) ** 2))  # gain that makes χ = 1 at v = 1
CASES = {  # activation function, slope, gain: what is shown
    **{key: (NAMES[key], unit, DERIVATIVES[key], 1.0) for key, unit in FUNCTIONS.items()},
    "he": ("ReLU, He’s weights", FUNCTIONS["relu"], DERIVATIVES["relu"], np.sqrt(2)),
    "centered": ("sigmoid − ½", lambda z: sigmoid(z) - 0.5, DERIVATIVES["sigmoid"], 1.0),
    "cared": (f"sigmoid − ½, gain {CARE:.1f}", lambda z: sigmoid(z) - 0.5, DERIVATIVES["sigmoid"], CARE),
}


@dataclass(frozen=True)
class Result:
    layers: int
    "Layers that the gradients go through."
    width: int
    "Units in a layer of the sampled networks."
    nets: int
    "How many sampled networks."
    size: dict[str, float]
    "‖J‖_F/√n after all layers, mean-field."
    sampled: dict[str, float]
    "The same in sampled networks, geometric mean."
    units: int
    "Units of the layer whose condition number is given."
    kappa: dict[str, float]
    "Condition number without a bias that the first layer, of `UNITS` units, gives the next neuron."
    curves: dict[str, tuple[float, ...]]
    "Mean-field size after 0, 1, … layers."
    factor: float
    "√χ of the sigmoid's deep layers: what one of them leaves of a gradient."
    care: float
    "The gain that makes χ = 1 for the sigmoid."
    bound: float
    "Median over sampled networks of ∏ ¼‖W‖ over all layers, W of variance 1/n, spectral norms."
    few: tuple[int, int]
    "A few layers, and twice as many."
    quarters: tuple[float, float]
    "∏ ¼ over so many layers."
    naive: float
    "∏ ¼ over all layers: the bound that forgets the weights."
    steps: int
    "Steps of gradient descent for a neuron with two inputs that have a mean, to a millionth of the error."
    steps_small: int
    "The same where all gradients reach the neuron much smaller, and its step size makes up for it."


def sizes(key):
    """Mean-field ‖J‖_F/√n after 0, 1, … layers, and the last mean square v."""
    _, unit, slope, gain = CASES[key]
    v, found = 1.0, [1.0]
    for _ in range(LAYERS):
        found.append(found[-1] * gain * np.sqrt(normal_mean(lambda z: slope(z) ** 2, np.sqrt(v))))
        v = gain**2 * normal_mean(lambda z: unit(z) ** 2, np.sqrt(v))
    return tuple(float(size) for size in found), v


def jacobian(key, weights, x):
    """Jacobian of the last activations by the inputs x, layer for layer: slopes times weights."""
    _, unit, slope, gain = CASES[key]
    J, a = np.eye(len(x)), x / gain  # so that the first pre-activations have mean square 1, whatever the gain
    for W in weights:
        z = gain * (W @ a)
        J, a = (gain * slope(z))[:, None] * (W @ J), unit(z)
    return J


def network(rng, layers=LAYERS, width=WIDTH):
    """Square weights of variance 1/n for every layer, and a standard normal input."""
    return rng.normal(size=(layers, width, width)) / np.sqrt(width), rng.normal(size=width)


def steps(strength, mean=2.0, tolerance=1e-6):
    """Steps of descent at the best constant step for f = strength · (w·x), until the error is a millionth."""
    H = strength**2 * (np.eye(2) + mean**2)
    low, high = np.linalg.eigvalsh(H)
    error, taken = np.array([-0.28, 0.96]), 0
    while np.linalg.norm(error) > tolerance:
        error, taken = error - 2 / (low + high) * H @ error, taken + 1
    return taken


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    logs, bounds = {key: [] for key in CASES}, []
    for _ in range(NETS):
        weights, x = network(rng)
        for key in CASES:
            logs[key].append(np.log(np.linalg.norm(jacobian(key, weights, x)) / np.sqrt(WIDTH)))
        bounds.append(np.prod([np.linalg.norm(W, 2) / 4 for W in weights[:5]]) ** (LAYERS / 5))
    curves = {key: sizes(key)[0] for key in CASES}
    settled = normal_mean(lambda z: DERIVATIVES["sigmoid"](z) ** 2, np.sqrt(sizes("sigmoid")[1]))
    first = {key: moments(unit) for key, (_, unit, _, _) in CASES.items()}
    return Result(
        layers=LAYERS,
        width=WIDTH,
        nets=NETS,
        size={key: curve[-1] for key, curve in curves.items()},
        sampled={key: float(np.exp(np.mean(values))) for key, values in logs.items()},
        units=UNITS,
        kappa={key: float(1 + UNITS * mean**2 / variance) for key, (mean, variance) in first.items()},
        curves=curves,
        factor=float(np.sqrt(settled)),
        care=float(CARE),
        few=FEW,
        quarters=tuple(0.25**few for few in FEW),
        naive=0.25**LAYERS,
        bound=float(np.median(bounds)),
        steps=steps(1.0),
        steps_small=steps(1e-6),
    )


def claim_sampled_networks_agree(result: Result) -> None:
    """{{ nets }} sampled networks of {{ width }} units a layer agree with the calculation for infinite width within
    a factor of two, for every function."""
    for key, size in result.size.items():
        assert 0.5 < result.sampled[key] / size < 2, key


def claim_sigmoid_factor(result: Result) -> None:
    """A deep layer of sigmoids with weights of variance one over the width leaves {{ factor | digits(3) }} of a
    gradient, and {{ layers }} layers leave {{ size.sigmoid | scientific(2) }}."""
    rng = np.random.default_rng(SEED)
    z, scale = rng.normal(size=200_000), 1.0
    log = 0.0
    for _ in range(LAYERS):
        slopes = (sigmoid(scale * z + 1e-4) - sigmoid(scale * z - 1e-4)) / 2e-4
        log, last = log + 0.5 * np.log(np.mean(slopes**2)), np.sqrt(np.mean(slopes**2))
        scale = np.sqrt(np.mean(sigmoid(scale * z) ** 2))
    assert abs(last / result.factor - 1) < 0.01 and abs(np.exp(log) / result.size["sigmoid"] - 1) < 0.1


def claim_relu_and_he(result: Result) -> None:
    r"""ReLU with weights of variance one over the width leaves $2^{-10}$ after {{ layers }} layers, about
    {{ size.relu | scientific(2) }}; with He's weights, of twice the variance, it leaves all:
    {{ size.he | digits(3) }}."""
    assert abs(result.size["relu"] * 2**10 - 1) < 1e-9 and abs(result.size["he"] - 1) < 1e-9
    z = np.random.default_rng(SEED).normal(size=200_000)
    assert abs(np.mean(z > 0) - 0.5) < 0.01  # a slope of 1 on half of its inputs, whatever their scale


def by_sums(key):
    """What `sizes` gives behind the last layer, with sums over even grids in the place of the quadrature."""
    _, unit, slope, gain = CASES[key]
    v, size = 1.0, 1.0
    for _ in range(LAYERS):
        size *= gain * np.sqrt(mean_by_sum(lambda z: slope(z) ** 2, np.sqrt(v)))
        v = gain**2 * mean_by_sum(lambda z: unit(z) ** 2, np.sqrt(v))
    return size


def claim_small_slopes_need_not_vanish(result: Result) -> None:
    """A sigmoid whose slope never exceeds ¼, with weights {{ care | digits(3) }} times as large and a bias
    that takes away the mean of what comes in, leaves {{ size.cared | digits(3) }} of a gradient after
    {{ layers }} layers."""
    weights, x = network(np.random.default_rng(SEED), 4, 40)
    gain, a = CARE, x / CARE
    slopes = []
    for number, W in enumerate(weights):  # the same, as it would be programmed: plain sigmoids, and a bias
        bias = -gain / 2 * W.sum(axis=1) if number else 0.0
        z = gain * W @ a + bias
        a = sigmoid(z)
        slopes.append(a * (1 - a))
    whole = np.eye(40)
    for W, slope in zip(weights, slopes):
        whole = np.diag(slope) @ (gain * W) @ whole
    np.testing.assert_allclose(whole, jacobian("cared", weights, x), rtol=1e-9, atol=1e-12)
    assert result.naive == 2.0 ** (-2 * LAYERS) and result.quarters == tuple(2.0 ** (-2 * few) for few in result.few)
    assert abs(np.log2(result.bound) / -LAYERS - 1) < 0.1  # a square matrix of variance 1/n has a norm of nearly two
    assert max(slope.max() for slope in slopes) <= 0.25 and abs(by_sums("cared") / result.size["cared"] - 1) < 1e-6


def claim_either_without_the_other(result: Result) -> None:
    """Subtract one half from the sigmoid: the condition number that {{ layers }} layers start from falls from
    {{ kappa.sigmoid | integer }} to {{ kappa.centered | integer }}, and the gradient vanishes as before, to
    {{ size.centered | scientific(1) }}. Give ReLU He's weights: the gradient keeps its size, and the condition number
    stays {{ kappa.he | digits(3) }}."""
    for key in ("sigmoid", "centered", "he"):
        unit = CASES[key][1]
        mean, square = mean_by_sum(unit), mean_by_sum(lambda z, unit=unit: unit(z) ** 2)
        H = mean**2 + (square - mean**2) * np.eye(UNITS)
        assert abs(np.linalg.cond(H) / result.kappa[key] - 1) < 1e-5, key
    assert abs(by_sums("centered") / result.size["centered"] - 1) < 1e-6 and abs(result.size["he"] - 1) < 1e-9


def claim_a_step_size_cures_it(result: Result) -> None:
    """Make the output of a neuron with two inputs that have a mean a millionth as large, by what is behind it, and its
    step size larger to match: it needs {{ steps_small }} steps, as many as before ({{ steps }})."""
    assert result.steps == result.steps_small == int(np.ceil(np.log(1e-6) / np.log(4 / 5)))  # κ is nine
    kappa = [np.linalg.cond(k**2 * (np.eye(2) + 4.0)) for k in (1.0, 1e-3)]
    assert abs(kappa[0] / kappa[1] - 1) < 1e-9


def equation_chain() -> Draws:
    r"""\frac{\partial a_N}{\partial a_0} = \prod_{l=1}^{N} \sigma'(z_l)\,w_l"""
    for rng in draws(6):
        w, a, z = rng.normal(0, 2, size=4), [complex(rng.normal(), 1e-20)], []
        for weight in w:  # complex step
            z.append((weight * a[-1]).real)
            a.append(sigmoid(weight * a[-1]))
        yield {
            r"\frac{\partial a_N}{\partial a_0}": a[-1].imag / 1e-20,
            "N": 4,
            r"\sigma'": lambda z: 0.25 / np.cosh(z / 2) ** 2,
            "z_l": lambda layer, z=z: z[int(layer) - 1],
            "w_l": lambda layer, w=w: w[int(layer) - 1],
        }


def equation_bound() -> Draws:
    r"""\lVert J\rVert \le \prod_{l=1}^{N} \frac{1}{4}\,\lVert W_l\rVert"""
    for rng in draws(6):
        weights, x = network(rng, 3, 5)
        if rng.random() < 0.5:  # near equality: one unit a layer, and pre-activations near 0
            weights, x = np.reshape([rng.uniform(8, 9), 0.01, -0.02], (3, 1, 1)), np.zeros(1)
        norms = [np.sqrt(np.linalg.eigvalsh(W.T @ W)[-1]) for W in weights]
        yield {
            r"\lVert J\rVert": np.linalg.svd(jacobian("sigmoid", weights, x))[1][0],
            "N": 3,
            r"\lVert W_l\rVert": lambda layer, norms=norms: norms[int(layer) - 1],
        }


def equation_size() -> Draws:
    r"""\frac{\lVert J\rVert_F^2}{n} \approx \prod_{l=1}^{N} g^2\,\chi_l"""
    for seed, key in enumerate(("tanh", "sigmoid", "he", "cared")):
        rng, found = np.random.default_rng(seed), []
        _, unit, slope, gain = CASES[key]
        for _ in range(4):
            weights, x = network(rng, 3, 200)
            found.append(np.linalg.norm(jacobian(key, weights, x)) ** 2)
        v, chi = 1.0, []
        for _ in range(3):
            chi.append(normal_mean(lambda z, slope=slope, v=v: slope(z) ** 2, np.sqrt(v)))
            v = gain**2 * normal_mean(lambda z, unit=unit, v=v: unit(z) ** 2, np.sqrt(v))
        yield {
            r"\approx": 0.15,
            r"\lVert J\rVert_F": np.sqrt(np.mean(found)),
            "n": 200,
            "N": 3,
            "g": gain,
            r"\chi_l": lambda layer, chi=chi: chi[int(layer) - 1],
        }


def equation_distance() -> Draws:
    r"""\frac{\partial L}{\partial w} = k x\,\delta, \qquad \frac{\partial^2 L}{\partial w^2} = k^2 x^2, \qquad
    w - w^\star = \frac{\delta}{k x}"""
    for rng in draws(10):
        k, x, w, y = rng.uniform(0.01, 0.5), rng.uniform(0.5, 2), rng.normal(), rng.normal()
        slope = [(0.5 * (k * (v + 1e-20j) * x - y) ** 2).imag / 1e-20 for v in (w, w + 1)]
        yield {
            r"\frac{\partial L}{\partial w}": slope[0],
            r"\frac{\partial^2 L}{\partial w^2}": slope[1] - slope[0],
            "k": k,
            "x": x,
            r"\delta": k * w * x - y,
            "w": w,
            r"w^\star": np.polynomial.Polynomial([-y, k * x]).roots()[0],
        }


def figure_curves(result: Result) -> Figure:
    """Size of a gradient against the number of layers it went through, on a logarithmic scale. The sigmoid falls in a
    straight line to {{ size.sigmoid | scientific(1) }} after {{ layers }} layers, GELU to
    {{ size.gelu | scientific(1) }}, ReLU to {{ size.relu | scientific(1) }}, tanh to {{ size.tanh | digits(2) }}. ReLU
    with He's weights and the centered sigmoid with larger weights stay at about 1."""
    figure = new_figure(360, 0.9)
    (axes,) = figure.axes
    words = {"sigmoid": "sigmoid", "gelu": "GELU", "relu": "ReLU", "tanh": "tanh", "he": "ReLU, He"}
    words["cared"] = f"σ − ½, gain {CARE:.1f}"
    for key, text in words.items():
        role = FIRST if key in ("tanh", "cared") else SECOND
        axes.plot(result.curves[key], color=role, label=CASES[key][0])
        dy = {"he": -1, "cared": 11, "tanh": -9}.get(key, 0)
        label_point(axes, text, (LAYERS, result.curves[key][-1]), role, dy=dy)
    axes.set(yscale="log", xlim=(0, 29), ylim=(1e-13, 10))
    decades = {10.0**-k: f"$\\mathdefault{{10^{{-{k}}}}}$" if k else "1" for k in (0, 3, 6, 9, 12)}
    frame_axes(axes, [0, 5, 10, 15, 20], decades, "layers", "size of a gradient")
    return figure


def figure_two_problems(result: Result) -> Figure:
    """Each activation function as a dot: to the right the condition number that one layer gives the next neuron,
    upward the size of a gradient after {{ layers }} layers. All corners are taken: SELU and tanh have neither
    problem, sigmoid minus one half only vanishes, ReLU with He's weights is only off-center, the sigmoid has both."""
    figure = new_figure(360, 1)
    (axes,) = figure.axes
    words = {
        "selu": (f"SELU, LeCun’s tanh,\nσ − ½, gain {CARE:.1f}", 6, 8), "lecun_tanh": ("", 0, 0), "cared": ("", 0, 0),
        "tanh": ("tanh", 6, -8), "softsign": ("softsign", 6, -10), "elu": ("ELU", 6, 0), "he": ("ReLU, He", -2, 12),
        "relu": ("ReLU", 6, 0), "mish": ("Mish", -6, 4), "gelu": ("GELU", 6, 4), "silu": ("SiLU", -6, -2),
        "softplus": ("softplus", 2, 11), "sigmoid": ("sigmoid", -7, 0), "centered": ("σ − ½", 6, 0),
    }  # fmt: skip
    for key, (text, dx, dy) in words.items():
        role = FIRST if result.kappa[key] < 1.001 else SECOND
        axes.plot(result.kappa[key], result.size[key], "o", color=role, markersize=6.4, label=CASES[key][0])
        if text:
            how = {"ha": "center"} if abs(dx) == 2 else {}
            label_point(axes, text, (result.kappa[key], result.size[key]), role, dx=dx, dy=dy, **how)
    axes.set(xscale="log", yscale="log", xlim=(0.8, 500), ylim=(1e-13, 20))
    decades = {10.0**-k: f"$\\mathdefault{{10^{{-{k}}}}}$" if k else "1" for k in (0, 3, 6, 9, 12)}
    frame_axes(axes, [1, 10, 100], decades, "condition number for the next neuron", "size of a gradient")
    return figure


if __name__ == "__main__":
    show_figures(figure_curves, figure_two_problems, of=compute())
