"""Does a support vector machine with a Gaussian kernel feel the means of its features?

The kernel does not, since it looks at differences. Its default width does: gamma="scale" is one over the number of
features times the variance of *all entries*, and in that the means of unlike features count. Two features, one of them
moved by {{ moved[2] | integer }}, and {{ right.scale[2] | percent(0) }} of the examples are right instead of
{{ right.scale[0] | percent(0) }}.

    γ   in exp(−γ‖x − z‖²)
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from sklearn.svm import SVC

from lib.normalization import standardize
from lib.numerics import Draws, draws
from lib.plots import FIRST, SECOND, decades, frame_axes, label_point, new_figure, show_figures

SEED = 0
EXAMPLES, RADIUS = 400, 1.4
EXERCISE = 100.0  # mean of one of two features
MOVED = (0.0, 10.0, 100.0, 1000.0)


@dataclass(frozen=True)
class Result:
    examples: int
    "Examples, all used for fitting."
    radius: float
    "Squared radius of the circle inside which the first class lies."
    moved: tuple[float, ...]
    "Number that is added to the second feature."
    gamma: tuple[float, ...]
    "Default γ for each."
    right: dict[str, tuple[float, ...]]
    "Share of examples that are classified right, for each: with the default γ, and with that of the features before"
    " they were moved."
    standardized: float
    "The same for standardized features, whatever they were moved by."
    exercise: dict[str, float]
    "Mean of one of two features of variance 1, the other's being zero, and the variance of all entries."
    majority: float
    "Share of the more frequent class."


def make_points() -> tuple[np.ndarray, np.ndarray]:
    """Standard normal points in the plane, and whether they lie inside a circle."""
    z = np.random.default_rng(SEED).normal(size=(EXAMPLES, 2))
    return z, ((z**2).sum(axis=1) < RADIUS).astype(int)


def score(x: np.ndarray, y: np.ndarray, gamma: float | str = "scale") -> float:
    """Share of the examples that a support vector machine fitted to them classifies right."""
    return float(SVC(gamma=gamma).fit(x, y).score(x, y))


def default_gamma(x: np.ndarray) -> float:
    """What gamma="scale" stands for."""
    return float(1 / (x.shape[1] * x.var()))


def compute() -> Result:
    z, y = make_points()
    sets = [z + np.array([0, move]) for move in MOVED]
    return Result(
        examples=EXAMPLES,
        radius=RADIUS,
        moved=MOVED,
        gamma=tuple(default_gamma(x) for x in sets),
        right={
            "scale": tuple(score(x, y) for x in sets),
            "fixed": tuple(score(x, y, default_gamma(z)) for x in sets),
        },
        standardized=score(standardize(sets[-1]), y),
        exercise={"mean": EXERCISE, "factor": 1 + EXERCISE**2 / 4},
        majority=float(max(y.mean(), 1 - y.mean())),
    )


def claim_the_default_width_feels_means(result: Result) -> None:
    """With the second feature moved by {{ moved | integer | list }}, {{ right.scale | percent | list }} of the
    examples are right by default, and {{ right.fixed | percent | list }} with the γ of the first; standardized
    {{ standardized | percent }}. The more frequent class has {{ majority | percent }}."""
    z, y = make_points()
    assert result.moved == (0, 10, 100, 1000) and abs(np.bincount(y).max() / len(y) - result.majority) < 1e-9
    for move, gamma, by_default, fixed in zip(result.moved, result.gamma, *result.right.values()):
        x = z + np.array([0, move])
        within, between = z.var(axis=0).mean(), x.mean(axis=0).var()
        assert abs(1 / (2 * (within + between)) / gamma - 1) < 1e-9
        for width, share in ((gamma, by_default), (result.gamma[0], fixed)):
            difference = z[:, None] - z[None]  # of points that were not moved: the kernel sees no more
            model = SVC(kernel="precomputed").fit(np.exp(-width * (difference**2).sum(axis=2)), y)
            assert abs(model.score(np.exp(-width * (difference**2).sum(axis=2)), y) - share) < 6e-3
    difference = standardize(z)[:, None] - standardize(z)[None]
    kernel = np.exp(-(difference**2).sum(axis=2) / 2)
    assert abs(SVC(kernel="precomputed").fit(kernel, y).score(kernel, y) - result.standardized) < 1e-9
    assert abs(np.var([100 + 1, 100 - 1, 1, -1]) - result.exercise["factor"]) < 1e-9 and result.exercise["mean"] == 100
    assert result.right["scale"][3] < result.right["scale"][0] - 0.25


def equation_variance() -> Draws:
    r"""\frac{1}{n\gamma} = \frac{1}{n}\sum_{j=1}^{n} s_j^2 + \frac{1}{n}\sum_{j=1}^{n} (\mu_j - \bar{\mu})^2"""
    for rng in draws(6):
        x = rng.normal(rng.normal(size=5), rng.uniform(0.5, 2, size=5), size=(40, 5))
        mean, std = x.mean(axis=0), x.std(axis=0)
        model = SVC().fit(x, np.arange(40) % 2)
        kernel = model.decision_function(x[:1])[0] - model.intercept_[0]
        gamma = default_gamma(x)
        by_hand = model.dual_coef_[0] @ np.exp(-gamma * ((model.support_vectors_ - x[0]) ** 2).sum(axis=1))
        assert abs(kernel - by_hand) < 1e-6  # it is scikit-learn's γ
        yield {
            "n": 5,
            r"\gamma": gamma,
            "s_j": lambda j, std=std: std[j - 1],
            r"\mu_j": lambda j, mean=mean: mean[j - 1],
            r"\bar{\mu}": mean.mean(),
        }


def figure_width(result: Result) -> Figure:
    """Share of examples classified right against what one feature was moved by. With a fixed width a level line near
    {{ right.fixed[0] | percent(0) }}; with the default width it falls to {{ right.scale[2] | percent(0) }}."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    moved = np.array([1.0, *result.moved[1:]])  # zero stands at the left end of the logarithmic axis
    axes.plot(moved, result.right["scale"], "o-", color=SECOND)
    axes.plot(moved, result.right["fixed"], "o-", color=FIRST)
    label_point(axes, "gamma=“scale”", (moved[3], result.right["scale"][3]), SECOND, dx=0, dy=12, ha="right")
    label_point(axes, "one γ for all", (moved[2], result.right["fixed"][2]), FIRST, dx=0, dy=-14, ha="center")
    axes.set(xscale="log", xlim=(0.8, 1300), ylim=(0.45, 1.03))
    ticks = {1.0: "0", **{x: text for x, text in decades(1, 2, 3).items()}}
    frame_axes(axes, ticks, {0.5: "50%", 0.75: "75%", 1.0: "100%"}, "added to one feature", "right")
    return figure


if __name__ == "__main__":
    show_figures(figure_width, of=compute())
