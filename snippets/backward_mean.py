"""Does centering the inputs center everything that a hidden layer's curvature is made of?

No. The curvature of a hidden layer is E[ggᵀ ⊗ xxᵀ], where g is what one unit of pre-activation does to the output, and
g has a mean: derivatives of activation functions are mostly positive. With {{ inputs }} inputs, centered and white,
and {{ units }} tanh units, {{ inputs }} eigenvalues stand {{ gap | digits(2) }} times above the next, and the condition
number is {{ kappa | scientific(1) }}; with the mean of g subtracted it is {{ kappa_centered | scientific(1) }}.

    x      inputs, standard normal, then centered and whitened
    W, v   weights into the hidden units and out of them; rows of W have length 1, v has variance 1/units
    g      φ'(Wx) ⊙ v, derivatives of the output by the pre-activations
    H      E[ggᵀ ⊗ xxᵀ], the curvature of squared error by W (without the term with the errors)
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, FUNCTIONS
from lib.gaussian import moments
from lib.numerics import Draws
from lib.plots import FIRST, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
INPUTS, UNITS, EXAMPLES, NETS = 10, 16, 5000, 9
KEYS = ("sigmoid", "tanh", "relu", "gelu")


@dataclass(frozen=True)
class Result:
    inputs: int
    "Inputs, centered and white."
    units: int
    "tanh units in the hidden layer; one linear output."
    nets: int
    "How many networks; numbers are medians over them."
    spectrum: tuple[float, ...]
    "Eigenvalues of the curvature of the first network, largest first."
    spectrum_centered: tuple[float, ...]
    "The same with the mean of the backward factor subtracted."
    gap: float
    "The eigenvalue numbered like the inputs over the next."
    share: float
    "Share of the steepest direction that lies along the mean of the backward factor."
    kappa: float
    "Condition number of the curvature."
    kappa_centered: float
    "The same with the mean of the backward factor subtracted."
    backward: dict[str, float]
    "Squared mean over variance of the derivative at standard normal pre-activations, by activation function."
    forward: dict[str, float]
    "Squared mean over variance of the activation itself there."


def draw_factors(rng: np.random.Generator, key: str = "tanh") -> tuple[np.ndarray, np.ndarray]:
    """Inputs x (examples, inputs) with mean zero and covariance I, and backward factors g (examples, units)."""
    x = rng.normal(size=(EXAMPLES, INPUTS))
    x -= x.mean(axis=0)
    x = x @ np.linalg.inv(np.linalg.cholesky(x.T @ x / EXAMPLES)).T
    W = rng.normal(size=(INPUTS, UNITS))
    W /= np.linalg.norm(W, axis=0)
    v = rng.normal(size=UNITS) / np.sqrt(UNITS)
    return x, DERIVATIVES[key](x @ W) * v


def curvature(x: np.ndarray, g: np.ndarray) -> np.ndarray:
    """E[ggᵀ ⊗ xxᵀ], shape (units · inputs, units · inputs)."""
    J = (g[:, :, None] * x[:, None, :]).reshape(len(x), -1)
    return J.T @ J / len(x)


def compute() -> Result:
    found = []
    for i in range(NETS):
        x, g = draw_factors(np.random.default_rng(NETS * SEED + i))
        values, vectors = np.linalg.eigh(curvature(x, g))
        mean = g.mean(axis=0)
        centered = np.linalg.eigvalsh(curvature(x, g - mean))
        along = mean / np.linalg.norm(mean) @ vectors[:, -1].reshape(UNITS, INPUTS)
        found.append((values[::-1], centered[::-1], along @ along))
    values, centered = (np.array([net[k] for net in found]) for k in (0, 1))
    return Result(
        inputs=INPUTS,
        units=UNITS,
        nets=NETS,
        spectrum=tuple(values[0]),
        spectrum_centered=tuple(centered[0]),
        gap=np.median(values[:, INPUTS - 1] / values[:, INPUTS]),
        share=np.median([net[2] for net in found]),
        kappa=np.median(values[:, 0] / values[:, -1]),
        kappa_centered=np.median(centered[:, 0] / centered[:, -1]),
        backward={key: mean**2 / variance for key in KEYS for mean, variance in [moments(DERIVATIVES[key])]},
        forward={
            key: mean**2 / variance if key != "tanh" else 0.0
            for key in KEYS
            for mean, variance in [moments(FUNCTIONS[key])]
        },
    )


def claim_centered_inputs_leave_it(result: Result) -> None:
    """{{ nets }} networks with {{ inputs }} white inputs, {{ units }} tanh units and one linear output:
    {{ inputs }} eigenvalues stand {{ gap | digits(1) }} times above the next, and {{ share | percent(1) }} of the
    steepest direction lies along the mean of the backward factor. The condition number is
    {{ kappa | scientific(1) }}, and {{ kappa_centered | scientific(1) }} with that mean subtracted."""
    assert 5 < result.gap < 14 and 0.98 < result.share < 1
    rng = np.random.default_rng(SEED)
    ratios = []
    for _ in range(3):
        x, g = draw_factors(rng)
        mean = g.mean(axis=0)
        J = np.einsum("ni,nj->nij", g, x).reshape(EXAMPLES, -1)
        along = np.einsum("i,jk->jik", mean / np.linalg.norm(mean), np.eye(INPUTS)).reshape(INPUTS, -1)
        steep = np.mean((J @ along.T) ** 2, axis=0)  # curvature along (mean of g) ⊗ (each input)
        assert abs(np.log(np.mean(steep) / (mean @ mean))) < 0.15
        ratios.append(
            np.linalg.cond(J) ** 2 / np.linalg.cond(J - np.einsum("i,nj->nij", mean, x).reshape(J.shape)) ** 2
        )
    assert np.median(ratios) > 2 and 2 < result.kappa / result.kappa_centered < 40
    assert 3.2 < result.gap < 16 and 0.99 < result.share < 1.00


def claim_derivatives_are_off_center(result: Result) -> None:
    """Squared mean over variance, for standard normal pre-activations: the derivative of tanh has
    {{ backward.tanh | digits(3) }}, of the sigmoid {{ backward.sigmoid | digits(3) }}, of ReLU
    {{ backward.relu | digits(2) }}, of GELU {{ backward.gelu | digits(2) }}; the values themselves have
    {{ forward.tanh | integer }}, {{ forward.sigmoid | digits(2) }}, {{ forward.relu | digits(2) }} and
    {{ forward.gelu | digits(2) }}."""
    z = np.random.default_rng(SEED).normal(size=400_000)
    for key in KEYS:
        for f, found in ((DERIVATIVES[key], result.backward), (FUNCTIONS[key], result.forward)):
            values = f(z)
            sampled = values.mean() ** 2 / values.var()
            assert abs(sampled - found[key]) < 0.02 * found[key] + 1e-4, key
    assert abs(result.backward["relu"] - 1) < 1e-6  # on or off, half of the time each


def equation_curvature() -> Draws:
    r"""H = \mathbb{E}[g g^\top \otimes x x^\top]"""
    for rng in map(np.random.default_rng, range(5)):
        x, W, v = rng.normal(size=(7, 2)), rng.normal(size=(3, 2)), rng.normal(size=3)
        nudges = 1e-20j * np.eye(6).reshape(6, 3, 2)
        J = np.array([(np.tanh(x @ (W + nudge).T) @ v).imag / 1e-20 for nudge in nudges]).T  # one output, by W
        g = v * (1 - np.tanh(x @ W.T) ** 2)
        whole = np.mean([np.kron(np.outer(a, a), np.outer(b, b)) for a, b in zip(g, x)], axis=0)
        yield {"H": J.T @ J / 7, r"\mathbb{E}[g g^\top \otimes x x^\top]": whole}


def equation_independent() -> Draws:
    r"""\frac{\lambda_{\max}}{\lambda_{\min}} = 1 + q\,\rho_g"""
    for rng in map(np.random.default_rng, range(5)):
        q, m, s = int(rng.integers(2, 5)), rng.uniform(0.3, 2), rng.uniform(0.3, 2)
        g = m + s * np.array(np.meshgrid(*[(-1, 1)] * q)).reshape(q, -1).T  # alike, uncorrelated
        x = np.array([(1, 0), (-1, 0), (0, 1), (0, -1)]) * np.sqrt(2)  # white, independent of g
        H = np.mean([np.kron(np.outer(a, a), np.outer(b, b)) for a in g for b in x], axis=0)
        values = np.linalg.eigvalsh(H)
        yield {r"\lambda_{\max}": values[-1], r"\lambda_{\min}": values[0], "q": q, r"\rho_g": m**2 / s**2}


def figure_spectrum(result: Result) -> Figure:
    """Eigenvalues of a hidden layer's curvature, largest first, on a logarithmic axis. With the mean of the backward
    factor {{ inputs }} of them form a step near {{ spectrum[4] | digits(2) }}, and the next is
    {{ spectrum[10] | digits(2) }}; without it the curve begins at {{ spectrum_centered[0] | digits(2) }} and has no
    step."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    lines = (
        (result.spectrum, SECOND, "as it is", 9, 8, 4),
        (result.spectrum_centered, FIRST, "mean of g subtracted", 45, 0, 16),
    )
    for values, role, text, at, dx, dy in lines:
        axes.plot(np.arange(1, len(values) + 1), values, ".", color=role, markersize=4, label=text)
        label_point(axes, text, (at, values[at]), role, dx=dx, dy=dy, ha="left")
    axes.set(yscale="log", xlim=(-2, 162), ylim=(3e-5, 1.2))
    ticks = {1e-4: "$10^{-4}$", 0.01: "0.01", 1: "1"}
    frame_axes(axes, (1, INPUTS, 80, 160), ticks, "number of the eigenvalue", "eigenvalue")
    return figure


if __name__ == "__main__":
    show_figures(figure_spectrum, of=compute())
