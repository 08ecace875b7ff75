"""Contract: what a snippet promises, kept or broken, in a process that nothing has touched."""

import ast
import dataclasses
import inspect
import json
import math
import os
import re
import resource
import sys
import time
import traceback
import warnings
from collections import Counter
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from difflib import get_close_matches
from functools import cache
from importlib import util
from io import StringIO
from pathlib import Path

import numpy as np
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from evidence import drawing, equation, traces
from evidence.bundle import archive, notebook
from evidence.live import compile_equation
from evidence.problems import UNSEEN, Problem, denied, unseen
from evidence.values import LARGEST, PATTERN, look_up

DOCSTRINGS = {
    "figure": "what the figure shows, for those who cannot see it",
    "claim": "the sentence that it asserts",
    "equation": "the LaTeX that it checks",
    "explore": "what the figure shows before the reader moves it",
}
PROCESSES = ("os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.system", "subprocess.Popen")
ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\[a-zA-Z]")
QUOTABLE = 64  # entries: a longer array is there to be drawn


class Broken(Exception):
    """A broken promise: the line that breaks it, and what to do."""


def run(root, paths, name, folder, megabytes, header):
    """Import the snippet `name`, keep its promises, write its results to `folder`.

    `paths` maps the modules that the key covers to their files; `header` goes into the results as it is. Returns the
    problems as tuples, the seconds by what they went to, and whether the process is as it was and can do another run.
    """
    _confine(root, megabytes)
    before, path = traces.first(), sys.path.copy()
    snippet, printed = _Snippet(root, paths, name, folder, header), StringIO()
    with redirect_stdout(printed), redirect_stderr(printed), snippet.timed("other"):
        snippet.guarded("the snippet", snippet.everything)
    if text := printed.getvalue().strip():
        snippet.problem(1, f"it prints ‘{text.splitlines()[0][:60]}’: return what matters in the Result instead")
    for module in paths:
        sys.modules.pop(module, None)
    sys.path[:] = path
    return [tuple(problem) for problem in snippet.problems], dict(snippet.seconds), before.none()


def _confine(root, megabytes):
    """No child processes, no files of the project but its modules, no more memory than allowed."""
    _guard().root = root
    sys.pycache_prefix = os.devnull  # byte code may be older than its source
    warnings.simplefilter("error")
    for kind in (DeprecationWarning, PendingDeprecationWarning, FutureWarning):
        warnings.simplefilter("ignore", kind)
    if sys.platform == "linux":  # elsewhere the limit counts what is only mapped, or nothing
        used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        resource.setrlimit(resource.RLIMIT_AS, (used + megabytes * 2**20, resource.RLIM_INFINITY))


class _Guard:
    """Hears of what a snippet is about to do; `root` is that of its project."""

    root = Path(os.devnull)

    def __call__(self, event, arguments):
        if event in PROCESSES:
            raise PermissionError("a snippet may not start processes: compute in this one")
        if event == "open" and isinstance(arguments[0], str):
            path = Path(os.path.abspath(arguments[0]))
            inside = path.relative_to(self.root) if path.is_relative_to(self.root) else Path(".")
            if inside.parts and inside.suffix not in (".py", ".pyc") and not inside.parts[0].startswith("."):
                cure = "write the data into a module, whose changes are noticed"
                raise PermissionError(f"a snippet may not open {inside}: {cure}")


@cache  # a process cannot be rid of it
def _guard():
    guard = _Guard()
    sys.addaudithook(guard)
    return guard


