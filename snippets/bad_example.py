"""Why does a loss that has been falling suddenly jump?

One example is enough: a net that has been learning digits in batches of {{ batch }} meets one image whose pixels are
{{ scale | integer }} times too large and whose label is the one that the net thinks least likely. The loss jumps from
{{ before | digits(2) }} to {{ after | digits(2) }} in that step, and the length of the gradient tells:
{{ gradient | digits(2) }} where {{ median | digits(2) }} is usual.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS
from lib.data import digits, one_hot
from lib.network import forward, init_layers, loss, loss_and_gradients, sgd_step
from lib.plots import MUTED, SECOND, decades, frame_axes, label_panel, new_figure, show_figures

SEED = 0
IMAGES, UNITS, STEPS, BATCH, STEP, AT, SCALE = 200, 32, 200, 20, 0.3, 100, 255.0


@dataclass(frozen=True)
class Result:
    images: int
    "Images."
    units: int
    "Hidden ReLU units."
    batch: int
    "Images in a batch."
    step: float
    "Step size."
    at: int
    "Step at which the bad example comes."
    scale: float
    "Factor on its pixels."
    median: float
    "Median length of the gradient over the steps right before."
    gradient: float
    "Length of the gradient of its batch."
    clipped: float
    "Loss after the same step with the gradient clipped to twice the median length."
    before: float
    "Loss over all images before that step."
    after: float
    "Loss after it."
    losses: np.ndarray
    "Loss over all images at each step."
    lengths: np.ndarray
    "Length of each batch's gradient."


def train(clip: float = np.inf) -> tuple[np.ndarray, np.ndarray]:
    """Return losses and lengths of gradients; a gradient longer than `clip` is shortened to it."""
    pixels, labels = digits()
    chosen = np.random.default_rng(SEED).permutation(len(labels))[:IMAGES]
    x, y, losses, lengths = pixels[chosen] - pixels[chosen].mean(axis=0), one_hot(labels[chosen]), [], []
    layers, rng = init_layers((64, UNITS, 10), np.random.default_rng([SEED, 1]), 2**0.5), np.random.default_rng(SEED)
    for t in range(STEPS + 1):
        losses.append(loss(layers, x, y, "relu"))
        rows = rng.choice(IMAGES, BATCH, replace=False)
        batch, targets = x[rows].copy(), y[rows].copy()
        if t == AT:
            batch[0] = SCALE * abs(batch[0])
            targets[0] = one_hot(forward(layers, batch[:1], FUNCTIONS["relu"])[0][-1][0].argmin())
        gradients = loss_and_gradients(layers, batch, targets, "relu")[1]
        lengths.append(sum((part**2).sum() for layer in gradients for part in layer) ** 0.5)
        layers = sgd_step(layers, gradients, STEP * min(1.0, clip / lengths[-1]))
    return np.array(losses), np.array(lengths)


def compute() -> Result:
    losses, lengths = train()
    median = float(np.median(lengths[AT - 50 : AT]))
    return Result(
        images=IMAGES,
        units=UNITS,
        batch=BATCH,
        step=STEP,
        at=AT,
        scale=SCALE,
        median=median,
        gradient=lengths[AT],
        clipped=train(2 * median)[0][AT + 1],
        before=losses[AT],
        after=losses[AT + 1],
        losses=losses,
        lengths=lengths,
    )


def claim_one_bad_example(result: Result) -> None:
    """One image has pixels {{ scale | integer }} times too large and the least likely label. Its batch's gradient is
    {{ gradient | digits(1) }} long, where {{ median | digits(1) }} is usual, and that step lifts the loss from
    {{ before | digits(2) }} to {{ after | digits(1) }}; with gradients clipped to twice the usual length, to
    {{ clipped | digits(2) }}."""
    assert result.gradient > 20 * result.median and result.after > 5 * result.before
    assert np.argmax(np.diff(result.losses)) == AT == np.argmax(result.lengths)
    rest = np.delete(result.lengths, AT)[: AT - 1]
    assert rest.max() < 10 * result.median  # no other batch before it comes near
    assert result.clipped < 2 * result.before
    assert 36 < result.gradient < 140 and 0.21 < result.median < 0.57 and 0.079 < result.before < 0.27
    assert 3.2 < result.after < 46 and 0.0840 < result.clipped < 0.275


def figure_jump(result: Result) -> Figure:
    """Two curves against steps, logarithmic. The loss falls smoothly, jumps up at step {{ at }} and takes many
    steps to come back; the length of the gradient has a single peak there."""
    figure = new_figure(320, 0.8, panels=2)
    for axes, values, role, name in zip(
        figure.axes, (result.losses, result.lengths), (SECOND, MUTED), ("loss", "length of the gradient")
    ):
        axes.plot(values, color=role)
        axes.set(yscale="log", xlim=(0, STEPS), ylim=(0.03, 300))
        frame_axes(axes, [0, AT, STEPS], decades(-1, 0, 1, 2), "step", name)
    label_panel(figure.axes[0], "one bad example", SECOND, x=0.95)
    return figure


if __name__ == "__main__":
    show_figures(figure_jump, of=compute())
