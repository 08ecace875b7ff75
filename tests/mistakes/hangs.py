# expects 17: it ran longer than 8 s: shorten it
"""What goes wrong here?

It never ends.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "A number."


def compute() -> Result:
    while True:
        pass
