# expects 17: compute() fails: SyntaxError: invalid syntax
"""What goes wrong here?

It evaluates what is no Python, in a file that is not there.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "A number."


def compute() -> Result:
    return Result(answer=eval("1 +* 1"))
