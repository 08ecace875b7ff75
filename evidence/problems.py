"""Problems: what is wrong, where, and what to do about it."""

import difflib
import errno
import re
import unicodedata
from typing import NamedTuple

DENIED = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG}
# Control characters, separators of lines that are none, half characters, those that turn the direction of reading, and
# the marks that pages.py and blocks.py put in place of others.
UNSEEN = re.compile(
    r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ue000-\ue002\ufffe\uffff]"
)


class Problem(NamedTuple):
    """`where` is a file of the project, `line` counts from 1, `what` says what is wrong and what to do."""

    where: str
    line: int
    what: str

    def __str__(self):
        return f"{self.where}:{self.line}: {self.what}"


def unseen(text):
    """What is wrong with a text that holds a character which cannot be seen, or None."""
    found = UNSEEN.search(text)
    return found and f"holds the character U+{ord(found[0]):04X}, which cannot be seen: remove it"


def listed(problems):
    """One message for all problems of a run."""
    lines = [f"  {problem}" for problem in sorted(set(problems))]
    return "\n".join([f"{len(lines)} problem{'s' * (len(lines) > 1)}:", *lines])


def denied(error):
    """The sentence for a disk that is full, or for a file that may not be written or read; "" for any other error."""
    if not isinstance(error, OSError) or error.errno not in DENIED:
        return ""
    where = error.filename2 or error.filename or "a file"
    return f"{where}: {error.strerror}: make room there, or let it be read and written, and build again"


def unknown(kind, name, names):
    """The sentence for a name that does not exist, with the nearest one that does."""
    close = difflib.get_close_matches(name, list(names), 1, 0.5)
    offer = f"did you mean ‘{close[0]}’?" if close else f"there is {', '.join(sorted(names)[:9]) or 'none'}"
    alike = next((f" (‘{c}’ is {unicodedata.name(c, 'unknown').lower()})" for c in name if not c.isascii()), "")
    return f"no {kind} is called ‘{name:.200}’{alike}; {offer}"
