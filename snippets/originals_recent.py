"""What do the papers since 2010 really show, and can a small part of each be seen again?

Yes: each has one result that a page of numpy reproduces; the retellings differ from the works in what they leave out.

    s          singular value of a layer's weights; in the moments of a unit, deviation of its pre-activation
    M          how many random matrices are multiplied
    alpha, scale  the constants of ELU's and SELU's left side, and of the whole
    beta       Swish is z·sigmoid(beta z), SiLU has beta = 1
    delta      upstream gradients of a batch, B of them
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, FUNCTIONS, SELU_ALPHA, SELU_SCALE, selu, sigmoid
from lib.data import digits, one_hot
from lib.gaussian import distribution, moments, normal_mean
from lib.network import backpropagate, forward, init_layers, sgd_step
from lib.numerics import draws
from lib.plots import FIRST, INK, SECOND, THIRD, frame_axes, label_point, new_figure, show_figures

SEED = 0
FACTORS, SIZE, DRAWS = (1, 5, 100), 100, 3  # matrices multiplied, their order, and products of each kind
BIN = 0.05  # an eigenvalue nearer to 0 counts as gathered there
WIDTHS = (64, 128, 128, 256, 256, 512, 512, 512, 512)  # channels of VGG-B's layers 2 to 10, filters 3 × 3
LAYERS, UNITS, BATCH, STEPS, RATE, EVERY = 8, 64, 32, 120, 0.03, 15  # of the nets for the digits, and of a run
LEAK = 0.1
UNIT = {
    "relu": FUNCTIONS["relu"],
    "leaky": lambda z: np.where(z > 0, z, LEAK * z),
    "elu": FUNCTIONS["elu"],
    "shifted": lambda z: np.maximum(z, -1.0),
}
SLOPE = {
    "relu": DERIVATIVES["relu"],
    "leaky": lambda z: np.where(z > 0, 1.0, LEAK),
    "elu": DERIVATIVES["elu"],
    "shifted": lambda z: np.where(z > -1, 1.0, 0.0),
}
VARIANCES, DEEP = (0.2, 0.5, 2.0, 5.0, 10.0), 50
REPORTED = {  # as published: test error in percent; shares of eigenvalues in the bin; ratios, two networks
    "glorot": {"sigmoid": 82.61, "tanh": 27.15, "normalized": 15.60},
    "saxe": (0.32, 0.94),
    "raiko": {"raw": (0.051, 0.080), "transformed": (0.007, 0.009)},
}


@dataclass(frozen=True)
class Result:
    layer: tuple[float, float]
    "Mean singular value of a square random matrix, entries of variance 1/n and 1/(3n), median of the draws."
    limit: tuple[float, float]
    "The same for n without end, 8/(3π) and a √3rd of it."
    factors: tuple[int, ...]
    "How many Gaussian matrices are multiplied."
    size: int
    "Rows and columns of each."
    bin: float
    "Distance from 0 below which an eigenvalue counts as gathered there."
    gathered: tuple[float, ...]
    "Share of the products' eigenvalues that are, for each number of factors."
    predicted: tuple[float, ...]
    "The same for large matrices: the bin to the power 2/M."
    eigenvalues: tuple[np.ndarray, ...]
    "Eigenvalues of one product of each kind, complex."
    shrunk: float
    "By what factor weights of deviation .01 shrink a gradient through the nine layers of VGG-B that it passes."
    moments: tuple[float, float]
    "E[x²] and Var[x] of ReLU at N(0, 1)."
    layers: int
    "Hidden layers of the nets for the digits."
    units: int
    "Units in each."
    steps: int
    "Steps of a run, small batches."
    batch: int
    "Examples in one of them."
    every: int
    "Steps between two looks."
    means: dict[str, np.ndarray]
    "Median over all hidden units of their mean activation, along a run: relu, leaky, elu, shifted."
    losses: dict[str, float]
    "Cross-entropy on all digits at the end of the run."
    leak: float
    "Slope of the leaky ReLU on its left."
    elu_mean: float
    "Mean of ELU at N(0, 1)."
    starts: tuple[float, ...]
    "Variances that enter the first SELU layer."
    variances: tuple[np.ndarray, ...]
    "Variance of SELU's activations, layer by layer, for each of them."
    deep: int
    "Layers that the map is applied."
    rate: float
    "What a layer leaves of a small deviation of the variance from 1."
    silu: tuple[float, float]
    "Where SiLU is least, and its value there."
    silu_mean: float
    "Mean of SiLU at N(0, 1)."
    steepest: tuple[float, float]
    "Where SiLU's slope is greatest, and that slope."
    cut: float
    "Share of singular values that are 0 for one ReLU layer with orthogonal weights."
    drift: tuple[float, float]
    "The bias that batch normalization makes useless, after 100 and 200 steps that ignore the mean in the gradient."
    reported: dict
    "What the papers print: test errors, shares of eigenvalues, ratios."


def product(count: int, rng) -> np.ndarray:
    """Product of square matrices with normal entries of variance 1/n."""
    out = np.eye(SIZE)
    for _ in range(count):
        out = out @ rng.normal(size=(SIZE, SIZE)) / np.sqrt(SIZE)
    return out


def trained(name: str, rng) -> tuple[np.ndarray, float]:
    """Median over all hidden units of the mean activation, every EVERY steps, and the loss at the end."""
    pixels, labels = digits()
    x, targets = pixels - pixels.mean(axis=0), one_hot(labels)
    x = x / np.sqrt(np.mean(x**2))
    layers, seen = init_layers((64, *LAYERS * [UNITS], 10), rng, np.sqrt(2)), []
    layers[-1] = (layers[-1][0] / 10, layers[-1][1])  # so that no run starts with a large loss
    for step in range(STEPS + 1):
        if step % EVERY == 0:
            hidden = forward(layers, x[:200], UNIT[name])[1][1:]
            seen.append(np.median(np.concatenate([a.mean(axis=0) for a in hidden])))
        if step < STEPS:
            drawn = rng.integers(len(x), size=BATCH)
            layers = sgd_step(layers, backpropagate(layers, x[drawn], targets[drawn], UNIT[name], SLOPE[name])[1], RATE)
    return np.array(seen), backpropagate(layers, x, targets, UNIT[name], SLOPE[name])[0]


def normalized(variance: float, layers: int = DEEP) -> np.ndarray:
    """Variances of SELU's activations: each layer draws normal pre-activations of the variance before."""
    found = [variance]
    for _ in range(layers):
        found.append(moments(selu, np.sqrt(found[-1]))[1])
    return np.array(found)


