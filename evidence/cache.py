"""Cache: entries of files by name and key, each verified as a whole before use."""

import hashlib
import hmac
import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from os.path import expanduser
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

MEMBER = re.compile(r"\w[\w.-]*")
BYTES = 2**28  # no entry of ours is larger
LEFTOVER_SECONDS = 3600  # after which a temporary file counts as abandoned
KEPT_KEYS = 4  # per name, for users who switch branches


class Untrusted(ValueError):
    """An entry is damaged, belongs to another name or key, or lacks the right signature."""


class Cache:
    """Entries in a folder, or at a URL that fsspec opens.

    An entry is one file, `NAME/KEY`: a line with the signature of all that follows, a line of JSON
    with the names and sizes of the files, and the files. It is written to a temporary file and
    renamed, so no reader sees a partial entry.
    """

    def __init__(
        self,
        location: str | Path,
        secret: str = "",
        shared: "Cache | None" = None,
    ) -> None:
        """Open a cache; with a `secret`, only entries signed with it are used.

        Missing entries are copied from `shared`, and new ones are written there as well. A shared
        cache that fails is noted in `warnings` and not used again.
        """
        self.root, self.shared = expanduser(location).rstrip("/"), shared
        self.secret = secret.encode()
        self.warnings: list[str] = []
        self.files: Any = None
        self.has_failed = False
        if "://" in self.root:
            from fsspec.core import url_to_fs

            self.files, self.root = self._attempt(
                "opened", url_to_fs, self.root
            ) or (None, "")

    def get(self, name: str, key: str) -> dict[str, bytes] | None:
        """Return the files of an entry, name to content, or None if there is no valid one."""
        files, path = None, f"{self.root}/{name}/{key}"
        try:
            if self.files:
                data = self.files.cat_file(path, end=BYTES + 1)
            else:
                data = Path(path).read_bytes()
            files = unpack(data, name, key, self.secret)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            pass
        except Untrusted as error:
            self.warnings.append(f"the entry of {name} is not used: {error}")
        if files is None and key and self.shared:
            files = self.shared._attempt("read", self.shared.get, name, key)
            if files is not None:
                self._write(name, key, files)
        return files

    def put(self, name: str, key: str, files: Mapping[str, bytes]) -> None:
        """Store an entry here and in the shared cache. Raises OSError if this disk fails."""
        self._write(name, key, files)
        if self.shared:
            self.shared.try_put(name, key, files)

    def try_put(self, name: str, key: str, files: Mapping[str, bytes]) -> None:
        """Store an entry if possible."""
        self._attempt("written", self.put, name, key, files)

    def _attempt(self, verb: str, action: Callable, *arguments: Any) -> Any:
        """Return what an action returns, or None if it fails or an earlier one failed."""
        try:
            return None if self.has_failed else action(*arguments)
        # Remote file systems raise all kinds of errors
        except Exception as error:
            if not self.has_failed:  # or another thread has warned meanwhile
                self.has_failed = True
                self.warnings.append(f"it cannot be {verb}: {error!r}")
            return None

    def get_or_create(
        self, name: str, key: str, create: Callable[[], dict[str, bytes]]
    ) -> dict[str, bytes]:
        """Return the files of an entry; if it is missing, `create` makes them."""
        files = self.get(name, key)
        if files is None:
            files = create()
            self.put(name, key, files)
        return files

    def latest(self, name: str) -> str:
        """Return the key of the newest entry of a name, or ""."""
        with suppress(OSError):
            for entry in _list_entries(f"{self.root}/{name}"):
                return entry.name
        return ""

    def touch(self, name: str, key: str) -> None:
        """Make an entry the newest one of its name."""
        with suppress(OSError):
            os.utime(f"{self.root}/{name}/{key}")

    def _write(self, name: str, key: str, files: Mapping[str, bytes]) -> None:
        folder = f"{self.root}/{name}"
        data = pack(files, name, key, self.secret)
        if self.files:
            aside = f"{folder}/{key}.{uuid.uuid4().hex}"
            self.files.makedirs(folder, exist_ok=True)
            self.files.pipe_file(aside, data)
            self.files.mv(aside, f"{folder}/{key}")
            return
        replace_file(Path(folder, key), data)
        for entry in _list_entries(folder)[KEPT_KEYS:]:
            with suppress(OSError):
                os.unlink(entry.path)


