"""Which cure works, and what does it cost?

One problem, all cures: a linear neuron that reads {{ units }} sigmoid units fed with N(0, 1), without and with a bias.
Changing the inputs (centering) brings plain descent from {{ methods.plain.raw | integer }} steps to
{{ methods.plain.centered | integer }}, with a bias from {{ methods.plain.raw_bias | integer }} to
{{ methods.plain.centered_bias | integer }}. Changing the method alone does less, unless it knows the curvature: Newton,
conjugate gradients.

    errors     what is left to go, in three directions that no linear method tells from the whole: along the mean,
               across it, and the bias; a start is a random target, learned from w = 0, b = 0
    deviation  standard deviation of one unit; its mean is one half
    kappa      condition number; without a bias {{ inputs.raw.kappa | integer }}
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS, sigmoid
from lib.gaussian import moments
from lib.numerics import Draws, draws
from lib.optimizers import adam_losses, momentum_path
from lib.plots import FIRST, GRID, INK, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import (
    conjugate_gradients,
    first_step_below,
    gradient_of,
    kappa_with_bias,
    line_search,
    tuned_momentum,
)

SEED = 0
TOLERANCE = 1e-6  # of the starting loss
UNITS, MEAN, VARIANCE = 100, 0.5, moments(sigmoid)[1]
STARTS, FEW = 201, 9  # random targets; Adam and momentum get the first few, as on their own page
LAYER = 64  # units of a smaller layer
WATCHED = 40  # steps of nets on shifted inputs
DEVIATION = np.sqrt(VARIANCE)
LENGTH = np.sqrt(VARIANCE + MEAN**2)  # root mean square of one unit
RATES = {("raw", 0): (0.07, 0.1, 0.15, 0.2, 0.3), ("centered", 0): (0.1, 0.2, 0.4)}
RATES |= {("raw", 1): (0.1, 0.15, 0.2, 0.3), ("centered", 1): (0.1, 0.15, 0.2, 0.3, 0.4)}
METHODS = {
    "plain": "plain, best step",
    "search": "line search",
    "adam": "Adam",
    "tuned": "momentum, tuned",
    "conjugate": "conjugate gradients",
    "newton": "Newton",
}


@dataclass(frozen=True)
class Result:
    units: int
    "Number of inputs."
    ratio: float
    "Mean of a unit over its deviation."
    starts: int
    "Number of random targets; counts of steps are medians over them."
    few: int
    "How many of them Adam and momentum get."
    inputs: dict[str, dict]
    "Plain descent after each change of the inputs: kappa and steps without, kappa_bias and steps_bias with a bias."
    methods: dict[str, dict]
    "Steps of each method: raw, centered, raw_bias, centered_bias."
    search_range: tuple[float, float]
    "Line search, raw inputs with a bias: lower and upper quartile of the steps over the targets."
    layer: int
    "Sigmoid units of a smaller layer."
    jacobi_units: tuple[float, float]
    "Condition number with a bias of that layer: as it is, after diagonal scaling."
    fed: float
    "Condition number with the best constant for the bias, over that without a bias."
    correlated: tuple[float, float]
    "Condition number of `units` centered inputs with correlation one half: standardized, whitened."
    watched: int
    "Steps over which losses are compared where inputs are shifted."
    shift_gap: tuple[float, float]
    "Largest difference of loss over them between inputs and shifted inputs: with batch normalization, without."


def curvature(mean: float, variance: float, bias: float) -> np.ndarray:
    """Hessian along the mean, across it and along the bias, shape (3, 3); without a bias input, (2, 2)."""
    a = np.array([np.sqrt(UNITS) * mean, 0.0, bias])
    whole = np.diag([variance, variance, 0.0]) + np.outer(a, a)
    return whole if bias else whole[:2, :2]


def errors(weights, biases, shift=0.0, scale=1.0, bias=1.0) -> np.ndarray:
    """Starting errors (starts, 3) for inputs (x − shift)/scale: the targets are the same functions of x."""
    along = weights.sum(axis=1) / np.sqrt(UNITS)
    across = np.sqrt((weights**2).sum(axis=1) - along**2)
    return np.stack([scale * along, scale * across, (biases + shift * weights.sum(axis=1)) / (bias or 1.0)], axis=1)[
        :, : 3 if bias else 2
    ]


def plain(H, start) -> float:
    """Median steps of plain descent at its best constant step, by bisection on the closed form."""
    values, vectors = np.linalg.eigh(H)
    parts = (start @ vectors) ** 2 * values
    factors = (1 - 2 / (values[0] + values[-1]) * values) ** 2
    low, high = np.ones(len(start)), np.full(len(start), 2.0**24)
    while np.any(low < high):
        middle = (low + high) // 2
        done = (parts * factors ** middle[:, None]).sum(axis=1) <= TOLERANCE * parts.sum(axis=1)
        low, high = np.where(done, low, np.minimum(middle + 1, high)), np.where(done, middle, high)
    return float(np.median(low))


def search(H, start, steps: int = 2000) -> np.ndarray:
    """Steps of exact line search from each start, 10⁶ where more than `steps` are needed."""
    losses = []
    for _ in range(steps):
        g = start @ H
        losses.append(np.einsum("si,si->s", start, g))
        if len(losses) > 1 and np.all(losses[-1] <= TOLERANCE * losses[0]):
            break
        size = np.einsum("si,si->s", g, g) / np.maximum(np.einsum("si,si->s", g @ H, g), 1e-300)
        start = start - size[:, None] * g
    losses = np.minimum.accumulate(losses)
    return first_step_below(losses)


def run_momentum(H, start) -> float:
    """Median steps of momentum tuned to the two extreme curvatures."""
    values, vectors = np.linalg.eigh(H)
    steps = 1500 if len(values) > 2 else 300
    runs = momentum_path(values, start @ vectors, *tuned_momentum(values[-1], values[0]), steps)
    return float(np.median(first_step_below(runs**2 @ values)))


def run_adam(weights, biases, centered: bool, bias: bool) -> float:
    """Median steps of Adam at its best rate, on the weights themselves: it knows their axes."""
    mean = np.append(np.full(UNITS, 0.0 if centered else MEAN), 1.0)
    spread = np.append(np.full(UNITS, VARIANCE), 0.0)
    start = np.column_stack([weights, biases + (MEAN if centered else 0) * weights.sum(axis=1)])
    if not bias:
        mean, spread, start = mean[:-1], spread[:-1], start[:, :-1]
    rates = RATES["centered" if centered else "raw", int(bias)]
    losses = adam_losses(gradient_of(mean, spread), start, rates, 3500, TOLERANCE)
    return float(np.median(first_step_below(losses), axis=1).min())


def newton(H, start) -> int:
    """Steps of Newton's method."""
    error, steps = start, 0
    while np.any(np.einsum("si,ij,sj->s", error, H, error) > TOLERANCE * np.einsum("si,ij,sj->s", start, H, start)):
        error, steps = error - np.linalg.solve(H, H @ error.T).T, steps + 1
    return steps


