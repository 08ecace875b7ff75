"""Which learning rate is too large, for a given loss and optimizer?

The limit is a number of the optimizer over the largest curvature; the curvature is a number of the loss times that of
the inputs. {{ example.inputs }} pixels of mean {{ example.mean | decimals(1) }} and standard deviation
{{ example.std | decimals(1) }} with a bias have the largest eigenvalue {{ example.largest | digits(4) }}, so half the
squared error is stable below {{ steps.half | digits(3) }}, binary cross-entropy below {{ steps.logistic | digits(3) }}.

    z   step size times curvature, ηλ
    β   momentum
    γ   what a step leaves of the error, in the long run
    g   by how much an error grows in a step that is too large
    ϱ   correlation of any two inputs
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import FIRST, INK, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import Numbers, hessian_with_bias, kappa_with_bias, momentum_factor

INPUTS, MEAN, STD, CLASSES = 784, 0.5, 0.3, 10
BETA = 0.9
TRIED = (0.1, 1.5)  # a step that was too large, and the growth of the error that was seen
STANDARD, SHARED, FEW = 100, 0.5, 4  # exercises: inputs, their correlation, classes
BLOWN, LOSSES_SEEN = 0.02, (3.0, 27.0, 243.0)  # a step, and losses of consecutive steps


@dataclass(frozen=True)
class Result:
    example: dict
    "Inputs, their mean and standard deviation; largest eigenvalue of their second moment with a bias; its trace, which"
    " no correlation can exceed; condition number; classes."
    curvatures: dict[str, float]
    "Largest curvature of a loss over that of the inputs, at outputs of zero."
    always: dict[str, float]
    "The same at the worst outputs, for the two losses that have a bound."
    steps: dict[str, float]
    "Largest stable step of plain descent in the example, by loss."
    bounds: dict[str, float]
    "Steps in the example that are safe at any weights, for the two; and for half the squared error at any correlation."
    beta: float
    "Momentum."
    limits: dict[str, float]
    "Largest stable step times largest curvature, by optimizer."
    tried: dict[str, float]
    "A step that was too large, the growth of the error that was seen, the square of it, the curvature that follows for"
    " plain descent, the largest stable step; the same two for summed momentum and Nesterov’s."
    exercise: dict
    "Standardized inputs, their correlation, classes, largest curvature of the inputs, stable step at the start; a"
    " step, losses in consecutive steps, their growth, largest stable step."


def curvature_factors(classes: int) -> dict[str, float]:
    """Second derivative of a loss by the output, at outputs of zero: largest eigenvalue where there are several."""
    return {
        "half": 1.0, "mse": 2.0, "outputs": 2.0 / classes, "logistic": 1 / 4, "softmax": 1 / classes,
        "squashed": 1 / 16,
    }  # fmt: skip


def limit_of(optimizer: str, beta: float) -> float:
    """Step size times curvature beyond which an error grows."""
    return {
        "plain": 2.0, "sum": 2 * (1 + beta), "average": 2 * (1 + beta) / (1 - beta),
        "nesterov": 2 * (1 + beta) / (1 + 2 * beta),
    }[optimizer]  # fmt: skip


def nesterov_factor(z: Numbers, beta: float) -> Numbers:
    """What a step of Nesterov's momentum leaves: the larger root of ρ² − (1 + β)(1 − z)ρ + β(1 − z) in size."""
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


def solve_exercises() -> dict:
    """Return the numbers of the two exercises and of their answers."""
    largest = 1 + (STANDARD - 1) * SHARED
    growth = LOSSES_SEEN[1] / LOSSES_SEEN[0]
    return {
        "inputs": STANDARD, "shared": SHARED, "classes": FEW, "largest": largest, "step": 2 * FEW / largest,
        "blown": BLOWN, "losses": LOSSES_SEEN, "growth": growth, "error": growth**0.5,
        "limit": 2 * BLOWN / (1 + growth**0.5),
    }  # fmt: skip


