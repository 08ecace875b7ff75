"""Does K-FAC really take the same path with tanh and with sigmoid units?

Yes, to rounding: its step is solved in each layer for the second moments of what goes in and of the gradients that
come back, and both turn with the coordinates. Damping ends that; momentum does not.

    abar   what enters a layer, and a 1 for the bias
    Q      E[abar abarᵀ], over the examples
    S      E[δδᵀ], δ the gradient by the layer's pre-activations, labels drawn by the net itself
    G      gradient of the loss by the layer's weights, the bias its last column
    V      the step: S V Q = G
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS, sigmoid
from lib.kfac import Layers, append_ones, backpropagate, sigmoid_twin
from lib.numerics import Draws, draws
from lib.plots import FIRST, INK, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
EXAMPLES, INPUTS, HIDDEN, OUTPUTS = 100, 3, 3, 4
STEPS, RATE, DAMPING, MOMENTUM = 30, 0.1, 0.01, 0.5


@dataclass(frozen=True)
class Result:
    examples: int
    "Examples, all of them in every step."
    sizes: tuple[int, int, int]
    "Inputs, hidden units, outputs."
    steps: int
    "Steps of each run."
    rate: float
    "Step size of each run."
    damping: float
    "What damped K-FAC adds to the diagonals of Q and S."
    curves: dict[str, np.ndarray]
    "Loss after each step, for each method and net: kfac_tanh, kfac_sigmoid, plain_tanh, plain_sigmoid."
    start: float
    "Loss of all of them before the first step."
    end: dict[str, float]
    "Loss after the last."
    gap: dict[str, float]
    "Largest difference of loss between the tanh net and its sigmoid twin: kfac, plain, momentum, damped."
    affine: dict[str, float]
    "The same between the tanh net and one whose inputs are mixed and shifted, first weights to match: kfac, plain."


def draw_start(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, Layers]:
    """Inputs of mean 1, examples a column, labels 0 or 1 of a random teacher that errs, and a tanh net for them."""
    x = 1 + rng.normal(size=(INPUTS, EXAMPLES))
    score = rng.normal(size=(OUTPUTS, INPUTS)) @ (x - 1)
    y = (rng.random((OUTPUTS, EXAMPLES)) < sigmoid(score)).astype(float)
    return x, y, [rng.normal(size=(h, n + 1)) / np.sqrt(n + 1) for h, n in ((HIDDEN, INPUTS), (OUTPUTS, HIDDEN))]


def map_inputs(x: np.ndarray, layers: Layers, rng: np.random.Generator) -> tuple[np.ndarray, Layers]:
    """Inputs mixed and shifted by an affine map, and the net with first weights that undo it."""
    turn = np.linalg.qr(rng.normal(size=(INPUTS, INPUTS)))[0] * [0.5, 1, 2]
    shift = rng.normal(2, 1, size=(INPUTS, 1))
    first = layers[0][:, :-1] @ np.linalg.inv(turn)
    return turn @ x + shift, [np.hstack([first, layers[0][:, -1:] - first @ shift]), layers[1]]


def kronecker_step(gradient: list, moments: list, damping: float = 0.0) -> Layers:
    """V of S V Q = G, layer by layer, with `damping` on both diagonals."""
    steps = []
    for G, (Q, S) in zip(gradient, moments):
        Q, S = (m + damping * np.eye(len(m)) for m in (Q, S))
        steps.append(np.linalg.solve(S, np.linalg.solve(Q, G.T).T))
    return steps


def descend(
    layers: Layers, x: np.ndarray, y: np.ndarray, name: str, factored: bool = True, beta: float = 0, damping: float = 0
) -> tuple[np.ndarray, Layers]:
    """Losses of STEPS steps of K-FAC or of plain descent, with momentum `beta`, and the layers where they end."""
    losses, speed = [], [0.0, 0.0]
    for _ in range(STEPS):
        loss, gradient, moments = backpropagate(layers, x, y, name)
        step = kronecker_step(gradient, moments, damping) if factored else gradient
        speed = [beta * v - RATE * s for v, s in zip(speed, step)]
        layers = [w + v for w, v in zip(layers, speed)]
        losses.append(loss)
    return np.array([*losses, backpropagate(layers, x, y, name)[0]]), layers


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    x, y, net = draw_start(rng)
    mapped, same = map_inputs(x, net, rng)
    curves, gap, affine = {}, {}, {}
    for method in ("kfac", "plain"):
        tanh, twin, other = (
            descend(*start, y, name, method == "kfac")[0]
            for start, name in (((net, x), "tanh"), ((sigmoid_twin(net), x), "sigmoid"), ((same, mapped), "tanh"))
        )
        curves |= {f"{method}_tanh": tanh, f"{method}_sigmoid": twin}
        gap[method], affine[method] = float(abs(tanh - twin).max()), float(abs(tanh - other).max())
    for method, how in (("momentum", {"beta": MOMENTUM}), ("damped", {"damping": DAMPING})):
        tanh, twin = descend(net, x, y, "tanh", **how)[0], descend(sigmoid_twin(net), x, y, "sigmoid", **how)[0]
        gap[method] = float(abs(tanh - twin).max())
    return Result(
        examples=EXAMPLES,
        sizes=(INPUTS, HIDDEN, OUTPUTS),
        steps=STEPS,
        rate=RATE,
        damping=DAMPING,
        curves=curves,
        start=float(curves["kfac_tanh"][0]),
        end={name: float(curve[-1]) for name, curve in curves.items()},
        gap=gap,
        affine=affine,
    )


def claim_same_path(result: Result) -> None:
    """Undamped, K-FAC’s losses for tanh and for sigmoid units agree to {{ gap.kfac | scientific(1) }} over all
    {{ steps }} steps, from {{ start | digits(3) }} to {{ end.kfac_tanh | digits(2) }}; plain descent from the same
    function ends at {{ end.plain_tanh | digits(2) }} with tanh and at {{ end.plain_sigmoid | digits(2) }} with
    sigmoids."""
    x, y, net = draw_start(np.random.default_rng(SEED))
    assert result.gap["kfac"] < 1e-8 and result.gap["plain"] > 1e-3
    ends = [descend(start, x, y, name)[1] for start, name in ((net, "tanh"), (sigmoid_twin(net), "sigmoid"))]
    new = np.random.default_rng(SEED + 1).normal(size=(INPUTS, 50))  # they compute the same where no example was, too
    outputs = [
        W @ append_ones(FUNCTIONS[name](V @ append_ones(new))) for (V, W), name in zip(ends, ("tanh", "sigmoid"))
    ]
    np.testing.assert_allclose(*outputs, atol=1e-5)
    assert abs(result.start - backpropagate(sigmoid_twin(net), x, y, "sigmoid")[0]) < 1e-12
    p = sigmoid(net[1] @ append_ones(np.tanh(net[0] @ append_ones(x))))
    assert abs(result.start + np.mean(np.sum(np.log(np.where(y, p, 1 - p)), axis=0))) < 1e-12
    assert 1.2 < result.end["kfac_tanh"] < 3.0 and 2.2 < result.end["plain_tanh"] < 3.0
    assert 2.3 < result.end["plain_sigmoid"] < 3.4


def claim_affine_inputs(result: Result) -> None:
    """Mix and shift the inputs, with first weights that undo it at the start: K-FAC’s losses change by
    {{ affine.kfac | scientific(1) }}, plain descent’s by {{ affine.plain | decimals(1) }}."""
    x, y, net = draw_start(np.random.default_rng(SEED))
    other, same = map_inputs(x, net, np.random.default_rng(SEED + 1))  # another map of the inputs
    for method in ("kfac", "plain"):
        here, there = (descend(*start, y, "tanh", method == "kfac")[0] for start in ((net, x), (same, other)))
        assert all((gap < 1e-7) == (method == "kfac") for gap in (abs(here - there).max(), result.affine[method]))
    assert 1e-3 < result.affine["plain"] < 0.8


def claim_damping_tells_them_apart(result: Result) -> None:
    """Add {{ damping | digits(1) }} to the diagonals of both moments, and the two nets part by as much as
    {{ gap.damped | digits(1) }}; a constant momentum keeps them together, to {{ gap.momentum | scientific(1) }}."""
    assert result.gap["damped"] > 1e-3 and result.gap["momentum"] < 1e-7
    x, y, net = draw_start(np.random.default_rng(SEED))
    steps = []
    for layers, name in ((net, "tanh"), (sigmoid_twin(net), "sigmoid")):  # a damped step, carried over to the twin
        steps.append(kronecker_step(*backpropagate(layers, x, y, name)[1:], result.damping))
    assert np.linalg.norm(sigmoid_twin(steps[0])[1] - steps[1][1]) > 1e-3 * np.linalg.norm(steps[1][1])
    assert 0.0080 < result.gap["damped"] < 0.33


def claim_labels_of_its_own(result: Result) -> None:
    """The moment $S$ uses labels drawn by the net itself: averaged over all label vectors with their probabilities, it
    comes out the same."""
    x, y, net = draw_start(np.random.default_rng(SEED))
    _, _, moments = backpropagate(net, x, y, "tanh")
    z = net[0] @ append_ones(x)
    p = sigmoid(net[1] @ append_ones(np.tanh(z)))[:, None]
    labels = np.array(list(product((0, 1), repeat=OUTPUTS))).T[:, :, None]  # all of them: outputs, vectors, 1
    chances = np.prod(np.where(labels, p, 1 - p), axis=0) / EXAMPLES
    hidden = np.einsum("oh,ole->hle", net[1][:, :-1], p - labels) / np.cosh(z)[:, None] ** 2
    for delta, (_, S) in zip((hidden, p - labels), moments):
        np.testing.assert_allclose(S, np.einsum("hle,le,gle->hg", delta, chances, delta), atol=1e-12)


def draw_moments() -> Iterator[tuple]:
    """The generator, activations with a 1 below, gradients δ that come back, Q, S and G, for random layers."""
    for rng in draws(6):
        a, delta = append_ones(rng.normal(1, 1, size=(2, 9))), rng.normal(size=(2, 9))
        yield rng, a, delta, a @ a.T / 9, delta @ delta.T / 9, delta @ a.T / 9


def equation_factored() -> Draws:
    r"""\mathbb{E}[(\bar{a} \otimes \delta)(\bar{a} \otimes \delta)^\top] = Q \otimes S"""
    for _, a, delta, Q, S, _ in draw_moments():
        pairs = [np.kron(u, v) for u in a.T for v in delta.T]  # every activation meets every gradient: independent
        mean = sum(np.outer(g, g) for g in pairs) / len(pairs)
        yield {r"\mathbb{E}[(\bar{a} \otimes \delta)(\bar{a} \otimes \delta)^\top]": mean, "Q": Q, "S": S}


def equation_step() -> Draws:
    r"""S V Q = G"""
    for _, _, _, Q, S, G in draw_moments():
        V = np.linalg.solve(np.kron(Q, S), G.ravel(order="F")).reshape(G.shape, order="F")
        yield {"V": V, "Q": Q, "S": S, "G": G}


def equation_coordinates() -> Draws:
    r"""\begin{aligned} Q' &= T Q T^\top, \\ G' &= G T^\top, \\ V' T &= V \end{aligned}"""
    for rng, a, delta, Q, S, G in draw_moments():
        T = rng.normal(size=(3, 3))
        T[-1] = [0, 0, 1]  # any affine change of the activations: the 1 stays
        other = T @ a
        moment, gradient = other @ other.T / 9, delta @ other.T / 9
        V, changed = (kronecker_step([g], [(m, S)])[0] for g, m in ((G, Q), (gradient, moment)))
        yield {"Q'": moment, "G'": gradient, "V'": changed, "T": T, "Q": Q, "G": G, "V": V}


