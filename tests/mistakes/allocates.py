# expects 19: compute() fails: MemoryError: it needs more than the 512 MB allowed: shrink it, or raise
"""What goes wrong here?

It takes all memory.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "A number."


def compute() -> Result:
    hoard = bytearray(2**24)
    while hoard:
        hoard = hoard + hoard
    return Result(answer=1.0)
