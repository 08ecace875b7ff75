# expects 16: compute() returns dict: return a frozen dataclass
"""What goes wrong here?

It breaks the contract.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "A number."


def compute() -> Result:
    return {"answer": 1.0}
