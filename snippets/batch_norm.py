"""What does normalization center?

Batch norm directly after a linear map makes the mean of that map's inputs vanish, exactly: z − z̄ = W(x − x̄). Placed
before the non-linearity it says nothing of what comes out: {{ units }} sigmoid units fed with N(0, 1) still give the
next neuron a condition number of {{ kappa.sigmoid.before | integer }}, unless that neuron is normalized itself. Layer
norm subtracts a mean across units, which is another mean.

    z      pre-activations of a batch, one entry an example; z̄ their mean, ẑ normalized
    delta  upstream gradients of the normalized pre-activations
    P      the matrix that subtracts a vector's own mean, I − 11ᵀ/n
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS
from lib.gaussian import density, distribution, moments
from lib.numerics import Draws, draws
from lib.plots import FIRST, GRID, INK, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import best_step, descend, kappa_with_bias, kappa_without_bias

SEED = 0
UNITS = 64
DRIFT = 2.0  # mean of a pre-activation that nothing holds back
EXAMPLES = 20_000
INPUTS = 100  # of the two demonstrations


@dataclass(frozen=True)
class Result:
    units: int
    "Units in the layer, the inputs of the next neuron."
    drift: float
    "Mean of the pre-activations that have drifted; their variance is 1."
    kappa: dict[str, dict[str, float]]
    "Condition number of the next neuron without a bias, by arrangement, for sigmoid and ReLU."
    kappa_bias: dict[str, dict[str, float]]
    "The same with a bias."
    layer_equal: float
    "Condition number on its range after layer norm's centering of units with equal means."
    layer_alternating: float
    "The same for units whose means are as large and alternate in sign."
    alternating: float
    "Condition number of the alternating units before layer norm."
    mixed: dict[str, float]
    "ReLU units fed with N(b, 1), b from N(0, 1): ‖μ‖²/tr Σ before and after layer norm, median over draws."
    sampled: float
    "The same after layer norm by samples, with division by each example's deviation, for the first draw."
    first_draw: float
    "The first draw's value after centering only, in closed form."
    inputs: int
    "Inputs of the two demonstrations."
    still: int
    "Steps to a millionth of the error where nothing shifts and every input has mean 1."
    shifting: int
    "Steps to a millionth where inputs are centered and their variance changes at every step."
    remains: float
    "Share of the squared length of upstream gradients of mean 1 and deviation ½ that batch norm lets through."


def projection(n: int) -> np.ndarray:
    """Subtracts from a vector its own mean."""
    return np.eye(n) - 1 / n


def layer_norm_kappa(mean: np.ndarray, variance: np.ndarray) -> float:
    """Condition number on its range of P E[aaᵀ] P, for independent units."""
    P = projection(len(mean))
    values = np.linalg.eigvalsh(P @ (np.diag(variance) + np.outer(mean, mean)) @ P)
    return values[-1] / values[1]  # the first is 0: nothing is left along 1


def rectified(b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of max(0, z) for z ~ N(b, 1)."""
    below = distribution(b)
    mean = b * below + density(b)
    return mean, (b**2 + 1) * below + b * density(b) - mean**2


def off_center(mean: np.ndarray, spread: float) -> float:
    """Squared length of the mean over the sum of the variances."""
    return mean @ mean / spread


def batch_norm_gradient(z: np.ndarray, delta: np.ndarray) -> np.ndarray:
    """Upstream gradients of z where ẑ = (z − z̄)/deviation goes on."""
    normal = (z - z.mean()) / z.std()
    return (delta - delta.mean() - (delta * normal).mean() * normal) / z.std()


def shifting_steps(rng: np.random.Generator) -> int:
    """Steps of size 1 on centered inputs whose variance is drawn anew from [½, 3/2] at every step."""
    error, steps = 1.0, 0
    while error > 1e-6:
        error, steps = error * abs(1 - rng.uniform(0.5, 1.5)), steps + 1
    return steps


