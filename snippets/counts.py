"""Why does gradient descent give NaN on counts, where the same step size is fine on classes?

The curvature of Poisson regression is e^f, without bound, that of logistic regression p(1 − p) ≤ ¼. At a step that is
one over the largest curvature at zero weights the Poisson loss goes from {{ losses[0] | integer }} to
{{ losses[1] | integer }} and to {{ losses[2] | scientific(1) }}, and is infinite after step {{ infinite }}; from an
intercept of ln ȳ it arrives in {{ steps }}.

    f    = w z + b for one standardized input z; the mean count is e^f
    ȳ    mean of the counts
    η    step size, one over the largest curvature at the start
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.activation_functions import sigmoid
from lib.normalization import standardize
from lib.numerics import Draws, complex_step, draws
from lib.quadratics import MILLIONTH

SEED = 0
EXAMPLES = 500
TRUTH = np.array([0.5, 1.0])  # slope and intercept


@dataclass(frozen=True)
class Result:
    examples: int
    "Number of examples."
    truth: tuple[float, float]
    "Slope and intercept behind counts and classes."
    losses: tuple[float, ...]
    "Poisson loss from zero weights, before the first step and after each."
    infinite: int
    "Step after which it is infinite."
    undefined: int
    "Step after which it is not a number."
    steps: int
    "Steps to a millionth of the error from an intercept of ln ȳ."
    logistic: tuple[float, float]
    "Log loss of classes from zero weights, before the first step, and after as many steps as gave infinity."
    curvature: float
    "Largest e^f of an example at the Poisson optimum."


def draw_data() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A standardized input and 1, shape (EXAMPLES, 2); counts; classes."""
    rng = np.random.default_rng(SEED)
    z = rng.normal(size=EXAMPLES)
    f = TRUTH[0] * z + TRUTH[1]
    counts, classes = rng.poisson(np.exp(f)), rng.random(EXAMPLES) < sigmoid(f)
    return np.column_stack([standardize(z), np.ones(EXAMPLES)]), counts, classes


def descend(A: np.ndarray, y: np.ndarray, mean: Callable, slope: Callable, start: np.ndarray, steps: int) -> np.ndarray:
    """Weights visited, shape (steps + 1, 2): `mean` and its derivative `slope` are functions of f."""
    step = 1 / np.linalg.eigvalsh((A.T * slope(A @ start)) @ A / len(A))[-1]
    path = [start]
    for _ in range(steps):
        path.append(path[-1] - step * A.T @ (mean(A @ path[-1]) - y) / len(A))
    return np.array(path)


def find_optimum(A: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Weights of Poisson regression, by Newton's method from ln ȳ."""
    w = np.array([0.0, np.log(y.mean())])
    for _ in range(30):
        p = np.exp(A @ w)
        w = w - np.linalg.solve((A.T * p) @ A, A.T @ (p - y))
    return w


def compute() -> Result:
    A, counts, classes = draw_data()
    with np.errstate(over="ignore", invalid="ignore"):
        f = descend(A, counts, np.exp, np.exp, np.zeros(2), 6) @ A.T
        losses = np.mean(np.exp(f) - counts * f, axis=1)
    best = find_optimum(A, counts)
    path = descend(A, counts, np.exp, np.exp, np.array([0.0, np.log(counts.mean())]), 200)
    errors = np.linalg.norm(path - best, axis=1)
    infinite = int(np.isinf(losses).argmax())
    f = descend(A, classes, sigmoid, lambda f: sigmoid(f) * sigmoid(-f), np.zeros(2), infinite) @ A.T
    logistic = np.mean(np.logaddexp(0, f) - classes * f, axis=1)
    return Result(
        examples=EXAMPLES,
        truth=tuple(TRUTH),
        losses=tuple(losses[:3]),
        infinite=infinite,
        undefined=int(np.isnan(losses).argmax()),
        steps=int(np.argmax(errors <= MILLIONTH * errors[0])),
        logistic=(logistic[0], logistic[-1]),
        curvature=float(np.exp(A @ best).max()),
    )


def equation_curvature() -> Draws:
    r"""\ell''_{\text{count}} = \exp f, \qquad \ell''_{\text{class}} = p\,(1 - p) \le \frac{1}{4}"""
    for rng in draws(8):
        f, y = rng.normal(scale=3), rng.integers(2)
        slopes = (lambda f, y=y: np.exp(f) - y), (lambda f, y=y: 1 / (1 + np.exp(-f)) - y)
        losses = (lambda f, y=y: np.exp(f) - y * f), (lambda f, y=y: np.log(1 + np.exp(f)) - y * f)
        assert all(np.isclose(complex_step(loss, f), slope(f)) for loss, slope in zip(losses, slopes))
        count, kind = (complex_step(slope, f) for slope in slopes)
        yield {r"\ell''_{\text{count}}": count, r"\ell''_{\text{class}}": kind, "f": f, "p": (1 + np.tanh(f / 2)) / 2}


def claim_counts_explode_where_classes_do_not(result: Result) -> None:
    """{{ examples }} examples, one standardized input, step one over the largest curvature at zero weights: the
    Poisson loss is {{ losses[0] | integer }}, then {{ losses[1] | digits(2) }}, then
    {{ losses[2] | scientific(1) }}, infinite after step {{ infinite }} and not a number after step {{ undefined }}. The
    log loss of classes with the same f falls from {{ logistic[0] | digits(2) }} to
    {{ logistic[1] | digits(2) }} in as many steps."""
    A, counts, classes = draw_data()
    first = A.T @ (counts - 1) / EXAMPLES  # at zero weights each mean count is 1 and the largest curvature, too
    f = A @ first
    assert abs(np.mean(np.exp(f) - counts * f) / result.losses[1] - 1) < 1e-9 and abs(result.losses[0] - 1) < 1e-12
    f = A @ (first - A.T @ (np.exp(f) - counts) / EXAMPLES)
    in_logs = f.max() + np.log(np.sum(np.exp(f - f.max()))) - np.log(EXAMPLES)
    assert abs(in_logs - np.log(result.losses[2])) < 1e-6 * in_logs
    leap = A.T @ np.exp(f) / EXAMPLES  # all but the last digit of the next step: f beyond 710 and below −710
    assert np.max(-A @ leap) > 710 and result.infinite == 3 and result.undefined == 4
    steps, w, step = [], np.zeros(2), 4.0  # ¼ at the start, the largest curvature that there is
    for _ in range(result.infinite + 1):
        p = sigmoid(A @ w)
        steps.append(-np.mean(np.log(np.where(classes, p, 1 - p))))
        w = w - step * A.T @ (p - classes) / EXAMPLES
    np.testing.assert_allclose([steps[0], steps[-1]], result.logistic, rtol=1e-9)
    assert np.all(np.diff(steps) < 0)


def claim_a_start_at_the_mean_cures(result: Result) -> None:
    """From an intercept at the logarithm of the mean count, with one over the largest curvature there, descent needs
    {{ steps }} steps to a millionth of the error of the weights."""
    A, counts, _ = draw_data()
    best = find_optimum(A, counts)
    assert np.allclose(A.T @ np.exp(A @ best), A.T @ counts)
    w, step, errors = np.array([0.0, np.log(counts.mean())]), 1 / counts.mean(), []
    for _ in range(result.steps + 1):
        errors.append(np.linalg.norm(w - best))
        w = w - step * A.T @ (np.exp(A @ w) - counts) / EXAMPLES
    assert errors[-1] <= MILLIONTH * errors[0] < errors[-2]


if __name__ == "__main__":
    print(compute())
