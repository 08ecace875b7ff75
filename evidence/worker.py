"""Worker: run one snippet, check its contract, and return the files of its result."""

import ast
import dataclasses
import inspect
import os
import re
import sys
import tempfile
from collections.abc import Callable
from importlib import util
from os.path import dirname, normpath, realpath
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import matplotlib

from evidence import equation, figures
from evidence.confinement import confine_process
from evidence.contract import (
    ASSERTION,
    ContractError,
    check_modules,
    check_signatures,
    check_text,
    find_escapes,
    read_values,
)
from evidence.diagnostics import describe_invisible
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
from evidence.syntax import VALUE
from evidence.values import look_up

try:
    from evidence.extras.live import compile_equation
except ImportError:  # left out
    compile_equation = None  # type: ignore[assignment]


def run(job: Job) -> Outcome:
    """Execute one snippet in this process, which stays confined afterwards and must run no other.

    A pure function: the texts of the job go in, files and diagnostics come out.
    """
    with tempfile.TemporaryDirectory(prefix="evidence-") as folder:
        top = Path(realpath(folder))
        root = job.write_files(top)
        names = {normpath(root / file): file for file in job.modules.values()}
        record = _Run(job, normpath(root / job.file), names)
        os.chdir(dirname(record.path))
        tempfile.tempdir = folder
        matplotlib.rcdefaults()
        sys.argv = [record.path]
        with confine_process(
            top, job.sources, job.megabytes, record.note_request
        ):
            record.guard("the snippet", 1, record.execute)
        if record.requests and not record.diagnostics:
            record.report(*record.requests[0])
        os.chdir(dirname(top))
    return Outcome(
        {} if record.diagnostics else record.files, record.diagnostics
    )


