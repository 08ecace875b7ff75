"""Which self-supervised losses notice a vector that is added to all outputs?

Those that compare directions do, and like it: the mean cosine of unrelated outputs goes from
{{ cosines[0] | decimals(2) }} to {{ cosines[4] | decimals(2) }} when a vector of {{ lengths[4] | digits(1) }} times
their spread is added to all. Those that subtract a mean over examples do not notice it.

    z   outputs of one view, a row an example; z′ of another; c a vector that is added to all rows of both
    ρ   squared length of the mean over the variance, summed over outputs
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.network import softmax
from lib.normalization import standardize
from lib.numerics import Draws, draws
from lib.quadratics import off_center_ratio

SEED = 0
EXAMPLES, OUTPUTS, DRAWS = 200, 16, 25
LENGTHS = (0.0, 0.5, 1.0, 2.0, 5.0)  # of c, in units of the root of the summed variance


@dataclass(frozen=True)
class Result:
    lengths: tuple[float, ...]
    "Lengths of the added vector, over the root of the summed variance."
    cosines: tuple[float, ...]
    "Mean cosine of two unrelated outputs, for each length."
    examples: int
    "Examples, of which two views are compared."
    outputs: int
    "Outputs."
    alike: float
    "Mean cosine of an example's two views, nothing added."
    change: dict[str, float]
    "Change of each loss in size, by a vector of the greatest length in a random direction; medians of many draws."


def cosines(z: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Cosines of every row of one with every row of the other."""
    return (z / np.linalg.norm(z, axis=1, keepdims=True)) @ (other / np.linalg.norm(other, axis=1, keepdims=True)).T


def vicreg(z: np.ndarray, other: np.ndarray) -> float:
    """Distance of the views, a hinge on each standard deviation, and squared covariances; weights 25, 25 and 1."""
    spread = sum(np.maximum(0, 1 - np.sqrt(part.var(axis=0) + 1e-4)).mean() for part in (z, other))
    parts = [np.cov(part.T) for part in (z, other)]
    mixed = sum((C**2).sum() - (np.diag(C) ** 2).sum() for C in parts) / z.shape[1]
    return float(25 * np.mean((z - other) ** 2) + 25 * spread + mixed)


def barlow_twins(z: np.ndarray, other: np.ndarray) -> float:
    """Squared distance of the correlations of both views from the identity, off the diagonal weighted."""
    C = standardize(z).T @ standardize(other) / len(z) - np.eye(z.shape[1])
    return float((np.diag(C) ** 2).sum() + 0.005 * ((C**2).sum() - (np.diag(C) ** 2).sum()))


def byol(z: np.ndarray, other: np.ndarray) -> float:
    """Minus the mean cosine of an example's two views, but for a factor and a constant; SimSiam's is the same."""
    return float(-np.diag(cosines(z, other)).mean())


def info_nce(z: np.ndarray, other: np.ndarray) -> float:
    """Cross-entropy of finding the other view by cosines, temperature 0.1."""
    return float(-np.log(np.diag(softmax(cosines(z, other) / 0.1))).mean())


def dino(z: np.ndarray, other: np.ndarray) -> float:
    """Cross-entropy of the student's softmax, not centered, against the teacher's with the mean subtracted."""
    p, q = softmax((other - other.mean(axis=0)) / 0.04), softmax(z / 0.1)
    return float(-(p * np.log(np.maximum(q, 1e-300))).sum(axis=1).mean())


LOSSES: dict[str, Callable] = {
    "vicreg": vicreg,
    "barlow": barlow_twins,
    "byol": byol,
    "infonce": info_nce,
    "dino": dino,
}


