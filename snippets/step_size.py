"""Does a smaller learning rate stop the zig-zag?

It does, and is slower still. Below the step 1/λmax nothing crosses the valley, between that and 2/λmax every step does,
beyond it the error grows; the fewest steps are needed just before the end.
"""

from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch

from lib.plots import GRID, INK, MUTED, SECOND, Frames, dots, draw_dots, draw_plane, frame_axes, new_figure
from lib.quadratics import MILLIONTH, START, best_step, descend, hessian
from lib.text import choose_sentence, decimals, integer

MEANS = (0.0, 1.0, 2.0, 3.0)
ACROSS = np.array([1.0, -1.0]) / np.sqrt(2)
SIZES = np.arange(1, 26) / 10  # step sizes, in units of 1/λmax
STABLE = SIZES[SIZES < 2]
DRAWN, SHOWN = 20, 4e-3  # steps of a drawn path, and the error where it ends: nothing smaller can be seen


@dataclass(frozen=True)
class Result:
    means: tuple[float, ...]
    "Mean of either input, one entry per problem."
    steps: tuple[int, ...]
    "Steps until the error is a millionth of what it was, at the best constant step."
    cautious_steps: tuple[int, ...]
    "The same at the step 1/λmax, where nothing crosses over, from the worst start: straight across the mean."
    sizes: tuple[float, ...]
    "Step sizes below 2/λmax, in units of 1/λmax."
    size_steps: tuple[int, ...]
    "Steps to a millionth at the third mean from the start drawn here, for each of these step sizes."


def compute() -> Result:
    curvatures = [hessian(np.full(2, mean)) for mean in MEANS]
    steep, unit = curvatures[2], 1 / np.linalg.norm(curvatures[2], 2)
    return Result(
        means=MEANS,
        steps=tuple(len(descend(H, best_step(H), START)) - 1 for H in curvatures),
        cautious_steps=tuple(len(descend(H, 1 / np.linalg.norm(H, 2), ACROSS)) - 1 for H in curvatures),
        sizes=tuple(STABLE),
        size_steps=tuple(len(descend(steep, size * unit, START)) - 1 for size in STABLE),
    )


def claim_caution_is_slower(result: Result) -> None:
    """A step too small to cross the valley ends the zig-zag and is slower still: from the worst start
    {{ cautious_steps[2] }} steps instead of {{ steps[2] }} at a mean of {{ means[2] | digits(1) }}."""
    for mean, cautious, best in zip(result.means[1:], result.cautious_steps[1:], result.steps[1:]):
        along = descend(hessian(np.full(2, mean)), 1 / (1 + 2 * mean**2), START) @ np.ones(2)
        assert np.all(along > -1e-12) and cautious > best
        assert cautious == int(np.ceil(np.log(MILLIONTH) / np.log1p(-1 / (1 + 2 * mean**2))))
        assert best == int(np.ceil(np.log(MILLIONTH) / np.log(mean**2 / (1 + mean**2))))


def claim_between_one_and_two(result: Result) -> None:
    r"""In full-batch descent the error along the mean changes sign at every step for all step sizes between
    $1/\lambda_{\max}$ and $2/\lambda_{\max}$, at no step below, and it grows beyond."""
    for mean in MEANS[1:]:
        H = hessian(np.full(2, mean))
        for part in (0.5, 0.9, 1.1, 1.5, 1.9, 2.1):  # of 1/λmax
            error, along = START, [START @ np.ones(2)]
            for _ in range(10):
                error = error - part / np.linalg.norm(H, 2) * H @ error
                along.append(error @ np.ones(2))
            swaps = np.array(along[1:]) * np.array(along[:-1]) < 0
            assert swaps.all() == (part > 1) and swaps.any() == (part > 1)
            assert (abs(along[-1]) > abs(along[0])) == (part > 2)


def claim_leaps_lower_the_loss(result: Result) -> None:
    """At a mean of {{ means[2] | digits(1) }} each of the {{ steps[2] }} steps at the best constant step leaps across
    the valley, and each lowers the loss."""
    H = hessian(np.full(2, result.means[2]))
    path = descend(H, best_step(H), START)
    losses, along = np.einsum("ti,ij,tj->t", path, H, path) / 2, path @ np.ones(2)
    assert len(path) - 1 == result.steps[2] and np.all(along[1:] * along[:-1] < 0) and np.all(np.diff(losses) < 0)
    first = START @ np.ones(2) / np.sqrt(2)  # one step by hand, of a direction that is multiplied by −0.8 or by 0.8
    assert abs(losses[1] / losses[0] - 0.8**2) < 1e-9 and abs(along[1] + 0.8 * first * np.sqrt(2)) < 1e-9
    beyond = [START, START - 2.1 / np.linalg.norm(H, 2) * H @ START]
    assert all(abs(e @ np.ones(2)) > abs(START @ np.ones(2)) for e in beyond[1:])


