"""A random transformer block whose words have frequencies proportional to 1/k.

RMS norm, one head of attention, a second matrix, added; RMS norm, a hidden layer, a second matrix, added. Weights and
rows of the embedding are normal, with variance one over the inputs and 1.
"""

import numpy as np

from lib.activation_functions import FUNCTIONS
from lib.network import softmax
from lib.normalization import rms_norm

WORDS = 50_000
WIDTH, TOKENS, SEQUENCES = 128, 64, 400
GELU, SILU = FUNCTIONS["gelu"], FUNCTIONS["silu"]


def word_frequencies(words: int = WORDS) -> np.ndarray:
    """Frequencies of the words, the most frequent first, of sum 1."""
    p = 1 / np.arange(1, words + 1)
    return p / p.sum()


def sample_block(rng: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """What is at each place of a random block, a row a sequence (a row a token at first); weights and values."""

    def matrix(n: int, m: int) -> np.ndarray:
        return rng.normal(size=(n, m)) / np.sqrt(n)

    rows = rng.normal(size=(WORDS, WIDTH))[rng.choice(WORDS, (SEQUENCES, TOKENS), p=word_frequencies())]
    h = rms_norm(rows)
    query, keys, values = h[:, -1] @ matrix(WIDTH, WIDTH), h @ matrix(WIDTH, WIDTH), h @ matrix(WIDTH, WIDTH)
    alpha = softmax(np.einsum("sn,stn->st", query, keys) / np.sqrt(WIDTH))
    found = {"embedding": rows.reshape(-1, WIDTH), "values": values.reshape(-1, WIDTH), "even": values.mean(axis=1)}
    found["attention"] = np.einsum("st,stn->sn", alpha, values)
    stream = rows[:, -1] + found["attention"] @ matrix(WIDTH, WIDTH)
    found |= {"stream": stream, "rms": rms_norm(stream)}
    found["layer"] = rms_norm(stream - stream.mean(axis=1, keepdims=True))
    z, other = (found["rms"] @ matrix(WIDTH, 4 * WIDTH) for _ in range(2))
    found |= {"gelu": GELU(z), "gated": SILU(z) * other}
    return found | {"end": stream + found["gelu"] @ matrix(4 * WIDTH, WIDTH)}, alpha, values