def compute() -> Result:
    mean_square = 1 + INPUTS * MEAN**2 + STD**2  # trace of the block of mean and bias; its determinant is STD²
    largest = (mean_square + np.sqrt(mean_square**2 - 4 * STD**2)) / 2
    trace = 1 + INPUTS * (MEAN**2 + STD**2)
    curvatures, always = curvature_factors(CLASSES), {"logistic": 1 / 4, "softmax": 1 / 2}
    limits = {name: limit_of(name, BETA) for name in ("plain", "sum", "average", "nesterov")}
    step, growth = TRIED
    found = {
        "plain": read_curvature(step, growth), "sum": read_curvature(step, growth, BETA),
        "nesterov": read_curvature(step, growth, BETA, True),
    }  # fmt: skip
    return Result(
        example={
            "inputs": INPUTS, "mean": MEAN, "std": STD, "largest": largest, "trace": trace,
            "kappa": float(kappa_with_bias(MEAN, STD**2, INPUTS)), "classes": CLASSES,
        },
        curvatures=curvatures,
        always=always,
        steps={name: 2 / factor / largest for name, factor in curvatures.items()},
        bounds={**{name: 2 / factor / largest for name, factor in always.items()}, "half": 2 / trace},
        beta=BETA,
        limits=limits,
        tried={
            "step": step, "growth": growth, "loss": growth**2,
            **{name: value for name, value in found.items()},
            **{f"{name}_limit": limits[name] / value for name, value in found.items()},
        },
        exercise=solve_exercises(),
    )  # fmt: skip


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


LOSSES: dict[str, Callable] = {  # of outputs f, by their definitions; targets are one-hot, or 1
    "half": lambda f: 0.5 * np.sum((f - 1) ** 2),
    "mse": lambda f: np.sum((f - 1) ** 2),
    "outputs": lambda f: np.mean((f - np.eye(len(f))[0]) ** 2),
    "logistic": lambda f: np.log(1 + np.exp(-f)).sum(),
    "softmax": lambda f: np.log(np.exp(f).sum()) - f[0],
    "squashed": lambda f: 0.5 * np.sum((1 / (1 + np.exp(-f)) - 1) ** 2),
}


def differentiate_twice(loss: Callable, f: np.ndarray, h: float = 1e-3) -> np.ndarray:
    """Matrix of second differences of a loss by its outputs."""
    steps = h * np.eye(len(f))
    return np.array(
        [[loss(f + u + v) - loss(f + u - v) - loss(f - u + v) + loss(f - u - v) for v in steps] for u in steps]
    ) / (4 * h * h)


def claim_each_loss_has_its_factor(result: Result) -> None:
    """At outputs of zero a loss has this times the largest curvature of the inputs: half the squared error
    {{ curvatures.half | integer }}, the squared error {{ curvatures.mse | integer }}, its mean over
    {{ example.classes }} outputs {{ curvatures.outputs | decimals(1) }}, binary cross-entropy
    {{ curvatures.logistic | decimals(2) }}, softmax of {{ example.classes }} classes
    {{ curvatures.softmax | decimals(1) }}, half the squared error behind a sigmoid
    {{ curvatures.squashed | decimals(4) }}."""
    for name, loss in LOSSES.items():
        f = np.zeros(result.example["classes"] if name in ("outputs", "softmax") else 1)
        assert abs(np.linalg.eigvalsh(differentiate_twice(loss, f))[-1] - result.curvatures[name]) < 1e-5, name


