"""How does the largest stable step depend on the width of a layer?

With a mean in the inputs it falls in proportion to the width, without one it does not fall, if the inputs are
uncorrelated: for sigmoids {{ stable.sigmoid | digits(2) | list }} at {{ widths | integer | list }} inputs, for tanh
{{ stable.tanh[3] | digits(2) }} throughout. Steps along the signs of the gradient pay the root of that.

    n    inputs of a linear neuron, squared error, no bias; or hidden units that an output reads
    H    s²(I + r²11ᵀ), curvature for inputs alike, of mean r and variance 1, times s²
    e    error of the weights, normal with variance 1/n, as at the start
    eta  step size: for plain descent the largest stable one is 2/λmax; for a step along signs, the largest that lowers
         the loss
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS
from lib.data import digits
from lib.gaussian import moments
from lib.numerics import draws
from lib.plots import FIRST, INK, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import hessian

SEED = 0
WIDTHS = (16, 64, 256, 1024)
KEYS = ("sigmoid", "relu", "tanh")
MEAN, ERRORS = 2.4, 1000  # mean of off-center inputs in standard deviations; random errors
RATIOS = np.linspace(0, 2.4, 25)
INPUTS, RATIO = 100, 0.1  # of the exercise


@dataclass(frozen=True)
class Result:
    widths: tuple[int, ...]
    "Inputs of the neuron, or units of a layer."
    stable: dict[str, tuple[float, ...]]
    "Largest stable step of plain descent on independent units fed with N(0, 1), by activation function."
    mean: float
    "Mean of the off-center inputs, in standard deviations."
    signs: dict[str, tuple[float, ...]]
    "Median largest step along signs that lowers the loss, for inputs of variance 1, with the mean and without."
    images: int
    "Images of digits, pixels centered."
    constant: float
    "The step behind centered sigmoids over that behind sigmoids, at the third of these widths."
    exercise: dict[str, float]
    "Inputs, mean over standard deviation of each, and by what centering multiplies the largest stable step."
    on_digits: dict[str, tuple[float, ...]]
    "Largest stable step of the output layer, softmax with cross-entropy at zero scores, behind random hidden units."


def largest_step(mean: float, variance: float, n: int) -> float:
    """2/λmax for n inputs alike and uncorrelated."""
    return 2 / (variance + n * mean**2)


def largest_sign_step(errors: np.ndarray, mean: float) -> np.ndarray:
    """Step sizes up to which e − η sign(He) has no larger loss than e, for inputs of variance 1; shape (errors,)."""
    gradients = errors + mean**2 * errors.sum(axis=1, keepdims=True)
    signs = np.sign(gradients)
    return 2 * np.abs(gradients).sum(axis=1) / (errors.shape[1] + mean**2 * signs.sum(axis=1) ** 2)


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    x = digits()[0][::3]
    x = x - x.mean(axis=0)
    features = {**{key: FUNCTIONS[key] for key in KEYS}, "centered": lambda z: FUNCTIONS["sigmoid"](z) - 0.5}
    on_digits = {}
    for key, function in features.items():
        hidden = [function(x @ rng.normal(size=(64, n)) / 8) for n in WIDTHS]  # variance one over 64 inputs
        on_digits[key] = tuple(2 * 10 * len(x) / np.linalg.norm(a, 2) ** 2 for a in hidden)
    errors = [rng.normal(size=(ERRORS, n)) / np.sqrt(n) for n in WIDTHS]
    return Result(
        widths=WIDTHS,
        stable={key: tuple(largest_step(*moments(FUNCTIONS[key]), n) for n in WIDTHS) for key in KEYS},
        mean=MEAN,
        signs={
            name: tuple(float(np.median(largest_sign_step(e, mean))) for e in errors)
            for name, mean in (("centered", 0.0), ("raw", MEAN))
        },
        images=len(x),
        constant=on_digits["centered"][2] / on_digits["sigmoid"][2],
        exercise={"inputs": INPUTS, "ratio": RATIO, "factor": largest_step(0, 1, 1) / largest_step(RATIO, 1, INPUTS)},
        on_digits=on_digits,
    )


def claim_plain_descent(result: Result) -> None:
    """Largest stable step at {{ widths | integer | list }} inputs: {{ stable.sigmoid | digits(2) | list }} for
    sigmoids, {{ stable.relu | digits(2) | list }} for ReLUs, {{ stable.tanh[0] | digits(2) }} for tanh at any width."""
    for key in KEYS:
        z = np.random.default_rng(SEED).normal(size=(20_000, 16))
        a = FUNCTIONS[key](z)
        sampled = 2 / np.linalg.eigvalsh(a.T @ a / len(a))[-1]
        assert abs(sampled / result.stable[key][0] - 1) < 0.1, key
        mean, variance = moments(FUNCTIONS[key])
        H = hessian(np.full(64, mean), variance)
        for factor, grows in ((0.99, False), (1.01, True)):
            e = np.ones(64)
            for _ in range(500):
                e = e - factor * result.stable[key][1] * H @ e
            assert (np.linalg.norm(e) > 8) == grows
    sigmoid, tanh = result.stable["sigmoid"], result.stable["tanh"]
    assert abs(sigmoid[0] / sigmoid[3] / 64 - 1) < 0.02 and abs(tanh[0] / tanh[3] - 1) < 1e-6
    for key in KEYS:
        mean, variance = moments(FUNCTIONS[key])
        exact = [2 / (variance + n * mean**2) for n in WIDTHS]  # two over the largest eigenvalue
        np.testing.assert_allclose(result.stable[key], exact, rtol=1e-6)


def claim_steps_along_signs(result: Result) -> None:
    """Steps along the signs of the gradient, errors of variance one over the width: with centered inputs the
    largest step that lowers the loss is {{ signs.centered | digits(2) | list }}, and falls like one over the root
    of the width. With inputs of mean {{ mean | digits(2) }} it is {{ signs.raw | digits(1) | list }}, and falls
    like one over the width (medians)."""
    n = np.array(WIDTHS)
    np.testing.assert_allclose(result.signs["centered"], np.sqrt(8 / np.pi / n), rtol=0.05)
    median = 0.6745  # of |z|, z standard normal; the mean part of the gradient decides
    np.testing.assert_allclose(result.signs["raw"], 2 * median / n, rtol=0.2)
    rng = np.random.default_rng(SEED)
    for mean in (0.0, MEAN):
        H, e = hessian(np.full(64, mean)), rng.normal(size=64)
        limit = largest_sign_step(e[None], mean)[0]
        for factor in (0.9, 1.1):
            after = e - factor * limit * np.sign(H @ e)
            assert (after @ H @ after > e @ H @ e) == (factor > 1)
    assert 0.062 < result.signs["raw"][0] < 0.11 and 0.0045 < result.signs["raw"][2] < 0.0063


def claim_on_digits_both_fall(result: Result) -> None:
    """Behind random hidden layers on digits the units are correlated, and all steps fall with the width: sigmoids from
    {{ on_digits.sigmoid[0] | digits(2) }} to {{ on_digits.sigmoid[3] | digits(2) }}, the same minus one half from
    {{ on_digits.centered[0] | digits(1) }} to {{ on_digits.centered[3] | integer }}, tanh from
    {{ on_digits.tanh[0] | digits(1) }} to {{ on_digits.tanh[3] | digits(2) }}."""
    for key, steps in result.on_digits.items():
        assert 15 < steps[0] / steps[3] < 90, key
    assert abs(result.on_digits["sigmoid"][3] / (2 * 10 / (1024 / 4)) - 1) < 0.02  # the mean, one half each
    ratio = np.array(result.on_digits["centered"]) / result.on_digits["sigmoid"]
    assert np.all(ratio > 100)
    assert 4.9 < result.on_digits["sigmoid"][0] < 5.1 and 220 < result.on_digits["centered"][0] < 4800
    assert 23 < result.on_digits["centered"][3] < 33 and 13 < result.on_digits["tanh"][0] < 170
    assert 1.6 < result.on_digits["tanh"][3] < 2.2


def equation_stable() -> Iterator[dict]:
    r"""\eta < \frac{2}{\lambda_{\max}} = \frac{2}{s^2\,(1 + n\,r^2)}"""
    for rng in draws(6):
        n, s, r = int(rng.integers(2, 9)), rng.uniform(0.5, 2), rng.uniform(0, 3)
        high = np.linalg.eigvalsh(hessian(np.full(n, s * r), s**2))[-1]
        yield {r"\eta": 1.999 / high, r"\lambda_{\max}": high, "s": s, "n": n, "r": r}


def equation_sign_step() -> Iterator[dict]:
    r"""\eta_{\max} = \frac{2\,\sum_{j=1}^{n} |g_j|}{d^\top H\,d}"""
    for rng in draws(6):
        n = int(rng.integers(2, 7))
        H, e = hessian(rng.normal(size=n), rng.uniform(0.5, 2, size=n)), rng.normal(size=n)
        d = np.sign(H @ e)
        low, high = 0.0, 1e3  # where the loss is back at what it was
        for _ in range(200):
            middle = (low + high) / 2
            after = e - middle * d
            low, high = (middle, high) if after @ H @ after < e @ H @ e else (low, middle)
        yield {r"\eta_{\max}": low, "|g_j|": lambda j, g=H @ e: abs(g[int(j) - 1]), "n": n, "d": d, "H": H}


def new_axes(result: Result) -> Figure:
    """Figure with axes for step sizes over widths, both logarithmic."""
    figure = new_figure(360, 0.85)
    (axes,) = figure.axes
    axes.set(xscale="log", yscale="log", xlim=(12, 1400), ylim=(0.003, 12))
    ticks = {0.01: "0.01", 0.1: "0.1", 1: "1", 10: "10"}
    frame_axes(axes, {n: f"{n:,}" for n in WIDTHS}, ticks, "width", "largest step")
    return figure


def figure_steps(result: Result) -> Figure:
    """Largest stable step against the number of inputs, both logarithmic. tanh is a level line at
    {{ stable.tanh[0] | digits(2) }}; ReLU and the sigmoid fall in proportion to the width, the sigmoid from
    {{ stable.sigmoid[0] | digits(2) }} to {{ stable.sigmoid[3] | digits(2) }}."""
    figure = new_axes(result)
    (axes,) = figure.axes
    lines = (("tanh", "tanh", FIRST, 2, 12), ("relu", "ReLU", INK, 4, 10), ("sigmoid", "sigmoid", SECOND, -4, -10))
    for key, name, role, dx, dy in lines:
        axes.plot(WIDTHS, result.stable[key], "o-", color=role, label=name)
        label_point(axes, name, (WIDTHS[2], result.stable[key][2]), role, dx=dx, dy=dy)
    return figure


def explore_mean(result: Result, start: int = 4) -> Iterator[tuple]:
    """Largest stable step against the number of inputs of variance 1, both logarithmic, for one mean of the inputs:
    level without a mean, bending down to a slope of one over the width with it."""
    figure = new_axes(result)
    (axes,) = figure.axes
    n = np.geomspace(16, 1024, 40)
    (line,) = axes.plot(n, 2 + 0 * n, color=SECOND, label="with this mean")
    line.set_gid("line")
    for r in RATIOS:
        steps = 2 / (1 + n * r**2)
        line.set_ydata(np.maximum(steps, 0.0031))
        readouts = {
            "mean of each input": f"{r:.1f}",
            f"step at {WIDTHS[0]} inputs": f"{steps[0]:.3g}",
            f"step at {WIDTHS[-1]:,} inputs": f"{steps[-1]:.3g}",
        }
        lost = steps[0] / steps[-1]
        wider = f"{WIDTHS[-1] // WIDTHS[0]} times the width costs a factor of {lost:.0f}."
        sentence = "Centered: the width does not matter." if r == 0 else wider
        yield figure, readouts, sentence


if __name__ == "__main__":
    show_figures(figure_steps, of=compute())
