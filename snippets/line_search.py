"""Is this the zig-zag of steepest descent?

The disease is the same, the condition number; the symptom is another one. With an exact line search every turn is a
right angle, because a search stops where the next gradient is perpendicular. With a constant step the error along the
mean changes sign, because the step overshoots. The two differ a great deal in what they cost.

    H      Hessian I + μμᵀ of a neuron with n inputs of variance 1 and mean r each, no bias
    kappa  its condition number 1 + n r²
    error  w − w*; its gradient is H error
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

import style

UNITS, RATIO = 100, 2.4  # a layer of sigmoids at N(0, 1): the mean is 2.4 deviations
TOLERANCE = 1e-6  # of the starting loss
STARTS = 200


@dataclass(frozen=True)
class Result:
    units: int
    "Number of inputs."
    ratio: float
    "Mean of an input over its deviation."
    kappa: float
    "Condition number without a bias."
    constant: int
    "Steps to a millionth of the starting loss at the best constant step."
    starts: int
    "Number of random starts, normal in every weight."
    searched: int
    "The same with an exact line search: the median over the random starts."
    searched_most: int
    "Nine in ten of the random starts need at most so many."
    searched_worst: int
    "The same with an exact line search, from the start that is worst for it."
    conjugate: int
    "Steps of conjugate gradients on the same problem."
    losses: dict[str, np.ndarray]
    "Loss after each step, relative to the first, one array per method."


def hessian(n: int, ratio: float) -> np.ndarray:
    """I + μμᵀ for n inputs of variance 1 and mean `ratio`, shape (n, n)."""
    return np.eye(n) + np.full((n, n), ratio**2)


def search(curvature, start, tolerance=TOLERANCE) -> np.ndarray:
    """Errors of steepest descent with exact line search, shape (steps + 1, n)."""
    errors = [start]
    while errors[-1] @ curvature @ errors[-1] > tolerance * start @ curvature @ start:
        gradient = curvature @ errors[-1]
        errors.append(errors[-1] - (gradient @ gradient) / (gradient @ curvature @ gradient) * gradient)
    return np.array(errors)


def constant(curvature, start, tolerance=TOLERANCE) -> np.ndarray:
    """Errors of gradient descent at the best constant step, shape (steps + 1, n)."""
    low, *_, high = np.linalg.eigvalsh(curvature)
    errors = [start]
    while errors[-1] @ curvature @ errors[-1] > tolerance * start @ curvature @ start:
        errors.append(errors[-1] - 2 / (low + high) * curvature @ errors[-1])
    return np.array(errors)


def conjugate_gradients(curvature, start, tolerance=TOLERANCE) -> np.ndarray:
    """Errors of conjugate gradients, shape (steps + 1, n)."""
    errors, gradient = [start], curvature @ start
    direction = -gradient
    while errors[-1] @ curvature @ errors[-1] > tolerance * start @ curvature @ start:
        bent = curvature @ direction
        errors.append(errors[-1] - (gradient @ direction) / (direction @ bent) * direction)
        before, gradient = gradient, curvature @ errors[-1]
        direction = (gradient @ gradient) / (before @ before) * direction - gradient
    return np.array(errors)


def worst_start(curvature) -> np.ndarray:
    """The start from which line search does worst: equal parts of the extreme gradients, shape (n,)."""
    values, vectors = np.linalg.eigh(curvature)
    return vectors[:, 0] / values[0] + vectors[:, -1] / values[-1]


def compute() -> Result:
    H = hessian(UNITS, RATIO)
    starts = np.random.default_rng(0).normal(size=(STARTS, UNITS))
    searches = sorted((search(H, start) for start in starts), key=len)
    runs = {
        "constant": constant(H, starts[0]),
        "searched": searches[STARTS // 2],
        "searched_worst": search(H, worst_start(H)),
        "conjugate": conjugate_gradients(H, starts[0]),
    }
    losses = {name: np.einsum("ti,ij,tj->t", run, H, run) for name, run in runs.items()}
    return Result(
        units=UNITS,
        ratio=RATIO,
        kappa=np.linalg.cond(H),
        starts=STARTS,
        **{name: len(run) - 1 for name, run in runs.items()},
        searched_most=len(searches[int(0.9 * STARTS)]) - 1,
        losses={name: loss / loss[0] for name, loss in losses.items()},
    )


def claim_right_angles(result: Result) -> None:
    """With an exact line search each gradient is perpendicular to the one before; at a constant step it is
    not."""
    H = hessian(2, 2.0)
    for method, square in ((search, True), (constant, False)):
        gradients = method(H, np.array([-0.28, 0.96]), 1e-3) @ H
        lengths = np.linalg.norm(gradients, axis=1)
        cosines = np.sum(gradients[1:] * gradients[:-1], axis=1) / lengths[1:] / lengths[:-1]
        assert np.all(np.abs(cosines) < 1e-9) == square


def claim_search_is_faster(result: Result) -> None:
    """To a millionth of the loss, line search needs {{ searched }} steps from half of {{ starts }} random
    starts and at most {{ searched_most }} from nine in ten, where the best constant step needs {{ constant }};
    from its worst start it needs {{ searched_worst }}."""
    rate = (UNITS * RATIO**2) / (2 + UNITS * RATIO**2)
    predicted = int(np.ceil(np.log(TOLERANCE) / np.log(rate**2)))
    assert abs(result.constant - predicted) <= 1 and abs(result.searched_worst - predicted) <= 2
    others = sorted(
        len(search(hessian(UNITS, RATIO), start)) - 1 for start in np.random.default_rng(1).normal(size=(STARTS, UNITS))
    )
    assert (
        result.searched < 2 * others[STARTS // 2]
        and others[int(0.8 * STARTS)] < result.searched_most < result.constant / 5
    )


def claim_two_conjugate_steps(result: Result) -> None:
    """Conjugate gradients needs {{ conjugate }} steps, one for each distinct eigenvalue of the Hessian."""
    assert result.conjugate == len(set(np.round(np.linalg.eigvalsh(hessian(UNITS, RATIO)), 6)))


def equation_perpendicular():
    r"""g_{t+1}^\top g_t = 0"""
    for rng in map(np.random.default_rng, range(20)):
        H = hessian(5, rng.uniform(0.3, 3))
        errors = search(H, rng.normal(size=5), tolerance=0.1)
        yield {"g_{t+1}": H @ errors[1], "g_t": H @ errors[0]}


def equation_worst_factor():
    r"""L_{t+1} \le \left(\frac{\kappa-1}{\kappa+1}\right)^2 L_t"""
    for rng in map(np.random.default_rng, range(20)):
        H = hessian(5, rng.uniform(0.3, 3))
        start = worst_start(H) if rng.random() < 0.5 else rng.normal(size=5)  # equality at the worst start
        errors = search(H, start, tolerance=0.5)
        yield {
            "L_{t+1}": errors[1] @ H @ errors[1] / 2,
            "L_t": errors[0] @ H @ errors[0] / 2,
            r"\kappa": np.linalg.cond(H),
        }


def figure_losses(result: Result) -> Figure:
    """Loss against step, both axes logarithmic. Line search from a typical start is done after {{ searched }}
    steps, from its worst start after {{ searched_worst }}, just as the best constant step."""
    figure = style.figure(360, 0.8)
    (axes,) = figure.axes
    lines = {
        "searched": ("line search,\ntypical start", style.ink, (11, 1.2e-5)),
        "constant": ("constant step, and\nline search from\nits worst start", style.second, (420, 0.02)),
    }
    for name, (words, role, where) in lines.items():
        loss = np.maximum(result.losses[name], TOLERANCE / 3)
        axes.plot(np.arange(len(loss)) + 1, loss, color=role, label=name)
        style.label(axes, words, where, role, dx=-6 if name == "constant" else 6)
    axes.set(xscale="log", yscale="log", xlim=(0.9, 3000), ylim=(TOLERANCE, 1.5))
    decades = {10.0**-k: f"$\\mathdefault{{10^{{-{k}}}}}$" if k else "1" for k in (0, 2, 4, 6)}
    ticks = {n + 1: f"{n:,}" for n in (1, result.searched, 100, result.constant)}
    style.frame(axes, ticks, decades, "steps", "loss, relative to the first")
    return figure


def figure_turns(result: Result) -> Figure:
    """Two paths into the same narrow valley, from the same start. Left, exact line search: every turn is a
    right angle. Right, the best constant step: every step leaps across the valley, at an angle of its own."""
    figure = style.figure(320, 1, panels=2)
    H, angle = hessian(2, 2.0), np.linspace(0, 2 * np.pi, 200)
    start = np.array([-0.28, 0.96])
    values, vectors = np.linalg.eigh(H)
    circle = vectors @ (np.stack([np.cos(angle), np.sin(angle)]) / np.sqrt(values)[:, None])
    for axes, method, role, words in zip(
        figure.axes, (search, constant), (style.ink, style.second), ("line search", "constant step")
    ):
        for level in (1, 0.5, 0.25):
            axes.plot(*level * circle * np.sqrt(start @ H @ start), color=style.grid, linewidth=1, label="contour")
        axes.plot(*method(H, start, 1e-4).T, color=role, linewidth=1.5, label=words)
        axes.plot(*start, "o", color=role, label="start")
        axes.text(0.97, 0.97, words, transform=axes.transAxes, ha="right", va="top", color=role, fontweight="semibold")
        axes.set(xlim=(-1.1, 0.75), ylim=(-0.65, 1.2), aspect="equal")
        style.frame(axes, [-1, 0], [0, 1], "error in weight 1", "error in weight 2")
    return figure


if __name__ == "__main__":
    style.show(figure_turns, figure_losses, of=compute())
