"""Why does Adam not see a mean that all inputs share?

Because its step size for each weight depends on the axes, and such a mean lies across all of them: a diagonal scaling
leaves the condition number at {{ kappa_scaled | digits(4) }}, and after {{ steps }} steps Adam’s divisors differ
between weights by {{ unevenness.raw | percent(1) }} of their mean.

    H         Hessian VARIANCE I + μμᵀ of a linear neuron without a bias that reads sigmoids at N(0, 1)
    divisors  roots of the running means of squared gradients, one a weight
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws
from lib.optimizers import adam, adam_direction, momentum, quadratic_losses, take_steps
from lib.quadratics import MILLIONTH, condition_number, first_step_below, gradient_of, hessian, mirror_to_one_input
from lib.sigmoid_inputs import MEAN, UNITS, VARIANCE

SEED = 0
STEPS = 50
STARTS = 9
RATES = {"raw": 0.15, "one": 0.4}  # the best of those tried for the page’s first figure


@dataclass(frozen=True)
class Result:
    steps: int
    "Steps after which Adam's divisors are looked at."
    kappa_scaled: float
    "Condition number of the Hessian without a bias after diagonal (Jacobi) scaling."
    turned: float
    "Adam on the rotated problem: the largest difference of loss on the way, relative to the first loss."
    turned_plain: float
    "The same for plain descent."
    one_sign: float
    "Share of random targets for which all weights take Adam's first step in the same direction."
    unevenness: dict[str, float]
    "Standard deviation over mean of the divisors across weights, after `steps`: raw, mean in one input."
    crossings: float
    "Share of Adam's steps in which the error along the mean changes sign, raw inputs, best rate."


def divisors(gradient: Callable, start: np.ndarray, rate: float, steps: int = STEPS) -> np.ndarray:
    """Roots of Adam's second moments after so many steps, shape (starts, n)."""
    error, mean, square = start, 0.0, 0.0
    for step in range(1, steps + 1):
        direction, mean, square = adam_direction(gradient(error), mean, square, step)
        error = error - rate * direction
    return np.sqrt(square)


def largest_gaps(start: np.ndarray, mean: np.ndarray, rotation: np.ndarray, steps: int = 300) -> tuple[float, float]:
    """Largest difference of loss, relative to the first, between a problem and the rotated one: Adam, plain descent."""

    def losses(method, error, mu, *sizes):
        gradient = gradient_of(mu, VARIANCE)
        return quadratic_losses(method(gradient, error, *sizes), gradient, steps)[:, 0]

    gaps = []
    for method, *sizes in ((adam, 0.1), (momentum, 2 / (UNITS * MEAN**2 + 2 * VARIANCE), 0.0)):
        one, other = losses(method, start, mean, *sizes), losses(method, start @ rotation, mean @ rotation, *sizes)
        gaps.append(float(abs(one - other).max() / one[0]))
    return tuple(gaps)


def share_of_crossings(starts, mean: np.ndarray, rate: float) -> float:
    """Share of steps, up to the median number that Adam needs, in which the error along the mean changes sign."""
    gradient = gradient_of(mean, VARIANCE)
    counts = first_step_below(quadratic_losses(adam(gradient, starts, rate), gradient, 2000, MILLIONTH))
    along = take_steps(adam(gradient, starts, rate), counts.max()) @ mean
    swaps = np.sign(along[1:]) != np.sign(along[:-1])
    return float(np.median([swaps[:count, i].mean() for i, count in enumerate(counts)]))


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    starts, mean = rng.normal(size=(STARTS, UNITS)), np.full(UNITS, MEAN)
    H = hessian(mean, VARIANCE)
    scaling = np.diag(np.diag(H) ** -0.5)
    turned, turned_plain = largest_gaps(starts[:1], mean, np.linalg.qr(rng.normal(size=(UNITS, UNITS)))[0])
    gradient = gradient_of(mean, VARIANCE)
    signs = np.sign(gradient(rng.normal(size=(1000, UNITS))))
    roots = {
        "raw": divisors(gradient, starts, RATES["raw"]),
        "one": divisors(gradient_of(mirror_to_one_input(mean), VARIANCE), mirror_to_one_input(starts), RATES["one"]),
    }
    return Result(
        steps=STEPS,
        kappa_scaled=condition_number(scaling @ H @ scaling),
        turned=turned,
        turned_plain=turned_plain,
        one_sign=float(np.mean(np.abs(signs.sum(axis=1)) == UNITS)),
        unevenness={name: float(np.median(root.std(axis=1) / root.mean(axis=1))) for name, root in roots.items()},
        crossings=share_of_crossings(starts, mean, RATES["raw"]),
    )


def claim_diagonal_scaling_does_nothing(result: Result) -> None:
    """The best that one fixed step size for each weight can do from the Hessian's diagonal leaves the condition number
    at {{ kappa_scaled | digits(4) }}, what it was."""
    assert abs(result.kappa_scaled / (1 + UNITS * MEAN**2 / VARIANCE) - 1) < 1e-9


