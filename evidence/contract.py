"""Contract: the rules for the text of a snippet, and for what its functions return."""

import ast
import linecache
import math
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from evidence.diagnostics import INVISIBLE, describe_invisible
from evidence.keys import is_installed
from evidence.results import JSON, Value
from evidence.values import LARGEST

DOCSTRINGS = {
    "figure": "what the figure shows, for those who cannot see it",
    "claim": "the sentence that it asserts",
    "equation": "the LaTeX that it checks",
    "explore": "what the figure shows before the reader moves it",
}
OFFER_NAME = re.compile(f"compute$|(?:{'|'.join(DOCSTRINGS)})_.")
ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\[a-zA-Z]")
ASSERTION = re.compile(  # also numpy.testing's
    r"\bassert (?!(?:True|1)(?:,|\n|\Z))|assert\w*\("
)
# A generator without a seed, or one of the functions that share one where nothing sets a seed
UNSEEDED = re.compile(
    r"""
(?:default_rng|\bRandom|RandomState|SeedSequence|\bseed)\(\s*(?:None)?\s*\)
|\A(?![\s\S]*(?:\bseed|set_?state)\(\s*[^)\s])[\s\S]*?(?<![\w.])(?:(?:np|numpy)\.)?random\.
(?:rand\w*|choices?|shuffle|permut\w+|normal|uniform|sample|gauss)\((?!\w*key)
""",
    re.VERBOSE,
)
NO_SEED = (
    "draws random numbers without a seed: write np.random.default_rng(SEED)"
)
QUOTABLE = 64  # entries: a longer array is only drawn
SHOWN = 60  # characters of a value in a message
OURS = str(Path(__file__).parent)
LOADED = frozenset(sys.modules)  # before any run


class ContractError(Exception):
    """A snippet breaks a rule; the message says how to mend it."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(line, message)
        self.line, self.message = line, message


def check_text(text: str) -> None:
    """Raise ContractError if a snippet’s text cannot be read, or assertions are disabled."""
    if "\ufffd" in text:
        raise ContractError(1, "is not UTF-8: save the file as UTF-8")
    for pattern, message in (
        (INVISIBLE, describe_invisible(text)),
        (UNSEEDED, NO_SEED),
    ):
        if match := pattern.search(text):
            raise ContractError(text[: match.end()].count("\n") + 1, message)
    if not __debug__:
        raise ContractError(
            1,
            "cannot be checked by a Python that ignores assertions: leave out -O",
        )


def find_escapes(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line, message) for each docstring with LaTeX that is not raw."""
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(text)
    except SyntaxError:  # the import will report it
        return
    for node in [tree, *tree.body]:
        if isinstance(
            node, (ast.Module, ast.FunctionDef)
        ) and ast.get_docstring(node):
            literal = ast.get_source_segment(text, node.body[0].value) or ""  # type: ignore
            if not literal.lower().startswith("r") and ESCAPE.search(literal):
                owner = (
                    f"{node.name}()"
                    if isinstance(node, ast.FunctionDef)
                    else "the snippet"
                )
                yield (
                    node.body[0].lineno,
                    f"{owner}’s docstring has a backslash that Python takes for an escape, "
                    'as in \\frac: write r"""',
                )


def check_signatures(
    tree: ast.Module, functions: dict[str, ast.FunctionDef]
) -> Iterator[tuple[int, str]]:
    """Yield (line, message) for wrong names, missing docstrings and claims without assertions."""
    if not ast.get_docstring(tree):
        yield (
            1,
            "the snippet has no docstring: open with the question and its answer",
        )
    for node in tree.body:
        name = getattr(node, "name", "")
        if OFFER_NAME.match(name) and node is not functions.get(name):
            yield (
                node.lineno,
                f"{name}() would never run: write it once, with def, not async def",
            )
    for name, node in functions.items():
        kind = name.split("_")[0]
        if kind in DOCSTRINGS and not ast.get_docstring(node):
            yield (
                node.lineno,
                f"{name}() has no docstring: write {DOCSTRINGS[kind]} there",
            )
        elif close := get_close_matches(kind, DOCSTRINGS, 1, 0.8):
            if kind not in DOCSTRINGS and "_" in name:
                yield (
                    node.lineno,
                    f"{name}() would never run: did you mean ‘{close[0]}_…’?",
                )


