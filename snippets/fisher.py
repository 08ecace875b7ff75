"""What do the Fisher matrix and the natural gradient say about centering?

Shifting the inputs is a linear change of the parameters, (w, b) to (w, b + w c), and the natural gradient takes the
same path through the functions whatever the linear coordinates; plain descent does not. Centering removes most of the
block of the Fisher matrix that ties weights and bias, so that the plain gradient comes closer to the natural one.

    theta      parameters (w, b) of a logistic neuron, p = σ(w x + b) the probability of label 1
    F          Fisher matrix E[δ² (x, 1)(x, 1)ᵀ], expectation over inputs and over labels that the neuron draws
    seen       a path as functions: slope, and output at the mean input
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import sigmoid
from lib.gaussian import normal_mean
from lib.numerics import draws
from lib.plots import FIRST, GRID, INK, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
MEAN = 2.0
TEACHER = np.array([1.0, 0.5])  # slope, and output at the mean input
TOLERANCE = 1e-6  # of the starting excess loss
DRAWS = 40  # of inputs and labels, for the pseudo-inverse
DAMPING = 0.1  # added to the diagonal of F
WEIGHT = 3.0  # of the neuron that listens to one sigmoid unit
WEIGHTS = np.linspace(0, 8, 33)
NODES, MASS = np.polynomial.hermite_e.hermegauss(60)  # of x − mean, standard normal
MASS = MASS / MASS.sum()


@dataclass(frozen=True)
class Result:
    mean: float
    "Mean of the one input, whose variance is 1."
    plain: tuple[int, int]
    "Steps of plain descent to a millionth of the excess loss: input as it is, input centered."
    natural: tuple[int, int]
    "The same of natural gradient descent at step size 1."
    damped: tuple[int, int]
    "The same with the damping added to the Fisher matrix."
    damping: float
    "What is added to the diagonal."
    pseudo: tuple[float, float]
    "Ten inputs, four examples: relative gap of raw and centered outputs on the examples, on new inputs; medians."
    draws: int
    "Draws of inputs and labels."
    weight: float
    "Weight of the neuron whose one input is a sigmoid unit; its bias is 0."
    tie: tuple[float, float, float]
    "E[δ²(a − c)] of that neuron for c = 0, the mean of a, and the mean of a weighted by δ²."
    centers: tuple[float, float]
    "The mean of a, and the mean of a weighted by δ²."
    paths: dict[str, np.ndarray]
    "Functions visited, shape (steps + 1, 2): slope, output at the mean input."
    cosines: dict[str, np.ndarray]
    "Cosine of weight and bias in the Fisher matrix over `WEIGHTS`, one array for each center."


def loss(seen: np.ndarray) -> float:
    """Expected cross-entropy of a function, given by its slope and its output at the mean input."""
    f = seen[0] * NODES + seen[1]
    return MASS @ (np.logaddexp(0, f) - sigmoid(TEACHER[0] * NODES + TEACHER[1]) * f)


def derivatives(theta: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gradient of the expected loss, and Fisher matrix, for inputs x whose last row is the bias's."""
    p = sigmoid(theta @ x)
    return x @ (MASS * (p - sigmoid(TEACHER[0] * NODES + TEACHER[1]))), (x * (MASS * p * (1 - p))) @ x.T


def descend(view: np.ndarray, step: float, natural: bool = False, damping: float = 0.0) -> np.ndarray:
    """Functions visited from zero, shape (steps + 1, 2), with θ = `view` times (slope, output at the mean)."""
    x = np.linalg.inv(view).T @ np.stack([NODES, np.ones_like(NODES)])
    seen, end = [np.zeros(2)], loss(TEACHER)
    while loss(seen[-1]) - end > TOLERANCE * (loss(np.zeros(2)) - end):
        gradient, F = derivatives(view @ seen[-1], x)
        way = np.linalg.solve(F + damping * np.eye(2), gradient) if natural else gradient
        seen.append(seen[-1] - step * np.linalg.solve(view, way))
    return np.array(seen)


def shifted(mean: float) -> np.ndarray:
    """From (slope, output at the mean) to (w, b) where the input has this mean: b = output − w mean."""
    return np.array([[1.0, 0.0], [-mean, 1.0]])


