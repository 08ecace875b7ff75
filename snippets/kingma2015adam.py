"""What is Adam invariant to (Kingma and Ba, 2015)?

To a diagonal rescaling of the gradients, exactly if ε = 0; not to a rotation of them, which changes its steps by
{{ turned | percent }}, nor to a rescaled input, which changes what a step does to the output by
{{ rescaled | percent }}.
"""

from dataclasses import dataclass

import numpy as np

from lib.optimizers import adam_direction

SEED = 0


@dataclass(frozen=True)
class Result:
    turned: float
    "Steps for rotated gradients against rotated steps: length of the difference over that of the steps."
    divided: float
    "What an input is divided by, and its weight multiplied by."
    rescaled: float
    "Length of the change of the outputs' change in the next step, over that of the change."


def adam_steps(gradients: np.ndarray, epsilon: float = 0.0) -> np.ndarray:
    """Steps of Adam with step size 1 for a sequence of gradients, shape (T, n)."""
    mean, square, steps = 0.0, 0.0, []
    for count, gradient in enumerate(gradients, 1):
        direction, mean, square = adam_direction(gradient, mean, square, count, epsilon=epsilon)
        steps.append(-direction)
    return np.array(steps)


def relative_difference(one: np.ndarray, other: np.ndarray) -> float:
    """Length of the difference of two arrays over that of the second."""
    return float(np.linalg.norm(one - other) / np.linalg.norm(other))


def random_gradients() -> tuple[np.ndarray, np.random.Generator]:
    """Sixty gradients by six weights with a mean of their own, and the generator that drew them."""
    rng = np.random.default_rng(SEED)
    return rng.normal(0.3, 1, size=(60, 6)), rng


def output_changes(scale: np.ndarray) -> np.ndarray:
    """Change of a linear neuron's outputs in Adam's first step, inputs times `scale`, weights divided by it."""
    rng = np.random.default_rng(SEED)
    x, y, w = rng.normal(size=(40, 3)), rng.normal(size=40), rng.normal(size=3)
    gradient = (x * scale).T @ (x @ w - y) / len(x)
    return x * scale @ adam_steps([gradient])[0]


def compute() -> Result:
    gradients, rng = random_gradients()
    rotation = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    return Result(
        turned=relative_difference(adam_steps(gradients @ rotation), adam_steps(gradients) @ rotation),
        divided=10.0,
        rescaled=relative_difference(output_changes(np.array([0.1, 1, 1])), output_changes(np.ones(3))),
    )


def claim_adam_scales(result: Result) -> None:
    r"""Multiply every component of all gradients by a positive constant of its own, and Adam with $\epsilon = 0$ takes
    the same steps, to rounding; rotate the gradients, and its steps differ from the rotated ones by
    {{ turned | digits(1) }} of their length."""
    gradients, rng = random_gradients()
    steps, scales, signs = adam_steps(gradients), np.exp(2 * rng.normal(size=6)), [1, -1, 1, -1, 1, 1]
    np.testing.assert_allclose(adam_steps(scales * gradients), steps, rtol=1e-9)
    np.testing.assert_allclose(adam_steps(gradients * signs), steps * signs, rtol=1e-9)
    assert 0.1 < result.turned < 0.8
    assert relative_difference(adam_steps(1e-8 * gradients, epsilon=1e-8), steps) > 0.1


def claim_features_are_not_gradients(result: Result) -> None:
    """That is not invariance to the scale of the inputs: divide an input by {{ divided | integer }}, multiply its
    weight by as much, and what Adam’s next step does to the outputs changes by {{ rescaled | percent }}."""
    rng = np.random.default_rng(SEED)
    x, y, w = rng.normal(size=(40, 3)), rng.normal(size=40), rng.normal(size=3)
    slopes = [x.T @ (x @ w - y), x.T @ (x @ w - y) * [1 / result.divided, 1, 1]]
    first, second = (-x * [part, 1, 1] @ np.sign(s) for part, s in zip((1, 1 / result.divided), slopes))
    assert abs(np.linalg.norm(second - first) / np.linalg.norm(first) - result.rescaled) < 1e-9


if __name__ == "__main__":
    print(compute())
