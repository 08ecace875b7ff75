"""What does the shape of my loss curve tell me?

Runs of one small network on {{ images }} digits, all but the first broken on purpose, and what some measurements say of
each. Three of them end at the loss of the best constant prediction, {{ baseline | digits(4) }}: what they have in
common is that the scores hardly differ from example to example.

    kept    what {{ span }} steps take off the loss, over what their gradients promised, the sum of η‖g‖²
    spread  standard deviation of a score over the examples, mean of all scores
    dead    share of hidden units whose derivative is nearly zero for every example
    few     loss after as many steps on {{ few }} examples only
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, FUNCTIONS
from lib.data import digits, one_hot
from lib.network import flatten, forward, init_layers, loss, loss_and_gradients, sgd_step, softmax
from lib.plots import FIRST, GRID, MUTED, SECOND, THIRD, frame_axes, label_point, new_figure, show_figures

SEED = 0
IMAGES, UNITS, STEPS, PROBED, SPAN, TEN = 200, 32, 200, 20, 10, 10
PARTS, NEARLY = (0.01, 10), 0.05  # steps that a look tries over the run's; below which a derivative is nearly zero
CASES = {  # activation, hidden layers, gain of the initial weights, bias of hidden units, shift of the pixels, step
    "healthy": ("tanh", 1, 1.0, 0.0, 0.0, 1.0),
    "small_step": ("tanh", 1, 1.0, 0.0, 0.0, 0.001),
    "vanishing": ("sigmoid", 5, 1.0, 0.0, 0.0, 1.0),
    "dead": ("relu", 1, 2**0.5, -10.0, 0.0, 0.5),
    "zero": ("tanh", 1, 0.0, 0.0, 0.0, 1.0),
    "shuffled": ("tanh", 1, 1.0, 0.0, 0.0, 1.0),
    "late": ("sigmoid", 2, 1.0, 0.0, 0.0, 1.0),
    "mean": ("tanh", 1, 1.0, 0.0, 1.0, 0.2),
    "large_start": ("tanh", 1, 20.0, 0.0, 0.0, 0.1),
    "large_step": ("relu", 1, 2**0.5, 0.0, 0.0, 20.0),
    "sign": ("tanh", 1, 1.0, 0.0, 0.0, -0.05),
}


@dataclass(frozen=True)
class Result:
    images: int
    "Images, all in every step."
    units: int
    "Units in a hidden layer."
    steps: int
    "Steps of a run."
    probed: int
    "Step at which it is measured."
    baseline: float
    "Loss of the best constant prediction, in nats: the entropy of the labels' shares."
    classes: int
    "Digits that are told apart."
    few: int
    "Examples of the runs on a few of them."
    baseline_few: float
    "The baseline of these."
    span: int
    "Steps over which the kept share is taken."
    parts: tuple[float, float]
    "A smaller and a larger step that are tried once, over the step of the run."
    cases: dict[str, dict]
    "How each case is set up: hidden layers, gain of the initial weights, bias of hidden units, shift of the pixels."
    rows: dict[str, dict]
    "For each case: step size; loss at the start and in the end; kept share of `span` steps from there on, and of one"
    " smaller and one larger step, times `parts`; spread of the scores; shares of dead units and of derivatives near"
    " zero; loss on `few` examples."
    recognized: float
    "Share of other images that the net with shuffled labels recognizes."
    overflow: float
    "Score at which an exponential overflows in single precision."
    curves: dict[str, np.ndarray]
    "Loss at each step."


def draw_images() -> tuple[np.ndarray, np.ndarray]:
    """Return all pixels in [0, 1] and labels in random order; the first `IMAGES` are trained on."""
    pixels, labels = digits()
    order = np.random.default_rng(SEED).permutation(len(labels))
    return pixels[order], labels[order]


def init_case(name: str) -> tuple[str, list, np.ndarray, np.ndarray, float]:
    """Return activation, layers, inputs, targets and step size of a case."""
    activation, hidden, gain, bias, shift, step = CASES[name]
    pixels, labels = draw_images()
    x, y = pixels[:IMAGES], one_hot(labels[:IMAGES])
    x = x + shift if shift else x - x.mean(axis=0)
    y = np.random.default_rng([SEED, 2]).permutation(y) if name == "shuffled" else y
    layers = init_layers((64, *[UNITS] * hidden, 10), np.random.default_rng([SEED, 1]), gain)
    layers = [(w, b + bias) for w, b in layers[:-1]] + layers[-1:]
    return activation, layers, x, y, step


def measure_network(activation: str, layers: list, x: np.ndarray, y: np.ndarray, step: float) -> dict:
    """Return the measurements that one look at a network allows."""
    before, gradients = loss_and_gradients(layers, x, y, activation)
    promise = abs(step) * (flatten(gradients) ** 2).sum()
    kept = [
        (before - loss(sgd_step(layers, gradients, part * step), x, y, activation)) / part / promise for part in PARTS
    ]
    z, _ = forward(layers, x, FUNCTIONS[activation])
    small = [DERIVATIVES[activation](hidden) < NEARLY for hidden in z[:-1]]
    return dict(zip(("kept_hundredth", "kept_tenfold"), kept)) | {
        "dead": float(np.mean([part.all(axis=0).mean() for part in small])),
        "saturated": float(np.mean([part.mean() for part in small])),
        "spread": round(float(z[-1].std(axis=0).mean()), 12),
    }


def train(activation: str, layers: list, x: np.ndarray, y: np.ndarray, step: float) -> tuple[np.ndarray, dict, list]:
    """Return the losses of a run, what was measured on its way, and the layers in the end."""
    losses, promises, row = [], [], {}
    for t in range(STEPS + 1):
        if t == PROBED:
            row = measure_network(activation, layers, x, y, step)
        now, gradients = loss_and_gradients(layers, x, y, activation)
        losses.append(now)
        promises.append(abs(step) * (flatten(gradients) ** 2).sum())
        layers = sgd_step(layers, gradients, step)
    kept = (losses[PROBED] - losses[PROBED + SPAN]) / sum(promises[PROBED : PROBED + SPAN])
    return np.array(losses), row | {"kept": kept}, layers


def measure_baseline(y: np.ndarray) -> float:
    """Return the entropy of the labels' shares, in nats."""
    shares = y.mean(axis=0)
    return float(-(shares[shares > 0] * np.log(shares[shares > 0])).sum())


