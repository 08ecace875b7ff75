"""Why is a binary cross-entropy negative, and falling forever?

Because it is meant for labels from 0 to 1. Its derivative by the score is σ(z) − y, which has no zero if y is outside
of that range. A logistic neuron on {{ examples | integer }} digits with labels 0 and 1 ends at a loss of
{{ losses.right | digits(2) }}; with −1 and 1 it is at {{ losses.signed | digits(3) }} after {{ steps | integer }}
steps and falls on, and with a mask of 0 and {{ white }} at {{ losses.mask | scientific(1) }}.

    z   score, the output before the sigmoid; y its label
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import sigmoid
from lib.data import digits
from lib.numerics import Draws, complex_step, draws, find_root
from lib.plots import FIRST, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import add_bias, second_moment

STEPS, LARGE, WHITE = 300, 5, 255
CODES = {"right": (0, 1), "signed": (-1, 1), "counted": (1, 2), "mask": (0, WHITE)}
SHARES = (0.75, 0.5)


@dataclass(frozen=True)
class Result:
    examples: int
    "Digits, their mean subtracted; a label says whether the digit is at least `large`."
    large: int
    "First digit of the upper class."
    steps: int
    "Steps of plain descent on all of them, step size 4/λmax."
    white: int
    "Label of the upper class in a mask that was not divided."
    losses: dict[str, float]
    "Loss at the end: labels 0 and 1 (right), −1 and 1 (signed), one and two (counted), 0 and `white` (mask)."
    half: float
    "Loss of labels −1 and 1 after half of the steps."
    wrong: dict[str, float]
    "Share of the examples on the wrong side of the score 0."
    share: tuple[float, float]
    "Shares of the upper class."
    constant: float
    "Probability at which a constant prediction comes to rest with labels −1 and 1, at the first share."
    slope: float
    "Derivative by the score of an example with label −1, at a score of 0; it is between 1 and two everywhere."
    path: dict[str, np.ndarray]
    "Loss after each step, for labels 0 and 1 and for −1 and 1."


def losses_of(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """−y ln σ(z) − (1 − y) ln(1 − σ(z)), as ln(1 + eᶻ) − yz."""
    return np.logaddexp(0, z) - y * z


def fit(code: tuple[int, int]) -> tuple[np.ndarray, float]:
    """Losses after each step, and the share of examples on the wrong side in the end."""
    pixels, labels = digits()
    x, upper = add_bias(pixels - pixels.mean(axis=0)), labels >= LARGE
    y, w, path = np.where(upper, code[1], code[0]), np.zeros(x.shape[1]), []
    step = 4 / np.linalg.norm(second_moment(x), 2)
    for _ in range(STEPS):
        w = w - step * x.T @ (np.exp(-np.logaddexp(0, -x @ w)) - y) / len(x)
        path.append(losses_of(x @ w, y).mean())
    return np.array(path), float(np.mean((x @ w > 0) != upper))


def compute() -> Result:
    runs = {name: fit(code) for name, code in CODES.items()}
    return Result(
        examples=len(digits()[1]),
        large=LARGE,
        steps=STEPS,
        white=WHITE,
        losses={name: float(path[-1]) for name, (path, _) in runs.items()},
        half=float(runs["signed"][0][STEPS // 2 - 1]),
        wrong={name: wrong for name, (_, wrong) in runs.items()},
        share=SHARES,
        constant=2 * SHARES[0] - 1,
        slope=float(sigmoid(0.0) + 1),
        path={name: runs[name][0] for name in ("right", "signed")},
    )


def claim_outside_the_range_it_falls_for_ever(result: Result) -> None:
    """A logistic neuron reads {{ examples | integer }} digits, to tell whether they are at least {{ large }}. After
    {{ steps | integer }} steps the loss is {{ losses.right | digits(2) }} with labels 0 and 1,
    {{ losses.signed | digits(3) }} with −1 and 1 ({{ half | digits(3) }} after half of them),
    {{ losses.counted | digits(3) }} with one and two, and {{ losses.mask | scientific(1) }} with 0 and {{ white }}.
    On the wrong side of the score 0 are {{ wrong.right | percent }}, {{ wrong.signed | percent }},
    {{ wrong.counted | percent }} and {{ wrong.mask | percent }}."""
    pixels, labels = digits()
    x = np.hstack([pixels - pixels.mean(axis=0), np.ones((len(labels), 1))])
    upper = labels >= result.large
    for name, (low, high) in CODES.items():  # by the two logarithms, and gradients from a split of the sum
        w, step = np.zeros(65), 4 * len(x) / np.linalg.norm(x, 2) ** 2
        y, halfway = np.where(upper, high, low), np.nan
        for number in range(result.steps):
            if number == result.steps // 2:
                halfway = np.mean(np.maximum(x @ w, 0) + np.log1p(np.exp(-abs(x @ w))) - y * (x @ w))
            w -= step * (x.T @ (0.5 + np.tanh(x @ w / 2) / 2) / len(x) - (y[:, None] * x).mean(axis=0))
        z = x @ w
        loss = np.mean(np.where(z > 0, z + np.log1p(np.exp(-abs(z))), np.log1p(np.exp(-abs(z)))) - y * z)
        assert abs(loss / result.losses[name] - 1) < 1e-6, name
        assert abs(np.mean(np.sign(z) != np.where(upper, 1, -1)) - result.wrong[name]) < 1e-9
        assert name != "signed" or abs(halfway / result.half - 1) < 1e-6
    assert result.losses["right"] > 0 > result.half > result.losses["signed"]
    assert CODES["mask"][1] == result.white and result.examples == len(labels)


def claim_a_constant_shows_what_is_lost(result: Result) -> None:
    """With labels −1 and 1, of which {{ share[0] | percent }} are 1, the best constant prediction is a probability of
    {{ constant | digits(1) }}; at {{ share[1] | percent }} or less there is none, and the score falls without end."""
    share, half = result.share
    z = find_root(lambda z: share * (sigmoid(z) - 1) + (1 - share) * (sigmoid(z) + 1), -20, 20)
    assert abs(sigmoid(z) - result.constant) < 1e-9
    slopes = [half * (sigmoid(z) - 1) + (1 - half) * (sigmoid(z) + 1) for z in np.linspace(-20, 20, 9)]
    assert min(slopes) > 0 and abs(result.slope - complex_step(lambda z: np.log(1 + np.exp(z)) + z, 0.0)) < 1e-12


def equation_slope() -> Draws:
    r"""\frac{\partial L}{\partial z} = \sigma(z) - y"""
    for rng in draws(8):
        z, y = rng.normal(0, 3), rng.uniform(-2, 3)
        slope = complex_step(
            lambda z, y: -y * np.log(1 / (1 + np.exp(-z))) - (1 - y) * np.log(1 / (1 + np.exp(z))), z, y
        )
        yield {r"\frac{\partial L}{\partial z}": slope, r"\sigma": sigmoid, "z": z, "y": y}


def figure_losses(result: Result) -> Figure:
    """Loss against steps. With labels 0 and 1 it levels off above zero; with −1 and 1 it goes through zero and falls
    on, to {{ losses.signed | digits(2) }} after {{ steps | integer }} steps."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    axes.axhline(0, color=MUTED, linewidth=0.8)
    for name, role, text, dy in (("right", FIRST, "labels 0 and 1", 10), ("signed", SECOND, "labels −1 and 1", 12)):
        path = result.path[name]
        axes.plot(np.arange(1, STEPS + 1), path, color=role, label=text)
        label_point(axes, text, (STEPS * 0.6, path[int(STEPS * 0.6)]), role, dx=6, dy=dy)
    low = min(result.path["signed"])
    axes.set(xlim=(0, STEPS), ylim=(1.1 * low, -0.25 * low))
    frame_axes(axes, [0, STEPS // 2, STEPS], [0, round(low)], "steps", "mean loss")
    return figure


if __name__ == "__main__":
    show_figures(figure_losses, of=compute())
