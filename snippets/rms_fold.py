"""When is layer norm the same as RMS norm?

When what it reads sums to zero over the units. Center over the units all matrices that write into the stream, and layer
norm and RMS norm behind it are one function; without it the outputs of a stream of {{ blocks }} blocks differ by
{{ apart | digits(2) }} standard deviations (root mean square).

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
    apart: float
    "Root mean square difference of the outputs with layer norm and with RMS norm, which have mean square 1."


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


def draw_network(rng: np.random.Generator) -> tuple[np.ndarray, list[np.ndarray]]:
    """Tokens with a mean, and the matrices of all blocks, into the branch and out of it in turn."""
    return rng.normal(0.5, 1, (TOKENS, UNITS)), [rng.normal(0, UNITS**-0.5, (UNITS, UNITS)) for _ in range(2 * BLOCKS)]


def compute() -> Result:
    x, matrices = draw_network(np.random.default_rng(SEED))
    outputs = [run_stream(x, matrices, subtract) for subtract in (True, False)]
    return Result(blocks=BLOCKS, apart=float(np.sqrt(np.mean((outputs[0] - outputs[1]) ** 2))))


def claim_the_subtraction_can_be_folded(result: Result) -> None:
    """From every matrix that writes into the stream, and from the embedding, subtract its mean over the units: layer
    norm's outputs stay what they were, and RMS norm in its place gives the same, to rounding. Without the subtraction
    the two differ by {{ apart | digits(2) }} (root mean square, of outputs with mean square 1)."""
    x, matrices = draw_network(np.random.default_rng(SEED))
    centered = [m - m.mean(axis=1, keepdims=True) if i % 2 else m for i, m in enumerate(matrices)]
    start = x - x.mean(axis=1, keepdims=True)
    plain = run_stream(x, matrices, True)
    np.testing.assert_allclose(run_stream(start, centered, True), plain, atol=1e-12)
    np.testing.assert_allclose(run_stream(start, centered, False), plain, atol=1e-12)
    squares = []
    for row, expected in zip(x, plain):  # token by token
        stream = row.copy()
        for inner, outer in zip(matrices[::2], matrices[1::2]):
            stream += np.maximum(stream / np.linalg.norm(stream) * UNITS**0.5 @ inner, 0) @ outer
        squares.append(np.mean((stream / np.linalg.norm(stream) * UNITS**0.5 - expected) ** 2))
    assert abs(np.sqrt(np.mean(squares)) - result.apart) < 0.005


def equation_size() -> Draws:
    r"""\frac{1}{n} \sum_{j=1}^{n} h_j^2 = m^2 + v"""
    for rng in draws(8):
        h = rng.normal(2, 1, 7)
        yield {"n": 7, "h_j": lambda j, h=h: h[int(j) - 1], "m": h.mean(), "v": h.var()}


if __name__ == "__main__":
    print(compute())
