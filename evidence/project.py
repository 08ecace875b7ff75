"""Project: the folders of snippets and pages, and which script imports which."""

import ast
import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from os.path import dirname, join, normpath, realpath, relpath
from pathlib import Path
from typing import Any

from evidence.diagnostics import Diagnostic, describe_invisible

IMPORT = re.compile(
    r"(?:^|[;:])[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|(?:[^#;\n\\]|\\\n)+)"
    r"|import[ \t]+((?:[^#;\n\\]|\\\n)+))",
    re.M,
)
OFFER = re.compile(  # or not UTF-8, which its run will report
    r"^def (?:compute|(?:figure|claim|equation|explore)_\w+)\(|\ufffd", re.M
)


@dataclass(frozen=True)
class Script:
    """A Python file of the project, as it was when the build read it."""

    name: str
    "The name under which other scripts import it: `growth`, `lib.plots`."
    file: str
    "Its path, relative to the project's root."
    text: str
    kind: str
    "`snippet`, `lab`, or `module` for a script that offers nothing to pages."

    @cached_property
    def imports(self) -> frozenset[str]:
        """The dotted names that it imports, see `list_imports`."""
        return list_imports(self.text)

    @cached_property
    def data(self) -> tuple[str, ...]:
        """The files named by `DATA = ["points.csv"]`, as paths relative to the root.

        Raises ValueError, with the cure, if DATA is not a list of strings.
        """
        folder = dirname(self.file)
        try:
            values = [ast.literal_eval(node.value) for node in self.data_nodes]
            (value,) = values or [[]]
            names = [value] if isinstance(value, str) else value[:]
            return tuple(normpath(join(folder, name)) for name in names)
        except Exception:  # whatever stands there
            raise ValueError(
                "DATA is no list of names: write the paths once, as strings, as they are"
            ) from None

    @cached_property
    def data_nodes(self) -> list[Any]:
        """The statements of the script that assign to `DATA`."""
        with suppress(SyntaxError, ValueError):
            return [
                node
                for node in ast.parse(
                    self.text if "DATA" in self.text else ""
                ).body
                if not isinstance(node, ast.FunctionDef | ast.ClassDef)
                and any(
                    isinstance(part, ast.Name)
                    and part.id == "DATA"
                    and not isinstance(part.ctx, ast.Load)
                    for part in ast.walk(node)
                )
            ]
        return []


