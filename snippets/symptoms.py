"""How do I see in my own network what is wrong?

By a table with a row for each layer, from one batch before and after one step: n times the off-center ratio of what the
layer reads, the share of its inputs that are constant, the size of its gradient, the cosine of consecutive gradients,
and the share of their change that lies along the mean input. On digits with raw pixels and ReLU the first layer reads
n·ρ = {{ rows.raw[0].off | digits(3) }}, and {{ rows.raw[0].along | percent(0) }} of the change lies along the mean.

    a       inputs of a layer, one row an example, shape (B, n)
    W, G    its weights, and the gradient of the loss by them before a step, both of shape (n, units); H after the step
    ρ       squared length of the mean input over the sum of the inputs' variances
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.data import digits
from lib.network import loss_and_gradients, sgd_step
from lib.numerics import draws
from lib.plots import FIRST, MUTED, SECOND, frame_axes, new_figure, show_figures
from lib.symptom_cases import BATCH, CASES, CAUTION, EVERY, STEPS, draw_case, train

SEED = 0
PAIRS = 30
INPUTS, RATIO, MANY = 1000, 0.01, 4000  # of the exercise
SIZES = (0.02, 0.04, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2)  # of the explorer


@dataclass(frozen=True)
class Result:
    images: int
    "Images."
    steps: int
    "Steps before the measurement."
    batch: int
    "Images in a batch, where there are batches."
    step: dict[str, float]
    "Step size of each case."
    caution: float
    "A small step over the usual one, raw pixels."
    depth: int
    "Hidden layers of the deep case."
    pairs: int
    "Pairs of batches that are compared."
    many: int
    "Inputs of a wide layer, in an example."
    exercise: dict[str, float]
    "Inputs of a layer, its off-center ratio, and their product."
    rows: dict[str, list]
    "For each case and layer: inputs, n times the off-center ratio, share of constant inputs, length of the gradient"
    " over that of the weights, cosine of the gradients before and after a step, share of their change along the mean."
    other: float
    "Least cosine of the first layer's gradients of two batches at the same weights, of `pairs`; centered pixels."
    cosines: dict[str, np.ndarray]
    "Cosine of each gradient with the one before it, first layer, for three cases."


def measure_layer(a: np.ndarray, W: np.ndarray, before: np.ndarray, after: np.ndarray) -> tuple:
    """Return the six numbers of a row; a is (B, n), weights and gradients are (n, units)."""
    mean, variance, change = a.mean(axis=0), a.var(axis=0), after - before
    off = len(mean) * (mean @ mean) / max(variance.sum(), 1e-30)
    constant = (variance < 1e-12).mean()
    lengths = [np.linalg.norm(part) for part in (before, after, W)]
    cosine = (before * after).sum() / max(lengths[0] * lengths[1], 1e-30)
    along = ((mean @ change) ** 2).sum() / max((change**2).sum() * (mean @ mean), 1e-30)
    return len(mean), off, constant, lengths[0] / lengths[2], cosine, along if off > 0.01 else 0.0


def report_layers(inputs: list, weights: list, before: list, after: list) -> str:
    """Return a table with a row for each layer, from lists of the arguments of `measure_layer`."""
    lines = ["layer  inputs    n rho  constant  grad/weight  cosine  along mean"]
    for i, layer in enumerate(zip(inputs, weights, before, after), 1):
        n, off, constant, size, cosine, along = measure_layer(*layer)
        lines.append(f"{i:5d}{n:8d}{off:9.3g}{constant:10.0%}{size:13.2g}{cosine:8.2f}{along:12.2f}")
    return "\n".join(lines)


def compare_batches() -> float:
    """Return the least cosine of the first layer's gradients of two batches at the same weights, of `PAIRS`."""
    activation, layers, x, y = draw_case("centered", SEED)
    for _ in range(STEPS):
        layers = sgd_step(layers, loss_and_gradients(layers, x, y, activation)[1], CASES["centered"][6])
    rng, cosines = np.random.default_rng([SEED, 2]), []
    for _ in range(PAIRS):
        rows = rng.choice(len(x), 2 * BATCH, replace=False)
        g, h = (loss_and_gradients(layers, x[part], y[part], activation)[1][0][0] for part in np.split(rows, 2))
        cosines.append((g * h).sum() / np.linalg.norm(g) / np.linalg.norm(h))
    return float(min(cosines))