def claim_the_example(result: Result) -> None:
    """{{ example.inputs }} uncorrelated inputs of mean {{ example.mean | decimals(1) }} and standard deviation
    {{ example.std | decimals(1) }} with a bias: largest eigenvalue {{ example.largest | decimals(1) }}, κ_b
    {{ example.kappa | integer }}. Plain descent is stable below {{ steps.half | digits(3) }} with half the squared
    error, {{ steps.mse | digits(3) }} with the squared error, {{ steps.outputs | digits(3) }} with its mean over
    {{ example.classes }} outputs, {{ steps.logistic | digits(3) }} with binary cross-entropy,
    {{ steps.softmax | digits(3) }} with softmax at the start. Correlated in any way, half the squared error is stable
    below {{ bounds.half | digits(3) }}."""
    part = result.example
    values = np.linalg.eigvalsh(hessian_with_bias(np.full(part["inputs"], part["mean"]), part["std"] ** 2))
    assert abs(values[-1] - part["largest"]) < 1e-6 and abs(values[-1] / values[0] / part["kappa"] - 1) < 1e-6
    for name, factor in {"half": 1, "mse": 2, "outputs": 0.2, "logistic": 0.25, "softmax": 0.1}.items():
        assert abs(result.steps[name] * values[-1] * factor - 2) < 1e-6
    together = hessian_with_bias(np.full(20, part["mean"]), part["std"] ** 2 * np.ones((20, 20)))  # ϱ = 1, the worst
    assert abs(np.linalg.eigvalsh(together)[-1] / np.trace(together) - 1) < 0.04
    assert abs(result.bounds["half"] * (1 + part["inputs"] * (part["mean"] ** 2 + part["std"] ** 2)) - 2) < 1e-9


def claim_two_losses_have_a_bound(result: Result) -> None:
    """At no outputs is the curvature by them above {{ always.logistic | decimals(2) }} for binary cross-entropy and
    {{ always.softmax | decimals(1) }} for softmax with cross-entropy, so that steps below
    {{ bounds.logistic | digits(3) }} and {{ bounds.softmax | digits(3) }} lower the loss of the example from any
    weights."""
    worst = {"logistic": 0.0, "softmax": 0.0}
    for rng in draws(400):
        for name, size in (("logistic", 1), ("softmax", 5)):
            f = rng.normal(0, rng.choice([0.3, 3, 30]), size)
            worst[name] = max(worst[name], np.linalg.eigvalsh(differentiate_twice(LOSSES[name], f))[-1])
    far = np.array([0.0, 0.0, -30, -30, -30])  # two classes share all probability
    worst["softmax"] = max(worst["softmax"], np.linalg.eigvalsh(differentiate_twice(LOSSES["softmax"], far))[-1])
    for name, bound in result.always.items():
        assert bound - 0.005 < worst[name] < bound + 1e-5
        assert abs(result.bounds[name] * bound * result.example["largest"] - 2) < 1e-9


def claim_the_run_tells_the_limit(result: Result) -> None:
    """Changes of alternating sign that grow by {{ tried.growth | decimals(1) }} at a step of
    {{ tried.step | decimals(1) }}, or a loss that grows by {{ tried.loss | decimals(2) }}: the largest curvature is
    {{ tried.plain | integer }} and the limit {{ tried.plain_limit | decimals(3) }} with plain descent,
    {{ tried.sum | decimals(1) }} and {{ tried.sum_limit | decimals(4) }} with a momentum of
    {{ beta | decimals(1) }}, {{ tried.nesterov | decimals(2) }} and {{ tried.nesterov_limit | decimals(4) }} with
    Nesterov's."""
    part = result.tried
    for name in ("plain", "sum", "nesterov"):
        errors = follow(name, part["step"] * part[name], result.beta, 120)
        assert abs(errors[-1] / errors[-2] + part["growth"]) < 1e-5, name
        assert abs((errors[-1] / errors[-2]) ** 2 - part["loss"]) < 1e-4
        limit = part[f"{name}_limit"] * part[name]  # in units of one over the curvature
        assert abs(follow(name, 0.999 * limit, result.beta, 20_000)[-1]) < 0.1
        assert abs(follow(name, 1.001 * limit, result.beta, 20_000)[-1]) > 10


