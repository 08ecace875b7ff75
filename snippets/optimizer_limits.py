"""Which learning rate is too large for an optimizer?

Beyond a number over the largest curvature an error grows: {{ limits.plain | integer }} for plain descent,
{{ limits.sum | decimals(1) }} with a momentum of {{ beta | decimals(1) }} whose velocities add up gradients,
{{ limits.nesterov | decimals(2) }} with Nesterov's. A run that has diverged tells its curvature.

    z   step size times curvature, ηλ
    β   momentum
    γ   what a step leaves of the error, in the long run
    g   by how much an error grows in a step that is too large
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import FIRST, INK, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import Numbers, momentum_factor

BETA = 0.9
OPTIMIZERS = ("plain", "sum", "average", "nesterov")  # momentum adds up gradients, or averages them
TRIED = (0.1, 1.5)  # a step that was too large, and the growth of the error that was seen
BLOWN, LOSSES_SEEN = 0.02, (3.0, 27.0, 243.0)  # exercise: a step, and losses of consecutive steps


@dataclass(frozen=True)
class Result:
    beta: float
    "Momentum."
    limits: dict[str, float]
    "Largest stable step times largest curvature, by optimizer."
    tried: dict[str, float]
    "A step that was too large, the growth of the error that was seen, the square of it, the curvature that follows for"
    " plain descent, the largest stable step; the same two for summed momentum and Nesterov’s."
    exercise: dict
    "A step, losses in consecutive steps, their growth and that of the error, largest stable step."


def limit_of(optimizer: str, beta: float) -> float:
    """Step size times curvature beyond which an error grows."""
    return {
        "plain": 2.0,
        "sum": 2 * (1 + beta),
        "average": 2 * (1 + beta) / (1 - beta),
        "nesterov": 2 * (1 + beta) / (1 + 2 * beta),
    }[optimizer]


def nesterov_factor(z: Numbers, beta: float) -> Numbers:
    """What a step of Nesterov's momentum leaves: the larger root of γ² − (1 + β)(1 − z)γ + β(1 − z) in size."""
    root = np.sqrt((1 + beta) ** 2 * (1 - z) ** 2 - 4 * beta * (1 - z) + 0j)
    return np.maximum(abs((1 + beta) * (1 - z) + root), abs((1 + beta) * (1 - z) - root)) / 2


def follow(optimizer: str, z: float, beta: float, steps: int) -> np.ndarray:
    """Errors of a run on curvature 1 with step z, as the libraries write the update."""
    error, velocity, errors = 1.0, 0.0, []
    for _ in range(steps):
        velocity = beta * velocity + (1 - beta if optimizer == "average" else 1) * error
        move = {"plain": error, "nesterov": error + beta * velocity}.get(optimizer, velocity)
        error -= z * move
        errors.append(error)
    return np.array(errors)


def read_curvature(step: float, growth: float, beta: float = 0.0, nesterov: bool = False) -> float:
    """Largest curvature, from the growth of an error that changes its sign at every step."""
    if nesterov:
        return (1 + growth**2 / ((1 + beta) * growth + beta)) / step
    return (1 + beta + growth + beta / growth) / step


def compute() -> Result:
    limits = {name: limit_of(name, BETA) for name in OPTIMIZERS}
    step, growth = TRIED
    tried = {"step": step, "growth": growth, "loss": growth**2}
    for name, beta in (("plain", 0.0), ("sum", BETA), ("nesterov", BETA)):
        tried[name] = read_curvature(step, growth, beta, name == "nesterov")
        tried[f"{name}_limit"] = limits[name] / tried[name]
    grown = LOSSES_SEEN[1] / LOSSES_SEEN[0]
    exercise = {"blown": BLOWN, "losses": LOSSES_SEEN, "growth": grown, "error": grown**0.5}
    exercise["limit"] = 2 / read_curvature(BLOWN, grown**0.5)
    return Result(beta=BETA, limits=limits, tried=tried, exercise=exercise)


def claim_the_limits_are_sharp(result: Result) -> None:
    """Step size times curvature may be up to {{ limits.plain | integer }} for plain descent; with a momentum of
    {{ beta | decimals(1) }} up to {{ limits.sum | decimals(2) }} where velocities add up gradients,
    {{ limits.average | decimals(1) }} where they average them, and {{ limits.nesterov | decimals(3) }} with
    Nesterov's."""
    for name, limit in result.limits.items():
        below, above = (abs(follow(name, limit * part, result.beta, 40_000)[-20:]).max() for part in (0.9999, 1.0001))
        assert below < 0.9 < 1.1 < above, name
    digits = {"plain": 0, "sum": 2, "average": 1, "nesterov": 3}
    for name, places in digits.items():
        for sign in (-1, 1):  # half a unit of the last printed digit further
            part = 1 + sign * 0.4 * 10.0**-places / result.limits[name]
            steps = 500 if name == "plain" else 8_000
            assert (abs(follow(name, result.limits[name] * part, result.beta, steps)[-1]) > 1) == (sign > 0)


