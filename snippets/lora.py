"""How large are LoRA's first steps, with α/r and with α/√r?

With B = 0 only B learns in the first step, and the layer changes by its own gradient, projected on A's rows: with rank
{{ ranks[3] }} and α/r a step of descent keeps {{ share[3] | percent(1) }} of its length on average. How Adam's first
step depends on the rank is decided by the inputs' mean.

    ΔW   (α/r)BA or (α/√r)BA, added to frozen weights; A has r rows, uniform of variance 1/(3n), B starts at 0
    G    gradient by the whole matrix of q neurons, G = EH for linear ones with errors E of the weights
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.adapters import ALPHA, CASES, INPUTS, NEURONS, RANKS, RATIO, draw_adapter, draw_rows, means
from lib.numerics import Draws, complex_step, cosine, draws
from lib.plots import FIRST, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
DRAWS = 12


@dataclass(frozen=True)
class Result:
    inputs: int
    "Inputs of the layer, uncorrelated, of variance 1."
    neurons: int
    "Its neurons."
    alpha: int
    "LoRA's α."
    ratio: float
    "ρ of the inputs with a mean: squared mean over variance."
    ranks: tuple[int, ...]
    "Ranks r that are tried."
    share: tuple[float, ...]
    "Part of a step of gradient descent on the whole matrix that is left on average, for each rank, with α/r."
    share_root: float
    "The same with α/√r, for every rank."
    turned: tuple[float, ...]
    "Cosine of the first step of descent with that of the whole matrix, for each rank; inputs centered."
    moved: dict[str, dict[str, tuple[float, ...]]]
    "Root mean square change of an output by Adam's first step, over the step size, for each rank and both scalings."


def measure(seed: tuple[int, int], case: str, rank: int) -> tuple[float, float]:
    """Cosine of descent's first step, and the change of an output by B after Adam's, without a factor."""
    mu = means(case)
    A, G, B = draw_adapter(np.random.default_rng(seed), mu, rank)
    return cosine(G @ A.T @ A, G), float(np.sqrt(np.mean((B @ A @ mu) ** 2 + ((B @ A) ** 2).sum(axis=1))))


def compute() -> Result:
    found = {
        case: np.mean([[measure((SEED, i), case, r) for r in RANKS] for i in range(DRAWS)], axis=0) for case in CASES
    }
    scales = {"rank": ALPHA / np.array(RANKS), "root": ALPHA / np.sqrt(RANKS)}
    return Result(
        inputs=INPUTS,
        neurons=NEURONS,
        alpha=ALPHA,
        ratio=RATIO,
        ranks=RANKS,
        share=tuple(ALPHA**2 / r / (3 * INPUTS) for r in RANKS),
        share_root=ALPHA**2 / (3 * INPUTS),
        turned=tuple(found["centered"][:, 0]),
        moved={case: {key: tuple(found[case][:, 1] * scale) for key, scale in scales.items()} for case in CASES},
    )


def claim_only_b_learns_at_first(result: Result) -> None:
    """With B = 0 the gradient of A is zero and B's is not; with A = 0 instead B's is zero; with both zero neither
    learns, ever."""
    for rng in draws(5):
        A, B, W, x, y = (rng.normal(size=shape) for shape in ((2, 5), (3, 2), (3, 5), (5,), (3,)))

        def loss(theta: np.ndarray, W=W, x=x, y=y) -> float:
            return np.sum((W @ x + theta[10:].reshape(3, 2) @ theta[:10].reshape(2, 5) @ x - y) ** 2) / 2

        sizes = []
        for a, b in ((A, 0 * B), (0 * A, B), (0 * A, 0 * B)):
            gradient = complex_step(loss, np.concatenate([a.ravel(), b.ravel()]))
            sizes.append([np.linalg.norm(gradient[:10]) > 0, np.linalg.norm(gradient[10:]) > 0])
        assert sizes == [[False, True], [True, False], [False, False]]


def claim_a_step_keeps_a_share(result: Result) -> None:
    """With α = {{ alpha }} and α/r, a step of gradient descent on B changes the layer on average by
    {{ share[3] | percent(1) }} of the whole matrix's step with rank {{ ranks[3] }}, and by
    {{ share[6] | percent(2) }} with rank {{ ranks[6] }}; with α/√r it is {{ share_root | percent(1) }} with either.
    A single such step points elsewhere: its cosine with the whole matrix's step is {{ turned[3] | decimals(2) }}
    and {{ turned[6] | decimals(2) }}."""
    for rank, share, turned in zip(RANKS, result.share, result.turned):
        rows = draw_rows(np.random.default_rng(rank), 4000)
        square = rank * (rows**2).sum() / rows.size  # of AᵀA, on average, beside the identity
        np.testing.assert_allclose([share, result.share_root / rank], (ALPHA / rank) ** 2 * square, rtol=0.01)
        assert abs(turned - np.sqrt(rank / (rank + INPUTS))) < 0.02


def claim_the_mean_decides_which_scaling_is_even(result: Result) -> None:
    """How far Adam's first step moves an output, in step sizes, from rank {{ ranks[3] }} to {{ ranks[7] }}.
    Centered inputs: with α/r it falls from {{ moved.centered.rank[3] | digits(2) }} to
    {{ moved.centered.rank[7] | digits(2) }}, with α/√r it goes from {{ moved.centered.root[3] | digits(2) }} to
    {{ moved.centered.root[7] | digits(2) }}. Inputs with a mean: with α/r it goes from
    {{ moved.raw.rank[3] | digits(2) }} to {{ moved.raw.rank[7] | digits(2) }}, with α/√r it rises from
    {{ moved.raw.root[3] | digits(2) }} to {{ moved.raw.root[7] | digits(2) }}."""
    for case in CASES:
        mu = means(case)
        for place in (3, 7):
            moved = []
            for i in range(DRAWS):  # by examples
                A, _, B = draw_adapter(np.random.default_rng((SEED, i)), mu, RANKS[place])
                x = mu + np.random.default_rng(i).normal(size=(400, INPUTS))
                moved.append(np.sqrt(np.mean((x @ A.T @ B.T) ** 2)))
            for key, scale in (("rank", ALPHA / RANKS[place]), ("root", ALPHA / np.sqrt(RANKS[place]))):
                np.testing.assert_allclose(result.moved[case][key][place], scale * np.mean(moved), rtol=0.04)
    few, many = (np.array([result.moved[case][key][3::4] for case in CASES]) for key in ("rank", "root"))
    assert few[0, 1] > 0.6 * few[0, 0] and few[1, 1] < 0.35 * few[1, 0]
    assert many[0, 1] > 2.2 * many[0, 0] and many[1, 1] < 1.3 * many[1, 0]


def equation_gradients() -> Draws:
    r"""\frac{\partial L}{\partial B} = \frac{\alpha}{r}\,G A^\top, \qquad
    \frac{\partial L}{\partial A} = \frac{\alpha}{r}\,B^\top G"""
    for rng in draws(4):
        r, alpha = 2, rng.uniform(1, 9)
        A, B, W, x, y = (rng.normal(size=shape) for shape in ((r, 4), (3, r), (3, 4), (6, 4), (6, 3)))

        def loss(A: np.ndarray, B: np.ndarray, W: np.ndarray, alpha: float = alpha, x=x, y=y) -> float:
            return np.sum((x @ (W + alpha / 2 * B @ A).T - y) ** 2) / 2

        yield {
            r"\frac{\partial L}{\partial B}": complex_step(lambda part, A=A, W=W, loss=loss: loss(A, part, W), B),
            r"\frac{\partial L}{\partial A}": complex_step(lambda part, B=B, W=W, loss=loss: loss(part, B, W), A),
            "G": complex_step(lambda part, A=A, B=B, loss=loss: loss(A, B, part), W),
            r"\alpha": alpha,
            "r": r,
            "A": A,
            "B": B,
        }


def equation_first() -> Draws:
    r"""\Delta W = -\eta\,\frac{\alpha^2}{r^2}\,G A^\top A"""
    for rng in draws(4):
        alpha, eta, G, A, B = rng.uniform(1, 9), rng.uniform(0, 1), rng.normal(size=(3, 5)), rng.normal(size=(2, 5)), 0
        B = B - eta * alpha / 2 * G @ A.T  # one step from zero
        yield {r"\Delta W": alpha / 2 * B @ A, r"\eta": eta, r"\alpha": alpha, "r": 2, "G": G, "A": A}


def equation_share() -> Draws:
    r"""\mathbb{E}[\Delta W] = -\eta\,\frac{\alpha^2}{r}\,\sigma^2\,G"""
    for rng, (r, n) in zip(draws(4), ((1, 2), (2, 2), (2, 3), (3, 2))):
        alpha, eta, sigma, G = rng.uniform(1, 9), rng.uniform(0, 1), rng.uniform(0.2, 1), rng.normal(size=(3, n))
        signs = np.array(list(product((-sigma, sigma), repeat=r * n))).reshape(-1, r, n)
        steps = [-eta * (alpha / r) ** 2 * G @ A.T @ A for A in signs]
        mean = np.mean(steps, axis=0)
        yield {r"\mathbb{E}[\Delta W]": mean, r"\eta": eta, r"\alpha": alpha, "r": r, r"\sigma": sigma, "G": G}


def figure_first_step(result: Result) -> Figure:
    """How far Adam's first step moves an output against the rank, both on logarithmic axes. With centered inputs α/√r
    is level, near {{ moved.centered.root[0] | digits(2) }} step sizes, and α/r falls to
    {{ moved.centered.rank[7] | digits(2) }}. With a mean α/r is nearly level, near
    {{ moved.raw.rank[7] | digits(2) }}, and α/√r rises to {{ moved.raw.root[7] | digits(2) }}."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    places = {("raw", "root"): (6, -12, 9), ("raw", "rank"): (6, 0, -11), ("centered", "root"): (6, 0, 9)}
    places["centered", "rank"] = (4, -6, -11)
    for (case, key), (place, dx, dy) in places.items():
        role, y = (SECOND if case == "raw" else FIRST), result.moved[case][key]
        name = ("α/√r" if key == "root" else "α/r") + (", mean" if case == "raw" else ", centered")
        axes.plot(RANKS, y, color=role, linestyle="-" if key == "root" else "--", label=name)
        label_point(axes, name, (RANKS[place], y[place]), role, dx=dx, dy=dy, ha="right" if dx < 0 else "center")
    axes.set(xscale="log", yscale="log", xlim=(0.9, 150), ylim=(0.7, 90))
    frame_axes(axes, RANKS, {1: "1", 3: "3", 10: "10", 30: "30"}, "rank r", "change of an output, in step sizes")
    return figure


if __name__ == "__main__":
    show_figures(figure_first_step, of=compute())
