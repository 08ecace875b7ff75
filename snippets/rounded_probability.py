"""When is a probability exactly 0 or 1, and what becomes of its logarithm?

In single precision σ(z) is 1 from z = {{ single.one | digits(3) }} on, in half precision from
{{ half.one | digits(2) }}; and 0 below {{ single.zero | digits(3) }} and {{ half.zero | digits(3) }}, where e⁻ᶻ is
infinite. Its logarithm is then 0 or minus infinity, and 0 times infinity is no number. Bytes bring the first units of a
usual start there: {{ exact.bytes | percent }} of them, and none if pixels are standardized.

    z   score; p = σ(z)
"""

from dataclasses import dataclass

import numpy as np

from lib.data import digits
from lib.numerics import Draws, draws

SEED = 0
UNITS, WHITE, FAR, BITS = 512, 255, -1000, 53


@dataclass(frozen=True)
class Result:
    single: dict[str, float]
    "Least score of which 1/(1 + e⁻ᶻ) is 1, and largest of which it is 0, in single precision."
    half: dict[str, float]
    "The same in half precision."
    white: int
    "Pixels as bytes reach from 0 to this."
    units: int
    "Random units with weights and biases uniform within ±1/√n."
    exact: dict[str, float]
    "Share of their outputs for digits that are exactly 0 or 1 in single precision: bytes, 0 to 1, standardized."
    spread: dict[str, float]
    "Root mean square of their scores."
    double: float
    "The first of these scores in double precision."
    bits: int
    "Significant bits of double precision."
    far: int
    "A score far on the wrong side."
    bound: float
    "Loss from that score, with label 1."


def squash(z: np.ndarray) -> np.ndarray:
    """1/(1 + e⁻ᶻ) as a program computes it that does nothing about large scores, in the precision of z."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


def edges(precision: type) -> dict[str, float]:
    """The scores beyond which σ(z) is 1 or 0: the first and the last of all numbers of a precision, by bisection."""
    found = {}
    for name, low, high in (("one", 0.0, 100.0), ("zero", -200.0, 0.0)):
        for _ in range(60):
            middle = (low + high) / 2
            p = squash(precision(middle))
            low, high = (middle, high) if p < 1 and (p == 0 or name == "one") else (low, middle)
        found[name] = float(precision(high if name == "one" else low))
    return found


def loss_of(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Binary cross-entropy from the score, which needs no logarithm of a probability."""
    return np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    pixels, _ = digits()
    n, lit = pixels.shape[1], pixels.std(axis=0) > 0
    W, b = rng.uniform(-1, 1, (n, UNITS)) / np.sqrt(n), rng.uniform(-1, 1, UNITS) / np.sqrt(n)
    inputs = {
        "bytes": WHITE * pixels,
        "unit": pixels,
        "standardized": (pixels - pixels.mean(axis=0)) / np.where(lit, pixels.std(axis=0), 1.0),
    }
    scores = {name: (x @ W + b).astype(np.float32) for name, x in inputs.items()}
    return Result(
        single=edges(np.float32),
        half=edges(np.float16),
        white=WHITE,
        units=UNITS,
        exact={name: float(np.mean(np.isin(squash(z), (0, 1)))) for name, z in scores.items()},
        spread={name: float(np.sqrt(np.mean(z.astype(float) ** 2))) for name, z in scores.items()},
        double=edges(np.float64)["one"],
        bits=BITS,
        far=FAR,
        bound=float(loss_of(np.float64(FAR), np.float64(1))),
    )


def claim_probabilities_become_exact(result: Result) -> None:
    """In single precision 1/(1 + e⁻ᶻ) is 1 from a score of {{ single.one | digits(3) }} on and 0 below
    {{ single.zero | digits(3) }}; in half precision from {{ half.one | digits(2) }} on and below
    {{ half.zero | digits(3) }}."""
    for name, bits, most in (("single", 24, np.finfo(np.float32).max), ("half", 11, np.finfo(np.float16).max)):
        part = getattr(result, name)
        assert abs(part["one"] - bits * np.log(2)) < 0.02  # 1 + e⁻ᶻ rounds to 1 where e⁻ᶻ is half a spacing or less
        assert abs(part["zero"] + np.log(float(most))) < 0.02


def claim_double_precision(result: Result) -> None:
    """In double precision 1/(1 + e⁻ᶻ) is 1 from a score of {{ double | digits(3) }} on."""
    assert abs(result.double - result.bits * np.log(2)) < 0.01
    assert squash(np.float64(result.double)) == 1 > squash(np.float64(result.double - 0.01))


def claim_bytes_bring_units_there(result: Result) -> None:
    """{{ units | integer }} units with a usual start on digits as bytes, 0 to {{ white }}: scores have a root mean
    square of {{ spread.bytes | digits(2) }}, and {{ exact.bytes | percent }} of the outputs are exactly 0 or 1 in
    single precision. From 0 to 1 it is {{ spread.unit | digits(2) }}, standardized
    {{ spread.standardized | digits(2) }}, and none of the outputs is."""
    pixels, _ = digits()
    square = np.mean(pixels**2)
    assert abs(result.spread["unit"] / np.sqrt((square + 1 / 64) / 3) - 1) < 0.07
    assert abs(result.spread["bytes"] / np.sqrt((255**2 * square + 1 / 64) / 3) - 1) < 0.07 and result.white == 255
    assert 0.5 < result.spread["standardized"] < 0.6 and result.exact["unit"] == result.exact["standardized"] == 0
    rng = np.random.default_rng(SEED + 1)  # other units: outputs are 1 above 24 ln 2, and 0 below −ln of the largest
    z = 255 * pixels @ rng.uniform(-0.125, 0.125, (64, result.units))
    share = np.mean(z > 24 * np.log(2)) + np.mean(z < -np.log(np.finfo(np.float32).max))
    assert abs(share - result.exact["bytes"]) < 0.06


def claim_the_score_needs_no_logarithm_of_zero(result: Result) -> None:
    """At a score of {{ far | integer }} and label 1 the loss from the score is {{ bound | integer }}; by the logarithm
    of the probability it is infinite, and its derivative 0 times infinity, no number."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        p = squash(np.float64(result.far))
        assert p == 0 and np.isinf(-np.log(p)) and np.isnan(-1 / p * p * (1 - p))
    assert result.bound == -result.far


def equation_from_score() -> Draws:
    r"""L = \max(z, 0) - y\,z + \ln(1 + \exp(-\lvert z\rvert))"""
    for rng in draws(8):
        z, y = rng.normal(0, 4), float(rng.integers(2))
        p = 1 / (1 + np.exp(-z))
        yield {"L": -y * np.log(p) - (1 - y) * np.log(1 - p), "z": z, "y": y}


if __name__ == "__main__":
    print(compute())