def normalized(shift: float, normalize: bool, rng) -> np.ndarray:
    """Losses of `WATCHED` steps of plain descent on 200 examples of ten inputs, shifted; with batch normalization after
    the linear map, gain and offset learned."""
    x, target = rng.normal(size=(10, 200)) + shift, rng.normal(size=200)
    w, gain, offset, losses = rng.normal(size=10), 1.0, 0.0, []
    for _ in range(WATCHED):
        z = w @ x
        centered = z - z.mean() if normalize else z
        width = centered.std() if normalize else 1.0
        unit = centered / width
        delta = (gain * unit + offset - target) / 200
        losses.append(100 * np.sum(delta**2))
        back = gain * delta
        if normalize:  # through mean and deviation
            back = (back - back.mean() - unit * (back @ unit) / 200) / width
        w, gain, offset = w - 0.01 * x @ back, gain - 0.01 * normalize * delta @ unit, offset - 0.01 * delta.sum()
    return np.array(losses)


def changes() -> dict[str, tuple[float, ...]]:
    """Mean and variance of changed inputs, the input of their bias, and what was subtracted and divided by."""
    best = np.sqrt(VARIANCE + UNITS * MEAN**2)
    return {
        "raw": (MEAN, VARIANCE, 1.0, 0.0, 1.0),
        "divided": (MEAN / DEVIATION, 1.0, 1.0, 0.0, DEVIATION),
        "jacobi": (MEAN / LENGTH, VARIANCE / LENGTH**2, 1.0, 0.0, LENGTH),
        "bias": (MEAN, VARIANCE, best, 0.0, 1.0),
        "centered": (0.0, VARIANCE, 1.0, MEAN, 1.0),
        "standardized": (0.0, 1.0, 1.0, MEAN, DEVIATION),
    }


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    weights, biases = rng.normal(size=(STARTS, UNITS)), rng.normal(size=STARTS)
    inputs = {}
    for name, (mean, variance, constant, shift, scale) in changes().items():
        without, biased = curvature(mean, variance, 0.0), curvature(mean, variance, constant)
        inputs[name] = {
            "kappa": np.linalg.cond(without),
            "steps": plain(without, errors(weights, biases, shift, scale, 0.0)),
            "kappa_bias": np.linalg.cond(biased),
            "steps_bias": plain(biased, errors(weights, biases, shift, scale, constant)),
        }
    for name in ("tanh", "selu"):  # other units, the same random targets
        mean, variance = moments(FUNCTIONS[name])
        without, biased = curvature(mean, variance, 0.0), curvature(mean, variance, 1.0)
        start = errors(weights, biases)
        inputs[name] = {"kappa": np.linalg.cond(without), "steps": plain(without, start[:, :2]),
                        "kappa_bias": np.linalg.cond(biased), "steps_bias": plain(biased, start)}  # fmt: skip
    methods = {name: {"name": words} for name, words in METHODS.items()}
    for centered in (False, True):
        for bias in (False, True):
            H = curvature(0.0 if centered else MEAN, VARIANCE, float(bias))
            start = errors(weights, biases, MEAN if centered else 0.0, bias=float(bias))
            searched = search(H, start)
            column = ("centered" if centered else "raw") + ("_bias" if bias else "")
            found = {
                "plain": plain(H, start),
                "search": float(np.median(searched)),
                "adam": run_adam(weights[:FEW], biases[:FEW], centered, bias),
                "tuned": run_momentum(H, start[:FEW]),
                "conjugate": float(np.median([len(conjugate_gradients(H, error)) - 1 for error in start[:FEW]])),
                "newton": newton(H, start),
            }
            for name, steps in found.items():
                methods[name][column] = steps
            if column == "raw_bias":
                quartiles = tuple(np.quantile(searched, [0.25, 0.75]))
    half = (np.eye(UNITS) + np.ones((UNITS, UNITS))) / 2
    values, vectors = np.linalg.eigh(half)
    whiten = vectors / np.sqrt(values)
    gaps = []
    for normalize in (True, False):
        pair = [normalized(shift, normalize, np.random.default_rng(SEED)) for shift in (0.0, 3.0)]
        gaps.append(float(abs(pair[0] - pair[1]).max()))
    return Result(
        units=UNITS,
        ratio=MEAN / DEVIATION,
        starts=STARTS,
        few=FEW,
        inputs=inputs,
        methods=methods,
        search_range=quartiles,
        layer=LAYER,
        jacobi_units=(
            kappa_with_bias(MEAN, VARIANCE, LAYER),
            kappa_with_bias(MEAN / LENGTH, VARIANCE / LENGTH**2, LAYER),
        ),
        fed=inputs["bias"]["kappa_bias"] / inputs["bias"]["kappa"],
        watched=WATCHED,
        correlated=(values[-1] / values[0], np.linalg.cond(whiten.T @ half @ whiten)),
        shift_gap=tuple(gaps),
    )


