"""Hessian, Gauss–Newton, Fisher, empirical Fisher, K-FAC: which are the same, for which model and loss?

For a linear model with squared error or cross-entropy the first three are one matrix. With a hidden layer the Hessian
parts from the other two by {{ apart.net_squared.hessian | digits(1) }} at the start, until the errors vanish; Fisher
and Gauss–Newton stay one for both losses. The empirical Fisher is another matrix in all rows. K-FAC is exact for one
linear layer with squared error.

    J    derivatives of the outputs by the parameters, one matrix for each example
    H_L  second derivative of an example's loss by its outputs: I, or diag p − ppᵀ
    G    Gauss–Newton, E[Jᵀ H_L J]
    F    Fisher, E[g gᵀ] with labels drawn by the model; the empirical one has the labels of the data
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.curvature_matrices import (
    EXAMPLES,
    HIDDEN,
    MATRICES,
    MODELS,
    OUTPUTS,
    backward,
    build_matrices,
    distances,
    draw_matrices,
    draw_problem,
    forward,
    output_error,
)
from lib.network import softmax
from lib.numerics import Draws, complex_step, draws
from lib.plots import FIRST, INK, SECOND, THIRD, frame_axes, new_figure, show_figures

SEED, DRAWS = 0, 15


@dataclass(frozen=True)
class Result:
    examples: int
    "Examples, with three inputs of mean one."
    hidden: int
    "tanh units of the net."
    outputs: int
    "Outputs."
    nets: int
    "Random draws of data and weights."
    apart: dict[str, dict[str, float]]
    "Distance from Gauss–Newton over its length (Frobenius), by model and matrix, at random weights: medians of draws."
    extremes: dict[str, dict[str, tuple[float, float]]]
    "Least and most of these distances over the draws."
    negative: int
    "Negative eigenvalues of the first net's Hessian with squared error at random weights."
    parameters: int
    "Its parameters."
    least: float
    "Its most negative eigenvalue, over the largest."


def compute() -> Result:
    rows = {model: [distances(draw_matrices(DRAWS * SEED + i, model)) for i in range(DRAWS)] for model in MODELS}
    columns = {model: {name: [row[name] for row in rows[model]] for name in MATRICES} for model in MODELS}
    values = np.linalg.eigvalsh(draw_matrices(DRAWS * SEED, "net_squared")["hessian"])
    return Result(
        examples=EXAMPLES,
        hidden=HIDDEN,
        outputs=OUTPUTS,
        nets=DRAWS,
        apart={model: {name: float(np.median(part)) for name, part in row.items()} for model, row in columns.items()},
        extremes={
            model: {name: (min(part), max(part)) for name, part in row.items()} for model, row in columns.items()
        },
        negative=int(np.sum(values < -1e-9)),
        parameters=len(values),
        least=float(values[0] / values[-1]),
    )


def claim_which_coincide(result: Result) -> None:
    """Gauss–Newton and Fisher are one matrix in all cases; the Hessian is the same for the two linear models, and for
    the net {{ apart.net_squared.hessian | digits(1) }} and {{ apart.net_entropy.hessian | digits(1) }} of its length
    away, medians of {{ nets }} draws."""
    for model, row in result.apart.items():
        assert row["fisher"] == 0 and (row["hessian"] == 0) == model.startswith("linear") and row["empirical"] > 0.1
    theta, x, y, hidden, loss = draw_problem(np.random.default_rng(SEED), "net_squared")
    rng, total = np.random.default_rng(1), 0.0
    f, entering = forward(theta, x, hidden)
    for _ in range(3000):  # Fisher once more, by labels that are drawn
        g = backward(theta, entering, rng.normal(size=f.shape), hidden)[0]
        total = total + g.T @ g / len(x)
    gauss = build_matrices(theta, x, y, hidden, loss)["gauss"]
    assert np.linalg.norm(total / 3000 - gauss) < 0.03 * np.linalg.norm(gauss)
    for model in ("net_squared", "net_entropy"):
        made = [draw_matrices(DRAWS * SEED + i, model) for i in range(DRAWS)]
        off = [np.linalg.norm(at["hessian"] - at["gauss"]) / np.linalg.norm(at["gauss"]) for at in made]
        assert abs(np.median(off) / result.apart[model]["hessian"] - 1) < 0.01
        least, most = result.extremes[model]["hessian"]
        assert least == min(off) < max(off) == most


def claim_the_hessian_may_point_down(result: Result) -> None:
    """Away from a minimum {{ negative }} of {{ parameters }} eigenvalues of the net’s Hessian are negative, the least
    {{ least | digits(1) }} of the largest; Gauss–Newton and Fisher have none."""
    made = draw_matrices(DRAWS * SEED, "net_squared")
    assert np.allclose(made["hessian"], made["hessian"].T, atol=1e-12) and result.negative > 0 > result.least
    assert min(np.linalg.eigvalsh(made[name])[0] for name in ("gauss", "fisher", "empirical")) > -1e-12
    values = np.linalg.eigvalsh(made["hessian"])
    assert (np.sum(values < 0), len(values)) == (result.negative, result.parameters)
    assert abs(values[0] / values[-1] / result.least - 1) < 1e-6


def claim_kfac_is_exact_for_one_linear_layer(result: Result) -> None:
    """K-FAC is exact for one linear layer with squared error. With cross-entropy it is about
    {{ apart.linear_entropy.kfac | digits(1) }} away. For the net one block for each layer is already
    {{ apart.net_squared.layers | digits(1) }} away, and K-FAC {{ apart.net_squared.kfac | digits(1) }}."""
    assert result.apart["linear_squared"]["kfac"] == 0 == result.apart["linear_entropy"]["layers"]
    assert result.apart["linear_entropy"]["kfac"] > 0.005 and result.apart["net_squared"]["layers"] > 0.05
    theta, x, *_ = draw_problem(np.random.default_rng(SEED), "linear_squared")
    A = np.column_stack([x, np.ones(EXAMPLES)])
    np.testing.assert_allclose(build_matrices(theta, x, 0 * x, 0, "squared")["gauss"], np.kron(np.eye(3), A.T @ A / 60))
    assert (
        max(result.apart["linear_entropy"]["kfac"], *(result.apart["net_squared"][key] for key in ("layers", "kfac")))
        < 1
    )
    assert result.apart["net_squared"]["kfac"] > 0


def draw_nets(loss: str) -> Iterator:
    """Matrices of the net at random points, with all that a formula needs."""
    for rng in draws(4):
        yield draw_problem(rng, f"net_{loss}")


def equation_hessian() -> Draws:
    r"""H = G + \frac{1}{N} \sum_{k=1}^{N} \sum_{j=1}^{q} \delta_{kj} D_{kj}"""
    for theta, x, y, hidden, loss in draw_nets("entropy"):
        made = build_matrices(theta, x, y, hidden, loss)
        delta = output_error(forward(theta, x, hidden)[0], y, loss)

        def second(k, j, theta=theta, x=x, hidden=hidden):  # second derivatives of output j for example k
            row, unit = x[int(k) - 1 : int(k)], np.eye(OUTPUTS)[int(j) - 1 : int(j)]
            return complex_step(lambda at: backward(at, forward(at, row, hidden)[1], unit, hidden)[0][0], theta)

        yield {
            "H": made["hessian"],
            "G": made["gauss"],
            "N": EXAMPLES,
            "q": OUTPUTS,
            "D_{kj}": second,
            r"\delta_{kj}": lambda k, j, d=delta: d[int(k) - 1, int(j) - 1],
        }


def equation_fisher() -> Draws:
    r"""\sum_{c=1}^{q} p_c (p - y_c)(p - y_c)^\top = \operatorname{diag} p - p p^\top"""
    for rng in draws(6):
        p = softmax(rng.normal(size=(1, OUTPUTS)))[0]
        yield {
            "p_c": lambda c, p=p: p[int(c) - 1],
            "y_c": lambda c: np.eye(OUTPUTS)[int(c) - 1],
            "p": p,
            "q": OUTPUTS,
            r"\operatorname{diag}": lambda v: np.diag(np.ravel(v)),
        }


def figure_apart(result: Result) -> Figure:
    """A grid: a row for each model, a column for Hessian, Fisher, empirical Fisher, one block for each layer, K-FAC.
    A cross means equal to Gauss–Newton; the area of a dot is the distance. Fisher has crosses throughout, the Hessian
    for the linear models, K-FAC only for the linear model with squared error."""
    figure = new_figure(360, 0.66)
    (axes,) = figure.axes
    rows = {
        "linear_squared": "linear, squared",
        "linear_entropy": "linear, entropy",
        "net_squared": "net, squared",
        "net_entropy": "net, entropy",
    }
    for y, model in enumerate(reversed(rows)):
        for x, name in enumerate(MATRICES):
            size = result.apart[model][name]
            role = THIRD if name in ("layers", "kfac") else SECOND
            how = (
                {"marker": "o", "color": role, "markersize": 4 + 16 * np.sqrt(size / 2)}
                if size
                else {"marker": "x", "color": FIRST, "markersize": 6, "markeredgewidth": 1.3}
            )
            axes.plot(x, y, linestyle="", label=f"{model} {name}", **how)
    axes.set(xlim=(-0.5, 4.5), ylim=(-0.6, 3.6))
    names = ["Hessian", "Fisher", "empirical", "blocks", "K-FAC"]
    frame_axes(axes, dict(enumerate(names)), dict(enumerate(reversed(rows.values()))))
    axes.tick_params(length=0, labelcolor=INK)
    axes.spines[:].set_visible(False)
    return figure


if __name__ == "__main__":
    show_figures(figure_apart, of=compute())
