"""Which step size do inputs allow, and how many steps do they cost?

It takes how many inputs there are, their mean and their standard deviation: {{ n }} inputs of mean {{ mean | integer }}
and standard deviation {{ std | integer }} with a bias have κ = {{ kappa_bias | integer }}, allow a step of
{{ largest | digits(2) }} at most, and cost {{ steps.descent | integer }} steps to a millionth of the error.

    n      inputs of one neuron, uncorrelated and alike
    μ₁, s  mean and standard deviation of each; ρ = μ₁²/s²
    η      step size; γ, the share of the slowest error that a step leaves
    ε      share of the error that is left after t steps, from the worst start
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws, find_minimum, find_root
from lib.optimizers import momentum, take_steps
from lib.plots import FIRST, MUTED, SECOND, decades, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import (
    MILLIONTH,
    condition_number,
    conjugate_gradients,
    descent_factor,
    hessian,
    hessian_with_bias,
    tuned_momentum,
)

EXAMPLE = 10, 4.0, 2.0  # n, mean and standard deviation with which a reader starts
KAPPAS = np.geomspace(1.5, 1e6, 200)


@dataclass(frozen=True)
class Result:
    n: int
    "Inputs of the example."
    mean: float
    "Mean of each."
    std: float
    "Standard deviation of each."
    kappa: float
    "Condition number of the example without a bias."
    kappa_bias: float
    "With a bias."
    largest: float
    "Largest stable step with a bias, 2/λmax."
    steps: dict[str, float]
    "Steps to a millionth of the error with a bias, from the worst start, by method."
    alike: int
    "Steps of conjugate gradients on the example with a bias, from a random start."
    curves: dict[str, np.ndarray]
    "Steps to a millionth of the error against κ, by method."


def count_descent_steps(kappa: float, left: float = MILLIONTH) -> float:
    """Steps at the best constant step, a real number."""
    return np.log(left) / np.log(descent_factor(kappa))


def count_momentum_steps(kappa: float, left: float = MILLIONTH) -> float:
    """Steps of tuned momentum: root t of (1 + (1 + √β) t) √βᵗ = left, by fixed-point iteration on its logarithm."""
    root, steps = descent_factor(np.sqrt(kappa)), 1.0
    for _ in range(100):
        steps = (np.log(left) - np.log1p((1 + root) * steps)) / np.log(root)
    return steps


def count_conjugate_steps(kappa: float, left: float = MILLIONTH) -> float:
    """Steps of conjugate gradients on the worst spectrum: root t of 1/cosh(t ln q) = left."""
    return np.arccosh(1 / left) / np.log(1 / descent_factor(np.sqrt(kappa)))


METHODS = dict(descent=count_descent_steps, momentum=count_momentum_steps, conjugate_gradients=count_conjugate_steps)


def compute() -> Result:
    n, mean, std = EXAMPLE
    H = hessian_with_bias(np.full(n, mean), std**2)
    kappa = condition_number(H)
    start = np.random.default_rng(0).normal(size=n + 1)
    return Result(
        **{"n": n, "mean": mean},
        std=std,
        kappa=condition_number(hessian(np.full(n, mean), std**2)),
        kappa_bias=kappa,
        largest=2 / np.linalg.eigvalsh(H)[-1],
        steps={name: float(steps(kappa)) for name, steps in METHODS.items()},
        alike=len(conjugate_gradients(H, start)) - 1,
        curves={name: steps(KAPPAS) for name, steps in METHODS.items()},
    )


def figure_steps(result: Result) -> Figure:
    """Steps to a millionth of the error against the condition number. Descent needs steps in proportion to it; momentum
    and conjugate gradients in proportion to its square root, momentum somewhat more."""
    figure = new_figure()
    (axes,) = figure.axes
    places = {"descent": (SECOND, 120, 8, "right"), "momentum": (MUTED, 170, 7, "right")}
    for name, steps in result.curves.items():
        role, i, dy, side = places.get(name, (FIRST, 110, -16, "left"))
        axes.loglog(KAPPAS, steps, color=role)
        label_point(axes, name.replace("_", " "), (KAPPAS[i], steps[i]), role, dx=0, dy=dy, ha=side)
    frame_axes(axes, x=decades(0, 2, 4, 6), y=decades(0, 2, 4, 6), xname="condition number κ", yname="steps")
    return figure


def claim_momentum_is_a_square_root(result: Result) -> None:
    """At κ = {{ kappa_bias | integer }} descent needs {{ steps.descent | integer }} steps, tuned momentum
    {{ steps.momentum | integer }}, and conjugate gradients, on the worst spectrum,
    {{ steps.conjugate_gradients | integer }}: a condition number against its square root."""
    n, mean, std = EXAMPLE
    H = hessian_with_bias(np.full(n, mean), std**2)
    values, vectors = np.linalg.eigh(H)
    step, beta = tuned_momentum(values[-1], values[0])
    path = take_steps(momentum(lambda e: H @ e, vectors[:, -1], step, beta), 2000)
    arrived = int(np.argmax(np.linalg.norm(path, axis=1) <= MILLIONTH))
    assert np.ceil(result.steps["momentum"]) == arrived
    factor = np.linalg.norm(np.eye(n + 1) - 2 / (values[-1] + values[0]) * H, 2)
    assert np.isclose(factor ** result.steps["descent"], MILLIONTH, rtol=1e-4, atol=0)
    argument, whole = (result.kappa_bias + 1) / (result.kappa_bias - 1), int(result.steps["conjugate_gradients"])
    chebyshev = [np.polynomial.chebyshev.Chebyshev.basis(t)(argument) for t in (whole, whole + 1)]
    assert 1 / chebyshev[0] > MILLIONTH > 1 / chebyshev[1]
    assert np.isclose(values[-1] / values[0], result.kappa_bias)


def claim_alike_inputs_have_three_curvatures(result: Result) -> None:
    """For inputs that are alike the curvatures take only {{ alike | words }} values, and conjugate gradients need no
    more than {{ alike | words }} steps."""
    n, mean, std = EXAMPLE
    values = np.linalg.eigvalsh(hessian_with_bias(np.full(n, mean), std**2))
    assert result.alike == 1 + np.sum(np.diff(values) > 1e-9 * values[:-1])


def draw_problems() -> Iterator[tuple[int, float, float]]:
    """Inputs, mean and standard deviation: those of the example, then others."""
    yield EXAMPLE
    for rng in draws(11):
        yield int(rng.integers(2, 100)), float(rng.uniform(0.1, 5)), float(rng.uniform(0.2, 5))


def equation_ratio() -> Draws:
    r"""\rho = \frac{\mu_1^2}{s^2}"""
    for n, mean, std in draw_problems():
        mu, covariance = np.full(n, mean), np.eye(n) * std**2
        yield {r"\rho": mu @ mu / np.trace(covariance), r"\mu_1": mean, "s": std}


def equation_without_bias() -> Draws:
    r"""\begin{aligned} \lambda_{\max} &= s^2 + n\,\mu_1^2, \\ \lambda_{\min} &= s^2, \\
    \frac{\lambda_{\max}}{\lambda_{\min}} &= 1 + n\rho \end{aligned}"""
    for n, mean, std in draw_problems():
        low, *_, high = np.linalg.eigvalsh(hessian(np.full(n, mean), std**2))
        letters = {r"\lambda_{\max}": high, r"\lambda_{\min}": low, "s": std, "n": n, r"\mu_1": mean}
        yield letters | {r"\rho": np.sum(np.full(n, mean) ** 2) / (n * std**2)}


def equation_with_bias() -> Draws:
    r"""\begin{aligned} T &= 1 + s^2 + n\,\mu_1^2, \\ \lambda_{\max} &= \frac{T + \sqrt{T^2 - 4 s^2}}{2}, \\
    \lambda_{\min} &= \frac{s^2}{\lambda_{\max}} \end{aligned}"""
    for n, mean, std in draw_problems():
        H = hessian_with_bias(np.full(n, mean), std**2)
        low, *_, high = np.linalg.eigvalsh(H)
        letters = {r"\lambda_{\max}": high, r"\lambda_{\min}": low, "s": std, "n": n, r"\mu_1": mean}
        yield letters | {"T": np.trace(H) - (n - 1) * std**2}


def draw_curvatures() -> Iterator[tuple[np.ndarray, dict[str, float]]]:
    """The Hessian of each problem with a bias, and its curvatures."""
    for n, mean, std in draw_problems():
        H = hessian_with_bias(np.full(n, mean), std**2)
        low, *_, high = np.linalg.eigvalsh(H)
        yield H, {r"\lambda_{\max}": high, r"\lambda_{\min}": low}


def equation_condition() -> Draws:
    r"""\kappa = \frac{\lambda_{\max}}{\lambda_{\min}}"""
    for H, letters in draw_curvatures():
        yield {r"\kappa": np.linalg.cond(H)} | letters


def draw_shares_left() -> list[float]:
    """Shares of the error that are left."""
    return [MILLIONTH, *(rng.uniform(1e-8, 0.1) for rng in draws(11))]


def largest_share_left(H: np.ndarray, step: float) -> float:
    """γ, the largest share of any error that a step leaves: the norm of I − ηH."""
    return float(np.linalg.norm(np.eye(len(H)) - step * H, 2))


def equation_largest() -> Draws:
    r"""\eta_{\max} = \frac{2}{\lambda_{\max}}"""
    for H, letters in draw_curvatures():
        high = 2 * (len(H) + 1) / np.trace(H)
        step = find_root(lambda step, H=H: largest_share_left(H, step) - 1, high / 1e3, high)
        yield {r"\eta_{\max}": step, r"\lambda_{\max}": letters[r"\lambda_{\max}"]}


def equation_best() -> Draws:
    r"""\eta_\star = \frac{2}{\lambda_{\max} + \lambda_{\min}}"""
    for H, letters in draw_curvatures():
        high = 2 * (len(H) + 1) / np.trace(H)
        yield {r"\eta_\star": find_minimum(lambda step, H=H: largest_share_left(H, step), 0, high)} | letters


def equation_descent() -> Draws:
    r"""t = \frac{\ln(1/\varepsilon)}{\ln\frac{\kappa + 1}{\kappa - 1}}"""
    for (H, letters), left in zip(draw_curvatures(), draw_shares_left()):
        factor = largest_share_left(H, 2 / sum(letters.values()))
        steps = find_root(lambda t, factor=factor, left=left: factor**t - left, 0, 1e8)
        yield {"t": steps, r"\varepsilon": left, r"\kappa": np.linalg.cond(H)}


def equation_own_step() -> Draws:
    r"""\begin{aligned} \gamma &= \max(\lvert 1 - \eta\lambda_{\max}\rvert, \lvert 1 - \eta\lambda_{\min}\rvert), \\
    t_\eta &= \frac{\ln(1/\varepsilon)}{\ln(1/\gamma)} \end{aligned}"""
    for i, ((H, letters), left) in enumerate(zip(draw_curvatures(), draw_shares_left())):
        high, low = letters.values()  # every other step lies between the best and the largest stable one
        step = 0.01 if i == 0 else 1 / high + 1 / (high + low) if i % 2 else (0.3 + 0.1 * i) / high
        gamma = largest_share_left(H, step)
        steps = find_root(lambda t, gamma=gamma, left=left: gamma**t - left, 0, 1e8)
        yield letters | {r"\gamma": gamma, "t_\\eta": steps, r"\eta": step, r"\varepsilon": left}


def equation_momentum() -> Draws:
    r"""\begin{aligned} \sqrt{\beta} &= \frac{\sqrt{\kappa} - 1}{\sqrt{\kappa} + 1}, \\
    \varepsilon &= \left(1 + (1 + \sqrt{\beta})\,t_\beta\right) \beta^{t_\beta/2} \end{aligned}"""
    for rng in draws(12):
        low, high = rng.uniform(0.1, 1), rng.uniform(2, 400)
        step, beta = tuned_momentum(high, low)
        t = int(rng.integers(5, 60))
        path = take_steps(momentum(lambda e, high=high: high * e, 1.0, step, beta), t)
        yield {r"\beta": beta, r"\kappa": high / low, r"\varepsilon": abs(path[t]), r"t_\beta": t}


def equation_conjugate() -> Draws:
    r"""\begin{aligned} \varepsilon &= \frac{2}{q^{t_c} + q^{-t_c}}, \\
    q &= \frac{\sqrt{\kappa} + 1}{\sqrt{\kappa} - 1} \end{aligned}"""
    for rng in draws(12):
        kappa, t = rng.uniform(2, 400), int(rng.integers(2, 40))
        chebyshev = np.polynomial.chebyshev.Chebyshev.basis(t)((kappa + 1) / (kappa - 1))
        ratio = find_root(lambda q, k=kappa: (q + 1) ** 2 - k * (q - 1) ** 2, 1, 1e3)
        yield {r"\varepsilon": 1 / chebyshev, r"\kappa": kappa, "t_c": t, "q": ratio}


if __name__ == "__main__":
    show_figures(figure_steps, of=compute())
