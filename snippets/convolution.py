"""Do means matter for convolutions, whose weights are shared, and why is one mean for each channel enough?

They do: a filter is a neuron whose examples are patches. A weight of the filter, a tap, reads nearly all pixels of an
image, so all taps have nearly the same mean, and one number takes it away: for 3 × 3 patches of the digits the squared
mean over the spread falls from {{ off.raw | digits(3) }} to {{ off.one | digits(2) }}, with the mean patch or the mean
image to 0.

    patch   pixels that the filter reads at one place, an example; as many as images times places
    coding  raw: paper 0, ink 1; one: minus the mean of all pixels; patch: minus the mean patch; image: minus the mean
            image; gray: one, then padded with 0; paper: padded with 0, then one
    off     off-center ratio ‖μ‖²/tr Σ of the patches
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lib.data import digits
from lib.numerics import Draws, draws
from lib.plots import FIRST, INK, SECOND, frame_axes, new_figure, show_figures
from lib.quadratics import off_center_ratio

SIDE, FILTER = 8, 3


@dataclass(frozen=True)
class Result:
    filter: int
    "Pixels along a filter."
    places: int
    "Where in an image the filter fits."
    off: dict[str, float]
    "Off-center ratio of the patches for each coding."
    kappa: dict[str, float]
    "Condition number of their second moment, no bias."
    taps: dict[str, np.ndarray]
    "Means of the taps, 3 × 3, raw and minus one number."
    rolled: dict[str, float]
    "Off-center ratio where every image is rolled round to all places, raw and minus one number."
    rolled_mean: float
    "Mean of every tap then, raw."
    pooled: dict[str, float]
    "Off-center ratio of the mean patches of single images: raw, one, patch, image."
    corner: float
    "Share of the places at which a corner tap reads the padding."


def load_images() -> np.ndarray:
    """The digits, shape (1797, 8, 8)."""
    return digits()[0].reshape(-1, SIDE, SIDE)


def cut_patches(images: np.ndarray) -> np.ndarray:
    """What a filter reads, shape (images, places, 9)."""
    view = np.lib.stride_tricks.sliding_window_view(images, (FILTER, FILTER), axis=(1, 2))
    return view.reshape(len(images), -1, FILTER**2)


def pad_images(images: np.ndarray, mode: str = "constant") -> np.ndarray:
    """With a frame one pixel wide: of zeros, or ("wrap") of what stands at the other end."""
    return np.pad(images, ((0, 0), (1, 1), (1, 1)), mode=mode)


def code_patches() -> dict[str, np.ndarray]:
    """Patches of the digits in each coding."""
    raw = load_images()
    return {
        "raw": cut_patches(raw),
        "one": cut_patches(raw - raw.mean()),
        "patch": cut_patches(raw) - cut_patches(raw).mean(axis=(0, 1)),
        "image": cut_patches(raw - raw.mean(axis=0)),
        "gray": cut_patches(pad_images(raw - raw.mean())),
        "paper": cut_patches(pad_images(raw) - raw.mean()),
    }


def compute() -> Result:
    coded = code_patches()
    flat = {name: np.concatenate(found) for name, found in coded.items()}
    rolled = np.concatenate(cut_patches(pad_images(load_images(), "wrap")))
    return Result(
        filter=FILTER,
        places=coded["raw"].shape[1],
        off={name: off_center_ratio(x) for name, x in flat.items()},
        kappa={name: float(np.linalg.cond(x.T @ x)) for name, x in flat.items()},
        taps={name: flat[name].mean(axis=0).reshape(FILTER, FILTER) for name in ("raw", "one")},
        rolled={"raw": off_center_ratio(rolled), "one": off_center_ratio(rolled - rolled.mean())},
        rolled_mean=rolled.mean(),
        pooled={name: off_center_ratio(coded[name].mean(axis=1)) for name in ("raw", "one", "patch", "image")},
        corner=1 - (1 - 1 / SIDE) ** 2,
    )


def read_patches(images: np.ndarray) -> np.ndarray:
    """The patches once more, a tap after the other, shape (9, patches): each tap reads a window of all images."""
    places = images.shape[1] - FILTER + 1
    windows = [(slice(i, i + places), slice(j, j + places)) for i in range(FILTER) for j in range(FILTER)]
    return np.array([images[:, rows, columns].ravel() for rows, columns in windows])


def claim_a_filter_sees_the_mean(result: Result) -> None:
    """For {{ filter }} × {{ filter }} patches of the digits that ratio is {{ off.raw | digits(3) }}; minus one
    number it is {{ off.one | digits(2) }}, minus the mean patch or the mean image 0. The condition numbers
    are {{ kappa.raw | integer }}, {{ kappa.one | integer }}, {{ kappa.patch | integer }} and
    {{ kappa.image | integer }}."""
    raw = load_images()
    taps = read_patches(raw)
    shifted = {
        "raw": taps,
        "one": taps - raw.mean(),
        "patch": taps - taps.mean(axis=1)[:, None],
        "image": read_patches(raw - raw.mean(axis=0)),
    }
    for name, x in shifted.items():
        stretch = np.linalg.svd(x, compute_uv=False)
        assert abs((stretch[0] / stretch[-1]) ** 2 / result.kappa[name] - 1) < 1e-9
        ratio = np.sum(x.mean(axis=1) ** 2) / np.trace(np.cov(x, bias=True))
        assert abs(ratio - result.off[name]) < 1e-9 and (ratio < 1e-20) == (name in ("patch", "image"))
    assert np.allclose(result.taps["raw"].ravel(), taps.mean(axis=1)) and result.places == taps.shape[1] / len(raw)
    assert np.allclose(result.taps["one"], result.taps["raw"] - raw.mean())


def claim_alike_at_all_places(result: Result) -> None:
    """Roll every digit round until each of its pixels has stood at each place: then every tap has the mean
    {{ rolled_mean | digits(3) }}, and one number takes the ratio from {{ rolled.raw | digits(2) }} to 0."""
    raw = load_images()
    moment, mean = np.zeros((FILTER**2, FILTER**2)), np.zeros(FILTER**2)
    for k in range(SIDE**2):  # all rolls; the first place of each will do
        x = read_patches(np.roll(raw, (k // SIDE, k % SIDE), axis=(1, 2))[:, :FILTER, :FILTER])
        moment, mean = moment + x @ x.T / x.shape[1] / SIDE**2, mean + x.mean(axis=1) / SIDE**2
    np.testing.assert_allclose(mean, result.rolled_mean, rtol=1e-9)
    assert abs(mean @ mean / (np.trace(moment) - mean @ mean) / result.rolled["raw"] - 1) < 1e-9
    assert result.rolled["one"] < 1e-20


def claim_pooling_leaves_more_mean(result: Result) -> None:
    """The digits’ mean patches have a ratio of {{ pooled.raw | digits(2) }}, minus one number
    {{ pooled.one | digits(2) }}, minus the mean patch or the mean image 0."""
    raw = load_images()
    for name, images in (("raw", raw), ("one", raw - raw.mean()), ("image", raw - raw.mean(axis=0))):
        x = read_patches(images).reshape(FILTER**2, len(raw), -1).mean(axis=2)
        ratio = np.sum(x.mean(axis=1) ** 2) / np.trace(np.cov(x, bias=True))
        assert abs(ratio - result.pooled[name]) < 1e-9
    assert result.pooled["raw"] > 10 * result.off["raw"] and result.pooled["one"] > 10 * result.off["one"]
    assert max(result.pooled["patch"], result.pooled["image"]) < 1e-20


def claim_padding_hardly_moves_the_mean(result: Result) -> None:
    """Padded with the average, centered digits have the ratio {{ off.gray | digits(2) }} and the condition number
    {{ kappa.gray | integer }}; padded with paper, {{ off.paper | digits(2) }} and {{ kappa.paper | integer }}."""
    raw = load_images()
    for name, frame in (("gray", 0.0), ("paper", -raw.mean())):
        images = np.full((len(raw), SIDE + 2, SIDE + 2), frame)
        images[:, 1:-1, 1:-1] = raw - raw.mean()
        x = read_patches(images)
        values = np.linalg.eigvalsh(x @ x.T)
        assert abs(values[-1] / values[0] / result.kappa[name] - 1) < 1e-9
        assert abs(np.sum(x.mean(axis=1) ** 2) / np.trace(np.cov(x, bias=True)) / result.off[name] - 1) < 1e-9
    frame = np.pad(np.zeros((1, SIDE, SIDE)), ((0, 0), (1, 1), (1, 1)), constant_values=1)
    assert abs(read_patches(frame)[0].mean() - result.corner) < 1e-12
    assert max(result.off["gray"], result.off["paper"]) < result.off["one"] / 5


def equation_gradient() -> Draws:
    r"""\frac{\partial L}{\partial w} = \sum_{p=1}^{N} \delta_p\, x_p"""
    for rng in draws(10):
        x, y, w = rng.normal(size=(4, 3)), rng.normal(size=4), rng.normal(size=3)  # four places, three taps
        nudges = 1e-20j * np.eye(3)  # complex step, through a loss that mixes all places
        slope = [np.log1p(np.sum(np.tanh(x @ (w + nudge) - y) ** 2)).imag / 1e-20 for nudge in nudges]
        out = np.tanh(x @ w - y)
        delta = 2 * out * (1 - out**2) / (1 + out @ out)
        yield {
            r"\frac{\partial L}{\partial w}": np.array(slope),
            r"\delta_p": lambda p, d=delta: d[int(p) - 1],
            "x_p": lambda p, x=x: x[int(p) - 1],
            "N": 4,
        }


def equation_moment() -> Draws:
    r"""H = \frac{1}{N} \sum_{p=1}^{N} \mathbb{E}[x_p x_p^\top] =
    \frac{1}{N} \sum_{p=1}^{N} (\Sigma_p + \mu_p \mu_p^\top) = \Sigma + \mu\mu^\top"""
    for rng in draws(10):
        x = rng.normal(rng.normal(size=(1, 4, 3)), 1, (20, 4, 3))  # images, places, taps
        slopes = [np.einsum("kp,kpi->i", x @ w, x) / 80 for w in np.eye(3)]  # half the mean square of all outputs
        yield {
            "H": np.array(slopes),
            r"\mathbb{E}[x_p x_p^\top]": lambda p, _, x=x: x[:, int(p) - 1].T @ x[:, int(p) - 1] / 20,
            r"\Sigma_p": lambda p, x=x: np.cov(x[:, int(p) - 1].T, bias=True),
            r"\mu_p": lambda p, x=x: x[:, int(p) - 1].mean(axis=0),
            r"\Sigma": np.cov(x.reshape(-1, 3).T, bias=True),
            r"\mu": x.mean(axis=(0, 1)),
            "N": 4,
        }


def figure_taps(result: Result) -> Figure:
    """The mean of each of the taps as a square of that area. Left, raw: filled squares of nearly one size,
    from {{ taps.raw[2][0] | digits(2) }} to {{ taps.raw[1][1] | digits(2) }}. Right, minus the mean of all pixels:
    small ones, from {{ taps.one[2][0] | digits(2) }} to {{ taps.one[1][1] | digits(2) }}."""
    figure = new_figure(240, 1, panels=2)
    words = ("raw", "minus one number")
    for axes, means, role, text in zip(figure.axes, result.taps.values(), (SECOND, FIRST), words):
        for (i, j), value in np.ndenumerate(means):
            side = 0.94 * np.sqrt(abs(value))
            axes.add_patch(Rectangle((j - side / 2, 2 - i - side / 2), side, side, facecolor=role, edgecolor=role))
            axes.text(j, 1.55 - i, f"{value:.2f}", ha="center", va="center", color=INK)
        axes.set(xlim=(-0.6, 2.6), ylim=(-0.7, 2.5), aspect="equal")
        frame_axes(axes, yname=text)
    return figure


if __name__ == "__main__":
    show_figures(figure_taps, of=compute())
