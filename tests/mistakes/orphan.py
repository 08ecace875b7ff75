# expects 17: no page shows the value ‘answer’: show it, or remove it
"""What goes wrong here?

No page shows it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "A number."


def compute() -> Result:
    return Result(answer=1.0)
