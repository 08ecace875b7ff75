"""The site’s folder: a build fills the folder that exists, and removes only what MkDocs would remove."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time

import pytest

from world.sites import CONFIG, OURS, clean_environment, copy_site, git, snippet

PAGE = "grow/index.html"
INVALID_PAGE = "# Invalid\n\n{{ grow.nothing }}\n"
ROOT_USER = hasattr(os, "geteuid") and os.geteuid() == 0
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="mounts and capabilities are Linux’s")


def snapshot(folder):
    """Return content, mode, inode, time and owner of everything in a folder, hidden files included."""
    entries = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        status = path.lstat()
        content = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None
        entries[str(path.relative_to(folder))] = (
            content,
            status.st_mode,
            status.st_ino,
            status.st_mtime_ns,
            status.st_uid,
        )
    return entries


def is_complete(folder):
    """Return whether a folder has the main files of the site."""
    names = (PAGE, "evidence/grow/figure_growth.svg", "evidence/index.html", "search/search_index.json")
    return [name for name in names if not (folder / name).is_file()] == []


def find_leftovers(site):
    """Return the names of files that a build left beside the site’s folder."""
    names = {"docs", "theme", "snippets", "mkdocs.yml", ".evidence", "site", ".git", "hook.py", "out"}
    return {path.name for path in site.root.iterdir()} - names


# Hidden files stay.


def test_hidden_files_stay(site):
    site.write({"site/.htaccess": "deny", "site/.well-known/security.txt": "mail", "site/.cache/deep/.er/x": "x"})
    (site.root / "site/.empty").mkdir()
    before = {name: value for name, value in snapshot(site.root / "site").items() if name.startswith(".")}
    before.pop(".")
    site.check_build()
    after = snapshot(site.root / "site")
    assert {name: after.get(name) for name in before} == before and is_complete(site.root / "site")


@pytest.mark.parametrize("place", ["site", "../out", "out/html"])
def test_repository_in_the_folder_stays(site, place):
    site.configure(site_dir=place)
    folder = site.root / place
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q")
    (folder / "old.html").write_text("old")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "unpushed")
    git(folder, "stash", "list")
    (folder / ".git/hooks/post-commit").write_text("#!/bin/sh\n")
    site.check_build()
    assert git(folder, "log", "--format=%s").strip() == "unpushed"
    assert (folder / ".git/hooks/post-commit").is_file() and is_complete(folder)
    assert not (folder / "old.html").exists() and " D old.html" in git(folder, "status", "--porcelain")


def test_worktree_in_the_folder_stays(site):
    (site.root / ".gitignore").write_text(".evidence/\n")
    git(site.root, "init", "-q")
    git(site.root, "add", "-A")
    git(site.root, "commit", "-q", "-m", "source")
    shutil.rmtree(site.root / "site")
    git(site.root, "branch", "gh-pages")
    git(site.root, "worktree", "add", "-q", "site", "gh-pages")
    site.check_build()
    assert "prunable" not in git(site.root, "worktree", "list", "--porcelain")
    assert git(site.root / "site", "branch", "--show-current").strip() == "gh-pages"
    git(site.root / "site", "add", "-A")
    git(site.root / "site", "commit", "-q", "-m", "site")
    assert PAGE in git(site.root, "ls-tree", "-r", "--name-only", "gh-pages")


def test_submodule_in_the_folder_stays(site, tmp_path):
    """The `.git` of a submodule is a file that names another folder."""
    pages = tmp_path / "pages"
    pages.mkdir()
    git(pages, "init", "-q")
    git(pages, "commit", "-q", "--allow-empty", "-m", "first")
    shutil.rmtree(site.root / "site")
    git(site.root, "init", "-q")
    git(site.root, "submodule", "add", "-q", str(pages), "site")
    site.check_build()
    assert git(site.root / "site", "log", "--format=%s").strip() == "first"
    assert (site.root / "site/.git").is_file() and is_complete(site.root / "site")


# A build removes what MkDocs would remove, and nothing else.


def test_other_files_in_the_folder_stay_as_with_mkdocs_alone(site, tmp_path):
    """Compare the files, folders and links that remain with those of a build without our plugin."""
    contents = []
    for folder, plugins in ((site, CONFIG["plugins"]), (copy_site(site, tmp_path / "alone"), ["search"])):
        folder.configure(plugins=plugins, strict=False)
        outside = folder.root.with_name(f"{folder.root.name} outside")
        outside.mkdir()
        (outside / "precious.txt").write_text("precious")
        shutil.rmtree(folder.root / "site")
        folder.write({f"site/{name}": name for name in ("CNAME", "old/a.html", "old/.hidden", ".nojekyll", "x.html")})
        folder.write({"site/sub/.git/config": "nested", "site/sub/a.txt": "a"})
        (folder.root / "site/link").symlink_to(outside)
        (folder.root / "site/file link").symlink_to(outside / "precious.txt")
        (folder.root / "site/dangling").symlink_to(outside / "nothing")
        if plugins == ["search"]:
            (folder.root / "docs/grow.md").write_text("# Grow\n")
        assert folder.run("mkdocs", "build").returncode == 0
        assert (outside / "precious.txt").read_text() == "precious"
        contents.append({path.relative_to(folder.root).as_posix() for path in (folder.root / "site").rglob("*")})
    ours, alone = ({name for name in paths if "evidence" not in name} for paths in contents)
    extra = {
        "site/old",
        "site/old/.hidden",
        "site/sub",
        "site/sub/.git",
        "site/sub/.git/config",
    }  # only our build keeps them
    assert ours - {"site/grow/index.md"} - extra == alone


def test_other_files_behind_a_linked_folder_stay(site, tmp_path):
    target = tmp_path / "shared"
    target.mkdir()
    (target / "precious.txt").write_text("precious")
    shutil.rmtree(site.root / "site")
    (site.root / "site").mkdir()
    (site.root / "site/search").symlink_to(target)
    site.check_build()
    assert (target / "precious.txt").read_text() == "precious"
    assert is_complete(site.root / "site")


def test_link_to_an_unchanged_file_stays(site, tmp_path):
    site.check_build()
    targets = {}
    for name in (PAGE, "grow/index.md", "evidence/grow/figure_growth.svg"):
        file = site.root / "site" / name
        targets[file] = tmp_path / name.replace("/", "-")
        shutil.move(file, targets[file])
        file.symlink_to(os.path.relpath(targets[file], file.parent))
    before = {file: (os.readlink(file), target.read_bytes(), target.stat().st_ino) for file, target in targets.items()}
    site.check_build()
    assert {
        file: (os.readlink(file), target.read_bytes(), target.stat().st_ino) for file, target in targets.items()
    } == before


def test_dirty_build_removes_nothing(site):
    site.write({"site/other.html": "another"})
    assert site.run("mkdocs", "build", "--dirty").returncode == 0
    assert (site.root / "site/other.html").read_text() == "another" and is_complete(site.root / "site")


def test_file_or_folder_of_the_wrong_kind_is_replaced(site):
    shutil.rmtree(site.root / "site")
    site.write({"site/grow": "a file", "site/evidence/grow/figure_growth.svg/x": "a folder", "site/old/index.html": ""})
    site.check_build()
    assert is_complete(site.root / "site") and not (site.root / "site/old").exists()


# Attributes of the folder stay.


def test_mode_owner_and_inode_stay(site):
    folder = site.root / "site"
    folder.chmod(0o2775)
    if ROOT_USER:
        os.chown(folder, 1234, 1234)
    os.utime(folder, (0, 0))
    before = folder.stat()
    site.check_build()
    after = folder.stat()
    assert (after.st_mode, after.st_ino, after.st_uid, after.st_gid) == (
        before.st_mode,
        before.st_ino,
        before.st_uid,
        before.st_gid,
    )
    assert is_complete(folder)


@pytest.mark.skipif(not ROOT_USER, reason="only root gives folders to any group")
def test_new_files_inherit_the_group_of_the_folder(site):
    """The folder has the set-group-ID bit, as the folders of web servers may."""
    folder = site.root / "site"
    shutil.rmtree(folder)
    folder.mkdir()
    os.chown(folder, 0, 1234)
    folder.chmod(0o2750)
    site.check_build()
    assert {path.stat().st_gid for path in folder.rglob("*")} == {1234}


@pytest.mark.parametrize("place", ["snippets", "code"])
def test_folder_that_has_snippets_is_refused(site, place):
    folder = site.root / place / "python"
    (site.root / "snippets").rename(site.root / "aside")
    folder.parent.mkdir(exist_ok=True)
    (site.root / "aside").rename(folder)
    site.configure(site_dir=place, plugins=[{"evidence": {"snippets": f"{place}/python"}}])
    before = snapshot(folder)
    assert "site_dir" in site.check_refusal() and snapshot(folder) == before


SOURCES = {  # the folder of the site, and the folder that a build would overwrite
    "pages": ("docs", "docs"),
    "pages by a link": ("site", "docs"),
    "below the pages by a link": ("site", "docs/deep"),
    "snippets by a link": ("site", "snippets"),
    "results": (".evidence", ".evidence"),
    "the site in the making": (".evidence/site", ".evidence"),
    "all by a link": ("site", "."),
    "the theme": ("theme", "theme"),
}


@pytest.mark.parametrize("name", SOURCES)
def test_folder_that_has_sources_or_results_is_refused(site, name):
    place, target = SOURCES[name]
    if "link" in name:
        shutil.rmtree(site.root / "site")
        (site.root / target).mkdir(exist_ok=True)
        (site.root / "site").symlink_to(target)
    before = site.files("docs") | site.files("snippets") | site.files("theme") | site.files(".evidence/cache")
    output = site.configure(site_dir=place).check_refusal()
    assert "site_dir" in output
    after = site.files("docs") | site.files("snippets") | site.files("theme") | site.files(".evidence/cache")
    assert after == before


def test_file_as_folder_of_the_site_is_refused(site):
    site.write({"notes": "precious"}).configure(site_dir="notes")
    assert "notes is a file: name a folder" in site.check_refusal()
    assert (site.root / "notes").read_text() == "precious"


def test_results_among_pages_or_in_the_site_are_refused(site):
    for place in ("docs/results", "site/results"):
        assert "EVIDENCE_CACHE" in site.check_refusal(EVIDENCE_CACHE=str(site.root / place))


@pytest.mark.parametrize("place", ["site", "site/search", "site/evidence"])
def test_link_to_a_missing_folder_is_followed(site, tmp_path, place):
    shutil.rmtree(site.root / "site")
    (site.root / place).parent.mkdir(exist_ok=True)
    (site.root / place).symlink_to(tmp_path / "later")
    site.check_build()
    assert is_complete(site.root / "site") and (site.root / place).is_symlink() and any((tmp_path / "later").iterdir())


def test_extended_attributes_of_the_folder_stay(site):
    folder = site.root / "site"
    try:
        os.setxattr(folder, "user.world", b"value")
    except (AttributeError, OSError):
        pytest.skip("no extended attributes here")
    site.check_build()
    assert os.getxattr(folder, "user.world") == b"value"


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_all_users_can_read_the_site(site, mask):
    """The permissions do not depend on the mask with which the results were computed."""
    for folder in (".evidence", "site"):
        shutil.rmtree(site.root / folder)
    for number, command in ((mask, ("evidence", "build")), (0o022, ("mkdocs", "build"))):
        result = site.run(*command, before=("sh", "-c", f'umask {number:03o}; exec "$@"', "sh"))
        assert result.returncode == 0, result.stdout
    for path in [site.root / "site", *(site.root / "site").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o755 if path.is_dir() else 0o644), path


@pytest.mark.parametrize("target", ["../elsewhere", "absolute", "two links"])
def test_linked_folder_is_filled_and_the_link_stays(site, tmp_path, target):
    shutil.rmtree(site.root / "site")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ".htaccess").write_text("deny")
    link = site.root / "site"
    if target == "two links":
        (tmp_path / "middle").symlink_to(elsewhere)
        link.symlink_to(tmp_path / "middle")
    else:
        link.symlink_to(elsewhere if target == "absolute" else target)
    site.check_build()
    assert link.is_symlink() and not elsewhere.is_symlink()
    assert is_complete(elsewhere) and (elsewhere / ".htaccess").read_text() == "deny"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_folder_below_a_link_is_filled(site, tmp_path):
    (tmp_path / "www").mkdir()
    (site.root / "out").symlink_to(tmp_path / "www")
    site.configure(site_dir="out/html").check_build()
    assert is_complete(tmp_path / "www/html") and (site.root / "out").is_symlink()


def test_missing_folders_are_created(site):
    site.configure(site_dir="a/b/c").check_build()
    assert is_complete(site.root / "a/b/c")


def test_absolute_folder_of_the_command_line_is_filled(site, tmp_path):
    site.check_build("--site-dir", str(tmp_path / "var/www html"))
    assert is_complete(tmp_path / "var/www html")


def mount_namespace(script):
    """Return a command that runs `script` and another command where it may mount; skip if the system forbids it."""
    before = ("unshare", "--mount", *(() if ROOT_USER else ("--user", "--map-root-user")))
    try:
        result = subprocess.run([*before, "true"], capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("unshare is not installed")
    if result.returncode:
        pytest.skip("mount namespaces are not allowed here")
    return (*before, "sh", "-e", "-c", f'{script}\n"$@"; code=$?; cp -a site/. ../copy; exit $code', "sh")


@LINUX
def test_mounted_file_system_is_filled(site, tmp_path):
    (tmp_path / "copy").mkdir()
    site.check_build(before=mount_namespace("mount -t tmpfs tmpfs site; echo deny > site/.htaccess"))
    assert is_complete(tmp_path / "copy") and (tmp_path / "copy/.htaccess").is_file()


@LINUX
def test_bind_mount_is_filled(site, tmp_path):
    """Volumes of containers are such mounts."""
    for name in ("volume", "copy"):
        (tmp_path / name).mkdir()
    site.check_build(before=mount_namespace("mount --bind ../volume site"))
    assert is_complete(tmp_path / "volume")


@LINUX
def test_mount_inside_of_the_folder_is_filled(site, tmp_path):
    (tmp_path / "copy").mkdir()
    (site.root / "site/evidence").mkdir(exist_ok=True)
    site.check_build(before=mount_namespace("mount -t tmpfs tmpfs site/evidence"))
    assert is_complete(tmp_path / "copy")


@pytest.fixture
def user_prefix():
    """The beginning of a command that runs another one without root’s right to ignore permissions."""
    if not ROOT_USER:
        return ()
    without = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-all")
    if not shutil.which("setpriv") or subprocess.run([*without, "true"], check=False).returncode:
        pytest.skip("root cannot give its rights away here")
    return without


def test_folder_below_a_read_only_parent_is_filled(site, tmp_path, user_prefix):
    """An example is /var/www, of which only html may be written."""
    parent = tmp_path / "www"
    (parent / "html").mkdir(parents=True)
    parent.chmod(0o555)
    try:
        site.check_build("--site-dir", str(parent / "html"), before=user_prefix)
    finally:
        parent.chmod(0o755)
    assert is_complete(parent / "html")


def test_read_only_folder_is_reported_and_stays(site, user_prefix):
    folder = site.root / "site"
    before = snapshot(folder)
    site.write({"docs/new.md": "# New\n"})
    folder.chmod(0o555)
    try:
        output = site.check_refusal(before=user_prefix)
    finally:
        folder.chmod(0o755)
    assert "site" in output and "denied" in output.lower()
    folder.chmod(stat.S_IMODE(before["."][1]))
    assert {name: value[0] for name, value in snapshot(folder).items()} == {
        name: value[0] for name, value in before.items()
    }


# A build that fails changes nothing.


def add_hook(site, text):
    """Add a hook to a site."""
    return site.write({"hook.py": text}).configure(hooks=["hook.py"])


FAILING_HOOK = "def on_{event}(*arguments, **more):\n    raise SystemExit('the hook ends it')\n"
FAILURES = {
    "a value": lambda site: site.write({"docs/invalid.md": INVALID_PAGE}),
    "a link": lambda site: site.write({"docs/invalid.md": "# A\n\n[x](nothing.md)\n"}),
    "a block": lambda site: site.write({"docs/invalid.md": "# A\n\n/// figure | grow.nothing\n///\n"}),
    "a snippet": lambda site: site.write({"snippets/fails.py": snippet("raise ValueError('no')")}),
    "a template": lambda site: site.write({"theme/main.html": "{{ page.content }}{% if %}"}),
    "a value of a template": lambda site: site.write({"theme/main.html": "{{ nothing.at.all }}"}),
    "a hook for pages": lambda site: add_hook(site, FAILING_HOOK.format(event="post_page")),
    "a hook for the environment": lambda site: add_hook(site, FAILING_HOOK.format(event="env")),
    "the configuration": lambda site: site.write({"mkdocs.yml": "site_name: [\n"}),
}


@pytest.mark.parametrize("name", FAILURES)
def test_failing_build_changes_nothing(site, name):
    site.write({"site/.htaccess": "deny", "site/old.html": "old"})
    before = snapshot(site.root / "site")
    FAILURES[name](site)
    assert site.attempt("mkdocs", "build", "--strict").returncode != 0
    assert snapshot(site.root / "site") == before
    assert find_leftovers(site) == set()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_killed_build_changes_nothing(site, number):
    site.write({"site/.htaccess": "deny", "snippets/slow.py": snippet("import time\ntime.sleep(20)\nvalue = 1")})
    site.write({"docs/slow.md": "# Slow\n\n{{ slow.value }}\n"})
    before = snapshot(site.root / "site")
    command = [sys.executable, "-m", "mkdocs", "build"]
    process = subprocess.Popen(
        command, cwd=site.root, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        for line in process.stdout:
            if "slow" in line or "Building documentation" in line:
                break
        time.sleep(0.2)
        process.send_signal(number)
        process.communicate(timeout=30)
    finally:
        process.kill()
    assert snapshot(site.root / "site") == before
    if number != signal.SIGKILL:  # nothing can be cleaned up after SIGKILL
        return
    (site.root / "snippets/slow.py").unlink()
    (site.root / "docs/slow.md").unlink()
    site.check_build()
    assert find_leftovers(site) == set() and (site.root / "site/.htaccess").is_file()


def test_a_build_leaves_nothing_beside_the_folder(site):
    for _ in range(2):
        site.check_build()
    assert find_leftovers(site) == set()


# Files that readers see during a build.


def test_reader_always_sees_a_whole_file(site):
    """Each read returns all of the old file or all of the new one."""
    big = "docs/big.bin"
    site.write({big: b"a" * 20_000_000})
    site.check_build()
    names = [PAGE, "evidence/grow/figure_growth.svg", "big.bin", "evidence/index.html"]
    contents_by_name, errors, end = {name: set() for name in names}, [], threading.Event()

    def poll():
        while not end.is_set():
            for name in names:
                try:
                    data = (site.root / "site" / name).read_bytes()
                except OSError as error:
                    errors.append((name, repr(error)))
                else:
                    contents_by_name[name].add(data if len(data) < 10**6 else (len(data), data[:1], data[-1:]))

    reader = threading.Thread(target=poll)
    reader.start()
    try:
        site.write({big: b"b" * 20_000_000, "docs/grow.md": (site.root / "docs/grow.md").read_text() + "\nMore.\n"})
        site.check_build()
    finally:
        time.sleep(0.05)
        end.set()
        reader.join()
    assert errors == []
    assert {name: len(contents) for name, contents in contents_by_name.items()} == dict(
        zip(names, (2, 1, 2, 1), strict=True)
    )


def test_two_builds_at_once_succeed(site):
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    site.write({"site/.htaccess": "deny"})
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    both = [subprocess.Popen(command, cwd=site.root, env=clean_environment(), **streams) for _ in range(2)]
    outputs = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert (
        is_complete(site.root / "site") and (site.root / "site/.htaccess").is_file() and find_leftovers(site) == set()
    )


# Hooks and plugins see the folder under its own name.

USE_FOLDER = """
import os
from pathlib import Path
from mkdocs.plugins import event_priority