def draw_views(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two views of the same examples, with a summed variance of about 1, and a direction of length 1."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(EXAMPLES, OUTPUTS))
    views = [(shared + 0.5 * rng.normal(size=shared.shape)) / np.sqrt(1.25 * OUTPUTS) for _ in range(2)]
    direction = rng.normal(size=OUTPUTS)
    return views[0] - views[0].mean(axis=0), views[1] - views[1].mean(axis=0), direction / np.linalg.norm(direction)


def compute() -> Result:
    z, other, c = draw_views(SEED)
    far, changes = LENGTHS[4], {key: [] for key in LOSSES}
    for draw in range(DRAWS):
        one, two, d = draw_views(SEED + draw)
        for key, loss in LOSSES.items():
            changes[key].append(abs(loss(one + far * d, two + far * d) - loss(one, two)))
    apart = ~np.eye(EXAMPLES, dtype=bool)
    return Result(
        lengths=LENGTHS,
        cosines=tuple(float(cosines(z + k * c, other + k * c)[apart].mean()) for k in LENGTHS),
        examples=EXAMPLES,
        outputs=OUTPUTS,
        alike=float(np.diag(cosines(z, other)).mean()),
        change={key: float(np.median(values)) for key, values in changes.items()},
    )


def claim_some_losses_do_not_notice(result: Result) -> None:
    """Two views of {{ examples }} examples have {{ outputs }} outputs each, with a cosine of {{ alike | digits(1) }}.
    Add to all a vector in a random direction, {{ lengths[4] | digits(1) }} times as long as their spread: the losses of
    VICReg and of Barlow Twins change by rounding only; that of BYOL and SimSiam, between −1 and 1, falls by
    {{ change.byol | decimals(1) }}."""
    assert max(result.change["vicreg"], result.change["barlow"]) < 1e-9 and 0.75 < result.alike < 0.84
    falls, rises = [], {"infonce": [], "dino": []}
    for draw in range(DRAWS):
        z, other, c = draw_views(SEED + draw)
        views = [part + LENGTHS[4] * c for part in (z, other)]
        dots = [np.sum(a * b, axis=1) for a, b in ((*views,), (views[0],) * 2, (views[1],) * 2)]
        far = np.mean(dots[0] / np.sqrt(dots[1] * dots[2]))
        near = np.mean(np.sum(z * other, axis=1) / np.sqrt(np.sum(z**2, axis=1) * np.sum(other**2, axis=1)))
        falls.append(far - near)
        for name, loss in (("infonce", info_nce), ("dino", dino)):
            rises[name].append(loss(*views) - loss(z, other))
    np.testing.assert_allclose(result.change["byol"], np.median(falls), rtol=1e-9)
    assert min(map(min, rises.values())) > 0 and 0.18 < result.change["byol"] < 0.23
    assert 4.1 < result.change["infonce"] < np.log(EXAMPLES) and 15 < result.change["dino"] < 24


def claim_a_constant_looks_like_agreement(result: Result) -> None:
    """Unrelated outputs have a mean cosine of {{ cosines[0] | decimals(2) }}, of {{ cosines[2] | decimals(2) }} when a
    vector as long as their spread is added to all, and of {{ cosines[4] | decimals(2) }} with one
    {{ lengths[4] | digits(1) }} times as long."""
    assert abs(result.cosines[0]) < 0.02
    for length, value in zip(LENGTHS[3:], result.cosines[3:]):
        assert abs(value - length**2 / (1 + length**2)) < 0.03  # ρ/(1 + ρ)
    assert abs(result.cosines[2] - 0.5) < 0.07 and abs(result.cosines[4] - 0.962) < 0.02


def equation_share() -> Draws:
    r"""\frac{\bar{z}^\top \bar{z}}{\overline{\lVert z \rVert^2}} = \frac{\rho}{1 + \rho}"""
    for rng in draws(4):
        z = rng.normal(rng.uniform(-2, 2), 1, size=(20, 3))
        mean = z.mean(axis=0)[:, None]
        yield {
            r"\bar{z}": mean,
            r"\overline{\lVert z \rVert^2}": (z**2).sum(axis=1).mean(),
            r"\rho": off_center_ratio(z),
        }
