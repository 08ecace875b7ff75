"""Faults: whatever strikes a build, the next one succeeds and makes the bytes that a fresh copy gets.

`make torture` strikes hundreds of times, at other moments each time.
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
EDITS = {  # file: what stands there, and what instead after an edit
    "snippets/square.py": ("The largest of them.", "The largest one of them."),
    "snippets/shared.py": ("What snippets share.", "What two snippets share."),
    "docs/index.md": (f"{AREA}\n{LIMIT}", f"{LIMIT}\n{AREA}"),  # their numbers stand on another page, too
    "docs/references.bib": ("Principia", "Opticks"),
    "mkdocs.yml": ("site_name: Faults\n", "site_name: Faults and cures\n"),
}


class Broken(Site):
    """A site to break; what it should be a fresh copy tells."""

    fresh = {}  # the files that are edited to the bytes of the site

    def edit(self, file):
        """One way, or back again."""
        text, (old, new) = (self.root / file).read_text("utf-8"), EDITS[file]
        (self.root / file).write_text(text.replace(old, new) if old in text else text.replace(new, old), "utf-8")

    def wanted(self):
        """The bytes of the site that a fresh copy makes."""
        edited = frozenset(file for file, (_, new) in EDITS.items() if new in (self.root / file).read_text("utf-8"))
        if edited not in self.fresh:
            copy, made = Broken(self.root.with_name(f"fresh {len(self.fresh)}")), (".evidence", "site")
            shutil.copytree(self.root, copy.root, ignore=shutil.ignore_patterns(*made))
            copy.mended()
            self.fresh[edited] = copy.bytes()
        return self.fresh[edited]

    def mended(self):
        """Build; nothing may be left of what went wrong before."""
        done = self.build(**EPOCH)
        assert done.returncode == 0, done.stdout
        assert not (self.root / ".evidence/site").exists() and not list(self.root.glob(".evidence/runs/*"))

    def whole(self):
        """Build, and compare with a fresh copy."""
        self.mended()
        made, wanted = self.bytes(), self.wanted()
        assert [name for name in made | wanted if made.get(name) != wanted.get(name)] == []


class Build:
    """A build under way, with all processes that it has started."""

    def __init__(self, site, **environment):
        self.mark = uuid.uuid4().hex.encode()
        command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
        environment = os.environ | EPOCH | {"TEMP": f"/no/{self.mark.decode()}"} | environment  # which runs have, too
        self.log = tempfile.TemporaryFile("w+")
        streams = {"stdout": self.log, "stderr": self.log}
        self.process = subprocess.Popen(command, cwd=site.root, env=environment, **streams)

    def processes(self, kind="any"):
        """Those that live: any, the build’s, the fork server’s, or the workers’, which are its children."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark in (folder / "environ").read_bytes():
                    parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                    found[int(folder.name)] = parent, b"forkserver" in (folder / "cmdline").read_bytes()
            except OSError:
                pass  # it has just ended, or is another user's
        kinds = {
            "any": found,
            "build": [self.process.pid],
            "server": [number for number, (parent, forks) in found.items() if forks and parent == self.process.pid],
        }
        kinds["worker"] = [number for number, (parent, _) in found.items() if parent in kinds["server"]]
        return list(kinds[kind])

    def strike(self, kind, delay):
        """Kill one of a kind, `delay` seconds after there is one; returns whether there was one then."""
        while self.process.poll() is None:
            if self.processes(kind):
                time.sleep(delay)
                there = self.processes(kind) if self.process.poll() is None else []
                for number in there[:1]:
                    os.kill(number, signal.SIGKILL)
                return bool(there)
            time.sleep(0.01)
        return False

    def ended(self):
        """Its exit code and what it said, once nothing of it lives any more; it has no traceback."""
        code = self.process.wait()
        assert wait_until(lambda: not self.processes(), every=0.1)
        with self.log:
            self.log.seek(0)
            said = self.log.read()
        assert "Traceback" not in said, said
        return code, said


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The site, built once, and the seconds that it took."""
    site = Broken(tmp_path_factory.mktemp("faults") / "origin")
    shutil.copytree(ROOT / "tests/small", site.root)
    shutil.copytree(ROOT / "zigzag_site", site.root / "zigzag_site")
    text = (site.root / "snippets/square.py").read_text("utf-8")
    (site.root / "snippets/cube.py").write_text(text.split("def equation_area")[0] + EXPLORER, "utf-8")
    (site.root / "docs/cube.md").write_text(PAGE)
    (site.root / "docs/references.bib").write_text(WORKS)
    (site.root / "docs/works.md").write_text("# Works\n\n/// bibliography | references.bib\n///\n")
    (site.root / "mkdocs.yml").write_text(CONFIG)
    start = time.monotonic()
    site.mended()
    site.seconds, site.fresh[frozenset()] = time.monotonic() - start, site.bytes()
    return site


@pytest.fixture
def site(built, tmp_path):
    """A copy of it, with all that was made."""
    site = Broken(shutil.copytree(built.root, tmp_path / "site"))
    site.seconds = built.seconds
    return site


@pytest.fixture
def rng():
    """Chance, the same each time in the suite."""
    seed = random.randrange(10**6) if TORTURE else 0
    print("seed", seed)
    return random.Random(seed)


class Disk:
    """A small one of its own."""

    def __init__(self, root):
        self.root = root

    def mount(self, *options):
        return subprocess.run(["mount", *options, self.root], capture_output=True, check=False).returncode == 0

    def leave(self, room):
        """Fill it until `room` bytes are left; returns the file to remove."""
        there = os.statvfs(self.root)
        filler = self.root / "filler"
        filler.write_bytes(bytes(max(0, there.f_bavail * there.f_frsize - room)))
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
    """Lose results of one snippet or more, so that something runs."""
    for name in rng.choice([["square"], ["cube"], ["square", "cube"], [""]]) if TORTURE else ["square"]:
        shutil.rmtree(site.root / ".evidence/cache" / name, ignore_errors=True)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are found in /proc")
@pytest.mark.parametrize("kind, moments", [("build", 0.8), ("server", 0.5), ("worker", 0.1)])
def test_a_killed_process_takes_nothing_with_it(site, rng, kind, moments):
    """`moments` is the part of a build in which it may strike."""
    kills = misses = 0
    while kills < KILLS[kind]:
        assert misses < 9 * KILLS[kind]
        old = site.wanted()
        site.edit(rng.choice([*EDITS] if TORTURE else ["snippets/square.py"]))
        forget(site, rng)
        build = Build(site)
        if build.strike(kind, rng.uniform(0, moments * site.seconds)):
            kills += 1
        else:
            misses += 1
        build.ended()
        wanted = site.wanted()
        strange = {name for name, data in site.bytes().items() if data not in (old.get(name), wanted.get(name))}
        assert strange == set() and old.keys() & wanted.keys() <= site.bytes().keys()
        site.whole()
    print(f"{kills} kills of a {kind}, none lost; {misses} came too late")


def test_a_full_disk_is_said_and_costs_no_site(built, disk, rng):
    site = Broken(shutil.copytree(built.root, disk.root / "site"))
    for _ in range(TIMES):
        old, needed = site.bytes(), shutil.disk_usage(disk.root).used
        site.edit("snippets/square.py")
        forget(site, rng)
        filler = disk.leave(rng.randrange(needed) if TORTURE else 2**18)
        code, said = Build(site).ended()
        filler.unlink()
        if code:
            assert "No space left on device" in said and "free some disk space" in said, said
            assert site.bytes() == old
        site.whole()
    assert TORTURE or code == 1


def test_a_disk_that_can_only_be_read_is_said(built, disk):
    site = Broken(shutil.copytree(built.root, disk.root / "site"))
    site.edit("snippets/square.py")
    for _ in ("stale", "not stale"):
        assert disk.mount("-o", "remount,ro")
        code, said = Build(site).ended()
        assert code == 1 and "Read-only file system" in said and "fix the permissions" in said, said
        done = site.run("evidence", "build")
        assert done.returncode == 1 and "Read-only file system" in done.stdout and "Traceback" not in done.stdout
        assert disk.mount("-o", "remount,rw") and site.bytes() == site.fresh[frozenset()]
        assert site.run("evidence", "build", **EPOCH).returncode == 0
    site.whole()


@pytest.mark.parametrize("how", ["full", "read-only"] if TORTURE else ["full"])
def test_a_store_without_room_ends_no_build(site, disk, how):
    shutil.rmtree(site.root / ".evidence/cache/square")
    if how == "full":
        disk.leave(0)
    else:
        assert disk.mount("-o", "remount,ro")
    code, said = Build(site, EVIDENCE_STORE=str(disk.root)).ended()
    assert code == 0 and "EVIDENCE_STORE: it cannot be written" in said, said
    site.whole()


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
def test_damage_to_whatever_is_stored_is_noticed(site, rng, harm):
    for part in [0.1, 0.5, 1.0] * (TIMES // 3) or [1.0]:
        stored = (path for path in site.root.glob(".evidence/**/*") if path.is_file() and path.name != "lock")
        for path in sorted(stored):
            if rng.random() < part:
                HARM[harm](path)
        site.whole()


def test_files_that_change_during_a_build(site, rng):
    """The site is the old one, or the new one; where the edit is taken back meanwhile nothing new stays."""
    for times in [1, 2] * TIMES:
        file = rng.choice([*EDITS]) if TORTURE else "docs/references.bib" if times == 2 else "snippets/square.py"
        forget(site, rng)
        states = [site.wanted()]
        build = Build(site)
        for _ in range(times):
            time.sleep(rng.uniform(0, site.seconds / times))
            site.edit(file)
            states.append(site.wanted())
        build.ended()
        assert site.bytes() in states, file
        site.whole()


def test_two_builds_at_once(site, rng):
    for _ in range(TIMES):
        site.edit("snippets/square.py")
        forget(site, rng)
        wanted = site.wanted()
        first = Build(site)
        time.sleep(rng.uniform(0, site.seconds / 2) if TORTURE else 0)
        second = Build(site)
        ended = [build.ended() for build in (first, second)]
        assert [code for code, _ in ended] == [0, 0], ended
        assert any("another build of this site is running: waiting for it" in said for _, said in ended)
        assert site.bytes() == wanted
        site.whole()


def test_what_clocks_say_means_nothing(site, rng):
    """Whatever says that it is from the future, or from long ago, may be either."""
    site.edit("snippets/square.py")
    for path in sorted(site.root.rglob("*")):
        os.utime(path, (0, rng.choice([0, 2**31])))
    site.whole()


def test_a_server_outlives_its_runs(slow, serve):
    (slow.root / "docs/slow.md").write_text("# Slow\n\n{{ slow.area | digits(2) }}\n")
    server = serve(slow)
    process = slow.wait_for_process()
    os.kill(process, signal.SIGKILL)
    server.wait("its process ended", "slow/")
    slow.edit("snippets/slow.py", "The largest of them", "The largest")
    slow.wait_for_process(other_than=process)
    slow.let_go()
    server.wait("6.2", "slow/")
