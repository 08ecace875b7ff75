"""Why do first-layer weights look like the average image?

Because a hidden unit's gradient is a sum of images, each times the unit's error, and what all images share adds up. On
raw digits its median cosine with the mean image is {{ along.raw | digits(2) }} in size at the start, where directions
at random have {{ chance | digits(2) }}; with the mean image subtracted there is none to look like.
"""

from dataclasses import dataclass

import numpy as np

from lib.data import digits, one_hot
from lib.network import init_layers, loss_gradients

SEED = 0
SIZES, NETS = (64, 64, 10), 5


@dataclass(frozen=True)
class Result:
    units: int
    "Hidden ReLU units."
    nets: int
    "Random networks."
    along: dict[str, float]
    "Median size of the cosine between a unit's gradient, all images, and the mean image: pixels raw and centered."
    chance: float
    "The same for random directions of as many pixels."


def gradients(x: np.ndarray, targets: np.ndarray, number: int) -> np.ndarray:
    """Gradients of the hidden units' weights at the start, a row a unit that is not dead."""
    net = init_layers(SIZES, np.random.default_rng([SEED, number]), np.sqrt(2))
    G = loss_gradients(net, x, targets, "relu")[0][0].T
    return G[np.linalg.norm(G, axis=1) > 1e-12]


def sizes_of_cosines(G: np.ndarray, direction: np.ndarray) -> np.ndarray:
    return np.abs(G @ direction) / np.linalg.norm(G, axis=1) / np.linalg.norm(direction)


def compute() -> Result:
    pixels, labels = digits()
    mean, targets = pixels.mean(axis=0), one_hot(labels)
    along = {
        name: float(np.median(np.concatenate([sizes_of_cosines(gradients(x, targets, k), mean) for k in range(NETS)])))
        for name, x in (("raw", pixels), ("centered", pixels - mean))
    }
    chance = np.random.default_rng(SEED).normal(size=(100_000, SIZES[0]))
    return Result(
        units=SIZES[1], nets=NETS, along=along, chance=float(np.median(sizes_of_cosines(chance, np.ones(SIZES[0]))))
    )


def claim_gradients_look_like_the_mean_image(result: Result) -> None:
    """{{ units }} ReLU units on raw digits, at the start: a unit's gradient over all images has a cosine of
    {{ along.raw | digits(2) }} in size with the mean image (median of {{ nets | words }} nets), with that image
    subtracted {{ along.centered | digits(1) }}; directions at random have {{ chance | digits(2) }}."""
    pixels, labels = digits()
    mean, cosines = pixels.mean(axis=0), {"raw": [], "centered": []}
    for number in range(result.nets):
        for name, x in (("raw", pixels), ("centered", pixels - mean)):
            (W, b), (V, c) = init_layers(SIZES, np.random.default_rng([SEED, number]), np.sqrt(2))
            z = x @ W + b
            scores = np.maximum(z, 0) @ V + c
            p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
            error = ((p - np.eye(10)[labels]) @ V.T) * (z > 0)
            for unit in error.T:
                g = unit @ x
                if np.linalg.norm(g) > 1e-9:
                    cosines[name].append(abs(g @ mean) / np.linalg.norm(g) / np.linalg.norm(mean))
    for name, values in cosines.items():
        assert abs(np.median(values) - result.along[name]) < 1e-6, name
    assert abs(result.chance * np.sqrt(SIZES[0]) / 0.6745 - 1) < 0.02  # the median size of a standard normal number


if __name__ == "__main__":
    print(compute())
