# expects 1: ‘random’ is also a module of Python: rename the file
"""It hides a module of Python."""


def compute():
    return 1
