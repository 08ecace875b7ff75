"""When is layer norm the same as RMS norm?

When what it reads sums to zero over the units. Center over the units all matrices that write into the stream, and layer
norm and RMS norm behind it are one function: the outputs of a stream of {{ blocks }} blocks differ by
{{ apart.folded | digits(1) }}, and by {{ apart.plain | digits(1) }} without it.

    h   what a norm reads, n numbers of mean m and variance v over the units
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws

SEED = 0
UNITS, BLOCKS, TOKENS = 32, 6, 40


@dataclass(frozen=True)
class Result:
    blocks: int
    "Blocks that write into the stream."
    apart: dict[str, float]
    "Largest difference of the output with layer norm and with RMS norm, over its standard deviation: with matrices"
    " centered over the units, and as they are; and of layer norm before and after centering the matrices."


def normalize(h: np.ndarray, subtract: bool) -> np.ndarray:
    """Layer norm, or RMS norm, of rows; no gain, no shift."""
    h = h - h.mean(axis=1, keepdims=True) if subtract else h
    return h / np.sqrt((h**2).mean(axis=1, keepdims=True))


def run_stream(x: np.ndarray, matrices: list[np.ndarray], subtract: bool) -> np.ndarray:
    """Output of a stream of blocks with a norm at the head of each branch and one at the end."""
    stream = x
    for inner, outer in zip(matrices[::2], matrices[1::2]):
        stream = stream + np.maximum(normalize(stream, subtract) @ inner, 0) @ outer
    return normalize(stream, subtract)


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    x = rng.normal(0.5, 1, (TOKENS, UNITS))
    matrices = [rng.normal(0, UNITS**-0.5, (UNITS, UNITS)) for _ in range(2 * BLOCKS)]
    centered = [m - m.mean(axis=1, keepdims=True) if i % 2 else m for i, m in enumerate(matrices)]
    start = x - x.mean(axis=1, keepdims=True)
    outputs = {name: run_stream(x, matrices, name == "layer") for name in ("layer", "rms")}
    folded = {name: run_stream(start, centered, name == "layer") for name in ("layer", "rms")}
    return Result(
        blocks=BLOCKS,
        apart={
            "folded": float(np.abs(folded["layer"] - folded["rms"]).max()),
            "plain": float(np.abs(outputs["layer"] - outputs["rms"]).max()),
            "same": float(np.abs(outputs["layer"] - folded["layer"]).max()),
        },
    )


def claim_the_subtraction_can_be_folded(result: Result) -> None:
    """Subtract from every matrix that writes into the stream its mean over the units, and from the embedding: layer
    norm's outputs change by {{ apart.same | digits(1) }} of their standard deviation, and RMS norm in its place gives
    the same to {{ apart.folded | digits(1) }}; without it the two differ by up to {{ apart.plain | digits(1) }}."""
    assert result.apart["folded"] < 1e-12 and result.apart["same"] < 1e-12
    assert result.apart["plain"] > 0.1
    rng = np.random.default_rng(SEED + 1)
    h = rng.normal(2, 1, (TOKENS, UNITS))
    project = np.eye(UNITS) - 1 / UNITS  # layer norm is RMS norm behind this projection
    np.testing.assert_allclose(normalize(h @ project, False), normalize(h, True), atol=1e-12)


def equation_size() -> Draws:
    r"""\frac{1}{n} \sum_{j=1}^{n} h_j^2 = m^2 + v"""
    for rng in draws(8):
        h = rng.normal(2, 1, 7)
        yield {"n": 7, "h_j": lambda j, h=h: h[int(j) - 1], "m": h.mean(), "v": h.var()}


if __name__ == "__main__":
    print(compute())