def bisect(slope, low: float, high: float) -> float:
    """Where `slope` changes its sign between `low` and `high`."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) * slope(low) > 0 else (low, middle)
    return low


def ignoring_the_mean(u, y, steps: int, rate: float = 0.1) -> tuple[float, float]:
    """Bias b and loss after steps on ½E(x̂ − y)², x̂ = u + b − mean(u + b), by a gradient that holds the mean fixed."""
    b = 0.0
    for _ in range(steps):
        out = u + b - np.mean(u + b)
        b -= rate * np.mean(out - y)
    return b, np.mean((u + b - np.mean(u + b) - y) ** 2) / 2


def adam(gradients, rate: float = 0.01, tiny: float = 0.0) -> np.ndarray:
    """Steps of Adam with its usual constants for a sequence of gradients (T, n)."""
    mean, square, steps = 0.0, 0.0, []
    for t, g in enumerate(gradients, 1):
        mean, square = 0.9 * mean + 0.1 * g, 0.999 * square + 0.001 * g**2
        steps.append(-rate * mean / (1 - 0.9**t) / (np.sqrt(square / (1 - 0.999**t)) + tiny))
    return np.array(steps)


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    widths = (1.0, 1 / np.sqrt(3))
    singular = [np.linalg.svd(product(1, rng), compute_uv=False).mean() for _ in range(DRAWS)]
    eigenvalues = [[np.linalg.eigvals(product(count, rng)) for _ in range(DRAWS)] for count in FACTORS]
    runs = {name: trained(name, np.random.default_rng(SEED)) for name in UNIT}
    relu_mean, relu_variance = moments(UNIT["relu"])
    low = bisect(DERIVATIVES["silu"], -3.0, 0.0)
    turn = bisect(lambda z: DERIVATIVES["silu"](z + 1e-4) - DERIVATIVES["silu"](z - 1e-4), 1.0, 5.0)
    W = np.linalg.qr(rng.normal(size=(SIZE, SIZE)))[0]
    jacobian = (W @ rng.normal(size=SIZE) > 0)[:, None] * W
    u, y = rng.normal(size=50), rng.normal(1, 1, size=50)
    return Result(
        layer=tuple(float(np.median(singular)) * width for width in widths),
        limit=tuple(8 / (3 * np.pi) * width for width in widths),
        factors=FACTORS,
        size=SIZE,
        bin=BIN,
        gathered=tuple(float(np.mean(abs(np.array(values)) < BIN)) for values in eigenvalues),
        predicted=tuple(BIN ** (2 / count) for count in FACTORS),
        eigenvalues=tuple(values[0] for values in eigenvalues),
        shrunk=5.9 * 4.2**2 * 2.9**2 * 2.1**4,  # with the rounded factors that the paper prints
        moments=(relu_mean**2 + relu_variance, relu_variance),
        layers=LAYERS,
        units=UNITS,
        steps=STEPS,
        batch=BATCH,
        every=EVERY,
        means={name: seen for name, (seen, _) in runs.items()},
        losses={name: loss for name, (_, loss) in runs.items()},
        leak=LEAK,
        elu_mean=normal_mean(UNIT["elu"]),
        starts=VARIANCES,
        variances=tuple(normalized(variance) for variance in VARIANCES),
        deep=DEEP,
        rate=(normalized(1.0005, 1)[1] - normalized(0.9995, 1)[1]) / 1e-3,
        silu=(low, FUNCTIONS["silu"](low)),
        silu_mean=normal_mean(FUNCTIONS["silu"]),
        steepest=(turn, DERIVATIVES["silu"](turn)),
        cut=float(np.mean(np.linalg.svd(jacobian, compute_uv=False) < 1e-9)),
        drift=tuple(ignoring_the_mean(u, y, steps)[0] / y.mean() for steps in (100, 200)),
        reported=REPORTED,
    )


def claim_layers_shrink_a_little(result: Result) -> None:
    """A square layer with normalized initial weights has a mean singular value of {{ layer[0] | digits(2) }}, with the
    older, uniform ones {{ layer[1] | digits(2) }}; without end of units {{ limit | digits(3) | list }}."""
    t = (np.arange(20_000) + 0.5) / 10_000  # singular values follow a quarter circle on 0 to 2
    mean = np.mean(t * np.sqrt(4 - t**2)) * 2 / np.pi
    np.testing.assert_allclose((mean, mean / np.sqrt(3)), result.limit, rtol=1e-5)
    np.testing.assert_allclose(result.layer, result.limit, rtol=0.02)
    n = 150
    entries = np.random.default_rng(SEED + 1).uniform(-1, 1, size=(n, n)) / np.sqrt(n)  # the “standard” of the paper
    assert abs(np.linalg.norm(entries, "nuc") / n / result.limit[1] - 1) < 0.02


def claim_products_gather_at_zero(result: Result) -> None:
    """Of the eigenvalues of {{ factors[1] }} multiplied Gaussian matrices {{ gathered[1] | percent(0) }} are within
    {{ bin | digits(1) }} of 0, and if {{ factors[2] }} are multiplied {{ gathered[2] | percent(0) }};
    for large matrices it is {{ predicted[1:] | percent(0) | list }}.
    A product of orthogonal matrices keeps every length."""
    np.testing.assert_allclose(result.gathered, result.predicted, atol=0.07)
    rng, turned = np.random.default_rng(SEED), np.eye(SIZE)
    for _ in range(result.factors[2]):
        turned = turned @ np.linalg.qr(rng.normal(size=(SIZE, SIZE)))[0]
    np.testing.assert_allclose(turned @ turned.T, np.eye(SIZE), atol=1e-12)
    np.testing.assert_allclose(abs(np.linalg.eigvals(turned)), 1, atol=1e-9)
    for values, count in zip(result.eigenvalues[:2], result.factors):  # the determinant, a product of χ variables
        assert abs(np.log(abs(values)).sum() / (-count * SIZE / 2) - 1) < 0.1


def claim_too_small_by(result: Result) -> None:
    """With weights of deviation one hundredth a gradient shrinks {{ shrunk | integer }}-fold through the nine layers
    of VGG-B that the paper multiplies."""
    exact = np.prod([100 * np.sqrt(2 / (9 * width)) for width in WIDTHS])
    assert abs(result.shrunk / exact - 1) < 0.05
    assert abs(result.shrunk / 1.7e4 - 1) < 0.01


def claim_mean_square_not_variance(result: Result) -> None:
    r"""After ReLU $\mathbb{E}[x^2]$ is {{ moments[0] | digits(1) }} of the variance before and
    $\operatorname{Var}[x]$ only {{ moments[1] | digits(3) }}."""
    z = np.random.default_rng(SEED).normal(size=200_000)
    x = np.maximum(z, 0)
    np.testing.assert_allclose((np.mean(x**2), np.var(x)), result.moments, rtol=0.03)
    assert abs(result.moments[0] - 0.5) < 1e-9 and abs(result.moments[1] - 0.5 + 0.5 / np.pi) < 1e-9


def claim_shift_lowers_the_mean(result: Result) -> None:
    r"""Over {{ steps }} steps the mean activation of the middle unit goes from {{ means.relu[0] | digits(2) }} to
    {{ means.relu[-1] | digits(2) }} with ReLU, from {{ means.leaky[0] | digits(2) }} to
    {{ means.leaky[-1] | digits(2) }} with leaky ReLU, from {{ means.elu[0] | digits(2) }} to
    {{ means.elu[-1] | digits(2) }} with ELU, and from {{ means.shifted[0] | digits(2) }} to
    {{ means.shifted[-1] | digits(2) }} with $\max(-1, x)$."""
    last = {name: seen[-1] for name, seen in result.means.items()}
    assert max(last["elu"], last["shifted"]) < 0.85 * min(last["relu"], last["leaky"])
    assert max(result.losses.values()) < 0.8 * np.log(10)  # they have all learned something
    rng = np.random.default_rng(SEED)
    x, targets = rng.normal(size=(6, 5)), one_hot(rng.integers(10, size=6))
    for name in UNIT:  # the gradients, against differences along a random direction
        layers, way = init_layers((5, 4, 4, 10), rng, 1.4), init_layers((5, 4, 4, 10), rng)
        ahead, behind = (
            backpropagate(sgd_step(layers, way, h), x, targets, UNIT[name], SLOPE[name]) for h in (-1e-7, 1e-7)
        )
        along = sum(
            np.sum(g * w)
            for grads, ways in zip(backpropagate(layers, x, targets, UNIT[name], SLOPE[name])[1], way)
            for g, w in zip(grads, ways)
        )
        assert abs((ahead[0] - behind[0]) / 2e-7 - along) < 1e-6


def claim_moments_settle(result: Result) -> None:
    """Started at {{ starts | digits(2) | list }}, SELU’s variance is within a thousandth of 1 after {{ deep }} layers,
    and its mean goes to 0 with it; near 1 a layer leaves {{ rate | digits(2) }} of the variance’s deviation."""
    for path in result.variances:
        assert abs(path[-1] - 1) < 1e-3 and np.all(np.diff(abs(path - 1)) <= 1e-9)
    assert abs(normal_mean(selu)) < 1e-6 and 0.5 < result.rate < 1
    late = result.variances[0]
    assert abs((late[31] - 1) / (late[30] - 1) / result.rate - 1) < 0.02


def claim_silu(result: Result) -> None:
    """SiLU is least at {{ silu[0] | digits(4) }}, where it is {{ silu[1] | digits(3) }}; its slope is greatest at
    {{ steepest[0] | digits(4) }}, where it is {{ steepest[1] | digits(5) }}; its mean at N(0, 1) is
    {{ silu_mean | digits(3) }}."""
    z = np.linspace(-5, 5, 100_001)
    a = z / (1 + np.exp(-z))
    slopes = np.gradient(a, z)
    np.testing.assert_allclose(result.silu, (z[a.argmin()], a.min()), atol=2e-4)
    np.testing.assert_allclose(result.steepest, (z[slopes.argmax()], slopes.max()), atol=1e-3)
    weight = np.exp(-z * z / 2)
    assert abs((a * weight).sum() / weight.sum() - result.silu_mean) < 1e-4


def claim_relu_cuts(result: Result) -> None:
    """For one ReLU layer with orthogonal weights {{ cut | percent(0) }} of the singular values are 0 and all others
    are equal: scaling the weights makes them 1, and the zeros stay."""
    rng = np.random.default_rng(SEED + 1)
    W = np.linalg.qr(rng.normal(size=(SIZE, SIZE)))[0]
    x = rng.normal(size=SIZE)
    nudged = np.array([np.maximum(W @ (x + d), 0) - np.maximum(W @ (x - d), 0) for d in 1e-7 * np.eye(SIZE)]) / 2e-7
    values = np.linalg.svd(nudged, compute_uv=False)
    assert np.all((values < 1e-6) | (abs(values - 1) < 1e-6)) and abs(np.mean(values < 0.5) - 0.5) < 0.25
    assert abs(result.cut - 0.5) < 0.25


def claim_bias_drifts(result: Result) -> None:
    """Ignore in the gradient that the subtracted mean contains the bias, and the bias runs away while the loss stands
    still: with step size one tenth and targets of mean 1 it is {{ drift[0] | integer }} after a hundred steps and
    {{ drift[1] | integer }} after two hundred."""
    np.testing.assert_allclose(result.drift, (10, 20), rtol=1e-9)
    rng = np.random.default_rng(SEED)
    u, y = rng.normal(size=50), rng.normal(1, 1, size=50)
    losses = [ignoring_the_mean(u, y, steps)[1] for steps in (0, 7, 90)]
    np.testing.assert_allclose(losses, losses[0], rtol=1e-9)


def claim_adam_scales(result: Result) -> None:
    r"""Multiply every component of all gradients by a positive constant of its own, and Adam with $\epsilon = 0$ takes
    the same steps, to rounding; turn the gradients, and it takes other steps than the turned ones."""
    rng = np.random.default_rng(SEED)
    g, scales = rng.normal(0.3, 1, size=(60, 6)), np.exp(2 * rng.normal(size=6))
    np.testing.assert_allclose(adam(scales * g), adam(g), rtol=1e-9)
    np.testing.assert_allclose(adam(g * [1, -1, 1, -1, 1, 1]), adam(g) * [1, -1, 1, -1, 1, 1], rtol=1e-9)
    turn = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    assert np.linalg.norm(adam(g @ turn) - adam(g) @ turn) > 0.1 * np.linalg.norm(adam(g))
    assert np.linalg.norm(adam(1e-8 * g, tiny=1e-8) - adam(g)) > 0.1 * np.linalg.norm(adam(g))


def claim_features_are_not_gradients(result: Result) -> None:
    """That is not invariance to the scale of the inputs: divide an input by ten, multiply its weight by ten, and
    Adam’s next step changes the output otherwise than before."""
    rng = np.random.default_rng(SEED)
    x, y, w = rng.normal(size=(40, 3)), rng.normal(size=40), rng.normal(size=3)
    scale = np.array([0.1, 1, 1])

    def change(x, w):
        return x @ adam([x.T @ (x @ w - y) / 40])[0]

    before, after = change(x, w), change(x * scale, w / scale)
    np.testing.assert_allclose(x @ w, (x * scale) @ (w / scale))
    assert np.linalg.norm(after - before) > 0.2 * np.linalg.norm(before)


def equation_singular():
    r"""\bar{s} \approx \frac{8}{3\pi}\,\sqrt{n \operatorname{Var}[w]}"""
    for rng in draws(4):
        n, deviation = int(rng.integers(60, 100)), rng.uniform(0.1, 2)
        values = np.linalg.eigvalsh((w := rng.uniform(-deviation, deviation, size=(n, n))) @ w.T)
        yield {
            r"\bar{s}": np.sqrt(abs(values)).mean(),
            "n": n,
            r"\operatorname{Var}[w]": w.var(),
            r"\approx": 0.03,
        }


def equation_gathered():
    r"""\mathbb{P}(\lvert\lambda\rvert \le r) \approx r^{2/M}"""
    for rng in draws(4):
        M = int(rng.integers(3, 9))
        r = 0.6 ** (M / 2)  # a radius that holds over half of them
        shares = [np.mean(abs(np.linalg.eigvals(product(M, rng))) <= r) for _ in range(3)]
        yield {r"\mathbb{P}(\lvert\lambda\rvert \le r)": np.mean(shares), "r": r, "M": M, r"\approx": 0.1}


def equation_backward():
    r"""\mathbb{E}[\delta_l^2] = \tfrac{1}{2}\, n \operatorname{Var}[w]\, \mathbb{E}[\delta_{l+1}^2]"""
    signs = 1 - 2 * (np.arange(64)[:, None] >> np.arange(6) & 1)
    for rng in draws(8):
        deviation, above = rng.uniform(0.2, 2), rng.normal(size=3)
        z = rng.normal(1.0, 1.0)  # of this unit; its mirror image is as likely
        back = [on * deviation * s @ above for s in signs[:8, :3] for on in (z > 0, -z > 0)]  # all weights ± deviation
        yield {
            r"\mathbb{E}[\delta_l^2]": np.mean(np.square(back)),
            "n": 3,
            r"\operatorname{Var}[w]": deviation**2,
            r"\mathbb{E}[\delta_{l+1}^2]": np.mean(above**2),
        }


def equation_elu():
    r"""\mathbb{E}[a] = \frac{s}{\sqrt{2\pi}} + \exp(s^2/2)\,\Phi(-s) - \tfrac{1}{2}"""
    for s in np.random.default_rng(0).uniform(0.2, 2, 8):
        yield {r"\mathbb{E}[a]": normal_mean(UNIT["elu"], s), "s": s, r"\Phi": _share_below}


def equation_selu():
    r"""\begin{aligned} \mathbb{E}[a] &= \gamma\left(\frac{s}{\sqrt{2\pi}} + \alpha\left(E_1 -
    \tfrac{1}{2}\right)\right), \\
    \mathbb{E}[a^2] &= \gamma^2\left(\frac{s^2}{2} + \alpha^2\left(E_2 - 2 E_1 + \tfrac{1}{2}\right)\right), \\
    E_k &= \exp(k^2 s^2/2)\,\Phi(-k s) \end{aligned}"""
    rng = np.random.default_rng(0)
    for i in range(8):
        s, alpha, scale = (rng.uniform(0.3, 1.8), SELU_ALPHA, SELU_SCALE) if i < 2 else rng.uniform(0.4, 2, size=3)

        def unit(z, alpha=alpha, scale=scale):
            return scale * np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))

        def part(k, s=s):
            return normal_mean(lambda z: np.where(z > 0, 0.0, np.exp(k * np.minimum(z, 0))), s)

        k = int(rng.integers(1, 3))
        mean, variance = moments(unit, s)
        yield {
            r"\mathbb{E}[a]": mean,
            r"\mathbb{E}[a^2]": variance + mean**2,
            "s": s,
            r"\alpha": alpha,
            r"\gamma": scale,
            "E_1": part(1),
            "E_2": part(2),
            "E_k": part(k),
            "k": k,
            r"\Phi": _share_below,
        }


def equation_least():
    r"""z_{\min}\,\sigma(\beta z_{\min}) = z_{\min} + \frac{1}{\beta}"""
    for beta in np.random.default_rng(0).uniform(0.3, 3, 8):
        place = bisect(lambda z, beta=beta: ((z + 1e-20j) * sigmoid(beta * (z + 1e-20j))).imag, -4 / beta, 0.0)
        yield {r"z_{\min}": place, r"\beta": beta, r"\sigma": sigmoid}


def equation_removed():
    r"""\lVert\delta\rVert^2 - \frac{(\mathbf{1}^\top\delta)^2}{B} = \lVert\delta - \bar{\delta}\,\mathbf{1}\rVert^2"""
    for rng in draws(8):
        delta = rng.normal(0.7, 1, size=(B := int(rng.integers(3, 9))))
        yield {r"\delta": delta, "B": B, r"\bar{\delta}": delta.mean(), r"\mathbf{1}": np.ones(B)}


def equation_drift():
    r"""b_t = b_0 + t\,\eta\,\bar{y}"""
    for rng in draws(8):
        t, rate, u, y = int(rng.integers(3, 40)), rng.uniform(0.05, 0.5), rng.normal(size=9), rng.normal(1, 1, size=9)
        start = rng.normal()
        moved = ignoring_the_mean(u + start, y, t, rate)[0]  # the start may stand in u as well
        yield {"b_t": start + moved, "b_0": start, "t": t, r"\eta": rate, r"\bar{y}": y.mean()}


def _share_below(z):
    """Φ, by the error function."""
    return float(distribution(z))


def figure_products(result: Result) -> Figure:
    """Eigenvalues in the complex plane with the unit circle. Left, a product of {{ factors[1] }} Gaussian matrices:
    dots thin out from the center to the circle. Right, of {{ factors[2] }}: almost all are one dot at 0, few stand
    between it and the circle."""
    figure = new_figure(300, 1, panels=2)
    turn = np.exp(1j * np.linspace(0, 2 * np.pi, 121))
    for axes, values, count in zip(figure.axes, result.eigenvalues[1:], result.factors[1:]):
        axes.plot(turn.real, turn.imag, color=FIRST, linewidth=1.2, label="orthogonal")
        axes.plot(values.real, values.imag, "o", color=SECOND, markersize=3, label=f"{count} Gaussian")
        axes.text(0, 1.5, f"{count} factors", ha="center", color=INK, fontweight="semibold")
        axes.set(xlim=(-1.9, 1.9), ylim=(-1.9, 1.9), aspect="equal")
        frame_axes(axes, [-1, 0, 1], [-1, 0, 1], "real part", "imaginary part")
    label_point(figure.axes[0], "orthogonal", (0, -1), FIRST, dx=0, dy=-10, ha="center")
    return figure


def figure_means(result: Result) -> Figure:
    """Median over hidden units of the mean activation against step, 0 to {{ steps }}. Four lines start close together
    near {{ means.elu[0] | digits(1) }}; those of ReLU and leaky ReLU climb to {{ means.relu[-1] | digits(2) }} and
    {{ means.leaky[-1] | digits(2) }}, those of ELU and max(−1, x) only to {{ means.elu[-1] | digits(2) }} and
    {{ means.shifted[-1] | digits(2) }}."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    steps = np.arange(0, result.steps + 1, result.every)
    roles = {"relu": SECOND, "leaky": INK, "elu": FIRST, "shifted": THIRD}
    names = {"relu": "ReLU", "leaky": "leaky ReLU", "elu": "ELU", "shifted": "max(−1, x)"}
    places = dict(zip(sorted(roles, key=lambda name: result.means[name][-1]), (-5, 5, -5, 5)))
    for key, role in roles.items():
        axes.plot(steps, result.means[key], color=role, label=names[key])
        label_point(axes, names[key], (steps[-1], result.means[key][-1]), role, dy=places[key])
    axes.set(xlim=(0, 1.35 * result.steps), ylim=(0, None))
    frame_axes(axes, steps[::4], [0, 0.5, 1], "step", "mean activation, middle unit")
    return figure


def figure_variances(result: Result) -> Figure:
    """Variance of SELU’s activations over thirty layers, on a logarithmic axis: lines from
    {{ starts | digits(2) | list }} bend toward 1 and have joined after some twenty layers."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    for start, path in zip(result.starts, result.variances):
        axes.plot(path[:31], color=FIRST, label=f"from {start:g}")
    axes.set(yscale="log", xlim=(-0.5, 31), ylim=(0.17, 12))
    frame_axes(axes, [0, 10, 20, 30], {0.2: "0.2", 0.5: "0.5", 1: "1", 2: "2", 5: "5", 10: "10"}, "layer", "variance")
    return figure


if __name__ == "__main__":
    show_figures(figure_products, figure_means, figure_variances, of=compute())
