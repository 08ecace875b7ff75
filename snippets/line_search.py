"""Is this the zig-zag of steepest descent?

The disease is the same, the condition number; the symptom is another one. With an exact line search every turn is a
right angle, because a search stops where the next gradient is perpendicular. With a constant step the error along the
mean changes sign, because the step overshoots. The two differ a great deal in what they cost.

    H      Hessian I + μμᵀ of a neuron with n inputs of variance 1 and mean r each, no bias
    kappa  its condition number 1 + n r²
    error  w − w*; its gradient is H error
    rho    of a gradient, the part along the mean over the part across it
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import draws
from lib.plots import FIRST, GRID, INK, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
UNITS, RATIO = 100, 2.4  # a layer of sigmoids at N(0, 1): the mean is 2.4 deviations
TOLERANCE = 1e-6  # of the starting loss
STARTS = 4001
START = np.array([-0.28, 0.96])  # in the plane, as on the page about the zig-zag
SPREAD = np.geomspace(1, 20, 8)  # curvatures that are all different
STEEP, DRAWN = np.diag([1.0, 4.0]), np.array([1.6, 0.6])  # the bowl and the point of the drawn step
STRETCH = 2.0  # of the vertical axis in the second of the drawn planes
BATCHES = (1, 16, 256)


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
    guaranteed: int
    "Steps that are enough for line search from any start, by the bound with κ."
    conjugate: int
    "Steps of conjugate gradients on the same problem."
    conjugate_bias: int
    "The same with a bias."
    guaranteed_conjugate: int
    "Steps that are enough for conjugate gradients, by the bound with √κ."
    sample: int
    "Examples in a random sample of such inputs."
    sample_kappa: float
    "Condition number of the second moment of that sample."
    sample_searched: int
    "Steps to a millionth of the loss on the sample, line search, median over random starts."
    sample_constant: int
    "The same at the best constant step, from its worst start."
    spread: int
    "Number of different curvatures in the second problem."
    spread_kappa: float
    "Its condition number: the curvatures run from 1 to this."
    spread_first: float
    "There, with line search, the factor of the loss in the first step over the worst factor: median over starts."
    spread_last: float
    "The same after 300 steps."
    angles: tuple[float, float]
    "Angle in degrees between a step and the contour it starts from, as drawn: equal scales, and a stretched axis."
    batches: tuple[int, ...]
    "Examples in a batch."
    tilt: tuple[float, ...]
    "Angle in degrees between the gradient of such a batch and the normal of the full loss's contour: median."
    ends_first: float
    "Share of the squared gradient outside the two extreme curvatures at the start of one such run."
    settled: int
    "Steps after which that share stays below a thousandth."
    ends: np.ndarray
    "Share of the squared gradient outside the two extreme curvatures, one entry a step, from one start."
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


def steps_from(starts) -> np.ndarray:
    """Steps of line search to `TOLERANCE` from each start (…, UNITS), by the factor that all steps of a run share."""
    kappa = 1 + UNITS * RATIO**2
    along = starts.sum(axis=-1) ** 2 / UNITS
    rho = kappa**2 * along / ((starts**2).sum(axis=-1) - along)  # squared
    return np.ceil(np.log(TOLERANCE) / np.log((kappa - 1) ** 2 / (kappa + rho) / (kappa + 1 / rho))).astype(int)


def search_steps(values, errors) -> np.ndarray:
    """Sorted steps of line search to `TOLERANCE` for errors (starts, n) where the Hessian is diagonal."""
    ends, taken = TOLERANCE * (errors**2 @ values), []
    while len(errors):
        gradients = errors * values
        sizes = (gradients**2).sum(axis=1) / (gradients**2 @ values)
        errors = errors - sizes[:, None] * gradients
        taken.append(len(errors))
        busy = errors**2 @ values > ends
        errors, ends = errors[busy], ends[busy]
    return np.repeat(np.arange(1, len(taken) + 1), -np.diff([*taken, 0]))


def directions(values, gradients, steps: int):
    """Gradients of length 1 at each step of line search, shape (steps + 1, starts, n), and the factors of the loss."""
    made, factors = [], []
    for _ in range(steps + 1):
        gradients = gradients / np.linalg.norm(gradients, axis=1, keepdims=True)
        bend = gradients**2 @ values
        made.append(gradients), factors.append(1 - 1 / bend / (gradients**2 @ (1 / values)))
        gradients = gradients - gradients * values / bend[:, None]
    return np.array(made), np.array(factors)


def drawn_angle(gradient, stretch: float) -> float:
    """Angle in degrees between a step along the gradient and the contour, as drawn with a stretched vertical axis."""
    step, contour = np.array([gradient, [-gradient[1], gradient[0]]]) * [1, stretch]
    return float(np.degrees(np.arccos(step @ contour / np.linalg.norm(step) / np.linalg.norm(contour))))


def tilts(batch: int, rng, draws: int = 1500) -> np.ndarray:
    """Angles in degrees between batch gradients at `START` and the gradient of the full loss, noisy targets."""
    x, noise = rng.normal(2, 1, (draws, batch, 2)), rng.normal(size=(draws, batch))
    gradients = np.einsum("db,dbi->di", x @ START - noise, x)
    full = hessian(2, 2.0) @ START
    cosines = np.abs(gradients @ full) / np.linalg.norm(gradients, axis=1) / np.linalg.norm(full)
    return np.degrees(np.arccos(np.minimum(cosines, 1)))


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    H = hessian(UNITS, RATIO)
    kappa = np.linalg.cond(H)
    starts = rng.normal(size=(STARTS, UNITS))
    counts = steps_from(starts)
    ranked = np.argsort(counts)
    runs = {
        "constant": constant(H, starts[0]),
        "searched": search(H, starts[ranked[STARTS // 2]]),
        "searched_worst": search(H, worst_start(H)),
        "conjugate": conjugate_gradients(H, starts[0]),
    }
    losses = {name: np.einsum("ti,ij,tj->t", run, H, run) for name, run in runs.items()}
    x = rng.normal(RATIO, 1, (1000, UNITS))
    values = np.linalg.eigvalsh(x.T @ x / len(x))
    with_bias = np.block([[H, np.full((UNITS, 1), RATIO)], [np.full((1, UNITS), RATIO), np.ones((1, 1))]])
    shared = np.linalg.solve(np.linalg.cholesky(with_bias).T, rng.normal(size=UNITS + 1))  # the loss in all directions
    gradients, factors = directions(SPREAD, rng.normal(size=(101, len(SPREAD))) * SPREAD, 300)
    ends = (gradients[:, 0, 1:-1] ** 2).sum(axis=1)
    worst = (SPREAD[-1] - SPREAD[0]) ** 2 / (SPREAD[-1] + SPREAD[0]) ** 2
    return Result(
        units=UNITS,
        ratio=RATIO,
        kappa=kappa,
        starts=STARTS,
        **{name: len(run) - 1 for name, run in runs.items()},
        searched_most=int(counts[ranked[int(0.9 * STARTS)]]),
        guaranteed=int(np.ceil(kappa / 2 * np.log(1 / np.sqrt(TOLERANCE)))),
        conjugate_bias=len(conjugate_gradients(with_bias, shared)) - 1,
        guaranteed_conjugate=int(np.ceil(np.sqrt(kappa) / 2 * np.log(2 / np.sqrt(TOLERANCE)))),
        sample=len(x),
        sample_kappa=values[-1] / values[0],
        sample_searched=int(np.median(search_steps(values, rng.normal(size=(101, UNITS))))),
        sample_constant=int(np.ceil(np.log(TOLERANCE) / 2 / np.log1p(-2 / (1 + values[-1] / values[0])))),
        spread=len(SPREAD),
        spread_kappa=SPREAD[-1] / SPREAD[0],
        spread_first=np.median(factors[0]) / worst,
        spread_last=np.median(factors[-1]) / worst,
        angles=tuple(drawn_angle(STEEP @ DRAWN, stretch) for stretch in (1, STRETCH)),
        batches=BATCHES,
        tilt=tuple(np.median(tilts(batch, rng)) for batch in BATCHES),
        ends_first=ends[0],
        settled=int(np.flatnonzero(ends >= 1e-3)[-1]) + 1,
        ends=ends[:121],
        losses={name: loss / loss[0] for name, loss in losses.items()},
    )


def claim_right_angles(result: Result) -> None:
    """With an exact line search each gradient is perpendicular to the one before; at a constant step it is
    not."""
    H = hessian(2, 2.0)
    for method, square in ((search, True), (constant, False)):
        gradients = method(H, START, 1e-3) @ H
        lengths = np.linalg.norm(gradients, axis=1)
        cosines = np.sum(gradients[1:] * gradients[:-1], axis=1) / lengths[1:] / lengths[:-1]
        assert np.all(np.abs(cosines) < 1e-9) == square


def claim_search_is_faster(result: Result) -> None:
    """To a millionth of the loss, line search needs {{ searched }} steps from half of {{ starts | integer }} random
    starts and at most {{ searched_most }} from nine in ten, where the best constant step needs
    {{ constant | integer }}; from its worst start it needs {{ searched_worst | integer }}."""
    rate = (UNITS * RATIO**2) / (2 + UNITS * RATIO**2)
    predicted = int(np.ceil(np.log(TOLERANCE) / np.log(rate**2)))
    assert abs(result.constant - predicted) <= 2 and abs(result.searched_worst - predicted) <= 2
    starts = np.random.default_rng(SEED + 1).normal(size=(2000, UNITS))
    values, vectors = np.linalg.eigh(hessian(UNITS, RATIO))
    others = search_steps(values, starts[:400] @ vectors)  # runs, where the result goes by the formula
    assert np.all(np.abs(others - np.sort(steps_from(starts[:400]))) <= 1)
    assert abs(result.searched - np.median(others)) < 4 and result.searched_most < result.constant / 5


def claim_samples_too(result: Result) -> None:
    """It is the same on {{ sample | integer }} random examples instead of all there could be, where the flat curvatures
    differ among each other and κ is {{ sample_kappa | integer }}: {{ sample_searched }} steps (median) against
    {{ sample_constant | integer }}."""
    assert result.sample_searched < result.sample_constant / 20
    worst = (result.sample_kappa - 1) / (result.sample_kappa + 1)
    assert result.sample_constant == int(np.ceil(np.log(TOLERANCE) / np.log(worst**2)))
    flattest = (1 - np.sqrt(UNITS / result.sample)) ** 2  # where the spectrum of so many noisy curvatures begins
    assert abs(result.sample_kappa / (result.kappa / flattest) - 1) < 0.15
    rng = np.random.default_rng(SEED + 2)
    x, starts = rng.normal(RATIO, 1, (1000, UNITS)), rng.normal(size=(3, UNITS))
    H = x.T @ x / 1000
    values, vectors = np.linalg.eigh(H)
    others = search_steps(values, np.random.default_rng(SEED + 3).normal(size=(101, UNITS)))  # another sample
    assert 0.5 < np.median(others) / result.sample_searched < 2
    runs = sorted(len(search(H, start)) - 1 for start in starts)  # in the coordinates of the weights
    assert np.all(np.abs(runs - search_steps(values, starts @ vectors)) <= 1 + 0.01 * np.array(runs))


def claim_bounds_hold(result: Result) -> None:
    """The bound for line search guarantees {{ guaranteed | integer }} steps and is tight: the worst start needs
    {{ searched_worst | integer }}. The bound for conjugate gradients guarantees {{ guaranteed_conjugate }}; they need
    {{ conjugate }}."""
    assert abs(result.searched_worst - result.guaranteed) <= 1 and result.conjugate < result.guaranteed_conjugate
    root = np.sqrt(result.kappa)
    enough = np.ceil(np.log(np.sqrt(TOLERANCE) / 2) / np.log((root - 1) / (root + 1)))
    assert 0 <= result.guaranteed_conjugate - enough <= 1
    assert all(losses[0] == 1 > losses[-2] > TOLERANCE >= losses[-1] for losses in result.losses.values())
    for n, ratio in ((3, 1.0), (10, 0.7), (30, 2.0)):
        H = hessian(n, ratio)
        for start in (worst_start(H), np.random.default_rng(SEED).normal(size=n)):
            enough = np.ceil(np.linalg.cond(H) / 2 * np.log(1e3))
            assert len(search(H, start)) - 1 <= enough


def claim_conjugate_steps(result: Result) -> None:
    """Conjugate gradients needs {{ conjugate }} steps, one for each distinct eigenvalue of the Hessian, and
    {{ conjugate_bias }} with a bias."""
    H = hessian(UNITS, RATIO)
    assert result.conjugate == len(set(np.round(np.linalg.eigvalsh(H), 6))) == 2
    x = np.vstack([np.eye(UNITS), np.zeros(UNITS)])
    x = np.hstack([x, np.append(np.full(UNITS, RATIO), 1)[:, None]])  # H with a bias is x xᵀ
    assert result.conjugate_bias == len(set(np.round(np.linalg.svd(x)[1] ** 2, 6))) == 3


def claim_two_directions(result: Result) -> None:
    """With {{ spread }} different curvatures from 1 to {{ spread_kappa | integer }} and a random start, line search
    ends in a plane: after some hundred steps the gradients alternate between two directions, made of the steepest and
    the flattest one alone. The loss then falls by nearly the worst factor, {{ spread_last | digits(3) }} of it, where
    in the first step it was {{ spread_first | digits(2) }} (medians)."""
    rng = np.random.default_rng(SEED + 3)
    gradients, _ = directions(SPREAD, rng.normal(size=(30, len(SPREAD))) * SPREAD, 400)
    assert np.all((gradients[-1][:, 1:-1] ** 2).sum(axis=1) < 1e-4)
    again = np.abs((gradients[-1] * gradients[-3]).sum(axis=1))
    other = np.abs((gradients[-1] * gradients[-2]).sum(axis=1))
    assert np.all(again > 1 - 1e-4) and np.all(other < 1e-9)
    assert result.ends[result.settled - 1] >= 1e-3 > result.ends[result.settled :].max()
    assert result.spread_first < 0.75 and 0.95 < result.spread_last < 1 + 1e-9


def claim_stretched_axes(result: Result) -> None:
    """One and the same step starts at {{ angles[0] | integer }} degrees to the contour where both axes have one scale,
    and at {{ angles[1] | integer }} degrees where the vertical axis is stretched twice."""
    turn = np.linspace(0, 2 * np.pi, 200_001)  # the contour as a curve, and its tangent at the point by differences
    level = DRAWN @ STEEP @ DRAWN
    curve = np.stack([np.cos(turn), np.sin(turn) / 2]) * np.sqrt(level)
    at = np.argmin(np.linalg.norm(curve - DRAWN[:, None], axis=0))
    for stretch, angle in zip((1, STRETCH), result.angles):
        tangent = (curve[:, at + 1] - curve[:, at - 1]) * [1, stretch]
        step = -(STEEP @ DRAWN) * [1, stretch]
        found = np.degrees(np.arccos(abs(tangent @ step) / np.linalg.norm(tangent) / np.linalg.norm(step)))
        assert abs(found - min(angle, 180 - angle)) < 0.01
    assert STRETCH == 2


def claim_batches_have_other_contours(result: Result) -> None:
    """Gradients of batches of {{ batches | integer | list }} are off the normal of the full loss's contour by
    {{ tilt | digits(2) | list }} degrees (median): they are perpendicular to contours of their own."""
    assert np.all(np.diff(result.tilt) < 0) and result.tilt[0] > 5 > result.tilt[-1]
    rng = np.random.default_rng(SEED + 4)
    x, noise = rng.normal(2, 1, (16, 2)), rng.normal(size=16)
    gradient = (x @ START - noise) @ x
    tangent = np.array([-gradient[1], gradient[0]]) * 1e-5  # along it the loss of the batch does not change
    change = [np.sum((x @ (START + part * tangent) - noise) ** 2) for part in (1, -1)]
    assert abs(change[0] - change[1]) < 1e-9 * sum(change)


def equation_perpendicular():
    r"""g_{t+1}^\top g_t = 0"""
    for rng in draws(20):
        H = hessian(5, rng.uniform(0.3, 3))
        errors = search(H, rng.normal(size=5), tolerance=0.1)
        yield {"g_{t+1}": H @ errors[1], "g_t": H @ errors[0]}


def equation_worst_factor():
    r"""L_{t+1} \le \left(\frac{\kappa-1}{\kappa+1}\right)^2 L_t"""
    for rng in draws(20):
        H = hessian(5, rng.uniform(0.3, 3))
        start = worst_start(H) if rng.random() < 0.5 else rng.normal(size=5)  # equality at the worst start
        errors = search(H, start, tolerance=0.5)
        yield {
            "L_{t+1}": errors[1] @ H @ errors[1] / 2,
            "L_t": errors[0] @ H @ errors[0] / 2,
            r"\kappa": np.linalg.cond(H),
        }


def equation_energy():
    r"""\sqrt{e_{t+1}^\top H e_{t+1}} \le \frac{\kappa-1}{\kappa+1}\sqrt{e_t^\top H e_t}"""
    for rng in draws(20):
        H = rng.choice([0.1, 10]) * hessian(5, rng.uniform(0.3, 3))
        start = rng.choice([0.1, 10]) * (worst_start(H) if rng.random() < 0.5 else rng.normal(size=5))
        errors = search(H, start, tolerance=0.5)
        yield {"e_{t+1}": errors[1], "e_t": errors[0], "H": H, r"\kappa": np.linalg.cond(H)}


def equation_swap():
    r"""\rho_{t+1} = -\frac{1}{\rho_t}"""
    for before, after, _ in _two_curvatures():
        yield {r"\rho_t": before, r"\rho_{t+1}": after}


def equation_two_curvatures():
    r"""L_{t+1} = \frac{(\kappa-1)^2}{(\kappa + \rho_t^2)(\kappa + 1/\rho_t^2)}\,L_t"""
    for before, _, (kappa, loss, next_loss) in _two_curvatures():
        yield {r"\rho_t": before, r"\kappa": kappa, "L_t": loss, "L_{t+1}": next_loss}


def equation_drawn():
    r"""\cos\psi = \frac{(c^2 - 1)\,g_1 g_2}{\sqrt{g_1^2 + c^2 g_2^2}\,\sqrt{g_2^2 + c^2 g_1^2}}"""
    for rng in draws(20):
        A = rng.normal(size=(2, 2))
        H, e, c = A @ A.T + np.eye(2), rng.normal(size=2), rng.uniform(1.5, 4)
        level, spin = np.linalg.cholesky(H), np.array([[0, -1], [1, 0]])
        tangent = np.linalg.solve(level.T, spin @ (level.T @ e))  # of the contour: a circle, rotated, mapped back
        tangent *= np.sign(tangent @ (spin @ (H @ e)))
        drawn, step = tangent * [1, c], (H @ e) * [1, c]
        angle = np.arccos(drawn @ step / np.linalg.norm(drawn) / np.linalg.norm(step))
        yield {r"\psi": angle, "c": c, "g_1": (H @ e)[0], "g_2": (H @ e)[1]}


def _two_curvatures():
    """ρ of a gradient, ρ of the next one, and (κ, loss, next loss) for one step of line search."""
    for rng in draws(20):
        ratio = rng.uniform(0.3, 1.5)
        H, mu = hessian(5, ratio), np.ones(5) / np.sqrt(5)
        errors = search(H, rng.normal(size=5), tolerance=0.9)[:2]
        gradients = errors @ H
        parts = [(g @ mu, np.linalg.norm(g - mu * (g @ mu))) for g in gradients]
        across = [g - mu * (g @ mu) for g in gradients]
        sign = np.sign(across[0] @ across[1])
        losses = [e @ H @ e / 2 for e in errors]
        yield parts[0][0] / parts[0][1], sign * parts[1][0] / parts[1][1], (np.linalg.cond(H), *losses)


def figure_losses(result: Result) -> Figure:
    """Loss against step, both axes logarithmic. Line search from a typical start is done after {{ searched }}
    steps, from its worst start after {{ searched_worst | integer }}, just as the best constant step."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    lines = {
        "searched": ("line search,\ntypical start", INK, (11, 1.2e-5)),
        "constant": ("constant step, and\nline search from\nits worst start", SECOND, (420, 0.02)),
    }
    for name, (words, role, where) in lines.items():
        loss = np.maximum(result.losses[name], TOLERANCE / 3)
        steps = np.unique(np.round(np.geomspace(1, len(loss), 200)).astype(int))
        axes.plot(steps, loss[steps - 1], color=role, label=name)
        label_point(axes, words, where, role, dx=-6 if name == "constant" else 6)
    axes.set(xscale="log", yscale="log", xlim=(0.9, 3000), ylim=(TOLERANCE, 1.5))
    decades = {10.0**-k: f"$\\mathdefault{{10^{{-{k}}}}}$" if k else "1" for k in (0, 2, 4, 6)}
    ticks = {n + 1: f"{n:,}" for n in (1, result.searched, 100, result.constant)}
    frame_axes(axes, ticks, decades, "steps", "loss, relative to the first")
    return figure


