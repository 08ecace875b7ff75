"""What special care does an activation function need at initialization?

That signals and gradients keep their size through the layers. Near zero σ(z) ≈ ½ + z/4, so the sigmoid's care is a gain
of 4 and a shift of ½; ReLU's is a gain of √2. Zero weights are no start at all.

    z, φ(z)   pre-activation of a unit and its output
    gain      what weights of variance one over the inputs are multiplied by
    signal    gain that keeps E[φ²], spread: that keeps Var[φ], gradient: that keeps E[δ²], all at z ~ N(0, 1)
"""

from dataclasses import dataclass
from itertools import product
from statistics import harmonic_mean

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, FUNCTIONS, NAMES, sigmoid
from lib.gaussian import density, moments, normal_mean
from lib.mean_field import propagate
from lib.network import loss_gradients, sgd_step
from lib.numerics import draws
from lib.plots import FIRST, GRID, HIGHLIGHT, INK, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
LAYERS, UNITS, EXAMPLES, NETS = 20, 128, 64, 5
GAINS = (*np.arange(5, 21) / 10, *np.arange(22, 51, 4) / 10)  # to move through
SHOWN, LARGEST = 1.5, 5.0  # one of them to speak of, and the last
EDGE, AT = 6, np.array([0, 1, 2, *range(3, LAYERS, 2), LAYERS - 1])  # decades above and below 1, layers drawn
INPUTS, ACTIVE = 1000, 500  # of the textbook example: so many of its inputs are 1, the others 0


@dataclass(frozen=True)
class Result:
    points: tuple[float, ...]
    "Two pre-activations at which the sigmoid with care is compared with the identity."
    errors: tuple[float, ...]
    "1 − 4(σ(z) − ½)/z at those points."
    table: dict[str, dict]
    "Each activation function at z ~ N(0, 1): name and the three gains."
    growth: dict[str, float]
    "Factor on a gradient's length through all layers at the gain that keeps the spread, by mean field."
    settled: dict[str, tuple[float, ...]]
    "Variance of z after all layers at that gain, started at a quarter and at four times the right one."
    relu_mean_share: float
    "Part of E[a²] that is the mean, for ReLU."
    layers: int
    "Layers of the deep nets."
    units: int
    "Units in each of their layers, and inputs."
    nets: int
    "Random nets that a geometric mean is taken over."
    depth: dict[str, np.ndarray]
    "Spread of z between examples, layer by layer, one curve for each way to initialize; relu_size: its E[z²]^½."
    last: dict[str, float]
    "The same in the last layer."
    gain: float
    "A gain at which tanh keeps a signal."
    largest: float
    "The largest gain of the sweep."
    carried: dict[str, dict]
    "Signal, off-center ratio and gradient in the last layer, infinite width: at that gain; sigmoids at the largest."
    default: dict[str, float]
    "Weights uniform between ±1/√n: their gain, and what all layers of ReLU or tanh leave of a gradient, tanh at most."
    inputs: int
    "Inputs of the textbook example."
    active: int
    "How many of them are 1."
    deviations: tuple[float, float]
    "Deviation of its z for weights of variance 1, and for one over the inputs; the bias has variance 1."
    slopes: tuple[float, float]
    "Mean slope of the sigmoid at either, as a share of its largest, ¼."
    shift: float
    "Mean of its z if weights of the smaller deviation had a mean of that size, too."
    unit_range: dict
    "64 inputs of variance 1, weights from U(−1, 1): deviation of z, mean slope of tanh, and the same at √(3/n)."
    last_layer: dict
    "From 64 units to 10 with Glorot's variance: factor on the signal's and on the gradient's mean square."


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


def deep(rng, unit, gain: float, shift: float = 0.0) -> np.ndarray:
    """Pre-activations of every layer, shape (LAYERS, EXAMPLES, UNITS), for Gaussian weights of variance gain²/UNITS;
    `shift` is subtracted from the outputs by the bias of the next layer."""
    a, layers = rng.normal(size=(EXAMPLES, UNITS)), []
    for layer in range(LAYERS):
        W = rng.normal(size=(UNITS, UNITS)) / np.sqrt(UNITS)
        layers.append((gain if layer else 1.0) * (a - (shift if layer else 0.0)) @ W)
        a = unit(layers[-1])
    return np.array(layers)


