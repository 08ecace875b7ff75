# expects 1: the snippet reaches shared.py unseen: import it by name
"""What goes wrong here?

It imports past the key.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "A number."


def compute() -> Result:
    return Result(answer=__import__("shared").power(1.0, 2))


HIDDEN = __import__("shared")
