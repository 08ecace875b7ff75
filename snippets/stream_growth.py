"""How do signals grow along skip connections, by the kind of branch?

Unnormalized ReLU branches multiply the stream's mean square by {{ profile.plain[1] | digits(2) }} in every block, to
{{ stream.relu.plain[0] | integer }} after {{ blocks[0] }}; a norm at the head of the branch makes it grow by one half a
block, to {{ stream.relu.head[0] | digits(2) }}; a norm behind the sum keeps it at 1 and divides gradients instead:
sigmoids leave {{ gradient.sigmoid.behind[1] | scientific(1) }} of one after {{ blocks[1] }} blocks.

    h      the stream, standard normal at first; a block is h + s U φ(W h), W and U normal with variance 1/n
    v, c   mean product of one unit of the stream for one input and itself, and for two different inputs
    V, C   the same for the activations of a branch; chi is E[φ'²]
    kind   plain; scaled, s = 1/√blocks; head, each example of h over its root mean square before W; batch, batch norm
           before φ; end, the branch's output over its root mean square; behind, h over its own behind the sum
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, FUNCTIONS
from lib.gaussian import normal_mean
from lib.mean_field import propagate
from lib.numerics import draws
from lib.plots import FIRST, INK, MUTED, SECOND, decades, frame_axes, label_point, new_figure, show_figures

SEED = 0
KEYS = ("relu", "sigmoid", "tanh")
KINDS = ("plain", "scaled", "head", "batch", "end", "behind")
DEPTHS = (20, 100)
WIDTH, EXAMPLES = 128, 100


@dataclass(frozen=True)
class Result:
    blocks: tuple[int, ...]
    "Blocks, one after the other."
    stream: dict[str, dict[str, tuple[float, ...]]]
    "Mean square of the stream behind so many blocks, infinite width, by activation function and kind."
    gradient: dict[str, dict[str, tuple[float, ...]]]
    "Root mean square stretch of a gradient through so many blocks."
    ratio: dict[str, dict[str, tuple[float, ...]]]
    "Off-center ratio c/(v − c) of the stream there."
    plain_layers: tuple[float, ...]
    "Stretch of a gradient through so many ReLU layers with batch norm and no skip connection."
    profile: dict[str, tuple[float, ...]]
    "For ReLU, the mean square of the stream behind each of the first blocks, by kind."
    factor: dict[str, float]
    "What a block with the norm behind the sum leaves of a gradient, by activation function."
    width: int
    "Units of the sampled networks."
    sampled: dict[str, float]
    "Stretch of a gradient through the first blocks with the norm behind the sum, in one sampled network each."


def follow_moments(key: str, kind: str, blocks: int, s: float = 1.0) -> list[tuple[float, float, float]]:
    """v, c and the stretch of a gradient behind 0, 1, … blocks of infinite width."""
    shared, own, size = 0.0, 1.0, 1.0  # c and v − c
    path = [(1.0, 0.0, 1.0)]
    s2 = 1 / blocks if kind == "scaled" else s**2
    for _ in range(blocks):
        scale = {"head": shared + own, "batch": own}.get(kind, 1.0)  # what pre-activations are divided by, squared
        both = (0.0, 1.0) if kind == "batch" else (shared / scale, own / scale)
        chi = normal_mean(lambda z: DERIVATIVES[key](z) ** 2, np.sqrt(sum(both)))
        C, rest = propagate(FUNCTIONS[key], *both)
        end = C + rest if kind == "end" else 1.0
        shared, own = shared + s2 * C / end, own + s2 * rest / end
        size *= np.sqrt(1 + s2 * chi / scale / end)
        if kind == "behind":
            square = shared + own
            shared, own, size = shared / square, own / square, size / np.sqrt(square)
        path.append((shared + own, shared, float(size)))
    return path


def sample_network(rng: np.random.Generator, key: str, kind: str, blocks: int) -> tuple[float, float]:
    """Mean square of the stream, and the stretch of a gradient, through one random network."""
    h, kept = rng.normal(size=(EXAMPLES, WIDTH)), []
    s = blocks**-0.5 if kind == "scaled" else 1.0
    for _ in range(blocks):
        W, U = rng.normal(size=(2, WIDTH, WIDTH)) / np.sqrt(WIDTH)
        size = np.sqrt(np.mean(h**2, axis=1, keepdims=True)) if kind == "head" else 1.0
        z = h / size @ W
        branch = FUNCTIONS[key](z)
        end = np.sqrt(np.mean(branch**2, axis=1, keepdims=True)) if kind == "end" else 1.0
        h = h + s * branch / end @ U
        behind = np.sqrt(np.mean(h**2, axis=1, keepdims=True)) if kind == "behind" else 1.0
        h = h / behind
        kept.append((W, U, z, size * end, behind))
    square, delta = np.mean(h**2), rng.normal(size=h.shape)
    start = np.linalg.norm(delta)
    for W, U, z, size, behind in reversed(kept):  # the norms' dependence on h changes one direction of many
        delta = delta / behind
        delta = delta + s * (delta @ U.T * DERIVATIVES[key](z)) @ W.T / size
    return float(square), float(np.linalg.norm(delta) / start)


def compute() -> Result:
    paths = {(key, kind, L): follow_moments(key, kind, L) for key in KEYS for kind in KINDS for L in DEPTHS}

    def tabulate(of: Callable) -> dict:
        return {key: {kind: tuple(of(*paths[key, kind, L][-1]) for L in DEPTHS) for kind in KINDS} for key in KEYS}

    chi, variance = 0.5, 0.5 - 1 / (2 * np.pi)
    rng = np.random.default_rng(SEED)
    return Result(
        blocks=DEPTHS,
        stream=tabulate(lambda v, c, size: v),
        gradient=tabulate(lambda v, c, size: size),
        ratio=tabulate(lambda v, c, size: c / (v - c) if c > 1e-12 else 0.0),
        plain_layers=tuple((chi / variance) ** (L / 2) for L in DEPTHS),
        profile={kind: tuple(v for v, _, _ in paths["relu", kind, 20]) for kind in KINDS},
        factor={key: paths[key, "behind", 20][1][2] for key in KEYS},
        width=WIDTH,
        sampled={key: sample_network(rng, key, "behind", 20)[1] for key in KEYS},
    )


def claim_the_stream_by_kind(result: Result) -> None:
    """Mean square of the stream after {{ blocks[0] }} and {{ blocks[1] }} blocks of ReLU branches:
    {{ stream.relu.plain[0] | integer }} and {{ stream.relu.plain[1] | scientific(1) }} if nothing is normalized;
    {{ stream.relu.scaled[0] | digits(2) }} and {{ stream.relu.scaled[1] | digits(2) }} with branches scaled by one
    over the root of the number of blocks; {{ stream.relu.head[0] | integer }} and
    {{ stream.relu.head[1] | integer }} with a norm at the head of each branch; {{ stream.relu.end[0] | integer }}
    and {{ stream.relu.end[1] | integer }} with one at its end; {{ stream.relu.behind[0] | integer }} and
    {{ stream.relu.behind[1] | integer }} with one behind the sum."""
    for i, L in enumerate(DEPTHS):  # E[φ²] is half of the variance for ReLU
        closed = {"plain": 1.5**L, "scaled": (1 + 0.5 / L) ** L, "head": 1 + L / 2, "end": 1 + L, "behind": 1}
        for kind, v in closed.items():
            assert abs(result.stream["relu"][kind][i] / v - 1) < 1e-6, kind
    rng = np.random.default_rng(SEED)
    for key, kind in (("relu", "head"), ("sigmoid", "plain"), ("tanh", "end")):
        assert abs(np.log(sample_network(rng, key, kind, 20)[0] / result.stream[key][kind][0])) < 0.3


def claim_gradients_by_kind(result: Result) -> None:
    """Through {{ blocks[0] }} and {{ blocks[1] }} blocks of ReLUs a gradient grows to this many times its size:
    {{ gradient.relu.plain[0] | integer }} and {{ gradient.relu.plain[1] | scientific(1) }} if nothing is
    normalized; {{ gradient.relu.head[0] | digits(2) }} and {{ gradient.relu.head[1] | digits(2) }} with a norm at
    the head; {{ gradient.relu.batch[0] | digits(2) }} and {{ gradient.relu.batch[1] | digits(2) }} with batch norm
    before the activation function; {{ plain_layers[0] | integer }} and {{ plain_layers[1] | scientific(1) }} with
    batch norm and no skip connections."""
    for i, L in enumerate(DEPTHS):
        assert abs(result.gradient["relu"]["head"][i] / np.sqrt(1 + L / 2) - 1) < 1e-6  # the product telescopes
        assert abs(result.gradient["relu"]["plain"][i] / 1.5 ** (L / 2) - 1) < 1e-6
        assert abs(result.plain_layers[i] / (np.pi / (np.pi - 1)) ** (L / 2) - 1) < 1e-9
    rng = np.random.default_rng(SEED)
    for key, kind in (("relu", "head"), ("relu", "plain"), ("tanh", "scaled"), ("sigmoid", "end")):
        assert abs(np.log(sample_network(rng, key, kind, 20)[1] / result.gradient[key][kind][0])) < 0.35, kind
    for L, found in zip(DEPTHS, result.gradient["relu"]["batch"]):  # each block adds as much variance
        variances = 1 + np.arange(L) * (1 / 2 - 1 / (2 * np.pi))
        assert abs(np.sqrt(np.prod(1 + 0.5 / variances)) / found - 1) < 1e-3


def claim_behind_the_sum_sigmoids_vanish(result: Result) -> None:
    """With the norm behind the sum a gradient keeps {{ gradient.sigmoid.behind[0] | digits(2) }} of its size through
    {{ blocks[0] }} blocks of sigmoids and {{ gradient.sigmoid.behind[1] | scientific(1) }} through {{ blocks[1] }};
    with tanh it is {{ gradient.tanh.behind[0] | digits(2) }} and {{ gradient.tanh.behind[1] | digits(2) }}, with ReLU
    {{ gradient.relu.behind[0] | integer }} both times. The sigmoids' off-center ratio becomes
    {{ ratio.sigmoid.behind[0] | digits(1) }} and {{ ratio.sigmoid.behind[1] | scientific(1) }}."""
    z = np.random.default_rng(SEED).normal(size=400_000)
    for key in KEYS:
        values, slopes = FUNCTIONS[key](z), DERIVATIVES[key](z)
        factor = np.sqrt((1 + np.mean(slopes**2)) / (1 + np.mean(values**2)))
        assert abs(factor / result.factor[key] - 1) < 2e-3
        for i, L in enumerate(DEPTHS):
            assert abs(np.log(result.gradient[key]["behind"][i]) - L * np.log(result.factor[key])) < 1e-6
        assert abs(np.log(result.sampled[key] / result.gradient[key]["behind"][0])) < 0.8
    assert result.ratio["sigmoid"]["behind"][0] > 20 * result.ratio["sigmoid"]["head"][0] / 2
    near, far = result.ratio["sigmoid"]["behind"]
    slopes, values = (normal_mean(lambda z, f=f: f["sigmoid"](z) ** 2) for f in (DERIVATIVES, FUNCTIONS))
    grown = ((1 + values) / (1 + slopes)) ** (DEPTHS[1] - DEPTHS[0])  # what differs is small, and shrinks by its factor
    assert abs(np.log(far / near / grown)) < 0.5 and near < 150


def equation_head() -> Iterator[dict]:
    r"""\prod_{l=0}^{L-1} \left(1 + \frac{V}{1 + l\,V}\right) = 1 + L\,V"""
    for L, V in ((1, 0.5), (4, 0.5), (7, 2.0), (20, 0.5)):
        v, product = 1.0, 1.0
        for _ in range(L):
            product, v = product * (1 + V / v), v + V
        yield {r"\prod_{l=0}^{L-1} \left(1 + \frac{V}{1 + l V}\right)": product, "L": L, "V": V}


def equation_behind() -> Iterator[dict]:
    r"""\gamma^2 = \frac{1 + \chi}{1 + V}"""
    signs = 2 * (np.arange(2**9)[:, None] >> np.arange(9) & 1) - 1
    matrices = signs.reshape(-1, 3, 3) / np.sqrt(3)  # all U of entries ±1/√n
    for rng in draws(6):
        W, h, delta = rng.choice([-1, 1], size=(3, 3)) / np.sqrt(3), rng.normal(size=3), rng.normal(size=3)
        h *= np.sqrt(3 / (h @ h))
        a, D = np.tanh(W @ h), np.diag(1 - np.tanh(W @ h) ** 2)
        back = np.mean([np.sum((delta + W.T @ D @ U.T @ delta) ** 2) for U in matrices]) / (delta @ delta)
        forth = np.mean([np.sum((h + U @ a) ** 2) for U in matrices]) / 3
        yield {r"\gamma": np.sqrt(back / forth), r"\chi": np.mean(np.diag(D) ** 2), "V": np.mean(a**2)}


def figure_stream(result: Result) -> Figure:
    """Mean square of the stream against the block, logarithmic, for ReLU branches. Without normalization it rises
    straight to {{ stream.relu.plain[0] | integer }}; with a norm at the head or the end it bends, to
    {{ stream.relu.head[0] | integer }} and {{ stream.relu.end[0] | integer }}; scaled branches keep it below
    {{ stream.relu.scaled[1] | digits(2) }}; behind the sum it is 1."""
    figure = new_figure(360, 0.85)
    (axes,) = figure.axes
    lines = {
        "plain": ("nothing", SECOND, 12, -4, 12),
        "end": ("norm at the end", INK, 12, 0, 18),
        "head": ("norm at the head", INK, 12, 0, -13),
        "scaled": ("scaled", FIRST, 14, 0, 11),
        "behind": ("norm behind the sum", MUTED, 11, 0, -11),
    }
    for kind, (name, role, at, dx, dy) in lines.items():
        axes.plot(result.profile[kind], color=role, label=name)
        label_point(axes, name, (at, result.profile[kind][at]), role, dx=dx, dy=dy)
    axes.set(yscale="log", xlim=(-0.5, 20.5), ylim=(0.5, 5000))
    frame_axes(axes, (0, 5, 10, 15, 20), decades(0, 1, 2, 3), "block", "mean square of the stream")
    return figure


def explore_scale(result: Result, start: int = 10) -> Iterator[tuple]:
    """Stretch of a gradient through {{ blocks[0] }} blocks against the scale of the branches, on a logarithmic axis,
    nothing normalized. All curves begin at 1; ReLU's rises by decades, the sigmoid's stays low."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    scales, curves = np.linspace(0, 2, 21), {}
    for key, role in (("relu", INK), ("tanh", FIRST), ("sigmoid", SECOND)):
        curves[key] = [follow_moments(key, "plain", 20, s)[-1][2] for s in scales]
        axes.plot(scales, curves[key], color=role, label=key)
        label_point(axes, {"relu": "ReLU"}.get(key, key), (scales[17], curves[key][17]), role, dx=-4, dy=12)
    (mark,) = axes.plot([1, 1], [0.7, 2e7], color=INK, linewidth=1)
    mark.set_gid("mark")
    axes.set(yscale="log", xlim=(-0.05, 2.05), ylim=(0.7, 2e7))
    frame_axes(axes, (0, 0.5, 1, 2), decades(0, 2, 4, 6), "scale of the branches", "size of a gradient")
    for i, s in enumerate(scales):
        mark.set_xdata([s, s])
        readouts = {"scale": f"{s:.1f}", **{k: f"{curves[k][i]:,.3g}" for k in ("sigmoid", "tanh", "relu")}}
        closed = "Closed branches: every block is the identity."
        yield figure, readouts, closed if s == 0 else f"Each ReLU block multiplies by {np.sqrt(1 + s * s / 2):.2f}."


if __name__ == "__main__":
    show_figures(figure_stream, of=compute())
