"""Do sigmoids in deep networks get pushed to 0, where they are saturated?

Yes, in the last hidden layer of {{ layers }}, on digits, with small batches: their mean falls from
{{ start | digits(2) }} to {{ top.noisy | digits(1) }} within {{ steps }} steps, while the loss stays at that of
guessing. The same network with all examples in every step is not pushed, and output weights that start at zero do not
prevent it: so here it is the noise of the batches.

    top     activations of the last hidden layer
    noisy   small batches; full: all examples; zero: small batches, output weights zero at the start
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import sigmoid
from lib.data import digits, one_hot
from lib.network import cross_entropy, forward, init_layers, loss_gradients, sgd_step
from lib.plots import FIRST, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
SIZES = (64, 32, 32, 32, 32, 10)
EXAMPLES, BATCH, STEP, STEPS, EVERY = 200, 20, 1.0, 300, 15
BATCHES = (10, 20, 40, 100)
NEAR = 0.1  # below it an activation is near 0


@dataclass(frozen=True)
class Result:
    units: int
    "Sigmoids in each hidden layer."
    layers: int
    "Hidden layers."
    examples: int
    "Digits trained on, their mean subtracted."
    batch: int
    "Examples in a small batch."
    steps: int
    "Steps of each run."
    start: float
    "Mean activation of the last hidden layer at the start."
    top: dict[str, float]
    "The same after training: noisy, full and zero."
    below: float
    "Share of the last layer's activations below `near` after the noisy run."
    near: float
    "What counts as near 0."
    slope: float
    "Their mean slope, as a share of the greatest."
    loss: dict[str, float]
    "Loss after training."
    chance: float
    "Loss of equal probabilities for all classes."
    other: float
    "Furthest that the mean activation of another hidden layer is from one half, after the noisy run."
    batches: tuple[int, ...]
    "Sizes of batches."
    by_batch: tuple[float, ...]
    "Mean activation of the last hidden layer after training with each."
    path: dict[str, np.ndarray]
    "Mean activation of the last hidden layer, at the steps `at`."
    at: np.ndarray
    "Those steps."


def problem():
    pixels, labels = digits()
    return pixels[:EXAMPLES] - pixels[:EXAMPLES].mean(axis=0), one_hot(labels[:EXAMPLES])


def run(batch, zero=False):
    """Descent from the start of this seed: mean top activation now and then, all activations and the loss at the
    end."""
    rng = np.random.default_rng(SEED)
    x, targets = problem()
    net, means = init_layers(SIZES, rng), []
    if zero:
        net[-1] = (0 * net[-1][0], net[-1][1])
    for number in range(STEPS + 1):
        if number % EVERY == 0:
            z, a = forward(net, x, sigmoid)
            means.append(a[-1].mean())
        part = rng.integers(0, EXAMPLES, batch) if batch < EXAMPLES else slice(None)
        net = sgd_step(net, loss_gradients(net, x[part], targets[part], "sigmoid"), STEP)
    return np.array(means), a[1:], float(cross_entropy(z[-1], targets))


def compute() -> Result:
    runs = {"noisy": run(BATCH), "full": run(EXAMPLES), "zero": run(BATCH, zero=True)}
    means, layers, _ = runs["noisy"]
    return Result(
        units=SIZES[1],
        layers=len(SIZES) - 2,
        near=NEAR,
        examples=EXAMPLES,
        batch=BATCH,
        steps=STEPS,
        start=float(means[0]),
        top={key: float(values[0][-1]) for key, values in runs.items()},
        below=float(np.mean(layers[-1] < NEAR)),
        slope=float(np.mean(4 * layers[-1] * (1 - layers[-1]))),
        loss={key: values[2] for key, values in runs.items()},
        chance=float(np.log(10)),
        other=float(max(abs(a.mean() - 0.5) for a in layers[:-1])),
        batches=BATCHES,
        by_batch=tuple(float(run(size)[0][-1]) for size in BATCHES),
        path={key: values[0] for key, values in runs.items()},
        at=np.arange(0, STEPS + 1, EVERY),
    )


def claim_pushed_to_zero(result: Result) -> None:
    """With batches of {{ batch }} the last hidden layer's mean activation falls from {{ start | digits(1) }} to
    {{ top.noisy | digits(1) }} in {{ steps }} steps, {{ below | percent(0) }} of its activations are below
    {{ near | digits(1) }}, and the loss is {{ loss.noisy | digits(3) }}, not better than guessing."""
    assert result.start > 0.4 and result.top["noisy"] < 0.1 and 0.92 < result.below <= 1
    assert abs(result.loss["noisy"] - result.chance) < 0.1
    top = result.top["noisy"]
    *others, last = run(BATCH)[1]
    z = np.log(last / (1 - last))  # and the slopes there by differences
    assert abs(np.mean(sigmoid(z + 1e-4) - sigmoid(z - 1e-4)) * 4 / 2e-4 / result.slope - 1) < 1e-6
    assert result.slope < 4 * top * (1 - top) and abs(last.mean() / top - 1) < 1e-9  # σ(1 − σ) is concave
    assert all(abs(a.mean() - 0.5) <= result.other < 0.25 for a in others)
    rng = np.random.default_rng(SEED + 1000)  # another network, another order, and a sum over layers by hand
    x, targets = problem()
    assert abs(x.sum(axis=0)).max() < 1e-9
    net = init_layers(SIZES, rng)
    for _ in range(STEPS // BATCH):
        for part in np.split(rng.permutation(EXAMPLES), EXAMPLES // BATCH):
            net = sgd_step(net, loss_gradients(net, x[part], targets[part], "sigmoid"), STEP)
    a = x
    for w, b in net[:-1]:
        a = 1 / (1 + np.exp(-(a @ w + b)))
    assert a.mean() < 0.25
    assert 0.36 < result.start < 0.64 and 2.28 < result.loss["noisy"] < 2.34


def claim_not_without_noise(result: Result) -> None:
    """The same network with the same step size and all {{ examples }} examples in every step stays at
    {{ top.full | digits(2) }}; with small batches and output weights that start at zero it falls to
    {{ top.zero | digits(1) }}."""
    assert abs(result.top["full"] - result.start) < 0.06 and result.top["zero"] < 0.12
    assert abs(result.path["zero"][0] - result.start) < 1e-12  # the hidden layers start alike
    assert result.path["full"].min() > 0.4
    assert not np.allclose(result.path["zero"], result.path["noisy"])  # another start of the output weights
    assert (result.at[0], result.at[-1], len(result.at)) == (0, STEPS, len(result.path["zero"]))
    assert 0.056 < result.top["zero"] < 0.089


def claim_larger_batches_push_less(result: Result) -> None:
    """After the same {{ steps }} steps with batches of {{ batches | integer | list }} the mean activation is
    {{ by_batch | decimals(2) | list }}."""
    assert abs(result.by_batch[BATCHES.index(BATCH)] - result.top["noisy"]) < 1e-12
    assert (np.diff([*result.by_batch, result.top["full"]]) > 0.01).all()
    for size, mean, slack in zip(
        BATCHES, result.by_batch, (0.009, 0.009, 0.02, 0.05)
    ):  # other batches, another network
        rng = np.random.default_rng(SEED + 2000)
        x, targets = problem()
        net = init_layers(SIZES, rng)
        for _ in range(STEPS):
            part = rng.integers(0, EXAMPLES, size)
            net = sgd_step(net, loss_gradients(net, x[part], targets[part], "sigmoid"), STEP)
        assert abs(forward(net, x, sigmoid)[1][-1].mean() - mean) < slack


def figure_means(result: Result) -> Figure:
    """Mean activation of the last hidden layer against steps. With small batches it falls from
    {{ start | digits(2) }} to {{ top.noisy | digits(1) }}, with output weights that start at zero almost the same; with
    all examples in every step it stays flat at {{ top.full | digits(2) }}."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    words = {"full": (FIRST, "all examples", 0), "noisy": (SECOND, f"batches of {BATCH}", -5)}
    words["zero"] = (MUTED, "from zero\noutput weights", 14)
    for key, (role, text, dy) in words.items():
        axes.plot(result.at, result.path[key], color=role, label=text.replace("\n", " "))
        label_point(axes, text, (STEPS, result.path[key][-1]), role, dy=dy)
    axes.set(ylim=(0, 0.62), xlim=(0, 430))
    frame_axes(axes, [0, 100, 200, 300], [0, 0.25, 0.5], "steps", "mean activation, last hidden layer")
    return figure


if __name__ == "__main__":
    show_figures(figure_means, of=compute())