def figure_turns(result: Result) -> Figure:
    """Two paths into the same narrow valley, from the same start. Left, exact line search: every turn is a
    right angle. Right, the best constant step: every step leaps across the valley, at an angle of its own."""
    figure = new_figure(320, 1, panels=2)
    H, angle = hessian(2, 2.0), np.linspace(0, 2 * np.pi, 200)
    values, vectors = np.linalg.eigh(H)
    circle = vectors @ (np.stack([np.cos(angle), np.sin(angle)]) / np.sqrt(values)[:, None])
    for axes, method, role, words in zip(
        figure.axes, (search, constant), (INK, SECOND), ("line search", "constant step")
    ):
        for level in (1, 0.5, 0.25):
            axes.plot(*level * circle * np.sqrt(START @ H @ START), color=GRID, linewidth=1, label="contour")
        axes.plot(*method(H, START, 1e-4).T, color=role, linewidth=1.5, label=words)
        axes.plot(*START, "o", color=role, label="start")
        axes.text(0.97, 0.97, words, transform=axes.transAxes, ha="right", va="top", color=role, fontweight="semibold")
        axes.set(xlim=(-1.1, 0.75), ylim=(-0.65, 1.2), aspect="equal")
        frame_axes(axes, [-1, 0], [0, 1], "error in weight 1", "error in weight 2")
    return figure


