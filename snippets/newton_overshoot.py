"""What does Newton’s method, IRLS, do in logistic regression that is far from its optimum?

It leaps: at a score f with label 1 the gradient is −(1 − p) and the curvature p(1 − p), so the step is 1/p. From
f = {{ score | integer }} that is {{ newton | integer }}. Centering does not change this: Newton’s path is the same in
all coordinates. From zero weights it converges in {{ steps.raw }} steps on inputs of mean {{ mean | integer }}, and in
as many on centered ones.

    f   score w·x + b; p = σ(f)
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import sigmoid
from lib.numerics import Draws, draws

SEED = 0
SCORE, MEAN, EXAMPLES, TRUTH = -8.0, 20.0, 200, (1.0, 0.5)
FAR = 4.0  # a slope that a run begins with, in centered coordinates
LIMIT = 40


@dataclass(frozen=True)
class Result:
    score: float
    "A confidently wrong score of an example with label 1."
    gradient: dict[str, float]
    "Derivative of cross-entropy by that score, and of half the squared error of the probability."
    curvature: float
    "Second derivative of cross-entropy there."
    newton: float
    "Newton’s step of the score."
    mean: float
    "Mean of the input, in standard deviations."
    steps: dict[str, int]
    "Newton steps from zero weights to a millionth in every score, on raw and on centered inputs."
    far: dict[str, float]
    "A slope that is too large, the optimum’s; the slope after one and after two plain steps; halved steps needed."


def loss(theta: np.ndarray, A: np.ndarray, y: np.ndarray) -> float:
    """Mean cross-entropy of the scores Aθ."""
    f = A @ theta
    return float(np.mean(np.logaddexp(0, f) - y * f))


def iterate(theta: np.ndarray, A: np.ndarray, y: np.ndarray, halve: bool) -> np.ndarray:
    """Newton’s paths (steps + 1, 2): all of the step, or half of it until the loss falls; until H is singular."""
    path = [theta]
    for _ in range(LIMIT):
        p = sigmoid(np.clip(A @ path[-1], -500, 500))
        gradient, H = A.T @ (p - y), (A.T * (p * (1 - p))) @ A
        if np.linalg.cond(H) > 1e14:  # all probabilities are 0 or 1
            break
        step, share = np.linalg.solve(H, gradient), 1.0
        while halve and loss(path[-1] - share * step, A, y) > loss(path[-1], A, y) + 1e-12:
            share /= 2
        path.append(path[-1] - share * step)
    return np.array(path)


def draw_problem() -> tuple[np.ndarray, np.ndarray]:
    """Centered inputs with a constant (B, 2), and labels (B,)."""
    rng = np.random.default_rng(SEED)
    x = rng.normal(size=EXAMPLES)
    x = x - x.mean()
    y = (rng.random(EXAMPLES) < sigmoid(TRUTH[0] * x + TRUTH[1])).astype(float)
    return np.column_stack([x, np.ones(EXAMPLES)]), y


def count(path: np.ndarray, A: np.ndarray) -> int:
    """Steps until all scores are within a millionth of the last ones."""
    scores = path @ A.T
    return int(np.argmax(abs(scores - scores[-1]).max(axis=1) < 1e-6))


def compute() -> Result:
    p = float(sigmoid(SCORE))
    A, y = draw_problem()
    leaps, tame = (iterate(np.array([FAR, 0.0]), A, y, halve) for halve in (False, True))
    raw = A + np.array([MEAN, 0.0])
    zero = np.zeros(2)
    return Result(
        score=SCORE,
        gradient={"entropy": p - 1, "squared": (p - 1) * p * (1 - p)},
        curvature=p * (1 - p),
        newton=1 / p,
        mean=MEAN,
        steps={name: count(iterate(zero, x, y, False), x) for name, x in (("raw", raw), ("centered", A))},
        far={
            "slope": FAR,
            "best": float(tame[-1, 0]),
            "one": float(leaps[1, 0]),
            "two": float(leaps[2, 0]),
            "halved": count(tame, A),
        },
    )


def claim_a_confident_mistake_is_overshot(result: Result) -> None:
    """At a score of {{ score | integer }} with label 1, cross-entropy has the derivative
    {{ gradient.entropy | decimals(4) }} and the curvature {{ curvature | scientific(3) }}: Newton’s step is
    {{ newton | integer }}. Half the squared error of the probability has the derivative
    {{ gradient.squared | scientific(3) }} there."""
    f, h = result.score, 1e-4
    entropy = [np.logaddexp(0, -s) for s in (f - h, f, f + h)]
    squared = [(1 / (1 + np.exp(-s)) - 1) ** 2 / 2 for s in (f - h, f + h)]
    first, second = (entropy[2] - entropy[0]) / (2 * h), (entropy[2] - 2 * entropy[1] + entropy[0]) / h**2
    assert abs(first - result.gradient["entropy"]) < 1e-6 and abs(second / result.curvature - 1) < 1e-3
    assert abs((squared[1] - squared[0]) / (2 * h) / result.gradient["squared"] - 1) < 1e-5
    assert f == -8 and abs(result.newton - (1 + np.exp(8))) < 1e-6


def claim_newton_ignores_the_mean(result: Result) -> None:
    """One input of mean {{ mean | integer }} and standard deviation 1, {{ steps.raw }} Newton steps from zero weights
    to a millionth in every score; centered, {{ steps.centered }}, and the scores agree at every step."""
    A, y = draw_problem()
    raw = A + np.array([result.mean, 0.0])
    paths = [iterate(np.zeros(2), inputs, y, False) @ inputs.T for inputs in (raw, A)]
    np.testing.assert_allclose(paths[0], paths[1], atol=1e-7)
    change = abs(paths[1] - paths[1][-1]).max(axis=1)
    for steps in result.steps.values():
        assert change[steps] < 1e-6 <= change[steps - 1]


def claim_halving_tames_it(result: Result) -> None:
    """From a slope of {{ far.slope | integer }}, where the optimum is {{ far.best | digits(2) }}, two Newton steps lead
    to {{ far.one | digits(2) }} and {{ far.two | digits(2) }}, and soon all probabilities are 0 or 1 and the curvature
    is gone; steps that are halved until the loss falls arrive in {{ far.halved }}."""
    A, y = draw_problem()
    theta = np.array([result.far["slope"], 0.0])
    for name in ("one", "two"):  # weighted least squares, as the method’s name says
        p = sigmoid(A @ theta)
        root = np.sqrt(p * (1 - p))
        theta = np.linalg.lstsq(A * root[:, None], (A @ theta) * root + (y - p) / root)[0]
        assert abs(theta[0] / result.far[name] - 1) < 1e-6
    assert abs(result.far["two"]) > 10 * abs(result.far["one"]) > 10 and result.far["one"] * result.far["two"] < 0
    path = iterate(np.array([FAR, 0.0]), A, y, True)
    assert abs(A.T @ (sigmoid(A @ path[-1]) - y)).max() < 1e-9 and abs(path[-1, 0] - result.far["best"]) < 1e-9
    change = abs(path @ A.T - A @ path[-1]).max(axis=1)
    assert change[int(result.far["halved"])] < 1e-6 <= change[int(result.far["halved"]) - 1]


def equation_step() -> Draws:
    r"""-\frac{\partial L/\partial f}{\partial^2 L/\partial f^2} = \frac{1 - p}{p\,(1 - p)} = \frac{1}{p}"""
    for rng in draws(5):
        f = rng.uniform(-6, 2)
        p, h = float(sigmoid(f)), 1e-3
        values = [np.logaddexp(0, -s) for s in (f - h, f, f + h)]
        yield {
            r"\partial L/\partial f": (values[2] - values[0]) / (2 * h),
            r"\partial^2 L/\partial f^2": (values[2] - 2 * values[1] + values[0]) / h**2,
            "p": p,
        }


if __name__ == "__main__":
    print(compute())
