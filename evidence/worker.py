"""Worker: run one snippet, check its contract, and return the files of its result."""

import ast
import dataclasses
import inspect
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib

from evidence import equation, figures
from evidence.confinement import confine_process
from evidence.contract import (
    ContractError,
    check_modules,
    check_signatures,
    find_escapes,
    read_values,
)
from evidence.diagnostics import (
    INVISIBLE,
    describe_invisible,
)
from evidence.keys import Job, Outcome
from evidence.record import Record
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


def run(job: Job) -> Outcome:
    """Execute one snippet in this process, which is confined from then on and must run no other.

    Pure: the texts of the job go in, files and diagnostics come out.
    """
    with tempfile.TemporaryDirectory(prefix="evidence-") as folder:
        top = Path(os.path.realpath(folder))
        root = _write_files(job, top)
        names = {os.path.normpath(root / file): file for file in job.modules.values()}
        record = Record(job, os.path.normpath(root / job.file), names)
        os.chdir(os.path.dirname(record.path))
        tempfile.tempdir = folder
        matplotlib.rcdefaults()
        confined = confine_process(top, job.sources, job.megabytes)
        with confined as record.confinement, record.measure("other"):
            record.guard("the snippet", 1, _Run(job, record).execute)
        record.close()
        os.chdir(os.path.dirname(top))
    files = {} if record.diagnostics else record.files
    return Outcome(files, record.diagnostics, dict(record.seconds))


def _write_files(job: Job, top: Path) -> Path:
    """Write the files of a job below a folder; returns the folder that stands for its root."""
    depth = max(file.split("/").count("..") for file in job.files)
    root = top.joinpath(*["up"] * depth, "site")
    for file, data in job.files.items():
        path = Path(os.path.normpath(root / file))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


class _Run:
    """One run, step by step."""

    def __init__(self, job: Job, record: Record) -> None:
        self.job, self.record, self.path = job, record, record.path
        self.text = job.files[job.file].decode("utf-8", "replace")

    def execute(self) -> None:
        """Keep all rules of the contract, one after the other, and write the result."""
        if "\ufffd" in self.text:
            raise ContractError(1, "is not UTF-8: save the file as UTF-8")
        if message := describe_invisible(self.text):
            line = self.text[: INVISIBLE.search(self.text).start()].count("\n") + 1  # type: ignore
            raise ContractError(line, message)
        if escapes := list(find_escapes(self.text)):
            for line, owner in escapes:
                self.record.report(
                    line,
                    f"{owner}’s docstring has a backslash that Python takes for an escape, "
                    'as in \\frac: write r"""',
                )
            return
        if not __debug__:
            raise ContractError(
                1, "cannot be checked by a Python that ignores assertions: leave out -O"
            )
        with self.record.measure("compute"):
            module = self.import_snippet()
        tree = ast.parse(self.text)
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        for number, message in check_signatures(tree, functions):
            self.record.report(number, message)
        line = functions["compute"].lineno if "compute" in functions else 1
        result = self.record.guard("compute()", line, self.compute, module, functions)
        if result is None:
            return
        read = self.record.guard("Result", line, read_values, result, tree, functions["compute"])
        values, wrong = read or ({}, [])
        for number, message in wrong:
            self.record.report(number, message)
        quotable = {name: value.value for name, value in values.items()}
        title = inspect.cleandoc(ast.get_docstring(tree, clean=False) or "")
        self.record.guard("the snippet’s docstring", 1, self.check_text, title, 0, quotable)
        offers: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
        for name, node in functions.items():
            kind, _, part = name.partition("_")
            if kind in KINDS and part:
                arguments = (kind, getattr(module, name), result, node, quotable)
                if offer := self.record.guard(
                    f"{name}()", node.lineno, self.make_offer, *arguments
                ):
                    offers[kind][part] = offer
        check_modules((*self.record.names, *self.job.sources))
        self.record.files[RESULT] = dump_result(
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
        folders = {os.path.dirname(path) for path in self.record.names}
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
        with self.record.measure("compute"):
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
            with self.record.measure("checks"):
                function(result)
            return Claim(text, node.lineno)
        if kind == "equation":
            with self.record.measure("checks"):
                draws, live = self.check_equation(function, node, text)
            return Equation(text, node.lineno, draws, live)
        if kind == "figure":
            with self.record.measure("draw"):
                figure = function(result)
            with self.record.measure("save"):
                properties, files = figures.save_figure(figure, node.name, text, self.job.pictures)
            self.record.files |= files
            return Figure(text, node.lineno, **properties)
        start = inspect.signature(function).parameters.get("start")
        if not start:
            raise ContractError(
                node.lineno, "needs (result, start=FRAME): the frame that the page shows first"
            )
        with self.record.measure("save"):
            frames = self.measure_frames(function(result))
            properties, files = figures.save_explorer(
                frames, start.default, node.name, text, self.job.pictures
            )
        self.record.files |= files
        return Explorer(text, node.lineno, **properties)

    def measure_frames(self, frames: Any) -> Iterator[Any]:
        """Yield the frames of an explorer, measuring how long drawing them takes."""
        iterator, end = iter(frames), object()
        while True:
            with self.record.measure("draw"):
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
