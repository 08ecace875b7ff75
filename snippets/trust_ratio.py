"""What do LARS and LAMB have to do with the size of a batch?

They give each layer's move a length that does not depend on the gradient's. A small batch's gradient is mostly noise,
and then so is the move: the share of it that goes along the true gradient is a cosine,
{{ cosine[0] | decimals(2) }} for {{ batches[0] }} examples and
{{ cosine[4] | decimals(2) }} for {{ batches[4] | integer }} in the example.

    g, ε   true gradient of a layer, and one example's deviation from it; ν = E‖ε‖²/‖g‖², the noise scale in examples
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, cosine, draws
from lib.quadratics import hessian

BATCHES = (32, 128, 512, 2048, 8192)
NOISE, WEIGHTS = 1000.0, 400
KAPPA_INPUTS, MEAN = 100, 1.0


@dataclass(frozen=True)
class Result:
    batches: tuple[int, ...]
    "Examples in a batch."
    noise: float
    "Noise scale: the variance of one example's gradient over the squared length of the mean gradient."
    cosine: tuple[float, ...]
    "Cosine of a batch's gradient with the true one, root mean square, for each batch."
    length: tuple[float, ...]
    "Length of a batch's gradient over that of the true one, root mean square, for each."
    inputs: int
    "Inputs of a layer of linear neurons, of mean 1 and variance 1."
    kappa: float
    "Its condition number."


def compute() -> Result:
    batches = np.array(BATCHES)
    return Result(
        batches=BATCHES,
        noise=NOISE,
        cosine=tuple(1 / np.sqrt(1 + NOISE / batches)),
        length=tuple(np.sqrt(1 + NOISE / batches)),
        inputs=KAPPA_INPUTS,
        kappa=1 + KAPPA_INPUTS * MEAN**2,
    )


def claim_a_small_batch_moves_along_noise(result: Result) -> None:
    """With a noise scale of {{ noise | integer }} examples, batches of {{ batches[0] }}, {{ batches[2] }} and
    {{ batches[4] | integer }} have gradients {{ length[0] | decimals(1) }}, {{ length[2] | decimals(1) }} and
    {{ length[4] | decimals(2) }} times as long as the true one, with cosines of {{ cosine[0] | decimals(2) }},
    {{ cosine[2] | decimals(2) }} and {{ cosine[4] | decimals(2) }}."""
    rng = np.random.default_rng(1)
    g = np.full(WEIGHTS, 1 / np.sqrt(WEIGHTS))
    for place in (0, 2, 4):
        noise = np.sqrt(NOISE / WEIGHTS / BATCHES[place]) * rng.normal(size=(2000, WEIGHTS))
        lengths = np.linalg.norm(g + noise, axis=1)
        along = (g + noise) @ g
        assert abs(np.sqrt(np.mean(lengths**2)) / result.length[place] - 1) < 0.01
        assert abs(np.sqrt(np.mean(along**2) / np.mean(lengths**2)) - result.cosine[place]) < 0.02


def claim_the_layer_keeps_its_condition(result: Result) -> None:
    """A trust ratio changes the length of a layer's step and turns it by nothing, so a layer of {{ inputs }} inputs of
    mean 1 and variance 1 keeps its condition number of {{ kappa | integer }}."""
    rng = np.random.default_rng(0)
    w, g = rng.normal(size=50), rng.normal(size=50)
    assert abs(cosine(np.linalg.norm(w) / np.linalg.norm(g) * g, g) - 1) < 1e-12
    assert abs(np.linalg.cond(hessian(np.full(KAPPA_INPUTS, MEAN))) - result.kappa) < 1e-6


def equation_cosine() -> Draws:
    r"""\cos\varphi = \frac{1}{\sqrt{1 + \nu/B}}"""
    for rng in draws(4):
        B, nu = int(rng.integers(1, 50)), rng.uniform(1, 50)
        signs = np.array([-1.0, 1.0]) * np.sqrt(nu / B)  # noise of that variance at right angles to g, of length 1
        length = np.sqrt(np.mean(1 + signs**2))
        yield {r"\cos": np.cos, r"\varphi": np.arccos(1 / length), r"\nu": nu, "B": B}
