"""Keys: what a result depends on, as a job with a key, and which part of it changed."""

import hashlib
import json
import os
import platform
import sys
import sysconfig
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import metadata, util
from os.path import dirname, exists, isabs, isfile, join, normpath
from pathlib import Path

from evidence.diagnostics import Diagnostic, describe_unknown
from evidence.project import Project, Script, list_imports
from evidence.results import JSON

WORKERS = {"snippet": "evidence.worker", "lab": "evidence.extras.notebooks"}
get_version = cache(metadata.version)
list_packages = cache(metadata.packages_distributions)
LAB_LIBRARIES = ("jupyter_core", "nbclient", "mkdocs_jupyter")


@dataclass(frozen=True)
class Job:
    """All inputs of one run, as texts: it reads nothing else of the project."""

    name: str
    "Of the snippet or lab."
    kind: str
    "`snippet` or `lab`."
    file: str
    "Its path among `files`."
    modules: dict[str, str]
    "The scripts that it imports, directly or not: dotted name to path among `files`."
    files: dict[str, bytes]
    "Path relative to the project's root, to content: scripts, and the data that they name."
    inputs: dict[str, JSON]
    "Parts of the key: file, library or limit, to its digest, version or number."
    libraries: dict[str, str]
    "Distributions to versions."
    sources: tuple[str, ...]
    "Folders and files of libraries that are installed in place, which the run may read."
    seconds: int
    megabytes: int
    pictures: bool
    date: str
    "YYYY-MM-DD; not part of the key."

    @property
    def key(self) -> str:
        """The digest of all inputs."""
        return digest(json.dumps(self.inputs, sort_keys=True).encode())

    def write_files(self, top: Path) -> Path:
        """Write the files into a folder; return the path that stands for the project’s root."""
        depth = max(file.split("/").count("..") for file in self.files)
        root = top.joinpath(*["up"] * depth, "site")
        for file, data in self.files.items():
            path = Path(normpath(root / file))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return root


@dataclass(frozen=True)
class Outcome:
    """What a run produced: its files, or at least one diagnostic and no files."""

    files: dict[str, bytes]
    diagnostics: list[Diagnostic]


class DataError(Exception):
    """DATA of a script does not name a file; the argument is the diagnostic."""


def build_job(project: Project, name: str) -> Job:
    """Return the job that runs a snippet or a lab. Raises DataError if data is missing."""
    script = project.scripts[name]
    scripts = [
        project.scripts[other] for other in project.transitive_imports(name)
    ]
    files = {other.file: other.text.encode() for other in scripts}
    for other in scripts:
        files |= read_data(project.root, other)
    modules = sorted(
        {top.split(".")[0] for top in project.library_imports(name)}
    )
    modules += (
        LAB_LIBRARIES if script.kind == "lab" else ("numpy", "matplotlib")
    )
    inputs: dict[str, JSON] = {
        file: digest(data) for file, data in files.items()
    }
    inputs |= {
        module: version
        for module in modules
        if (version := describe_version(module))
    }
    inputs |= {
        "python": platform.python_version(),
        "evidence": digest_machinery(WORKERS[script.kind]),
        "seconds": project.seconds,
        "megabytes": project.megabytes,
        "pictures": project.pictures,
    }
    now = int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))
    distributions = sorted(
        {each for module in modules for each in find_distributions(module)}
    )
    return Job(
        name=name,
        kind=script.kind,
        file=script.file,
        modules={other.name: other.file for other in scripts},
        files=files,
        inputs=inputs,
        libraries={library: get_version(library) for library in distributions},
        sources=tuple(
            source for module in modules if (source := find_own_source(module))
        ),
        seconds=project.seconds,
        megabytes=project.megabytes,
        pictures=project.pictures,
        date=f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d}",
    )