def spread(z) -> np.ndarray:
    """What of z differs between examples: its deviation over them, root mean square over units, layer by layer."""
    return np.sqrt(z.var(axis=1).mean(axis=1))


def settle(unit, gain: float, variance: float, shift: float = 0.0) -> float:
    """Variance of z after all layers of infinite width, from E[(φ − shift)²] layer by layer."""
    for _ in range(LAYERS):
        variance = gain**2 * normal_mean(lambda z: (unit(z) - shift) ** 2, np.sqrt(variance))
    return variance


def carried(key: str, gain: float) -> dict[str, np.ndarray]:
    """Layer by layer, for infinite width, without biases, from pre-activations of mean square 1 of which one half is
    mean: signal, a pre-activation's deviation between inputs; ratio, mean against spread; gradient, the root mean
    square stretch of the Jacobian from the first layer."""
    unit, slope = FUNCTIONS[key], DERIVATIVES[key]
    offset, spread, stretch, rows = 0.5, 0.5, 1.0, []
    for _ in range(LAYERS - 1):
        rows.append((np.sqrt(spread), offset / spread, stretch))
        chi = normal_mean(lambda z: slope(z) ** 2, np.sqrt(offset + spread))
        if spread > 1e-7 * offset:
            offset, spread = propagate(unit, offset, spread)
        else:  # too small for the difference of two outputs; the slope says the same
            offset, spread = normal_mean(lambda z: unit(z) ** 2, np.sqrt(offset)), chi * spread
        offset, spread, stretch = gain**2 * offset, gain**2 * spread, gain * np.sqrt(chi) * stretch
    rows.append((np.sqrt(spread), offset / spread, stretch))
    return dict(zip(("signal", "ratio", "gradient"), np.transpose(rows)))


def compute() -> Result:
    rng, points = np.random.default_rng(SEED), np.array([0.1, 1.0])
    table = {key: gains(key) for key in FUNCTIONS}
    relu, care = FUNCTIONS["relu"], table["sigmoid"]["spread"]
    runs = {"sigmoid": [], "care": [], "relu": [], "he": [], "relu_size": []}
    for _ in range(NETS):
        runs["sigmoid"].append(spread(deep(rng, sigmoid, 1.0)))
        runs["care"].append(spread(deep(rng, sigmoid, care, shift=0.5)))
        runs["relu"].append(spread(deep(rng, relu, 1.0)))
        z = deep(rng, relu, np.sqrt(2))
        runs["he"].append(spread(z))
        runs["relu_size"].append(np.sqrt((z**2).mean(axis=(1, 2))))
    depth = {way: np.exp(np.mean(np.log(curves), axis=0)) for way, curves in runs.items()}
    wide, narrow = np.sqrt(ACTIVE + 1), np.sqrt(ACTIVE / INPUTS + 1)
    mean, variance = moments(relu)
    loose = np.sqrt(64 / 3)
    return Result(
        points=tuple(points),
        errors=tuple(1 - 4 * (sigmoid(points) - 0.5) / points),
        table=table,
        growth={key: (table[key]["spread"] / table[key]["gradient"]) ** LAYERS for key in ("tanh", "sigmoid")},
        settled={
            key: tuple(settle(FUNCTIONS[key], table[key]["spread"], v, shift) for v in (0.25, 4.0))
            for key, shift in (("tanh", 0.0), ("sigmoid", 0.5))
        },
        relu_mean_share=mean**2 / (mean**2 + variance),
        layers=LAYERS,
        units=UNITS,
        nets=NETS,
        depth=depth,
        last={way: curve[-1] for way, curve in depth.items()},
        gain=SHOWN,
        largest=LARGEST,
        carried={
            name: {kind: curve[-1] for kind, curve in carried(key, gain).items()}
            for name, key, gain in (
                ("tanh", "tanh", SHOWN),
                ("sigmoid", "sigmoid", SHOWN),
                ("largest", "sigmoid", LARGEST),
            )
        },
        default={"gain": 3**-0.5, "relu": 6 ** (-LAYERS / 2), "tanh": 3 ** (-LAYERS / 2)},
        inputs=INPUTS,
        active=ACTIVE,
        deviations=(wide, narrow),
        slopes=tuple(4 * normal_mean(DERIVATIVES["sigmoid"], d) for d in (wide, narrow)),
        shift=ACTIVE / np.sqrt(INPUTS),
        unit_range={
            "inputs": 64,
            "deviation": loose,
            "slope": normal_mean(DERIVATIVES["tanh"], loose),
            "bound": np.sqrt(3 / 64),
            "right": normal_mean(DERIVATIVES["tanh"], 1.0),
        },
        last_layer={"inputs": 64, "outputs": 10, "signal": 64 * 2 / (64 + 10), "gradient": 10 * 2 / (64 + 10)},
    )


