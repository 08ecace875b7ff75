"""What does an orthogonalized step, as Muon takes it, do to the mean?

It takes its large singular value away. The gradient of a layer has one singular value of the mean and many small ones;
with all of them set to 1 the step of {{ outputs_many }} neurons points at the optimum with a cosine of
{{ cosine.orthogonalized[4] | decimals(2) }}, where the gradient has {{ cosine.plain[4] | decimals(2) }}.

    G  gradient of a layer's weights, a row an input, a column a neuron; U Vᵀ is G with all singular values 1
    E  errors of the weights of q linear neurons that read the same n inputs; then G = HE
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, cosine, draws, orthogonalize
from lib.plots import FIRST, INK, MUTED, SECOND, Frames, frame_axes, label_point, new_figure, show_figures

SEED = 0
INPUTS, MEAN, DRAWS = 100, 2.4, 5
OUTPUTS = (1, 2, 3, 5, 10, 15, 20, 25, 30, 35, 40, 50, 60, 80, 100)


@dataclass(frozen=True)
class Result:
    inputs: int
    "Inputs of the linear neurons."
    mean: float
    "Mean of each input; the standard deviation is 1."
    outputs: tuple[int, ...]
    "How many neurons."
    outputs_many: int
    "One of these numbers."
    cosine: dict[str, tuple[float, ...]]
    "Cosine between step and way to the optimum, for random errors: gradient, its signs, orthogonalized."
    centered: tuple[float, ...]
    "The same for the orthogonalized step and centered inputs."


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    found = {"plain": [], "sign": [], "orthogonalized": [], "centered": []}
    for q in OUTPUTS:
        errors = rng.normal(size=(DRAWS, INPUTS, q))
        gradients = errors + MEAN**2 * errors.sum(axis=1, keepdims=True)  # HE with H = I + μμᵀ
        for name, function in (("plain", lambda G: G), ("sign", np.sign), ("orthogonalized", orthogonalize)):
            found[name].append(float(np.mean([cosine(function(G), E) for G, E in zip(gradients, errors)])))
        found["centered"].append(float(np.mean([cosine(orthogonalize(E), E) for E in errors])))
    centered = tuple(found.pop("centered"))
    return Result(
        inputs=INPUTS,
        mean=MEAN,
        outputs=OUTPUTS,
        outputs_many=OUTPUTS[4],
        cosine={name: tuple(values) for name, values in found.items()},
        centered=centered,
    )


def claim_it_points_at_the_optimum(result: Result) -> None:
    """{{ inputs }} inputs of mean {{ mean | digits(2) }}, random errors: for {{ outputs_many }} neurons the gradient's
    cosine with the way to the optimum is {{ cosine.plain[4] | decimals(2) }}, that of its signs
    {{ cosine.sign[4] | decimals(2) }}, that of the orthogonalized gradient
    {{ cosine.orthogonalized[4] | decimals(2) }}; for one neuron orthogonalizing changes nothing."""
    kappa = 1 + INPUTS * MEAN**2
    closed = (INPUTS - 1 + kappa) / np.sqrt(INPUTS * (INPUTS - 1 + kappa**2))
    few = 1 - 1 / np.array(OUTPUTS) + 1 / np.sqrt(np.array(OUTPUTS) * INPUTS)  # the mean's direction counts once
    np.testing.assert_allclose(result.cosine["plain"][6:], closed, rtol=0.15)
    np.testing.assert_allclose(result.cosine["orthogonalized"][1:6], few[1:6], rtol=0.06)
    assert abs(result.cosine["orthogonalized"][0] - result.cosine["plain"][0]) < 1e-12
    assert abs(result.cosine["orthogonalized"][-1] - 8 / (3 * np.pi)) < 0.02  # mean singular value of a square matrix
    assert max(result.cosine["sign"]) < 0.3 and abs(np.mean(result.cosine["sign"]) - 0.09) < 0.03
    assert 0.088 < result.cosine["plain"][4] < 0.15 and 0.030 < result.cosine["sign"][4] < 0.15


def equation_rank_one() -> Draws:
    r"""\tfrac{1}{B}\,\Delta A^\top = \tfrac{1}{B}\left(\Delta - \bar{\delta}\mathbf{1}^\top\right)
    \left(A - \bar{a}\mathbf{1}^\top\right)^\top + \bar{\delta}\,\bar{a}^\top"""
    for rng in draws(6):
        B = int(rng.integers(3, 9))
        Delta, A = rng.normal(0.5, 1, size=(2, B)), rng.normal(1, 1, size=(3, B))
        yield {
            "B": B,
            r"\Delta": Delta,
            "A": A,
            r"\bar{\delta}": Delta.mean(axis=1)[:, None],
            r"\bar{a}": A.mean(axis=1)[:, None],
            r"\mathbf{1}": np.ones((B, 1)),
        }


def equation_orthogonalized() -> Draws:
    r"""G = \sum_{k=1}^{q} s_k\,u_k v_k^\top, \qquad D = \sum_{k=1}^{q} u_k v_k^\top"""
    for rng in draws(6):
        q = int(rng.integers(2, 4))
        G = rng.normal(size=(5, q)) + 1
        values, V = np.linalg.eigh(G.T @ G)
        s = np.sqrt(values)
        yield {
            "G": G,
            "D": orthogonalize(G),
            "q": q,
            "s_k": lambda k, s=s: s[int(k) - 1],
            "u_k": lambda k, U=G @ V / s: U[:, [int(k) - 1]],
            "v_k": lambda k, V=V: V[:, [int(k) - 1]],
        }


def equation_cosine() -> Draws:
    r"""\cos\varphi = \frac{n - 1 + \kappa}{\sqrt{n\,(n - 1 + \kappa^2)}}"""
    for rng in draws(6):
        n, mu = int(rng.integers(3, 9)), rng.uniform(0.5, 2)
        E = np.linalg.qr(rng.normal(size=(n, n)))[0]  # as many neurons as inputs, errors at right angles
        H = np.eye(n) + mu**2
        yield {r"\cos": np.cos, r"\varphi": np.arccos(cosine(H @ E, E)), "n": n, r"\kappa": np.linalg.cond(H)}


def draw_curves(result: Result) -> Figure:
    """A figure with the three curves of cosines over the number of neurons."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    lines = (("orthogonalized", FIRST, 5, -12), ("plain", SECOND, 11, 11), ("sign", MUTED, 11, -12))
    names = {"orthogonalized": "orthogonalized", "plain": "gradient", "sign": "its signs"}
    for key, role, at, dy in lines:
        axes.plot(result.outputs, result.cosine[key], color=role, label=names[key])
        label_point(axes, names[key], (result.outputs[at], result.cosine[key][at]), role, dx=0, dy=dy)
    axes.set(xlim=(-2, 102), ylim=(-0.1, 1.02))
    frame_axes(axes, (1, 25, 50, 100), (0, 0.5, 1), "neurons in the layer", "cosine with the way to the optimum")
    return figure


