"""With skip connections, is a layer off center still?

Yes: the share of the mean adds up instead of multiplying, to {{ ratio.sigmoid[19] | digits(2) }} after {{ blocks }}
blocks of sigmoids, but the matrix U behind the activation function meets the same mean as ever.

    h      the stream that passes all blocks, h + U φ(W h), standard normal at first; n units
    W, U   matrices of a block's branch: normal, variance 1/n, no biases; z = W h, a = φ(z)
    v, c   mean product of one unit of the stream for one input and itself, and for two different inputs
    V, C   the same for the activations a; ratios are ‖μ‖²/tr Σ = c/(v − c) and C/(V − C)
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS, sigmoid
from lib.gaussian import moments
from lib.mean_field import off_center_ratios, propagate, propagate_by_sum
from lib.numerics import Draws, draws
from lib.plots import FIRST, INK, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.residual_stream import BLOCKS, NETS, list_sign_matrices, pass_blocks, pass_blocks_by_sums, sample_blocks

SEED = 0
FEW = 5
KEYS = ("sigmoid", "relu", "tanh")


@dataclass(frozen=True)
class Result:
    blocks: int
    "Blocks, one after the other."
    ratio: dict[str, tuple[float, ...]]
    "‖μ‖²/tr Σ of the stream after each block, infinite width, s = 1."
    inside: dict[str, tuple[float, ...]]
    "‖μ‖²/tr Σ of the activations in each block, which U is fed with; s = 1."
    direct: tuple[float, ...]
    "‖μ‖²/tr Σ of the stream where there is no U: h + σ(W h), sigmoids added as they are."
    few: int
    "Layers without skip connections."
    plain: tuple[float, ...]
    "‖μ‖²/tr Σ of sigmoids without skip connections, the first layers."
    sampled_ratio: float
    "Median ratio of the stream after the last block in sampled networks of sigmoids."
    sampled_inside: float
    "Median ratio of the activations in the last block of them."
    sampled_direct: float
    "Median ratio of the stream after the last block where sigmoids are added as they are."


def ratios_without_matrix() -> tuple[float, ...]:
    """Ratio of the stream after each block h + σ(W h). Its units have a common mean, one half more in each block."""
    v, c, mean, found = 1.0, 0.0, 0.0, []
    for _ in range(BLOCKS):
        shared, own = propagate(sigmoid, c, v - c)
        both = 2 * mean * 0.5  # twice the product of the stream and what is added: on average of their means
        v, c, mean = v + shared + own + both, c + shared + both, mean + 0.5
        found.append(float(c / (v - c)))
    return tuple(found)


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    full = {key: pass_blocks(key) for key in KEYS}
    nets = np.array([sample_blocks(rng, "sigmoid") for _ in range(NETS)])
    return Result(
        blocks=BLOCKS,
        ratio={key: tuple(found[:, 1]) for key, found in full.items()},
        inside={key: tuple(found[:, 2]) for key, found in full.items()},
        direct=ratios_without_matrix(),
        few=FEW,
        plain=off_center_ratios("sigmoid", FEW)[0],
        sampled_ratio=float(np.median(nets[:, 1])),
        sampled_inside=float(np.median(nets[:, 2])),
        sampled_direct=float(np.median([sample_blocks(rng, "sigmoid", direct=True)[1] for _ in range(NETS)])),
    )


def claim_off_center_adds_up(result: Result) -> None:
    """In the stream of sigmoids the ratio is {{ ratio.sigmoid[0] | digits(2) }} after one block,
    {{ ratio.sigmoid[4] | digits(2) }} after {{ few }} and {{ ratio.sigmoid[19] | digits(2) }} after {{ blocks }};
    without skip connections {{ few }} layers bring it to {{ plain[4] | scientific(2) }}. With tanh it stays at zero."""
    c, d = np.arange(1, BLOCKS + 1) / 4, (17 / 16) ** np.arange(1, BLOCKS + 1)  # the bounds of the text
    assert np.all(np.array(result.ratio["sigmoid"]) > c / d) and not any(np.round(result.ratio["tanh"], 20))
    assert abs(np.log(result.sampled_ratio / result.ratio["sigmoid"][-1])) < 0.3
    np.testing.assert_allclose(pass_blocks_by_sums("sigmoid")[:, 1], result.ratio["sigmoid"], rtol=1e-3)
    shared, own = 0.0, 1.0
    for ratio in result.plain:
        shared, own = propagate_by_sum(sigmoid, shared, own)
        assert abs(shared / own / ratio - 1) < 1e-3 and len(result.plain) == result.few


def claim_inside_nothing_is_cured(result: Result) -> None:
    """What the second matrix of a branch meets is as far off-center as ever: sigmoids have the ratio
    {{ inside.sigmoid[0] | digits(2) }} in the first block and {{ inside.sigmoid[19] | digits(2) }} in the last,
    ReLUs {{ inside.relu[0] | digits(2) }} and {{ inside.relu[19] | digits(2) }}."""
    for key in ("sigmoid", "relu"):
        mean, variance = moments(FUNCTIONS[key])
        assert abs(result.inside[key][0] / (mean**2 / variance) - 1) < 1e-6
        assert list(result.inside[key]) == sorted(result.inside[key])
        np.testing.assert_allclose(pass_blocks_by_sums(key)[:, 2], result.inside[key], rtol=4e-3)
    assert abs(np.log(result.sampled_inside / result.inside["sigmoid"][-1])) < 0.4


def claim_what_is_added_should_have_no_mean(result: Result) -> None:
    """Leave out the second matrix and add the sigmoids as they are: then all units get the same mean, one half more in
    every block, and after {{ blocks }} of them the ratio is {{ direct[19] | digits(2) }}."""
    mean = BLOCKS / 2
    assert 0.66 < result.direct[-1] / mean**2 < 0.82  # the spread has grown a little
    assert abs(np.log(result.sampled_direct / result.direct[-1])) < 0.3


def equation_adds() -> Draws:
    r"""v_{l+1} = v_l + s^2\,V_l, \qquad c_{l+1} = c_l + s^2\,C_l"""
    for rng in draws(6):
        s, (h, other), (a, b) = rng.uniform(0.3, 2), rng.normal(size=(2, 3)), rng.normal(0.3, 1, size=(2, 3))
        after = [(h + s * U @ a, other + s * U @ b) for U in list_sign_matrices()]
        yield {
            "v_{l+1}": np.mean([x @ x / 3 for x, _ in after]),
            "c_{l+1}": np.mean([x @ y / 3 for x, y in after]),
            "v_l": h @ h / 3,
            "c_l": h @ other / 3,
            "s": s,
            "V_l": a @ a / 3,
            "C_l": a @ b / 3,
        }


def equation_bounds() -> Draws:
    r"""\tfrac{1}{4} \le C_l, \qquad V_l - C_l \le \tfrac{1}{16}\,(v_l - c_l)"""
    for scale in (0.01, 0.1, 1, 4):  # where it is small, both are nearly reached
        for c, spread in scale * np.random.default_rng(0).uniform(0.1, 1, size=(3, 2)):
            shared, own = propagate(sigmoid, c, spread)
            yield {"C_l": shared, "V_l": shared + own, "v_l": c + spread, "c_l": c}


def figure_ratio(result: Result) -> Figure:
    """Ratio of squared mean to variance against depth, on a logarithmic scale, for sigmoids. Without skip connections
    it leaves the picture at once, from {{ plain[0] | digits(2) }} to {{ plain[4] | scientific(1) }} in {{ few }}
    layers. In the stream along skip connections it bends: {{ ratio.sigmoid[0] | digits(2) }} at first and
    {{ ratio.sigmoid[19] | digits(2) }} after {{ blocks }} blocks. Inside the branches it is nearly level, between
    {{ inside.sigmoid[0] | digits(2) }} and {{ inside.sigmoid[19] | digits(2) }}. Where sigmoids are added as they are
    it reaches {{ direct[19] | digits(2) }}."""
    figure = new_figure(360, 0.9)
    (axes,) = figure.axes
    depth = np.arange(1, BLOCKS + 1)
    lines = {
        "no skip connections": (result.plain, SECOND, 2, 6, 0),
        "added as they are": (result.direct, SECOND, 14, 0, -12),
        "inside a branch": (result.inside["sigmoid"], INK, 14, 0, -12),
        "the stream": (result.ratio["sigmoid"], FIRST, 14, 0, -12),
    }
    for name, (values, role, place, dx, dy) in lines.items():
        axes.plot(depth[: len(values)], values, color=role, label=name)
        label_point(axes, name, (place, values[place - 1]), role, dx=dx, dy=dy)
    axes.set(yscale="log", xlim=(0.5, BLOCKS + 0.5), ylim=(0.2, 1000))
    frame_axes(axes, (1, 5, 10, 15, 20), {1: "1", 10: "10", 100: "100", 1000: "1,000"}, "layer or block", "ratio")
    return figure


if __name__ == "__main__":
    show_figures(figure_ratio, of=compute())