def claim_four_and_a_half(result: Result) -> None:
    r"""At $z = {{ points[0] | digits(1) }}$ the sigmoid with that care is the identity but for
    {{ errors[0] | percent(2) }}, at $z = {{ points[1] | integer }}$ but for {{ errors[1] | percent(1) }}."""
    for z, error in zip(result.points, result.errors):
        assert abs(error - (1 - 2 * np.tanh(z / 2) / z)) < 1e-12
        assert abs(error - (z**2 / 12 - z**4 / 120 + 17 * z**6 / 20160)) < 1e-4 * z  # the series of tanh
    assert result.errors[0] < 0.001


def claim_gains_by_sampling(result: Result) -> None:
    """A hundred thousand random pre-activations give the same gains as the quadrature, for every function."""
    z = np.random.default_rng(SEED).normal(size=100_000)
    for key, row in result.table.items():
        z = z[:20_000] if key == "gelu" else z  # its erf is slow
        a, slope = FUNCTIONS[key](z), DERIVATIVES[key](z)
        sampled = np.mean(a**2) ** -0.5, np.std(a) ** -1, np.mean(slope**2) ** -0.5
        np.testing.assert_allclose(sampled, [row[kind] for kind in ("signal", "spread", "gradient")], rtol=0.03)


def claim_not_both(result: Result) -> None:
    """For a unit that is not linear, the gain that keeps the spread is larger than the one that keeps gradients: at
    the former, {{ layers }} tanh layers lengthen a gradient {{ growth.tanh | digits(2) }}-fold, {{ layers }} sigmoid
    layers {{ growth.sigmoid | digits(2) }}-fold."""
    for key, row in result.table.items():
        assert row["spread"] > row["gradient"], key
    rng = np.random.default_rng(SEED)  # the same by back-propagation through wide layers
    for key, shift in (("tanh", 0.0), ("sigmoid", 0.5)):
        a, growth, gain = rng.normal(size=(32, 400)), 1.0, result.table[key]["spread"]
        for layer in range(6):
            W = rng.normal(size=(400, 400)) / 20
            z = (gain if layer else 1.0) * a @ W
            a = FUNCTIONS[key](z) - shift
            delta = rng.normal(size=z.shape)
            growth *= np.mean((gain * (delta * DERIVATIVES[key](z)) @ W.T) ** 2) ** 0.5 / np.mean(delta**2) ** 0.5
        assert abs(growth ** (1 / 6) / result.growth[key] ** (1 / result.layers) - 1) < 0.02


def claim_they_settle(result: Result) -> None:
    """With that gain the variance finds its way: from a quarter and from four times what it should be, {{ layers }}
    tanh layers bring it to {{ settled.tanh | decimals(3) | list }}, as many sigmoid layers to
    {{ settled.sigmoid | decimals(3) | list }}."""
    for gain, key, shift in ((result.table[k]["spread"], k, s) for k, s in (("tanh", 0.0), ("sigmoid", 0.5))):
        ends = result.settled[key]
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


def claim_no_care(result: Result) -> None:
    """In layer {{ layers }}, what tells examples apart has shrunk to {{ last.sigmoid | scientific(1) }} with plain
    sigmoid units, and to {{ last.relu | scientific(1) }} with plain ReLU; with care the sigmoid keeps it at
    {{ last.care | digits(2) }}."""
    second, expected = 1.0, 1.0  # E[z²] and the spread, by mean field: small differences shrink by E[σ'²]
    for layer in range(result.layers - 1):
        shrink = (
            normal_mean(lambda z: DERIVATIVES["sigmoid"](z) ** 2, np.sqrt(second)) if layer else moments(sigmoid)[1]
        )
        second, expected = normal_mean(lambda z: sigmoid(z) ** 2, np.sqrt(second)), expected * np.sqrt(shrink)
    assert abs(result.last["sigmoid"] / expected - 1) < 0.25 and result.last["sigmoid"] < 1e-10
    c = 0.0
    for _ in range(result.layers - 1):
        c = (np.sqrt(1 - c**2) + (np.pi - np.arccos(c)) * c) / np.pi
    relu = np.sqrt((1 - c) / 2 ** (result.layers - 1))  # as with He's gain, and half of E[z²] less in each layer
    assert 0.6 < result.last["relu"] / relu < 2.2 and abs(result.last["care"] - 1) < 0.12


