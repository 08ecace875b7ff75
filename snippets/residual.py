"""With skip connections, does the activation function still matter?

For the size of gradients hardly: a block h + s U φ(W h) multiplies their mean square by 1 + s²χ, never less than 1, so
nothing vanishes, and what is to be feared is growth. For being off-center yes: the share of the mean adds up instead of
multiplying, but the matrix U behind the activation function meets the same mean as ever.

    h      the stream that passes all blocks, standard normal at first; n units
    W, U   matrices of a block's branch: normal, variance 1/n, no biases; z = W h, a = φ(z)
    s      what a branch is multiplied by: 1, or 1/√blocks
    v, c   mean product of one unit of the stream for one input and itself, and for two different inputs
    V, C   the same for the activations a; ratios are ‖μ‖²/tr Σ = c/(v − c) and C/(V − C)
    chi    E[φ'(z)²]
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, FUNCTIONS, sigmoid
from lib.gaussian import mean_by_sum, moments, normal_mean
from lib.mean_field import off_center_ratios, propagate, propagate_by_sum
from lib.numerics import Draws, draws
from lib.plots import FIRST, INK, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import estimate_off_center_ratio

SEED = 0
BLOCKS, FEW = 20, 5
WIDTH, INPUTS, NETS = 128, 200, 8  # of the sampled networks
KEYS = ("sigmoid", "relu", "tanh")
AGREED = 0.2  # what sampled networks may differ by, as a share


@dataclass(frozen=True)
class Result:
    blocks: int
    "Blocks, one after the other."
    width: int
    "Units of the sampled networks."
    nets: int
    "How many sampled networks."
    size: dict[str, float]
    "Root mean square stretch of a gradient through all blocks, infinite width, s = 1."
    scaled: dict[str, float]
    "The same for s = 1/√blocks."
    sampled: dict[str, float]
    "The same for s = 1 in sampled networks, geometric mean."
    agreed: float
    "How far they may be from it, as a share."
    ratio: dict[str, tuple[float, ...]]
    "‖μ‖²/tr Σ of the stream after each block, infinite width, s = 1."
    ratio_scaled: float
    "The same for sigmoids after the last block, where s = 1/√blocks."
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


def blocks(key, s=1.0):
    """For each block: the stretch of a gradient up to it, the ratio of the stream after it, the ratio inside."""
    unit, slope, size, v, c, found = FUNCTIONS[key], DERIVATIVES[key], 1.0, 1.0, 0.0, []
    for _ in range(BLOCKS):
        size *= np.sqrt(1 + s**2 * normal_mean(lambda z: slope(z) ** 2, np.sqrt(v)))
        shared, own = propagate(unit, c, v - c)
        v, c = v + s**2 * (shared + own), c + s**2 * shared
        found.append((size, c / (v - c), shared / own))
    return np.array(found)


def added_directly():
    """Ratio of the stream after each block h + σ(W h). Its units have a common mean, one half more in each block."""
    v, c, mean, found = 1.0, 0.0, 0.0, []
    for _ in range(BLOCKS):
        shared, own = propagate(sigmoid, c, v - c)
        both = 2 * mean * 0.5  # twice the product of the stream and what is added: on average of their means
        v, c, mean = v + shared + own + both, c + shared + both, mean + 0.5
        found.append(float(c / (v - c)))
    return tuple(found)


def network(rng, key, direct=False):
    """Stretch of the first input's gradient through all blocks, and the ratios of the last stream and activations."""
    unit, slope = FUNCTIONS[key], DERIVATIVES[key]
    h, J = rng.normal(size=(INPUTS, WIDTH)), np.eye(WIDTH)
    for _ in range(BLOCKS):
        W, U = rng.normal(size=(2, WIDTH, WIDTH)) / np.sqrt(WIDTH)
        U = np.eye(WIDTH) if direct else U
        z = h @ W.T
        J = J + U @ (slope(z[0])[:, None] * (W @ J))
        h = h + unit(z) @ U.T
    return np.linalg.norm(J) / np.sqrt(WIDTH), estimate_off_center_ratio(h), estimate_off_center_ratio(unit(z))


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    full, scaled = ({key: blocks(key, s) for key in KEYS} for s in (1.0, BLOCKS**-0.5))
    nets = {key: np.array([network(rng, key) for _ in range(NETS)]) for key in KEYS}
    return Result(
        blocks=BLOCKS,
        width=WIDTH,
        nets=NETS,
        size={key: found[-1, 0] for key, found in full.items()},
        scaled={key: found[-1, 0] for key, found in scaled.items()},
        sampled={key: float(np.exp(np.mean(np.log(found[:, 0])))) for key, found in nets.items()},
        agreed=AGREED,
        ratio={key: tuple(found[:, 1]) for key, found in full.items()},
        ratio_scaled=scaled["sigmoid"][-1, 1],
        inside={key: tuple(found[:, 2]) for key, found in full.items()},
        direct=added_directly(),
        few=FEW,
        plain=off_center_ratios("sigmoid", FEW)[0],
        sampled_ratio=float(np.median(nets["sigmoid"][:, 1])),
        sampled_inside=float(np.median(nets["sigmoid"][:, 2])),
        sampled_direct=float(np.median([network(rng, "sigmoid", direct=True)[1] for _ in range(NETS)])),
    )