def best_step(mean: float) -> float:
    """The best constant step for the greatest curvature a logistic neuron can have, a quarter of E[xxᵀ]."""
    low, high = np.linalg.eigvalsh(np.array([[1 + mean**2, mean], [mean, 1]])) / 4
    return 2 / (low + high)


def pseudo_inverse(rng, inputs: int = 10, examples: int = 4, new: int = 50, steps: int = 5) -> tuple[float, float]:
    """Run raw and centered with the pseudo-inverse of a singular Fisher matrix: how far the outputs differ in the end,
    relative to their size, on the examples and on new inputs."""
    x, y = rng.normal(MEAN, 1, size=(inputs, examples + new)), rng.integers(0, 2, examples)
    outputs = []
    for center in (0.0, MEAN):
        rows = np.vstack([x - center, np.ones(examples + new)])
        theta, seen = np.zeros(inputs + 1), rows[:, :examples]
        for _ in range(steps):
            p = sigmoid(theta @ seen)
            F = (seen * p * (1 - p)) @ seen.T / examples
            theta = theta - 0.5 * np.linalg.pinv(F, rcond=1e-10, hermitian=True) @ seen @ (p - y) / examples
        outputs.append(theta @ rows)
    parts = [(raw - centered, centered) for raw, centered in zip(*(np.split(f, [examples]) for f in outputs))]
    return tuple(np.linalg.norm(gap) / np.linalg.norm(size) for gap, size in parts)


def ties(weight: float) -> dict[str, float]:
    """E[δ²], E[δ²a] and E[δ²a²] for a neuron with one sigmoid input a = σ(z), z ~ N(0, 1), and a bias of 0."""
    a = sigmoid(NODES)
    square = MASS * sigmoid(weight * a) * sigmoid(-weight * a)
    return {"square": square.sum(), "first": square @ a, "second": square @ a**2}


def cosine(moments: dict[str, float], center: float) -> float:
    """E[δ²(a − c)] over the root of E[δ²] E[δ²(a − c)²]: −1 to 1."""
    square, first, second = moments["square"], moments["first"], moments["second"]
    return (first - center * square) / np.sqrt(square * (second - 2 * center * first + center**2 * square))


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    runs = {
        "raw": descend(shifted(MEAN), best_step(MEAN)),
        "centered": descend(shifted(0.0), best_step(0.0)),
        "natural": descend(shifted(MEAN), 0.5, natural=True),
    }
    one, mean = ties(WEIGHT), MASS @ sigmoid(NODES)
    weighed, each = one["first"] / one["square"], [ties(weight) for weight in WEIGHTS]
    centers = {
        "raw": np.zeros(33),
        "centered": np.full(33, mean),
        "weighed": [row["first"] / row["square"] for row in each],
    }
    return Result(
        mean=MEAN,
        plain=(len(runs["raw"]) - 1, len(runs["centered"]) - 1),
        natural=tuple(len(descend(shifted(mu), 1.0, natural=True)) - 1 for mu in (MEAN, 0.0)),
        damped=tuple(len(descend(shifted(mu), 1.0, natural=True, damping=DAMPING)) - 1 for mu in (MEAN, 0.0)),
        damping=DAMPING,
        pseudo=tuple(np.median([pseudo_inverse(rng) for _ in range(DRAWS)], axis=0)),
        draws=DRAWS,
        weight=WEIGHT,
        tie=tuple(one["first"] - center * one["square"] for center in (0.0, mean, weighed)),
        centers=(mean, weighed),
        paths=runs,
        cosines={name: np.array([cosine(row, c) for row, c in zip(each, center)]) for name, center in centers.items()},
    )


def claim_plain_descent_sees_the_mean(result: Result) -> None:
    """Plain descent takes {{ plain[0] }} steps with an input of mean {{ mean | digits(1) }} and {{ plain[1] }} with
    the same input centered: the same functions, the same start, another path."""
    for mean, steps in zip((MEAN, 0.0), result.plain):
        x = np.stack([NODES + mean, np.ones_like(NODES)])
        curvature = derivatives(shifted(mean) @ TEACHER, x)[1]  # at the optimum, where the Hessian is the Fisher matrix
        rate = abs(1 - best_step(mean) * np.linalg.eigvalsh(curvature)).max()
        assert abs(steps / (np.log(TOLERANCE) / np.log(rate**2)) - 1) < 0.15
    moves = [np.abs(np.diff(result.paths[name], axis=0)).any(axis=1) for name in ("raw", "centered")]
    assert tuple(map(np.count_nonzero, moves)) == result.plain and result.plain[0] > 15 * result.plain[1]