def equation_whitened() -> Draws:
    r"""\begin{aligned} Q &= R R^\top, \\ S &= U U^\top, \\ U^\top V R &= \mathbb{E}[\delta' a'^\top] \end{aligned}"""
    for _, a, delta, Q, S, G in draw_moments():
        R, U = (np.linalg.cholesky(moment) for moment in (Q, S))
        whitened = np.linalg.solve(U, delta) @ np.linalg.solve(R, a).T / 9
        V = kronecker_step([G], [(Q, S)])[0]
        yield {"Q": Q, "R": R, "S": S, "U": U, "V": V, r"\mathbb{E}[\delta' a'^\top]": whitened}


def figure_losses(result: Result) -> Figure:
    """Loss against step, 0 to {{ steps }}, from {{ start | digits(3) }}. K-FAC with tanh units is a line and with
    sigmoids dots, all on the line, down to {{ end.kfac_tanh | digits(3) }}. Plain descent is two separate lines above,
    to {{ end.plain_tanh | digits(3) }} with tanh and to {{ end.plain_sigmoid | digits(3) }} with sigmoids."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    rows = [("plain_sigmoid", "plain, sigmoid", SECOND), ("plain_tanh", "plain, tanh", INK)]
    for key, text, role in [*rows, ("kfac_tanh", "K-FAC, tanh line,\nsigmoid dots", FIRST)]:
        axes.plot(result.curves[key], color=role, label=key.replace("_", ", "))
        label_point(axes, text, (result.steps, result.curves[key][-1]), role)
    axes.plot(result.curves["kfac_sigmoid"], "o", color=FIRST, markersize=4, label="K-FAC, sigmoid")
    axes.set(xlim=(0, 1.55 * result.steps))
    frame_axes(axes, [0, 10, 20, 30], [2, 2.5, 3], "step", "loss")
    return figure


if __name__ == "__main__":
    show_figures(figure_losses, of=compute())
