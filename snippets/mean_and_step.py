r"""Which steps are stable, and which are fast, as the mean of the inputs grows?

Two inputs of variance 1 with equal means, no bias. With centered inputs all steps below {{ ends[0] | digits(1) }} are
stable; with a mean of {{ means[1] | digits(1) }} those below {{ ends[1] | digits(3) }}, with {{ means[2] | digits(1) }}
those below {{ ends[2] | digits(3) }}.

    H   Hessian of L = ½E(w·x − y)², here E[xxᵀ]
"""

from dataclasses import dataclass

import numpy as np

from lib.plots import SECOND, Frames, draw_plane, ellipses, new_figure
from lib.quadratics import MILLIONTH, START, best_step, descend, hessian
from lib.text import choose_sentence, decimals, integer

MEANS = np.arange(11) / 5
SIZES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.2, 1.5, 2.0)
DRAWN, SHOWN, FAR = 10, 4e-3, 2.5  # steps of a drawn path; errors that are too small and too large to be seen
LISTED = (0.0, 1.0, 2.0)


@dataclass(frozen=True)
class Result:
    means: tuple[float, ...]
    "Mean of either input."
    ends: tuple[float, ...]
    "The step 2/λmax for each: larger ones diverge."
    steps: tuple[int, ...]
    "Steps to a millionth of the error at the best constant step, for each."


def compute() -> Result:
    curvatures = [hessian(np.full(2, mean)) for mean in LISTED]
    ends = [2 / float(np.linalg.norm(H, 2)) for H in curvatures]
    return Result(
        means=LISTED,
        ends=tuple(ends),
        steps=tuple(len(descend(H, best_step(H), START)) - 1 for H in curvatures),
    )


def claim_a_mean_forbids_steps(result: Result) -> None:
    """With means of {{ means | digits(1) | list }} steps from {{ ends | digits(3) | list }} on are unstable, and the
    best stable one takes {{ steps | integer | list }} to a millionth of the error."""
    for mean, end, steps in zip(result.means, result.ends, result.steps):
        along, across = np.ones(2) / np.sqrt(2), np.array([1, -1]) / np.sqrt(2)
        top = 1 + 2 * mean**2  # λmax; λmin is 1
        assert abs(end * top - 2) < 1e-9
        rate = mean**2 / (1 + mean**2)  # (κ − 1)/(κ + 1)
        count = int(np.ceil(np.log(MILLIONTH) / np.log(rate))) if rate else 1
        assert steps == count
        for part, grows in ((0.99, False), (1.01, True)):  # of the end, from a start along the mean and one across
            error = along + across
            for _ in range(30):
                error = error - part * end * (error + mean**2 * np.array([1, 1]) * error.sum())
            assert (abs(error @ along) > 1) == grows


def describe(across: float, steps: int | None) -> str:
    """What a step does in the steep direction, from the factor that it leaves there, and for how long."""
    cases = [
        (across < -1, "Divergence: every leap along the mean is larger than the last."),
        (abs(across + 1) < 1e-9, "The edge: the leaps along the mean stay as they are."),
        (steps == 1, "Both directions arrive at once."),
        (across < -1e-9, "Zig-zag: every step leaps across the valley; {{ steps }} steps."),
        (True, "Crawl: no step crosses the valley; {{ steps }} steps."),
    ]
    return choose_sentence(cases, steps=steps)


def explore_mean_and_step(result: Result, start: int = 88) -> Frames:
    """The plane of two weights with contours and the first steps of descent. A larger mean closes the valley, and the
    same step that went straight leaps across it, or diverges; with a smaller step it crawls."""
    figure = new_figure(360, 1)
    (axes,) = figure.axes
    contours, path = draw_plane(axes, hessian(np.ones(2)), np.array([START, START]), SECOND, label="path", gid="path")
    contours.set_gid("contours")
    for mean in MEANS:
        H = hessian(np.full(2, mean))
        contours.set_path(ellipses(H, START))
        for size in SIZES:
            errors = [START]
            while len(errors) <= DRAWN and SHOWN < np.linalg.norm(errors[-1]) < FAR:
                errors.append(errors[-1] - size * H @ errors[-1])
            path.set_data(*np.array(errors).T)
            across = 1 - size * (1 + 2 * mean**2)
            steps = len(descend(H, size, START)) - 1 if -1 + 1e-9 < across else None
            readouts = {
                "mean of each input": decimals(mean, 1),
                "step size": decimals(size, 2),
                "largest stable step": decimals(2 / (1 + 2 * mean**2), 2),
                "steps to a millionth": integer(steps) if steps else "never",
            }
            yield figure, readouts, describe(across, steps)


if __name__ == "__main__":
    print(compute())
