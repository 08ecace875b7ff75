"""Publish: a site is built aside, and then fills the folder in which the last one stands."""

import errno
import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from evidence.cache import replace_file
from evidence.project import list_visible


def list_removable(site: Path) -> set[str]:
    """Return the files that a new site may remove, relative to the folder: all but hidden ones."""
    start = len(f"{site}{os.sep}")
    return {str(path)[start:] for path in list_visible(site, folders=False)}


def try_link(source: str, target: str) -> bool:
    """Give a file a second name, which takes no copying; returns whether that can be done."""
    try:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if os.path.islink(source):
            return False
        os.link(source, target)
    except OSError:
        return False
    return True


def remove_folder(folder: Path) -> None:
    """Remove a folder, or the link in its place."""
    if folder.is_symlink():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)


def fill_site(staged: str, site: str, removable: set[str]) -> None:
    """Let a folder hold the files of another, each replaced whole, pages last.

    Of what the folder held before, only files among `removable` are removed. Whoever reads
    meanwhile finds each file old or new. Raises OSError where the disk refuses.
    """
    files, folders, start = set(), set(), len(staged)
    for folder, _, names in os.walk(staged):
        folders.add(folder[start + 1 :])
        target = site + folder[start:]
        if os.path.isfile(target):
            # A file of the old site, where the new one has a folder
            os.unlink(target)
        # Of a link that leads to no folder yet, too
        os.makedirs(os.path.realpath(target), exist_ok=True)
        files |= {os.path.join(folder, name)[start + 1 :] for name in names}
    for file in sorted(files, key=lambda file: (file.endswith(".html"), file)):
        _replace(Path(staged, file), Path(site, file))
    for file in removable.difference(files, folders):
        with suppress(FileNotFoundError, NotADirectoryError):
            os.unlink(os.path.join(site, file))
    for folder in sorted(map(os.path.dirname, removable), reverse=True):
        with suppress(OSError):  # it holds something, or is mounted
            os.removedirs(os.path.join(site, folder))


def _replace(source: Path, target: Path) -> None:
    with suppress(FileNotFoundError):
        if os.path.samefile(source, target):
            return
    known = target.is_file()
    before = (target if known else target.parent).stat()
    with suppress(PermissionError):
        if known and target.read_bytes() == source.read_bytes():
            return
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    try:
        # This leaves nothing behind when a build is killed
        os.replace(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:  # the site is on another disk
            raise
        replace_file(target, source.read_bytes())
    with suppress(PermissionError):
        if known:
            target.chmod(before.st_mode & 0o7777)
        # New files are of the folder’s group
        if known or before.st_mode & stat.S_ISGID:
            shutil.chown(
                target, before.st_uid if known else None, before.st_gid
            )