def claim_natural_path_is_the_same(result: Result) -> None:
    """The natural gradient visits the same functions for any shift and any scaling of the input, at step sizes of
    one half, 1 and three halves, to rounding."""
    for view in (shifted(0.0), shifted(-7.0), np.array([[0.3, 0.0], [-4.0, 1.0]]), np.array([[2.0, 1.0], [3.0, -1.0]])):
        for step in (0.5, 1.0, 1.5):
            paths = [descend(v, step, natural=True) for v in (shifted(MEAN), view)]
            np.testing.assert_allclose(*paths, atol=1e-9)
    assert result.natural[0] == result.natural[1] < result.plain[1]
    _arrives(descend(shifted(MEAN), 1.0, natural=True), result.natural[0])
    np.testing.assert_allclose(descend(shifted(0.0), 0.5, natural=True), result.paths["natural"], atol=1e-9)


def _arrives(path: np.ndarray, steps: int) -> None:
    """Asserts that so many steps, and not one fewer, leave `TOLERANCE` of the excess loss."""
    before, after = (
        (loss(seen) - loss(TEACHER)) / (loss(path[0]) - loss(TEACHER)) for seen in path[[steps - 1, steps]]
    )
    assert after <= TOLERANCE < before


def claim_curved_coordinates_bend_the_path(result: Result) -> None:
    """In curved coordinates, the slope being the hyperbolic sine of a parameter, natural gradient paths differ, and
    half the step size halves the difference."""
    gaps = []
    for step in (0.04, 0.02, 0.01):
        ends = []
        for curved in (False, True):
            theta = np.zeros(2)
            for _ in range(round(0.8 / step)):
                seen = np.array([np.sinh(theta[0]) if curved else theta[0], theta[1]])
                gradient, F = derivatives(seen, np.stack([NODES, np.ones_like(NODES)]))
                J = np.diag([np.cosh(theta[0]) if curved else 1.0, 1.0])
                theta = theta - step * np.linalg.solve(J @ F @ J, J @ gradient)
            ends.append(np.array([np.sinh(theta[0]) if curved else theta[0], theta[1]]))
        gaps.append(np.linalg.norm(ends[0] - ends[1]))
    assert gaps[-1] > 1e-5 and all(abs(more / less - 2) < 0.1 for more, less in pairwise(gaps))


def claim_damping_brings_the_mean_back(result: Result) -> None:
    """Add {{ damping | digits(1) }} to the diagonal of the Fisher matrix, and the natural gradient needs
    {{ damped[0] }} steps with the input as it is and {{ damped[1] }} with it centered."""
    starts = []
    for mean, steps in zip((MEAN, 0.0), result.damped):
        _arrives(descend(shifted(mean), 1.0, natural=True, damping=DAMPING), steps)
        gradient, F = derivatives(np.zeros(2), np.stack([NODES + mean, np.ones_like(NODES)]))
        values, vectors = np.linalg.eigh(F)  # damping shrinks each part of the way by λ/(λ + damping)
        way = vectors @ (vectors.T @ gradient / (values + DAMPING))
        first = descend(shifted(mean), 1.0, natural=True, damping=DAMPING)[1]
        np.testing.assert_allclose(shifted(mean) @ first, -way, atol=1e-12)
        starts.append(first)
    assert np.linalg.norm(starts[0] - starts[1]) > 0.1 and result.damped[0] > 2 * result.damped[1]


