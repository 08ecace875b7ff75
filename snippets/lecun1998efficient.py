"""What do the sigmoid and the two classes of Efficient BackProp (LeCun et al., 1998) show when they are computed again?

LeCun's tanh bends most at {{ bend | digits(3) }}, almost at its targets. On two classes on both sides of the origin the
paper's step of {{ steps[0] | digits(2) }} converges; add the mean of a class to all inputs, and it diverges.

    classes  two normal classes of inputs; one has the mean CLASS, the other its negative
    H        second moment E[xxᵀ] of the inputs, no bias
    shifted  with the mean of a class added to all inputs
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import lecun_tanh
from lib.gaussian import moments
from lib.numerics import Draws, complex_step, find_minimum
from lib.optimizers import momentum, take_steps
from lib.plots import (
    FIRST,
    GRID,
    SECOND,
    frame_axes,
    label_panel,
    label_point,
    mark_optimum,
    mark_start,
    new_figure,
    show_figures,
)
from lib.quadratics import best_step, descend

CLASS = np.array([0.4, 0.8])
ACROSS = np.array([CLASS[1], -CLASS[0]])
SPREAD = 0.036  # variance within a class, so that the eigenvalues are the reported 0.84 and 0.036
STEPS = (1.5, 2.5)
START = np.array([-0.5, 1.1])  # an error, partly along the classes and partly across
RUN = 40


@dataclass(frozen=True)
class Result:
    class_mean: tuple[float, float]
    "Mean of one of two classes, section 5.2; that of the other is its negative."
    sigmoid_at_one: float
    "LeCun's tanh at 1."
    bend: float
    "Where its second derivative is largest in size."
    variance: float
    "Variance of its outputs for z ~ N(0, 1)."
    steps: tuple[float, float]
    "The two step sizes tried on the two classes."
    curvatures: tuple[float, float]
    "Eigenvalues for the two classes, largest first."
    bound: float
    "Step size at which descent on the two classes begins to diverge."
    slowest: tuple[int, int]
    "Steps to a millionth of the error, from the worst start, at 1/λmax and at 2/(λmax + λmin)."
    shifted: float
    "Step size at which descent diverges with the mean of a class added to all inputs."
    kappa: tuple[float, float, float]
    "Condition number for the two classes: as they are, shifted along the classes, shifted as far across."
    curve: np.ndarray
    "LeCun's tanh and its second derivative: columns z, f, f″."
    paths: tuple[np.ndarray, ...]
    "Errors of the weights: the two step sizes, and the first one with the shift."


def second_derivative(z: float, h: float = 1e-4) -> float:
    """Second derivative of LeCun's tanh, by differences of its derivative, itself by a complex step."""
    return (complex_step(lecun_tanh, z + h) - complex_step(lecun_tanh, z - h)) / (2 * h)