def compute() -> Result:
    kappa, kappa_bias = {}, {}
    for name in ("sigmoid", "relu"):
        function = FUNCTIONS[name]
        drifted = moments(lambda z, function=function: function(z + DRIFT))
        here = moments(function)
        cases = {"nothing": drifted, "before": here, "mean_only": (0.0, here[1]), "after": (0.0, 1.0)}
        kappa[name] = {key: float(kappa_without_bias(*case, n=UNITS)) for key, case in cases.items()}
        kappa_bias[name] = {key: float(kappa_with_bias(*case, n=UNITS)) for key, case in cases.items()}
    mean, variance = moments(FUNCTIONS["relu"])
    equal, alternating = np.full(UNITS, mean), mean * (-1.0) ** np.arange(UNITS)
    spread, mixed = np.full(UNITS, variance), []
    rng = np.random.default_rng(SEED)
    for draw in range(9):
        offsets = rng.normal(size=UNITS)
        means, variances = rectified(offsets)
        P = projection(UNITS)
        left = P @ means, np.trace(P @ np.diag(variances) @ P)
        mixed.append((off_center(means, variances.sum()), off_center(*left)))
        if not draw:
            a = np.maximum(rng.normal(size=(EXAMPLES, UNITS)) + offsets, 0)
    a = (a - a.mean(axis=1, keepdims=True)) / a.std(axis=1, keepdims=True)
    H = np.eye(INPUTS) + 1.0
    worst = np.full(INPUTS, 0.0)
    worst[:2] = 1, -1
    z, delta = rng.normal(size=256), rng.permutation(np.repeat([0.5, 1.5], 128))
    return Result(
        units=UNITS,
        drift=DRIFT,
        kappa=kappa,
        kappa_bias=kappa_bias,
        layer_equal=layer_norm_kappa(equal, spread),
        layer_alternating=layer_norm_kappa(alternating, spread),
        alternating=np.linalg.cond(np.diag(spread) + np.outer(alternating, alternating)),
        mixed=dict(zip(("before", "after"), np.median(mixed, axis=0))),
        sampled=off_center(a.mean(axis=0), a.var(axis=0).sum()),
        first_draw=mixed[0][1],
        inputs=INPUTS,
        still=len(descend(H, best_step(H), worst, 1e-6)) - 1,
        shifting=shifting_steps(rng),
        remains=np.sum((batch_norm_gradient(z, delta) * z.std()) ** 2) / np.sum(delta**2),
    )


def claim_before_is_not_enough(result: Result) -> None:
    """Batch norm before the non-linearity leaves what comes out off-center: the next neuron, not normalized itself,
    sees a condition number of {{ kappa.sigmoid.before | integer }} after sigmoids
    and {{ kappa.relu.before | digits }} after ReLU; with batch norm after the non-linearity it
    is {{ kappa.relu.after | integer }} for both."""
    x, w = np.polynomial.hermite_e.hermegauss(180)  # another quadrature
    w = w / w.sum()
    for name in ("sigmoid", "relu"):
        a = FUNCTIONS[name](x)
        mean, square = w @ a, w @ a**2
        H = (square - mean**2) * np.eye(UNITS) + mean**2
        with_bias = np.block([[H, np.full((UNITS, 1), mean)], [np.full((1, UNITS), mean), np.ones((1, 1))]])
        assert abs(np.linalg.cond(H) / result.kappa[name]["before"] - 1) < 0.02  # ReLU's kink costs a little
        assert abs(np.linalg.cond(with_bias) / result.kappa_bias[name]["before"] - 1) < 0.02
        assert abs(result.kappa_bias[name]["mean_only"] * (square - mean**2) - 1) < 0.02  # the bias has curvature 1
        assert result.kappa[name]["after"] == result.kappa[name]["mean_only"] == result.kappa_bias[name]["after"] == 1


def claim_it_undoes_the_drift(result: Result) -> None:
    """It does help where pre-activations have drifted: at a mean of {{ drift | digits(1) }} the same layers
    have {{ kappa.sigmoid.nothing | integer }} and {{ kappa.relu.nothing | integer }} without it."""
    z = np.random.default_rng(0).normal(DRIFT, 1, size=400_000)
    for name in ("sigmoid", "relu"):
        a = FUNCTIONS[name](z)
        assert abs((1 + UNITS * a.mean() ** 2 / a.var()) / result.kappa[name]["nothing"] - 1) < 0.03
        assert result.kappa[name]["nothing"] > 2 * result.kappa[name]["before"]


def claim_inputs_mean_cancels(result: Result) -> None:
    """Shift all inputs of a normalized layer by any vector: outputs and gradients with respect to its weights stay the
    same to rounding."""
    for rng in draws(5):
        x, w, delta, shift = rng.normal(size=(5, 40)), rng.normal(size=5), rng.normal(size=40), 10 * rng.normal(size=5)
        results = []
        for inputs in (x, x + shift[:, None]):
            z = w @ inputs
            results.append(np.append((z - z.mean()) / z.std(), inputs @ batch_norm_gradient(z, delta)))
        np.testing.assert_allclose(*results, atol=1e-11)


