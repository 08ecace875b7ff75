"""Shared results: what one build made another takes, and nothing that is not what a build put there."""

import functools
import http.server
import shutil
import threading
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import pytest

from conftest import ROOT, Site
from evidence import store
from evidence.project import Project
from evidence.runner import refresh, stale

EPOCH = {"SOURCE_DATE_EPOCH": "1700000000"}


@pytest.fixture
def build(tmp_path, monkeypatch):
    """Builds the results of a fresh copy of the small site with a store; returns what ran and what was said."""
    copies = iter(range(9))

    def build(address, secret=""):
        monkeypatch.setenv("EVIDENCE_STORE", str(address))
        monkeypatch.setenv("EVIDENCE_STORE_KEY", secret)
        root = shutil.copytree(ROOT / "tests/small", tmp_path / f"copy {next(copies)}")
        project, said = Project(root, seconds=8, megabytes=512), []
        ran = refresh(project, said.append)
        assert project.problems == [] and stale(replace(project)) == []
        return ran, [line for line in said if not line.startswith("running ")]

    return build


@pytest.fixture
def shared(tmp_path, made):
    """A store that holds the results of the small site."""
    return fill(tmp_path / "shared", made)


def fill(root, made, secret=b""):
    project = Project(made.root, seconds=8, megabytes=512)
    key = project.key("square")
    entry = root / "square" / f"{key}.zip"
    entry.parent.mkdir(parents=True)
    results = shutil.copytree(project.folder("square", key), root.parent / f"{root.name} unpacked")
    entry.write_bytes(store.pack(results, "square", key, secret))
    return root


def entry(root):
    (path,) = root.glob("square/*.zip")
    return path


def packed(*members):
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        for name, data in members:
            archive.writestr(name, data)
    return target.getvalue()


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
    "one bit in the manifest or a header": lambda data: flipped(data, 40),
    "one bit in the middle": lambda data: flipped(data, len(data) // 2),
    "one bit in the directory": lambda data: flipped(data, len(data) - 60),
    "truncated": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
    "nested brackets": lambda data: packed(("digests.txt", b"[" * 9999)),
    "a path out of the folder": lambda data: packed(("../../out.txt", b"out")),
    "an absolute path": lambda data: packed(("/tmp/out.txt", b"out")),
    "a folder": lambda data: packed(("figures/", b"")),
    "a hidden file": lambda data: packed((".hidden", b"")),
    "too many files": lambda data: packed(*((f"figure_{i}.svg", b"") for i in range(1001))),
}


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize("harm", HARM)
def test_damaged_entries_are_made_again(build, shared, tmp_path, harm):
    path = entry(shared)
    path.write_bytes(HARM[harm](path.read_bytes()))
    ran, said = build(shared)
    assert ran == ["square"] and len(said) == 1 and "the entry of square is not used" in said[0], said
    assert build(shared) == ([], [])  # mended by the build
    assert not list(tmp_path.rglob("out.txt"))


def test_entries_too_large_are_not_even_unpacked(build, shared, monkeypatch):
    sizes = [member.file_size for member in ZipFile(entry(shared)).infolist()]
    monkeypatch.setattr(store, "BYTES", sum(sizes) - 1)
    assert "too large" in build(shared)[1][0]
    monkeypatch.setattr(store, "BYTES", 99)
    assert "too large" in build(shared)[1][0]


def test_an_entry_of_another_name_or_key_is_not_taken(build, shared, made):
    results = shared.parent / "shared unpacked"
    for name, key in (("other", entry(shared).stem), ("square", "0" * 20)):
        entry(shared).write_bytes(store.pack(results, name, key))
        ran, said = build(shared)
        assert ran == ["square"] and "of another snippet" in said[0]


def test_what_is_not_sealed_is_not_taken_where_there_is_a_secret(build, tmp_path, made):
    shared, key = fill(tmp_path / "sealed", made, b"secret"), Project(made.root, seconds=8, megabytes=512).key("square")
    honest = entry(shared).read_bytes()
    assert build(shared, "secret") == build(shared) == ([], [])
    result = tmp_path / "sealed unpacked/result.json"
    result.write_text(result.read_text().replace("6.25", "7.25"))
    for seal in (b"", b"another secret"):
        entry(shared).write_bytes(store.pack(result.parent, "square", key, seal))
        assert build(shared) == ([], [])  # digests find accidents, not intent
        entry(shared).write_bytes(store.pack(result.parent, "square", key, seal))
        ran, said = build(shared, "secret")
        assert ran == ["square"] and "not sealed with EVIDENCE_STORE_KEY" in said[0]
    with ZipFile(BytesIO(honest)) as archive:  # the right seal on other files
        files = {name: archive.read(name) for name in archive.namelist()} | {"result.json": result.read_bytes()}
    entry(shared).write_bytes(packed(*files.items()))
    assert build(shared, "secret")[0] == ["square"]
    assert build(shared, "secret") == ([], [])


@pytest.mark.parametrize("address", ["nonsense://store", "/dev/null/store", "sftp://127.0.0.1:1/store"])
def test_a_store_that_cannot_be_used_fails_no_build(build, address):
    ran, said = build(address)
    assert ran == ["square"] and said and all("EVIDENCE_STORE: it cannot be" in line for line in said)


def test_a_store_that_can_only_be_read_is_read(build, shared):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=shared)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        assert build(address) == ([], [])
        entry(shared).unlink()
        ran, said = build(address)
        assert ran == ["square"] and len(said) == 1 and "it cannot be written" in said[0], said
        server.shutdown()


def test_whoever_reads_while_others_write_finds_a_whole_entry(shared, tmp_path, monkeypatch):
    monkeypatch.setenv("EVIDENCE_STORE", str(shared))
    key, results = entry(shared).stem, tmp_path / "shared unpacked"
    copies = [shutil.copytree(results, tmp_path / f"writer {i}") for i in range(3)]

    def write(folder):
        for _ in range(20):
            store.Store().put("square", key, folder)

    writers = [threading.Thread(target=write, args=[folder]) for folder in copies]
    for writer in writers:
        writer.start()
    reader, reads = store.Store(), 0
    while any(writer.is_alive() for writer in writers):
        (tmp_path / f"read {reads}").mkdir()
        assert reader.fetch("square", key, tmp_path / f"read {reads}"), reader.complaints
        reads += 1
    assert reads and [path.name for path in (shared / "square").iterdir()] == [f"{key}.zip"]