def claim_centering_beats_methods(result: Result) -> None:
    """With a bias, plain descent on centered inputs takes {{ inputs.centered.steps_bias | integer }} steps; on raw
    inputs tuned momentum takes {{ methods.tuned.raw_bias | integer }}, Adam {{ methods.adam.raw_bias | integer }} and
    plain descent {{ methods.plain.raw_bias | integer }}."""
    rate = (1 / VARIANCE - 1) / (1 / VARIANCE + 1)  # the bias has curvature 1, each weight the variance
    assert abs(result.inputs["centered"]["steps_bias"] - np.log(TOLERANCE) / 2 / np.log(rate)) <= 1
    row = {name: steps["raw_bias"] for name, steps in result.methods.items()}
    assert all(row[name] > 5 * result.inputs["centered"]["steps_bias"] for name in ("plain", "adam", "tuned"))
    assert row["plain"] > 8 * row["adam"] > 8 * row["tuned"]
    for name in ("raw", "centered"):
        steps = result.methods["plain"][name], result.methods["plain"][f"{name}_bias"]
        assert steps == (result.inputs[name]["steps"], result.inputs[name]["steps_bias"])


def claim_three_directions_are_enough(result: Result) -> None:
    """Plain descent and momentum on all {{ units }} weights and the bias have the losses that three directions give,
    to rounding."""
    rng = np.random.default_rng(SEED)
    weights, biases = rng.normal(size=(2, UNITS)), rng.normal(size=2)
    a = np.append(np.full(UNITS, MEAN), 1.0)
    H = np.diag(np.append(np.full(UNITS, VARIANCE), 0)) + np.outer(a, a)
    small, top = curvature(MEAN, VARIANCE, 1.0), np.linalg.eigvalsh(H)[-1]
    runs = []
    for matrix, start in ((H, np.column_stack([weights, biases])), (small, errors(weights, biases))):
        error, before, losses = start, start, []
        for _ in range(200):
            error, before = error - 1.5 / top * error @ matrix + 0.5 * (error - before), error
            losses.append(np.einsum("si,ij,sj->s", error, matrix, error))
        runs.append(np.array(losses))
    np.testing.assert_allclose(*runs, rtol=1e-8)
    lost = np.einsum("si,ij,sj->s", start, small, start)
    constant = changes()["bias"][2]
    H = curvature(MEAN, VARIANCE, constant)
    (first,) = error = errors(weights[:1], biases[:1], bias=constant)
    step = 2 / (np.trace(H) - VARIANCE)  # the third curvature lies between the extremes
    for taken in range(int(plain(H, error))):  # the bisection, step by step
        assert first @ H @ first > TOLERANCE * error[0] @ H @ error[0], taken
        first = first - step * H @ first
    assert first @ H @ first <= TOLERANCE * error[0] @ H @ error[0]
    for mean, variance, constant, shift, scale in changes().values():  # the same function loses the same, however fed
        start = errors(weights, biases, shift, scale, constant)
        np.testing.assert_allclose(np.einsum("si,ij,sj->s", start, curvature(mean, variance, constant), start), lost)