@dataclass
class Project:
    """One site: its folders, and the limits of a run."""

    root: Path
    "The folder of mkdocs.yml."
    snippets: str = "snippets"
    "Folder of scripts, relative to the root."
    docs: str = "docs"
    "Folder of pages, relative to the root."
    seconds: int = 60
    "Time limit of a run."
    megabytes: int = 2048
    "Memory limit of a run, beyond what the libraries take (on Linux)."
    pictures: bool = False
    "Whether figures are saved as PNG as well."
    scripts: dict[str, Script] = field(default_factory=dict, init=False)
    diagnostics: list[Diagnostic] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.root = Path(self.root).resolve()
        labs = self.root / self.docs / "labs"
        for path in list_visible(self.root / self.snippets):
            if path.suffix == ".py":
                self._add_script(path, "snippet")
        for path in list_visible(labs):
            if path.suffix == ".py" and path.parent == labs:
                self._add_script(path, "lab")

    def _add_script(self, path: Path, kind: str) -> None:
        name = f"lib.{path.stem}" if path.parent.name == "lib" else path.stem
        if message := self._find_name_error(path, name):
            self.report(path, 1, message)
            return
        try:
            text = path.read_text("utf-8-sig", errors="replace")
        except OSError as error:
            self.report(path, 1, f"this cannot be read: {error.strerror}")
            return
        if kind == "snippet" and not OFFER.search(text):
            kind = "module"
        self.scripts[name] = Script(name, self.describe_path(path), text, kind)

    def _find_name_error(self, path: Path, name: str) -> str:
        if message := self.find_path_error(path):
            return message
        if not path.stem.isidentifier() or name == "index":
            return (
                f"‘{path.stem}’ cannot be the name of a snippet: "
                "write letters, digits and _, and not ‘index’"
            )
        if name in self.scripts:
            return f"a second ‘{name}’, beside {self.scripts[name].file}: rename one"
        if name in sys.stdlib_module_names:
            return f"‘{name}’ is also a module of Python: rename the file"
        return ""

    def names(self, kind: str) -> list[str]:
        """Return the names of the scripts of a kind, in the order of their files."""
        return [
            script.name
            for script in self.scripts.values()
            if script.kind == kind
        ]

    def describe_path(self, path: Path | str) -> str:
        """Return a path relative to the root, as messages show it."""
        return Path(relpath(path, self.root)).as_posix()

    def report(self, path: Path | str, line: int, message: str) -> None:
        """Note a problem of a file."""
        self.diagnostics.append(
            Diagnostic(self.describe_path(path), line, message)
        )

    @cached_property
    def tops(self) -> list[Path]:
        """The folders that may contain files of the project."""
        return [
            self.root,
            *(
                (self.root / part).resolve()
                for part in (self.docs, self.snippets)
            ),
        ]

    def find_path_error(self, path: Path) -> str:
        """Return why a path must not be read, or ""."""
        target = Path(realpath(path))
        if not any(target.is_relative_to(top) for top in self.tops):
            return (
                "this link leads out of the project: put the file itself here"
            )
        if not target.exists():
            return "this link leads to no file: put the file itself here"
        if target.is_dir() and path.resolve() in path.absolute().parents:
            return "this link leads to a folder that holds it: remove it"
        if not target.is_file() and not target.is_dir():
            return "this is not a regular file: move it elsewhere"
        return ""

    def check_docs(self) -> Iterator[Diagnostic]:
        """Yield a diagnostic for each file in the pages' folder that must not be read."""
        for path in list_visible(self.root / self.docs):
            message = describe_invisible(path.name)
            if message:
                message = f"its name {message}"
                if (encoding := sys.getfilesystemencoding()) != "utf-8":
                    message += f", or set PYTHONUTF8=1, since names are read as {encoding}"
            elif path.is_symlink() or not path.is_dir():
                message = self.find_path_error(path)
            if message:
                yield Diagnostic(
                    ascii(self.describe_path(path))[1:-1], 1, message
                )

    def transitive_imports(self, name: str) -> list[str]:
        """Return the sorted names of a script and of all that it imports, directly or not."""
        closure, todo = set(), [name]
        while todo:
            if (script := todo.pop()) in self.scripts and script not in closure:
                closure.add(script)
                todo.extend(self.scripts[script].imports)
        return sorted(closure)

    def library_imports(self, name: str) -> set[str]:
        """Return the dotted names of libraries that a script and its transitive imports import."""
        scripts = self.transitive_imports(name)
        names = {
            module
            for script in scripts
            for module in self.scripts[script].imports
        }
        own = {script.split(".")[0] for script in self.scripts}
        tops = own | sys.stdlib_module_names
        return {module for module in names if module.split(".")[0] not in tops}

    def list_data_folders(self) -> Iterator[str]:
        """Yield the folders of all data files named by scripts."""
        for script in self.scripts.values():
            with suppress(ValueError):
                yield from {dirname(self.root / data) for data in script.data}


def list_visible(top: Path, folders: bool = True) -> list[Path]:
    """Return the sorted visible files in a folder and its subfolders, and these if `folders`."""
    paths: list[str] = []
    for folder, inside, files in os.walk(top):
        inside[:] = [name for name in inside if name[0] != "."]
        names = [*files, *inside] if folders else files
        paths += [join(folder, name) for name in names if name[0] != "."]
    paths.sort(key=lambda path: path.split(os.sep))
    return list(map(Path, paths))


def list_imports(text: str) -> frozenset[str]:
    """Return the dotted names that a script imports; `from a import b` counts as `a` and `a.b`."""
    names = set()
    for origin, parts, modules in IMPORT.findall(text):
        clauses = re.sub(r"[()\\]|#.*", " ", parts or modules).split(",")
        words = {part.split()[0] for part in clauses if part.split()}
        names |= (
            {origin, *(f"{origin}.{word}" for word in words)}
            if origin
            else words
        )
    return frozenset(
        name for name in names if all(map(str.isidentifier, name.split(".")))
    )
