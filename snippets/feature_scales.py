"""Why do features of different scales make gradient descent slow?

Because the loss curves with the square of a feature's size: standard deviations of {{ deviations | integer | list }}
make a condition number of {{ kappa.centered | integer }}, and one step size has to serve all. Means of
{{ ratio | integer }} standard deviations each are a second, separate cause: alone they make
{{ kappa.scaled | integer }}, both together {{ kappa.neither | integer }}. Standardizing removes either: dividing the
one, subtracting the other.

    deviations  standard deviations of the two features, which are independent
    ratio       mean over deviation of either feature
    H           second moment of the features, the Hessian of half the squared error
    error       w − w*, what is left to go; in units of output, each weight times its feature's deviation
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import sigmoid
from lib.gaussian import moments
from lib.numerics import Draws, draws
from lib.plots import FIRST, GRID, INK, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import best_step, descend

DEVIATIONS = np.array([1.0, 10.0])
RATIO = 2.0
TOLERANCE = 1e-6
CASES = {"neither": (False, False), "centered": (True, False), "scaled": (False, True), "standardized": (True, True)}

UNITS = 64  # sigmoids in the layer


@dataclass(frozen=True)
class Result:
    deviations: tuple[float, float]
    "Deviations of the two features."
    ratio: float
    "Mean over deviation of either feature."
    kappa: dict[str, float]
    "Condition number without a bias: as they are, centered only, scaled only, both."
    kappa_bias: dict[str, float]
    "The same with a bias."
    steps: dict[str, int]
    "Steps to a millionth of the error from the worst start, best constant step, no bias."
    bound: float
    "Product of the two condition numbers that scales alone and means alone would make."
    gradient_ratio: float
    "Gradient of the second weight over that of the first, where both have one unit of output to go."
    distance_ratio: float
    "Distance that the first weight has to go over that of the second."
    first_steps: tuple[int, int]
    "Steps at 1/λmax until either weight's error is a millionth, centered features."
    slow: np.ndarray
    "Error of the small feature's weight, relative to its first, at each step of size 1/λmax."
    sigmoid_kappa: float
    "Condition number with a bias of a layer of sigmoid units fed with N(0, 1)."
    sigmoid_scaled: float
    "The same after each input and the bias is divided by the root of its mean square."
    sigmoid_standardized: float
    "The same after subtracting means and dividing by deviations."
    units: int
    "Units in that layer."


def curvature(centered: bool, scaled: bool, bias: bool = False) -> np.ndarray:
    """E[xxᵀ] of the two features, with a last input that is always 1 if there is a bias."""
    deviation = np.ones(2) if scaled else DEVIATIONS
    mean = np.append((0 if centered else RATIO) * deviation, 1)
    whole = np.diag(np.append(deviation**2, 0)) + np.outer(mean, mean)
    return whole if bias else whole[:2, :2]


def worst_steps(H: np.ndarray) -> int:
    """Steps at the best constant step until a start along the flattest direction has shrunk to a millionth."""
    return len(descend(H, best_step(H), np.linalg.eigh(H)[1][:, 0], TOLERANCE * (1 + 1e-9))) - 1


def compute() -> Result:
    matrices = {name: curvature(*case) for name, case in CASES.items()}
    centered = np.diag(DEVIATIONS**2)
    start = -1 / DEVIATIONS  # one unit of output to go for either weight
    path = descend(centered, 1 / DEVIATIONS.max() ** 2, start)
    done = [int(np.argmax(abs(path[:, j]) <= TOLERANCE * abs(start[j]))) for j in range(2)]
    gradient = centered @ start
    mean, variance = moments(sigmoid)
    a = np.append(np.full(UNITS, mean), 1)
    layer = np.outer(a, a) + np.diag(np.append(np.full(UNITS, variance), 0))
    size = np.sqrt(np.diag(layer))
    return Result(
        deviations=tuple(DEVIATIONS),
        ratio=RATIO,
        kappa={name: np.linalg.cond(H) for name, H in matrices.items()},
        kappa_bias={name: np.linalg.cond(curvature(*case, bias=True)) for name, case in CASES.items()},
        steps={name: worst_steps(H) for name, H in matrices.items()},
        bound=np.linalg.cond(matrices["centered"]) * np.linalg.cond(matrices["scaled"]),
        gradient_ratio=gradient[1] / gradient[0],
        distance_ratio=start[0] / start[1],
        first_steps=(done[0], done[1]),
        slow=path[:400, 0] / start[0],
        sigmoid_kappa=np.linalg.cond(layer),
        sigmoid_scaled=np.linalg.cond(layer / np.outer(size, size)),
        sigmoid_standardized=np.linalg.cond(np.eye(UNITS + 1)),
        units=UNITS,
    )


def claim_two_causes(result: Result) -> None:
    """Scales alone make a condition number of {{ kappa.centered | integer }}, means alone one
    of {{ kappa.scaled | integer }}, both together {{ kappa.neither | integer }}."""
    x = np.array([[i, j] for i in (-1, 1) for j in (-1, 1)])  # four examples of mean 0 and variance 1, uncorrelated
    for name, (centered, scaled) in CASES.items():
        data = (x + (not centered) * RATIO) * (1 if scaled else DEVIATIONS)
        high, low = np.linalg.svd(data, compute_uv=False) ** 2
        assert abs(high / low / result.kappa[name] - 1) < 1e-9
    assert 1 < result.kappa["scaled"] < result.kappa["centered"] < result.kappa["neither"]


def claim_steps_follow(result: Result) -> None:
    """Steps to a millionth of the error, from the worst start: {{ steps.neither | integer }} as they
    are, {{ steps.centered | integer }} centered, {{ steps.scaled }} scaled, {{ steps.standardized }} standardized."""
    for name, steps in result.steps.items():
        rate = (result.kappa[name] - 1) / (result.kappa[name] + 1)
        assert steps == (1 if rate < 1e-12 else int(np.ceil(np.log(TOLERANCE) / np.log(rate))))


def claim_large_features_settle_first(result: Result) -> None:
    r"""At the step $1/\lambda_{\max}$ the weight of the feature with deviation {{ deviations[1] | integer }} arrives
    in {{ first_steps[1] }} step, that of the other in {{ first_steps[0] | integer }}."""
    assert result.first_steps == (int(np.ceil(np.log(TOLERANCE) / np.log(1 - 0.01))), 1)
    np.testing.assert_allclose(result.slow, 0.99 ** np.arange(len(result.slow)), rtol=1e-9)


def claim_gradient_and_distance(result: Result) -> None:
    """Where both weights have the same unit of output to go, the gradient of the large feature's weight
    is {{ gradient_ratio | integer }} times as large, and its way {{ distance_ratio | integer }} times as short."""
    weights, goal = np.zeros(2), 1 / DEVIATIONS
    x = DEVIATIONS * np.array([[i, j] for i in (-1, 1) for j in (-1, 1)])
    gradient = x.T @ (x @ weights - x @ goal) / 4
    assert abs(gradient[1] / gradient[0] - result.gradient_ratio) < 1e-9
    assert abs(goal[0] / goal[1] - result.distance_ratio) < 1e-9


def claim_units_do_not_matter(result: Result) -> None:
    """Give each weight a step size of its own, divided by its feature's variance, and descent on the raw features
    follows the same outputs as descent on features divided by their deviations, not centered."""
    rng = np.random.default_rng(0)
    scaled = rng.normal(2, 1, size=(200, 2))
    x, y = scaled * DEVIATIONS, scaled @ [1.0, -2.0] + rng.normal(size=200)
    w, u = np.zeros(2), np.zeros(2)
    for _ in range(30):
        w -= 0.1 / DEVIATIONS**2 * (x.T @ (x @ w - y) / 200)
        u -= 0.1 * (scaled.T @ (scaled @ u - y) / 200)
        np.testing.assert_allclose(x @ w, scaled @ u, atol=1e-12)


def claim_newton_does_not_care(result: Result) -> None:
    """A Newton step, or solving the least squares outright, gives the same predictions for every scaling; with weight
    decay the predictions themselves change."""
    rng = np.random.default_rng(1)
    scaled = rng.normal(size=(50, 2))
    x, y = scaled * DEVIATIONS, rng.normal(size=50)
    fits = [a @ np.linalg.solve(a.T @ a, a.T @ y) for a in (x, scaled)]
    decayed = [a @ np.linalg.solve(a.T @ a + 20 * np.eye(2), a.T @ y) for a in (x, scaled)]
    np.testing.assert_allclose(*fits, atol=1e-12)
    assert np.linalg.norm(decayed[0] - decayed[1]) > 0.05 * np.linalg.norm(decayed[0])


def claim_scaling_alone_can_hurt(result: Result) -> None:
    """Scaling without centering can make it worse: {{ units }} sigmoid units and a bias have a condition number
    of {{ sigmoid_kappa | integer }}, and of {{ sigmoid_scaled | integer }} once every input has mean square 1."""
    mean, variance = moments(sigmoid)
    square = mean**2 + variance
    r, s = mean / np.sqrt(square), variance / square  # mean and variance of a scaled unit
    trace = 1 + s + UNITS * r**2
    half = trace**2 / s / 2 - 1  # κ + 1/κ = trace²/determinant − 2, with determinant s
    assert abs((half + np.sqrt(half**2 - 1)) / result.sigmoid_scaled - 1) < 1e-6
    kappa = result.sigmoid_kappa
    assert abs((kappa + 1 / kappa + 2) * variance / (1 + variance + UNITS * mean**2) ** 2 - 1) < 1e-6
    assert result.sigmoid_scaled > 3 * result.sigmoid_kappa and result.sigmoid_standardized == 1


def equation_gradient() -> Draws:
    r"""\frac{\partial L}{\partial w_j} = s_j^2\,(w_j - w^\star_j)"""
    for s, _, w, best, slope in _problems():
        for j in range(3):
            yield {r"\frac{\partial L}{\partial w_j}": slope[j], "s_j": s[j], "w_j": w[j], r"w^\star_j": best[j]}


def equation_output_units() -> Draws:
    r"""\frac{\partial L}{\partial w_j} = s_j\,(s_j w_j - s_j w^\star_j)"""
    for s, _, w, best, slope in _problems():
        for j in range(3):
            yield {r"\frac{\partial L}{\partial w_j}": slope[j], "s_j": s[j], "w_j": w[j], r"w^\star_j": best[j]}


def equation_factors() -> Draws:
    r"""H = \operatorname{diag}(s)\left(I + r r^\top\right)\operatorname{diag}(s)"""
    for rng in draws(10):
        x = rng.normal(size=(60, 3))
        x -= x.mean(axis=0)
        x = x @ np.linalg.inv(np.linalg.cholesky(x.T @ x / 60)).T  # exactly uncorrelated, variance 1
        r, s = rng.normal(size=3), rng.uniform(0.3, 4, size=3)
        data = (x + r) * s
        yield {
            "H": np.einsum("ki,kj->ij", data, data) / 60,
            r"\operatorname{diag}": lambda s: np.diag(np.ravel(s)),
            "s": s,
            "I": np.eye(3),
            "r": r,
        }


def equation_bound() -> Draws:
    r"""\kappa \le \frac{s_{\max}^2}{s_{\min}^2}\left(1 + \lVert r\rVert^2\right)"""
    for rng in draws(20):
        r, s = rng.normal(size=3), rng.choice([0.1, 1]) * rng.uniform(0.3, 4, size=3)
        r = r if rng.random() < 0.5 else np.where(s == s.max(), 0.6, 0.0)  # equality
        H = np.diag(s**2) + np.outer(s * r, s * r)
        yield {r"\kappa": np.linalg.cond(H), r"s_{\max}": s.max(), r"s_{\min}": s.min(), "r": r}


def equation_ellipse() -> Draws:
    r"""h_i = \sqrt{\frac{2\ell}{\lambda_i}}, \qquad \frac{h_{\max}}{h_{\min}} = \sqrt{\kappa}"""
    for rng in draws(10):
        a = rng.normal(size=(2, 2))
        H, level = a @ a.T + 0.1 * np.eye(2), rng.uniform(0.2, 3)
        turns = np.linspace(0, 2 * np.pi, 200_001)  # round the contour: how far out is it in each direction?
        around = np.array([np.cos(turns), np.sin(turns)])
        out = np.sqrt(level / (0.5 * np.einsum("ik,ij,jk->k", around, H, around)))
        values = np.linalg.eigvalsh(H)
        for i, far in enumerate((out.max(), out.min())):
            yield {
                "h_i": far,
                r"\ell": level,
                r"\lambda_i": values[i],
                r"h_{\max}": out.max(),
                r"h_{\min}": out.min(),
                r"\kappa": np.linalg.cond(H),
            }


def _problems():
    """Centered, uncorrelated features of three scales: deviations, data, weights, best weights, and the slope of half
    the mean squared error by central differences, exact for a quadratic."""
    for rng in draws(10):
        x = rng.normal(size=(60, 3))
        x -= x.mean(axis=0)
        x = x @ np.linalg.inv(np.linalg.cholesky(x.T @ x / 60)).T
        s, w, best = rng.uniform(0.3, 4, size=3), rng.normal(size=3), rng.normal(size=3)
        data = x * s

        def loss(weights, data=data, best=best):
            return 0.5 * np.mean((data @ weights - data @ best) ** 2)

        yield s, data, w, best, np.array([(loss(w + e) - loss(w - e)) / 2 for e in np.eye(3)])


def figure_valleys(result: Result) -> Figure:
    """Two maps of the loss over the plane of two weights. Left, centered features of deviations 1
    and {{ deviations[1] | integer }}: a valley along the axis of the first weight. Right, features of one scale with
    means of {{ ratio | digits(1) }} deviations: a valley across the diagonal."""
    figure = new_figure(320, 1, panels=2)
    words = ("scales only", "means only")
    for axes, name, text in zip(figure.axes, ("centered", "scaled"), words):
        H = curvature(*CASES[name])
        values, vectors = np.linalg.eigh(H)
        start = np.array([-0.95, 0.095]) if name == "centered" else np.array([-0.28, 0.96])
        turns = np.linspace(0, 2 * np.pi, 181)
        for part in (1, 0.5, 0.25):
            size = part * np.sqrt(start @ H @ start / values)
            ring = vectors @ (size[:, None] * np.array([np.cos(turns), np.sin(turns)]))
            axes.plot(*ring, color=GRID, linewidth=1, label="equal loss")
        path = descend(H, best_step(H), start, 0.02)
        axes.plot(*path.T, color=SECOND, linewidth=1.3, label=text)
        axes.plot(*start, "o", color=SECOND, markersize=6, label="start")
        axes.plot(0, 0, "+", color=INK, markersize=9, markeredgewidth=1.2, label="optimum")
        axes.text(0.98, 0.98, f"{text}\nκ = {result.kappa[name]:.0f}", transform=axes.transAxes, ha="right", va="top",
                  color=SECOND, fontweight="semibold")  # fmt: skip
        axes.set(xlim=(-1.4, 1.4), ylim=(-1.4, 1.4), aspect="equal")
        frame_axes(axes, [-1, 0, 1], [-1, 0, 1], "error in weight 1", "error in weight 2")
    return figure


def figure_arrival(result: Result) -> Figure:
    """Error of either weight against steps of size one over the largest curvature. That of the large feature's weight
    is gone after {{ first_steps[1] }} step; that of the small feature's is a millionth after
    {{ first_steps[0] | integer }}."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    axes.plot(result.slow, color=SECOND, label="small feature")
    axes.plot([0, 1, 399], [1, 0, 0], color=FIRST, label="large feature")
    label_point(axes, f"weight of the feature\nwith deviation {result.deviations[0]:g}", (100, result.slow[100]),
                SECOND, dx=12, dy=14)  # fmt: skip
    label_point(axes, f"deviation {result.deviations[1]:g}", (150, 0), FIRST, dx=0, dy=10, ha="center")
    axes.set(xlim=(-8, 405), ylim=(-0.03, 1.05))
    frame_axes(axes, [0, 100, 200, 300, 400], [0, 0.5, 1], "steps", "error, relative to the first")
    return figure


if __name__ == "__main__":
    show_figures(figure_valleys, figure_arrival, of=compute())