class _Snippet:
    def __init__(self, root, paths, name, folder, header):
        self.root, self.paths, self.name, self.folder, self.header = root, paths, name, folder, header
        self.problems, self.seconds = [], Counter()

    @contextmanager
    def timed(self, part):
        """Adds the seconds that pass to a part, except those that parts inside it take."""
        start, inside = time.perf_counter(), self.seconds.total()
        try:
            yield
        finally:
            self.seconds[part] += time.perf_counter() - start - (self.seconds.total() - inside)

    def problem(self, line, what, path=None):
        path = path if path in self.paths.values() else self.paths[self.name]
        self.problems.append(Problem(Path(path).relative_to(self.root).as_posix(), line, what))

    def guarded(self, what, call, *arguments):
        """The call's value, or None and a problem at the deepest line of the project that took part."""
        try:
            return call(*arguments)
        except Broken as error:
            self.problem(error.args[0], f"{what} {error.args[1]}")
        except BaseException as error:  # also SystemExit and what a snippet may define
            if isinstance(error, SyntaxError) and error.filename in self.paths.values():
                return self.problem(error.lineno or 1, f"{what} is no Python: {error.msg}", error.filename)
            frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in self.paths.values()]
            at = frames[-1] if frames else traceback.FrameSummary(None, 1, "", lookup_line=False)
            said = " ".join(str(error).split())[:300] or at.line
            said = denied(error) or said
            if isinstance(error, MemoryError):
                megabytes = self.header["inputs"]["megabytes"]
                said = f"it needs more than the {megabytes} MB allowed: shrink it, or raise ‘megabytes’ in mkdocs.yml"
            self.problem(at.lineno, f"{what} fails: {type(error).__name__}: {said}", at.filename)

    def everything(self):
        try:
            text = Path(self.paths[self.name]).read_text("utf-8")
        except UnicodeDecodeError:
            raise Broken(1, "is not UTF-8: save the file as UTF-8") from None
        if what := unseen(text):
            raise Broken(text[: UNSEEN.search(text).start()].count("\n") + 1, what)
        if escapes := list(_find_escapes(text)):
            for line, name in escapes:
                self.problem(line, f'{name} has a backslash that Python takes for an escape, as in \\frac: write r"""')
            return
        if not __debug__:
            raise Broken(1, "cannot be checked by a Python that ignores assertions: leave out -O")
        with self.timed("compute"):
            module = self.load()
        texts = {
            name: text if path == self.paths[self.name] else Path(path).read_text("utf-8")
            for name, path in self.paths.items()
        }
        tree = ast.parse(text)
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        self.promises(tree, functions)
        result = self.guarded("compute()", self.compute, module, functions)
        if result is None:
            return
        values = self.guarded("Result", self.values, result, tree, functions["compute"]) or {}
        shown = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
        if what := unseen(ast.get_docstring(tree) or ""):
            self.problem(1, f"the snippet’s docstring {what}")
        self.guarded("the snippet", self.quotes, {"text": ast.get_docstring(tree) or "", "line": 0}, values)
        made = {**self.header, "title": ast.get_docstring(tree), "source": text, "values": values}
        lexer, lines = PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)
        made["lines"] = highlight(text, lexer, lines).splitlines()  # here, or each build would do it again
        made["code"] = {node.name: [node.lineno, node.end_lineno] for node in shown}
        for kind in DOCSTRINGS:
            made[kind] = {}
            for name in (name for name in functions if name.startswith(f"{kind}_")):
                node, function = functions[name], getattr(module, name)
                said = {"text": inspect.cleandoc(function.__doc__ or ""), "line": node.lineno}
                if what := unseen(said["text"]):
                    self.problem(node.lineno, f"{name}()’s docstring {what}")
                    continue
                entry = self.guarded(f"{name}()", getattr(self, kind), function, result, node, said["text"])
                made[kind][name.removeprefix(f"{kind}_")] = said | (entry or {})
                if kind != "equation":  # whose braces are LaTeX's
                    self.guarded(f"{name}()", self.quotes, said, values)
        (self.folder / "result.json").write_text(json.dumps(made, ensure_ascii=False), "utf-8")
        bundle = self.name, texts, self.header["libraries"]
        (self.folder / f"{self.name}.zip").write_bytes(archive(*bundle))
        (self.folder / f"{self.name}.ipynb").write_bytes(notebook(*bundle, made))

    def load(self):
        path = self.paths[self.name]
        sys.path[:0] = sorted({str(Path(path).parent) for name, path in self.paths.items() if "." not in name})
        spec = util.spec_from_file_location(self.name, path)
        sys.modules[self.name] = module = util.module_from_spec(spec)
        spec.loader.exec_module(module)
        beside = str(Path(path).parent) + os.sep
        for file in {getattr(other, "__file__", None) or "" for other in list(sys.modules.values())}:
            if file.startswith(beside) and file not in self.paths.values():
                raise Broken(1, f"reaches {Path(file).name} unseen: import it by name, on a line of its own")
        return module

    def promises(self, tree, functions):
        if not ast.get_docstring(tree):
            self.problem(1, "the snippet has no docstring: open with the question and its answer")
        for name, node in functions.items():
            kind = name.split("_")[0]
            if kind in DOCSTRINGS and not ast.get_docstring(node):
                self.problem(node.lineno, f"{name}() has no docstring: write {DOCSTRINGS[kind]} there")
            elif kind == "claim" and "assert" not in ast.unparse(node.body[1:]):
                self.problem(node.lineno, f"{name}() asserts nothing: check its sentence by a second route")
            elif kind not in DOCSTRINGS and (close := get_close_matches(kind, DOCSTRINGS, 1, 0.8)):
                self.problem(node.lineno, f"{name}() would never run: did you mean ‘{close[0]}_…’?")

    def compute(self, module, functions):
        if "compute" not in functions:
            raise Broken(1, "is missing: write compute() -> Result")
        with self.timed("compute"):
            result = module.compute()
        if not dataclasses.is_dataclass(result) or not type(result).__dataclass_params__.frozen:
            raise Broken(functions["compute"].lineno, f"returns {type(result).__name__}: return a frozen dataclass")
        return result

    def values(self, result, tree, compute):
        """Each field of the result: what it is, its value where it can be quoted, the line that computes it."""
        kind = type(result).__name__
        calls = [node for node in ast.walk(compute) if isinstance(node, ast.Call) and ast.unparse(node.func) == kind]
        lines = {word.arg: word.value.lineno for call in calls for word in call.keywords}  # under None, a ** of several
        body = next((node.body for node in tree.body if getattr(node, "name", "") == kind), None)
        if body is None:
            raise Broken(compute.lineno, "is defined elsewhere: write the dataclass into the snippet")
        drawn, made = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}, {}
        for field, after in zip(body, [*body[1:], None]):
            if not isinstance(field, ast.AnnAssign):
                continue
            name, said = field.target.id, getattr(getattr(after, "value", None), "value", "")
            if not said or not isinstance(said, str):
                self.problem(field.lineno, f"‘{name}’ has no string under it: say what it is and its unit")
            elif what := unseen(said):
                self.problem(field.lineno, f"the string under ‘{name}’ {what}")
            line = lines.get(name, lines.get(None, field.lineno))
            value = _plain(getattr(result, name), f"‘{name}’", line)
            made[name] = {"value": value, "about": " ".join(said.split()), "line": line, "drawn": name in drawn}
        return made

    def quotes(self, said, values):
        plain = {self.name: {field: entry["value"] for field, entry in values.items()}}
        for expression in PATTERN.findall(said["text"]):
            try:
                look_up(f"{self.name}.{expression.strip()}", plain)
            except ValueError as error:
                raise Broken(said["line"] + 1, f"quotes {{{{{expression}}}}}: {error}") from None

    def claim(self, function, result, node, text):
        with self.timed("checks"):
            function(result)

    def equation(self, function, result, node, text):
        with self.timed("checks"):
            return self.draws(function, node, text)

    def draws(self, function, node, text):
        """On how many draws an equation holds, and what a browser needs to evaluate it, if it can."""
        draws, letters, statements, tried = 0, None, [], []
        for draws, bindings in enumerate(function() or (), 1):
            try:
                if letters != (letters := set(bindings)):  # parsed once, where all draws bind the same
                    statements = equation.parse(text, bindings)
                for statement in statements:
                    equation.check_statement(statement, bindings)
                tried.append(bindings)
            except equation.ParseError as error:
                raise Broken(node.lineno + 1, f"cannot be read: {error}. Bind it, or assert it in the body") from None
            except equation.Mismatch as error:
                raise Broken(node.lineno + 1, f"does not hold as printed, on draw {draws}: {error}") from None
        if not draws and inspect.isgeneratorfunction(function):
            raise Broken(node.lineno, "yields no bindings, so nothing was checked: yield letters and numbers")
        return {"draws": draws, "live": compile_equation(statements, tried) if tried else None}

    def figure(self, function, result, node, text):
        with self.timed("draw"):
            figure = function(result)
        with self.timed("save"):
            return drawing.save(figure, self.folder / node.name, text, self.header["inputs"]["pictures"])

    def explore(self, function, result, node, text):
        start = inspect.signature(function).parameters.get("start")
        if not start:
            raise Broken(node.lineno, "needs (result, start=FRAME): the frame that the page shows first")
        with self.timed("save"):
            return drawing.sweep(
                self.drawn(function(result)),
                start.default,
                self.folder / node.name,
                text,
                self.header["inputs"]["pictures"],
            )

    def drawn(self, frames):
        """The frames of an explorer, drawing them timed apart from saving them."""
        frames, end = iter(frames), object()
        while True:
            with self.timed("draw"):
                frame = next(frames, end)
            if frame is end:
                return
            yield frame


