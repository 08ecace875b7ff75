# expects 17: compute() fails: FileNotFoundError: [Errno 2] No such file or directory: 'mkdocs.yml': a snippet sees no other files than its own: name the file in DATA = [...]
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