def claim_the_exercises(result: Result) -> None:
    """{{ exercise.inputs }} standardized inputs, any two correlated by {{ exercise.shared | decimals(1) }}, with a bias
    have the largest curvature {{ exercise.largest | decimals(1) }}, and softmax of {{ exercise.classes }} classes is
    stable at the start below {{ exercise.step | digits(3) }}. Losses of {{ exercise.losses | integer | list }} at a
    step of {{ exercise.blown | decimals(2) }} mean a limit of {{ exercise.limit | decimals(2) }}."""
    part = result.exercise
    covariance = part["shared"] + (1 - part["shared"]) * np.eye(part["inputs"])
    largest = np.linalg.eigvalsh(hessian_with_bias(np.zeros(part["inputs"]), covariance))[-1]
    softmax = np.linalg.eigvalsh(differentiate_twice(LOSSES["softmax"], np.zeros(part["classes"])))[-1]
    assert abs(largest - part["largest"]) < 1e-6 and abs(part["step"] * largest * softmax - 2) < 1e-5
    curvature = 2 / part["limit"]
    errors = follow("plain", part["blown"] * curvature, 0.0, 3)
    np.testing.assert_allclose(errors**2 / errors[0] ** 2 * part["losses"][0], part["losses"], rtol=1e-9)


def equation_correlated() -> Draws:
    r"""\lambda_+ + \lambda_- = 1 + s^2\,(1 + (n - 1)\,\varrho) + n\,\mu_1^2, \qquad
    \lambda_+\lambda_- = s^2\,(1 + (n - 1)\,\varrho)
    """
    for rng in draws(12):
        n, rho, s, mean = int(rng.integers(2, 9)), rng.uniform(0, 0.9), rng.uniform(0.3, 2), rng.uniform(-2, 2)
        H = hessian_with_bias(np.full(n, mean), s**2 * (rho + (1 - rho) * np.eye(n)))
        plane = np.zeros((n + 1, 2))  # the direction in which all weights rise together, and the bias
        plane[:n, 0], plane[n, 1] = 1 / np.sqrt(n), 1
        low, high = np.linalg.eigvalsh(plane.T @ H @ plane)
        yield {r"\lambda_+": high, r"\lambda_-": low, "n": n, r"\varrho": rho, "s": s, r"\mu_1": mean}


def equation_limit() -> Draws:
    r"""\lambda_{\max} = \frac{1 + g}{\eta}, \qquad \eta_{\max} = \frac{2\,\eta}{1 + g}"""
    for rng in draws(12):
        high, step = rng.uniform(1, 50), rng.uniform(2.1, 6)
        errors = follow("plain", step, 0.0, 5)
        growth = (errors[-1] - errors[-2]) / (errors[-3] - errors[-2])
        yield {r"\lambda_{\max}": high, r"\eta": step / high, "g": growth, r"\eta_{\max}": 2 / high}


def equation_nesterov() -> Draws:
    r"""\rho_1 + \rho_2 = (1 + \beta)(1 - \eta\lambda), \qquad \rho_1\rho_2 = \beta\,(1 - \eta\lambda)"""
    for rng in draws(12):
        beta, step, curvature = rng.uniform(0.1, 0.95), rng.uniform(0.01, 0.5), rng.uniform(0.1, 4)
        update = np.array(  # error and velocity, as PyTorch writes the step
            [[1 - step * curvature * (1 + beta), -step * beta**2], [curvature, beta]]
        )
        first, second = np.linalg.eigvals(update)
        yield {r"\rho_1": first, r"\rho_2": second, r"\beta": beta, r"\eta": step, r"\lambda": curvature}


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
    label_point(axes, "plain", (0.55, 0.45), SECOND, dx=8)
    label_point(axes, "momentum", (3.2, 0.95), FIRST, dx=0, dy=-12)
    label_point(axes, "Nesterov", (1.35, 1.2), INK, dx=-8)
    axes.set(xlim=(0, 4.4), ylim=(0, 1.5))
    frame_axes(axes, [0, 1, 2, 3, 4], [0, 0.5, 1, 1.5], "step size times curvature", "share left by a step")
    return figure


if __name__ == "__main__":
    show_figures(figure_limits, of=compute())