def claim_no_gain_is_care_enough(result: Result) -> None:
    """With inputs that are off-center by a ratio of 1 and a gain of {{ gain | digits(2) }}, {{ layers }} tanh layers
    lower the ratio to {{ carried.tanh.ratio | digits(2) }}; sigmoid layers without a shift raise it to
    {{ carried.sigmoid.ratio | scientific(1) }}, and at a gain of {{ largest | digits(1) }} still to
    {{ carried.largest.ratio | scientific(1) }}."""
    rng, width, inputs = np.random.default_rng(SEED), 200, 30
    for key, gain in (("tanh", 0.7), ("tanh", SHOWN), ("tanh", LARGEST), ("sigmoid", SHOWN), ("sigmoid", LARGEST)):
        found = np.zeros((4, 3))
        for _ in range(NETS):
            z = (rng.normal(size=width) + rng.normal(size=(inputs, width))) / np.sqrt(2)
            change = rng.normal(size=z.shape)  # a small one, sent through the same random layers
            for row in found:
                within = z.var(axis=0, ddof=1).mean()
                ratio = (np.mean(z.mean(axis=0) ** 2) - within / inputs) / within
                row += np.log([np.sqrt(within), ratio, np.sqrt(np.mean(change**2))]) / NETS
                W = gain * rng.normal(size=(width, width)) / np.sqrt(width)
                z, change = FUNCTIONS[key](z) @ W, (DERIVATIVES[key](z) * change) @ W
        expected = np.transpose(list(carried(key, gain).values()))
        assert len(expected) == LAYERS and np.all(abs(found - np.log(expected[:4])) < 0.3)
    assert result.carried["tanh"]["ratio"] < 0.3 and result.carried["largest"]["ratio"] > 1e5


def claim_a_default_is_small(result: Result) -> None:
    r"""Weights and biases uniform between $\pm 1/\sqrt{n}$ leave {{ default.relu | scientific(2) }} of a gradient
    after {{ layers }} square layers of ReLU, and of tanh at most {{ default.tanh | scientific(2) }}."""
    rng, width = np.random.default_rng(SEED), 400
    for name in ("relu", "tanh"):
        left = []
        for _ in range(3):
            a, slopes = rng.normal(size=(8, width)), []
            for _ in range(LAYERS):
                W, b = rng.uniform(-1, 1, (width, width)) / width**0.5, rng.uniform(-1, 1, width) / width**0.5
                z = a @ W + b
                a = FUNCTIONS[name](z)
                slopes.append((W, DERIVATIVES[name](z)))
            delta = rng.normal(size=a.shape)
            size = np.linalg.norm(delta)
            for W, slope in slopes[::-1]:
                delta = (delta * slope) @ W.T
            left.append(np.linalg.norm(delta) / size)
        share = np.exp(np.mean(np.log(left))) / result.default[name]
        assert 0.4 < share < (2 if name == "relu" else 1.1)


def claim_he_keeps_size(result: Result) -> None:
    """With He’s gain the size of $z$ in layer {{ layers }} is {{ last.relu_size | digits(2) }}, and 1 for infinitely
    wide layers; but the part of it that tells examples apart has fallen to {{ last.he | digits(2) }}, and the rest
    is a mean that all share."""
    c, expected = 0.0, []  # the correlation of two examples, layer by layer: arc-cosine kernel, infinite width
    for _ in range(result.layers):
        expected.append(np.sqrt(1 - c))
        c = (np.sqrt(1 - c**2) + (np.pi - np.arccos(c)) * c) / np.pi
    told_apart = result.depth["he"] / result.depth["relu_size"]
    np.testing.assert_allclose(told_apart[:5], expected[:5], rtol=0.12)
    assert expected[-1] < told_apart[-1] < 0.45  # so many units lose it a little more slowly than infinitely many
    assert 0.5 < result.last["relu_size"] < 1.6


