"""Problems: what is wrong, where, and what to do about it."""

import difflib
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    where: str
    "File, relative to the project."
    line: int
    "Line in that file, from 1."
    what: str
    "What is wrong, and what to do."

    def __str__(self):
        return f"{self.where}:{self.line}: {self.what}"


class Refused(Exception):
    """A run that cannot be used, with all its problems."""

    def __init__(self, problems):
        self.problems = sorted(set(problems))
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        super().__init__("\n".join([f"{count}:", *(f"  {problem}" for problem in self.problems)]))


def unknown(kind, name, names):
    """The sentence for a name that does not exist, with the nearest one that does."""
    close = difflib.get_close_matches(name, names, 1, 0.5)
    offer = f"did you mean ‘{close[0]}’?" if close else f"there is {', '.join(sorted(names)[:9]) or 'none'}"
    return f"no {kind} is called ‘{name}’; {offer}"
