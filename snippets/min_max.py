"""Min-max scaling or standardization, and with which numbers are test data scaled?

Scaling to [0, 1] sets the range and leaves the mean in its middle: {{ features[0] }} independent uniform features
then have a condition number of {{ kappa.unit[0] | integer }} without a bias and {{ kappa_bias.unit[0] | integer }} with
one, standardized ones 1. One outlier sets the range alone. Test data
get the numbers of the training set: with their own they lose what tells them apart from it.

    column  values of one feature: many normal ones and one outlier
    left    standard deviation of the other values after scaling
    B       examples in a test set; w, Σ weights of a neuron and covariance of its inputs
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import FIRST, INK, SECOND, decades, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import hessian, hessian_with_bias, kappa_with_bias, kappa_without_bias

SEED = 0
FEATURES = (10, 64)
CODINGS = {"unit": (1 / 2, 1 / 12), "signed": (0.0, 1 / 3), "standardized": (0.0, 1.0)}  # mean, variance of a uniform
OTHERS, OUTLIER = 99, 100.0
COUNTS, OUTLIERS = np.geomspace(1, 1000, 31), np.geomspace(5, 1000, 31)  # of the figure


@dataclass(frozen=True)
class Result:
    features: tuple[int, ...]
    "How many independent uniform features."
    ratio: float
    "Mean over standard deviation of each, scaled to [0, 1]."
    kappa: dict[str, tuple[float, ...]]
    "Condition number without a bias for each number of features: scaled to [0, 1], to [−1, 1], standardized."
    kappa_bias: dict[str, tuple[float, ...]]
    "The same with a bias."
    others: int
    "Standard normal values in the column."
    outlier: float
    "The one other value."
    left: dict[str, float]
    "Deviation of the others after min-max to [0, 1], after standardizing, after median and quartiles."
    off: dict[str, float]
    "Size of the column's mean over its standard deviation after min-max to [0, 1], to [−1, 1]."
    prices: dict[str, np.ndarray]
    "Condition numbers with a bias over `COUNTS` of features, one array for each coding."
    squeezed: dict[str, np.ndarray]
    "Deviation of the others over `OUTLIERS`, one array for each way of scaling."


def column(outlier: float = OUTLIER) -> np.ndarray:
    """The outlier comes last."""
    return np.append(np.random.default_rng(SEED).normal(size=OTHERS), outlier)


def scaled(x: np.ndarray, way: str) -> np.ndarray:
    """A column minus one number, over another."""
    if way == "standardized":
        return (x - x.mean()) / x.std()
    if way == "quartiles":
        low, middle, high = np.quantile(x, (0.25, 0.5, 0.75))
        return (x - middle) / (high - low)
    unit = (x - x.min()) / (x.max() - x.min())
    return unit if way == "unit" else 2 * unit - 1


def left(way: str, outlier: float = OUTLIER) -> float:
    """Standard deviation of all values but the outlier, after scaling."""
    return float(scaled(column(outlier), way)[:-1].std())


def compute() -> Result:
    x, ways = column(), ("unit", "standardized", "quartiles")
    return Result(
        features=FEATURES,
        ratio=CODINGS["unit"][0] / np.sqrt(CODINGS["unit"][1]),
        kappa={way: tuple(float(kappa_without_bias(*code, n)) for n in FEATURES) for way, code in CODINGS.items()},
        kappa_bias={way: tuple(float(kappa_with_bias(*code, n)) for n in FEATURES) for way, code in CODINGS.items()},
        others=OTHERS,
        outlier=OUTLIER,
        left={way: left(way) for way in ways},
        off={way: float(abs(scaled(x, way).mean()) / scaled(x, way).std()) for way in ("unit", "signed")},
        prices={way: kappa_with_bias(*code, COUNTS) for way, code in CODINGS.items()},
        squeezed={way: np.array([left(way, outlier) for outlier in OUTLIERS]) for way in ways},
    )


def claim_the_range_is_not_the_mean(result: Result) -> None:
    """{{ features[0] }} independent uniform features have a condition number of {{ kappa.unit[0] | integer }} on [0, 1]
    and of {{ kappa_bias.unit[0] | integer }} with a bias; {{ features[1] }} have {{ kappa.unit[1] | integer }} and
    {{ kappa_bias.unit[1] | integer }}."""
    nodes, weights = np.polynomial.legendre.leggauss(3)
    for way, low in (("unit", 0), ("signed", -1), ("standardized", -np.sqrt(3))):
        high = -low if low else 1
        x = low + (high - low) * (nodes + 1) / 2
        first, second = weights / 2 @ x, weights / 2 @ x**2
        for n, kappa, kappa_bias in zip(FEATURES, result.kappa[way], result.kappa_bias[way]):
            H = np.full((n + 1, n + 1), first**2)
            np.fill_diagonal(H, second)
            H[-1], H[:, -1], H[-1, -1] = first, first, 1
            assert (
                abs(np.linalg.cond(H[:-1, :-1]) / kappa - 1) < 1e-9 and abs(np.linalg.cond(H) / kappa_bias - 1) < 1e-9
            )
    assert abs(result.ratio - np.sqrt(3)) < 1e-12
    np.testing.assert_allclose(result.kappa["unit"], 1 + 3 * np.array(FEATURES))
    for way, (mean, variance) in CODINGS.items():  # the block of mean and bias, for any number of features
        blocks = [[[variance + n * mean**2, np.sqrt(n) * mean], [np.sqrt(n) * mean, 1]] for n in COUNTS]
        np.testing.assert_allclose(np.linalg.cond(blocks), result.prices[way])


def claim_one_outlier_sets_the_range(result: Result) -> None:
    """An outlier of {{ outlier | integer }} among {{ others }} standard normal values leaves these a standard deviation
    of {{ left.unit | digits(2) }} after min-max, of {{ left.standardized | digits(2) }} after standardizing, and of
    {{ left.quartiles | digits(1) }} after subtracting the median and dividing by the distance of the quartiles."""
    x = column()
    others = float(np.std(x[:-1]))
    # within, and between the two
    std = np.sqrt(OTHERS / 100 * (others**2 + (OUTLIER - x[:-1].mean()) ** 2 / 100))
    assert abs(result.left["unit"] * (OUTLIER - x.min()) / others - 1) < 1e-9
    assert abs(result.left["standardized"] * std / others - 1) < 1e-9
    assert (
        result.left["unit"] < 0.015 < 0.06 < result.left["standardized"] < 0.15 < 0.5 < result.left["quartiles"] < 1.2
    )
    assert 0.39 < result.left["quartiles"] < 1.1
    low, high = np.quantile(x, (0.25, 0.75))  # which no outlier moves
    np.testing.assert_allclose(result.squeezed["unit"] * (OUTLIERS - x.min()), others)
    np.testing.assert_allclose(result.squeezed["quartiles"] * (high - low), others)
    for size, squeezed in zip(OUTLIERS, result.squeezed["standardized"]):
        spread = np.sqrt(OTHERS / 100 * (others**2 + (size - x[:-1].mean()) ** 2 / 100))
        assert abs(squeezed * spread / others - 1) < 1e-9


def claim_minus_one_to_one_is_not_centered(result: Result) -> None:
    """On [−1, 1] the column with the outlier is farther from centered than on [0, 1]: its mean is
    {{ off.signed | digits(2) }} standard deviations from zero instead of {{ off.unit | digits(2) }}."""
    x = column()
    middle = (x.min() + x.max()) / 2
    assert abs(result.off["signed"] - (middle - x.mean()) / x.std()) < 1e-9
    assert abs(result.off["unit"] - (x.mean() - x.min()) / x.std()) < 1e-9
    assert result.off["signed"] > 5 * result.off["unit"]


def uniform_moments() -> tuple[float, float]:
    """Mean and variance of a uniform number from 0 to 1, by quadrature."""
    nodes, weights = np.polynomial.legendre.leggauss(3)
    x = (nodes + 1) / 2
    mean = float(weights @ x / 2)
    return mean, float(weights @ (x - mean) ** 2 / 2)


def equation_ratio() -> Draws:
    r"""\frac{\mu_j}{s_j} = \frac{\frac{1}{2}}{\sqrt{\frac{1}{12}}} = \sqrt{3}, \qquad \kappa_0 = 1 + 3n"""
    mean, variance = uniform_moments()
    for n in range(2, 12):
        kappa = np.linalg.cond(hessian(np.full(n, mean), variance))
        yield {r"\mu_j": mean, "s_j": np.sqrt(variance), r"\kappa_0": kappa, "n": n}


def equation_with_bias() -> Draws:
    r"""\kappa_b + \frac{1}{\kappa_b} + 2 = \frac{\left(1 + \frac{1}{12} + \frac{n}{4}\right)^2}{\frac{1}{12}}"""
    mean, variance = uniform_moments()
    for n in range(1, 12):
        yield {r"\kappa_b": np.linalg.cond(hessian_with_bias(np.full(n, mean), variance)), "n": n}


def equation_own_mean() -> Draws:
    r"""\mathbb{E}[(w^\top(\bar{x} - \mu))^2] = \frac{1}{B}\, w^\top \Sigma\, w"""
    for rng in draws(10):
        size, points, w = int(rng.integers(1, 4)), rng.normal(1, 1, (4, 3)), rng.normal(size=3)
        sets = [np.mean(drawn, axis=0) for drawn in product(points, repeat=size)]  # all test sets, equally likely
        yield {
            r"\mathbb{E}[(w^\top(\bar{x} - \mu))^2]": np.mean([(w @ (own - points.mean(axis=0))) ** 2 for own in sets]),
            "B": size,
            "w": w,
            r"\Sigma": np.cov(points.T, bias=True),
        }


def figure_price(result: Result) -> Figure:
    """Two plots with logarithmic axes. Left, the condition number with a bias against the number of uniform features:
    scaled to [0, 1] it climbs to {{ prices.unit[30] | digits(2) }} at the right end, on [−1, 1] it stays at
    {{ prices.signed[30] | digits(1) }}, standardized at {{ prices.standardized[30] | digits(1) }}. Right, what an
    outlier leaves of the standard deviation of the others: after min-max the less the larger it is, after standardizing
    the same from some size on, by quartiles nothing is lost."""
    figure = new_figure(340, 0.82, panels=2)
    price, outlier = figure.axes
    words = {"unit": ("min-max to [0, 1]", SECOND, 22), "signed": ("to [−1, 1]", INK, 18)}
    words |= {"standardized": ("standardized", FIRST, 20), "quartiles": ("by quartiles", INK, 8)}
    for way, curve in result.prices.items():
        text, role, at = words[way]
        price.plot(COUNTS, curve, color=role, label=text)
        label_point(
            price,
            text,
            (COUNTS[at], curve[at]),
            role,
            dx=-6 if way == "unit" else 0,
            dy=-9 if way == "standardized" else 9,
        )
    price.set(xscale="log", yscale="log", xlim=(0.9, 1300), ylim=(0.25, 2e6))
    frame_axes(price, [1, 10, 100, 1000], decades(0, 2, 4, 6), "uniform features", "condition number with a bias")
    for way, curve in result.squeezed.items():
        text, role, at = words[way]
        outlier.plot(OUTLIERS, curve, color=role, label=text)
        label_point(outlier, text, (OUTLIERS[at], curve[at]), role, dx=6, dy=9)
    outlier.set(xscale="log", yscale="log", xlim=(4.5, 1300), ylim=(5e-4, 1.5))
    frame_axes(outlier, [5, 10, 100, 1000], decades(0, -1, -2, -3), "size of one outlier", "spread of the others")
    return figure


if __name__ == "__main__":
    show_figures(figure_price, of=compute())
