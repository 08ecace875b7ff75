"""Does centering reduce the noise of stochastic gradient descent?

It does, by 1 + r², r² the squared mean over the spread. Noisy targets shake the weights along the inputs, and the
curvature along the inputs pulls them back: for small steps the weights end up shaken equally in all directions, and the
loss above its minimum is ηv/(4B) times the trace of H. For {{ units }} inputs of {{ ratio | digits(2) }} standard
deviations: {{ law | digits(2) }} times less when centered.

    r       mean over standard deviation of one input; variance 1, normal, no bias
    v       variance of the noise in the targets, 1
    M       E[eeᵀ], the second moment of the error e = w − w* once it has settled; A along the mean, C across it
    excess  loss above its minimum, ½E[(xᵀe)²] = ½ tr(HM)
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import relu
from lib.gaussian import moments
from lib.numerics import Draws, draws
from lib.plots import FIRST, MUTED, SECOND, decades, frame_axes, label_point, new_figure, show_figures
from lib.stochastic import moment_map, stationary_excess, stationary_moments

UNITS, RATIO = 50, 2.4
RELU = moments(relu)
STEP, LARGER = 1e-4, 1e-3
STEPS = np.geomspace(1e-5, 0.03, 61)


@dataclass(frozen=True)
class Result:
    units: int
    "Inputs of the neuron."
    ratio: float
    "Mean over standard deviation of each, off-center."
    step: float
    "Step size."
    excess: dict[str, float]
    "Loss above its minimum, one example at a time: off-center, centered."
    factor: float
    "Ratio of the two."
    law: float
    "1 + r²."
    relu_law: float
    "The same for ReLU of N(0, 1)."
    larger: float
    "A larger step size."
    larger_factor: float
    "Ratio of the two there."
    equal_step: float
    "How many times as large a step gives centered inputs the noise that off-center ones have at the first."
    limit: dict[str, float]
    "Step size from which on the error does not settle."
    curves: dict[str, np.ndarray]
    "Of `STEPS` those at which the error settles, and the loss above the minimum there, shape (2, steps)."


def largest_step(n: int, r: float) -> float:
    """The step size at which the larger eigenvalue of a step is 1, by halving."""
    low, high = 0.0, 2.0
    for _ in range(60):
        middle = (low + high) / 2
        grows = abs(np.linalg.eigvals(moment_map(middle, 1, n, n * r**2))).max() >= 1
        low, high = (low, middle) if grows else (middle, high)
    return high


def compute() -> Result:
    ratios = {"off": RATIO, "centered": 0.0}
    found = {name: stationary_excess(STEP, UNITS, r) for name, r in ratios.items()}
    limit = {name: largest_step(UNITS, r) for name, r in ratios.items()}
    return Result(
        units=UNITS,
        ratio=RATIO,
        step=STEP,
        excess=found,
        factor=found["off"] / found["centered"],
        law=1 + RATIO**2,
        relu_law=1 + RELU[0] ** 2 / RELU[1],
        larger=LARGER,
        larger_factor=stationary_excess(LARGER, UNITS, RATIO) / stationary_excess(LARGER, UNITS, 0.0),
        equal_step=4 * found["off"] / (UNITS + 2 * found["off"] * (UNITS + 2)) / STEP,  # centered, C = η/(2 − η(n + 2))
        limit=limit,
        curves={
            name: np.array([(step, stationary_excess(step, UNITS, r)) for step in STEPS if step < limit[name]]).T
            for name, r in ratios.items()
        },
    )


def apply_step(M: np.ndarray, mu: np.ndarray, step: float, size: int = 1, v: float = 1.0) -> np.ndarray:
    """What a step makes of the whole matrix M, for normal inputs of variance 1."""
    H = np.eye(len(mu)) + np.outer(mu, mu)
    F = 2 * H @ M @ H + np.trace(M @ H) * H - 2 * (mu @ M @ mu) * np.outer(mu, mu)
    return M - step * (H @ M + M @ H) + step**2 * (F / size + (size - 1) / size * H @ M @ H + v / size * H)


def excess_of_matrix(step: float, r: float) -> float:
    """½ tr(HM) of the whole matrix M with these A and C, which a step has to leave as it is."""
    (A, C), mu = stationary_moments(step, UNITS, r), np.full(UNITS, r)
    M = C * np.eye(UNITS) + (A - C) / UNITS
    np.testing.assert_allclose(apply_step(M, mu, step), M, rtol=1e-9, atol=1e-15)
    return float(np.trace(M) + mu @ M @ mu) / 2


def claim_centering_divides_the_noise(result: Result) -> None:
    """With {{ units }} inputs, one example at a time and a step of {{ step | scientific(1) }}, the loss stays
    {{ excess.off | digits(2) }} above its minimum off-center and {{ excess.centered | digits(2) }} centered, a factor
    of {{ factor | digits(3) }}; $1 + r^2$ is {{ law | digits(3) }}."""
    for name, r in (("off", RATIO), ("centered", 0.0)):
        assert abs(excess_of_matrix(STEP, r) / result.excess[name] - 1) < 1e-9
        assert abs(result.excess[name] / (STEP * UNITS * (1 + r**2) / 4) - 1) < 0.02
    assert abs(result.factor / result.law - 1) < 0.02
    assert abs(result.factor * result.excess["centered"] / result.excess["off"] - 1) < 1e-12
    assert abs(result.relu_law - (1 + 1 / (np.pi - 1))) < 1e-9  # (1/√2π)² over ½ − 1/2π


def claim_or_it_allows_a_larger_step(result: Result) -> None:
    """Or it allows a larger step: {{ equal_step | digits(3) }} times that one, and centered inputs settle at the loss
    of off-center ones."""
    assert abs(excess_of_matrix(result.equal_step * STEP, 0.0) / excess_of_matrix(STEP, RATIO) - 1) < 1e-9
    assert abs(result.equal_step / result.law - 1) < 0.02


def claim_larger_steps_cost_more(result: Result) -> None:
    """At a step of {{ larger | digits(1) }} the factor is {{ larger_factor | digits(2) }}; from
    {{ limit.off | digits(2) }} on nothing settles off-center, from {{ limit.centered | digits(2) }} on nothing
    centered."""
    assert abs(result.limit["centered"] * (UNITS + 2) / 2 - 1) < 1e-9  # where 1 − 2η + η²(n + 2) is 1
    gap = np.eye(2) - moment_map(result.limit["off"], 1, UNITS, UNITS * RATIO**2)
    assert abs(np.linalg.det(gap)) < 1e-9 * np.linalg.norm(gap) ** 2
    assert abs(excess_of_matrix(LARGER, RATIO) / excess_of_matrix(LARGER, 0.0) / result.larger_factor - 1) < 1e-9
    assert result.law < result.factor < result.larger_factor
    for name, r in (("off", RATIO), ("centered", 0.0)):
        steps, losses = result.curves[name]
        assert max(steps) < result.limit[name] < 1.3 * max(steps) and len(steps) == np.sum(STEPS < result.limit[name])
        assert abs(losses[0] / (steps[0] * UNITS * (1 + r**2) / 4) - 1) < 0.002 and np.all(np.diff(losses) > 0)


def equation_step() -> Draws:
    r"""M' = M - \eta\,(H M + M H) + \eta^2 \left(\frac{1}{B}\, F + \frac{B-1}{B}\, H M H\right) +
    \eta^2\, \frac{v}{B}\, H"""
    for rng in draws(10):
        size, points, root = int(rng.integers(2, 4)), rng.normal(0.5, 1, (4, 2)), rng.normal(size=(2, 2))
        eta, v, ends = rng.uniform(0.1, 1), rng.uniform(0.5, 2), []
        singles = list(product(points, (-np.sqrt(v), np.sqrt(v))))  # examples with their noise, all equally likely
        for batch in product(singles, repeat=size):
            for start in np.hstack([root, -root]).T * np.sqrt(2):
                ends.append(start - eta * sum((x @ start - noise) * x for x, noise in batch) / size)
        outer, M = [np.outer(x, x) for x in points], root @ root.T
        yield {
            "M'": np.mean([np.outer(end, end) for end in ends], axis=0),
            "M": M,
            "H": np.mean(outer, axis=0),
            "F": np.mean([matrix @ M @ matrix for matrix in outer], axis=0),
            "B": size,
            r"\eta": eta,
            "v": v,
        }


def equation_balance() -> Draws:
    r"""H M + M H \approx \frac{\eta v}{B}\, H"""
    for rng in draws(10):
        mu, size, v, eta = rng.normal(size=3), int(rng.integers(1, 9)), rng.uniform(0.5, 2), 1e-5
        still = apply_step(np.zeros((3, 3)), mu, eta, size, v)  # a step is affine in M: solve for what it leaves alone
        units = np.eye(9).reshape(9, 3, 3)
        moved = np.array([(apply_step(unit, mu, eta, size, v) - still - unit).ravel() for unit in units]).T
        M = np.linalg.solve(moved, -still.ravel()).reshape(3, 3)
        yield {"H": np.eye(3) + np.outer(mu, mu), "M": M, r"\eta": eta, "v": v, "B": size, r"\approx": 1e-3}


def equation_settled() -> Draws:
    r"""M = \frac{\eta v}{2B}\, I"""
    for rng in draws(10):
        x, size, v, eta = rng.normal(1, 1, (20, 3)), int(rng.integers(1, 9)), rng.uniform(0.5, 2), rng.uniform(0.1, 1)
        H, I = x.T @ x / 20, np.eye(3)  # noqa: E741
        M = np.linalg.solve(np.kron(H, I) + np.kron(I, H), (eta * v / size * H).ravel()).reshape(3, 3)
        yield {"M": M, r"\eta": eta, "v": v, "B": size, "I": I}


def equation_excess() -> Draws:
    r"""\tfrac{1}{2}\,\mathbb{E}[(x^\top e)^2] = \tfrac{1}{2}\operatorname{tr}(H M) =
    \frac{\eta v}{4B}\operatorname{tr}(H) = \frac{\eta v}{4B}\,(1 + \rho)\operatorname{tr}(\Sigma)"""
    for rng in draws(10):
        x, size, v, eta = rng.normal(1, 1, (20, 3)), int(rng.integers(1, 9)), rng.uniform(0.5, 2), rng.uniform(0.1, 1)
        turned = np.linalg.qr(rng.normal(size=(3, 3)))[0]
        errors = np.sqrt(3 * eta * v / (2 * size)) * np.vstack([turned, -turned])  # six, equally likely
        spread = np.cov(x.T, bias=True)
        yield {
            r"\mathbb{E}[(x^\top e)^2]": np.mean((x @ errors.T) ** 2),
            r"\operatorname{tr}": np.trace,
            "H": x.T @ x / 20,
            "M": errors.T @ errors / 6,
            r"\Sigma": spread,
            r"\rho": np.sum(x.mean(axis=0) ** 2) / np.sum(x.var(axis=0)),
            r"\eta": eta,
            "v": v,
            "B": size,
        }


def figure_steps(result: Result) -> Figure:
    """Loss above its minimum against the step size, both axes logarithmic. Two parallel lines, {{ law | digits(3) }}
    apart, off-center above; at large steps both bend upward and end, off-center at {{ limit.off | digits(2) }},
    centered at {{ limit.centered | digits(2) }}."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    for name, r, role, text in (("off", RATIO, SECOND, "off-center"), ("centered", 0, FIRST, "centered")):
        axes.plot(STEPS, STEPS * UNITS * (1 + r**2) / 4, color=MUTED, linewidth=1, label="for small steps")
        axes.plot(*result.curves[name], color=role, label=text)
        label_point(axes, text, result.curves[name][:, 20], role, dx=-6 if r else 6, dy=9 if r else -10)
    axes.set(xscale="log", yscale="log", xlim=(9e-6, 0.032), ylim=(1e-4, 5))
    frame_axes(
        axes, decades(-5, -4, -3, -2), {1: "1", 0.01: "0.01", 0.0001: "0.0001"}, "step size", "loss above its minimum"
    )
    return figure


if __name__ == "__main__":
    show_figures(figure_steps, of=compute())