def _find_escapes(text):
    """Yield (line, docstring’s owner) where LaTeX stands in a docstring that is not raw."""
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(text)
    except SyntaxError:  # which loading it tells
        return
    for node in [tree, *tree.body]:
        if isinstance(node, (ast.Module, ast.FunctionDef)) and ast.get_docstring(node):
            written = ast.get_source_segment(text, node.body[0].value)
            if not written.lower().startswith("r") and ESCAPE.search(written):
                owner = "the snippet" if node is tree else f"{node.name}()"
                yield node.body[0].lineno, f"{owner}’s docstring"


def _plain(value, name, line):
    """A field's value as JSON holds it; a large array is only there to be drawn and becomes None."""
    if isinstance(value, (np.ndarray, np.generic)):
        whole = value.tolist() if value.size <= QUOTABLE else None
        return None if whole is None and np.all(np.isfinite(value)) else _plain(value.tolist(), name, line)
    if isinstance(value, float) and not math.isfinite(value):
        raise Broken(line, f"holds {value} in {name}: find out where it comes from")
    if isinstance(value, (list, tuple)):
        return [_plain(part, f"{name}[{i}]", line) for i, part in enumerate(value)]
    if isinstance(value, int) and abs(value) > LARGEST:
        raise Broken(line, f"holds an integer of more than 300 digits in {name}: give its logarithm, or a string")
    if isinstance(value, str) and (what := unseen(value)):
        raise Broken(line, f"{what} from {name}")
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {_plain(key, name, line): _plain(part, f"{name}.{key}", line) for key, part in value.items()}
    if isinstance(value, (bool, int, float, str)):
        return value
    raise Broken(
        line, f"holds a {type(value).__name__} in {name}: give numbers, strings, arrays, tuples or dicts of them"
    )
