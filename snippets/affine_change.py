"""What does an affine change of the inputs do to one step, and to what can be computed?

A step on the inputs Tx + c is, in the old weights, one with the gradient multiplied by a matrix. What can be computed
stays the same, but for a shift without a bias, which changes the best outputs by {{ reach.none | digits(2) }} of their
standard deviation.
"""

from dataclasses import dataclass

import numpy as np

from lib.changed_neuron import INPUTS, SHIFT, change_inputs, draw_problem, gradient, same_function
from lib.numerics import Draws

SEED = 0
CHANGES = ("none", "shift", "scale", "rotation", "flip")


@dataclass(frozen=True)
class Result:
    reach: dict[str, float]
    "Difference of the best outputs after a shift: with a bias, without one."


def compute() -> Result:
    x, y, _ = draw_problem(np.random.default_rng(SEED))
    reach = {}
    for name, bias in (("bias", True), ("none", False)):
        best = []
        for inputs in (x, x + SHIFT):
            A = np.column_stack([inputs, np.ones(len(x))]) if bias else inputs
            best.append(A @ np.linalg.lstsq(A, y)[0])
        size = float(np.sqrt(np.mean((best[1] - best[0]) ** 2)) / best[0].std())
        reach[name] = size if size > 5e-7 else 0.0  # what is less is rounding
    return Result(reach=reach)


def claim_the_rules_are_algebra(result: Result) -> None:
    """One step on the inputs $Tx + c$ is, in the old weights and bias, one with the gradient multiplied by a matrix:
    for plain descent the identity exactly if $T$ is orthogonal and $c$ is 0; for second order always."""
    x, y, start = draw_problem(np.random.default_rng(SEED))
    A = np.column_stack([x, np.ones(len(x))])
    g = gradient(start[None], x, y, False)[0]
    for change in CHANGES:
        u, T, c = change_inputs(x, change, SEED)
        theta = same_function(start, T, c, False)[None]
        M = np.block([[T.T, np.zeros((INPUTS, 1))], [c[None], np.ones((1, 1))]])  # old weights from new ones
        plain = M @ (theta - gradient(theta, u, y, False))[0]
        np.testing.assert_allclose(plain, start - M @ M.T @ g, atol=1e-9)
        assert np.allclose(M @ M.T, np.eye(INPUTS + 1)) == (change in ("none", "rotation", "flip"))
        B = np.column_stack([u, np.ones(len(u))])
        second = M @ (theta[0] - np.linalg.solve(B.T @ B, gradient(theta, u, y, False)[0]))
        np.testing.assert_allclose(second, start - np.linalg.solve(A.T @ A, g), atol=1e-9)


def claim_reach(result: Result) -> None:
    """What can be computed changes in one case only: a shift without a bias, by {{ reach.none | digits(2) }} of the
    outputs’ standard deviation; with a bias, by nothing."""
    assert result.reach["bias"] == 0 < 1e-4 < result.reach["none"]
    x, y, _ = draw_problem(np.random.default_rng(SEED))
    fits = [u @ np.linalg.solve(u.T @ u, u.T @ y) for u in (x, x + SHIFT)]
    assert abs(np.sqrt(np.mean((fits[1] - fits[0]) ** 2)) / fits[0].std() / result.reach["none"] - 1) < 1e-6
    for change in ("scale", "rotation", "flip"):
        u = change_inputs(x, change, SEED)[0]
        np.testing.assert_allclose(u @ np.linalg.lstsq(u, y)[0], x @ np.linalg.lstsq(x, y)[0], atol=1e-9)


def equation_preconditioner() -> Draws:
    r"""M(\theta' - \eta\, g') = \theta - \eta\, M M^\top g"""
    for rng in map(np.random.default_rng, range(8)):
        x, y, start = draw_problem(rng)
        T, c = rng.normal(size=(INPUTS, INPUTS)), rng.normal(size=INPUTS)
        changed = same_function(start, T, c, False)
        M = np.block([[T.T, np.zeros((INPUTS, 1))], [c[None], np.ones((1, 1))]])
        yield {
            "M": M,
            r"\theta'": changed,
            r"\theta": start,
            r"\eta": 0.3,
            "g": gradient(start[None], x, y, False)[0],
            "g'": gradient(changed[None], x @ T.T + c, y, False)[0],
        }


if __name__ == "__main__":
    print(compute())