def compute() -> Result:
    rows, cosines, names = {}, {}, ("inputs", "off", "constant", "size", "cosine", "along")
    for name in CASES:
        layers, path, steps = [], [], train(name, SEED)
        for _ in range(STEPS + 1):
            layers = next(steps)
            path.append(measure_layer(*(part[0] for part in layers))[4])
        rows[name] = [dict(zip(names, map(float, measure_layer(*layer)))) for layer in zip(*layers)]
        cosines[name] = np.array(path)
    return Result(
        images=len(digits()[1][::EVERY]),
        steps=STEPS,
        batch=BATCH,
        rows=rows,
        other=compare_batches(),
        step={name: case[6] for name, case in CASES.items()},
        caution=CAUTION,
        depth=CASES["deep"][1],
        pairs=PAIRS,
        many=MANY,
        exercise={"inputs": INPUTS, "ratio": RATIO, "off": INPUTS * RATIO},
        cosines={name: cosines[name] for name in ("raw", "cautious", "centered")},
    )


def claim_the_change_lies_along_the_mean(result: Result) -> None:
    """With ReLU on raw pixels {{ rows.raw[0].along | percent(0) }} of what changes in the first layer's gradient from
    one step to the next lies along the mean of its inputs, and the cosine of the two gradients is
    {{ rows.raw[0].cosine | digits(2) }}."""
    activation, layers, x, y = draw_case("raw", SEED)
    path = []
    for _ in range(STEPS + 3):
        path.append(layers[0][0])
        layers = sgd_step(layers, loss_and_gradients(layers, x, y, activation)[1], CASES["raw"][6])
    first, second = path[-2] - path[-3], path[-1] - path[-2]  # steps are gradients, their difference is the change
    basis = np.linalg.qr(np.column_stack([x.mean(axis=0), np.eye(64)[:, 1:]]))[0]  # the mean is its first axis
    parts = np.sum((basis.T @ (second - first)) ** 2, axis=1)
    assert abs(parts[0] / parts.sum() - result.rows["raw"][0]["along"]) < 1e-6
    cosine = np.sum(first * second) / np.linalg.norm(first) / np.linalg.norm(second)
    assert abs(cosine - result.rows["raw"][0]["cosine"]) < 1e-6
    assert result.rows["raw"][0]["along"] > 0.8 and result.cosines["raw"].min() < -0.5


def claim_a_small_step_hides_it(result: Result) -> None:
    """At {{ caution | digits(1) }} of the step the cosine is {{ rows.cautious[0].cosine | digits(2) }}: the leaps are
    gone. The mean is not: n times the ratio is {{ rows.cautious[0].off | digits(3) }} as before."""
    row, raw = result.rows["cautious"][0], result.rows["raw"][0]
    assert row["cosine"] > 0.95 and row["off"] == raw["off"]
    assert f"{row['off']:.3g}" in report_layers(*next(train("cautious", SEED))).splitlines()[1]
    _, _, x, _ = draw_case("raw", SEED)
    assert abs(64 * np.sum(x.mean(axis=0) ** 2) / np.trace(np.cov(x.T, bias=True)) / row["off"] - 1) < 1e-9
    assert 0.94 < result.rows["cautious"][0]["cosine"] < 1.1


def claim_deep_sigmoids(result: Result) -> None:
    """A net of {{ depth | words }} sigmoid layers on centered pixels reads {{ rows.deep[1].off | scientific(1) }} in
    the second layer and {{ rows.deep[5].off | scientific(1) }} in the last, and the first layer's gradient is
    {{ rows.deep[0].size | scientific(1) }} of its weights; one sigmoid layer leaves
    {{ rows.sigmoid[1].off | digits(2) }} to the layer behind it."""
    off = np.array([row["off"] for row in result.rows["deep"]])
    assert off[0] < 1e-6 and np.all(off[2:] > 8 * off[1:-1]) and result.rows["deep"][0]["size"] < 3e-4
    activation, layers, x, y = draw_case("sigmoid", SEED)
    for _ in range(STEPS):
        layers = sgd_step(layers, loss_and_gradients(layers, x, y, activation)[1], CASES["sigmoid"][6])
    a = 1 / (1 + np.exp(-x @ layers[0][0] - layers[0][1]))
    found = 64 * np.sum(a.mean(axis=0) ** 2) / np.trace(np.cov(a.T, bias=True))
    assert abs(found / result.rows["sigmoid"][1]["off"] - 1) < 1e-9 and found > 5
    assert 3000 < result.rows["deep"][1]["off"] < 4300 and 1.6e8 < result.rows["deep"][5]["off"] < 6e8
    assert 3.3e-5 < result.rows["deep"][0]["size"] < 5.3e-5