def figure_ends(result: Result) -> Figure:
    """Share of the squared gradient that lies outside the steepest and the flattest direction, against steps of line
    search, on a logarithmic vertical axis. It starts at {{ ends_first | digits(2) }} and then
    falls along a straight line, below a thousandth after {{ settled }} steps."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    axes.plot(result.ends, color=INK, label="share outside")
    axes.set(yscale="log", xlim=(-1, 121), ylim=(1e-6, 1.5))
    decades = {10.0**-k: f"$\\mathdefault{{10^{{-{k}}}}}$" if k else "1" for k in (0, 2, 4, 6)}
    frame_axes(axes, [0, 50, 100], decades, "steps", "share of the gradient in between")
    return figure


def figure_drawn(result: Result) -> Figure:
    """The same elliptic contours and the same step, drawn twice. Left, with one scale on both axes, the step leaves the
    contour at {{ angles[0] | integer }} degrees. Right, with the vertical axis stretched twice, at
    {{ angles[1] | integer }} degrees."""
    figure = new_figure(320, 1, panels=2)
    turn = np.linspace(0, 2 * np.pi, 200)
    circle = np.sqrt(DRAWN @ STEEP @ DRAWN) * np.stack([np.cos(turn), np.sin(turn) / 2])
    step = np.array([DRAWN, DRAWN - 0.2 * STEEP @ DRAWN])
    words = ("one scale", "vertical axis stretched")
    for axes, stretch, role, text, angle in zip(figure.axes, (1, STRETCH), (FIRST, SECOND), words, result.angles):
        for level in (1, 0.6, 0.3):
            axes.plot(*level * circle, color=GRID, linewidth=1, label="contour")
        axes.plot(*step.T, color=role, label="step")
        axes.plot(*DRAWN, "o", color=role, label="start of the step")
        axes.plot(0, 0, "+", color=INK, markersize=9, markeredgewidth=1.2, label="optimum")
        label_point(axes, f"{min(angle, 180 - angle):.0f}°", DRAWN, role, dx=6, dy=8)
        axes.text(0.03, 0.99, text, transform=axes.transAxes, va="top", color=role, fontweight="semibold")
        high = 2.6 / stretch
        axes.set(xlim=(-2.3, 2.9), ylim=(-high, high), aspect=stretch)
        frame_axes(axes, [-2, 0, 2], [-0.5, 0, 0.5] if stretch > 1 else [-2, 0, 2], "weight 1", "weight 2")
    return figure


if __name__ == "__main__":
    show_figures(figure_turns, figure_losses, figure_ends, figure_drawn, of=compute())
