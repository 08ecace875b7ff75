"""Worker: run one snippet, check its contract, and return the files of its result."""

import ast
import dataclasses
import inspect
import linecache
import os
import re
import sys
import tempfile
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from importlib import util
from io import StringIO
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from evidence import equation, figures
from evidence.confinement import NAME_DATA, confine_process
from evidence.contract import (
    SHOWN,
    ContractError,
    check_modules,
    check_signatures,
    explain_assertion,
    find_escapes,
    read_values,
)
from evidence.diagnostics import (
    INVISIBLE,
    Diagnostic,
    describe_disk_error,
    describe_invisible,
)
from evidence.keys import Job, Outcome
from evidence.results import (
    JSON,
    KINDS,
    RESULT,
    Claim,
    Equation,
    Explorer,
    Figure,
    SnippetResult,
    dump_result,
)
from evidence.values import VALUE, look_up

try:
    from evidence.extras.live import compile_equation
except ImportError:  # left out
    compile_equation = None  # type: ignore[assignment]

MISSING = re.compile(
    "No such file|no such table|[Nn]ot found|Permission denied|unable to open|can(?:not|'t) open"
)


def run(job: Job) -> Outcome:
    """Execute one snippet in this process, which is confined from then on and must run no other.

    Pure: the texts of the job go in, files and diagnostics come out.
    """
    with tempfile.TemporaryDirectory(prefix="evidence-") as folder:
        top = Path(os.path.realpath(folder))
        runner = _Run(job, _write_files(job, top))
        os.chdir(os.path.dirname(runner.path))
        tempfile.tempdir = folder
        confined = confine_process(top, job.sources, job.megabytes)
        with confined as runner.confinement, runner.measure("other"):
            runner.guard("the snippet", 1, runner.execute)
        runner.close()
        os.chdir(os.path.dirname(top))
    files = {} if runner.diagnostics else runner.files
    return Outcome(files, runner.diagnostics, dict(runner.seconds))


def _write_files(job: Job, top: Path) -> Path:
    """Write the files of a job below a folder; returns the folder that stands for its root."""
    depth = max(file.split("/").count("..") for file in job.files)
    root = top.joinpath(*["up"] * depth, "site")
    for file, data in job.files.items():
        path = Path(os.path.normpath(root / file))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


class _Print(StringIO):
    """A stream that notes from which line it is first written to."""

    def __init__(self, runner: "_Run") -> None:
        super().__init__()
        self.runner = runner

    def write(self, text: str) -> int:
        if text.strip() and not self.runner.printed:
            frame: FrameType | None = sys._getframe(1)
            while frame and frame.f_code.co_filename not in self.runner.files_by_path:
                frame = frame.f_back
            file, line = (frame.f_code.co_filename, frame.f_lineno) if frame else ("", 1)
            self.runner.printed = (text.strip().splitlines()[0][:SHOWN], line, file)
        return len(text)


