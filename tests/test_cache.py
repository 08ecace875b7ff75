"""The cache: what one build made another takes, and nothing that is not what a build put there."""

import json
import re
import shutil
import threading
from hashlib import sha256

import pytest

from conftest import EPOCH, ROOT, Site, run_stale, served
from evidence import cache
from evidence.cache import Cache, pack
from evidence.project import Project


@pytest.fixture
def build(tmp_path, monkeypatch):
    """Builds the results of a fresh copy of the small site with a store; returns what ran and what was said."""
    copies = iter(range(9))

    def build(address, secret=""):
        monkeypatch.setenv("EVIDENCE_STORE", str(address))
        monkeypatch.setenv("EVIDENCE_STORE_KEY", secret)
        root = shutil.copytree(ROOT / "tests/small", tmp_path / f"copy {next(copies)}")
        project, log = Project(root, seconds=8, megabytes=512), []
        ran = run_stale(project, log.append).stale
        assert project.diagnostics == [] and run_stale(project, log.append).stale == []
        return ran, [line for line in log if not re.search(r"^running | took \S+ s$", line)]

    return build


@pytest.fixture
def shared(tmp_path, made):
    """A store that holds the results of the small site."""
    return fill(tmp_path / "shared", made)


def fill(root, site, secret=""):
    (path,) = site.root.glob(".evidence/cache/square/*")
    files = Cache(site.root / ".evidence/cache").get("square", path.name)
    Cache(root, secret).put("square", path.name, files)
    return root


def entry(root):
    (path,) = root.glob("square/*")
    return path


def packed(*members):
    sizes = {name: len(data) for name, data in members}
    return json.dumps(sizes).encode() + b"\n" + b"".join(data for _, data in members)


def signed(content, key):
    """The content with the signature that a build would give it."""
    return sha256(f"square\n{key}\n".encode() + content).hexdigest().encode() + b"\n" + content


def test_a_second_copy_runs_nothing_and_builds_the_same_site(small, tmp_path):
    other, address = Site(shutil.copytree(small.root, tmp_path / "other")), str(tmp_path / "store")
    first, second = (site.build(EVIDENCE_STORE=address, **EPOCH) for site in (small, other))
    assert first.returncode == second.returncode == 0, first.stdout + second.stdout
    assert "running square" in first.stdout and "running" not in second.stdout
    assert small.bytes() == other.bytes()


@pytest.mark.parametrize("address", ["memory://shared", "file://{}/by url", "{}/deep/folder"])
def test_stores_of_several_kinds(build, tmp_path, address):
    address = address.format(tmp_path)
    assert build(address) == (["square"], [])
    assert build(address) == ([], [])


