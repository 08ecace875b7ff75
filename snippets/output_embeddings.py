"""Do output embeddings drift together, and does it matter?

The gradients of all rows of a softmax layer sum to zero, so plain descent keeps their mean. Adam divides each by its
own size: the squared mean of the rows rises to {{ peak | digits(2) }} times their variance, if the hidden states have a
mean, and is {{ ratio_centered | digits(1) }} in the end if not. The predictions are those of rows with the mean
subtracted.

    E      output embeddings, words × units: scores are E h for a hidden state h
    f_k    frequency of word k, falling like 1/k
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.network import softmax
from lib.numerics import complex_step, draws
from lib.optimizers import adam_direction
from lib.plots import FIRST, INK, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import off_center_ratio

SEED = 0
WORDS, UNITS, BATCH, STEPS, RATE, PLAIN = 200, 8, 64, 400, 0.01, 0.3
START = 0.02  # standard deviation of the rows’ entries
KINDS = ("plain", "adam", "centered", "coupled")


@dataclass(frozen=True)
class Result:
    words: int
    "Words, with frequencies falling like one over the rank."
    units: int
    "Units of a hidden state."
    batch: int
    "Hidden states in a batch."
    steps: int
    "Steps of a run."
    rate: float
    "Step size of Adam."
    start: float
    "Standard deviation of the rows’ entries at the start."
    plain: float
    "Step size of plain descent."
    ratio: dict[str, float]
    "Squared mean of the rows over their variance behind the run, hidden states of mean one: by method."
    peak: float
    "The largest ratio on the way, Adam, hidden states of mean one."
    ratio_centered: float
    "The same for Adam and hidden states of mean zero."
    score: float
    "Mean score then, Adam, hidden states of mean one."
    losses: dict[str, float]
    "Mean loss of the last steps, by method."
    first_share: float
    "By which share of the rate Adam's first step moves the mean of the rows along each unit, for large batches."
    ratios: dict[str, np.ndarray]
    "The ratio after each step."


def frequencies() -> np.ndarray:
    """f_k, in proportion to 1/k."""
    return (1 / np.arange(1, WORDS + 1)) / np.sum(1 / np.arange(1, WORDS + 1))


def train(kind: str, mean: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Rows behind a run, the last hidden states, and ratio and loss after each step.

    Coupled: Adam with the mean of all words' squares; centered: the mean row subtracted after each step.
    """
    rng = np.random.default_rng(seed)
    teacher, E = rng.normal(size=(WORDS, UNITS)) / np.sqrt(UNITS), START * rng.normal(size=(WORDS, UNITS))
    first, second, ratios, losses = 0.0, 0.0, [], []
    for t in range(1, STEPS + 1):
        own = rng.normal(size=(BATCH, UNITS))
        likely = softmax(own @ teacher.T + np.log(frequencies()))
        words = (likely.cumsum(axis=1) > rng.random((BATCH, 1))).argmax(axis=1)
        h = own + mean
        p = softmax(h @ E.T)
        losses.append(-np.log(p[np.arange(BATCH), words]).mean())
        G = (p - np.eye(WORDS)[words]).T @ h / BATCH
        if kind == "plain":
            E = E - PLAIN * G
        else:
            direction, first, second = adam_direction(G, first, second, t)
            if kind == "coupled":  # the same numerator over one divisor for all words
                direction = first / (1 - 0.9**t) / np.sqrt(second.mean(axis=0) / (1 - 0.999**t))
            E = E - RATE * direction
        E = E - (kind == "centered") * E.mean(axis=0)
        ratios.append(off_center_ratio(E))
    return E, h, np.array(ratios), np.array(losses)


def compute() -> Result:
    runs = {kind: train(kind, 1.0, SEED) for kind in KINDS}
    E, h, *_ = runs["adam"]
    return Result(
        words=WORDS,
        units=UNITS,
        batch=BATCH,
        steps=STEPS,
        rate=RATE,
        start=START,
        plain=PLAIN,
        ratio={kind: float(ratios[-1]) for kind, (_, _, ratios, _) in runs.items()},
        peak=float(runs["adam"][2].max()),
        ratio_centered=float(train("adam", 0.0, SEED)[2][-1]),
        score=float(np.mean(h @ E.T)),
        losses={kind: float(losses[-100:].mean()) for kind, (*_, losses) in runs.items()},
        first_share=float(1 - 2 * np.mean(frequencies() > 1 / WORDS)),
        ratios={kind: ratios for kind, (_, _, ratios, _) in runs.items()},
    )