def claim_diagonal_scaling_can_hurt(result: Result) -> None:
    """Scaling every input to curvature 1 makes it worse where there is a bias: the condition number goes from
    {{ inputs.raw.kappa_bias | integer }} to {{ inputs.jacobi.kappa_bias | integer }}, and for {{ layer }} units from
    {{ jacobi_units[0] | integer }} to {{ jacobi_units[1] | integer }}."""
    a = np.append(np.full(result.layer, MEAN), 1.0)
    H = np.diag(np.append(np.full(result.layer, VARIANCE), 0)) + np.outer(a, a)
    scaled = H / np.sqrt(np.outer(np.diag(H), np.diag(H)))
    for matrix, kappa in ((H, result.jacobi_units[0]), (scaled, result.jacobi_units[1])):
        assert abs(np.linalg.cond(matrix) / kappa - 1) < 1e-6
    assert result.inputs["jacobi"]["kappa_bias"] > 3 * result.inputs["raw"]["kappa_bias"]


def claim_batch_normalization_cancels_the_mean(result: Result) -> None:
    """Shift all inputs by three standard deviations: with batch normalization after the linear map the losses of
    {{ watched }} steps are the same to rounding; without it they differ."""
    assert result.shift_gap[0] < 1e-9 and not result.shift_gap[1] < 0.01
    rng = np.random.default_rng(SEED)  # the gradient by hand, against a complex step
    x, target, w = rng.normal(size=(10, 200)), rng.normal(size=200), rng.normal(size=10)
    z = w @ x
    unit = (z - z.mean()) / z.std()
    delta = (unit - target) / 200
    back = (delta - delta.mean() - unit * (delta @ unit) / 200) / z.std()

    def loss(at):
        free = at @ x - (at @ x).mean()
        return np.mean((free / np.sqrt(np.mean(free**2)) - target) ** 2) / 2

    slope = [loss(w + 1e-20j * one).imag / 1e-20 for one in np.eye(10)]
    np.testing.assert_allclose(x @ back, slope, rtol=1e-9, atol=1e-12)


def claim_whitening_does_more(result: Result) -> None:
    """Where centered inputs have a correlation of one half, standardizing leaves a condition number of
    {{ correlated[0] | integer }}; whitening makes it {{ correlated[1] | integer }}."""
    assert abs(result.correlated[0] - (1 + UNITS)) < 1e-6 and abs(result.correlated[1] - 1) < 1e-9


def claim_a_search_is_a_lottery(result: Result) -> None:
    """Exact line search depends strongly on the target: with raw inputs and a bias, the quartiles over the targets are
    {{ search_range[0] | integer }} and {{ search_range[1] | integer }} steps."""
    low, high = result.search_range
    assert 2 * low < high < result.methods["plain"]["raw_bias"]
    rng = np.random.default_rng(SEED)
    weights, biases = rng.normal(size=(STARTS, UNITS)), rng.normal(size=STARTS)
    counts = search(curvature(MEAN, VARIANCE, 1.0), errors(weights, biases))
    a = np.append(np.full(UNITS, MEAN), 1.0)
    H = np.diag(np.append(np.full(UNITS, VARIANCE), 0)) + np.outer(a, a)
    for i in np.argsort(counts)[:3]:  # the same searches, on all weights
        assert abs(len(line_search(H, np.append(weights[i], biases[i]))) - 1 - counts[i]) <= 1