HARM = {
    "one bit in the signature": lambda data: flipped(data, 20),
    "one bit in the middle": lambda data: flipped(data, len(data) // 2),
    "one bit in the directory": lambda data: flipped(data, len(data) - 60),
    "truncated": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
}
ODD = {  # signed, and nothing that a build puts there
    "nothing": b"",
    "no JSON": b"[" * 9999,
    "no names of files": b"[1]\n1",
    "sizes that are no numbers": b'{"result.json": "1"}\n1',
    "sizes below zero": b'{"result.json": 2, "b": -1}\n12',
    "sizes that are too large": b'{"result.json": 99}\n1',
    "more than it names": b'{"result.json": 1}\n12',
    "a path out of the folder": packed(("../../out.txt", b"out")),
    "an absolute path": packed(("/tmp/out.txt", b"out")),
    "a folder": packed(("figures/", b"")),
    "a hidden file": packed((".hidden", b"")),
    "no result": packed(("figure.svg", b"")),
}


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize("harm", [*HARM, *ODD])
def test_damaged_entries_are_made_again(build, shared, tmp_path, harm):
    path = entry(shared)
    path.write_bytes(HARM[harm](path.read_bytes()) if harm in HARM else signed(ODD[harm], path.name))
    ran, log = build(shared)
    assert ran == ["square"] and len(log) == 1 and "the entry of square is not used" in log[0], log
    why = (
        "it is damaged"
        if harm in HARM
        else "it holds no result"
        if harm == "no result"
        else "its list of files is not ours"
    )
    assert why in log[0], log
    assert build(shared) == ([], [])  # mended by the build
    assert not list(tmp_path.rglob("out.txt"))


def test_entries_too_large_are_not_even_unpacked(shared, monkeypatch):
    monkeypatch.setattr(cache, "BYTES", 99)
    store = Cache(shared)
    assert store.get("square", entry(shared).name) is None and "too large" in store.warnings[0]


def test_an_entry_of_another_name_or_key_is_not_taken(build, shared):
    key = entry(shared).name
    files = Cache(shared).get("square", key)
    for other in (("other", key), ("square", "0" * 20)):
        entry(shared).write_bytes(pack(files, *other))
        ran, log = build(shared)
        assert ran == ["square"] and "belongs to another name or key" in log[0]


def test_a_shared_folder_that_cannot_be_read_ends_no_build(build, shared):
    path = entry(shared)
    path.unlink()
    path.symlink_to(path.name)  # to itself, which no system opens
    ran, log = build(shared)
    assert ran == ["square"] and "EVIDENCE_STORE: it cannot be read" in log[0]


def test_what_is_not_signed_is_not_taken_where_there_is_a_secret(build, tmp_path, made):
    shared = fill(tmp_path / "signed", made, "secret")
    key, honest = entry(shared).name, entry(shared).read_bytes()
    assert build(shared, "secret") == ([], [])
    files = Cache(shared, "secret").get("square", key)
    files["result.json"] = files["result.json"].replace(b"6.25", b"7.25")
    for secret in (b"", b"another secret"):
        entry(shared).write_bytes(pack(files, "square", key, secret))
        ran, log = build(shared, "secret")
        assert ran == ["square"] and "not signed with EVIDENCE_STORE_KEY" in log[0]
    content = pack(files, "square", key).split(b"\n", 1)[1]  # the right signature of other files
    entry(shared).write_bytes(honest.split(b"\n", 1)[0] + b"\n" + content)
    assert build(shared, "secret")[0] == ["square"]
    assert build(shared, "secret") == ([], [])


@pytest.mark.parametrize("address", ["nonsense://store", "/dev/null/store", "sftp://127.0.0.1:1/store"])
def test_a_store_that_cannot_be_used_fails_no_build(build, address):
    ran, log = build(address)
    assert ran == ["square"] and log and all("EVIDENCE_STORE: it cannot be" in line for line in log)


def test_a_store_that_can_only_be_read_is_read(build, shared):
    with served(shared) as address:
        assert build(address) == ([], [])
        entry(shared).unlink()
        ran, log = build(address)
        assert ran == ["square"] and len(log) == 1 and "it cannot be written" in log[0], log


def test_whoever_reads_while_others_write_finds_a_whole_entry(shared):
    key = entry(shared).name
    files = Cache(shared).get("square", key)

    def write():
        for _ in range(20):
            Cache(shared).put("square", key, files)

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    reads = 0
    while any(writer.is_alive() for writer in writers):
        assert Cache(shared).get("square", key) == files
        reads += 1
    assert reads and [path.name for path in (shared / "square").iterdir()] == [key]


def test_a_second_build_waits_for_the_first_and_says_so(small):
    lines, order, project = [], [], Project(small.root)
    inside, leave = threading.Event(), threading.Event()

    def hold():
        with cache.lock_project(project.root, lines.append):
            inside.set()
            leave.wait(30)
            order.append("first")

    first = threading.Thread(target=hold)
    first.start()
    inside.wait(30)

    def log(line):
        lines.append(line)
        leave.set()

    with cache.lock_project(project.root, log):
        order.append("second")
    first.join()
    assert order == ["first", "second"] and lines == ["another build of this site is running: waiting for it"]
