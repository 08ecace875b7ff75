r"""Why does CTC training sit on a plateau where the network outputs only blanks?

Because that is the best *constant* prediction: for {{ labels }} labels in {{ frames }} frames and an alphabet of
{{ alphabet }}, outputs that are the same in every frame do best with the blank at {{ best | percent(0) }}, and the most
likely symbol of every frame is then the blank.

    T   frames
    L   labels of the transcript, no two alike in a row
    C   labels of the alphabet, without the blank
    b   probability of the blank, the same in every frame; each label has (1 − b)/C
    k   blanks of an alignment
"""

from dataclasses import dataclass
from math import comb, exp, log

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws, find_minimum
from lib.plots import FIRST, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures

FRAMES, LABELS, ALPHABET = 100, 10, 28
SHORT = 40  # frames of the second example


@dataclass(frozen=True)
class Result:
    frames: int
    "Frames of an utterance."
    labels: int
    "Labels of its transcript."
    alphabet: int
    "Labels that there are, without the blank."
    best: float
    "Probability of the blank in the best constant prediction."
    each: float
    "Probability of each label there."
    loss: float
    "Loss of the best constant prediction, in nats an utterance."
    uniform: float
    "Loss of uniform outputs."
    pull: float
    "Share of the frames that are blanks, over all alignments with uniform outputs."
    pull_label: float
    "Share of the frames that each label of the alphabet has there, on average."
    short: int
    "Frames of a shorter utterance with as many labels."
    best_short: float
    "Probability of the blank in its best constant prediction."
    curve: np.ndarray
    "Probability of the blank and loss, shape (2, points)."


def count_alignments(T: int, L: int, k: int) -> int:
    """Alignments of L labels with k blanks: places of the labels' runs, times places of the blanks."""
    return comb(T - k - 1, L - 1) * comb(k + L, L)


def constant_loss(b: float, T: int, L: int, C: int) -> float:
    """Loss, in nats, of outputs that are the same in every frame."""
    logs = [log(count_alignments(T, L, k)) + k * log(b) + (T - k) * log((1 - b) / C) for k in range(T - L + 1)]
    top = max(logs)
    return -top - log(sum(exp(term - top) for term in logs))


def blank_share(T: int, L: int) -> float:
    """Share of blanks over all alignments, each counted once."""
    counts = [count_alignments(T, L, k) for k in range(T - L + 1)]
    return sum(k * count for k, count in enumerate(counts)) / (T * sum(counts))


def forward(probabilities: np.ndarray, transcript: list[int]) -> float:
    """Probability of a transcript by CTC's recursion over frames; column 0 is the blank."""
    states = [0] + [state for label in transcript for state in (label, 0)]
    alpha = np.zeros(len(states))
    alpha[:2] = probabilities[0, states[:2]]
    for frame in probabilities[1:]:
        new = alpha.copy()
        new[1:] += alpha[:-1]
        for i in range(2, len(states)):
            if states[i] and states[i] != states[i - 2]:
                new[i] += alpha[i - 2]
        alpha = new * frame[states]
    return float(alpha[-2:].sum())


def compute() -> Result:
    def fit(T: int) -> float:
        return find_minimum(lambda b: constant_loss(b, T, LABELS, ALPHABET), 0.01, 0.999)

    best, pull = fit(FRAMES), blank_share(FRAMES, LABELS)
    blanks = np.linspace(0.01, 0.99, 99)
    return Result(
        frames=FRAMES,
        labels=LABELS,
        alphabet=ALPHABET,
        best=best,
        each=(1 - best) / ALPHABET,
        loss=constant_loss(best, FRAMES, LABELS, ALPHABET),
        uniform=constant_loss(1 / (ALPHABET + 1), FRAMES, LABELS, ALPHABET),
        pull=pull,
        pull_label=(1 - pull) / ALPHABET,
        short=SHORT,
        best_short=fit(SHORT),
        curve=np.array([blanks, [constant_loss(b, FRAMES, LABELS, ALPHABET) for b in blanks]]),
    )


