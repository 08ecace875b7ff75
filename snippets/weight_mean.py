r"""What does a mean of the weights do, and where does it go during training?

A layer’s inputs are positive, so a mean of its weights moves the pre-activations of all units to one side. On digits
the first gradient pushes that mean down in {{ first.relu | percent(0) }} of random ReLU networks; afterward it rises
with small steps, and a bold step throws it down: the share of open units falls from {{ before | percent(0) }} to
{{ after | percent(0) }}.

    m, s_w   mean and standard deviation of a layer's weights; with r, mean over standard deviation of its inputs
    open     share of positive pre-activations, over units and examples
    V, h, y  weights of a linear output of q units, hidden activations, targets
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS
from lib.network import forward, init_layers, loss, loss_gradients, sgd_step
from lib.numerics import draws
from lib.plots import FIRST, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.training import GAINS, every_third_digit

SEED = 0
SIZES = (64, 64, 64, 64, 10)
LAYER = 2  # whose weights are followed: the third, which reads ReLUs
NETS, STARTS, EPOCHS = 60, 4, 40
STEPS = {"small": 0.3, "bold": 1.0}


@dataclass(frozen=True)
class Result:
    nets: int
    "Random networks of each kind whose first gradient is taken."
    first: dict[str, float]
    "Share of them in which the mean of the first gradient of the third layer's weights is positive, by function."
    starts: int
    "Runs at each step size."
    epochs: int
    "Steps of a run, all examples in each."
    images: int
    "Digits, centered pixels."
    steps: dict[str, float]
    "Step sizes: `small` and `bold`."
    open: dict[str, np.ndarray]
    "Share of positive pre-activations of the third layer, shape (starts, epochs + 1), by step size."
    losses: dict[str, float]
    "Median loss at the end."
    before: float
    "Largest share of open units in the run with bold steps whose share falls most, before it does."
    after: float
    "Least share afterward."
    follows: float
    "Correlation of the share of open units with that mean over all steps of the bold runs."
    inputs: int
    "Inputs of a layer, each with a mean of one standard deviation."
    shift: float
    "Mean of its weights, in standard deviations, that moves the mean of all units by one standard deviation."


def train(number: int, step: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Share of open units and mean of the weights of the third layer before each step, and the last loss."""
    x, targets = load_problem()
    layers, shares, means = init_layers(SIZES, np.random.default_rng([SEED, number]), GAINS["relu"]), [], []
    for epoch in range(EPOCHS + 1):
        z, _ = forward(layers, x, FUNCTIONS["relu"])
        shares.append(np.mean(z[LAYER] > 0))
        means.append(layers[LAYER][0].mean() / layers[LAYER][0].std())
        if epoch < EPOCHS:
            layers = sgd_step(layers, loss_gradients(layers, x, targets, "relu"), step)
    return np.array(shares), np.array(means), loss(layers, x, targets, "relu")


def load_problem() -> tuple[np.ndarray, np.ndarray]:
    """Centered pixels and one-hot labels of every sixth digit."""
    x, targets = every_third_digit()
    return x[::2] - x[::2].mean(axis=0), targets[::2]


def share_positive(name: str) -> float:
    """Share of random networks whose first gradient lowers the mean of the third layer's weights."""
    x, targets = load_problem()
    nets = (init_layers(SIZES, np.random.default_rng([SEED, 1000 + i]), GAINS[name]) for i in range(NETS))
    return float(np.mean([loss_gradients(layers, x, targets, name)[LAYER][0].mean() > 0 for layers in nets]))


def compute() -> Result:
    runs = {key: [train(number, step) for number in range(STARTS)] for key, step in STEPS.items()}
    shares = {key: np.array([shares for shares, _, _ in several]) for key, several in runs.items()}
    means = np.array([means for _, means, _ in runs["bold"]])
    falls = np.maximum.accumulate(shares["bold"], axis=1) - shares["bold"]
    worst, low = np.unravel_index(falls.argmax(), falls.shape)
    return Result(
        nets=NETS,
        first={name: share_positive(name) for name in ("relu", "tanh")},
        starts=STARTS,
        epochs=EPOCHS,
        images=len(load_problem()[0]),
        steps=STEPS,
        open=shares,
        losses={key: float(np.median([last for *_, last in several])) for key, several in runs.items()},
        before=float(shares["bold"][worst, :low].max()),
        after=float(shares["bold"][worst, low]),
        follows=float(np.corrcoef(shares["bold"].ravel(), means.ravel())[0, 1]),
        inputs=SIZES[LAYER],
        shift=1 / np.sqrt(SIZES[LAYER] - 1),
    )


def claim_the_first_gradient_pushes_down(result: Result) -> None:
    """In {{ first.relu | percent(0) }} of {{ nets }} random ReLU networks on {{ images }} centered digits the first
    step lowers the mean of the third layer’s weights; with tanh, whose activations have hardly a mean, in
    a share of {{ first.tanh | digits(1) }}."""
    assert result.first["relu"] > 0.85 and 0.25 < result.first["tanh"] < 0.8
    x, targets = load_problem()
    for number in range(6):  # by differences of the loss: add a little to all weights
        layers = init_layers(SIZES, np.random.default_rng([SEED, 1000 + number]), GAINS["relu"])
        losses = []
        for nudge in (-1e-8, 1e-8):
            moved = [(w + nudge * (k == LAYER), b) for k, (w, b) in enumerate(layers)]
            losses.append(loss(moved, x, targets, "relu"))
        slope = loss_gradients(layers, x, targets, "relu")[LAYER][0].sum()
        assert abs((losses[1] - losses[0]) / 2e-8 - slope) < 1e-3 * (1 + abs(slope))
    assert 0.916 < result.first["relu"] < 1.05


