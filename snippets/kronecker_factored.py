"""Does K-FAC really take the same path with tanh and with sigmoid units?

Yes, to rounding: its step is solved in each layer for the second moments of what goes in and of the gradients that
come back, and both turn with the coordinates. Damping ends that; momentum does not.

    abar   what enters a layer, and a 1 for the bias
    Q      E[abar abarᵀ], over the examples
    S      E[δδᵀ], δ the gradient by the layer's pre-activations, labels drawn by the net itself
    G      gradient of the loss by the layer's weights, the bias its last column
    V      the step: S V Q = G
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, FUNCTIONS, sigmoid
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


def problem(rng):
    """Inputs of mean 1, examples a column, and labels 0 or 1 of a random teacher that errs."""
    x = 1 + rng.normal(size=(INPUTS, EXAMPLES))
    score = rng.normal(size=(OUTPUTS, INPUTS)) @ (x - 1)
    return x, (rng.random((OUTPUTS, EXAMPLES)) < sigmoid(score)).astype(float)


def twin(layers):
    """The sigmoid net that computes the same as this tanh net: tanh z = 2σ(2z) − 1."""
    (first, second) = layers
    out = 2 * second
    out[:, -1] = second[:, -1] - second[:, :-1].sum(axis=1)
    return 2 * first, out


def extended(a):
    """Activations with a row of ones for the bias."""
    return np.vstack([a, np.ones(a.shape[1])])


def passed(layers, x, y, name):
    """Loss, the gradient of each layer, and its two second moments Q and S."""
    first, second = layers
    inner = extended(x)
    z = first @ inner
    outer = extended(FUNCTIONS[name](z))
    f, count = second @ outer, x.shape[1]
    p, slope = sigmoid(f), DERIVATIVES[name](z)
    loss = np.mean(np.sum(np.logaddexp(0, f) - y * f, axis=0))
    back = second[:, :-1].T @ (p - y) * slope
    labels = p * (1 - p)  # E[δδᵀ] at the output for one example, exactly: the labels are independent given the input
    through = slope[:, None, :] * second[:, :-1].T[:, :, None]  # hidden, outputs, examples
    moments = (np.einsum("hoe,oe,koe->hk", through, labels, through) / count, np.diag(labels.mean(axis=1)))
    return (
        loss,
        (back @ inner.T / count, (p - y) @ outer.T / count),
        ((inner @ inner.T / count, moments[0]), (outer @ outer.T / count, moments[1])),
    )


def kronecker(gradient, factors, damping=0.0):
    """V of S V Q = G, layer by layer, with `damping` on both diagonals."""
    steps = []
    for G, (Q, S) in zip(gradient, factors):
        Q, S = (m + damping * np.eye(len(m)) for m in (Q, S))
        steps.append(np.linalg.solve(S, np.linalg.solve(Q, G.T).T))
    return steps


def descend(layers, x, y, name, method="kfac", momentum=0.0, damping=0.0):
    """Losses of STEPS steps, and the layers where they end."""
    losses, speed = [], [0.0, 0.0]
    for _ in range(STEPS):
        loss, gradient, factors = passed(layers, x, y, name)
        step = kronecker(gradient, factors, damping) if method == "kfac" else gradient
        speed = [momentum * v - RATE * s for v, s in zip(speed, step)]
        layers = [w + v for w, v in zip(layers, speed)]
        losses.append(loss)
    return np.array([*losses, passed(layers, x, y, name)[0]]), layers


def started(rng):
    """A problem and a tanh net for it."""
    x, y = problem(rng)
    net = [rng.normal(size=(h, n + 1)) / np.sqrt(n + 1) for h, n in ((HIDDEN, INPUTS), (OUTPUTS, HIDDEN))]
    return x, y, net


def mixed(x, net, rng):
    """Inputs mixed and shifted by an affine map, and the net with first weights that undo it."""
    turn = np.linalg.qr(rng.normal(size=(INPUTS, INPUTS)))[0] * [0.5, 1, 2]
    shift = rng.normal(2, 1, size=(INPUTS, 1))
    first = net[0][:, :-1] @ np.linalg.inv(turn)
    return turn @ x + shift, [np.hstack([first, net[0][:, -1:] - first @ shift]), net[1]]


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    x, y, net = started(rng)
    other, same = mixed(x, net, rng)
    curves, gap, affine = {}, {}, {}
    for method in ("kfac", "plain"):
        tanh = curves[f"{method}_tanh"] = descend(net, x, y, "tanh", method)[0]
        curves[f"{method}_sigmoid"] = descend(twin(net), x, y, "sigmoid", method)[0]
        gap[method] = float(abs(tanh - curves[f"{method}_sigmoid"]).max())
        affine[method] = float(abs(tanh - descend(same, other, y, "tanh", method)[0]).max())
    for name, how in (("momentum", {"momentum": MOMENTUM}), ("damped", {"damping": DAMPING})):
        pair = [descend(*start, **how)[0] for start in ((net, x, y, "tanh"), (twin(net), x, y, "sigmoid"))]
        gap[name] = float(abs(pair[0] - pair[1]).max())
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


def white(Q):
    """A matrix R with Q = R Rᵀ: whatever has the second moment Q is R times something whose second moment is I."""
    values, turn = np.linalg.eigh(Q)
    return turn * np.sqrt(values)


def claim_same_path(result: Result) -> None:
    """Undamped, K-FAC’s losses for tanh and for sigmoid units agree to {{ gap.kfac | scientific(1) }} over all
    {{ steps }} steps, from {{ start | digits(3) }} to {{ end.kfac_tanh | digits(3) }}; plain descent from the same
    function ends at {{ end.plain_tanh | digits(3) }} with tanh and at {{ end.plain_sigmoid | digits(3) }} with
    sigmoids."""
    x, y, net = started(np.random.default_rng(SEED))
    assert result.gap["kfac"] < 1e-8 and result.gap["plain"] > 1e-3
    ends = [descend(start, x, y, name)[1] for start, name in ((net, "tanh"), (twin(net), "sigmoid"))]
    new = np.random.default_rng(SEED + 1).normal(size=(INPUTS, 50))  # they compute the same where no example was, too
    outputs = [W @ extended(FUNCTIONS[name](V @ extended(new))) for (V, W), name in zip(ends, ("tanh", "sigmoid"))]
    np.testing.assert_allclose(*outputs, atol=1e-5)
    assert abs(result.start - passed(twin(net), x, y, "sigmoid")[0]) < 1e-12
    p = sigmoid(net[1] @ extended(np.tanh(net[0] @ extended(x))))
    assert abs(result.start + np.mean(np.sum(np.log(np.where(y, p, 1 - p)), axis=0))) < 1e-12


def claim_affine_inputs(result: Result) -> None:
    """Mix and shift the inputs, with first weights that undo it at the start: K-FAC’s losses change by
    {{ affine.kfac | scientific(1) }}, plain descent’s by {{ affine.plain | digits(1) }}."""
    x, y, net = started(np.random.default_rng(SEED))
    other, same = mixed(x, net, np.random.default_rng(SEED + 1))  # another map of the inputs
    gaps = [
        abs(descend(net, x, y, "tanh", m)[0] - descend(same, other, y, "tanh", m)[0]).max() for m in ("kfac", "plain")
    ]
    assert max(gaps[0], result.affine["kfac"]) < 1e-7 and min(gaps[1], result.affine["plain"]) > 1e-3


def claim_damping_tells_them_apart(result: Result) -> None:
    """Add {{ damping | digits(1) }} to the diagonals of both moments, and the two nets part by as much as
    {{ gap.damped | digits(1) }}; a constant momentum keeps them together, to {{ gap.momentum | scientific(1) }}."""
    assert result.gap["damped"] > 1e-3 and result.gap["momentum"] < 1e-7
    x, y, net = started(np.random.default_rng(SEED))
    steps = []
    for layers, name in ((net, "tanh"), (twin(net), "sigmoid")):  # one damped step, carried over to the twin by hand
        _, gradient, factors = passed(layers, x, y, name)
        steps.append(kronecker(gradient, factors, result.damping))
    assert np.linalg.norm(twin(steps[0])[1] - steps[1][1]) > 1e-3 * np.linalg.norm(steps[1][1])


def claim_labels_of_its_own(result: Result) -> None:
    """The moment $S$ uses labels drawn by the net itself: averaged over all label vectors with their probabilities, it
    comes out the same."""
    x, y, net = started(np.random.default_rng(SEED))
    _, _, factors = passed(net, x, y, "tanh")
    z = net[0] @ extended(x)
    p = sigmoid(net[1] @ extended(np.tanh(z)))
    inner, outer = 0.0, 0.0
    for number in range(2**OUTPUTS):
        labels = (number >> np.arange(OUTPUTS) & 1)[:, None]
        weight = np.prod(np.where(labels, p, 1 - p), axis=0) / EXAMPLES
        back = net[1][:, :-1].T @ (p - labels) / np.cosh(z) ** 2
        inner, outer = inner + back * weight @ back.T, outer + (p - labels) * weight @ (p - labels).T
    np.testing.assert_allclose(factors[0][1], inner, atol=1e-12)
    np.testing.assert_allclose(factors[1][1], outer, atol=1e-12)


def _layers():
    """Random layers: activations with a 1 below, gradients that come back, their moments."""
    for rng in draws(6):
        a, delta = extended(rng.normal(1, 1, size=(2, 9))), rng.normal(size=(2, 9))
        yield rng, a, delta, a @ a.T / 9, delta @ delta.T / 9, delta @ a.T / 9


def equation_factored() -> Draws:
    r"""\mathbb{E}[(\bar{a} \otimes \delta)(\bar{a} \otimes \delta)^\top] = Q \otimes S"""
    for _, a, delta, Q, S, _ in _layers():
        pairs = [np.kron(u, v) for u in a.T for v in delta.T]  # every activation meets every gradient: independent
        mean = sum(np.outer(g, g) for g in pairs) / len(pairs)
        yield {r"\mathbb{E}[(\bar{a} \otimes \delta)(\bar{a} \otimes \delta)^\top]": mean, "Q": Q, "S": S}


def equation_step() -> Draws:
    r"""S V Q = G"""
    for _, _, _, Q, S, G in _layers():
        V = np.linalg.solve(np.kron(Q, S), G.ravel(order="F")).reshape(G.shape, order="F")
        yield {"V": V, "Q": Q, "S": S, "G": G}


def equation_coordinates() -> Draws:
    r"""\begin{aligned} Q' &= T Q T^\top, \\ G' &= G T^\top, \\ V' T &= V \end{aligned}"""
    for rng, a, delta, Q, S, G in _layers():
        T = rng.normal(size=(3, 3))
        T[-1] = [0, 0, 1]  # any affine change of the activations: the 1 stays
        other = T @ a
        moment, gradient = other @ other.T / 9, delta @ other.T / 9
        V, changed = (kronecker([g], [(m, S)])[0] for g, m in ((G, Q), (gradient, moment)))
        yield {"Q'": moment, "G'": gradient, "V'": changed, "T": T, "Q": Q, "G": G, "V": V}