def read_data(root: Path, script: Script) -> dict[str, bytes]:
    """Return the files that a script names in DATA: path to content. Raises DataError."""
    try:
        for data in script.data:
            path = root / data
            if isabs(data) or not isfile(path):
                nearest = describe_unknown(
                    "file",
                    path.name,
                    [
                        each.name
                        for each in path.parent.glob("*")
                        if each.is_file() and not isabs(data)
                    ],
                )
                raise ValueError(
                    f"DATA names {data}, and {nearest}; write its path from the snippet"
                )
        return {data: (root / data).read_bytes() for data in script.data}
    except ValueError as error:
        raise DataError(
            Diagnostic(script.file, script.data_nodes[0].lineno, str(error))
        ) from None


def explain_change(
    then: Mapping[str, JSON] | None, now: Mapping[str, JSON]
) -> list[str]:
    """Return one phrase for each input that differs."""
    if then is None:
        return ["never run"]
    return [
        f"{part} changed"
        for part in sorted({*then, *now})
        if then.get(part) != now.get(part)
    ]


def digest(data: bytes) -> str:
    """Return the first 20 hexadecimal digits of the SHA-256 of data."""
    return hashlib.sha256(data).hexdigest()[:20]


@cache
def digest_machinery(module: str) -> str:
    """Return the digest of a module of this package and of its imports from the package."""
    package = Path(__file__).parent
    texts: dict[str, bytes] = {}
    todo = [module]
    while todo:
        name = todo.pop()
        path = package.joinpath(*name.split(".")[1:]).with_suffix(".py")
        if (
            name.startswith("evidence.")
            and name not in texts
            and path.is_file()
        ):
            texts[name] = path.read_bytes()
            todo += list_imports(texts[name].decode())
    return digest(b"".join(texts[name] for name in sorted(texts)))


@cache
def describe_version(module: str) -> str:
    """Return the version of a library, or the digest of its files if installed in place."""
    source = find_source(module)
    if source and (not is_installed(source) or not find_distributions(module)):
        return digest_files(source)
    versions = []
    for name in find_distributions(module):
        origin = metadata.distribution(name).read_text("direct_url.json") or ""
        versions.append(get_version(name))
        # Installed from a folder, whose version is not enough
        if '"dir_info"' in origin:
            versions.append(digest_files(source))
    return ", ".join(versions)


@cache
def find_own_source(module: str) -> str:
    """Return the folder or file of a module that its user may edit, or "".

    It lies outside of Python and of the folders that installers fill: a distribution that is
    installed in place, or a module on the import path.
    """
    source = find_source(module)
    return "" if is_installed(source) else source


@cache
def find_source(module: str) -> str:
    """Return the folder or file of a module, or "" for one of the standard library."""
    spec = None
    with suppress(ImportError, ValueError):
        spec = util.find_spec(module)
    if not spec or module in sys.stdlib_module_names:
        return ""
    origin = spec.origin if spec.has_location else ""
    source = next(iter(spec.submodule_search_locations or [origin]), "") or ""
    while not exists(source or os.curdir):  # in an archive
        source = dirname(source)
    return source


def is_installed(path: str | Path) -> bool:
    """Return whether a path belongs to Python or to an installed distribution."""
    return not path or f"{path}{os.sep}".startswith(list_library_folders())


@cache
def list_library_folders() -> tuple[str, ...]:
    """Return Python’s folders and those that installers fill, each with a final separator."""
    paths = sysconfig.get_paths()
    tops = [
        paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")
    ]
    tops += [entry for entry in sys.path if entry.endswith("-packages")]
    return tuple(join(top, "") for top in tops)


def digest_files(path: str) -> str:
    """Return the digest of a file, or of the names and contents of all files in a folder."""
    top = Path(path)
    files: Iterable[Path] = sorted(top.rglob("*")) if top.is_dir() else [top]
    content = [
        f"{file.relative_to(top)} {digest(file.read_bytes())}\n"
        for file in files
        if file.is_file() and "__pycache__" not in file.parts
    ]
    return digest("".join(content).encode())


@cache
def find_distributions(module: str) -> tuple[str, ...]:
    """Return the distributions that provide a module; none for the standard library."""
    if module in sys.stdlib_module_names:
        return ()
    try:
        return (metadata.distribution(module).name,)
    except metadata.PackageNotFoundError:  # scikit-learn is imported as sklearn
        return tuple(sorted({*list_packages().get(module, ())}))
