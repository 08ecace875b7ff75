"""What happens to principal components, cosines and Gaussian processes if nobody subtracts the mean?

The first component is the mean, and “explains” much of what is not variance: on {{ images | integer }} digits
{{ share.raw | percent(0) }} instead of {{ share.centered | percent(0) }}. Two random images have a cosine of
{{ cosine.raw | decimals(2) }}, minus the mean image {{ cosine.centered | decimals(3) }}.

    ρ   squared length of the mean over the variance
    m   mean of the targets of a Gaussian process; k its kernel
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.data import digits
from lib.numerics import Draws, draws
from lib.plots import FIRST, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import hessian, off_center_ratio, second_moment

EXAMPLES, LEVEL, WIDTH, AWAY, JITTER = 12, 50.0, 1.0, 4.0, 1e-6


@dataclass(frozen=True)
class Result:
    images: int
    "Images of digits."
    ratio: float
    "Their squared mean over variance, ρ."
    share: dict[str, float]
    "Share of the first component in the sum of squares of all, raw and centered."
    along: float
    "Cosine of the first raw component with the mean image."
    second: float
    "Cosine of the second raw component with the first centered one."
    cosine: dict[str, float]
    "Mean cosine of two images: raw, minus the mean image, and each image minus its own mean."
    shares: dict[str, np.ndarray]
    "Shares of all pairs of images whose cosine lies in each of equally wide intervals from −1 to 1, raw and centered."
    level: float
    "Mean of the targets of a Gaussian process."
    away: float
    "Distance from the examples, in widths of the kernel."
    process: dict[str, float]
    "Prediction of a Gaussian process that far away: targets as they are, and minus their mean, which is added back."


def scale_rows(x: np.ndarray) -> np.ndarray:
    """The rows of x, each divided by its length."""
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def mean_cosine(x: np.ndarray) -> float:
    """Mean cosine of two different rows."""
    unit = scale_rows(x)
    total = unit.sum(axis=0)
    return float((total @ total - len(x)) / (len(x) * (len(x) - 1)))


def count_cosines(x: np.ndarray) -> np.ndarray:
    """Share of pairs of different rows in equally wide intervals of the cosine."""
    unit = scale_rows(x)
    cosines = (unit @ unit.T)[np.triu_indices(len(x), 1)]
    return np.histogram(cosines, bins=np.linspace(-1, 1, 51))[0] / len(cosines)


def predict(x: np.ndarray, y: np.ndarray, new: float) -> float:
    """Mean of a Gaussian process with mean zero and a squared exponential kernel, at a new input."""
    kernel = np.exp(-((x[:, None] - x) ** 2) / 2 / WIDTH**2) + JITTER * np.eye(len(x))
    return float(np.exp(-((new - x) ** 2) / 2 / WIDTH**2) @ np.linalg.solve(kernel, y))


def compute() -> Result:
    x = digits()[0]
    mean = x.mean(axis=0)
    values, vectors = np.linalg.eigh(second_moment(x))
    centered_values, centered_vectors = np.linalg.eigh(second_moment(x - mean))
    place = np.linspace(0, 3, EXAMPLES)
    y = LEVEL + np.sin(2 * place)
    new = 3 + AWAY
    return Result(
        images=len(x),
        ratio=off_center_ratio(x),
        share={"raw": values[-1] / values.sum(), "centered": centered_values[-1] / centered_values.sum()},
        along=float(abs(vectors[:, -1] @ mean) / np.linalg.norm(mean)),
        second=float(abs(vectors[:, -2] @ centered_vectors[:, -1])),
        cosine={
            "raw": mean_cosine(x),
            "centered": mean_cosine(x - mean),
            "own": mean_cosine(x - x.mean(axis=1, keepdims=True)),
        },
        shares={"raw": count_cosines(x), "centered": count_cosines(x - mean)},
        level=LEVEL,
        away=AWAY,
        process={"raw": predict(place, y, new), "centered": y.mean() + predict(place, y - y.mean(), new)},
    )


def claim_the_first_component_is_the_mean(result: Result) -> None:
    """{{ images | integer }} digits: without centering the first component has {{ share.raw | percent(0) }} of the sum
    of squares and a cosine of {{ along | decimals(4) }} with the mean image; centered, the first has
    {{ share.centered | percent(0) }} of the variance, and the second raw component is that one, to a cosine of
    {{ second | decimals(3) }}."""
    x = digits()[0]
    for name, data in (("raw", x), ("centered", x - x.mean(axis=0))):
        _, values, rows = np.linalg.svd(data, full_matrices=False)
        assert abs(values[0] ** 2 / np.sum(values**2) - result.share[name]) < 1e-6
        if name == "raw":
            assert abs(abs(rows[0] @ x.mean(axis=0)) / np.linalg.norm(x.mean(axis=0)) - result.along) < 1e-6
            second = rows[1]
        else:
            assert abs(abs(second @ rows[0]) - result.second) < 1e-6
    assert result.images == len(x)


def claim_cosines_count_what_all_share(result: Result) -> None:
    """The digits’ mean cosine is {{ cosine.raw | decimals(2) }}; minus the mean image
    {{ cosine.centered | decimals(3) }}, and each image minus its own mean still {{ cosine.own | decimals(2) }}. For
    vectors of one length ρ/(1 + ρ) would be exact; their ρ is {{ ratio | decimals(2) }}."""
    x = digits()[0]
    pairs = np.random.default_rng(0).integers(0, len(x), (200_000, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    for name, data in (
        ("raw", x),
        ("centered", x - x.mean(axis=0)),
        ("own", x - x.mean(axis=1, keepdims=True)),
    ):
        unit = data / np.linalg.norm(data, axis=1, keepdims=True)
        assert abs(np.mean(np.sum(unit[pairs[:, 0]] * unit[pairs[:, 1]], axis=1)) - result.cosine[name]) < 0.004
    mean = x.mean(axis=0)
    assert abs(mean @ mean / np.mean(np.sum((x - mean) ** 2, axis=1)) - result.ratio) < 1e-6
    assert abs(result.ratio / (1 + result.ratio) - result.cosine["raw"]) < 0.01


def claim_a_process_returns_to_zero(result: Result) -> None:
    """A Gaussian process with mean zero, targets about {{ level | integer }}: {{ away | integer }} widths of its kernel
    from the last example it predicts {{ process.raw | digits(1) }}; with the mean of the targets subtracted before, and
    added to the prediction, {{ process.centered | digits(3) }}."""
    place = np.linspace(0, 3, EXAMPLES)
    y = result.level + np.sin(2 * place)
    kernel = np.exp(-((place[:, None] - place) ** 2) / 2) + JITTER * np.eye(EXAMPLES)
    values, vectors = np.linalg.eigh(kernel)
    weights = np.exp(-((3 + result.away - place) ** 2) / 2)
    for name, shift in (("raw", 0.0), ("centered", y.mean())):
        found = shift + (weights @ vectors) @ ((vectors.T @ (y - shift)) / values)
        assert abs(found - result.process[name]) < 1e-4
    assert abs(result.process["raw"]) < 1 < result.process["centered"] - result.level + 2


def equation_share() -> Draws:
    r"""\frac{\lambda_1}{\operatorname{tr} H} = \frac{\frac{1}{n} + \rho}{1 + \rho}"""
    for rng in draws(8):
        n, mean, s = int(rng.integers(2, 8)), rng.normal(size=7), rng.uniform(0.5, 2)
        H = hessian(mean[:n], s * s)
        yield {
            r"\lambda_1": np.linalg.eigvalsh(H)[-1],
            r"\operatorname{tr} H": np.trace(H),
            "n": n,
            r"\rho": mean[:n] @ mean[:n] / (n * s * s),
        }


def equation_correlation() -> Draws:
    r"""\operatorname{corr}(x, y) = \frac{u^\top v}{\lVert u\rVert\,\lVert v\rVert}, \qquad
    u = x - \bar{x}\,\mathbf{1}, \quad v = y - \bar{y}\,\mathbf{1}"""
    for rng in draws(8):
        x, y = rng.normal(3, 1, 9), rng.normal(-1, 2, 9)
        yield {
            r"\operatorname{corr}(x, y)": np.corrcoef(x, y)[0, 1],
            "u": x - x.mean(),
            "v": y - y.mean(),
            "x": x,
            "y": y,
            r"\bar{x}": x.mean(),
            r"\bar{y}": y.mean(),
            r"\mathbf{1}": np.ones(9),
        }


def figure_cosines(result: Result) -> Figure:
    """Two hills over the cosine from −1 to 1: that of the raw images lies near {{ cosine.raw | decimals(1) }}, that of
    the centered ones about 0."""
    figure = new_figure(360, 0.65)
    (axes,) = figure.axes
    middles = np.linspace(-0.98, 0.98, 50)
    axes.plot(middles, result.shares["raw"], color=SECOND)
    axes.plot(middles, result.shares["centered"], color=FIRST)
    label_point(axes, "raw", (middles[42], result.shares["raw"][42]), SECOND, dx=0, dy=12)
    label_point(axes, "minus the mean image", (middles[22], result.shares["centered"][22]), FIRST, dx=-8, dy=6)
    axes.set(xlim=(-1, 1), ylim=(0, 0.16))
    frame_axes(axes, [-1, 0, 1], [0, 0.05, 0.1], "cosine of two images", "share of pairs")
    return figure


if __name__ == "__main__":
    show_figures(figure_cosines, of=compute())
