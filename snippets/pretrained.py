"""With which mean and standard deviation does one feed a network that somebody else has trained?

With theirs: they are part of its first layer. On the digits, networks that miss {{ wrong.theirs | percent(1) }} of new
images miss {{ wrong.forgotten | percent(1) }} when the map is forgotten. Own numbers are right where another camera
made them: they undo its gain and offset, and miss {{ wrong.camera_own | percent(1) }} where theirs miss
{{ wrong.camera_theirs | percent(1) }}.

    m, s   one mean and one standard deviation of all training pixels
    net    64-64-10, tanh units, softmax
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.figure import Figure

from lib.data import digits, one_hot
from lib.network import Layer, forward, init_layers, loss_and_gradients, sgd_step
from lib.normalization import standardize
from lib.numerics import Draws, draws
from lib.plots import FIRST, GRID, MUTED, SECOND, Frames, frame_axes, label_point, new_figure, show_figures

SEED = 0
NETS, TRAINING, STEP, STEPS, HIDDEN = 3, 1200, 0.3, 150, 64
CONTRAST, OFFSET = 0.5, 0.3  # the other camera puts out half the contrast, and a little light of its own
OFFSETS = np.arange(-10, 11) / 10
WHITE = 255


@dataclass(frozen=True)
class Result:
    nets: int
    "Networks, each trained on a random choice of images; numbers are medians."
    hidden: int
    "tanh units of each."
    training: int
    "Images that each is trained on."
    new: int
    "Images that it is tried on."
    mean: float
    "Mean of all training pixels of the first network, between 0 (paper) and 1 (ink)."
    std: float
    "Their standard deviation."
    wrong: dict[str, float]
    "Share of new images not recognized, by what is done to them."
    contrast: float
    "Contrast of the other camera."
    offset: float
    "Its offset, where one is chosen."
    camera: np.ndarray
    "Share not recognized for each of `OFFSETS`: with their numbers, with its own."


def train(layers: list[Layer], x: np.ndarray, labels: np.ndarray, steps: int) -> tuple[float, list[Layer]]:
    """Loss and layers after so many full-batch steps."""
    targets = one_hot(labels)
    for _ in range(steps):
        layers = sgd_step(layers, loss_and_gradients(layers, x, targets)[1], STEP)
    return loss_and_gradients(layers, x, targets)[0], layers


@cache
def trained(net: int, seed: int) -> tuple:
    """Training and new images with labels, mean and standard deviation, and the layers of one network."""
    rng = np.random.default_rng(NETS * seed + net)
    x, labels = digits()
    order = rng.permutation(len(x))
    x, labels = x[order], labels[order]
    mean, std = x[:TRAINING].mean(), x[:TRAINING].std()
    layers = train(init_layers((64, HIDDEN, 10), rng), (x[:TRAINING] - mean) / std, labels[:TRAINING], STEPS)[1]
    return x[:TRAINING], labels[:TRAINING], x[TRAINING:], labels[TRAINING:], mean, std, layers


def share_wrong(layers: list[Layer], x: np.ndarray, labels: np.ndarray) -> float:
    """Share of images whose largest score is not that of their label."""
    return float(np.mean(forward(layers, x)[0][-1].argmax(axis=1) != labels))


def try_maps(net: int) -> tuple[dict[str, float], list[tuple[float, float]]]:
    """Shares not recognized by one network, by preprocessing; and with the other camera at each offset."""
    *_, x, labels, mean, std, layers = trained(net, SEED)
    camera = CONTRAST * x + OFFSET
    inputs = {
        "theirs": (x - mean) / std,
        "own": standardize(x, None),
        "signed": 2 * x - 1,
        "forgotten": x,
        "bytes": WHITE * x,
        "camera_theirs": (camera - mean) / std,
        "camera_own": standardize(camera, None),
        "negative": standardize(1 - x, None),
    }
    pairs = [
        (
            share_wrong(layers, (CONTRAST * x + c - mean) / std, labels),
            share_wrong(layers, standardize(CONTRAST * x + c, None), labels),
        )
        for c in OFFSETS
    ]
    return {name: share_wrong(layers, changed, labels) for name, changed in inputs.items()}, pairs


def compute() -> Result:
    tried = [try_maps(net) for net in range(NETS)]
    _, _, new, _, mean, std, _ = trained(0, SEED)
    return Result(
        nets=NETS,
        hidden=HIDDEN,
        training=TRAINING,
        new=len(new),
        mean=mean,
        std=std,
        wrong={name: float(np.median([wrong[name] for wrong, _ in tried])) for name in tried[0][0]},
        contrast=CONTRAST,
        offset=OFFSET,
        camera=np.median([pairs for _, pairs in tried], axis=0).T,
    )


def claim_forgetting_costs(result: Result) -> None:
    """Of {{ new }} new images the networks miss {{ wrong.theirs | percent(1) }} behind their map,
    {{ wrong.signed | percent(1) }} if images are coded from −1 to 1, {{ wrong.forgotten | percent(1) }} if the map is
    forgotten, and {{ wrong.bytes | percent(1) }} if they are fed bytes."""
    wrong = result.wrong
    assert all(wrong["theirs"] + 0.005 < wrong[name] < 0.2 for name in ("signed", "forgotten", "bytes"))
    assert abs(wrong["own"] - wrong["theirs"]) < 0.01 and result.new == len(digits()[0]) - TRAINING
    maps = {
        "theirs": (1, 0),
        "signed": (2, -1),
        "forgotten": (1, 0),
        "bytes": (WHITE, 0),
        "camera_theirs": (CONTRAST, OFFSET),
        "negative": (-1, 1),
    }
    for name, (gain, offset) in maps.items():  # the map folded into the first layer, and the network written out
        shares = []
        for net in range(NETS):
            *_, x, labels, m, s, ((W, b), (V, c)) = trained(net, SEED)
            m, s = (m, s) if "theirs" in name else (0, 1)
            if name == "negative":
                m, s = 1 - x.mean(), x.std()
            hidden = np.tanh(x @ (gain / s * W) + b + (offset - m) / s * W.sum(axis=0))
            shares.append(np.mean((hidden @ V + c).argmax(axis=1) != labels))
        assert abs(np.median(shares) - wrong[name]) < 1e-9
    x, labels, *_, mean, std, layers = trained(0, SEED)  # and on the images that they were trained on
    right = share_wrong(layers, (x - mean) / std, labels)
    assert all(share_wrong(layers, changed, labels) > right + 0.005 for changed in (x, 2 * x - 1, WHITE * x))


def claim_own_numbers_undo_a_camera(result: Result) -> None:
    """Through a camera with {{ contrast | percent(0) }} of the contrast and an offset of {{ offset | digits(1) }} they
    miss {{ wrong.camera_theirs | percent(1) }} with their numbers, and with its own {{ wrong.camera_own | percent(1) }}
    as before."""
    shares = []
    for net in range(NETS):
        *_, x, labels, m, s, layers = trained(net, SEED)
        f = forward(layers, ((x - m) * CONTRAST + OFFSET + (CONTRAST - 1) * m) / s)[0][-1]
        shares.append(np.mean(f.argmax(axis=1) != labels))
    assert abs(np.median(shares) - result.wrong["camera_theirs"]) < 1e-9
    assert result.wrong["camera_own"] == result.wrong["own"] < result.wrong["camera_theirs"]
    for rng in draws(5):
        x, gain, offset = rng.random((7, 5)), rng.uniform(0.1, 3), rng.normal()
        np.testing.assert_allclose(standardize(gain * x + offset, None), standardize(x, None), atol=1e-12)
        np.testing.assert_allclose(standardize(offset - gain * x, None), -standardize(x, None), atol=1e-12)


def claim_a_negative_is_not_mended(result: Result) -> None:
    """Of negatives, black for white, they miss {{ wrong.negative | percent(0) }} with own numbers: a mean and a
    standard deviation cannot undo a change of sign."""
    assert result.wrong["negative"] > 0.9
    right = [
        np.mean(forward(layers, -standardize(x, None))[0][-1].argmax(axis=1) == labels)
        for *_, x, labels, _, _, layers in (trained(net, SEED) for net in range(NETS))
    ]
    assert abs(1 - np.median(right) - result.wrong["negative"]) < 1e-9


def equation_own() -> Draws:
    r"""\frac{(\alpha x + \beta) - (\alpha m + \beta)}{\alpha s} = \frac{x - m}{s}"""
    for rng in draws(8):
        x, alpha, beta = rng.normal(2, 1, size=30), rng.uniform(0.2, 3), rng.normal()
        yield {"x": x[0], "m": x.mean(), "s": (alpha * x + beta).std() / alpha, r"\alpha": alpha, r"\beta": beta}


def figure_wrong(result: Result) -> Figure:
    """Share of new images not recognized, one row for each way to feed them. Their numbers
    {{ wrong.theirs | percent(1) }}, coded from −1 to 1 {{ wrong.signed | percent(1) }}, map forgotten
    {{ wrong.forgotten | percent(1) }}, bytes {{ wrong.bytes | percent(1) }}; another camera with their numbers
    {{ wrong.camera_theirs | percent(1) }}, with its own {{ wrong.camera_own | percent(1) }}."""
    rows = {
        "theirs": "their numbers",
        "signed": "−1 to 1 instead",
        "forgotten": "0 to 1, map forgotten",
        "bytes": f"0 to {WHITE}, map forgotten",
        "camera_theirs": "other camera, theirs",
        "camera_own": "other camera, its own",
    }
    figure = new_figure(360, 0.62)
    (axes,) = figure.axes
    for y, name in enumerate(reversed(rows)):
        role = FIRST if name in ("theirs", "camera_own") else SECOND
        axes.plot([0, result.wrong[name]], [y, y], color=GRID, linewidth=1.2, zorder=1, label=rows[name])
        axes.plot(result.wrong[name], y, "o", color=role, markersize=8, label=rows[name])
    axes.set(xlim=(0, 0.1), ylim=(-0.6, len(rows) - 0.4))
    frame_axes(axes, {0: "0", 0.04: "4%", 0.08: "8%"}, dict(enumerate(reversed(rows.values()))), "not recognized")
    axes.spines.left.set_visible(False)
    axes.tick_params(axis="y", length=0)
    return figure


def explore_offset(result: Result, start: int = 13) -> Frames:
    """Share not recognized against the offset of another camera: flat with its own numbers, and with theirs a valley
    whose bottom is where the camera’s mean is theirs. A line stands at the offset chosen."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    for row, role, words in ((0, SECOND, "their numbers"), (1, FIRST, "its own")):
        axes.plot(OFFSETS, result.camera[row], color=role, label=words)
        label_point(axes, words, (OFFSETS[2], result.camera[row][2]), role, dx=14, dy=9 if row == 0 else -10)
    (line,) = axes.plot([0, 0], [0, 0.9], color=MUTED, linewidth=1.2, label="offset", gid="line")
    axes.set(xlim=(-1.05, 1.05), ylim=(-0.06, 0.95))
    frame_axes(axes, [-1, 0, 1], {0: "0", 0.5: "50%", 0.9: "90%"}, "offset", "not recognized")
    for offset, theirs, own in zip(OFFSETS, *result.camera):
        line.set_xdata([offset, offset])
        readouts = {
            "offset of the camera": f"{offset:.1f}".replace("-", "−"),
            "missed with their numbers": f"{theirs:.1%}",
            "missed with its own": f"{own:.1%}",
        }
        far = theirs > 2 * own
        yield figure, readouts, "Their numbers are off." if far else "Their mean happens to fit this camera."


if __name__ == "__main__":
    show_figures(figure_wrong, of=compute())
