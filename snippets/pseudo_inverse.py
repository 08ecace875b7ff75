"""Where there are fewer examples than weights, does the natural gradient still not see a shift of the inputs?

On the examples it does not; on new inputs it does, by {{ pseudo[1] | percent }} of the outputs (median): a
pseudo-inverse chooses the shortest step, and which step is the shortest depends on the coordinates. And what the
natural gradient is: the steepest direction for the divergence between outputs.
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import sigmoid
from lib.logistic_neuron import MASS, MEAN, NODES, derivatives, draw_neurons, shift_matrix
from lib.numerics import Draws

SEED = 0
DRAWS = 40  # of inputs and labels, for the pseudo-inverse


@dataclass(frozen=True)
class Result:
    pseudo: tuple[float, float]
    "More inputs than examples: relative gap of raw and centered outputs on the examples, on new inputs; medians."
    draws: int
    "Draws of inputs and labels."


def compare_runs(
    rng: np.random.Generator, inputs: int = 10, examples: int = 4, new: int = 50, steps: int = 5
) -> tuple[float, float]:
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
        pseudo=tuple(np.median([compare_runs(rng) for _ in range(DRAWS)], axis=0)),
        draws=DRAWS,
    )


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
    theta = shift_matrix(MEAN) @ np.array([0.2, 0.45])
    gradient, F = derivatives(theta, x)

    def divergence(way: np.ndarray) -> float:
        p, q = sigmoid(theta @ x), sigmoid((theta + way) @ x)
        return MASS @ (p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q)))

    def saved_loss(way: np.ndarray) -> float:
        """The loss that a step along `way` saves, at the length where its divergence is 10⁻⁶."""
        for _ in range(5):
            way = way * np.sqrt(1e-6 / divergence(way))
        return -gradient @ way

    best = saved_loss(np.linalg.solve(F, -gradient))
    turns = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    found = [saved_loss(np.array([np.cos(turn), np.sin(turn)])) for turn in turns]
    assert best > 0.999 * max(found) and saved_loss(-gradient) < 0.9 * best


def equation_divergence() -> Draws:
    r"""D_{\mathrm{KL}} \approx \tfrac{1}{2}\,d^\top F d"""
    for rng, theta, x, F in draw_neurons():
        d = 1e-3 * rng.normal(size=4)
        p, q = sigmoid(theta @ x), sigmoid((theta + d) @ x)
        both = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))
        yield {r"D_{\mathrm{KL}}": both.mean(), "d": d, "F": F, r"\approx": 0.01}


if __name__ == "__main__":
    print(compute())