def claim_relu_mean(result: Result) -> None:
    r"""Of ReLU’s $\mathbb{E}[a^2]$ the mean makes {{ relu_mean_share | percent(0) }}, which is $1/\pi$."""
    assert abs(result.relu_mean_share * np.pi - 1) < 1e-6


def claim_textbook_example(result: Result) -> None:
    """With {{ active }} of {{ inputs | integer }} inputs at 1, weights of variance 1 make z a number of deviation
    {{ deviations[0] | digits(3) }}, and the sigmoid keeps {{ slopes[0] | percent(0) }} of its largest slope on
    average; a variance of one over the inputs makes it {{ deviations[1] | digits(3) }}, and
    {{ slopes[1] | percent(0) }}."""
    rng = np.random.default_rng(SEED)
    for scale, deviation, slope in zip((1.0, INPUTS**-0.5), result.deviations, result.slopes):
        z = scale * rng.normal(size=(4000, ACTIVE)).sum(axis=1) + rng.normal(size=4000)
        assert abs(z.std() / deviation - 1) < 0.05 and abs(ACTIVE * scale**2 + 1 - deviation**2) < 1e-9
        assert abs(4 * DERIVATIVES["sigmoid"](z).mean() / slope - 1) < 0.25
    wide = result.deviations[0]  # far wider than the hill: its area, 1, times the density at the middle
    assert abs(4 * density(0) / wide * (1 - np.pi**2 / 6 / wide**2) / result.slopes[0] - 1) < 1e-3
    assert abs(4 * DERIVATIVES["sigmoid"](z).mean() / result.slopes[1] - 1) < 0.05
    assert abs((z + ACTIVE / np.sqrt(INPUTS)).mean() - result.shift) < 0.2


def claim_compromise(result: Result) -> None:
    """From {{ last_layer.inputs }} units to {{ last_layer.outputs }} they are {{ last_layer.signal | digits(3) }}
    for the signal and {{ last_layer.gradient | digits(2) }} for the gradient."""
    inputs, outputs = result.last_layer["inputs"], result.last_layer["outputs"]
    rng = np.random.default_rng(SEED)
    W = rng.normal(size=(400, inputs, outputs)) * np.sqrt(2 / (inputs + outputs))
    x, delta = rng.normal(size=(400, 1, inputs)), rng.normal(size=(400, 1, outputs))
    assert abs(np.mean((x @ W) ** 2) / result.last_layer["signal"] - 1) < 0.15
    assert abs(np.mean((delta @ W.swapaxes(1, 2)) ** 2) / result.last_layer["gradient"] - 1) < 0.15
    assert abs(result.last_layer["signal"] + result.last_layer["gradient"] - 2) < 1e-12


def claim_range_of_one(result: Result) -> None:
    r"""With {{ unit_range.inputs }} inputs of variance 1, weights drawn between −1 and 1 give $z$ a deviation of
    {{ unit_range.deviation | digits(2) }}, where tanh has a mean slope of {{ unit_range.slope | digits(2) }};
    between −{{ unit_range.bound | digits(2) }} and {{ unit_range.bound | digits(2) }} the deviation is 1 and the
    mean slope {{ unit_range.right | digits(2) }}."""
    rng = np.random.default_rng(SEED)
    x, t = rng.normal(size=(8000, 64)), np.linspace(-1, 1, 20_001)
    assert abs(64 * np.trapezoid(t**2, t) / 2 - result.unit_range["deviation"] ** 2) < 1e-6
    assert abs(result.unit_range["bound"] * result.unit_range["deviation"] - 1) < 1e-12
    for bound, deviation, slope in ((1.0, None, "slope"), (result.unit_range["bound"], 1.0, "right")):
        z = (x * rng.uniform(-bound, bound, size=x.shape)).sum(axis=1)
        assert abs(z.std() / (deviation or result.unit_range["deviation"]) - 1) < 0.05
        assert abs(DERIVATIVES["tanh"](z).mean() / result.unit_range[slope] - 1) < 0.15