def claim_small_steps_let_it_rise(result: Result) -> None:
    """At a step size of {{ steps.small | digits(1) }} the share of open units of the third layer rises in all
    {{ starts }} runs; at {{ steps.bold | integer }} it falls in each of them within a few steps, in one from
    {{ before | digits(1) }} to {{ after | digits(1) }}. It rises and falls with the mean of the weights. Both learn:
    {{ losses.small | digits(2) }} and {{ losses.bold | digits(1) }} are the losses after {{ epochs }} steps."""
    shares = result.open["small"]
    assert np.all(shares[:, -1] > shares[:, 0] + 0.03) and result.before - result.after > 0.15
    bold = result.open["bold"]
    assert np.all(np.max(np.maximum.accumulate(bold, axis=1) - bold, axis=1) > 0.05)  # each falls from where it was
    assert result.follows > 0.6 and max(result.losses.values()) < 0.6
    for key, step in STEPS.items():  # a run once more, its pre-activations by hand
        x, targets = load_problem()
        layers = init_layers(SIZES, np.random.default_rng([SEED, 1]), GAINS["relu"])
        for epoch in range(3):
            a = x
            for weights, bias in layers[:LAYER]:
                a = np.maximum(a @ weights + bias, 0)
            share = np.mean(a @ layers[LAYER][0] + layers[LAYER][1] > 0)
            assert abs(share - result.open[key][1, epoch]) < 1e-9
            layers = sgd_step(layers, loss_gradients(layers, x, targets, "relu"), step)
    assert 0.28 < result.follows < 1.5 and 0.058 < result.losses["small"] < 0.18
    assert 0.0029 < result.losses["bold"] < 0.042
    assert 0 < result.after < result.before < 1


def claim_a_small_mean_is_enough(result: Result) -> None:
    """With {{ inputs }} inputs whose means are one standard deviation, weights with a mean of {{ shift | digits(2) }}
    of their standard deviation move the means of all pre-activations by one standard deviation."""
    rng, n = np.random.default_rng(SEED), result.inputs
    w = rng.normal(result.shift, 1, size=(4000, n))
    t = w.sum(axis=1) / np.linalg.norm(w, axis=1)
    assert abs(t.mean() - 1) < 0.08


def equation_shift() -> Iterator[dict]:
    r"""\bar t = \frac{\sqrt{n}\,r\,m}{\sqrt{m^2 + s_w^2}}"""
    for rng in draws(8):
        n, r, s = int(rng.integers(1, 6)), rng.uniform(0.2, 3), rng.uniform(0.5, 2)
        m, spread = rng.normal(), rng.uniform(0.2, 2)
        w = m + spread * np.array(list(product((-1, 1), repeat=n)))  # all equally likely
        means, squares = w @ np.full(n, r * s), s**2 * (w**2).sum(axis=1)
        yield {
            r"\bar t": means.mean() / np.sqrt(squares.mean()),
            "n": n,
            "r": r,
            "m": m,
            "s_w": spread,
        }


def equation_push() -> Iterator[dict]:
    r"""\mathbb{E}[V^\top (V h - y)] = q\,v\,h"""
    for rng in draws(6):
        q, n = int(rng.integers(1, 4)), int(rng.integers(1, 4))
        h, y, spread = np.abs(rng.normal(size=n)), rng.normal(size=q), rng.uniform(0.2, 2)
        several = spread * np.array(list(product((-1, 1), repeat=q * n))).reshape(-1, q, n)  # all equally likely
        yield {
            r"\mathbb{E}[V^\top (V h - y)]": np.mean([V.T @ (V @ h - y) for V in several], axis=0),
            "q": q,
            "v": spread**2,
            "h": h,
        }


def figure_open(result: Result) -> Figure:
    """Share of open units of the third layer against steps, {{ starts }} runs each. With small steps all lines rise
    slowly. With bold steps they rise, fall steeply within a few steps, the deepest from {{ before | percent(0) }} to
    {{ after | percent(0) }}, and recover in part."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    for key, role, text, at, dy in (("small", FIRST, "small steps", 28, 30), ("bold", SECOND, "bold steps", 24, -34)):
        axes.plot(result.open[key].T, color=role, linewidth=1.2, label=text)
        label_point(axes, text, (at, np.median(result.open[key][:, at])), role, dx=4, dy=dy)
    axes.axhline(0.5, color=MUTED, linewidth=0.8, label="one half")
    axes.set(xlim=(0, EPOCHS), ylim=(0, 0.85))
    frame_axes(axes, [0, 20, 40], {0: "0", 0.25: "25%", 0.5: "50%", 0.75: "75%"}, "steps", "share of open units")
    return figure


if __name__ == "__main__":
    show_figures(figure_open, of=compute())
