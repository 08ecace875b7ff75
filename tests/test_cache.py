"""The cache: builds share results, and refuse entries that no build has stored."""

import json
import re
import shutil
import threading
from hashlib import sha256

import pytest

from conftest import EPOCH, ROOT, Site, run_stale, serve_folder
from evidence import cache
from evidence.cache import Cache, pack
from evidence.project import Project


@pytest.fixture
def build(tmp_path, monkeypatch):
    """A function that builds a fresh copy of the small site with a store, and returns what ran and its messages."""
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
def store(tmp_path, template):
    """A store with the results of the small site."""
    return fill_store(tmp_path / "shared", template)


def fill_store(root, site, secret=""):
    (path,) = site.root.glob(".evidence/cache/square/*")
    files = Cache(site.root / ".evidence/cache").get("square", path.name)
    Cache(root, secret).put("square", path.name, files)
    return root


def find_entry(root):
    (path,) = root.glob("square/*")
    return path


def pack_members(*members):
    sizes = {name: len(data) for name, data in members}
    return json.dumps(sizes).encode() + b"\n" + b"".join(data for _, data in members)


def sign(content, key):
    """Return the content with the signature of a build."""
    return sha256(f"square\n{key}\n".encode() + content).hexdigest().encode() + b"\n" + content


def test_second_copy_runs_nothing_and_builds_the_same_site(small, tmp_path):
    other, address = Site(shutil.copytree(small.root, tmp_path / "other")), str(tmp_path / "store")
    first, second = (site.build(EVIDENCE_STORE=address, **EPOCH) for site in (small, other))
    assert first.returncode == second.returncode == 0, first.stdout + second.stdout
    assert "running square" in first.stdout and "running" not in second.stdout
    assert small.bytes() == other.bytes()


@pytest.mark.parametrize("address", ["memory://shared", "file://{}/by url", "{}/deep/folder"])
def test_results_are_shared_by_stores_of_several_kinds(build, tmp_path, address):
    address = address.format(tmp_path)
    assert build(address) == (["square"], [])
    assert build(address) == ([], [])


HARM = {
    "one bit in the signature": lambda data: flip_bit_at(data, 20),
    "one bit in the middle": lambda data: flip_bit_at(data, len(data) // 2),
    "one bit in the directory": lambda data: flip_bit_at(data, len(data) - 60),
    "truncated": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
}
INVALID = {  # signed entries that no build stores
    "nothing": b"",
    "no JSON": b"[" * 9999,
    "no names of files": b"[1]\n1",
    "sizes that are no numbers": b'{"result.json": "1"}\n1',
    "sizes below zero": b'{"result.json": 2, "b": -1}\n12',
    "sizes that are too large": b'{"result.json": 99}\n1',
    "more than it names": b'{"result.json": 1}\n12',
    "a path out of the folder": pack_members(("../../out.txt", b"out")),
    "an absolute path": pack_members(("/tmp/out.txt", b"out")),
    "a folder": pack_members(("figures/", b"")),
    "a hidden file": pack_members((".hidden", b"")),
    "no result": pack_members(("figure.svg", b"")),
}


def flip_bit_at(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize("harm", [*HARM, *INVALID])
def test_damaged_entry_is_reported_and_stored_again(build, store, tmp_path, harm):
    path = find_entry(store)
    path.write_bytes(HARM[harm](path.read_bytes()) if harm in HARM else sign(INVALID[harm], path.name))
    ran, log = build(store)
    assert ran == ["square"] and len(log) == 1 and "the entry of square is not used" in log[0], log
    why = (
        "it is damaged"
        if harm in HARM
        else "it holds no result"
        if harm == "no result"
        else "its list of files is not ours"
    )
    assert why in log[0], log
    assert build(store) == ([], [])  # the build has stored it again
    assert not list(tmp_path.rglob("out.txt"))


def test_too_large_entry_is_not_unpacked(store, monkeypatch):
    monkeypatch.setattr(cache, "BYTES", 99)
    reader = Cache(store)
    assert reader.get("square", find_entry(store).name) is None and "too large" in reader.warnings[0]


def test_entry_of_another_name_or_key_is_refused(build, store):
    key = find_entry(store).name
    files = Cache(store).get("square", key)
    for other in (("other", key), ("square", "0" * 20)):
        find_entry(store).write_bytes(pack(files, *other))
        ran, log = build(store)
        assert ran == ["square"] and "belongs to another name or key" in log[0]


def test_build_succeeds_when_an_entry_cannot_be_read(build, store):
    path = find_entry(store)
    path.unlink()
    path.symlink_to(path.name)  # to itself, which cannot be opened
    ran, log = build(store)
    assert ran == ["square"] and "EVIDENCE_STORE: it cannot be read" in log[0]


def test_entry_without_the_right_signature_is_refused_with_a_secret(build, tmp_path, template):
    store = fill_store(tmp_path / "signed", template, "secret")
    key, honest = find_entry(store).name, find_entry(store).read_bytes()
    assert build(store, "secret") == ([], [])
    files = Cache(store, "secret").get("square", key)
    files["result.json"] = files["result.json"].replace(b"6.25", b"7.25")
    for secret in (b"", b"another secret"):
        find_entry(store).write_bytes(pack(files, "square", key, secret))
        ran, log = build(store, "secret")
        assert ran == ["square"] and "not signed with EVIDENCE_STORE_KEY" in log[0]
    content = pack(files, "square", key).split(b"\n", 1)[1]  # the right signature of other files
    find_entry(store).write_bytes(honest.split(b"\n", 1)[0] + b"\n" + content)
    assert build(store, "secret")[0] == ["square"]
    assert build(store, "secret") == ([], [])


@pytest.mark.parametrize("address", ["nonsense://store", "/dev/null/store", "sftp://127.0.0.1:1/store"])
def test_build_succeeds_when_the_store_cannot_be_used(build, address):
    ran, log = build(address)
    assert ran == ["square"] and log and all("EVIDENCE_STORE: it cannot be" in line for line in log)


def test_read_only_store_is_read(build, store):
    with serve_folder(store) as address:
        assert build(address) == ([], [])
        find_entry(store).unlink()
        ran, log = build(address)
        assert ran == ["square"] and len(log) == 1 and "it cannot be written" in log[0], log


def test_reader_during_writes_finds_a_whole_entry(store):
    key = find_entry(store).name
    files = Cache(store).get("square", key)

    def write():
        for _ in range(20):
            Cache(store).put("square", key, files)

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    reads = 0
    while any(writer.is_alive() for writer in writers):
        assert Cache(store).get("square", key) == files
        reads += 1
    assert reads and [path.name for path in (store / "square").iterdir()] == [key]


def test_second_build_reports_that_it_waits_for_the_first(small):
    lines, order, project = [], [], Project(small.root)
    inside, leave = threading.Event(), threading.Event()

    def hold_lock():
        with cache.lock_project(project.root, lines.append):
            inside.set()
            leave.wait(30)
            order.append("first")

    first = threading.Thread(target=hold_lock)
    first.start()
    inside.wait(30)

    def log(line):
        lines.append(line)
        leave.set()

    with cache.lock_project(project.root, log):
        order.append("second")
    first.join()
    assert order == ["first", "second"] and lines == ["another build of this site is running: waiting for it"]