def second_moment(shift: np.ndarray | tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """Second moment of the inputs: two classes of the same size and variance, all shifted."""
    return np.outer(CLASS, CLASS) + SPREAD * np.eye(2) + np.outer(shift, shift)


def run_descent(H: np.ndarray, step: float) -> np.ndarray:
    """Errors of gradient descent, shape (RUN + 1, 2)."""
    return take_steps(momentum(lambda error: H @ error, START, step, 0.0), RUN)


def compute() -> Result:
    H, flattest = second_moment(), np.linalg.eigh(second_moment())[1][:, 0]
    matrices = (H, second_moment(CLASS), second_moment(ACROSS))
    return Result(
        class_mean=tuple(CLASS),
        sigmoid_at_one=float(lecun_tanh(1.0)),
        bend=find_minimum(lambda z: -abs(second_derivative(z)), 0.3, 2),
        variance=moments(lecun_tanh)[1],
        steps=STEPS,
        curvatures=tuple(np.linalg.eigvalsh(H)[::-1]),
        bound=2 / np.linalg.norm(H, 2),
        slowest=tuple(len(descend(H, step, flattest)) - 1 for step in (1 / np.linalg.norm(H, 2), best_step(H))),
        shifted=2 / np.linalg.norm(matrices[1], 2),
        kappa=tuple(float(np.linalg.cond(matrix)) for matrix in matrices),
        curve=np.array([(z, lecun_tanh(z), second_derivative(z)) for z in np.linspace(-3, 3, 121)]),
        paths=(run_descent(H, STEPS[0]), run_descent(H, STEPS[1]), run_descent(matrices[1], STEPS[0])),
    )


def claim_recommended_sigmoid(result: Result) -> None:
    """LeCun's tanh is {{ sigmoid_at_one | digits(6) }} at 1, its second derivative is largest in size at
    {{ bend | digits(3) }}, and for $z$ from N(0, 1) its outputs have the variance {{ variance | digits(2) }}."""
    z, weight = np.polynomial.hermite_e.hermegauss(80)
    f = 1.7159 * (1 - 2 / (np.exp(4 * z / 3) + 1))
    assert abs(result.variance - weight @ f**2 / weight.sum()) < 1e-8
    assert abs(result.sigmoid_at_one - 1) < 3e-6 and 0.98 < result.bend < 0.99
    z, f, second = result.curve.T
    assert np.allclose(second, -8 / 9 * f * (1 - (f / 1.7159) ** 2), atol=1e-6)  # f″ = −2(2/3)² f (1 − tanh²)
    roots = np.roots([3, 0, -1])  # f‴ = 0 where 3 tanh² = 1
    assert abs(np.tanh(2 * result.bend / 3) - roots.max()) < 1e-5


def claim_two_classes(result: Result) -> None:
    """Eigenvalues {{ curvatures[0] | digits(3) }} and {{ curvatures[1] | digits(2) }} put the bound at
    {{ bound | digits(3) }}: a step of {{ steps[0] | digits(2) }} converges, and a step of {{ steps[1] | digits(2) }}
    leaps farther each time."""
    calm, wild = (path @ CLASS for path in result.paths[:2])
    assert np.allclose(result.curvatures, (CLASS @ CLASS + SPREAD, SPREAD))
    assert STEPS[0] < result.bound < STEPS[1]
    assert abs(calm[-1]) < 1e-12 and np.all(calm[1:10] * calm[:9] < 0)
    assert np.all(abs(wild[1:]) > abs(wild[:-1])) and np.all(wild[1:] * wild[:-1] < 0)


def claim_a_better_step(result: Result) -> None:
    r"""For these classes and the worst start, $\eta = 1/\lambda_{\max}$ needs {{ slowest[0] | integer }} steps to a
    millionth of the error, and $2/(\lambda_{\max} + \lambda_{\min})$ needs {{ slowest[1] | integer }}."""
    kappa = result.kappa[0]
    for count, rate in zip(result.slowest, (1 - 1 / kappa, (kappa - 1) / (kappa + 1))):
        assert count == int(np.ceil(np.log(1e-6) / np.log(rate)))


def claim_a_mean_may_help(result: Result) -> None:
    """Add the mean of a class to all inputs, and the bound falls to {{ shifted | digits(3) }}: the step of
    {{ steps[0] | digits(2) }} diverges, and the condition number rises from {{ kappa[0] | digits(3) }} to
    {{ kappa[1] | digits(3) }}. Add a mean as long at a right angle to it, and the bowl is round:
    {{ kappa[2] | integer }}."""
    length = CLASS @ CLASS
    assert np.isclose(result.kappa[1], (2 * length + SPREAD) / SPREAD)
    assert np.isclose(result.kappa[0], (length + SPREAD) / SPREAD) and np.isclose(result.kappa[2], 1)
    assert np.allclose(second_moment(-ACROSS), (length + SPREAD) * np.eye(2))
    assert np.isclose(result.shifted, 2 / (2 * length + SPREAD))
    assert result.shifted < STEPS[0] and np.linalg.norm(result.paths[2][-1]) > 100 * np.linalg.norm(START)


def equation_bend() -> Draws:
    r"""z_\star = \tfrac{3}{4}\ln(2 + \sqrt{3})"""
    yield {r"z_\star": 1.5 * np.arctanh(np.roots([3, 0, -1]).max())}  # 1.7159 tanh(2z/3) bends most where 3 tanh² = 1


def figure_sigmoid(result: Result) -> Figure:
    """An S through the origin that meets the diagonal at −1 and 1; below it the size of its second derivative, with
    peaks at almost the same places."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    z, f, second = result.curve.T
    peaks = np.array([-result.bend, result.bend])
    axes.plot([-1.8, 1.8], [-1.8, 1.8], color=GRID, label="identity")
    axes.plot(z, f, color=FIRST, label="1.7159 tanh(2z/3)")
    axes.plot(z, abs(second), color=SECOND, label="size of second derivative")
    axes.plot([-1, 1], [-1, 1], "o", color=FIRST, label="targets")
    axes.plot(peaks, np.interp(peaks, z, abs(second)), "o", color=SECOND, label="largest bend")
    label_point(axes, "1.7159 tanh(2z/3)", (1.5, 1.1), FIRST, dx=0)
    label_point(axes, "how much it bends", (1.5, 0.7), SECOND, dx=0)
    axes.set(xlim=(-3, 3.1), ylim=(-1.85, 2.1))
    frame_axes(axes, [-3, -1, 0, 1, 3], [-1, 0, 1], "pre-activation", "output")
    return figure


def figure_classes(result: Result) -> Figure:
    """Two maps of the loss, with the same start and the same step of {{ steps[0] | digits(2) }}. Left, classes on both
    sides of the origin: the path leaps across once or twice and then creeps along the valley to the optimum. Right,
    all inputs shifted by the mean of a class: the valley is narrower, and every leap is longer than the last."""
    figure = new_figure(320, 1, panels=2)
    centered = (result.paths[0], second_moment(), FIRST, "centered\nconverges")
    shifted = (result.paths[2][:4], second_moment(CLASS), SECOND, "shifted\ndiverges")
    angle = np.linspace(0, 2 * np.pi, 120)
    for axes, (path, H, role, words) in zip(figure.axes, (centered, shifted)):
        values, vectors = np.linalg.eigh(H)
        for size in (0.3, 0.6, 1.0):
            half = size * np.sqrt(START @ H @ START / values)
            ellipse = vectors @ (half[:, None] * [np.cos(angle), np.sin(angle)])
            axes.plot(*ellipse, color=GRID, linewidth=1, label="same loss")
        axes.plot(*path.T, color=role, linewidth=1.5, label=words.replace("\n", ", "))
        mark_start(axes, START, role)
        mark_optimum(axes)
        label_panel(axes, words, role, 0.98, 0.98)
        axes.set(xlim=(-2.1, 1.5), ylim=(-1.9, 2.0), aspect="equal")
        frame_axes(axes, [-1, 0, 1], [-1, 0, 1], "error in weight 1", "error in weight 2")
    return figure


if __name__ == "__main__":
    show_figures(figure_sigmoid, figure_classes, of=compute())
