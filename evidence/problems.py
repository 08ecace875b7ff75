"""Problems: what is wrong, where, and what to do about it."""

import difflib
from typing import NamedTuple


class Problem(NamedTuple):
    """`where` is a file of the project, `line` counts from 1, `what` says what is wrong and what to do."""

    where: str
    line: int
    what: str

    def __str__(self):
        return f"{self.where}:{self.line}: {self.what}"


def listed(problems):
    """One message for all problems of a run."""
    lines = [f"  {problem}" for problem in sorted(set(problems))]
    return "\n".join([f"{len(lines)} problem{'s' * (len(lines) > 1)}:", *lines])


def unknown(kind, name, names):
    """The sentence for a name that does not exist, with the nearest one that does."""
    close = difflib.get_close_matches(name, list(names), 1, 0.5)
    offer = f"did you mean ‘{close[0]}’?" if close else f"there is {', '.join(sorted(names)[:9]) or 'none'}"
    return f"no {kind} is called ‘{name}’; {offer}"