def claim_adam_moves_the_mean_row(result: Result) -> None:
    """{{ words }} words, {{ units }} units, hidden states of mean 1 and variance 1, {{ steps | integer }} steps: the
    squared mean of the rows over their variance rises to {{ peak | digits(2) }} with Adam. In the end it is
    {{ ratio.adam | digits(1) }} with Adam, {{ ratio.plain | digits(1) }} with plain descent, and
    {{ ratio.coupled | digits(1) }} with one divisor for all words; with Adam and hidden states of mean zero it is
    {{ ratio_centered | digits(1) }}."""
    assert 0.7 < result.peak < 1.5 and 0.34 < result.ratio["adam"] < 0.75 and result.ratio["centered"] < 1e-20
    assert 0.002 < result.ratio_centered < 0.1
    for kind in ("plain", "coupled"):  # the mean is that of the start
        E, *_ = train(kind, 1.0, SEED)
        rng = np.random.default_rng(SEED)
        rng.normal(size=(WORDS, UNITS))
        start = START * rng.normal(size=(WORDS, UNITS))
        np.testing.assert_allclose(E.mean(axis=0), start.mean(axis=0), atol=1e-9)
        mean = start.mean(axis=0)
        np.testing.assert_allclose(result.ratio[kind], mean @ mean / E.var(axis=0).sum(), rtol=1e-6)


def claim_the_predictions_do_not_notice(result: Result) -> None:
    """The mean score has come to {{ score | digits(1) }}, and no probability changes, but for rounding, if the mean row
    is subtracted; a run in which that is done after every step has the same loss, {{ losses.centered | digits(4) }} and
    {{ losses.adam | digits(4) }}."""
    E, h, *_ = train("adam", 1.0, SEED)
    np.testing.assert_allclose(softmax(h @ E.T), softmax(h @ (E - E.mean(axis=0)).T), atol=1e-12)
    assert -3 < result.score < -0.6 and abs(result.score - np.mean(h @ E.mean(axis=0))) < 1e-9
    np.testing.assert_allclose(result.losses["centered"], result.losses["adam"], rtol=1e-3)
    assert result.losses["adam"] < np.log(WORDS) - 0.5


def claim_the_first_step_goes_against_the_hidden_mean(result: Result) -> None:
    """Adam's first step on a large batch moves each entry of the mean row against the mean of the hidden states, by
    {{ first_share | digits(2) }} of the rate. That is the share of words that are rarer than the average, minus the
    share of those that are more frequent."""
    h_mean = np.where(np.arange(UNITS) % 2, 1.0, -0.5)  # equal scores, and words that do not depend on the state
    G = (1 / WORDS - frequencies())[:, None] * h_mean
    moved = -adam_direction(G, 0.0, 0.0, 1, epsilon=1e-300)[0].mean(axis=0)
    np.testing.assert_allclose(moved, -result.first_share * np.sign(h_mean), rtol=1e-6)


def figure_drift(result: Result) -> Figure:
    """Squared mean of the rows over their variance against steps. Adam's rises at once to {{ peak | digits(2) }} and
    falls slowly, to {{ ratio.adam | digits(1) }}; with one divisor for all words, and under plain descent, it stays
    near zero."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    for kind, role in (("plain", INK), ("coupled", FIRST), ("adam", SECOND)):
        axes.plot(np.arange(1, STEPS + 1), result.ratios[kind], color=role)
    label_point(axes, "Adam", (150, result.ratios["adam"][150]), SECOND, dx=4, dy=6)
    label_point(axes, "one divisor, plain descent", (60, 0.02), FIRST, dx=0, dy=8)
    axes.set(xlim=(0, STEPS), ylim=(0, 1.1 * result.peak))
    frame_axes(axes, [0, 100, 200, 300, STEPS], [0, 0.5, 1], "step", "squared mean of the rows over variance")
    return figure


def equation_sum() -> Iterator[dict]:
    r"""\begin{aligned} \frac{\partial L}{\partial e_c} &= (p_c - y_c)\,h, \\
    \sum_{k=1}^{K} p_k &= \sum_{k=1}^{K} y_k = 1 \end{aligned}"""
    for label, rng in enumerate(draws(5)):  # each class is the right one once
        E, h, c = rng.normal(size=(5, 3)), rng.normal(size=3), int(rng.integers(5))
        p, y = softmax((E @ h)[None])[0], np.eye(5)[label]
        loss = lambda E, h=h, label=label: -np.log(softmax((E @ h)[None])[0, label])  # noqa: E731
        yield {
            r"\frac{\partial L}{\partial e_c}": complex_step(loss, E)[c],
            "p_c": p[c],
            "y_c": y[c],
            "K": 5,
            "h": h,
            "p_k": lambda k, p=p: p[int(k) - 1],
            "y_k": lambda k, y=y: y[int(k) - 1],
        }


if __name__ == "__main__":
    show_figures(figure_drift, of=compute())
