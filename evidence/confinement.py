"""Confinement: a run reads its own files and libraries, writes nothing, and reaches no network.

Python's audit events name what a run is about to do, so that it can be refused with a cure. What
C libraries open is not among them; on Linux, Landlock refuses that, too.
"""

import ctypes
import multiprocessing.util
import os
import random
import re
import sys
import warnings
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from os.path import (
    dirname,
    exists,
    isdir,
    isfile,
    join,
    lexists,
    realpath,
    relpath,
)
from pathlib import Path
from typing import Any

from numpy.random import bit_generator, seed

from evidence.keys import list_library_folders

NAME_DATA = (
    "name the file in DATA = [...], relative to the snippet, "
    "so that a change of it is noticed"
)
NO_PROCESS = (
    "a snippet may not start processes or talk to them: compute in this one"
)
PROCESS_EVENTS = (
    "os.fork os.forkpty os.posix_spawn os.exec os.system os.startfile "
    "subprocess.Popen"
).split()
LOCAL_EVENTS = "socket.connect socket.bind socket.sendto socket.sendmsg".split()
NAME_EVENTS = (
    "socket.getaddrinfo socket.getnameinfo "
    "socket.gethostbyname socket.gethostbyaddr"
).split()
READ_EVENTS = "sqlite3.connect os.listdir os.scandir".split()
LOOKS = "stat lstat access readlink".split()  # of which no audit event tells
CHANGE_EVENTS = (
    "os.remove os.rename os.rmdir os.mkdir os.link os.symlink os.truncate "
    "os.chmod os.chown os.utime os.setxattr os.removexattr"
).split()
FREE = re.compile("/dev/(?!shm/)|/proc/")  # devices, and the system’s state
RUN_VARIABLES = {  # of the environment, the same for all runs
    **dict.fromkeys(
        "OPENBLAS_NUM_THREADS OMP_NUM_THREADS MKL_NUM_THREADS".split(), "1"
    ),
    "PYTHONHASHSEED": "0",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
}
# Folders of Python's prefixes
PARTS = "lib lib64 share bin etc Lib DLLs Library".split()
SYSTEM = (
    "/usr/lib /usr/lib64 /usr/share /lib /lib64 /etc /proc /sys /nix".split()
)
# System calls, on every architecture
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
REMOVE_FOLDER = 0b10000
READ_RIGHTS = 0b1101  # execute, read a file, list a folder
NEW_PRIVILEGES = 38  # prctl's PR_SET_NO_NEW_PRIVS


Note = Callable[[str, bool], object]


class Guard:
    """An audit hook that refuses files, network and processes to a run."""

    def __init__(
        self,
        folder: Path,
        readable: Iterable[str],
        note: Note,
    ) -> None:
        """Allow a run to use its `folder`, and to read files and folders that are `readable`.

        `note(path, is_refused)` is called for each access to another file, since the code that
        makes it may swallow the error; `is_refused` tells whether there is such a file.
        """
        self.folder = f"{folder}{os.sep}"
        self.readable = tuple(f"{path}{os.sep}" for path in readable)
        self.active, self.busy, self.note = True, False, note

    def __call__(self, event: str, arguments: tuple) -> None:
        if not self.active:
            return
        file = arguments[0] if arguments else None
        if event == "open":
            self.check_open(*arguments[:3])
        elif event in READ_EVENTS:
            self.check_open(file or ".", event, 0)
        elif event in CHANGE_EVENTS:
            self.check_open(file, event, os.O_WRONLY)
        elif event in NAME_EVENTS or (
            event in LOCAL_EVENTS and not isinstance(arguments[1], str | bytes)
        ):
            raise PermissionError(
                "a snippet may not use the network: put the data into a file "
                "beside it and name it in DATA"
            )
        elif event in PROCESS_EVENTS or event in LOCAL_EVENTS:
            # Processes talk through such sockets
            raise PermissionError(NO_PROCESS)

    def check_open(self, file: object, mode: object, flags: object) -> None:
        """Raise PermissionError unless a file may be opened in a mode.

        `mode` may also be one of READ_EVENTS, or of LOOKS, for which nothing is raised. Listing
        the folder of a script counts as a request, since the run holds only part of it.
        """
        if self.busy or not isinstance(file, (str, bytes, os.PathLike)):
            return  # a descriptor that is open already
        self.busy = True
        path = realpath(os.fsdecode(file).removeprefix("file:").split("?")[0])
        inside, top = f"{path}{os.sep}", self.folder
        own = inside.startswith(top)
        first = path.removeprefix(top).split(os.sep)[0]
        temporary = first not in ("", "site", "up") and lexists(top + first)
        missing = not temporary and not (
            any(not name.endswith(".py") for name in os.listdir(path))
            if own and mode in READ_EVENTS and isdir(path)
            else lexists(path)
        )
        self.busy = False
        writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
        if own or FREE.match(inside):
            if missing and not writes and mode != "sqlite3.connect":
                # It may be there outside of the run
                self.note(relpath(path), False)
        elif writes:
            raise PermissionError(
                f"a snippet may not write {path}: return what matters in the Result, "
                "or the figure, and it is saved"
            )
        elif not inside.startswith(self.readable):
            if mode not in LOOKS:
                self.note(path, not missing)
                raise PermissionError(
                    f"a snippet may not open {path}: {NAME_DATA}"
                )
            if not any(
                each.startswith(inside) for each in (top, *self.readable)
            ):
                self.note(path, False)

    def watch(self, name: str) -> Callable:
        """Return a replacement for a function of LOOKS that notes each access."""
        real = getattr(os, name)

        def look(path: Any, *arguments, **options) -> Any:
            if self.active:
                self.check_open(path, name, 0)
            return real(path, *arguments, **options)

        return look