def claim_signs_no_axes_yes(result: Result) -> None:
    """Flip the signs of inputs, and Adam takes the mirrored path; rotate the problem, and its loss differs by up to
    {{ turned | digits(1) }} of the first one, while plain descent's is the same."""
    rng = np.random.default_rng(SEED)
    start, mean, flip = rng.normal(size=(1, UNITS)), np.full(UNITS, MEAN), np.sign(rng.normal(size=UNITS))
    paths = [
        take_steps(adam(gradient_of(mu, VARIANCE), error, 0.1), 200)
        for error, mu in ((start, mean), (start * flip, mean * flip))
    ]
    np.testing.assert_allclose(paths[0] * flip, paths[1], atol=1e-6)
    assert result.turned_plain < 1e-10
    rng = np.random.default_rng(SEED)
    start = rng.normal(size=(STARTS, UNITS))[:1]
    turn, losses = np.linalg.qr(rng.normal(size=(UNITS, UNITS)))[0], []
    for H, error in ((hessian(mean, VARIANCE), start), (turn.T @ hessian(mean, VARIANCE) @ turn, start @ turn)):
        path = take_steps(adam(lambda e, H=H: e @ H, error, 0.1), 300)[:, 0]
        losses.append(np.einsum("ti,ij,tj->t", path, H, path))
    assert abs(abs(losses[0] - losses[1]).max() / losses[0][0] / result.turned - 1) < 0.01


def claim_first_step_along_the_mean(result: Result) -> None:
    """Adam’s first step changes every weight by the same amount, and for {{ one_sign | percent }} of random targets
    in the same direction: it goes exactly along the mean."""
    start = np.random.default_rng(SEED + 1).normal(size=(300, UNITS))
    first = np.diff(take_steps(adam(gradient_of(np.full(UNITS, MEAN), VARIANCE), start, 0.1), 1), axis=0)[0]
    np.testing.assert_allclose(abs(first), 0.1, rtol=1e-2)  # but for gradients as small as Adam’s ε
    share = np.mean(abs(first.sum(axis=1)) > 0.0999 * UNITS)
    assert abs(share - result.one_sign) < 0.06 and result.one_sign > 0.9


def claim_one_step_size_for_all(result: Result) -> None:
    """After {{ steps }} steps Adam’s divisors differ between weights by {{ unevenness.raw | percent(1) }} of their
    mean; with all of the mean in one input, by {{ unevenness.one | digits(1) }} times
    their mean."""
    assert 0.0005 < result.unevenness["raw"] < 0.005 and 7 < result.unevenness["one"] < 10
    mean, starts = np.full(UNITS, MEAN), np.random.default_rng(SEED).normal(size=(STARTS, UNITS))
    roots = divisors(gradient_of(mean, VARIANCE), starts, 0.1)
    error = np.linalg.solve(hessian(mean, VARIANCE), roots.T)
    assert abs(error.sum(axis=0) * MEAN * MEAN * UNITS / roots.sum(axis=1) - 1).max() < 0.02  # all from the mean


def claim_adam_still_crosses(result: Result) -> None:
    """Adam’s path still crosses the valley: in {{ crossings | digits(1) }} of its steps the error along the mean
    changes its sign."""
    assert 0.1 < result.crossings < 0.6
    start = np.random.default_rng(SEED).normal(size=(1, UNITS))
    path = take_steps(adam(gradient_of(np.full(UNITS, MEAN), VARIANCE), start, 0.15), 40)
    assert len(set(np.sign(path[1::3].sum(axis=(1, 2))))) == 2


def equation_average() -> Draws:
    r"""\hat{m} = \frac{1 - \beta_1}{1 - \beta_1^t} \sum_{k=1}^{t} \beta_1^{t-k}\, g_k"""
    for rng in draws(12):
        g, beta, m = rng.normal(size=6), rng.uniform(0.3, 0.95), 0.0
        for value in g:
            m = beta * m + (1 - beta) * value
        yield {r"\hat{m}": m / (1 - beta**6), r"\beta_1": beta, "t": 6, "g_k": lambda k, g=g: g[int(k) - 1]}


def equation_first_step() -> Draws:
    r"""\Delta w = -\eta\, \operatorname{sign}(g)"""
    for rng in draws(12):
        start, curvatures = rng.normal(size=5), rng.uniform(1, 3, 5)
        before, after = take_steps(adam(lambda e, c=curvatures: c * e, start, 0.3, epsilon=1e-12), 1)
        letters = {r"\eta": 0.3, "g": curvatures * start, r"\operatorname{sign}": np.sign}
        yield {r"\Delta w": after - before, **letters}


if __name__ == "__main__":
    print(compute())