def claim_the_run_tells_the_limit(result: Result) -> None:
    """Changes of alternating sign that grow by {{ tried.growth | decimals(1) }} at a step of
    {{ tried.step | decimals(1) }}, or a loss that grows by {{ tried.loss | decimals(2) }}, mean for plain descent that
    the largest curvature is {{ tried.plain | integer }} and the limit {{ tried.plain_limit | decimals(3) }}. With a
    momentum of {{ beta | decimals(1) }} these are {{ tried.sum | decimals(1) }} and
    {{ tried.sum_limit | decimals(4) }}, with Nesterov's {{ tried.nesterov | decimals(2) }} and
    {{ tried.nesterov_limit | decimals(4) }}."""
    part = result.tried
    for name in ("plain", "sum", "nesterov"):
        errors = follow(name, part["step"] * part[name], result.beta, 120)
        assert abs(errors[-1] / errors[-2] + part["growth"]) < 1e-5, name
        assert abs((errors[-1] / errors[-2]) ** 2 - part["loss"]) < 1e-4
        limit = part[f"{name}_limit"] * part[name]  # in units of one over the curvature
        assert abs(follow(name, 0.999 * limit, result.beta, 20_000)[-1]) < 0.1
        assert abs(follow(name, 1.001 * limit, result.beta, 20_000)[-1]) > 10


def claim_the_exercise(result: Result) -> None:
    """Losses of {{ exercise.losses | integer | list }} at a step of {{ exercise.blown | decimals(2) }} mean a limit of
    {{ exercise.limit | decimals(2) }}."""
    part = result.exercise
    errors = follow("plain", part["blown"] * 2 / part["limit"], 0.0, 3)
    np.testing.assert_allclose(errors**2 / errors[0] ** 2 * part["losses"][0], part["losses"], rtol=1e-9)


def equation_limit() -> Draws:
    r"""\lambda_{\max} = \frac{1 + g}{\eta}, \qquad \eta_{\max} = \frac{2\,\eta}{1 + g}"""
    for rng in draws(12):
        high, step = rng.uniform(1, 50), rng.uniform(2.1, 6)
        errors = follow("plain", step, 0.0, 5)
        growth = (errors[-1] - errors[-2]) / (errors[-3] - errors[-2])
        yield {r"\lambda_{\max}": high, r"\eta": step / high, "g": growth, r"\eta_{\max}": 2 / high}


def equation_nesterov() -> Draws:
    r"""\gamma_1 + \gamma_2 = (1 + \beta)(1 - \eta\lambda), \qquad \gamma_1\gamma_2 = \beta\,(1 - \eta\lambda)"""
    for rng in draws(12):
        beta, step, curvature = rng.uniform(0.1, 0.95), rng.uniform(0.01, 0.5), rng.uniform(0.1, 4)
        update = np.array(  # error and velocity, as PyTorch writes the step
            [[1 - step * curvature * (1 + beta), -step * beta**2], [curvature, beta]]
        )
        first, second = np.linalg.eigvals(update)
        yield {r"\gamma_1": first, r"\gamma_2": second, r"\beta": beta, r"\eta": step, r"\lambda": curvature}


def figure_limits(result: Result) -> Figure:
    """What a step leaves of the error in the long run, against step size times curvature. Plain descent falls to zero
    at 1 and rises to 1 at {{ limits.plain | integer }}; momentum is level below 1 and crosses it at
    {{ limits.sum | decimals(1) }}; Nesterov's momentum crosses it at {{ limits.nesterov | decimals(2) }}."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    z = np.linspace(0, 4.4, 1101)
    axes.plot(z, momentum_factor(z, 0.0), color=SECOND)
    axes.plot(z, momentum_factor(z, result.beta), color=FIRST)
    axes.plot(z, nesterov_factor(z, result.beta), color=INK)
    axes.plot([0, 4.4], [1, 1], color=MUTED, linewidth=0.8)
    label_point(axes, "plain", (1.65, 0.65), SECOND, dx=8)
    label_point(axes, "momentum", (3.2, 0.95), FIRST, dx=0, dy=-12)
    label_point(axes, "Nesterov", (1.35, 1.2), INK, dx=-8)
    axes.set(xlim=(0, 4.4), ylim=(0, 1.5))
    frame_axes(axes, [0, 1, 2, 3, 4], [0, 0.5, 1, 1.5], "step size times curvature", "share left by a step")
    return figure


if __name__ == "__main__":
    show_figures(figure_limits, of=compute())
