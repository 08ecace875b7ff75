"""What snippets share."""


def power(side, exponent):
    """`side` to a whole power."""
    return side**exponent