def claim_layer_norm_is_another_mean(result: Result) -> None:
    """Layer norm's centering brings {{ units }} ReLU units with equal means from {{ kappa.relu.before | digits }} to
    {{ layer_equal | integer }}; let every second unit enter with the opposite sign, and {{ alternating | digits }}
    stays {{ layer_alternating | digits }}."""
    rng = np.random.default_rng(0)
    variance = moments(FUNCTIONS["relu"])[1]
    for signs, kappa in ((np.ones(UNITS), result.layer_equal), ((-1.0) ** np.arange(UNITS), result.layer_alternating)):
        a = signs * np.maximum(rng.normal(size=(60_000, UNITS)), 0)
        a -= a.mean(axis=1, keepdims=True)  # each example by its own mean
        left = signs - signs.mean()
        along = np.mean((a @ left) ** 2) / max(left @ left, 1)
        across = rng.normal(size=UNITS)
        across -= across.mean() + left * (left @ across) / max(left @ left, 1)
        flat = np.mean((a @ across) ** 2) / (across @ across)
        assert abs(flat / variance - 1) < 0.05
        assert abs((along / flat if left.any() else 1) / kappa - 1) < 0.05
    assert abs(result.layer_alternating - result.kappa["relu"]["before"]) < 1e-9 * result.alternating


def claim_mixed_means_stay(result: Result) -> None:
    """Where units have different means it removes a part: for ReLU units whose biases differ by about 1 it takes the
    squared length of the mean, relative to the whole spread, from {{ mixed.before | digits(2) }}
    to {{ mixed.after | digits(2) }}."""
    assert 0.2 < result.mixed["after"] < result.mixed["before"]
    assert abs(result.sampled / result.first_draw - 1) < 0.15  # dividing by each example's deviation changes little


def claim_the_error_is_centered(result: Result) -> None:
    """Of upstream gradients with mean 1 and deviation one half, batch norm lets {{ remains | percent }} of the squared
    length through, before it divides by the deviation: the rest was their mean."""
    assert abs(result.remains - 0.2) < 0.01  # ½² / (1 + ½²), less the small part along ẑ
    for rng in draws(5):
        z, delta = rng.normal(size=50), rng.normal(1, 0.5, size=50)
        assert abs(batch_norm_gradient(z, delta).sum()) < 1e-12
        assert abs(batch_norm_gradient(z, delta) @ z) < 1e-11


def claim_two_complaints(result: Result) -> None:
    """With {{ inputs }} inputs of mean 1 that never shift, descent takes {{ still | integer }} steps to a millionth of
    the error; with centered inputs whose variance changes by up to a factor of three from step to step,
    {{ shifting }}."""
    kappa = 1 + INPUTS
    assert result.still == int(np.ceil(np.log(1e-6) / np.log((kappa - 1) / (kappa + 1))))
    rng = np.random.default_rng(SEED)
    steps = [shifting_steps(rng) for _ in range(400)]  # sums of ln 2 + Exp(1), and how far they overshoot on average
    mean = 1 + np.log(2)
    assert abs(np.mean(steps) - (np.log(1e6) + (mean**2 + 1) / (2 * mean)) / mean) < 5 * np.std(steps) / 20
    assert 5 <= result.shifting <= 20 < result.still  # no factor exceeds ½, and ½ to the 20th is a millionth


def equation_cancels() -> Draws:
    r"""w^\top X\left(I - \tfrac{1}{B}\mathbf{1}\mathbf{1}^\top\right) =
    w^\top\left(X - \bar{x}\,\mathbf{1}^\top\right)"""
    for rng in draws(8):
        B = int(rng.integers(3, 9))
        X = rng.normal(rng.normal(size=(4, 1)), 1, size=(4, B))
        means = np.array([sum(row) / B for row in X])
        yield {"w": rng.normal(size=4), "X": X, "I": np.eye(B), "B": B, r"\mathbf{1}": np.ones((B, 1)),
               r"\bar{x}": means}  # fmt: skip


def equation_mean_only() -> Draws:
    r"""\frac{\partial L}{\partial z_i} = \delta_i - \bar{\delta}"""
    for _, delta, slope in _batches(normalize=False):
        for i in (0, 2):
            yield {
                r"\frac{\partial L}{\partial z_i}": slope[i],
                r"\delta_i": delta[i],
                r"\bar{\delta}": sum(delta) / len(delta),
            }