def claim_nothing_vanishes(result: Result) -> None:
    """Through {{ blocks }} blocks a gradient comes back with {{ size.sigmoid | digits(3) }} times its size where the
    branches have sigmoids, {{ size.tanh | digits(2) }} times with tanh, and {{ size.relu | digits(2) }} times with
    ReLU; {{ nets }} sampled networks of {{ width }} units agree within {{ agreed | percent }}."""
    assert abs(result.size["relu"] - 1.5 ** (BLOCKS / 2)) < 1e-9 and result.size["sigmoid"] > 1  # χ = ½ at any scale
    for key in KEYS:
        assert abs(np.log(result.sampled[key] / result.size[key])) < np.log(1 + result.agreed)
        assert abs(by_sums(key)[-1, 0] / result.size[key] - 1) < 1e-3


def by_sums(key, s=1.0):
    """What `blocks` gives, with sums over even grids in the place of the quadrature."""
    size, v, c, found = 1.0, 1.0, 0.0, []
    for _ in range(BLOCKS):
        size *= np.sqrt(1 + s**2 * mean_by_sum(lambda z: DERIVATIVES[key](z) ** 2, np.sqrt(v), 0.01))
        shared, own = propagate_by_sum(FUNCTIONS[key], c, v - c)
        v, c = v + s**2 * (shared + own), c + s**2 * shared
        found.append((size, c / (v - c), shared / own))
    return np.array(found)


def claim_scaled_branches_do_not_grow(result: Result) -> None:
    r"""Multiply each branch by one over the root of the number of blocks: then the gradients come back with
    {{ scaled.sigmoid | digits(3) }} times their size with sigmoids, {{ scaled.tanh | digits(3) }} with tanh and
    {{ scaled.relu | digits(3) }} with ReLU; and the ratio in the stream of sigmoids is no more than
    {{ ratio_scaled | digits(2) }} after all blocks."""
    assert abs(result.scaled["relu"] - (1 + 0.5 / BLOCKS) ** (BLOCKS / 2)) < 1e-9
    assert all(1 < size < np.sqrt(np.e) for size in result.scaled.values())  # as χ is at most 1
    other = {key: by_sums(key, BLOCKS**-0.5)[-1] for key in KEYS}
    assert all(abs(other[key][0] / result.scaled[key] - 1) < 1e-3 for key in KEYS)
    assert abs(other["sigmoid"][1] / result.ratio_scaled - 1) < 1e-3
    low, high = 1 / 4 / np.exp(1 / 16), 4 * np.expm1(1 / 16)  # C is at least 1/4, and at most that plus c/16
    assert low < result.ratio_scaled < high


def claim_a_closed_branch_is_the_identity(result: Result) -> None:
    """Start with U = 0, and every block is the identity with every activation function, for its values and for its
    gradients. The first step then moves U and leaves W alone."""
    rng = np.random.default_rng(0)
    W, U, h, y = rng.normal(size=(4, 4)), np.zeros((4, 4)), rng.normal(size=4), rng.normal(size=4)
    for key, unit in FUNCTIONS.items():
        by_W, by_U, by_h = _gradients(1e-6, W, U, h, y=y, unit=unit)
        np.testing.assert_allclose(by_h, h - y, atol=1e-8)
        assert abs(by_W).max() == 0 and abs(by_U).max() > 0.01, key


def claim_off_center_adds_up(result: Result) -> None:
    """In the stream of sigmoids the ratio is {{ ratio.sigmoid[0] | digits(2) }} after one block,
    {{ ratio.sigmoid[4] | digits(2) }} after {{ few }} and {{ ratio.sigmoid[19] | digits(2) }} after {{ blocks }};
    without skip connections {{ few }} layers bring it to {{ plain[4] | scientific(2) }}. With tanh it stays at zero."""
    c, d = np.arange(1, BLOCKS + 1) / 4, (17 / 16) ** np.arange(1, BLOCKS + 1)  # the bounds of the text
    assert np.all(np.array(result.ratio["sigmoid"]) > c / d) and not any(np.round(result.ratio["tanh"], 20))
    assert abs(np.log(result.sampled_ratio / result.ratio["sigmoid"][-1])) < 0.3
    np.testing.assert_allclose(by_sums("sigmoid")[:, 1], result.ratio["sigmoid"], rtol=1e-3)
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
        np.testing.assert_allclose(by_sums(key)[:, 2], result.inside[key], rtol=4e-3)
    assert abs(np.log(result.sampled_inside / result.inside["sigmoid"][-1])) < 0.4


