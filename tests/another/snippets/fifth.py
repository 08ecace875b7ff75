"""What is a fifth?

Half again the frequency. Twelve fifths miss seven octaves by a little over a hundredth.
"""

from dataclasses import dataclass
from fractions import Fraction

import octave


@dataclass(frozen=True)
class Result:
    comma: float
    "What twelve fifths exceed seven octaves by."


def compute() -> Result:
    return Result(comma=1.5**12 / octave.up(1, 7) - 1)


def claim_never_closes(result: Result) -> None:
    """No number of fifths is a number of octaves, since a power of three is odd."""
    assert all(Fraction(3, 2) ** n * 2**n % 2 == 1 for n in range(1, 50))
