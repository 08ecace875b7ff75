"""Contract: what a snippet promises, kept or broken, in a process of its own."""

import ast
import dataclasses
import inspect
import json
import math
import os
import resource
import sys
import traceback
import warnings
from difflib import get_close_matches
from importlib import util
from pathlib import Path

import numpy as np

from evidence import drawing, reader
from evidence.problems import Problem
from evidence.values import PATTERN, look_up

DOCSTRINGS = {
    "figure": "what the figure shows, for those who cannot see it",
    "claim": "the sentence that it asserts",
    "equation": "the LaTeX that it checks",
    "explore": "what the figure shows before the slider moves",
}
KINDS = tuple(DOCSTRINGS)
PROCESSES = ("os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.exec", "os.system", "subprocess.Popen")
QUOTABLE = 64  # entries: a longer array is there to be drawn


class Broken(Exception):
    """One broken promise, and the line that breaks it."""

    def __init__(self, line, what):
        self.line, self.what = line, what


def run(root, paths, name, folder, megabytes, header):
    """Import the snippet at `paths[name]`, keep its promises, write results to `folder`; returns the problems.

    `paths` maps the project's modules that the key covers to their files; `header` goes into the results as it is.
    """
    _confine(Path(root), megabytes)
    run_ = _Run(Path(root), paths, name, Path(folder), header)
    with open(Path(folder) / "printed", "wb+") as printed:
        kept = [os.dup(1), os.dup(2)]
        os.dup2(printed.fileno(), 1), os.dup2(printed.fileno(), 2)
        try:
            run_.everything()
        finally:
            sys.stdout.flush(), sys.stderr.flush()
            os.dup2(kept[0], 1), os.dup2(kept[1], 2)
        printed.seek(0)
        if text := printed.read(200).decode("utf-8", "replace").strip():
            run_.problem(1, f"it prints ‘{text.splitlines()[0][:60]}’; return what matters in the Result instead")
    os.remove(Path(folder) / "printed")
    return run_.problems


def _confine(root, megabytes):
    """No child processes, no files of the project beside its modules, no more memory than allowed."""

    def guard(event, arguments):
        if event in PROCESSES:
            raise RuntimeError("a snippet may not start processes: compute in this one")
        if event == "open" and isinstance(arguments[0], str):
            path = Path(arguments[0])
            inside = path.is_relative_to(root) and not path.relative_to(root).parts[0].startswith(".")
            if inside and path.suffix not in (".py", ".pyc"):
                raise RuntimeError(f"a snippet may not open {path.name}: what it reads there is in no key")

    sys.addaudithook(guard)
    sys.pycache_prefix = os.devnull  # byte code may be older than its source
    sys.dont_write_bytecode = True
    warnings.simplefilter("error")
    for kind in (DeprecationWarning, PendingDeprecationWarning, FutureWarning):
        warnings.simplefilter("ignore", kind)
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if sys.platform == "linux" else 0
    resource.setrlimit(resource.RLIMIT_AS, (pages * 4096 + megabytes * 2**20, resource.RLIM_INFINITY))


