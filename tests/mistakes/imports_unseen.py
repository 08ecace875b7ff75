# expects 20: the snippet fails: ModuleNotFoundError: No module named 'shared': install it, or
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
