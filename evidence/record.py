"""Record: what a run wrote, what went wrong, and where."""

import linecache
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import Any

from evidence.confinement import NAME_DATA
from evidence.contract import SHOWN, ContractError, explain_assertion
from evidence.diagnostics import INVISIBLE, Diagnostic
from evidence.keys import Job

MISSING = re.compile(
    "No such file|no such table|not found|Not found"
    "|Permission denied|unable to open|can(?:not|'t) open"
)
# Modules of Python through which a snippet accesses files
ASKERS = re.compile(
    r"(?:<frozen |.*[\\/])(?:genericpath|posixpath|ntpath|pathlib|os|glob|shutil|pkgutil"
    r"|configparser|linecache|confinement|_datasource|_?npyio\w*)(?:[\\/]\w+)?(?:>|\.py)"
)


class _Print(StringIO):
    """A stream that reports the line that first writes to it."""

    def __init__(self, record: "Record") -> None:
        super().__init__()
        self.record = record

    def write(self, text: str) -> int:
        if text.strip() and not self.record.has_printed:
            self.record.has_printed = True
            own = [
                (line, file)
                for frame, line in traceback.walk_stack(sys._getframe())
                if (file := frame.f_code.co_filename) in self.record.names
            ]
            line, path = (own or [(self.record.line, "")])[0]
            excerpt = text.strip().splitlines()[0][:SHOWN]
            self.record.report(
                line,
                f"it prints ‘{excerpt}’: return what matters in the Result, or end its cause",
                path,
            )
        return len(text)


class Record:
    """What one run wrote and reported.

    `names` maps the paths of the job's modules to the project's files they are copies of.
    """

    def __init__(self, job: Job, path: str, names: Mapping[str, str]) -> None:
        self.job, self.path, self.names = job, path, names
        self.files: dict[str, bytes] = {}
        self.diagnostics: list[Diagnostic] = []
        self.requests: list[tuple[int, str, str]] = []
        "Line, message and path of each access to a file outside of the job."
        self.has_printed = False
        self.line = 1
        "Line of the function that runs."

    def report(self, line: int, message: str, path: str = "") -> None:
        """Add a diagnostic at a line of the snippet, or of another file of the job."""
        file = self.names.get(path, self.job.file)
        visible = INVISIBLE.sub("\ufffd", " ".join(message.split()))
        self.diagnostics.append(Diagnostic(file, line, visible))

    def note_request(self, path: str, is_refused: bool) -> None:
        """Record an access to a file, if the snippet itself made it or it `is_refused`."""
        for frame, line in traceback.walk_stack(sys._getframe(1)):
            code = frame.f_code
            if code.co_filename in self.names:
                self.requests += [
                    (
                        line,
                        f"a snippet may not ask for {path}: {NAME_DATA}",
                        code.co_filename,
                    )
                ]
                return
            asks = is_refused or ASKERS.fullmatch(code.co_filename)
            if not asks or re.search("importlib|makedirs", str(code)):
                return

    def report_all(self, problems: Iterable[tuple[int, str]]) -> bool:
        """Add (line, message) pairs as diagnostics; return whether there are any."""
        pairs = list(problems)
        for line, message in pairs:
            self.report(line, message)
        return bool(pairs)

    def guard(
        self, what: str, line: int, call: Callable, *arguments: Any
    ) -> Any:
        """Return what a call returns; if it fails, add a diagnostic and return None.

        The diagnostic is at the deepest line of the snippet in the traceback, else at `line`.
        """
        self.line = line
        try:
            stream = _Print(self)
            with redirect_stdout(stream), redirect_stderr(stream):
                return call(*arguments)
        except ContractError as error:
            self.report(error.line, f"{what} {error.message}")
        except BaseException as error:
            self.report_failure(what, line, error)
        return None

    def report_failure(
        self, what: str, line: int, error: BaseException
    ) -> None:
        """Add a diagnostic for an exception; a failed assertion shows its values."""
        if isinstance(error, SyntaxError) and error.filename in self.names:
            self.report(
                error.lineno or 1,
                f"{what} is no Python: {error.msg}",
                error.filename or "",
            )
            return
        own: list[Any] = [
            (file, number, frame)
            for frame, number in traceback.walk_tb(error.__traceback__)
            if (file := frame.f_code.co_filename) in self.names
        ] or [(self.path, line, None)]
        here = [step for step in own if step[0] == self.path]
        path, number, frame = (here or own)[-1]
        deepest, at, last = own[-1]
        message = describe_error(error)
        if isinstance(error, AssertionError) and frame and frame is last:
            message = explain_assertion(frame, number, message)
        elif isinstance(error, MemoryError):
            message = (
                f"it needs more than the {self.job.megabytes} MB allowed: "
                "shrink it, or raise ‘megabytes’ in mkdocs.yml"
            )
        elif isinstance(error, ModuleNotFoundError):
            message += (
                ": install it, or, if it is a module of the project, import it by the name of its "
                "file, lib.NAME in a folder lib, on a line of its own"
            )
        if "a snippet may not" not in message and (
            self.requests or MISSING.search(message)
        ):
            message += (
                f": a snippet sees no other files than its own: {NAME_DATA}"
            )
        if frame is not last:
            message += f" (in {self.names[deepest]}:{at})"
        message = message or linecache.getline(path, number).strip()
        self.report(
            number, f"{what} fails: {type(error).__name__}: {message}", path
        )


def describe_error(error: BaseException) -> str:
    """Return the message of an exception on one line; for a warning, also how to allow it."""
    try:
        message = " ".join(str(error).split())[:300]
    except Exception:  # of its own __str__
        message = ""
    if isinstance(error, Warning):
        message += ": remove the cause, or allow it by name, with warnings.filterwarnings()"
    return message