def claim_pseudo_inverse_differs_off_the_examples(result: Result) -> None:
    """With fewer examples than parameters and a pseudo-inverse, raw and centered runs agree on those examples to
    rounding, and differ on new ones by
    {{ pseudo[1] | percent }} of the outputs, the median over {{ draws }} draws."""
    assert result.pseudo[0] < 1e-9 and result.pseudo[1] > 0.1
    rng = np.random.default_rng(SEED)  # one step by hand: of all ways with these outputs each takes its own shortest
    x = rng.normal(MEAN, 1, size=(10, 4))
    change = rng.normal(size=4)
    ways = [np.linalg.lstsq(np.vstack([x - c, np.ones(4)]).T, change, rcond=None)[0] for c in (0.0, MEAN)]
    back = np.append(ways[1][:-1], ways[1][-1] - MEAN * ways[1][:-1].sum())
    np.testing.assert_allclose(back @ np.vstack([x, np.ones(4)]), change, atol=1e-9)
    assert np.linalg.norm(back) > 1.001 * np.linalg.norm(ways[0])


def claim_steepest_for_its_divergence(result: Result) -> None:
    """Of all small steps that change the neuron's probabilities by the same Kullback-Leibler divergence, the natural
    gradient's lowers the loss most."""
    x = np.stack([NODES + MEAN, np.ones_like(NODES)])
    theta = shifted(MEAN) @ np.array([0.2, 0.45])
    gradient, F = derivatives(theta, x)

    def divergence(way):
        p, q = sigmoid(theta @ x), sigmoid((theta + way) @ x)
        return MASS @ (p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q)))

    def gain(way):
        """The loss that a step along `way` saves, at the length where its divergence is 10⁻⁶."""
        for _ in range(5):
            way = way * np.sqrt(1e-6 / divergence(way))
        return -gradient @ way

    best = gain(np.linalg.solve(F, -gradient))
    turns = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    found = [gain(np.array([np.cos(turn), np.sin(turn)])) for turn in turns]
    assert best > 0.999 * max(found) and gain(-gradient) < 0.9 * best


def claim_centering_leaves_a_covariance(result: Result) -> None:
    r"""With a weight of {{ weight | digits(1) }} the tie is {{ tie[0] | digits }} with the unit as it is and
    {{ tie[1] | digits }} with its mean subtracted; what is left is the covariance of $\delta^2$ and $a$."""
    z, mass = np.polynomial.hermite_e.hermegauss(120)
    a, mass = sigmoid(z), mass / mass.sum()
    square = sigmoid(WEIGHT * a) * sigmoid(-WEIGHT * a)
    at = np.argmin(abs(WEIGHTS - WEIGHT))
    for name, part in (("raw", a), ("centered", a - mass @ a)):
        cosine = mass @ (square * part) / np.sqrt((mass @ square) * (mass @ (square * part**2)))
        assert abs(cosine - result.cosines[name][at]) < 1e-6
    pairs = np.subtract.outer(a, a) * np.subtract.outer(square, square)  # a covariance is half the mean over pairs
    assert abs(mass @ pairs @ mass / 2 - result.tie[1]) < 1e-6 and abs(result.tie[1]) < 0.25 * result.tie[0]


def claim_the_weighted_mean_removes_it(result: Result) -> None:
    r"""Subtract the mean weighted by $\delta^2$ instead, {{ centers[1] | digits }} for {{ centers[0] | digits }}, and
    the Fisher matrix is diagonal."""
    center = result.centers[1]
    left = normal_mean(lambda z: sigmoid(WEIGHT * sigmoid(z)) * sigmoid(-WEIGHT * sigmoid(z)) * (sigmoid(z) - center))
    assert abs(left) < 1e-8 and abs(result.tie[2]) < 1e-12 and abs(result.cosines["weighed"]).max() < 1e-12


def _neurons(inputs: int = 3, examples: int = 5):
    """A random logistic neuron on off-center inputs: parameters, inputs with a row of ones, Fisher matrix by
    enumeration of labels, its scores by complex steps."""
    for rng in draws(12):
        x = np.vstack([rng.normal(rng.normal(size=(inputs, 1)), 1, size=(inputs, examples)), np.ones(examples)])
        theta, F = rng.normal(size=inputs + 1), 0
        for column in x.T:
            for label in (0, 1):
                chance = sigmoid((2 * label - 1) * (theta @ column))
                nudged = (theta + 1e-20j * np.eye(inputs + 1)) @ column
                score = -np.log(1 + np.exp((1 - 2 * label) * nudged)).imag / 1e-20
                F = F + chance * np.outer(score, score) / examples
        yield rng, theta, x, F


