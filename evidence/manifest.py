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
        with open(os.path.join(folder, FILE), "rb") as file:
            return file.read() == _manifest(folder, name, key)
    except OSError:
        return False


def _manifest(folder, name, key):
    """The name and the key, then a line for each file as `sha256sum` prints it."""
    with os.scandir(folder) as entries:
        files = sorted((entry.name, entry.path) for entry in entries if entry.name != FILE)
    lines = (f"{_digest(path)}  {file}\n" for file, path in files)
    return f"{name} {key}\n{''.join(lines)}".encode()


def _digest(path):
    """SHA-256 of a file, read without `open`: what is stale is asked of thousands of files at once."""
    digest, file = sha256(), os.open(path, os.O_RDONLY)
    try:
        while part := os.read(file, 2**16):
            digest.update(part)
    finally:
        os.close(file)
    return digest.hexdigest()
