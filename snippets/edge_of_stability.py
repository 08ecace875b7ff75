"""Why does training go on at a step beyond 2/λmax, where a bowl would diverge?

Because a network's curvature changes with the place. Full-batch descent on {{ images }} centered digits, at a step of
{{ parts.edge | decimals(2) }} times 2/λmax of the start: within some steps sharpness times step has fallen below two,
then it rises and hovers at {{ runs.centered.edge.late | digits(3) }}, while the loss goes up in every other step and
falls all the same. At {{ parts.beyond | integer }} times 2/λmax the run diverges. Centering the pixels divides the
sharpness of the start by {{ gain | digits(2) }}.

    sharpness  largest eigenvalue of the Hessian of the loss, by power iteration
    η          step size
    loss       half the squared error of one-hot outputs, mean over images
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.data import digits, one_hot
from lib.network import Layer, flatten, init_layers, sgd_step, squared_error_and_gradients, unflatten
from lib.plots import FIRST, GRID, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
IMAGES, UNITS, STEPS, EVERY, STARTS = 200, 16, 600, 4, 9
PARTS = {"small": 0.7, "edge": 1.75, "beyond": 4.0}  # step sizes, in units of 2 over the sharpness at the start
PART, TAIL, BLOWN = 100, 200, 1e6  # steps that averages are taken over; the loss of a run that has diverged


@dataclass(frozen=True)
class Result:
    images: int
    "Images, all in every step."
    units: int
    "Hidden tanh units."
    steps: int
    "Steps of a run."
    parts: dict[str, float]
    "Step sizes of the runs, in units of 2 over the sharpness at the start."
    limit: dict[str, float]
    "2 over the sharpness at the start, raw and centered."
    gain: float
    "Sharpness at the start, raw over centered, median of `starts`."
    starts: int
    "Starts, each with images of its own; the first is that of the runs."
    along: float
    "Share of the steepest direction at the start that lies along the mean image in the first layer, raw pixels."
    runs: dict[str, dict]
    "For raw and centered pixels and each part: step size; steps taken before the loss exceeds `blown`; least sharpness"
    " times step in the first `part` steps, median over the last `tail`; mean losses of `part` steps behind step `tail`"
    " and of the last `part`; in how many of the last `tail` steps, and of all, the loss rises."
    part: int
    "Steps that losses are averaged over."
    tail: int
    "Steps at the end in which rises are counted."
    blown: float
    "Loss beyond which a run has diverged."
    sharpness: dict[str, np.ndarray]
    "Sharpness times step, every `EVERY` steps, by pixels and part."
    losses: dict[str, np.ndarray]
    "Losses of the two runs at the edge."


def multiply_hessian(layers: list[Layer], x: np.ndarray, y: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return the product of the Hessian and a vector, by a central difference of gradients."""
    direction = unflatten(v, layers)
    ends = [flatten(squared_error_and_gradients(sgd_step(layers, direction, size), x, y)[1]) for size in (-1e-4, 1e-4)]
    return (ends[0] - ends[1]) / 2e-4


def find_sharpness(layers: list[Layer], x: np.ndarray, y: np.ndarray, v: np.ndarray, times: int) -> tuple:
    """Return the largest eigenvalue of the Hessian and its eigenvector, by power iteration from v."""
    value = 0.0
    for _ in range(times):
        product = multiply_hessian(layers, x, y, v)
        value, v = v @ product, product / np.linalg.norm(product)
    return value, v


def init_run(centered: bool, start: int = 0) -> tuple[list[Layer], np.ndarray, np.ndarray]:
    """Return a network, pixels and one-hot labels, others for each start."""
    pixels, labels = digits()
    chosen = np.random.default_rng(SEED + start).permutation(len(labels))[:IMAGES]
    x = pixels[chosen] - centered * pixels[chosen].mean(axis=0)
    return init_layers((64, UNITS, 10), np.random.default_rng([SEED + start, 1])), x, one_hot(labels[chosen])


