"""Why subtract the mean rating before a table of ratings is factorized?

The mean is the table's largest singular value, and the largest stable step falls with it. On {{ users }} users and as
many items with ratings of {{ mean | digits(2) }} ± {{ spread | digits(1) }}, one pattern among them, descent needs
{{ steps.raw }} steps to learn the pattern, and {{ steps.centered }} with the mean subtracted.
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, complex_step, draws

SEED = 0
USERS, MEAN, SPREAD, FACTORS, START, GOAL, SHARE = 60, 3.6, 0.7, 2, 0.01, 0.01, 0.5


@dataclass(frozen=True)
class Result:
    users: int
    "Users, and items."
    mean: float
    "Mean rating."
    spread: float
    "Standard deviation that the pattern makes."
    singular: list[float]
    "The two singular values of the table."
    ratio: float
    "Their ratio."
    share: float
    "Step over the largest stable one."
    goal: float
    "Share of the pattern's squared error that is left when steps are counted."
    steps: dict[str, int]
    "Steps to that: ratings as they are, and minus their mean."


def make_pattern() -> np.ndarray:
    """A table (users, items) in which half of the users like one half of the items more, the others the other half."""
    side = np.repeat([-1.0, 1.0], USERS // 2)
    return SPREAD * np.outer(side, side)


def find_gradient(factors: np.ndarray, table: np.ndarray, count: int) -> np.ndarray:
    """Gradient of half the squared error of U Vᵀ, with U above V in `factors`."""
    U, V = factors.reshape(-1, count)[: len(table)], factors.reshape(-1, count)[len(table) :]
    error = U @ V.T - table
    return np.concatenate([error @ V, error.T @ U]).ravel()


def count_steps(table: np.ndarray, step: float) -> int:
    """Steps of descent on half the squared error of U Vᵀ until the goal's share of the pattern is left."""
    rng = np.random.default_rng(SEED)
    U, V = START * rng.normal(size=(2, USERS, FACTORS))
    side = np.repeat([-1.0, 1.0], USERS // 2) / np.sqrt(USERS)
    for count in range(100_000):
        error = U @ V.T - table
        if (side @ error @ side) ** 2 < GOAL * (SPREAD * USERS) ** 2:
            return count
        U, V = U - step * error @ V, V - step * error.T @ U
    raise AssertionError("not learned")


def compute() -> Result:
    pattern = make_pattern()
    singular = np.linalg.svd(pattern + MEAN, compute_uv=False)[:2]
    return Result(
        users=USERS,
        mean=MEAN,
        spread=SPREAD,
        singular=[float(s) for s in singular],
        ratio=float(singular[0] / singular[1]),
        share=SHARE,
        goal=GOAL,
        steps={
            "raw": count_steps(pattern + MEAN, SHARE / singular[0]),
            "centered": count_steps(pattern, SHARE / singular[1]),
        },
    )


def claim_the_mean_limits_the_step(result: Result) -> None:
    """Ratings of {{ mean | digits(2) }} ± {{ spread | digits(1) }}, {{ users }} users and items: the table’s singular
    values are {{ singular[0] | integer }}, of the mean, and {{ singular[1] | integer }}, of the pattern. At
    {{ share | digits(1) }} of the largest stable step descent leaves {{ goal | percent(0) }} of the pattern’s squared
    error after {{ steps.raw }} steps, and with the mean subtracted after {{ steps.centered }}."""
    assert (result.users, result.mean, result.spread, result.share, result.goal) == (USERS, MEAN, SPREAD, SHARE, GOAL)
    assert abs(result.singular[0] - result.mean * result.users) < 1e-9
    assert abs(result.singular[1] - result.spread * result.users) < 1e-9
    assert abs(result.ratio - result.mean / result.spread) < 1e-9 and result.steps["centered"] < result.steps["raw"]
    side = np.repeat([-1.0, 1.0], USERS // 2) / np.sqrt(USERS)
    basis, _ = np.linalg.qr(np.column_stack([side, np.ones(USERS), np.eye(USERS)[:, 2:]]))
    for name, mean in (("raw", result.mean), ("centered", 0)):  # turned: the table has two entries on the diagonal
        table = np.zeros((USERS, USERS))
        table[0, 0], table[1, 1] = result.spread * USERS, mean * USERS
        factors = START * np.random.default_rng(SEED).normal(size=(2, USERS, FACTORS))
        factors = np.concatenate([basis.T @ factor for factor in factors]).ravel()
        step = result.share / np.linalg.norm(table, 2)
        for _ in range(result.steps[name] - 1):
            factors = factors - step * find_gradient(factors, table, FACTORS)
        lefts = []
        for _ in range(2):
            U, V = np.split(factors.reshape(-1, FACTORS), 2)
            lefts.append(abs(U[0] @ V[0] / table[0, 0] - 1) ** 2)
            factors = factors - step * find_gradient(factors, table, FACTORS)
        assert lefts[1] < result.goal <= lefts[0]


def equation_step() -> Draws:
    r"""\lambda_{\max} = 2\,\sigma_1"""
    for rng in draws(3):
        table = rng.normal(size=(4, 3)) + rng.uniform(0, 3)
        P, sizes, Q = np.linalg.svd(table, full_matrices=False)
        optimum = np.concatenate([P * np.sqrt(sizes), Q.T * np.sqrt(sizes)]).ravel()
        H = complex_step(find_gradient, optimum, table, 3)
        yield {r"\lambda_{\max}": np.linalg.eigvalsh((H + H.T) / 2)[-1], r"\sigma_1": np.linalg.norm(table, 2)}


if __name__ == "__main__":
    print(compute())