def claim_as_many_as_curvatures(result: Result) -> None:
    """Conjugate gradients takes at most as many steps as there are different curvatures,
    {{ methods.conjugate.raw | integer }} without and {{ methods.conjugate.raw_bias | integer }} with a bias; Newton’s
    method always {{ methods.newton.raw_bias }}."""
    a = np.append(np.full(UNITS, MEAN), 1.0)
    for H, name in ((np.diag(np.append(np.full(UNITS, VARIANCE), 0)) + np.outer(a, a), "raw_bias"),
                    (VARIANCE * np.eye(UNITS) + MEAN**2, "raw")):  # fmt: skip
        different = len(set(np.round(np.linalg.eigvalsh(H), 8)))
        assert result.methods["conjugate"][name] == different and result.methods["newton"][name] == 1


def equation_batch_norm() -> Draws:
    r"""w^\top (x + c) - w^\top (\bar{x} + c) = w^\top (x - \bar{x})"""
    for rng in draws(12):
        x, w, c = rng.normal(1, 1, size=(4, 20)), rng.normal(size=4), rng.normal(size=4)
        yield {"w": w, "x": x[:, 0], r"\bar{x}": x.mean(axis=1), "c": c}


def equation_jacobi() -> Draws:
    r"""\kappa_J + \frac{1}{\kappa_J} + 2 = \frac{\left(2 + (n + 1)\,r^2\right)^2}{1 + r^2}"""
    for rng in draws(12):
        n, mean, deviation = int(rng.integers(2, 30)), rng.uniform(0.2, 3), rng.uniform(0.3, 2)
        a = np.append(np.full(n, mean), 1.0)
        H = np.diag(np.append(np.full(n, deviation**2), 0)) + np.outer(a, a)
        scaled = H / np.sqrt(np.outer(np.diag(H), np.diag(H)))
        yield {r"\kappa_J": np.linalg.cond(scaled), "n": n, "r": mean / deviation}


def equation_steps() -> Draws:
    r"""t \approx \frac{\kappa}{4} \ln\frac{1}{\varepsilon}"""
    for rng in draws(12):
        kappa, small = rng.uniform(30, 60), 10 ** rng.uniform(-7, -5)
        loss, t, error = kappa + 1, 0, np.ones(2)
        while error**2 @ [kappa, 1] > small * loss:
            error, t = error * (1 - 2 / (kappa + 1) * np.array([kappa, 1])), t + 1
        yield {"t": t, r"\kappa": kappa, r"\varepsilon": small, r"\approx": 0.02}


def figure_steps(result: Result) -> Figure:
    """The methods, one row each, by their steps on a logarithmic axis, with a bias: orange on raw inputs, blue on
    centered ones. Plain descent goes from {{ methods.plain.raw_bias | integer }} to
    {{ methods.plain.centered_bias | integer }}, Adam from {{ methods.adam.raw_bias | integer }} to
    {{ methods.adam.centered_bias | integer }}; Newton's method needs one step in both."""
    figure = new_figure(360, 0.86)
    (axes,) = figure.axes
    rows = list(result.methods.values())[::-1]
    heights = np.arange(len(rows))
    for y, row in zip(heights, rows):
        axes.plot([row["raw_bias"], row["centered_bias"]], [y, y], color=GRID, linewidth=1.2, zorder=1,
                  label=row["name"])  # fmt: skip
    for column, role, name in (("raw_bias", SECOND, "raw"), ("centered_bias", FIRST, "centered")):
        at = [row[column] for row in rows]
        axes.plot(at, heights, "o", color=role, markersize=9 if name == "raw" else 6, label=name)
        label_point(axes, name, (at[-1], heights[-1]), role, dx=0, dy=13, ha="center")
    axes.set(xscale="log", xlim=(0.7, 100_000), ylim=(-0.6, len(rows) - 0.3))
    frame_axes(axes, [1, 10, 100, 1000, 10_000], {y: row["name"] for y, row in zip(heights, rows)}, "steps")
    axes.spines.left.set_visible(False)
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    return figure


if __name__ == "__main__":
    show_figures(figure_steps, of=compute())
