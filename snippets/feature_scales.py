"""Why do features of different scales make gradient descent slow?

Because the loss curves with the square of a feature's size: standard deviations of {{ stds | integer | list }}
make a condition number of {{ kappa.centered | integer }}, and one step size has to serve all. Means of
{{ ratio | integer }} standard deviations each are a second, separate cause: alone they make
{{ kappa.scaled | integer }}, both together {{ kappa.neither | integer }}. Standardizing removes either: dividing the
one, subtracting the other.

    stds  standard deviations of the two features, which are independent
    ratio       mean over standard deviation of either feature
    H           second moment of the features, the Hessian of half the squared error
    error       w − w*, what is left to go; in units of output, weights times their features' standard deviations
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import GRID, INK, SECOND, frame_axes, new_figure, show_figures
from lib.quadratics import best_step, descend, worst_steps

STDS = np.array([1.0, 10.0])
RATIO = 2.0
TOLERANCE = 1e-6
CASES = {"neither": (False, False), "centered": (True, False), "scaled": (False, True), "standardized": (True, True)}


@dataclass(frozen=True)
class Result:
    stds: tuple[float, float]
    "Standard deviations of the two features."
    ratio: float
    "Mean over standard deviation of either feature."
    kappa: dict[str, float]
    "Condition number without a bias: as they are, centered only, scaled only, both."
    kappa_bias: dict[str, float]
    "The same with a bias."
    steps: dict[str, int]
    "Steps to a millionth of the error from the worst start, best constant step, no bias."
    bound: float
    "Product of the two condition numbers that scales alone and means alone would make."


def curvature(centered: bool, scaled: bool, bias: bool = False) -> np.ndarray:
    """E[xxᵀ] of the two features, with a last input that is always 1 if there is a bias."""
    std = np.ones(2) if scaled else STDS
    mean = np.append((0 if centered else RATIO) * std, 1)
    whole = np.diag(np.append(std**2, 0)) + np.outer(mean, mean)
    return whole if bias else whole[:2, :2]


def compute() -> Result:
    matrices = {name: curvature(*case) for name, case in CASES.items()}
    return Result(
        stds=tuple(STDS),
        ratio=RATIO,
        kappa={name: np.linalg.cond(H) for name, H in matrices.items()},
        kappa_bias={name: np.linalg.cond(curvature(*case, bias=True)) for name, case in CASES.items()},
        steps={name: worst_steps(H) for name, H in matrices.items()},
        bound=np.linalg.cond(matrices["centered"]) * np.linalg.cond(matrices["scaled"]),
    )


def claim_two_causes(result: Result) -> None:
    """Scales alone make a condition number of {{ kappa.centered | integer }}, means alone one
    of {{ kappa.scaled | integer }}, both together {{ kappa.neither | integer }}."""
    x = np.array([[i, j] for i in (-1, 1) for j in (-1, 1)])  # four examples of mean 0 and variance 1, uncorrelated
    for name, (centered, scaled) in CASES.items():
        data = (x + (not centered) * RATIO) * (1 if scaled else STDS)
        high, low = np.linalg.svd(data, compute_uv=False) ** 2
        assert abs(high / low / result.kappa[name] - 1) < 1e-9
    assert 1 < result.kappa["scaled"] < result.kappa["centered"] < result.kappa["neither"]


def claim_steps_follow(result: Result) -> None:
    """Steps to a millionth of the error, from the worst start: {{ steps.neither | integer }} as they
    are, {{ steps.centered | integer }} centered, {{ steps.scaled }} scaled, {{ steps.standardized }} standardized."""
    for name, steps in result.steps.items():
        rate = (result.kappa[name] - 1) / (result.kappa[name] + 1)
        assert steps == (1 if rate < 1e-12 else int(np.ceil(np.log(TOLERANCE) / np.log(rate))))


def claim_units_do_not_matter(result: Result) -> None:
    """Give each weight a step size of its own, divided by its feature's variance, and descent on the raw features
    follows the same outputs as descent on features divided by their standard deviations, not centered."""
    rng = np.random.default_rng(0)
    scaled = rng.normal(2, 1, size=(200, 2))
    x, y = scaled * STDS, scaled @ [1.0, -2.0] + rng.normal(size=200)
    w, u = np.zeros(2), np.zeros(2)
    for _ in range(30):
        w -= 0.1 / STDS**2 * (x.T @ (x @ w - y) / 200)
        u -= 0.1 * (scaled.T @ (scaled @ u - y) / 200)
        np.testing.assert_allclose(x @ w, scaled @ u, atol=1e-12)


def claim_newton_does_not_care(result: Result) -> None:
    """A Newton step, or solving the least squares outright, gives the same predictions for every scaling; with weight
    decay the predictions themselves change."""
    rng = np.random.default_rng(1)
    scaled = rng.normal(size=(50, 2))
    x, y = scaled * STDS, rng.normal(size=50)
    fits = [a @ np.linalg.solve(a.T @ a, a.T @ y) for a in (x, scaled)]
    decayed = [a @ np.linalg.solve(a.T @ a + 20 * np.eye(2), a.T @ y) for a in (x, scaled)]
    np.testing.assert_allclose(*fits, atol=1e-12)
    assert np.linalg.norm(decayed[0] - decayed[1]) > 0.05 * np.linalg.norm(decayed[0])


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


def figure_valleys(result: Result) -> Figure:
    """Two maps of the loss over the plane of two weights. Left, centered features of standard deviations 1 and
    {{ stds[1] | integer }}: a valley along the axis of the first weight. Right, features of one scale with means
    of {{ ratio | digits(1) }} standard deviations: a valley across the diagonal."""
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
        axes.text(
            0.98,
            0.98,
            f"{text}\nκ = {result.kappa[name]:.0f}",
            transform=axes.transAxes,
            ha="right",
            va="top",
            color=SECOND,
            fontweight="semibold",
        )
        axes.set(xlim=(-1.4, 1.4), ylim=(-1.4, 1.4), aspect="equal")
        frame_axes(axes, [-1, 0, 1], [-1, 0, 1], "error in weight 1", "error in weight 2")
    return figure


if __name__ == "__main__":
    show_figures(figure_valleys, of=compute())
