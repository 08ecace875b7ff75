# expects 17: compute() fails: PermissionError: a snippet may not open mkdocs.yml
"""What goes wrong here?

It reads what no key covers.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "A number."


def compute() -> Result:
    with open("mkdocs.yml") as file:
        return Result(answer=float(len(file.read())))
