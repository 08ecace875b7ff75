"""Hessian, Gauss–Newton, Fisher, empirical Fisher, K-FAC: which are the same, for which model and loss?

For a linear model with squared error or cross-entropy the first three are one matrix. With a hidden layer the Hessian
parts from the other two by {{ apart.net_squared.hessian | percent(0) }} at the start, until the errors vanish; Fisher
and Gauss–Newton stay one for both losses. The empirical Fisher is another matrix in all rows, and vanishes where the
model fits. K-FAC is exact for one linear layer with squared error. The snippet is longer than others, because it builds
all these matrices from one network.

    J    derivatives of the outputs by the parameters, one matrix for each example
    H_L  second derivative of an example's loss by its outputs: I, or diag p − ppᵀ
    G    Gauss–Newton, E[Jᵀ H_L J]
    F    Fisher, E[g gᵀ] with labels drawn by the model; the empirical one has the true labels
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import NUDGE, Draws, draws
from lib.plots import FIRST, INK, SECOND, THIRD, frame_axes, new_figure, show_figures

SEED = 0
EXAMPLES, INPUTS, HIDDEN, OUTPUTS = 60, 3, 4, 3
MODELS = {"linear_squared": (0, "squared"), "linear_entropy": (0, "entropy"),
          "net_squared": (HIDDEN, "squared"), "net_entropy": (HIDDEN, "entropy")}  # fmt: skip
MATRICES = {"hessian": "Hessian", "fisher": "Fisher", "empirical": "empirical Fisher", "layers": "one block a layer",
            "kfac": "K-FAC"}  # fmt: skip


@dataclass(frozen=True)
class Result:
    examples: int
    "Examples, with three inputs of mean one."
    hidden: int
    "tanh units of the net."
    outputs: int
    "Outputs."
    apart: dict[str, dict[str, float]]
    "Distance from Gauss–Newton over its length (Frobenius), by model and matrix, at random weights."
    fitted: dict[str, dict[str, float]]
    "The same for the net with targets that it fits: outputs, or probabilities, of its own."
    negative: int
    "Negative eigenvalues of the net's Hessian with squared error at random weights."
    parameters: int
    "Its parameters."
    least: float
    "Its most negative eigenvalue, over the largest."
    cosine: dict[str, float]
    "Cosine of a step with the Newton step on the linear model with cross-entropy: Fisher, empirical Fisher."


def split(theta: np.ndarray, hidden: int) -> list[np.ndarray]:
    """Weight matrices with the bias as the last column, from one vector of parameters."""
    shapes = [(hidden, INPUTS + 1), (OUTPUTS, hidden + 1)] if hidden else [(OUTPUTS, INPUTS + 1)]
    parts, at = [], 0
    for rows, columns in shapes:
        parts.append(theta[at : at + rows * columns].reshape(rows, columns))
        at += rows * columns
    return parts


def forward(theta: np.ndarray, x: np.ndarray, hidden: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """Outputs (B, OUTPUTS), and what enters each layer, a 1 for its bias last."""
    entering = []
    for i, W in enumerate(split(theta, hidden)):
        x = np.column_stack([np.tanh(x) if i else x, np.ones(len(x))])
        entering.append(x)
        x = x @ W.T
    return x, entering


def backward(theta: np.ndarray, entering: list, delta: np.ndarray, hidden: int) -> tuple[np.ndarray, list]:
    """Gradients of single examples (B, parameters) from ∂L/∂f (B, OUTPUTS), and ∂L/∂z of each layer."""
    layers, deltas, rows = split(theta, hidden), [delta], []
    for i in reversed(range(len(layers))):
        rows.insert(0, np.einsum("bi,bj->bij", deltas[0], entering[i]).reshape(len(delta), -1))
        if i:
            a = entering[i][:, :-1]
            deltas.insert(0, (deltas[0] @ layers[i][:, :-1]) * (1 - a**2))
    return np.concatenate(rows, axis=1), deltas


def softmax(f: np.ndarray) -> np.ndarray:
    """Rows of probabilities; f may be complex."""
    powers = np.exp(f - f.real.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def output_error(f: np.ndarray, y: np.ndarray, loss: str) -> np.ndarray:
    """∂L/∂f of each example: f − y or p − y."""
    return (f if loss == "squared" else softmax(f)) - y


def hessian(theta: np.ndarray, x: np.ndarray, y: np.ndarray, hidden: int, loss: str) -> np.ndarray:
    """Second derivatives of the mean loss, by a complex step on the gradient."""

    def gradient(at):
        f, entering = forward(at, x, hidden)
        return backward(at, entering, output_error(f, y, loss), hidden)[0].mean(axis=0)

    return np.array([gradient(theta + NUDGE * 1j * one).imag / NUDGE for one in np.eye(len(theta))])


def build_matrices(theta: np.ndarray, x: np.ndarray, y: np.ndarray, hidden: int, loss: str) -> dict[str, np.ndarray]:
    """All matrices of one model at one point, shape (parameters, parameters) each."""
    f, entering = forward(theta, x, hidden)
    p = softmax(f)
    units = np.eye(OUTPUTS)
    J = np.stack([backward(theta, entering, np.tile(unit, (len(x), 1)), hidden)[0] for unit in units], axis=1)
    curvature = np.tile(units, (len(x), 1, 1))
    if loss == "entropy":
        curvature = p[:, :, None] * units - p[:, :, None] * p[:, None, :]
    # Labels that the model draws: f ± √OUTPUTS along each output in turn has covariance I; classes have chances p.
    drawn = [(np.full(len(x), 1 / (2 * OUTPUTS)), s * np.sqrt(OUTPUTS) * np.tile(u, (len(x), 1)))
             for u in units for s in (1, -1)]  # fmt: skip
    if loss == "entropy":
        drawn = [(p[:, k], p - units[k]) for k in range(OUTPUTS)]
    fisher, factors = 0, [0] * len(entering)
    for chance, error in drawn:
        g, deltas = backward(theta, entering, error, hidden)
        fisher = fisher + (g * chance[:, None]).T @ g / len(x)
        factors = [S + (d * chance[:, None]).T @ d / len(x) for S, d in zip(factors, deltas)]
    g = backward(theta, entering, output_error(f, y, loss), hidden)[0]
    blocks, kfac, at = np.zeros_like(fisher), np.zeros_like(fisher), 0
    for S, a in zip(factors, entering):
        block = np.kron(S, a.T @ a / len(x))
        here = slice(at, at + len(block))
        blocks[here, here], kfac[here, here] = fisher[here, here], block
        at += len(block)
    gauss = np.einsum("bki,bkl,blj->ij", J, curvature, J) / len(x)
    return {"hessian": hessian(theta, x, y, hidden, loss), "fisher": fisher, "empirical": g.T @ g / len(x),
            "layers": blocks, "kfac": kfac, "gauss": gauss}  # fmt: skip


def draw_problem(rng: np.random.Generator, model: str, fitted: bool = False) -> tuple:
    """Parameters, inputs of mean one, targets, and the model's hidden units and loss."""
    hidden, loss = MODELS[model]
    x = rng.normal(size=(EXAMPLES, INPUTS)) + 1
    size = hidden * (INPUTS + 1) + OUTPUTS * ((hidden or INPUTS) + 1)
    theta = rng.normal(size=size) / 2
    f = forward(theta, x, hidden)[0]
    if fitted:
        y = f if loss == "squared" else softmax(f)
    else:
        y = (
            rng.normal(size=(EXAMPLES, OUTPUTS))
            if loss == "squared"
            else np.eye(OUTPUTS)[rng.integers(OUTPUTS, size=EXAMPLES)]
        )
    return theta, x, y, hidden, loss