def _list_entries(folder: str) -> list[os.DirEntry[str]]:
    """Return the entries in a folder, newest first; remove what killed builds left behind."""
    entries = []
    with os.scandir(folder) as scan:
        for entry in scan:
            with suppress(FileNotFoundError):
                # Another process may rename or remove it
                modified = entry.stat().st_mtime_ns
                if not entry.name.startswith("."):
                    entries.append((modified, entry))
                elif modified < time.time_ns() - LEFTOVER_SECONDS * 1e9:
                    os.unlink(entry.path)
    return [entry for _, entry in sorted(entries, key=lambda pair: -pair[0])]


def pack(
    files: Mapping[str, bytes], name: str, key: str, secret: bytes = b""
) -> bytes:
    """Return the bytes of an entry; equal files give equal bytes."""
    sizes = {file: len(files[file]) for file in sorted(files)}
    content = b"".join(
        [json.dumps(sizes).encode(), b"\n", *map(files.__getitem__, sizes)]
    )
    return _sign(content, name, key, secret) + b"\n" + content


def unpack(
    data: bytes, name: str, key: str, secret: bytes = b""
) -> dict[str, bytes]:
    """Return the files of an entry. Raises Untrusted if it is not what `pack` wrote."""
    signature, _, content = data.partition(b"\n")
    if len(data) > BYTES:
        raise Untrusted("it is too large")
    if not hmac.compare_digest(signature, _sign(content, name, key, secret)):
        hint = ", or it is not signed with EVIDENCE_STORE_KEY" if secret else ""
        raise Untrusted(
            f"it is damaged, or belongs to another name or key{hint}"
        )
    header, _, content = content.partition(b"\n")
    files, at = {}, 0
    try:
        for file, size in json.loads(header).items():
            if not MEMBER.fullmatch(file):
                raise ValueError(f"a file called {file[:40]!r}")
            files[file] = content[at : at + size]
            at += size
        if at != len(content):
            raise ValueError("sizes that are not those of the files")
    except (AttributeError, RecursionError, TypeError, ValueError) as error:
        raise Untrusted(f"its list of files is not ours: {error}") from None
    return files


def _sign(content: bytes, name: str, key: str, secret: bytes) -> bytes:
    message = f"{name}\n{key}\n".encode() + content
    signature = (
        hmac.new(secret, message, "sha256")
        if secret
        else hashlib.sha256(message)
    )
    return signature.hexdigest().encode()


def replace_file(path: Path, data: bytes) -> None:
    """Write a file atomically: a concurrent reader sees the old content or the new one."""
    aside = path.with_name(f".{path.name[:60]}.{uuid.uuid4().hex[:8]}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        aside.write_bytes(data)
        if path.is_dir() and not path.is_symlink():  # left there by accident
            shutil.rmtree(path)
        os.replace(aside, path)
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)


def write_if_changed(path: Path, data: bytes) -> None:
    """Write a file unless it has this content already."""
    with suppress(OSError):
        if path.read_bytes() == data:
            return
    replace_file(path, data)


def open_cache(root: Path) -> Cache:
    """Return the cache of a project, backed by the shared one if EVIDENCE_STORE names one.

    EVIDENCE_CACHE names a folder to use instead of `.evidence` in the project.
    """
    store = os.environ.get("EVIDENCE_STORE")
    return Cache(
        find_state_folder(root) / "cache",
        shared=Cache(store, os.environ.get("EVIDENCE_STORE_KEY", ""))
        if store
        else None,
    )


def find_state_folder(root: Path) -> Path:
    """Return the folder of everything that is generated."""
    return Path(
        expanduser(os.environ.get("EVIDENCE_CACHE") or root / ".evidence")
    )


@contextmanager
def lock_project(root: Path, log: Callable[[str], object]) -> Generator[None]:
    """Hold the lock of a project, so that one build runs at a time; a second one waits.

    If a build is killed, the operating system releases the lock.
    """
    path = find_state_folder(root) / "lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        proxy = lock.acquire(timeout=0)
    except Timeout:
        log("another build of this site is running: waiting for it")
        proxy = lock.acquire()
    with proxy:
        yield