def equation_fisher():
    r"""F = \frac{1}{B}\sum_{i=1}^{B} p_i\,(1 - p_i)\,x_i x_i^\top = H"""
    for rng, theta, x, F in _neurons():
        y = rng.integers(0, 2, 5)
        nudges = theta + 1e-20j * np.eye(4)
        H = np.array([(x @ (1 / (1 + np.exp(-nudge @ x)) - y)).imag / 1e-20 / 5 for nudge in nudges])
        p = sigmoid(theta @ x)
        yield {"F": F, "B": 5, "p_i": lambda i, p=p: p[int(i) - 1], "x_i": lambda i, x=x: x[:, int(i) - 1], "H": H}


def equation_divergence():
    r"""D_{\mathrm{KL}} \approx \tfrac{1}{2}\,d^\top F d"""
    for rng, theta, x, F in _neurons():
        d = 1e-3 * rng.normal(size=4)
        p, q = sigmoid(theta @ x), sigmoid((theta + d) @ x)
        both = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))
        yield {r"D_{\mathrm{KL}}": both.mean(), "d": d, "F": F, r"\approx": 0.01}


def equation_coordinates():
    r"""\begin{aligned} A &= \begin{pmatrix} I & \mathbf{0} \\ c^\top & 1 \end{pmatrix}, \\
    g &= A^\top g', \\ F &= A^\top F' A \end{aligned}"""
    for rng, theta, x, F in _neurons():
        c, y = rng.normal(size=3), rng.integers(0, 2, 5)
        moved = np.vstack([x[:3] - c[:, None], np.ones(5)])
        there = np.append(theta[:3], theta[3] + theta[:3] @ c)
        A = np.array([np.append(row[:3], row[3] + row[:3] @ c) for row in np.eye(4)]).T

        def slope(at, rows, y=y):
            f = (at + 1e-20j * np.eye(4)) @ rows
            return (np.log(1 + np.exp(f)) - y * f).mean(axis=1).imag / 1e-20

        p = sigmoid(there @ moved)
        yield {
            "A": A,
            "I": np.eye(3),
            r"\mathbf{0}": np.zeros(3),
            "c": c,
            "g": slope(theta, x),
            "g'": slope(there, moved),
            "F": F,
            "F'": (moved * p * (1 - p)) @ moved.T / 5,
        }


def equation_preconditioner():
    r"""\begin{aligned} P &= \begin{pmatrix} I_n & -\mu \\ -\mu^\top & 1 + \lVert\mu\rVert^2 \end{pmatrix}, \\
    I_{n+1} &= P \begin{pmatrix} I_n + \mu\mu^\top & \mu \\ \mu^\top & 1 \end{pmatrix} \end{aligned}"""
    for rng in draws(12):
        mu = rng.normal(size=3)
        steps = []
        for gradient in np.eye(4):  # one plain step on centered inputs, seen from the raw parameters
            w = gradient[:3] - mu * gradient[3]
            steps.append(np.append(w, gradient[3] - w @ mu))
        yield {"P": np.array(steps).T, "I_n": np.eye(3), "I_{n+1}": np.eye(4), r"\mu": mu}


def equation_block():
    r"""F = \begin{pmatrix} \mathbb{E}[\delta^2 a a^\top] & \mathbb{E}[\delta^2 a] \\
    \mathbb{E}[\delta^2 a]^\top & \mathbb{E}[\delta^2] \end{pmatrix}"""
    for _, theta, x, F in _neurons():
        yield {"F": F, **_moments(theta, x)}


def equation_tie():
    r"""\mathbb{E}[\delta^2 (a - c)] = \mathbb{E}[\delta^2 a] - c\,\mathbb{E}[\delta^2]"""
    for rng, theta, x, _ in _neurons():
        c = rng.normal(size=3)
        there = np.append(theta[:3], theta[3] + theta[:3] @ c)
        moved = _moments(there, np.vstack([x[:3] - c[:, None], np.ones(5)]))
        yield {r"\mathbb{E}[\delta^2 (a - c)]": moved[r"\mathbb{E}[\delta^2 a]"], "c": c, **_moments(theta, x)}


