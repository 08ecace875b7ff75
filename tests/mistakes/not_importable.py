# expects 5: the snippet is no Python
"""It is not Python."""


def compute() -> Result
    return 1
