"""Confinement: a run reads its own files and libraries, writes nothing, and reaches no network.

Python's audit events name what a run is about to do, so that it can be refused with a cure. What
C libraries open is not among them; on Linux, Landlock refuses that, too.
"""

import ctypes
import multiprocessing.util
import os
import re
import sys
import warnings
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from evidence.keys import list_library_folders

NAME_DATA = (
    "name the file in DATA = [...], relative to the snippet, "
    "so that a change of it is noticed"
)
NO_PROCESS = "a snippet may not start processes: compute in this one"
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
SEARCH_EVENTS = (
    "glob.glob pathlib.Path.glob pathlib.Path.rglob os.walk os.fwalk".split()
)
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


class Guard:
    """An audit hook that refuses what a run may not do."""

    def __init__(self, folder: Path, readable: Iterable[str]) -> None:
        self.folder, self.readable = f"{folder}{os.sep}", tuple(readable)
        self.active, self.refused = True, ""

    def __call__(self, event: str, arguments: tuple) -> None:
        if not self.active:
            return
        file = arguments[0] if arguments else None
        if event == "open":
            self.check_open(*arguments[:3])
        elif event in READ_EVENTS:
            self.check_open(file or ".", "r", 0)
        elif event in CHANGE_EVENTS:
            self.check_open(file, "w", 0)
        elif event in SEARCH_EVENTS:
            self.check_search(file)
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
        """Raise PermissionError unless a file may be opened in a mode."""
        if not isinstance(file, (str, bytes, os.PathLike)):
            return  # a descriptor that is open already
        path = os.path.realpath(
            os.fsdecode(file).removeprefix("file:").split("?")[0]
        )
        if f"{path}{os.sep}".startswith(self.folder) or FREE.match(
            f"{path}{os.sep}"
        ):
            if path.startswith(self.folder) and not os.path.exists(path):
                self.refused = path  # it may be there outside of the run
            return
        writes = isinstance(mode, str) and set(mode) & set("wax+")
        if writes or (
            isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
        ):
            raise PermissionError(
                f"a snippet may not write {path}: return what matters in the Result, "
                "or the figure, and it is saved"
            )
        if not path.startswith(self.readable):
            self.refused = path
            raise PermissionError(f"a snippet may not open {path}: {NAME_DATA}")

    def check_search(self, where: object) -> None:
        """Raise PermissionError for a search in a folder that is missing from the run.

        It may be there outside of the run, where the search would find something.
        """
        if isinstance(where, (str, bytes, os.PathLike)):
            folder = re.split(r"[*?\[]", os.fsdecode(where))[0]
            if folder != os.fsdecode(where):
                folder = os.path.dirname(folder)
            if folder and not os.path.exists(folder):
                raise PermissionError(
                    f"a snippet may not search {folder}: {NAME_DATA}"
                )
            # Whoever searches overlooks a refusal
            self.check_open(folder or ".", "r", 0)


def _raise_warning(
    message: Warning | str, category: type[Warning], *_: object
) -> None:
    """Make an error of a warning, unless the snippet ignores or records it."""
    raise message if isinstance(message, Warning) else category(message)


def _refuse_process(*_: object) -> None:
    raise PermissionError(NO_PROCESS)


@contextmanager
def confine_process(
    folder: Path, sources: Iterable[str], megabytes: int
) -> Generator[Guard]:
    """Confine this process: it reads `folder`, `sources` and libraries.

    What the kernel confines stays so afterwards. Its memory may grow by `megabytes` (on Linux).
    Warnings are errors from now on, except those of deprecation.
    """
    prefixes = {sys.prefix, sys.base_prefix}
    python = [
        os.path.join(prefix, part) for prefix in prefixes for part in PARTS
    ]
    python += [entry for entry in sys.path if entry.endswith(".zip")]
    python += list_library_folders()
    package = str(Path(__file__).parent)
    readable = [
        os.path.realpath(path) for path in (*python, *sources, *SYSTEM, package)
    ]
    readable = [
        path for path in dict.fromkeys(readable) if os.path.exists(path)
    ]
    variables = {"PATH": os.environ.get("PATH", ""), "HOME": os.sep}
    os.environ.clear()
    os.environ.update(RUN_VARIABLES | variables)
    sys.pycache_prefix = os.devnull  # byte code may be older than its source
    show: Any = _raise_warning
    warnings.showwarning = show
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
            resource.setrlimit(
                resource.RLIMIT_AS, (most, resource.RLIM_INFINITY)
            )
        restrict_files(str(folder), readable)
    spawn: Any = _refuse_process
    multiprocessing.util.spawnv_passfds = spawn  # of which no audit event tells
    guard = Guard(folder, readable)
    sys.addaudithook(guard)  # for good, too
    try:
        yield guard
    finally:
        guard.active = False


def restrict_files(folder: str, readable: Iterable[str]) -> None:
    """Let the kernel, if it can, refuse all files but these, to C libraries, too, and all TCP.

    `folder` may be written to, and removed. Landlock is in Linux since 5.13, its TCP since 6.7.
    Source: https://docs.kernel.org/userspace-api/landlock.html
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(CREATE_RULESET, None, 0, 1)
    if version < 1:
        return
    rights = (1 << min(12 + version, 15)) - 1
    network = 0b11 if version >= 4 else 0
    attributes = (ctypes.c_uint64 * 2)(rights, network)
    ruleset = libc.syscall(CREATE_RULESET, attributes, 16 if network else 8, 0)
    if ruleset < 0:
        return
    rules = [
        (folder, rights),
        ("/dev", rights),
        (os.path.dirname(folder), REMOVE_FOLDER),
    ]
    rules += [(path, READ_RIGHTS) for path in readable]
    for path, allowed in rules:
        if os.path.isfile(path):
            allowed &= READ_RIGHTS & ~0b1000  # a file is not listed
        descriptor = os.open(path, getattr(os, "O_PATH", 0))
        rule = ctypes.create_string_buffer(
            allowed.to_bytes(8, sys.byteorder)
            + descriptor.to_bytes(4, sys.byteorder),
            12,
        )
        libc.syscall(ADD_RULE, ruleset, 1, rule, 0)
        os.close(descriptor)
    libc.prctl(NEW_PRIVILEGES, 1, 0, 0, 0)
    libc.syscall(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
