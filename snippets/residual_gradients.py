"""Do gradients vanish through blocks with skip connections?

No: a block h + s U φ(W h) multiplies their mean square by 1 + s²χ, never less than 1, whatever the activation function.
What is to be feared is growth: through {{ blocks }} blocks with ReLU they become {{ size.relu | digits(2) }} times as
large.

    h      the stream that passes all blocks, standard normal at first; n units
    W, U   matrices of a block's branch: normal, variance 1/n, no biases; z = W h, a = φ(z)
    s      what a branch is multiplied by: 1, or 1/√blocks
    chi    E[φ'(z)²]
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.activation_functions import FUNCTIONS
from lib.numerics import Draws, draws
from lib.residual_stream import BLOCKS, NETS, WIDTH, list_sign_matrices, pass_blocks, pass_blocks_by_sums, sample_blocks

SEED = 0
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
    ratio_scaled: float
    "The same for sigmoids after the last block, where s = 1/√blocks."


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    full, scaled = ({key: pass_blocks(key, s) for key in KEYS} for s in (1.0, BLOCKS**-0.5))
    nets = {key: np.array([sample_blocks(rng, key) for _ in range(NETS)]) for key in KEYS}
    return Result(
        blocks=BLOCKS,
        width=WIDTH,
        nets=NETS,
        size={key: found[-1, 0] for key, found in full.items()},
        scaled={key: found[-1, 0] for key, found in scaled.items()},
        sampled={key: float(np.exp(np.mean(np.log(found[:, 0])))) for key, found in nets.items()},
        agreed=AGREED,
        ratio_scaled=scaled["sigmoid"][-1, 1],
    )


def claim_nothing_vanishes(result: Result) -> None:
    """Through {{ blocks }} blocks a gradient comes back with {{ size.sigmoid | digits(3) }} times its size where the
    branches have sigmoids, {{ size.tanh | digits(2) }} times with tanh, and {{ size.relu | digits(2) }} times with
    ReLU; {{ nets }} sampled networks of {{ width }} units agree within {{ agreed | percent }}."""
    assert abs(result.size["relu"] - 1.5 ** (BLOCKS / 2)) < 1e-9 and result.size["sigmoid"] > 1  # χ = ½ at any scale
    for key in KEYS:
        assert abs(np.log(result.sampled[key] / result.size[key])) < np.log(1 + result.agreed)
        assert abs(pass_blocks_by_sums(key)[-1, 0] / result.size[key] - 1) < 1e-3


def claim_scaled_branches_do_not_grow(result: Result) -> None:
    r"""Multiply each branch by one over the root of the number of blocks: then the gradients come back with
    {{ scaled.sigmoid | digits(3) }} times their size with sigmoids, {{ scaled.tanh | digits(3) }} with tanh and
    {{ scaled.relu | digits(3) }} with ReLU; and the ratio in the stream of sigmoids is no more than
    {{ ratio_scaled | digits(2) }} after all blocks."""
    assert abs(result.scaled["relu"] - (1 + 0.5 / BLOCKS) ** (BLOCKS / 2)) < 1e-9
    assert all(1 < size < np.sqrt(np.e) for size in result.scaled.values())  # as χ is at most 1
    other = {key: pass_blocks_by_sums(key, BLOCKS**-0.5)[-1] for key in KEYS}
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


def _loss(W: np.ndarray, U: np.ndarray, h: np.ndarray, y: np.ndarray, s: float = 1.0, unit: Callable = np.tanh):
    """Half the squared distance of y from the stream behind a block."""
    return np.sum((h + s * U @ unit(W @ h) - y) ** 2) / 2


def _gradients(step: complex, W: np.ndarray, U: np.ndarray, h: np.ndarray, **how: Any):
    """Derivatives of the loss by W, U and h: by central differences, exact to rounding where the step is imaginary."""

    def derivatives_by(at, loss):
        nudges = step * np.eye(at.size).reshape(-1, *at.shape)
        return np.real([(loss(at + nudge) - loss(at - nudge)) / (2 * step) for nudge in nudges]).reshape(at.shape)

    return (
        derivatives_by(W, lambda W: _loss(W, U, h, **how)),
        derivatives_by(U, lambda U: _loss(W, U, h, **how)),
        derivatives_by(h, lambda h: _loss(W, U, h, **how)),
    )


def draw_blocks(n: int = 3):
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
    yield from draw_blocks()


def equation_gradients() -> Draws:
    r"""\frac{\partial L}{\partial U} = s\,\delta\,a^\top, \qquad
    \frac{\partial L}{\partial W} = s\left(D\,U^\top\delta\right) h^\top"""
    yield from draw_blocks()


def equation_grows() -> Draws:
    r"""\mathbb{E}[\lVert\delta + s\,W^\top D\,U^\top\delta\rVert^2] = (1 + s^2\chi)\,\lVert\delta\rVert^2"""
    for block in draw_blocks():
        delta, D = block[r"\delta"], block["D"]
        back = [delta + block["s"] * block["W"].T @ D @ U.T @ delta for U in list_sign_matrices()]
        mean = np.mean(np.sum(np.square(back), axis=1))
        yield {
            r"\mathbb{E}[\lVert\delta + s W^\top D U^\top\delta\rVert^2]": mean,
            "s": block["s"],
            r"\chi": np.mean(np.diag(D) ** 2),
            r"\delta": delta,
        }


if __name__ == "__main__":
    print(compute())
