"""What does the choice of the loss change for the layers below?

Two things: the errors δ, which every layer's gradient is a multiple of, and their slope ℓ'', which weighs examples in
the curvature. Where {{ shares[2] | percent(0) }} of the examples are positive and the bias starts at zero, the errors
have the mean {{ mean_error.zero[2] | digits(2) }}, which with inputs of mean 1 makes {{ mean_part.zero[2] | percent }}
of the squared gradient; a bias at the log-odds removes it.

    l      loss as a function of the output f of one example with target y; δ = l', and l'' its second derivative
    share  of examples that are positive
    G      gradient by the weights, E[δx]; its mean part is E[δ] E[x]
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lib.activation_functions import sigmoid
from lib.numerics import complex_step, draws
from lib.quadratics import add_bias

SEED = 0
EXAMPLES, INPUTS, MEAN, SPREAD, DRAWS = 600, 20, 1.0, 4.0, 9
SHARES = (0.5, 0.2, 0.1)
STARTS = ("zero", "odds")
TOLERANCE = 0.01  # of the excess loss at zero weights


@dataclass(frozen=True)
class Result:
    inputs: int
    "Inputs of the logistic neuron."
    examples: int
    "Examples."
    spread: float
    "Standard deviation of the log-odds by which labels are drawn."
    shares: tuple[float, ...]
    "Shares of positive examples."
    mean_error: dict[str, tuple[float, ...]]
    "Mean of the errors at zero weights, minus its sign, by start of the bias, for each share."
    mean_part: dict[str, tuple[float, ...]]
    "Squared length of the mean part over that of the gradient by the weights, there."
    steps: dict[str, dict[str, tuple[int, ...]]]
    "Steps to `goal` of the excess loss, for raw and centered inputs, by start of the bias, for each share."
    apart: float
    "Upper over lower quartile of the steps from a bias of zero, raw inputs, the last share."
    kappa: dict[str, tuple[float, ...]]
    "Condition number at the optimum, with a bias, for raw and centered inputs, for each share."
    steepest: tuple[float, float]
    "Largest curvature at zero weights and at the optimum, raw inputs, one half positive."
    constant: float
    "Largest curvature of the squared loss there, the same at all weights."
    goal: float
    "Share of the excess loss at zero weights that is to be left."
    draws: int
    "Draws of examples; numbers are medians over them."
    slower: int
    "In how many of them the log-odds were the slower start, raw inputs, the last share."


def draw_examples(share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs of variance 1 with a mean, and labels 0 or 1 of which about `share` are 1, by a logistic rule."""
    rng = np.random.default_rng(seed)
    x, w = rng.normal(size=(EXAMPLES, INPUTS)), SPREAD * rng.normal(size=INPUTS) / np.sqrt(INPUTS)
    score = x @ w
    return x + MEAN, (rng.random(EXAMPLES) < sigmoid(score - np.quantile(score, 1 - share))).astype(float)


def loss(X: np.ndarray, y: np.ndarray, theta: np.ndarray) -> float:
    """Mean binary cross-entropy of X θ."""
    return float(np.mean(np.logaddexp(0, X @ theta) - y * (X @ theta)))