def claim_the_best_constant_is_the_blank(result: Result) -> None:
    """Of outputs that are the same in every frame the best have the blank at {{ best | percent(1) }} and each label at
    {{ each | percent(2) }}, for {{ labels }} labels in {{ frames }} frames. Their loss is {{ loss | digits(3) }} nats
    an utterance, that of uniform outputs {{ uniform | digits(3) }}. In {{ short }} frames the blank has
    {{ best_short | percent(0) }}."""
    rng = np.random.default_rng(0)
    transcript = [1 + int(label) for label in rng.permutation(ALPHABET)[:LABELS]]

    def loss(b: float, T: int) -> float:
        frame = np.append(b, np.full(ALPHABET, (1 - b) / ALPHABET))
        return -log(forward(np.tile(frame, (T, 1)), transcript))

    assert abs(loss(result.best, FRAMES) / result.loss - 1) < 1e-9
    assert abs(loss(1 / (ALPHABET + 1), FRAMES) / result.uniform - 1) < 1e-9
    for b, T in ((result.best, FRAMES), (result.best_short, SHORT)):
        assert loss(b, T) < min(loss(b - 2e-4, T), loss(b + 2e-4, T))
    assert abs(result.best + ALPHABET * result.each - 1) < 1e-12 and result.each < result.best


def claim_the_first_gradient_asks_for_blanks(result: Result) -> None:
    """With uniform outputs {{ pull | percent(1) }} of the frames are blanks, averaged over the alignments of the
    transcript, and {{ pull_label | percent(1) }} belong to a label of the alphabet on average. So the first step
    raises the blank’s score wherever it can, and lowers the labels’ on the whole."""
    transcript = list(range(1, LABELS + 1))
    frame = np.full((FRAMES, ALPHABET + 1), 1.0)
    h, share = 1e-5, 0.0
    up, down = frame.copy(), frame.copy()
    up[:, 0] *= np.exp(h)
    down[:, 0] *= np.exp(-h)
    share = (log(forward(up, transcript)) - log(forward(down, transcript))) / (2 * h * FRAMES)
    assert abs(share / result.pull - 1) < 1e-6 and abs(result.pull + ALPHABET * result.pull_label - 1) < 1e-12
    assert result.pull > 1 / (ALPHABET + 1) > result.pull_label


def equation_likelihood() -> Draws:
    r"""P = \sum_{k=0}^{T-L} \binom{T-k-1}{L-1} \binom{k+L}{L}\, b^k q^{T-k}, \qquad q = \frac{1-b}{C}"""
    for rng in draws(4):
        C, T, L, b = int(rng.integers(3, 9)), int(rng.integers(6, 15)), int(rng.integers(1, 5)), rng.uniform(0.1, 0.9)
        transcript = [1 + i % 2 for i in range(L)]
        frame = np.append(b, np.full(C, (1 - b) / C))
        yield {"P": forward(np.tile(frame, (T, 1)), transcript), "T": T, "L": L, "C": C, "b": b, "q": (1 - b) / C}


def figure_baseline(result: Result) -> Figure:
    """Loss in nats an utterance against the probability of the blank, the same in every frame. It falls to
    {{ loss | digits(3) }} at {{ best | percent(0) }} and rises steeply behind it."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    axes.plot(*result.curve, color=SECOND)
    axes.plot(result.best, result.loss, "o", color=FIRST, label="best")
    axes.axhline(result.uniform, color=MUTED, linewidth=0.8, label="uniform")
    label_point(axes, "best constant", (result.best, result.loss), FIRST, dx=-6, dy=-14, ha="right")
    label_point(axes, "uniform outputs", (0.35, result.uniform), MUTED, dx=0, dy=5)
    axes.set(xlim=(0, 1), ylim=(0, 400))
    frame_axes(axes, [0, 0.5, 1], [0, 100, 200, 300, 400], "probability of the blank", "loss")
    return figure


if __name__ == "__main__":
    show_figures(figure_baseline, of=compute())
