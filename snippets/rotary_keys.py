r"""Does a vector that is added to all keys cancel in attention if positions are rotations?

No. Without positions it adds the same to all scores of a query, and the softmax ignores it; with rotary positions it
adds a number that depends on the distance, and the output changes by {{ change.rotary | digits(1) }} of itself. Over
{{ tokens | integer }} positions the rotated mean keeps {{ kept.low | percent(0) }} of its square if the slowest
frequency is set by a base of {{ bases.low | integer }}.

    ω       angle by which a pair of coordinates turns from one position to the next
    s, t    positions of query and key
"""

from dataclasses import dataclass

import numpy as np

from lib.network import softmax
from lib.numerics import Draws, draws

SEED = 0
WIDTH, TEXT, TOKENS = 128, 64, 4096
BASES = {"low": 10_000, "high": 500_000}


@dataclass(frozen=True)
class Result:
    width: int
    "Numbers of a query or a key in one head."
    text: int
    "Tokens of the text in which a vector is added to all keys."
    tokens: int
    "Positions over which the rotated mean is averaged."
    bases: dict[str, int]
    "Base of the frequencies, a smaller and a larger one in use."
    change: dict[str, float]
    "Relative change of the output when a vector of the keys' size is added to all keys: no positions, rotary ones."
    kept: dict[str, float]
    "Share of its squared length that a mean spread evenly over the pairs keeps when it is averaged, by base."
    slow: dict[str, float]
    "Share of pairs that keep more than half of theirs."


def frequencies(base: float) -> np.ndarray:
    """ω of each pair of coordinates."""
    return base ** (-np.arange(0, WIDTH, 2) / WIDTH)


def rotate(h: np.ndarray, omega: np.ndarray) -> np.ndarray:
    """Rows turned by their position, pair by pair."""
    turned = (h[:, ::2] + 1j * h[:, 1::2]) * np.exp(1j * np.outer(np.arange(len(h)), omega))
    return np.stack([turned.real, turned.imag], axis=2).reshape(h.shape)


def measure_change(rng: np.random.Generator, omega: np.ndarray) -> float:
    """Relative change of attention's output when one vector is added to all keys."""
    q, k, v = rng.normal(size=(3, TEXT, WIDTH))
    added = k + rng.normal(size=WIDTH)
    before, after = (softmax(rotate(q, omega) @ rotate(keys, omega).T / np.sqrt(WIDTH)) @ v for keys in (k, added))
    return float(np.linalg.norm(after - before) / np.linalg.norm(before))


def compute() -> Result:
    omega = {name: frequencies(base) for name, base in BASES.items()}
    means = {name: np.exp(1j * np.outer(np.arange(TOKENS), w)).mean(axis=0) for name, w in omega.items()}
    ways = {"none": 0 * omega["low"], "rotary": omega["low"]}
    return Result(
        width=WIDTH,
        text=TEXT,
        tokens=TOKENS,
        bases=BASES,
        change={name: measure_change(np.random.default_rng(SEED), w) for name, w in ways.items()},
        kept={name: float(np.mean(np.abs(mean) ** 2)) for name, mean in means.items()},
        slow={name: float(np.mean(np.abs(mean) ** 2 > 0.5)) for name, mean in means.items()},
    )


def claim_rotated_keys_keep_it(result: Result) -> None:
    """A random vector as long as a key, added to all keys of {{ text }} random tokens, changes attention's output by
    rounding only without positions, and by {{ change.rotary | digits(1) }} of itself with rotary ones."""
    assert result.change["none"] < 1e-12
    rng, omega = np.random.default_rng(SEED), frequencies(BASES["low"])
    q, k, v = rng.normal(size=(3, TEXT, WIDTH))
    b = rng.normal(size=WIDTH)
    (Q, K), extra = ((h[:, ::2] + 1j * h[:, 1::2] for h in (q, k)), b[::2] + 1j * b[1::2])
    scores = np.zeros((2, TEXT, TEXT))
    for s in range(TEXT):
        for t in range(TEXT):  # what is added is a sum of cosines of the distance
            turn = np.exp(1j * omega * (s - t))
            scores[:, s, t] = [(turn * Q[s] * key.conj()).sum().real for key in (K[t], K[t] + extra)]
    before, after = softmax(scores / np.sqrt(WIDTH)) @ v
    assert abs(np.linalg.norm(after - before) / np.linalg.norm(before) / result.change["rotary"] - 1) < 1e-9


def claim_fast_pairs_lose_their_mean(result: Result) -> None:
    """Averaged over {{ tokens | integer }} positions, a mean that is spread evenly over the pairs keeps
    {{ kept.low | percent(0) }} of its squared length at a base of {{ bases.low | integer }} and
    {{ kept.high | percent(0) }} at {{ bases.high | integer }}; more than half of theirs keep
    {{ slow.low | percent(0) }} and {{ slow.high | percent(0) }} of the pairs."""
    for name, base in result.bases.items():
        half = frequencies(base) / 2
        kept = (np.sin(half * TOKENS) / (TOKENS * np.sin(half))) ** 2
        assert abs(result.kept[name] - kept.mean()) < 1e-9 and result.slow[name] == np.mean(kept > 0.5)


def equation_pair() -> Draws:
    r"""(R_s q)^\top (R_t b) = \lVert q\rVert\,\lVert b\rVert\cos(\varphi + \omega(s - t))"""
    for rng in draws(8):
        q, b = rng.normal(size=(2, 2))
        omega, s, t = rng.uniform(0.01, 1), int(rng.integers(0, 50)), int(rng.integers(0, 50))
        turn = {
            n: np.array([[np.cos(omega * n), -np.sin(omega * n)], [np.sin(omega * n), np.cos(omega * n)]])
            for n in (s, t)
        }
        angle = np.arctan2(q[1], q[0]) - np.arctan2(b[1], b[0])
        yield {"R_s": turn[s], "R_t": turn[t], "q": q, "b": b, r"\varphi": angle, r"\omega": omega, "s": s, "t": t}


if __name__ == "__main__":
    print(compute())