def read_values(
    result: Any,
    tree: ast.Module,
    compute: ast.FunctionDef,
    report: Callable[[int, str], object],
) -> dict[str, Value]:
    """Return the value of each field of a result, with its description and the line that sets it.

    Missing descriptions are reported. Raises ContractError if a value cannot be quoted.
    """
    kind = type(result).__name__
    lines: dict[str | None, int] = {}
    for node in ast.walk(compute):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == kind:
            lines |= {word.arg: word.value.lineno for word in node.keywords}
    classes = {
        node.name: node for node in tree.body if isinstance(node, ast.ClassDef)
    }
    if kind not in classes:
        raise ContractError(
            compute.lineno,
            "is defined elsewhere: write the dataclass into the snippet",
        )
    for base in type(result).__mro__[1:]:
        if fields := getattr(base, "__annotations__", None):
            raise ContractError(
                classes[kind].lineno,
                f"inherits {', '.join(fields)}: write all fields into {kind}",
            )
    uses = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and ast.unparse(node.value) == "result"
    }
    values: dict[str, Value] = {}
    body = classes[kind].body
    for statement, after in zip(body, [*body[1:], None]):
        if not isinstance(statement, ast.AnnAssign):
            continue
        name, line = ast.unparse(statement.target), statement.lineno
        text = after.value if isinstance(after, ast.Expr) else None
        text = getattr(text, "value", "")
        if not isinstance(text, str) or not text:
            report(
                line,
                f"‘{name}’ has no string under it: say what it is and its unit",
            )
            continue
        if message := describe_invisible(text):
            report(line, f"the string under ‘{name}’ {message}")
        line = lines.get(name, lines.get(None, line))  # None: of ** several
        values[name] = Value(
            convert_value(getattr(result, name), f"‘{name}’", line),
            " ".join(text.split()),
            line,
            name in uses,
        )
    return values


def convert_value(value: Any, name: str, line: int) -> JSON:
    """Return a value as JSON; None for an array too large to quote.

    Raises ContractError for NaN, infinity and types that JSON does not have.
    """
    if isinstance(value, (np.ndarray, np.generic)):
        if (
            value.size > QUOTABLE
            and value.dtype.kind in "biufc"
            and np.all(np.isfinite(value))
        ):
            return None
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [
            convert_value(part, f"{name}[{i}]", line)
            for i, part in enumerate(value)
        ]
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise ContractError(
                    line,
                    f"holds the key {key!r} in {name}: keys must be strings",
                )
            convert_value(key, name, line)
        return {
            key: convert_value(part, f"{name}.{key}", line)
            for key, part in value.items()
        }
    message = ""
    if isinstance(value, float) and not math.isfinite(value):
        message = f"holds {value} in {name}: find out where it comes from"
    elif isinstance(value, int) and abs(value) > LARGEST:
        message = (
            f"holds an integer of more than 300 digits in {name}: "
            "give its logarithm, or a string"
        )
    elif isinstance(value, str) and (problem := describe_invisible(value)):
        message = f"{problem} from {name}"
    elif not isinstance(value, (int, float, str)):
        message = (
            f"holds a {type(value).__name__} in {name}: "
            "give numbers, strings, arrays, tuples or dicts of them"
        )
    if message:
        raise ContractError(line, message)
    return value


def check_modules(inputs: tuple[str, ...]) -> None:
    """Raise ContractError if a module was loaded that is not among the inputs of the run."""
    tops = tuple(f"{path}{os.sep}" for path in (*inputs, OURS))
    for name in sys.modules.keys() - LOADED:
        file = getattr(sys.modules[name], "__file__", None) or ""
        if not is_installed(file) and not f"{file}{os.sep}".startswith(tops):
            raise ContractError(
                1,
                f"reaches {name} ({os.path.basename(file)}) unseen: "
                "import it by name, on a line of its own",
            )


def explain_assertion(frame: FrameType, line: int, message: str) -> str:
    """Return which part of an assertion is false, and the values of its sides."""

    def evaluate_side(node: ast.expr) -> Any:
        """Evaluate an expression of the snippet where the assertion failed."""
        return eval(ast.unparse(node), frame.f_globals, frame.f_locals)

    tests = [
        node.test
        for node in ast.walk(
            ast.parse("".join(linecache.getlines(frame.f_code.co_filename)))
        )
        if isinstance(node, ast.Assert)
        and node.lineno <= line <= (node.end_lineno or 0)
    ]
    if not tests:
        return message
    part = tests[-1]
    try:
        if isinstance(part, ast.BoolOp) and isinstance(part.op, ast.And):
            part = next(
                (value for value in part.values if not evaluate_side(value)),
                part,
            )
        sides = [node for node in ast.walk(part) if isinstance(node, ast.Name)]
        if isinstance(part, ast.Compare):
            sides = [part.left, *part.comparators]
        values = {
            ast.unparse(side): repr(evaluate_side(side))
            for side in sides
            if not isinstance(side, ast.Constant)
        }
    except Exception:  # evaluating it a second time may fail
        return f"{message} in ‘{ast.unparse(tests[-1])}’".removeprefix(" in ")
    descriptions = [
        f"{name} = {value[:SHOWN]}"
        for name, value in values.items()
        if value[:1] != "<"
    ]
    message = message or f"‘{ast.unparse(part)}’ is false"
    return (
        f"{message}, where {', '.join(descriptions)}"
        if descriptions
        else message
    )
