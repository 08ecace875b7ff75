# expects 19: its process ended
"""What goes wrong here?

It takes its process down.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "A number."


def compute() -> Result:
    import ctypes

    ctypes.string_at(0)
    return Result(answer=1.0)
