"""What does clipping do to a step that is too large, and to a mean?

Beyond 2/λ a clipped run does not diverge: it leaps to and fro by ηc, with a loss of at most
{{ bounce.most | digits(2) }} in the example instead of infinity. Clipping the gradient of each example of a mean turns
it into a median, more and more.

    c   length to which a longer gradient is shortened
    η   step size
    λ   curvature
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws, find_root
from lib.plots import FIRST, MUTED, SECOND, decades, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import hessian_with_bias

SEED = 0
MEAN, STD, CLIP, BEYOND, STEPS, EARLY = 3.0, 1.0, 1.0, 3.0, 400, 10
WAY = (50.0, 0.1)  # exercise: distance and rate
SKEW, LIMITS, SAMPLES = 1.0, (4.0, 2.0, 1.0, 0.1), 200_000


@dataclass(frozen=True)
class Result:
    mean: float
    "Mean of the input."
    std: float
    "Its standard deviation."
    clip: float
    "Length to which gradients are shortened."
    beyond: float
    "Step size over the largest stable one."
    step: float
    "Step size."
    steps: int
    "Steps of the run."
    early: int
    "Steps after which the run without clipping is looked at."
    diverged: float
    "Its loss then."
    bounce: dict[str, float]
    "Clipped run, second half: largest loss, what it may be at most, length of every move, cosine of consecutive moves."
    clipped: float
    "Share of its steps that were clipped, in the second half."
    curves: dict[str, np.ndarray]
    "Losses at each step: without and with clipping."
    mode: dict[str, float]
    "A skewed target (exponential, mean 1): its median and mean."
    exercise: dict[str, float]
    "A distance and a rate, and the least number of steps if gradients are clipped to `clip`."
    limits: tuple[float, ...]
    "Values of c."
    fixed: tuple[float, ...]
    "Where a constant prediction comes to rest if each example's gradient is clipped to them."


def descend_clipped(H: np.ndarray, start: np.ndarray, step: float, clip: float, steps: int) -> np.ndarray:
    """Errors of descent with gradients shortened to length `clip`, shape (steps + 1, n)."""
    path = [start]
    for _ in range(steps):
        gradient = H @ path[-1]
        path.append(path[-1] - step * gradient * min(1.0, clip / np.linalg.norm(gradient)))
    return np.array(path)


def losses_of(H: np.ndarray, path: np.ndarray) -> np.ndarray:
    """Half of eᵀHe along a path of errors."""
    return np.einsum("ti,ij,tj->t", path, H, path) / 2


def mean_clipped(f: float, clip: float) -> float:
    """Mean over an exponential target of the gradient f − y, clipped to ±c: an integral of its distribution."""
    # E[clip(f − y)] = −c + ∫ P(f − y > t) dt over t from −c to c, and P(y < f − t) = 1 − exp(t − f) where t < f
    top = min(clip, f)
    return -clip + (top + clip) - (np.exp(top - f) - np.exp(-clip - f)) if top > -clip else -clip


def compute() -> Result:
    H = hessian_with_bias(np.array([MEAN]), STD**2)
    values = np.linalg.eigvalsh(H)
    step = BEYOND * 2 / values[-1]
    start = np.array([1.0, 1.0])
    free = descend_clipped(H, start, step, np.inf, EARLY)
    path = descend_clipped(H, start, step, CLIP, STEPS)
    losses, moves = losses_of(H, path), np.diff(path, axis=0)
    half = STEPS // 2
    lengths = np.linalg.norm(moves, axis=1)
    turns = np.einsum("ti,ti->t", moves[half:-1], moves[half + 1 :]) / lengths[half:-1] / lengths[half + 1 :]
    return Result(
        mean=MEAN,
        std=STD,
        clip=CLIP,
        beyond=BEYOND,
        step=float(step),
        steps=STEPS,
        early=EARLY,
        diverged=float(losses_of(H, free)[-1]),
        bounce={
            "largest": float(losses[half:].max()),
            "most": float(values[-1] * (step * CLIP) ** 2 / 2),
            "length": float(lengths[half:].max()),
            "turn": float(turns.mean()),
        },
        clipped=float(np.mean(np.linalg.norm(path[half:-1] @ H, axis=1) > CLIP)),
        curves={"free": losses_of(H, free), "clipped": losses[:60]},
        mode={"median": float(np.log(2)), "mean": SKEW},
        exercise={"way": WAY[0], "rate": WAY[1], "steps": WAY[0] / WAY[1] / CLIP},
        limits=LIMITS,
        fixed=tuple(find_root(lambda f, c=clip: mean_clipped(f, c), 0.0, 2.0) for clip in LIMITS),
    )


def claim_it_leaps_instead_of_diverging(result: Result) -> None:
    """An input of {{ mean | integer }} ± {{ std | integer }} and a bias, a step {{ beyond | words }} times the largest
    stable one: without clipping the loss is {{ diverged | scientific(1) }} after {{ early | words }} steps. With
    gradients clipped to {{ clip | integer }} it stays below {{ bounce.most | digits(2) }}; each of the last moves is
    clipped, and two consecutive ones have a cosine of {{ bounce.turn | decimals(2) }}."""
    H = np.array([[result.std**2 + result.mean**2, result.mean], [result.mean, 1.0]])
    high = np.linalg.eigvalsh(H)[-1]
    assert (result.mean, result.std, result.clip, result.beyond) == (3, 1, 1, 3)
    assert abs(result.step * high / 2 - result.beyond) < 1e-9
    e, loss = np.array([1.0, 1.0]), []
    for _ in range(result.early):
        e = e - result.step * (H @ e)
    assert abs(e @ H @ e / 2 / result.diverged - 1) < 1e-6
    e = np.array([1.0, 1.0])
    moves = []
    for _ in range(result.steps):
        g = H @ e
        length = np.sqrt(g @ g)
        moves.append(-result.step * (g / length if length > 1 else g))
        e = e + moves[-1]
        loss.append(e @ H @ e / 2)
    late, most = np.array(moves[result.steps // 2 :]), result.bounce["most"]
    assert max(loss[result.steps // 2 :]) <= most and abs(most - high * result.step**2 / 2) < 1e-12
    assert np.allclose(np.linalg.norm(late, axis=1), result.step) and result.clipped == 1
    assert abs(result.bounce["length"] / result.step - 1) < 1e-6
    cosines = (late[:-1] * late[1:]).sum(axis=1) / result.step**2
    assert abs(cosines.mean() - result.bounce["turn"]) < 1e-3 and result.bounce["turn"] < -0.99
    assert result.bounce["largest"] <= most
    way = result.exercise
    assert len(np.arange(0, way["way"], way["rate"] * result.clip)) == way["steps"] == 500


def claim_a_clipped_mean_is_nearly_a_median(result: Result) -> None:
    """A constant prediction for a skewed target of mean {{ mode.mean | integer }} and median
    {{ mode.median | decimals(2) }} (exponential) comes to rest at {{ fixed | decimals(2) | list }} if each example's
    gradient is clipped to {{ limits | digits(1) | list }}."""
    y = -np.log1p(-(np.arange(SAMPLES) + 0.5) / SAMPLES)  # quantiles: the middle of each of equal parts
    assert abs(np.median(y) - result.mode["median"]) < 1e-4 and abs(y.mean() - result.mode["mean"]) < 1e-3
    assert result.limits == (4, 2, 1, 0.1)
    for limit, f in zip(result.limits, result.fixed):
        assert abs(np.clip(f - y, -limit, limit).mean()) < 2e-4


def equation_leap() -> Draws:
    r"""e_{t+1} = e_t - \eta\,c, \qquad e_{t+2} = e_t"""
    for rng in draws(8):
        curvature, clip = rng.uniform(1, 20), rng.uniform(0.5, 2)
        step = rng.uniform(2.2, 6) / curvature
        low, high = clip / curvature, step * clip - clip / curvature  # beyond c/λ on either side
        start = rng.uniform(low, high)
        path = descend_clipped(np.array([[curvature]]), np.array([start]), step, clip, 2)[:, 0]
        yield {"e_t": start, "e_{t+1}": path[1], "e_{t+2}": path[2], r"\eta": step, "c": clip}


def figure_bounce(result: Result) -> Figure:
    """Loss against steps, logarithmic. Without clipping it grows out of the picture at once; with clipping it
    falls, and then stays below a line."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    axes.axhline(result.bounce["most"], color=MUTED, linewidth=0.8)
    axes.plot(result.curves["free"], color=SECOND)
    axes.plot(result.curves["clipped"], color=FIRST)
    label_point(axes, "not clipped", (6, result.curves["free"][6]), SECOND, dx=8)
    label_point(axes, "clipped", (40, result.bounce["most"]), FIRST, dx=0, dy=14, ha="center")
    axes.set(yscale="log", xlim=(0, 60), ylim=(1e-2, 1e10))
    frame_axes(axes, [0, 20, 40, 60], decades(0, 3, 6, 9), "steps", "loss")
    return figure


if __name__ == "__main__":
    show_figures(figure_bounce, of=compute())
