"""Shelf: files kept between builds, each with its digest; where nothing can be written nothing is kept."""

import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path

from evidence.project import put, remove, sweep


class Shelf:
    """A folder of files that are read only as they were written."""

    def __init__(self, folder):
        self.folder, self.swept = folder, False

    def read(self, name):
        """The bytes of a file, or None where it is missing, cut off or altered."""
        try:
            with open(f"{self.folder}/{name}", "rb") as file:
                seal, data = file.read().split(b"\n", 1)
        except (OSError, ValueError):
            return None
        return data if hashlib.sha256(data).hexdigest().encode() == seal else None

    def write(self, name, data):
        """Replace a file whole, if that can be done."""
        self._store(name, hashlib.sha256(data).hexdigest().encode() + b"\n" + data)

    def lay(self, name, data):
        """The same for a file that is stored as it is; returns its digest, or nothing where it could not be stored."""
        return hashlib.sha256(data).hexdigest() if self._store(name, data) else ""

    def _store(self, name, data):
        path, made = self.folder / name, self.folder / f".{os.getpid()}-{name.replace('/', '-')}"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            made.write_bytes(data)
            put(made, path)
            if not self.swept:
                sweep(self.folder, ".")
                self.swept = True
        except OSError:
            remove(made)
            return False
        return True

    def holds(self, name, digest):
        """Whether such a file is there, whole and unaltered."""
        try:
            with open(f"{self.folder}/{name}", "rb") as file:
                return hashlib.sha256(file.read()).hexdigest() == digest
        except OSError:
            return False

    def give(self, name, target):
        """Let another path share a file, which is faster than to write it again."""
        share(f"{self.folder}/{name}", target)

    def keep(self, name, make):
        """The bytes of a file, which `make()` makes if they are not there."""
        data = self.read(name)
        if data is None:
            self.write(name, data := make())
        return data

    def sweep(self, names):
        """Remove all files but these."""
        for folder, _, files in os.walk(self.folder):
            for path in (Path(folder, name) for name in files):
                if path.relative_to(self.folder).as_posix() not in names:
                    remove(path)


def share(path, target):
    """Let `target` be the file at `path`, or a copy of it where that is on another disk."""
    with suppress(OSError):  # of a new folder, of another disk, of what is there
        return os.link(path, target)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    Path(target).unlink(missing_ok=True)  # or what it shares would be written over
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)