folders = []

def on_config(config):
    folders.append(config.site_dir)

on_config = event_priority(PRIORITY)(on_config)

def on_post_build(config):
    site = Path(config.site_dir)
    (site / "namePRIORITY.txt").write_text(str(site))
    Path(folders[0], "earlierPRIORITY.txt").write_text("here")
    (site / "deep").mkdir(exist_ok=True)
    (site / "deep/erPRIORITY.txt").write_text("deep")
    if not (site / "grow/index.html").is_file():
        raise SystemExit("the site is not in its folder")
    text = (site / "grow/index.html").read_text()
    (site / "grow/index.html").write_text(text + "<!-- changed PRIORITY -->")

on_post_build = event_priority(PRIORITY)(on_post_build)
"""


@pytest.mark.parametrize("place", ["site", "../out"])
def test_hooks_before_and_after_ours_may_write_after_the_build(site, place):
    """Build twice with hooks of three priorities."""
    folder, priorities = (site.root / place).resolve(), (500, 0, -500)
    for priority in priorities:
        site.write({f"hook{priority}.py": USE_FOLDER.replace("PRIORITY", str(priority))})
    site.configure(hooks=[f"hook{priority}.py" for priority in priorities], site_dir=place)
    for _ in range(2):
        site.check_build()
        assert is_complete(folder)
        for priority in priorities:
            for name in ("name", "earlier", "deep/er"):
                assert (folder / f"{name}{priority}.txt").is_file(), (name, priority)
            assert (folder / f"name{priority}.txt").read_text() == str(folder), priority
            assert f"<!-- changed {priority} -->" in (folder / "grow/index.html").read_text()


WRITE_FILE = """
from pathlib import Path