class _Run:
    """The state of one run."""

    def __init__(self, job: Job, root: Path) -> None:
        self.job = job
        self.files_by_path = {os.path.normpath(root / file): file for file in job.modules.values()}
        self.path = os.path.normpath(root / job.file)
        self.text = job.files[job.file].decode("utf-8", "replace")
        self.files: dict[str, bytes] = {}
        self.diagnostics: list[Diagnostic] = []
        self.seconds: dict[str, float] = defaultdict(float)
        self.confinement: Any = None
        self.printed: tuple[str, int, str] | None = None

    def report(self, line: int, message: str, path: str = "") -> None:
        """Note a diagnostic, at a line of the snippet or of another file of the job."""
        file = self.files_by_path.get(path, self.job.file)
        visible = INVISIBLE.sub("\ufffd", " ".join(message.split()))
        self.diagnostics.append(Diagnostic(file, line, visible))

    def close(self) -> None:
        """Note what was printed."""
        if self.printed:
            text, line, path = self.printed
            self.report(
                line, f"it prints ‘{text}’: return what matters in the Result instead", path
            )

    @contextmanager
    def measure(self, part: str) -> Generator[None]:
        """Add the seconds that pass to a part, except those that parts inside it take."""
        start, inside = time.perf_counter(), sum(self.seconds.values())
        try:
            yield
        finally:
            passed = time.perf_counter() - start
            self.seconds[part] += passed - (sum(self.seconds.values()) - inside)

    def guard(self, what: str, line: int, call: Callable, *arguments: Any) -> Any:
        """Return what a call returns, or None and a diagnostic where it fails.

        The place is the deepest line of the snippet that took part, else `line`.
        """
        try:
            stream = _Print(self)
            with redirect_stdout(stream), redirect_stderr(stream):
                return call(*arguments)
        except ContractError as error:
            self.report(error.line, f"{what} {error.message}")
        except BaseException as error:
            self.report_failure(what, line, error)
        return None

    def report_failure(self, what: str, line: int, error: BaseException) -> None:
        """Note an exception, with the values behind an assertion that failed."""
        if isinstance(error, SyntaxError) and error.filename in self.files_by_path:
            message = f"{what} is no Python: {error.msg}"
            self.report(error.lineno or 1, message, error.filename or "")
            return
        walk = list(traceback.walk_tb(error.__traceback__))
        own = [step for step in walk if step[0].f_code.co_filename in self.files_by_path]
        here = [step for step in own if step[0].f_code.co_filename == self.path]
        frame, number = (here or own or [(None, line)])[-1]
        path = frame.f_code.co_filename if frame else self.path
        message = describe_error(error)
        if isinstance(error, AssertionError) and frame and (here or own)[-1] is own[-1]:
            message = explain_assertion(frame, number, message)
        elif isinstance(error, MemoryError):
            message = (
                f"it needs more than the {self.job.megabytes} MB allowed: "
                "shrink it, or raise ‘megabytes’ in mkdocs.yml"
            )
        elif isinstance(error, ModuleNotFoundError):
            message = (
                f"{message}: install it, or, if it is a module of the project, import it by name, "
                "on a line of its own"
            )
        else:
            message = describe_disk_error(error) if error.args[1:] else message
            message = message or describe_error(error)
        refused = self.confinement.refused if self.confinement else ""
        if "a snippet may not" not in message and (refused or MISSING.search(message)):
            message = f"{message}: a snippet sees no other files than its own: {NAME_DATA}"
        if own and own[-1][0] is not frame:
            deepest = self.files_by_path[own[-1][0].f_code.co_filename]
            message = f"{message} (in {deepest}:{own[-1][1]})"
        message = message or linecache.getline(path, number).strip()
        self.report(number, f"{what} fails: {type(error).__name__}: {message}", path)

    def execute(self) -> None:
        """Keep all rules of the contract, one after the other, and write the result."""
        if "\ufffd" in self.text:
            raise ContractError(1, "is not UTF-8: save the file as UTF-8")
        if message := describe_invisible(self.text):
            line = self.text[: INVISIBLE.search(self.text).start()].count("\n") + 1  # type: ignore
            raise ContractError(line, message)
        if escapes := list(find_escapes(self.text)):
            for line, owner in escapes:
                self.report(
                    line,
                    f"{owner}’s docstring has a backslash that Python takes for an escape, "
                    'as in \\frac: write r"""',
                )
            return
        if not __debug__:
            raise ContractError(
                1, "cannot be checked by a Python that ignores assertions: leave out -O"
            )
        with self.measure("compute"):
            module = self.import_snippet()
        tree = ast.parse(self.text)
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        for number, message in check_signatures(tree, functions):
            self.report(number, message)
        line = functions["compute"].lineno if "compute" in functions else 1
        result = self.guard("compute()", line, self.compute, module, functions)
        if result is None:
            return
        read = self.guard("Result", line, read_values, result, tree, functions["compute"])
        values, wrong = read or ({}, [])
        for number, message in wrong:
            self.report(number, message)
        quotable = {name: value.value for name, value in values.items()}
        title = inspect.cleandoc(ast.get_docstring(tree, clean=False) or "")
        self.guard("the snippet’s docstring", 1, self.check_text, title, 0, quotable)
        offers: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
        for name, node in functions.items():
            kind, _, part = name.partition("_")
            if kind in KINDS and part:
                arguments = (kind, getattr(module, name), result, node, quotable)
                if offer := self.guard(f"{name}()", node.lineno, self.make_offer, *arguments):
                    offers[kind][part] = offer
        check_modules((*self.files_by_path, *self.job.sources))
        self.files[RESULT] = dump_result(
            SnippetResult(
                name=self.job.name,
                title=title,
                source=self.text,
                inputs=self.job.inputs,
                libraries=self.job.libraries,
                date=self.job.date,
                values=values,
                claims=offers["claim"],
                equations=offers["equation"],
                figures=offers["figure"],
                explorers=offers["explore"],
                definitions={
                    node.name: (node.lineno, node.end_lineno or node.lineno)
                    for node in tree.body
                    if isinstance(node, (ast.FunctionDef, ast.ClassDef))
                },
            )
        )

    def import_snippet(self) -> ModuleType:
        """Return the snippet's module, newly imported."""
        sys.path.insert(0, os.path.dirname(self.path))
        folders = {os.path.dirname(path) for path in self.files_by_path}
        sys.path += sorted(folder for folder in folders if os.path.basename(folder) != "lib")
        spec: Any = util.spec_from_file_location(self.job.name, self.path)
        module = util.module_from_spec(spec)
        sys.modules[self.job.name] = module
        spec.loader.exec_module(module)
        return module

    def compute(self, module: ModuleType, functions: dict[str, ast.FunctionDef]) -> Any:
        """Return what compute() returns, a frozen dataclass."""
        if "compute" not in functions:
            raise ContractError(1, "is missing: write compute() -> Result")
        with self.measure("compute"):
            result = module.compute()
        if not dataclasses.is_dataclass(result) or not type(result).__dataclass_params__.frozen:
            kind = type(result).__name__
            raise ContractError(
                functions["compute"].lineno, f"returns {kind}: return a frozen dataclass"
            )
        return result

    def check_text(self, text: str, line: int, values: dict[str, JSON]) -> None:
        """Raise ContractError where a docstring quotes no value, or cannot be shown."""
        if message := describe_invisible(text):
            raise ContractError(line or 1, f"docstring {message}")
        for expression in VALUE.findall(text):
            try:
                look_up(f"{self.job.name}.{expression.strip()}", {self.job.name: values})
            except ValueError as error:
                raise ContractError(line + 1, f"quotes {{{{{expression}}}}}: {error}") from None

    def make_offer(
        self,
        kind: str,
        function: Callable,
        result: Any,
        node: ast.FunctionDef,
        values: dict[str, JSON],
    ) -> Claim | Equation | Figure | Explorer:
        """Return the claim, equation, figure or explorer of a function, once it holds."""
        text = inspect.cleandoc(function.__doc__ or "")
        if kind != "equation":  # whose braces are LaTeX's
            self.check_text(text, node.lineno, values)
        elif message := describe_invisible(text):
            raise ContractError(node.lineno, f"docstring {message}")
        if kind == "claim":
            with self.measure("checks"):
                function(result)
            return Claim(text, node.lineno)
        if kind == "equation":
            with self.measure("checks"):
                draws, live = self.check_equation(function, node, text)
            return Equation(text, node.lineno, draws, live)
        if kind == "figure":
            with self.measure("draw"):
                figure = function(result)
            with self.measure("save"):
                properties, files = figures.save_figure(figure, node.name, text, self.job.pictures)
            self.files |= files
            return Figure(text, node.lineno, **properties)
        start = inspect.signature(function).parameters.get("start")
        if not start:
            raise ContractError(
                node.lineno, "needs (result, start=FRAME): the frame that the page shows first"
            )
        with self.measure("save"):
            frames = self.measure_frames(function(result))
            properties, files = figures.save_explorer(
                frames, start.default, node.name, text, self.job.pictures
            )
        self.files |= files
        return Explorer(text, node.lineno, **properties)

    def measure_frames(self, frames: Any) -> Iterator[Any]:
        """Yield the frames of an explorer, measuring how long drawing them takes."""
        iterator, end = iter(frames), object()
        while True:
            with self.measure("draw"):
                frame = next(iterator, end)
            if frame is end:
                return
            yield frame

    def check_equation(
        self, function: Callable, node: ast.FunctionDef, text: str
    ) -> tuple[int, JSON]:
        """Return for how many draws an equation holds as printed, and its live form, if any."""
        draw, letters, statements = 0, None, []
        draws: list[equation.Bindings] = []
        for draw, bindings in enumerate(function() or (), 1):
            try:
                if letters != (letters := set(bindings)):  # parsed once, if all draws bind the same
                    statements = equation.parse(text, bindings)
                for statement in statements:
                    equation.check_statement(statement, bindings)
                draws.append(bindings)
            except equation.ParseError as error:
                raise ContractError(
                    node.lineno + 1, f"cannot be read: {error}. Bind it, or assert it in the body"
                ) from None
            except equation.Mismatch as error:
                raise ContractError(
                    node.lineno + 1, f"does not hold as printed, on draw {draw}: {error}"
                ) from None
        if not draw and inspect.isgeneratorfunction(function):
            raise ContractError(
                node.lineno,
                "yields no bindings, so nothing was checked: yield letters and numbers",
            )
        live = compile_equation(statements, draws) if compile_equation and draws else None
        return draw, live


def describe_error(error: BaseException) -> str:
    """Return what an exception says, on one line, and how to allow a warning."""
    try:
        message = " ".join(str(error).split())[:300]
    except Exception:  # of its own __str__
        message = ""
    if isinstance(error, Warning):
        message += ": remove the cause, or allow it by name, with warnings.filterwarnings()"
    return message