def claim_what_is_added_should_have_no_mean(result: Result) -> None:
    """Leave out the second matrix and add the sigmoids as they are: then all units get the same mean, one half more in
    every block, and after {{ blocks }} of them the ratio is {{ direct[19] | digits(2) }}."""
    mean = BLOCKS / 2
    assert 0.66 < result.direct[-1] / mean**2 < 0.82  # the spread has grown a little
    assert abs(np.log(result.sampled_direct / result.direct[-1])) < 0.3


def _loss(W, U, h, y, s=1.0, unit=np.tanh):
    """Half the squared distance of y from the stream behind a block."""
    return np.sum((h + s * U @ unit(W @ h) - y) ** 2) / 2


def _gradients(step, W, U, h, **how):
    """Derivatives of the loss by W, U and h: by central differences, exact to rounding where the step is imaginary."""

    def by(at, loss):
        nudges = step * np.eye(at.size).reshape(-1, *at.shape)
        return np.real([(loss(at + nudge) - loss(at - nudge)) / (2 * step) for nudge in nudges]).reshape(at.shape)

    return (
        by(W, lambda W: _loss(W, U, h, **how)),
        by(U, lambda U: _loss(W, U, h, **how)),
        by(h, lambda h: _loss(W, U, h, **how)),
    )


def _blocks(n=3):
    """Blocks with tanh, whose W has entries ±1/√n, and a loss after them: all letters, derivatives by complex step."""
    for rng in draws(8):
        s, U, h, y = rng.uniform(0.3, 2), rng.normal(size=(n, n)), rng.normal(size=n), rng.normal(size=n)
        W = rng.choice([-1, 1], size=(n, n)) / np.sqrt(n)
        by_W, by_U, by_h = _gradients(1e-20j, W, U, h, y=y, s=s)
        a = np.tanh(W @ h)
        yield {
            r"\frac{\partial L}{\partial W}": by_W,
            r"\frac{\partial L}{\partial U}": by_U,
            r"\frac{\partial L}{\partial h}": by_h,
            r"\delta": h + s * U @ a - y,
            "D": np.diag(np.tanh(W @ h + 1e-20j).imag / 1e-20),
            **{"a": a, "s": s, "W": W, "U": U, "h": h},
        }


def equation_backward() -> Draws:
    r"""\frac{\partial L}{\partial h} = \delta + s\,W^\top D\,U^\top \delta"""
    yield from _blocks()


def equation_gradients() -> Draws:
    r"""\frac{\partial L}{\partial U} = s\,\delta\,a^\top, \qquad
    \frac{\partial L}{\partial W} = s\left(D\,U^\top\delta\right) h^\top"""
    yield from _blocks()


def _signs(n=3):
    """All matrices of entries ±1/√n: mean zero, variance 1/n, independent."""
    signs = 2 * (np.arange(2 ** (n * n))[:, None] >> np.arange(n * n) & 1) - 1
    return signs.reshape(-1, n, n) / np.sqrt(n)


def equation_grows() -> Draws:
    r"""\mathbb{E}[\lVert\delta + s\,W^\top D\,U^\top\delta\rVert^2] = (1 + s^2\chi)\,\lVert\delta\rVert^2"""
    for block in _blocks():
        delta, D = block[r"\delta"], block["D"]
        back = [delta + block["s"] * block["W"].T @ D @ U.T @ delta for U in _signs()]
        mean = np.mean(np.sum(np.square(back), axis=1))
        yield {
            r"\mathbb{E}[\lVert\delta + s W^\top D U^\top\delta\rVert^2]": mean,
            "s": block["s"],
            r"\chi": np.mean(np.diag(D) ** 2),
            r"\delta": delta,
        }


def equation_adds() -> Draws:
    r"""v_{l+1} = v_l + s^2\,V_l, \qquad c_{l+1} = c_l + s^2\,C_l"""
    for rng in draws(6):
        s, (h, other), (a, b) = rng.uniform(0.3, 2), rng.normal(size=(2, 3)), rng.normal(0.3, 1, size=(2, 3))
        after = [(h + s * U @ a, other + s * U @ b) for U in _signs()]
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
    """Ratio of squared mean to spread against depth, on a logarithmic scale, for sigmoids. Without skip connections it
    leaves the picture at once, from {{ plain[0] | digits(2) }} to {{ plain[4] | scientific(1) }} in {{ few }} layers.
    In the stream along skip connections it bends: {{ ratio.sigmoid[0] | digits(2) }} at first and
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
