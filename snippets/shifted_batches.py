"""Does batch normalization after a linear map cancel the mean of its inputs?

Yes: shift them all, and the losses are the same to {{ shift_gap[0] | scientific(1) }} over {{ watched }} steps.
"""

from dataclasses import dataclass

import numpy as np

from lib.normalization import normalize, normalize_backward
from lib.numerics import Draws, complex_step, draws

SEED = 0
WATCHED = 40  # steps
SHIFT = 3.0  # of all inputs


@dataclass(frozen=True)
class Result:
    watched: int
    "Steps over which losses are compared where inputs are shifted."
    shift_gap: tuple[float, float]
    "Largest difference of loss over them between inputs and shifted inputs: with batch normalization, without."


def train(shift: float, normalized: bool) -> np.ndarray:
    """Losses of `WATCHED` steps of plain descent on 200 examples of ten inputs, shifted; with batch normalization after
    the linear map, gain and offset learned."""
    rng = np.random.default_rng(SEED)
    x, target = rng.normal(size=(10, 200)) + shift, rng.normal(size=200)
    w, gain, offset, losses = rng.normal(size=10), 1.0, 0.0, []
    for _ in range(WATCHED):
        unit, s = normalize(w @ x) if normalized else (w @ x, 1.0)
        delta = (gain * unit + offset - target) / 200
        losses.append(100 * np.sum(delta**2))
        back = normalize_backward(gain * delta, unit, s) if normalized else gain * delta
        w, gain, offset = w - 0.01 * x @ back, gain - 0.01 * normalized * delta @ unit, offset - 0.01 * delta.sum()
    return np.array(losses)


def compute() -> Result:
    gaps = [float(abs(train(0.0, normalized) - train(SHIFT, normalized)).max()) for normalized in (True, False)]
    return Result(watched=WATCHED, shift_gap=tuple(gaps))


def normalize_by_root(z: np.ndarray) -> np.ndarray:
    """Pre-activations of a batch minus their mean, over their root mean square; analytic."""
    centered = z - z.mean()
    return centered / np.sqrt(np.mean(centered**2))


def claim_batch_normalization_cancels_the_mean(result: Result) -> None:
    """Shift all inputs by three standard deviations: with batch normalization after the linear map the losses of
    {{ watched }} steps are the same to rounding; without it they differ."""
    assert result.shift_gap[0] < 1e-9 and not result.shift_gap[1] < 0.01
    rng = np.random.default_rng(SEED)  # the gradient by hand, against a complex step
    x, target, w = rng.normal(size=(10, 200)), rng.normal(size=200), rng.normal(size=10)
    normal, s = normalize(w @ x)
    back = normalize_backward((normal - target) / 200, normal, s)
    gradient = complex_step(lambda w: np.mean((normalize_by_root(w @ x) - target) ** 2) / 2, w)
    np.testing.assert_allclose(x @ back, gradient, rtol=1e-9, atol=1e-12)


def equation_batch_norm() -> Draws:
    r"""w^\top (x + c) - w^\top (\bar{x} + c) = w^\top (x - \bar{x})"""
    for rng in draws(12):
        x, w, c = rng.normal(1, 1, size=(4, 20)), rng.normal(size=4), rng.normal(size=4)
        yield {"w": w, "x": x[:, 0], r"\bar{x}": x.mean(axis=1), "c": c}


if __name__ == "__main__":
    print(compute())