def distances(matrices: dict[str, np.ndarray]) -> dict[str, float]:
    """Distance of each matrix from Gauss–Newton, over its length; 0 where it is rounding."""
    size = {name: np.linalg.norm(matrices[name] - matrices["gauss"]) / np.linalg.norm(matrices["gauss"])
            for name in MATRICES}  # fmt: skip
    return {name: float(value) if value > 1e-9 else 0.0 for name, value in size.items()}


def compute() -> Result:
    made = {model: build_matrices(*draw_problem(np.random.default_rng(SEED), model)) for model in MODELS}
    apart = {model: distances(matrices) for model, matrices in made.items()}
    values = np.linalg.eigvalsh(made["net_squared"]["hessian"])
    theta, x, y, hidden, loss = draw_problem(np.random.default_rng(SEED), "linear_entropy")
    f, entering = forward(theta, x, hidden)
    gradient = backward(theta, entering, output_error(f, y, loss), hidden)[0].mean(axis=0)
    steps = {name: np.linalg.lstsq(made["linear_entropy"][name], gradient, rcond=1e-9)[0]
             for name in ("hessian", "fisher", "empirical")}  # fmt: skip
    newton = steps["hessian"]
    return Result(
        examples=EXAMPLES,
        hidden=HIDDEN,
        outputs=OUTPUTS,
        apart=apart,
        fitted={model: distances(build_matrices(*draw_problem(np.random.default_rng(SEED), model, True)))
                for model in ("net_squared", "net_entropy")},
        negative=int(np.sum(values < -1e-9)),
        parameters=len(values),
        least=float(values[0] / values[-1]),
        cosine={name: float(step @ newton / np.linalg.norm(step) / np.linalg.norm(newton))
                for name, step in steps.items() if name != "hessian"},
    )  # fmt: skip


def claim_which_coincide(result: Result) -> None:
    """Gauss–Newton and Fisher are one matrix in all cases; the Hessian is the same for the two linear models, and
    {{ apart.net_squared.hessian | percent(0) }} and {{ apart.net_entropy.hessian | percent(0) }} away for the net."""
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


