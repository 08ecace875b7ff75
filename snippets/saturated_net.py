"""After long training, are the hidden sigmoid activations all near 0 or 1?

It depends on the start and on the step size. A network on the digits, started with weights of standard deviation 1/√n
on centered pixels, ends at a step size of {{ bold.step[0] | integer }} with {{ bold.near[0] | percent }} of the
activations near the ends, at {{ bold.step[3] | integer }} with most of them; started with weights in [−1, 1] on pixels
from 0 to {{ setup.raw.times }} most are saturated before the first step, and stay so.

    near        share of hidden activations within {{ near | digits(1) }} of 0 or 1, over units and examples
    saturated   share with a slope below {{ part | percent(0) }} of the greatest
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import sigmoid
from lib.data import digits, one_hot
from lib.network import Layer, forward, init_layers, loss, loss_gradients, sgd_step
from lib.plots import FIRST, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
EXAMPLES, BATCH, UNITS = 500, 50, 64
STARTS = {  # pixels times, pixels centered, weights in [−1, 1], step size, epochs
    "good": (1, True, False, 1.0, 150),
    "middle": (1, False, True, 1.0, 50),
    "raw": (16, False, True, 0.1, 50),
}
BOLD = (1.0, 2.0, 4.0, 8.0)  # step sizes from the good start
MOST = 0.95  # of the examples
NEAR, PART = 0.1, 0.05  # of 0 or 1; of the greatest slope
BINS = np.linspace(0, 1, 21)


@dataclass(frozen=True)
class Result:
    examples: int
    "Digits trained on."
    units: int
    "Hidden sigmoids."
    epochs: dict[str, int]
    "Epochs of each run."
    start: dict[str, dict]
    "Before training, for each start: standard deviation of the pre-activations, shares `near` and `saturated`, loss."
    end: dict[str, dict]
    "The same after training."
    bold: dict[str, tuple[float, ...]]
    "From the good start: step sizes, and the shares near the ends and saturated after as many epochs."
    stuck: float
    "Share of the units of the raw start that are saturated for most examples, after training."
    most: float
    "What counts as most."
    histograms: dict[str, np.ndarray]
    "Share of activations in each of the bins, before and after, shape (2, bins), for two starts."
    batch: int
    "Examples in a step."
    near: float
    "Within what an activation is near 0 or 1."
    part: float
    "Share of the greatest slope below which a unit counts as saturated."
    setup: dict[str, dict]
    "For each start: what the pixels are multiplied by, and the step size."


def describe_net(net: list[Layer], x: np.ndarray, targets: np.ndarray) -> tuple[dict[str, float], np.ndarray]:
    """Standard deviation of hidden pre-activations, shares near the ends and saturated, loss; and the activations."""
    z, a = forward(net, x, sigmoid)
    slope = 4 * a[1] * (1 - a[1])
    return {
        "std": float(z[0].std()),
        "near": float(np.mean((a[1] < NEAR) | (a[1] > 1 - NEAR))),
        "saturated": float(np.mean(slope < PART)),
        "loss": float(loss(net, x, targets, "sigmoid")),
    }, a[1]


def load_problem(times: int, centered: bool) -> tuple[np.ndarray, np.ndarray]:
    """Pixels times a number, centered or not, and one-hot labels of the first digits."""
    pixels, labels = digits()
    x = times * pixels[:EXAMPLES]
    return x - x.mean(axis=0) if centered else x, one_hot(labels[:EXAMPLES])


def train(
    net: list[Layer], x: np.ndarray, targets: np.ndarray, step: float, epochs: int, rng: np.random.Generator
) -> list[Layer]:
    """Gradient descent in batches of 50, in a new order each epoch."""
    for _ in range(epochs):
        for part in np.split(rng.permutation(EXAMPLES), EXAMPLES // BATCH):
            net = sgd_step(net, loss_gradients(net, x[part], targets[part], "sigmoid"), step)
    return net


def train_from_good_start(step: float) -> dict[str, float]:
    """What `describe_net` finds after training from weights of standard deviation 1/√n on centered pixels."""
    x, targets = load_problem(*STARTS["good"][:2])
    rng = np.random.default_rng(SEED)
    return describe_net(
        train(init_layers((64, UNITS, 10), rng), x, targets, step, STARTS["good"][-1], rng), x, targets
    )[0]


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    start, end, histograms = {}, {}, {}
    for key, (times, centered, uniform, step, epochs) in STARTS.items():
        x, targets = load_problem(times, centered)
        net = init_layers((64, UNITS, 10), rng)
        if uniform:
            net = [(rng.uniform(-1, 1, w.shape), b) for w, b in net]
        start[key], before = describe_net(net, x, targets)
        end[key], after = describe_net(train(net, x, targets, step, epochs, rng), x, targets)
        histograms[key] = np.array([np.histogram(a, BINS)[0] / a.size for a in (before, after)])
    bold = [train_from_good_start(step) for step in BOLD]
    return Result(
        examples=EXAMPLES,
        units=UNITS,
        epochs={key: values[-1] for key, values in STARTS.items()},
        start=start,
        end=end,
        bold={"step": BOLD, **{key: tuple(run[key] for run in bold) for key in ("near", "saturated")}},
        stuck=float(np.mean(np.mean(4 * after * (1 - after) < PART, axis=0) >= MOST)),
        most=MOST,
        histograms={key: histograms[key] for key in ("good", "raw")},
        batch=BATCH,
        near=NEAR,
        part=PART,
        setup={key: {"times": values[0], "step": values[3]} for key, values in STARTS.items()},
    )


def claim_training_does_not_saturate(result: Result) -> None:
    r"""From weights of standard deviation $1/\sqrt{n}$ on centered pixels, {{ epochs.good }} epochs lower the loss from
    {{ start.good.loss | digits(2) }} to {{ end.good.loss | digits(1) }}, and leave {{ end.good.near | percent(0) }} of
    the hidden activations within {{ near | digits(1) }} of 0 or 1; {{ end.good.saturated | percent(1) }} are
    saturated."""
    assert result.end["good"]["loss"] < 0.05 and 0.02 < result.end["good"]["near"] < 0.25
    assert result.end["good"]["saturated"] < 0.01 and result.start["good"]["near"] < 0.001
    before, after = result.histograms["good"]
    ends = [share[:2].sum() + share[-2:].sum() for share in (before, after)]
    assert ends[0] < 0.001 and abs(ends[1] - result.end["good"]["near"]) < 1e-9
    assert 2.1 < result.start["good"]["loss"] < 2.7 and 0.0046 < result.end["good"]["loss"] < 0.016
    assert 0 <= result.end["good"]["saturated"] < 0.0015


def claim_the_step_decides_too(result: Result) -> None:
    """From the good start, the larger the step, the more activations come within {{ near | digits(1) }} of 0 or 1 in
    {{ epochs.good }} epochs: {{ bold.near[0] | percent(0) }} at a step size of {{ bold.step[0] | integer }},
    {{ bold.near[1] | percent(0) }} at {{ bold.step[1] | integer }}, and more than half at
    {{ bold.step[3] | integer }}. Saturated are a share of {{ bold.saturated[1] | digits(1) }} at
    {{ bold.step[1] | integer }} and of {{ bold.saturated[2] | digits(1) }} at {{ bold.step[2] | integer }}."""
    assert result.bold["near"][0] == result.end["good"]["near"] and list(result.bold["near"]) == sorted(
        result.bold["near"]
    )
    assert result.bold["near"][3] > 5 * result.bold["near"][0] and result.bold["saturated"][3] > 0.15
    x, targets = load_problem(*STARTS["good"][:2])
    rng = np.random.default_rng(SEED + 1)  # another start
    net = train(init_layers((64, UNITS, 10), rng), x, targets, BOLD[3], STARTS["good"][-1], rng)
    z = x @ net[0][0] + net[0][1]
    edge = np.log((1 - NEAR) / NEAR)  # where a sigmoid is that near to 0 or 1
    assert abs(np.mean(abs(z) > edge) - result.bold["near"][3]) < 0.25 and result.bold["near"][3] > 0.5
    assert 0.14 < result.bold["near"][1] < 0.18 and 0 <= result.bold["saturated"][0] < 0.001
    assert 2.8e-4 < result.bold["saturated"][1] < 0.0048 and 0.0070 < result.bold["saturated"][2] < 0.096
    assert result.bold["near"][3] <= 1 and result.bold["saturated"][3] < 1


def claim_the_start_does(result: Result) -> None:
    """From weights in [−1, 1] on pixels from 0 to {{ setup.raw.times }}, {{ start.raw.saturated | percent(0) }} are
    saturated before the first step and {{ end.raw.saturated | percent(0) }} after {{ epochs.raw }} epochs. The loss
    falls all the same, to about {{ end.raw.loss | digits(1) }}, on digits it was trained on."""
    rng = np.random.default_rng(SEED + 1000)  # another network, its slopes by differences
    x, _ = load_problem(16, False)
    z = x @ rng.uniform(-1, 1, (64, UNITS))
    slope = (sigmoid(np.clip(z, -600, 600) + 1e-3) - sigmoid(np.clip(z, -600, 600) - 1e-3)) / 2e-3
    assert abs(np.mean(slope < 0.05 / 4) - result.start["raw"]["saturated"]) < 0.05
    least = (result.end["raw"]["saturated"] - MOST) / (1 - MOST)  # the others are saturated for fewer than most
    assert least <= result.stuck <= result.end["raw"]["saturated"] / MOST
    assert result.end["raw"]["saturated"] > 0.85 and result.end["raw"]["loss"] < 0.5 * result.start["raw"]["loss"]
    assert 0.048 < result.end["raw"]["loss"] < 0.25


def figure_histograms(result: Result) -> Figure:
    """Two histograms of the hidden activations, each before and after training. Left, from a start with weights of
    standard deviation one over the root of the inputs: before, a narrow hill at one half; after, a wide hill over the
    whole range. Right, from a start with weights in [−1, 1] on pixels from 0 to {{ setup.raw.times }}: before and
    after, two peaks at 0 and 1, and little between."""
    figure = new_figure(320, 0.85, panels=2)
    panels = (
        ("good", 0.4, "weights about 1/√n,\ncentered pixels"),
        ("raw", 0.8, f"weights in [−1, 1],\npixels 0 to {STARTS['raw'][0]}"),
    )
    for axes, (key, high, text) in zip(figure.axes, panels):
        role = FIRST if key == "good" else SECOND
        for values, color, width, when in zip(result.histograms[key], (MUTED, role), (1, 1.7), ("before", "after")):
            axes.plot(np.repeat(BINS, 2)[1:-1], np.repeat(values, 2), color=color, linewidth=width, label=when)
        axes.text(0.5, 0.99, text, transform=axes.transAxes, ha="center", va="top", color=role, fontweight="semibold")
        axes.set(ylim=(0, high))
        frame_axes(axes, [0, 0.5, 1], {0: "0", high / 2: f"{high / 2:.0%}"}, "activation", "share of activations")
    before, after = result.histograms["good"]
    label_point(figure.axes[0], "before", (0.6, before[11]), MUTED, dx=4, dy=4)
    label_point(figure.axes[0], "after", (0.2, after[4]), FIRST, dx=-4, dy=8)
    return figure


if __name__ == "__main__":
    show_figures(figure_histograms, of=compute())