def find_start(centered: bool, start: int = 0) -> tuple[float, np.ndarray]:
    """Return the sharpness at the start, and its direction."""
    layers, x, y = init_run(centered, start)
    v = np.random.default_rng(SEED).normal(size=flatten(layers).size)
    return find_sharpness(layers, x, y, v / np.linalg.norm(v), 60)


def train(centered: bool, step: float) -> tuple[np.ndarray, np.ndarray, list[Layer]]:
    """Return losses, sharpness times step every few steps, and the layers in the end; it stops where it diverges."""
    (layers, x, y), (_, v), losses, products = init_run(centered), find_start(centered), [], []
    for t in range(STEPS + 1):
        now, gradients = squared_error_and_gradients(layers, x, y)
        losses.append(now)
        if now > BLOWN:
            break
        if t % EVERY == 0:
            value, v = find_sharpness(layers, x, y, v, 3)
            products.append(step * value)
        layers = sgd_step(layers, gradients, step)
    return np.array(losses), np.array(products), layers


def compute() -> Result:
    runs, sharpness, losses, start = {}, {}, {}, {}
    for name, centered in (("raw", False), ("centered", True)):
        start[name], runs[name] = find_start(centered)[0], {}
        for part, times in PARTS.items():
            loss, product, _ = train(centered, 2 * times / start[name])
            rises = np.diff(loss) > 0
            runs[name][part] = {
                "step": 2 * times / start[name],
                "taken": len(loss) - 1,
                "least": product[: PART // EVERY].min(),
                "late": float(np.median(product[-(TAIL // EVERY) :])),
                "middle": loss[TAIL : TAIL + PART].mean() if len(loss) > STEPS else 0.0,
                "last": loss[-PART:].mean(),
                "rises": int(rises[-TAIL:].sum()),
                "all_rises": int(rises.sum()),
            }
            if part != "beyond":
                sharpness[f"{name}_{part}"] = product
        losses[name] = train(centered, 2 * PARTS["edge"] / start[name])[0]
    layers, x, _ = init_run(False)
    steepest = unflatten(find_start(False)[1], layers)[0][0]
    mean = x.mean(axis=0) / np.linalg.norm(x.mean(axis=0))
    return Result(
        images=IMAGES,
        units=UNITS,
        steps=STEPS,
        parts=PARTS,
        limit={name: 2 / value for name, value in start.items()},
        gain=float(np.median([find_start(False, k)[0] / find_start(True, k)[0] for k in range(STARTS)])),
        starts=STARTS,
        along=float(((mean @ steepest) ** 2).sum()),
        runs=runs,
        part=PART,
        tail=TAIL,
        blown=BLOWN,
        sharpness=sharpness,
        losses=losses,
    )


def claim_it_hovers_at_two(result: Result) -> None:
    """At {{ parts.edge | decimals(2) }} times the limit of the start, on centered pixels, sharpness times step settles
    at {{ runs.centered.edge.late | digits(3) }}; the loss rises in {{ runs.centered.edge.rises | digits(2) }} of the
    last {{ tail }} steps and still falls, from {{ runs.centered.edge.middle | digits(2) }} on average in the middle to
    {{ runs.centered.edge.last | digits(1) }} in the end."""
    edge, raw = result.runs["centered"]["edge"], result.runs["raw"]["edge"]
    assert abs(edge["late"] - 2) < 0.2 and 60 < edge["rises"] < 140 and edge["last"] < 0.95 * edge["middle"]
    assert edge["least"] < 1.9 and raw["least"] < 1.9 and 1.5 < raw["late"] < 2.3 and raw["last"] < 0.95 * raw["middle"]
    (_, x, y), (_, products, layers) = init_run(True), train(True, edge["step"])
    eye = np.eye(flatten(layers).size)
    H = np.array([multiply_hessian(layers, x, y, row) for row in eye])  # all of it, after one more step
    last = edge["step"] * np.linalg.eigvalsh((H + H.T) / 2)[-1]
    assert abs(last / products[-1] - 1) < 0.15 and abs(last - 2) < 0.4
    assert 1.965 < result.runs["centered"]["edge"]["late"] < 2.156
    assert 54 < result.runs["centered"]["edge"]["rises"] < 150
    assert 0.087 < result.runs["centered"]["edge"]["middle"] < 0.14
    assert 0.046 < result.runs["centered"]["edge"]["last"] < 0.13


def claim_a_small_step_never_rises(result: Result) -> None:
    """At {{ parts.small | decimals(1) }} times the limit the loss rises in no step, raw or centered; at
    {{ parts.beyond | integer }} times it is above {{ blown | scientific(1) }} after {{ runs.raw.beyond.taken }} and
    {{ runs.centered.beyond.taken }} steps."""
    for runs in result.runs.values():
        assert runs["small"]["all_rises"] == 0 and runs["small"]["taken"] == STEPS and runs["small"]["late"] < 2
        assert runs["beyond"]["taken"] < 25
    assert 5.0 < result.runs["raw"]["beyond"]["taken"] < 16
    assert 3.5 < result.runs["centered"]["beyond"]["taken"] < 7.5


def largest_in_krylov_space(layers: list[Layer], x: np.ndarray, y: np.ndarray, size: int = 16) -> float:
    """Largest eigenvalue of the Hessian in the space of a gradient and its products with the Hessian."""
    space = flatten(squared_error_and_gradients(layers, x, y)[1])[:, None]
    for _ in range(size):
        space = np.linalg.qr(np.column_stack([space, multiply_hessian(layers, x, y, space[:, -1])]))[0]
    return float(np.linalg.eigvalsh(space.T @ np.array([multiply_hessian(layers, x, y, v) for v in space.T]).T)[-1])


def claim_the_mean_sets_the_start(result: Result) -> None:
    """On raw pixels {{ along | digits(1) }} of the steepest direction at the start lies along the mean image, in the
    first layer; centering divides the sharpness there by {{ gain | digits(2) }} (median of {{ starts | words }}
    starts), and multiplies the limit."""
    (layers, x, y), (value, v) = init_run(False), find_start(False)
    mean, W = x.mean(axis=0) / np.linalg.norm(x.mean(axis=0)), unflatten(v, layers)[0][0]
    along = [(np.outer(mean, mean @ W), 0 * layers[0][1]), tuple(0 * part for part in layers[1])]
    part = flatten(along) / np.linalg.norm(flatten(along))  # this direction alone
    assert 0.6 < result.along <= 1 and part @ multiply_hessian(layers, x, y, part) > 0.6 * value
    gains = []
    for k in range(result.starts):
        raw, centered = (largest_in_krylov_space(*init_run(centered, k)) for centered in (False, True))
        gains.append(raw / centered)
    assert abs(np.median(gains) / result.gain - 1) < 0.04 and 5 < min(gains) <= max(gains) < 12


def figure_edge(result: Result) -> Figure:
    """Left, sharpness times step against steps. Two runs start at {{ parts.small | decimals(1) }} times two and stay
    below two; two start at {{ parts.edge | decimals(2) }} times two, fall at once and then stay close to two. Right,
    the loss of the latter, logarithmic: it falls with many small bumps, more of them on centered pixels."""
    figure = new_figure(320, 0.85, panels=2)
    left, right = figure.axes
    left.axhline(2, color=GRID, zorder=0)
    for name, role in (("raw", SECOND), ("centered", FIRST)):
        for part in ("small", "edge"):
            left.plot(
                np.arange(len(result.sharpness[f"{name}_{part}"])) * EVERY,
                result.sharpness[f"{name}_{part}"],
                color=role,
                linewidth=1.2,
            )
        right.plot(result.losses[name], color=role, linewidth=1.2)
    left.set(xlim=(0, STEPS), ylim=(0, 4))
    frame_axes(left, [0, 300, 600], [0, 1, 2, 3, 4], "step", "sharpness × step size")
    right.set(yscale="log", xlim=(0, STEPS), ylim=(0.05, 2))
    label_point(right, "raw pixels", (220, 0.2), SECOND)
    label_point(right, "centered", (90, 0.085), FIRST)
    frame_axes(right, [0, 300, 600], {0.1: "0.1", 1: "1"}, "step", "loss, at the edge")
    return figure


if __name__ == "__main__":
    show_figures(figure_edge, of=compute())
