"""Publish: move a site from its staging folder into the folder of the last one."""

import errno
import os
import shutil
import stat
from contextlib import suppress
from os.path import dirname, isfile, islink, join, realpath, samefile
from pathlib import Path

from evidence.cache import replace_file
from evidence.project import list_visible


def list_removable(site: Path) -> set[str]:
    """Return the files that a build may remove, relative to the folder: all visible ones."""
    start = len(f"{site}{os.sep}")
    return {str(path)[start:] for path in list_visible(site, folders=False)}


def try_link(source: str, target: str) -> bool:
    """Make a hard link, which is faster than a copy; return whether that succeeded."""
    try:
        os.makedirs(dirname(target), exist_ok=True)
        if islink(source):
            return False
        os.link(source, target)
    except OSError:
        return False
    return True


def remove_folder(folder: Path) -> None:
    """Remove a folder, or the symbolic link in its place."""
    if folder.is_symlink():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)


def fill_site(staging: str, site: str, removable: set[str]) -> None:
    """Move the files of a staging folder into the site’s folder, each atomically, pages last.

    Of other files in the site’s folder, only those in `removable` are removed. A concurrent reader
    finds the old or the new version of each file. Raises OSError if the disk fails.
    """
    files, folders, start = set(), set(), len(staging)
    for folder, _, names in os.walk(staging):
        folders.add(folder[start + 1 :])
        target = site + folder[start:]
        if isfile(target):
            # The old site has a file where the new one has a folder
            os.unlink(target)
        # Also the target of a dangling link
        os.makedirs(realpath(target), exist_ok=True)
        files |= {join(folder, name)[start + 1 :] for name in names}
    for file in sorted(files, key=lambda file: (file.endswith(".html"), file)):
        _replace(Path(staging, file), Path(site, file))
    for file in removable.difference(files, folders):
        with suppress(FileNotFoundError, NotADirectoryError):
            os.unlink(join(site, file))
    for folder in sorted(map(dirname, removable), reverse=True):
        with suppress(OSError):  # it is not empty, or a mount point
            os.removedirs(join(site, folder))


def _replace(source: Path, target: Path) -> None:
    with suppress(FileNotFoundError):
        if samefile(source, target):
            return
    exists = target.is_file()
    before = (target if exists else target.parent).stat()
    with suppress(PermissionError):
        if exists and target.read_bytes() == source.read_bytes():
            return
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    try:
        # A rename leaves nothing behind if the build is killed
        os.replace(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:  # the site is on another disk
            raise
        replace_file(target, source.read_bytes())
    with suppress(PermissionError):
        if exists:
            target.chmod(before.st_mode & 0o7777)
        # New files belong to the group of the folder
        if exists or before.st_mode & stat.S_ISGID:
            shutil.chown(
                target, before.st_uid if exists else None, before.st_gid
            )