def curvature(X: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """E[ℓ'' xxᵀ] of logistic regression."""
    return X.T @ (X * (sigmoid(X @ theta) * sigmoid(-X @ theta))[:, None]) / len(X)


def find_optimum(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Weights and bias of least loss, by Newton's method."""
    theta = np.zeros(X.shape[1])
    for _ in range(40):
        gradient = X.T @ (sigmoid(X @ theta) - y) / len(X)
        theta = theta - np.linalg.solve(curvature(X, theta) + 1e-12 * np.eye(len(theta)), gradient)
    return theta


def count_steps(X: np.ndarray, y: np.ndarray, start: np.ndarray, best: float) -> int:
    """Steps of descent with the step 1/λmax at zero weights until a hundredth of the excess loss there is left."""
    theta, step = start.copy(), 4 / np.linalg.eigvalsh(X.T @ X / len(X))[-1]
    goal, steps = best + TOLERANCE * (np.log(2) - best), 0
    while loss(X, y, theta) > goal:
        theta, steps = theta - step * X.T @ (sigmoid(X @ theta) - y) / len(X), steps + 1
    return steps


def run_draw(share: float, seed: int) -> dict[str, float]:
    """Everything about one draw of examples: by name, case and start of the bias."""
    (x, y), row = draw_examples(share, seed), {}
    for name, inputs in (("raw", x), ("centered", x - x.mean(axis=0))):
        X = add_bias(inputs)
        optimum = find_optimum(X, y)
        row["kappa", name] = np.linalg.cond(curvature(X, optimum))
        row["steepest", name] = np.linalg.eigvalsh(curvature(X, optimum))[-1]
        row["steepest at zero", name] = np.linalg.eigvalsh(curvature(X, 0 * optimum))[-1]
        for start in STARTS:
            theta = np.zeros(INPUTS + 1)
            theta[-1] = np.log(y.mean() / (1 - y.mean())) if start == "odds" else 0.0
            row["steps", name, start] = count_steps(X, y, theta, loss(X, y, optimum))
            delta = sigmoid(X @ theta) - y
            mean, G = delta.mean() * inputs.mean(axis=0), inputs.T @ delta / EXAMPLES
            row["mean_error", name, start], row["mean_part", name, start] = delta.mean(), mean @ mean / (G @ G)
    return row


def compute() -> Result:
    rows = {share: [run_draw(share, DRAWS * SEED + i) for i in range(DRAWS)] for share in SHARES}

    def take_medians(*key: str) -> tuple[float, ...]:
        return tuple(float(np.median([row[key] for row in rows[share]])) for share in SHARES)

    return Result(
        inputs=INPUTS,
        examples=EXAMPLES,
        spread=SPREAD,
        shares=SHARES,
        mean_error={start: take_medians("mean_error", "raw", start) for start in STARTS},
        mean_part={start: take_medians("mean_part", "raw", start) for start in STARTS},
        steps={
            name: {start: tuple(round(steps) for steps in take_medians("steps", name, start)) for start in STARTS}
            for name in ("raw", "centered")
        },
        apart=float(np.divide(*np.quantile([row["steps", "raw", "zero"] for row in rows[SHARES[2]]], [0.75, 0.25]))),
        kappa={name: take_medians("kappa", name) for name in ("raw", "centered")},
        steepest=(take_medians("steepest at zero", "raw")[0], take_medians("steepest", "raw")[0]),
        constant=4 * take_medians("steepest at zero", "raw")[0],
        slower=sum(row["steps", "raw", "odds"] > row["steps", "raw", "zero"] for row in rows[SHARES[2]]),
        draws=DRAWS,
        goal=TOLERANCE,
    )


def claim_rare_positives_give_the_errors_a_mean(result: Result) -> None:
    """With {{ shares | percent | list }} positive examples and a bias of zero, the errors of a logistic neuron have the
    means {{ mean_error.zero | decimals(2) | list }}. If the inputs have mean 1, the part along their mean is then
    {{ mean_part.zero[0] | percent(0) }} of the squared length of the weights' gradient in the first case, and nearly
    all of it in the others; with the bias at the log-odds it is {{ mean_part.odds[1] | percent(0) }}."""
    for i, share in enumerate(SHARES):
        assert abs(result.mean_error["zero"][i] - (0.5 - share)) < 0.09 and abs(result.mean_error["odds"][i]) < 1e-9
    assert (
        min(result.mean_part["zero"][1:]) > 0.85
        and 0 <= min(result.mean_part["odds"]) <= max(result.mean_part["odds"]) < 1e-9
    )
    assert -0.069 < result.mean_error["zero"][0] < 0.065 and 0.34 < result.mean_error["zero"][2] < 0.41
    assert 0.2 < result.mean_error["zero"][1] < 0.36
    assert 0.8818 < result.mean_part["zero"][2] < 1.072
    assert 0 < result.mean_part["zero"][0] < 0.1 and 0.8 < result.mean_part["zero"][1] < 1.2


def claim_centering_does_more(result: Result) -> None:
    """With {{ shares[2] | percent }} positive, and with {{ shares[1] | percent }}, descent on inputs with a mean takes
    several times as many steps as on centered ones, wherever the bias starts. These are medians over draws; from a
    bias of zero the quartiles of the draws lie a factor of {{ apart | digits(1) }} apart."""
    assert 1.2 < result.apart < 12
    for i in (1, 2):
        assert 5 * result.steps["centered"]["zero"][i] < min(result.steps["raw"][start][i] for start in STARTS)
        assert result.steps["centered"]["odds"][i] <= result.steps["centered"]["zero"][i]
        assert result.kappa["raw"][i] > 5 * result.kappa["centered"][i]
    x, y = draw_examples(SHARES[1], DRAWS * SEED)  # one run again, from the gradient's own formula
    X, theta = add_bias(x), np.zeros(INPUTS + 1)
    step, best = 1 / np.linalg.eigvalsh(curvature(X, theta))[-1], loss(X, y, find_optimum(X, y))
    for _ in range(run_draw(SHARES[1], DRAWS * SEED)["steps", "raw", "zero"]):
        theta = theta - step * np.mean((sigmoid(X @ theta) - y)[:, None] * X, axis=0)
    assert abs((loss(X, y, theta) - best) / (np.log(2) - best) / TOLERANCE - 1) < 0.02 and 0 <= result.slower <= DRAWS
    assert 450 < result.steps["raw"]["zero"][2] < 8100 and 190 < result.steps["raw"]["odds"][2] < 7800
    assert 13 < result.steps["centered"]["zero"][2] < 130 and 13 < result.steps["centered"]["odds"][2] < 130


def claim_curvature_fades_as_it_fits(result: Result) -> None:
    """The largest curvature of the logistic loss is {{ steepest[0] | digits(2) }} at zero weights and
    {{ steepest[1] | digits(2) }} at the optimum, one half of the examples positive; that of the squared loss is
    constant, {{ constant | digits(3) }}."""
    expected = (2 + INPUTS * MEAN**2) / 4  # inputs and the bias's 1, a quarter each of their second moment
    assert abs(result.constant / (2 + INPUTS * MEAN**2) - 1) < 0.05
    assert abs(result.steepest[0] / expected - 1) < 0.05 and result.steepest[1] < 0.6 * result.steepest[0]
    X = add_bias(draw_examples(SHARES[0], SEED)[0])
    squared = complex_step(lambda at: X.T @ (X @ at), np.zeros(INPUTS + 1)) / EXAMPLES  # Hessian of the squared loss
    np.testing.assert_allclose(squared, 4 * curvature(X, np.zeros(INPUTS + 1)), atol=1e-9)
    assert 5.3 < result.steepest[0] < 5.8 and 1.0 < result.steepest[1] < 2.6 and 21.3 < result.constant < 22.9


def equation_settled() -> Iterator[dict]:
    r"""\mathbb{E}[\delta\,a] = \mathbb{E}[\delta\,(a - \bar{a})] + \mathbb{E}[\delta]\,\bar{a}"""
    for rng in draws(6):
        a, delta = rng.normal(1, 1, size=(7, 3)), rng.normal(0.5, 1, size=7)
        mean = a.mean(axis=0)
        yield {
            r"\mathbb{E}[\delta a]": delta @ a / 7,
            r"\mathbb{E}[\delta (a - \bar{a})]": delta @ (a - mean) / 7,
            r"\mathbb{E}[\delta]": delta.mean(),
            r"\bar{a}": mean,
        }