def on_EVENT(value=None, *more, config=None, **others):
    config = config if config is not None else value
    path = Path(config.site_dir, "early/EVENT.txt")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("EVENT")
    return None
"""


def test_hooks_may_write_during_the_build(site):
    """Plugins that make images or cards do so."""
    events = ("files", "page_content", "env", "post_page")
    site.write({f"{event}.py": WRITE_FILE.replace("EVENT", event) for event in events})
    site.configure(hooks=[f"{event}.py" for event in events]).check_build()
    assert {path.stem for path in (site.root / "site/early").glob("*")} == set(events)


def test_hook_may_write_on_shutdown(site):
    text = "from pathlib import Path\nconfigs = []\n\n\ndef on_config(config):\n    configs.append(config)\n\n\n"
    text += "def on_shutdown():\n    Path(configs[0].site_dir, 'last.txt').write_text(configs[0].site_dir)\n"
    add_hook(site, text).check_build()
    assert (site.root / "site/last.txt").read_text() == str(site.root / "site")


def test_python_program_can_build(site):
    """Call `mkdocs.commands.build` as other tools do."""
    program = (
        "from mkdocs.config import load_config\nfrom mkdocs.commands.build import build\n"
        "config = load_config('mkdocs.yml', strict=True)\nconfig.plugins.on_startup(command='build', dirty=False)\n"
        "build(config)\nprint('in', config.site_dir)\n"
    )

    def run(program):
        how = {"cwd": site.root, "env": clean_environment(), "capture_output": True, "text": True, "check": False}
        return subprocess.run([sys.executable, "-c", program], **how)

    result = run(program)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == f"in {site.root / 'site'}" and is_complete(site.root / "site")
    result = run("import logging\nlogging.basicConfig()\n" + program.replace("config.plugins.on_startup", "dict"))
    assert "a program that builds must call config.plugins.on_startup" in result.stderr, result.stderr
    assert "AttributeError" not in result.stderr, result.stderr


# The usual ways to deploy.


@pytest.fixture
def repositories(site, tmp_path):
    """The site in a repository, with a bare one to push to."""
    bare = tmp_path / "bare.git"
    bare.mkdir()
    git(bare, "init", "-q", "--bare")
    (site.root / ".gitignore").write_text(".evidence/\nsite/\n")
    git(site.root, "init", "-q")
    git(site.root, "config", "user.name", "A")
    git(site.root, "config", "user.email", "a@example.org")
    git(site.root, "add", "-A")
    git(site.root, "commit", "-q", "-m", "source")
    git(site.root, "remote", "add", "origin", str(bare))
    git(site.root, "push", "-q", "origin", "main")
    return site, bare


def list_branch(bare):
    """List the files of the branch gh-pages."""
    return set(git(bare, "ls-tree", "-r", "--name-only", "gh-pages").split("\n")) - {""}


@pytest.mark.parametrize("place", ["site", "../out"])
def test_gh_deploy_pushes_the_site(repositories, place):
    site, bare = repositories
    site.configure(site_dir=place)
    result = site.run("mkdocs", "gh-deploy", "--strict")
    assert result.returncode == 0, result.stdout
    assert {PAGE, "evidence/grow/figure_growth.svg", ".nojekyll", "search/search_index.json"} <= list_branch(bare)
    assert is_complete(site.root / place)
    if place != "site":
        return
    site.write({"docs/more.md": "# More\n"})
    result = site.run("mkdocs", "gh-deploy", "--strict", "--force")
    assert result.returncode == 0 and "more/index.html" in list_branch(bare), result.stdout


def test_gh_deploy_of_a_failing_site_pushes_nothing(repositories):
    site, bare = repositories
    assert site.run("mkdocs", "gh-deploy", "--strict").returncode == 0
    before = git(bare, "rev-parse", "gh-pages")
    site.write({"docs/invalid.md": INVALID_PAGE})
    assert site.run("mkdocs", "gh-deploy", "--strict").returncode == 1
    assert git(bare, "rev-parse", "gh-pages") == before


def test_gh_deploy_works_with_a_worktree_as_folder(repositories):
    site, bare = repositories
    shutil.rmtree(site.root / "site")
    git(site.root, "worktree", "add", "-q", "-b", "pages", "site")
    assert site.run("mkdocs", "gh-deploy", "--strict").returncode == 0
    assert PAGE in list_branch(bare) and (site.root / "site/.git").is_file()


@pytest.mark.parametrize("place", ["before", "after", "not named"])
def test_mike_deploys_a_version(repositories, place):
    pytest.importorskip("mike")
    site, bare = repositories
    site.configure(plugins={"before": ["mike", OURS], "after": [OURS, "mike"], "not named": [OURS]}[place])
    result = site.run("mike", "deploy", "--push", "2.0", "latest")
    assert result.returncode == 0, result.stdout
    files = list_branch(bare)
    assert {f"2.0/{PAGE}", "2.0/evidence/grow/figure_growth.svg", "versions.json"} <= files


def test_mike_keeps_and_replaces_whole_versions(repositories):
    """Deploy versions without our plugin, with it, and with a failing build."""
    pytest.importorskip("mike")
    site, bare = repositories
    page = (site.root / "docs/grow.md").read_text()
    site.write({"docs/grow.md": "# Grow\n"}).configure(plugins=["search", "mike"])
    assert site.run("mike", "deploy", "--push", "1.0").returncode == 0
    before = {name for name in list_branch(bare) if name.startswith("1.0/")}
    site.write({"docs/grow.md": page}).configure(plugins=["search", "mike", OURS])
    assert site.run("mike", "deploy", "--push", "2.0").returncode == 0
    assert before <= list_branch(bare)
    assert site.run("mike", "deploy", "--push", "1.0").returncode == 0
    assert before <= list_branch(bare) and "1.0/evidence/index.html" in list_branch(bare)
    site.write({"docs/invalid.md": INVALID_PAGE})
    assert site.attempt("mike", "deploy", "--push", "1.0").returncode != 0
    assert before <= list_branch(bare)


def test_server_does_not_change_the_folder(site):
    before = snapshot(site.root / "site")
    command = [sys.executable, "-m", "mkdocs", "serve", "--no-livereload", "--dev-addr", "127.0.0.1:0"]
    process = subprocess.Popen(
        command, cwd=site.root, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        for line in process.stdout:
            if "Serving on" in line:
                break
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    finally:
        process.kill()
    assert snapshot(site.root / "site") == before
