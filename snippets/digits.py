"""What does the mean do to the curvature on real data?

It is the steep direction: of the largest eigenvalue of the digits' second moment, {{ top | digits(4) }}, the mean image
makes {{ mean_square | digits(4) }}, and centering removes that one eigenvalue and moves the others by at most
{{ next_change | percent(1) }}.

    x    images of the digits, pixels in [0, 1]
    top  largest eigenvalue of the second moment E[xxᵀ]
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.data import digits as images
from lib.numerics import Draws, draws
from lib.plots import FIRST, PLATE, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import second_moment

COMPARED = 5  # eigenvalues, raw and centered


@dataclass(frozen=True)
class Result:
    images: int
    "Images."
    pixels: int
    "Pixels of an image."
    constant: int
    "Pixels that are the same in every image, so that the least eigenvalue is 0 whatever is subtracted."
    top: float
    "Largest eigenvalue of the second moment of the raw pixels."
    mean_square: float
    "Squared length of the mean image."
    trace: float
    "Sum of all eigenvalues of the second moment: the mean squared length of an image."
    aligned: float
    "Cosine of the angle between the top eigenvector and the mean image."
    off_aligned: float
    "One minus that cosine."
    least_product: float
    "Least inner product of two different images."
    mean_cosine: float
    "Mean cosine of the angle between two different images."
    together: float
    "E‖x‖₁²/E‖x‖₂²: how many pixels are on together, a lower bound on the top eigenvalue over the average one."
    next_raw: float
    "Second eigenvalue of the raw pixels."
    next_centered: float
    "First eigenvalue of the centered pixels."
    compared: int
    "Eigenvalues that are compared before and after centering."
    next_change: float
    "Largest relative difference between these eigenvalues raw, from the second on, and centered, from the first on."
    spectra: dict[str, np.ndarray]
    "All eigenvalues, largest first, raw and centered, no bias."


def compute() -> Result:
    x = images()[0]
    mean, H = x.mean(axis=0), second_moment(x)
    values, vectors = np.linalg.eigh(H)
    centered = np.linalg.eigvalsh(np.cov(x.T, bias=True))
    products, lengths = x @ x.T, np.linalg.norm(x, axis=1)
    pairs = np.triu_indices(len(x), 1)
    aligned = abs(vectors[:, -1] @ mean) / np.linalg.norm(mean)
    return Result(
        images=len(x),
        pixels=x.shape[1],
        constant=int((x.std(axis=0) == 0).sum()),
        top=values[-1],
        mean_square=mean @ mean,
        trace=np.trace(H),
        aligned=aligned,
        off_aligned=1 - aligned,
        least_product=products[pairs].min(),
        mean_cosine=(products / np.outer(lengths, lengths))[pairs].mean(),
        together=np.mean(x.sum(axis=1) ** 2) / np.trace(H),
        next_raw=values[-2],
        next_centered=centered[-1],
        compared=COMPARED,
        next_change=max(centered[-COMPARED:] / values[-COMPARED - 1 : -1]) - 1,
        spectra={"raw": values[::-1], "centered": centered[::-1]},
    )


def claim_the_mean_is_the_steep_direction(result: Result) -> None:
    """Of the largest eigenvalue, {{ top | digits(5) }}, the mean image alone accounts for
    {{ mean_square | digits(5) }}; the cosine of the angle between its eigenvector and the mean image
    is {{ aligned | decimals(5) }}."""
    x, v = images()[0], np.random.default_rng(0).uniform(size=64)
    for _ in range(50):  # by power iteration, image by image
        v = (x @ v) @ x
        v /= np.linalg.norm(v)
    mean = x.mean(axis=0)
    assert abs(np.mean((x @ v) ** 2) / result.top - 1) < 1e-9 and result.top > result.mean_square
    assert abs((x**2 - (x - mean) ** 2).sum() / len(x) - result.mean_square) < 1e-9
    assert abs(v @ mean / np.linalg.norm(mean) - result.aligned) < 1e-9 and result.off_aligned < 1e-4


def claim_centering_removes_one_eigenvalue(result: Result) -> None:
    """Centering removes the first eigenvalue and hardly touches the next: the second of the raw pixels
    is {{ next_raw | digits }}, the first of the centered ones {{ next_centered | digits }}, and so on, the first
    {{ compared | words }} to within {{ next_change | percent(1) }}."""
    x = images()[0]
    raw, centered = (np.linalg.svd(a, compute_uv=False) ** 2 / len(x) for a in (x, x - x.mean(axis=0)))
    changes = centered[:COMPARED] / raw[1 : COMPARED + 1] - 1
    assert changes.min() >= 0 and abs(changes.max() - result.next_change) < 1e-9
    assert abs(centered[0] / result.next_centered - 1) < 1e-9 and abs(raw[1] / result.next_raw - 1) < 1e-9


def claim_every_pair_agrees(result: Result) -> None:
    """Any two images have a positive inner product, at least {{ least_product | digits }}; the cosine of the
    angle between them is {{ mean_cosine | digits }} on average."""
    x = images()[0]
    units = x / np.linalg.norm(x, axis=1, keepdims=True)
    total, number = units.sum(axis=0), len(x)
    assert abs((total @ total - number) / (number * (number - 1)) - result.mean_cosine) < 1e-12
    pairs = (np.einsum("ij,ij->i", x, np.roll(x, shift, axis=0)).min() for shift in range(1, number // 2 + 1))
    assert abs(min(pairs) - result.least_product) < 1e-12 and result.least_product > 0


def claim_pixels_that_never_change(result: Result) -> None:
    """{{ constant }} of the {{ pixels }} pixels are the same in every image, so the least eigenvalue is 0 and the
    condition number infinite, raw or centered."""
    x = images()[0]
    assert sum(len(set(pixel)) == 1 for pixel in x.T) == result.constant > 0
    assert all(abs(spectrum[-1]) < 1e-12 and len(spectrum) == result.pixels for spectrum in result.spectra.values())


def claim_positive_and_dense_is_steep(result: Result) -> None:
    """The largest eigenvalue is at least {{ together | digits }} times the average one, because that many pixels are
    on together."""
    assert result.top / (result.trace / result.pixels) > result.together > 1
    x = images()[0]
    assert abs(x.sum(axis=1) @ x.sum(axis=1) / np.vdot(x, x) - result.together) < 1e-9


def equation_trace() -> Draws:
    r"""\operatorname{tr}(H) = \operatorname{tr}(\Sigma) + \lVert\mu\rVert^2"""
    for x, H, covariance in draw_images():
        yield {r"\operatorname{tr}": np.trace, "H": H, r"\Sigma": covariance, r"\mu": x.mean(axis=0)}


def equation_top() -> Draws:
    r"""\lVert\mu\rVert^2 \le \lambda_1(H) \le \lVert\mu\rVert^2 + \lambda_1(\Sigma)"""
    for x, H, covariance in draw_images():
        yield {r"\lambda_1": lambda a: np.linalg.norm(a, 2), "H": H, r"\Sigma": covariance, r"\mu": x.mean(axis=0)}


def equation_interlace() -> Draws:
    r"""\lambda_{k+1}(H) \le \lambda_k(\Sigma) \le \lambda_k(H)"""
    for _, H, covariance in draw_images():
        for k in (1, 5):
            yield {
                r"\lambda_{k+1}": lambda a, k=k: np.linalg.eigvalsh(a)[-k - 1],
                r"\lambda_k": lambda a, k=k: np.linalg.eigvalsh(a)[-k],
                "H": H,
                r"\Sigma": covariance,
            }


def draw_images() -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Random selections of images, dark and bright: pixels, second moment by sums of outer products, covariance."""
    for rng, light in zip(draws(4), (1, 0.01, 1, 10)):
        x = light * images()[0][rng.choice(1797, 150, replace=False)]
        yield x, np.einsum("ki,kj->ij", x, x) / 150, np.cov(x.T, bias=True)


