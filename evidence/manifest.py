"""Manifest: the digests of a result's files, by which damage is noticed before anything is used."""

import os
from hashlib import sha256

FILE = "digests.txt"


def write(folder, name, key):
    """Write the manifest of all files in `folder`, which are the results of `name` under `key`."""
    (folder / FILE).write_bytes(_manifest(folder, name, key))


def holds(folder, name, key):
    """Whether a folder has the very files, no fewer and no more, that were written for this name and key."""
    try:
        return _read(os.path.join(folder, FILE)) == _manifest(folder, name, key)
    except OSError:
        return False


def _manifest(folder, name, key):
    """The name and the key, then a line for each file as `sha256sum` prints it."""
    with os.scandir(folder) as entries:
        files = sorted((entry.name, entry.path) for entry in entries if entry.name != FILE)
    lines = [f"{sha256(_read(path)).hexdigest()}  {file}\n" for file, path in files]
    return f"{name} {key}\n{''.join(lines)}".encode()


def _read(path):
    with open(path, "rb", 0) as file:  # no buffer: what is stale is asked of thousands of files at once
        return file.read()