def claim_where_the_model_fits(result: Result) -> None:
    """Where the net fits its targets, the Hessian is Gauss–Newton for both losses; with squared error the empirical
    Fisher is then zero, {{ fitted.net_squared.empirical | percent(0) }} away."""
    assert result.fitted["net_squared"]["hessian"] == result.fitted["net_entropy"]["hessian"] == 0
    assert abs(result.fitted["net_squared"]["empirical"] - 1) < 1e-9


def claim_the_hessian_may_point_down(result: Result) -> None:
    """Away from a minimum {{ negative }} of {{ parameters }} eigenvalues of the net’s Hessian are negative, the least
    {{ least | digits(2) }} of the largest; Gauss–Newton and Fisher have none."""
    problem = draw_problem(np.random.default_rng(SEED), "net_squared")
    made = build_matrices(*problem)
    assert np.allclose(made["hessian"], made["hessian"].T, atol=1e-12) and result.negative > 0 > result.least
    assert min(np.linalg.eigvalsh(made[name])[0] for name in ("gauss", "fisher", "empirical")) > -1e-12


def claim_kfac_is_exact_for_one_linear_layer(result: Result) -> None:
    """K-FAC is exact for one linear layer with squared error. With cross-entropy it is
    {{ apart.linear_entropy.kfac | percent(0) }} away. For the net one block a layer is already
    {{ apart.net_squared.layers | percent(0) }} away, and K-FAC {{ apart.net_squared.kfac | percent(0) }}."""
    assert result.apart["linear_squared"]["kfac"] == 0 == result.apart["linear_entropy"]["layers"]
    assert result.apart["linear_entropy"]["kfac"] > 0.005 and result.apart["net_squared"]["layers"] > 0.05
    theta, x, *_ = draw_problem(np.random.default_rng(SEED), "linear_squared")
    A = np.column_stack([x, np.ones(EXAMPLES)])
    np.testing.assert_allclose(build_matrices(theta, x, 0 * x, 0, "squared")["gauss"], np.kron(np.eye(3), A.T @ A / 60))


def claim_the_empirical_step_turns(result: Result) -> None:
    """For the linear model with cross-entropy a natural-gradient step is Newton’s step, cosine
    {{ cosine.fisher | digits(3) }}; with the empirical Fisher the cosine is {{ cosine.empirical | digits(2) }}."""
    assert abs(result.cosine["fisher"] - 1) < 1e-9 and result.cosine["empirical"] < 0.99


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
            return np.array([
                backward(at, forward(at, row, hidden)[1], unit, hidden)[0][0].imag / NUDGE
                for at in theta + NUDGE * 1j * np.eye(len(theta))
            ])  # fmt: skip

        yield {
            "H": made["hessian"], "G": made["gauss"], "N": EXAMPLES, "q": OUTPUTS, "D_{kj}": second,
            r"\delta_{kj}": lambda k, j, d=delta: d[int(k) - 1, int(j) - 1],
        }  # fmt: skip


def equation_fisher() -> Draws:
    r"""\sum_{c=1}^{q} p_c (p - y_c)(p - y_c)^\top = \operatorname{diag} p - p p^\top"""
    for rng in draws(6):
        p = softmax(rng.normal(size=(1, OUTPUTS)))[0]
        yield {
            "p_c": lambda c, p=p: p[int(c) - 1], "y_c": lambda c: np.eye(OUTPUTS)[int(c) - 1], "p": p, "q": OUTPUTS,
            r"\operatorname{diag}": lambda v: np.diag(np.ravel(v)),
        }  # fmt: skip


def figure_apart(result: Result) -> Figure:
    """A grid: a row for each model, a column for Hessian, Fisher, empirical Fisher, one block a layer, K-FAC.
    A cross means equal to Gauss–Newton; the area of a dot is the distance. Fisher has crosses throughout, the Hessian
    for the linear models, K-FAC only for the linear model with squared error."""
    figure = new_figure(360, 0.66)
    (axes,) = figure.axes
    rows = {"linear_squared": "linear, squared", "linear_entropy": "linear, entropy", "net_squared": "net, squared",
            "net_entropy": "net, entropy"}  # fmt: skip
    for y, model in enumerate(reversed(rows)):
        for x, name in enumerate(MATRICES):
            size = result.apart[model][name]
            role = THIRD if name in ("layers", "kfac") else SECOND
            how = {"marker": "o", "color": role, "markersize": 4 + 16 * np.sqrt(size / 2)} if size else {
                "marker": "x", "color": FIRST, "markersize": 6, "markeredgewidth": 1.3}  # fmt: skip
            axes.plot(x, y, linestyle="", label=f"{model} {name}", **how)
    axes.set(xlim=(-0.5, 4.5), ylim=(-0.6, 3.6))
    names = ["Hessian", "Fisher", "empirical", "blocks", "K-FAC"]
    frame_axes(axes, dict(enumerate(names)), dict(enumerate(reversed(rows.values()))))
    axes.tick_params(length=0, labelcolor=INK)
    axes.spines[:].set_visible(False)
    return figure


if __name__ == "__main__":
    show_figures(figure_apart, of=compute())
