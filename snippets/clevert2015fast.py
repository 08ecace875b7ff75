"""Does ELU center the activations (Clevert, Unterthiner and Hochreiter, 2015)?

It lowers their mean, as a shift of ReLU alone does, too: after {{ steps }} steps on the digits the middle unit's mean
is {{ means.elu[-1] | digits(2) }} with ELU, {{ means.shifted[-1] | digits(2) }} with max(−1, x), and
{{ means.relu[-1] | digits(2) }} with ReLU.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, elu, relu
from lib.data import digits, one_hot
from lib.gaussian import distribution, normal_mean
from lib.network import backpropagate, forward, init_layers, sgd_step
from lib.numerics import Draws
from lib.plots import FIRST, INK, SECOND, THIRD, frame_axes, label_point, new_figure, show_figures

SEED = 0
LAYERS, UNITS, BATCH, STEPS, RATE, EVERY = 8, 64, 32, 120, 0.03, 15  # of the nets for the digits, and of a run
LAST = 0.1  # of the weights before the outputs, so that no run starts with a large loss
LEAK = 0.1
ACTIVATIONS = {
    "relu": relu,
    "leaky": lambda z: np.where(z > 0, z, LEAK * z),
    "elu": elu,
    "shifted": lambda z: np.maximum(z, -1.0),
}
SLOPES = {
    "relu": DERIVATIVES["relu"],
    "leaky": lambda z: np.where(z > 0, 1.0, LEAK),
    "elu": DERIVATIVES["elu"],
    "shifted": lambda z: np.where(z > -1, 1.0, 0.0),
}


@dataclass(frozen=True)
class Result:
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
    last: float
    "What the weights before the outputs are multiplied by at the start."
    leak: float
    "Slope of the leaky ReLU on its left."
    elu_mean: float
    "Mean of ELU at N(0, 1)."


def train(name: str) -> tuple[np.ndarray, float]:
    """Median over all hidden units of the mean activation, every EVERY steps, and the loss at the end."""
    activation, derivative, rng = ACTIVATIONS[name], SLOPES[name], np.random.default_rng(SEED)
    pixels, labels = digits()
    x, targets = pixels - pixels.mean(axis=0), one_hot(labels)
    x = x / np.sqrt(np.mean(x**2))
    layers, medians = init_layers((64, *LAYERS * [UNITS], 10), rng, np.sqrt(2)), []
    layers[-1] = (LAST * layers[-1][0], layers[-1][1])
    for step in range(STEPS + 1):
        if step % EVERY == 0:
            hidden = forward(layers, x[:200], activation)[1][1:]
            medians.append(np.median(np.concatenate([a.mean(axis=0) for a in hidden])))
        if step < STEPS:
            batch = rng.integers(len(x), size=BATCH)
            layers = sgd_step(layers, backpropagate(layers, x[batch], targets[batch], activation, derivative)[1], RATE)
    return np.array(medians), backpropagate(layers, x, targets, activation, derivative)[0]


def compute() -> Result:
    runs = {name: train(name) for name in ACTIVATIONS}
    return Result(
        layers=LAYERS,
        units=UNITS,
        steps=STEPS,
        batch=BATCH,
        every=EVERY,
        means={name: medians for name, (medians, _) in runs.items()},
        losses={name: loss for name, (_, loss) in runs.items()},
        last=LAST,
        leak=LEAK,
        elu_mean=normal_mean(elu),
    )


def claim_shift_lowers_the_mean(result: Result) -> None:
    r"""Over {{ steps }} steps the mean activation of the middle unit goes from {{ means.relu[0] | digits(1) }} to
    {{ means.relu[-1] | digits(1) }} with ReLU, from {{ means.leaky[0] | digits(1) }} to
    {{ means.leaky[-1] | digits(1) }} with leaky ReLU, from {{ means.elu[0] | digits(1) }} to
    {{ means.elu[-1] | digits(1) }} with ELU, and from {{ means.shifted[0] | digits(2) }} to
    {{ means.shifted[-1] | digits(1) }} with $\max(-1, x)$."""
    last = {name: medians[-1] for name, medians in result.means.items()}
    assert max(last["elu"], last["shifted"]) < 0.85 * min(last["relu"], last["leaky"])
    assert max(result.losses.values()) < 0.8 * np.log(10)  # they have all learned something
    rng = np.random.default_rng(SEED)
    x, targets = rng.normal(size=(6, 5)), one_hot(rng.integers(10, size=6))
    for name, activation in ACTIVATIONS.items():  # the gradients, against differences along a random direction
        layers, way = init_layers((5, 4, 4, 10), rng, 1.4), init_layers((5, 4, 4, 10), rng)
        here = (x, targets, activation, SLOPES[name])
        ahead, behind = (backpropagate(sgd_step(layers, way, h), *here)[0] for h in (-1e-7, 1e-7))
        pairs = zip(backpropagate(layers, *here)[1], way)
        along = sum(np.sum(g * w) for gradients, ways in pairs for g, w in zip(gradients, ways))
        assert abs((ahead - behind) / 2e-7 - along) < 1e-6
    assert 0.13 < result.means["relu"][0] < 0.72 and 0.42 < result.means["relu"][8] < 1.1
    assert 0.18 < result.means["leaky"][0] < 0.61 and 0.47 < result.means["leaky"][8] < 1.00
    assert 0.16 < result.means["elu"][0] < 0.44 and 0.36 < result.means["elu"][8] < 0.64
    assert 0.226 < result.means["shifted"][0] < 0.398 and 0.31 < result.means["shifted"][8] < 0.60


def equation_elu() -> Draws:
    r"""\mathbb{E}[a] = \frac{s}{\sqrt{2\pi}} + \exp(s^2/2)\,\Phi(-s) - \tfrac{1}{2}"""
    for s in np.random.default_rng(0).uniform(0.2, 2, 8):
        yield {r"\mathbb{E}[a]": normal_mean(elu, s), "s": s, r"\Phi": lambda z: float(distribution(z))}


def figure_means(result: Result) -> Figure:
    """Median over hidden units of the mean activation against step, 0 to {{ steps }}. The lines start close together
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


if __name__ == "__main__":
    show_figures(figure_means, of=compute())