def equation_whitened() -> Draws:
    r"""\begin{aligned} Q &= R R^\top, \\ S &= U U^\top, \\ U^\top V R &= \mathbb{E}[\delta' a'^\top] \end{aligned}"""
    for _, a, delta, Q, S, G in _layers():
        R, U = white(Q), np.linalg.cholesky(S)
        whitened = np.linalg.solve(U, delta) @ np.linalg.solve(R, a).T / 9
        V = kronecker([G], [(Q, S)])[0]
        yield {"Q": Q, "R": R, "S": S, "U": U, "V": V, r"\mathbb{E}[\delta' a'^\top]": whitened}


def figure_losses(result: Result) -> Figure:
    """Loss against step, 0 to {{ steps }}, from {{ start | digits(3) }}. K-FAC with tanh units is a line and with
    sigmoids dots, all on the line, down to {{ end.kfac_tanh | digits(3) }}. Plain descent is two separate lines above,
    to {{ end.plain_tanh | digits(3) }} with tanh and to {{ end.plain_sigmoid | digits(3) }} with sigmoids."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    curves = result.curves
    axes.plot(curves["plain_sigmoid"], color=SECOND, label="plain, sigmoid")
    axes.plot(curves["plain_tanh"], color=INK, label="plain, tanh")
    axes.plot(curves["kfac_tanh"], color=FIRST, label="K-FAC, tanh")
    axes.plot(curves["kfac_sigmoid"], "o", color=FIRST, markersize=4, label="K-FAC, sigmoid")
    last = result.steps
    label_point(axes, "plain, sigmoid", (last, curves["plain_sigmoid"][-1]), SECOND)
    label_point(axes, "plain, tanh", (last, curves["plain_tanh"][-1]), INK)
    label_point(axes, "K-FAC, tanh line,\nsigmoid dots", (last, curves["kfac_tanh"][-1]), FIRST)
    axes.set(xlim=(0, 1.55 * last))
    frame_axes(axes, [0, 10, 20, 30], [2, 2.5, 3], "step", "loss")
    return figure


if __name__ == "__main__":
    show_figures(figure_losses, of=compute())