def equation_bias_step():
    r"""d_b = -\frac{\eta\,g_b + \mathbb{E}[\delta^2 a]^\top d_w}{\mathbb{E}[\delta^2]}"""
    for rng, theta, x, F in _neurons():
        g, eta = rng.normal(size=4), rng.uniform(0.2, 2)
        d = np.linalg.solve(F, -eta * g)
        yield {"d_b": d[3], "d_w": d[:3], "g_b": g[3], r"\eta": eta, **_moments(theta, x)}


def equation_labels():
    r"""\mathbb{E}_y[\delta^2] = q\,(1 - q) + (q - p)^2"""
    for rng in draws(12):
        p, q = rng.uniform(0.05, 0.95, 2)
        yield {r"\mathbb{E}_y[\delta^2]": q * (p - 1) ** 2 + (1 - q) * (p - 0) ** 2, "p": p, "q": q}


def _moments(theta, x) -> dict[str, np.ndarray]:
    """E[δ²], E[δ²a], E[δ²aaᵀ] over examples, and over labels drawn by the neuron."""
    p, a = sigmoid(theta @ x), x[:3]
    square = p * (p - 1) ** 2 + (1 - p) * p**2
    return {
        r"\mathbb{E}[\delta^2]": square.mean(),
        r"\mathbb{E}[\delta^2 a]": (square * a).mean(axis=1),
        r"\mathbb{E}[\delta^2 a a^\top]": (square * a) @ a.T / x.shape[1],
    }


def figure_paths(result: Result) -> Figure:
    """Three paths from one start to one goal, over the functions that a neuron can compute. Plain descent with an
    input of mean {{ mean | digits(1) }} leaps up and down for {{ plain[0] }} steps; with the input centered it comes
    in {{ plain[1] }}; the natural gradient takes the straight way between."""
    figure = new_figure(360, 0.95)
    (axes,) = figure.axes
    slopes, outputs = np.linspace(-0.2, 1.15, 60), np.linspace(-0.25, 1.35, 60)
    heights = np.array([[loss(np.array([slope, output])) for slope in slopes] for output in outputs])
    excess = heights - loss(TEACHER)
    levels = excess[np.abs(outputs).argmin(), np.abs(slopes).argmin()] * np.array([1 / 64, 1 / 16, 1 / 4, 1])
    axes.contour(slopes, outputs, excess, levels, colors=GRID, linewidths=1)
    for name, role, words, at, dx, dy in (
        ("raw", SECOND, "plain, mean 2", 1, -4, 10),
        ("natural", INK, "natural", 2, -2, 11),
        ("centered", FIRST, "plain, centered", 1, 2, -14),
    ):
        path = result.paths[name]
        axes.plot(*path.T, "o-", color=role, markersize=3, linewidth=1.4, label=words)
        label_point(axes, words, path[at], role, dx=dx, dy=dy, ha="right" if dx == -2 else "left")
    axes.plot(*TEACHER, "+", color=INK, markersize=10, markeredgewidth=1.4, label="goal")
    axes.set(xlim=(-0.2, 1.15), ylim=(-0.25, 1.35))
    frame_axes(axes, [0, 0.5, 1], [0, 0.5, 1], "slope", "output at the mean input")
    return figure


def figure_tie(result: Result) -> Figure:
    """Cosine between weight and bias in the Fisher matrix against the weight. Uncentered it stays near nine tenths;
    with the mean subtracted it is 0 for a small weight and falls below zero as the weight grows; with the weighted mean
    it is 0 throughout."""
    figure = new_figure(360, 0.78)
    (axes,) = figure.axes
    for name, role, words, at in (
        ("raw", SECOND, "as it is", (4.6, 0.76)),
        ("centered", FIRST, "mean subtracted", (1.2, -0.55)),
        ("weighed", INK, "weighted mean subtracted", (3.2, 0.12)),
    ):
        axes.plot(WEIGHTS, result.cosines[name], color=role, label=words)
        label_point(axes, words, at, role, dx=0)
    axes.set(xlim=(0, 8.2), ylim=(-1, 1))
    frame_axes(axes, [0, 2, 4, 6, 8], [-1, 0, 1], "weight", "cosine of weight and bias")
    return figure


if __name__ == "__main__":
    show_figures(figure_paths, figure_tie, of=compute())
