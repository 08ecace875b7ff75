"""Project: where snippets, pages and results live, and the key that says whether a result is still true."""

import errno
import hashlib
import json
import os
import platform
import re
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import metadata, util
from pathlib import Path

from evidence import manifest
from evidence.problems import Problem

IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import\b|import[ \t]+([^#;\n]+))", re.M)
KEY = re.compile("[0-9a-f]{20}")
OFFER = re.compile(r"^def (?:compute|(?:figure|claim|equation|explore)_\w+)\(", re.M)
# The modules of ours that results depend on.
RUNS = ("arithmetic.py", "bundle.py", "contract.py", "drawing.py", "equation.py", "live.py", "values.py")


@dataclass
class Project:
    """One site: its folders, and the limits of a snippet's run in seconds and megabytes.

    With `pictures` each figure is saved as PNG, too, which takes nearly as long as drawing it. `templates` is the
    folder of what `new` writes, page.md and snippet.py; without one it writes ours.
    """

    root: Path
    snippets: str = "snippets"
    docs: str = "docs"
    seconds: int = 60
    megabytes: int = 2048
    pictures: bool = False
    templates: str = ""

    def __post_init__(self):
        self.root = Path(self.root).resolve()
        self.modules, self.texts, self.states, self.problems, self.held = {}, {}, {}, [], set()
        for question in (self.origins, self.imports, self.reach, self.source, self.inputs, self.key):
            setattr(self, question.__name__, cache(question))  # sources are read once, and asked about often
        scripts = sorted((self.root / self.snippets).rglob("*.py"))
        scripts = [path for path in scripts if "/." not in self.relative(path)]
        labs = sorted((self.root / self.docs / "labs").glob("[!.]*.py"))
        for path in [*scripts, *labs]:
            name = f"lib.{path.stem}" if path.parent.name == "lib" else path.stem
            if what := self.astray(path):
                self.report(path, 1, what)
            elif not path.stem.isidentifier() or name == "index":
                self.report(path, 1, f"‘{name}’ is no name for a snippet: write letters, digits and _, and not ‘index’")
            elif name in self.modules:
                self.report(path, 1, f"a second ‘{name}’, beside {self.relative(self.modules[name])}: rename one")
            elif name in sys.stdlib_module_names:
                self.report(path, 1, f"‘{name}’ is also a module of Python: rename the file")
            else:
                try:
                    self.states[name], self.texts[name], self.modules[name] = state(path), _read(path), path
                except OSError as error:
                    self.report(path, 1, f"this cannot be read: {error.strerror}")
        self.labs = [path.stem for path in labs if self.modules.get(path.stem) == path]
        self.names = [name for name, text in self.texts.items() if OFFER.search(text) and name not in self.labs]

    def relative(self, path):
        return path.as_posix().removeprefix(f"{self.root.as_posix()}/")

    def problem(self, name, what):
        """A problem of a snippet or lab as a whole."""
        return Problem(self.relative(self.modules[name]), 1, what)

    def report(self, path, line, what):
        self.problems.append(Problem(self.relative(path), line, what))

    def astray(self, path):
        """Why a path under the root must not be read, or None."""
        target = Path(os.path.realpath(path))
        if not target.is_relative_to(self.root):
            return "this link leads out of the project: put the file itself here"
        if path.is_symlink() and not target.is_file():
            return "this link leads to no file: put the file itself here"
        return None if path.is_file() else "this is no file: move it elsewhere"

    def strays(self):
        """Problems: what lies in the folder of the pages and must not be read, or cannot be addressed."""
        for folder, folders, files in os.walk(self.root / self.docs):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in sorted([*folders, *files]):
                path = Path(folder, name)
                if name.startswith(".") or (path.is_dir() and not path.is_symlink()):
                    continue
                if what := self.astray(path):
                    yield Problem(self.relative(path), 1, what)
                elif re.search(r"[^\w .,()+@~-]", name):
                    what = "this name cannot stand in an address: write letters, digits, - and _"
                    yield Problem(ascii(self.relative(path))[1:-1], 1, what)

    def origins(self, name):
        """Dotted names of the modules, the project's and others', that a module imports."""
        parts = (
            part for origin, several in IMPORT.findall(self.texts[name]) for part in (origin or several).split(",")
        )
        origins = {part.split()[0].lstrip(".") for part in parts if part.strip()}
        return {origin for origin in origins if origin.split(".")[0].isidentifier()}  # not those of a sentence

    def source(self, name):
        """The path of a module in the project, and the digest of its text."""
        return self.relative(self.modules[name]), _digest(self.texts[name].encode())

    def imports(self, name):
        """The same without what stands behind the first dot."""
        origins = self.origins(name)
        return {origin if origin in self.modules else origin.split(".")[0] for origin in origins}

    def reach(self, name):
        """A module and all modules of the project that it imports, directly or not."""
        seen, todo = set(), [name]
        while todo:
            if (module := todo.pop()) not in seen and module in self.modules:
                seen.add(module)
                todo.extend(self.imports(module))
        return sorted(seen)

    def libraries(self, name):
        """What a module and those that it imports need installed: distribution to version."""
        names = {other for module in self.reach(name) for other in self.imports(module)} - set(self.modules)
        found = sorted({library for other in names for library in _distributions(other)})
        return {library: _release(library) for library in found}

    def inputs(self, name):
        """Everything that a snippet's results depend on, under the names that `check --explain` prints."""
        reach = self.reach(name)
        others = sorted({other for module in reach for other in self.imports(module)} - set(reach))
        others += ["jupyter-core", "nbclient", "mkdocs-jupyter"] if name in self.labs else ["pygments"]
        return {
            **dict(self.source(module) for module in reach),
            **{other: version for other in others if (version := _version(other))},
            **{"python": platform.python_version(), "evidence": _machinery(("lab.py",) if name in self.labs else RUNS)},
            **{"seconds": self.seconds, "megabytes": self.megabytes, "pictures": self.pictures},
        }

    def key(self, name):
        return _digest(json.dumps(self.inputs(name), sort_keys=True).encode())

    def changed(self, name):
        """Whether a file that the key of a name covers is no longer as it was read, or was not in between."""
        paths = {module: self.modules[module] for module in self.reach(name)}
        try:
            return any(
                _read(path) != self.texts[module] or state(path) != self.states[module]
                for module, path in paths.items()
            )
        except OSError:  # it is gone
            return True

    def versions(self, *libraries):
        return {library: _version(library) for library in libraries}

    def folder(self, name, key=""):
        return Path(self.root, ".evidence", name, key)

    def load(self, name, key=None):
        """The stored results under a key, by default the present one, or None."""
        key = key or self.key(name)
        if not self.holds(name, key):
            return None
        folder = self.folder(name, key)
        seal = _digest((folder / manifest.FILE).read_bytes())
        return {**json.loads((folder / "result.json").read_text("utf-8")), "folder": folder, "seal": seal}

    def made(self, result):
        """Name and path of the files of a result that the site shows or gives away."""
        names = set(os.listdir(result["folder"])) - {"result.json", manifest.FILE}
        return [(name, f"{result['folder']}/{name}") for name in sorted(names)]

    def holds(self, name, key):
        """Whether there are results under a key, undamaged; looks at every byte of them once."""
        if (name, key) not in self.held and manifest.holds(self.folder(name, key), name, key):
            self.held.add((name, key))
        return (name, key) in self.held

    def latest(self, name):
        """The results that held last, under whatever key, or None."""
        try:
            key = (self.folder(name) / "latest").read_text("ascii")
        except (OSError, ValueError):
            return None
        return self.load(name, key) if KEY.fullmatch(key) else None

    def publish(self, name, key, made, seconds=None):
        """Move a finished folder of results into its place, whole, with its manifest; keep beside it what it took."""
        home, target = self.folder(name), self.folder(name, key)
        manifest.write(made, name, key)
        try:
            os.replace(made, target)
        except OSError:  # there are results
            if not self.holds(name, key):  # and not because another build was faster
                put(made, target)
        self.held.add((name, key))
        for file, text in (("latest", key), ("timings.json", json.dumps({"key": key, "seconds": seconds or {}}))):
            part = made.with_suffix(f".{file}")
            part.write_text(text)
            put(part, home / file)
        older = (path for path in home.glob("[!.]*") if path.is_dir() and path != target)
        with suppress(FileNotFoundError):  # another build does the same
            for path in sorted(older, key=os.path.getmtime)[:-3]:  # three stay, for those who switch branches
                remove(path)

    def timings(self, name):
        """Part of the run to the seconds that it took, for the present results; empty where nobody knows."""
        try:
            took = json.loads((self.folder(name) / "timings.json").read_text("utf-8"))
            return took["seconds"] if took["key"] == self.key(name) else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def explain(self, name):
        """Which parts of the key differ from those of the results that held last."""
        if not (held := self.latest(name)):
            return ["never run"]
        then, now = held["inputs"], self.inputs(name)
        return [f"{part} changed" for part in sorted(then | now) if then.get(part) != now.get(part)]


def put(made, target):
    """Move a file or folder into its place, also where damage, or another build, has left something there."""
    for _ in range(9):
        try:
            return os.replace(made, target)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.EISDIR, errno.ENOTDIR):
                raise
        remove(target)
    os.replace(made, target)


def remove(path):
    """Remove a file, or a folder and what is in it, as far as that can be done."""
    shutil.rmtree(path, ignore_errors=True)
    with suppress(OSError):  # it is gone
        path.unlink()


def sweep(folder, prefix):
    """Remove what builds that were killed left in a folder: `prefix` and the number of a process that is gone."""
    for path in folder.glob(f"{prefix}*"):
        if number := re.match(r"\d+", path.name.removeprefix(prefix)):
            try:
                os.kill(int(number[0]), 0)
            except ProcessLookupError:
                remove(path)
            except PermissionError:
                pass  # somebody else's, and alive


def _digest(data):
    return hashlib.sha256(data).hexdigest()[:20]


def _read(path):
    return path.read_text("utf-8", errors="replace")


def state(path):
    """What is another after a file was written, also where its text is the same again."""
    found = path.stat()
    return found.st_ino, found.st_ctime_ns


@cache
def _machinery(modules):
    return _digest(b"".join(Path(__file__).with_name(module).read_bytes() for module in modules))


@cache
def _version(module):
    return ", ".join(map(_release, _distributions(module)))


_release = cache(metadata.version)


@cache
def _distributions(module):
    """What has to be installed for a module that is not Python's own."""
    if module in sys.stdlib_module_names:
        return ()
    try:
        return (metadata.distribution(module).name,)
    except metadata.PackageNotFoundError:  # scikit-learn is imported as sklearn
        if module == "__main__" or not util.find_spec(module):
            return ()
        files = (f"{module}/__init__.py,", f"{module}.py,")  # as a wheel's record lists them
        records = ((each, f"\n{each.read_text('RECORD') or ''}") for each in metadata.distributions())
        return tuple(each.name for each, record in records if any(f"\n{file}" in record for file in files))
