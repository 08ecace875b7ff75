"""Project: where snippets, pages and results live, and the key that says whether a result is still true."""

import hashlib
import json
import os
import platform
import re
import shutil
import sys
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from evidence.problems import Problem

IMPORT = re.compile(rb"^[ \t]*(?:from[ \t]+([\w.]+)|import[ \t]+([^#;\n]+))", re.M)
OFFER = re.compile(rb"^def (?:compute|(?:figure|claim|equation|explore)_\w+)\(", re.M)
RUNS = ("contract.py", "drawing.py", "reader.py", "values.py")  # the modules of ours that results depend on


@dataclass
class Project:
    """One site: its folders, and the limits of a snippet's run (seconds, megabytes)."""

    root: Path
    snippets: str = "snippets"
    docs: str = "docs"
    store: str = ".evidence"
    seconds: int = 60
    megabytes: int = 2048

    def __post_init__(self):
        self.root = Path(self.root).resolve()
        self.modules, self.texts, self.problems = {}, {}, []
        for path in sorted((self.root / self.snippets).rglob("*.py")):
            name = path.stem
            if name in self.modules:
                self.report(path, 1, f"a second ‘{name}’ beside {self.relative(self.modules[name])}: rename one of them")
            elif name in sys.stdlib_module_names:
                self.report(path, 1, f"‘{name}’ is also a module of Python: rename the file")
            elif not path.resolve().is_relative_to(self.root):
                self.report(path, 1, "a link that leaves the project: copy the file into it")
            else:
                self.modules[name], self.texts[name] = path, path.read_bytes()
        self.names = [name for name, text in self.texts.items() if OFFER.search(text)]

    def relative(self, path):
        return Path(path).relative_to(self.root).as_posix()

    def report(self, path, line, what):
        self.problems.append(Problem(self.relative(path), line, what))

    def imports(self, name):
        """Names of the modules, ours and others', that a module imports."""
        found = set()
        for origin, several in IMPORT.findall(self.texts[name]):
            for part in (origin or several).decode("ascii", "ignore").split(","):
                found.add(part.split()[0].split(".")[0] if part.split() else "")
        return found

    def reach(self, name):
        """A module and all modules of the project that it imports, directly or not."""
        seen, todo = set(), [name]
        while todo:
            if (module := todo.pop()) not in seen and module in self.modules:
                seen.add(module)
                todo.extend(self.imports(module))
        return sorted(seen)

    def inputs(self, name):
        """Everything that a snippet's results depend on, each under the name that `check --explain` prints."""
        reach = self.reach(name)
        others = {other for module in reach for other in self.imports(module)} - set(reach)
        return {
            **{self.relative(self.modules[module]): _digest(self.texts[module]) for module in reach},
            **{other: version for other in sorted(others) if (version := _version(other))},
            "python": platform.python_version(),
            "evidence": _machinery(),
            "seconds": self.seconds,
            "megabytes": self.megabytes,
        }

    def key(self, name):
        return _digest(json.dumps(self.inputs(name), sort_keys=True).encode())

    def folder(self, name, key=None):
        return self.root / self.store / name / (key or self.key(name))

    def load(self, name):
        """The stored results under the present key, or None."""
        return _read(self.folder(name))

    def latest(self, name):
        """The results that held last, under whatever key, or None."""
        try:
            return _read(self.folder(name, (self.root / self.store / name / "latest").read_text()))
        except OSError:
            return None

    def publish(self, name, key, made):
        """Move a finished folder of results into its place, whole."""
        home, target = self.root / self.store / name, self.folder(name, key)
        if _read(target) is None:
            shutil.rmtree(target, ignore_errors=True)
            os.replace(made, target)
        pointer = home / f"latest.{os.getpid()}"
        pointer.write_text(key)
        os.replace(pointer, home / "latest")
        for old in sorted((p for p in home.iterdir() if p.is_dir() and p != target), key=os.path.getmtime)[:-3]:
            shutil.rmtree(old, ignore_errors=True)  # three older states stay, for those who switch branches

    def explain(self, name):
        """Which parts of the key differ from those of the results that held last."""
        then, now = (self.latest(name) or {}).get("inputs"), self.inputs(name)
        if then is None:
            return ["never run"]
        return [f"{part} changed" for part in sorted(then | now) if then.get(part) != now.get(part)]


def _digest(data):
    return hashlib.sha256(data).hexdigest()[:20]


@cache
def _machinery():
    return _digest(b"".join(Path(__file__).with_name(module).read_bytes() for module in RUNS))


@cache
def _version(module):
    if module in sys.stdlib_module_names or not module:
        return None
    try:
        return metadata.version(module)
    except metadata.PackageNotFoundError:  # scikit-learn is imported as sklearn
        return ", ".join(metadata.version(name) for name in metadata.packages_distributions().get(module, ()))


def _read(folder):
    try:
        return {**json.loads((folder / "result.json").read_text("utf-8")), "folder": folder}
    except (OSError, ValueError):
        return None