def explore_outputs(result: Result, start: int = 4) -> Frames:
    """Cosine between a step and the way to the optimum against the number of neurons. The gradient and its signs stay
    below {{ cosine.plain[8] | decimals(2) }}; the orthogonalized gradient rises from
    {{ cosine.plain[0] | decimals(2) }} for one neuron to {{ cosine.orthogonalized[4] | decimals(2) }} for
    {{ outputs_many }}."""
    figure = draw_curves(result)
    (axes,) = figure.axes
    (mark,) = axes.plot([1, 1], [0, 1], color=INK, linewidth=1)
    mark.set_gid("mark")
    for i, q in enumerate(result.outputs):
        mark.set_xdata([q, q])
        plain, best = result.cosine["plain"][i], result.cosine["orthogonalized"][i]
        readouts = {
            "neurons": f"{q}",
            "gradient": f"{plain:.2f}",
            "its signs": f"{result.cosine['sign'][i]:.2f}",
            "orthogonalized": f"{best:.2f}",
            "orthogonalized, centered inputs": f"{result.centered[i]:.2f}",
        }
        many = f"The orthogonalized step points {np.degrees(np.arccos(best)):.0f} degrees away from the optimum."
        yield figure, readouts, many if q > 1 else "One neuron’s gradient has one singular value: nothing changes."


if __name__ == "__main__":
    show_figures(draw_curves, of=compute())
