"""How do networks do without normalization?

Their branches read h/β, with β the standard deviation that the stream must have, and add α times what weights that sum
to zero make of it: after {{ blocks }} blocks with α = {{ alpha | digits(1) }} its mean square is
{{ square.standardized | digits(2) }}, as predicted, and its off-center ratio {{ ratio.standardized | digits(1) }}. With
plain weights the ratio is {{ ratio.plain | digits(2) }}.

    block  h ← h + α U γ φ(h/β), then β² ← β² + α²
    U      rows of length 1, with the sum 0 (standardized) or random (plain); γ is one over the standard deviation of
           φ(z) (standardized, mixed) or over its root mean square (plain), for standard normal z
    v, c   mean product of one unit of the stream for one input and itself, and for two different inputs
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS, relu
from lib.gaussian import density, moments
from lib.mean_field import propagate, propagate_by_sum
from lib.numerics import complex_step, draws, find_root
from lib.plots import FIRST, INK, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import estimate_off_center_ratio

SEED = 0
ALPHA, BLOCKS, WIDTH, INPUTS, NETS = 0.2, 50, 128, 100, 5
KINDS = ("standardized", "plain", "mixed")
PUBLISHED = {"relu": 1.7139588594436646, "gelu": 1.7015043497085571}  # deepmind-research/nfnets and copies of it
LIMIT, STEP = 0.01, 0.1  # of adaptive clipping; a step size


@dataclass(frozen=True)
class Result:
    alpha: float
    "Scale α of the branches."
    blocks: int
    "Blocks, one after the other."
    width: int
    "Units of the sampled networks."
    predicted: float
    "Mean square β² of the stream that is reckoned with behind all blocks."
    square: dict[str, float]
    "Mean square that it has, infinite width, by kind of weights."
    ratio: dict[str, float]
    "Its off-center ratio c/(v − c)."
    sampled: dict[str, tuple[float, float]]
    "Mean square and ratio in sampled networks, medians."
    ratios: dict[str, np.ndarray]
    "The ratio behind each block, infinite width."
    gains: dict[str, float]
    "One over the standard deviation of φ(z), by activation function."
    published: dict[str, float]
    "The numbers that stand for them in code that circulates."
    stretch: float
    "Stretch of a gradient through all blocks, standardized weights, infinite width."
    limit: float
    "Limit of adaptive clipping."
    step: float
    "A step size."
    turned: float
    "Largest share of its length by which a clipped step changes a unit's weights."


@cache
def gain_of(kind: str) -> float:
    """γ for ReLU: one over the standard deviation of the activations, or over their root mean square."""
    mean, variance = moments(relu)
    return float(1 / np.sqrt(variance + (kind == "plain") * mean**2))


def follow_moments(kind: str, rule: Callable = propagate) -> np.ndarray:
    """v and c of the stream behind 0, 1, … blocks of infinite width, shape (blocks + 1, 2)."""
    v, c, beta2, path = 1.0, 0.0, 1.0, [(1.0, 0.0)]
    for _ in range(BLOCKS):
        shared, own = rule(relu, c / beta2, (v - c) / beta2)
        if kind == "standardized":  # rows of sum 0 do not see the average of all units' means
            shared = max(shared - moments(relu, np.sqrt(v / beta2))[0] ** 2, 0.0)
        scale = (ALPHA * gain_of(kind)) ** 2
        v, c, beta2 = v + scale * (shared + own), c + scale * shared, beta2 + ALPHA**2
        path.append((v, c))
    return np.array(path)


def draw_rows(kind: str, rng: np.random.Generator) -> np.ndarray:
    """Weights of a branch, rows of length 1, with the sum 0 if `kind` is standardized."""
    U = rng.normal(size=(WIDTH, WIDTH))
    U -= (kind == "standardized") * U.mean(axis=1, keepdims=True)
    return U / np.linalg.norm(U, axis=1, keepdims=True)


def sample_stream(kind: str, rng: np.random.Generator) -> tuple[float, float]:
    """Mean square and off-center ratio of the stream behind all blocks of one network."""
    h, beta2 = rng.normal(size=(INPUTS, WIDTH)), 1.0
    for _ in range(BLOCKS):
        h = h + ALPHA * gain_of(kind) * relu(h / np.sqrt(beta2)) @ draw_rows(kind, rng).T
        beta2 += ALPHA**2
    return float(np.mean(h**2)), estimate_off_center_ratio(h)


def clip(G: np.ndarray, W: np.ndarray) -> np.ndarray:
    """Gradient of a layer, each row at most LIMIT times as long as that row of the weights."""
    allowed = LIMIT * np.linalg.norm(W, axis=1, keepdims=True) / np.linalg.norm(G, axis=1, keepdims=True)
    return G * np.minimum(1, allowed)


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    paths = {kind: follow_moments(kind) for kind in KINDS}
    samples = {kind: np.array([sample_stream(kind, rng) for _ in range(NETS)]) for kind in KINDS}
    v = paths["standardized"][:-1, 0]
    growth = 1 + ALPHA**2 * gain_of("standardized") ** 2 / 2 / v
    W = rng.normal(size=(8, 20))
    moved = STEP * clip(rng.normal(size=(8, 1)) * (rng.normal(size=20) + 3), W)
    return Result(
        alpha=ALPHA,
        blocks=BLOCKS,
        width=WIDTH,
        predicted=1 + BLOCKS * ALPHA**2,
        square={kind: float(path[-1, 0]) for kind, path in paths.items()},
        ratio={kind: float(path[-1, 1] / (path[-1, 0] - path[-1, 1])) for kind, path in paths.items()},
        sampled={kind: tuple(float(part) for part in np.median(found, axis=0)) for kind, found in samples.items()},
        ratios={kind: path[:, 1] / (path[:, 0] - path[:, 1]) for kind, path in paths.items()},
        gains={key: float(1 / np.sqrt(moments(FUNCTIONS[key])[1])) for key in ("relu", "gelu", "silu", "tanh")},
        published=PUBLISHED,
        stretch=float(np.sqrt(np.prod(growth))),
        limit=LIMIT,
        step=STEP,
        turned=float((np.linalg.norm(moved, axis=1) / np.linalg.norm(W, axis=1)).max()),
    )


def claim_standardized_weights_keep_the_plan(result: Result) -> None:
    """For {{ blocks }} ReLU blocks with α = {{ alpha | digits(1) }} a mean square of {{ predicted | digits(2) }} is
    predicted. With weights of sum zero and the gain for the variance it is {{ square.standardized | digits(2) }},
    and the off-center ratio {{ ratio.standardized | digits(1) }}. With plain weights and He's gain they are
    {{ square.plain | digits(2) }} and {{ ratio.plain | digits(2) }}, with plain weights and the gain for the
    variance {{ square.mixed | digits(2) }} and {{ ratio.mixed | digits(2) }}."""
    assert abs(result.square["standardized"] - result.predicted) < 1e-6 and abs(result.ratio["standardized"]) < 1e-6
    assert abs(result.square["plain"] - result.predicted) < 1e-6
    for kind in KINDS[1:]:
        v, c = follow_moments(kind, propagate_by_sum)[-1]
        assert abs(c / (v - c) / result.ratio[kind] - 1) < 0.02
    for kind in KINDS:  # sampled networks of finite width
        square, ratio = result.sampled[kind]
        assert abs(square / result.square[kind] - 1) < 0.12
        assert abs(ratio - result.ratio[kind]) < 0.02 + 0.25 * result.ratio[kind]


def claim_gains(result: Result) -> None:
    """The gain for the variance is {{ gains.relu | digits(5) }} for ReLU, {{ gains.gelu | digits(4) }} for GELU,
    {{ gains.silu | digits(4) }} for SiLU and {{ gains.tanh | digits(4) }} for tanh; code that circulates has
    {{ published.relu | digits(5) }} and {{ published.gelu | digits(5) }} for the first two, a little more."""
    assert all(0 < number / result.gains[key] - 1 < 1e-3 for key, number in result.published.items())
    np.testing.assert_allclose(list(result.published.values()), list(PUBLISHED.values()), rtol=1e-6)
    z, weight = np.polynomial.hermite_e.hermegauss(120)
    weight = weight / weight.sum()
    for key in ("gelu", "silu", "tanh"):
        a = FUNCTIONS[key](z)
        assert abs(result.gains[key] ** 2 * (weight @ a**2 - (weight @ a) ** 2) - 1) < 2e-4
    assert abs(result.gains["relu"] - np.sqrt(2 / (1 - 1 / np.pi))) < 1e-9


def claim_gradients_grow_little(result: Result) -> None:
    """A gradient comes back through all {{ blocks }} blocks at {{ stretch | digits(2) }} times its size."""
    rng, stretches = np.random.default_rng(SEED), []
    for _ in range(3):
        h, g, beta2, factors = rng.normal(size=WIDTH), rng.normal(size=WIDTH), 1.0, []
        for _ in range(BLOCKS):
            U, slope = draw_rows("standardized", rng), h > 0
            factors.append((U, slope, np.sqrt(beta2)))
            h = h + ALPHA * gain_of("standardized") * U @ relu(h / np.sqrt(beta2))
            beta2 += ALPHA**2
        size = np.linalg.norm(g)
        for U, slope, beta in reversed(factors):
            g = g + ALPHA * gain_of("standardized") / beta * slope * (U.T @ g)
        stretches.append(np.linalg.norm(g) / size)
    assert abs(np.mean(stretches) / result.stretch - 1) < 0.2


def claim_clipping_bounds_the_turn(result: Result) -> None:
    """With a limit of {{ limit | decimals(2) }} and a step of {{ step | decimals(1) }} no step changes a unit's weights
    by more than {{ turned | percent(1) }} of their length, and the direction of its gradient is what it was."""
    np.testing.assert_allclose(result.turned, LIMIT * STEP)
    rng = np.random.default_rng(SEED)
    G, W = rng.normal(size=(5, 7)), rng.normal(size=(5, 7))
    clipped = clip(G, W)
    np.testing.assert_allclose(np.sum(clipped * G, axis=1), np.linalg.norm(clipped, axis=1) * np.linalg.norm(G, axis=1))


def figure_ratio(result: Result) -> Figure:
    """Off-center ratio of the stream against the block. With weights of sum zero it stays at zero; with plain weights
    it rises, to {{ ratio.plain | digits(2) }} with He's gain and {{ ratio.mixed | digits(2) }} with the larger one."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    for kind, role in (("mixed", INK), ("plain", SECOND), ("standardized", FIRST)):
        axes.plot(result.ratios[kind], color=role)
    label_point(axes, "plain weights, gain for the variance", (8, 0.52), INK)
    label_point(axes, "plain weights, He’s gain", (18, 0.1), SECOND)
    label_point(axes, "weights that sum to zero", (14, 0.0), FIRST, dx=0, dy=8)
    axes.set(xlim=(0, BLOCKS), ylim=(-0.02, 0.6))
    frame_axes(axes, [0, 10, 20, 30, 40, BLOCKS], [0, 0.2, 0.4, 0.6], "block", "squared mean over variance")
    return figure


