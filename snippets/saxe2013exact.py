"""What does a product of random matrices do to a signal (Saxe, McClelland and Ganguli, 2013)?

It stretches few directions and crushes most: of the eigenvalues of {{ factors[1] }} multiplied Gaussian matrices
{{ gathered[1] | percent(0) }} are within {{ bin | digits(1) }} of 0, of {{ factors[2] }} multiplied ones
{{ gathered[2] | percent(0) }}. A product of orthogonal matrices crushes none.

    M  how many matrices are multiplied
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import FIRST, INK, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
FACTORS, SIZE, DRAWS = (1, 5, 100), 100, 3  # matrices multiplied, their order, and products of each kind
BIN = 0.05  # an eigenvalue nearer to 0 counts as gathered there
REPORTED = (0.32, 0.94)


@dataclass(frozen=True)
class Result:
    factors: tuple[int, ...]
    "How many Gaussian matrices are multiplied."
    size: int
    "Rows and columns of each."
    bin: float
    "Distance from 0 below which an eigenvalue counts as gathered there."
    gathered: tuple[float, ...]
    "Share of the products' eigenvalues that are, for each number of factors."
    predicted: tuple[float, ...]
    "The same for large matrices: the bin to the power 2/M."
    reported: tuple[float, float]
    "The same in the middle and the right panel of the paper's figure 6."
    eigenvalues: tuple[np.ndarray, ...]
    "Eigenvalues of one product of each kind, complex."


def random_product(count: int, rng: np.random.Generator) -> np.ndarray:
    """Product of `count` square matrices with normal entries of variance 1/n."""
    out = np.eye(SIZE)
    for _ in range(count):
        out = out @ rng.normal(size=(SIZE, SIZE)) / np.sqrt(SIZE)
    return out


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    values = [[np.linalg.eigvals(random_product(count, rng)) for _ in range(DRAWS)] for count in FACTORS]
    return Result(
        factors=FACTORS,
        size=SIZE,
        bin=BIN,
        gathered=tuple(float(np.mean(abs(np.array(some)) < BIN)) for some in values),
        predicted=tuple(BIN ** (2 / count) for count in FACTORS),
        reported=REPORTED,
        eigenvalues=tuple(some[0] for some in values),
    )


def claim_products_gather_at_zero(result: Result) -> None:
    """Of the eigenvalues of {{ factors[1] }} multiplied Gaussian matrices {{ gathered[1] | percent(0) }} are within
    {{ bin | digits(1) }} of 0, and if {{ factors[2] }} are multiplied {{ gathered[2] | percent(0) }};
    for large matrices it is {{ predicted[1:] | percent(0) | list }}.
    A product of orthogonal matrices keeps every length."""
    np.testing.assert_allclose(result.gathered, result.predicted, atol=0.07)
    rng, product = np.random.default_rng(SEED), np.eye(SIZE)
    for _ in range(result.factors[2]):
        product = product @ np.linalg.qr(rng.normal(size=(SIZE, SIZE)))[0]
    np.testing.assert_allclose(product @ product.T, np.eye(SIZE), atol=1e-12)
    np.testing.assert_allclose(abs(np.linalg.eigvals(product)), 1, atol=1e-9)
    for values, count in zip(result.eigenvalues[:2], result.factors):  # the determinant, a product of χ variables
        assert abs(np.log(abs(values)).sum() / (-count * SIZE / 2) - 1) < 0.1


def equation_gathered() -> Draws:
    r"""\mathbb{P}(\lvert\lambda\rvert \le r) \approx r^{2/M}"""
    for rng in draws(4):
        M = int(rng.integers(3, 9))
        r = 0.6 ** (M / 2)  # a radius that holds over half of them
        shares = [np.mean(abs(np.linalg.eigvals(random_product(M, rng))) <= r) for _ in range(3)]
        yield {r"\mathbb{P}(\lvert\lambda\rvert \le r)": np.mean(shares), "r": r, "M": M, r"\approx": 0.1}


def figure_products(result: Result) -> Figure:
    """Eigenvalues in the complex plane with the unit circle. Left, a product of {{ factors[1] }} Gaussian matrices:
    dots thin out from the center to the circle. Right, of {{ factors[2] }}: almost all are one dot at 0, few stand
    between it and the circle."""
    figure = new_figure(300, 1, panels=2)
    turn = np.exp(1j * np.linspace(0, 2 * np.pi, 121))
    for axes, values, count in zip(figure.axes, result.eigenvalues[1:], result.factors[1:]):
        axes.plot(turn.real, turn.imag, color=FIRST, linewidth=1.2, label="orthogonal")
        axes.plot(values.real, values.imag, "o", color=SECOND, markersize=3, label=f"{count} Gaussian")
        axes.text(0, 1.5, f"{count} factors", ha="center", color=INK, fontweight="semibold")
        axes.set(xlim=(-1.9, 1.9), ylim=(-1.9, 1.9), aspect="equal")
        frame_axes(axes, [-1, 0, 1], [-1, 0, 1], "real part", "imaginary part")
    label_point(figure.axes[0], "orthogonal", (0, -1), FIRST, dx=0, dy=-10, ha="center")
    return figure


if __name__ == "__main__":
    show_figures(figure_products, of=compute())
