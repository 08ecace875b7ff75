"""Public names: the documentation of what a package offers, from signatures and docstrings in its sources.

Nothing is imported, since the libraries that a package needs take longer than a build of this site.
"""

import ast
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

Definition = ast.FunctionDef | ast.ClassDef


def document_package(name: str) -> str:
    """Return Markdown that documents each name that a package imports from its modules, in the order of `__all__`."""
    spec = find_spec(name)
    if not spec or not spec.origin:
        raise ValueError(f"no package is called ‘{name}’")
    top = Path(spec.origin)
    definitions = {
        definition.name: definition
        for statement in ast.walk(_parse(top))
        if isinstance(statement, ast.ImportFrom) and (statement.module or "").startswith(f"{name}.")
        for definition in _list_definitions(top.parent.joinpath(*(statement.module or "").split(".")[1:]))
        if definition.name in {alias.name for alias in statement.names}
    }
    (names,) = (
        ast.literal_eval(statement.value)
        for statement in _parse(top).body
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "__all__"
    )
    return "\n".join(_document(definitions[public]) for public in names)


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _list_definitions(path: Path) -> Iterator[Definition]:
    for statement in _parse(path.with_suffix(".py")).body:
        if isinstance(statement, Definition):
            yield statement


def _document(definition: Definition) -> str:
    if isinstance(definition, ast.ClassDef):
        head, rows = f"class {definition.name}", list(_list_fields(definition))
    else:
        annotation = f" -> {ast.unparse(definition.returns)}" if definition.returns else ""
        head, rows = f"{definition.name}({ast.unparse(definition.args)}){annotation}", []
    lines = [f"### `{head}`\n", f"{ast.get_docstring(definition)}\n"]
    if rows:
        lines += ["| field | what it is |", "| --- | --- |", *rows, ""]
    return "\n".join(lines)


def _list_fields(definition: ast.ClassDef) -> Iterator[str]:
    """Yield a row for each annotated field of a class that has a string under it."""
    body = definition.body
    for statement, after in zip(body, [*body[1:], None]):
        text = getattr(after.value, "value", None) if isinstance(after, ast.Expr) else None
        if isinstance(statement, ast.AnnAssign) and isinstance(text, str):
            kind = ast.unparse(statement.annotation).replace("|", "\\|")
            yield f"| `{ast.unparse(statement.target)}: {kind}` | {' '.join(text.split())} |"