def _raise_warning(
    message: Warning | str, category: type[Warning], *_: object
) -> None:
    """Raise a warning as an error; one that the snippet ignores or records never gets here."""
    raise message if isinstance(message, Warning) else category(message)


def _refuse_process(*_: object) -> None:
    raise PermissionError(NO_PROCESS)


@contextmanager
def confine_process(
    folder: Path,
    sources: Iterable[str],
    megabytes: int,
    note: Note,
) -> Generator[None]:
    """Confine this process to `folder`, `sources` and libraries; `note` hears of other accesses.

    What the kernel enforces stays in force afterwards. Memory may grow by `megabytes` (on Linux).
    Warnings become errors, except those of deprecation.
    """
    paths = [
        join(prefix, part)
        for prefix in {sys.prefix, sys.base_prefix}
        for part in PARTS
    ]
    paths += [entry for entry in sys.path if entry.endswith(".zip")]
    own = dirname(__file__)
    paths += [*list_library_folders(), *sources, *SYSTEM, own]
    readable = sorted(filter(exists, {*map(realpath, paths)}))
    os.environ.clear()
    os.environ.update(RUN_VARIABLES, PATH=os.defpath, HOME=os.sep)
    sys.pycache_prefix = os.devnull  # byte code may be older than its source
    warnings.showwarning = _raise_warning  # ty: ignore[invalid-assignment]
    warnings.simplefilter("always")
    for kind in (
        DeprecationWarning,
        PendingDeprecationWarning,
        FutureWarning,
        ResourceWarning,
    ):
        warnings.simplefilter("ignore", kind)
    if sys.platform == "linux":
        with suppress(ImportError):  # not every Python has it
            import resource

            pages = int(Path("/proc/self/statm").read_text().split()[0])
            most = pages * resource.getpagesize() + megabytes * 2**20
            hard = resource.getrlimit(resource.RLIMIT_AS)[1]  # -1: none
            most = min(most, hard % 2**64)
            resource.setrlimit(resource.RLIMIT_AS, (most, hard))
        restrict_files(str(folder), readable)
    # Of which no audit event tells
    multiprocessing.util.spawnv_passfds = _refuse_process  # ty: ignore[invalid-assignment]
    # Chance without a seed is the same in all runs
    random.seed(0)
    seed(0)
    bit_generator.randbits = random.Random(0).getrandbits  # ty: ignore[missing-attribute]
    guard = Guard(folder, readable, note)
    sys.addaudithook(guard)  # for good, too
    for name in LOOKS:
        setattr(os, name, guard.watch(name))
    try:
        yield
    finally:
        guard.active = False


def restrict_files(folder: str, readable: Iterable[str]) -> None:
    """Restrict this process with Landlock, if the kernel has it, to these files and to no TCP.

    It also binds C libraries. `folder` may be written to and removed; `readable` may be read.
    Landlock is in Linux since 5.13, its rules for TCP since 6.7.
    Source: https://docs.kernel.org/userspace-api/landlock.html
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(CREATE_RULESET, None, 0, 1)
    if version < 1:
        return
    rights = (1 << min(12 + version, 15)) - 1
    ruleset = libc.syscall(
        CREATE_RULESET,
        (ctypes.c_uint64 * 2)(rights, 0b11 if version >= 4 else 0),
        16,
        0,
    )
    if ruleset < 0:
        return
    rules = [
        (folder, rights),
        ("/dev", rights),
        (dirname(folder), REMOVE_FOLDER),
    ]
    rules += [(path, READ_RIGHTS) for path in readable]
    for path, access in rules:
        if isfile(path):
            access &= READ_RIGHTS & ~0b1000  # a file is not listed
        descriptor = os.open(path, getattr(os, "O_PATH", 0))
        libc.syscall(
            ADD_RULE,
            ruleset,
            1,
            ctypes.create_string_buffer(
                access.to_bytes(8, sys.byteorder)
                + descriptor.to_bytes(4, sys.byteorder),
                12,
            ),
            0,
        )
        os.close(descriptor)
    libc.prctl(NEW_PRIVILEGES, 1, 0, 0, 0)
    libc.syscall(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