def compute() -> Result:
    rows, curves, recognized = {}, {}, 0.0
    pixels, labels = draw_images()
    for name in CASES:
        activation, layers, x, y, step = init_case(name)
        curves[name], row, trained = train(activation, layers, x, y, step)
        if name == "shuffled":
            scores = forward(trained, pixels[IMAGES:] - pixels[:IMAGES].mean(axis=0), np.tanh)[0][-1]
            recognized = float((scores.argmax(axis=1) == labels[IMAGES:]).mean())
        ten = train(activation, layers, x[:TEN], y[:TEN], step)[0][-1]
        rows[name] = row | {"first": curves[name][0], "last": curves[name][-1], "step": step, "ten": ten}
    y = one_hot(labels[:IMAGES])
    return Result(
        images=IMAGES,
        units=UNITS,
        steps=STEPS,
        probed=PROBED,
        baseline=measure_baseline(y),
        classes=y.shape[1],
        few=TEN,
        baseline_few=measure_baseline(y[:TEN]),
        span=SPAN,
        parts=PARTS,
        cases={name: dict(zip(("layers", "gain", "bias", "shift"), case[1:])) for name, case in CASES.items()},
        rows=rows,
        recognized=recognized,
        overflow=float(np.log(np.finfo("float32").max)),
        curves=curves,
    )


def claim_they_stand_at_the_baseline(result: Result) -> None:
    """Dead units, zero weights and vanishing gradients all end at the loss of the best constant prediction,
    {{ baseline | digits(4) }} nats here; their scores differ between examples by at most
    {{ rows.vanishing.spread | digits(1) }}, those of the healthy net by {{ rows.healthy.spread | digits(2) }}."""
    y, bias = init_case("healthy")[3], np.zeros(10)
    for _ in range(3000):
        bias = bias - (softmax(bias[None])[0] - y.mean(axis=0))  # descent on ten constants, and nothing else
    constant = -np.mean(np.log(softmax(bias[None])[0])[y.argmax(axis=1)])
    assert abs(constant - result.baseline) < 1e-6
    for name in ("dead", "zero", "vanishing"):
        assert abs(result.rows[name]["last"] - constant) < 0.005, name
        assert result.rows[name]["spread"] < 1e-3 * result.rows["healthy"]["spread"]
    assert result.rows["dead"]["dead"] == 1 and result.rows["zero"]["dead"] == result.rows["vanishing"]["dead"] == 0
    assert 6.9e-5 < result.rows["vanishing"]["spread"] < 3.1e-4 and 1.5 < result.rows["healthy"]["spread"] < 2.1