def claim_equal_units_stay_equal(result: Result) -> None:
    """Start all weights at zero, and tanh or ReLU units never move: only the output’s bias gets a gradient. Sigmoids,
    which put out one half, do move, all alike; and so do units of any kind whose weights start at one other number."""
    rng = np.random.default_rng(SEED)
    x, targets = rng.normal(size=(30, 4)), np.eye(3)[rng.integers(3, size=30)]
    layers = [(np.full((a, b), 0.3), np.zeros(b)) for a, b in ((4, 5), (5, 3))]
    nothing = [(0 * w, b) for w, b in layers]
    for name in ("tanh", "relu"):
        (first, bias), (second, last) = loss_gradients(nothing, x, targets, name)
        assert not first.any() and not bias.any() and not second.any() and last.any()
    for start, name in ((layers, "tanh"), (nothing, "sigmoid")):
        net = start
        for _ in range(50):
            net = sgd_step(net, loss_gradients(net, x, targets, name), 0.3)
        hidden, out = net[0][0], net[1][0]
        assert np.ptp(hidden, axis=1).max() < 1e-12 and np.ptp(out, axis=0).max() < 1e-12
        assert np.abs(hidden - start[0][0]).max() > 1e-3


def equation_sigmoid_near_zero():
    r"""\sigma(z) \approx \tfrac{1}{2} + \tfrac{z}{4}"""
    for z in (-0.31, -0.2, 0.17, 0.3):
        yield {r"\sigma": sigmoid, "z": z, r"\approx": 0.002}


def equation_care():
    r"""4\left(\sigma(z) - \tfrac{1}{2}\right) = 2\tanh(z/2)"""
    for z in np.random.default_rng(0).normal(size=12):
        yield {r"\sigma": sigmoid, r"\tanh": lambda z: np.expm1(2 * z) / (np.expm1(2 * z) + 2), "z": z}


def _enumerated():
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


def equation_forward():
    r"""\operatorname{Var}[z] = n_{\mathrm{in}}\operatorname{Var}[w]\,\mathbb{E}[x^2]"""
    yield from _enumerated()


def equation_backward():
    r"""\mathbb{E}[(\partial L/\partial x)^2] = n_{\mathrm{out}}\operatorname{Var}[w]\,\mathbb{E}[\delta^2]"""
    yield from _enumerated()


def equation_glorot():
    r"""\operatorname{Var}[w] = \frac{2}{n_{\mathrm{in}} + n_{\mathrm{out}}}"""
    for rng in draws(8):
        inputs, outputs = (int(n) for n in rng.integers(2, 90, size=2))
        yield {
            r"\operatorname{Var}[w]": harmonic_mean([1 / inputs, 1 / outputs]),
            r"n_{\mathrm{in}}": inputs,
            r"n_{\mathrm{out}}": outputs,
        }


def equation_telescope():
    r"""\prod_{k=1}^{N} \frac{n_k}{n_{k-1}} = \frac{n_N}{n_0}"""
    for rng in draws(8):
        sizes = rng.integers(2, 90, size=5)
        yield {
            "n_k": lambda k, sizes=sizes: float(sizes[int(k)]),
            "n_{k-1}": lambda k, sizes=sizes: float(sizes[int(k) - 1]),
            **{"n_N": float(sizes[-1]), "n_0": float(sizes[0]), "N": 4},
        }


def equation_uniform():
    r"""\operatorname{Var}[w] = \frac{c^2}{3}, \qquad c = \sqrt{3}\,\sqrt{\operatorname{Var}[w]}"""
    t, weight = np.polynomial.legendre.leggauss(8)
    for c in np.random.default_rng(0).uniform(0.1, 3, 6):
        yield {"c": c, r"\operatorname{Var}[w]": weight @ (c * t) ** 2 / 2}


def equation_he():
    r"""\mathbb{E}[\max(0, z)^2] = \tfrac{1}{2}\operatorname{Var}[z], \qquad
    \operatorname{Var}[\max(0, z)] = \left(\tfrac{1}{2} - \tfrac{1}{2\pi}\right)\operatorname{Var}[z]"""
    for deviation in np.random.default_rng(0).uniform(0.3, 3, 6):
        mean, variance = moments(FUNCTIONS["relu"], deviation)
        yield {
            r"\mathbb{E}[\max(0, z)^2]": mean**2 + variance,
            r"\operatorname{Var}[\max(0, z)]": variance,
            r"\operatorname{Var}[z]": deviation**2,
        }