class _Run:
    def __init__(self, root, paths, name, folder, header):
        self.root, self.name, self.folder, self.header = root, name, folder, header
        self.paths = {module: str(path) for module, path in paths.items()}
        self.path, self.problems = self.paths[name], []

    def problem(self, line, what, path=None):
        where = Path(path or self.path).relative_to(self.root).as_posix()
        self.problems.append(Problem(where, line, what))

    def guarded(self, what, call, *arguments):
        """The call's value, or None and a problem at the deepest line of the project that took part."""
        try:
            return call(*arguments)
        except Broken as error:
            self.problem(error.line, f"{what} {error.what}")
        except SyntaxError as error:
            self.problem(error.lineno or 1, f"{what} is no Python: {error.msg}", error.filename)
        except (Exception, SystemExit) as error:
            mine = set(self.paths.values())
            frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in mine]
            at = frames[-1] if frames else None
            said = " ".join(str(error).split())[:300] or (at.line if at else "")
            if isinstance(error, MemoryError):
                said = f"it needs more than the memory allowed ({self.header['inputs']['megabytes']} MB)"
            self.problem(at.lineno if at else 1, f"{what} fails: {type(error).__name__}: {said}", at and at.filename)
        return None

    def everything(self):
        source = Path(self.path).read_bytes()
        text = self.guarded("the file", source.decode)
        module = text is not None and self.guarded("the import", self.load)
        if not module:
            return
        tree = ast.parse(text)
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        shown = functions | {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        self.guarded("the snippet", self.promises, tree, functions)
        result = self.guarded("compute()", self.compute, module, functions)
        if result is None:
            return
        made = {
            **self.header,
            "title": ast.get_docstring(tree).splitlines()[0] if ast.get_docstring(tree) else self.name,
            "source": text,
            "lines": {name: [node.lineno, node.end_lineno] for name, node in shown.items()},
            "values": self.guarded("Result", self.values, result, tree, functions["compute"], text),
        }
        for kind in KINDS:
            made[kind] = {}
            for name, node in functions.items():
                if name.startswith(f"{kind}_"):
                    entry = self.guarded(f"{name}()", getattr(self, kind), getattr(module, name), result, node)
                    made[kind][name.removeprefix(f"{kind}_")] = entry
                    self.guarded(f"{name}()", self.quotes, node, made["values"], kind)
        (self.folder / "result.json").write_text(json.dumps(made, ensure_ascii=False, sort_keys=True), "utf-8")

    def load(self):
        sys.path[:0] = sorted({str(Path(path).parent) for path in self.paths.values()})
        spec = util.spec_from_file_location(self.name, self.path)
        sys.modules[self.name] = module = util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for other in list(sys.modules.values()):
            file = getattr(other, "__file__", None) or ""
            if file.startswith(str(Path(self.path).parent) + os.sep) and file not in self.paths.values():
                raise Broken(1, f"reaches {Path(file).name} unseen: write ‘import {Path(file).stem}’ on a line of its own")
        return module

    def promises(self, tree, functions):
        if not ast.get_docstring(tree):
            raise Broken(1, "has no docstring: open with the reader's question and its answer")
        for name, node in functions.items():
            kind = name.split("_")[0]
            close = get_close_matches(kind, KINDS, 1, 0.8)
            if close and kind not in KINDS:
                self.problem(node.lineno, f"{name}() would never run: did you mean ‘{close[0]}_…’?")
            if kind in KINDS and not ast.get_docstring(node):
                self.problem(node.lineno, f"{name}() has no docstring: write {DOCSTRINGS[kind]} there")

    def compute(self, module, functions):
        if "compute" not in functions:
            raise Broken(1, "is missing: write compute() -> Result")
        result = module.compute()
        if not dataclasses.is_dataclass(result) or not type(result).__dataclass_params__.frozen:
            raise Broken(functions["compute"].lineno, f"returns {type(result).__name__}: return a frozen dataclass")
        return result

    def values(self, result, tree, compute, text):
        """Each field of the result: what it is, its value where it can be quoted, the line that computes it."""
        lines = {k.arg: k.value.lineno for node in ast.walk(compute) if isinstance(node, ast.Call) for k in node.keywords}
        kind = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == type(result).__name__)
        about = {}
        for node, after in zip(kind.body, [*kind.body[1:], None]):
            if isinstance(node, ast.AnnAssign):
                said = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else ""
                about[node.target.id] = said
                if not said:
                    self.problem(node.lineno, f"the field ‘{node.target.id}’ has no string under it: say what it is and its unit")
        drawn = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        return {
            name: {
                "value": _plain(getattr(result, name), f"‘{name}’", lines.get(name, kind.lineno)),
                "about": " ".join(said.split()), "line": lines.get(name, kind.lineno), "drawn": name in drawn,
            }
            for name, said in about.items()
        }  # fmt: skip

    def quotes(self, node, values, kind):
        """What a docstring quotes exists (an equation's braces are LaTeX's)."""
        plain = {self.name: {field: entry["value"] for field, entry in (values or {}).items()}}
        for expression in PATTERN.findall(ast.get_docstring(node) or "") if kind != "equation" else ():
            try:
                look_up(f"{self.name}.{expression.strip()}", plain)
            except ValueError as error:
                raise Broken(node.lineno + 1, f"quotes {{{{{expression}}}}}: {error}") from None

    def claim(self, function, result, node):
        function(result)
        return {"text": inspect.cleandoc(function.__doc__ or ""), "line": node.lineno}

    def equation(self, function, result, node):
        latex, draws = inspect.cleandoc(function.__doc__ or ""), 0
        for draws, bindings in enumerate(function() or (), 1):
            try:
                reader.check(latex, bindings)
            except reader.Unreadable as error:
                raise Broken(node.lineno + 1, f"cannot be read: {error}; bind it, or assert it in the body instead") from None
            except reader.Unequal as error:
                raise Broken(node.lineno + 1, f"does not hold as printed, on draw {draws}: {error}") from None
        if not draws and inspect.isgeneratorfunction(function):
            raise Broken(node.lineno, "yields no bindings, so nothing was checked")
        return {"latex": latex, "line": node.lineno, "draws": draws}

    def figure(self, function, result, node):
        alt = inspect.cleandoc(function.__doc__ or "")
        return drawing.save(function(result), self.folder / node.name, alt) | {"alt": alt, "line": node.lineno}

    def explore(self, function, result, node):
        alt = inspect.cleandoc(function.__doc__ or "")
        parameters = inspect.signature(function).parameters
        if "start" not in parameters:
            raise Broken(node.lineno, "needs (result, start=FRAME): the frame that the page shows first")
        start = parameters["start"].default
        return drawing.sweep(function(result), start, self.folder / node.name, alt) | {"alt": alt, "line": node.lineno}


def _plain(value, name, line):
    """A field's value as JSON holds it; a large array is only there to be drawn and becomes None."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        if not np.all(np.isfinite(value)):
            raise Broken(line, f"{name} holds a number that is not finite")
        return value.tolist() if value.size <= QUOTABLE else None
    if isinstance(value, float) and not math.isfinite(value):
        raise Broken(line, f"{name} is {value}: find out where it comes from")
    if isinstance(value, (list, tuple)):
        return [_plain(part, f"{name}[{i}]", line) for i, part in enumerate(value)]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _plain(part, f"{name}.{key}", line) for key, part in value.items()}
    if isinstance(value, (bool, int, float, str)):
        return value
    raise Broken(line, f"{name} is a {type(value).__name__}: give numbers, strings, arrays, or tuples and dicts of them")
