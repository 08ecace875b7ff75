"""Faults: whatever ends a build, the next one succeeds and makes the bytes of a fresh copy.

`make torture` tries each fault hundreds of times, at random moments.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import pytest

from conftest import EPOCH, ROOT, Site, flip_bit, wait_until

TORTURE = "TORTURE" in os.environ
KILLS = {"build": 100, "server": 60, "worker": 60} if TORTURE else {"build": 2, "server": 1, "worker": 1}
TIMES = 10 if TORTURE else 1  # of each other fault
CONFIG = """site_name: Faults
site_description: A site to break.
theme: {name: material, font: false}
plugins: [search, tags, {evidence: {seconds: 60, megabytes: 512, pictures: true}}, page-cache]
hooks: [zigzag_site/hooks.py]
validation:
  links: {absolute_links: relative_to_docs, anchors: warn}
markdown_extensions: [tables, attr_list, md_in_html, pymdownx.superfences, {toc: {permalink: true}}]
"""
EXPLORER = '''
def explore_growth(result: Result, start=1):
    """Areas against sides."""
    figure = Figure(figsize=(4, 3))
    axes = figure.subplots()
    axes.plot(result.sides, result.areas)
    (curve,) = axes.plot([], gid="curve")
    for name, end in (("short", 1), ("long", 3)):
        curve.set_data(result.sides[:end], result.areas[:end])
        yield figure, {"curve": name}, "A sentence."
'''
PAGE = """# Cubes

A side has {{ cube.area | digits(2) }} square meters, says [@newton]; see [@square.limit].

{{ cube.sides | digits(1) | list }} and {{ cube.areas | digits(1) | list }}

/// claim | cube.strips
///