def claim_the_kept_share_tells(result: Result) -> None:
    """Of the drop that their gradients promised, steps that are too small keep {{ rows.small_step.kept | digits(4) }},
    and steps {{ parts[1] | integer }} times as large {{ rows.small_step.kept_tenfold | digits(4) }}. A gradient of the
    wrong sign keeps {{ rows.sign.kept | digits(3) }}, and at {{ parts[0] | percent(0) }} of its step
    {{ rows.sign.kept_hundredth | digits(3) }}. Off-center pixels leave {{ rows.mean.kept | digits(1) }} at a step of
    {{ rows.mean.step | digits(1) }}."""
    rows = result.rows
    assert rows["small_step"]["kept"] > 0.9995 and rows["small_step"]["kept_tenfold"] > 0.995
    assert -1.05 < rows["sign"]["kept"] < -0.95 and abs(rows["sign"]["kept_hundredth"] + 1) < 1e-3
    assert rows["healthy"]["kept"] > 0.9 and rows["mean"]["kept"] < 0.5 and rows["large_step"]["kept"] < 0.5
    for name in ("small_step", "late", "healthy"):  # along the gradient: 1 − η gᵀHg/(2 gᵀg), H by a central difference
        activation, layers, x, y, step = init_case(name)
        for _ in range(PROBED):
            layers = sgd_step(layers, loss_and_gradients(layers, x, y, activation)[1], step)
        g = loss_and_gradients(layers, x, y, activation)[1]
        ends = [loss_and_gradients(sgd_step(layers, g, part), x, y, activation)[1] for part in (-1e-4, 1e-4)]
        bend = flatten(g) @ (flatten(ends[0]) - flatten(ends[1])) / 2e-4 / (flatten(g) @ flatten(g))
        assert abs(1 - 5 * step * bend - rows[name]["kept_tenfold"]) < 0.05 + 0.2 * abs(1 - rows[name]["kept_tenfold"])
    assert 0.9994 < result.rows["small_step"]["kept"] < 1.001 and -0.051 < result.rows["mean"]["kept"] < 0.077
    assert 0.999 < result.rows["small_step"]["kept_tenfold"] < 1.000


def claim_more_than_promised(result: Result) -> None:
    """The net that falls late keeps {{ rows.late.kept | digits(4) }} of what its gradient promises while it stands, and
    {{ rows.late.kept_tenfold | digits(3) }} of {{ parts[1] | integer }} times the step: above 1, which no bowl
    allows."""
    assert result.rows["late"]["kept"] > 1.001 and result.rows["late"]["kept_tenfold"] > 1.01
    curve = result.curves["late"]
    assert np.diff(curve)[PROBED - 5 : PROBED + 5].max() < 0
    assert (curve[PROBED] - curve[PROBED + 10]) < 0.3 * np.max(curve[:-10] - curve[10:])  # it falls faster later
    assert 9.9934e-1 < result.rows["late"]["kept"] < 1.0184 and 0.978 < result.rows["late"]["kept_tenfold"] < 1.17


def claim_ten_examples(result: Result) -> None:
    """On {{ few }} examples the net with shuffled labels reaches {{ rows.shuffled.ten | digits(1) }}, like the healthy
    one; yet of the images it has not seen it recognizes {{ recognized | percent(0) }}, which is chance."""
    assert result.rows["shuffled"]["ten"] < 0.02 and result.rows["healthy"]["ten"] < 0.02
    assert abs(result.recognized - 0.1) < 0.06  # one in ten
    for name in ("small_step", "vanishing", "dead", "zero"):
        assert result.rows[name]["ten"] > 0.98 * result.baseline_few
    assert 6.3e-4 < result.rows["shuffled"]["ten"] < 0.0068


def figure_shapes(result: Result) -> Figure:
    """Loss against steps. Left: the net with dead units stands at the baseline of {{ baseline | digits(3) }}; one whose
    step is too small hardly moves; one with two sigmoid layers stands for long and then falls; a healthy one
    falls at once. Right, logarithmic: a gradient of the wrong sign makes the loss rise; at too large a step it leaps up
    and ends at the baseline."""
    figure = new_figure(320, 0.85, panels=2)
    left, right = figure.axes
    for name, role in {"healthy": FIRST, "small_step": MUTED, "dead": SECOND, "late": THIRD}.items():
        left.plot(result.curves[name], color=role)
    for axes in (left, right):
        axes.axhline(result.baseline, color=GRID, zorder=0)
        axes.set_xlim(0, STEPS)
    left.set_ylim(0, 3)
    label_point(left, "too small a step", (60, 2.52), MUTED)
    label_point(left, "dead units: the baseline", (60, 2.12), SECOND)
    label_point(left, "late", (112, 1.25), THIRD)
    label_point(left, "healthy", (25, 0.45), FIRST)
    frame_axes(left, [0, 100, 200], [0, 1, 2, 3], "step", "loss")
    right.plot(result.curves["sign"], color=SECOND)
    right.plot(result.curves["large_step"], color=THIRD)
    right.set(yscale="log", ylim=(1, 100))
    label_point(right, "wrong sign", (140, 30), SECOND, dx=-6)
    label_point(right, "step too large", (8, 9), THIRD)
    frame_axes(right, [0, 100, 200], [1, 10, 100], "step", "loss")
    return figure


if __name__ == "__main__":
    show_figures(figure_shapes, of=compute())
