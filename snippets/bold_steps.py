"""Can a step of softmax regression be larger than its first curvature allows?

Yes: at zero weights the curvature is largest, and it falls as the classes are told apart. A step of
{{ start | digits(2) }} over that curvature raises the loss at first, to {{ peak | digits(2) }} nats, and ends where it
is {{ edge | digits(2) }} over the curvature.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from lib.data import digits as images
from lib.data import one_hot
from lib.network import loss_gradients
from lib.quadratics import add_bias
from lib.softmax import code_pixels, learn, learn_as_network, split_digits

SEED = 0
SPLITS = 3
PART = 128  # of 1/λmax: the step
STABLE = 20  # the same where it is stable from the start: the curvature is a tenth of λmax there


@dataclass(frozen=True)
class Result:
    iterations: dict[str, tuple[int, ...]]
    "Iterations to the goal, one for each split, fewest first."
    median: dict[str, int]
    "Their median."
    first_limit: float
    "Step size times λmax that is stable at the start, where all weights are zero."
    cautious: dict[str, int]
    "Iterations at that step, first split."
    peak: float
    "Highest loss on the way, raw images, first split."
    start: float
    "Step size times largest eigenvalue of the loss's Hessian at zero weights."
    edge: float
    "The same where the goal is reached, raw images, first split."


def sharpness(x: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> float:
    """Largest eigenvalue of the loss's Hessian at these weights, by power iteration on differences of the gradient."""

    def gradient(w: np.ndarray) -> np.ndarray:
        return np.vstack(loss_gradients([(w[:-1], w[-1])], x[:, :-1], one_hot(labels))[0])

    direction = np.random.default_rng(0).normal(size=weights.shape)
    for _ in range(60):
        direction *= 1e-4 / np.linalg.norm(direction)
        direction = (gradient(weights + direction) - gradient(weights - direction)) / 2e-4
    return float(np.linalg.norm(direction))


def compute() -> Result:
    x, labels = images()
    iterations, cautious = {}, {}
    for number, name in product(range(SPLITS), ("raw", "centered")):
        train, _ = split_digits(SEED, number)
        inputs = add_bias(code_pixels(x[train], x[train])[name])
        steps, weights, highest = learn(inputs, labels[train], PART)
        iterations.setdefault(name, []).append(steps)
        if number == 0:
            cautious[name] = learn(inputs, labels[train], STABLE)[0]
        if number == 0 and name == "raw":
            top = np.linalg.norm(inputs, 2) ** 2 / len(inputs)
            peak, edge = highest, PART / top * sharpness(inputs, labels[train], weights)
    return Result(
        iterations={name: tuple(sorted(found)) for name, found in iterations.items()},
        median={name: int(np.median(found)) for name, found in iterations.items()},
        first_limit=float(STABLE),
        cautious=cautious,
        peak=peak,
        start=2 * PART / STABLE,
        edge=edge,
    )


def claim_a_cautious_step_tells_the_same(result: Result) -> None:
    r"""At the largest step that is stable from the very start, ${{ first_limit | integer }}/\lambda_{\max}$, both are
    slower and the ratio is larger still: {{ cautious.raw }} iterations raw and {{ cautious.centered }} centered."""
    ratio = result.cautious["raw"] / result.cautious["centered"]
    assert ratio > result.median["raw"] / result.median["centered"] > 1
    assert result.cautious["centered"] > result.iterations["centered"][-1]
    assert all(learn_as_network(SEED, name, STABLE)[0] == result.cautious[name] for name in ("raw", "centered"))


def claim_bold_steps_find_their_place(result: Result) -> None:
    """Step size times curvature is {{ start | digits(3) }} at the start, where nothing beyond two is stable; the loss
    of raw images first climbs to {{ peak | digits(2) }}; when it has come down to the goal the product
    is {{ edge | digits(2) }}."""
    x, labels = images()
    train, _ = split_digits(SEED, 0)
    a = add_bias(x[train])
    top = np.linalg.norm(a, 2) ** 2 / len(a)
    assert abs(PART / top * sharpness(a, labels[train], np.zeros((65, 10))) / result.start - 1) < 1e-3
    assert (
        abs(learn_as_network(SEED, "raw", PART)[1] / result.peak - 1) < 1e-9
        and 1.5 < result.edge < 2.6 < result.start / 3
    )


if __name__ == "__main__":
    print(compute())
