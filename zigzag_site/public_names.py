"""Public names: the documentation of a package’s `__all__`, from its signatures and docstrings."""

import ast
import inspect
from importlib import import_module
from typing import Any


def document_package(name: str) -> str:
    """Return Markdown that documents each public name of a package, in the order of `__all__`."""
    package = import_module(name)
    names = [public for public in package.__all__ if public != "__version__"]
    return "\n".join(_document(public, getattr(package, public)) for public in names)


def _document(name: str, item: Any) -> str:
    if inspect.isclass(item):
        head, rows = f"class {name}", _list_fields(item)
    else:
        head, rows = f"{name}{_shorten(str(inspect.signature(item)))}", []
    lines = [f"### `{head}`\n", f"{inspect.getdoc(item)}\n"]
    if rows:
        lines += ["| field | what it is |", "| --- | --- |", *rows, ""]
    return "\n".join(lines)


def _shorten(signature: str) -> str:
    """Return a signature without the modules of its types."""
    return signature.replace("evidence.", "").replace("collections.abc.", "").replace("typing.", "")


def _list_fields(item: type) -> list[str]:
    """Return a row for each annotated field of a class that has a string under it."""
    tree = ast.parse(inspect.getsource(item)).body[0]
    body = getattr(tree, "body", [])
    rows = []
    for statement, after in zip(body, [*body[1:], None]):
        text = getattr(getattr(after, "value", None), "value", None)
        if isinstance(statement, ast.AnnAssign) and isinstance(text, str):
            kind = ast.unparse(statement.annotation).replace("|", "\\|")
            rows.append(f"| `{ast.unparse(statement.target)}: {kind}` | {' '.join(text.split())} |")
    return rows
