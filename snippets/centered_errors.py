"""Is centering the errors of a batch the same as centering its inputs?

The gradient of the weights is the same, the run is not: centered inputs also take the weights' step back out of the
mean output. {{ inputs }} inputs of mean {{ mean | integer }}, the bias right at the start: centered inputs take
{{ steps_inputs }} steps to a millionth of the loss; centered errors {{ steps_errors }}, and the loss first rises
{{ rise | digits(2) }}-fold.

    e     error of the weights, w − w*; inputs of variance 1, so centered they make the curvature I
    m     mean error of the output; the loss is ½(‖e‖² + m²)
"""

from dataclasses import dataclass

import numpy as np

INPUTS, MEAN, STEP, EXAMPLES, SEED = 100, 5.0, 0.5, 400, 0
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Result:
    inputs: int
    "Inputs of the linear neuron, uncorrelated."
    mean: float
    "Mean of each, in standard deviations."
    step: float
    "Step size of both runs, for weights and bias."
    steps_inputs: int
    "Steps to a millionth of the loss with centered inputs, from weights an average direction away and no mean error."
    steps_errors: int
    "The same with centered errors."
    rise: float
    "Loss after the first step with centered errors over the loss before."


def loss_shares(centered_inputs: bool, steps: int = 40) -> np.ndarray:
    """Loss after 0, 1 … `steps` steps over the first one, the squared error spread evenly over the directions.

    Either way e shrinks by 1 − η. The bias removes the share η of m; with centered errors the step of the weights
    adds μᵀ(change of e) to m, with centered inputs the bias takes that back.
    """
    e, m, shares = 1.0, 0.0, []  # e in units of its start; m in units of its mean size ‖μ‖‖e‖/√n
    for _ in range(steps + 1):
        shares.append(e**2 + MEAN**2 * m**2)
        e, m = (1 - STEP) * e, (1 - STEP) * m - (not centered_inputs) * STEP * e
    return np.array(shares)


def compute() -> Result:
    inputs, errors = loss_shares(True), loss_shares(False)
    return Result(
        inputs=INPUTS,
        mean=MEAN,
        step=STEP,
        steps_inputs=int(np.argmax(inputs <= TOLERANCE)),
        steps_errors=int(np.argmax(errors <= TOLERANCE)),
        rise=float(errors[1]),
    )


def claim_the_run_is_not_the_same(result: Result) -> None:
    """{{ inputs }} uncorrelated inputs of variance 1 and mean {{ mean | integer }}, the bias settled at the start,
    step size {{ step | digits(1) }}: with centered inputs {{ steps_inputs }} steps to a millionth of the loss, with
    centered errors {{ steps_errors }}, and the first of them raises the loss {{ rise | digits(2) }}-fold."""
    rng = np.random.default_rng(SEED)
    x = np.linalg.qr(np.column_stack([np.ones(EXAMPLES), rng.normal(size=(EXAMPLES, INPUTS))]))[0][:, 1:]
    x = np.sqrt(EXAMPLES) * x + MEAN  # examples with exactly this mean and covariance I
    mean = np.full(INPUTS, 1 / np.sqrt(INPUTS))
    across = rng.normal(size=INPUTS)
    across -= (across @ mean) * mean
    start = mean + np.sqrt(INPUTS - 1) * across / np.linalg.norm(across)  # of length √n, one along the mean: average
    for inputs_centered, goal in ((True, result.steps_inputs), (False, result.steps_errors)):
        w, b, losses = start, -MEAN * start.sum(), []  # the target is 0
        for _ in range(goal + 1):
            error = x @ w + b
            losses.append(np.mean(error**2) / 2)
            weights, bias = x.T @ (error - error.mean()) / EXAMPLES, error.mean()
            w, b = w - STEP * weights, b - STEP * bias + inputs_centered * STEP * MEAN * weights.sum()
        assert losses[goal] <= TOLERANCE * losses[0] < losses[goal - 1]
        np.testing.assert_allclose(np.array(losses) / losses[0], loss_shares(inputs_centered)[: goal + 1], rtol=1e-6)
    t = np.arange(41)
    closed = (1 - STEP) ** (2 * t) * (1 + (MEAN * STEP * t / (1 - STEP)) ** 2)
    np.testing.assert_allclose(loss_shares(False), closed, rtol=1e-9)
    assert closed[1] == result.rise and np.argmax(closed <= TOLERANCE) == result.steps_errors


if __name__ == "__main__":
    print(compute())
