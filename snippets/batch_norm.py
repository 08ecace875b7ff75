"""What does batch norm center?

Directly after a linear map it makes the mean of that map's inputs vanish, exactly: z − z̄ = W(x − x̄). It centers the
upstream gradients, too.

    z      pre-activations of a batch, one entry an example; z̄ their mean, ẑ normalized
    delta  upstream gradients of the normalized pre-activations
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws
from lib.quadratics import best_step, descend

SEED = 0
VARIANCES = (0.5, 1.5)
INPUTS = 100  # of the two demonstrations


@dataclass(frozen=True)
class Result:
    inputs: int
    "Inputs of the two demonstrations."
    still: int
    "Steps to a millionth of the error where nothing shifts and every input has mean 1."
    shifting: float
    "Steps on centered inputs whose variance shifts, median of many runs."
    variances: tuple[float, float]
    "Between what that variance is drawn, uniformly."
    remains: float
    "Share of the squared length of upstream gradients of mean 1 and standard deviation ½ that batch norm lets through."


def batch_norm_gradient(z: np.ndarray, delta: np.ndarray) -> np.ndarray:
    """Upstream gradients of z where ẑ = (z − z̄)/s goes on."""
    normal = (z - z.mean()) / z.std()
    return (delta - delta.mean() - (delta * normal).mean() * normal) / z.std()


def take_shifting_steps(rng: np.random.Generator) -> int:
    """Steps of size 1 on centered inputs whose variance is drawn anew, uniformly in VARIANCES, at every step."""
    error, steps = 1.0, 0
    while error > 1e-6:
        error, steps = error * abs(1 - rng.uniform(*VARIANCES)), steps + 1
    return steps


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    H = np.eye(INPUTS) + 1.0
    worst = np.full(INPUTS, 0.0)
    worst[:2] = 1, -1
    z, delta = rng.normal(size=256), rng.permutation(np.repeat([0.5, 1.5], 128))
    return Result(
        inputs=INPUTS,
        still=len(descend(H, best_step(H), worst, 1e-6)) - 1,
        shifting=float(np.median([take_shifting_steps(rng) for _ in range(401)])),
        variances=VARIANCES,
        remains=np.sum((batch_norm_gradient(z, delta) * z.std()) ** 2) / np.sum(delta**2),
    )


def claim_inputs_mean_cancels(result: Result) -> None:
    """Shift all inputs of a normalized layer by any vector: outputs and gradients with respect to its weights stay the
    same to rounding."""
    for rng in draws(5):
        x, w, delta, shift = rng.normal(size=(5, 40)), rng.normal(size=5), rng.normal(size=40), 10 * rng.normal(size=5)
        results = []
        for inputs in (x, x + shift[:, None]):
            z = w @ inputs
            results.append(np.append((z - z.mean()) / z.std(), inputs @ batch_norm_gradient(z, delta)))
        np.testing.assert_allclose(*results, atol=1e-11)


def claim_the_error_is_centered(result: Result) -> None:
    """Of upstream gradients with mean 1 and standard deviation one half, batch norm lets {{ remains | percent }} of the
    squared length through, before it divides by the standard deviation: the rest was their mean."""
    assert abs(result.remains - 0.2) < 0.01  # ½² / (1 + ½²), less the small part along ẑ
    for rng in draws(5):
        z, delta = rng.normal(size=50), rng.normal(1, 0.5, size=50)
        assert abs(batch_norm_gradient(z, delta).sum()) < 1e-12
        assert abs(batch_norm_gradient(z, delta) @ z) < 1e-11


def claim_two_complaints(result: Result) -> None:
    """With {{ inputs }} inputs of mean 1 that never shift, descent takes {{ still | integer }} steps to a millionth of
    the error; with centered inputs whose variance is drawn anew at every step, uniformly between
    {{ variances[0] | digits(2) }} and {{ variances[1] | digits(2) }}, steps of size 1 take {{ shifting | integer }}
    (median)."""
    kappa = 1 + INPUTS
    assert result.still == int(np.ceil(np.log(1e-6) / np.log((kappa - 1) / (kappa + 1))))
    rng = np.random.default_rng(SEED)
    steps = [
        take_shifting_steps(rng) for _ in range(400)
    ]  # sums of ln 2 + Exp(1), and how far they overshoot on average
    mean = 1 + np.log(2)
    assert abs(np.mean(steps) - (np.log(1e6) + (mean**2 + 1) / (2 * mean)) / mean) < 5 * np.std(steps) / 20
    assert abs(result.shifting - np.median(steps)) <= 1 and max(steps) <= 20 < result.still  # no factor exceeds ½


def equation_cancels() -> Draws:
    r"""w^\top X\left(I - \tfrac{1}{B}\mathbf{1}\mathbf{1}^\top\right) =
    w^\top\left(X - \bar{x}\,\mathbf{1}^\top\right)"""
    for rng in draws(8):
        B = int(rng.integers(3, 9))
        X = rng.normal(rng.normal(size=(4, 1)), 1, size=(4, B))
        means = np.array([sum(row) / B for row in X])
        yield {
            "w": rng.normal(size=4),
            "X": X,
            "I": np.eye(B),
            "B": B,
            r"\mathbf{1}": np.ones((B, 1)),
            r"\bar{x}": means,
        }


def equation_mean_only() -> Draws:
    r"""\frac{\partial L}{\partial z_i} = \delta_i - \bar{\delta}"""
    for _, delta, slope in draw_batches(normalize=False):
        for i in (0, 2):
            yield {
                r"\frac{\partial L}{\partial z_i}": slope[i],
                r"\delta_i": delta[i],
                r"\bar{\delta}": sum(delta) / len(delta),
            }


def equation_full() -> Draws:
    r"""\frac{\partial L}{\partial z} = \frac{1}{s}\left(\delta - \frac{\mathbf{1}^\top\delta}{B}\,\mathbf{1} -
    \frac{\hat{z}^\top\delta}{B}\,\hat{z}\right)"""
    yield from draw_normalized()


def equation_santurkar() -> Draws:
    r"""\left\lVert\frac{\partial L}{\partial z}\right\rVert^2 = \frac{1}{s^2}\left(\lVert\delta\rVert^2 -
    \frac{(\mathbf{1}^\top\delta)^2}{B} - \frac{(\hat{z}^\top\delta)^2}{B}\right)"""
    yield from draw_normalized()


def draw_batches(normalize: bool) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Random batches: pre-activations, upstream gradients, and the slopes of L by them through the normalization, by
    complex steps of L = Σ δᵢ ẑᵢ."""
    for rng in draws(10):
        B = int(rng.integers(4, 9))
        z, delta = rng.normal(rng.normal(), rng.uniform(0.5, 3), size=B), rng.normal(0.7, 1, size=B)
        slope = []
        for nudge in 1e-20j * np.eye(B):
            moved = z + nudge
            moved = moved - moved.mean()
            if normalize:
                moved = moved / np.sqrt((moved**2).mean())
            slope.append((delta @ moved).imag / 1e-20)
        yield z, delta, np.array(slope)


def draw_normalized() -> Draws:
    for z, delta, slope in draw_batches(normalize=True):
        s = np.sqrt(np.mean(z**2) - np.mean(z) ** 2)
        yield {
            r"\frac{\partial L}{\partial z}": slope,
            r"\delta": delta,
            r"\hat{z}": (z - np.mean(z)) / s,
            r"\mathbf{1}": np.ones((len(z), 1)),
            "B": len(z),
            "s": s,
        }


if __name__ == "__main__":
    print(compute())
