"""Diagnostics: what is wrong, where, and how to mend it, each in one sentence."""

import difflib
import errno
import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

DISK_ERRORS = (
    "ENOSPC EDQUOT EROFS EACCES EPERM EFBIG ENOENT "
    "EEXIST ENOTDIR EISDIR ELOOP ENAMETOOLONG"
).split()
# Control characters, line separators, lone surrogates, bidirectional overrides, and private
# characters that Markdown and the extension use as placeholders.
INVISIBLE = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069"
    "\ud800-\udfff\ue000-\ue00f\ufffe\uffff]"
)
NAMES_LISTED = 9


class Diagnostic(NamedTuple):
    """A problem at a line of a file of the project; `line` counts from 1."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class SiteError(Exception):
    """A build cannot go on; the message is what its author reads."""


def format_diagnostics(diagnostics: Iterable[Diagnostic]) -> str:
    """Return one message that lists each diagnostic once, sorted by file and line."""
    lines = [f"  {diagnostic}" for diagnostic in sorted(set(diagnostics))]
    return "\n".join(
        [f"{len(lines)} problem{'s' * (len(lines) != 1)}:", *lines]
    )


def describe_invisible(text: str) -> str:
    """Return what is wrong with a text if it holds an invisible character, else ""."""
    if not (match := INVISIBLE.search(text)):
        return ""
    return f"holds the invisible character U+{ord(match[0]):04X}: remove it"


def describe_unknown(kind: str, name: str, names: Collection[str]) -> str:
    """Return the sentence for an unknown name, with the nearest name that exists."""
    if close := difflib.get_close_matches(name, list(names), 1, 0.5):
        offer = f"did you mean ‘{close[0]}’?"
    else:
        sample = sorted(names)[:NAMES_LISTED]
        more = len(names) - len(sample)
        offer = f"there is {', '.join(sample) or 'none'}{f' and {more} more' if more else ''}"
    lookalikes = [char for char in name if not char.isascii()]
    hint = ""
    if lookalikes:
        hint = f" (‘{lookalikes[0]}’ is {unicodedata.name(lookalikes[0], 'unknown').lower()})"
    return f"no {kind} is called ‘{name:.200}’{hint}; {offer}"


def describe_disk_error(error: Any) -> str:
    """Return the sentence for a full disk or an inaccessible file, "" for other errors."""
    if errno.errorcode.get(getattr(error, "errno", 0)) not in DISK_ERRORS:
        return ""
    file = error.filename2 or error.filename or "a file"
    return (
        f"{file}: {error.strerror}: free some disk space, fix the permissions, "
        "or move what stands in the way (or name another folder), then rebuild"
    )
