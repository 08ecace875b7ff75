# expects 12: Result is defined elsewhere: write the dataclass into the snippet
"""What goes wrong here?

Its result has no meaning of its own.
"""

import dataclasses

Elsewhere = dataclasses.make_dataclass("Hidden", [("answer", float)], frozen=True)


def compute():
    return Elsewhere(answer=1.0)
