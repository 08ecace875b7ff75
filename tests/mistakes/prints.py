# expects 17: it prints ‘hello’: return what matters
"""What goes wrong here?

It prints.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "A number."


def compute() -> Result:
    print("hello")
    return Result(answer=1.0)