def equation_poincare():
    r"""\operatorname{Var}[\phi(z)] \le \operatorname{Var}[z]\,\mathbb{E}[\phi'(z)^2]"""
    for deviation in (0.3, 1.0, 3.0):
        for key in FUNCTIONS:
            yield {
                r"\operatorname{Var}[\phi(z)]": moments(FUNCTIONS[key], deviation)[1],
                r"\mathbb{E}[\phi'(z)^2]": normal_mean(lambda z, key=key: DERIVATIVES[key](z) ** 2, deviation),
                r"\operatorname{Var}[z]": deviation**2,
            }


def figure_depth(result: Result) -> Figure:
    """Spread of the pre-activations between examples, layer by layer, on a logarithmic axis. Plain sigmoid layers
    fall in a straight line to {{ last.sigmoid | scientific(1) }} after {{ layers }} layers, plain ReLU layers to
    {{ last.relu | scientific(1) }}. With care the sigmoid stays at 1; ReLU with He’s gain sinks to
    {{ last.he | digits(1) }}."""
    figure = new_figure(360, 0.85)
    (axes,) = figure.axes
    layer = np.arange(1, LAYERS + 1)
    ways = {"sigmoid": SECOND, "relu": SECOND, "he": FIRST, "care": FIRST}
    names = {"sigmoid": "sigmoid", "relu": "ReLU", "he": "ReLU, gain √2", "care": "sigmoid, gain 4.8 and shift"}
    for way, role in ways.items():
        axes.plot(layer, result.depth[way], color=role, label=names[way])
    label_point(axes, "sigmoid", (12, result.depth["sigmoid"][11]), SECOND, dx=9, dy=2)
    label_point(axes, "ReLU", (16, result.depth["relu"][15]), SECOND, dx=0, dy=-13, ha="center")
    label_point(axes, f"sigmoid, gain {result.table['sigmoid']['spread']:.1f} and shift", (20, 1), FIRST, dx=-2, dy=13)
    label_point(axes, "ReLU, gain √2", (20, result.last["he"]), FIRST, dx=-2, dy=-8)
    axes.set(yscale="log", ylim=(3e-14, 60), xlim=(0.6, 20.4))
    decades = {10.0**-k: f"$\\mathdefault{{10^{{-{k}}}}}$" if k else "1" for k in (0, 3, 6, 9, 12)}
    frame_axes(axes, [1, 10, 20], decades, "layer", "what tells examples apart")
    return figure


