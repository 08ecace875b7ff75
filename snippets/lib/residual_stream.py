"""Blocks with a skip connection, h + s U φ(W h), sampled and in the limit of infinite width.

h is the stream that passes all blocks, standard normal at first. W and U are normal with variance 1/n, without biases;
z = W h, a = φ(z). v and c are the mean products of one unit of the stream for one input and itself, and for two
different inputs; ratios are ‖μ‖²/tr Σ = c/(v − c).
"""

from collections.abc import Callable

import numpy as np

from lib.activation_functions import DERIVATIVES, FUNCTIONS
from lib.gaussian import mean_by_sum, normal_mean
from lib.mean_field import propagate, propagate_by_sum
from lib.quadratics import estimate_off_center_ratio

BLOCKS = 20
WIDTH, INPUTS, NETS = 128, 200, 8  # of the sampled networks


def pass_blocks(key: str, s: float = 1.0, mean: Callable = normal_mean, rule: Callable = propagate) -> np.ndarray:
    """After each block: the root mean square stretch of a gradient up to it, the ratio of the stream, and that inside.

    `mean` is how E[f(z)] is integrated, `rule` how c and v − c of the activations are found.
    """
    unit, slope, size, v, c, found = FUNCTIONS[key], DERIVATIVES[key], 1.0, 1.0, 0.0, []
    for _ in range(BLOCKS):
        size *= np.sqrt(1 + s**2 * mean(lambda z: slope(z) ** 2, np.sqrt(v)))
        shared, own = rule(unit, c, v - c)
        v, c = v + s**2 * (shared + own), c + s**2 * shared
        found.append((size, c / (v - c), shared / own))
    return np.array(found)


def pass_blocks_by_sums(key: str, s: float = 1.0) -> np.ndarray:
    """What `pass_blocks` gives, with sums over even grids in the place of the quadrature."""
    return pass_blocks(key, s, lambda f, std: mean_by_sum(f, std, 0.01), propagate_by_sum)


def sample_blocks(rng: np.random.Generator, key: str, direct: bool = False) -> tuple[float, float, float]:
    """Stretch of the first input's gradient through all blocks, and the ratios of the last stream and activations.

    With `direct` there is no U: the activations are added as they are.
    """
    unit, slope = FUNCTIONS[key], DERIVATIVES[key]
    h, J = rng.normal(size=(INPUTS, WIDTH)), np.eye(WIDTH)
    for _ in range(BLOCKS):
        W, U = rng.normal(size=(2, WIDTH, WIDTH)) / np.sqrt(WIDTH)
        U = np.eye(WIDTH) if direct else U
        z = h @ W.T
        J = J + U @ (slope(z[0])[:, None] * (W @ J))
        h = h + unit(z) @ U.T
    return np.linalg.norm(J) / np.sqrt(WIDTH), estimate_off_center_ratio(h), estimate_off_center_ratio(unit(z))


def list_sign_matrices(n: int = 3) -> np.ndarray:
    """All matrices of entries ±1/√n, which have mean zero, variance 1/n and are independent: shape (2^(n²), n, n)."""
    signs = 2 * (np.arange(2 ** (n * n))[:, None] >> np.arange(n * n) & 1) - 1
    return signs.reshape(-1, n, n) / np.sqrt(n)
