# expects 17: compute() fails: FileNotFoundError: there is no mkdocs.yml where a snippet runs: name the file in DATA = [...]
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