def figure_spectrum(result: Result) -> Figure:
    """Eigenvalues of the second moment in order, on a logarithmic axis. Raw and centered pixels share one curve that
    falls from {{ next_centered | digits(1) }}; the raw ones have one more in front, at {{ top | digits }}, far
    above it."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    for name, role, mark, face in (("centered", FIRST, "s", PLATE), ("raw", SECOND, "o", None)):
        spectrum = result.spectra[name]
        order = np.arange(1, 1 + sum(spectrum > 1e-4))
        axes.plot(order, spectrum[: len(order)], mark, color=role, markersize=4.5, markerfacecolor=face, label=name)
    label_point(axes, "the mean: raw pixels only", (1, result.top), SECOND, dx=10)
    label_point(axes, "centered", (2, result.spectra["centered"][1]), FIRST, dx=12, dy=9)
    label_point(axes, "raw", (14, result.spectra["raw"][13]), SECOND, dx=6, dy=9)
    axes.set(yscale="log", ylim=(8e-5, 30), xlim=(-1.5, 62))
    ticks = {10.0: "10", 1.0: "1", 0.1: "0.1", 0.01: "0.01", 0.001: "0.001", 0.0001: "0.0001"}
    frame_axes(axes, [1, 20, 40, 60], ticks, "number in order of size", "eigenvalue")
    return figure


if __name__ == "__main__":
    show_figures(figure_spectrum, of=compute())
