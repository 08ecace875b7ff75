"""Where there are fewer examples than weights, does the natural gradient still not see a shift of the inputs?

On the examples it does not; on new inputs it does, by {{ pseudo[1] | percent }} of the outputs (median): a
pseudo-inverse chooses the shortest step, and which step is the shortest depends on the coordinates. And what the
natural gradient is: the steepest direction for the divergence between outputs.
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import sigmoid
from lib.numerics import Draws, draws

SEED = 0
MEAN = 2.0
TEACHER = np.array([1.0, 0.5])  # slope, and output at the mean input
DRAWS = 40  # of inputs and labels, for the pseudo-inverse
NODES, MASS = np.polynomial.hermite_e.hermegauss(60)  # of x − mean, standard normal
MASS = MASS / MASS.sum()


@dataclass(frozen=True)
class Result:
    pseudo: tuple[float, float]
    "More inputs than examples: relative gap of raw and centered outputs on the examples, on new inputs; medians."
    draws: int
    "Draws of inputs and labels."


def pseudo_inverse(rng, inputs: int = 10, examples: int = 4, new: int = 50, steps: int = 5) -> tuple[float, float]:
    """Run raw and centered with the pseudo-inverse of a singular Fisher matrix: how far the outputs differ in the end,
    relative to their size, on the examples and on new inputs."""
    x, y = rng.normal(MEAN, 1, size=(inputs, examples + new)), rng.integers(0, 2, examples)
    outputs = []
    for center in (0.0, MEAN):
        rows = np.vstack([x - center, np.ones(examples + new)])
        theta, seen = np.zeros(inputs + 1), rows[:, :examples]
        for _ in range(steps):
            p = sigmoid(theta @ seen)
            F = (seen * p * (1 - p)) @ seen.T / examples
            theta = theta - 0.5 * np.linalg.pinv(F, rcond=1e-10, hermitian=True) @ seen @ (p - y) / examples
        outputs.append(theta @ rows)
    parts = [(raw - centered, centered) for raw, centered in zip(*(np.split(f, [examples]) for f in outputs))]
    return tuple(np.linalg.norm(gap) / np.linalg.norm(size) for gap, size in parts)


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    return Result(
        pseudo=tuple(np.median([pseudo_inverse(rng) for _ in range(DRAWS)], axis=0)),
        draws=DRAWS,
    )


def derivatives(theta: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gradient of the expected loss, and Fisher matrix, for inputs x whose last row is the bias's."""
    p = sigmoid(theta @ x)
    return x @ (MASS * (p - sigmoid(TEACHER[0] * NODES + TEACHER[1]))), (x * (MASS * p * (1 - p))) @ x.T


def shifted(mean: float) -> np.ndarray:
    """From (slope, output at the mean) to (w, b) where the input has this mean: b = output − w mean."""
    return np.array([[1.0, 0.0], [-mean, 1.0]])


def claim_pseudo_inverse_differs_off_the_examples(result: Result) -> None:
    """With fewer examples than parameters and a pseudo-inverse, raw and centered runs agree on those examples to
    rounding, and differ on new ones by
    {{ pseudo[1] | digits(1) }} of the outputs, the median over {{ draws }} draws."""
    assert result.pseudo[0] < 1e-9 and 0.1 < result.pseudo[1] < 1
    rng = np.random.default_rng(SEED)  # one step by hand: of all ways with these outputs each takes its own shortest
    x = rng.normal(MEAN, 1, size=(10, 4))
    change = rng.normal(size=4)
    ways = [np.linalg.lstsq(np.vstack([x - c, np.ones(4)]).T, change, rcond=None)[0] for c in (0.0, MEAN)]
    back = np.append(ways[1][:-1], ways[1][-1] - MEAN * ways[1][:-1].sum())
    np.testing.assert_allclose(back @ np.vstack([x, np.ones(4)]), change, atol=1e-9)
    assert np.linalg.norm(back) > 1.001 * np.linalg.norm(ways[0])


def claim_steepest_for_its_divergence(result: Result) -> None:
    """Of all small steps that change the neuron's probabilities by the same Kullback-Leibler divergence, the natural
    gradient's lowers the loss most."""
    x = np.stack([NODES + MEAN, np.ones_like(NODES)])
    theta = shifted(MEAN) @ np.array([0.2, 0.45])
    gradient, F = derivatives(theta, x)

    def divergence(way):
        p, q = sigmoid(theta @ x), sigmoid((theta + way) @ x)
        return MASS @ (p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q)))

    def gain(way):
        """The loss that a step along `way` saves, at the length where its divergence is 10⁻⁶."""
        for _ in range(5):
            way = way * np.sqrt(1e-6 / divergence(way))
        return -gradient @ way

    best = gain(np.linalg.solve(F, -gradient))
    turns = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    found = [gain(np.array([np.cos(turn), np.sin(turn)])) for turn in turns]
    assert best > 0.999 * max(found) and gain(-gradient) < 0.9 * best


def _neurons(inputs: int = 3, examples: int = 5):
    """A random logistic neuron on off-center inputs: parameters, inputs with a row of ones, Fisher matrix by
    enumeration of labels, its scores by complex steps."""
    for rng in draws(12):
        x = np.vstack([rng.normal(rng.normal(size=(inputs, 1)), 1, size=(inputs, examples)), np.ones(examples)])
        theta, F = rng.normal(size=inputs + 1), 0
        for column in x.T:
            for label in (0, 1):
                chance = sigmoid((2 * label - 1) * (theta @ column))
                nudged = (theta + 1e-20j * np.eye(inputs + 1)) @ column
                score = -np.log(1 + np.exp((1 - 2 * label) * nudged)).imag / 1e-20
                F = F + chance * np.outer(score, score) / examples
        yield rng, theta, x, F


def equation_divergence() -> Draws:
    r"""D_{\mathrm{KL}} \approx \tfrac{1}{2}\,d^\top F d"""
    for rng, theta, x, F in _neurons():
        d = 1e-3 * rng.normal(size=4)
        p, q = sigmoid(theta @ x), sigmoid((theta + d) @ x)
        both = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))
        yield {r"D_{\mathrm{KL}}": both.mean(), "d": d, "F": F, r"\approx": 0.01}


if __name__ == "__main__":
    print(compute())
