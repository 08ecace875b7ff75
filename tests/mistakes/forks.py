# expects 19: compute() fails: PermissionError: a snippet may not start processes
"""What goes wrong here?

It starts a process.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "A number."


def compute() -> Result:
    import subprocess

    subprocess.run(["true"], check=True)
    return Result(answer=1.0)