/// explore | cube.growth
**Areas grow.**
===
Three sides only.
///
"""
WORKS = "@book{newton, author = {Newton, I.}, title = {Principia}, publisher = {Royal Society}, year = {1687}}\n"
LIMIT, AREA = ("/// equation | square.limit\n///\n", "/// equation | square.area\n///\n")
EDITS = {  # for each file: a text in it, and what an edit replaces it by
    "snippets/square.py": ("The largest of them.", "The largest one of them."),
    "snippets/shared.py": ("What snippets share.", "What two snippets share."),
    "docs/index.md": (f"{AREA}\n{LIMIT}", f"{LIMIT}\n{AREA}"),  # another page shows their numbers
    "docs/references.bib": ("Principia", "Opticks"),
    "mkdocs.yml": ("site_name: Faults\n", "site_name: Faults and cures\n"),
}


class FaultySite(Site):
    """A site to break, which is compared with a fresh copy."""

    fresh = {}  # maps the set of edited files to the bytes of a fresh site

    def edit(self, file):
        """Make the edit of a file, or take it back."""
        text, (old, new) = (self.root / file).read_text("utf-8"), EDITS[file]
        (self.root / file).write_text(text.replace(old, new) if old in text else text.replace(new, old), "utf-8")

    def build_fresh(self):
        """Return the bytes of the site that a fresh copy makes."""
        edits = frozenset(file for file, (_, new) in EDITS.items() if new in (self.root / file).read_text("utf-8"))
        if edits not in self.fresh:
            copy, outputs = FaultySite(self.root.with_name(f"fresh {len(self.fresh)}")), (".evidence", "site")
            shutil.copytree(self.root, copy.root, ignore=shutil.ignore_patterns(*outputs))
            copy.build_clean()
            self.fresh[edits] = copy.bytes()
        return self.fresh[edits]

    def build_clean(self):
        """Build, and check that nothing is left of an earlier fault."""
        result = self.build(**EPOCH)
        assert result.returncode == 0, result.stdout
        assert not (self.root / ".evidence/site").exists() and not list(self.root.glob(".evidence/runs/*"))

    def check(self):
        """Build, and compare the site with that of a fresh copy."""
        self.build_clean()
        bytes_of_site, fresh = self.bytes(), self.build_fresh()
        assert [name for name in bytes_of_site | fresh if bytes_of_site.get(name) != fresh.get(name)] == []


class Build:
    """A running build, with all processes that it has started."""

    def __init__(self, site, **environment):
        self.mark = uuid.uuid4().hex.encode()
        command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
        environment = (
            os.environ | EPOCH | {"TEMP": f"/no/{self.mark.decode()}"} | environment
        )  # inherited by all its processes
        self.log = tempfile.TemporaryFile("w+")
        streams = {"stdout": self.log, "stderr": self.log}
        self.process = subprocess.Popen(command, cwd=site.root, env=environment, **streams)

    def find_processes(self, kind="any"):
        """List the numbers of live processes: any, the build’s, the fork server’s, or its workers’."""
        processes = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark in (folder / "environ").read_bytes():
                    parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                    processes[int(folder.name)] = parent, b"forkserver" in (folder / "cmdline").read_bytes()
            except OSError:
                pass  # it has just ended, or is another user's
        kinds = {
            "any": processes,
            "build": [self.process.pid],
            "server": [number for number, (parent, forks) in processes.items() if forks and parent == self.process.pid],
        }
        kinds["worker"] = [number for number, (parent, _) in processes.items() if parent in kinds["server"]]
        return list(kinds[kind])

    def kill(self, kind, delay):
        """Kill one process of a kind, `delay` seconds after there is one, and return whether it was still there."""
        while self.process.poll() is None:
            if self.find_processes(kind):
                time.sleep(delay)
                numbers = self.find_processes(kind) if self.process.poll() is None else []
                for number in numbers[:1]:
                    os.kill(number, signal.SIGKILL)
                return bool(numbers)
            time.sleep(0.01)
        return False

    def finish(self):
        """Wait until all its processes have ended, and return the exit code and the output, without a traceback."""
        code = self.process.wait()
        assert wait_until(lambda: not self.find_processes(), every=0.1)
        with self.log:
            self.log.seek(0)
            output = self.log.read()
        assert "Traceback" not in output, output
        return code, output


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    """The site, built once, with the seconds that the build took."""
    site = FaultySite(tmp_path_factory.mktemp("faults") / "origin")
    shutil.copytree(ROOT / "tests/small", site.root)
    shutil.copytree(ROOT / "zigzag_site", site.root / "zigzag_site")
    text = (site.root / "snippets/square.py").read_text("utf-8")
    (site.root / "snippets/cube.py").write_text(text.split("def equation_area")[0] + EXPLORER, "utf-8")
    (site.root / "docs/cube.md").write_text(PAGE)
    (site.root / "docs/references.bib").write_text(WORKS)
    (site.root / "docs/works.md").write_text("# Works\n\n/// bibliography | references.bib\n///\n")
    (site.root / "mkdocs.yml").write_text(CONFIG)
    start = time.monotonic()
    site.build_clean()
    site.seconds, site.fresh[frozenset()] = time.monotonic() - start, site.bytes()
    return site


@pytest.fixture
def site(origin, tmp_path):
    """A copy of the built site."""
    site = FaultySite(shutil.copytree(origin.root, tmp_path / "site"))
    site.seconds = origin.seconds
    return site


@pytest.fixture
def rng():
    """A random generator, with a fixed seed in the suite."""
    seed = random.randrange(10**6) if TORTURE else 0
    print("seed", seed)
    return random.Random(seed)


class Disk:
    """A small file system in memory."""

    def __init__(self, root):
        self.root = root

    def mount(self, *options):
        return subprocess.run(["mount", *options, self.root], capture_output=True, check=False).returncode == 0

    def fill(self, room):
        """Fill it until `room` bytes are left, and return the file to remove."""
        status = os.statvfs(self.root)
        filler = self.root / "filler"
        filler.write_bytes(bytes(max(0, status.f_bavail * status.f_frsize - room)))
        return filler


@pytest.fixture
def disk(tmp_path):
    disk = Disk(tmp_path / "disk")
    disk.root.mkdir()
    if not disk.mount("-t", "tmpfs", "-o", "size=48m", "tmpfs"):
        pytest.skip("only root may mount a disk")
    yield disk
    subprocess.run(["umount", "-l", disk.root], check=True)


def forget(site, rng):
    """Remove the results of one snippet or more, so that something runs."""
    for name in rng.choice([["square"], ["cube"], ["square", "cube"], [""]]) if TORTURE else ["square"]:
        shutil.rmtree(site.root / ".evidence/cache" / name, ignore_errors=True)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are found in /proc")
@pytest.mark.parametrize("kind, moments", [("build", 0.8), ("server", 0.5), ("worker", 0.1)])
def test_killed_process_loses_no_file_of_the_site(site, rng, kind, moments):
    """Kill at a random moment in the first part of a build, whose fraction `moments` is."""
    kills = misses = 0
    while kills < KILLS[kind]:
        assert misses < 9 * KILLS[kind]
        old = site.build_fresh()
        site.edit(rng.choice([*EDITS] if TORTURE else ["snippets/square.py"]))
        forget(site, rng)
        build = Build(site)
        if build.kill(kind, rng.uniform(0, moments * site.seconds)):
            kills += 1
        else:
            misses += 1
        build.finish()
        new = site.build_fresh()
        unknown = {name for name, data in site.bytes().items() if data not in (old.get(name), new.get(name))}
        assert unknown == set() and old.keys() & new.keys() <= site.bytes().keys()
        site.check()
    print(f"{kills} kills of a {kind}, none lost; {misses} came too late")


def test_full_disk_is_reported_and_leaves_the_last_site(origin, disk, rng):
    site = FaultySite(shutil.copytree(origin.root, disk.root / "site"))
    for _ in range(TIMES):
        old, size = site.bytes(), shutil.disk_usage(disk.root).used
        site.edit("snippets/square.py")
        forget(site, rng)
        filler = disk.fill(rng.randrange(size) if TORTURE else 2**18)
        code, output = Build(site).finish()
        filler.unlink()
        if code:
            assert "No space left on device" in output and "free some disk space" in output, output
            assert site.bytes() == old
        site.check()
    assert TORTURE or code == 1


def test_read_only_disk_is_reported_and_leaves_the_last_site(origin, disk):
    site = FaultySite(shutil.copytree(origin.root, disk.root / "site"))
    site.edit("snippets/square.py")
    for _ in ("stale", "not stale"):
        assert disk.mount("-o", "remount,ro")
        code, output = Build(site).finish()
        assert code == 1 and "Read-only file system" in output and "fix the permissions" in output, output
        result = site.run("evidence", "build")
        assert result.returncode == 1 and "Read-only file system" in result.stdout and "Traceback" not in result.stdout
        assert disk.mount("-o", "remount,rw") and site.bytes() == site.fresh[frozenset()]
        assert site.run("evidence", "build", **EPOCH).returncode == 0
    site.check()


@pytest.mark.parametrize("state", ["full", "read-only"] if TORTURE else ["full"])
def test_build_succeeds_when_shared_cache_is_full_or_read_only(site, disk, state):
    shutil.rmtree(site.root / ".evidence/cache/square")
    if state == "full":
        disk.fill(0)
    else:
        assert disk.mount("-o", "remount,ro")
    code, output = Build(site, EVIDENCE_STORE=str(disk.root)).finish()
    assert code == 0 and "EVIDENCE_STORE: it cannot be written" in output, output
    site.check()


HARM = {
    "truncated": lambda path: os.truncate(path, path.stat().st_size // 2),
    "cut off": lambda path: os.truncate(path, max(0, path.stat().st_size - 1)),
    "empty": lambda path: os.truncate(path, 0),
    "altered": lambda path: path.stat().st_size and flip_bit(path),
    "gone": Path.unlink,
    "of zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "a folder": lambda path: path.unlink() or path.mkdir(),
}


@pytest.mark.parametrize("harm", HARM if TORTURE else ["altered"])
def test_damaged_files_of_the_cache_change_no_page(site, rng, harm):
    for part in [0.1, 0.5, 1.0] * (TIMES // 3) or [1.0]:
        files = (path for path in site.root.glob(".evidence/**/*") if path.is_file() and path.name != "lock")
        for path in sorted(files):
            if rng.random() < part:
                HARM[harm](path)
        site.check()


def test_site_after_an_edit_during_a_build_is_the_old_or_the_new_one(site, rng):
    """Edit once, or edit and take the edit back."""
    for times in [1, 2] * TIMES:
        file = rng.choice([*EDITS]) if TORTURE else "docs/references.bib" if times == 2 else "snippets/square.py"
        forget(site, rng)
        states = [site.build_fresh()]
        build = Build(site)
        for _ in range(times):
            time.sleep(rng.uniform(0, site.seconds / times))
            site.edit(file)
            states.append(site.build_fresh())
        build.finish()
        assert site.bytes() in states, file
        site.check()


def test_second_build_waits_for_the_first_and_both_succeed(site, rng):
    for _ in range(TIMES):
        site.edit("snippets/square.py")
        forget(site, rng)
        fresh = site.build_fresh()
        first = Build(site)
        time.sleep(rng.uniform(0, site.seconds / 2) if TORTURE else 0)
        second = Build(site)
        results = [build.finish() for build in (first, second)]
        assert [code for code, _ in results] == [0, 0], results
        assert any("another build of this site is running: waiting for it" in output for _, output in results)
        assert site.bytes() == fresh
        site.check()


def test_time_stamps_of_files_do_not_matter(site, rng):
    """Give files times in the far past and in the future."""
    site.edit("snippets/square.py")
    for path in sorted(site.root.rglob("*")):
        os.utime(path, (0, rng.choice([0, 2**31])))
    site.check()


def test_server_survives_the_death_of_a_run(slow, serve):
    (slow.root / "docs/slow.md").write_text("# Slow\n\n{{ slow.area | digits(2) }}\n")
    server = serve(slow)
    process = slow.wait_for_process()
    os.kill(process, signal.SIGKILL)
    server.wait("its process ended", "slow/")
    slow.edit("snippets/slow.py", "The largest of them", "The largest")
    slow.wait_for_process(other_than=process)
    slow.let_go()
    server.wait("6.2", "slow/")