def claim_dead_units(result: Result) -> None:
    """Where all units are dead, {{ rows.dead[1].constant | percent(0) }} of what the second layer reads is constant,
    and no layer has a gradient; {{ rows.dead[0].constant | percent(0) }} of the pixels are constant, too, which does no
    harm."""
    assert result.rows["dead"][1]["constant"] == 1 and result.rows["dead"][0]["size"] == 0
    assert result.rows["dead"][0]["constant"] == np.mean(np.ptp(digits()[0][::EVERY], axis=0) == 0)


def claim_two_batches(result: Result) -> None:
    """On centered pixels consecutive gradients agree (cosine {{ rows.centered[0].cosine | digits(2) }}), and those of
    two batches at the same weights can point apart: the least cosine of {{ pairs }} pairs is
    {{ other | digits(1) }}."""
    assert result.rows["centered"][0]["cosine"] > 0.8 and result.other < -0.02
    assert 0.930 < result.rows["centered"][0]["cosine"] < 1.02 and -0.66 < result.other < 0.072


def claim_adam_does_not_leap(result: Result) -> None:
    """With Adam on batches of {{ batch }} raw images the cosine is {{ rows.adam[0].cosine | digits(2) }}, and yet
    {{ rows.adam[0].along | digits(1) }} of the change lies along the mean."""
    row = result.rows["adam"][0]
    assert row["cosine"] > 0.5 and 0.5 < row["along"] <= 1 and row["off"] > 100
    assert 0.921 < result.rows["adam"][0]["cosine"] < 1.01


def equation_stands_out() -> Iterator[dict]:
    r"""\frac{\lambda_{\max}}{\operatorname{tr}(H)/n} \ge \frac{n\,\rho}{1 + \rho}, \qquad
    \rho = \frac{\lVert\mu\rVert^2}{\operatorname{tr}(\Sigma)}"""
    for rng in draws(12):
        n = int(rng.integers(2, 9))
        x = rng.normal(rng.normal(size=n), rng.uniform(0.2, 2, n), size=(60, n))
        yield {
            r"\lambda_{\max}": np.linalg.svd(x, compute_uv=False)[0] ** 2 / len(x),
            "H": x.T @ x / len(x),
            "n": n,
            r"\rho": measure_layer(x, x.T, x.T, x.T)[1] / n,
            r"\mu": x.sum(axis=0) / len(x),
            r"\Sigma": np.cov(x.T, bias=True),
            r"\operatorname{tr}": np.trace,
        }


def figure_cosines(result: Result) -> Figure:
    """Cosine of each gradient with the one before it, over the steps. On raw pixels it falls to near minus one; on
    centered pixels at a larger step it ends near one; on raw pixels at {{ caution | digits(1) }} of the step it is near
    one throughout."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    names = {"raw": ("raw pixels", SECOND, (22.5, -0.62)), "centered": ("centered pixels", FIRST, (11.5, 0.35))}
    for name, (text, role, place) in (names | {"cautious": (f"raw, {CAUTION} of the step", MUTED, (13, 0.78))}).items():
        axes.plot(result.cosines[name], color=role)
        axes.text(*place, text, color=role, va="center")
    axes.set(xlim=(0, STEPS), ylim=(-1, 1.05))
    frame_axes(axes, [0, 10, 20, 30], [-1, 0, 1], "step", "cosine with the gradient before")
    return figure


def explore_step(result: Result, start: int = 13) -> Iterator[tuple]:
    """Cosine of consecutive gradients over the first steps on raw pixels. With a small step it is near one; with a
    larger one it falls to minus one, sooner the larger the step is."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    (curve,) = axes.plot(np.zeros(STEPS + 1), color=SECOND, gid="curve")
    axes.set(xlim=(0, STEPS), ylim=(-1.03, 1.05))
    frame_axes(axes, [0, 10, 20, 30], [-1, 0, 1], "step", "cosine with the gradient before")
    for size in SIZES:
        steps = train("raw", SEED, size)
        rows = [measure_layer(*(part[0] for part in next(steps))) for _ in range(STEPS + 1)]
        cosines, along = np.array([row[4] for row in rows]), np.median([row[5] for row in rows[-10:]])
        curve.set_ydata(cosines)
        last = np.median(cosines[-10:])
        readouts = {
            "step size": f"{size:g}",
            "cosine, late": f"{last:.2f}".replace("-", "−"),
            "along the mean": f"{along:.0%}",
        }
        kind = f"At a step of {size:g} {'it leaps' if last < 0 else 'nothing leaps'}"
        yield figure, readouts, f"{kind}; {along:.0%} of the change lies along the mean."


if __name__ == "__main__":
    show_figures(figure_cosines, of=compute())