def equation_gain() -> Iterator[dict]:
    r"""\gamma = \frac{1}{\sqrt{\operatorname{Var}[\max(0, z)]}} = \sqrt{\frac{2}{1 - \frac{1}{\pi}}}"""
    z = np.linspace(0, 12, 2_000_001)  # the right half of the bell curve, by a sum
    p = density(z) * (z[1] - z[0])
    variance = p @ z**2 - (p @ z) ** 2
    yield {r"\gamma": variance**-0.5, r"\operatorname{Var}[\max(0, z)]": variance, r"\pi": np.pi}


def equation_predicted() -> Iterator[dict]:
    r"""\beta_{l+1}^2 = \beta_l^2 + \alpha^2, \qquad \beta_L^2 = 1 + L\,\alpha^2"""
    for rng in draws(6):
        alpha, blocks, square, before = rng.uniform(0.1, 1), int(rng.integers(2, 30)), 1.0, 1.0
        for _ in range(blocks):
            before, square = square, square + alpha**2
        yield {
            r"\beta_{l+1}": square**0.5,
            r"\beta_l": before**0.5,
            r"\alpha": alpha,
            r"\beta_L": square**0.5,
            "L": blocks,
        }


def equation_fixup() -> Iterator[dict]:
    r"""L\,s^{2 (m - 1)} = 1, \qquad s = L^{-1/(2m - 2)}"""
    for rng in draws(6):
        m, blocks = int(rng.integers(2, 5)), int(rng.integers(2, 40))
        layers, x = rng.normal(size=(m - 1, 4, 4)), rng.normal(size=4)

        def move(scale: float, layers: np.ndarray = layers, x: np.ndarray = x) -> float:
            """What a step on the last matrix of one block, which starts at zero, does to an output, over step size."""
            inner = x  # leaky units, which pass on a factor
            for W in layers:
                inner = np.maximum(scale * W @ inner, 0.3 * scale * W @ inner)
            by = complex_step(lambda U: (U.reshape(4, 4) @ inner)[0], np.zeros(16))
            return float(by @ by)

        scale = find_root(lambda s, f=move, L=blocks: L * f(s) - f(1.0), 1e-3, 1.0)
        yield {"L": blocks, "s": scale, "m": m}


if __name__ == "__main__":
    show_figures(figure_ratio, of=compute())