def equation_full() -> Draws:
    r"""\frac{\partial L}{\partial z} = \frac{1}{s}\left(\delta - \frac{\mathbf{1}^\top\delta}{B}\,\mathbf{1} -
    \frac{\hat{z}^\top\delta}{B}\,\hat{z}\right)"""
    yield from _normalized()


def equation_santurkar() -> Draws:
    r"""\left\lVert\frac{\partial L}{\partial z}\right\rVert^2 = \frac{1}{s^2}\left(\lVert\delta\rVert^2 -
    \frac{(\mathbf{1}^\top\delta)^2}{B} - \frac{(\hat{z}^\top\delta)^2}{B}\right)"""
    yield from _normalized()


def equation_layer_norm() -> Draws:
    r"""\kappa_0 = 1 + \frac{\lVert\mu\rVert^2 - n\bar{\mu}^2}{s^2}"""
    for rng in draws(10):
        n, s = int(rng.integers(4, 9)), rng.uniform(0.5, 2)
        mu = rng.normal(1, 1, size=n)
        a = np.concatenate([mu + sign * s * np.sqrt(n) * np.eye(n) for sign in (1, -1)])  # mean mu, covariance s² I
        a -= a.mean(axis=1, keepdims=True)
        values = np.linalg.svd(a, compute_uv=False) ** 2
        yield {
            r"\kappa_0": values[0] / values[-2],
            r"\mu": mu,
            "n": n,
            r"\bar{\mu}": sum(mu) / n,
            "s": s,
        }


def _batches(normalize):
    """Random batches: pre-activations, upstream gradients, and the slopes of L by them through the normalization, by
    complex steps of L = Σ δᵢ ẑᵢ."""
    for rng in draws(10):
        B = int(rng.integers(4, 9))
        z, delta = rng.normal(rng.normal(), rng.uniform(0.5, 3), size=B), rng.normal(0.7, 1, size=B)
        slope = []
        for nudge in 1e-20j * np.eye(B):
            moved = z + nudge
            moved = moved - moved.mean()
            if normalize:
                moved = moved / np.sqrt((moved**2).mean())
            slope.append((delta @ moved).imag / 1e-20)
        yield z, delta, np.array(slope)


def _normalized():
    for z, delta, slope in _batches(normalize=True):
        s = np.sqrt(np.mean(z**2) - np.mean(z) ** 2)
        yield {
            r"\frac{\partial L}{\partial z}": slope,
            r"\delta": delta,
            r"\hat{z}": (z - np.mean(z)) / s,
            r"\mathbf{1}": np.ones((len(z), 1)),
            "B": len(z),
            "s": s,
        }


def figure_arrangements(result: Result) -> Figure:
    """Condition number of the next neuron without a bias, logarithmic, for sigmoid and ReLU. Nothing, pre-activations
    drifted to {{ drift | digits(1) }}: {{ kappa.sigmoid.nothing | integer }}
    and {{ kappa.relu.nothing | integer }}. Batch norm before the non-linearity: {{ kappa.sigmoid.before | integer }}
    and {{ kappa.relu.before | digits }}. After it: {{ kappa.relu.after | integer }} for both."""
    figure = new_figure(360, 0.62)
    (axes,) = figure.axes
    rows = {"nothing": "none, drifted", "before": "before φ", "after": "after φ"}
    for y, key in enumerate(reversed(rows)):
        values = [result.kappa[name][key] for name in ("relu", "sigmoid")]
        axes.plot(values, [y, y], color=GRID, linewidth=1.2, zorder=1, label=rows[key])
        for value, role, word in zip(values, (INK, SECOND), ("ReLU", "sigmoid")):
            same = key == "after"
            axes.plot(value, y, "o", color=FIRST if same else role, markersize=6.5, label=f"{word}, {rows[key]}")
            if same and word == "ReLU":
                continue
            text = "both: 1" if same else f"{word} {value:,.0f}" if key == "nothing" else f"{value:,.0f}"
            label_point(axes, text, (value, y), FIRST if same else role, dx=0, dy=13, ha="center")
    axes.set(xscale="log", xlim=(0.6, 6000), ylim=(-0.5, 2.7))
    ticks = {y: rows[key] for y, key in enumerate(reversed(rows))}
    frame_axes(axes, [1, 10, 100, 1000], ticks, "condition number", "batch norm is placed")
    axes.spines.left.set_visible(False)
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    return figure


if __name__ == "__main__":
    show_figures(figure_arrangements, of=compute())