def claim_least_just_before_the_end(result: Result) -> None:
    r"""At a mean of {{ means[2] | digits(1) }}, from the start drawn here, {{ sizes[0] | decimals(1) }} of the step
    $1/\lambda_{\max}$ needs {{ size_steps[0] }} steps, that step itself {{ size_steps[9] }}, the best,
    {{ sizes[17] | decimals(1) }} times that, {{ size_steps[17] }}; with $2/\lambda_{\max}$ no run arrives."""
    steep = 1 + 2 * result.means[2] ** 2  # λmax
    assert abs(result.sizes[17] - best_step(hessian(np.full(2, result.means[2]))) * steep) < 1e-12
    assert result.sizes[-1] < 2
    error = START
    for _ in range(1000):
        error = error - 2 / steep * hessian(np.full(2, result.means[2])) @ error
    assert np.linalg.norm(error) > abs(START.sum()) / np.sqrt(2) - 1e-9  # the part along the mean stays as it is
    assert result.size_steps[17] == result.steps[2] == min(result.size_steps)
    for size, steps in zip(result.sizes, result.size_steps):
        parts = START @ [1, 1] / np.sqrt(2) * (1 - size) ** np.array([steps - 1, steps])
        before, after = np.hypot(parts, START @ ACROSS * (1 - size / steep) ** np.array([steps - 1, steps]))
        assert after <= MILLIONTH * np.linalg.norm(START) < before


def first_steps(H: np.ndarray, step: float) -> np.ndarray:
    """The first steps of a run, as long as they are in the plane and can be told apart, shape (steps + 1, 2)."""
    errors = [START]
    while len(errors) <= DRAWN and SHOWN < np.linalg.norm(errors[-1]) < 2.5:
        errors.append(errors[-1] - step * H @ errors[-1])
    return np.array(errors)


def describe(size: float, across: float, along: float, steps: int | None) -> str:
    """What a step size does, from the factors across the valley and along it."""
    cases = [
        (
            size < 1,
            "Crawl: no step crosses the valley, but along it each leaves {{ along | percent(1) }} of the error: "
            "{{ steps | integer }} steps.",
        ),
        (
            size == 1,
            "One step to the floor of the valley; then each leaves {{ along | percent(1) }} of what is left: "
            "{{ steps }} steps.",
        ),
        (
            size > 2,
            "Divergence: the error along the valley still shrinks, but every leap is {{ growth | decimals(1) }} times "
            "the last.",
        ),
        (
            size == 2,
            "The edge: along the valley it arrives, but the leaps from wall to wall stay as wide as they are, forever.",
        ),
        (
            abs(across + along) < 1e-9,
            "The best: each of {{ steps }} steps leaves {{ along | percent }} of the error, both across the valley "
            "and along it.",
        ),
        (
            -across > along,
            "Zig-zag, and too much of it: now the leaps die slowest, {{ growth | percent }} is left by each: "
            "{{ steps }} steps.",
        ),
        (
            True,
            "Zig-zag: every step leaps to the opposite wall, yet gets farther along the valley, so {{ steps }} "
            "suffice.",
        ),
    ]
    return choose_sentence(cases, growth=-across, along=along, steps=steps)


def draw_counts(axes: Axes, H: np.ndarray, result: Result) -> tuple[Line2D, PathPatch]:
    """Draw the steps to a millionth against the step size; return the line and the dot that move."""
    late = [1.93, 1.96, 1.98, 1.99]  # the curve climbs without end
    steps = [*result.size_steps, *(len(descend(H, size / np.linalg.norm(H, 2), START)) - 1 for size in late)]
    axes.plot([*STABLE, *late], steps, color=INK, label="steps to a millionth")
    axes.axvline(2, color=GRID, linewidth=1)
    axes.axvline(1, color=GRID, linewidth=1)
    for name, x in (("crawl", 0.55), ("zig-zag", 1.5), ("diverges", 2.28)):
        axes.text(x, 2300, name, color=MUTED, ha="center", va="center")
    (line,) = axes.plot([1, 1], [40, 1900], color=SECOND, linewidth=1, gid="size", label="step size")
    dot = draw_dots(axes, [(1, 99)], SECOND, 8, gid="dot")
    axes.set(yscale="log", xlim=(0, 2.55), ylim=(40, 2600))
    ticks = {0.1: "0.1", 1: "1", SIZES[17]: "best  ", 2: "2"}
    frame_axes(axes, ticks, [steps[i] for i in (17, 9, 0)], "step size, in units of 1/λmax", "steps to a millionth")
    return line, dot


def explore_step(result: Result, start: int = 17) -> Frames:
    """Left, the plane of two weights and the first steps at the best step size: leaps across the valley that die out
    as fast as the error along it. Right, the steps to a millionth against the step size: they fall from
    {{ size_steps[0] }} to {{ size_steps[17] }} at the best, just before the size beyond which nothing arrives."""
    figure = new_figure(360, 1, panels=2)
    plane, counts = figure.axes
    H = hessian(np.full(2, MEANS[2]))
    _, path = draw_plane(
        plane, H, descend(H, best_step(H), START, SHOWN), SECOND, label=f"mean {MEANS[2]:.0f}", gid="path"
    )
    points = draw_dots(plane, [START], SECOND, gid="dots")
    line, dot = draw_counts(counts, H, result)
    for size, steps in zip_longest(SIZES, result.size_steps):
        errors = first_steps(H, size / np.linalg.norm(H, 2))
        path.set_data(*errors.T)
        points.set_path(dots(errors))
        line.set_xdata([size, size])
        dot.set_path(dots([(size, steps or 1)]))  # below the axes where there is no such number
        across, along = 1 - size, 1 - size / np.linalg.cond(H)
        readouts = {
            "step size, in units of 1/λmax": decimals(size, 1),
            "factor across the valley": decimals(across, 2),
            "factor along the valley": decimals(along, 3),
            "steps to a millionth": integer(steps) if steps else "never",
        }
        yield figure, readouts, describe(size, across, along, steps)


if __name__ == "__main__":
    print(compute())