class _Run(Record):
    """The steps of one run, and the record of it."""

    def execute(self) -> None:
        """Check all rules of the contract, step by step, and write the result."""
        text = self.job.files[self.job.file].decode("utf-8", "replace")
        check_text(text)
        if self.report_all(find_escapes(text)):
            return
        self.module = self.import_snippet()
        tree = ast.parse(text)
        functions = {
            node.name: node
            for node in tree.body
            if isinstance(node, ast.FunctionDef)
        }
        self.report_all(check_signatures(tree, functions))
        if not (node := functions.get("compute")):
            self.report(1, "compute() is missing: write compute() -> Result")
            return
        line = node.lineno
        self.result = self.guard("compute()", line, self.compute, line)
        if self.result is None:
            return
        values = (
            self.guard(
                "Result",
                line,
                read_values,
                self.result,
                tree,
                node,
                self.report,
            )
            or {}
        )
        self.values = {name: value.value for name, value in values.items()}
        title = inspect.cleandoc(ast.get_docstring(tree, clean=False) or "")
        self.guard("the snippet’s docstring", 1, self.check_docstring, title, 0)
        offers: dict[str, dict[str, Any]] = {
            attribute: {} for attribute in KINDS.values()
        }
        for name, node in functions.items():
            kind, _, part = name.partition("_")
            if kind in KINDS and part:
                offer = self.guard(
                    f"{name}()",
                    node.lineno,
                    self.make_offer,
                    kind,
                    node,
                )
                if offer:
                    offers[KINDS[kind]][part] = offer
        check_modules((*self.names, *self.job.sources))
        self.files[RESULT] = dump_result(
            SnippetResult(
                name=self.job.name,
                title=title,
                source=text,
                inputs=self.job.inputs,
                date=self.job.date,
                values=values,
                definitions={
                    node.name: (node.lineno, node.end_lineno or 0)
                    for node in tree.body
                    if isinstance(node, ast.FunctionDef | ast.ClassDef)
                },
                **offers,
            )
        )

    def import_snippet(self) -> ModuleType:
        """Import the snippet and return its module."""
        sys.path.insert(0, dirname(self.path))
        sys.path += sorted(
            {
                re.sub(r"([\\/]lib)?[\\/][^\\/]+$", "", path)
                for path in self.names
            }
        )
        spec: Any = util.spec_from_file_location(self.job.name, self.path)
        module = util.module_from_spec(spec)
        sys.modules[self.job.name] = module
        spec.loader.exec_module(module)
        return module

    def compute(self, line: int) -> Any:
        """Return the frozen dataclass that compute(), defined at `line`, returns."""
        result = self.module.compute()
        kind = type(result)
        if (
            not dataclasses.is_dataclass(result)
            or not kind.__dataclass_params__.frozen
        ):
            raise ContractError(
                line, f"returns {kind.__name__}: return a frozen dataclass"
            )
        return result

    def check_docstring(self, text: str, line: int) -> str:
        """Return a docstring with its values. Raises ContractError if it cannot be shown."""
        if message := describe_invisible(text):
            raise ContractError(line or 1, f"docstring {message}")

        def show(match: re.Match[str]) -> str:
            try:
                return look_up(
                    f"{self.job.name}.{match[1].strip()}",
                    {self.job.name: self.values},
                )[0]
            except ValueError as error:
                raise ContractError(
                    line + 1, f"quotes {match[0]}: {error}"
                ) from None

        return VALUE.sub(show, text)

    def make_offer(
        self, kind: str, node: ast.FunctionDef
    ) -> Claim | Equation | Figure | Explorer:
        """Check a function of the snippet, and return its claim, equation, figure or explorer."""
        name, line = node.name, node.lineno
        function = getattr(self.module, name)
        text = inspect.cleandoc(function.__doc__ or "")
        if kind == "equation":  # its braces are LaTeX's
            text = text.strip("$ \n")
            if message := describe_invisible(text):
                raise ContractError(line, f"docstring {message}")
            return Equation(
                text, line, *self.check_equation(function, node, text)
            )
        caption = self.check_docstring(text, line)
        if kind == "claim":
            _, message = self.call_check(function, node, self.result)
            if message and not self.diagnostics:
                raise ContractError(line, message)
            return Claim(text, line)
        start: Any = inspect.signature(function).parameters.get("start")
        if kind == "explore" and not start:
            raise ContractError(
                line,
                "needs (result, start=FRAME): the frame that the page shows first",
            )
        drawing = function(self.result)
        how = name, caption, self.job.pictures
        if kind == "figure":
            offer, files = figures.save_figure(drawing, line, *how)
        else:
            offer, files = figures.save_explorer(
                drawing, line, *how, start.default
            )
        self.files |= files
        return dataclasses.replace(offer, text=text)

    def call_check(
        self, function: Callable, node: ast.FunctionDef, *arguments: object
    ) -> tuple[Any, str]:
        """Return what a function returns, and why it has asserted nothing, or ""."""
        code, reached = inspect.unwrap(function).__code__, set()

        def trace(frame: FrameType, event: str, argument: Any) -> Any:
            if frame.f_code is code:
                reached.add(frame.f_lineno)
                if event == "exception":
                    reached.add(argument[0])
                return trace

        sys.settrace(trace)
        try:
            value = function(*arguments)
        finally:
            sys.settrace(None)
        lines = {line for *_, line in code.co_lines()} & {
            part.lineno
            for part in ast.walk(node)
            if isinstance(part, ast.Assert)
        }
        body = ast.unparse(node.body[1:])  # type: ignore
        if not ASSERTION.search(body):
            return (
                value,
                "asserts nothing: check its sentence by a second route",
            )
        if arguments and value is not None:
            return value, "returns or yields something: assert it instead"
        if AssertionError in reached:
            return value, "catches an assertion that fails: assert the opposite"
        if lines and not lines & reached:
            return (
                value,
                "reaches no assertion: let no loop or condition pass them by",
            )
        return value, ""

    def check_equation(
        self, function: Callable, node: ast.FunctionDef, text: str
    ) -> tuple[int, JSON]:
        """Check an equation as printed; return its number of draws, and its live form, if any."""
        letters, statements, line = None, [], node.lineno
        draws: list[equation.Bindings] = []
        values, message = self.call_check(function, node)
        for bindings in values or ():
            if not isinstance(bindings, dict) or not all(
                isinstance(letter, str) and letter.isprintable()
                for letter in bindings
            ):
                raise ContractError(
                    line,
                    f"yields {bindings!r:.40}: yield a dict of letters to numbers, "
                    "r'\\beta' with its r",
                )
            draws.append(bindings)
            try:
                if letters != (letters := set(bindings)):
                    # Parse again only if a draw binds other letters
                    statements = equation.parse(text, bindings)
                for statement in statements:
                    equation.check_statement(statement, bindings)
            except equation.ParseError as error:
                raise ContractError(
                    line + 1,
                    f"cannot be read: {error}. Bind it, or assert it in the body",
                ) from None
            except equation.Mismatch as error:
                raise ContractError(
                    line + 1,
                    f"does not hold as printed, on draw {len(draws)}: {error}",
                ) from None
        if message and not draws:
            raise ContractError(
                line,
                "yields no bindings, so nothing was checked: yield letters and numbers",
            )
        live = (
            compile_equation(statements, draws)
            if compile_equation and draws
            else None
        )
        return len(draws), live
