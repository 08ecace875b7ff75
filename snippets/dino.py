"""What does DINO's centering of the teacher's outputs do?

It keeps one output from winning for all examples. Student and teacher are linear here, on inputs with a mean, and have
{{ outputs }} outputs. With sharpening alone the examples share about {{ ends.sharpened.used | digits(1) }} of them,
with centering alone each example gets all in equal parts, with both an example has one and all share
{{ ends.both.used | digits(1) }}.

    s, t      logits of student and teacher, K of each; the teacher's weights are a running mean of the student's
    c         running mean of the teacher's logits over examples, subtracted before the softmax
    τ_s, τ_t  temperatures of both
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.network import softmax
from lib.numerics import Draws, complex_step, draws
from lib.plots import FIRST, INK, MUTED, SECOND, Frames, frame_axes, label_point, new_figure, show_figures

SEED = 0
OUTPUTS, INPUTS, EXAMPLES, STARTS, STEPS, STEP = 8, 16, 64, 4, 700, 0.01
STUDENT, FOLLOW, CENTER = 0.1, 0.95, 0.9  # temperature; what is kept of the teacher, and of the center, in a step
TEACHERS = tuple(round(0.02 * k, 2) for k in range(1, 15))
MEAN, SPREAD, NOISE = 1.0, 0.5, 0.3  # of an input: mean, standard deviation of the classes' centers, of one example


@dataclass(frozen=True)
class Result:
    outputs: int
    "Outputs K, as many as clusters of examples."
    examples: int
    "Examples."
    starts: int
    "Starts, each with other data."
    mean: float
    "Mean of each of the inputs."
    student: float
    "Temperature of the student."
    teachers: tuple[float, ...]
    "Temperatures of the teacher."
    own: dict[str, tuple[float, ...]]
    "Outputs over which one example's is spread at the end, for each temperature, with and without centering."
    mixed: dict[str, tuple[float, ...]]
    "The same of the mean output over examples."
    ends: dict[str, dict[str, float]]
    "Both, for sharpening alone, centering alone (equal temperatures), both, and sharpening alone on centered inputs."


def entropy(p: np.ndarray) -> np.ndarray:
    """Entropy along the last axis, in nats."""
    return -(p * np.log(np.maximum(p, 1e-300))).sum(axis=-1)


def train(temperatures: tuple[float, ...], center: bool, mean: float) -> tuple[np.ndarray, np.ndarray]:
    """Outputs over which one example's and the mean output are spread at the end, shape (temperatures, starts).

    That is the exponential of the entropy: 1 for one output alone, K for equal shares.
    """
    rng, (n, K) = np.random.default_rng(SEED), (INPUTS, OUTPUTS)
    centers = mean + SPREAD * rng.normal(size=(STARTS, K, n))
    x = centers[:, np.arange(EXAMPLES) % K] + NOISE * rng.normal(size=(STARTS, EXAMPLES, n))
    W = np.repeat(0.1 * rng.normal(size=(1, STARTS, n, K)) / np.sqrt(n), len(temperatures), axis=0)
    teacher, c, tau = W.copy(), np.zeros((len(temperatures), STARTS, 1, K)), np.array(temperatures)[:, None, None, None]
    for _ in range(STEPS):
        one, two = x + NOISE * rng.normal(size=(2, *x.shape))  # two views
        t = one @ teacher
        p, q = softmax((t - c) / tau), softmax(two @ W / STUDENT)
        W = W - STEP * two.swapaxes(1, 2) @ (q - p) / STUDENT / EXAMPLES
        teacher = FOLLOW * teacher + (1 - FOLLOW) * W
        if center:
            c = CENTER * c + (1 - CENTER) * t.mean(axis=2, keepdims=True)
    return np.exp(entropy(p).mean(axis=2)), np.exp(entropy(p.mean(axis=2)))


def compute() -> Result:
    runs = {key: train(TEACHERS, key == "centered", MEAN) for key in ("centered", "raw")}
    sharp, even = TEACHERS.index(0.04), TEACHERS.index(STUDENT)
    middle = {key: [np.median(part, axis=1) for part in run] for key, run in runs.items()}
    clean = [float(np.median(part)) for part in train((0.04,), False, 0.0)]
    picks = {"sharpened": ("raw", sharp), "centered": ("centered", even), "both": ("centered", sharp)}
    ends = {
        name: {"each": float(middle[key][0][i]), "used": float(middle[key][1][i])} for name, (key, i) in picks.items()
    }
    return Result(
        outputs=OUTPUTS,
        examples=EXAMPLES,
        starts=STARTS,
        mean=MEAN,
        student=STUDENT,
        teachers=TEACHERS,
        own={key: tuple(parts[0]) for key, parts in middle.items()},
        mixed={key: tuple(parts[1]) for key, parts in middle.items()},
        ends=ends | {"clean": {"each": clean[0], "used": clean[1]}},
    )


def claim_both_are_needed(result: Result) -> None:
    """{{ outputs }} outputs, linear student and teacher, inputs of mean {{ mean | digits(1) }}: at the end the mean
    output is spread over about {{ ends.sharpened.used | digits(1) }} outputs with sharpening alone, and over
    {{ ends.both.used | digits(1) }} with sharpening and centering. The output of one example is spread over
    {{ ends.both.each | decimals(1) }} with both, and over {{ ends.centered.each | decimals(1) }} with centering
    alone."""
    ends = result.ends
    assert 1 <= ends["sharpened"]["used"] < 2.5 and 6 < ends["both"]["used"] <= OUTPUTS and ends["clean"]["used"] > 2.5
    assert 1 <= ends["both"]["each"] < 1.4 and OUTPUTS - 0.5 < ends["centered"]["each"] <= OUTPUTS
    rng = np.random.default_rng(1)  # a mean that all logits share chooses the output; centered it is gone
    t = 0.05 * rng.normal(size=(200, OUTPUTS)) + np.eye(OUTPUTS)[3]
    shares = [softmax(logits / 0.04).mean(axis=0) for logits in (t, t - t.mean(axis=0))]
    assert shares[0][3] > 0.999 and shares[1].max() < 0.25


def claim_a_mean_of_the_inputs_feeds_the_collapse(result: Result) -> None:
    """Sharpening alone spreads the mean output over about {{ ends.clean.used | digits(1) }} outputs when the inputs are
    centered, and over about {{ ends.sharpened.used | digits(1) }} when they have a mean."""
    assert 1 <= result.ends["sharpened"]["used"] < 2.5 < result.ends["clean"]["used"] < 6.5
    rng = np.random.default_rng(0)  # the shared part of the logits has the larger curvature
    x = MEAN + SPREAD * rng.normal(size=(400, INPUTS))
    values, U = np.linalg.eigh(x.T @ x / 400)
    assert values[-1] > 10 * values[-2] and abs(U[:, -1].sum()) / np.sqrt(INPUTS) > 0.98


def equation_gradient() -> Draws:
    r"""\frac{\partial L}{\partial s} = \frac{1}{\tau_s}\,(q - p)"""
    for rng in draws(4):
        s, p, tau = rng.normal(size=5), softmax(rng.normal(size=5)), rng.uniform(0.1, 1)

        def loss(s: np.ndarray, p: np.ndarray = p, tau: float = tau) -> float:
            return -np.sum(p * (s / tau - np.log(np.exp(s / tau).sum())))

        gradient = complex_step(loss, s)
        yield {r"\frac{\partial L}{\partial s}": gradient, r"\tau_s": tau, "q": softmax(s / tau), "p": p}


def equation_gain() -> Draws:
    r"""s - \bar{s} = \frac{\tau_s}{\tau_t}\,(u - \bar{u}), \qquad u = t - c"""
    for rng in draws(4):
        t, c, student, teacher = rng.normal(size=5), rng.normal(size=5), rng.uniform(0.1, 1), rng.uniform(0.1, 1)
        s = student * np.log(softmax((t - c) / teacher))  # where the student has the teacher's output
        u = t - c
        yield {
            "s": s,
            r"\bar{s}": np.full(5, s.mean()),
            "t": t,
            "c": c,
            "u": u,
            r"\bar{u}": np.full(5, u.mean()),
            r"\tau_s": student,
            r"\tau_t": teacher,
        }


def draw_curves(result: Result) -> Figure:
    """Outputs over which the mean output, and that of one example, are spread, against the teacher's temperature."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    for key, role, name in (("centered", FIRST, "centered"), ("raw", SECOND, "not")):
        axes.plot(TEACHERS, result.mixed[key], color=role, label=f"mean output, {name}")
        axes.plot(TEACHERS, result.own[key], color=role, linestyle="--", linewidth=1, label=f"one example, {name}")
    label_point(axes, "mean, centered", (TEACHERS[0], OUTPUTS), FIRST, dx=0, dy=9, ha="left")
    label_point(axes, "mean, not", (STUDENT, result.mixed["raw"][3]), SECOND, dx=4, dy=0, ha="left")
    label_point(axes, "all outputs alike", (TEACHERS[9], OUTPUTS), MUTED, dx=0, dy=-11, ha="center")
    axes.plot([STUDENT, STUDENT], [1, OUTPUTS], color=MUTED, linewidth=1, linestyle=":")
    axes.set(xlim=(0, 0.29), ylim=(0.6, 8.9))
    names = {0.04: "0.04", STUDENT: "0.1", 0.2: "0.2"}
    frame_axes(axes, names, (1, 4, 8), "teacher’s temperature", "outputs in use")
    return figure


def explore_temperature(result: Result, start: int = 1) -> Frames:
    """Outputs in use against the teacher's temperature. Below the student's, {{ student | digits(1) }}, an example uses
    about one output and the mean output about {{ ends.both.used | digits(1) }} with centering and
    {{ ends.sharpened.used | digits(1) }} without; above it all are alike."""
    figure = draw_curves(result)
    (axes,) = figure.axes
    (mark,) = axes.plot([0, 0], [1, OUTPUTS], color=INK, linewidth=1)
    mark.set_gid("mark")
    for i, tau in enumerate(TEACHERS):
        mark.set_xdata([tau, tau])
        each, used, raw = result.own["centered"][i], result.mixed["centered"][i], result.mixed["raw"][i]
        readouts = {
            "temperature": f"{tau:.2f}",
            "mean output, centered": f"{used:.1f}",
            "mean output, not centered": f"{raw:.1f}",
            "one example, centered": f"{each:.1f}",
        }
        case = "Sharper than the student: differences grow." if tau < STUDENT else "No sharper: differences die out."
        yield figure, readouts, case


if __name__ == "__main__":
    show_figures(draw_curves, of=compute())