def figure_textbook(result: Result) -> Figure:
    """The slope of the sigmoid, a narrow hill around zero, and two bell curves for where z falls. With weights of
    variance 1 the bell is flat and wide, deviation {{ deviations[0] | digits(2) }}, mostly outside the hill; with
    variance one over the inputs, deviation {{ deviations[1] | digits(2) }}, it stands on the hill."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    z = np.linspace(-40, 40, 401)
    axes.fill_between(z, 4 * DERIVATIVES["sigmoid"](z), color=HIGHLIGHT, linewidth=0, label="slope of the sigmoid")
    for deviation, role, name in zip(result.deviations, (SECOND, FIRST), ("variance 1", "variance 1/n")):
        axes.plot(z, density(z / deviation) / deviation / density(0) * 1.2, color=role, label=name)
    label_point(axes, "where the sigmoid\nresponds", (-4, 0.75), MUTED, dx=-6)
    label_point(axes, "weights of\nvariance 1/n", (2, 0.75), FIRST, dx=10)
    label_point(axes, "variance 1", (30, 0.03), SECOND, dx=0, dy=14, ha="center")
    axes.set(ylim=(0, 1.1))
    frame_axes(axes, [-40, -20, 0, 20, 40], [], "z", "")
    return figure


def explore_gain(result: Result, start: int = 10):
    """Signal, off-center ratio and gradient over {{ layers }} layers, on logarithmic axes, at a gain of
    {{ gain | digits(2) }}. Left, tanh: the signal stays, the ratio falls to {{ carried.tanh.ratio | digits(1) }}, the
    gradient grows to {{ carried.tanh.gradient | digits(2) }}. Right, sigmoid: signal and gradient fall straight out of
    the picture, and the ratio rises out of it."""
    figure = new_figure(360, 0.8, panels=2)
    roles = {"signal": FIRST, "ratio": SECOND, "gradient": INK}
    lines = {}
    for axes, key in zip(figure.axes, ("tanh", "sigmoid")):
        axes.axhline(1, color=GRID, linewidth=0.8, label="unchanged")
        for kind, role in roles.items():
            (lines[key, kind],) = axes.plot([1, 2], [1, 1], color=role, label=kind)
            lines[key, kind].set_gid(f"{key}_{kind}")
        axes.set(yscale="log", ylim=(10.0**-EDGE, 10.0**EDGE), xlim=(0.6, LAYERS + 0.4))
        decades = {10.0**k: f"$\\mathdefault{{10^{{{k}}}}}$".replace("-", "−") if k else "1" for k in (-6, -3, 0, 3, 6)}
        frame_axes(axes, [1, 10, LAYERS], decades, f"layer of {key} units")
        for kind, place in zip(roles, ("left", "center", "right")):
            axes.set_title("off-center ratio" if kind == "ratio" else kind, loc=place, color=roles[kind])
    for gain in GAINS:
        curves = {key: carried(key, gain) for key in ("tanh", "sigmoid")}
        for (key, kind), line in lines.items():
            line.set_data(*_seen(curves[key][kind]))
        tanh, plain = ({kind: curve[-1] for kind, curve in curves[key].items()} for key in curves)
        readouts = {
            "gain": f"{gain:.1f}",
            f"tanh: signal in layer {LAYERS}": _short(tanh["signal"]),
            "tanh: off-center ratio": _short(tanh["ratio"]),
            "tanh: gradient": _short(tanh["gradient"]),
            "sigmoid: signal": _short(plain["signal"]),
            "sigmoid: off-center ratio": _short(plain["ratio"]),
        }
        yield figure, readouts, _sentence(tanh, curves["sigmoid"]["signal"])


def _sentence(tanh, plain):
    signal, gradient = tanh["signal"], tanh["gradient"]
    slope = normal_mean(DERIVATIVES["tanh"], signal * np.sqrt(1 + tanh["ratio"]))
    sigmoids = f"sigmoids divide a signal by {plain[-2] / plain[-1]:.1f} a layer."
    if signal < 0.1:
        when = 1 + np.argmax(plain < signal)
        return f"Too small: tanh’s signal dies, its gradient vanishes; a sigmoid’s signal is as small by layer {when}."
    if slope < 0.45:
        fold = f"{float(f'{gradient:.1e}'):,.0f}"
        return f"tanh saturates, its mean slope {slope:.2f}, and yet its gradient explodes, {fold}-fold; {sigmoids}"
    if gradient > 10:
        return f"tanh keeps its signal and forgets the mean, but its gradient explodes, {gradient:.0f}-fold; {sigmoids}"
    if gradient > 1:
        return f"tanh keeps its signal and forgets the mean; its gradient grows {gradient:.1f}-fold; {sigmoids}"
    return f"The edge for tanh: signal and gradient fade slowly, to {signal:.2f} and {gradient:.2f}; {sigmoids}"


def _short(value: float) -> str:
    """A number as it is read off: two digits, and a power of ten where it is far from 1."""
    if 0.001 <= value < 1000:
        return f"{value:.{max(0, 1 - int(np.floor(np.log10(value))))}f}"
    digits, power = f"{value:.1e}".split("e")
    return f"{digits} × 10{str(int(power)).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"


def _seen(curve: np.ndarray):
    """Layers and values of a curve up to where it leaves the axes."""
    layers, height = AT + 1.0, np.log10(curve[AT])
    if (out := np.flatnonzero(abs(height) > EDGE)).size:
        k, edge = out[0], EDGE * np.sign(height[out[0]])
        part = (edge - height[k - 1]) / (height[k] - height[k - 1])
        layers, height = (
            np.append(layers[:k], layers[k - 1] + part * (layers[k] - layers[k - 1])),
            np.append(height[:k], edge),
        )
    return layers, 10**height


if __name__ == "__main__":
    show_figures(figure_depth, figure_textbook, of=compute())
