"""Store: results that builds share, in a folder or at a URL that fsspec opens; nothing there is trusted unseen."""

import hmac
import os
import re
import uuid
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from evidence import manifest

MEMBER = re.compile(r"\w[\w.-]*")
MEMBERS, BYTES = 1000, 2**28  # more than this, packed or unpacked, is no result of ours
SEAL = "hmac.txt"  # of the manifest, which holds the name, the key and the digests of all files


class Untrusted(ValueError):
    """An entry is not what a build put there under this name and key."""


class Store:
    """The store that `EVIDENCE_STORE` names, if any; with `EVIDENCE_STORE_KEY`, only entries sealed with it are taken.

    It never ends a build: what cannot be used is told in `complaints`.
    """

    def __init__(self):
        address, self.complaints = os.environ.get("EVIDENCE_STORE", ""), []
        self.secret = os.environ.get("EVIDENCE_STORE_KEY", "").encode()
        self.reads = self.writes = bool(address)
        if address:
            from fsspec.core import url_to_fs

            try:
                self.files, self.root = url_to_fs(address)
            except Exception as error:  # what libraries for remote files raise has no common base
                self.reads = self.writes = False
                self.complain(f"it cannot be opened: {error!r}")

    def complain(self, what):
        self.complaints.append(f"EVIDENCE_STORE: {what}")

    def fetch(self, name, key, folder):
        """Unpack an entry into `folder`; returns whether there was one to be trusted."""
        if not self.reads:
            return False
        try:
            packed = self.files.cat_file(self._path(name, key), end=BYTES + 1)
            unpack(packed, folder, name, key, self.secret)
        except FileNotFoundError:
            return False
        except Untrusted as error:
            self.complain(f"the entry of {name} is not used: {error}")
            return False
        except Exception as error:
            if self.reads:  # several ask at once
                self.reads = False
                self.complain(f"it cannot be read: {error!r}")
            return False
        return True

    def put(self, name, key, folder):
        """Store the results in `folder`; whoever reads meanwhile finds the whole entry or none."""
        if not self.writes:
            return
        path, packed = self._path(name, key), pack(folder, name, key, self.secret)
        aside = f"{path}.{uuid.uuid4().hex}"
        try:
            self.files.makedirs(os.path.dirname(path), exist_ok=True)
            self.files.pipe_file(aside, packed)
            self.files.mv(aside, path)
        except Exception as error:
            if self.writes:
                self.writes = False
                self.complain(f"it cannot be written: {error!r}")

    def _path(self, name, key):
        return f"{self.root}/{name}/{key}.zip"


def pack(folder, name, key, secret=b""):
    """The files in `folder` and their manifest as bytes, sealed where there is a secret."""
    manifest.write(folder, name, key)
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    if secret:
        files[SEAL] = _seal(files[manifest.FILE], secret)
    packed = BytesIO()
    with ZipFile(packed, "w") as target:
        for file, data in files.items():
            target.writestr(ZipInfo(file), data, ZIP_DEFLATED)
    return packed.getvalue()


def unpack(packed, folder, name, key, secret=b""):
    """Write what was packed for this name and key into the empty `folder`; raises `Untrusted` where it was not."""
    if len(packed) > BYTES:
        raise Untrusted("it is too large")
    try:
        files = _files(packed)
    except Untrusted:
        raise
    except Exception as error:  # a damaged archive raises what not
        raise Untrusted(f"it cannot be unpacked ({error!r})") from None
    seal = files.pop(SEAL, b"")
    for file, data in files.items():
        (folder / file).write_bytes(data)
    if not manifest.holds(folder, name, key):
        raise Untrusted("it is damaged, or of another snippet")
    if secret and not hmac.compare_digest(seal, _seal(files[manifest.FILE], secret)):
        raise Untrusted("it is not sealed with EVIDENCE_STORE_KEY")


def _files(packed):
    with ZipFile(BytesIO(packed)) as source:
        members = source.infolist()
        if len(members) > MEMBERS or sum(member.file_size for member in members) > BYTES:
            raise Untrusted("it has too many files, or too large ones")
        files = {}
        for member in members:
            if not MEMBER.fullmatch(member.filename):
                raise Untrusted(f"it holds a file called {member.filename[:40]!r}")
            with source.open(member) as file:  # no more is unpacked than was announced
                files[member.filename] = file.read(member.file_size)
        return files


def _seal(data, secret):
    return hmac.new(secret, data, "sha256").hexdigest().encode()
