"""Does a bias take care of the mean?

Of what the neuron can compute, yes; of how fast, no. A bias is one more weight whose input is always 1, and the mean
of the other inputs looks almost like that constant: two weights do one job. The condition number grows from 1 + m² to
about (1 + s² + ‖μ‖²)²/s²: with {{ units }} inputs of mean 1 and variance 1, from {{ wide_kappa | integer }} to
{{ wide_kappa_bias | integer }}.

    mean        mean of every input; all have variance 1 and are independent
    kappa       condition number of the Hessian without a bias
    kappa_bias  the same with a bias whose input is 1
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import FIRST, INK, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import hessian, hessian_with_bias, worst_steps

MEANS = (0.0, 1.0, 2.0, 3.0)
UNITS = 100  # inputs of the larger problem, of mean 1
TOLERANCE = 1e-6
INPUTS = np.geomspace(0.1, 100, 91)  # what a bias may be fed with


@dataclass(frozen=True)
class Result:
    means: tuple[float, ...]
    "Mean of either of two inputs, one entry per problem."
    kappa: tuple[float, ...]
    "Condition number of each problem without a bias."
    kappa_bias: tuple[float, ...]
    "Condition number of each problem with a bias."
    steps: tuple[int, ...]
    "Steps to a millionth of the error from the worst start, best constant step, no bias."
    steps_bias: tuple[int, ...]
    "The same with a bias."
    units: int
    "Inputs of the larger problem; each has mean 1 and variance 1."
    wide_kappa: float
    "Condition number of the larger problem, no bias."
    wide_kappa_bias: float
    "The same with a bias whose input is 1."
    best_input: float
    "The bias input for which the larger problem is best conditioned."
    best_kappa: float
    "Condition number with that bias input."
    kappas: np.ndarray
    "Condition number of the larger problem for each bias input in `INPUTS`."


def compute() -> Result:
    without, biased = ([build(np.full(2, mean)) for mean in MEANS] for build in (hessian, hessian_with_bias))
    best = np.sqrt(1 + UNITS)
    return Result(
        means=MEANS,
        kappa=tuple(np.linalg.cond(H) for H in without),
        kappa_bias=tuple(np.linalg.cond(H) for H in biased),
        steps=tuple(map(worst_steps, without)),
        steps_bias=tuple(map(worst_steps, biased)),
        units=UNITS,
        wide_kappa=np.linalg.cond(hessian(np.ones(UNITS))),
        wide_kappa_bias=np.linalg.cond(hessian_with_bias(np.ones(UNITS))),
        best_input=best,
        best_kappa=np.linalg.cond(hessian_with_bias(np.ones(UNITS), bias=best)),
        kappas=np.array([np.linalg.cond(hessian_with_bias(np.ones(UNITS), bias=c)) for c in INPUTS]),
    )


def claim_bias_squares_the_price(result: Result) -> None:
    """Two inputs of means {{ means | digits(1) | list }}: {{ steps | integer | list }} steps to a millionth
    without a bias, {{ steps_bias | integer | list }} with one."""
    for mean, kappa, steps in zip(result.means, result.kappa, result.steps):
        rate = mean**2 / (1 + mean**2)  # (κ − 1)/(κ + 1) with κ = 1 + 2 mean²
        assert abs(kappa - 1 - 2 * mean**2) < 1e-9
        assert steps == (int(np.ceil(np.log(TOLERANCE) / np.log(rate))) if mean else 1)
    for mean, kappa, steps in zip(result.means, result.kappa_bias, result.steps_bias):
        H = hessian_with_bias(np.full(2, mean))
        values, vectors = np.linalg.eigh(H)
        error, run = vectors[:, 0], 0
        while np.linalg.norm(error) > TOLERANCE * (1 + 1e-6):
            error, run = error - 2 / (values[0] + values[-1]) * H @ error, run + 1
        assert run == steps
        assert abs(kappa + 1 / kappa + 2 - (2 + 2 * mean**2) ** 2) < 1e-6


def claim_same_functions(result: Result) -> None:
    """Shifting the inputs changes nothing that a neuron with a bias can compute: the bias takes up the
    shift."""
    rng = np.random.default_rng(0)
    x, w, shift = rng.normal(size=(50, 7)), rng.normal(size=7), rng.normal(size=7)
    np.testing.assert_allclose(x @ w + 0.5, (x - shift) @ w + (0.5 + shift @ w), atol=1e-12)


def claim_regression_keeps_its_slopes(result: Result) -> None:
    """Subtract the means in a linear or logistic regression with an intercept: slopes, their standard errors and all
    predictions stay what they were; only the intercept changes, and its standard error."""
    rng = np.random.default_rng(0)
    x = rng.normal(3, 1, size=(200, 3))
    for labels in (x @ [1.0, -2.0, 0.5] + rng.normal(size=200), rng.random(200) < 0.3 + 0.1 * np.sign(x[:, 0] - 3)):
        fits = []
        for inputs in (x, x - x.mean(axis=0)):
            A = np.column_stack([inputs, np.ones(200)])
            w = np.zeros(4)
            for _ in range(30):  # Newton's method; for squared error the first step arrives
                p = 1 / (1 + np.exp(-A @ w)) if labels.dtype == bool else A @ w
                H = A.T @ (A * (p * (1 - p))[:, None]) if labels.dtype == bool else A.T @ A
                w = w - np.linalg.solve(H, A.T @ (p - labels))
            fits.append((w, np.sqrt(np.diag(np.linalg.inv(H))), p))
        (w, errors, p), (v, smaller, q) = fits
        np.testing.assert_allclose(w[:3], v[:3], atol=1e-8)
        np.testing.assert_allclose(errors[:3], smaller[:3], rtol=1e-8)
        np.testing.assert_allclose(p, q, atol=1e-8)
        assert abs(v[3] - w[3] - w[:3] @ x.mean(axis=0)) < 1e-8 and smaller[3] < errors[3] / 2


def claim_it_is_the_bias_step(result: Result) -> None:
    """Let the bias input be {{ best_input | digits(4) }} instead of 1, and the condition number of the problem
    with {{ units }} inputs falls from {{ wide_kappa_bias | integer }} to {{ best_kappa | integer }}."""
    assert result.kappas.min() >= result.best_kappa and result.wide_kappa_bias > 25 * result.best_kappa
    n, best, kappas = result.units, result.best_input, (result.wide_kappa, result.wide_kappa_bias, result.best_kappa)
    by_hand = (1 + n, np.square(1 + n / 2 + np.sqrt(n + n**2 / 4)), np.square(np.sqrt(n) + np.sqrt(1 + n)))
    np.testing.assert_allclose(kappas, by_hand, rtol=1e-9)
    below, above = (np.linalg.cond(hessian_with_bias(np.ones(n), bias=best * ratio)) for ratio in (1 / 1.01, 1.01))
    assert abs(above / below - 1) < 1e-6  # where it is least; 1% farther they differ by 1e-4


def claim_a_step_of_its_own(result: Result) -> None:
    """Descent with {{ best_input | digits(4) }}² times the step size for the bias makes the same outputs, step by step,
    as with a bias that is fed with {{ best_input | digits(4) }}."""
    rng, c = np.random.default_rng(0), result.best_input
    x, y = rng.normal(1, 1, size=(40, 5)), rng.normal(size=40)
    outputs = []
    for constant, faster in ((1.0, c**2), (c, 1.0)):
        w, b = np.zeros(5), 0.0
        for _ in range(20):
            error = x @ w + constant * b - y
            w, b = w - 1e-3 * x.T @ error / 40, b - 1e-3 * faster * constant * error.mean()
        outputs.append(x @ w + constant * b)
    np.testing.assert_allclose(*outputs, rtol=1e-9)
    assert abs(c**2 - 1 - result.units) < 1e-6  # s² + ‖μ‖²


def equation_hessian() -> Draws:
    r"""H = \begin{pmatrix} s^2 I + \mu\mu^\top & \mu \\ \mu^\top & 1 \end{pmatrix}"""
    for rng in draws(20):
        mu, s = rng.normal(size=4), rng.uniform(0.5, 2)
        x = np.concatenate([mu + s * 2 * sign * np.eye(4) for sign in (1, -1)])  # eight examples, exactly this spread
        x = np.hstack([x, np.ones((8, 1))])
        nudges = 1e-20j * np.eye(5)
        yield {
            "H": np.array([(x.T @ (x @ nudge)).imag / 1e-20 / 8 for nudge in nudges]),
            r"\mu": mu,
            "s": s,
            "I": np.eye(4),
        }


def equation_block() -> Draws:
    r"""\lambda_+\lambda_- = s^2, \qquad \lambda_+ + \lambda_- = 1 + s^2 + \lVert\mu\rVert^2"""
    for mu, s, values in draw_spectra():
        yield {r"\lambda_+": values[-1], r"\lambda_-": values[0], r"\mu": mu, "s": s}


def equation_kappa() -> Draws:
    r"""\kappa_b + \frac{1}{\kappa_b} + 2 = \frac{\left(1 + s^2 + \lVert\mu\rVert^2\right)^2}{s^2}"""
    for mu, s, values in draw_spectra():
        yield {r"\kappa_b": values[-1] / values[0], r"\mu": mu, "s": s}


def equation_best_input() -> Draws:
    r"""\kappa_{\min} = \left(m + \sqrt{1 + m^2}\right)^2"""
    for rng in draws(10):
        mean, low, high = rng.uniform(0.2, 3), 0.01, 100.0
        for _ in range(120):  # the least over all bias inputs, by ternary search
            third = (high - low) / 3
            left, right = (
                np.linalg.cond(hessian_with_bias(np.full(5, mean), bias=c)) for c in (low + third, high - third)
            )
            low, high = (low, high - third) if left < right else (low + third, high)
        yield {r"\kappa_{\min}": np.linalg.cond(hessian_with_bias(np.full(5, mean), bias=low)), "m": np.sqrt(5) * mean}


def draw_spectra():
    """Mean vector, standard deviation and curvatures of a neuron with five inputs and a bias, twenty times."""
    for rng in draws(20):
        mu, s = rng.normal(size=5), rng.uniform(0.3, 3)
        a = np.append(mu, 1)
        yield mu, s, np.linalg.eigvalsh(np.outer(a, a) + np.diag([s**2] * 5 + [0]))


def figure_input(result: Result) -> Figure:
    """Condition number against the constant that is fed to the bias, both logarithmic: a valley with its floor of
    {{ best_kappa | integer }} at {{ best_input | digits(4) }}; at 1, the usual choice,
    {{ wide_kappa_bias | integer }}."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    axes.plot(INPUTS, result.kappas, color=INK, label="condition number")
    points = {
        "usual": (1, result.wide_kappa_bias, SECOND, 8, 6),
        "best": (result.best_input, result.best_kappa, FIRST, 0, -14),
    }
    for name, (x, y, role, dx, dy) in points.items():
        axes.plot(x, y, "o", color=role, label=name)
        label_point(axes, f"{name}: {y:,.0f}", (x, y), role, dx=dx, dy=dy, ha="left" if dx else "center")
    axes.set(xscale="log", yscale="log", ylim=(100, 2e6))
    frame_axes(
        axes,
        {0.1: "0.1", 1: "1", result.best_input: "10", 100: "100"},
        [100, 10_000, 1_000_000],
        "bias input",
        "condition number",
    )
    return figure


if __name__ == "__main__":
    show_figures(figure_input, of=compute())
